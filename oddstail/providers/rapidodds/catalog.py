"""Names that RapidOddsAPI uses, out of its official SDK: wire reference boltodds-rapidodds.md, B9. Not whole for markets."""

from oddstail.providers.names import Names

#: The SDK's own list, the empty ones included. It changes with the tennis calendar: --no-validate insists.
SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "NFL NCAAF NBA WNBA NBL MLB NHL AFL AFLW NRL NRLW EPL MLS WORLD_CUP ATP_AUSTRALIAN_OPEN "
            "ATP_FRENCH_OPEN ATP_WIMBLEDON ATP_US_OPEN ATP_INDIAN_WELLS ATP_MIAMI ATP_MONTE_CARLO ATP_MADRID "
            "ATP_ROME ATP_CANADA ATP_CINCINNATI ATP_SHANGHAI ATP_PARIS ATP_FINALS ATP_CHALLENGER LA_LIGA "
            "SERIE_A BUNDESLIGA LIGUE_1 UCL A_LEAGUE"
        ).split()
    ),
    has="all",
)
#: Feeds, not brands: a brand that is no feed returns nothing, without an error.
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "Bet365 Sportsbet TAB Pointsbet Ladbrokes Unibet Betr BetRight PalmerBet NextBet PickleBet Dabble "
            "Amused Betmakers GenWeb PuntersTech BetCloud ApolloTech DraftKings FanDuel BetMGM Fanatics "
            "theScoreBet Bovada Fliff Pinnacle Kalshi Polymarket"
        ).split()
    ),
    has="all",
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        (
            "head_to_head head_to_head_3_way head_to_head_1st_half alternate_lines alternate_lines_1st_half "
            "alternate_total_points alternate_total_goals alternate_total_corners alternate_total_cards "
            "alternate_total_shots alternate_total_shots_on_target alternate_total_touchdowns "
            "alternate_total_points_1st_half alternate_total_goals_1st_half alternate_team_total_points "
            "alternate_team_total_goals draw_no_bet correct_score correct_score_sets player_points "
            "player_rebounds player_assists player_made_threes player_steals player_blocks "
            "player_points_rebounds_assists player_disposals player_passing_yds player_passing_tds "
            "player_1st_touchdown_scorer player_1st_goalscorer goalkeeper_saves batter_hits "
            "batter_total_bases batter_home_runs batter_rbis batter_runs batter_walks pitcher_strikeouts "
            "brownlow_medal_winner"
        ).split()
    ),
)
