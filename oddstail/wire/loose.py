"""JSON as servers send it: orjson first, and for what it refuses the standard library, tamed. Pure.

orjson refuses `NaN` and lone surrogates; a feed that slips one into a frame of 500 prices must not
cost the other 499. NaN and Infinity become null, so no price is made of them.
"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson


def loads(data: bytes) -> Any:
    """The value of a JSON text. ValueError if it is none, is not UTF-8, or is nested beyond reason."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        # A UnicodeDecodeError is a ValueError too: a name with a broken byte would be another name.
        value = json.loads(data.decode("utf-8"), parse_constant=lambda _: None, parse_float=_finite)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def _finite(text: str) -> float | None:
    """A number, or null for one such as 1e999 that is beyond a float."""
    value = float(text)
    return value if math.isfinite(value) else None


def one_line(data: bytes) -> bytes:
    """A JSON text without line ends. Between tokens they are white space; inside a string JSON has none raw."""
    if b"\n" in data or b"\r" in data:
        data = data.replace(b"\r", b" ").replace(b"\n", b" ")
    return data
