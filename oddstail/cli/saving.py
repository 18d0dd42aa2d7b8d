"""The flags of captures: what is kept in files, how, and what a run from cron needs. Every stream has them."""

from __future__ import annotations

import errno
import os
import re
import shlex
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from oddstail import places, units
from oddstail.cli.flag import arguments, option
from oddstail.file_safety import UnsafeFileError, own_folder
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.capture.options import Options
    from oddstail.run.plan import Saving

FILES, CRON = "Files", "For cron and systemd"
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
#: Names of descriptors that are open already, whatever they lead to.
_DESCRIPTOR = re.compile(r"-|/dev/(stdin|stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")


class Compress(StrEnum):
    """How files are packed."""

    none = "none"
    gzip = "gzip"
    zstd = "zstd"
    live = "live"


class Split(StrEnum):
    """What has a file of its own."""

    league = "league"
    game = "game"
    book = "book"


@dataclass(frozen=True, kw_only=True)
class SavingFlags:
    """The flags that keep what came, beside any output."""

    write: Annotated[
        str | None,
        option("--write", "-w", panel=FILES, metavar="PATH",
                help="Write the records to files: a directory, a file, or a name with {provider} {feed} {label} {date}"
                " {start} {run} {part} {split}."),
    ] = None  # fmt: skip
    tape: Annotated[
        str | None,
        option("--tape", panel=FILES, metavar="PATH",
                help="Keep every message as received, never a key, for oddstail replay; PATH as for -w."),
    ] = None  # fmt: skip
    append: Annotated[bool, option("--append", panel=FILES, help="Add to a file that exists already.")] = False
    rotate: Annotated[
        str | None,
        option("--rotate", panel=FILES, metavar="WHEN", help="A new file at UTC borders or by size: 1h, day, 100MB."),
    ] = None
    split: Annotated[
        Split | None, option("--split", panel=FILES, help="A file of records for each league, game or book.")
    ] = None
    compress: Annotated[
        Compress | None,
        option("--compress", panel=FILES,
                help="gzip or zstd once a file is closed; live: gzip as it goes (a crash may cost 5 s); default none."),
    ] = None  # fmt: skip
    keep: Annotated[
        str | None,
        option("--keep", panel=FILES, metavar="DUR", help="Delete captures closed longer ago: 14d. Default never."),
    ] = None
    on_rotate: Annotated[
        str | None,
        option("--on-rotate", panel=FILES, metavar="CMD",
                help="Run for each closed file, {} its path; arguments, no shell, no keys in its environment."),
    ] = None  # fmt: skip
    fsync: Annotated[
        str | None,
        option(
            "--fsync", panel=FILES, metavar="DUR", help="At most so much is lost with the power; default 5s; or never."
        ),
    ] = None
    min_free: Annotated[
        str | None,
        option("--min-free", panel=FILES, metavar="SIZE", help="Stop in good order before the disk has less room."),
    ] = None
    lock: Annotated[
        str | None,
        option("--lock", panel=CRON, metavar="NAME", help="Exit with 8 if another run holds a lock of this name."),
    ] = None
    resume: Annotated[
        bool,
        option("--resume", panel=CRON,
                help="Go on where the last run of this request ended: ask for what was missed, and tell the gap."),
    ] = False  # fmt: skip
    summary_json: Annotated[
        Path | None,
        option("--summary-json", panel=CRON, metavar="FILE", help="Write the run's summary there when it ends."),
    ] = None


def saving(flags: SavingFlags, log: Path | None = None) -> Saving:
    """What the flags of captures come to; `log` is the file of `--log-file`. UsageError for what makes no sense."""
    from oddstail.run.plan import Saving

    path = flags.write
    if path is not None and is_direct(path):
        _take_stdout(path)
        path = None
    write = _options(flags, "--write", path, ".ndjson", split=flags.split is not None)
    tape = _options(flags, "--tape", flags.tape, ".tape.ndjson")
    if write is None and tape is None:
        for name in ("append", "rotate", "split", "compress", "keep", "on_rotate", "fsync", "min_free"):
            if getattr(flags, name):
                raise UsageError(f"--{name.replace('_', '-')} is for files; name them with -w PATH or --tape PATH")
    if write is None and flags.split is not None:
        raise UsageError("--split is for records; name their files with -w PATH")
    _check_apart({"-w": write, "--tape": tape}, {"--summary-json": flags.summary_json, "--log-file": log})
    if flags.summary_json is not None:
        _check_regular("--summary-json", str(flags.summary_json))
        if not flags.summary_json.absolute().parent.is_dir():
            raise UsageError(f"--summary-json {flags.summary_json}: its directory does not exist; make it first")
    return Saving(
        write=write,
        tape=tape,
        split=None if flags.split is None else flags.split.value,
        argv=shlex.join(["oddstail", *sys.argv[1:]]),
        lock=None if flags.lock is None else _lock(flags.lock, os.environ),
        state=_state(os.environ) / "resume" if flags.resume else None,
        summary=flags.summary_json,
    )


def is_direct(path: str) -> bool:
    """Whether `-w` names stdout or a named pipe: records go straight there, in place of what stdout would have."""
    return path in _STDOUT or (not _DESCRIPTOR.fullmatch(path) and _mode(path, stat.S_ISFIFO))


