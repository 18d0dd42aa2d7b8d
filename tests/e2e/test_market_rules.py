"""`--exit-on`, `--steam` and `--same` by the real command: the exit code, the files that are left, and the steam records."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.support import ENV, KEYS, Peer, Server, run, sse
from tests.faults.wires import CONNECTED, event, row

DEMO = ("demo", "-p", "boltodds", "--json", "--for", "3s")
NEVER = "american > 90000"

EXITS = [
    pytest.param(0, "--exit-on matched", ["--exit-on", "american >= 100"], id="a-price"),
    pytest.param(0, "--exit-on matched", ["--exit-on", "hold is not null and best_books >= 1"], id="a-market"),
    pytest.param(
        0, "--exit-on matched", ["--exit-on", "american >= 100", "--fail-if-empty"], id="a-match-is-not-empty"
    ),
    pytest.param(0, "the time is up", ["--exit-on", NEVER], id="no-match"),
    pytest.param(5, "the time is up", ["--exit-on", NEVER, "--fail-if-empty"], id="no-match-fails-if-empty"),
]


@pytest.mark.parametrize(("code", "says", "flags"), EXITS)
def test_exit_on(code: int, says: str, flags: list[str]) -> None:
    ran = run(*DEMO, *flags)
    assert (ran.code, ran.records[-1]["type"], ran.records[-1]["exit"]) == (code, "end", code)
    assert says in ran.err


def test_exit_on_leaves_complete_files(tmp_path: Path) -> None:
    to = ("-w", f"{tmp_path}/records.ndjson", "--tape", f"{tmp_path}/x.tape.ndjson")
    ran = run(*DEMO, "--exit-on", "american >= 100", *to)
    assert ran.code == 0
    assert run("verify", str(tmp_path)).code == 0
    last = json.loads((tmp_path / "records.ndjson").read_bytes().splitlines()[-1])
    assert last["type"] == "end"


BOOKS = ("DraftKings", "FanDuel", "BetMGM", "Caesars")


def price(book: str, celtics: int, heat: int, at: float) -> bytes:
    """Both sides of the moneyline at one book."""
    names = (("Boston Celtics", celtics), ("Miami Heat", heat))
    rows = [
        row(american, sportsbook=book, market="Moneyline", name=name, selection=name, points=None, timestamp=at)
        for name, american in names
    ]
    entry = f"{round(at * 1000)}-{BOOKS.index(book)}"
    return event(json.dumps({"entry_id": entry, "type": "odds", "data": rows}), entry=entry)


def moves(peer: Peer) -> None:
    """Four books offer the same price; within a minute the first three move by over two points."""
    now = time.time()
    sse(CONNECTED, *(price(book, -110, -110, now - 50) for book in BOOKS), hold=False)(peer)
    for nth, book in enumerate(BOOKS[:3]):
        # Each move is a read of its own: what one read holds happened at one moment.
        time.sleep(0.2)
        peer.send(price(book, -130, 108, now - 5 + nth))
    peer.hold()


STEAM = ("--steam", "books>=3, points>=1.5, within=120s")

SAME = [
    pytest.param(2, STEAM, "", id="three-books"),
    pytest.param(0, (*STEAM, "--same", "DraftKings,FanDuel"), "", id="two-of-them-copy"),
    pytest.param(2, (*STEAM, "--same", "DraftKings,Caesars"), "", id="one-copies-the-fourth"),
    pytest.param(0, STEAM, '[same]\nkambi = ["DraftKings", "FanDuel"]\n', id="config"),
    pytest.param(0, (*STEAM, "--same", "FanDuel,BetMGM"), '[same]\nkambi = ["DraftKings", "Unibet"]\n', id="both"),
]


@pytest.mark.parametrize(("alerts", "flags", "config"), SAME)
def test_books_that_copy_one_another_are_one_for_steam(
    tmp_path: Path, alerts: int, flags: tuple[str, ...], config: str
) -> None:
    folder = tmp_path / "oddstail"
    folder.mkdir()
    (folder / "config.toml").write_text(config)
    asked = ("opticodds", "-s", "basketball", "-b", ",".join(BOOKS), "--no-validate", "--no-snapshot", "--json")
    with Server([moves]) as server:
        count = ("-c", str(2 * 7))
        ran = run(
            *asked, *flags, *count, "--base-url", server.url, env={**ENV, **KEYS, "XDG_CONFIG_HOME": str(tmp_path)}
        )
    steam = ran.of("alert")
    assert [one["rule"] for one in steam] == ["steam"] * alerts
    if steam:
        shorter = next(one for one in steam if one["direction"] == "shorter")
        assert (shorter["selection"], shorter["books"], shorter["first_book"]) == ("Boston Celtics", 3, "DraftKings")
        assert shorter["lag_books"] in ("Caesars", None)


def test_replay_finds_the_steam_of_the_live_run(tmp_path: Path) -> None:
    tape = tmp_path / "x.tape.ndjson"
    asked = ("opticodds", "-s", "basketball", "-b", ",".join(BOOKS), "--no-validate", "--no-snapshot", "--json")
    with Server([moves]) as server:
        live = run(*asked, *STEAM, "--markets", "-c", "14", "--tape", str(tape), "--base-url", server.url)
    again = run("replay", str(tape), *STEAM, "--markets", "--json")
    for kind in ("alert", "market"):
        said = [[{**one, "seq": 0} for one in ran.of(kind)] for ran in (live, again)]
        assert said[0] == said[1]
        assert said[0]


def test_market_records_wait_for_the_end_of_a_large_read() -> None:
    def lines(books: tuple[str, ...], celtics: int, heat: int, at: float, rest: int = 0) -> bytes:
        ends = [
            [
                row(american, sportsbook=book, market="Moneyline", name=name, selection=name, points=None, timestamp=at)
                for name, american in (("Boston Celtics", celtics), ("Miami Heat", heat))
            ]
            for book in books
        ]
        more = [
            row(
                -110, sportsbook="BetMGM", name=f"Player {n}", selection=f"Player {n}", market="Player Points", points=n
            )
            for n in range(rest)
        ]
        data = [*ends[0], *more, *(one for end in ends[1:] for one in end)]
        return event(json.dumps({"entry_id": f"{at}", "type": "odds", "data": data}), entry=f"{round(at * 1000)}-0")

    def answer(peer: Peer) -> None:
        now = time.time()
        sse(CONNECTED, lines(BOOKS[:2], -110, -110, now), hold=False)(peer)
        time.sleep(0.6)
        peer.send(lines(BOOKS[:2], -185, 155, now + 1, rest=2500))
        peer.hold()

    asked = ("opticodds", "-s", "basketball", "-b", ",".join(BOOKS), "--no-validate", "--no-snapshot", "--json")
    with Server([answer]) as server:
        ran = run(*asked, "--markets", "--for", "3s", "--base-url", server.url, env={**ENV, **KEYS})
    games = [one for one in ran.of("market") if one["kind"] == "moneyline"]
    assert {one["best_american"] for one in games} == {-110, -185, 155}, ran.err
    assert min(one["hold"] for one in games) > 0
