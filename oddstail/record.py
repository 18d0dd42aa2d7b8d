"""Events as records: one flat JSON object a line, and the schema of each type. Pure.

Quotes are written by hand from cached parts rather than by a serializer: what a selection is made of
does not change from one price to the next, and serializing it anew would be half of the cost of a
record. Everything is ASCII: U+2028 in a name would be a line end to many a reader of NDJSON, and a C1
control is an escape sequence to a terminal.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from oddstail.market_fields import MarketText, steam_fields
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
    MarketValue,
    Notice,
    Opened,
    Play,
    Quote,
    Request,
    Result,
    Selection,
    Steam,
)
from oddstail.price import Price
from oddstail.units import micros
from oddstail.units import second as _second
from oddstail.units import stamp as stamp

VERSION = 1
#: Record type of each event that becomes a record. Payload and Retrying are none.
TYPES: dict[type[Any], str] = {
    Quote: "quote",
    Fixture: "fixture",
    Play: "play",
    Result: "result",
    Drop: "drop",
    Health: "health",
    Alert: "alert",
    MarketValue: "market",
    MarketAlert: "alert",
    Steam: "alert",
    Opened: "opened",
    Lost: "lost",
    Gap: "gap",
    Notice: "notice",
    End: "end",
}
#: The types that a user asked for; the others tell the life of the stream.
DATA_TYPES = frozenset({"quote", "fixture", "result", "play", "drop", "health"})

#: A selection, its part of a record, and when its game starts, in microseconds.
_Part = tuple[Selection, str, int | None]
#: What repeats of a quote: line, status, settlement, main, live.
_State = tuple[float | None, str, str | None, bool | None, bool | None]
_NO_PRICE = '"american":null,"decimal":null,"prob":null'
_BOOL = {True: "true", False: "false", None: "null"}
_MOST = 500_000
#: Selections whose part of a record is kept ready, of now and of before.
_RECENT = 32_768
#: Characters of a detail that is kept ready.
_SHORT = 256
_GONE = ("removed", "settled")


class Encoder:
    """Turns events into lines of NDJSON, numbered through the whole run."""

    def __init__(self, run: str = "") -> None:
        self.seq = 0
        #: The run whose records these are; `named` says it of a connection that is another run's.
        self.run = run
        self._runs: dict[int, str] = {}
        #: The number of the first record of the latest batch.
        self.first = 1
        self._latest: tuple[Batch, str] | None = None
        self._parts: dict[str, _Part] = {}
        self._parts_before: dict[str, _Part] = {}
        self._prices: dict[Price, str] = {}
        self._markets = MarketText()
        self._states: dict[_State, tuple[str, str]] = {}
        self._heads: dict[tuple[int, str], str] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def introduce(self, conn: int, request: Request) -> None:
        """Say what a connection's number stands for. Number 0 is the run itself."""
        self._names[conn] = (request.provider, request.feed)
        self._forget_heads(conn)

    def named(self, conn: int, run: str) -> None:
        """Say of which run a connection's records are from here on: of one that is replayed, not of ours."""
        if self._runs.get(conn) != run:
            self._runs[conn] = run
            self._forget_heads(conn)

    def lines(self, batch: Batch, events: list[Event]) -> str:
        """The records of `events`, each with its line end; what is no record is left out.

        Several sinks may ask for the same batch, one after the other: it is encoded, and numbered, once.
        """
        if self._latest is not None and self._latest[0] is batch and batch.events is events:
            return self._latest[1]
        self.first = self.seq + 1
        text = self._encoded(batch, events)
        self._latest = (batch, text)
        return text

    def fresh(self) -> Encoder:
        """Another, for another thread, that knows the same connections."""
        made = Encoder(self.run)
        made._names, made._runs = dict(self._names), dict(self._runs)
        return made

    def again(self, batch: Batch, seq: int) -> str:
        """The record of a batch's only event once more, with the number that it had: `carried` into a later file."""
        now, self.seq = self.seq, seq - 1
        text = self._encoded(batch, batch.events)
        self.seq = now
        return f'{text[:-2]},"carried":true}}\n'

    def apart(self, batch: Batch, event: Event, seq: int) -> str:
        """The record of an event that goes out beside the stream, with a number of its own."""
        now, self.seq = self.seq, seq - 1
        text = self._encoded(batch, [event])
        self.seq = now
        return text

    def _encoded(self, batch: Batch, events: list[Event]) -> str:
        recv = stamp(batch.recv)
        head = self._head(batch.conn, "quote")
        out = []
        for event in events:
            if type(event) is Quote:
                out.append(self._quote(head, recv, batch.recv, event))
            elif type(event) is MarketValue or type(event) is MarketAlert:
                out.append(self._market(batch, recv, event))
            elif type(event) in TYPES:
                out.append(self._other(batch, recv, event))
        return "".join(out)

    def _quote(self, head: str, recv: str, received: int, quote: Quote) -> str:
        # The parts that repeat are looked up whole: to format a float anew costs as much as four look-ups.
        self.seq += 1
        what, price, ts, prev = quote.what, quote.price, quote.ts, quote.prev
        part = self._parts.get(what.key)
        if part is None or part[0] is not what:
            part = self._part(what)
        if price is None:
            priced = _NO_PRICE
            if quote.status in _GONE:
                # Seldom told again, and a season of games would be held.
                self._parts.pop(what.key, None)
        else:
            priced = self._prices.get(price) or self._price(price)
        if ts is None:
            when = '"ts":null,"lag_ms":null'
        else:
            seconds, micros = divmod(ts, 1_000_000)
            when = f'"ts":"{_second(seconds)}.{micros:06d}Z","lag_ms":{(received - ts) // 1000}'
        name = "null" if quote.id is None else _plain(quote.id)
        link = "null" if quote.link is None else _text(quote.link)
        more = "" if quote.detail is None else f',"detail":{_detail(quote.detail)}'
        begins = part[2]
        begun = "null" if begins is None else "true" if received >= begins else "false"
        limit = "null" if quote.limit is None else quote.limit
        state = quote.line, quote.status, quote.settlement, quote.main, quote.live
        line, stands = self._states.get(state) or self._state(state)
        moved = "" if quote.prev_line is None else f',"prev_line":{quote.prev_line}'
        return (
            f'{head}{self.seq},"recv":"{recv}",{when},"id":{name},{part[1]},"line":{line},{priced},"limit":{limit},{stands},'
            f'"started":{begun},'
            f'"prev":{"null" if prev is None else prev}{moved},"snap":{"true" if quote.snap else "false"},'
            f'"link":{link}{more}}}\n'
        )

    def _market(self, batch: Batch, recv: str, event: MarketValue | MarketAlert) -> str:
        self.seq += 1
        if isinstance(event, MarketValue):
            value, rule = event, ""
        else:
            value, rule = event.value, f'"rule":{_text(event.rule)},'
        body = self._markets.body(value, started(value.of.start, batch.recv))
        return f'{self._head(batch.conn, TYPES[type(event)])}{self.seq},"recv":"{recv}",{rule}{body}}}\n'

    def _other(self, batch: Batch, recv: str, event: Any) -> str:
        self.seq += 1
        body = json.dumps(_fields(event, batch.recv), separators=(",", ":"))[1:]
        return f'{self._head(batch.conn, TYPES[type(event)])}{self.seq},"recv":"{recv}",{body}\n'

    def _head(self, conn: int, kind: str) -> str:
        head = self._heads.get((conn, kind))
        if head is None:
            provider, feed = self._names[conn]
            names = f'"provider":{_text(provider)},"feed":{_text(feed)}'
            run = _text(self._runs.get(conn, self.run))
            head = f'{{"v":{VERSION},"type":"{kind}",{names},"conn":{conn},"run":{run},"seq":'
            self._heads[conn, kind] = head
        return head

    def _forget_heads(self, conn: int) -> None:
        for key in [key for key in self._heads if key[0] == conn]:
            del self._heads[key]

    def _part(self, what: Selection) -> _Part:
        part = self._parts_before.get(what.key)
        if part is not None and part[0] is what:
            self._parts[what.key] = part
            return part
        fields = {name: getattr(what, name) for name in SELECTION}
        if len(self._parts) >= _RECENT:
            self._parts_before, self._parts = self._parts, {}
        part = self._parts[what.key] = (what, json.dumps(fields, separators=(",", ":"))[1:-1], micros_of(what.start))
        return part

    def _state(self, state: _State) -> tuple[str, str]:
        line, status, settlement, main, live = state
        if len(self._states) > _MOST:
            self._states.clear()
        settled = "" if settlement is None else f',"settlement":{_text(settlement)}'
        parts = (
            "null" if line is None else str(line),
            f'"status":"{status}"{settled},"main":{_BOOL[main]},"live":{_BOOL[live]}',
        )
        # What equals has one entry, and 3 equals 3.0: the number is written as it came.
        if type(line) is not int:
            self._states[state] = parts
        return parts

    def _price(self, price: Price) -> str:
        if len(self._prices) > _MOST:
            self._prices.clear()
        text = f'"american":{price.american},"decimal":{price.decimal},"prob":{price.prob}'
        self._prices[price] = text
        return text


