"""One POST of JSON to an address of the user's own. Takes no key along, follows no redirect, keeps no answer."""

from __future__ import annotations

import ssl
from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from oddstail.model import Failure, LinkError
from oddstail.text import Redactor, address_secrets
from oddstail.transports import USER_AGENT, Limits
from oddstail.transports.http_client import checked_route, failure, options
from oddstail.transports.proxy import Proxy


class Webhook:
    """An address to tell. Use `aclose` at the end."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._url = url
        self._limits = limits
        self._client: httpx.AsyncClient | None = None
        self._via: Proxy | None = None

    @property
    def host(self) -> str:
        """Whom it tells. The rest of the address may be a secret (Slack's is)."""
        return urlsplit(self._url).hostname or "?"

    async def post(self, body: bytes) -> None:
        """Tell it. LinkError unless it answers with 2xx."""
        try:
            headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
            async with self._made().stream("POST", self._url, content=body, headers=headers) as response:
                status = response.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise LinkError(self._hidden(failure(error, self._via))) from None
        if not 200 <= status < 300:
            raise LinkError(Failure(kind="status", code=status))

    def _hidden(self, failure: Failure) -> Failure:
        """A library's error may repeat the address or a part of it."""
        return replace(failure, text=Redactor(address_secrets(self._url)).text(failure.text))

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _made(self) -> httpx.AsyncClient:
        if self._client is None:
            self._via = checked_route(self._url).proxy
            timeout = httpx.Timeout(self._limits.answer, connect=self._limits.connect)
            self._client = httpx.AsyncClient(timeout=timeout, **options(self._url, self._limits, self._via))
        return self._client
