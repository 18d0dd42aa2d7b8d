"""The nouns of the state: a game has markets, a market lines and rows (a side at a line), a row a cell per book."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal

from oddstail.market.connections import Link
from oddstail.market.identity import MarketKey
from oddstail.model import Quote, Selection
from oddstail.price import Price
from oddstail.words import bare

Trust = Literal[
    "open", "unpriced", "suspended", "removed", "settled", "stale", "silent", "mute", "down", "late", "over",
    "lay", "pickem",
]  # fmt: skip

#: What providers call a game on which nothing is on offer any more, or not for now, without case and punctuation.
_CLOSED = frozenset(
    """
    completed complete cancelled canceled postponed ended end final finalized finished concluded closed over abandoned
    void voided invalid matchcompleted matchended gameover forfeited forfeit nocontest walkover retired fulltime ft
    settled resulted aet afterextratime afterpenalties afterovertime
    """.split()
)
#: Words that say so whatever follows them: `Final/OT`, `F/OT`, `Canceled - Weather`.
_CLOSED_FIRST = frozenset("final f ft cancelled canceled postponed abandoned ended finished forfeit forfeited".split())


@dataclass(slots=True, eq=False)
class Cell:
    """One book's latest word on a selection, and how it came to it. Times are microseconds since the epoch.

    `last` is the latest price there was, `before` the one before it with its line, `moved` when the one became the
    other; `first` is the first price of this run, `at` when the book last said this price. `apart` says why its prices
    are never compared: `lay`, `pickem`, or empty.
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
    apart: Literal["", "lay", "pickem"] = ""

    @property
    def time(self) -> int:
        """When the price is from: the provider's time, where it gives one."""
        ts = self.quote.ts
        return self.at if ts is None else ts

    def twin(self, row: Row, link: Link) -> Cell:
        """The same cell in another row; not by `copy`, which takes five times as long."""
        return Cell(self.quote, link, self.epoch, row, self.last, self.last_line, self.first, self.first_line,
                    self.before, self.before_line, self.moved, self.at, self.apart)  # fmt: skip


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
class Line:
    """The sides of a market at one line. `moves` is when each book last moved a price here, the latest last."""

    market: Market
    line: float | None
    rows: dict[str, Row] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)

    def moved_since(self, at: int, book: str) -> bool:
        """Whether another book moved a price here later than that."""
        for other in reversed(self.moves):
            if self.moves[other] <= at:
                return False
            if other != book:
                return True
        return False


@dataclass(slots=True, eq=False)
class Market:
    """The sides of one bet and all its lines. `books` has each book's cells by line and side."""

    game: Game
    key: MarketKey
    anchor: str = ""
    rows: dict[tuple[str, float | None], Row] = field(default_factory=dict)
    lines: dict[float | None, Line] = field(default_factory=dict)
    sides: dict[str, Selection] = field(default_factory=dict)
    books: dict[str, dict[float | None, dict[str, Cell]]] = field(default_factory=dict)
    trails: dict[str, list[tuple[float | None, float]]] = field(default_factory=dict)
    #: Main lines that were looked for since the book's prices changed last.
    mains: dict[str, tuple[bool, float | None]] = field(default_factory=dict)

    def main(self, book: str) -> tuple[bool, float | None]:
        """Whether a book has a line here, and which is shown as its own.

        Of its lines with a price, else of those that are open, else of the suspended ones: what the provider flags as
        the main line, else the most balanced.
        """
        found = self.mains.get(book)
        if found is None:
            found = self.mains[book] = _main(self.books.get(book, {}))
        return found


#: The rank of a line at which a book has neither a price nor a suspended one.
_NOTHING = 3


def _main(lines: dict[float | None, dict[str, Cell]]) -> tuple[bool, float | None]:
    if len(lines) == 1:
        [(line, cells)] = lines.items()
        return (True, line) if any(not is_gone(cell.quote) for cell in cells.values()) else (False, None)
    best = _NOTHING, False
    found: list[float | None] = []
    for line, cells in lines.items():
        rank, alternate = _NOTHING, True
        for cell in cells.values():
            quote = cell.quote
            if not is_gone(quote):
                rank = min(rank, 0 if quote.price is not None else 1 if quote.status == "open" else 2)
                alternate = alternate and not quote.main
        if rank == _NOTHING or (rank, alternate) > best:
            continue
        if (rank, alternate) < best:
            best, found = (rank, alternate), []
        found.append(line)
    if len(found) > 1:
        priced = best[0] == 0
        found.sort(
            key=lambda line: (tilt([c.quote.price if priced else c.last for c in lines[line].values()]), line or 0.0)
        )
    return bool(found), found[0] if found else None


def tilt(prices: list[Price | None]) -> float:
    """How far from balanced a line is, 0 to 1; one of which a side is missing is further than any other."""
    known = [price.chance for price in prices if price is not None]
    return abs(known[0] - known[1]) if len(known) == 2 else 2.0


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
    #: When it was said to be over, cancelled or postponed; 0 if it was not. What was priced before counts no more.
    closed: int = 0
    #: Where a draw is priced: by book, the provider's word for the market, and period.
    draws: set[tuple[str, str, str]] = field(default_factory=set)

    def in_play(self, now: int) -> bool:
        """Whether it is live as the provider says, or should have started (microseconds since the epoch)."""
        begins = moment(self.start or "")
        return bool(self.live) or (begins is not None and begins <= now)

    def stands(self, status: str, at: int) -> None:
        """Take a status: once a game is over, cancelled or postponed, its prices do not count until they come anew."""
        words = re.findall(r"[^\W_]+", status.casefold())
        closed = bare(status).removeprefix("status") in _CLOSED or bool({*words[:1]} & _CLOSED_FIRST)
        if closed != bool(self.closed):
            self.closed = at if closed else 0

    @property
    def title(self) -> str:
        """Away before home, as everywhere; else the two teams that its prices name; else the id."""
        if self.home and self.away:
            return f"{self.away} @ {self.home}"
        teams: set[str] = set()
        for key, market in self.markets.items():
            if key.kind in ("moneyline", "spread"):
                sides = {what.selection for side, what in market.sides.items() if side != "draw"}
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
