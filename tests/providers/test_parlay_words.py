"""What ParlayAPI says besides prices, and what has no field: nothing of it is lost, and errors keep their codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail.model import Drop, Frame, Health, Notice, Play
from oddstail.providers.parlayapi.command import Feed
from tests.providers.test_parlayapi import diff, holding, line, narrow, update
from tests.providers.test_raw_payloads import printed
from tests.providers.wire import Line, asked, codes, payload, quotes

PLAY = payload("parlayapi", "pbp_event.json")
STATE = {"type": "live_state", "match_id": "7", "home_team": "A", "away_team": "B", "score_a": 1, "score_b": 0}
DROP = {"type": "odds_drop", "event_id": "e", "bookmaker": "b", "side": "over", "prev": -110, "new": -120}


def on(feed: Feed) -> Line:
    return Line(asked("parlayapi", sport=["basketball_nba"], feed=feed)[0])


@pytest.mark.parametrize("feed", [Feed.odds, Feed.drops, Feed.plays])
@pytest.mark.parametrize(
    ("text", "code", "body"),
    [
        ("Unknown sport", "X1", {"type": "error", "message": "Unknown sport", "code": "X1"}),
        ("Unknown sport", "404", {"type": "ERROR", "message": "Unknown sport", "status": 404}),
        ("wait", "rate_limit", {"error": "rate_limit", "message": "wait", "retry_after_seconds": 60}),
        ("wait", "rate_limit", {"type": "error", "error": {"code": "rate_limit", "message": "wait"}}),
        ("Missing apiKey", "MISSING_KEY", {"detail": {"error": "MISSING_KEY", "message": "Missing apiKey", "status": 401}}),
        ("too big", "less_than_equal", {"detail": [{"loc": ["query", "limit"], "msg": "too big", "type": "less_than_equal"}]}),
        ("no", "E9", {"type": "error", "errors": [{"code": "E9", "message": "no"}]}),
        ("no", "c", {"status": "error", "message": "no", "code": "c"}),
    ],
)  # fmt: skip
def test_an_error_keeps_its_code_whatever_its_shape(text: str, code: str, body: dict[str, Any], feed: Feed) -> None:
    [notice] = on(feed).say(body)
    assert isinstance(notice, Notice)
    assert (notice.code, notice.level) == ("server", "warning")
    assert notice.text.endswith(f"{text} (code {code})")
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    assert printed("parlayapi", Frame(data)) == [data]


@pytest.mark.parametrize(
    "body",
    [
        *({"type": name} for name in ("hot_feed_status", "stream_status", "arb_flagged", "stream_closed", "tomorrow", "ping")),
        *({"type": name, "data": data} for name in ("initial_state", "odds_update") for data in ([], [7], None, {"a": 1})),
        {},
        [],
        None,
        [{"type": "heartbeat"}],
        {"type": ["heartbeat"]},
    ],
)  # fmt: skip
def test_raw_has_all_but_acknowledgements_and_heartbeats(body: Any) -> None:
    data = b" " + orjson.dumps(body, option=orjson.OPT_INDENT_2)
    assert printed("parlayapi", Frame(data)) == [data]


@pytest.mark.parametrize(("feed", "body"), [
    (Feed.drops, {"type": "odds_update", "data": [narrow("h2h", home_ml=-110)]}),
    (Feed.drops, {"type": "odds_drop", "data": [DROP]}),
    (Feed.plays, {"type": "initial_state", "data": {"a": 1}}),
    (Feed.plays, {"type": "odds_update", "data": []}),
    (Feed.odds, {"type": "stream_status"}),
    (Feed.odds, {"type": "arb_flagged", "data": [{"a": 1}]}),
    (Feed.odds, {"type": "odds_update", "rows": []}),
    (Feed.odds, update(narrow("team_totals", outcomes=[{"name": "Over", "price": -110}]))),
    (Feed.odds, update({"event_id": "e", "bookmaker": "b", "market_key": "h2h", "quote": -110})),
])  # fmt: skip
def test_what_yields_no_record_yields_a_notice(feed: Feed, body: dict[str, Any]) -> None:
    events = on(feed).say(body)
    assert len(codes(events)) == len(events) == 1


def test_prices_on_a_stream_of_drops_are_said_once() -> None:
    at = on(Feed.drops)
    said = [codes(at.say({"type": "odds_update", "data": []})) for _ in range(3)]
    assert said == [["unknown"], [], []]


@pytest.mark.parametrize(
    ("clock", "sent"),
    [("2:14", "PT2:14"), ("2:14", "PT02M14.00S"), ("0:09", "PT9.8S"), ("2:14", "2:14"), ("90+3", "90+3"),
     *((None, word) for word in ("Bot", "Top", "Bottom", "HT", "", None, ["2:14"]))],
)  # fmt: skip
def test_clocks(clock: str | None, sent: Any) -> None:
    for body in (PLAY, STATE):
        [play] = on(Feed.plays).say({**body, "state": {"period": 5, "clock": sent}})
        assert isinstance(play, Play)
        assert play.clock == clock
        lost = {"state_clock": sent} if clock is None and sent else None
        assert (None if play.detail is None else orjson.loads(play.detail)) == lost


@pytest.mark.parametrize(
    ("kept", "fields"),
    [
        ({"points": 3, "assist": "A. One"}, {"points": 3, "assist": "A. One"}),
        ({"state": "Top 5th"}, {"state": "Top 5th"}),
        ({"outs": 2, "state_period": [5]}, {"state": {"outs": 2, "period": [5]}}),
        ({"outs": 2}, {"state": '{"outs":2,"period":5}'}),
    ],
)
def test_what_a_play_has_no_field_for_is_in_its_detail(kept: dict[str, Any], fields: dict[str, Any]) -> None:
    for body in ({**PLAY, "state": None}, STATE):
        [play] = on(Feed.plays).say({**body, **fields})
        assert isinstance(play, Play)
        assert orjson.loads(play.detail or "null") == kept


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"market_key": "player_points", "description": "A. One", "line": "25+"}, ("prop", "game", "A. One", "over", 24.5)),
        ({"market_key": "player_points", "player": "A. One", "line": 25.5, "period": "1st Half"}, ("prop", "1h", "A. One", "over", 25.5)),
        ({"market_key": "totals_q1", "point": "55.5"}, ("total", "q1", None, "over", 55.5)),
        ({"market_key": "totals", "line": 55.5, "period": ["Q1", "Q2"]}, ("total", None, None, "over", 55.5)),
    ],
)  # fmt: skip
def test_drops_are_read_as_rows_are(fields: dict[str, Any], expected: tuple[Any, ...]) -> None:
    [drop] = on(Feed.drops).say({**DROP, **fields})
    assert isinstance(drop, Drop)
    assert (drop.kind, drop.period, drop.player, drop.side, drop.line) == expected


def test_a_status_names_its_part_and_an_ok_is_no_warning() -> None:
    status = {**payload("parlayapi", "stream_status.json"), "dataset": "periods"}
    [health, notice] = line().say(status)
    assert isinstance(notice, Notice)
    assert isinstance(health, Health)
    assert "for parts of games" in notice.text
    assert line().say({**status, "status": "ok"}) == [replace(health, status="ok")]


@pytest.mark.parametrize(
    ("limit", "fields"),
    [(500, {"limit": 500}), (500, {"max_bet": "500"}), (250, {"over_limit": 250, "under_limit": 100}), (40.5, {"size": 40.5}),
     (None, {"limit": "none"}), (None, {})],
)  # fmt: skip
def test_what_can_be_staked(limit: float | None, fields: dict[str, Any]) -> None:
    quote = quotes(line().say(update(narrow("totals", line=55.5, over_price=-110, under_price=-110, **fields))))[0]
    assert quote.limit == limit


def test_what_a_row_has_no_field_for_is_in_the_detail() -> None:
    row = narrow("h2h", home_ml=-110, canonical_event_id="17ba", order_book=[[-110, 40]], home_odds=None)
    [quote] = quotes(line().say(update(row)))
    assert orjson.loads(quote.detail or "null") == {"canonical_event_id": "17ba", "order_book": [[-110, 40]]}
    assert quotes(line().say(update(narrow("h2h", home_ml=-110))))[0].detail is None
    at = holding(row)
    assert {quote.detail for quote in quotes(at.say(update(diff(row, home_ml=-120))))} == {quote.detail}


@pytest.mark.parametrize("name", ["is_live", "live", "in_play", "is_in_play"])
@pytest.mark.parametrize("said", [True, False])
def test_a_row_may_say_that_its_game_is_in_play(name: str, said: bool) -> None:
    [quote] = quotes(line().say(update(narrow("h2h", home_ml=-110, **{name: said}))))
    assert quote.live is said
