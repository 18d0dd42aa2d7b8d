"""ParlayAPI on the wire, held against the reference's own samples."""

from __future__ import annotations

import functools
from typing import Any

import orjson
import pytest

from oddstail.demo.contract import Knobs, Reply, Shut
from oddstail.demo.wires.parlayapi import ParlayApi

from .stage import Seat, ask, shape, still
from .stage import Theatre as AnyTheatre

# docs/wire/parlayapi.md, 5.1, without its optional note
CONNECTED = (
    '{"type":"connected","sport_key":"basketball_nba","tier":"business","min_push_interval_s":1.0,'
    '"push_mode":"coalesced","diff_mode":false,'
    '"filters":{"event_id":null,"bookmakers":["pinnacle","fanduel"],"markets":null,"kinds":null,"since":null},'
    '"timestamp":1778214000}'
)
# docs/wire/parlayapi.md, 5.2
HOT_FEED = (
    '{"type":"hot_feed_status","status":"ok","sport_key":"basketball_nba","sources":['
    '{"bookmaker":"pinnacle","latest_ms":1778213999210,"age_s":0.8,"rows_60s":41}],"timestamp":1778214000}'
)
# docs/wire/parlayapi.md, 5.5
ROW_GAME = (
    '{"kind":"game","bookmaker":"pinnacle","event_id":"2026-05-12_Lakers_Warriors",'
    '"home_team":"Los Angeles Lakers","away_team":"Golden State Warriors",'
    '"commence_time":"2026-05-12T22:30:00Z","last_update":1747000000123,"home_ml":-120,"away_ml":102,'
    '"home_spread":-1.5,"away_spread":1.5,"total":228.5}'
)
# docs/wire/parlayapi.md, 5.5
ROW_PROP = (
    '{"kind":"prop","bookmaker":"fanduel","event_id":"2026-05-12_Lakers_Warriors",'
    '"home_team":"Los Angeles Lakers","away_team":"Golden State Warriors",'
    '"commence_time":"2026-05-12T22:30:00Z","last_update":1747000000456,"player":"LeBron James",'
    '"market_key":"player_points","market":"Points","line":25.5,"over_price":-112,"under_price":-108}'
)
# docs/wire/parlayapi.md, 5.5, the three narrow forms
NARROW = {
    "h2h": {"market_key", "home_ml", "away_ml"},
    "spreads": {"market_key", "line", "home_price", "away_price"},
    "totals": {"market_key", "line", "over_price", "under_price"},
}
# docs/wire/parlayapi.md, 5.6
HEARTBEAT = '{"type":"heartbeat","sport_key":"basketball_nba","timestamp":1778214008,"connections":37}'
# docs/wire/parlayapi.md, 5.8
DROP = (
    '{"type":"odds_drop","event_id":"2026-05-12_Lakers_Warriors","bookmaker":"pinnacle","side":"h2h_home",'
    '"kind":"game","prev":-110,"new":-120,"delta":-10,"direction":"toward_favorite",'
    '"home_team":"Los Angeles Lakers","away_team":"Golden State Warriors",'
    '"commence_time":"2026-05-12T22:30:00Z","last_update":1747000000123,"timestamp":1747000000124}'
)
# docs/wire/parlayapi.md, 5.9
PLAY = (
    '{"id":12345,"match_id":"0042500222","sport_key":"basketball_nba","source":"nba_live","role":"primary",'
    '"event_type":"made_3","team_or_player_a":"Lakers","team_or_player_b":"Thunder","score_a":"107",'
    '"score_b":"125","description":"C. Holmgren 3PT JUMPER from 26ft","state":{"period":4,"clock":"PT2:14"},'
    '"occurred_at_ms":1778214012700,"captured_at_ms":1778214028111}'
)
# docs/wire/parlayapi.md, 5.10
STREAM_STATUS = (
    '{"type":"stream_status","sport_key":"basketball_nba","bookmaker":"pinnacle","status":"degraded",'
    '"reason":"fixture_unresolved","dataset":"games","affected_families_in_page":3,'
    '"coverage_complete":false,"fresh_snapshot_required_to_clear":true}'
)
# docs/wire/parlayapi.md, 7.3
MISSING_KEY = (
    '{"detail":{"error":"MISSING_KEY","message":"Missing apiKey query param, …",'
    '"signup_url":"https://parlay-api.com/signup","request_id":"b0c8ba1a4429a11f","docs_url":"/docs",'
    '"status":401}}'
)
SSE = "/v1/sse/odds/basketball_nba?apiKey=demo"
WS = "/v1/ws/odds/basketball_nba?apiKey=demo"


