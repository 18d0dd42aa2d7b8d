"""`.ci/run` and `make test PYTHON=...`: which Python they choose. Starts no test run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What `.ci/run` calls before it runs make.
TOOLS = ("bash", "dirname", "ls", "sed", "sort")
REFUSES = "echo 'pyenv: command not found' >&2; exit 127"
IS_PYTHON = 'test "$3" = {version}'


def _tools(folder: Path, pythons: dict[str, str]) -> str:
    """Make a PATH that has the tools, and an interpreter of each name with that script."""
    for tool in TOOLS:
        (folder / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    for name, script in pythons.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("pythons", "line"),
    [
        pytest.param(
            {f"python3.{minor}": IS_PYTHON.format(version=f"3.{minor}") for minor in (11, 12, 13)},
            "Python: python3.11 python3.12 python3.13; not on this machine: none",
            id="all-on-path",
        ),
        pytest.param(
            {"python3.11": IS_PYTHON.format(version="3.11"), "python3.12": REFUSES},
            "Python: python3.11; not on this machine: 3.12 3.13",
            id="shim-that-refuses",
        ),
        pytest.param(
            {"python3.11": REFUSES, "python3": IS_PYTHON.format(version="3.13")},
            "Python: python3; not on this machine: 3.11 3.12",
            id="only-python3",
        ),
        pytest.param(
            {
                "python3.12": REFUSES,
                ".pyenv/versions/3.12.1/bin/python": IS_PYTHON.format(version="3.12"),
                ".pyenv/versions/3.12.10/bin/python": IS_PYTHON.format(version="3.12"),
                ".pyenv/versions/3.13.0/bin/python": REFUSES,
            },
            "Python: {folder}/.pyenv/versions/3.12.10/bin/python; not on this machine: 3.11 3.13",
            id="newest-of-pyenv",
        ),
        pytest.param({}, "Python: none; not on this machine: 3.11 3.12 3.13", id="no-python"),
    ],
)
def test_ci_finds_each_python_and_prints_what_it_skips(tmp_path: Path, pythons: dict[str, str], line: str) -> None:
    path = _tools(tmp_path, pythons)
    run = subprocess.run(
        [ROOT / ".ci/run", "--list"], env={"PATH": path, "HOME": path}, capture_output=True, text=True, timeout=60
    )
    assert run.stdout == f"{line.format(folder=path)}\n", run.stderr
    assert run.returncode == (0 if pythons else 1)


def _environment() -> dict[str, str]:
    """Leave out what `make test PYTHON=...` hands down to this test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_each_python_has_its_own_environment(where: str) -> None:
    version = "{}.{}".format(*sys.version_info)
    environment = _environment()
    given = [f"PYTHON={sys.executable}"] if where == "argument" else []
    environment |= {"PYTHON": sys.executable} if where == "environment" else {}
    run = subprocess.run(["make", "-n", "test", *given], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert f".venv-{version}/bin/python -m pytest" in run.stdout, run.stderr


def test_python_that_does_not_run_is_refused() -> None:
    run = subprocess.run(
        ["make", "-n", "test", "PYTHON=/nonexistent/python"],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 2
    assert "PYTHON: '/nonexistent/python' does not run; use the name or the path of Python 3.11 or newer" in run.stderr
