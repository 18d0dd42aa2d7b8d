"""WebSocket messages over websockets: messages into Frames, its errors into one LinkError. Knows nothing of odds.

The connection is a subclass, websockets' documented way to customize one (`create_connection`), for
three things that `recv()` cannot give: all messages of one read of the socket at once, the time of
the last byte of any kind (pongs count), and a pause that stops reading without a keepalive time-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidProxyStatus,
    PayloadTooBig,
    ProxyError,
    WebSocketException,
)
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.protocol import State

from oddstail.model import Failure, Frame, LinkError, Read
from oddstail.text import visible
from oddstail.transports import ERROR_BODY_S, USER_AGENT, Limits, Target, proxy_failure, root_failure, setting_failure
from oddstail.transports.proxy import Proxy, route
from oddstail.transports.trust import trust
from oddstail.wire.chunked import TooManyInterimError
from oddstail.wire.content_coding import readable
from oddstail.wire.refusal import READ, SHOWN, refusal
from oddstail.wire.upgrade import Refusal, UpgradeAnswer

#: We ping this often, or three times in the silence that is allowed: three unanswered are a dead peer, whatever the
#: provider's own heartbeat.
PING = 10.0
#: Seconds for the closing handshake: somebody may wait for the end of the run.
_FAREWELL = 0.3
#: Seconds until a second look at a link that seems silent.
_AGAIN = 0.05
#: Bytes that may wait to be taken before reading pauses.
_WAITING = 8 * 1024 * 1024
#: Messages of one read, and messages that may wait: tiny ones cost far more than their bytes.
_AT_ONCE, _MOST_WAITING = 2_000, 20_000
#: Frames that the library is given in one turn of the loop: it takes 20 us for each, and a read has up to 131,072.
_ODD_AT_ONCE = 500
#: Bytes of pongs that a peer may leave unread, and fragments that one message may have.
_UNREAD, _MOST_PARTS = 1024 * 1024, 20_000


class _Socket(ClientConnection):
    """A connection whose messages wait in a list, not in a queue of futures.

    Whole, unfragmented, uncompressed messages are cut out of the bytes here (RFC 6455, 5.2); the library
    sees the handshake and every other frame, whole and in order. Its parser costs 5 us a message and
    this 0.6 (measured on 600 bytes), more than reading, pricing and printing what is in it.
    """

    def __init__(self, *args: Any, most: int, hide: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heard = time.monotonic()
        self.waiting: list[Frame] = []
        self.size = 0
        self._is_held = False
        self.broken: LinkError | None = None
        self._most = most
        self._parts: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._shaken = False
        self._answer = UpgradeAnswer(READ)
        self._hide = hide
        self._refusing: asyncio.TimerHandle | None = None
        self._rest = bytearray()
        self._need = 0
        self._unfinished = False

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        if not self._shaken:
            data = self._shake(data)
        if self._rest:
            self._rest += data
            if len(self._rest) < self._need:
                return
            data, self._rest = bytes(self._rest), bytearray()
        if data:
            self._cut(data)
        self._received()

    def _received(self) -> None:
        """Wake the reader; stop reading while too much waits, and start again when nothing does."""
        if self.waiting or self.protocol.state is not State.OPEN:
            self._wake()
        full = self._unfinished or self.size > _WAITING or len(self.waiting) > _MOST_WAITING
        if full and not self._is_held:
            self._is_held = True
            self.transport.pause_reading()
        elif self._is_held and not self.waiting and not self._unfinished:
            self._is_held = False
            self.heard = time.monotonic()
            self.transport.resume_reading()

    def _resume(self) -> None:
        """Cut the rest of a read that had too many frames for one turn of the loop."""
        data, self._rest, self._unfinished = bytes(self._rest), bytearray(), False
        if self.broken is None and not self.transport.is_closing():
            self._cut(data)
            self._received()

    async def handshake(self, *args: Any, **kwargs: Any) -> None:
        """As the library does it; but a refusal is told with its status, whatever becomes of its body."""
        try:
            await super().handshake(*args, **kwargs)
        except Exception:
            if self._answer.refused:
                raise LinkError(_refused(self._answer.refusal, self._hide)) from None
            if self.broken is not None:
                raise self.broken from None
            raise

    def _shake(self, data: bytes) -> bytes:
        """Give the library the head that accepts the upgrade; return what follows it."""
        try:
            accepted = self._answer.feed(data)
        except TooManyInterimError as error:
            self.broken = LinkError(Failure(kind="protocol", text=str(error)))
            self.transport.abort()
            return b""
        if accepted is not None:
            self._shaken = True
            super().data_received(accepted[0])
            return accepted[1]
        if self._answer.refused:
            if self._answer.is_whole:
                self.transport.abort()
            elif self._refusing is None:
                self._refusing = self.loop.call_later(ERROR_BODY_S, self.transport.abort)
        return b""

    def _cut(self, data: bytes) -> None:
        """Every whole frame of `data`: a plain message is taken, any other goes to the library."""
        at, end, waiting, most, odd = 0, len(data), self.waiting, self._most, 0
        while True:
            head, stop = 2, at + 2
            if stop <= end:
                size = data[at + 1]
                if size > 127:
                    # Masked, as only a client may: no need to wait for its length.
                    size = most + 1
                elif size > 125:
                    head = 4 if size == 126 else 10
                    size = int.from_bytes(data[at + 2 : at + head], "big") if at + head <= end else 0
                if at + head <= end and (size > most or self.protocol.state is State.CONNECTING):
                    # Refused handshake, masked, too big: the library knows what is to be done.
                    super().data_received(data[at:])
                    return
                stop = at + head + size
            if stop > end or at + head > end:
                self._rest, self._need = bytearray(data[at:]), max(stop, at + head) - at
                return
            if data[at] in _PLAIN and not self._parts and self.protocol.state is State.OPEN:
                waiting.append(_new(Frame, (data[at + head : stop], "", "")))
                self.size += size
            else:
                super().data_received(data[at:stop])
                odd += 1
                if self.broken is not None or self.protocol.state is State.CLOSED:
                    return
                if odd == _ODD_AT_ONCE:
                    self._rest, self._need, self._unfinished = bytearray(data[stop:]), 0, True
                    self.loop.call_soon(self._resume)
                    return
            at = stop

    def process_event(self, event: Any) -> None:
        if self.response is None or type(event) is not WireFrame or event.opcode not in _DATA:
            super().process_event(event)
            return
        self.size += len(event.data)
        if event.fin and not self._parts:
            self.waiting.append(Frame(bytes(event.data)))
            return
        self._parts.append(bytes(event.data))
        if len(self._parts) > _MOST_PARTS:
            # The library counts bytes, and an empty fragment has none.
            self.broken = LinkError(Failure(kind="too-big", text=f"a message of more than {_MOST_PARTS:,} fragments"))
            self.transport.abort()
        if event.fin:
            self.waiting.append(Frame(b"".join(self._parts)))
            self._parts = []

    def connection_lost(self, exc: Exception | None) -> None:
        if self._refusing is not None:
            self._refusing.cancel()
        super().connection_lost(exc)
        self._wake()

    async def take(self) -> list[Frame]:
        """The messages that arrived since the last call, `_AT_ONCE` at most; waits for one. Empty at the end.

        A close frame is the end: a server that then keeps the TCP connection has nothing more to say.
        """
        while not self.waiting and self.protocol.state is State.OPEN:
            self._waiter = self.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frames, self.waiting = self.waiting[:_AT_ONCE], self.waiting[_AT_ONCE:]
        self.size -= sum(len(frame.data) for frame in frames)
        self._received()
        return frames

    def fail(self, error: LinkError) -> None:
        """Wake whoever waits with an error."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


