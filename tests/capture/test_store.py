"""The store on a real disk, fed by a content that only counts: names, rotation, order, ends."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import gzip
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oddstail.capture.closed import Closed
from oddstail.capture.file import PAD, PAGE, SLICE, aligned, create
from oddstail.capture.names import template
from oddstail.capture.options import Options
from oddstail.capture.packing import pack
from oddstail.capture.rotation import rotation
from oddstail.capture.store import Opening, Store, Unwritable
from oddstail.capture.writer import Call, Command, Write, gathered
from tests.e2e.support import until

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
        self.failed = asyncio.Event()
        self.content = Numbers()
        self.where = where
        options = {"template": template(f"{where}/", ".ndjson", folder=True), **given}
        self.options = Options(**options)
        self.store = Store(self.options, NAMES, self.content, redact=bytes, on_error=self.fail,
                           say=self.said.append, clock=lambda: self.now)  # fmt: skip

    def fail(self, error: Exception) -> None:
        self.errors.append(error)
        self.failed.set()

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
        await asyncio.wait_for(main(), 60)

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


def test_no_line_of_a_file_lies_across_two_pages(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def main() -> None:
        await stage.store.open()
        for n in range(500):
            stage.store.put(b"x" * (400 + n % 300) + b"\n")
            if n % 7 == 0:
                await stage.written()
        await stage.store.close(5)

    play(main)
    (path,) = stage.paths("**/*.ndjson")
    at = 0
    for line in path.read_bytes().splitlines(keepends=True):
        text = at + len(line) - len(line.lstrip(b" "))
        at += len(line)
        assert text // PAGE == (at - 1) // PAGE
    assert at > 50 * PAGE


def test_a_disk_that_fills_while_the_last_file_is_closed_is_not_exit_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise Unwritable("no room")

    async def main() -> None:
        await stage.store.open()
        stage.put(1)
        # Who looks for what others left is not to find this one, once it is let go.
        await asyncio.to_thread(until, lambda: stage.store._writer.aftercare.idle)
        monkeypatch.setattr("oddstail.capture.manifest.write", full)
        assert await stage.store.close(5) == 0
        assert stage.store.failures == 1

    play(main)
    assert [path.name.endswith(".part") for path in stage.paths("*/*.ndjson*")] == [True]
    assert [str(error) for error in stage.errors] == ["no room"]


def test_a_job_with_a_bug_is_told_and_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path, compress="gzip", rotation=rotation("1h"))
    packs: list[Path] = []

    def pack(path: Path, *_: object) -> Path:
        packs.append(path)
        raise TypeError("of some kind")

    async def main() -> None:
        monkeypatch.setattr("oddstail.capture.aftercare.pack", pack)
        await stage.store.open()
        stage.store.rotate()
        await stage.store.close(5, hurry=asyncio.Event())
        await asyncio.sleep(0)

    play(main)
    assert len(packs) == 2
    assert stage.store.failures == 2
    assert "a bug in oddstail, looking after closed files: TypeError: of some kind" in stage.said
    assert len(stage.files()) == 2


def test_what_was_closed_is_counted_for_ever_and_listed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddstail.capture.closed.MOST", 3)
    closed = Closed()
    for n in range(9):
        closed.note(Path(f"{n}.ndjson"), {"file": f"{n}", "raw_bytes": 10, "gaps": [1]})
    assert (closed.count, closed.raw_bytes) == (9, 90)
    assert closed.latest() == [{"file": f"{n}", "raw_bytes": 10} for n in (6, 7, 8)]


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
        with pytest.raises(Unwritable, match="already exists"):
            await stage.store.open()
        await stage.store.close(1)

    play(main)
    assert (tmp_path / "x.ndjson").read_text() == "precious\n"
    assert replace(stage.options).append is False


@pytest.mark.parametrize("append", [False, True])
def test_a_manifest_of_another_program_is_never_written_over(tmp_path: Path, append: bool) -> None:
    (tmp_path / "x.meta.json").write_text('{"file":"x.ndjson"}')
    stage = Stage(tmp_path, append=append, template=template(f"{tmp_path}/x.ndjson", ".ndjson", folder=False))

    async def main() -> None:
        with pytest.raises(Unwritable, match=r"x\.meta\.json already exists"):
            await stage.store.open()
        await stage.store.close(1)

    play(main)
    assert [path.name for path in tmp_path.iterdir()] == ["x.meta.json"]
    assert (tmp_path / "x.meta.json").read_text() == '{"file":"x.ndjson"}'


@pytest.mark.parametrize("text", ["my notes\nand no line end", '{"a":1}\n'])
def test_nothing_is_added_to_a_file_of_another_program(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.txt").write_text(text)
    stage = Stage(tmp_path, append=True, template=template(f"{tmp_path}/notes.txt", ".ndjson", folder=False))

    async def main() -> None:
        with pytest.raises(Unwritable, match="was not written by oddstail"):
            await stage.store.open()
        await stage.store.close(1)

    play(main)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"notes.txt": text}


@pytest.mark.parametrize(
    "told",
    [
        '{"file":"weights.bin"}',
        '{"file":"weights.bin","program":"oddstail 0.1"}',
        '{"file":"model","program":"trainer"}',
        '{"file":"..","program":"oddstail 0.1"}',
        "[" * 100_000,
    ],
)
def test_keep_deletes_nothing_of_other_programs(tmp_path: Path, told: str) -> None:
    names = ["weights.bin", "model", "model.meta.json"]
    for name in names:
        (tmp_path / name).write_text(told)
        os.utime(tmp_path / name, (0, 0))
    template_ = template(f"{tmp_path}/x-{{part}}.ndjson", ".ndjson", folder=False)
    stage = Stage(tmp_path, keep=60.0, template=template_)

    async def main() -> None:
        await stage.store.open()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    assert stage.store.failures == 0
    assert [name for name in names if not (tmp_path / name).exists()] == []


@pytest.mark.parametrize("there", [b"precious", gzip.compress(b"precious", mtime=0)])
def test_a_plain_file_is_kept_where_something_else_has_the_packed_name(tmp_path: Path, there: bytes) -> None:
    plain, packed = tmp_path / "x.ndjson", tmp_path / "x.ndjson.gz"
    plain.write_text("1\n")
    packed.write_bytes(there)
    with pytest.raises(Unwritable, match="already exists"):
        pack(plain, "gzip", threading.Event())
    assert (plain.read_text(), packed.read_bytes()) == ("1\n", there)
    packed.write_bytes(gzip.compress(b"1\n"))
    assert pack(plain, "gzip", threading.Event()) == packed
    assert not plain.exists()


def test_by_size_and_on_branches(tmp_path: Path) -> None:
    stage = Stage(
        tmp_path, template=template(f"{tmp_path}/", ".ndjson", folder=True, split=True), rotation=rotation("1kb")
    )

    async def main() -> None:
        await stage.store.open()
        for n in range(1, 400):
            stage.put(n, branch="even" if n % 2 == 0 else "odd")
        await stage.store.close(5)

    play(main)
    for branch, first in (("odd", 1), ("even", 2)):
        lines = [
            line for path in sorted(tmp_path.glob(f"*/{branch}/*.ndjson")) for line in path.read_text().split("\n")
        ]
        numbers = [int(line) for line in lines if line.strip().isdigit()]
        assert numbers == list(range(first, 400, 2))
        assert all(path.stat().st_size < 1300 for path in tmp_path.glob(f"*/{branch}/*.ndjson"))


def test_there_are_only_so_many_branches_open_and_none_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddstail.capture.store.BRANCHES", 4)
    stage = Stage(tmp_path, template=template(f"{tmp_path}/", ".ndjson", folder=True, split=True))

    async def main() -> None:
        await stage.store.open()
        for n in range(60):
            stage.put(n, branch=f"b{n % 6}")
            assert len(stage.store.branches()) <= 4
        await stage.store.close(5)

    play(main)
    numbers = [
        int(line) for path in tmp_path.glob("*/b*/*.ndjson") for line in path.read_text().split() if line.isdigit()
    ]
    assert len(numbers) >= 60
    assert set(numbers) == set(range(60))


@pytest.mark.parametrize("hurried", [False, True])
def test_a_run_that_ends_by_itself_waits_for_a_slow_disk_and_one_that_was_told_to_leave_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, hurried: bool
) -> None:
    go = threading.Event()
    write = os.write

    def slow(descriptor: int, data: bytes) -> int:
        assert go.wait(20)
        return write(descriptor, data)

    async def main() -> int:
        stage = Stage(tmp_path)
        await stage.store.open()
        with monkeypatch.context() as patched:
            patched.setattr("oddstail.capture.file.os.write", slow)
            stage.put(1)
            hurry = asyncio.Event()
            closing = asyncio.create_task(stage.store.close(0.01, hurry=hurry))
            if hurried:
                hurry.set()
                left = await closing
                go.set()
                return left
            # Ten times what one in a hurry has.
            await asyncio.wait([closing], timeout=0.1)
            assert not closing.done()
            go.set()
            return await closing

    assert (asyncio.run(asyncio.wait_for(main(), 20)) > 0) is hurried


def test_a_slow_disk_holds_up_the_thread_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path)
    stage.store.full = 50_000
    go = threading.Event()
    write = os.write

    def slow(descriptor: int, data: bytes) -> int:
        go.wait(10)
        return write(descriptor, data)

    async def main() -> None:
        await stage.store.open()
        monkeypatch.setattr("oddstail.capture.file.os.write", slow)
        since = time.monotonic()
        n = 0
        while not stage.store.is_full:
            stage.put(*range(n, n + 100))
            n += 100
        assert time.monotonic() - since < 1
        waiting = asyncio.create_task(stage.store.room())
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        go.set()
        await asyncio.wait_for(waiting, 5)
        assert await stage.store.close(5) == 0
        (lines,) = stage.files().values()
        assert [int(line) for line in lines[1:]] == list(range(n))

    play(main)


def test_a_whole_write_is_handed_over_at_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def main() -> None:
        await stage.store.open()
        await stage.written()
        (part,) = stage.paths("date=2026-01-31/*.part")
        stage.put(*range(SLICE // 2))
        # The loop has no turn meanwhile, so it is no timer that hands over.
        until(lambda: str(SLICE // 2 - 1) in part.read_text().splitlines(), 5)
        assert await stage.store.close(5) == 0

    play(main)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, SLICE + 1)) | st.none()))
def test_writes_are_put_together_in_order_and_never_beyond_a_slice(given: list[tuple[str, int] | None]) -> None:
    call = Call(lambda: None)
    commands: list[Command] = [call if one is None else Write(one[0], [b"x" * one[1]], one[1]) for one in given]
    got = list(gathered(commands))

    def runs(commands: list[Command]) -> list[tuple[str | None, bytes]]:
        out: list[tuple[str | None, bytes]] = []
        for one in commands:
            if not isinstance(one, Write):
                out.append((None, b""))
            elif out and out[-1][0] == one.branch:
                out[-1] = (one.branch, out[-1][1] + b"".join(one.parts))
            else:
                out.append((one.branch, b"".join(one.parts)))
        return out

    assert runs(got) == runs(commands)
    writes = [one for one in got if isinstance(one, Write)]
    assert all(one.size == sum(map(len, one.parts)) for one in writes)
    assert all(one.size <= SLICE or len(one.parts) == 1 for one in writes)
    # Nothing that would fit together is left apart.
    for one, other in pairwise(got):
        if isinstance(one, Write) and isinstance(other, Write) and one.branch == other.branch:
            assert one.size + other.size > SLICE


def test_a_disk_that_fails_is_told_once_and_what_was_lost_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(tmp_path)
    write = os.write

    def broken(descriptor: int, data: bytes) -> int:
        if len(data) > 3000:
            # Half of it gets there, as on a disk that is just full.
            write(descriptor, data[:2001])
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return write(descriptor, data)

    async def main() -> None:
        await stage.store.open()
        stage.put(1, 2)
        await stage.written()
        monkeypatch.setattr("oddstail.capture.file.os.write", broken)
        stage.put(*range(3000))
        await asyncio.wait_for(stage.failed.wait(), 5)
        stage.put(7)
        assert await stage.store.close(5) > 10_000

    play(main)
    assert [str(error).partition(": ")[2] for error in stage.errors] == ["Input/output error; write elsewhere"]
    ((_, lines),) = stage.files().items()
    assert lines[1:] == ["1", "2"]
    told = json.loads(next(tmp_path.glob("*/*.meta.json")).read_text())
    assert (told["complete"], told["why"], told["records"]) == (False, "failed", 2)


@given(
    st.lists(st.integers(1, 1500), min_size=1, max_size=60),
    st.integers(0, 9000),
    st.lists(st.integers(4000, 9000), max_size=2),
)
def test_no_line_of_a_records_size_lies_across_two_pages(sizes: list[int], at: int, long: list[int]) -> None:
    lines = [b"x" * (size - 1) + b"\n" for size in [*sizes, *long, *sizes]]
    out = aligned(b"".join(lines), at)
    assert [line.strip(b" ") for line in out.split(b"\n")] == [line.strip() for line in lines] + [b""]
    start = 0
    for line in out.split(b"\n")[:-1]:
        end = start + len(line) + 1
        text = at + start + len(line) - len(line.lstrip(b" "))
        if (text // PAGE != (at + end - 1) // PAGE) and len(line.strip()) < PAD:
            pytest.fail(f"{len(line)} bytes at {text} lie across a border")
        start = end
    assert len(out) <= len(b"".join(lines)) + PAD * (len(out) // PAGE + 1)


def test_a_file_that_another_run_packs_is_left_to_it(tmp_path: Path) -> None:
    """Two that poured into one fresh file would publish the bytes of neither, and then delete the plain one."""
    plain = tmp_path / "x.ndjson"
    plain.write_text("1\n")
    with open(plain, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert pack(plain, "gzip", threading.Event()) is None
    assert [path.name for path in tmp_path.iterdir()] == ["x.ndjson"]
    assert pack(plain, "gzip", threading.Event()) == tmp_path / "x.ndjson.gz"
    assert pack(plain, "gzip", threading.Event()) is None


def test_two_runs_pack_many_files_of_one_folder_and_lose_none(tmp_path: Path) -> None:
    for nth in range(40):
        (tmp_path / f"{nth}.ndjson").write_text(f"{nth}\n" * 1000)

    def packing() -> None:
        for nth in range(40):
            pack(tmp_path / f"{nth}.ndjson", "gzip", threading.Event())

    both = [threading.Thread(target=packing) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    for nth in range(40):
        assert gzip.decompress((tmp_path / f"{nth}.ndjson.gz").read_bytes()) == f"{nth}\n".encode() * 1000
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".ndjson", ".new")]


@pytest.mark.parametrize("append", [False, True])
def test_a_link_below_the_named_directory_is_not_followed(tmp_path: Path, append: bool) -> None:
    """In a folder that several may write to, somebody may have planted it."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "date=2026-01-31").symlink_to(tmp_path / "elsewhere")
    stage = Stage(tmp_path / "c", append=append)

    async def main() -> None:
        with pytest.raises(Unwritable, match=r"date=2026-01-31 is a link, and below .*/c none is followed"):
            await stage.store.open()
        await stage.store.close(1)

    play(main)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_named_directory_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "c").symlink_to(tmp_path / "big")
    stage = Stage(tmp_path / "c")

    async def main() -> None:
        await stage.store.open()
        stage.put(1)
        await stage.store.close(5)

    play(main)
    assert len(list((tmp_path / "big").glob("date=2026-01-31/*.ndjson"))) == 1


