"""Long work on a terminal says how far it is: one line, rewritten in place, gone at the end, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ENV, PATIENCE, command, run, terminal, until

CLEAR = b"\r\x1b[K"


def left(shown: bytes) -> str:
    """What stands on the terminal in the end, when lines that were cleared are gone."""
    return "\n".join(line.rpartition(CLEAR)[2].decode() for line in shown.replace(b"\r\n", b"\n").split(b"\n"))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("records") / "x.ndjson"
    ran = run("demo", "-o", "none", "-w", str(path), "-c", "200", env=ENV)
    assert ran.code == 0, ran.err
    return path.read_bytes()


def fed(args: list[str], data: bytes, done: Any, **kwargs: Any) -> tuple[bytes, int]:
    """What a terminal shows of a command that is fed `data` again and again until `done(shown)`; its exit code."""
    with terminal() as (slave, shown):
        process = subprocess.Popen(command(*args), env=ENV, stdin=subprocess.PIPE, stderr=slave, **kwargs)
        assert process.stdin is not None

        def feed() -> bool:
            assert process.stdin is not None
            process.stdin.write(data)
            process.stdin.flush()
            return bool(done(bytes(shown)))

        until(feed)
        process.stdin.close()
        code = process.wait(PATIENCE)
    return bytes(shown), code


@pytest.mark.parametrize(
    ("args", "says"),
    [(["replay", "-", "-o", "none"], b"replay: "), (["replay", "-", "-o", "json"], b"replay: "), (["verify", "-"], b"verify: file 1 of 1, ")],
)  # fmt: skip
def test_reading_says_how_far_it_is_and_takes_it_back(args: list[str], says: bytes, records: bytes) -> None:
    shown, _ = fed(args, records, lambda seen: seen.count(CLEAR + says) > 1, stdout=subprocess.DEVNULL)
    assert b" MB" in shown
    assert says.decode() not in left(shown)


@pytest.mark.parametrize("args", [["replay", "-", "-o", "json"], ["replay", "-", "-o", "none"], ["verify", "-"]])
def test_nothing_is_said_where_who_reads_the_pipe_may_write_to_the_same_terminal(
    args: list[str], records: bytes
) -> None:
    ends = time.monotonic() + 2
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        shown, _ = fed(args, records, lambda _: time.monotonic() > ends, stdout=reader.stdin)
    assert CLEAR not in shown


@pytest.mark.parametrize("quiet", [True, False])
def test_what_closed_files_get_at_the_end_is_said_unless_quiet(quiet: bool, tmp_path: Path) -> None:
    # The command that gets the file ends once somebody writes there.
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    args = ["demo", "-o", "none", "-c", "5", "-w", f"{tmp_path}/", "--on-rotate", f"cat {gate}", *(["-q"] if quiet else [])]  # fmt: skip
    with terminal() as (slave, shown):
        process = subprocess.Popen(
            command(*args), env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave
        )
        if not quiet:
            until(lambda: CLEAR + b"--on-rotate cat: " in shown)
        gate.write_text("")
        assert process.wait(PATIENCE) == 0
    assert (CLEAR in shown) is not quiet
    assert "--on-rotate" not in left(bytes(shown))
