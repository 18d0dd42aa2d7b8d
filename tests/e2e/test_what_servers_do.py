"""What a server does, and what the user gets for it: exit code, sentence, requests, and records alone on stdout."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.support import ASK, Answer, Server, Talk, no_secret, reply, run, sse, websocket, ws

# Payloads: wire reference oddsjam-opticodds.md 2.4, boltodds-rapidodds.md A2, A8 and B2 to B6, parlayapi.md 5.
CONNECTED = b"event: connected\ndata: ok go\n\n"
HTML = "<html><head><title>Down for maintenance</title></head><body><h1>503</h1></body></html>"


def odds(price: object = -110, *, points: object = -4.5, entry: str = "1736820670001-0", **more: object) -> bytes:
    """One odd of OpticOdds as an event. `price` and `points` are written as given, legal JSON or not."""
    row = {
        "fixture_id": "7C19D2A04EB1",
        "sport": "basketball",
        "league": "NBA",
        "sportsbook": "DraftKings",
        "market": "Point Spread",
        "name": "Boston Celtics -4.5",
        "selection": "Boston Celtics",
        "points": points,
        "price": price,
        "is_main": True,
        "is_live": False,
        "timestamp": 1736820669.918,
        **more,
    }
    body = json.dumps({"entry_id": entry, "type": "odds", "data": [row]})
    return f"id: {entry}\nevent: odds\nretry: 5000\ndata: {body}\n\n".encode()


GOOD = sse(CONNECTED, odds())
PARLAY = ('{"type":"connected","sport_key":"basketball_nba"}', '{"type":"heartbeat","timestamp":1778214003}')


def parlay(price: int = -110, **more: object) -> str:
    """One row of ParlayAPI as a message."""
    row = {
        "kind": "game",
        "bookmaker": "pinnacle",
        "event_id": "e1",
        "home_team": "Boston Celtics",
        "away_team": "Miami Heat",
        "market_key": "h2h",
        "home_ml": price,
    }
    return json.dumps(
        {
            "type": "odds_update",
            "sport_key": "basketball_nba",
            "timestamp": 1778214003,
            "count": 1,
            "data": [row],
            **more,
        }
    )


def rapid(price: float) -> str:
    """One push of RapidOddsAPI."""
    book = {
        "name": "Pinnacle",
        "markets": [{"key": "head_to_head", "outcomes": [{"name": "Miami Heat", "price": price}]}],
    }
    game = {"commence_time": "2026-02-25T10:00:00", "home_team": "Boston Celtics", "away_team": "Miami Heat"}
    return json.dumps(
        {
            "event": "odds_update",
            "sport": "NBA",
            "timestamp": "2026-02-25T10:00:00",
            "credits_charged": 1,
            "data": {"sport": "NBA", "games": [{"game": game, "bookmakers": [book]}]},
        }
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """A server's answers, one for each connection, the last for all the rest; and what is to come of them."""

    id: str
    code: int
    says: Sequence[str]
    requests: int = 1
    data: int = 0
    answers: Sequence[Answer] = ()
    talks: Sequence[Talk] = ()
    ask: str = "opticodds"
    flags: Sequence[str] = ()
    notices: Sequence[str] = ()
    unsaid: Sequence[str] = ("Traceback",)


ONE, TWO = ("-c", "1"), ("-c", "2")
NONE = ("--retries", "0")
SMALL = ("--max-frame", "64KiB", *NONE)

