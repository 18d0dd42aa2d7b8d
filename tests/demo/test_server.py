"""The servers over real loopback sockets: they speak, refuse, break on demand, and go without a trace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import h11
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from oddstail.demo.contract import Knobs
from oddstail.demo.faults import Fault
from oddstail.demo.market import Market
from oddstail.demo.server import PROVIDERS, Server, serve

FAST = Knobs(heartbeat=0.05, cycle=0.05, push_interval=0.0, connects_per_minute=1000)
PATHS = {
    "oddsjam": "/api/v2/stream/odds?key=demo&league=NBA&sportsbooks=DraftKings&sportsbooks=Pinnacle",
    "opticodds": "/api/v3/stream/odds/basketball?key=demo&sportsbook=DraftKings&sportsbook=Pinnacle",
    "parlayapi": "/v1/sse/odds/basketball_nba?apiKey=demo&limit=100",
    "rapidodds": "/ws?api_key=demo",
    "boltodds": "/api?key=demo",
}
HELLO = {
    "rapidodds": {
        "action": "subscribe",
        "sport": "NBA",
        "bookmakers": ["Pinnacle"],
        "market_types": ["head_to_head"],
    },
    "boltodds": {"action": "subscribe", "filters": {"sports": ["NBA"]}},
}


@pytest.fixture(autouse=True)
def _short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddstail.demo.server.TICK", 0.01)


def run(
    test: Callable[[Server], Awaitable[None]],
    *,
    providers: Sequence[str] = PROVIDERS,
    faults: Sequence[Fault] = (),
    knobs: Knobs = FAST,
) -> None:
    async def main() -> None:
        market = Market(7, rate=90, sports=["basketball"])
        async with asyncio.timeout(10), serve(market, providers=providers, faults=faults, knobs=knobs) as server:
            await test(server)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left

    asyncio.run(main())


class BrokenError(Exception):
    """The body ended before its end."""


async def read(server: Server, provider: str, path: str | None = None) -> AsyncIterator[bytes]:
    """Status line first, then the body, in whatever pieces it comes."""
    host, port = server[provider].base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    http = h11.Connection(h11.CLIENT)
    target = path or PATHS[provider]
    request = h11.Request(method="GET", target=target, headers=[("host", host)])
    writer.write((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
    try:
        while True:
            event = http.next_event()
            match event:
                case h11.NEED_DATA:
                    http.receive_data(await reader.read(65536))
                case h11.Response():
                    yield b"%d" % event.status_code
                    for name, value in event.headers:
                        if name == b"retry-after":
                            yield b"retry-after %s" % bytes(value)
                case h11.Data():
                    yield bytes(event.data)
                case _:
                    return
    except (h11.RemoteProtocolError, ConnectionError) as error:
        raise BrokenError from error
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def take(stream: AsyncIterator[bytes], pieces: int) -> list[bytes]:
    found = []
    async with contextlib.aclosing(stream):  # type: ignore[type-var]
        async for piece in stream:
            found.append(piece)
            if len(found) == pieces:
                break
    return found


async def until(server: Server, condition: Callable[[], bool]) -> None:
    while not condition():
        await server.turn()


def socket(server: Server, provider: str, path: str | None = None) -> connect:
    url = server[provider].base_url.replace("http", "ws") + (path or PATHS[provider])
    return connect(url, max_size=None, ping_interval=None)


def test_five_addresses_on_loopback() -> None:
    async def test(server: Server) -> None:
        assert [address.provider for address in server] == list(PROVIDERS)
        assert len({address.base_url for address in server}) == 5
        assert {address.key for address in server} == {"demo"}
        assert all(address.base_url.startswith("http://127.0.0.1:") for address in server)

    run(test)


@pytest.mark.parametrize("provider", ["oddsjam", "opticodds", "parlayapi"])
def test_sse_providers_stream(provider: str) -> None:
    async def test(server: Server) -> None:
        pieces = await take(read(server, provider), 12)
        assert pieces[0] == b"200"
        assert all(piece.endswith(b"\n\n") for piece in pieces[1:])
        await until(server, lambda: not server.clients(provider))
        assert server.past(provider)[-1].frames >= 11

    run(test, providers=[provider])


@pytest.mark.parametrize("provider", ["rapidodds", "boltodds"])
def test_socket_providers_stream(provider: str) -> None:
    async def test(server: Server) -> None:
        async with socket(server, provider) as ws:
            await ws.send(orjson.dumps(HELLO[provider]).decode())
            for _ in range(4):
                assert orjson.loads(await ws.recv())
            await (await ws.ping())
            (client,) = server.clients(provider)
            await until(server, lambda: bool(client.told))
            assert client.ask.path == PATHS[provider].split("?")[0]

    run(test, providers=[provider])


def test_settled_nothing_more_is_told() -> None:
    async def test(server: Server) -> None:
        async with socket(server, "boltodds") as ws:
            await ws.send(orjson.dumps(HELLO["boltodds"]).decode())
            await ws.recv()
            (client,) = server.clients("boltodds")
            await until(server, lambda: bool(client.told))
            await server.settle()
            told = dict(client.told)
            pings = 0
            async for message in ws:
                pings += b"ping" in (message if isinstance(message, bytes) else message.encode())
                if pings == 3:
                    break
            assert told == client.told
            server.resume()
            await until(server, lambda: told != client.told)

    run(test, providers=["boltodds"])


@pytest.mark.parametrize(
    ("provider", "path", "code", "said"),
    [
        ("parlayapi", "/ws/odds/basketball_nba", 4003, None),
        ("parlayapi", "/v1/ws/odds/basketball_nba?apiKey=x", 1008, None),
        ("boltodds", "/api?key=x", 1000, "Invalid API key"),
    ],
)
def test_a_socket_is_refused_with_a_code(provider: str, path: str, code: int, said: str | None) -> None:
    async def test(server: Server) -> None:
        async with socket(server, provider, path) as ws:
            if said is not None:
                assert said in str(await ws.recv())
            with pytest.raises(ConnectionClosed) as closed:
                await ws.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code

    run(test, providers=[provider])


def test_a_socket_is_refused_at_the_handshake() -> None:
    async def test(server: Server) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with socket(server, "rapidodds", "/ws?api_key=x"):
                pass
        assert refused.value.response.status_code == 403

    run(test, providers=["rapidodds"])


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("http-429", [b"429", b"retry-after 2", b'{"error":"too many requests"}']),
        ("http-503", [b"503", b"retry-after 2", b"<html>maintenance</html>"]),
        ("auth", [b"401", b'{"error":"API key is required"}']),
    ],
)
def test_faults_that_answer(name: str, first: list[bytes]) -> None:
    """Struck once, healthy after."""

    async def test(server: Server) -> None:
        assert first == await take(read(server, "opticodds"), 9)
        assert await take(read(server, "opticodds"), 2) == [b"200", b"event: connected\nretry: 5000\ndata: ok go\n\n"]

    run(test, providers=["opticodds"], faults=[Fault(name=name, first=1)])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["refuse", "accept-then-drop", "half-frame"])
def test_faults_that_break_the_connection(name: str) -> None:
    async def test(server: Server) -> None:
        with pytest.raises(BrokenError):
            await take(read(server, "parlayapi"), 10_000)
        assert len(await take(read(server, "parlayapi"), 5)) == 5

    run(test, providers=["parlayapi"], faults=[Fault(name=name, first=1, after=2)])  # type: ignore[arg-type]


def test_a_frame_that_was_cut_was_never_told() -> None:
    async def test(server: Server) -> None:
        with pytest.raises(BrokenError):
            await take(read(server, "parlayapi"), 10_000)
        await until(server, lambda: bool(server.past("parlayapi")))
        assert server.past("parlayapi")[0].told == {}

    run(test, providers=["parlayapi"], faults=[Fault(name="half-frame", after=0)])


def test_a_stall_silences_even_the_heartbeat() -> None:
    async def test(server: Server) -> None:
        reading = asyncio.create_task(take(read(server, "parlayapi"), 10_000))
        await until(server, lambda: any(client.stalled for client in server.clients("parlayapi")))
        (client,) = server.clients("parlayapi")
        said = client.frames
        for _ in range(12):
            await server.turn()  # 0.12 seconds at least: two heartbeats would have been due.
        assert said == client.frames
        assert not reading.done()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    run(test, providers=["parlayapi"], faults=[Fault(name="stall", after=1)])


def test_garbage_is_followed_by_the_rest() -> None:
    async def test(server: Server) -> None:
        pieces = await take(read(server, "parlayapi"), 6)
        garbage = [piece for piece in pieces[1:] if not piece.startswith(b'data: {"type"')]
        assert len(garbage) == 1

    run(test, providers=["parlayapi"], faults=[Fault(name="garbage", after=1)])


def test_what_is_no_http_is_dropped() -> None:
    async def test(server: Server) -> None:
        host, port = server["opticodds"].base_url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x16\x03\x01 this is no request\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()

    run(test, providers=["opticodds"])


def test_closing_takes_open_streams_along_at_once() -> None:
    """Five open streams, one stalled; no task, socket or warning is left."""

    async def test(server: Server) -> None:
        streams = [read(server, provider) for provider in ("oddsjam", "opticodds", "parlayapi")]
        for stream in streams:
            assert await anext(stream) == b"200"
        await server.close()
        for stream in streams:
            with pytest.raises(BrokenError):
                await take(stream, 10_000)

    run(test)


@pytest.mark.parametrize(("provider", "deflated"), [("boltodds", True), ("rapidodds", True), ("parlayapi", False)])
def test_compression_where_the_reference_allows_it(provider: str, deflated: bool) -> None:
    """Offered by the client's library; with it or without, the same messages (A4, B8)."""

    async def test(server: Server) -> None:
        path = "/v1/ws/odds/basketball_nba?apiKey=demo" if provider == "parlayapi" else None
        async with socket(server, provider, path) as ws:
            assert deflated == bool(ws.protocol.extensions)
            if provider in HELLO:
                await ws.send(orjson.dumps(HELLO[provider]).decode())
            for _ in range(20):
                assert orjson.loads(await ws.recv())

    run(test, providers=[provider])


def test_pages_tell_beside_the_streams() -> None:
    """A page of odds is entered into what the provider has told; no stream is open."""

    async def test(server: Server) -> None:
        (fixture, *_) = server.market.fixtures("basketball")
        path = f"/api/v3/fixtures/odds?key=demo&sportsbook=Pinnacle&fixture_id={fixture.id}"
        status, body = await take(read(server, "opticodds", path), 2)
        odds = orjson.loads(body)["data"][0]["odds"]
        assert status == b"200"
        assert len(odds) == len(server.told("opticodds")) > 0

    run(test, providers=["opticodds"])


def test_a_post_brings_a_body() -> None:
    async def test(server: Server) -> None:
        host, port = server["boltodds"].base_url.removeprefix("http://").split(":")
        body = orjson.dumps({"games": ["Nobody vs Nobody, 2025-01-01, 01"]})
        head = b"POST /api/boxscores?key=demo HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body)
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(head + body)
        assert (await reader.read()).endswith(b"\r\n\r\n{}")
        writer.close()
        await writer.wait_closed()

    run(test, providers=["boltodds"])
