"""Plays, scores and results: held against the reference's samples, and against one another and the settlements."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import Any

import orjson
import pytest

from oddstail.demo.contract import Knobs, Reply, Shut
from oddstail.demo.events import Fixture, Happened, Played, Settled
from oddstail.demo.market import Market
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapidodds import RapidOdds

from .stage import Seat, Theatre, ask, shape

# -- the market ------------------------------------------------------------------------------------------------


@functools.cache
def history() -> tuple[Market, list[Any]]:
    """A market in which many games end."""
    market = Market(2, rate=200, pace=4)
    return market, [change for _ in range(20) for change in market.advance(1.0)]


def test_plays_add_up_to_the_score_and_periods_to_the_total() -> None:
    market, changes = history()
    seen: dict[str, Fixture] = {}
    for change in changes:
        if isinstance(change, Played):
            fixture = change.fixture
            assert fixture.score == tuple(sum(scores) for scores in zip(*fixture.periods, strict=True))
            before = seen.get(fixture.id)
            if before is not None:
                gained = sum(fixture.score) - sum(before.score)
                assert gained == change.points
                assert fixture.period >= before.period
            seen[fixture.id] = fixture
    assert len(market.ended()) > 20


def test_plays_are_numbered_without_a_hole() -> None:
    plays = [change.number for change in history()[1] if isinstance(change, Played)]
    assert plays == list(range(1, len(plays) + 1))


def test_the_final_score_decides_every_settlement() -> None:
    """Winner, handicap and total, from the score that the last play of the game told."""
    finals: dict[str, Fixture] = {}
    checked = 0
    for change in history()[1]:
        match change:
            case Played(fixture=fixture):
                finals[fixture.id] = fixture
            case Settled(offer=offer, settlement=settlement) if offer.group.period == "game":
                home, away = finals[offer.fixture].score
                line = offer.line or 0.0
                gains = {
                    "total": (home + away - line) * (1 if offer.side == "over" else -1),
                    "spread": (home - away if offer.side == "home" else away - home) + line,
                }
                gain = gains.get(offer.group.kind)
                if gain is not None:
                    checked += 1
                    assert settlement == ("Refunded" if gain == 0 else "Won" if gain > 0 else "Lost")
    assert checked > 100


def test_no_draws_where_the_sport_has_none_and_overtime_is_a_period() -> None:
    market, changes = history()
    ends = [one.fixture for one in changes if isinstance(one, Happened) and one.fixture.over and one.what == "status"]
    assert all(one.score[0] != one.score[1] for one in ends if one.sport != "soccer")
    regular = {sport.id: sport.periods for sport in SPORTS}
    assert any(len(one.periods) > regular[one.sport] for one in ends)
    assert all(market.ended_at(one.id) is not None for one in ends)


def test_a_player_count_only_grows_and_ends_at_what_was_settled() -> None:
    market = Market(3, rate=60, pace=4, sports=["basketball"])
    before: dict[tuple[str, str, str], int] = {}
    for _ in range(30):
        market.advance(1.0)
        for fixture in market.fixtures():
            for player, tally in market.players(fixture.id):
                key = (fixture.id, player.name, player.stat.name)
                assert tally >= before.get(key, 0)
                before[key] = tally
    (one, *_) = market.ended()
    assert all(tally == player.count for player, tally in market.players(one.id))


# -- BoltOdds: docs/wire/boltodds.md, A11 and A12 ----------------------------------------------------------------

# docs/wire/boltodds.md, A11
CONNECTED = '{"stream":6,"action":"connected","event":"<label>","universal_id":"5e4b00071be9"}'
NEW_PLAY = {
    "stream", "action", "event", "universal_id", "home", "away", "league", "state", "play_info", "score",
}  # fmt: skip


def bolt(theatre: Theatre, path: str, games: list[str] | None = None) -> Seat:
    seat = theatre.open(ask(f"/api/{path}?key=demo", websocket=True))
    seat.say({"action": "subscribe"} if games is None else {"action": "subscribe", "filters": {"games": games}})
    return seat


def quiet(**more: Any) -> Knobs:
    return Knobs(anomalies=False, **more)


def test_bolt_plays() -> None:
    theatre = Theatre(BoltOdds, rate=40, knobs=quiet())
    seat = bolt(theatre, "playbyplay")
    theatre.run(6, seat)
    ack, *messages = seat.messages()
    assert (ack["action"], ack["feed"]) == ("socket_connected", "playbyplay")
    hello = [one for one in messages if one["action"] == "connected"]
    assert all(shape(orjson.loads(CONNECTED)) == shape(one) for one in hello)
    plays = [one for one in messages if one["action"] == "new_play"]
    assert all(play.keys() == NEW_PLAY for play in plays)
    assert {"list", "dict"} == {type(play["play_info"]).__name__ for play in plays}
    nba = [play["play_info"][0] for play in plays if play["league"] == "NBA"]
    assert {"goal", "foul", "rebound"} <= {info["type"] for info in nba}
    assert -1 in {info["seconds"] for info in nba}


def test_bolt_acks_go_by_both_names() -> None:
    theatre = Theatre(BoltOdds, knobs=quiet())
    acks = [next(bolt(theatre, "playbyplay").messages())["action"] for _ in range(2)]
    assert acks == ["socket_connected", "connection_ack"]


@pytest.mark.parametrize(
    ("path", "what"), [("playbyplay", "play-by-play"), ("livescores", "live scores")], ids=["plays", "scores"]
)
def test_bolt_refuses_a_game_and_keeps_the_socket(path: str, what: str) -> None:
    """Code 1 for a label that nobody knows; what is not supported is said without an `action` (A8) [obs]."""
    theatre = Theatre(BoltOdds, knobs=quiet(), sports=["tennis", "basketball"])
    (tennis, *_) = theatre.market.fixtures("tennis")
    label = next(
        name
        for name, one in page(theatre, "/api/get_games?key=demo").items()
        if one["universal_id"] == tennis.id.lower()
    )
    seat = bolt(theatre, path, ["Nobody vs Nobody, 2025-01-01, 01", label])
    errors = [one for one in seat.messages() if "error" in (one.get("action"), *one)]
    assert f"Cannot subscribe to {what} for Nobody vs Nobody, 2025-01-01, 01. Code 1" in [
        one.get("message") for one in errors
    ]
    assert [set(one) for one in errors if "action" not in one] == [{"error"}]
    assert not any(frame.close for frame in seat.frames)


def test_bolt_ends_a_feed_and_says_so_without_an_action() -> None:
    theatre = Theatre(BoltOdds, knobs=Knobs(clear_every=1.0))
    seat = bolt(theatre, "playbyplay")
    theatre.run(5, seat)
    last = next(frame for frame in seat.frames if frame.close)
    assert orjson.loads(last.body) == {"error": "Play-by-Play connection closed. Please connect again. Code 6."}


def test_bolt_resubscribes_a_feed_after_five_seconds() -> None:
    theatre = Theatre(BoltOdds, knobs=quiet())
    seat = bolt(theatre, "livescores", ["nothing"])
    (error,) = (orjson.loads(frame.body) for frame in seat.say({"action": "subscribe"}))
    assert error["message"].startswith("Re-subscription rate limit hit")
    theatre.run(5)
    said = [orjson.loads(frame.body)["action"] for frame in seat.say({"action": "subscribe"})]
    assert said[0] == "subscription_updated"
    assert "connected" in said


# docs/wire/boltodds.md, A12
STATES = {
    "FootballMatchPeriod": (
        "preMatch matchCompleted clockRunningNow matchPeriod elapsedTimeSeconds goalsA goalsB cornersA cornersB "
        "yellowCardsA yellowCardsB redCardsA redCardsB firstHalfGoalsA firstHalfGoalsB secondHalfGoalsA "
        "secondHalfGoalsB varReferralInProgress"
    ),
    "BaseballMatchPeriod": (
        "out inning runs strike ball base1 base2 base3 topOfInning inningScores extraInningsRuns matchPeriod "
        "totalRunsForTeamA totalRunsForTeamB clockStatus"
    ),
    "BasketballMatchPeriod": "pointsA pointsB remainingTimeSecondsInPeriod elapsedTimeSeconds matchPeriod clockRunning",
}
GOALS = {"FootballMatchPeriod": "goals", "BaseballMatchPeriod": "totalRunsForTeam", "BasketballMatchPeriod": "points"}


def test_bolt_scores_put_the_sides_behind_letters() -> None:
    theatre = Theatre(BoltOdds, rate=60, knobs=quiet())
    seat = bolt(theatre, "livescores")
    theatre.run(8, seat)
    updates = [one for one in seat.messages() if one["action"] == "match_update"]
    assert set(STATES) == {one["state"]["matchPeriod"][0] for one in updates}
    assert {"home", "away"} == {one["designation"]["A"] for one in updates}
    scores: dict[str, tuple[int, int]] = {}
    for one in updates:
        kind = one["state"]["matchPeriod"][0]
        assert set(STATES[kind].split()) == one["state"].keys()
        sides = {one["designation"][letter]: one["state"][f"{GOALS[kind]}{letter}"] for letter in "AB"}
        scores[one["universal_id"].upper()] = sides["home"], sides["away"]
    known = {one.id: one.score for one in (*theatre.market.fixtures(), *theatre.market.ended())}
    assert {key: known[key] for key in scores} == scores


# -- RapidOddsAPI: docs/wire/rapidodds.md, B10 ----------------------------------------------------------------------


def rapid(theatre: Theatre, **more: object) -> Seat:
    seat = theatre.open(ask("/results-ws?api_key=demo", websocket=True))
    seat.say({"action": "subscribe", "sport": "MLB", "status": "live", "include": ["scores", "players"], **more})
    return seat


def test_rapid_results() -> None:
    theatre = Theatre(RapidOdds, rate=20, knobs=Knobs(credits=3), sports=["baseball"])
    seat = rapid(theatre)
    theatre.run(13, seat)
    messages = list(seat.messages())
    assert [one["event"] for one in messages] == [
        "connected", "subscribed", "results_update", "results_update", "results_update", "error",
    ]  # fmt: skip
    assert messages[1]["credits_per_push"] == 1
    update = messages[2]
    assert {"event", "sport", "timestamp", "credits_charged", "data"} == update.keys()
    assert {"game", "score", "players"} == update["data"]["games"][0].keys()
    assert "credit" in messages[-1]["message"].lower()


@pytest.mark.parametrize("more", [{"sport": "NBA"}, {"status": "over"}, {"include": ["odds"]}])
def test_rapid_results_are_covered_for_some_sports_alone(more: dict[str, object]) -> None:
    assert list(rapid(Theatre(RapidOdds), **more).messages())[-1]["event"] == "error"


# -- OpticOdds: docs/wire/opticodds.md, 2.4 ---------------------------------------------------------------------------

FIXTURE_RESULTS = (
    '{"entry_id":"1736822000123-0","data":{"fixture_id":"7C19D2A04EB1","sport":"basketball","league":"NBA",'
    '"is_live":true,"player_results":[{"player":{"id":"C0FFEE000001","name":"A. Guard","position":"G","number":7},'
    '"team":{"id":"9A41C77E02D5","name":"Boston Celtics"},"status":"live","stats":[{"period":"all",'
    '"stats":{"points":14}}]}],"score":{"sport":{"id":"basketball","name":"Basketball"},"league":{"id":"nba",'
    '"name":"NBA"},"fixture":{"id":"7C19D2A04EB1","game_id":"15482-40117-2025-01-14",'
    '"start_date":"2025-01-14T00:30:00+00:00","home_competitors":[{"id":"9A41C77E02D5","name":"Boston Celtics",'
    '"abbreviation":"BOS","logo":"https://x"}],"away_competitors":[{"id":"26BB4DC5722A","name":"Miami Heat",'
    '"abbreviation":"MIA","logo":"https://x"}],"home_team_display":"Boston Celtics","away_team_display":"Miami Heat",'
    '"status":"live","is_live":true},"scores":{"home":{"total":61.0,"periods":{"period_1":31.0,"period_2":30.0},'
    '"aggregate":null},"away":{"total":55.0,"periods":{"period_1":25.0,"period_2":30.0},"aggregate":null}},'
    '"in_play":{"period":"3","period_number":3,"clock":"11:20","last_play":null},"events":[],"stats":null,"market_stats":null,'
    '"sub_scores":null,"extra":{"decision":null},"retirement_info":null,"last_checked_at":"2025-01-14T02:00:00+00:00"}}}'
)


@pytest.mark.parametrize("path", ["results/basketball", "basketball/results"])
def test_optic_results(path: str) -> None:
    """No `type`; an `id:` that is the entry's; every score is the market's (2.4) [docs M, 3p T2]."""
    theatre = Theatre(OpticOdds, rate=40, sports=["basketball"])
    seat = theatre.open(ask(f"/api/v3/stream/{path}?key=demo&league=NBA"))
    theatre.run(4, seat)
    assert {"connected", "fixture-results"} <= {event["event"] for event in seat.events()}
    sample = shape(orjson.loads(FIXTURE_RESULTS))
    live = [one for one in seat.payloads() if one["data"]["is_live"]]
    periods = defaultdict(list)
    for one in live:
        for side in one["data"]["score"]["scores"].values():
            assert sum(side["periods"].values()) == side["total"]
        periods[one["data"]["score"]["in_play"]["period"]].append(one)
    third = _loose(shape(periods["2"][0]))
    assert _loose(sample) == third


def _loose(found: Any) -> Any:
    """A shape without what differs from play to play: which stats, and the last play."""
    found["data"]["player_results"][0]["player"].pop("position")
    found["data"]["player_results"][0]["stats"][0]["stats"] = None
    found["data"]["score"]["in_play"].pop("last_play")
    for side in found["data"]["score"]["scores"].values():
        side.pop("aggregate")
    return found


# -- OddsJam: docs/wire/oddsjam.md, 1.2 and 1.3 ---------------------------------------------------------------------


def test_oddsjam_tells_of_games_if_asked_to() -> None:
    """The names are documented, the payloads were not found: ours are in the image of `fixture-status`."""
    theatre = Theatre(OddsJam, rate=400, sports=["hockey", "tennis"])
    url = "/api/v2/stream/odds?key=demo&league=NHL&league=ATP&sportsbooks=Bovada"
    plain, told = theatre.open(ask(url)), theatre.open(ask(url + "&include_game_updates=true"))
    theatre.run(28, plain, told)
    names = {event["event"] for event in told.events()} - {event["event"] for event in plain.events()}
    assert {"game-status-notifications", "game-time-notifications"} == names


# -- ParlayAPI: docs/wire/parlayapi.md, 5.9 -----------------------------------------------------------------------------------

PBP = (
    '{"id":12345,"match_id":"0042500222","sport_key":"basketball_nba","source":"nba_live","role":"primary",'
    '"event_type":"made_3","team_or_player_a":"Lakers","team_or_player_b":"Thunder","score_a":"107","score_b":"125",'
    '"description":"C. Holmgren 3PT JUMPER from 26ft","state":{"period":4,"clock":"PT2:14"},'
    '"occurred_at_ms":1778214012700,"captured_at_ms":1778214028111}'
)
LIVE_STATE = {
    "type",
    "sport_key",
    "timestamp",
    "match_id",
    "home_team",
    "away_team",
    "score_a",
    "score_b",
    "state",
    "last_play",
}


def plays(sport: str, seconds: float = 8, **knobs: Any) -> Seat:
    theatre = Theatre(ParlayApi, rate=40, sports=[sport], knobs=Knobs(**knobs))
    key = {"basketball": "basketball_nba", "soccer": "soccer_epl", "tennis": "tennis_atp"}[sport]
    seat = theatre.open(ask(f"/v1/sports/{key}/live/sse?apiKey=demo"))
    theatre.run(seconds, seat)
    return seat


def test_parlay_plays_come_from_two_sources_under_one_id() -> None:
    """Doubles among them, and the primary is not always the first (5.9) [seed, inferred]."""
    events = [event for event in plays("basketball").events() if event.get("event") == "pbp_event"]
    reports = [orjson.loads(event["data"]) for event in events]
    assert all(shape(orjson.loads(PBP)) == shape(one) for one in reports)
    by_id = defaultdict(list)
    for one in reports:
        by_id[one["id"]].append(one["role"])
    assert ["primary", "secondary"] in by_id.values()
    assert ["secondary", "primary"] in by_id.values()
    assert any(roles.count("primary") == 2 for roles in by_id.values())
    assert {"made_2", "made_3"} <= {one["event_type"] for one in reports}


def test_parlay_sources_fall_silent_in_turn() -> None:
    """Over a spell of market time the health page shows it; the plays go on by the other."""
    theatre = Theatre(ParlayApi, rate=2, sports=["basketball"])
    silent = set()
    for _ in range(80):
        theatre.run(10, step=1.0)
        rows = page(theatre, "/v1/sports/basketball_nba/live/source-health?apiKey=demo")["results"]
        silent |= {row["role"] for row in rows if row["seconds_since_last_event"] > 60}
    assert silent == {"primary", "secondary"}


@pytest.mark.parametrize(("sport", "state"), [("soccer", dict), ("tennis", str)])
def test_parlay_live_states(sport: str, state: type) -> None:
    """A's variant: a type, numbers, and in older builds `state` as a text (5.9) [docs A]."""
    payloads = list(plays(sport).payloads())
    assert [one["type"] for one in payloads[:2]] == ["connected", "initial_state"]
    states = [one for one in payloads if one["type"] == "live_state"]
    assert states
    assert all(one.keys() == LIVE_STATE and type(one["state"]) is state for one in states)


