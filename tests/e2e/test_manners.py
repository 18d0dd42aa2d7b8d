"""What a command owes its shell: a log with times, lines on a terminal that cannot draw, -h and -V everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from oddstail import __version__
from oddstail.cli.app import COMMANDS
from tests.e2e.support import ENV, FORMS, KEY, Server, reply, run, terminal

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
        "oddstail: --log-file /nonexistent/log cannot be written: No such file or directory; name another\n",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_short_help(name: str) -> None:
    ran = run(name, "-h")
    assert ran.code == 0
    assert b"Usage: oddstail" in ran.out


def test_the_version() -> None:
    assert run("-V").out.decode() == f"oddstail {__version__}\n"


def test_a_terminal_that_cannot_draw_gets_lines() -> None:
    with terminal() as (slave, shown):
        ran = run("demo", "--no-validate", "--for", "2s", env={**ENV, "TERM": "dumb"}, stdout=slave)
    assert ran.code == 0
    assert b"\x1b" not in shown
    assert any(line.count(b"\t") == 5 for line in shown.splitlines())


@pytest.mark.parametrize(
    ("flags", "env", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1", "TERM": "dumb"}, False),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        ((), {"ODDSTAIL_COLOR": "always"}, True),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else str(value),
)  # fmt: skip
@pytest.mark.parametrize("columns", [72, 140])
def test_a_table_into_a_pipe_is_as_wide_as_asked_and_coloured_where_that_is_asked_for(
    flags: tuple[str, ...], env: dict[str, str], coloured: bool, columns: int, tape: Path
) -> None:
    ran = run("replay", str(tape), "-o", "table", *flags, env={**ENV, "COLUMNS": str(columns), **env})
    assert ran.code == 0
    text = ran.out.decode()
    assert bool(re.search(r"\x1b\[[\d;]*3\d", text)) is coloured
    assert coloured or "\x1b" not in text
    assert not re.search(r"\x1b(?!\[[\d;]*m)", text), "colours, and nothing that moves a cursor"
    widths = [cell_len(line) for line in re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()]
    assert max(widths) <= columns
    assert max(widths) > columns - 20, "the width is used"


@pytest.fixture(scope="module")
def tape(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manners") / "x.tape.ndjson"
    assert run("demo", "--no-validate", "-o", "none", "-c", "300", "--tape", str(path), env=ENV).code == 0
    return path
