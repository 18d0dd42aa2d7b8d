"""A time for which nobody watches a stream: since when, and why; a gap once it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from oddstail.model import Gap, Resumed


@dataclass(slots=True)
class Outage:
    """`wall` is when it began in microseconds since the epoch, `steady` in seconds by a clock that never jumps."""

    wall: int
    steady: float
    cause: str

    def gap(self, resumed: Resumed, wall: int, now: float) -> Gap:
        """Return the gap that it leaves if it ends now, by both clocks."""
        # A wall clock that was set back meanwhile would have it end before it began; `seconds` never jumps.
        start = min(self.wall, wall)
        return Gap(start=start, end=wall, seconds=now - self.steady, cause=self.cause, resumed=resumed)
