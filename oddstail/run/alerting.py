"""Alerts on their way out: a bell, a command, a webhook. Never holds up the stream; never more than so many.

The record of an alert goes the way of all records, however many there are; what rings, runs or posts is limited,
and what was held back is told with its count.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from oddstail.alerts import Rules
from oddstail.clock import steady, wall
from oddstail.model import Alert, Batch, LinkError, MarketAlert, Notice, Steam
from oddstail.record import Encoder
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import QUIET, Talk
from oddstail.text import Secret, holds_a_key, visible
from oddstail.transports import Limits
from oddstail.words import describe, many

#: So many alerts at once, and one more each so many seconds.
BURST, EVERY = 10, 2.0
#: Seconds that a command has, and tries of a webhook with their waits.
_COMMAND = 30.0
_WAITS = (1.0, 5.0)
#: Commands and posts at a time, and how many of them may be under way or wait: an alert of an hour ago helps nobody.
_AT_ONCE, _WAITING = 4, 20
#: What a webhook may do better at the next try.
_PASSING = frozenset({"network", "timeout", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What to do about quotes that rules speak of. `webhook` may hold a secret."""

    rules: Rules
    bell: bool = True
    command: tuple[str, ...] = ()
    webhook: Secret | None = None
    limits: Limits


class Alerting:
    """Takes batches and gives them back with their alerts. `emit` puts a notice into the stream."""

    def __init__(
        self,
        alerts: Alerts,
        encoder: Encoder,
        errors: Outlet,
        talk: Talk,
        emit: Callable[[Batch], None],
    ) -> None:
        self._alerts = alerts
        self._encoder = encoder
        self._errors = errors
        self._talk = talk
        self._emit = emit
        self._rings = alerts.bell and os.isatty(errors.fd)
        self._tokens, self._filled = float(BURST), steady()
        self._held = self._count = 0
        #: By flag, why it does not work just now.
        self._failing: dict[str, str] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._webhook = None
        if alerts.webhook is not None:
            from oddstail.transports.webhook import Webhook

            self._webhook = Webhook(alerts.webhook.reveal(), alerts.limits)

    def judged(self, batch: Batch) -> tuple[Batch, frozenset[int]]:
        """The batch with its alerts, which are on their way; and the ids of those that come too fast for people."""
        before = set(map(id, batch.events))
        events = self._alerts.rules.judged(batch)
        hushed = []
        for event in events:
            # Steam comes with the batch; of other alerts, what a capture contains is history.
            if not isinstance(event, Alert | MarketAlert | Steam) or (id(event) in before and type(event) is not Steam):
                continue
            if not self._deliver(batch, event):
                hushed.append(id(event))
        return (batch if len(events) == len(batch.events) else batch._replace(events=events)), frozenset(hushed)

    def tick(self) -> None:
        """Once a second or so: tell what was held back, when there is room again."""
        if self._held and self._room() >= 1 and len(self._tasks) < _WAITING:
            self._tell_held()

    def _tell_held(self) -> None:
        held, self._held = self._held, 0
        text = f"{many(held, 'alert')} came too fast to ring, run or post; the records have them all"
        self._emit(Batch(0, wall(), [Notice(code="alerts-held", text=text, value=held)]))

    def last(self) -> None:
        """The stream ends: what was held back is told now."""
        if self._held:
            self._tell_held()

    async def finish(self, seconds: float) -> None:
        """Let what is on its way arrive, for so long at the most."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if late:
                why = "; ".join(f"{flag} {text}" for flag, text in self._failing.items())
                text = f"{many(len(late), 'alert')} could not be delivered before the end"
                self._talk.say(f"{text}: {why}" if why else text, QUIET)
        if self._webhook is not None:
            await self._webhook.aclose()

    def _room(self) -> float:
        now = steady()
        self._tokens = min(float(BURST), self._tokens + (now - self._filled) / EVERY)
        self._filled = now
        return self._tokens

    def _deliver(self, batch: Batch, alert: Alert | MarketAlert | Steam) -> bool:
        """Ring, run and post; False if that comes too fast."""
        if self._room() < 1 or len(self._tasks) >= _WAITING:
            self._held += 1
            return False
        self._tokens -= 1
        if self._rings:
            # Twice where nobody saw the move.
            self._errors.put(b"\a\a" if isinstance(alert, Alert) and alert.gap_s else b"\a")
        # In the stream its number comes later; here it counts what was sent.
        self._count += 1
        record = self._encoder.apart(batch, alert, self._count).encode()
        if self._alerts.command:
            self._start(self._run(record))
        if self._webhook is not None:
            self._start(self._post(record))
        return True

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, record: bytes) -> None:
        command = self._alerts.command
        env = {name: value for name, value in os.environ.items() if not holds_a_key(name)}
        async with self._turn:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                    env=env,
                    start_new_session=True,
                )
            except OSError as error:
                self._failed("--exec", f"{command[0]}: {error.strerror}")
                return
            try:
                async with asyncio.timeout(_COMMAND):
                    _, said = await process.communicate(record)
            except TimeoutError:
                _end(process)
                self._failed("--exec", f"{command[0]}: not done within {_COMMAND:g} s, ended")
                return
            except asyncio.CancelledError:
                _end(process)
                raise
            if process.returncode:
                last = visible(said.decode("utf-8", "replace").strip().rpartition("\n")[2], 200)
                text = f"{command[0]}: exit code {process.returncode}"
                self._failed("--exec", f"{text}: {last}" if last else text)
            else:
                self._failing.pop("--exec", None)

    async def _post(self, record: bytes) -> None:
        assert self._webhook is not None
        async with self._turn:
            for wait in (*_WAITS, None):
                try:
                    await self._webhook.post(record)
                except LinkError as error:
                    failure = error.failure
                    code = failure.code or 0
                    passing = failure.kind in _PASSING or code in (408, 425, 429) or code >= 500
                    # At once, though it is tried again: who waits for an alert wants to know now why none comes.
                    self._failed("--webhook", f"{self._webhook.host}: {describe(failure)}")
                    if wait is None or not passing:
                        return
                    await asyncio.sleep(wait)
                else:
                    self._failing.pop("--webhook", None)
                    return

    def _failed(self, flag: str, text: str) -> None:
        """Say it once, and again after it went well in between."""
        if flag not in self._failing:
            self._talk.say(f"{flag} {text}", QUIET)
        self._failing[flag] = text


def _end(process: asyncio.subprocess.Process) -> None:
    """A command and whatever it started: it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
