"""What a run's store closed so far, bounded: how many files and bytes in all, and the latest of them one by one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from oddstail.capture import manifest

#: Files that are listed one by one; a year of hours is fewer.
MOST = 10_000
#: What is kept of a manifest: gaps and books may be long.
_FIELDS = ("file", "records", "bytes", "raw_bytes", "sha256", "complete")


class Closed:
    """Told by the writer and by who packs; asked by the loop."""

    def __init__(self) -> None:
        self.count = 0
        self.raw_bytes = 0
        self._latest: dict[Path, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def note(self, path: Path, told: dict[str, Any]) -> None:
        """A file was closed."""
        with self._lock:
            self.count += 1
            self.raw_bytes += int(told.get("raw_bytes", 0))
            self._latest[manifest.beside(path)] = _short(told)
            if len(self._latest) > MOST:
                del self._latest[next(iter(self._latest))]

    def packed(self, path: Path) -> None:
        """A file was packed: it has another name, size and sum now."""
        with self._lock:
            at = manifest.beside(path)
            if at in self._latest and (told := manifest.read(path)) is not None:
                self._latest[at] = _short(told)

    def latest(self) -> list[dict[str, Any]]:
        """The latest files, oldest first."""
        with self._lock:
            return list(self._latest.values())


def _short(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in _FIELDS if name in told}
