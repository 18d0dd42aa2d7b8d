"""The simulated market: the same for a seed, coherent, and alive."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from oddstail.demo import odds
from oddstail.demo.books import BOOKS
from oddstail.demo.events import Change, Happened, Played, Priced, Quote, Settled
from oddstail.demo.game import OWN, Group
from oddstail.demo.market import Market
from oddstail.demo.moments import Slip, Steam
from oddstail.demo.sports import SPORTS


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
    market = Market(2, rate=400)
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


# -- an evening --------------------------------------------------------------------------------------------------


def _minute(seed: int) -> tuple[Market, list[Change]]:
    """The first minute at the pace of `oddstail demo`."""
    market = Market(seed, rate=4)
    return market, [change for _ in range(60) for change in market.advance(1.0)]


def test_a_third_of_the_games_is_in_play_and_the_others_start_now_tonight_and_tomorrow() -> None:
    market = Market(1)
    fixtures = market.fixtures()
    assert sum(one.live for one in fixtures) == 7
    leads = sorted((one.start - market.now).total_seconds() / 3600 for one in fixtures if not one.live)
    assert (leads[0] < 0.05, leads[len(leads) // 2] < 3, 13.9 < leads[-1] < 28) == (True, True, True)


@pytest.mark.parametrize("seed", range(1, 7))
def test_prices_before_a_game_are_those_of_a_game(seed: int) -> None:
    market = Market(seed)
    upcoming = {one.id for one in market.fixtures() if not one.live}
    winners = [
        quote.price or quote.last
        for quote in market.quotes()
        if quote.offer.group == Group("moneyline") and quote.offer.fixture in upcoming
    ]
    assert sum(-400 <= price <= 350 for price in winners) / len(winners) > 0.8
    assert all(-800 < price < 900 for price in winners)


@pytest.mark.parametrize("seed", range(1, 7))
def test_every_book_is_the_best_now_and_then_and_none_nearly_always(seed: int) -> None:
    market = Market(seed, rate=4)
    wins: Counter[str] = Counter()
    for _ in range(30):
        market.advance(2.0)
        best: dict[str, list[Quote]] = defaultdict(list)
        for quote in market.quotes():
            if quote.price is not None and quote.main and quote.offer.group in OWN:
                best[quote.offer.key].append(quote)
        for quotes in best.values():
            top = max(odds.decimal(quote.last) for quote in quotes)
            wins.update(quote.book for quote in quotes if odds.decimal(quote.last) == top and len(quotes) > 3)
    assert wins.keys() == {book.id for book in BOOKS}
    assert wins["pinnacle"] / wins.total() < 0.5
    assert min(wins.values()) / wins.total() > 0.02


@pytest.mark.parametrize("seed", range(1, 9))
def test_each_sport_has_a_sure_win_for_seconds_within_the_first_minute(seed: int) -> None:
    market, changes = _minute(seed)
    slips = [one for one in market.moments() if isinstance(one, Slip)]
    sports = {fixture.sport for one in slips if (fixture := market.fixture(one.fixture)) is not None}
    assert sports == {sport.id for sport in SPORTS}
    priced = [one for one in changes if isinstance(one, Priced) and one.quote.offer.group == Group("moneyline")]
    for slip in slips:
        assert 0.9 < slip.cost < 1
        own = [one.quote for one in priced if (one.quote.book, one.quote.offer.fixture) == (slip.book, slip.fixture)]
        erred, mended = [quote.at for quote in own if quote.offer.side == slip.side and quote.at >= slip.at][:2]
        assert erred == slip.at
        assert 2 < (mended - erred).total_seconds() < 9
        others = [one.quote for one in priced if one.quote.offer.fixture == slip.fixture and one.quote.at < slip.at]
        latest = {quote.book: quote.at for quote in others}
        # Fresh on both sides: it can be acted on.
        assert all((slip.at - at).total_seconds() < 20 for book, at in latest.items() if book != slip.book)
        assert len(latest) >= 7


@pytest.mark.parametrize("seed", range(1, 9))
def test_each_sport_has_steam_within_the_first_minute_led_by_the_sharp_book(seed: int) -> None:
    market, changes = _minute(seed)
    steams = [one for one in market.moments() if isinstance(one, Steam)]
    sports = {fixture.sport for one in steams if (fixture := market.fixture(one.fixture)) is not None}
    assert sports == {sport.id for sport in SPORTS}
    for steam in steams:
        lags = [(at - steam.at).total_seconds() for _, at in steam.follows]
        assert lags == sorted(lags)
        assert (lags[0] >= 2, lags[-1] <= 30, lags[-1] > lags[-2]) == (True, True, True)
        moves = [
            (one.quote.book, one.quote.at, odds.probability(one.quote.last) - odds.probability(one.was))
            for one in changes
            if isinstance(one, Priced) and one.was is not None and one.quote.price is not None
            if one.quote.offer.fixture == steam.fixture and one.quote.offer.group == steam.group
            if one.quote.offer.side == steam.side and one.quote.at >= steam.at
        ]
        assert (moves[0][0], moves[0][1]) == ("pinnacle", steam.at)
        within = [book for book, at, points in moves if points >= 0.015 and (at - steam.at).total_seconds() < 60]
        assert len(set(within)) >= 3
        assert all(points > -0.0075 for _, _, points in moves)


def test_the_market_knows_when_a_game_really_began() -> None:
    market, changes = _minute(2)
    begun = [one.fixture for one in changes if isinstance(one, Happened) and one.what == "status"]
    begun = [one for one in begun if one.status == "live" and one.period == 1 and not any(one.score)]
    assert begun
    for fixture in begun:
        at = market.began_at(fixture.id)
        assert at is not None
        assert at >= fixture.start


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_score_that_counts_is_feared_before_it_is_told(seed: int) -> None:
    """Some book suspends within the seconds before a goal."""
    market = Market(seed, rate=16, sports=["hockey", "soccer"])
    feared = goals = 0
    suspended: dict[str, datetime] = {}
    for _ in range(480):
        for change in market.advance(0.25):
            if isinstance(change, Priced) and change.quote.price is None and not change.gone:
                suspended[change.quote.offer.fixture] = change.quote.at
            elif isinstance(change, Played) and change.kind == "score" and change.fixture.clock:
                goals += 1
                at = suspended.get(change.fixture.id)
                feared += at is not None and (change.at - at).total_seconds() < 0.5
    assert goals > 3
    assert feared / goals > 0.5


@pytest.mark.parametrize("seed", range(8))
def test_two_baseball_games_are_a_double_header(seed: int) -> None:
    games = Market(seed, sports=["baseball"]).fixtures("baseball")
    [second] = [one for one in games if one.second]
    [first] = [one for one in games if {one.home, one.away} == {second.home, second.away} and one is not second]
    assert first.id != second.id
    assert timedelta(hours=1.8) < second.start - first.start < timedelta(hours=5.1)
