"""`--until-start`: which games were seen, and whether every one has begun. Pure; knows no provider."""

from __future__ import annotations

from datetime import datetime

from oddstail.model import Batch, Fixture, Quote

#: Games remembered; a run that sees more never ends by itself.
_MOST = 100_000
#: Microseconds without a new game.
_SETTLED = 10_000_000


class Starts:
    """A sink of everything that comes; ask `all_begun`."""

    def __init__(self) -> None:
        self._games: dict[str, int | None] = {}
        self._newest = 0

    def emit(self, batch: Batch) -> None:
        """Learn of games."""
        before = len(self._games)
        for event in batch.events:
            if type(event) is Quote:
                what = event.what
                if event.live:
                    self._games[what.game_id] = 0
                elif self._games.get(what.game_id) is None and len(self._games) < _MOST:
                    self._games[what.game_id] = _micros(what.start)
            elif type(event) is Fixture and event.game_id in self._games and event.start:
                self._games[event.game_id] = _micros(event.start)
        if len(self._games) != before:
            self._newest = batch.recv

    def tick(self, now: float) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def all_begun(self, now: int) -> bool:
        """Whether games were seen and each has begun by `now`, microseconds; an unknown start is not one.

        Not while new games still turn up: a snapshot may come in many pieces.
        """
        settled = bool(self._games) and now - self._newest >= _SETTLED
        return settled and all(start is not None and start <= now for start in self._games.values())

    @property
    def unknown(self) -> int:
        """Games without a known start: they keep the run going."""
        return sum(start is None for start in self._games.values())


def _micros(start: str | None) -> int | None:
    if start is None:
        return None
    try:
        return int(datetime.fromisoformat(start).timestamp() * 1_000_000)
    except ValueError:
        return None
