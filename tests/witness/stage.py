"""Runs of the demo that are recorded: the ordinary client in this process, quick to reconnect."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, get_args

from oddstail import providers
from oddstail.capture.tape import Recorder
from oddstail.cli.asks import FEEDS
from oddstail.cli.reach import placed
from oddstail.clock import Clock, Gate, wall
from oddstail.demo.contract import Knobs
from oddstail.demo.faults import Fault
from oddstail.demo.market import Market
from oddstail.demo.server import serve
from oddstail.model import Batch, Lost, Quote, Read, Request
from oddstail.record import Encoder
from oddstail.run.hydrating import Hydrating, Snapshots
from oddstail.session import Session
from oddstail.text import Redactor, Secret
from oddstail.transports import Limits, Link, Target, Transport
from oddstail.transports.http import SSE
from oddstail.transports.rest import Rest
from oddstail.transports.websocket import WebSocket

#: A market that is small and quick: two kinds of moneyline, with a draw and without, and props.
_SPORTS, _RATE = ("basketball", "soccer"), 200.0
_KNOBS = Knobs(
    heartbeat=0.3,
    cycle=0.15,
    push_interval=0.05,
    connects_per_minute=10_000,
    connections=1000,
    clear_every=0.7,
    clear_lasts=0.2,
)


@dataclass(slots=True)
class Run:
    """A recording and the records of the same run, each as lines."""

    recording: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    #: Quotes since a connection was last lost.
    quotes: int = 0
    losses: int = 0
    seconds: float = 0.0
    #: Reads that are being taken: their frames are in the recording, and not all that they say is in the records yet.
    reads: int = 0
    #: Answers of REST that were taken.
    answers: int = 0
    #: How many lines of each there were at one moment between two reads, up to ten times a second.
    marks: list[tuple[int, int]] = field(default_factory=list)


class _Watched:
    """A link that counts the read that is being taken: a large one leaves in several parts."""

    def __init__(self, link: Link, out: Run) -> None:
        self._link, self._out = link, out

    @property
    def asked(self) -> float:
        return self._link.asked

    @property
    def silent(self) -> float:
        return self._link.silent

    async def __aiter__(self) -> AsyncGenerator[Read, None]:
        async with aclosing(aiter(self._link)) as reads:
            async for read in reads:
                self._out.reads += 1
                try:
                    yield read
                finally:
                    self._out.reads -= 1

    async def send(self, text: str) -> None:
        await self._link.send(text)

    async def close(self, *, politely: bool) -> None:
        await self._link.close(politely=politely)


class _Session(Session):
    """A session whose REST answers are counted while they are being taken, as reads are."""

    out: Run

    def beside(self, read: Read) -> Iterator[Batch]:
        self.out.reads += 1
        self.out.answers += 1
        try:
            yield from super().beside(read)
        finally:
            self.out.reads -= 1


async def run(
    name: str,
    asked: dict[str, Any],
    faults: Sequence[Fault],
    seed: int,
    enough: Callable[[Run], bool],
    *,
    snapshots: bool = False,
) -> Run:
    """One provider of the demo until `enough` has happened and every connection is open, or twenty seconds have passed.

    `snapshots`: the current prices are asked for over REST, as a run does it by default.
    """
    out = Run()
    async with serve(
        Market(seed, rate=_RATE, sports=_SPORTS), providers=(name,), knobs=_KNOBS, faults=faults
    ) as server:
        requests = asked_for(name, asked)
        conns = {at: replace(one, url=placed(one.url, server[name].base_url)) for at, one in enumerate(requests, 1)}
        limits = Limits(silence=3.0)
        transport: Transport = SSE(limits, wall) if requests[0].transport == "sse" else WebSocket(limits, wall)
        sessions = _sessions(name, conns, transport, out)
        encoder = Encoder()
        for conn, request in conns.items():
            encoder.introduce(conn, request)
        rest, hydrating = Rest(limits), None
        hydration = providers.catalogue(name).hydration
        if snapshots:
            assert hydration is not None, f"{name} has no snapshot over REST"
            hydrating = Hydrating(
                Snapshots(hydration=hydration, place=lambda url: placed(url, server[name].base_url)),
                lambda get: rest.get(get, Secret("demo")),
                lambda batch: _put(batch, encoder, out),
                lambda: asyncio.sleep(0),
            )
        tasks = [asyncio.create_task(_write(one, encoder, out, hydrating)) for one in sessions]
        tasks.append(asyncio.create_task(_tick(sessions, encoder, out)))
        for at in range(1000):
            await asyncio.sleep(0.02)
            out.seconds += 0.02
            if out.reads:
                continue
            if not at % 5:
                out.marks.append((len(out.recording), len(out.records)))
            if enough(out) and all(one.is_open or one.exit is not None for one in sessions):
                break
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if hydrating is not None:
            await hydrating.aclose()
        await rest.aclose()
        await transport.aclose()
    return out


def asked_for(name: str, asked: dict[str, Any]) -> list[Request]:
    """What a command asks for; a word of a table stands for the member of its enumeration."""
    command = providers.command(name)
    hints = inspect.signature(command, eval_str=True).parameters
    flags = {**FEEDS[name][asked.get("feed", "odds")], **asked}
    return command(**{flag: _member(hints[flag].annotation, value) for flag, value in flags.items()}).requests


def _member(annotation: Any, value: Any) -> Any:
    """A word as the enumeration of an annotation has it, `Annotated` or not, optional or not."""
    kind = getattr(annotation, "__origin__", annotation)
    kind = next(iter(get_args(kind)), kind)
    return kind(value) if isinstance(value, str) and isinstance(kind, type) and issubclass(kind, Enum) else value


def _sessions(name: str, conns: dict[int, Request], transport: Transport, out: Run) -> list[Session]:
    """Like those of a run, but a wait between two connects lasts a moment."""
    found = replace(providers.provider(name), floor=0.0, rate=(10_000, 1.0))
    recorder = Recorder(conns, argv="", redactor=Redactor([]))
    recorder.put = lambda lines: out.recording.extend(lines.splitlines())

    async def open(request: Request) -> Link:
        return _Watched(await transport.open(Target(request, Secret("demo"))), out)

    clock = Clock(sleep=lambda seconds: asyncio.sleep(min(seconds, 0.02)))
    gate = Gate(found.rate, clock)
    made: list[Session] = []
    for conn, request in conns.items():
        one = _Session(conn=conn, provider=found, request=request, open=open, gate=gate, clock=clock, tape=recorder)
        one.out = out
        made.append(one)
    return made


async def _write(session: Session, encoder: Encoder, out: Run, hydrating: Hydrating | None) -> None:
    async with aclosing(session.events()) as batches:
        async for batch in batches:
            _put(batch, encoder, out)
            if hydrating is not None:
                await hydrating.look(session)


async def _tick(sessions: list[Session], encoder: Encoder, out: Run) -> None:
    while True:
        for session in sessions:
            _put(session.tick(), encoder, out)
        await asyncio.sleep(0.05)


def _put(batch: Batch, encoder: Encoder, out: Run) -> None:
    out.records += encoder.lines(batch, batch.events).encode().splitlines()
    for event in batch.events:
        if isinstance(event, Lost):
            out.losses, out.quotes = out.losses + 1, 0
        elif isinstance(event, Quote):
            out.quotes += 1
