"""Rows of ParlayAPI under other names than the documented ones: the same prices, of the same sides and players."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail.providers.parlayapi.markets import MARKETS
from tests.providers.test_parlay_identity import SPELLINGS
from tests.providers.test_parlayapi import IDS, LAKERS, PROP, WARRIORS, WIDE, diff, holding, line, narrow, update
from tests.providers.wire import codes, prices, quotes

OPEN = "open"


def bare(market: str, **fields: Any) -> dict[str, Any]:
    """A row without `kind`, as outcome rows are."""
    return {**IDS, "market_key": market, **fields}


def told(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Side, line and price of each quote; the rows must give no notice."""
    events = line().say(update(*rows))
    assert codes(events) == []
    return [(quote.what.side, quote.line, quote.price and quote.price.american) for quote in quotes(events)]


MONEYLINE = [("home", None, -150), ("away", None, 130)]
SPREAD = [("home", -3.5, -110), ("away", 3.5, -105)]
TOTAL = [("over", 220.5, -110), ("under", 220.5, 100)]


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        *(
            pytest.param(MONEYLINE, [narrow(market, **{name.format("home"): -150, name.format("away"): 130})], id=f"{market}-{name}")
            for market in ("h2h", "moneyline", "ml", "Moneyline", "match_winner")
            for name in ("{}_price", "{}_odds", "{}_ml", "{}_moneyline", "ml_{}", "{}_american", "{}_price_american", "{}")
        ),
        pytest.param(MONEYLINE, [narrow("h2h", home_price=None, home_odds=-150, away_price="", away_odds=130)], id="of-two-names-the-one-with-a-price"),
        *(
            pytest.param(MONEYLINE, [bare("h2h", **{who: LAKERS, name: -150}), bare("h2h", **{who: WARRIORS, name: 130})], id=f"{who}-{name}")
            for who in ("outcome", "name", "selection", "outcome_name", "label")
            for name in ("price", "price_american", "odds", "american_odds", "odds_american")
        ),
        *(
            pytest.param(MONEYLINE, [bare("h2h", outcome=one, price=-150), bare("h2h", outcome=other, price=130)], id=f"{one}")
            for one, other in (("Lakers", "warriors"), ("LOS ANGELES LAKERS", "golden state"), ("HOME", "Away"), ("1", "2"))
        ),
        pytest.param(MONEYLINE, [bare("h2h", side="home", price=-150), bare("h2h", side="away", price=130)], id="side"),
        pytest.param(SPREAD, [narrow("spread", handicap="-3.5", home_odds="-110", away_odds="-105")], id="spread"),
        pytest.param(SPREAD, [bare("spreads", name=LAKERS, point=-3.5, price=-110), bare("spreads", name=WARRIORS, point="+3.5", price="-105")], id="spread-by-outcome"),
        pytest.param(SPREAD, [bare("spreads", outcome="Lakers -3.5", price=-110), bare("spreads", outcome="Warriors +3.5", price="-105")], id="spread-in-the-outcome"),
        pytest.param([("home", 0, -110), ("away", 0, -110)], [narrow("spreads", line="PK", home_price=-110, away_price=-110)], id="pick"),
        pytest.param(TOTAL, [narrow("total", line="220.5", over_odds="-110", under_odds="EVEN")], id="total"),
        pytest.param(TOTAL, [narrow("totals", total=220.5, over=-110, under="+100")], id="total-under-the-bare-name"),
        pytest.param(TOTAL, [bare("totals", outcome="Over 220.5", price=-110), bare("totals", outcome="u220.5", price=100)], id="total-in-the-outcome"),
        pytest.param(TOTAL, [bare("totals", name="over", point=220.5, price=-110), bare("totals", name="UNDER", point=220.5, price=100)], id="total-by-name"),
        *(pytest.param([MONEYLINE[0]], [narrow("h2h", home_ml=one, home_odds=other)], id=f"{one}-or-{other}") for one, other in ((-150, -150), (None, -150), (-150, None), (None, "-150"))),
        pytest.param([("draw", None, 250)], [bare("h2h", name="Tie", price=250)], id="tie"),
        pytest.param([("yes", None, 150), ("no", None, -180)], [narrow("btts", yes_odds=150, no_odds=-180)], id="yes-odds"),
        pytest.param([("yes", None, 150), ("no", None, -180)], [bare("btts", name="Yes", price=150), bare("btts", name="No", price=-180)], id="yes-by-name"),
    ],
)  # fmt: skip
def test_a_game_row_under_other_names(expected: list[tuple[Any, ...]], rows: list[dict[str, Any]]) -> None:
    assert told(*rows) == expected


