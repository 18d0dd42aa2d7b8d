"""Who writes the bytes of an outlet: the loop itself where a write cannot block, a thread where it can.

Handing bytes to a thread costs a wake-up and the interpreter's lock for each, which on a busy feed
is a quarter of the whole; but a terminal (Ctrl-S) and a disk leave no other way. A pipe does: opened anew through
`/proc`, it has a description of our own, and making that one non-blocking changes it for nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import stat
import threading
from collections.abc import Callable
from typing import Protocol

#: Bytes for one write: what a blocked one holds is not known to be written until it returns.
_SLICE = 64 * 1024
#: Seconds between two looks at whether the reader is gone, when there is nothing to write.
_LOOK = 1.0

Failed = Callable[[OSError], None]
Progress = Callable[[], None]


class Writer(Protocol):
    """Takes bytes in order. `pending` are taken and not written; `written` were taken by the descriptor.

    `watched` asks for a call of `progress` whenever some more are written.
    """

    pending: int
    written: int
    watched: bool

    def write(self, data: bytes) -> None:
        """Take bytes. Never blocks."""

    async def close(self, seconds: float) -> None:
        """Write what is left, for at most so long."""


def writer(fd: int, loop: asyncio.AbstractEventLoop, failed: Failed, progress: Progress) -> Writer:
    """The one that suits a descriptor. `failed` and `progress` are called in the loop."""
    own = _never_blocking(fd)
    if own is None:
        return ThreadWriter(fd, loop, failed, progress)
    return LoopWriter(own, loop, failed, progress)


def _never_blocking(fd: int) -> int | None:
    """A descriptor for the same thing that never blocks, and is ours alone; None if there can be none."""
    try:
        mode = os.fstat(fd)
        if stat.S_ISFIFO(mode.st_mode):
            # Elsewhere than on Linux this either fails or shares the flags, and then it would not be ours.
            return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if stat.S_ISCHR(mode.st_mode) and mode.st_rdev == os.stat(os.devnull).st_rdev:
            return os.dup(fd)
    except OSError:
        pass
    return None


def _reader_is_gone(fd: int) -> bool:
    """A pipe without a reader says so before the next write, which on a quiet market may be far off."""
    poll = select.poll()
    poll.register(fd, 0)
    return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


def _closed() -> OSError:
    return BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class LoopWriter:
    """Writes at once, in the loop, to a descriptor that never blocks; what it does not take waits until it does."""

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, failed: Failed, progress: Progress) -> None:
        self.pending = 0
        self.written = 0
        self.watched = False
        self._fd = fd
        self._loop = loop
        self._failed = failed
        self._progress = progress
        self._left: list[memoryview] = []
        self._open = True
        self._idle: asyncio.Event | None = None
        self._look = loop.call_later(_LOOK, self._look_at_reader)

    def write(self, data: bytes) -> None:
        """Take bytes; most are written when this returns."""
        if not self._open:
            return
        self.pending += len(data)
        waits = bool(self._left)
        self._left.append(memoryview(data))
        if not waits:
            self._out()
            if self._open and self._left:
                self._loop.add_writer(self._fd, self._out)

    async def close(self, seconds: float) -> None:
        """Write what is left, for at most so long, and give the descriptor back."""
        if self._left and self._open:
            self._idle = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)
        self._end()

    def _out(self) -> None:
        """Write what it takes."""
        try:
            while self._left:
                part = self._left[0]
                done = os.write(self._fd, part)
                self.written += done
                self.pending -= done
                if done == len(part):
                    self._left.pop(0)
                else:
                    self._left[0] = part[done:]
        except BlockingIOError:
            pass
        except OSError as error:
            self._fail(error)
            return
        if self.watched:
            self._progress()
        if not self._left:
            self._loop.remove_writer(self._fd)
            if self._idle is not None:
                self._idle.set()

    def _look_at_reader(self) -> None:
        if not self._left and _reader_is_gone(self._fd):
            self._fail(_closed())
        elif self._open:
            self._look = self._loop.call_later(_LOOK, self._look_at_reader)

    def _fail(self, error: OSError) -> None:
        self._end()
        if self._idle is not None:
            self._idle.set()
        self._failed(error)

    def _end(self) -> None:
        if self._open:
            self._open = False
            self._look.cancel()
            self._loop.remove_writer(self._fd)
            os.close(self._fd)


class ThreadWriter:
    """Writes in a thread of its own, which may block as long as it likes."""

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, failed: Failed, progress: Progress) -> None:
        self.pending = 0
        self.written = 0
        self.watched = False
        self._fd = fd
        self._loop = loop
        self._failed = failed
        self._progress = progress
        self._lock = threading.Condition()
        self._queue: list[bytes] = []
        self._closing = False
        self._over = False
        self._thread: threading.Thread | None = None

    def write(self, data: bytes) -> None:
        """Take bytes; the thread starts with the first."""
        with self._lock:
            if self._over:
                return
            self._queue.append(data)
            self.pending += len(data)
            if self._thread is None or not self._thread.is_alive():
                self._closing = False
                self._thread = threading.Thread(target=self._run, name=f"writer-{self._fd}", daemon=True)
                self._thread.start()
            self._lock.notify()

    async def close(self, seconds: float) -> None:
        """Write what is left, for at most so long."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, seconds)

    # --- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                with self._lock:
                    while not self._queue and not self._closing:
                        if not self._lock.wait(_LOOK) and _reader_is_gone(self._fd):
                            raise _closed()
                    if not self._queue:
                        return
                    data, self._queue = b"".join(self._queue), []
                self._all(data)
        except OSError as error:
            with self._lock:
                self._over = True
            self._call(self._failed, error)

    def _all(self, data: bytes) -> None:
        """Every byte, over short writes and a descriptor that somebody else made non-blocking."""
        view = memoryview(data)
        while view:
            try:
                done = os.write(self._fd, view[:_SLICE])
            except BlockingIOError:
                select.select([], [self._fd], [])
                continue
            view = view[done:]
            with self._lock:
                self.written += done
                self.pending -= done
            if self.watched:
                self._call(self._progress)

    def _call(self, function: Callable[..., object], *args: object) -> None:
        # The loop may be closed at any moment: nobody is there to be told any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)
