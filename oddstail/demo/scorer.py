"""The scorer's table: each game as everybody sees it, play by play, and what is known of those that ended. No dice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from oddstail.demo.events import Fixture, Played
from oddstail.demo.game import Game, Player
from oddstail.demo.plays import words

# Ended games that are remembered.
_PAST = 500


class Scorer:
    """Numbers the plays of all games, and keeps the games themselves: those that are on, and those that were."""

    def __init__(self) -> None:
        self.games: dict[str, Game] = {}
        self._past: dict[str, Game] = {}
        self._whistles: dict[str, datetime] = {}
        self._kickoffs: dict[str, datetime] = {}
        self._plays = 0

    def seen(self, fixture: Fixture) -> Fixture:
        """The game as everybody sees it now."""
        game = self.games[fixture.id]
        periods = tuple((home, away) for home, away in game.periods)
        score = (game.score[0], game.score[1])
        return replace(fixture, score=score, period=game.period, clock=game.clock, periods=periods)

    def play(
        self,
        fixture: Fixture,
        at: datetime,
        kind: str,
        side: int | None = None,
        points: int = 0,
        player: str | None = None,
    ) -> Played:
        """The next play, with the game as it is after it. `side` 0 is home."""
        after = self.seen(fixture)
        if kind == "period_end" and after.period > 1 and self.games[fixture.id].progress < 1.0:
            # Told when the next one has begun: not with its number, and not with its clock.
            after = replace(after, period=after.period - 1, clock=0, periods=after.periods[:-1])
        team = None if side is None else (after.home, after.away)[side]
        self._plays += 1
        return Played(
            fixture=after,
            number=self._plays,
            kind=kind,
            text=words(after.sport, kind, points, team, player),
            at=at,
            side=None if side is None else "away" if side else "home",
            points=points,
            player=player,
        )

    def kickoff(self, fixture: str, at: datetime) -> None:
        """A game begins."""
        self._kickoffs[fixture] = at

    def began_at(self, fixture: str) -> datetime | None:
        """When a game began; None if nobody saw it begin."""
        return self._kickoffs.get(fixture)

    def whistle(self, fixture: str, at: datetime) -> None:
        """A game is over."""
        self._whistles[fixture] = at

    def ended_at(self, fixture: str) -> datetime | None:
        """When a game ended; None if it has not, or if that is long ago."""
        return self._whistles.get(fixture)

    def leave(self, fixture: str) -> None:
        """A game that is over leaves; it is remembered for a while."""
        self._past[fixture] = self.games.pop(fixture)
        if len(self._past) > _PAST:
            oldest = next(iter(self._past))
            del self._past[oldest], self._whistles[oldest]
            self._kickoffs.pop(oldest, None)

    def players(self, fixture: str) -> list[tuple[Player, int]]:
        """The players of a game, each with the count so far."""
        game = self.games.get(fixture) or self._past.get(fixture)
        return [] if game is None else [(one, one.tally(game.progress)) for one in game.players]
