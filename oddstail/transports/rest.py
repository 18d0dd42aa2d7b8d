"""One GET, one JSON answer: httpx's errors into LinkErrors, redirects by hand, bodies capped. Knows nothing of odds.

Beside the streams' transport and not in it: an answer has an end, so there is a limit for the whole,
and connections are kept for the next call.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from oddstail.lookup import Get
from oddstail.model import Failure, LinkError, Where
from oddstail.text import Redactor, Secret, visible
from oddstail.transports import USER_AGENT, Limits, with_params
from oddstail.transports.http import MOST_REDIRECTS, REDIRECTS, body_of_error, redirected
from oddstail.transports.http_client import checked_route, failure, options
from oddstail.transports.proxy import Proxy
from oddstail.wire.content_coding import CodingError, decoder
from oddstail.wire.loose import loads
from oddstail.wire.refusal import READ, SHOWN, gist, refusal

#: How headers begin that tell what an account is allowed (docs/wire/opticodds.md, 3; docs/wire/parlayapi.md, 7.3).
_ALLOWANCES = ("x-ratelimit-", "ratelimit", "x-credits-", "x-requests-")
#: Bytes of an answer, inflated. The largest known, OpticOdds' leagues, has 612 KB (docs/wire/opticodds.md, 4).
MOST = 32 * 1024 * 1024


class Rest:
    """GETs, over connections that are kept. Use `aclose` at the end."""

    def __init__(self, limits: Limits, *, most: int = MOST) -> None:
        self._limits = limits
        self._most = most
        #: What the head of the last answer says of limits: allowances, credits.
        self.allowed: dict[str, str] = {}
        self._clients: dict[tuple[str, Proxy | None], httpx.AsyncClient] = {}
        self._via: Proxy | None = None

    async def get(self, get: Get, secret: Secret | None) -> Any:
        """The JSON value of the answer. Raises LinkError for all else, and nothing but that for the network's sake.

        All of it takes `connect` and twice `answer` of the limits at the most, in seconds.
        """
        limits = self._limits
        within = limits.connect + 2 * limits.answer
        try:
            async with asyncio.timeout(within):
                return await self._followed(get, secret)
        except TimeoutError:
            raise LinkError(Failure(kind="timeout", text=f"no whole answer within {within:.0f} s")) from None
        except CodingError as error:
            raise LinkError(Failure(kind="protocol", text=str(error))) from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise LinkError(failure(error, self._via)) from None

    async def aclose(self) -> None:
        """Close every connection. The object can be used again afterwards."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            with contextlib.suppress(Exception):
                await client.aclose()

    async def _followed(self, get: Get, secret: Secret | None) -> Any:
        url, key = self._address(get, secret)
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
        if key is not None and get.key_in is Where.HEADER:
            headers[get.key_name] = key.reveal()
        for _ in range(MOST_REDIRECTS + 1):
            async with self._client(url).stream("GET", url, headers=headers) as response:
                if response.status_code not in REDIRECTS:
                    heads = response.headers.items()
                    self.allowed = {name: value for name, value in heads if name.startswith(_ALLOWANCES)}
                    return await self._value(response, key)
                url = redirected(response, url, get.key_name, key if get.key_in is Where.QUERY else None, _hiding(key))
        raise LinkError(Failure(kind="redirect", text=f"more than {MOST_REDIRECTS} redirects"))

    def _address(self, get: Get, secret: Secret | None) -> tuple[str, Secret | None]:
        key = None if get.key_in is None else secret
        params = list(get.params)
        if key is not None and get.key_in is Where.QUERY:
            params.append((get.key_name, key.reveal()))
        return with_params(get.url, params), key

    async def _value(self, response: httpx.Response, key: Secret | None) -> Any:
        status = response.status_code
        fields = response.headers.multi_items()
        if status != 200:
            body = await body_of_error(response)
            raise LinkError(refusal(status, fields, body, _hiding(key), datetime.now(UTC)))
        body = await _body(response, self._most)
        if key is not None:
            # Answers are kept in files; an account's may have the key in it.
            body = Redactor([key]).data(body)
        try:
            return loads(body)
        except ValueError:
            kind = visible(_hiding(key)(response.headers.get("content-type", "no content type")), 80)
            text, page = gist(fields, body[:READ], _hiding(key))
            text = f"{kind} instead of JSON: {text}"
            raise LinkError(Failure(kind="content-type", text=text[: SHOWN * 2], page=page)) from None

    def _client(self, url: str) -> httpx.AsyncClient:
        self._via = checked_route(url).proxy
        which = (urlsplit(url).scheme, self._via)
        if which not in self._clients:
            limits = self._limits
            timeout = httpx.Timeout(limits.connect, read=limits.answer, pool=None)
            self._clients[which] = httpx.AsyncClient(timeout=timeout, **options(url, limits, self._via))
        return self._clients[which]


def _hiding(key: Secret | None) -> Callable[[str], str]:
    return str if key is None else Redactor([key]).text


async def _body(response: httpx.Response, most: int) -> bytes:
    """The whole body, decoded in steps. LinkError where it has more bytes than `most`, CodingError."""
    body = decoder(response.headers.get("content-encoding", ""))
    pieces: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        for piece in body.feed(chunk):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise LinkError(Failure(kind="too-big", text=f"an answer of more than {most >> 20} MiB"))
    if body.pending:
        raise CodingError("the answer ended in the middle of its compressed data")
    return b"".join(pieces)
