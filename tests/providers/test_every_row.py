"""Every row of `docs/wire/`: the tables of streams and of frames, by name: what it is asked with, what becomes of it.

The tables: docs/wire/parlayapi.md, 1 and 5; docs/wire/oddsjam.md, 1.1, 1.3; docs/wire/opticodds.md, 2.1 and 2.4; docs/wire/boltodds.md, A1, A7, A8, A11, A12,
docs/wire/rapidodds.md, B1, B4 and B10. What a row says in detail is tested beside its provider; this holds that none is forgotten. Look-ups (REST)
are rows of test_catalogues.py, closes and statuses of the verdicts in each provider's own file.
"""

from __future__ import annotations

from enum import StrEnum
from inspect import signature
from typing import Any
from zlib import crc32

import orjson
import pytest

from oddstail import providers
from oddstail.model import Drop, Fixture, Frame, Health, Kind, Notice, Play, Quote, Replace, Result, Send
from oddstail.providers import fields
from oddstail.providers.parlayapi.command import Transport
from tests.providers import test_boltodds_news as bolt
from tests.providers import test_parlayapi_feeds as parlay
from tests.providers import test_rapidodds as rapid
from tests.providers.wire import Line, asked, fixture, payload

JAM: dict[str, Any] = {"league": ["NBA"], "book": ["DraftKings"]}
OPTIC: dict[str, Any] = {"sport": ["basketball"], "book": ["DraftKings"]}
PARLAY: dict[str, Any] = {"sport": ["basketball_nba"]}
RAPID: dict[str, Any] = {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["head_to_head"]}

# --- streams ------------------------------------------------------------------------------------------

#: section and row -> provider, feed, flags, address.
STREAMS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "parlayapi 1 #1 odds": ("parlayapi", "odds", PARLAY, "https://parlay-api.com/v1/sse/odds/basketball_nba"),
    "parlayapi 1 #2 odds hot": ("parlayapi", "hot", PARLAY, "https://parlay-api.com/v1/sse/hot/basketball_nba"),
    "parlayapi 1 #3 line moves, one sport": (
        "parlayapi", "drops", PARLAY, "https://parlay-api.com/v1/odds-drop/basketball_nba",
    ),
    "parlayapi 1 #4 line moves, every sport": (
        "parlayapi", "drops", {"sport": ["all"]}, "https://parlay-api.com/v1/odds-drop/all",
    ),
    "parlayapi 1 #5 line moves, chosen sports": (
        "parlayapi", "drops", {"sport": ["tennis", "esports"]}, "https://parlay-api.com/v1/odds-drop/multi",
    ),
    "parlayapi 1 #6 play-by-play": (
        "parlayapi", "plays", PARLAY, "https://parlay-api.com/v1/sports/basketball_nba/live/sse",
    ),
    "parlayapi 1 #7 odds and props": (
        "parlayapi", "odds", {**PARLAY, "transport": Transport.ws},
        "wss://parlay-api.com/v1/ws/odds/basketball_nba",
    ),
    "parlayapi 1 #8 live only": ("parlayapi", "live", PARLAY, "wss://parlay-api.com/v1/ws/live/basketball_nba"),
    "parlayapi 1 #9 synthetic plays": (
        "parlayapi", "sandbox", PARLAY, "https://parlay-api.com/v1/sandbox/sports/basketball_nba/live/sse",
    ),
    "oddsjam 1.1 odds": ("oddsjam", "odds", JAM, "https://api-external.oddsjam.com/api/v2/stream/odds"),
    "opticodds 2.1 copilot odds": (
        "opticodds", "copilot", {"sport": ["basketball"]},
        "https://api.opticodds.com/api/v3/stream/copilot/basketball/odds",
    ),
    "opticodds 2.1 book odds": ("opticodds", "odds", OPTIC, "https://api.opticodds.com/api/v3/stream/odds/basketball"),
    "opticodds 2.1 results": (
        "opticodds", "results", {"sport": ["basketball"]}, "https://api.opticodds.com/api/v3/stream/results/basketball",
    ),
    "opticodds 2.1 futures": (
        "opticodds", "futures", {**OPTIC, "sport": ["basketball"]}, "https://api.opticodds.com/api/v3/stream/futures/basketball",
    ),
    "boltodds A1 odds stream": ("boltodds", "odds", {}, "wss://spro.agency/api"),
    "boltodds A1 play-by-play stream": ("boltodds", "plays", {}, "wss://spro.agency/api/playbyplay"),
    "boltodds A1 live-score stream": ("boltodds", "scores", {}, "wss://spro.agency/api/livescores"),
    "rapidodds B1 odds stream": ("rapidodds", "odds", RAPID, "wss://api.rapidoddsapi.com/ws"),
    "rapidodds B1 results stream": ("rapidodds", "results", {"sport": ["AFL"]}, "wss://api.rapidoddsapi.com/results-ws"),
}  # fmt: skip