def test_parlay_sandbox_is_keyless_and_ends_after_thirty() -> None:
    theatre = Theatre(ParlayApi)
    seat = theatre.open(ask("/v1/sandbox/sports/basketball_nba/live/sse"))
    theatre.run(95, seat, step=0.5)
    ended = next(n for n, frame in enumerate(seat.frames) if frame.close)
    assert ended == 29


def test_parlay_plays_cost_five_credits_a_connect() -> None:
    theatre = Theatre(ParlayApi, knobs=Knobs(credits=9))
    url = "/v1/sports/basketball_nba/live/sse?apiKey=demo"
    theatre.open(ask(url))
    refused = theatre.wire.accept(ask(url))
    assert isinstance(refused, Reply)
    assert (refused.status, b"credit_limit_exceeded" in refused.body) == (403, True)


def page(theatre: Theatre, url: str) -> Any:
    reply = theatre.wire.accept(ask(url))
    assert isinstance(reply, Reply)
    return orjson.loads(reply.body)


def test_caps_of_the_two_kinds_of_bolt_sockets_are_apart() -> None:
    theatre = Theatre(BoltOdds, knobs=quiet(connections=1))
    theatre.open(ask("/api?key=demo", websocket=True))
    theatre.open(ask("/api/playbyplay?key=demo", websocket=True))
    assert isinstance(theatre.wire.accept(ask("/api/livescores?key=demo", websocket=True)), Shut)


