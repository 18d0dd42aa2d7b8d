"""Whether captures are whole: what is in each file, what of a run is missing, what manifests say. Mends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import filterfalse, islice
from pathlib import Path
from typing import Any

from oddstail.capture import manifest
from oddstail.capture.names import PACKED, is_open, while_open
from oddstail.model import Gap, Notice, Provider, Request
from oddstail.reader import Wants
from oddstail.replay.between import Between
from oddstail.replay.coverage import Coverage
from oddstail.replay.lines import STDIN, Lines, present
from oddstail.replay.records import Reread
from oddstail.replay.retold import Retold
from oddstail.replay.runs import Part, Taped, files
from oddstail.replay.telling import Faults
from oddstail.units import stamp
from oddstail.words import many

#: `progress` is called after so many bytes.
_STEP = 4 * 1024 * 1024


@dataclass(slots=True)
class Checked:
    """One file. `problems` are sentences; without any, the file is whole."""

    path: Path
    run: str
    part: int
    kind: str
    lines: int = 0
    bytes: int = 0
    torn: int = 0
    sums: str = "none"
    problems: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As NDJSON has it."""
        return {
            "type": "file",
            "path": str(self.path),
            "kind": self.kind,
            "run": self.run,
            "part": self.part,
            "lines": self.lines,
            "bytes": self.bytes,
            "torn_bytes": self.torn,
            "manifest": self.sums,
            "problems": self.problems,
            "whole": not self.problems,
        }


@dataclass(slots=True)
class Account:
    """One run, with those that were added to its file. `problems` are what no single file is to blame for.

    `between` is what was not watched before it, or within its file, since another run of the same request.
    """

    run: Taped
    files: list[Checked]
    coverage: Coverage
    faults: Faults
    ended: bool
    problems: list[str]
    between: list[Gap]

    @property
    def connected(self) -> bool:
        """Whether a link was ever open, or told of a price, which says as much."""
        return bool(self.coverage.opened) or any(True for _ in self.coverage.markets())

    def unwatched(self) -> list[str]:
        """What nobody knows though nothing that was written is missing, in sentences: faults by `--strict`."""
        out = []
        if not self.connected:
            out.append("it never connected: no link was ever open")
        if self.unresumed:
            out.append(f"{many(len(self.unresumed), 'gap')}, {sum(self.unresumed):.1f} s, not filled")
        if self.between:
            out.append(f"{many(len(self.between), 'hole')} between runs, {self.unwatched_between:.1f} s")
        return out

    @property
    def unwatched_between(self) -> float:
        """Seconds between runs, over all links."""
        return sum(gap.seconds for gap in self.between)

    @property
    def whole(self) -> bool:
        return not self.problems and not any(one.problems for one in self.files)

    @property
    def unresumed(self) -> list[float]:
        """The seconds of each gap that the provider is not known to have filled."""
        return [gap.seconds for gap in self.coverage.gaps if gap.resumed != "yes"]

    def record(self) -> dict[str, Any]:
        """As NDJSON has it."""
        coverage, requests = self.coverage, list(self.run.conns.values())
        return {
            "type": "run",
            "run": self.run.name,
            "kind": self.run.kind,
            "provider": requests[0].provider,
            "feed": requests[0].feed,
            "labels": [request.label for request in requests],
            "files": len(self.files),
            "from": stamp(coverage.first),
            "to": stamp(coverage.last),
            "seconds": round(coverage.micros / 1e6, 3),
            "watched": round(coverage.watched, 6),
            "gaps": len(coverage.gaps),
            "gap_seconds": round(sum(gap.seconds for gap in coverage.gaps), 3),
            "unresumed_gaps": len(self.unresumed),
            "between_runs": round(self.unwatched_between, 3),
            "opened": self.coverage.opened,
            "missing_lines": self.faults.missing,
            "unreadable_lines": self.faults.unreadable,
            "ended": self.ended,
            "problems": self.problems,
            "whole": self.whole,
        }

    def shares(self) -> Iterator[dict[str, Any]]:
        """Each book's markets as NDJSON has them."""
        for one in self.coverage.markets():
            yield {
                "type": "coverage",
                "run": self.run.name,
                "book": one.book,
                "market": one.market,
                "quotes": one.quotes,
                "seconds": round(one.micros / 1e6, 3),
                "share": round(self.coverage.share(one), 6),
            }


def account(run: Taped, provider: Callable[[str], Provider], progress: Callable[[], None], between: Between) -> Account:
    """Read a run through, and call `progress` now and then. OSError if a file cannot be read.

    `between` is one for all runs, which come in the order in which they began.
    """
    each = []
    for part in run.parts:
        checked = Checked(part.path, run.name, part.number, run.kind)
        part.lines = _counted(part, part.lines, checked, progress)
        each.append(checked)
    coverage = Coverage(run.start)
    numbers, holes = _Numbers(between), list[Gap]()
    telling = Reread(run, numbers) if run.kind == "records" else Retold(run, numbers, provider, Wants())
    for batch in telling.batches():
        if batch.conn in between.awaited and (hole := between.hole(batch)) is not None:
            holes.append(hole)
        if not any(isinstance(event, Notice) and event.code == "torn" for event in batch.events):
            coverage.apply(batch)
    if telling.end is not None:
        coverage.last = max(coverage.last, telling.end[0])
    telling.over()
    coverage.close()
    sums = [_sums(one) for one in each]
    ended = telling.end is not None or bool(sums and sums[-1] == "ended")
    return Account(run, each, coverage, telling.faults, ended, _problems(run, telling.faults, ended), holes)


