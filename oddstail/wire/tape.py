"""The tape: every frame as received, one JSON object a line, so that jq, DuckDB and pandas read it too. Pure.

The first line of a file is its header, `{"type":"tape","v":1,...}`: who asked whom for what, the key left out.
Then, numbered by `seq` through all the files of a run so that what is missing shows:

    began     a connection is watched from here on; `down` since when it was not, where an earlier run is continued
    connect   a link was made: by this request, asking for what came after `cursor` if `resumed`
    frame     one message: `dir` in or out, `event` and `id` of an SSE event, `data` as text (`base64` where it
              is not UTF-8, or has more than 16 MiB). `more` says that the next frame came in the same read, and so
              at the same time; `beside`, that it is the answer to a GET of ours and not of the link itself
    sweep     the loop found that a snapshot without an end mark was over
    lost      a link ended or could not be made; `heard` is when the last byte came, `events` what was said of it
    told      what else the loop said, and no frame did: silences, pauses of our own, the end

`recv` is the arrival by the wall clock (RFC 3339, microseconds, UTC), `steady` seconds by one that never jumps.
A reader skips types that it does not know. `carried` marks a `connect` repeated at the head of a later file, and
has no `seq`. Line ends are only where a line ends: everything beyond ASCII is escaped.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from dataclasses import fields as fields_of
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson

from oddstail.model import (
    End,
    Event,
    Failure,
    Frame,
    Gap,
    Lost,
    Notice,
    Read,
    Request,
    Retrying,
    Where,
)
from oddstail.units import stamp

VERSION: Final = 1

#: Bytes of the largest frame that is written as text: of 64 MiB, escapes can make 384, and base64 makes 85.
_LARGEST_TEXT: Final = 16 * 1024 * 1024

#: What only the loop knows, by the name that a tape has for it.
_Told = Lost | Retrying | Gap | Notice | End
_TOLD: Final[dict[str, Any]] = {"lost": Lost, "retrying": Retrying, "gap": Gap, "notice": Notice, "end": End}
_NAMES: Final = {kind: name for name, kind in _TOLD.items()}

#: What of a request a tape keeps: nothing that only says how to ask.
_REQUEST: Final = tuple(field.name for field in fields_of(Request) if field.name not in ("polls",))


# --- writing ------------------------------------------------------------------------------------------


def header(*, run: str, part: int, at: int, program: str, argv: str, conns: Mapping[int, Request], seq: int) -> bytes:
    """The first line of a file. `seq` is the number that its first numbered line will have, `at` in microseconds."""
    first = next(iter(conns.values()))
    return _line(
        {
            "type": "tape",
            "v": VERSION,
            "recv": stamp(at),
            "run": run,
            "part": part,
            "next": seq,
            "provider": first.provider,
            "feed": first.feed,
            "program": program,
            "argv": argv,
            "conns": [{"conn": conn, "request": _request(request)} for conn, request in conns.items()],
        }
    )


def began(
    seq: int, conn: int, *, recv: int, steady: float, cursor: str | None, down: tuple[int, float, str] | None
) -> bytes:
    """A connection is watched from here on; `down` is since when it was not (both clocks), and why."""
    said = None if down is None else {"from": stamp(down[0]), "steady": down[1], "cause": down[2]}
    fields = {"type": "began", "seq": seq, "recv": stamp(recv), "steady": steady, "conn": conn}
    return _line({**fields, "cursor": cursor, "down": said})


def connect(
    seq: int | None,
    conn: int,
    request: Request,
    *,
    recv: int,
    steady: float,
    attempt: int,
    resumed: bool,
    cursor: str | None,
) -> bytes:
    """A link was made. Without a `seq` it is one carried over from an earlier file."""
    return _line(
        {
            "type": "connect",
            **({"carried": True} if seq is None else {"seq": seq}),
            "recv": stamp(recv),
            "steady": steady,
            "conn": conn,
            "attempt": attempt,
            "resumed": resumed,
            "cursor": cursor,
            "request": _request(request),
        }
    )


def received(
    seq: int, conn: int, read: Read, steady: float, redact: Callable[[bytes], bytes] = lambda data: data
) -> bytes:
    """Return the frames of one read, numbered from `seq` on.

    `redact` takes the key out of what is written as base64: nobody finds it there.
    """
    recv, last = stamp(read.recv), len(read.frames) - 1
    out: list[bytes] = []
    for at, (data, event, name) in enumerate(read.frames):
        fields: dict[str, Any] = {"type": "frame", "seq": seq + at, "recv": recv}
        if not at:
            fields["steady"] = steady
        fields["conn"] = conn
        fields["dir"] = "in"
        if read.beside:
            fields["beside"] = True
        if at < last:
            fields["more"] = True
        if event:
            fields["event"] = event
        if name:
            fields["id"] = name
        if len(data) > _LARGEST_TEXT:
            fields["base64"] = base64.b64encode(redact(data)).decode("ascii")
        elif data.isascii():
            fields["data"] = data.decode("ascii")
        else:
            try:
                fields["data"] = data.decode("utf-8")
            except UnicodeDecodeError:
                fields["base64"] = base64.b64encode(redact(data)).decode("ascii")
        if fields.get("data", "").isascii() and event.isascii() and name.isascii():
            # Five times as fast, but it leaves what is beyond ASCII: U+2028 would end many a reader's line.
            out.append(orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE))
        else:
            out.append(_line(fields))
    return b"".join(out)


def sent(seq: int, conn: int, text: str, *, recv: int) -> bytes:
    """A message of ours, without the key: that is for the caller to see to."""
    return _line(
        {"type": "frame", "seq": seq, "recv": stamp(recv), "conn": conn, "dir": "out", "data": text},
    )


def sweep(seq: int, conn: int, *, recv: int, steady: float) -> bytes:
    """A snapshot without an end mark was taken to be over."""
    return _line({"type": "sweep", "seq": seq, "recv": stamp(recv), "steady": steady, "conn": conn})


def lost(
    seq: int,
    conn: int,
    failure: Failure,
    events: list[Event],
    *,
    recv: int,
    steady: float,
    heard: int,
    heard_steady: float,
) -> bytes:
    """A link ended, and what was said of it. The text of `failure` is to be without the key already."""
    return _line(
        {
            "type": "lost",
            "seq": seq,
            "recv": stamp(recv),
            "steady": steady,
            "conn": conn,
            "heard": stamp(heard),
            "heard_steady": heard_steady,
            "failure": asdict(failure),
            "events": _told(events),
        }
    )


def told(seq: int, conn: int, events: list[Event], *, recv: int) -> bytes:
    """What the loop said of its own. Empty if there is nothing that a tape keeps."""
    kept = _told(events)
    return _line({"type": "told", "seq": seq, "recv": stamp(recv), "conn": conn, "events": kept}) if kept else b""


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\n"


def _request(request: Request) -> dict[str, Any]:
    out = {name: getattr(request, name) for name in _REQUEST}
    return {**out, "key_in": request.key_in and request.key_in.value, "options": dict(request.options)}


def _told(events: list[Event]) -> list[dict[str, Any]]:
    return [{"type": _NAMES[type(event)], **asdict(event)} for event in events if isinstance(event, _Told)]


# --- reading ------------------------------------------------------------------------------------------


_NUMBER: Final = (float, int)
#: Connections are numbered from 1; a `told` may be of none, as may a record.
_OF_A_LINK: Final = ("frame", "connect", "lost", "sweep", "began")


def parsed(line: bytes) -> dict[str, Any]:
    """The fields of a line, those that are reckoned with of the right type. ValueError if it is not one JSON object."""
    return checked(opened(line))


def opened(line: bytes) -> dict[str, Any]:
    """The fields of a line, whatever they are. ValueError if it is not one JSON object."""
    fields = orjson.loads(line)
    if type(fields) is not dict:
        raise ValueError("no JSON object")
    return fields


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields. ValueError if one that is reckoned with is of the wrong type."""
    # What is reckoned or asked with must be what it seems: anybody may have written the file.
    steady, heard, cursor = fields.get("steady", 0.0), fields.get("heard_steady", 0.0), fields.get("cursor")
    if type(steady) not in _NUMBER or type(heard) not in _NUMBER or not (cursor is None or type(cursor) is str):
        raise ValueError("a time or a cursor of the wrong type")
    conn = fields.get("conn", 1)
    if type(conn) is not int or conn < (fields.get("type") in _OF_A_LINK):
        raise ValueError("a connection of no number")
    return fields


