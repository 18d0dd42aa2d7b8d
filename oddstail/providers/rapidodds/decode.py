"""RapidOddsAPI: frames to events. Facts: docs/wire/rapidodds.md, B2 to B8. Pure.

A push is taken for the full state of its sport, which the vendor's words suggest but do not state
(B4). Two guards follow: a book that is missing from one whole push, and so an empty push too,
withdraws nothing until the next push of that sport lacks it as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oddstail import price
from oddstail.model import (
    Decode,
    Event,
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
from oddstail.price import Price
from oddstail.providers import fields
from oddstail.providers.rapidodds.apart import single, told_apart
from oddstail.providers.rapidodds.farewell import Farewell
from oddstail.providers.rapidodds.games import Entry, Games, entry_of
from oddstail.providers.rapidodds.outcomes import Game, depth, is_draw, line_of, selection, stake, telling
from oddstail.providers.rapidodds.results import Results
from oddstail.providers.rapidodds.talk import charge, talk
from oddstail.wire.loose import loads

_MISSES = 2
#: Selections kept ready for one connection. Beyond it all are made anew: slower, not wrong.
_MOST = 200_000


def read(frame: Frame) -> list[Message]:
    """The envelope: `event` tells what it is. ValueError if it is no JSON."""
    body = loads(frame.data)
    if isinstance(body, list):
        return fields.messages(body, _message)
    if isinstance(body, dict):
        return [_message(body)]
    raise ValueError("neither an object nor an array")


def _message(body: dict[str, Any]) -> Message:
    name = body.get("event")
    match name:
        case "connected":
            return Message(Kind.ACK, "connected", body)
        case "odds_update" | "results_update":
            return Message(Kind.DATA, name, body)
        case "error":
            return Message(Kind.ERROR, name, body)
        case "subscribed" | "unsubscribed":
            return Message(Kind.ECHO, name, body)
        case str():
            return Message(Kind.TALK, name, body)
    return Message(Kind.ERROR, "error", body) if "error" in body else Message(Kind.TALK, "", body)


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection: it remembers which books the last pushes held. The stream remembers games."""
    if request.feed == "results":
        return Results(request, memory).decode
    return _Decoder(request, memory).decode