def feed_of(provider: str, name: str) -> StrEnum:
    """The value of `--feed`."""
    kind: type[StrEnum] = type(signature(providers.command(provider)).parameters["feed"].default)
    return kind(name)


@pytest.mark.parametrize("row", STREAMS)
def test_every_stream(row: str) -> None:
    provider, feed, flags, address = STREAMS[row]
    [request] = asked(provider, **flags, feed=feed_of(provider, feed))
    assert (address, feed) == (request.url, request.feed)


@pytest.mark.parametrize("name", providers.TITLES)
def test_no_feed_is_without_its_row(name: str) -> None:
    known = {feed for provider, feed, _, _ in STREAMS.values() if provider == name}
    assert known == {feed.value for feed in type(feed_of(name, "odds"))}


# --- frames -------------------------------------------------------------------------------------------


def optic(name: str, **changes: Any) -> tuple[str, Any]:
    return name, {**payload("opticodds", "copilot-odds.sse" if "copilot" in name else "odds.sse"), **changes}


def bolt_odds(action: str, **data: Any) -> tuple[str, Any]:
    body = payload("boltodds", "initial_state.json")
    return "", {**body, "action": action, "data": {**body["data"], **data}}


def file(provider: str, name: str) -> Frame:
    return fixture(provider, name)


CLEAR: dict[str, Any] = {name: {} for name in ("sport", "game", "home_team", "away_team", "info", "outcomes")}
STATUS = "game-status-notifications"

