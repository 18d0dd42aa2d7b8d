"""What BoltOdds' server has to say after each slice of market time, before any client's filters.

Holds the labels of games and the books that are dark after a clear. Knows no connection.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from oddstail.demo.contract import Bell, Stage
from oddstail.demo.events import Change, Fixture, Happened, Priced, Quote
from oddstail.demo.wires import bolt_shapes as shapes

# Above so many changed outcomes the server sends the whole game.
_WHOLE = 8
# Labels kept: far more than there are games at one time.
_LABELS = 2000
# How a cleared book's games come back: all three were named as possible (A7) [logic].
_RETURNS = ("initial_state", "game_added", "game_update")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One message to be: about one game at one book, or a clear (`fixture` is None)."""

    action: str
    book: str
    fixture: Fixture | None = None
    quotes: tuple[Quote, ...] = ()
    sport: str | None = None


class Moves:
    """Turns market changes into the messages that every unfiltered client would get; `fresh` are the last ones."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._market = stage, stage.market
        self._rng = random.Random(stage.market.seed)
        self._labels: dict[str, str] = {}
        self._dark: dict[tuple[str, str | None], float] = {}
        self._bell = Bell(stage.clock, stage.knobs.clear_every)
        self._clears = 0
        self.fresh: list[Move] = []

    def label(self, fixture: Fixture) -> str:
        """The label a game got when it was first seen."""
        if len(self._labels) > _LABELS:
            del self._labels[next(iter(self._labels))]
        return self._labels.setdefault(fixture.id, shapes.label(fixture))

    def games(self, sport: str | None) -> frozenset[str]:
        """Every game of a sport now on the market, by its universal id."""
        return frozenset(shapes.universal(one) for one in self._market.fixtures(sport))

    def whole(self, action: str, fixture: Fixture, book: str) -> Move:
        """A message with all that a book has for a game."""
        quotes = tuple(shapes.offered(fixture, self._market.quotes(fixture=fixture.id, book=book)))
        return Move(action=action, fixture=fixture, book=book, quotes=quotes)

    def dark(self, book: str, sport: str) -> bool:
        """Whether a clear keeps a book silent on a sport."""
        return (book, None) in self._dark or (book, sport) in self._dark

    def calm(self) -> bool:
        """Nothing new, and no book that is dark."""
        return not self.fresh and not self._dark

    def lit(self) -> list[Move]:
        """The snapshot: one initial_state for each game and book that has anything."""
        return [
            move
            for fixture in self._market.fixtures()
            for book in shapes.BOOKS
            if not self.dark(book, fixture.sport)
            if (move := self.whole("initial_state", fixture, book)).quotes
        ]

    def turn(self, changes: Sequence[Change]) -> None:
        """Gather `fresh` from what the market did; clears and returns come last."""
        self.fresh = []
        added: dict[str, None] = {}
        touched: dict[tuple[str, str], dict[str, Quote]] = {}
        for change in changes:
            match change:
                case Priced(quote=quote) if quote.book in shapes.BOOKS:
                    touched.setdefault((quote.offer.fixture, quote.book), {})[quote.offer.key] = quote
                case Happened(what="added", fixture=fixture):
                    added[fixture.id] = None
                case Happened(what="removed", fixture=fixture):
                    self._removed(fixture)
        for (fixture_id, book), quotes in touched.items():
            self._touched(fixture_id, book, tuple(quotes.values()), added=fixture_id in added)
        self._lights()

    def _touched(self, fixture_id: str, book: str, quotes: tuple[Quote, ...], *, added: bool) -> None:
        fixture = self._market.fixture(fixture_id)
        if fixture is None or self.dark(book, fixture.sport):
            return
        quotes = tuple(shapes.offered(fixture, quotes))
        if added:
            self.fresh.append(self.whole("game_added", fixture, book))
        elif len(quotes) >= _WHOLE:
            self.fresh.append(self.whole("game_update", fixture, book))
        else:
            self.fresh.append(Move(action="line_update", fixture=fixture, book=book, quotes=quotes))

    def _removed(self, fixture: Fixture) -> None:
        self.fresh += [
            Move(action="game_removed", fixture=fixture, book=book)
            for book in shapes.BOOKS
            if not self.dark(book, fixture.sport)
        ]

    def _lights(self) -> None:
        """Drop a book or one of its sports now and then, and bring it back (A7) [seed]."""
        now = self._stage.clock()
        for (book, sport), until in list(self._dark.items()):
            if now >= until:
                del self._dark[book, sport]
                action = _RETURNS[self._clears % 3]
                games = [self.whole(action, fixture, book) for fixture in self._market.fixtures(sport)]
                self.fresh += [move for move in games if move.quotes]
        if self._stage.knobs.anomalies and not self._market.frozen and self._bell.rings():
            self._clears += 1
            book = self._rng.choice(list(shapes.BOOKS))
            sports = [one.sport for one in self._market.fixtures()]
            chosen = self._rng.choice(sports) if self._clears % 2 == 0 and sports else None
            if not any(dark == book for dark, _ in self._dark):
                self._dark[book, chosen] = now + self._stage.knobs.clear_lasts
                self.fresh.append(Move(action="clear", book=book, sport=chosen))
