"""Outputs that are no files: `-`, /dev/stdout, descriptors, FIFOs, devices, sockets, and folders that take nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ENV, KEYS, PATIENCE, Peer, Ran, Running, Server, command, run, sse, until
from tests.faults.test_readers import OPTIC, endless
from tests.faults.wires import CONNECTED, odds


@pytest.fixture
def url() -> Iterator[str]:
    """A server that sends ten prices, and then holds the connection."""
    with Server([sse(CONNECTED, *(odds(100 + n) for n in range(10)))]) as server:
        yield server.url


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


class Reader:
    """Reads a FIFO to its end in a thread."""

    def __init__(self, path: Path) -> None:
        self.data = b""
        self._thread = threading.Thread(target=self._read, args=(path,), daemon=True)
        self._thread.start()

    def _read(self, path: Path) -> None:
        with open(path, "rb", buffering=0) as file:
            while data := file.read(1 << 16):
                self.data += data

    def records(self) -> list[dict[str, Any]]:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the FIFO has no end"
        return [json.loads(line) for line in self.data.splitlines()]


def american(records: list[dict[str, Any]]) -> list[int]:
    return [one["american"] for one in records if one["type"] == "quote"]


def left_alone(folder: Path, *names: str) -> None:
    """Nothing but this is in the folder: no `.part`, no manifest."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("link", [False, True], ids=["fifo", "link-to-fifo"])
def test_records_go_into_a_fifo(url: str, fifo: Path, link: bool) -> None:
    name = fifo
    if link:
        name = fifo.with_name("link")
        name.symlink_to("fifo")
    reader = Reader(fifo)
    ran = run(*OPTIC, "--base-url", url, "-o", "none", "-w", str(name), "-c", "10")
    records = reader.records()
    assert ran.code == 0, ran.err
    assert american(records) == list(range(100, 110))
    assert (records[0]["type"], records[-1]["type"]) == ("header", "end")
    left_alone(fifo.parent, "fifo", *(["link"] if link else []))


def test_a_tape_goes_into_a_fifo_and_can_be_replayed(url: str, fifo: Path, tmp_path: Path) -> None:
    with Running("replay", str(fifo), "--json", env=ENV) as replay:
        ran = run(*OPTIC, "--base-url", url, "--json", "--tape", str(fifo), "-c", "10")
        told = replay.end()
    assert (ran.code, told.code) == (0, 0), ran.err
    assert american(told.records) == american(ran.records) == list(range(100, 110))
    left_alone(tmp_path, "fifo")


@pytest.mark.parametrize("flag", ["-w", "--tape"])
@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("shown", [("-o", "none"), ()], ids=["none", "auto"])
def test_capture_goes_to_stdout(url: str, tmp_path: Path, name: str, flag: str, shown: tuple[str, ...]) -> None:
    if name == "link":
        (tmp_path / "link").symlink_to("/dev/stdout")
        name = str(tmp_path / "link")
    ran = run(*OPTIC, "--base-url", url, *shown, flag, name, "-c", "10", cwd=tmp_path)
    assert ran.code == 0, ran.err
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert records[0]["type"] == ("header" if flag == "-w" else "tape")
    assert american(records) == list(range(100, 110)) if flag == "-w" else len(records) >= 11
    assert not [path for path in tmp_path.iterdir() if path.name != "link"]


def test_stdout_that_is_a_file_takes_a_capture(url: str, tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        ran = run(*OPTIC, "--base-url", url, "-o", "none", "-w", "-", "-c", "10", stdout=out)
    assert ran.code == 0, ran.err
    assert american([json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]) == [*range(100, 110)]


@pytest.mark.parametrize("flag", ["-w", "--tape"])
def test_null_takes_a_capture(url: str, flag: str) -> None:
    ran = run(*OPTIC, "--base-url", url, "--json", flag, "/dev/null", "-c", "10")
    assert (ran.code, american(ran.records)) == (0, [*range(100, 110)]), ran.err
    assert not os.path.exists("/dev/null.ndjson")


def test_descriptor_of_a_shell_takes_a_capture(url: str, tmp_path: Path) -> None:
    script = 'exec "$@" -w /dev/fd/7 7> >(cat > out; touch done)'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *command(*OPTIC, "--base-url", url, "-o", "none", "-c", "10")],
        cwd=tmp_path, env={**ENV, **KEYS, "PYTHONPATH": str(Path(__file__).parents[2])}, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    until(lambda: (tmp_path / "done").exists())
    assert american([json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]) == [*range(100, 110)]


