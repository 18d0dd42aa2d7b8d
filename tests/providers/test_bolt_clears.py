"""Clears of BoltOdds: what they name is matched whatever its case, and what they cannot name is not spared (A7)."""

from __future__ import annotations

from typing import Any

import pytest

from .test_boltodds import BOOK, GAME, MONEYLINE, envelope, line, outcome
from .wire import codes

EMPTY: dict[str, Any] = {name: {} for name in ("sport", "game", "home_team", "away_team", "info", "outcomes")}


def clear(action: str, **data: Any) -> dict[str, Any]:
    return {"timestamp": "2025-07-23T19:45:04+00:00", "action": action, "data": {**EMPTY, **data}}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(clear("sport_clear", sport="mlb", sportsbook=BOOK), id="sport-in-another-case"),
        pytest.param(clear("sport_clear", sport="MLB", sportsbook=BOOK.upper()), id="book-in-another-case"),
        pytest.param(clear("sport_clear", sport="MLB", sportsbook={}), id="no-book"),
        pytest.param(clear("sport_clear", sport={}, sportsbook=BOOK), id="no-sport"),
        pytest.param(clear("book_clear", sportsbook=BOOK.title()), id="a-book"),
        pytest.param(clear("book_clear", sportsbook=None), id="no-book-at-all"),
        pytest.param(clear("game_removed", game=GAME.upper(), sportsbook=BOOK), id="a-game-in-another-case"),
        pytest.param(clear("game_removed", game=GAME, sportsbook={}), id="a-game-of-no-book"),
    ],
)
@pytest.mark.parametrize("universal", [None, "5e4b00071be9", 4711])
def test_a_clear_takes_what_it_names_in_any_case(universal: Any, message: dict[str, Any]) -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome()}, universal_game_id=universal))
    assert len(at.held()) == 1
    at.tell([{"action": "ping"}, message])
    assert at.held() == {}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(clear("sport_clear", sport="NBA", sportsbook=BOOK), id="another-sport"),
        pytest.param(clear("sport_clear", sport="MLB", sportsbook="fanduel"), id="another-book"),
        pytest.param(clear("game_removed", game="A vs B", sportsbook=BOOK), id="another-game"),
    ],
)
def test_a_clear_takes_nothing_else(message: dict[str, Any]) -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome()}))
    at.tell(message)
    assert len(at.held()) == 1


def test_what_comes_after_a_clear_in_one_list_is_on_offer() -> None:
    at = line()
    first = envelope("initial_state", {MONEYLINE: outcome()})
    again = envelope("game_added", {MONEYLINE: outcome(odds="+120")})
    events = at.tell([first, clear("book_clear", sportsbook=BOOK), again])
    assert list(at.held().values()) == [120]
    assert codes(events) == ["book-clear"]


def test_a_book_in_another_case_is_the_same_book() -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome()}))
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+120")}, sportsbook=BOOK.upper()))
    assert list(at.held().values()) == [120]
    at.tell(envelope("game_update", {}, sportsbook=BOOK.title()))
    assert at.held() == {}
