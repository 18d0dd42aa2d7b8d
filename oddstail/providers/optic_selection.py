"""What an odd of OddsJam v2 or OpticOdds v3 prices: its name taken apart, and its side. Pure.

Facts: docs/wire/oddsjam.md, 1.3; docs/wire/opticodds.md, 2.4 and 5.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from oddstail.model import MANY, Bet, Fixture
from oddstail.providers import fields
from oddstail.text import fold

#: What the vendor calls a side -> our word.
_SIDES = {
    **{word: word for word in ("over", "under", "yes", "no", "draw", "home", "away", "odd", "even")},
    "tie": "draw",
    "the draw": "draw",
    "o": "over",
    "u": "under",
}
#: How a name ends that has a side in it, once its line is gone: `Jayson Tatum Over`, `Jayson Tatum - Over`.
_TAIL = re.compile(r"(?:(.*\S) )?\(?(over|under|yes|no)\)?", re.IGNORECASE)
#: How a name ends that has a line in it.
_LINE = re.compile(r"(.*\S) \(?([+-]?\d+(?:\.\d+)?)\)?")
#: The same in short: `Jayson Tatum u28.5`, `O 221.5`.
_SHORT = re.compile(r"(?:(.*\S) )?\(?([ou]) ?(\d+(?:\.\d+)?)\)?", re.IGNORECASE)
#: What may stand between a name and its side.
_JOINTS = " -:,("
#: A handicap of nothing.
_PICK = re.compile(r"(.*\S) (?:pk|pick|pick'em)", re.IGNORECASE)
#: A name that begins with its side: `Over 2.5 Goals`, `Over 28.5 Jayson Tatum`.
_HEAD = re.compile(r"(over|under) \(?([+-]?\d+(?:\.\d+)?)\)? (\S.*)", re.IGNORECASE)
_SIDED = re.compile(r"(?:over|under) [+-]?\d", re.IGNORECASE)
_UNITS = frozenset(
    "goal goals points runs games sets maps rounds corners cards bookings kills legs frames shots hits wickets".split()
)
#: How the id of a Copilot odd ends: `..._over_105_5` (2.4).
_ODD_ID = re.compile(r"[_:](over|under|yes|no)(?:_([+-]?\d+(?:_\d+)?))?$|_([+-]\d+(?:_\d+)?)$")


class Named(NamedTuple):
    """A name taken apart. `subject` is whom or what the bet is on, "" where the name has the side alone."""

    subject: str
    side: str | None
    line: float | None


def named(name: str, points: float | None) -> Named:
    """`Jayson Tatum Over 28.5` is Jayson Tatum, over, 28.5. A number is the line only if `points` says so too.

    `Over 221.5` has no subject, `Boston Celtics -4.5` no side.
    """
    line = None
    short = None if points is None else _SHORT.fullmatch(name)
    if short is not None and fields.number(short[3]) == points:
        return Named((short[1] or "").rstrip(_JOINTS), _SIDES[short[2].casefold()], points)
    matched = _LINE.fullmatch(name)
    if matched is not None and points is not None and fields.number(matched[2]) == points:
        name, line = matched[1], points
    elif points == 0 and (pick := _PICK.fullmatch(name)) is not None:
        name, line = pick[1], points
    elif points is not None and (head := _HEAD.fullmatch(name)) is not None and fields.number(head[2]) == points:
        return Named("" if head[3].casefold() in _UNITS else head[3], head[1].casefold(), points)
    tail = _TAIL.fullmatch(name)
    if tail is not None:
        return Named((tail[1] or "").rstrip(_JOINTS), tail[2].casefold(), line)
    side = _SIDES.get(name.casefold())
    return Named(name, side if side in ("draw", "odd", "even", "home", "away") else None, line)


def settled(name: str, odd_id: str | None) -> tuple[float | None, str | None]:
    """The line and the side of an odd that is settled: the wire has neither then, but in its name or its id."""
    matched = _LINE.fullmatch(name)
    tail = None if odd_id is None else _ODD_ID.search(odd_id)
    side, line = (None, None) if tail is None else (tail[1], tail[2] or tail[3])
    # The number of a name is a line if the id ends with it, or if a side stands in front of it.
    if matched is not None and (line is not None or _TAIL.fullmatch(matched[1]) or matched[2][0] in "+-"):
        return fields.number(matched[2]), side
    return (None if line is None else fields.number(line.replace("_", "."))), side


def side_of(sent: object, parted: Named, selection: str | None) -> str | None:
    """The side: the vendor's field, else what the name or the selection says. A score (`3:2`) is passed on as it is."""
    word = fields.text(sent)
    if word is None:
        return parted.side or _SIDES.get((selection or "").casefold())
    folded = word.casefold()
    return _SIDES.get(folded, folded)


def role(selection: str, fixture: Fixture | None) -> str | None:
    """`home` or `away`, if the selection is one of the teams."""
    if fixture is None:
        return None
    folded = fold(selection)
    for side, team in (("home", fixture.home), ("away", fixture.away)):
        if team is not None and fold(team) == folded:
            return side
    return None


def bet_of(bet: Bet, selection: str, side: str | None, team: str | None, line: float | None) -> Bet:
    """What the row makes of the market's bet: a team with an over is a team total, whatever the market is called."""
    is_subject = selection.casefold() not in _SIDES and _SIDED.match(selection) is None
    if bet.kind in ("spread", "total") and bet.ways is None and side != "draw":
        # `Game Lines` is three bets, `Goal Line` a total or a handicap.
        kind = "total" if side in ("over", "under") else "moneyline" if line is None else "spread"
        stat = bet.stat if kind == "total" else None
        bet = bet._replace(kind=kind, ways=None if kind == "moneyline" else 2, stat=stat)
    if bet.kind == "total" and is_subject:
        bet = bet._replace(kind="team_total", subject="team")
    if bet.subject == "team" and team is not None:
        bet = bet._replace(subject=team)
    if side == "draw" and bet.kind in ("moneyline", "spread") and bet.ways != MANY:
        bet = bet._replace(ways=3)
    return bet


def player_of(bet: Bet, selection: str, team: str | None, player_id: str | None) -> str | None:
    """The player that a bet is on: the provider says so by an id, or the table by the market."""
    folded = selection.casefold()
    if not selection or folded in _SIDES or team is not None or folded.startswith("no "):
        return None
    if player_id is not None or (bet.kind == "prop" and bet.subject == "player"):
        return selection
    return None
