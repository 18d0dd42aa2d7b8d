"""Books whose prices are never compared with others: lay prices of exchanges, and pick'em (DFS) operators. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from oddstail.words import bare

#: `Betfair Exchange (Lay)`, `betfair_ex_lay_eu`, `h2h_lay`.
_LAY = re.compile(r"(?:^|[\W_])lay(?:$|[\W_])", re.IGNORECASE)
#: Operators that pay a fixed sum for several picks: the number shown is not a price for a single bet.
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


#: Short names of books, in the order of the columns: books whose prices others follow, exchanges, then the large ones.
CODES: dict[str, str] = {
    "pinnacle": "PIN", "circa": "CIR", "circasports": "CIR", "bookmaker": "BKM", "betcris": "CRIS",
    "betonline": "BOL", "betfairexchange": "BFX", "betfairexeu": "BFX", "betfairexuk": "BFX",
    "betfairexau": "BFX", "betfair": "BF", "betfairsportsbook": "BFS", "matchbook": "MBK", "smarkets": "SMK",
    "prophetx": "PRX", "novig": "NVG", "sporttrade": "SPT", "kalshi": "KAL", "polymarket": "POLY",
    "draftkings": "DK", "fanduel": "FD", "betmgm": "MGM", "caesars": "CZR", "williamhill": "WH", "bet365": "B365",
    "bovada": "BOV", "betrivers": "BR", "fanatics": "FAN", "espnbet": "ESPN", "hardrock": "HR",
    "hardrockbet": "HR", "ballybet": "BAL", "betparx": "PARX", "unibet": "UNI", "888sport": "888",
    "betway": "BWY", "bwin": "BWIN", "ladbrokes": "LAD", "coral": "COR", "paddypower": "PP", "skybet": "SKY",
    "betsson": "BSN", "mybookie": "MYB", "mybookieag": "MYB", "betus": "BUS", "lowvig": "LOW", "lowvigag": "LOW",
    "bet99": "B99", "fliff": "FLF", "rebet": "RBT", "superbook": "SB", "wynnbet": "WYNN", "pointsbet": "PB",
    "tipico": "TIP", "stake": "STK", "prizepicks": "PRZ", "underdog": "UD", "underdogfantasy": "UD",
    "sleeper": "SLP", "pick6": "PK6", "draftkingspick6": "PK6", "parlayplay": "PLAY",
}  # fmt: skip
_RANKS = {code: rank for rank, code in enumerate(dict.fromkeys(CODES.values()))}
#: Books and exchanges before this one take large stakes from winners: others follow their prices.
_SHARP = _RANKS["DK"]
_TYPED = {code.casefold(): name for name, code in reversed(CODES.items())}


def identity(book: str) -> str:
    """A book's name without case, spaces and punctuation; what its short name stands for."""
    name = bare(book)
    return _TYPED.get(name, name)


@lru_cache(4096)
def rank(book: str) -> int:
    """The place of a book's column: sharp books first, then the well-known ones; all others after them."""
    return _RANKS.get(CODES.get(_plain(book), ""), len(_RANKS))


def is_sharp(book: str) -> bool:
    """Whether others follow the prices of this book."""
    return rank(book) < _SHARP


@lru_cache(4096)
def code(book: str) -> str:
    """A book's short name of two to four letters; one made of its own letters where no table has it.

    An exchange's prices to lay have an `L` at the end.
    """
    lay = is_lay(book, "")
    known = CODES.get(_plain(book))
    if known is None:
        words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+", re.sub(r"\(.*?\)", "", book)) or [bare(book)]
        known = words[0] if len(words) == 1 else "".join(word if word.isdigit() else word[0] for word in words)
        known = (known if len(known) > 1 else bare(book))[: 4 if len(words) > 1 else 3].upper()
    return f"{known[:3]}L" if lay else known


def _plain(book: str) -> str:
    """The name by which the table has a book: without what stands in brackets, and without the word for lay prices."""
    name = bare(_LAY.sub(" ", re.sub(r"\(.*?\)", "", book)))
    return name if name in CODES else name.removesuffix("sportsbook")
