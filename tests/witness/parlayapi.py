"""ParlayAPI: a snapshot of rows, then rows that are new, changed or gone.

Rules: docs/wire/parlayapi.md 5.3 to 5.5 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.witness.board import Board, number, offer, price
from tests.witness.recording import Step

Row = dict[str, Any]

#: A wide row has no market key: the fields of each market that it holds.
_WIDE = {"h2h": ("home_ml", "away_ml", "draw_ml"), "spreads": ("home_spread", "away_spread"), "totals": ("total",)}
_PRICES = ("_ml", "_price", "_odds", "price_american")


class _Place(NamedTuple):
    """Which row a row is: the vendor's merge key, and what else tells rows apart."""

    event: str
    book: str
    market: str | None
    period: str | None
    player: str | None
    line: float | None
    outcome: str | None


class ParlayApi:
    """One connection. A snapshot replaces everything; there is no replay."""

    def __init__(self) -> None:
        self.board = Board()
        self._rows: dict[_Place, Row] = {}

    def take(self, step: Step) -> None:
        """Apply one step."""
        if step.kind == "connect":
            self._rows.clear()
            self.board.clear()
        elif step.kind == "message":
            kind = step.body.get("type") or step.name
            if kind == "initial_state":
                self._rows.clear()
                self.board.clear()
            if kind in ("initial_state", "odds_update"):
                for row in step.body["data"]:
                    self._row(row)

    def _row(self, row: Row) -> None:
        if row.get("action") == "remove":
            for place in [place for place in self._rows if _named(row, place)]:
                self._set(place, _without(self._rows[place], row, place))
            return
        place = _place(row)
        if row.get("_diff"):
            place, before = self._changed(place)
            row = {**before, **row}
        if row.get("removal_reason") is not None:
            row = {name: None if name.endswith(_PRICES) else value for name, value in row.items()}
        self._set(place, row)

    def _changed(self, place: _Place) -> tuple[_Place, Row]:
        """The row that a change is to: at this place, or the only one that differs in its line alone."""
        if place in self._rows:
            return place, self._rows[place]
        alike = [other for other in self._rows if other._replace(line=place.line) == place]
        if len(alike) != 1 or "alternate" in (place.market or ""):
            return place, {}
        before = self._rows[alike[0]]
        if place.line is None:
            return alike[0], before
        # Another line is a move: the old one is gone, and its prices hold at the new one.
        self._set(alike[0], None)
        return place, before

    def _set(self, place: _Place, row: Row | None) -> None:
        self.board.drop(lambda identity: identity[0] == place)
        if row is None:
            del self._rows[place]
            return
        self._rows[place] = row
        if row.get("available") is False:
            return
        for market, subject, side, line, at in _sides(row, place):
            what = offer(place.event, place.book, market, subject, side, line)
            self.board.put((place, market, subject, side), what, price(at))


def _place(row: Row) -> _Place:
    """A line tells rows apart only where several stand side by side: props and alternates."""
    player = row.get("player") or row.get("player_name")
    market = row.get("market_key")
    many = player or row.get("kind") in ("prop", "props") or "alternate" in (market or "")
    line = number(row.get("line")) if many else None
    return _Place(row["event_id"], row["bookmaker"], market, row.get("period"), player, line, row.get("outcome"))


def _named(row: Row, place: _Place) -> bool:
    """Whether a removal speaks of a row: what it does not name, it does not limit."""
    names = ("event_id", "bookmaker", "market_key", "period", "player", "line", "outcome")
    for name, own in zip(names, place, strict=True):
        asked = number(row.get(name)) if name == "line" else row.get(name)
        if asked is not None and asked != own and not (name == "market_key" and own is None):
            return False
    return True


def _without(held: Row, row: Row, place: _Place) -> Row | None:
    """What a removal leaves of a row: of a wide one it may take a single market."""
    market = row.get("market_key")
    if market is None or place.market is not None:
        return None
    return {name: value for name, value in held.items() if name not in _WIDE.get(market, ())}


def _sides(row: Row, place: _Place) -> Iterator[tuple[str, str, str, float | None, Any]]:
    """The market, subject, side, line and price of each side of a row."""
    if place.outcome is not None:
        line = row.get("line", row.get("point"))
        yield place.market or "h2h", place.outcome, "", number(line), row.get("price_american", row.get("price"))
    elif place.market is None and place.player is None:
        # A spread and a total in a wide row have a line and no price.
        for side in ("home", "away", "draw"):
            yield "h2h", _team(row, side), "", None, row.get(f"{side}_ml")
        for side in ("over", "under"):
            yield "totals", "", side, number(row.get("total")), row.get(f"{side}_price")
    else:
        yield from _narrow(row, place)


def _narrow(row: Row, place: _Place) -> Iterator[tuple[str, str, str, float | None, Any]]:
    market = place.market or row.get("market") or ""
    line = number(row.get("line", row.get("total")))
    for side in ("home", "away", "draw"):
        at = next((row[name] for name in (f"{side}_price", f"{side}_ml", f"{side}_odds") if name in row), None)
        # The line of a spread is the home side's.
        yield market, _team(row, side), "", None if line is None else -line if side == "away" else line, at
    for side in ("over", "under", "yes", "no"):
        yield market, place.player or "", side, line, row.get(f"{side}_price")


def _team(row: Row, side: str) -> str:
    return row.get(f"{side}_team") or side
