"""Alerts on their way out: a bell, a command, a webhook. Never holds up the stream; never more than so many.

The record of an alert goes the way of all records, however many there are; what rings, runs or posts is limited, and
what was held back is counted in a notice. A command or a webhook that hangs costs the others nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from oddstail.alerts import Rules
from oddstail.clock import steady, wall
from oddstail.model import Alert, Batch, MarketAlert, Notice, Steam
from oddstail.record import Encoder
from oddstail.run import delivery
from oddstail.run.delivery import Channel
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import QUIET, Talk
from oddstail.terminal_codes import notification
from oddstail.text import Secret
from oddstail.transports import Limits
from oddstail.words import life, many

#: So many alerts at once, and one more each so many seconds.
BURST, EVERY = 10, 2.0
#: Seconds at least between two notices of one channel that does not keep up.
_REMIND = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What to do about quotes that rules speak of. `webhook` may hold a secret."""

    rules: Rules
    bell: bool = True
    #: Whether the terminal is to show a notification of the desktop.
    notify: bool = False
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
        on_terminal = os.isatty(errors.fd)
        self._rings = alerts.bell and on_terminal
        self._notifies = alerts.notify and on_terminal
        self._tokens, self._filled = float(BURST), steady()
        self._held = self._count = 0
        self._channels: list[Channel] = []
        self._told_at: dict[str, float] = {}
        self._webhook = None
        say = partial(talk.say, level=QUIET)
        if alerts.command:
            self._channels.append(Channel("--exec", delivery.command(alerts.command), say))
        if alerts.webhook is not None:
            from oddstail.transports.webhook import Webhook

            self._webhook = Webhook(alerts.webhook.reveal(), alerts.limits)
            self._channels.append(Channel("--webhook", delivery.webhook(self._webhook), say))

    @property
    def pending(self) -> int:
        """Deliveries that are under way or wait."""
        return sum(channel.pending for channel in self._channels)

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
        """Once a second or so: report what was held back, when there is room again."""
        if self._held and self._room() >= 1:
            self._tell_held()
        now = steady()
        for channel in self._channels:
            if channel.dropped and now - self._told_at.get(channel.name, -math.inf) >= _REMIND:
                self._told_at[channel.name] = now
                self._tell_dropped(channel)

    def last(self) -> None:
        """The stream ends: report what was held back now."""
        if self._held:
            self._tell_held()
        for channel in self._channels:
            if channel.dropped:
                self._tell_dropped(channel)

    def _tell_held(self) -> None:
        held, self._held = self._held, 0
        text = f"{many(held, 'alert')} exceeded the rate limit: no bell, --exec or --webhook for them"
        self._emit(Batch(0, wall(), [Notice(code="alerts-held", text=text, value=held)]))

    def _tell_dropped(self, channel: Channel) -> None:
        dropped, channel.dropped = channel.dropped, 0
        why = f" ({channel.failing})" if channel.failing else ""
        text = f"{channel.name} does not keep up{why}: {many(dropped, 'alert')} did not go out that way"
        self._emit(Batch(0, wall(), [Notice(code="alerts-dropped", text=text, value=dropped)]))

    async def finish(self, seconds: float) -> None:
        """Let what is on its way arrive, for so long at the most."""
        late = await asyncio.gather(*(channel.finish(seconds) for channel in self._channels))
        for channel, count in zip(self._channels, late, strict=True):
            if count:
                text = f"{channel.name}: {many(count, 'alert')} could not be delivered before the end"
                self._talk.say(f"{text}: {channel.failing}" if channel.failing else text, QUIET)
        if self._webhook is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._webhook.aclose()

    def _room(self) -> float:
        now = steady()
        self._tokens = min(float(BURST), self._tokens + (now - self._filled) / EVERY)
        self._filled = now
        return self._tokens

    def _deliver(self, batch: Batch, alert: Alert | MarketAlert | Steam) -> bool:
        """Ring, run and post; False if that comes too fast."""
        if self._room() < 1:
            self._held += 1
            return False
        self._tokens -= 1
        if self._rings:
            # Twice where nobody saw the move.
            self._errors.put(b"\a\a" if isinstance(alert, Alert) and alert.gap_s else b"\a")
        if self._notifies:
            self._errors.put(notification(life(alert) or "", os.environ).encode())
        # In the stream its number comes later; here it counts what was sent.
        self._count += 1
        if self._channels:
            record = self._encoder.apart(batch, alert, self._count).encode()
            for channel in self._channels:
                channel.offer(record)
        return True
