"""OpticOdds' odds, one by one: of a book or of Copilot, as the stream and as the pages have them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oddstail.demo.contract import Price
from oddstail.demo.events import Fixture, Offer, Quote, Settled
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_offers import player_id

# The demo's operator, and whose prices each of its Copilot versions streams; -1 is the default [docs D11].
ORG = 7
VERSIONS: dict[int, tuple[str, str]] = {-1: ("default", "draftkings"), 3: ("sharp", "pinnacle")}
# Both spellings are seen: `max` live, `max_stake` in the docs' sample [docs M, 3p T1].
_LIMITS: dict[str, dict[str, int]] = {"pinnacle": {"max": 5000}, "bet365": {"max_stake": 1000}}

Notation = Callable[[int], Price]


def odd(fixture: Fixture, quote: Quote, price: Notation, *, links: bool) -> dict[str, Any]:
    """The 27 keys seen live on the stream [3p T1]; what is empty is null there, not ""."""
    return {
        **page_odd(fixture, quote, price, links=links),
        "fixture_id": fixture.id,
        "game_id": fixture.number,
        "sport": fixture.sport,
        "league": names.LEAGUES[fixture.sport],
        "league_id": names.slug(names.LEAGUES[fixture.sport]),
        "sportsbook_id": names.slug(names.BOOKS[quote.book]),
        "selection_points": quote.offer.line,
        "is_live": fixture.live,
        "order_book": _ladder(quote, price) if quote.book in names.EXCHANGES else None,
        "source_ids": None,
    }


def _ladder(quote: Quote, price: Notation) -> list[list[Price]]:
    """`[[price, size], ...]`, the best first: what an exchange has at this price and at the next (2.4)."""
    # The next price to back is shorter, and the next to lay is longer.
    step = 5 if quote.book.endswith("-lay") else -5
    worse = quote.last + step
    worse = worse if abs(worse) > 100 else quote.last + 41 * step
    return [[price(quote.last), _size(quote)], [price(worse), 1200]]


def _size(quote: Quote) -> int:
    """What is there at an exchange's best price, and so the most that it takes there."""
    return 250 + abs(quote.last) % 90


def page_odd(fixture: Fixture, quote: Quote, price: Notation, *, links: bool) -> dict[str, Any]:
    """One of `odds` on a page, where the fixture is around it [docs M]."""
    offer, book = quote.offer, names.BOOKS[quote.book]
    market, chosen = names.market(fixture.sport, offer.group), names.selection(fixture, offer)
    market_id = names.slug(market)
    return {
        "id": f"{fixture.number}:{names.slug(book)}:{market_id}:{names.name_slug(fixture, offer)}",
        "sportsbook": book,
        "market": market,
        "name": names.name(fixture, offer),
        "is_main": quote.main,
        "selection": chosen,
        "normalized_selection": names.slug(chosen),
        "market_id": market_id,
        "selection_line": _side(offer),
        "player_id": player_id(offer),
        "team_id": _team_id(offer, chosen),
        "price": price(quote.last),
        "timestamp": quote.at.timestamp(),
        "grouping_key": names.grouping_key(fixture, offer),
        "points": offer.line,
        "deep_link": _deep_link(fixture, quote) if links else None,
        "limits": {"max": _size(quote)} if quote.book in names.EXCHANGES else _LIMITS.get(quote.book),
    }


def copilot_odd(fixture: Fixture, quote: Quote, price: Notation, version: int) -> dict[str, Any]:
    """No `sportsbook`; what is empty is "" [seed]."""
    offer = quote.offer
    return {
        **_copilot_ids(fixture, offer, version),
        "grouping_key": names.grouping_key(fixture, offer),
        "is_live": fixture.live,
        "is_main": quote.main,
        "points": offer.line,
        "price": price(quote.last),
        "selection": names.selection(fixture, offer),
        "selection_line": _side(offer) or "",
        "timestamp": int(quote.at.timestamp()),
    }


def copilot_page_odd(fixture: Fixture, quote: Quote, price: Notation, version: int) -> dict[str, Any]:
    """The same on a page: more ids, nulls where the stream has "", a float for a time (section 4) [docs M]."""
    offer, found = quote.offer, copilot_odd(fixture, quote, price, version)
    chosen = names.selection(fixture, offer)
    for gone in ("fixture_id", "game_id", "league", "sport", "is_live"):
        del found[gone]
    return {
        **found,
        "version": VERSIONS[version][0],
        "market_id": names.slug(names.market(fixture.sport, offer.group)),
        "normalized_selection": names.slug(chosen),
        "selection_line": _side(offer),
        "player_id": player_id(offer),
        "team_id": _team_id(offer, chosen),
        "timestamp": quote.at.timestamp(),
    }


def settled(fixture: Fixture, one: Settled, version: int) -> dict[str, Any]:
    """No price, no points: how it came out, and when [seed]."""
    return {
        **_copilot_ids(fixture, one.offer, version),
        "timestamp": int(one.at.timestamp()),
        "settlement": one.settlement,
        "settled_at": f"{one.at:%Y-%m-%dT%H:%M:%S}+00:00",
    }


def copilot_id(fixture: Fixture, offer: Offer, version: int) -> str:
    """`<org>:<version_id>:<odd_id>` [docs A]."""
    return f"{ORG}:{version}:{_odd_id(fixture, offer)}"


def _copilot_ids(fixture: Fixture, offer: Offer, version: int) -> dict[str, Any]:
    chosen = names.selection(fixture, offer)
    return {
        "fixture_id": fixture.id,
        "game_id": fixture.number,
        "id": copilot_id(fixture, offer, version),
        "league": names.LEAGUES[fixture.sport],
        "market": names.market(fixture.sport, offer.group),
        "name": names.name(fixture, offer),
        "odd_id": _odd_id(fixture, offer),
        "player_id": player_id(offer) or "",
        "sport": fixture.sport,
        "team_id": _team_id(offer, chosen) or "",
        "version_id": version,
    }


def _odd_id(fixture: Fixture, offer: Offer) -> str:
    market = names.slug(names.market(fixture.sport, offer.group))
    return f"{fixture.id}:{market}:{names.name_slug(fixture, offer)}"


def _side(offer: Offer) -> str | None:
    return offer.side if offer.side in ("over", "under") else None


def _team_id(offer: Offer, chosen: str) -> str | None:
    return names.opaque(chosen) if chosen and offer.group.kind != "prop" and offer.side != "draw" else None


def _deep_link(fixture: Fixture, quote: Quote) -> dict[str, str]:
    page = f"https://{quote.book}.example/event/{fixture.number}"
    return {"android": page, "ios": page, "desktop": page}
