"""A file descriptor that may block, written by a thread of its own, so that the loop never waits for a reader.

Ours because nothing at hand does it: asyncio's pipe transports make stdout non-blocking, which every
program that shares the descriptor then has to bear, and cannot do regular files at all.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import threading
from collections.abc import Callable

from oddstail.text import Redactor

#: Bytes that may wait for a reader before we stop reading from the provider.
FULL = 64 * 1024 * 1024
#: Seconds between two hand-overs to the thread: waking it for each event would cost more than the event.
_GATHER = 0.002
#: Bytes for one write: what a blocked one holds is not known to be written until it returns.
_SLICE = 64 * 1024


class Outlet:
    """Bytes in, in order, never blocking; a thread writes them out.

    `on_error` is called in the loop, once, when the reader is gone (EPIPE) or the write failed.
    """

    def __init__(
        self, fd: int, redactor: Redactor, on_error: Callable[[OSError], None] | None = None, full: int = FULL
    ) -> None:
        self.fd = fd
        self.full = full
        self.error: OSError | None = None
        self.written = 0
        self._redact = redactor.data
        self._on_error = on_error
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._handed_at = 0.0
        self._lock = threading.Condition()
        self._queue: list[bytes] = []
        self._queued = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._drained: asyncio.Event | None = None

    @property
    def pending(self) -> int:
        """Bytes taken and not yet written."""
        return self._gathered_size + self._queued

    @property
    def is_full(self) -> bool:
        return self.pending >= self.full

    def put(self, data: bytes) -> None:
        """Take bytes; whole lines, so that a secret cannot hide on a border. Dropped once the outlet failed."""
        if self.error is not None or not data:
            return
        self._gathered.append(data)
        self._gathered_size += len(data)
        if self._timer is None:
            loop = self._loop
            if loop is None:
                loop = self._loop = asyncio.get_running_loop()
            wait = self._handed_at + _GATHER - loop.time()
            if wait <= 0:
                self.flush()
            else:
                self._timer = loop.call_later(wait, self.flush)

    def flush(self) -> None:
        """Hand over what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._gathered:
            return
        if self._loop is not None:
            self._handed_at = self._loop.time()
        data = self._redact(b"".join(self._gathered))
        self._gathered, self._gathered_size = [], 0
        with self._lock:
            self._queue.append(data)
            self._queued += len(data)
            if self._thread is None or not self._thread.is_alive():
                self._closing = False
                self._thread = threading.Thread(target=self._write, name=f"outlet-{self.fd}", daemon=True)
                self._thread.start()
            self._lock.notify()

    async def room(self) -> None:
        """Wait until half of the buffer is free again, or the outlet failed."""
        # One event for all who wait: several connections may be held up at once.
        drained = self._drained = self._drained or asyncio.Event()
        while self.error is None and self.pending >= self.full // 2:
            drained.clear()
            self.flush()
            await drained.wait()

    async def finish(self, seconds: float) -> int:
        """Write out what is left, for at most so long. Returns the bytes that could not be written."""
        self.flush()
        with self._lock:
            self._closing = True
            self._lock.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, seconds)
        return self.pending

    # --- the thread -------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            with self._lock:
                while not self._queue and not self._closing:
                    if not self._lock.wait(1.0) and self._reader_is_gone():
                        self._fail(BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)))
                        return
                if not self._queue:
                    return
                data, self._queue = b"".join(self._queue), []
            try:
                self._all(data)
            except OSError as error:
                self._fail(error)
                return

    def _all(self, data: bytes) -> None:
        """Every byte, over short writes and a descriptor that somebody else made non-blocking."""
        view = memoryview(data)
        while view:
            try:
                done = os.write(self.fd, view[:_SLICE])
            except BlockingIOError:
                select.select([], [self.fd], [])
                continue
            view = view[done:]
            self.written += done
            self._queued -= done
            drained = self._drained
            if drained is not None and self._queued < self.full // 2:
                self._call(drained.set)

    def _reader_is_gone(self) -> bool:
        """A pipe without a reader says so before the next write, which on a quiet market may be far off."""
        poll = select.poll()
        poll.register(self.fd, 0)
        return any(event & (select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))

    def _fail(self, error: OSError) -> None:
        self.error = error
        if self._drained is not None:
            self._call(self._drained.set)
        if self._on_error is not None:
            self._call(self._on_error, error)

    def _call(self, function: Callable[..., object], *args: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)
