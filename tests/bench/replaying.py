"""Replay at `max` beside `jq -c .` on the same tape: records a second, megabytes a second, peak memory.

Of its own: `python tests/bench/replaying.py`. TAPE_MB is the tape's size (1000), ROUNDS how often (3).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from oddstail.model import Frame, Read, Request, Where
from oddstail.wire import tape
from tests.bench.traffic import sse_events

MEGABYTES = int(os.environ.get("TAPE_MB", "1000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
#: Events made once and repeated with new cursors and times.
_MADE = 50_000
#: As many of one read as a busy evening has.
_EACH = 4
_START = 1_769_882_400_000_000


def write(path: Path, size: int) -> int:
    """A tape of at least so many bytes: OpticOdds' traffic as `traffic.py` makes it. Returns its frames."""
    request = Request(provider="opticodds", feed="odds", label="NBA", transport="sse", url="https://odds.example/stream",
                      key_in=Where.HEADER, key_name="X-Api-Key", options={"odds_format": "AMERICAN"})  # fmt: skip
    made = [event.split(b"data: ", 1)[1].strip() for event in sse_events(_MADE)]
    frames = 0
    with path.open("wb") as out:
        out.write(tape.header(run="bench", part=1, at=_START, program="oddstail", argv="", conns={1: request}, seq=1))
        out.write(tape.connect(1, 1, request, recv=_START, steady=1.0, attempt=1, resumed=False, cursor=None))
        seq = 2
        while out.tell() < size:
            at = frames * 250
            read = []
            for body in made[frames % _MADE : frames % _MADE + _EACH]:
                entry = f"{_START // 1000 + frames // 8}-{frames % 8}"
                cut = body.index(b'","type"')
                read.append(Frame(b'{"entry_id":"' + entry.encode() + body[cut:], "odds", entry))
                frames += 1
            out.write(tape.received(seq, 1, Read(_START + at, read), 1.0 + at / 1e6))
            seq += len(read)
    return frames


def measure(command: list[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds, and peak memory in MiB."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"{command[0]} ended with {status}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """A tape of a quarter of the size for memory, the whole one for the race."""
    oddstail = [sys.executable, "-m", "oddstail", "replay", "-q", "-o", "json"]
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.tape.ndjson", Path(folder) / "large.tape.ndjson"
        # In a process of its own: a child's peak is at least what its parent held.
        for path, size in ((small, MEGABYTES * 250_000), (large, MEGABYTES * 1_000_000)):
            written = subprocess.run(
                [sys.executable, __file__, str(path), str(size)], capture_output=True, text=True, check=True
            )
        frames = int(written.stdout)
        megabytes = large.stat().st_size / 1e6
        contestants = {"oddstail replay -o json": [*oddstail, str(large)]}
        if jq := shutil.which("jq"):
            version = subprocess.run([jq, "--version"], capture_output=True, text=True, check=True).stdout.strip()
            contestants[f"jq -c .  ({version})"] = [jq, "-c", ".", str(large)]
        contestants["oddstail replay -o none"] = [*oddstail[:-1], "none", str(large)]
        seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, command in contestants.items():
                seen[name].append(measure(command))
        print(f"replay at max, a tape of {megabytes:,.0f} MB, {frames:,} frames (median of {ROUNDS})")
        print(f"{'':32} {'frames/s':>10} {'MB/s':>7} {'CPU s':>7} {'peak MiB':>9}  (least-most seconds)")
        for name, runs in seen.items():
            seconds = [one[0] for one in runs]
            took = statistics.median(seconds)
            cpu, peak = min(one[1] for one in runs), max(one[2] for one in runs)
            print(
                f"{name:32} {frames / took:10,.0f} {megabytes / took:7.1f} {cpu:7.1f} {peak:9.1f}  ({min(seconds):.1f}-{max(seconds):.1f})"
            )
        *_, peak = measure([*oddstail, str(small)])
        whole = max(one[2] for one in seen["oddstail replay -o json"])
        print(f"peak memory, a tape of a quarter of that: {peak:.1f} MiB; ratio {whole / peak:.3f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(write(Path(sys.argv[1]), int(sys.argv[2])))
    else:
        main()
