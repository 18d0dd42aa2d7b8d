"""How far captures have been read, for people."""

from __future__ import annotations

from collections.abc import Iterable

from oddstail.capture.names import PACKED, once_closed
from oddstail.replay.runs import Part, Taped


class Reading:
    """`str()` says how much has been read, in bytes unpacked; of what is packed nobody knows the whole."""

    def __init__(self, runs: Iterable[Taped]) -> None:
        self._parts = [part for run in runs for part in run.parts]
        sizes = [_size(part) for part in self._parts]
        self._whole = None if None in sizes else sum(size or 0 for size in sizes)

    def __str__(self) -> str:
        begun = [part.source for part in self._parts if part.source is not None]
        read = f"{sum(source.size for source in begun) / 1e6:,.1f}"
        whole = "" if self._whole is None else f" of {self._whole / 1e6:,.1f}"
        return f"file {len(begun):,} of {len(self._parts):,}, {read}{whole} MB"


def _size(part: Part) -> int | None:
    path = part.path
    packed = once_closed(path.name).endswith(tuple(PACKED))
    return None if packed or not path.is_file() else path.stat().st_size
