"""`-o lines`: one readable line for each change, in time order. Knows words, not providers."""

from __future__ import annotations

from oddstail import words
from oddstail.model import Batch, Quote, Result
from oddstail.sinks.outlet import Outlet


class LinesSink:
    """Time, book, game, market, selection, old -> new, separated by tabs. What did not change is not a line."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def emit(self, batch: Batch) -> None:
        at = words.clock(batch.recv)
        out = []
        for event in batch.events:
            if type(event) is Quote:
                if event.changed:
                    out.append(f"{at}\t{words.change(event)}\n")
            elif type(event) is Result and not event.changed:
                continue
            elif (told := words.news(event)) is not None:
                out.append(f"{at}\t{told}\n")
        if out:
            self._outlet.put("".join(out).encode("utf-8", "replace"))

    def tick(self, now: float) -> None:
        """Nothing to do: the outlet flushes itself."""

    def close(self) -> None:
        self._outlet.flush()
