"""Which sport each league of BoltOdds is of. Table only."""

#: Which sport a league is of, where that is beyond doubt.
SPORT_OF = {
    "NBA": "basketball",
    "WNBA": "basketball",
    "NCAAB": "basketball",
    "NFL": "football",
    "NFL Pre": "football",
    "NCAAF": "football",
    "MLB": "baseball",
    "NHL": "hockey",
    "UFC": "mma",
    **dict.fromkeys(("EPL", "MLS", "La Liga", "Serie A", "Ligue 1", "Bundesliga", "Liga MX"), "soccer"),
}
