"""TLS of an authority of one's own (`--ca-bundle`), straight and through a proxy: server-sent events, WebSocket and look-ups alike."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from .support import ENV, PATIENCE, command, run

#: A name that only the proxy can resolve.
HOST = "odds.test"
ASKS = {
    "opticodds": ("opticodds", "-s", "basketball", "-l", "NBA", "-b", "DraftKings"),
    "parlayapi": ("parlayapi", "-s", "basketball_nba", "--transport", "ws"),
    "boltodds": ("boltodds", "-l", "NBA"),
}
KEYS = {f"{name.upper()}_API_KEY": "demo" for name in ASKS}


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one end to the other, until one of them is gone."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


@dataclass
class Town:
    """The demo's servers behind TLS, and a proxy that leads there."""

    ca: Path
    secure: dict[str, int] = field(default_factory=dict)
    proxy: int = 0
    asked: list[str] = field(default_factory=list)
    servers: list[asyncio.Server] = field(default_factory=list)

    async def open(self, plain: dict[str, int], context: ssl.SSLContext) -> None:
        """Listen: a port in TLS for each provider, and one for CONNECT (RFC 9110, 9.3.6)."""
        for name, port in plain.items():

            async def secured(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = port) -> None:
                await join(reader, writer, port)

            server = await asyncio.start_server(secured, "127.0.0.1", 0, ssl=context)
            self.servers.append(server)
            self.secure[name] = server.sockets[0].getsockname()[1]

        async def proxied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ")[1].decode()
            self.asked.append(target)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await join(reader, writer, int(target.rpartition(":")[2]))

        server = await asyncio.start_server(proxied, "127.0.0.1", 0)
        self.servers.append(server)
        self.proxy = server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "127.0.0.1", "localhost").configure_cert(context)
    made = Town(tmp_path_factory.mktemp("ca") / "ca.pem")
    authority.cert_pem.write_to_path(str(made.ca))
    serving = subprocess.Popen(command("demo", "--serve", "-q"), stdout=subprocess.PIPE, text=True, env=ENV)
    assert serving.stdout is not None
    lines = [json.loads(serving.stdout.readline()) for _ in range(5)]
    plain = {line["provider"]: int(line["base_url"].rpartition(":")[2]) for line in lines}
    loop = asyncio.new_event_loop()
    loop.run_until_complete(made.open({name: plain[name] for name in ASKS}, context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield made
    serving.terminate()
    serving.wait(PATIENCE)
    serving.stdout.close()

    async def finish() -> None:
        for server in made.servers:
            server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        loop.stop()

    asyncio.run_coroutine_threadsafe(finish(), loop)
    thread.join(PATIENCE)
    loop.close()


@pytest.mark.parametrize("provider", ASKS)
def test_an_authority_of_ones_own_is_believed_where_it_is_named(town: Town, provider: str) -> None:
    base = ("--base-url", f"https://localhost:{town.secure[provider]}", "-c", "3")
    ran = run(*ASKS[provider], *base, "--ca-bundle", str(town.ca), env={**ENV, **KEYS})
    assert ran.code == 0, ran.err
    assert len(ran.of("quote")) == 3
    refused = run(*ASKS[provider], *base, "--retries", "0", env={**ENV, **KEYS})
    assert refused.code == 9
    assert "--ca-bundle" in refused.err


@pytest.mark.parametrize("provider", ASKS)
def test_a_proxy_is_used_for_the_stream_and_for_the_look_ups(town: Town, provider: str) -> None:
    town.asked.clear()
    env = {**ENV, **KEYS, "HTTPS_PROXY": f"http://127.0.0.1:{town.proxy}"}
    port = town.secure[provider]
    base = ("--base-url", f"https://{HOST}:{port}", "-c", "3", "--ca-bundle", str(town.ca))
    ran = run(*ASKS[provider], *base, env=env)
    assert ran.code == 0, ran.err
    assert len(ran.of("quote")) == 3
    assert set(town.asked) == {f"{HOST}:{port}"}
    # More than one tunnel: the names were looked up the same way.
    assert len(town.asked) > 1


def test_no_proxy_is_honoured(town: Town) -> None:
    town.asked.clear()
    env = {**ENV, **KEYS, "HTTPS_PROXY": f"http://127.0.0.1:{town.proxy}", "NO_PROXY": HOST}
    base = ("--base-url", f"https://{HOST}:{town.secure['boltodds']}", "--retries", "0", "--no-validate")
    ran = run(*ASKS["boltodds"], *base, env=env)
    assert ran.code == 3
    assert town.asked == []
