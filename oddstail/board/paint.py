"""A frame as what a terminal is to be sent: only the lines that changed, each at its place. Pure.

Ours because Rich's `Live` sends the whole screen each time, 20 KB of it at 200 columns; what changes in a
quarter of a second is a few lines, and over ssh that is the difference between calm and flicker.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style

from oddstail.board.cells import Parts

#: DEC private modes. 1049: the alternate screen; 25: the cursor; 7: wrapping, which would scroll the last line; 2004:
#: pasted text comes between marks, so that a `q` in it is none that was pressed; 1007: the wheel sends arrow keys, and
#: the mouse still selects text.
ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[?1007h\x1b[2J"
LEAVE = "\x1b[0m\x1b[?1007l\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l"
#: Synchronized output: a terminal that knows it shows the frame at once, others pass it over.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"


class Painter:
    """Remembers what the terminal shows. `colors` is None for a terminal that has not even bold."""

    def __init__(self, colors: ColorSystem | None, plain: bool = False) -> None:
        self._colors = colors
        self._plain = plain
        self._lines: list[Parts] = []
        self._size = (0, 0)

    def paint(self, lines: list[Parts], size: tuple[int, int]) -> str:
        """What turns the last frame into this one; empty if nothing is to be changed."""
        out: list[str] = []
        if size != self._size:
            self._lines, self._size = [], size
            out.append("\x1b[0m\x1b[2J")
        for at, line in enumerate(lines):
            if at >= len(self._lines) or line != self._lines[at]:
                out.append(f"\x1b[{at + 1};1H{self._line(line)}")
        self._lines = lines
        return f"{_BEGIN}{''.join(out)}{_END}" if out else ""

    def page(self, lines: list[Parts]) -> str:
        """All of it, one line below the other: what is printed where there is no screen."""
        if self._colors is None:
            return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
        return "".join(self._line(line) + "\n" for line in lines)

    def forget(self) -> None:
        """The screen was somebody else's: the next frame is painted whole."""
        self._size = (0, 0)

    def _line(self, line: Parts) -> str:
        return "".join([_dressed(text, style, self._colors, self._plain) for text, style in line]) + "\x1b[0m"


def _dressed(text: str, style: Style, colors: ColorSystem | None, plain: bool) -> str:
    if colors is None:
        return text
    code = _code(style, colors, plain)
    dressed = f"\x1b[{code}m{text}\x1b[0m" if code else text
    # OSC 8: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    return f"\x1b]8;;{style.link}\x1b\\{dressed}\x1b]8;;\x1b\\" if style.link else dressed


@lru_cache(8192)
def _code(style: Style, colors: ColorSystem, plain: bool) -> str:
    if style.link:
        style = style.update_link(None)
    rendered = (style.without_color if plain else style).render("x", color_system=colors)
    return rendered[2:].partition("m")[0] if rendered.startswith("\x1b[") else ""
