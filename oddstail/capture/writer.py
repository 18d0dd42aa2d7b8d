"""The thread that writes a store's files: begins, writes, syncs, finishes, in the order that it is told.

A slow disk slows this thread and nobody else. What takes long and can wait (packing, finding what a
crashed run left, `--on-rotate`) is not done here but in `aftercare.py`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from oddstail.capture import manifest
from oddstail.capture.aftercare import Aftercare
from oddstail.capture.closed import Closed
from oddstail.capture.file import SLICE, OpenFile, Taken, Unwritable, create, reopen
from oddstail.capture.mending import MARK, Scan, mended, settle
from oddstail.capture.names import while_open
from oddstail.capture.options import Options
from oddstail.capture.room import Room

#: Seconds between two looks at what only time can tell.
_CHORES = 1.0
#: ... and the least, however short `--fsync` is.
_SOONEST = 0.05
#: Seconds that the loop may keep the interpreter from the thread once a write is done, instead of Python's 0.005:
#: with that a stream as fast as it is taken was written at 25 MB/s, and up to 55 MB waited; with this, 0.5 MB.
_TURN = 0.0005
#: Bytes of a file within which its header says whose it is.
_HEAD = 64 * 1024
#: Names tried where one is taken.
_TRIES = 10_000


class Begin(NamedTuple):
    """A new file of a branch, and what it begins with."""

    branch: str
    values: Mapping[str, str]
    head: Iterator[bytes]
    at: int
    part: int


class Write(NamedTuple):
    """Whole lines for the branch's file, `size` bytes in all."""

    branch: str
    parts: list[bytes]
    size: int


class Finish(NamedTuple):
    """The branch's file is complete; `facts` are what its maker says of it."""

    branch: str
    facts: dict[str, Any]
    at: int
    why: str


class Call(NamedTuple):
    """Call this, now that all before it is written."""

    call: Callable[[], object]


Command = Begin | Write | Finish | Call


class _Held(NamedTuple):
    """An open file and what its manifest will say of its beginning."""

    file: OpenFile
    begin: Begin
    before: dict[str, Any]


