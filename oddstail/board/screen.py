"""The body of the odds screen and of the ladder: a band for each game, a line for each selection. Draws what fits."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from oddstail import words
from oddstail.board import cells as _cells
from oddstail.board.cells import Parts, Shown, fit, right
from oddstail.board.columns import Columns, codes, tags
from oddstail.board.labels import own_line, short_of, side_name, stands, tag_of
from oddstail.board.order import Item, league, section
from oddstail.board.theme import OLD, PIN, Theme
from oddstail.board.view import View
from oddstail.market import consensus as _value
from oddstail.market.consensus import Terms, Value
from oddstail.market.game import Cell, Game, Market
from oddstail.market.state import Board
from oddstail.text import visible, web_address

_SECOND = 1_000_000
#: Letters by which a book is still known.
_LEAST_NAME = 4
#: A stake below which a price is marked as one for small stakes only.
SMALL_STAKE = 50.0
#: Less than this is shown as nothing: it would round to 0.0 %.
_LEAST_EDGE = 0.0005
_MAIN = Style(underline=True)
#: Cells of the label of a half or a quarter where there is little room: `1H Spr` and a blank.
_PART_TAG = 7


class Scene(NamedTuple):
    """What a body is drawn with."""

    board: Board
    view: View
    theme: Theme
    terms: Terms
    moment: int
    zone: tzinfo
    width: int


def worth(item: Item, terms: Terms) -> Value:
    """What the market of a row is worth, at the line that is compared or at the row's own."""
    assert item.market is not None
    return _value.of_market(item.market, terms) if item.main else _value.of_line(item.market, item.line, terms)


def cells_of(item: Item, terms: Terms) -> dict[str, dict[str, Cell]]:
    """The cells of a row's market by book and side: what stands in the books' columns."""
    assert item.market is not None
    if item.main:
        return _value.shown(item.market, _value.compared(item.market, terms))
    return _value.at_line(item.market, item.line)


