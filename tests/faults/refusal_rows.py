"""Refusals whose head or body is odd: interim answers, repeated fields, dates, bodies without an end, web pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.faults.peer import Answer, Peer, reply, sse, ws
from tests.faults.stage import NONE, ONE, Row
from tests.faults.wires import CONNECTED, PARLAY, odds, parlay

GOOD: dict[str, Answer] = {"opticodds": sse(CONNECTED, odds(-101)), "parlayapi-ws": ws(PARLAY, parlay(-101))}
ASKS = tuple(GOOD)


def raw(head: str, *body: bytes, pause: float = 0.0, hold: bool = False) -> Answer:
    """A head and a body as they are; `pause` seconds between the parts of the body, and then silence (`hold`)."""

    async def answer(peer: Peer) -> None:
        await peer.send(head.replace("\n", "\r\n").encode() + b"\r\n")
        for part in body:
            await asyncio.sleep(pause)
            if not await peer.send(part):
                return
        if hold:
            await peer.hold()

    return answer


def interim(count: int, *heads: str, then: Answer) -> Answer:
    """So many interim answers, and then the final one."""

    async def answer(peer: Peer) -> None:
        each = "".join(f"HTTP/1.1 {head}\r\n\r\n" for head in heads).encode()
        for _ in range(0, count, 500):
            if not await peer.send(each * (min(500, count) // len(heads))):
                return
        await then(peer)

    return answer


async def dribbles(peer: Peer) -> None:
    """An error whose body never ends, a byte at a time."""
    await peer.send(b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\n\r\nno luck")
    for _ in range(1000):
        if not await peer.send(b"."):
            return
        await asyncio.sleep(0.05)


LINK = "\r\nLink: </style.css>; rel=preload"

INTERIM = [
    *[
        Row(
            id=f"{name}-{ask}",
            does=f"sends {count:,} interim answers before the final one",
            ask=ask,
            verbose="-v",
            answers=[interim(count, *heads, then=GOOD[ask])],
            flags=ONE,
            prints=[-101],
        )
        for ask in ASKS
        for name, count, heads in (
            ("103-three-thousand-times", 3000, [f"103 Early Hints{LINK}"]),
            ("100-102-103", 6, ["100 Continue", "102 Processing", "103 Early Hints"]),
        )
    ],
    *[
        Row(
            id=f"103-and-then-401-{ask}",
            does="sends interim answers before a refusal",
            ask=ask,
            code=4,
            says=["401 Unauthorized: no luck", "check the key"],
            answers=[interim(3, "103 Early Hints", then=reply("401 Unauthorized", "no luck", "text/plain"))],
        )
        for ask in ASKS
    ],
    *[
        Row(
            id=f"103-for-ever-{ask}",
            does="sends interim answers and no final one",
            ask=ask,
            code=9,
            verbose="-v",
            says=["more than 10,000 interim answers and no final one"],
            answers=[interim(1_000_000, "103 Early Hints", then=reply("200 OK"))],
            flags=NONE,
        )
        for ask in ASKS
    ],
]


def busy(id: str, *fields: str, ask: str = "opticodds", says: Sequence[str] = (), hurry: float = 1000) -> Row:
    """Busy with these fields, and then well."""
    lines = "".join(f"{field}\n" for field in fields)
    return Row(
        id=f"503-{id}-{ask}",
        does="answers 503 with odd fields, and then well",
        ask=ask,
        says=["503 Service Unavailable: busy", *says],
        answers=[raw(f"HTTP/1.1 503 Service Unavailable\n{lines}Content-Length: 4\n", b"busy"), GOOD[ask]],
        flags=ONE,
        hurry=hurry,
        requests=2,
        prints=[-101],
        told=["gap"],
    )


FIELDS = [
    *[
        row
        for ask in ASKS
        for row in (
            busy("two-retry-after", "Retry-After: 60", "Retry-After: 120", ask=ask, says=["attempt 2 in 2 min"]),
            busy("two-locations", "Location: /a", "Location: /b", ask=ask),
            busy("two-lengths-alike", "Content-Length: 4", ask=ask),
            busy("a-date-of-the-year-99999999999", "Retry-After: Fri, 31 Dec 99999999999 23:59:59 GMT", ask=ask),
            busy("a-date-of-the-year-1", "Retry-After: Mon, 01 Jan 0001 00:00:00 +2359", ask=ask),
            busy("a-date-that-is-over", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", ask=ask),
            busy("a-negative-wait", "Retry-After: -5", ask=ask),
            busy("an-endless-wait", f"Retry-After: {'9' * 4000}", ask=ask, says=["attempt 2 in 60 min"], hurry=100_000),
        )
    ],
    *[
        Row(
            id=f"302-two-locations-{ask}",
            does="redirects to two places at once",
            ask=ask,
            code=9,
            says=["redirected to https://login.example", "the key is not sent to another host"],
            answers=[raw("HTTP/1.1 302 Found\nLocation: https://login.example/a\nLocation: https://b.example/\n")],
        )
        for ask in ASKS
    ],
    Row(
        id="two-content-types",
        does="says twice that it is an event stream",
        answers=[
            raw(
                "HTTP/1.1 200 OK\nContent-Type: text/event-stream\nContent-Type: text/event-stream; charset=utf-8\n",
                CONNECTED,
                odds(-101),
                hold=True,
            )
        ],
        flags=ONE,
        prints=[-101],
    ),
]

KEY = "HTTP/1.1 401 Unauthorized\nContent-Type: text/plain\n"
BODIES = [
    Row(
        id=f"401-{name}-{ask}",
        does=f"refuses the key with {name.replace('-', ' ')}",
        ask=ask,
        code=4,
        says=["401 Unauthorized: no luck", "check the key"],
        answers=[answer],
    )
    for ask in ASKS
    for name, answer in (
        ("a-last-byte-by-itself", raw(f"{KEY}Content-Length: 7\n", b"no luc", b"k", pause=0.1)),
        ("a-byte-at-a-time", raw(f"{KEY}Content-Length: 7\n", *[b"%c" % one for one in b"no luck"], pause=0.05)),
        ("a-body-that-never-ends", raw(KEY, b"no luck", hold=True)),
        ("a-body-that-dribbles", dribbles),
        ("a-body-that-is-cut", raw(f"{KEY}Content-Length: 1000\n", b"no luck")),
        ("chunks", raw(f"{KEY}Transfer-Encoding: chunked\n", b"3\r\nno \r\n4\r\nluck\r\n0\r\n\r\n", hold=True)),
        ("chunks-without-an-end", raw(f"{KEY}Transfer-Encoding: chunked\n", b"7\r\nno luck\r\n", hold=True)),
    )
]

CLOUDFLARE = (
    "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    "<body><h1>Sorry, you have been blocked</h1></body></html>"
)
FRONT = "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>(CloudFront)</BODY></HTML>"
NGINX = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body><center>nginx</center></body></html>"
PORTAL = "<html><head><title>Hotel Wi-Fi login</title></head></html>"

PAGES = [
    *[
        Row(
            id=f"403-page-{name}-{ask}",
            does="is a content-delivery network that refuses with a page for people",
            ask=ask,
            code=9,
            says=["403 Forbidden", title, "a web page answered in place of the provider's API", "try another network"],
            unsaid=["check the tier", "check the plan", "check the key"],
            answers=[reply("403 Forbidden", body, "text/html; charset=UTF-8")],
        )
        for ask in ("opticodds", "parlayapi", "parlayapi-ws", "rapidodds", "boltodds")
        for name, body, title in (
            ("cloudflare", CLOUDFLARE, "a web page of Cloudflare: Attention Required!"),
            ("cloudfront", FRONT, "a web page of Amazon CloudFront: ERROR"),
            ("nginx", NGINX, "403 Forbidden"),
        )
        if name == "cloudflare" or ask in ("parlayapi", "rapidodds")
    ],
    *[
        Row(
            id=f"200-login-page-{ask}",
            does="is the login page of a hotel's network",
            ask=ask,
            code=9,
            says=["Hotel Wi-Fi login", "the login page of this network"],
            answers=[reply("200 OK", PORTAL, "text/html")],
        )
        for ask in ASKS
    ],
    Row(
        id="511-login",
        does="is a network that wants a login first",
        code=3,
        says=["511 Network Authentication Required", "this network wants a login"],
        answers=[reply("511 Network Authentication Required", PORTAL, "text/html")],
        flags=NONE,
    ),
]

ROWS: list[Row] = [*INTERIM, *FIELDS, *BODIES, *PAGES]
