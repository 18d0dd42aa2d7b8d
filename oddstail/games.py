"""What a stream has learned about games, kept over its connections: who plays, and whether a game is in play. Pure.

It knows no provider. A decoder keeps here what it learns about fixtures, and prices whose provider does not say
whether their game is in play are answered from the provider's own statuses, results and plays.

Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any, TypeVar

from oddstail.news import Fixture, OfGame, Play, Result
from oddstail.selection import Quote, Replace, Selection

T = TypeVar("T")

#: Games remembered, the oldest forgotten first.
_MOST = 20_000
#: Two starts of one game differ by less, and by less in baseball, whose teams may meet twice a day
#: (docs/wire/rapidodds.md, B4).
_WINDOW, _DOUBLE_HEADER = 6 * 3_600_000_000, 6_480_000_000
#: A play says that its game is in play for this long; what comes after the last play, no play says.
_PLAYED = 1_800_000_000
#: The providers' words for a game that is in play, and for one that is not. Other words (delayed) say neither.
_LIVE = frozenset(
    {"live", "inprogress", "inplay", "started", "running", "half", "halftime", "ht", "break", "overtime", "playing"}
)
_NOT_LIVE = frozenset(
    {
        *("unplayed", "pending", "scheduled", "upcoming", "notstarted", "prematch", "pregame", "pre", "created"),
        *("completed", "complete", "final", "finished", "concluded", "ended", "closed", "ft", "over", "retired"),
        *("matchcompleted", "fulltime", "aet", "afterextratime", "afterpenalties", "settled", "resulted", "nocontest"),
        *("cancelled", "canceled", "postponed", "abandoned", "forfeited", "invalid", "walkover"),
    }
)


def in_play(status: str | None) -> bool | None:
    """Whether a provider's status of a game says that it is in play. None if it says neither."""
    word = "".join(char for char in (status or "").casefold() if char.isalnum())
    return True if word in _LIVE else False if word in _NOT_LIVE else None


@dataclass(slots=True)
class _Known:
    """What was last heard of a game. `until`: when what a play said stops being true."""

    game_id: str
    teams: frozenset[str]
    start: int | None
    baseball: bool
    league: str | None = None
    live: bool | None = None
    until: int | None = None


class Games:
    """Whether games are in play, by what a provider's statuses, results and plays say."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Known] = {}
        #: Results and prices of one provider may have ids of their own: then the teams tell.
        self._by_teams: dict[frozenset[str], dict[str, _Known]] = {}

    def note(self, event: OfGame, recv: int) -> None:
        """Take what a fixture, a result or a play says of its game."""
        live, until = _said(event, recv)
        known = self._by_id.get(event.game_id)
        if known is None:
            if live is None:
                return
            known = self._by_id[event.game_id] = _Known(
                event.game_id, _teams(event), _micros(event.start), event.sport == "baseball", event.league
            )
            if known.teams:
                self._by_teams.setdefault(known.teams, {})[event.game_id] = known
            self._forget()
        if event.start is not None:
            known.start = _micros(event.start)
        if live is None or (until is not None and known.live and known.until is None):
            return
        known.live, known.until = live, until

    def live(self, what: Selection, recv: int) -> bool | None:
        """Whether the game of a selection is in play, as far as anything says so."""
        known = self._by_id.get(what.game_id) or self._by_name(what, recv)
        if known is None or (known.until is not None and recv > known.until):
            return None
        return known.live

    def fill(self, events: list[Any], recv: int) -> None:
        """Note what the events say of games, in their order, and fill in `live` of quotes that do not say it."""
        for event in events:
            kind = type(event)
            if kind is Quote:
                if event.live is None and self._by_id:
                    event.live = self.live(event.what, recv)
            elif kind is Replace:
                if self._by_id:
                    for quote in event.quotes:
                        if quote.live is None:
                            quote.live = self.live(quote.what, recv)
            elif kind is Fixture or kind is Result or kind is Play:
                self.note(event, recv)

    def _by_name(self, what: Selection, recv: int) -> _Known | None:
        """The one game of these teams that starts about then. No guess: not without a start of the selection."""
        start = _micros(what.start)
        if start is None or what.home is None or what.away is None:
            return None
        names = what.home.casefold(), what.away.casefold()
        games = self._by_teams.get(frozenset(names)) or self._by_nickname(names, what.league)
        near = []
        for known in games.values():
            window = _DOUBLE_HEADER if known.baseball else _WINDOW
            # News without a start is of now.
            if abs(start - (recv if known.start is None else known.start)) <= window:
                near.append(known)
        return near[0] if len(near) == 1 else None

    def _by_nickname(self, names: tuple[str, str], league: str | None) -> dict[str, _Known]:
        """Games of the league whose teams go by their last words alone: plays may say Lakers and Trail Blazers."""
        found: dict[str, _Known] = {}
        for teams in _nicknames(names):
            found |= self._by_teams.get(teams, {})
        return {game_id: known for game_id, known in found.items() if known.league == league}

    def _forget(self) -> None:
        while len(self._by_id) > _MOST:
            known = self._by_id.pop(next(iter(self._by_id)))
            games = self._by_teams.get(known.teams, {})
            games.pop(known.game_id, None)
            if not games:
                self._by_teams.pop(known.teams, None)


class Memory:
    """What a stream has learned. One for all connections to a provider in a run; a reconnect does not lose it."""

    def __init__(self) -> None:
        self.games = Games()
        self._kept: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """What a decoder keeps under a name, made the first time. The decoder bounds its size."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: T = self._kept[name]
        return kept


def _said(event: OfGame, recv: int) -> tuple[bool | None, int | None]:
    """Whether a game is in play by an event, and until when that holds (None: until something else is said)."""
    if isinstance(event, Result) and event.live is not None:
        return event.live, None
    if isinstance(event, Fixture | Result | Play):
        live = in_play(event.status)
        if live is None and isinstance(event, Play) and event.status is None:
            return True, recv + _PLAYED
        return live, None
    return None, None


def _teams(event: OfGame) -> frozenset[str]:
    names = [event.home, event.away]
    if isinstance(event, Play) and None in names:
        names = [event.team_a, event.team_b]
    found = [name.casefold() for name in names if name is not None]
    return frozenset(found) if len(found) == 2 else frozenset()


@lru_cache(4096)
def _nicknames(names: tuple[str, str]) -> tuple[frozenset[str], ...]:
    """Two teams by each of their names: the last word, the last two (Red Sox), and the name itself."""
    words = [name.split() for name in names]
    forms = [{" ".join(some[-many:]) for many in (1, 2)} | {name} for name, some in zip(names, words, strict=True)]
    return tuple(frozenset(both) for both in product(*forms))


def _micros(start: str | None) -> int | None:
    try:
        return None if start is None else round(datetime.fromisoformat(start).timestamp() * 1_000_000)
    except ValueError:
        return None
