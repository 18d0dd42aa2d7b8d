"""What the demo asks for: every feed of every provider, and a user's flags over it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oddstail import providers
from oddstail.cli.asks import FEEDS, asked, feeds
from oddstail.model import UsageError


@pytest.mark.parametrize("provider", FEEDS)
def test_the_demo_has_every_feed_of_every_provider(provider: str) -> None:
    assert set(feeds(providers.command(provider))) <= FEEDS[provider].keys()


@pytest.mark.parametrize("provider", FEEDS)
def test_the_defaults_of_the_demo_are_a_valid_request(provider: str) -> None:
    ask = providers.command(provider)
    for feed in feeds(ask):
        assert ask(**asked(provider, ask, feed, {})).requests


GIVEN: list[tuple[str, str | None, dict[str, Any], dict[str, Any]]] = [
    ("opticodds", None, {"book": ["Pinnacle"]}, {"league": ["NBA"], "book": ["Pinnacle"]}),
    ("opticodds", None, {"sport": ["baseball"]}, {"sport": ["baseball"]}),
    ("boltodds", None, {"sport": ["NBA"]}, {"league": ["NBA"]}),
    ("rapidodds", None, {"league": ["NFL"]}, {"sport": ["NFL"]}),
    ("parlayapi", None, {"league": ["NBA, epl"]}, {"league": ["NBA, epl"]}),
    ("parlayapi", "drops", {"book": ["pinnacle"]}, {"sport": ["all"], "book": ["pinnacle"]}),
]


@pytest.mark.parametrize(("provider", "feed", "given", "expected"), GIVEN)
def test_own_flags_go_over_the_demo_s(
    provider: str, feed: str | None, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = asked(provider, providers.command(provider), feed, given)
    assert expected == {flag: found[flag] for flag in expected}
    assert "sport" not in given or provider != "opticodds" or "league" not in found


@pytest.mark.parametrize(
    ("feed", "given", "said"),
    [
        ("drops", {}, "opticodds has no feed drops; it has: odds"),
        (None, {"colour": ["red"]}, "has no --colour; `oddstail opticodds -h` lists"),
    ],
)
def test_what_a_provider_does_not_have_is_said(feed: str | None, given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        asked("opticodds", providers.command("opticodds"), feed, given)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--resume"], "--resume has nothing to go on from"),
        (["--serve", "-w", "x/"], "-w keeps what a run receives, and --serve only serves"),
        (["--serve", "--tape", "x/"], "--tape keeps what a run receives"),
    ],
)
def test_what_would_do_nothing_is_refused(argv: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oddstail", "demo", *argv, "--for", "1s"],
        capture_output=True, text=True, timeout=30, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
