"""Why nothing comes, out of the provider's own lists.

Payloads: docs/wire/opticodds.md, 4; docs/wire/boltodds.md, A10; docs/wire/parlayapi.md, 8.1.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from oddstail import explain, providers
from oddstail.model import Failure, Request
from tests.providers.wire import asked
from tests.test_shelf import World

#: 2025-01-14 00:00 UTC.
NOW = 1_736_812_800
GAMES = {"data": [
    {"id": "A", "home_team_display": "Boston Celtics", "away_team_display": "Miami Heat", "is_live": True, "start_date": "2025-01-13T23:30:00+00:00"},
    {"id": "B", "home_team_display": "LA Lakers", "away_team_display": "Chicago Bulls", "is_live": False, "start_date": "2025-01-14T03:12:00+00:00"},
    {"id": "C", "home_team_display": "X", "away_team_display": "Y", "is_live": False, "start_date": "2025-01-15T00:00:00+00:00"},
]}  # fmt: skip


def told(tmp_path: Path, request: Request, **answers: Any) -> list[str]:
    world = World(tmp_path, answers, now=NOW)
    catalogue = providers.catalogue(request.provider)
    assert catalogue.wanted is not None
    shelf = world.shelf(request.provider)
    title = providers.TITLES[request.provider]
    return asyncio.run(
        explain.facts(
            shelf, request.provider, title, catalogue.wanted(request), NOW * 1_000_000, ZoneInfo("America/New_York")
        )
    )


def optic(**flags: Any) -> Request:
    [request] = asked("opticodds", **{"sport": ["basketball"], "league": ["NBA"], "book": ["DraftKings"], **flags})
    return request


def test_what_is_on_and_what_comes_next(tmp_path: Path) -> None:
    first, *rest = told(tmp_path, optic(), active=GAMES)
    assert first == (
        "3 games of NBA are listed, 1 in play; next is Chicago Bulls at LA Lakers on Mon 2025-01-13 22:12 EST, in 3.2 h"
    )
    assert rest[-1] == (
        "OpticOdds ignores a name that it does not know, without a word; "
        "the names are listed by: oddstail list books opticodds"
    )


def test_several_requests_are_asked_about_as_one() -> None:
    books = ["DraftKings", "FanDuel", "BetMGM", "Caesars", "Pinnacle", "Bovada"]
    requests = asked("opticodds", sport=["basketball"], league=["NBA"], book=books)
    wanted = providers.catalogue("opticodds").wanted
    assert wanted is not None
    assert len(requests) == 2
    assert explain.together(map(wanted, requests)) == {
        "sport": ("basketball",), "book": tuple(books), "league": ("NBA",), "market": (),
    }  # fmt: skip
    # Who leaves a flag open asked for all of it.
    assert explain.together([{"league": ("NBA",)}, {"league": ()}]) == {"league": ()}


def test_no_game_at_all(tmp_path: Path) -> None:
    assert told(tmp_path, optic(league=["WNBA"]), active={"data": []})[0] == "no game of WNBA is listed now"


def test_which_filter_matches_nothing_by_itself(tmp_path: Path) -> None:
    [request] = asked("boltodds", league=["NBA"], book=["draftkings", "circa"], market=["Goals"])
    markets = {"draftkings": {"NBA": ["Moneyline", "Spread"]}}
    games = {"A vs B, 2026-02-25, 09": {"sport": "NBA", "when": "2026-02-25, 09:00 PM"}}
    assert told(tmp_path, request, get_markets=markets, get_games=games) == [
        "1 game of NBA is listed: B at A (2026-02-25, 09:00 PM)",
        'by itself the book "circa" matches nothing: it is not in the list of NBA',
        'by itself the market "Goals" matches nothing: it is not in the list of NBA',
        "BoltOdds ignores a name that is not spelt exactly so, without a word; "
        "the names are listed by: oddstail list books boltodds",
    ]


@pytest.mark.parametrize("failure", [Failure(kind="network"), Failure(kind="status", code=401)])
def test_lists_that_cannot_be_had_say_nothing(tmp_path: Path, failure: Failure) -> None:
    assert len(told(tmp_path, optic(market=["Moneyline"]), active=failure, markets=failure)) == 1


@pytest.mark.parametrize("name", providers.TITLES)
def test_what_a_request_asks_for_is_read_out_of_it(name: str) -> None:
    flags: dict[str, dict[str, list[str]]] = {
        "oddsjam": {"league": ["NBA"], "book": ["A", "B"], "market": ["M"]},
        "opticodds": {"sport": ["basketball"], "league": ["NBA"], "book": ["A", "B"], "market": ["M"]},
        "parlayapi": {"sport": ["basketball_nba"], "book": ["a", "b"], "market": ["m"]},
        "rapidodds": {"sport": ["NBA"], "book": ["A", "B"], "market": ["m"]},
        "boltodds": {"league": ["NBA"], "book": ["a", "b"], "market": ["M"]},
    }
    wanted = providers.catalogue(name).wanted
    assert wanted is not None
    [request] = providers.command(name)(**flags[name]).requests
    found = {flag: list(values) for flag, values in wanted(request).items() if values}
    assert found == flags[name]
