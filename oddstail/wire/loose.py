"""JSON as servers send it: orjson first, and for what it refuses the standard library, tamed. Pure.

orjson refuses `NaN` and lone surrogates; a feed that slips one into a frame of 500 prices must not
cost the other 499. NaN, Infinity and numbers beyond a float become text: no price is made of them, and a decoder
that meets one reports it. A byte order mark at the beginning is passed over (RFC 8259, section 8.1, allows that).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

import orjson

#: The most values in one text. `{}` has 3 bytes on the wire and 64 in memory: 63 MiB of `{},` took 2 GB to parse.
MOST_ELEMENTS: Final = 500_000
#: The largest text that the standard library is asked to read: it needs up to thirteen times the size in memory.
_LARGEST_ODD: Final = 16 * 1024 * 1024
#: A character beyond the BMP, as it is or escaped: one of them makes four bytes of each character of its string.
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xf4]|\\u[dD][89abAB]")
#: Everything but what begins a string, ends one, or adds a value.
_OTHER: Final = bytes(set(range(256)) - set(b'",[{'))
_STEP: Final = 1 << 18


class TooManyElements(ValueError):  # noqa: N818 -- named for what was met, as FrameTooBig is
    """A JSON text has more values than anything that a provider means to send."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_ELEMENTS:,} elements")


def loads(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises: ValueError if the text is not JSON, is not UTF-8, or is nested beyond reason; TooManyElements.
    """
    if len(data) > MOST_ELEMENTS and has_more_elements(data, MOST_ELEMENTS):
        raise TooManyElements
    if len(data) > _LARGEST_ODD and _BEYOND_BMP.search(data):
        raise ValueError("emojis or the like in a frame of more than 16 MiB")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if len(data) > _LARGEST_ODD:
            raise
    try:
        # A UnicodeDecodeError is a ValueError too: a name with a broken byte would be another name.
        value = json.loads(data.decode("utf-8-sig"), parse_constant=str, parse_float=_finite)
        return orjson.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def has_more_elements(data: bytes, most: int) -> bool:
    """Return whether a JSON text has more than `most` commas and opening brackets outside its strings.

    The text need not be valid: what precedes its first error is counted as a parser would see it.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") <= most:
        return False
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    bare = data.translate(None, _OTHER)
    count, inside = 0, 0
    # In steps, and only until there are too many: a text of 30 million empty strings makes as many pieces.
    for at in range(0, len(bare), _STEP):
        pieces = bare[at : at + _STEP].split(b'"')
        count += sum(map(len, pieces[inside::2]))
        inside ^= len(pieces) % 2 == 0
        if count > most:
            return True
    return False


def _finite(text: str) -> float | str:
    """Return the number, or the text of one such as 1e999 that is beyond a float."""
    value = float(text)
    return value if math.isfinite(value) else text


def one_line(data: bytes) -> bytes:
    """A JSON text without line ends. Between tokens they are white space; inside a string JSON has none raw."""
    if b"\n" in data or b"\r" in data:
        data = data.replace(b"\r", b" ").replace(b"\n", b" ")
    return data
