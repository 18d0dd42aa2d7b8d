"""How a book turns a game's fair chances into a menu of prices; knows no clock and keeps nothing."""

from __future__ import annotations

import math
from typing import NamedTuple

from oddstail.demo.books import Book
from oddstail.demo.game import Game, Group, Side, centre, chances
from oddstail.demo.odds import american


class Rung(NamedTuple):
    """One price of a menu. `line` is the side's own: a spread's away side has home's line turned round."""

    side: Side
    line: float | None
    price: int
    main: bool


def menu(game: Game, book: Book, group: Group, main: float | None) -> list[Rung]:
    """Every price the book has in this market now; `main` is its main line."""
    rungs = []
    for line in _ladder(game, book, group, main):
        fair = chances(game, group, line)
        for side, chance in fair.items():
            own = -line if line is not None and side == "away" else line
            # + 0.0 turns -0.0 into 0.0, which a wire would print as "-0".
            own = None if own is None else own + 0.0
            price = american(chance * (1 + book.margin), book.step)
            rungs.append(Rung(side, own, price, line == main))
    return rungs


def main_line(game: Game, book: Book, group: Group, last: float | None) -> float | None:
    """The line a book hangs: it stays until the market has clearly left it."""
    if group.kind == "moneyline":
        return None
    target = centre(game, group)
    if group.kind == "spread" and game.sport.fixed_spread is not None:
        return target
    # + 0.0: a pick'em is 0.0, never -0.0.
    fresh = round((target + book.shade) * 2) / 2 + 0.0
    if group.kind == "prop":
        fresh = math.floor(target) + 0.5
    if group.kind != "spread":
        fresh = max(fresh, 0.5)
    if last is not None and abs(target + book.shade - last) < 0.8:
        return last
    return fresh


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
