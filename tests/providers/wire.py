"""One connection to a provider without a socket: payloads in, events out, and what a ledger holds after it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from oddstail import providers
from oddstail.ledger import Ledger
from oddstail.model import Ask, Event, Frame, Kind, Memory, Message, Notice, Quote, Replace, Request, Scope, UsageError
from oddstail.providers.names import checked
from oddstail.wire.sse import SSEDecoder

FIXTURES = Path(__file__).parent.parent / "fixtures"


def fixture(provider: str, name: str) -> Frame:
    """The one frame of a fixture file."""
    data = (FIXTURES / provider / name).read_bytes()
    if name.endswith(".sse"):
        [frame] = SSEDecoder(1 << 20).feed(data)
        return frame
    return Frame(data)


def payload(provider: str, name: str) -> Any:
    """The JSON of a fixture file."""
    return orjson.loads(fixture(provider, name).data)


def asked(provider: str, **flags: Any) -> list[Request]:
    """The requests that flags come to."""
    return said(provider, **flags).requests


def said(provider: str, **flags: Any) -> Ask:
    """The requests and the notes, the names checked against what is known without asking unless `validate` is False."""
    ask, notes = providers.command(provider), list[str]()
    if flags.pop("validate", True):
        ask(**flags)
        flags, notes = checked(flags, providers.catalogue(provider), {}, providers.TITLES[provider], provider)
    made = ask(**flags)
    return replace(made, notes=[*notes, *made.notes])


def refused(provider: str, **flags: Any) -> str:
    """The sentence with which flags are refused; empty if they are not."""
    try:
        said(provider, **flags)
    except UsageError as error:
        return str(error)
    return ""


class Line:
    """One connection: the decoder's memory, and the ledger that its events would feed."""

    def __init__(self, request: Request) -> None:
        self.provider = providers.provider(request.provider)
        self.request = request
        self.memory = Memory()
        self.ledger = Ledger()
        self.reconnect()

    def reconnect(self) -> None:
        """The decoder of the next connection: the stream's memory stays."""
        self.decode = self.provider.decoder(self.request, self.memory)

    def take(self, frame: Frame) -> list[Event]:
        """What the decoder says of a frame. As in a session, it is shown neither acks nor heartbeats."""
        return [event for message in self.messages(frame) for event in self.decoded(message)]

    def decoded(self, message: Message) -> list[Event]:
        """What one message says, of a large one all parts."""
        said = self.decode(message)
        return said if isinstance(said, list) else [event for part in said for event in part]

    def messages(self, frame: Frame) -> list[Message]:
        """The messages of a frame that are the decoder's to read."""
        return [
            message
            for message in self.provider.read(frame)
            if message.kind in (Kind.DATA, Kind.TALK, Kind.ERROR, Kind.ECHO)
        ]

    def say(self, body: Any, event: str = "") -> list[Event]:
        """What the decoder says of a payload."""
        return self.take(Frame(orjson.dumps(body), event))

    def tell(self, body: Any, event: str = "") -> list[Event]:
        """What the ledger makes of it."""
        return self.ledger.apply(self.say(body, event))

    def held(self) -> dict[str, float | None]:
        """The price of each key that is on offer: the truth, as far as this line knows it."""
        return {
            quote.what.key: None if quote.price is None else quote.price.american
            for quote in self.ledger.known()
            if quote.status == "open"
        }


def quotes(events: Iterable[Event]) -> list[Quote]:
    """All quotes, those inside a Replace too."""
    out: list[Quote] = []
    for event in events:
        if isinstance(event, Quote):
            out.append(event)
        elif isinstance(event, Replace):
            out.extend(event.quotes)
    return out


def codes(events: Iterable[Event]) -> list[str]:
    """The codes of the notices."""
    return [event.code for event in events if isinstance(event, Notice)]


def scopes(events: Iterable[Event]) -> list[Scope]:
    """Of what the whole truth was told."""
    return [event.scope for event in events if isinstance(event, Replace)]


def prices(events: Iterable[Event]) -> list[tuple[str, str, float | None, float | None]]:
    """Selection, status, line and American price of each quote."""
    return [
        (quote.what.selection, quote.status, quote.line, None if quote.price is None else quote.price.american)
        for quote in quotes(events)
    ]


def examples(command: Callable[..., Ask]) -> list[str]:
    """The command lines that a docstring shows."""
    # Python 3.13 strips a docstring's indentation.
    return re.findall(r"^(oddstail .+)$", inspect.getdoc(command) or "", re.MULTILINE)
