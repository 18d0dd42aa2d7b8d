"""Records into a store (`-w`): the lines that `-o json` prints, in files that each stand alone. Knows no provider.

A later file begins with what was last said of every price that is still on offer, each the very record
that said it (its own `seq` and `recv`) with `"carried":true`, so that one file tells the state of the
market by itself, and several read together are told apart by that field.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Literal, Protocol

from oddstail import __version__
from oddstail.capture.store import Opening
from oddstail.model import Batch, Event, Gap, Left, Lost, Opened, Quote, Request, is_pause
from oddstail.record import TYPES, VERSION, Encoder, stamp

Split = Literal["league", "game", "book"]

#: Prices remembered for each connection; as many as the ledger holds.
MOST = 500_000
#: A price that was not on offer for so many microseconds, twice that at the most, is carried no more.
_IDLE = 900_000_000
#: Gaps that a manifest lists one by one.
_GAPS = 1000
#: Records that are carried over at a time.
_PIECE = 1000
_FIELD = {"league": "league", "game": "game_id", "book": "book"}
_GONE = ("removed", "settled")
_BOOK = attrgetter("what.book")

#: An event, with what its record said of itself.
Said = tuple[Event, int, int]


class Target(Protocol):
    """Where lines go: a store of files, or a stream."""

    def put(self, data: bytes, branch: str = "") -> None:
        """Take whole lines."""
        ...

    def tick(self) -> None:
        """Time passes."""
        ...

    def branches(self) -> list[str]:
        """What is open."""
        ...


class Records:
    """A sink over a store, and the content of its files. Set `store` before the first event."""

    def __init__(self, encoder: Encoder, about: dict[str, Any], split: Split | None = None) -> None:
        self.store: Target | None = None
        self._encoder = encoder
        self._about = about
        self._split = split
        self._held = Held()
        self._counts: dict[str, Count] = {}
        self._value = _value(split) if split else None

    @property
    def life(self) -> Life:
        """A sink for every event, filtered or not: what tells that a price is not known to be on offer."""
        return Life(self._held)

    # --- a sink -----------------------------------------------------------------------------------

    def emit(self, batch: Batch) -> None:
        """Write the records of a batch."""
        text = self._encoder.lines(batch, batch.events)
        store = self.store
        if store is None:
            return
        seq = self._encoder.first
        if self._value is None or not text:
            if text:
                store.put(text.encode("ascii"))
                self._count("").batch(batch)
            self._held.batch(batch, seq)
            return
        lines = iter(text.split("\n"))
        for event in batch.events:
            if type(event) in TYPES:
                self._branched(store, batch, event, f"{next(lines)}\n".encode("ascii"), seq)
                seq += 1
            else:
                self._held.batch(batch._replace(events=[event]), seq)

    def tick(self, now: float) -> None:
        """Rotation by the clock."""
        if self.store is not None:
            self.store.tick()

    def close(self) -> None:
        """The store is closed by who opened it: that takes time."""

    def _branched(self, store: Target, batch: Batch, event: Event, line: bytes, seq: int) -> None:
        """One record of a split capture. What is about no branch of its own (a gap, say) is in every open file."""
        assert self._value is not None
        value = self._value(event)
        one = batch._replace(events=[event])
        branches = [value or ""] if value is not None else store.branches()
        for branch in branches:
            store.put(line, branch)
            self._count(branch).batch(one)
        self._held.batch(one, seq)

    def _count(self, branch: str) -> Count:
        count = self._counts.get(branch)
        if count is None:
            count = self._counts[branch] = Count()
        return count

    # --- the content of files -----------------------------------------------------------------------

    def header(self, opening: Opening) -> bytes:
        """The first record of a file."""
        return _line(
            {
                "v": VERSION,
                "type": "header",
                "provider": self._about["provider"],
                "feed": self._about["feed"],
                "conn": 0,
                "seq": 0,
                "recv": stamp(opening.at),
                "program": f"oddstail {__version__}",
                "run": opening.run,
                "part": opening.part,
                "split": opening.branch or None,
                "argv": self._about["argv"],
                "subscription": self._about["subscription"],
            }
        )

    def carried(self, branch: str) -> Iterator[bytes]:
        """The state of every link that is known, and every price on offer: taken now, encoded when asked for."""
        said = [
            one
            for one in self._held.said()
            if not branch or type(one[1][0]) is not Quote or self._value is None or self._value(one[1][0]) == branch
        ]
        # In another thread, so with an encoder of its own.
        return _encoded(self._encoder.fresh(), said)

    def facts(self, branch: str) -> dict[str, Any]:
        """What was written since this was last asked."""
        return (self._counts.pop(branch, None) or Count()).facts()

    def scan(self, lines: Iterable[bytes]) -> dict[str, Any]:
        """The same of a file that a crashed run left."""
        return scan(lines)


class Life:
    """Sees the links go, whatever records a user chose to have."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def emit(self, batch: Batch) -> None:
        """Take what happened."""
        for event in batch.events:
            if type(event) is Lost or is_pause(event):
                self._held.doubt(batch.conn)
            elif type(event) is Gap and event.resumed == "yes":
                self._held.trust(batch.conn)

    def tick(self, now: float) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class Held:
    """What was last written of every price on offer and of every link."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._quotes: dict[int, dict[str, Said]] = {}
        self._unsure: dict[int, dict[str, Said]] = {}
        self._links: dict[int, Said] = {}
        self._look_at = 0

    def batch(self, batch: Batch, seq: int) -> None:
        """Remember a batch whose first record is number `seq`."""
        conn, recv = batch.conn, batch.recv
        quotes = self._quotes.get(conn)
        if quotes is None:
            quotes = self._quotes[conn] = {}
        unsure = self._unsure.get(conn)
        for event in batch.events:
            if type(event) is Quote:
                key = event.what.key
                if event.status in _GONE:
                    quotes.pop(key, None)
                else:
                    quotes[key] = (event, recv, seq)
                if unsure:
                    unsure.pop(key, None)
            elif type(event) is Left:
                quotes.pop(event.key, None)
                if unsure:
                    unsure.pop(event.key, None)
                continue
            elif type(event) not in TYPES:
                continue
            elif type(event) is Opened or type(event) is Lost:
                self._links[conn] = (event, recv, seq)
            seq += 1
        if recv >= self._look_at:
            self._look_at = recv + _IDLE
            for held in (*self._quotes.values(), *self._unsure.values()):
                for key in [key for key, (event, said, _) in held.items() if _is_idle(event, recv - said)]:
                    del held[key]
        if len(quotes) > self._most:
            for key in list(quotes)[: self._most // 10]:
                del quotes[key]

    def doubt(self, conn: int) -> None:
        """A link is lost: nothing that it said is known to be on offer until it is said again."""
        self._unsure[conn] = {**self._unsure.get(conn, {}), **self._quotes.pop(conn, {})}

    def trust(self, conn: int) -> None:
        """The provider replayed what was missed."""
        self._quotes[conn] = {**self._unsure.pop(conn, {}), **self._quotes.get(conn, {})}

    def said(self) -> Iterator[tuple[int, Said]]:
        """Each link's latest word, then each price, by connection."""
        for conn, said in sorted(self._links.items(), key=lambda item: item[0]):
            yield conn, said
        for conn, quotes in sorted(self._quotes.items()):
            for said in quotes.values():
                yield conn, said


