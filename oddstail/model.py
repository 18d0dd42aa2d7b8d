"""The nouns. Knows what a price, a frame and the life of a connection are; knows no provider and does no I/O.

Times are integers: microseconds since the epoch, UTC. A float of seconds would do for today's
dates, but it invites arithmetic that loses the last digit, and both clocks of a record are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Literal, NamedTuple

from oddstail.games import Games as Games
from oddstail.games import Memory as Memory
from oddstail.games import in_play as in_play
from oddstail.life import CREDITS_OUT as CREDITS_OUT
from oddstail.life import End as End
from oddstail.life import Gap as Gap
from oddstail.life import Level as Level
from oddstail.life import Lost as Lost
from oddstail.life import Notice as Notice
from oddstail.life import Opened as Opened
from oddstail.life import Resumed as Resumed
from oddstail.life import Retrying as Retrying
from oddstail.life import is_pause as is_pause
from oddstail.market_value import MarketAlert as MarketAlert
from oddstail.market_value import MarketValue as MarketValue
from oddstail.market_value import Side as Side
from oddstail.market_value import Steam as Steam
from oddstail.news import Drop as Drop
from oddstail.news import Fixture as Fixture
from oddstail.news import Health as Health
from oddstail.news import Play as Play
from oddstail.news import Result as Result
from oddstail.price import Price as Price
from oddstail.selection import KINDS as KINDS
from oddstail.selection import MANY as MANY
from oddstail.selection import PERIODS as PERIODS
from oddstail.selection import SIDES as SIDES
from oddstail.selection import STATUSES as STATUSES
from oddstail.selection import SUBJECTS as SUBJECTS
from oddstail.selection import Alert as Alert
from oddstail.selection import Bet as Bet
from oddstail.selection import Quote as Quote
from oddstail.selection import Replace as Replace
from oddstail.selection import Scope as Scope
from oddstail.selection import Selection as Selection
from oddstail.selection import Status as Status
from oddstail.selection import Was as Was

# --- what came over the wire --------------------------------------------------------------------


class Frame(NamedTuple):
    """One message of a provider, whole: an SSE event or a WebSocket message.

    `data` is the payload as received (for SSE the data lines joined by LF, for WebSocket the
    reassembled message). `event` and `id` are the SSE fields, empty for WebSocket.
    """

    data: bytes
    event: str = ""
    id: str = ""


class Read(NamedTuple):
    """What one read of a socket brought: when, and the frames that it completed (perhaps none).

    `beside`: it is the answer to a `Poll`, and so no sign that the link itself lives.
    """

    recv: int
    frames: list[Frame]
    beside: bool = False


class Kind(IntEnum):
    """What a provider's message is for: the envelope, not its content."""

    ACK = 1  #: the link is ready; what was to be subscribed may be sent
    BEAT = 2  #: a heartbeat
    DATA = 3  #: odds or anything else that a user asked for
    TALK = 4  #: about the stream (an echo of a subscription, a status), with nothing to price
    REFUSED = 5  #: an error that ends this link; `failure` says which
    ERROR = 6  #: an error that does not end it, and no sign either that it is good
    ECHO = 7  #: the acknowledgement of a message that we sent


class Message(NamedTuple):
    """A frame whose envelope was read. One frame may hold several (BoltOdds sends arrays).

    `name` is the vendor's word for it, `body` the parsed JSON, `cursor` what to resume after.
    """

    kind: Kind
    name: str
    body: Any = None
    cursor: str | None = None
    failure: Failure | None = None


# --- what else a decoder may say ------------------------------------------------------------------


class Payload(NamedTuple):
    """A provider's JSON as received: what `-o raw` prints, each on one line."""

    data: bytes


class Send(NamedTuple):
    """A decoder's wish: send this on the open socket, instead of any such wish that still waits.

    Never sooner than `every` seconds after what was last sent there. No record: the session fulfils it.
    """

    text: str
    every: float = 0.0


class Left(NamedTuple):
    """A price that a filter let through, by its key, and lets through no more: what it is now, nobody looks at.

    No record, for a filter is one of records; but no screen shows it on.
    """

    key: str


#: What a decoder may say, and what a session adds to it.
Event = (
    Quote
    | Replace
    | Fixture
    | Play
    | Result
    | Drop
    | Health
    | Payload
    | Alert
    | MarketValue
    | MarketAlert
    | Steam
    | Send
    | Left
    | Opened
    | Lost
    | Gap
    | Notice
    | Retrying
    | End
)


class Batch(NamedTuple):
    """What one read of a socket brought, or one moment in the life of a connection. `more` of the read follows."""

    conn: int
    recv: int
    events: list[Event]
    more: bool = False


# --- what to ask a provider, and how -------------------------------------------------------------


