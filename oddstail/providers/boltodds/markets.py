"""Which kind each market of BoltOdds is of, and what its books call otherwise. Pure."""

import re

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
#: What books call the total of a game (A6); `Total Sets` is another bet beside the `Total Games` of tennis.
_TOTALS = ("Total", "Game Total", "Total Games", "Total Goals", "Total Points", "Total Runs")
_PERIODS = {re.sub(r"\W", "", period.casefold()): period for period in ("", *ENGLISH_PERIODS)}


def alike(market: str) -> tuple[str, ...]:
    """What books call the same market, where they are known to differ; `1st half totals` is one as well."""
    bare = re.sub(r"\W", "", market.casefold())
    for short, period in _PERIODS.items():
        names = tuple(period + name for name in _TOTALS)
        if market in names or bare in (f"{short}total", f"{short}totals"):
            return names
    return ()
