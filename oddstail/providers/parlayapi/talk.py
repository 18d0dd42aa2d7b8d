"""What ParlayAPI says about its streams, alike on every feed. Facts: parlayapi.md, 5.2, 5.7, 5.10 and 5.11. Pure."""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Message, Notice
from oddstail.providers import fields


def talk(message: Message, label: str) -> list[Event]:
    """The notices for a message that holds nothing to price. `label` names the connection."""
    body = message.body
    match message.name:
        case "stream_status":
            return [_degraded(body)]
        case "hot_feed_status" | "subscribed" | "unsubscribed":
            return []
        case "error":
            said = fields.text(body.get("message")) or fields.text(body.get("error")) or fields.text(body.get("code"))
            return [Notice(code="server", text=f"{label}: the server says: {said or 'an error':.200}")]
        case name:
            return [fields.unknown(f"message of type {name!r:.60}", body)]


def _degraded(body: dict[str, Any]) -> Notice:
    book, status = fields.text(body.get("bookmaker")), fields.text(body.get("status"))
    reason = fields.text(body.get("reason")) or "no reason given"
    return Notice(code="degraded", text=f"{book} is {status} at the provider: {reason}; its prices may be incomplete")
