"""Merges the chunks of a chunked HTTP/1.1 answer: what one read brought becomes one chunk. Bytes in, bytes out.

Vendors send each event as a chunk of its own, and h11 spends 9 us on every chunk: more than the rest of
the way of an event. RFC 9112, 7.1 lets anybody on the way re-chunk. Whatever is not plainly chunked
framing is passed on untouched, for h11 to judge.
"""

from __future__ import annotations

import re
from enum import Enum

#: Longest head that is looked at, and longest line with a chunk's size, in bytes.
_HEAD, _LINE = 64 * 1024, 4096

_DIGITS = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?$")

_HTTP = b"HTTP/1."
#: Where a head ends. A bare line feed counts, as it does for h11.
HEAD_END = re.compile(rb"\n\r?\n")
#: The beginning of an interim answer (RFC 9110, 15.2): it says nothing of the final one. 101 is final.
INTERIM = re.compile(rb"http/1\.[01] 1(?!01)\d\d", re.IGNORECASE)
#: So many interim answers before the final one are skipped.
MOST_INTERIM = 10_000


class TooManyInterimError(ValueError):
    """A server that sends interim answers and no final one."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_INTERIM:,} interim answers and no final one")


class _In(Enum):
    HEAD = 1
    SIZE = 2
    DATA = 3
    REST = 4


class ChunkMerger:
    """One connection, from its first answer on. Give it every read, give what it returns to the HTTP parser."""

    def __init__(self) -> None:
        self._state = _In.HEAD
        self._held = b""
        self._left = 0
        self._interim = 0

    def feed(self, data: bytes) -> bytes:
        """The same answer in fewer chunks. Empty while only part of a head or of a chunk's size is there.

        Raises: TooManyInterimError.
        """
        if self._state is _In.REST:
            return data
        if self._state is _In.HEAD:
            return self._head(data)
        return self._body(self._held + data)

    def _head(self, data: bytes) -> bytes:
        """Pass the head on once it is whole, without the interim answers before it; find out whether chunks follow."""
        seen, at = self._held + data, 0
        self._held = b""
        while (end := HEAD_END.search(seen, at)) is not None:
            head = seen[at : end.start()].lower()
            if not INTERIM.match(head):
                break
            at = end.end()
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise TooManyInterimError
        else:
            seen = seen[at:]
            if len(seen) > _HEAD or not (seen.startswith(_HTTP) or _HTTP.startswith(seen)):
                self._state = _In.REST
                return seen
            self._held = seen
            return b""
        lines = [line.partition(b":") for line in head.split(b"\n")]
        chunked = any(name == b"transfer-encoding" and value.strip() == b"chunked" for name, _, value in lines)
        self._state = _In.SIZE if chunked else _In.REST
        rest = seen[end.end() :]
        return seen[at : end.end()] + (self._body(rest) if chunked else rest)

    def _body(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        at, end = 0, len(data)
        self._held = b""
        while True:
            if self._state is _In.DATA:
                if self._left > 2:
                    part = data[at : at + self._left - 2]
                    parts.append(part)
                    at += len(part)
                    self._left -= len(part)
                if end - at < self._left:
                    # The line end behind the data may be cut, too.
                    self._held = data[at:]
                    return _chunk(parts)
                if data[at : at + 2] != b"\r\n":
                    return self._give_up(parts, data[at:])
                at += 2
                self._state = _In.SIZE
            stop = data.find(b"\r\n", at)
            if stop < 0:
                self._held = data[at:]
                if len(self._held) > _LINE:
                    return self._give_up(parts, self._held)
                return _chunk(parts)
            size = _size(data[at:stop])
            if not size:
                # The last chunk, with trailers perhaps; or nothing that is framing.
                return self._give_up(parts, data[at:])
            at = stop + 2
            self._state, self._left = _In.DATA, size + 2

    def _give_up(self, parts: list[bytes], rest: bytes) -> bytes:
        self._state, self._held = _In.REST, b""
        return _chunk(parts) + rest


def _size(line: bytes) -> int | None:
    """The size that a chunk's first line tells, extensions aside; None for what is none."""
    found = _DIGITS.match(line)
    return int(found[1], 16) if found else None


def _chunk(parts: list[bytes]) -> bytes:
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""
