"""What a server said when it refused: one line for people out of JSON, HTML or plain text. Pure.

Four JSON shapes exist at ParlayAPI alone (`detail.message`, `message`, `detail[0].msg`, `detail`),
OpticOdds answers `{"error": ...}` or text/plain, RapidOddsAPI `{"detail": ...}`, Cloudflare HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from oddstail.text import visible

#: How much of a body is read, in bytes, and shown, in characters.
READ, SHOWN = 64 * 1024, 200
_HTML = 4096

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


def asked_in(body: bytes) -> float | None:
    """The wait in seconds that a JSON error body names (ParlayAPI's `retry_after_seconds`), if any."""
    try:
        value = orjson.loads(body)["retry_after_seconds"]
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number or an HTTP date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


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
