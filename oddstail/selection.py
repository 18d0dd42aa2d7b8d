"""What is priced and for how much: selections, quotes, the whole truth about a scope, and alerts on a price.

Import them from `oddstail.model`, which is the one door to all nouns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from oddstail.price import Price

Status = Literal["open", "suspended", "removed", "settled"]
STATUSES: tuple[Status, ...] = get_args(Status)
#: Of a market, of the part of a game that it is on, and of a selection; a provider may tell other sides.
KINDS = ("moneyline", "spread", "total", "team_total", "prop", "future", "other")
PERIODS = (
    *("game", "1h", "2h", "q1", "q2", "q3", "q4", "p1", "p2", "p3", "s1", "s2", "s3", "s4", "s5"),
    *("f1", "f3", "f5", "f7", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9", "m1", "m2", "m3", "m4", "m5"),
)
SIDES = ("home", "away", "draw", "over", "under", "yes", "no")
#: What a market is about. `team`: one of the two, where it is not known which.
SUBJECTS = ("game", "home", "away", "team", "player", "tournament")
#: `ways` of a market with more than three outcomes, or with outcomes that overlap. A number, as a field has one type.
MANY = 0


class Bet(NamedTuple):
    """What a market is a bet on: what its name says, by the provider's table.

    `ways` is how many outcomes a complete market has (`MANY`: more than three, or overlapping ones), None if the name
    does not say. `subject` is one of `SUBJECTS`. `stat` is what is counted or decided, None for the result itself.
    """

    kind: str = "other"
    period: str | None = None
    ways: int | None = None
    subject: str | None = None
    stat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is priced, at one book. Everything here stays the same from one price to the next.

    `key` is its identity, stable for as long as the provider's own identity is. `book`, `market`
    and `selection` are the provider's words. `kind` is one of `KINDS`,
    `period` one of `PERIODS` or None: ours, from a table for each
    provider. `start` is RFC 3339 in UTC with `Z`. `group` is the provider's word that ties the sides of one line,
    as it came first.

    `competition` is our own short name of the league (nba, epl), None where no table has it. `ways` is the number of
    outcomes that the complete market has: 2, 3, `MANY`, or None if nothing says it. `subject` is one of `SUBJECTS`,
    `stat` is what is counted or decided (points, corners, sets), None for the result of the game itself.
    """

    key: str
    league: str | None
    game_id: str
    book: str
    market: str
    selection: str
    sport: str | None = None
    home: str | None = None
    away: str | None = None
    start: str | None = None
    kind: str = "other"
    period: str | None = None
    side: str | None = None
    player: str | None = None
    group: str | None = None
    competition: str | None = None
    ways: int | None = None
    subject: str | None = None
    stat: str | None = None


@dataclass(slots=True)
class Quote:
    """One price, or the news that there is none.

    `price` is None whenever the price is not on offer: always unless `status` is `open`, and also
    when a provider tells a line without its price. A decoder may put the price that was withdrawn
    into `prev`; what the ledger remembers takes precedence over it. The ledger also says whether
    price, line or status `changed`, and the line that `prev` was at where it is not `line`: many a
    provider's key stays when the line moves, and then the two prices are not of one bet. Not frozen,
    alone among these: one is made for every price, freezing doubles its cost, and the ledger would
    have to copy each to add what it knows.
    """

    what: Selection
    status: Status = "open"
    price: Price | None = None
    line: float | None = None
    main: bool | None = None
    live: bool | None = None
    ts: int | None = None
    id: str | None = None
    link: str | None = None
    settlement: str | None = None
    prev: float | None = None
    snap: bool = False
    changed: bool = True
    prev_line: float | None = None
    #: The most that can be staked at this price, where the provider says it.
    limit: float | None = None
    #: What has no field of its own, as JSON text (`fields.rest`). A change of it alone, or of `limit`, is no change.
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which quotes of a connection something speaks of. None means any."""

    league: str | None = None
    game_id: str | None = None
    book: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """The whole truth about a scope: whatever was held there and is not in `quotes` is gone.

    An empty `quotes` is a clear. `ts` is the provider's time of the statement. `late`: it was asked for
    beside the stream, so what the stream said since its link opened stands, unless this is newer.
    """

    scope: Scope
    quotes: tuple[Quote, ...] = ()
    ts: int | None = None
    snap: bool = False
    late: bool = False


class Was(NamedTuple):
    """What was last known of a bet, before it changed. `price` is the last one there was, also of one not on offer."""

    status: Status
    price: Price | None
    line: float | None
    main: bool | None
    live: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A quote that a user's rule asked to be told of. `was` is None for the first word on a price.

    `cents` is the move since the American price before, even money counted once (-105 to +105 are 10). `gap_s` is how
    long nobody watched, where the snapshot after that told of the move.
    """

    rule: str
    quote: Quote
    was: Was | None = None
    cents: float | None = None
    gap_s: float | None = None
