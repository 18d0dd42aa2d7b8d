"""Bytes for a descriptor that may block, gathered, redacted and handed to a writer: the loop never waits for a reader.

Ours because nothing at hand does it: asyncio's pipe transports make stdout non-blocking, which every
program that shares the descriptor then has to bear, and cannot do regular files at all.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from oddstail.sinks.writers import Writer, writer
from oddstail.text import Redactor

#: Bytes that may wait for a reader before we stop reading from the provider.
FULL = 64 * 1024 * 1024
#: Seconds between two hand-overs to the writer: a write for each event would cost more than the event.
_GATHER = 0.002


class Outlet:
    """Bytes in, in order, never blocking.

    `on_error` is called in the loop, once, when the reader is gone (EPIPE) or the write failed.
    """

    def __init__(
        self, fd: int, redactor: Redactor, on_error: Callable[[OSError], None] | None = None, full: int = FULL
    ) -> None:
        self.fd = fd
        self.full = full
        self.error: OSError | None = None
        self._redact = redactor.data
        self._on_error = on_error
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer: Writer | None = None
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._handed_at = 0.0
        self._drained: asyncio.Event | None = None

    @property
    def pending(self) -> int:
        """Bytes taken and not yet written."""
        return self._gathered_size + (self._writer.pending if self._writer is not None else 0)

    @property
    def written(self) -> int:
        """Bytes that the descriptor took."""
        return 0 if self._writer is None else self._writer.written

    @property
    def is_full(self) -> bool:
        return self.error is None and self.pending >= self.full

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
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if self._writer is None:
            self._writer = writer(self.fd, self._loop, self._fail, self._progress)
        data = self._redact(b"".join(self._gathered))
        self._gathered, self._gathered_size = [], 0
        self._writer.write(data)
        self._handed_at = self._loop.time()

    async def room(self) -> None:
        """Wait until half of the buffer is free again, or the outlet failed."""
        # One event for all who wait: several connections may be held up at once.
        drained = self._drained = self._drained or asyncio.Event()
        while self.error is None and self.pending >= self.full // 2:
            drained.clear()
            self.flush()
            if self._writer is not None:
                self._writer.watched = True
            if self.error is None and self.pending >= self.full // 2:
                await drained.wait()

    async def finish(self, seconds: float) -> int:
        """Write out what is left, for at most so long. Returns the bytes that could not be written."""
        self.flush()
        if self._writer is not None:
            await self._writer.close(seconds)
        return self.pending

    # --- what the writer tells, in the loop ---------------------------------------------------------

    def _progress(self) -> None:
        if self._drained is not None and self.pending < self.full // 2:
            self._drained.set()

    def _fail(self, error: OSError) -> None:
        if self.error is not None:
            return
        self.error = error
        if self._drained is not None:
            self._drained.set()
        if self._on_error is not None:
            self._on_error(error)


def appending(path: Path) -> int:
    """A descriptor at the end of a file, made if it is not there. OSError, also for a pipe that has no reader."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o640)
    os.set_blocking(descriptor, True)
    return descriptor
