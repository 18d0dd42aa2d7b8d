"""The answer to a WebSocket upgrade: interim answers skipped, a refusal read as far as it comes. Bytes in; no socket.

Ours, because websockets takes an interim answer for the final one, and waits for the end of a refusal's body: a body
that never ends would cost the status.
"""

from __future__ import annotations

from typing import NamedTuple

from oddstail.wire.chunked import HEAD_END, INTERIM, MOST_INTERIM, TooManyInterimError

#: Longest head that is waited for, in bytes.
_HEAD = 128 * 1024
_HTTP = b"HTTP/1."


class Refusal(NamedTuple):
    """Any answer but 101. The names of `fields` are in lower case, and repeat where the answer repeats them."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for field, value in self.fields if field == name]


class UpgradeAnswer:
    """One answer. `refused` once its status says so; `is_whole` once there is nothing more to wait for."""

    def __init__(self, most_body: int) -> None:
        self.refused = False
        self._most_body = most_body
        self._seen = b""
        self._interim = 0
        self._status = 0
        self._fields: list[tuple[str, str]] = []

    def feed(self, data: bytes) -> tuple[bytes, bytes] | None:
        """Return the head that accepts the upgrade, and what follows it; None while there is none.

        What is no HTTP is returned as a head, for the library to judge. Raises: TooManyInterimError.
        """
        self._seen += data
        if self.refused:
            self._seen = self._seen[: self._most_body + _HEAD]
            return None
        at = 0
        while (end := HEAD_END.search(self._seen, at)) is not None:
            head = self._seen[at : end.end()]
            if not INTERIM.match(head):
                return self._final(head, self._seen[end.end() :])
            at = end.end()
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise TooManyInterimError
        seen = self._seen = self._seen[at:]
        if len(seen) > _HEAD or not (seen.startswith(_HTTP) or _HTTP.startswith(seen)):
            return seen, b""
        return None

    @property
    def is_whole(self) -> bool:
        """Whether the body is complete, or as long as anybody wants to read."""
        if len(self._seen) >= self._most_body or self._status in (204, 304):
            return True
        if self._is_chunked:
            return _unchunked(self._seen)[1]
        lengths = {value for name, value in self._fields if name == "content-length"}
        return any(value.isascii() and value.isdigit() and len(self._seen) >= int(value[:9]) for value in lengths)

    @property
    def refusal(self) -> Refusal:
        """The refusal, with as much of its body as came."""
        body = _unchunked(self._seen)[0] if self._is_chunked else self._seen
        return Refusal(self._status, self._fields, body[: self._most_body])

    @property
    def _is_chunked(self) -> bool:
        return any(name == "transfer-encoding" and "chunked" in value.lower() for name, value in self._fields)

    def _final(self, head: bytes, rest: bytes) -> tuple[bytes, bytes] | None:
        first, *lines = head.decode("latin-1").splitlines()
        version, _, status = first.partition(" ")
        if not version.startswith("HTTP/1.") or not status[:3].isdigit() or status[:3] == "101":
            return head, rest
        self.refused, self._status, self._seen = True, int(status[:3]), rest
        pairs = (line.partition(":") for line in lines if line)
        self._fields = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
        return None


def _unchunked(data: bytes) -> tuple[bytes, bool]:
    """The data of the chunks that came, and whether the last one did (RFC 9112, 7.1)."""
    parts: list[bytes] = []
    while data:
        line, end, data = data.partition(b"\r\n")
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            return b"".join(parts) or line, bool(end)
        if size <= 0:
            return b"".join(parts), bool(end)
        parts.append(data[:size])
        data = data[size + 2 :]
    return b"".join(parts), False
