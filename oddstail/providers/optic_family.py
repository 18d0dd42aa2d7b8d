"""What OddsJam v2 and OpticOdds v3 share: one product line, one envelope, an odd with other field names.

Facts: docs/wire/oddsjam.md, 1.3; docs/wire/opticodds.md, 2.4. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Any

from oddstail.lookup import entries
from oddstail.model import (
    Bet,
    Decode,
    Event,
    Fixture,
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
from oddstail.providers import competitions, fields, optic_envelope, optic_snapshot
from oddstail.providers.optic_depth import detail_of, limit_of, unknown
from oddstail.providers.optic_identity import Identities
from oddstail.providers.optic_prices import Prices
from oddstail.providers.optic_selection import Named, bet_of, named, player_of, role, settled, side_of
from oddstail.providers.optic_words import LOCKED, MARKETS, STATUSES, Fields


def decoder(request: Request, memory: Memory, names: Fields, book: str | None = None) -> Decode:
    """A decoder for one connection. `book` stands in where an odd names none (Copilot: the operator's own)."""
    return _Decoder(request, memory, names, book).decode


class _Decoder:
    """What one connection has taught: the selections seen, so that each is classified once.

    Who plays, the vendor's ids and the scale of probabilities are the stream's: a reconnect does not lose them.
    """

    def __init__(self, request: Request, memory: Memory, names: Fields, book: str | None) -> None:
        self._provider = request.provider
        self._fixtures: dict[str, Fixture] = memory.keep("fixtures", dict)
        self._identities = Identities(memory.keep("first ids", dict), lists_agree=names.lists_agree)
        #: Markets at a book in which a draw was seen.
        self._drawn: set[tuple[str, str, str]] = memory.keep("drawn", set)
        self._names = names
        self._wanted = (
            *(names.game, names.book, names.market, names.name, names.points, names.price),
            *("is_main", "is_live", "timestamp", "deep_link", "selection", "selection_line", "player_id", "id"),
            *("limits", "order_book", "source_ids", "team_id", "grouping_key"),
        )
        self._pick = itemgetter(*self._wanted)
        #: The fields of the latest message's first row that nobody knows, and how many fields it has.
        self._more: tuple[str, ...] = ()
        self._width = 0
        self._prices = Prices(request, memory, names.price)
        self._book = book
        self._selections: dict[Any, Selection] = {}
        self._selections_before: dict[Any, Selection] = {}
        # Every row brings its own copy of the same few words, and sixty thousand selections keep theirs.
        self._words: dict[Any, Any] = {}

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        status = STATUSES.get(message.name)
        body = message.body
        if status is None:
            return self._other(message.name, body, message.cursor)
        data = body.get("data")
        if not isinstance(data, list):
            return [Notice(code="unreadable", text=f"{message.name} without a list of odds")]
        said = self._prices.look(data)
        if len(data) > fields.ROWS:
            parts = (self._odds(rows, status, message.cursor) for rows in fields.slices(data))
            return chain([said], parts) if said else parts
        return [*said, *self._odds(data, status, message.cursor)]

    def _odds(self, rows: list[Any], status: Status, entry: str | None) -> list[Event]:
        out: list[Event] = []
        self._look_for_more(rows)
        for row in rows:
            try:
                self._odd(row, status, entry, out)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"an odd that cannot be read: {fields.brief(row)}"))
        return out

    def _odd(self, row: dict[str, Any], status: Status, entry: str | None, out: list[Event]) -> None:
        # The hot path of both providers: fields are fetched at once, and tested here rather than by a call each.
        try:
            picked = self._pick(row)
        except KeyError:
            picked = tuple(map(row.get, self._wanted))
        (game, book, market, name, points, value, main, live, sent, deep, chosen, sided, player, own, limits,
         ladder, sources, team, group) = picked  # fmt: skip
        # Copilot odds have an identity of their own, and a settled one tells less of itself than an open one.
        mark: Any = _copilot_id(row) if self._book else None
        if mark is None:
            # All that tells selections apart (2.5); a look-up is a tenth of making one.
            mark = (game, book, market, name, points, chosen, sided, player, team, group, row.get("period"), own)
        line = points
        if points is not None and type(points) is not float:
            line = fields.number(points)
        try:
            what = self._selections.get(mark)
        except TypeError:  # a list or an object where a word belongs
            mark = tuple(map(fields.text, mark))
            what = self._selections.get(mark)
        if what is None or (what.home is None and game in self._fixtures):
            what = self._selections_before.get(mark)
            if what is None or (what.home is None and game in self._fixtures):
                what = self._selection(row, line)
            if status != "settled":
                self._selections[mark if type(mark) is str else tuple(map(self._one, mark))] = what
            if len(self._selections) >= _RECENT:
                self._selections_before, self._selections = self._selections, {}
                self._words.clear()
        # True would find the price of 1, and a list cannot be looked up at all.
        quoted = self._prices.known.get(value) if type(value) is int or type(value) is float else None
        if quoted is None and value is not None:
            quoted = self._prices.read(value, out)
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
            round(sent * 1_000_000) if type(sent) is float and 0 < sent < _SECONDS else fields.moment(sent),
            entry,
            None if deep is None else _deep_link(deep),
        )
        if status == "open" and row.get("type") in LOCKED:
            quote.status = status = "suspended"
        if status != "open":
            # The last price is kept on the wire: it is not on offer, but it is the one before.
            quote.price, quote.prev = None, None if quoted is None else quoted.american
            if status == "settled":
                _settle(quote, row, points)
        elif quoted is None:
            quote.status = "suspended"
        elif limits is not None or ladder is not None:
            quote.limit = limit_of(limits, ladder, value)
        more = self._more if len(row) == self._width else unknown(row)
        if more or limits is not None or ladder is not None or sources is not None or deep is not None:
            extra = {name: row.get(name) for name in more}
            quote.detail = detail_of(
                limits, ladder, sources, deep, limit=quote.limit, is_open=quote.status == "open", extra=extra
            )
        out.append(quote)

    def _look_for_more(self, rows: list[Any]) -> None:
        """Rows of one message have the same fields, and to look at each for an unknown one is a tenth of its time."""
        if rows and isinstance(rows[0], dict):
            self._more, self._width = unknown(rows[0]), len(rows[0])

    def _one(self, word: Any) -> Any:
        """The copy of a word that is kept already."""
        return self._words.setdefault(word, word)

    def _selection(self, row: dict[str, Any], points: float | None) -> Selection:
        names = self._names
        game, market, name = (self._one(_word(row[key])) for key in (names.game, names.market, names.name))
        book = self._book or self._one(_word(row[names.book]))
        sport, league = self._one(fields.text(row.get("sport"))), self._one(fields.text(row.get("league")))
        fixture = self._fixtures.get(game)
        line, sided = (points, None) if names.points in row else settled(name, fields.text(row.get("odd_id")))
        parted = named(name, line)
        chosen = fields.text(row.get("selection")) or parted.subject
        side = side_of(row.get("selection_line") or sided, parted, chosen)
        selection = self._one(chosen or (side or name).capitalize())
        team = role(selection, fixture)
        listed = MARKETS.classify(market, sport)
        bet = bet_of(listed, selection, side, team, line)
        if bet.kind in ("moneyline", "spread") and listed.ways != 3:
            bet = self._of_three(bet, (game, book, market), side)
        player_id = fields.text(row.get("player_id"))
        return Selection(
            key=self._key(row, (game, book, market, name), parted, side, line, bet.kind),
            sport=sport,
            league=league,
            competition=competitions.of(self._provider, league),
            game_id=game,
            home=None if fixture is None else fixture.home,
            away=None if fixture is None else fixture.away,
            start=None if fixture is None else fixture.start,
            book=book,
            kind=bet.kind,
            period=bet.period,
            ways=bet.ways,
            subject=bet.subject,
            stat=bet.stat,
            market=market,
            selection=selection,
            side=team if side is None else side,
            player=player_of(bet, selection, team, player_id),
            group=fields.text(row.get("grouping_key")),
        )

    def _of_three(self, bet: Bet, market: tuple[str, str, str], side: str | None) -> Bet:
        """A book that prices a draw has three ways, its teams' prices too."""
        if side == "draw" and market not in self._drawn:
            if len(self._drawn) > _MOST:
                self._drawn.clear()
            self._drawn.add(market)
            for known in (self._selections, self._selections_before):
                for mark in [mark for mark, what in known.items() if (what.game_id, what.book, what.market) == market]:
                    del known[mark]
        return bet._replace(ways=3) if market in self._drawn else bet

    def _key(
        self,
        row: dict[str, Any],
        names: tuple[str, str, str, str],
        parted: Named,
        side: str | None,
        line: float | None,
        kind: str,
    ) -> str:
        """Copilot: the odd's `id`, or what that is made of. Books: all that tells two prices apart."""
        if self._book:
            own = _copilot_id(row)
            if own is not None:
                return own
        return self._identities.key(row, names, parted, side=side, line=line, kind=kind)

    def _snapshot(self, body: dict[str, Any]) -> Iterator[list[Event]]:
        """Yield what a requested answer says, all odds of some games: others get a turn after every `ROWS` rows."""
        out: list[Event] = []
        left = fields.ROWS
        for item in entries(body, "data"):
            about = optic_snapshot.fixture(item) if isinstance(item, dict) else None
            if about is None:
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(item)}"))
                continue
            before = self._fixtures.get(about.game_id)
            if about.home is not None and about.away is not None and (before is None or before.home != about.home):
                self._learn(about)
            rows = list(optic_snapshot.rows(item, about, self._names.game))
            quotes: list[Event] = self._prices.look(rows)
            self._look_for_more(rows)
            for row in rows:
                left -= 1
                if left < 0:
                    yield out
                    out, left = [], fields.ROWS
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
        yield out

    def _other(self, name: str, body: dict[str, Any], entry: str | None) -> list[Event] | Iterator[list[Event]]:
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
        return [optic_envelope.other(self._provider, name, body)]

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
        competition=competitions.of("opticodds", fields.text(data.get("league"))),
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


def _copilot_id(row: dict[str, Any]) -> str | None:
    """The `id` of an odd of Copilot, `org:version:odd_id`; without one what is left of it."""
    own, odd_id = fields.text(row.get("id")), fields.text(row.get("odd_id"))
    return own or (None if odd_id is None else f"{fields.text(row.get('version_id')) or '-1'}:{odd_id}")


def _settle(quote: Quote, row: dict[str, Any], points: Any) -> None:
    """How a price came out, and when; its line is in its name, for no field has it then (2.4)."""
    settlement = row.get("settlement")
    quote.settlement = settlement if isinstance(settlement, str) else None
    at = fields.moment(row.get("settled_at"))
    quote.ts = quote.ts if at is None else at
    if points is None:
        quote.line, _ = settled(_word(row.get("name")), fields.text(row.get("odd_id")))
