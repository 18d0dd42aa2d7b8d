"""What BoltOdds says about its streams, alike on all three. Facts: docs/wire/boltodds.md, A3, A7 and A8. Pure."""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Failure, Notice
from oddstail.providers import fields


def talk(action: str, body: dict[str, Any]) -> list[Event]:
    """The notices for a message that holds neither odds, plays nor scores."""
    if action == "subscription_updated":
        return [Notice(code="subscribed", text="the subscription was changed", level="info")]
    if action == "error":
        return [fields.server_error(body)]
    return [fields.unknown(f"action {fields.brief(action, 60)}", body)]


def said(body: dict[str, Any]) -> str:
    """The text of an error, wherever it stands."""
    return fields.error_text(body) or "an error without a text"


def fatal(text: str) -> Failure | None:
    """Which errors end the link (A8). The texts are not published, so only plain words count."""
    low = text.casefold()
    if "re-subscription" in low or "cannot subscribe" in low or "not supported" in low:
        return None
    if "concurrent" in low or ("too many" in low and "connection" in low):
        return Failure(kind="cap", text=text[:200])
    if "rate limit" in low:
        return Failure(kind="cap", text=text[:200])
    if any(word in low for word in ("api key", "apikey", "token", "unauthorized", "invalid key")):
        return Failure(kind="auth", text=text[:200])
    if "connect again" in low or "connection closed" in low:
        return Failure(kind="closed", text=text[:200])
    return None
