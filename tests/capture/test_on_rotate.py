"""`--on-rotate` commands that hang, leave others behind, or fail: packing goes on, and the end of a run is not held up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture import commands, store
from oddstail.capture.file import Unwritable
from oddstail.capture.mending import Found
from oddstail.capture.packing import pack
from oddstail.capture.rotation import rotation
from tests.capture.test_store import Stage, play
from tests.e2e.support import until


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[Path]:
    """Where a command says who it is, to be ended with the test."""
    path = tmp_path / "pids"
    yield path
    for pid in path.read_text().split() if path.exists() else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def hanging(pids: Path) -> tuple[str, ...]:
    return ("sh", "-c", f"echo $$ >> {pids}; exec sleep 600", "sh")


def test_packing_does_not_wait_for_a_command_that_hangs(tmp_path: Path, pids: Path) -> None:
    stage = Stage(tmp_path / "c", rotation=rotation("1h"), compress="gzip", on_rotate=hanging(pids))

    async def main() -> None:
        await stage.store.open()
        for number in range(4):
            stage.put(number)
            stage.store.rotate()
        await asyncio.to_thread(until, lambda: len(stage.paths("*/*.gz")) == 4)
        assert not stage.said
        hurry = asyncio.Event()
        hurry.set()
        since = time.monotonic()
        await stage.store.close(5, hurry=hurry)
        assert time.monotonic() - since < 2

    play(main)
    assert stage.store.failures == 1
    assert "--on-rotate sh: not waited for any longer; not done for " in stage.said[-1]
    assert stage.said[-1].endswith("and 4 more")
    # What runs is somebody's upload, perhaps: it is not cut off.
    (pid,) = pids.read_text().split()
    os.kill(int(pid), 0)


def test_the_last_file_is_packed_and_told_of_when_a_signal_ends_the_run(tmp_path: Path) -> None:
    told = tmp_path / "told"
    stage = Stage(tmp_path / "c", compress="gzip", on_rotate=("sh", "-c", f"echo $1 >> {told}", "sh"))

    async def main() -> None:
        await stage.store.open()
        stage.put(1)
        hurry = asyncio.Event()
        hurry.set()
        await stage.store.close(5, hurry=hurry)

    play(main)
    (packed,) = stage.paths("*/*.ndjson*")
    assert packed.suffix == ".gz"
    assert told.read_text() == f"{packed}\n"
    assert (stage.store.failures, stage.said) == (0, [])


def test_the_end_of_a_run_waits_for_a_command_only_so_long_and_says_so(
    tmp_path: Path, pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_COMMANDS", 1.0)
    monkeypatch.setattr(store, "_CALM", 0.2)
    stage = Stage(tmp_path / "c", on_rotate=hanging(pids))

    async def main() -> None:
        await stage.store.open()
        stage.put(1)
        since = time.monotonic()
        await stage.store.close(5, hurry=asyncio.Event())
        assert 1.0 <= time.monotonic() - since < 3

    play(main)
    assert stage.store.failures == 1
    (waits, gave_up) = stage.said
    assert waits.startswith("--on-rotate is waited for, 1 s at most: 1 to do, toy-odds-")
    assert "not waited for any longer" in gave_up


def test_what_a_command_left_in_the_background_is_not_waited_for(tmp_path: Path, pids: Path) -> None:
    command = ("sh", "-c", f"sleep 600 & echo $! >> {pids}", "sh")
    stage = Stage(tmp_path / "c", on_rotate=command)

    async def main() -> None:
        await stage.store.open()
        since = time.monotonic()
        await stage.store.close(5, hurry=asyncio.Event())
        assert time.monotonic() - since < 5

    play(main)
    assert (stage.store.failures, stage.said) == (0, [])


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_began(
    tmp_path: Path, pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_LONGEST", 0.3)
    command = ("sh", "-c", f"sleep 600 & echo $! >> {pids}; wait", "sh")
    stage = Stage(tmp_path / "c", on_rotate=command)

    async def main() -> None:
        await stage.store.open()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    assert stage.said[0].startswith("--on-rotate sh: not done within an hour, ended; ")
    (pid,) = pids.read_text().split()
    # Gone, or nobody's child that nobody has buried yet.
    with contextlib.suppress(FileNotFoundError):
        assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_a_command_said_last_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "c", on_rotate=("sh", "-c", "echo one >&2; printf 'no \\033[31mroom' >&2; exit 3", "sh"))

    async def main() -> None:
        await stage.store.open()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    (said,) = stage.said
    assert said.startswith("--on-rotate sh: exit code 3 for ")
    assert said.endswith(": no \u241b[31mroom")


def left(folder: Path) -> tuple[Path, Path]:
    """What a crashed run left: a file that is open, and one that is closed and yet to be packed."""
    folder.mkdir()
    header = b'{"type":"header","program":"oddstail 0","run":"r0","part":1}\n'
    (folder / "open.ndjson.part").write_bytes(header + b"1\n")
    (folder / "due.ndjson").write_bytes(header + b"1\n")
    told = {"file": "due.ndjson", "program": "oddstail 0", "run": "r0", "due": "gzip"}
    (folder / "due.meta.json").write_text(json.dumps(told))
    return folder / "open.ndjson", folder / "due.ndjson"


@pytest.mark.parametrize("compress", ["gzip", None])
def test_what_a_crashed_run_left_open_or_unpacked_has_its_command_once(tmp_path: Path, compress: str | None) -> None:
    was_open, was_due = left(tmp_path / "c")
    told = tmp_path / "told"
    for run in ("r1", "r2"):
        stage = Stage(tmp_path / "c", compress=compress, on_rotate=("sh", "-c", f"echo $1 >> {told}", "sh"))
        stage.store._names["run"] = run

        async def main(stage: Stage = stage) -> None:
            await stage.store.open()
            await stage.store.close(5, hurry=asyncio.Event())

        play(main)
    names = [Path(line) for line in told.read_text().splitlines()]
    found = [path for path in names if path.parent == was_open.parent]
    due = [was_open, was_due] if compress else [was_open]
    assert sorted(found) == sorted(path.with_name(path.name + (".gz" if compress else "")) for path in due)


def test_what_another_run_has_packed_meanwhile_has_its_command_from_that(tmp_path: Path) -> None:
    was_open, was_due = left(tmp_path / "c")
    told = tmp_path / "told"
    stage = Stage(tmp_path / "c", compress="gzip", on_rotate=("sh", "-c", f"echo $1 >> {told}", "sh"))
    care = stage.store._writer.aftercare
    look = care._due

    def looked(path: Path, run: str) -> Any:
        kind = look(path, run)
        if kind is not None:
            assert pack(path, kind, threading.Event()) is not None
        return kind

    care._due = looked  # type: ignore[method-assign]
    finished = care.told

    def adopted(found: Found) -> None:
        assert pack(found.path, "gzip", threading.Event()) is not None
        finished(found)

    care.told = adopted  # type: ignore[method-assign]

    async def main() -> None:
        await stage.store.open()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    assert [path.name for path in stage.paths("*.gz")] == [f"{path.name}.gz" for path in (was_due, was_open)]
    (own,) = stage.paths("*/*.gz")
    assert told.read_text() == f"{own}\n"


def test_what_a_run_that_failed_has_closed_is_packed_and_has_its_command_at_the_next_start(tmp_path: Path) -> None:
    told = tmp_path / "told"
    for run in ("r1", "r2"):
        stage = Stage(tmp_path / "c", compress="gzip", on_rotate=("sh", "-c", f"echo $1 >> {told}", "sh"))
        stage.store._names["run"] = run

        async def main(stage: Stage = stage, run: str = run) -> None:
            await stage.store.open()
            stage.put(1)
            await stage.written()
            if run == "r1":
                stage.store.after(broken)
                await stage.failed.wait()
            await stage.store.close(5, hurry=asyncio.Event())

        play(main)
    names = [Path(line).name for line in told.read_text().splitlines()]
    assert sorted(names) == sorted(path.name for path in stage.paths("*/*.gz"))
    assert len(names) == 2


def broken() -> None:
    raise Unwritable("the disk is full")
