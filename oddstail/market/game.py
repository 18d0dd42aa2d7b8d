"""What stands on the board: a game has markets, a market rows (a side at a line), a row a cell for each book. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from oddstail.market.connections import Link
from oddstail.model import Quote, Selection
from oddstail.price import Price

#: How much less balanced (in probability) a line may become before another one is taken for the main one.
_STEADY = 0.04

Trust = Literal["open", "unpriced", "suspended", "removed", "settled", "stale", "silent", "mute", "down", "late"]


class MarketKey(NamedTuple):
    """What makes two books' markets of one game the same bet."""

    kind: str
    period: str
    name: str
    subject: str


@dataclass(slots=True, eq=False)
class Cell:
    """One book's latest word on a selection, and how it came to it. Times are microseconds since the epoch.

    `last` is the latest price there was, `before` the one before it with its line, `moved` when the one became the
    other; `first` is the first price of this run, `at` when the book last said this price.
    """

    quote: Quote
    link: Link
    epoch: int
    row: Row
    last: Price | None = None
    last_line: float | None = None
    first: Price | None = None
    first_line: float | None = None
    before: Price | None = None
    before_line: float | None = None
    moved: int = 0
    at: int = 0

    def twin(self, row: Row, link: Link) -> Cell:
        """The same cell in another row; not by `copy`, which takes five times as long."""
        return Cell(self.quote, link, self.epoch, row, self.last, self.last_line, self.first, self.first_line,
                    self.before, self.before_line, self.moved, self.at)  # fmt: skip


@dataclass(slots=True, eq=False)
class Row:
    """A side of a market at a line. `line` is as the market counts it, the cells' quotes as their side does."""

    market: Market
    side: str
    line: float | None
    what: Selection
    cells: dict[str, Cell] = field(default_factory=dict)
    live: int = 0


@dataclass(slots=True, eq=False)
class Market:
    """The sides of one bet and all its lines. `flagged` is each book's main line as the provider says."""

    game: Game
    key: MarketKey
    rows: dict[tuple[str, float | None], Row] = field(default_factory=dict)
    sides: dict[str, Selection] = field(default_factory=dict)
    anchor: str = ""
    flagged: dict[str, float | None] = field(default_factory=dict)
    derived: dict[str, float | None] = field(default_factory=dict)
    trails: dict[str, list[tuple[float | None, float]]] = field(default_factory=dict)
    version: int = 0
    derived_at: int = -1

    def main(self, book: str) -> tuple[bool, float | None]:
        """Whether a book has a main line here, and which."""
        if book in self.flagged:
            return True, self.flagged[book]
        if self.derived_at != self.version:
            self._derive()
        return book in self.derived, self.derived.get(book)

    def _derive(self) -> None:
        """The most balanced line of each book whose provider tells none, and the old one as long as it nearly is."""
        self.derived_at = self.version
        offers: dict[str, dict[float | None, list[float]]] = {}
        for (_, line), row in self.rows.items():
            for book, cell in row.cells.items():
                if book not in self.flagged and cell.quote.main is None and not is_gone(cell.quote):
                    price = cell.quote.price or cell.last
                    offers.setdefault(book, {}).setdefault(line, []).append(0.5 if price is None else price.prob)
        old, self.derived = self.derived, {}
        for book, lines in offers.items():
            if len(lines) == 1:
                self.derived[book] = next(iter(lines))
                continue
            tilt = {line: _tilt(probs) for line, probs in lines.items()}
            best = min(tilt, key=lambda line: (tilt[line], line or 0.0))
            kept = old.get(book)
            self.derived[book] = kept if book in old and tilt.get(kept, 9.0) <= tilt[best] + _STEADY else best


@dataclass(slots=True, eq=False)
class Game:
    """A game with its markets."""

    game_id: str
    league: str
    home: str | None
    away: str | None
    start: str | None
    status: str | None = None
    live: bool | None = None
    markets: dict[MarketKey, Market] = field(default_factory=dict)
    moved: int = 0
    score: str = ""

    def in_play(self, now: int) -> bool:
        """Whether it is live as the provider says, or should have started (microseconds since the epoch)."""
        begins = moment(self.start or "")
        return bool(self.live) or (begins is not None and begins <= now)

    @property
    def title(self) -> str:
        """Away before home, as everywhere; else the two teams that its prices name; else the id."""
        if self.home and self.away:
            return f"{self.away} @ {self.home}"
        teams: set[str] = set()
        for key, market in self.markets.items():
            if key.kind in ("moneyline", "spread"):
                sides = {side for side, what in market.sides.items() if what.side != "draw" and side != "Draw"}
                if len(sides) == 2:
                    return " v ".join(sorted(sides))
            elif key.kind == "team_total":
                teams.add(key.subject)
        return " v ".join(sorted(teams)) if len(teams) == 2 else self.game_id


@lru_cache(4096)
def moment(start: str) -> int | None:
    """When a start is, in microseconds since the epoch; None if it is no time."""
    try:
        return round(datetime.fromisoformat(start).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None


def is_gone(quote: Quote) -> bool:
    """Whether a price is off the board for good."""
    return quote.status in ("removed", "settled")


def _tilt(probs: list[float]) -> float:
    """How far from balanced a line is. One with a side missing is far."""
    return abs(probs[0] - probs[1]) if len(probs) == 2 else 1.0 + abs(probs[0] - 0.5)
