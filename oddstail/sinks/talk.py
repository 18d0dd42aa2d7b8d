"""What people read beside the data: one line on stderr for each change of state. Knows words, not providers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from oddstail import words
from oddstail.clock import steady, wall
from oddstail.model import Alert, Batch, Event, Gap, Lost, MarketAlert, Notice, Opened, Retrying, Steam
from oddstail.record import stamp
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.progress import Progress
from oddstail.text import visible

T = TypeVar("T")

QUIET, NORMAL, VERBOSE = -1, 0, 1
_LEVELS = {QUIET: "error", NORMAL: "info"}
#: Seconds between two looks at how far it is.
_LOOK = 0.25
#: A notice that comes again and again is told so often, and then each time its count doubled.
_OFTEN = 3
#: What is only for information, and yet for everybody.
_SHOWN = frozenset({"empty", "ended", "following", "no-games", "quiet", "source-back", "subscribed"})


class Talk:
    """Status lines, held back while a screen is up (`hold`) and given out afterwards (`release`)."""

    def __init__(
        self,
        outlet: Outlet,
        level: int = NORMAL,
        redact: Callable[[str], str] = str,
        *,
        log: Outlet | None = None,
        as_json: bool = False,
        watched: bool = False,
        zone: tzinfo = UTC,
    ) -> None:
        self._outlet = outlet
        self._log = log
        self._as_json = as_json
        self._redact = redact
        self._level = level
        self._zone = zone
        self._labels: dict[int, str] = {}
        #: How far a long work is, for a terminal that somebody watches.
        self.progress: Callable[[], str] | None = None
        self._line = Progress(outlet.put)
        self._watched = watched and level > QUIET and not as_json
        #: Said before the life of a connection that is none of ours: what a tape tells of.
        self.told_by = ""
        self._seen: Counter[tuple[int, str]] = Counter()
        self._held: list[str] | None = None

    def introduce(self, conn: int, label: str) -> None:
        """Say what to call a connection."""
        self._labels[conn] = label

    def hold(self) -> None:
        """A screen is up: a line now would be drawn across it."""
        self._held = []

    def release(self) -> None:
        """The screen is gone: what was important comes now."""
        held, self._held = self._held or [], None
        for line in held[-20:]:
            self.say(line, QUIET)

    def say(self, line: str, level: int = NORMAL) -> None:
        """One line, if the level of talk allows."""
        if level > max(self._level, NORMAL if self._log is not None else self._level):
            return
        line = self._redact(line)
        if self._log is not None:
            # A file has each line with its time, also while a screen is up, and whatever -q keeps from a terminal.
            self._log.put(self._as_record(line, level) if self._as_json else f"{stamp(wall())} {line}\n".encode())
        if level > self._level:
            return
        if self._held is not None:
            if level == QUIET:
                self._held.append(line)
            return
        self._line.clear()
        self._outlet.put(self._as_record(line, level) if self._as_json else f"oddstail: {line}\n".encode())

    def _as_record(self, line: str, level: int) -> bytes:
        told = {"time": stamp(wall()), "level": _LEVELS.get(level, "debug"), "text": line}
        return json.dumps(told).encode() + b"\n"

    async def finish(self, seconds: float) -> None:
        """Let what was said out."""
        # The log first: why it could not be written is a status line.
        for outlet in (self._log, self._outlet):
            if outlet is not None:
                await outlet.finish(seconds)

    def emit(self, batch: Batch) -> None:
        for event in batch.events:
            level = _level(event)
            if level is None or (level > self._level and self._log is None and not isinstance(event, Notice)):
                continue
            line = words.life(event, self._zone)
            if line is None:
                continue
            if self.told_by and isinstance(event, Opened | Lost | Retrying | Gap):
                line = f"{self.told_by}: {line}"
            label = self._labels.get(batch.conn)
            if label is not None and not line.startswith(label):
                line = f"{visible(label)}: {line}"
            if isinstance(event, Notice):
                self._notice(batch.conn, event, line, level)
            else:
                self.say(line, level)

    def tick(self, now: float) -> None:
        """Lines go out as they come; how far it is, now and then."""
        if self._watched and self.progress is not None and self._held is None:
            self._line.show(self.progress, now)

    async def during(self, work: Coroutine[Any, Any, T], progress: Callable[[], str]) -> T:
        """Wait for something, and say meanwhile how far it is."""
        self.progress = progress
        task = asyncio.create_task(work)
        while not (await asyncio.wait([task], timeout=_LOOK))[0]:
            self.tick(steady())
        self.progress = None
        self._line.clear()
        return task.result()

    def close(self) -> None:
        self._line.clear()
        self.release()
        self._outlet.flush()

    def _notice(self, conn: int, event: Notice, line: str, level: int) -> None:
        self._seen[conn, event.code] += 1
        count = self._seen[conn, event.code]
        if event.level == "error" or count <= _OFTEN or count & (count - 1) == 0:
            self.say(f"{line} ({count} times)" if count > _OFTEN and event.level != "error" else line, level)


def _level(event: Event) -> int | None:
    match event:
        case Notice(level="error"):
            return QUIET
        case Notice(level="info"):
            return NORMAL if event.code in _SHOWN else VERBOSE
        case Alert() | MarketAlert() | Steam() | Notice() | Opened() | Lost() | Retrying() | Gap():
            return NORMAL
    return None