# Fewer games, faster tests.
Theatre = functools.partial(AnyTheatre, sports=("basketball", "soccer"))
# For tests in which no time passes.
Still = functools.partial(AnyTheatre, market=still("basketball", "soccer"))


def _same(sample: str, found: object) -> bool:
    return shape(orjson.loads(sample)) == shape(found)


def _rows(seat: Seat, kind: str = "initial_state") -> list[dict[str, Any]]:
    return [row for body in seat.payloads() if body["type"] == kind for row in body["data"]]


def test_the_first_frames() -> None:
    """connected, the snapshot, and one word about the sources."""
    seat = Still(ParlayApi).open(ask(SSE + "&bookmakers=pinnacle,fanduel"))
    connected, snapshot, hot = seat.payloads()
    assert _same(CONNECTED, connected)
    assert {"type", "sport_key", "timestamp", "count", "data", "truncated", "snapshot_complete"} == snapshot.keys()
    assert snapshot["count"] == len(snapshot["data"])
    assert _same(HOT_FEED, hot)
    assert all(frame.body.startswith(b"data: {") for frame in seat.frames)


def test_the_three_row_shapes() -> None:
    seat = Still(ParlayApi).open(ask(SSE))
    rows = _rows(seat)
    ids = {"kind", "bookmaker", "event_id", "home_team", "away_team", "commence_time", "last_update"}
    assert any(_same(ROW_GAME, row) for row in rows)
    assert any(_same(ROW_PROP, row) for row in rows)
    for market, keys in NARROW.items():
        assert any(row.keys() == ids | keys and row["market_key"] == market for row in rows)


@pytest.mark.parametrize(
    ("sport", "fits"),
    [
        pytest.param(
            "basketball_nba", lambda row: row.get("period") == "1H" and row["market_key"] == "h2h_1h", id="1h"
        ),
        pytest.param("basketball_nba", lambda row: row.get("market_key") == "totals_h1", id="h1"),
        pytest.param(
            "americanfootball_nfl",
            lambda row: row.get("period") == "1Q" and row["market_key"] == "spreads_q1" and row["home_price"],
            id="q1",
        ),
        pytest.param(
            "americanfootball_nfl",
            lambda row: row.get("period") == "1Q" and row["market_key"] == "totals_1q" and row["over_price"],
            id="1q",
        ),
        pytest.param("basketball_nba", lambda row: row.get("period") == "FULL", id="FULL"),
        pytest.param(
            "basketball_nba",
            lambda row: row["bookmaker"] == "prizepicks" and row["line"] and row["over_price"] is None,
            id="pick-em",
        ),
        pytest.param(
            "basketball_nba", lambda row: row.get("over_price") and row["under_price"] is None, id="one-sided"
        ),
        pytest.param("basketball_nba", lambda row: row.get("draw_ml", 0) is None, id="null-price"),
        pytest.param("soccer_epl", lambda row: row.get("draw_ml"), id="three-way"),
    ],
)
def test_rows_of_every_kind(sport: str, fits: Any) -> None:
    market = still("basketball", "football", "soccer")
    rows = _rows(AnyTheatre(ParlayApi, market=market).open(ask(SSE.replace("basketball_nba", sport))))
    assert any(fits(row) for row in rows)


@pytest.mark.parametrize("path", ["/v1/sse/odds/", "/v1/sse/hot/"])
def test_hot_is_the_same_feed(path: str) -> None:
    assert _rows(Still(ParlayApi).open(ask(f"{path}basketball_nba?apiKey=demo")))


@pytest.mark.parametrize("path", ["/v1/ws/odds/", "/ws/odds/", "/v1/ws/live/", "/ws/live/"])
def test_socket_aliases(path: str) -> None:
    seat = Still(ParlayApi).open(ask(f"{path}basketball_nba?apiKey=demo", websocket=True))
    assert [message["type"] for message in seat.messages()] == ["connected", "initial_state"]


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("&kinds=prop", lambda row: row["kind"] == "prop"),
        ("&bookmakers=pinnacle&bookmakers=bet365", lambda row: row["bookmaker"] in ("pinnacle", "bet365")),
        ("&markets=spreads&bookmakers=pinnacle", lambda row: row["market_key"] == "spreads"),
    ],
)
def test_filters(query: str, check: Any) -> None:
    rows = _rows(Still(ParlayApi).open(ask(SSE + query)))
    assert rows
    assert all(check(row) for row in rows)