def test_nothing_is_packed_mended_or_deleted_through_a_planted_link(tmp_path: Path) -> None:
    """Neither a folder's nor a file's: what it leads to may be of somebody who cannot read it otherwise."""
    outside, inside = tmp_path / "outside", tmp_path / "c"
    header = b'{"type":"header","program":"oddstail 0"}\n'
    for folder in (outside, inside):
        folder.mkdir()
    for name, data in (("a.ndjson", b"secret\n"), ("b.ndjson.part", header)):
        (outside / name).write_bytes(data)
        (inside / name).symlink_to(outside / name)
    (inside / "date=2026-01-30").symlink_to(outside)
    for name in ("a", "old"):
        told = {"file": f"{name}.ndjson", "program": "oddstail 0", "due": "gzip"}
        (outside / f"{name}.meta.json").write_text(json.dumps(told))
        (inside / f"{name}.meta.json").write_text(json.dumps(told))
    (outside / "old.ndjson").write_text("1\n")
    os.utime(outside / "old.meta.json", (0, 0))
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    stage = Stage(inside, compress="gzip", keep=60.0)

    async def main() -> None:
        await stage.store.open()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == before
    assert not list(inside.glob("a.ndjson.gz"))


def test_a_process_that_is_being_started_holds_no_closed_file(tmp_path: Path) -> None:
    """Between fork and exec it has all of our descriptors, and with them the locks: what is closed is let go by word."""
    file = create(tmp_path, tmp_path / "x.ndjson", live=False)
    file.write(b"1\n", 0.0)
    forked = os.dup(file.fd)
    try:
        assert file.finish() == tmp_path / "x.ndjson"
        assert pack(tmp_path / "x.ndjson", "gzip", threading.Event()) == tmp_path / "x.ndjson.gz"
    finally:
        os.close(forked)


