"""The rotating file store: lines in, in order, never blocking the loop; a thread writes them. The loop's side.

What is decided by the clock or by size is decided here, in the loop, so that a file begins with just
the state that its first line continues; the thread (`writer.py`) only obeys, in order.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from oddstail.capture.closed import Closed
from oddstail.capture.file import SLICE, Unwritable
from oddstail.capture.options import Options
from oddstail.capture.writer import Begin, Call, Command, Finish, Write, Writer
from oddstail.clock import wall
from oddstail.record import stamp

#: Bytes that may wait for the disk before reading from the provider pauses.
FULL = 64 * 1024 * 1024
#: Branches open at a time; the one that was idle longest is finished for a new one, and begun anew when it wakes.
BRANCHES = 200
#: Seconds between two hand-overs to the thread, if it is not a whole write earlier.
_GATHER = 0.02
#: Seconds for a job that is given up to clear away what it made.
_ABORT = 0.5
# What a disk is waited for that does not keep up, by a run that ends by itself, and how often it is looked at.
_SLOW, _GLANCE = 60.0, 0.05
#: Seconds for `--on-rotate` commands once all is written, and after how many of them that is said.
_COMMANDS, _CALM = 60.0, 2.0
#: Seconds for all that, writing included, when it is to end at once: most files are small, and most commands quick.
_GRACE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A file that begins. `part` counts the files of its branch in this run from 1, `at` is in microseconds."""

    branch: str
    part: int
    run: str
    at: int


class Content(Protocol):
    """Whoever makes the lines; see the package's docstring for what each is for."""

    def header(self, opening: Opening) -> bytes:
        """The first line of a file."""
        ...

    def carried(self, branch: str) -> bytes | Iterator[bytes]:
        """What a file must repeat of those before it. An iterator is exhausted in the thread."""
        ...

    def facts(self, branch: str) -> dict[str, Any]:
        """What was put since this was last asked; forgets it."""
        ...

    def scan(self, lines: Iterable[bytes]) -> dict[str, Any]:
        """The same of a file that a crashed run left. Called in a thread: touches nothing of the loop's."""
        ...


@dataclass(slots=True)
class _Branch:
    """What the loop knows of an open file."""

    part: int
    size: int


