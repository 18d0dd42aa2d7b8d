"""`oddstail run`: several providers in one stream and on one screen; one that fails takes no other down."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.e2e.support import ENV, PATIENCE, Peer, Running, Server, checked, run, until

#: Three of the demo's wires that name teams and start, and what to ask them for.
WATCHES = """
[watch.optic]
provider = "opticodds"
sport = "basketball"
league = "NBA"
book = ["DraftKings", "Pinnacle"]

[watch.parlay]
provider = "parlayapi"
sport = "basketball_nba"
market = "h2h,spreads,totals"

[watch.bolt]
provider = "boltodds"
league = "NBA"
"""
PROVIDERS = {"optic": "opticodds", "parlay": "parlayapi", "bolt": "boltodds"}


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    """The demo's servers: the address of each."""
    with Running("demo", "--serve", "--for", "2m") as demo:
        lines = [json.loads(line) for line in demo.lines(5)]
        yield {line["provider"]: line["base_url"] for line in lines}


@pytest.fixture
def env(served: dict[str, str], tmp_path: Path) -> dict[str, str]:
    text = WATCHES
    for watch, provider in PROVIDERS.items():
        text = text.replace(f"[watch.{watch}]", f'[watch.{watch}]\nbase-url = "{served[provider]}"')
    (tmp_path / "oddstail").mkdir()
    (tmp_path / "oddstail" / "config.toml").write_text(text)
    keys = {f"{provider.upper()}_API_KEY": "demo" for provider in PROVIDERS.values()}
    return {**ENV, "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), **keys}


def append(env: dict[str, str], text: str) -> None:
    path = Path(env["XDG_CONFIG_HOME"]) / "oddstail" / "config.toml"
    path.write_text(path.read_text() + text)


def test_several_providers_in_one_stream(env: dict[str, str]) -> None:
    with Running("run", *PROVIDERS, "--json", env=env) as running:
        seen: set[str] = set()

        def all_three() -> bool:
            lines = bytes(running.out).split(b"\n")[:-1]
            seen.update(r["provider"] for r in map(json.loads, lines) if r["type"] == "quote")
            return seen == set(PROVIDERS.values())

        until(all_three)
        ran = running.end(signal.SIGTERM)
    assert {one["conn"]: one["provider"] for one in ran.of("opened")} == dict(enumerate(PROVIDERS.values(), 1))
    assert "OpticOdds NBA: connected" in ran.err


def test_interrupt_while_names_are_looked_up_ends_it_at_once(env: dict[str, str]) -> None:
    reached = threading.Event()

    def silent(peer: Peer) -> None:
        reached.set()
        peer.hold()

    with Server([silent] * 6) as server:
        config_file = Path(env["XDG_CONFIG_HOME"]) / "oddstail" / "config.toml"
        text = config_file.read_text().replace('"NBA"', '"NB"')
        config_file.write_text(re.sub(r'base-url = ".*"', f'base-url = "{server.url}"', text))
        with Running("run", *PROVIDERS, "--json", env=env) as running:
            assert reached.wait(10)
            since = time.monotonic()
            ran = running.end(signal.SIGINT, 10)
            took = time.monotonic() - since
    assert (ran.code, ran.out) == (130, b"")
    assert "Traceback" not in ran.err
    # No list is waited for longer than 2 s: one that is not waited for takes none of it.
    assert took < 1.5


def test_what_several_providers_said_is_told_again(env: dict[str, str], tmp_path: Path) -> None:
    tape, records = tmp_path / "x.tape.ndjson", tmp_path / "x.ndjson"
    live = run("run", *PROVIDERS, "--json", "--for", "3s", "-w", str(records), "--tape", str(tape), env=env)
    for path in (tape, records):
        again = run("replay", str(path), env=env)
        differ = [(a, b) for a, b in zip(again.out.splitlines(), live.out.splitlines(), strict=True) if a != b]
        assert (again.code, differ) == (0, []), again.err
        assert run("verify", str(path), env=env).code == 0


def test_one_that_has_no_key_or_a_wrong_one_takes_no_other_down_and_is_not_forgotten(env: dict[str, str]) -> None:
    without = {name: value for name, value in env.items() if not name.startswith("BOLTODDS")}
    ran = run("run", *PROVIDERS, "--json", "--no-validate", "--for", "3s", env=without)
    assert ran.code == 4
    assert "bolt: no key for BoltOdds: set BOLTODDS_API_KEY" in ran.err
    assert {one["provider"] for one in ran.of("quote")} >= {"parlayapi"}
    wrong = run("run", *PROVIDERS, "--json", "--no-validate", "--for", "3s", env={**env, "BOLTODDS_API_KEY": "wrong"})
    assert wrong.code == 4
    assert {one["provider"] for one in wrong.of("quote")} >= {"parlayapi"}
    assert wrong.records[-1]["reason"] == "the time is up"


def test_one_that_was_never_reached_is_named_at_the_end_and_not_forgotten(env: dict[str, str]) -> None:
    append(env, "[watch.gone]\nprovider = 'boltodds'\nleague = 'NBA'\nbase-url = 'http://127.0.0.1:1'\n")
    ran = run("run", "parlay", "gone", "--json", "-q", "--no-validate", "--for", "2s", env=env)
    assert ran.code == 3
    assert re.fullmatch(
        r"oddstail: BoltOdds: never connected in .* nothing is listening there \(\d tr(y|ies)\); `oddstail doctor boltodds` .*\n",
        ran.err,
    )
    assert {one["provider"] for one in ran.of("quote")} == {"parlayapi"}


def broken(*args: str, env: dict[str, str]) -> tuple[int, list[dict[str, Any]], str]:
    """The command, with a bug in what reads ParlayAPI's messages."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.clockwork", *args],
        env={**env, "PYTHONPATH": str(warm.ROOT), "CLOCKWORK_BREAKS": "parlayapi"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
    )
    return ran.returncode, checked(ran.stdout), ran.stderr.decode()


def test_a_bug_in_one_provider_ends_that_stream_alone(env: dict[str, str], tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    code, records, err = broken(
        "run",
        "parlay",
        "optic",
        "--json",
        "-q",
        "--no-validate",
        "--for",
        "10s",
        "--summary-json",
        str(summary),
        env=env,
    )
    assert code == 1, (err, records[-5:])
    # One line and no more.
    assert err.count("\n") == 1, (err, [one for one in records if one["type"] != "quote"])
    assert "ParlayAPI: a bug in oddstail: LookupError: a bug; please report it with the output of -vv" in err
    ended = next(at for at, one in enumerate(records) if one["type"] == "notice" and one["code"] == "gave-up")
    assert records[ended]["provider"] == "parlayapi"
    assert {one["provider"] for one in records[ended:] if one["type"] == "quote"} == {"opticodds"}
    assert [one["provider"] for one in records if one["type"] == "gap"] == ["parlayapi"]
    told = json.loads(summary.read_text())
    assert (told["exit"], told["reason"]) == (1, "the time is up")


def test_a_bug_in_the_only_stream_ends_the_run(env: dict[str, str]) -> None:
    code, records, err = broken("run", "parlay", "--json", "-v", "--no-validate", "--for", "20s", env=env)
    assert (code, records[-1]["exit"]) == (1, 1)
    assert "a bug in oddstail: LookupError" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("says", "names", "more"),
    [
        ("there is no watch 'nba'; there are: oddsjam, opticodds", ["nba"], ""),
        ("[watch.x] needs a provider: one of oddsjam, opticodds", ["x"], "[watch.x]\nsport = 'NBA'\n"),
        ("one and two differ in --odds, and a run has but one; say which here", ["one", "two"],
         "[watch.one]\nprovider = 'boltodds'\nodds = 'decimal'\n[watch.two]\nprovider = 'boltodds'\nodds = 'probability'\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_one_sentence(env: dict[str, str], says: str, names: list[str], more: str) -> None:
    append(env, more)
    ran = run("run", *names, "-n", env=env)
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize(
    ("code", "says", "names", "more"),
    [
        (0, "", ["prices", "games"], ["--where", "status = 'final' and home_score > 99"]),
        (0, "", ["games", "prices"], ["--where", "period = 'second half' or status = 'final'"]),
        (
            2,
            "--where: status is never 'final'",
            ["prices", "parlay"],
            ["--where", "status = 'final' and home_score > 99"],
        ),
        (2, "--where: kind is never 'spred'; did you mean spread?", ["prices", "games"], ["--where", "kind = 'spred'"]),
        (2, "own: --where: status is never 'final'; it is one of open, ", ["own", "games"], []),
    ],
    ids=["for the results", "for both", "for none", "a slip", "a watch's own"],
)
def test_a_condition_that_is_typed_is_for_any_watch_of_the_run(
    env: dict[str, str], code: int, says: str, names: list[str], more: list[str]
) -> None:
    prices = "provider = 'opticodds'\nsport = 'basketball'\nleague = 'NBA'\nbook = 'Pinnacle'\n"
    append(env, f"[watch.prices]\n{prices}[watch.own]\n{prices}where = \"status = 'final' and home_score > 99\"\n")
    append(env, "[watch.games]\nprovider = 'opticodds'\nsport = 'basketball'\nleague = 'NBA'\nfeed = 'results'\n")
    ran = run("run", *names, "-n", "--no-validate", *more, env=env)
    assert ran.code == code
    assert says in ran.err
    assert bool(ran.err) == bool(says)


def test_typed_flags_win_over_watches_and_a_watch_over_its_provider(env: dict[str, str]) -> None:
    append(
        env,
        "[boltodds]\nbook = 'pinnacle'\nmarket = 'Moneyline'\n[watch.b2]\nprovider = 'boltodds'\nbook = 'draftkings'\n",
    )
    out = run("run", "b2", "boltodds", "-n", "--no-validate", env=env).out.decode()
    sent = [json.loads(line.removeprefix("then send: "))["filters"] for line in out.splitlines() if "then send" in line]
    assert sent == [
        {"sportsbooks": ["draftkings"], "markets": ["Moneyline"]},
        {"sportsbooks": ["pinnacle"], "markets": ["Moneyline"]},
    ]


def once(table: str) -> None:
    """Each game stands once on the screen, and in its columns each provider."""
    titles = [line for line in table.splitlines() if " @ " in line]
    assert titles
    names = [re.sub(r"\s*(in |started |live|\d|$).*", "", line.strip()) for line in titles]
    assert len(names) == len(set(names)), "a game stands twice"
    assert "ParlayAPI + OpticOdds + BoltOdds" in table
    assert re.search(r"Op\W?PIN", table)
    assert re.search(r"Bo\W?PIN", table)
    assert re.search(r"Pa\W?[A-Z]", table)


def test_the_same_game_of_several_providers_is_one_on_the_screen_live_and_told_again(
    env: dict[str, str], tmp_path: Path
) -> None:
    tape, wide = tmp_path / "x.tape.ndjson", {**env, "COLUMNS": "400"}
    live = run("run", "parlay", "optic", "bolt", "-o", "table", "--for", "6s", "--tape", str(tape), env=wide)
    once(live.out.decode())
    once(run("replay", str(tape), "-o", "table", env=wide).out.decode())
