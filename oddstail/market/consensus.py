"""What a market is worth over all books: the best price of each side, the hold, the fair price, and who was left out.

Only what is on offer counts: open, priced, fresh, from a link that is up. Every book that is left out is left
out for a reason that is told. Pure; the arithmetic is in `margin`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

from oddstail import margin
from oddstail.market.game import Cell, Market, Trust
from oddstail.market.state import Board
from oddstail.text import visible
from oddstail.words import bare

CONSENSUS = "consensus"
#: A book's own prices never add up to less than a certainty: then an outcome is missing, or one side is a moment old.
_WHOLE = 0.999
#: A sure win of more than this is hardly ever one: some book has not followed yet.
TOO_GOOD = -0.1
#: How many times over a fair price pays a price that is hardly one: the other books have moved, or its own has slipped.
_TOO_HIGH = 1.2
#: Microseconds by which prices of one moment may differ in age.
_APART = 20_000_000

#: Why a book does not count, in the words that a user reads.
REASONS: dict[str, str] = {
    "suspended": "suspended",
    "removed": "removed",
    "settled": "settled",
    "unpriced": "line without a price",
    "stale": "from before a gap",
    "silent": "silent too long",
    "mute": "its link is silent",
    "down": "link down",
    "late": "over 60 s old in play, others moved",
    "line": "another line",
    "side": "one side only",
    "twice": "another provider told this book later",
}


class Best(NamedTuple):
    """The highest price of a side, and the books that offer it."""

    cell: Cell
    books: list[str]


@dataclass(slots=True)
class Value:
    """`best` and `fair` by side; `fair` is a probability. `out` says of each book that was left out why.

    `line` is the line that was compared (as the market counts it). A book in `partial` has but one side
    on offer: its price may be the best, its hold is not known. `apart` is by how many microseconds the best prices
    of the sides differ in age, `above` how many times over its fair price the highest of them pays.
    """

    line: float | None = None
    best: dict[str, Best] = field(default_factory=dict)
    hold: float | None = None
    fair: dict[str, float] = field(default_factory=dict)
    holds: dict[str, float] = field(default_factory=dict)
    out: dict[str, str] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    compared: int = 0
    apart: int = 0
    above: float = 0.0

    @property
    def doubtful(self) -> bool:
        """Whether a hold below zero is rather a price that has not followed: too good, or of two moments."""
        if self.hold is None or self.hold >= 0:
            return False
        return self.hold < TOO_GOOD or self.apart > _APART or self.above > _TOO_HIGH


class Terms(NamedTuple):
    """How to judge: what a cell is worth, how the margin is taken out, whose price is fair.

    `books` are the books by column, where several columns may be one book's.
    """

    trust: Callable[[Cell], Trust]
    devig: str = "multiplicative"
    fair: str = CONSENSUS
    books: Mapping[str, str] = MappingProxyType({})


def of_market(market: Market, terms: Terms) -> Value:
    """Over each book's main line; compared is the line that most of them have, the most balanced of several."""
    open_: dict[float | None, dict[str, dict[str, Cell]]] = {}
    out: dict[str, str] = {}
    for book, cells in mains(market).items():
        line = next(iter(cells.values())).row.line
        good, why = _sorted_out(cells, terms)
        if good:
            open_.setdefault(line, {})[book] = good
        elif why:
            out[book] = why
    _told_once(open_, out, terms)
    if not open_:
        return Value(out=out)
    line = min(open_, key=lambda line: (-len(open_[line]), _lean(open_[line]), line or 0.0))
    for other, books in open_.items():
        if other != line:
            out.update(dict.fromkeys(books, "line"))
    return _valued(market, line, open_[line], out, terms)


def of_line(market: Market, line: float | None, terms: Terms) -> Value:
    """Over every book that has this one line."""
    open_: dict[str, dict[str, Cell]] = {}
    out: dict[str, str] = {}
    for book, cells in at_line(market, line).items():
        good, why = _sorted_out(cells, terms)
        if good:
            open_[book] = good
        elif why:
            out[book] = why
    _told_once({line: open_}, out, terms)
    return _valued(market, line, open_, out, terms)


def mains(market: Market) -> dict[str, dict[str, Cell]]:
    """Each book's cells by side, at its main line; where it has no line left, the word that it was withdrawn."""
    out: dict[str, dict[str, Cell]] = {}
    withdrawn: dict[str, dict[str, Cell]] = {}
    for (side, line), row in market.rows.items():
        for book, cell in row.cells.items():
            if cell.quote.status in ("removed", "settled"):
                withdrawn.setdefault(book, {})[side] = cell
            elif market.main(book) == (True, line):
                out.setdefault(book, {})[side] = cell
    for book, cells in withdrawn.items():
        if book not in out:
            line = next(iter(cells.values())).row.line
            out[book] = {side: cell for side, cell in cells.items() if cell.row.line == line}
        else:
            line = next(iter(out[book].values())).row.line
            for side, cell in cells.items():
                if cell.row.line == line:
                    out[book].setdefault(side, cell)
    return out


