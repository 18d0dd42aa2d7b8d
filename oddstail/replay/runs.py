"""Files into runs: which belong together, in what order, and over what connections. Reads only the head of each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from glob import glob
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from oddstail.capture.names import PACKED, is_open, once_closed
from oddstail.model import Request, UsageError, Where
from oddstail.replay.lines import STDIN, Lines, present
from oddstail.text import visible
from oddstail.units import micros
from oddstail.wire import tape

#: What a capture is called; `.part` while it is open, or was when its run crashed.
_ENDINGS = (".ndjson", ".ndjson.gz", ".ndjson.zst")
#: A header is looked for in so many lines: the first may be torn, or not the tape's own.
_HEAD = 3
#: The lines of a tape that has lost its header.
_OF_A_TAPE = ("frame", "connect", "lost", "sweep", "told")
#: ... among so many with blank ones.
_BLANK = 1000

#: What to do about a file that is none of ours, or has nothing in it.
REMEDY = "name a tape or a file of records, made with --tape or -w"

Kind = Literal["tape", "records"]

#: What a request asks for, whoever asks it and by which address.
Asked = tuple[str, str, str, str, tuple[tuple[str, str], ...], tuple[str, ...]]


@dataclass(slots=True)
class Part:
    """One file of a run. `start` is the time of its head in microseconds, `next` the number of its first line."""

    path: Path
    number: int = 1
    branch: str = ""
    start: int = 0
    next: int | None = None
    lines: Iterator[bytes] | None = None
    #: What its lines come from, once they are read.
    source: Lines | None = None


@dataclass(slots=True)
class Taped:
    """One run of oddstail, as far as its files are here. `conns` are its connections by their number in it."""

    kind: Kind
    name: str
    parts: list[Part] = field(default_factory=list)
    conns: dict[int, Request] = field(default_factory=dict)
    #: What is not told, each with the part that is in its place: a file and its copy, or as much of it as was there.
    copies: list[tuple[Part, Part]] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def asked(self) -> frozenset[Asked]:
        """What its connections ask for."""
        return frozenset(map(asked, self.conns.values()))


def asked(request: Request) -> Asked:
    """What tells requests apart. Not the host: a proxy, or the demo's port of the day, is asked for the same."""
    path = urlsplit(request.url).path
    return request.provider, request.feed, request.label, path, request.params, request.send


def files(given: Iterable[str | Path]) -> list[Path]:
    """Every capture that is meant: files as they are, of a directory all below it, a pattern that no shell expanded."""
    out: dict[Path, None] = {}
    for name in given:
        path = Path(name)
        if path == STDIN or (path.exists() and not path.is_dir()):
            out[path] = None
        elif path.is_dir():
            found = [now for item in sorted(path.rglob("*")) if _is_capture(now := present(item))]
            if not found:
                endings = ", ".join(_ENDINGS)
                raise UsageError(f"{path} holds no capture; they end in {endings} (or, open, have .part before it)")
            out |= dict.fromkeys(found)
        elif found := [Path(item) for item in sorted(glob(str(name), recursive=True)) if _is_capture(Path(item))]:
            out |= dict.fromkeys(found)
        else:
            raise UsageError(f"there is no file {visible(str(name), 200)}")
    # One file by two names, as a directory and something below it, is one.
    once = {os.path.realpath(path) if path != STDIN else "-": path for path in reversed(out)}
    # While a file is being packed both forms are there for a moment.
    return [path for name, path in reversed(once.items()) if os.path.splitext(name)[0] not in once or not _packed(path)]


def _packed(path: Path) -> bool:
    return path.suffix in PACKED


def _is_capture(path: Path) -> bool:
    name = once_closed(path.name)
    return name.endswith(_ENDINGS) and not name.startswith(".") and path.is_file()


