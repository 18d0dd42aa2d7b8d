"""One connection from accept to close: its faults, the wire's answer, the stream. Knows no vendor."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque

import h11

from oddstail.demo.contract import Ask, Frame, Price, Reply, Shut, Told, Wire
from oddstail.demo.faults import Fault, Faults, Line
from oddstail.demo.link import Client, CutError, answer, listen, read_ask, reset, speak
from oddstail.demo.speech import Speech, open_sse, open_ws

#: Who asks so wants no page: how a server's clock is, its Date says with any answer.
_NO_HEAD = Reply(status=405, headers=(("allow", "GET"),))


class Shop:
    """One provider's wire, its faults and its clients."""

    def __init__(self, wire: Wire, faults: Faults) -> None:
        self.wire, self.faults = wire, faults
        self.clients: list[Client] = []
        self.past: deque[Client] = deque(maxlen=100)
        self.lines: dict[Client, Line] = {}
        #: What pages and streams together have told, in the order of their writing.
        self.told: dict[Told, Price | None] = {}

    def idle(self) -> bool:
        """Everything said so far is on the sockets; stalled clients are not waited for."""
        return all(one.stalled or (one.idle() and not self.lines[one].holds) for one in self.clients)


async def connection(shop: Shop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one accepted socket to its end, whatever ends it; the socket is closed after that."""
    line = shop.faults.connect()
    try:
        if line.struck is not None and line.struck.name == "refuse":
            raise CutError
        asked = await read_ask(reader)
        if asked is not None:
            await _answer(shop, line, reader, writer, *asked)
        writer.close()
        await writer.wait_closed()
    except CutError:
        reset(writer)
    except (ConnectionError, TimeoutError):
        writer.transport.abort()
    finally:
        # Also when cancelled: a socket is never left to the garbage collector.
        writer.transport.abort()


async def _answer(
    shop: Shop,
    line: Line,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    ask: Ask,
    head: bytes,
    http: h11.Connection,
) -> None:
    given = _NO_HEAD if ask.method == "HEAD" else _struck(line.struck, shop.wire, ask) or shop.wire.accept(ask)
    if isinstance(given, Reply):
        writer.write(answer(http, given))
        given.tell.apply(shop.told)
        await writer.drain()
        return
    speech: Speech
    if ask.websocket:
        subprotocol = None if isinstance(given, Shut) else given.subprotocol
        ws, out = open_ws(head, subprotocol, deflates=shop.wire.deflates)
        writer.write(out)
        if ws is None:
            if not isinstance(given, Shut):
                shop.wire.left(given)
            return
        speech = ws
    else:
        speech, out = open_sse(http)
        writer.write(out)
    if isinstance(given, Shut):
        await _shut(given, reader, writer, speech)
        return
    if line.struck is not None and line.struck.name == "accept-then-drop":
        await writer.drain()
        shop.wire.left(given)
        return
    await _stream(shop, line, reader, writer, Client(shop.wire.provider, ask, given, shop.told), speech)


async def _stream(
    shop: Shop,
    line: Line,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    client: Client,
    speech: Speech,
) -> None:
    shop.clients.append(client)
    shop.lines[client] = line
    client.push(client.session.greet())
    lives = [
        asyncio.create_task(listen(reader, writer, client, speech)),
        asyncio.create_task(speak(writer, client, speech, line)),
        asyncio.create_task(_dropped(client)),
    ]
    try:
        done, _ = await asyncio.wait(lives, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if speech.websocket and not speech.done:
            await _farewell(reader, speech)
    finally:
        for task in lives:
            task.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        shop.clients.remove(client)
        del shop.lines[client]
        shop.past.append(client)
        shop.wire.left(client.session)


async def _dropped(client: Client) -> None:
    await client.dropped.wait()
    raise CutError


async def _farewell(reader: asyncio.StreamReader, speech: Speech) -> None:
    """After our close frame: wait a moment for the client's."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(1.0):
            while data := await reader.read(64 * 1024):
                speech.receive(data)
                if speech.done:
                    return


async def _shut(shut: Shut, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speech: Speech) -> None:
    if shut.say is not None:
        writer.write(speech.encode(Frame(body=shut.say)))
    writer.write(speech.encode(Frame(close=(shut.code, shut.reason))))
    await writer.drain()
    await _farewell(reader, speech)


def _struck(fault: Fault | None, wire: Wire, ask: Ask) -> Reply | Shut | None:
    """What a connect fault answers in the wire's place."""
    match fault.name if fault is not None else "":
        case "http-429":
            assert fault is not None
            wait = (("retry-after", str(fault.retry_after)),)
            return Reply(status=429, body=b'{"error":"too many requests"}', headers=wait)
        case "http-503":
            assert fault is not None
            wait = (("retry-after", str(fault.retry_after)),)
            return Reply(status=503, body=b"<html>maintenance</html>", content_type="text/html", headers=wait)
        case "auth":
            return wire.refuse_key(dataclasses.replace(ask, query=(), headers={}))
    return None
