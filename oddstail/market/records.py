"""Market records: after each batch, what the lines that it touched are worth, if that changed. Pure.

What a line is worth at the time of a batch is a function of all that came until then. So that nothing depends on a
clock of our own, what time alone changes (a silent book, an old snapshot) is looked at when the next batch comes.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count, islice

from oddstail.market import consensus
from oddstail.market.consensus import APART, CONSENSUS, TOO_GOOD, TOO_HIGH, Terms, Value
from oddstail.market.game import Cell, Line, Market, moment
from oddstail.market.identity import MarketKey
from oddstail.market.state import LATE, Board
from oddstail.market_value import MarketValue, Side
from oddstail.model import Batch
from oddstail.price import Price

#: Microseconds between two records of a line.
EVERY = 250_000
#: A difference of hold or fair price that is worth a record.
_STEP = 1e-4
#: Microseconds after which a best price out of a snapshot is doubted in play.
_SNAPSHOT_LIVE = 60_000_000
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How markets are judged. `stale_after` is in seconds; `filtered`: a filter may hide an outcome.

    `books` are the books by column, `names` what a provider calls the book of a column, `plain` turns a key or a
    game's id of several providers back into the provider's own.
    """

    devig: str = "multiplicative"
    fair: str = CONSENSUS
    stale_after: float = 300.0
    filtered: bool = False
    books: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    plain: Callable[[str], str] = str


@dataclass(slots=True)
class _Emitted:
    """What was last said of a line: its records by side, when, and what waits to be said."""

    sides: dict[str, MarketValue] = field(default_factory=dict)
    at: int = -(10**18)
    waits: bool = False
    snap: bool = True
    deadline: int = 0
    #: Of what each side's records are, with what that was made of.
    of: dict[str, tuple[object, Side]] = field(default_factory=dict)


