"""`-o table`: the board on the alternate screen, drawn on a clock and never for each event."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo

from rich.color import ColorSystem
from rich.console import Console

from oddstail.board import paint
from oddstail.board.keys import Keyboard, press
from oddstail.board.picture import Picture
from oddstail.board.view import Color, Look, View
from oddstail.clock import wall
from oddstail.market.state import Board
from oddstail.model import Batch
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.terminal import Terminal
from oddstail.terminal_codes import clipboard

#: Seconds between two frames; and between two while nothing comes, when only ages grow.
_FRAME, _IDLE = 0.25, 1.0
_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.STANDARD,
}


class TableSink:
    """Draws at most four times a second, only if something changed, and skips a frame that could not be shown.

    `name` and `banner` stand in the title. `silent` gives the seconds for which links that are up and overdue
    sent no byte at all. `now` is the clock of what is shown, in microseconds since the epoch: a tape brings its own.
    `quit` is called for `q`. `going` is what to call links that are up. `join` makes one game of several providers'
    (market/game_match.py). Times of day are shown in `zone`.
    """

    def __init__(
        self,
        outlet: Outlet,
        name: str,
        board: Board | None = None,
        *,
        terminal: bool,
        look: Look | None = None,
        banner: str = "",
        notes: list[str] | None = None,
        labels: dict[int, str] | None = None,
        silent: Callable[[float], Mapping[int, float]] = lambda _: {},
        now: Callable[[], int] = wall,
        quit: Callable[[], None] = lambda: None,
        going: str = "live",
        size: Callable[[], tuple[int, int]] | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        look = look or Look()
        self._own = board is None
        self.board = Board(trails=look.spark) if board is None else board
        for conn, label in (labels or {}).items():
            self.introduce(conn, label)
        self.view = View.of(look)
        self.view.going = going
        self.frames = 0
        self.picture = Picture(self.board, self.view, name, banner, notes, zone)
        self._outlet = outlet
        self._on_terminal = terminal
        self._terminal = Terminal(outlet, paint.ENTER, paint.LEAVE)
        self._keyboard = Keyboard()
        self._painter = paint.Painter(*_colors(look.color, terminal))
        self._silent = silent
        self._now = now
        self._quit = quit
        self._size = size or (lambda: Terminal.size(outlet.fd))
        self._drawn: tuple[object, ...] = ()
        self._next = self._idle = 0.0
        self._bug: Exception | None = None

    def emit(self, batch: Batch) -> None:
        if self._own:
            self.board.apply(batch)

    def tick(self, now: float) -> None:
        if not self._on_terminal or now < self._next:
            return
        self._next = now + _FRAME
        if self._bug is not None:
            raise self._bug
        if not self._terminal.entered:
            self._terminal.enter(self.keys, self._back)
        size = self._size()
        state = (self.board.version, self.view.version, size)
        if self._outlet.pending or (state == self._drawn and now < self._idle):
            return
        if self.view.paused_at and state[1:] == self._drawn[1:] and now < self._idle:
            return
        self._drawn = state
        self._idle = now + _IDLE
        self._draw(size, now)

    def introduce(self, conn: int, label: str) -> None:
        """What to call a connection."""
        self.board.links.of(conn).label = label

    def over(self, why: str) -> bool:
        """Nothing will come any more: say so. Whether there is somebody who can look at it, and leave by a key."""
        self.view.over = why
        self.view.version += 1
        return self._on_terminal and os.isatty(0)

    def close(self) -> None:
        """Give the terminal back; off a terminal, print the board once."""
        if self._on_terminal:
            self._terminal.leave()
        else:
            width = shutil.get_terminal_size((116, 24)).columns
            page = self._painter.page(self.picture.whole(width, self._now()))
            self._outlet.put(page.encode("utf-8", "replace"))
        self._outlet.flush()

    def rescue(self) -> None:
        """Give the terminal back at once: the process is about to die."""
        self._terminal.rescue()

    def _draw(self, size: tuple[int, int], now: float) -> None:
        try:
            self.board.links.hush(self._silent(now), self._now())
            lines = self.picture.frame(*size, self._now())
        except Exception as error:
            error.add_note("-o lines and -o json do without the screen")
            raise
        painted = self._painter.paint(lines, size)
        if painted:
            self.frames += 1
            self._terminal.write(painted)

    def keys(self, data: bytes) -> None:
        """Take what was typed. Called by the loop, where nobody would hear of a bug: the next `tick` raises it."""
        try:
            self._keys(data)
        except Exception as error:
            self._bug = error

    def _keys(self, data: bytes) -> None:
        for key in self._keyboard.keys(data):
            if key == "redraw":
                self._painter.forget()
            effect = press(self.view, self.board, key, self._now())
            if effect == "quit":
                self._quit()
                return
            if effect == "copy":
                self._copy()
        # At once: a key that waits for the clock feels broken.
        if self._terminal.entered and not self._outlet.pending:
            self._draw(self._size(), self._next)

    def _copy(self) -> None:
        """Put the link under the cursor into the terminal's clipboard, and say so."""
        link = self.picture.link()
        if link:
            self._terminal.write(clipboard(link, os.environ))
        self.view.said = f"copied {link}" if link else "no price of this row has a link"
        self.view.said_at = self._now()

    def _back(self) -> None:
        self._painter.forget()
        self._drawn = ()


def _colors(wanted: Color, terminal: bool) -> tuple[ColorSystem | None, bool]:
    """What can be shown, and whether colours are to be left out: bold and dim stay, on a terminal.

    Rich reads `NO_COLOR`, `FORCE_COLOR`, `TERM` and `COLORTERM`.
    """
    console = Console(force_terminal=True if terminal or wanted == "always" else None)
    system = _SYSTEMS.get(console.color_system or "")
    if wanted == "always":
        return system or ColorSystem.EIGHT_BIT, False
    plain = wanted == "never" or console.no_color
    return None if plain and not terminal else system, plain
