"""A capture for reading: a file, a pipe, or stdin, unpacked by what it begins with, never by its name."""

from __future__ import annotations

import importlib.util
import io
import zlib
from pathlib import Path
from typing import IO, Any, cast

_BLOCK = 1 << 20
#: Bytes of one read of a packed file.
_READ = 1 << 16
#: What packed files begin with (RFC 1952, 2.3.1; RFC 8878, 3.1.1).
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def has_zstd() -> bool:
    """Whether zstd can be had here."""
    return importlib.util.find_spec("zstandard") is not None


def opened(path: Path) -> IO[bytes]:
    """A capture for reading, unpacked. OSError, or ValueError if it needs zstd and that is not installed."""
    return unpacked(open(path, "rb", buffering=0), path)


def unpacked(raw: io.FileIO, path: Path) -> IO[bytes]:
    """The bytes of a file or a pipe, unpacked by what it begins with. A read returns as soon as there is a line."""
    begin = b""
    while len(begin) < 4 and (more := raw.read(4 - len(begin))):
        begin += more
    source = _Begun(raw, begin)
    if begin.startswith(_GZIP_MAGIC):
        return cast(IO[bytes], io.BufferedReader(_Inflated(source), _BLOCK))
    if begin == _ZSTD_MAGIC:
        if not has_zstd():
            raw.close()
            raise ValueError(f"{path} needs zstd; install it with: pip install 'oddstail[zstd]'")
        return cast(IO[bytes], io.BufferedReader(_Decompressed(source), _BLOCK))
    return cast(IO[bytes], io.BufferedReader(source, _BLOCK))


class _Begun(io.RawIOBase):
    """A file of which the first bytes were read already."""

    def __init__(self, raw: io.FileIO, begin: bytes) -> None:
        self._raw = raw
        self._begin = begin

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor that is waited for."""
        return self._raw.fileno()

    def readinto(self, buffer: Any, /) -> int:
        """What is there: no more is waited for."""
        if begin := self._begin:
            size = min(len(begin), len(buffer))
            buffer[:size], self._begin = begin[:size], begin[size:]
            return size
        return self._raw.readinto(buffer) or 0

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Inflated(io.RawIOBase):
    """The members of a gzip file, each as soon as it is there: `gzip` waits for a block of 8 or 128 KiB.

    Raises EOFError where the last member is cut off, zlib.error where one is damaged.
    """

    def __init__(self, source: _Begun) -> None:
        self._source = source
        self._member: Any = None
        self._packed = b""
        #: Whether the member may have more bytes than the last buffer had room for.
        self._has_more = False

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor that is waited for."""
        return self._source.fileno()

    def readinto(self, buffer: Any, /) -> int:
        """Some bytes of a member; 0 at the end of the last one."""
        while True:
            if not self._packed and not self._has_more:
                self._packed = self._source.read(_READ) or b""
                if not self._packed:
                    if self._member is not None:
                        raise EOFError("the last gzip member is cut off")
                    return 0
            if self._member is None:
                # Zeros may follow a member, up to the end of a block.
                self._packed = self._packed.lstrip(b"\0")
                if not self._packed:
                    continue
                self._member = zlib.decompressobj(wbits=31)
            member = self._member
            data = member.decompress(self._packed, len(buffer))
            self._has_more = len(data) == len(buffer) and not member.eof
            if member.eof:
                self._packed, self._member = member.unused_data, None
            else:
                self._packed = member.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


class _Decompressed(io.RawIOBase):
    """The frames of a zstd file, each block as soon as it is there."""

    def __init__(self, source: _Begun) -> None:
        import zstandard

        self._source = source
        self._reader = zstandard.ZstdDecompressor().stream_reader(
            cast(Any, source), read_size=_READ, read_across_frames=True, closefd=False
        )

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor that is waited for."""
        return self._source.fileno()

    def readinto(self, buffer: Any, /) -> int:
        """Some bytes of a frame; 0 at the end of the last one."""
        data = self._reader.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
