"""The envelope of OddsJam v2 and OpticOdds v3: SSE events to messages, cursors, and what a refusal leaves to ask. Pure.

Facts: docs/wire/oddsjam.md, 1.3, 1.5; docs/wire/opticodds.md, 2.4.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from oddstail.model import Failure, Frame, Kind, Message, Notice, Request
from oddstail.providers import fields
from oddstail.providers.optic_words import STATUSES
from oddstail.wire.loose import loads
from oddstail.wire.refusal import said

TITLES = {"oddsjam": "OddsJam", "opticodds": "OpticOdds"}
# Message(...) passes through Python for its defaults; one is made for every event.
_new = tuple.__new__


def read(frame: Frame) -> list[Message]:
    """The envelope of one SSE event. ValueError if it should be JSON and is not.

    The cursor is the JSON's `entry_id`: in v2 the SSE id is the game id, in v3 samples the two differ.
    """
    event = frame.event
    if event == "ping":
        return [Message(Kind.BEAT, "ping")]
    if event == "connected":
        return [Message(Kind.ACK, "connected")]
    if event == "error" and (found := _CURSOR.search(frame.data[:_ERROR])) is not None:
        text = said(frame.data[:_ERROR]) or found[0].decode()
        return [Message(Kind.REFUSED, event, failure=Failure(kind="cursor", text=text))]
    body = loads(frame.data)
    if type(body) is not dict:
        raise ValueError("not an object")
    name = event or body.get("type")
    entry = body.get("entry_id")
    if type(entry) is not str or not entry:
        entry = None
    # What was asked for beside the stream is none of its data.
    kind = Kind.TALK if event[:5] == "rest " else Kind.DATA
    return [_new(Message, (kind, name if type(name) is str else "", body, entry, None))]


#: How an error names the place to resume after. No such message is documented (2.1): this takes any wording.
_CURSOR = re.compile(rb"(?:last_)?entry[_ ]?id|\bcursor\b", re.IGNORECASE)
_ERROR = 4096
#: How an event with odds begins: its cursor first (sections 1.3 and 2.4). Nothing in it needs an escape.
_ENTRY = re.compile(rb'\{"entry_id": ?"([!#-\[\]-~]+)"')
_END = ord("}")


def other(provider: str, name: str, body: dict[str, Any]) -> Notice:
    """The notice for an event that carries nothing to decode: an error with its code, or one that nobody knows."""
    if name == "error":
        return fields.server_error(body, TITLES[provider])
    return fields.unknown(f"event {fields.brief(name, 60)}", body)


def peek(frame: Frame) -> str | None:
    """The cursor of an event with odds that nobody will read: parsing those takes most of the time of passing them on.

    Only for an object that begins as the vendor writes it and ends as one; None of any other, which is to be read.
    """
    data, event, _ = frame
    entry = _ENTRY.match(data)
    if entry is None or event not in STATUSES or data[-1] != _END:
        return None
    return str(entry[1], "ascii")


def resume(request: Request, cursor: str | None) -> Request:
    """The request that asks for everything after `cursor`; None: for what comes from now on."""
    params = tuple(pair for pair in request.params if pair[0] != "last_entry_id")
    if cursor is not None:
        params = (*params, ("last_entry_id", cursor))
    return request if params == request.params else replace(request, params=params)


def ended(request: Request, failure: Failure, name: str) -> Request | None:
    """A refusal that names games which have ended, answered by asking for the others (section 1.5).

    `name` is the parameter that holds a game's id. The request itself if the refusal names none.
    """
    asked = [value for key, value in request.params if key == name]
    if failure.kind != "status" or not 400 <= (failure.code or 0) < 500:
        return request
    # Whole ids only: 31209-39104-2024-4 is not named by a text about 31209-39104-2024-40.
    over = [value for value in asked if re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", failure.text)]
    if not over:
        return request
    left = [value for value in asked if value not in over]
    if not left:
        return None
    params = tuple(pair for pair in request.params if pair[0] != name or pair[1] in left)
    return replace(request, params=params, label=left[0] if len(left) == 1 else f"{len(left)} games")
