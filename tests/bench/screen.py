"""What the odds screen costs: the real command on a terminal of 200 by 60, fed at a steady rate over loopback.

`busy`: 10,000 quotes a second into 5,000 selections of 12 books, each with a price already. `idle`: the same
board and nothing but heartbeats. CPU is that of the whole process (network, decoding, ledger, board,
drawing), by its own accounting over the time after the board was filled; memory is its peak.
Run alone with `python tests/bench/screen.py [busy|idle]`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

BOOKS = ("DraftKings", "FanDuel", "BetMGM", "Caesars", "Pinnacle", "bet365", "BetRivers", "Bovada", "Bet99", "Fliff", "Hard Rock", "ESPN BET")  # fmt: skip
SELECTIONS, RATE, SIZE = 5_000, 10_000, (60, 200)
SECONDS = int(os.environ.get("SECONDS", "20"))
#: Events to one write, as a vendor's server that is this busy would batch them.
EACH = 50


def event(selection: int, book: int, price: int, n: int) -> bytes:
    """OpticOdds book odds (docs/wire/opticodds.md, 2.4): 25 games of 100 players, over and under."""
    game, player, side = selection // 200, selection % 200 // 2, "under" if selection % 2 else "over"
    who, name, line = f"Player {player}", BOOKS[book], 10.5
    odd = {
        "id": f"{game}:{name}:player_points:{player}_{side}",
        "fixture_id": f"7C19D2A04E{game:02d}",
        "game_id": f"15482-40117-{game}",
        "sport": "basketball",
        "league": "NBA",
        "sportsbook": name,
        "market": "Player Points",
        "name": f"{who} {side.capitalize()} {line}",
        "selection": who,
        "selection_line": side,
        "player_id": f"P{game}-{player}",
        "points": line,
        "price": price,
        "is_main": True,
        "is_live": False,
        "timestamp": time.time(),
    }
    body = json.dumps({"entry_id": f"{1_769_882_400_000 + n}-0", "type": "odds", "data": [odd]}, separators=(",", ":"))
    return f"event: odds\nid: {n}\ndata: {body}\n\n".encode()


def serve(kind: str) -> None:
    """One client: every price once, a mark on stdout, then moves at the rate, or heartbeats."""
    rng = random.Random(1)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    peer, _ = listener.accept()
    while b"\r\n\r\n" not in peer.recv(65536):
        pass
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    send(peer, b"event: connected\ndata: ok go\n\n")
    n = 0
    every = [(selection, book) for selection in range(SELECTIONS) for book in range(len(BOOKS))]
    for at in range(0, len(every), EACH):
        send(peer, b"".join(event(*one, -110, (n := n + 1)) for one in every[at : at + EACH]))
    print("full", flush=True)
    moves = [b"".join(event(*rng.choice(every), rng.choice((-105, -110, -115, 100)), (n := n + 1)) for _ in range(EACH))
             for _ in range(2000)]  # fmt: skip
    print("ready", flush=True)
    due, at = time.monotonic(), 0
    with contextlib.suppress(OSError):
        while True:
            send(peer, moves[at % len(moves)] if kind == "busy" else b": keep\n\n")
            at += 1
            due += EACH / RATE if kind == "busy" else 5.0
            time.sleep(max(0.0, due - time.monotonic()))


def send(peer: socket.socket, body: bytes) -> None:
    peer.sendall(b"%x\r\n%b\r\n" % (len(body), body))


def measure(kind: str) -> None:
    """One line with the figures."""
    server = subprocess.Popen([sys.executable, __file__, "serve", kind], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = int(server.stdout.readline())
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    command = [sys.executable, "-m", "oddstail", "opticodds", "-s", "basketball", "-b", "DraftKings", "--no-validate",
               "-o", "table", "--base-url", f"http://127.0.0.1:{port}"]  # fmt: skip
    with tempfile.TemporaryFile() as errors:
        env = {**os.environ, "OPTICODDS_API_KEY": "demo", "TERM": "xterm-256color"}
        process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=errors, env=env)
        drawn = Drain(master)
        try:
            while server.stdout.readline().strip() != "ready":
                pass
            time.sleep(3)
            before, bytes_before, began = cpu(process.pid), drawn.count, time.monotonic()
            time.sleep(SECONDS)
            seconds = time.monotonic() - began
            share = (cpu(process.pid) - before) / seconds
            print(
                f"screen, {kind:4}: {share:6.1%} of a core, peak {peak(process.pid):.0f} MiB,"
                f" {(drawn.count - bytes_before) / seconds / 1024:.1f} KiB/s to the terminal"
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
            server.kill()
            server.wait()


class Drain:
    """Reads what is drawn, as a terminal would."""

    def __init__(self, fd: int) -> None:
        self.count = 0
        self._fd = fd
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self.count += len(os.read(self._fd, 65536))
            except OSError:
                return


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, user and system: fields 14 and 15 of /proc/PID/stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid: int) -> float:
    """The most memory that a process had so far, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def updates() -> None:
    """What one quote costs the board alone, in microseconds: every price known, every one moved."""
    from oddstail.market.state import Board
    from oddstail.model import Batch, Quote, Selection
    from oddstail.price import from_american

    prices = [from_american(american) for american in (-105, -110, -115, 100)]
    what = [
        Selection(key=f"{n}|{book}", league="NBA", game_id=f"g{n // 200}", book=book, market="Moneyline",
                  selection=f"Team {n}", kind="moneyline", period="game")
        for n in range(SELECTIONS) for book in BOOKS
    ]  # fmt: skip
    board, times = Board(), []
    for turn in range(5):
        quotes = [Quote(one, "open", prices[(turn + n) % 4]) for n, one in enumerate(what)]
        began = time.perf_counter()
        for at in range(0, len(quotes), EACH):
            board.apply(Batch(1, turn * 1_000_000, [*quotes[at : at + EACH]]))
        times.append((time.perf_counter() - began) / len(quotes) * 1e6)
    print(f"board alone: {times[0]:.1f} us for a new price, {min(times[1:]):.2f} us for a move")


def main(kinds: tuple[str, ...] = ("busy", "idle")) -> None:
    """Both figures."""
    print(
        f"\nthe odds screen at 200x60: {SELECTIONS:,} selections of {len(BOOKS)} books, busy is {RATE:,} quotes a second"
    )
    updates()
    for kind in kinds:
        measure(kind)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    else:
        main(tuple(sys.argv[1:]) or ("busy", "idle"))
