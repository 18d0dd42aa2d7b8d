"""ParlayAPI's odds stream, the same frames over SSE and WebSocket: snapshot, updates, diffs, heartbeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from oddstail.demo.contract import Ask, Bell, Forget, Frame, Price, Stage, Tell, Told
from oddstail.demo.events import Change, Fixture, Happened, Priced
from oddstail.demo.wires import parlay_frames as bodies
from oddstail.demo.wires import parlay_rows as shapes
from oddstail.demo.wires.parlay_checks import number, subprotocol_of
from oddstail.demo.wires.parlay_frames import encode
from oddstail.demo.wires.parlay_rows import Row, RowKey

# Seconds between pushes by tier [docs A].
_INTERVALS = {"business": 1.0, "enterprise": 0.5, "scale": 0.0}
# `since` reaches back so far; older gets the full snapshot (section 6) [docs A].
_LOOKBACK_MS = 60 * 60 * 1000
_KINDS = {"prop": "prop", "props": "prop", "game": "game", "live": "game"}


class OddsStream:
    """One odds connection. On the live route (`live`) only games in play have rows."""

    def __init__(self, stage: Stage, ask: Ask, sport_key: str, generation: int, *, live: bool) -> None:
        self._stage, self._ask, self._key, self._live = stage, ask, sport_key, live
        self.subprotocol = subprotocol_of(ask)
        self._sport = shapes.SPORTS.get(sport_key, "")
        self._event = ask.one("event_id")
        self._books, self._markets = ask.listed("bookmakers"), ask.listed("markets")
        self._kinds = [_KINDS.get(kind, kind) for kind in ask.listed("kinds")]
        self._diff = bool(ask.flag("diff"))
        knobs = stage.knobs
        interval = knobs.push_interval
        self._interval = _INTERVALS.get(knobs.tier, 1.0) if interval is None else interval
        self._window = Bell(stage.clock, self._interval)
        # SSE: every heartbeat_s. WebSocket: after 30 s of nothing else (5.6) [docs A].
        self._pulse = stage.bell(30.0 if ask.websocket else number(ask, "heartbeat_s"))
        self._ping = Bell(stage.clock, 20.0)
        # Arbitrage is flagged on the live route alone; what its items hold is not known (5.11) [docs O].
        self._arb = Bell(stage.clock, 20.0)
        self._dirty: dict[RowKey, None] = {}
        self._ticks = 0
        self._said: dict[RowKey, Row] = {}
        self._updates = 0
        # Now and then a book is not fully covered: said once to a connection (5.10).
        self._degraded = knobs.anomalies and generation % 3 == 2

    def greet(self) -> list[Frame]:
        frames = [self._connected(), self._snapshot()]
        if not self._ask.websocket:
            now = self._stage.market.now
            said = [(key.book, row.fields["last_update"]) for key, row in self._said.items()]
            frames.append(self._encode(bodies.hot_feed_status(self._key, now, self._books, said), data=False))
        return frames

    def hear(self, message: str) -> list[Frame]:
        """One event filter at a time, for later updates only (5.7). Bad commands: no known reply, so none."""
        try:
            asked = orjson.loads(message)
        except orjson.JSONDecodeError:
            return []
        match asked:
            case {"type": "subscribe", "event_id": str(event)}:
                self._event = event
                body = {"type": "subscribed", "event_id": event, "timestamp": self._seconds()}
                return [self._encode(body, data=False)]
            case {"type": "unsubscribe"}:
                self._event = None
                return [self._encode({"type": "unsubscribed", "timestamp": self._seconds()}, data=False)]
        return []

    def notice(self, changes: Sequence[Change]) -> None:
        """Remember which rows have changed; they are read when the window closes."""
        before = len(self._dirty)
        for change in changes:
            match change:
                case Priced(quote=quote):
                    self._dirty.update(dict.fromkeys(sorted(shapes.row_keys(quote), key=str)))
                case Happened(what="status" | "removed", fixture=fixture) if self._live or fixture.over:
                    # Into or out of play: on the live route rows come and go with it.
                    self._dirty.update(dict.fromkeys(key for key in self._said if key.fixture == fixture.id))
        self._ticks += len(self._dirty) > before

    @property
    def pending(self) -> bool:
        """Rows have changed that no frame has told yet."""
        return bool(self._dirty)

    def turn(self) -> list[Frame]:
        frames: list[Frame] = []
        if self._dirty and (self._interval == 0 or self._window.rings()):
            frames += self._update()
        if self._degraded and self._updates >= 2:
            self._degraded = False
            frames.append(self._encode(bodies.stream_status(self._key, self._books), data=False))
        if self._live and self._stage.knobs.anomalies and self._arb.rings():
            frames.append(self._encode({"type": "arb_flagged", "data": []}, data=False))
        if frames and self._ask.websocket:
            self._pulse.reset()
        if self._pulse.rings():
            frames.append(self._encode(bodies.heartbeat(self._key, self._stage.market.now), data=False))
        if self._ask.websocket and self._ping.rings():
            frames.append(Frame(ping=True, data=False))
        return frames

    # -- frames ----------------------------------------------------------------------------------------------

    def _encode(self, body: dict[str, Any], *, data: bool = True, tell: Tell | None = None) -> Frame:
        return encode(body, websocket=self._ask.websocket, data=data, tell=tell)

    def _seconds(self) -> int:
        return int(self._stage.market.now.timestamp())

    def _connected(self) -> Frame:
        since = self._ask.one("since")
        body = {
            "type": "connected",
            "sport_key": self._key,
            "tier": self._stage.knobs.tier,
            "min_push_interval_s": self._interval,
            "push_mode": "coalesced" if self._interval else "raw",
            "diff_mode": self._diff,
            "filters": {
                "event_id": self._event,
                "bookmakers": self._books or None,
                "markets": self._markets or None,
                "kinds": self._kinds or None,
                "since": int(since) if since else None,
            },
            "timestamp": self._seconds(),
        }
        return self._encode(body, data=False)

    def _snapshot(self) -> Frame:
        now = int(self._stage.market.now.timestamp() * 1000)
        since = int(self._ask.one("since") or 0)
        resumed = bool(since) and now - since <= _LOOKBACK_MS
        oldest = now - number(self._ask, "max_age_s") * 1000
        fits = {key: row for key, row in self._all() if row.fields["last_update"] >= oldest}
        if resumed:
            # Pinnacle always comes fresh and whole [docs A].
            fits = {
                key: row for key, row in fits.items() if key.book == "pinnacle" or row.fields["last_update"] > since
            }
        limit = number(self._ask, "limit")
        newest = sorted(fits, key=lambda key: -fits[key].fields["last_update"])[:limit]
        truncated = len(fits) > limit or (bool(since) and not resumed)
        self._said.update({key: fits[key] for key in newest})
        body = {
            "type": "initial_state",
            "sport_key": self._key,
            "timestamp": self._seconds(),
            "count": len(newest),
            "data": [fits[key].fields for key in newest],
            "truncated": truncated,
            "snapshot_complete": not truncated and not resumed,
        }
        if resumed:
            body["since"] = since
        put = {key: price for one in newest for key, price in fits[one].tells.items()}
        return self._encode(body, tell=Tell(put=put, forget=() if resumed else (Forget(),)))

    def _all(self) -> Iterable[tuple[RowKey, Row]]:
        for fixture in self._stage.market.fixtures(self._sport or "-"):
            if self._wants_game(fixture):
                for key, row in shapes.rows(self._stage.market, fixture).items():
                    if self._wants(key):
                        yield key, row

    def _update(self) -> list[Frame]:
        dirty, self._dirty = list(self._dirty), {}
        ticks, self._ticks = self._ticks, 0
        gone: list[dict[str, Any]] = []
        here: list[dict[str, Any]] = []
        put: dict[Told, Price | None] = {}
        now: dict[str, dict[RowKey, Row]] = {}
        for key in dirty:
            fixture = self._stage.market.fixture(key.fixture)
            if fixture is None or fixture.sport != self._sport or not self._wants(key):
                continue
            if self._event not in (None, shapes.event_id(fixture)):
                continue
            if key.fixture not in now:
                now[key.fixture] = shapes.rows(self._stage.market, fixture)
            row = now[key.fixture].get(key) if self._wants_game(fixture) else None
            before = self._said.pop(key, None)
            if before is not None:
                put.update(dict.fromkeys(before.tells))
            if row is not None:
                put.update(row.tells)
                self._said[key] = row
                here.append(self._upsert(before, row))
            elif before is not None:
                gone.append(self._remove(fixture, key))
        data = gone + here
        if not data:
            return []
        self._updates += 1
        body = {
            "type": "odds_update",
            "sport_key": self._key,
            "timestamp": self._seconds(),
            "count": len(data),
            "coalesced": ticks > 1,
            # Removals first: a prop's old line goes before its new one comes.
            "data": data,
        }
        return [self._encode(body, tell=Tell(put=put))]

    def _upsert(self, before: Row | None, row: Row) -> dict[str, Any]:
        fields = dict(row.fields)
        if before is not None and before.fields.get("available") is False and "available" not in fields:
            fields["available"] = True
        if not self._diff or before is None:
            return fields
        return shapes.diff(before.fields, fields)

    def _remove(self, fixture: Fixture, key: RowKey) -> dict[str, Any]:
        """`action: remove` [docs A]; the reason, where one is given, is the only one attested."""
        fields = {
            **shapes.identity(fixture, key),
            "last_update": int(self._stage.market.now.timestamp() * 1000),
        }
        if key.market:
            fields["market_key"] = key.market
        if key.prop:
            fields["player"] = key.player
        if key.line is not None:
            fields["line"] = key.line
        if key.outcome:
            fields["outcome"] = {"home": fixture.home, "away": fixture.away}.get(key.outcome, "Draw")
        fields["action"] = "remove"
        if not fixture.over and not key.prop:
            fields["removal_reason"] = "fixture_unresolved"
        return fields

    # -- filters ---------------------------------------------------------------------------------------------

    def _wants_game(self, fixture: Fixture) -> bool:
        return (fixture.live or not self._live) and self._ask.one("event_id") in (
            None,
            shapes.event_id(fixture),
        )

    def _wants(self, key: RowKey) -> bool:
        kind = "prop" if key.prop else "game"
        return (
            (not self._books or key.book in self._books)
            and (not self._kinds or kind in self._kinds)
            and (not self._markets or any(name in self._markets for name in shapes.markets(key)))
        )