# Frame(...) passes through Python for its defaults; one is made for every message.
_new = tuple.__new__

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
#: The first byte of a text or binary message in one frame: FIN, and no extension.
_PLAIN = (0x81, 0x82)


class _Connect(connect):
    """Never follows a redirect: a WebSocket server that redirects is not the one that the key is for."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WSLink:
    """One open WebSocket."""

    asked = 0.0

    def __init__(self, connection: _Socket, limits: Limits, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._limits = limits
        self._clock = clock
        self._watch = asyncio.get_running_loop().call_later(1.0, self._look)

    @property
    def silent(self) -> float:
        return time.monotonic() - self._connection.heard

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            raise LinkError(self._ended()) from None

    async def __aiter__(self) -> AsyncGenerator[Read, None]:
        take, clock = self._connection.take, self._clock
        while frames := await take():
            yield Read(clock(), frames)
        raise self._connection.broken or LinkError(self._ended())

    async def close(self, *, politely: bool) -> None:
        self._watch.cancel()
        if politely and self._connection.protocol.state is State.OPEN:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_FAREWELL):
                    await self._connection.close()
        self._connection.transport.abort()

    def _look(self, again: bool = False) -> None:
        """Once a second: has the peer said anything, be it a pong? One timer costs less than one for each read.

        A process that was stopped finds this due before the socket was looked at: so it looks `again`.
        """
        connection = self._connection
        silent = self.silent
        if connection.transport.get_write_buffer_size() > _UNREAD:
            connection.fail(
                LinkError(Failure(kind="protocol", text="the server does not read what we answer its pings"))
            )
        is_silent = silent > self._limits.silence and not connection.waiting
        if is_silent and again:
            connection.fail(LinkError(Failure(kind="silence", text=f"no byte for {silent:.0f} s")))
        doubted = is_silent and not again
        self._watch = connection.loop.call_later(_AGAIN if doubted else 1.0, self._look, doubted)

    def _ended(self) -> Failure:
        protocol = self._connection.protocol
        if isinstance(protocol.parser_exc, PayloadTooBig):
            text = f"a message of more than {self._limits.max_frame:,} bytes"
            return Failure(kind="too-big", text=text)
        received, sent = protocol.close_rcvd, protocol.close_sent
        if received is not None:
            return Failure(kind="ws-close", code=received.code, text=visible(received.reason, SHOWN))
        if sent is not None and sent.code != 1000:
            return Failure(kind="ws-close", code=sent.code, text=visible(f"we closed: {sent.reason}", SHOWN))
        return Failure(kind="ws-close", code=1006, text="the connection broke off")


class WebSocket:
    """Opens WebSockets."""

    def __init__(self, limits: Limits, clock: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._context: ssl.SSLContext | None = None

    async def open(self, target: Target) -> WSLink:
        """Connect and shake hands. Raises LinkError."""
        limits = self._limits
        headers = {name: value for name, value in target.headers.items() if name != "User-Agent"}
        kwargs: dict[str, Any] = {}
        via: Proxy | None = None
        try:
            via = route(target.url).proxy
            if urlsplit(target.url).scheme == "wss":
                kwargs["ssl"] = self._tls()
            if via is not None and via.url.startswith("https:"):
                kwargs["proxy_ssl"] = self._tls()
        except (ValueError, OSError) as error:
            raise LinkError(setting_failure(error)) from None
        try:
            connection = await _Connect(
                target.url,
                additional_headers=headers,
                user_agent_header=USER_AGENT,
                create_connection=partial(_Socket, most=limits.max_frame, hide=target.hide),  # type: ignore[arg-type]
                max_size=limits.max_frame,
                open_timeout=limits.connect + limits.answer,
                # Dead peers are ours to find (`_look`): a paused reader must not be taken for one.
                ping_interval=min(PING, limits.silence / 3),
                ping_timeout=None,
                close_timeout=1,
                proxy=None if via is None else _address(via),
                **kwargs,
            )
        except (WebSocketException, OSError, ValueError, LookupError, EOFError, ImportError) as error:
            raise LinkError(_failure(error, via)) from None
        assert isinstance(connection, _Socket)
        return WSLink(connection, limits, self._clock)

    async def aclose(self) -> None:
        """Nothing is shared between connections."""

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = trust(self._limits.ca_bundle).context()
        return self._context


def _address(via: Proxy) -> str:
    """A proxy's address with its user and password, as the library wants it."""
    if via.user is None:
        return via.url
    return via.url.replace("://", f"://{quote(via.user, safe='')}:{quote(via.password, safe='')}@", 1)


