"""BoltOdds: frames to events. Facts: wire reference boltodds-rapidodds.md, A4 to A9. Pure.

The vendor warns that shapes change, sends `{}` where strings belong in exactly the message that must
not be missed (book_clear), and errors without an `action`. Nothing here trusts a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

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
    Scope,
    Selection,
    Status,
)
from oddstail.price import Price
from oddstail.providers import competitions, fields
from oddstail.providers.boltodds.leagues import SPORT_OF
from oddstail.providers.boltodds.markets import MARKETS
from oddstail.providers.boltodds.news import News
from oddstail.providers.boltodds.talk import fatal, said, talk
from oddstail.wire.loose import loads

_DATA = frozenset(
    {"initial_state", "game_update", "line_update", "game_added", "game_removed", "book_clear", "sport_clear"}
)
#: Of the streams of plays and of scores (A11, A12).
_NEWS = frozenset({"new_play", "match_state", "stats", "match_update"})
_CLEARS = frozenset({"game_removed", "book_clear", "sport_clear"})
_ACKS = ("socket_connected", "connection_ack")
_SIDES = {"o": "over", "over": "over", "u": "under", "under": "under", "draw": "draw", "tie": "draw"}
_MOST = 200_000
_FIELDS = ("odds", "outcome_line", "link", "outcome_name", "outcome_target", "outcome_over_under")
_pick = itemgetter(*_FIELDS)

# Message(...) passes through Python for its defaults; one is made for every event.
_new = tuple.__new__


def read(frame: Frame) -> list[Message]:
    """The envelopes of one frame: an object, or an array of them (A4). ValueError if it is no JSON."""
    body = loads(frame.data)
    if frame.event:
        # What was polled beside the stream: WebSocket messages have no event.
        return [Message(Kind.TALK, frame.event, body)]
    if type(body) is dict:
        return [_message(body)]
    if type(body) is list:
        return fields.messages(body, _message)
    raise ValueError("neither an object nor an array")


def _message(body: dict[str, Any]) -> Message:
    action = body.get("action")
    if type(action) is not str:
        action = "error" if "error" in body else ""
    if action in _DATA:
        return _new(Message, (Kind.DATA, action, body, None, None))
    if action == "ping":
        return Message(Kind.BEAT, action)
    if action in _ACKS:
        return Message(Kind.ACK, action, body)
    if action == "error":
        failure = fatal(said(body))
        return Message(Kind.ERROR if failure is None else Kind.REFUSED, action, body, failure=failure)
    if action == "subscription_updated":
        return Message(Kind.ECHO, action, body)
    return Message(Kind.DATA if action in _NEWS else Kind.TALK, action, body)


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection."""
    if request.feed in ("plays", "scores"):
        return News(request).decode
    return _Decoder().decode


