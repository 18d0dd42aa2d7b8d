"""What tapes and records have in common when they are told again: numbers, how connections stand, torn ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from oddstail.ledger import Ledger
from oddstail.model import Batch, End, Lost, Opened, Request
from oddstail.reader import NOT_RUNNING
from oddstail.replay.lines import Lines
from oddstail.replay.runs import Part
from oddstail.text import visible


class Introduce(Protocol):
    """Gives a connection of one run its number among all that are replayed, and makes it known."""

    def __call__(self, conn: int, request: Request) -> int:
        """The number of this connection."""
        ...

    def over(self, conn: int, request: Request, until: int | None, later: Iterable[Request]) -> bool:
        """The connection of this number has nothing more, and was known of `until` then, in microseconds.

        Whether a run that goes on, or is yet to come, or those `later` ones in the same file, ask for the same.
        """
        ...

    def named(self, number: int, run: str) -> None:
        """From here on, the records of the connection of this number are of this run."""
        ...

    def another(self) -> Introduce:
        """The same for the connections of another run."""
        ...


@dataclass(slots=True)
class Standing:
    """How a connection stands. `opened` says of its link what a record would, None while there is none.

    `until` is up to when nothing was missed that is not told, in microseconds; None if nothing was ever heard.
    """

    conn: int
    request: Request
    ledger: Ledger
    opened: Opened | None = None
    until: int | None = None


@dataclass(slots=True)
class Faults:
    """What is wrong with the lines of a run: how many are not there, cannot be read, or come before their turn.

    `unended` are the runs without an end in a file that a later one added to.
    """

    missing: int = 0
    unreadable: int = 0
    disordered: int = 0
    unended: int = 0

    def jumped(self, lines: int) -> None:
        """The next number is so many further than it should be."""
        if lines > 0:
            self.missing += lines
        else:
            self.disordered += 1


class Telling(Protocol):
    """One run told again. `end` is its own last word, if it has one."""

    end: tuple[int, End] | None
    faults: Faults

    @property
    def last(self) -> int:
        """When the latest line came, in microseconds."""
        ...

    @property
    def doubles(self) -> int:
        """What came twice."""
        ...

    def batches(self) -> Iterator[Batch]:
        """What happened, in order; iterate once."""
        ...

    def standing(self) -> list[Standing]:
        """The connections, as they stand now."""
        ...

    def over(self, later: Iterable[Request] = ()) -> list[Batch]:
        """It has nothing more, and others go on: what is to be told of its connections."""
        ...


def over(telling: Telling, introduce: Introduce, what: str, later: Iterable[Request]) -> list[Batch]:
    """A run has nothing more: what it fed is not known to be on offer from here on.

    A link that was good to the end of its run was good until its last word.
    """
    out = []
    for one in telling.standing():
        good, until = one.opened is not None, one.until
        if good and until is not None and telling.end is not None:
            until = max(until, telling.end[0])
        again = introduce.over(one.conn, one.request, until, later)
        if good:
            lost = Lost(cause="ended", detail=f"{what} here")
            if again:
                lost = Lost(cause=NOT_RUNNING, detail="its run ends here, and another one follows")
            out.append(Batch(one.conn, telling.last, [lost]))
    return out


def stood(telling: Telling, at: int) -> list[Batch]:
    """How things stand: the links that are open, and every price known to be on offer or suspended on them."""
    return [
        Batch(one.conn, at, [one.opened, *(replace(quote, snap=True) for quote in one.ledger.known())])
        for one in telling.standing()
        if one.opened is not None
    ]


def noted(part: Part, source: Lines) -> list[str]:
    """What a crash left of a last line is not lost silently; nor is what is too long to read."""
    said = [*source.long]
    if source.broken:
        said.append(f"cut off in the packing ({source.broken})")
    if source.torn:
        said.append(f"the last line is torn, {source.torn:,} bytes of it are left out")
    name = visible(part.path.name, 200)
    return [f"{name}: {text}" for text in said]
