"""Whole lines out of a capture, however it is packed and wherever it was cut off. Knows no tape."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from oddstail.capture import packing

#: The name that stands for standard input.
STDIN = Path("-")
#: What a gzip file begins with (RFC 1952, 2.3.1).
_GZIP = b"\x1f\x8b"
#: A line is a frame and what is said around it; beyond this it is no line of ours (`--max-frame` is 64 MiB by default).
_LONGEST = 256 * 1024 * 1024


class Lines:
    """The lines of one file, in order, read once. Afterwards `torn` and `broken` say how it ended.

    `torn` are the bytes after the last line end: what a crash cut off. `broken` says what of the packing is wrong.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        self.broken = ""
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            with _opened(self.path) as file:
                while line := file.readline(_LONGEST):
                    self.size += len(line)
                    if line[-1:] != b"\n":
                        self.torn = len(line)
                        return
                    yield line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.broken = f"cut off in the packing ({error})"
        except OSError:
            raise
        except Exception as error:
            # zstandard's error class cannot be named where the library is not installed.
            if type(error).__name__ != "ZstdError":
                raise
            self.broken = f"cut off in the packing ({error})"


def _opened(path: Path) -> IO[bytes]:
    """OSError, or ValueError where zstd is wanted and not installed."""
    if path != STDIN:
        return packing.opened(path)
    raw = io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer))
    return cast(IO[bytes], gzip.open(raw, "rb")) if raw.peek(2)[:2] == _GZIP else raw
