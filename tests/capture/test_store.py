"""The store on a real disk, fed by a content that only counts: names, rotation, order, ends."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture.names import template
from oddstail.capture.rotation import rotation
from oddstail.capture.store import Opening, Options, Store, Unwritable

NAMES = {"provider": "toy", "feed": "odds", "label": "NBA", "run": "r1"}
#: 2026-01-31T18:59:59Z
NOON = 1_769_885_999_000_000


class Numbers:
    """Lines that are numbers; a later file repeats the last one."""

    def __init__(self) -> None:
        self.last = 0
        self.count: dict[str, int] = {}

    def header(self, opening: Opening) -> bytes:
        return (
            json.dumps(
                {"type": "header", "program": "oddstail 0", "part": opening.part}, separators=(",", ":")
            ).encode()
            + b"\n"
        )

    def carried(self, branch: str) -> bytes:
        return b"carried %d\n" % self.last if self.last else b""

    def facts(self, branch: str) -> dict[str, Any]:
        return {"records": self.count.pop(branch, 0)}

    def scan(self, lines: Iterable[bytes]) -> dict[str, Any]:
        return {"records": sum(1 for line in lines if line[:1].isdigit())}

    def put(self, store: Store, *numbers: int, branch: str = "") -> None:
        store.put(b"".join(b"%d\n" % number for number in numbers), branch)
        self.last = numbers[-1]
        self.count[branch] = self.count.get(branch, 0) + len(numbers)


class Stage:
    """A store over a folder, a clock that obeys, and what it said."""

    def __init__(self, where: Path, **given: Any) -> None:
        self.now = NOON
        self.said: list[str] = []
        self.errors: list[Exception] = []
        self.content = Numbers()
        self.where = where
        options = {"template": template(f"{where}/", ".ndjson", folder=True), **given}
        self.options = Options(**options)
        self.store = Store(self.options, NAMES, self.content, redact=bytes, on_error=self.errors.append,
                           say=self.said.append, clock=lambda: self.now)  # fmt: skip

    def put(self, *numbers: int, branch: str = "") -> None:
        self.content.put(self.store, *numbers, branch=branch)

    def files(self, glob: str = "**/*.ndjson") -> dict[str, list[str]]:
        return {path.name: path.read_text().splitlines() for path in sorted(self.where.glob(glob))}

    def paths(self, glob: str) -> list[Path]:
        return sorted(self.where.glob(glob))

    async def written(self) -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        self.store.after(lambda: loop.call_soon_threadsafe(done.set))
        await asyncio.wait_for(done.wait(), 5)


def play(main: Any) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(main(), 20)

    asyncio.run(bounded())


def test_a_file_is_part_until_it_is_closed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def main() -> None:
        await stage.store.open()
        stage.put(1, 2)
        await stage.written()
        (part,) = stage.paths("date=2026-01-31/*.part")
        assert part.name == "toy-odds-NBA-20260131T185959Z-r1-0001.ndjson.part"
        assert part.read_text().splitlines()[1:] == ["1", "2"]
        assert await stage.store.close(5) == 0

    play(main)
    ((name, lines),) = stage.files().items()
    assert name == "toy-odds-NBA-20260131T185959Z-r1-0001.ndjson"
    assert lines[1:] == ["1", "2"]
    told = json.loads((tmp_path / "date=2026-01-31" / name.replace(".ndjson", ".meta.json")).read_text())
    data = (tmp_path / "date=2026-01-31" / name).read_bytes()
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    assert (told["bytes"], told["records"], told["complete"], told["why"]) == (len(data), 2, True, "ended")
    assert not list(tmp_path.glob("**/*.part"))


def test_a_border_of_the_clock_begins_a_file_that_stands_alone(tmp_path: Path) -> None:
    stage = Stage(tmp_path, rotation=rotation("1h"))

    async def main() -> None:
        await stage.store.open()
        stage.put(1)
        stage.now += 1_000_000
        stage.put(2)
        stage.now += 3_600_000_000
        stage.store.tick()
        await stage.store.close(5)

    play(main)
    assert [lines[1:] for lines in stage.files().values()] == [["1"], ["carried 1", "2"], ["carried 2"]]
    assert [json.loads(lines[0])["part"] for lines in stage.files().values()] == [1, 2, 3]


def test_a_name_that_exists_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text("precious\n")
    stage = Stage(tmp_path, template=template(f"{tmp_path}/x.ndjson", ".ndjson", folder=False))

    async def main() -> None:
        with pytest.raises(Unwritable, match="exists already"):
            await stage.store.open()
        await stage.store.close(1)

    play(main)
    assert (tmp_path / "x.ndjson").read_text() == "precious\n"
    assert replace(stage.options).append is False
