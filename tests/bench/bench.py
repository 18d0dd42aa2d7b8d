"""`make bench`: oddstail beside what a customer has today, on the same traffic over loopback, in one run.

Prints medians of several rounds, contestants in turn within each round, and ratios against the first
rival: absolute times say little on a shared machine. Not a test: nothing here fails.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("ROUNDS", "5"))
EVENTS = int(os.environ.get("EVENTS", "60000"))
#: What earlier runs came to, and by how much two runs of the same code differ on a shared machine.
BASELINE = HERE / "baseline.json"
NOISE = 0.25
RATIOS: dict[str, float] = {}
#: Of a usual length, and nobody's: to look for it in all that goes out is part of the cost.
KEY = str(uuid.uuid4())
ENV = {**os.environ, "OPTICODDS_API_KEY": KEY, "BOLTODDS_API_KEY": KEY}


@dataclass(frozen=True, slots=True)
class Server:
    """A running traffic server."""

    process: subprocess.Popen[str]
    port: int

    def began(self) -> float:
        """When the first byte of the next connection went out (monotonic seconds); waits for one."""
        assert self.process.stdout is not None
        return float(self.process.stdout.readline())


@contextmanager
def serving(kind: str, events: int, each: int) -> Iterator[Server]:
    """A traffic server in a process of its own."""
    command = [sys.executable, str(HERE / "traffic.py"), kind, str(events), str(each)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Server(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


def oddstail(port: int, output: str, kind: str, count: int, base: str = "") -> str:
    """The command line of oddstail for this traffic."""
    scheme = "http" if kind == "sse" else "ws"
    flags = f"-o {output} -c {count} -q --retries 0 --base-url {scheme}://127.0.0.1:{port}{base}"
    asked = "opticodds -s basketball -b DraftKings --no-validate --no-snapshot" if kind == "sse" else "boltodds"
    return f"{sys.executable} -m oddstail {asked} {flags}"


def contestants(kind: str, port: int, count: int, path: str = "") -> dict[str, str]:
    """Name -> shell command; the first rival is what the ratios are against."""
    rival = f"{sys.executable} {HERE / 'rivals.py'}"
    base = f"/{path}" if path else ""
    out = {}
    if kind == "sse":
        url = f"http://127.0.0.1:{port}{base}/stream"
        out["vendor sample (requests, sseclient-py, json)"] = f"{rival} vendor-sse {url}"
        out["httpx-sse + orjson"] = f"{rival} httpx-sse {url}"
        if shutil.which("curl") and shutil.which("jq"):
            out["curl -sN | sed | jq -c ."] = f"curl -sN {url} | sed -n 's/^data: {{/{{/p' | jq -c ."
    else:
        url = f"ws://127.0.0.1:{port}{base}/api"
        out["vendor sample (websockets, json, print)"] = f"{rival} vendor-ws {url}"
        out["websockets + orjson"] = f"{rival} websockets {url}"
        if shutil.which("wscat"):
            out["wscat -c"] = f"wscat -c {url}"
    for output in ("json", "raw"):
        out[f"oddstail -o {output}"] = oddstail(port, output, kind, count, base)
    return out


def measure(command: str, server: Server) -> tuple[float, float, float]:
    """Seconds from the first byte to the exit, CPU seconds of all its processes, and peak memory in MiB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    began = server.began()
    process.wait()
    ended = time.monotonic()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return ended - began, cpu, after.ru_maxrss / 1024


