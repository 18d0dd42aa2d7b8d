"""What makes an evening: a book that errs and leaves a sure win for seconds, and steam. Keeps what it has staged.

Each sport has a scene within the first seconds, and at the pace of `oddstail demo` another every ten to twenty
minutes, at a game that is hours away: news, on which all books move; then one that moves too far and comes back; then
the sharp book moves, the others follow one by one, and the last is late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from oddstail.demo.agenda import Due
from oddstail.demo.books import BOOK, SHARP, Book
from oddstail.demo.course import Course
from oddstail.demo.desk import CALM, Desk
from oddstail.demo.events import Fixture
from oddstail.demo.game import OWN, Game, Group, Side, chances, favor, think
from oddstail.demo.odds import probability
from oddstail.demo.prices import Prices

MONEYLINE, SPREAD = OWN[:2]
# Points of probability of the news that come before an error, and of steam.
_NEWS, _STEAM = 1.15, 2.8
# In steps: from news to the error, how long that lasts, from there to steam; when the others follow, and the last.
_ERROR, _LASTS, _REST = (170, 220), (240, 640), (150, 400)
_FOLLOWS, _LATE = (160, 1300), (1700, 2300)
# A whole scene; what other looks have left behind must be over before it begins.
_SCENE, _HUSH, _EVERY = 4500, 260, (40_000, 90_000)
# What a sure win brings, and by how much the price that makes it is too good.
_WIN, _EDGE = 0.008, 0.035


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A book erred: `cost` is what one costs to be paid at the best prices, under 1."""

    fixture: str
    group: Group
    book: str
    side: Side
    cost: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Steam:
    """The sharp book moved; the others follow at these moments, first to last."""

    fixture: str
    group: Group
    side: Side
    points: float
    at: datetime
    first: str
    follows: tuple[tuple[str, datetime], ...]


class Moments:
    """Stages the scenes and remembers them: whoever reports one can be held against it."""

    def __init__(self, course: Course, desk: Desk, fixtures: Mapping[str, Fixture], games: Mapping[str, Game]) -> None:
        self.past: deque[Slip | Steam] = deque(maxlen=500)
        self._course, self._desk, self._fixtures, self._games = course, desk, fixtures, games
        #: The step at which a game is to begin.
        self.starts: dict[str, int] = {}
        self._sides: dict[str, Side] = {}

    def begin(self, sport: str) -> None:
        """The first scene of a sport is soon."""
        self._course.later(round(self._course.rng.uniform(10, 900)), "scene", sport)

    def scene(self, sport: str) -> None:
        """Choose the game of the next scene, and keep chance out of it."""
        self._course.later(round(self._course.rng.uniform(*_EVERY)), "scene", sport)
        waiting = [one for one in self._fixtures.values() if one.sport == sport and self._is_far(one)]
        if not waiting:
            return
        fixture = min(waiting, key=lambda one: max(self._fair(one).values()))
        fair = self._fair(fixture)
        self._sides[fixture.id] = "home" if fair["home"] < fair["away"] else "away"
        self._desk.reserved[fixture.id, MONEYLINE] = self._course.step + _HUSH + _SCENE
        self._course.later(_HUSH if self._course.step > _SCENE else 40, "news", fixture.id)

    def forget(self, fixture: str) -> None:
        """A game leaves."""
        self.starts.pop(fixture, None)
        self._sides.pop(fixture, None)

    def turn(self, due: Due, fixture: Fixture) -> None:
        """The next act of a scene."""
        match due.what:
            case "news":
                self._news(fixture)
            case "slip":
                self._slip(fixture)
            case "mend":
                self._desk.prices[fixture.id].rethink(BOOK[due.book], MONEYLINE)
                self._desk.refresh(fixture, BOOK[due.book], MONEYLINE)
                self._later(_REST, "steam", fixture)
            case "steam":
                self._steam(fixture)

    def _news(self, fixture: Fixture) -> None:
        self._move(fixture, _NEWS)
        self._desk.refresh(fixture, SHARP, MONEYLINE)
        for book in self._desk.books(fixture):
            self._desk.follow(fixture, book, [MONEYLINE], round(self._course.rng.uniform(8, 150)))
        self._later(_ERROR, "slip", fixture)

    def _slip(self, fixture: Fixture) -> None:
        prices, side = self._desk.prices[fixture.id], self._sides[fixture.id]
        soft = [book for book in self._desk.books(fixture) if not book.sharp and not prices.closed(book)]
        book = self._course.rng.choice(soft)
        cost = self._err(fixture, prices, book, side)
        self.past.append(
            Slip(fixture=fixture.id, group=MONEYLINE, book=book.id, side=side, cost=cost, at=self._course.now)
        )
        self._later(_LASTS, "mend", fixture, book)

    def _err(self, fixture: Fixture, prices: Prices, book: Book, side: Side) -> float:
        """Let a book lean away from a side until its price of that is a sure win with the others'; gives the cost."""
        best = prices.best(MONEYLINE, without=book.id)
        others = sum(probability(price) for one, price in best.items() if one != side)
        fair = self._fair(fixture)[side]
        way = -1 if side == "home" else 1
        for fiftieths in range(1, 60):
            price = prices.err(book, MONEYLINE, way * fiftieths / 50)[side]
            cost = others + probability(price)
            if cost <= 1 - _WIN and probability(price) <= fair / (1 + _EDGE):
                break
        self._desk.refresh(fixture, book, MONEYLINE)
        return cost

    def _steam(self, fixture: Fixture) -> None:
        rng = self._course.rng
        self._move(fixture, _STEAM)
        self._desk.everybody(fixture, [SPREAD], CALM)
        for group in (MONEYLINE, SPREAD):
            self._desk.refresh(fixture, SHARP, group)
        soft = [one for one in self._desk.books(fixture) if not one.sharp]
        rng.shuffle(soft)
        lags = [*sorted(round(rng.uniform(*_FOLLOWS)) for _ in soft[1:]), round(rng.uniform(*_LATE))]
        for book, steps in zip(soft, lags, strict=True):
            self._desk.follow(fixture, book, [MONEYLINE], steps)
        self.past.append(
            Steam(
                fixture=fixture.id,
                group=MONEYLINE,
                side=self._sides[fixture.id],
                points=_STEAM,
                at=self._course.now,
                first=SHARP.id,
                follows=tuple((book.id, self._course.moment(steps)) for book, steps in zip(soft, lags, strict=True)),
            )
        )

    def _move(self, fixture: Fixture, points: float) -> None:
        game = self._games[fixture.id]
        favor(game, self._sides[fixture.id], points / 100)
        think(game, [MONEYLINE])

    def _later(self, steps: tuple[int, int], what: str, fixture: Fixture, book: Book | None = None) -> None:
        at = round(self._course.rng.uniform(*steps))
        self._course.later(at, what, fixture.id, "" if book is None else book.id)

    def _fair(self, fixture: Fixture) -> dict[Side, float]:
        return chances(self._games[fixture.id], MONEYLINE, None)

    def _is_far(self, fixture: Fixture) -> bool:
        return self.starts.get(fixture.id, 0) - self._course.step > _HUSH + _SCENE
