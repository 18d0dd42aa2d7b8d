"""Which lines there are and in what order: games in play, then those to come, by their start; markets by their rank.

Nothing here depends on a price unless the user sorts by one, so that nothing jumps. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from oddstail.board.view import View
from oddstail.market.game import Game, Market, moment
from oddstail.market.state import Board
from oddstail.text import fold

_KINDS = {kind: at for at, kind in enumerate(["moneyline", "spread", "total"])}
#: What a kind of bet is called, with much room and with little.
LABELS = {
    "moneyline": ("Moneyline", "ML"),
    "spread": ("Spread", "Spr"),
    "total": ("Total", "Tot"),
    "team_total": ("Team total", "TT"),
}
_TYPED = {short.casefold(): kind for kind, (_, short) in LABELS.items()}
_GROUPS = {"team_total": 2, "prop": 3, "other": 4, "future": 5}
#: The parts of the screen, in their order.
SECTIONS = ("PINNED", "LIVE", "UPCOMING", "OTHER")
_DAY = 86_400_000_000
_SIDES = {side: at for at, side in enumerate(["away", "home", "draw", "over", "under", "yes", "no"])}


class Item(NamedTuple):
    """One line of the body: a section, a game's band, a player's name, or a side of a market.

    `line` is the alternate line of a row; a row with `main` shows each book's main line. `first` says
    whether it is the first of its market, or of its line.
    """

    ident: Hashable
    game: Game
    market: Market | None = None
    side: str = ""
    line: float | None = None
    main: bool = False
    first: bool = False
    player: str = ""
    section: str = ""


def items(board: Board, view: View, worth: Callable[[Game], float], now: int) -> list[Item]:
    """Every line that the view shows, off the page too. `worth` is only asked for when sorted by hold or edge."""
    words = fold(view.filter).split()
    out: list[Item] = []
    sections: list[str] = []
    for game in games(board, view, worth, now):
        if view.layout == "ladder" and game.game_id != view.game:
            continue
        rows = _of_game(game, view, words)
        if not rows:
            continue
        part = "PINNED" if game.game_id in view.pinned else section(game, now)
        if part not in sections[-1:]:
            sections.append(part)
            out.append(Item(("", part), game, section=part))
        out += rows
    if len(sections) > 1 and view.layout == "screen" and view.sort == "start":
        return out
    # One part alone, or an order of its own, needs no headings.
    return [item for item in out if not item.section]


def section(game: Game, now: int) -> str:
    """Where a game stands: LIVE, UPCOMING, or OTHER where it is over, or nothing says when it is."""
    if game.closed:
        return "OTHER"
    begins = moment(game.start or "")
    if game.live or game.score or (begins is not None and 0 <= now - begins < _DAY):
        return "LIVE"
    return "UPCOMING" if begins is not None and begins > now else "OTHER"


def turn(board: Board, now: int) -> int:
    """When the clock alone will next move a game to another section; far away if it will not."""
    times = [
        at
        for game in board.games.values()
        if (begins := moment(game.start or "")) is not None
        for at in (begins, begins + _DAY)
        if at > now
    ]
    return min(times, default=now + _DAY)


def league(game: Game) -> str:
    """The competition by our name, in capitals; the provider's word for the league where we have none."""
    for market in game.markets.values():
        for what in market.sides.values():
            if what.competition:
                return what.competition.replace("_", " ").upper()
            break
        break
    return game.league.replace("_", " ").upper() if game.league.islower() else game.league


def games(board: Board, view: View, worth: Callable[[Game], float], now: int) -> list[Game]:
    """The games in the view's order: pinned ones first, then those in play. One without a start comes last."""

    def start(game: Game) -> tuple[object, ...]:
        return (game.start or "~", league(game), game.title, game.game_id)

    key: Callable[[Game], tuple[object, ...]]
    match view.sort:
        case "move":
            key = lambda game: (-game.moved, *start(game))  # noqa: E731
        case "hold" | "edge":
            key = lambda game: (worth(game), *start(game))  # noqa: E731
        case "name":
            key = lambda game: (game.title.casefold(), *start(game))  # noqa: E731
        case _:
            key = start
    ordered = sorted(board.games.values(), key=key, reverse=view.reverse)
    if view.sort == "start":
        ordered.sort(key=lambda game: SECTIONS.index(section(game, now)))
    return sorted(ordered, key=lambda game: game.game_id not in view.pinned) if view.pinned else ordered


def markets(game: Game) -> list[Market]:
    """Main markets of the whole game first, then of its parts, team totals, players by name, the rest."""
    return sorted(game.markets.values(), key=_rank)


def sides(game: Game, market: Market) -> list[str]:
    """Away above home, over above under."""

    def place(side: str) -> tuple[int, str]:
        what = market.sides[side]
        role = what.side or ("away" if side == game.away else "home" if side == game.home else "")
        return _SIDES.get(role, 9), side

    return sorted(market.sides, key=place)


def finds(word: str, text: str, kind: str = "") -> bool:
    """Whether a filter's word finds this: `ml` is the label and not the beginning of `MLB`, others are parts of it."""
    return _TYPED[word] == kind if word in _TYPED else word in text


def _of_game(game: Game, view: View, words: list[str]) -> list[Item]:
    band = f"{fold(game.league)} {fold(league(game))} {fold(game.title)}"
    missing = [word for word in words if not finds(word, band)]
    rows: list[Item] = []
    player = ""
    for market in markets(game):
        shown = [item for item in _of_market(game, market, view) if _matches(item, missing)]
        if not shown:
            continue
        subject = market.key.subject if market.key.kind != "team_total" else ""
        if subject and subject != player:
            rows.append(Item((game.game_id, "player", subject), game, player=subject))
        player = subject
        rows += shown
    return [Item((game.game_id,), game), *rows] if rows else []


def _of_market(game: Game, market: Market, view: View) -> list[Item]:
    ladder = view.layout == "ladder"
    out: list[Item] = []
    order = sides(game, market)
    if not ladder:
        for at, side in enumerate(order):
            ident = (game.game_id, market.key, side, "main")
            out.append(Item(ident, game, market, side, main=True, first=at == 0))
    if not (ladder or view.alternates):
        return out
    lines = {line for _, line in market.rows}
    if not ladder and lines == {None}:
        return out
    # By the points of the side that is written first.
    sign = -1 if market.key.kind == "spread" and order[0] != market.anchor else 1
    for line in sorted(lines, key=lambda line: (line is not None, sign * (line or 0.0))):
        there = [side for side in order if (side, line) in market.rows]
        for at, side in enumerate(there):
            out.append(Item((game.game_id, market.key, side, line), game, market, side, line, first=at == 0))
    return out


def _matches(item: Item, words: list[str]) -> bool:
    market = item.market
    if not words or market is None:
        return True
    what = market.sides.get(item.side)
    shown = " ".join(LABELS.get(market.key.kind, ()))
    names = (shown, item.side, *market.key[:4], *((what.selection, what.market) if what else ()))
    text = " ".join(map(fold, names))
    return all(finds(word, text, market.key.kind) for word in words)


def _rank(market: Market) -> tuple[object, ...]:
    kind, period, name, subject, _ = market.key
    part = period not in ("game", "")
    if kind in _KINDS:
        return (1 if part else 0, period, "", _KINDS[kind], name)
    return (_GROUPS.get(kind, 4), part, subject, period, name)
