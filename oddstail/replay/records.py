"""A run's records as the batches that they were: the inverse of `oddstail.record`. No clock, no wait."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import fields as fields_of
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final, cast

from oddstail import market_fields
from oddstail.ledger import Ledger
from oddstail.model import (
    Alert,
    Batch,
    Drop,
    End,
    Event,
    Fixture,
    Gap,
    Health,
    Lost,
    MarketAlert,
    Notice,
    Opened,
    Play,
    Quote,
    Request,
    Result,
    Selection,
    Steam,
    Was,
)
from oddstail.price import Price, from_american, recorded
from oddstail.record import SELECTION
from oddstail.replay.lines import Lines
from oddstail.replay.runs import Part, Taped, subscribed, unknown
from oddstail.replay.telling import Faults, Introduce, Standing, noted, over, stood
from oddstail.text import visible
from oddstail.units import micros, stamp
from oddstail.wire import tape

_ODD = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
#: Selections remembered, so that the prices of one share it.
_MOST = 500_000

#: What tells of links.
_LINKS: Final = ("opened", "lost")
#: No record has these types, whatever a file says: a part of the run is not here; nothing more is here yet.
_HOLE: Final = object()
_IDLE: Final = object()

#: Where a record's word is not the field's.
_RENAMED: Final[dict[str, dict[str, str]]] = {
    "gap": {"from": "start", "to": "end"},
    "end": {"exit": "code"},
}
#: Fields that are times.
_TIMES: Final = ("ts", "captured", "latest", "from", "to")
_KINDS: Final[dict[str, Any]] = {
    "fixture": Fixture,
    "play": Play,
    "result": Result,
    "health": Health,
    "opened": Opened,
    "lost": Lost,
    "gap": Gap,
    "notice": Notice,
    "end": End,
}


class Reread:
    """Iterate `batches()` once. What a later file repeats of an earlier one is taken only where that is not here.

    At `since`, microseconds, it says how things stand.
    """

    def __init__(self, run: Taped, introduce: Introduce, since: int | None = None) -> None:
        self.end: tuple[int, End] | None = None
        self.doubles = 0
        self._run = run
        self._conns = run.conns
        self._last = run.start
        self._introduce = introduce
        self._numbers: dict[tuple[str, int], int] = {}
        #: Of which run the records of a connection are, and those that do not say it.
        self._runs: dict[int, str] = {}
        self._header_run = run.name
        self._standing: dict[int, Standing] = {}
        self._made: dict[tuple[Any, ...], Selection] = {}
        self._batch: Batch | None = None
        self.faults = Faults()
        self._since = since
        self._waits = "" if since is None else stamp(since)
        self._notes: list[str] = []
        self._began: dict[str, str] = {}
        #: What a part that is missing left of each connection: its link, if it has one after it, and since when.
        self._holes: dict[int, tuple[Opened | None, int]] = {}
        self._add()

    def standing(self) -> list[Standing]:
        """The connections, as they stand now."""
        return list(self._standing.values())

    def over(self, later: Iterable[Request] = ()) -> list[Batch]:
        """What is to be told of the connections when there is nothing more, and others go on."""
        return over(self, self._introduce, "the records end", later)

    @property
    def last(self) -> int:
        """When the latest record came, in microseconds."""
        return self._last

    def batches(self) -> Iterator[Batch]:
        """What happened, in order. Records of one moment and connection are one batch."""
        for record in self._records():
            if record["type"] == "header":
                yield from self._another(record)
                continue
            if record["type"] == _HOLE:
                yield from self._hole(record["text"])
                continue
            if record["type"] == _IDLE:
                if self._batch is not None:
                    yield self._applied(self._batch)
                    self._batch = None
                continue
            if self._holes and record.get("carried"):
                self._stood(record)
                continue
            if self._waits and str(record.get("recv")) >= self._waits:
                self._waits = ""
                if self._batch is not None:
                    yield self._applied(self._batch)
                    self._batch = None
                yield from stood(self, self._since or 0)
            if self._holes:
                yield from self._reopened(record)
            try:
                done = self._taken(record)
            except _ODD:
                self.faults.unreadable += 1
                continue
            if done is not None:
                yield done
        recv = self._run.start
        if self._batch is not None:
            recv = self._batch.recv
            yield self._applied(self._batch)
        if bad := self.faults.unreadable:
            self._notes.append(f"{bad:,} line{'s' * (bad != 1)} cannot be read")
        for text in self._notes:
            yield Batch(0, recv, [Notice(code="torn", text=text)])

    # --- lines ------------------------------------------------------------------------------------

    def _records(self) -> Iterator[dict[str, Any]]:
        """Every record once, in the order in which it was written, over files that a capture was split into."""
        branches: dict[str, list[Part]] = {}
        for part in self._run.parts:
            branches.setdefault(part.branch, []).append(part)
        each = [self._branch(parts) for parts in branches.values()]
        last, run = 0, ""
        links = set[int]()  # by the numbers of their records: each branch begins with how they stood
        for began, seq, record in each[0] if len(each) == 1 else heapq.merge(*each, key=itemgetter(0, 1)):
            if record["type"] == "header":
                if run and began != run:
                    yield record
                    last = 0
                    links.clear()
                run = began
                continue
            if len(each) > 1 and record["type"] in _LINKS:
                if seq in links:
                    continue
                links.add(seq)
            if record.get("carried") or record["type"] in (_HOLE, _IDLE):
                yield record
                continue
            if seq == last and len(each) > 1:
                continue  # what is about no file of its own, a gap say, is in each
            # Number 1 begins another run, in files that somebody joined.
            if seq != last + 1 and last and seq != 1:
                self.faults.jumped(seq - last - 1)
            last = seq
            yield record

    def _branch(self, parts: list[Part]) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Each with the time of the first header of its run: a file may hold several (`--append`)."""
        begun, began, heads, seq = False, "", set[str](), 0
        for before, part in pairwise([None, *parts]):
            assert part is not None, "only the first has none before it"
            absent = before is not None and part.number > before.number + 1
            if absent and before is not None:
                text = _absent(before.number + 1, part.number - 1)
                if part.branch or len({one.branch for one in self._run.parts}) > 1:
                    self._notes.append(f"{visible(part.path.name, 200)}: {text}")
                else:
                    yield began, seq, {"type": _HOLE, "text": text}
            source = part.source = part.source or Lines(part.path)
            for line in part.lines or source:
                try:
                    record = tape.parsed(line)
                    if record["type"] == "header":
                        run = str(record["run"])
                        began, begun = self._began.setdefault(run, str(record["recv"])), run in heads
                        heads.add(run)
                    elif begun and record.get("carried") and not (absent and record["type"] in _LINKS):
                        continue
                    if type(record["seq"]) is int:
                        seq = record["seq"]
                        yield began, seq, record
                    else:
                        yield began, 0, {**record, "seq": 0}
                except _ODD:
                    self.faults.unreadable += 1
                if source.is_waiting:
                    # What is here is all of its moment: whoever watches is not kept waiting for the next.
                    yield began, seq, {"type": _IDLE}
            self._notes += noted(part, source)

    def _taken(self, record: dict[str, Any]) -> Batch | None:
        """Take one record; the batch before it, if that is now whole."""
        kind = record["type"]
        recv, conn = micros(record["recv"]), record["conn"]
        event: Event
        if kind == "quote":
            event = self._quote(record)
        elif kind == "market":
            event = market_fields.market_value(record)
        elif kind == "alert":
            event = self._alert(record)
        elif kind == "drop":
            event = _drop(record)
        elif kind in _KINDS:
            event = _event(kind, record)
        else:
            return None
        self._last = recv
        number = self._number(record, conn) if conn else 0
        run = record.get("run", self._header_run)
        if run != self._runs.get(number):
            self._runs[number] = run
            self._introduce.named(number, run)
        if isinstance(event, End):
            self.end = (recv, event)
            return None
        batch = self._batch
        if batch is not None and batch.conn == number and batch.recv == recv:
            batch.events.append(event)
            return None
        self._batch = Batch(number, recv, [event])
        return self._applied(batch) if batch is not None else None

    def _quote(self, record: dict[str, Any]) -> Quote:
        said = tuple([record.get(name) for name in SELECTION])
        what = self._made.get(said)
        if what is None:
            if len(self._made) >= _MOST:
                self._made.clear()
            given: dict[str, Any] = dict(zip(SELECTION, said, strict=True))
            what = self._made[said] = Selection(**given)
        price = None
        if record["american"] is not None:
            price = recorded(record["american"], record["decimal"], record["prob"])
        ts = record["ts"]
        return Quote(
            what,
            record["status"],
            price,
            record["line"],
            record["main"],
            record["live"],
            None if ts is None else micros(ts),
            record["id"],
            record["link"],
            record.get("settlement"),
            record["prev"],
            record["snap"],
            prev_line=record.get("prev_line"),
            limit=record.get("limit"),
            detail=record.get("detail"),
        )

    def _alert(self, record: dict[str, Any]) -> Alert | MarketAlert | Steam:
        if "best_books" in record:
            return MarketAlert(rule=record["rule"], value=market_fields.market_value(record))
        if "direction" in record:
            return market_fields.steam(record)
        was, status = record["was_american"], record["was_status"]
        before = None if was is None else from_american(was)
        known = None if status is None else Was(status, before, record["was_line"], None, None)
        return Alert(
            rule=record["rule"], quote=self._quote(record), was=known, cents=record["cents"], gap_s=record.get("gap_s")
        )

    def _applied(self, batch: Batch) -> Batch:
        """Which prices changed, and how the connection stands. What was before stays what the record says."""
        standing = self._standing.get(batch.conn)
        if standing is None:
            return batch
        previous = [(event.prev, event.prev_line) for event in batch.events if type(event) is Quote]
        events = standing.ledger.apply(batch.events, batch.recv / 1_000_000)
        for quote, before in zip([event for event in events if type(event) is Quote], previous, strict=False):
            quote.prev, quote.prev_line = before
        until = standing.until
        if standing.opened is not None:
            standing.until = batch.recv
        for event in batch.events:
            if isinstance(event, Opened):
                until = standing.until = batch.recv
                standing.opened = replace(event, attempt=1, cursor=None)
            elif isinstance(event, Lost):
                standing.opened, standing.until = None, until
                standing.ledger.doubt()
            elif isinstance(event, Gap):
                standing.until = max(event.end, standing.until or 0)
                if event.resumed == "yes":
                    standing.ledger.trust()
        return batch

    def _another(self, header: dict[str, Any]) -> Iterator[Batch]:
        """The head of another run, in files that were added to: its connections are others."""
        if self._batch is not None:
            yield self._applied(self._batch)
            self._batch = None
        try:
            known = unknown(str(header["provider"]), self._run.name)
            self._conns = subscribed(header, replace(known, feed=str(header.get("feed", "odds"))))
        except _ODD:
            self.faults.unreadable += 1
            self._conns = {}
        yield from self.over(self._conns.values())
        self.faults.unended += self.end is None
        self._introduce = self._introduce.another()
        self._numbers, self._standing, self.end = {}, {}, None
        self._header_run = str(header["run"])
        self._add()

    # --- parts that are not here ----------------------------------------------------------------------

    def _hole(self, text: str) -> Iterator[Batch]:
        """A part is missing: what its links did meanwhile nobody knows."""
        if self._batch is not None:
            yield self._applied(self._batch)
            self._batch = None
        for number, one in self._standing.items():
            if one.opened is not None and one.until is not None:
                self._holes[number] = one.opened, one.until
                yield self._applied(Batch(number, self._last, [Lost(cause="records", detail=text)]))

    def _stood(self, record: dict[str, Any]) -> None:
        """How a link stood when the next part began."""
        number = self._numbers.get((record["provider"], record["conn"]))
        if number is not None and number in self._holes:
            opened = None if record["type"] == "lost" else cast(Opened, _event("opened", record))
            self._holes[number] = opened, self._holes[number][1]

    def _reopened(self, record: dict[str, Any]) -> Iterator[Batch]:
        """It goes on: what was not seen is a gap up to here."""
        holes, self._holes = self._holes, {}
        at = self._last = micros(record["recv"])
        for number, (opened, start) in holes.items():
            gap = Gap(start=start, end=at, seconds=(at - start) / 1e6, cause="records", resumed="no")
            events: list[Event] = [gap] if opened is None else [replace(opened, attempt=1, cursor=None), gap]
            yield self._applied(Batch(number, at, events))

    def _add(self) -> None:
        """The connections that the header names, in its order: whose the run's own records are depends on it."""
        for conn, request in self._conns.items():
            self._number({"provider": request.provider, "feed": request.feed}, conn)

    def _number(self, record: dict[str, Any], conn: int) -> int:
        """A connection's number among all that are replayed. Joined files may hold two of one number."""
        at = (record["provider"], conn)
        number = self._numbers.get(at)
        if number is None:
            request = self._conns.get(conn) or unknown(record["provider"], self._run.name)
            request = replace(request, provider=record["provider"], feed=record.get("feed", "odds"))
            number = self._numbers[at] = self._introduce(conn, request)
            self._standing[number] = Standing(number, request, Ledger())
        return number


