"""Slow and dead readers of stdout: the loop lives, the file is whole, memory stays under its cap, what it cost is said.

What a stopped reader could break is measured in the silence that a link may have: here it stops for two and a half
times that, which is cut down to a second. `make soak` has READER_STOPS=60: a minute, against the silence that a link
may have by default (15 s), and a reader that takes a line a second for as long.
"""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest

from tests.e2e.support import ASK, Peer, Running, Server, sse, until
from tests.faults.wires import CONNECTED, PING, odds

OPTIC = ASK["opticodds"]
MIB = 1 << 20
#: What waits for a reader before reading pauses (README), and what the program is besides.
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
def test_a_reader_that_leaves_ends_the_run_and_the_file_is_whole(tmp_path: Path, output: str) -> None:
    file = tmp_path / "kept.ndjson"
    sent: list[int] = []

    def answer(peer: Peer) -> None:
        sse(CONNECTED, hold=False)(peer)
        while peer.send(odds(100 + len(sent))):
            sent.append(100 + len(sent))

    reading, writing = os.pipe()
    with (
        Server([answer]) as server,
        Running(*OPTIC, "--base-url", server.url, "-o", output, "-w", str(file), stdout=writing, read=False) as running,
    ):
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        ran = running.end()
    assert ran.code == 141, ran.err
    assert "Traceback" not in ran.err
    kept = prices(file)
    assert kept == list(range(100, 100 + len(kept)))
    assert kept
    last = json.loads(file.read_bytes().splitlines()[-1])
    assert (last["type"], last["exit"]) == ("end", 141)
