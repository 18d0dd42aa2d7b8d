"""What a refusal says: the wait it asks for, whatever form that has, and whose web page it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from oddstail.wire.refusal import asked_in, gist, http_date, refusal, retry_after

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

WAITS = [
    pytest.param(7.0, "7", id="seconds"),
    pytest.param(7.0, " 7 ", id="spaces"),
    pytest.param(1.5, "1.5", id="a-part-of-a-second"),
    pytest.param(0.0, "0", id="none"),
    pytest.param(1e9, "9" * 5000, id="5000-digits"),
    pytest.param(30.0, "Sat, 31 Jan 2026 12:00:30 GMT", id="date"),
    pytest.param(30.0, "Sat, 31 Jan 2026 14:00:30 +0200", id="date-with-a-zone"),
    pytest.param(30.0, "Sat, 31 Jan 2026 12:00:30", id="date-without-a-zone"),
    pytest.param(None, "Sat, 31 Jan 2026 11:59:59 GMT", id="date-just-over"),
    pytest.param(None, "Thu, 01 Jan 1970 00:00:00 GMT", id="date-long-over"),
    pytest.param(None, "Fri, 31 Dec 99999999999 23:59:59 GMT", id="year-99999999999"),
    pytest.param(None, "Fri, 31 Dec 9999 23:59:59 -2359", id="no-moment-in-utc"),
    pytest.param(None, "Mon, 01 Jan 0001 00:00:00 +2359", id="before-the-first-moment"),
    pytest.param(None, "Fri, 31 Dec 2026 23:59:59 +99999999", id="zone-of-years"),
    pytest.param(None, "Fri, 99 Foo 2026 99:99:99 GMT", id="no-date"),
    pytest.param(None, "-5", id="negative"),
    pytest.param(None, "1e9", id="exponent"),
    pytest.param(None, "\u0665", id="arabic-digit"),
    pytest.param(None, "nan", id="nan"),
    pytest.param(None, "inf", id="inf"),
    pytest.param(None, "", id="empty"),
    pytest.param(None, ",;" * 1000, id="commas"),
]


@pytest.mark.parametrize(("expected", "value"), WAITS)
def test_retry_after_is_a_wait_or_none(expected: float | None, value: str) -> None:
    assert retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (60.0, b'{"retry_after_seconds":60}'),
        (None, b'{"retry_after_seconds":-60}'),
        (None, b'{"retry_after_seconds":1e999}'),
        (None, b'{"retry_after_seconds":"60"}'),
        (None, b'{"retry_after_seconds":true}'),
        (None, b'["retry_after_seconds"]'),
        (None, b"[" * 100_000),
    ],
    ids=["number", "negative", "infinite", "text", "true", "list", "nested"],
)
def test_wait_in_a_body_is_a_number(expected: float | None, body: bytes) -> None:
    assert asked_in(body) == expected


def test_longest_of_several_waits_counts() -> None:
    fields = [("retry-after", "5"), ("retry-after", "later"), ("retry-after", "60")]
    assert refusal(503, fields, b"", str, NOW).asked == 60.0


UNIX = int(NOW.timestamp())

WINDOWS = [
    pytest.param(15.0, [("x-ratelimit-reset", f"{UNIX + 15}")], id="unix-time"),
    pytest.param(15.5, [("x-ratelimit-reset", f"{UNIX + 15}.5")], id="part-of-a-second"),
    pytest.param(15.0, [("x-ratelimit-reset", f" {(UNIX + 15) * 1000} ")], id="milliseconds"),
    pytest.param(12.0, [("x-ratelimit-reset", "12")], id="seconds-from-now"),
    pytest.param(12.0, [("ratelimit-reset", "12")], id="draft-header"),
    pytest.param(12.0, [("x-rate-limit-reset", "12")], id="with-two-hyphens"),
    pytest.param(60.0, [("x-ratelimit-reset-requests", "12"), ("x-ratelimit-reset-tokens", "60")], id="the-last-of-two"),
    pytest.param(12.0, [("ratelimit", "limit=10, remaining=0, reset=12")], id="draft-3"),
    pytest.param(12.0, [("ratelimit", '"burst";r=0;t=12'), ("ratelimit-policy", '"burst";q=10;w=60')], id="draft-8"),
    pytest.param(30.0, [("x-ratelimit-reset", "Sat, 31 Jan 2026 12:00:30 GMT")], id="date"),
    pytest.param(30.0, [("x-ratelimit-reset", "2026-01-31T12:00:30Z")], id="iso"),
    pytest.param(15.0, [("x-ratelimit-reset", f"{UNIX + 3615}"), ("date", "Sat, 31 Jan 2026 13:00:00 GMT")], id="our-clock-is-an-hour-slow"),
    pytest.param(15.0, [("x-ratelimit-reset", f"{UNIX - 3585}"), ("date", "Sat, 31 Jan 2026 11:00:00 GMT")], id="our-clock-is-an-hour-fast"),
    pytest.param(15.0, [("x-ratelimit-reset", f"{UNIX + 15}"), ("retry-after", "7")], id="not-before-the-reset"),
    pytest.param(60.0, [("x-ratelimit-reset", f"{UNIX + 15}"), ("retry-after", "60")], id="not-before-retry-after"),
    pytest.param(None, [("x-ratelimit-reset", f"{UNIX - 15}")], id="over"),
    pytest.param(None, [("x-ratelimit-reset", "0")], id="now"),
    *[pytest.param(None, [("x-ratelimit-reset", odd)], id=f"odd-{n}") for n, odd in enumerate(("", "-5", "soon", "nan", "1e9", "2026-99-99", "\u0665"))],
    pytest.param(1e9, [("x-ratelimit-reset", "9" * 5000)], id="endless"),
    pytest.param(None, [("x-ratelimit-limit", "2500"), ("x-ratelimit-remaining", "0")], id="no-reset"),
    pytest.param(None, [("x-requests-used", "10"), ("x-requests-remaining", "0")], id="counts-are-no-wait"),
]  # fmt: skip


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("expected", "fields"), WINDOWS)
def test_the_end_of_a_window_is_a_wait(expected: float | None, fields: list[tuple[str, str]], status: int) -> None:
    found = refusal(status, fields, b"", str, NOW)
    assert found.asked == expected
    assert found.by_window == (expected is not None and "retry-after" not in dict(fields))


def test_a_window_says_nothing_of_another_refusal() -> None:
    assert refusal(401, [("x-ratelimit-reset", f"{UNIX + 15}")], b"", str, NOW).asked is None


def test_date_of_http_is_a_moment_or_none() -> None:
    assert http_date("Sat, 31 Jan 2026 12:00:00 GMT") == NOW
    assert http_date("Fri, 31 Dec 99999999999 23:59:59 GMT") is None


PAGES = [
    pytest.param("a web page of Cloudflare: Just a moment...", [("cf-ray", "x")], b"<html><title>Just a moment...", id="header"),
    pytest.param("a web page of Akamai: Access Denied", [("server", "AkamaiGHost")], b"<HTML><TITLE>Access Denied</TITLE>", id="server"),
    pytest.param("a web page of Imperva: x", [], b"<html><title>x</title>_Incapsula_Resource", id="word"),
    pytest.param("Forbidden", [("server", "nginx")], b"\r\n <html><title>Forbidden</title>", id="unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "fields", "body"), PAGES)
def test_web_page_is_named(expected: str, fields: list[tuple[str, str]], body: bytes) -> None:
    if b"</title>" not in body.lower():
        body += b"</title>"
    assert gist(fields, body, str) == (expected, True)


@pytest.mark.parametrize("body", [b'{"error":"no"}', b"plain", b"", b"<?xml version='1.0'?><Error/>"])
def test_answer_of_a_program_is_no_web_page(body: bytes) -> None:
    assert gist([("cf-ray", "x"), ("server", "cloudflare")], body, str)[1] is False
