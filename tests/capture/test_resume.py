"""`--resume` against a provider that replays from the cursor on, that one included: what is missed, what comes twice."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

from tests.e2e.support import ASK, ENV, KEYS, Peer, Running, Server, sse, until
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


def ids(folder: Path) -> list[int]:
    """The entries that were told, in order."""
    (path,) = folder.rglob("*.ndjson*")
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [int(one["id"][2:]) for one in records if one["type"] == "quote"]


def marked(folder: Path) -> int:
    """The cursor that is kept for the next run; -1 for none."""
    found = list(folder.rglob("*.json"))
    return int(json.loads(found[0].read_text())["cursor"][2:]) if found else -1


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
