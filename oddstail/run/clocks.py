"""What befell this machine's clocks between two looks: it slept, or somebody set the time. Does nothing about it."""

from __future__ import annotations

from oddstail.clock import ahead_of_sleep, steady, wall

#: Seconds that are no jitter: what slept longer has dead links, and a wall clock that jumps further was set.
JUMP = 5.0


class Clocks:
    """Call `look()` once a second."""

    def __init__(self) -> None:
        self._ahead, self._offset = ahead_of_sleep(), _offset()

    def look(self) -> tuple[float, float]:
        """Since the last look: the seconds slept, and those by which the wall clock jumped. Mostly 0 and 0."""
        ahead, offset = ahead_of_sleep(), _offset()
        slept, self._ahead = ahead - self._ahead, ahead
        jumped, self._offset = offset - self._offset, offset
        if slept > JUMP:
            # Where no clock counts sleep, the two cannot be told apart.
            return slept, 0.0
        return 0.0, jumped if abs(jumped) > JUMP else 0.0


def _offset() -> float:
    return wall() / 1e6 - steady()
