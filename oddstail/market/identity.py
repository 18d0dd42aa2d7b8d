"""Which bet a selection is, over all books: its market, its side, and its line as the market counts it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from oddstail.market.books import is_lay
from oddstail.model import Quote, Selection
from oddstail.text import fold

#: What scores are counted in: of one game, books that name it and books that do not mean the same.
_SCORES = frozenset({"points", "goals", "runs", "games", "rounds"})
#: Kinds of bets that are the same bet whatever a provider calls its market, as long as the same is counted.
_PLAIN = frozenset({"moneyline", "spread", "total", "team_total"})
_DRAWS = frozenset({"draw", "tie", "the draw"})


class MarketKey(NamedTuple):
    """What makes two books' markets of one game the same bet.

    `ways` is the number of outcomes, 0 for many, None where nothing says it. `name` tells apart what kind, ways and
    period do not: what is counted, or the provider's word. `subject` is the player or the team.
    """

    kind: str
    period: str
    name: str
    subject: str
    ways: int | None = None


#: Home and away.
Teams = tuple[str | None, str | None]


#: Kinds of market whose prices are of a line.
HAVE_LINES = ("spread", "total", "team_total")
_OTHER = {"home": "away", "away": "home"}


class Place(NamedTuple):
    """Where a selection belongs: its market and its side there."""

    key: MarketKey
    side: str


def place(what: Selection, *, draws: bool = False, teams: Teams = (None, None)) -> Place:
    """The market and the side of a selection. `draws`: its book prices a draw in this market.

    `teams` are home and away, where others told them and the selection's own book does not.
    """
    kind, period, side = what.kind, what.period or "", what.side or ""
    stat = what.stat or ""
    name = "" if kind in _PLAIN and stat in _SCORES else stat
    if is_lay("", what.market):
        name = f"{name} lay".lstrip()
    ways = what.ways
    match kind:
        case "moneyline":
            role = side_of(what, teams)
            if ways is None:
                # Nothing says what bet its name stands for.
                name = what.market
            # Some providers have one word for both bets: then a draw tells them apart.
            ways = 3 if draws or role == "draw" else 2 if ways is None else ways
            return Place(MarketKey(kind, period, name, "", ways), role or what.selection)
        case "spread":
            return Place(MarketKey(kind, period, name, "", ways or 2), side or _role(what, teams) or what.selection)
        case "total":
            return Place(MarketKey(kind, period, name, "", ways or 2), side or what.selection)
        case "team_total":
            return Place(MarketKey(kind, period, name, _team(what), ways or 2), side)
        case "prop":
            subject = what.player or ("" if what.selection.casefold() == side else what.selection)
            told = side or (what.selection if what.player else "")
            return Place(MarketKey(kind, period, stat or what.market, subject, ways), told)
    told = stat or what.market
    if side in ("over", "under", "yes", "no") and what.selection.casefold() != side:
        # A player's or a team's, where only the selection says whose: each has both sides to itself.
        return Place(MarketKey(kind, period, told, what.selection, ways), side)
    return Place(MarketKey(kind, period, told, "", ways), f"{what.selection} {side}".rstrip())


def turned(side: str, what: Selection, teams: Teams) -> str:
    """The side of the game, of which a book may give the two teams the other way round than it was told first."""
    home, away = teams
    if side not in _OTHER or what.home == home or not (what.home and what.away and home and away):
        return side
    return _OTHER[side] if (fold(what.home), fold(what.away)) == (fold(away), fold(home)) else side


def side_of(what: Selection, teams: Teams = (None, None)) -> str:
    """Its side: as the decoder says, else by the names of the teams; empty where nothing tells it."""
    return what.side or ("draw" if what.selection.casefold() in _DRAWS else _role(what, teams))


def line_of(quote: Quote, side: str, anchor: str) -> float | None:
    """The line as its market counts it: both sides of one spread stand together, at the line of the anchor side."""
    what, line = quote.what, quote.line
    if what.kind == "moneyline" or line is None:
        return None
    line += 0.0  # -0.0 is no other line
    return -line if line and what.kind == "spread" and side != anchor else line


def anchor_of(what: Selection, side: str) -> str:
    """The side whose line a spread is counted by: the home side where it is known, whichever came first."""
    return "home" if side in ("home", "away") else side


def _role(what: Selection, teams: Teams) -> str:
    """`home` or `away`, where the selection is named like a team of the game."""
    home, away = what.home or teams[0], what.away or teams[1]
    if home is not None and home != away:
        return {home: "home", away: "away"}.get(what.selection, "")
    return ""


def _team(what: Selection) -> str:
    """The team of a team total. Its name where the selection is one, else its role."""
    named = {"home": what.home, "away": what.away}.get(what.subject or "")
    return named or what.selection
