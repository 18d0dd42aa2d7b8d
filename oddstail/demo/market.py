"""A simulated betting market: pure, seeded, on its own clock. Knows no wire, socket or wall clock.

The market lives in steps of 50 simulated milliseconds. Step n of a seed is always the same, however time
is sliced: `advance(1.0)` equals twenty times `advance(0.05)`. `rate` packs more steps into a second and
leaves the clock alone, so time stamps stay believable at any speed. It is an evening: a third of the games
is in play, some begin soon, the others tonight or tomorrow. One that is played takes about an hour of the
market, less by so many times as `pace` says; whoever watches for some minutes sees one start and one end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from oddstail.demo.agenda import Due
from oddstail.demo.course import MINUTE, STEP, Course
from oddstail.demo.desk import Desk
from oddstail.demo.events import Change, Fixture, Happened, Offer, Quote, Status
from oddstail.demo.game import Game, Player, finish, pace, pass_time, play, score
from oddstail.demo.moments import Moments, Slip, Steam
from oddstail.demo.plays import idle
from oddstail.demo.schedule import Pairs, When, draw_fixture, draw_played, lead, opening
from oddstail.demo.scorer import Scorer
from oddstail.demo.sports import SPORTS, Sport

# Steps between two looks at the play: five a second are enough for any score.
_PLAY = 4
# Chance that something makes a book look at some game in one step: about twenty changes a second in all.
_LOOKS = 0.04
# From where a score suspends more often than not, the books see it coming; one in four comes to nothing.
_FEARED, _NOTHING = 0.5, 0.25
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
        pace: float = 1.0,
    ) -> None:
        self.seed = seed
        self._pace = pace
        self.log: deque[Change] = deque(maxlen=10_000)
        self.frozen = False
        self._course = Course(seed, start, rate)
        self._sports = {sport.id: sport for sport in SPORTS if sports is None or sport.id in sports}
        self._fixtures: dict[str, Fixture] = {}
        self._ended: deque[Fixture] = deque(maxlen=500)
        self._scorer = Scorer()
        self._games = self._scorer.games
        self._desk = Desk(self._course, self._fixtures, self._games)
        self._moments = Moments(self._course, self._desk, self._fixtures, self._games)
        self._pairs = Pairs()
        for sport in self._sports.values():
            for when in opening(sport):
                self._add(sport, when)
            self._moments.begin(sport.id)
        self._course.fresh.clear()

    # -- reading ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The market's own time, in UTC."""
        return self._course.now

    @property
    def rate(self) -> float:
        """How many seconds of the market go by in one."""
        return self._course.rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._course.rate = rate

    def fixtures(self, sport: str | None = None) -> list[Fixture]:
        """The games on the market now."""
        return [one for one in self._fixtures.values() if sport is None or one.sport == sport]

    def fixture(self, fixture: str) -> Fixture | None:
        """One game, on the market or lately gone."""
        return self._fixtures.get(fixture) or next((one for one in self._ended if one.id == fixture), None)

    def began_at(self, fixture: str) -> datetime | None:
        """When a game really began; None if it has not, if it was on when the market opened, or if that is long ago."""
        return self._scorer.began_at(fixture)

    def ended_at(self, fixture: str) -> datetime | None:
        """When a game ended; None if it has not, or if that is long ago."""
        return self._scorer.ended_at(fixture)

    def ended(self) -> list[Fixture]:
        """The last 500 games that are over and gone."""
        return list(self._ended)

    def moments(self) -> list[Slip | Steam]:
        """The last 500 errors and steam moves, with who moved first and when the others follow."""
        return list(self._moments.past)

    def players(self, fixture: str) -> list[tuple[Player, int]]:
        """The players of a game that is on the market or lately gone, each with the count so far."""
        return self._scorer.players(fixture)

    def quotes(
        self, *, sport: str | None = None, fixture: str | None = None, book: str | None = None
    ) -> Iterator[Quote]:
        """The full state now, suspended quotes included."""
        ids = [fixture] if fixture is not None else [one.id for one in self.fixtures(sport)]
        for one in ids:
            if one in self._desk.prices:
                for quote in self._desk.prices[one].quotes.values():
                    if book is None or quote.book == book:
                        yield quote

    def quote(self, book: str, offer: Offer) -> Quote | None:
        """What a book has for an offer now; None if it has nothing."""
        prices = self._desk.prices.get(offer.fixture)
        return prices.quotes.get((book, offer.key)) if prices is not None else None

    # -- time ------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> list[Change]:
        """Let time pass; what happened meanwhile, in order. Frozen: the clock runs, nothing happens."""
        self._course.fresh = []
        for _ in self._course.steps(seconds, frozen=self.frozen):
            self._one_step()
        self.log.extend(self._course.fresh)
        return self._course.fresh

    def freeze(self) -> None:
        """Stop everything but the clock."""
        self.frozen = True

    def thaw(self) -> None:
        """Go on from where it was frozen: what did not happen meanwhile is not made up for."""
        self.frozen = False

    # -- one step --------------------------------------------------------------------------------------------

    def _one_step(self) -> None:
        for due in self._course.due():
            if due.what == "scene":
                self._moments.scene(due.fixture)
            elif due.fixture in self._fixtures:
                self._turn(due, self._fixtures[due.fixture])
        if self._course.step % _PLAY == 0:
            for one in list(self._fixtures.values()):
                if one.status == "live":
                    self._play(one)
        if self._fixtures and self._course.rng.random() < _LOOKS:
            self._desk.look()

    def _turn(self, due: Due, fixture: Fixture) -> None:
        match due.what:
            case "start":
                self._start_or_delay(fixture)
            case "kickoff":
                self._kickoff(fixture)
            case "resume":
                self._status(fixture, "live")
                self._tell(fixture.id, "period_start")
            case "score":
                self._count(fixture)
            case "leave":
                self._leave(fixture)
            case "reopen" | "restore" | "follow":
                self._desk.turn(due, fixture)
            case _:
                self._moments.turn(due, fixture)

    # -- fixtures --------------------------------------------------------------------------------------------

    def _add(self, sport: Sport, when: When) -> None:
        rng = self._course.rng
        game = draw_played(rng, sport, when, self._course.agenda.noted * 7, self._pace)
        home, away = self._pairs.draw(rng, sport, self.fixtures(sport.id))
        if when == "second":
            first = next(one for one in self.fixtures(sport.id) if not one.live)
            home, away = first.home, first.away
        steps = lead(rng, when, self._course)
        # A game in play began when its clock says.
        begins = (
            self.now - timedelta(hours=sport.hours * game.progress) if steps is None else self._course.moment(steps)
        )
        every = 1 if when in ("live", "soon", "next") else 5
        fixture = draw_fixture(rng, sport, home, away, begins, every=every, second=when == "second")
        self._fixtures[fixture.id], self._games[fixture.id] = fixture, game
        self._course.fresh.append(Happened(fixture=fixture, what="added"))
        if steps is None:
            self._status(fixture, "live")
        else:
            # The one that begins soon does begin then: there is always something to see.
            self._course.later(steps, "kickoff" if when == "soon" else "start", fixture.id)
            self._moments.starts[fixture.id] = self._course.step + steps
        self._desk.add(self._fixtures[fixture.id])

    def _start_or_delay(self, fixture: Fixture) -> None:
        if self._course.rng.random() < 0.2:
            steps = round(MINUTE * self._course.rng.uniform(1, 2))
            start = fixture.start + timedelta(minutes=round(steps / MINUTE))
            moved = replace(fixture, start=start)
            self._fixtures[fixture.id] = moved
            self._course.fresh.append(Happened(fixture=moved, what="start", before=fixture))
            self._course.later(steps, "start", fixture.id)
            return
        self._kickoff(fixture)

    def _kickoff(self, fixture: Fixture) -> None:
        self._desk.alarm(fixture, 1.0, (6, 12))
        self._scorer.kickoff(fixture.id, self.now)
        self._status(fixture, "live")

    def _status(self, fixture: Fixture, status: Status) -> None:
        after = replace(self._scorer.seen(fixture), status=status)
        self._fixtures[fixture.id] = after
        self._course.fresh.append(Happened(fixture=after, what="status", before=fixture))

    def _play(self, fixture: Fixture) -> None:
        game = self._games[fixture.id]
        before = game.progress
        share = game.sport.share
        if game.ends_period(_PLAY):
            # It counts in the period in which it came.
            self._count(fixture)
        if pass_time(game, _PLAY):
            self._tell(fixture.id, "period_end")
            if not (game.sport.rests and before < share <= game.progress):
                self._tell(fixture.id, "period_start")
        told = self._chance(fixture, game)
        if not told and (other := idle(game, game.dice, _PLAY)) is not None:
            self._tell(fixture.id, other.kind, other.side, player=other.player)
        self._desk.watch(self._fixtures[fixture.id], scored=False)
        if game.sport.period is not None and before < share <= game.progress:
            self._end_period(self._fixtures[fixture.id], game)
        elif game.progress >= 1.0:
            self._finish(self._fixtures[fixture.id], game)

    def _chance(self, fixture: Fixture, game: Game) -> bool:
        """What a moment of play brings; True if that is told. A score that matters is feared before it counts."""
        if game.coming is not None:
            return False
        rng, feared = self._course.rng, game.sport.suspends >= _FEARED
        scored = play(game, rng, _PLAY)
        if feared and (scored is not None or rng.random() < _NOTHING * pace(game, _PLAY)):
            if rng.random() < game.sport.suspends:
                self._desk.alarm(fixture, 0.5, (1.5, 6))
            if scored is not None:
                game.coming = scored
                self._course.later(round(rng.uniform(10, 50)), "score", fixture.id)
            return False
        if scored is None:
            return False
        if rng.random() < game.sport.suspends:
            self._desk.alarm(fixture, 0.4, (1.5, 6))
        score(game, *scored)
        self._tell(fixture.id, "score", *scored)
        return True

    def _count(self, fixture: Fixture) -> None:
        """What was coming has come."""
        game = self._games[fixture.id]
        if game.coming is not None and fixture.status == "live":
            coming = game.coming
            score(game, *coming)
            self._tell(fixture.id, "score", *coming)
            self._desk.watch(self._fixtures[fixture.id], scored=True)

    def _tell(
        self, fixture: str, kind: str, side: int | None = None, points: int = 0, player: str | None = None
    ) -> None:
        """Put a play among the changes, and the game as it is after it on the market."""
        played = self._scorer.play(self._fixtures[fixture], self.now, kind, side, points, player)
        self._fixtures[fixture] = played.fixture
        self._course.fresh.append(played)

    def _end_period(self, fixture: Fixture, game: Game) -> None:
        self._course.fresh += self._desk.prices[fixture.id].settle(self.now, lambda group: group.period != "game")
        if game.sport.rests:
            self._status(fixture, "half")
            self._course.later(round(MINUTE * 0.25), "resume", fixture.id)

    def _finish(self, fixture: Fixture, game: Game) -> None:
        decided = finish(game, self._course.rng)
        if decided is not None:
            self._tell(fixture.id, "score", *decided)
        self._tell(fixture.id, "period_end")
        fixture = self._fixtures[fixture.id]
        self._scorer.whistle(fixture.id, self.now)
        self._course.fresh += self._desk.prices[fixture.id].settle(self.now, lambda _: True)
        self._status(fixture, "completed")
        self._course.later(round(3 / STEP), "leave", fixture.id)

    def _leave(self, fixture: Fixture) -> None:
        gone = fixture.id
        self._scorer.leave(gone)
        self._desk.remove(fixture)
        self._moments.forget(gone)
        del self._fixtures[gone]
        self._ended.append(fixture)
        self._course.fresh.append(Happened(fixture=fixture, what="removed"))
        self._add(self._sports[fixture.sport], "next")
