"""RapidOddsAPI's WebSocket server: a subscribe for each sport, its full state at each cycle, credits.

Knows only this vendor's wire.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oddstail.demo.contract import (
    KEY,
    Ask,
    Bell,
    Forget,
    Frame,
    Price,
    Reply,
    Session,
    Shut,
    Stage,
    Tell,
    Told,
)
from oddstail.demo.events import Change, Fixture, Quote
from oddstail.demo.rest.rapid import RapidPages
from oddstail.demo.wires import rapid_shapes as shapes
from oddstail.demo.wires.rapid_scores import ScoreStream
from oddstail.demo.wires.rapid_socket import Socket, error, frame

# The vendor's SDK refuses a key that does not begin with `oa_` before it connects (B1).
_KEYS = (KEY, f"oa_{KEY}")
# Bad habits of some cycles, by their number: an empty push, a push without one book.
_EMPTY, _ONE_SHORT = (11, 7), (7, 4)


class RapidOdds:
    """The sockets and the REST pages. One balance of credits for all connections (B6)."""

    provider = "rapidodds"
    deflates = True  # The SDK's library offers it by default (B8) [docs D4].

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.credits = stage.knobs.credits
        self._open: list[_Stream | ScoreStream] = []
        self._pages = RapidPages(stage, self.charge, lambda: self.credits, self._usage)

    def turn(self, changes: Sequence[Change]) -> None:
        """Nothing is said between cycles: the state is read when one ends."""

    def left(self, session: Session) -> None:
        self._open = [stream for stream in self._open if stream is not session]

    def calm(self) -> bool:
        """Every subscription has had two honest cycles: enough for any guard against a bad one."""
        return all(stream.calm() for stream in self._open)

    def refuse_key(self, ask: Ask) -> Reply:
        """403 at the handshake, 401 on REST [docs D4]."""
        return Reply(status=403 if ask.websocket else 401, body=b'{"detail":"Invalid API key"}')

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        if ask.one("api_key") not in _KEYS and not (ask.path == "/" and not ask.websocket):
            return self.refuse_key(ask)
        if ask.websocket and ask.path in ("/ws", "/results-ws"):
            odds = ask.path == "/ws"
            stream = _Stream(self) if odds else ScoreStream(self.stage, self.charge, lambda: self.credits)
            self._open.append(stream)
            return stream
        return self._pages.answer(ask) if not ask.websocket else Reply(status=404, body=b'{"detail":"Not Found"}')

    def charge(self, cost: int) -> bool:
        """Take the cost of one push, if the balance covers it."""
        if cost > self.credits:
            return False
        self.credits -= cost
        return True

    def _usage(self) -> dict[str, Any]:
        limit = self.stage.knobs.credits
        return {
            "tier": "pro",
            "status": "active",
            "credits_used": limit - self.credits,
            "credits_limit": limit,
            "credits_remaining": self.credits,
            "resets": True,
        }


@dataclass(slots=True, kw_only=True)
class _Subscription:
    sport: str
    books: list[str]
    markets: list[str]
    bell: Bell
    cycles: int = 0
    # What the client holds of this sport.
    sent: dict[Told, Price | None] = field(default_factory=dict)
    # Cycles in a row without bad habits, since the market froze.
    honest: int = 0

    @property
    def cost(self) -> int:
        """Market types times books in fives (B6) [seed]."""
        return len(self.markets) * math.ceil(len(self.books) / 5)


class _Stream(Socket[_Subscription]):
    def __init__(self, wire: RapidOdds) -> None:
        super().__init__()
        self._wire = wire

    def calm(self) -> bool:
        return all(held.honest >= 2 for held in self._held.values())

    def turn(self) -> list[Frame]:
        return [frame for held in self._held.values() if held.bell.rings() for frame in self._push(held)]

    def _subscribe(self, sport: str, asked: dict[str, Any]) -> Frame:
        books, markets = asked.get("bookmakers") or [], asked.get("market_types") or []
        if not (isinstance(books, list) and isinstance(markets, list) and books and markets):
            return error("bookmakers and market_types must be non-empty lists")
        if sport not in shapes.SPORTS and sport not in shapes.EMPTY:
            return error(f"Unknown sport: {sport}")
        # Cycles follow the sport, not the subscriber: the first data is the next cycle's end (B4).
        bell = Bell(self._wire.stage.clock, self._wire.stage.knobs.cycle)
        before = self._held.get(sport)
        held = _Subscription(sport=sport, books=books, markets=markets, bell=bell)
        if before is not None:
            # Subscribing again replaces (B3) [inferred]: the next push withdraws what is no longer asked for.
            held.sent = before.sent
        self._held[sport] = held
        echo = {"event": "subscribed", "sport": sport, "bookmakers": books, "market_types": markets}
        return frame({**echo, "credits_per_push": held.cost}, data=False)

    # -- a cycle's end ---------------------------------------------------------------------------------------

    def _push(self, held: _Subscription) -> list[Frame]:
        sport = shapes.SPORTS.get(held.sport)
        if sport is None:
            held.honest = 2
            return []
        held.cycles += 1
        frozen = self._wire.stage.market.frozen
        held.honest = held.honest + 1 if frozen else 0
        odd = self._wire.stage.knobs.anomalies and not frozen
        if odd and held.cycles % _EMPTY[0] == _EMPTY[1]:
            # No games, nothing charged: not every game is withdrawn (B6).
            return [self._update(held, [], 0, Tell())]
        missing = None
        if odd and held.cycles % _ONE_SHORT[0] == _ONE_SHORT[1] and len(held.books) > 1:
            missing = held.books[held.cycles % len(held.books)]
        games = [(one, self._quotes(held, one, missing)) for one in self._wire.stage.market.fixtures(sport)]
        shown = [entry for fixture, quotes in games for entry in shapes.entries(fixture, quotes)]
        if not shown:
            return []
        if not self._wire.charge(held.cost):
            # The push is skipped, the connection stays [seed].
            left = self._wire.credits
            return [error(f"Not enough credits for this push: {held.cost} needed, you have {left} remaining.")]
        return [self._update(held, shown, held.cost, self._tell(held, games, missing))]

    def _quotes(self, held: _Subscription, fixture: Fixture, missing: str | None) -> list[Quote]:
        """Suspended is absent: there is no flag for it (B4)."""
        return [
            quote
            for quote in self._wire.stage.market.quotes(fixture=fixture.id)
            if quote.price is not None
            and shapes.BOOKS.get(quote.book) in held.books
            and shapes.BOOKS[quote.book] != missing
            and shapes.market(fixture.sport, quote.offer.group) in held.markets
        ]

    def _tell(self, held: _Subscription, games: list[tuple[Fixture, list[Quote]]], missing: str | None) -> Tell:
        """The push is the sport's whole state; a book missing from one cycle alone keeps what it had."""
        put = {shapes.told(fixture, quote): shapes.price(quote) for fixture, quotes in games for quote in quotes}
        gone = {key: None for key in held.sent if key not in put and key.book != missing}
        kept = {key: price for key, price in held.sent.items() if key.book == missing}
        stale = frozenset(key.game for key in held.sent) - {
            name for fixture, _ in games for name in shapes.games(fixture)
        }
        held.sent = {**kept, **put}
        forget = (Forget(games=stale),) if stale else ()
        live = {key: price for key, price in gone.items() if key.game not in stale}
        return Tell(put={**live, **put}, forget=forget)

    def _update(self, held: _Subscription, games: list[dict[str, Any]], charged: int, tell: Tell) -> Frame:
        body = {
            "event": "odds_update",
            "sport": held.sport,
            "timestamp": f"{self._wire.stage.market.now:%Y-%m-%dT%H:%M:%S.%f}",
            "credits_charged": charged,
            "data": {"sport": shapes.DISPLAY.get(held.sport, held.sport), "games": games},
        }
        return frame(body, tell=tell)
