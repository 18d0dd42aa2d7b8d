"""One game's hidden truth: its fair chances, its score, its settlements. Knows no book and no clock."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from oddstail.demo.odds import cover
from oddstail.demo.sports import Sport, Stat, player

Kind = Literal["moneyline", "spread", "total", "team_total", "prop"]
Side = Literal["home", "away", "draw", "over", "under"]
Settlement = Literal["Won", "Lost", "Refunded"]


class Group(NamedTuple):
    """One market of one game: what a book prices, suspends and withdraws together."""

    kind: Kind
    period: str = "game"
    # The team of a team total ("home", "away"), the player of a prop.
    subject: str = ""
    stat: str = ""


# By how much of its deviation the market's opinion of a game moves at a time: a quarter of a point of probability.
_NEWS = 0.006

#: A game's own markets.
OWN = (Group("moneyline"), Group("spread"), Group("total"))


@dataclass(slots=True, kw_only=True)
class Player:
    """One player's priced count: `mean` is what the market expects, `count` what it will have come to.

    Nobody looks at `count` before the end but `tally`. `side` is 0 for home.
    """

    name: str
    stat: Stat
    mean: float
    count: int
    side: int

    def tally(self, progress: float) -> int:
        """The count so far: it only grows, and ends at `count`."""
        return int(self.count * min(progress, 1.0))


@dataclass(slots=True, kw_only=True)
class Game:
    """What nobody outside the market sees. `progress` runs from 0 to 1 while the game is live."""

    sport: Sport
    margin: float
    total: float
    length: int
    # Mean points of one score.
    per_score: float = 1.0
    players: list[Player] = field(default_factory=list)
    progress: float = 0.0
    score: list[int] = field(default_factory=lambda: [0, 0])
    period_score: list[int] = field(default_factory=lambda: [0, 0])
    #: The score of each period that has begun, overtime included.
    periods: list[list[int]] = field(default_factory=lambda: [[0, 0]])
    #: A score that is about to be: (side, points). The books see it coming.
    coming: tuple[int, int] | None = None
    #: Who scored last.
    last: int = 0
    dice: random.Random = field(default_factory=random.Random)
    #: What every book goes by in a market: the truth as of the last time that they looked up.
    opinions: dict[Group, Outlook] = field(default_factory=dict)

    @property
    def period(self) -> int:
        """The period that is played, from 1."""
        return max(min(int(self.progress * self.sport.periods), self.sport.periods - 1) + 1, len(self.periods))

    @property
    def clock(self) -> int:
        """Seconds left in the period; 0 where no clock runs."""
        gone = self.progress * self.sport.periods - (self.period - 1)
        return max(round(self.sport.minutes * 60 * (1 - gone)), 0)

    def ends_period(self, steps: int) -> bool:
        """Whether the period, or the game, ends within so many steps."""
        then = min(self.progress + steps / self.length, 1.0)
        return then >= 1.0 or int(then * self.sport.periods) + 1 > self.period

    @property
    def in_period(self) -> bool:
        """Whether the part that is also priced on its own is still being played."""
        return self.sport.period is not None and self.progress < self.sport.share


def draw_game(rng: random.Random, sport: Sport, first_player: int, length: int, *, even: bool = False) -> Game:
    """A game that has not begun, `even` if nobody can say who will win. `length` is in steps of play."""
    strength = sport.margin_deviation * min(max(rng.gauss(0, 0.42), -0.75), 0.75)
    if even:
        strength = sport.margin_deviation * rng.uniform(-0.15, 0.15) - sport.home_edge
    means = [max(stat.mean + rng.gauss(0, stat.mean * 0.15), 0.6) for stat in sport.stats * 2]
    # Its own dice: what is told of a game must not change the market.
    dice = random.Random(f"{strength}/{first_player}")
    players = [
        Player(
            name=player(first_player + n),
            stat=stat,
            mean=means[n],
            count=max(round(dice.gauss(means[n], stat.deviation)), 0),
            side=n // len(sport.stats),
        )
        for n, stat in enumerate(sport.stats * 2)
    ]
    return Game(
        sport=sport,
        margin=sport.home_edge + strength,
        total=sport.total * (1 + rng.gauss(0, 0.04)),
        length=length,
        per_score=sum(sport.scores) / len(sport.scores),
        players=players,
        dice=dice,
    )


def walk(game: Game, rng: random.Random) -> None:
    """Opinion moves a little: news, money, nothing at all."""
    game.margin += rng.gauss(0, game.sport.margin_deviation * _NEWS)
    game.total = max(game.total + rng.gauss(0, game.sport.total_deviation * _NEWS), 1.0)
    for one in game.players:
        one.mean = max(one.mean + rng.gauss(0, one.stat.deviation * 0.03), 0.6)


def favor(game: Game, side: Side, points: float) -> None:
    """Opinion of who wins a game that has not begun moves to one side by so much of a chance."""
    view = _opinion(game, OWN[0])
    z = view.margin / view.margin_deviation
    slope = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / view.margin_deviation
    game.margin = view.margin + (points if side == "home" else -points) / slope


def pass_time(game: Game, steps: int) -> bool:
    """Some steps of play go by; True if another period has begun."""
    game.progress = min(game.progress + steps / game.length, 1.0)
    begun = len(game.periods)
    while len(game.periods) < game.period:
        game.periods.append([0, 0])
    return len(game.periods) > begun


def pace(game: Game, steps: int) -> float:
    """How likely some steps of play are to bring a score."""
    return steps * game.total / game.per_score / game.length


def play(game: Game, rng: random.Random, steps: int) -> tuple[int, int] | None:
    """What those steps bring, few enough for one score: its (side, points), side 0 for home. `score` counts it."""
    if rng.random() >= pace(game, steps):
        return None
    share = min(max(0.5 + game.margin / game.total / 2, 0.05), 0.95)
    side = 0 if rng.random() < share else 1
    if side == game.last and rng.random() < game.sport.turns:
        side = 1 - side
    return side, rng.choice(game.sport.scores)


def score(game: Game, side: int, points: int) -> None:
    """Count a score."""
    game.coming, game.last = None, side
    _count_in(game, side, points)


def finish(game: Game, rng: random.Random) -> tuple[int, int] | None:
    """The last whistle. Where the sport has no draws, a tie is broken in overtime: the (side, points) of that."""
    game.progress = 1.0
    if game.score[0] != game.score[1] or game.sport.three_way:
        return None
    side = rng.randrange(2)
    game.periods.append([0, 0])
    _count_in(game, side, 1)
    return side, 1


def _count_in(game: Game, side: int, points: int) -> None:
    game.score[side] += points
    game.periods[-1][side] += points
    if game.in_period:
        game.period_score[side] += points


class Outlook(NamedTuple):
    """Where a game or a part of it seems to be going: means and deviations of margin and total."""

    margin: float
    margin_deviation: float
    total: float
    total_deviation: float


def think(game: Game, priced: Iterable[Group]) -> None:
    """The books make up their minds anew about some markets."""
    for group in priced:
        game.opinions[group] = _outlook(game, group.period)


def _opinion(game: Game, group: Group) -> Outlook:
    if group not in game.opinions:
        think(game, [group])
    return game.opinions[group]


def _outlook(game: Game, period: str) -> Outlook:
    """For the whole game or its priced part, from the score so far and the time that is left."""
    share = 1.0 if period == "game" else game.sport.share
    score = game.score if period == "game" else game.period_score
    left = max(1 - game.progress / share, 0.004)
    shrink = (share * left) ** 0.5
    return Outlook(
        margin=score[0] - score[1] + game.margin * share * left,
        margin_deviation=game.sport.margin_deviation * shrink,
        total=score[0] + score[1] + game.total * share * left,
        total_deviation=game.sport.total_deviation * shrink,
    )


def chance_of_favorite(game: Game) -> float:
    """How sure the winner is, as the score stands."""
    return max(_winner(_outlook(game, "game"), three_way=game.sport.three_way).values())


def surprise(game: Game) -> float:
    """How far the game has gone from what the books think, at the most in one of its own markets: as a chance."""
    now = _outlook(game, "game")
    return max(
        max(
            cover(abs(now.margin - then.margin), now.margin_deviation),
            cover(abs(now.total - then.total), now.total_deviation),
        )
        - 0.5
        for then in (_opinion(game, group) for group in OWN)
    )


def centre(game: Game, group: Group) -> float:
    """The line that makes a market even: home's handicap, or the total."""
    view = _opinion(game, group)
    if group.kind == "spread":
        fixed = game.sport.fixed_spread
        if fixed is not None and not game.progress:
            return -fixed if view.margin > 0 else fixed
        return -view.margin
    if group.kind == "team_total":
        return (view.total + (view.margin if group.subject == "home" else -view.margin)) / 2
    if group.kind == "prop":
        return _player(game, group).mean
    return view.total