class _Decoder:
    def __init__(self, request: Request, memory: Memory) -> None:
        self._books: tuple[str, ...] = request.options.get("books", ())
        self._merge = request.options.get("push") == "merge"
        self._farewell = Farewell(request, memory)
        self._missed: dict[tuple[str, str], int] = {}
        self._pushed: set[str] = set()
        self._games = memory.keep("games", Games)
        #: (game, book, market) with a draw among its outcomes: a bet with three ways, also while the draw is suspended.
        self._draws: set[tuple[str, str, str]] = memory.keep("draws", set)
        self._selections: dict[tuple[Any, ...], Selection] = {}

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        body = message.body
        match message.name:
            case "odds_update":
                return self._push(body)
            case "rest odds":
                return self._snapshot(body)
        return [*talk(message), *self._farewell.heard(message)]

    def _snapshot(self, body: dict[str, Any]) -> list[Event]:
        """The state as it was asked for beside the stream. A push, which is the whole truth too, is worth more."""
        sport, data = fields.text(body.get("sport")), body.get("data")
        if sport is None:
            return [fields.unknown("an event that is not the provider's", body)]
        if "why" in body:
            text = f"{sport}: the current prices could not be requested ({body['why']}); they come with the next push"
            return [Notice(code="snapshot", text=text)]
        games = data.get("games") if isinstance(data, dict) else None
        if not isinstance(games, list):
            return [Notice(code="unreadable", text=f"an answer without games: {fields.brief(data)}")]
        out: list[Event] = []
        if sport not in self._pushed:
            by_book: dict[str, list[Quote]] = {}
            self._games_of(self._named(games, sport, out), sport, None, True, by_book, out)
            out += [
                Replace(scope=Scope(league=sport, book=book), quotes=tuple(single(quotes, out)), snap=True, late=True)
                for book, quotes in by_book.items()
            ]
            if games:
                self._pushed.add(sport)
        # Nothing is charged if no games come back (B6).
        cost = fields.number(body.get("cost"))
        if games and cost:
            out.append(charge(sport, cost))
        return out

    def _push(self, body: dict[str, Any]) -> list[Event] | Iterator[list[Event]]:
        data = body.get("data")
        games = data.get("games") if isinstance(data, dict) else None
        # The outer one is the id, the inner one may be the display name (B4).
        sport = fields.text(body.get("sport"))
        if sport is None or not isinstance(games, list):
            return [Notice(code="unreadable", text=f"an odds_update without a sport or games: {fields.brief(body)}")]
        ts = fields.moment(body.get("timestamp"))
        out: list[Event] = []
        snap = sport not in self._pushed
        if games:
            self._pushed.add(sport)
        charged = fields.number(body.get("credits_charged"))
        by_book: dict[str, list[Quote]] = {}
        named = self._named(games, sport, out)
        out += self._farewell.push(sport, on=bool(games))
        if len(games) + sum(map(_outcomes, games)) > fields.ROWS:
            return self._parts(named, out, sport, ts, snap, charged)
        self._games_of(named, sport, ts, snap, by_book, out)
        out += self._stated(sport, by_book, ts, snap)
        if charged:
            out.append(charge(sport, charged))
        return out

    def _parts(
        self, games: list[_Named], out: list[Event], sport: str, ts: int | None, snap: bool, charged: float | None
    ) -> Iterator[list[Event]]:
        """Yield what a large push says, after what is in `out`."""
        by_book: dict[str, list[Quote]] = {}
        for some in fields.slices(games):
            for piece, game_id in ((piece, game_id) for game, game_id in some for piece in _pieces(game)):
                self._games_of([(piece, game_id)], sport, ts, snap, by_book, out)
                if _outcomes(piece) > fields.ROWS // 10:
                    yield out
                    out = []
            yield out
            out = []
        yield self._stated(sport, by_book, ts, snap)
        if charged:
            yield [charge(sport, charged)]

    def _named(self, games: list[Any], sport: str, out: list[Event]) -> list[_Named]:
        """The entries of a push with the ids of their games: two of one book are two games, so it takes them all."""
        entries: list[tuple[Any, Entry]] = []
        for game in games:
            try:
                entries.append((game, entry_of(game)))
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(game)}"))
        ids = self._games.ids(sport, [entry for _, entry in entries])
        return [(game, game_id) for (game, _), game_id in zip(entries, ids, strict=True)]

    def _games_of(
        self,
        games: list[_Named],
        sport: str,
        ts: int | None,
        snap: bool,
        by_book: dict[str, list[Quote]],
        out: list[Event],
    ) -> None:
        for game, game_id in games:
            try:
                self._game(game, game_id, sport, ts, snap, by_book, out)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(game)}"))

    def _stated(self, sport: str, by_book: dict[str, list[Quote]], ts: int | None, snap: bool) -> list[Event]:
        """What a push says as a whole: each book in it is complete, one missing twice in a row is gone."""
        out: list[Event] = []
        if self._merge:
            quotes = [quote for quotes in by_book.values() for quote in single(quotes, out)]
            return [*out, *quotes]
        for book, some in by_book.items():
            self._missed[sport, book] = 0
            quotes = single(some, out)
            out.append(Replace(scope=Scope(league=sport, book=book), quotes=tuple(quotes), ts=ts, snap=snap))
        # Also books that nobody asked for by that spelling: what once had prices may withdraw them.
        known = {**dict.fromkeys(self._books), **{book: None for at, book in self._missed if at == sport}}
        for book in known:
            if book not in by_book:
                self._missed[sport, book] = self._missed.get((sport, book), 0) + 1
                if self._missed[sport, book] == _MISSES:
                    out.append(Replace(scope=Scope(league=sport, book=book), ts=ts, snap=snap))
        return out

    def _game(
        self,
        entry: dict[str, Any],
        game_id: str,
        sport: str,
        ts: int | None,
        snap: bool,
        by_book: dict[str, list[Quote]],
        out: list[Event],
    ) -> None:
        about = entry["game"]
        home, away = fields.text(about["home_team"]) or "", fields.text(about["away_team"]) or ""
        who = Game(game_id, sport, home, away, fields.start(about.get("commence_time")))
        url = fields.link(about.get("game_url"))
        for book in _listed(entry["bookmakers"]):
            try:
                name = fields.text(book["name"])
                if name is None:
                    raise ValueError("a book without a name")
                quotes = by_book.setdefault(name, [])
                self._book(book, who, name, fields.moment(book.get("last_update")) or ts, url, snap, quotes, out)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a book that cannot be read: {fields.brief(book)}"))

    def _book(
        self,
        book: dict[str, Any],
        who: Game,
        name: str,
        at: int | None,
        url: str | None,
        snap: bool,
        quotes: list[Quote],
        out: list[Event],
    ) -> None:
        for market in _listed(book["markets"]):
            try:
                key = fields.text(market["key"])
                outcomes = market["outcomes"]
                if key is None or not isinstance(outcomes, list):
                    raise ValueError("a market without a key or outcomes")
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a market that cannot be read: {fields.brief(market)}"))
                continue
            if any(map(is_draw, outcomes)):
                if len(self._draws) > _MOST:
                    self._draws.clear()
                self._draws.add((who.id, name, key))
            made: list[Quote] = []
            rows: list[dict[str, Any]] = []
            for outcome in outcomes:
                try:
                    made.append(self._quote(outcome, who, name, key, at, url, snap, out))
                    rows.append(outcome)
                except fields.UNREADABLE:
                    text = f"an outcome that cannot be read: {fields.brief(outcome)}"
                    out.append(Notice(code="unreadable", text=text))
            quotes += told_apart(made, rows, out)

    def _quote(
        self,
        outcome: dict[str, Any],
        who: Game,
        book: str,
        market: str,
        at: int | None,
        url: str | None,
        snap: bool,
        out: list[Event],
    ) -> Quote:
        sent = outcome.get("point")
        draws = (who.id, book, market) in self._draws
        mark = (
            draws,
            who,
            book,
            market,
            outcome["name"],
            sent,
            outcome.get("player_name"),
            outcome.get("team_name"),
            telling(outcome, market),
        )
        what = self._selections.get(mark)
        if what is None:
            what = self._selections[mark] = selection(outcome, who, book, market, draws=draws)
            if len(self._selections) > _MOST:
                self._selections.clear()
        quoted = _price(outcome.get("price"), out)
        line = line_of(outcome, market)
        if line is None and fields.unknown_line(sent, line):
            raise ValueError("a price at who knows what line")
        status: Status = "suspended" if quoted is None else "open"
        link = fields.link(outcome.get("link")) or url
        limit = None if quoted is None else stake(outcome, quoted)
        detail = None if quoted is None else depth(outcome, market)
        return Quote(what, status, quoted, line, ts=at, link=link, snap=snap, limit=limit, detail=detail)


