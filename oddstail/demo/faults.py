"""Faults on demand, between a wire and its socket. Knows no vendor.

Connect faults (`refuse`, `accept-then-drop`, `http-429`, `http-503`, `auth`) strike whole connections. By
default the first connection is healthy and is cut after about `every` seconds, the next `burst` are struck,
then one is healthy again: so a person can watch both the fault and the recovery.

Frame faults (`stall`, `garbage`, `half-frame`, `slow`, `dup`, `reorder`) strike on a healthy connection,
about every `every` seconds, or once after `after` data frames. `reorder` swaps two neighbouring data frames
only if they tell of different prices: providers without ids send absolute state, and a swap of two states of
one price would be another market, not another order. `dup` sends a frame that is already out once more, at
once. `slow` drips all data frames for `lasts` seconds (4 by default).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from oddstail.demo.contract import Frame

FaultName = Literal[
    "refuse",
    "accept-then-drop",
    "stall",
    "garbage",
    "half-frame",
    "slow",
    "dup",
    "reorder",
    "http-429",
    "http-503",
    "auth",
]
NAMES: tuple[str, ...] = get_args(FaultName)
_ON_CONNECT = ("refuse", "accept-then-drop", "http-429", "http-503", "auth")

_RUBBISH_SSE = (
    b"data: <html>502 Bad Gateway</html>\n\n",
    b'data: {"cut": \n\n',
    b"data: \xff\xfe\x00rubbish\n\n",
)
_RUBBISH_WS = (b"<html>502 Bad Gateway</html>", b'{"cut": ', b"\xff\xfe\x00rubbish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault and when it strikes.

    `every`: seconds between strikes, give or take a third. `after`: instead, once on each connection, after
    so many data frames. `first`: only the first so many connections. `burst`: how many connects in a row.
    `chance`: of each strike. `lasts`: how long a stall (None: for ever) or a slow spell goes on.
    """

    name: FaultName
    every: float | None = 8.0
    after: int | None = None
    first: int | None = None
    burst: int = 2
    chance: float = 1.0
    lasts: float | None = None
    retry_after: int = 2

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"no fault {self.name!r}; there are: {', '.join(NAMES)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What the server does next with the socket."""

    do: Literal["send", "half", "drip", "stall", "cut"]
    frame: Frame | None = None
    seconds: float | None = None


class Faults:
    """The faults of one provider's server: counts its connections and gives each its line."""

    def __init__(self, faults: Sequence[Fault], seed: int, clock: Callable[[], float]) -> None:
        self._faults, self._clock = tuple(faults), clock
        self._rng = random.Random(seed)
        self._connects = 0

    def connect(self) -> Line:
        """The line of the next connection."""
        self._connects += 1
        struck = next((one for one in self._faults if self._strikes(one)), None)
        on_line = [one for one in self._faults if one.name not in _ON_CONNECT]
        on_line = [one for one in on_line if one.first is None or self._connects <= one.first]
        return Line(struck, on_line, self._life(struck), self._rng, self._clock)

    def _strikes(self, fault: Fault) -> bool:
        if fault.name not in _ON_CONNECT or self._rng.random() >= fault.chance:
            return False
        if fault.first is not None:
            return self._connects <= fault.first
        return (self._connects - 1) % (fault.burst + 1) != 0

    def _life(self, struck: Fault | None) -> float | None:
        """A healthy connection is cut in time, or a connect fault would never be seen again."""
        for one in self._faults:
            if struck is None and one.name in _ON_CONNECT and one.first is None and one.every is not None:
                return one.every * self._rng.uniform(0.7, 1.3)
        return None


class Line:
    """One connection's faults. `struck` is the connect fault that hits it, if any."""

    def __init__(
        self,
        struck: Fault | None,
        faults: Sequence[Fault],
        life: float | None,
        rng: random.Random,
        clock: Callable[[], float],
    ) -> None:
        self.struck = struck
        self._rng, self._clock = rng, clock
        self._due = [(one, self._next(one)) for one in faults]
        self._dies = None if life is None else clock() + life
        self._count = 0
        self._held: Frame | None = None
        self._slow_until = 0.0

    @property
    def holds(self) -> bool:
        """A frame waits for its neighbour; ask `release` if none comes."""
        return self._held is not None

    def dead(self) -> bool:
        """Its time is up: a healthy connection is cut so that a connect fault is seen again."""
        return self._dies is not None and self._clock() >= self._dies

    def release(self) -> list[Act]:
        """Send the held frame after all."""
        held, self._held = self._held, None
        return [Act(do="send", frame=held)] if held is not None else []

    def through(self, frame: Frame, *, websocket: bool) -> list[Act]:
        """What becomes of one frame."""
        if self._held is not None:
            return self._swap(frame)
        if not frame.data:
            return [Act(do="send", frame=frame)]
        self._count += 1
        fault = self._strike()
        if fault is None:
            return [Act(do="drip" if self._clock() < self._slow_until else "send", frame=frame)]
        match fault.name:
            case "stall":
                return [Act(do="stall", seconds=fault.lasts), Act(do="send", frame=frame)]
            case "garbage":
                return [Act(do="send", frame=self._rubbish(websocket=websocket)), Act(do="send", frame=frame)]
            case "half-frame":
                return [Act(do="half", frame=frame), Act(do="cut")]
            case "slow":
                self._slow_until = self._clock() + (fault.lasts or 4.0)
                return [Act(do="drip", frame=frame)]
            case "dup":
                return [Act(do="send", frame=frame), Act(do="send", frame=frame)]
            case _:
                self._held = frame
                return []

    def _swap(self, frame: Frame) -> list[Act]:
        held, self._held = self._held, None
        assert held is not None
        pair = [frame, held] if frame.data and held.tell.commutes(frame.tell) else [held, frame]
        return [Act(do="send", frame=one) for one in pair]

    def _strike(self) -> Fault | None:
        for n, (fault, due) in enumerate(self._due):
            ripe = self._count > fault.after if fault.after is not None else self._clock() >= due
            if ripe:
                # Once on each connection with `after`; again and again with `every`.
                self._due[n] = (fault, self._next(fault))
                if fault.after is not None:
                    del self._due[n]
                if self._rng.random() < fault.chance:
                    return fault
        return None

    def _next(self, fault: Fault) -> float:
        wait = (fault.every or 0.0) * self._rng.uniform(0.7, 1.3)
        return self._clock() + wait

    def _rubbish(self, *, websocket: bool) -> Frame:
        body = self._rng.choice(_RUBBISH_WS if websocket else _RUBBISH_SSE)
        return Frame(body=body, binary=websocket and not body.startswith((b"<", b"{")), data=False)
