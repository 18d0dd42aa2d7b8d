"""Which bet each market of BoltOdds is, and what its books call otherwise. Pure."""

import re

from oddstail.providers.markets import Table

#: Market names are each book's own (A6): the table has those that were seen.
MARKETS = Table("boltodds")
#: What books call the total of a game (A6); `Total Sets` is another bet beside the `Total Games` of tennis.
_TOTALS = ("Total", "Game Total", "Total Games", "Total Goals", "Total Points", "Total Runs")
#: How periods are written in front of a market's name.
_PERIODS = (
    *("1st Half ", "2nd Half ", "1st Quarter ", "2nd Quarter ", "3rd Quarter ", "4th Quarter ", "1st Period "),
    *("2nd Period ", "3rd Period ", "1st Set ", "2nd Set ", "3rd Set ", "1st 5 Innings ", "1st Inning "),
)
_BARE = {re.sub(r"\W", "", period.casefold()): period for period in ("", *_PERIODS)}


def alike(market: str) -> tuple[str, ...]:
    """What books call the same market, where they are known to differ; `1st half totals` is one as well."""
    bare = re.sub(r"\W", "", market.casefold())
    for short, period in _BARE.items():
        names = tuple(period + name for name in _TOTALS)
        if market in names or bare in (f"{short}total", f"{short}totals"):
            return names
    return ()