class _Decoder:
    """The selections that a connection has shown, so that each is classified once."""

    def __init__(self) -> None:
        #: (book, game) -> outcome key -> the words that the selection was made of, and the selection.
        self._selections: dict[tuple[str, str], dict[str, tuple[tuple[Any, ...], Selection]]] = {}
        self._many = 0
        #: A feed repeats a few hundred prices and lines; strings only, as no other value equals a string.
        self._prices: dict[Any, Price] = {}
        self._numbers: dict[Any, float] = {}
        self._lines_of: dict[str, float] = {}

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        name = message.name
        if message.kind is not Kind.DATA:
            return talk(name, message.body)
        if name in _NEWS:
            return [fields.unknown(f"action {name!r:.60}", message.body)]
        data = message.body.get("data")
        ts = fields.moment(message.body.get("timestamp"))
        if name in _CLEARS:
            return _cleared(name, data if isinstance(data, dict) else {}, ts)
        if not isinstance(data, dict):
            return [Notice(code="unreadable", text=f"{name} without data: {fields.brief(message.body)}")]
        outcomes = data.get("outcomes")
        if type(outcomes) is dict and len(outcomes) > fields.ROWS:
            return self._parts(name, data, ts)
        return self._game(name, self._lines(name, data, ts), data, ts)

    def _parts(self, name: str, data: dict[str, Any], ts: int | None) -> Iterator[list[Event]]:
        """Yield what many lines of one game and book say."""
        said: list[Event] = []
        for some in fields.slices(list(data["outcomes"].items())):
            said += self._lines(name, {**data, "outcomes": dict(some)}, ts)
            yield []
        yield self._game(name, said, data, ts)

    def _game(self, name: str, said: list[Event], data: dict[str, Any], ts: int | None) -> list[Event]:
        """Return what the lines of one game and book say: an update changes some, a statement has them all."""
        book, game = _name(data.get("sportsbook")), _name(data.get("game"))
        if name == "line_update" or book is None or game is None:
            return said
        quotes = tuple(event for event in said if type(event) is Quote)
        rest = [event for event in said if type(event) is not Quote]
        scope = Scope(book=book, game_id=game)
        return [*rest, Replace(scope=scope, quotes=quotes, ts=ts, snap=name == "initial_state")]

    def _lines(self, name: str, data: dict[str, Any], ts: int | None) -> list[Event]:
        book, game, snap = _name(data.get("sportsbook")), _name(data.get("game")), name == "initial_state"
        outcomes = data.get("outcomes")
        if book is None or game is None or not isinstance(outcomes, dict):
            return [Notice(code="unreadable", text=f"lines without a book or a game: {fields.brief(data)}")]
        out: list[Event] = []
        info = data.get("info")
        when = info.get("when") if type(info) is dict else None
        about = data.get("sport"), data.get("home_team"), data.get("away_team"), when
        known = self._selections.get((book, game))
        if known is None:
            known = self._selections[book, game] = {}
        for key, outcome in outcomes.items():
            if type(outcome) is not dict or len(key) > fields.LONGEST_NAME:
                _blank(key, outcome, known, ts, snap, out)
                continue
            try:
                odds, sent, deep, market, target, over_under = _pick(outcome)
            except KeyError:
                odds, sent, deep, market, target, over_under = map(outcome.get, _FIELDS)
            words = (about, market, target, over_under)
            found = known.get(key)
            what = found[1] if found is not None and found[0] == words else self._what(known, key, words, book, game)
            quoted = self._prices.get(odds) if type(odds) is str else None
            if quoted is None:
                quoted = self._price(odds, out)
            line = self._numbers.get(sent) if type(sent) is str else None
            if sent is None or sent == "":
                # The line is part of the key (A6): an update without it is of the line that the key has.
                line = self._lines_of.get(what.key)
            elif line is None:
                line = self._line(sent)
                if line is None and fields.unknown_line(sent, line) and what.kind != "other":
                    out.append(fields.odd_field("outcome_line", sent))
                    quoted = None
            if found is None and line is not None:
                self._lines_of[what.key] = line
            link = None if deep is None else fields.link(deep)
            if link is None and type(info) is dict:
                link = fields.link(info.get("link"))
            status: Status = "suspended" if quoted is None else "open"
            out.append(Quote(what, status, quoted, line, None, None, ts, None, link, None, None, snap))
        return out

    def _what(
        self,
        known: dict[str, tuple[tuple[Any, ...], Selection]],
        key: str,
        words: tuple[Any, ...],
        book: str,
        game: str,
    ) -> Selection:
        """The selection of an outcome key, made anew if the words for it changed."""
        about, market, target, over_under = (
            tuple(_name(word) for word in words[0]),
            _name(words[1]),
            _name(words[2]),
            _name(words[3]),
        )
        found = known.get(key)
        if found is not None:
            before = found[0]
            if None in about:
                about = tuple(now or _name(then) for now, then in zip(about, before[0], strict=True))
            # A line that is closed may come without its words; the key says what it was.
            if market is None or (about, market, target, over_under) == before:
                return found[1]
        what = _classified(key, about, market, target, over_under, book, game)
        known[key] = (about, market, target, over_under), what
        self._many += 1
        if self._many > _MOST:
            self._selections.clear()
            self._lines_of.clear()
            self._many = 0
        return what

    def _price(self, value: Any, out: list[Event]) -> Price | None:
        quoted = _price(value, out)
        if quoted is not None and type(value) is str:
            if len(self._prices) > _MOST:
                self._prices.clear()
            self._prices[value] = quoted
        return quoted

    def _line(self, value: Any) -> float | None:
        line = fields.number(value)
        if line is not None and type(value) is str:
            if len(self._numbers) > _MOST:
                self._numbers.clear()
            self._numbers[value] = line
        return line


