"""ParlayAPI: frames to events, for SSE and WebSocket alike. Facts: wire reference parlayapi.md, 5 and 7. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oddstail import price
from oddstail.model import (
    Decode,
    Event,
    Failure,
    Frame,
    Kind,
    Message,
    Notice,
    Provider,
    Quote,
    Replace,
    Request,
    Rule,
    Scope,
    Selection,
    Status,
)
from oddstail.price import Price
from oddstail.providers import fields
from oddstail.providers.parlayapi.rows import LINE_ONLY, MARKETS, Side, player, sides
from oddstail.wire.loose import loads

_KINDS = {
    "connected": Kind.ACK,
    "heartbeat": Kind.BEAT,
    "initial_state": Kind.DATA,
    "odds_update": Kind.DATA,
}

Row = dict[str, Any]


def read(frame: Frame) -> list[Message]:
    """The envelope of one frame: its JSON `type`, else the SSE event's name (section 4). ValueError if not JSON."""
    body = loads(frame.data)
    if not isinstance(body, dict):
        raise ValueError("not an object")
    name = body.get("type")
    if type(name) is not str:
        name = frame.event
    if name == "stream_closed":
        return [Message(Kind.REFUSED, name, body, failure=Failure(kind="closed", text="the server ended the stream"))]
    return [Message(_KINDS.get(name, Kind.TALK), name, body)]


def decoder(request: Request) -> Decode:
    """A decoder for one connection: it merges diff rows into what this connection sent before."""
    return _Decoder(request.options.get("league") or request.label).decode


class _Decoder:
    def __init__(self, label: str) -> None:
        self._label = label
        #: (event, book) -> (market, player, line) -> the row as merged so far.
        self._rows: dict[tuple[str, str], dict[tuple[Any, ...], Row]] = {}
        self._selections: dict[tuple[Any, ...], Selection] = {}

    def decode(self, message: Message) -> list[Event]:
        body = message.body
        match message.name:
            case "odds_update":
                return self._all(body)
            case "initial_state":
                return self._initial(body)
            case "stream_status":
                return [_degraded(body)]
            case "hot_feed_status" | "subscribed" | "unsubscribed":
                return []
            case "error":
                said = fields.text(body.get("message")) or fields.text(body.get("error")) or "an error"
                return [Notice(code="server", text=f"{self._label}: the server says: {said:.200}")]
            case name:
                return [Notice(code="unknown", text=f"message of type {name!r:.60}", level="info")]

    def _initial(self, body: dict[str, Any]) -> list[Event]:
        """A snapshot. Only a complete one says that what it lacks is gone (sections 5.3 and 6)."""
        self._rows.clear()
        said = self._all(body, snap=True)
        if _partial(body):
            text = f"{self._label}: the snapshot is partial; quiet books may be missing. Narrow it with -b or -m"
            return [Notice(code="partial", text=text), *said]
        quotes = tuple(event for event in said if type(event) is Quote)
        rest = [event for event in said if type(event) is not Quote]
        return [
            *rest,
            Replace(scope=Scope(), quotes=quotes, ts=fields.unix(body.get("timestamp")), snap=True),
        ]

    def _all(self, body: dict[str, Any], *, snap: bool = False) -> list[Event]:
        data = body.get("data")
        if not isinstance(data, list):
            return [Notice(code="unreadable", text=f"{self._label}: {body.get('type')!r:.40} without rows")]
        now = fields.unix(body.get("timestamp"))
        out: list[Event] = []
        for row in data:
            try:
                self._row(row, now, snap, out)
            except (TypeError, KeyError, AttributeError, ValueError):
                out.append(Notice(code="unreadable", text=f"a row that cannot be read: {row!r:.120}"))
        return out

    def _row(self, row: Row, now: int | None, snap: bool, out: list[Event]) -> None:
        event, book = fields.text(row["event_id"]), fields.text(row["bookmaker"])
        if event is None or book is None:
            raise ValueError("no event or bookmaker")
        group = self._rows.setdefault((event, book), {})
        if row.get("action") == "remove":
            gone = [group.pop(mark) for mark in _matching(group, row)] or [row]
            for old in gone:
                self._quotes({**old, **_ids(row)}, event, book, now, snap, out, forced="removed")
            return
        mark = _mark(group, row)
        old = group.get(mark, {})
        diff = row.get("_diff") is True
        new = {**old, **row} if diff else row
        group[mark] = new
        # `available: false` and a `removal_reason` blank the price (5.5); the row may come back.
        off = new.get("available") is False or (not diff and "removal_reason" in new)
        before = {_identity(side): side for side in sides(old)} if old else {}
        self._quotes(new, event, book, now, snap, out, forced="suspended" if off else None,
                     unless=before if diff and not off and old.get("available") is not False else {})  # fmt: skip
        if not diff and before:
            now_priced = {_identity(side) for side in sides(new)}
            left = [side for name, side in before.items() if name not in now_priced]
            for side in left:
                out.append(self._quote(side, new, event, book, now, snap, out, "suspended"))

    def _quotes(
        self,
        row: Row,
        event: str,
        book: str,
        now: int | None,
        snap: bool,
        out: list[Event],
        forced: Status | None = None,
        unless: Mapping[tuple[str, str], Side] = {},
    ) -> None:
        """A quote for each side of a row, unless it is the same as in `unless`."""
        for side in sides(row):
            if unless.get(_identity(side)) != side:
                out.append(self._quote(side, row, event, book, now, snap, out, forced))

    def _quote(
        self,
        side: Side,
        row: Row,
        event: str,
        book: str,
        now: int | None,
        snap: bool,
        out: list[Event],
        forced: Status | None,
    ) -> Quote:
        quoted = None if forced is not None else _price(side.price, out)
        status: Status = forced or ("open" if quoted is not None or side.price is LINE_ONLY else "suspended")
        ts = fields.moment(row.get("last_update"))
        live = True if row.get("kind") == "live" else fields.flag(row.get("is_live"))
        return Quote(
            self._selection(side, row, event, book),
            status,
            quoted,
            side.line,
            None,
            live,
            now if ts is None else ts,
            link=fields.link(row.get("link")),
            snap=snap,
        )

    def _selection(self, side: Side, row: Row, event: str, book: str) -> Selection:
        who = player(row)
        line = _own_line(row)
        mark = (event, book, side.market, who, line, side.side, side.selection, row.get("commence_time"))
        what = self._selections.get(mark)
        if what is None:
            league = fields.text(row.get("sport_key")) or self._label
            kind, period = MARKETS.classify(side.market)
            if who is not None or row.get("kind") in ("prop", "props"):
                kind, period = "prop", period or "game"
            at = "" if line is None else f"|{line:g}"
            what = self._selections[mark] = Selection(
                key=f"{event}|{book}|{side.market}|{who or ''}|{side.side}{at}",
                sport=_SPORTS.get(league.partition("_")[0]),
                league=league,
                game_id=event,
                home=fields.text(row.get("home_team")),
                away=fields.text(row.get("away_team")),
                start=fields.start(row.get("commence_time")),
                book=book,
                kind=kind,
                period=period,
                market=side.market,
                selection=who or side.selection,
                side=side.side,
                player=who,
            )
            if len(self._selections) > _MOST:
                self._selections.clear()
        return what


