"""What a run says of itself: one line when it ends or is asked (SIGUSR1), and `--summary-json`."""

from __future__ import annotations

from collections.abc import Callable

from oddstail import words
from oddstail.clock import steady, wall
from oddstail.model import End
from oddstail.run import summary
from oddstail.run.keeping import Keeping
from oddstail.run.plan import Plan
from oddstail.run.tally import Tally


class Telling:
    """Reads what the run counts; counts nothing. `links` and `doubles` are asked for when they are needed."""

    def __init__(
        self, plan: Plan, tally: Tally, keeping: Keeping, links: Callable[[], int], doubles: Callable[[], int]
    ) -> None:
        self._plan = plan
        self._tally = tally
        self._keeping = keeping
        self._links = links
        self._doubles = doubles
        #: Of each link that is open at the end, for how long it was silent beyond its heartbeat.
        self.silent: list[float] = []
        self._started = steady()
        self._started_wall = wall()

    def so_far(self) -> str:
        """The line of a run that goes on."""
        return self.line(End(code=0, reason="running", quotes=self._tally.quotes, gaps=self._tally.gaps))

    def line(self, end: End) -> str:
        """The last line on stderr."""
        written = summary.written(self._tally, raw=self._plan.output == "raw")
        dropped = sum(leg.filter.dropped for leg in self._plan.legs)
        more = summary.details(self._tally, self._links(), self._doubles(), dropped)
        if (tail := summary.tail(self.silent)) is not None:
            more.insert(0, tail)
        if kept := self._keeping.told():
            more.append(kept)
        return words.summary(end, steady() - self._started, more, written)

    async def write(self, end: End, unwritten: int, seconds: float) -> None:
        """`--summary-json`, if it was asked for, within so long. Unwritable if it cannot be."""
        path = self._plan.saving.summary
        if path is None:
            return
        told = summary.as_json(
            self._plan.requests,
            end,
            self._tally,
            started=self._started_wall,
            ended=wall(),
            seconds=steady() - self._started,
            doubles=self._doubles(),
            files=self._keeping.files(),
            unwritten=unwritten,
        )
        await self._keeping.write_summary(path, told, seconds)
