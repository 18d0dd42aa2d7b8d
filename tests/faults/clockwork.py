"""The program with a clock that a test can turn: nobody puts a CI machine to sleep, or sets its time.

Only `oddstail.clock` is another, and a bug where one is asked for: the program, its sockets, files and signals are the real ones. From the environment:

    CLOCKWORK_HURRY    how many times shorter the waits between two tries are (1000: 30 s become 30 ms)
    CLOCKWORK_JUMPS    what each SIGUSR2 does in turn: `slept=3600 wall=-7200` (seconds)
    CLOCKWORK_BREAKS   the provider whose messages raise what nobody expects
    CLOCKWORK_REPORT   a file to which each SIGUSR2 then adds a line: tasks, threads, collector's objects
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from oddstail import clock

_hurry = 1.0
_jumps: list[tuple[str, str, str]] = []
_report: str | None = None
_ahead = {"slept": 0.0, "wall": 0.0}
_real = clock.steady, clock.wall, clock.ahead_of_sleep


def _steady() -> float:
    return _real[0]() + _ahead["slept"]


def _wall() -> int:
    return _real[1]() + round((_ahead["slept"] + _ahead["wall"]) * 1e6)


def _ahead_of_sleep() -> float:
    return _real[2]() + _ahead["slept"]


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds / _hurry)


def _turn(number: int, frame: FrameType | None) -> None:
    if _jumps:
        which, _, seconds = _jumps.pop(0)
        _ahead[which] += float(seconds)
    if _report is not None:
        tasks = sorted(str(task.get_coro()).split()[2] for task in asyncio.all_tasks())
        told = {"tasks": tasks, "threads": threading.active_count(), "objects": len(gc.get_objects())}
        with open(_report, "a") as file:
            file.write(json.dumps(told) + "\n")


def main() -> None:
    """The command, with what the environment says of its clock."""
    global _hurry, _jumps, _report
    _hurry = float(os.environ.get("CLOCKWORK_HURRY", "1"))
    _jumps = [jump.partition("=") for jump in os.environ.get("CLOCKWORK_JUMPS", "").split()]
    _report = os.environ.get("CLOCKWORK_REPORT")
    signal.signal(signal.SIGUSR2, _turn)
    if (name := os.environ.get("CLOCKWORK_BREAKS")) is not None:
        _break(name)
    from oddstail.cli import main

    main()


def _break(name: str) -> None:
    """A bug in one provider's code."""
    from oddstail.reader import Reader, Said

    read = Reader.read

    def broken(self: Reader, what: Any, now: float) -> Iterator[Said]:
        if self.provider.name == name:
            raise LookupError("a bug")
        return read(self, what, now)

    Reader.read = broken  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    from tests.faults import clockwork

    clockwork.main()
else:
    clock.steady, clock.wall, clock.ahead_of_sleep = _steady, _wall, _ahead_of_sleep
    _defaults = clock.Clock.__init__.__kwdefaults__
    assert _defaults is not None
    _defaults.update(steady=_steady, wall=_wall, sleep=_sleep)
