"""The verdict on each failure: reliability.md section 1 as a table, and the arithmetic of waiting."""

from __future__ import annotations

import pytest

from oddstail import retry
from oddstail.model import Failure, Rule
from oddstail.retry import History, Policy, Verdict


def verdict(
    failure: Failure, *, worked: bool = False, alike: int = 1, own: dict[int | str, Rule] | None = None
) -> Verdict:
    """What the common rules say, with the least jitter."""
    _, rule = retry.rule_for(failure, own or {})
    history = History(streak=alike, alike=alike, worked=worked)
    return retry.after(failure, history, Policy(), rule=rule, jitter=0.0)


def status(code: int, asked: float | None = None) -> Failure:
    return Failure(kind="status", code=code, asked=asked)


# expected exit (None: tries again), failure, worked before, how many alike in a row
VERDICTS = [
    pytest.param(0, status(204), False, 1, id="204-no-more"),
    *[pytest.param(9, status(code), False, 1, id=f"{code}-final") for code in (400, 404, 405, 406, 410, 414, 422)],
    *[pytest.param(9, status(code), True, 1, id=f"{code}-final-later-too") for code in (400, 404, 422)],
    pytest.param(4, status(401), False, 1, id="401-at-once"),
    pytest.param(None, status(401), True, 1, id="401-after-hours-one-more-try"),
    pytest.param(4, status(401), True, 2, id="401-after-hours-then-out"),
    pytest.param(7, status(403), False, 1, id="403-plan"),
    pytest.param(7, status(402), True, 1, id="402-plan"),
    pytest.param(7, status(451), False, 1, id="451-not-here"),
    pytest.param(None, status(408), False, 99, id="408-for-ever"),
    pytest.param(None, status(425), False, 99, id="425-for-ever"),
    pytest.param(None, status(409), False, 5, id="409-five-retries"),
    pytest.param(7, status(409), False, 6, id="409-then-out"),
    pytest.param(None, status(429), False, 99, id="429-for-ever"),
    *[pytest.param(None, status(code), False, 99, id=f"{code}-for-ever") for code in (500, 502, 503, 504, 520, 527)],
    pytest.param(9, status(418), False, 3, id="unknown-status-three-times"),
    pytest.param(None, status(418), False, 2, id="unknown-status-twice-is-borne"),
    *[pytest.param(None, Failure(kind=kind), False, 99, id=kind) for kind in ("network", "timeout", "silence", "closed", "slept", "proxy")],
    pytest.param(9, Failure(kind="tls"), False, 1, id="tls-first"),
    pytest.param(None, Failure(kind="tls"), True, 50, id="tls-later-a-proxy-may-be-in-the-way"),
    pytest.param(9, Failure(kind="content-type"), False, 1, id="content-type-first"),
    pytest.param(None, Failure(kind="content-type"), True, 2, id="content-type-later"),
    pytest.param(9, Failure(kind="content-type"), True, 3, id="content-type-three-in-a-row"),
    pytest.param(9, Failure(kind="redirect"), True, 1, id="redirect-to-another-host"),
    *[pytest.param(None, Failure(kind="ws-close", code=code), False, 99, id=f"close-{code}") for code in (1000, 1001, 1006, 1011, 1012, 1013, 1014)],
    *[pytest.param(9, Failure(kind="ws-close", code=code), False, 3, id=f"close-{code}-thrice") for code in (1002, 1003, 1007, 1008, 1009, 1010, 4000)],
    pytest.param(4, Failure(kind="auth"), False, 1, id="auth-in-band"),
    pytest.param(None, Failure(kind="cap"), False, 5, id="cap-slowly"),
    pytest.param(7, Failure(kind="cap"), False, 6, id="cap-then-out"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "failure", "worked", "alike"), VERDICTS)
def test_each_failure_has_the_verdict_of_the_table(
    expected: int | None, failure: Failure, worked: bool, alike: int
) -> None:
    got = verdict(failure, worked=worked, alike=alike)
    assert got.exit == expected
    assert (got.wait is None) == (expected is not None)


# least wait in seconds, failure
FLOORS = [
    pytest.param(30.0, status(429), id="429-without-a-word"),
    pytest.param(7.0, status(429, 7.0), id="429-with-retry-after"),
    pytest.param(3600.0, status(503, 1e9), id="retry-after-is-capped-at-an-hour"),
    pytest.param(30.0, status(409), id="409-slowly"),
    pytest.param(0.25, Failure(kind="network"), id="network-half-of-the-first-step"),
    pytest.param(0.25, status(429, 0.0), id="retry-after-0-is-not-under-the-backoff"),
]


@pytest.mark.parametrize(("expected", "failure"), FLOORS)
def test_a_wait_is_never_under_its_floor(expected: float, failure: Failure) -> None:
    assert verdict(failure).wait == expected


def test_a_first_reconnect_after_a_healthy_life_comes_within_a_second() -> None:
    assert [retry.backoff(1, Policy(), jitter) for jitter in (0.0, 1.0)] == [0.25, 0.5]


def test_backoff_doubles_to_its_cap_and_never_overflows() -> None:
    waits = [retry.backoff(streak, Policy(), 1.0) for streak in (1, 2, 3, 6, 7, 8, 10_000)]
    assert waits == [0.5, 1.0, 2.0, 16.0, 30.0, 30.0, 30.0]


@pytest.mark.parametrize(("expected", "asked"), [(5.0, 5.0), (30.0, 1e20), (0.5, 0.0)], ids=["5-s", "endless", "0"])
def test_retry_of_a_stream_is_a_floor_but_capped(expected: float, asked: float) -> None:
    failure = Failure(kind="closed")
    rule = retry.rule_for(failure, {})[1]
    assert retry.after(failure, History(), Policy(), rule=rule, asked=asked, jitter=1.0).wait == expected


def test_a_providers_rule_wins_over_the_common_one() -> None:
    assert verdict(status(403), own={403: Rule(tries=1, exit=4)}).exit == 4


def test_the_providers_floor_holds_between_any_two_connects() -> None:
    rule = Rule()
    assert retry.after(Failure(kind="closed"), History(), Policy(), rule=rule, floor=5.0).wait == 5.0


@pytest.mark.parametrize(("expected", "streak"), [(None, 2), (3, 3)], ids=["within", "beyond"])
def test_retries_are_counted(expected: int | None, streak: int) -> None:
    got = retry.after(Failure(kind="network"), History(streak=streak), Policy(retries=2), rule=Rule())
    assert got.exit == expected


@pytest.mark.parametrize(("expected", "down"), [(None, 10.0), (3, 59.9)], ids=["within", "beyond"])
def test_a_retry_budget_in_time_is_kept(expected: int | None, down: float) -> None:
    got = retry.after(Failure(kind="network"), History(down=down), Policy(retry_for=60.0), rule=Rule())
    assert got.exit == expected


# seconds to wait, times of earlier connects, now
SLOTS = [
    pytest.param(0.0, [], 100.0, id="first"),
    pytest.param(0.0, [0.0, 1.0], 1.0, id="not-full"),
    pytest.param(59.0, [0.0, 1.0, 1.0], 1.0, id="full"),
    pytest.param(0.0, [0.0, 30.0, 40.0], 60.0, id="the-oldest-has-left"),
    pytest.param(20.0, [0.0, 30.0, 40.0, 61.0], 70.0, id="the-third-last-counts"),
]


@pytest.mark.parametrize(("expected", "past", "now"), SLOTS)
def test_a_connect_rate_is_kept_over_any_window(expected: float, past: list[float], now: float) -> None:
    assert retry.slot(past, now, (3, 60.0)) == expected
