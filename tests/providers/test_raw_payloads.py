"""What `-o raw` prints: every payload that is neither an acknowledgement nor a heartbeat, as received."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Event, Frame, Notice, Payload, Read
from oddstail.providers import provider
from oddstail.reader import Reader, Wants

from .wire import asked

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
def test_an_error_keeps_its_text_and_its_code(name: str) -> None:
    made = reader(name)
    data = b'{"action":"error","event":"error","type":"error","message":"Unknown sport","code":"X1"}'
    [notice] = [event for event in events(made, Frame(data)) if isinstance(event, Notice)]
    assert notice.code == "server"
    assert "Unknown sport (code X1)" in notice.text
