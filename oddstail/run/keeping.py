"""What a run keeps in files: opens the stores, feeds them, rotates, closes. Knows no format and no provider."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddstail.capture import manifest
from oddstail.capture.file import Unwritable
from oddstail.capture.lock import Held, hold
from oddstail.capture.names import safe
from oddstail.capture.options import Options, Stream
from oddstail.capture.store import Store
from oddstail.clock import wall
from oddstail.model import Batch, Request
from oddstail.record import Encoder
from oddstail.run import summary
from oddstail.run.direct import Direct
from oddstail.run.plan import Plan
from oddstail.sinks import Sink
from oddstail.sinks.outlet import Outlet
from oddstail.text import Redactor

if TYPE_CHECKING:
    from oddstail.capture.tape import Recorder

#: Labels of a name; the rest are counted.
_LABELS = 3


class Keeping:
    """The files of one run. `sinks` take the records that pass the filters, `watching` everything."""

    def __init__(
        self,
        plan: Plan,
        encoder: Encoder,
        redactor: Redactor,
        on_error: Callable[[Exception], None],
        say: Callable[[str], None],
        clock: Callable[[], int] = wall,
    ) -> None:
        self.sinks: list[Sink] = []
        self.watching: list[Sink] = []
        self.stores: list[Store] = []
        self.directs: list[Direct] = []
        self._plan = plan
        self._redactor = redactor
        self._on_error = on_error
        self._say = say
        self._clock = clock
        self._lock: Held | None = None
        #: What kept the run from its start, for people.
        self.trouble = ""
        self._names = names(plan.requests)
        self.tape: Recorder | None = None
        if plan.saving.write is not None:
            self._write(plan.saving.write, encoder)
        if plan.saving.tape is not None:
            self._record(plan.saving.tape)

    @property
    def run(self) -> str:
        """The id of the run, as the names of its files have it."""
        return self._names["run"]

    @property
    def any(self) -> bool:
        """Whether anything is kept, and goes on."""
        return bool(self.stores) or any(direct.error is None for direct in self.directs)

    def is_out(self, pending: int) -> bool:
        """Whether what came is out, or will be once files are written; so many bytes are `pending` for stdout."""
        is_behind = any(direct.pending for direct in self.directs if direct.error is None)
        return not is_behind and (self.any or not pending)

    async def open(self) -> None:
        """Take the lock and begin the first files; Unwritable if that cannot be."""
        if self._plan.saving.lock is not None:
            self.trouble = "the lock could not be taken"
            self._lock = hold(self._plan.saving.lock)
        for store in self.stores:
            self.trouble = f"no file could be created in {store.place}"
            await store.open()
        self.trouble = ""
        for direct in self.directs:
            direct.open(self.run, self._clock())

    def full(self) -> Store | Direct | None:
        """A store for whose disk, or whose reader, reading has to wait."""
        each: list[Store | Direct] = [*self.stores, *self.directs]
        return next((store for store in each if store.is_full), None)

    def rotate(self) -> None:
        """Every file ends here, and a new one begins."""
        for store in self.stores:
            store.rotate()

    def after(self, call: Callable[[], None]) -> None:
        """`call()` in some thread once what was put until now is written by every store."""
        first, *rest = self.stores
        if rest:
            # One store waits for the other: two at the most.
            first.after(lambda: rest[0].after(call))
        else:
            first.after(call)

    def files(self) -> list[dict[str, Any]]:
        """The latest files that were closed: name, records, size, sum."""
        return [told for store in self.stores for told in store.closed.latest()]

    async def close(self, seconds: float, hurry: asyncio.Event | None) -> int:
        """Finish every file; the bytes that could not be written."""
        left = await asyncio.gather(
            *(store.close(seconds, hurry=hurry) for store in self.stores),
            *(direct.close(seconds) for direct in self.directs),
        )
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        # Of a run that never began nothing is lost: its own last word, at the most.
        return 0 if self.trouble else sum(left)

    def told(self) -> str:
        """What was written where, for people; empty where nothing is."""
        # What kept a run from its start may have kept a folder from being made.
        stores = [store for store in self.stores if store.closed.count or not self.trouble]
        count = sum(store.closed.count for store in stores)
        size = sum(store.closed.raw_bytes for store in stores)
        return (
            summary.kept(count, size, ", ".join(dict.fromkeys(str(store.place) for store in stores))) if stores else ""
        )

    async def write_summary(self, to: Path | Stream, told: dict[str, Any], seconds: float) -> None:
        """A JSON file, whole or not at all, or into a stream within so long. Unwritable if it cannot be."""
        if isinstance(to, Path):
            manifest.replace(to, self._redactor.data(json.dumps(told, indent=1).encode()) + b"\n")
            return
        outlet = Outlet(to.fd, self._redactor)
        outlet.put(json.dumps(told, indent=1).encode() + b"\n")
        if await outlet.finish(seconds) or outlet.error is not None:
            why = "it is not read" if outlet.error is None else outlet.error.strerror
            raise Unwritable(f"{to.name} cannot be written: {why}; name another output")

    def doing(self) -> str:
        """What closed files get just now, for people."""
        return ", ".join(store.doing for store in self.stores if store.doing)

    @property
    def failures(self) -> int:
        """How often writing, packing, `--on-rotate` or `--keep` failed."""
        return sum(store.failures for store in self.stores) + sum(direct.has_failed for direct in self.directs)

    def _write(self, options: Options | Stream, encoder: Encoder) -> None:
        from oddstail.capture.records import Records, about

        saving = self._plan.saving
        records = Records(encoder, about(self._plan.requests, self._redactor.text(saving.argv)), saving.split)
        records.store = self._store(options, records)
        self.sinks.append(records)
        self.watching.append(records.life)

    def _record(self, options: Options | Stream) -> None:
        from oddstail.capture.tape import Recorder

        requests = dict(enumerate(self._plan.requests, 1))
        self.tape = Recorder(requests, argv=self._plan.saving.argv, redactor=self._redactor)
        store = self._store(options, self.tape, self._redactor.nested())
        self.tape.put = store.put
        self.watching.append(Ticks(store))

    def _store(self, options: Options | Stream, content: Any, redactor: Redactor | None = None) -> Store | Direct:
        redactor = redactor or self._redactor
        if isinstance(options, Stream):
            direct = Direct(options, content, redactor, self._on_error)
            self.directs.append(direct)
            return direct
        store = Store(
            options, self._names, content, redact=redactor.data, on_error=self._on_error, say=self._say,
            clock=self._clock,
        )  # fmt: skip
        self.stores.append(store)
        return store


class Ticks:
    """A sink that only passes the clock on to a store: what a tape keeps is told to it by the sessions."""

    def __init__(self, store: Store | Direct) -> None:
        self._store = store

    def emit(self, batch: Batch) -> None:
        """Nothing to do."""

    def tick(self, now: float) -> None:
        """Rotation by the clock."""
        self._store.tick()

    def close(self) -> None:
        """The store is closed by who opened it: that takes time."""


def names(requests: list[Request]) -> dict[str, str]:
    """What the tokens of a name stand for all through a run. `run` is new each time: two runs never share a file."""
    labels = list(dict.fromkeys(request.label for request in requests))
    shown = "+".join(safe(label) for label in labels[:_LABELS])
    more = len(labels) - _LABELS
    return {
        "provider": "+".join(dict.fromkeys(request.provider for request in requests)),
        "feed": "+".join(dict.fromkeys(request.feed for request in requests)),
        "label": shown + (f"+{more}" if more > 0 else ""),
        # A year of hourly runs is some 10,000: with three bytes two of them would have the same name.
        "run": secrets.token_hex(5),
    }
