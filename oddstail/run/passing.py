"""The way of a batch through a run: filters, alerts, counts, people, screens, and what is written. Knows no source."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from oddstail import retry, words
from oddstail.filters import Filter
from oddstail.model import Batch, End, Event, Gap, Left, Payload, Quote, Result
from oddstail.record import TYPES
from oddstail.run.plan import Plan
from oddstail.run.tally import Tally, is_data, up_to
from oddstail.sinks import Sink
from oddstail.sinks.talk import Talk

if TYPE_CHECKING:
    from oddstail.capture.tape import Recorder
    from oddstail.run.alerting import Alerting
    from oddstail.run.markets import Markets


class Passing:
    """Takes batches. `sinks` get what `--only`, `--changes` and `-c` let through, `watching` all that the filters do.

    `filters` are by the number of a connection; `stop` ends the run.
    """

    def __init__(self, plan: Plan, tally: Tally, talk: Talk, tape: Recorder | None, stop: Callable[[int, str], None]):
        self._plan = plan
        self._tally = tally
        self._talk = talk
        self._tape = tape
        self._stop = stop
        self._first = plan.legs[0].filter
        self._left = plan.count or 0
        self.filters: dict[int, Filter] = {}
        self.alerting: Alerting | None = None
        self.markets: Markets | None = None
        #: Whether what the run was to end at came.
        self.matched = False
        self.sinks: list[Sink] = []
        self.watching: list[Sink] = []

    def emit(self, batch: Batch) -> None:
        """Pass a batch on."""
        tally, events = self._tally, self.filters.get(batch.conn, self._first).keep(batch)
        if events is not batch.events:
            batch = batch._replace(events=events)
        hushed: frozenset[int] = frozenset()
        if self.markets is not None:
            batch, hushed = self._judged(batch, self.markets)
            events = batch.events
        # Most batches are nothing but quotes or payloads, and the rest is rare: one look at each event, not four.
        rest = [event for event in events if type(event) is not Quote and type(event) is not Payload]
        plain = len(events) - len(rest)
        tally.seen += 0 if self._plan.output == "raw" else plain
        for event in rest:
            tally.note(event)
        if rest:
            said = [event for event in rest if id(event) not in hushed] if hushed else rest
            self._talk.emit(batch._replace(events=said))
        for sink in self.watching:
            sink.emit(batch)
        plan = self._plan
        if plan.changes or plan.only:
            events = [event for event in events if self._keeps(event)]
            rest = [event for event in events if type(event) is not Quote and type(event) is not Payload]
            plain = len(events) - len(rest)
        if payloads := plan.output == "raw":
            data = sum(1 for event in events if type(event) is Payload)
        else:
            data = plain + sum(1 for event in rest if is_data(event))
        if plan.count is not None:
            # Most batches are all of data: one look at each event only where there is something else.
            counted = sum(1 for event in events if self._counts(event)) if plan.only else data
            if counted >= self._left:
                events = up_to(events, self._left, self._counts)
                data = sum(1 for event in events if (type(event) is Payload if payloads else is_data(event)))
                plain = sum(1 for event in events if type(event) is Quote or type(event) is Payload)
                counted = self._left
                self._stop(retry.OK, words.many(plan.count, "record"))
            self._left -= counted
        tally.data += data
        tally.quotes += 0 if plan.output == "raw" else plain
        if events:
            batch = batch._replace(events=events)
            for sink in self.sinks:
                sink.emit(batch)

    def _judged(self, batch: Batch, markets: Markets) -> tuple[Batch, frozenset[int]]:
        """The batch with its market records and alerts, and which alerts come too fast for people."""
        computed = markets.apply(batch)
        if computed:
            # The end stays the last word.
            at = len(batch.events) - (type(batch.events[-1]) is End)
            batch = batch._replace(events=[*batch.events[:at], *computed, *batch.events[at:]])
        exit_on = self._plan.exit_on
        if exit_on is not None and len(exit_on.judged(batch)) > len(batch.events):
            self.matched = True
            self._stop(retry.OK, "--exit-on matched")
        hushed: frozenset[int] = frozenset()
        if self.alerting is not None:
            batch, hushed = self.alerting.judged(batch)
        events = markets.shown(batch.events, computed)
        return (batch if events is batch.events else batch._replace(events=events)), hushed

    def tell(self, batch: Batch) -> None:
        """What the run itself has to say. A tape keeps it: no frame will say it again."""
        if self._tape is not None:
            self._tape.told(batch)
        self.emit(batch)

    def _counts(self, event: Event) -> bool:
        """Whether `-c` counts it: data; where `--only` says what is to be seen, all of that but the end.

        A gap that is still open when there are enough of them is told all the same.
        """
        if self._plan.output == "raw":
            return type(event) is Payload
        if not self._plan.only:
            return is_data(event)
        return type(event) not in (End, Left) and (self._left > 0 or type(event) is not Gap)

    def _keeps(self, event: Event) -> bool:
        plan = self._plan
        if plan.changes and (type(event) is Quote or type(event) is Result) and not event.changed:
            return False
        # That a price left a filter is no record; whoever holds what is on offer is to know.
        return not plan.only or type(event) in (Payload, Left) or TYPES.get(type(event)) in plan.only
