"""What is compressed: streams and error pages in members, stacked, broken or in a coding that nobody asked for."""

from __future__ import annotations

import gzip
import zlib

from tests.faults.peer import reply, sse
from tests.faults.stage import ONE, THREE, Row
from tests.faults.stream_rows import BROKEN, ON
from tests.faults.wires import CONNECTED, odds

ROWS = [
    *[
        Row(
            id=id,
            does=does,
            answers=[
                sse(pack(CONNECTED), *[pack(odds(price)) for price in (-101, -102, -103)], Content_Encoding=coding)
            ],
            flags=THREE,
            prints=[-101, -102, -103],
            opaque=True,
        )
        for id, does, coding, pack in (
            ("gzip-members", "packs each event as a gzip member of its own", "gzip", gzip.compress),
            (
                "gzip-members-padded",
                "pads each gzip member with zeros",
                "gzip",
                lambda data: gzip.compress(data) + bytes(9),
            ),
            ("deflate-members", "packs each event as a zlib stream of its own", "deflate", zlib.compress),
            (
                "gzip-twice-members",
                "packs each event twice",
                "gzip, gzip",
                lambda data: gzip.compress(gzip.compress(data)),
            ),
        )
    ],
    Row(
        id="deflate-raw",
        does="packs the stream as raw deflate, as many servers do",
        answers=[sse(zlib.compress(CONNECTED + odds(-101), wbits=-15), Content_Encoding="deflate")],
        flags=ONE,
        prints=[-101],
        opaque=True,
    ),
    Row(
        id="gzip-member-then-plain",
        does="packs one event and sends the next as it is",
        says=["broken gzip", "gap of"],
        answers=[sse(gzip.compress(CONNECTED + odds(-101)), odds(-102), Content_Encoding="gzip"), ON],
        opaque=True,
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="gzip-member-truncated",
        does="ends the connection in the middle of a gzip member",
        says=["in the middle of an event", "gap of"],
        answers=[
            sse(
                gzip.compress(CONNECTED + odds(-101)),
                gzip.compress(odds(-102))[:-4],
                hold=False,
                Content_Encoding="gzip",
            ),
            ON,
        ],
        opaque=True,
        **{**BROKEN, "flags": THREE, "prints": [-101, -102, -103], "lost": []},
    ),
    Row(
        id="gzip-member-wrong-checksum",
        does="sends a gzip member whose checksum is wrong",
        says=["broken gzip", "gap of"],
        answers=[
            sse(
                gzip.compress(CONNECTED + odds(-101)),
                gzip.compress(odds(-102))[:-8] + bytes(8),
                Content_Encoding="gzip",
            ),
            ON,
        ],
        opaque=True,
        **{**BROKEN, "lost": []},
    ),
    Row(
        id="400-packed-in-members",
        does="answers with an error page of two gzip members",
        code=9,
        says=["400 Bad Request: no such league"],
        answers=[
            reply(
                "400 Bad Request",
                gzip.compress(b"no such") + gzip.compress(b" league"),
                "text/plain",
                Content_Encoding="gzip",
            )
        ],
    ),
    Row(
        id="400-brotli-unasked",
        does="answers with an error page in a coding that nobody asked for",
        code=9,
        says=["400 Bad Request: the answer has the content coding br, which was not requested"],
        answers=[reply("400 Bad Request", b"\x0b\x02\x80", "text/plain", Content_Encoding="br")],
    ),
]