SOCKETS = [
    (BoltOdds, "/api?key=demo"),
    (BoltOdds, "/api/playbyplay?key=demo"),
    (BoltOdds, "/api/livescores?key=demo"),
    (RapidOdds, "/ws?api_key=demo"),
    (RapidOdds, "/results-ws?api_key=demo"),
    (ParlayApi, "/v1/ws/odds/basketball_nba?apiKey=demo"),
]
NONSENSE: list[object] = [
    [], 1, None, "x", {}, {"action": "subscribe"}, {"action": 1}, {"action": "subscribe", "filters": []},
    {"action": "subscribe", "filters": {"games": [{}], "sports": [1], "markets": [None]}},
    {"action": "subscribe", "sport": "NBA", "bookmakers": [{}, 1], "market_types": [[]]},
    {"action": "subscribe", "sport": "MLB", "status": [], "include": "scores"},
    {"action": "subscribe", "sport": "MLB", "status": "live", "include": [{}]},
    {"action": "unsubscribe", "sport": "nothing"}, {"type": "subscribe", "event_id": 1},
]  # fmt: skip


@pytest.mark.parametrize(("make", "url"), SOCKETS)
def test_nonsense_on_a_socket_is_survived(make: Any, url: str) -> None:
    """An exception in a wire would end the whole server."""
    theatre = Theatre(make, sports=["basketball", "baseball"], knobs=quiet(resubscribe=0.0, cycle=0.5))
    seat = theatre.open(ask(url, websocket=True))
    for message in NONSENSE:
        seat.say(message)
        theatre.run(0.5, seat)
    seat.session.hear("{")
