"""Server-sent events over httpx: bytes into Frames, httpx's errors into one LinkError. Knows nothing of odds.

The decoder is ours (wire/sse.py says why). Redirects are followed by hand: httpx drops only
`Authorization` on the way to another host and would hand `X-Api-Key` to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from httpx_sse import EventSource, aconnect_sse

from oddstail.model import Failure, LinkError, Read, Where
from oddstail.text import Secret, visible
from oddstail.transports import Limits, Target, is_loopback, root_failure, setting_failure, trust, with_params
from oddstail.transports.merging import MergingTransport
from oddstail.wire.refusal import READ, SHOWN, asked_in, retry_after, said
from oddstail.wire.sse import FrameTooBig, SSEDecoder

REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5
#: How much a compressed stream is allowed to yield at a time: a bomb is met by the frame cap, not by memory.
_INFLATE_STEP = 1024 * 1024


class SSELink:
    """One open event stream."""

    silent = math.inf

    def __init__(
        self, source: EventSource, stack: contextlib.AsyncExitStack, limits: Limits, clock: Callable[[], int]
    ) -> None:
        self._response = source.response
        self._stack = stack
        self._decoder = SSEDecoder(limits.max_frame)
        self._limits = limits
        self._clock = clock

    @property
    def asked(self) -> float:
        return self._decoder.retry or 0.0

    async def send(self, text: str) -> None:
        raise LinkError(Failure(kind="protocol", text="an event stream takes no messages"))

    async def __aiter__(self) -> AsyncGenerator[Read, None]:
        feed, clock = self._decoder.feed, self._clock
        inflate = inflater(self._response.headers.get("content-encoding", "identity"))
        try:
            async for chunk in self._response.aiter_raw():
                recv = clock()
                if inflate is None:
                    yield Read(recv, feed(chunk))
                else:
                    for piece in inflate(chunk):
                        yield Read(recv, feed(piece))
        except httpx.ReadTimeout:
            text = f"no byte for {self._limits.silence:g} s"
            raise LinkError(Failure(kind="silence", text=text)) from None
        except FrameTooBig as error:
            raise LinkError(Failure(kind="too-big", text=str(error))) from None
        except zlib.error as error:
            raise LinkError(Failure(kind="protocol", text=f"broken gzip: {error}")) from None
        except httpx.HTTPError as error:
            raise LinkError(failure(error)) from None
        cut = "in the middle of an event" if self._decoder.pending else ""
        raise LinkError(Failure(kind="closed", text=f"the server ended the stream {cut}".rstrip()))

    async def close(self, *, politely: bool) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await self._stack.aclose()


class SSE:
    """Opens event streams. One client for a run: making its TLS context costs 20 ms and more."""

    def __init__(self, limits: Limits, clock: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._clients: dict[tuple[bool, bool], httpx.AsyncClient] = {}

    async def open(self, target: Target) -> SSELink:
        """Connect and wait for the head of the answer. Raises LinkError for anything but an event stream."""
        url = target.url
        for _ in range(MOST_REDIRECTS + 1):
            stack = contextlib.AsyncExitStack()
            try:
                source = await self._ask(url, target, stack)
                if source.response.status_code not in REDIRECTS:
                    await _check(source.response, target)
                    return SSELink(source, stack, self._limits, self._clock)
                asked = target.request
                secret = target.secret if asked.key_in is Where.QUERY else None
                url = redirected(source.response, url, asked.key_name, secret, target.hide)
            except BaseException:
                await stack.aclose()
                raise
            await stack.aclose()
        raise LinkError(Failure(kind="redirect", text=f"more than {MOST_REDIRECTS} redirects"))

    async def aclose(self) -> None:
        """Close every connection. The object can be used again afterwards."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _ask(self, url: str, target: Target, stack: contextlib.AsyncExitStack) -> EventSource:
        limits = self._limits
        try:
            client = self._client(url)
        except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
            raise LinkError(setting_failure(error)) from None
        headers = {"Accept-Encoding": "identity", **target.headers}
        try:
            async with asyncio.timeout(limits.connect + limits.answer):
                source = await stack.enter_async_context(aconnect_sse(client, "GET", url, headers=headers))
            # How long a link may be silent is no measure of how long a server may take to answer.
            source.response.request.extensions["timeout"]["read"] = limits.silence
            return source
        except TimeoutError:
            text = f"no answer within {limits.connect + limits.answer:.0f} s"
            raise LinkError(Failure(kind="timeout", text=text)) from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise LinkError(failure(error)) from None

    def _client(self, url: str) -> httpx.AsyncClient:
        """A proxy from the environment is for the network only: to loopback the key would cross it in clear."""
        local, secure = is_loopback(url), urlsplit(url).scheme == "https"
        if (local, secure) not in self._clients:
            limits, verify = self._limits, trust(url, self._limits)
            self._clients[local, secure] = httpx.AsyncClient(
                transport=None if has_proxy(url) else MergingTransport(verify),
                follow_redirects=False,
                trust_env=not local,
                verify=verify,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
                timeout=httpx.Timeout(limits.connect, read=limits.answer, pool=None),
            )
        return self._clients[local, secure]


