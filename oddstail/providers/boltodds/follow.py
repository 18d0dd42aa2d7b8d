"""Which games a connection to BoltOdds' plays or scores is to follow, and what to send when they change. Pure.

Facts: boltodds-rapidodds.md, A3 (a subscription replaces the last; five seconds between two), A10 (`get_games`) and
A11 (these streams take games alone, and send of those that are live).
"""

from __future__ import annotations

from typing import Any

import orjson

from oddstail.model import Event, Notice, Request, Send
from oddstail.providers import fields

#: The poll's name, and that of its failures.
GAMES, GAMES_FAILED = "get_games", "get_games failed"
#: Seconds between two subscriptions: the server wants five, and its clock is not ours.
_APART = 6.0


class Follow:
    """The games of one connection."""

    def __init__(self, request: Request) -> None:
        self._leagues: frozenset[str] = frozenset(request.options.get("leagues", ()))
        self._named: tuple[str, ...] = request.options.get("games", ())
        self._followed: frozenset[str] = frozenset()
        self._league: dict[str, str] = {}
        self._empty = False

    def listed(self, answer: Any) -> list[Event]:
        """The games that there are now; a wish to subscribe where they are others than before."""
        if not isinstance(answer, dict) or isinstance(answer.get("error"), str):
            return [Notice(code="unreadable", text=f"a list of games that cannot be read: {fields.brief(answer)}")]
        self._league = {label: league for label, game in answer.items() if (league := _sport(game)) is not None}
        wanted = frozenset(self._named) | {
            label for label in answer if not self._leagues or self._league.get(label) in self._leagues
        }
        if not wanted:
            # An empty subscription would bring pings for ever (A3): the last one stands, or none.
            said, self._empty = self._empty, True
            text = "no game of these leagues is listed now; the list is asked for again each minute"
            return [] if said else [Notice(code="no-games", text=text, level="info")]
        self._empty = False
        if wanted == self._followed:
            return []
        more, less = len(wanted - self._followed), len(self._followed - wanted)
        self._followed = wanted
        text = f"following {len(wanted)} game{'' if len(wanted) == 1 else 's'} ({more} new, {less} gone)"
        return [Notice(code="following", text=text, level="info", value=len(wanted)), *self.again()]

    def again(self) -> list[Event]:
        """The wish once more: the server said that the last one came too soon."""
        if not self._followed:
            return []
        message = {"action": "subscribe", "filters": {"games": sorted(self._followed)}}
        return [Send(orjson.dumps(message).decode(), every=_APART)]

    def league_of(self, label: str) -> str | None:
        """The league of a game as it was listed: scores do not name it."""
        return self._league.get(label)


def _sport(game: Any) -> str | None:
    return fields.text(game.get("sport")) if isinstance(game, dict) else None
