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
from oddstail.providers import fields
from oddstail.providers.rapidodds.outcomes import Game, selection, telling
from oddstail.providers.rapidodds.results import Results
from oddstail.providers.rapidodds.talk import charge, talk
from oddstail.wire.loose import loads

#: Two entries with the same teams are one game if they start within so many microseconds (B4).
_SAME_GAME, _SAME_MLB = 6 * 3_600_000_000, 6_480_000_000
_MISSES = 2
_MOST, _MOST_GAMES = 200_000, 20_000


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
    """A decoder for one connection: it remembers which books the last pushes held, and which games are one."""
    if request.feed == "results":
        return Results().decode
    return _Decoder(request.options.get("books", ()), request.options.get("push") == "merge").decode


class _Decoder:
    def __init__(self, books: tuple[str, ...], merge: bool) -> None:
        self._books = books
        self._merge = merge
        self._missed: dict[tuple[str, str], int] = {}
        self._pushed: set[str] = set()
        self._games: dict[tuple[str, str, str], list[tuple[int | None, str]]] = {}
        self._selections: dict[tuple[Any, ...], Selection] = {}

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        body = message.body
        match message.name:
            case "odds_update":
                return self._push(body)
            case "rest odds":
                return self._snapshot(body)
        return talk(message)

    def _snapshot(self, body: dict[str, Any]) -> list[Event]:
        """The state as it was asked for beside the stream. A push, which is the whole truth too, is worth more."""
        sport, data = body["sport"], body.get("data")
        if "why" in body:
            text = f"{sport}: the current prices could not be asked for ({body['why']}); they come with the next push"
            return [Notice(code="snapshot", text=text)]
        games = data.get("games") if isinstance(data, dict) else None
        if not isinstance(games, list):
            return [Notice(code="unreadable", text=f"an answer without games: {fields.brief(data)}")]
        out: list[Event] = []
        if sport not in self._pushed:
            by_book: dict[str, list[Quote]] = {}
            self._games_of(games, sport, None, True, by_book, out)
            out += [
                Replace(scope=Scope(league=sport, book=book), quotes=tuple(quotes), snap=True, late=True)
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
        if len(games) + sum(map(_outcomes, games)) > fields.ROWS:
            return self._parts(games, sport, ts, snap, charged)
        self._games_of(games, sport, ts, snap, by_book, out)
        out += self._stated(sport, by_book, ts, snap)
        if charged:
            out.append(charge(sport, charged))
        return out

    def _parts(
        self, games: list[Any], sport: str, ts: int | None, snap: bool, charged: float | None
    ) -> Iterator[list[Event]]:
        """Yield what a large push says."""
        by_book: dict[str, list[Quote]] = {}
        for some in fields.slices(games):
            out: list[Event] = []
            for piece in (piece for game in some for piece in _pieces(game)):
                self._games_of([piece], sport, ts, snap, by_book, out)
                if _outcomes(piece) > fields.ROWS // 10:
                    yield out
                    out = []
            yield out
        yield self._stated(sport, by_book, ts, snap)
        if charged:
            yield [charge(sport, charged)]

    def _games_of(
        self,
        games: list[Any],
        sport: str,
        ts: int | None,
        snap: bool,
        by_book: dict[str, list[Quote]],
        out: list[Event],
    ) -> None:
        for game in games:
            try:
                self._game(game, sport, ts, snap, by_book, out)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(game)}"))

    def _stated(self, sport: str, by_book: dict[str, list[Quote]], ts: int | None, snap: bool) -> list[Event]:
        """What a push says as a whole: each book in it is complete, one missing twice in a row is gone."""
        if self._merge:
            return [quote for quotes in by_book.values() for quote in quotes]
        out: list[Event] = []
        for book, quotes in by_book.items():
            self._missed[sport, book] = 0
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
        sport: str,
        ts: int | None,
        snap: bool,
        by_book: dict[str, list[Quote]],
        out: list[Event],
    ) -> None:
        about = entry["game"]
        home, away = fields.text(about["home_team"]), fields.text(about["away_team"])
        if home is None or away is None:
            raise ValueError("no teams")
        starts = fields.moment(about.get("commence_time"))
        when = None if starts is None else fields.start(about.get("commence_time"))
        who = Game(self._same(sport, home, away, starts), sport, home, away, when)
        url = fields.link(about.get("game_url"))
        for book in entry["bookmakers"]:
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
        for market in book["markets"]:
            try:
                key = fields.text(market["key"])
                outcomes = market["outcomes"]
                if key is None or not isinstance(outcomes, list):
                    raise ValueError("a market without a key or outcomes")
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a market that cannot be read: {fields.brief(market)}"))
                continue
            for outcome in outcomes:
                try:
                    quotes.append(self._quote(outcome, who, name, key, at, url, snap, out))
                except fields.UNREADABLE:
                    text = f"an outcome that cannot be read: {fields.brief(outcome)}"
                    out.append(Notice(code="unreadable", text=text))

    def _same(self, sport: str, home: str, away: str, starts: int | None) -> str:
        """The id of a game, for the wire has none: teams and first-seen start; books differ by some minutes."""
        known = self._games.setdefault((sport, home, away), [])
        if starts is None and len(known) > 1:
            raise ValueError("it may be either game of a double-header")
        near = _SAME_MLB if sport == "MLB" else _SAME_GAME
        apart = [(0 if starts is None or at is None else abs(starts - at), name) for at, name in known]
        # The nearest: of two games on one day, the first seen may be the other one.
        least, game_id = min(apart, default=(near + 1, ""))
        if least <= near:
            return game_id
        when = "" if starts is None else f", {fields.zulu(starts)}"
        known.append((starts, f"{sport}: {home} vs {away}{when}"))
        if len(self._games) > _MOST_GAMES:
            del self._games[next(iter(self._games))]
        return known[-1][1]

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
        mark = (
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
            what = self._selections[mark] = selection(outcome, who, book, market)
            if len(self._selections) > _MOST:
                self._selections.clear()
        value = outcome.get("price")
        point = fields.number(sent)
        quoted = None
        try:
            quoted = None if value is None else price.from_decimal(value)
        except (ValueError, TypeError):
            out.append(fields.odd_field("price", value))
        if point is None and fields.unknown_line(sent, point):
            raise ValueError("a price at who knows what line")
        status: Status = "suspended" if quoted is None else "open"
        return Quote(what, status, quoted, point, ts=at, link=fields.link(outcome.get("link")) or url, snap=snap)


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
