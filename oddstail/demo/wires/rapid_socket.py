"""What RapidOddsAPI's two sockets have in common: the greeting, a subscription for each sport, errors (B2, B3, B10)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

import orjson

from oddstail.demo.contract import NOTHING, Frame, Tell

#: What is known of one subscription.
Held = TypeVar("Held")


class Socket(ABC, Generic[Held]):
    """A socket; what is subscribed to stands in `_held`, by sport."""

    subprotocol: str | None = None

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def greet(self) -> list[Frame]:
        hello = {"event": "connected", "tier": "pro", "message": "Connected. Send a subscribe message."}
        return [frame(hello, data=False)]

    def hear(self, message: str) -> list[Frame]:
        try:
            asked = orjson.loads(message)
        except orjson.JSONDecodeError:
            return [error("Invalid JSON")]
        match asked:
            case {"action": "subscribe", "sport": str(sport)}:
                return [self._subscribe(sport, asked)]
            case {"action": "unsubscribe", "sport": str(sport)}:
                self._held.pop(sport, None)
                return [frame({"event": "unsubscribed", "sport": sport}, data=False)]
        return [error("Unknown action")]

    @abstractmethod
    def _subscribe(self, sport: str, asked: dict[str, Any]) -> Frame: ...


def frame(body: dict[str, Any], *, data: bool = True, tell: Tell = NOTHING) -> Frame:
    """A message. `data`: it is what was subscribed to."""
    return Frame(body=orjson.dumps(body), data=data, tell=tell)


def error(message: str) -> Frame:
    """An error that leaves the socket open."""
    return frame({"event": "error", "message": message}, data=False)
