"""A kill between any two system calls of closing, packing, adopting and expiring: no record in two files, none in none.

A child process (a fork, so that a kill costs milliseconds) plays a capture and ends itself with `os._exit` before the
nth call that changes what is on the disk; n counts up until the child gets to its end. Then the next start mends.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import random
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture import file, manifest
from oddstail.capture.packing import fresh
from oddstail.replay.runs import files
from tests.capture.test_store import Stage

#: What changes the disk. A file's own lines are killed in `test_killing.py`; here they are whole when they are there.
CALLS = ("open", "write", "fsync", "ftruncate", "replace", "rename", "link", "unlink", "rmdir", "mkdir")
LINES = 40


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill spares what the system has not put on the disk yet: waiting for that proves nothing here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def killed_at(nth: int, play: Callable[[Callable[[int], object]], None]) -> tuple[int, bool]:
    """`play` in a child that dies before its nth change of the disk. The last number that it told, and whether it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(reading)
            left = count(nth, -1)
            write = os.write
            for name in CALLS:
                setattr(os, name, _mortal(getattr(os, name), left))
            file._exclusive_rename = _mortal(file._exclusive_rename, left)
            play(lambda number: write(writing, b"%d\n" % number))
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with open(reading, "rb") as said:
        numbers = [int(line) for line in said]
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9), "the child failed"
    return max(numbers, default=0), code == 9


def _mortal(function: Callable[..., Any], left: Iterator[int]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if next(left) == 1:
            os._exit(9)
        return function(*args, **kwargs)

    return call


def capture(folder: Path, first: int, how: str, told: Callable[[int], object] = lambda _: None, **given: Any) -> None:
    """A run of two files of numbers from `first` on, closed and packed."""

    async def main() -> None:
        stage = Stage(folder, compress=how, **given)
        stage.now += first * 1_000_000
        # Two runs never share a name.
        stage.store._names["run"] = f"r{first}"
        await stage.store.open()
        for number in range(first, first + LINES):
            stage.put(number)
            if number == first + LINES // 2:
                stage.store.rotate()
        if how != "live":
            await stage.written()
            told(first + LINES - 1)
        await stage.store.close(5, hurry=asyncio.Event())
        assert not stage.errors, stage.errors
        assert not stage.store.failures, stage.said
        told(first + LINES - 1)

    asyncio.run(asyncio.wait_for(main(), 20))


def numbers(paths: list[Path]) -> list[int]:
    """The numbers in these files, sorted."""
    lines = [line for path in paths for line in data(path).split(b"\n")]
    return sorted(int(line) for line in lines if line.strip().isdigit())


def data(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if ".gz" in path.suffixes and path.stat().st_size else path.read_bytes()


def finished(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.ndjson*") if path.is_file() and not path.name.startswith(".")]


def judge(folder: Path, *runs: tuple[int, int]) -> None:
    """Nothing is open, each number of each run is there once, and every manifest tells of the file beside it."""
    assert not list(folder.rglob("*.part"))
    paths = finished(folder)
    found = numbers(paths)
    assert len(found) == len(set(found)), "a record is in two files"
    for first, last in runs:
        assert set(range(first, last + 1)) <= set(found), "a record is in no file"
    for path in paths:
        told = manifest.read(path)
        assert told is not None
        assert (told["file"], told["sha256"]) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture(autouse=True)
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed program wrote is in the file, synced or not: only the call counts here, the disk need not turn."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def plain_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_exclusive_rename", lambda old, new: False)


@pytest.mark.parametrize("way", ["in one call", "with links"])
@pytest.mark.parametrize("how", ["none", "gzip", "live"])
def test_closing_and_packing(how: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "with links":
        plain_rename(monkeypatch)
    for nth in count(1):
        folder = tmp_path / str(nth)
        last, died = killed_at(nth, lambda told, folder=folder: capture(folder, 1, how, told))  # type: ignore[misc]
        # While nobody mends, our own readers count nothing twice; a half packed file lies beside its plain one.
        seen = numbers([path for path in files([folder]) if path.stat().st_size]) if finished(folder) else []
        assert way == "with links" or len(seen) == len(set(seen))
        assert set(range(1, last + 1)) <= set(seen)
        capture(folder, 1000, how)
        judge(folder, (1, last), (1000, 1000 + LINES - 1))
        if not died:
            break
    assert nth > 15


@pytest.mark.parametrize("then", ["none", "gzip"])
def test_whoever_mends_may_be_killed_too(then: str, tmp_path: Path) -> None:
    """And may be asked for something else than who was killed first."""
    rng = random.Random(then)
    for trial in range(30):
        folder = tmp_path / str(trial)
        one, _ = killed_at(rng.randint(5, 90), lambda told, folder=folder: capture(folder, 1, "gzip", told))  # type: ignore[misc]
        two, _ = killed_at(rng.randint(1, 60), lambda told, folder=folder: capture(folder, 100, then, told))  # type: ignore[misc]
        capture(folder, 1000, then)
        judge(folder, (1, one), (100, two), (1000, 1000 + LINES - 1))


def test_expiring(tmp_path: Path) -> None:
    """What is half deleted is deleted by the next; what is not old stays."""
    made = tmp_path / "made"
    capture(made, 1, "gzip")
    # As a kill leaves it that came while it was packed.
    for path in finished(made):
        fresh(path).write_bytes(b"half of it")
    for path in made.rglob("*"):
        os.utime(path, (0, 0))
    for nth in count(1):
        folder = tmp_path / str(nth)
        shutil.copytree(made, folder)
        _, died = killed_at(nth, lambda told, folder=folder: capture(folder, 100, "gzip", told, keep=60.0))  # type: ignore[misc]
        capture(folder, 1000, "gzip", keep=60.0)
        judge(folder, (1000, 1000 + LINES - 1))
        assert not [path for path in folder.rglob("*") if path.stat().st_mtime < 1]
        if not died:
            break
