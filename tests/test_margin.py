"""Hold and fair prices, against what others published for the same odds."""

from __future__ import annotations

import math

import pytest

from oddstail.margin import METHODS, hold, multiplicative, overround, power, shin

# penaltyblog, docs "Implied Odds", https://penaltyblog.readthedocs.io/en/latest/implied/implied.html
_PENALTYBLOG = [2.7, 2.3, 4.4]
# mberk/shin, README, "Three or more outcomes" and "Two outcomes", https://github.com/mberk/shin
_SHIN_3, _SHIN_2 = [2.6, 2.4, 4.3], [1.5, 2.74]
# The R package implied, vignette "Introduction to the implied package", the basic method
# https://cran.r-project.org/web/packages/implied/vignettes/introduction.html
_IMPLIED = [[4.20, 3.70, 1.95], [2.45, 3.70, 2.90], [2.05, 3.20, 3.80]]

PUBLISHED = [
    ("multiplicative", _PENALTYBLOG, [0.35873804, 0.42112726, 0.2201347], 1e-8),
    ("power", _PENALTYBLOG, [0.3591711, 0.42373075, 0.21709815], 1e-8),
    ("shin", _PENALTYBLOG, [0.35934392, 0.42324385, 0.21741223], 1e-8),
    ("shin", _SHIN_3, [0.37299406033208965, 0.4047794109200184, 0.2222265287474275], 1e-10),
    ("shin", _SHIN_2, [0.6508515815085157, 0.3491484184914841], 1e-10),
    ("multiplicative", _IMPLIED[0], [0.2331556, 0.2646631, 0.5021813], 1e-7),
    ("multiplicative", _IMPLIED[1], [0.3988848, 0.2641264, 0.3369888], 1e-7),
    ("multiplicative", _IMPLIED[2], [0.4586948, 0.2938514, 0.2474538], 1e-7),
]
MARGINS = [(_PENALTYBLOG, 0.03242570633874986), (_IMPLIED[0], 0.02118602), (_IMPLIED[1], 0.02326112), (_IMPLIED[2], 0.06346277)]  # fmt: skip


def raw(decimals: list[float]) -> list[float]:
    return [1 / decimal for decimal in decimals]


@pytest.mark.parametrize(("method", "odds", "expected", "close"), PUBLISHED)
def test_fair_probabilities_are_the_published_ones(
    method: str, odds: list[float], expected: list[float], close: float
) -> None:
    assert METHODS[method](raw(odds)) == pytest.approx(expected, abs=close)


@pytest.mark.parametrize(("odds", "expected"), MARGINS)
def test_the_overround_is_the_published_one(odds: list[float], expected: float) -> None:
    assert overround(raw(odds)) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("american", "expected"),
    # -110 twice: 10 of 220 staked stay (1/22); even money twice: nothing; +105 twice: 2.5 lost on a payout of 102.5.
    [((110 / 210, 110 / 210), 1 / 22), ((0.5, 0.5), 0.0), ((1 / 2.05, 1 / 2.05), 1 - 2.05 / 2)],
    ids=["-110", "+100", "+105"],
)
def test_the_hold_is_what_stays_of_balanced_stakes(american: tuple[float, float], expected: float) -> None:
    assert hold(american) == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize(
    "odds", [[1.9, 1.9], [1.01, 30.0], [1.001, 900.0], [2.5, 3.2, 2.9], [1.2, 1.1], [2.1, 2.1], [1.05, 15, 60]]
)
def test_every_method_gives_probabilities_in_the_order_of_the_odds(method, odds: list[float]) -> None:  # type: ignore[no-untyped-def]
    fair = method(raw(odds))
    assert math.fsum(fair) == pytest.approx(1.0)
    assert all(0 < each < 1 for each in fair)
    assert sorted(range(len(odds)), key=lambda at: odds[at]) == sorted(range(len(odds)), key=lambda at: -fair[at])


def test_power_and_shin_take_more_off_the_long_shot() -> None:
    odds = raw([1.2, 4.8])
    assert shin(odds)[1] < multiplicative(odds)[1]
    assert power(odds)[1] < multiplicative(odds)[1]


def test_with_two_outcomes_shin_takes_the_same_off_both() -> None:
    """Strumbelj (2014), section 2: of two outcomes it is the additive method."""
    fair, odds = shin(raw([1.5, 2.74])), raw([1.5, 2.74])
    assert odds[0] - fair[0] == pytest.approx(odds[1] - fair[1])
