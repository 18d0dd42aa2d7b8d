"""ParlayAPI's play-by-play: who reports a play, in which of the two shapes, and how the sources fare (5.9, 8.2).

docs/wire/parlayapi.md, 1, 5.9 and 8.2. Two sources report most plays, under one id: the primary, and a slower
secondary. Now and then one of them falls silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from oddstail.demo.contract import Ask, Frame, Stage, Tell, sse
from oddstail.demo.events import Change, Fixture, Happened, Played
from oddstail.demo.wires import parlay_rows as shapes
from oddstail.demo.wires.parlay_frames import encode

# These come in the shape of the AsyncAPI document, the others in the seed's; tennis with `state` as a text.
_STATES, _TEXTS = ("soccer_epl", "tennis_atp"), ("tennis_atp",)
# Seconds of market time in which the sources take turns: in one of eight the primary is silent, in one the other.
_SPELL, _TURNS, _PRIMARY_OUT, _SECONDARY_OUT = 90, 8, 5, 3
_MADE = {1: "made_ft", 2: "made_2", 3: "made_3"}
_STATUS = {"unplayed": "pending", "live": "in_progress", "half": "halftime", "completed": "final"}
_FIVE_MINUTES = 300.0


class Report(NamedTuple):
    """One source's word about one play, the first one or another's after it."""

    play: Played
    role: str
    captured: datetime
    first: bool = True

    @property
    def key(self) -> str:
        """The sport's key."""
        return shapes.KEYS[self.play.fixture.sport]

    @property
    def source(self) -> str:
        """`nba_live`, `nba_backup`."""
        return f"{self.key.rsplit('_', 1)[-1]}_{'live' if self.role == 'primary' else 'backup'}"