def chances(game: Game, group: Group, line: float | None) -> dict[Side, float]:
    """Fair chances of the sides of one market at one line; they sum to 1. `line` is home's on a spread."""
    view = _opinion(game, group)
    if group.kind == "moneyline":
        return _winner(view, three_way=game.sport.three_way)
    at = line or 0.0
    if group.kind == "spread":
        home = cover(view.margin + at, view.margin_deviation)
        return {"home": home, "away": 1 - home}
    if group.kind == "prop":
        over = cover(centre(game, group) - at, _player(game, group).stat.deviation)
    elif group.kind == "team_total":
        over = cover(centre(game, group) - at, (view.total_deviation + view.margin_deviation) / 2.8)
    else:
        over = cover(view.total - at, view.total_deviation)
    return {"over": over, "under": 1 - over}


def settle(game: Game, group: Group, side: Side, line: float | None) -> Settlement:
    """How a bet on one side came out. `line` is the side's own."""
    home, away = game.score if group.period == "game" else game.period_score
    at = line or 0.0
    if group.kind == "moneyline":
        if game.sport.three_way:
            winner = "home" if home > away else "away" if away > home else "draw"
            return "Won" if side == winner else "Lost"
        gained: float = home - away if side == "home" else away - home
    elif group.kind == "spread":
        gained = (home - away if side == "home" else away - home) + at
    else:
        count = _count(game, group, home, away)
        gained = count - at if side == "over" else at - count
    return "Refunded" if gained == 0 else "Won" if gained > 0 else "Lost"


def _winner(view: Outlook, *, three_way: bool) -> dict[Side, float]:
    if not three_way:
        home = cover(view.margin, view.margin_deviation)
        return {"home": home, "away": 1 - home}
    # A draw is a margin that rounds to nothing.
    home = cover(view.margin - 0.5, view.margin_deviation)
    away = cover(-view.margin - 0.5, view.margin_deviation)
    return {"home": home, "away": away, "draw": 1 - home - away}


def _count(game: Game, group: Group, home: int, away: int) -> int:
    if group.kind == "prop":
        return _player(game, group).count
    if group.kind == "team_total":
        return home if group.subject == "home" else away
    return home + away


def _player(game: Game, group: Group) -> Player:
    return next(one for one in game.players if one.name == group.subject and one.stat.name == group.stat)
