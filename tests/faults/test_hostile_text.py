"""Orders for a terminal, markup, line ends and what reorders text, in every string that a vendor can send.

What is bent are the messages of `tests/test_every_provider.py`: each string of each, one at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import checked
from tests.faults.peer import Answer, sse, ws
from tests.faults.stage import Outcome, Row, Stage, keeping, no_secret, under_way
from tests.faults.wires import BOLT, CONNECTED, PARLAY, RAPID, bolt, event, jam, odds, parlay, rapid
from tests.test_every_provider import STREAMS, bent, node, paths

#: Colour, clipboard (OSC 52), a link (OSC 8), a title, bidi, zero width, Rich markup, line ends, NUL, C1, half a pair.
EVIL = (
    "\x1b[5;45mE\x1b]52;c;aGk=\x07\x1b]8;;http://evil.example\x1b\\x\x1b]0;owned\x07\u202er\u2066\u200b"
    "[bold red]m[/nope]\r\nforged line\x00\x85\u2028\u2029\x9b2J\ud800../../etc/\N{FULLWIDTH SOLIDUS}"
)
#: What may not reach a terminal, whatever it is put into.
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
#: What a screen is drawn with: places, colours, modes.
_DRAWN = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\([B0]|[=>78M]|\]8;;(?:https://example\.invalid/)?\x1b\\)")
_LINE = re.compile(r"\d\d:\d\d:\d\d")


def bent_everywhere(name: str) -> Iterator[tuple[str, Any]]:
    """Each message of a stream with one string of it replaced, and with one name of a field that is a name."""
    for kind, body in STREAMS[name][1]:
        for path in paths(body):
            value = node(body, path)
            if isinstance(value, str):
                yield kind, bent(body, path, EVIL)
            elif isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
                yield kind, bent(body, path, {f"{EVIL}{key}": inner for key, inner in value.items()})


def events(name: str) -> bytes:
    """Over SSE: the names and ids of events, too, and what is no JSON."""
    plain = EVIL.replace("\r\n", "").replace("\x00", "").encode("utf-8", "replace")
    out = [event(json.dumps(body), name=kind) for kind, body in bent_everywhere(name)]
    return b"".join([*out, b"event: %b\nid: %b\ndata: {}\n\n" % (plain, plain), event(b"<html>" + plain)])


def messages(name: str) -> list[str | bytes]:
    """Over a WebSocket."""
    return [
        *[json.dumps(body) for _, body in bent_everywhere(name)],
        "<html>" + EVIL.encode("utf-8", "replace").decode(),
    ]


def answer(name: str) -> Answer:
    """Everything bent, and then one good price: what follows is told as if nothing had been."""
    match name:
        case "opticodds":
            return sse(
                CONNECTED, events("opticodds"), odds(-12345, entry="x"), odds(-12345, entry="y", sportsbook=EVIL)
            )
        case "oddsjam":
            return sse(CONNECTED, events("oddsjam"), jam(-12345, entry="x"))
        case "parlayapi-ws":
            return ws(PARLAY, *messages("parlayapi"), parlay(-12345))
        case "rapidodds":
            return ws(RAPID, *messages("rapidodds"), rapid(1.01), hear=1)
        case _:
            return ws(BOLT, *messages("boltodds"), json.dumps(bolt("-12345")), hear=1)


def split(folder: Path) -> list[str]:
    """A file for each game: their names are the vendor's."""
    return [
        "-w",
        f"{folder}/kept/{{label}}/{{split}}-{{part}}.ndjson",
        "--split",
        "game",
        "--tape",
        f"{folder}/t.ndjson",
    ]


#: The price that comes last, in each form that it is shown in.
LAST = re.compile(r"-12,?345|-10,?000")
WAYS: dict[str, dict[str, Any]] = {
    "json": {"output": ("--json",), "keeps": split},
    "lines": {"output": ("-o", "lines"), "keeps": keeping},
    "screen": {"output": ("-o", "table"), "terminal": True, "verbose": "-v"},
}
ROWS = [
    Row(id=f"{name}-{way}", does="bends every string", ask=name, answers=[answer(name)], flags=("--for", "2s"), **more)
    for name in ("opticodds", "oddsjam", "parlayapi-ws", "rapidodds", "boltodds")
    for way, more in WAYS.items()
]


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with under_way(request, tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.mark.parametrize("row", [row for row in ROWS if row.id.endswith("json")], ids=lambda row: row.id)
def test_records_and_names_of_files_are_plain(stage: Stage, row: Row) -> None:
    outcome = stage.outcome(row)
    assert outcome.ran.code == 0, outcome.ran.err
    records = checked(outcome.ran.out)
    assert [one for one in records if one["type"] == "quote" and one["american"] in (-12345, -10000)]
    # It was not just thrown away: a name that is evil is still a name, and is escaped.
    assert [one for one in records if "[bold red]" in json.dumps(one)]
    _on_stderr(outcome)
    kept = [path for path in (outcome.folder / "kept").rglob("*") if path.is_file()]
    assert len(kept) > 1
    for path in outcome.folder.rglob("*"):
        assert re.fullmatch(r"[\w.+/-]+", str(path.relative_to(outcome.folder)), re.ASCII), path
        if path.is_file():
            assert path.read_bytes().isascii()
    no_secret(outcome)


@pytest.mark.parametrize("row", [row for row in ROWS if row.id.endswith("lines")], ids=lambda row: row.id)
def test_lines_are_lines(stage: Stage, row: Row) -> None:
    outcome = stage.outcome(row)
    assert outcome.ran.code == 0, outcome.ran.err
    text = outcome.ran.out.decode()
    assert not _OBEYED.search(text)
    assert "\x1b" not in text
    assert "\r" not in text
    assert LAST.search(text)
    # No line but those that begin with a time: none was forged.
    assert all(_LINE.match(line) for line in text.splitlines())
    assert text.count("\n") == len(text.splitlines())
    _on_stderr(outcome)


@pytest.mark.parametrize("row", [row for row in ROWS if row.id.endswith("screen")], ids=lambda row: row.id)
def test_the_screen_is_drawn_by_nobody_else(stage: Stage, row: Row) -> None:
    outcome = stage.outcome(row)
    assert outcome.ran.code == 0, outcome.ran.out[-2000:]
    text = outcome.ran.out.decode()
    assert "Traceback" not in text
    assert "\x1b[5;45m" not in text
    drawn = _DRAWN.sub("", text)
    assert "\x1b" not in drawn, drawn[drawn.index("\x1b") - 40 :][:80]
    assert not _OBEYED.search(drawn)
    assert LAST.search(drawn)
    assert "[bold red]" in drawn or "␛[5;" in drawn


def _on_stderr(outcome: Outcome) -> None:
    assert not _OBEYED.search(outcome.ran.err)
    assert "\x1b" not in outcome.ran.err
    assert "\r" not in outcome.ran.err
    assert "Traceback" not in outcome.ran.err
    assert not re.search(r"^forged line", outcome.ran.err, re.MULTILINE)
