"""Polls beside a link, on scripted links and answers: what comes when, and what a failure of theirs costs."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from oddstail.model import Failure, LinkError, Poll, Read
from oddstail.run.beside import Beside, ahead
from tests.support import HANG, ScriptedLink, Step, Time, request

POLL = Poll(name="games", url="https://toy.example/games", every=0.01)
FIRST = Poll(name="games", url="https://toy.example/games", every=60.0, first=True)


class Answers:
    """What each GET meets: a value, or a failure. The last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def get(self, poll: Poll) -> Any:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Failure):
            raise LinkError(answer)
        return answer


def read(
    steps: list[Step], answers: Answers, *polls: Poll, until: Callable[[list[Read]], bool], **given: Any
) -> list[Read]:
    """The reads of a link with its polls, up to the one that is waited for."""

    async def main() -> list[Read]:
        out: list[Read] = []
        link = ScriptedLink(Time(), steps)
        asked = request(polls=polls, **given)
        beside = Beside(link, asked, answers.get, lambda: 7, await ahead(asked.polls, answers.get, lambda: 7))
        with contextlib.suppress(LinkError):
            async for item in beside:
                out.append(item)
                if until(out):
                    break
        await beside.close(politely=True)
        assert link.closed
        return out

    return asyncio.run(asyncio.wait_for(main(), 10))


def told(reads: list[Read]) -> list[tuple[str, Any]]:
    """Event and value of each answer."""
    return [(frame.event, json.loads(frame.data)) for item in reads if item.beside for frame in item.frames]


def test_answers_come_among_the_reads_of_the_link_as_frames_of_their_own() -> None:
    reads = read([[b"ack"], HANG], Answers({"a": 1}, [2]), POLL, until=lambda out: len(out) == 3)
    assert reads[0].frames[0].data == b"ack"
    assert told(reads) == [("games", {"a": 1}), ("games", [2])]


def test_nothing_is_asked_before_the_link_said_something() -> None:
    answers = Answers(1)
    read([[], [], HANG], answers, POLL, until=lambda out: len(out) == 2)
    assert answers.asked == 0


def test_where_no_greeting_is_promised_it_is_not_waited_for() -> None:
    assert told(read([HANG], Answers(1), POLL, until=bool, greets=False)) == [("games", 1)]


def test_what_a_link_waits_for_is_asked_before_and_told_after_its_greeting() -> None:
    answers = Answers("A")
    reads = read([[b"ack"], HANG], answers, FIRST, until=lambda out: len(out) == 2)
    assert [item.beside for item in reads] == [False, True]
    assert (told(reads), answers.asked) == ([("games", "A")], 1)


def test_a_link_that_waits_for_an_answer_in_vain_is_not_opened() -> None:
    with pytest.raises(LinkError) as error:
        read([[b"ack"]], Answers(Failure(kind="status", code=401)), FIRST, until=bool)
    assert error.value.failure.code == 401


def test_a_get_that_fails_is_told_and_tried_again() -> None:
    answers = Answers(Failure(kind="timeout", text="no whole answer within 40 s"), Failure(kind="status", code=503), 1)
    reads = read([[b"ack"], HANG], answers, POLL, until=lambda out: len(out) == 4)
    assert told(reads) == [
        ("games failed", "no whole answer within 40 s"),
        ("games failed", "answered 503 Service Unavailable"),
        ("games", 1),
    ]


@pytest.mark.parametrize(("code", "asked"), [*((code, 1) for code in (401, 402, 403, 404, 422)), (503, 3)])
def test_what_will_be_refused_for_ever_is_asked_once(code: int, asked: int) -> None:
    answers = Answers(Failure(kind="status", code=code))
    reads = within(0.2, [[b"ack"], HANG], answers, POLL)
    assert len(told(reads)) >= asked
    assert all(("not asked again" in text) is (asked == 1) for _, text in told(reads))
    assert answers.asked == 1 or asked > 1


def test_an_answer_that_was_had_before_waits_for_the_greeting() -> None:
    assert within(0.05, [[], HANG], Answers("A"), FIRST) == [Read(1_000_000_000, [])]


def within(seconds: float, steps: list[Step], answers: Answers, *polls: Poll) -> list[Read]:
    """The reads of so long."""

    async def main() -> list[Read]:
        out: list[Read] = []
        asked = request(polls=polls)
        had = await ahead(asked.polls, answers.get, lambda: 7)
        beside = Beside(ScriptedLink(Time(), steps), asked, answers.get, lambda: 7, had)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for item in beside:
                    out.append(item)  # noqa: PERF401 (what came before the time is up is to be kept)
        return out

    return asyncio.run(main())


def test_an_answer_that_cannot_be_kept_is_a_failure_like_any_other() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    reads = read([[b"ack"], HANG], Answers(deep, 1), POLL, until=lambda out: len(out) == 3)
    assert told(reads) == [("games failed", "an answer that is nested too deep"), ("games", 1)]


def test_a_bug_in_a_poll_is_not_kept_quiet() -> None:
    class Broken(Answers):
        async def get(self, poll: Poll) -> Any:
            raise KeyError("of ours")

    with pytest.raises(KeyError, match="of ours"):
        read([[b"ack"], HANG], Broken(1), POLL, until=lambda out: False)


def test_the_end_of_the_link_is_the_end_of_its_polls() -> None:
    async def main() -> int:
        answers = Answers(1)
        beside = Beside(ScriptedLink(Time(), [[b"ack"]]), request(polls=(POLL,)), answers.get, lambda: 7, [])
        with pytest.raises(LinkError):
            async for _ in beside:
                pass
        before = answers.asked
        await asyncio.sleep(0.05)
        assert answers.asked == before
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


def test_whoever_does_not_take_reads_stops_the_reading() -> None:
    time = Time()

    async def main() -> None:
        reads = aiter(Beside(ScriptedLink(time, [[b"x"], 1.0] * 1000), request(), Answers(1).get, lambda: 7, []))
        await anext(reads)
        await asyncio.sleep(0.05)
        await reads.aclose()

    asyncio.run(main())
    assert time.now < 1030.0
