"""Names that ParlayAPI is known to use: wire reference parlayapi.md, sections 8.1, 8.4 and 8.5. Not whole."""

from oddstail.providers.names import Names

SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "americanfootball_nfl americanfootball_ncaaf baseball_mlb basketball_euroleague basketball_nba "
            "basketball_ncaab basketball_wnba boxing_boxing cricket_ipl esports esports_cs2 esports_lol "
            "golf_pga_championship hockey_usa___american_hockey_league icehockey_nhl mma_mixed_martial_arts "
            "motorsports_nascar rugbyleague_nrl soccer_brazil_campeonato soccer_epl soccer_fifa_world_cup "
            "table_tennis tennis tennis_atp tennis_atp_french_open tennis_wta volleyball"
        ).split()
    ),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "bet365 betmgm betonline betr betrivers betrivers_ca betway betway_mz bookmaker_eu bovada caesars "
            "draftkings fanatics fanduel fliff hardrock kalshi novig parlayplay parx pick6 pinnacle pmu "
            "polymarket prizepicks prophetx robinhood rushbet sleeper sportsbet_au superbet tenbet underdog "
            "unibet unibet_be unibet_nl"
        ).split()
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        (
            "h2h spreads totals alternate_spreads alternate_totals outrights player_points "
            "player_points_alternate player_rebounds player_assists player_threes "
            "player_points_rebounds_assists batter_hits batter_home_runs batter_total_bases "
            "pitcher_strikeouts player_shots_on_goal player_goals player_power_play_points player_pass_yds "
            "player_rush_yds player_rushing_yards"
        ).split()
    ),
)