def test_a_limited_snapshot_says_that_it_is_cut() -> None:
    seat = Still(ParlayApi).open(ask(SSE + "&limit=3"))
    snapshot = list(seat.payloads())[1]
    assert (snapshot["count"], snapshot["truncated"], snapshot["snapshot_complete"]) == (3, True, False)


def test_an_old_row_is_not_in_the_snapshot() -> None:
    """max_age_s hides quiet books until they move [docs O]."""
    theatre = Theatre(ParlayApi, rate=0.01)
    theatre.run(3)
    assert _rows(theatre.open(ask(SSE + "&max_age_s=1"))) == []


def test_since_gives_what_is_newer_and_all_of_pinnacle() -> None:
    theatre = Theatre(ParlayApi)
    theatre.run(3)
    now = int(theatre.market.now.timestamp() * 1000)
    rows = _rows(theatre.open(ask(f"{SSE}&since={now}")))
    assert {row["bookmaker"] for row in rows} == {"pinnacle"}
    old = theatre.open(ask(f"{SSE}&since={now - 2 * 3_600_000}"))
    assert list(old.payloads())[1]["truncated"] is True


def test_updates_are_coalesced_by_tier() -> None:
    for tier, interval, mode in (("business", 1.0, "coalesced"), ("scale", 0.0, "raw")):
        theatre = Theatre(ParlayApi, knobs=Knobs(tier=tier))
        seat = theatre.open(ask(SSE))
        theatre.run(6, seat)
        connected = next(seat.payloads())
        assert (connected["min_push_interval_s"], connected["push_mode"]) == (interval, mode)
        updates = [body for body in seat.payloads() if body["type"] == "odds_update"]
        assert (len(updates) <= 6) == bool(interval)


def test_control_fields_of_rows() -> None:
    """Suspended, back again, and removed."""
    theatre = Theatre(ParlayApi, rate=8, knobs=Knobs(tier="scale"))
    seat = theatre.open(ask(SSE))
    theatre.run(40, seat)
    rows = _rows(seat, "odds_update")
    assert {row.get("available") for row in rows} == {None, True, False}
    assert {row.get("action") for row in rows} == {None, "remove"}


def test_diff_rows_hold_identifiers_and_changes_only() -> None:
    theatre = Theatre(ParlayApi)
    seat = theatre.open(ask(SSE + "&diff=true"))
    theatre.run(6, seat)
    diffs = [row for row in _rows(seat, "odds_update") if row.get("_diff")]
    assert diffs
    assert all("home_team" not in row and {"event_id", "bookmaker"} <= row.keys() for row in diffs)


@pytest.mark.parametrize(
    ("url", "socket", "every"), [(SSE, False, 5), (SSE + "&heartbeat_s=2", False, 2), (WS, True, 30)]
)
def test_heartbeats(url: str, socket: bool, every: int) -> None:
    theatre = Theatre(ParlayApi)
    seat = theatre.open(ask(url, websocket=socket))
    theatre.market.freeze()
    theatre.run(60, seat)
    bodies = seat.messages() if socket else seat.payloads()
    beats = [body for body in bodies if body["type"] == "heartbeat"]
    assert len(beats) == 60 // every
    assert _same(HEARTBEAT, beats[0])


def test_one_connection_in_three_is_told_of_a_gap() -> None:
    theatre = Theatre(ParlayApi)
    seats = [theatre.open(ask(SSE)) for _ in range(3)]
    theatre.run(6, *seats)
    found = [[body for body in seat.payloads() if body["type"] == "stream_status"] for seat in seats]
    assert [len(one) for one in found] == [0, 0, 1]
    assert _same(STREAM_STATUS, found[2][0])


def test_subscribe_narrows_updates_to_one_event() -> None:
    theatre = Theatre(ParlayApi, rate=60)
    seat = theatre.open(ask(WS, websocket=True))
    event = next(iter(seat.told)).game
    (reply,) = seat.say({"type": "subscribe", "event_id": event})
    assert orjson.loads(reply.body).keys() == {"type", "event_id", "timestamp"}
    theatre.run(5, seat)
    rows = [row for body in seat.messages() if body["type"] == "odds_update" for row in body["data"]]
    assert {row["event_id"] for row in rows} == {event}
    (reply,) = seat.say({"type": "unsubscribe"})
    assert orjson.loads(reply.body)["type"] == "unsubscribed"


