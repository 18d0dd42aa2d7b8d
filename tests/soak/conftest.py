"""The soak begins when all tests are collected and is judged by the last of them: it mostly waits, they do not."""

from __future__ import annotations

import subprocess
import sys

import pytest

SECONDS = 45
_under_way: list[subprocess.Popen[str]] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_soaks)


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(map(_soaks, session.items)) and not session.config.option.collectonly:
        command = [sys.executable, "-m", "tests.soak.soak", str(SECONDS)]
        _under_way.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))


def pytest_sessionfinish() -> None:
    for process in _under_way:
        process.terminate()
        process.communicate()


@pytest.fixture
def soaking() -> subprocess.Popen[str]:
    return _under_way[0]


def _soaks(item: pytest.Item) -> bool:
    return "soaking" in getattr(item, "fixturenames", ())
