"""Server-sent events over httpx: bytes into Frames, httpx's errors into one LinkError. Knows nothing of odds.

The decoder is ours (wire/sse.py says why). Redirects are followed by hand: httpx drops only
`Authorization` on the way to another host and would hand `X-Api-Key` to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import ssl
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from httpx_sse import EventSource, aconnect_sse

from oddstail.model import Failure, LinkError, Read, Where
from oddstail.text import Secret, visible
from oddstail.transports import ERROR_BODY_S, Limits, Target, with_params
from oddstail.transports.http_client import checked_route, failure, options
from oddstail.transports.merging import MergingTransport
from oddstail.transports.proxy import Proxy
from oddstail.wire.content_coding import CodingError, decoder, readable
from oddstail.wire.refusal import READ, SHOWN, gist, refusal
from oddstail.wire.sse import FrameTooBig, SSEDecoder

REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 5


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
        try:
            body = decoder(self._response.headers.get("content-encoding", ""))
            async for chunk in self._response.aiter_raw():
                recv = clock()
                for nth, piece in enumerate(body.feed(chunk)):
                    if nth:
                        # A small chunk may inflate to gigabytes: signals and other streams get their turn.
                        await asyncio.sleep(0)
                    yield Read(recv, feed(piece))
        except httpx.ReadTimeout:
            text = f"no byte for {self._limits.silence:g} s"
            raise LinkError(Failure(kind="silence", text=text)) from None
        except FrameTooBig as error:
            raise LinkError(Failure(kind="too-big", text=str(error))) from None
        except CodingError as error:
            raise LinkError(Failure(kind="protocol", text=str(error))) from None
        except httpx.HTTPError as error:
            raise LinkError(failure(error)) from None
        cut = "in the middle of an event" if self._decoder.pending or body.pending else ""
        raise LinkError(Failure(kind="closed", text=f"the server ended the stream {cut}".rstrip()))

    async def close(self, *, politely: bool) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await self._stack.aclose()


class SSE:
    """Opens event streams."""

    def __init__(self, limits: Limits, clock: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._clients: dict[tuple[str, Proxy | None], httpx.AsyncClient] = {}

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
        via = checked_route(url).proxy
        client = self._client(url, via)
        headers = {"Accept-Encoding": "identity", **target.headers}
        try:
            async with asyncio.timeout(limits.connect + limits.answer):
                source = await stack.enter_async_context(aconnect_sse(client, "GET", url, headers=headers))
            # How long a link may be silent is no measure of how long a server may take to answer.
            source.response.request.extensions["timeout"]["read"] = limits.silence
            return source
        except TimeoutError:
            through = "" if via is None else f", through {via}"
            text = f"no answer within {limits.connect + limits.answer:.0f} s{through}"
            raise LinkError(Failure(kind="timeout", text=text)) from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise LinkError(failure(error, via)) from None

    def _client(self, url: str, via: Proxy | None) -> httpx.AsyncClient:
        """One client for each scheme and proxy: making its TLS settings costs 20 ms and more."""
        which = (urlsplit(url).scheme, via)
        if which not in self._clients:
            given = options(url, self._limits, via)
            self._clients[which] = httpx.AsyncClient(
                transport=None if via is not None else MergingTransport(given["verify"]),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
                timeout=httpx.Timeout(self._limits.connect, read=self._limits.answer, pool=None),
                **given,
            )
        return self._clients[which]


async def _check(response: httpx.Response, target: Target) -> None:
    status = response.status_code
    # Where a server repeats a field, the last one counts (Fetch, "extract a MIME type").
    kinds = response.headers.get_list("content-type")
    kind = kinds[-1].partition(";")[0].strip() if kinds else ""
    if status == 200 and kind.lower() == "text/event-stream":
        return
    body = b"" if status == 204 else await body_of_error(response)
    if status == 200:
        text, page = gist(response.headers.multi_items(), body, target.hide)
        named = visible(target.hide(kind), 80) or "no content type"
        text = f"{named} instead of text/event-stream: {text}"[: SHOWN * 2]
        raise LinkError(Failure(kind="content-type", text=text, page=page))
    raise LinkError(refusal(status, response.headers.multi_items(), body, target.hide, datetime.now(UTC)))


async def body_of_error(response: httpx.Response) -> bytes:
    """The first bytes of a body, decoded; a server that drips or breaks it off is not waited for."""
    body = b""
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(ERROR_BODY_S):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= READ:
                    break
    return readable(body, response.headers.get("content-encoding", ""), READ)


def redirected(response: httpx.Response, url: str, name: str, secret: Secret | None, hide: Callable[[str], str]) -> str:
    """Where a redirect leads, if it is the same scheme, host and port: nothing of ours goes elsewhere.

    `secret` is the key where it is the parameter `name`: the server may have left that out.
    """
    try:
        # Of several, the first.
        there: str = urljoin(url, next(iter(response.headers.get_list("location")), ""))
        parts = urlsplit(there)
    except ValueError:
        raise LinkError(Failure(kind="redirect", text="redirected to what is no address")) from None
    if parts[:2] != urlsplit(url)[:2]:
        host = visible(hide(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"), 80)
        raise LinkError(Failure(kind="redirect", text=f"redirected to {host}: the key is not sent to another host"))
    if secret is not None and name not in dict(parse_qsl(parts.query, keep_blank_values=True)):
        there += ("&" if parts.query else "?") + with_params("", [(name, secret.reveal())])[1:]
    return there
