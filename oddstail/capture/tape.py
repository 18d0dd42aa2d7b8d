"""`--tape`: what a run's connections brought, as lines for a store. Knows the tape's lines and counts them.

Requests and what we send are made without the key here. A server may echo it, in a frame and in what is said of
that: its store is given `Redactor.nested`, which takes it out of whole lines, and out of the loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from oddstail import __version__
from oddstail.capture.store import Opening
from oddstail.model import Batch, Failure, Read, Request
from oddstail.reader import Reader
from oddstail.text import Redactor
from oddstail.units import micros, stamp
from oddstail.wire import tape

#: How its files are told from records in the same folder.
SUFFIX = ".tape.ndjson"


@dataclass(slots=True)
class Counts:
    """What a file's manifest says of its lines."""

    #: Microseconds since the epoch.
    first: int | None = None
    last: int = 0
    records: int = 0
    received: int = 0
    sent: int = 0
    connects: int = 0
    losses: int = 0
    #: The numbers of the first line and the last: what is missing between two files shows.
    begin: int = 0
    end: int = 0

    def note(self, kind: str, recv: int, seq: int, lines: int = 1) -> None:
        """Count one line, or the frames of a read."""
        if self.first is None:
            self.first, self.begin = recv, seq
        self.last = recv
        self.records += lines
        self.end = seq + lines - 1
        if kind == "frame":
            self.received += lines
        elif kind == "out":
            self.sent += lines
        elif kind == "connect":
            self.connects += 1
        elif kind == "lost":
            self.losses += 1

    def facts(self) -> dict[str, Any]:
        """As the manifest has them."""
        return {
            "kind": "tape",
            "first": None if self.first is None else stamp(self.first),
            "last": None if self.first is None else stamp(self.last),
            "records": self.records,
            "frames": {"in": self.received, "out": self.sent},
            "connects": self.connects,
            "losses": self.losses,
            "seq": [] if self.first is None else [self.begin, self.end],
        }


class Recorder:
    """Takes what the sessions of a run tell it; `put` is the store's. Also the store's content."""

    def __init__(self, requests: Mapping[int, Request], *, argv: str, redactor: Redactor) -> None:
        self.put: Callable[[bytes], None] = lambda _: None
        self._requests = dict(requests)
        self._argv = redactor.text(argv)
        self._redactor = redactor
        self._seq = 1
        self._counts = Counts()
        self._open: dict[int, bytes] = {}

    # --- what a session tells ---------------------------------------------------------------------

    def began(self, reader: Reader) -> None:
        down = reader.down
        line = tape.began(
            self._seq,
            reader.conn,
            recv=reader.heard,
            steady=reader.heard_steady,
            cursor=reader.cursor,
            down=None if down is None else (down.wall, down.steady, down.cause),
        )
        self._put("began", line, reader.heard)

    def connected(self, reader: Reader, recv: int) -> None:
        life = reader.life
        assert life is not None, "a link that was made has a life"
        line = partial(
            tape.connect,
            conn=reader.conn,
            request=self._clean(life.request),
            recv=recv,
            steady=life.since,
            attempt=life.attempt,
            resumed=life.resumed,
            cursor=reader.cursor,
        )
        self._put("connect", line(self._seq), recv)
        self._open[reader.conn] = line(None)

    def received(self, conn: int, read: Read, steady: float) -> None:
        self.put(tape.received(self._seq, conn, read, steady, self._redactor.data))
        lines = len(read.frames)
        self._counts.note("frame", read.recv, self._seq, lines)
        self._seq += lines

    def sent(self, conn: int, text: str, recv: int) -> None:
        self._put("out", tape.sent(self._seq, conn, self._redactor.text(text), recv=recv), recv)

    def swept(self, conn: int, recv: int, steady: float) -> None:
        self._put("sweep", tape.sweep(self._seq, conn, recv=recv, steady=steady), recv)

    def lost(self, reader: Reader, failure: Failure, batch: Batch, steady: float) -> None:
        self._open.pop(reader.conn, None)
        line = tape.lost(
            self._seq,
            reader.conn,
            replace(failure, text=self._redactor.text(failure.text)),
            batch.events,
            recv=batch.recv,
            steady=steady,
            heard=reader.heard,
            heard_steady=reader.heard_steady,
        )
        self._put("lost", line, batch.recv)

    def told(self, batch: Batch) -> None:
        self._put("told", tape.told(self._seq, batch.conn, batch.events, recv=batch.recv), batch.recv)

    def _put(self, kind: str, line: bytes, recv: int) -> None:
        if line:
            self.put(line)
            self._counts.note(kind, recv, self._seq)
            self._seq += 1

    def _clean(self, request: Request) -> Request:
        """Without a key, wherever one may have got into it."""
        text = self._redactor.text
        return replace(
            request,
            url=text(request.url),
            params=tuple((name, text(value)) for name, value in request.params),
            headers=tuple((name, text(value)) for name, value in request.headers),
            send=tuple(text(message) for message in request.send),
        )

    # --- what the store asks ----------------------------------------------------------------------

    def header(self, opening: Opening) -> bytes:
        """The first line of a file."""
        return tape.header(
            run=opening.run,
            part=opening.part,
            at=opening.at,
            program=f"oddstail {__version__}",
            argv=self._argv,
            conns={conn: self._clean(request) for conn, request in self._requests.items()},
            seq=self._seq,
        )

    def carried(self, branch: str) -> bytes:
        """The links that are open, so that a decoder can be made for each from this file alone."""
        return b"".join(self._open.values())

    def facts(self, branch: str) -> dict[str, Any]:
        """What was put since this was last asked."""
        counts, self._counts = self._counts, Counts()
        return counts.facts()

    def scan(self, lines: Iterable[bytes]) -> dict[str, Any]:
        """The same of a file that a crashed run left."""
        counts = Counts()
        for line in lines:
            try:
                fields = json.loads(line)
                kind, recv, seq = fields["type"], micros(fields["recv"]), fields["seq"]
            except (ValueError, KeyError, TypeError):
                continue
            counts.note("out" if fields.get("dir") == "out" else kind, recv, seq)
        return counts.facts()
