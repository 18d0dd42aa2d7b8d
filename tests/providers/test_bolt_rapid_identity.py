"""Prices of RapidOddsAPI and BoltOdds told apart, and what has no field of its own."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Quote
from oddstail.providers import catalogue
from oddstail.providers.boltodds.command import Feed as BoltFeed
from tests.providers import test_boltodds as bolt
from tests.providers import test_rapidodds as rapid
from tests.providers.wire import Line, asked, codes, quotes


def pushed(*items: dict[str, Any], market: str = "player_points") -> dict[str, Any]:
    return rapid.push(rapid.game(rapid.book(rapid.outcomes(*items, market=market))))


def scorer(at: float, **fields: Any) -> dict[str, Any]:
    return rapid.priced(at, "Over", point=25.5, player_name="Jalen Williams", **fields)


@pytest.mark.parametrize(
    "telling",
    [
        pytest.param(({"player_id": 1}, {"player_id": 25}), id="player_id"),
        pytest.param(({"team_name": rapid.LAKERS}, {"team_name": rapid.CELTICS}), id="team_name"),
        pytest.param(({"description": "LAL"}, {"description": "BOS"}), id="description"),
        pytest.param(({}, {"player_id": 25}), id="one-of-them-without"),
    ],
)
def test_two_players_of_one_name_at_rapidodds_are_two_prices(telling: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = telling
    at = rapid.line()
    at.tell(pushed(scorer(1.5, **one), scorer(3.0, **other)))
    assert sorted(at.held().values(), key=str) == [-200, 200]
    at.tell(pushed(scorer(1.5, **one), scorer(4.0, **other)))
    assert sorted(at.held().values(), key=str) == [-200, 300]


def test_the_id_of_a_player_is_no_part_of_the_name() -> None:
    [quote] = quotes(rapid.line().say(pushed(scorer(1.5, player_id=25))))
    assert (quote.what.selection, quote.what.player) == ("Jalen Williams", "Jalen Williams")


def test_of_two_prices_that_nothing_tells_apart_neither_is_on_offer() -> None:
    at = rapid.line()
    events = at.tell(pushed(scorer(1.5), scorer(3.0), rapid.priced(1.9, "Under", point=25.5)))
    assert codes(events) == ["unreadable"]
    assert list(at.held().values()) == [pytest.approx(-111.1, abs=0.1)]
    # The same price twice is one price.
    at = rapid.line()
    assert codes(at.tell(pushed(scorer(1.5), scorer(1.5)))) == []
    assert list(at.held().values()) == [-200]


@pytest.mark.parametrize(
    ("market", "item"),
    [
        pytest.param("player_points", {"name": "Over", "point": "25+"}, id="a-point-with-a-plus"),
        pytest.param("player_points", {"name": "25+", "point": "25+"}, id="both"),
        pytest.param("player_points_milestones", {"name": "25+"}, id="a-name-alone"),
        pytest.param("player_points_milestones", {"name": "Over", "point": 25}, id="a-milestone"),
        pytest.param("player_points_milestones", {"name": "Yes", "point": "25+"}, id="a-yes"),
    ],
)
def test_a_rung_of_a_ladder_wins_when_it_is_reached(market: str, item: dict[str, Any]) -> None:
    [quote] = quotes(rapid.line().say(pushed({"price": 1.5, "player_name": "A. One", **item}, market=market)))
    assert (quote.what.side, quote.line, quote.status) == ("over", 24.5, "open")


def test_other_prices_of_an_exchange_are_in_the_detail() -> None:
    ladder = [{"price": 2.05, "size": 50}]
    [quote] = quotes(rapid.line().say(pushed(scorer(2.1, size=100, liquidity=47.6, alt_prices=ladder))))
    assert (quote.limit, detail(quote)) == (47.6, {"alt_prices": ladder, "size": 100})
    [quote] = quotes(rapid.line().say(pushed(scorer(2.1, size=100))))
    assert (quote.limit, quote.detail) == (47.62, None)


def detail(quote: Quote) -> Any:
    return None if quote.detail is None else orjson.loads(quote.detail)


# --- BoltOdds ---------------------------------------------------------------------------------------


def told(*, book: str = "DraftKings", label: str = bolt.GAME, odds: str = "+100", **data: Any) -> dict[str, Any]:
    return bolt.envelope(
        "initial_state", {bolt.MONEYLINE: bolt.outcome(odds=odds)}, sportsbook=book, game=label, **data
    )


@pytest.mark.parametrize("where", ["universal_game_id", "info.universal_id", "info.universal_game_id"])
@pytest.mark.parametrize(("one", "other"), [(4711, 4711), (4711, "4711"), ("u-4711", "u-4711")])
def test_the_id_of_a_game_over_all_books_joins_them_whatever_its_type(where: str, one: Any, other: Any) -> None:
    def said(value: Any) -> dict[str, Any]:
        outer, _, inner = where.partition(".")
        return {"info": {inner: value}} if inner else {outer: value}

    at = bolt.line()
    first, second = (
        quotes(at.say(told(book=book, label=label, **said(value))))[0].what.game_id
        for book, label, value in (("DraftKings", "Mets vs Angels", one), ("FanDuel", "Angels vs Mets", other))
    )
    assert first == second == str(one)


@pytest.mark.parametrize("value", [None, "", "None", True, {}, []])
def test_what_is_no_id_leaves_the_label(value: Any) -> None:
    [quote] = quotes(bolt.line().say(told(universal_game_id=value)))
    assert quote.what.game_id == bolt.GAME


@pytest.mark.parametrize("nothing", [None, "", "None", "none", " ", "null"])
def test_no_line_and_no_price_in_every_spelling(nothing: Any) -> None:
    at = bolt.line()
    events = at.say(bolt.envelope("initial_state", {
        bolt.MONEYLINE: bolt.outcome(odds="+100", outcome_line=nothing),
        "Angels Moneyline": bolt.outcome(odds=nothing, outcome_target="Los Angeles Angels"),
    }))  # fmt: skip
    assert codes(events) == []
    assert [(quote.status, quote.line) for quote in quotes(events)] == [("open", None), ("suspended", None)]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"outcome_line": "25+"}, id="the-line"),
        pytest.param({"outcome_line": "25+", "outcome_over_under": "O"}, id="the-line-and-over"),
        pytest.param({"outcome_line": None, "outcome_over_under": "25+"}, id="in-place-of-over"),
        pytest.param({"outcome_line": "24.5", "outcome_over_under": "O"}, id="over-the-half"),
    ],
)
def test_so_many_or_more_is_over_the_half_below(fields: dict[str, Any]) -> None:
    key = "LeBron James 25+ Points"
    body = bolt.envelope("initial_state", {
        key: bolt.outcome(outcome_name="Points", outcome_target="LeBron James", **fields)
    })  # fmt: skip
    [quote] = quotes(bolt.line().say(body))
    assert (quote.what.side, quote.line, quote.status, quote.what.player) == ("over", 24.5, "open", "LeBron James")


def test_the_books_own_id_of_a_game_goes_along() -> None:
    at = bolt.line()
    [quote] = quotes(at.say(told(info={"id": 1022036664, "when": "2025-07-23, 01:09 PM"})))
    assert detail(quote) == {"info": {"id": 1022036664}}
    # An update need not repeat it.
    body = bolt.envelope("line_update", {bolt.MONEYLINE: bolt.outcome(odds="+120")}, sportsbook="DraftKings", info=None)
    [quote] = quotes(at.say(body))
    assert detail(quote) == {"info": {"id": 1022036664}}


@pytest.mark.parametrize("clock", ["Top", "Bot", "Bottom", "Mid", "End", "Halftime"])
def test_a_word_is_no_clock(clock: str) -> None:
    [request] = asked("boltodds", league=["NBA"], feed=BoltFeed.plays)
    body = {"action": "new_play", "event": "A vs B, 2025-07-23, 01", "play_info": {"title": "x", "clock": clock}}
    [play] = Line(request).say(body)
    assert getattr(play, "clock", "") is None
    assert clock in (getattr(play, "detail", None) or "")


LEG = {"game": "A vs B", "outcome_name": "Moneyline", "outcome_target": "A", "universal_id": "u1"}


@pytest.mark.parametrize(
    "legs",
    [
        pytest.param({"A Moneyline": LEG, "B Total": {**LEG, "game": "C vs D"}}, id="by-key"),
        pytest.param([{**LEG, "outcome_key": "A Moneyline"}, {**LEG, "game": "C vs D"}], id="a-list"),
    ],
)
def test_a_parlay_is_one_row_with_its_legs(legs: Any) -> None:
    look_up = catalogue("boltodds").lookups["parlays"]
    [row] = look_up.rows([{"odds": "+450", "total_bets": 2, "type": "x", "legs": legs}])
    assert [leg["game"] for leg in row["legs"]] == ["A vs B", "C vs D"]
    assert row["legs"][0]["leg"] == "A Moneyline"


@pytest.mark.parametrize("legs", [None, "", 7, [], {}])
def test_a_parlay_without_legs_is_a_row(legs: Any) -> None:
    [row] = (
        catalogue("boltodds").lookups["parlays"].rows([{"odds": "+450", "total_bets": 2, "type": "x", "legs": legs}])
    )
    assert (row["odds"], row["legs"]) == ("+450", [])


@pytest.mark.parametrize("answer", [lambda one: [one], lambda one: {"parlays": [one]}, lambda one: {"data": [one]}])
@pytest.mark.parametrize("name", ["universal_id", "universal_game_id"])
@pytest.mark.parametrize("leg", ["A Moneyline", {"outcome_key": "A Moneyline"}, {"key": "A Moneyline"}])
def test_a_leg_of_a_list_keeps_its_name_and_its_game(answer: Any, name: str, leg: Any) -> None:
    sent = {**leg, name: 4711} if isinstance(leg, dict) else leg
    [row] = catalogue("boltodds").lookups["parlays"].rows(answer({"odds": "+450", "legs": [sent]}))
    [found] = row["legs"]
    assert found["leg"] == "A Moneyline"
    assert isinstance(leg, str) or found["universal_id"] == 4711
