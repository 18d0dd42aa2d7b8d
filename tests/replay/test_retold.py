"""A tape told again says byte for byte what the live run said, whatever happened to its links."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from oddstail.model import (
    Batch,
    Event,
    Failure,
    Frame,
    Memory,
    Message,
    Notice,
    Provider,
    Quote,
    Read,
    Replace,
    Request,
    Scope,
    Send,
)
from oddstail.session import Session
from tests.replay.support import Deck, player, record, told
from tests.support import Step, Time, quote, request, toy, toy_read

ACK = [b"ack"]


def data(cursor: str | None = None, **prices: float) -> bytes:
    """A message of the toy wire."""
    return orjson.dumps({"cursor": cursor, "prices": prices})


def resume(asked: Request, cursor: str) -> Request:
    return request(params=(("after", cursor),))


REPLAYS = {"resume": resume, "replays": "yes", "window": 28.0}
GONE = Failure(kind="status", code=404, text="no such thing")
REFUSED = Failure(kind="network", text="refused")

CASES: dict[str, tuple[list[list[Step] | Failure], dict[str, Any]]] = {
    "one link": ([[ACK, [data(a=-110)], 1.5, [data(a=-115, b=120)]]], {}),
    "two frames of one read": ([[ACK, [data(a=-110), b"beat", data(a=-105)]]], {}),
    "lost and open again": ([[ACK, 0.1234567, [data(a=-110)], 2.0], [ACK, [data(a=-112)]]], {}),
    "bytes without a frame": ([[ACK, [data(a=-110)], 3.0, [], 4.0], [ACK]], {}),
    "refused at first": ([REFUSED, REFUSED, [ACK, [data(a=-110)]]], {}),
    "never open": ([REFUSED, REFUSED], {}),
    "resumed": ([[ACK, [data("1", a=-110), data("2", b=110)]], [ACK, [data("2", b=110), data("3", a=-120)]]], REPLAYS),
    "too late to resume": ([[ACK, [data("1", a=-110)], 40.0], [ACK, [data("2", a=-111)]]], REPLAYS),
    "a cursor that cannot be sent": ([[ACK, [data("a\n", a=-110)]], [ACK]], REPLAYS),
    "nonsense and a bug": ([[ACK, [b"<html>", b'{"boom":1}', data(a=-110)]]], {}),
    "bytes that are no text": ([[ACK, [b"\xff\xfe", data(a=-110)]]], {}),
    "an error in the stream": ([[ACK, [data(a=-110), b"refused", data(a=-111)]], [ACK]], {}),
    "refused for good": ([[ACK], GONE], {}),
}


@pytest.mark.parametrize(("connects", "facts"), CASES.values(), ids=CASES.keys())
def test_a_tape_says_what_the_run_said(
    connects: list[list[Step] | Failure], facts: dict[str, Any], tmp_path: Path
) -> None:
    deck = record(connects, toy(**facts))
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    assert deck.live == told([path], toy(**facts))
    assert deck.live.count("\n") >= 2


def snapshots(message: Message) -> list[Event]:
    """A decoder for a provider whose snapshot is a burst of states."""
    return [
        Replace(
            scope=Scope(game_id="g1", book=book), quotes=(quote(f"a-{book}", american, what={"book": book}),), snap=True
        )
        for book, american in message.body.get("prices", {}).items()
    ]


BURST = Provider(name="toy", title="Toy", read=toy_read, decoder=lambda *_: snapshots, snapshot="burst")


def test_what_only_the_loop_knew_is_told_again(tmp_path: Path) -> None:
    """A sweep that the clock decided, a silence, and what the run itself said."""

    def tick(made: Session, time: Time, deck: Deck) -> None:
        time.now += 2.5
        deck.emit(made.tick())
        time.now += 70.0
        made.reader.life.frame_at = time.now  # type: ignore[union-attr]
        deck.emit(made.tick())
        said = Batch(1, time.wall(), [Notice(code="held-up", text="stdout was not read", value=1.5)])
        deck.recorder.told(said)
        deck.emit(said)

    def during(made: Session, time: Time, deck: Deck) -> None:
        if made.is_open:
            tick(made, time, deck)

    connects: list[list[Step] | Failure] = [[ACK, [data(dk=-110, fd=120)]], [ACK, [data(dk=-115)]], GONE]
    deck = record(connects, BURST, during=during)
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    records = [json.loads(line) for line in deck.live.splitlines()]
    assert [record["status"] for record in records if record.get("selection") == "a-fd"][1:] == ["removed"]
    assert {"quiet", "held-up"} <= {record.get("code") for record in records}
    assert deck.live == told([path], BURST)


def test_what_was_asked_for_beside_a_link_is_on_its_tape(tmp_path: Path) -> None:
    def during(made: Session, time: Time, deck: Deck) -> None:
        if made.is_open:
            time.now += 0.25
            for batch in made.beside(Read(time.wall(), [Frame(data(f"9-{time.now}", a=-130))], beside=True)):
                deck.emit(batch)

    facts = {"resume": resume, "replays": "yes", "window": 28.0}
    deck = record([[ACK, 3.0, [data("1", a=-110)]], [ACK, 1.0, [data("2", a=-111)]]], toy(**facts), during=during)
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    assert '"american":-130' in deck.live
    assert deck.live == told([path], toy(**facts))


def test_what_a_decoder_wished_to_send_is_not_sent_again(tmp_path: Path) -> None:
    def decoder(_: Request, memory: Memory) -> Any:
        return lambda message: [quote("a"), Send("hello", every=0.0)]

    provider = Provider(name="toy", title="Toy", read=toy_read, decoder=decoder)
    deck = record([[ACK, [data(a=-110)]]], provider, request=request(converses=True))
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    assert b'"dir":"out","data":"hello"' in deck.tape
    seen: list[Event] = []

    async def main() -> None:
        async for batch in player([path], provider).events():
            seen.extend(batch.events)

    asyncio.run(main())
    assert any(isinstance(event, Quote) for event in seen)
    assert not any(isinstance(event, Send) for event in seen)


def test_a_link_that_does_not_greet_is_open_at_once_on_a_tape_too(tmp_path: Path) -> None:
    deck = record([[2.0, [data(a=-110)]], [3.0, [data(a=-111)]]], request=request(greets=False))
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    assert [json.loads(line)["type"] for line in deck.live.splitlines()][:3] == ["opened", "quote", "lost"]
    assert deck.live == told([path])


def test_a_run_that_goes_on_where_another_ended_says_the_same_gap(tmp_path: Path) -> None:
    facts = {"resume": resume, "replays": "yes", "window": 28.0}

    def prepared(made: Session) -> None:
        made.reader.continues("7", 990_000_000, 10.0, 1000.0)

    deck = record([[ACK, [data("7", a=-110), data("8", a=-111)]], [ACK]], toy(**facts), prepared=prepared)
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    gap = next(json.loads(line) for line in deck.live.splitlines() if '"gap"' in line)
    assert (gap["cause"], gap["seconds"], gap["resumed"]) == ("not running", 10.0, "yes")
    assert '"american":-110' not in deck.live
    assert deck.live == told([path], toy(**facts))


def test_a_wall_clock_that_jumps_changes_nothing(tmp_path: Path) -> None:
    def jump(made: Session, time: Time, deck: Deck) -> None:
        time.jump -= 3600.0

    deck = record([[ACK, [data(a=-110)], 1.0, [data(a=-111)]], [ACK], GONE], during=jump)
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(deck.tape)
    assert deck.live == told([path])
