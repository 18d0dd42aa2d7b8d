"""A closed file gets its name in one step, and never over another's; packing it says how far it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from oddstail.capture import file
from oddstail.capture.file import publish
from oddstail.capture.packing import pack


@pytest.fixture(params=["in one call", "with links", "without links"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the system can do it."""
    if request.param != "in one call":
        monkeypatch.setattr(file, "_exclusive_rename", lambda old, new: False)
    if request.param == "without links":

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refused)
    return str(request.param)


def test_it_has_its_name_and_no_other(way: str, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_text("one\n")
    publish(tmp_path / "a.part", tmp_path / "a")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "one\n"}


def test_what_has_the_name_keeps_it(way: str, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_text("one\n")
    (tmp_path / "a").write_text("somebody's\n")
    with pytest.raises(FileExistsError):
        publish(tmp_path / "a.part", tmp_path / "a")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "somebody's\n", "a.part": "one\n"}


def test_what_is_gone_is_said(way: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "a.part", tmp_path / "a")


def test_nobody_ever_sees_it_twice(tmp_path: Path) -> None:
    """A kill may come at any instant; a reader, too."""
    seen: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(len(os.listdir(tmp_path)))

    watcher = threading.Thread(target=look)
    (tmp_path / "0").touch()
    watcher.start()
    try:
        for nth in range(3000):
            publish(tmp_path / str(nth), tmp_path / str(nth + 1))
    finally:
        done.set()
        watcher.join()
    # A listing that a rename overtakes may miss the file; it must never show both.
    assert max(seen) == 1


def test_packing_says_how_far_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (3 << 20))
    steps: list[int] = []
    assert pack(tmp_path / "a", "gzip", threading.Event(), steps.append) == tmp_path / "a.gz"
    assert steps == [1 << 20, 2 << 20, 3 << 20]
