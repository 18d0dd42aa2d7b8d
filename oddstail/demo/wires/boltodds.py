"""BoltOdds' WebSocket server: ack, subscribe, snapshot, then merges, replacements and clears.

Knows only this vendor's wire. Loose on purpose where the vendor is: arrays and single objects, text and
binary frames, objects where strings belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from oddstail.demo.contract import (
    KEY,
    Ask,
    Forget,
    Frame,
    Price,
    Reply,
    Session,
    Shut,
    Stage,
    Tell,
    Told,
    Turnstile,
)
from oddstail.demo.events import Change, Quote
from oddstail.demo.rest.bolt import BoltPages
from oddstail.demo.wires import bolt_shapes as shapes
from oddstail.demo.wires.bolt_feeds import GameFeed, PlayFeed, ScoreFeed
from oddstail.demo.wires.bolt_moves import Move, Moves
from oddstail.demo.wires.bolt_scores import Tally

_AXES = ("sports", "sportsbooks", "games", "markets")
_TOO_SOON = "Re-subscription rate limit hit. Please wait 5 seconds before re-subscribing."
# Messages in one array of the initial burst.
_BATCH = 12


class BoltOdds:
    """The vendor's sockets, and its REST pages (A10)."""

    provider = "boltodds"
    deflates = True  # Clients work with an offer and with none (A4) [obs].

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.moves = Moves(stage)
        self._pages = BoltPages(stage, self.moves.label)
        self._gate = Turnstile(stage.clock, stage.knobs.connects_per_minute, 60.0)
        self._open: list[Session] = []
        self._feeds: list[GameFeed] = []
        self._tally = Tally()
        self._fed = 0

    def turn(self, changes: Sequence[Change]) -> None:
        self.moves.turn(changes)
        self._tally.turn(changes)
        for feed in self._feeds:
            feed.notice(changes)

    def left(self, session: Session) -> None:
        self._open = [one for one in self._open if one is not session]
        self._feeds = [one for one in self._feeds if one is not session]

    def calm(self) -> bool:
        return self.moves.calm() and not any(feed.pending for feed in self._feeds)

    def refuse_key(self, ask: Ask) -> Reply | Shut:
        """Unpublished, so all three that a client must expect (A8) [logic]; the knob chooses."""
        if not ask.websocket or self.stage.knobs.bolt_refusal == "handshake":
            return Reply(status=401, body=b'{"error":"Invalid API key"}')
        if self.stage.knobs.bolt_refusal == "close":
            return Shut(code=1008, reason="invalid key")
        return Shut(code=1000, say=b'{"action":"error","message":"Invalid API key."}')

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        if ask.websocket and ask.path in ("/api", "/api/playbyplay", "/api/livescores"):
            return self._connect(ask)
        page = None if ask.websocket else self._pages.find(ask)
        if page is None:
            return Reply(status=404, body=b'{"error":"Not found"}')
        if ask.one("key") != KEY:
            return self.refuse_key(ask)
        return page(ask)

    def _connect(self, ask: Ask) -> Session | Reply | Shut:
        # The key is always the query parameter: no header, no message [seed].
        if ask.one("key") != KEY:
            return self.refuse_key(ask)
        if not self._gate.passes():
            # Rejected [seed]; with which status is unpublished, 429 is what to expect [logic].
            return Reply(status=429, body=b'{"error":"Connection rate limit exceeded"}')
        odds = ask.path == "/api"
        held = len(self._feeds)
        if (len(self._open) - held if odds else held) >= self.stage.knobs.connections:
            # In the ack's place, with a text about concurrent connections (A8) [obs].
            text = b'{"action":"error","message":"Maximum concurrent connections reached for your plan."}'
            return Shut(code=1000, say=text)
        session = _Stream(self) if odds else self._feed(ask.path)
        self._open.append(session)
        return session

    def _feed(self, path: str) -> GameFeed:
        self._fed += 1
        docs = self._fed % 2 == 0
        if path == "/api/playbyplay":
            made: GameFeed = PlayFeed(self.stage, self.moves.label, docs=docs)
        else:
            made = ScoreFeed(self.stage, self.moves.label, self._tally, docs=docs)
        self._feeds.append(made)
        return made