def _blank(
    key: str,
    outcome: Any,
    known: dict[str, tuple[tuple[Any, ...], Selection]],
    ts: int | None,
    snap: bool,
    out: list[Event],
) -> None:
    """An outcome that is no object. Its key still tells whose price is not known to be on offer."""
    if outcome is not None:
        text = f"an outcome that cannot be read: {key[:60]!r}: {fields.brief(outcome)}"
        out.append(Notice(code="unreadable", text=text))
    if key in known:
        out.append(Quote(known[key][1], "suspended", ts=ts, snap=snap))


def _classified(
    key: str,
    about: tuple[str | None, ...],
    market: str | None,
    target: str | None,
    over_under: str | None,
    book: str,
    game: str,
) -> Selection:
    league, home, away, when = about
    market = market or key
    side = _SIDES.get((over_under or "").casefold())
    if side is None and target is not None:
        side = {home: "home", away: "away"}.get(target) or _SIDES.get(target.casefold())
    competition = competitions.of("boltodds", league)
    sport = SPORT_OF.get(league or "") or competitions.sport_of(competition)
    bet = MARKETS.classify(market, sport)
    player = target if bet.kind == "prop" and target not in (None, home, away) else None
    return Selection(
        key=f"{game}|{book}|{key}",
        sport=sport,
        league=league,
        competition=competition,
        game_id=game,
        home=home,
        away=away,
        # `info.when` has no zone; that it means US Eastern is inferred (A5), so there is no start to tell.
        start=None,
        clock=_clock(when),
        book=book,
        kind=bet.kind,
        period=bet.period,
        ways=bet.ways,
        subject=bet.subject,
        stat=bet.stat,
        market=market,
        selection=target or (side.capitalize() if side else key),
        side=side,
        player=player,
    )


@lru_cache(4096)
def _clock(when: str | None) -> str | None:
    """`2025-07-23, 01:09 PM` (A5) as ISO 8601; None for anything else."""
    try:
        return None if when is None else datetime.strptime(when, "%Y-%m-%d, %I:%M %p").isoformat()
    except ValueError:
        return None


def _cleared(name: str, data: dict[str, Any], ts: int | None) -> list[Event]:
    """Prices that the provider no longer vouches for: after a back-end drop they are unknown, so not on offer (A7).

    What a clear does not name, or not so that it can be read, it does not restrict: better to blank a
    price that still stands than to show one that does not.
    """
    named = {
        "game_removed": Scope(book=_name(data.get("sportsbook")), game_id=_name(data.get("game"))),
        "book_clear": Scope(book=_name(data.get("sportsbook"))),
        "sport_clear": Scope(book=_name(data.get("sportsbook")), league=_name(data.get("sport"))),
    }
    scope = named[name]
    out: list[Event] = [Replace(scope=scope, ts=ts)]
    if name == "game_removed" and scope.book and scope.game_id:
        return out
    cleared = " ".join(word for word in (scope.book, scope.league, scope.game_id) if word) or "everything"
    text = f"{cleared}: the provider cleared its prices; they are unknown until it sends them again"
    return [Notice(code=name.replace("_", "-"), text=text), *out]


def _name(value: Any) -> str | None:
    """A string, and nothing else: a clear has `{}` here (A7)."""
    return value if isinstance(value, str) and 0 < len(value) <= fields.LONGEST_NAME else None


def _price(value: Any, out: list[Event]) -> Price | None:
    """American odds as a string with a sign; null and "" are suspended (A6)."""
    return None if value is None or value == "" else fields.american("odds", value, out)


PROVIDER = Provider(
    name="boltodds",
    title="BoltOdds",
    read=read,
    decoder=decoder,
    snapshot="burst",
    # 12 connects a minute for an address (A9), and 5 s between them as the vendor's sample waits (A2).
    rate=(12, 60.0),
    floor=5.0,
)
