"""Whole lines out of a capture, however it is packed and wherever it was cut off. Knows no tape."""

from __future__ import annotations

import gzip
import io
import os
import select
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from oddstail.capture import source
from oddstail.capture.names import PACKED, once_closed
from oddstail.model import UsageError

#: The name that stands for standard input.
STDIN = Path("-")
#: A line is a frame and what is said around it: of 64 MiB (`--max-frame`) JSON makes six times as much at worst.
#: What is longer, by a greater `--max-frame` or as no file of ours, is left out and said.
_LONGEST = 512 * 1024 * 1024
_BLOCK = 1 << 20


class Lines:
    """The lines of one file, in order, read once. Afterwards `torn` and `broken` say how it ended.

    `torn` are the bytes after the last line end: what a crash cut off. `broken` says what of the packing is wrong,
    `long` of each line that was left out how long it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self.broken = ""
        self.long: list[str] = []
        self.size = 0
        self._poll: select.poll | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether more is to come that is not here yet: nothing to read, and a writer."""
        return self._poll is not None and not self._poll.poll(0)

    def __iter__(self) -> Iterator[bytes]:
        try:
            with _opened(self.path) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    self._poll = select.poll()
                    self._poll.register(file.fileno(), select.POLLIN)
                while line := _line(file):
                    self.size += len(line)
                    if line[-1:] == b"\n":
                        yield line
                        continue
                    size, ended = _passed(file, len(line)) if len(line) == _LONGEST else (len(line), False)
                    if not ended:
                        self.torn = size
                        return
                    self.long.append(f"a line of {size:,} bytes is more than the {_LONGEST:,} that are read")
            self._poll = None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.broken = str(error)
        except OSError:
            raise
        except Exception as error:
            # zstandard's error class cannot be named where the library is not installed.
            if type(error).__name__ != "ZstdError":
                raise
            self.broken = str(error)


def present(path: Path) -> Path:
    """The name that a capture has now: a run may close it, and pack it, while it is read."""
    if path != STDIN and not os.path.lexists(path):
        plain = path.with_name(once_closed(path.name))
        for name in (plain.name, *(plain.name + ending for ending in PACKED)):
            if path.with_name(name).is_file():
                return path.with_name(name)
    return path


def _line(file: IO[bytes]) -> bytes:
    """Read a line, or `_LONGEST` bytes of a longer one; empty at the end of the file.

    `readline` joins the pieces of a long line, so that it is in memory twice; a BytesIO hands out its own buffer.
    """
    line = file.readline(min(_BLOCK, _LONGEST))
    if len(line) < min(_BLOCK, _LONGEST) or line[-1:] == b"\n":
        return line
    whole = io.BytesIO()
    whole.write(line)
    while whole.tell() < _LONGEST and (line := file.readline(min(_BLOCK, _LONGEST - whole.tell()))):
        whole.write(line)
        if line[-1:] == b"\n":
            break
    return whole.getvalue()


def _passed(file: IO[bytes], size: int) -> tuple[int, bool]:
    """Read on to the end of a line of which so many bytes were read. How long it is, and whether it has an end."""
    while block := file.readline(_BLOCK):
        size += len(block)
        if block[-1:] == b"\n":
            return size, True
    return size, False


def _opened(path: Path) -> IO[bytes]:
    """OSError, ValueError where zstd is wanted and not installed, or UsageError for a stdin that is a terminal."""
    if path != STDIN:
        return source.opened(present(path))
    if os.isatty(0):
        raise UsageError("-: stdin is a terminal; pipe a capture into it, or name a file")
    # Not sys.stdin: its lock is held by a read that waits, and the end of the process would wait for it.
    return source.unpacked(io.FileIO(0, closefd=False), path)
