"""What is due when, in steps of the market's time. Knows nothing of what it holds."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from oddstail.demo.game import Group


class Due(NamedTuple):
    """Something to do about a game, at a book if one is named, in one of its markets."""

    what: str
    fixture: str
    book: str = ""
    group: Group | None = None


class Agenda:
    """Things to do by the step they are due at; of those due together, the first that was noted is first."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Due]] = []
        #: How many things were ever noted: orders them independently of their names.
        self.noted = 0

    def note(self, step: int, due: Due) -> None:
        """Put something down."""
        self.noted += 1
        heapq.heappush(self._heap, (step, self.noted, due))

    def due(self, step: int) -> Iterator[Due]:
        """Take out what is due by now, what is noted meanwhile included."""
        while self._heap and self._heap[0][0] <= step:
            yield heapq.heappop(self._heap)[2]
