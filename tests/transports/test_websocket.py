"""Messages over a real loopback socket, however the bytes of their frames are cut; the library is the oracle."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
import random
import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from oddstail.clock import wall
from oddstail.model import Failure, LinkError, Where
from oddstail.transports import Limits, Target
from oddstail.transports.websocket import WebSocket, WSLink, _Socket
from tests.support import request

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A frame from a server (RFC 6455, 5.2): unmasked, `first` holds FIN, RSV and the opcode."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


CLOSE = frame(struct.pack("!H", 1000) + b"bye", 0x88)
BIG = bytes(range(32, 127)) * 700

#: (messages that come out, bytes that went in)
STREAMS = [
    pytest.param([b"one", b"two"], [frame(b"one"), frame(b"two")], id="text"),
    pytest.param([b"\xff\x00"], [frame(b"\xff\x00", 0x82)], id="binary"),
    pytest.param([b""], [frame(b"")], id="an-empty-message"),
    pytest.param([b"x" * 125, b"y" * 126, b"z" * 127], [frame(b"x" * 125), frame(b"y" * 126), frame(b"z" * 127)], id="around-the-short-length"),
    pytest.param([b"x" * 65535, b"y" * 65536], [frame(b"x" * 65535), frame(b"y" * 65536)], id="around-the-middle-length"),
    pytest.param([b"abc", b"next"], [frame(b"a", 0x01), frame(b"b", 0x00), frame(b"c", 0x80), frame(b"next")], id="fragments"),
    pytest.param([b"ab", b"c"], [frame(b"a", 0x01), frame(b"hi", 0x89), frame(b"b", 0x80), frame(b"c")], id="a-ping-between-fragments"),
    pytest.param([b"a", b"b"], [frame(b"a"), frame(b"", 0x8A), frame(b"", 0x89), frame(b"b")], id="pongs-and-pings-between"),
    pytest.param([BIG, b"small"], [frame(BIG), frame(b"small")], id="big"),
]  # fmt: skip


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Read a handshake and return the head that accepts it."""
    head = await reader.readuntil(b"\r\n\r\n")
    key = next(
        line.split(b":")[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )


def read_all(
    say: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]], **limits: Any
) -> tuple[list[bytes], Failure]:
    """Every message that a server says, and how the link ended."""

    async def main() -> tuple[list[bytes], Failure]:
        done = asyncio.Event()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await say(reader, writer)
                await reader.read()
            finally:
                writer.close()
                done.set()

        server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            messages: list[bytes] = []
            failure = None
            link: WSLink | None = None
            try:
                link = await opened(f"ws://127.0.0.1:{port}/", **limits)
                async for read in link:
                    messages += [found.data for found in read.frames]
            except LinkError as error:
                failure = error.failure
            finally:
                if link is not None:
                    await link.close(politely=True)
            await done.wait()
            assert failure is not None
            return messages, failure

    return asyncio.run(asyncio.wait_for(main(), 20))


async def opened(url: str, **limits: Any) -> WSLink:
    """A link without a key."""
    target = Target(request(url=url, key_in=Where.QUERY), None)
    return await WebSocket(Limits(**limits), wall).open(target)


@pytest.mark.parametrize("cut", [0, 1, 7, 1000], ids=["whole", "byte-by-byte", "odd-pieces", "random-pieces"])
@pytest.mark.parametrize(("expected", "frames"), STREAMS)
def test_messages_come_out_whole_and_in_order(expected: list[bytes], frames: list[bytes], cut: int) -> None:
    rng = random.Random(cut)

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = await answer(reader, writer) + b"".join(frames) + CLOSE
        if cut == 1 and len(stream) > 5000:
            head, stream = stream[:-3000], stream[-3000:]
            writer.write(head)
        at = 0
        while at < len(stream):
            step = len(stream) if not cut else cut if cut < 1000 else rng.randrange(1, 20_000)
            writer.write(stream[at : at + step])
            at += step
            await asyncio.sleep(0)

    messages, failure = read_all(say)
    assert messages == expected
    assert (failure.kind, failure.code, failure.text) == ("ws-close", 1000, "bye")