class _Stream:
    """One socket: silent but for pings until it has subscribed."""

    subprotocol: str | None = None

    def __init__(self, wire: BoltOdds) -> None:
        self._wire = wire
        self._bell = wire.stage.bell(15.0)
        self._filters: dict[str, list[str]] | None = None
        self._subscribed_at = 0.0
        self._said = 0

    def greet(self) -> list[Frame]:
        return [Frame(body=b'{"action":"socket_connected","plan":"Pro"}', data=False)]

    def hear(self, message: str) -> list[Frame]:
        try:
            asked = orjson.loads(message)
        except orjson.JSONDecodeError:
            return [_error("Invalid JSON")]
        if not isinstance(asked, dict) or asked.get("action") != "subscribe":
            return []  # `pong` and whatever else clients send is harmless [obs].
        return self._subscribe(asked.get("filters"))

    def turn(self) -> list[Frame]:
        frames = self._pack(self._wire.moves.fresh) if self._filters is not None else []
        if self._bell.rings():
            frames.append(Frame(body=b'{"action":"ping"}', data=False))
        return frames

    def _subscribe(self, given: object) -> list[Frame]:
        now, again = self._wire.stage.clock(), self._filters is not None
        if again and now - self._subscribed_at < self._wire.stage.knobs.resubscribe:
            return [_error(_TOO_SOON)]
        self._subscribed_at = now
        filters = given if isinstance(given, dict) else {}
        # An omitted key restricts nothing; an empty array matches nothing, so only pings follow (A3).
        self._filters = {axis: [str(v) for v in filters[axis]] for axis in _AXES if _is_list(filters.get(axis))}
        frames = []
        if again:
            body = b'{"action":"subscription_updated","message":"Subscription updated to new filters"}'
            frames.append(Frame(body=body, data=False, tell=Tell(forget=(Forget(),))))
        snapshot = [move for move in self._wire.moves.lit() if self._allows(move)]
        for start in range(0, len(snapshot), _BATCH):
            # Every fourth batch comes as single objects: both are seen (A4) [obs].
            some = snapshot[start : start + _BATCH]
            frames += self._single(some) if start // _BATCH % 4 == 3 else self._array(some)
        return frames

    # -- filters ---------------------------------------------------------------------------------------------

    def _passes(self, axis: str, value: str) -> bool:
        assert self._filters is not None
        return axis not in self._filters or value in self._filters[axis]

    def _allows(self, move: Move) -> bool:
        if not self._passes("sportsbooks", shapes.BOOKS[move.book]):
            return False
        if move.fixture is None:
            return move.sport is None or self._passes("sports", shapes.SPORTS[move.sport])
        return (
            self._passes("sports", shapes.SPORTS[move.fixture.sport])
            and self._passes("games", self._wire.moves.label(move.fixture))
            # A whole game goes out even if nothing of it is left: what is absent is gone.
            and (move.action in ("game_update", "game_removed") or bool(self._quotes(move)))
        )

    def _quotes(self, move: Move) -> list[Quote]:
        assert move.fixture is not None
        sport = move.fixture.sport
        return [
            quote
            for quote in move.quotes
            if self._passes("markets", shapes.market(quote.book, sport, quote.offer.group))
        ]

    # -- messages --------------------------------------------------------------------------------------------

    def _pack(self, moves: Iterable[Move]) -> list[Frame]:
        """Clears travel alone: they must not be lost in an array with what follows them."""
        frames: list[Frame] = []
        run: list[Move] = []
        for move in (move for move in moves if self._allows(move)):
            if move.fixture is None:
                frames += [*self._run(run), *self._single([move])]
                run = []
            else:
                run.append(move)
        return frames + self._run(run)

    def _run(self, moves: list[Move]) -> list[Frame]:
        pairs = {(move.fixture.id, move.book) for move in moves if move.fixture}
        # An array's tells are merged, so each game and book may be in it once.
        if len(moves) > 1 and len(pairs) == len(moves) and self._said % 4 == 0:
            return self._array(moves)
        return self._single(moves)

    def _single(self, moves: Iterable[Move]) -> list[Frame]:
        return [self._frame(self._message(move), self._tell(move)) for move in moves]

    def _array(self, moves: Sequence[Move]) -> list[Frame]:
        tells = [self._tell(move) for move in moves]
        put = {key: price for tell in tells for key, price in tell.put.items()}
        forget = tuple(one for tell in tells for one in tell.forget)
        return [self._frame([self._message(move) for move in moves], Tell(put=put, forget=forget))]

    def _frame(self, message: object, tell: Tell) -> Frame:
        self._said += 1
        return Frame(body=orjson.dumps(message), binary=self._said % 7 == 0, tell=tell)

    def _message(self, move: Move) -> dict[str, Any]:
        at = self._wire.stage.market.now
        if move.fixture is None:
            return shapes.cleared(at, move.book, move.sport)
        game = self._wire.moves.label(move.fixture)
        return shapes.envelope(move.action, at, move.fixture, game, move.book, self._quotes(move))

    def _tell(self, move: Move) -> Tell:
        book = shapes.BOOKS[move.book]
        if move.fixture is None:
            games = None if move.sport is None else self._wire.moves.games(move.sport)
            return Tell(forget=(Forget(games=games, book=book),))
        put: dict[Told, Price | None] = {}
        for quote in self._quotes(move):
            put[shapes.told(move.fixture, quote)] = quote.price
        if move.action == "line_update":
            return Tell(put=put)
        return Tell(put=put, forget=(Forget(games=frozenset((shapes.universal(move.fixture),)), book=book),))


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _error(message: str) -> Frame:
    return Frame(body=orjson.dumps({"action": "error", "message": message}), data=False)
