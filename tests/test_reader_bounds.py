"""What one read may become: parts that leave one by one, and one notice for all rows of a frame that cannot be read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail import providers
from oddstail.model import Event, Frame, Notice, Payload, Quote, Read
from oddstail.providers import fields, optic_snapshot
from oddstail.providers.rapidodds.command import Feed
from oddstail.reader import Reader, Wants
from oddstail.wire import loose
from tests.providers.wire import Line, asked

ASKS: dict[str, dict[str, Any]] = {
    "oddsjam": {"league": ["NBA"], "book": ["DraftKings"]},
    "opticodds": {"sport": ["basketball"], "book": ["DraftKings"]},
    "parlayapi": {"sport": ["basketball_nba"]},
    "rapidodds": {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["head_to_head"]},
    "boltodds": {"league": ["NBA"]},
}
ODD = {"entry_id": "1-1", "type": "odds", "data": []}


def outcome(nth: int, price: object) -> dict[str, Any]:
    return {"odds": price, "outcome_name": "Moneyline", "outcome_target": f"T{nth}", "outcome_line": None}


def bolt(action: str, prices: list[Any]) -> dict[str, Any]:
    outcomes = {f"T{nth} Moneyline": outcome(nth, price) for nth, price in enumerate(prices)}
    return {"action": action, "data": {"sport": "NBA", "sportsbook": "dk", "game": "A vs B", "outcomes": outcomes}}


def rapid(prices: list[Any]) -> dict[str, Any]:
    markets = [
        {"key": "head_to_head", "outcomes": [{"name": f"T{nth}", "price": one} for nth, one in enumerate(prices)]}
    ]
    about = {"home_team": "A", "away_team": "B", "commence_time": "2026-02-25T10:00:00"}
    games = [{"game": about, "bookmakers": [{"name": "Pinnacle", "markets": markets}]}]
    return {"event": "odds_update", "sport": "NBA", "data": {"games": games}}


def parlay(kind: str, prices: list[Any]) -> dict[str, Any]:
    about = {"kind": "game", "bookmaker": "pinnacle", "home_team": "A", "away_team": "B", "market_key": "h2h"}
    return {"type": kind, "data": [{**about, "event_id": f"e{nth}", "home_ml": one} for nth, one in enumerate(prices)]}


def optic(prices: list[Any]) -> dict[str, Any]:
    about = {"fixture_id": "f", "sportsbook": "DraftKings", "market": "Moneyline"}
    return {**ODD, "data": [{**about, "name": f"T{nth}", "price": price} for nth, price in enumerate(prices)]}


def jam(prices: list[Any]) -> dict[str, Any]:
    about = {"game_id": "g", "sportsbook": "DraftKings", "bet_type": "Moneyline"}
    return {**ODD, "data": [{**about, "bet_name": f"T{nth}", "bet_price": price} for nth, price in enumerate(prices)]}


#: Provider, SSE event, and a message with these prices.
MESSAGES: list[Any] = [
    pytest.param("opticodds", "odds", optic, id="opticodds"),
    pytest.param("oddsjam", "odds", jam, id="oddsjam"),
    pytest.param("parlayapi", "", lambda prices: parlay("odds_update", prices), id="parlayapi-update"),
    pytest.param("parlayapi", "", lambda prices: parlay("initial_state", prices), id="parlayapi-snapshot"),
    pytest.param("rapidodds", "", rapid, id="rapidodds"),
    pytest.param("boltodds", "", lambda prices: bolt("line_update", prices), id="boltodds-update"),
    pytest.param("boltodds", "", lambda prices: bolt("initial_state", prices), id="boltodds-snapshot"),
]


def parts(name: str, frames: list[Frame], *, payloads: bool = False) -> list[list[Event]]:
    """What a read of a new connection says, part by part."""
    reader = Reader(conn=1, provider=providers.provider(name), wants=Wants(payloads=payloads))
    reader.connected(asked(name, **ASKS[name], validate=False)[0], 0.0)
    return [part.batch.events for part in reader.read(Read(1, frames), 1.0)]


def whole(name: str, frame: Frame) -> list[Event]:
    return [event for part in parts(name, [frame]) for event in part]


def notices(events: list[Event]) -> list[Notice]:
    return [event for event in events if isinstance(event, Notice)]


@pytest.mark.parametrize(("name", "event", "message"), MESSAGES)
def test_large_message_leaves_in_parts_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, name: str, event: str, message: Any
) -> None:
    frame = Frame(orjson.dumps(message([1.5 if name == "rapidodds" else 100 + nth for nth in range(40)])), event)
    if name == "boltodds":
        frame = Frame(orjson.dumps(message([f"+{100 + nth}" for nth in range(40)])), event)
    at_once = whole(name, frame)
    monkeypatch.setattr(fields, "ROWS", 7)
    assert len(parts(name, [frame])) >= 40 // 7
    assert at_once == whole(name, frame)
    assert sum(type(one) is Quote for one in at_once) == 40


@pytest.mark.parametrize("rows", [7, 1000], ids=["in-parts", "at-once"])
@pytest.mark.parametrize(("name", "event", "message"), MESSAGES)
def test_rows_that_cannot_be_read_are_one_notice(
    monkeypatch: pytest.MonkeyPatch, name: str, event: str, message: Any, rows: int
) -> None:
    monkeypatch.setattr(fields, "ROWS", rows)
    found = notices(whole(name, Frame(orjson.dumps(message(["evenish"] * 40)), event)))
    assert [(one.code, one.value) for one in found] == [("unreadable", 40)]
    assert found[0].text.startswith("40 rows cannot be read, the first: ")
    assert "evenish" in found[0].text


@pytest.mark.parametrize("name", ASKS)
def test_frame_with_too_many_elements_is_one_notice_and_one_payload(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(loose, "MOST_ELEMENTS", 100)
    frame = Frame(b"[" + b"{}," * 200 + b"{}]", "odds")
    [events] = parts(name, [frame], payloads=True)
    assert Payload(frame.data) == events[0]
    [notice] = notices(events)
    assert "more than 100 elements" in notice.text


@pytest.mark.parametrize(
    ("code", "frames"),
    [
        pytest.param("unreadable", [Frame(b"x")] * 5000, id="frames-of-one-byte"),
        pytest.param("unknown", [Frame(b"[" + b"{}," * 4999 + b"{}]")], id="empty-objects"),
        pytest.param("unknown", [Frame(b'{"action":"weather"}')] * 5000, id="unknown-actions"),
    ],
)
def test_flood_of_small_messages_is_a_hundred_notices_and_a_count(code: str, frames: list[Frame]) -> None:
    said = parts("boltodds", frames)
    assert len(said) >= 5, "others get their turn in between"
    found = notices([event for part in said for event in part])
    assert [code] * 101 == [notice.code for notice in found]
    assert (found[-1].value, found[-1].text[:18]) == (4900, "4,900 more notices")


def results(count: int) -> dict[str, Any]:
    """A push of RapidOddsAPI's results: games with five players each."""
    games = [
        {
            "game": {"game_id": f"g{nth}", "home_team": "A", "away_team": "B"},
            "players": [{"name": f"P{one}"} for one in range(5)],
        }
        for nth in range(count)
    ]
    return {"event": "results_update", "sport": "NFL", "data": {"games": games}}