class Store:
    """`names` are the values of the name's tokens that do not change within a run: provider, feed, label, run."""

    def __init__(
        self,
        options: Options,
        names: Mapping[str, str],
        content: Content,
        *,
        redact: Callable[[bytes], bytes],
        on_error: Callable[[Exception], None],
        say: Callable[[str], None],
        clock: Callable[[], int] = wall,
        full: int = FULL,
    ) -> None:
        self.full = full
        self.error: Exception | None = None
        self._options = options
        self._names = dict(names)
        self._content = content
        self._on_error = on_error
        self._say = say
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._branches: dict[str, _Branch] = {}
        self._parts: dict[str, int] = {}
        self._border: int | None = None
        self._gathered: dict[str, list[bytes]] = {}
        self._gathered_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None
        self._writer = Writer(options, content.scan, redact, self._failed, self._written, self._told(say))
        self._closing = False
        self._begun: asyncio.Event | None = None

    # --- what a run calls -------------------------------------------------------------------------

    async def open(self) -> None:
        """Begin the first file, or raise Unwritable."""
        self._loop = asyncio.get_running_loop()
        begun = self._begun = asyncio.Event()
        self._border = self._options.rotation.border(self._clock())
        self._writer.start()
        self._begin("")
        self.after(lambda: self._call(begun.set))
        await begun.wait()
        if self.error is not None:
            raise self.error

    @property
    def place(self) -> Path:
        """Where the files go, for people."""
        return Path(self._options.template.root)

    @property
    def closed(self) -> Closed:
        """The files closed so far."""
        return self._writer.closed

    @property
    def doing(self) -> str:
        """What closed files still need and get just now, for people."""
        aftercare = self._writer.aftercare
        return aftercare.doing or aftercare.commands.doing

    @property
    def failures(self) -> int:
        """How often writing, packing, `--on-rotate` or `--keep` failed."""
        return self._writer.aftercare.failures + (self.error is not None)

    @property
    def pending(self) -> int:
        """Bytes taken and not yet written."""
        return self._gathered_size + self._writer.queued

    @property
    def is_full(self) -> bool:
        return self.pending >= self.full

    async def room(self) -> None:
        """Wait until half of the buffer is free again, or the store failed."""
        drained = self._drained = self._drained or asyncio.Event()
        while self.error is None and self.pending >= self.full // 2:
            drained.clear()
            self.flush()
            await drained.wait()

    def put(self, data: bytes, branch: str = "") -> None:
        """Take whole lines. What they count is to be counted after, not before: a file may begin with them."""
        if self.error is not None or not data:
            return
        if self._border is not None and self._clock() >= self._border:
            self.rotate()
        state = self._branches.get(branch)
        if state is None:
            state = self._begin(branch)
        elif branch and len(self._branches) >= BRANCHES:
            self._branches[branch] = self._branches.pop(branch)  # used last
        limit = self._options.rotation.size
        if limit is not None and state.size and state.size + len(data) > limit:
            self._end(branch, "rotated")
            state = self._begin(branch)
        state.size += len(data)
        self._gathered.setdefault(branch, []).append(data)
        self._gathered_size += len(data)
        if self._gathered_size >= SLICE:
            self.flush()
        elif self._timer is None and self._loop is not None:
            self._timer = self._loop.call_later(_GATHER, self.flush)

    def tick(self) -> None:
        """The clock: a border passes on a quiet market too."""
        if self.error is None and self._border is not None and self._clock() >= self._border:
            self.rotate()

    def rotate(self) -> None:
        """Finish every file now, and begin the default one anew; branches begin when they have something to say."""
        if self.error is not None or self._closing or self._loop is None:
            return
        for branch in list(self._branches):
            self._end(branch, "rotated")
        self._border = self._options.rotation.border(self._clock())
        self._begin("")

    def flush(self) -> None:
        """Hand over what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._gathered:
            gathered, self._gathered, self._gathered_size = self._gathered, {}, 0
            self._send(*(Write(branch, parts, sum(map(len, parts))) for branch, parts in gathered.items()))

    def after(self, call: Callable[[], object]) -> None:
        """`call()` in the writer's thread, once all that was put until now is written (not yet synced)."""
        self.flush()
        self._send(Call(call))

    def branches(self) -> list[str]:
        """The branches that have a file open."""
        return list(self._branches)

    async def close(self, seconds: float, *, hurry: asyncio.Event | None = None) -> int:
        """Write out and finish every file, within so long, or a minute if nobody is in a `hurry`: a disk may be slow.

        Returns the bytes that could not be written.
        Packing that is still due is then waited for until a second after `hurry` is set, `--on-rotate` commands no
        longer than a minute. What is not packed by then is left whole and plain, and packed at the next start.
        """
        if not self._closing:
            for branch in list(self._branches):
                self._end(branch, "ended")
            self.flush()
            self._closing = True
        ends = monotonic() + (_SLOW if hurry is not None else 0.0)
        while not await asyncio.to_thread(self._writer.stop, _GLANCE) and monotonic() < ends:
            if hurry is not None and hurry.is_set():
                break
        since = monotonic()
        await asyncio.to_thread(self._writer.stop, seconds)
        if hurry is not None:
            await self._looked_after(hurry, max(0.0, _GRACE - (monotonic() - since)))
        await asyncio.to_thread(self._writer.aftercare.abort, _ABORT)
        return self.pending

    async def _looked_after(self, hurry: asyncio.Event, grace: float) -> None:
        aftercare, say = self._writer.aftercare, self._say

        async def hurried() -> None:
            await hurry.wait()
            await asyncio.sleep(grace)

        given_up = asyncio.create_task(hurried())

        async def until(over: Callable[[], bool], seconds: float | None = None) -> None:
            since = monotonic()
            while not (over() or given_up.done() or (seconds is not None and monotonic() - since > seconds)):
                await asyncio.wait([given_up], timeout=0.05)

        await until(lambda: aftercare.idle)
        commands = aftercare.commands
        await until(lambda: not commands.left, _CALM)
        if left := commands.left:
            if not given_up.done():
                say(f"--on-rotate is waited for, {_COMMANDS:.0f} s at most: {len(left)} to do, {left[0].name} first")
            await until(lambda: not commands.left, _COMMANDS - _CALM)
        given_up.cancel()

    # --- files ------------------------------------------------------------------------------------

    def _begin(self, branch: str) -> _Branch:
        if branch and len(self._branches) >= BRANCHES:
            self._end(next(name for name in self._branches if name), "idle")
        now = self._clock()
        part = self._parts[branch] = self._parts.get(branch, 0) + 1
        opening = Opening(branch=branch, part=part, run=self._names["run"], at=now)
        head = self._content.header(opening)
        carried = self._content.carried(branch) if part > 1 or branch else b""
        moment = stamp(now)
        values = {
            **self._names,
            "date": moment[:10],
            "start": moment[:19].replace("-", "").replace(":", "") + "Z",
            "part": f"{part:04d}",
            "split": branch or "all",
        }
        self.flush()
        pieces = iter((head + carried,)) if isinstance(carried, bytes) else chain((head,), carried)
        self._send(Begin(branch, values, pieces, now, part))
        state = self._branches[branch] = _Branch(part, 0)
        return state

    def _end(self, branch: str, why: str) -> None:
        self.flush()
        del self._branches[branch]
        self._send(Finish(branch, self._content.facts(branch), self._clock(), why))

    # --- the thread -------------------------------------------------------------------------------

    def _send(self, *commands: Command) -> None:
        self._writer.take(commands)

    def _failed(self, error: Exception) -> None:
        """In the thread: nothing more can be written."""
        self.error = error
        if self._begun is not None and not self._begun.is_set():
            self._call(self._begun.set)  # `open` raises it
        else:
            self._call(self._on_error, error)
        self._written()

    def _written(self) -> None:
        """In the thread: something left the queue."""
        drained = self._drained
        if drained is not None and (self.error is not None or self._writer.queued < self.full // 2):
            self._call(drained.set)

    def _told(self, say: Callable[[str], None]) -> Callable[[str], None]:
        return lambda text: self._call(say, text)

    def _call(self, function: Callable[..., object], *args: object) -> None:
        if threading.current_thread() is threading.main_thread() and self._loop is None:
            function(*args)
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)


__all__ = ["BRANCHES", "FULL", "Content", "Opening", "Options", "Store", "Unwritable"]
