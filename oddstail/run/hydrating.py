"""The current prices, asked for over REST once a link is open: for streams that tell changes alone. Knows no provider.

The answers go through the link's own reader, as frames, so that a tape has them and one ledger judges what is newer.
Reading waits for them, but not for long: what the stream says before they are there stands against an older
answer (ledger.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from oddstail.clock import steady, wall
from oddstail.limiter import TooBusyError
from oddstail.lookup import Get, Hydration, Steps
from oddstail.model import Batch, Failure, Frame, LinkError, Notice, Read
from oddstail.session import Session

log = logging.getLogger(__name__)

#: Seconds for which a stream is not read, so that what it tells comes after what there was. Never longer.
PATIENCE = 2.0
#: How often one GET is tried, our longest wait between two, and the longest that a server may ask for (seconds).
_TRIES, _MOST_WAIT, _MOST_ASKED = 3, 20.0, 300.0
#: The wait after a 429 that names none: OpticOdds' windows have 15 s (docs/wire/opticodds.md, 3).
_WINDOW = 15.0
#: What passes by itself.
_PASSING = frozenset({"network", "timeout", "proxy", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """How a provider's state is asked for, and where."""

    hydration: Hydration
    place: Callable[[str], str]


class Hydrating:
    """Looks after the sessions of a run: each new link that replays nothing is given its current prices."""

    def __init__(
        self,
        snapshots: Snapshots,
        fetch: Callable[[Get], Awaitable[Any]],
        emit: Callable[[Batch], None],
        room: Callable[[], Awaitable[None]],
        patience: float = PATIENCE,
    ) -> None:
        self._snapshots = snapshots
        self._fetch = fetch
        self._emit = emit
        self._room = room
        self._patience = patience
        self._lives: dict[int, object] = {}
        self._last: dict[int, float] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        #: Connections whose current prices were never told to the end.
        self._owed: set[int] = set()

    async def look(self, session: Session) -> None:
        """To be called after each batch of a session: begins where there is a new link, ends what was for the old.

        Returns when the current prices are told, or after some seconds.
        """
        life = session.reader.life
        if life is self._lives.get(session.conn):
            return
        self._drop(session.conn)
        if life is None or not session.is_open:
            return
        conn, now = session.conn, steady()
        self._lives[conn] = life
        try:
            steps = self._snapshots.hydration.steps(life.request)
            if steps is None and conn in self._owed:
                # A replay brings what moved since; what was being asked for when the last link broke, it does not.
                steps = self._snapshots.hydration.steps(session.verdicts.request)
        except Exception as error:
            self._unread(session, error)
            return
        if steps is None:
            return
        self._owed.add(conn)
        due = max(now, self._last.get(conn, -math.inf) + self._snapshots.hydration.least)
        task = self._tasks[conn] = asyncio.create_task(self._run(session, life, steps, due - now))
        if due == now:
            session.hold()
            await asyncio.wait([task], timeout=self._patience)
            session.resume()

    async def aclose(self) -> None:
        """Stop asking."""
        tasks = list(self._tasks.values())
        for conn in list(self._tasks):
            self._drop(conn)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _drop(self, conn: int) -> None:
        task = self._tasks.pop(conn, None)
        if task is not None:
            task.cancel()

    async def _run(self, session: Session, life: object, steps: Steps, wait: float) -> None:
        conn = session.conn
        with contextlib.closing(steps):
            await asyncio.sleep(wait)
            self._last[conn] = steady()
            answers: list[Any] = []
            try:
                step = next(steps)
                while True:
                    if isinstance(step, Frame):
                        # What the link's end made pointless is not told.
                        if session.reader.life is not life:
                            return
                        for batch in session.beside(Read(wall(), [step], beside=True)):
                            self._emit(batch)
                            await self._room()
                            await asyncio.sleep(0)
                        answers = []
                    else:
                        answers = await asyncio.gather(*(self._got(get) for get in step))
                    step = steps.send(answers)
            except StopIteration:
                self._owed.discard(conn)
            except Exception as error:
                self._unread(session, error)

    def _unread(self, session: Session, error: Exception) -> None:
        """The stream does without: its prices appear as they move."""
        log.debug("asking for the current prices", exc_info=error)
        text = (
            f"{session.label}: the current prices could not be read ({type(error).__name__}); they appear as they move"
        )
        self._emit(session.told(Batch(session.conn, wall(), [Notice(code="snapshot", text=text)])))

    async def _got(self, get: Get) -> Any:
        """One answer, or the failure in its place, after a few tries."""
        get = replace(get, url=self._snapshots.place(get.url))
        for attempt in range(_TRIES):
            try:
                return await self._fetch(get)
            except TooBusyError as error:
                return Failure(kind="busy", text=str(error))
            except LinkError as error:
                failure = error.failure
            status = failure.code or 0 if failure.kind == "status" else 0
            # An allowance that is used up is no rate (docs/wire/rapidodds.md, B7).
            passing = failure.kind in _PASSING or status >= 500 or (status == 429 and "credit" not in failure.text)
            if not passing or attempt == _TRIES - 1:
                break
            asked = failure.asked or 0.0
            if asked > _MOST_ASKED:
                break
            ours = _WINDOW if status == 429 and failure.asked is None else 2.0**attempt
            await asyncio.sleep(max(asked, min(_MOST_WAIT, ours)))
        return failure