class Body:
    """Draws lines one after the other and keeps what two of them share: the worth of their market."""

    def __init__(self, scene: Scene, columns: Columns) -> None:
        self._scene = scene
        self._columns = columns
        self._shown = Shown(scene.theme, scene.view.odds, scene.moment, scene.view.cleared, scene.view.opener)
        self._market: tuple[Market | None, bool, float | None] = (None, False, None)
        self._value = Value()
        self._mains: dict[str, dict[str, Cell]] = {}
        self._names: dict[int, dict[str, str]] = {}
        #: Of the markets that were drawn: how many books do not count, by reason.
        self.out: dict[str, set[str]] = {}

    def line(self, item: Item) -> Parts:
        """One line of the body, exactly as wide as the scene."""
        if item.market is not None:
            return self._row(item, item.market)
        if item.section:
            return self._section(item)
        return self._player(item) if item.player else self._band(item.game, item.ident)

    def _section(self, item: Item) -> Parts:
        theme, width = self._scene.theme, self._scene.width
        mark = "▸" if self._is_cursor(item.ident) else " "
        name = f"{mark}{item.section} "
        style = theme.good if item.section == "LIVE" else theme.text
        return [(name, style + Style(bold=True)), ("─" * max(0, width - cell_len(name)), theme.rule)]

    # --- a game's band ------------------------------------------------------------------------------

    def _band(self, game: Game, ident: object) -> Parts:
        theme, width = self._scene.theme, self._scene.width
        pin = f"{PIN} " if game.game_id in self._scene.view.pinned else ""
        down = self._down(game)
        when = visible(stands(game, self._scene.zone, self._scene.moment), 40)
        lively = section(game, self._scene.moment) == "LIVE" and not down
        tail: Parts = [(f" {when} ", theme.band + theme.good if lively else theme.band_dim)] if when else []
        if down:
            tail = [(f" {OLD} {down} ", theme.band + theme.bad), *tail]
        room = width - sum(cell_len(text) for text, _ in tail)
        name = f" {pin}{visible(game.title)}  "
        if self._is_cursor(ident):
            name = f"▸{name[1:]}"
        head = fit(name, min(room, cell_len(name)))
        return [
            (head, theme.band),
            (fit(visible(league(game), 24), max(0, room - cell_len(head))), theme.band_dim),
            *[(fit(text, max(0, width - room)) if room <= 0 else text, style) for text, style in tail],
        ]

    def _down(self, game: Game) -> str:
        """Whether the links that fed this game are dead, and since when."""
        links = {
            cell.link.conn: cell.link
            for market in game.markets.values()
            for row in market.rows.values()
            for cell in row.cells.values()
        }
        dead = [link for link in links.values() if link.up is False]
        if not dead:
            return ""
        link = max(dead, key=lambda link: link.since)
        what = "link down" if len(dead) == len(links) else f"{len(dead)} of {len(links)} connections down"
        return f"{what} {ago(self._scene.moment - link.since)}"

    def _player(self, item: Item) -> Parts:
        theme = self._scene.theme
        mark = "▸" if self._is_cursor(item.ident) else " "
        return [(fit(f"{mark} {visible(item.player)}", self._scene.width), theme.text + Style(bold=True))]

    def _is_cursor(self, ident: object) -> bool:
        return self._scene.view.cursor is not None and ident == self._scene.view.cursor

    # --- a selection --------------------------------------------------------------------------------

    def _row(self, item: Item, market: Market) -> Parts:
        scene, columns = self._scene, self._columns
        key = (market, item.main, item.line)
        if key != self._market:
            self._market = key
            self._value = worth(item, scene.terms)
            self._mains = _value.shown(market, self._value.line) if item.main else _value.at_line(market, item.line)
            for book, why in self._value.out.items():
                if why != "twice":
                    self.out.setdefault(why, set()).add(book)
        value, theme = self._value, scene.theme
        best = value.best.get(item.side)
        cells = {book: cell for book in columns.books if (cell := self._mains.get(book, {}).get(item.side))}
        parts: Parts = [*self._label(item, market, cells)]
        for book in columns.books:
            parts += self._cell(
                item, market, book, cells.get(book), best is not None and value.compared > 1 and book in best.books
            )
        room = scene.width - columns.label - len(columns.books) * columns.cell
        if columns.best:
            room -= columns.best + 1 + columns.hold + columns.fair + columns.edge + columns.open + columns.spark
            parts += [("│", theme.rule), *self._best(item, best, columns.best)]
        if columns.hold:
            parts += right([self._hold(item, value)], columns.hold)
        if columns.fair:
            parts += right([self._fair(item, value)], columns.fair)
        if columns.edge:
            parts += right([self._edge(item, value)], columns.edge)
        if columns.open:
            parts += right([(self._first(item, value), theme.dim)], columns.open)
        if columns.spark:
            trail = market.trails.get(item.side, []) if item.main else []
            bars = _cells.spark(trail, columns.spark - 2) if len(trail) > 1 else ""
            parts += right([(bars, theme.dim)], columns.spark)
        return [*parts, (" " * room, theme.text)] if room > 0 else parts

    def _label(self, item: Item, market: Market, cells: dict[str, Cell]) -> Parts:
        theme, columns = self._scene.theme, self._columns
        what = market.sides.get(item.side)
        mark = "▸" if self._is_cursor(item.ident) else " "
        name_style = theme.title if mark == "▸" else theme.text
        long = columns.tag > 5
        name = side_name(what, item.side, market, long=long) if what is not None else item.side
        line = ""
        compared = self._value.line if item.main else item.line
        if compared is not None and what is not None:
            line = f" {_cells.points(own_line(market, item.side, compared), signed=what.kind == 'spread')}"
        part = "" if market.key.period == "game" else market.key.period
        # A half without its market would look like another one of the same half; without its name, like the whole game.
        wide = max(columns.tag, _PART_TAG if columns.tag else cell_len(part) + 1) if part else columns.tag
        # Where the name tells the market of a player's, too, its first letters before it would be noise.
        tells = not long and market.key.subject and market.key.kind != "team_total"
        if tells:
            wide = min(wide, 2)
        tag = fit(tag_of(market, wide - 1) if item.first and not tells else "", wide) if wide else ""
        rest = columns.label - cell_len(tag) - 1
        # Of a long name, its side and its line, it is the name that is cut.
        name = short_of(visible(name), (what.side or "") if what is not None else "", max(0, rest - cell_len(line) - 1))
        style = self._moved_line(cells) or name_style
        space = max(0, rest - cell_len(name) - cell_len(line))
        return [(mark, name_style), (tag, theme.tag), (name, name_style), (line, style), (" " * space, theme.text)]

    def _moved_line(self, cells: dict[str, Cell]) -> Style | None:
        """The colour of the line, if some book's moved a moment ago."""
        moved = max((cell for cell in cells.values() if line_moved(cell)), key=lambda cell: cell.moved, default=None)
        if moved is None or self._scene.moment - moved.moved >= _cells.WARM or moved.moved <= self._shown.cleared:
            return None
        rose = _cells.rises(moved, self._scene.view.odds, line=True)
        return self._scene.theme.up if rose else self._scene.theme.down

    def _cell(self, item: Item, market: Market, book: str, cell: Cell | None, best: bool) -> Parts:
        width, theme = self._columns.cell, self._scene.theme
        if self._scene.view.holds:
            held = self._value.hold_of(book)
            return right(
                [("" if held is None or not item.first else percent(held), theme.text), (" ", theme.text)], width
            )
        if cell is None:
            return [(" " * width, theme.text)]
        trust = self._scene.terms.trust(cell)
        other = item.main and cell.row.line != self._value.line
        parts = _cells.cell(cell, trust, self._shown, width, line=False, best=best, other=other)
        if not item.main and item.line is not None and trust == "open" and market.main(book) == (True, item.line):
            # Among its other lines, a book's main one.
            parts = [(text, style + _MAIN if text.strip() else style) for text, style in parts]
        return parts

    def _best(self, item: Item, best: _value.Best | None, width: int) -> Parts:
        theme = self._scene.theme
        if best is None or best.cell.quote.price is None:
            return [(" " * width, theme.text)]
        quote = best.cell.quote
        assert quote.price is not None
        price = words.odds(quote.price, self._scene.view.odds)
        mark = "$" if quote.limit is not None and quote.limit < SMALL_STAKE else " "
        if best.mark:
            mark = "¹"
        more = f"+{len(best.books) - 1}" if len(best.books) > 1 else ""
        # The price is never cut; a blank stands before the name where a code has room for it.
        size = max(0, width - cell_len(price) - 2)
        lead = " " * (size > _LEAST_NAME)
        size -= len(lead)
        if size - len(more) < _LEAST_NAME:
            more = ""
        whose = self.name(best.books[0], max(1, size - len(more))) + more
        good = self._value.fair.get(item.side, 1.0) > 1 / quote.price.decimal
        style = theme.best + theme.good if good else theme.best
        address = web_address(quote.link)
        if address:
            style += Style(link=address)
        gap = max(0, width - 1 - len(lead) - cell_len(whose) - cell_len(price))
        return [(lead + whose, theme.text), (" " * gap, theme.text), (price, style), (mark, theme.warn)]

    def name(self, book: str, width: int) -> str:
        """A book's code, or its name in at most so many cells; told apart from every other one."""
        names = self._names.get(width)
        if names is None:
            board, view = self._scene.board, self._scene.view
            names = tags(sorted(board.books), width) if view.names else codes(board)
            self._names[width] = names
        name = visible(names.get(book, book))
        return set_cell_size(name, min(cell_len(name), width))

    def _hold(self, item: Item, value: Value) -> tuple[str, Style]:
        """The hold of the best prices, on the first line of a market."""
        theme = self._scene.theme
        if not item.first or value.hold is None:
            return "", theme.dim
        if value.doubtful:
            return f"{value.hold * 100:.{0 if value.hold < _value.TOO_GOOD else 1}f}%?", theme.stale
        told = percent(value.hold)
        return told, theme.title if told.startswith("-") else theme.text

    def _fair(self, item: Item, value: Value) -> tuple[str, Style]:
        fair, theme = value.fair.get(item.side), self._scene.theme
        if fair is None:
            return "", theme.dim
        if value.doubtful:
            # A mean of prices of two moments is fair of neither.
            return "?", theme.stale
        return _cells.fair(fair, self._scene.view.odds), theme.text

    def _edge(self, item: Item, value: Value) -> tuple[str, Style]:
        """By how much Best pays more than is fair; what is below zero is only what a bookmaker earns."""
        theme = self._scene.theme
        edge = _value.edge(value, item.side)
        if edge is None or edge < _LEAST_EDGE:
            return "", theme.dim
        return (f"{percent(edge)}?", theme.stale) if value.doubtful else (f"+{percent(edge)}", theme.good)

    def _first(self, item: Item, value: Value) -> str:
        """The first price of this run, at the leftmost book that has one, with its line if that was another."""
        columns = ordered_of(self._mains, self._columns.books)
        cell = next((cell for book in columns if (cell := self._mains[book].get(item.side)) and cell.first), None)
        if cell is None or cell.first is None:
            return ""
        price = words.odds(cell.first, self._scene.view.odds)
        if cell.first_line == cell.quote.line == own_line(cell.row.market, item.side, value.line):
            return price
        return f"{_cells.points(cell.first_line, signed=cell.quote.what.kind == 'spread')} {price}".strip()


def ordered_of(cells: dict[str, dict[str, Cell]], books: list[str]) -> list[str]:
    """The books of these cells, those that have a column first."""
    return [*(book for book in books if book in cells), *(book for book in cells if book not in books)]


def line_moved(cell: Cell) -> bool:
    """Whether the last move of a cell was one of its line."""
    return cell.before_line is not None and cell.quote.line is not None and cell.before_line != cell.quote.line


def ago(micros: int) -> str:
    """How long ago, in three cells: `0s`, `59s`, `12m`, `3h`, `9d`."""
    seconds = max(0, micros) // _SECOND
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    return f"{seconds // 3600}h" if seconds < 86_400 else f"{seconds // 86_400}d"


def percent(share: float) -> str:
    """A share in percent with one decimal; what rounds to nothing has no sign."""
    return f"{round(share * 100, 1) + 0.0:.1f}%"
