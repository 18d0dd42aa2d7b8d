"""The market of a row of ParlayAPI, and the part of the game. Facts: docs/wire/parlayapi.md, 5.5 and 8.5. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from oddstail.model import PERIODS
from oddstail.providers import fields
from oddstail.providers.parlayapi.markets import MARKETS

#: The other spellings of a market key that rows use, in lower case.
_SPELLINGS = {
    **dict.fromkeys(("moneyline", "money_line", "money line", "ml", "match_winner", "h2h_2_way", "h2h_2way"), "h2h"),
    **dict.fromkeys(("spread", "point_spread", "point spread"), "spreads"),
    **dict.fromkeys(("total", "game_total", "game_totals"), "totals"),
    "team_total": "team_totals",
    **dict.fromkeys(("h2h_3way", "3_way", "moneyline_3_way", "moneyline_3way"), "h2h_3_way"),
}
#: What a row's `period` or its market key says of the whole game, without case and punctuation.
_WHOLE_GAME = frozenset(
    ("full", "fullgame", "game", "fg", "fulltime", "ft", "match", "fullmatch", "wholematch", "wholegame", "entiregame")
)
#: Fields that may name the part of a game; only `period` is documented.
_FIELDS = ("period", "period_name", "segment")
#: Spellings without anything between the words: `firsthalf`, `1stQuarter`, `set1`.
_UNITS = {"half": "{}h", "quarter": "q{}", "period": "p{}", "set": "s{}", "inning": "i{}", "map": "m{}"}
_NUMBERS = {"1": ("first", "1st"), "2": ("second", "2nd"), "3": ("third", "3rd"), "4": ("fourth", "4th")}
_JOINED = {
    **{f"{word}{unit}": part.format(number)
       for number, words in _NUMBERS.items() for word in words for unit, part in _UNITS.items()},
    **{f"{unit}{number}": part.format(number) for number in (*_NUMBERS, "5") for unit, part in _UNITS.items()},
    **dict.fromkeys(("first5", "1st5", "first5innings", "1st5innings", "5innings"), "f5"),
    **dict.fromkeys(("halftime", "ht"), "1h"),
}  # fmt: skip
_NOTHING: tuple[Any, ...] = (None, "", [], "None", "null")
_WORD = re.compile(r"[^\W_]+")


def market_key(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The market of a row in one spelling, and the part of the game: "" for the whole, None if the row does not say.

    Words of the market key (`_1h`, `_q1`, `_first_half`) and the field `period` (`FULL`, `1Q`, `First Half`) name it.
    One that nobody knows is a part of its own, as it is written: its price is not the whole game's.
    """
    market = fields.text(row.get("market_key"))
    market, named = (None, None) if market is None else _parted(market)
    sent = next((row[name] for name in _FIELDS if row.get(name) not in _NOTHING), None)
    if isinstance(sent, list) and len(sent) == 1:
        [sent] = sent
    word = fields.text(sent) or ("" if sent is None else fields.compact(sent) or "unknown")
    part = _part(word) if word else None
    # Two different parts in one row are a part of their own: better apart than one price over another.
    return market, f"{named}/{part}" if named and part and named != part else named or part


def is_known(part: str | None) -> bool:
    """Whether a part of the game is one that the record has a word for."""
    return not part or part in PERIODS


@lru_cache(4096)
def _parted(market: str) -> tuple[str, str | None]:
    """A market key without the part of a game that is named at its end, its beginning or in between, and that part."""
    words = list(_WORD.finditer(market))
    if len(words) == 1 or market.casefold() in _SPELLINGS:
        return _spelled(market), None
    for many in range(min(3, len(words) - 1), 0, -1):
        for at in (len(words) - many, *range(len(words) - many)):
            part = _named(market[words[at].start() : words[at + many - 1].end()])
            if part is None:
                continue
            before = market[: words[at - 1].end()] if at else ""
            after = market[words[at + many].start() :] if at + many < len(words) else ""
            rest = f"{before}_{after}" if before and after else before or after
            # In the middle, or of the whole game, it is one only if it leaves a market.
            if (part and not (before and after)) or MARKETS.classify(_spelled(rest)).kind != "other":
                return _spelled(rest), part
    return _spelled(market), None


def _spelled(market: str) -> str:
    lower = market.casefold()
    return _SPELLINGS.get(lower, lower)


def _named(words: str) -> str | None:
    """The part of the game that words of a market key name: "" for the whole of it, None for none."""
    bare = _bare(words)
    return "" if bare in _WHOLE_GAME else MARKETS.period(words) or _JOINED.get(bare)


@lru_cache(4096)
def _part(word: str) -> str:
    """The part of the game that a row's `period` names: "" for the whole of it."""
    named = _named(word)
    return word.casefold() if named is None else named


def _bare(words: str) -> str:
    return "".join(_WORD.findall(words.casefold()))