@pytest.mark.parametrize("flag", ["-w", "--tape"])
def test_full_device_is_a_failed_output(url: str, flag: str) -> None:
    ran = run(*OPTIC, "--base-url", url, "-o", "none", flag, "/dev/full")
    assert (ran.code, ran.out) == (8, b"")
    assert "/dev/full cannot be written: No space left on device; name another output" in ran.err


REFUSED = {
    "json": (("-w", "-", "--json"), "-w - and -o json both write to stdout; add -o none, or name a file"),
    "raw": (("--tape", "/dev/stdout", "-o", "raw"), "--tape /dev/stdout and -o raw both write to stdout"),
    "twice": (("-w", "-", "--tape", "/dev/stdout", "-o", "none"), "-w and --tape both write to /dev/stdout; name two"),
    "summary": (("--json", "--summary-json", "-"), "--summary-json - and -o json both write to stdout"),
    "log": (("--json", "--log-file", "/dev/stdout"), "--log-file /dev/stdout and -o json both write to stdout"),
    "rotate": (("-o", "none", "-w", "-", "--rotate", "1h"), "--rotate is for files, and - is written to as it is"),
    "compress": (("-o", "none", "-w", "/dev/null", "--compress", "gzip"), "--compress is for files, and /dev/null"),
    "split": (("-o", "none", "-w", "-", "--split", "game"), "--split is for files, and - is written to as it is"),
    "split-beside-a-tape": (("-w", "/dev/null", "--tape", "t/", "--split", "game"), "--split is for files of records"),
    "closed": (("-w", "/dev/fd/99"), "-w /dev/fd/99: descriptor 99 is not open for writing; name a file"),
    "stdin": (("-w", "/dev/stdin"), "-w /dev/stdin: descriptor 0 is not open for writing; name a file"),
    "socket": (("-w", "socket"), "-w: socket is a socket; name a file, a directory or a FIFO"),
    "tape-socket": (("--tape", "socket"), "--tape: socket is a socket; name a file, a directory or a FIFO"),
    "summary-socket": (("--summary-json", "socket"), "--summary-json: socket is a socket"),
    "log-socket": (("--log-file", "socket"), "--log-file: socket is a socket"),
    "summary-folder": (("--summary-json", "."), "--summary-json . is a directory; name a file in it"),
    "log-folder": (("--log-file", "."), "--log-file . cannot be written: Is a directory; name another"),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_what_takes_no_lines_is_one_sentence(tmp_path: Path, row: tuple[tuple[str, ...], str]) -> None:
    flags, sentence = row
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(here := os.getcwd())
        listener.bind(os.path.relpath(tmp_path / "socket", here))
        ran = run(*OPTIC, "--base-url", "http://127.0.0.1:9", *flags, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, b""), ran.err
    assert ran.err.startswith(f"oddstail: {sentence}")
    assert ran.err.count("\n") == 1
    left_alone(tmp_path, "socket")


@pytest.mark.parametrize("flag", ["-w", "--tape", "--summary-json", "--log-file"])
def test_fifo_without_a_reader_is_one_sentence(fifo: Path, flag: str) -> None:
    ran = run(*OPTIC, "--base-url", "http://127.0.0.1:9", "-o", "none", flag, str(fifo))
    assert ran.code == 2
    assert ran.err == (
        f"oddstail: {flag} {fifo} cannot be written: this pipe has no reader; "
        "name another output, or start its reader first\n"
    )


def leaves(fifo: Path, *flags: str) -> Ran:
    """A run whose FIFO is read for a while; SIGTERM ends it if it goes on."""
    with Server([endless]) as server:
        reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        with Running(*OPTIC, "--base-url", server.url, "-w", str(fifo), *flags) as running:
            until(lambda: _some(reading))
            os.close(reading)
            if flags != ("-o", "none"):
                running.says(f"the reader of {fifo} left; the run continues without it")
                return running.end(signal.SIGTERM)
            return running.end()


def _some(reading: int) -> bytes:
    try:
        return os.read(reading, 1 << 16)
    except BlockingIOError:
        return b""


def test_reader_of_a_fifo_that_leaves_ends_a_run_with_no_other_output(fifo: Path) -> None:
    assert leaves(fifo, "-o", "none").code == 141


@pytest.mark.parametrize("more", [("--json",), ("-o", "none", "--tape", "{}/t.tape.ndjson")], ids=["stdout", "tape"])
def test_reader_of_a_fifo_that_leaves_ends_nothing_else(fifo: Path, more: tuple[str, ...], tmp_path: Path) -> None:
    assert leaves(fifo, *(one.format(tmp_path) for one in more)).code == 143


def test_reader_of_a_fifo_that_stops_does_not_hold_up_the_end(fifo: Path) -> None:
    def loud(peer: Peer) -> None:
        sse(CONNECTED, *(odds(100 + n % 800, pad="x" * 1000) for n in range(3000)))(peer)

    with Server([loud]) as server:
        reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with Running(*OPTIC, "--base-url", server.url, "-o", "none", "--tape", str(fifo)) as running:
                until(lambda: b"connected" in running.err)
                ran = running.end(signal.SIGTERM, 10)
        finally:
            os.close(reading)
    assert ran.code == 143, ran.err


@pytest.mark.parametrize("target", ["fifo", "null", "stderr", "stdout"])
def test_summary_goes_into_a_stream(url: str, fifo: Path, target: str) -> None:
    reader = Reader(fifo) if target == "fifo" else None
    name = str(fifo) if reader else f"/dev/{target}"
    ran = run(*OPTIC, "--base-url", url, "-o", "none", "-q", "-c", "10", "--summary-json", name)
    assert ran.code == 0, ran.err
    if reader is not None:
        reader._thread.join(PATIENCE)
        said = reader.data
    else:
        said = ran.err.encode() + ran.out
    if target != "null":
        assert json.loads(said)["records"] == 10
    assert os.stat("/dev/null").st_rdev == os.makedev(1, 3)


def test_log_goes_into_a_fifo(url: str, fifo: Path) -> None:
    reader = Reader(fifo)
    ran = run(*OPTIC, "--base-url", url, "--json", "-q", "-c", "10", "--log-file", str(fifo))
    reader._thread.join(PATIENCE)
    assert ran.code == 0, ran.err
    assert b"connected to" in reader.data


@pytest.mark.parametrize("flags", [["--json"], ["-o", "none", "-w"]], ids=["stdout", "capture"])
def test_log_on_a_full_disk_is_one_sentence_and_the_run_continues(url: str, tmp_path: Path, flags: list[str]) -> None:
    if flags[-1] == "-w":
        flags = [*flags, str(tmp_path / "records.ndjson")]
    ran = run(*OPTIC, "--base-url", url, "-q", "-c", "10", "--log-file", "/dev/full", *flags)
    assert ran.code == 0
    assert ran.err == "oddstail: --log-file /dev/full cannot be written: No space left on device; the run continues\n"
    data = ran.out or (tmp_path / "records.ndjson").read_bytes()
    assert data.count(b'"type":"quote"') == 10


def test_request_for_the_summary_comes_before_the_run_does(url: str) -> None:
    process = subprocess.Popen(
        command(*OPTIC, "--base-url", url, "--json", "-c", "10"),
        env={**ENV, **KEYS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # The interpreter ignores it from its first line of ours on, long before flags are read.
    until(lambda: signal.SIGUSR1 in _ignored(process.pid) or process.poll() is not None)
    process.send_signal(signal.SIGUSR1)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert out.count(b'"type":"quote"') == 10


def _ignored(pid: int) -> list[int]:
    """The numbers of the signals that a process ignores (proc(5), SigIgn), or handles."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigIgn", "SigCgt"))]
    return [number for number in range(1, 65) if any(mask >> (number - 1) & 1 for mask in masks)]
