"""A board as a table that fits: rows are selections grouped by game, columns are books. Draws, decides nothing."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from oddstail import words
from oddstail.board.state import MOST_ROWS, Board, Cell, Game, Row
from oddstail.model import Selection
from oddstail.text import visible

_NAME, _CELL = 30, 13
_STALE, _OFF, _HEAD = Style(dim=True, italic=True), Style(dim=True), Style(bold=True)
_GAME = Style(bold=True, underline=True)
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
    """One frame: as many games as fit the height, as many books as fit the width, and what was left out.

    Lines are put together here rather than by a rich Table: a game's name runs across the columns, and
    a Table costs ten times as much for each row.
    """

    def __init__(self, board: Board, title: str, status: str) -> None:
        self._board = board
        self._title = title
        self._status = status

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or console.height
        books = _books(self._board, width)
        body, lines, shown, total = self._rows(books, width, max(1, height - 3))
        yield from _line((_fit(visible(self._title), width), _HEAD))
        name = _name_width(books, width)
        yield from _line(
            (" " * name, _HEAD), *((f" {_fit(visible(book), _CELL, right=True)}", _HEAD) for book in books)
        )
        yield from body
        if not total:
            yield from _line(("waiting for the first prices ...", _OFF))
        for _ in range(height - 3 - lines - (not total)):
            yield Segment.line()
        foot = "  ".join([self._status, *self._left_out(books, shown, total)])
        yield Segment(_fit(visible(foot), width), _UP if all(self._board.up.values()) else _DOWN)

    def _rows(self, books: list[str], width: int, height: int) -> tuple[list[Segment], int, int, int]:
        name = _name_width(books, width)
        games = self._board.ordered()
        out: list[list[Segment]] = []
        shown = 0
        for game in games:
            if height - len(out) < 2:
                break
            out.append(_line((_fit(visible(_headline(game)), width), _GAME)))
            for row in sorted(game.rows.values(), key=lambda row: row.order)[: height - len(out)]:
                cells = [self._cell(row, row.cells.get(book)) for book in books]
                out.append(
                    _line(
                        (_fit(f" {visible(_label(row))}", name), None),
                        *((f" {_fit(text, _CELL, right=True)}", style) for text, style in cells),
                    )
                )
                shown += 1
        total = sum(len(game.rows) for game in games)
        return [segment for line in out for segment in line], len(out), shown, total

    def _left_out(self, books: list[str], shown: int, total: int) -> list[str]:
        out = [f"{total - shown} of {total} selections below"] if total > shown else []
        if self._board.hidden:
            out.append(f"{self._board.hidden} quotes beyond {MOST_ROWS:,} rows are not shown")
        every = sum(1 for count in self._board.books.values() if count > 0)
        if every > len(books):
            out.append(f"{every - len(books)} of {every} books do not fit: widen, or ask for fewer")
        return out

    def _cell(self, row: Row, cell: Cell | None) -> tuple[str, Style | None]:
        """A price, or the reason why there is none. What may not be bet on never looks like a price that may."""
        if cell is None:
            return "", None
        quote = cell.quote
        own_line = row.line is None and quote.line is not None
        line = f"{words.points(quote.line, signed=quote.what.kind == 'spread')} " if own_line else ""
        if quote.price is None:
            return (f"{line}-", _OFF) if quote.status == "open" else ("suspended", _OFF)
        price = f"{line}{words.american(quote.price.american)}"
        return (f"({price})?", _STALE) if self._board.is_stale(cell) else (price, None)


def _books(board: Board, width: int) -> list[str]:
    """The books with the most prices on offer, as many as fit, in the order of their names."""
    room = max(1, (width - _NAME) // (_CELL + 1))
    there = [book for book, count in board.books.items() if count > 0]
    # A book of lines without prices is the first to make room.
    most = sorted(there, key=lambda book: (-board.priced[book], book))[:room]
    return sorted(most, key=str.casefold)


def _headline(game: Game) -> str:
    start = f"  {game.start[5:16].replace('T', ' ')} UTC" if game.start else ""
    status = f"  {game.status}" if game.status else ""
    return f"{game.league}  {game.title}{start}{status}"


def _label(row: Row) -> str:
    what = row.what
    kind = _kind(what)
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


def _kind(what: Selection) -> str:
    """What must be said of the market beside the selection: nothing where a line or a team says it."""
    match what.kind:
        case "spread" | "total":
            return ""
        case "moneyline":
            return _market(what.market) if "3" in what.market else ""
        case "team_total":
            return "team total"
        case "prop":
            return _market(what.market)
    return what.market


def _market(name: str) -> str:
    return name.replace("_", " ").removeprefix("player ").removeprefix("Player ")


def _line(*parts: tuple[str, Style | None]) -> list[Segment]:
    return [*(Segment(text, style) for text, style in parts), Segment.line()]


def _fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells of text: wide characters count two, what does not fit ends in an ellipsis."""
    if cell_len(text) > width:
        return set_cell_size(text, max(0, width - 1)) + "…"
    pad = " " * (width - cell_len(text))
    return pad + text if right else text + pad


def _name_width(books: list[str], width: int) -> int:
    return min(_NAME, max(12, width - (_CELL + 1) * len(books)))
