"""The life of a connection, on scripted links and a clock that obeys: what is said, when, and what comes after."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail.clock import Gate
from oddstail.model import (
    Batch,
    Event,
    Failure,
    Frame,
    Gap,
    LinkError,
    Lost,
    Memory,
    Message,
    Notice,
    Opened,
    Payload,
    Provider,
    Quote,
    Read,
    Replace,
    Request,
    Retrying,
    Rule,
    Scope,
)
from oddstail.reader import Wants
from oddstail.retry import Policy
from oddstail.session import Session
from oddstail.words import life
from tests.support import HANG, Script, Step, Time, quote, request, toy, toy_read

ACK = [b"ack"]
BEAT = [b"beat"]


def data(cursor: str | None = None, **prices: float) -> bytes:
    """A message of the toy wire."""
    return orjson.dumps({"cursor": cursor, "prices": prices})


def resume(asked: Request, cursor: str | None) -> Request:
    return request(params=() if cursor is None else (("after", cursor),))


def session(time: Time, script: Script, provider: Provider | None = None, **kwargs: Any) -> Session:
    """A session over a script."""
    given: dict[str, Any] = {"policy": Policy(retries=len(script.connects) - 1), "request": request(), **kwargs}
    provider = provider or toy()
    clock = time.clock()
    return Session(conn=1, provider=provider, open=script.open, gate=Gate(provider.rate, clock), clock=clock, **given)


def play(made: Session) -> list[Event]:
    """Everything that a session says until it gives up."""

    async def main() -> list[Batch]:
        async with aclosing(made.events()) as batches:
            return [batch async for batch in batches]

    return [event for batch in asyncio.run(asyncio.wait_for(main(), 10)) for event in batch.events]


def run(connects: list[list[Step] | Failure], provider: Provider | None = None, **kwargs: Any) -> list[Event]:
    """What is said when the connects meet these scripts."""
    time = Time()
    return play(session(time, Script(time, connects), provider, **kwargs))


def words(events: list[Event]) -> list[str]:
    """The story in one word an event."""
    return [f"quote {event.what.key}" if isinstance(event, Quote) else type(event).__name__.lower() for event in events]


def test_a_link_is_opened_by_its_ack_not_by_the_connect() -> None:
    assert words(run([[ACK, [data(a=-110)]]])) == ["opened", "quote a", "lost", "notice"]


def test_a_link_that_greets_otherwise_is_opened_by_its_first_message() -> None:
    assert words(run([[[data(a=-110)]]])) == ["opened", "quote a", "lost", "notice"]


def test_a_connect_that_brings_nothing_was_never_open() -> None:
    assert words(run([[], [ACK]])) == ["retrying", "opened", "gap", "lost", "notice"]


def test_updates_skipped_for_want_of_credits_are_a_gap_from_the_last_update_to_the_next() -> None:
    steps: list[Step] = [
        ACK,
        [data(a=-110)],
        10.0,
        BEAT,
        5.0,
        [b"owing"],
        15.0,
        [b"owing"],
        15.0,
        [data(a=-105)],
        [data(a=-104)],
    ]
    events = run([steps])
    assert words(events) == ["opened", "quote a", "notice", "notice", "gap", "quote a", "quote a", "lost", "notice"]
    [gap] = [event for event in events if isinstance(event, Gap)]
    assert (gap.seconds, gap.end - gap.start, gap.cause, gap.resumed) == (45.0, 45_000_000, "credits-out", "no")


def test_updates_that_never_come_again_are_a_gap_to_the_end() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, [data(a=-110)], 10.0, [data(a=-105), b"owing"], 20.0]]))
    play(made)
    assert not list(made.reader.ledger.known())
    [gap] = made.ended().events
    assert isinstance(gap, Gap)
    assert (gap.seconds, gap.cause) == (20.0, "credits-out")


def test_subscriptions_are_sent_after_every_ack_and_once() -> None:
    time = Time()
    script = Script(time, [[ACK, BEAT], [ACK, BEAT]])
    play(session(time, script, request=request(send=("one", "two"))))
    assert [link.sent for link in script.links] == [["one", "two"], ["one", "two"]]
    assert all(link.closed for link in script.links)


def polled(*texts: str) -> Read:
    """An answer of a poll, upon which the toy decoder wants these texts sent, not within six seconds of the last."""
    return Read(0, [Frame(orjson.dumps(list(texts)), "games")], beside=True)


@pytest.mark.parametrize(
    ("expected", "steps"),
    [
        pytest.param(["a"], [ACK, polled("a")], id="what a decoder wishes is sent"),
        pytest.param(["b"], [ACK, polled("a", "b")], id="the latest wish of a read alone"),
        pytest.param(["a"], [ACK, polled("a"), 5.0, polled("b"), BEAT], id="not so soon after the last"),
        pytest.param(["a", "b"], [ACK, polled("a"), 5.0, polled("b"), 1.0, BEAT], id="later, then"),
        pytest.param(["a", "c"], [ACK, polled("a"), polled("b"), polled("c"), 6.0, BEAT], id="and the latest of them"),
        pytest.param(["a"], [ACK, polled("a"), 9.0, BEAT], id="once"),
    ],
)
def test_what_a_decoder_wants_sent(expected: list[str], steps: list[Step]) -> None:
    time = Time()
    script = Script(time, [steps])
    assert words(play(session(time, script, request=request(converses=True)))) == ["opened", "lost", "notice"]
    assert [link.sent for link in script.links] == [expected]


def test_a_wish_waits_after_the_subscription_too_and_ends_with_its_link() -> None:
    time = Time()
    script = Script(time, [[ACK, polled("a"), 5.0, BEAT], [ACK, 9.0, BEAT]])
    play(session(time, script, request=request(converses=True, send=("one",))))
    assert [link.sent for link in script.links] == [["one"], ["one"]]


def test_where_no_decoder_converses_nobody_looks_for_wishes() -> None:
    time = Time()
    script = Script(time, [[ACK, polled("a")]])
    play(session(time, script))
    assert script.links[0].sent == []


def test_an_answer_of_a_poll_is_no_sign_of_life() -> None:
    time = Time()
    steps: list[Step] = [ACK, 10.0, polled(), 10.0, polled(), HANG]
    made = session(time, Script(time, [steps]), request=request(pulse=6.0))

    async def main() -> list[Event]:
        asyncio.get_running_loop().call_later(0.05, made.tick)
        async with aclosing(made.events()) as batches:
            return [event async for batch in batches for event in batch.events]

    lost = [event for event in asyncio.run(asyncio.wait_for(main(), 10)) if isinstance(event, Lost)]
    assert [event.detail for event in lost] == ["no message for 20 s"]


def test_a_provider_that_does_not_greet_is_open_at_once() -> None:
    time = Time()
    script = Script(time, [[60.0, [data(a=-110)]]])
    made = session(time, script, request=request(greets=False, send=("one",)))
    assert words(play(made)) == ["opened", "quote a", "lost", "notice"]
    assert script.links[0].sent == ["one"]


def test_a_gap_tells_from_the_last_byte_to_the_next_ack() -> None:
    events = run([[ACK, 5.0, BEAT, 7.0, Failure(kind="silence", text="no byte for 7 s")], [ACK]])
    gap = next(event for event in events if isinstance(event, Gap))
    lost = next(event for event in events if isinstance(event, Lost))
    assert (lost.cause, lost.retry_in) == ("silence", 0.5)
    assert (gap.cause, gap.resumed, gap.seconds) == ("silence", "no", 7.5)
    assert gap.end - gap.start == 7_500_000


def test_a_first_connect_is_no_gap_but_failed_ones_are_and_lengthen_the_one_there_is() -> None:
    refused = Failure(kind="network", text="refused")
    assert not [event for event in run([[ACK]]) if isinstance(event, Gap)]
    events = run([refused, [ACK], refused, refused, [ACK]])
    gaps = [event for event in events if isinstance(event, Gap)]
    assert [round(gap.seconds, 2) for gap in gaps] == [0.5, 1.0 + 2.0 + 4.0]


def test_a_gap_that_is_still_open_at_the_end_is_told_too() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK], Failure(kind="network")]))
    play(made)
    assert words(made.ended().events) == ["gap"]
    assert made.ended().events == []


def test_after_the_end_of_a_stream_there_is_nothing_to_miss() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, [data(a=-110)]]]), toy(revise=lambda request, failure: None))
    assert words(play(made)) == ["opened", "quote a", "lost", "notice"]
    assert (made.exit, made.ended().events) == (0, [])


@pytest.mark.parametrize(
    ("expected", "failures"),
    [
        (["gap"], [Failure(kind="network")]),
        (["gap"], [Failure(kind="status", code=503), Failure(kind="timeout")]),
        ([], [Failure(kind="status", code=404)]),
        ([], [Failure(kind="status", code=401)]),
        ([], [Failure(kind="status", code=204)]),
    ],
    ids=["network", "down", "refused", "key", "no-more"],
)
def test_what_was_never_reached_is_a_gap_and_what_was_refused_is_none(
    expected: list[str], failures: list[Failure]
) -> None:
    time = Time()
    made = session(time, Script(time, [*failures]))
    assert words(play(made))[-1] == "notice"
    assert made.exit is not None
    assert words(made.ended().events) == expected


def test_a_gap_is_measured_by_a_clock_that_does_not_jump() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, 1.0], [ACK]]))
    time.jump = -3600.0
    gap = next(event for event in play(made) if isinstance(event, Gap))
    assert gap.seconds == 1.5


def test_failures_are_forgotten_by_a_link_that_lived_not_by_a_connect() -> None:
    time = Time()
    final = Failure(kind="status", code=204)
    play(session(time, Script(time, [[ACK], [ACK], [ACK], [ACK, 31.0], [ACK], final]), policy=Policy()))
    assert time.slept == [0.5, 1.0, 2.0, 0.5, 1.0]


def test_a_server_that_accepts_and_drops_is_met_seldom() -> None:
    time = Time()
    play(session(time, Script(time, [[] for _ in range(9)])))
    assert sum(time.slept) > 60


def test_the_connect_rate_of_a_provider_holds_over_everything() -> None:
    time = Time()
    play(session(time, Script(time, [[] for _ in range(6)]), toy(rate=(2, 60.0)), policy=Policy(retries=5, cap=0.1)))
    assert time.now - 1000.0 >= 120.0


@pytest.mark.parametrize(("wait", "asked"), [(30.0, None), (90.0, 90.0)], ids=["no-word", "retry-after"])
def test_429_holds_up_every_connection_to_the_provider(wait: float, asked: float | None) -> None:
    time = Time()
    busy = Failure(kind="status", code=429, asked=asked)
    first = session(time, Script(time, [busy, [ACK], status(204)]), policy=Policy())
    second = session(time, Script(time, [[ACK], status(204)]), policy=Policy())
    second.gate = first.gate
    opened: list[float] = []

    async def main() -> None:
        async with aclosing(first.events()) as batches:
            await anext(batches)
            async with aclosing(second.events()) as others:
                await anext(others)
                opened.append(time.now - 1000.0)

    asyncio.run(asyncio.wait_for(main(), 10))
    assert opened == [wait]


def test_the_wait_that_a_stream_asked_for_holds_for_a_link_that_does_not_come_about_and_each_try_is_told() -> None:
    down = Failure(kind="network", text="connection refused")
    time = Time()
    script = Script(time, [[ACK, BEAT], down, down, [ACK]], retry=5.0)
    said = play(session(time, script))
    tries = [line for line in map(life, said) if line and ("attempt" in line or "retry" in line)]
    assert tries[:4] == [
        "lost: the server ended the stream; attempt 2 in 5.0 s",
        "no connection: connection refused; attempt 3 in 5.0 s",
        "no connection: connection refused; attempt 4 in 5.0 s",
        "connected to toy.example, attempt 4",
    ]


def test_a_stream_may_ask_for_a_longer_wait() -> None:
    time = Time()
    play(session(time, Script(time, [[ACK], [ACK]], retry=5.0)))
    assert time.slept == [5.0]


def test_a_resumed_link_asks_after_the_last_cursor_and_drops_what_comes_twice() -> None:
    time = Time()
    script = Script(
        time, [[ACK, [data("1", a=-110), data("2", a=-115)]], [ACK, [data("2", a=-115), data("3", a=-120)]]]
    )
    made = session(time, script, toy(resume=resume, replays="yes", window=28.0))
    events = play(made)
    assert [dict(asked.params) for asked in script.asked] == [{}, {"after": "2"}]
    assert words(events) == ["opened", "quote a", "quote a", "lost", "opened", "gap", "quote a", "lost", "notice"]
    assert made.reader.doubles == 1
    assert [event.resumed for event in events if isinstance(event, Gap)] == ["yes"]


def test_events_that_share_a_cursor_and_say_something_else_are_no_doubles() -> None:
    time = Time()
    said = [data("1", a=-110), data("1", a=-115), data("1", a=-115), data("2", b=120)]
    again = [*said[:2], data("2", b=125)]
    made = session(time, Script(time, [[ACK, said], [ACK, again]]), toy(resume=resume, replays="yes"))
    prices = [event.price.american for event in play(made) if isinstance(event, Quote) and event.price]
    assert (prices, made.reader.doubles) == ([-110, -115, 120, 125], 3)


def test_the_cursor_moves_only_after_its_events_were_taken() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, [data("1", a=-110)]]]), toy(resume=resume))
    seen = []

    async def main() -> None:
        async with aclosing(made.events()) as batches:
            seen.extend(
                [
                    made.reader.cursor
                    async for batch in batches
                    if any(isinstance(event, Quote) for event in batch.events)
                ]
            )
        seen.append(made.reader.cursor)

    asyncio.run(main())
    assert seen == [None, "1"]


def test_a_cursor_is_not_sent_across_its_window_and_the_gap_says_so() -> None:
    time = Time()
    script = Script(time, [[ACK, [data("1", a=-110)], 40.0], [ACK]])
    events = play(session(time, script, toy(resume=resume, replays="yes", window=28.0)))
    assert script.asked[1].params == ()
    assert [event.resumed for event in events if isinstance(event, Gap)] == ["no"]


def test_an_old_cursor_of_a_quiet_market_is_good_if_the_outage_was_short() -> None:
    time = Time()
    beats: list[Step] = [10.0, BEAT]
    quiet: list[Step] = [ACK, [data("1", a=-110)], *(beats * 10)]
    script = Script(time, [quiet, [ACK]])
    events = play(session(time, script, toy(resume=resume, replays="yes", window=28.0)))
    assert dict(script.asked[1].params) == {"after": "1"}
    assert [event.resumed for event in events if isinstance(event, Gap)] == ["yes"]


def test_a_provider_that_may_replay_is_never_said_to() -> None:
    events = run([[ACK, [data("1", a=-110)]], [ACK]], toy(resume=resume, replays="unknown"))
    assert [event.resumed for event in events if isinstance(event, Gap)] == ["unknown"]


@pytest.mark.parametrize("cursor", [" 5", "5 ", "a\x0b", "5\n", "x" * 5000], ids=["space", "tail", "vt", "lf", "long"])
def test_a_cursor_that_cannot_be_sent_is_left_out_and_said(cursor: str) -> None:
    time = Time()
    script = Script(time, [[ACK, [data(cursor, a=-110)]], [ACK]])
    events = play(session(time, script, toy(resume=resume, replays="yes")))
    assert script.asked[1].params == ()
    assert "cursor" in [event.code for event in events if isinstance(event, Notice)]
    assert [event.resumed for event in events if isinstance(event, Gap)] == ["no"]


def test_a_frame_that_cannot_be_read_is_a_notice_and_the_stream_goes_on() -> None:
    events = run([[ACK, [b"<html>", data(a=-110)], [b'{"boom": 1}', data(b=100)]]])
    assert words(events) == ["opened", "notice", "quote a", "notice", "quote b", "lost", "notice"]
    said = [event.text for event in events if isinstance(event, Notice)][:2]
    assert "<html>" in said[0]
    assert all(len(text) < 250 for text in said)


def test_an_error_in_the_place_of_the_ack_ends_the_link_before_it_was_open() -> None:
    events = run([[[b"refused"]]])
    assert words(events) == ["notice"]
    assert [event.value for event in events if isinstance(event, Notice)] == [4]


def test_what_came_before_an_error_in_the_same_read_is_kept() -> None:
    assert words(run([[ACK, [data(a=-110), b"refused"]]], policy=Policy(retries=0)))[:3] == [
        "opened",
        "quote a",
        "lost",
    ]


def status(code: int, text: str = "", *, page: bool = False) -> Failure:
    return Failure(kind="status", code=code, text=text, page=page)


#: A link that worked: how it began, and how it ended if not well.
WORKED: dict[str, list[Step]] = {
    "data": [ACK, [data(a=-110)]],
    "heartbeats": [ACK, BEAT, 2.0, BEAT],
    "data-then-a-close-that-means-anything": [ACK, [data(a=-110)], Failure(kind="ws-close", code=4000)],
    "half-a-minute-then-the-key-is-refused": [ACK, 30.0, [b"refused"]],
}


@pytest.mark.parametrize("steps", WORKED.values(), ids=WORKED)
@pytest.mark.parametrize(
    ("exit", "refused"),
    [(9, status(404)), (4, status(401)), (7, status(403)), (9, status(403, page=True)), (4, Failure(kind="auth"))],
    ids=["404", "401", "403", "403-page", "auth"],
)
def test_what_has_streamed_is_asked_for_during_15_minutes(exit: int, refused: Failure, steps: list[Step]) -> None:
    time = Time()
    made = session(time, Script(time, [steps, refused]), policy=Policy())
    events = play(made)
    assert made.exit == exit
    first = next(at for at, wait in enumerate(time.slept) if wait)
    assert 900 <= sum(time.slept[first:]) < 960
    end = events[-1]
    assert isinstance(end, Notice)
    assert (end.code, end.value) == ("gave-up", exit)
    assert end.text.endswith(f"({made.tries} tries)")


#: Links that are no proof that the request is a good one.
NEVER_WORKED: dict[str, list[Step] | Failure] = {
    "no-link": status(401),
    "refused-after-the-greeting": [ACK, [b"refused"]],
    "closed-after-the-greeting": [ACK, Failure(kind="ws-close", code=1008)],
}


@pytest.mark.parametrize("steps", NEVER_WORKED.values(), ids=NEVER_WORKED)
def test_a_request_that_never_streamed_is_refused_for_good(steps: list[Step] | Failure) -> None:
    time = Time()
    made = session(time, Script(time, [steps, status(401)]), policy=Policy())
    play(made)
    assert made.exit == 4
    assert sum(time.slept) < 2


def test_refusals_that_an_outage_comes_between_begin_anew() -> None:
    time = Time()
    script = Script(time, [WORKED["data"], *[status(404)] * 20, status(503), status(404)])
    made = session(time, script, policy=Policy())
    play(made)
    assert made.exit == 9
    assert sum(time.slept) > 1200


def test_a_stream_that_comes_back_is_given_15_minutes_again() -> None:
    time = Time()
    script = Script(time, [WORKED["data"], *[status(404)] * 20, WORKED["data"], status(404)])
    made = session(time, script, policy=Policy())
    play(made)
    assert made.exit == 9
    assert sum(time.slept) > 1200


@pytest.mark.parametrize(
    ("tries", "policy"),
    [(1, Policy(retries=0)), (4, Policy(retries=3)), (60, Policy(retries=59))],
    ids=["0", "3", "59"],
)
def test_retries_count_whatever_has_streamed_is_refused_with(tries: int, policy: Policy) -> None:
    time = Time()
    script = Script(time, [[ACK, 60.0], status(404)])
    made = session(time, script, policy=policy)
    play(made)
    assert made.exit in (3, 9)
    assert made.tries == tries


# --- a cursor that is refused -------------------------------------------------------------------------

STALE: list[Any] = [
    *[
        pytest.param(status(code), id=f"{code}")
        for code in (400, 404, 405, 406, 410, 412, 413, 414, 416, 418, 422, 431)
    ],
    pytest.param(Failure(kind="content-type", text="application/json"), id="json-with-200"),
    pytest.param([ACK, Failure(kind="cursor", text="too old")], id="message-after-the-greeting"),
    pytest.param([Failure(kind="cursor", text="too old")], id="message-in-place-of-the-greeting"),
    pytest.param([Failure(kind="ws-close", code=4009)], id="close-code"),
]


@pytest.mark.parametrize("before", ["an earlier run", "this run"])
@pytest.mark.parametrize("refusal", STALE)
def test_a_refused_cursor_is_left_out_at_once(refusal: Failure | list[Step], before: str) -> None:
    time = Time()
    good: list[Step] = [ACK, [data("2", a=-105)], 40.0]
    end = status(204)
    first: list[Any] = [[ACK, [data("1", a=-110)]]] if before == "this run" else []
    script = Script(time, [*first, refusal, good, good, end])
    made = session(time, script, toy(resume=resume, replays="yes"), policy=Policy())
    if not first:
        made.reader.continues("1", 0, 10.0, time.now)
    events = play(made)
    assert [asked.params for asked in script.asked[len(first) :]] == [
        (("after", "1"),), (), (("after", "2"),), (("after", "2"),),
    ]  # fmt: skip
    gaps = [event for event in events if isinstance(event, Gap)]
    greeted = isinstance(refusal, list) and refusal[0] is ACK
    assert [gap.resumed for gap in gaps][: 1 + greeted] == ["yes", "no"][not greeted :]
    # What a greeting seemed to promise is taken back as a whole.
    assert gaps[greeted].start == gaps[0].start
    assert "cursor" in [event.code for event in events if isinstance(event, Notice)]
    assert made.reader.cursor == "2"
    assert made.exit == 0


def test_a_link_without_the_refused_cursor_forgets_it_before_anything_comes() -> None:
    time = Time()
    made = session(time, Script(time, [status(410), [ACK], [ACK], status(204)]), toy(resume=resume), policy=Policy())
    made.reader.continues("1", 0, 10.0, time.now)
    play(made)
    assert made.reader.cursor is None


def test_a_cursor_is_kept_where_the_request_is_refused_without_it_too() -> None:
    time = Time()
    script = Script(time, [status(404), status(404)])
    made = session(time, script, toy(resume=resume), policy=Policy())
    made.reader.continues("1", 0, 10.0, time.now)
    play(made)
    assert [asked.params for asked in script.asked] == [(("after", "1"),), ()]
    assert (made.exit, made.reader.cursor) == (9, "1")


def test_a_cursor_of_the_users_own_is_left_out_too() -> None:
    time = Time()
    script = Script(time, [status(410), [ACK, 40.0], [ACK], status(204)])
    made = session(time, script, toy(resume=resume), request=request(params=(("after", "0"),)), policy=Policy())
    play(made)
    assert [asked.params for asked in script.asked] == [(("after", "0"),), (), (), ()]
    assert made.exit == 0


def test_what_a_greeting_promised_and_nothing_kept_is_taken_back() -> None:
    time = Time()
    script = Script(time, [[ACK, [data("1", a=-110)], 10.0], [ACK], [ACK, 40.0], [ACK], status(204)])
    made = session(time, script, toy(resume=resume, replays="yes", window=28.0), policy=Policy())
    gaps = [event for event in play(made) if isinstance(event, Gap)]
    assert [gap.resumed for gap in gaps] == ["yes", "yes", "no"]
    assert gaps[2].start == gaps[0].start


OF_THE_KEY = [401, 402, 403, 407, 451]


@pytest.mark.parametrize("code", OF_THE_KEY)
def test_a_refusal_of_the_key_says_nothing_of_the_cursor(code: int) -> None:
    time = Time()
    script = Script(time, [status(code)])
    made = session(time, script, toy(resume=resume), policy=Policy())
    made.reader.continues("1", 0, 10.0, time.now)
    play(made)
    assert len(script.asked) == 1
    assert made.reader.cursor == "1"


@pytest.mark.parametrize(
    ("left_out_after", "met"),
    [
        pytest.param(5, status(500), id="the-server-chokes-on-it"),
        pytest.param(5, [ACK], id="closed-after-the-greeting"),
        pytest.param(None, status(503), id="the-server-is-down"),
        pytest.param(None, status(530), id="the-tunnel-is-down"),
        pytest.param(None, Failure(kind="network"), id="the-network-is-down"),
        pytest.param(None, [ACK, 31.0], id="a-quiet-market"),
    ],
)
def test_a_cursor_that_brings_nothing_again_and_again_is_left_out(
    left_out_after: int | None, met: Failure | list[Step]
) -> None:
    time = Time()
    script = Script(time, [[ACK, [data("1", a=-110)]], *[met] * 9, status(204)])
    made = session(time, script, toy(resume=resume), policy=Policy())
    play(made)
    cursors = [dict(asked.params).get("after") for asked in script.asked[1:]]
    named = cursors.index(None) if None in cursors else None
    assert named == left_out_after


# --- what nobody expected -----------------------------------------------------------------------------


def broken(where: str) -> tuple[Provider, Any]:
    """A provider, or the way to it, with a bug."""

    def raises(*_: Any) -> Any:
        raise KeyError("a bug")

    provider = toy()
    match where:
        case "the envelope":
            return replace(provider, read=raises), None
        case "the decoder's beginning":
            return replace(provider, decoder=raises), None
        case "what a refusal leaves":
            return replace(provider, revise=raises), None
    return provider, raises


@pytest.mark.parametrize(
    "where",
    ["the envelope", "the decoder's beginning", "what a refusal leaves", "the transport", "the link", "the clock"],
)
def test_an_exception_that_nobody_expected_is_the_end_of_the_stream_and_said_in_one_line(where: str) -> None:
    time = Time()
    provider, raises = broken(where)
    steps: list[Step] = [ACK, [data(a=-110)]]
    script = Script(time, [steps if where != "the clock" else [*steps, HANG]])
    made = session(time, script, provider, policy=Policy())

    async def main() -> list[Event]:
        out: list[Event] = []
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                out += batch.events
                if where == "the clock" and made.is_open:
                    made.reader.life.quiet_told = "a bug"  # type: ignore[union-attr]
                    asyncio.get_running_loop().call_soon(made.tick)
        return out

    if where == "the transport":
        made.open = raises
    if where == "the link":
        script.connects = [[ACK, [data(a=-110)], {"no": "step"}]]  # type: ignore[list-item]
    events = asyncio.run(asyncio.wait_for(main(), 10))
    assert made.exit == 1
    said = [event for event in events if isinstance(event, Notice) and event.code == "gave-up"]
    assert [event.value for event in said] == [1]
    assert "a bug in oddstail: " in said[0].text
    assert "please report it" in said[0].text
    assert all(link.closed for link in script.links)


@pytest.mark.parametrize(
    ("expected", "failure", "worked"),
    [
        (0, Failure(kind="status", code=400, text="game g7 is over"), True),
        (9, Failure(kind="status", code=400, text="game g7 is over"), False),
        (9, Failure(kind="status", code=400, text="nonsense"), True),
    ],
    ids=["ended", "never-began", "another-refusal"],
)
def test_a_refusal_that_names_what_has_ended_ends_well(expected: int, failure: Failure, worked: bool) -> None:
    def revise(asked: Request, failed: Failure) -> Request | None:
        return None if "g7" in failed.text else asked

    time = Time()
    connects: list[list[Step] | Failure] = [[ACK], failure] if worked else [failure]
    made = session(time, Script(time, connects), toy(revise=revise), policy=Policy())
    play(made)
    assert made.exit == expected
    assert made.over is (expected == 9 and not worked)


def test_a_refusal_of_one_game_goes_on_with_the_others() -> None:
    def revise(asked: Request, failed: Failure) -> Request | None:
        left = tuple(pair for pair in asked.params if pair[1] not in failed.text)
        return request(params=left, label="the rest") if left != asked.params else asked

    time = Time()
    over = Failure(kind="status", code=400, text="game g7 is over")
    script = Script(time, [[ACK], over, [ACK], Failure(kind="status", code=204)])
    made = session(
        time, script, toy(revise=revise), request=request(params=(("g", "g7"), ("g", "g8"))), policy=Policy()
    )
    events = play(made)
    assert [asked.params for asked in script.asked][2:] == [(("g", "g8"),)] * 2
    assert words(events) == ["opened", "lost", "notice", "opened", "gap", "lost", "notice"]


def test_a_decoder_lives_as_long_as_its_connection() -> None:
    made = []

    def decoder(_: Request, memory: Memory) -> Any:
        seen: list[str] = []
        made.append(seen)

        def decode(message: Message) -> list[Event]:
            seen.append(message.name)
            return []

        return decode

    run([[ACK, [data()]], [ACK, [data()], [data()]]], Provider(name="toy", title="Toy", read=toy_read, decoder=decoder))
    assert made == [["data"], ["data", "data"]]


def test_payloads_are_as_received_and_prices_are_not_read_for_them() -> None:
    events = run([[ACK, [b'{"prices":\n{"a": -110}}', b'{"boom": 1}']]], wants=Wants(quotes=False, payloads=True))
    assert [event.data for event in events if isinstance(event, Payload)] == [
        b'{"prices":\n{"a": -110}}',
        b'{"boom": 1}',
    ]
    assert not [event for event in events if isinstance(event, Quote)]


def snapshots(message: Message) -> list[Event]:
    """A decoder for a provider whose snapshot is a burst of states."""
    return [
        Replace(
            scope=Scope(game_id="g1", book=book), quotes=(quote(f"a-{book}", american, what={"book": book}),), snap=True
        )
        for book, american in message.body.get("prices", {}).items()
    ]


BURST = Provider(name="toy", title="Toy", read=toy_read, decoder=lambda *_: snapshots, snapshot="burst")


def test_what_a_new_snapshot_does_not_confirm_is_removed_once_the_burst_is_over() -> None:
    time = Time()
    script = Script(time, [[ACK, [data(dk=-110, fd=120)]], [ACK, [data(dk=-115)], HANG]])
    made = session(time, script, BURST)
    ticks: list[list[Event]] = []

    async def main() -> None:
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                if len(script.asked) == 2 and any(isinstance(event, Quote) for event in batch.events):
                    time.now += 1.0
                    ticks.append(made.tick().events)
                    # We read nothing for a while: nobody knows what waits.
                    made.hold()
                    time.now += 60.0
                    made.resume()
                    ticks.append(made.tick().events)
                    time.now += 2.0
                    ticks.append(made.tick().events)
                    return

    asyncio.run(main())
    assert [words(events) for events in ticks] == [[], [], ["quote a-fd"]]
    gone = ticks[2][0]
    assert isinstance(gone, Quote)
    assert (gone.status, gone.price, gone.prev) == ("removed", None, 120)


def cut_while_hanging(cut: Any) -> tuple[Session, list[Event]]:
    """A link that goes silent after its ack, then `cut` is called; the session may reconnect once."""
    time = Time()
    script = Script(time, [[ACK, HANG], [ACK, Failure(kind="status", code=204)]])
    made = session(time, script, request=request(pulse=20.0), policy=Policy())

    async def main() -> list[Event]:
        out: list[Event] = []
        asyncio.get_running_loop().call_later(0.05, cut, made, time)
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                out += batch.events
        return out

    return made, asyncio.run(asyncio.wait_for(main(), 10))


def test_a_machine_that_slept_reconnects_at_once() -> None:
    def slept(made: Session, time: Time) -> None:
        time.now += 3600.0
        made.cut(Failure(kind="slept"))

    _, events = cut_while_hanging(slept)
    assert [event.cause for event in events if isinstance(event, Gap)] == ["slept"]
    assert [round(event.seconds) for event in events if isinstance(event, Gap)] == [3600]


def test_a_link_without_a_message_for_three_pulses_is_dead() -> None:
    def ticks(made: Session, time: Time) -> None:
        time.now += 59.0
        made.tick()
        assert made.is_open
        time.now += 2.0
        made.tick()

    _, events = cut_while_hanging(ticks)
    assert next(event.cause for event in events if isinstance(event, Lost)) == "silence"


def test_a_silence_of_our_own_making_is_not_the_providers() -> None:
    def held_up(made: Session, time: Time) -> None:
        time.now += 3600.0
        made.hold()
        made.tick()
        made.resume()
        made.tick()
        made.cut(Failure(kind="slept"))

    _, events = cut_while_hanging(held_up)
    assert next(event.cause for event in events if isinstance(event, Lost)) == "slept"


def test_a_cut_that_comes_while_the_sinks_are_busy_waits_for_the_next_read() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, BEAT], Failure(kind="status", code=204)]), policy=Policy())
    causes: list[str] = []

    async def main() -> None:
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                made.cut(Failure(kind="slept"))
                await asyncio.sleep(0)
                causes.extend(event.cause for event in batch.events if isinstance(event, Lost))

    asyncio.run(main())
    assert causes == ["slept"]


def test_an_outer_cancellation_is_not_taken_for_a_failure() -> None:
    time = Time()
    made = session(time, Script(time, [[ACK, HANG]]), policy=Policy())

    async def main() -> None:
        async def pump() -> None:
            async with aclosing(made.events()) as batches:
                async for _ in batches:
                    pass

        task = asyncio.create_task(pump())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert made.exit is None


def test_a_quiet_market_is_said_to_be_quiet_ever_more_seldom() -> None:
    told: list[float | None] = []

    def ticks(made: Session, time: Time) -> None:
        for _ in range(600):
            time.now += 1.0
            made.reader.life.frame_at = time.now  # type: ignore[union-attr]
            told.extend(event.value for event in made.tick().events if isinstance(event, Notice))
        made.cut(Failure(kind="slept"))

    cut_while_hanging(ticks)
    assert told == [60, 120, 240, 480]


def test_giving_up_is_one_sentence_with_the_remedy() -> None:
    rules: dict[int | str, Rule] = {403: Rule(tries=1, exit=4, say="check the key")}
    events = run([Failure(kind="status", code=403, text="Forbidden key")], toy(rules=rules))
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "Toy: answered 403 Forbidden: Forbidden key; check the key"
    ]


def test_a_failed_connect_says_why_and_when_the_next_is() -> None:
    events = run([Failure(kind="network", text="refused"), [ACK]])
    assert [(event.detail, event.wait, event.attempt) for event in events if isinstance(event, Retrying)] == [
        ("refused", 0.5, 1)
    ]
    assert [event.attempt for event in events if isinstance(event, Opened)] == [2]


def test_what_came_with_the_ack_is_kept_when_the_subscription_cannot_be_sent() -> None:
    time = Time()
    script = Script(time, [[[b"ack", data(a=-110)]]])
    broken = LinkError(Failure(kind="network", text="reset"))

    async def open_(asked: Request) -> Any:
        link = await script.open(asked)

        async def send(_: str) -> None:
            raise broken

        link.send = send  # type: ignore[method-assign, assignment]
        return link

    made = session(time, script, request=request(send=("one",)))
    made.open = open_
    assert words(play(made)) == ["opened", "quote a", "lost", "notice"]


def test_a_pong_is_a_sign_of_life_though_nothing_is_said() -> None:
    time = Time()
    script = Script(time, [[ACK, HANG]])
    made = session(time, script, request=replace(request(), heartbeat=10.0))

    async def main() -> list[tuple[float, float]]:
        batches = made.events()
        await anext(batches)
        told = []
        time.now += 40
        for script.links[0].silent in (math.inf, 14.0, 16.0):
            told.append((made.silent(time.now), made.silence(time.now)))
        await batches.aclose()
        return told

    # A heartbeat that is late by less than half of one is no silence yet.
    assert asyncio.run(main()) == [(40.0, 40.0), (14.0, 0.0), (16.0, 16.0)]
