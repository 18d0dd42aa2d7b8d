"""Keys: what a terminal sends -> names -> what they do to the view. Pure; reading the terminal is another's."""

from __future__ import annotations

import re
from typing import Literal

from oddstail.board import order
from oddstail.board.view import LAYOUTS, ODDS, SORTS, View
from oddstail.market.state import Board
from oddstail.market.still import still

Effect = Literal["quit", "copy"]

#: What terminals send for the keys that have a name. xterm's table, with the variants of rxvt, the Linux console and
#: tmux: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-PC-Style-Function-Keys
_NAMED = {
    b"\x1b[A": "up", b"\x1bOA": "up", b"\x1b[B": "down", b"\x1bOB": "down",
    b"\x1b[C": "right", b"\x1bOC": "right", b"\x1b[D": "left", b"\x1bOD": "left",
    b"\x1b[5~": "pgup", b"\x1b[6~": "pgdn",
    b"\x1b[H": "home", b"\x1bOH": "home", b"\x1b[1~": "home", b"\x1b[7~": "home",
    b"\x1b[F": "end", b"\x1bOF": "end", b"\x1b[4~": "end", b"\x1b[8~": "end",
    b"\x1b[Z": "backtab", b"\t": "tab", b"\r": "enter", b"\n": "enter", b"\x7f": "backspace", b"\x08": "backspace",
    b"\x1b": "esc", b"\x15": "kill", b"\x0c": "redraw",
}  # fmt: skip
#: A filter is a few words; what is pasted by mistake is more.
_LONGEST = 60
#: What a terminal sends around pasted text once it was asked to (DEC private mode 2004).
_PASTE, _PASTED = b"\x1b[200~", b"\x1b[201~"
_UNFINISHED = re.compile(rb"\x1b\[[0-?]*\Z")

#: What `?` shows.
HELP: tuple[tuple[str, str], ...] = (
    ("j k  \u2191 \u2193  wheel", "next, previous row"),
    ("PgUp PgDn Home End", "a page, the first, the last row"),
    ("Tab  Shift-Tab", "next, previous game"),
    ("\u2190 \u2192", "books that do not fit"),
    ("/  Esc", "show only what has these words; all again"),
    ("s  r", "sort by start, last move, hold, edge, name; reverse"),
    ("d  n", "notation of prices; codes or names of books"),
    ("a", "alternate lines too"),
    ("o  h", "first price of this run, hold of each book"),
    ("l", "next layout: screen, list, ladder"),
    ("Enter", "ladder of this game; there: last moves of this row"),
    ("*", "keep this game at the top"),
    ("e", "why a cell is empty, why a book is left out"),
    ("y", "copy the link of the best price"),
    ("c", "clear the colors of past moves"),
    ("Space", "freeze the screen; again: resume"),
    ("q", "quit"),
)


class Pasted(str):
    """Text that was pasted: it may have any key in it, and none of them was pressed."""


class Keyboard:
    """Bytes of a terminal to keys, however they are cut into reads."""

    def __init__(self) -> None:
        self._left = b""
        self._paste: bytes | None = None

    def keys(self, data: bytes) -> list[str]:
        """The keys that are complete now: names, characters, or `Pasted` text."""
        out: list[str] = []
        data, self._left = self._left + data, b""
        while data:
            if self._paste is None:
                typed, mark, data = data.partition(_PASTE)
                if not mark and (cut := _UNFINISHED.search(typed)):
                    typed, self._left = typed[: cut.start()], cut.group()
                out += parse(typed)
                self._paste = b"" if mark else None
                continue
            # Of a whole page, as much as a filter takes and an end that may be half of the mark.
            text, mark, data = (self._paste + data).partition(_PASTED)
            self._paste = None if mark else text[: 4 * _LONGEST] + text[4 * _LONGEST :][-len(_PASTED) :]
            if mark:
                out.append(Pasted(text.decode("utf-8", "ignore")))
        return out


def parse(data: bytes) -> list[str]:
    """The keys in what was read: a name, or a character. Sequences that are not known are passed over."""
    keys: list[str] = []
    at = 0
    while at < len(data):
        if data[at] == 0x1B:
            end = _sequence(data, at)
            name = _NAMED.get(data[at:end])
            at = end
            if name is not None:
                keys.append(name)
            continue
        if (name := _NAMED.get(data[at : at + 1])) is not None:
            keys.append(name)
            at += 1
            continue
        size = 1 if data[at] < 0xC0 else 2 if data[at] < 0xE0 else 3 if data[at] < 0xF0 else 4
        char = data[at : at + size].decode("utf-8", "ignore")
        at += size
        if char and char.isprintable():
            keys.append(char)
    return keys


def _sequence(data: bytes, at: int) -> int:
    """Where an escape sequence ends: CSI up to its final byte, SS3 with one more, else the ESC alone."""
    if data[at + 1 : at + 2] == b"[":
        end = at + 2
        while end < len(data) and not 0x40 <= data[end] <= 0x7E:
            end += 1
        return end + 1
    return at + 3 if data[at + 1 : at + 2] == b"O" else at + 1


