"""What cannot be asked for: exit code, and one sentence on stderr that names the remedy. Nothing connects."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from oddstail import providers
from oddstail.cli.app import app
from oddstail.cli.common import Common
from oddstail.cli.planning import leg, plan
from oddstail.providers.parlayapi.command import Feed

KEY = {"OPTICODDS_API_KEY": "k-secret-0123456789"}
ASK = ["opticodds", "-s", "basketball", "-l", "NBA", "-b", "DraftKings"]


def invoke(*args: str, env: dict[str, str | None] | None = None) -> Result:
    bare: dict[str, str | None] = dict.fromkeys(name for name in os.environ if "API_KEY" in name or "CRED" in name)
    home = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": None}
    return CliRunner().invoke(app, args, env={**bare, **home, **(KEY if env is None else env)})


@pytest.mark.parametrize(
    ("code", "says", "args"),
    [
        (2, "--only 'qoute' is not a record type; choose from: quote, fixture", [*ASK, "--only", "qoute"]),
        (2, "--for '5' is not a duration; use 90s", [*ASK, "--for", "5"]),
        (2, "--for '0s' is not a duration", [*ASK, "--for", "0s"]),
        (2, "--max-silence 'soon' is not a duration", [*ASK, "--max-silence", "soon"]),
        (2, "--retry-for '-5s' is not a duration", [*ASK, "--retry-for", "-5s"]),
        (2, "--connect-timeout '' is not a duration", [*ASK, "--connect-timeout", ""]),
        (2, "--max-frame '64 potatoes' is not a size; use 64MiB", [*ASK, "--max-frame", "64 potatoes"]),
        (2, "--until: '25:61' is not a time; use 23:30", [*ASK, "--until", "25:61"]),
        (2, "--until: '2020-01-01T00:00:00Z' is in the past", [*ASK, "--until", "2020-01-01T00:00:00Z"]),
        (2, "--book has an empty value", [*ASK, "-b", ""]),
        (2, "--book has an empty value", [*ASK, "-b", "DraftKings,,FanDuel"]),
        (2, "--book has an empty value", [*ASK, "-b", "DraftKings,"]),
        (2, "--league has an empty value", [*ASK, "-l", " "]),
        (2, "--only has an empty value", [*ASK, "--only", ""]),
        (2, "use https, or a loopback address", [*ASK, "--base-url", "http://proxy.example"]),
        (2, "use https, or a loopback address", [*ASK, "--base-url", "ws://10.0.0.1:80"]),
        (2, "use https, or a loopback address", [*ASK, "--base-url", "http://127.0.0.1.example:80"]),
        (2, "takes no user or password; remove them", [*ASK, "--base-url", "https://me:secret@proxy.example"]),
        (2, "is not an address", [*ASK, "--base-url", "proxy.example"]),
        (2, "is not an address", [*ASK, "--base-url", "https://proxy.example?x=1"]),
        (2, "is not an address", [*ASK, "--base-url", "http://[::1"]),
        (2, "is not an address", [*ASK, "--base-url", "http://127.0.0.1:99999"]),
        (2, "is not an address", [*ASK, "--base-url", "http://127.0.0.1:port"]),
        (2, "is not an address", [*ASK, "--base-url", "http://"]),
        (2, "is not an address", [*ASK, "--base-url", "file:///etc/passwd"]),
        (2, "is not an address", [*ASK, "--base-url", ""]),
        (2, "--json and -o table contradict each other", [*ASK, "--json", "-o", "table"]),
        (
            2,
            "--ca-bundle /nonexistent: No such file or directory; name a file in PEM format",
            [*ASK, "--ca-bundle", "/nonexistent"],
        ),
        (2, "needs a sport, for example -s basketball", ["opticodds"]),
        (2, "needs at least one book", ["opticodds", "-s", "basketball"]),
        (
            2,
            'has no sport "basketbal"; did you mean "basketball"',
            ["opticodds", "-s", "basketbal", "-b", "DraftKings"],
        ),
        (2, 'has no book "DraftKing"; did you mean "DraftKings"?', [*ASK, "-b", "DraftKing"]),
        (2, "--no-validate to insist", [*ASK, "-b", "DraftKing"]),
        (
            2,
            "-o table shows prices, and --feed plays has none; use -o lines",
            ["parlayapi", "-s", "basketball_nba", "--feed", "plays", "-o", "table"],
        ),
        (
            2,
            "--feed drops tells nothing but news; leave --changes out",
            ["parlayapi", "-s", "tennis", "--feed", "drops", "--changes"],
        ),
        (
            2,
            "--threshold is for --feed drops; remove it with --feed odds",
            ["parlayapi", "-s", "tennis", "--threshold", "9"],
        ),
        (2, "--port is for --serve; add that, or remove it", ["demo", "--port", "9000"]),
        (2, "the demo needs no key; leave --key-file out", ["demo", "--key-file", "/nope"]),
        (2, "the demo is its own address", ["demo", "--base-url", "http://127.0.0.1:1"]),
        (2, "--for 'x' is not a duration", ["demo", "--serve", "--for", "x"]),
        (2, "cannot read the key file /nonexistent: No such file", [*ASK, "--key-file", "/nonexistent"]),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence_with_its_remedy(code: int, says: str, args: list[str]) -> None:
    result = invoke(*args)
    assert (code, "") == (result.exit_code, result.stdout)
    assert says in result.stderr
    assert result.stderr.startswith("oddstail: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("says", "args"),
    [
        ("--count", [*ASK, "-c", "0"]),
        ("--count", [*ASK, "-c", "many"]),
        ("--retries", [*ASK, "--retries", "-1"]),
        ("--output", [*ASK, "-o", "xml"]),
        ("--fault", ["demo", "--fault", "fire"]),
        ("--rate", ["demo", "--rate", "0"]),
        ("--provider", ["demo", "-p", "pinnacle"]),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else "",
)
def test_what_typer_finds_is_a_usage_error_too(says: str, args: list[str]) -> None:
    result = invoke(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_key_on_the_command_line_is_no_option() -> None:
    result = invoke(*ASK, "--key", "k-secret-0123456789")
    assert result.exit_code == 2
    assert "k-secret-0123456789" not in result.output


@pytest.mark.parametrize(
    ("code", "says", "env"),
    [
        (4, "no key for OpticOdds: set OPTICODDS_API_KEY, or name a file that holds it with --key-file", {}),
        (4, "set OPTICODDS_API_KEY", {"ODDSJAM_API_KEY": "k-secret-0123456789"}),
        (4, "OPTICODDS_API_KEY", {"OPTICODDS_API_KEY": ""}),
        (4, "OPTICODDS_API_KEY", {"OPTICODDS_API_KEY": " \n"}),
        (2, "the key in $OPTICODDS_API_KEY has a space or a character", {"OPTICODDS_API_KEY": "k-secret 0123456789"}),
        (
            2,
            "the key in $OPTICODDS_API_KEY has a space or a character",
            {"OPTICODDS_API_KEY": "k-secret\x1b0123456789"},
        ),
        (
            2,
            "the key in $OPTICODDS_API_KEY has a space or a character",
            {"OPTICODDS_API_KEY": "k-secret\u00e90123456789"},
        ),
        (2, "cannot read the key file /nonexistent", {"OPTICODDS_API_KEY_FILE": "/nonexistent"}),
    ],
    ids=["none", "another-providers", "empty", "blank", "space", "control", "accent", "no-file"],
)
def test_a_key_that_is_missing_or_cannot_be_one(code: int, says: str, env: dict[str, str | None]) -> None:
    result = invoke(*ASK, env=env)
    assert (code, "") == (result.exit_code, result.stdout)
    assert says in result.stderr
    assert "k-secret" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("query", ["?key=k-secret-0123456789", "?apiKey=k-secret-0123456789"])
def test_a_key_in_an_address_that_is_refused_is_not_repeated(query: str) -> None:
    result = invoke(*ASK, "--base-url", f"https://proxy.example{query}")
    assert result.exit_code == 2
    assert "k-secret" not in result.output


def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("k-secret-0123456789\n")
    path.chmod(0o644)
    result = invoke(*ASK, "--key-file", str(path), env={})
    assert result.exit_code == 2
    assert f"chmod 600 {path}" in result.stderr
    assert "k-secret" not in result.stderr


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"", b"two\nlines\n"], ids=["binary", "empty", "two-lines"])
def test_a_key_file_that_holds_no_key(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(body)
    path.chmod(0o600)
    result = invoke(*ASK, "--key-file", str(path), env={})
    assert result.exit_code in (2, 4)
    assert str(path) in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["oddsjam", "opticodds", "parlayapi", "rapidodds", "boltodds", "demo"])
def test_every_subcommand_has_help_with_an_example(name: str) -> None:
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert f"oddstail {name}" in " ".join(result.stdout.split())
    assert "--key " not in result.stdout


def test_a_dry_run_shows_what_would_be_sent_without_a_key_being_there() -> None:
    result = invoke(*ASK, "-n", env={})
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "GET https://api.opticodds.com/api/v3/stream/odds/basketball"
        "?sportsbook=DraftKings&league=NBA&include_fixture_updates=true",
        "X-Api-Key: ****",
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["oddsjam", "-l", "NBA", "-b", "DraftKings"],
        ["boltodds", "-l", "NBA"],
        ["rapidodds", "-s", "NBA", "-b", "Pinnacle", "-m", "head_to_head"],
        ["parlayapi", "-s", "basketball_nba", "--transport", "ws"],
    ],
    ids=lambda args: args[0],
)
def test_a_dry_run_masks_the_key(args: list[str]) -> None:
    key = f"{args[0].upper()}_API_KEY"
    result = invoke(*args, "-n", env={key: "k-secret-0123456789"})
    assert result.exit_code == 0
    assert "=****" in result.stdout
    assert "k-secret" not in result.output


@pytest.mark.parametrize(
    ("says", "flags"),
    [
        ('--where: there is no field bok; did you mean book? (at character 1, "bok = 5")', ["--where", "bok = 5"]),
        ("--where: the condition is empty (at the end)", ["--where", ""]),
        ("--where: kind is never 'spred'; did you mean spread? (at", ["--where", 'kind = "spred"']),
        ("--where: status is never 'opne'; did you mean open? (at", ["--where", "status in ('opne')"]),
        ("--where: period is never '1hf'; did you mean 1h? (at", ["--where", "period != '1hf'"]),
        ("--alert: was.status is never 'opn'; did you mean open? (at", ["--alert", "live and was.status = 'opn'"]),
        ("--alert: period is never 'half'; it is one of game, 1h, ", ["--alert", "period = 'half'"]),
        ("--team has an empty value", ["--team", " "]),
        ("-o raw prints payloads whole, and --player, --where looks into records", ["-o", "raw", "--player", "x", "--where", "live"]),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_one_sentence(says: str, flags: list[str]) -> None:
    result = invoke(*ASK, *flags)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_game_is_picked_here_where_the_wire_has_none() -> None:
    ask = ["rapidodds", "-s", "NBA", "-b", "Pinnacle", "-m", "head_to_head", "-n"]
    assert invoke(*ask, "-g", "celtics", "-g", "a, b").exit_code == 0
    assert "fixture_id=x" in invoke(*ASK, "-n", "-g", "x").stdout


@pytest.mark.parametrize(
    ("output", "feed"), [("table", "odds"), ("table", "live"), ("lines", "drops"), ("lines", "plays")]
)
def test_on_a_terminal_what_is_no_price_is_lines(monkeypatch: pytest.MonkeyPatch, output: str, feed: str) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ask = providers.command("parlayapi")(sport=["basketball_nba"], feed=Feed(feed))
    assert output == plan([leg("parlayapi", ask, Common(dry_run=True))[0]], Common(dry_run=True)).output


def test_a_dry_run_tells_what_is_polled_and_no_key() -> None:
    result = invoke(
        "boltodds", "-l", "NBA", "--feed", "plays", "-n", "--no-validate", env={"BOLTODDS_API_KEY": "k-secret"}
    )
    assert result.exit_code == 0
    assert "first, and every 60 s: GET https://spro.agency/api/get_games?key=****" in result.stdout
    assert "k-secret" not in result.stdout
