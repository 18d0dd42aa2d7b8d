"""How a book turns a game's fair chances into a menu of prices; knows no clock and keeps nothing."""

from __future__ import annotations

import math
from typing import NamedTuple

from oddstail.demo.books import Book
from oddstail.demo.game import Game, Group, Side, centre, chances
from oddstail.demo.odds import american

_WAYS: dict[Side, int] = {"home": 1, "over": 1, "away": -1, "under": -1, "draw": 0}


class Rung(NamedTuple):
    """One price of a menu. `line` is the side's own: a spread's away side has home's line turned round."""

    side: Side
    line: float | None
    price: int
    main: bool


def menu(game: Game, book: Book, group: Group, main: float | None, lean: float = 0.0) -> list[Rung]:
    """Every price the book has in this market now; `main` is its main line, `lean` its own mind: to home or over."""
    rungs = []
    for line in _ladder(game, book, group, main):
        fair = _leant(chances(game, group, line), lean, book.tilt)
        for side, chance in fair.items():
            own = -line if line is not None and side == "away" else line
            # + 0.0 turns -0.0 into 0.0, which a wire would print as "-0".
            own = None if own is None else own + 0.0
            price = american(chance * (1 + book.margin), book.step)
            rungs.append(Rung(side, own, price, line == main))
    return rungs


def _leant(fair: dict[Side, float], lean: float, tilt: float) -> dict[Side, float]:
    """The chances as one book has them: moved in log odds, so that a long shot stays one."""
    favorite = max(fair, key=lambda side: fair[side])
    weights = {
        side: chance * math.exp(_WAYS[side] * lean / 2 + (tilt if side in (favorite, "over") else 0.0))
        for side, chance in fair.items()
    }
    whole = sum(weights.values())
    return {side: weight / whole for side, weight in weights.items()}


def main_line(game: Game, book: Book, group: Group, last: float | None, shade: float = 0.0) -> float | None:
    """The line a book hangs: it stays until the market has clearly left it. `shade` is the book's own half point."""
    if group.kind == "moneyline":
        return None
    target = centre(game, group)
    if group.kind == "spread" and game.sport.fixed_spread is not None:
        return _fixed(game, group, target, last)
    # + 0.0: a pick'em is 0.0, never -0.0.
    fresh = round((target + shade) * 2) / 2 + 0.0
    if group.kind == "prop":
        fresh = math.floor(target) + 0.5
    if group.kind != "spread":
        fresh = max(fresh, 0.5)
    if last is not None and abs(target + shade - last) < 0.8 and _even(game, group, last, 0.2):
        return last
    return fresh


def _fixed(game: Game, group: Group, target: float, last: float | None) -> float:
    """Where the line is fixed before the game; in play it goes with the score, by whole runs or goals."""
    if not game.progress:
        return target if last is None or not _even(game, Group("moneyline"), None, 0.02) else last
    if last is not None and _even(game, group, last, 0.25):
        return last
    return math.floor(target) + 0.5


def _even(game: Game, group: Group, line: float | None, within: float) -> bool:
    """Whether the sides at a line are about as likely as each other."""
    fair = chances(game, group, line)
    return abs(max(fair.values()) - 0.5) <= within


def groups(game: Game, book: Book) -> list[Group]:
    """The markets a book offers on a game in its present state."""
    found = [Group("moneyline"), Group("spread"), Group("total")]
    period = game.sport.period
    if book.periods and period is not None and game.progress < game.sport.share:
        found += [Group("moneyline", period), Group("spread", period), Group("total", period)]
    if book.team_totals:
        found += [Group("team_total", subject="home"), Group("team_total", subject="away")]
    if book.props:
        found += [Group("prop", subject=one.name, stat=one.stat.name) for one in game.players]
    return found


def _ladder(game: Game, book: Book, group: Group, main: float | None) -> list[float | None]:
    if main is None:
        return [None]
    # In play there is no time for more than the main line.
    wide = book.alternates if group.kind in ("spread", "total") and group.period == "game" and not game.progress else 0
    step = 1.0 if game.sport.fixed_spread is not None and group.kind == "spread" else game.sport.line_step
    lines = [main + n * step for n in range(-wide, wide + 1)]
    return [line for line in lines if group.kind == "spread" or line > 0]
