"""A toy provider, scripted links, and a clock that obeys: what the tests of the loop and the ledger share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from oddstail.clock import Clock
from oddstail.model import (
    CREDITS_OUT,
    Event,
    Failure,
    Frame,
    Kind,
    LinkError,
    Message,
    Notice,
    Provider,
    Quote,
    Read,
    Request,
    Selection,
    Send,
    Status,
    Where,
)
from oddstail.price import from_american

#: Frames of one read or a whole one, seconds that pass, or how the link ends.
Step = list[bytes] | Read | float | Failure
#: A step in which nothing happens any more.
HANG: Final = math.inf


@dataclass
class Time:
    """A clock that moves only when it is told to. `jump` is what somebody did to the wall clock, in seconds."""

    now: float = 1000.0
    jump: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(steady=lambda: self.now, wall=self.wall, sleep=self.sleep, jitter=lambda: 1.0)

    def wall(self) -> int:
        return round((self.now + self.jump) * 1_000_000)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@dataclass
class ScriptedLink:
    """One link of a script. It ends as closed by the server where its steps end otherwise."""

    time: Time
    steps: list[Step]
    asked: float = 0.0
    silent: float = math.inf
    sent: list[str] = field(default_factory=list)
    closed: bool = False

    async def __aiter__(self) -> AsyncGenerator[Read, None]:
        for step in self.steps:
            if isinstance(step, Failure):
                raise LinkError(step)
            if isinstance(step, Read):
                yield step._replace(recv=self.time.wall())
            elif isinstance(step, list):
                yield Read(self.time.wall(), [Frame(data) for data in step])
            elif step == HANG:
                await asyncio.Event().wait()
            else:
                self.time.now += step
        raise LinkError(Failure(kind="closed", text="the server ended the stream"))

    async def send(self, text: str) -> None:
        self.sent.append(text)

    async def close(self, *, politely: bool) -> None:
        self.closed = True


class Script:
    """What each connect meets: a failure, or the steps of a link. `retry` is the wait that every stream asks for.

    A failure that stands last is met again and again.
    """

    def __init__(self, time: Time, connects: list[list[Step] | Failure], retry: float = 0.0) -> None:
        self.connects = connects
        self.asked: list[Request] = []
        self.links: list[ScriptedLink] = []
        self._time = time
        self._retry = retry

    async def open(self, request: Request) -> ScriptedLink:
        last = len(self.connects) - 1
        met = self.connects[min(len(self.asked), last) if isinstance(self.connects[last], Failure) else len(self.asked)]
        self.asked.append(request)
        if isinstance(met, Failure):
            raise LinkError(met)
        link = ScriptedLink(self._time, met, self._retry)
        self.links.append(link)
        return link


def request(**given: Any) -> Request:
    """A request of the toy provider."""
    fields: dict[str, Any] = {
        "provider": "toy",
        "feed": "odds",
        "label": "NBA",
        "transport": "sse",
        "url": "https://toy.example/stream",
        "key_in": Where.HEADER,
        "key_name": "X-Api-Key",
    }
    return Request(**{**fields, **given})


def quote(
    key: str,
    american: float | None = -110,
    *,
    status: Status = "open",
    line: float | None = None,
    ts: int | None = None,
    prev: float | None = None,
    prev_line: float | None = None,
    what: Mapping[str, Any] | None = None,
) -> Quote:
    """A quote of DraftKings on game g1, NBA, unless `what` says otherwise."""
    fields = {"league": "NBA", "game_id": "g1", "book": "DraftKings", "market": "Moneyline", "selection": key}
    price = None if american is None else from_american(american)
    return Quote(
        Selection(key=key, **{**fields, **(what or {})}), status, price, line, ts=ts, prev=prev, prev_line=prev_line
    )


def toy_read(frame: Frame) -> list[Message]:
    """The toy wire: `ack`, `beat`, `refused`, `owing`, or an object with a cursor and prices."""
    match frame.data:
        case b"ack":
            return [Message(Kind.ACK, "ack")]
        case b"beat":
            return [Message(Kind.BEAT, "beat")]
        case b"refused":
            return [Message(Kind.REFUSED, "refused", failure=Failure(kind="auth", text="no such key"))]
        case b"owing":
            return [Message(Kind.ERROR, "owing", {"owing": True})]
    body = orjson.loads(frame.data)
    if frame.event:
        return [Message(Kind.TALK, frame.event, {"send": body})]
    return [Message(Kind.DATA, "data", body, body.get("cursor"))]


def _decode(message: Message) -> list[Event]:
    if "boom" in message.body:
        raise RuntimeError("a decoder has bugs too")
    if "owing" in message.body:
        return [Notice(code=CREDITS_OUT, text="not enough credits")]
    if "send" in message.body:
        return [Send(text, 6.0) for text in message.body["send"]]
    return [quote(key, american) for key, american in message.body.get("prices", {}).items()]


def toy(**given: Any) -> Provider:
    """The toy provider, with other facts where given."""
    return Provider(**{"name": "toy", "title": "Toy", "read": toy_read, "decoder": lambda *_: _decode, **given})
