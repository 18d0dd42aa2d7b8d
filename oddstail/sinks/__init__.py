"""Where events go. A sink takes events (`emit`) and a clock (`tick`); it knows no provider."""

from __future__ import annotations

from typing import Protocol

from oddstail.model import Batch


class Sink(Protocol):
    """What every sink can do. None of it may block or wait."""

    def emit(self, batch: Batch) -> None:
        """Take what happened."""
        ...

    def tick(self, now: float) -> None:
        """The clock, several times a second; `now` is steady seconds."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...
