"""What a book keeps, and what its prices say without it: hold, overround, and three ways to take the margin out. Pure.

Everything here takes the raw implied probabilities of one market, 1/decimal of every outcome that is
possible: two of them, or three with a draw. All outcomes must be there, and nothing here can know that;
whoever calls does.

Ours because it is thirty lines: `shin` and `penaltyblog` (whose published figures the tests hold) bring numpy or
a compiled extension for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

Probabilities = Sequence[float]

#: Bisection halves an interval of at most 64: after so many steps it is below 1e-16.
_STEPS: Final = 60


def overround(raw: Probabilities) -> float:
    """By how much the raw probabilities exceed a certainty: 0.0476 for -110 on both sides.

    sum(1/d) - 1. Below 0 the prices are an arbitrage. Cortis (2015), "Expected values and variances in
    bookmaker payouts", Journal of Prediction Markets 9(1).
    """
    return math.fsum(raw) - 1.0


def hold(raw: Probabilities) -> float:
    """The share of all stakes that stays with whoever offers these prices, if they are balanced: 0.0455 for -110 twice.

    1 - 1/sum(1/d): the overround as a share of the turnover instead of the payout, what a casino calls the
    theoretical hold. Of the best prices of several books: what is left to pay for betting every side, and
    below 0 if that is a sure win.
    """
    return 1.0 - 1.0 / math.fsum(raw)


def multiplicative(raw: Probabilities) -> list[float]:
    """The margin taken off in proportion: p = r / sum(r). The usual no-vig price.

    "Normalization" in Strumbelj (2014), "On determining probability forecasts from betting odds",
    International Journal of Forecasting 30(4), 934-943.
    """
    total = math.fsum(raw)
    return [each / total for each in raw]


def power(raw: Probabilities) -> list[float]:
    """Each probability raised to one exponent: p = r^k with k such that sum(p) = 1. Takes more off long shots.

    Clarke, Kovalchik & Ingram (2017), "Adjusting bookmaker's odds to allow for overround", American
    Journal of Sports Science 5(6), 45-49. k is found by bisection: the sum falls as k rises.
    """
    low, high = 0.0, 64.0
    for _ in range(_STEPS):
        k = (low + high) / 2
        low, high = (k, high) if math.fsum(each**k for each in raw) > 1.0 else (low, k)
    return multiplicative([each ** ((low + high) / 2) for each in raw])


def shin(raw: Probabilities) -> list[float]:
    """The margin as the book's defence against bettors who know: p = (sqrt(z^2 + 4 (1-z) r^2/R) - z) / (2 (1-z)).

    R = sum(r), z the share of such bettors, such that sum(p) = 1. Shin (1993), "Measuring the incidence of
    insider trading in a market for state-contingent claims", The Economic Journal 103(420), 1141-1153, in the
    form of Jullien & Salanie (1994), "Measuring the incidence of insider trading: a comment on Shin", The
    Economic Journal 104(427), 1418-1419. z is found by bisection: the sum falls as z rises. Without a margin
    z is 0, and this is the proportional method.
    """
    total = math.fsum(raw)
    if total <= 1.0:
        return multiplicative(raw)

    def at(z: float) -> list[float]:
        return [(math.sqrt(z * z + 4 * (1 - z) * each * each / total) - z) / (2 * (1 - z)) for each in raw]

    low, high = 0.0, 0.999
    for _ in range(_STEPS):
        z = (low + high) / 2
        low, high = (z, high) if math.fsum(at(z)) > 1.0 else (low, z)
    return multiplicative(at((low + high) / 2))


#: How to take the margin out, by the names that a user gives them.
METHODS: Final[dict[str, Callable[[Probabilities], list[float]]]] = {
    "multiplicative": multiplicative,
    "power": power,
    "shin": shin,
}