class Writer:
    """Commands in, files out. All but `take`, `stop` and `queued` is the thread's own."""

    def __init__(
        self,
        options: Options,
        scan: Scan,
        redact: Callable[[bytes], bytes],
        on_error: Callable[[Exception], None],
        on_written: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.queued = 0
        self.closed = Closed()
        self.aftercare = Aftercare(options, scan, say, self.closed)
        self._options = options
        self._root = Path(options.template.root)
        self._scan = scan
        self._redact = redact
        self._on_error = on_error
        self._on_written = on_written
        self._say = say
        self._room = Room(self._root, options.min_free)
        self._files: dict[str, _Held] = {}
        self._lock = threading.Condition()
        self._queue: deque[Command] = deque()
        self._stopping = False
        self._every = max(_SOONEST, min(_CHORES, options.fsync or _CHORES))
        self._synced = 0.0
        self._thread = threading.Thread(target=self._work, name="capture", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        sys.setswitchinterval(_TURN)
        self._thread.start()

    def take(self, commands: Iterable[Command]) -> None:
        """From the loop: what is to be done next."""
        with self._lock:
            for command in commands:
                self._queue.append(command)
                if type(command) is Write:
                    self.queued += command.size
            self._lock.notify()

    def stop(self, seconds: float) -> bool:
        """From any thread: do what is left, for at most so long. Whether it is all done."""
        with self._lock:
            self._stopping = True
            self._lock.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    # --- the thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            self._synced = chores = time.monotonic()
            while True:
                with self._lock:
                    if not self._queue and not self._stopping:
                        self._lock.wait(self._every)
                    taken, self._queue = self._queue, deque()
                    stopping = self._stopping
                for command in gathered(taken):
                    self._do(command)
                now = time.monotonic()
                if now - chores >= self._every:
                    chores = now
                    self._chores(now)
                if stopping and not taken:
                    return
        except Exception as error:
            self._fail(error)

    def _do(self, command: Command) -> None:
        match command:
            case Write():
                data = self._redact(b"".join(command.parts))
                self._room.take(len(data))
                self._files[command.branch].file.write(data, time.monotonic())
                with self._lock:
                    self.queued -= command.size
                self._on_written()
            case Begin():
                self._begin(command)
            case Finish():
                self._finish(command)
            case Call():
                command.call()

    def _begin(self, begin: Begin) -> None:
        self._room.look()
        if self._options.append:
            file, before = self._reopened(begin)
        else:
            file, before = self._created(begin), {}
        self._files[begin.branch] = _Held(file, begin, before)
        for piece in begin.head:
            file.write(self._redact(piece), time.monotonic())
        # Whoever reads it now finds a packed file, and not an empty one.
        file.end_member()
        if begin.branch == "" and begin.part == 1:
            # Only now: what is to be found is not what was just made.
            self.aftercare.start(begin.values["run"])

    def _created(self, begin: Begin) -> OpenFile:
        """A file of a name that nothing has. A run's later files step aside; its first says what is in the way."""
        template, live = self._options.template, self._options.compress == "live"
        for bump in range(_TRIES):
            final = self._root / template.path(begin.values, bump)
            if live:
                final = final.with_name(final.name + ".gz")
            if there := manifest.foreign(final):
                if begin.part == 1 and not begin.branch and not template.tokens & {"run", "start", "part"}:
                    raise _in_the_way(there)
                continue
            try:
                return create(self._root, final, live=live)
            except Taken:
                if bump == 0 and (found := settle(final, self._scan, due=self._options.due)):
                    self.aftercare.told(found)
                if bump == 0 and not any(map(os.path.lexists, (final, final.with_name(while_open(final.name))))):
                    return create(self._root, final, live=live)
                first = begin.part == 1 and not begin.branch
                if first and not template.tokens & {"run", "start", "part"}:
                    raise Unwritable(
                        f"{final} already exists; choose another name, put {{start}} into the name, or add --append"
                    ) from None
        raise Unwritable(f"{final} and {_TRIES:,} names like it are taken; clear the directory")

    def _reopened(self, begin: Begin) -> tuple[OpenFile, dict[str, Any]]:
        # Two branches whose names come out alike (both in Cyrillic, say) are no reason to end.
        ours = {held.file.final for held in self._files.values()}
        names = (self._root / self._options.template.path(begin.values, bump) for bump in count())
        path = next(path for path in names if path not in ours)
        if there := manifest.foreign(path):
            raise _in_the_way(there)
        file = reopen(self._root, path)
        begins = os.pread(file.fd, _HEAD, 0)
        if begins and MARK not in begins:
            file.close()
            raise _in_the_way(path)
        torn = mended(file.fd, file.final, packed=None)
        if torn:
            self._say(
                f"{file.final}: a torn last line of {torn:,} bytes was set aside in {manifest.torn(file.final).name}"
            )
        file.size = file.raw = file.final.stat().st_size
        with open(file.final, "rb") as lines:
            before = self._scan(lines) if file.size else {}
            lines.seek(0)
            while piece := lines.read(1 << 20):
                file.sha256.update(piece)
        return file, before

    def _finish(self, finish: Finish, *, complete: bool = True) -> None:
        held = self._files.pop(finish.branch)
        file = held.file
        try:
            file.end_member()
            told = manifest.of(
                file.final,
                facts=manifest.merged(held.before, finish.facts),
                opened=held.begin.at,
                closed=finish.at,
                run=held.begin.values["run"],
                part=held.begin.part,
                why=finish.why,
                complete=complete,
                size=file.size,
                raw=file.raw,
                sha256=file.sha256.hexdigest(),
                due=self._options.due,
            )
            file.sync()
            manifest.write(file.final, told)
            file.finish()
        finally:
            file.close()
        self.closed.note(file.final, told)
        self.aftercare.closed(file.final)

    def _chores(self, now: float) -> None:
        fsync = self._options.fsync
        due = fsync is not None and now - self._synced >= fsync
        if due:
            self._synced = now
        self._room.look()
        for held in self._files.values():
            held.file.tick(now)
            if due:
                held.file.sync()

    def _fail(self, error: Exception) -> None:
        """What can still be finished is; nothing more is taken."""
        for held in self._files.values():
            held.file.close()
            # From the file itself: what was counted is not all in it.
            with contextlib.suppress(Unwritable):
                if found := settle(held.file.final, self._scan, "failed", self._options.due):
                    self.closed.note(found.path, manifest.read(found.path) or {})
        self._files.clear()
        with self._lock:
            # What waits is lost, and counted: `queued` stays what it is.
            self._queue.clear()
        self._on_error(error)


def gathered(commands: Iterable[Command]) -> Iterator[Command]:
    """The same, what is written to one file at a stretch put together, a slice at a time."""
    held: Write | None = None
    for command in commands:
        if held is not None:
            if type(command) is Write and command.branch == held.branch and held.size + command.size <= SLICE:
                held = Write(held.branch, held.parts + command.parts, held.size + command.size)
                continue
            yield held
        held = command if type(command) is Write else None
        if held is None:
            yield command
    if held is not None:
        yield held


def _in_the_way(there: Path) -> Unwritable:
    return Unwritable(f"{there} already exists and was not written by oddstail; move it or choose another name")
