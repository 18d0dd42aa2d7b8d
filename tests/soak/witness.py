"""The command itself against the witness: every provider of the demo with every fault, for SECONDS in all.

python -m tests.soak.witness SECONDS
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from tests.witness.comparison import differences

_FAULTS = (
    "",
    "refuse",
    "accept-then-drop",
    "stall",
    "garbage",
    "half-frame",
    "slow",
    "dup",
    "reorder",
    "http-429",
    "http-503",
)
_PROVIDERS = ("oddsjam", "opticodds", "parlayapi", "rapidodds", "boltodds")
#: A run must live longer than the demo takes to strike and the client to come back.
_SHORTEST = 12.0


def _differences(name: str, fault: str, seed: int, seconds: float, folder: Path) -> list[str]:
    """One run of the command. Snapshots by REST are left out: the witness reads streams only."""
    recording, recorded = folder / "recording.ndjson", folder / "records.ndjson"
    command = [sys.executable, "-m", "oddstail", "demo", "-p", name, "--seed", str(seed), "--rate", "30"]
    command += ["--for", f"{seconds:.0f}s", "-o", "none", "-q", "--tape", str(recording), "-w", str(recorded)]
    command += ["--fault", fault] if fault else []
    command += ["--no-snapshot"] if name in ("oddsjam", "opticodds", "rapidodds") else []
    subprocess.run(command, check=True)
    return differences(name, recording.read_bytes().splitlines(), recorded.read_bytes().splitlines())


def main(seconds: float) -> int:
    """Print the differences of each run; 1 if there are any."""
    runs = list(product(_PROVIDERS, _FAULTS))
    each, wrong = max(_SHORTEST, seconds / len(runs)), 0
    for seed, (name, fault) in enumerate(runs, 1):
        with tempfile.TemporaryDirectory() as folder:
            found = _differences(name, fault, seed, each, Path(folder))
        print(f"{name} {fault or 'calm'}: {len(found)} differences", *found[:20], sep="\n  ")
        wrong += len(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
