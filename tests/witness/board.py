"""The prices that are open on one connection, by whatever identity the vendor gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any, NamedTuple

#: Words that name a side and follow the name of a player or a team.
_WORDS = ("over", "under", "yes", "no")


class Offer(NamedTuple):
    """What is offered, in words that a recording and the records share. All text is in lower case."""

    game: str
    book: str
    market: str
    outcome: str
    line: float | None


#: How often each offer is open at each American price: twice where two players share a name, and once otherwise.
Open = Counter[tuple[Offer, float]]


def offer(game: str, book: str, market: str, subject: str, side: str, line: float | None) -> Offer:
    """An offer: `side` is put after `subject` where it is over, under, yes or no, and not already its last word."""
    subject, side = _plain(subject), _plain(side)
    if side in _WORDS and subject.rpartition(" ")[2] != side:
        subject = f"{subject} {side}".strip()
    return Offer(_plain(game), _plain(book), _plain(market), subject, None if line is None else line + 0.0)


def american(decimal: float) -> float:
    """American odds from decimal odds, to the nearest whole number: 100(d - 1) from 2.0 up, and -100 / (d - 1) below."""
    won = Fraction(str(decimal)) - 1
    return float(round(100 * won if won >= 1 else -100 / won))


def number(value: Any) -> float | None:
    """A line as a number: a JSON number, or text such as `+1.5`; None for everything else."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def price(value: Any) -> float | None:
    """A price as a number; null, 0 and an empty text mean that there is none."""
    return number(value) or None


def same(recording: Open, recorded: Open) -> list[str]:
    """The differences between two boards, a line each."""
    lines = [f"only in the recording: {what} at {at}" for what, at in sorted(recording - recorded, key=str)]
    return lines + [f"only in the records: {what} at {at}" for what, at in sorted(recorded - recording, key=str)]


class Board:
    """Identity -> the offer and its price. An identity without a price is not on it."""

    def __init__(self) -> None:
        self._prices: dict[Hashable, tuple[Offer, float]] = {}

    def put(self, identity: Hashable, what: Offer, at: float | None) -> None:
        """The price of an offer; None closes it."""
        if at is None:
            self._prices.pop(identity, None)
        else:
            self._prices[identity] = what, at

    def drop(self, gone: Callable[[Any], bool]) -> None:
        """Close every offer whose identity is `gone`."""
        for identity in [identity for identity in self._prices if gone(identity)]:
            del self._prices[identity]

    def clear(self) -> None:
        """Close everything."""
        self._prices.clear()

    def open(self) -> Open:
        """Everything that is open."""
        return Counter(self._prices.values())


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