HTTP = [
    Case(
        id="400-plain-text",
        code=9,
        says=["400 Bad Request: Invalid sportsbook: Foo"],
        answers=[reply("400 Bad Request", "Invalid sportsbook: Foo", "text/plain")],
    ),
    Case(
        id="401",
        code=4,
        says=["401 Unauthorized: Invalid API key", "check the key"],
        answers=[reply("401 Unauthorized", '{"message": "Invalid API key"}')],
    ),
    Case(
        id="402",
        code=7,
        says=["402 Payment Required: upgrade", "plan"],
        answers=[reply("402 Payment Required", '{"error": "upgrade"}')],
    ),
    Case(
        id="403", code=7, says=["403 Forbidden", "plan"], answers=[reply("403 Forbidden", '{"detail": "no streaming"}')]
    ),
    Case(id="404", code=9, says=["404 Not Found"], answers=[reply("404 Not Found", "{}")]),
    Case(
        id="422-of-fastapi",
        code=9,
        says=["422 Unprocessable Entity: value is not a valid integer"],
        ask="parlayapi",
        answers=[
            reply(
                "422 Unprocessable Entity",
                json.dumps(
                    {
                        "detail": [
                            {"loc": ["query", "limit"], "msg": "value is not a valid integer", "type": "type_error"}
                        ]
                    }
                ),
            )
        ],
    ),
    Case(id="409", code=7, says=["409 Conflict", "close it"], flags=NONE, answers=[reply("409 Conflict", "{}")]),
    Case(
        id="429-then-ok",
        code=0,
        says=["429 Too Many Requests", "try 2 in 1.0 s"],
        requests=2,
        data=1,
        flags=ONE,
        answers=[reply("429 Too Many Requests", "slow down", "text/plain", Retry_After="1"), GOOD],
    ),
    Case(
        id="503-html-then-ok",
        code=0,
        says=["503 Service Unavailable: Down for maintenance"],
        requests=2,
        data=1,
        flags=ONE,
        unsaid=["<h1>", "Traceback"],
        answers=[reply("503 Service Unavailable", HTML, "text/html"), GOOD],
    ),
    Case(
        id="html-with-200",
        code=9,
        says=["text/html where text/event-stream was due: Down for maintenance", "--base-url"],
        answers=[reply("200 OK", HTML, "text/html")],
    ),
    Case(
        id="json-with-200",
        code=9,
        says=["application/json where text/event-stream was due"],
        answers=[reply("200 OK", '{"data": []}')],
    ),
    Case(id="204", code=0, says=["there is no more"], answers=[reply("204 No Content")]),
    Case(
        id="an-error-with-orders-for-the-terminal",
        code=9,
        says=["␛]0;owned"],
        unsaid=["\x1b", "\x07", "Traceback"],
        answers=[reply("400 Bad Request", "\x1b]0;owned\x07\x1b[2J", "text/plain")],
    ),
    Case(
        id="an-error-that-repeats-the-request",
        code=9,
        says=["400 Bad Request"],
        answers=[lambda peer: reply("400 Bad Request", peer.head, "text/plain")(peer)],
    ),
    Case(
        id="an-error-that-repeats-the-address",
        code=9,
        says=["400 Bad Request"],
        ask="oddsjam",
        answers=[lambda peer: reply("400 Bad Request", peer.head, "text/plain")(peer)],
    ),
    Case(
        id="no-http",
        code=9,
        says=["OpticOdds"],
        flags=NONE,
        answers=[lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")],
    ),
    Case(id="hangs-up-at-once", code=3, says=["OpticOdds"], flags=NONE, answers=[lambda peer: None]),
]

STREAM = [
    Case(
        id="an-endless-line",
        code=9,
        says=["--max-frame"],
        flags=SMALL,
        answers=[sse(CONNECTED, b"data: ", *[b"x" * 65536] * 4)],
    ),
    Case(
        id="garbage-between-good-frames",
        code=0,
        says=["cannot be read", "<html>"],
        data=2,
        flags=TWO,
        notices=["unreadable"],
        answers=[sse(CONNECTED, odds(), b"event: odds\ndata: <html>\n\n", odds(-115, entry="2"))],
    ),
    Case(
        id="not-utf-8",
        code=0,
        says=["cannot be read"],
        data=2,
        flags=TWO,
        notices=["unreadable"],
        answers=[sse(CONNECTED, odds(), odds(selection="X").replace(b'"X"', b'"\xff\xfe"'), odds(-115, entry="2"))],
    ),
    Case(
        id="nan",
        code=0,
        says=["2 records"],
        data=2,
        flags=TWO,
        answers=[sse(CONNECTED, odds(float("nan"), points=float("inf"), entry="1"), odds(entry="2"))],
    ),
    Case(
        id="an-absurd-price",
        code=0,
        says=["cannot be read"],
        data=2,
        flags=TWO,
        notices=["unreadable"],
        answers=[sse(CONNECTED, odds("EVENISH", entry="1"), odds(entry="2"))],
    ),
    Case(
        id="deep-nesting",
        code=0,
        says=["cannot be read"],
        data=1,
        flags=ONE,
        notices=["unreadable"],
        answers=[sse(CONNECTED, b"event: odds\ndata: " + b"[" * 100_000 + b"\n\n", odds())],
    ),
    Case(
        id="an-unknown-event",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        notices=["unknown"],
        answers=[sse(CONNECTED, b'event: weather\ndata: {"data": "rain"}\n\n', odds())],
    ),
    Case(
        id="a-frame-of-40-mib",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        answers=[sse(CONNECTED, odds(pad="x" * (40 << 20)))],
    ),
    Case(
        id="gzip-unasked",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        answers=[sse(gzip.compress(CONNECTED + odds()), Content_Encoding="gzip")],
    ),
    Case(
        id="brotli-unasked",
        code=9,
        says=["content coding br"],
        flags=NONE,
        answers=[sse(b"\x00", Content_Encoding="br")],
    ),
    Case(
        id="half-a-frame",
        code=0,
        says=["in the middle of an event", "gap of"],
        requests=2,
        data=2,
        flags=TWO,
        answers=[
            sse(
                CONNECTED.replace(b"\n\n", b"\nretry: 10\n\n"),
                odds(entry="1").replace(b"5000", b"10"),
                odds(-115, entry="2")[:99].replace(b"5000", b"10"),
                hold=False,
            ),
            sse(CONNECTED, odds(-120, entry="3")),
        ],
    ),
    Case(
        id="a-stall",
        code=0,
        says=["no byte for 1 s", "gap of"],
        requests=2,
        data=2,
        flags=[*TWO, "--max-silence", "1s"],
        answers=[sse(CONNECTED, odds(entry="1").replace(b"5000", b"10")), sse(CONNECTED, odds(-115, entry="2"))],
    ),
    Case(
        id="the-same-entry-twice",
        code=0,
        says=["1 dropped double"],
        data=2,
        flags=TWO,
        answers=[sse(CONNECTED, odds(entry="1"), odds(entry="1"), odds(-115, entry="2"))],
    ),
    Case(
        id="names-that-break-lines",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        answers=[sse(CONNECTED, odds(selection="a\u2028b\u0085c\x1b[2J\ud83c"))],
    ),
]

SOCKET = [
    Case(
        id="close-1008",
        ask="parlayapi-ws",
        code=4,
        says=["code 1008: bad key", "check the key"],
        talks=[ws(close=(1008, "bad key"))],
    ),
    Case(
        id="close-4001", ask="parlayapi-ws", code=7, says=["code 4001", "Business tier"], talks=[ws(close=(4001, ""))]
    ),
    Case(
        id="close-4002",
        ask="parlayapi-ws",
        code=7,
        says=["code 4002", "close another connection"],
        flags=NONE,
        talks=[ws(close=(4002, ""))],
    ),
    Case(
        id="close-4003", ask="parlayapi-ws", code=4, says=["code 4003", "check the key"], talks=[ws(close=(4003, ""))]
    ),
    Case(
        id="close-1011-then-ok",
        ask="parlayapi-ws",
        code=0,
        says=["code 1011", "gap of"],
        requests=2,
        data=2,
        flags=TWO,
        talks=[ws(PARLAY[0], parlay(), close=(1011, "oops")), ws(PARLAY[0], parlay(-120))],
    ),
    Case(
        id="boltodds-error-for-an-ack",
        ask="boltodds",
        code=4,
        says=["refused the key: Invalid API key"],
        talks=[ws('{"action":"error","message":"Invalid API key"}')],
    ),
    Case(
        id="boltodds-error-without-an-action",
        ask="boltodds",
        code=4,
        says=["refused the key"],
        talks=[ws('{"error":"Invalid token"}')],
    ),
    Case(
        id="boltodds-error-with-orders-for-the-terminal",
        ask="boltodds",
        code=0,
        says=["connect again"],
        flags=["--for", "500ms"],
        unsaid=["\x1b", "\x07", "Traceback"],
        talks=[ws(json.dumps({"error": "connection closed. Please connect again \x1b]0;owned\x07"}), close=(1000, ""))],
    ),
    Case(
        id="rapidodds-out-of-credits",
        ask="rapidodds",
        code=0,
        says=["Not enough credits", "1 credit"],
        data=1,
        flags=ONE,
        notices=["credits-out"],
        talks=[ws('{"event":"connected"}', '{"event":"error","message":"Not enough credits"}', rapid(1.91), hear=1)],
    ),
    Case(
        id="rapidodds-out-of-credits-and-nothing-else",
        ask="rapidodds",
        code=0,
        says=["Not enough credits"],
        flags=["--for", "2s"],
        notices=["credits-out"],
        talks=[ws('{"event":"connected"}', '{"event":"error","message":"Not enough credits"}', hear=1)],
    ),
    Case(
        id="an-oversized-message",
        ask="parlayapi-ws",
        code=9,
        says=["more than 65,536 bytes", "--max-frame"],
        flags=SMALL,
        talks=[ws(PARLAY[0], parlay(pad="x" * 70_000))],
    ),
    Case(
        id="a-message-of-40-mib",
        ask="parlayapi-ws",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        talks=[ws(PARLAY[0], parlay(pad="x" * (40 << 20)))],
    ),
    Case(
        id="garbage-between-good-messages",
        ask="parlayapi-ws",
        code=0,
        says=["cannot be read"],
        data=2,
        flags=TWO,
        notices=["unreadable"],
        talks=[ws(PARLAY[0], parlay(), "<html>", b"\xff\xfe", parlay(-115))],
    ),
    Case(
        id="binary-and-arrays",
        ask="boltodds",
        code=0,
        says=["1 record"],
        data=1,
        flags=ONE,
        talks=[
            ws(
                b'[{"action":"socket_connected"}]',
                json.dumps(
                    [
                        {"action": "ping"},
                        {
                            "timestamp": "2026-02-25T15:40:00+00:00",
                            "action": "line_update",
                            "data": {
                                "sport": "NBA",
                                "sportsbook": "draftkings",
                                "game": "A vs B, 2026-02-25, 09",
                                "home_team": "A",
                                "away_team": "B",
                                "info": {},
                                "outcomes": {
                                    "A Moneyline": {
                                        "odds": "+145",
                                        "outcome_name": "Moneyline",
                                        "outcome_line": None,
                                        "outcome_over_under": None,
                                        "outcome_target": "A",
                                    }
                                },
                            },
                        },
                    ]
                ).encode(),
                hear=1,
            )
        ],
    ),
    Case(
        id="a-stall",
        ask="parlayapi-ws",
        code=0,
        says=["gap of"],
        requests=2,
        data=2,
        flags=[*TWO, "--max-silence", "1s"],
        talks=[ws(PARLAY[0], parlay()), ws(PARLAY[0], parlay(-120))],
    ),
]


def judge(case: Case, ran: Any, requests: int) -> None:
    """All that a case expects, of what a run left."""
    assert (case.code, case.requests) == (ran.code, requests), ran.err
    for text in case.says:
        assert text in ran.err
    for text in case.unsaid:
        assert text not in ran.err
    assert len(ran.of("quote")) == case.data
    assert set(case.notices) <= {notice["code"] for notice in ran.of("notice")}
    no_secret(ran)


@pytest.mark.parametrize("case", HTTP + STREAM, ids=lambda case: case.id)
def test_over_http(case: Case) -> None:
    with Server(case.answers) as server:
        ran = run(*ASK[case.ask], "--base-url", server.url, "-vv", "--json", *case.flags)
        judge(case, ran, len(server.heads))


@pytest.mark.parametrize("case", SOCKET, ids=lambda case: case.id)
def test_over_websocket(case: Case) -> None:
    with websocket(*case.talks) as server:
        ran = run(*ASK[case.ask], "--base-url", server.url, "-vv", "--json", *case.flags)
        judge(case, ran, len(server.heads))


@pytest.mark.parametrize(
    ("code", "ask", "status", "says"),
    [
        (7, "parlayapi-ws", "403 Forbidden", "403 Forbidden: not your tier"),
        (4, "rapidodds", "403 Forbidden", "check the key, and that the plan has WebSocket"),
        (4, "rapidodds", "401 Unauthorized", "check the key"),
    ],
    ids=["parlayapi-403", "rapidodds-403", "rapidodds-401"],
)
def test_a_websocket_handshake_that_is_refused(code: int, ask: str, status: str, says: str) -> None:
    with Server([reply(status, '{"detail": "not your tier"}')]) as server:
        ran = run(*ASK[ask], "--base-url", server.url, "-vv", "--json")
        assert (code, 1) == (ran.code, len(server.heads)), ran.err
    assert says in ran.err
    no_secret(ran)


def test_nothing_is_retried_sooner_than_the_server_asked() -> None:
    with Server([reply("429 Too Many Requests", "", Retry_After="1"), GOOD]) as server:
        run(*ASK["opticodds"], "--base-url", server.url, "--json", "-c", "1")
        assert 1.0 <= server.times[1] - server.times[0] < 2.0


def test_every_retry_comes_with_the_key_and_the_cursor() -> None:
    first = sse(CONNECTED, odds(entry="17-3").replace(b"5000", b"10"), hold=False)
    with Server([first, sse(CONNECTED, odds(-115, entry="17-4"))]) as server:
        ran = run(*ASK["opticodds"], "--base-url", server.url, "--json", "-c", "2")
        assert [b"last_entry_id=17-3" in head for head in server.heads] == [False, True]
        assert all(b"k-secret" in head for head in server.heads)
    assert [record["resumed"] for record in ran.of("gap")] == ["unknown"]


# --- redirects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["opticodds", "oddsjam"])
@pytest.mark.parametrize("status", ["301 Moved Permanently", "307 Temporary Redirect"])
def test_a_redirect_on_the_same_host_is_followed(ask: str, status: str) -> None:
    with Server([reply(status, Location="/moved?sportsbook=DraftKings"), GOOD]) as server:
        ran = run(*ASK[ask], "--base-url", server.url, "-vv", "--json", "--for", "1s")
        assert (ran.code, len(server.heads)) == (0, 2), ran.err
        assert server.heads[1].startswith(b"GET /moved?sportsbook=DraftKings")
        assert b"k-secret" in server.heads[1]
    no_secret(ran)


@pytest.mark.parametrize("ask", ["opticodds", "oddsjam", "parlayapi-ws"])
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_to_another_host_is_refused_and_the_key_does_not_arrive(ask: str, status: str) -> None:
    with Server([GOOD]) as other:
        leaky = f"{other.url}/stolen?key=k-secret%2F0123%2B456789%3D"
        with Server([reply(status, Location=leaky)]) as server:
            ran = run(*ASK[ask], "--base-url", server.url, "-vv", "--json", *NONE)
            assert (ran.code, len(server.heads)) == (9, 1), ran.err
        assert other.heads == []
    assert "the key is not sent to another host" in ran.err
    no_secret(ran)


def test_a_redirect_in_a_circle_ends() -> None:
    with Server([reply("302 Found", Location="/again")]) as server:
        ran = run(*ASK["opticodds"], "--base-url", server.url, "--json", *NONE)
        assert (ran.code, len(server.heads)) == (9, 6)
    assert "redirects" in ran.err


# --- no server ------------------------------------------------------------------------------------


def test_a_refused_port_is_retried_as_often_as_asked_and_the_first_failure_says_why() -> None:
    with Server([]) as server:
        closed = server.url
    ran = run(*ASK["opticodds"], "--base-url", closed, "-vv", "--json", "--retries", "2")
    assert ran.code == 3
    assert ran.err.count("no connection:") == 2
    assert "refused" in ran.err.lower() or "connection attempts failed" in ran.err
    assert [record["type"] for record in ran.records] == ["notice", "end"]
    no_secret(ran)


@pytest.mark.parametrize("ask", ["opticodds", "parlayapi-ws"])
def test_a_server_without_tls_behind_https_is_final(ask: str) -> None:
    with Server([lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")], scheme="https") as server:
        ran = run(*ASK[ask], "--base-url", server.url, "-vv", "--json")
        assert (ran.code, len(server.heads)) == (9, 1), ran.err
    assert "--ca-bundle" in ran.err
    no_secret(ran)


@pytest.mark.parametrize("ask", ["opticodds", "boltodds"])
def test_a_host_that_does_not_exist(ask: str) -> None:
    ran = run(*ASK[ask], "--base-url", "https://nope.invalid", "-vv", "--json", *NONE)
    assert ran.code == 3
    assert "the name of the host was not found" in ran.err
    no_secret(ran)