#: The fields of a quote that its selection holds, in the record's order.
SELECTION = (
    "sport league competition game_id home away start key book kind period ways market selection side player subject "
    "stat group"
).split()


def _plain(value: str) -> str:
    """JSON of a string that is new each time: a cache would only grow, and nearly all need no escaping."""
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return json.dumps(value)


def _detail(value: str) -> str:
    """JSON of a quote's detail: a short one repeats with every price of its game."""
    return _text(value) if len(value) <= _SHORT else json.dumps(value)


@lru_cache(8192)
def micros_of(start: str | None) -> int | None:
    """Microseconds of a `start`, None if there is none that can be read."""
    try:
        return None if start is None else micros(f"{start[:19]}.000000Z")
    except ValueError:
        return None


def started(start: str | None, recv: int) -> bool | None:
    """Whether the announced start of a game had passed when something was received."""
    begins = micros_of(start)
    return None if begins is None else recv >= begins


@lru_cache(1024)
def _text(value: str) -> str:
    return json.dumps(value)


def _fields(event: Any, recv: int) -> dict[str, Any]:
    """What a record that is no quote says, beside the common fields."""
    match event:
        case Opened():
            return {
                "label": event.label,
                "host": event.host,
                "attempt": event.attempt,
                "cursor": event.cursor,
            }
        case Lost():
            return {"cause": event.cause, "detail": event.detail, "retry_in": _seconds(event.retry_in)}
        case Gap():
            return {
                "from": stamp(event.start),
                "to": stamp(event.end),
                "seconds": _seconds(event.seconds),
                "cause": event.cause,
                "resumed": event.resumed,
            }
        case Notice():
            return {name: getattr(event, name) for name in ("level", "code", "text", "value", "payload")}
        case Fixture():
            return {
                **_clocks(event, recv),
                **_place(event, recv),
                "status": event.status,
                "old_status": event.old_status,
                "old_start": event.old_start,
            }
        case Play():
            return {
                **_clocks(event, recv),
                **_place(event, recv),
                **{name: getattr(event, name) for name in _PLAY},
                "captured": None if event.captured is None else stamp(event.captured),
            }
        case Result():
            return {**_clocks(event, recv), **_place(event, recv), **{name: getattr(event, name) for name in _RESULT}}
        case Drop():
            return _drop(event, recv)
        case Alert():
            return _alert(event, recv)
        case Steam():
            return steam_fields(event, started(event.side.start, recv))
        case Health():
            return {
                **_clocks(event, recv),
                "sport": event.sport,
                "league": event.league,
                "source": event.source,
                "role": event.role,
                "status": event.status,
                "silent_s": event.silent_s,
                "events": event.events,
                "window_s": event.window_s,
                "latest": None if event.latest is None else stamp(event.latest),
            }
        case End():
            return {"exit": event.code, "reason": event.reason, "quotes": event.quotes, "gaps": event.gaps}
    raise TypeError(f"{type(event).__name__} is not a record")


