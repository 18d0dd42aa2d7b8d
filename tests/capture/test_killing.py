"""`kill -9` at some instants; `make bench` does it 200 times. Nothing written is lost, everything loads in programs of others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.capture.killing import serving, stream, trial
from tests.e2e.support import run


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_loses_nothing_that_was_written_and_tears_nothing(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    with serving(stream(60_000)) as url:
        for nth in range(3):
            found = trial(url, tmp_path / str(nth), rng, "--rotate", "2MB", longest=0.6)
            assert (found.lost, found.unreadable) == (0, [])
            assert found.files > 0
        again = run("opticodds", "-s", "basketball", "-b", "DraftKings", "--no-validate", "-o", "none", "--base-url", url,
                    "-w", f"{tmp_path}/0/", "-c", "1")  # fmt: skip
    assert again.code == 0
    assert not list((tmp_path / "0").rglob("*.part"))