@pytest.mark.parametrize("market", ["team_totals", "team_total", "alternate_team_totals", "team_totals_1h"])
@pytest.mark.parametrize(
    "fields",
    [
        *({name: "{}"} for name in ("player", "player_name", "name", "selection", "side", "outcome", "team_name")),
        *({name: "{} Over 110.5", "price": -110} for name in ("outcome", "selection", "name", "description")),
        *(
            {"outcome": side, name: "{}", "price": -110}
            for side in ("Over", "over 110.5")
            for name in ("description", "name", "team")
        ),
        {"outcome": "{}", "side": "over", "price": -110},
    ],
)
@pytest.mark.parametrize(("one", "other"), [(LAKERS, WARRIORS), ("Lakers", "Warriors"), ("home", "away")])
def test_wherever_a_total_names_its_team_it_is_two_prices(
    one: str, other: str, fields: dict[str, Any], market: str
) -> None:
    at = line()
    for team, price in ((one, -115), (other, -105)):
        row = bare(
            market,
            line=110.5,
            **{name: text.format(team) if isinstance(text, str) else price for name, text in fields.items()},
        )
        row |= {} if "price" in fields else {"over_price": price, "under_price": -101}
        events = at.tell(update(row))
        assert codes(events) == []
        assert {quote.what.kind for quote in quotes(events)} == {"team_total"}
    found = {(quote.what.subject, quote.what.selection, quote.what.player): quote.price.american
             for quote in at.ledger.known() if quote.what.side == "over" and quote.price is not None}  # fmt: skip
    assert found == {("home", LAKERS, None): -115, ("away", WARRIORS, None): -105}


@pytest.mark.parametrize("row", [
    pytest.param(bare("team_totals", line=110.5, over_price=-110), id="a-team-total"),
    pytest.param(bare("player_points", line=25.5, over_price=-110), id="a-prop"),
    pytest.param(bare("team_totals", team=LAKERS, line=110.5, price=-110, outcome="110.5"), id="a-team-total-of-no-side"),
    pytest.param(bare("player_points", player="A. One", line=25.5, price=-110, outcome="A. One"), id="a-prop-of-no-side"),
])  # fmt: skip
def test_a_price_of_nobody_knows_whom_is_a_notice(row: dict[str, Any]) -> None:
    events = line().say(update(row))
    assert codes(events) == ["unreadable"]
    assert quotes(events) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Over", "description": "{}", "price": -115},
        {"outcome": "Over", "participant": "{}", "odds": -115},
        {"outcome": "{} Over 25.5", "price": -115},
        {"selection": "{} Over", "price": -115},
        {"player": {"name": "{}", "id": 7}, "over_price": -115},
        {"name": "{}", "over_price": -115},
    ],
)
def test_wherever_a_prop_names_its_player_it_is_his(fields: dict[str, Any]) -> None:
    at = line()
    for name, price in (("A. One", -115), ("B. Two", 120)):
        filled = {
            key: text.format(name)
            if isinstance(text, str)
            else {"name": name, "id": 7}
            if isinstance(text, dict)
            else price
            for key, text in fields.items()
        }
        at.tell(update(bare("player_points", line=25.5, **filled)))
    found = {
        (quote.what.player, quote.what.side, quote.line): quote.price and quote.price.american
        for quote in at.ledger.known()
    }
    assert found == {("A. One", "over", 25.5): -115, ("B. Two", "over", 25.5): 120}


@pytest.mark.parametrize(
    "name",
    ["player_id", "playerId", "athlete_id", "participant_id", "player_key", "player_team", "team", "team_abbr"],
)  # fmt: skip
@pytest.mark.parametrize(("one", "other"), [(7, 8), ("a", "b"), (1.5, 2.5), ([1], [2]), ({"id": 1}, {"id": 2})])
def test_whatever_tells_namesakes_apart_does(name: str, one: Any, other: Any) -> None:
    rows = [
        narrow("player_points", player="J. Williams", line=25.5, over_price=price, **{name: value})
        for value, price in ((one, -115), (other, 120))
    ]
    at = holding(*rows)
    assert sorted(at.held().values(), key=str) == [-115, 120]
    assert {quote.what.player for quote in at.ledger.known()} == {"J. Williams"}


