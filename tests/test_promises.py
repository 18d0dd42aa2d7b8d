"""The table of promises in docs/reliability.md names tests that exist: a promise without one is an advertisement."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.faults.test_rows import ROWS

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs" / "reliability.md").read_text("utf-8")
TABLE = PAGE.partition("| promise | held by")[2].partition("\n\n")[0].splitlines()[2:]
HOLDERS = [tuple(named.split("::")) for line in TABLE for named in re.findall(r"`([\w/]+\.py::[^`]+)`", line)]


def test_every_promise_is_held_by_something() -> None:
    assert len(TABLE) > 15
    for line in TABLE:
        promise, holders = line.strip("| ").split(" | ")
        assert promise
        assert re.fullmatch(r"(?:`[\w/]+\.py::[\w-]+` ?)+", holders), promise


@pytest.mark.parametrize(("file", "name"), HOLDERS, ids="::".join)
def test_what_holds_a_promise_exists(file: str, name: str) -> None:
    tree = ast.parse((HERE / file).read_text("utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    rows = {row.id for row in ROWS} if file == "faults/test_rows.py" else set()
    assert name in tests | rows
