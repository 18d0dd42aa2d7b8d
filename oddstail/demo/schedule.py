"""Draws fixtures: who meets whom, and when. Knows no price."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

from oddstail.demo.events import Fixture
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


def draw_fixture(rng: random.Random, sport: Sport, home: str, away: str, begins: datetime) -> Fixture:
    """A game between two teams that has not begun."""
    # Rounded down to a minute, as schedules are: a game is never live before its stated start.
    start = begins.replace(second=0, microsecond=0)
    return Fixture(
        id=f"{rng.getrandbits(48):012X}",
        number=f"{rng.randrange(10_000, 99_999)}-{rng.randrange(10_000, 99_999)}-{start:%Y-%m-%d}",
        sport=sport.id,
        league=sport.league,
        home=home,
        away=away,
        start=start,
    )