def snapshot(count: int) -> dict[str, Any]:
    """An answer of OpticOdds' REST API: two games with their odds."""
    odd = {"sportsbook": "DraftKings", "market": "Moneyline", "price": -110}
    odds = [{**odd, "name": f"T{nth}"} for nth in range(count)]
    return {"data": [{"id": game, "home_team_display": "A", "away_team_display": "B", "odds": odds} for game in "fg"]}


ANSWERS: list[Any] = [
    pytest.param("rapidodds", results(8), "", {"feed": Feed.results}, id="rapidodds-results"),
    pytest.param("opticodds", snapshot(20), optic_snapshot.ODDS, {}, id="opticodds-snapshot"),
    pytest.param("oddsjam", snapshot(20), optic_snapshot.ODDS, {}, id="oddsjam-snapshot"),
]


@pytest.mark.parametrize(("name", "body", "event", "flags"), ANSWERS)
def test_results_and_snapshots_leave_in_parts_and_say_the_same(
    monkeypatch: pytest.MonkeyPatch, name: str, body: dict[str, Any], event: str, flags: dict[str, Any]
) -> None:
    def said() -> list[list[Event]]:
        ask = {**ASKS[name], **flags} if not flags else {"sport": ["NFL"], "players": True, **flags}
        line = Line(asked(name, **ask, validate=False)[0])
        [message] = line.messages(Frame(orjson.dumps(body), event))
        out = line.decode(message)
        return [out] if isinstance(out, list) else list(out)

    [at_once] = said()
    monkeypatch.setattr(fields, "ROWS", 7)
    in_parts = said()
    assert len(in_parts) >= 40 // 7
    assert [one for part in in_parts for one in part] == at_once


def test_decoder_that_fails_in_a_later_part_costs_only_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "ROWS", 2)
    frame = Frame(orjson.dumps(optic([100, 101, 102])), "odds")
    slices = fields.slices

    def breaking(rows: list[Any]) -> Any:
        yield next(slices(rows))
        raise RuntimeError("a bug")

    monkeypatch.setattr(fields, "slices", breaking)
    events = whole("opticodds", frame)
    assert sum(type(event) is Quote for event in events) == 2
    assert "RuntimeError" in notices(events)[0].text
