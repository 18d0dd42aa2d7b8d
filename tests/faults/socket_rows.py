"""What a WebSocket server says, and how it closes."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

from websockets.frames import Opcode

from tests.faults.peer import Answer, Peer, wire, ws
from tests.faults.stage import NONE, ONE, SMALL, TWO, Outcome, Row
from tests.faults.wires import BOLT, PARLAY, RAPID, bolt, parlay, rapid

ON = ws(PARLAY, parlay(-103))
BROKEN: dict[str, Any] = {
    "ask": "parlayapi-ws", "flags": TWO, "requests": 2, "prints": [-101, -103], "told": ["lost", "gap"],
}  # fmt: skip
SILENT = (*TWO, "--max-silence", "1s")


def closes(code: int | None, *says: str, reason: str = "") -> Row:
    """A close that is borne: told, and then a new link."""
    return Row(
        id=f"close-{code}",
        does=f"closes with {code}",
        says=[f"code {1005 if code is None else code}", "gap of", *says],
        answers=[ws(PARLAY, parlay(-101), close=(code, reason)), ON],
        **BROKEN,
    )


def refuses(code: int, exit: int, *says: str, ask: str = "parlayapi-ws", tries: int = 1, flags: Any = ()) -> Row:
    """A close that is final, after so many tries."""
    return Row(
        id=f"close-{code}-{ask}",
        does=f"closes with {code} at once",
        ask=ask,
        code=exit,
        says=[f"code {code}", *says],
        answers=[ws(close=(code, "no luck"))],
        requests=tries,
        flags=flags,
        hurry=1000 if tries > 1 else 0,
    )


def raw(*frames: bytes, extensions: str = "", hold: bool = True) -> Answer:
    """Frames as they are, after the handshake."""

    async def answer(peer: Peer) -> None:
        await peer.shake(extensions)
        await peer.send(*frames)
        if hold:
            await peer.hold()

    return answer


def text(message: str) -> bytes:
    return wire(Opcode.TEXT, message.encode())


def fragments(message: str, parts: int) -> bytes:
    """A message in so many frames, a ping between each two of them."""
    data = message.encode()
    step = len(data) // parts + 1
    cuts = [data[at : at + step] for at in range(0, len(data), step)]
    return b"".join(
        wire(Opcode.TEXT if nth == 0 else Opcode.CONT, cut, fin=nth == len(cuts) - 1) + wire(Opcode.PING, b"?")
        for nth, cut in enumerate(cuts)
    )


def deflated(message: str) -> bytes:
    """A compressed message (RFC 7692, 7.2.1)."""
    packer = zlib.compressobj(wbits=-15)
    data = packer.compress(message.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    return wire(Opcode.TEXT, data.removesuffix(b"\x00\x00\xff\xff"), rsv1=True)


async def floods(peer: Peer) -> None:
    """50,000 pings at once, and then a price: each is answered, and none holds it up."""
    await peer.shake()
    await peer.send(text(PARLAY), wire(Opcode.PING, b"x" * 125) * 50_000, text(parlay(-101)))
    await peer.hold()


async def floods_unread(peer: Peer) -> None:
    """Pings for ever from a server that reads no pong."""
    await peer.shake()
    await peer.send(text(PARLAY))
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    while await peer.send(wire(Opcode.PING, b"x" * 125) * 1000):
        pass


async def never_pongs(peer: Peer) -> None:
    """Reads nothing and answers nothing: what a stalled proxy does."""
    await peer.shake()
    await peer.text(PARLAY, parlay(-101))
    await peer.hold()


async def pings_alone(peer: Peer) -> None:
    await peer.shake()
    await peer.text(PARLAY, parlay(-101))
    for _ in range(300):
        await peer.send(wire(Opcode.PING, b"?"))
        await asyncio.sleep(0.1)


async def keeps_the_connection(peer: Peer) -> None:
    """A close frame, and then the TCP connection stays open."""
    await peer.shake()
    await peer.text(PARLAY, parlay(-101))
    await peer.send(wire(Opcode.CLOSE, b"\x03\xe8"))
    await asyncio.sleep(10)


def paced(count: int, each: int) -> Answer:
    async def answer(peer: Peer) -> None:
        await peer.shake()
        await peer.text(PARLAY)
        for start in range(0, count, each):
            await peer.text(*[parlay(100 + nth) for nth in range(start, start + each)])
            await asyncio.sleep(0.01)
        await peer.hold()

    return answer


def no_odds(outcome: Outcome) -> None:
    assert not outcome.ran.of("quote")


CLOSES = [
    *[closes(code) for code in (1000, 1001, 1002, 1003, 1007, 1009, 1010, 1011, 1012, 1013, 1014, None)],
    closes(4999),
    refuses(1008, 4, "no luck", "check the key"),
    refuses(4001, 7, "Business tier"),
    refuses(4002, 7, "close another connection", flags=NONE),
    refuses(4003, 4, "check the key"),
    refuses(1008, 4, "check the key", "session cookie", ask="parlayapi", flags=("--feed", "live")),
    refuses(4567, 9, "(3 tries)", ask="boltodds", tries=3),
    refuses(1002, 9, "(3 tries)", ask="boltodds", tries=3),
    refuses(1008, 9, "(3 tries)", ask="boltodds", tries=3),
    Row(
        id="breaks-off-without-a-close",
        does="breaks off without a close frame (1006)",
        says=["code 1006", "gap of"],
        answers=[raw(text(PARLAY), text(parlay(-101)), hold=False), ON],
        **BROKEN,
    ),
    Row(
        id="breaks-off-mid-frame",
        does="breaks off in the middle of a frame",
        says=["code 1006", "gap of"],
        answers=[raw(text(PARLAY), text(parlay(-101)), text(parlay(-102))[:-1], hold=False), ON],
        lost=[-102],
        **BROKEN,
    ),
    Row(
        id="breaks-off-between-fragments",
        does="breaks off between two frames of a message",
        says=["code 1006", "gap of"],
        answers=[
            raw(text(PARLAY), text(parlay(-101)), wire(Opcode.TEXT, parlay(-102).encode(), fin=False), hold=False),
            ON,
        ],
        lost=[-102],
        **BROKEN,
    ),
    Row(
        id="closes-and-keeps-the-connection",
        does="closes, and keeps the TCP connection",
        says=["code 1000", "gap of"],
        answers=[keeps_the_connection, ON],
        **BROKEN,
    ),
    Row(
        id="says-nothing-and-pongs-nothing",
        does="stops, and answers no ping",
        says=["gap of"],
        answers=[never_pongs, ON],
        **{**BROKEN, "flags": SILENT},
    ),
    Row(
        id="pings-and-says-nothing",
        does="sends pings and no message: its heartbeat is a message, so it is dead",
        says=["no message for", "gap of"],
        answers=[pings_alone, ON],
        **{**BROKEN, "flags": SILENT},
    ),
    Row(
        id="a-reason-with-orders-for-the-terminal",
        does="gives a reason with escape sequences",
        says=["code 1011", "␛]0;owned"],
        answers=[ws(PARLAY, parlay(-101), close=(1011, "\x1b]0;owned\x07")), ON],
        **BROKEN,
    ),
]

FRAMES = [
    Row(
        id="fragments",
        does="sends a message in 40 frames, a ping between each two",
        ask="parlayapi-ws",
        answers=[raw(text(PARLAY), fragments(parlay(-101), 40))],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="empty-fragments",
        does="sends empty fragments without an end",
        ask="parlayapi-ws",
        code=9,
        says=["fragments"],
        answers=[raw(text(PARLAY), wire(Opcode.TEXT, b"", fin=False), wire(Opcode.CONT, b"", fin=False) * 150_000)],
        flags=NONE,
        verbose="-v",
        told=["gap"],
    ),
    Row(
        id="deflated",
        does="compresses what may be compressed",
        ask="parlayapi-ws",
        answers=[
            raw(text(PARLAY), deflated(parlay(-101)), extensions="permessage-deflate; server_no_context_takeover")
        ],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="deflated-nonsense",
        does="sends nonsense as compressed",
        says=["gap of"],
        answers=[
            raw(
                text(PARLAY),
                text(parlay(-101)),
                wire(Opcode.TEXT, b"nonsense", rsv1=True),
                extensions="permessage-deflate",
            ),
            ON,
        ],
        **BROKEN,
    ),
    Row(
        id="compressed-though-not-agreed",
        does="compresses though nothing was agreed",
        says=["gap of"],
        answers=[raw(text(PARLAY), text(parlay(-101)), deflated(parlay(-102))), ON],
        **BROKEN,
    ),
    Row(
        id="an-opcode-that-is-none",
        does="sends a frame of a kind that does not exist",
        says=["gap of"],
        answers=[raw(text(PARLAY), text(parlay(-101)), b"\x83\x01x"), ON],
        **BROKEN,
    ),
    Row(
        id="masked",
        does="masks its frames, as only a client may",
        says=["gap of"],
        answers=[raw(text(PARLAY), text(parlay(-101)), b"\x81\x81\x01\x02\x03\x04x"), ON],
        **BROKEN,
    ),
    Row(
        id="a-message-that-is-too-large",
        does="sends more than what is borne",
        ask="parlayapi-ws",
        code=9,
        says=["more than 65,536 bytes", "--max-frame"],
        answers=[ws(PARLAY, parlay(-101, pad="x" * 70_000))],
        flags=SMALL,
        lost=[-101],
        told=["gap"],
    ),
    Row(
        id="a-length-of-exabytes",
        does="announces a frame of 2^62 bytes",
        ask="parlayapi-ws",
        code=9,
        says=["--max-frame"],
        answers=[raw(text(PARLAY), b"\x81\x7f\x40" + b"\0" * 7 + b"x" * 1000)],
        flags=NONE,
        told=["gap"],
    ),
    Row(
        id="40-mib-ws",
        does="sends a message of 40 MiB",
        ask="parlayapi-ws",
        answers=[ws(PARLAY, parlay(-101, pad="x" * (40 << 20)))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="10000-a-second-ws",
        does="sends 10,000 messages in a second",
        verbose="-v",
        ask="parlayapi-ws",
        answers=[paced(10_000, 100)],
        flags=("-c", "10000"),
        prints=[float(100 + nth) for nth in range(10_000)],
    ),
    Row(
        id="a-flood-of-pings",
        does="sends 50,000 pings and a price",
        verbose="-v",
        ask="parlayapi-ws",
        answers=[floods],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="a-flood-of-pings-that-reads-no-pong",
        does="sends pings for ever, and reads no pong",
        verbose="-v",
        ask="parlayapi-ws",
        code=9,
        says=["does not read what we answer"],
        answers=[floods_unread],
        flags=NONE,
        opaque=True,
        told=["gap"],
    ),
]

MESSAGES = [
    Row(
        id="garbage-ws",
        does="sends what is no JSON between two good messages",
        ask="parlayapi-ws",
        says=["cannot be read"],
        answers=[
            ws(
                PARLAY,
                parlay(-101),
                "<html>",
                wire(Opcode.BINARY, b"\xff\xfe"),
                wire(Opcode.TEXT, b"\xff"),
                parlay(-102),
            )
        ],
        flags=TWO,
        prints=[-101, -102],
        told=["notice unreadable"],
    ),
    Row(
        id="nesting-ws",
        does="nests 100,000 deep",
        ask="parlayapi-ws",
        answers=[ws(PARLAY, "[" * 100_000, '{"type":' * 5000, parlay(-102))],
        flags=ONE,
        prints=[-102],
        told=["notice unreadable"],
    ),
    Row(
        id="an-unknown-type",
        does="sends a message of a type that nobody knows",
        ask="parlayapi-ws",
        answers=[ws(PARLAY, '{"type":"weather","data":"rain"}', "17", "[]", '"x"', "null", parlay(-102))],
        flags=ONE,
        prints=[-102],
        told=["notice unknown"],
    ),
    Row(
        id="boltodds-error-for-an-ack",
        does="answers the key with an error",
        ask="boltodds",
        code=4,
        says=["refused the key: Invalid API key"],
        answers=[ws('{"action":"error","message":"Invalid API key"}')],
    ),
    Row(
        id="boltodds-error-without-an-action",
        does="answers the key with an error in another form",
        ask="boltodds",
        code=4,
        says=["refused the key"],
        answers=[ws('{"error":"Invalid token"}')],
    ),
    Row(
        id="boltodds-error-with-orders-for-the-terminal",
        does="says that it closes, with escape sequences",
        ask="boltodds",
        says=["connect again"],
        answers=[
            ws(json.dumps({"error": "connection closed. Please connect again \x1b]0;owned\x07"}), close=(1000, ""))
        ],
        flags=("--for", "500ms"),
        code=3,
        told=["gap"],
    ),
    Row(
        id="boltodds-binary-and-arrays",
        does="sends several messages in one, and as bytes",
        ask="boltodds",
        answers=[ws(f"[{BOLT}]", wire(Opcode.BINARY, json.dumps([{"action": "ping"}, bolt("+145")]).encode()), hear=1)],
        flags=ONE,
        prints=[145],
        opaque=True,
    ),
    Row(
        id="rapidodds-out-of-credits",
        does="runs out of credits, and goes on",
        ask="rapidodds",
        says=["Not enough credits", "1 credit"],
        answers=[ws(RAPID, '{"event":"error","message":"Not enough credits"}', rapid(1.5), hear=1)],
        flags=ONE,
        prints=[-200],
        opaque=True,
        told=["notice credits-out", "gap"],
    ),
    Row(
        id="rapidodds-out-of-credits-and-nothing-else",
        does="runs out of credits, and says nothing more",
        ask="rapidodds",
        says=["Not enough credits"],
        answers=[ws(RAPID, '{"event":"error","message":"Not enough credits"}', hear=1)],
        flags=("--for", "1500ms"),
        told=["notice credits-out", "gap"],
        also=no_odds,
    ),
    Row(
        id="an-ack-and-no-more",
        does="accepts the upgrade, and never greets",
        ask="boltodds",
        code=3,
        says=["no "],
        answers=[ws()],
        flags=(*NONE, "--max-silence", "1s"),
    ),
]

ROWS: list[Row] = [*CLOSES, *FRAMES, *MESSAGES]
