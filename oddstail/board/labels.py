"""What rows and games are called: the bet, the side, its line, and where the game stands. Pure."""

from __future__ import annotations

from datetime import tzinfo

from rich.cells import cell_len

from oddstail import local_time, words
from oddstail.board.cells import fit
from oddstail.board.order import LABELS, section
from oddstail.market.game import Game, Market, moment
from oddstail.model import Selection
from oddstail.text import visible

_MINUTE = 60_000_000
_DAY = 86_400_000_000
#: What providers say of a game that has not begun and is on time.
_PLANNED = frozenset(["", *"unplayed scheduled notstarted upcoming prematch pregame pre open ns".split()])
_PERIODS = {
    "1h": "1st half", "2h": "2nd half", "f5": "first 5",
    **{f"q{n}": f"{word} qtr" for n, word in enumerate(("1st", "2nd", "3rd", "4th"), 1)},
    **{f"p{n}": f"{word} per" for n, word in enumerate(("1st", "2nd", "3rd"), 1)},
    **{f"s{n}": f"set {n}" for n in range(1, 6)},
    "i1": "1st inning",
}  # fmt: skip


def tag_of(market: Market, width: int) -> str:
    """What kind of bet, as fits: `1st half spread`, `1H Spread`, `1H Spr`, `1H`; else the provider's word for it."""
    kind, period, name, _, ways = market.key
    told = _told(name)
    long, short = LABELS.get(kind, (told, told))
    if kind == "moneyline" and ways == 3:
        long, short = "3-way", "3W"
    if kind in ("spread", "total") and name:
        long = told
    if period in ("game", ""):
        tries = [long, short]
    else:
        part = period.upper()
        tries = [f"{_PERIODS.get(period, period)} {long.lower()}", f"{part} {long}", f"{part} {short}", part]
    return next((text for text in tries if cell_len(text) <= width), tries[-1])


def _told(name: str) -> str:
    return visible(name.replace("_", " ").removeprefix("player ").removeprefix("Player "))


def side_name(what: Selection, side: str, market: Market, *, long: bool = True) -> str:
    """What a selection is called beside its tag and line."""
    kind = what.kind
    role = what.side.capitalize() if what.side else ""
    if kind in ("moneyline", "spread"):
        return what.selection
    if kind == "total":
        return role or what.selection
    if market.key.subject and kind != "team_total":
        told = role or (what.selection if what.player else side or what.selection)
        return told if long else f"{_told(market.key.name)} {told}"
    if role and role.casefold() not in what.selection.casefold().split():
        return f"{what.selection} {role}"
    return what.selection


def short_of(name: str, side: str, width: int) -> str:
    """A name in at most so many cells; its `Over` or `Under` is kept, as `O` or `U` where it must be."""
    end = f" {side.capitalize()}"
    if cell_len(name) <= width or not side or not name.endswith(end):
        return fit(name, min(width, cell_len(name)))
    kept = end if width >= 2 * len(end) else end[:2]
    return fit(name[: -len(end)], max(0, width - len(kept))) + kept if width > len(kept) else fit(kept.strip(), width)


def own_line(market: Market, side: str, line: float | None) -> float | None:
    """A line of a market as a side counts it."""
    return -line if line and market.key.kind == "spread" and side != market.anchor else line


def stands(game: Game, zone: tzinfo, now: int) -> str:
    """Where a game stands: `LIVE Q3 4:12 88-91`, `in play 60m`, `in 12m`, `Sat 19:10`, `final 99-98`."""
    status = game.status or ""
    begins = moment(game.start or "")
    if game.closed:
        return f"{status or 'over'} {game.score}".strip()
    if section(game, now) == "LIVE":
        if game.score:
            return f"LIVE {game.score}"
        return "in play" if begins is None or begins > now else f"in play {_lasting(now - begins)}"
    more = f"  {status}" if words.bare(status) not in _PLANNED else ""
    if begins is None:
        return (visible(game.start or "", 16) + more).strip()
    ahead = begins - now
    if 0 < ahead < 60 * _MINUTE:
        return f"in {max(1, ahead // _MINUTE)}m{more}"
    clock = local_time.at(begins, zone)
    return f"{clock:%a %H:%M}{more}" if 0 < ahead < 6 * _DAY else f"{clock:%a %d %b %H:%M}{more}"


def _lasting(micros: int) -> str:
    minutes = micros // _MINUTE
    return f"{minutes}m" if minutes < 180 else f"{minutes // 60}h"
