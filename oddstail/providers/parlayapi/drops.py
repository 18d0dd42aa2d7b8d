"""ParlayAPI's line-move alerts as drops. Facts: docs/wire/parlayapi.md, 5.8. Pure.

Two spellings of the fields are documented, and of `side` one single value is attested: what is not
understood is shown as it was sent, and no market or side is guessed for it.
"""

from __future__ import annotations

from typing import Any

from oddstail.model import Drop, Event, Message, Notice, Request
from oddstail.price import Price
from oddstail.providers import competitions, fields
from oddstail.providers.parlayapi.markets import MARKETS
from oddstail.providers.parlayapi.parts import is_known, market_key
from oddstail.providers.parlayapi.rows import is_prop, player, sport_of
from oddstail.providers.parlayapi.spelling import SIDES, unpriced
from oddstail.providers.parlayapi.talk import Talk

#: The first part of a game's `side` as the market key of the odds streams. Of these only `h2h` is attested (5.8).
_MARKETS = {"h2h": "h2h", "spread": "spreads", "spreads": "spreads", "total": "totals", "totals": "totals"}


class Drops:
    """The decoder of one drop stream."""

    def __init__(self, request: Request) -> None:
        self._talk = Talk(request)
        self._league: str | None = request.options.get("league")
        self._said_rows = False

    def decode(self, message: Message) -> list[Event]:
        """A drop, or what there is to say about the stream."""
        match message.name:
            case "odds_drop":
                return _drop(message.body, self._league)
            case "odds_update" | "initial_state" if not self._said_rows:
                # One page takes this stream for the odds stream; the others say that it has drops alone (section 1).
                self._said_rows = True
                text = "the stream of line moves sends prices too; --feed odds shows them, and -o raw"
                return [Notice(code="unknown", text=text, level="info")]
            case "odds_update" | "initial_state":
                return []
        return self._talk.said(message)


def _drop(body: dict[str, Any], label: str | None) -> list[Event]:
    game, book = fields.text(body.get("event_id")), fields.text(body.get("bookmaker"))
    if game is None or book is None:
        return [Notice(code="unreadable", text=f"a drop without an event or a bookmaker: {fields.brief(body)}")]
    out: list[Event] = []
    # The older names stand in where the newer are missing (5.8).
    sent = [body.get("prev", body.get("prior_price")), body.get("new", body.get("new_price"))]
    before, now = (_price(value, out) for value in sent)
    outcome = fields.text(body.get("side")) or ""
    market, side = _meaning(body, outcome)
    kind, period = MARKETS.classify(market)[:2] if market is not None else ("other", None)
    row = unpriced({name: value for name, value in body.items() if name != "side"})
    if is_prop(row):
        kind, period = "prop", period or "game"
    if part := market_key(body)[1]:
        period = part if is_known(part) else None
    league = fields.text(body.get("sport_key")) or label
    delta = fields.number(body.get("delta"))
    if delta is None and None not in (old := fields.number(sent[0]), new := fields.number(sent[1])):
        delta = (new or 0.0) - (old or 0.0)
    drop = Drop(
        game_id=game,
        book=book,
        outcome=outcome,
        sport=sport_of(league),
        league=league,
        competition=competitions.of("parlayapi", league),
        home=fields.text(body.get("home_team")),
        away=fields.text(body.get("away_team")),
        start=fields.start(body.get("commence_time")),
        kind=kind,
        period=period,
        market=market,
        market_name=fields.text(body.get("market")),
        selection=_selection(row, side),
        side=side,
        player=player(row),
        line=_line(body.get("line", body.get("point"))),
        before=before,
        price=now,
        delta=delta,
        direction=fields.text(body.get("direction")),
        elapsed_ms=fields.number(body.get("elapsed_ms")),
        ts=fields.unix(body.get("timestamp")) or fields.moment(body.get("last_update")),
        id=fields.text(body.get("id")),
    )
    return [*out, drop]


def _meaning(body: dict[str, Any], outcome: str) -> tuple[str | None, str | None]:
    """The market and the side of a drop, each None where it is not told or not understood."""
    head, _, tail = outcome.casefold().rpartition("_")
    named = fields.text(body.get("market_key"))
    if tail not in SIDES or (head and head not in _MARKETS):
        return named, None
    return named or _MARKETS.get(head), tail


def _selection(body: dict[str, Any], side: str | None) -> str | None:
    who = player(body)
    if who is not None or side is None:
        return who
    return fields.text(body.get(f"{side}_team")) if side in ("home", "away") else side.capitalize()


def _line(value: Any) -> float | None:
    line = fields.number(value)
    return fields.milestone(value) if line is None else line


def _price(value: Any, out: list[Event]) -> Price | None:
    return None if value is None or value == 0 else fields.american("price", value, out)