class Where(Enum):
    """Where a provider wants its key."""

    HEADER = "header"
    QUERY = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A GET that is made beside an open link, again and again; the link's own decoder gets the answers.

    An answer is a frame of one JSON value whose `event` is `name`; of a GET that failed it is the reason, as
    a string, and the event `NAME failed`. `every` is in seconds. `first`: also once before the link is opened, which
    waits for it. The key goes where the link's goes.
    """

    name: str
    url: str
    every: float
    params: tuple[tuple[str, str], ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One connection to make: everything but the key.

    `url` has scheme, host and path. `params` are sent in order and may repeat. `send` are the
    messages to send on a WebSocket once it is acknowledged. `label` names it for people (`NBA`).
    `heartbeat` is how often, in seconds, some byte is due (a pong counts); `pulse` how often a whole
    message is, 0 where the provider promises none. `key_in` None: open to everybody, no key is sent.
    `greets`: the provider says something as soon as the link is open; else the handshake has to do. `priced`: it
    brings prices, for a table to show. `restates`: it may say again what did not change. `converses`: its decoder
    may wish to `Send`. `refusal` is what else there is to say if it is refused. `options` is what the decoder must know
    of the request (an odds format).
    """

    provider: str
    feed: str
    label: str
    transport: Literal["sse", "ws"]
    url: str
    key_in: Where | None
    key_name: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    send: tuple[str, ...] = ()
    heartbeat: float = 5.0
    pulse: float = 0.0
    greets: bool = True
    converses: bool = False
    priced: bool = True
    restates: bool = True
    polls: tuple[Poll, ...] = ()
    refusal: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


# --- what can go wrong ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a link could not be made, or ended. The small family that every library error becomes.

    `kind`: `status` (an HTTP status other than 200/101), `content-type`, `redirect`, `network`
    (refused, reset, DNS, unreachable), `timeout` (connect or first byte), `silence` (no byte for
    too long), `tls`, `proxy`, `closed` (the server ended a stream), `ws-close` (with `code`),
    `too-big`, `protocol` (HTTP, WebSocket or content coding broken), `slept`, or one that a
    provider found in a message: `auth`, `plan`, `cap`, `refused`, `cursor` (it does not know the place that
    a reconnect names). `bug`: an exception that nobody expected.
    `asked` is the wait in seconds that the server asked for, `text` what it said, bounded. `page`: what answered
    sent a web page for people. `by_window`: `asked` is when the server's window of requests ends, and nobody asked to
    come back just then.
    """

    kind: str
    text: str = ""
    code: int | None = None
    asked: float | None = None
    page: bool = False
    by_window: bool = field(default=False, compare=False)


class LinkError(Exception):
    """A link could not be made, or broke. What transports raise, and all that they raise."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text or failure.kind)
        self.failure = failure


# --- a provider ----------------------------------------------------------------------------------

#: What a message says: all of it at once, or, of a large one, part by part. A part may be empty: it took some time.
Decode = Callable[[Message], list[Event] | Iterator[list[Event]]]
#: Of a request and what the stream has learned so far.
Decoder = Callable[[Request, Memory], Decode]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to do about a failure. None in `tries`: an outage, which is waited out. Else a refusal.

    A refusal ends the stream with `exit` after so many `tries` in a row. Once the request has streamed in this run,
    the same refusal is taken for an outage of at most `patience` seconds (0: it is final all the same, None: for ever).
    `floor` is the least wait in seconds. `say` is the remedy, which follows the server's own text.
    """

    tries: int | None = None
    exit: int = 3
    floor: float = 0.0
    patience: float | None = 900.0
    say: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider, as pure functions and facts. Nothing here does I/O, sleeps, or reads a clock.

    `read` opens an envelope; `peek` does not, for a run that only passes payloads on: it says where a frame of
    odds stands in the stream, or None of a frame that is to be read to know; `decoder` makes the function that
    reads what is inside, new for every connection. Its own state lives as long as the connection; what it learns
    about fixtures goes into the `Memory`, which outlives that. `resume` adds a cursor
    to a request, in place of any other (None: leaves it without one), `revise` answers a refusal with the request
    that is still worth making (None: nothing is).
    `rules` override the common verdicts, by HTTP status, close code, or failure kind.
    `replays` says whether a resumed link is known to bring what was missed, if the outage was
    shorter than `window` seconds. `snapshot`: `none`; `message` (one message holds all, and says
    so); `burst` (many, without an end mark). `rate` is the most connects in so many seconds, `floor` the least wait
    between two, in seconds.
    """

    name: str
    title: str
    read: Callable[[Frame], list[Message]]
    decoder: Decoder
    peek: Callable[[Frame], str | None] | None = None
    resume: Callable[[Request, str | None], Request] | None = None
    revise: Callable[[Request, Failure], Request | None] | None = None
    rules: Mapping[int | str, Rule] = field(default_factory=dict)
    replays: Resumed = "no"
    window: float = 0.0
    snapshot: Literal["none", "message", "burst"] = "none"
    rate: tuple[int, float] = (60, 60.0)
    floor: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a provider's flags came to: the connections to make, and what to tell the user about them."""

    requests: list[Request]
    notes: list[str] = field(default_factory=list)


class UsageError(Exception):
    """What was asked for cannot be had so. The text is one sentence and names the remedy."""
