"""What a market is worth over all books: the best price of each side, the hold, the fair price, and who was left out.

Only what is on offer counts: open, priced, fresh, from a connection that is up. Every book that is left out is left
out for a reason that can be shown. Pure; the arithmetic is in `margin`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from oddstail import margin
from oddstail.market.game import Cell, Market, Trust, is_gone, tilt
from oddstail.market.state import Board
from oddstail.text import visible
from oddstail.words import bare

CONSENSUS = "consensus"
#: A book's own prices never add up to less than a certainty: then an outcome is missing, or one side is a moment old.
WHOLE = 0.999
#: A sure win of more than this is hardly ever one: some book has not followed yet.
TOO_GOOD = -0.1
#: How many times over a fair price pays a price that is hardly one: the other books have moved, or its own has slipped.
TOO_HIGH = 1.2
#: Microseconds by which prices of one moment may differ in age.
APART = 20_000_000

#: Why a book does not count, in the words that a user reads.
REASONS: dict[str, str] = {
    "suspended": "suspended",
    "removed": "removed",
    "settled": "settled",
    "unpriced": "line without a price",
    "stale": "from before a gap",
    "silent": "silent too long",
    "mute": "its connection is silent",
    "down": "link down",
    "late": "over 60 s old in play, others moved",
    "over": "its game is over, cancelled or postponed",
    "lay": "a price to lay, not to back",
    "pickem": "pick'em, no price of its own",
    "line": "another line",
    "side": "one side only",
    "twice": "another provider has this book's later price",
}


#: A price of which nothing more is heard.
_DEAD = frozenset({"down", "stale", "silent", "mute"})


class Best(NamedTuple):
    """The highest price of a side, and the books that offer it. `mark`: they offer no whole market here."""

    cell: Cell
    books: list[str]
    mark: bool = False


@dataclass(slots=True)
class Value:
    """`best` and `fair` by side; `fair` is a probability. `out` says of each book that was left out why.

    `line` is the line that was compared (as the market counts it). A book in `partial` has but one side on offer, or
    sides that are no whole market: its price may be the best, and counts neither in the hold nor in the fair price.
    `whole_books` has the raw probabilities of the others, in the order of the market's outcomes.
    `counted` are the cells of the books that count, `held` the cells of whole books that the hold was reckoned of.
    `whole` says whether the sides are all that can happen; `fair_books` of how many books the fair price is. `others`
    is the fair probability of a side without the book of its best price. `apart` is by how many microseconds the best
    prices of the sides differ in age, `above` how many times over its fair price the highest of them pays.
    """

    line: float | None = None
    best: dict[str, Best] = field(default_factory=dict)
    hold: float | None = None
    fair: dict[str, float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    whole_books: dict[str, list[float]] = field(default_factory=dict)
    out: dict[str, str] = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    held: dict[str, Cell] = field(default_factory=dict)
    counted: dict[str, dict[str, Cell]] = field(default_factory=dict)
    whole: bool = False
    fair_books: int = 0
    apart: int = 0
    above: float = 0.0

    @property
    def compared(self) -> int:
        """How many books count."""
        return len(self.counted)

    def hold_of(self, book: str) -> float | None:
        """The hold of a book's own prices; None where they are no whole market."""
        raw = self.whole_books.get(book)
        return None if raw is None else margin.hold(raw)

    @property
    def doubtful(self) -> bool:
        """Whether a hold below zero is rather a price that has not followed: too good, or of two moments."""
        if self.hold is None or self.hold >= 0:
            return False
        return self.hold < TOO_GOOD or self.apart > APART or self.above > TOO_HIGH


class Terms(NamedTuple):
    """How to judge: what a cell is worth, how the margin is taken out, whose price is fair.

    `books` are the books by column, where several columns may be one book's. `filtered`: a filter may hide an outcome.
    """

    trust: Callable[[Cell], Trust]
    devig: str = "multiplicative"
    fair: str = CONSENSUS
    books: Mapping[str, str] = MappingProxyType({})
    filtered: bool = False


def of_market(market: Market, terms: Terms) -> Value:
    """At the line that is compared; the books that do not have it are left out."""
    line = compared(market, terms)
    value = of_line(market, line, terms)
    for book, lines in market.books.items():
        if line not in lines:
            cells = next(iter(own(market, book).values()), {})
            why = next((why for cell in cells.values() if (why := terms.trust(cell)) != "open"), "line")
            value.out[book] = why
    return value