def runs(paths: Iterable[Path], provider: str | None = None, *, every: bool = False) -> tuple[list[Taped], list[str]]:
    """The runs that these files are of, in the order in which they began, and what is to be said of them.

    The records of a run that is here as a tape are left out, unless `every` one is wanted.

    UsageError for a file that is neither a tape nor records; OSError for one that cannot be read.
    """
    found: dict[tuple[str, str], Taped] = {}
    notes: list[str] = []
    for path in paths:
        source = Lines(path)
        lines = iter(source)
        is_stream = path == STDIN or not path.is_file()
        head = _head(lines, provider, waits=is_stream)
        if not any(map(bytes.strip, head)):
            notes.append(f"{visible(str(path), 200)} {_nothing(source)}")
            continue
        part = Part(path)
        if is_stream:
            part.lines, part.source = _again(head, lines), source
        kind, name, conns = _described(path, head, part, provider)
        run = found.setdefault((kind, name), Taped(kind, name))
        run.parts.append(part)
        run.conns |= conns
    for run in found.values():
        _told_once(run)
        run.parts.sort(key=lambda part: (part.number, part.start))
    copies = [pair for run in found.values() for pair in run.copies]
    if copies and not every:
        left, kept = (visible(str(part.path), 200) for part in copies[0])
        more = f"; so {'are' if len(copies) > 2 else 'is'} {len(copies) - 1:,} more like it" if copies[1:] else ""
        notes.append(f"{left} is skipped: {kept} is the same part of the same run{more}")
    taped = {name for kind, name in found if kind == "tape"}
    twice = [key for key in found if key[0] == "records" and key[1] in taped and not every]
    for key in twice:
        many = len(found.pop(key).parts)
        notes.append(f"{many} file{'s' * (many > 1)} of records skipped: the same run is here as a tape")
    for run in found.values():
        first = run.parts[0]
        if first.number > 1:
            text = (
                f"{visible(str(first.path), 200)} is part {first.number} of its run: prices from before are not known"
            )
            notes.append(text)
    return sorted(found.values(), key=lambda run: run.start), notes


def _told_once(run: Taped) -> None:
    """Of parts that begin as one and the same did, the longest: a copy may have been made while it was written."""
    kept: dict[tuple[str, int, int], Part] = {}
    for part in run.parts:
        at = (part.branch, part.number, part.start)
        known = kept.setdefault(at, part)
        if known is part:
            continue
        if _length(part) > _length(known):
            kept[at], known, part = part, part, known
            run.copies = [(left, known if told is part else told) for left, told in run.copies]
        run.copies.append((part, known))
    run.parts = list(kept.values())


def _length(part: Part) -> tuple[int, bool]:
    """By which a copy is chosen: bytes of lines, and whether it is closed. Reads through what is packed."""
    path = part.path
    if path == STDIN or not path.is_file():
        return 0, False
    source = Lines(path)
    size = sum(map(len, source)) if _packed(path.with_name(once_closed(path.name))) else path.stat().st_size
    return size, not is_open(path.name)


def _head(lines: Iterator[bytes], provider: str | None, *, waits: bool) -> list[bytes]:
    """The first lines of which some say something; of what `waits` for its writer, no more than are needed."""
    head: list[bytes] = []
    said = 0
    while said < _HEAD and len(head) < _BLANK and (line := next(lines, None)) is not None:
        head.append(line)
        said += not line.isspace()
        if waits and (fields := _fields(line)) is not None and _describes(fields, provider):
            break
    return head


def _describes(fields: dict[str, Any], provider: str | None) -> bool:
    """Whether a line says by itself what its file is."""
    if fields.get("type") == "tape" or _is_record(fields):
        return True
    return provider is not None and fields.get("type") in _OF_A_TAPE


def _is_record(fields: dict[str, Any]) -> bool:
    return fields.get("v") == 1 and isinstance(fields.get("recv"), str) and "provider" in fields


def _nothing(source: Lines) -> str:
    """Why a file has nothing to tell."""
    if source.broken:
        return f"cannot be unpacked ({visible(source.broken, 200)})"
    return f"has no whole line ({source.torn:,} bytes of a torn one)" if source.torn else "is empty"


