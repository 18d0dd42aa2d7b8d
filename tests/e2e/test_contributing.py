"""A sixth provider, made in a copy of the tree by just what CONTRIBUTING.md says, and tailed by the real command."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.support import ENV, KEY, Server, checked, no_secret, run, sse

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package with the provider of the page in it."""
    shutil.copytree(ROOT / "oddstail", tmp_path / "oddstail", ignore=shutil.ignore_patterns("__pycache__"))
    for block in BLOCKS:
        head = re.match(r"# (oddstail/\S+)\n", block)
        if head is not None:
            path = tmp_path / head[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block[head.end() :])
            (path.parent / "__init__.py").write_text('"""Toybook."""\n')
    registry = tmp_path / "oddstail" / "providers" / "__init__.py"
    [line] = [block for block in BLOCKS if not block.startswith("# oddstail/")]
    text = registry.read_text()
    registry.write_text(text.replace("_KNOWN = {\n", f"_KNOWN = {{\n{line}", 1))
    return tmp_path


def test_a_sixth_provider_is_what_the_page_says_and_nothing_else(tree: Path) -> None:
    frames = (
        b"event: hello\ndata: {}\n\n",
        b'event: odds\ndata: {"id": 7, "game": "g1", "book": "Acme", "side": "Lakers", "odds": -110}\n\n',
        b'event: odds\ndata: {"id": 8, "game": "g1"}\n\n',
        b"event: ping\ndata: {}\n\n",
        b'event: odds\ndata: {"id": 9, "game": "g1", "book": "Acme", "side": "Lakers", "odds": -120}\n\n',
    )
    env = {**ENV, "TOYBOOK_API_KEY": KEY, "PYTHONPATH": str(tree)}
    with Server([sse(*frames)]) as server:
        ran = run("toybook", "-l", "NBA", "--json", "-c", "2", "--base-url", server.url, env=env, cwd=tree)
    assert ran.code == 0, ran.err
    records = checked(ran.out)
    assert [(one["american"], one["prev"]) for one in records if one["type"] == "quote"] == [(-110, None), (-120, -110)]
    assert [one["code"] for one in records if one["type"] == "notice"] == ["unreadable"]
    assert b"GET /v1/odds?league=NBA " in server.heads[0]
    assert f"X-Api-Key: {KEY}".lower().encode() in server.heads[0].lower()
    no_secret(ran)


@pytest.mark.parametrize(
    ("says", "args"),
    [
        ("Tail Toybook: moneylines of one book", ["toybook", "--help"]),
        ("Toybook: moneylines of one book", ["--help"]),
        ('"provider": "toybook"', ["list"]),
        ("toybook: Toybook", ["config", "show", "toybook"]),
        ("no key for Toybook: set TOYBOOK_API_KEY", ["doctor", "toybook", "--base-url", "http://127.0.0.1:1"]),
    ],
)
def test_every_command_knows_it(tree: Path, says: str, args: list[str]) -> None:
    env = {**ENV, "PYTHONPATH": str(tree), "XDG_CONFIG_HOME": str(tree), "ODDSTAIL_THEME": "light"}
    assert says in run(*args, env=env, cwd=tree).out.decode()


def test_it_holds_to_the_floors_and_types_like_the_others(tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "oddstail/providers"],
        cwd=tree, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    typed = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tree / "cache"), "oddstail/providers/toybook"],
        cwd=tree, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert typed.returncode == 0, typed.stdout
