"""What a row of ParlayAPI says beside its market: price, stake, whether the game is in play. Pure.

Facts: docs/wire/parlayapi.md, 5.5.
"""

from __future__ import annotations

from typing import Any

from oddstail.model import Event
from oddstail.price import Price
from oddstail.providers import fields
from oddstail.providers.parlayapi.markets import MARKETS
from oddstail.providers.parlayapi.rows import LINE_ONLY, is_prop, sides
from oddstail.providers.parlayapi.spelling import SIDES, WORDS, Row

#: How a row may say that its game is in play: none of these is documented.
_LIVE = ("is_live", "live", "in_play", "is_in_play")
#: How a row may say what can be staked at its price, behind the name of a side too: none of these is documented.
_LIMITS = ("limit", "max_bet", "max_stake", "bet_limit", "size", "liquidity")
#: The fields that records have, that are part of the key, or that say what is to be done with the row.
_KNOWN = frozenset(
    (
        *(f"{side}_{name}" for side in SIDES for name in ("price", "ml", "spread", "spread_price", "limit", "size")),
        *("kind", "bookmaker", "event_id", "home_team", "away_team", "commence_time", "last_update", "sport_key"),
        *("market_key", "market", "outcome", "price_american", "line", "total", "player", "player_id", "team"),
        *("period", "period_name", "segment", "available", "action", "_diff", "link", *_LIVE, *_LIMITS, *WORDS),
    )
)


def limit(row: Row, side: str) -> float | None:
    """What can be staked at the price of a side, where a row says it."""
    names = (f"{side}_limit", f"{side}_size", *_LIMITS)
    return next((most for name in names if (most := fields.number(row.get(name))) is not None), None)


def live(row: Row) -> bool | None:
    """Whether a row says that its game is in play."""
    if row.get("kind") == "live":
        return True
    return next((said for name in _LIVE if (said := fields.flag(row.get(name))) is not None), None)


def detail(row: Row) -> str | None:
    """What has no field in a record, as JSON text."""
    return None if row.keys() <= _KNOWN else fields.rest(row, *_KNOWN)


def price(value: Any, out: list[Event]) -> Price | None:
    """American odds as an int, a whole float or `+105`; null, 0 and missing are no price (5.5)."""
    return None if not is_price(value) or value is LINE_ONLY else fields.american("price", _number(value), out)


def is_price(value: Any) -> bool:
    """Whether a price was sent, readable or not, or a line that is on offer without one."""
    return value not in (None, 0) and (not isinstance(value, str) or value.strip().casefold() not in _NO_PRICE)


def _number(value: Any) -> Any:
    """A text with a typographic minus, or the word for even money, as a number's text."""
    if not isinstance(value, str):
        return value
    word = "".join(value.split()).replace("\u2212", "-")
    return "+100" if word.casefold() in _EVEN else word


#: How a text says that there is no price, and that it is even money.
_NO_PRICE = frozenset({"", "none", "null", "n/a", "na", "-", "off", "0"})
_EVEN = frozenset({"even", "evens", "ev", "evs"})


def is_available(row: Row) -> bool:
    """Whether a row says that it is on offer, if only by silence. What is neither true nor null is no."""
    if any(row.get(name) is True for name in _SUSPENDED) or any(row.get(name) is False for name in _ACTIVE):
        return False
    status = row.get("status")
    is_off = isinstance(status, str) and status.casefold() in ("suspended", "closed", "locked", "inactive", "removed")
    return not is_off and row.get("available", True) in (True, None)


#: Other words for `available`: none of these is documented.
_SUSPENDED = ("suspended", "is_suspended", "locked", "is_locked")
_ACTIVE = ("active", "is_active", "is_available")


def check_lines(row: Row) -> None:
    """ValueError for the price of a spread or a total without its line."""
    for side in sides(row):
        is_bare = side.line is None and side.price is not LINE_ONLY and is_price(side.price)
        if is_bare and MARKETS.classify(side.market).kind in ("spread", "total", "team_total"):
            raise ValueError("a price without its line")
    if is_prop(row) and row.get("line", 0) is None and any(name in row for name in ("over_price", "under_price")):
        raise ValueError("a price without its line")
