"""Packing a closed file. gzip is at hand, zstd where it is installed."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from oddstail.capture import manifest
from oddstail.capture.file import FILE_MODE, Unwritable, is_at, lock, publish, unwritable
from oddstail.capture.names import PACKED, Packing
from oddstail.capture.source import opened

_BLOCK = 1 << 20
_GZIP, _ZSTD = 6, 3
_ENDING = {kind: ending for ending, kind in PACKED.items()}


class Aborted(Exception):  # noqa: N818
    """Packing was given up; the plain file is as it was."""


def pack(
    path: Path, kind: Packing, aborted: threading.Event, step: Callable[[int], None] = lambda _: None
) -> Path | None:
    """Pack a closed file and delete the plain one, its manifest kept in step. Returns the new path.

    At every instant one whole copy has a name; a kill may leave both, and the next start drops one. None if the file
    is gone, or another run packs it. Unwritable if there is no room; Aborted if asked to stop.

    `step` is called with the bytes that have been read so far.
    """
    final = path.with_name(path.name + _ENDING[kind])
    try:
        plain = open(path, "rb")  # noqa: SIM115 - `with` comes after what may fail
    except FileNotFoundError:
        return None
    with plain:
        # Two that pour into one fresh file would publish neither's bytes.
        if not lock(plain.fileno()) or not is_at(path, plain.fileno()):
            return None
        told = manifest.read(path) or {}
        try:
            told |= _packed(plain, final, kind, aborted, step)
        except OSError as error:
            raise unwritable(final, error) from None
        manifest.write(final, {**told, "file": final.name, "due": None})
        os.unlink(path)
    return final


def fresh(final: Path) -> Path:
    """What a packed file is called until it is whole: no `*.ndjson*` finds it. A kill may leave it behind."""
    return final.with_name(f".{manifest.stem(final)}{final.suffix}.new")


def _packed(
    plain: IO[bytes], final: Path, kind: Packing, aborted: threading.Event, step: Callable[[int], None]
) -> dict[str, Any]:
    """Make the packed file, or find it there; its size and sum."""
    if not final.exists():
        made = fresh(final)
        digest = _Sum(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE))
        try:
            try:
                _pour(plain, digest, kind, aborted, step)
                os.fsync(digest.fd)
            finally:
                os.close(digest.fd)
            publish(made, final)
        except (OSError, Aborted):
            with contextlib.suppress(OSError):
                os.unlink(made)
            raise
        return {"bytes": digest.size, "sha256": digest.sha256.hexdigest()}
    # A run died between the two names; or somebody put something there.
    if not _same(plain, final):
        name = final.name.removesuffix(_ENDING[kind])
        raise Unwritable(f"{final} already exists and is not {name} packed; move it. {name} is kept")
    with open(final, "rb") as packed:
        return {"bytes": final.stat().st_size, "sha256": hashlib.file_digest(packed, "sha256").hexdigest()}


def _pour(plain: IO[bytes], out: _Sum, kind: Packing, aborted: threading.Event, step: Callable[[int], None]) -> None:
    if kind == "gzip":
        packer: Any = gzip.GzipFile(filename="", fileobj=cast(Any, out), mode="wb", compresslevel=_GZIP, mtime=0)
    else:
        import zstandard

        packer = zstandard.ZstdCompressor(level=_ZSTD, write_checksum=True).stream_writer(cast(Any, out), closefd=False)
    with packer:
        while block := plain.read(_BLOCK):
            if aborted.is_set():
                raise Aborted
            packer.write(block)
            step(plain.tell())


def _same(plain: IO[bytes], packed: Path) -> bool:
    """Whether both have the same bytes, unpacked."""
    try:
        with opened(packed) as other:
            while block := plain.read(_BLOCK):
                if other.read(len(block)) != block:
                    return False
            return not other.read(1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False
    except OSError:
        raise
    except Exception as error:
        # zstandard's error class cannot be named where the library is not installed.
        if type(error).__name__ != "ZstdError":
            raise
        return False


class _Sum:
    """A file that is written and summed at once."""

    def __init__(self, descriptor: int) -> None:
        self.fd = descriptor
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """All of it."""
        self.sha256.update(data)
        self.size += len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self.fd, view) :]
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""
