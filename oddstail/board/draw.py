"""A board as a table that fits: rows are selections grouped by game, columns are books. Draws, decides nothing."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from oddstail import words
from oddstail.board.state import Board, Cell, Game, Row
from oddstail.text import visible

_NAME, _CELL = 30, 13
_STALE, _OFF, _HEAD = Style(dim=True, italic=True), Style(dim=True), Style(bold=True)
_UP, _DOWN = Style(bold=True, color="cyan"), Style(bold=True, color="bright_yellow")
_PERIODS = {
    "1h": "1st half",
    "2h": "2nd half",
    "q1": "1st quarter",
    "f5": "first 5",
    "i1": "1st inning",
    "s1": "1st set",
}


class Picture:
    """One frame: as many games as fit the height, as many books as fit the width, and what was left out."""

    def __init__(self, board: Board, title: str, status: str) -> None:
        self._board = board
        self._title = title
        self._status = status

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or console.height
        books = _books(self._board, width)
        left_out = sum(1 for count in self._board.books.values() if count > 0) - len(books)
        table, shown, total = self._table(books, width, height - 3)
        yield _bar(self._title, width, _HEAD)
        yield table
        if not total:
            yield Text("waiting for the first prices ...", style=_OFF)
        yield Segment.line()
        hidden = [f"{total - shown} of {total} selections below"] if total > shown else []
        if left_out > 0:
            hidden.append(f"{left_out} of {left_out + len(books)} books do not fit: widen, or name books with -b")
        yield _bar("  ".join([self._status, *hidden]), width, _UP if all(self._board.up.values()) else _DOWN)

    def _table(self, books: list[str], width: int, height: int) -> tuple[Table, int, int]:
        table = Table(box=None, expand=False, pad_edge=False, show_header=True, header_style=_HEAD, padding=(0, 1))
        name = min(_NAME, max(12, width - (_CELL + 1) * len(books) - 1))
        table.add_column("", width=name, no_wrap=True)
        for book in books:
            table.add_column(Text(visible(book, _CELL)), width=_CELL, no_wrap=True, justify="right")
        games = self._board.ordered()
        total = sum(len(game.rows) for game in games)
        shown, room = 0, height - 1
        for game in games:
            if room < 2:
                break
            table.add_row(Text(visible(_headline(game)), style=_HEAD, no_wrap=True, overflow="ellipsis"))
            room -= 1
            for row in sorted(game.rows.values(), key=lambda row: row.order):
                if room < 1:
                    break
                cells = [self._cell(row, row.cells.get(book)) for book in books]
                table.add_row(Text(f" {visible(_label(row))}", no_wrap=True, overflow="ellipsis"), *cells)
                room -= 1
                shown += 1
        return table, shown, total

    def _cell(self, row: Row, cell: Cell | None) -> Text:
        """A price, or the reason why there is none. What may not be bet on never looks like a price that may."""
        if cell is None:
            return Text("")
        quote = cell.quote
        own_line = row.line is None and quote.line is not None
        line = f"{words.points(quote.line, signed=quote.what.kind == 'spread')} " if own_line else ""
        if quote.price is None:
            word = "no price" if quote.status == "open" else "suspended"
            return Text(f"{line if quote.status == 'open' else ''}{word}", style=_OFF)
        price = f"{line}{words.american(quote.price.american)}"
        if self._board.is_stale(cell):
            return Text(f"({price})?", style=_STALE)
        return Text(price)


def _books(board: Board, width: int) -> list[str]:
    """The books with the most prices, as many as fit, in the order of their names."""
    room = max(1, (width - _NAME) // (_CELL + 1))
    most = [book for book, count in board.books.most_common() if count > 0][:room]
    return sorted(most, key=str.casefold)


def _headline(game: Game) -> str:
    start = f"  {game.start[5:16].replace('T', ' ')} UTC" if game.start else ""
    status = f"  {game.status}" if game.status else ""
    return f"{game.league}  {game.title}{start}{status}"


def _label(row: Row) -> str:
    what = row.what
    kind = {"moneyline": "", "spread": "", "total": "", "team_total": "team total", "other": what.market,
            "future": what.market, "prop": _market(what.market)}.get(what.kind, what.market)  # fmt: skip
    side = what.side.capitalize() if what.side and what.kind in ("prop", "team_total", "other") else ""
    if side.casefold() in what.selection.casefold() or (
        what.selection in (what.home, what.away) and side in ("Home", "Away")
    ):
        side = ""
    line = (
        ""
        if row.line is None
        else words.points(
            -row.line if what.kind == "spread" and what.side == "home" else row.line,
            signed=what.kind == "spread",
        )
    )
    period = "" if what.period in (None, "game") else _PERIODS.get(what.period, what.period)
    return " ".join(word for word in (what.selection, side, line, kind, period) if word)


def _market(name: str) -> str:
    return name.replace("_", " ").removeprefix("player ").removeprefix("Player ")


def _bar(text: str, width: int, style: Style) -> Text:
    return Text(visible(text, width), style=style, no_wrap=True, overflow="crop", end="\n" if style is _HEAD else "")
