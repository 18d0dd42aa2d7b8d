"""Which columns fit, and which are left out: in a stated order, and counted. Pure.

As the screen gets narrower there go, in this order: the sparkline; Open; Edge; books beyond the eighth; the long names;
books beyond the fifth, from the right; Fair; Hold; the second and third book; Best. The prices of books that do not fit
still count in Best, Hold and Fair.
"""

from __future__ import annotations

from dataclasses import dataclass

from oddstail.board.view import View
from oddstail.market import books as _books
from oddstail.market.state import Board
from oddstail.words import bare

_HOLD, _FAIR, _SPARK, _RULE, _EDGE, _OPEN = 6, 6, 12, 1, 7, 11
_AIR = 2
#: `B365 -10000` or `B365+2 -10000`, with a mark after it; with codes, and with names.
_BEST_SHORT, _BEST_LONG = (12, 16), (16, 22)
_LABEL_LONG, _LABEL_FULL, _LABEL_SHORT, _LABEL_LEAST = 38, 31, 20, 12
_TAG_LONG, _TAG_SHORT = 11, 4
#: A label under which the names of teams cannot be told apart, and the books for which it is made that short.
_LABEL_TIGHT, _FEW = 16, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Widths in cells, 0 for what is left out. `hidden` counts books that do not fit, `after` those to the right."""

    label: int
    tag: int
    cell: int
    books: list[str]
    best: int
    hold: int
    fair: int
    edge: int
    open: int
    spark: int
    hidden: int
    after: int


def columns(board: Board, view: View, width: int) -> Columns:
    """What fits into `width` cells."""
    books = ordered(board)
    # `-6565▲` with a blank before it; under a name of ten letters; twice that next to the first price.
    cell = (11 if view.names else 7) + (7 if view.opener else 0)
    label, tag, hold, fair, edge, first_price, spark = _LABEL_SHORT, _TAG_SHORT, _HOLD, _FAIR, 0, 0, 0
    best, best_long = _BEST_SHORT[view.names], _BEST_LONG[view.names]
    least = min(_FEW, len(books))

    def left() -> int:
        return width - label - (best + _RULE if best else 0) - hold - fair - edge - first_price - spark

    if left() < least * cell:
        fair = 0
    if left() < least * cell:
        hold = 0
    if left() < least * cell:
        # A shorter label, if that makes room for one more book.
        short = (left() + label - _LABEL_TIGHT) // cell
        if short > left() // cell:
            label = max(_LABEL_TIGHT, label + left() - short * cell)
    if left() < cell:
        label = max(_LABEL_LEAST, label + left() - cell)
    if left() < cell:
        best = 0
        label = min(_LABEL_SHORT, max(_LABEL_LEAST, width - cell))
    if left() >= min(len(books), 8) * cell + (_LABEL_LONG - _LABEL_SHORT):
        label, tag = _LABEL_LONG, _TAG_LONG
    elif left() >= min(len(books), 8) * cell + (_LABEL_FULL - _LABEL_SHORT):
        label = _LABEL_FULL
    full = min(len(books), 8) * cell
    if fair and left() >= full + _EDGE:
        edge = _EDGE
    if edge and left() >= full + _OPEN:
        first_price = _OPEN
    if view.look.spark and left() >= least * cell + _SPARK:
        spark = _SPARK
    room = max(1, left() // cell)
    first = min(view.first_book, max(0, len(books) - room))
    shown = books[first : first + room]
    # What is left over goes to the names of the selections, then to the name of the best book.
    if best:
        label += max(0, min(_LABEL_FULL - label, left() - len(shown) * cell))
        best += max(0, min(best_long - best, left() - len(shown) * cell))
    if fair and left() - len(shown) * cell >= 2 * _AIR:
        hold, fair = hold + _AIR, fair + _AIR
    if shown and len(shown) == len(books):
        cell += min(5, (left() - len(shown) * cell) // len(shown))
    if shown and best:
        # What is left over makes the names of the selections longer, up to what they need.
        label += min(left() - len(shown) * cell, 14)
    return Columns(
        label=label,
        tag=tag if label >= _LABEL_SHORT else 0,
        cell=cell,
        books=shown,
        best=best,
        hold=hold,
        fair=fair,
        edge=edge,
        open=first_price,
        spark=spark,
        hidden=len(books) - len(shown),
        after=len(books) - first - len(shown),
    )


def ordered(board: Board) -> list[str]:
    """Every book that was on the board: sharp ones first, then the well-known ones, others by name.

    Those that never had many prices come last, unless they are sharp. A book that withdrew everything keeps its
    column: nothing is to jump because of it.
    """
    most = max(board.placed.values(), default=0)

    def place(book: str) -> tuple[object, ...]:
        name = _name(board, book)
        few = board.placed[book] * 4 < most and not _books.is_sharp(name)
        return (few, _books.rank(name), name.casefold(), book.casefold())

    return sorted(board.books, key=place)


def _name(board: Board, column: str) -> str:
    """A column's book: it may have a provider's letters before the name (market/game_match.py)."""
    return column.partition(" ")[2] if column in board.columns else column


def codes(board: Board) -> dict[str, str]:
    """A short name for each book, no two alike. The same book of two providers has their letters before it."""
    out: dict[str, str] = {}
    seen: set[str] = set()
    columns = ordered(board)
    twice = [board.columns[book] for book in columns if book in board.columns]
    for book in columns:
        name = _name(board, book)
        code = _books.code(name)
        if twice.count(board.columns.get(book, "")) > 1:
            code = f"{book.partition(' ')[0]}{code}"
        if code in seen:
            # Another letter of the name, the last one first; else a number.
            tries = [f"{code[:3]}{char.upper()}" for char in bare(name)[::-1]]
            tries += [f"{code[:2]}{number}" for number in range(2, len(columns) + 3)]
            code = next(one for one in tries if one not in seen)
        out[book] = code
        seen.add(out[book])
    return out


def tags(books: list[str], width: int) -> dict[str, str]:
    """A short name for each book: its beginning, and where two would be the same, what first differs."""
    out: dict[str, str] = {}
    for book in books:
        alike = [other for other in books if other != book and other[:width].casefold() == book[:width].casefold()]
        if not alike:
            out[book] = book[:width]
            continue
        at = next((at for at, char in enumerate(book) if any(other[at : at + 1] != char for other in alike)), width)
        out[book] = book[: width - 1] + book[at : at + 1]
    return out
