"""The one reconnect loop: opens a request, yields what happened, and after a failure asks `retry` what to do.

Ours rather than a library's: the life of the connection is part of what it yields (opened, lost, gap),
the cursor moves only after what it points at was taken, and failures are forgotten by the link's life.
It names no provider and reads no bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from oddstail import retry
from oddstail.clock import Clock, Gate
from oddstail.ledger import Ledger
from oddstail.model import (
    Batch,
    Event,
    Failure,
    Frame,
    Gap,
    Kind,
    LinkError,
    Lost,
    Message,
    Notice,
    Opened,
    Payload,
    Provider,
    Read,
    Replace,
    Request,
    Resumed,
    Retrying,
    Rule,
)
from oddstail.text import visible
from oddstail.transports import Link
from oddstail.wire.loose import one_line
from oddstail.words import describe

log = logging.getLogger(__name__)

Open = Callable[[Request], Awaitable[Link]]

#: A burst snapshot is over when it paused so long (BoltOdds marks no end: boltodds-rapidodds.md, A7).
_BURST_PAUSE = 2.0
#: ... and if none came at all, what was held before is given up after so long.
_BURST_LATE = 30.0
#: Doubles are looked for among at least so many of the latest cursors: 30 s of the busiest feed measured are 10,000.
_CURSORS = 32_768
#: A cursor that is longer, or has a control character, is not sent back (reliability.md, section 8).
_CURSOR_BYTES = 4096
_QUIET = 60.0
#: Seconds for the first message of a link. Every provider greets at once, or answers the subscription.
_GREETING = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the sinks of a run need. Reading prices that nobody prints would cost most of the time."""

    quotes: bool = True
    payloads: bool = False


@dataclass(slots=True)
class _Life:
    """One link, from the connect to its end."""

    since: float
    decode: Callable[[Message], list[Event]]
    ready: bool = False
    data_at: float = 0.0
    frame_at: float = 0.0
    snapshot: bool = False
    snapshot_at: float = 0.0
    quiet_told: float = 0.0


