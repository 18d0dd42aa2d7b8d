"""The time, the only way to wait for it, and the gate that keeps a connect rate. Tests bring a clock of their own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from oddstail import retry


def steady() -> float:
    """Seconds by a clock that never jumps and that counts a machine's sleep, where the system has one."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def wall() -> int:
    """Now, in microseconds since the epoch."""
    return time.time_ns() // 1000


def ahead_of_sleep() -> float:
    """How far a clock that counts sleep is ahead of one that does not; it only grows while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
    return time.time() - time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time, and the only way to wait. Tests bring their own."""

    steady: Callable[[], float] = steady
    wall: Callable[[], int] = wall
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class Gate:
    """Keeps a provider's published connect rate, over all the connections of a run."""

    def __init__(self, rate: tuple[int, float], clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._past: list[float] = []
        self._closed_until = 0.0

    def close(self, seconds: float) -> None:
        """Let no connection through for so long: the provider said that there are too many."""
        self._closed_until = max(self._closed_until, self._clock.steady() + seconds)

    async def passed(self) -> None:
        """Wait for a free slot and take it."""
        while (wait := self._wait(self._clock.steady())) > 0:
            until = self._closed_until
            await self._clock.sleep(wait)
            if self._closed_until == until:
                # Waited for in full: the clock of a test may sleep faster than it tells the time.
                self._closed_until = 0.0
        self._past = [*self._past[-self._rate[0] :], self._clock.steady()]

    def _wait(self, now: float) -> float:
        return max(retry.slot(self._past, now, self._rate), self._closed_until - now)
