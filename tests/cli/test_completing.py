"""What a shell offers: names that came along or are kept, never one that the network would have to be asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from oddstail.cli.app import app
from oddstail.cli.completing import _completion
from oddstail.cli.reach import run, shelf
from oddstail.lookup import Asked, Get
from oddstail.transports import Limits


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def shelf_with(url: str, answer: Any) -> None:
    """Have an answer kept, as if it had been asked for before."""

    async def ask(get: Get) -> Any:
        assert get.url == url
        return answer

    async def main() -> None:
        async with shelf("opticodds", None, None, Limits()) as lists:
            lists.ask = ask
            await lists.listed("books", Asked())

    run(main())


def asked(**words: str) -> tuple[int, str, str]:
    """The exit code and both outputs where bash asks so."""
    env = {**os.environ, "_ODDSTAIL_COMPLETE": "complete_bash", **words}
    done = subprocess.run(
        [sys.executable, "-m", "oddstail"], env=env, capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode, done.stdout, done.stderr


def offered(line: str) -> list[str]:
    """What bash is told for a line that ends where the cursor is."""
    return asked(COMP_WORDS=line, COMP_CWORD=str(len(line.split(" ")) - 1))[1].split()


@pytest.mark.parametrize(
    "words",
    [{"COMP_WORDS": "oddstail", "COMP_CWORD": "abc"}, {"COMP_WORDS": "oddstail"}, {"COMP_CWORD": "1"}, {}],
    ids=["no-number", "no-place", "no-line", "nothing"],
)
def test_what_no_shell_asks_is_answered_with_nothing(words: dict[str, str]) -> None:
    assert asked(**words) == (0, "", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("oddstail boltodds -b dra", ["draftkings"]),
        ("oddstail opticodds -b Draft", ["DraftKings"]),
        ("oddstail opticodds -b pin", ["Pinnacle"]),
        ("oddstail opticodds -b BET", ["bet365", "BetMGM", "BetRivers"]),
        ("oddstail opticodds -b DraftKings,fand", ["DraftKings,FanDuel"]),
        ("oddstail rapidodds -s nb", ["NBA", "NBL"]),
        ("oddstail opticodds -b DraftKings,Fan", ["DraftKings,Fanatics", "DraftKings,FanDuel"]),
        ("oddstail parlayapi -s basketball_n", ["basketball_nba", "basketball_ncaab"]),
        ("oddstail list boo", ["books"]),
        ("oddstail list books bolt", ["boltodds"]),
    ],
)
def test_what_bash_is_told(line: str, expected: list[str]) -> None:
    assert offered(line) == expected


def test_what_needs_quotes_is_offered_by_its_id_or_not_at_all() -> None:
    assert _completion("boltodds", "leagues")("Wimb") == []
    assert _completion("opticodds", "books")("Hard") == []
    kept = {"data": [{"id": "hard_rock", "name": "Hard Rock"}, {"id": "draftkings", "name": "DraftKings"}]}
    shelf_with("https://api.opticodds.com/api/v3/sportsbooks", kept)
    assert _completion("opticodds", "books")("") == ["DraftKings", "hard_rock"]
    assert _completion("opticodds", "games")("x") == []


def test_every_provider_still_has_its_help() -> None:
    for name in ("oddsjam", "opticodds", "parlayapi", "rapidodds", "boltodds"):
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0
