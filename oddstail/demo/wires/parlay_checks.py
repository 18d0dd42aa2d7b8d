"""ParlayAPI's refusals: keys, parameters, error bodies. Knows no rows and no connection."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import orjson

from oddstail.demo.contract import Ask, Reply, Shut


class Range(NamedTuple):
    """A numeric parameter's default and bounds, both allowed."""

    default: int
    low: int
    high: int


# 3.1 and 3.2 [docs O].
RANGES: dict[str, Range] = {
    "heartbeat_s": Range(5, 1, 30),
    "limit": Range(500, 1, 1000),
    "max_age_s": Range(600, 1, 3600),
    "threshold": Range(10, 1, 200),
}
# Plans with every stream, and those with plays alone.
_FULL, _PLAYS = ("business", "enterprise", "scale"), ("starter", "pro")
_DIRECTIONS = ("both", "toward_favorite", "toward_dog")


def key_of(ask: Ask) -> str | None:
    """The key from wherever it may be (section 2); a header beats the query [docs O]."""
    bearer = ask.headers.get("authorization", "")
    found = (
        ask.headers.get("x-api-key")
        or (bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") and not ask.websocket else None)
        or ask.one("apiKey")
        or ask.one("api_key")
    )
    offered = subprotocol_of(ask)
    return found or (offered.removeprefix("apikey.") if offered else None)


def subprotocol_of(ask: Ask) -> str | None:
    """`apikey.K`, which a browser's socket can send where it cannot send a header [docs A, T]."""
    if not ask.websocket:
        return None
    offered = [part.strip() for part in ask.headers.get("sec-websocket-protocol", "").split(",")]
    return next((part for part in offered if part.startswith("apikey.")), None)


def number(ask: Ask, name: str) -> int:
    """A numeric parameter's value or its default; `unfit` must have passed it."""
    value = ask.one(name)
    return RANGES[name].default if value is None else int(value)


def unfit(ask: Ask) -> Reply | None:
    """422 in FastAPI's shape for what is out of range or of the wrong type (7.3) [docs O]."""
    errors = [problem for name in RANGES if (problem := _number_problem(ask, name)) is not None]
    since = ask.one("since")
    if since is not None and not since.isdecimal():
        errors.append(_problem("since", "Input should be a valid integer", "int_parsing", since, {}))
    direction = ask.one("direction")
    if direction is not None and direction not in _DIRECTIONS:
        text = "Input should be 'both', 'toward_favorite' or 'toward_dog'"
        errors.append(_problem("direction", text, "literal_error", direction, {}))
    diff = ask.one("diff")
    if diff is not None and diff.lower() not in ("true", "false", "0", "1"):
        errors.append(_problem("diff", "Input should be a valid boolean", "bool_parsing", diff, {}))
    return Reply(status=422, body=orjson.dumps({"detail": errors})) if errors else None


def _number_problem(ask: Ask, name: str) -> dict[str, Any] | None:
    value, allowed = ask.one(name), RANGES[name]
    if value is None:
        return None
    try:
        given = int(value)
    except ValueError:
        return _problem(name, "Input should be a valid integer", "int_parsing", value, {})
    if given < allowed.low:
        text = f"Input should be greater than or equal to {allowed.low}"
        return _problem(name, text, "greater_than_equal", value, {"ge": allowed.low})
    if given > allowed.high:
        text = f"Input should be less than or equal to {allowed.high}"
        return _problem(name, text, "less_than_equal", value, {"le": allowed.high})
    return None


def _problem(name: str, text: str, kind: str, value: str, ctx: dict[str, int]) -> dict[str, Any]:
    return {"loc": ["query", name], "msg": text, "type": kind, "input": value, "ctx": ctx}


def refusal(
    code: Literal["MISSING_KEY", "INVALID_KEY", "NOT_FOUND", "CREDIT_LIMIT"], message: str, status: int
) -> Reply:
    """The body captured live for a missing key [docs F]; the others are written in its image."""
    detail = {
        "error": code,
        "message": message,
        "signup_url": "https://parlay-api.com/signup",
        "request_id": "b0c8ba1a4429a11f",
        "docs_url": "/docs",
        "status": status,
    }
    return Reply(status=status, body=orjson.dumps({"detail": detail}))


def tier_gate(ask: Ask, tier: str, *, plays: bool) -> Reply | Shut | None:
    """What a plan does not have: plays begin with Starter, all else with Business (7.1, 7.2) [seed, docs A, L].

    A WebSocket is accepted and closed at once with 4001; of SSE the status is 402 and the code alone is known.
    """
    if tier in _FULL or (plays and tier in _PLAYS):
        return None
    if ask.websocket:
        return Shut(code=4001, reason="WebSocket requires Business tier or above")
    needed = "Starter" if plays else "Business"
    body = {"error": "tier_gate_sse", "message": f"This stream requires {needed} tier or above"}
    return Reply(status=402, body=orjson.dumps(body))


def capped() -> Reply:
    """429 for one connection too many: wait 60 seconds."""
    body = {
        "error": "rate_limit",
        "message": "Concurrent connection cap reached",
        "retry_after_seconds": 60,
        "request_id": "b0c8ba1a4429a11f",
        "docs_url": "/docs",
    }
    return Reply(status=429, body=orjson.dumps(body), headers=(("retry-after", "60"),))
