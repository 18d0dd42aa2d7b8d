"""From a request to a link: which transport, with which limits."""

from __future__ import annotations

from dataclasses import replace

from oddstail.clock import wall
from oddstail.model import Request
from oddstail.run.plan import Plan
from oddstail.transports import Limits, Link, Target, Transport


class Opener:
    """Opens requests by the transport that they name. Loads only the library that is needed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._made: dict[tuple[str, float], Transport] = {}

    async def open(self, request: Request) -> Link:
        """A link. The silence limit is the request's own unless the user set one."""
        silence = self._plan.max_silence or max(15.0, 3 * request.heartbeat)
        transport = self._made.get((request.transport, silence))
        if transport is None:
            limits = replace(self._plan.limits, silence=silence)
            transport = self._made[request.transport, silence] = _transport(request.transport, limits)
        return await transport.open(Target(request, self._plan.secret))

    async def aclose(self) -> None:
        """Close what the transports share."""
        for transport in self._made.values():
            await transport.aclose()


def _transport(kind: str, limits: Limits) -> Transport:
    if kind == "ws":
        from oddstail.transports.websocket import WebSocket

        return WebSocket(limits, wall)
    from oddstail.transports.http import SSE

    return SSE(limits, wall)
