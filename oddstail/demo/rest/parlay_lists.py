"""ParlayAPI's lists of props and of scores, which its SDK asks for (8.3). Shapes: the SDK's docstrings; Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oddstail.demo.contract import Ask
from oddstail.demo.events import Fixture
from oddstail.demo.market import Market
from oddstail.demo.wires import parlay_rows as shapes


def props(market: Market, sport: str, ask: Ask) -> list[dict[str, Any]]:
    """One row for each book, player, market and line, as the stream has it."""
    books, markets, player = ask.listed("bookmakers"), ask.listed("markets"), ask.one("player")
    found = [
        row
        for row in _rows(market, sport)
        if (not books or row["bookmaker"] in books)
        and (not markets or row["market_key"] in markets)
        and (player is None or player.casefold() in row["player"].casefold())
        and ask.one("eventId") in (None, row["event_id"])
    ]
    return found[: int(ask.one("limit") or 5000)]


def prop_markets(market: Market, sport: str) -> list[dict[str, Any]]:
    """The market keys of a sport, and the books that have each."""
    found: dict[str, list[str]] = {}
    for row in _rows(market, sport):
        found.setdefault(row["market_key"], []).append(row["bookmaker"])
    return [
        {"market_key": key, "bookmakers": sorted(set(books)), "total_snapshots": len(books)}
        for key, books in sorted(found.items())
    ]


def scores(event: dict[str, Any], fixture: Fixture) -> dict[str, Any]:
    """A game with its score, which is null until it has begun; the numbers are text, as in the plays (5.9)."""
    begun = fixture.status != "unplayed"
    pairs = zip((fixture.home, fixture.away), fixture.score, strict=True)
    return {
        **event,
        "completed": fixture.over,
        "scores": [{"name": team, "score": str(score)} for team, score in pairs] if begun else None,
    }


def _rows(market: Market, sport: str) -> Iterator[dict[str, Any]]:
    for fixture in market.fixtures(sport):
        for key, row in shapes.rows(market, fixture).items():
            if key.prop:
                yield row.fields
