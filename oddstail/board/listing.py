"""The list: one row a quote, the newest move on top. For narrow terminals, and for watching what happens."""

from __future__ import annotations

from collections.abc import Collection
from heapq import nlargest

from rich.style import Style

from oddstail import words
from oddstail.board import cells as _cells
from oddstail.board.cells import Parts, Shown, fit, right
from oddstail.board.order import Item
from oddstail.board.screen import Scene, ago, side_name, tag_of
from oddstail.board.state import Cell
from oddstail.text import visible

_AGE, _NOW, _WAS = 5, 11, 11


def quotes(scene: Scene) -> Collection[Cell]:
    """The quotes that the filter lets through."""
    look_for = scene.view.filter.casefold().split()
    if not look_for:
        return scene.board.cells()
    out = []
    for cell in scene.board.cells():
        what = cell.quote.what
        game = cell.row.market.game
        text = f"{game.league} {game.title} {what.market} {what.selection} {what.book} {what.player or ''}".casefold()
        if all(word in text for word in look_for):
            out.append(cell)
    return out


def newest(cells: Collection[Cell], height: int, first: int) -> list[Cell]:
    """As many as fit, from the `first` on; the one that moved last on top."""
    # The few newest of many, four times a second: cheaper than an order that every quote would have to keep.
    return nlargest(first + height, cells, key=_moved)[first:]


def lines(scene: Scene, cells: list[Cell]) -> list[Parts]:
    """Their rows."""
    shown = Shown(scene.theme, scene.view.odds, scene.moment, scene.view.cleared, opener=False)
    return [_line(scene, shown, cell) for cell in cells]


def item(cell: Cell) -> Item:
    """The line of the screen that a quote would stand in, at its own points."""
    row = cell.row
    return Item(None, row.market.game, row.market, row.side, row.line)


def _moved(cell: Cell) -> int:
    return cell.moved


def header(scene: Scene) -> Parts:
    """The names of the columns."""
    theme = scene.theme
    book, rest = _widths(scene.width)
    return [
        (fit("  ago", _AGE + 1), theme.dim),
        (fit("book", book), theme.dim),
        (fit("selection", rest), theme.dim),
        *right([("was ", theme.dim)], _WAS),
        *right([("now ", theme.dim)], _NOW),
    ]


def _widths(width: int) -> tuple[int, int]:
    book = 11 if width < 100 else 14
    return book, max(8, width - _AGE - 1 - book - _WAS - _NOW)


def _line(scene: Scene, shown: Shown, cell: Cell) -> Parts:
    theme, quote = scene.theme, cell.quote
    what, market = quote.what, cell.row.market
    book, rest = _widths(scene.width)
    signed = what.kind == "spread"
    line = what.kind != "moneyline"
    age = ago(scene.moment - cell.moved) if cell.moved else ""
    name = side_name(what, cell.row.side, market)
    subject = "" if market.key.kind != "prop" else f"{what.player or market.key.subject} "
    told = f"{tag_of(market, 14 if scene.width >= 100 else 6)} {subject}{name}"
    if scene.width >= 100 or what.selection not in market.game.title:
        told = f"{told}  {market.game.title}"
    was = ""
    if cell.before is not None and cell.moved:
        was = words.odds(cell.before, scene.view.odds)
        if line and cell.before_line != quote.line and cell.before_line is not None:
            was = f"{_cells.points(cell.before_line, signed=signed)} {was}"
    return [
        *right([(age, theme.dim)], _AGE),
        (" ", theme.text),
        (fit(visible(what.book), book - 1) + " ", theme.text + Style(bold=True)),
        (fit(visible(told), rest), theme.text),
        *right([(was, theme.dim), (" ", theme.text)], _WAS),
        *_cells.cell(cell, scene.terms.trust(cell), shown, _NOW, line=line),
    ]
