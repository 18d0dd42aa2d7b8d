"""The nouns of asking a provider something once: a GET, how many it bears, and what its answers list.

Data and pure functions. What makes the request is transports/rest.py, what keeps the pace limiter.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from oddstail.model import Bet, Frame, Request, Where

#: One line of a catalogue: scalars under the same names at every provider; a parlay has a list of `legs` as well.
Row = dict[str, Any]

What = Literal["sports", "leagues", "books", "markets", "games", "parlays", "versions", "usage"]
#: The same things, in the order in which a person asks for them.
WHATS: tuple[What, ...] = ("sports", "leagues", "books", "markets", "games", "parlays", "versions", "usage")


#: How much of what there is a list has.
Sure = Literal["all", "most", "some", "few"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Values that a provider takes for one flag, and how many of them are known here.

    `all`: there are no others. `most`: a near miss is a slip. `some`: a near miss may well be a name of
    its own (`US Open (M)` beside `US Open (F)`). `few`: there are many more.
    `also` are other names for the same things, and what the provider calls them.
    """

    what: str
    known: frozenset[str]
    has: Sure = "most"
    also: Mapping[str, frozenset[str]] = field(default_factory=dict)


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


#: Seconds: how long names are good, and how long games.
DAY, MINUTE = 86_400.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """One catalogue of a provider.

    `gets` are the first requests for what was asked, `rows` what one answer lists, `after` the request
    for its next page (None: that was the last). `takes` are the fields of `Asked` that the wire
    narrows by; by the others the rows are narrowed here. Of `needs` one must be given.
    `keep` is how long in seconds an answer is good, 0 where it is of the account or of the moment.
    `spelt` are the columns whose values the wire takes, the first of them what we send; `also` are other
    names for the same thing. `sure` is how much of what there is the list has: a name that is not in a list
    of `all` there are is an error.
    """

    what: What
    columns: tuple[str, ...]
    gets: Callable[[Asked], list[Get]]
    rows: Callable[[Any], list[Row]]
    after: Callable[[Get, Any], Get | None] | None = None
    takes: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    spelt: tuple[str, ...] = ("id",)
    also: tuple[str, ...] = ("name",)
    sure: Sure = "all"
    keep: float = DAY
    #: Said beside the rows: what a reader must know of them.
    note: str = ""


#: A snapshot being asked for. It yields requests to make, and is sent their answers, a `Failure` for one that has
#: none; and it yields frames for the link's own decoder, and is sent nothing for those.
Steps = Generator[tuple[Get, ...] | Frame, list[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hydration:
    """How the state is asked for beside a stream that tells changes alone.

    `steps` for one connection's request; None where there is nothing to ask for: another feed, or a link that
    replays what was missed. `costs` are the credits of one go. `least` is the shortest time in seconds
    from one go to the next, however often the link breaks.
    """

    steps: Callable[[Request], Steps | None]
    costs: Callable[[Request], float] = lambda request: 0.0
    least: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What a provider can be asked for beside its streams, how often, and what is known of it without asking.

    `flags` says which list the values of a flag are in, and `always` are values that are in none and
    mean something all the same; `builtin` are the lists that came with us.
    `bet` says what bet a market is, by its name and sport; `alike` the names that the
    provider's books have for the market that a value means, where they differ. `competitions` says what the provider
    calls a competition that is given by our name, out of the names that are known; `competition` is the way back.
    `wrong` is what the provider does with a name that it does not know, in the words of a person; `wanted`
    reads out of a request what it asks for, by flag.
    """

    pace: Pace
    lookups: Mapping[What, LookUp] = field(default_factory=dict)
    flags: Mapping[str, What] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    builtin: Mapping[What, Names] = field(default_factory=dict)
    bet: Callable[[str, str | None], Bet] = lambda market, sport: Bet()
    competition: Callable[[str | None], str | None] = lambda league: None
    competitions: Callable[[str, Iterable[str]], list[str]] = lambda value, known: []
    alike: Callable[[str], tuple[str, ...]] = lambda market: ()
    wrong: str = ""
    wanted: Callable[[Request], Mapping[str, tuple[str, ...]]] | None = None
    hydration: Hydration | None = None


def names(what: str, lookup: LookUp, rows: list[Row]) -> Names:
    """A list as names to check against."""
    known, also = set(), dict[str, set[str]]()
    for row in rows:
        spelt = [str(row[column]) for column in lookup.spelt if row.get(column) is not None]
        known.update(spelt)
        for column in lookup.also:
            if spelt and row.get(column) is not None:
                also.setdefault(str(row[column]), set()).add(spelt[0])
        if len(spelt) > 1:
            for other in spelt[1:]:
                also.setdefault(other, set()).add(spelt[0])
    return Names(
        what=what,
        known=frozenset(known),
        has=lookup.sure,
        also={name: frozenset(meant) for name, meant in also.items()},
    )


def entries(data: Any, *path: str) -> list[Any]:
    """The list in an answer: the answer itself, or what is under one of these names. Anything else is no list."""
    if isinstance(data, dict):
        data = next((data[name] for name in path if isinstance(data.get(name), list)), [])
    return data if isinstance(data, list) else []


def scalar(value: Any) -> Any:
    """A value as a row may hold it: text that is not empty, a number, a bool, or nothing."""
    if isinstance(value, str):
        return value.strip()[:LONGEST] or None
    return value if isinstance(value, bool | int | float) else None


#: No name is so long.
LONGEST = 300


def row(**values: Any) -> Row | None:
    """A row out of whatever an answer held. None where its first field, what it is called by, is missing."""
    made = {name: scalar(value) for name, value in values.items()}
    first = next(iter(made.values()))
    if first is None or isinstance(first, bool):
        return None
    made[next(iter(made))] = str(first)
    return made


def inner(value: Any, name: str = "id") -> Any:
    """`basketball` of `{"id": "basketball", "name": ...}`, and of `basketball`."""
    return value.get(name) if isinstance(value, dict) else value


#: Names of fields of an account that tell who it is, or its key.
_PRIVATE = re.compile(
    r"mail|key|token|secret|fingerprint|hash|user|account|owner|phone|address|customer|company|(?<!plan_)(?<!tier_)name",
    re.IGNORECASE,
)


def usage(data: Any) -> list[Row]:
    """The plan and the balance of an account, without what identifies a person or a key: lists end up in logs."""
    if not isinstance(data, dict):
        return []
    plain = {name: scalar(value) for name, value in data.items() if not _identifies(name, value)}
    plain = {name: value for name, value in plain.items() if value is not None}
    return [plain] if plain else []


def _identifies(name: str, value: Any) -> bool:
    # A count of keys or users identifies no one.
    return name.endswith("id") or (isinstance(value, str) and _PRIVATE.search(name) is not None)


def singular(what: What) -> str:
    """One of a list: `book` of `books`."""
    return what.removesuffix("s")
