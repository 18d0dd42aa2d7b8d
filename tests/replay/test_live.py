"""A folder of captures that is read while a run writes into it: rotates, closes, packs and deletes."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.e2e.support import ENV, Running, run, until

#: What is not whole of a run that goes on, and nothing else.
OPEN = (
    "not closed: its run goes on",
    "the run has no end: it was killed, goes on",
    "the last line is torn (",
    "there is no whole line in it",
)


def test_what_a_run_writes_is_read_while_it_does(tmp_path: Path) -> None:
    records, tapes = tmp_path / "records", tmp_path / "tapes"
    keeps = ("-w", f"{records}/", "--tape", f"{tapes}/", "--rotate", "1s", "--compress", "gzip")
    flags = ("demo", "-p", "opticodds", "--rate", "60", "-o", "none", "-q", *keeps)
    with Running(*flags, env=ENV) as running:
        for folder in (records, tapes):
            until(lambda folder=folder: list(folder.rglob("*.gz")) and list(folder.rglob("*.part")))  # type: ignore[misc]
        for folder in (records, tapes):
            told = run("replay", str(folder), "--json", env=ENV)
            assert (told.code, "Traceback" in told.err) == (0, False), told.err
            # Every record once, in order, from the first on: what was closed meanwhile is neither missed nor told twice.
            assert [one["seq"] for one in told.records] == list(range(1, len(told.records) + 1))
            assert told.of("quote")
            assert not told.of("gap")
            checked = run("verify", str(folder), env=ENV)
            said = [json.loads(line) for line in checked.out.splitlines()]
            problems = [problem for one in said[:-1] for problem in one.get("problems", ())]
            assert checked.code == 6
            assert not [problem for problem in problems if not problem.startswith(OPEN)], problems
        assert running.end(signal.SIGTERM).code == 143
    for folder in (records, tapes):
        # What was not packed in time lies there plain.
        assert run("verify", str(folder), env=ENV).code == 0
