"""What a command owes its shell: a log with times, lines on a terminal that cannot draw, -h and -V everywhere."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import threading
from pathlib import Path

import pytest

from oddstail import __version__
from oddstail.cli.app import COMMANDS
from tests.e2e.support import ENV, FORMS, KEY, Server, reply, run

DEMO = ("demo", "--no-validate", "-o", "none", "--for", "1s")


def test_a_log_has_each_line_with_its_time_also_what_quiet_keeps_back_and_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    ran = run(*DEMO, "-q", "--log-file", str(path))
    assert (ran.code, ran.err) == (0, "")
    first, *lines = path.read_text().splitlines()
    assert first == "before"
    assert lines
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z \S", line) for line in lines)
    assert any("connected to" in line for line in lines)
    assert "the time is up" in lines[-1]


def test_json_on_stderr_and_in_the_file_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log"
    ran = run(*DEMO, "--log-file", str(path), "--log-format", "json")
    told = [json.loads(line) for line in ran.err.splitlines()]
    assert [one["text"] for one in told] == [json.loads(line)["text"] for line in path.read_text().splitlines()]
    assert {one["level"] for one in told} == {"info"}


def test_a_log_shows_no_key(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with Server([reply("401 Unauthorized", f"no such key: {KEY}")]) as server:
        ran = run("opticodds", "--no-validate", "-s", "basketball", "-b", "DraftKings", "-vv", "--base-url", server.url,
                  "--log-file", str(path))  # fmt: skip
    assert ran.code == 4
    assert "401" in path.read_text()
    assert not any(form in path.read_text() for form in FORMS)


def test_a_log_that_cannot_be_written_is_said_before_anything_runs() -> None:
    ran = run(*DEMO, "--log-file", "/nonexistent/log")
    assert (ran.code, ran.err) == (
        2,
        "oddstail: --log-file /nonexistent/log cannot be written: No such file or directory\n",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_short_help(name: str) -> None:
    ran = run(name, "-h")
    assert ran.code == 0
    assert b"Usage: oddstail" in ran.out


def test_the_version() -> None:
    assert run("-V").out.decode() == f"oddstail {__version__}\n"


def test_a_terminal_that_cannot_draw_gets_lines() -> None:
    master, slave = pty.openpty()
    shown = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):
            while part := os.read(master, 1 << 16):
                shown.extend(part)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    ran = run("demo", "--no-validate", "--for", "2s", env={**ENV, "TERM": "dumb"}, stdout=slave)
    os.close(slave)
    reader.join(5)
    os.close(master)
    assert ran.code == 0
    assert b"\x1b" not in shown
    assert b" -> " in shown or b"\t" in shown