class MarketRecords:
    """Call `after` with each batch that the board has applied; `last` at the end."""

    def __init__(self, board: Board, settings: Settings) -> None:
        self._board = board
        self._settings = settings
        self._stale_after = round(settings.stale_after * _SECOND)
        board.touched = {}
        self._lines: dict[Line, _Emitted] = {}
        self._places: dict[tuple[str, MarketKey, float | None], Line] = {}
        self._compared: dict[Market, float | None] = {}
        self._waiting: dict[Line, int] = {}
        self._due: list[tuple[int, int, Line]] = []
        self._numbers = count()
        #: Books on connections: when the clock alone may make one silent; how many of each are listed; who is silent.
        self._hush: list[tuple[int, int, str]] = []
        self._listed: dict[int, int] = {}
        self._silent: set[tuple[int, str]] = set()
        self._at(0)

    def after(self, batch: Batch) -> list[MarketValue]:
        """The records that are due now."""
        return self._records(batch.recv, final=False)

    def last(self, recv: int) -> list[MarketValue]:
        """The records that still wait, at the end of the run."""
        return self._records(recv, final=True)

    def value(self, line: Line, now: int) -> Value:
        """What a line is worth at that time."""
        self._at(now)
        return consensus.of_line(line.market, line.line, self._terms)

    def _at(self, now: int) -> None:
        self._now, self._since = now, now - self._stale_after
        settings, trust = self._settings, self._board.judge(self._since, now, mute=False)
        self._terms = Terms(trust, settings.devig, settings.fair, settings.books, settings.filtered)

    # --- which lines to look at ---------------------------------------------------------------------

    def _records(self, now: int, *, final: bool) -> list[MarketValue]:
        self._at(now)
        board = self._board
        self._clock(now)
        touched = board.touched or {}
        board.touched = {}
        for market in {
            line.market: None for line in touched if len(line.market.lines) > 1 or line.market in self._compared
        }:
            self._compare(market, touched)
        out: list[MarketValue] = []
        for line, snap in touched.items():
            self._line(line, now, snap, out, final)
        if self._waiting:
            due = [line for line, at in self._waiting.items() if final or not 0 <= now - at < EVERY]
            for line in due:
                if line not in touched:
                    self._line(line, now, True, out, final)
        return out

    def _compare(self, market: Market, touched: dict[Line, bool]) -> None:
        """Whether another line is compared now: then neither of the two is what it was."""
        if not market.lines:
            self._compared.pop(market, None)
            return
        line = consensus.compared(market, self._terms)
        old = self._compared.get(market, line)
        self._compared[market] = line
        if old != line:
            for other in (old, line):
                if other in market.lines:
                    touched.setdefault(market.lines[other], False)

    def _clock(self, now: int) -> None:
        """Touch what time alone has changed since the batch before."""
        board = self._board
        touched = board.touched
        assert touched is not None
        while self._due and self._due[0][0] <= now:
            at, _, line = heapq.heappop(self._due)
            emitted = self._lines.get(line)
            if emitted is not None and emitted.deadline == at:
                emitted.deadline = 0
                touched.setdefault(line, False)
        links = board.links.known
        for conn, link in links.items():
            listed = self._listed.get(conn, 0)
            if len(link.heard) != listed:
                for book in islice(link.heard, listed, None):
                    heapq.heappush(self._hush, (link.heard[book] + self._stale_after, conn, book))
                self._listed[conn] = len(link.heard)
        for conn, book in [mark for mark in self._silent if links[mark[0]].heard[mark[1]] >= self._since]:
            self._silent.discard((conn, book))
            board.touch_book(conn, book)
        while self._hush and self._hush[0][0] < now:
            _, conn, book = heapq.heappop(self._hush)
            heard = links[conn].heard[book]
            if heard < self._since:
                self._silent.add((conn, book))
                board.touch_book(conn, book)
                heapq.heappush(self._hush, (now + self._stale_after, conn, book))
            else:
                heapq.heappush(self._hush, (heard + self._stale_after, conn, book))

    # --- one line -----------------------------------------------------------------------------------

    def _line(self, line: Line, now: int, snap: bool, out: list[MarketValue], final: bool) -> None:
        market, rows = line.market, line.rows
        emitted = self._lines.get(line)
        if emitted is None:
            if not rows:
                return
            emitted = self._begin(line)
        gone = market.lines.get(line.line) is not line
        if gone and self._returned(line):
            return
        emitted.snap = emitted.snap and snap
        limit = self._snapshot_limit(market)
        value = Value() if gone else consensus.of_line(market, line.line, self._terms)
        main = not gone and (len(market.lines) == 1 or self._compared.get(market, line.line) == line.line)
        doubts = {} if gone else self._doubts(value, limit)
        calm = final or not 0 <= now - emitted.at < EVERY
        waits = False
        said = False
        told = emitted.sides
        if told and not told.keys() <= rows.keys():
            _rename(emitted, line)
        sides = rows if told.keys() <= rows.keys() else {**rows, **dict.fromkeys(told)}
        for side in sides:
            before, best, doubt = told.get(side), value.best.get(side), doubts.get(side)
            price = None if best is None else best.cell.quote.price
            if not _differs(before, value, side, price, best, doubt, main, gone):
                continue
            urgent = before is None or doubt != before.doubt or (price is None and before.best is not None)
            if not calm and not urgent:
                waits = True
                continue
            record = self._record(line, side, now, value, best, price, doubt, main, gone, emitted, before)
            out.append(record)
            told[side] = record
            said = True
        if said:
            emitted.at = now
        if waits:
            self._waiting[line] = emitted.at
        else:
            self._waiting.pop(line, None)
            emitted.snap = True
        if not gone:
            self._plan(line, value, emitted, now, limit)
        elif not waits:
            del self._lines[line], self._places[_place(line)]

    def _begin(self, line: Line) -> _Emitted:
        """A line that is new, or one that was gone and is back."""
        place = _place(line)
        old = self._places.get(place)
        emitted = _Emitted() if old is None else self._lines.pop(old)
        if old is not None:
            self._waiting.pop(old, None)
        self._lines[line], self._places[place] = emitted, line
        return emitted

    def _returned(self, line: Line) -> bool:
        """Whether a line that is gone is there again, and has its own say in this batch."""
        game = self._board.games.get(line.market.game.game_id)
        market = None if game is None else game.markets.get(line.market.key)
        return market is not None and line.line in market.lines

    def _plan(self, line: Line, value: Value, emitted: _Emitted, now: int, limit: int) -> None:
        """When time alone will next change what the line is worth."""
        game = line.market.game
        begins = moment(game.start or "")
        at = 0
        if begins is not None and begins > now and not game.live:
            at = begins
        elif line.moves:
            at = min(
                (
                    late
                    for book, cells in value.counted.items()
                    for cell in cells.values()
                    if (late := cell.at + LATE + 1) > now and line.moved_since(cell.at, book)
                ),
                default=0,
            )
        for best in value.best.values():
            if best.cell.quote.snap and now < (old := best.cell.time + limit + 1) and (not at or old < at):
                at = old
        if at != emitted.deadline:
            emitted.deadline = at
            if at:
                heapq.heappush(self._due, (at, next(self._numbers), line))

    # --- doubt --------------------------------------------------------------------------------------

    def _snapshot_limit(self, market: Market) -> int:
        return min(_SNAPSHOT_LIVE, self._stale_after) if market.game.in_play(self._now) else self._stale_after

    def _doubts(self, value: Value, limit: int) -> dict[str, str | None]:
        """Why each side's record is not to be acted on. What the hold rests on is doubted on every side."""
        shared: set[str] = set()
        if value.hold is None:
            shared.add("incomplete")
        elif value.hold < TOO_GOOD or value.above > TOO_HIGH:
            shared.add("too-good")
        if value.apart > APART:
            shared.add("apart")
        for best in value.best.values():
            self._of_cell(best.cell, limit, shared)
        if value.partial:
            # Else the hold rests on the best prices themselves.
            for cell in value.held.values():
                self._of_cell(cell, limit, shared)
        if not shared and not value.partial:
            return {}
        return {
            side: ",".join(word for word in _WORDS if word in shared or (best.mark and word == "one-sided")) or None
            for side, best in value.best.items()
        }

    def _of_cell(self, cell: Cell, limit: int, out: set[str]) -> None:
        """Add the doubts about one price."""
        link = cell.link
        if cell.quote.snap and self._now - cell.time > limit:
            out.add("snapshot")
        if cell.epoch < link.epoch:
            out.add("gap")
        if link.ill:
            book = cell.quote.what.book
            if book in link.ill or self._settings.names.get(book, book) in link.ill:
                out.add("degraded")

    # --- a record -----------------------------------------------------------------------------------

    def _record(
        self, line: Line, side: str, now: int, value: Value, best: consensus.Best | None, price: Price | None,
        doubt: str | None, main: bool, gone: bool, emitted: _Emitted, before: MarketValue | None,
    ) -> MarketValue:  # fmt: skip
        of = before.of if before is not None and (gone or side not in line.rows) else self._side(line, side, emitted)
        settings = self._settings
        fair, others = value.fair.get(side), value.others.get(side)
        book = None if best is None else best.books[0]
        return MarketValue(
            of,
            main,
            price,
            None if book is None else settings.names.get(book, book),
            0 if best is None else len(best.books),
            None if best is None else settings.plain(best.cell.quote.what.key),
            None if best is None else max(0.0, round((now - best.cell.time) / _SECOND, 3)),
            None if best is None or value.hold is None else round(value.hold, 6),
            None if fair is None else round(fair, 6),
            settings.devig,
            settings.fair,
            value.fair_books,
            None if price is None or others is None else round((1 + price.winnings) * others - 1, 6),
            len(value.counted),
            len(value.out),
            None if before is None else before.best,
            None if before is None else before.best_book,
            None if before is None else before.hold,
            doubt,
            gone,
            emitted.snap,
        )

    def _side(self, line: Line, side: str, emitted: _Emitted) -> Side:
        """Of what a record is, made once for as long as the game's and the selection's facts stay."""
        market = line.market
        row = line.rows[side]
        game, what = market.game, row.what
        facts = (game.home, game.away, game.start, what)
        known = emitted.of.get(side)
        if known is not None and known[0] == facts:
            return known[1]
        made = side_of_line(line, side, self._settings)
        emitted.of[side] = facts, made
        return made