def test_drops() -> None:
    theatre = Theatre(ParlayApi, rate=60)
    one = theatre.open(ask("/v1/odds-drop/basketball_nba?apiKey=demo&threshold=15"))
    every = theatre.open(ask("/v1/odds-drop/all?apiKey=demo&direction=toward_dog"))
    theatre.run(5, one, every)
    drops = [body for body in one.payloads() if body["type"] == "odds_drop"]
    assert any(_same(DROP, drop) for drop in drops)
    assert all(abs(drop["new"] - drop["prev"]) >= 15 for drop in drops)
    assert all(drop["delta"] == drop["new"] - drop["prev"] for drop in drops)
    assert {drop["side"][:3] for drop in drops if drop["bookmaker"] == "betrivers"} <= {"h2h"}
    everywhere = [body for body in every.payloads() if body["type"] == "odds_drop"]
    assert {drop["direction"] for drop in everywhere if "direction" in drop} == {"toward_dog"}
    assert len({drop["sport_key"] for drop in everywhere}) > 1
    assert not one.told


def test_plays() -> None:
    """Named `pbp_event`, and without a type [seed]."""
    theatre = Theatre(ParlayApi, rate=60)
    seat = theatre.open(ask("/v1/sports/basketball_nba/live/sse?apiKey=demo"))
    theatre.run(3, seat)
    plays = [orjson.loads(event["data"]) for event in seat.events() if event.get("event") == "pbp_event"]
    assert plays
    assert all(_same(PLAY, play) for play in plays)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("", {"x-api-key": "demo"}),
        ("?apiKey=wrong", {"x-api-key": "demo"}),
        ("?api_key=demo", {}),
        ("", {"authorization": "Bearer demo"}),
    ],
    ids=["header", "header-beats-query", "snake", "bearer"],
)
def test_keys_are_taken_from_anywhere(url: str, headers: dict[str, str]) -> None:
    Still(ParlayApi).open(ask("/v1/sse/odds/tennis_atp" + url, headers=headers))


def test_a_key_may_be_a_subprotocol() -> None:
    offer = {"sec-websocket-protocol": "apikey.demo"}
    seat = Still(ParlayApi).open(ask("/ws/odds/tennis_atp", websocket=True, headers=offer))
    assert seat.session.subprotocol == "apikey.demo"


def test_refusals_over_http() -> None:
    wire = Still(ParlayApi).wire
    missing = wire.accept(ask("/v1/sse/odds/tennis_atp"))
    assert isinstance(missing, Reply)
    assert missing.status == 401
    assert _same(MISSING_KEY, orjson.loads(missing.body))
    wrong = wire.accept(ask("/v1/sse/odds/tennis_atp?apiKey=x"))
    assert isinstance(wrong, Reply)
    assert wrong.status == 401
    nowhere = wire.accept(ask("/v1/sse/odds/curling?apiKey=demo"))
    assert isinstance(nowhere, Reply)
    assert nowhere.status == 404


@pytest.mark.parametrize(("url", "code"), [("/ws/odds/tennis_atp", 4003), ("/ws/odds/tennis_atp?apiKey=x", 1008)])
def test_refusals_over_sockets(url: str, code: int) -> None:
    shut = Still(ParlayApi).wire.accept(ask(url, websocket=True))
    assert isinstance(shut, Shut)
    assert shut.code == code


@pytest.mark.parametrize("bad", ["heartbeat_s=99", "limit=0", "max_age_s=x", "since=-1", "diff=maybe", "threshold=500"])
def test_bad_values_are_422_in_fastapis_shape(bad: str) -> None:
    reply = Still(ParlayApi).wire.accept(ask(f"{SSE}&{bad}"))
    assert isinstance(reply, Reply)
    assert reply.status == 422
    (problem,) = orjson.loads(reply.body)["detail"]
    assert problem.keys() == {"loc", "msg", "type", "input", "ctx"}
    assert problem["loc"] == ["query", bad.split("=")[0]]


def test_the_cap_counts_both_transports() -> None:
    theatre = Still(ParlayApi, knobs=Knobs(cap=2))
    first = theatre.open(ask(SSE))
    theatre.open(ask(WS, websocket=True))
    shut, reply = theatre.wire.accept(ask(WS, websocket=True)), theatre.wire.accept(ask(SSE))
    assert isinstance(shut, Shut)
    assert shut.code == 4002
    assert isinstance(reply, Reply)
    assert (reply.status, dict(reply.headers)["retry-after"]) == (429, "60")
    theatre.wire.left(first.session)
    theatre.open(ask(SSE))


