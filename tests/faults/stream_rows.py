"""What an event stream brings, and how it ends."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import Any

from tests.faults.peer import Answer, Peer, chunked, drip, head, pour, sse
from tests.faults.stage import NONE, ONE, SMALL, THREE, TWO, Outcome, Row
from tests.faults.wires import CONNECTED, PING, event, jam, odds, row

#: A link that breaks after its first price, and one that goes on with the third: the second was never told whole.
ON = sse(CONNECTED, odds(-103))
BROKEN: dict[str, Any] = {"flags": TWO, "requests": 2, "prints": [-101, -103], "lost": [-102], "told": ["lost", "gap"]}
SILENT = (*TWO, "--max-silence", "1s")


def steadily(count: int, each: int) -> Answer:
    """So many events, `each` of them a hundredth of a second: 10,000 a second for 100."""

    async def answer(peer: Peer) -> None:
        await peer.send(head(), CONNECTED)
        for start in range(0, count, each):
            await peer.send(b"".join(odds(100 + nth) for nth in range(start, start + each)))
            await asyncio.sleep(0.01)
        await peer.hold()

    return answer


async def gzip_bomb(peer: Peer) -> None:
    """A gzip member that begins well and swells a thousandfold."""
    packer = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    await peer.send(head(Content_Encoding="gzip"), packer.compress(CONNECTED + b"data: "))
    for _ in range(80):
        if not await peer.send(packer.compress(b"x" * (1 << 20))):
            return
    await peer.hold()


ENDS = [
    Row(
        id="ends-between-events",
        does="ends the stream well",
        says=["the server ended the stream", "gap of"],
        answers=[sse(CONNECTED, odds(-101), hold=False), ON],
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="ends-mid-event",
        does="ends the stream between two lines of an event",
        says=["in the middle of an event"],
        answers=[sse(CONNECTED, odds(-101), odds(-102)[:-1], hold=False), ON],
        **BROKEN,
    ),
    Row(
        id="ends-mid-character",
        does="ends the stream inside a UTF-8 character",
        says=["in the middle of an event"],
        answers=[
            sse(CONNECTED, odds(-101), odds(-102).partition(b"Boston")[0] + b"M\xc3", hold=False),
            ON,
        ],
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="ends-mid-chunk",
        does="hangs up inside an HTTP chunk",
        says=["cut the connection in the middle of the stream"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"ffff\r\n" + odds(-102)[:-9]), ON],
        **BROKEN,
    ),
    Row(
        id="ends-mid-chunk-size",
        does="hangs up inside the size of a chunk",
        says=["cut the connection in the middle of the stream"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"ff"), ON],
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="ends-between-chunks",
        does="hangs up where the next chunk would begin",
        says=["cut the connection in the middle of the stream"],
        answers=[chunked(CONNECTED, odds(-101)), ON],
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="a-whole-event-in-half-a-chunk",
        does="hangs up inside a chunk, after a whole event in it",
        says=["cut the connection in the middle of the stream"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"ffff\r\n" + odds(-102)), ON],
        flags=THREE,
        requests=2,
        prints=[-101, -102, -103],
        told=["gap"],
    ),
    Row(
        id="last-chunk",
        does="ends the stream with the last chunk, as HTTP wants it",
        says=["the server ended the stream"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"0\r\n\r\n"), ON],
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="a-chunk-size-that-is-none",
        does="sends a chunk size that is no number",
        says=["gap of"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"zz\r\n" + odds(-102)), ON],
        **BROKEN,
    ),
    Row(
        id="a-reset-mid-stream",
        does="resets in the middle of the stream",
        says=["reset"],
        answers=[chunked(CONNECTED, odds(-101), cut=b"ffff\r\n" + odds(-102)[:-9], rst=True), ON],
        **BROKEN,
    ),
    Row(
        id="half-open",
        does="vanishes without a FIN",
        says=["no byte for 1 s", "gap of"],
        answers=[sse(CONNECTED, odds(-101)), ON],
        **{**BROKEN, "lost": [], "flags": SILENT},
    ),
    Row(
        id="stalls-mid-event",
        does="stops in the middle of an event",
        says=["no byte for 1 s", "gap of"],
        answers=[sse(CONNECTED, odds(-101), odds(-102)[:-1]), ON],
        **{**BROKEN, "flags": SILENT},
    ),
    Row(
        id="beats-and-stops",
        does="sends heartbeats, and then none for longer than three of them",
        says=["no byte for 1 s"],
        answers=[sse(CONNECTED, odds(-101), *[PING] * 8, pause=0.2), ON],
        **{**BROKEN, "lost": [], "flags": SILENT},
    ),
    Row(
        id="comments-keep-it-alive",
        does="sends nothing but comments for longer than the silence that is borne",
        answers=[sse(CONNECTED, *[b": keep-alive\n\n"] * 8, odds(-101), pause=0.2)],
        flags=(*ONE, "--max-silence", "1s"),
        prints=[-101],
        told=["opened"],
    ),
    Row(
        id="nothing-but-comments",
        does="accepts, and sends comments but no greeting",
        says=["no greeting within"],
        answers=[sse(*[b": \n"] * 40, pause=0.1), ON],
        flags=(*ONE, "--max-silence", "1s"),
        requests=2,
        prints=[-103],
        told=["gap"],
    ),
    Row(
        id="accepts-and-drops",
        does="accepts, and hangs up before a byte of the stream, again and again",
        code=3,
        says=["(4 tries)"],
        answers=[sse(hold=False)],
        flags=("--retries", "3"),
        requests=4,
        told=["notice gave-up"],
    ),
    Row(
        id="greets-and-drops",
        does="greets and hangs up, again and again: met ever more seldom, though each connect succeeds",
        code=3,
        says=["(4 tries)"],
        answers=[sse(CONNECTED, hold=False)],
        flags=("--retries", "3"),
        requests=4,
        told=["gap"],
        also=lambda outcome: _ever_later(outcome),
    ),
    Row(
        id="drips",
        does="sends seven bytes at a time",
        answers=[drip(CONNECTED + odds(-101) + odds(-102), 0.005)],
        flags=TWO,
        prints=[-101, -102],
    ),
]


def _ever_later(outcome: Outcome) -> None:
    first, second, third, fourth = outcome.times
    assert second - first >= 0.25
    assert third - second >= 0.5
    assert fourth - third >= 1.0


FORM = [
    Row(id="lf", does="ends lines with LF", answers=[sse(CONNECTED, odds(-101))], flags=ONE, prints=[-101]),
    Row(
        id="crlf",
        does="ends lines with CR LF",
        answers=[sse((CONNECTED + odds(-101)).replace(b"\n", b"\r\n"))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="cr",
        does="ends lines with CR",
        answers=[sse((CONNECTED + odds(-101)).replace(b"\n", b"\r"))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="bom",
        does="begins with a byte order mark",
        answers=[sse(b"\xef\xbb", b"\xbf" + CONNECTED, odds(-101), pause=0.05)],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="gzip-unasked",
        does="packs the stream though nobody asked",
        answers=[sse(gzip.compress(CONNECTED + odds(-101)), Content_Encoding="gzip")],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="gzip-broken",
        does="packs the stream, and breaks it",
        code=9,
        says=["broken gzip"],
        answers=[sse(b"\x1f\x8b\x08\x00nonsense that is no gzip at all", Content_Encoding="gzip")],
        flags=NONE,
    ),
    Row(
        id="gzip-bomb",
        does="packs a line of 80 MiB into some kilobytes",
        code=9,
        says=["--max-frame"],
        answers=[gzip_bomb],
        flags=NONE,
        opaque=True,
        told=["gap"],
    ),
    Row(
        id="several-data-lines",
        does="breaks the JSON over several data lines, as the standard allows",
        answers=[sse(CONNECTED, odds(-101).replace(b'"data": [', b'"data": [\ndata: '))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="ids-with-nul",
        does="numbers its events with what is no id, and with what no header can carry",
        answers=[sse(CONNECTED, odds(-101, entry="1\x002"), odds(-102, entry="\u2026 \x0b"), hold=False), ON],
        says=["cursor"],
        flags=THREE,
        requests=2,
        prints=[-101, -102, -103],
        told=["gap", "notice cursor"],
    ),
    *[
        Row(
            id=f"retry-{name}",
            does=f"asks for a reconnect after {value!r}",
            says=["gap of"],
            answers=[sse(CONNECTED.replace(b"10", value), odds(-101).replace(b"retry: 10\n", b""), hold=False), ON],
            also=lambda outcome, least=least: _waited(outcome, least),  # type: ignore[misc]
            hurry=hurry,
            **{**BROKEN, "lost": []},
        )
        for name, value, least, hurry in (
            ("0", b"0", 0.25, 0),
            ("negative", b"-5", 0.25, 0),
            ("words", b"soon", 0.25, 0),
            ("empty", b"", 0.25, 0),
            ("fraction", b"1.5", 0.25, 0),
            ("1500", b"1500", 1.5, 0),
            ("of-centuries", b"99999999999999999999", 0.03, 1000),
            ("of-5000-digits", b"9" * 5000, 0.03, 1000),
        )
    ],
    Row(
        id="an-unknown-event",
        does="sends an event that nobody knows",
        answers=[sse(CONNECTED, event('{"data": "rain"}', name="weather"), odds(-101))],
        flags=ONE,
        prints=[-101],
        told=["notice unknown"],
    ),
    Row(
        id="unknown-fields",
        does="adds fields that nobody knows, everywhere",
        answers=[sse(CONNECTED, b"weather: rain\n" + odds(-101, mood={"a": [1]}, new=None))],
        flags=ONE,
        prints=[-101],
    ),
]


def _waited(outcome: Outcome, least: float) -> None:
    assert least <= outcome.times[1] - outcome.times[0] < least + 10


SIZE = [
    Row(
        id="an-endless-line",
        does="sends a line without an end",
        code=9,
        says=["--max-frame"],
        answers=[pour(CONNECTED, b"data: ", b"x" * 65536)],
        flags=SMALL,
        opaque=True,
        told=["gap"],
    ),
    Row(
        id="an-endless-event",
        does="sends an event without an end, in short lines",
        code=9,
        says=["--max-frame"],
        answers=[pour(CONNECTED, b"data: x\n" * 1000)],
        flags=SMALL,
        opaque=True,
        told=["gap"],
    ),
    Row(
        id="65-mib",
        does="sends an event that is larger than what is borne",
        code=9,
        says=["an event of at least", "where 67108864 are allowed", "--max-frame"],
        answers=[sse(CONNECTED, odds(-101), *[b"data: " + b"x" * (13 << 20) + b"\n"] * 5)],
        flags=NONE,
        prints=[-101],
        told=["gap"],
    ),
    Row(
        id="40-mib",
        does="sends an event of 40 MiB",
        answers=[sse(CONNECTED, odds(-101, pad="x" * (40 << 20)))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="10000-a-second",
        does="sends 10,000 events in a second",
        answers=[steadily(10_000, 100)],
        flags=("-c", "10000"),
        prints=[float(100 + nth) for nth in range(10_000)],
    ),
]

#: What stands in the place of every field in turn: none of it may cost the frame after it.
WRONG: list[object] = [None, True, 1e308, 10**30, "", "x" * 2000, "\ud800", [], {}, [[]], {"": None}]


def wrong_everywhere() -> bytes:
    """Each field of an odd in turn, with each of the wrong types. The price itself is no number, or is left alone."""
    out = []
    for name in row():
        for value in WRONG:
            price = -101 if name != "price" else value
            body = json.dumps({"data": [{**row(-101), name: value, "price": price}]})
            out.append(event(body))
    return b"".join(out)


def no_price_but(*allowed: float) -> Any:
    def check(outcome: Outcome) -> None:
        for record in outcome.ran.of("quote"):
            assert record["american"] is None or record["american"] in allowed, record

    return check


BODIES = [
    Row(
        id="garbage",
        does="sends what is no JSON between two good events",
        says=["cannot be read", "<html>"],
        answers=[sse(CONNECTED, odds(-101), event("<html>"), event(""), event("{"), odds(-102))],
        flags=TWO,
        prints=[-101, -102],
        told=["notice unreadable"],
    ),
    Row(
        id="not-utf-8",
        does="sends an event that is no UTF-8",
        says=["cannot be read"],
        answers=[sse(CONNECTED, odds(-101), odds(-102, selection="X").replace(b'"X"', b'"\xff\xfe"'), odds(-103))],
        flags=TWO,
        prints=[-101, -103],
        lost=[-102],
        told=["notice unreadable"],
    ),
    Row(
        id="nan",
        does="writes NaN and Infinity where numbers are due",
        answers=[sse(CONNECTED, odds(float("nan"), points=float("inf"), entry="1"), odds(-102))],
        flags=TWO,
        prints=[None, -102],
        told=["notice unreadable"],
    ),
    Row(
        id="huge-integers",
        does="writes numbers that no float holds",
        says=["cannot be read"],
        answers=[
            sse(
                CONNECTED,
                event(
                    b'{"data":['
                    + json.dumps(row(0)).encode().replace(b'"price": 0', b'"price": ' + b"1" + b"0" * 400)
                    + b"]}"
                ),
                odds(-102),
            )
        ],
        flags=ONE,
        prints=[-102],
        told=["notice unreadable"],
        opaque=True,
    ),
    Row(
        id="an-absurd-price",
        does="sends a price that is a word",
        says=["cannot be read"],
        answers=[sse(CONNECTED, odds("EVENISH", entry="1"), odds(-102))],
        flags=TWO,
        prints=[None, -102],
        told=["notice unreadable"],
    ),
    Row(
        id="deep-nesting",
        does="nests 100,000 deep",
        says=["cannot be read"],
        answers=[sse(CONNECTED, event("[" * 100_000), event('{"data":' + "[" * 900 + "]" * 900 + "}"), odds(-102))],
        flags=ONE,
        prints=[-102],
        told=["notice unreadable"],
    ),
    Row(
        id="duplicate-keys",
        does="names the price twice in one odd",
        answers=[sse(CONNECTED, odds(-101).replace(b'"price": -101', b'"price": -250, "price": -101'))],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="wrong-types-everywhere",
        does="sends each field in turn with each of the wrong types, and then a good odd",
        answers=[sse(CONNECTED, wrong_everywhere(), odds(-102, entry="9"))],
        flags=("--for", "2s"),
        opaque=True,
        also=no_price_but(-101, -102),
        prints=None,
    ),
    Row(
        id="one-bad-odd-among-good-ones",
        does="sends three odds in one event, the middle one broken",
        answers=[sse(CONNECTED, event(json.dumps({"data": [row(-101), None, row(-102)]})))],
        flags=TWO,
        prints=[-101, -102],
    ),
    Row(
        id="names-that-break-lines",
        does="puts line separators, escapes and half a surrogate into a name",
        answers=[sse(CONNECTED, odds(-101, selection="a\u2028b\u0085c\x1b[2J\ud83c"))],
        flags=ONE,
        prints=[-101],
    ),
    Row(
        id="the-same-entry-twice",
        does="sends one entry twice",
        says=["1 dropped double"],
        answers=[sse(CONNECTED, odds(-101), odds(-101), odds(-102))],
        flags=TWO,
        prints=[-101, -102],
    ),
    Row(
        id="out-of-order",
        does="sends entries out of order: each is told, in the order that it came",
        answers=[sse(CONNECTED, odds(-103, entry="3"), odds(-101, entry="1"), odds(-102, entry="2"))],
        flags=THREE,
        prints=[-103, -101, -102],
    ),
]


def asks_after(*cursors: bytes | None) -> Any:
    """Each connection's cursor, None for one that asks for none; the key comes with each."""

    def check(outcome: Outcome) -> None:
        for cursor, asked in zip(cursors, outcome.heads, strict=True):
            assert (b"last_entry_id" in asked) == (cursor is not None), asked
            assert cursor is None or b"last_entry_id=" + cursor in asked
            assert b"k-secret" in asked

    return check


