"""What `--markets` costs on live traffic: two clients of one demo server at the same time, one with it. Part of `make bench`.

Both get the same stream at the same moments, so that whatever else the machine does slows both. CPU is that of each
whole process, by the kernel's accounting in nanoseconds, over SECONDS after the first snapshot; which of the two starts
first alternates. A third client without `--markets` shows how far two runs of the same command differ.
`python -m tests.bench.markets [PROVIDER ...]`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

#: The provider's wire, and the flags that ask for all that the demo has.
_BOOKS = ("DraftKings", "FanDuel", "BetMGM", "Caesars", "Pinnacle", "bet365", "BetRivers", "Bovada")
ASK = {
    "opticodds": ["opticodds", "-s", "basketball", *(word for book in _BOOKS[:5] for word in ("-b", book))],
    "parlayapi": ["parlayapi", "-s", "basketball_nba", "-s", "americanfootball_nfl"],
    "boltodds": ["boltodds"],
}
#: The demo at ten times its pace sends some 300 to 500 quotes a second: all of a busy evening's games.
RATE = os.environ.get("RATE", "40")
SECONDS = float(os.environ.get("SECONDS", "20"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
WARM = 6.0


def spent(pid: int) -> int:
    """Nanoseconds that all threads of a process ran (/proc/PID/task/*/schedstat, first field)."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def turn(provider: str, order: list[str]) -> dict[str, float]:
    """Seconds of CPU of each client: `bare`, `again` and `markets`."""
    serve = [sys.executable, "-m", "oddstail", "demo", "--serve", "--rate", RATE]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    places = {(one := json.loads(server.stdout.readline()))["provider"]: one for _ in range(5)}
    place = places[provider]
    base = place["base_url"].replace("http", "ws") if provider == "boltodds" else place["base_url"]
    clients = {}
    try:
        for name in order:
            command = [sys.executable, "-m", "oddstail", *ASK[provider], "--base-url", base, "-o", "json", "-q"]
            env = {**os.environ, f"{provider.upper()}_API_KEY": place["key"]}
            more = ["--markets"] if name == "markets" else []
            clients[name] = subprocess.Popen([*command, *more], env=env, stdout=subprocess.DEVNULL)
        time.sleep(WARM)
        before = {name: spent(client.pid) for name, client in clients.items()}
        time.sleep(SECONDS)
        used = {name: (spent(client.pid) - before[name]) / 1e9 for name, client in clients.items()}
    finally:
        for client in clients.values():
            client.terminate()
        for client in clients.values():
            client.wait(10)
        server.terminate()
        server.wait(10)
    return used


def main(providers: list[str]) -> None:
    """A line for each provider."""
    print(f"\nwhat --markets costs on live traffic ({ROUNDS} rounds of {SECONDS:g} s, medians)")
    for provider in providers:
        more, noise, share = [], [], []
        for nth in range(ROUNDS):
            order = ["bare", "markets", "again"]
            used = turn(provider, order[:: 1 if nth % 2 else -1])
            bare = (used["bare"] + used["again"]) / 2
            more.append(used["markets"] / bare - 1)
            noise.append(abs(used["bare"] / used["again"] - 1))
            share.append(bare / SECONDS)
        print(
            f"{provider:10} --markets: CPU {statistics.median(more):+6.1%} of {statistics.median(share):.1%} of a core"
            f" ({min(more):+.1%} to {max(more):+.1%}; two without it differ by {statistics.median(noise):.1%})"
        )


if __name__ == "__main__":
    main(sys.argv[1:] or list(ASK))