def at_line(market: Market, line: float | None) -> dict[str, dict[str, Cell]]:
    """Each book's cells by side at one line."""
    out: dict[str, dict[str, Cell]] = {}
    for (side, its), row in market.rows.items():
        if its == line:
            for book, cell in row.cells.items():
                out.setdefault(book, {})[side] = cell
    return out


def _sorted_out(cells: dict[str, Cell], terms: Terms) -> tuple[dict[str, Cell], str]:
    """The cells that may be bet on, and why the first that may not does not."""
    good: dict[str, Cell] = {}
    why = ""
    for side, cell in cells.items():
        trust = terms.trust(cell)
        if trust == "open":
            good[side] = cell
        else:
            why = why or trust
    return good, why


def _told_once(open_: dict[float | None, dict[str, dict[str, Cell]]], out: dict[str, str], terms: Terms) -> None:
    """Of columns that are one book's, only what was said last counts: a book can be bet on but once."""
    latest: dict[str, tuple[int, float | None, str]] = {}
    for line, columns in list(open_.items()):
        for column, cells in list(columns.items()):
            if (book := terms.books.get(column)) is None:
                continue
            at = max(cell.at for cell in cells.values())
            other = latest.get(book)
            if other is not None:
                (_, its, late), latest[book] = sorted((other, (at, line, column)), key=lambda one: one[0])
                out[late] = "twice"
                del open_[its][late]
                if not open_[its]:
                    del open_[its]
            else:
                latest[book] = at, line, column


def _valued(
    market: Market, line: float | None, books: dict[str, dict[str, Cell]], out: dict[str, str], terms: Terms
) -> Value:
    value = Value(line=line, out=out, compared=len(books))
    for book, cells in books.items():
        for side, cell in cells.items():
            best = value.best.get(side)
            mine, theirs = _decimal(cell), _decimal(best.cell) if best else 0.0
            if best is None or mine > theirs:
                value.best[side] = Best(cell, [book])
            elif mine == theirs:
                best.books.append(book)
    sides = _outcomes(market)
    if len(sides) < 2:
        return value
    fairs: dict[str, list[float]] = {}
    for book, cells in books.items():
        if any(side not in cells for side in sides):
            value.partial.append(book)
            continue
        raw = [1 / _decimal(cells[side]) for side in sides]
        if sum(raw) < _WHOLE:
            value.partial.append(book)
            continue
        value.holds[book] = margin.hold(raw)
        fairs[book] = margin.METHODS[terms.devig](raw)
    # One whole book is the proof that these outcomes are all that can happen.
    if fairs and all(side in value.best for side in sides):
        value.hold = margin.hold([1 / _decimal(value.best[side].cell) for side in sides])
        said = [value.best[side].cell.at for side in sides]
        value.apart = max(said) - min(said)
    if terms.fair != CONSENSUS:
        fairs = {book: fair for book, fair in fairs.items() if is_of(book, terms.fair)}
    if fairs:
        value.fair = {
            side: sum(fair[at] for fair in fairs.values()) / len(fairs) for at, side in enumerate(sides)
        }  # fmt: skip
    if value.fair and value.hold is not None and value.hold < 0:
        value.above = max(_decimal(best.cell) * value.fair.get(side, 0.0) for side, best in value.best.items())
    return value


def _outcomes(market: Market) -> list[str]:
    """The sides of a market whose sides are known to exclude each other; none for any other market."""
    sides = list(market.sides)
    kind = market.key.kind
    if kind == "moneyline":
        return sides if len(sides) in (2, 3) else []
    if len(sides) != 2:
        return []
    known = {what.side for what in market.sides.values()}
    if kind == "spread" or known in ({"over", "under"}, {"yes", "no"}):
        return sides
    return []


def _decimal(cell: Cell) -> float:
    price = cell.quote.price
    return price.decimal if price is not None else 1.0


def _lean(books: dict[str, dict[str, Cell]]) -> float:
    """How far from even the prices of a line are."""
    probs = [1 / _decimal(cell) for cells in books.values() for cell in cells.values()]
    return abs(sum(probs) / len(probs) - 0.5) if probs else 1.0


def is_of(column: str, book: str) -> bool:
    """Whether a column is of this book: it may have a provider's letters before the name (market/game_match.py)."""
    wanted = bare(book)
    return bool(wanted) and wanted in (bare(column), bare(column.partition(" ")[2]))


def missing(board: Board, fair: str) -> str:
    """What to say where `--fair` names a book that the board has nothing of; empty where it has, or has none at all."""
    if fair == CONSENSUS or not board.books or any(is_of(column, fair) for column in board.books):
        return ""
    names = {bare(column): column for column in board.books}
    near = [visible(names[name]) for name in get_close_matches(bare(fair), names, n=2)]
    return f"--fair {visible(fair, 20)}: no such book here" + (f"; did you mean {' or '.join(near)}?" if near else "")
