"""What happens in a game besides its scores, and how every play is told in words. Knows no price, book or wire.

The dice of plays are the game's own: what is told of a game never changes what becomes of it.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from oddstail.demo.game import Game

# Plays without points for every one with, about.
_IDLE = 1.5

_KINDS: dict[str, tuple[str, ...]] = {
    "basketball": ("miss", "miss", "rebound", "foul", "turnover", "steal", "block", "timeout"),
    "football": ("run", "pass", "pass", "incomplete", "punt", "penalty", "timeout"),
    "baseball": ("ball", "strike", "strike", "out", "hit"),
    "hockey": ("shot", "shot", "save", "hit", "faceoff", "penalty"),
    "soccer": ("corner", "shot", "foul", "offside", "yellow_card"),
    "tennis": ("point", "point", "ace", "fault"),
}
# How a score of so many points is called.
_SCORES: dict[str, dict[int, str]] = {
    "basketball": {1: "free throw", 2: "two-pointer", 3: "three-pointer"},
    "football": {3: "field goal", 7: "touchdown and extra point", 1: "overtime score"},
    "baseball": {1: "run", 2: "two runs"},
    "hockey": {1: "goal"},
    "soccer": {1: "goal"},
    "tennis": {1: "game won"},
}


class Idle(NamedTuple):
    """A play without points; `side` 0 is home. `player` is None where the demo has no names."""

    kind: str
    side: int
    player: str | None


def idle(game: Game, dice: random.Random, steps: int) -> Idle | None:
    """Some steps of play without a score: what else happened, if anything worth telling did."""
    if dice.random() >= _IDLE * steps * game.total / game.per_score / game.length:
        return None
    side = dice.randrange(2)
    squad = [one.name for one in game.players if one.side == side]
    kind = dice.choice(_KINDS[game.sport.id])
    return Idle(kind, side, dice.choice(squad) if squad and kind != "timeout" else None)


def words(sport: str, kind: str, points: int, team: str | None, player: str | None) -> str:
    """A play in one line. Nobody is named for points: the books price those of each player."""
    name = _SCORES[sport].get(points, f"{points} points") if kind == "score" else kind.replace("_", " ")
    subject = player or team
    return f"{subject}: {name}" if subject else name
