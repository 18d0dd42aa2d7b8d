"""Reading single fields of a provider's JSON, whatever their type turns out to be. Pure, no provider's names.

Every vendor here sends numbers as strings at times, empty strings for null, and naive times.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import quote
from zlib import crc32

import orjson

from oddstail import price
from oddstail.model import Event, Kind, Message, Notice
from oddstail.price import Price

#: What reading a malformed row may raise. Each row is tried alone: one that cannot be read costs no other.
UNREADABLE = (TypeError, KeyError, AttributeError, ValueError, OverflowError, RecursionError)

#: Rows of one message that a decoder reads at a time (some 5 ms); a message with more of them is read part by part.
ROWS = 1000

#: Above it a Unix time is in milliseconds, below in seconds: 1e11 s is the year 5138 (docs/wire/parlayapi.md, 5.12).
_MILLIS = 1e11
_LAST = 4_102_444_800_000_000
#: Characters of the longest name that is taken for one.
LONGEST_NAME = 1000
#: Bytes of one `detail`: a record is copied for each output.
_LONGEST_DETAIL = 1 << 20


def text(value: Any) -> str | None:
    """A string that says something: not empty, not the word `None` that Python servers leak. Numbers count."""
    if isinstance(value, str):
        value = value.strip()
        # No name is so long, and each that is held is held for hours.
        return None if value in ("", "None", "null") or len(value) > LONGEST_NAME else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def segment(value: str) -> str:
    """A value as one segment of a path, whatever is in it: a slash, a question mark, or nothing but dots."""
    return value.replace(".", "%2E") if value in (".", "..") else quote(value, safe="")


def number(value: Any) -> float | None:
    """A finite number, also out of a string such as `+105` or `0.5`. Never -0.0, which would be a key of its own."""
    if isinstance(value, str):
        # Python reads `1_05` and the digits of every script as numbers; no book means them.
        if "_" in value or not value.isascii():
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        value = float(value)
    except OverflowError:
        return None
    return value + 0.0 if math.isfinite(value) else None


def american(name: str, value: Any, out: list[Event]) -> Price | None:
    """The price of American odds, as a number or like `+105`; None and a notice for what cannot be read as one."""
    amount = number(value)
    try:
        if amount is not None:
            return price.from_american(amount)
    except ValueError:
        pass
    out.append(odd_field(name, value))
    return None


def unknown_line(sent: Any, line: float | None) -> bool:
    """Whether a line was sent that is no number: a price at it is a price of who knows what."""
    return line is None and sent is not None and not (isinstance(sent, str) and text(sent) is None)


def milestone(value: Any) -> float | None:
    """The line of `25+`, which wins at 25: it is over 24.5 (`25.5+` over 25.5). None for what is no milestone."""
    if not isinstance(value, str) or not value.strip().endswith("+"):
        return None
    reached = number(value.strip()[:-1])
    return reached - 0.5 if reached is not None and reached.is_integer() else reached


def clock(value: Any) -> str | None:
    """The clock of a game: a time, which begins with a digit (`:32` too). `Top`, `Bot` or `Half Time` is none."""
    found = (text(value) or "").removeprefix("PT")
    return found if found.removeprefix(":")[:1].isdigit() else None


def flag(value: Any) -> bool | None:
    """A bool, and nothing that is like one."""
    return value if isinstance(value, bool) else None


def link(value: Any) -> str | None:
    """A web address: a link is meant to be clicked, so anything but http(s) is none."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def unix(value: Any) -> int | None:
    """Microseconds of a Unix time in seconds or milliseconds, number or string."""
    seconds = value if type(value) is float else number(value)
    if seconds is None or not 0 < seconds < 1e14:  # NaN and infinity fall through here too
        return None
    return _known(round(seconds * 1000 if seconds > _MILLIS else seconds * 1_000_000))


def iso(value: str) -> int | None:
    """Microseconds of an RFC 3339 time. One without a zone is taken for UTC, as every vendor here means it."""
    try:
        when = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    # Exact to the microsecond until the year 2255: a float has 53 bits.
    return _known(round(when.timestamp() * 1_000_000))


def _known(micros: int) -> int | None:
    """A time that a feed can mean: from 1970 up to 2099. Beyond it even to print it may fail."""
    return micros if 0 <= micros < _LAST else None


def moment(value: Any) -> int | None:
    """Microseconds of a time in any notation that a vendor here uses."""
    if isinstance(value, str) and (value[4:5] == "-" or not value.replace(".", "", 1).isdigit()):
        return iso(value)
    return unix(value)