class Sources:
    """Every play as it is reported; `fresh` are the reports of this turn, in the order of their arrival."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._market = stage, stage.market
        self._began = stage.market.now
        self.fresh: list[Report] = []
        self._late: list[tuple[float, Report]] = []
        self._captured: dict[tuple[str, str], deque[datetime]] = {}

    def turn(self, changes: Sequence[Change]) -> None:
        """Take in the plays of a slice of market time."""
        now = self._stage.clock()
        due = [report for at, report in self._late if at <= now or self._market.frozen]
        self._late = [(at, report) for at, report in self._late if at > now and not self._market.frozen]
        self.fresh = due
        for play in (one for one in changes if isinstance(one, Played)):
            self._reported(play, now)
        for report in self.fresh:
            self._captured.setdefault((report.key, report.role), deque(maxlen=2000)).append(report.captured)

    def calm(self) -> bool:
        """Nothing is on its way."""
        return not self.fresh and not self._late

    def _reported(self, play: Played, now: float) -> None:
        spell = int((play.at - self._began).total_seconds()) // _SPELL % _TURNS if self._stage.knobs.anomalies else 0
        first = Report(play, "primary", self._market.now)
        second = Report(play, "secondary", self._market.now)
        if spell == _PRIMARY_OUT:
            self.fresh.append(second)
            return
        if spell == _SECONDARY_OUT:
            self.fresh.append(first)
            return
        # The quicker is not always the primary.
        quick, slow = (second, first) if play.number % 5 == 0 else (first, second)
        self.fresh.append(quick)
        self._late.append((now + 0.4, slow._replace(first=False)))

    def health(self, key: str) -> list[dict[str, Any]]:
        """Rows of `/live/source-health` (8.2) [seed]; a source that has reported nothing yet has no row."""
        found = []
        for role in ("primary", "secondary"):
            times = self._captured.get((key, role))
            if times:
                ago = [(self._market.now - at).total_seconds() for at in times]
                found.append(
                    {
                        "sport_key": key,
                        "source": f"{key.rsplit('_', 1)[-1]}_{'live' if role == 'primary' else 'backup'}",
                        "role": role,
                        "events_last_5min": sum(one <= _FIVE_MINUTES for one in ago),
                        "seconds_since_last_event": round(ago[-1], 1),
                        "latest_capture_ms": _ms(times[-1]),
                    }
                )
        return found


class PlayStream:
    """`/v1/sports/{k}/live/sse`: `event: pbp_event`, no `type`, scores as text [seed]; or A's `live_state`."""

    subprotocol: str | None = None

    def __init__(self, stage: Stage, sources: Sources, ask: Ask, sport_key: str) -> None:
        self._stage, self._sources, self._ask, self._key = stage, sources, ask, sport_key
        self._states = sport_key in _STATES
        self._pulse = stage.bell(5.0)
        self._fresh: list[Frame] = []

    def greet(self) -> list[Frame]:
        """Nothing in the seed's shape; A lists `connected` and `initial_state` for the other."""
        if not self._states:
            return []
        games = [one for one in self._live() if self._wants(one)]
        live = [live_state(one, None, self._now()) for one in games]
        tell = Tell(scores={one.number: one.score for one in games})
        hello = {"type": "connected", "sport_key": self._key, "timestamp": self._now() // 1000}
        board = {"type": "initial_state", "sport_key": self._key, "timestamp": self._now() // 1000}
        return [
            encode(hello, websocket=False, data=False),
            encode({**board, "count": len(live), "data": live}, websocket=False, tell=tell),
        ]

    def hear(self, message: str) -> list[Frame]:
        return []

    @property
    def pending(self) -> bool:
        """Plays were noticed that no frame has told yet."""
        return bool(self._fresh) or not self._sources.calm()

    def notice(self, changes: Sequence[Change]) -> None:
        """Keep what this client asked for; the shape with a type tells changes of status as well."""
        for report in self._sources.fresh:
            if report.key == self._key and self._wants(report.play.fixture):
                self._fresh += self._told(report)
        if self._states:
            for change in changes:
                if isinstance(change, Happened) and change.what == "status" and self._wants(change.fixture):
                    self._fresh.append(self._state(change.fixture, None))

    def turn(self) -> list[Frame]:
        frames, self._fresh = self._fresh, []
        if self._pulse.rings():
            beat = {"type": "heartbeat", "timestamp": self._now() // 1000}
            frames.append(encode(beat, websocket=False, data=False))
        return frames

    def _live(self) -> list[Fixture]:
        return [one for one in self._stage.market.fixtures(shapes.SPORTS[self._key]) if one.live]

    def _wants(self, fixture: Fixture) -> bool:
        asked = self._ask.one("match_id")
        return shapes.KEYS[fixture.sport] == self._key and asked in (None, "*", fixture.number)

    def _now(self) -> int:
        return _ms(self._stage.market.now)

    def _told(self, report: Report) -> list[Frame]:
        if self._states:
            # This shape has no id and no source: a play is told once, and no score after a later one.
            return [self._state(report.play.fixture, report.play.text)] if report.first else []
        event = pbp_event(report)
        tell = Tell(news={str(event["id"]): report.play.fixture.score})
        frame = Frame(body=sse([("event", "pbp_event"), ("data", orjson.dumps(event))]), tell=tell)
        # Every seventh comes twice, id and all.
        return [frame, frame] if report.play.number % 7 == 0 else [frame]

    def _state(self, fixture: Fixture, last_play: str | None) -> Frame:
        found = live_state(fixture, last_play, self._now())
        if self._key in _TEXTS:
            found["state"] = orjson.dumps(found["state"]).decode()
        return encode(found, websocket=False, tell=Tell(scores={fixture.number: fixture.score}))


class SandboxStream:
    """`/v1/sandbox/...`: keyless, a synthetic change every three seconds, thirty of them, then the end (#9)."""

    subprotocol: str | None = None

    def __init__(self, stage: Stage, ask: Ask, sport_key: str) -> None:
        self._stage, self._key = stage, sport_key
        self._bell = stage.bell(3.0)
        self._said, self._home, self._away = 0, 0, 0

    pending = False

    def greet(self) -> list[Frame]:
        return []

    def hear(self, message: str) -> list[Frame]:
        return []

    def notice(self, changes: Sequence[Change]) -> None:
        """The market has no part in it."""

    def turn(self) -> list[Frame]:
        if not self._bell.rings():
            return []
        self._said += 1
        if self._said % 3:
            self._home += self._said % 2 + 1
        else:
            self._away += 2
        now = _ms(self._stage.market.now)
        body = {
            "id": self._said,
            "match_id": "sandbox-1",
            "sport_key": self._key,
            "source": "sandbox",
            "role": "primary",
            "event_type": "synthetic",
            "team_or_player_a": "Sandbox Home",
            "team_or_player_b": "Sandbox Away",
            "score_a": str(self._home),
            "score_b": str(self._away),
            "description": f"Synthetic event {self._said} of {_SANDBOX}",
            "state": {"period": 1, "clock": "PT12:00"},
            "occurred_at_ms": now,
            "captured_at_ms": now,
        }
        ends = (1000, "") if self._said >= _SANDBOX else None
        return [Frame(body=sse([("event", "pbp_event"), ("data", orjson.dumps(body))]), close=ends)]


_SANDBOX = 30


def pbp_event(report: Report) -> dict[str, Any]:
    """The seed's shape: scores as text, a clock with PT, both times in milliseconds (5.9) [seed]."""
    play = report.play
    fixture = play.fixture
    made = _MADE.get(play.points) if fixture.sport == "basketball" and play.kind == "score" else None
    return {
        "id": 10_000 + play.number,
        "match_id": fixture.number,
        "sport_key": report.key,
        "source": report.source,
        "role": report.role,
        "event_type": made or play.kind,
        "team_or_player_a": fixture.home,
        "team_or_player_b": fixture.away,
        "score_a": str(fixture.score[0]),
        "score_b": str(fixture.score[1]),
        "description": play.text,
        "state": {"period": fixture.period, "clock": f"PT{fixture.clock // 60}:{fixture.clock % 60:02d}"},
        "occurred_at_ms": _ms(play.at),
        "captured_at_ms": _ms(report.captured),
    }


def live_state(fixture: Fixture, last_play: str | None, now_ms: int) -> dict[str, Any]:
    """The AsyncAPI document's shape: a `type`, scores as numbers (5.9) [docs A]."""
    return {
        "type": "live_state",
        "sport_key": shapes.KEYS[fixture.sport],
        "timestamp": now_ms,
        "match_id": fixture.number,
        "home_team": fixture.home,
        "away_team": fixture.away,
        "score_a": fixture.score[0] if fixture.period else None,
        "score_b": fixture.score[1] if fixture.period else None,
        "state": {
            "period": fixture.period or None,
            "clock": f"{fixture.clock // 60}:{fixture.clock % 60:02d}",
            "status": _STATUS[fixture.status],
            "league_id": None,
            "raw_periods": [list(scores) for scores in fixture.periods] or None,
        },
        "last_play": last_play,
    }


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
