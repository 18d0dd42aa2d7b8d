"""What OddsJam v2 and OpticOdds v3 share: one product line, one envelope, an odd with other field names.

Facts: wire reference oddsjam-opticodds.md, sections 1.3 and 2.4. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Any

from oddstail.lookup import entries
from oddstail.model import (
    Decode,
    Event,
    Failure,
    Fixture,
    Frame,
    Kind,
    Memory,
    Message,
    Notice,
    Quote,
    Replace,
    Request,
    Scope,
    Selection,
    Status,
)
from oddstail.price import Price
from oddstail.providers import competitions, fields, optic_snapshot
from oddstail.providers.optic_words import LOCKED, MARKETS, NOTATIONS, STATUSES, Fields
from oddstail.wire.loose import loads
from oddstail.wire.refusal import said

# Message(...) passes through Python for its defaults; one is made for every event.
_new = tuple.__new__


def read(frame: Frame) -> list[Message]:
    """The envelope of one SSE event. ValueError if it should be JSON and is not.

    The cursor is the JSON's `entry_id`: in v2 the SSE id is the game id, in v3 samples the two differ.
    """
    event = frame.event
    if event == "ping":
        return [Message(Kind.BEAT, "ping")]
    if event == "connected":
        return [Message(Kind.ACK, "connected")]
    if event == "error" and (found := _CURSOR.search(frame.data[:_ERROR])) is not None:
        text = said(frame.data[:_ERROR]) or found[0].decode()
        return [Message(Kind.REFUSED, event, failure=Failure(kind="cursor", text=text))]
    body = loads(frame.data)
    if type(body) is not dict:
        raise ValueError("not an object")
    name = event or body.get("type")
    entry = body.get("entry_id")
    if type(entry) is not str or not entry:
        entry = None
    # What was asked for beside the stream is none of its data.
    kind = Kind.TALK if event[:5] == "rest " else Kind.DATA
    return [_new(Message, (kind, name if type(name) is str else "", body, entry, None))]


#: How an error names the place to resume after. No such message is documented (2.1): this takes any wording.
_CURSOR = re.compile(rb"(?:last_)?entry[_ ]?id|\bcursor\b", re.IGNORECASE)
_ERROR = 4096
#: How an event with odds begins: its cursor first (sections 1.3 and 2.4). Nothing in it needs an escape.
_ENTRY = re.compile(rb'\{"entry_id": ?"([!#-\[\]-~]+)"')
_END = ord("}")


def peek(frame: Frame) -> str | None:
    """The cursor of an event with odds that nobody will read: parsing those takes most of the time of passing them on.

    Only for an object that begins as the vendor writes it and ends as one; None of any other, which is to be read.
    """
    data, event, _ = frame
    entry = _ENTRY.match(data)
    if entry is None or event not in STATUSES or data[-1] != _END:
        return None
    return str(entry[1], "ascii")


def resume(request: Request, cursor: str | None) -> Request:
    """The request that asks for everything after `cursor`; None: for what comes from now on."""
    params = tuple(pair for pair in request.params if pair[0] != "last_entry_id")
    if cursor is not None:
        params = (*params, ("last_entry_id", cursor))
    return request if params == request.params else replace(request, params=params)


def ended(request: Request, failure: Failure, name: str) -> Request | None:
    """A refusal that names games which have ended, answered by asking for the others (section 1.5).

    `name` is the parameter that holds a game's id. The request itself if the refusal names none.
    """
    asked = [value for key, value in request.params if key == name]
    if failure.kind != "status" or not 400 <= (failure.code or 0) < 500:
        return request
    # Whole ids only: 31209-39104-2024-4 is not named by a text about 31209-39104-2024-40.
    over = [value for value in asked if re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", failure.text)]
    if not over:
        return request
    left = [value for value in asked if value not in over]
    if not left:
        return None
    params = tuple(pair for pair in request.params if pair[0] != name or pair[1] in left)
    return replace(request, params=params, label=left[0] if len(left) == 1 else f"{len(left)} games")


def decoder(request: Request, memory: Memory, names: Fields, book: str | None = None) -> Decode:
    """A decoder for one connection. `book` stands in where an odd names none (Copilot: the operator's own)."""
    priced = NOTATIONS[request.options.get("odds_format", "AMERICAN")]
    return _Decoder(request.provider, memory.keep("fixtures", dict), names, priced, book).decode


class _Decoder:
    """What one connection has taught: the selections seen, so that each is classified once, and who plays."""

    def __init__(
        self,
        provider: str,
        fixtures: dict[str, Fixture],
        names: Fields,
        priced: Callable[[float], Price],
        book: str | None,
    ) -> None:
        self._provider = provider
        #: Who plays, and when: the stream's, so that a reconnect does not lose it.
        self._fixtures = fixtures
        self._names = names
        self._wanted = (
            *(names.game, names.book, names.market, names.name, names.points, names.price),
            *("is_main", "is_live", "timestamp", "deep_link"),
        )
        self._pick = itemgetter(*self._wanted)
        self._priced = priced
        self._book = book
        self._selections: dict[Any, Selection] = {}
        self._selections_before: dict[Any, Selection] = {}
        # Every row brings its own copy of the same few words, and sixty thousand selections keep theirs.
        self._words: dict[Any, Any] = {}
        #: A feed repeats a few hundred prices. Only what converted is kept.
        self._prices: dict[float, Price] = {}

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        status = STATUSES.get(message.name)
        body = message.body
        if status is None:
            return self._other(message.name, body, message.cursor)
        data = body.get("data")
        if not isinstance(data, list):
            return [Notice(code="unreadable", text=f"{message.name} without a list of odds")]
        if len(data) > fields.ROWS:
            return (self._odds(rows, status, message.cursor) for rows in fields.slices(data))
        return self._odds(data, status, message.cursor)

    def _odds(self, rows: list[Any], status: Status, entry: str | None) -> list[Event]:
        out: list[Event] = []
        for row in rows:
            try:
                self._odd(row, status, entry, out)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"an odd that cannot be read: {fields.brief(row)}"))
        return out

    def _odd(self, row: dict[str, Any], status: Status, entry: str | None, out: list[Event]) -> None:
        # The hot path of both providers: fields are fetched at once, and tested here rather than by a call each.
        try:
            game, book, market, name, points, value, main, live, sent, deep = self._pick(row)
        except KeyError:
            game, book, market, name, points, value, main, live, sent, deep = map(row.get, self._wanted)
        # Copilot odds have an identity of their own, and a settled one tells less of itself than an open one.
        mark: Any = fields.text(row.get("id")) if self._book else None
        if mark is None:
            # What the key is made of (2.5) tells selections apart; a look-up is a tenth of making one.
            mark = (game, book, market, name)
        what = self._selections.get(mark)
        if what is None:
            what = self._selections_before.get(mark) or self._selection(row, points)
            if status != "settled":
                self._selections[mark if self._book else tuple(map(self._one, mark))] = what
            if len(self._selections) >= _RECENT:
                self._selections_before, self._selections = self._selections, {}
                self._words.clear()
        # True would find the price of 1, and a list cannot be looked up at all.
        quoted = self._prices.get(value) if type(value) is int or type(value) is float else None
        if quoted is None and value is not None:
            quoted = self._price(value, out)
        line = points
        if points is not None and type(points) is not float:
            line = fields.number(points)
            if line is None and fields.unknown_line(points, line):
                out.append(fields.odd_field("points", points))
                quoted = None
        quote = Quote(
            what,
            status,
            quoted,
            line,
            main if main is True or main is False else None,
            live if live is True or live is False else None,
            round(sent * 1_000_000) if type(sent) is float and 0 < sent < _SECONDS else fields.unix(sent),
            entry,
            None if deep is None else _deep_link(deep),
        )
        if status == "open" and row.get("type") in LOCKED:
            quote.status = status = "suspended"
        if status != "open":
            # The last price is kept on the wire: it is not on offer, but it is the one before.
            quote.price, quote.prev = None, None if quoted is None else quoted.american
            settlement = row.get("settlement")
            quote.settlement = settlement if isinstance(settlement, str) else None
        elif quoted is None:
            quote.status = "suspended"
        out.append(quote)

    def _price(self, value: Any, out: list[Event]) -> Price | None:
        try:
            quoted = self._priced(value)
        except (ValueError, TypeError):
            out.append(fields.odd_field("price", value))
            return None
        if type(value) is int or type(value) is float:
            if len(self._prices) > _MOST:
                self._prices.clear()
            self._prices[value] = quoted
        return quoted

    def _one(self, word: Any) -> Any:
        """The copy of a word that is kept already."""
        return self._words.setdefault(word, word)

    def _selection(self, row: dict[str, Any], points: Any) -> Selection:
        names = self._names
        game, market, name = (self._one(_word(row[key])) for key in (names.game, names.market, names.name))
        book = self._book or self._one(_word(row[names.book]))
        bare = _without_line(name, fields.number(points))
        side = fields.text(row.get("selection_line"))
        selection = self._one(fields.text(row.get("selection")) or bare)
        sport, league = self._one(fields.text(row.get("sport"))), self._one(fields.text(row.get("league")))
        bet = MARKETS.classify(market, sport)
        kind = bet.kind
        if side is None and bare.casefold() in ("over", "under", "draw"):
            side = bare.casefold()
        fixture = self._fixtures.get(game)
        if fixture is not None and side is None and kind in ("moneyline", "spread"):
            side = {fixture.home: "home", fixture.away: "away"}.get(selection)
        is_player = fields.text(row.get("player_id")) and (selection != bare or kind == "prop")
        return Selection(
            key=self._key(row, f"{game}|{book}|{market}|{name}"),
            sport=sport,
            league=league,
            competition=competitions.of(self._provider, league),
            game_id=game,
            home=None if fixture is None else fixture.home,
            away=None if fixture is None else fixture.away,
            start=None if fixture is None else fixture.start,
            book=book,
            kind=kind,
            period=bet.period,
            ways=bet.ways,
            subject=bet.subject,
            stat=bet.stat,
            market=market,
            selection=selection,
            side=side,
            player=selection if is_player else None,
            group=fields.text(row.get("grouping_key")),
        )

    def _key(self, row: dict[str, Any], made: str) -> str:
        """Copilot: the odd's `id`. Books: fixture, book, market and name, as the vendor advises (2.5)."""
        return (fields.text(row.get("id")) if self._book else None) or made

    def _snapshot(self, body: dict[str, Any]) -> list[Event]:
        """An answer that was asked for beside the stream: all odds of some games."""
        out: list[Event] = []
        for item in entries(body, "data"):
            about = optic_snapshot.fixture(item) if isinstance(item, dict) else None
            if about is None:
                continue
            before = self._fixtures.get(about.game_id)
            if about.home is not None and about.away is not None and (before is None or before.home != about.home):
                self._learn(about)
            quotes: list[Event] = []
            for row in optic_snapshot.rows(item, about, self._names.game):
                try:
                    self._odd(row, "open", None, quotes)
                except fields.UNREADABLE:
                    out.append(Notice(code="unreadable", text=f"an odd that cannot be read: {fields.brief(row)}"))
            priced = tuple(event for event in quotes if type(event) is Quote)
            for quote in priced:
                quote.snap = True
            out += [event for event in quotes if type(event) is not Quote]
            if not isinstance(item.get("odds"), list):
                # A game without a list of odds does not say that it has none.
                continue
            out.append(Replace(scope=Scope(game_id=about.game_id), quotes=priced, snap=True, late=True))
        return out

    def _other(self, name: str, body: dict[str, Any], entry: str | None) -> list[Event]:
        if name == optic_snapshot.ODDS:
            return self._snapshot(body)
        if name == optic_snapshot.END:
            return optic_snapshot.ended(body)
        data = body.get("data")
        if name == "fixture-status" and isinstance(data, dict):
            fixture = _fixture(data, entry)
            if fixture is not None:
                if fixture.home is not None and fixture.away is not None:
                    self._learn(fixture)
                return [fixture]
        if name in _UPDATES:
            return [replace(fields.unknown(name, body), code="game-update")]
        return [fields.unknown(f"event {name!r:.60}", body)]

    def _learn(self, fixture: Fixture) -> None:
        """Selections of this game were made without its teams: have them made anew."""
        self._fixtures[fixture.game_id] = fixture
        if len(self._fixtures) > _MOST:
            del self._fixtures[next(iter(self._fixtures))]
        for known in (self._selections, self._selections_before):
            for mark in [mark for mark, what in known.items() if what.game_id == fixture.game_id]:
                del known[mark]


