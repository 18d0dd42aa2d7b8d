"""Runs told again at a pace: in order of arrival, on a clock of their own. Stands where live sessions do."""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from itertools import chain

from oddstail import local_time
from oddstail.clock import Clock
from oddstail.model import Batch, End, Failure, Gap, Lost, Opened, Provider, Request
from oddstail.reader import Wants
from oddstail.replay.between import Between
from oddstail.replay.feed import items
from oddstail.replay.reading import Reading
from oddstail.replay.records import Reread
from oddstail.replay.retold import Retold
from oddstail.replay.runs import Asked, Taped
from oddstail.replay.telling import Telling

#: Seconds of work after which others get their turn: the ticker, signals, whoever writes.
_TURN = 0.02
#: How many batches are told between two looks at the clock.
_LOOK = 32
#: Events that a part of a large frame has at least.
_MANY = 500


#: New connections by their numbers, and a batch; None where others may have their turn.
_Moment = tuple[list[tuple[int, Request]], Batch | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast, and what of it. `speed` None is as fast as it goes; times are microseconds since the epoch.

    `max_pause` is the longest wait in seconds between two batches, as the viewer waits it.
    """

    speed: float | None = None
    max_pause: float | None = None
    since: int | None = None
    until: int | None = None


@dataclass(slots=True, kw_only=True)
class Player:
    """What was captured, as a source of batches like a live session. `at` is the tape's clock."""

    runs: list[Taped]
    pace: Pace
    wants: Wants
    provider: Callable[[str], Provider]
    introduce: Callable[[int, Request], None]
    named: Callable[[int, str], None]
    clock: Clock = field(default_factory=Clock)
    at: int = 0
    #: Of the times of day that people read.
    zone: tzinfo = UTC
    exit: int | None = None
    end: End | None = None
    reason: str = ""
    conn: int = 0
    label: str = "replay"
    conns: int = 0
    top: int = 0
    _told: list[Telling] = field(default_factory=list)
    _past: int = 0
    _held: float | None = None
    _lag: float = 0.0
    #: When the latest batch is due by the steady clock, and when it came, in microseconds.
    _due: float = 0.0
    _last: int = 0
    #: Up to when any run knows of anything.
    _over: int = 0
    #: Connections that are down, and those that never come back.
    _lost: set[int] = field(default_factory=set)
    _gone: set[int] = field(default_factory=set)
    _told_at: float = 0.0
    _next_at: int = 0
    _reading: Reading = field(init=False)
    _taken: set[int] = field(default_factory=set)
    _between: Between = field(default_factory=Between)
    #: What the runs ask for of which nothing was told yet.
    _later: list[frozenset[Asked]] = field(default_factory=list)
    #: Connections that the next batch may be of, and that nobody was told of.
    _new: list[tuple[int, Request]] = field(default_factory=list)
    #: Whether `until` was reached, and when the latest batch before it came.
    _cut: bool = False
    _end: int = 0

    def __post_init__(self) -> None:
        self._reading = Reading(self.runs)

    # --- what a run calls -------------------------------------------------------------------------

    async def events(self) -> AsyncGenerator[Batch, None]:
        """Everything, in order of arrival."""
        pace, sleep, steady = self.pace, self.clock.sleep, self.clock.steady
        turn, looks, first = steady(), 0, False
        async for introductions, batch in self._moments():
            for conn, request in introductions:
                self.introduce(conn, request)
            looks += 1
            if (batch is None or not looks % _LOOK or _is_part(batch)) and steady() - turn > _TURN:
                await sleep(0)
                turn = steady()
            if batch is None:
                continue
            recv = batch.recv
            if not first:
                first, self._last, self._due = True, recv, steady()
                self.at, self._told_at = recv, self._due
            if pace.speed is not None and await self._wait(recv):
                turn = steady()
            if recv > self.at:
                self.at, self._told_at = recv, steady()
            yield batch
        if self._cut:
            if first and pace.until is not None:
                await self._wait(pace.until)
            self.at, self.reason = pace.until or self.at, "the requested part ends here"
            return
        verb = "ends" if self.kind == "the tape" else "end"
        self.reason = f"{self.kind} {verb} here"
        if pace.since is not None and not first:
            # What the captured run said last is no word on a part that it does not have.
            self.at, self.reason = max(self.at, self._end), f"nothing to tell: {self.kind} {verb} before --from"
            return
        if first:
            # What came last may have told nothing: heartbeats, the end of the run.
            await self._wait(self._over)
        self.at = max(self.at, self._over)
        if len(self._told) == 1 and self._told[0].end is not None:
            self.at, self.end = self._told[0].end

    async def _moments(self) -> AsyncGenerator[_Moment, None]:
        """The batches with the connections that are new by then. A read that may wait for its writer has a thread."""
        if any(part.lines is not None for run in self.runs for part in run.parts):
            async with aclosing(items(self._introduced())) as moments:
                async for moment in moments:
                    yield moment
            return
        for moment in self._introduced():
            yield moment

    def _introduced(self) -> Iterator[_Moment]:
        for batch in chain(self._chosen(), [None]):
            new, self._new = self._new, []
            yield new, batch

    def _chosen(self) -> Iterator[Batch | None]:
        """What lies between `since` and `until`; None where others may have their turn."""
        since, until = self.pace.since, self.pace.until
        awaited, filled, skipped = self._between.awaited, self._between.filled, 0
        batches = self._merged()
        for batch in batches:
            if until is not None and batch.recv >= until:
                yield from self._unwatched(chain([batch], batches), until)
                self._cut = True
                return
            if awaited and batch.conn in awaited:
                batch = filled(batch)
            if until is not None:
                self._follow(batch)
            self._end = max(self._end, batch.recv)
            if since is None or batch.recv >= since:
                yield batch
                continue
            skipped += 1
            if not skipped % _LOOK or _is_part(batch):
                yield None

    async def _wait(self, recv: int) -> bool:
        """Until it is `recv` on the tape's clock, at the pace; whether there was anything to wait for."""
        if self.pace.speed is None:
            return False
        # A clock that was set back while the tape ran costs no wait, and one set forward no long one.
        pause = max(0, recv - self._last) / 1e6 / self.pace.speed
        self._due += (pause if self.pace.max_pause is None else min(pause, self.pace.max_pause)) + self._lag
        self._last, self._lag, self._next_at = recv, 0.0, recv
        wait = self._due - self.clock.steady()
        if wait > 0:
            await self.clock.sleep(wait)
        return wait > 0

    def _follow(self, batch: Batch) -> None:
        """Which links are lost, for a tape that is told up to some moment."""
        opened = False  # by which a gap that is told with it is over
        for event in batch.events:
            if type(event) is Opened:
                opened = True
                self._lost.discard(batch.conn)
            elif type(event) is Lost or (type(event) is Gap and not opened):
                self._lost.add(batch.conn)

    def _unwatched(self, later: Iterable[Batch], until: int) -> Iterator[Batch | None]:
        """The gaps that began before `until` and reach beyond it, up to there. What comes `later` tells of them."""
        awaited = self._between.awaited
        down = {*self._lost, *awaited} - self._gone
        for number, batch in enumerate(later) if down else ():
            if batch.conn in down:
                batch = self._between.filled(batch) if batch.conn in awaited else batch
                gaps = [event for event in batch.events if type(event) is Gap and event.start < until]
                if any(isinstance(event, (Opened, Gap)) for event in batch.events):
                    down.discard(batch.conn)
                if gaps:
                    yield Batch(batch.conn, until, [_up_to(gap, until) for gap in gaps])
            down -= self._gone
            if not down:
                break
            if not number % _LOOK or _is_part(batch):
                yield None

    @property
    def kind(self) -> str:
        """What tells it, for people."""
        return "the records" if all(run.kind == "records" for run in self.runs) else "the tape"

    def progress(self) -> str:
        """How far it is, for people."""
        return f"replay: {local_time.dated(self.now - self.now % 60_000_000, self.zone)}, {self._reading}"

    def tick(self) -> Batch:
        """Nothing that time could tell was not told on the tape."""
        return Batch(0, self.at, [])

    def cut(self, failure: Failure) -> None:
        """There is no link to cut."""

    def hold(self) -> None:
        """The tape's clock stops while our own output is held up."""
        self._held = self.clock.steady()

    def resume(self) -> None:
        """It goes on."""
        if self._held is not None:
            self._lag += self.clock.steady() - self._held
            self._held = None

    def ended(self) -> Batch:
        """What is still open at the end of a tape was still open."""
        return Batch(0, self.at, [])

    def silent(self, now: float) -> float:
        """A tape is never silent: its clock jumps."""
        return 0.0

    @property
    def now(self) -> int:
        """The tape's clock, which runs on between two batches."""
        if self.pace.speed is None or not self._next_at:
            return self.at
        return min(self._next_at, self.at + round((self.clock.steady() - self._told_at) * self.pace.speed * 1e6))

    @property
    def is_open(self) -> bool:
        return any(one.opened is not None for told in self._told for one in told.standing())

    @property
    def doubles(self) -> int:
        """What came twice, over all runs."""
        return self._past + sum(told.doubles for told in self._told)

    # --- runs -------------------------------------------------------------------------------------

    def _merged(self) -> Iterator[Batch]:
        """The batches of all runs. A run is opened only when its time has come: there may be a year of them."""
        if len(self.runs) == 1:
            self._told = [self._retold(self.runs[0])]
            yield from self._told[0].batches()
            self._ends(self._told[0])
            return
        waiting = sorted(enumerate(self.runs), key=lambda pair: pair[1].start, reverse=True)
        self._later = [run.asked for _, run in waiting]
        going: list[_Going] = []
        while waiting or going:
            while waiting and (not going or waiting[-1][1].start <= going[0][0]):
                order, run = waiting.pop()
                self._later.pop()
                told = self._retold(run)
                self._told.append(told)
                _push(going, order, run.start, told.batches(), told)
            at, order, batch, batches, told = heapq.heappop(going)
            if batch is not None:
                yield batch
                _push(going, order, at, batches, told)
                continue
            lost = told.over()
            self._ends(told)
            if going or waiting:
                yield from lost
            self._told.remove(told)
            self._past += told.doubles

    def _ends(self, told: Telling) -> None:
        """A run has nothing more."""
        self._over = max(self._over, told.last, told.end[0] if told.end is not None else 0)

    def _retold(self, run: Taped) -> Telling:
        numbers = _Numbers(self, None if self.top else run)
        if run.kind == "records":
            return Reread(run, numbers, self.pace.since)
        return Retold(run, numbers, self.provider, self.wants, self.pace.since)


def _is_part(batch: Batch) -> bool:
    """Return whether this may be a part of a large frame: it took about as long as `_LOOK` ordinary batches."""
    return not batch.events or len(batch.events) > _MANY


#: When a run has something to tell, which one in order, what (None: nothing more), and where it comes from.
_Going = tuple[int, int, Batch | None, Iterator[Batch], Telling]


def _up_to(gap: Gap, until: int) -> Gap:
    """As much of it as was over then: whether it would be filled nobody could know."""
    if gap.end <= until:
        return gap
    return replace(gap, end=until, seconds=min(gap.seconds, (until - gap.start) / 1e6), resumed="no")


def _push(going: list[_Going], order: int, at: int, batches: Iterator[Batch], told: Telling) -> None:
    """What a run tells next, or that it is over, in its place."""
    batch = next(batches, None)
    # A clock that was set back does not put a run's batches out of their order.
    heapq.heappush(going, (max(at, told.last if batch is None else batch.recv), order, batch, batches, told))


class _Numbers:
    """The first run keeps its connections' numbers. Those of another come after, or go on where one has ended."""

    def __init__(self, player: Player, first: Taped | None = None) -> None:
        self._player = player
        self._keeps = first is not None
        if first is not None:
            player.top = max(first.conns, default=0)

    def __call__(self, conn: int, request: Request) -> int:
        player = self._player
        number = player._between.number(request)
        if number is None:
            number = conn if self._keeps and conn not in player._taken else player.top + 1
            player._taken.add(number)
            player.top = max(player.top, number)
            player.conns += 1
            player._new.append((number, request))
        player._between.begins(number, request)
        player._gone.discard(number)
        return number

    def over(self, conn: int, request: Request, until: int | None, later: Iterable[Request]) -> bool:
        player = self._player
        player._between.over(conn, until)
        later = [*later]
        if not later and not player._between.comes(request, player._later):
            # In a file that somebody joined another run yet may ask for it again.
            player._gone.add(conn)
        return player._between.follows(request, [*later, *player._later])

    def named(self, number: int, run: str) -> None:
        self._player.named(number, run)

    def another(self) -> _Numbers:
        return _Numbers(self._player)