def _failure(error: Exception, via: Proxy | None) -> Failure:
    text = visible(str(error), SHOWN)
    root = root_failure(error)
    if via is not None:
        if isinstance(error, InvalidProxyStatus):
            text = f"{error.response.status_code} {visible(error.response.reason_phrase, 80)}"
        if isinstance(error, ProxyError | OSError):
            return proxy_failure(via, text, root, timeout=isinstance(error, TimeoutError))
    if root is not None:
        return root
    match error:
        case InvalidProxy() | ImportError() | ValueError():
            return setting_failure(error)
        case TimeoutError():
            return Failure(kind="timeout", text="no connection within the limit")
        case EOFError() | InvalidMessage(__cause__=EOFError()):
            return Failure(kind="network", text="the server hung up before it answered")
        case InvalidMessage():
            return Failure(kind="protocol", text="the answer is not HTTP/1.1")
        case InvalidHandshake():
            return Failure(kind="protocol", text=f"no WebSocket handshake: {text}")
        case OSError():
            return Failure(kind="network", text=text)
        case _:
            return Failure(kind="protocol", text=text)


def _refused(answer: Refusal, hide: Callable[[str], str]) -> Failure:
    if 300 <= answer.status < 400:
        try:
            parts = urlsplit(next(iter(answer.values("location")), ""))
            host = visible(hide(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"), 80)
        except ValueError:
            host = "what is no address"
        return Failure(kind="redirect", text=f"redirected to {host}: the key is not sent to another host")
    body = readable(answer.body, ", ".join(answer.values("content-encoding")), READ)
    return refusal(answer.status, answer.fields, body, hide, datetime.now(UTC))