@pytest.mark.parametrize(
    "fields",
    [
        {"market_key": "player_points", "line": "25+", "over_price": -110},
        {"market_key": "player_points", "point": "25+", "name": "Over", "price": -110},
        {"market_key": "player_points_alternate", "outcome": "25+", "price": -110},
        {"market_key": "player_points_alternate", "name": "25+ Points", "price": -110},
        {"market_key": "player_points_milestones", "line": 25, "over_price": -110},
        {"market_key": "player_points_milestone", "line": "25", "yes_price": -110},
        {"market_key": "player_points_milestones", "point": 25, "outcome": "Yes", "price": -110},
        {"market_key": "player_points_milestones", "line": 24.5, "over_price": -110},
        {"market_key": "player_points_25_plus", "yes_price": -110},
        {"market_key": "player_points_25+", "outcome": "Yes", "price": -110},
    ],
)
def test_a_milestone_wins_at_its_number(fields: dict[str, Any]) -> None:
    [quote] = quotes(line().say(update({**IDS, "kind": "prop", "player": "A. One", **fields})))
    assert (quote.what.side, quote.line, quote.what.player, quote.what.kind) == ("over", 24.5, "A. One", "prop")


@pytest.mark.parametrize("nothing", ["", "None", "n/a", "-", 0, "0", None])
def test_a_side_without_a_price_is_not_there(nothing: Any) -> None:
    assert told(narrow("player_points", player="A. One", line=25.5, over_price=-110, under_price=nothing)) == [
        ("over", 25.5, -110)
    ]


def test_the_spread_of_one_team_moves_the_others() -> None:
    at = holding(WIDE)
    at.tell(update(diff(WIDE, home_spread=-2.5)))
    assert {quote.line for quote in at.ledger.known() if quote.what.kind == "spread"} == {-2.5, 2.5}


def test_a_change_under_another_name_changes_the_price() -> None:
    at = holding(narrow("h2h", home_price=-150, away_price=130))
    change = {**diff(narrow("h2h")), "away_odds": 125}
    assert [(side, price) for side, *_, price in prices(at.tell(update(change)))] == [(WARRIORS, 125)]


def test_a_wide_row_is_read_whatever_its_market_key_is() -> None:
    lines = [("home", -1.5, None), ("away", 1.5, None), ("over", 228.5, None), ("under", 228.5, None)]
    for market in ("game", "h2h", "odds", "main"):
        assert told({**WIDE, "market_key": market}) == [("home", None, -120), ("away", None, 102), *lines]
    [quote, *_] = quotes(line().say(update({**WIDE, "market_key": "h2h_1h"})))
    assert (quote.what.period, quote.what.market) == ("1h", "h2h")
    # A change to it finds it.
    at = holding({**WIDE, "market_key": "h2h"})
    at.tell(update({**diff(WIDE), "market_key": "h2h", "home_ml": -130, "total": 229.5}))
    assert {(quote.line, quote.price and quote.price.american) for quote in at.ledger.known()} >= {
        (None, -130),
        (229.5, None),
    }


@pytest.mark.parametrize("market", ["totals", "alternate_totals"])
def test_a_change_of_the_line_alone_moves_a_lone_line(market: str) -> None:
    row = narrow(market, line=220.5, over_price=-110, under_price=-105)
    at = holding(row)
    at.tell(update({**diff(row), "line": 221.5}))
    opened = {
        (quote.line, quote.price and quote.price.american) for quote in at.ledger.known() if quote.status == "open"
    }
    assert opened == {(221.5, -110), (221.5, -105)}


def test_a_change_of_the_line_alone_that_may_be_of_several_leaves_none_on_offer() -> None:
    row = narrow("alternate_totals", line=220.5, over_price=-110, under_price=-105)
    at = holding(row, {**row, "line": 222.5})
    assert codes(at.tell(update({**diff(row), "line": 221.5}))) == ["unreadable"]
    assert at.held() == {}


@pytest.mark.parametrize(
    "row", [PROP, narrow("totals", line=220.5, over_price=-110), narrow("spreads", line=-3.5, home_price=-110)]
)
def test_a_line_that_is_cleared_leaves_no_price(row: dict[str, Any]) -> None:
    at = holding(row)
    assert codes(at.tell(update({**diff(row), "line": None}))) == ["unreadable"]
    assert at.held() == {}


@pytest.mark.parametrize("market", ["spreads", "totals", "team_totals"])
def test_the_price_of_a_line_without_the_line_is_a_notice(market: str) -> None:
    events = line().say(update(narrow(market, team=LAKERS, home_price=-110, over_price=-110)))
    assert (codes(events), quotes(events)) == (["unreadable"], [])


@pytest.mark.parametrize(
    "fields",
    [{"suspended": True}, {"is_suspended": True}, {"active": False}, {"is_active": False}, {"status": "SUSPENDED"},
     {"available": "no"}, {"action": "Remove"}],
)  # fmt: skip
@pytest.mark.parametrize("whole", [True, False])
def test_whatever_says_that_a_price_is_off_takes_it_off(fields: dict[str, Any], whole: bool) -> None:
    row = narrow("h2h", home_ml=-150, away_ml=130)
    at = holding(row)
    at.tell(update({**(row if whole else diff(row)), **fields}))
    assert at.held() == {}


