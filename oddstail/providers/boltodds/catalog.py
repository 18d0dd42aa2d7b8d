"""Names that BoltOdds was seen to use: wire reference boltodds-rapidodds.md, A10. Not whole: 124 sports, some 35 books."""

from oddstail.providers.names import Names

SPORTS = Names(
    what="league",
    has="some",
    known=frozenset(
        {
            *("NHL NBA NFL NCAAF NCAAB MLB WNBA EPL Bundesliga MLS UFC CS2 Dota Valorant").split(),
            "NFL Pre",
            "La Liga",
            "Serie A",
            "Ligue 1",
            "Liga MX",
            "Wimbledon (M)",
            "US Open (F)",
            "ATP Washington",
            "League of Legends",
        }
    ),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "draftkings fanduel betmgm caesars thescore espnbet betrivers pinnacle ps3838 bovada bodog bet99 "
            "888 tonybet pokerstars ballybet neobet bwin partysports sportsinteraction leovegas northstar "
            "playfallsview betonline hardrock playnow kalshi polymarket prophetx novig"
        ).split()
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        {"Moneyline", "Spread", "Total", "Total Points", "Game Total", "Total Games", "3 Way", "Asian Spread",
         "Team Total", "Goals", "Pitcher Strikeouts"}
    ),
)  # fmt: skip