def compared(market: Market, terms: Terms) -> float | None:
    """The line that most books have as main; of several the most balanced, by the mean over these books."""
    if len(market.lines) == 1:
        return next(iter(market.lines))
    good: dict[float | None, list[str]] = {}
    rest: dict[float | None, list[str]] = {}
    latest = _latest(market, terms)
    for book in market.books:
        has, line = market.main(book)
        if not has or book in latest:
            continue
        cells = market.books[book][line].values()
        ranks = good if any(terms.trust(cell) == "open" for cell in cells) else rest
        if ranks is good or any(not cell.apart for cell in cells):
            ranks.setdefault(line, []).append(book)
    votes = good or rest
    if not votes:
        return next(iter(market.lines), None)
    most = max(map(len, votes.values()))
    lines = [line for line, books in votes.items() if len(books) == most]
    if len(lines) == 1:
        return lines[0]
    return min(lines, key=lambda line: (_balance(market, line, votes[line], terms), line or 0.0))


def _balance(market: Market, line: float | None, books: Iterable[str], terms: Terms) -> float:
    """The mean distance between the two sides' probabilities, over the books that have both."""
    tilts = []
    for book in books:
        cells = [cell for cell in market.books[book][line].values() if terms.trust(cell) == "open"]
        if len(cells) == 2:
            tilts.append(tilt([cell.quote.price for cell in cells]))
    return sum(tilts) / len(tilts) if tilts else 2.0


def _latest(market: Market, terms: Terms) -> dict[str, str]:
    """The columns that another column of the same book is later than, each with that one."""
    if not terms.books:
        return {}
    columns: dict[str, list[tuple[tuple[bool, int], str]]] = {}
    for column in market.books:
        book = terms.books.get(column)
        # What a dead connection said last is nobody's latest word while another one speaks of the book.
        times = [
            (terms.trust(cell) not in _DEAD, cell.time)
            for cells in own(market, column).values()
            for cell in cells.values()
            if not is_gone(cell.quote)
        ]
        if book is not None and times:
            columns.setdefault(book, []).append((max(times), column))
    out: dict[str, str] = {}
    for several in columns.values():
        newest = max(several)[1]
        out |= {column: newest for _, column in several if column != newest}
    return out


def of_line(market: Market, line: float | None, terms: Terms) -> Value:
    """Over every book that has this line, as its main line or not."""
    value = Value(line=line)
    trust, counted, out = terms.trust, value.counted, value.out
    for book, lines in market.books.items():
        cells = lines.get(line)
        if cells is None:
            continue
        good: dict[str, Cell] = {}
        why = ""
        for side, cell in cells.items():
            found = trust(cell)
            if found == "open":
                good[side] = cell
            else:
                why = why or found
        if good:
            counted[book] = good
        elif why:
            out[book] = why
    if terms.books:
        _once(market, line, value, terms)
    _weigh(market, value, terms)
    return value


def _once(market: Market, line: float | None, value: Value, terms: Terms) -> None:
    """Of one book that several providers have, only the price counts whose provider's time is the newest."""
    latest = _latest(market, terms)
    for column, winner in latest.items():
        if column not in value.counted:
            continue
        # What the earlier word calls the main line, and the later one does not, has moved.
        moved = market.main(column) == (True, line) and market.main(winner) != (True, line)
        theirs = market.books[winner].get(line, {})
        for side, cell in list(value.counted[column].items()):
            other = theirs.get(side)
            if moved or (other is not None and not is_gone(other.quote) and other.time >= cell.time):
                del value.counted[column][side]
            elif side in value.counted.get(winner, {}):
                del value.counted[winner][side]
        for one in (column, winner):
            if one in value.counted and not value.counted[one]:
                del value.counted[one]
                value.out[one] = "twice"


