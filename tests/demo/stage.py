"""Wires without sockets: a hand-turned clock, sessions, and the payloads of their frames."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from oddstail.demo.contract import Ask, Frame, Knobs, Price, Reply, Session, Shut, Stage, Told, Wire
from oddstail.demo.market import Market


class Theatre:
    """A wire, or several beside it, and one clock for them and the market."""

    def __init__(
        self,
        make: Callable[[Stage], Wire],
        *,
        seed: int = 7,
        rate: float = 20.0,
        pace: float = 4.0,
        knobs: Knobs | None = None,
        sports: Sequence[str] | None = None,
        market: Market | None = None,
    ) -> None:
        self.seconds = 1000.0
        self.market = market or Market(seed, rate=rate, pace=pace, sports=sports)
        self._stage = Stage(market=self.market, knobs=knobs or Knobs(), clock=lambda: self.seconds)
        self.wires: list[Wire] = []
        self.wire = self.add(make)

    def add(self, make: Callable[[Stage], Wire]) -> Wire:
        """One more wire on the same market: the market's share of the time is spent once."""
        self.wires.append(make(self._stage))
        return self.wires[-1]

    def open(self, ask: Ask, wire: Wire | None = None) -> Seat:
        session = (wire or self.wire).accept(ask)
        assert not isinstance(session, Reply | Shut), session
        return Seat(session)

    def run(self, seconds: float, *seats: Seat, step: float = 0.25) -> None:
        for _ in range(round(seconds / step)):
            self.seconds += step
            changes = self.market.advance(step)
            for wire in self.wires:
                wire.turn(changes)
            for seat in seats:
                seat.take(seat.session.turn())


@functools.cache
def still(*sports: str) -> Market:
    """A market whose time nobody lets pass: many theatres may look at it."""
    return Market(7, rate=20.0, sports=sports)


class Seat:
    """A client's place: everything it was sent, and what that told it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.frames: list[Frame] = []
        self.told: dict[Told, Price | None] = {}
        self.take(session.greet())

    def take(self, frames: list[Frame]) -> None:
        for frame in frames:
            self.frames.append(frame)
            frame.tell.apply(self.told)

    def say(self, message: object) -> list[Frame]:
        frames = self.session.hear(orjson.dumps(message).decode())
        self.take(frames)
        return frames

    def messages(self) -> Iterator[dict[str, Any]]:
        """The JSON objects of WebSocket frames, arrays taken apart."""
        for frame in self.frames:
            if frame.body:
                found = orjson.loads(frame.body)
                yield from found if isinstance(found, list) else [found]

    def events(self) -> Iterator[dict[str, str]]:
        """The fields of SSE events, in wire order."""
        for frame in self.frames:
            lines = frame.body.decode().removesuffix("\n\n").split("\n")
            yield dict(line.split(": ", 1) for line in lines)

    def payloads(self) -> Iterator[dict[str, Any]]:
        """The JSON of SSE data lines that hold JSON."""
        for event in self.events():
            if event["data"].startswith("{"):
                yield orjson.loads(event["data"])


def shape(value: object) -> object:
    """Key sets and JSON types, all the way down; a number is a number."""
    match value:
        case dict():
            return {key: shape(inner) for key, inner in value.items()}
        case list():
            return [shape(value[0])] if value else []
        case bool() | None | str():
            return type(value).__name__
        case int() | float():
            return "number"
    raise AssertionError(value)


def ask(url: str, *, websocket: bool = False, headers: dict[str, str] | None = None) -> Ask:
    path, _, query = url.partition("?")
    pairs = tuple(tuple(part.split("=", 1)) for part in query.split("&") if part)
    return Ask(method="GET", path=path, query=pairs, headers=headers or {}, websocket=websocket)  # type: ignore[arg-type]
