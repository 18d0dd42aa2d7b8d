"""What a run takes its batches from: a live session, or captures told again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from oddstail.model import Batch, End, Failure, Request
from oddstail.reader import Wants


class Source(Protocol):
    """Something that batches come from. A run holds several, or one that plays."""

    conn: int

    @property
    def exit(self) -> int | None:
        """The exit code, once there is nothing more to come."""
        ...

    @property
    def label(self) -> str:
        """Its name for people."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether what it said last is believed to be so."""
        ...

    @property
    def doubles(self) -> int:
        """What came twice."""
        ...

    def events(self) -> AsyncGenerator[Batch, None]:
        """What happens, in order; iterated once."""
        ...

    def tick(self) -> Batch:
        """Once a second: what only time can tell."""
        ...

    def cut(self, failure: Failure) -> None:
        """End the link now, as if it had failed so."""
        ...

    def hold(self) -> None:
        """Our own output holds up reading from here on."""
        ...

    def resume(self) -> None:
        """Reading goes on."""
        ...

    def ended(self) -> Batch:
        """The run is over: what is still to be told."""
        ...

    def silent(self, now: float) -> float:
        """Seconds since the last byte."""
        ...


class Playing(Source, Protocol):
    """A source with a clock of its own."""

    #: What the captured run said last, if it was told to its end.
    end: End | None
    #: Why it ended otherwise, for people.
    reason: str

    @property
    def kind(self) -> str:
        """What tells it, for people: the tape, the records."""
        ...

    @property
    def now(self) -> int:
        """Its clock, in microseconds since the epoch."""
        ...

    def progress(self) -> str:
        """How far it is, for people."""
        ...

    @property
    def conns(self) -> int:
        """How many connections it has told of."""
        ...


#: Makes what plays, once it is known who names the connections and their runs, and what is wanted.
Play = Callable[[Callable[[int, Request], None], Callable[[int, str], None], Wants], Playing]
