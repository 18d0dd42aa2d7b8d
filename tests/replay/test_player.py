"""Captures as they lie on a disk: in parts, packed, torn, with holes, of several runs; and at a pace."""

from __future__ import annotations

import asyncio
import gzip
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import orjson
import pytest

from oddstail.model import UsageError
from oddstail.replay.player import Pace, Player
from oddstail.replay.runs import files, runs
from oddstail.session import Session
from tests.replay.support import Deck, player, record, told
from tests.support import Step, Time, request

ACK = [b"ack"]


def data(**prices: float) -> bytes:
    """A message of the toy wire."""
    return orjson.dumps({"cursor": None, "prices": prices})


def evening(time: Time | None = None, run: str = "r1", label: str = "NBA") -> Deck:
    """A run of three quarters of a minute: four prices, a loss between them."""
    connects: list[list[Step]] = [
        [ACK, 1.0, [data(a=-110)], 20.0, [data(a=-115)]],
        [ACK, 1.0, [data(a=-120)], 25.0, [data(a=-125)]],
    ]
    return record([*connects], time=time, deck=Deck(request(label=label), run))


def in_parts(part_after: int) -> list[bytes]:
    """The same run, its tape in two files, the second begun after so many batches."""
    cuts: list[int] = []

    def during(made: Session, time: Time, deck: Deck) -> None:
        seen[0] += 1
        if seen[0] == part_after:
            cuts.append(len(deck.lines))
            deck.head(2, time.wall())

    seen = [0]
    connects: list[list[Step]] = [[ACK, 1.0, [data(a=-110)], 20.0, [data(a=-115)]], [ACK, [data(a=-120)]]]
    deck = record([*connects], during=during)
    return [b"".join(deck.lines[: cuts[0]]), b"".join(deck.lines[cuts[0] :]), deck.live.encode()]


def kinds(records: str) -> list[str]:
    """The story in one word a record."""
    parsed = [json.loads(line) for line in records.splitlines()]
    return [f"{one['type']} {one.get('american', one.get('cause', one.get('code', '')))}".strip() for one in parsed]


WHOLE = ["opened", "quote -110", "quote -115", "lost closed", "opened", "gap closed",
         "quote -120", "quote -125", "lost closed", "notice gave-up", "gap closed", "end"]  # fmt: skip


def test_the_story_that_the_others_tell_apart(tmp_path: Path) -> None:
    deck = evening()
    (tmp_path / "x.ndjson").write_bytes(deck.tape)
    assert kinds(told([tmp_path / "x.ndjson"])) == WHOLE


@pytest.mark.parametrize("after", range(1, 6))
def test_parts_of_a_run_are_one_whatever_order_they_are_named_in(after: int, tmp_path: Path) -> None:
    first, second, live = in_parts(after)
    (tmp_path / "b.tape.ndjson").write_bytes(first)
    (tmp_path / "a.tape.ndjson").write_bytes(second)
    assert told([tmp_path]) == live.decode()


def test_a_later_part_alone_opens_its_links_again_and_says_what_it_lacks(tmp_path: Path) -> None:
    _, second, _ = in_parts(2)
    path = tmp_path / "x-0002.tape.ndjson"
    path.write_bytes(second)
    _, notes = runs(files([path]))
    assert kinds(told([path]))[:3] == ["opened", "quote -115", "lost closed"]
    assert "part 2 of its run" in notes[0]


def test_joined_files_are_told_apart(tmp_path: Path) -> None:
    first, second, live = in_parts(2)
    (tmp_path / "x.ndjson").write_bytes(first + second)
    assert told([tmp_path / "x.ndjson"]) == live.decode()
    (tmp_path / "y.ndjson").write_bytes(evening().tape + evening(Time(5000.0), "r2").tape)
    both = kinds(told([tmp_path / "y.ndjson"]))
    assert both == [*WHOLE[:-1], "opened", "gap not running", *WHOLE[1:]]
    assert {json.loads(line)["conn"] for line in told([tmp_path / "y.ndjson"]).splitlines()} == {0, 1}


def test_packed_and_unfinished_files_are_read(tmp_path: Path) -> None:
    deck = evening()
    for name, packed in (("a.ndjson.gz", gzip.compress(deck.tape)), ("b.ndjson.part", deck.tape),
                         ("c.ndjson.gz.part", gzip.compress(deck.tape))):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(packed)
        assert told([path]) == deck.live, name


def test_zstd_is_read_where_it_is_installed(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    deck = evening()
    path = tmp_path / "a.ndjson.zst"
    half = len(deck.tape) // 2
    path.write_bytes(zstandard.compress(deck.tape[:half]) + zstandard.compress(deck.tape[half:]))
    assert told([path]) == deck.live


def test_a_torn_tail_is_noted_and_all_before_it_told(tmp_path: Path) -> None:
    lines = evening().tape.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if b"-125" in line)
    path = tmp_path / "x.ndjson.part"
    path.write_bytes(b"".join(lines[:at]) + lines[at][:100])
    story = kinds(told([path]))
    assert story == [*WHOLE[:7], "notice torn"]


