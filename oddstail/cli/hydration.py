"""`--snapshot`: the way to the current prices, where a stream brings none; what that costs, said before it is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oddstail.cli.reach import placed
from oddstail.model import Request, Where

if TYPE_CHECKING:
    from oddstail.run.hydrating import Snapshots
    from oddstail.run.plan import Leg


def snapshots(leg: Leg, *, base_url: str | None) -> tuple[Snapshots | None, list[str]]:
    """The way to a provider's current prices, and what to say about what it costs."""
    from oddstail import providers, words

    hydration = providers.catalogue(leg.provider.name).hydration
    if hydration is None:
        return None, []
    from oddstail.run.hydrating import Snapshots

    found = Snapshots(hydration=hydration, place=lambda url: placed(url, base_url))
    cost = sum(hydration.costs(request) for request in leg.requests)
    if not cost:
        return found, []
    note = (
        f"{leg.provider.title} sends no prices before its first push: they are asked for now and after each reconnect, "
        f"for {words.many(cost, 'credit')} a time (--no-snapshot waits for the push)"
    )
    return found, [note]


def shown(snapshots: Snapshots | None, request: Request) -> list[str]:
    """What will be asked first, in the notation of HTTP, without a key."""
    from oddstail.lookup import Get
    from oddstail.transports import with_params

    steps = None if snapshots is None else snapshots.hydration.steps(request)
    first = None if steps is None else next(steps, None)
    if snapshots is None or not isinstance(first, tuple):
        return []
    out = []
    for get in first:
        assert isinstance(get, Get), "a step is a frame or GETs"
        key = [(get.key_name, "****")] if get.key_in is Where.QUERY else []
        address = with_params(snapshots.place(get.url), [*get.params, *key]).replace("%2A", "*")
        out.append(f"then, for the current prices: GET {address}")
    return out
