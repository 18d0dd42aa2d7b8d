"""An empty screen explains itself: once, when a link has been open for a while and nothing has passed.

Looks at counts and clocks; what the provider's lists say of it is asked by whoever made the plan.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from oddstail import words
from oddstail.filters import Filter
from oddstail.model import Notice
from oddstail.run.plan import Leg
from oddstail.run.source import Source

log = logging.getLogger(__name__)

#: Seconds with an open link, all in all, and without a record until somebody asks himself what is wrong.
PATIENCE = 20.0


class Emptiness:
    """Call `tick` once a second, with how many records have passed that a user would look at.

    It tells at most once: in one notice, and a line each in `notes`, which the screen shows.
    """

    def __init__(self, legs: Sequence[Leg], notes: list[str], tell: Callable[[Notice], None]) -> None:
        self._legs = legs
        self._notes = notes
        self._tell = tell
        self._last: float | None = None
        self._open = 0.0
        self._broke = 0
        self._told = False
        self._task: asyncio.Task[None] | None = None

    def tick(self, now: float, passed: int, sources: Sequence[Source]) -> None:
        """Look whether it is time."""
        if self._told:
            return
        if passed:
            self._told = True
            return
        open_now = [source for source in sources if source.is_open]
        if not open_now:
            # A link that breaks again and again leaves the screen as empty as one that lasts.
            self._broke += self._last is not None
            self._last = None
            return
        self._open += 0.0 if self._last is None else now - self._last
        self._last = now
        if self._open >= PATIENCE:
            self._told = True
            silent = max(source.silent(now) for source in open_now)
            self._task = asyncio.create_task(self._explain(self._open, silent))

    async def aclose(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _explain(self, seconds: float, silent: float) -> None:
        parts = [beat(seconds, silent, self._broke)]
        for leg in self._legs:
            parts += filtered(leg.filter)
            # What came and was filtered out is no riddle about the provider's names.
            if leg.facts is not None and leg.requests and not leg.filter.seen:
                try:
                    parts += await leg.facts(leg.requests)
                except Exception:
                    # How the link and the filters do is worth telling all the same.
                    log.debug("asking the provider's lists", exc_info=True)
        parts = [part[:1].upper() + part[1:] for part in parts]
        self._notes += parts
        self._tell(Notice(code="empty", text=". ".join(parts), level="info", value=round(seconds)))


def beat(seconds: float, silent: float, broke: int) -> str:
    """How the link does."""
    text = f"connected for {seconds:.0f} s, no matches yet"
    if broke:
        return f"{text}; the connection broke {words.many(broke, 'time')} in between: look at that first"
    if silent < PATIENCE / 2:
        return f"{text}; the connection is healthy, last data {words.lasting(silent)} ago"
    return f"{text}; no data for {words.lasting(silent)}"


def filtered(filter: Filter) -> list[str]:
    """What the filters of this side left over."""
    if not filter.seen:
        return []
    many = f"{words.many(filter.seen, 'record')} were filtered out"
    alone = filter.fruitless()
    if alone:
        return [f"{many}: {', '.join(alone)} alone excludes all of them"]
    return [f"{many}: each matches something, but never together" if len(filter.terms) > 1 else many]
