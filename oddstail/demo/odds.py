"""Odds arithmetic for the demo's servers; knows no market, book or vendor."""

from __future__ import annotations

import math

# The steepest prices a simulated book posts. Together they keep both sides of a market above 1.
SHORTEST, LONGEST = 0.97, 0.04


def american(probability: float, step: int = 1) -> int:
    """A book's American price for a probability that already holds the margin: never inside (-100, 100)."""
    p = min(max(probability, LONGEST), SHORTEST)
    exact = -100 * p / (1 - p) if p > 0.5 else 100 * (1 - p) / p
    rounded = step * round(exact / step)
    # -100 and +100 are one price. Books write it +100.
    return rounded if abs(rounded) > 100 else 100


def probability(price: int) -> float:
    """What an American price implies, margin and all."""
    return 100 / (price + 100) if price > 0 else -price / (100 - price)


def decimal(price: int, digits: int = 4) -> float:
    """An American price as what one unit staked gives back, stake and all."""
    return round(1 + (price / 100 if price > 0 else 100 / -price), digits)


def hong_kong(price: int) -> float:
    """An American price as what one unit staked wins."""
    return round(price / 100 if price > 0 else 100 / -price, 4)


def malay(price: int) -> float:
    """Positive up to 1 for favourites, negative for the rest."""
    return round(-100 / price, 4) if abs(price) != 100 else 1.0


def indonesian(price: int) -> float:
    """An American price in hundreds: what one unit wins, or, negative, what wins one."""
    return round(price / 100, 4)


def cover(mean: float, spread: float) -> float:
    """Chance that a normal variable with this mean and deviation ends above zero."""
    return 0.5 * (1 + math.erf(mean / (max(spread, 1e-6) * math.sqrt(2))))
