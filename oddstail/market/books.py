"""Books whose prices are never compared with others: lay prices of exchanges, and pick'em (DFS) operators. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from oddstail.words import bare

#: `Betfair Exchange (Lay)`, `betfair_ex_lay_eu`, `h2h_lay`.
_LAY = re.compile(r"(?:^|[\W_])lay(?:$|[\W_])", re.IGNORECASE)
#: Operators that pay a fixed sum for several picks: the number beside one is no price at which it can be bet on alone.
_PICKEM = frozenset(
    """
    prizepicks underdog underdogfantasy underdogsports sleeper sleeperpicks betr betrpicks dabble dabblefantasy
    parlayplay boomfantasy boom chalkboard chalkboardsocial thrivefantasy thrive vividpicks vivid pick6 draftkingspick6
    ownersbox hotstreak nohouseadvantage jockmkt splashsports picksix drafters fanduelpicks
    """.split()
)


@lru_cache(8192)
def is_lay(book: str, market: str) -> bool:
    """Whether a price is one at which an outcome is bet against."""
    return bool(_LAY.search(book) or _LAY.search(market))


@lru_cache(4096)
def is_pickem(book: str) -> bool:
    """Whether an operator offers picks and no prices."""
    return bare(re.sub(r"\(.*?\)", "", book)) in _PICKEM


#: Short names of books that people type.
_CODES = {
    "dk": "draftkings", "fd": "fanduel", "mgm": "betmgm", "czr": "caesars", "pin": "pinnacle", "b365": "bet365",
    "bov": "bovada", "br": "betrivers",
}  # fmt: skip


def identity(book: str) -> str:
    """A book's name without case, spaces and punctuation; what its short name stands for."""
    name = bare(book)
    return _CODES.get(name, name)
