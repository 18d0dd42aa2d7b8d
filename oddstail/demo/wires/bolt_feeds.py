"""BoltOdds' two other sockets: play-by-play and live scores, game by game (docs/wire/boltodds.md, A8, A11, A12).

Almost all of it is [obs]: other people's captures. Nothing is replayed, nothing is sent on subscribing but an
acknowledgement of each game, and only live games have anything to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from oddstail.demo.contract import NOTHING, Bell, Frame, Stage, Tell
from oddstail.demo.events import Change, Fixture, Happened, Played
from oddstail.demo.wires import bolt_scores as scores
from oddstail.demo.wires import bolt_shapes as shapes

_TOO_SOON = "Re-subscription rate limit hit. Please wait 5 seconds before re-subscribing."
_CLOSED = b'{"error":"Play-by-Play connection closed. Please connect again. Code 6."}'
# The family of the backend: 4 is the NBA's, 1 to 4 are of US sports [obs].
_STREAMS = {"football": 1, "baseball": 2, "hockey": 3, "basketball": 4, "soccer": 5}
_TYPES = {
    "score": "goal",
    "miss": "attempt_missed",
    "turnover": "turnover_basket",
    "steal": "steal_basket",
    "period_start": "periodstart",
    "period_end": "periodend",
}
# How a server of plays ends a connection, in how many spells between two clears.
_ENDS = 4


class GameFeed:
    """What both sockets do alike: an ack, games to subscribe to, pings. `closing` ends it now and then."""

    subprotocol: str | None = None
    feed = ""
    what = ""
    covers: frozenset[str] = frozenset()

    def __init__(self, stage: Stage, label: Callable[[Fixture], str], *, docs: bool) -> None:
        self._stage, self._label = stage, label
        # The docs say `connection_ack`, captures have `socket_connected` (A11): a client must take both.
        self._ack = "connection_ack" if docs else "socket_connected"
        self._ping = stage.bell(15.0)
        self._end = Bell(stage.clock, stage.knobs.clear_every * _ENDS)
        self._games: set[str] | None = None
        self._subscribed_at: float | None = None
        self._fresh: list[Frame] = []

    def greet(self) -> list[Frame]:
        return [say({"action": self._ack, "plan": "Pro", "feed": self.feed}, data=False)]

    @property
    def pending(self) -> bool:
        """Something was noticed that no frame has told yet."""
        return bool(self._fresh)

    def hear(self, message: str) -> list[Frame]:
        try:
            asked = orjson.loads(message)
        except orjson.JSONDecodeError:
            return [say({"action": "error", "message": "Invalid JSON"}, data=False)]
        if not isinstance(asked, dict) or asked.get("action") != "subscribe":
            return []
        now, again = self._stage.clock(), self._subscribed_at is not None
        if self._subscribed_at is not None and now - self._subscribed_at < self._stage.knobs.resubscribe:
            return [say({"action": "error", "message": _TOO_SOON}, data=False)]
        self._subscribed_at = now
        filters = asked.get("filters")
        games = filters.get("games") if isinstance(filters, dict) else None
        self._games = {str(one) for one in games} if isinstance(games, list) else None
        updated = {"action": "subscription_updated", "message": "Subscription updated to new filters"}
        return [say(updated, data=False)] * again + self._acknowledged()

    def _acknowledged(self) -> list[Frame]:
        """One answer for each game: connected, unknown (code 1), or not supported and without an `action`."""
        known = {self._label(one): one for one in self._stage.market.fixtures()}
        frames = []
        for label in sorted(self._games if self._games is not None else known):
            fixture = known.get(label)
            if fixture is None:
                text = f"Cannot subscribe to {self.what} for {label}. Code 1"
                frames.append(say({"action": "error", "message": text}, data=False))
            elif fixture.sport in self.covers:
                frames.append(say(self._connected(fixture), data=False))
            elif self._games is not None:
                frames.append(say({"error": f"{label} is not supported on {self.what}."}, data=False))
        return frames

    def _connected(self, fixture: Fixture) -> dict[str, Any]:
        return {
            "stream": _STREAMS[fixture.sport],
            "action": "connected",
            "event": self._label(fixture),
            "universal_id": shapes.universal(fixture),
        }

    def notice(self, changes: Sequence[Change]) -> None:
        """Keep what the subscribed games did."""
        for change in changes:
            match change:
                case Played(fixture=fixture) | Happened(what="status", fixture=fixture):
                    if self._subscribed_at is not None and self._wants(fixture):
                        self._fresh += self.told(change)
                case _:
                    pass

    def _wants(self, fixture: Fixture) -> bool:
        covered = fixture.sport in self.covers
        return covered and (self._games is None or self._label(fixture) in self._games)

    def told(self, change: Played | Happened) -> list[Frame]:
        """The frames of one change."""
        raise NotImplementedError

    def turn(self) -> list[Frame]:
        frames, self._fresh = self._fresh, []
        if self._ping.rings():
            frames.append(Frame(body=b'{"action":"ping"}', data=False))
        if self._stage.knobs.anomalies and not self._stage.market.frozen and self._end.rings():
            frames.append(Frame(body=_CLOSED, data=False, close=(1000, "")))
        return frames


class PlayFeed(GameFeed):
    """`/api/playbyplay`: a `new_play` for each play; its label is under `event` (A11) [obs]."""

    feed, what = "playbyplay", "play-by-play"
    covers = frozenset(_STREAMS)

    def told(self, change: Played | Happened) -> list[Frame]:
        if not isinstance(change, Played):
            return []
        fixture = change.fixture
        body: dict[str, Any] = {
            "stream": _STREAMS[fixture.sport],
            "action": "new_play",
            "event": self._label(fixture),
            "universal_id": fixture.id.lower(),
            "home": fixture.home,
            "away": fixture.away,
            "league": shapes.SPORTS[fixture.sport],
            "state": "new_play",
            "play_info": play_info(change),
            "score": {"home": fixture.score[0], "away": fixture.score[1]},
        }
        # Nothing on this wire tells one play from another but all its words.
        words = "|".join((body["universal_id"], change.text, f"{fixture.score[0]}-{fixture.score[1]}"))
        return [say(body, tell=Tell(news={words: fixture.score}))]


class ScoreFeed(GameFeed):
    """`/api/livescores`: a `match_update` whenever a game's state changes; its label is under `game` (A12) [obs]."""

    feed, what = "livescores", "live scores"
    covers = frozenset(scores.COVERED)

    def __init__(self, stage: Stage, label: Callable[[Fixture], str], tally: scores.Tally, *, docs: bool) -> None:
        super().__init__(stage, label, docs=docs)
        self._tally = tally

    def told(self, change: Played | Happened) -> list[Frame]:
        label, fixture = self._label(change.fixture), change.fixture
        return [
            say(
                scores.match_update(label, fixture, self._tally),
                tell=Tell(scores={shapes.universal(fixture): fixture.score}),
            )
        ]


def play_info(play: Played) -> object:
    """An array for some sports, an object for others (A11) [obs]."""
    if play.fixture.sport in ("baseball", "hockey"):
        return {"title": play.text}
    side = None if play.side is None else play.side
    info: dict[str, Any] = {
        "type": _TYPES.get(play.kind, play.kind),
        "team": side,
        "points": play.points,
        # -1 is "not known".
        "seconds": play.fixture.clock if play.number % 6 else -1,
        "name": play.text,
        "period": play.fixture.period,
    }
    if play.player is not None:
        info["player"] = {"name": play.player}
    return [info]


def say(body: object, *, data: bool = True, tell: Tell = NOTHING) -> Frame:
    """One JSON message."""
    return Frame(body=orjson.dumps(body), data=data, tell=tell)
