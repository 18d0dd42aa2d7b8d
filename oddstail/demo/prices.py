"""One game's prices at every book: shown, moved, suspended, withdrawn, settled. Knows no clock."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from oddstail.demo.books import Book
from oddstail.demo.events import Change, Offer, Priced, Quote, Settled
from oddstail.demo.game import Game, Group, Side, settle
from oddstail.demo.odds import decimal
from oddstail.demo.pricing import groups, main_line, menu

# A place on a book's screen for one market: a side at its own line.
_Spot = tuple[Side, float | None]


class Prices:
    """What the books have on their screens for one game. Whatever changes it says what changed, in order."""

    def __init__(self, fixture: str, game: Game) -> None:
        #: By book and the offer's key, in the order in which they were first shown.
        self.quotes: dict[tuple[str, str], Quote] = {}
        self._fixture, self._game = fixture, game
        # The same quotes once more, by market: a look at one market must not search them all.
        self._shown: dict[tuple[str, Group], dict[_Spot, Quote]] = {}
        self._mains: dict[tuple[str, Group], float | None] = {}
        self._closed: set[str] = set()
        self._absent: dict[tuple[str, Group], int] = {}
        # Its own dice: what one book thinks of a market must not change what happens in another.
        self._dice = random.Random(f"{fixture}/books")
        self._leans: dict[tuple[str, Group], float] = {}
        self._shades: dict[str, float] = {}

    def refresh(self, book: Book, group: Group, at: datetime) -> list[Change]:
        """Bring one market of one book up to what the book thinks now."""
        place = (book.id, group)
        if place in self._absent or book.id in self._closed:
            return []
        if place not in self._leans:
            self.rethink(book, group)
        if book.id not in self._shades:
            self._shades[book.id] = self._dice.uniform(-book.shade, book.shade)
        main = main_line(self._game, book, group, self._mains.get(place), self._shades[book.id])
        self._mains[place] = main
        wanted = {(rung.side, rung.line): rung for rung in menu(self._game, book, group, main, self._leans[place])}
        shown = self._shown.setdefault(place, {})
        changes: list[Change] = [self._gone(quote, at) for spot, quote in list(shown.items()) if spot not in wanted]
        for spot, rung in wanted.items():
            held = shown.get(spot)
            if held is not None and held.price == rung.price and held.main == rung.main:
                continue
            offer = held.offer if held else Offer(fixture=self._fixture, group=group, side=rung.side, line=rung.line)
            quote = Quote(book=book.id, offer=offer, price=rung.price, last=rung.price, main=rung.main, at=at)
            self._show(quote)
            changes.append(Priced(quote=quote, was=held.price if held else None))
        return changes

    def refresh_all(self, book: Book, at: datetime) -> list[Change]:
        """The same for every market that the book offers now."""
        return [change for group in groups(self._game, book) for change in self.refresh(book, group, at)]

    def rethink(self, book: Book, group: Group) -> None:
        """The book makes up its own mind about a market anew; `refresh` shows it."""
        self._leans[book.id, group] = self._dice.uniform(-book.lean, book.lean)

    def err(self, book: Book, group: Group, lean: float) -> dict[Side, int]:
        """The book leans as far as this: its prices then. `refresh` shows them, and `rethink` mends them."""
        self._leans[book.id, group] = lean
        return {rung.side: rung.price for rung in menu(self._game, book, group, None, lean)}

    def best(self, group: Group, *, without: str | None = None) -> dict[Side, int]:
        """The best open price of each side at no line."""
        found: dict[Side, int] = {}
        for (book, shown), quotes in self._shown.items():
            if shown == group and book != without:
                for (side, _), quote in quotes.items():
                    if quote.price is not None and decimal(quote.price) > decimal(found.get(side, -100_000)):
                        found[side] = quote.price
        return found

    def closed(self, book: Book) -> bool:
        """The book has suspended the game."""
        return book.id in self._closed

    def close(self, book: Book, at: datetime) -> list[Change]:
        """The book suspends the game until it is opened."""
        self._closed.add(book.id)
        changes: list[Change] = []
        for quote in self._of(book):
            # Props do not hang on one score as the game's own lines do.
            if quote.price is not None and quote.offer.group.kind != "prop":
                shut = _without_price(quote, at)
                self._show(shut)
                changes.append(Priced(quote=shut, was=quote.price))
        return changes

    def open(self, book: Book) -> None:
        """The suspension is over; what the book thinks by now is for `refresh_all` to say."""
        self._closed.remove(book.id)

    def withdraw(self, book: Book, group: Group, until: int, at: datetime) -> list[Change]:
        """The book takes a market off its screen up to a step of the market's time."""
        self._absent[book.id, group] = until
        return [self._gone(quote, at) for quote in list(self._shown.get((book.id, group), {}).values())]

    def restore(self, book: Book, step: int) -> None:
        """What was withdrawn up to this step may be shown again."""
        self._absent = {key: until for key, until in self._absent.items() if key[0] != book.id or until > step}

    def settle(self, at: datetime, which: Callable[[Group], bool]) -> list[Change]:
        """Take some markets off every screen for good, and say how each bet on them came out."""
        changes: list[Change] = []
        for quote in [one for one in self.quotes.values() if which(one.offer.group)]:
            offer = quote.offer
            result = settle(self._game, offer.group, offer.side, offer.line)
            changes.append(self._gone(quote, at))
            changes.append(Settled(book=quote.book, offer=offer, settlement=result, at=at))
        return changes

    def _of(self, book: Book) -> list[Quote]:
        return [one for one in self.quotes.values() if one.book == book.id]

    def _show(self, quote: Quote) -> None:
        offer = quote.offer
        self.quotes[quote.book, offer.key] = quote
        self._shown[quote.book, offer.group][offer.side, offer.line] = quote

    def _gone(self, quote: Quote, at: datetime) -> Change:
        offer = quote.offer
        del self.quotes[quote.book, offer.key]
        del self._shown[quote.book, offer.group][offer.side, offer.line]
        return Priced(quote=_without_price(quote, at), was=quote.price, gone=True)


def _without_price(quote: Quote, at: datetime) -> Quote:
    return Quote(book=quote.book, offer=quote.offer, price=None, last=quote.last, main=quote.main, at=at)