#: Below it a number is surely a Unix time in seconds: the year 2100.
_SECONDS = 4_102_444_800.0
#: Documented by name alone (1.3), so passed on as they are.
_UPDATES = frozenset({"game-status-notifications", "game-time-notifications"})
#: Selections kept ready for one connection, of now and of before: what is in neither is made anew, slower, not wrong.
_RECENT = 65_536
#: Prices, and games, that are kept ready.
_MOST = 200_000


def _fixture(data: dict[str, Any], entry: str | None) -> Fixture | None:
    """`fixture-status` (section 2.4): `new_*` and `old_*` come as a pair, the other pair null."""
    inner = data.get("fixture")
    detail = inner if isinstance(inner, dict) else {}
    game = fields.text(data.get("fixture_id")) or fields.text(detail.get("id"))
    if game is None:
        return None
    return Fixture(
        game_id=game,
        sport=fields.text(data.get("sport")),
        league=fields.text(data.get("league")),
        home=fields.text(detail.get("home_team_display")),
        away=fields.text(detail.get("away_team_display")),
        start=fields.start(data.get("new_start_date")) or fields.start(detail.get("start_date")),
        status=fields.text(data.get("new_status")),
        old_status=fields.text(data.get("old_status")),
        old_start=fields.start(data.get("old_start_date")),
        ts=fields.unix(data.get("timestamp")),
        id=entry,
    )


def _word(value: Any) -> str:
    word = fields.text(value)
    if word is None:
        raise ValueError("a name is missing")
    return word


def _deep_link(value: Any) -> str | None:
    return fields.link(value.get("desktop")) if isinstance(value, dict) else fields.link(value)


def _without_line(name: str, points: float | None) -> str:
    """`Over 221.5` is `Over`, `Boston Celtics -4.5` is `Boston Celtics`: the line has a field of its own."""
    head, _, tail = name.rpartition(" ")
    return head if head and points is not None and fields.number(tail) == points else name
