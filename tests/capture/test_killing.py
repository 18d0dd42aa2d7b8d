"""`kill -9` at some instants; `make bench` does it 200 times. Nothing written is lost, everything loads in programs of others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from oddstail.capture.file import PAGE
from oddstail.capture.manifest import torn as torn_of
from tests.capture.killing import command, killed, name_of, serving, stream, trial, unreadable
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


def test_lines_longer_than_a_page_may_be_torn_and_nothing_of_them_is_lost(tmp_path: Path) -> None:
    """Until the next start: that sets the torn end aside, says so, and all loads in programs of others."""
    rng, longest = random.Random(1), 0
    with serving(stream(1_500, pad=24_000)) as url:
        for nth in range(3):
            folder = tmp_path / str(nth)
            flags = ("--tape", f"{folder}/", "--rotate", "8MB")
            seen = killed(url, folder, rng, *flags, longest=0.5, least=500_000)
            left = {path: path.read_bytes() for path in folder.rglob("*.ndjson*")}
            assert all(len(data) >= seen.get(name_of(path), 0) for path, data in left.items())
            longest = max(longest, *(len(line) for data in left.values() for line in data.splitlines()), 0)
            again = run(*command(url, folder, *flags, "-c", "1", "--for", "5s")[3:])
            assert not list(folder.rglob("*.part"))
            for path, data in left.items():
                now = path.with_name(name_of(path))
                if not data:
                    assert not now.exists()
                    continue
                torn = torn_of(now)
                aside = torn.read_bytes() if torn.exists() else b""
                assert now.read_bytes() + aside == data
                assert bool(aside) == (f"{len(aside):,} bytes of a torn end set aside in {torn.name}" in again.err)
                assert unreadable(now) == []
            assert again.code == 0, again.err
    assert longest > 4 * PAGE