_PLAY = "source role play text status period clock team_a team_b score_a score_b detail".split()
_RESULT = "status live period clock home_score away_score text player team detail".split()
_DROP = "book outcome kind period market market_name selection side player line".split()


def _clocks(event: Any, recv: int) -> dict[str, Any]:
    ts = event.ts
    return {
        "ts": None if ts is None else stamp(ts),
        "lag_ms": None if ts is None else (recv - ts) // 1000,
        "id": getattr(event, "id", None),
    }


def _place(event: Any, recv: int) -> dict[str, Any]:
    names = ("sport", "league", "competition", "game_id", "home", "away", "start")
    return {**{name: getattr(event, name) for name in names}, "started": started(event.start, recv)}


def _drop(event: Drop, recv: int) -> dict[str, Any]:
    before, price = event.before, event.price
    return {
        **_clocks(event, recv),
        **_place(event, recv),
        **{name: getattr(event, name) for name in _DROP},
        "prev": None if before is None else before.american,
        "american": None if price is None else price.american,
        "decimal": None if price is None else price.decimal,
        "prob": None if price is None else price.prob,
        # Cents jump by 200 at even money; the change of the implied probability ranks moves as they are.
        "prob_delta": None if before is None or price is None else round(price.prob - before.prob, 4),
        "delta": event.delta,
        "direction": event.direction,
        "elapsed_ms": event.elapsed_ms,
    }


def _alert(event: Alert, recv: int) -> dict[str, Any]:
    quote, was = event.quote, event.was
    price, before = quote.price, None if was is None else was.price
    return {
        **_clocks(quote, recv),
        "rule": event.rule,
        **{name: getattr(quote.what, name) for name in SELECTION},
        "line": quote.line,
        "american": None if price is None else price.american,
        "decimal": None if price is None else price.decimal,
        "prob": None if price is None else price.prob,
        "limit": quote.limit,
        **{name: getattr(quote, name) for name in ("status", "main", "live")},
        "started": started(quote.what.start, recv),
        "prev": quote.prev,
        **({} if quote.prev_line is None else {"prev_line": quote.prev_line}),
        **{name: getattr(quote, name) for name in ("snap", "link")},
        **({} if quote.detail is None else {"detail": quote.detail}),
        "cents": event.cents,
        "was_status": None if was is None else was.status,
        "was_line": None if was is None else was.line,
        "was_american": None if before is None else before.american,
        "gap_s": _seconds(event.gap_s),
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
