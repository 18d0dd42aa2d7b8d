"""The event stream decoder against the standard, a slow reference, and httpx-sse where that is right."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise, repeat
from typing import NamedTuple

import pytest
from httpx_sse._decoders import SSEDecoder as HttpxDecoder
from httpx_sse._decoders import SSELineDecoder as HttpxLines
from hypothesis import example, given
from hypothesis import strategies as st

from oddstail.model import Frame
from oddstail.wire.sse import LONGEST_RETRY, FrameTooBig, SSEDecoder

ENOUGH = 1 << 20
BOM = b"\xef\xbb\xbf"


class Outcome(NamedTuple):
    frames: list[Frame]
    retry: float | None
    comments: int
    pending: bool


def decoded(chunks: Iterable[bytes]) -> Outcome:
    decoder = SSEDecoder(ENOUGH)
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    return Outcome(frames, decoder.retry, decoder.comments, decoder.pending)


def every_split(stream: bytes) -> Iterator[list[bytes]]:
    yield [stream]
    yield [stream[at : at + 1] for at in range(len(stream))]
    yield [part for at in range(len(stream)) for part in (b"", stream[at : at + 1])]
    for at in range(1, len(stream)):
        yield [stream[:at], stream[at:]]


# --- the standard, case by case ---------------------------------------------------------------------

F = Frame

# (events, stream, the rule). The quoted ones are the standard's own examples, section 9.2.6.
CASES: list[tuple[list[Frame], bytes, str]] = [
    ([F(b"YHOO\n+2\n10")], b"data: YHOO\ndata: +2\ndata: 10\n\n", "standard: data lines are joined by LF"),
    (
        [F(b"first event", id="1"), F(b"second event")],
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
        "standard: a comment, an id, an id taken back, an event without its end",
    ),
    ([F(b""), F(b"\n")], b"data\n\ndata\ndata\n\ndata:", "standard: a field without a colon is an empty one"),
    ([F(b"test"), F(b"test")], b"data:test\n\ndata: test\n\n", "standard: the space is optional"),
    # The four of the vendor: first OddsJam's v2, then OpticOdds' v3, in their orders of fields.
    ([F(b"OK", "connected")], b"event: connected\ndata: OK\n\n", "a name without an id"),
    (
        [F(b'{"entry_id": "1678113198585-0", "data": []}', "odds", "25236-38874-2023-03-06")],
        b'id: 25236-38874-2023-03-06\nevent: odds\ndata: {"entry_id": "1678113198585-0", "data": []}\nretry: 5000\n\n',
        "a field may come after the data",
    ),
    ([F(b"ok go", "connected")], b"event: connected\nretry: 5000\ndata: ok go\n\n", "a field between"),
    (
        [F(b"2025-01-14T02:11:05Z", "ping")],
        b"event: ping\nretry: 5000\ndata: 2025-01-14T02:11:05Z\n\n",
        "a colon in a value is a part of it",
    ),
    ([], b"", "an empty stream has no event"),
    ([], b"\n\n\n", "a blank line alone is no event"),
    ([], b"event: odds\n\n", "a name without data is no event"),
    ([F(b"x")], b"event: odds\n\ndata: x\n\n", "its name is not the next one's either"),
    ([F(b"x", "b")], b"event: a\nevent: b\ndata: x\n\n", "the last name counts"),
    ([F(b"x")], b"event: a\nevent\ndata: x\n\n", "a name may be taken back"),
    ([F(b"x", "a")], b"event: a\nevent:b\nevent: a\ndata: x\n\n", "and given again, with a space or not"),
    ([F(b"x", "odds"), F(b"y")], b"event: odds\ndata: x\n\ndata: y\n\n", "a name is for one event"),
    ([F(b"x", id="7"), F(b"y", id="7")], b"id: 7\ndata: x\n\ndata: y\n\n", "an id stays"),
    ([F(b"x", id="7")], b"id: 7\n\ndata: x\n\n", "an id without data is no event, and stays"),
    ([F(b"x", id="7")], b"id: 7\ndata: x\n\n: beat\n\n: beat\n\n", "a comment after an id is no event"),
    ([F(b"x", id="7")], b"id: 7\nid: 8\0\ndata: x\n\n", "an id with NUL is ignored"),
    ([F(b"x"), F(b"y")], b"id: 7\nid:\ndata: x\n\ndata: y\n\n", "an empty id takes the last one back"),
    ([F(b"x", id="�7")], b"id: \xff7\ndata: x\n\n", "an id that is no UTF-8 is made one"),
    ([F(b"x", "�")], b"event: \xc3\ndata: x\n\n", "so is a name"),
    ([F(b"\xff\x00\xc3")], b"data: \xff\x00\xc3\n\n", "data is left alone, whatever it is"),
    ([F(b" x ")], b"data:  x \n\n", "only the first space goes"),
    ([F(b"\tx")], b"data:\tx\n\n", "a tab is no space"),
    ([F(b'{"a": 1}')], b'data:{"a": 1}\n\n', "the first colon ends the name, with a space or not"),
    ([F(b"a: b\nc: d")], b"data:a: b\ndata: c: d\n\n", "also when the value has one with a space"),
    ([F(b"x")], b"data: x\n data: y\n\n", "a space before a name makes it another"),
    ([F(b"x")], b"data: x\nData: y\nDATA: z\n\n", "names are told apart by case"),
    ([F(b"x")], b"data: x\nfoo: bar\nfoo\n\n", "unknown fields are ignored"),
    ([F(b"x")], b"data: x\n:\n::\n:data: y\n\n", "comments are ignored, also inside of an event"),
    ([F(b"x\ny")], b"data: x\n: beat\ndata: y\n\n", "and do not end it"),
    ([F(b"x\n\ny")], b"data: x\ndata\ndata: y\n\n", "an empty line of data stays a line"),
    ([F(b"x"), F(b"y")], b"data: x\r\n\r\ndata: y\r\n\r\n", "CR LF is one line end"),
    ([F(b"x\ny")], b"data: x\r\ndata: y\r\n\r\n", "also inside of an event, wherever it is cut"),
    ([F(b"x"), F(b"y")], b"data: x\r\rdata: y\r\r", "CR is one"),
    ([F(b"x"), F(b"y\nz")], b"data: x\r\n\ndata: y\rdata: z\n\r", "they may be mixed"),
    ([F(b"x")], b"data: x\n\r\n", "LF CR LF are two line ends"),
    ([F(b"a\x0bb\x0cc\xc2\x85d\xe2\x80\xa8e")], b"data: a\x0bb\x0cc\xc2\x85d\xe2\x80\xa8e\n\n", "no others"),
    ([F(b"x", id="1")], BOM + b"id: 1\ndata: x\n\n", "a byte order mark at the start is no text"),
    ([F(b"y")], BOM + BOM + b"data: x\n\ndata: y\n\n", "a second one is"),
    ([F(b"y")], b"data: y\n\n" + BOM + b"data: x\n\n", "and so is one anywhere else"),
    ([], BOM[:2] + b"data: x\n\n", "two thirds of it are a part of the first name"),
    ([F(b"x")], b"data: x\n\ndata: y\n", "an event without its blank line is discarded"),
    ([F(b"x")], b"data: x\n\ndata: y", "so is half a line"),
]


@pytest.mark.parametrize(("expected", "stream"), [c[:2] for c in CASES], ids=[c[2] for c in CASES])
def test_a_stream_has_these_events_however_it_is_cut(expected: list[Frame], stream: bytes) -> None:
    for chunks in every_split(stream):
        assert expected == decoded(chunks).frames, chunks


@pytest.mark.parametrize(
    ("retry", "stream"),
    [
        pytest.param(None, b"data: x\n\n", id="none without the field"),
        pytest.param(5.0, b"retry: 5000\n", id="milliseconds, in force before the event is complete"),
        pytest.param(5.0, b"retry:5000\n", id="without the space"),
        pytest.param(0.0, b"retry: 0\n", id="nought is a number"),
        pytest.param(0.25, b"retry: 000250\n", id="leading noughts mean nothing"),
        pytest.param(2.0, b"retry: 1000\nretry: 2000\n", id="the last one counts"),
        pytest.param(1.0, b"retry: 1000\nretry: 2s\nretry\nretry:\n", id="a bad one changes nothing"),
        pytest.param(None, b"retry: -1\n", id="a sign is no digit"),
        pytest.param(None, b"retry: 1.5\n", id="a point is no digit"),
        pytest.param(None, b"retry:  1\n", id="a second space is no digit"),
        pytest.param(None, b"retry: 1_0\n", id="an underscore is no digit, whatever int() says"),
        pytest.param(None, "retry: ５\n".encode(), id="a full-width digit is none"),
        pytest.param(LONGEST_RETRY, b"retry: 99999999999999999999\n", id="more than a timer takes is capped"),
        pytest.param(LONGEST_RETRY, b"retry: " + b"9" * 5000 + b"\n", id="more than int() takes, too"),
        pytest.param(None, b"retry: 5000", id="half a line says nothing yet"),
    ],
)
def test_retry_is_the_last_valid_one_in_seconds(retry: float | None, stream: bytes) -> None:
    assert retry == decoded([stream]).retry
    assert retry == decoded([stream[:5], stream[5:]]).retry


@pytest.mark.parametrize(
    ("pending", "stream"),
    [
        pytest.param(False, b"", id="nothing came"),
        pytest.param(False, b"data: x\n\n", id="a whole event"),
        pytest.param(False, b"data: x\r\n\r", id="a whole event, but for the LF of its CR"),
        pytest.param(False, b"data: x\n\n: beat\n", id="a whole comment"),
        pytest.param(True, b"data: x\n\n: beat", id="half a comment"),
        pytest.param(True, b"data: x\n\nd", id="half a line"),
        pytest.param(True, b"data: x\n", id="an event without its blank line"),
        pytest.param(True, b"data: x\n: beat\n", id="a comment inside of it"),
        pytest.param(True, b"data:x\n", id="a field without the space"),
        pytest.param(True, b"id: 7\n", id="an event that has only its id so far"),
        pytest.param(True, b"event: odds\n", id="an event that has only its name so far"),
        pytest.param(True, b"retry: 5000\n", id="an event that has only its retry so far"),
        pytest.param(True, b"unknown: 1\n", id="an event that begins with a field nobody knows"),
        pytest.param(True, BOM[:2], id="half a byte order mark"),
        pytest.param(False, BOM, id="a whole one"),
    ],
)
def test_pending_tells_whether_the_stream_was_cut_in_an_event(pending: bool, stream: bytes) -> None:
    for chunks in every_split(stream):
        assert pending == decoded(chunks).pending, chunks


def test_an_event_is_there_with_the_byte_that_completes_it() -> None:
    decoder = SSEDecoder(ENOUGH)
    assert decoder.feed(b"data: x\r\n") == []
    assert decoder.feed(b"\r") == [Frame(b"x")]  # to wait for the LF would hold it back until the next event
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\n") == []  # the LF of that CR, and not another line end ...
    assert not decoder.pending
    assert decoder.feed(b"data: y\n") == []
    assert decoder.feed(b"\n") == [Frame(b"y")]  # ... which this one is


def test_data_of_a_frame_is_bytes_even_when_it_was_joined() -> None:
    (frame,) = decoded([b"data: x\ndata: y\n\n"]).frames
    assert type(frame) is Frame
    assert type(frame.data) is bytes


# --- the limit --------------------------------------------------------------------------------------


def until_too_big(chunks: Iterable[bytes], limit: int) -> tuple[list[Frame], bool]:
    decoder = SSEDecoder(limit)
    frames: list[Frame] = []
    try:
        for chunk in chain(chunks, [b""]):
            frames += decoder.feed(chunk)
            assert decoder._held() + len(decoder._line) <= limit
    except FrameTooBig:
        return frames, True
    return frames, False


# (whole events before it, whether it is too big, stream, the rule), all with a limit of twelve bytes.
LIMITS: list[tuple[int, bool, bytes, str]] = [
    (1, False, b"data: 123456\n\n", "a line of exactly the limit passes"),
    (0, True, b"data: 1234567\n\n", "one byte more does not"),
    (0, True, b"data: 1234567", "nor does it while it has no end"),
    (0, True, b": 34567890123", "a comment is a line"),
    (0, True, b"xxxxxxxxxxxxx", "and so is what has no name"),
    (1, False, b"data:1\ndata:2\ndata:3\ndata:4\n\n", "an event may come to the limit with its last line"),
    (0, True, b"data:1\ndata:2\ndata:3\ndata:4\ndata:5\n\n", "but not beyond"),
    (0, True, b"data\n" * 20, "line ends of empty data count"),
    (0, True, b"event:abcdef\ndata: 1\n\n", "the name counts as long as it is held"),
    (1, True, b"id: abcdef\ndata:1\n\ndata: 1\n\n", "the id counts, with every event that it stays for"),
    (3, False, b"data: 123456\n\n" * 3, "events are measured one by one"),
    (2, True, b"data: 1\n\ndata: 2\n\ndata: 1234567\n\ndata: 3\n\n", "whole events in front are not lost"),
    (1, False, BOM + b"data: 123456\n\n", "a byte order mark counts nothing"),
    (0, True, BOM[:2] + b"12345678901\n1\n", "two thirds of one count"),
    (2, False, b"data: 123456\r\n\r\ndata: 123456\r\n\r\n", "line ends count nothing"),
]


@pytest.mark.parametrize(
    ("whole", "too_big", "stream"), [case[:3] for case in LIMITS], ids=[case[3] for case in LIMITS]
)
def test_the_limit_is_met_at_the_same_event_however_the_stream_is_cut(whole: int, too_big: bool, stream: bytes) -> None:
    for chunks in every_split(stream):
        frames, stopped = until_too_big(chunks, 12)
        assert (whole, too_big) == (len(frames), stopped), chunks


def test_the_error_names_size_and_limit_and_stays() -> None:
    decoder = SSEDecoder(12)
    with pytest.raises(FrameTooBig, match="at least 20 bytes, where 12 are allowed") as caught:
        decoder.feed(b"x" * 20)
    assert (caught.value.size, caught.value.limit) == (20, 12)
    assert decoder.pending
    with pytest.raises(FrameTooBig):
        decoder.feed(b"\n\ndata: 1\n\n")


def test_whole_events_in_front_of_one_too_big_are_returned_and_then_it_is_raised() -> None:
    decoder = SSEDecoder(12)
    assert decoder.feed(b"data: 1\n\n" + b"x" * 20) == [Frame(b"1")]
    with pytest.raises(FrameTooBig):
        decoder.feed(b"")


@pytest.mark.parametrize("chunk", [b"ab", b"x" * 1000, b"data\n", b"data: 1\n", b"id: 7\ndata\n", b"data:\r\n"])
def test_what_never_ends_is_held_in_no_more_memory_than_its_bytes(chunk: bytes) -> None:
    # A list of parts would pass a test of length: two bytes in an object of their own weigh 35 and a pointer.
    limit = 40_000
    tracemalloc.start()
    try:
        stopped = until_too_big(repeat(chunk, limit), limit)[1]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stopped
    # An array that grows is a ninth larger than it must be, and is there twice while it moves.
    assert peak < 2.5 * limit


@pytest.mark.parametrize("start", [b"data: ", b"data: x\ndata: "])
def test_a_line_grows_in_place_so_time_is_linear(start: bytes) -> None:
    decoder = SSEDecoder(ENOUGH)
    decoder.feed(start)
    line, data = decoder._line, decoder._data
    for _ in range(1000):
        decoder.feed(b"xx")
        assert decoder._line is line
        assert decoder._data is data


def test_many_lines_of_data_grow_in_place_so_time_is_linear() -> None:
    decoder = SSEDecoder(ENOUGH)
    decoder.feed(b"data: x\ndata: x\n")
    data = decoder._data
    for _ in range(1000):
        decoder.feed(b"data: x\n")
        assert decoder._data is data


# --- any stream, against an implementation that is only correct --------------------------------------


def reference(stream: bytes) -> Outcome:
    """Section 9.2.6, sentence by sentence, over the whole stream at once."""
    stream = stream.removeprefix(BOM)
    *lines, rest = re.split(rb"\r\n|\r|\n", stream)
    frames: list[Frame] = []
    data, event, last_id = b"", b"", b""
    retry: float | None = None
    comments, fields = 0, False
    for line in lines:
        if line == b"":  # dispatch the event
            if data != b"":
                text = [part.decode("utf-8", "replace") for part in (event, last_id)]
                frames.append(Frame(data[:-1], *text))
            data, event, fields = b"", b"", False
        elif line[0:1] == b":":  # ignore the line
            comments += 1
        else:  # process the field
            fields = True
            name, value = line, b""
            if b":" in line:
                at = line.index(b":")
                name, value = line[:at], line[at + 1 :]
                if value[0:1] == b" ":
                    value = value[1:]
            if name == b"event":
                event = value
            elif name == b"data":
                data += value + b"\n"
            elif name == b"id" and b"\0" not in value:
                last_id = value
            elif name == b"retry" and re.fullmatch(rb"[0-9]+", value):
                retry = min(int(value) / 1000, LONGEST_RETRY)
    return Outcome(frames, retry, comments, bool(rest) or fields)


def cut(stream: bytes, points: list[int]) -> list[bytes]:
    edges = [0, *sorted(point % (len(stream) + 1) for point in points), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


LINE_ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
NAMES = st.sampled_from([b"data", b"data", b"event", b"id", b"retry", b"", b"foo", b"dat", BOM + b"data"])
COLONS = st.sampled_from([b": ", b": ", b":", b":  ", b" : ", b"", b" "])
VALUES = st.one_of(
    st.sampled_from([b"", b"5000", b"odds", b"a: b", b"\0", b"7", b" "]),
    st.binary(max_size=8).map(lambda value: re.sub(rb"[\r\n]", b"", value)),
)
LINES = st.one_of(st.just(b""), st.tuples(NAMES, COLONS, VALUES).map(b"".join))
STREAMS = st.one_of(
    st.tuples(
        st.sampled_from([b"", b"", BOM, BOM[:2]]),
        st.lists(st.tuples(LINES, LINE_ENDS).map(b"".join), max_size=20).map(b"".join),
        st.sampled_from([b"", b"data: cut", b"\r"]),
    ).map(b"".join),
    st.text(alphabet="\r\n: dataeventid5\0\ufeff", max_size=60).map(str.encode),
)
POINTS = st.lists(st.integers(min_value=0, max_value=10_000), max_size=8)


@given(STREAMS, POINTS)
@example(b"data: x\r\n\r\ndata: y\r\r\n\n", [8, 9, 10, 18, 19])
def test_any_stream_in_any_pieces_is_what_the_standard_says(stream: bytes, points: list[int]) -> None:
    assert reference(stream) == decoded(cut(stream, points))


@given(STREAMS, POINTS, st.integers(min_value=1, max_value=40))
def test_any_stream_meets_any_limit_at_the_same_event(stream: bytes, points: list[int], limit: int) -> None:
    frames, stopped = until_too_big([stream], limit)
    assert (frames, stopped) == until_too_big(cut(stream, points), limit)
    assert frames == reference(stream).frames[: len(frames)]
    assert stopped or frames == reference(stream).frames


# What real servers send: the same fields again and again, and now and then something else. Such events are read by column.
SHAPES = st.permutations(["event: odds", "retry: 5000", "id: {n}", "data: {{{n}}}"]).flatmap(
    lambda fields: st.integers(1, 4).map(lambda most: fields[:most])
)
ODD = st.sampled_from(
    [
        "",
        ": beat",
        "id",
        "id: \0",
        "id: x\0y",
        "data",
        "data:1",
        "data: more",
        "event: other",
        "event",
        "retry: 7",
        "foo: 1",
    ]
)


@given(SHAPES, st.integers(4, 150), st.lists(st.tuples(st.integers(0, 700), st.booleans(), ODD), max_size=4), POINTS)
@example(["event: odds", "id: {n}", "data: {{{n}}}"], 150, [], [])
@example(["id: {n}", "data: {{{n}}}"], 20, [(30, True, "id: x\0y")], [])
@example(["id: {n}", "data: {{{n}}}"], 20, [(30, True, "foo: 1")], [])
@example(["id: {n}", "data: {{{n}}}"], 20, [(31, True, "foo: 1")], [])
@example(["event: odds", "data: {{{n}}}"], 20, [(30, True, "event: other")], [])
@example(["event: odds", "data: {{{n}}}"], 20, [(32, True, "data: more")], [])
@example(["data: {{{n}}}"], 20, [(19, True, "data: more"), (1, True, "data: more")], [])
@example(["id: {n}", "data: {{{n}}}"], 150, [(3 * 65, True, "foo: 1")], [])
@example(["data: {{{n}}}"], 150, [(0, False, "event: other")], [])
@example(["data: same", "data: {{{n}}}"], 20, [], [])
@example(["id: {n}", "data: {{{n}}}"], 6, [(17, True, "data: open")], [40])
def test_events_that_are_alike_and_what_comes_between_them_are_what_the_standard_says(
    shape: list[str], many: int, odd: list[tuple[int, bool, str]], points: list[int]
) -> None:
    lines = [line.format(n=n) for n in range(many) for line in [*shape, ""]]
    for at, instead, line in odd:
        lines[at % len(lines) : at % len(lines) + instead] = [line]
    stream = "".join(f"{line}\n" for line in lines).encode()
    assert reference(stream) == decoded(cut(stream, points))
    assert reference(stream) == decoded([stream])


# --- httpx-sse, on the streams where it is right -----------------------------------------------------


def httpx_frames(text: str) -> list[Frame]:
    lines, decoder = HttpxLines(), HttpxDecoder()
    events = [decoder.decode(line) for line in [*lines.decode(text), *lines.flush()]]
    return [Frame(event.data.encode(), event.event, event.id) for event in events if event is not None]


SAFE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)
# Each event has data and just one blank line behind it: without, httpx-sse yields events that are none.
EVENTS = st.tuples(
    st.lists(st.tuples(st.sampled_from(["event", "id", "foo"]), SAFE), max_size=3),
    st.lists(st.tuples(st.just("data"), SAFE), min_size=1, max_size=3),
).flatmap(lambda parts: st.permutations(parts[0] + parts[1]))


@given(st.lists(EVENTS, max_size=6), st.sampled_from(["\n", "\r", "\r\n"]), st.sampled_from([":", ": "]), POINTS)
def test_httpx_sse_agrees_where_it_is_right(
    events: list[list[tuple[str, str]]], end: str, colon: str, points: list[int]
) -> None:
    text = "".join("".join(name + colon + value + end for name, value in event) + end for event in events)
    ours = [frame._replace(event=frame.event or "message") for frame in decoded(cut(text.encode(), points)).frames]
    assert httpx_frames(text) == ours