def resumed(*told: str) -> Any:
    def check(outcome: Outcome) -> None:
        assert [gap["resumed"] for gap in outcome.ran.of("gap")] == list(told)

    return check


def both(*checks: Any) -> Any:
    return lambda outcome: [check(outcome) for check in checks]


RESUMED = [
    Row(
        id="resumes-at-the-cursor",
        does="breaks off, and is asked for what came after the last entry: it may replay, and is not said to",
        answers=[sse(CONNECTED, odds(-101, entry="17-3"), hold=False), sse(CONNECTED, odds(-102, entry="17-4"))],
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["gap"],
        also=both(asks_after(None, b"17-3"), resumed("unknown")),
    ),
    Row(
        id="replays",
        does="breaks off, and replays what was missed and what was not",
        ask="oddsjam",
        says=["1 dropped double"],
        answers=[sse(CONNECTED, jam(-101), jam(-102), hold=False), sse(CONNECTED, jam(-102), jam(-103))],
        flags=THREE,
        requests=2,
        prints=[-101, -102, -103],
        told=["gap"],
        also=both(asks_after(None, b"17368206700-102-0"), resumed("yes")),
    ),
    Row(
        id="half-an-event-is-not-resumed-after",
        does="breaks off inside an event with an entry: the cursor is the one before it",
        ask="oddsjam",
        answers=[sse(CONNECTED, jam(-101), jam(-102)[:-1], hold=False), sse(CONNECTED, jam(-102))],
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["gap"],
        also=both(asks_after(None, b"17368206700-101-0"), resumed("yes")),
    ),
]

ROWS: list[Row] = [*ENDS, *FORM, *SIZE, *BODIES, *RESUMED]
