"""`NAME.meta.json`, beside each closed file: what is in it, whether it is whole, and its sum."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from oddstail import __version__
from oddstail.capture.file import FILE_MODE, unwritable
from oddstail.capture.names import PACKED
from oddstail.record import stamp

VERSION = 1
SUFFIX = ".meta.json"
LINES = ".ndjson"


def beside(path: Path) -> Path:
    """Where the manifest of a capture is: the same for `x.ndjson` and what is made of it, `x.ndjson.gz`."""
    return path.with_name(stem(path) + SUFFIX)


def torn(path: Path) -> Path:
    """Where the torn end of a capture is set aside: a name that `*.ndjson*` does not find."""
    return path.with_name(f"{stem(path)}.torn")


def stem(path: Path) -> str:
    """The name of a capture without what says how it is written."""
    name = path.name
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name.removesuffix(LINES)


def of(
    path: Path,
    *,
    facts: dict[str, Any],
    opened: int,
    closed: int,
    run: str,
    part: int,
    why: str,
    complete: bool,
    size: int,
    raw: int,
    sha256: str,
    due: str | None = None,
) -> dict[str, Any]:
    """A manifest. `why` it was closed: `rotated`, `ended`, `idle` or `recovered`; `due`: how it is yet to be packed.

    `size` and `sha256` are of the file as it lies there, `raw` is the size of its lines unpacked.
    """
    return {
        "v": VERSION,
        "file": path.name,
        "program": f"oddstail {__version__}",
        "run": run,
        "part": part,
        "opened": stamp(opened),
        "closed": stamp(closed),
        "why": why,
        "complete": complete,
        "bytes": size,
        "raw_bytes": raw,
        "sha256": sha256,
        "due": due,
        **facts,
    }


def write(path: Path, told: dict[str, Any]) -> None:
    """Put a manifest beside its file, whole or not at all. Unwritable if it cannot be."""
    target = beside(path)
    replace(target, json.dumps(told, indent=1).encode() + b"\n")


def read(path: Path) -> dict[str, Any] | None:
    """The manifest of a capture, if there is a readable one."""
    return read_manifest(beside(path))


def read_manifest(path: Path) -> dict[str, Any] | None:
    """What a manifest says, if it is one."""
    try:
        # A pipe of that name would be waited for, for ever.
        told = json.loads(path.read_bytes()) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def is_ours(path: Path, told: dict[str, Any]) -> bool:
    """Whether we wrote this manifest, of the file that it lies beside: other programs have a `*.meta.json`, too."""
    name = told.get("file")
    if not (isinstance(name, str) and name and "/" not in name and str(told.get("program")).startswith("oddstail ")):
        return False
    return stem(Path(name)) + SUFFIX == path.name


def foreign(path: Path) -> Path | None:
    """What stands where the manifest of a capture belongs, and is none of ours: never to be written over."""
    there = beside(path)
    if not os.path.lexists(there):
        return None
    told = read_manifest(there)
    return there if told is None or not is_ours(there, told) else None


def replace(target: Path, data: bytes, *, sync: bool = True) -> None:
    """Make `target` hold `data`, whole or not at all. Unwritable if it cannot be."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(fresh, target)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise unwritable(target, error) from None


def merged(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Two statements about one file as one: counts add up, lists follow each other, the first stays the first."""
    out = dict(before)
    for name, value in now.items():
        old = out.get(name)
        if old is None or value is None:
            out[name] = value if old is None else old
        elif isinstance(value, dict) and isinstance(old, dict):
            out[name] = merged(old, value)
        elif isinstance(value, list) and isinstance(old, list):
            out[name] = [*old, *value]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            out[name] = old + value
        elif name != "first":
            out[name] = value
    return out
