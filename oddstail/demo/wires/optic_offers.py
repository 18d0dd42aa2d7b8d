"""What OpticOdds' books offer beyond the market's own quotes: exchanges, lay prices, and rows that are easy to mix up.

Exchanges follow one book. One book prices the over of its props alone, one has a three-way winner in hockey beside the
two-way one, and one has two players of one name in a game, whom only `player_id` tells apart (2.4, 2.5).
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from oddstail.demo import odds
from oddstail.demo.events import Fixture, Offer, Quote
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.derived import regulation

# The book that exchanges follow, what one of them keeps of the winnings, and how much longer a price to lay is.
_LIKE, _FEE, _SPREAD = "pinnacle", 0.02, 0.015
_ONE_SIDED = "betmgm"
THREE_WAY = ("fanduel", "hockey")
_NAMESAKES = ("fanduel", "passing_yards")
# The period of a namesake's markets here: on the wire it is that of the game.
_NAMESAKE = "game of a namesake"
# How far below is the namesake's line: half a point off, so that the two never have the same line.
_BELOW = 30.5


def offered(fixture: Fixture, quotes: Iterable[Quote], *, fees: bool) -> Iterator[Quote]:
    """Every quote and what goes with it; without `fees` an exchange has its prices as they stand (`exclude_fees`)."""
    for quote in quotes:
        book, group = quote.book, quote.offer.group
        if book == _ONE_SIDED and group.kind == "prop" and quote.offer.side == "under":
            continue
        yield quote
        if book == _LIKE:
            yield from _exchanges(quote, fees=fees)
        if (book, fixture.sport) == THREE_WAY:
            yield from regulation(quote)
        if (book, group.stat) == _NAMESAKES and _is_shared(fixture, group.subject):
            yield _namesake(quote)


def prices(book: str, slugs: Collection[str]) -> bool:
    """Whether one of these slugs stands for a book, or for an exchange that follows it."""
    followers = names.EXCHANGES if book == _LIKE else ()
    return any(names.slug(names.BOOKS[one]) in slugs for one in (book, *followers))


def player_id(offer: Offer) -> str | None:
    """The id of the player whom an offer is about: two players of one name have two."""
    if offer.group.kind != "prop":
        return None
    subject = offer.group.subject
    return names.opaque(f"{subject} (2)" if offer.group.period == _NAMESAKE else subject)


def _exchanges(quote: Quote, *, fees: bool) -> Iterator[Quote]:
    net = odds.american(1 / (1 + (odds.decimal(quote.last) - 1) * (1 - _FEE))) if fees else quote.last
    lay = odds.american(odds.probability(quote.last) / (1 + _SPREAD))
    for book, price in zip(names.EXCHANGES, (net, quote.last, lay), strict=True):
        yield replace(quote, book=book, price=None if quote.price is None else price, last=price)


def _is_shared(fixture: Fixture, player: str) -> bool:
    """Whether another player of the game has this name: about every other one here."""
    return zlib.crc32(f"{fixture.id}/{player}".encode()) % 2 == 0


def _namesake(quote: Quote) -> Quote:
    line = quote.offer.line or 0.0
    group = quote.offer.group._replace(period=_NAMESAKE)
    offer = Offer(fixture=quote.offer.fixture, group=group, side=quote.offer.side, line=max(line - _BELOW, 1.0))
    return replace(quote, offer=offer)
