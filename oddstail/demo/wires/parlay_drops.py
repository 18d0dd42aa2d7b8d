"""ParlayAPI's line-move alerts. They are no state: nothing here is `told`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oddstail.demo import odds
from oddstail.demo.contract import Ask, Frame, Stage, Tell
from oddstail.demo.events import Change, Fixture, Priced, Quote
from oddstail.demo.wires import parlay_rows as shapes
from oddstail.demo.wires.parlay_checks import number
from oddstail.demo.wires.parlay_frames import encode

# Lines of these are stored without per-side prices: only h2h can drop [seed 5.8].
_H2H_ONLY = shapes.WIDE
# These come in the shape of the AsyncAPI document, the others in the seed's.
_VARIANT = ("tennis_atp",)


class DropStream:
    """`/v1/odds-drop/...`: a frame when a price moves by the threshold or more."""

    subprotocol: str | None = None

    def __init__(self, stage: Stage, ask: Ask, sports: Sequence[str], *, many: bool) -> None:
        self._stage, self._ask, self._many = stage, ask, many
        self._sports = sports
        self._books, self._markets = ask.listed("bookmakers"), ask.listed("markets")
        self._threshold = number(ask, "threshold")
        self._direction = ask.one("direction") or "both"
        self._pulse = stage.bell(number(ask, "heartbeat_s"))
        self._fresh: list[dict[str, Any]] = []

    def greet(self) -> list[Frame]:
        body = {"type": "connected", "sport_key": self._sports[0], "timestamp": self._seconds()}
        if self._many:
            body["sport_key"] = "all"
        return [encode(body, websocket=False, data=False)]

    def hear(self, message: str) -> list[Frame]:
        return []

    @property
    def pending(self) -> bool:
        """Moves were noticed that no frame has told yet."""
        return bool(self._fresh)

    def notice(self, changes: Sequence[Change]) -> None:
        """Keep the moves that this client asked for."""
        for change in changes:
            if isinstance(change, Priced) and change.was is not None and change.quote.price is not None:
                drop = self._drop(change.quote, change.was, change.quote.price)
                if drop is not None:
                    self._fresh.append(drop)

    def turn(self) -> list[Frame]:
        fresh, self._fresh = self._fresh, []
        frames = [encode(drop, websocket=False, tell=_tell(drop)) for drop in fresh]
        if self._pulse.rings():
            beat = {"type": "heartbeat", "timestamp": self._seconds()}
            frames.append(encode(beat, websocket=False, data=False))
        return frames

    def _seconds(self) -> int:
        return int(self._stage.market.now.timestamp())

    def _drop(self, quote: Quote, was: int, now: int) -> dict[str, Any] | None:
        fixture, key = self._stage.market.fixture(quote.offer.fixture), shapes.row_key(quote)
        if fixture is None or key is None or not self._wants(fixture, key):
            return None
        # How a drop names a part of the game is documented nowhere.
        if key.period not in ("", "FULL") or not shapes.is_priced(key, quote):
            return None
        side = _side(quote)
        if quote.book in _H2H_ONLY and not side.startswith("h2h"):
            return None
        shorter = odds.probability(now) > odds.probability(was)
        direction = "toward_favorite" if shorter else "toward_dog"
        if abs(now - was) < self._threshold or self._direction not in ("both", direction):
            return None
        if shapes.KEYS[fixture.sport] in _VARIANT:
            return self._variant(fixture, quote, was, now)
        drop: dict[str, Any] = {
            "type": "odds_drop",
            "event_id": shapes.event_id(fixture),
            "bookmaker": quote.book,
            "side": side,
            "kind": "prop" if key.prop else "game",
            "prev": was,
            "new": now,
            "delta": now - was,
            "direction": direction,
            "home_team": fixture.home,
            "away_team": fixture.away,
            "commence_time": f"{fixture.start:%Y-%m-%dT%H:%M:%SZ}",
            # Both in milliseconds here, unlike the odds frames [seed].
            "last_update": int(quote.at.timestamp() * 1000),
            "timestamp": int(self._stage.market.now.timestamp() * 1000),
        }
        if self._many:
            drop["sport_key"] = shapes.KEYS[fixture.sport]
        if key.prop:
            name = quote.offer.group.stat.replace("_", " ").title()
            drop |= {"player": key.player, "market_key": key.market, "market": name, "line": key.line}
        return drop

    def _variant(self, fixture: Fixture, quote: Quote, was: int, now: int) -> dict[str, Any]:
        """The AsyncAPI document's: other names, a size without a sign, no direction (5.8) [docs A]."""
        return {
            "type": "odds_drop",
            "sport_key": shapes.KEYS[fixture.sport],
            "timestamp": int(self._stage.market.now.timestamp() * 1000),
            "bookmaker": quote.book,
            "event_id": shapes.event_id(fixture),
            "side": quote.offer.side,
            "prior_price": was,
            "new_price": now,
            "delta_cents": abs(now - was),
            "elapsed_ms": 1000,
        }

    def _wants(self, fixture: Fixture, key: shapes.RowKey) -> bool:
        return (
            ("all" in self._sports or shapes.KEYS[fixture.sport] in self._sports)
            and (not self._books or key.book in self._books)
            and (not self._markets or any(name in self._markets for name in shapes.markets(key)))
            and self._ask.one("event_id") in (None, shapes.event_id(fixture))
        )


def _tell(drop: dict[str, Any]) -> Tell:
    """An alert has no id: what it is about, and from where to where, tells it from others."""
    prev, new = (drop["prev"], drop["new"]) if "prev" in drop else (drop["prior_price"], drop["new_price"])
    about = (drop["event_id"], drop["bookmaker"], drop["side"], drop.get("player"), prev, new)
    return Tell(news={"|".join(map(str, about)): (prev, new)})


def _side(quote: Quote) -> str:
    """Only h2h_home is attested; the rest follow its pattern (5.8) [inferred]."""
    side, kind = quote.offer.side, quote.offer.group.kind
    return side if kind == "prop" else f"{'h2h' if kind == 'moneyline' else kind}_{side}"
