"""Market records of the demo against the oracle: five wires, faults, several seeds, no difference.

`SEEDS=1,2,3 FAULTS=stall,dup pytest tests/market/test_oracle.py` looks at more of them than CI has time for.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.support import ENV, PROVIDERS, command
from tests.market.comparison import Comparison
from tests.market.oracle import seconds

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "7").split(",")]
FAULTS = os.environ.get("FAULTS", "stall").split(",")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", ["none", *FAULTS])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_market_records_agree_with_the_rules(provider: str, fault: str, seed: int, tmp_path: Path) -> None:
    asked = ["demo", "-p", provider, "--seed", str(seed), "--rate", "20", "--for", "4s", "-q", "--markets"]
    if fault != "none":
        asked += ["--fault", fault]
    tape = tmp_path / "run.tape.ndjson"
    run = subprocess.run(
        command(*asked, "-o", "json", "--tape", str(tape)), env=ENV, capture_output=True, timeout=90, check=False
    )
    oracle = Comparison()
    records = [json.loads(line) for line in run.stdout.splitlines()]
    oracle.read(records)
    oracle.complete(seconds(records[-1]["recv"]))
    assert oracle.differences == []
    assert oracle.checked > 10
    again = subprocess.run(
        command("replay", str(tape), "-q", "--markets", "-o", "json"),
        env=ENV,
        capture_output=True,
        timeout=90,
        check=False,
    )
    assert (again.stdout, again.stderr) == (run.stdout, b"")
