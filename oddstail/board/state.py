"""The latest price of every selection at every book, ready to be looked at. Pure state: no drawing, no clock.

A row is a selection of a game; a cell is one book's quote in it. Main lines of several books share a
row though their points differ, as on any odds screen; every alternate line has a row of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from oddstail.model import Batch, Fixture, Gap, Lost, Opened, Quote, Selection

_KINDS = {kind: at for at, kind in enumerate(["moneyline", "spread", "total", "team_total", "prop", "other", "future"])}
_SIDES = {side: at for at, side in enumerate(["away", "home", "draw", "over", "under", "yes", "no"])}
#: Priced rows only grow by what is on offer; a bound all the same. Beyond it new rows are not shown.
MOST_ROWS = 100_000


class RowKey(NamedTuple):
    """What makes two books' quotes the same selection."""

    game_id: str
    kind: str
    market: str
    period: str
    selection: str
    side: str
    line: float | None


@dataclass(slots=True)
class Cell:
    """One book's latest word on a selection. `epoch` is the life of the link that brought it."""

    quote: Quote
    conn: int
    epoch: int


@dataclass(slots=True)
class Row:
    """A selection and every book's price for it."""

    what: Selection
    line: float | None
    order: tuple[object, ...]
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass(slots=True)
class Game:
    """A game with its rows. `teams` stands in for home and away where a provider names none."""

    game_id: str
    league: str
    home: str | None
    away: str | None
    start: str | None
    status: str | None = None
    rows: dict[RowKey, Row] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Away above home, as everywhere; else the sides of the moneyline; else the id."""
        if self.home and self.away:
            return f"{self.away} @ {self.home}"
        sides = list(
            dict.fromkeys(
                row.what.selection
                for row in self.rows.values()
                if row.what.kind == "moneyline" and row.what.period == "game" and row.what.side != "draw"
            )
        )
        return " v ".join(sorted(sides)) if len(sides) == 2 else self.game_id


class Board:
    """Feed it batches; read `games`, `books` and `state` of a cell."""

    def __init__(self) -> None:
        self.games: dict[str, Game] = {}
        self.books: Counter[str] = Counter()
        self.priced: Counter[str] = Counter()
        self.up: dict[int, bool] = {}
        self.hidden = 0
        self.version = 0
        self._epochs: Counter[int] = Counter()
        self._fresh: dict[int, int] = {}
        self._before: dict[int, int] = {}
        self._keys: dict[str, RowKey] = {}
        self._rows = 0

    def apply(self, batch: Batch) -> None:
        """Take what happened on one connection."""
        conn = batch.conn
        for event in batch.events:
            if type(event) is Quote:
                self._quote(conn, event)
            elif type(event) is Lost:
                self.up[conn] = False
                self._before[conn] = self._fresh.get(conn, 0)
                self._epochs[conn] += 1
                self._fresh[conn] = self._epochs[conn]
            elif type(event) is Opened:
                self.up[conn] = True
            elif type(event) is Gap and event.resumed == "yes":
                self._fresh[conn] = self._before.get(conn, 0)
            elif type(event) is Fixture:
                self._fixture(event)
            else:
                continue
            self.version += 1

    def is_stale(self, cell: Cell) -> bool:
        """Whether this price comes from before a blind spot, or from a link that is down: not to be bet on."""
        return not self.up.get(cell.conn, True) or cell.epoch < self._fresh.get(cell.conn, 0)

    def ordered(self) -> list[Game]:
        """Games by start, then by name: nothing jumps when a price moves."""
        return sorted(
            (game for game in self.games.values() if game.rows),
            key=lambda game: (game.start or "~", game.league, game.title, game.game_id),
        )

    def _quote(self, conn: int, quote: Quote) -> None:
        what = quote.what
        key = self._key(quote)
        old = self._keys.get(what.key)
        if old is not None and old != key:
            if old.market.endswith(what.key) and old._replace(market=key.market) == key:
                key = old
            else:
                self._drop(old, what)
        if quote.status in ("removed", "settled"):
            self._drop(key, what)
            return
        game = self.games.get(what.game_id)
        if game is None:
            game = self.games[what.game_id] = Game(what.game_id, what.league or "", what.home, what.away, what.start)
        row = game.rows.get(key)
        if row is not None and (cell := row.cells.get(what.book)) is not None and cell.quote.what.key != what.key:
            # Two prices of one book for what looks like one selection: neither may hide the other.
            key = key._replace(market=f"{key.market} {what.key}")
            row = game.rows.get(key)
        if row is None:
            if self._rows >= MOST_ROWS:
                self.hidden += 1
                return
            self._rows += 1
            row = game.rows[key] = Row(what, key.line, _order(what, key.line))
        before = row.cells.get(what.book)
        if before is None:
            self.books[what.book] += 1
        self.priced[what.book] += _is_priced(quote) - (before is not None and _is_priced(before.quote))
        row.cells[what.book] = Cell(quote, conn, self._epochs[conn])
        self._keys[what.key] = key

    def _drop(self, key: RowKey, what: Selection) -> None:
        self._keys.pop(what.key, None)
        game = self.games.get(key.game_id)
        row = game.rows.get(key) if game is not None else None
        if game is None or row is None or what.book not in row.cells:
            return
        if row.cells[what.book].quote.what.key != what.key:
            return
        self.priced[what.book] -= _is_priced(row.cells[what.book].quote)
        del row.cells[what.book]
        self.books[what.book] -= 1
        if not row.cells:
            del game.rows[key]
            self._rows -= 1
        if not game.rows:
            del self.games[key.game_id]

    def _fixture(self, event: Fixture) -> None:
        game = self.games.get(event.game_id)
        if game is not None:
            game.home, game.away = event.home or game.home, event.away or game.away
            game.start, game.status = event.start or game.start, event.status or game.status

    def _key(self, quote: Quote) -> RowKey:
        what = quote.what
        line = None if quote.main or what.kind == "moneyline" else quote.line
        # Two-way and three-way moneylines are different bets; totals and spreads are named as each book likes.
        market = "" if what.kind in ("spread", "total") else what.market
        if what.kind == "spread" and line is not None and what.side == "home":
            line = -line  # both sides of one spread stand together
        return RowKey(what.game_id, what.kind, market, what.period or "", what.selection, what.side or "", line)


def _is_priced(quote: Quote) -> bool:
    return quote.price is not None


def _order(what: Selection, line: float | None) -> tuple[object, ...]:
    """Within a game: kind, then period (the whole game first), then the line, away above home, over above under."""
    period = what.period or ""
    team_game = what.kind in ("moneyline", "spread", "total")
    name = "" if team_game else what.selection
    return (
        _KINDS.get(what.kind, 9),
        period != "game",
        period,
        "" if team_game else what.market,
        name,
        (line is not None, line or 0.0),
        _SIDES.get(what.side or "", 9),
        what.selection,
    )
