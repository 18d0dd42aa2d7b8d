"""ParlayAPI's server: routes, keys, caps. Knows only this vendor's wire."""

from __future__ import annotations

import re
from collections.abc import Sequence

from oddstail.demo.contract import KEY, Ask, Reply, Session, Shut, Stage, Turnstile
from oddstail.demo.events import Change
from oddstail.demo.rest.parlay import ParlayPages
from oddstail.demo.wires import parlay_rows as shapes
from oddstail.demo.wires.parlay_checks import capped, key_of, refusal, tier_gate, unfit
from oddstail.demo.wires.parlay_drops import DropStream
from oddstail.demo.wires.parlay_odds import OddsStream
from oddstail.demo.wires.parlay_plays import PlayStream, SandboxStream, Sources

# "hot" is the same feed by another name [seed, docs S]; bare /ws/ is an alias of /v1/ws/ [docs W].
_SSE = re.compile(r"/v1/sse/(?:odds|hot)/(?P<key>[^/]+)")
_WS = re.compile(r"(?:/v1)?/ws/(?P<kind>odds|live)/(?P<key>[^/]+)")
_DROPS = re.compile(r"/v1/odds-drop/(?P<key>[^/]+)")
_PLAYS = re.compile(r"/v1/sports/(?P<key>[^/]+)/live/sse")
_SANDBOX = re.compile(r"/v1/sandbox/sports/(?P<key>[^/]+)/live/sse")
# Credits that opening a play-by-play stream costs [docs O].
_PLAYS_COST = 5

_Stream = OddsStream | DropStream | PlayStream | SandboxStream


class ParlayApi:
    """Odds over SSE and WebSocket, line-move alerts, play-by-play, and the pages."""

    provider = "parlayapi"
    deflates = False

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        # SSE and WebSocket count together [seed].
        self._open: list[_Stream] = []
        self._generation = 0
        self.credits = stage.knobs.credits
        self._sources = Sources(stage)
        self._pages = ParlayPages(stage, self._sources, self._charge, lambda: self.credits)
        self._sandbox = Turnstile(stage.clock, 60, 60.0)

    def turn(self, changes: Sequence[Change]) -> None:
        self._sources.turn(changes)
        for stream in self._open:
            stream.notice(changes)

    def left(self, session: Session) -> None:
        self._open = [stream for stream in self._open if stream is not session]

    def calm(self) -> bool:
        return not any(stream.pending for stream in self._open)

    def refuse_key(self, ask: Ask) -> Reply | Shut:
        """Sockets are accepted and closed with a code, 4003 or 1008; the rest is a 401 [docs A, F, T]."""
        if key_of(ask) is None:
            missing = "Missing apiKey query param, X-API-Key header or Bearer token"
            return Shut(code=4003, reason="Missing apiKey") if ask.websocket else _missing(missing)
        if ask.websocket:
            return Shut(code=1008, reason="Invalid API key")
        return refusal("INVALID_KEY", "Invalid API key", 401)

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        if not ask.websocket and self._pages.has(ask.path):
            known = self._pages.keyless(ask.path) or key_of(ask) == KEY
            return self._pages.answer(ask) if known else self.refuse_key(ask)
        pattern = (_WS,) if ask.websocket else (_SSE, _DROPS, _PLAYS, _SANDBOX)
        found = next((match for one in pattern if (match := one.fullmatch(ask.path))), None)
        if found is None or not _known(found["key"], found.re):
            return refusal("NOT_FOUND", "Not found", 404)
        if found.re is _SANDBOX:
            # Keyless, sixty requests a minute [docs O].
            return self._kept(SandboxStream(self.stage, ask, found["key"])) if self._sandbox.passes() else capped()
        if key_of(ask) != KEY:
            return self.refuse_key(ask)
        gate = tier_gate(ask, self.stage.knobs.tier, plays=found.re is _PLAYS)
        if gate is not None:
            return gate
        bad = unfit(ask)
        if bad is not None:
            return bad
        if len(self._open) >= self.stage.knobs.cap:
            # Connections that are open already survive [seed].
            return Shut(code=4002, reason="Concurrent connection cap reached") if ask.websocket else capped()
        if found.re is _PLAYS and not self._charge(_PLAYS_COST):
            return refusal("CREDIT_LIMIT", "credit_limit_exceeded", 403)
        return self._kept(self._stream(ask, found))

    def _kept(self, stream: _Stream) -> _Stream:
        self._open.append(stream)
        return stream

    def _charge(self, cost: int) -> bool:
        if cost > self.credits:
            return False
        self.credits -= cost
        return True

    def _stream(self, ask: Ask, found: re.Match[str]) -> _Stream:
        key = found["key"]
        if found.re is _DROPS:
            sports = ask.listed("sports") or [key]
            return DropStream(self.stage, ask, sports, many=key in ("all", "multi") or len(sports) > 1)
        if found.re is _PLAYS:
            return PlayStream(self.stage, self._sources, ask, key)
        self._generation += 1
        live = found.re is _WS and found["kind"] == "live"
        return OddsStream(self.stage, ask, key, self._generation - 1, live=live)


def _missing(message: str) -> Reply:
    return refusal("MISSING_KEY", message, 401)


def _known(key: str, route: re.Pattern[str]) -> bool:
    """An unknown sport's status on a stream is not documented: 404 here (7.3)."""
    return key in shapes.SPORTS or (route is _DROPS and key in ("all", "multi"))