def has_proxy(url: str) -> bool:
    """Whether the environment names a proxy for this address (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`)."""
    parts = urlsplit(url)
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    return bool(named) and not is_loopback(url) and not proxy_bypass(parts.hostname or "")


async def _check(response: httpx.Response, target: Target) -> None:
    status = response.status_code
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status == 200 and kind == "text/event-stream":
        return
    body = b"" if status == 204 else await _head(response)
    text = said(body, target.hide)
    if status == 200:
        named = visible(kind, 80) or "no content type"
        raise LinkError(
            Failure(kind="content-type", text=f"{named} where text/event-stream was due: {text}"[: SHOWN * 2])
        )
    asked = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
    raise LinkError(
        Failure(kind="status", code=status, text=text, asked=asked if asked is not None else asked_in(body))
    )


async def _head(response: httpx.Response) -> bytes:
    """The first bytes of a body, as received; a server that drips or breaks it off is not waited for."""
    body = b""
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(5):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= READ:
                    break
    inflate = inflater(response.headers.get("content-encoding", "identity"), strict=False)
    if inflate is not None:
        with contextlib.suppress(zlib.error):
            return next(inflate(body), b"")
    return body[:READ]


def redirected(response: httpx.Response, url: str, name: str, secret: Secret | None, hide: Callable[[str], str]) -> str:
    """Where a redirect leads, if it is the same scheme, host and port: nothing of ours goes elsewhere.

    `secret` is the key where it is the parameter `name`: the server may have left that out.
    """
    try:
        there: str = urljoin(url, response.headers.get("location", ""))
        parts = urlsplit(there)
    except ValueError:
        raise LinkError(Failure(kind="redirect", text="redirected to what is no address")) from None
    if parts[:2] != urlsplit(url)[:2]:
        host = visible(hide(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"), 80)
        raise LinkError(Failure(kind="redirect", text=f"redirected to {host}: the key is not sent to another host"))
    if secret is not None and name not in dict(parse_qsl(parts.query, keep_blank_values=True)):
        there += ("&" if parts.query else "?") + with_params("", [(name, secret.reveal())])[1:]
    return there


def inflater(coding: str, *, strict: bool = True) -> Callable[[bytes], Iterator[bytes]] | None:
    """A function that inflates chunk by chunk, None for a plain stream. We ask for identity; proxies may not care."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return None
    if coding not in ("gzip", "x-gzip", "deflate"):
        if strict:
            raise LinkError(Failure(kind="protocol", text=f"content coding {visible(coding, 40)} was not asked for"))
        return None
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def inflate(chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield stream.decompress(chunk, _INFLATE_STEP)
            chunk = stream.unconsumed_tail

    return inflate


def failure(error: BaseException) -> Failure:
    """One of ours for one of theirs. Never `str(error)` of a status error: it holds the whole URL, key and all."""
    text = visible(str(error), SHOWN)
    root = root_failure(error)
    if root is not None:
        return root
    match error:
        case httpx.ConnectTimeout():
            return Failure(kind="timeout", text="no connection within the limit")
        case httpx.TimeoutException():
            return Failure(kind="timeout", text="no answer within the limit")
        case httpx.ProxyError():
            return Failure(kind="proxy", text=f"the proxy refused: {text}")
        case httpx.RemoteProtocolError() if "disconnected" in text:
            return Failure(kind="network", text="the server hung up before it answered")
        case httpx.RemoteProtocolError() if "closed" in text or "incomplete" in text:
            return Failure(kind="closed", text="the server cut the connection in the middle of the stream")
        case httpx.ProtocolError() | httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Failure(kind="protocol", text=text or "broken HTTP")
        case httpx.ReadError():
            return Failure(kind="network", text="the connection was reset")
        case _:
            return Failure(kind="network", text=text or type(error).__name__)
