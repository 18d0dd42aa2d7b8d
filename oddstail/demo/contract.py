"""What a wire and the server say to each other: requests, answers, frames, and what a client has been told.

Knows no vendor and no socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from oddstail.demo.events import Change
from oddstail.demo.market import Market

# The one key that every imitation accepts.
KEY = "demo"
# What is remembered of what was told: hours of the busiest stream, and an end to it.
_MOST_TOLD = 200_000

Price = int | float
Clock = Callable[[], float]


class Told(NamedTuple):
    """What one price is about, in the vendor's own words.

    `who` is a team, "Draw", "Over", "Under", or a subject with its side ("A. Player Over",
    "Boston Celtics Over"). `line` is the side's own line, None where there is none.
    """

    game: str
    book: str
    market: str
    who: str
    line: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Strike what was told: of these games, of this book, of these markets (None: of all)."""

    games: frozenset[str] | None = None
    book: str | None = None
    markets: frozenset[str] | None = None

    def strike(self, told: dict[Told, Price | None]) -> None:
        """Take out what this is about, in place."""
        for key in [key for key in told if self._hits(key)]:
            del told[key]

    def _hits(self, key: Told) -> bool:
        return (
            (self.book is None or key.book == self.book)
            and (self.games is None or key.game in self.games)
            and (self.markets is None or key.market in self.markets)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """What a frame tells whoever reads it: first forget, then put; how games stand; what happened.

    `scores` are (home, away) by game. `news` are plays and alerts by what tells them apart: an id, or all their words.
    """

    put: Mapping[Told, Price | None] = field(default_factory=dict)
    forget: tuple[Forget, ...] = ()
    scores: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    news: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def apply(self, told: dict[Told, Price | None]) -> None:
        """Bring what a client has been told up to date, in place."""
        for one in self.forget:
            one.strike(told)
        told.update(self.put)
        bound(told)

    def commutes(self, other: Tell) -> bool:
        """True if the order of the two frames does not matter to what they tell."""
        apart = self.put.keys().isdisjoint(other.put.keys()) and self.scores.keys().isdisjoint(other.scores.keys())
        return apart and not self.forget and not other.forget


def bound(told: dict[Any, Any]) -> None:
    """Forget the oldest of what is too much to remember."""
    while len(told) > _MOST_TOLD:
        del told[next(iter(told))]


NOTHING = Tell()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One SSE event (its whole text) or one WebSocket message.

    `data` is False for greetings and heartbeats: faults count and pick data frames only. `close` ends the
    connection after the body, `ping` is a protocol-level WebSocket ping.
    """

    body: bytes = b""
    binary: bool = False
    data: bool = True
    tell: Tell = NOTHING
    close: tuple[int, str] | None = None
    ping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request as it came: `query` in order and decoded, header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    websocket: bool = False
    body: bytes = b""

    def one(self, name: str) -> str | None:
        """The first value of a parameter; None if it is not there or empty."""
        return next((value for key, value in self.query if key == name and value), None)

    def many(self, name: str) -> list[str]:
        """Every value of a parameter in its order, the empty ones left out."""
        return [value for key, value in self.query if key == name and value]

    def listed(self, name: str) -> list[str]:
        """Repeated and comma-separated values alike."""
        return [part.strip() for value in self.many(name) for part in value.split(",") if part.strip()]

    def flag(self, name: str) -> bool | None:
        """`true`, `True`, `1` and their opposites; None if absent."""
        value = self.one(name)
        return None if value is None else value.lower() in ("true", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP answer: an error, or a page. `tell` is what a page of odds tells whoever reads it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    tell: Tell = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """A WebSocket that is accepted, may say one last thing, and is closed at once."""

    code: int
    reason: str = ""
    say: bytes | None = None


class Session(Protocol):
    """One open stream. Never reads a clock but its wire's, never touches a socket."""

    @property
    def subprotocol(self) -> str | None:
        """What a WebSocket handshake agrees on."""
        ...

    def greet(self) -> list[Frame]:
        """What is said first."""
        ...

    def hear(self, message: str) -> list[Frame]:
        """Answer what the client sent."""
        ...

    def turn(self) -> list[Frame]:
        """What there is to say now; called after every turn of the wire."""
        ...


class Wire(Protocol):
    """One vendor's server. `turn` is called once for each slice of market time, before its sessions'."""

    provider: str
    # Whether its WebSockets take an offer of permessage-deflate.
    deflates: bool

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        """Let a client in, or answer it: a page, a refusal."""
        ...

    def refuse_key(self, ask: Ask) -> Reply | Shut:
        """How this vendor refuses a key it does not know."""
        ...

    def turn(self, changes: Sequence[Change]) -> None:
        """Take in what the market did in this slice."""
        ...

    def left(self, session: Session) -> None:
        """A session is over: give back what it held."""
        ...

    def calm(self) -> bool:
        """With the market frozen: nothing is on its way any more but heartbeats and repetition."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What tests and benches may turn. The defaults are what `docs/wire/` says of the vendors.

    `heartbeat` replaces every vendor's own interval; `cycle` is rapidodds' scrape cycle; `push_interval`
    parlayapi's coalescing window (None: by tier); `credits` rapidodds' and parlayapi's balance; `replay` lets opticodds
    honour `last_entry_id`, which live observation says it does not [3p T1]; `connects_per_minute`,
    `connections`, `resubscribe`, `gets` (a burst) and `get_every` (seconds until one more) are boltodds'
    limits and `cap` parlayapi's; `anomalies` switches the
    wires' bad habits (empty pushes, missing books, clears, stream_status); `tier` is parlayapi's.
    """

    heartbeat: float | None = None
    cycle: float = 3.0
    push_interval: float | None = None
    tier: str = "business"
    credits: int = 1_000_000
    replay: bool = False
    connects_per_minute: int = 12
    connections: int = 3
    resubscribe: float = 5.0
    gets: int = 3
    get_every: float = 5.0
    cap: int = 100
    anomalies: bool = True
    # Seconds between two boltodds clears, and how long the cleared book stays dark.
    clear_every: float = 45.0
    clear_lasts: float = 3.0
    # How boltodds refuses a key: nobody published it, so a client must survive all of them.
    bolt_refusal: str = "error"


class Bell:
    """Rings every so many seconds of a clock; a late look rings once."""

    def __init__(self, clock: Clock, every: float) -> None:
        self._clock, self.every = clock, every
        self._next = clock() + every

    def rings(self) -> bool:
        """True if it is time; the next ring is a whole interval from now."""
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self.every
        return True

    def reset(self) -> None:
        """Start the interval again from now."""
        self._next = self._clock() + self.every


class Turnstile:
    """At most `limit` passes in any `window` seconds."""

    def __init__(self, clock: Clock, limit: int, window: float) -> None:
        self._clock, self._limit, self._window = clock, limit, window
        self._passes: list[float] = []

    def passes(self) -> bool:
        """True, and counted; False while the window is full."""
        now = self._clock()
        self._passes = [at for at in self._passes if now - at < self._window]
        if len(self._passes) >= self._limit:
            return False
        self._passes.append(now)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All that a wire needs: the market, the knobs, a monotonic clock."""

    market: Market
    knobs: Knobs
    clock: Clock

    def bell(self, every: float) -> Bell:
        """A bell for heartbeats every so many seconds, or as the knob says."""
        return Bell(self.clock, self.knobs.heartbeat or every)


def sse(fields: Iterable[tuple[str, str | bytes]]) -> bytes:
    """One SSE event with its fields in the given order."""
    parts = bytearray()
    for name, value in fields:
        parts += name.encode() + b": " + (value.encode() if isinstance(value, str) else value) + b"\n"
    return bytes(parts + b"\n")
