"""Prices of RapidOddsAPI told apart, and what has no field of its own. Facts: docs/wire/rapidodds.md, B4 and B5."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Replace

from .test_rapidodds import CELTICS, LAKERS, book, game, line, outcomes, priced, push
from .wire import codes, quotes

ALLEN = "Josh Allen"


def over(at: Any, market: str = "player_points", **fields: Any) -> dict[str, Any]:
    return {"name": "Over", "price": at, "point": 25.5, "player_name": ALLEN, **fields}


TWINS = [
    pytest.param({"player_id": 17}, {"player_id": 18}, id="player-id"),
    pytest.param({"player_id": "17"}, {}, id="player-id-of-one"),
    pytest.param({"team_name": LAKERS}, {"team_name": CELTICS}, id="team-name"),
    pytest.param({"team": "BUF"}, {"team": "JAX"}, id="team"),
    pytest.param({"player_team": "BUF"}, {"player_team": "JAX"}, id="team-of-the-player"),
    pytest.param({"description": "QB"}, {"description": "LB"}, id="description"),
    pytest.param({"position": "QB"}, {"position": "LB"}, id="position"),
    pytest.param({"player": {"id": 7, "name": ALLEN}}, {"player": {"id": 8, "name": ALLEN}}, id="player-as-an-object"),
    pytest.param({"athlete_ref": "a"}, {"athlete_ref": "b"}, id="a-field-that-nobody-knows"),
    pytest.param({"outcome_id": 1}, {"outcome_id": 2}, id="the-vendors-id"),
]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_two_players_of_one_name_are_two_prices(one: dict[str, Any], other: dict[str, Any]) -> None:
    at = line()
    events = at.tell(push(game(book(outcomes(over(1.9, **one), over(66.0, **other), market="player_points")))))
    assert codes(events) == []
    assert sorted(at.held().values(), key=str) == [-111, 6500]
    assert {quote.what.player for quote in quotes(events)} == {ALLEN}
    # Each moves by itself, whichever comes first in a push, and after a reconnect too.
    at.reconnect()
    rows = [over(71.0, **other), over(1.9, **one)]
    [moved] = [one for one in quotes(at.tell(push(game(book(outcomes(*rows, market="player_points")))))) if one.changed]
    assert (moved.prev, sorted(at.held().values(), key=str)) == (6500, [-111, 7000])


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([book(outcomes(over(1.9), over(66.0), market="player_points"))], id="rows-of-a-market"),
        pytest.param(
            [book(outcomes(over(1.9), market="player_points"), outcomes(over(66.0), market="player_points"))],
            id="a-market-twice",
        ),
        pytest.param([book(outcomes(over(at), market="player_points")) for at in (1.9, 66.0)], id="a-book-twice"),
        pytest.param(
            [
                book(
                    outcomes(
                        over(1.9, size=1, updated_at="a"), over(66.0, size=2, updated_at="b"), market="player_points"
                    )
                )
            ],
            id="only-times-and-sizes-differ",
        ),
    ],
)
def test_two_prices_that_nothing_tells_apart_are_held_back(sent: list[Any]) -> None:
    at = line()
    events = at.tell(push(game(*sent, book(outcomes(priced()), name="DraftKings"))))
    assert codes(events) == ["unreadable"]
    assert list(at.held().values()) == [110]


def test_a_price_that_is_repeated_is_one() -> None:
    at = line()
    assert codes(at.tell(push(game(book(outcomes(over(1.9), over(1.9), market="player_points")))))) == []
    assert len(at.held()) == 1


def test_the_fields_that_tell_prices_apart_do_so_in_answers_too() -> None:
    at = line()
    games = push(game(book(outcomes(over(1.9), over(66.0), priced(3.0), market="player_points"))))["data"]["games"]
    events = at.say({"event": "rest odds", "sport": "NBA", "data": {"games": games}}, "rest odds")
    [stated] = [event for event in events if isinstance(event, Replace)]
    assert [quote.status for quote in stated.quotes] == ["suspended", "open"]


@pytest.mark.parametrize(
    ("player", "market", "sent"),
    [
        pytest.param(ALLEN, "player_anytime_touchdown_scorer", {"name": ALLEN}, id="the-name"),
        pytest.param(ALLEN, "player_points", {"name": "Over", "description": ALLEN}, id="the-description"),
        pytest.param(ALLEN, "player_points", {"name": "Over", "player": ALLEN}, id="player"),
        pytest.param(ALLEN, "player_points", {"name": "Under", "player": {"name": ALLEN}}, id="an-object"),
        pytest.param(ALLEN, "player_points_milestones", {"name": "25+", "description": ALLEN}, id="a-rung"),
        pytest.param(None, "player_1st_touchdown_scorer", {"name": "No Touchdown Scorer"}, id="nobody"),
        pytest.param(None, "head_to_head", {"name": LAKERS, "description": "x"}, id="no-market-of-players"),
    ],
)
def test_the_player_of_a_prop(player: str | None, market: str, sent: dict[str, Any]) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes({"price": 2.0, **sent}, market=market))))))
    assert quote.what.player == player
    if player is not None:
        assert quote.what.selection == player


LEVELS = [{"price": 2.05, "size": 300, "liquidity": 146.3}, {"price": 2.0, "size": 50}]


@pytest.mark.parametrize(
    ("detail", "limit", "sent"),
    [
        pytest.param({"alt_prices": LEVELS}, 48.8, {"liquidity": 48.8, "alt_prices": LEVELS}, id="dollars"),
        pytest.param({"alt_prices": LEVELS}, 47.62, {"size": 100, "alt_prices": LEVELS}, id="contracts"),
        pytest.param({"size": 100}, 48.8, {"size": 100, "liquidity": 48.8}, id="contracts-and-dollars"),
        pytest.param({"fee": 0.02}, None, {"fee": 0.02}, id="a-field-of-tomorrow"),
        pytest.param(None, 48.8, {"liquidity": 48.8}, id="nothing-more"),
        pytest.param(None, None, {"alt_prices": None, "description": "x"}, id="nothing-at-all"),
    ],
)
def test_what_has_no_field_is_in_the_detail(detail: Any, limit: float | None, sent: dict[str, Any]) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes(priced(**sent)))))))
    assert (None if quote.detail is None else orjson.loads(quote.detail), quote.limit) == (detail, limit)


def test_a_price_that_is_gone_has_no_depth() -> None:
    sent = {"name": LAKERS, "price": None, "alt_prices": LEVELS}
    [quote] = quotes(line().say(push(game(book(outcomes(sent))))))
    assert (quote.detail, quote.limit) == (None, None)


def test_an_event_of_ours_that_the_server_sends_ends_nothing() -> None:
    assert codes(line().say({"event": "rest odds"})) == ["unknown"]


@pytest.mark.parametrize("rows", ["", {}, 0, None, "x"])
@pytest.mark.parametrize("where", ["bookmakers", "markets", "outcomes"])
def test_rows_that_are_no_list_are_a_notice(where: str, rows: Any) -> None:
    market = {"key": "head_to_head", "outcomes": rows if where == "outcomes" else [priced()]}
    sent = {"name": "Pinnacle", "markets": rows if where == "markets" else [market]}
    body = {"game": game()["game"], "bookmakers": rows if where == "bookmakers" else [sent]}
    assert codes(line().say(push(body))) == ["unreadable"]


@pytest.mark.parametrize(
    ("expected", "market", "sent"),
    [
        pytest.param(("moneyline", "game", "home", None), "head_to_head", {"name": "Lakers"}, id="nickname"),
        pytest.param(("moneyline", "game", "away", None), "head_to_head", {"name": "BOSTON CELTICS"}, id="case"),
        pytest.param(("moneyline", "game", "home", None), "head_to_head", {"name": "Los Angeles"}, id="city"),
        pytest.param(("moneyline", "game", "draw", None), "head_to_head_3_way", {"name": "The Draw"}, id="the-draw"),
        pytest.param(("spread", "game", "home", None), "alternate_lines", {"name": "Home", "point": 1.5}, id="home"),
        pytest.param(
            ("team_total", "home", "over", None), "alternate_total_points",
            {"name": "Over", "point": 110.5, "team_name": LAKERS}, id="a-total-of-a-team",
        ),
        pytest.param(
            ("team_total", "away", "over", None), "alternate_team_total_points",
            {"name": "Over", "point": 110.5, "team_name": "Celtics"}, id="a-team-by-nickname",
        ),
        pytest.param(
            ("prop", "player", "over", ALLEN), "something_new",
            {"name": "Over", "point": 1.5, "player_name": ALLEN}, id="a-player-in-an-unknown-market",
        ),
        pytest.param(
            ("prop", "player", "over", ALLEN), "alternate_total_points",
            {"name": "Over", "point": 1.5, "player_name": ALLEN}, id="a-player-in-a-total",
        ),
        pytest.param(("total", "game", "over", None), "alternate_total_points", {"name": "Over 220.5"}, id="a-line-in-the-name"),
        pytest.param(("prop", "player", "home", None), "player_first_basket", {"name": LAKERS}, id="a-team-among-players"),
    ],
)  # fmt: skip
def test_whom_and_what_an_outcome_is_on(expected: tuple[Any, ...], market: str, sent: dict[str, Any]) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes({"price": 2.0, **sent}, market=market))))))
    what = quote.what
    assert (what.kind, what.subject, what.side, what.player) == expected


def test_a_line_in_the_name_is_the_line() -> None:
    sent = [{"name": f"{side} {at}", "price": 1.9} for side in ("Over", "under") for at in ("220.5", "221")]
    found = quotes(line().say(push(game(book(outcomes(*sent, market="alternate_total_points"))))))
    assert [(quote.what.side, quote.line) for quote in found] == [
        ("over", 220.5), ("over", 221.0), ("under", 220.5), ("under", 221.0),
    ]  # fmt: skip
