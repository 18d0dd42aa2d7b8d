"""What stands in one cell: points, price and arrow, by how old the last move is and by what the price is worth. Pure.

A move has an age, not a blink: the digits that changed stand out for 3 s, the cell keeps its colour for 30 s, a dim
arrow stays for 10 minutes. A price that may not be bet on never looks like one that may:

    -110▲       on offer, and it just rose
    susp   gone   done    no price (`suspended`, `removed`, `settled` where there is room)
    -110?       from before a blind spot, of a book that said nothing for too long, or late in play
    -110×       its link is down, or its game is over
    -110L       a price to lay; -110P: of a pick'em operator
    (-3½)       the book has another line than the one compared, with its price where there is room
    ·           a line without its price
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from oddstail import words
from oddstail.board.theme import DOWN, LINE_DOWN, LINE_UP, UP, Theme
from oddstail.board.view import Odds
from oddstail.market.game import Cell, Trust
from oddstail.price import Price
from oddstail.text import visible, web_address

#: Microseconds that digits stand out, a cell keeps its colour, an arrow stays.
FRESH, WARM, TOLD = 3_000_000, 30_000_000, 600_000_000

Parts = list[tuple[str, Style]]

_QUARTERS = {0.0: "", 0.25: "¼", 0.5: "½", 0.75: "¾"}
_BARS = "▁▂▃▄▅▆▇█"


class Shown(NamedTuple):
    """How to show cells: the theme, the notation, the time, when colours were cleared, whether with the first price."""

    theme: Theme
    odds: Odds
    moment: int
    cleared: int
    opener: bool


#: What stands for a word that is longer than a cell.
_SHORT = {"suspended": "susp", "removed": "gone", "settled": "done", "pushed": "push", "refunded": "void"}
_NO_PRICE = "·"


def points(value: float | None, *, signed: bool) -> str:
    """A line in few cells: `-3½`, `+7`, `PK`, `221½`. As `words.points` where it is no quarter."""
    if value is None:
        return ""
    whole = int(abs(value))
    quarter = _QUARTERS.get(abs(value) - whole)
    if quarter is None or (signed and value == 0):
        return words.points(value, signed=signed)
    sign = "-" if value < 0 else "+" if signed else ""
    return f"{sign}{whole if whole or not quarter else ''}{quarter}"


def cell(
    cell: Cell, trust: Trust, how: Shown, width: int, *, line: bool, best: bool = False, other: bool = False
) -> Parts:
    """The cell as exactly `width` cells of text, to the right.

    `line` says whether to show its points; `other`, that they are not those of the line that is compared.
    """
    theme, quote = how.theme, cell.quote
    signed = quote.what.kind == "spread"
    own = points(quote.line, signed=signed) if line or other else ""
    if trust in ("suspended", "removed", "settled"):
        word = quote.settlement or trust if trust == "settled" else trust
        word = word if width >= _WIDE else _SHORT.get(word, word)
        style = theme.suspended if trust == "suspended" else theme.dead
        return right([(visible(word, min(9, max(4, width - 1))), style), (" ", theme.text)], width)
    if quote.price is None:
        return right([(f"{own} {_NO_PRICE} " if line and own else f"{_NO_PRICE} ", theme.dim)], width)
    price = words.odds(quote.price, how.odds)
    if other and own:
        if width < _WIDE:
            return right([(f"({own})", theme.dim), (" ", theme.dim)], width)
        return right([(f"{own} {price}{_MARKS.get(trust, ' ')}", theme.dim)], width)
    shown = f"{own} {price}" if line and own else price
    if trust in ("down", "over"):
        return right([(f"{shown}{_MARKS[trust]}", theme.dead)], width)
    if trust in _MARKS:
        return right([(f"{shown}{_MARKS[trust]}", theme.stale)], width)
    parts = _open(cell, own if line else "", price, how, theme.best if best else theme.text)
    if how.opener and cell.first is not None and (cell.first != quote.price or cell.first_line != quote.line):
        first = words.odds(cell.first, how.odds)
        if cell.first_line != quote.line and (line or width >= _WIDE + 7):
            first = f"{points(cell.first_line, signed=signed)} {first}"
        parts = [(f"{first} ", theme.dim), *parts]
    return right(_linked(parts, quote.link), width)


#: Cells from which on a book's other line has its price, and words are whole.
_WIDE = 11
_MARKS = {"down": "×", "over": "×", "stale": "?", "silent": "?", "mute": "?", "late": "?", "lay": "L", "pickem": "P"}


def _linked(parts: Parts, link: str | None) -> Parts:
    """The parts with the address of the bet, if it is one that a terminal may open."""
    address = web_address(link)
    if not address:
        return parts
    return [(text, _link(style, address) if text.strip() else style) for text, style in parts]


@lru_cache(4096)
def _link(style: Style, address: str) -> Style:
    return style + Style(link=address)


def _open(cell: Cell, told: str, price: str, how: Shown, plain: Style) -> Parts:
    """A price that is on offer, with what is to be seen of its last move."""
    theme = how.theme
    gap = [(" ", plain)] if told else []
    age = how.moment - cell.moved if cell.moved else TOLD
    if age >= TOLD or cell.before is None:
        return [(told, plain), *gap, (price, plain), (" ", plain)]
    quote = cell.quote
    line_moved = cell.before_line is not None and quote.line is not None and cell.before_line != quote.line
    rose = rises(cell, how.odds, line=line_moved)
    # Where the points stand elsewhere, their move has another sign than that of a price.
    up, down = (LINE_UP, LINE_DOWN) if line_moved and not told else (UP, DOWN)
    arrow = up if rose else down
    if age >= WARM or cell.moved <= how.cleared:
        return [(told, plain), *gap, (price, plain), (arrow, theme.dim)]
    warm = theme.up if rose else theme.down
    if plain is theme.best:
        warm += Style(bold=True, bgcolor=plain.bgcolor)
    if age >= FRESH:
        return [(told, warm), *gap, (price, warm), (arrow, warm)]
    hot = theme.up_now if rose else theme.down_now
    if line_moved and told:
        was = points(cell.before_line, signed=quote.what.kind == "spread")
        return [*_changed(was, told, warm, hot), (" ", warm), (price, warm), (arrow, warm)]
    if line_moved:
        return [(price, warm), (arrow, hot)]
    before = words.odds(cell.before, how.odds)
    return [(told, warm), *gap, *_changed(before, price, warm, hot), (arrow, warm)]


def rises(cell: Cell, odds: Odds, *, line: bool) -> bool:
    """Whether the number on the screen went up: the points where they moved, else the price in this notation."""
    quote = cell.quote
    if line and cell.before_line is not None and quote.line is not None:
        return quote.line > cell.before_line
    if cell.before is None or quote.price is None:
        return False
    up = quote.price.winnings > cell.before.winnings
    return not up if odds == "probability" else up


def _changed(was: str, now: str, warm: Style, hot: Style) -> Parts:
    """`now` with the digits standing out that `was` did not have, from the first that differs."""
    at = 0
    if len(was) == len(now):
        while at < len(now) - 1 and was[at] == now[at]:
            at += 1
    return [(now[:at], warm), (now[at:], hot)]


def fair(probability: float, odds: Odds) -> str:
    """A fair probability in the user's notation, to the right of which no arrow stands."""
    decimal = 1 / probability
    american = round(100 * (decimal - 1)) if decimal >= 2 else round(-100 / (decimal - 1))
    return words.odds(Price(100 if american == -100 else american, decimal, probability, decimal - 1), odds)


def spark(trail: list[tuple[float | None, float]], width: int) -> str:
    """The last moves as bars: of the points if those moved, else of the price (higher pays more)."""
    lines = [line or 0.0 for line, _ in trail]
    values = lines if len(set(lines)) > 1 else [-prob for _, prob in trail]
    values = values[-width:]
    low, high = min(values), max(values)
    if low == high:
        return ""
    top = len(_BARS) - 1
    return "".join(_BARS[round((value - low) / (high - low) * top)] for value in values)


def right(parts: Parts, width: int) -> Parts:
    """The parts against the right edge of `width` cells. What does not fit is no number any more: `…`."""
    size = sum(cell_len(text) for text, _ in parts)
    if size <= width:
        return [(" " * (width - size), _PLAIN), *parts]
    # The blank that stands for an arrow is the first to go.
    if size - 1 == width and parts[-1][0] == " ":
        return parts[:-1]
    return [(fit("".join(text for text, _ in parts), width), parts[0][1])]


def fit(text: str, width: int) -> str:
    """Exactly `width` cells of text: wide characters count two, what does not fit ends in an ellipsis."""
    size = cell_len(text)
    if size <= width:
        return text + " " * (width - size)
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


_PLAIN = Style()
