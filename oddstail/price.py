"""Odds arithmetic. Knows the notations of a price and how each follows from another; no provider, no margin.

Every formula here is the definition of its notation, with `w` for the winnings on a stake of one:

    American       +a wins a on a stake of 100; -b wins 100 on a stake of b: w = a / 100 or 100 / b
    decimal        what one staked unit pays back, the stake included: d = 1 + w
    probability    the chance at which the bet is worth its stake: p = 1 / d
    Hong Kong      the winnings themselves: w
    Malay          0 < m <= 1 wins m on a stake of 1; -1 <= m < 0 wins 1 on a stake of |m|
    Indonesian     American divided by 100: i >= 1 wins i on a stake of 1; i <= -1 wins 1 on a stake of |i|
    fractional     n/d wins n on a stake of d

The number that a provider sent is kept as it is; what is derived from it is rounded. The arithmetic is exact
(`Fraction`) until that rounding, so that 2.225 is the tie that it looks like; ties go to the even neighbour. Even money
alone has one spelling: -100 is +100.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

#: No book pays ten million for one. A cap keeps every number finite and every American one exact in JSON.
MOST: Final = 10_000_000

# A feed repeats the same few hundred prices, and one exact derivation costs as much as decoding an event.
_CACHE: Final = 8192


class Price(NamedTuple):
    """One price in three notations.

    `american` is an int whenever it is whole. `decimal` includes the stake. `prob` is the raw implied
    probability 1/decimal, 0 to 1, with the book's margin in it: over one market they add up to more than 1.
    `winnings` are those on a stake of one, to the last digit of a float: prices are compared by it, since -2000 and
    -2002 have the same four decimals.
    """

    american: float
    decimal: float
    prob: float
    winnings: float

    @property
    def chance(self) -> float:
        """The implied probability to the last digit."""
        return 1.0 / (1.0 + self.winnings)


def from_american(value: float) -> Price:
    """The price of American odds: -110, +150, -222.0.

    decimal = 1 + a/100 for +a, 1 + 100/b for -b. ValueError if |value| < 100 (so for 0 too), as no number
    between -100 and +100 has a meaning in this notation; for NaN, infinity, bool, and what is no number.
    """
    return _american(_number(value))


def from_decimal(value: float) -> Price:
    """The price of decimal (European) odds: 1.91, 2.5.

    American = 100(d - 1) from 2.0 up, else -100/(d - 1). ValueError if value <= 1, as that wins
    nothing; for NaN, infinity, bool, and what is no number.
    """
    return _decimal(_number(value))


def from_probability(value: float) -> Price:
    """The price of an implied probability: 0.524, or 52.4 for percent.

    decimal = 1/p. Between 0 and 1 it is a probability; above 1 and below 100 it is taken as percent, because
    OpticOdds documents no scale. Where a feed does send percent, one below 1 % cannot be told from a
    probability and is read as one. ValueError for 0, 1, 100 and whatever lies outside; for NaN, infinity,
    bool, and what is no number.
    """
    return _probability(_number(value))


def from_hong_kong(value: float) -> Price:
    """The price of Hong Kong odds, the winnings on one unit: 0.91, 1.5. decimal = 1 + h.

    ValueError if value <= 0; for NaN, infinity, bool, and what is no number.
    """
    return _hong_kong(_number(value))


def from_malay(value: float) -> Price:
    """The price of Malay odds: 0.5, -0.91. decimal = 1 + m for m > 0, 1 + 1/|m| for m < 0.

    ValueError for 0 and if |value| > 1; for NaN, infinity, bool, and what is no number.
    """
    return _malay(_number(value))


def from_indonesian(value: float) -> Price:
    """The price of Indonesian odds: 1.5, -1.1. decimal = 1 + i for i > 0, 1 + 1/|i| for i < 0.

    ValueError if |value| < 1 (so for 0 too); for NaN, infinity, bool, and what is no number.
    """
    return _indonesian(_number(value))


@lru_cache(maxsize=_CACHE)
def recorded(american: float, decimal: float, prob: float) -> Price:
    """The price of a record, which does not say what notation the provider sent.

    It was the one from which the other two follow: American where that fits, since most feeds send it.
    """
    for read, value in ((from_american, american), (from_decimal, decimal), (from_probability, prob)):
        try:
            price = read(value)
        except ValueError:
            continue
        if price[:3] == (american, decimal, prob):
            return price
    return Price(american, decimal, prob, decimal - 1)


@lru_cache(maxsize=_CACHE)
def fractional(price: Price) -> str:
    """The nearest step of the bookmakers' ladder: 2.5 -> "3/2", -110 -> "10/11".

    `~` in front where the step is more than 1 % off the winnings. Nothing is to be computed from it.
    """
    winnings = price.winnings
    at = bisect_left(_STEPS, winnings)
    over, under = min(_LADDER[max(0, at - 1) : at + 1], key=lambda step: abs(step[0] / step[1] - winnings))
    mark = "~" if abs(over / under - winnings) > 0.01 * winnings * (1 + 1e-9) else ""
    return f"{mark}{over}/{under}"


#: The fractions that British bookmakers write, from the shortest price to the longest.
_LADDER: Final = sorted(
    (
        tuple(map(int, step.split("/")))
        for step in """
    1/200 1/150 1/100 1/80 1/66 1/50 1/40 1/33 1/28 1/25 1/22 1/20 1/18 1/16 1/14 1/12 1/11 1/10 1/9 1/8 2/15 1/7 2/13
    1/6 2/11 1/5 2/9 1/4 2/7 3/10 1/3 4/11 2/5 4/9 1/2 8/15 4/7 8/13 4/6 8/11 4/5 5/6 10/11 20/21 1/1 21/20 11/10 6/5
    5/4 11/8 7/5 6/4 13/8 7/4 15/8 2/1 9/4 5/2 11/4 3/1 10/3 7/2 4/1 9/2 5/1 11/2 6/1 13/2 7/1 15/2 8/1 17/2 9/1 10/1
    11/1 12/1 14/1 16/1 18/1 20/1 22/1 25/1 28/1 33/1 40/1 50/1 66/1 80/1 100/1 125/1 150/1 200/1 250/1 300/1 400/1
    500/1 750/1 1000/1
    """.split()
    ),
    key=lambda step: step[0] / step[1],
)
_STEPS: Final = [over / under for over, under in _LADDER]


# --- the notations, each to its winnings on one unit -----------------------------------------------


def _number(value: object) -> float:
    # Here and not behind the cache, which knows 100, 100.0 and True by one key and cannot hash a list.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"a {type(value).__name__} is not a price")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("an integer beyond any float is not a price") from None
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a price")
    return number


@lru_cache(maxsize=_CACHE)
def _american(value: float) -> Price:
    if -100 < value < 100:
        raise ValueError(f"{value!r} is not an American price: those are +100 and up, or -100 and down")
    exact = _exact(value)
    price = _derived(exact / 100 if exact > 0 else -100 / exact)
    if value == -100:
        return price
    return price._replace(american=int(value) if value.is_integer() else value)


@lru_cache(maxsize=_CACHE)
def _decimal(value: float) -> Price:
    if value <= 1:
        raise ValueError(f"{value!r} is not a decimal price: those are above 1")
    return _derived(_exact(value) - 1)._replace(decimal=value)


@lru_cache(maxsize=_CACHE)
def _probability(value: float) -> Price:
    if not 0 < value < 100 or value == 1:
        raise ValueError(f"{value!r} is not a probability: those are between 0 and 1, or 1 and 100 in percent")
    exact = _exact(value) if value < 1 else _exact(value) / 100
    return _derived(1 / exact - 1)._replace(prob=float(exact))


@lru_cache(maxsize=_CACHE)
def _hong_kong(value: float) -> Price:
    if value <= 0:
        raise ValueError(f"{value!r} is not a Hong Kong price: those are above 0")
    return _derived(_exact(value))


@lru_cache(maxsize=_CACHE)
def _malay(value: float) -> Price:
    if value == 0 or not -1 <= value <= 1:
        raise ValueError(f"{value!r} is not a Malay price: those are from -1 to 1, without 0")
    return _derived(_exact(value) if value > 0 else -1 / _exact(value))


@lru_cache(maxsize=_CACHE)
def _indonesian(value: float) -> Price:
    if -1 < value < 1:
        raise ValueError(f"{value!r} is not an Indonesian price: those are +1 and up, or -1 and down")
    return _derived(_exact(value) if value > 0 else -1 / _exact(value))


# --- from the winnings to the three notations ------------------------------------------------------


def _exact(value: float) -> Fraction:
    # The decimal digits that were sent, not the binary number nearest to them.
    return Fraction(repr(value))


def _derived(winnings: Fraction) -> Price:
    if not Fraction(1, MOST) <= winnings <= MOST:
        raise ValueError(f"winnings of {float(winnings):g} on a stake of 1 are not a price that any book pays")
    american = round(100 * winnings if winnings >= 1 else -100 / winnings)
    # Even money has two spellings, -100 and +100; one price is to have one.
    return Price(
        100 if american == -100 else american, _round_decimal(winnings), _round_prob(winnings), float(winnings)
    )


def _round_decimal(winnings: Fraction) -> float:
    rounded = round(1 + winnings, 4)
    # 1 is not a price: from -2,000,000 down the winnings keep four significant digits instead.
    return float(rounded if rounded > 1 else 1 + Fraction(f"{float(winnings):.4g}"))


def _round_prob(winnings: Fraction) -> float:
    prob = 1 / (1 + winnings)
    # Four decimals would make 0.002 of +50000, wrong by 0.2 %; and a certainty of -2,000,000.
    if prob * 10 < 1:
        return float(f"{float(prob):.4g}")
    rounded = round(prob, 4)
    return float(rounded if rounded < 1 else 1 - Fraction(f"{float(1 - prob):.4g}"))
