"""Records told again: every type comes back as it was written, over files that a capture was split or rotated into."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture.records import Records, about
from oddstail.capture.store import Opening
from oddstail.model import (
    Alert,
    Batch,
    Drop,
    End,
    Event,
    Fixture,
    Gap,
    Health,
    Lost,
    Notice,
    Opened,
    Play,
    Quote,
    Result,
    Was,
)
from oddstail.price import from_american
from oddstail.record import TYPES, Encoder
from oddstail.replay.player import Pace
from tests.replay.support import told
from tests.support import quote, request
from tests.test_record import ALERTS, VALUE

NOON = 1_769_882_400_000_000
EVENTS: list[Event] = [
    Opened(label="NBA", host="toy.example", attempt=2, cursor="7"),
    quote("a", -110, line=-3.5, ts=NOON - 1, prev=105),
    quote("b", None, status="suspended", prev=100.5),
    quote("c", None, status="settled", what={"player": "A. B", "book": "Fan\u2028Duel"}),
    Fixture(game_id="g1", home="Utah Jazz", status="live", old_status="unplayed", ts=NOON),
    Play(game_id="g1", play="goal", score_a=1, score_b=0.5, captured=NOON + 3, ts=NOON, id="5", detail='{"x":1}'),
    Result(game_id="g1", home_score=101, away_score=99, player="A. B", detail="{}", live=True),
    Drop(game_id="g1", book="b", outcome="home", before=from_american(-150), price=from_american(120), delta=70, ts=NOON, elapsed_ms=1.5),
    Drop(game_id="g1", book="b", outcome="home", before=from_american(-150), price=None),
    Health(source="s", status="silent", silent_s=75.0, latest=NOON, events=3, window_s=60),
    Notice(code="credits", text="…", level="info", value=1.25, payload="{}"),
    Lost(cause="closed", detail="the server ended", retry_in=0.512),
    Gap(start=NOON, end=NOON + 5, seconds=41.234, cause="closed", resumed="unknown"),
    Alert(rule="line < -3", quote=quote("a", -105, line=-3.5, prev=-110), cents=5.0,
          was=Was("open", from_american(-110), -3.0, None, None)),
    Alert(rule="american > 100", quote=quote("b", 120)),
    quote("a", -103, line=-11, prev=-106, prev_line=-17.5),
    replace(quote("a", -103), detail='{"order_book":[[-103,250],[-105,1200]],"n":"é"}'),
    Alert(rule="american > 100", quote=quote("a", -103, line=-11, prev=-106, prev_line=-17.5)),
    VALUE,
    *ALERTS.values(),
]  # fmt: skip


def encoder() -> Encoder:
    made = Encoder()
    made.introduce(0, request())
    made.introduce(1, request())
    return made


def test_every_type_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert {type(event) for event in EVENTS} | {End} == set(TYPES)
    made = encoder()
    text = "".join(made.lines(Batch(1, NOON + at, [event]), [event]) for at, event in enumerate(EVENTS))
    end = End(code=3, reason="gave up", quotes=3, gaps=1)
    text += made.lines(Batch(0, NOON + 99, [end]), [end])
    path = tmp_path / "x.ndjson"
    path.write_text(text)
    again = told([path])
    assert [json.loads(line) for line in again.splitlines()] == [json.loads(line) for line in text.splitlines()]
    assert again == text


class Files:
    """Where a store would put lines: a list for each branch."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.lines: dict[str, list[bytes]] = {}
        self.done: list[tuple[str, int, bytes]] = []
        self.part = 1
        self.run = "r1"
        self.begin("")

    def begin(self, branch: str) -> None:
        self.lines[branch] = [
            self.records.header(Opening(branch=branch, part=self.part, run=self.run, at=NOON + 60 * (self.run == "r2")))
        ]
        if self.part > 1 or branch:
            self.lines[branch].extend(self.records.carried(branch))

    def put(self, data: bytes, branch: str = "") -> None:
        if branch not in self.lines:
            self.begin(branch)
        self.lines[branch].append(data)

    def branches(self) -> list[str]:
        return list(self.lines)

    def rotate(self) -> None:
        for branch, lines in self.lines.items():
            self.done.append((branch, self.part, b"".join(lines)))
        self.lines = {}
        self.part += 1
        self.begin("")


def prices(at: int) -> list[Event]:
    """One price of each of two books."""
    return [quote(book, -110 - at, what={"book": book}) for book in ("DraftKings", "FanDuel")]


@pytest.mark.parametrize("split", [None, "book"])
def test_rotated_and_split_captures_are_one_stream_again(split: Any, tmp_path: Path) -> None:
    made = encoder()
    records = Records(made, about([request()], "oddstail toy"), split)
    store: Any = Files(records)
    records.store = store
    plain, live = encoder(), ""
    batches = [
        Batch(1, NOON, [EVENTS[0], *prices(0)]), Batch(1, NOON + 1, prices(1)), Batch(1, NOON + 2, [EVENTS[11]]),
        Batch(1, NOON + 3, [EVENTS[0], EVENTS[12], *prices(2)]), Batch(1, NOON + 4, prices(3)),
    ]  # fmt: skip
    for at, batch in enumerate(batches):
        if at in (1, 4):
            store.rotate()
        records.emit(batch)
        records.life.emit(batch)
        live += plain.lines(batch, batch.events)
    store.rotate()
    for branch, part, data in store.done:
        (tmp_path / f"x-{branch or 'all'}-{part}.ndjson").write_bytes(data)
    assert told([tmp_path]) == live


