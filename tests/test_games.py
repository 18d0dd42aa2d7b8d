"""What a stream has learned about games: whether one is in play, over connections and ids that differ."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail.games import Memory, in_play
from oddstail.model import Fixture, Play, Quote, Replace, Result, Scope
from tests.support import quote

START, AT = "2026-01-31T18:00:00Z", 1_769_882_400_000_000
HOUR = 3_600_000_000
WHO: dict[str, Any] = {"home": "Boston Celtics", "away": "Miami Heat"}


def live(*news: Any, recv: int = AT, **what: Any) -> bool | None:
    """What is filled in for a quote that does not say it, after these news."""
    memory = Memory()
    for event in news:
        memory.games.fill([event], AT)
    asked = quote("a", what={"game_id": "g1", **what})
    memory.games.fill([asked], recv)
    return asked.live


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        pytest.param(True, Fixture(game_id="g1", status="live"), id="fixture-live"),
        pytest.param(True, Fixture(game_id="g1", status="half"), id="fixture-half"),
        pytest.param(False, Fixture(game_id="g1", status="completed"), id="fixture-completed"),
        pytest.param(False, Fixture(game_id="g1", status="unplayed"), id="fixture-unplayed"),
        pytest.param(None, Fixture(game_id="g1", status="delayed"), id="fixture-delayed"),
        pytest.param(None, Fixture(game_id="g1", status="suspended"), id="fixture-suspended"),
        pytest.param(True, Result(game_id="g1", live=True, status="CONCLUDED"), id="result-says-it"),
        pytest.param(True, Result(game_id="g1", status="LIVE"), id="result-status"),
        pytest.param(False, Result(game_id="g1", status="CONCLUDED"), id="result-concluded"),
        pytest.param(True, Play(game_id="g1", play="made_3"), id="play"),
        pytest.param(False, Play(game_id="g1", status="final"), id="play-final"),
        pytest.param(None, Play(game_id="g2", play="made_3"), id="another-game"),
    ],
)
def test_news_say_whether_a_game_is_in_play(expected: bool | None, event: Any) -> None:
    assert live(event) is expected


def test_a_quote_that_says_it_is_left_alone() -> None:
    memory = Memory()
    asked = quote("a", what={"game_id": "g1"})
    asked.live = False
    memory.games.fill([Fixture(game_id="g1", status="live"), asked], AT)
    assert asked.live is False


def test_a_snapshot_is_filled_too() -> None:
    memory = Memory()
    asked: Quote = quote("a", what={"game_id": "g1"})
    memory.games.fill([Fixture(game_id="g1", status="live"), Replace(scope=Scope(), quotes=(asked,))], AT)
    assert asked.live is True


def test_the_latest_word_holds() -> None:
    assert live(Fixture(game_id="g1", status="live"), Fixture(game_id="g1", status="completed")) is False


def test_a_play_does_not_outlast_a_status_and_is_forgotten() -> None:
    assert live(Play(game_id="g1", play="made_3"), recv=AT + HOUR) is None
    assert live(Fixture(game_id="g1", status="live"), Play(game_id="g1", play="x"), recv=AT + HOUR) is True


@pytest.mark.parametrize(
    ("expected", "news", "what"),
    [
        pytest.param(True, {"start": START}, {"start": START}, id="same-start"),
        pytest.param(True, {"start": "2026-01-31T18:10:00Z"}, {"start": START}, id="ten-minutes-apart"),
        pytest.param(None, {"start": START}, {"start": "2026-02-01T18:00:00Z"}, id="tomorrow"),
        pytest.param(True, {}, {"start": START}, id="news-without-a-start-is-of-now"),
        pytest.param(None, {}, {"start": "2026-02-01T18:00:00Z"}, id="news-of-now-are-not-of-tomorrow"),
        pytest.param(None, {"start": START}, {}, id="no-start-no-guess"),
        pytest.param(
            None, {"start": START, "sport": "baseball"}, {"start": "2026-01-31T20:30:00Z"}, id="double-header"
        ),
    ],
)
def test_where_ids_differ_the_teams_and_the_start_tell(expected: bool | None, news: Any, what: Any) -> None:
    assert live(Result(game_id="77", status="LIVE", **WHO, **news), **WHO, **what) is expected


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        pytest.param(True, ("Trail Blazers", "Lakers"), id="two-words-and-one"),
        pytest.param(True, ("Portland Trail Blazers", "Lakers"), id="in-full-and-one"),
        pytest.param(True, ("Trail Blazers", "Los Angeles Lakers"), id="two-words-and-in-full"),
        pytest.param(True, ("Blazers", "Lakers"), id="one-word-each"),
        pytest.param(None, ("Trail Blazers", "Angeles Clippers"), id="another-team"),
    ],
)
def test_plays_may_name_teams_by_nicknames_of_two_words(expected: bool | None, names: tuple[str, str]) -> None:
    play = Play(game_id="other", league="NBA", play="made_3", home=names[0], away=names[1])
    what: dict[str, Any] = {
        "game_id": "g1",
        "league": "NBA",
        "home": "Portland Trail Blazers",
        "away": "Los Angeles Lakers",
        "start": START,
    }
    assert live(play, **what) is expected


def test_two_games_of_the_same_teams_are_not_told_apart_by_guessing() -> None:
    first = Result(game_id="77", status="LIVE", **WHO, start=START)
    second = Result(game_id="78", status="scheduled", **WHO, start="2026-01-31T20:00:00Z")
    assert live(first, second, **WHO, start="2026-01-31T19:00:00Z") is None


@pytest.mark.parametrize(
    ("expected", "status"),
    [(True, "In Progress"), (True, "in_play"), (False, "Not Started"), (False, "matchCompleted"), (False, "Full Time"), (False, "no contest"), (None, None)],
)  # fmt: skip
def test_words_are_read_whatever_their_spelling(expected: bool | None, status: str | None) -> None:
    assert in_play(status) is expected


def test_what_a_decoder_keeps_is_made_once() -> None:
    memory = Memory()
    memory.keep("fixtures", dict[str, str])["g1"] = "x"
    assert memory.keep("fixtures", dict[str, str]) == {"g1": "x"}
