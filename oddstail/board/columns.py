"""Which columns fit, and which are left out: in a stated order, and counted. Pure.

As the screen gets narrower there go, in this order: the sparkline; books beyond the fifth, those with the fewest
prices first; the long names; books beyond the third; Fair; Hold; the second and third book; Best. The prices of
books that do not fit still count in Best, Hold and Fair.
"""

from __future__ import annotations

from dataclasses import dataclass

from oddstail.board.view import View
from oddstail.market.state import Board

_HOLD, _FAIR, _SPARK, _RULE = 6, 6, 12, 1
_AIR = 2
_BEST_LONG, _BEST_SHORT = 21, 15
_LABEL_LONG, _LABEL_FULL, _LABEL_SHORT, _LABEL_LEAST = 34, 27, 19, 12
_TAG_LONG, _TAG_SHORT = 11, 4


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
    spark: int
    hidden: int
    after: int


def columns(board: Board, view: View, width: int) -> Columns:
    """What fits into `width` cells."""
    books = ordered(board)
    # `+13½ -110▲` with a blank before it; in other notations `+13½ 1.909▲`; twice that beside the first price.
    cell = (11 if view.odds == "american" else 12) + (10 if view.opener else 0)
    cell += view.opener and view.odds != "american"
    label, tag, best, hold, fair, spark = _LABEL_SHORT, _TAG_SHORT, _BEST_SHORT, _HOLD, _FAIR, 0
    least = min(3, len(books))

    def left() -> int:
        return width - label - (best + _RULE if best else 0) - hold - fair - spark

    if left() < least * cell:
        fair = 0
    if left() < least * cell:
        hold = 0
    if left() < cell:
        label = max(_LABEL_LEAST, label + left() - cell)
    if left() < cell:
        best = 0
        label = min(_LABEL_SHORT, max(_LABEL_LEAST, width - cell))
    if left() >= min(len(books), 6) * cell + (_LABEL_LONG - _LABEL_SHORT):
        label, tag = _LABEL_LONG, _TAG_LONG
    elif left() >= min(len(books), 5) * cell + (_LABEL_FULL - _LABEL_SHORT):
        label = _LABEL_FULL
    if best and left() >= len(books) * cell + (_BEST_LONG - _BEST_SHORT):
        best = _BEST_LONG
    if view.look.spark and left() >= least * cell + _SPARK:
        spark = _SPARK
    room = max(1, left() // cell)
    first = min(view.first_book, max(0, len(books) - room))
    shown = books[first : first + room]
    # What is left over goes to the names of the selections, then to the name of the best book.
    if best:
        label += max(0, min(_LABEL_FULL - label, left() - len(shown) * cell))
        best += min(_BEST_LONG - best, left() - len(shown) * cell)
    if fair and left() - len(shown) * cell >= 2 * _AIR:
        hold, fair = hold + _AIR, fair + _AIR
    if shown and len(shown) == len(books):
        cell += min(3, (left() - len(shown) * cell) // len(shown))
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
        spark=spark,
        hidden=len(books) - len(shown),
        after=len(books) - first - len(shown),
    )


def ordered(board: Board) -> list[str]:
    """Every book that was on the board, by name; those that never had many prices after the others.

    A book that withdrew everything keeps its column: nothing is to jump because of it.
    """
    most = max(board.placed.values(), default=0)
    return sorted(board.books, key=lambda book: (board.placed[book] * 4 < most, book.casefold()))


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
