"""The nouns of asking a provider something once: a GET, how many it bears, and what its answers list.

Data and pure functions. What makes the request is transports/rest.py, what keeps the pace limiter.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from oddstail.model import Where

#: One line of a catalogue: scalars only, under the same names at every provider.
Row = dict[str, Any]

What = Literal["sports", "leagues", "books", "markets", "games", "parlays", "versions", "usage"]
#: The same things, in the order in which a person asks for them.
WHATS: tuple[What, ...] = ("sports", "leagues", "books", "markets", "games", "parlays", "versions", "usage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """One GET to make: everything but the key.

    `url` has scheme, host and path; `params` are sent in order and may repeat. `key_in` None: the
    address is open to everybody, and no key is sent there.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    key_in: Where | None = None
    key_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many GETs a provider bears from one machine: `burst` at once, then one each `every` seconds."""

    burst: int
    every: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a look-up is narrowed to. Empty: everything."""

    sport: tuple[str, ...] = ()
    league: tuple[str, ...] = ()
    book: tuple[str, ...] = ()
    game: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """One catalogue of a provider.

    `gets` are the first requests for what was asked, `rows` what one answer lists, `after` the request
    for its next page (None: that was the last). `takes` are the fields of `Asked` that the wire
    narrows by; by the others the rows are narrowed here. Of `needs` one must be given.
    `keep` is how long in seconds an answer is good, 0 where it is of the account or of the moment.
    `costs` says what a call costs where it does.
    """

    what: What
    columns: tuple[str, ...]
    gets: Callable[[Asked], list[Get]]
    rows: Callable[[Any], list[Row]]
    after: Callable[[Get, Any], Get | None] | None = None
    takes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    keep: float = 86_400.0
    costs: str = ""
    #: Said beside the rows: what a reader must know of them.
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What a provider can be asked for beside its streams, and how often."""

    pace: Pace
    lookups: Mapping[str, LookUp] = field(default_factory=dict)


def table(data: Any, *path: str) -> list[dict[str, Any]]:
    """The list of objects in an answer: the answer itself, or under one of these names. What else is in it is left."""
    if isinstance(data, dict):
        data = next((data[name] for name in path if isinstance(data.get(name), list)), [])
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