def test_a_member_that_was_cut_off_is_noted(tmp_path: Path) -> None:
    lines = evening().tape.splitlines(keepends=True)
    path = tmp_path / "x.ndjson.gz.part"
    whole = gzip.compress(b"".join(lines[:6]))
    path.write_bytes(whole + gzip.compress(b"".join(lines[6:]))[:40])
    story = kinds(told([path]))
    assert story[0] == "opened"
    assert story[-1] == "notice torn"


@pytest.mark.parametrize("spoil", ["left out", "broken", "of another kind"])
def test_a_missing_line_is_a_gap_not_a_quiet_market(spoil: str, tmp_path: Path) -> None:
    lines = evening().tape.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if b"-115" in line)
    lines[at] = {"left out": b"", "broken": lines[at][:50] + b"\n", "of another kind": b'{"type":"frame"}\n'}[spoil]
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"".join(lines))
    story = kinds(told([path]))
    assert story[:3] == ["opened", "quote -110", "lost tape"]
    assert "quote -115" not in story
    assert {"opened", "gap tape"} <= set(story[3:])


def test_runs_are_merged_by_arrival_and_the_one_that_is_over_is_lost(tmp_path: Path) -> None:
    """The second begins while the first runs, and has the links of its own."""
    early, late = evening(Time(1000.0), "r1", "NBA"), evening(Time(1030.0), "r2", "NFL")
    (tmp_path / "late.tape.ndjson").write_bytes(late.tape)
    cut = next(n for n, line in enumerate(early.lines) if b"-125" in line)
    (tmp_path / "early.tape.ndjson").write_bytes(b"".join(early.lines[:cut]))
    records = [json.loads(line) for line in told([tmp_path]).splitlines()]
    assert [one["recv"] for one in records] == sorted(one["recv"] for one in records)
    assert [one["seq"] for one in records] == list(range(1, len(records) + 1))
    assert {one["label"]: one["conn"] for one in records if one["type"] == "opened"} == {"NBA": 1, "NFL": 2}
    ended = [one for one in records if one["type"] == "lost" and one["cause"] == "ended"]
    assert [one["conn"] for one in ended] == [1]


