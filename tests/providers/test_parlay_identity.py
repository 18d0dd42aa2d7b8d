"""Prices of ParlayAPI told apart: by team, by player, by part of the game. No two may share a key."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail.model import Selection
from tests.providers.test_parlayapi import diff, holding, line, narrow, outcome, update
from tests.providers.wire import codes, quotes

HOME, AWAY = narrow("h2h")["home_team"], narrow("h2h")["away_team"]
TOTALS = [
    *(pytest.param({name: HOME}, {name: AWAY}, id=name) for name in ("team", "team_name", "participant", "description")),
    pytest.param({"team": "home"}, {"team": "away"}, id="by-role"),
]  # fmt: skip


def team_total(price: int, market: str = "team_totals", **fields: Any) -> dict[str, Any]:
    return narrow(market, line=112.5, over_price=price, under_price=-110, **fields)


@pytest.mark.parametrize("market", ["team_totals", "team_total", "alternate_team_totals", "team_totals_1h"])
@pytest.mark.parametrize(("one", "other"), TOTALS)
def test_the_totals_of_two_teams_are_two_prices(one: dict[str, Any], other: dict[str, Any], market: str) -> None:
    at = holding(team_total(-120, market, **one), team_total(105, market, **other))
    assert sorted(at.held().values(), key=str) == [-110, -110, -120, 105]
    found = {
        (what.subject, what.selection, what.side)
        for what in selections(line().say(update(team_total(-130, market, **one))))
    }
    assert found == {("home", HOME, "over"), ("home", HOME, "under")}
    # A change of one leaves the other.
    at.tell(update(diff(team_total(-130, market, **one), over_price=-130, **one)))
    assert sorted(at.held().values(), key=str) == [-110, -110, -130, 105]


def test_a_team_total_of_an_outcome_row_is_its_teams() -> None:
    rows = [outcome(f"{team} Over", price, "team_totals", point=110.5) for team, price in ((HOME, -115), (AWAY, -105))]
    found = selections(line().say(update(*rows)))
    assert [(what.subject, what.side, what.selection) for what in found] == [
        ("home", "over", HOME),
        ("away", "over", AWAY),
    ]
    assert len({what.key for what in found}) == 2


def test_a_change_that_may_be_to_either_teams_total_leaves_neither_on_offer() -> None:
    at = holding(team_total(-120, team=HOME), team_total(105, team=AWAY))
    change = {name: value for name, value in diff(team_total(-130), over_price=-130).items() if name != "line"}
    assert codes(at.tell(update(change))) == ["unreadable"]
    assert at.held() == {}


def prop(price: int, **fields: Any) -> dict[str, Any]:
    return narrow("player_points", line=25.5, over_price=price, under_price=-110, **fields)


def test_two_players_of_one_name_are_two_prices() -> None:
    one, other = ({"player": "Jalen Williams", "player_id": number} for number in (1, 25))
    at = holding(prop(-120, **one), prop(105, **other))
    assert sorted(at.held().values(), key=str) == [-110, -110, -120, 105]
    at.tell(update(diff(prop(0, **one), over_price=-130, **one)))
    assert sorted(at.held().values(), key=str) == [-110, -110, -130, 105]
    # Which of the two it is does not say: neither is known to be on offer.
    assert codes(at.tell(update(diff(prop(0, player="Jalen Williams"), over_price=-140)))) == ["unreadable"]
    assert at.held() == {}


def test_a_change_without_the_id_is_of_the_only_player_of_that_name() -> None:
    at = holding(prop(-120, player="Jalen Williams", player_id="P1"))
    at.tell(update(diff(prop(0, player="Jalen Williams"), over_price=-130)))
    assert sorted(at.held().values(), key=str) == [-110, -130]


@pytest.mark.parametrize("market", ["player_points", "player_points_alternate", "batter_hits", "player_anytime_td"])
def test_the_player_of_an_outcome_row_may_stand_in_its_description(market: str) -> None:
    rows = [
        outcome("Over", price, market, point=1.5, description=name)
        for name, price in (("A. One", -115), ("B. Two", 120))
    ]
    at = line()
    found = selections(at.tell(update(*rows)))
    assert [(what.player, what.kind, what.side, what.selection) for what in found] == [
        ("A. One", "prop", "over", "A. One"), ("B. Two", "prop", "over", "B. Two"),
    ]  # fmt: skip
    assert sorted(at.held().values(), key=str) == [-115, 120]


def test_the_description_of_a_game_is_nobody() -> None:
    [quote] = quotes(line().say(update(narrow("h2h", home_ml=-150, description="Game 4 of the finals"))))
    assert (quote.what.player, quote.what.selection) == (None, HOME)


SPELLINGS: dict[str, list[str | None]] = {
    "1h": ["1H", "1h", "H1", "First Half", "1st Half", "first_half", "1ST HALF"],
    "2h": ["2H", "Second Half", "2nd_half"],
    "q1": ["1Q", "Q1", "First Quarter", "1st Quarter", "first_quarter"],
    "q4": ["4Q", "Fourth Quarter"],
    "p2": ["P2", "2P", "2nd Period", "second_period"],
    "s1": ["S1", "1st Set", "set_1"],
    "f5": ["F5", "1st 5 Innings", "First 5 Innings", "first_five_innings"],
    "i1": ["1st Inning", "inning_1"],
    "m2": ["Map 2", "map_2"],
    "game": ["FULL", "Full Game", "full_time", "game", "Match", "", None],
}


@pytest.mark.parametrize(("period", "word"), [(period, word) for period, words in SPELLINGS.items() for word in words])
def test_a_period_in_words(period: str, word: str | None) -> None:
    [quote] = quotes(line().say(update(narrow("h2h", home_ml=-115, period=word))))
    assert (quote.what.period, quote.what.kind) == (period, "moneyline")
    if word and period != "game":
        mark = word.replace(" ", "_")
        for market in (f"h2h_{mark}", f"{mark}_h2h"):
            [named] = quotes(line().say(update(narrow(market, home_ml=-115))))
            assert (named.what.period, named.what.kind, named.what.key) == (period, "moneyline", quote.what.key)


@pytest.mark.parametrize("market", ["spreads", "totals", "alternate_spreads", "alternate_totals"])
@pytest.mark.parametrize("mark", ["1st_half", "first_half", "1h", "h1", "q1", "1st_quarter", "1st_5_innings", "p1"])
def test_a_period_at_the_end_of_a_market_key(market: str, mark: str) -> None:
    prices_ = {"home_price": -110} if "spread" in market else {"over_price": -110}
    [quote] = quotes(line().say(update(narrow(f"{market}_{mark}", line=3.5, **prices_))))
    [whole] = quotes(line().say(update(narrow(market, line=3.5, **prices_))))
    assert quote.what.period not in (None, "game")
    assert (quote.what.kind, quote.main, quote.what.ways) == (whole.what.kind, whole.main, whole.what.ways)
    assert quote.what.key != whole.what.key


@pytest.mark.parametrize(
    "period", [["1H"], ["1H", "2H"], 1, 0, 2.5, True, False, {"name": "1H"}, "OT", "Extra Time", "x" * 2000]
)
def test_whatever_the_period_is_it_does_not_overwrite_the_whole_game(period: Any) -> None:
    at = holding(narrow("h2h", home_ml=-150))
    at.tell(update(narrow("h2h", home_ml=-115, period=period)))
    assert sorted(at.held().values(), key=str) == [-115, -150]


@pytest.mark.parametrize(
    "part", [{"market_key": "totals_1h"}, {"period": "1H"}, {"market_key": "totals_h1", "period": "1H"}]
)
def test_a_dark_row_of_the_whole_game_leaves_its_parts(part: dict[str, Any]) -> None:
    whole = narrow("totals", line=220.5, over_price=-110, under_price=-105)
    half = {**whole, "line": 110.5, "over_price": -120, **part}
    at = holding(half, {**whole, "available": False})
    assert sorted(at.held().values(), key=str) == [-105, -120]
    at.tell(update({**diff(whole), "available": True}))
    assert sorted(at.held().values(), key=str) == [-105, -105, -110, -120]
    # The same with the half dark, and by a change.
    at.tell(update({**diff(half), **part, "available": False}))
    assert sorted(at.held().values(), key=str) == [-105, -110]
    at.tell(update({**diff(half), **part, "available": True}, {**diff(whole), "available": False}))
    assert sorted(at.held().values(), key=str) == [-105, -120]


@pytest.mark.parametrize("market", ["h2h", "player_points"])
def test_of_two_rows_of_one_message_the_newer_holds(market: str) -> None:
    row = narrow(market, player="A. One" if market != "h2h" else None, line=25.5 if market != "h2h" else None)
    name = "home_price" if market == "h2h" else "over_price"
    old, new = (
        {**row, name: -120, "last_update": 1_778_214_001_000},
        {**row, name: -150, "last_update": 1_778_214_003_000},
    )
    at = line()
    assert codes(at.tell(update(new, old))) == ["unreadable"]
    assert list(at.held().values()) == [-150]
    assert codes(at.tell(update(old, new))) == []
    assert list(at.held().values()) == [-150]


def test_two_prices_of_one_selection_at_one_time_are_held_back() -> None:
    rows = [prop(price, player="A. One") for price in (-120, 6500, -120)]
    at = line()
    assert codes(at.tell(update(*rows))) == ["unreadable", "unreadable"]
    assert at.held() == {}
    # Said twice, a price is one.
    assert codes(at.tell(update(rows[0], rows[0]))) == []
    assert sorted(at.held().values(), key=str) == [-110, -120]


def test_a_prop_change_that_names_no_player_is_no_price_of_its_own() -> None:
    at = holding(prop(-120, player="A. One"), prop(105, player="B. Two"))
    change = {name: value for name, value in diff(prop(0), over_price=-130).items() if name not in ("kind", "line")}
    assert codes(at.tell(update(change))) == ["unreadable"]
    assert at.held() == {}


def selections(events: Any) -> list[Selection]:
    return [quote.what for quote in quotes(events)]
