"""The verdict on each failure: a table, and the arithmetic of waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oddstail import retry
from oddstail.model import Failure, Rule
from oddstail.retry import History, Policy, Verdict


def verdict(
    failure: Failure,
    *,
    streamed: bool = False,
    alike: int = 1,
    refused: float = 0.0,
    own: dict[int | str, Rule] | None = None,
    policy: Policy | None = None,
) -> Verdict:
    """What the common rules say, with the least jitter."""
    _, rule = retry.rule_for(failure, own or {})
    history = History(streak=alike, alike=alike, streamed=streamed, refused=refused)
    return retry.after(failure, history, policy or Policy(), rule=rule, jitter=0.0)


def status(code: int, asked: float | None = None, *, page: bool = False) -> Failure:
    return Failure(kind="status", code=code, asked=asked, page=page)


def close(code: int) -> Failure:
    return Failure(kind="ws-close", code=code)


def kind(name: str) -> Failure:
    return Failure(kind=name)


#: Refusals: exit code, failure, how many in a row are borne before the request has streamed.
REFUSALS = [
    *[pytest.param(9, status(code), 1, id=f"{code}") for code in (200, 206, 300, 305, 400, 404, 405, 406, 410, 411, 412, 414, 416, 418, 421, 422, 431)],
    pytest.param(4, status(401), 1, id="401"),
    pytest.param(4, status(401, page=True), 1, id="401-page"),
    pytest.param(7, status(402), 1, id="402"),
    pytest.param(7, status(403), 1, id="403"),
    pytest.param(9, status(403, page=True), 1, id="403-page"),
    pytest.param(9, status(200, page=True), 1, id="200-page-for-an-upgrade"),
    pytest.param(3, status(407), 1, id="407"),
    pytest.param(7, status(409), 6, id="409"),
    pytest.param(9, status(409, page=True), 1, id="409-page"),
    pytest.param(7, status(451), 1, id="451"),
    *[pytest.param(9, close(code), 3, id=f"close-{code}") for code in (1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4999)],
    pytest.param(9, kind("content-type"), 1, id="content-type"),
    pytest.param(9, Failure(kind="content-type", page=True), 1, id="page-with-200"),
    pytest.param(9, kind("redirect"), 1, id="redirect"),
    pytest.param(2, kind("setting"), 1, id="setting"),
    pytest.param(9, kind("too-big"), 3, id="too-big"),
    pytest.param(9, kind("protocol"), 3, id="protocol"),
    pytest.param(4, kind("auth"), 1, id="auth"),
    pytest.param(7, kind("plan"), 1, id="plan"),
    pytest.param(7, kind("cap"), 6, id="cap"),
    pytest.param(9, kind("refused"), 3, id="refused"),
    pytest.param(9, kind("cursor"), 1, id="cursor"),
]  # fmt: skip


@pytest.mark.parametrize(("exit", "failure", "tries"), REFUSALS)
def test_a_refusal_is_final_before_the_request_has_streamed(exit: int, failure: Failure, tries: int) -> None:
    verdicts = [verdict(failure, alike=alike).exit for alike in range(1, tries + 1)]
    assert verdicts == [None] * (tries - 1) + [exit]


@pytest.mark.parametrize(("exit", "failure", "tries"), REFUSALS)
def test_a_refusal_after_the_request_has_streamed_is_an_outage_of_15_minutes(
    exit: int, failure: Failure, tries: int
) -> None:
    lasting = [verdict(failure, streamed=True, alike=40, refused=refused).exit for refused in (0.0, 899.9, 900.0)]
    assert lasting == [None, None, exit]


#: What the user says, for how many seconds the refusals have lasted, how many there were: whether it is over.
PATIENCE = [
    pytest.param(False, Policy(retries=100), 5000.0, 100, id="retries-left"),
    pytest.param(True, Policy(retries=100), 5.0, 101, id="retries-used-up"),
    pytest.param(False, Policy(retry_for=7200.0), 5000.0, 200, id="longer"),
    pytest.param(True, Policy(retry_for=60.0), 60.0, 5, id="shorter"),
]


@pytest.mark.parametrize(("over", "policy", "lasted", "streak"), PATIENCE)
def test_retry_flags_take_the_place_of_the_15_minutes(over: bool, policy: Policy, lasted: float, streak: int) -> None:
    history = History(streak=streak, alike=streak, streamed=True, refused=lasted, down=lasted)
    rule = retry.rule_for(status(404), {})[1]
    assert (retry.after(status(404), history, policy, rule=rule).exit == 9) is over


#: Outages: waited out for ever, before the request has streamed and after.
OUTAGES = [
    *[pytest.param(status(code), id=f"{code}") for code in (408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 511, 520, 527, 529, 530, 598, 599, 600, 999)],
    pytest.param(status(503, page=True), id="503-page"),
    pytest.param(status(530, page=True), id="530-page"),
    pytest.param(status(429, page=True), id="429-page"),
    *[pytest.param(kind(name), id=name) for name in ("network", "timeout", "silence", "closed", "slept", "proxy")],
    *[pytest.param(close(code), id=f"close-{code}") for code in (1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014)],
]  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("failure", OUTAGES)
def test_an_outage_is_waited_out_for_ever(failure: Failure, streamed: bool) -> None:
    assert verdict(failure, streamed=streamed, alike=10_000, refused=1e6).exit is None


#: exit (None: tries again), failure, whether the request has streamed
SPECIAL = [
    pytest.param(0, status(204), False, id="204-before"),
    pytest.param(0, status(204), True, id="204-is-an-end"),
    pytest.param(1, kind("bug"), True, id="bug"),
    pytest.param(9, kind("tls"), False, id="tls-before"),
    pytest.param(None, kind("tls"), True, id="tls-after"),
]


@pytest.mark.parametrize(("expected", "failure", "streamed"), SPECIAL)
def test_ends_and_certificates_have_rules_of_their_own(expected: int | None, failure: Failure, streamed: bool) -> None:
    assert verdict(failure, streamed=streamed, refused=1e6 if expected is None else 0.0).exit == expected


# least wait in seconds, failure
FLOORS = [
    pytest.param(30.0, status(429), id="429-without-a-word"),
    pytest.param(7.0, status(429, 7.0), id="429-with-retry-after"),
    pytest.param(30.0, replace(status(429, 7.0), by_window=True), id="429-in-a-window-that-ends-soon"),
    pytest.param(45.0, replace(status(429, 45.0), by_window=True), id="429-in-a-window-that-ends-later"),
    pytest.param(3600.0, replace(status(429, 1e9), by_window=True), id="the-end-of-a-window-is-capped-at-an-hour"),
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
    # A page in front of the provider knows nothing of its rules.
    assert verdict(status(403, page=True), own={403: Rule(tries=1, exit=4)}).exit == 9


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
