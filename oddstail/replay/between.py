"""What lies between two runs of the same request: nobody watched, and no run can tell. Pure.

A run tells the gaps that it had. That another one followed only who has both can know, and so it is told here: from
the last moment that the one knew of to the first good link of the other, or to where its own gaps begin.
"""

from __future__ import annotations

from collections.abc import Iterable

from oddstail.model import Batch, Event, Gap, Opened, Request
from oddstail.reader import NOT_RUNNING
from oddstail.replay.runs import Asked, asked


class Between:
    """Tell it which connections begin and are over, and ask it of every batch whether a hole ends there."""

    def __init__(self) -> None:
        #: Connections that were not good yet, by their number; nobody is to be asked of any other.
        self.awaited: dict[int, Asked] = {}
        self._good: dict[int, Asked] = {}
        self._until: dict[Asked, int] = {}
        self._free: dict[Asked, list[int]] = {}

    def number(self, request: Request) -> int | None:
        """The number that a connection of this request had whose run is over; it is given away once."""
        free = self._free.get(asked(request))
        return free.pop(0) if free else None

    def begins(self, number: int, request: Request) -> None:
        """A run has this connection."""
        self.awaited[number] = asked(request)

    def over(self, number: int, until: int | None) -> None:
        """Its run has nothing more, and knows of it `until` then, in microseconds."""
        known = self._good.pop(number, None)
        # One that was never good knows of nothing.
        if known is not None and until is not None:
            self._until[known] = max(until, self._until.get(known, until))
        known = known or self.awaited.pop(number, None)
        if known is not None:
            self._free.setdefault(known, []).append(number)

    def follows(self, request: Request, later: Iterable[Request | frozenset[Asked]]) -> bool:
        """Whether what is asked for is asked for again, by a run that goes on or by one of those to come."""
        return asked(request) not in self._good.values() and self.comes(request, later)

    def comes(self, request: Request, later: Iterable[Request | frozenset[Asked]]) -> bool:
        """The same, whether or not another run watches meanwhile: its number may be given to the next."""
        name = asked(request)
        if name in self.awaited.values():
            return True
        return any(name in one if isinstance(one, frozenset) else name == asked(one) for one in later)

    def hole(self, batch: Batch) -> Gap | None:
        """What was not watched before this batch and nobody told, where it makes a connection good."""
        name = self.awaited.get(batch.conn)
        start = None if name is None else _start(batch)
        if name is None or start is None:
            return None
        beside = name in self._good.values()
        self._good[batch.conn] = self.awaited.pop(batch.conn)
        until = self._until.get(name)
        if beside or until is None or start <= until or _tells(batch):
            return None
        return Gap(start=until, end=start, seconds=(start - until) / 1e6, cause=NOT_RUNNING, resumed="no")

    def filled(self, batch: Batch) -> Batch:
        """The batch with the gap that ends with it, in its place."""
        gap = self.hole(batch)
        if gap is None:
            return batch
        at = next((n for n, event in enumerate(batch.events, 1) if type(event) is Opened), 0)
        events: list[Event] = [*batch.events[:at], gap, *batch.events[at:]]
        return batch._replace(events=events)


def _start(batch: Batch) -> int | None:
    """From when on a connection's own run tells of it, if it does so by now: its link, or a gap before that."""
    starts = [
        event.start if isinstance(event, Gap) else batch.recv
        for event in batch.events
        if isinstance(event, (Opened, Gap))
    ]
    return min(starts, default=None)


def _tells(batch: Batch) -> bool:
    """Whether the run went on where an earlier one ended (`--resume`): it knows best up to when that heard a byte."""
    return any(isinstance(event, Gap) and event.cause == NOT_RUNNING for event in batch.events)
