"""Slow and dead readers of stdout: the loop lives, the file is whole, memory stays under its cap, what it cost is said.

What a stopped reader could break is measured in the silence that a link may have: here it stops for two and a half
times that, which is cut down to a second. `make soak` has READER_STOPS=60: a minute, against the silence that a link
may have by default (15 s), and a reader that takes a line a second for as long.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.e2e.support import ASK, ENV, KEYS, PATIENCE, Peer, Ran, Running, Server, command, sse, until
from tests.faults.wires import CONNECTED, PING, odds

OPTIC = ASK["opticodds"]
MIB = 1 << 20
#: What waits for a reader before reading pauses (docs/troubleshooting.md), and what the program is besides.
CAP, REST = 64 * MIB, 110 * MIB


#: Seconds for which it stops, and the silence that is borne; a whole minute is borne as it is.
STOPS = float(os.environ.get("READER_STOPS", "2.5"))
BORNE = ("--max-silence", "1s") if STOPS < 60 else ()
#: Seconds in which a reader takes a line each, and what a minute of them leaves waiting.
READS, WAITING = (2, 24) if STOPS < 60 else (round(STOPS), round(STOPS) + 30)


def peak(running: Running) -> int:
    """The most memory that the command ever had, in bytes."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def told(path: Path, kind: str) -> list[dict[str, Any]]:
    """The records of a type in a file."""
    records = [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    return [one for one in records if one["type"] == kind]


def prices(path: Path) -> list[int]:
    """The prices in a file of records."""
    return [one["american"] for one in told(path, "quote")]


def heavy(count: int) -> list[bytes]:
    """Events of 1 MiB each: as payloads they fill what waits for a reader, as records in a file they are small."""
    return [odds(100 + n, pad="x" * MIB) for n in range(count)]


def test_a_reader_that_stops_and_comes_back_gets_every_payload_and_the_link_lives(tmp_path: Path) -> None:
    """It stops for several times the silence that is borne; the provider goes on, and is not taken for dead."""
    file = tmp_path / "kept.ndjson"
    over = threading.Event()
    events = heavy(90)

    def answer(peer: Peer) -> None:
        sse(CONNECTED, *events, hold=False)(peer)
        while not over.wait(0.2) and peer.send(PING):
            pass

    flags = ("-o", "raw", "-c", "90", *BORNE, "-w", str(file))
    with Server([answer]) as server, Running(*OPTIC, "--base-url", server.url, *flags, read=False) as running:
        running.says("stdout is not read")
        over.wait(STOPS)
        assert peak(running) < CAP + REST
        running.read()
        ran = running.end()
        over.set()
        assert len(server.heads) == 1, ran.err
    (paused,) = [one["value"] for one in told(file, "notice") if one["code"] == "held-up"]
    assert STOPS <= paused < STOPS + 10
    assert ran.code == 0, ran.err
    assert [json.loads(line)["data"][0]["price"] for line in ran.out.splitlines()] == list(range(100, 190))
    assert prices(file) == list(range(100, 190))
    assert "reading paused for" in ran.err
    assert "nothing was dropped" in ran.err


def test_a_reader_of_one_line_a_second_holds_up_neither_the_file_nor_the_end(tmp_path: Path) -> None:
    file = tmp_path / "kept.ndjson"
    with (
        Server([sse(CONNECTED, *heavy(WAITING))]) as server,
        Running(
            *OPTIC, "--base-url", server.url, "-o", "raw", "--max-silence", "2m", "-w", str(file), read=False
        ) as running,
    ):
        assert running.process.stdout is not None
        stdout = io.BufferedReader(cast(Any, running.process.stdout))
        # As much as fits: what does not, waits with the server.
        until(lambda: b'"american":123' in _so_far(tmp_path))
        lines = []
        for _ in range(READS):
            lines.append(stdout.readline())
            time.sleep(1)
        assert peak(running) < CAP + REST
        since = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(5) == 143
        assert time.monotonic() - since < 5
        running.read()
        ran = running.end()
    assert [json.loads(line)["data"][0]["price"] for line in lines] == list(range(100, 100 + READS))
    assert "bytes were not written, since stdout was not read" in ran.err
    kept = prices(file)
    assert kept == list(range(100, 100 + len(kept)))
    assert len(kept) >= 24


def _so_far(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("output", ["json", "raw", "lines"])
@pytest.mark.parametrize("flag", ["-w", "--tape"])
def test_capture_goes_on_without_a_reader(tmp_path: Path, output: str, flag: str) -> None:
    file = tmp_path / "kept.ndjson"
    with Server([endless]) as server:
        ran = left(server.url, "-o", output, flag, str(file), then=lambda: grows(file))
    assert ran.code == 143, ran.err
    assert ran.err.count("the reader of stdout left; the capture continues without stdout") == 1
    assert "Traceback" not in ran.err
    lines = file.read_bytes().splitlines()
    assert [json.loads(line)["seq"] for line in lines if b'"header"' not in line[:60] and b'"type":"tape"' not in line]
    last = json.loads(lines[-1])
    assert "143" in str(last)
    if flag == "-w":
        kept = prices(file)
        assert kept == list(range(100, 100 + len(kept)))


def test_capture_without_a_reader_ends_well(tmp_path: Path) -> None:
    """Nothing that was asked for failed: the file has it all, and the next run resumes after it."""
    file, state = tmp_path / "kept.ndjson", tmp_path / "state"
    state.mkdir()
    with Server([endless]) as server:
        flags = ("-o", "json", "-w", str(file), "-c", "3000", "--resume", "--summary-json", str(tmp_path / "sum.json"))
        ran = left(server.url, *flags, env={"XDG_STATE_HOME": str(state)}, number=None)
    assert ran.code == 0, ran.err
    assert len(prices(file)) == 3000
    assert json.loads((tmp_path / "sum.json").read_text())["exit"] == 0
    assert list(state.rglob("resume/*.json"))


@pytest.mark.parametrize("output", ["json", "raw", "lines"])
def test_run_without_a_capture_ends_with_its_reader(output: str) -> None:
    with Server([endless]) as server:
        ran = left(server.url, "-o", output, number=None)
    assert ran.code == 141, ran.err
    assert "Traceback" not in ran.err


def endless(peer: Peer) -> None:
    """Prices from 100 on, for as long as somebody reads them."""
    sse(CONNECTED, hold=False)(peer)
    price = 100
    while peer.send(odds(price)):
        price += 1


def left(
    url: str,
    *flags: str,
    then: Callable[[], object] = lambda: None,
    env: Mapping[str, str] | None = None,
    number: signal.Signals | None = signal.SIGTERM,
) -> Ran:
    """A run whose reader leaves after the first bytes; `then` is waited for before a signal ends it."""
    reading, writing = os.pipe()
    more = {"env": {**ENV, **KEYS, **env}} if env else {}
    with Running(*OPTIC, "--base-url", url, *flags, stdout=writing, read=False, **more) as running:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        if number is not None:
            running.says("the reader of stdout left")
            then()
        return running.end(number)


def grows(file: Path) -> None:
    """Wait until the open file has more than it has now."""
    part = file.with_name(file.name + ".part")
    before = part.stat().st_size
    until(lambda: part.stat().st_size > before)


@pytest.mark.parametrize("controlling", [True, False], ids=["controlling", "other"])
@pytest.mark.parametrize("captures", [True, False], ids=["captured", "shown"])
@pytest.mark.parametrize("output", ["table", "lines"])
def test_terminal_that_vanishes_hangs_up(tmp_path: Path, output: str, captures: bool, controlling: bool) -> None:
    keeps = ("-w", str(tmp_path / "kept.ndjson"), "--tape", str(tmp_path / "kept.tape.ndjson")) if captures else ()
    ran = vanished(tmp_path, "-o", output, *keeps, controlling=controlling)
    assert ran.code == 129
    if captures:
        assert not list(tmp_path.glob("*.part"))
        kept = own(tmp_path)
        quotes = [one["american"] for one in kept if one["type"] == "quote"]
        assert quotes == list(range(100, 100 + len(quotes)))
        assert (kept[-1]["type"], kept[-1]["exit"]) == ("end", 129)


def test_capture_under_nohup_outlives_its_terminal(tmp_path: Path) -> None:
    file = tmp_path / "kept.ndjson"
    ran = vanished(tmp_path, "-o", "lines", "-w", str(file), "-c", "3000", nohup=True)
    assert ran.code == 0
    assert sum(one["type"] == "quote" for one in own(tmp_path)) == 3000


def own(folder: Path) -> list[dict[str, Any]]:
    """The records of a run that a SIGHUP may have rotated, in order, without what a file repeats."""
    lines = [
        line
        for path in folder.glob("kept*.ndjson")
        if ".tape" not in path.name
        for line in path.read_bytes().splitlines()
    ]
    records = [one for line in lines if line.strip() and not (one := json.loads(line)).get("carried")]
    return sorted((one for one in records if one["type"] != "header"), key=lambda one: int(one["seq"]))


def vanished(folder: Path, *flags: str, controlling: bool = True, nohup: bool = False) -> Ran:
    """A run on a terminal that goes away once it has shown something."""
    master, slave = os.openpty()

    def begin() -> None:
        os.setsid()
        if controlling:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL)

    with Server([endless]) as server, open(folder / "err", "wb") as err:
        process = subprocess.Popen(
            command(*OPTIC, "--base-url", server.url, *flags), env={**ENV, **KEYS}, stdin=slave, stdout=slave,
            stderr=err, preexec_fn=begin,
        )  # fmt: skip
        os.close(slave)
        try:
            os.read(master, 1)
            until(lambda: len(os.read(master, 1 << 16)) > 0)
            os.close(master)
            code = process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
    return Ran(code, b"", (folder / "err").read_text())
