"""From `oddstail list` to live prices with nothing but a key: the real command, against the served demo."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ENV, PROVIDERS, Ran, Running, run

KEYS = {f"{name.upper()}_API_KEY": "demo" for name in PROVIDERS}


@pytest.fixture(scope="module")
def bases() -> Iterator[dict[str, str]]:
    with Running("demo", "--serve", "--rate", "20", env=ENV) as running:
        yield {one["provider"]: one["base_url"] for one in map(json.loads, running.lines(5))}


@pytest.fixture
def oddstail(bases: dict[str, str], tmp_path: Path) -> Any:
    env = {**ENV, **KEYS, "HOME": str(tmp_path)}

    def call(*args: str) -> Ran:
        [name] = [arg for arg in args if arg in bases]
        return run(*args, "--base-url", bases[name], env=env)

    return call


def listed(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_from_a_list_to_live_prices_in_less_than_a_minute(oddstail: Any) -> None:
    began = time.monotonic()
    [sport] = {row["sport"] for row in listed(oddstail("list", "leagues", "opticodds")) if row["name"] == "NBA"}
    games = listed(oddstail("list", "games", "opticodds", "-s", sport, "-l", "nba"))
    books = [row["name"] for row in listed(oddstail("list", "books", "opticodds", "--find", "draft"))]
    assert books == ["DraftKings"]
    game = games[0]
    ran = oddstail(
        "opticodds", "-s", sport, "-l", "nba", "-b", "draft kings", "-g", game["home"].lower(), "-c", "3", "--json"
    )
    assert time.monotonic() - began < 60
    assert {quote["game_id"] for quote in ran.of("quote")} == {game["id"]}
    assert {(quote["book"], quote["home"]) for quote in ran.of("quote")} == {("DraftKings", game["home"])}
    assert "OpticOdds spells the book 'draft kings' as 'DraftKings'; using that" in ran.err


@pytest.mark.parametrize(
    "args",
    [
        ("opticodds", "-s", "basketball", "-l", "NBA", "-b", "DraftKings"),
        ("oddsjam", "-l", "NBA", "-b", "DraftKings"),
        ("rapidodds", "-s", "NBA", "-b", "DraftKings", "-m", "head_to_head"),
    ],
    ids=lambda args: args[0],
)
def test_a_stream_that_tells_changes_alone_starts_with_what_there_is(oddstail: Any, args: tuple[str, ...]) -> None:
    ran = oddstail(*args, "-c", "4", "--json")
    assert [quote["snap"] for quote in ran.of("quote")] == [True] * 4
    assert all(quote["home"] for quote in ran.of("quote"))
    ran = oddstail(*args, "--no-snapshot", "--for", "500ms", "--json")
    if args[0] != "rapidodds":
        assert not any(quote["snap"] for quote in ran.of("quote"))


@pytest.mark.parametrize(
    ("says", "args"),
    [
        ('BoltOdds has no book "draftking"; did you mean "draftkings"?', ("boltodds", "-b", "draftking")),
        ('OpticOdds has no league "XBA"', ("opticodds", "-s", "basketball", "-l", "XBA", "-b", "DraftKings")),
        ('RapidOddsAPI has no sport "NBX"; did you mean', ("rapidodds", "-s", "NBX", "-b", "Pinnacle", "-m", "head_to_head")),
    ],
)  # fmt: skip
def test_a_name_that_is_wrong_is_never_a_silent_stream(oddstail: Any, says: str, args: tuple[str, ...]) -> None:
    ran = oddstail(*args)
    assert (ran.code, ran.out) == (2, b"")
    assert says in ran.err


def test_filters_of_this_side_are_counted(oddstail: Any) -> None:
    where = 'kind = "moneyline" and american < 0'
    ran = oddstail("parlayapi", "-s", "NBA", "--where", where, "--for", "1s", "--json")
    quotes = ran.of("quote")
    assert quotes
    assert all(quote["kind"] == "moneyline" and quote["american"] < 0 for quote in quotes)
    assert " filtered out" in ran.err
    assert "ParlayAPI spells the sport 'NBA' as 'basketball_nba'; using that" in ran.err


def test_a_tape_holds_the_prices_that_were_asked_for_beside_the_stream(oddstail: Any, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    args = ("opticodds", "-s", "basketball", "-l", "NBA", "-b", "DraftKings", "--for", "1500ms", "--json")
    live = oddstail(*args, "--tape", str(tape))
    again = run("replay", str(tmp_path / "tape.tape.ndjson"), "--json", env={**ENV, "HOME": str(tmp_path)})
    told = [
        [(quote["key"], quote["american"], quote["snap"], quote["prev"]) for quote in ran.of("quote")]
        for ran in (live, again)
    ]
    assert told[0] == told[1]
    assert told[0][0][2]
