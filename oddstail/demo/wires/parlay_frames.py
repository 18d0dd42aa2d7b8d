"""ParlayAPI's frames that hold no rows, and how a frame is put on either transport. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from oddstail.demo.contract import Frame, Tell
from oddstail.demo.wires.parlay_rows import BOOKS


def encode(body: dict[str, Any], *, websocket: bool, data: bool = True, tell: Tell | None = None) -> Frame:
    """One JSON object: a message, or one `data:` line and nothing else (section 4) [docs O, S]."""
    text = orjson.dumps(body)
    return Frame(body=text if websocket else b"data: " + text + b"\n\n", data=data, tell=tell or Tell())


def heartbeat(sport_key: str, now: datetime) -> dict[str, Any]:
    """`connections` is worker-wide, an ops number (5.6) [docs A]."""
    stamp = int(now.timestamp())
    return {"type": "heartbeat", "sport_key": sport_key, "timestamp": stamp, "connections": 37}


def hot_feed_status(
    sport_key: str, now: datetime, asked: Sequence[str], said: Iterable[tuple[str, int]]
) -> dict[str, Any]:
    """Once on each SSE stream (5.2) [docs A]. `said`: the book and the last_update of each row sent."""
    now_ms = int(now.timestamp() * 1000)
    updates: dict[str, list[int]] = {}
    for book, last_update in said:
        updates.setdefault(book, []).append(last_update)
    return {
        "type": "hot_feed_status",
        "status": "ok",
        "sport_key": sport_key,
        "sources": [_source(book, updates.get(book, []), now_ms) for book in asked or BOOKS],
        "timestamp": now_ms // 1000,
    }


def _source(book: str, updates: list[int], now_ms: int) -> dict[str, Any]:
    latest = max(updates, default=None)
    age = None if latest is None else round((now_ms - latest) / 1000, 1)
    recent = sum(now_ms - at <= 60_000 for at in updates)
    return {"bookmaker": book, "latest_ms": latest, "age_s": age, "rows_60s": recent}


def stream_status(sport_key: str, asked: Sequence[str]) -> dict[str, Any]:
    """No odds and no timestamp; all fields (5.10) [docs A]."""
    return {
        "type": "stream_status",
        "sport_key": sport_key,
        "bookmaker": (asked or BOOKS)[-1],
        "status": "degraded",
        "reason": "fixture_unresolved",
        "dataset": "games",
        "affected_families_in_page": 3,
        "coverage_complete": False,
        "fresh_snapshot_required_to_clear": True,
    }
