"""`--resume` against a provider that replays from the cursor on, that one included: what is missed, what comes twice."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ASK, ENV, KEYS, Peer, Running, Server, reply, sse, until
from tests.faults.wires import CONNECTED, odds

OPTIC = (*ASK["opticodds"], "-o", "none", "--resume")


def numbered(peer: Peer) -> None:
    """Entries 1-0, 1-1 ... for ever, from the one on that a cursor names."""
    asked = re.search(rb"last_entry_id=1-(\d+)", peer.head)
    n = int(asked[1]) if asked else 0
    sse(CONNECTED, hold=False)(peer)
    while peer.send(b"".join(odds(-100 - at % 50, entry=f"1-{at}") for at in range(n, n + 20))):
        n += 20
        time.sleep(0.02)


def told(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The records of one type, in order."""
    (path,) = folder.rglob("*.ndjson*")
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [one for one in records if one["type"] == kind]


def ids(folder: Path) -> list[int]:
    """The entries that were told, in order."""
    return [int(one["id"][2:]) for one in told(folder, "quote")]


def marked(folder: Path) -> int:
    """The cursor that is kept for the next run; -1 for none."""
    found = list(folder.rglob("*.json"))
    cursor = json.loads(found[0].read_text())["cursor"] if found else None
    return -1 if cursor is None else int(cursor[2:])


def moved(folder: Path, before: int) -> bool:
    """Whether another cursor is kept."""
    return marked(folder) not in (-1, before)


def captured(url: str, folder: Path, state: Path, number: signal.Signals) -> None:
    """A run that is ended once the bookmark moved."""
    env = {**ENV, **KEYS, "XDG_STATE_HOME": str(state)}
    before = marked(state)
    with Running(*OPTIC, "--base-url", url, "-w", f"{folder}/", env=env) as running:
        until(lambda: marked(state) > before)
        running.end(number)


def test_a_clean_end_and_a_resume_tell_every_entry_once(tmp_path: Path) -> None:
    with Server([numbered]) as server:
        for name in ("a", "b"):
            captured(server.url, tmp_path / name, tmp_path / "state", signal.SIGTERM)
    told = [*ids(tmp_path / "a"), *ids(tmp_path / "b")]
    assert told == list(range(len(told)))
    assert marked(tmp_path / "state") == told[-1]


def test_a_kill_and_a_resume_miss_nothing_and_what_comes_twice_came_after_the_bookmark(tmp_path: Path) -> None:
    with Server([numbered]) as server:
        captured(server.url, tmp_path / "a", tmp_path / "state", signal.SIGKILL)
        mark = marked(tmp_path / "state")
        captured(server.url, tmp_path / "b", tmp_path / "state", signal.SIGTERM)
    first, second = ids(tmp_path / "a"), ids(tmp_path / "b")
    assert first == list(range(len(first)))
    assert second == list(range(mark + 1, mark + 1 + len(second)))
    assert first[-1] >= mark


def test_a_refused_checkpoint_is_replaced(tmp_path: Path) -> None:
    """A cursor that the provider has forgotten costs a gap and a snapshot, and no run after this one."""
    forgets = threading.Event()
    paths: list[bytes] = []

    def forgetful(peer: Peer) -> None:
        path = peer.head.split(b" ")[1]
        paths.append(path)
        if b"/stream/" not in path:
            reply("200 OK", '{"data": []}')(peer)
        elif b"last_entry_id" in path and forgets.is_set():
            reply("410 Gone", '{"error": "entry too old"}')(peer)
        else:
            numbered(peer)

    state = tmp_path / "state"
    flags = [flag for flag in OPTIC if flag != "--no-snapshot"]
    with Server([forgetful]) as server:
        for name in ("a", "b", "c"):
            env = {**ENV, **KEYS, "XDG_STATE_HOME": str(state), "XDG_CACHE_HOME": str(tmp_path / "cache")}
            before = marked(state)
            with Running(*flags, "--base-url", server.url, "-w", f"{tmp_path / name}/", env=env) as running:
                until(partial(moved, state, before))
                ran = running.end(signal.SIGTERM)
            if name == "a":
                forgets.set()
            if name == "b":
                forgets.clear()
                assert "asking again without the place to resume after" in ran.err
        gaps = [gap for name in ("b", "c") for gap in told(tmp_path / name, "gap")]
    assert [(gap["cause"], gap["resumed"]) for gap in gaps] == [("not running", "no"), ("not running", "unknown")]
    streams = [b"last_entry_id" in path for path in paths if b"/stream/" in path]
    assert streams == [False, True, False, True]
    # The current prices are asked for after each link that replays nothing for certain.
    refused = next(nth for nth, path in enumerate(paths) if b"last_entry_id" in path)
    assert any(b"/stream/" not in path for path in paths[refused:])


@pytest.mark.parametrize(
    "kept",
    [
        '{"cursor": "a\\nb", "heard_us": 1}',
        '{"cursor": "1-5", "heard_us": 1e999}',
        '{"cursor": "1-5", "heard_us": -99999999999999999999999}',
        '{"cursor": "1-5", "heard_us": 99999999999999999999999}',
        '{"cursor": ["1-5"], "heard_us": null}',
        "[" * 100_000,
        "\x00\xff",
        "",
    ],
    ids=["control", "infinite", "long-ago", "far-ahead", "null", "nested", "nul", "empty"],
)
def test_a_checkpoint_that_cannot_be_read_is_replaced(tmp_path: Path, kept: str) -> None:
    state = tmp_path / "state"
    with Server([numbered]) as server:
        captured(server.url, tmp_path / "a", state, signal.SIGTERM)
        (path,) = state.rglob("*.json")
        path.write_text(kept)
        env = {**ENV, **KEYS, "XDG_STATE_HOME": str(state)}
        with Running(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path / 'b'}/", env=env) as running:
            until(lambda: kept != path.read_text() and marked(state) > 0)
            ran = running.end(signal.SIGTERM)
    assert ran.code == 143
    assert "bug" not in ran.err
