"""One decision about certificates and proxies for every transport: real TLS servers, real proxies, on loopback."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme

from oddstail.clock import wall
from oddstail.lookup import Get
from oddstail.model import Failure, LinkError
from oddstail.transports import Limits, Target
from oddstail.transports.http import SSE
from oddstail.transports.rest import Rest
from oddstail.transports.trust import TrustError, trust
from oddstail.transports.webhook import Webhook
from oddstail.transports.websocket import WebSocket
from tests.faults.peer import Answer, Server, reply, sse, ws
from tests.support import request

#: A name that only a proxy can resolve.
HOST = "odds.test"
Connect = Callable[[str, Limits], Awaitable[None]]


async def by_sse(url: str, limits: Limits) -> None:
    transport = SSE(limits, wall)
    try:
        link = await transport.open(Target(request(url=f"https://{url}/", key_in=None), None))
        await link.close(politely=False)
    finally:
        await transport.aclose()


async def by_ws(url: str, limits: Limits) -> None:
    link = await WebSocket(limits, wall).open(Target(request(url=f"wss://{url}/", transport="ws", key_in=None), None))
    await link.close(politely=False)


async def by_rest(url: str, limits: Limits) -> None:
    rest = Rest(limits)
    try:
        await rest.get(Get(url=f"https://{url}/"), None)
    finally:
        await rest.aclose()


async def by_webhook(url: str, limits: Limits) -> None:
    webhook = Webhook(f"https://{url}/hook/k-secret-path-0123456789", limits)
    try:
        await webhook.post(b"{}")
    finally:
        await webhook.aclose()


TRANSPORTS: dict[str, tuple[Connect, Answer]] = {
    "sse": (by_sse, sse()),
    "ws": (by_ws, ws()),
    "rest": (by_rest, reply("200 OK", "[]")),
    "webhook": (by_webhook, reply("204 No Content")),
}
every_transport = pytest.mark.parametrize("name", TRANSPORTS)


@pytest.fixture(autouse=True)
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Neither proxies nor certificates of whoever runs this."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stranger") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", HOST).configure_cert(made)
    return made


def met(name: str, tls: ssl.SSLContext, ca_bundle: Path | None = None) -> Failure | None:
    """How a transport fares with a TLS server of this authority."""
    connect, answer = TRANSPORTS[name]

    async def main() -> Failure | None:
        async with Server([answer], tls) as server:
            limits = Limits(connect=5, answer=5, ca_bundle=None if ca_bundle is None else str(ca_bundle))
            return await failed(connect(f"127.0.0.1:{server.port}", limits))

    return asyncio.run(main())


async def failed(connecting: Awaitable[None]) -> Failure | None:
    try:
        await connecting
    except LinkError as error:
        return error.failure
    return None


@every_transport
def test_authority_in_the_system_store_is_trusted(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str
) -> None:
    # What the truststore package reads on Linux, where OpenSSL itself knows no place.
    env.setattr("ssl.get_default_verify_paths", lambda: SimpleNamespace(cafile=None, capath=None))
    env.setattr("truststore._openssl._CA_FILE_CANDIDATES", [str(bundle)])
    assert met(name, context(authority)) is None


@every_transport
def test_authority_that_variables_or_flag_name_is_trusted(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, stranger: Path, name: str
) -> None:
    tls = context(authority)
    assert met(name, tls, bundle) is None
    env.setenv("SSL_CERT_FILE", str(bundle))
    assert met(name, tls) is None
    refused = met(name, tls, stranger)
    assert refused is not None, "the flag wins"
    assert refused.kind == "tls"


@every_transport
def test_unknown_authority_is_refused(
    env: pytest.MonkeyPatch, authority: trustme.CA, stranger: Path, name: str
) -> None:
    tls = context(authority)
    for variable in (None, "SSL_CERT_FILE"):
        if variable is not None:
            env.setenv(variable, str(stranger))
        failure = met(name, tls)
        assert failure is not None
        assert failure.kind == "tls"


@every_transport
def test_certificates_that_cannot_be_read_are_named(env: pytest.MonkeyPatch, authority: trustme.CA, name: str) -> None:
    env.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    failure = met(name, context(authority))
    assert failure is not None
    assert failure.kind == "setting"
    assert failure.text.startswith("$SSL_CERT_FILE /nonexistent.pem: No such file")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the name of a hashed certificate comes from openssl")
@every_transport
def test_folder_of_hashed_certificates(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, tmp_path: Path, name: str
) -> None:
    store = ssl.create_default_context(cafile=str(bundle))
    [certificate] = store.get_ca_certs(binary_form=True)
    pem = ssl.DER_cert_to_PEM_cert(certificate)
    hashed = subprocess.run(["openssl", "x509", "-subject_hash", "-noout"], input=pem, capture_output=True, text=True, check=True)  # fmt: skip
    (tmp_path / f"{hashed.stdout.strip()}.0").write_text(pem)
    env.setenv("SSL_CERT_DIR", f"/nonexistent:{tmp_path}")
    assert met(name, context(authority)) is None


def test_old_tls_is_refused() -> None:
    for chosen in (trust(None, {}), trust(None, {"SSL_CERT_DIR": "/"})):
        made = chosen.context()
        assert made.minimum_version == ssl.TLSVersion.TLSv1_2
        assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("says", "env"),
    [
        ("/nonexistent: No such file or directory; name a file in PEM format", {"SSL_CERT_FILE": "/nonexistent"}),
        ("/nonexistent: No such directory", {"SSL_CERT_DIR": "/nonexistent"}),
        (f"{__file__}: holds no certificate", {"SSL_CERT_FILE": __file__}),
        ("/dev/null: No such file", {"SSL_CERT_FILE": "/dev/null"}),
    ],
    ids=["no-file", "no-folder", "no-pem", "device"],
)
def test_unusable_variable_is_one_sentence(says: str, env: dict[str, str]) -> None:
    with pytest.raises(TrustError) as caught:
        trust(None, env).context()
    assert says in str(caught.value)


# --- proxies ------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def tunnel(port: int, heads: list[bytes], answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> AsyncIterator[int]:
    """A CONNECT proxy (RFC 9110, 9.3.6) that leads to one port, whatever it is asked for, or refuses."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        if b" 200 " in answer:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def proxied(
    name: str, tls: ssl.SSLContext, bundle: Path, env: pytest.MonkeyPatch, values: str, answer: bytes = b""
) -> tuple[Failure | None, list[bytes]]:
    """How a transport fares with a server that only a proxy knows, and what the proxy was asked for."""
    connect, reached = TRANSPORTS[name]
    heads: list[bytes] = []

    async def main() -> Failure | None:
        async with (
            Server([reached], tls) as server,
            tunnel(server.port, heads, answer or b"HTTP/1.1 200 OK\r\n\r\n") as port,
        ):
            for pair in values.split("; "):
                variable, _, value = pair.partition("=")
                env.setenv(variable, value.replace("PORT", str(port)))
            return await failed(connect(f"{HOST}:8443", Limits(connect=5, answer=5, ca_bundle=str(bundle))))

    return asyncio.run(main()), heads


