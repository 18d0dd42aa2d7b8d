"""Lines out of files that are too long, that move while they are read, or that are none."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from oddstail.model import UsageError
from oddstail.replay import lines
from oddstail.replay.lines import Lines
from oddstail.replay.runs import files, runs
from tests.e2e.support import ENV, run
from tests.replay.support import told
from tests.replay.test_verify import checked, said
from tests.replay.test_verify import lines as tape


def test_a_line_that_is_too_long_is_left_out_and_said_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the torn end: what comes after it is there, and a hole in the numbers is told."""
    monkeypatch.setattr(lines, "_LONGEST", 2048)
    had = tape()
    assert max(map(len, had)) < 2048
    path = tmp_path / "x.tape.ndjson"
    long = had[3][:-2] + b',"x":"' + b"x" * 5000 + b'"}\n'
    path.write_bytes(b"".join([*had[:3], long, *had[4:]]))
    made = checked(path)
    assert f"a line of {len(long):,} bytes is more than the 2,048 that are read" in said(made)
    assert "1 line is missing" in said(made)
    assert (made.files[0].lines, made.files[0].torn) == (len(had) - 1, 0)
    assert made.ended
    assert f"a line of {len(long):,} bytes" in told([path])


def test_a_torn_end_that_is_too_long_is_a_torn_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_LONGEST", 2048)
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(b"".join(tape()) + b"x" * 5000)
    assert "the last line is torn (5,000 bytes)" in said(checked(path))


@pytest.mark.parametrize("size", [0, 6, 7, 8, 9, 15, 16, 17, 39, 40])
def test_line_is_read_whole_however_many_blocks_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(lines, "_BLOCK", 8)
    monkeypatch.setattr(lines, "_LONGEST", 42)
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"a\n" + b"x" * size + b"\nb\nc")
    read = Lines(path)
    assert list(read) == [b"a\n", b"x" * size + b"\n", b"b\n"]
    assert (read.torn, read.long, read.size) == (1, [], size + 6)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured by /proc")
def test_endless_line_takes_bounded_memory() -> None:
    # Not by getrusage: it counts the memory of the process that this one was forked from.
    script = (
        "from pathlib import Path; from oddstail.replay.lines import Lines\n"
        "assert list(Lines(Path('-'))) == []\n"
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    with subprocess.Popen(["head", "-c", "1500000000", "/dev/zero"], stdout=subprocess.PIPE) as zeros:
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=zeros.stdout, capture_output=True, text=True, check=True, timeout=60
        )
    assert int(done.stdout) < 700 * 1024


def test_the_longest_line_of_the_default_frame_is_read() -> None:
    """64 MiB of control characters are six times as many bytes of JSON, and a name around them."""
    assert lines._LONGEST > 6 * 64 * 1024 * 1024 + 1024 * 1024


@pytest.mark.parametrize("then", ["x.ndjson", "x.ndjson.gz"])
def test_a_file_that_is_closed_and_packed_meanwhile_is_read_under_its_new_name(then: str, tmp_path: Path) -> None:
    """A run goes on while somebody reads what it wrote."""
    part = tmp_path / "x.ndjson.part"
    part.write_bytes(b"1\n")
    data = b"1\n2\n"
    (tmp_path / then).write_bytes(gzip.compress(data) if then.endswith(".gz") else data)
    part.unlink()
    assert list(Lines(part)) == [b"1\n", b"2\n"]
    assert files([tmp_path]) == [tmp_path / then]


def test_a_listing_that_a_rename_overtakes_misses_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.ndjson").write_bytes(b"1\n")
    monkeypatch.setattr(Path, "rglob", lambda *_: iter([tmp_path / "x.ndjson.part", tmp_path / "gone.ndjson"]))
    assert files([tmp_path]) == [tmp_path / "x.ndjson"]


def test_the_manifest_of_a_file_that_is_being_packed_is_of_its_packed_form(tmp_path: Path) -> None:
    from tests.replay.test_verify import closed

    data = b"".join(tape())
    closed(tmp_path / "x.tape.ndjson", data, file="x.tape.ndjson.gz", sha256="0", raw_bytes=len(data))
    assert said(checked(tmp_path / "x.tape.ndjson")) == ""
    closed(tmp_path / "x.tape.ndjson", data, file="x.tape.ndjson.gz", sha256="0", raw_bytes=len(data) + 1)
    assert "is not of the size" in said(checked(tmp_path / "x.tape.ndjson"))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.ndjson", b"", "is empty"),
        ("x.ndjson", b"\n \n\n", "is empty"),
        ("x.ndjson.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("x.ndjson", b'{"type":"tape","v":1', "has no whole line (20 bytes of a torn one)"),
        ("x.ndjson.gz", b"not packed", "has no whole line (10 bytes of a torn one)"),
        (
            "x.ndjson",
            b"\x1f\x8bnot packed",
            "cannot be unpacked (Error -3 while decompressing data: unknown compression method)",
        ),
        (
            "x.ndjson.zst",
            b"\x28\xb5\x2f\xfdnot packed",
            "cannot be unpacked (zstd decompress error: Unsupported frame parameter)",
        ),
    ],
)
def test_nothing_to_tell_is_one_sentence_with_its_reason_and_the_remedy(
    name: str, content: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    replayed = run("replay", str(path), env=ENV)
    assert (replayed.code, replayed.out) == (2, b"")
    assert replayed.err == f"oddstail: {path} {why}; name a tape or a file of records, made with --tape or -w\n"
    verified = run("verify", str(path), "--json", env=ENV)
    assert verified.code == 6
    assert b'"whole":false' in verified.out
    assert verified.err == f"oddstail: {path} {why}\n"


def test_blank_lines_before_the_head_are_no_garbage(tmp_path: Path) -> None:
    path = tmp_path / "x.tape.ndjson"
    path.write_bytes(b"\n\n\n\n" + b"".join(tape()))
    (found,), _ = runs(files([path]))
    assert found.kind == "tape"


def test_garbage_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(b"hello\n")
    with pytest.raises(UsageError, match=r"is no NDJSON; name a tape or a file of records, made with --tape or -w"):
        runs(files([path]))
