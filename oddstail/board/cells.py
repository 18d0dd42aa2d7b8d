"""What stands in one cell: points, price and arrow, by how old the last move is and by what the price is worth. Pure.

A move has an age, not a blink: the digits that changed stand out for 3 s, the cell keeps its colour for 30 s, a dim
arrow stays for 10 minutes. A price that may not be bet on never looks like one that may:

    -110▲       on offer, and it just rose
    suspended   removed   settled       no price
    -110?       from before a blind spot, of a book that said nothing for too long, or late in play
    -110×       its link is down
    -3½ -       a line without its price
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from oddstail import words
from oddstail.board.theme import DOWN, UP, Theme
from oddstail.board.view import Odds
from oddstail.market.game import Cell, Trust
from oddstail.price import Price
from oddstail.text import visible

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


def cell(cell: Cell, trust: Trust, how: Shown, width: int, *, line: bool, best: bool = False) -> Parts:
    """The cell as exactly `width` cells of text, to the right. `line` says whether its points are to be told."""
    theme, quote = how.theme, cell.quote
    signed = quote.what.kind == "spread"
    told = points(quote.line, signed=signed) if line else ""
    if trust in ("suspended", "removed", "settled"):
        word = quote.settlement or trust if trust == "settled" else trust
        style = theme.suspended if trust == "suspended" else theme.dead
        return right([(visible(word, 9), style), (" ", theme.text)], width)
    if quote.price is None:
        return right([(f"{told} - " if told else "- ", theme.dim)], width)
    price = words.odds(quote.price, how.odds)
    shown = f"{told} {price}" if told else price
    if trust == "down":
        return right([(f"{shown}×", theme.dead)], width)
    if trust in ("stale", "silent", "mute", "late"):
        return right([(f"{shown}?", theme.stale)], width)
    parts = _open(cell, told, price, how, theme.best if best else theme.text)
    if how.opener and cell.first is not None and (cell.first != quote.price or cell.first_line != quote.line):
        first = words.odds(cell.first, how.odds)
        if line and cell.first_line != quote.line:
            first = f"{points(cell.first_line, signed=signed)} {first}"
        parts = [(f"{first} ", theme.dim), *parts]
    return right(parts, width)


def _open(cell: Cell, told: str, price: str, how: Shown, plain: Style) -> Parts:
    """A price that is on offer, with what is to be seen of its last move."""
    theme = how.theme
    gap = [(" ", plain)] if told else []
    age = how.moment - cell.moved if cell.moved else TOLD
    if age >= TOLD or cell.before is None:
        return [(told, plain), *gap, (price, plain), (" ", plain)]
    quote = cell.quote
    line_moved = (
        bool(told) and cell.before_line is not None and quote.line is not None and cell.before_line != quote.line
    )
    rose = rises(cell, how.odds, line=line_moved)
    arrow = UP if rose else DOWN
    if age >= WARM or cell.moved <= how.cleared:
        return [(told, plain), *gap, (price, plain), (arrow, theme.dim)]
    warm = theme.up if rose else theme.down
    if plain is theme.best:
        warm += Style(bold=True)
    if age >= FRESH:
        return [(told, warm), *gap, (price, warm), (arrow, warm)]
    hot = theme.up_now if rose else theme.down_now
    if line_moved:
        was = points(cell.before_line, signed=quote.what.kind == "spread")
        return [*_changed(was, told, warm, hot), (" ", warm), (price, warm), (arrow, warm)]
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
