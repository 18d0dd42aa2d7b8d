"""Which games a connection to BoltOdds' plays or scores is to follow, and what to send when they change. Pure.

Facts: docs/wire/boltodds.md, A3 (a subscription replaces the last; five seconds between two), A10 (`get_games`) and
A11 (these streams take games alone, and send of those that are live).
"""

from __future__ import annotations

from typing import Any

import orjson

from oddstail.model import Event, Notice, Request, Send
from oddstail.providers import fields

#: The poll's name, and that of its failures.
GAMES, GAMES_FAILED = "get_games", "get_games failed"
#: Likewise of the labels that play-by-play has for esports: those of `get_games` are refused there (A11).
ESPORTS, ESPORTS_FAILED = "esports", "esports failed"
#: Answers, one a minute, for which a game that is listed no more is followed on: it may be live all the same.
_KEPT = 180
#: Games whose league is kept in mind.
_MOST = 20_000
#: Seconds between two subscriptions: the server wants five, and its clock is not ours.
_APART = 6.0


class Follow:
    """The games of one connection."""

    def __init__(self, request: Request) -> None:
        self._leagues: frozenset[str] = frozenset(request.options.get("leagues", ()))
        self._named: tuple[str, ...] = request.options.get("games", ())
        self._followed: frozenset[str] = frozenset()
        self._league: dict[str, str] = {}
        #: Per list: how many answers ago a wanted game was last in it.
        self._missing: dict[str, dict[str, int]] = {GAMES: {}, ESPORTS: {}}
        self._empty = False

    def listed(self, answer: Any, which: str = GAMES) -> list[Event]:
        """The games that there are now; a wish to subscribe where they are others than before."""
        games = _labels(answer)
        if games is None:
            return [Notice(code="unreadable", text=f"a list of games that cannot be read: {fields.brief(answer)}")]
        self._league |= {label: league for label, league in games.items() if league is not None}
        missing = {label: ago + 1 for label, ago in self._missing[which].items() if ago < _KEPT}
        missing |= {label: 0 for label in games if self._is_wanted(label, which)}
        self._missing[which] = missing
        wanted = frozenset(self._named).union(*self._missing.values())
        if len(self._league) > _MOST:
            self._league = {label: league for label, league in self._league.items() if label in wanted}
        return self._wanted(wanted)

    def _wanted(self, wanted: frozenset[str]) -> list[Event]:
        if not wanted:
            # An empty subscription would bring pings for ever (A3): there is none until there is a game.
            said, self._empty = self._empty, True
            text = "no game of these leagues is listed now; the list is asked for again each minute"
            return [] if said else [Notice(code="no-games", text=text, level="info")]
        if wanted == self._followed:
            return []
        more, less = len(wanted - self._followed), len(self._followed - wanted)
        self._followed = wanted
        text = f"following {len(wanted)} game{'' if len(wanted) == 1 else 's'} ({more} new, {less} gone)"
        return [Notice(code="following", text=text, level="info", value=len(wanted)), *self.again()]

    def _is_wanted(self, label: str, which: str) -> bool:
        if which == ESPORTS:
            # That list is of esports alone; it need not say which.
            return not self._leagues or self._league.get(label) in {None, *self._leagues}
        return not self._leagues or self._league.get(label) in self._leagues

    def again(self) -> list[Event]:
        """The wish once more: the server said that the last one came too soon."""
        if not self._followed:
            return []
        message = {"action": "subscribe", "filters": {"games": sorted(self._followed)}}
        return [Send(orjson.dumps(message).decode(), every=_APART)]

    def league_of(self, label: str) -> str | None:
        """The league of a game as it was listed: scores do not name it."""
        return self._league.get(label)


def _labels(answer: Any) -> dict[str, str | None] | None:
    """Each game's label with its league: of an object by label (A10), or of a list, whose shape nobody told."""
    if isinstance(answer, list):
        found = ((_label(item), item) for item in answer)
        return {label: _sport(item) for label, item in found if label is not None}
    if not isinstance(answer, dict) or isinstance(answer.get("error"), str):
        return None
    return {label: _sport(game) for label, game in answer.items()}


def _label(item: Any) -> str | None:
    if isinstance(item, dict):
        return next((found for name in ("game", "event", "label") if (found := fields.text(item.get(name)))), None)
    return fields.text(item)


def _sport(game: Any) -> str | None:
    return (fields.text(game.get("sport")) or fields.text(game.get("league"))) if isinstance(game, dict) else None