def side_of_line(line: Line, side: str, settings: Settings) -> Side:
    """Of what game and bet a side of a line is, with the identity of the line."""
    market = line.market
    game = market.game
    what = line.rows[side].what if side in line.rows else market.sides[side]
    kind, period, name, subject, ways = market.key
    key = "|".join((game.game_id, kind, "" if ways is None else str(ways), period, name, subject, _number(line.line)))
    own = line.line
    if kind == "spread" and own and side != market.anchor:
        own = -own
    return Side(
        key=key,
        game_id=settings.plain(game.game_id),
        sport=what.sport,
        league=what.league,
        competition=what.competition,
        home=game.home,
        away=game.away,
        start=game.start,
        kind=kind,
        ways=ways,
        period=what.period,
        market=name or None,
        subject=what.subject,
        stat=what.stat,
        player=what.player,
        side=side if side in ("home", "away", "draw") else what.side,
        selection=what.selection,
        line=own,
    )


def _rename(emitted: _Emitted, line: Line) -> None:
    """A side that stood under its team's name is home or away, once that is known: it is the same side."""
    for old in [side for side in emitted.sides if side not in line.rows]:
        name = emitted.sides[old].of.selection
        new = next((side for side, row in line.rows.items() if row.what.selection == name), old)
        if new not in emitted.sides:
            emitted.sides[new] = emitted.sides.pop(old)


def _place(line: Line) -> tuple[str, MarketKey, float | None]:
    return line.market.game.game_id, line.market.key, line.line


_WORDS = ("apart", "too-good", "one-sided", "snapshot", "gap", "incomplete", "degraded")


def _differs(
    before: MarketValue | None, value: Value, side: str, price: Price | None, best: consensus.Best | None,
    doubt: str | None, main: bool, gone: bool,
) -> bool:  # fmt: skip
    """Whether anything changed that is worth a record. The first one is of a side that has a price."""
    if before is None:
        return price is not None and not gone
    if gone:
        return not before.final
    was = before.best
    if (price is None) != (was is None) or (price is not None and was is not None and price.winnings != was.winnings):
        return True
    return (
        doubt != before.doubt
        or main != before.main
        or len(value.counted) != before.books
        or (best is not None and (len(best.books) != before.best_books or best.cell.quote.what.key != before.best_key))
        or _moved(None if best is None else value.hold, before.hold)
        or _moved(value.fair.get(side), before.fair)
    )


def _moved(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= _STEP


def _number(line: float | None) -> str:
    return "" if line is None else f"{line:g}"
