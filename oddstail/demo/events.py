"""What a market is made of and what happens to it, in the market's own words; no vendor's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oddstail.demo.game import Group, Settlement, Side

Status = Literal["unplayed", "live", "half", "completed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """A game as everybody sees it. `id` is 12 hex digits, `number` the older kind that some vendors keep.

    `second`: of a double-header.
    """

    id: str
    number: str
    sport: str
    league: str
    home: str
    away: str
    start: datetime
    status: Status = "unplayed"
    score: tuple[int, int] = (0, 0)
    #: The period that is played (0 before the start), the seconds left in it, the score of each so far.
    period: int = 0
    clock: int = 0
    periods: tuple[tuple[int, int], ...] = ()
    second: bool = False

    @property
    def live(self) -> bool:
        """In play, the break at half-time included."""
        return self.status in ("live", "half")

    @property
    def over(self) -> bool:
        """Played to its end; it leaves the market soon."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that can be bet on, at any book. `line` is the side's own."""

    fixture: str
    group: Group
    side: Side
    line: float | None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", "/".join((self.fixture, *self.group, self.side, str(self.line))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One book's price of one offer. `price` is None while suspended; `last` keeps what it was."""

    book: str
    offer: Offer
    price: int | None
    last: int
    main: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A quote is new, moved, suspended, reopened, or (`gone`) no longer there."""

    quote: Quote
    was: int | None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A fixture appeared, changed its status or start, or left the market."""

    fixture: Fixture
    what: Literal["added", "status", "start", "removed"]
    before: Fixture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One play; `fixture` is the game after it. `number` counts the market's plays: unique, and rising.

    `kind` is "score" (then `points` are `side`'s), "period_start", "period_end", or what else a sport knows.
    """

    fixture: Fixture
    number: int
    kind: str
    text: str
    at: datetime
    side: Literal["home", "away"] | None = None
    points: int = 0
    player: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a bet that one book had on offer at the end came out."""

    book: str
    offer: Offer
    settlement: Settlement
    at: datetime


Change = Priced | Happened | Played | Settled


def who(fixture: Fixture, offer: Offer) -> str:
    """Whom or what an offer backs, without its line: a team, "Draw", "Over", "A. Player Over"."""
    named: dict[str, str] = {
        "home": fixture.home,
        "away": fixture.away,
        "draw": "Draw",
        "over": "Over",
        "under": "Under",
    }
    subject = offer.group.subject
    if offer.group.kind == "team_total":
        subject = named[subject]
    return f"{subject} {named[offer.side]}" if subject else named[offer.side]
