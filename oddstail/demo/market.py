"""A simulated betting market: pure, seeded, on its own clock. Knows no wire, socket or wall clock.

The market lives in steps of 50 simulated milliseconds. Step n of a seed is always the same, however time
is sliced: `advance(1.0)` equals twenty times `advance(0.05)`. `rate` packs more steps into a second and
leaves the clock alone, so time stamps stay believable at any speed. Games are compressed into minutes:
whoever watches for five sees some start and some end.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oddstail.demo.agenda import Agenda, Due
from oddstail.demo.books import BOOK, BOOKS, Book, carries
from oddstail.demo.events import Change, Fixture, Happened, Offer, Quote, Status
from oddstail.demo.game import OWN, Game, Group, Player, draw_game, finish, pass_time, play, surprise, think, walk
from oddstail.demo.plays import idle
from oddstail.demo.prices import Prices
from oddstail.demo.pricing import groups
from oddstail.demo.schedule import Pairs, draw_fixture
from oddstail.demo.scorer import Scorer
from oddstail.demo.sports import SPORTS, Sport

STEP = 0.05
_MICRO = 1_000_000
_STEP_MICROS = round(STEP * _MICRO)
_MINUTE = round(60 / STEP)
# Steps between two looks at the play: five a second are enough for any score.
_PLAY = 4
# The same for the part of a game that was played before the market opened.
_PLAYED = 16
# Chance that opinion moves about some game in one step. All books follow: about twenty changes a second.
_LOOKS = 0.035
# How far a game in play may go, as a chance, before every book prices it anew, if no score that counts made them.
_FAR = 0.25
# Steps in which the books follow one another, the eager ones sooner: at leisure, and when something has happened.
_CALM, _HURRY = (2, 120), (2, 24)
_START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


class Market:
    """All games, all books, all prices. Everything public is read-only but `advance`, `freeze`, `thaw`."""

    def __init__(
        self,
        seed: int = 0,
        *,
        sports: Sequence[str] | None = None,
        start: datetime = _START,
        rate: float = 1.0,
    ) -> None:
        self.seed, self.rate = seed, rate
        self.log: deque[Change] = deque(maxlen=10_000)
        self.frozen = False
        self._rng = random.Random(seed)
        self._start, self._micros, self._debt = start, 0, 0
        self._step = 0
        self._sports = [sport for sport in SPORTS if sports is None or sport.id in sports]
        self._fixtures: dict[str, Fixture] = {}
        self._ended: deque[Fixture] = deque(maxlen=500)
        self._scorer = Scorer()
        self._games = self._scorer.games
        self._prices: dict[str, Prices] = {}
        self._agenda = Agenda()
        self._pairs = Pairs()
        self._fresh: list[Change] = []
        for sport in self._sports:
            for n in range(sport.games):
                self._add(sport, live=n * 5 < sport.games * 2)
        self._fresh.clear()

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The market's own time, in UTC."""
        return self._start + timedelta(microseconds=self._micros)

    def fixtures(self, sport: str | None = None) -> list[Fixture]:
        """The games on the market now."""
        return [one for one in self._fixtures.values() if sport is None or one.sport == sport]

    def fixture(self, fixture: str) -> Fixture | None:
        """One game, on the market or lately gone."""
        return self._fixtures.get(fixture) or next((one for one in self._ended if one.id == fixture), None)

    def ended_at(self, fixture: str) -> datetime | None:
        """When a game ended; None if it has not, or if that is long ago."""
        return self._scorer.ended_at(fixture)

    def ended(self) -> list[Fixture]:
        """The last 500 games that are over and gone."""
        return list(self._ended)

    def players(self, fixture: str) -> list[tuple[Player, int]]:
        """The players of a game that is on the market or lately gone, each with the count so far."""
        return self._scorer.players(fixture)

    def quotes(
        self, *, sport: str | None = None, fixture: str | None = None, book: str | None = None
    ) -> Iterator[Quote]:
        """The full state now, suspended quotes included."""
        ids = [fixture] if fixture is not None else [one.id for one in self.fixtures(sport)]
        for one in ids:
            if one in self._prices:
                for quote in self._prices[one].quotes.values():
                    if book is None or quote.book == book:
                        yield quote

    def quote(self, book: str, offer: Offer) -> Quote | None:
        """What a book has for an offer now; None if it has nothing."""
        prices = self._prices.get(offer.fixture)
        return prices.quotes.get((book, offer.key)) if prices is not None else None

    # -- time ------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> list[Change]:
        """Let time pass; what happened meanwhile, in order. Frozen: the clock runs, nothing happens."""
        end = self._micros + round(seconds * _MICRO)
        self._fresh = []
        if not self.frozen:
            # Whole microseconds: ten times 0.1 is not quite 1.0.
            self._debt += round(seconds * self.rate * _MICRO)
        while self._debt >= _STEP_MICROS:
            self._debt -= _STEP_MICROS
            self._micros = end - round(self._debt / self.rate)
            self._one_step()
        self._micros = end
        self.log.extend(self._fresh)
        return self._fresh

    def freeze(self) -> None:
        """Stop everything but the clock."""
        self.frozen = True

    def thaw(self) -> None:
        """Go on from where it was frozen: what did not happen meanwhile is not made up for."""
        self.frozen = False

    # -- one step --------------------------------------------------------------------------------------------

    def _one_step(self) -> None:
        self._step += 1
        for due in self._agenda.due(self._step):
            if due.fixture in self._fixtures:
                self._turn(due, self._fixtures[due.fixture])
        if self._step % _PLAY == 0:
            for one in list(self._fixtures.values()):
                if one.status == "live":
                    self._play(one)
        if self._fixtures and self._rng.random() < _LOOKS:
            self._look()

    def _turn(self, due: Due, fixture: Fixture) -> None:
        match due.what:
            case "start":
                self._start_or_delay(fixture)
            case "resume":
                self._status(fixture, "live")
                self._tell(fixture.id, "period_start")
            case "reopen":
                self._prices[fixture.id].open(BOOK[due.book])
                self._refresh_all(fixture.id, BOOK[due.book])
            case "restore":
                self._prices[fixture.id].restore(BOOK[due.book], self._step)
                self._refresh_all(fixture.id, BOOK[due.book])
            case "follow" if due.group is not None and not fixture.over:
                if due.group in groups(self._games[fixture.id], BOOK[due.book]):
                    self._fresh += self._prices[fixture.id].refresh(BOOK[due.book], due.group, self.now)
            case "leave":
                self._leave(fixture)

    def _later(self, steps: int, what: str, fixture: str, book: str = "", group: Group | None = None) -> None:
        self._agenda.note(self._step + max(steps, 1), Due(what, fixture, book, group))

    # -- fixtures --------------------------------------------------------------------------------------------

    def _add(self, sport: Sport, *, live: bool = False) -> None:
        rng = self._rng
        game = draw_game(rng, sport, self._agenda.noted * 7, round(_MINUTE * rng.uniform(12, 20)))
        lead = round(_MINUTE * rng.uniform(0.3, 15))
        begins = self.now + timedelta(seconds=lead * STEP / self.rate)
        home, away = self._pairs.draw(rng, sport, self.fixtures(sport.id))
        fixture = draw_fixture(rng, sport, home, away, begins - timedelta(hours=live))
        self._fixtures[fixture.id], self._games[fixture.id] = fixture, game
        self._prices[fixture.id] = Prices(fixture.id, game)
        self._fresh.append(Happened(fixture=fixture, what="added"))
        if live:
            for _ in range(round(game.length * rng.uniform(0.05, 0.7) / _PLAYED)):
                pass_time(game, _PLAYED)
                play(game, rng, _PLAYED)
            self._status(fixture, "live")
        else:
            self._later(lead, "start", fixture.id)
        for book in BOOKS:
            if carries(book, sport.id):
                self._refresh_all(fixture.id, book)

    def _start_or_delay(self, fixture: Fixture) -> None:
        if self._rng.random() < 0.1:
            steps = round(_MINUTE * self._rng.uniform(1, 2))
            start = fixture.start + timedelta(minutes=round(steps / _MINUTE))
            moved = replace(fixture, start=start)
            self._fixtures[fixture.id] = moved
            self._fresh.append(Happened(fixture=moved, what="start", before=fixture))
            self._later(steps, "start", fixture.id)
            return
        self._status(fixture, "live")

    def _status(self, fixture: Fixture, status: Status) -> None:
        after = replace(self._scorer.seen(fixture), status=status)
        self._fixtures[fixture.id] = after
        self._fresh.append(Happened(fixture=after, what="status", before=fixture))

    def _play(self, fixture: Fixture) -> None:
        game = self._games[fixture.id]
        before = game.progress
        if pass_time(game, _PLAY):
            self._tell(fixture.id, "period_end")
            if not (game.sport.rests and before < game.sport.share <= game.progress):
                self._tell(fixture.id, "period_start")
        scored = play(game, self._rng, _PLAY)
        if scored is not None:
            self._score(fixture, *scored)
        elif (other := idle(game, game.dice, _PLAY)) is not None:
            self._tell(fixture.id, other.kind, other.side, player=other.player)
        if (scored is not None and game.sport.suspends >= 0.5) or surprise(game) > _FAR:
            self._everybody(self._fixtures[fixture.id], OWN, _HURRY)
        share = game.sport.share
        if game.sport.period is not None and before < share <= game.progress:
            self._end_period(self._fixtures[fixture.id], game)
        elif game.progress >= 1.0:
            self._finish(self._fixtures[fixture.id], game)

    def _tell(
        self, fixture: str, kind: str, side: int | None = None, points: int = 0, player: str | None = None
    ) -> None:
        """Put a play among the changes, and the game as it is after it on the market."""
        played = self._scorer.play(self._fixtures[fixture], self.now, kind, side, points, player)
        self._fixtures[fixture] = played.fixture
        self._fresh.append(played)

    def _score(self, fixture: Fixture, side: int, points: int) -> None:
        self._tell(fixture.id, "score", side, points)
        if self._rng.random() < self._games[fixture.id].sport.suspends:
            for book in BOOKS:
                if carries(book, fixture.sport) and self._rng.random() < 0.4:
                    self._suspend(fixture.id, book, round(self._rng.uniform(1.5, 6) / STEP))

    def _end_period(self, fixture: Fixture, game: Game) -> None:
        self._fresh += self._prices[fixture.id].settle(self.now, lambda group: group.period != "game")
        if game.sport.rests:
            self._status(fixture, "half")
            self._later(round(_MINUTE * 0.25), "resume", fixture.id)

    def _finish(self, fixture: Fixture, game: Game) -> None:
        decided = finish(game, self._rng)
        if decided is not None:
            self._tell(fixture.id, "score", *decided)
        self._tell(fixture.id, "period_end")
        fixture = self._fixtures[fixture.id]
        self._scorer.whistle(fixture.id, self.now)
        self._fresh += self._prices[fixture.id].settle(self.now, lambda _: True)
        self._status(fixture, "completed")
        self._later(round(3 / STEP), "leave", fixture.id)

    def _leave(self, fixture: Fixture) -> None:
        gone = fixture.id
        self._scorer.leave(gone)
        del self._fixtures[gone], self._prices[gone]
        self._ended.append(fixture)
        self._fresh.append(Happened(fixture=fixture, what="removed"))
        self._add(next(sport for sport in self._sports if sport.id == fixture.sport))

    # -- prices ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Opinion moves: one book acts on it, and the others follow within seconds, as they would lose money else."""
        rng = self._rng
        fixtures = [one for one in self._fixtures.values() if not one.over]
        if not fixtures:
            return
        fixture = rng.choices(fixtures, [4 if one.live else 1 for one in fixtures])[0]
        game = self._games[fixture.id]
        walk(game, rng)
        books = [book for book in BOOKS if carries(book, fixture.sport)]
        book = rng.choices(books, [one.eager for one in books])[0]
        menu_groups = groups(game, book)
        chosen = rng.choices(menu_groups, [3 if one.period == "game" else 1 for one in menu_groups])[0]
        dice = rng.random()
        if dice < 0.004:
            self._suspend(fixture.id, book, round(rng.uniform(2, 8) / STEP))
        elif dice < 0.012 and chosen.kind != "moneyline":
            steps = round(rng.uniform(5, 20) / STEP)
            self._fresh += self._prices[fixture.id].withdraw(book, chosen, self._step + steps, self.now)
            self._later(steps + 1, "restore", fixture.id, book.id)
        else:
            self._everybody(fixture, [chosen], _HURRY if fixture.live else _CALM)
            self._fresh += self._prices[fixture.id].refresh(book, chosen, self.now)

    def _everybody(self, fixture: Fixture, priced: Sequence[Group], within: tuple[int, int]) -> None:
        """Every book prices these markets anew, each at its own pace. Apart for long, two would pay for a sure win."""
        think(self._games[fixture.id], priced)
        for book in BOOKS:
            if carries(book, fixture.sport):
                steps = round(self._rng.uniform(*within) / book.eager)
                for group in priced:
                    self._later(steps, "follow", fixture.id, book.id, group)

    def _refresh_all(self, fixture: str, book: Book) -> None:
        if not self._fixtures[fixture].over:
            self._fresh += self._prices[fixture].refresh_all(book, self.now)

    def _suspend(self, fixture: str, book: Book, steps: int) -> None:
        prices = self._prices[fixture]
        if not prices.closed(book):
            self._later(steps, "reopen", fixture, book.id)
            self._fresh += prices.close(book, self.now)
