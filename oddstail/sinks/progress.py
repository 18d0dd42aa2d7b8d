"""One line on stderr that says how far a long work is: rewritten in place, gone when it is over.

Ours because a run's stderr is an `Outlet`, which no terminal can hold up and which hides keys; Rich's progress
writes by itself, from a thread of its own, and takes longer to import than all else that `verify` needs.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from oddstail.text import visible

#: Seconds before the first word, and between two: what takes a moment needs none.
_FIRST, _OFTEN = 0.5, 0.25
_CLEAR = b"\r\x1b[K"


def is_watched() -> bool:
    """Whether somebody sees stderr, and nobody else writes there: who reads our pipe may have the same terminal.

    What stands in the way of `-110` would be read as part of it.
    """
    if not os.isatty(2) or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return False
    try:
        return not stat.S_ISFIFO(os.fstat(1).st_mode)
    except OSError:
        return True


class Progress:
    """Call `show` as often as you like. `put` takes the bytes for stderr."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        self._due: float | None = None
        self._shown = ""

    def show(self, text: Callable[[], str], now: float) -> None:
        """Say what `text()` says, if it is time. `now` in seconds, of a clock that only goes forward."""
        if self._due is None:
            self._due = now + _FIRST
        if now < self._due:
            return
        self._due = now + _OFTEN
        line = visible(text(), _width() - 1)
        if line != self._shown:
            self._shown = line
            self._put(_CLEAR + line.encode("utf-8", "replace"))

    def clear(self) -> None:
        """Take it away: something else is about to be written there."""
        if self._shown:
            self._shown = ""
            self._put(_CLEAR)


def _width() -> int:
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80
