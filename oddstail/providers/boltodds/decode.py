"""BoltOdds: frames to events. Facts: docs/wire/boltodds.md, A4 to A9. Pure.

The vendor warns that shapes change, sends `{}` where strings belong in exactly the message that must
not be missed (book_clear), and errors without an `action`. Nothing here trusts a type.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from oddstail.providers import fields
from oddstail.providers.boltodds.games import Games, Place, classified
from oddstail.providers.boltodds.games import name as _name
from oddstail.providers.boltodds.news import News
from oddstail.providers.boltodds.talk import fatal, talk
from oddstail.providers.boltodds.targets import rung
from oddstail.wire.loose import loads

_DATA = frozenset(
    {"initial_state", "game_update", "line_update", "game_added", "game_removed", "book_clear", "sport_clear"}
)
#: Of the streams of plays and of scores (A11, A12).
_NEWS = frozenset({"new_play", "play_update", "match_state", "stats", "match_update"})
_CLEARS = frozenset({"game_removed", "book_clear", "sport_clear"})
_ACKS = ("socket_connected", "connection_ack")
#: Targets of the third way. Looked for in every outcome, so spelt out.
_DRAWS = frozenset({"Draw", "Tie", "draw", "tie", "DRAW", "TIE", "The Draw", "X"})
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
        failure = fatal(fields.coded_error(body))
        return Message(Kind.ERROR if failure is None else Kind.REFUSED, action, body, failure=failure)
    if action == "subscription_updated":
        return Message(Kind.ECHO, action, body)
    return Message(Kind.DATA if action in _NEWS else Kind.TALK, action, body)


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection."""
    if request.feed in ("plays", "scores"):
        return News(request).decode
    return _Decoder(memory.keep("boltodds games", Games)).decode


