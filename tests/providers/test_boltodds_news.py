"""BoltOdds' plays (A11), live scores (A12) and the games that are followed (A10). Source: docs/wire/boltodds.md.

The messages are the shapes of those sections with their fields; where a value is not shown there, it is ours.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Frame, Kind, Notice, Play, Poll, Result, Send
from oddstail.providers.boltodds.command import Feed
from oddstail.providers.boltodds.decode import PROVIDER
from tests.providers.wire import Line, asked, codes, fixture, refused

GAME = "New York Mets vs Los Angeles Angels, 2025-07-23, 01"
#: A11: the label is under `event`.
NEW_PLAY: dict[str, Any] = {
    "stream": 4,
    "action": "new_play",
    "event": GAME,
    "universal_id": "5e4b00071be9",
    "home": "New York Mets",
    "away": "Los Angeles Angels",
    "league": "NBA",
    "state": "new_play",
    "play_info": [{"type": "goal", "team": "home", "points": 3, "seconds": -1, "period": 2, "scorer": {"name": "A"}}],
    "score": {"home": 1, "away": 0},
}
#: A12: here it is under `game`, and the sides are letters.
MATCH: dict[str, Any] = {
    "action": "match_update",
    "game": GAME,
    "universal_id": "5e4b00071be9",
    "home": "New York Mets",
    "away": "Los Angeles Angels",
    "designation": {"A": "home", "B": "away"},
    "state": {},
}


def line(feed: Feed = Feed.plays, **flags: Any) -> Line:
    return Line(asked("boltodds", **{"league": ["NBA"], **flags}, feed=feed)[0])


def play(**changes: Any) -> Play:
    [event] = line().say({**NEW_PLAY, **changes})
    assert isinstance(event, Play)
    return event


def result(state: Any, **changes: Any) -> Result:
    [event] = line(Feed.scores).say({**MATCH, "state": state, **changes})
    assert isinstance(event, Result)
    return event


# --- A11 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(Kind.ACK, {"action": "connection_ack"}, id="connection_ack [seed]"),
        pytest.param(
            Kind.ACK, {"action": "socket_connected", "plan": "Pro", "feed": "playbyplay"}, id="socket_connected"
        ),
        pytest.param(Kind.TALK, {"stream": 6, "action": "connected", "event": GAME}, id="connected, for each game"),
        pytest.param(Kind.DATA, NEW_PLAY, id="new_play"),
        pytest.param(Kind.DATA, {"action": "match_state", "event": GAME}, id="match_state, UFC"),
        pytest.param(Kind.DATA, {"action": "stats", "event": GAME}, id="stats, UFC"),
        pytest.param(Kind.BEAT, {"action": "ping"}, id="ping"),
        pytest.param(Kind.DATA, MATCH, id="match_update"),
    ],
)
def test_every_action_of_both_streams(kind: Kind, body: Any) -> None:
    [message] = PROVIDER.read(Frame(orjson.dumps(body)))
    assert kind == message.kind


def test_a_play_of_an_array() -> None:
    assert play() == Play(
        game_id="5e4b00071be9",
        sport="basketball",
        league="NBA",
        competition="nba",
        home="New York Mets",
        away="Los Angeles Angels",
        play="goal",
        period="2",
        team_a="New York Mets",
        team_b="Los Angeles Angels",
        score_a=1,
        score_b=0,
        detail=orjson.dumps({"label": GAME, "play_info": NEW_PLAY["play_info"]}).decode(),
    )


@pytest.mark.parametrize(
    ("expected", "info"),
    [
        pytest.param(("new_play", "Strikeout", None, None, None), {"title": "Strikeout"}, id="MLB: a title"),
        pytest.param(
            ("new_play", None, "live", "2", "3:15"),
            {"status": "live", "round": 2, "clock": "3:15", "result": None},
            id="UFC",
        ),
        pytest.param(
            ("new_play", None, "started", "round 3", None),
            {"status": "started", "roundState": {"number": 3}, "teams": []},
            id="Valorant",
        ),
        pytest.param(
            ("new_play", None, "running", None, None), {"gameState": "running", "maps": [], "bestOf": 3}, id="CS2"
        ),
        pytest.param(
            ("new_play", None, "live", "map 2 round 13", None),
            {"gameState": "live", "currentMap": 2, "currentRound": 13, "timer": {"isActive": True, "time": 33}},
            id="CS2-map-and-round",
        ),
        pytest.param(("new_play", None, None, "map 1", None), {"currentMap": "1", "teams": {}}, id="LoL"),
        pytest.param(("new_play", None, None, None, None), [], id="an empty array"),
        pytest.param(("new_play", None, None, None, None), None, id="nothing"),
        pytest.param(("new_play", None, None, None, None), ["x"], id="an array of something else"),
    ],
)
def test_what_happened_differs_by_sport(expected: tuple[Any, ...], info: Any) -> None:
    told = play(play_info=info)
    assert expected == (told.play, told.text, told.status, told.period, told.clock)
    assert info is None or orjson.loads(told.detail or "{}").get("play_info") == info


@pytest.mark.parametrize("score", [None, {}, [1, 0], {"home": "x"}])
def test_a_play_without_a_score_has_none(score: Any) -> None:
    assert (play(score=score).score_a, play(score=score).score_b) == (None, None)


@pytest.mark.parametrize("name", ["match_state", "stats"])
def test_the_other_actions_are_plays_too(name: str) -> None:
    assert play(action=name, state=None, play_info={"round": 1}).play == name


# --- A12 ----------------------------------------------------------------------------------------------

SOCCER = {
    "preMatch": False,
    "matchCompleted": False,
    "clockRunningNow": True,
    "matchPeriod": ["FootballMatchPeriod", "IN_SECOND_HALF"],
    "elapsedTimeSeconds": 3725,
    "goalsA": 2,
    "goalsB": 1,
    "cornersA": 4,
}
BASEBALL = {"matchPeriod": ["BaseballMatchPeriod", "AT_TOP_1ST_INNING"], "runs": {"A": 0, "B": 3}, "inning": 1}
BASKETBALL = {
    "matchPeriod": ["BasketballMatchPeriod", "IN_FOURTH_QUARTER"],
    "pointsA": 101,
    "pointsB": 99,
    "remainingTimeSecondsInPeriod": 65,
    "elapsedTimeSeconds": 2000,
}


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        pytest.param(("soccer", 2, 1, "IN_SECOND_HALF", "62:05", True), SOCCER, id="soccer"),
        pytest.param(("baseball", 0, 3, "AT_TOP_1ST_INNING", None, None), BASEBALL, id="baseball"),
        pytest.param(("basketball", 101, 99, "IN_FOURTH_QUARTER", "1:05", None), BASKETBALL, id="basketball"),
        pytest.param((None, None, None, None, None, None), {"setsA": 1}, id="a sport that nobody captured"),
        pytest.param((None, None, None, None, None, None), None, id="no state"),
    ],
)
def test_a_score_by_sport(expected: tuple[Any, ...], state: Any) -> None:
    told = result(state)
    assert expected == (told.sport, told.home_score, told.away_score, told.period, told.clock, told.live)
    assert orjson.loads(told.detail or "")["designation"] == MATCH["designation"]


@pytest.mark.parametrize(
    ("expected", "letters"),
    [
        pytest.param((2, 1), {"A": "home", "B": "away"}, id="A is at home"),
        pytest.param((1, 2), {"A": "away", "B": "home"}, id="B is at home"),
        pytest.param((None, None), {}, id="nobody says who is"),
        pytest.param((None, None), None, id="no designation"),
        pytest.param((None, 1), {"A": [], "B": "away"}, id="half of one"),
    ],
)
def test_the_letters_of_the_sides_are_never_guessed(expected: tuple[Any, ...], letters: Any) -> None:
    told = result(SOCCER, designation=letters)
    assert expected == (told.home_score, told.away_score)


@pytest.mark.parametrize(
    ("status", "live", "changes"),
    [
        ("matchCompleted", False, {"matchCompleted": True}),
        ("preMatch", False, {"preMatch": True}),
        (None, True, {}),
        (None, None, {"preMatch": None}),
    ],
)
def test_the_status_of_a_score(status: str | None, live: bool | None, changes: dict[str, Any]) -> None:
    told = result({**SOCCER, **changes})
    assert (status, live) == (told.status, told.live)


def test_esports_are_plays_on_the_stream_of_scores() -> None:
    [event] = line(Feed.scores).say(NEW_PLAY)
    assert isinstance(event, Play)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param(["game-subscribed"], {"stream": 6, "action": "connected", "event": GAME}, id="connected"),
        pytest.param(["unreadable"], {**NEW_PLAY, "event": None}, id="a play of no game"),
        pytest.param(["unreadable"], {**MATCH, "game": {}}, id="a score of no game"),
        pytest.param(
            ["server"],
            {"action": "error", "message": f"Cannot subscribe to live scores for {GAME}. Code 1"},
            id="a game that is not covered (A8)",
        ),
        pytest.param(["server"], {"error": "x is not supported"}, id="an error without an action (A8)"),
        pytest.param(["unknown"], {"action": "tomorrow"}, id="unknown"),
    ],
)
def test_notices(expected: list[str], body: Any) -> None:
    assert expected == codes(line().say(body))


def test_the_end_of_play_by_play_is_a_reconnect() -> None:
    [message] = PROVIDER.read(fixture("boltodds", "error-playbyplay.json"))
    assert message.failure is not None
    assert message.failure.kind == "closed"


@pytest.mark.parametrize("body", [NEW_PLAY, MATCH])
def test_on_the_odds_stream_they_are_unknown(body: Any) -> None:
    assert codes(line(Feed.odds).say(body)) == ["unknown"]


# --- requests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "feed"),
    [
        pytest.param("wss://spro.agency/api", Feed.odds, id="odds stream"),
        pytest.param("wss://spro.agency/api/playbyplay", Feed.plays, id="play-by-play stream"),
        pytest.param("wss://spro.agency/api/livescores", Feed.scores, id="live-score stream"),
    ],
)
def test_every_stream_of_a1(expected: str, feed: Feed) -> None:
    [request] = asked("boltodds", league=["NBA"], feed=feed)
    assert (expected, "key") == (request.url, request.key_name)


def test_games_that_are_named_are_subscribed_to_and_nothing_is_polled() -> None:
    [request] = asked("boltodds", game=[GAME], feed=Feed.plays)
    assert [orjson.loads(text) for text in request.send] == [{"action": "subscribe", "filters": {"games": [GAME]}}]
    assert (request.polls, request.converses) == ((), False)


@pytest.mark.parametrize("flags", [{"league": ["NBA"]}, {}, {"game": [GAME], "follow_live": True}])
def test_without_names_the_games_are_listed_first_and_then_each_minute(flags: dict[str, Any]) -> None:
    [request] = asked("boltodds", **flags, feed=Feed.scores)
    assert request.polls == (Poll(name="get_games", url="https://spro.agency/api/get_games", every=60.0, first=True),)
    assert (request.send, request.converses) == ((), True)


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        (
            "--feed plays takes games (-g) alone, or leagues (-l) with --follow-live",
            {"league": ["NBA"], "game": [GAME]},
        ),
        ("--feed plays takes games (-g) alone, or leagues (-l) with --follow-live", {"follow_live": False}),
        ("--book is for --feed odds; remove it with --feed plays", {"book": ["betmgm"]}),
        ("--market is for --feed odds; remove it with --feed plays", {"market": ["Moneyline"]}),
        (
            "--follow-live is for --feed plays or scores; remove it with --feed odds",
            {"feed": Feed.odds, "follow_live": True},
        ),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("boltodds", **{"feed": Feed.plays, **flags})


# --- which games are followed (A3, A10) ---------------------------------------------------------------


def games(**sports: str) -> Frame:
    """A list of games as A10 describes it."""
    return Frame(orjson.dumps({label: {"sport": sport, "game": label} for label, sport in sports.items()}), "get_games")


def wanted(events: list[Any]) -> list[list[str]]:
    """The games of each subscription that is wished for."""
    sends = [event for event in events if isinstance(event, Send)]
    assert all(send.every >= 5.0 for send in sends)
    return [orjson.loads(send.text)["filters"]["games"] for send in sends]


def test_the_games_of_the_chosen_leagues_are_followed_as_they_come_and_go() -> None:
    at = line()
    assert wanted(at.take(games(a="NBA", b="MLB", c="NBA"))) == [["a", "c"]]
    assert wanted(at.take(games(c="NBA", a="NBA"))) == []
    notice, wish = at.take(games(a="NBA", d="NBA"))
    assert wanted([wish]) == [["a", "c", "d"]]
    assert isinstance(notice, Notice)
    assert (notice.code, notice.text) == ("following", "following 3 games (1 new, 0 gone)")


def test_a_game_that_is_listed_no_more_is_followed_for_three_hours() -> None:
    at = line()
    at.take(games(a="NBA", b="NBA"))
    assert [wanted(at.take(games(a="NBA"))) for _ in range(180)] == [[]] * 180
    assert wanted(at.take(games(a="NBA"))) == [["a"]]


def test_the_league_of_a_score_is_the_one_that_its_game_was_listed_under() -> None:
    at = line(Feed.scores)
    assert [event.league for event in at.say(MATCH) if isinstance(event, Result)] == [None]
    at.take(Frame(orjson.dumps({GAME: {"sport": "NBA"}}), "get_games"))
    assert [event.league for event in at.say(MATCH) if isinstance(event, Result)] == ["NBA"]


def test_named_games_are_followed_beside_those_of_a_league() -> None:
    at = line(game=["x"], follow_live=True)
    assert wanted(at.take(games(a="NBA", b="MLB"))) == [["a", "x"]]


def test_without_a_league_every_game_is_followed() -> None:
    assert wanted(line(league=None).take(games(a="NBA", b="MLB"))) == [["a", "b"]]


def test_an_empty_subscription_is_never_sent() -> None:
    """A3: it brings pings and nothing else."""
    at = line()
    assert codes(at.take(games(b="MLB"))) == ["no-games"]
    assert at.take(games(b="MLB")) == []
    assert wanted(at.take(games(a="NBA"))) == [["a"]]
    assert at.take(games(b="MLB")) == []


def test_too_soon_is_tried_again() -> None:
    at = line()
    at.take(games(a="NBA"))
    events = at.take(fixture("boltodds", "error.json"))
    assert (codes(events), wanted(events)) == (["server"], [["a"]])


def test_where_nothing_is_followed_nothing_is_sent_again() -> None:
    assert wanted(line().take(fixture("boltodds", "error.json"))) == []


ESPORTS: dict[str, Any] = {"league": ["Valorant"]}


def test_esports_have_a_list_of_labels_of_their_own() -> None:
    """A1 and A11: the labels of get_games are refused on play-by-play."""
    [request] = asked("boltodds", **ESPORTS, feed=Feed.plays)
    assert [(poll.url, poll.first) for poll in request.polls] == [
        ("https://spro.agency/api/get_games", True),
        ("https://spro.agency/api/playbyplay/esports", False),
    ]
    assert [len(asked("boltodds", **flags, feed=feed)[0].polls) for flags, feed in (
        (ESPORTS, Feed.scores), ({"league": ["NBA"]}, Feed.plays), ({}, Feed.plays))] == [1, 1, 1]  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        pytest.param([["a"]], {"a": {"sport": "Valorant"}, "b": {"sport": "CS2"}}, id="an object by label"),
        pytest.param([["a", "b"]], ["a", "b"], id="a list of labels"),
        pytest.param([["a"]], [{"event": "a", "league": "Valorant"}, {"game": "b", "sport": "CS2"}, {}],
                     id="a list of games"),
    ],
)  # fmt: skip
def test_the_labels_of_esports_whatever_their_list_looks_like(expected: list[list[str]], answer: Any) -> None:
    at = line(**ESPORTS)
    assert wanted(at.take(Frame(orjson.dumps(answer), "esports"))) == expected
    assert wanted(at.take(Frame(orjson.dumps({"x": {"sport": "Valorant"}}), "get_games"))) == [[*expected[0], "x"]]


@pytest.mark.parametrize("answer", [None, "x", {"error": "too many requests"}])
def test_an_answer_that_lists_nothing_changes_nothing(answer: Any) -> None:
    at = line()
    at.take(games(a="NBA"))
    assert codes(at.take(Frame(orjson.dumps(answer), "get_games"))) == ["unreadable"]
    assert wanted(at.take(games(a="NBA"))) == []


def test_a_list_that_was_not_to_be_had_is_said() -> None:
    [notice] = line().take(Frame(b'"answered 503"', "get_games failed"))
    assert isinstance(notice, Notice)
    assert (notice.code, notice.text) == ("poll-failed", "the games are not listed: answered 503")
