"""Outcomes of RapidOddsAPI that look alike: what tells them apart, or that nothing does. Pure.

Two players of one name in one market are two prices. The wire has no documented id of a player (docs/wire/rapidodds.md,
B5), so any field that is not a price, a depth, a time or an address may tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from oddstail.model import Event, Notice, Quote
from oddstail.providers import fields

#: Parts of names of fields that change from push to push.
_FLEETING = re.compile(
    r"price|odds|prob|size|liquidity|volume|limit|max|min|stake|time|date|stamp|_at$|link|url|image|status|live|main"
)


def told_apart(quotes: list[Quote], rows: Sequence[Mapping[str, Any]], out: list[Event]) -> list[Quote]:
    """The quotes of one market's outcomes, each with a key of its own. `rows` are these outcomes.

    Where nothing tells two prices apart, neither is shown: which of them is whose is not known.
    """
    if len({quote.what.key for quote in quotes}) == len(quotes):
        return quotes
    alike: dict[str, list[int]] = {}
    for at, quote in enumerate(quotes):
        alike.setdefault(quote.what.key, []).append(at)
    made = list(quotes)
    for places in alike.values():
        some = [rows[at] for at in places]
        name = _telling(some) if len(places) > 1 else None
        if name is None:
            continue
        for at, row in zip(places, some, strict=True):
            value, what = fields.text(row.get(name)), quotes[at].what
            if value is not None:
                shown = what.selection if name.casefold().endswith("id") else f"{what.selection} {name} {value}"
                made[at] = replace(quotes[at], what=replace(what, key=f"{what.key}|{name}={value}", selection=shown))
    return single(made, out)


def single(quotes: list[Quote], out: list[Event]) -> list[Quote]:
    """The quotes with each key once. Two prices of one key are held back, with a notice; a repeated price is one."""
    if len({quote.what.key for quote in quotes}) == len(quotes):
        return quotes
    made: dict[str, Quote] = {}
    doubted: set[str] = set()
    for quote in quotes:
        key = quote.what.key
        first = made.setdefault(key, quote)
        if first is not quote and _price(first) != _price(quote) and key not in doubted:
            doubted.add(key)
            made[key] = replace(first, status="suspended", price=None, limit=None, detail=None)
            what = quote.what
            text = f"two prices of one selection ({what.book}, {what.market}, {what.selection}): both are held back"
            out.append(Notice(code="unreadable", text=text))
    return list(made.values())


def _price(quote: Quote) -> tuple[Any, ...]:
    return quote.status, None if quote.price is None else quote.price.decimal, quote.line


def _telling(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The first field that differs in all rows: an id if there is one."""
    names = {name for row in rows for name in row if not _FLEETING.search(name.casefold())}
    for name in sorted(names, key=lambda name: (not name.casefold().endswith("id"), name)):
        if _is_different(fields.text(row.get(name)) for row in rows):
            return name
    return None


def _is_different(values: Iterable[str | None]) -> bool:
    seen = list(values)
    return len(set(seen)) == len(seen)
