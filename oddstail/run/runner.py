"""One run: sessions, sinks, the ticker, signals, the exit code. Wires what is known elsewhere; knows nothing itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from oddstail import retry, words
from oddstail.capture.store import Store, Unwritable
from oddstail.clock import Clock, Gate, steady, wall
from oddstail.model import Batch, End, Failure, Memory, Notice, Request
from oddstail.reader import Wants
from oddstail.record import Encoder
from oddstail.run import outputs, summary
from oddstail.run.clocks import Clocks
from oddstail.run.direct import Direct
from oddstail.run.emptiness import Emptiness
from oddstail.run.failures import CLOSED_PIPE, Failures
from oddstail.run.hydrating import Hydrating
from oddstail.run.keeping import Keeping
from oddstail.run.opener import Opener
from oddstail.run.passing import Passing
from oddstail.run.plan import Leg, Plan
from oddstail.run.resuming import Resuming
from oddstail.run.source import Playing, Source
from oddstail.run.starts import Starts
from oddstail.run.tally import Tally
from oddstail.run.telling import Telling
from oddstail.run.terminal import Terminal
from oddstail.session import Session
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.progress import is_watched
from oddstail.sinks.talk import NORMAL, QUIET, Talk
from oddstail.text import Redactor

if TYPE_CHECKING:
    from oddstail.run.alerting import Alerting
    from oddstail.run.markets import Markets
    from oddstail.sinks.table import TableSink

#: Exit codes of signals: 128 and the signal's number.
_SIGNALS = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupted", signal.SIGHUP: "hung up"}
_TICK, _LATE = 0.25, 1.0
#: Seconds to write out what waits, once it is over; with the sockets' own second it stays under 5.
_FLUSH = 3.0
_HANG_UP = 2.0  # a terminal may vanish some moments after its SIGHUP


class Ending(NamedTuple):
    """Why a run stops. `by_clock`: nobody sat in front of it, and a night without a link is told to cron."""

    code: int
    reason: str
    by_clock: bool = False


class Run:
    """Call `main()` once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tally = Tally()
        self._redactor = Redactor(plan.secrets)
        self._errors = Outlet(2, self._redactor)
        self._out = Outlet(1, self._redactor, lambda error: self._failures.of_stdout(error))
        log = None
        if plan.log is not None:
            log = Outlet(plan.log.fd, self._redactor, lambda error: self._failures.of_log(plan.log, error))
        self.talk = Talk(
            self._errors,
            plan.talk,
            self._redactor.text,
            log=log,
            as_json=plan.log_json,
            watched=is_watched(),
            zone=plan.zone,
        )
        self._terminal = Terminal()
        self._failures = Failures(self.talk, self._terminal, self.stop, self._hang_up, self._crash)
        self._encoder = Encoder()
        aloud = partial(self.talk.say, level=QUIET)
        self._keeping = Keeping(plan, self._encoder, self._redactor, self._failures.of_capture, aloud, self._now)
        self._encoder.run = self._keeping.run
        self._resuming = Resuming(plan.saving.state, self._say_aside) if plan.saving.state is not None else None
        self._starts = Starts() if plan.until_start else None
        self._hydrating: dict[int, Hydrating] = {}
        self._notes = list(plan.notes)
        self._emptiness = Emptiness(
            plan.legs, self._notes, lambda notice: self._passing.tell(Batch(0, self._now(), [notice]))
        )
        self._passing = Passing(plan, self._tally, self.talk, self._keeping.tape, self.stop)
        self._alerting: Alerting | None = None
        if plan.alerts is not None:
            from oddstail.run.alerting import Alerting

            self._alerting = Alerting(plan.alerts, self._encoder, self._errors, self.talk, self._passing.emit)
            self._passing.alerting = self._alerting
        self._markets: Markets | None = None
        if plan.reads_markets:
            from oddstail.run.markets import state_of_markets

            self._markets = self._passing.markets = state_of_markets(plan)
        self._failures.keeping, self._failures.passing = self._keeping, self._passing
        self._openers: list[Opener] = []
        self._hung_up = -_HANG_UP
        self._hurry = asyncio.Event()
        self._bug: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sessions: list[Session] = []
        self._playing: Playing | None = None
        self._sources: list[Source] = []
        self._stop = asyncio.Event()
        self._ending: Ending | None = None
        self._started = steady()
        self._telling = Telling(plan, self._tally, self._keeping, self._links, self._doubles)
        self._interrupts = 0
        self._screen: TableSink | None = None

    async def main(self) -> int:
        """Run until there is a reason to stop. Returns the exit code."""
        plan = self._plan
        self._add_sinks()
        for note in plan.notes:
            self.talk.say(note)
        self._listen()
        if plan.play is not None:
            # A capture may have something to say before its first connection: that a line of it is torn.
            self._encoder.introduce(0, plan.requests[0])
            self._playing = plan.play(self._introduce, self._encoder.named, self._wants())
            self._sources = [self._playing]
            self.talk.told_by = self._playing.kind
            if plan.output == "none" or not os.isatty(1):
                self.talk.progress = self._playing.progress
        else:
            gates, memories = dict[str, Gate](), dict[str, Memory]()
            for leg in plan.legs:
                # A provider counts connects, whoever makes them.
                name = leg.provider.name
                gate = gates.setdefault(name, Gate(leg.provider.rate, Clock()))
                self._add(leg, gate, memories.setdefault(name, Memory()))
            self._sources = [*self._sessions]
            if self._resuming is not None and (nothing := self._resuming.note()) is not None:
                self.talk.say(nothing)
                self._notes.append(nothing)
        try:
            await self._keeping.open()
        except Unwritable as error:
            self.talk.say(str(error), QUIET)
            self.stop(retry.OUTPUT, f"not started: {self._keeping.trouble}")
            return await self._finish()
        pumps = [asyncio.create_task(self._pump(source)) for source in self._sources]
        ticker = asyncio.create_task(self._tick())
        everything = asyncio.create_task(asyncio.wait(pumps, return_when=asyncio.FIRST_EXCEPTION))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait([everything, stopped, ticker], return_when=asyncio.FIRST_COMPLETED)
        # While the links are still what they were: what comes next closes them.
        self._telling.silent = [one.silence(steady()) for one in self._sessions if one.is_open]
        tasks = (*pumps, everything, stopped, ticker)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for hydrating in self._hydrating.values():
            await hydrating.aclose()
        await self._emptiness.aclose()
        for opener in self._openers:
            await opener.aclose()
        for result in results:
            if isinstance(result, Exception):
                raise result
        if self._bug is not None:
            raise self._bug
        return await self._finish()

    # --- the way of a batch -----------------------------------------------------------------------

    async def _pump(self, source: Source) -> None:
        async with contextlib.aclosing(source.events()) as batches:
            async for batch in batches:
                self._passing.emit(batch)
                if isinstance(source, Session) and source.conn in self._hydrating:
                    await self._hydrating[source.conn].look(source)
                if self._out.is_full:
                    await self._held_up(source, self._out, "stdout is not read")
                if (store := self._keeping.full()) is not None:
                    await self._held_up(source, store, f"the disk of {store.place} does not keep up")
                if self._stop.is_set():
                    return
        if source is self._playing and self._screen is not None and self._screen.over(self._playing.reason):
            # The last picture is what many watch a tape for: it stays until its watcher has seen it.
            await self._stop.wait()

    async def _room(self) -> None:
        """Wait until what was emitted beside the streams has gone where it is to go."""
        if self._out.is_full:
            await self._out.room()
        if (store := self._keeping.full()) is not None:
            await store.room()

    async def _held_up(self, source: Source, output: Outlet | Store | Direct, why: str) -> None:
        """An output does not keep up: stop reading until it does, and say what that may cost."""
        since = steady()
        label = source.label
        self.talk.say(f"{label}: {why}, {output.pending >> 20} MiB wait; reading pauses", NORMAL)
        source.hold()
        await output.room()
        source.resume()
        held = steady() - since
        text = f"{label}: reading paused for {words.lasting(held)} because {why}; nothing was dropped"
        notice = Notice(code="held-up", text=text, value=round(held, 3))
        self._passing.tell(Batch(source.conn, self._now(), [notice]))

    # --- ends -------------------------------------------------------------------------------------

    def stop(self, code: int, reason: str, *, by_clock: bool = False) -> None:
        """End the run; the first reason counts."""
        self._ending = self._ending or Ending(code, reason, by_clock)
        self._stop.set()

    def _listen(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        # nohup: whoever started this wants it to outlive the terminal.
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        for number in _SIGNALS:
            if number is not signal.SIGHUP or not ignored or self._keeping.stores:
                loop.add_signal_handler(number, self._signalled, number)
        if ignored:
            self._terminal.forget()
        loop.add_signal_handler(signal.SIGUSR1, lambda: self.talk.say(self._telling.so_far(), QUIET))

    def _signalled(self, number: signal.Signals) -> None:
        if number is signal.SIGHUP and self._keeping.stores and not self._terminal.is_gone:
            # To who captures it says, as to any daemon: a new file, please. A terminal that is gone says: leave.
            self._keeping.rotate()
            self._hung_up = steady()
            return
        self._hurry.set()
        if number is signal.SIGINT:
            self._interrupts += 1
            if self._interrupts > 1:
                if self._screen is not None:
                    self._screen.rescue()
                os._exit(128 + number)
        self.stop(128 + number, _SIGNALS[number])

    def _hang_up(self) -> None:
        """Whoever watched has left."""
        self._hurry.set()
        self.stop(128 + signal.SIGHUP, _SIGNALS[signal.SIGHUP])

    def _crash(self, error: Exception) -> None:
        """End with a bug."""
        self._bug = error
        self._stop.set()

    async def _finish(self) -> int:
        for source in self._sources:
            if (batch := source.ended()).events:
                self._passing.emit(batch)
        if self._alerting is not None:
            self._alerting.last()
        # Not before: the last word is not earlier than the one before it.
        now = self._now()
        code, reason = self._ended()
        end = End(code=code, reason=reason, quotes=self._tally.quotes, gaps=self._tally.gaps)
        told = self._playing and self._playing.end
        self._passing.tell(Batch(0, now, [replace(end, code=told.code, reason=told.reason) if told else end]))
        for sink in (*self._passing.sinks, *self._passing.watching):
            sink.close()
        if self._alerting is not None:
            await self._alerting.finish(_FLUSH / 2)
        keeping = self._keeping.close(_FLUSH, self._hurry)
        left, unkept = await asyncio.gather(self._put_out(), self.talk.during(keeping, self._keeping.doing))
        closed = isinstance(self._out.error, BrokenPipeError)
        if self._failures.is_unread:
            left = 0  # the capture has it all
        elif closed and code == retry.OK:
            code = CLOSED_PIPE
        # A reader that left while we were ending anyway (Ctrl-C reaches a whole pipe) misses nothing.
        if left and not closed:
            text = f"{left:,} bytes were not written, since "
            text += self._out.error.strerror or str(self._out.error) if self._out.error else "stdout was not read"
            self.talk.say(text, QUIET)
            if code == retry.OK:
                code = retry.OUTPUT
        if unkept:
            self.talk.say(f"{unkept:,} bytes were not written to files", QUIET)
        if (unkept or self._keeping.failures) and code == retry.OK:
            code = retry.OUTPUT
        if self._resuming is not None and not (left or unkept or self._keeping.trouble):
            self._resuming.marks(self._sessions, last=True)()
            code = code or (retry.OUTPUT if self._resuming.failed else retry.OK)
        self.talk.say(self._telling.line(end))
        try:
            await self._telling.write(replace(end, code=code), left + unkept, _FLUSH)
        except Unwritable as error:
            self.talk.say(str(error), QUIET)
            code = code or retry.OUTPUT
        await self.talk.finish(1.0)
        return code

    async def _put_out(self) -> int:
        """Write out what is left for stdout; the bytes that could not be written."""
        left = await self._out.finish(_FLUSH)
        # Only now: what was held back would go down with the screen, if that is still up.
        self.talk.close()
        return left

    def _say_aside(self, text: str) -> None:
        """From whichever thread: one line for people, whatever the level of talk."""
        if asyncio._get_running_loop() is self._loop:
            # Not a turn later: at the end of a run there is none.
            self.talk.say(text, QUIET)
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.talk.say, text, QUIET)

    def _doubles(self) -> int:
        return sum(source.doubles for source in self._sources)

    def _links(self) -> int:
        return self._playing.conns if self._playing is not None else len(self._sessions)

    def _now(self) -> int:
        """The clock of what is shown: ours, or a tape's."""
        return self._playing.now if self._playing is not None else wall()

    async def abandon(self) -> None:
        """After a bug: give the terminal back, end the files, and leave it to the caller to say what it was."""
        tally = self._tally
        end = Batch(0, self._now(), [End(code=1, reason="a bug in oddstail", quotes=tally.quotes, gaps=tally.gaps)])
        if self._keeping.tape is not None:
            self._keeping.tape.told(end)
        for sink in (*self._passing.sinks, *self._passing.watching, self.talk):
            # Whichever of them is broken.
            with contextlib.suppress(Exception):
                sink.emit(end)
            with contextlib.suppress(Exception):
                sink.close()
        await asyncio.gather(self._out.finish(_FLUSH), self._keeping.close(_FLUSH, None))

    def _ended(self) -> tuple[int, str]:
        """The exit code, and why the run is over, for people."""
        # One that failed takes no other down, and is not forgotten because the others went on to the end.
        # A game that was over from the first is no failure where others were watched.
        watched = any(one.reader.was_open for one in self._sessions)
        over = {one.conn for one in self._sessions if one.over and watched}
        exits = [self._plan.code, *(source.exit for source in self._sources if source.conn not in over)]
        failed = next((code for code in exits if code), retry.OK)
        how = "ended" if failed == retry.OK else "gave up"
        code, reason, by_clock = self._ending or Ending(failed, self._playing.reason if self._playing else how)
        if not self._tally.opened and self._playing is None and not self._keeping.trouble:
            reason += ", never connected"
        if code == retry.OK and by_clock:
            unreached = summary.unreached(self._sessions, steady() - self._started, wall(), self._plan.zone)
            for line in unreached:
                self.talk.say(line, QUIET)
            if unreached:
                return failed or retry.NETWORK, reason
        if code == retry.OK and self._plan.fail_if_empty:
            if self._plan.exit_on is not None:
                return (code, reason) if self._passing.matched else (retry.EMPTY, f"nothing matched ({reason})")
            if not (self._tally.data or self._tally.alerts):
                return retry.EMPTY, f"no data ({reason})"
        return code or failed, reason

    def _later(self, call: Callable[[], None]) -> None:
        """Once all that came until now is written; not in the loop, which no disk may hold up."""
        if self._keeping.stores:
            self._keeping.after(call)
        elif self._loop is not None:
            self._loop.run_in_executor(None, call)

    # --- time -------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        """The clock of everything: frames, silences, a machine that slept, the end of `--for`."""
        second, clocks = 0.0, Clocks()
        while True:
            now = steady()
            for sink in (*self._passing.sinks, *self._passing.watching, self.talk):
                sink.tick(now)
            if now - second >= 1.0:
                second = now
                # Before the sources look: a link that was silent while the machine slept was not silent.
                self._clocks_moved(*clocks.look())
                if self._alerting is not None:
                    self._alerting.tick()
                for source in self._sources:
                    if (batch := source.tick()).events:
                        self._passing.emit(batch)
                self._emptiness.tick(now, self._tally.passed, self._sessions)
                if self._resuming is not None and self._keeping.is_out(self._out.pending):
                    self._later(self._resuming.marks(self._sessions))
                if self._starts is not None and self._starts.all_begun(wall()):
                    self.stop(retry.OK, "every game has started", by_clock=True)
            if now - self._hung_up < _HANG_UP and self._terminal.is_gone:
                self._hurry.set()
                self.stop(128 + signal.SIGHUP, _SIGNALS[signal.SIGHUP])
            plan = self._plan
            if (plan.seconds is not None and now - self._started >= plan.seconds) or (
                plan.until is not None and wall() >= plan.until
            ):
                self.stop(retry.OK, "the time is up", by_clock=True)
            await asyncio.sleep(_TICK)
            # Stopped, or starved: what came meanwhile is read before anybody is told that nothing did.
            await asyncio.sleep(_TICK if steady() - now > _LATE else 0)

    def _clocks_moved(self, slept: float, jumped: float) -> None:
        if slept:
            for source in self._sources:
                source.cut(Failure(kind="slept", text=f"for {words.lasting(slept)}"))
        if jumped:
            way = "forward" if jumped > 0 else "back"
            text = f"this machine's clock was set {way} by {words.lasting(abs(jumped))}; recv jumps with it"
            self._passing.tell(Batch(0, wall(), [Notice(code="clock", text=text, value=round(jumped, 3))]))

    def _silent(self, now: float) -> dict[int, float]:
        """For how many seconds each link that is up, and overdue, has sent no byte."""
        return {one.conn: silence for one in self._sessions if one.is_open and (silence := one.silence(now))}

    # --- parts ------------------------------------------------------------------------------------

    def _introduce(self, conn: int, request: Request) -> None:
        self._encoder.introduce(conn, request)
        self._encoder.introduce(0, request)
        self.talk.introduce(conn, request.label)
        if self._plan.play is not None:
            # Of captures nobody knows before which connection goes on where another has ended.
            titles = {leg.provider.name: leg.provider.title for leg in self._plan.legs}
            if self._markets is not None and (title := titles.get(request.provider)) is not None:
                self._markets.introduce(conn, title)
            if self._screen is not None:
                self._screen.introduce(conn, request.label)

    def _wants(self) -> Wants:
        raw = self._plan.output == "raw"
        judged = bool(self._keeping.sinks) or self._markets is not None or self._starts is not None
        return Wants(quotes=not raw or judged, payloads=raw)

    def _add(self, leg: Leg, gate: Gate, memory: Memory) -> None:
        """The sessions of one provider, numbered after those that there are."""
        opener = Opener(leg)
        self._openers.append(opener)
        hydrating = (
            None if leg.snapshots is None else Hydrating(leg.snapshots, opener.fetch, self._passing.emit, self._room)
        )
        for conn, request in enumerate(leg.requests, len(self._sessions) + 1):
            self._sessions.append(self._session(conn, request, leg, opener, gate, memory))
            self._passing.filters[conn] = leg.filter
            if hydrating is not None:
                self._hydrating[conn] = hydrating

    def _session(self, conn: int, request: Request, leg: Leg, opener: Opener, gate: Gate, memory: Memory) -> Session:
        self._introduce(conn, request)
        made = Session(
            conn=conn,
            provider=leg.provider,
            request=request,
            open=opener.open,
            gate=gate,
            policy=leg.policy,
            wants=self._wants(),
            memory=memory,
            max_silence=leg.max_silence,
            tape=self._keeping.tape,
        )
        if self._resuming is not None:
            self._resuming.continues(made)
        return made

    def _add_sinks(self) -> None:
        terminal = os.isatty(1)
        if self._plan.output == "table" and self._markets is not None:
            self._screen = outputs.screen(
                self._plan,
                self._out,
                self._markets.board,
                terminal=terminal,
                notes=self._notes,
                silent=self._silent,
                now=self._now,
                quit=lambda: self.stop(retry.OK, "quit"),
            )
            self._failures.shown = [self._screen]
            self._passing.watching += self._failures.shown
            if terminal and os.isatty(2):
                self.talk.hold()
        else:
            self._failures.shown = outputs.lines(self._plan, self._out, self._encoder, terminal=terminal)
            self._passing.sinks += self._failures.shown
        self._passing.sinks += self._keeping.sinks
        self._passing.watching += self._keeping.watching
        if self._starts is not None:
            self._passing.watching.append(self._starts)
