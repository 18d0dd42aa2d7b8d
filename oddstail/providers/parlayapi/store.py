"""The rows of one ParlayAPI connection as merged so far. Facts: docs/wire/parlayapi.md, 5.5. Pure.

The wire may send changed fields only, and withdraw by naming more or less of a row; what it means
then depends on what it sent before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from oddstail.providers import fields
from oddstail.providers.parlayapi.parts import market_key
from oddstail.providers.parlayapi.rows import is_prop, own_line, player_id, who
from oddstail.providers.parlayapi.spelling import LINES

Row = dict[str, Any]

#: Books times games held on one connection, the oldest let go first: a diff to such a row is partial then.
MOST = 50_000


class Mark(NamedTuple):
    """Where a row belongs within its game and book. None: the row does not say. `period` "" is the whole game."""

    kind: str | None  # game or prop
    market: str | None
    who: str | None  # player or team
    line: float | None
    outcome: str | None
    period: str | None = ""
    player_id: str | None = None


class Store:
    """(event, book) -> mark -> row."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], dict[Mark, Row]] = {}

    def clear(self) -> None:
        """A snapshot begins."""
        self._groups.clear()

    def group(self, event: str, book: str) -> dict[Mark, Row]:
        """The rows of one game at one book."""
        group = self._groups.setdefault((event, book), {})
        if len(self._groups) > MOST:
            del self._groups[next(iter(self._groups))]
        return group

    def held(self, event: str | None, book: str | None) -> dict[Mark, Row]:
        """The same, to look at."""
        return self._groups.get((event or "", book or ""), {})

    def spoken_of(self, row: Row, part: str | None = None) -> Iterator[tuple[str, str, dict[Mark, Row], Mark]]:
        """What a withdrawal speaks of: whatever it does not name, it does not restrict. `part`: of the game."""
        event, book = fields.text(row.get("event_id")), fields.text(row.get("bookmaker"))
        if event is None and book is None:
            raise ValueError("no event and no bookmaker")
        wanted = mark_of(row)
        if "kind" not in row and wanted.who is None:
            wanted = wanted._replace(kind=None)
        if event is not None and book is not None:
            groups = {(event, book): self._groups.get((event, book), {})}
        else:
            groups = {
                key: group for key, group in self._groups.items() if event in (None, key[0]) and book in (None, key[1])
            }
        for (at, by), group in groups.items():
            meant = wanted._replace(period=_period_of(row, wanted, group) if part is None else part)
            # A row that has both sides goes as a whole if one of them is withdrawn.
            for mark in matching(group, meant) or matching(group, meant._replace(outcome=None)):
                yield at, by, group, mark


def mark_of(row: Row) -> Mark:
    """Where a row says that it belongs. ValueError for a line that is no number: its price is of who knows what."""
    for name in LINES:
        if name in row and fields.unknown_line(row[name], fields.number(row[name])):
            raise ValueError("a line that is no number")
    kind = "prop" if is_prop(row) else "game"
    market, period = market_key(row)
    return Mark(kind, market, who(row), own_line(row), fields.text(row.get("outcome")), period or "", player_id(row))


def _period_of(row: Row, wanted: Mark, group: dict[Mark, Row]) -> str | None:
    """The part of the game that a withdrawal speaks of; None for every part.

    One that names no period is about the whole game only if rows of the whole game name none either.
    """
    if market_key(row)[1] is not None:
        return wanted.period
    alike = wanted.market is not None and any("period" not in group[mark] for mark in matching(group, wanted))
    return wanted.period if alike else None


def matching(group: dict[Mark, Row], wanted: Mark) -> list[Mark]:
    """The rows of a group that are all that is wanted of them."""
    kind, market, about, line, outcome, period, one = wanted
    # One comparison a field, spelt out: a group may have thousands of rows, and a message as many that ask.
    return [
        mark
        for mark in group
        # A wide row has no market: it holds several, and any of them may be meant.
        if (market is None or mark[1] is None or market == mark[1])
        and (about is None or about == mark[2])
        and (line is None or line == mark[3])
        and (kind is None or kind == mark[0])
        and (outcome is None or outcome == mark[4])
        and (period is None or period == mark[5])
        and (one is None or one == mark[6])
    ]


def moved(group: dict[Mark, Row], mark: Mark, row: Row) -> tuple[Mark, Row | None]:
    """Which row a diff at a `mark` that the group lacks changes, and the row that it leaves behind.

    A diff has only what changed (5.5): without a line (or a period) it changes the one row that fits; with another
    line, the one row that fits has moved there and leaves the group. ValueError if several rows fit.
    """
    fits = _siblings(group, mark)
    if not fits and market_key(row)[1] is None:
        fits = _siblings(group, mark._replace(period=None))
        if len({fit.period for fit in fits}) > 1:
            raise ValueError("it may be a change to any of several periods")
        mark = mark._replace(period=fits[0].period if fits else mark.period)
    at_line = [fit for fit in fits if fit.line == mark.line] or fits
    for name in ("who", "player_id"):
        told = {getattr(fit, name) for fit in at_line}
        if getattr(mark, name) is None and told:
            if len(told) > 1:
                raise ValueError("it may be a change to any of several players or teams")
            mark = mark._replace(**{name: told.pop()})
    if several(group, mark):
        raise ValueError("it may be a change to any of several lines")
    if mark in group:
        return mark, None
    if mark.line is None:
        return fits[0] if fits else mark, None
    is_move = not any(_is_price(name) for name in row)
    if len(fits) > 1 and is_move and any(_is_priced(group[fit]) for fit in fits):
        raise ValueError("any of several lines may have moved")
    # A change to an alternate line that has a price is another alternate.
    if len(fits) != 1 or ("alternate" in (mark.market or "") and not is_move):
        return mark, None
    return mark, group.pop(fits[0])


def overtaken(group: dict[Mark, Row], mark: Mark) -> Mark | None:
    """The line whose place a whole row at a new line of a player has taken, if it can be but one.

    Nobody documents whether the wire withdraws a line that moved. Alternates stand side by side, and so do lines
    that were told together or came back: only of a single one it is not known any more that it is on offer.
    """
    if mark.line is None or mark.who is None or mark in group or "alternate" in (mark.market or ""):
        return None
    others = [other for other in group if other._replace(line=mark.line) == mark and _is_priced(group[other])]
    return others[0] if len(others) == 1 else None


def several(group: dict[Mark, Row], mark: Mark) -> bool:
    """Whether a `mark` without a line may be any of several rows."""
    return mark.line is None and len(_siblings(group, mark)) > 1


def _siblings(group: dict[Mark, Row], mark: Mark) -> list[Mark]:
    return [other for other in matching(group, mark._replace(line=None)) if other.market == mark.market]


def blanked(row: Row) -> Row:
    """A row without its prices: a later diff brings back what it names, and nothing else."""
    return {name: None if _is_price(name) else value for name, value in row.items() if name != "removal_reason"}


def _is_priced(row: Row) -> bool:
    return any(_is_price(name) and value is not None for name, value in row.items())


def _is_price(name: str) -> bool:
    return name.endswith(("_ml", "_price")) or name == "price_american"


#: The fields of a wide row by market.
_WIDE = {
    "h2h": ("home_ml", "away_ml", "draw_ml"),
    "spreads": ("home_spread", "away_spread"),
    "totals": ("total",),
}


def without(row: Row, market: str) -> Row:
    """A wide row without one of its markets."""
    return {name: value for name, value in row.items() if name not in _WIDE.get(market, ())}