def frame(fields: Mapping[str, Any]) -> Frame:
    """The frame of a `frame` line, byte for byte. ValueError or KeyError if it is none."""
    data = fields.get("data")
    raw = base64.b64decode(fields["base64"], validate=True) if data is None else data.encode("utf-8")
    event, name = fields.get("event", ""), fields.get("id", "")
    if not isinstance(event, str) or not isinstance(name, str):
        raise ValueError("the event or the id of a frame is no text")
    return Frame(raw, event, name)


def request(fields: Mapping[str, Any]) -> Request:
    """A request as a header or a `connect` line has it. ValueError, KeyError or TypeError if it is none."""
    if not isinstance(fields, dict):
        raise ValueError("a request that is no object")
    given = {name: value for name, value in fields.items() if name in _REQUEST}
    given |= {
        "key_in": None if fields["key_in"] is None else Where(fields["key_in"]),
        "params": tuple((str(name), str(value)) for name, value in fields.get("params", ())),
        "headers": tuple((str(name), str(value)) for name, value in fields.get("headers", ())),
        "send": tuple(fields.get("send", ())),
    }
    return _made(Request, given)


def events(fields: Mapping[str, Any]) -> list[Event]:
    """What the loop said, out of a `lost` or `told` line. What a newer program may have added is left out."""
    out: list[Event] = []
    for told in fields.get("events", ()):
        kind = _TOLD.get(told.get("type"))
        if kind is not None:
            known = {field.name for field in fields_of(kind)}
            out.append(_made(kind, {name: value for name, value in told.items() if name in known}))
    return out


_Made = TypeVar("_Made")


def _made(kind: type[_Made], given: Mapping[str, Any]) -> _Made:
    """One of ours out of a file that anybody may have written. ValueError if a value is of another type."""
    hints = _hints(cast("Any", kind))
    for name, value in given.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"{name} is of the wrong type")
    return kind(**given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if hint is int:
        return type(value) is int
    if origin is tuple and parts[-1:] == (...,):
        return isinstance(value, tuple) and all(_fits(item, parts[0]) for item in value)
    return isinstance(value, origin or hint)