def test_what_a_run_closes_while_it_looks_for_what_others_left_is_looked_after_once(tmp_path: Path) -> None:
    told = tmp_path / "told"
    stage = Stage(tmp_path / "c", compress="gzip", on_rotate=("sh", "-c", f"echo $1 >> {told}", "sh"))
    ours = stage.store._writer.aftercare._ours
    closed = threading.Event()

    def later() -> Any:
        closed.wait(10)
        return ours()

    async def main() -> None:
        stage.store._writer.aftercare._ours = later  # type: ignore[method-assign]
        await stage.store.open()
        stage.put(1)
        stage.store.rotate()
        await stage.written()
        closed.set()
        await stage.store.close(5, hurry=asyncio.Event())

    play(main)
    assert len(told.read_text().splitlines()) == len(stage.paths("*/*.gz")) == 2


@pytest.mark.parametrize("pair", [("A/B", "A_B"), ("Суперлига", "中超"), ("x" * 60 + "1", "x" * 60 + "2"), ("all", "")])
def test_branches_whose_names_come_out_alike_have_a_file_each(tmp_path: Path, pair: tuple[str, str]) -> None:
    for append in (False, True):
        where = tmp_path / str(append)
        where.mkdir()
        for nth in (1, 2):
            stage = Stage(
                where, template=template(f"{where}/x-{{split}}-{{part}}.ndjson", ".ndjson", folder=False), append=append
            )

            async def main(stage: Stage = stage, nth: int = nth) -> None:
                await stage.store.open()
                for number, branch in enumerate(pair):
                    stage.put(nth * 10 + number, branch=branch)
                await stage.store.close(5)

            play(main)
            assert not stage.errors
        numbers = sorted(int(line) for lines in stage.files().values() for line in lines if line[:1].isdigit())
        assert numbers == [10, 11, 20, 21]
