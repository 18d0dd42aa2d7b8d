"""Prices that some vendors carry and the market does not hold: each is computed from a quote of the market. Pure.

A derived price lives as long as its quote: it is suspended, moved and dropped with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from oddstail.demo import odds
from oddstail.demo.events import Offer, Quote
from oddstail.demo.game import Group, Side

#: The winner after regulation time, where a draw is possible that overtime would settle.
REGULATION = Group("moneyline", "regulation")
# How often a game of hockey is even after regulation time.
_DRAW = 0.23
_MARGIN = 1.06


def regulation(quote: Quote) -> Iterator[Quote]:
    """The three-way prices that go with a two-way winner: its own side, and the draw beside the home team."""
    if quote.offer.group != Group("moneyline"):
        return
    own = odds.american(odds.probability(quote.last) * (1 - _DRAW))
    yield _priced(quote, own, side=quote.offer.side)
    if quote.offer.side == "home":
        yield _priced(quote, odds.american(_DRAW * _MARGIN), side="draw")


def _priced(quote: Quote, price: int, *, side: Side) -> Quote:
    """A three-way price that is on offer while the quote is."""
    offer = Offer(fixture=quote.offer.fixture, group=REGULATION, side=side, line=None)
    return replace(quote, offer=offer, price=None if quote.price is None else price, last=price)
