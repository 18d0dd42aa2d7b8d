"""What `verify` says of captures: each fault that a file can have, what is covered, and that nothing else is one."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture import manifest
from oddstail.model import UsageError
from oddstail.replay.between import Between
from oddstail.replay.coverage import Coverage
from oddstail.replay.runs import files, runs
from oddstail.replay.verify import Account, account, lost
from tests.replay.support import record
from tests.support import Step, toy

ACK = [b"ack"]
CONNECTS: list[list[Step]] = [
    [ACK, 10.0, [b'{"cursor":null,"prices":{"a":-110}}'], 30.0],
    [ACK, 10.0, [b'{"cursor":null,"prices":{"a":-115,"b":120}}'], 9.0],
]


def lines() -> list[bytes]:
    """A run of a minute: forty seconds open, half of one lost, nineteen open again."""
    return record([*CONNECTS, [ACK]]).tape.splitlines(keepends=True)


def checked(*paths: Path) -> Account:
    """The account of the one run that these files are of."""
    found, _ = runs(files(paths), every=True)
    (run,) = found
    return account(run, lambda _: toy(), lambda: None, Between())


def said(made: Account) -> str:
    return "; ".join([*made.problems, *(problem for one in made.files for problem in one.problems)])


def closed(path: Path, data: bytes, **told: Any) -> None:
    """A file with its manifest."""
    path.write_bytes(data)
    facts = {"sha256": hashlib.sha256(data).hexdigest(), "complete": True, "why": "ended", **told}
    manifest.beside(path).write_text(json.dumps(facts))


def test_a_whole_run_is_whole_packed_or_not(tmp_path: Path) -> None:
    closed(tmp_path / "x.tape.ndjson", b"".join(lines()))
    closed(tmp_path / "y.tape.ndjson.gz", gzip.compress(b"".join(lines())))
    for name in ("x.tape.ndjson", "y.tape.ndjson.gz"):
        made = checked(tmp_path / name)
        assert (said(made), made.whole, made.ended) == ("", True, True)
        assert (made.files[0].sums, made.files[0].lines) == ("ok", len(lines()))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda had: [*had[:-1], had[-1][:20]], "the last line is torn (20 bytes)"),
        (lambda had: had[:-1], "the run has no end"),
        (lambda had: [*had[:5], *had[6:]], "1 line is missing"),
        (lambda had: [*had[:5], *had[8:]], "3 lines are missing"),
        (lambda had: [*had[:5], b"{]\n", *had[6:]], "1 line is not to be read"),
        (lambda had: [*had[:5], had[6], had[5], *had[7:]], "out of order"),
        (lambda had: [*had[:5], b'{"type":"lost","seq":5}\n', *had[6:]], "1 line is not to be read"),
    ],
    ids=["torn", "no-end", "one-missing", "three-missing", "broken", "swapped", "a-line-without-its-fields"],
)
def test_each_fault_is_named(spoil: Any, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(b"".join(spoil(lines())))
    made = checked(path)
    assert not made.whole
    assert expected in said(made)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"sha256": "0" * 64}, "not those that the manifest has the sum of"),
        ({"complete": False}, "its run was killed: what was written is all here"),
        ({"torn_bytes": 12}, "12 bytes of a torn line were set aside"),
    ],
)
def test_a_manifest_is_believed(told: dict[str, Any], expected: str, tmp_path: Path) -> None:
    closed(tmp_path / "x.tape.ndjson", b"".join(lines()), **told)
    made = checked(tmp_path / "x.tape.ndjson")
    assert expected in said(made)
    assert made.files[0].sums in ("differs", "incomplete")


def test_an_open_file_and_a_cut_member_are_not_whole(tmp_path: Path) -> None:
    (tmp_path / "x.tape.ndjson.part").write_bytes(b"".join(lines()))
    assert "not closed" in said(checked(tmp_path / "x.tape.ndjson.part"))
    (tmp_path / "y.tape.ndjson.gz").write_bytes(gzip.compress(b"".join(lines()))[:-20])
    assert "cut off in the packing" in said(checked(tmp_path / "y.tape.ndjson.gz"))


def test_a_part_that_is_not_here_is_missed(tmp_path: Path) -> None:
    had = lines()
    head = had[0].replace(b'"part":1', b'"part":3').replace(b'"next":1', b'"next":7')
    (tmp_path / "a.tape.ndjson").write_bytes(b"".join(had[:4]))
    (tmp_path / "c.tape.ndjson").write_bytes(b"".join([head, *had[7:]]))
    text = said(checked(tmp_path))
    assert "part 2 of the run is not here" in text
    assert "3 lines are missing" in text


@pytest.mark.parametrize(("part", "expected"), [(10**9, "part 1, 2, 3, 4, 5 and more of the run"), (7, "part 1, 2")])
def test_a_part_of_a_great_number_is_no_great_work(tmp_path: Path, part: int, expected: str) -> None:
    head, *rest = lines()
    (tmp_path / "x.tape.ndjson").write_bytes(
        b"".join([head.replace(b'"part":1,', b'"part":%d,' % part, 1), *rest]),
    )
    assert expected in said(checked(tmp_path / "x.tape.ndjson"))


def test_a_part_that_no_run_counts_to_is_said(tmp_path: Path) -> None:
    for part in (b"1e300", b"0", b'"1"', b"true"):
        (tmp_path / "x.tape.ndjson").write_bytes(b"".join(lines()).replace(b'"part":1,', b'"part":%s,' % part, 1))
        with pytest.raises(UsageError, match="a part has a number"):
            checked(tmp_path / "x.tape.ndjson")


@pytest.mark.parametrize("told", ['{"torn_bytes":"x"}', "[" * 100_000])
def test_a_manifest_of_nonsense_breaks_nothing(tmp_path: Path, told: str) -> None:
    (tmp_path / "x.tape.ndjson").write_bytes(b"".join(lines()))
    (tmp_path / "x.tape.meta.json").write_text(told)
    checked(tmp_path / "x.tape.ndjson")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda path: path.write_bytes(b""), "it is empty"),
        (lambda path: path.write_bytes(b'{"torn'), "there is no whole line in it"),
        (lambda path: path.unlink(), "its manifest is here, and the file is not"),
        (lambda path: (path.with_name(path.name + ".gz").write_bytes(gzip.compress(b"".join(lines()))), path.unlink()),
         None),
        (lambda path: path.with_name("z.meta.json").write_text('{"file":"z.bin"}'), None),
    ],
)  # fmt: skip
def test_a_capture_of_which_nothing_is_left_is_not_whole(tmp_path: Path, spoil: Any, expected: str | None) -> None:
    for name in ("x", "y"):
        data = b"".join(lines()).replace(b'"run":"r1"', b'"run":"%s"' % name.encode())
        closed(tmp_path / f"{name}.tape.ndjson", data, file=f"{name}.tape.ndjson", program="oddstail 0")
    spoil(tmp_path / "x.tape.ndjson")
    found, _ = runs(files([tmp_path]), every=True)
    assert [problem for one in lost([tmp_path], found) for problem in one.problems] == [expected] * bool(expected)


def test_a_copy_is_a_row_of_its_own_and_counts_for_nothing(tmp_path: Path) -> None:
    whole, copy = tmp_path / "x.tape.ndjson", tmp_path / "copy.tape.ndjson.gz"
    closed(whole, b"".join(lines()))
    alone = checked(whole).record()
    copy.write_bytes(gzip.compress(b"".join(lines())))
    found, notes = runs(files([whole, copy]), every=True)
    (row,) = lost([whole, copy], found)
    assert (row.path, row.problems, notes) == (
        copy, [f"not looked at: {whole} is the same part of the same run; verify each by itself"], []
    )  # fmt: skip
    assert checked(whole, copy).record() == alone


def test_coverage_is_the_share_of_the_time_in_which_something_was_known(tmp_path: Path) -> None:
    """Opened at 0 and told at 10, lost at 40, open again at 40.5 and told at 50.5, lost at 59.5."""
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(b"".join(lines()))
    made = checked(path)
    whole = made.coverage.micros / 1e6
    (one,) = made.shares()
    assert (one["book"], one["market"], one["quotes"]) == ("DraftKings", "Moneyline", 3)
    assert one["seconds"] == pytest.approx(30 + 9)
    assert one["share"] == pytest.approx(39 / whole)
    assert made.coverage.watched == pytest.approx((40 + 19) / whole)
    assert made.unresumed == [30.5, 10.0, 0.0]


def test_a_price_that_is_gone_is_not_covered_and_one_that_was_resumed_is() -> None:
    from oddstail.model import Batch, Gap, Lost, Opened
    from tests.support import quote

    made = Coverage(0)
    second = 1_000_000
    made.apply(Batch(1, 0, [Opened(label="NBA", host="h"), quote("a"), quote("b", what={"book": "FanDuel"})]))
    made.apply(Batch(1, 10 * second, [quote("b", None, status="removed", what={"book": "FanDuel"})]))
    made.apply(Batch(1, 20 * second, [Lost(cause="closed", detail="")]))
    gap = Gap(start=20, end=30, seconds=10.0, cause="closed", resumed="yes")
    made.apply(Batch(1, 30 * second, [Opened(label="NBA", host="h"), gap]))
    made.apply(Batch(1, 40 * second, []))
    made.close()
    assert {one.book: made.share(one) for one in made.markets()} == {"DraftKings": 0.75, "FanDuel": 0.25}
    assert made.watched == 0.75
