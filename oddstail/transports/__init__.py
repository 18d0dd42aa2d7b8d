"""Bytes off a socket as Reads, and every library's error as one LinkError. Knows nothing of odds.

Only the modules in this folder import httpx and websockets.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from oddstail import __version__
from oddstail.model import Failure, Read, Request, Where
from oddstail.text import Redactor, Secret, visible
from oddstail.transports.proxy import Proxy
from oddstail.wire.refusal import SHOWN

#: Cloudflare refuses the default agents of some libraries (docs/wire/parlayapi.md, 1).
USER_AGENT = f"oddstail/{__version__}"
#: Seconds for the body of an error: what it says is a help, and its status is known before.
ERROR_BODY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much to bear. Seconds and bytes.

    `connect` covers name, TCP, TLS and proxy; `answer` from there to the first byte of the answer;
    `silence` is how long a link may bring no byte at all.
    """

    connect: float = 10.0
    answer: float = 15.0
    silence: float = 15.0
    max_frame: int = 64 * 1024 * 1024
    ca_bundle: str | None = None


class Link(Protocol):
    """One open connection. Iterate it for Reads; it raises LinkError when it ends, always."""

    @property
    def asked(self) -> float:
        """Seconds that the stream asked to wait before a reconnect, 0 for none."""
        ...

    @property
    def silent(self) -> float:
        """Seconds since the last byte that is no part of a read (a pong); infinite where reads are all that comes."""
        ...

    def __aiter__(self) -> AsyncGenerator[Read, None]:
        """Each read of the socket, as long as there is one."""
        ...

    async def send(self, text: str) -> None:
        """Send one message (WebSocket only)."""
        ...

    async def close(self, *, politely: bool) -> None:
        """Let go of the socket: at once, or with a farewell that takes a second at the most. Never raises."""
        ...


class Transport(Protocol):
    """Opens links of one kind."""

    async def open(self, target: Target) -> Link:
        """Connect. Raises LinkError, and nothing else for the network's sake."""
        ...

    async def aclose(self) -> None:
        """Close what its links share."""
        ...


@dataclass(slots=True)
class Target:
    """A request with its key: the one place where both meet. `repr` shows no key."""

    request: Request
    secret: Secret | None
    headers: dict[str, str] = field(init=False, repr=False)
    url: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        params = list(self.request.params)
        self.headers = {"User-Agent": USER_AGENT, **dict(self.request.headers)}
        if self.secret is not None:
            if self.request.key_in is Where.HEADER:
                self.headers[self.request.key_name] = self.secret.reveal()
            elif self.request.key_in is Where.QUERY:
                params.append((self.request.key_name, self.secret.reveal()))
        self.url = with_params(self.request.url, params)

    def hide(self, text: str) -> str:
        """What a server said, without the key."""
        return text if self.secret is None else Redactor([self.secret]).text(text)


def with_params(url: str, params: list[tuple[str, str]]) -> str:
    """The address with its query. A space is `%20`, a plus `%2B`: a bare `+` is silently no data at OpticOdds."""
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in params)
    return f"{url}?{query}" if query else url


def root_failure(error: BaseException) -> Failure | None:
    """The failure at the root of a library's error, where it is TLS or a name: libraries wrap both several deep."""
    cause: BaseException | None = error
    while cause is not None:
        # A handshake that was cut by a time limit waited to read or to write: that is no fault of TLS.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError):
            text = getattr(cause, "verify_message", "") or cause.reason or str(cause)
            return Failure(kind="tls", text=visible(text, SHOWN))
        if isinstance(cause, socket.gaierror):
            return Failure(kind="network", text=f"the host name was not found ({cause.strerror})")
        if isinstance(cause, ConnectionRefusedError):
            return Failure(kind="network", text="connection refused: nothing is listening there")
        cause = cause.__cause__ or cause.__context__
    return None


def setting_failure(error: Exception) -> Failure:
    """The failure for what the environment says of proxies and certificates, before anything was sent."""
    text = getattr(error, "strerror", None) or str(error)
    return Failure(kind="setting", text=visible(Redactor([]).text(text), SHOWN))


def proxy_failure(via: Proxy, text: str, root: Failure | None, *, timeout: bool = False) -> Failure:
    """The failure of a proxy, named as such: the provider has not been reached. `text` is the library's own."""
    if root is not None and root.kind == "tls":
        return root
    if timeout:
        return Failure(kind="proxy", text=f"no connection through {via} within the limit")
    if root is not None:
        return Failure(kind="proxy", text=f"{via}: {root.text}")
    status = text.partition(" ")[0]
    if status == "407":
        return Failure(kind="status", code=407, text=f"{via} requires a user and a password")
    return Failure(kind="proxy", text=visible(f"{via} refused: {text}", SHOWN))
