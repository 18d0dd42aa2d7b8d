"""What ParlayAPI says about its streams, on every feed. Pure.

Facts: docs/wire/parlayapi.md, 5.2, 5.7, 5.10, 5.11 and 8.2.
"""

from __future__ import annotations

from typing import Any

import orjson

from oddstail.model import Event, Health, Message, Notice, Request, Send
from oddstail.providers import fields
from oddstail.providers.parlayapi import health
from oddstail.providers.parlayapi.rows import sport_of


class Talk:
    """The talk of one connection. `alone` is the game that prices are to be narrowed to here, if it came to that."""

    def __init__(self, request: Request) -> None:
        self.label: str = request.options.get("league") or request.label
        self.alone: str | None = None
        self._game: str | None = request.options.get("subscribed")
        # An option, not the polls: a tape keeps what was answered, and no polls.
        self._watch = health.Watch() if request.options.get("health") else None

    def said(self, message: Message) -> list[Event]:
        """The events of a message that holds neither odds, drops nor plays."""
        body = message.body
        match message.name:
            case "stream_status":
                return _degraded(body)
            case "hot_feed_status":
                return [] if self._watch is None else health.books(body)
            case health.POLL if self._watch is not None:
                return self._watch.polled(body, self.label)
            case health.POLL_FAILED:
                return [
                    Notice(code="poll-failed", text=f"{self.label}: the health of the sources is not known: {body}")
                ]
            case "subscribed":
                return self._subscribed(fields.text(body.get("event_id")))
            case "unsubscribed":
                return []
            case "error":
                return [fields.server_error(body, f"{self.label}: the provider")]
            case name:
                return [fields.unknown(f"message of type {fields.brief(name, 60)}", body)]

    def _subscribed(self, game: str | None) -> list[Event]:
        """One event at a time may be subscribed to (5.7). Another one than was asked for hides that one's prices."""
        if self._game is None or game in (None, self._game):
            return []
        text = f"{self.label}: the server follows {game} and not {self._game}; the subscription is taken back"
        self.alone = self._game
        return [
            Notice(code="subscription", text=f"{text}, and the game picked out here"),
            Send(orjson.dumps({"type": "unsubscribe"}).decode()),
        ]


def _degraded(body: dict[str, Any]) -> list[Event]:
    """A book is incomplete until the next snapshot, so until the link is opened again (5.10)."""
    book, status = fields.text(body.get("bookmaker")), fields.text(body.get("status"))
    reason = fields.text(body.get("reason")) or "no reason given"
    if book is None or status is None:
        return [fields.unknown("a status of a book that cannot be read", body)]
    part = " for parts of games" if body.get("dataset") == "periods" else ""
    text = f"{book} is {status}{part} at the provider: {reason}; its prices may be incomplete"
    league = fields.text(body.get("sport_key"))
    health = Health(source=book, status=status, sport=sport_of(league), league=league)
    return [health] if status == "ok" else [health, Notice(code="degraded", text=text)]
