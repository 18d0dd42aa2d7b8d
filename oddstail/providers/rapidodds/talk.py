"""What RapidOddsAPI says about its streams and their cost, on both. Facts: docs/wire/rapidodds.md, B4 and B6. Pure."""

from __future__ import annotations

from typing import Any

from oddstail.model import CREDITS_OUT, Event, Message, Notice
from oddstail.providers import fields


def talk(message: Message) -> list[Event]:
    """The notices for a message that holds no update."""
    body = message.body
    match message.name:
        case "subscribed":
            return [_priced(body)]
        case "unsubscribed":
            return []
        case "error":
            return [_error(body)]
        case name:
            return [fields.unknown(f"event {fields.brief(name, 60)}", body)]


def charge(sport: str, charged: float) -> Notice:
    """The notice of what a push cost."""
    text = f"{sport}: {charged:g} credit{'' if charged == 1 else 's'} charged"
    return Notice(code="credits", text=text, level="info", value=charged)


def _priced(body: dict[str, Any]) -> Notice:
    cost = fields.number(body.get("credits_per_push"))
    text = f"{fields.text(body.get('sport'))}: subscribed"
    return Notice(
        code="subscribed",
        text=text if cost is None else f"{text}, {cost:g} credit{'' if cost == 1 else 's'} a push",
        level="info",
        value=cost,
    )


def _error(body: dict[str, Any]) -> Notice:
    """The connection stays; when the credits ran out the push is skipped, and a reconnect would not mend it (B6)."""
    said = fields.coded_error(body)
    if "credit" in said.casefold():
        text = (
            f"the provider says: {said}; pushes are skipped until there are credits again, and prices are of the "
            "last one (oddstail list usage rapidodds says how many are left)"
        )
        return Notice(code=CREDITS_OUT, text=text, payload=fields.payload_of(body))
    return fields.server_error(body)
