"""The books' habits: margin, lag, line, menu. Knows no game and no vendor's spelling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One bookmaker.

    `margin` is the overround over 1, `step` what its prices are rounded to, `eager` how often it looks at the
    market compared with the others, `shade` points that it likes to lean its lines by.
    """

    id: str
    margin: float
    step: int
    eager: float
    shade: float
    alternates: int
    periods: bool = False
    team_totals: bool = False
    props: bool = False
    sports: tuple[str, ...] = ()


# A margin under 0.03 with steps of five would let rounding push an overround under 1.
BOOKS: tuple[Book, ...] = (
    Book(
        id="draftkings",
        margin=0.045,
        step=5,
        eager=1.3,
        shade=0.0,
        alternates=2,
        periods=True,
        team_totals=True,
        props=True,
    ),
    Book(id="fanduel", margin=0.047, step=2, eager=1.2, shade=0.0, alternates=2, periods=True, props=True),
    Book(id="betmgm", margin=0.05, step=5, eager=0.8, shade=0.25, alternates=1, team_totals=True, props=True),
    Book(id="caesars", margin=0.048, step=5, eager=0.6, shade=-0.25, alternates=0, periods=True),
    Book(
        id="pinnacle",
        margin=0.024,
        step=1,
        eager=1.8,
        shade=0.0,
        alternates=2,
        periods=True,
        team_totals=True,
    ),
    Book(id="bet365", margin=0.055, step=5, eager=0.9, shade=0.0, alternates=0, props=True),
    Book(
        id="betrivers",
        margin=0.06,
        step=5,
        eager=0.5,
        shade=0.5,
        alternates=0,
        sports=("basketball", "football", "baseball", "hockey"),
    ),
    Book(id="bovada", margin=0.045, step=5, eager=0.5, shade=-0.5, alternates=0),
)

BOOK: dict[str, Book] = {book.id: book for book in BOOKS}


def carries(book: Book, sport: str) -> bool:
    """Whether a book prices a sport at all."""
    return not book.sports or sport in book.sports
