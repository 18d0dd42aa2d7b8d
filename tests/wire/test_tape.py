"""The tape's lines: whatever bytes came, they come back; and no line holds what would end it, or a key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oddstail import providers
from oddstail.capture.store import Opening
from oddstail.capture.tape import Recorder
from oddstail.cli.asks import asked as wanted
from oddstail.cli.asks import feeds
from oddstail.model import Batch, End, Event, Failure, Frame, Gap, Lost, Memory, Notice, Read, Request, Retrying
from oddstail.reader import Reader
from oddstail.text import Redactor, Secret
from oddstail.wire import tape
from tests.e2e.support import FORMS, KEY
from tests.support import request, toy

NOON = 1_769_882_400_000_000
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.lists(st.tuples(st.binary(max_size=60) | TEXTS.map(str.encode), TEXTS, TEXTS), min_size=1, max_size=4),
    st.booleans(),
)
def test_frames_come_back_byte_for_byte(frames: list[tuple[bytes, str, str]], beside: bool) -> None:
    read = Read(NOON, [Frame(*one) for one in frames], beside)
    data = tape.received(5, 1, read, 12.345678901)
    lines = data.splitlines(keepends=True)
    assert data.isascii()
    assert [tape.frame(tape.parsed(line)) for line in lines] == read.frames
    parsed = [json.loads(line) for line in lines]
    assert [one["seq"] for one in parsed] == list(range(5, 5 + len(frames)))
    assert [bool(one.get("more")) for one in parsed] == [True] * (len(frames) - 1) + [False]
    assert {bool(one.get("beside")) for one in parsed} == {beside}
    assert parsed[0]["steady"] == 12.345678901


def test_a_reader_of_lines_never_sees_two_where_one_is() -> None:
    line = tape.received(1, 1, Read(NOON, [Frame("a\u2028b\u0085c\x1b[2J".encode())]), 1.0)
    assert len(line.decode().splitlines()) == 1
    assert b"\x1b" not in line


ASKS = [(name, feed) for name in providers.TITLES for feed in feeds(providers.command(name))]


@pytest.mark.parametrize(("name", "feed"), ASKS, ids=[f"{name}-{feed}" for name, feed in ASKS])
def test_every_request_comes_back_for_its_decoder(name: str, feed: str) -> None:
    ask = providers.command(name)
    for asked in ask(**wanted(name, ask, feed, {})).requests:
        line = tape.connect(1, 1, asked, recv=NOON, steady=1.0, attempt=1, resumed=False, cursor=None)
        made = tape.request(tape.parsed(line)["request"])
        assert tape.connect(1, 1, made, recv=NOON, steady=1.0, attempt=1, resumed=False, cursor=None) == line
        assert (made.greets, made.converses, made.params, made.send) == (
            asked.greets,
            asked.converses,
            asked.params,
            asked.send,
        )
        providers.provider(name).decoder(made, Memory())


EVENTS: list[Event] = [
    Lost(cause="silence", detail="no byte for 15 s", retry_in=0.5123456789),
    Retrying(detail="refused", wait=1.0, attempt=2),
    Gap(start=NOON, end=NOON + 1, seconds=0.1 + 0.2, cause="closed", resumed="unknown"),
    Notice(code="held-up", text="…", level="info", value=1.5),
    End(code=130, reason="interrupted", quotes=5, gaps=1),
]


def test_what_the_loop_said_comes_back() -> None:
    assert tape.events(tape.parsed(tape.told(1, 1, EVENTS, recv=NOON))) == EVENTS


def test_what_a_newer_program_added_is_left_out() -> None:
    fields = tape.parsed(tape.told(1, 1, EVENTS[:1], recv=NOON))
    fields["events"][0]["weather"] = "rain"
    fields["events"].append({"type": "omen"})
    assert tape.events(fields) == EVENTS[:1]


def recorded(asked: Request, *frames: bytes) -> bytes:
    """Everything that a recorder can be told, with a key wherever one may stray."""
    lines: list[bytes] = []
    redactor = Redactor([Secret(KEY)])
    made = Recorder({1: asked}, argv=f"oddstail toy --proxy http://me:{KEY}@proxy", redactor=redactor)
    made.put = lines.append
    lines.append(made.header(Opening(branch="", part=1, run="r", at=NOON)))
    reader = Reader(conn=1, provider=toy())
    reader.began(NOON, 1.0)
    made.began(reader)
    reader.connected(asked, 1.0)
    made.connected(reader, NOON)
    made.sent(1, json.dumps({"action": "auth", "key": KEY}), NOON)
    made.received(1, Read(NOON, [Frame(frame) for frame in frames]), 1.5)
    reader.lost("closed")
    made.lost(reader, Failure(kind="closed", text=f"bad key {KEY}"), Batch(1, NOON, []), 2.0)
    lines += [made.carried("")]
    return redactor.nested().data(b"".join(lines))


def test_a_key_is_nowhere_on_a_tape() -> None:
    asked = request(url=f"wss://toy.example/?key={KEY}", params=(("token", KEY),), send=(json.dumps({"apiKey": KEY}),),
                    headers=(("Authorization", KEY),))  # fmt: skip
    echo = json.dumps({"you said": KEY}).encode()
    escaped = json.dumps({"you said": KEY}).replace("/", "\\/").encode()
    data = recorded(asked, echo, escaped)
    assert data.count(b"****") >= 6
    for form in (*FORMS, KEY.replace("/", "\\\\/"), KEY.replace("/", "\\/")):
        assert form.encode() not in data


def test_a_crashed_runs_tape_is_counted_as_one_that_was_closed() -> None:
    lines: list[bytes] = []
    made = Recorder({1: request()}, argv="", redactor=Redactor([]))
    made.put = lines.append
    reader = Reader(conn=1, provider=toy())
    reader.connected(request(), 1.0)
    made.connected(reader, NOON)
    made.received(1, Read(NOON + 1, [Frame(b"a"), Frame(b"b")]), 1.0)
    made.sent(1, "hello", NOON + 2)
    made.told(Batch(1, NOON + 3, [EVENTS[3]]))
    closed: dict[str, Any] = made.facts("")
    assert (closed["records"], closed["frames"], closed["seq"]) == (5, {"in": 2, "out": 1}, [1, 5])
    assert made.scan(b"".join(lines).splitlines(keepends=True)) == closed
    assert made.facts("")["records"] == 0


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"x" * 200, id="large"),
        pytest.param("é".encode() * 100, id="large-beyond-ascii"),
        pytest.param(b"\xff\xfe", id="not-utf-8"),
    ],
)
def test_large_frames_are_base64_without_the_key(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(tape, "_LARGEST_TEXT", 100)
    frames = [Frame(data, "e", "é"), Frame(data + KEY.encode(), "", "")]
    lines = tape.received(1, 1, Read(NOON, frames), 1.0, Redactor([Secret(KEY)]).data).splitlines(keepends=True)
    assert all("base64" in json.loads(line) for line in lines)
    assert [tape.frame(tape.parsed(line)) for line in lines] == [frames[0], Frame(data + b"****", "", "")]
