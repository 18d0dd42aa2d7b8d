"""What was last said of each price on one connection: `prev`, implied removals, what a new snapshot did not confirm.

Pure state, no clock. It outlives the link, unlike a decoder: a reconnect brings a new snapshot, and
only what was held before can tell which prices that snapshot silently dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf

from oddstail.model import Event, Notice, Quote, Replace, Result, Scope, is_pause

#: Distinct prices held for one connection: some 300 MB at the worst, and what is on offer at once is far less.
MOST = 500_000
#: OddsJam and OpticOdds never say that a price is gone for good, only that it is not on offer: a month of running would
#: hold a month of games. What was not on offer for so many seconds, twice that at the most, is forgotten.
_IDLE = 900.0

#: Games, and players in them, whose latest result is held.
_RESULTS = 20_000
_GONE = ("removed", "settled")
#: How many of the latest withdrawals are remembered: far more than come while a snapshot is asked for.
_ENDED = 20_000


class Ledger:
    """The latest quote of every key. Feed it what a decoder says; it returns what a record should say."""

    def __init__(self, most: int = MOST) -> None:
        self._held: dict[str, Quote] = {}
        self._groups: dict[tuple[str, str], dict[str, None]] = {}
        self._unsure: set[str] = set()
        self._results: dict[tuple[str, str | None], Result] = {}
        #: What was withdrawn or settled since the link opened: an answer under way may not know it yet.
        self._ended: dict[str, None] = {}
        #: What was not on offer when that was looked at last, and when it is to be looked at again.
        self._closed: dict[str, Quote] = {}
        self._look_at = -inf
        self._most = most

    def __len__(self) -> int:
        return len(self._held)

    def known(self) -> Iterator[Quote]:
        """Every quote that is known to be current: held, and confirmed since the link was last lost."""
        return (quote for key, quote in self._held.items() if key not in self._unsure)

    def apply(self, events: Iterable[Event], now: float = 0.0) -> list[Event]:
        """Fill in `prev`, `prev_line` and `changed`, and turn each Replace into the quotes that it implies.

        `now` is in seconds, by a clock that never jumps.
        """
        out: list[Event] = []
        for event in events:
            if type(event) is Quote:
                self._note(event)
                out.append(event)
            elif type(event) is Replace:
                out.extend(self._late(event) if event.late else self._replace(event))
            elif type(event) is Result:
                out.append(self._restated(event))
            else:
                if is_pause(event):
                    self._unsure = set(self._held)
                out.append(event)
        if now >= self._look_at:
            self._look_at = now + _IDLE
            self._forget_closed()
        if len(self._held) > self._most:
            out.append(self._shed())
        while len(self._ended) > _ENDED:
            del self._ended[next(iter(self._ended))]
        return out

    def doubt(self) -> None:
        """The link is lost: nothing held is known to be on offer until it is said again."""
        self._unsure = set(self._held)
        self._ended.clear()

    def trust(self) -> None:
        """The provider replayed what was missed: what is held is current again."""
        self._unsure.clear()

    @property
    def doubtful(self) -> bool:
        """Whether anything from before the last loss still awaits confirmation."""
        return bool(self._unsure)

    def sweep(self, ts: int | None = None) -> list[Event]:
        """The new snapshot is complete: what it did not confirm is gone."""
        return [self._gone(self._held[key], ts, snap=True) for key in sorted(self._unsure)]

    def _restated(self, result: Result) -> Result:
        """Feeds of scores say each game again and again: what is no news is marked so."""
        mark, bare = (result.game_id, result.player), replace(result, ts=None, id=None)
        same = self._results.get(mark) == bare
        self._results[mark] = bare
        if len(self._results) > _RESULTS:
            del self._results[next(iter(self._results))]
        return replace(result, changed=False) if same else result

    def _note(self, quote: Quote) -> None:
        key = quote.what.key
        held = self._held.get(key)
        if held is None:
            if quote.status in _GONE:
                self._ended[key] = None
                return
            self._groups.setdefault((quote.what.game_id, quote.what.book), {})[key] = None
        else:
            line = quote.line
            if held.price is not None:
                quote.prev, before = held.price.american, held.line
            else:
                quote.prev, before = held.prev, _line_of_prev(held)
            if before != line:
                quote.prev_line = before
            # Prices come out of a cache: mostly the same object, and then need no comparing.
            quote.changed = (
                (quote.price is not held.price and quote.price != held.price)
                or line != held.line
                or quote.status != held.status
            )
            if self._unsure:
                self._unsure.discard(key)
            if quote.status in _GONE:
                if quote.line is None and held.line is not None:
                    # A price that ends keeps the line that it had: that is no move.
                    quote.line, quote.prev_line = held.line, held.prev_line if held.price is None else None
                self._end(held)
                return
            if held.what is not quote.what:
                self._move(held, quote)
        self._held[key] = quote

    def _replace(self, event: Replace) -> list[Event]:
        said = {quote.what.key for quote in event.quotes}
        out: list[Event] = [
            self._gone(self._held[key], event.ts, snap=event.snap)
            for key in self._within(event.scope)
            if key not in said
        ]
        for quote in event.quotes:
            self._note(quote)
            out.append(quote)
        return out

    def _late(self, event: Replace) -> list[Event]:
        """A statement that was asked for beside the stream, which may have gone on in the meantime."""
        said = {quote.what.key for quote in event.quotes}
        out: list[Event] = [
            self._gone(self._held[key], event.ts, snap=event.snap)
            for key in self._within(event.scope)
            if key not in said and key in self._unsure
        ]
        for quote in event.quotes:
            key = quote.what.key
            held = self._held.get(key)
            if held is None:
                # What this link took off offer, it will put back by itself, whatever clock the answer has.
                if key in self._ended:
                    continue
            elif key not in self._unsure:
                if held.status != "open" or not _newer(quote.ts, held.ts):
                    continue
            elif _newer(held.ts, quote.ts):
                # On offer still, but the answer is older than what the stream said before it broke.
                quote = Quote(
                    held.what, held.status, held.price, held.line, held.main, held.live, held.ts, held.id, held.link,
                    prev=held.prev, snap=event.snap, limit=held.limit,
                    detail=held.detail,
                )  # fmt: skip
            self._note(quote)
            out.append(quote)
        return out

    def _within(self, scope: Scope) -> list[str]:
        if scope.game_id is not None and scope.book is not None:
            return list(self._groups.get((scope.game_id, scope.book), ()))
        found: list[str] = []
        for (game_id, book), keys in self._groups.items():
            if scope.game_id not in (None, game_id) or scope.book not in (None, book):
                continue
            # Of a price whose league nobody told it is not known that it is not meant.
            leagues = (scope.league, None)
            found += keys if scope.league is None else [key for key in keys if self._held[key].what.league in leagues]
        return found

    def _gone(self, held: Quote, ts: int | None, *, snap: bool) -> Quote:
        self._end(held)
        last = held.price.american if held.price is not None else held.prev
        return Quote(
            held.what, "removed", None, held.line, held.main, held.live, ts, prev=last, snap=snap,
            prev_line=held.prev_line if held.price is None else None,
        )  # fmt: skip

    def _end(self, held: Quote) -> None:
        self._forget(held)
        self._ended[held.what.key] = None

    def _move(self, held: Quote, quote: Quote) -> None:
        """The same key under another game or book: a provider may correct itself."""
        before, now = (held.what.game_id, held.what.book), (quote.what.game_id, quote.what.book)
        if before != now:
            self._forget(held)
            self._groups.setdefault(now, {})[quote.what.key] = None

    def _forget(self, held: Quote) -> None:
        """Also for what moved or was shed: only the others have `ended`."""
        key, group = held.what.key, (held.what.game_id, held.what.book)
        del self._held[key]
        self._unsure.discard(key)
        keys = self._groups[group]
        del keys[key]
        if not keys:
            del self._groups[group]

    def _forget_closed(self) -> None:
        """Forget what was not on offer at the last look either, and of which nothing was said since."""
        for key, quote in self._closed.items():
            if self._held.get(key) is quote:
                self._forget(quote)
        self._closed = {key: quote for key, quote in self._held.items() if quote.status != "open"}

    def _shed(self) -> Notice:
        """Forget a tenth: first what is not on offer, then the oldest. Say so if a price was among it."""
        many = max(self._most // 10, len(self._held) - self._most)
        idle = [quote for quote in self._held.values() if quote.status != "open"][:many]
        for quote in idle:
            self._forget(quote)
        oldest = list(self._held.values())[: many - len(idle)] if len(idle) < many else []
        for quote in oldest:
            self._forget(quote)
        return Notice(
            code="forgot",
            text=f"more than {self._most:,} prices on one connection: forgot the oldest {many:,}"
            f" ({len(oldest):,} of them open); ask for fewer leagues or markets",
            level="warning" if oldest else "info",
            value=many,
        )


def _line_of_prev(held: Quote) -> float | None:
    return held.line if held.prev_line is None else held.prev_line


def _newer(one: int | None, other: int | None) -> bool:
    """Whether a time is surely after another."""
    return one is not None and other is not None and one > other
