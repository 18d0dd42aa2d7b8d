"""ParlayAPI: frames to events, for SSE and WebSocket alike. Facts: docs/wire/parlayapi.md, 5 and 7. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oddstail.model import (
    Decode,
    Event,
    Failure,
    Frame,
    Kind,
    Memory,
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
from oddstail.providers import fields
from oddstail.providers.parlayapi import offer
from oddstail.providers.parlayapi.draws import Draws
from oddstail.providers.parlayapi.drops import Drops
from oddstail.providers.parlayapi.health import POLL
from oddstail.providers.parlayapi.parts import is_known, market_key
from oddstail.providers.parlayapi.plays import Plays, played
from oddstail.providers.parlayapi.rows import (
    LINE_ONLY,
    Side,
    is_nobodys,
    is_prop,
    own_line,
    player_id,
    selection,
    sides,
    who,
)
from oddstail.providers.parlayapi.spelling import Row, mirrored, plain, unpriced
from oddstail.providers.parlayapi.store import (
    Mark,
    Store,
    blanked,
    mark_of,
    moved,
    overtaken,
    several,
    without,
)
from oddstail.providers.parlayapi.talk import Talk
from oddstail.wire.loose import loads

_KINDS = {
    "connected": Kind.ACK,
    "heartbeat": Kind.BEAT,
    "initial_state": Kind.DATA,
    "odds_update": Kind.DATA,
    "odds_drop": Kind.DATA,
    "pbp_event": Kind.DATA,
    "live_state": Kind.DATA,
    "error": Kind.ERROR,
    "subscribed": Kind.ECHO,
    "unsubscribed": Kind.ECHO,
}


def read(frame: Frame) -> list[Message]:
    """The envelope of one frame: its JSON `type`, else the SSE event's name (section 4). ValueError if not JSON."""
    body = loads(frame.data)
    if not isinstance(body, dict):
        if frame.event.startswith(POLL):
            return [Message(Kind.TALK, frame.event, body)]
        raise ValueError("not an object")
    name = body.get("type")
    if type(name) is not str:
        # A bare play has no type, and perhaps no event name either (4, 5.9).
        name = frame.event or ("pbp_event" if "match_id" in body else _untyped(body))
    if name == "stream_closed":
        return [Message(Kind.REFUSED, name, body, failure=Failure(kind="closed", text="the server ended the stream"))]
    if name == "pbp_event":
        return [Message(Kind.DATA, name, body, played(body))]
    if name not in _KINDS and name.casefold() == "error":
        name = "error"
    return [Message(_KINDS.get(name, Kind.TALK), name, body)]


