"""Content codings: every member of a compressed body, whole and byte by byte, and what is broken is an error."""

from __future__ import annotations

import gzip
import zlib

import pytest

from oddstail.wire.content_coding import STEP, CodingError, decoder, readable

ONE, TWO = b"data: 1\n\n", b"data: 2\n\n"


def raw(data: bytes) -> bytes:
    """Deflate without the zlib header that RFC 9110 asks for; many servers send it so."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def flushed(*parts: bytes) -> bytes:
    """One gzip stream that is flushed after each part and never ends."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH) for part in parts)


def decoded(coding: str, data: bytes, size: int = 0) -> tuple[bytes, bool]:
    """What a body decodes to, fed in pieces of `size` bytes, and whether it ended too early."""
    stream = decoder(coding)
    step = size or len(data) or 1
    out = b"".join(piece for at in range(0, len(data), step) for piece in stream.feed(data[at : at + step]))
    return out, stream.pending


WHOLE = [
    pytest.param("", ONE + TWO, id="plain"),
    pytest.param("identity", ONE + TWO, id="identity"),
    pytest.param("gzip", gzip.compress(ONE + TWO), id="gzip"),
    pytest.param("gzip", gzip.compress(ONE) + gzip.compress(TWO), id="gzip-members"),
    pytest.param("X-GZIP", gzip.compress(ONE) + gzip.compress(b"") + gzip.compress(TWO), id="gzip-empty-member"),
    pytest.param("gzip", gzip.compress(ONE) + bytes(7) + gzip.compress(TWO), id="gzip-zeros-between"),
    pytest.param("gzip", gzip.compress(ONE + TWO) + bytes(512), id="gzip-zeros-after"),
    pytest.param("deflate", zlib.compress(ONE + TWO), id="deflate-zlib"),
    pytest.param("deflate", zlib.compress(ONE) + zlib.compress(TWO), id="deflate-zlib-members"),
    pytest.param("deflate", raw(ONE + TWO), id="deflate-raw"),
    pytest.param("deflate", gzip.compress(ONE + TWO), id="deflate-is-gzip"),
    pytest.param("gzip, gzip", gzip.compress(gzip.compress(ONE) + gzip.compress(TWO)), id="gzip-twice"),
    pytest.param("deflate, gzip", gzip.compress(zlib.compress(ONE + TWO)), id="deflate-then-gzip"),
    pytest.param("identity, gzip", gzip.compress(ONE + TWO), id="identity-then-gzip"),
]


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize(("coding", "data"), WHOLE)
def test_every_member_is_inflated(coding: str, data: bytes, size: int) -> None:
    assert decoded(coding, data, size) == (ONE + TWO, False)


def test_what_was_flushed_comes_at_once() -> None:
    assert decoded("gzip", flushed(ONE, TWO)) == (ONE + TWO, True)


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        pytest.param("gzip", gzip.compress(ONE)[:-1], id="without-its-last-byte"),
        pytest.param("gzip", gzip.compress(ONE)[:12], id="in-the-middle"),
        pytest.param("gzip", gzip.compress(ONE) + b"\x1f", id="in-the-magic-number"),
        pytest.param("gzip", gzip.compress(ONE) + gzip.compress(TWO)[:-4], id="second-member"),
        pytest.param("deflate", zlib.compress(ONE)[:-2], id="deflate"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(ONE)[:-3]), id="inner-layer"),
    ],
)
def test_truncated_body_is_pending(coding: str, data: bytes) -> None:
    assert decoded(coding, data)[1]


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    ("says", "before", "coding", "data"),
    [
        pytest.param("after member 1", ONE, "gzip", gzip.compress(ONE) + b"garbage", id="garbage-after-member"),
        pytest.param("after member 2", ONE + TWO, "gzip", gzip.compress(ONE) + gzip.compress(TWO) + TWO, id="plain-after-members"),
        pytest.param("does not begin", b"", "gzip", ONE, id="plain"),
        pytest.param("broken deflate", b"", "deflate", b"\xff\xff\xff\xff", id="no-deflate"),
        pytest.param("after member 1", ONE, "deflate", zlib.compress(ONE) + b"xyz", id="garbage-after-deflate"),
    ],
)  # fmt: skip
def test_broken_body_is_an_error_after_all_that_was_readable(
    says: str, before: bytes, coding: str, data: bytes, size: int
) -> None:
    stream, out = decoder(coding), b""
    with pytest.raises(CodingError, match=says):  # noqa: PT012 - what came before the error counts
        for at in range(0, len(data), size or len(data)):
            for piece in stream.feed(data[at : at + (size or len(data))]):
                out += piece
    assert out == before


def test_wrong_checksum_is_an_error() -> None:
    with pytest.raises(CodingError, match="broken gzip"):
        decoded("gzip", gzip.compress(ONE)[:-8] + bytes(8))


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress", "gzip;q=1", "gzip, gzip, gzip, gzip"])
def test_unrequested_coding_is_refused_by_name(coding: str) -> None:
    with pytest.raises(CodingError, match="content coding"):
        decoder(coding)


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip"])
def test_bomb_comes_in_pieces(coding: str) -> None:
    data = bytes(40 << 20)
    for _ in coding.split(","):
        data = gzip.compress(data)
    assert len(data) < 100_000
    sizes = [len(piece) for piece in decoder(coding).feed(data)]
    assert (sum(sizes), max(sizes)) == (40 << 20, STEP)


def test_output_that_fills_a_piece_is_not_held_back() -> None:
    size = STEP * 3 + 100
    assert sum(map(len, decoder("gzip").feed(flushed(bytes(size))))) == size


@pytest.mark.parametrize(
    ("expected", "coding", "body"),
    [
        pytest.param(b"no such league", "gzip", gzip.compress(b"no such") + gzip.compress(b" league"), id="members"),
        pytest.param(b"no such", "gzip", gzip.compress(b"no such") + b"junk", id="what-is-readable"),
        pytest.param(b"the answer has the content coding br, which was not requested", "br", b"\x0b", id="br"),
        pytest.param(b"xx", "gzip", gzip.compress(b"x" * 100)[:-9], id="cut"),
    ],
)
def test_error_body_is_read_as_far_as_it_goes(expected: bytes, coding: str, body: bytes) -> None:
    assert readable(body, coding, 200)[: len(expected)] == expected
