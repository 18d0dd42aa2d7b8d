"""Three quarters of a minute of what `make soak` does for ten: nothing grows, nothing hammers, nothing is left behind."""

from __future__ import annotations

import subprocess

from tests.soak.conftest import SECONDS
from tests.soak.soak import Sample, Soaked

MIB = 1 << 20


def soaked(**given: object) -> Soaked:
    """A run with nothing wrong, but for what is given."""
    fine = {
        "connects": [0.0, 10.0],
        "samples": [Sample(50 * MIB, 12, 1)] * 20,
        "tasks": [["a", "b"]] * 20,
        "records": {"quote": 9, "opened": 2, "gap": 1},
        "code": 143,
    }
    return Soaked("toy", **{**fine, **given})  # type: ignore[arg-type]


def test_the_judge_sees_what_is_wrong() -> None:
    growing = [Sample((50 + n) * MIB, 12 + n, 1 + n) for n in range(20)]
    assert soaked().judge() == []
    assert len(soaked(samples=growing).judge()) == 3
    assert len(soaked(tasks=[["a"] * n for n in range(20)]).judge()) == 1
    assert len(soaked(connects=[n / 10 for n in range(14)]).judge()) == 13
    assert len(soaked(connects=[float(n) for n in range(14)]).judge()) == 1
    assert len(soaked(records={"opened": 3, "gap": 1}).judge()) == 2
    assert len(soaked(code=1, err="Traceback (most recent call last):").judge()) == 2


def test_a_short_soak(soaking: subprocess.Popen[str]) -> None:
    out, _ = soaking.communicate(timeout=SECONDS + 60)
    assert soaking.returncode == 0, out
