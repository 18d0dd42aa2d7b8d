"""Clocks under the program as it is: a process that is really stopped, and a system whose clocks really say something else.

`time_rows.py` puts another clock module into the program; here nothing of it is another. What a suspend does to a
system's clocks, and what somebody does who sets them, is done below libc (`ahead.c`): a suspend needs a machine that
may be suspended, setting a clock needs root, and a time namespace cannot be moved once somebody lives in it.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from oddstail.run import clocks as looking
from tests.e2e.support import ASK, ENV, KEYS, Peer, Running, Server, sse
from tests.faults.wires import CONNECTED, PING, odds

OPTIC = (*ASK["opticodds"], "--json", "-v")
HOUR = 3600


class Clocks:
    """The clocks of the processes that have `env`: turned while they run."""

    def __init__(self, folder: Path) -> None:
        library, self._file = folder / "ahead.so", folder / "ahead"
        compiler = shutil.which("cc")
        if compiler is None or not sys.platform.startswith("linux"):
            pytest.skip("needs a C compiler, and Linux' clocks")
        source = Path(__file__).with_name("ahead.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.turn(0, 0)
        self.env = {**ENV, **KEYS, "LD_PRELOAD": str(library), "AHEAD": str(self._file)}

    def turn(self, wall: int, asleep: int) -> None:
        """So many seconds ahead of what they were."""
        with open(self._file, "r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("qq", wall, asleep))


@pytest.fixture
def clocks(tmp_path: Path) -> Clocks:
    return Clocks(tmp_path)


def seconds(gap: dict[str, Any]) -> float:
    """By the wall clock."""
    return (datetime.fromisoformat(gap["to"]) - datetime.fromisoformat(gap["from"])).total_seconds()


def test_a_suspend_is_noticed_and_its_gap_is_as_long_by_both_clocks(clocks: Clocks) -> None:
    with (
        Server([sse(CONNECTED, odds(-101)), sse(CONNECTED, odds(-102))]) as server,
        Running(*OPTIC, "--base-url", server.url, "-c", "2", env=clocks.env, cold=True) as running,
    ):
        running.lines(2)
        clocks.turn(HOUR, HOUR)
        ran = running.end()
    assert ran.code == 0, ran.err
    assert "the machine slept: for 60 min" in ran.err
    (gap,) = ran.of("gap")
    assert gap["cause"] == "slept"
    assert HOUR <= gap["seconds"] < HOUR + 20
    assert HOUR <= seconds(gap) < HOUR + 20
    assert not [one for one in ran.of("notice") if one["code"] == "clock"]


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_is_told_and_breaks_no_link(clocks: Clocks, hours: int) -> None:
    turned = threading.Event()

    def answer(peer: Peer) -> None:
        sse(CONNECTED, odds(-101), hold=False)(peer)
        turned.wait(10)
        for _ in range(16):
            peer.send(PING)
            time.sleep(0.1)
        peer.send(odds(-102))

    with (
        Server([answer]) as server,
        Running(
            *OPTIC, "--base-url", server.url, "-c", "2", "--max-silence", "1s", env=clocks.env, cold=True
        ) as running,
    ):
        running.lines(2)
        clocks.turn(hours * HOUR, 0)
        turned.set()
        ran = running.end()
        assert len(server.heads) == 1
    assert [one["american"] for one in ran.of("quote")] == [-101, -102]
    (notice,) = [one for one in ran.of("notice") if one["code"] == "clock"]
    assert notice["value"] == pytest.approx(hours * HOUR, abs=5)
    assert not ran.of("gap")


def test_a_suspend_in_the_midst_of_a_look_is_noticed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([0.0, 0.0, *[3600.0] * 9])
    monkeypatch.setattr(looking, "ahead_of_sleep", lambda: next(said))
    clocks = looking.Clocks()
    assert sum(clocks.look()[0] for _ in range(3)) == HOUR


# --- a process that is stopped ----------------------------------------------------------------------

STOPPED = 1.6


def stopped(running: Running, meanwhile: Callable[[], object] = lambda: None) -> None:
    """As ^Z, a debugger or a starved machine do it: for longer than the silence that is borne."""
    running.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, running.process.pid, os.WSTOPPED | os.WNOWAIT)
    meanwhile()
    time.sleep(STOPPED)
    running.process.send_signal(signal.SIGCONT)


def test_what_came_while_it_was_stopped_is_read_before_the_link_is_taken_for_dead() -> None:
    go, over = threading.Event(), threading.Event()

    def answer(peer: Peer) -> None:
        sse(CONNECTED, odds(-101), hold=False)(peer)
        go.wait(10)
        price = 102
        while not over.wait(0.05) and peer.send(odds(-price)):
            price += 1

    with (
        Server([answer]) as server,
        Running(*OPTIC, "--base-url", server.url, "-c", "30", "--max-silence", "1s", cold=True) as running,
    ):
        running.lines(2)
        stopped(running, go.set)
        ran = running.end()
        over.set()
        assert len(server.heads) == 1, ran.err
    assert [one["american"] for one in ran.of("quote")] == [-price for price in range(101, 131)]
    assert not ran.of("gap")


def test_a_link_that_was_silent_all_the_while_is_lost_and_the_gap_says_since_when() -> None:
    with (
        Server([sse(CONNECTED, odds(-101)), sse(CONNECTED, odds(-102))]) as server,
        Running(*OPTIC, "--base-url", server.url, "-c", "2", "--max-silence", "1s", cold=True) as running,
    ):
        running.lines(2)
        stopped(running)
        ran = running.end()
    (gap,) = ran.of("gap")
    assert gap["cause"] == "silence"
    assert STOPPED <= gap["seconds"] < STOPPED + 15
    assert STOPPED <= seconds(gap) < STOPPED + 15


def test_what_a_server_said_before_it_left_is_not_lost_on_a_process_that_was_stopped() -> None:
    go = threading.Event()

    def answer(peer: Peer) -> None:
        sse(CONNECTED, odds(-101), hold=False)(peer)
        go.wait(10)
        peer.send(*(odds(-price) for price in range(102, 112)))

    with (
        Server([answer, sse(CONNECTED, odds(-200))]) as server,
        Running(*OPTIC, "--base-url", server.url, "-c", "12", "--max-silence", "1s", cold=True) as running,
    ):
        running.lines(2)
        stopped(running, go.set)
        ran = running.end()
    assert [one["american"] for one in ran.of("quote")] == [*(-price for price in range(101, 112)), -200]
    assert [one["cause"] for one in ran.of("lost")] == ["closed"]
