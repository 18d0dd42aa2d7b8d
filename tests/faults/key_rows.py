"""A key that every encoder changes, thrown back at us in every form."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping
from urllib.parse import quote

from tests.faults.peer import Answer, reply, sse
from tests.faults.stage import ONE, Outcome, Row
from tests.faults.wires import CONNECTED, event, odds

#: A key that every encoder changes.
ODD_KEY = 'k-odd"secret\\0123<4567&89%2F+x'


def no_odd_key(outcome: Outcome) -> None:
    """None of the letters of the key is anywhere, however it was written."""
    files = [path for path in outcome.folder.rglob("*") if path.is_file()]
    data = {str(path): path.read_bytes() for path in files}
    data = {path: gzip.decompress(some) if some[:2] == b"\x1f\x8b" else some for path, some in data.items()}
    no_trace({**data, "stdout": outcome.ran.out, "stderr": outcome.ran.err.encode()})


def no_trace(haystacks: Mapping[str, bytes]) -> None:
    """None of the letters of the key is in any of these."""
    inner = base64.b64encode(b"r:" + ODD_KEY.encode())[4:-4]
    for name, some in haystacks.items():
        for trace in (b"k-odd", b"0123<4567", b"4567&", b"K-ODD", b"secret\\", inner, b"k-odd".hex().encode()):
            assert trace not in some, (name, trace)


FORMS = {
    "as-it-is": ODD_KEY,
    "html": html.escape(ODD_KEY),
    "quoted": quote(ODD_KEY, safe=""),
    "json": json.dumps(ODD_KEY),
    "unicode": ODD_KEY.replace('"', "\\u0022").replace("/", "\\/"),
    "basic": base64.b64encode(f"user:{ODD_KEY}".encode()).decode(),
    "hex": ODD_KEY.encode().hex(),
}


def events(form: str) -> bytes:
    """The key in an error, in an unknown event, in a frame that is not JSON, and in a market's name."""
    return CONNECTED + b"".join(
        (
            event(json.dumps({"message": f"bad: {form}"}), name="error"),
            event(json.dumps({"note": form}), name="weather"),
            event(f"no JSON, but {form}"),
            odds(-110, market=f"Point Spread {form}"),
        )
    )


def thrown_back(form: str) -> Answer:
    """A stream of those."""
    return sse(events(form))


ROWS = [
    Row(
        id="odd-key-in-the-content-type",
        does="repeats a key of odd characters in the Content-Type of a page",
        code=9,
        env={"OPTICODDS_API_KEY": ODD_KEY},
        says=["instead of text/event-stream"],
        answers=[reply("200 OK", "no", f'text/{ODD_KEY}; x="{ODD_KEY.upper()}"')],
        also=lambda outcome: no_odd_key(outcome),
    ),
    *[
        Row(
            id=f"odd-key-{id}",
            does=f"repeats a key of odd characters in events: {id}",
            env={"OPTICODDS_API_KEY": ODD_KEY},
            flags=ONE,
            answers=[thrown_back(form)],
            prints=[-110],
            opaque=True,
            also=lambda outcome: no_odd_key(outcome),
        )
        for id, form in FORMS.items()
    ],
]
