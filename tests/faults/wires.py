"""What the rows' servers say: messages of each provider, numbered by their prices so that a loss has a name.

Payloads: docs/wire/opticodds.md, 2.4, docs/wire/boltodds.md, A2; docs/wire/rapidodds.md, B2 to B6, docs/wire/parlayapi.md, 5.
"""

from __future__ import annotations

import json
from typing import Any

CONNECTED = b"event: connected\nretry: 10\ndata: ok go\n\n"
PING = b"event: ping\ndata: 2026-02-25T10:00:00Z\n\n"
HTML = "<html><head><title>Down for maintenance</title></head><body><h1>503</h1></body></html>"


def row(price: object = -110, **more: object) -> dict[str, Any]:
    """One odd of OpticOdds. What is given is written as given, legal JSON or not."""
    return {
        "fixture_id": "7C19D2A04EB1",
        "sport": "basketball",
        "league": "NBA",
        "sportsbook": "DraftKings",
        "market": "Point Spread",
        "name": "Boston Celtics -4.5",
        "selection": "Boston Celtics",
        "points": -4.5,
        "price": price,
        "is_main": True,
        "is_live": False,
        "timestamp": 1736820669.918,
        **more,
    }


def event(body: str | bytes, *, name: str = "odds", entry: str = "", retry: str = "10") -> bytes:
    """An event of OpticOdds around a body."""
    data = body.encode() if isinstance(body, str) else body
    top = f"id: {entry}\nevent: {name}\nretry: {retry}\ndata: "
    return top.encode() + data + b"\n\n"


def odds(price: object = -110, *, entry: str | None = None, **more: object) -> bytes:
    """One odd of OpticOdds as an event; its entry follows its price unless given."""
    mark = f"17368206700{price}-0" if entry is None else entry
    return event(json.dumps({"entry_id": mark, "type": "odds", "data": [row(price, **more)]}), entry=mark)


def jam(price: object = -110, *, entry: str | None = None, **more: object) -> bytes:
    """One odd of OddsJam v2 as an event."""
    body = {
        "game_id": "31209-39104-2024-4",
        "sport": "basketball",
        "league": "NBA",
        "sportsbook": "DraftKings",
        "bet_type": "Moneyline",
        "bet_name": "Boston Celtics",
        "bet_price": price,
        "bet_points": None,
        "is_main": True,
        "is_live": False,
        "timestamp": 1736820669.918,
        **more,
    }
    mark = f"17368206700{price}-0" if entry is None else entry
    return event(json.dumps({"entry_id": mark, "type": "odds", "data": [body]}), entry="31209-39104-2024-4")


PARLAY = '{"type":"connected","sport_key":"basketball_nba"}'
BEAT = '{"type":"heartbeat","timestamp":1778214003}'


def parlay(price: object = -110, home: str = "Boston Celtics", **more: object) -> str:
    """One row of ParlayAPI as a message."""
    body = {
        "kind": "game",
        "bookmaker": "pinnacle",
        "event_id": "e1",
        "home_team": home,
        "away_team": "Miami Heat",
        "market_key": "h2h",
        "home_ml": price,
    }
    told = {"type": "odds_update", "sport_key": "basketball_nba", "timestamp": 1778214003, "count": 1, "data": [body]}
    return json.dumps({**told, **more})


RAPID = '{"event":"connected"}'


def rapid(price: float = 1.91, away: str = "Miami Heat") -> str:
    """One push of RapidOddsAPI; its odds are decimal."""
    book = {
        "name": "Pinnacle",
        "markets": [{"key": "head_to_head", "outcomes": [{"name": away, "price": price}]}],
    }
    game = {"commence_time": "2026-02-25T10:00:00", "home_team": "Boston Celtics", "away_team": away}
    return json.dumps(
        {
            "event": "odds_update",
            "sport": "NBA",
            "timestamp": "2026-02-25T10:00:00",
            "credits_charged": 1,
            "data": {"sport": "NBA", "games": [{"game": game, "bookmakers": [book]}]},
        }
    )


BOLT = '{"action":"socket_connected"}'


def bolt(price: object = "+145", home: str = "A", action: str = "line_update") -> dict[str, Any]:
    """One line of BoltOdds."""
    return {
        "timestamp": "2026-02-25T15:40:00+00:00",
        "action": action,
        "data": {
            "sport": "NBA",
            "sportsbook": "draftkings",
            "game": f"{home} vs B, 2026-02-25, 09",
            "home_team": home,
            "away_team": "B",
            "info": {},
            "outcomes": {
                f"{home} Moneyline": {
                    "odds": price,
                    "outcome_name": "Moneyline",
                    "outcome_line": None,
                    "outcome_over_under": None,
                    "outcome_target": home,
                }
            },
        },
    }