def _take_stdout(path: str) -> None:
    """Let a named pipe be our stdout. UsageError where it has no reader: to wait for one could take for ever."""
    if path in _STDOUT:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        remedy = "start its reader first" if error.errno == errno.ENXIO else error.strerror
        raise UsageError(f"-w {path}: this pipe cannot be written to; {remedy}") from None
    os.set_blocking(descriptor, True)
    os.dup2(descriptor, 1)
    os.close(descriptor)


def _check_apart(captures: Mapping[str, Options | None], others: Mapping[str, Path | None]) -> None:
    """UsageError where two flags name one file: the later would write over the earlier, or into it."""
    names = {flag: str(path) for flag, path in others.items() if path is not None}
    for flag, options in captures.items():
        if options is not None and not options.template.tokens:
            names[flag] = str(options.template.root / options.template.path({}))
    for (one, path), (other, second) in combinations(sorted(names.items(), reverse=True), 2):
        if os.path.realpath(path) == os.path.realpath(second) and not _is_device(path):
            raise UsageError(f"{one} and {other} cannot write the same file {second}; name two")


def _check_regular(flag: str, path: str) -> None:
    """UsageError for a device, a pipe or a descriptor: a file of records is a regular one, with a name of its own."""
    if _DESCRIPTOR.fullmatch(path) or _is_device(path):
        remedy = (
            "name a regular file, a directory, a named pipe, or - for stdout"
            if flag == "--write"
            else "name a regular file"
        )
        raise UsageError(f"{flag} {path} is no regular file and no directory; {remedy}")


def _is_device(path: str) -> bool:
    return _mode(path, lambda mode: not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)))


def _mode(path: str, holds: Callable[[int], bool]) -> bool:
    """Whether something is there and its mode is such."""
    try:
        return holds(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _options(flags: SavingFlags, flag: str, path: str | None, suffix: str, *, split: bool = False) -> Options | None:
    """How the files of one kind are kept; None if none are asked for."""
    if path is None:
        return None
    from oddstail.capture.names import template
    from oddstail.capture.options import Options
    from oddstail.capture.rotation import Rotation, rotation
    from oddstail.capture.source import has_zstd

    for place in (path, path + suffix):
        _check_regular(flag, place)
    try:
        rotate = Rotation() if flags.rotate is None else rotation(flags.rotate)
    except ValueError as error:
        raise UsageError(f"--rotate {error}") from None
    try:
        name = template(path, suffix, folder=os.path.isdir(path), split=split, rotates=flags.rotate is not None)
    except ValueError as error:
        raise UsageError(f"{flag} {path}: {error}") from None
    compress: Literal["none", "gzip", "zstd", "live"] = "none" if flags.compress is None else flags.compress.value
    if name.packed is not None:
        given = {"live": "gzip"}.get(compress, compress)
        if flags.compress is not None and given != name.packed:
            raise UsageError(f"{flag} {path} and --compress {compress} contradict each other; drop one")
        compress = compress if flags.compress is not None else "gzip" if name.packed == "gzip" else "zstd"
    if compress == "zstd" and not has_zstd():
        raise UsageError("--compress zstd needs a library: pip install 'oddstail[zstd]', or take gzip")
    if flags.append and compress != "none":
        raise UsageError("--append adds lines to a plain file; drop --compress")
    if flags.append and flags.rotate is not None:
        # A second run would go on in each of the first one's files: no reader could tell their order.
        raise UsageError("--append goes on in one file, and --rotate begins another; drop one of them")
    return Options(
        template=name,
        rotation=rotate,
        compress=compress,
        keep=_duration("--keep", flags.keep),
        fsync=5.0 if flags.fsync is None else None if flags.fsync == "never" else _duration("--fsync", flags.fsync),
        min_free=0 if flags.min_free is None else _size("--min-free", flags.min_free),
        append=flags.append,
        on_rotate=arguments("--on-rotate", flags.on_rotate),
    )


def _state(env: Mapping[str, str]) -> Path:
    """Where one run leaves a word for the next, without a home, too: cron and `env -i` have none."""
    found = places.state(env)
    if found is not None:
        return found
    import pwd

    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        home = ""
    if home.startswith("/") and os.access(home, os.W_OK):
        return Path(home) / ".local/state/oddstail"
    path = Path(env.get("TMPDIR") or "/tmp") / f"oddstail-{os.getuid()}"  # noqa: S108 - checked by own_folder
    try:
        own_folder(path)
    except UnsafeFileError as error:
        raise UsageError(f"{error}: --lock and --resume need a place for state") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be made: {error.strerror}; set HOME or XDG_STATE_HOME: --lock and --resume need a place"
        ) from None
    return path


def _lock(name: str, env: Mapping[str, str]) -> Path:
    """A name stands for a file among our state; a path for itself."""
    from oddstail.capture.names import safe

    if not name:
        raise UsageError("--lock needs a name; give it one, such as --lock nba")
    return Path(name) if "/" in name else _state(env) / "locks" / f"{safe(name)}.lock"


def _duration(flag: str, text: str | None) -> float | None:
    try:
        return None if text is None else units.duration(text)
    except ValueError as error:
        raise UsageError(f"{flag} {error}") from None


def _size(flag: str, text: str) -> int:
    try:
        return units.size(text)
    except ValueError as error:
        raise UsageError(f"{flag} {error}") from None