@dataclass(slots=True)
class _Down:
    """Since when nobody watches, by both clocks, and why."""

    wall: int
    steady: float
    cause: str


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
    clock: Clock = field(default_factory=Clock)
    max_silence: float | None = None
    exit: int | None = None
    ledger: Ledger = field(default_factory=Ledger)
    cursor: str | None = None
    doubles: int = 0
    held: bool = False
    _life: _Life | None = None
    _down: _Down | None = None
    _worked: bool = False
    _streak: int = 0
    _alike: tuple[int | str, int] = ("", 0)
    _heard: int = 0
    _heard_steady: float = 0.0
    _resumed: bool = False
    _seen: set[str] = field(default_factory=set)
    _seen_before: set[str] = field(default_factory=set)
    _cut: Failure | None = None
    _reading: asyncio.Task[object] | None = None
    _wait: float = 0.0

    # --- what a run calls -------------------------------------------------------------------------

    async def events(self) -> AsyncGenerator[Batch, None]:
        """What happens, in order. Ends when there is nothing more to try; never raises for the network's sake."""
        self._heard, self._heard_steady = self.clock.wall(), self.clock.steady()
        while True:
            await self.gate.passed()
            link: Link | None = None
            asked = 0.0
            failure = None
            try:
                link = await self._connect()
                async with aclosing(self._reads(link)) as batches:
                    async for batch in batches:
                        yield batch
            except LinkError as error:
                failure = error.failure
            finally:
                if link is not None:
                    asked = link.asked
                    # A farewell is for a link that works: a dead one would keep the news of it waiting.
                    await link.close(politely=failure is None)
            assert failure is not None, "a link ends with an error"
            events = self._after(failure, asked)
            if events:
                yield Batch(self.conn, self.clock.wall(), events)
            if self.exit is not None:
                return
            await self.clock.sleep(self._wait)

    def tick(self) -> list[Event]:
        """Once a second: what only time can tell. Returns what it made of it."""
        life, now = self._life, self.clock.steady()
        if life is None or self.held:
            return []
        if not life.ready:
            # A server that pongs and says nothing would keep us waiting for ever.
            if now - life.since > (self.max_silence or _GREETING):
                self.cut(Failure(kind="timeout", text=f"no greeting within {now - life.since:.0f} s"))
            return []
        pulse = self.request.pulse and (self.max_silence or max(15.0, 3 * self.request.pulse))
        if pulse and now - life.frame_at > pulse:
            self.cut(Failure(kind="silence", text=f"no message for {now - life.frame_at:.0f} s"))
            return []
        out = self._swept(life, now)
        quiet = now - life.data_at
        if quiet >= max(_QUIET, 2 * life.quiet_told):
            life.quiet_told = quiet
            text = f"{self.request.label}: connected, no data for {quiet:.0f} s"
            out.append(Notice(code="quiet", text=text, level="info", value=round(quiet)))
        return out

    def cut(self, failure: Failure) -> None:
        """End the link now, as if it had failed so: the machine slept, or no message came for too long."""
        if self._life is not None and self._cut is None:
            self._cut = failure
            if self._reading is not None:
                self._reading.cancel()

    def hold(self) -> None:
        """Our own output holds up reading from here on: silence is not the provider's."""
        self.held = True

    def resume(self) -> None:
        """Reading goes on."""
        self.held = False
        if self._life is not None:
            self._life.frame_at = self._life.data_at = self.clock.steady()

    def ended(self) -> list[Event]:
        """The run is over: a blind spot that is still open ends here too."""
        down, self._down = self._down, None
        # What was refused from the first is no gap: there was nothing to miss.
        refused = self.exit is not None and not self._worked
        return [] if down is None or refused else [self._gap(down, "no")]

    def silent(self, now: float) -> float:
        """Seconds since the last message, by the steady clock."""
        return now - self._heard_steady

    @property
    def is_open(self) -> bool:
        """Whether the link is acknowledged and believed alive."""
        return self._life is not None and self._life.ready

    # --- a link's life ----------------------------------------------------------------------------

    async def _connect(self) -> Link:
        # A cut that came while the last link was being closed was meant for that one.
        self._cut = None
        request = self.request
        self._resumed = False
        if self.cursor is not None and self.provider.resume is not None and self._within_window():
            request = self.provider.resume(request, self.cursor)
            self._resumed = True
        link = await self.open(request)
        now = self.clock.steady()
        decode = self.provider.decoder(request)
        self._life = _Life(since=now, decode=decode, data_at=now, frame_at=now, snapshot_at=now)
        return link

    async def _reads(self, link: Link) -> AsyncGenerator[Batch, None]:
        """Each read of the link as a batch. A `cut` arrives as a cancellation, and leaves as a LinkError."""
        async with aclosing(aiter(link)) as reads:
            while True:
                try:
                    read = await self._next(reads)
                except StopAsyncIteration:
                    return
                greeted = self.is_open
                batch, cursor, error = self._batch(read)
                if self.is_open and not greeted:
                    try:
                        for text in self.request.send:
                            await link.send(text)
                    except LinkError as broken:
                        # The link died under the subscription; what came before is told all the same.
                        error = error or broken
                if batch.events:
                    yield batch
                # Only now: what the cursor points at was taken by whoever iterates.
                if cursor is not None:
                    self.cursor = cursor
                if error is not None:
                    raise error

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

    def _batch(self, read: Read) -> tuple[Batch, str | None, LinkError | None]:
        """One read as events, the newest cursor in it, and the error with which it ended, if it did."""
        life = self._life
        assert life is not None
        self._heard, self._heard_steady = read.recv, self.clock.steady()
        out: list[Event] = []
        cursor = None
        if read.frames:
            life.frame_at = self._heard_steady
        for frame in read.frames:
            try:
                messages = self.provider.read(frame)
            except ValueError as error:
                out.append(_unreadable(frame, error))
                continue
            payload = self.wants.payloads
            for message in messages:
                if message.failure is not None:
                    return Batch(self.conn, read.recv, self._applied(life, out)), cursor, LinkError(message.failure)
                if not life.ready:
                    out += self._opened(life, read.recv)
                if message.kind is Kind.DATA:
                    life.data_at, life.quiet_told = self._heard_steady, 0.0
                    if message.cursor is not None:
                        if self._is_double(message.cursor):
                            continue
                        cursor = message.cursor
                    if payload:
                        payload = False
                        out.append(Payload(one_line(frame.data)))
                    if self.wants.quotes:
                        self._decode(message, frame, life, out)
                elif message.kind is Kind.TALK:
                    self._decode(message, frame, life, out)
        if cursor is not None and not _sendable(cursor):
            text = "the provider's cursor has characters that cannot be sent back; a reconnect starts at now"
            out.append(Notice(code="cursor", text=text))
            self.cursor = cursor = None
        return Batch(self.conn, read.recv, self._applied(life, out) if out else out), cursor, None

    def _decode(self, message: Message, frame: Frame, life: _Life, out: list[Event]) -> None:
        try:
            out += life.decode(message)
        except Exception as error:
            log.debug("decoding %s", message.name, exc_info=True)
            out.append(_unreadable(frame, error))

    def _applied(self, life: _Life, out: list[Event]) -> list[Event]:
        """What the decoder said, with what the ledger knows; and a note of when a burst last went on."""
        if self.provider.snapshot == "burst" and any(type(event) is Replace and event.snap for event in out):
            life.snapshot_at, life.snapshot = self._heard_steady, True
        return self.ledger.apply(out)

    def _is_double(self, cursor: str) -> bool:
        if cursor in self._seen or cursor in self._seen_before:
            self.doubles += 1
            return True
        self._seen.add(cursor)
        if len(self._seen) >= _CURSORS:
            # Two generations: to drop the oldest one by one makes a dict walk over all that it dropped.
            self._seen_before, self._seen = self._seen, set()
        return False

    def _opened(self, life: _Life, recv: int) -> list[Event]:
        life.ready = True
        request = self.request
        host = urlsplit(request.url).netloc
        cursor = self.cursor if self._resumed else None
        out: list[Event] = [Opened(label=request.label, host=host, attempt=self._streak + 1, cursor=cursor)]
        if self._down is not None:
            resumed = self.provider.replays if self._resumed and self._within_window() else "no"
            out.append(self._gap(self._down, resumed, recv))
            self._down = None
            if resumed == "yes":
                self.ledger.trust()
        return out

    def _swept(self, life: _Life, now: float) -> list[Event]:
        """What a burst snapshot did not confirm, once the burst is over."""
        if self.provider.snapshot != "burst" or not self.ledger.doubtful:
            return []
        pause = _BURST_PAUSE if life.snapshot else _BURST_LATE
        if now - life.snapshot_at < pause:
            return []
        return self.ledger.sweep()

    def _within_window(self) -> bool:
        outage = self.clock.steady() - (self._down.steady if self._down else self._heard_steady)
        return not self.provider.window or outage < self.provider.window

    def _gap(self, down: _Down, resumed: Resumed, recv: int | None = None) -> Gap:
        seconds = self.clock.steady() - down.steady
        end = recv if recv is not None else self.clock.wall()
        return Gap(start=down.wall, end=end, seconds=seconds, cause=down.cause, resumed=resumed)

    # --- after a failure --------------------------------------------------------------------------

    def _after(self, failure: Failure, asked: float) -> list[Event]:
        """What to say of a failure; sets `exit`, or the wait before the next try."""
        life, self._life = self._life, None
        if life is not None and life.ready:
            self._worked = True
            if self._down is None:
                self._down = _Down(self._heard, self._heard_steady, failure.kind)
            self.ledger.doubt()
            if self.clock.steady() - life.since >= self.policy.stable_after:
                self._streak, self._alike = 0, ("", 0)
        elif self._down is None:
            # Nobody watches yet, although somebody asked to: that is a gap like any other.
            self._down = _Down(self._heard, self._heard_steady, failure.kind)
        self._streak += 1
        name, rule = retry.rule_for(failure, self.provider.rules)
        self._alike = (name, self._alike[1] + 1 if self._alike[0] == name else 1)
        detail = describe(failure)
        revised = self._revised(failure)
        if revised is not None and self.exit is None:
            self._wait = self.provider.floor
            return [revised]
        if self.exit is None:
            verdict = retry.after(
                failure,
                self._history(),
                self.policy,
                rule=rule,
                floor=self.provider.floor,
                asked=asked,
                jitter=self.clock.jitter(),
            )
            self.exit, self._wait = verdict.exit, verdict.wait or 0.0
        out: list[Event] = []
        if life is not None and life.ready:
            wait = None if self.exit is not None else self._wait
            out.append(Lost(cause=failure.kind, detail=detail, retry_in=wait))
        elif self.exit is None:
            out.append(Retrying(detail=detail, wait=self._wait, attempt=self._streak))
        if revised is not None:
            out.append(revised)
        elif self.exit is not None:
            out.append(self._final(detail, rule))
        return out

    def _revised(self, failure: Failure) -> Notice | None:
        """Ask the provider what of a refused request is still worth asking."""
        if self.provider.revise is None:
            return None
        request = self.provider.revise(self.request, failure)
        if request is self.request:
            return None
        if request is None:
            self.exit = retry.OK if self._worked else retry.REFUSED
            return Notice(code="ended", text=f"{self.request.label} has ended", level="info")
        before, self.request = self.request.label, request
        return Notice(code="ended", text=f"{before}: going on with {request.label}", level="info")

    def _history(self) -> retry.History:
        return retry.History(
            streak=self._streak,
            alike=self._alike[1],
            worked=self._worked,
            down=self.clock.steady() - self._heard_steady,
        )

    def _final(self, detail: str, rule: Rule) -> Notice:
        say = f"; {rule.say}" if rule.say else ""
        if self.exit == retry.OK:
            return Notice(code="ended", text=f"{self.request.label}: {detail}{say}", level="info")
        borne = f" ({self._streak} tries)" if self._streak > 1 else ""
        text = f"{self.provider.title}: {detail.rstrip('.')}{say}{borne}"
        return Notice(code="gave-up", text=text, level="error", value=self.exit)


def _sendable(cursor: str) -> bool:
    return cursor.isprintable() and cursor == cursor.strip() and len(cursor.encode()) <= _CURSOR_BYTES


def _unreadable(frame: Frame, error: Exception) -> Notice:
    head = visible(frame.data[:400].decode("utf-8", "replace"), 120)
    what = type(error).__name__ if not isinstance(error, ValueError) else "not JSON"
    return Notice(code="unreadable", text=f"a frame that cannot be read ({what}): {head}", value=len(frame.data))