#: section and row -> stream it comes on, the frame, its kind, and the types of what it becomes, each once.
FRAMES: dict[str, tuple[str, Frame | tuple[str, Any], Kind, tuple[type, ...]]] = {
    "parlayapi 5.1 connected": ("parlayapi 1 #1 odds", file("parlayapi", "connected.json"), Kind.ACK, ()),
    "parlayapi 5.2 hot_feed_status": (
        "parlayapi 1 #2 odds hot", file("parlayapi", "hot_feed_status.json"), Kind.TALK, (),
    ),
    "parlayapi 5.3 initial_state": (
        "parlayapi 1 #1 odds", file("parlayapi", "initial_state.json"), Kind.DATA, (Replace,),
    ),
    "parlayapi 5.4 odds_update": ("parlayapi 1 #7 odds and props", file("parlayapi", "odds_update.json"), Kind.DATA, (Quote,)),
    "parlayapi 5.6 heartbeat": ("parlayapi 1 #8 live only", file("parlayapi", "heartbeat.json"), Kind.BEAT, ()),
    "parlayapi 5.7 subscribed": ("parlayapi 1 #8 live only", file("parlayapi", "subscribed.json"), Kind.ECHO, ()),
    "parlayapi 5.7 unsubscribed": ("parlayapi 1 #8 live only", file("parlayapi", "unsubscribed.json"), Kind.ECHO, ()),
    "parlayapi 5.8 odds_drop": (
        "parlayapi 1 #3 line moves, one sport", file("parlayapi", "odds_drop.json"), Kind.DATA, (Drop,),
    ),
    "parlayapi 5.9 pbp_event": (
        "parlayapi 1 #6 play-by-play", ("pbp_event", payload("parlayapi", "pbp_event.json")), Kind.DATA, (Play,),
    ),
    "parlayapi 5.9 live_state": ("parlayapi 1 #6 play-by-play", ("", parlay.STATE), Kind.DATA, (Play,)),
    "parlayapi 5.10 stream_status": (
        "parlayapi 1 #1 odds", file("parlayapi", "stream_status.json"), Kind.TALK, (Health, Notice),
    ),
    "parlayapi 5.11 arb_flagged": (
        "parlayapi 1 #8 live only", ("", {"type": "arb_flagged", "data": []}), Kind.TALK, (Notice,),
    ),
    "parlayapi 5.11 stream_closed": ("parlayapi 1 #1 odds", ("", {"type": "stream_closed"}), Kind.REFUSED, ()),
    "parlayapi 5.11 error": ("parlayapi 1 #1 odds", ("", {"type": "error", "message": "no"}), Kind.ERROR, (Notice,)),
    "oddsjam 1.3 connected": ("oddsjam 1.1 odds", file("oddsjam", "connected.sse"), Kind.ACK, ()),
    "oddsjam 1.3 ping": ("oddsjam 1.1 odds", file("oddsjam", "ping.sse"), Kind.BEAT, ()),
    "oddsjam 1.3 odds": ("oddsjam 1.1 odds", file("oddsjam", "odds.sse"), Kind.DATA, (Quote,)),
    "oddsjam 1.3 locked-odds": (
        "oddsjam 1.1 odds", ("locked-odds", payload("oddsjam", "odds.sse")), Kind.DATA, (Quote,),
    ),
    "oddsjam 1.3 game-status-notifications": (
        "oddsjam 1.1 odds", (STATUS, {"entry_id": "1-0", "data": {}}), Kind.DATA, (Notice,),
    ),
    "oddsjam 1.3 game-time-notifications": (
        "oddsjam 1.1 odds", ("game-time-notifications", {"entry_id": "1-0", "data": {}}), Kind.DATA, (Notice,),
    ),
    "opticodds 2.4 connected": ("opticodds 2.1 book odds", file("opticodds", "connected.sse"), Kind.ACK, ()),
    "opticodds 2.4 ping": ("opticodds 2.1 book odds", file("opticodds", "ping.sse"), Kind.BEAT, ()),
    "opticodds 2.4 copilot-odds": ("opticodds 2.1 copilot odds", optic("copilot-odds"), Kind.DATA, (Quote,)),
    "opticodds 2.4 copilot-locked-odds": (
        "opticodds 2.1 copilot odds", optic("copilot-locked-odds"), Kind.DATA, (Quote,),
    ),
    "opticodds 2.4 copilot-settled-odds": (
        "opticodds 2.1 copilot odds", file("opticodds", "copilot-settled-odds.sse"), Kind.DATA, (Quote,),
    ),
    "opticodds 2.4 odds": ("opticodds 2.1 book odds", optic("odds"), Kind.DATA, (Quote,)),
    "opticodds 2.4 locked-odds": ("opticodds 2.1 book odds", optic("locked-odds"), Kind.DATA, (Quote,)),
    "opticodds 2.4 fixture-status": (
        "opticodds 2.1 book odds", file("opticodds", "fixture-status.sse"), Kind.DATA, (Fixture,),
    ),
    "opticodds 2.4 fixture-results": (
        "opticodds 2.1 results", file("opticodds", "fixture-results.sse"), Kind.DATA, (Result,),
    ),
    "boltodds A7 socket_connected": (
        "boltodds A1 odds stream", file("boltodds", "socket_connected.json"), Kind.ACK, (),
    ),
    "boltodds A7 initial_state": ("boltodds A1 odds stream", bolt_odds("initial_state"), Kind.DATA, (Replace,)),
    "boltodds A7 game_update": ("boltodds A1 odds stream", bolt_odds("game_update"), Kind.DATA, (Replace,)),
    "boltodds A7 line_update": ("boltodds A1 odds stream", bolt_odds("line_update"), Kind.DATA, (Quote,)),
    "boltodds A7 game_added": ("boltodds A1 odds stream", bolt_odds("game_added"), Kind.DATA, (Replace,)),
    "boltodds A7 game_removed": (
        "boltodds A1 odds stream", bolt_odds("game_removed", outcomes={}), Kind.DATA, (Replace,),
    ),
    "boltodds A7 book_clear": ("boltodds A1 odds stream", bolt_odds("book_clear", **CLEAR), Kind.DATA, (Notice, Replace)),
    "boltodds A7 sport_clear": (
        "boltodds A1 odds stream", bolt_odds("sport_clear", **{**CLEAR, "sport": "MLB"}), Kind.DATA, (Notice, Replace),
    ),
    "boltodds A7 ping": ("boltodds A1 odds stream", file("boltodds", "ping.json"), Kind.BEAT, ()),
    "boltodds A7 error": ("boltodds A1 odds stream", file("boltodds", "error.json"), Kind.ERROR, (Notice,)),
    "boltodds A7 subscription_updated": (
        "boltodds A1 odds stream", file("boltodds", "subscription_updated.json"), Kind.ECHO, (Notice,),
    ),
    "boltodds A8 a feed ended by the server": (
        "boltodds A1 play-by-play stream", file("boltodds", "error-playbyplay.json"), Kind.REFUSED, (),
    ),
    "boltodds A8 a game that is not covered": (
        "boltodds A1 live-score stream",
        ("", {"action": "error", "message": "Cannot subscribe to live scores for a. Code 1"}), Kind.ERROR, (Notice,),
    ),
    "boltodds A8 too many connections": (
        "boltodds A1 odds stream", ("", {"error": "too many concurrent connections"}), Kind.REFUSED, (),
    ),
    "boltodds A11 connection_ack": (
        "boltodds A1 play-by-play stream", ("", {"action": "connection_ack"}), Kind.ACK, (),
    ),
    "boltodds A11 connected": (
        "boltodds A1 play-by-play stream", ("", {"action": "connected", "event": "a"}), Kind.TALK, (Notice,),
    ),
    "boltodds A11 new_play": ("boltodds A1 play-by-play stream", ("", bolt.NEW_PLAY), Kind.DATA, (Play,)),
    "boltodds A11 match_state": (
        "boltodds A1 play-by-play stream", ("", {**bolt.NEW_PLAY, "action": "match_state"}), Kind.DATA, (Play,),
    ),
    "boltodds A11 stats": (
        "boltodds A1 play-by-play stream", ("", {**bolt.NEW_PLAY, "action": "stats"}), Kind.DATA, (Play,),
    ),
    "boltodds A12 match_update": ("boltodds A1 live-score stream", ("", bolt.MATCH), Kind.DATA, (Result,)),
    "boltodds A1 esports labels": (
        "boltodds A1 play-by-play stream", ("esports", ["a"]), Kind.TALK, (Notice, Send),
    ),
    "boltodds A10 get_games": (
        "boltodds A1 play-by-play stream", ("get_games", {"a": {"sport": "NBA"}}), Kind.TALK, (Notice, Send),
    ),
    "rapidodds B4 connected": ("rapidodds B1 odds stream", file("rapidodds", "connected.json"), Kind.ACK, ()),
    "rapidodds B4 subscribed": (
        "rapidodds B1 odds stream", ("", {"event": "subscribed", "sport": "NBA"}), Kind.ECHO, (Notice,),
    ),
    "rapidodds B4 unsubscribed": (
        "rapidodds B1 odds stream", ("", {"event": "unsubscribed", "sport": "NBA"}), Kind.ECHO, (),
    ),
    "rapidodds B4 odds_update": (
        "rapidodds B1 odds stream", file("rapidodds", "odds_update.json"), Kind.DATA, (Replace, Notice),
    ),
    "rapidodds B4 error": (
        "rapidodds B1 odds stream", ("", {"event": "error", "message": "no"}), Kind.ERROR, (Notice,),
    ),
    "rapidodds B10 results_update": (
        "rapidodds B1 results stream", ("", rapid.PUSH), Kind.DATA, (Result, Notice),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", FRAMES)
def test_every_frame(row: str) -> None:
    stream, sent, kind, becomes = FRAMES[row]
    provider, feed, flags, _ = STREAMS[stream]
    at = Line(asked(provider, **flags, feed=feed_of(provider, feed))[0])
    frame = sent if isinstance(sent, Frame) else Frame(orjson.dumps(sent[1]), sent[0])
    [message] = at.provider.read(frame)
    assert kind == message.kind
    assert (message.failure is not None) == (kind is Kind.REFUSED)
    assert becomes == tuple(dict.fromkeys(type(event) for event in at.take(frame)))


def test_the_health_of_sources_is_the_answer_of_a_poll() -> None:
    """docs/wire/parlayapi.md, 8.2, the row of the health look-up."""
    at = Line(asked("parlayapi", **PARLAY, watch_health=30.0)[0])
    frame = Frame(fixture("parlayapi", "source-health.json").data, "source-health")
    assert [Health] == [type(event) for event in at.take(frame)]


@pytest.mark.parametrize("size", [1000, 1 << 20, 60 << 20])
def test_detail_says_how_much_it_omits(size: int) -> None:
    detail = fields.compact({"text": "x" * size})
    whole = size + len('{"text":""}')
    assert detail is not None
    short, omitted = (
        {"text": "x" * size},
        {"omitted_bytes": whole, "crc32": f"{crc32(orjson.dumps({'text': 'x' * size})):08x}"},
    )
    assert orjson.loads(detail) == (short if whole <= 1 << 20 else omitted)
