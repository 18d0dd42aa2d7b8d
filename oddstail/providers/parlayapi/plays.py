"""ParlayAPI's play-by-play, both documented shapes, as plays. Facts: docs/wire/parlayapi.md, 5.9. Pure.

Several sources may report one play, and one may report it again: a play is told once for its id, and
again only if the preferred source, or a correction, says something else.
"""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from oddstail.model import Event, Message, Notice, Play, Request
from oddstail.providers import competitions, fields
from oddstail.providers.parlayapi.rows import sport_of
from oddstail.providers.parlayapi.talk import Talk
from oddstail.wire.loose import loads

#: Plays remembered on one connection, the oldest let go first: an evening of every game there is.
_MOST = 50_000
#: What is the same play said again may still differ in: who had it, and when.
_ESSENCE = ("play", "text", "status", "period", "clock", "score_a", "score_b", "detail")


def played(body: dict[str, Any]) -> str | None:
    """What tells a play from any other, over reconnects too: its id, and what is said of it but for when it was had."""
    name = fields.text(body.get("id"))
    said = fields.rest(body, "captured_at_ms")
    if name is None or said is None or not name.isprintable():
        return None
    return f"{name[:100]} {crc32(said.encode()):08x}"


class Plays:
    """The decoder of one play-by-play stream: it remembers which plays it told, and by whom."""

    def __init__(self, request: Request) -> None:
        self._talk = Talk(request)
        self._league: str | None = request.options.get("league")
        self._told: dict[tuple[str, str], tuple[bool, tuple[Any, ...]]] = {}

    def decode(self, message: Message) -> list[Event]:
        """Plays, or what there is to say about the stream."""
        body = message.body
        match message.name:
            case "pbp_event" | "live_state":
                return self._plays([body])
            case "initial_state" if isinstance(body.get("data"), list):
                return self._plays(body["data"])
            case "initial_state" if "data" in body:
                return [Notice(code="unreadable", text=f"the plays so far cannot be read: {fields.brief(body)}")]
            case "initial_state":
                return []
        return self._talk.said(message)

    def _plays(self, rows: list[Any]) -> list[Event]:
        out: list[Event] = []
        for row in rows:
            try:
                play = _state(row, self._league) if _is_state(row) else _bare(row, self._league)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a play that cannot be read: {fields.brief(row)}"))
                continue
            if self._is_news(play):
                out.append(play)
        return out

    def _is_news(self, play: Play) -> bool:
        if play.id is None:
            return True
        mark = play.game_id, play.id
        primary, essence = play.role == "primary", tuple(getattr(play, name) for name in _ESSENCE)
        before = self._told.get(mark)
        if before is not None and (before[1] == essence or (before[0] and not primary)):
            return False
        self._told[mark] = primary, essence
        if len(self._told) > _MOST:
            del self._told[next(iter(self._told))]
        return True


def _is_state(row: dict[str, Any]) -> bool:
    return row.get("type") == "live_state" or ("home_team" in row and "event_type" not in row)


def _bare(row: dict[str, Any], label: str | None) -> Play:
    """The first shape: one play, without a type. ValueError if it names no match."""
    league = fields.text(row.get("sport_key")) or label
    state = _object(row.get("state"))
    more = _more(row, state, *_BARE)
    return Play(
        game_id=_match(row),
        sport=sport_of(league),
        league=league,
        competition=competitions.of("parlayapi", league),
        source=fields.text(row.get("source")),
        role=fields.text(row.get("role")),
        play=fields.text(row.get("event_type")),
        text=fields.text(row.get("description")),
        status=fields.text(state.get("status")),
        period=fields.text(state.get("period")),
        clock=_clock(state.get("clock")),
        # Which of the two is at home is not documented, so it is not told.
        team_a=fields.text(row.get("team_or_player_a")),
        team_b=fields.text(row.get("team_or_player_b")),
        score_a=fields.number(row.get("score_a")),
        score_b=fields.number(row.get("score_b")),
        detail=_detail(row, {**state, **more}),
        captured=fields.unix(row.get("captured_at_ms")),
        ts=fields.unix(row.get("occurred_at_ms")),
        id=fields.text(row.get("id")),
    )


def _state(row: dict[str, Any], label: str | None) -> Play:
    """The other shape: how the game stands, with the last play if there was one. ValueError if it names no match."""
    league = fields.text(row.get("sport_key")) or label
    state = _object(row.get("state"))
    last = row.get("last_play")
    more = _more(row, state, *_STATE)
    home, away = fields.text(row.get("home_team")), fields.text(row.get("away_team"))
    return Play(
        game_id=_match(row),
        sport=sport_of(league),
        league=league,
        competition=competitions.of("parlayapi", league),
        home=home,
        away=away,
        source=fields.text(row.get("source")),
        role=fields.text(row.get("role")),
        play=fields.text(row.get("event_type")),
        text=fields.text(last) or fields.text(_object(last).get("description")),
        status=fields.text(state.get("status")),
        period=fields.text(state.get("period")),
        clock=_clock(state.get("clock")),
        team_a=home,
        team_b=away,
        score_a=fields.number(row.get("score_a")),
        score_b=fields.number(row.get("score_b")),
        detail=_detail(row, {**state, **more, "last_play": last if isinstance(last, dict | list) else None}),
        ts=fields.unix(row.get("timestamp")),
        id=fields.text(row.get("id")),
    )


def _match(row: dict[str, Any]) -> str:
    match = fields.text(row.get("match_id"))
    if match is None:
        raise ValueError("no match")
    return match


def _object(value: Any) -> dict[str, Any]:
    """`state` is an object; older builds sent it as a string of JSON."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = loads(value.encode("utf-8", "replace"))
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def _clock(value: Any) -> str | None:
    """`PT2:14` is 2:14: the mark of an ISO duration on what is none. `PT02M14.00S`, which is one, is 2:14 too."""
    found = _DURATION.fullmatch(fields.text(value) or "")
    return f"{int(found[1] or 0)}:{int(found[2] or 0):02}" if found and any(found.groups()) else fields.clock(value)


_DURATION = re.compile(r"PT(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")


def _more(row: dict[str, Any], state: dict[str, Any], *known: str) -> dict[str, Any]:
    """Other fields of a play, and a state that cannot be read: for the detail."""
    more = {name: value for name, value in row.items() if name not in known}
    if row.get("state") and not state:
        more["state"] = row["state"]
    # A half of an inning is no clock, and an object no period: they are kept as they are.
    for name, read in (("clock", _clock), ("period", fields.text), ("status", fields.text)):
        if read(state.get(name)) is None:
            more[f"state_{name}"] = state.get(name) or None
    return more


#: The fields of the two shapes that records have, or `_detail`.
_BOTH = ("type", "id", "match_id", "sport_key", "source", "role", "event_type", "score_a", "score_b", "state")
_BARE = (*_BOTH, "description", "team_or_player_a", "team_or_player_b", "occurred_at_ms", "captured_at_ms")
_STATE = (*_BOTH, "home_team", "away_team", "timestamp", "last_play", "captured_at_ms")


def _detail(row: dict[str, Any], state: dict[str, Any]) -> str | None:
    """What has no field: the rest of the state, and a score that is no number (`40`, `A` in tennis)."""
    odd = {name: row.get(name) for name in ("score_a", "score_b") if fields.number(row.get(name)) is None}
    return fields.rest({**state, **odd}, "period", "clock", "status")
