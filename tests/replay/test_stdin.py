"""Captures that come through a pipe: lines go out as they come in, and a signal or the end of the pipe ends it."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.support import ENV, Running, command, run, terminal, until


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines of a tape, without its last: a run that goes on."""
    path = tmp_path_factory.mktemp("taped") / "t.tape.ndjson"
    ran = run(
        "demo",
        "-p",
        "opticodds",
        "--rate",
        "50",
        "-o",
        "none",
        "--no-snapshot",
        "--tape",
        str(path),
        "-c",
        "150",
        env=ENV,
    )
    assert ran.code == 0, ran.err
    lines = path.read_bytes().splitlines(keepends=True)
    assert len(lines) > 10
    return lines[:-1]


@pytest.fixture(scope="module")
def records(tape: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What `-o json` makes of it."""
    path = tmp_path_factory.mktemp("records") / "t.tape.ndjson"
    path.write_bytes(b"".join(tape))
    lines = run("replay", str(path), "--json", env=ENV).out.splitlines(keepends=True)
    assert sum(b'"type":"quote"' in line for line in lines) >= 50
    return lines[:-1]


@pytest.fixture
def pipe() -> Iterator[list[int]]:
    """Both ends of a pipe: the reading and the writing one. What a test closes it takes out."""
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


def zstd(data: bytes) -> bytes:
    return bytes(pytest.importorskip("zstandard").ZstdCompressor().compress(data))


Pack = Callable[[bytes], bytes]
PACKS = pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd], ids=["plain", "gzip-members", "zstd-frames"])


@PACKS
@pytest.mark.parametrize("flags", [(), ("--speed", "1000x"), ("-w", "{}/w/")], ids=["max", "paced", "written"])
def test_lines_go_out_while_more_are_to_come(
    tape: list[bytes], records: list[bytes], pipe: list[int], pack: Pack, flags: tuple[str, ...], tmp_path: Path
) -> None:
    flags = tuple(flag.format(tmp_path) for flag in flags)
    with Running("replay", "-", "--json", *flags, env=ENV, stdin=pipe[0]) as running:
        for line in tape:
            os.write(pipe[1], pack(line))
        # The half of a line is no line.
        os.write(pipe[1], pack(b'{"half') if pack is bytes else b"")
        running.lines(len(records))
        since = running.end(signal.SIGINT)
    assert since.code == 130, since.err
    assert len(since.records) == len(records) + 1
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
@pytest.mark.parametrize("until_line", [0, 1, 5], ids=["nothing-yet", "head-only", "some-lines"])
@pytest.mark.parametrize("verb", ["replay", "verify"])
def test_signal_ends_a_read_that_waits(
    tape: list[bytes], pipe: list[int], verb: str, until_line: int, number: signal.Signals
) -> None:
    with Running(verb, "-", "--json", env=ENV, stdin=pipe[0]) as running:
        os.write(pipe[1], b"".join(tape[:until_line]))
        # It waits for more once it has read this.
        until(lambda: _is_waiting(running.process.pid))
        ran = running.end(number, 5)
    assert ran.code in (128 + number, -number), ran.err
    assert "Traceback" not in ran.err


def _is_waiting(pid: int) -> bool:
    """Whether the process sleeps, and has used no processor time for half a second."""

    def used() -> list[str]:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [state, *fields[10:12]]

    before = used()
    threading.Event().wait(0.5)
    return before[0] == "S" and before == used()


@PACKS
def test_fifo_is_a_capture_too(tape: list[bytes], records: list[bytes], pack: Pack, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Running("replay", str(fifo), "--json", env=ENV) as running:
        with open(fifo, "wb", buffering=0) as writing:
            for line in tape:
                writing.write(pack(line))
            running.lines(len(records))
        ran = running.end()
    assert (ran.code, len(ran.records)) == (0, len(records) + 1), ran.err


def test_fifo_without_a_writer_ends_by_a_signal(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Running("replay", str(fifo), "--json", env=ENV) as running:
        until(lambda: _is_waiting(running.process.pid))
        ran = running.end(signal.SIGINT, 5)
    assert ran.code == 130
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("verb", ["replay", "verify"])
def test_stdin_that_is_a_terminal_is_one_sentence(verb: str) -> None:
    with terminal() as (slave, _):
        ran = run(verb, "-", env=ENV, stdin=slave)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err == "oddstail: -: stdin is a terminal; pipe a capture into it, or name a file\n"


def test_stdin_that_is_closed_is_one_sentence() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command("replay", "-")],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "oddstail: - is empty; name a tape or a file of records, made with --tape or -w\n"


def test_half_a_line_at_the_end_is_told(tape: list[bytes], pipe: list[int]) -> None:
    with Running("replay", "-", "--json", env=ENV, stdin=pipe[0]) as running:
        os.write(pipe[1], b"".join(tape) + tape[-1][:20])
        os.close(pipe.pop())
        ran = running.end()
    assert ran.code == 0
    assert [one["text"] for one in ran.of("notice")] == ["-: the last line is torn, 20 bytes of it are left out"]


def test_records_of_another_command_go_through_one_by_one(records: list[bytes], pipe: list[int]) -> None:
    """They have no header; neither the first nor the last of them is held back for another."""
    with Running("replay", "-", "--json", env=ENV, stdin=pipe[0]) as running:
        for count, line in enumerate(records[:5], 1):
            os.write(pipe[1], line)
            running.lines(count)
        ran = running.end(signal.SIGTERM)
    assert ran.code == 143


@pytest.mark.parametrize("name", ["x.ndjson.gz", "x.ndjson", "x.ndjson.zst", "x.txt"])
@PACKS
def test_file_is_read_by_its_content(
    tape: list[bytes], records: list[bytes], name: str, pack: Pack, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(b"".join(map(pack, tape)))
    ran = run("replay", str(path), "--json", env=ENV)
    assert (ran.code, len(ran.records)) == (0, len(records) + 1), ran.err
