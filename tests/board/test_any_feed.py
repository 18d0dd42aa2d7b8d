"""Whatever a feed says, the board holds what a plain dictionary of the last word on each price would."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oddstail.board.cells import Parts
from oddstail.board.order import Item, items
from oddstail.board.screen import Body
from oddstail.board.view import Look, View
from oddstail.market.state import Board
from oddstail.model import Batch, Event, Gap, Lost, Opened, Quote
from tests.board.stage import AWAY, HOME, Stage, ml, spread, total

BOOKS = st.sampled_from(["DraftKings", "FanDuel", "Pinnacle"])
PRICES = st.sampled_from([-110, -105, 100, 120, None])
STATUSES: Any = st.sampled_from(["open", "open", "open", "suspended", "removed", "settled"])
LINES = st.sampled_from([3.5, -3.5, 4.0, 0.0, -0.0, None])
MAINS = st.sampled_from([True, False, None])
GAMES = st.sampled_from(["g1", "g2"])


@st.composite
def quotes(draw: Any) -> Any:
    book, status, game, main = draw(BOOKS), draw(STATUSES), draw(GAMES), draw(MAINS)
    price, line = draw(PRICES), draw(LINES)
    # A few keys only, so that they meet: some stay the same when the line moves, some are of the line.
    key = draw(st.sampled_from([None, None, f"{book}|{game}|stable"]))
    kind = draw(st.sampled_from([ml, spread, total]))
    more: dict[str, Any] = {"game_id": game, **({"key": key} if key else {})}
    if kind is ml:
        return ml(draw(st.sampled_from([AWAY, HOME, "Draw"])), price, book, status, **more)
    if kind is spread:
        return dataclasses.replace(
            spread(draw(st.sampled_from([AWAY, HOME])), 1.0, price, book, status, **more), line=line, main=main
        )
    return dataclasses.replace(
        total(draw(st.sampled_from(["Over", "Under"])), 1.0, price, book, status, **more), line=line, main=main
    )


LIFE: Any = st.sampled_from([
    Lost(cause="closed", detail="x", retry_in=1.0),
    Opened(label="NBA", host="h"),
    Gap(start=0, end=1, seconds=1.0, cause="closed", resumed="yes"),
    Gap(start=0, end=1, seconds=1.0, cause="closed", resumed="no"),
])  # fmt: skip
EVENTS = st.lists(st.one_of(quotes(), quotes(), quotes(), LIFE), max_size=40)


@given(EVENTS)
@settings(max_examples=300, deadline=None)
def test_the_board_holds_the_last_word_on_every_price(events: list[Event]) -> None:
    board = Board(trails=True)
    plain: dict[str, Quote] = {}
    for at, event in enumerate(events):
        board.apply(Batch(1, at, [event]))
        if isinstance(event, Quote):
            if event.status in ("removed", "settled"):
                plain.pop(event.what.key, None)
            else:
                plain[event.what.key] = event
    held = {cell.quote.what.key: cell.quote for cell in board.cells()}
    assert plain == held
    check(board)


def check(board: Board) -> None:
    """What is counted is what is there, and every price is in just one row, of the right market."""
    rows = [row for game in board.games.values() for market in game.markets.values() for row in market.rows.values()]
    assert board.rows == len(rows)
    placed = [cell for row in rows for cell in row.cells.values() if cell.quote.status not in ("removed", "settled")]
    assert Counter(map(id, placed)) == Counter(id(cell) for cell in board.cells())
    assert +board.books == Counter(cell.quote.what.book for cell in placed)
    assert +board.priced == Counter(cell.quote.what.book for cell in placed if cell.quote.price is not None)
    for row in rows:
        live = [cell for cell in row.cells.values() if cell.quote.status not in ("removed", "settled")]
        assert row.live == len(live) > 0
        assert all(cell.row is row for cell in live)
        market = row.market
        assert market.rows[row.side, row.line] is row
        assert market.game.markets[market.key] is market
        assert board.games[market.game.game_id] is market.game
        for book, cell in row.cells.items():
            assert market.books[book][row.line][row.side] is cell
        assert market.lines[row.line].rows[row.side] is row
        for book in market.books:
            has, line = market.main(book)
            assert not has or any(
                cell.quote.status in ("open", "suspended") for cell in market.books[book][line].values()
            )


@given(EVENTS, st.text("sradohc *e?/jkq\x1b\t\r", max_size=12), st.integers(10, 220), st.integers(2, 60))
@settings(max_examples=150, deadline=None)
def test_any_board_can_be_drawn_at_any_size_after_any_keys(
    events: list[Event], keys: str, width: int, height: int
) -> None:
    stage = Stage(width=width, height=height, spark=True)
    for event in events:
        stage.tell(event)
    stage.press(keys)
    lines = stage.lines()
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_a_thousand_rows_are_put_in_order_once() -> None:
    """The order is made anew only when a row comes or goes, not for each price."""
    stage = Stage()
    for n in range(500):
        stage.tell(ml(AWAY, -110, game_id=f"g{n}"), ml(HOME, -110, game_id=f"g{n}"))
    stage.lines()
    before = stage.picture._items
    stage.tell(ml(AWAY, +200, game_id="g7"))
    stage.wait(5)
    stage.lines()
    assert before is stage.picture._items
    assert before == items(stage.board, View.of(Look()), lambda _: 0.0, stage.now)


def test_only_the_rows_that_show_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(height=24)
    for n in range(500):
        stage.tell(ml(AWAY, -110, game_id=f"g{n}"), ml(HOME, -110, game_id=f"g{n}"))
    built: list[object] = []
    line = Body.line

    def counted(body: Body, item: Item) -> Parts:
        built.append(item)
        return line(body, item)

    monkeypatch.setattr(Body, "line", counted)
    stage.lines()
    stage.press("\x1b[F")
    built.clear()
    stage.lines()
    assert len(built) == 20
