"""Names against the provider's own lists before a stream opens: corrected, refused, or said to be unchecked.

Payloads: docs/wire/opticodds.md, 4; docs/wire/boltodds.md, A10; docs/wire/parlayapi.md, 8.1.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner
from werkzeug import Response

from oddstail import providers
from oddstail.cli.app import app
from oddstail.cli.common import Common
from oddstail.cli.naming import PATIENCE, asked
from oddstail.model import Ask, UsageError

KEY = "k-secret-0123456789"
LEAGUES = [{"id": "nba", "name": "NBA", "sport": {"id": "basketball"}},
           {"id": "england_-_premier_league", "name": "England - Premier League", "sport": {"id": "soccer"}}]  # fmt: skip
BOOKS = [{"id": "draftkings", "name": "DraftKings"}, {"id": "fanduel", "name": "FanDuel"},
         {"id": "a_book_of_tomorrow", "name": "A Book of Tomorrow"}]  # fmt: skip
GAMES = [{"id": "7C19D2A04EB1", "home_team_display": "Boston Celtics", "away_team_display": "Miami Heat"},
         {"id": "0A69FA4D6451", "home_team_display": "Los Angeles Lakers", "away_team_display": "Boston Celtics"}]  # fmt: skip
OPTIC = {"/api/v3/sports": [{"id": "basketball", "name": "Basketball"}, {"id": "soccer", "name": "Soccer"}],
         "/api/v3/leagues": LEAGUES, "/api/v3/sportsbooks": BOOKS, "/api/v3/fixtures/active": GAMES,
         "/api/v3/markets": [{"id": "point_spread", "name": "Point Spread"}]}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if "API_KEY" in name or name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in providers.TITLES:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", KEY)


@pytest.fixture
def optic(httpserver: HTTPServer) -> Callable[..., Ask]:
    for path, rows in OPTIC.items():
        httpserver.expect_request(path).respond_with_json({"data": rows})
    return lambda **own: ask("opticodds", httpserver.url_for(""), **own)


def ask(name: str, base_url: str, *, dry_run: bool = False, validate: bool = True, **own: Any) -> Ask:
    local = {flag: own.pop(flag) for flag in ("team", "where", "alert") if flag in own}
    common = Common(base_url=base_url, dry_run=dry_run, validate=validate, **local)
    return asked(name, providers.command(name), own, common)


def params(found: Ask, name: str) -> list[str]:
    return [value for key, value in found.requests[0].params if key == name]


def test_a_name_is_asked_for_as_the_provider_spells_it_and_that_is_said(optic: Callable[..., Ask]) -> None:
    found = optic(sport=["Basketball"], league=["england premier league"], book=["draft kings", "fanduel"])
    assert "/basketball" in found.requests[0].url
    assert params(found, "league") == ["England - Premier League"]
    # An id is taken by the wire as it is.
    assert params(found, "sportsbook") == ["DraftKings", "fanduel"]
    assert found.notes == [
        "OpticOdds spells the sport 'Basketball' as 'basketball'; using that",
        "OpticOdds spells the league 'england premier league' as 'England - Premier League'; using that",
        "OpticOdds spells the book 'draft kings' as 'DraftKings'; using that",
    ]


@pytest.mark.parametrize(
    ("says", "own"),
    [
        ('OpticOdds has no book "fandual"; did you mean "FanDuel"? (--no-validate to insist)', {"book": ["fandual"]}),
        ('OpticOdds has no book "Pinnacle"; known: A Book of Tomorrow, DraftKings', {"book": ["Pinnacle"]}),
        ('OpticOdds has no book "tomorrow"; did you mean "A Book of Tomorrow"? (', {"book": ["tomorrow"]}),
        ('OpticOdds has no league "NHL"', {"book": ["FanDuel"], "league": ["NHL"]}),
        ('no game with "Knicks"; it has: Miami Heat at Boston Celtics, ', {"book": ["FanDuel"], "league": ["NBA"], "game": ["Knicks"]}),
    ],
    ids=["a slip", "far off: the list is all there is", "a part: each thing once", "a league", "a team that does not play"],
)  # fmt: skip
def test_what_the_list_does_not_have_is_an_error(optic: Callable[..., Ask], says: str, own: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        optic(sport=["basketball"], **own)
    assert says in str(caught.value)


def test_a_name_that_came_with_no_release_of_ours_is_known_all_the_same(optic: Callable[..., Ask]) -> None:
    assert optic(sport=["basketball"], book=["A Book of Tomorrow"]).notes == []


def test_a_game_is_found_by_its_team(optic: Callable[..., Ask], httpserver: HTTPServer) -> None:
    found = optic(sport=["basketball"], league=["NBA"], book=["FanDuel"], game=["lakers"])
    assert params(found, "fixture_id") == ["0A69FA4D6451"]
    [listing] = [asked for asked, _ in httpserver.log if asked.path.endswith("/active")]
    assert dict(listing.args) == {"sport": "basketball", "league": "NBA"}
    assert found.notes == ["OpticOdds: 'lakers' is Boston Celtics at Los Angeles Lakers; using that"]
    found = optic(
        sport=["basketball"], league=["NBA"], book=["FanDuel"], game=["celtics", "7C19D2A04EB1", "FFFFFFFFFFFF"]
    )
    assert params(found, "fixture_id") == ["7C19D2A04EB1", "0A69FA4D6451", "FFFFFFFFFFFF"]
    assert found.notes[-1] == "OpticOdds does not list the game 'FFFFFFFFFFFF' now; sending it as it is"


def test_flags_that_cannot_be_are_said_before_anybody_is_asked(
    optic: Callable[..., Ask], httpserver: HTTPServer
) -> None:
    with pytest.raises(UsageError, match="needs at least one book"):
        optic(sport=["basketbal"])
    assert httpserver.log == []


@pytest.mark.parametrize("how", [{"validate": False}, {"dry_run": True}], ids=["--no-validate", "--dry-run"])
def test_nobody_is_asked(httpserver: HTTPServer, how: dict[str, Any]) -> None:
    found = ask("opticodds", httpserver.url_for(""), sport=["soccer"], book=["FanDuel"], **how)
    assert (found.notes, httpserver.log) == ([], [])


def test_without_a_key_nobody_is_asked(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTICODDS_API_KEY")
    ask("opticodds", httpserver.url_for(""), sport=["soccer"], book=["FanDuel"])
    assert httpserver.log == []


def test_the_second_run_asks_nobody(optic: Callable[..., Ask], httpserver: HTTPServer) -> None:
    optic(sport=["basketball"], book=["FanDuel"])
    many = len(httpserver.log)
    optic(sport=["basketball"], book=["DraftKings"])
    assert (many, len(httpserver.log)) == (2, 2)


def test_a_name_that_a_kept_list_does_not_have_is_asked_for_before_it_is_called_wrong(httpserver: HTTPServer) -> None:
    books = {"sportsbooks": ["draftkings"]}
    httpserver.expect_request("/api/get_info").respond_with_handler(
        lambda asked: Response(json.dumps(books), content_type="application/json")
    )
    ask("boltodds", httpserver.url_for(""), book=["draftkings"])
    books["sportsbooks"].append("newcomer")
    assert ask("boltodds", httpserver.url_for(""), book=["newcomer"]).notes == []
    assert len(httpserver.log) == 2
    with pytest.raises(UsageError, match='BoltOdds has no book "newcommer"; did you mean "newcomer"'):
        ask("boltodds", httpserver.url_for(""), book=["newcommer"])
    assert len(httpserver.log) == 3


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_list_that_cannot_be_had_is_no_reason_not_to_stream(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/api/get_info").respond_with_json({}, status=status)
    httpserver.expect_request("/api/get_games").respond_with_json({}, status=status)
    found = ask("boltodds", httpserver.url_for(""), book=["draftkings", "newbook"], game=["A vs B, 2026-02-25, 09"])
    assert json.loads(found.requests[0].send[0])["filters"]["sportsbooks"] == ["draftkings", "newbook"]
    assert any("the game was not checked: games could not be listed: answered" in note for note in found.notes)
    assert any("'newbook'" in note and "Sending it as it is" in note for note in found.notes)


def test_a_stream_waits_two_seconds_for_a_list_and_no_longer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        found = ask("boltodds", f"http://127.0.0.1:{silent.getsockname()[1]}", league=["NBA"])
        took = time.monotonic() - began
    assert PATIENCE <= took < PATIENCE + 1
    assert found.notes == ["BoltOdds: the league was not checked: no list of leagues within 2 s"]


def test_boltodds_takes_exact_spellings_alone_so_they_are_sent(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/get_info").respond_with_json(
        {"sports": ["NBA", "Wimbledon (M)", "Wimbledon (F)"], "sportsbooks": ["draftkings"]}
    )
    found = ask("boltodds", httpserver.url_for(""), league=["wimbledon m", "nba"], book=["DraftKings"])
    filters = json.loads(found.requests[0].send[0])["filters"]
    assert filters == {"sports": ["Wimbledon (M)", "NBA"], "sportsbooks": ["draftkings"]}
    with pytest.raises(UsageError, match=r'did you mean "Wimbledon \(F\)" or "Wimbledon \(M\)"'):
        ask("boltodds", httpserver.url_for(""), league=["Wimbledon"])


def test_a_title_stands_for_its_key(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/sports").respond_with_json(
        [
            {"key": "basketball_nba", "title": "NBA"},
            {"key": "tennis_atp", "title": "ATP"},
            {"key": "tennis_x", "title": "ATP"},
        ]
    )
    found = ask("parlayapi", httpserver.url_for(""), sport=["NBA"])
    assert found.requests[0].url.endswith("/basketball_nba")
    with pytest.raises(UsageError, match='has several by the name of "atp": "tennis_atp" or "tennis_x"; say which'):
        ask("parlayapi", httpserver.url_for(""), sport=["atp"])


def test_the_flag_is_the_same_for_all() -> None:
    for name in providers.TITLES:
        assert "--no-validate" in CliRunner().invoke(app, [name, "--help"]).output


def test_a_list_that_must_be_narrowed_and_cannot_be_is_said_not_to_have_been_looked_at(httpserver: HTTPServer) -> None:
    # docs/wire/oddsjam.md, 1.6: markets?game_id=
    for path in ("leagues", "sportsbooks", "markets", "games"):
        httpserver.expect_request(f"/api/v2/{path}").respond_with_json({"data": ["NBA", "DraftKings", "Moneyline"]})
    own: dict[str, Any] = {"league": ["NBA"], "book": ["DraftKings"], "market": ["Moneylin"]}
    found = ask("oddsjam", httpserver.url_for(""), **own)
    assert found.notes[0] == (
        "OddsJam: the market was not checked: markets are only listed for one game, and none was named (--game)"
    )
    with pytest.raises(UsageError, match='OddsJam has no market "Moneylin"; did you mean "Moneyline"'):
        ask("oddsjam", httpserver.url_for(""), **own, game=["41207-33918-2024-02-11"])


@pytest.mark.parametrize(
    ("says", "name", "own"),
    [
        ('ParlayAPI has no market "moneyline"; its moneyline is "h2h" (--no-validate to insist)',
         "parlayapi", {"sport": ["basketball_nba"], "market": ["moneyline"]}),
        ('its spread is one of "spreads", "alternate_spreads" (',
         "parlayapi", {"sport": ["basketball_nba"], "market": ["spread"]}),
        ('RapidOddsAPI has no market "spreads"; its spread is "alternate_lines" (',
         "rapidodds", {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["spreads"]}),
        ('its total is one of "Total Runs", "Total Games", "Total Goals", "Total Points" (',
         "opticodds", {"sport": ["basketball"], "book": ["Pinnacle"], "market": ["total"]}),
        ('OddsJam has no market "spread"; its spread is "Point Spread" (',
         "oddsjam", {"league": ["NBA"], "book": ["Pinnacle"], "market": ["spread"]}),
        ('BoltOdds has no market "spreads"; its spread is one of "Spread", "Asian Spread" (',
         "boltodds", {"league": ["NBA"], "market": ["spreads"]}),
    ],
)  # fmt: skip
def test_our_own_word_for_a_kind_of_market_is_answered_with_the_providers(says: str, name: str, own: Any) -> None:
    with pytest.raises(UsageError) as caught:
        ask(name, "http://127.0.0.1:9", dry_run=True, **own)
    assert says in str(caught.value)
    assert ask(name, "http://127.0.0.1:9", dry_run=True, validate=False, **own).requests


def test_the_providers_own_list_says_what_its_kinds_are_called(optic: Callable[..., Ask]) -> None:
    with pytest.raises(UsageError, match='has no market "spread"; its spread is "Point Spread" '):
        optic(sport=["basketball"], book=["FanDuel"], market=["spread"])


def test_a_name_that_may_exist_all_the_same_is_said_to_be_unknown_with_what_is_known() -> None:
    found = ask("parlayapi", "http://127.0.0.1:9", dry_run=True, sport=["basketball_nba"], market=["winner", "h2h"])
    [note] = found.notes
    assert note.startswith("ParlayAPI: the market 'winner' is not known here; known are h2h, spreads, ")
    assert note.endswith("more (oddstail list markets parlayapi). Sending it as it is")
    # Some vendor's own word that only sounds like a kind of ours.
    found = ask("opticodds", "http://127.0.0.1:9", dry_run=True, sport=["tennis"], book=["bet365"], market=["Spread"])
    said = "OpticOdds: the market 'Spread' is not known here; did you mean "
    assert found.notes == [said + '"Game Spread" or "Goal Spread" or "Point Spread"? Sending it as it is']


NBA: dict[str, Any] = {"sport": ["basketball"], "league": ["NBA"], "book": ["FanDuel"]}


@pytest.mark.parametrize(
    ("says", "local"),
    [
        (['OpticOdds lists no book "fandual", which a condition asks for; did you mean "FanDuel"?'],
         {"where": ['line > 3 and book in ("fandual", "draftkings")']}),
        (['OpticOdds lists no book "Pinnacle", which a condition asks for'], {"alert": ["book = 'Pinnacle'"]}),
        ([], {"where": ["book != 'a book of tomorrow'", "book ~ 'fandual'"]}),
        (['OpticOdds: --team "lakrs" plays in none of the 2 games that it lists now; did you mean "Los Angeles Lakers"?'],
         {"team": ["lakrs", "heat"]}),
        (['OpticOdds: --team "xyz" plays in none of the 2 games that it lists now: Miami Heat at Boston Celtics, '
          "Boston Celtics at Los Angeles Lakers"], {"team": ["xyz"]}),
    ],
)  # fmt: skip
def test_a_filter_that_can_match_nothing_is_told_before_the_stream(
    optic: Callable[..., Ask], says: list[str], local: dict[str, Any]
) -> None:
    assert optic(**NBA, **local).notes == says


def test_a_team_is_told_of_where_no_game_is_listed_and_not_where_no_list_can_be_had(httpserver: HTTPServer) -> None:
    for path in ("sports", "leagues", "sportsbooks"):
        httpserver.expect_request(f"/api/v3/{path}").respond_with_json({"data": OPTIC[f"/api/v3/{path}"]})
    assert ask("opticodds", httpserver.url_for(""), **NBA, team=["x"]).notes == []
    httpserver.expect_request("/api/v3/fixtures/active").respond_with_json({"data": []})
    found = ask("opticodds", httpserver.url_for(""), **NBA, team=["x"])
    assert found.notes == ['OpticOdds: --team "x" plays in no game: it lists none now']


def test_a_book_of_a_condition_is_held_against_the_names_that_came_along(httpserver: HTTPServer) -> None:
    own: dict[str, Any] = {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["head_to_head"], "dry_run": True}
    found = ask("rapidodds", httpserver.url_for(""), **own, where=["book = 'pinacle' or book = 'bovada'"], team=["x"])
    assert found.notes[:1] == [
        'RapidOddsAPI lists no book "pinacle", which a condition asks for; did you mean "Pinnacle"?'
    ]