class Count:
    """What is in a file."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.last = 0
        self.types: Counter[str] = Counter()
        self.books: Counter[str] = Counter()
        self.gaps: list[dict[str, Any]] = []

    def batch(self, batch: Batch) -> None:
        """Count a batch."""
        if self.first is None:
            self.first = batch.recv
        self.last = batch.recv
        quotes = [event for event in batch.events if type(event) is Quote]
        if quotes:
            self.types["quote"] += len(quotes)
            self.books.update(map(_BOOK, quotes))
        if len(quotes) != len(batch.events):
            for event in batch.events:
                if type(event) is not Quote and (name := TYPES.get(type(event))):
                    self.types[name] += 1
                    if type(event) is Gap:
                        self._gap(batch.conn, event)

    def _gap(self, conn: int, event: Gap) -> None:
        if len(self.gaps) < _GAPS:
            self.gaps.append(
                {"conn": conn, "from": stamp(event.start), "to": stamp(event.end), "seconds": round(event.seconds, 3),
                 "cause": event.cause, "resumed": event.resumed}
            )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """As a manifest says it."""
        return _facts(
            None if self.first is None else stamp(self.first),
            None if self.first is None else stamp(self.last),
            self.types,
            self.books,
            self.gaps,
        )


def scan(lines: Iterable[bytes]) -> dict[str, Any]:
    """What is in a file of records, by its lines; headers and what was carried over are not counted."""
    first = last = None
    types: Counter[str] = Counter()
    books: Counter[str] = Counter()
    gaps: list[dict[str, Any]] = []
    for line in map(bytes.strip, lines):
        if line.endswith(b'"carried":true}'):
            continue
        head = _HEAD.match(line)
        if head is None or head[1] == b"header":
            continue
        kind = head[1].decode()
        last = head[2].decode()
        first = first or last
        types[kind] += 1
        if kind == "quote" and (book := _QUOTED_BOOK.search(line)):
            books[json.loads(book[1])] += 1
        elif kind == "gap" and len(gaps) < _GAPS:
            said = json.loads(line)
            gaps.append({name: said.get(name) for name in ("conn", "from", "to", "seconds", "cause", "resumed")})
    return _facts(first, last, types, books, gaps)


def about(requests: list[Request], argv: str) -> dict[str, Any]:
    """What a header says of the run: the arguments, and as JSON what was subscribed to. No key is in either."""
    subscription = [
        {
            "provider": one.provider,
            "feed": one.feed,
            "label": one.label,
            "url": one.url,
            "params": [list(pair) for pair in one.params],
            "send": list(one.send),
        }
        for one in requests
    ]
    return {
        "provider": "+".join(dict.fromkeys(request.provider for request in requests)),
        "feed": "+".join(dict.fromkeys(request.feed for request in requests)),
        "argv": argv,
        "subscription": json.dumps(subscription, separators=(",", ":")),
    }


_HEAD = re.compile(rb'\{"v":\d+,"type":"(\w+)",.*?"recv":"([^"]+)"')
_QUOTED_BOOK = re.compile(rb'"book":("(?:[^"\\]|\\.)*")')


def _facts(
    first: str | None, last: str | None, types: Counter[str], books: Counter[str], gaps: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "first": first,
        "last": last,
        "records": sum(types.values()),
        "types": dict(types),
        "books": dict(books),
        "gaps": list(gaps),
    }


def _encoded(encoder: Encoder, said: list[tuple[int, Said]]) -> Iterator[bytes]:
    for at in range(0, len(said), _PIECE):
        piece = [encoder.again(Batch(conn, recv, [event]), seq) for conn, (event, recv, seq) in said[at : at + _PIECE]]
        yield "".join(piece).encode("ascii")


def _is_idle(event: Event, age: int) -> bool:
    return type(event) is Quote and event.status != "open" and age >= _IDLE


def _value(split: Split) -> Callable[[Event], str | None]:
    """What tells the branch of an event: "" if its field is empty, None if it has no such field."""
    name = _FIELD[split]

    def value(event: Event) -> str | None:
        what = event.what if type(event) is Quote else event
        found = getattr(what, name, _MISSING)
        return None if found is _MISSING else str(found or "")

    return value


_MISSING = object()


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n"
