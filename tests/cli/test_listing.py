"""`oddstail list`: from no key and no network to a list of a provider, over a real loopback server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result

from oddstail import providers
from oddstail.cli.app import app

SECRET = "k-secret-0123456789"
#: docs/wire/boltodds.md, A10.
INFO = {"sports": ["NBA", "Wimbledon (M)"], "sportsbooks": ["draftkings", "fanduel"]}


@pytest.fixture
def invoke(tmp_path: Path) -> Any:
    bare: dict[str, str | None] = dict.fromkeys(
        name for name in os.environ if "API_KEY" in name or "CRED" in name or name.startswith("XDG_")
    )

    def call(*args: str, key: bool = True) -> Result:
        keys = {f"{name.upper()}_API_KEY": SECRET for name in providers.TITLES} if key else {}
        result = CliRunner().invoke(app, ["list", *args], env={**bare, "HOME": str(tmp_path), "COLUMNS": "200", **keys})
        assert SECRET not in result.output
        return result

    return call


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_bare_command_says_who_has_what_and_how_to_go_on(invoke: Any) -> None:
    result = invoke("-o", "table", key=False)
    assert result.exit_code == 0
    for name in providers.TITLES:
        assert name in result.stdout
    assert "no key found" in result.stderr
    assert "list one: oddstail list books" in result.stderr
    assert [line["key"] for line in lines(invoke())] == ["yes"] * 5


def test_a_list_is_a_table_for_people_and_lines_for_programs(invoke: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/get_info", query_string={"key": SECRET}).respond_with_json(INFO)
    base = httpserver.url_for("")
    result = invoke("books", "boltodds", "--base-url", base)
    assert lines(result) == [
        {"provider": "boltodds", "what": "books", "id": "draftkings"},
        {"provider": "boltodds", "what": "books", "id": "fanduel"},
    ]
    assert result.stderr == "oddstail: 2 books of BoltOdds\n"
    # In the other order, out of what was kept, narrowed.
    result = invoke("boltodds", "book", "--base-url", base, "-o", "table", "--find", "DUEL")
    assert [line.strip() for line in result.stdout.splitlines()] == ["id", "fanduel"]
    assert "1 book of BoltOdds with 'DUEL', fetched 0." in result.stderr
    assert "(--refresh asks again)" in result.stderr
    assert len(httpserver.log) == 1
    invoke("books", "boltodds", "--base-url", base, "--refresh")
    assert len(httpserver.log) == 2


def test_without_a_key_what_came_along_is_shown_and_said_to_be(invoke: Any) -> None:
    result = invoke("books", "opticodds", key=False)
    assert result.exit_code == 0
    assert {"provider": "opticodds", "what": "books", "name": "DraftKings"} in lines(result)
    assert result.stderr == (
        "oddstail: 11 books of OpticOdds, from the bundled names: not all that there are. "
        "OpticOdds could not be asked: there is no key; set OPTICODDS_API_KEY to ask\n"
    )


def test_without_a_network_what_is_kept_is_shown_with_its_age(invoke: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/get_games").respond_with_json({"A vs B, 2025-07-23, 01": {"sport": "MLB"}})
    args = ("games", "boltodds", "--base-url", httpserver.url_for(""))
    assert invoke(*args).exit_code == 0
    httpserver.clear()
    httpserver.expect_request("/api/get_games").respond_with_data("", status=503)
    result = invoke(*args, "--refresh")
    assert (result.exit_code, [line["id"] for line in lines(result)]) == (0, ["A vs B, 2025-07-23, 01"])
    assert "fetched " in result.stderr
    assert "BoltOdds could not be asked: answered 503 Service Unavailable" in result.stderr


@pytest.mark.parametrize(
    ("code", "says", "args", "key"),
    [
        (2, "did you mean books?", ["boks", "boltodds"], True),
        (2, "did you mean boltodds?", ["books", "boltods"], True),
        (2, "books of which provider? Use oddstail list books oddsjam", ["books"], True),
        (2, "RapidOddsAPI lists no games; it has: sports, leagues, books, markets, usage", ["games", "rapidodds"], True),
        (2, "OpticOdds lists games only with -s or -l or -g; add one", ["games", "opticodds"], True),
        (2, "BoltOdds lists parlays only with -b; add one", ["parlays", "boltodds"], True),
        (2, "--book has an empty value", ["games", "boltodds", "-b", ""], True),
        (2, "--base-url without TLS would send the key in plain text", ["books", "boltodds", "--base-url", "http://x.example"], True),
        (4, "no key for RapidOddsAPI: set RAPIDODDS_API_KEY", ["usage", "rapidodds"], False),
        (3, "the list of usage cannot be had: connection refused", ["usage", "rapidodds", "--base-url", "http://127.0.0.1:1"], True),
        (3, "the list of usage cannot be had: was not asked, as --offline says", ["usage", "rapidodds", "--offline"], True),
    ],
)  # fmt: skip
def test_what_cannot_be_listed_is_one_sentence(invoke: Any, code: int, says: str, args: list[str], key: bool) -> None:
    result = invoke(*args, key=key)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert says in result.stderr


@pytest.mark.parametrize(("status", "code"), [(401, 4), (402, 7), (403, 7), (404, 9)])
def test_a_refusal_has_the_exit_code_of_a_stream(invoke: Any, httpserver: HTTPServer, status: int, code: int) -> None:
    httpserver.expect_request("/api/v3/sportsbooks").respond_with_json({"error": f"no {SECRET}"}, status=status)
    result = invoke("books", "opticodds", "--base-url", httpserver.url_for(""))
    assert (result.exit_code, result.stdout) == (code, "")
    assert "the list of books cannot be had: answered" in result.stderr


def test_pages_are_followed(invoke: Any, httpserver: HTTPServer) -> None:
    # docs/wire/opticodds.md, 4: `page` from 1, loop while has_more.
    httpserver.expect_ordered_request("/api/v3/leagues").respond_with_json({"data": [{"id": "nba", "name": "NBA"}]})
    httpserver.expect_ordered_request("/api/v3/fixtures/active", query_string="league=NBA").respond_with_json(
        {"data": [{"id": "A", "start_date": "2025-01-14T00:30:00+00:00"}], "has_more": True}
    )
    httpserver.expect_ordered_request("/api/v3/fixtures/active", query_string="league=NBA&page=2").respond_with_json(
        {"data": [{"id": "B"}], "has_more": False}
    )
    result = invoke("games", "opticodds", "-l", "NBA", "--base-url", httpserver.url_for(""))
    assert [line["id"] for line in lines(result)] == ["A", "B"]


def test_a_flag_that_changes_nothing_is_said(invoke: Any) -> None:
    result = invoke("books", "rapidodds", "-s", "NBA")
    assert result.exit_code == 0
    assert "-s ignored: this list cannot be narrowed by that" in result.stderr


def test_text_of_a_server_is_made_visible(invoke: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/get_info").respond_with_json({"sportsbooks": ["a\x1b[2Jb", "[/foo]"]})
    result = invoke("books", "boltodds", "-o", "table", "--base-url", httpserver.url_for(""))
    assert "\x1b" not in result.stdout
    assert "a␛[2Jb" in result.stdout
    assert "[/foo]" in result.stdout


def test_an_id_is_never_cut_however_narrow_the_terminal(
    invoke: Any, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = {"id": "9733BEA7C879", "home_team_display": "New Orleans Pelicans", "away_team_display": "Chicago Bulls",
            "start_date": "2026-11-21T13:20:00Z", "status": "unplayed", "is_live": False}  # fmt: skip
    httpserver.expect_request("/api/v3/fixtures/active").respond_with_json({"data": [game]})
    monkeypatch.setattr("oddstail.cli.listing._WIDE", 72, raising=True)
    result = invoke(
        "games",
        "opticodds",
        "-l",
        "NBA",
        "-o",
        "table",
        "--base-url",
        httpserver.url_for(""),
        "--tz",
        "America/New_York",
    )
    [line] = result.stdout.splitlines()[1:]
    assert "9733BEA7C879" in line
    assert "Sat 2026-11-21 08:20 EST" in line
    assert "New Orleans Pelicans" not in line


def test_nothing_is_sent_with_dry_run(invoke: Any) -> None:
    result = invoke("markets", "boltodds", "-l", "NBA", "-n", key=False)
    assert result.stdout.startswith("GET https://spro.agency/api/get_markets?sports=NBA&key=****\n")


@pytest.mark.parametrize(
    ("name", "first"), [("parlayapi", "h2h"), ("rapidodds", "head_to_head"), ("boltodds", "3 Way")]
)
def test_a_market_is_found_by_its_kind(invoke: Any, name: str, first: str) -> None:
    found = lines(invoke("markets", name, "--find", "moneyline", key=False))
    assert first in [line["id"] for line in found]
    assert {line["kind"] for line in found} == {"moneyline"}
    table = invoke("markets", name, "--find", "Moneyline", "-o", "table", key=False).stdout
    assert table.split()[:2] == ["id", "kind"]


def _optic(httpserver: HTTPServer) -> str:
    for path, rows in {
        "leagues": [{"id": "nba", "name": "NBA"}, {"id": "wnba", "name": "WNBA"}],
        "sportsbooks": [{"id": "draftkings", "name": "DraftKings"}],
    }.items():
        httpserver.expect_request(f"/api/v3/{path}").respond_with_json({"data": rows})
    for path in ("sportsbooks/active", "markets"):
        httpserver.expect_request(f"/api/v3/{path}").respond_with_json({"data": []})
    return httpserver.url_for("")


@pytest.mark.parametrize(
    ("says", "args"),
    [
        ('OpticOdds has no league "NBBA"; did you mean "NBA"?', ["books", "-l", "NBBA"]),
        ('OpticOdds has no book "Pinnacle"; known: DraftKings', ["markets", "-l", "NBA", "-b", "Pinnacle"]),
    ],
)
def test_a_list_of_what_is_not_there_is_an_error_with_the_nearest(
    invoke: Any, httpserver: HTTPServer, says: str, args: list[str]
) -> None:
    result = invoke("opticodds", *args, "--base-url", _optic(httpserver))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"oddstail: {says}\n")


def test_what_a_list_is_narrowed_by_is_asked_for_as_the_provider_spells_it(invoke: Any, httpserver: HTTPServer) -> None:
    result = invoke("books", "opticodds", "-l", "Nba", "--base-url", _optic(httpserver))
    assert result.exit_code == 0
    assert "oddstail: OpticOdds spells the league 'Nba' as 'NBA'; using that\n" in result.stderr
    assert dict(httpserver.log[-1][0].args) == {"league": "NBA"}


def test_a_narrowing_that_cannot_be_checked_lists_all_the_same(invoke: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v3/sportsbooks/active").respond_with_json({"data": [{"id": "a", "name": "A"}]})
    result = invoke("books", "opticodds", "-l", "Some League", "--base-url", httpserver.url_for(""))
    assert (result.exit_code, [line["name"] for line in lines(result)]) == (0, ["A"])
    assert "'Some League' is not known here" in result.stderr


def test_what_a_flag_takes_is_the_first_column_whoever_told_it(invoke: Any, httpserver: HTTPServer) -> None:
    asked = invoke("books", "opticodds", "--base-url", _optic(httpserver))
    assert lines(asked)[0]["name"] == "DraftKings"
    assert asked.stderr.startswith("oddstail: 1 book of OpticOdds; --book takes the name or the id\n")
    came = invoke("books", "opticodds", "--find", "draft", key=False)
    assert lines(came) == [{"provider": "opticodds", "what": "books", "name": "DraftKings"}]
    assert "takes the name" not in came.stderr
