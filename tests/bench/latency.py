"""From the server's send to the line on stdout, at three rates, beside `curl -sN`: part of `make bench`.

The server is a process of its own and writes the time into each event's id; both read the clock that counts for
all processes (CLOCK_MONOTONIC). One event is one HTTP chunk and one write, but at 10,000 a second ten are one write
each millisecond: no sleep is shorter.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

RATES = (100, 1_000, 10_000)
SECONDS = float(os.environ.get("LATENCY_SECONDS", "4"))
#: Not counted: programs begin slowly.
WARM = 1.0
_STAMP = re.compile(rb'"(?:id|entry_id)":"(\d{9,})-')
_ENV = {**os.environ, "OPTICODDS_API_KEY": "demo"}


def serve(rate: int) -> None:
    """The server: prints its port; each connection gets events at the rate, and then the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    each = max(1, rate // 1000)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        sock.sendall(_chunk(b"event: connected\nretry: 5000\ndata: ok go\n\n"))
        began = time.monotonic()
        try:
            for nth in range(int(rate * (SECONDS + WARM)) // each):
                time.sleep(max(0.0, began + nth * each / rate - time.monotonic()))
                sock.sendall(b"".join(_event(nth * each + n) for n in range(each)))
            sock.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        sock.close()


def _event(nth: int) -> bytes:
    """Book odds of OpticOdds: the shape of docs/wire/opticodds.md, 2.4, the fields that are read and some that are not."""
    entry = f"{time.monotonic_ns()}-{nth}"
    body = (
        f'{{"entry_id":"{entry}","type":"odds","data":[{{"fixture_id":"7C19D2A04E{nth % 10:02d}","sport":"basketball",'
        f'"league":"NBA","sportsbook":"DraftKings","market":"Point Spread","name":"Boston Celtics -4.5",'
        f'"selection":"Boston Celtics","points":-4.5,"price":{-100 - nth % 60},"is_main":true,"is_live":false,'
        f'"timestamp":1769882400.5,"grouping_key":"default:-4.5","player_id":null,"team_id":"9A41C77E02D5",'
        f'"limits":null,"order_book":null,"deep_link":null}}]}}'
    )
    return _chunk(f"event: odds\nid: {entry}\nretry: 5000\ndata: {body}\n\n".encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@contextmanager
def serving(rate: int) -> Iterator[int]:
    """The server's port."""
    process = subprocess.Popen([sys.executable, __file__, str(rate)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def waits(command: list[str]) -> list[float]:
    """Milliseconds from each event's send to its line, sorted."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENV)
    assert process.stdout is not None
    out, first, left = [], 0, b""
    descriptor = process.stdout.fileno()
    while data := os.read(descriptor, 1 << 20):
        now = time.monotonic_ns()
        whole, _, left = (left + data).rpartition(b"\n")
        for found in _STAMP.findall(whole):
            sent = int(found)
            first = first or sent
            if sent - first >= WARM * 1e9:
                out.append((now - sent) / 1e6)
    process.stdout.close()
    process.wait()
    return sorted(out)


def main() -> None:
    """One table."""
    print(f"\nlatency, the server's send to the line on stdout, ms ({SECONDS:g} s each)")
    print(f"{'':24} {'events/s':>9} {'p50':>7} {'p99':>7} {'most':>7} {'seen':>7}")
    for rate in RATES:
        with serving(rate) as port:
            asked = (
                "opticodds -s basketball -b DraftKings --no-validate --no-snapshot --retries 0 -q -o json --base-url"
            )
            commands = {
                "oddstail -o json": [sys.executable, "-m", "oddstail", *asked.split(), f"http://127.0.0.1:{port}"]
            }
            if shutil.which("curl"):
                commands["curl -sN"] = ["curl", "-sN", f"http://127.0.0.1:{port}/stream"]
            for name, command in commands.items():
                seen = waits(command)
                p50, p99 = statistics.median(seen), seen[int(len(seen) * 0.99)]
                print(f"{name:24} {rate:9,} {p50:7.2f} {p99:7.2f} {seen[-1]:7.2f} {len(seen):7,}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(int(sys.argv[1]))
    else:
        main()
