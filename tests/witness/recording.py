"""A recording as what happened on each connection. Knows the lines of a recording and no vendor."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One thing on a connection: `connect`, `greeting`, `lost`, `sweep`, or a `message` or REST `answer` with its JSON body.

    `request` is the request of a `connect`, and `resumed` says whether it carried a cursor.
    """

    conn: int
    kind: str
    name: str = ""
    body: Any = None
    request: dict[str, Any] | None = None
    resumed: bool = False
    at: float = 0.0


def steps(lines: Iterable[bytes]) -> Iterator[Step]:
    """What happened, in order. But for a greeting, messages that are not JSON are left out: they have no meaning."""
    for line in lines:
        fields = json.loads(line)
        conn, at = fields.get("conn", 0), fields.get("steady", 0.0)
        match fields["type"]:
            case "connect" if not fields.get("carried"):
                request, resumed = fields["request"], bool(fields["resumed"])
                yield Step(conn, "connect", request=request, resumed=resumed, at=at)
            case "lost":
                yield Step(conn, "lost", at=fields["heard_steady"])
            case "sweep":
                yield Step(conn, "sweep", at=at)
            case "frame" if fields["dir"] == "in":
                yield from _messages(conn, fields)


def _messages(conn: int, fields: dict[str, Any]) -> Iterator[Step]:
    text = fields["data"] if "data" in fields else base64.b64decode(fields["base64"])
    try:
        body = json.loads(text)
    except ValueError:
        if fields.get("event") == "connected" and not fields.get("beside"):
            # The vendor's greeting, `data: ok go` (docs/wire/opticodds.md, 2.4; docs/wire/oddsjam.md, 1.3).
            yield Step(conn, "greeting")
        return
    # A WebSocket message may hold one object or an array of them.
    for one in body if isinstance(body, list) else [body]:
        if isinstance(one, dict):
            yield Step(conn, "answer" if fields.get("beside") else "message", fields.get("event", ""), one)
