"""What an odd of OpticOdds says beside its price: limits, order book, the sources' ids, links. Pure.

Facts: docs/wire/opticodds.md, 2.4. OddsJam v2 has none of these fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oddstail.providers import fields

_LIMITS = ("max", "max_stake")
#: The fields of an odd that are read, or that only repeat what others say: ids of names, the line once more.
_KNOWN = frozenset(
    (
        "id fixture_id game_id sport sport_id league league_id sportsbook sportsbook_id market market_id name selection"
        " normalized_selection selection_line points selection_points price is_main is_live grouping_key player_id"
        " team_id timestamp limits order_book source_ids deep_link type period odd_id version version_id settlement"
        " settled_at bet_name bet_price bet_points bet_type sports_book_name market_name checked_date"
    ).split()
)


def unknown(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of an odd that nobody here knows."""
    return tuple(name for name in row if name not in _KNOWN)


def limit_of(limits: Any, ladder: Any, price: Any = None) -> float | None:
    """The most that can be staked at this price: the book's limit, else the size of the order book's level.

    That is the level of the row's own `price`, else the first one. The notation of an order book is not documented.
    """
    if isinstance(limits, dict):
        for name in _LIMITS:
            if (most := _stake(limits.get(name))) is not None:
                return most
    levels = _levels(ladder)
    sizes = [size for level, size in levels if level == price] or [size for _, size in levels[:1]]
    return _stake(sizes[0]) if sizes else None


def detail_of(
    limits: Any,
    ladder: Any,
    sources: Any,
    deep: Any,
    *,
    limit: float | None,
    is_open: bool,
    extra: Mapping[str, Any] | None = None,
) -> str | None:
    """What no field of the record has, as JSON text: the sources' ids, the rest of the limits, the order book, links.

    `limit` is what the record has. Of a price that is not on offer there is no depth. `extra` is what else there is.
    """
    more: dict[str, Any] = {**(extra or {}), "source_ids": sources, "deep_link": deep}
    if isinstance(deep, dict) and fields.link(deep.get("desktop")) is not None:
        more["deep_link"] = {name: item for name, item in deep.items() if name != "desktop" and item}
    elif fields.link(deep) is not None:
        more["deep_link"] = None
    if is_open:
        if isinstance(limits, dict):
            taken = next((name for name in _LIMITS if _stake(limits.get(name)) is not None), None)
            limits = {name: item for name, item in limits.items() if name != taken and item is not None}
        levels = _levels(ladder)
        is_whole = len(levels) == len(ladder) == 1 and fields.number(levels[0][1]) == limit if levels else False
        more |= {"limits": limits, "order_book": None if is_whole else ladder}
    left = {name: item for name, item in more.items() if item is not None and item not in ("", {}, [])}
    return fields.compact(left) if left else None


def _levels(ladder: Any) -> list[tuple[Any, Any]]:
    """`[[price, size], ...]`, without what is not so."""
    if not isinstance(ladder, list):
        return []
    return [(level[0], level[1]) for level in ladder if isinstance(level, list) and len(level) > 1]


def _stake(value: Any) -> float | None:
    amount = fields.number(value)
    return None if amount is None or amount < 0 else amount
