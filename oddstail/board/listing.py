"""The list: one row a quote, the newest move on top. For narrow terminals, and for watching what happens."""

from __future__ import annotations

from collections.abc import Collection
from heapq import nlargest

from rich.style import Style

from oddstail import words
from oddstail.board import cells as _cells
from oddstail.board.cells import Parts, Shown, fit, right
from oddstail.board.labels import side_name, tag_of
from oddstail.board.order import LABELS, Item, finds
from oddstail.board.screen import Scene, ago
from oddstail.market.game import Cell
from oddstail.text import fold, visible

_AGE, _NOW, _WAS = 4, 11, 11


def quotes(scene: Scene) -> Collection[Cell]:
    """The quotes that the filter lets through."""
    look_for = fold(scene.view.filter).split()
    if not look_for:
        return scene.board.cells()
    out = []
    for cell in scene.board.cells():
        what = cell.quote.what
        game = cell.row.market.game
        labels = (*LABELS.get(what.kind, ()), what.period or "")
        names = (game.league, game.title, what.market, what.selection, what.book, what.player or "")
        text = " ".join(map(fold, (*labels, *names)))
        if all(finds(word, text, what.kind) for word in look_for):
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
    book, rest, was = _widths(scene.width)
    return [
        (fit(" ago", _AGE + 1), theme.dim),
        (fit("book", book), theme.dim),
        (fit("selection", rest), theme.dim),
        *right([("was ", theme.dim)], was),
        *right([("now ", theme.dim)], _NOW),
    ]


def _widths(width: int) -> tuple[int, int, int]:
    """Of the book, the selection and the price before. The last goes first; the price there is never does."""
    book = 14 if width >= 100 else 11 if width >= 64 else min(11, max(0, width - _AGE - 1 - _NOW - 6))
    was = _WAS if width >= 64 else 0
    return book, max(0, width - _AGE - 1 - book - was - _NOW), was


def _line(scene: Scene, shown: Shown, cell: Cell) -> Parts:
    theme, quote = scene.theme, cell.quote
    book, rest, before = _widths(scene.width)
    line = quote.what.kind != "moneyline"
    was = ""
    if before and cell.before is not None and cell.moved:
        was = words.odds(cell.before, scene.view.odds)
        if line and cell.before_line != quote.line and cell.before_line is not None:
            was = f"{_cells.points(cell.before_line, signed=quote.what.kind == 'spread')} {was}"
    return [
        *right([(ago(scene.moment - cell.moved) if cell.moved else "", theme.dim)], _AGE),
        (" ", theme.text),
        (fit(visible(quote.what.book), book - 1) + " " if book else "", theme.text + Style(bold=True)),
        (fit(visible(_told(cell, scene.width)), rest), theme.text),
        *right([(was, theme.dim), (" ", theme.text)], before),
        *_cells.cell(cell, scene.terms.trust(cell), shown, _NOW, line=line),
    ]


def _told(cell: Cell, width: int) -> str:
    """What is priced: the bet, the selection, and the game where the selection does not say it."""
    what, market = cell.quote.what, cell.row.market
    name = side_name(what, cell.row.side, market)
    if market.key.subject and market.key.kind != "team_total":
        name = f"{what.player or market.key.subject} {name}"
    # The points in the cell tell a spread from a moneyline where there is no room to.
    plain = width < 64 and market.key.period in ("game", "") and market.key.kind in ("moneyline", "spread", "total")
    told = name if plain else f"{tag_of(market, 14 if width >= 100 else 6)} {name}"
    return f"{told}  {market.game.title}" if width >= 100 or what.selection not in market.game.title else told
