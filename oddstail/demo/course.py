"""The market's own time and dice, what is due, and what has happened. Knows no game and no price."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from oddstail.demo.agenda import Agenda, Due
from oddstail.demo.events import Change
from oddstail.demo.game import Group

#: Simulated seconds of one step.
STEP = 0.05
#: Steps in a minute of play.
MINUTE = round(60 / STEP)
_MICRO = 1_000_000
_STEP_MICROS = round(STEP * _MICRO)


class Course:
    """One market's course: `rate` packs more steps into a second and leaves the clock alone."""

    def __init__(self, seed: int, start: datetime, rate: float) -> None:
        self.rate = rate
        self.rng = random.Random(seed)
        self.agenda = Agenda()
        self.step = 0
        #: What happened in the present slice of time, in order.
        self.fresh: list[Change] = []
        self._start, self._micros, self._debt = start, 0, 0

    @property
    def now(self) -> datetime:
        """The market's own time."""
        return self._start + timedelta(microseconds=self._micros)

    def steps(self, seconds: float, *, frozen: bool) -> Iterator[None]:
        """Let time pass; each step that falls due, with the clock where it then is. Frozen: the clock alone runs."""
        end = self._micros + round(seconds * _MICRO)
        if not frozen:
            # Whole microseconds: ten times 0.1 is not quite 1.0.
            self._debt += round(seconds * self.rate * _MICRO)
        while self._debt >= _STEP_MICROS:
            self._debt -= _STEP_MICROS
            self._micros = end - round(self._debt / self.rate)
            self.step += 1
            yield
        self._micros = end

    def later(self, steps: int, what: str, fixture: str, book: str = "", group: Group | None = None) -> None:
        """Put something down for a later step."""
        self.agenda.note(self.step + max(steps, 1), Due(what, fixture, book, group))

    def due(self) -> Iterator[Due]:
        """What falls due in this step."""
        return self.agenda.due(self.step)

    def steps_in(self, hours: float) -> int:
        """How many steps there are in so many hours of the clock."""
        return round(hours * 3600 * self.rate / STEP)

    def moment(self, steps: int) -> datetime:
        """What the clock will be after so many steps."""
        return self.now + timedelta(seconds=steps * STEP / self.rate)
