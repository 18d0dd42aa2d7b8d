"""For how much of the time something was known: of each link, and of each book's markets. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from oddstail.model import Batch, Gap, Lost, Opened, Quote

_GONE = ("removed", "settled")


class Covered(NamedTuple):
    """One market of one book: quotes told, and for how long at least one of its prices was known, in microseconds.

    `links` are the connections that ever told of it; the time is the sum over them.
    """

    book: str
    market: str
    quotes: int
    micros: int
    links: int


_NOTHING = Covered("", "", 0, 0, 0)


@dataclass(slots=True)
class _Market:
    quotes: int = 0
    known: int = 0
    since: int = 0
    micros: int = 0


@dataclass(slots=True)
class _Link:
    """A connection: since when it is open, and the prices that are known by it, each with its market."""

    since: int | None = None
    micros: int = 0
    known: dict[str, _Market] = field(default_factory=dict)
    unsure: dict[str, _Market] = field(default_factory=dict)


class Coverage:
    """Feed it every batch of a run. A price is known from when it is told until it is gone, or its link is lost.

    A suspended price is known to be suspended; that nothing is on offer is knowledge, too.
    """

    def __init__(self, start: int) -> None:
        self.first = self.last = start
        self.gaps: list[Gap] = []
        #: How many links were good, one after the other or beside each other.
        self.opened = 0
        self._links: dict[int, _Link] = {}
        self._markets: dict[tuple[int, str, str], _Market] = {}

    def apply(self, batch: Batch) -> None:
        """Take what happened."""
        # A clock that was set back takes nothing away.
        now = self.last = max(self.last, batch.recv)
        if not batch.conn:
            return
        link = self._links.setdefault(batch.conn, _Link())
        for event in batch.events:
            if type(event) is Quote:
                self._quote(batch.conn, link, event, now)
            elif type(event) is Opened:
                link.since = now
                self.opened += 1
            elif type(event) is Lost:
                self._lost(link, now)
            elif type(event) is Gap:
                self.gaps.append(event)
                if event.resumed == "yes":
                    for key, market in link.unsure.items():
                        self._known(link, key, market, now)
                link.unsure = {}

    def close(self) -> None:
        """The run is over."""
        for link in self._links.values():
            self._lost(link, self.last)

    @property
    def micros(self) -> int:
        """How long the run was."""
        return self.last - self.first

    @property
    def watched(self) -> float:
        """The share of the time in which a link was open, on the average of all links; call `close` before."""
        if not self._links or not self.micros:
            return 1.0 if any(link.micros or link.known for link in self._links.values()) else 0.0
        return sum(link.micros for link in self._links.values()) / (self.micros * len(self._links))

    def markets(self) -> Iterator[Covered]:
        """Each book's markets, in order; call `close` before."""
        summed: dict[tuple[str, str], Covered] = {}
        for (_, book, market), told in self._markets.items():
            _, _, quotes, micros, links = summed.get((book, market), _NOTHING)
            summed[book, market] = Covered(book, market, quotes + told.quotes, micros + told.micros, links + 1)
        yield from sorted(summed.values())

    def share(self, one: Covered) -> float:
        """For how much of the run something was known of a market, 0 to 1, on the average of its links."""
        return one.micros / (self.micros * one.links) if self.micros else 1.0

    def _quote(self, conn: int, link: _Link, quote: Quote, now: int) -> None:
        what = quote.what
        market = self._markets.get((conn, what.book, what.market))
        if market is None:
            market = self._markets[conn, what.book, what.market] = _Market()
        market.quotes += 1
        if quote.status in _GONE:
            held = link.known.pop(what.key, None)
            if held is not None:
                _forget(held, now)
        elif what.key not in link.known:
            self._known(link, what.key, market, now)

    def _known(self, link: _Link, key: str, market: _Market, now: int) -> None:
        if key in link.known:
            return
        link.known[key] = market
        if not market.known:
            market.since = now
        market.known += 1

    def _lost(self, link: _Link, now: int) -> None:
        if link.since is not None:
            link.micros += now - link.since
            link.since = None
        for market in link.known.values():
            _forget(market, now)
        link.unsure |= link.known
        link.known = {}


def _forget(market: _Market, now: int) -> None:
    market.known -= 1
    if not market.known:
        market.micros += now - market.since