@lru_cache(4096)
def zulu(micros: int) -> str:
    """RFC 3339 in UTC with `Z`, to the second: what `start` looks like."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def start(value: Any) -> str | None:
    """When a game starts, in the notation of the record."""
    micros = moment(value)
    return None if micros is None else zulu(micros)


def odd_field(name: str, value: Any) -> Notice:
    """The notice for a field that cannot be read. What it should have told is not guessed."""
    return Notice(code="unreadable", text=f"{name} {brief(value, 60)} cannot be read; the price is held back")


def slices(rows: list[Any], most: int | None = None) -> Iterator[list[Any]]:
    """Yield the rows, at most `ROWS` at a time, or fewer."""
    size = ROWS if most is None else min(ROWS, most)
    return (rows[at : at + size] for at in range(0, len(rows), size))


def brief(value: Any, limit: int = 120) -> str:
    """A value as it may stand in a notice. JSON may be nested deeper than `repr` can follow."""
    try:
        return repr(_beginning(value, limit))[:limit]
    except RecursionError:
        return f"a {type(value).__name__} that is nested too deep"


def _beginning(value: Any, limit: int) -> Any:
    """Return as much of a value as can be seen in `limit` characters of its repr: the whole may have 250 MB."""
    if isinstance(value, str):
        return value[:limit]
    if isinstance(value, dict):
        return {_beginning(key, limit): _beginning(item, limit) for key, item in islice(value.items(), limit // 4)}
    return [_beginning(item, limit) for item in value[: limit // 2]] if isinstance(value, list) else value


def compact(value: Any) -> str | None:
    """Return a value as JSON text, for `detail`; None if it cannot be written.

    Of more than `_LONGEST_DETAIL` bytes only their number and CRC-32 are kept; `-o raw` and `--tape` have them all.
    """
    try:
        try:
            data = orjson.dumps(value)
        except TypeError:  # a number beyond 64 bits
            data = json.dumps(value, separators=(",", ":")).encode()
        if len(data) > _LONGEST_DETAIL:
            return f'{{"omitted_bytes":{len(data)},"crc32":"{crc32(data):08x}"}}'
        return data.decode()
    except (TypeError, RecursionError):  # nesting
        return None


def rest(value: Any, *known: str) -> str | None:
    """The fields of an object that no field of ours has taken, as JSON text; None if nothing is left."""
    if not isinstance(value, dict):
        return None
    left = {name: item for name, item in value.items() if name not in known and item is not None}
    return compact(left) if left else None


def messages(items: list[Any], read: Callable[[dict[str, Any]], Message]) -> list[Message]:
    """The messages of an array; what is not an object in it becomes one message without a name."""
    out = [read(item) for item in items if isinstance(item, dict)]
    rest = [item for item in items if not isinstance(item, dict)]
    return [*out, Message(Kind.TALK, "", rest)] if rest else out


def server_error(body: dict[str, Any], label: str = "the provider") -> Notice:
    """The notice for an error frame: its text, its code, and the frame itself as payload."""
    return Notice(code="server", text=f"{label} sent an error: {coded_error(body)}", payload=payload_of(body))


def coded_error(body: dict[str, Any], most: int = 200) -> str:
    """The text of an error frame, at most so many characters of it, with its code if the text lacks it."""
    words, code = error_text(body) or "an error without a text", error_code(body)
    return f"{words[:most]}{f' (code {code})'[:60] if code and code not in words else ''}"


def error_code(body: dict[str, Any]) -> str | None:
    """The code of an error frame, wherever vendors put it."""
    inner = (body.get(name) for name in _ERROR_TEXTS)
    parts = [
        body,
        *(part for one in inner if isinstance(part := one[0] if isinstance(one, list) and one else one, dict)),
    ]
    for about in parts:
        for name in ("code", "error_code", "errorCode"):
            if (code := text(about.get(name))) is not None:
                return code
    # A word beside a text: `{"error": "rate_limit", "message": ...}`. The frame's own type is `error`.
    for about in parts:
        for name in ("error", "status") if about is body else ("error", "type", "status"):
            code = text(about.get(name)) if about.keys() & {"message", "msg"} else None
            if code is not None and code != "error" and " " not in code:
                return code
    return None


_ERROR_TEXTS = ("message", "error", "detail", "reason", "errors", "msg", "data")


def error_text(body: dict[str, Any]) -> str | None:
    """The text of an error frame, wherever vendors put it."""
    for name in _ERROR_TEXTS:
        if words := _words(body.get(name)):
            return words
    return error_code(body)


def _words(value: Any) -> str | None:
    """The text in an error's field: a text, an object with one, or a list of them (`detail` of a 422)."""
    if isinstance(value, dict):
        inner = next((words for name in ("message", "error", "msg") if (words := text(value.get(name)))), None)
        return inner or (compact(value) if value else None)
    if isinstance(value, list):
        found = (_words(one) if isinstance(one, dict) else text(one) for one in value[:10])
        return "; ".join(words for words in found if words) or None
    return text(value)


#: Characters of a payload that a notice passes on whole.
_PAYLOAD = 65_536


def unknown(what: str, body: Any) -> Notice:
    """The notice for a message that no decoder knows: passed on as it is, for whoever knows more."""
    return Notice(code="unknown", text=f"{what}: {brief(body, 200)}", level="info", payload=payload_of(body))


def payload_of(body: Any) -> str | None:
    """A message as the payload of a notice."""
    try:
        # Cut before it is decoded: one character beyond the BMP makes four bytes of each.
        return orjson.dumps(body)[: 4 * _PAYLOAD].decode("utf-8", "replace")[:_PAYLOAD]
    except (TypeError, RecursionError):  # numbers beyond 64 bits, and nesting
        return None