def test_one_file_that_was_rotated_into_itself_repeats_nothing(tmp_path: Path) -> None:
    """`--append` goes on in the same file; what is said of another run there stands."""
    live, data = "", b""
    for run in ("r1", "r2"):
        records, plain = Records(encoder(), about([request()], "oddstail toy")), encoder()
        store: Any = Files(records)
        store.run = run
        store.begin("")
        records.store = store
        for at, batch in enumerate((Batch(1, NOON, [EVENTS[0], *prices(0)]), Batch(1, NOON + 1, prices(1)))):
            if at:
                store.rotate()
            records.emit(batch)
            live += plain.lines(batch, batch.events) if run == "r1" else ""
        store.rotate()
        data += b"".join(part for _, _, part in store.done)
    path = tmp_path / "x.ndjson"
    path.write_bytes(data)
    again = told([path]).splitlines(keepends=True)
    assert "".join(again[:5]) == live
    kinds = [json.loads(line)["type"] for line in again]
    assert kinds == ["opened", *["quote"] * 4, "lost", "opened", *["quote"] * 4]


@pytest.mark.parametrize("ends", ["open", "lost"])
def test_a_part_that_is_missing_is_a_gap_not_a_quiet_market(ends: str, tmp_path: Path) -> None:
    records = Records(encoder(), about([request()], "oddstail toy"))
    store: Any = Files(records)
    records.store = store
    second = 1_000_000
    for at in range(4):
        events = [*EVENTS[:1] * (at == 0), *prices(at), *EVENTS[11:12] * (ends == "lost" and at == 1)]
        records.emit(Batch(1, NOON + at * second, events))
        store.rotate()
    for branch, part, data in store.done:
        (tmp_path / f"x{branch}-{part}.ndjson").write_bytes(data)
    (tmp_path / "x-2.ndjson").unlink()
    (tmp_path / "x-3.ndjson").unlink()
    found = [json.loads(line) for line in told([tmp_path]).splitlines()]
    kinds = [one["type"] for one in found]
    reopened = ["opened"] * (ends == "open")
    assert kinds == ["opened", "quote", "quote", "lost", *reopened, "gap", "quote", "quote"]
    assert (found[3]["cause"], found[3]["detail"]) == ("records", "parts 2 to 3 of the run are not here")
    gap = next(one for one in found if one["type"] == "gap")
    assert (gap["from"], gap["to"], gap["seconds"], gap["resumed"]) == (
        "2026-01-31T18:00:00.000000Z", "2026-01-31T18:00:03.000000Z", 3.0, "no"
    )  # fmt: skip
    late = [json.loads(line) for line in told([tmp_path], pace=Pace(since=NOON + second)).splitlines()]
    assert [one["type"] for one in late] == [*reopened, "gap", "quote", "quote"]
    (tmp_path / "x-1.ndjson").unlink()
    assert "gap" not in told([tmp_path])


@pytest.mark.parametrize("kept", ["DraftKings", "FanDuel"])
def test_the_file_of_one_branch_alone_has_the_link_that_was_open(kept: str, tmp_path: Path) -> None:
    records = Records(encoder(), about([request()], "oddstail toy"), "book")
    store: Any = Files(records)
    records.store = store
    records.emit(Batch(1, NOON, [EVENTS[0], *prices(0)]))
    records.emit(Batch(1, NOON + 1, prices(1)))
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"".join(store.lines[kept]))
    found = [json.loads(line) for line in told([path]).splitlines()]
    assert [(one["type"], one.get("book")) for one in found] == [("opened", None), ("quote", kept), ("quote", kept)]


def test_a_later_file_alone_begins_with_what_was_carried(tmp_path: Path) -> None:
    records = Records(encoder(), about([request()], "oddstail toy"))
    store: Any = Files(records)
    records.store = store
    for at in range(2):
        records.emit(Batch(1, NOON + at, prices(at)))
        store.rotate()
    path = tmp_path / "x-2.ndjson"
    path.write_bytes(store.done[1][2])
    prev = [(json.loads(line)["american"], json.loads(line)["recv"][-4:]) for line in told([path]).splitlines()]
    assert prev == [(-110, "000Z"), (-110, "000Z"), (-111, "001Z"), (-111, "001Z")]


def test_changes_are_known_of_records_too(tmp_path: Path) -> None:
    made = encoder()
    batches = [Batch(1, NOON + at, [quote("a", american)]) for at, american in enumerate((-110, -110, -115))]
    path = tmp_path / "x.ndjson"
    path.write_text("".join(made.lines(batch, batch.events) for batch in batches))
    from tests.replay.support import player

    seen = []

    async def main() -> None:
        async for batch in player([path], encoder=encoder()).events():
            seen.extend([event.changed for event in batch.events if isinstance(event, Quote)])

    import asyncio

    asyncio.run(main())
    assert seen == [True, False, True]


def test_a_part_of_records_begins_with_how_things_stood(tmp_path: Path) -> None:
    made = encoder()
    batches = [Batch(1, NOON, [EVENTS[0], *prices(0)]), Batch(1, NOON + 10_000_000, prices(1))]
    path = tmp_path / "x.ndjson"
    path.write_text("".join(made.lines(batch, batch.events) for batch in batches))
    records = [json.loads(line) for line in told([path], pace=Pace(since=NOON + 5_000_000)).splitlines()]
    assert [(one["type"], one.get("american"), one.get("snap")) for one in records] == [
        ("opened", None, None), ("quote", -110, True), ("quote", -110, True), ("quote", -111, False), ("quote", -111, False),
    ]  # fmt: skip
