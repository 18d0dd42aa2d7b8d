"""How a page is answered and how often: JSON bodies, pages of a list, budgets of requests. Knows no vendor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson

from oddstail.demo.contract import NOTHING, Ask, Clock, Reply, Tell

Page = Callable[[Ask], Reply]

_ROWS = 100


def ok(body: object, *, tell: Tell = NOTHING) -> Reply:
    """200 and JSON."""
    return Reply(status=200, body=orjson.dumps(body), tell=tell)


def wrong(status: int, **body: Any) -> Reply:
    """An error in JSON."""
    return Reply(status=status, body=orjson.dumps(body))


def paged(ask: Ask, rows: Sequence[Any]) -> dict[str, Any] | None:
    """One page of `rows` by `page` (from 1) or `cursor`, never both: None then (docs/wire/opticodds.md, 4).

    `has_more` is the newer sign and `total_pages` the older; both are given.
    """
    cursor = ask.one("cursor")
    if cursor is not None and ask.one("page") is not None:
        return None
    size = min(max(_number(ask, "limit", _ROWS), 1), _ROWS)
    start = _number(ask, "cursor", 0) if cursor is not None else max(_number(ask, "page", 1) - 1, 0) * size
    end = start + size
    more = end < len(rows)
    body: dict[str, Any] = {"data": list(rows[start:end])}
    if cursor is not None:
        return {**body, "cursor": str(end) if more else None}
    return {
        **body,
        "page": start // size + 1,
        "total_pages": max(-(-len(rows) // size), 1),
        "has_more": more,
        "cursor": str(end) if more else None,
    }


def _number(ask: Ask, name: str, default: int) -> int:
    """A parameter as a number; what is none is as good as absent."""
    value = ask.one(name) or ""
    return int(value) if value.isdecimal() else default


class Bucket:
    """A token bucket: `burst` at once, then one more every `every` seconds."""

    def __init__(self, clock: Clock, burst: int, every: float) -> None:
        self._clock, self._burst, self._every = clock, burst, every
        self._tokens, self._at = float(burst), clock()

    def takes(self) -> bool:
        """True, and one token less; False if there is none."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) / self._every, self._burst)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Window:
    """A budget for each fixed window of the calendar clock, as OpticOdds counts."""

    def __init__(self, now: Callable[[], datetime], limit: int, seconds: int) -> None:
        self._now, self._limit, self._seconds = now, limit, seconds
        self._window, self._used = 0, 0

    def takes(self) -> bool:
        """True, and counted; False while the window's budget is spent."""
        window = int(self._now().timestamp()) // self._seconds
        if window != self._window:
            self._window, self._used = window, 0
        if self._used >= self._limit:
            return False
        self._used += 1
        return True

    def headers(self) -> tuple[tuple[str, str], ...]:
        """`x-ratelimit-*`; `reset` in unix seconds, a multiple of the window [3p T1]."""
        return (
            ("x-ratelimit-limit", str(self._limit)),
            ("x-ratelimit-remaining", str(self._limit - self._used)),
            ("x-ratelimit-reset", str((self._window + 1) * self._seconds)),
        )