def _untyped(body: dict[str, Any]) -> str:
    """What a message without a type is: the bodies of refusals are errors by their fields (7.3)."""
    is_error = "error" in body or "detail" in body or body.get("status") == "error"
    return "error" if is_error and "data" not in body else ""


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection: it merges diff rows into what this connection sent before."""
    match request.feed:
        case "drops":
            return Drops(request).decode
        case "plays" | "sandbox":
            return Plays(request).decode
    return _Decoder(request, memory).decode


def revise(request: Request, failure: Failure) -> Request | None:
    """The sandbox ends its stream after 30 events (section 1, #9): that is its end, and no loss."""
    return None if request.feed == "sandbox" and failure.kind == "closed" else request


class _Decoder:
    def __init__(self, request: Request, memory: Memory) -> None:
        self._talk = Talk(request)
        self._label = self._talk.label
        #: That feed has games in play alone, and no row of its own to say so (section 1, #8).
        self._in_play = request.feed == "live"
        self._rows = Store()
        #: Rows that this message has taken off offer already: a thousand rows may each speak of all of them.
        self._blanked: set[tuple[str, str, Mark]] = set()
        #: The whole rows of this message, with their times; None where two of one time differ.
        self._whole: dict[tuple[str, str, Mark], int | None] = {}
        #: Parts of a game that nobody knows and that a notice has named.
        self._parts_said: set[str | None] = set()
        self._selections: dict[tuple[Any, ...], Selection] = {}
        #: The keys that were on offer on this stream, and whether with a price or as a bare line.
        self._offered: dict[str, bool] = memory.keep("offered", dict)
        self._draws: Draws = memory.keep("draws", Draws)

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        body = message.body
        self._blanked.clear()
        self._whole.clear()
        if message.name in ("odds_update", "initial_state"):
            self._draws.note(body.get("data"))
        match message.name:
            case "odds_update":
                return self._parts(body, snap=False) if _is_large(body) else self._all(body)
            case "initial_state":
                if not isinstance(body.get("data"), list):
                    # It shows nothing, and so does not show that something is gone.
                    return self._all(body, snap=True)
                self._rows.clear()
                if _is_large(body):
                    return self._parts(body, snap=True)
                return self._initial(body, self._all(body, snap=True))
        return self._talk.said(message)

    def _parts(self, body: dict[str, Any], *, snap: bool) -> Iterator[list[Event]]:
        """Yield what many rows say; a snapshot is one statement, so that comes last."""
        said: list[Event] = []
        for rows in fields.slices(body["data"], _PART):
            part = self._all({**body, "data": rows}, snap=snap)
            if snap:
                said += part
            yield [] if snap else part
        if snap:
            yield self._initial(body, said)

    def _initial(self, body: dict[str, Any], said: list[Event]) -> list[Event]:
        """A snapshot. Only a complete one says that what it lacks is gone (sections 5.3 and 6)."""
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
            return [Notice(code="unreadable", text=f"{self._label}: {fields.brief(body.get('type'), 40)} without rows")]
        now = fields.unix(body.get("timestamp"))
        out: list[Event] = []
        if self._talk.alone is not None:
            data = [row for row in data if isinstance(row, dict) and row.get("event_id") == self._talk.alone]
        for row in data:
            try:
                self._row(row, now, snap, out)
            except fields.UNREADABLE as error:
                why = f" ({error})" if type(error) is ValueError else ""
                out.append(Notice(code="unreadable", text=f"a row that cannot be read{why:.60}: {fields.brief(row)}"))
                self._doubt(row, now, snap, out)
        return out

    def _row(self, row: Row, now: int | None, snap: bool, out: list[Event]) -> None:
        event, book = fields.text(row.get("event_id")), fields.text(row.get("bookmaker"))
        held = self._rows.held(event, book)
        if held and "home_team" not in row:
            # Its team may be told by a name, and that of the row which it changes by its role.
            first = next(iter(held.values()))
            row = {**{name: first[name] for name in ("home_team", "away_team") if name in first}, **row}
        row = plain(row)
        if (fields.text(row.get("action")) or "").casefold() == "remove":
            self._withdraw(row, "removed", now, snap, out)
            return
        # `available: false` and a `removal_reason` blank the price (5.5); the row may come back.
        off = not offer.is_available(row) or row.get("removal_reason") is not None
        if row.get("action") not in _UPSERTS:
            # Not an offer that anybody knows of.
            out.append(fields.odd_field("action", row["action"]))
            off = True
        diff = row.get("_diff") in (True, "true")
        if diff:
            row = mirrored(row)
        mark = mark_of(row)
        left: Row | None = None
        if diff and mark not in held and not (off and several(held, mark)):
            mark, left = moved(held, mark, row)
        if off:
            # A whole row that names no part is of the whole game; one that only withdraws may mean every part.
            is_whole = mark in held or (not diff and next(sides(row), None) is not None)
            part = mark.period if is_whole else None
            self._withdraw(row, "suspended", now, snap, out, but=(event, book, mark), part=part)
        if event is None or book is None:
            if off:
                return
            raise ValueError("no event or no bookmaker")
        if not off and mark.who is None and is_nobodys(row):
            raise ValueError("no team or no player")
        self._note_part(row, out)
        if not diff and not snap and not off:
            self._overtake(mark, row, event, book, now, out)
        for side in () if left is None else sides(left):
            # The line moved: the old one is over, and the prices that the diff does not name stand at the new one.
            self._tell(side, {**(left or row), **_clock(row)}, event, book, now, snap, out, "removed")
        group = self._rows.group(event, book)
        old = group.get(mark, {})
        if off and not old and next(sides(row), None) is None:
            return
        new = {**(old if left is None else left), **row} if diff else row
        if row.get("removal_reason") is not None:
            new = blanked(new)
        if not off:
            offer.check_lines(new)
        if not diff and self._is_outdone((event, book, mark), row, old):
            text = f"{self._label}: an older row of a price that the message has newer: {fields.brief(row)}"
            out.append(Notice(code="unreadable", text=text, level="info"))
            return
        group[mark] = new
        self._blanked.discard((event, book, mark))
        dark = off or not offer.is_available(new)
        # A diff repeats nothing; but what was dark is said again once it is back.
        silent = diff and not dark and offer.is_available(old)
        before = {_identity(side): side for side in sides(old)} if old else {}
        many = len(out)
        for side in self._offers(new, event, book):
            was = before.pop(_identity(side), None)
            if not silent or was != side:
                self._tell(side, new, event, book, now, snap, out, "suspended" if dark else None)
        for side in before.values():
            self._tell(side, {**old, **row}, event, book, now, snap, out, "suspended")
        if len(out) == many and not silent:
            text = f"{self._label}: a row without a price or a line: {fields.brief(row)}"
            out.append(Notice(code="unpriced", text=text, level="info"))

    def _is_outdone(self, place: tuple[str, str, Mark], row: Row, old: Row) -> bool:
        """Whether a message has told of a whole row already, and later than this one was written.

        ValueError for two of one name that differ and are of one time: nothing says whose price is which.
        """
        at = fields.moment(row.get("last_update")) or 0
        if place not in self._whole:
            self._whole[place] = at
            return False
        before = self._whole[place]
        could_be_namesakes = is_prop(row) and player_id(row) is None
        if before is None or (could_be_namesakes and before == at and list(sides(old)) != list(sides(row))):
            self._whole[place] = None
            raise ValueError("two prices of one selection")
        self._whole[place] = max(before, at)
        return at < before

    def _note_part(self, row: Row, out: list[Event]) -> None:
        """Say once that a part of the game is not known: its prices stand apart from the whole game's."""
        part = market_key(row)[1]
        if not is_known(part) and part not in self._parts_said and len(self._parts_said) < _MOST_PARTS:
            self._parts_said.add(part)
            text = f"{self._label}: the part of the game {fields.brief(part, 60)} is not known; its prices stand apart"
            out.append(Notice(code="unreadable", text=text))

    def _overtake(self, mark: Mark, row: Row, event: str, book: str, now: int | None, out: list[Event]) -> None:
        """A player's line has probably moved: what stood at the old one is not known to be on offer."""
        group = self._rows.held(event, book)
        before = overtaken(group, mark)
        if before is None:
            return
        old, at = group[before], _clock(row)
        gone = [self._quote(side, {**old, **at}, event, book, now, False, out, "suspended") for side in sides(old)]
        keys = {quote.what.key for quote in gone}
        # Told together, they stand side by side.
        if not any(type(said) is Quote and said.what.key in keys for said in out):
            group[before] = blanked(old)
            out += gone

    def _withdraw(
        self,
        row: Row,
        status: Status,
        now: int | None,
        snap: bool,
        out: list[Event],
        but: tuple[str | None, str | None, Mark] | None = None,
        part: str | None = None,
    ) -> None:
        """No price of the rows that `row` speaks of is on offer; of a wide one perhaps just one market."""
        named, at = market_key(row)[0], _clock(row)
        for event, book, group, mark in list(self._rows.spoken_of(row, part)):
            place = event, book, mark
            if place == but or (status == "suspended" and place in self._blanked):
                continue
            old = group[mark]
            one = named if mark.market is None else None
            for side in sides(old):
                if one is None or side.market == one:
                    self._tell(side, {**old, **at}, event, book, now, snap, out, status)
            if one is not None:
                group[mark] = without(old, one)
            elif status == "suspended":
                group[mark] = blanked(old)
                self._blanked.add(place)
            else:
                del group[mark]

    def _doubt(self, row: Any, now: int | None, snap: bool, out: list[Event]) -> None:
        """A row that cannot be read may still tell whose prices it changed: to what, nobody knows."""
        if isinstance(row, dict) and fields.text(row.get("event_id")) and fields.text(row.get("bookmaker")):
            names = unpriced(row)
            self._withdraw(names, "suspended", now, snap, out)

    def _offers(self, row: Row, event: str, book: str) -> list[Side]:
        """The sides of a row. A player's line whose prices are null and always were is a pick'em: it has no price."""
        found = list(sides(row))
        if is_prop(row) and own_line(row) is not None and not any(offer.is_price(side.price) for side in found):
            keys = [self._selection(side, row, event, book).key for side in found]
            if not any(self._offered.get(key) for key in keys):
                return [side._replace(price=LINE_ONLY) for side in found]
        return found

    def _tell(
        self,
        side: Side,
        row: Row,
        event: str,
        book: str,
        now: int | None,
        snap: bool,
        out: list[Event],
        forced: Status | None,
    ) -> None:
        """Add the quote of a side. One that never had a price does not exist, so it is not suspended either."""
        quote = self._quote(side, row, event, book, now, snap, out, forced)
        key, has_price = quote.what.key, offer.is_price(side.price)
        if not has_price and key not in self._offered:
            return
        if has_price:
            if len(self._offered) > _MOST:
                del self._offered[next(iter(self._offered))]
            self._offered[key] = self._offered.get(key, False) or side.price is not LINE_ONLY
        out.append(quote)

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
        quoted = None if forced is not None else offer.price(side.price, out)
        status: Status = forced or ("open" if quoted is not None or side.price is LINE_ONLY else "suspended")
        ts = fields.moment(row.get("last_update"))
        live = offer.live(row)
        if live is None and self._in_play:
            live = True
        is_priced = status == "open" and quoted is not None
        return Quote(
            self._selection(side, row, event, book),
            status,
            quoted,
            side.line,
            side.main,
            live,
            now if ts is None else ts,
            link=fields.link(row.get("link")),
            snap=snap,
            limit=offer.limit(row, side.side) if is_priced else None,
            detail=offer.detail(row),
        )

    def _selection(self, side: Side, row: Row, event: str, book: str) -> Selection:
        about, line, one = who(row), own_line(row), player_id(row)
        draws = self._draws.has(row, event, book)
        mark = (
            *(draws, event, book, side.market, about, one, line, side.side, side.selection, market_key(row)[1]),
            *(fields.text(row.get(name)) for name in ("commence_time", "market_key")),
        )
        what = self._selections.get(mark)
        if what is None:
            what = self._selections[mark] = selection(side, row, event, book, self._label, draws=draws)
            if len(self._selections) > _MOST:
                self._selections.clear()
        return what


#: Selections kept ready for one connection, and keys that were on offer. Beyond it the former are made anew.
_MOST = 200_000
_MOST_PARTS = 100
#: What a row may say that is to be done with it (5.5), if only by silence.
_UPSERTS = (None, "", "upsert")


def _clock(row: Row) -> Row:
    """The time of a row, for the quotes of another that it changed."""
    return {"last_update": row.get("last_update")}


#: Rows read at a stretch: one that withdraws may speak of thousands of others.
_PART = 200


def _is_large(body: dict[str, Any]) -> bool:
    """Return whether a message has more rows than are read at once."""
    rows = body.get("data")
    return isinstance(rows, list) and len(rows) > min(fields.ROWS, _PART)


def _identity(side: Side) -> tuple[str, str]:
    return side.market, side.side


#: What a snapshot may leave out, told as a list or a count (5.3).
_OMISSIONS = ("missing_books", "truncated_books", "snapshot_partial_reasons", "snapshot_omitted_unresolved_families")


def _partial(body: dict[str, Any]) -> bool:
    return (
        any(body.get(name) is True for name in ("truncated", "partial"))
        or any(body.get(name) is False for name in ("snapshot_complete", "coverage_complete"))
        or body.get("since") is not None
        or (type(body.get("count")) is int and body["count"] > len(body["data"]))
        or any(body.get(name) for name in _OMISSIONS)
    )


PROVIDER = Provider(
    name="parlayapi",
    title="ParlayAPI",
    read=read,
    decoder=decoder,
    revise=revise,
    snapshot="message",
    rules={
        # 402 and 403 both stand for tier and credits (7.3), 4001 for the tier, 4003 for no key (7.2).
        404: Rule(tries=1, exit=9, say="check the sport key (basketball_nba, not nba) and --base-url"),
        402: Rule(tries=1, exit=7, say="odds and drops need the Business tier, plays the Starter tier"),
        403: Rule(tries=1, exit=7, say="check the tier and the credits (oddstail list usage parlayapi)"),
        # The wait where no Retry-After is given: section 6.
        429: Rule(floor=60, say="the connection cap of the key, or its rate limit; close another connection"),
        1001: Rule(floor=5, say="the server restarts"),
        1008: Rule(tries=1, exit=4, say="check the key"),
        4001: Rule(tries=1, exit=7, say="WebSocket needs the Business tier"),
        4002: Rule(tries=6, floor=60, exit=7, say="the connection cap of the key; close another connection"),
        4003: Rule(tries=1, exit=4, say="check the key"),
    },
)
