"""Durations and sizes as people write them, and times as records and tapes do. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?i?b?)", re.IGNORECASE | re.ASCII)


def duration(text: str) -> float:
    """Seconds of `90s`, `5m`, `1h30m`, `250ms`. ValueError for anything else, zero included."""
    word = text.strip().lower()
    total = sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(word))
    if not _DURATION.fullmatch(word) or total <= 0:
        raise ValueError(f"{text!r} is not a duration; use 90s, 5m or 1h30m")
    return total


def size(text: str) -> int:
    """Bytes of `64MiB`, `100MB`, `512k`. ValueError for anything else, zero included."""
    match = _SIZE.fullmatch(text.strip())
    unit = match[2].lower() if match else ""
    unit = unit if unit in _BYTES else f"{unit}b"
    if match is None or unit not in _BYTES or not (total := int(float(match[1]) * _BYTES[unit])):
        raise ValueError(f"{text!r} is not a size; use 64MiB or 100MB")
    return total


@lru_cache(64)
def second(seconds: int) -> str:
    """RFC 3339 in UTC of whole seconds since the epoch, without a zone. Cached: a busy stream has thousands in one."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def stamp(micros: int) -> str:
    """RFC 3339 in UTC with microseconds and `Z`, of microseconds since the epoch."""
    seconds, rest = divmod(micros, 1_000_000)
    return f"{second(seconds)}.{rest:06d}Z"


@lru_cache(64)
def _seconds(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}+00:00").timestamp())


def micros(text: str) -> int:
    """The inverse of `stamp`. ValueError for what that does not write."""
    if len(text) != 27 or text[19] != "." or text[26] != "Z" or not text[20:26].isdecimal():
        raise ValueError(f"{text[:40]!r} is no time with microseconds and Z")
    return _seconds(text[:19]) * 1_000_000 + int(text[20:26])