#: Selections kept ready for one connection. Beyond it all are made anew: slower, not wrong.
_MOST = 200_000

#: The first word of a sport key (8.1) as the word for the sport.
_SPORTS = {
    "americanfootball": "football",
    "baseball": "baseball",
    "basketball": "basketball",
    "boxing": "boxing",
    "cricket": "cricket",
    "golf": "golf",
    "hockey": "hockey",
    "icehockey": "hockey",
    "mma": "mma",
    "soccer": "soccer",
    "tennis": "tennis",
}


def _identity(side: Side) -> tuple[str, str]:
    return side.market, side.side


def _own_line(row: Row) -> float | None:
    """The line as part of the identity: of props and alternates, where several stand side by side (5.5)."""
    market = fields.text(row.get("market_key")) or ""
    if player(row) is not None or row.get("kind") in ("prop", "props") or "alternate" in market:
        return fields.number(row.get("line", row.get("point")))
    return None


def _mark(group: Mapping[tuple[Any, ...], Row], row: Row) -> tuple[Any, ...]:
    """Where a row belongs: market, player and line. A diff that names no line means the one row that fits."""
    outcome = fields.text(row.get("outcome"))
    mark = (fields.text(row.get("market_key")), player(row), _own_line(row), outcome)
    if mark not in group and row.get("_diff") is True and "line" not in row:
        fits = _matching(group, row)
        if len(fits) == 1:
            return fits[0]
    return mark


def _matching(group: Mapping[tuple[Any, ...], Row], row: Row) -> list[tuple[Any, ...]]:
    """The rows that a removal or a bare diff speaks of: whatever it does not name, it does not restrict."""
    wanted = (
        fields.text(row.get("market_key")),
        player(row),
        _own_line(row),
        fields.text(row.get("outcome")),
    )
    return [
        mark for mark in group if all(want is None or want == have for want, have in zip(wanted, mark, strict=True))
    ]


def _ids(row: Row) -> Row:
    return {name: row[name] for name in ("last_update",) if name in row}


def _price(value: Any, out: list[Event]) -> Price | None:
    """American odds as an int, a whole float or `+105`; null, 0 and missing are no price (5.5)."""
    if value is None or value is LINE_ONLY or value == 0:
        return None
    amount = fields.number(value)
    try:
        if amount is not None:
            return price.from_american(amount)
    except ValueError:
        pass
    out.append(fields.odd_field("price", value))
    return None


def _partial(body: dict[str, Any]) -> bool:
    return (
        any(body.get(name) is True for name in ("truncated", "partial"))
        or any(body.get(name) is False for name in ("snapshot_complete", "coverage_complete"))
        or body.get("since") is not None
        or bool(body.get("missing_books") or body.get("truncated_books"))
    )


def _degraded(body: dict[str, Any]) -> Notice:
    book, status = fields.text(body.get("bookmaker")), fields.text(body.get("status"))
    reason = fields.text(body.get("reason")) or "no reason given"
    return Notice(code="degraded", text=f"{book} is {status} at the provider: {reason}; its prices may be incomplete")


PROVIDER = Provider(
    name="parlayapi",
    title="ParlayAPI",
    read=read,
    decoder=decoder,
    snapshot="message",
    rules={
        # 402 and 403 both stand for tier and credits (7.3), 4001 for the tier, 4003 for no key (7.2).
        402: Rule(tries=1, exit=7, say="odds streams need the Business tier"),
        403: Rule(tries=1, exit=7, say="check the tier and the credits"),
        # The wait where no Retry-After is given: section 6.
        429: Rule(floor=60, say="the connection cap of the key, or its rate limit; close another connection"),
        1001: Rule(floor=5, say="the server restarts"),
        1008: Rule(tries=1, exit=4, say="check the key"),
        4001: Rule(tries=1, exit=7, say="WebSocket needs the Business tier"),
        4002: Rule(tries=6, floor=60, exit=7, say="the connection cap of the key; close another connection"),
        4003: Rule(tries=1, exit=4, say="check the key"),
    },
)
