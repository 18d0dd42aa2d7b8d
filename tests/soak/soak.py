"""`python -m tests.soak.soak SECONDS`: all five providers at once, each against its imitation, the faults taking turns.

What must stay flat is measured from outside (`/proc`) and, for tasks, by the command itself (`clockwork.py`, SIGUSR2):
memory, descriptors, threads, tasks. A forwarder between each command and its server counts the connects.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from oddstail.demo.contract import Knobs
from oddstail.demo.faults import NAMES, Fault
from oddstail.demo.market import Market
from oddstail.demo.server import serve
from tests.e2e.support import ASK, PROVIDERS
from tests.faults.stage import environment
from tests.warm import CLOCKWORK

#: `auth` ends a run, and rightly so.
TURNS = [name for name in NAMES if name != "auth"]
MIB = 1 << 20
#: How many connects one minute may see: the schedule of waits allows nine, and a link that was healthy for 30 s
#: begins it anew. BoltOdds itself allows twelve.
CONNECTS = 12
#: No wait is shorter: half of the first step (`retry.Policy.first`).
SOONEST = 0.25
#: What memory may grow by from the second quarter to the last, beyond a twentieth.
GROWTH = 4 * MIB


@dataclass
class Sample:
    """One look at a process."""

    memory: int
    descriptors: int
    threads: int


@dataclass
class Soaked:
    """One provider's run, and what was seen of it."""

    provider: str
    connects: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    tasks: list[list[str]] = field(default_factory=list)
    records: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    err: str = ""
    code: int | None = None

    def judge(self) -> list[str]:
        """What is not as it must be."""
        wrong = list(self.wrong)
        quarter = max(1, len(self.samples) // 4)
        early, late = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        if not early or not late:
            return [*wrong, "too few looks at it"]
        before, after = (statistics.median(one.memory for one in part) for part in (early, late))
        if after > before * 1.05 + GROWTH:
            wrong.append(f"memory grew from {before / MIB:.1f} to {after / MIB:.1f} MiB")
        for what in ("descriptors", "threads"):
            # What comes and goes with a link or a file does not matter, what stays does.
            before, after = (statistics.median(getattr(one, what) for one in part) for part in (early, late))
            if after > before + 1:
                wrong.append(f"{what} grew from {before:g} to {after:g}")
        half = len(self.tasks) // 2
        if half and max(map(len, self.tasks[half:])) > max(map(len, self.tasks[:half])) + 1:
            wrong.append(f"tasks grew: {self.tasks[0]} became {self.tasks[-1]}")
        for at, when in enumerate(self.connects):
            if at and when - self.connects[at - 1] < SOONEST:
                wrong.append(f"a connect {when - self.connects[at - 1]:.2f} s after another")
            if at >= CONNECTS and when - self.connects[at - CONNECTS] < 60:
                wrong.append(f"more than {CONNECTS} connects in a minute")
                break
        if len(self.connects) < 2:
            wrong.append("it was never made to reconnect, so this proves nothing")
        if not self.records.get("quote"):
            wrong.append("no price came through")
        if self.records.get("gap", 0) < self.records.get("opened", 0) - 1:
            wrong.append(f"{self.records['opened']} links, {self.records.get('gap', 0)} gaps")
        if self.code != 143:
            wrong.append(f"exit code {self.code}")
        wrong += [
            f"stderr has {word}"
            for word in ("Traceback", "ResourceWarning", "destroyed", "awaited")
            if word in self.err
        ]
        return wrong


async def soak(provider: str, seconds: float, folder: Path, turn: float) -> Soaked:
    """One provider for so long; the faults change every `turn` seconds."""
    seen = Soaked(provider)
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(_misbehave(provider, turn, ready))
    try:
        behind = await ready
        async with _forwarder(behind, seen.connects) as port:
            await _run(seen, port, seconds, folder)
    finally:
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server
    return seen


async def _misbehave(provider: str, turn: float, ready: asyncio.Future[int]) -> None:
    """The imitation, started anew on its port for each fault: so it is away for a moment, too."""
    port = 0
    knobs = Knobs(heartbeat=1.0, push_interval=1.0, anomalies=False)
    for nth in count(PROVIDERS.index(provider)):
        fault = Fault(name=TURNS[nth % len(TURNS)], every=max(1.0, turn / 3), burst=1, retry_after=1)  # type: ignore[arg-type]
        market = Market(nth, start=datetime.now(UTC), rate=20)
        async with serve(market, providers=(provider,), ports={provider: port}, faults=[fault], knobs=knobs) as server:
            port = int(server[provider].base_url.rpartition(":")[2])
            if not ready.done():
                ready.set_result(port)
            await asyncio.sleep(turn)


@contextlib.asynccontextmanager
async def _forwarder(behind: int, connects: list[float]) -> AsyncIterator[int]:
    """Bytes from and to the port behind, and when each connection came."""
    tasks: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connects.append(time.monotonic())
        try:
            there = await asyncio.open_connection("127.0.0.1", behind)
        except OSError:
            writer.transport.abort()
            return
        ways = [asyncio.create_task(_copy(reader, there[1])), asyncio.create_task(_copy(there[0], writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        there[1].transport.abort()
        writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(forward(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()


async def _run(seen: Soaked, port: int, seconds: float, folder: Path) -> None:
    """The command, looked at again and again, and ended with SIGTERM."""
    scheme = "ws" if seen.provider in ("rapidodds", "boltodds") else "http"
    report = folder / "report"
    command = [
        sys.executable, "-W", "always::ResourceWarning", "-m", CLOCKWORK, *ASK[seen.provider],
        "--base-url", f"{scheme}://127.0.0.1:{port}", "--json", "--max-silence", "3s",
        "-w", f"{folder}/kept/", "--rotate", "1MB", "--tape", f"{folder}/tapes/", "--compress", "gzip",
    ]  # fmt: skip
    env = {**environment(folder), f"{seen.provider.upper()}_API_KEY": "demo", "CLOCKWORK_REPORT": str(report)}
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdin=asyncio.subprocess.DEVNULL, limit=16 * MIB,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    stderr = asyncio.create_task(process.stderr.read())
    begun = asyncio.Event()
    reading = asyncio.create_task(_read(process.stdout, seen, begun))
    try:
        end = time.monotonic() + seconds
        # Once it has begun: before that, a signal would end it.
        async with asyncio.timeout(20):
            await begun.wait()
        while time.monotonic() < end and process.returncode is None:
            _look(process.pid, seen)
            process.send_signal(signal.SIGUSR2)
            await asyncio.sleep(min(2.0, seconds / 40))
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(10):
            seen.code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        seen.err = (await stderr).decode()
        await reading
    if report.exists():
        seen.tasks = [json.loads(line)["tasks"] for line in report.read_text().splitlines()]


def _look(pid: int, seen: Soaked) -> None:
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        memory, threads = (int(status.partition(f"{name}:")[2].split()[0]) for name in ("VmRSS", "Threads"))
        seen.samples.append(Sample(memory * 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())), threads))


async def _read(stream: asyncio.StreamReader, seen: Soaked, begun: asyncio.Event) -> None:
    """Every record, numbered without a hole."""
    last = 0
    async for line in stream:
        begun.set()
        record: dict[str, Any] = json.loads(line)
        if record["seq"] != last + 1:
            seen.wrong.append(f"record {record['seq']} after {last}")
        last = record["seq"]
        seen.records[record["type"]] = seen.records.get(record["type"], 0) + 1


async def everything(seconds: float, providers: Sequence[str] = PROVIDERS) -> list[Soaked]:
    """All of them at once."""
    # Every fault has its turn in a long run; a short one sees some of them, at each provider others.
    turn = max(11.0, seconds / (2 * len(TURNS)))
    with tempfile.TemporaryDirectory(prefix="oddstail-soak-") as folder:
        return list(await asyncio.gather(*(soak(name, seconds, _made(folder, name), turn) for name in providers)))


def _made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def main() -> int:
    """Prints one line a provider and what is wrong. The exit code: 1 if anything is."""
    seconds = float(sys.argv[1])
    failed = False
    for seen in asyncio.run(everything(seconds)):
        first, last = (seen.samples[at] if seen.samples else Sample(0, 0, 0) for at in (0, -1))
        quarter = max(1, len(seen.samples) // 4)
        parts = [seen.samples[at : at + quarter] for at in range(0, 4 * quarter, quarter)]
        memory = " ".join(f"{statistics.median(one.memory for one in part) / MIB:.1f}" for part in parts if part)
        print(
            f"{seen.provider:10} memory by quarters {memory} MiB,"
            f" descriptors {first.descriptors} -> {last.descriptors}, threads {first.threads} -> {last.threads},"
            f" tasks {max(map(len, seen.tasks), default=0)}, {len(seen.connects)} connects, {seen.records}"
        )
        for text in seen.judge():
            failed = True
            print(f"{seen.provider:10} WRONG: {text}")
        if seen.judge():
            print(seen.err[-2000:])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
