"""OpticOdds' results: the state of every sport, whether a game is in play, and that nothing is lost."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Result
from tests.providers.test_optic_identity import GAME, optic
from tests.providers.wire import Line, codes, payload


def result(sport: str, status: str = "live", is_live: bool | None = True, **play: Any) -> Result:
    """A result with the keys that were seen in `in_play` and `score`."""
    body = payload("opticodds", "fixture-results.sse")
    score = {**body["data"]["score"], "in_play": play, "last_checked_at": "2025-01-14T02:11:05Z"}
    score["fixture"] = {**score["fixture"], "status": status, "is_live": is_live}
    data = {**body["data"], "sport": sport, "is_live": is_live, "score": score, "player_results": []}
    [event] = Line(optic("results")).say({**body, "data": data}, "fixture-results")
    assert isinstance(event, Result)
    return event


@pytest.mark.parametrize(
    ("sport", "play"),
    [
        pytest.param("tennis", {"game_score": {"home": "40", "away": "30"}, "possession": "home"}, id="tennis"),
        pytest.param("football", {"down": 3, "distance_to_go": 7, "field_position": "MIA 34", "possession": "away"}, id="football"),
        pytest.param("baseball", {"balls": 3, "outs": 1, "strikes": 2, "runners": {"first": True}, "batter": "A. B."}, id="baseball"),
        pytest.param("soccer", {"time_min": 90, "time_sec": 12, "is_clock_stopped": False}, id="soccer"),
        pytest.param("esports", {"map": "Inferno"}, id="esports-and-what-nobody-has-seen"),
    ],
)  # fmt: skip
def test_the_state_of_a_sport_is_in_the_detail(sport: str, play: dict[str, Any]) -> None:
    found = result(sport, period="3", **play)
    assert found.detail is not None
    assert orjson.loads(found.detail)["in_play"] == play
    assert (found.period, found.ts) == ("3", 1_736_820_665_000_000)


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param({"venue": {"a": 1}, "attempt": 3}, {"venue": {"a": 1}, "attempt": 3}, id="beside-the-score"),
        pytest.param({"score": [1]}, {"score": [1]}, id="a-score-of-another-shape"),
        pytest.param({"scores": "61-55"}, {"score": {"scores": "61-55"}}, id="scores-of-another-shape"),
        pytest.param({"in_play": ["Q3"]}, {"score": {"in_play": ["Q3"]}}, id="a-state-of-another-shape"),
        pytest.param({"in_play": {"last_play": {"t": 1}, "period": ["3"]}}, {"score": {"in_play": {"last_play": {"t": 1}, "period": ["3"]}}}, id="objects-for-words"),
        pytest.param({"home": {"total": "61x"}, "neutral": 1}, {"score": {"scores": {"home": {"total": "61x"}, "neutral": 1}}}, id="a-total-that-cannot-be-read"),
        pytest.param({"last_checked_at": "soon"}, {"score": {"last_checked_at": "soon"}}, id="a-time-that-cannot-be-read"),
        pytest.param({"events": [{"event_type": "red_card", "clock": "90+3"}], "sub_scores": {"a": 1}, "market_stats": [0], "retirement_info": "x", "extra": {"b": None}, "stats": {"c": 2}},
                     {"score": {"events": [{"event_type": "red_card", "clock": "90+3"}], "sub_scores": {"a": 1}, "market_stats": [0], "retirement_info": "x", "extra": {"b": None},
                                "stats": {"c": 2}}}, id="all-else-of-the-score"),
    ],
)  # fmt: skip
def test_nothing_of_a_result_is_lost(expected: dict[str, Any], fields: dict[str, Any]) -> None:
    data = {"fixture_id": GAME, "sport": "basketball", "league": "NBA", "is_live": True, "player_results": [], **fields}
    [event] = Line(optic("results")).say({"entry_id": "1-0", "data": data}, "fixture-results")
    assert isinstance(event, Result)
    assert orjson.loads(event.detail or "") == expected


def test_an_event_may_hold_several_results() -> None:
    data = payload("opticodds", "fixture-results.sse")["data"]
    rows = [{**data, "fixture_id": name, "player_results": []} for name in ("A", "B")]
    events = Line(optic("results")).say({"entry_id": "1-0", "data": [rows[0], "x", rows[1]]}, "fixture-results")
    assert [getattr(event, "game_id", None) for event in events] == ["A", None, "B"]
    assert codes(events) == ["unreadable"]


@pytest.mark.parametrize(("clock", "detail"), [("Top", True), ("Bottom", True), ("11:20", False)])
def test_a_half_of_an_inning_is_no_clock(clock: str, detail: bool) -> None:
    found = result("baseball", clock=clock)
    assert (found.clock is None) == detail
    assert (f'"clock":"{clock}"' in (found.detail or "")) == detail


@pytest.mark.parametrize(
    ("expected", "status", "flag"),
    [(True, "live", True), (False, "completed", True), (False, "unplayed", True), (True, "delayed", True), (None, "delayed", None)],
)  # fmt: skip
def test_a_stale_game_is_not_in_play(expected: bool | None, status: str, flag: bool | None) -> None:
    assert result("basketball", status, flag).live is expected


@pytest.mark.parametrize(
    ("expected", "start", "sport", "status"),
    [
        pytest.param(True, "2025-01-14T00:30:00+00:00", "basketball", "live", id="tonight"),
        pytest.param(True, "2025-01-13T18:30:00", "tennis", "suspended", id="put-off-to-the-next-day"),
        pytest.param(True, "2025-01-10T02:00:00Z", "cricket", "live", id="a-test-match"),
        pytest.param(True, "2025-01-14T02:40:00Z", "soccer", "half", id="a-little-early"),
        pytest.param(True, None, "soccer", "live", id="no-start"),
        pytest.param(True, "soon", "soccer", "live", id="no-date"),
        pytest.param(False, "2025-01-11T00:30:00Z", "basketball", "live", id="three-days-ago"),
        pytest.param(False, "2024-09-14T00:30:00-05:00", "cricket", "live", id="months-ago"),
        pytest.param(False, "2024-09-14T00:30:00Z", "tennis", "delayed", id="months-ago-whatever-the-status"),
        pytest.param(False, "2025-01-15T02:00:00Z", "basketball", "live", id="tomorrow"),
        pytest.param(False, "2026-01-14T02:00:00Z", "basketball", "half", id="next-year"),
    ],
)
@pytest.mark.parametrize("entry", ["1736820700000-0", "7-0", None], ids=["timed", "another-form", "none"])
def test_a_game_of_another_day_is_not_in_play(
    expected: bool, start: str | None, sport: str, status: str, entry: str | None
) -> None:
    body = payload("opticodds", "fixture-results.sse")
    score = {**body["data"]["score"], "last_checked_at": "2025-01-14T02:11:05Z"}
    score["fixture"] = {**score["fixture"], "status": status, "is_live": True, "start_date": start}
    data = {**body["data"], "sport": sport, "is_live": True, "score": score, "player_results": []}
    [event] = Line(optic("results")).say({"entry_id": entry, "data": data}, "fixture-results")
    assert isinstance(event, Result)
    assert (event.live, event.status) == (expected, status)


def test_an_old_game_checked_long_ago_is_judged_by_the_time_of_the_event() -> None:
    body = payload("opticodds", "fixture-results.sse")
    score = {**body["data"]["score"], "last_checked_at": "2024-09-14T01:00:00Z"}
    score["fixture"] = {**score["fixture"], "start_date": "2024-09-14T00:30:00Z", "status": "live"}
    [event] = Line(optic("results")).say(
        {**body, "data": {**body["data"], "score": score, "player_results": []}}, "fixture-results"
    )
    assert isinstance(event, Result)
    assert event.live is False
