"""Odds arithmetic: tables of prices that everybody can check by hand, and what must hold for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oddstail import price
from oddstail.price import (
    MOST,
    Price,
    fractional,
    from_american,
    from_decimal,
    from_hong_kong,
    from_indonesian,
    from_malay,
    from_probability,
    recorded,
)

# American, decimal, probability: each row is one price, read from its first number.
AMERICAN = [
    pytest.param((-108, 1.9259, 0.5192), -108, id="a favourite: 1 + 100/108"),
    pytest.param((-110, 1.9091, 0.5238), -110, id="the usual line"),
    pytest.param((150, 2.5, 0.4), 150, id="an underdog: 1 + 150/100"),
    pytest.param((100, 2.0, 0.5), 100, id="even money"),
    pytest.param((100, 2.0, 0.5), -100, id="even money from below is +100"),
    pytest.param((-222, 1.4505, 0.6894), -222.0, id="a whole float becomes an int"),
    pytest.param((-110.5, 1.905, 0.5249), -110.5, id="half a point stays"),
    pytest.param((3300, 34.0, 0.02941), 3300, id="a longshot has four significant digits, not four decimals"),
    pytest.param((50_000, 501.0, 0.001996), 50_000, id="which 0.002 would miss by 0.2 %"),
    pytest.param((-10_000, 1.01, 0.9901), -10_000, id="a short price"),
    pytest.param((-10_000_000, 1.00001, 0.99999), -10_000_000, id="is never rounded to a certainty"),
]
DECIMAL = [
    pytest.param((110, 2.1, 0.4762), 2.10, id="what was sent is kept"),
    pytest.param((-110, 1.909, 0.5238), 1.909, id="with the digits that it has"),
    pytest.param((-110, 1.909091, 0.5238), 1.909091, id="also beyond four"),
    pytest.param((100, 2.0, 0.5), 2, id="an int becomes a float"),
    pytest.param((100, 1.999, 0.5003), 1.999, id="what rounds to -100 is even money: +100"),
    pytest.param((122, 2.225, 0.4494), 2.225, id="122.5 is a tie, as it looks, and goes to the even neighbour"),
    pytest.param((-10_000, 1.01, 0.9901), 1.01, id="a short price"),
    pytest.param((99_900, 1000.0, 0.001), 1000, id="a longshot"),
]
PROBABILITY = [
    pytest.param((-110, 1.9084, 0.524), 0.524, id="a probability"),
    pytest.param((-110, 1.9084, 0.524), 52.4, id="the same in percent"),
    pytest.param((100, 2.0, 0.5), 0.5, id="even money"),
    pytest.param((9900, 100.0, 0.01), 0.01, id="below 1 it is never percent"),
    pytest.param((9801, 99.0099, 0.0101), 1.01, id="just above 1 it is"),
]
OTHERS = [
    pytest.param((-105, 1.95, 0.5128), from_hong_kong, 0.95, id="Hong Kong: the winnings"),
    pytest.param((150, 2.5, 0.4), from_hong_kong, 1.5, id="Hong Kong, underdog"),
    pytest.param((-105, 1.95, 0.5128), from_malay, 0.95, id="Malay, favourite: positive"),
    pytest.param((105, 2.0526, 0.4872), from_malay, -0.95, id="Malay, underdog: negative"),
    pytest.param((100, 2.0, 0.5), from_malay, 1, id="Malay, even money"),
    pytest.param((100, 2.0, 0.5), from_malay, -1, id="Malay, even money from below"),
    pytest.param((150, 2.5, 0.4), from_indonesian, 1.5, id="Indonesian, underdog"),
    pytest.param((-108, 1.9259, 0.5192), from_indonesian, -1.08, id="Indonesian, favourite"),
    pytest.param((100, 2.0, 0.5), from_indonesian, -1, id="Indonesian, even money"),
]


@pytest.mark.parametrize(("expected", "value"), AMERICAN)
def test_american(expected: tuple[float, float, float], value: float) -> None:
    assert expected == from_american(value)[:3]


@pytest.mark.parametrize(("expected", "value"), DECIMAL)
def test_decimal(expected: tuple[float, float, float], value: float) -> None:
    assert expected == from_decimal(value)[:3]


@pytest.mark.parametrize(("expected", "value"), PROBABILITY)
def test_probability(expected: tuple[float, float, float], value: float) -> None:
    assert expected == from_probability(value)[:3]


@pytest.mark.parametrize(("expected", "read", "value"), OTHERS)
def test_other_notations(expected: tuple[float, float, float], read: Callable[[Any], Price], value: Any) -> None:
    assert expected == read(value)[:3]


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        pytest.param("6/4", 150, id="underdog"),
        pytest.param("10/11", -110, id="favourite"),
        pytest.param("~5/6", -115, id="between two steps"),
        pytest.param("~8/13", -165, id="between two shorter steps"),
        pytest.param("1/1", 100, id="even money"),
        pytest.param("1/1", -100, id="even money from below"),
        pytest.param("~1/1", -102, id="not even money"),
        pytest.param("~1000/1", 10_000_000, id="beyond the ladder"),
        pytest.param("~4/9", -222, id="50/111 is nothing to read"),
        pytest.param("500/1", 50_000, id="longshot"),
        pytest.param("~10/1", 1050, id="no halves from ten to one"),
        pytest.param("~125/1", 12_345, id="not near enough to a longshot's step"),
        pytest.param("1/150", -15_000, id="short price, which 1.0067 would make 1/149"),
    ],
)
def test_fractional_is_what_a_bookmaker_would_write(expected: str, value: float) -> None:
    assert expected == fractional(from_american(value))


def test_fractional_of_decimal_prices() -> None:
    assert [fractional(from_decimal(d)) for d in (1.95, 2.5, 1.2, 3.3333)] == ["20/21", "6/4", "1/5", "~9/4"]


# --- what is not a price --------------------------------------------------------------------------------

NUMBERS: list[Callable[[Any], Price]] = [
    from_american,
    from_decimal,
    from_probability,
    from_hong_kong,
    from_malay,
    from_indonesian,
]


@pytest.mark.parametrize("read", NUMBERS)
@pytest.mark.parametrize(
    "value",
    [
        0,
        0.0,
        -0.0,
        math.nan,
        math.inf,
        -math.inf,
        True,
        False,
        None,
        "",
        "100",
        "2.5",
        [],
        {},
        10**400,
        1e300,
        -1e300,
    ],
    ids=repr,
)
def test_no_notation_takes_what_is_no_price(read: Callable[[Any], Price], value: Any) -> None:
    with pytest.raises(ValueError, match=r"is not|are not"):
        read(value)


def _each(read: Callable[[Any], Price], *values: Any) -> list[Any]:
    return [pytest.param(read, value, id=f"{read.__name__} {value!r}"[:60]) for value in values]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *_each(from_american, 99.9, -99.9, 1, -1, 2.5, 1e9 + 1, -1e9 - 1),
        *_each(from_decimal, 1, 1.0, 0.5, -2.5, 1.00000001),
        *_each(from_probability, 1, 1.0, -0.1, 100, 101, 1e-9, 0.99999999),
        *_each(from_hong_kong, -0.5, 1e-9),
        *_each(from_malay, 1.01, -1.01),
        *_each(from_indonesian, 0.99, -0.99),
    ],
)
def test_what_is_out_of_a_notations_range_is_no_price(read: Callable[[Any], Price], value: Any) -> None:
    with pytest.raises(ValueError, match=r"not an? .*price|not a probability"):
        read(value)


# --- the cache ---------------------------------------------------------------------------------------


def test_the_cache_does_not_take_true_for_one_nor_remember_the_type() -> None:
    assert from_indonesian(1) == from_indonesian(1.0) == (100, 2.0, 0.5, 1.0)
    with pytest.raises(ValueError, match="bool"):
        from_indonesian(True)
    for value in (-222.0, -222):
        assert type(from_american(value).american) is int
    for value in (3, 3.0):
        assert type(from_decimal(value).decimal) is float


def test_a_price_that_comes_again_is_not_computed_again() -> None:
    price._american.cache_clear()
    assert from_american(-137) is from_american(-137.0)
    assert price._american.cache_info().misses == 1


# --- what holds for all ------------------------------------------------------------------------------

EVERY_AMERICAN = st.integers(-100 * MOST, -100) | st.integers(100, 100 * MOST)
USUAL_AMERICAN = st.integers(-700, -101) | st.integers(100, 100_000)
CENTS = st.integers(101, 100_000).map(lambda cents: cents / 100)


@given(EVERY_AMERICAN)
def test_american_is_kept_and_the_rest_is_within_its_rounding(value: int) -> None:
    american, decimal, prob, _ = from_american(value)
    winnings = Fraction(value, 100) if value > 0 else Fraction(-100, value)
    assert american == (100 if value == -100 else value)
    assert type(american) is int
    assert abs(Fraction(decimal) - 1 - winnings) <= Fraction(1, 20_000) + Fraction(1, 10**9)
    exact = 1 / (1 + winnings)
    assert abs(Fraction(prob) - exact) <= max(min(Fraction(1, 20_000), exact / 1000), Fraction(1, 10**18))
    assert decimal > 1
    assert 0 < prob < 1


@given(USUAL_AMERICAN)
def test_american_to_decimal_and_back(value: int) -> None:
    assert from_decimal(from_american(value).decimal).american == value


@given(CENTS)
def test_decimal_is_kept_and_comes_back_by_all_that_is_exact(value: float) -> None:
    read = from_decimal(value)
    assert read.decimal == value
    assert from_hong_kong(round(value - 1, 2)) == read


@given(st.floats(0.001, 0.999))
def test_probability_and_percent_are_one_price(value: float) -> None:
    value = round(value, 6)
    percent = float(Fraction(repr(value)) * 100)
    assume(percent > 1)
    assert from_probability(value) == from_probability(percent)
    assert from_probability(value).prob == value


@given(EVERY_AMERICAN, EVERY_AMERICAN)
def test_a_better_american_price_is_never_likelier(one: int, other: int) -> None:
    worse, better = (from_american(value) for value in sorted((one, other)))
    assert worse.decimal <= better.decimal
    assert worse.prob >= better.prob


@given(st.floats(1.0000001, MOST), st.floats(1.0000001, MOST))
def test_a_better_decimal_price_is_never_likelier(one: float, other: float) -> None:
    worse, better = (from_decimal(value) for value in sorted((one, other)))
    assert worse.american <= better.american
    assert worse.prob >= better.prob


@given(st.floats(0.0000002, 0.9999998), st.floats(0.0000002, 0.9999998))
def test_a_likelier_bet_never_pays_more(one: float, other: float) -> None:
    better, worse = (from_probability(value) for value in sorted((one, other)))
    assert worse.american <= better.american
    assert worse.decimal <= better.decimal


@given(st.integers(1, 100))
def test_malay_is_winnings_or_their_reciprocal(cents: int) -> None:
    assert from_malay(cents / 100) == from_hong_kong(cents / 100)
    assert from_malay(-cents / 100).american == round(Fraction(10_000, cents))


@given(st.integers(100, 100_000))
def test_indonesian_is_winnings_or_their_reciprocal(cents: int) -> None:
    assert from_indonesian(cents / 100) == from_hong_kong(cents / 100)
    assert from_indonesian(-cents / 100)[1:] == from_american(-cents)[1:]


@given(EVERY_AMERICAN)
def test_a_fraction_is_marked_where_it_is_more_than_one_percent_off(value: int) -> None:
    text = fractional(from_american(value))
    winnings = Fraction(value, 100) if value > 0 else Fraction(100, -value)
    assert text.startswith("~") == (abs(Fraction(text.lstrip("~")) - winnings) > winnings / 100)


@pytest.mark.parametrize(
    ("better", "worse"), [(-2000, -2002), (-10_000, -10_001), (100, -101)], ids=["-2000", "-10000", "even-money"]
)
def test_prices_that_share_four_decimals_are_told_apart(better: int, worse: int) -> None:
    assert from_american(better).winnings > from_american(worse).winnings


@given(EVERY_AMERICAN)
def test_a_recorded_price_is_the_price_that_was_sent(value: int) -> None:
    price = from_american(value)
    assert recorded(*price[:3]) == price


def test_a_recorded_decimal_price_keeps_its_digits() -> None:
    assert recorded(*from_decimal(1.909091)[:3]) == from_decimal(1.909091)
