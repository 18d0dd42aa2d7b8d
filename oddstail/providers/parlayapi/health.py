"""The health of ParlayAPI's own sources: of play-by-play, polled beside a stream, and of books, told at its start.

Facts: docs/wire/parlayapi.md, 8.2 and 5.2. Pure.

A source is silent after a minute without an event, if it had any in the last five: a game is on then.
One that had none may just have no game to tell of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from oddstail.model import Event, Health, Notice
from oddstail.providers import fields
from oddstail.providers.parlayapi.rows import sport_of

#: Seconds without an event that the vendor calls an alert while a game is live (8.2), and the windows of its counts.
_SILENT, _WINDOW, _HOT_WINDOW = 60.0, 300.0, 60.0
#: The poll's name, and that of its failures.
POLL, POLL_FAILED = "source-health", "source-health failed"


class Watch:
    """What the polls of one connection told: which sources are silent, so that each is said once."""

    def __init__(self) -> None:
        self._silent: set[tuple[str | None, str]] = set()

    def polled(self, body: Any, label: str) -> list[Event]:
        """The sources of one answer. An answer without any says that all is well, or that none is live."""
        rows = body.get("results") if isinstance(body, dict) else body
        if not isinstance(rows, list):
            text = f"{label}: an answer about health that cannot be read: {fields.brief(body)}"
            return [Notice(code="unreadable", text=text)]
        out: list[Event] = []
        for row in rows:
            try:
                out += self._judged(_source(row))
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a source that cannot be read: {fields.brief(row)}"))
        return out

    def _judged(self, health: Health) -> list[Event]:
        mark = health.league, health.source
        was = mark in self._silent
        if was and health.status == "idle":
            # It fell silent while a game was on, and that is all that is known since.
            health = replace(health, status="silent")
        if health.status == "silent":
            self._silent.add(mark)
            if was:
                return [health]
            silent = health.silent_s or 0.0
            text = f"{health.league or ''} {health.source}: no event for {silent:.0f} s while a game is on".lstrip()
            return [health, Notice(code="source-silent", text=text, value=round(silent))]
        if was and health.status == "ok":
            self._silent.remove(mark)
            text = f"{health.league or ''} {health.source}: events again".lstrip()
            return [health, Notice(code="source-back", text=text, level="info")]
        return [health]


def _source(row: dict[str, Any]) -> Health:
    source = fields.text(row.get("source"))
    if source is None:
        raise ValueError("no source")
    league = fields.text(row.get("sport_key"))
    silent, events = fields.number(row.get("seconds_since_last_event")), fields.number(row.get("events_last_5min"))
    return Health(
        source=source,
        status=_status(silent, events),
        sport=sport_of(league),
        league=league,
        role=fields.text(row.get("role")),
        silent_s=silent,
        events=events,
        window_s=_WINDOW,
        latest=fields.unix(row.get("latest_capture_ms")),
    )


def _status(silent: float | None, events: float | None) -> str:
    """`ok`, `silent` in a live window, `idle` outside of one, `unknown` where the answer does not tell."""
    if silent is None:
        return "unknown"
    if silent <= _SILENT:
        return "ok"
    return "idle" if events == 0 else "silent"


def books(body: dict[str, Any]) -> list[Event]:
    """The books of a `hot_feed_status`. Their silence is no alarm: a price that does not move is not sent."""
    status, league = fields.text(body.get("status")) or "unknown", fields.text(body.get("sport_key"))
    rows, out = body.get("sources"), list[Event]()
    for row in rows if isinstance(rows, list) else ():
        book = fields.text(row.get("bookmaker")) if isinstance(row, dict) else None
        if book is None:
            out.append(Notice(code="unreadable", text=f"a source that cannot be read: {fields.brief(row)}"))
            continue
        out.append(
            Health(
                source=book,
                status=status,
                sport=sport_of(league),
                league=league,
                silent_s=fields.number(row.get("age_s")),
                events=fields.number(row.get("rows_60s")),
                window_s=_HOT_WINDOW,
                latest=fields.unix(row.get("latest_ms")),
                ts=fields.unix(body.get("timestamp")),
            )
        )
    return out
