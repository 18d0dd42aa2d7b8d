"""Feeds over real sockets: what needs no key, what does not greet, what is polled beside a stream."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.support import ENV, KEY, Server, no_secret, reply, run, sse

FIXTURES = Path(__file__).parent.parent / "fixtures" / "parlayapi"
PLAY = (FIXTURES / "pbp_event.json").read_bytes().strip()
HEALTH = json.loads((FIXTURES / "source-health.json").read_bytes())
PARLAY = ("parlayapi", "-s", "basketball_nba", "--no-validate", "--json")


def pbp(*plays: bytes) -> bytes:
    return b"".join(b"event: pbp_event\ndata: %b\n\n" % play for play in plays)


def test_the_sandbox_needs_no_key_and_its_end_is_no_gap() -> None:
    other = PLAY.replace(b"12345", b"12346")
    with Server([sse(pbp(PLAY, other), hold=False)]) as server:
        ran = run(*PARLAY, "--feed", "sandbox", "--base-url", server.url, env=ENV)
    assert (ran.code, len(ran.of("play")), ran.of("gap"), len(server.heads)) == (0, 2, [], 1)
    assert server.heads[0].startswith(b"GET /v1/sandbox/sports/basketball_nba/live/sse HTTP/1.1")
    assert b"x-api-key" not in server.heads[0].lower()


def test_a_stream_of_plays_is_open_though_it_says_nothing() -> None:
    with Server([sse()]) as server:
        ran = run(*PARLAY, "--feed", "plays", "--base-url", server.url, "--for", "700ms")
    assert [record["type"] for record in ran.records] == ["opened", "end"]


def test_a_play_that_comes_again_after_a_reconnect_is_told_once() -> None:
    other = PLAY.replace(b"12345", b"12346")
    with Server([sse(pbp(PLAY), hold=False), sse(pbp(PLAY, other))]) as server:
        ran = run(*PARLAY, "--feed", "plays", "--base-url", server.url, "-c", "2")
    assert [record["id"] for record in ran.of("play")] == ["12345", "12346"]
    assert "1 dropped double" in ran.err


def test_a_play_is_counted_as_what_it_is() -> None:
    with Server([sse(pbp(PLAY))]) as server:
        ran = run(*PARLAY, "--feed", "plays", "--base-url", server.url, "-c", "1")
    assert ran.code == 0
    assert ": 1 play, 0 gaps" in ran.err


def test_health_is_polled_beside_the_stream_and_a_silence_said() -> None:
    silent = {**HEALTH["results"][0], "seconds_since_last_event": 75}
    answers = [
        reply("200 OK", json.dumps({"count": 1, "results": [source]})) for source in (HEALTH["results"][0], silent)
    ]
    with Server([sse(pbp(PLAY)), *answers]) as server:
        ran = run(*PARLAY, "--feed", "plays", "--watch-health", "1", "--base-url", server.url, "-c", "4")
    assert [record["status"] for record in ran.of("health")][:2] == ["ok", "silent"]
    assert len(ran.of("play")) == 1
    assert "basketball_nba nba_live: no event for 75 s while a game is on" in ran.err
    stream, poll, *_ = (head.decode() for head in server.heads)
    assert poll.startswith("GET /v1/sports/basketball_nba/live/source-health HTTP/1.1")
    assert all(f"x-api-key: {KEY}" in head.lower() for head in (stream, poll))
    no_secret(ran)


def test_a_tape_tells_plays_and_health_again_as_they_were(tmp_path: Path) -> None:
    with Server([sse(pbp(PLAY)), reply("200 OK", json.dumps(HEALTH))]) as server:
        flags = ("--feed", "plays", "--watch-health", "1", "--base-url", server.url, "--tape", f"{tmp_path}/")
        ran = run(*PARLAY, *flags, "-c", "3")
    [tape] = (path for path in tmp_path.rglob("*.ndjson*") if "manifest" not in path.name)
    again = run("replay", str(tape), "--json")
    assert [record["type"] for record in ran.records] == ["opened", "play", "health", "health", "end"]
    assert ran.records[:-1] == again.records[:-1]


OPTIC = ("opticodds", "-s", "basketball", "-l", "NBA", "--feed", "results", "--no-validate")


@pytest.mark.parametrize(
    ("homes", "flags"),
    [
        (["61.0", "61.0", "62.0"], ("--json",)),
        (["61.0", "62.0"], ("--json", "--changes")),
        (["61", "62"], ("-o", "lines")),
    ],
)
def test_results_that_are_said_again(homes: list[str], flags: tuple[str, ...]) -> None:
    first = (FIXTURES.parent / "opticodds" / "fixture-results.sse").read_bytes()
    events = first, first.replace(b"1736822000123-0", b"2-0"), first.replace(b"-0", b"-1").replace(b"61.0", b"62.0")
    connected = b"event: connected\ndata: ok go\n\n"
    with Server([sse(connected, *events)]) as server:
        ran = run(*OPTIC, "--base-url", server.url, *flags, "--for", "1s")
    assert ran.code == 0
    found = [re.search(r'"home_score":([\d.]+)|Celtics (\d+) -', line) for line in ran.out.decode().splitlines()]
    assert homes == [match[1] or match[2] for match in found if match]


@pytest.mark.parametrize(("status", "says"), [("402 Payment Required", "not asked again"), ("500 x", "answered 500")])
def test_health_that_is_not_to_be_had_costs_no_play(status: str, says: str) -> None:
    with Server([sse(pbp(PLAY)), reply(status, '{"error":"no"}')]) as server:
        ran = run(*PARLAY, "--feed", "plays", "--watch-health", "1", "--base-url", server.url, "--for", "1500ms")
    assert (ran.code, len(ran.of("play")), len(ran.of("opened")), ran.of("lost")) == (0, 1, 1, [])
    assert says in " ".join(record["text"] for record in ran.of("notice"))


def test_a_list_of_games_that_is_refused_is_a_refusal_of_the_stream() -> None:
    with Server([reply("401 Unauthorized", '{"detail":"no such key"}')]) as server:
        ran = run("boltodds", "--feed", "plays", "--no-validate", "--json", "--base-url", server.url)
    assert (ran.code, len(server.heads)) == (4, 1)
    assert b"/api/get_games?key=" in server.heads[0]
    no_secret(ran)