#: (kind and code of the failure, what the server sends after the handshake)
ENDS = [
    pytest.param(("too-big", None), frame(b"x" * 70_000), id="a-message-over-the-limit"),
    pytest.param(("too-big", None), frame(b"x" * 60_000, 0x01) + frame(b"x" * 10_000, 0x80), id="fragments-over-the-limit"),
    pytest.param(("ws-close", 1002), struct.pack("!BB", 0x81, 0x85) + b"mask" + b"hello", id="a-masked-frame"),
    pytest.param(("ws-close", 1002), frame(b"x", 0xC1), id="a-reserved-bit"),
    pytest.param(("ws-close", 1002), frame(b"a", 0x01) + frame(b"b", 0x81), id="a-message-inside-fragments"),
    pytest.param(("ws-close", 1002), frame(b"b", 0x80), id="a-continuation-of-nothing"),
    pytest.param(("ws-close", 4002), frame(struct.pack("!H", 4002) + b"cap", 0x88), id="a-close-with-a-code"),
    pytest.param(("ws-close", 1005), frame(b"", 0x88), id="a-close-without-a-code"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "sent"), ENDS)
def test_how_a_link_ends(expected: tuple[str, int | None], sent: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await answer(reader, writer) + frame(b"before") + sent)

    messages, failure = read_all(say, max_frame=65_536)
    assert messages == [b"before"]
    assert (failure.kind, failure.code) == expected


def test_a_connection_that_breaks_off_in_a_message_gives_what_came_before() -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await answer(reader, writer) + frame(b"before") + frame(b"half of it")[:5])
        await writer.drain()
        writer.write_eof()

    messages, failure = read_all(say)
    assert messages == [b"before"]
    assert (failure.kind, failure.code) == ("ws-close", 1006)


def test_a_peer_that_says_nothing_is_found_dead() -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await answer(reader, writer) + frame(b"before"))

    messages, failure = read_all(say, silence=0.5)
    assert (messages, failure.kind) == ([b"before"], "silence")


