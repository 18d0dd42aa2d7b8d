"""A loopback server in the hands of a row: says just the bytes that it is told to, over HTTP or WebSocket.

Raw sockets rather than a server library: no library sends half a character, a frame without its end, or nothing.
Knows no odds.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from websockets.frames import Close, Frame, Opcode

#: What of a connection is kept to be looked at: enough for every row that says prices one by one.
_KEPT = 16 * 1024 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Answer = Callable[["Peer"], Awaitable[object]]


@dataclass
class Peer:
    """A client's connection. `head` is what it asked; `other` is where a second server listens."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes
    nth: int
    other: str = ""
    said: bytearray = field(default_factory=bytearray)

    async def send(self, *data: bytes) -> bool:
        """Send; False if nobody listens any more."""
        try:
            for part in data:
                self.writer.write(part)
                await self.writer.drain()
                if len(self.said) < _KEPT:
                    self.said += part
        except OSError:
            return False
        return not self.writer.is_closing()

    async def hold(self) -> None:
        """Say nothing until the client leaves."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Leave with a RST, as a crashed middlebox does."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    # --- WebSocket ---------------------------------------------------------------------------------

    async def shake(self, extensions: str = "") -> None:
        """Accept the upgrade."""
        key = re.search(rb"Sec-WebSocket-Key: *(\S+)", self.head, re.IGNORECASE)
        assert key is not None, self.head
        accept = base64.b64encode(hashlib.sha1(key[1] + _GUID).digest()).decode()
        more = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        await self.send(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{more}"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )

    async def text(self, *messages: str) -> bool:
        """Whole messages."""
        return await self.send(*[wire(Opcode.TEXT, message.encode()) for message in messages])

    async def close(self, code: int | None, reason: str = "") -> None:
        """A close frame, and the time it takes the client to answer."""
        await self.send(wire(Opcode.CLOSE, b"" if code is None else Close(code, reason).serialize()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.hold()


def wire(opcode: Opcode, data: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes:
    """One frame of a server: not masked."""
    frame = Frame(opcode, data, fin).serialize(mask=False)
    return bytes([frame[0] | 0x40 * rsv1]) + frame[1:]


@dataclass
class Server:
    """The nth connection gets the nth answer, the last one all the rest."""

    answers: Sequence[Answer]
    tls: ssl.SSLContext | None = None
    other: str = ""
    heads: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    on_connect: Callable[[], None] = lambda: None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    failure: BaseException | None = None

    async def __aenter__(self) -> Server:
        # Large enough that a flood is not this side's bottleneck.
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 20, ssl=self.tls)
        self.port: int = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            peer.writer.transport.abort()
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failure = self.failure or task.exception()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nth = len(self.heads)
        self.heads.append(b"")
        self.times.append(time.monotonic())
        head = b""
        with contextlib.suppress(OSError):
            # A TLS client's greeting has no blank line; it is told in plain text what it reached.
            while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
                data = await reader.read(4096)
                if not data:
                    break
                head += data
        self.heads[nth] = head
        self.on_connect()
        peer = Peer(reader, writer, head, nth, self.other)
        self.peers.append(peer)
        await self.answers[min(nth, len(self.answers) - 1)](peer)
        if writer.transport.is_closing():
            return
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            if self.tls is None:
                writer.write_eof()
            else:
                writer.close()
            async with asyncio.timeout(2):
                await peer.hold()
        writer.transport.abort()


# --- answers ---------------------------------------------------------------------------------------


def reply(status: str, body: str | bytes = b"", kind: str = "application/json", **headers: str) -> Answer:
    """A whole HTTP answer. `{other}` in a header is the second server's address."""
    data = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": kind, "Content-Length": str(len(data)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    async def answer(peer: Peer) -> None:
        await peer.send(f"HTTP/1.1 {status}\r\n{lines.replace('{other}', peer.other)}\r\n".encode(), data)

    return answer


def echo(status: str) -> Answer:
    """An error page that repeats the whole request, key and all."""

    async def answer(peer: Peer) -> None:
        await reply(status, peer.head, "text/plain")(peer)

    return answer


def head(kind: str = "text/event-stream", **headers: str) -> bytes:
    """The head of an event stream that ends with its connection."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{lines}Connection: close\r\n\r\n".encode()


def sse(
    *parts: bytes, hold: bool = True, pause: float = 0.0, kind: str = "text/event-stream", **headers: str
) -> Answer:
    """An event stream: its parts, `pause` seconds between them, and then silence (`hold`) or the end."""

    async def answer(peer: Peer) -> None:
        await peer.send(head(kind, **headers))
        for part in parts:
            await peer.send(part)
            if pause:
                await asyncio.sleep(pause)
        if hold:
            await peer.hold()

    return answer


def drip(data: bytes, pause: float) -> Answer:
    """An event stream, a few bytes at a time."""
    return sse(*[data[at : at + 7] for at in range(0, len(data), 7)], pause=pause)


def chunked(*parts: bytes, cut: bytes = b"", rst: bool = False, **headers: str) -> Answer:
    """An event stream in HTTP chunks, one a part; `cut` is what stands where the next would begin."""

    async def answer(peer: Peer) -> None:
        await peer.send(head(Transfer_Encoding="chunked", **headers))
        await peer.send(*[b"%x\r\n%b\r\n" % (len(part), part) for part in parts])
        if cut:
            await peer.send(cut)
        if rst:
            # What is in flight must arrive before the RST throws it away.
            await asyncio.sleep(0.2)
            peer.reset()

    return answer


def pour(*parts: bytes) -> Answer:
    """An event stream whose last part comes again and again until the client leaves."""

    async def answer(peer: Peer) -> None:
        await peer.send(head(), *parts)
        while await peer.send(parts[-1]):
            pass

    return answer


def ws(*messages: str | bytes, hear: int = 0, close: tuple[int | None, str] | None = None, hold: bool = True) -> Answer:
    """A WebSocket: the first message, `hear` messages of the client, the others; then it closes or stays.

    Text goes as text, bytes as they are: frames of any kind.
    """

    async def answer(peer: Peer) -> None:
        await peer.shake()
        for nth, message in enumerate(messages):
            await (peer.send(message) if isinstance(message, bytes) else peer.text(message))
            if nth == 0 and hear:
                for _ in range(hear):
                    await peer.reader.read(4096)
        if close is not None:
            await peer.close(*close)
        elif hold:
            await peer.hold()

    return answer


async def nothing(peer: Peer) -> None:
    """Hang up at once."""


async def silence(peer: Peer) -> None:
    """Accept, and never answer."""
    await peer.hold()


async def rst(peer: Peer) -> None:
    """Accept, and reset."""
    peer.reset()
