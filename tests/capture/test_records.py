"""What is carried into the next file, and that counting as it goes and counting afterwards come to the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oddstail.capture.names import template
from oddstail.capture.options import Options
from oddstail.capture.records import Held, Records, about, scan
from oddstail.capture.store import Opening, Store
from oddstail.model import CREDITS_OUT, Batch, Event, Fixture, Gap, Left, Lost, Notice, Opened, Quote
from oddstail.record import Encoder
from tests.support import quote, request

OPENED = Opened(label="NBA", host="h")
A = quote("a").what.key
UNPAID = Notice(code=CREDITS_OUT, text="no more")
LOST = Lost(cause="closed", detail="d", retry_in=1.0)
YES, NO = (Gap(start=1, end=2, seconds=1.0, cause="closed", resumed=word) for word in ("yes", "no"))


class Collecting(Store):
    """A store that keeps what is put; the thread never starts."""

    def __init__(self, records: Records) -> None:
        options = Options(template=template("x/", ".ndjson", folder=True))
        super().__init__(options, {"run": "r"}, records, redact=bytes, on_error=lambda _: None, say=lambda _: None)
        self.lines: dict[str, bytes] = {}

    def put(self, data: bytes, branch: str = "") -> None:
        self.lines[branch] = self.lines.get(branch, b"") + data

    def branches(self) -> list[str]:
        return list(self.lines)


def play(*batches: list[Event], split: Any = None, conn: int = 1) -> tuple[Records, Collecting]:
    """Records after these batches, each at its own second."""
    encoder = Encoder()
    encoder.introduce(0, request())
    encoder.introduce(conn, request())
    records = Records(encoder, about([request()], "oddstail toy"), split)
    records.store = store = Collecting(records)
    life = records.life
    for second, events in enumerate(batches, 1):
        batch = Batch(conn, second * 1_000_000, events)
        life.emit(batch)
        records.emit(batch)
    return records, store


def carried(records: Records, branch: str = "") -> list[tuple[str, Any, int]]:
    """Type, selection or label, number."""
    lines = [json.loads(line) for line in b"".join(records.carried(branch)).splitlines()]
    assert all(line["carried"] is True for line in lines)
    return [(line["type"], line.get("selection") or line.get("label"), line["seq"]) for line in lines]


@pytest.mark.parametrize("split", [None, "book"])
@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([[OPENED, quote("a"), quote("b")]], [("opened", "NBA", 1), ("quote", "a", 2), ("quote", "b", 3)]),
        ([[OPENED, quote("a")], [quote("a", -120)]], [("opened", "NBA", 1), ("quote", "a", 3)]),
        ([[OPENED, quote("a")], [quote("a", None, status="suspended")]], [("opened", "NBA", 1), ("quote", "a", 3)]),
        ([[OPENED, quote("a")], [quote("a", None, status="removed")]], [("opened", "NBA", 1)]),
        ([[OPENED, quote("a")], [quote("a", None, status="settled")]], [("opened", "NBA", 1)]),
        ([[OPENED, quote("a")], [LOST]], [("lost", None, 3)]),
        ([[OPENED, quote("a")], [LOST], [OPENED, NO]], [("opened", "NBA", 4)]),
        ([[OPENED, quote("a")], [LOST], [OPENED, NO], [quote("a")]], [("opened", "NBA", 4), ("quote", "a", 6)]),
        ([[OPENED, quote("a")], [LOST], [OPENED, YES]], [("opened", "NBA", 4), ("quote", "a", 2)]),
        ([[OPENED, quote("a")], [LOST], [LOST], [OPENED, YES]], [("opened", "NBA", 5), ("quote", "a", 2)]),
        ([[OPENED, quote("a"), quote("b")], [Left(A)]], [("opened", "NBA", 1), ("quote", "b", 3)]),
        ([[OPENED, quote("a"), Left(A)]], [("opened", "NBA", 1)]),
        ([[OPENED, quote("a")], [Left(A), quote("a")]], [("opened", "NBA", 1), ("quote", "a", 3)]),
        ([[OPENED, quote("a")], [LOST], [Left(A)], [OPENED, YES]], [("opened", "NBA", 4)]),
        ([[OPENED, quote("a"), quote("b")], [UNPAID], [quote("b")]], [("opened", "NBA", 1), ("quote", "b", 5)]),
    ],
    ids=["all", "latest", "suspended", "removed", "settled", "lost", "not replayed", "said again", "replayed", "lost twice",
         "left a filter", "left it at once", "came back", "left while unsure", "out of credits"],
)  # fmt: skip
def test_what_is_on_offer_is_carried_and_nothing_else(
    batches: list[list[Event]], expected: list[Any], split: str | None
) -> None:
    records, _ = play(*batches, split=split)
    assert carried(records) == expected


def test_a_carried_record_is_the_record_that_said_it() -> None:
    records, store = play([OPENED], [quote("a", -110, ts=5), quote("b")], [quote("b", -130)])
    lines = store.lines[""].splitlines()
    assert b"".join(records.carried("")).splitlines()[1:] == [
        line[:-1] + b',"carried":true}' for line in (lines[1], lines[3])
    ]


def test_a_filter_on_types_does_not_hide_that_a_link_was_lost() -> None:
    records, _ = play([quote("a")])
    records.life.emit(Batch(1, 9_000_000, [LOST]))
    assert carried(records) == []


def test_memory_is_bounded() -> None:
    held = Held(most=100)
    for n in range(1000):
        held.batch(Batch(1, n, [quote(f"q{n}")]), n)
    assert len(list(held.said())) <= 101


def test_what_was_not_on_offer_for_long_is_carried_no_more() -> None:
    held = Held()
    minute = 60_000_000
    held.batch(Batch(1, 0, [quote("a"), quote("b", None, status="suspended"), quote("c", None, status="suspended")]), 1)
    held.batch(Batch(1, 10 * minute, [quote("c", None, status="suspended")]), 4)
    held.batch(Batch(1, 16 * minute, [quote("d")]), 5)
    assert [said[0].what.selection for _, said in held.said() if isinstance(said[0], Quote)] == ["a", "c", "d"]


def test_counted_as_it_went_and_afterwards_is_the_same() -> None:
    notice = Notice(code="quiet", text='"book":"no book"', level="info")
    records, store = play(
        [OPENED, quote("a"), quote("b", what={"book": 'The "Best" Book\u2028'})], [notice], [LOST], [OPENED, NO],
        [quote("a", None, status="suspended"), Fixture(game_id="g")],
    )  # fmt: skip
    header = records.header(Opening(branch="", part=2, run="r", at=0))
    lines = [
        header,
        *b"".join(records.carried("")).splitlines(keepends=True),
        *store.lines[""].splitlines(keepends=True),
    ]
    assert scan([line.replace(b"\n", b"   \n") for line in lines]) == records.facts("")
    assert records.facts("")["records"] == 0


def test_split_life_is_in_every_file_and_a_quote_in_its_own() -> None:
    one, two = {"book": "One"}, {"book": "Two"}
    records, store = play([OPENED], [quote("a", what=one), quote("b", what=two)], [LOST], split="book")
    store.lines.setdefault("", b"")
    types = {branch: [json.loads(line)["type"] for line in data.splitlines()] for branch, data in store.lines.items()}
    assert (types["One"], types["Two"]) == (["quote", "lost"], ["quote", "lost"])
    assert records.facts("One")["types"] == {"quote": 1, "lost": 1}
    assert carried(play([OPENED], [quote("a", what=one), quote("b", what=two)], split="book")[0], "Two")[1:] == [
        ("quote", "b", 3)
    ]
