"""Names that OpticOdds is known to use: wire reference oddsjam-opticodds.md, sections 2.1, 2.4 and 5. Not whole."""

from oddstail.providers.names import Names

SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "baseball basketball boxing cricket darts esports football golf hockey mma rugby_league "
            "rugby_union snooker soccer table_tennis tennis volleyball"
        ).split()
    ),
)
LEAGUES = Names(
    what="league",
    has="few",
    known=frozenset({"NBA", "WNBA", "NCAAB", "NFL", "NCAAF", "MLB", "NHL", "MLS", "ATP", "WTA"}),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        {
            "BetMGM",
            "BetRivers",
            "Bovada",
            "Caesars",
            "Circa Sports",
            "DraftKings",
            "FanDuel",
            "Fanatics",
            "Hard Rock",
            "Pinnacle",
            "bet365",
        }
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        {
            "Moneyline",
            "Moneyline 3-Way",
            "Point Spread",
            "Run Line",
            "Puck Line",
            "Goal Spread",
            "Game Spread",
            "Total Points",
            "Total Runs",
            "Total Goals",
            "Total Games",
        }
    ),
)
