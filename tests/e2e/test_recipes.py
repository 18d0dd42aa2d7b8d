"""The recipes of docs/recipes.md, run as they stand there: each shell block to its end, against the demo."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oddstail.cli.app import app
from tests.e2e.support import ENV, until

PAGE = (Path(__file__).parent.parent.parent / "docs" / "recipes.md").read_text("utf-8")
SECTIONS = {part.split("\n")[0]: part for part in PAGE.split("\n## ")[1:]}


def blocks(section: str, kind: str = "bash") -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", SECTIONS[section], re.DOTALL)


def ran(script: str, folder: Path) -> list[str]:
    """A block, run by bash as a user would: the lines that it prints."""
    # A user of CI may have no shell, and tmux would begin none.
    env = {
        **ENV,
        "SHELL": "/bin/sh",
        "PATH": f"{Path(sys.executable).parent}:{ENV['PATH']}",
        "XDG_CACHE_HOME": str(folder),
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-ec", script], cwd=folder, env=env, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


@needs_jq
def test_the_best_price_of_each_side(tmp_path: Path) -> None:
    rows = [line.split("\t") for line in ran(blocks("jq")[0], tmp_path)]
    assert rows
    assert all(len(row) == 5 and row[2] in ("Draw", *row[:2]) for row in rows)
    sides = [tuple(row[:3]) for row in rows]
    assert len(sides) == len(set(sides))


@needs_jq
def test_moves_over_ten_cents(tmp_path: Path) -> None:
    lines = ran(blocks("jq")[1], tmp_path)
    assert lines
    assert all(abs(float(line.rstrip("]").rsplit(",", 1)[1])) > 10 for line in lines)


@needs_jq
def test_a_csv_of_one_book(tmp_path: Path) -> None:
    rows = ran(blocks("jq")[2], tmp_path)
    assert len(rows) == 40
    assert {row.split(",")[1] for row in rows} == {'"pinnacle"'}


def test_duckdb_reads_a_capture(tmp_path: Path) -> None:
    capture, query = re.fullmatch(r'(.*?)\nduckdb -c "(.*)"\n', blocks("DuckDB")[0], re.DOTALL).groups()  # type: ignore[union-attr]
    ran(capture, tmp_path)
    # The library in the place of its command: the same SQL.
    code = "import duckdb, sys; print(*duckdb.sql(sys.argv[1]).fetchall(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code, query], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5


def test_a_pipe_forwards_every_line(tmp_path: Path) -> None:
    ran(blocks("Forwarding through a pipe")[0], tmp_path)
    lines = (tmp_path / "forwarded.ndjson").read_text().splitlines()
    assert sum('"type":"quote"' in line for line in lines) >= 90
    assert '"type":"end"' in lines[-1]


@needs_jq
def test_an_alert_runs_a_command(tmp_path: Path) -> None:
    ran(blocks("Alerts without watching")[0], tmp_path)
    assert (tmp_path / "alerts.txt").read_text().splitlines()


def command_of(line: str) -> list[str]:
    return shlex.split(line.partition("oddstail ")[2].replace("%h", "/tmp").replace("$HOME", "/tmp"))


def test_the_lines_of_cron_and_systemd_make_sense_to_the_program() -> None:
    [cron], [unit] = blocks("cron", "cron"), blocks("systemd", "ini")
    line = next(line for line in cron.splitlines() if "oddstail" in line and not line.startswith("#"))
    assert re.match(r"(\S+ ){5} ", line)
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit)
    for text in (line, parser["Service"]["ExecStart"]):
        done = CliRunner().invoke(app, [*command_of(text), "--no-validate", "-n"])
        assert done.exit_code == 0, done.output
    assert parser["Service"]["RestartPreventExitStatus"].split() == ["2", "4", "7", "9"]


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def shown(tmux: list[str], panes: list[str]) -> list[str]:
    return [said(*tmux, "capture-pane", "-p", "-t", pane) for pane in panes]


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_four_panes(tmp_path: Path) -> None:
    name = f"oddstail-test-{os.getpid()}"
    script = blocks("tmux: four panes")[0].replace("-L odds", f"-L {name}")
    tmux = ["tmux", "-L", name]
    try:
        ran(script, tmp_path)
        panes = said(*tmux, "list-panes", "-t", "odds", "-F", "#{pane_id}").split()
        assert len(panes) == 4
        # The fourth waits for a gap, and there may be none.
        until(lambda: sum("connected" in text or "DEMO" in text or "->" in text for text in shown(tmux, panes)) >= 3)
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)
