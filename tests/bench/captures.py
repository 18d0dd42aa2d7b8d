"""`make bench`, second part: what `-w` and `--tape` cost on a live stream, and `kill -9` at random instants. Prints; nothing here fails.

KILLS=200 and ROUNDS=5 unless the environment says otherwise.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.bench import latency
from tests.bench.bench import ENV, EVENTS, ROUNDS, measure, oddstail, serving
from tests.capture import killing

#: Events a second of a live stream: busy, and ten times that.
LIVE = (1_000, 10_000)
KILLS = int(os.environ.get("KILLS", "200"))


def cost(title: str, kind: str, each: int, flag: str, output: str, *more: str) -> None:
    """CPU and wall time of the same run with and without, in pairs.

    The least CPU of each is compared, start-up taken off: others on the machine only ever add to it.
    """
    rates: list[float] = []
    cpus: tuple[list[float], list[float]] = ([], [])
    with serving(kind, EVENTS, each) as server, tempfile.TemporaryDirectory() as folder:
        bare = oddstail(server.port, output, kind, EVENTS)
        idle = min(measure(oddstail(server.port, output, kind, EVENTS, "/empty"), server)[1] for _ in range(3))
        for nth in range(ROUNDS):
            kept = f"{bare} {flag} {folder}/{nth}/ {' '.join(more)}"
            runs = {}
            # In turn, and each first as often as the other: a machine that warms up favours neither.
            for name, command in ((0, bare), (1, kept))[:: 1 if nth % 2 else -1]:
                runs[name] = measure(command, server)
            rates.append(runs[1][0] / runs[0][0] - 1)
            cpus[0].append(runs[0][1] - idle)
            cpus[1].append(runs[1][1] - idle)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.*")) / ROUNDS / EVENTS
    print(
        f"{title:54} CPU {min(cpus[1]) / min(cpus[0]) - 1:+6.1%} ({min(cpus[1]) / EVENTS * 1e6:.1f} s/M)"
        f"  time {statistics.median(rates):+6.1%} ({min(rates):+.0%} to {max(rates):+.0%})  {size:.0f} bytes a record"
    )


def live(rate: int) -> None:
    """CPU of a run at a live rate, with and without, start-up of each taken off: hand-overs count there, not bytes."""
    flags = ("", "-w", "--tape")
    spent: dict[str, list[float]] = {flag: [] for flag in flags}
    count = rate * int(latency.SECONDS + latency.WARM)
    with tempfile.TemporaryDirectory() as folder:

        def command(port: int, flag: str, nth: int, base: str = "") -> str:
            return oddstail(port, "json", "sse", count, base) + (f" {flag} {folder}/{nth}{flag}/" if flag else "")

        with serving("sse", 1, 1) as server:
            idle = {
                flag: min(measure(command(server.port, flag, nth, "/empty"), server)[1] for nth in range(-5, 0))
                for flag in flags
            }
        with latency.serving(rate) as port:
            for nth in range(ROUNDS):
                for flag in flags[:: 1 if nth % 2 else -1]:
                    before = resource.getrusage(resource.RUSAGE_CHILDREN)
                    subprocess.run(command(port, flag, nth), shell=True, env=ENV, stdout=subprocess.DEVNULL)
                    after = resource.getrusage(resource.RUSAGE_CHILDREN)
                    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                    spent[flag].append(used - idle[flag])
    bare = statistics.median(spent[""])
    for flag in flags[1:]:
        more = [with_it / without - 1 for with_it, without in zip(spent[flag], spent[""], strict=True)]
        print(
            f"{f'-o json, {rate:,} events a second, {flag}':54} CPU {statistics.median(spent[flag]) / bare - 1:+6.1%}"
            f" of {bare:.2f} s  ({min(more):+.0%} to {max(more):+.0%})"
        )


def kills() -> None:
    """Captures that rotate, under a stream as fast as they take it, killed at a random instant of a second."""
    if not KILLS:
        return
    rng = random.Random(20260131)
    records = files = lost = torn = 0
    unreadable: list[str] = []
    with killing.serving(killing.stream()) as url:
        for _ in range(KILLS):
            with tempfile.TemporaryDirectory() as folder:
                found = killing.trial(url, Path(folder), rng, "--rotate", "5MB")
            records, files = records + found.records, files + found.files
            lost, torn = lost + found.lost, torn + found.torn
            unreadable += found.unreadable
    print(
        f"\nkill -9 at {KILLS} random instants: {records:,} records in {files} files; runs with written lines lost: {lost},"
        f" torn last lines: {torn}, unreadable to jq, DuckDB or pandas: {len(unreadable)}"
    )
    for one in unreadable[:10]:
        print(f"  {one}")


def main() -> None:
    """Everything, one after the other."""
    print(f"\nwhat -w and --tape cost on a live stream ({ROUNDS} rounds in turn, medians)")
    for rate in LIVE:
        live(rate)
    print(f"\nwhat -w and --tape cost ({EVENTS:,} events over loopback as fast as they are taken, {ROUNDS} pairs)")
    cost("-o json, many events in an HTTP chunk", "sse", 64, "-w", "json")
    cost("-o json, one event in an HTTP chunk", "sse", 1, "-w", "json")
    cost("-o json, WebSocket", "ws", 1, "-w", "json")
    cost("-o json, many events in a chunk, --tape", "sse", 64, "--tape", "json")
    cost("-o json, WebSocket, --tape", "ws", 1, "--tape", "json")
    cost("-o none (encoding included), many events in a chunk", "sse", 64, "-w", "none")
    cost("-o json, --compress live", "sse", 64, "-w", "json", "--compress", "live")
    cost("-o json, --split game", "sse", 64, "-w", "json", "--split", "game")
    kills()


if __name__ == "__main__":
    main()
