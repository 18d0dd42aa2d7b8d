"""The soak begins when all tests are collected and is judged by the last of them: it mostly waits, they do not.

Where several workers share the tests, it is the first for one of them, and the others go on.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

SECONDS = 45
_under_way: list[subprocess.Popen[str]] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_soaks, reverse=_is_worker(config))


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    if any(map(_soaks, session.items)) and not config.option.collectonly and not _is_worker(config):
        _begin()


def pytest_sessionfinish() -> None:
    for process in _under_way:
        process.terminate()
        process.communicate()


@pytest.fixture
def soaking() -> subprocess.Popen[str]:
    return _under_way[0] if _under_way else _begin()


def _begin() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.soak.soak", str(SECONDS)]
    _under_way.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    return _under_way[0]


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _soaks(item: pytest.Item) -> bool:
    return "soaking" in getattr(item, "fixturenames", ())