def lost(given: Iterable[str | Path], found: Iterable[Taped]) -> list[Checked]:
    """What is told of no run: copies, captures without a whole line, and manifests whose file is not here."""
    told, out = set[Path](), list[Checked]()
    for run in found:
        told.update(part.path for part in run.parts)
        for left, kept in run.copies:
            told.add(left.path)
            twice = [f"not looked at: {kept.path} is the same part of the same run; verify each by itself"]
            out.append(Checked(left.path, run.name, left.number, run.kind, problems=twice))
    for path in files(given):
        # What was packed meanwhile was read as it was before.
        if path not in told and path.with_suffix("") not in told:
            size = present(path).stat().st_size if present(path).is_file() else 0
            empty = "there is no whole line in it" if size else "it is empty"
            out.append(Checked(path, "", 0, "unknown", bytes=size, problems=[empty]))
    for folder in (path for path in map(Path, given) if path.is_dir()):
        for path in sorted(folder.rglob(f"*{manifest.SUFFIX}")):
            said = manifest.read_manifest(path)
            if said is None or not manifest.is_ours(path, said):
                continue
            stem = str(said["file"])
            for ending in PACKED:
                stem = stem.removesuffix(ending)
            names = [stem + ending for ending in ("", *PACKED)]
            if not any(path.with_name(name).exists() for name in (*names, *map(while_open, names))):
                why = ["its manifest is here, and the file is not"]
                out.append(Checked(path.with_name(str(said["file"])), str(said.get("run")), 0, "unknown", problems=why))
    return out


def _counted(
    part: Part, given: Iterator[bytes] | None, checked: Checked, progress: Callable[[], None]
) -> Iterator[bytes]:
    """The lines of a file, looked at on their way to whoever understands them."""
    source = part.source = part.source or Lines(part.path)
    told = 0
    for line in given or source:
        checked.lines += 1
        checked.bytes += len(line)
        if checked.bytes - told >= _STEP:
            told = checked.bytes
            progress()
        yield line
    checked.torn = source.torn
    if source.torn:
        checked.problems.append(f"the last line is torn ({source.torn:,} bytes)")
    checked.problems += source.long
    if source.broken:
        checked.problems.append(f"cut off in the packing ({source.broken})")
    if is_open(part.path.name):
        checked.problems.append("not closed: its run goes on, or crashed")
    progress()


def _sums(checked: Checked) -> str | None:
    """Hold a file against its manifest; why it was closed, if that is known."""
    path = present(checked.path)
    if path == STDIN or is_open(path.name) or (told := manifest.read(path)) is None:
        return None
    checked.sums = "ok"
    found = []
    if told.get("file") in [path.name + ending for ending in PACKED]:
        # It is being packed, or a run died while it did: the sum is of its packed form already.
        if told.get("raw_bytes") != path.stat().st_size:
            found.append("it is not of the size that the manifest has the sum of")
    else:
        with path.open("rb") as file:
            if told.get("sha256") != hashlib.file_digest(file, "sha256").hexdigest():
                found.append("its bytes are not those that the manifest has the sum of")
    if not told.get("complete"):
        found.append("its run was killed: what was written is all here, what came just before the end may be missing")
    lost = told.get("torn_bytes")
    if isinstance(lost, int) and lost:
        found.append(f"{lost:,} bytes of a torn line were set aside")
    if found:
        checked.sums = "differs" if "sum" in found[0] else "incomplete"
        checked.problems += found
    return str(told.get("why"))


def _problems(run: Taped, faults: Faults, ended: bool) -> list[str]:
    out = []
    if faults.missing:
        out.append(f"{_lines(faults.missing)} missing")
    if faults.unreadable:
        out.append(f"{_lines(faults.unreadable)} not to be read")
    if faults.disordered:
        out.append(f"{_lines(faults.disordered)} out of order")
    for branch in sorted({part.branch for part in run.parts}):
        numbers = [part.number for part in run.parts if part.branch == branch]
        # The numbers come out of files: no list is as long as the greatest of them says.
        absent = list(islice(filterfalse(set(numbers).__contains__, range(1, max(numbers))), 6))
        if absent:
            named = ", ".join(map(str, absent[:5])) + (" and more" if len(absent) > 5 else "")
            out.append(f"part {named} of the run is not here")
    if faults.unended:
        have = "runs before the last have" if faults.unended > 1 else "run before the last has"
        out.append(f"{faults.unended:,} {have} no end: it was killed")
    if not ended:
        out.append("the run has no end: it was killed, goes on, or its last file is not here")
    return out


def _lines(many: int) -> str:
    return f"{many:,} line{' is' if many == 1 else 's are'}"


class _Numbers:
    """Connections keep their numbers."""

    def __init__(self, between: Between) -> None:
        self._between = between

    def __call__(self, conn: int, request: Request) -> int:
        self._between.begins(conn, request)
        return conn

    def over(self, conn: int, request: Request, until: int | None, later: Iterable[Request]) -> bool:
        self._between.over(conn, until)
        return False

    def named(self, number: int, run: str) -> None:
        """No record is written."""

    def another(self) -> _Numbers:
        return self
