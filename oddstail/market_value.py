"""What a market is worth, as a noun: the record type `market`, and the alerts on it and on steam.

Import them from `oddstail.model`, which is the one door to all nouns. Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from oddstail.price import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of one line of a market, over all books: of which game, which bet, which outcome.

    `key` is the identity of the line; `market` and `selection` are a provider's words, `market` None where kind and
    ways tell the bet.
    """

    key: str
    game_id: str
    sport: str | None = None
    league: str | None = None
    competition: str | None = None
    home: str | None = None
    away: str | None = None
    start: str | None = None
    kind: str = "other"
    ways: int | None = None
    period: str | None = None
    market: str | None = None
    subject: str | None = None
    stat: str | None = None
    player: str | None = None
    side: str | None = None
    selection: str = ""
    line: float | None = None


@dataclass(frozen=True, slots=True)
class MarketValue:
    """What a side of a line is worth over all books, and what that was in the record before (`was_*`).

    `best` is the highest price, at `best_book` and `best_books` in all; `hold` and `edge` are fractions. `fair` is a
    probability, of `fair_books` books. `doubt` is None, or words joined by commas. `final`: nothing of it is left.
    """

    of: Side
    main: bool
    best: Price | None = None
    best_book: str | None = None
    best_books: int = 0
    best_key: str | None = None
    best_age_s: float | None = None
    hold: float | None = None
    fair: float | None = None
    fair_method: str = "multiplicative"
    fair_of: str = "consensus"
    fair_books: int = 0
    edge: float | None = None
    books: int = 0
    out: int = 0
    was: Price | None = None
    was_book: str | None = None
    was_hold: float | None = None
    doubt: str | None = None
    final: bool = False
    snap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketAlert:
    """A market record that a user's rule asks for."""

    rule: str
    value: MarketValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Steam:
    """Several books moved one way within a short time, and who has not followed.

    `books` moved by `points` probability points on the average, of `of` that have the bet. `direction` is `shorter` or
    `longer`, by what happens to the odds of the side.
    """

    side: Side
    direction: str
    from_prob: float | None
    to_prob: float
    points: float | None
    books: int
    of: int
    first_book: str
    first_ts: int
    last_ts: int
    window_s: float
    line_from: float | None
    line_to: float | None
    lag_books: str | None
    best_key: str | None
    best: Price | None
    best_book: str | None
    edge: float | None
    doubt: str | None
    rule: str = "steam"
