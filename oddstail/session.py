"""The one reconnect loop: opens a request, yields what happened, and after a failure asks for the verdict.

Ours rather than a library's: the life of the connection is part of what it yields (opened, lost, gap),
the cursor moves only after what it points at was taken, and failures are forgotten by the link's life.
What frames say is the reader's to know. It names no provider and reads no bytes.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from oddstail import retry
from oddstail.clock import Clock, Gate
from oddstail.model import (
    Batch,
    Failure,
    LinkError,
    Memory,
    Notice,
    Provider,
    Read,
    Request,
    Send,
)
from oddstail.reader import Reader, Wants
from oddstail.transports import Link
from oddstail.verdicts import Verdicts, bug

log = logging.getLogger(__name__)

Open = Callable[[Request], Awaitable[Link]]

_QUIET = 60.0
#: Seconds of reading after which others get their turn: the ticker, signals, whoever writes.
_TURN = 0.02
#: Seconds for the first message of a link. Every provider greets at once, or answers the subscription.
_GREETING = 15.0


class Tape(Protocol):
    """Keeps what a connection brought, so that it can be told again. Takes what comes, at once, and never fails."""

    def began(self, reader: Reader) -> None:
        """Somebody asked to watch; the reader knows since when, and what an earlier run had."""
        ...

    def connected(self, reader: Reader, recv: int) -> None:
        """A link was made; the reader's `life` says by what request."""
        ...

    def received(self, conn: int, read: Read, steady: float) -> None:
        """One read of a link."""
        ...

    def sent(self, conn: int, text: str, recv: int) -> None:
        """A message of ours went out."""
        ...

    def swept(self, conn: int, recv: int, steady: float) -> None:
        """A snapshot was taken to be over."""
        ...

    def lost(self, reader: Reader, failure: Failure, batch: Batch, steady: float) -> None:
        """A link ended, or could not be made; `batch` is what was said of it."""
        ...

    def told(self, batch: Batch) -> None:
        """What no frame said, and the loop did."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One request kept alive. Iterate `events()` once; afterwards `exit` says how it ended."""

    conn: int
    provider: Provider
    request: Request
    open: Open
    gate: Gate
    policy: retry.Policy = field(default_factory=retry.Policy)
    wants: Wants = field(default_factory=Wants)
    memory: Memory = field(default_factory=Memory)
    clock: Clock = field(default_factory=Clock)
    max_silence: float | None = None
    tape: Tape | None = None
    reader: Reader = field(init=False)
    verdicts: Verdicts = field(init=False)
    held: bool = False
    _cut: Failure | None = None
    _reading: asyncio.Task[object] | None = None
    _asked: float = 0.0
    _link: Link | None = None
    _connected: int = 0
    _wish: Send | None = None
    _sent_at: float = -math.inf

    def __post_init__(self) -> None:
        self.reader = Reader(conn=self.conn, provider=self.provider, wants=self.wants, memory=self.memory)
        self.verdicts = Verdicts(
            provider=self.provider, policy=self.policy, reader=self.reader, clock=self.clock, request=self.request
        )

    @property
    def label(self) -> str:
        return self.verdicts.request.label

    @property
    def exit(self) -> int | None:
        """The exit code, once there is nothing more to try."""
        return self.verdicts.exit

    @property
    def failed(self) -> str:
        """How the latest connection failed, or why there was none, for people."""
        return self.verdicts.failed

    @property
    def over(self) -> bool:
        """Whether all that it asks for had ended before it was ever connected."""
        return self.verdicts.over

    @property
    def doubles(self) -> int:
        return self.reader.doubles

    # --- what a run calls -------------------------------------------------------------------------

    async def events(self) -> AsyncGenerator[Batch, None]:
        """What happens, in order. Ends when there is nothing more to try; never raises.

        An exception that nobody expected, of a decoder or a library, ends this stream and no other.
        """
        try:
            async with aclosing(self._links()) as batches:
                async for batch in batches:
                    yield batch
        except Exception as error:
            yield self._lost(self._broken(error))

    def tick(self) -> Batch:
        """Once a second: what only time can tell. Returns what it made of it, mostly nothing."""
        try:
            return self._ticked()
        except Exception as error:
            self.cut(self._broken(error))
            return Batch(self.conn, self.clock.wall(), [])

    def _ticked(self) -> Batch:
        life, now = self.reader.life, self.clock.steady()
        said = Batch(self.conn, self.clock.wall(), [])
        if life is None or self.held:
            return said
        if not life.ready:
            # A server that pongs and says nothing would keep us waiting for ever.
            if now - life.since > (self.max_silence or _GREETING):
                self.cut(Failure(kind="timeout", text=f"no greeting within {now - life.since:.0f} s"))
            return said
        pulse = self.request.pulse and (self.max_silence or max(15.0, 3 * self.request.pulse))
        if pulse and now - life.frame_at > pulse:
            self.cut(Failure(kind="silence", text=f"no message for {now - life.frame_at:.0f} s"))
            return said
        swept = self.reader.sweep() if self.reader.is_swept_at(now) else []
        if swept and self.tape is not None:
            self.tape.swept(self.conn, said.recv, now)
        quiet = now - life.data_at
        if quiet < max(_QUIET, 2 * life.quiet_told):
            return said._replace(events=swept)
        life.quiet_told = quiet
        text = f"{self.label}: connected, no data for {quiet:.0f} s"
        notice = Notice(code="quiet", text=text, level="info", value=round(quiet))
        self.told(said._replace(events=[notice]))
        return said._replace(events=[*swept, notice])

    def told(self, said: Batch) -> Batch:
        """The same, now that a tape has it: what no frame of this connection will say again."""
        if self.tape is not None and said.events:
            self.tape.told(said)
        return said

    def beside(self, read: Read) -> Iterator[Batch]:
        """Yield what was asked for beside the open link, part by part, as if it had come by it."""
        now = self.clock.steady()
        if self.tape is not None:
            self.tape.received(self.conn, read, now)
        return (said.batch for said in self.reader.read(read, now))

    def cut(self, failure: Failure) -> None:
        """End the link now, as if it had failed so: the machine slept, or no message came for too long."""
        if self.reader.life is not None and self._cut is None:
            self._cut = failure
            if self._reading is not None:
                self._reading.cancel()

    def hold(self) -> None:
        """Our own output holds up reading from here on: silence is not the provider's."""
        self.held = True

    def resume(self) -> None:
        """Reading goes on."""
        self.held = False
        if (life := self.reader.life) is not None:
            # A snapshot that was being told goes on, too, and is not over for our pause.
            life.frame_at = life.data_at = life.snapshot_at = self.clock.steady()

    def ended(self) -> Batch:
        """The run is over: a blind spot that is still open ends here too."""
        wall = self.clock.wall()
        # What has ended is no gap, nor is what was refused from the first: there was nothing to miss. A provider that
        # nobody reached would have told something.
        refused = self.exit not in (None, retry.NETWORK, retry.BUG) and not self.reader.worked
        over = self.exit == retry.OK or refused
        said = Batch(self.conn, wall, [] if over else self.reader.ended(wall, self.clock.steady()))
        return self.told(said)

    def silent(self, now: float) -> float:
        """Seconds since the last byte of any kind."""
        since = now - self.reader.heard_steady
        return since if self._link is None else min(since, self._link.silent)

    def silence(self, now: float) -> float:
        """`silent`, if a heartbeat is overdue by half of one; else 0."""
        silent = self.silent(now)
        return silent if silent > 1.5 * self.request.heartbeat else 0.0

    @property
    def is_open(self) -> bool:
        """Whether the link is acknowledged and believed alive."""
        return self.reader.is_open

    @property
    def unreached(self) -> bool:
        """Whether it tries still, and was never once connected."""
        return self.exit is None and not self.reader.was_open

    @property
    def tries(self) -> int:
        """Failures in a row."""
        return self.verdicts.history.streak

    # --- a link's life ----------------------------------------------------------------------------

    async def _links(self) -> AsyncGenerator[Batch, None]:
        """What the links bring, one after the other, and what comes between them."""
        self.reader.began(self.clock.wall(), self.clock.steady())
        if self.tape is not None:
            self.tape.began(self.reader)
        while True:
            await self.gate.passed()
            failure = None
            try:
                await self._connect()
                async with aclosing(self._reads()) as batches:
                    async for batch in batches:
                        yield batch
            except LinkError as error:
                failure = error.failure
            finally:
                link, self._link = self._link, None
                if link is not None:
                    # It holds until the server asks for another (HTML, 9.2: the reconnection time), also for a link
                    # that does not come about.
                    self._asked = link.asked or self._asked
                    # A farewell is for a link that works: a dead one would keep the news of it waiting.
                    await link.close(politely=failure is None)
            assert failure is not None, "a link ends with an error"
            said = self._lost(failure)
            if said.events:
                yield said
            if self.exit is not None:
                return
            await self.clock.sleep(self.verdicts.wait)

    async def _connect(self) -> None:
        # A cut that came while the last link was being closed was meant for that one.
        self._cut = None
        self._wish, self._sent_at = None, -math.inf
        reader = self.reader
        request, resumed = self.verdicts.next_request()
        self._link = await self.open(request)
        reader.connected(request, self.clock.steady(), attempt=self.verdicts.history.streak + 1, resumed=resumed)
        self._connected = self.clock.wall()
        if self.tape is not None:
            self.tape.connected(reader, self._connected)

    async def _reads(self) -> AsyncGenerator[Batch, None]:
        """Each read of the link as a batch. A `cut` arrives as a cancellation, and leaves as a LinkError."""
        reader, link = self.reader, self._link
        assert link is not None, "a link is read after it was connected"
        if not self.request.greets:
            yield reader.opened(self._connected)
            self.verdicts.opened()
            await self._subscribe(link)
        async with aclosing(aiter(link)) as reads:
            turn = self.clock.steady()
            while True:
                try:
                    read = await self._next(reads)
                except StopAsyncIteration:
                    return
                greeted = reader.is_open
                now = self.clock.steady()
                if now - turn > _TURN:
                    # A link that always has more to read, as packed comments have, never waits by itself.
                    await asyncio.sleep(0)
                    turn = now
                if self.tape is not None and read.frames:
                    self.tape.received(self.conn, read, now)
                error: LinkError | None = None
                for nth, (batch, cursor, failure) in enumerate(reader.read(read, now)):
                    if nth:
                        # A large frame: others get their turn between its parts.
                        await asyncio.sleep(0)
                    error = error if failure is None else LinkError(failure)
                    try:
                        if reader.is_open and not greeted:
                            greeted = True
                            self.verdicts.opened()
                            await self._subscribe(link)
                        if self.request.converses:
                            await self._wish_for(link, batch)
                    except LinkError as broken:
                        # The link died under the subscription; what came before is told all the same.
                        error = error or broken
                    if batch.events:
                        yield batch
                    # Only now: what the cursor points at was taken by whoever iterates.
                    reader.took(cursor)
                if error is not None:
                    raise error

    async def _subscribe(self, link: Link) -> None:
        for text in self.verdicts.request.send:
            await self._send(link, text)

    async def _wish_for(self, link: Link, batch: Batch) -> None:
        """Send what the decoder wants sent, its latest wish, as soon as the last message is old enough."""
        wishes = [event for event in batch.events if type(event) is Send]
        if wishes:
            self._wish = wishes[-1]
            batch.events[:] = [event for event in batch.events if type(event) is not Send]
        if self._wish is not None and self.clock.steady() - self._sent_at >= self._wish.every:
            text, self._wish = self._wish.text, None
            await self._send(link, text)

    async def _send(self, link: Link, text: str) -> None:
        self._sent_at = self.clock.steady()
        await link.send(text)
        if self.tape is not None:
            self.tape.sent(self.conn, text, self.clock.wall())

    async def _next(self, reads: AsyncIterator[Read]) -> Read:
        """The next read. Only here may `cut` cancel: elsewhere the task is in the hands of the sinks."""
        if self._cut is None:
            self._reading = task = asyncio.current_task()
            try:
                return await anext(reads)
            except asyncio.CancelledError:
                if self._cut is None or task is None:
                    raise
                task.uncancel()
            finally:
                self._reading = None
        failure, self._cut = self._cut, None
        raise LinkError(failure)

    def _lost(self, failure: Failure) -> Batch:
        """What to say of a failure."""
        said = Batch(self.conn, self.clock.wall(), self.verdicts.after(failure, self._asked))
        if failure.kind == "status" and failure.code == 429:
            # It is meant for the key, and so for every connection of this run.
            self.gate.close(self.verdicts.wait)
        if self.tape is not None:
            self.tape.lost(self.reader, failure, said, self.clock.steady())
        return said

    def _broken(self, error: Exception) -> Failure:
        log.error("%s: %s", self.label, error, exc_info=True)
        return bug(error)
