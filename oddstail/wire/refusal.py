"""What a server said when it refused: one line for people out of JSON, HTML or plain text. Pure.

Four JSON shapes exist at ParlayAPI alone (`detail.message`, `message`, `detail[0].msg`, `detail`),
OpticOdds answers `{"error": ...}` or text/plain, RapidOddsAPI `{"detail": ...}`, Cloudflare HTML.
"""

from __future__ import annotations

import contextlib
import html
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from oddstail.model import Failure
from oddstail.text import visible

#: How much of a body is read, in bytes, and shown, in characters.
READ, SHOWN = 64 * 1024, 200
_HTML = 4096

#: The longest wait that is told, in seconds; whoever waits has a limit of his own.
_LONGEST = 1e9
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
#: Statuses of a server that takes no more requests for now.
_LIMITED = (429, 503)
_RESET = re.compile(r"(x-)?rate-?limit-reset(-[a-z]+)?", re.ASCII)
_NAMED_RESET = re.compile(r"\b(?:reset|t)\s*=\s*([0-9.]+)", re.ASCII)
#: From here on a number is a Unix time (the year 2001), and from here on one in milliseconds (the year 5138).
_UNIX, _MILLIS = 1e9, 1e11
#: Whose pages stand in front of providers: the name, a header of theirs, and a word in their pages or `Server`.
_NETWORKS = (
    ("Cloudflare", "cf-ray", b"cloudflare"),
    ("Amazon CloudFront", "x-amz-cf-id", b"cloudfront"),
    ("Akamai", "akamai-grn", b"edgesuite.net"),
    ("Akamai", "x-akamai-request-id", b"akamaighost"),
    ("Imperva", "x-iinfo", b"incapsula"),
    ("Sucuri", "x-sucuri-id", b"sucuri"),
    ("Fastly", "fastly-restarts", b"fastly"),
    ("Azure Front Door", "x-azure-ref", b"azure front door"),
    ("Vercel", "x-vercel-id", b"vercel"),
    ("ngrok", "ngrok-error-code", b"ngrok"),
)

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def said(body: bytes, hide: Callable[[str], str] = str) -> str:
    """The gist of an error body, safe for a terminal, at most `SHOWN` characters; empty for none.

    `hide` takes the key out of it: after JSON and HTML are read, for `ab\\/cd` and `ab&#47;cd` say `ab/cd`, too, and
    before it is cut, for half a key is still one.
    """
    try:
        text = _from_json(orjson.loads(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        # The patterns for HTML take the square of what they look at: the gist is in the beginning.
        text = body[:_HTML].decode("utf-8", "replace")
        if text.lstrip()[:1] == "<":
            text = _from_html(text)
    return visible(hide(" ".join(text.split())), SHOWN)


def refusal(
    status: int, fields: Sequence[tuple[str, str]], body: bytes, hide: Callable[[str], str], now: datetime
) -> Failure:
    """The failure for a status that refuses. `fields` are those of the head, names in lower case; `body` is decoded."""
    text, page = gist(fields, body, hide)
    waits = [wait for name, value in fields if name == "retry-after" and (wait := retry_after(value, now)) is not None]
    asked = max(waits) if waits else asked_in(body)
    window = window_end(fields, now) if status in _LIMITED else None
    by_window = asked is None and window is not None
    if window is not None:
        asked = max(asked or 0.0, window)
    return Failure(kind="status", code=status, text=text, asked=asked, page=page, by_window=by_window)


def gist(fields: Sequence[tuple[str, str]], body: bytes, hide: Callable[[str], str]) -> tuple[str, bool]:
    """Return what a body says, as `said` has it, and whether it is a web page; with whose page it is, if known."""
    text = said(body, hide)
    if body[:_HTML].lstrip()[:1] != b"<" or body.lstrip()[:5] == b"<?xml":
        return text, False
    low = body.lower()
    names = {name for name, _ in fields}
    servers = " ".join(value.lower() for name, value in fields if name in ("server", "via"))
    for title, header, word in _NETWORKS:
        if header in names or word in low or word.decode() in servers:
            return visible(f"a web page of {title}: {text}", SHOWN), True
    return text, True


def asked_in(body: bytes) -> float | None:
    """The wait in seconds that a JSON error body names (ParlayAPI's `retry_after_seconds`), if any."""
    try:
        value = orjson.loads(body)["retry_after_seconds"]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError, RecursionError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return float(value)


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number or an HTTP date (RFC 9110, 10.2.3).

    None for what cannot be read, and for a date that is over: neither asks for a wait.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), _LONGEST)
    when = http_date(value)
    seconds = 0.0 if when is None else (when - now).total_seconds()
    return seconds if seconds > 0 else None


def window_end(fields: Sequence[tuple[str, str]], now: datetime) -> float | None:
    """Seconds until the window of requests ends that the head of an answer names; None if it names none.

    `x-ratelimit-reset` and its like are Unix times (in seconds or milliseconds), dates, or seconds from now;
    `ratelimit` has `reset=` or `t=` (the IETF's drafts). Of several the last one counts. Unix times and dates are by
    the server's clock, as its `Date` tells it.
    """
    dates = [when for name, value in fields if name == "date" and (when := http_date(value)) is not None]
    clock = dates[0] if dates else now
    ends: list[float] = []
    for name, value in fields:
        if _RESET.fullmatch(name):
            ends.append(_until(value.strip(), clock))
        elif name in ("ratelimit", "x-ratelimit"):
            ends += [_until(found, clock) for found in _NAMED_RESET.findall(value)]
    return max((end for end in ends if end > 0), default=None)


def _until(value: str, now: datetime) -> float:
    """Seconds until then, 0 for what cannot be read or is over."""
    if _SECONDS.fullmatch(value):
        seconds = float(value)
        if seconds > _MILLIS:
            seconds /= 1000
        return min(seconds - now.timestamp() if seconds > _UNIX else seconds, _LONGEST)
    when = http_date(value) if value[:1].isalpha() else None
    with contextlib.suppress(ValueError):
        when = when or datetime.fromisoformat(value)
    if when is None:
        return 0.0
    return (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()


def http_date(value: str) -> datetime | None:
    """The moment that a date of HTTP names, in UTC where it names no zone; None for what cannot be read."""
    try:
        when = parsedate_to_datetime(value.strip())
        when = when.replace(tzinfo=when.tzinfo or UTC)
        # Some moments of the years 1 and 9999 are none in UTC.
        return when.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def _from_json(value: Any) -> str:
    match value:
        case str():
            return value
        case {"message": str(text)} | {"error": str(text)} | {"msg": str(text)} | {"detail": str(text)}:
            return text
        case {"detail": inner} | {"error": inner} | [inner, *_]:
            return _from_json(inner)
        case None | [] | {}:
            return ""
        case _:
            return orjson.dumps(value).decode()


def _from_html(text: str) -> str:
    title = _TITLE.search(text)
    return html.unescape(title[1] if title else _TAG.sub(" ", _SCRIPT.sub(" ", text)))