class _Decoder:
    """The selections that a connection has shown, so that each is classified once. `games` outlives the connection."""

    def __init__(self, games: Games) -> None:
        self._games = games
        #: (book, label) -> outcome key -> the words that the selection was made of, and the selection.
        self._selections: dict[tuple[str, str], dict[str, tuple[tuple[Any, ...], Selection]]] = {}
        self._many = 0
        #: A feed repeats a few hundred prices and lines; strings only, as no other value equals a string.
        self._prices: dict[Any, Price] = {}
        self._numbers: dict[Any, float] = {}
        self._lines_of: dict[str, float] = {}
        #: Keys of `25+` and the like, whose whole numbers win when they are reached.
        self._rungs: set[str] = set()

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        name = message.name
        if message.kind is not Kind.DATA:
            return talk(name, message.body)
        if name in _NEWS:
            return [fields.unknown(f"action {fields.brief(name, 60)}", message.body)]
        data = message.body.get("data")
        ts = fields.moment(message.body.get("timestamp"))
        if name in _CLEARS:
            return self._cleared(name, data if isinstance(data, dict) else {}, ts)
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
        book, game = self._games.book(_name(data.get("sportsbook"))), _name(data.get("game"))
        if name == "line_update" or book is None or game is None:
            return said
        quotes = tuple(event for event in said if type(event) is Quote)
        rest = [event for event in said if type(event) is not Quote]
        place, snap = self._games.place(book, game, data, {}), name == "initial_state"
        out = [*rest, Replace(scope=Scope(book=book, game_id=place.game_id), quotes=quotes, ts=ts, snap=snap)]
        if place.renamed:
            place.renamed = False
            out.append(Replace(scope=Scope(book=book, game_id=game), ts=ts, snap=snap))
        return out

    def _lines(self, name: str, data: dict[str, Any], ts: int | None) -> list[Event]:
        book, game = self._games.book(_name(data.get("sportsbook"))), _name(data.get("game"))
        snap = name == "initial_state"
        outcomes = data.get("outcomes")
        if book is None or game is None or not isinstance(outcomes, dict):
            return [Notice(code="unreadable", text=f"lines without a book or a game: {fields.brief(data)}")]
        out: list[Event] = []
        info = data.get("info")
        if type(info) is not dict:
            info = {}
        place = self._games.place(book, game, data, info)
        known = self._selections.get((book, game))
        if known is None:
            known = self._selections[book, game] = {}
        self._note_draws(place, outcomes, known)
        for key, outcome in outcomes.items():
            if type(outcome) is not dict or len(key) > fields.LONGEST_NAME:
                _blank(key, outcome, known, ts, snap, out)
                continue
            try:
                odds, sent, deep, market, target, over_under = _pick(outcome)
            except KeyError:
                odds, sent, deep, market, target, over_under = map(outcome.get, _FIELDS)
            if type(sent) is str and sent[-1:] == "+":
                # `25+` says the side as well.
                over_under = sent if over_under is None else f"{over_under} {sent}"
            words = (place.about, market, target, over_under)
            found = known.get(key)
            what = found[1] if found is not None and found[0] == words else self._what(known, key, words, place)
            quoted = self._prices.get(odds) if type(odds) is str else None
            if quoted is None:
                quoted = self._price(odds, out)
            line = self._numbers.get(sent) if type(sent) is str else None
            if line is None and _is_nothing(sent):
                # The line is part of the key (A6): an update without it is of the line that the key has.
                line = self._lines_of.get(what.key)
            elif line is None:
                line = self._line(sent)
                if line is None and fields.unknown_line(sent, line) and what.kind != "other":
                    out.append(fields.odd_field("outcome_line", sent))
                    quoted = None
            if line is not None and line.is_integer() and what.key in self._rungs:
                # The 25 of `25+`, which wins at 25.
                line -= 0.5
            if found is None and line is not None:
                self._lines_of[what.key] = line
            link = None if deep is None else fields.link(deep)
            if link is None:
                link = fields.link(info.get("link"))
            status: Status = "suspended" if quoted is None else "open"
            quote = Quote(what, status, quoted, line, None, None, ts, None, link, None, None, snap)
            quote.detail = place.detail if len(outcome) <= len(_FIELDS) else _detail(place, outcome)
            out.append(quote)
        return out

    def _note_draws(self, place: Place, outcomes: dict[str, Any], known: dict[str, Any]) -> None:
        """A market with a draw among its outcomes has three ways, also the sides that came before the draw."""
        for outcome in outcomes.values():
            target = outcome.get("outcome_target") if type(outcome) is dict else None
            if type(target) is str and target in _DRAWS:
                market = outcome.get("outcome_name")
                if type(market) is str and market not in place.draws:
                    place.draws.add(market)
                    for key in [key for key, (words, _) in known.items() if words[1] == market]:
                        del known[key]

    def _what(
        self,
        known: dict[str, tuple[tuple[Any, ...], Selection]],
        key: str,
        words: tuple[Any, ...],
        place: Place,
    ) -> Selection:
        """The selection of an outcome key, made anew if the words for it changed."""
        about, market, target, over_under = words[0], _name(words[1]), _name(words[2]), _name(words[3])
        found = known.get(key)
        # A line that is closed may come without its words; the key says what it was.
        if found is not None and (
            (market is None and about == found[0][0]) or (about, market, target, over_under) == found[0]
        ):
            return found[1]
        if market is None and found is not None:
            _, market, target, over_under = found[0]
        what = classified(key, place, market, target, over_under)
        at = rung(over_under, target, market, key)
        if at is not None:
            self._lines_of.setdefault(what.key, at)
        if at is not None or (market is not None and "milestone" in market.casefold()):
            self._rungs.add(what.key)
        known[key] = (about, market, target, over_under), what
        self._many += 1
        if self._many > _MOST:
            self._selections.clear()
            self._lines_of.clear()
            self._rungs.clear()
            self._many = 0
        return what

    def _cleared(self, name: str, data: dict[str, Any], ts: int | None) -> list[Event]:
        """Prices that the provider no longer vouches for: after a back-end drop they are unknown, so not on offer (A7).

        What a clear does not name, or not so that it can be read, it does not restrict: better to blank a
        price that still stands than to show one that does not.
        """
        book, game = _name(data.get("sportsbook")), _name(data.get("game")) if name == "game_removed" else None
        league = _name(data.get("sport")) if name == "sport_clear" else None
        out: list[Event] = []
        for one, sport, label in self._games.spelt(book, league, game):
            place = None if label is None else self._games.id_of(one, label)
            out.append(Replace(scope=Scope(book=one, league=sport, game_id=place), ts=ts))
        if name == "game_removed" and book and game:
            return out
        cleared = " ".join(word for word in (book, league, game) if word) or "everything"
        text = f"{cleared}: the provider cleared its prices; they are unknown until it sends them again"
        return [Notice(code=name.replace("_", "-"), text=text), *out]

    def _price(self, value: Any, out: list[Event]) -> Price | None:
        quoted = _price(value, out)
        if quoted is not None and type(value) is str:
            if len(self._prices) > _MOST:
                self._prices.clear()
            self._prices[value] = quoted
        return quoted

    def _line(self, value: Any) -> float | None:
        line = fields.number(value)
        if line is None:
            line = fields.milestone(value)
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
    if outcome is not None or key not in known:
        text = f"an outcome that cannot be read: {key[:60]!r}: {fields.brief(outcome)}"
        out.append(Notice(code="unreadable", text=text))
    if key in known:
        out.append(Quote(known[key][1], "suspended", ts=ts, snap=snap))


def _detail(place: Place, outcome: dict[str, Any]) -> str | None:
    """What the `info` of a game has, and the fields of an outcome that are not known here, as JSON text."""
    left = {name: value for name, value in outcome.items() if name not in _FIELDS and value not in (None, "", {}, [])}
    about = None if place.detail is None else loads(place.detail.encode())
    return fields.compact({**(about or {}), **left}) if left else place.detail


def _is_nothing(value: Any) -> bool:
    """Whether a price or a line says that there is none, if by the word `None` that Python servers leak."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in ("", "none", "null"))


def _price(value: Any, out: list[Event]) -> Price | None:
    """American odds as a string with a sign; null, "" and "None" are suspended (A6). `EVEN` is +100."""
    if _is_nothing(value):
        return None
    if isinstance(value, str) and value.strip().casefold() in ("even", "ev"):
        value = 100
    return fields.american("odds", value, out)


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