def test_a_prop_that_has_one_price_and_no_line_is_a_yes() -> None:
    assert told(bare("player_anytime_td", player="A. One", price=150)) == [("yes", None, 150)]


def test_a_removal_of_one_side_takes_the_row_away() -> None:
    at = holding(narrow("totals", line=220.5, over_price=-110, under_price=-110))
    at.tell(update({**diff(narrow("totals")), "_diff": False, "action": "remove", "name": "Over"}))
    assert at.held() == {}


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("1h", ["firsthalf", "1sthalf", "firstHalf", "half1", "Halftime"]),
        ("q1", ["firstquarter", "quarter1"]),
        ("s1", ["set1"]),
        ("m2", ["map2"]),
        ("f5", ["First 5", "1st5"]),
        ("game", ["Whole Match", "full"]),
    ],
)
def test_periods_without_spaces(period: str, words: list[str]) -> None:
    for word in words:
        for row in (narrow("h2h", home_ml=-115, period=word), narrow(f"h2h_{word}", home_ml=-115)):
            [quote] = quotes(line().say(update(row)))
            assert (quote.what.period, quote.what.kind) == (period, "moneyline"), word


@pytest.mark.parametrize("name", ["period", "period_name", "segment"])
def test_a_period_under_another_name(name: str) -> None:
    [quote] = quotes(line().say(update(narrow("h2h", home_ml=-115, **{name: "1H"}))))
    assert quote.what.period == "1h"


@pytest.mark.parametrize("market", ["h2h_1h_3_way", "h2h_3_way_1h", "1h_h2h_3_way", "h2h_3way_first_half"])
def test_a_period_in_the_middle_of_a_market_key(market: str) -> None:
    [quote] = quotes(line().say(update(narrow(market, home_price=-115))))
    assert (quote.what.period, quote.what.kind, quote.what.ways) == ("1h", "moneyline", 3)


def test_a_period_that_nobody_knows_is_said_once() -> None:
    at = line()
    row = narrow("h2h", home_ml=-115, period="Overtime")
    assert codes(at.say(update(row, {**row, "bookmaker": "x"}))) == ["unreadable"]
    assert codes(at.say(update({**row, "home_ml": -120}))) == []
    for words in SPELLINGS.values():
        assert all(codes(line().say(update(narrow("h2h", home_ml=-115, period=word)))) == [] for word in words)


BETS = {
    "Run Line": ("spread", "game", None),
    "Puck Line": ("spread", "game", None),
    "Total Goals": ("total", "game", "goals"),
    "Both Teams To Score": ("prop", "game", "both_teams_to_score"),
    "Double Chance": ("prop", "game", "double_chance"),
    "1st Half Spread": ("spread", "1h", None),
    "Passing Yards": ("prop", "game", "passing_yards"),
    "Total Bases": ("prop", "game", "total_bases"),
    "Pts+Rebs+Asts": ("prop", "game", "points_rebounds_assists"),
    "player_points_milestones": ("prop", "game", "points"),
    "player_points_q1": ("prop", "q1", "points"),
    "h2h_3_way_1st_5_innings": ("moneyline", "f5", None),
    "alternate_team_totals_h1": ("team_total", "1h", "points"),
    "draw_no_bet": ("moneyline", "game", "draw_no_bet"),
    "h2h_lay": ("moneyline", "game", "lay"),
    "NRFI": ("prop", "game", "no_run_first_inning"),
}


@pytest.mark.parametrize("market", BETS)
def test_market_names_of_books(market: str) -> None:
    bet = MARKETS.classify(market, "basketball")
    assert (bet.kind, bet.period, bet.stat) == BETS[market]


@pytest.mark.parametrize(
    ("home", "away"),
    [
        ("home_team_total", "away_team_total"),
        ("team_total_home", "team_total_away"),
        ("home_total", "away_total"),
        ("home_team_total_1h", "away_team_total_1h"),
    ],
)
def test_a_market_key_may_name_the_team(home: str, away: str) -> None:
    at = holding(*(bare(market, line=110.5, over_price=price) for market, price in ((home, -115), (away, -105))))
    found = {
        (quote.what.kind, quote.what.subject, quote.what.selection): quote.price and quote.price.american
        for quote in at.ledger.known()
    }
    assert found == {("team_total", "home", LAKERS): -115, ("team_total", "away", WARRIORS): -105}
