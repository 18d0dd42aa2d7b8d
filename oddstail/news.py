"""The nouns beside a price: a game's status, what happened in it, its score, a provider's alert, its sources' health.

Import them from `oddstail.model`, which is the one door to all nouns. Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from oddstail.price import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class OfGame:
    """News of a game, and of which. `start` is RFC 3339 in UTC with `Z`, `id` the provider's for the message.

    `competition` is our own short name of the league.
    """

    game_id: str
    sport: str | None = None
    league: str | None = None
    home: str | None = None
    away: str | None = None
    start: str | None = None
    ts: int | None = None
    id: str | None = None
    competition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture(OfGame):
    """A game's status or start changed. What did not change is None."""

    status: str | None = None
    old_status: str | None = None
    old_start: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(OfGame):
    """One thing that happened in a game, out of a play-by-play.

    `play` is the provider's word for what happened, `text` its sentence. `team_a` and `team_b` are the sides in the
    provider's order, with their scores; where it names `home` and `away`, `team_a` is the home side. `detail` is
    JSON as text: what differs by sport and so has no field of its own. `ts` is when it happened, `captured` when
    the provider's `source` had it. A source in the `role` `primary` is preferred to others that tell the same.
    """

    source: str | None = None
    role: str | None = None
    play: str | None = None
    text: str | None = None
    status: str | None = None
    period: str | None = None
    clock: str | None = None
    team_a: str | None = None
    team_b: str | None = None
    score_a: float | None = None
    score_b: float | None = None
    detail: str | None = None
    captured: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(OfGame):
    """The score of a game as it stands, or, where `player` is named, that player's statistics in it.

    `status`, `period` and `clock` are the provider's words. `detail` is JSON as text: scores by period, statistics.
    `changed` is the ledger's to say: whether anything is another than when it was last told, but for when that was.
    """

    status: str | None = None
    live: bool | None = None
    period: str | None = None
    clock: str | None = None
    home_score: float | None = None
    away_score: float | None = None
    text: str | None = None
    player: str | None = None
    team: str | None = None
    detail: str | None = None
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(OfGame):
    """A provider's own alert that a price moved. `before` and `price` are the two prices, or None.

    `outcome` is the provider's word for what moved; `kind`, `period` and `side` are ours, as in a Selection, and
    `selection` is whom the bet is on. `delta` is as sent, in American cents; `direction` is the provider's word.
    `elapsed_ms` is how long the move took, where it is told.
    """

    book: str
    outcome: str
    kind: str = "other"
    period: str | None = None
    market: str | None = None
    market_name: str | None = None
    selection: str | None = None
    side: str | None = None
    player: str | None = None
    line: float | None = None
    before: Price | None = None
    price: Price | None = None
    delta: float | None = None
    direction: str | None = None
    elapsed_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one of the provider's own sources does: a scraper, or a book.

    `status` is `ok`, `silent` (too long without an event), or the provider's own word. `silent_s` are seconds since
    its last event, `latest` the time of that; `events` is how many it had in the last `window_s` seconds.
    """

    source: str
    status: str
    sport: str | None = None
    league: str | None = None
    role: str | None = None
    silent_s: float | None = None
    events: float | None = None
    window_s: float | None = None
    latest: int | None = None
    ts: int | None = None