def _weigh(market: Market, value: Value, terms: Terms) -> None:
    """Best, hold and fair price of the cells that count."""
    sides = outcomes(market)
    size = len(sides)
    counted, whole = value.counted, value.whole_books
    value.whole = size > 0 and not terms.filtered
    for book, cells in counted.items():
        raw = [chance(cells[side]) for side in sides if side in cells]
        if size and len(raw) == size and sum(raw) >= WHOLE:
            whole[book] = raw
        else:
            value.partial.append(book)
    value.best = _bests(counted, value.partial if size else ())
    if not whole or not value.whole:
        return
    # One whole book is the proof that these outcomes are all that can happen.
    bests = value.best if not value.partial else _bests({book: counted[book] for book in whole})
    value.held = {side: best.cell for side, best in bests.items()}
    value.hold = margin.hold([chance(cell) for cell in value.held.values()])
    times = [value.best[side].cell.time for side in sides]
    value.apart = max(times) - min(times)
    fairs = {
        book: _fair(terms.devig, tuple(raw))
        for book, raw in whole.items()
        if terms.fair == CONSENSUS or is_of(book, terms.fair)
    }
    value.fair_books = many = len(fairs)
    if not many:
        return
    for at, side in enumerate(sides):
        total = sum([fair[at] for fair in fairs.values()])
        value.fair[side] = total / many
        best = value.best[side]
        own_fair = fairs.get(best.books[0])
        if own_fair is None:
            others = total / many
        elif many > 1:
            others = (total - own_fair[at]) / (many - 1)
        else:
            continue
        value.others[side] = others
        value.above = max(value.above, pays(best.cell) * others)


def _bests(counted: Mapping[str, Mapping[str, Cell]], partial: Collection[str] = ()) -> dict[str, Best]:
    """The highest price of each side; of equal ones that of a whole book, then by name."""
    most: dict[str, float] = {}
    found: dict[str, list[str]] = {}
    for book, cells in counted.items():
        for side, cell in cells.items():
            price = cell.quote.price
            if price is None:
                continue
            winnings = price.winnings
            if side not in most or winnings > most[side]:
                most[side], found[side] = winnings, [book]
            elif winnings == most[side]:
                found[side].append(book)
    best = {}
    for side, books in found.items():
        if len(books) > 1:
            books.sort(key=lambda book: (book in partial, book.casefold()))
        best[side] = Best(counted[books[0]][side], books, books[0] in partial)
    return best


def own(market: Market, book: str) -> dict[float | None, dict[str, Cell]]:
    """A book's main line with its cells."""
    has, line = market.main(book)
    lines = market.books[book]
    if has:
        return {line: lines[line]}
    return dict(list(lines.items())[-1:])


def shown(market: Market, line: float | None) -> dict[str, dict[str, Cell]]:
    """Each book's cells by side at the line that is compared; at its own main line where it has nothing open there."""
    return {
        book: lines[line]
        if line in lines and any(cell.quote.status == "open" for cell in lines[line].values())
        else next(iter(own(market, book).values()), {})
        for book, lines in market.books.items()
    }


def at_line(market: Market, line: float | None) -> dict[str, dict[str, Cell]]:
    """Each book's cells by side at one line."""
    return {book: lines[line] for book, lines in market.books.items() if line in lines}


_PAIRS = ({"home", "away"}, {"over", "under"}, {"yes", "no"}, {"odd", "even"})


def outcomes(market: Market) -> list[str]:
    """The sides of a market, if they are all that can happen and exclude each other; none otherwise.

    Not of one that its own name, the sport or some book shows to have another outcome.
    """
    sides = list(market.sides)
    size, ways = len(sides), market.key.ways
    known = {what.side or side for side, what in market.sides.items()}
    if size == 3:
        return sides if ways == 3 and "draw" in known else []
    if size != 2 or ways in (0, 3):
        return []
    if market.key.kind == "moneyline":
        # In soccer a game is also drawn, unless the bet says what happens then.
        soccer = any((what.sport or "").casefold() == "soccer" for what in market.sides.values())
        return [] if "draw" in known or (soccer and not market.key.name) else sides
    return sides if market.key.kind == "spread" or known in _PAIRS else []


@lru_cache(65_536)
def _fair(method: str, raw: tuple[float, ...]) -> list[float]:
    return margin.METHODS[method](raw)


def edge(value: Value, side: str) -> float | None:
    """By how much the best price of a side pays more than the others say is fair; None where nothing is fair."""
    fair = value.others.get(side)
    best = value.best.get(side)
    return None if fair is None or best is None else pays(best.cell) * fair - 1


def chance(cell: Cell) -> float:
    """The implied probability of a cell that has a price, to the last digit."""
    price = cell.quote.price
    return 0.0 if price is None else 1.0 / (1.0 + price.winnings)


def pays(cell: Cell) -> float:
    """What a stake of one pays back, exactly; 1 where there is not a price."""
    price = cell.quote.price
    return 1.0 if price is None else 1.0 + price.winnings


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
