"""Loopback servers: a port for each provider, HTTP, SSE and WebSocket on it. Knows wires by their contract.

async with serve(Market(7, start=datetime.now(UTC))) as server:
    for address in server:
        print(address.provider, address.base_url, address.key)
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from oddstail.demo.connection import Shop, connection
from oddstail.demo.contract import KEY, Ask, Knobs, Price, Reply, Stage, Told, Wire
from oddstail.demo.faults import Fault, Faults
from oddstail.demo.link import MAX_HEAD, Client
from oddstail.demo.market import Market
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapidodds import RapidOdds

TICK = 0.05
# A process that was stopped does not catch up hours of market in one go.
_LONGEST_SLICE = 1.0
WIRES: dict[str, Callable[[Stage], Wire]] = {
    "oddsjam": OddsJam,
    "opticodds": OpticOdds,
    "parlayapi": ParlayApi,
    "rapidodds": RapidOdds,
    "boltodds": BoltOdds,
}
PROVIDERS: tuple[str, ...] = tuple(WIRES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one provider is imitated, and the key that it accepts there."""

    provider: str
    base_url: str
    key: str


class Server:
    """The running servers. Iterates over its addresses."""

    def __init__(self, market: Market, knobs: Knobs) -> None:
        self.market, self.knobs = market, knobs
        self._shops: dict[str, Shop] = {}
        self._addresses: dict[str, Address] = {}
        self._listeners: list[asyncio.Server] = []
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._failure: BaseException | None = None
        self._turned = asyncio.Event()

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses.values())

    def __getitem__(self, provider: str) -> Address:
        return self._addresses[provider]

    def clients(self, provider: str) -> list[Client]:
        """The streams that are open now, oldest first; each with what it was `told`."""
        return list(self._shops[provider].clients)

    def past(self, provider: str) -> list[Client]:
        """The last hundred streams that have ended, in the order they ended."""
        return list(self._shops[provider].past)

    def told(self, provider: str) -> Mapping[Told, Price | None]:
        """What this provider's pages and streams have told, one over the other in the order of their writing."""
        return self._shops[provider].told

    def page(self, provider: str, ask: Ask) -> Reply:
        """What a look-up answers now, without a socket; nothing of it counts as told."""
        reply = self._shops[provider].wire.accept(ask)
        if not isinstance(reply, Reply):
            raise TypeError(f"{ask.path} is no page")
        return reply

    def pause(self) -> None:
        """Freeze the market. Heartbeats go on, and so do rapidodds' cycles, without their bad habits."""
        self.market.freeze()

    async def settle(self) -> None:
        """Freeze the market and wait until every open stream has told all there is to tell.

        What is then in `told` stays: heartbeats go on, and rapidodds' cycles repeat the same state. Stalled
        clients are not waited for.
        """
        self.pause()
        # One whole turn first: what the last slice of market time changed must have reached the outboxes.
        await self.turn()
        await self.turn()
        while not self._settled():
            await self.turn()

    async def turn(self) -> None:
        """Wait until market time has moved on once and every wire has had its say."""
        self._turned.clear()
        await self._turned.wait()

    def _settled(self) -> bool:
        shops = self._shops.values()
        return all(shop.idle() for shop in shops) and all(shop.wire.calm() for shop in shops)

    def resume(self) -> None:
        """Let the market go on after `pause` or `settle`."""
        self.market.thaw()

    # -- running ---------------------------------------------------------------------------------------------

    async def open(
        self,
        providers: Sequence[str],
        ports: Mapping[str, int],
        faults: Sequence[Fault],
    ) -> None:
        """Listen on a port for each provider and start market time; `serve` calls it."""
        clock = asyncio.get_running_loop().time
        stage = Stage(market=self.market, knobs=self.knobs, clock=clock)
        for provider in providers:
            shop = Shop(WIRES[provider](stage), Faults(faults, self.market.seed, clock))
            self._shops[provider] = shop
            listener = await asyncio.start_server(
                functools.partial(self._spawn, shop),
                "127.0.0.1",
                ports.get(provider, 0),
                limit=MAX_HEAD,
            )
            self._listeners.append(listener)
            port = listener.sockets[0].getsockname()[1]
            self._addresses[provider] = Address(provider=provider, base_url=f"http://127.0.0.1:{port}", key=KEY)
        self._keep(self._run())

    async def close(self) -> None:
        """Stop everything, open streams included; raises what a wire failed with, if one did."""
        for listener in self._listeners:
            listener.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in self._listeners:
            await listener.wait_closed()
        # One more turn of the loop lets aborted transports close their sockets.
        await asyncio.sleep(0)
        if self._failure is not None:
            # A bug in a wire must not pass for a quiet market.
            raise self._failure

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks[task] = None
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()

    def _spawn(self, shop: Shop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(connection(shop, reader, writer))

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        last = clock()
        while True:
            await asyncio.sleep(TICK)
            now = clock()
            changes = self.market.advance(min(now - last, _LONGEST_SLICE))
            last = now
            for shop in self._shops.values():
                shop.wire.turn(changes)
                for client in list(shop.clients):
                    if not client.stalled:
                        client.push(client.session.turn())
                    if shop.lines[client].dead():
                        client.dropped.set()
            self._turned.set()


@asynccontextmanager
async def serve(
    market: Market,
    *,
    providers: Sequence[str] = PROVIDERS,
    ports: Mapping[str, int] | None = None,
    rate: float | None = None,
    faults: Sequence[Fault] = (),
    knobs: Knobs | None = None,
) -> AsyncIterator[Server]:
    """Serve the market on 127.0.0.1, a port for each provider (0 or absent: any free one)."""
    if rate is not None:
        market.rate = rate
    server = Server(market, knobs or Knobs())
    try:
        await server.open(providers, ports or {}, faults)
        yield server
    finally:
        await server.close()


__all__ = ["PROVIDERS", "Address", "Client", "Server", "serve"]
