"""What `-o raw` prints: every payload that is neither an acknowledgement nor a heartbeat, as received."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from oddstail.model import Event, Frame, Notice, Payload, Read
from oddstail.providers import provider
from oddstail.reader import Reader, Wants

from .wire import asked, payload

STREAMS: dict[str, dict[str, Any]] = {
    "oddsjam": {"game": ["31209-39104-2024-40"], "book": ["DraftKings"]},
    "opticodds": {"sport": ["basketball"], "book": ["DraftKings"]},
    "parlayapi": {"sport": ["basketball_nba"]},
    "rapidodds": {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["head_to_head"]},
    "boltodds": {"league": ["NBA"]},
}


def reader(name: str) -> Reader:
    made = Reader(conn=1, provider=provider(name), wants=Wants(quotes=False, payloads=True))
    made.connected(asked(name, validate=False, **STREAMS[name])[0], 0.0)
    return made


def printed(name: str, *frames: Frame) -> list[bytes]:
    return [event.data for event in events(reader(name), *frames) if type(event) is Payload]


def events(made: Reader, *frames: Frame) -> list[Event]:
    return [event for part in made.read(Read(1, list(frames)), 0.0) for event in part.batch.events]


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"action":"tomorrow","event":"tomorrow","type":"tomorrow", "x": 1.50}', id="unknown"),
        pytest.param(
            b'{"action":"error", "event":"error","type":"error","message":"Unknown sport","code":"X1"}', id="error"
        ),
        pytest.param(b'{"error": "no such thing"}', id="error-without-a-type"),
        pytest.param(b"{broken", id="not-json"),
        pytest.param(b'"a string"', id="not-an-object"),
    ],
)
def test_what_is_neither_acknowledgement_nor_heartbeat_is_printed(name: str, data: bytes) -> None:
    assert printed(name, Frame(data)) == [data]


#: A message of prices of each provider, and what each of them has for one that nobody knows and for an error.
KNOWN: dict[str, tuple[str, str]] = {
    "oddsjam": ("odds.sse", "odds"),
    "opticodds": ("odds.sse", "odds"),
    "parlayapi": ("initial_state.json", ""),
    "rapidodds": ("odds_update.json", ""),
    "boltodds": ("initial_state.json", ""),
}
UNKNOWN = {"type": "tomorrow", "event": "tomorrow", "action": "tomorrow", "data": {"name": "Zoë 🏀"}, "x": 1.5}
ERROR = {"type": "error", "event": "error", "action": "error", "message": "Unknown sport: Zoë 🏀", "code": "X1"}


def _spaced(data: bytes) -> bytes:
    return b" \t" + data.replace(b'":', b'" :  ').replace(b',"', b' ,\t"') + b"  "


#: One JSON text in other bytes.
SPELLINGS: dict[str, Callable[[Any], bytes]] = {
    "plain": orjson.dumps,
    "escapes": lambda body: json.dumps(body).encode().replace(b"/", b"\\/"),
    "unicode": lambda body: json.dumps(body, ensure_ascii=False).encode(),
    "spaces": lambda body: _spaced(orjson.dumps(body)),
    "lines": lambda body: json.dumps(body, indent=3).encode(),
    "windows-lines": lambda body: json.dumps(body, indent=3).encode().replace(b"\n", b"\r\n"),
    "byte-order-mark": lambda body: b"\xef\xbb\xbf" + orjson.dumps(body),
    "key-twice": lambda body: orjson.dumps(body)[:-1] + b',"z":1,"z":2}',
    "number": lambda body: orjson.dumps(body)[:-1] + b',"z":-0.10000000000000000000e+01}',
    "nan": lambda body: orjson.dumps(body)[:-1] + b',"z":NaN}',
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("what", ["known", "unknown", "error"])
@pytest.mark.parametrize("name", STREAMS)
def test_each_payload_is_printed_byte_for_byte(name: str, what: str, spelling: str) -> None:
    file, event = KNOWN[name]
    body = {"known": payload(name, file), "unknown": UNKNOWN, "error": ERROR}[what]
    data = SPELLINGS[spelling](body)
    assert printed(name, Frame(data, event if what == "known" else "")) == [data]


@pytest.mark.parametrize("name", ["parlayapi", "rapidodds", "boltodds"])
def test_a_list_of_messages_is_printed_once_and_as_it_came(name: str) -> None:
    greeting = {"type": "connected", "event": "connected", "action": "socket_connected"}
    data = _spaced(orjson.dumps([greeting, UNKNOWN, 7, payload(name, KNOWN[name][0]), ERROR]))
    assert printed(name, Frame(data)) == [data]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        pytest.param("parlayapi", {"type": "connected"}, id="parlayapi-connected"),
        pytest.param("parlayapi", {"type": "heartbeat"}, id="parlayapi-heartbeat"),
        pytest.param("parlayapi", {"type": "subscribed", "event_id": "a"}, id="parlayapi-subscribed"),
        pytest.param("rapidodds", {"event": "connected"}, id="rapidodds-connected"),
        pytest.param("rapidodds", {"event": "subscribed", "sport": "NBA"}, id="rapidodds-subscribed"),
        pytest.param("rapidodds", {"event": "unsubscribed", "sport": "NBA"}, id="rapidodds-unsubscribed"),
        pytest.param("boltodds", {"action": "socket_connected"}, id="boltodds-connected"),
        pytest.param("boltodds", {"action": "ping"}, id="boltodds-ping"),
        pytest.param("boltodds", {"action": "subscription_updated"}, id="boltodds-subscription"),
    ],
)
def test_acknowledgements_and_heartbeats_are_not_printed(name: str, body: dict[str, Any]) -> None:
    assert printed(name, Frame(orjson.dumps(body))) == []


def test_a_refusal_that_ends_the_connection_is_printed() -> None:
    data = b'{"action":"error","message":"Invalid API key"}'
    assert printed("boltodds", Frame(data)) == [data]


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            b'{"action":"error", "event":"error","type":"error","message":"Unknown sport","code":"X1"}', id="error"
        ),
        pytest.param(b'{"action":"tomorrow","event":"tomorrow","type":"tomorrow",  "x": 1.50}', id="unknown"),
    ],
)
def test_a_notice_passes_on_the_payload_as_received(name: str, data: bytes) -> None:
    made = reader(name)
    made.wants = Wants()
    notices = [event for event in events(made, Frame(data)) if isinstance(event, Notice)]
    assert [notice.payload for notice in notices] == [data.decode()]


@pytest.mark.parametrize("name", ["parlayapi", "rapidodds", "boltodds"])
@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param("Unknown sport (code X1)", {"message": "Unknown sport", "code": "X1"}, id="code"),
        pytest.param("Unknown sport (code 42)", {"message": "Unknown sport", "code": 42}, id="a-number"),
        pytest.param("Unknown sport (code X1)", {"error": "Unknown sport", "error_code": "X1"}, id="error-code"),
        pytest.param("Unknown sport (code X1)", {"reason": "Unknown sport", "errorCode": "X1"}, id="camel-case"),
        pytest.param("No. Code 1", {"message": "No. Code 1", "code": 1}, id="the-text-has-it"),
        pytest.param("Unknown sport (code X1)", {"error": {"code": "X1", "message": "Unknown sport"}}, id="object"),
        pytest.param("Unknown sport (code X1)", {"data": {"code": "X1", "error": "Unknown sport"}}, id="in-data"),
        pytest.param("Field required; no book", {"detail": [{"msg": "Field required"}, "no book"]}, id="list"),
        pytest.param("X1", {"code": "X1"}, id="nothing-but-a-code"),
        pytest.param("an error without a text", {}, id="nothing"),
    ],
)
def test_an_error_keeps_its_text_and_its_code(name: str, expected: str, fields: dict[str, Any]) -> None:
    made = reader(name)
    data = orjson.dumps({"action": "error", "event": "error", "type": "error", **fields})
    [notice] = [event for event in events(made, Frame(data)) if isinstance(event, Notice)]
    assert notice.code == "server"
    assert notice.text.endswith(f"sent an error: {expected}")
    assert notice.payload == data.decode()


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        pytest.param("boltodds", {"message": "Invalid API key", "code": "K7"}, "Invalid API key (code K7)", id="key"),
        pytest.param("boltodds", {"message": "Too many connections", "code": 17}, "Too many connections (code 17)", id="cap"),
        pytest.param("boltodds", {"error": "Connection closed. Code 6."}, "Connection closed. Code 6.", id="in-the-text"),
    ],
)  # fmt: skip
def test_an_error_that_ends_a_connection_keeps_its_code(name: str, body: dict[str, Any], expected: str) -> None:
    parts = list(reader(name).read(Read(1, [Frame(orjson.dumps({"action": "error", **body}))]), 0.0))
    assert [part.failure.text for part in parts if part.failure is not None] == [expected]


def test_an_empty_balance_keeps_its_code_and_its_payload() -> None:
    made = reader("rapidodds")
    data = b'{"event":"error",  "message":"Not enough credits","code":"C9"}'
    [notice] = [event for event in events(made, Frame(data)) if isinstance(event, Notice)]
    assert (notice.code, "Not enough credits (code C9)" in notice.text, notice.payload) == (
        "credits-out",
        True,
        data.decode(),
    )
