"""Status lines: which level says what, repeated notices thinned out, and what a screen holds back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from oddstail.model import Batch, Event, Gap, Lost, Notice, Opened, Retrying
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import NORMAL, QUIET, VERBOSE, Talk
from oddstail.text import Redactor
from tests.support import quote


def told(tell: Callable[[Talk], None], level: int = NORMAL) -> list[str]:
    """The lines that come out."""
    read, write = os.pipe()

    async def main() -> None:
        outlet = Outlet(write, Redactor([]))
        talk = Talk(outlet, level)
        talk.introduce(1, "NBA")
        tell(talk)
        talk.close()
        await outlet.finish(5)

    asyncio.run(main())
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        return stream.read().decode().splitlines()


def emit(*events: Event, conn: int = 1) -> Callable[[Talk], None]:
    return lambda talk: talk.emit(Batch(conn, 0, list(events)))


LIFE: list[Event] = [
    Opened(label="NBA", host="h"),
    Lost(cause="closed", detail="the server ended the stream", retry_in=1.0),
    Retrying(detail="refused", wait=2.0, attempt=1),
    Gap(start=0, end=1, seconds=41.2, cause="closed", resumed="no"),
    Notice(code="degraded", text="a book is degraded"),
]


@pytest.mark.parametrize(
    ("lines", "level", "event"),
    [
        *((1, NORMAL, event) for event in LIFE),
        *((0, QUIET, event) for event in LIFE),
        (1, QUIET, Notice(code="gave-up", text="gave up", level="error")),
        (0, NORMAL, Notice(code="unknown", text="an unknown event", level="info")),
        (1, VERBOSE, Notice(code="unknown", text="an unknown event", level="info")),
        (1, NORMAL, Notice(code="quiet", text="no data for 60 s", level="info")),
        (0, VERBOSE, quote("a")),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_levels(lines: int, level: int, event: Event) -> None:
    assert lines == len(told(emit(event), level))


def test_each_line_names_its_connection_once() -> None:
    said = told(emit(Opened(label="NBA", host="h"), Notice(code="x", text="NBA: the snapshot is partial")))
    assert said == ["oddstail: NBA: connected to h", "oddstail: NBA: the snapshot is partial"]


def test_a_notice_that_comes_again_and_again_is_told_ever_more_seldom() -> None:
    said = told(emit(*[Notice(code="unreadable", text=f"frame {n}") for n in range(1, 1001)]))
    assert [f"frame {n}" for n in (1, 2, 3)] == [line.rpartition(": ")[2] for line in said[:3]]
    assert [int(line.rpartition("(")[2].split()[0]) for line in said[3:]] == [4, 8, 16, 32, 64, 128, 256, 512]


def test_notices_are_thinned_out_by_connection_and_code_and_errors_never() -> None:
    many: list[Event] = [Notice(code=code, text=code) for code in ("a", "b") for _ in range(3)]
    assert len(told(emit(*many))) == 6
    assert len(told(emit(*[Notice(code="gave-up", text="x", level="error")] * 9))) == 9


def test_words_of_a_server_are_harmless() -> None:
    [line] = told(emit(Notice(code="server", text="\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e[/x]")))
    assert line.isprintable()
    assert "[/x]" in line


def test_a_screen_holds_back_all_but_errors_and_they_come_afterwards() -> None:
    def tell(talk: Talk) -> None:
        talk.hold()
        emit(Opened(label="NBA", host="h"), Notice(code="gave-up", text="gave up", level="error"))(talk)

    assert told(tell) == ["oddstail: NBA: gave up"]


def test_what_a_screen_held_back_is_bounded() -> None:
    def tell(talk: Talk) -> None:
        talk.hold()
        for n in range(100):
            talk.say(f"n{n}", QUIET)

    assert [f"oddstail: n{n}" for n in range(80, 100)] == told(tell)


def test_held_lines_come_once_and_as_they_were() -> None:
    def tell(talk: Talk) -> None:
        talk.hold()
        talk.say("important", QUIET)
        talk.release()
        talk.release()
        talk.say("after")

    assert told(tell) == ["oddstail: important", "oddstail: after"]