def test_what_is_asked_for_begins_with_how_things_stood(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(evening().tape)
    begin = player([path]).runs[0].start
    pace = Pace(since=begin + 10_000_000, until=begin + 30_000_000)
    records = [json.loads(line) for line in told([path], pace=pace).splitlines()]
    assert kinds(told([path], pace=pace)) == [
        "opened",
        "quote -110",
        "quote -115",
        "lost closed",
        "opened",
        "gap closed",
        "quote -120",
    ]
    assert records[1]["snap"] is True
    assert [one["recv"] for one in records[:2]] == ["1970-01-01T00:16:50.000000Z"] * 2


@pytest.mark.parametrize(
    ("speed", "pause", "slept"), [(1.0, None, 47.5), (10.0, None, 4.75), (1.0, 5.0, 12.5), (None, None, 0)]
)
def test_pauses_are_as_they_were_or_shorter(speed: float, pause: float | None, slept: float, tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(evening().tape)
    time = Time(50.0)
    told([path], pace=Pace(speed=speed, max_pause=pause), clock=time.clock())
    assert sum(time.slept) == pytest.approx(slept)


def test_a_quiet_end_of_a_tape_lasts_as_long_as_it_did(tmp_path: Path) -> None:
    deck = record([[ACK, 1.0, [data(a=-110)], 20.0, [b"ack"], 5.0, [data(a=-115)], 7.0, [b"ack"], 9.0]])
    killed = next(n for n, line in enumerate(deck.lines) if b'"type":"lost"' in line)
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"".join(deck.lines[:killed]))
    begin = player([path]).runs[0].start
    for until, since, slept in [(None, None, 33.0), (23, None, 23.0), (50, None, 33.0), (23, 10, 13.0)]:
        time = Time(50.0)
        pace = Pace(speed=1.0, since=since and begin + since * 10**6, until=until and begin + until * 10**6)
        made = player([path], pace=pace, clock=time.clock())

        async def main(made: Player = made) -> None:
            assert [batch async for batch in made.events()]

        asyncio.run(main())
        assert sum(time.slept) == pytest.approx(slept)
        assert made.at == begin + min(until or 33, 33) * 10**6


def test_the_tapes_clock_runs_between_two_messages_and_stops_while_output_is_held_up(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(evening().tape)
    time = Time(50.0)
    made = player([path], pace=Pace(speed=2.0), clock=time.clock())
    seen: list[tuple[int, float]] = []

    async def main() -> None:
        async with aclosing(made.events()) as batches:
            async for _ in batches:
                seen.append((made.now, time.now))
                if len(seen) == 2:
                    time.now += 1.0
                    seen.append((made.now, time.now))
                    made.hold()
                    time.now += 100.0
                    made.resume()
                if len(seen) == 4:
                    return

    asyncio.run(main())
    start = seen[0][0]
    assert [(at - start) / 1e6 for at, _ in seen] == pytest.approx([0, 1.0, 1.0, 21.0])
    # Twenty seconds of tape at twice the speed, and the hundred in which nobody read.
    assert seen[3][1] - seen[1][1] == pytest.approx(110.0)


def headless(tmp_path: Path) -> Path:
    path = tmp_path / "grep.ndjson"
    path.write_bytes(b"".join(line for line in evening().lines if b'"frame"' in line))
    return path


def test_frames_without_a_header_need_a_provider(tmp_path: Path) -> None:
    path = headless(tmp_path)
    with pytest.raises(UsageError, match="--provider"):
        runs(files([path]))
    found, _ = runs(files([path]), "toy")
    assert [request.provider for run in found for request in run.conns.values()] == ["toy"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello\n", "no NDJSON"),
        (b'{"a":1}\n', "neither a tape nor"),
        (b'{"type":"tape","v":2}\n', "version 2"),
        (b'{"type":"tape","v":1}\n', "head of the tape"),
    ],
)
def test_what_is_no_capture_is_said_in_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        runs(files([path]))


def test_a_directory_stands_for_its_captures_and_a_tape_for_its_records(tmp_path: Path) -> None:
    below = tmp_path / "date=2026-01-31"
    below.mkdir()
    (below / "x.tape.ndjson").write_bytes(evening().tape)
    (below / "x.tape.meta.json").write_text("{}")
    (below / ".x.tape.ndjson").write_bytes(b"?")
    head: dict[str, Any] = {"v": 1, "type": "header", "provider": "toy", "feed": "odds", "conn": 0, "seq": 0,
                            "recv": "2026-01-31T18:00:00.000000Z", "run": "r1", "part": 1, "split": None,
                            "subscription": "[]"}  # fmt: skip
    (below / "x.ndjson").write_bytes(json.dumps(head).encode() + b"\n")
    found, notes = runs(files([tmp_path]))
    assert [(run.kind, len(run.parts)) for run in found] == [("tape", 1)]
    assert "records skipped" in notes[0]
    assert files([f"{tmp_path}/**/*.tape.ndjson"]) == [below / "x.tape.ndjson"]
    with pytest.raises(UsageError, match="no file"):
        files([tmp_path / "y.ndjson"])


@pytest.mark.parametrize("form", ["copy.ndjson", "copy.ndjson.gz", "copy.ndjson.part"])
def test_a_file_and_its_copy_are_told_once_and_both_are_named(form: str, tmp_path: Path) -> None:
    deck = evening()
    whole, copy = tmp_path / "x.ndjson", tmp_path / form
    whole.write_bytes(deck.tape)
    copy.write_bytes(gzip.compress(deck.tape) if form.endswith(".gz") else deck.tape)
    for given in ([whole, copy], [copy, whole] if form.endswith(".part") else [whole, copy]):
        assert told(given) == deck.live
        assert runs(files(given))[1] == [f"{copy} is skipped: {whole} is the same part of the same run"]


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_file_and_a_copy_that_was_cut_off_the_whole_one_is_told(packed: bool, tmp_path: Path) -> None:
    deck = evening()
    whole, cut = tmp_path / "x.ndjson.gz", tmp_path / ("cut.ndjson.gz" if packed else "cut.ndjson")
    half = b"".join(deck.lines[: len(deck.lines) // 2])
    whole.write_bytes(gzip.compress(deck.tape))
    cut.write_bytes(gzip.compress(half, 0) if packed else half)
    third = tmp_path / "third.ndjson"
    third.write_bytes(half)
    for given in ([whole, cut], [cut, whole]):
        assert told(given) == deck.live
        (note,) = runs(files(given))[1]
        assert note == f"{cut} is skipped: {whole} is the same part of the same run"
    (run,), (note,) = runs(files([cut, whole, third]))
    assert note.endswith("the same part of the same run; so is 1 more like it")
    assert [(left.path, kept.path) for left, kept in run.copies] == [(cut, whole), (third, whole)]


def test_one_file_by_two_names_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck = evening()
    (tmp_path / "x.ndjson").write_bytes(deck.tape)
    (tmp_path / "x.ndjson.gz").write_bytes(gzip.compress(deck.tape))
    (tmp_path / "link.ndjson").symlink_to("x.ndjson")
    monkeypatch.chdir(tmp_path)
    given: list[str | Path] = ["x.ndjson", tmp_path, tmp_path / "x.ndjson.gz"]
    assert files(given) == [Path("x.ndjson")]
    assert (told(files(given)), runs(files(given))[1]) == (deck.live, [])


def test_runs_that_have_the_same_name_by_chance_are_no_copies(tmp_path: Path) -> None:
    decks = [evening(Time(1000.0)), evening(Time(5000.0))]
    for n, deck in enumerate(decks):
        (tmp_path / f"{n}.ndjson").write_bytes(deck.tape)
    (run,), notes = runs(files([tmp_path]))
    assert (len(run.parts), run.copies, notes) == (2, [], [])
