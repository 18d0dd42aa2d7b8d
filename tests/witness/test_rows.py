"""Messages that the demo does not send, read by a provider and by its witness: the same prices must be open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oddstail import providers
from oddstail.model import Frame, Read
from oddstail.reader import Reader
from oddstail.record import Encoder
from tests.witness.board import same
from tests.witness.comparison import Reading
from tests.witness.records import Records, offers
from tests.witness.stage import asked_for

_EVENT = {
    "event_id": "e1",
    "bookmaker": "pinnacle",
    "home_team": "Lakers",
    "away_team": "Celtics",
    "commence_time": "2026-05-12T22:30:00Z",
}


def _parlay(*rows: dict[str, Any], kind: str = "odds_update") -> dict[str, Any]:
    return {
        "type": kind,
        "sport_key": "basketball_nba",
        "timestamp": 1778214000,
        "count": len(rows),
        "data": [{**_EVENT, **row} for row in rows],
    }


_HELLO = {"type": "connected", "sport_key": "basketball_nba", "timestamp": 1778214000}
_SNAP = _parlay(kind="initial_state")


def _optic(name: str, *rows: dict[str, Any]) -> dict[str, Any]:
    about = {
        "fixture_id": "F1",
        "game_id": "G1",
        "sport": "football",
        "league": "NFL",
        "sportsbook": "DraftKings",
        "is_main": True,
        "timestamp": 1736820669.9,
    }
    return {"entry_id": f"1-{len(rows)}", "type": name, "data": [{**about, **row} for row in rows]}


def _td(player: str, price: Any) -> dict[str, Any]:
    return {
        "market": "Anytime Touchdown Scorer",
        "name": "Josh Allen",
        "selection": "Josh Allen",
        "selection_line": None,
        "points": None,
        "player_id": player,
        "price": price,
    }


def _bolt(action: str, outcomes: dict[str, Any]) -> dict[str, Any]:
    data = {
        "sport": "NBA",
        "sportsbook": "draftkings",
        "game": "Lakers vs Celtics, 2026-05-12, 06",
        "home_team": "Lakers",
        "away_team": "Celtics",
        "info": {},
        "outcomes": outcomes,
    }
    return {"timestamp": "2026-05-12T22:30:00.000000+00:00", "action": action, "data": data}


def _prop(odds: Any, target: str = "LeBron James", side: str | None = "Over", line: Any = "25.5") -> dict[str, Any]:
    return {
        "odds": odds,
        "link": "",
        "outcome_name": "Points",
        "outcome_line": line,
        "outcome_over_under": side,
        "outcome_target": target,
    }


def _rapid(*games: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "odds_update",
        "sport": "MLB",
        "timestamp": "2026-02-25T10:00:00.000000",
        "credits_charged": 1,
        "data": {"sport": "MLB", "games": list(games)},
    }


def _game(start: str, price: Any, market: str = "head_to_head", **fields: Any) -> dict[str, Any]:
    outcome = {"name": "Mets", "price": price, **fields}
    books = [{"name": "Pinnacle", "last_update": start, "markets": [{"key": market, "outcomes": [outcome]}]}]
    return {"game": {"commence_time": start, "home_team": "Mets", "away_team": "Braves"}, "bookmakers": books}


#: (provider, messages after the acknowledgement, how many prices are open at the end)
ROWS = [
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "game", "market_key": "h2h", "home_ml": -150, "away_ml": 130}), _parlay({"kind": "game", "market_key": "h2h", "period": "1H", "home_ml": -115, "away_ml": -105})], 4, id="parlayapi-period-row"),
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "game", "market_key": "h2h_1h", "home_ml": -115, "away_ml": -105})], 2, id="parlayapi-market-with-period"),
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "game", "market_key": "moneyline", "home_ml": -115, "away_ml": -105})], 2, id="parlayapi-moneyline"),
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "game", "market_key": "spreads", "line": -1.5, "home_price": -110, "away_price": -110}), _parlay({"kind": "game", "market_key": "spreads", "line": -2.5, "_diff": True})], 2, id="parlayapi-line-move"),
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "prop", "player": "A. One", "market_key": "player_points", "line": 25.5, "over_price": -112, "under_price": -108}), _parlay({"kind": "prop", "player": "A. One", "market_key": "player_points", "line": 26.5, "_diff": True})], 2, id="parlayapi-prop-line-move"),
    pytest.param("parlayapi", [_SNAP, _parlay({"kind": "prop", "player": "A. One", "market_key": "player_points", "line": 25.5, "over_price": "+105", "under_price": None})], 1, id="parlayapi-one-side-as-text"),
    pytest.param("opticodds", [_optic("odds", _td("p1", -120), _td("p2", 6500))], 2, id="opticodds-two-players-of-one-name"),
    pytest.param("opticodds", [_optic("odds", _td("p1", "-120"))], 1, id="opticodds-price-as-text"),
    pytest.param("boltodds", [_bolt("initial_state", {"LeBron James Over 25.5 Points": _prop("-110"), "b": _prop("None", side="Under")})], 1, id="boltodds-prop-and-none"),
    pytest.param("rapidodds", [_rapid(_game("2026-02-25T17:00:00", 1.9), _game("2026-02-25T18:10:00", 2.1))], 2, id="rapidodds-double-header"),
    pytest.param("rapidodds", [_rapid(_game("2026-02-25T17:00:00", "1.91"))], 1, id="rapidodds-price-as-text"),
]  # fmt: skip
_ACKS: dict[str, Any] = {
    "parlayapi": _HELLO,
    "boltodds": {"action": "socket_connected"},
    "rapidodds": {"event": "connected", "tier": "pro"},
    "opticodds": {},
}


@pytest.mark.parametrize(("name", "messages", "count"), ROWS)
def test_provider_reads_it_as_the_witness_does(name: str, messages: list[dict[str, Any]], count: int) -> None:
    request = asked_for(name, {})[0]
    reader, encoder = Reader(conn=1, provider=providers.provider(name)), Encoder()
    encoder.introduce(1, request)
    reader.began(0, 0.0)
    reader.connected(request, 0.0)
    records, reading = Records(), Reading(name)
    reading.take(
        [
            json.dumps(
                {"type": "connect", "conn": 1, "resumed": False, "request": {"provider": name, "params": []}}
            ).encode()
        ]
    )
    for message in (_ACKS[name], *messages):
        event = "connected" if not message else message["type"] if name == "opticodds" else ""
        for said in reader.read(Read(0, [Frame(json.dumps(message).encode(), event, "")]), 0.0):
            records.take(encoder.lines(said.batch, said.batch.events).encode().splitlines())
        frame = {"type": "frame", "conn": 1, "dir": "in", "event": event, "data": json.dumps(message)}
        reading.take([json.dumps(frame).encode()])
    expected, games = reading.open()
    assert same(expected, offers(records.open(), games)) == []
    assert expected.total() == count