def race(title: str, kind: str, each: int) -> None:
    """One table: records a second and CPU seconds a million, start-up taken off by a run over an empty stream."""
    with serving(kind, EVENTS, each) as server:
        names = list(contestants(kind, server.port, EVENTS))
        idle = {
            name: measure(command, server)[1]
            for name, command in contestants(kind, server.port, EVENTS, "empty").items()
        }
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        for _ in range(ROUNDS):
            for name, command in contestants(kind, server.port, EVENTS).items():
                seconds, cpu, _ = measure(command, server)
                seen[name].append((EVENTS / seconds, (cpu - idle[name]) / EVENTS * 1e6))
    print(f"\n{title} ({EVENTS:,} events, median of {ROUNDS})")
    print(f"{'':46} {'records/s':>10} {'CPU s/M':>8} {'ratio':>6}  (least-most)")
    first = names[0]
    for name in names:
        rate = statistics.median(pair[0] for pair in seen[name])
        cost = statistics.median(pair[1] for pair in seen[name])
        ratios = [mine[0] / theirs[0] for mine, theirs in zip(seen[name], seen[first], strict=True)]
        RATIOS[f"{title}: {name}"] = statistics.median(ratios)
        print(
            f"{name:46} {rate:10,.0f} {cost:8.1f} {statistics.median(ratios):6.2f}  ({min(ratios):.2f}-{max(ratios):.2f})"
        )


def memory() -> None:
    """Peak memory over a run and over one four times as long: a leak would show as a ratio."""
    print("\nmemory, -o json, many events in a chunk")
    peaks = []
    for events in (EVENTS, 4 * EVENTS):
        with serving("sse", events, 64) as server, tempfile.NamedTemporaryFile("r") as out:
            command = f"exec {oddstail(server.port, 'json', 'sse', events)}"
            process = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL, stderr=out, env=ENV)
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        peaks.append(usage.ru_maxrss / 1024)
        print(f"{events:>10,} events: peak {peaks[-1]:.1f} MiB")
    RATIOS["memory over a run four times as long"] = peaks[1] / peaks[0]
    print(f"ratio {peaks[1] / peaks[0]:.3f}")


def start_up() -> None:
    """`oddstail --help` beside a bare `import typer`, in pairs."""
    ratios = []
    for _ in range(4 * ROUNDS):
        times = []
        for command in (["-m", "oddstail", "--help"], ["-c", "import typer"]):
            began = time.monotonic()
            subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True)
            times.append(time.monotonic() - began)
        ratios.append(times[0] / times[1])
    RATIOS["--help beside import typer"] = statistics.median(ratios)
    print(
        f"\noddstail --help beside import typer: ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    )


def first_record() -> None:
    """From the server's first byte to the first line on stdout."""
    waits = []
    with serving("sse", 8, 1) as server:
        for _ in range(ROUNDS):
            command = oddstail(server.port, "json", "sse", 8).split()
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENV)
            began = server.began()
            assert process.stdout is not None
            process.stdout.readline()
            waits.append((time.monotonic() - began) * 1000)
            process.stdout.close()
            process.wait()
    print(
        f"\nfirst record after the server's first event: {statistics.median(waits):.1f} ms ({min(waits):.1f}-{max(waits):.1f})"
    )


def compare() -> None:
    """Each ratio beside the one that was kept (`SAVE=1` keeps these); times are never compared."""
    kept: dict[str, float] = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    print(f"\nratios beside those kept in {BASELINE.name}")
    for name, ratio in RATIOS.items():
        if name in kept:
            change = ratio / kept[name] - 1
            print(f"{name:76} {ratio:6.2f} {kept[name]:6.2f} {change:+6.0%}{' ?' if abs(change) > NOISE else ''}")
        else:
            print(f"{name:76} {ratio:6.2f}    new")
    if os.environ.get("SAVE"):
        BASELINE.write_text(
            json.dumps({name: round(ratio, 3) for name, ratio in RATIOS.items()}, indent=1) + "\n", "utf-8"
        )


def main() -> None:
    """Everything, one after the other: two things at once would measure each other."""
    race("SSE, many events in an HTTP chunk", "sse", 64)
    race("SSE, one event in an HTTP chunk", "sse", 1)
    race("WebSocket", "ws", 1)
    memory()
    subprocess.run([sys.executable, str(HERE / "screen.py")], check=True)
    start_up()
    first_record()
    subprocess.run([sys.executable, str(HERE / "latency.py")], check=True)
    compare()


if __name__ == "__main__":
    main()
