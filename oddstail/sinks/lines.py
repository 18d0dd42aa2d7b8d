"""`-o lines`: one readable line for each change, in time order. Knows words, not providers."""

from __future__ import annotations

from datetime import UTC, tzinfo

from oddstail import local_time, words
from oddstail.model import Batch, Quote, Result
from oddstail.sinks.outlet import Outlet


class LinesSink:
    """Time (in `zone`), book, game, market, selection, old -> new, separated by tabs. Only changes have a line."""

    def __init__(self, outlet: Outlet, zone: tzinfo = UTC) -> None:
        self._outlet = outlet
        self._zone = zone

    def emit(self, batch: Batch) -> None:
        at = local_time.clock(batch.recv, self._zone)
        out = []
        for event in batch.events:
            if type(event) is Quote:
                if event.changed:
                    out.append(f"{at}\t{words.change(event)}\n")
            elif type(event) is Result and not event.changed:
                continue
            elif (told := words.news(event, self._zone)) is not None:
                out.append(f"{at}\t{told}\n")
        if out:
            self._outlet.put("".join(out).encode("utf-8", "replace"))

    def tick(self, now: float) -> None:
        """Nothing to do: the outlet flushes itself."""

    def close(self) -> None:
        self._outlet.flush()
