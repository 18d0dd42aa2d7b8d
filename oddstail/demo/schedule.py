"""Draws fixtures: who meets whom, when, and how the game stands then. Knows no price."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from oddstail.demo.course import MINUTE, Course
from oddstail.demo.events import Fixture
from oddstail.demo.game import Game, chance_of_favorite, draw_game, pass_time, play, score
from oddstail.demo.sports import Sport


class Pairs:
    """Who has met: some wires know a game by its teams alone, so nobody meets twice if it can be helped."""

    def __init__(self) -> None:
        self._met: dict[tuple[str, str], None] = {}

    def draw(self, rng: random.Random, sport: Sport, playing: Sequence[Fixture]) -> tuple[str, str]:
        """Two teams that are not playing."""
        busy = [name for one in playing for name in (one.home, one.away)]
        free = [name for name in sport.teams if name not in busy]
        for _ in range(50):
            home, away = rng.sample(free, 2)
            if (home, away) not in self._met:
                break
        self._met[home, away] = None
        return home, away


#: When a game begins, as seen from its coming on offer. "soon" is within seconds, and "next" within minutes. "second"
#: is the second game of a double-header: the teams of the sport's "next" game meet again some hours later.
When = Literal["live", "soon", "next", "tonight", "tomorrow", "second"]
_OPENING: dict[int, tuple[When, ...]] = {
    3: ("live", "next", "tonight"),
    4: ("live", "next", "tonight", "tomorrow"),
    5: ("live", "live", "soon", "tonight", "tomorrow"),
}
# Steps until a game begins, and hours.
_SOON: dict[When, tuple[float, float]] = {"soon": (800, 2800), "next": (6000, 26_000)}
_HOURS: dict[When, tuple[float, float]] = {"tonight": (0.6, 5), "tomorrow": (14, 28), "second": (3, 5)}
# Steps of the part of a game that was played before the market opened, at a time.
_PLAYED = 16
# How sure the winner may be in a game that was on when the market opened.
_OPEN = 0.82


def opening(sport: Sport) -> tuple[When, ...]:
    """When each of a sport's games begins that are on offer when the market opens."""
    games = _OPENING[sport.games]
    return (*games[:-1], "second") if sport.id == "baseball" else games


def lead(rng: random.Random, when: When, course: Course) -> int | None:
    """Steps until a game begins; None of one that has begun."""
    if when in _SOON:
        return round(rng.uniform(*_SOON[when]))
    return course.steps_in(rng.uniform(*_HOURS[when])) if when in _HOURS else None


def draw_played(rng: random.Random, sport: Sport, when: When, first_player: int, pace: float = 1.0) -> Game:
    """A game as it stands when it comes on offer: one in play is open still, and one of tonight is even."""
    for _ in range(20):
        length = round(MINUTE * rng.uniform(50, 80) / pace)
        game = draw_game(rng, sport, first_player, length, even=when == "tonight")
        if when != "live":
            break
        for _ in range(round(game.length * rng.uniform(0.1, 0.65) / _PLAYED)):
            pass_time(game, _PLAYED)
            scored = play(game, rng, _PLAYED)
            if scored is not None:
                score(game, *scored)
        if chance_of_favorite(game) < _OPEN:
            break
    return game


def draw_fixture(
    rng: random.Random, sport: Sport, home: str, away: str, begins: datetime, *, every: int = 1, second: bool = False
) -> Fixture:
    """A game between two teams that has not begun. Games start at minutes that so many divide."""
    # Rounded down, as schedules are: a game is never live before its stated start.
    start = begins.replace(minute=begins.minute // every * every, second=0, microsecond=0)
    return Fixture(
        id=f"{rng.getrandbits(48):012X}",
        number=f"{rng.randrange(10_000, 99_999)}-{rng.randrange(10_000, 99_999)}-{start:%Y-%m-%d}",
        sport=sport.id,
        league=sport.league,
        home=home,
        away=away,
        start=start,
        second=second,
    )
