"""Nobody's own configuration takes part in a test; and in which order, and by how many workers, they are run."""

from __future__ import annotations

import gc
import os

import pytest

os.environ["XDG_CONFIG_HOME"] = "/nonexistent"
for name in [name for name in os.environ if name.startswith("ODDSTAIL_")]:
    del os.environ[name]

#: Files that take more than ten seconds, the longest first: what waits for long is not begun last.
LONG = (
    "test_one_market_five_wires.py",
    "faults/test_rows.py",
    "e2e/test_alerts.py",
    "capture/test_capture_command.py",
    "e2e/test_replay.py",
    "e2e/test_doctor.py",
    "e2e/test_the_demo.py",
    "e2e/test_the_command.py",
    "demo/test_games.py",
    "e2e/test_recipes.py",
    "screen/test_terminal.py",
    "e2e/test_run.py",
    "capture/test_recipes.py",
    "capture/test_killing.py",
    "e2e/test_contributing.py",
    "e2e/test_progress.py",
    "e2e/test_feeds.py",
    "e2e/test_warm.py",
    "test_one_market_from_the_start.py",
    "test_one_market_settles.py",
    "faults/test_readers.py",
    "faults/test_secrets.py",
    "faults/test_clocks.py",
    "capture/test_borders.py",
    "fuzz/test_fuzz.py",
    "test_every_provider.py",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: half of the time a test waits, for a market to move or a process to end."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Thousands of tests were made and none goes: the collector of garbage need not look at them again and again."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    first = {config.rootpath / "tests" / path: nth for nth, path in enumerate(LONG)}
    assert all(path.exists() for path in first), "a file of LONG is gone"
    items.sort(key=lambda item: first.get(item.path, len(first)))
