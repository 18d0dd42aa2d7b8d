"""What was found by fuzzing stays mended, and a short search finds nothing new. `make fuzz` searches longer."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import FOUND, TARGETS, seeds

KNOWN = [path for path in sorted(FOUND.rglob("*")) if path.is_file() and path.parent != FOUND]


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_the_search_begins_with_what_is_good(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this Python or machine")
def test_a_short_search_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.fuzz", "every", "-max_total_time=6", f"-artifact_prefix={tmp_path}/"]
    # The fuzzer leaves by a way on which nothing is cleared away.
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done" in done.stderr
