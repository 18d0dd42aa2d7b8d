"""One run: sessions, sinks, the ticker, signals, the exit code. Wires what is known elsewhere; knows nothing itself."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from typing import TYPE_CHECKING

from oddstail import retry, words
from oddstail.clock import Clock, Gate, ahead_of_sleep, steady, wall
from oddstail.model import Batch, End, Event, Failure, Notice, Payload, Quote, Request
from oddstail.reader import Wants
from oddstail.record import TYPES, Encoder
from oddstail.run.opener import Opener
from oddstail.run.plan import Plan
from oddstail.run.tally import Tally, is_data, up_to
from oddstail.session import Session
from oddstail.sinks import Sink
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import NORMAL, QUIET, Talk
from oddstail.text import Redactor

if TYPE_CHECKING:
    from oddstail.sinks.table import TableSink

#: Exit codes of signals and of a closed pipe: 128 and the signal's number.
_SIGNALS = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupted", signal.SIGHUP: "hung up"}
CLOSED_PIPE = 141
_TICK = 0.25
#: A machine that slept longer than this has dead links, whatever they seem.
_SLEPT = 5.0
#: Seconds to write out what waits, once it is over; with the sockets' own second it stays under 5.
_FLUSH = 3.0


class Run:
    """Call `main()` once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tally = Tally()
        self._redactor = Redactor([plan.secret] if plan.secret is not None else [])
        self._errors = Outlet(2, self._redactor)
        self._out = Outlet(1, self._redactor, self._output_failed)
        self.talk = Talk(self._errors, plan.talk, self._redactor.text)
        self._encoder = Encoder()
        self._sessions: list[Session] = []
        self._sinks: list[Sink] = []
        self._watching: list[Sink] = []
        self._stop = asyncio.Event()
        self._code: int | None = None
        self._reason = ""
        self._started = steady()
        self._interrupts = 0
        self._screen: TableSink | None = None

    async def main(self) -> int:
        """Run until there is a reason to stop. Returns the exit code."""
        plan = self._plan
        self._add_sinks()
        for note in plan.notes:
            self.talk.say(note)
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        opener = Opener(plan)
        gate = Gate(plan.provider.rate, Clock())
        self._sessions = [self._session(conn, request, opener, gate) for conn, request in enumerate(plan.requests, 1)]
        pumps = [asyncio.create_task(self._pump(session)) for session in self._sessions]
        ticker = asyncio.create_task(self._tick())
        everything = asyncio.create_task(asyncio.wait(pumps, return_when=asyncio.FIRST_EXCEPTION))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait([everything, stopped, ticker], return_when=asyncio.FIRST_COMPLETED)
        tasks = (*pumps, everything, stopped, ticker)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await opener.aclose()
        for result in results:
            if isinstance(result, Exception):
                raise result
        return await self._finish()

    # --- the way of a batch -----------------------------------------------------------------------

    async def _pump(self, session: Session) -> None:
        async with contextlib.aclosing(session.events()) as batches:
            async for batch in batches:
                self._emit(batch)
                if self._out.is_full:
                    await self._held_up(session)
                if self._stop.is_set():
                    return

    def _emit(self, batch: Batch) -> None:
        tally, events = self._tally, batch.events
        # Most batches are nothing but quotes or payloads, and the rest is rare: one look at each event, not four.
        rest = [event for event in events if type(event) is not Quote and type(event) is not Payload]
        plain = len(events) - len(rest)
        tally.seen += plain
        for event in rest:
            tally.note(event)
        if rest:
            self.talk.emit(batch._replace(events=rest))
        for sink in self._watching:
            sink.emit(batch)
        plan = self._plan
        if plan.changes or plan.only:
            events = [event for event in events if self._keeps(event)]
            rest = [event for event in events if type(event) is not Quote and type(event) is not Payload]
            plain = len(events) - len(rest)
        data = plain + sum(1 for event in rest if is_data(event))
        if plan.count is not None and tally.data + data >= plan.count:
            events = up_to(events, plan.count - tally.data)
            data = plan.count - tally.data
            plain = sum(1 for event in events if type(event) is Quote or type(event) is Payload)
            self.stop(retry.OK, words.many(plan.count, "record"))
        tally.data += data
        tally.quotes += 0 if plan.output == "raw" else plain
        if events:
            batch = batch._replace(events=events)
            for sink in self._sinks:
                sink.emit(batch)

    def _keeps(self, event: Event) -> bool:
        plan = self._plan
        if plan.changes and type(event) is Quote and not event.changed:
            return False
        return not plan.only or type(event) is Payload or TYPES.get(type(event)) in plan.only

    async def _held_up(self, session: Session) -> None:
        """The reader of stdout does not keep up: stop reading until it does, and say what that may cost."""
        since = steady()
        label = session.request.label
        self.talk.say(f"{label}: stdout is not read, {self._out.pending >> 20} MiB wait; reading pauses", NORMAL)
        session.hold()
        await self._out.room()
        session.resume()
        held = steady() - since
        text = f"{label}: reading paused for {words.lasting(held)} because stdout was not read; nothing was dropped"
        notice = Notice(code="held-up", text=text, value=round(held, 3))
        self._emit(Batch(session.conn, wall(), [notice]))

    # --- ends -------------------------------------------------------------------------------------

    def stop(self, code: int, reason: str) -> None:
        """End the run; the first reason counts."""
        if self._code is None:
            self._code, self._reason = code, reason
        self._stop.set()

    def _signalled(self, number: signal.Signals) -> None:
        if number is signal.SIGINT:
            self._interrupts += 1
            if self._interrupts > 1:
                if self._screen is not None:
                    self._screen.rescue()
                os._exit(128 + number)
        self.stop(128 + number, _SIGNALS[number])

    def _output_failed(self, error: OSError) -> None:
        if error.errno == errno.EPIPE:
            self.stop(CLOSED_PIPE, "the reader closed the pipe")
            return
        room = "; make room, or write elsewhere" if error.errno == errno.ENOSPC else ""
        self.talk.say(f"stdout cannot be written: {error.strerror}{room}", QUIET)
        self.stop(retry.OUTPUT, "stdout failed")

    async def _finish(self) -> int:
        now = wall()
        for session in self._sessions:
            if (batch := session.ended()).events:
                self._emit(batch)
        code = self._exit_code()
        end = End(code=code, reason=self._reason, quotes=self._tally.quotes, gaps=self._tally.gaps)
        self._emit(Batch(0, now, [end]))
        for sink in (*self._sinks, *self._watching, self.talk):
            sink.close()
        left = await self._out.finish(_FLUSH)
        closed = isinstance(self._out.error, BrokenPipeError)
        if closed and code == retry.OK:
            code = CLOSED_PIPE
        # A reader that left while we were ending anyway (Ctrl-C reaches a whole pipe) misses nothing.
        if left and not closed:
            text = f"{left:,} bytes were not written, since "
            text += self._out.error.strerror or str(self._out.error) if self._out.error else "stdout was not read"
            self.talk.say(text, QUIET)
            if code == retry.OK:
                code = retry.OUTPUT
        written = words.many(self._tally.data, "payload") if self._plan.output == "raw" else None
        self.talk.say(words.summary(end, steady() - self._started, self._extra(), written))
        await self._errors.finish(1.0)
        return code

    async def abandon(self) -> None:
        """After a bug: give the terminal back and let what was said out."""
        for sink in (*self._sinks, *self._watching, self.talk):
            with contextlib.suppress(Exception):
                sink.close()
        await self._out.finish(1.0)
        await self._errors.finish(1.0)

    def _exit_code(self) -> int:
        if self._code is None:
            exits = [session.exit for session in self._sessions if session.exit is not None]
            self._code = next((code for code in exits if code), retry.OK)
            self._reason = "ended" if self._code == retry.OK else "gave up"
        if not self._tally.opened:
            self._reason += ", never connected"
        if self._code == retry.OK and self._plan.fail_if_empty and not self._tally.data:
            self._reason = f"no data ({self._reason})"
            return retry.EMPTY
        return self._code

    def _extra(self) -> list[str]:
        tally = self._tally
        out = []
        reconnects = max(0, tally.opened - len(self._sessions))
        doubles = sum(session.reader.doubles for session in self._sessions)
        for count, word in (
            (reconnects, "reconnect"),
            (doubles, "dropped double"),
            (tally.unreadable, "unreadable part"),
        ):
            if count:
                out.append(words.many(count, word))
        if tally.credits:
            out.append(words.many(tally.credits, "credit"))
        return out

    # --- time -------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """The clock of everything: frames, silences, a machine that slept, the end of `--for`."""
        second, ahead = 0.0, ahead_of_sleep()
        while True:
            now = steady()
            for sink in (*self._sinks, *self._watching, self.talk):
                sink.tick(now)
            if now - second >= 1.0:
                second = now
                for session in self._sessions:
                    if (batch := session.tick()).events:
                        self._emit(batch)
                slept, ahead = ahead_of_sleep() - ahead, ahead_of_sleep()
                if slept > _SLEPT:
                    for session in self._sessions:
                        session.cut(Failure(kind="slept", text=f"for {words.lasting(slept)}"))
            if self._plan.seconds is not None and now - self._started >= self._plan.seconds:
                self.stop(retry.OK, "the time is up")
            await asyncio.sleep(_TICK)

    def _silence(self, now: float) -> float:
        """For how many seconds the quietest link that is up has sent no byte."""
        return max((session.silent(now) for session in self._sessions if session.is_open), default=0.0)

    # --- parts ------------------------------------------------------------------------------------

    def _session(self, conn: int, request: Request, opener: Opener, gate: Gate) -> Session:
        self._encoder.introduce(conn, request)
        self._encoder.introduce(0, request)
        self.talk.introduce(conn, request.label)
        raw = self._plan.output == "raw"
        return Session(
            conn=conn,
            provider=self._plan.provider,
            request=request,
            open=opener.open,
            gate=gate,
            policy=self._plan.policy,
            wants=Wants(quotes=not raw, payloads=raw),
            max_silence=self._plan.max_silence,
        )

    def _add_sinks(self) -> None:
        terminal = os.isatty(1)
        match self._plan.output:
            case "json":
                from oddstail.sinks.ndjson import NDJSONSink

                self._sinks.append(NDJSONSink(self._out, self._encoder))
            case "raw":
                from oddstail.sinks.ndjson import RawSink

                self._sinks.append(RawSink(self._out, terminal=terminal))
            case "lines":
                from oddstail.sinks.lines import LinesSink

                self._sinks.append(LinesSink(self._out))
            case "table":
                from oddstail.sinks.table import TableSink

                labels = {conn: request.label for conn, request in enumerate(self._plan.requests, 1)}
                self._screen = TableSink(
                    self._out,
                    f"{self._plan.provider.title}  {', '.join(labels.values())}",
                    terminal=terminal,
                    look=self._plan.look,
                    banner=self._plan.banner,
                    notes=list(self._plan.notes),
                    labels=labels,
                    silence=self._silence,
                    now=self._plan.shown_now,
                    quit=lambda: self.stop(retry.OK, "quit"),
                )
                self._watching.append(self._screen)
                if terminal and os.isatty(2):
                    self.talk.hold()
