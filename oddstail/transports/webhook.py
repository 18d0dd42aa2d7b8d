"""One POST of JSON to an address of the user's own. Takes no key along, follows no redirect, keeps no answer."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import httpx

from oddstail.model import Failure, LinkError
from oddstail.transports import USER_AGENT, Limits, is_loopback, setting_failure, trust
from oddstail.transports.http import failure


class Webhook:
    """An address to tell. Use `aclose` at the end."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._url = url
        self._limits = limits
        self._client: httpx.AsyncClient | None = None

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
            raise LinkError(failure(error)) from None
        if not 200 <= status < 300:
            raise LinkError(Failure(kind="status", code=status))

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _made(self) -> httpx.AsyncClient:
        if self._client is None:
            try:
                verify = trust(self._url, self._limits)
                self._client = httpx.AsyncClient(
                    follow_redirects=False,
                    trust_env=not is_loopback(self._url),
                    verify=verify,
                    timeout=httpx.Timeout(self._limits.answer, connect=self._limits.connect),
                )
            except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
                raise LinkError(setting_failure(error)) from None
        return self._client
