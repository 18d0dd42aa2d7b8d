"""The simulated market: the same for a seed, coherent, and alive."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

from oddstail.demo import odds
from oddstail.demo.events import Happened, Played, Priced, Quote, Settled
from oddstail.demo.market import Market


@functools.cache
def _history(seed: int, *slices: float) -> list[str]:
    market = Market(seed, rate=10)
    return [repr(change) for seconds in slices for change in market.advance(seconds)]


@pytest.mark.parametrize(
    "slices",
    [
        pytest.param([1.0] * 12, id="seconds"),
        pytest.param([0.05] * 240, id="ticks"),
        pytest.param([0.1, 2.9, 4.0, 5.0], id="uneven"),
    ],
)
def test_same_seed_same_market_however_time_is_sliced(slices: list[float]) -> None:
    assert _history(3, 12.0) == _history(3, *slices)


def test_another_seed_is_another_market() -> None:
    assert _history(3, 2.0) != _history(4, 2.0)


def test_rate_changes_the_pace_and_not_what_happens() -> None:
    slow, fast = Market(5, rate=1), Market(5, rate=10)
    prices = [
        [(change.quote.offer.key, change.quote.price) for change in changes if isinstance(change, Priced)]
        for changes in (slow.advance(20), fast.advance(2))
    ]
    assert prices[0] == prices[1]
    assert prices[0]


def test_start_moves_the_clock_alone() -> None:
    start = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
    market = Market(5, start=start)
    market.advance(1.5)
    assert datetime(2030, 5, 1, 12, 0, 1, 500_000, tzinfo=UTC) == market.now


def test_the_state_is_what_the_changes_say() -> None:
    market = Market(11, rate=50, sports=["soccer", "football"])
    held = {(quote.book, quote.offer.key): quote for quote in market.quotes()}
    for _ in range(40):
        for change in market.advance(1.0):
            if isinstance(change, Priced) and change.gone:
                del held[change.quote.book, change.quote.offer.key]
            elif isinstance(change, Priced):
                held[change.quote.book, change.quote.offer.key] = change.quote
    assert {(quote.book, quote.offer.key): quote for quote in market.quotes()} == held


def _markets(market: Market) -> dict[tuple[object, ...], list[Quote]]:
    """Quotes that are sides of one market at one line."""
    found: dict[tuple[object, ...], list[Quote]] = defaultdict(list)
    for quote in market.quotes():
        line = abs(quote.offer.line) if quote.offer.line is not None else None
        if quote.offer.group.kind == "spread" and quote.offer.side == "away":
            line = -(quote.offer.line or 0.0)
        elif quote.offer.group.kind == "spread":
            line = quote.offer.line
        found[quote.offer.fixture, quote.book, quote.offer.group, line].append(quote)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_price_is_real_and_every_book_has_its_edge(seed: int) -> None:
    market = Market(seed, rate=80)
    for _ in range(3):
        market.advance(2.0)
        for quotes in _markets(market).values():
            assert all(abs(quote.last) >= 100 for quote in quotes)
            assert len(quotes) in (2, 3)
            assert len({quote.price is None for quote in quotes}) == 1
            overround = sum(odds.probability(quote.last) for quote in quotes)
            assert 1.0 < overround < 1.2


def test_games_start_score_end_settle_and_are_replaced() -> None:
    market = Market(2, rate=150)
    wanted = {"live", "half", "completed", "added", "removed", "start", "scored", "Won", "Lost", "Refunded"}
    seen: Counter[str] = Counter()
    for _ in range(16):
        if wanted <= seen.keys():
            break
        for change in market.advance(1.0):
            match change:
                case Happened(what="status", fixture=fixture):
                    seen[fixture.status] += 1
                case Happened(what=what):
                    seen[what] += 1
                case Settled(settlement=settlement):
                    seen[settlement] += 1
                case Played(kind="score"):
                    seen["scored"] += 1
    assert wanted <= seen.keys()
    assert len(market.fixtures()) == 21
    assert market.ended()


def test_it_is_alive_within_two_seconds() -> None:
    """At the pace of `oddstail demo`."""
    for seed in range(5):
        changes = Market(seed, rate=4).advance(2.0)
        assert sum(isinstance(change, Priced) for change in changes) > 0


def test_about_five_to_twenty_changes_a_second() -> None:
    market = Market(1)
    seconds = [sum(isinstance(one, Priced) for one in market.advance(1.0)) for _ in range(120)]
    assert 5 <= sum(seconds) / len(seconds) <= 30
    assert seconds.count(0) < 30


def _costs(market: Market) -> list[float]:
    """What one costs to be paid on every side at the best prices, for each main market in play at one line."""
    best: dict[tuple[object, ...], dict[str, float]] = defaultdict(dict)
    for quotes in _markets(market).values():
        for quote in quotes:
            offer = quote.offer
            if quote.price is None or not quote.main or offer.group.period != "game":
                continue
            line = offer.line if offer.side != "away" or offer.line is None else -offer.line
            sides = best[offer.fixture, offer.group, line]
            sides[offer.side] = max(sides.get(offer.side, 0.0), odds.decimal(quote.price))
    live = {fixture.id for fixture in market.fixtures() if fixture.live}
    return [sum(1 / price for price in sides.values()) for key, sides in best.items() if key[0] in live]


@pytest.mark.parametrize("seed", [1, 2])
def test_books_leave_a_sure_win_open_for_a_moment_at_the_most(seed: int) -> None:
    """In play as before it: they follow a score, and one another, as real ones do."""
    market = Market(seed, rate=4)
    costs = []
    for _ in range(60):
        market.advance(1.0)
        costs += _costs(market)
    assert len(costs) > 1500
    assert sum(cost < 1 for cost in costs) / len(costs) < 0.03


def test_frozen_nothing_happens_but_time() -> None:
    market = Market(1, rate=20)
    market.advance(1.0)
    market.freeze()
    before, then = list(market.quotes()), market.now
    assert market.advance(5.0) == []
    assert before == list(market.quotes())
    assert market.now > then
    market.thaw()
    assert market.advance(1.0)


def test_only_the_sports_that_were_asked_for() -> None:
    market = Market(1, sports=["hockey"])
    assert {fixture.sport for fixture in market.fixtures()} == {"hockey"}


@pytest.mark.parametrize(
    ("price", "decimal", "probability"),
    [(100, 2.0, 0.5), (-110, 1.9091, 0.5238), (150, 2.5, 0.4), (-200, 1.5, 0.6667)],
)
def test_notations(price: int, decimal: float, probability: float) -> None:
    assert odds.decimal(price) == decimal
    assert round(odds.probability(price), 4) == probability
    assert odds.american(odds.probability(price)) == price
