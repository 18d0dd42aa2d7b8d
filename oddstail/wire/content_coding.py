"""HTTP content codings (RFC 9110, section 8.4): compressed bytes in, plain bytes out. Pure; knows no HTTP library.

Ours rather than httpx's decoders, which stop at the end of the first gzip member without an error (RFC 1952,
section 2.2, allows any number of them) and inflate a whole chunk into memory, whatever it becomes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from oddstail.text import visible

#: Most bytes of one piece of output: a decompression bomb meets the caller's size limit, not the memory's.
STEP: Final = 1024 * 1024
#: Most codings on top of each other, and most members that are inflated before the caller gets control back.
_MOST_CODINGS, _MOST_MEMBERS = 3, 1000

_GZIP, _DEFLATE = ("gzip", "x-gzip"), ("deflate",)
_MAGIC: Final = b"\x1f\x8b"


class CodingError(ValueError):
    """The bytes are not what their Content-Encoding says. The text is one sentence."""


class Identity:
    """Bytes that are not compressed."""

    #: Whether the body ended too early.
    pending = False

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The bytes as they are."""
        return (data,)


class Inflater:
    """Decodes one body, from its first byte on. `codings` are in the order in which the server applied them."""

    def __init__(self, codings: list[str]) -> None:
        self._layers = [_Layer(name) for name in reversed(codings)]

    @property
    def pending(self) -> bool:
        """Whether a body that ended now would be truncated in the middle of a compressed member."""
        return any(layer.pending for layer in self._layers)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` decodes to, in pieces of at most `STEP` bytes. CodingError after everything that is readable."""
        return self._through(iter((data,)), 0)

    def _through(self, pieces: Iterator[bytes], depth: int) -> Iterator[bytes]:
        if depth == len(self._layers):
            yield from pieces
            return
        for piece in pieces:
            yield from self._through(self._layers[depth].feed(piece), depth + 1)


def decoder(content_encoding: str) -> Identity | Inflater:
    """The decoder for a Content-Encoding header. CodingError for a coding that we did not ask for and cannot read."""
    named = [name.strip() for name in content_encoding.split(",")]
    codings = [name.lower() for name in named if name.lower() not in ("", "identity")]
    for name in named:
        if name.lower() not in ("", "identity", *_GZIP, *_DEFLATE):
            raise CodingError(f"the answer has the content coding {visible(name, 40)}, which was not requested")
    if len(codings) > _MOST_CODINGS:
        raise CodingError(f"the answer has {len(codings)} content codings on top of each other")
    return Inflater(codings) if codings else Identity()


def readable(body: bytes, content_encoding: str, limit: int) -> bytes:
    """The first `limit` bytes of an error body, as far as they can be decoded; else the sentence that says why not."""
    out = b""
    try:
        for piece in decoder(content_encoding).feed(body):
            out += piece
            if len(out) >= limit:
                break
    except CodingError as error:
        return (out or str(error).encode())[:limit]
    return out[:limit]


class _Layer:
    """One coding: members one after the other, each of which ends by itself."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._member: zlib._Decompress | None = None
        self._head = b""  # the first bytes of a member, for as long as they do not say its format
        self._finished = 0
        # zlib may have read all of its input and still have output that did not fit into a piece.
        self._full = False

    @property
    def pending(self) -> bool:
        return self._member is not None or bool(self._head)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Inflate; what was inflated before an error is yielded before it is raised."""
        small: list[bytes] = []
        size = members = 0
        while data or self._full:
            try:
                piece, data = self._step(data)
            except (zlib.error, CodingError) as error:
                if small:
                    yield b"".join(small)
                raise CodingError(f"broken {self._coding}: {error}") from None
            small.append(piece)
            size += len(piece)
            members += self._member is None
            if size >= STEP or members >= _MOST_MEMBERS:
                yield from _cut(b"".join(small))
                small, size, members = [], 0, 0
        if size:
            yield from _cut(b"".join(small))

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """What the next bytes of one member inflate to, and the bytes that are left."""
        if self._member is None:
            data, self._head = self._head + data, b""
            if self._finished and self._coding in _GZIP:
                # gzip pads files with zeros, and its own reader skips them.
                data = data.lstrip(b"\0")
            if len(data) < 2:
                self._head = data
                return b"", b""
            self._member = zlib.decompressobj(wbits=self._window(data))
        piece = self._member.decompress(data, STEP)
        left = self._member.unconsumed_tail
        self._full = len(piece) == STEP
        if self._member.eof:
            left = self._member.unused_data
            self._member, self._full = None, False
            self._finished += 1
        return piece, left

    def _window(self, data: bytes) -> int:
        """zlib's code for the format that begins with these bytes."""
        if data.startswith(_MAGIC):
            return zlib.MAX_WBITS | 16
        if self._coding in _GZIP:
            if self._finished:
                raise CodingError(f"bytes after member {self._finished:,} that are no further member")
            raise CodingError("the body does not begin as one")
        # RFC 9110 means zlib (RFC 1950) by "deflate", and many servers send raw deflate (RFC 1951). The low four
        # bits of zlib's first byte are 8, which in raw deflate is a stored block with padding that is not zero.
        is_zlib = data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
        if not is_zlib and self._finished:
            raise CodingError(f"bytes after member {self._finished:,} that are no further member")
        return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS


def _cut(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), STEP):
        yield data[at : at + STEP]