#: An entry of a push, and the id of its game.
_Named = tuple[dict[str, Any], str]


def _price(sent: Any, out: list[Event]) -> Price | None:
    """Decimal odds, as a number or as text. Text with a sign is American: decimal odds never have one."""
    if sent is None:
        return None
    signed = isinstance(sent, str) and sent.strip()[:1] in ("+", "-")
    value: Any = fields.number(sent) if isinstance(sent, str) else sent
    try:
        return price.from_american(value) if signed else price.from_decimal(value)
    except (ValueError, TypeError):
        out.append(fields.odd_field("price", sent))
        return None


def _listed(value: Any) -> list[Any]:
    """Return a list as it is. TypeError for anything else: an empty text holds no rows, and says nothing of them."""
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _list(value: Any, name: str) -> list[Any]:
    """The list of this name in an object; empty where there is none."""
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []


def _outcomes(game: Any) -> int:
    """Return how many outcomes a game has, over all its books."""
    books = _list(game, "bookmakers")
    return sum(len(_list(market, "outcomes")) for book in books for market in _list(book, "markets"))


def _pieces(game: Any) -> Iterator[Any]:
    """Yield the same game with some of its outcomes at a time, if it has many."""
    if _outcomes(game) <= fields.ROWS:
        yield game
        return
    for book in _list(game, "bookmakers"):
        if _outcomes({"bookmakers": [book]}) <= fields.ROWS:
            yield {**game, "bookmakers": [book]}
            continue
        for market in _list(book, "markets"):
            for some in fields.slices(_list(market, "outcomes") or [None]):
                part = market if some == [None] else {**market, "outcomes": some}
                yield {**game, "bookmakers": [{**book, "markets": [part]}]}


PROVIDER = Provider(
    name="rapidodds",
    title="RapidOddsAPI",
    read=read,
    decoder=decoder,
    rules={
        # A bad key and a plan without WebSocket look alike at the handshake (B2).
        403: Rule(tries=1, exit=4, say="check the key, and that the plan has WebSocket (Pro or Elite)"),
        4001: Rule(tries=1, exit=4, say="check the key"),
    },
)
