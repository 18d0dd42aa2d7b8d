"""One connection's socket side: requests, queues, faults. Knows no vendor and no odds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from email.utils import formatdate
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from oddstail.demo.contract import Ask, Frame, Price, Reply, Session, Told, bound
from oddstail.demo.faults import Act, Line
from oddstail.demo.speech import Speech

MAX_HEAD = 64 * 1024
# A reader that is this far behind is dropped: memory is never unbounded.
MAX_QUEUE_BYTES = 32 * 1024 * 1024
_DRIPS, _DRIP_PAUSE = 12, 0.05
# How long a frame waits for the neighbour that it is to change places with.
_RELEASE = 0.15


class Client:
    """One live stream, as tests see it.

    `told` is what this connection's wire has told so far: {(game, book, market, who, line): price}, in the
    vendor's own words and notation; None for what is known not to be on offer. A frame's part is entered when
    its last byte goes to the socket: what a fault cut, swallowed or holds back was never told, what it sent
    twice or in another order was told so. It starts empty with each connection.
    """

    def __init__(self, provider: str, ask: Ask, session: Session, shop: dict[Told, Price | None]) -> None:
        self.provider, self.ask, self.session = provider, ask, session
        self.told: dict[Told, Price | None] = {}
        #: How games stood by the last frame about each, and what happened by its id: the same way.
        self.scores: dict[str, tuple[int, int]] = {}
        self.news: dict[str, tuple[int, int]] = {}
        self._shop = shop
        self.frames = 0
        self.stalled = False
        self.outbox: deque[Frame] = deque()
        self.ready = asyncio.Event()
        self.dropped = asyncio.Event()
        self._queued = 0
        self._writing = False

    def push(self, frames: list[Frame]) -> None:
        """Queue frames; a client too far behind is dropped."""
        for frame in frames:
            self._queued += len(frame.body)
            self.outbox.append(frame)
        if frames:
            self.ready.set()
        if self._queued > MAX_QUEUE_BYTES:
            self.dropped.set()

    def pop(self) -> Frame | None:
        """The next frame for the socket; None if there is none yet."""
        self._writing = bool(self.outbox)
        if not self.outbox:
            self.ready.clear()
            return None
        frame = self.outbox.popleft()
        self._queued -= len(frame.body)
        return frame

    def tell(self, frame: Frame) -> None:
        """Enter what a frame tells: its last byte is on the socket."""
        frame.tell.apply(self.told)
        frame.tell.apply(self._shop)
        self.scores.update(frame.tell.scores)
        self.news.update(frame.tell.news)
        bound(self.news)
        self.frames += 1

    def idle(self) -> bool:
        """Everything said so far is on the socket."""
        return not self.outbox and not self._writing


class CutError(Exception):
    """The connection ends here, without manners."""


async def read_ask(reader: asyncio.StreamReader) -> tuple[Ask, bytes, h11.Connection] | None:
    """The request's head; None if what came is no HTTP request."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    try:
        http.receive_data(head)
        event = http.next_event()
    except h11.RemoteProtocolError:
        return None
    if not isinstance(event, h11.Request):
        return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
    try:
        body = await _read_body(reader, headers)
    except (ValueError, asyncio.IncompleteReadError, ConnectionError):
        return None
    url = urlsplit(event.target.decode("latin-1"))
    ask = Ask(
        method=event.method.decode("ascii"),
        path=unquote(url.path),
        query=tuple(parse_qsl(url.query, keep_blank_values=True)),
        headers=headers,
        websocket=headers.get("upgrade", "").lower() == "websocket",
        body=body,
    )
    return ask, head, http


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """What a POST brings; a length that is no number or too large is no request of ours."""
    length = int(headers.get("content-length", "0"))
    if not 0 <= length <= MAX_HEAD:
        raise ValueError(length)
    return await reader.readexactly(length)


def answer(http: h11.Connection, reply: Reply) -> bytes:
    """The bytes of a whole HTTP answer, after which the connection closes."""
    headers = [
        ("content-type", reply.content_type),
        ("content-length", str(len(reply.body))),
        ("connection", "close"),
        ("date", formatdate(usegmt=True)),
        *reply.headers,
    ]
    out = http.send(h11.Response(status_code=reply.status, headers=headers)) or b""
    out += http.send(h11.Data(data=reply.body)) or b""
    return out + (http.send(h11.EndOfMessage()) or b"")


async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: Client, speech: Speech) -> None:
    """Hear the client until it leaves."""
    while data := await reader.read(64 * 1024):
        if client.stalled:
            continue  # A stalled server answers no pings either.
        heard, back = speech.receive(data)
        if back:
            writer.write(back)
        for message in heard:
            client.push(client.session.hear(message))
        if speech.done:
            await writer.drain()
            return


async def speak(writer: asyncio.StreamWriter, client: Client, speech: Speech, line: Line) -> None:
    """Put the outbox on the socket, through the faults, until the connection ends."""
    while True:
        frame = client.pop()
        if frame is not None:
            for act in line.through(frame, websocket=speech.websocket):
                await _perform(act, writer, client, speech)
            if frame.close is not None:
                return
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RELEASE if line.holds else None):
                await client.ready.wait()
        if line.holds and not client.outbox:
            for act in line.release():
                await _perform(act, writer, client, speech)


async def _perform(act: Act, writer: asyncio.StreamWriter, client: Client, speech: Speech) -> None:
    match act.do:
        case "cut":
            raise CutError
        case "stall":
            client.stalled = True
            # None: for ever, that is until the client or the server goes.
            await asyncio.sleep(act.seconds if act.seconds is not None else 1e9)
            client.stalled = False
            return
    assert act.frame is not None
    data = speech.encode(act.frame)
    if act.do == "half":
        writer.write(data[: max(len(data) // 2, 1)])
        await writer.drain()
        return
    if act.do == "drip":
        size = len(data) // _DRIPS + 1
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            await asyncio.sleep(_DRIP_PAUSE)
    else:
        writer.write(data)
    client.tell(act.frame)
    await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset, as a host that has nothing behind the port would."""
    sock = writer.get_extra_info("socket")
    # A peer that has left already closed it.
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
