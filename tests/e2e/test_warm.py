"""A command that was forked is as one that began as a new interpreter: what it says, how it ends, what it inherits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from tests import warm
from tests.e2e.support import ASK, ENV, KEYS, PATIENCE, Running, Server, sse
from tests.faults.wires import CONNECTED, odds

pytestmark = pytest.mark.skipif(not warm.POSSIBLE, reason="COLD=1, or no pidfd_open")

OPTIC = ASK["opticodds"]
#: What differs from run to run: moments, ports, lengths of time, the process.
_CHANGING = re.compile(
    rb'"(recv|from|to|opened|run)":"[^"]*"|"seconds":[\d.]+|127\.0\.0\.1:\d+|\d+\.\d+ s\b|process \d+'
)


def left(args: tuple[str, ...], *, cold: bool, env: Mapping[str, str] = ENV, **kwargs: Any) -> tuple[int, bytes, bytes]:
    """What a run leaves behind, without what changes."""
    process = warm.start(
        args, env=env, cold=cold, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs
    )
    assert isinstance(process, subprocess.Popen) is cold
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as stdout, process.stderr as stderr:
        out, err = stdout.read(), stderr.read()
    return process.wait(PATIENCE), _CHANGING.sub(b"?", out), _CHANGING.sub(b"?", err)


@pytest.mark.parametrize(
    ("args", "env", "code"),
    [
        (("--version",), ENV, 0),
        (("--help",), ENV, 0),
        (("opticodds", "--help"), {**ENV, "COLUMNS": "60"}, 0),
        (("opticodds", "--sprot", "x"), ENV, 2),
        ((*OPTIC, "--dry-run"), {**ENV, **KEYS}, 0),
        (OPTIC, ENV, 4),
        ((*OPTIC, "--base-url", "http://127.0.0.1:9", "--retries", "0", "--json"), {**ENV, **KEYS}, 3),
    ],
    ids=["version", "help", "help-60", "mistake", "dry-run", "no-key", "refused"],
)
def test_it_says_and_leaves_the_same(args: tuple[str, ...], env: Mapping[str, str], code: int) -> None:
    one, other = left(args, cold=False, env=env), left(args, cold=True, env=env)
    assert one == other
    assert one[0] == code


@pytest.mark.parametrize("cold", [True, False])
@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGKILL", -9)])
def test_signals_end_it(number: str, code: int, *, cold: bool) -> None:
    with Server([sse(CONNECTED, odds(-110))]) as server:
        asked = (*OPTIC, "--base-url", server.url, "--json")
        with Running(*asked, cold=cold) as running:
            running.lines(2)
            assert running.end(signal.Signals[number]).code == code


def test_what_an_interpreter_takes_from_its_environment_begins_cold() -> None:
    asked: list[dict[str, Any]] = [
        {"env": {**ENV, "LC_ALL": "C"}},
        {"env": {**ENV, "PYTHONUTF8": "1"}},
        {"env": {**ENV, "FORCE_COLOR": "1"}},
        {"env": {}},
        {"env": ENV, "start_new_session": True},
    ]
    for one in asked:
        process = warm.start(["--version"], **one, stdout=subprocess.DEVNULL)
        assert isinstance(process, subprocess.Popen), one
        assert process.wait(PATIENCE) == 0


def test_it_inherits_nothing_but_what_it_was_given() -> None:
    """Neither the descriptors of its neighbours nor of what forks it: a pipe ends when its own end does."""
    with Server([sse(CONNECTED, odds(-110))]) as server, Running(*OPTIC, "--base-url", server.url, "--json") as running:
        running.lines(2)
        cold = Running(*OPTIC, "--base-url", server.url, "--json", cold=True)
        with cold:
            cold.lines(2)
            descriptors = [sorted(os.listdir(f"/proc/{one.process.pid}/fd"), key=int) for one in (running, cold)]
        assert len(descriptors[0]) == len(descriptors[1])
