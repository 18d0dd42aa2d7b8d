"""Every cell, Best, Hold and Fair of the picture, and every market record, against the oracle (tests/market/oracle.py).

Five wires, every fault of the demo, another seed for each. `SEEDS=1,2,3 pytest tests/board/test_oracle.py` looks at
more runs than there is time for every day.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from typing import Any

import pytest

from oddstail import reader
from oddstail.board.columns import codes, columns
from oddstail.board.order import Item
from oddstail.board.picture import Picture
from oddstail.board.view import Look, View
from oddstail.demo.faults import Fault
from oddstail.market.records import MarketRecords, Settings
from oddstail.market.state import Board
from oddstail.model import Batch, Retrying
from oddstail.record import Encoder
from tests.market.comparison import Comparison
from tests.market.oracle import Oracle
from tests.witness import stage
from tests.witness.stage import Run
from tests.witness.test_agreement import ON_CONNECT, ON_THE_LINE

WIRES = [
    ("oddsjam", {}),
    ("opticodds", {"sport": ["basketball,soccer"], "league": None, "main": None}),
    ("parlayapi", {"sport": ["basketball_nba,soccer_epl"], "market": None}),
    ("rapidodds", {"sport": ["NBA,EPL"]}),
    ("boltodds", {"league": ["NBA,EPL"], "market": None}),
]
SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "4").split(",")]
TROUBLE = [pytest.param((), id="calm"), pytest.param((*ON_CONNECT, *ON_THE_LINE), id="every-fault")]
ARROWS = "▲▼↑↓"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("faults", TROUBLE)
@pytest.mark.parametrize(("name", "asked"), WIRES, ids=[name for name, _ in WIRES])
def test_the_picture_agrees_with_the_records(
    name: str, asked: dict[str, Any], faults: tuple[Fault, ...], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BURST_PAUSE", 0.2)
    board = Board()
    markets = MarketRecords(board, Settings())
    last = [0]
    ends: list[tuple[int, int]] = []

    def put(batch: Batch, encoder: Encoder, out: Run, write: Any = stage._put) -> None:
        board.apply(batch)
        events = list(batch.events)
        if any(type(event) is not Retrying for event in events):
            events += markets.after(batch)
            last[0] = batch.recv
        at = len(out.records)
        write(batch._replace(events=events), encoder, out)
        # A large read comes in several batches of one time.
        ends.append((at, len(out.records)))

    monkeypatch.setattr(stage, "_put", put)

    def enough(so_far: Run) -> bool:
        return so_far.quotes >= 100 and (so_far.losses >= 2 if faults else so_far.seconds >= 1.0)

    made = asyncio.run(stage.run(name, asked, faults, seed, enough))
    oracle = Comparison()
    for begin, end in ends:
        oracle.batch([json.loads(line) for line in made.records[begin:end]])
    page = Page(board, oracle, last[0])
    assert page.differences() == []
    assert page.cells >= 50
    assert oracle.differences == []
    assert oracle.checked >= 50


class Page:
    """A picture that is as high as its board, and what the oracle makes of each of its rows."""

    def __init__(self, board: Board, oracle: Oracle, now: int) -> None:
        self.board, self.oracle = board, oracle
        self.now = now / 1_000_000
        view = View.of(Look(alternates=True))
        picture = Picture(board, view, "Demo")
        width = 300
        picture.frame(width, 20, now)
        self.items: list[Item] = picture._items
        self.shape = columns(board, view, width)
        assert self.shape.hidden == 0
        self.lines = ["".join(text for text, _ in line) for line in picture.frame(width, len(self.items) + 4, now)]
        self.codes = codes(board)
        self.cells = 0
        self.bets: dict[tuple[Any, ...], list[tuple[int, str]]] = defaultdict(list)
        for key, quote in oracle.quotes.items():
            self.bets[oracle._bet(quote)].append(key)

    def differences(self) -> list[str]:
        out: list[str] = []
        rows: set[tuple[Any, ...]] = set()
        for item, text in zip(self.items, self.lines[3:], strict=False):
            if item.market is None:
                continue
            known = [
                (cell.link.conn, cell.quote.what.key)
                for (side, _), row in item.market.rows.items()
                if side == item.side
                for cell in row.cells.values()
            ]
            quote = next(self.oracle.quotes[key] for key in known if key in self.oracle.quotes)
            bet, side = self.oracle._bet(quote), self.oracle._side(quote)
            line = self.oracle._compared(self.bets[bet], self.now) if item.main else self._line(item, quote)
            rows.add((bet, side, "main" if item.main else line))
            out += [f"{text.strip()}: {one}" for one in self._row(item, text, bet, side, line)]
        missing = {
            (bet, self.oracle._side(self.oracle.quotes[key]), "main") for bet, keys in self.bets.items() for key in keys
        }
        return [*out, *(f"no row for {one}" for one in missing - rows)]

    def _line(self, item: Item, quote: dict[str, Any]) -> float | None:
        """The line of a row, by the records of its cells."""
        assert item.market is not None
        row = item.market.rows[item.side, item.line]
        cell = next(cell for cell in row.cells.values() if (cell.link.conn, cell.quote.what.key) in self.oracle.quotes)
        return self.oracle._line(self.oracle.quotes[cell.link.conn, cell.quote.what.key])

    def _row(self, item: Item, text: str, bet: tuple[Any, ...], side: str, line: float | None) -> list[str]:
        out = []
        shape, oracle = self.shape, self.oracle
        found = oracle.worth(bet, line, self.now)
        mine: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key in self.bets[bet]:
            mine[oracle.quotes[key]["book"]].append(key)
        for at, book in enumerate(shape.books):
            begin = shape.label + at * shape.cell
            shown = text[begin : begin + shape.cell].strip().rstrip(ARROWS)
            expected = self._cell(mine.get(book, []), side, line, main=item.main)
            self.cells += bool(expected)
            if shown != expected and (expected or shown not in ("gone", "removed", "done", "settled")):
                out.append(f"{book} shows {shown!r}, expected {expected!r}")
        rest = text[shape.label + len(shape.books) * shape.cell + 1 :]
        best, rest = rest[: shape.best].split(), rest[shape.best :]
        top, books = found["best"].get(side, (None, set()))
        if top is None:
            expected_best: list[list[str]] = [[]]
        else:
            price = american(
                next(
                    oracle.quotes[key]["american"]
                    for book in books
                    for key in mine[book]
                    if oracle._side(oracle.quotes[key]) == side
                    and oracle._line(oracle.quotes[key]) == line
                    and oracle._counts(key, self.now)
                )
            )
            more = f"+{len(books) - 1}" if len(books) > 1 else ""
            expected_best = [[f"{self.codes[book]}{more}", price] for book in books]
        if [word.rstrip("¹$") for word in best] not in expected_best:
            out.append(f"Best is {best}, expected {expected_best}")
        hold, fair = rest[: shape.hold].strip(), rest[shape.hold : shape.hold + shape.fair].strip()
        wanted = found["hold"] if top is not None else None
        if item.first and hold.rstrip("?") not in self._holds(wanted):
            out.append(f"Hold is {hold!r}, expected {wanted}")
        value = found["fair"].get(side)
        if fair != "?" and not self._is_fair(fair, value):
            out.append(f"Fair is {fair!r}, expected {value}")
        if fair == "?" and not (wanted is not None and wanted < 0):
            out.append("Fair is doubted although the hold is above zero")
        return out

    def _cell(self, keys: list[tuple[int, str]], side: str, line: float | None, *, main: bool) -> str:
        """What stands in a book's column, by the rules."""
        oracle = self.oracle
        at = [key for key in keys if oracle._line(oracle.quotes[key]) == line]
        other = False
        if main and not any(oracle.quotes[key]["status"] == "open" for key in at) and keys:
            own = oracle._own([oracle.quotes[key] for key in keys])
            other = own != line
            at = [key for key in keys if oracle._line(oracle.quotes[key]) == own]
        key = next((key for key in at if oracle._side(oracle.quotes[key]) == side), None)
        if key is None:
            return ""
        quote = oracle.quotes[key]
        if quote["status"] == "suspended":
            return "suspended" if self.shape.cell >= 11 else "susp"
        if quote["american"] is None:
            return "·"
        price = american(quote["american"])
        counts = oracle._counts(key, self.now)
        mark = "" if counts else "×" if oracle.up.get(key[0]) is False or self._closed(key) else "?"
        if other:
            points = halves(quote["line"], signed=quote["kind"] == "spread")
            return f"{points} {price}{mark}" if self.shape.cell >= 11 else f"({points})"
        return f"{price}{mark}"

    def _closed(self, key: tuple[int, str]) -> bool:
        game = self.oracle.quotes[key]["game_id"]
        return game in self.oracle.closed and self.oracle.said[key] <= self.oracle.closed[game]

    @staticmethod
    def _holds(value: float | None) -> set[str]:
        if value is None:
            return {""}
        return {f"{round(value * 100 + by, 1) + 0.0:.1f}%" for by in (-0.001, 0, 0.001)} | {f"{value * 100:.0f}%"}

    @staticmethod
    def _is_fair(shown: str, value: float | None) -> bool:
        if value is None or not shown:
            return value is None and not shown
        number = float(shown)
        odds = 100 * (1 / value - 1) if value <= 0.5 else -100 / (1 / value - 1)
        return abs(number - odds) <= 1 or abs(number) == 100 == round(abs(odds))


def american(value: float) -> str:
    """American odds; even money has one form."""
    return "+100" if abs(value) == 100 else f"{value:+g}"


def halves(line: float, *, signed: bool) -> str:
    """A line with its quarters as fractions."""
    whole, rest = divmod(abs(line), 1)
    if signed and not line:
        return "PK"
    sign = "-" if line < 0 else "+" if signed else ""
    return f"{sign}{int(whole) if whole or not rest else ''}{ {0.0: '', 0.25: '¼', 0.5: '½', 0.75: '¾'}[rest] }"
