"""Merged chunks are the same answer to an HTTP parser, however the bytes arrive; what is not framing is left alone."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oddstail.wire.chunked import ChunkMerger, TooManyInterimError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def heard(data: bytes, pieces: list[int] | None = None, *, merge: bool) -> tuple[list[object], int]:
    """What h11 makes of an answer, data events joined; and how many of them there were."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    connection.send(h11.EndOfMessage())
    merger = ChunkMerger()
    out: list[object] = []
    body, count = b"", 0
    at = 0
    try:
        for size in [*(pieces or []), len(data)]:
            piece = data[at : at + size]
            at += size
            if not piece:
                continue
            given_on = merger.feed(piece) if merge else piece
            if not given_on:
                continue
            connection.receive_data(given_on)
            while True:
                event = connection.next_event()
                if event in (h11.NEED_DATA, h11.PAUSED):
                    break
                if isinstance(event, h11.Data):
                    body += event.data
                    count += 1
                else:
                    out.append(type(event).__name__)
                if isinstance(event, h11.EndOfMessage):
                    break
        connection.receive_data(b"")
        if connection.their_state is h11.SEND_BODY:
            connection.next_event()
    except h11.RemoteProtocolError:
        out.append("broken")
    return [*out, body], count


def chunked(*parts: bytes, extension: bytes = b"") -> bytes:
    """Parts as chunks."""
    return b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)


ANSWERS = [
    pytest.param(HEAD + chunked(b"one", b"two", b"three") + b"0\r\n\r\n", id="three-chunks"),
    pytest.param(HEAD + chunked(b"a\r\nb", b"\r\n", b"0\r\n\r\n") + b"0\r\n\r\n", id="line-ends-inside"),
    pytest.param(HEAD + chunked(b"one", extension=b";name=value") + chunked(b"x" * 300), id="extensions-and-no-end"),
    pytest.param(HEAD + chunked(b"one") + b"0\r\nTrailer: x\r\n\r\n", id="trailers"),
    pytest.param(HEAD + chunked(b"one") + b"5\r\nab", id="cut-inside-a-chunk"),
    pytest.param(HEAD + chunked(b"one") + b"zz\r\nab\r\n", id="no-size"),
    pytest.param(HEAD + chunked(b"one") + b"0x3\r\nabc\r\n", id="a-size-that-python-would-take"),
    pytest.param(HEAD + b"3\r\nabcX\r\n" + chunked(b"two"), id="no-line-end-behind-the-data"),
    pytest.param(HEAD.replace(b"chunked", b"gzip, chunked") + chunked(b"one"), id="another-coding-is-left-alone"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n3\r\nabc\r\n0\r\n", id="a-length"),
    pytest.param(HEAD.replace(b"\r\n", b"\n") + chunked(b"one", b"two"), id="bare-line-feeds"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="no-http"),
    pytest.param(HEAD.replace(b"Transfer-Encoding: chunked", b"tRANSFER-eNCODING:  Chunked ") + chunked(b"a", b"b"), id="case-and-spaces"),
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_the_same_with_its_chunks_merged_however_it_is_cut(answer: bytes) -> None:
    expected, _ = heard(answer, merge=False)
    assert heard(answer, merge=True)[0] == expected
    assert heard(answer, [1] * len(answer), merge=True)[0] == expected
    for at in range(len(answer)):
        assert heard(answer, [at], merge=True)[0] == expected, at


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


@pytest.mark.parametrize("count", [1, 3, 3000], ids=["one", "three", "three-thousand"])
def test_interim_answers_are_left_out(count: int) -> None:
    final = HEAD + chunked(b"one", b"two")
    answer = HINTS * count + final
    expected = heard(final, merge=False)[0]
    assert heard(answer, merge=True)[0] == expected
    for at in range(0, len(answer), 1 + len(answer) // 200):
        assert heard(answer, [at], merge=True)[0] == expected, at


def test_interim_answers_have_a_bound() -> None:
    merger = ChunkMerger()
    assert merger.feed(HINTS * 10_000) == b""
    with pytest.raises(TooManyInterimError, match="more than 10,000 interim answers"):
        merger.feed(HINTS)


def test_the_chunks_of_one_read_become_one() -> None:
    answer = HEAD + chunked(*[b"event %d" % n for n in range(100)]) + b"0\r\n\r\n"
    assert [heard(answer, merge=merge)[1] for merge in (False, True)] == [100, 1]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), max_size=8), st.lists(st.integers(1, 40), max_size=30))
def test_any_body_in_any_pieces(parts: list[bytes], pieces: list[int]) -> None:
    answer = HEAD + chunked(*parts) + b"0\r\n\r\n"
    assert heard(answer, pieces, merge=True)[0] == heard(answer, merge=False)[0]


def test_what_it_holds_is_bounded() -> None:
    merger = ChunkMerger()
    merger.feed(HEAD)
    for _ in range(100):
        merger.feed(b"1" * 1000)
    assert len(merger._held) <= 5096
    merger = ChunkMerger()
    for _ in range(200):
        merger.feed(b"x" * 1000)
    assert len(merger._held) <= 65 * 1024
