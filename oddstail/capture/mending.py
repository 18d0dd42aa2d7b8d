"""What a crashed run left: its torn last line is set aside, and the file is given its name. Nothing is lost."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from oddstail.capture import manifest
from oddstail.capture.file import FILE_MODE, is_at, orphan, publish, release, unwritable
from oddstail.capture.names import while_open

Scan = Callable[[Iterable[bytes]], dict[str, Any]]

_BLOCK = 1 << 20
#: The first line of every file of ours says so: a `.part` of another program is none of our business.
MARK = b'"program":"oddstail'


class Found(NamedTuple):
    """A file that was finished for a run that could not: its path, its records, and the bytes set aside."""

    path: Path
    records: int
    torn: int


def settle(final: Path, scan: Scan, why: str = "recovered", due: str | None = None) -> Found | None:
    """Finish the open file of `final` if a crashed run left it; None if there is none, or somebody still writes it.

    The manifest says that it is not complete, `why` it is this way that it was finished, and how it is `due` to be
    packed: whoever is killed between packed and plain must leave word that both are one.
    """
    part = final.with_name(while_open(final.name))
    descriptor = orphan(part)
    if descriptor is None:
        return None
    try:
        if not os.fstat(descriptor).st_size:
            # Killed before its first line: there is nothing in it to keep.
            os.unlink(part)
            return None
        header = _header(part, final.name.endswith(".gz"))
        if header is None:
            return None
        named = _free(final, descriptor)
        if named is None:
            # It had its name already when the run died, and only kept the old one, too.
            os.unlink(part)
            return None
        told = manifest.read(named) or {}
        if told.get("complete") and (told.get("file"), told.get("sha256")) == (named.name, _sum(part)):
            # Nothing but its name was missing.
            publish(part, named)
            return Found(named, int(told.get("records", 0)), 0)
        packed = ".gz" if final.name.endswith(".gz") else None
        torn = mended(descriptor, named, packed=packed)
        facts, raw = _scanned(final, part, scan)
        status = os.fstat(descriptor)
        told = manifest.of(
            named,
            facts=facts,
            opened=status.st_ctime_ns // 1000,
            closed=status.st_mtime_ns // 1000,
            run=str(header.get("run", "")),
            part=int(header.get("part") or 0),
            why=why,
            complete=False,
            size=status.st_size,
            raw=raw,
            sha256=_sum(part),
            due=None if packed else due,
        )
        told |= {"opened": facts.get("first"), "torn_bytes": torn}
        manifest.write(named, told)
        os.fsync(descriptor)
        publish(part, named)
    except OSError as error:
        raise unwritable(part, error) from None
    finally:
        release(descriptor)
    return Found(named, int(facts.get("records", 0)), torn)


def mended(descriptor: int, final: Path, *, packed: str | None) -> int:
    """Cut a file after its last whole line (or packed member), the rest into `.torn`. Returns the bytes set aside."""
    size = os.fstat(descriptor).st_size
    good = _last_member(descriptor, size) if packed else _last_line(descriptor, size)
    if good == size:
        return 0
    # Spaces that kept a line from lying across two pages are no line.
    blank = size - good <= _BLOCK and not os.pread(descriptor, size - good, good).strip(b" ")
    if not blank:
        _set_aside(descriptor, good, size, final)
    os.ftruncate(descriptor, good)
    os.fsync(descriptor)
    return 0 if blank else size - good


def _last_line(descriptor: int, size: int) -> int:
    """Where the last whole line ends."""
    end = size
    while end:
        at = max(0, end - _BLOCK)
        block = os.pread(descriptor, end - at, at)
        found = block.rfind(b"\n")
        if found >= 0:
            return at + found + 1
        end = at
    return 0


def _last_member(descriptor: int, size: int) -> int:
    """Where the last whole gzip member ends."""
    good = at = 0
    unpacker = zlib.decompressobj(31)
    while at < size:
        block = os.pread(descriptor, _BLOCK, at)
        if not block:
            break
        at += len(block)
        while block:
            try:
                unpacker.decompress(block)
            except zlib.error:
                return good
            if not unpacker.eof:
                break
            block = unpacker.unused_data
            good = at - len(block)
            unpacker = zlib.decompressobj(31)
    return good


def _set_aside(descriptor: int, good: int, size: int, final: Path) -> None:
    """The torn end, appended to what was set aside before."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    aside = os.open(manifest.torn(final), flags, FILE_MODE)
    try:
        while good < size:
            block = os.pread(descriptor, min(_BLOCK, size - good), good)
            good += len(block)
            view = memoryview(block)
            while view:
                view = view[os.write(aside, view) :]
        os.fsync(aside)
    finally:
        os.close(aside)


def _scanned(final: Path, part: Path, scan: Scan) -> tuple[dict[str, Any], int]:
    """What is in it, and how many bytes of lines."""
    with _opened(part, final.name.endswith(".gz")) as file:
        counted = _Counted(file)
        facts = scan(counted)
    return facts, counted.size


def _opened(part: Path, packed: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(part, "rb")) if packed else open(part, "rb")


class _Counted:
    """The lines of a file, and their bytes so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> bytes:
        line = self.file.readline()
        if not line:
            raise StopIteration
        self.size += len(line)
        return line


def _header(part: Path, packed: bool) -> dict[str, Any] | None:
    """The first line of a file of ours; None for what is not."""
    try:
        with _opened(part, packed) as file:
            line = file.readline(_BLOCK)
        header = json.loads(line) if MARK in line else None
    except (OSError, EOFError, zlib.error, ValueError):
        return None
    return header if isinstance(header, dict) else None


def _sum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _free(final: Path, descriptor: int) -> Path | None:
    """`final`, or a name like it that nothing has; None if one of them is this very file's already."""
    named, nth = final, 0
    while any(os.path.lexists(f"{named}{ending}") for ending in ("", ".gz", ".zst")) or manifest.foreign(named):
        if is_at(named, descriptor):
            return None
        nth += 1
        stem, dot, rest = final.name.partition(".")
        named = final.with_name(f"{stem}-recovered{nth}{dot}{rest}")
    return named