def _absent(first: int, last: int) -> str:
    return (
        f"part {first} of the run is not here" if first == last else f"parts {first} to {last} of the run are not here"
    )


def _event(kind: str, record: dict[str, Any]) -> Event:
    made = _KINDS[kind]
    known = {field.name for field in fields_of(made)}
    renamed = _RENAMED.get(kind, {})
    given: dict[str, Any] = {}
    for name, value in record.items():
        field = renamed.get(name, name)
        if field in known:
            given[field] = micros(value) if name in _TIMES and value is not None else value
    event: Event = made(**given)
    return event


def _drop(record: dict[str, Any]) -> Drop:
    known = {field.name for field in fields_of(Drop)}
    given = {name: value for name, value in record.items() if name in known}
    price = before = None
    if record["american"] is not None:
        price = recorded(record["american"], record["decimal"], record["prob"])
    if record["prev"] is not None:
        # A record has only the American number of the price before, and by how much the chance moved since.
        chance = 0.0 if price is None else price.prob - (record["prob_delta"] or 0.0)
        before = Price(record["prev"], 1 / chance if chance else 0.0, chance, 1 / chance - 1 if chance else 0.0)
    ts = record["ts"]
    return Drop(**{**given, "price": price, "before": before, "ts": None if ts is None else micros(ts)})
