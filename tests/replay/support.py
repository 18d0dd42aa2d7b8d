"""A session on a tape, and the tape told again: both as the records that a run would write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from oddstail.capture.store import Opening
from oddstail.capture.tape import Recorder
from oddstail.clock import Gate
from oddstail.model import Batch, End, Failure, Provider, Request
from oddstail.reader import Wants
from oddstail.record import Encoder
from oddstail.replay.player import Pace, Player
from oddstail.replay.runs import Taped, files, runs
from oddstail.retry import Policy
from oddstail.session import Session
from oddstail.text import Redactor, Secret
from tests.support import Script, Step, Time, request, toy


class Deck:
    """A recorder whose lines go into a list, and the records of what passed."""

    def __init__(self, asked: Request | None = None, run: str = "r1", key: str = "0123456789-the-key") -> None:
        self.request = asked or request()
        self.recorder = Recorder({1: self.request}, argv="oddstail toy", redactor=Redactor([Secret(key)]))
        self.run = run
        self.lines: list[bytes] = []
        self.recorder.put = self.lines.append
        self.encoder = Encoder(run)
        self.encoder.introduce(0, self.request)
        self.encoder.introduce(1, self.request)
        self.live = ""

    def head(self, part: int = 1, at: int = 1_000_000_000) -> None:
        """A file begins."""
        self.lines.append(self.recorder.header(Opening(branch="", part=part, run=self.run, at=at)))
        if part > 1:
            self.lines.append(self.recorder.carried(""))

    def emit(self, batch: Batch) -> None:
        """What the run would print."""
        self.live += self.encoder.lines(batch, batch.events)

    def end(self, recv: int, code: int = 0, reason: str = "ended") -> None:
        """The run's last word."""
        self.recorder.told(Batch(0, recv, [End(code=code, reason=reason)]))
        self.emit(Batch(0, recv, [End(code=code, reason=reason)]))

    @property
    def tape(self) -> bytes:
        """The lines so far."""
        return b"".join(self.lines)


def record(
    connects: list[list[Step] | Failure],
    provider: Provider | None = None,
    *,
    deck: Deck | None = None,
    during: Callable[[Session, Time, Deck], None] | None = None,
    time: Time | None = None,
    prepared: Callable[[Session], None] | None = None,
    **given: Any,
) -> Deck:
    """A session over a script, taped. `during` is called after each batch, once that is out."""
    time, provider = time or Time(), provider or toy()
    deck = deck or Deck(given.pop("request", None))
    script = Script(time, connects)
    clock = time.clock()
    made = Session(conn=1, provider=provider, request=deck.request, open=script.open, gate=Gate(provider.rate, clock),
                   clock=clock, tape=deck.recorder, policy=Policy(retries=len(connects) - 1), **given)  # fmt: skip

    if prepared is not None:
        prepared(made)

    async def main() -> None:
        deck.head(at=time.wall())
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                deck.emit(batch)
                if during is not None:
                    during(made, time, deck)
        said = made.ended()
        deck.emit(said)
        deck.end(time.wall(), made.exit or 0)

    asyncio.run(asyncio.wait_for(main(), 10))
    return deck


def player(
    paths: Iterable[Path], provider: Provider | None = None, *, encoder: Encoder | None = None, **given: Any
) -> Player:
    """A player of these files, of the toy provider unless another is given."""
    found, _ = runs(files(paths))
    return playing(found, provider, encoder=encoder, **given)


def playing(found: list[Taped], provider: Provider | None = None, *, encoder: Encoder | None, **given: Any) -> Player:
    """A player of these runs."""
    encoder = encoder or Encoder()
    made = provider or toy()

    def introduce(conn: int, asked: Request) -> None:
        encoder.introduce(0, asked)
        encoder.introduce(conn, asked)

    given = {"pace": Pace(), "wants": Wants(), **given}
    return Player(runs=found, provider=lambda _: made, introduce=introduce, named=encoder.named, **given)


def told(paths: Iterable[Path], provider: Provider | None = None, **given: Any) -> str:
    """The records that a replay writes."""
    encoder = Encoder()
    made = player(paths, provider, encoder=encoder, **given)
    out: list[str] = []

    async def main() -> None:
        async with aclosing(made.events()) as batches:
            out.extend([encoder.lines(batch, batch.events) async for batch in batches])
        if made.end is not None:
            out.append(encoder.lines(Batch(0, made.at, [made.end]), [made.end]))

    asyncio.run(asyncio.wait_for(main(), 30))
    return "".join(out)
