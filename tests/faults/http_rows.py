"""What an HTTP server answers, or does in the place of an answer."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.faults.peer import Answer, Peer, echo, nothing, reply, rst, sse
from tests.faults.stage import NONE, ONE, Outcome, Row
from tests.faults.wires import CONNECTED, HTML, odds

GOOD = sse(CONNECTED, odds(-110))
#: What ends a row whose server comes to its senses.
THEN = {"flags": ONE, "prints": [-110], "requests": 2, "told": ["gap"]}


def unasked(status: str) -> Answer:
    async def answer(peer: Peer) -> None:
        await peer.send(f"HTTP/1.1 {status} X\r\nUpgrade: x\r\n\r\n".encode())

    return answer


def status(code: int, name: str, exit: int, *says: str, **more: object) -> Row:
    """An error that is final."""
    phrase = f"{code} {name}"
    return Row(
        id=f"{code}",
        does=f"answers {phrase}",
        code=exit,
        says=[f"{phrase}: no luck", *says],
        answers=[reply(phrase, '{"message": "no luck"}')],
        **more,  # type: ignore[arg-type]
    )


def then_well(code: int, name: str, *says: str, id: str = "", hurry: float = 0.0, **headers: str) -> Row:
    """An error that is borne, and then an event."""
    phrase = f"{code} {name}"
    return Row(
        id=id or f"{code}-then-well",
        does=f"answers {phrase} once, then well",
        says=[phrase, *says],
        answers=[reply(phrase, "no luck", "text/plain", **headers), GOOD],
        hurry=hurry,
        flags=ONE,
        prints=[-110],
        requests=2,
        told=["gap"],
    )


def not_sooner_than(seconds: float) -> object:
    def check(outcome: Outcome) -> None:
        first, second = outcome.times[:2]
        assert seconds <= second - first < seconds + 5

    return check


def in_two_seconds() -> Answer:
    """Busy until a date: dates have whole seconds, so at least one."""

    async def answer(peer: Peer) -> None:
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        await reply("429 Too Many Requests", Retry_After=when)(peer)

    return answer


def moved(code: str, where: str, ask: str, key: bytes) -> Row:
    """A redirect on the same host: followed, and the key comes along."""

    def followed(outcome: Outcome) -> None:
        assert outcome.heads[1].startswith(b"GET /moved?sportsbook=DraftKings")
        assert key in outcome.heads[1]

    return Row(
        id=f"{code.partition(' ')[0]}-same-host-{ask}",
        does=f"answers {code} to another path of itself",
        ask=ask,
        answers=[reply(code, Location=where), sse(CONNECTED)],
        flags=("--for", "1500ms"),
        requests=2,
        also=followed,
    )


def led_away(code: str, ask: str) -> Row:
    """A redirect to another port is one to another host: the key must not arrive."""

    def nobody_came(outcome: Outcome) -> None:
        assert outcome.others == []

    return Row(
        id=f"{code.partition(' ')[0]}-other-host-{ask}",
        does=f"answers {code} to another host, with the key already in the address",
        ask=ask,
        code=9,
        says=["the key is not sent to another host"],
        answers=[reply(code, Location="{other}/stolen?key=k-secret%2F0123%2B456789%3D")],
        other=[GOOD],
        flags=NONE,
        also=nobody_came,
    )


def asked_thrice(outcome: Outcome) -> None:
    for head in outcome.heads:
        assert b"k-secret" in head


REFUSED = [
    status(400, "Bad Request", 9),
    status(401, "Unauthorized", 4, "check the key"),
    status(402, "Payment Required", 7, "plan"),
    status(403, "Forbidden", 7, "plan"),
    status(404, "Not Found", 9),
    status(405, "Method Not Allowed", 9),
    status(410, "Gone", 9),
    status(414, "URI Too Long", 9),
    status(451, "Unavailable For Legal Reasons", 7, "not available where you are"),
    status(409, "Conflict", 7, "close it", "(6 tries)", "attempt 2 in 30 s", requests=6, hurry=1000),
    status(418, "I'm a Teapot", 9),
    Row(
        id="429-for-ever",
        does="answers 429 and never says for how long",
        code=3,
        says=["429 Too Many Requests", "too many connections or requests", "attempt 2 in 30 s", "(5 tries)"],
        answers=[reply("429 Too Many Requests")],
        flags=("--retries", "4"),
        hurry=1000,
        requests=5,
    ),
    Row(
        id="500-until-patience-ends",
        does="answers 500 for longer than --retry-for",
        code=3,
        says=["500 Internal Server Error", "it may be down for a while"],
        answers=[reply("500 Internal Server Error")],
        flags=("--retry-for", "2s"),
        requests=None,
        also=asked_thrice,
    ),
    Row(
        id="422-of-fastapi",
        does="answers 422 with the list of mistakes that FastAPI makes",
        ask="parlayapi",
        code=9,
        says=["422 Unprocessable Content: value is not a valid integer"],
        answers=[
            reply(
                "422 Unprocessable Content",
                json.dumps({"detail": [{"loc": ["query", "limit"], "msg": "value is not a valid integer"}]}),
            )
        ],
    ),
    Row(
        id="400-plain-text",
        does="answers 400 as OpticOdds does, in plain text",
        code=9,
        says=["400 Bad Request: Invalid sportsbook: Foo"],
        answers=[reply("400 Bad Request", "Invalid sportsbook: Foo", "text/plain")],
    ),
    Row(
        id="400-with-orders-for-the-terminal",
        does="answers with escape sequences",
        code=9,
        says=["␛]0;owned", "<U+202E>"],
        answers=[reply("400 Bad Request", "\x1b]0;owned\x07\x1b[2J\u202e\x00[bold]", "text/plain")],
    ),
    Row(
        id="400-packed",
        does="answers with a packed error page that nobody asked for",
        code=9,
        says=["400 Bad Request: no such league"],
        answers=[reply("400 Bad Request", gzip.compress(b"no such league"), "text/plain", Content_Encoding="gzip")],
    ),
    Row(id="400-repeats-the-header", does="repeats the request", code=9, says=["400 Bad"], answers=[echo("400 Bad")]),
    Row(
        id="400-repeats-the-address",
        does="repeats the request, whose address holds the key",
        ask="oddsjam",
        code=9,
        says=["400 Bad"],
        answers=[echo("400 Bad")],
    ),
    Row(
        id="400-cut",
        does="answers 400 with a body shorter than it says",
        code=9,
        says=["400 Bad Request: no luck"],
        answers=[reply("400 Bad Request", "no luck", "text/plain", Content_Length="1000000")],
    ),
    Row(id="204", does="answers 204", code=0, says=["there is no more"], answers=[reply("204 No Content")]),
    Row(
        id="html-with-200",
        does="answers 200 with a page for people",
        code=9,
        says=["text/html instead of text/event-stream: Down for maintenance", "--base-url"],
        answers=[reply("200 OK", HTML, "text/html")],
    ),
    Row(
        id="json-with-200",
        does="answers 200 with JSON",
        code=9,
        says=["application/json instead of text/event-stream"],
        answers=[reply("200 OK", '{"data": []}')],
    ),
    Row(
        id="brotli-unasked",
        does="packs with what nobody asked for",
        code=9,
        says=["content coding br, which was not requested"],
        flags=NONE,
        answers=[sse(b"\x00", Content_Encoding="br")],
    ),
    *(
        row
        for ask in ("opticodds", "parlayapi-ws", "boltodds")
        for row in (
            Row(
                id=f"no-http-{ask}",
                does="speaks SSH",
                ask=ask,
                code=9,
                says=["the answer is not HTTP/1.1"],
                flags=NONE,
                answers=[lambda peer: peer.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")],
            ),
            Row(
                id=f"hangs-up-{ask}",
                does="accepts and hangs up",
                ask=ask,
                code=3,
                says=["hung up before it answered"],
                flags=NONE,
                answers=[nothing],
            ),
            Row(
                id=f"hangs-up-after-interim-answers-{ask}",
                does="accepts, says 100 three times and hangs up",
                ask=ask,
                code=3,
                says=["hung up before it answered"],
                flags=NONE,
                answers=[lambda peer: peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 3)],
            ),
        )
    ),
    *(
        Row(
            id=f"{status}-unasked",
            does=f"answers {status}",
            code=9,
            says=["the answer has a status that no request of ours can have"],
            flags=NONE,
            answers=[unasked(status)],
        )
        for status in ("000", "099", "101")
    ),
    Row(id="resets", does="accepts and resets", code=3, says=["reset"], flags=NONE, answers=[rst]),
    Row(
        id="half-a-head",
        does="hangs up in the middle of the head",
        code=3,
        says=["hung up before it answered"],
        flags=NONE,
        answers=[lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nContent-Ty")],
    ),
    Row(
        id="endless-head",
        does="sends a head of megabytes",
        code=9,
        says=["OpticOdds: the head of the answer is too long"],
        flags=NONE,
        answers=[lambda peer: peer.send(b"HTTP/1.1 200 OK\r\n", *[b"X-Junk: %b\r\n" % (b"x" * 60_000)] * 100)],
    ),
]

BORNE = [
    then_well(408, "Request Timeout"),
    then_well(425, "Too Early"),
    then_well(429, "Too Many Requests", "attempt 2 in 1.0 s", Retry_After="1"),
    then_well(500, "Internal Server Error"),
    then_well(502, "Bad Gateway"),
    then_well(
        503, "Service Unavailable", "attempt 2 in 2 min", id="503-with-retry-after", hurry=1000, Retry_After="120"
    ),
    then_well(
        503, "Service Unavailable", "attempt 2 in 60 min", id="503-in-a-year", hurry=100_000, Retry_After="31536000"
    ),
    then_well(504, "Gateway Timeout"),
    then_well(520, ""),
    then_well(
        429,
        "Too Many Requests",
        "attempt 2 in 2 min",
        id="429-until-a-window-ends",
        hurry=1000,
        X_RateLimit_Reset="120",
        Retry_After="1",
    ),
    Row(
        id="429-until-a-date",
        does="answers 429 with a date",
        says=["429 Too Many Requests", "attempt 2 in"],
        answers=[in_two_seconds(), GOOD],
        also=lambda outcome: not_sooner_than(0.9)(outcome),  # type: ignore[operator]
        **THEN,  # type: ignore[arg-type]
    ),
    Row(
        id="429-says-when-in-its-body",
        does="answers 429 as ParlayAPI does, with the wait in the body",
        says=["attempt 2 in 1.0 s"],
        answers=[reply("429 Too Many Requests", '{"message":"slow down","retry_after_seconds":1}'), GOOD],
        **THEN,  # type: ignore[arg-type]
    ),
    Row(
        id="503-html",
        does="answers 503 with a page for people",
        says=["503 Service Unavailable: Down for maintenance"],
        unsaid=["<h1>"],
        answers=[reply("503 Service Unavailable", HTML, "text/html"), GOOD],
        **THEN,  # type: ignore[arg-type]
    ),
]

LED = [
    moved("301 Moved Permanently", "/moved?sportsbook=DraftKings", "opticodds", b"k-secret"),
    moved("301 Moved Permanently", "/moved?sportsbook=DraftKings", "oddsjam", b"k-secret"),
    moved("302 Found", "/moved?sportsbook=DraftKings", "opticodds", b"k-secret"),
    moved("307 Temporary Redirect", "/moved?sportsbook=DraftKings", "oddsjam", b"k-secret"),
    moved("308 Permanent Redirect", "/moved?sportsbook=DraftKings", "opticodds", b"k-secret"),
    led_away("301 Moved Permanently", "opticodds"),
    led_away("302 Found", "oddsjam"),
    led_away("307 Temporary Redirect", "opticodds"),
    led_away("307 Temporary Redirect", "parlayapi-ws"),
    led_away("308 Permanent Redirect", "oddsjam"),
    Row(
        id="302-in-a-circle",
        does="redirects to itself",
        code=9,
        says=["redirects"],
        answers=[reply("302 Found", Location="/again")],
        flags=NONE,
        requests=6,
    ),
    Row(
        id="302-to-no-address",
        does="redirects to what is no address",
        code=9,
        says=["location"],
        answers=[reply("302 Found", Location="http://[::1/\x1b]0;owned\x07")],
        flags=NONE,
    ),
]


def no_key_in_clear(outcome: Outcome) -> None:
    assert outcome.heads[0].startswith(b"CONNECT ")
    assert all(b"k-secret" not in head for head in outcome.heads)


UNREACHED = [
    Row(
        id="refused",
        does="does not listen",
        code=3,
        base="http://127.0.0.1:1",
        says=["connection refused: nothing is listening there", "no connection:"],
        flags=("--retries", "2"),
        requests=0,
    ),
    *[
        Row(
            id=f"no-such-host-{ask}",
            does="has a name that nobody knows",
            ask=ask,
            code=3,
            base="https://nope.invalid",
            says=["the host name was not found"],
            flags=NONE,
            requests=0,
        )
        for ask in ("opticodds", "boltodds")
    ],
    *[
        Row(
            id=f"{cert}-{ask}",
            does=does,
            ask=ask,
            code=9,
            says=[says, "--ca-bundle"],
            tls=cert,
            requests=None,
        )
        for ask in ("opticodds", "boltodds")
        for cert, does, says in (
            ("unknown", "has a certificate that nobody vouches for", "certificate"),
            ("elsewhere", "has the certificate of another host", "certificate"),
            ("expired", "has a certificate that is over", "certificate"),
        )
    ],
    *[
        Row(
            id=f"plain-behind-https-{ask}",
            does="speaks plain HTTP where TLS is due",
            ask=ask,
            base="https://127.0.0.1:{port}",
            code=9,
            says=["--ca-bundle"],
            answers=[lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")],
        )
        for ask in ("opticodds", "parlayapi-ws")
    ],
    *[
        Row(
            id=f"proxy-{code}-{ask}",
            does=f"is a proxy that answers {code} to CONNECT",
            ask=ask,
            base="https://vendor.invalid",
            proxy=True,
            code=3,
            says=says,
            flags=NONE,
            answers=[reply(f"{code} {name}", "go away", "text/plain")],
            also=no_key_in_clear,
        )
        for ask in ("opticodds", "boltodds")
        for code, name, says in (
            (403, "Forbidden", ["the proxy http://127.0.0.1:", "($HTTPS_PROXY) refused: 403 Forbidden"]),
            (407, "Proxy Authentication Required", ["the proxy http://127.0.0.1:", "requires a user and a password"]),
        )
    ],
]

HANDSHAKES = [
    Row(
        id=f"{code}-{ask}",
        does=f"refuses the upgrade with {code}",
        ask=ask,
        code=exit,
        says=[f"{code} {name}: not your tier", *says],
        answers=[reply(f"{code} {name}", '{"detail": "not your tier"}')],
        **more,  # type: ignore[arg-type]
    )
    for ask, code, name, exit, says, more in (
        ("parlayapi-ws", 403, "Forbidden", 7, [], {}),
        ("rapidodds", 403, "Forbidden", 4, ["check the key, and that the plan has WebSocket"], {}),
        ("rapidodds", 401, "Unauthorized", 4, ["check the key"], {}),
        ("boltodds", 503, "Service Unavailable", 3, [], {"flags": NONE}),
        ("boltodds", 404, "Not Found", 9, [], {}),
    )
]

CREDITS = [
    Row(
        id=f"403-credits-{form}",
        does="says that the credits are used up",
        ask="parlayapi",
        code=7,
        says=["403 Forbidden: You have used all of your 1000 credits", "check the tier and the credits"],
        answers=[reply("403 Forbidden", body)],
    )
    for form, body in (
        ("flat", '{"error":"credit_limit_exceeded","message":"You have used all of your 1000 credits"}'),
        (
            "detail",
            '{"detail":{"error":"credit_limit_exceeded","message":"You have used all of your 1000 credits"}}',
        ),
    )
]

ROWS: list[Row] = [*CREDITS, *REFUSED, *BORNE, *LED, *UNREACHED, *HANDSHAKES]
