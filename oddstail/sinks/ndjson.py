"""Records to an outlet, one a line; payloads likewise for `-o raw`. Counts, and knows nothing else."""

from __future__ import annotations

import re

from oddstail.model import Batch, Payload
from oddstail.record import Encoder
from oddstail.sinks.outlet import Outlet
from oddstail.wire.loose import one_line


class NDJSONSink:
    """`-o json`: one record a line, one hand-over for each read of a socket."""

    def __init__(self, outlet: Outlet, encoder: Encoder) -> None:
        self._outlet = outlet
        self._encoder = encoder

    def emit(self, batch: Batch) -> None:
        text = self._encoder.lines(batch, batch.events)
        if text:
            self._outlet.put(text.encode("ascii"))

    def tick(self, now: float) -> None:
        """Nothing to do: the outlet flushes itself."""

    def close(self) -> None:
        self._outlet.flush()


#: What a terminal could take for an order. In JSON text outside a string none of it may stand anyway.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class RawSink:
    """`-o raw`: payloads as received, one a line. On a terminal alone, unsafe characters become JSON escapes."""

    def __init__(self, outlet: Outlet, *, terminal: bool) -> None:
        self._outlet = outlet
        self._terminal = terminal

    def emit(self, batch: Batch) -> None:
        payloads = [event.data for event in batch.events if type(event) is Payload]
        if not payloads:
            return
        payloads.append(b"")
        data = b"\n".join(payloads)
        if b"\r" in data or data.count(b"\n") >= len(payloads):
            data = b"\n".join(map(one_line, payloads))
        if self._terminal:
            text = data.decode("utf-8", "replace")
            data = _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8", "replace")
        self._outlet.put(data)

    def tick(self, now: float) -> None:
        """Nothing to do: the outlet flushes itself."""

    def close(self) -> None:
        self._outlet.flush()
