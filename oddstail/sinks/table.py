"""`-o table`: the board on the alternate screen, drawn on a clock and never for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, cast

from rich.console import Console
from rich.live import Live

from oddstail.board.draw import Picture
from oddstail.board.state import Board
from oddstail.model import Batch
from oddstail.sinks.outlet import Outlet

#: Seconds between two frames.
_FRAME = 0.25


class _File:
    """What Rich needs of a file, over an outlet: a terminal that is held (Ctrl-S) must not hold the loop."""

    encoding = "utf-8"

    def __init__(self, outlet: Outlet, terminal: bool) -> None:
        self._outlet = outlet
        self._terminal = terminal

    def write(self, text: str) -> int:
        self._outlet.put(text.encode("utf-8", "replace"))
        return len(text)

    def flush(self) -> None:
        """The outlet flushes itself."""

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return self._outlet.fd


class TableSink:
    """Draws at most four times a second, only if something changed, and skips a frame that could not be shown."""

    def __init__(self, outlet: Outlet, title: str, status: Callable[[float], str], *, terminal: bool) -> None:
        self.board = Board()
        self._outlet = outlet
        self._title = title
        self._status = status
        self._terminal = terminal
        self._console = Console(file=cast(IO[str], _File(outlet, terminal)), highlight=False, markup=False, emoji=False)
        self._live: Live | None = None
        self._drawn: tuple[object, ...] = ()
        self._next = 0.0
        self.frames = 0

    def emit(self, batch: Batch) -> None:
        self.board.apply(batch)

    def tick(self, now: float) -> None:
        if not self._terminal or now < self._next:
            return
        self._next = now + _FRAME
        if self._live is None:
            self._live = Live(console=self._console, screen=True, auto_refresh=False, redirect_stdout=False,
                              redirect_stderr=False)  # fmt: skip
            self._live.start()
        status = self._status(now)
        state = (self.board.version, status, self._console.size)
        if state == self._drawn or self._outlet.pending:
            return
        self._drawn = state
        self.frames += 1
        self._live.update(Picture(self.board, self._title, status), refresh=True)

    def close(self) -> None:
        """Give the terminal back; off a terminal, print the board once."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        elif not self._terminal:
            height = 4 + sum(1 + len(game.rows) for game in self.board.ordered())
            self._console.print(Picture(self.board, self._title, ""), height=height)
        self._outlet.flush()
