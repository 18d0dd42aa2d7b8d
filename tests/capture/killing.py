"""`kill -9` at random instants of a capture under a fast stream, and what is on the disk then. Used by a test and by the bench.

A line counts as written once somebody else saw the file that long: a watcher polls the sizes until the
kill, and everything up to there must be whole afterwards. Files are read by programs of others.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from oddstail.capture.names import once_closed

#: Events of the stream; each has an id of its own, or it would be dropped as a double.
EVENTS = 200_000
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: connected\ndata: ok go\n\n"
)
ENV = {"PATH": os.environ["PATH"], "OPTICODDS_API_KEY": "k-secret-0123456789"}


@dataclass
class Found:
    """What a killed run left."""

    records: int = 0
    files: int = 0
    lost: int = 0
    torn: int = 0
    unreadable: list[str] = field(default_factory=list)


def stream(count: int = EVENTS, pad: int = 0) -> bytes:
    """Events of one odd each (docs/wire/opticodds.md, 2.4), as many as a busy evening has in a minute.

    With a `pad`, which makes each so much longer, names are of six bytes a letter: longer than a page each as a record.
    """
    more = "é" * 900 if pad else ""
    out = []
    for n in range(count):
        body = (
            f'{{"entry_id":"1-{n}","type":"odds","data":[{{"fixture_id":"7C19D2A04E{n // 500 % 100:02d}","sport":"basketball",'
            f'"league":"NBA","sportsbook":"DraftKings","market":"Point Spread","name":"Boston Celtics {n % 500}{more}","pad":"{"+" * pad}",'
            f'"selection":"Boston Celtics","points":{n % 500},"price":{-110 - n % 50},"is_main":true,"is_live":false,'
            f'"timestamp":1736820669.918}}]}}'
        )
        out.append(f"event: odds\ndata: {body}\n\n")
    return "".join(out).encode()


@contextlib.contextmanager
def serving(data: bytes) -> Iterator[str]:
    """An address that sends it to whoever connects, as fast as it is taken, and then is quiet."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer, contextlib.suppress(OSError):
                    peer.recv(65536)
                    peer.sendall(_HEAD)
                    peer.sendall(data)
                    peer.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def command(url: str, folder: Path, *more: str) -> list[str]:
    """A capture of it."""
    asked = "opticodds -s basketball -l NBA -b DraftKings --no-validate --no-snapshot -o none -q".split()
    return [sys.executable, "-m", "oddstail", *asked, "--base-url", url, "-w", f"{folder}/", *more]


def trial(url: str, folder: Path, rng: random.Random, *more: str, longest: float = 1.0) -> Found:
    """One run, killed at some instant; what is there then."""
    return judged(folder, killed(url, folder, rng, *more, longest=longest))


def killed(url: str, folder: Path, rng: random.Random, *more: str, longest: float, least: int = 0) -> dict[str, int]:
    """One run, killed at some instant once it wrote so much; how long somebody else saw each file."""
    process = subprocess.Popen(command(url, folder, *more), env=ENV, stdin=subprocess.DEVNULL)
    try:
        while (not list(folder.glob("**/*.part*")) or sum(sizes(folder).values()) < least) and process.poll() is None:
            time.sleep(0.002)
        ends = time.monotonic() + rng.uniform(0, longest)
        seen: dict[str, int] = {}
        while time.monotonic() < ends:
            seen = sizes(folder)
            time.sleep(rng.uniform(0, 0.004))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return seen


def sizes(folder: Path) -> dict[str, int]:
    """How long each file is, by the name that it has or will have."""
    out = {}
    for path in folder.glob("**/*.ndjson*"):
        with contextlib.suppress(FileNotFoundError):
            out[name_of(path)] = path.stat().st_size
    return out


def name_of(path: Path) -> str:
    """The name that a file has once it is closed."""
    return once_closed(path.name)


def judged(folder: Path, seen: dict[str, int]) -> Found:
    """Every file whole up to what was seen, every line a record, every number there."""
    found = Found()
    numbers = []
    now = sizes(folder)
    for name, size in seen.items():
        found.lost += now.get(name, 0) < size
    for path in sorted(folder.glob("**/*.ndjson*"), key=lambda path: path.name):
        found.files += 1
        data = path.read_bytes()
        found.torn += bool(data) and not data.endswith(b"\n")
        for line in data.split(b"\n")[:-1]:
            record = json.loads(line)
            if record["type"] != "header" and "carried" not in record:
                numbers.append(record["seq"])
        found.unreadable += unreadable(path)
    found.records = len(numbers)
    found.lost += numbers != list(range(1, len(numbers) + 1))
    return found


def unreadable(path: Path) -> list[str]:
    """Which of jq, DuckDB and pandas cannot load a file. jq may not be installed; the two others are test dependencies."""
    import duckdb
    import pandas

    out = []
    lines = path.read_bytes().count(b"\n")
    if shutil.which("jq") and subprocess.run(["jq", "-c", ".", str(path)], capture_output=True, check=False).returncode:
        out.append(f"jq {path.name}")
    try:
        query = "select count(*) from read_json(?, format='newline_delimited')"
        row = duckdb.execute(query, [str(path)]).fetchone()
        if row is None or row[0] != lines:
            out.append(f"duckdb {path.name}: {row} of {lines}")
    except duckdb.Error as error:
        out.append(f"duckdb {path.name}: {str(error)[:80]}")
    try:
        # An empty file is no frame of anything to pandas.
        if lines and len(pandas.read_json(path, lines=True)) != lines:
            out.append(f"pandas {path.name}")
    except ValueError as error:
        out.append(f"pandas {path.name}: {str(error)[:80]}")
    return out
