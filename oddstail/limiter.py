"""Keeps a provider's limit of GETs over every process of this machine, with one small file under a lock.

Providers count by address or by key, not by process: two look-ups and a stream that hydrates share one
allowance. A library would have to bring a server or a database for that; the generic cell rate
algorithm (ITU-T I.371, A.1; the way GitHub and Stripe count) needs one number: when the allowance
would be whole again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import time

from oddstail.lookup import Pace


class TooBusyError(Exception):
    """The limit leaves no place soon enough. `wait` is how long it would take, in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"the limit of requests leaves no place for {wait:.0f} s")
        self.wait = wait


def slot(whole_at: float, now: float, pace: Pace) -> tuple[float, float]:
    """Seconds to wait for the next place, and when the allowance will be whole once it is taken.

    `whole_at` is what the last call returned. A clock that was set back must not lock us out: no
    allowance is ever further from whole than a burst and what is reserved in its queue.
    """
    whole_at = min(max(whole_at, now), now + pace.every * (pace.burst + _QUEUE))
    return max(0.0, whole_at - now - pace.every * (pace.burst - 1)), whole_at + pace.every


#: Places that may be reserved ahead, beyond the burst.
_QUEUE = 100
#: How often the lock is tried for, and the pause between, in seconds: it is held for microseconds.
_TRIES, _PAUSE = 40, 0.01


class Limiter:
    """One allowance, by name. Without a folder (no home, or one that cannot be written) it is this process's own."""

    def __init__(
        self,
        name: str,
        pace: Pace,
        folder: Path | None,
        *,
        clock: Callable[[], float] = time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._own = 0.0
        # The name may be of a server that the user named: never a path.
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._-")[:100] or "unnamed"
        self._path = None if folder is None else folder / f"{safe}.limit"

    async def passed(self, most: float = 300.0) -> None:
        """Wait for a place and take it. TooBusyError where that takes more than `most` seconds: none is taken then."""
        for _ in range(_TRIES):
            try:
                wait = self._reserve(most)
                break
            except BlockingIOError:
                await self._sleep(_PAUSE)
        else:
            # Whoever holds the lock was stopped while it did. Our own count is better than to hang with it.
            self._path = None
            wait = self._reserve(most)
        if wait > 0:
            await self._sleep(wait)

    def _reserve(self, most: float) -> float:
        with contextlib.ExitStack() as stack:
            fd = self._locked(stack)
            before = self._own if fd is None else self._shared(fd)
            wait, after = slot(before, self._clock(), self._pace)
            if wait > most:
                raise TooBusyError(wait)
            self._own = after
            if fd is not None:
                self._share(fd, after)
            return wait

    def _share(self, fd: int, after: float) -> None:
        """Tell the other processes; a full disk leaves this process with a limit of its own."""
        try:
            os.pwrite(fd, f"{after:020.3f}\n".encode(), 0)
        except OSError:
            self._path = None

    def _shared(self, fd: int) -> float:
        """What this process and the others know together."""
        try:
            return _number(os.pread(fd, 64, 0))
        except OSError:
            return self._own

    def _locked(self, stack: contextlib.ExitStack) -> int | None:
        """The file, locked for some microseconds. A disk that fails is no reason to ask no more."""
        if self._path is None:
            return None
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            stack.callback(os.close, fd)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            self._path = None
            return None
        return fd


def _number(data: bytes) -> float:
    try:
        value = float(data)
    except ValueError:
        return 0.0
    return value if 0.0 <= value < 1e12 else 0.0
