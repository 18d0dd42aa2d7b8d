"""Which kind each market of BoltOdds is of. Table only."""

from oddstail.providers.markets import ENGLISH_PERIODS, Markets

#: Market names are each book's own (A6): these are the ones that were seen.
MARKETS = Markets(
    exact={
        "Moneyline": "moneyline",
        "3 Way": "moneyline",
        "Spread": "spread",
        "Asian Spread": "spread",
        "Total": "total",
        "Total Points": "total",
        "Total Runs": "total",
        "Total Goals": "total",
        "Total Games": "total",
        "Total Sets": "total",
        "Game Total": "total",
        "Team Total": "team_total",
        "Goals": "prop",
    },
    starts={"Player ": "prop", "Pitcher ": "prop", "Batter ": "prop"},
    before=ENGLISH_PERIODS,
)
