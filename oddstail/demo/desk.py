"""The books at work: they look, follow one another, suspend, remove and reopen. Knows no wire and no schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oddstail.demo.agenda import Due
from oddstail.demo.books import BOOK, BOOKS, SHARP, Book, carries
from oddstail.demo.course import STEP, Course
from oddstail.demo.events import Fixture
from oddstail.demo.game import OWN, Game, Group, chance_of_favorite, surprise, think, walk
from oddstail.demo.prices import Prices
from oddstail.demo.pricing import groups

# How far a game in play may go, as a chance, before every book prices it anew, if no score that counts made them.
_FAR = 0.05
# For how many steps a game in play is suspended while its prices are made anew: every wire pushes meanwhile.
_REPRICES = (120, 240)
# As good as won: the books take no more bets on it.
_DECIDED = 0.955
# Steps in which the books follow one another, the eager ones sooner.
CALM = (2, 100)
# How often a look is one book's own second thought, and how often the sharp book is the first to hear news.
_OWN_MIND, _SHARP_FIRST = 0.4, 0.7


class Desk:
    """All books' prices of all games. `reserved` are markets in which nothing happens by chance."""

    def __init__(self, course: Course, fixtures: Mapping[str, Fixture], games: Mapping[str, Game]) -> None:
        self.prices: dict[str, Prices] = {}
        #: By game and market: up to which step.
        self.reserved: dict[tuple[str, Group], int] = {}
        self._course, self._fixtures, self._games = course, fixtures, games
        #: By game and book: up to which step it is suspended.
        self._shut: dict[tuple[str, str], int] = {}

    def add(self, fixture: Fixture) -> None:
        """A game comes on offer."""
        self.prices[fixture.id] = Prices(fixture.id, self._games[fixture.id])
        for book in self.books(fixture):
            self._refresh_all(fixture, book)

    def remove(self, fixture: Fixture) -> None:
        """A game leaves."""
        del self.prices[fixture.id]
        self.reserved = {key: step for key, step in self.reserved.items() if key[0] != fixture.id}
        self._shut = {key: step for key, step in self._shut.items() if key[0] != fixture.id}

    def books(self, fixture: Fixture) -> list[Book]:
        """Who prices a game."""
        return [book for book in BOOKS if carries(book, fixture.sport)]

    def is_reserved(self, fixture: Fixture, group: Group) -> bool:
        """Whether chance must keep out of a market for now."""
        return self.reserved.get((fixture.id, group), 0) >= self._course.step

    def turn(self, due: Due, fixture: Fixture) -> None:
        """Do what a book has put off until now."""
        prices = self.prices[fixture.id]
        match due.what:
            case "reopen" if self._shut[fixture.id, due.book] > self._course.step:
                pass
            case "reopen" if fixture.live and chance_of_favorite(self._games[fixture.id]) > _DECIDED:
                self._course.later(100, "reopen", fixture.id, due.book)
            case "reopen":
                prices.open(BOOK[due.book])
                self._refresh_all(fixture, BOOK[due.book])
            case "restore":
                prices.restore(BOOK[due.book], self._course.step)
                self._refresh_all(fixture, BOOK[due.book])
            case "follow" if due.group is not None:
                self.refresh(fixture, BOOK[due.book], due.group)

    # -- what the books do -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Something makes a book look at a market: news, which the others hear within seconds, or its own mind."""
        rng = self._course.rng
        fixtures = [one for one in self._fixtures.values() if not one.over]
        if not fixtures:
            return
        fixture = rng.choices(fixtures, [4 if one.live else 1 for one in fixtures])[0]
        books = self.books(fixture)
        book = rng.choices(books, [one.eager for one in books])[0]
        menu = groups(self._games[fixture.id], book)
        chosen = rng.choices(menu, [3 if one.period == "game" else 1 for one in menu])[0]
        dice = rng.random()
        if any(self.is_reserved(fixture, one) for one in {chosen, OWN[0]}):
            return
        if dice < 0.004:
            self.suspend(fixture, book, round(rng.uniform(2, 8) / STEP))
        elif dice < 0.012 and chosen.kind != "moneyline":
            self._withdraw(fixture, book, chosen, round(rng.uniform(5, 20) / STEP))
        elif dice < _OWN_MIND:
            self.prices[fixture.id].rethink(book, chosen)
            self.refresh(fixture, book, chosen)
        else:
            walk(self._games[fixture.id], rng)
            if fixture.live:
                return  # `watch` sees to it, once it matters
            first = SHARP if chosen in groups(self._games[fixture.id], SHARP) and rng.random() < _SHARP_FIRST else book
            self.everybody(fixture, [chosen], CALM)
            self.refresh(fixture, first, chosen)

    def watch(self, fixture: Fixture, *, scored: bool) -> None:
        """Look at a game in play: reprice it if it has changed enough, leave it alone if it is decided."""
        game = self._games[fixture.id]
        if not scored and surprise(game) <= _FAR:
            return
        self.everybody(fixture, OWN, CALM)
        if chance_of_favorite(game) > _DECIDED:
            for book in self.books(fixture):
                self.suspend(fixture, book, 100)

    def everybody(self, fixture: Fixture, priced: Sequence[Group], within: tuple[int, int]) -> None:
        """Every book prices these markets anew, each at its own pace. Apart for long, two would pay for a sure win.

        In play it takes the game off offer meanwhile.
        """
        think(self._games[fixture.id], priced)
        for book in self.books(fixture):
            if fixture.live:
                self.suspend(fixture, book, round(self._course.rng.uniform(*_REPRICES)))
            else:
                self.follow(fixture, book, priced, round(self._course.rng.uniform(*within) / book.eager))

    def follow(self, fixture: Fixture, book: Book, priced: Iterable[Group], steps: int) -> None:
        """A book looks at these markets in so many steps."""
        for group in priced:
            self._course.later(steps, "follow", fixture.id, book.id, group)

    def refresh(self, fixture: Fixture, book: Book, group: Group) -> None:
        """A book shows what it thinks of a market now, if it has it."""
        if not fixture.over and group in groups(self._games[fixture.id], book):
            self._course.fresh += self.prices[fixture.id].refresh(book, group, self._course.now)

    def alarm(self, fixture: Fixture, share: float, seconds: tuple[float, float]) -> None:
        """A good part of the books suspend a game for some seconds."""
        for book in self.books(fixture):
            if self._course.rng.random() < share:
                self.suspend(fixture, book, round(self._course.rng.uniform(*seconds) / STEP))

    def suspend(self, fixture: Fixture, book: Book, steps: int) -> None:
        """A book suspends a game for so many steps; if it already has, for as long as that if it is longer."""
        prices = self.prices[fixture.id]
        until = self._course.step + max(steps, 1)
        if prices.closed(book) and until <= self._shut[fixture.id, book.id]:
            return
        self._shut[fixture.id, book.id] = until
        self._course.later(steps, "reopen", fixture.id, book.id)
        if not prices.closed(book):
            self._course.fresh += prices.close(book, self._course.now)

    def _withdraw(self, fixture: Fixture, book: Book, group: Group, steps: int) -> None:
        prices = self.prices[fixture.id]
        self._course.fresh += prices.withdraw(book, group, self._course.step + steps, self._course.now)
        self._course.later(steps + 1, "restore", fixture.id, book.id)

    def _refresh_all(self, fixture: Fixture, book: Book) -> None:
        if not fixture.over:
            self._course.fresh += self.prices[fixture.id].refresh_all(book, self._course.now)
