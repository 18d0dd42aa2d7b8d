"""How much room a disk has left (`--min-free`): asked seldom, and whenever much was written since."""

from __future__ import annotations

import os
from pathlib import Path

from oddstail.capture.file import Unwritable

#: Bytes after which to look again, however soon that is.
_OFTEN = 1024 * 1024


class Room:
    """Raises Unwritable before a disk has less than `least` bytes for us."""

    def __init__(self, root: Path, least: int) -> None:
        self._root = root
        self._least = least
        self._since = _OFTEN

    def take(self, size: int) -> None:
        """So much is about to be written."""
        self._since += size
        if self._since >= _OFTEN:
            self.look(size)

    def look(self, size: int = 0) -> None:
        """Ask now, with so much about to be written."""
        if not self._least:
            return
        self._since = 0
        root = self._root
        while not root.exists() and root != root.parent:
            root = root.parent
        try:
            found = os.statvfs(root)
        except OSError:
            return  # what is wrong will show at the next write
        free = found.f_bavail * found.f_frsize
        if free - size < self._least:
            raise Unwritable(
                f"{self._root}: {free / 1e6:,.0f} MB are free, too little for --min-free; make room, or write elsewhere"
            )
