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
(`Fraction`) until that rounding, so that 2.225 is the tie that it looks like; ties go to the even neighbour.
"""

from __future__ import annotations

import math
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
    """

    american: float
    decimal: float
    prob: float


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
def fractional(price: Price) -> str:
    """The nearest simple fraction, for reading: 2.5 -> "3/2", -110 -> "10/11", -222 -> "9/20".

    As bookmakers write them: the smaller of its two numbers is at most 20 (every American price to -1000 or
    +1000 that 5 divides is exact then), 4 from ten to one, 1 from a hundred to one. Up to 2 % of the
    winnings are lost by that (-102 is 1/1), so nothing is to be computed from it.
    """
    # The finer of two rounded numbers: American for short prices, decimal for all others.
    winnings = -100 / _exact(price.american) if price.american < -600 else _exact(price.decimal) - 1
    odds = max(winnings, 1 / winnings)
    simple = odds.limit_denominator(20 if odds < 10 else 4 if odds < 100 else 1)
    over, under = (simple.numerator, simple.denominator)[:: 1 if winnings >= 1 else -1]
    return f"{over}/{under}"


# --- the notations, each to its winnings on one unit -----------------------------------------------


def _number(value: object) -> float:
    # Here and not behind the cache, which knows 100, 100.0 and True by one key and cannot hash a list.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"a {type(value).__name__} is no price")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("an integer beyond any float is no price") from None
    if not math.isfinite(number):
        raise ValueError(f"{number} is no price")
    return number


@lru_cache(maxsize=_CACHE)
def _american(value: float) -> Price:
    if -100 < value < 100:
        raise ValueError(f"{value!r} is no American price: those are +100 and up, or -100 and down")
    exact = _exact(value)
    price = _derived(exact / 100 if exact > 0 else -100 / exact)
    return price._replace(american=int(value) if value.is_integer() else value)


@lru_cache(maxsize=_CACHE)
def _decimal(value: float) -> Price:
    if value <= 1:
        raise ValueError(f"{value!r} is no decimal price: those are above 1")
    return _derived(_exact(value) - 1)._replace(decimal=value)


@lru_cache(maxsize=_CACHE)
def _probability(value: float) -> Price:
    if not 0 < value < 100 or value == 1:
        raise ValueError(f"{value!r} is no probability: those are between 0 and 1, or 1 and 100 in percent")
    exact = _exact(value) if value < 1 else _exact(value) / 100
    return _derived(1 / exact - 1)._replace(prob=float(exact))


@lru_cache(maxsize=_CACHE)
def _hong_kong(value: float) -> Price:
    if value <= 0:
        raise ValueError(f"{value!r} is no Hong Kong price: those are above 0")
    return _derived(_exact(value))


@lru_cache(maxsize=_CACHE)
def _malay(value: float) -> Price:
    if value == 0 or not -1 <= value <= 1:
        raise ValueError(f"{value!r} is no Malay price: those are from -1 to 1, without 0")
    return _derived(_exact(value) if value > 0 else -1 / _exact(value))


@lru_cache(maxsize=_CACHE)
def _indonesian(value: float) -> Price:
    if -1 < value < 1:
        raise ValueError(f"{value!r} is no Indonesian price: those are +1 and up, or -1 and down")
    return _derived(_exact(value) if value > 0 else -1 / _exact(value))


# --- from the winnings to the three notations ------------------------------------------------------


def _exact(value: float) -> Fraction:
    # The decimal digits that were sent, not the binary number nearest to them.
    return Fraction(repr(value))


def _derived(winnings: Fraction) -> Price:
    if not Fraction(1, MOST) <= winnings <= MOST:
        raise ValueError(f"winnings of {float(winnings):g} on a stake of 1 are no price that any book pays")
    american = round(100 * winnings if winnings >= 1 else -100 / winnings)
    # Even money has two spellings, -100 and +100; one price is to have one.
    return Price(100 if american == -100 else american, _round_decimal(winnings), _round_prob(winnings))


def _round_decimal(winnings: Fraction) -> float:
    rounded = round(1 + winnings, 4)
    # 1 is no price: from -2,000,000 down the winnings keep four significant digits instead.
    return float(rounded if rounded > 1 else 1 + Fraction(f"{float(winnings):.4g}"))


def _round_prob(winnings: Fraction) -> float:
    prob = 1 / (1 + winnings)
    # Four decimals would make 0.002 of +50000, wrong by 0.2 %; and a certainty of -2,000,000.
    if prob * 10 < 1:
        return float(f"{float(prob):.4g}")
    rounded = round(prob, 4)
    return float(rounded if rounded < 1 else 1 - Fraction(f"{float(1 - prob):.4g}"))