def _again(head: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from head
    yield from rest


def _described(path: Path, head: list[bytes], part: Part, provider: str | None) -> tuple[Kind, str, dict[int, Request]]:
    """What a file is by its head; fills in `part`."""
    shown = visible(str(path), 200)
    parsed = [fields for line in head if (fields := _fields(line)) is not None]
    for fields in parsed:
        if fields.get("type") == "tape":
            return "tape", *_tape_head(fields, part, shown)
    for fields in parsed:
        if fields.get("type") in _OF_A_TAPE:
            return "tape", str(path), _headless(fields, part, provider, shown)
        if _is_record(fields):
            try:
                return "records", *_records_head(fields, part, path)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                text = f"{shown}: the head of the records cannot be read ({visible(str(error), 80)})"
                raise UsageError(text) from None
    raise UsageError(f"{shown} is {'neither a tape nor a file of records' if parsed else 'no NDJSON'}; {REMEDY}")


def _tape_head(fields: dict[str, Any], part: Part, shown: str) -> tuple[str, dict[int, Request]]:
    if fields.get("v") != tape.VERSION:
        raise UsageError(
            f"{shown} is a tape of version {fields.get('v')}, and this program reads {tape.VERSION}; update"
        )
    try:
        part.number, part.start = _nth(fields["part"]), micros(fields["recv"])
        part.next = int(fields["next"])
        conns = {int(item["conn"]): tape.request(item["request"]) for item in fields["conns"]}
        return str(fields["run"]), conns
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{shown}: the head of the tape cannot be read ({visible(str(error), 80)})") from None


def _headless(fields: dict[str, Any], part: Part, provider: str | None, shown: str) -> dict[int, Request]:
    """Frames without a header, as `grep` or a crash may leave them: the provider must be named."""
    if provider is None:
        raise UsageError(f"{shown} has no header; say whose frames they are with --provider")
    try:
        part.start = micros(fields["recv"])
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{shown} has no arrival times, and cannot be replayed") from None
    return {int(fields.get("conn") or 1): unknown(provider, shown)}


def unknown(provider: str, label: str) -> Request:
    """The request of which only the provider is known."""
    return Request(
        provider=provider, feed="odds", label=label, transport="sse", url="", key_in=Where.HEADER, key_name=""
    )


def _records_head(fields: dict[str, Any], part: Part, path: Path) -> tuple[str, dict[int, Request]]:
    """Records name their provider each, and a header their connections. Without one, a file is a run of its own."""
    part.start = micros(fields["recv"])
    made = replace(unknown(str(fields["provider"]), path.name), feed=str(fields.get("feed", "odds")))
    if fields.get("type") != "header":
        return str(path), {int(fields.get("conn") or 1): made}
    part.number, part.branch = _nth(fields["part"]), str(fields.get("split") or "")
    return str(fields["run"]), subscribed(fields, made)


def subscribed(fields: dict[str, Any], known: Request) -> dict[int, Request]:
    """The connections that a header of records names, each like the `known` one but for what was asked for."""
    return {
        conn: replace(
            known,
            # Of several, the header's own are joined: `opticodds+boltodds`.
            provider=str(one.get("provider", known.provider.split("+")[0])),
            feed=str(one.get("feed", known.feed.split("+")[0])),
            label=str(one.get("label", "")),
            url=str(one.get("url", "")),
            params=tuple((str(name), str(value)) for name, value in one.get("params", ())),
            send=tuple(map(str, one.get("send", ()))),
        )
        for conn, one in enumerate(json.loads(fields.get("subscription") or "[]"), 1)
    }


def _nth(value: Any) -> int:
    """The number of a part. ValueError for what no run counts to."""
    if type(value) is not int or not 0 < value < 1 << 31:
        raise ValueError("a part has a number, from 1")
    return value


def _fields(line: bytes) -> dict[str, Any] | None:
    try:
        return tape.parsed(line)
    except ValueError:
        return None
