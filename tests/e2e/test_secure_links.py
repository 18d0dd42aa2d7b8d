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


@pytest.mark.parametrize("provider", ASKS)
def test_authority_of_ssl_cert_file_is_trusted_by_every_transport(town: Town, provider: str) -> None:
    base = ("--base-url", f"https://localhost:{town.secure[provider]}", "-c", "3")
    ran = run(*ASKS[provider], *base, env={**ENV, **KEYS, "SSL_CERT_FILE": str(town.ca)})
    assert ran.code == 0, ran.err
    assert len(ran.of("quote")) == 3


@pytest.mark.parametrize("provider", ASKS)
def test_all_proxy_without_a_scheme_and_an_ipv6_network_in_no_proxy(town: Town, provider: str) -> None:
    town.asked.clear()
    env = {**ENV, **KEYS, "all_proxy": f"127.0.0.1:{town.proxy}", "NO_PROXY": "localhost,fd00::/8,http://x/"}
    base = ("--base-url", f"https://{HOST}:{town.secure[provider]}", "-c", "3", "--ca-bundle", str(town.ca))
    ran = run(*ASKS[provider], *base, env=env)
    assert ran.code == 0, ran.err
    assert set(town.asked) == {f"{HOST}:{town.secure[provider]}"}
    assert ran.err.count("cannot read 'http://x/', skipped") == 1


@pytest.mark.parametrize("provider", ASKS)
def test_dead_proxy_is_named(town: Town, provider: str) -> None:
    env = {**ENV, **KEYS, "HTTPS_PROXY": "http://me:hunter2222@127.0.0.1:1"}
    base = ("--base-url", f"https://{HOST}:{town.secure[provider]}", "--retries", "0", "--no-validate")
    ran = run(*ASKS[provider], *base, env=env)
    assert ran.code == 3, ran.err
    assert "the proxy http://127.0.0.1:1 ($HTTPS_PROXY): connection refused" in ran.err
    assert "hunter" not in ran.err


@pytest.mark.parametrize("command", ["stream", "list", "doctor"])
@pytest.mark.parametrize(
    ("says", "variables"),
    [
        ("$ALL_PROXY: SOCKS proxies are not supported", {"ALL_PROXY": "socks5://127.0.0.1:1080"}),
        ("$HTTPS_PROXY is not the address of a proxy", {"HTTPS_PROXY": "http://[::1"}),
        ("$SSL_CERT_FILE /nonexistent: No such file", {"SSL_CERT_FILE": "/nonexistent"}),
    ],
    ids=["socks", "unreadable-proxy", "no-certificates"],
)
def test_setting_that_makes_no_sense_is_one_sentence(says: str, variables: dict[str, str], command: str) -> None:
    base = ("--base-url", f"https://{HOST}:1")
    args = {
        "stream": (*ASKS["opticodds"], "--no-validate", *base),
        "list": ("list", "sports", "opticodds", *base),
        "doctor": ("doctor", "opticodds", *base),
    }
    ran = run(*args[command], env={**ENV, **KEYS, **variables})
    assert ran.code == 2, ran.err
    assert says in ran.err + ran.out.decode()


def test_doctor_shows_what_applies_to_each_host(town: Town) -> None:
    hook = "https://hooks.example/services/s3cr3tt0k3n"
    env = {**ENV, **KEYS, "ALL_PROXY": f"http://me:hunter2222@127.0.0.1:{town.proxy}", "NO_PROXY": "hooks.example"}
    base = ("--base-url", f"https://{HOST}:{town.secure['boltodds']}", "--ca-bundle", str(town.ca), "--for", "5s")
    out = run("doctor", "boltodds", *base, env={**env, "ODDSTAIL_WEBHOOK": hook}).out.decode()
    assert f"certificates of {town.ca} (--ca-bundle)" in out
    assert f"{HOST}: through the proxy http://127.0.0.1:{town.proxy} ($ALL_PROXY)" in out
    assert "hooks.example: directly ($NO_PROXY contains hooks.example)" in out
    assert "s3cr3t" not in out
    assert "hunter" not in out


def test_no_proxy_is_honoured(town: Town) -> None:
    town.asked.clear()
    env = {**ENV, **KEYS, "HTTPS_PROXY": f"http://127.0.0.1:{town.proxy}", "NO_PROXY": HOST}
    base = ("--base-url", f"https://{HOST}:{town.secure['boltodds']}", "--retries", "0", "--no-validate")
    ran = run(*ASKS["boltodds"], *base, env=env)
    assert ran.code == 3
    assert town.asked == []
