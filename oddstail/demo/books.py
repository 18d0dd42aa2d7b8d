"""The books' habits: margin, lag, line, menu. Knows no game and no vendor's spelling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One bookmaker.

    `margin` is the overround over 1, `step` what its prices are rounded to, `eager` how often it looks at the
    market compared with the others. `lean` is how far its own mind may differ from the market's, in log odds, and
    `tilt` how far it always leans to favorites and overs. `shade` is how many points its lines may differ by.
    """

    id: str
    margin: float
    step: int
    eager: float
    lean: float
    tilt: float = 0.0
    shade: float
    alternates: int
    periods: bool = False
    team_totals: bool = False
    props: bool = False
    sharp: bool = False
    sports: tuple[str, ...] = ()


# A margin under 0.03 with steps of five would let rounding push an overround under 1. Leans and tilts of two books
# together stay under their margins: nobody has a sure win for long.
BOOKS: tuple[Book, ...] = (
    Book(
        id="draftkings",
        margin=0.045,
        step=5,
        eager=1.3,
        lean=0.055,
        tilt=0.01,
        shade=0.25,
        alternates=2,
        periods=True,
        team_totals=True,
        props=True,
    ),
    Book(
        id="fanduel",
        margin=0.045,
        step=2,
        eager=1.2,
        lean=0.06,
        shade=0.25,
        alternates=2,
        periods=True,
        props=True,
    ),
    Book(
        id="betmgm",
        margin=0.046,
        step=5,
        eager=0.8,
        lean=0.06,
        tilt=0.01,
        shade=0.3,
        alternates=1,
        team_totals=True,
        props=True,
    ),
    Book(id="caesars", margin=0.045, step=5, eager=0.6, lean=0.065, shade=0.3, alternates=0, periods=True),
    Book(
        id="pinnacle",
        margin=0.026,
        step=1,
        eager=1.8,
        lean=0.012,
        shade=0.0,
        alternates=2,
        periods=True,
        team_totals=True,
        sharp=True,
    ),
    Book(id="bet365", margin=0.048, step=5, eager=0.9, lean=0.06, tilt=-0.01, shade=0.2, alternates=0, props=True),
    Book(
        id="betrivers",
        margin=0.05,
        step=5,
        eager=0.5,
        lean=0.07,
        shade=0.4,
        alternates=0,
        sports=("basketball", "football", "baseball", "hockey"),
    ),
    Book(id="bovada", margin=0.045, step=5, eager=0.5, lean=0.06, tilt=0.012, shade=0.4, alternates=0),
)

BOOK: dict[str, Book] = {book.id: book for book in BOOKS}
#: Who moves first.
SHARP = next(book for book in BOOKS if book.sharp)


def carries(book: Book, sport: str) -> bool:
    """Whether a book prices a sport at all."""
    return not book.sports or sport in book.sports
