"""From a request to a link: which transport, with which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from oddstail.clock import wall
from oddstail.limiter import TooBusyError
from oddstail.lookup import Get
from oddstail.model import Failure, LinkError, Poll, Request
from oddstail.run.plan import Leg
from oddstail.transports import Limits, Link, Target, Transport

if TYPE_CHECKING:
    from oddstail.transports.rest import Rest


class Opener:
    """Opens requests by the transport that they name. Loads only the library that is needed."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._made: dict[tuple[str, float], Transport] = {}
        self._rest: Rest | None = None

    async def open(self, request: Request) -> Link:
        """A link. The silence limit is the request's own unless the user set one."""
        silence = self._leg.max_silence or max(15.0, 3 * request.heartbeat)
        transport = self._made.get((request.transport, silence))
        if transport is None:
            limits = replace(self._leg.limits, silence=silence)
            transport = self._made[request.transport, silence] = _transport(request.transport, limits)
        if not request.polls:
            return await transport.open(Target(request, self._leg.secret))
        from oddstail.run.beside import Beside, ahead

        get = partial(self._get, request)
        had = await ahead(request.polls, get, wall)
        return Beside(await transport.open(Target(request, self._leg.secret)), request, get, wall, had)

    async def _get(self, request: Request, poll: Poll) -> Any:
        """One answer of a poll. The key goes where the stream's goes."""
        get = Get(url=poll.url, params=poll.params, key_in=request.key_in, key_name=request.key_name)
        try:
            return await self.fetch(get)
        except TooBusyError as busy:
            raise LinkError(Failure(kind="timeout", text=str(busy), asked=busy.wait)) from None

    async def fetch(self, get: Get) -> Any:
        """One answer, over connections that are kept for the next."""
        from oddstail.transports.rest import Rest

        if self._rest is None:
            self._rest = Rest(self._leg.limits)
        if self._leg.limiter is not None:
            await self._leg.limiter.passed()
        return await self._rest.get(get, self._leg.secret)

    @property
    def allowed(self) -> Mapping[str, str]:
        """What the head of the last answer says of limits."""
        return {} if self._rest is None else self._rest.allowed

    async def aclose(self) -> None:
        """Close what the transports share."""
        for transport in self._made.values():
            await transport.aclose()
        if self._rest is not None:
            await self._rest.aclose()


def _transport(kind: str, limits: Limits) -> Transport:
    if kind == "ws":
        from oddstail.transports.websocket import WebSocket

        return WebSocket(limits, wall)
    from oddstail.transports.http import SSE

    return SSE(limits, wall)