@pytest.mark.parametrize(
    ("expected", "head"),
    [
        (("status", 403, "no plan", None), b"HTTP/1.1 403 Forbidden\r\nContent-Length: 19\r\n\r\n" + b'{"error":"no plan"}'),
        (("status", 429, "", 7.0), b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
        (("status", 429, "", 12.0), b"HTTP/1.1 429 Too Many Requests\r\nX-RateLimit-Reset: 12\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
        (("redirect", None, "redirected to https://evil.example: the key is not sent to another host", None),
         b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/x\r\nContent-Length: 0\r\n\r\n"),
        (("protocol", None, None, None), b"garbage\r\n\r\n"),
    ],
    ids=["403", "429", "429-window", "302", "garbage"],
)  # fmt: skip
def test_a_handshake_that_fails(expected: tuple[str, int | None, str | None, float | None], head: bytes) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        writer.write_eof()

    _, failure = read_all(say)
    kind, code, text, asked = expected
    assert (failure.kind, failure.code, failure.asked) == (kind, code, asked)
    assert text is None or failure.text == text


def test_the_library_says_the_same_over_compressed_fragmented_and_plain_messages() -> None:
    rng = random.Random(7)
    sent = [bytes(rng.choices(b"abcdef{}:,", k=rng.choice((0, 3, 200, 70_000)))).decode() for _ in range(60)]

    async def say(connection: ServerConnection) -> None:
        for at, text in enumerate(sent):
            if at % 5 == 4:
                await connection.send(iter([text[:50], text[50:]]))
            else:
                await connection.send(text)

    async def main() -> list[bytes]:
        out: list[bytes] = []
        async with serve(say, "127.0.0.1", 0) as server:
            link = await opened(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
            try:
                async for read in link:
                    out += [found.data for found in read.frames]
            except LinkError:
                pass
            await link.close(politely=True)
        return out

    assert asyncio.run(asyncio.wait_for(main(), 20)) == [text.encode() for text in sent]


def test_a_peer_that_only_pongs_is_alive_however_short_the_silence_that_is_allowed() -> None:
    async def say(connection: ServerConnection) -> None:
        # By longer than the allowed silence, and than the time between two looks at it.
        await asyncio.sleep(2.2)
        await connection.send("at last")

    async def main() -> list[bytes]:
        async with serve(say, "127.0.0.1", 0) as server:
            link = await opened(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", silence=0.6)
            async for read in link:
                await link.close(politely=True)
                return [found.data for found in read.frames]
        return []

    assert asyncio.run(asyncio.wait_for(main(), 20)) == [b"at last"]


FLOODS = [
    pytest.param([b"{}"] * 30_000, frame(b"{}") * 30_000, id="tiny-messages"),
    pytest.param([b""] * 30_000, (frame(b"", 0x01) + frame(b"", 0x80)) * 30_000, id="empty-fragments"),
    pytest.param([b"last"], frame(b"", 0x89) * 30_000 + frame(b"last"), id="pings"),
]


@pytest.mark.parametrize(("expected", "sent"), FLOODS)
def test_flood_is_read_in_parts_and_leaves_the_loop_its_turns(expected: list[bytes], sent: bytes) -> None:
    turns: list[float] = []

    async def serve_flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await answer(reader, writer) + sent + CLOSE)
        await reader.read()
        writer.close()

    async def tick() -> None:
        while True:
            turns.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0)

    async def main() -> list[list[bytes]]:
        server = await asyncio.start_server(serve_flood, "127.0.0.1", 0)
        link = await opened(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        ticking = asyncio.create_task(tick())
        reads: list[list[bytes]] = []
        with pytest.raises(LinkError):  # noqa: PT012 - it is raised by the iteration
            async for read in link:
                reads.append([found.data for found in read.frames])
                await asyncio.sleep(0)
        ticking.cancel()
        await link.close(politely=True)
        server.close()
        await server.wait_closed()
        return reads

    reads = asyncio.run(asyncio.wait_for(main(), 60))
    assert [data for read in reads for data in read] == expected
    assert max(map(len, reads)) <= 2_000
    assert len(turns) >= len(sent) // 2 / 131_072 * 4


def test_a_reader_that_pauses_gets_everything_and_is_not_cut_off() -> None:
    count, each = 60, b"x" * 500_000

    async def say(connection: ServerConnection) -> None:
        for _ in range(count):
            await connection.send(each)

    async def main() -> int:
        async with serve(say, "127.0.0.1", 0, compression=None) as server:
            link = await opened(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", silence=0.2)
            got, held = 0, 0
            with pytest.raises(LinkError) as ended:  # noqa: PT012 - it is raised by the iteration
                async for read in link:
                    got += len(read.frames)
                    held = max(held, sum(len(found.data) for found in read.frames))
                    # A sink that is busy for longer than the link may be silent.
                    await asyncio.sleep(0.3 if got < 20 else 0)
            assert ended.value.failure.kind == "ws-close"
            await link.close(politely=True)
            assert held < 12 * 1024 * 1024
            return got

    assert asyncio.run(asyncio.wait_for(main(), 20)) == count


def test_attributes_of_ours_do_not_shadow_those_of_the_library() -> None:
    async def main() -> tuple[set[str], set[str]]:
        async with serve(lambda connection: connection.wait_closed(), "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            async with connect(url) as theirs:
                link = await opened(url)
                ours = set(vars(link._connection))
                await link.close(politely=True)
                return ours, set(vars(theirs)) | set(dir(type(theirs)))

    ours, theirs = asyncio.run(asyncio.wait_for(main(), 20))
    source = inspect.getsource(_Socket.__init__).partition("super().__init__")[2]
    assert {name for name in ours if f"self.{name}" in source} & theirs == set()