def press(view: View, board: Board, key: str, now: int) -> Effect | None:
    """Do what a key means."""
    view.version += 1
    if isinstance(key, Pasted):
        if view.typing:
            view.filter = (view.filter + "".join(char for char in key if char.isprintable()))[:_LONGEST]
        return None
    if view.typing:
        _type(view, key)
        return None
    if view.overlay:
        page = max(1, view.page - 3)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "pgdn": page, "pgup": -page,
                 "home": -view.overlay_rest, "end": view.overlay_rest}  # fmt: skip
        if view.overlay_rest and key in steps:
            view.overlay_top = min(max(0, view.overlay_top + steps[key]), view.overlay_rest)
            return None
        # Any other key closes it, and does nothing else: nobody wants to sort what he cannot see.
        view.overlay, view.overlay_top = "", 0
        return None
    if key == "q":
        return "quit"
    match key:
        case "?":
            view.overlay = "help"
        case "e":
            view.overlay = "why"
        case "/":
            view.typing = True
        case "esc":
            _escape(view)
        case " ":
            _pause(view, board, now)
        case "s":
            view.sort = SORTS[(SORTS.index(view.sort) + 1) % len(SORTS)]
        case "r":
            view.reverse = not view.reverse
        case "d":
            view.odds = ODDS[(ODDS.index(view.odds) + 1) % len(ODDS)]
        case "a":
            view.alternates = not view.alternates
        case "n":
            view.names = not view.names
        case "y":
            return "copy"
        case "o":
            view.opener = not view.opener
        case "h":
            view.holds = not view.holds
        case "c":
            view.cleared = view.paused_at or now
        case "l":
            _layout(view)
        case "enter":
            if view.layout == "screen" and (game := here(view)):
                view.back, view.layout, view.game = view.layout, "ladder", game
                view.top = view.cursor = None
            elif view.layout == "ladder":
                view.overlay = "moves"
        case "*":
            if game := here(view):
                view.pinned ^= {game}
        case "left" | "right":
            step = 1 if key == "right" else -1
            view.first_book = max(0, view.first_book + min(step, view.more_books))
        case "tab" | "backtab" if view.layout == "ladder":
            _next_ladder(view, board, 1 if key == "tab" else -1, now)
        case _:
            _scroll(view, key)
    return None


def _pause(view: View, board: Board, now: int) -> None:
    view.still, view.paused_at = (None, 0) if view.still else (still(board), now)


def _next_ladder(view: View, board: Board, step: int, now: int) -> None:
    """The next game's ladder; the first one's, if this game is gone."""
    ids = [game.game_id for game in order.games(view.still or board, view, lambda _: 0.0, view.paused_at or now)]
    if ids:
        view.game = ids[(ids.index(view.game) + step) % len(ids) if view.game in ids else 0]
        view.top = view.cursor = None


def here(view: View) -> str:
    """The game of the cursor, or the first on the screen."""
    ident = view.cursor if view.has(view.cursor) else view.top
    if not isinstance(ident, tuple):
        ident = view.lines[0] if view.lines else None
    if isinstance(ident, tuple) and not ident[0]:
        # A section: its first game.
        ident = next((view.lines[at] for at in view.games if at > view.at(ident)), None)
    return str(ident[0]) if isinstance(ident, tuple) else ""


def _type(view: View, key: str) -> None:
    match key:
        case "enter":
            view.typing = False
        case "esc":
            view.typing, view.filter = False, ""
        case "backspace":
            view.filter = view.filter[:-1]
        case "kill":
            view.filter = ""
        case _ if len(key) == 1 and len(view.filter) < _LONGEST:
            view.filter += key
        case "up" | "down" | "pgup" | "pgdn":
            view.typing = False
            _scroll(view, key)


def _escape(view: View) -> None:
    """One step back: from a filter, a ladder that was entered, a pause, the cursor."""
    if view.filter:
        view.filter = ""
    elif view.back is not None:
        view.layout, view.back, view.cursor, view.top = view.back, None, None, None
    elif view.still is not None:
        view.still, view.paused_at = None, 0
    else:
        view.cursor = None


def _layout(view: View) -> None:
    game = here(view)
    view.layout = LAYOUTS[(LAYOUTS.index(view.layout) + 1) % len(LAYOUTS)]
    view.back = view.top = view.cursor = None
    if view.layout == "ladder":
        view.game = game or view.game


def _scroll(view: View, key: str) -> None:
    """Move the cursor; the page follows it. The first press puts it on the first line that shows."""
    last = len(view.lines) - 1
    if last < 0:
        return
    top = view.at(view.top)
    if view.layout == "list":
        # What moves comes to the top, so there is no row to stay on: the page itself moves.
        page = max(1, view.page - 1)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "pgdn": page, "pgup": -page, "tab": page, "backtab": -page,
                 "home": -last, "end": last}  # fmt: skip
        view.top = min(max(0, top + steps.get(key, 0)), max(0, last + 1 - view.page))
        return
    at = view.at(view.cursor) if view.has(view.cursor) else None
    page = max(1, view.page - 1)
    match key:
        case "j" | "down":
            at = top if at is None else at + 1
        case "k" | "up":
            at = top if at is None else at - 1
        case "pgdn":
            at, top = (at if at is not None else top) + page, top + page
        case "pgup":
            at, top = (at if at is not None else top) - page, top - page
        case "home":
            at = 0
        case "end":
            at = last
        case "tab" | "backtab":
            at = top = _next_game(view, top if at is None else at, 1 if key == "tab" else -1)
        case _:
            return
    at = min(max(at, 0), last)
    top = min(max(top, at - view.page + 1), at, max(0, last + 1 - view.page))
    view.cursor, view.top = view.lines[at], view.lines[max(0, top)]


def _next_game(view: View, at: int, step: int) -> int:
    if step > 0:
        return next((line for line in view.games if line > at), view.games[0] if view.games else 0)
    return next((line for line in reversed(view.games) if line < at), view.games[-1] if view.games else 0)