@every_transport
@pytest.mark.parametrize(
    "values",
    [
        "HTTPS_PROXY=http://127.0.0.1:PORT",
        "https_proxy=127.0.0.1:PORT",
        "ALL_PROXY=http://127.0.0.1:PORT",
        "all_proxy=http://127.0.0.1:PORT; NO_PROXY=localhost,fd00::/8",
        "ALL_PROXY=http://127.0.0.1:PORT/; HTTP_PROXY=http://127.0.0.1:1; no_proxy=10.0.0.0/8,other.test",
    ],
)
def test_proxy_is_used_by_every_transport(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str, values: str
) -> None:
    failure, heads = proxied(name, context(authority), bundle, env, values)
    assert failure is None
    [head] = heads
    assert head.startswith(f"CONNECT {HOST}:8443 HTTP/1.1\r\n".encode())
    assert b"k-secret" not in head


@every_transport
def test_user_and_password_go_to_the_proxy(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str
) -> None:
    values = "HTTPS_PROXY=http://me:p%40ss%3A1@127.0.0.1:PORT"
    failure, [head] = proxied(name, context(authority), bundle, env, values)
    assert failure is None
    assert base64.b64encode(b"me:p@ss:1") in head


@every_transport
def test_no_proxy_is_honored_by_every_transport(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str
) -> None:
    values = "HTTPS_PROXY=http://127.0.0.1:PORT; NO_PROXY=fd00::/8,.test"
    failure, heads = proxied(name, context(authority), bundle, env, values)
    assert failure is not None, "nobody knows the name"
    assert failure.kind == "network"
    assert heads == []


@every_transport
@pytest.mark.parametrize(
    ("kind", "code", "says", "answer"),
    [
        pytest.param("proxy", None, "refused: 403 Forbidden", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", id="403"),
        pytest.param("proxy", None, "refused: 502 Bad Gateway", b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", id="502"),
        pytest.param("status", 407, "requires a user and a password", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", id="407"),
    ],
)  # fmt: skip
def test_refusal_of_a_proxy_is_the_proxys(
    env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str, kind: str, code: int | None, says: str,
    answer: bytes,
) -> None:  # fmt: skip
    values = "HTTPS_PROXY=http://me:hunter22@127.0.0.1:PORT"
    failure, _ = proxied(name, context(authority), bundle, env, values, answer)
    assert failure is not None
    assert (failure.kind, failure.code) == (kind, code)
    assert "the proxy http://127.0.0.1:" in failure.text
    assert "($HTTPS_PROXY)" in failure.text
    assert says in failure.text
    assert "hunter22" not in failure.text


@every_transport
@pytest.mark.parametrize(
    ("says", "value"),
    [
        ("the proxy http://127.0.0.1:1 ($HTTPS_PROXY): connection refused", "http://127.0.0.1:1"),
        (
            "the proxy http://proxy.invalid:3128 ($HTTPS_PROXY): the host name was not found",
            "proxy.invalid:3128",
        ),
    ],
    ids=["refused", "unknown-name"],
)
def test_dead_proxy_is_named_and_not_the_provider(env: pytest.MonkeyPatch, name: str, says: str, value: str) -> None:
    env.setenv("HTTPS_PROXY", value)
    failure = asyncio.run(failed(TRANSPORTS[name][0](f"{HOST}:443", Limits(connect=5, answer=5))))
    assert failure is not None
    assert (failure.kind, failure.text.partition(": nothing")[0].partition(" (Name")[0].partition(" (Temp")[0]) == (
        "proxy",
        says,
    )


@every_transport
def test_socks_is_named_as_unsupported(env: pytest.MonkeyPatch, name: str) -> None:
    env.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    failure = asyncio.run(failed(TRANSPORTS[name][0](f"{HOST}:443", Limits(connect=5, answer=5))))
    assert failure is not None
    assert failure.kind == "setting"
    assert "$ALL_PROXY: SOCKS proxies are not supported" in failure.text


@every_transport
def test_loopback_is_never_proxied(env: pytest.MonkeyPatch, authority: trustme.CA, bundle: Path, name: str) -> None:
    env.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert met(name, context(authority), bundle) is None
