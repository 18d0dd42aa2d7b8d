"""Leaving a sport of RapidOddsAPI whose games are over, as each push costs credits. Facts: docs/wire/rapidodds.md, B3.

Only with `--leave`: that no more games will be listed is for the user to say, as the provider says it nowhere. Pure.
"""

from __future__ import annotations

import orjson

from oddstail.model import Event, Memory, Message, Notice, Request, Send
from oddstail.providers import fields

#: Pushes in a row without a game: a single one may be empty by mistake (B6).
_EMPTY = 2


class Farewell:
    """Which sports are left. The stream remembers it: a reconnect subscribes to all of them again."""

    def __init__(self, request: Request, memory: Memory) -> None:
        self._leaves = bool(request.options.get("leave"))
        self._left: set[str] = memory.keep(f"sports left on {request.feed}", set)
        #: Sports that had games, with the number of pushes in a row that had none.
        self._empty: dict[str, int] = memory.keep(f"sports with games on {request.feed}", dict)

    def heard(self, message: Message) -> list[Event]:
        """After a reconnect: a sport that was left is left again."""
        sport = fields.text(message.body.get("sport")) if message.name == "subscribed" else None
        return [_unsubscribe(sport)] if sport is not None and sport in self._left else []

    def push(self, sport: str, *, on: bool, over: bool = False) -> list[Event]:
        """A push of a sport: `on` says that a game is still to be played, `over` that each one has ended."""
        if not self._leaves:
            return []
        if on:
            self._empty[sport] = 0
            self._left.discard(sport)
            return []
        if sport not in self._empty:
            return []
        self._empty[sport] += 1
        if self._empty[sport] < _EMPTY and not over:
            return []
        new = sport not in self._left
        self._left.add(sport)
        text = f"{sport}: its games are over; unsubscribed, so that it costs no more credits"
        return [*([Notice(code="left", text=text, level="info")] if new else []), _unsubscribe(sport)]


def _unsubscribe(sport: str) -> Send:
    return Send(orjson.dumps({"action": "unsubscribe", "sport": sport}).decode())
