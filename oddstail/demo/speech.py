"""How frames become bytes: chunks of an event stream, or the frames of a WebSocket. Knows no socket and no vendor."""

from __future__ import annotations

from typing import Protocol

import h11
from websockets.exceptions import InvalidState, ProtocolError
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame as WsFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from oddstail.demo.contract import Frame


class Speech(Protocol):
    """How frames become bytes on this connection, and what arrives becomes text."""

    websocket: bool

    def encode(self, frame: Frame) -> bytes:
        """The bytes of a frame; none if nothing can be said any more."""
        ...

    def receive(self, data: bytes) -> tuple[list[str], bytes]:
        """Messages of the client, and bytes that must go back at once (pongs, closes)."""
        ...

    @property
    def done(self) -> bool:
        """The client has closed."""
        ...


class Sse:
    """HTTP/1.1 chunks, one for each event."""

    websocket = False
    done = False

    def __init__(self, http: h11.Connection) -> None:
        self._http = http

    def encode(self, frame: Frame) -> bytes:
        out = self._http.send(h11.Data(data=frame.body)) or b"" if frame.body else b""
        return out + (self._http.send(h11.EndOfMessage()) or b"") if frame.close is not None else out

    def receive(self, data: bytes) -> tuple[list[str], bytes]:
        return [], b""


class Ws:
    """Frames of the sans-I/O protocol."""

    websocket = True

    def __init__(self, protocol: ServerProtocol) -> None:
        self._protocol = protocol
        self._parts = bytearray()

    @property
    def done(self) -> bool:
        return self._protocol.close_expected()

    def encode(self, frame: Frame) -> bytes:
        try:
            if frame.ping:
                self._protocol.send_ping(b"")
            elif frame.body:
                send = self._protocol.send_binary if frame.binary else self._protocol.send_text
                send(frame.body)
            if frame.close is not None:
                self._protocol.send_close(*frame.close)
        except (ProtocolError, InvalidState):
            # The client is closing: nothing more can be said.
            return b""
        return b"".join(self._protocol.data_to_send())

    def receive(self, data: bytes) -> tuple[list[str], bytes]:
        self._protocol.receive_data(data)
        heard = []
        for event in self._protocol.events_received():
            if isinstance(event, WsFrame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._parts += event.data
                if event.fin:
                    heard.append(self._parts.decode("utf-8", "replace"))
                    self._parts.clear()
        return heard, b"".join(self._protocol.data_to_send())


def open_sse(http: h11.Connection) -> tuple[Sse, bytes]:
    """The start of an event stream, and its head's bytes."""
    # As observed: uncompressed, no-cache, no rate-limit headers [3p T1].
    headers = [("content-type", "text/event-stream"), ("cache-control", "no-cache")]
    return Sse(http), http.send(h11.Response(status_code=200, headers=headers)) or b""


def open_ws(head: bytes, subprotocol: str | None, *, deflates: bool) -> tuple[Ws | None, bytes]:
    """Shake hands; None if the client's handshake is bad, and the refusal's bytes. Compressed only if offered."""
    offered = [Subprotocol(subprotocol)] if subprotocol else None
    extensions = [ServerPerMessageDeflateFactory()] if deflates else None
    protocol = ServerProtocol(subprotocols=offered, extensions=extensions, max_size=2**20)
    protocol.receive_data(head)
    request = next((one for one in protocol.events_received() if isinstance(one, Request)), None)
    if request is None:
        return None, b"".join(protocol.data_to_send())
    response = protocol.accept(request)
    protocol.send_response(response)
    out = b"".join(protocol.data_to_send())
    return (Ws(protocol) if response.status_code == 101 else None), out
