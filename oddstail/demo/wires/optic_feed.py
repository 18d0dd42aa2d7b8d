"""The entries that OpticOdds' and OddsJam's streams share: numbered once, filtered for each reader.

An entry holds the odds of one game, as production clients saw it [3p T2]. Knows no field names.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from oddstail.demo.contract import Stage
from oddstail.demo.events import Change, Fixture, Happened, Played, Priced, Quote, Settled

# A `last_entry_id` older than this is not honoured: the server starts at most so far back [docs D1, D2].
WINDOW_MS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`what` is odds, locked, settled, status or result; exactly one of what follows has something in it."""

    ms: int
    seq: int
    what: str
    fixture: Fixture
    quotes: tuple[Quote, ...] = ()
    settled: tuple[Settled, ...] = ()
    happened: Happened | None = None
    played: Played | None = None

    @property
    def id(self) -> str:
        """`milliseconds-number`, as `entry_id` has it on the wire."""
        return f"{self.ms}-{self.seq}"


class Feed:
    """Turns market changes into numbered entries and keeps the last thirty seconds of them."""

    def __init__(self, stage: Stage) -> None:
        self._market = stage.market
        self.fresh: list[Entry] = []
        self._log: deque[Entry] = deque()
        self._ms, self._seq = 0, 0

    def now_ms(self) -> int:
        """Market time in milliseconds since 1970."""
        return int(self._market.now.timestamp() * 1000)

    def turn(self, changes: Sequence[Change]) -> None:
        """Number what the market did in this slice; `fresh` is that alone."""
        self.fresh = []
        run: list[Change] = []
        for change in changes:
            if run and (_kind(change) != _kind(run[0]) or isinstance(change, Happened)):
                self._entry(run)
                run = []
            run.append(change)
        if run:
            self._entry(run)
        self._log.extend(self.fresh)
        oldest = self.now_ms() - WINDOW_MS
        while self._log and self._log[0].ms < oldest:
            self._log.popleft()

    def since(self, entry_id: str | None) -> list[Entry]:
        """Everything after an entry, within the window; nothing for an id that cannot be read."""
        cursor = _parse(entry_id)
        if cursor is None:
            return []
        oldest = self.now_ms() - WINDOW_MS
        return [entry for entry in self._log if entry.ms >= oldest and (entry.ms, entry.seq) > cursor]

    def _entry(self, run: list[Change]) -> None:
        what, fixture_id = _kind(run[0])
        fixture = self._market.fixture(fixture_id)
        if fixture is None or not what:
            return
        ms = max(self.now_ms(), self._ms)
        self._seq = self._seq + 1 if ms == self._ms else 0
        self._ms = ms
        first, last = run[0], run[-1]
        if isinstance(first, Happened):
            fixture = first.fixture
        elif isinstance(last, Played):
            fixture = last.fixture
        self.fresh.append(
            Entry(
                ms=ms,
                seq=self._seq,
                what=what,
                fixture=fixture,
                quotes=tuple(one.quote for one in run if isinstance(one, Priced)),
                settled=tuple(one for one in run if isinstance(one, Settled)),
                happened=first if isinstance(first, Happened) else None,
                played=last if isinstance(last, Played) else None,
            )
        )


def _kind(change: Change) -> tuple[str, str]:
    """What runs of changes are cut by: the event's kind and the game."""
    match change:
        case Priced(quote=quote):
            return ("locked" if quote.price is None else "odds"), quote.offer.fixture
        case Settled(offer=offer):
            return "settled", offer.fixture
        case Played(fixture=fixture):
            return "result", fixture.id
        case Happened(what="status" | "start", fixture=fixture):
            return "status", fixture.id
    return "", ""


def _parse(entry_id: str | None) -> tuple[int, int] | None:
    ms, _, seq = (entry_id or "").partition("-")
    if not (ms.isdecimal() and seq.isdecimal()):
        return None
    return int(ms), int(seq)
