"""Captures into a FIFO, a device or a descriptor: plain lines after one header. Nothing rotates, nothing is packed."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path

from oddstail.capture.file import Unwritable
from oddstail.capture.options import Stream
from oddstail.capture.store import Content, Opening
from oddstail.sinks.outlet import Outlet
from oddstail.text import Redactor


class ReaderLeft(Exception):  # noqa: N818 - says what happened
    """The reader of a stream left; the text is the name of the stream."""


class Direct:
    """Stands where a `Store` does, for one stream."""

    def __init__(
        self, stream: Stream, content: Content, redactor: Redactor, on_error: Callable[[Exception], None]
    ) -> None:
        self._stream = stream
        self._content = content
        self._on_error = on_error
        self._outlet = Outlet(stream.fd, redactor, self._failed)

    def open(self, run: str, at: int) -> None:
        """Begin with the header of the one part that there is."""
        self._outlet.put(self._content.header(Opening(branch="", part=1, run=run, at=at)))

    @property
    def place(self) -> Path:
        """Where it goes, for people."""
        return Path(self._stream.name)

    @property
    def error(self) -> OSError | None:
        """Why nothing more is written."""
        return self._outlet.error

    @property
    def has_failed(self) -> bool:
        """Whether it failed, and not only lost its reader."""
        return self.error is not None and self.error.errno != errno.EPIPE

    @property
    def pending(self) -> int:
        """Bytes taken and not yet written."""
        return self._outlet.pending

    @property
    def is_full(self) -> bool:
        return self._outlet.is_full

    async def room(self) -> None:
        """Wait until half of the buffer is free again, or the stream failed."""
        await self._outlet.room()

    def put(self, data: bytes, branch: str = "") -> None:
        """Take whole lines."""
        self._outlet.put(data)

    def branches(self) -> list[str]:
        """The one that there is."""
        return [""]

    def tick(self) -> None:
        """No manifest says what was put: it is forgotten."""
        self._content.facts("")

    async def close(self, seconds: float) -> int:
        """Write what is left, for at most so long; the bytes that a reader that is still there did not take."""
        left = await self._outlet.finish(seconds)
        with contextlib.suppress(OSError):
            os.close(self._stream.fd)
        return 0 if self.error is not None else left

    def _failed(self, error: OSError) -> None:
        if error.errno == errno.EPIPE:
            self._on_error(ReaderLeft(self._stream.name))
        else:
            self._on_error(Unwritable(f"{self._stream.name} cannot be written: {error.strerror}; name another output"))