def test_alternates_and_rows_of_one_outcome() -> None:
    """Alternates under keys of their own, told apart by their line (8.5); the quickstart's form (5.5) [docs O, Q]."""
    seat = Still(ParlayApi).open(ask("/v1/sse/odds/basketball_nba?apiKey=demo&limit=1000&kinds=game"))
    rows = list(seat.payloads())[1]["data"]
    alternates = [row for row in rows if row.get("market_key", "").startswith("alternate_")]
    assert {"alternate_spreads", "alternate_totals"} == {row["market_key"] for row in alternates}
    keys = [(row["event_id"], row["bookmaker"], row["market_key"], row["line"]) for row in alternates]
    assert len(set(keys)) == len(keys)
    single = [row for row in rows if "outcome" in row]
    assert {("h2h", "bovada")} == {(row["market_key"], row["bookmaker"]) for row in single}
    assert all(row["outcome"] in (row["home_team"], row["away_team"]) for row in single)
    only = Still(ParlayApi).open(ask("/v1/sse/odds/basketball_nba?apiKey=demo&markets=alternate_totals"))
    assert {"alternate_totals"} == {row["market_key"] for row in list(only.payloads())[1]["data"]}


def test_drops_of_several_sports() -> None:
    """`multi` names them in the query, and each drop says its own (#5, 3.2) [seed]."""
    theatre = Theatre(ParlayApi, rate=60, sports=["basketball", "hockey", "soccer"])
    seat = theatre.open(ask("/v1/odds-drop/multi?apiKey=demo&sports=basketball_nba,icehockey_nhl"))
    theatre.run(5, seat)
    keys = {body["sport_key"] for body in seat.payloads() if body["type"] == "odds_drop"}
    assert keys == {"basketball_nba", "icehockey_nhl"}


def test_the_live_route_flags_arbitrage() -> None:
    """The frame is known, its items are not (5.11) [docs O]."""
    theatre = Theatre(ParlayApi)
    seats = [
        theatre.open(ask(f"/v1/ws/{kind}/basketball_nba?apiKey=demo", websocket=True)) for kind in ("live", "odds")
    ]
    theatre.run(21, *seats)
    flagged = [[body for body in seat.messages() if body["type"] == "arb_flagged"] for seat in seats]
    assert flagged == [[{"type": "arb_flagged", "data": []}], []]


def test_drops_in_the_other_shape() -> None:
    """Tennis drops as the AsyncAPI document has them: other names, a size without a sign (5.8) [docs A]."""
    theatre = Theatre(ParlayApi, rate=60, sports=["tennis"])
    seat = theatre.open(ask("/v1/odds-drop/tennis_atp?apiKey=demo"))
    theatre.run(6, seat)
    drops = [body for body in seat.payloads() if body["type"] == "odds_drop"]
    named = {"type", "sport_key", "timestamp", "bookmaker", "event_id", "side", "prior_price", "new_price"}
    assert drops
    assert all(drop.keys() == named | {"delta_cents", "elapsed_ms"} for drop in drops)
    assert all(drop["delta_cents"] == abs(drop["new_price"] - drop["prior_price"]) for drop in drops)


ODDS_PATH, PLAYS_PATH, SOCKET_PATH = (
    "/v1/sse/odds/basketball_nba",
    "/v1/sports/basketball_nba/live/sse",
    "/v1/ws/odds/basketball_nba",
)


@pytest.mark.parametrize(
    ("tier", "path", "answer"),
    [
        ("pro", ODDS_PATH, 402),
        ("pro", "/v1/odds-drop/all", 402),
        ("pro", SOCKET_PATH, 4001),
        ("free", PLAYS_PATH, 402),
        ("starter", PLAYS_PATH, None),
        ("business", SOCKET_PATH, None),
    ],
)
def test_plans_have_some_streams_and_not_others(tier: str, path: str, answer: int | None) -> None:
    """402 for SSE, accepted and closed with 4001 for sockets (7.1, 7.2) [seed, docs A, L]."""
    wire = Theatre(ParlayApi, knobs=Knobs(tier=tier)).wire
    found = wire.accept(ask(f"{path}?apiKey=demo", websocket=path == SOCKET_PATH))
    code = found.status if isinstance(found, Reply) else found.code if isinstance(found, Shut) else None
    assert answer == code
