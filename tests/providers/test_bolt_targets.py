"""What the target of a BoltOdds outcome is: a team by any name, a player, a `25+`. Facts: docs/wire/boltodds.md, A5 and A6."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from .test_boltodds import BOOK, GAME, envelope, line, outcome
from .wire import codes, quotes

JAMES = "LeBron James"
METS, ANGELS = "New York Mets", "Los Angeles Angels"


def said(key: str = "a line", at: Any = None, **fields: Any) -> Any:
    blank = {"outcome_line": None, "outcome_over_under": None, "outcome_target": None, "odds": "-110"}
    outcomes = {key: outcome(**{**blank, **fields})}
    [quote] = quotes((at or line()).say(envelope("initial_state", outcomes)))
    return quote


@pytest.mark.parametrize(
    ("side", "key", "fields"),
    [
        pytest.param("over", f"{JAMES} 25+ Points", {"outcome_target": JAMES}, id="in-the-key"),
        pytest.param("over", f"{JAMES} 25+ Points", {"outcome_target": "25+"}, id="in-place-of-the-player"),
        pytest.param("over", "x", {"outcome_target": f"{JAMES} 25+"}, id="behind-the-player"),
        pytest.param("over", "x", {"outcome_target": JAMES, "outcome_name": "25+ Points"}, id="in-the-market"),
        pytest.param("over", "x", {"outcome_target": JAMES, "outcome_line": "25+"}, id="in-the-line"),
        pytest.param("over", "x", {"outcome_target": JAMES, "outcome_line": "25 +"}, id="with-a-space"),
        pytest.param(
            "over", "x", {"outcome_target": JAMES, "outcome_line": "25+", "outcome_over_under": "Yes"}, id="yes"
        ),
        pytest.param(
            "under", "x", {"outcome_target": JAMES, "outcome_line": "25+", "outcome_over_under": "No"}, id="no"
        ),
        pytest.param("over", f"{JAMES} 25+ Points", {"outcome_target": JAMES, "outcome_line": 25}, id="key-and-number"),
        pytest.param("over", f"{JAMES} 25+ Points", {"outcome_target": JAMES, "outcome_line": "24.5"}, id="and-the-half"),
        pytest.param(
            "over",
            "x",
            {"outcome_target": JAMES, "outcome_name": "Player Points Milestones", "outcome_line": "25",
             "outcome_over_under": "Over"},
            id="a-market-of-milestones",
        ),
    ],
)  # fmt: skip
def test_a_milestone_wins_when_it_is_reached(side: str, key: str, fields: dict[str, Any]) -> None:
    quote = said(key, **{"outcome_name": "Points", **fields})
    assert (quote.what.kind, quote.what.stat, quote.what.player) == ("prop", "points", JAMES)
    assert (quote.what.side, quote.line, quote.status) == (side, 24.5, "open")


@pytest.mark.parametrize(
    ("line_", "key", "fields"),
    [
        pytest.param(1.5, f"{METS} +1.5 Spread", {"outcome_name": "Spread", "outcome_line": "+1.5"}, id="a-sign"),
        pytest.param(25.5, "x", {"outcome_name": "Points + Rebounds", "outcome_line": 25.5}, id="a-sum"),
        pytest.param(25.0, "x", {"outcome_name": "Points", "outcome_line": 25}, id="a-whole-line"),
        pytest.param(2.0, "x", {"outcome_name": "Spread", "outcome_line": "+2"}, id="a-whole-spread"),
    ],
)
def test_other_pluses_are_no_milestone(line_: float, key: str, fields: dict[str, Any]) -> None:
    assert said(key, **fields).line == line_


@pytest.mark.parametrize("target", [METS, "new york METS", "Mets", "New York", "home", "HOME", "  New  York Mets "])
@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(("moneyline", "home", "game"), {"outcome_name": "Moneyline"}, id="moneyline"),
        pytest.param(("spread", "home", "game"), {"outcome_name": "Spread", "outcome_line": 1.5}, id="spread"),
        pytest.param(
            ("team_total", "over", "home"), {"outcome_name": "Total", "outcome_over_under": "O", "outcome_line": 4.5},
            id="total",
        ),
        pytest.param(
            ("team_total", "over", "home"),
            {"outcome_name": "Team Total", "outcome_over_under": "Over", "outcome_line": 4.5},
            id="team-total",
        ),
    ],
)  # fmt: skip
def test_a_team_by_any_of_its_names(expected: tuple[str, ...], fields: dict[str, Any], target: str) -> None:
    what = said(outcome_target=target, **fields).what
    assert (what.kind, what.side, what.subject, what.player) == (*expected, None)


def test_a_word_that_both_teams_have_is_neither() -> None:
    at = line()
    body = envelope("initial_state", {"x": outcome(outcome_target="New York")}, away_team="New York Yankees")
    [quote] = quotes(at.say(body))
    assert quote.what.side is None


@pytest.mark.parametrize(("target", "side"), [("1", "home"), ("X", "draw"), ("2", "away"), ("The Draw", "draw")])
def test_one_x_two(target: str, side: str) -> None:
    what = said(outcome_target=target, outcome_name="1X2").what
    assert (what.kind, what.ways, what.side, what.player) == ("moneyline", 3, side, None)


@pytest.mark.parametrize("name", ["Total", "Total Points", "1st Half Total"])
def test_a_total_of_whoever_is_not_the_games(name: str) -> None:
    what = said(outcome_target="Queens Baseball Club", outcome_name=name, outcome_over_under="O", outcome_line=4.5).what
    assert (what.kind, what.subject) == ("team_total", "team")


def test_a_count_with_a_player_is_the_players() -> None:
    what = said(outcome_target="A. Judge", outcome_name="Total Hits", outcome_over_under="O", outcome_line=1.5).what
    assert (what.kind, what.subject, what.player) == ("prop", "player", "A. Judge")


@pytest.mark.parametrize(
    ("subject", "target", "name"),
    [
        pytest.param("game", None, "1st Quarter Touchdowns", id="nobodys"),
        pytest.param("home", METS, "Strikeouts", id="a-teams"),
        pytest.param("player", "A. Judge", "Hits", id="a-players"),
        pytest.param("player", None, "First Basket", id="who-comes-first"),
    ],
)
def test_whose_count_a_prop_is(subject: str, target: str | None, name: str) -> None:
    what = said(outcome_target=target, outcome_name=name, outcome_over_under="O", outcome_line=4.5).what
    assert (what.kind, what.subject) == ("prop", subject)


def test_a_competitor_who_is_a_person_is_the_player() -> None:
    named = {"home_team": "A. Player", "away_team": "B. Player", "sport": "Wimbledon (M)"}
    outcomes = {"x": outcome(outcome_name="Aces", outcome_target="A. Player", outcome_over_under="O", outcome_line=9.5)}
    [quote] = quotes(line().say(envelope("initial_state", outcomes, **named)))
    assert (quote.what.kind, quote.what.player) == ("prop", "A. Player")


def test_home_and_away_are_of_the_order_that_came_first() -> None:
    at = line()
    teams = {"home_team": METS, "away_team": ANGELS, "universal_game_id": "5e4b00071be9"}
    at.say(envelope("initial_state", {"x": outcome()}, **teams))
    flipped = {**teams, "home_team": ANGELS, "away_team": METS, "sportsbook": "fanduel", "game": f"{ANGELS} vs {METS}"}
    outcomes = {
        "a": outcome(outcome_name="Home Team Total", outcome_target=None, outcome_over_under="O", outcome_line=4.5),
        "b": outcome(outcome_name="Moneyline", outcome_target="home"),
        "c": outcome(outcome_name="Moneyline", outcome_target=ANGELS),
        "d": outcome(outcome_name="1X2", outcome_target="1"),
    }
    found = [quote.what for quote in quotes(at.say(envelope("initial_state", outcomes, **flipped)))]
    assert [(what.home, what.away) for what in found] == [(METS, ANGELS)] * 4
    assert found[0].subject == "away"
    assert [what.side for what in found[1:]] == ["away"] * 3


@pytest.mark.parametrize(
    ("expected", "info"),
    [
        pytest.param({"info": {"id": "77-a"}}, {"id": "77-a", "link": "", "game": GAME}, id="an-id-as-text"),
        pytest.param({"info": {"game_id": 7}}, {"game_id": 7, "when": "2025-07-23, 01:09 PM"}, id="game-id"),
        pytest.param({"info": {"id": 1, "orig_teams": "A @ B"}}, {"id": 1, "orig_teams": "A @ B"}, id="the-books-names"),
        pytest.param(None, {"universal_id": "5e4b00071be9"}, id="the-universal-id-is-the-games"),
        pytest.param(None, {}, id="nothing"),
    ],
)  # fmt: skip
def test_what_info_has_goes_along(expected: Any, info: dict[str, Any]) -> None:
    [quote] = quotes(line().say(envelope("initial_state", {"x": outcome()}, info=info)))
    assert (None if quote.detail is None else orjson.loads(quote.detail)) == expected


def test_fields_of_an_outcome_that_are_new_go_along() -> None:
    outcomes = {"x": outcome(max_bet=250, outcome_id="z1", note=None), "y": outcome()}
    first, second = quotes(line().say(envelope("initial_state", outcomes, info={"id": 7})))
    assert orjson.loads(first.detail or "") == {"info": {"id": 7}, "max_bet": 250, "outcome_id": "z1"}
    assert orjson.loads(second.detail or "") == {"info": {"id": 7}}


def test_nothing_of_it_is_a_notice() -> None:
    events = line().say(
        envelope("initial_state", {f"{JAMES} 25+ Points": outcome(outcome_line="25+")}, sportsbook=BOOK)
    )
    assert codes(events) == []


@pytest.mark.parametrize("sent", [None, 7, "closed", []])
def test_an_outcome_that_is_no_object_is_a_notice_where_nothing_is_known_of_it(sent: Any) -> None:
    assert codes(line().say(envelope("line_update", {"k": sent}))) == ["unreadable"]
