"""The flags of captures: what is kept in files, how, and what a run from cron needs. Every stream has them."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from oddstail import places, units
from oddstail.cli.flag import arguments, option
from oddstail.cli.stream import stream
from oddstail.file_safety import UnsafeFileError, own_folder
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.capture.options import Options, Stream
    from oddstail.run.plan import Saving

#: Flags that make sense of files alone.
_OF_FILES = ("append", "rotate", "split", "compress", "keep", "on_rotate", "fsync", "min_free")
FILES, CRON = "Files", "For cron and systemd"


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
                help="Record every message exactly as received (never the key) for oddstail replay; PATH as for -w."),
    ] = None  # fmt: skip
    append: Annotated[bool, option("--append", panel=FILES, help="Append to a file that already exists.")] = False
    rotate: Annotated[
        str | None,
        option(
            "--rotate",
            panel=FILES,
            metavar="WHEN",
            help="Start a new file at UTC boundaries or by size: 1h, day, 100MB.",
        ),
    ] = None
    split: Annotated[
        Split | None, option("--split", panel=FILES, help="Write a file of records for each league, game or book.")
    ] = None
    compress: Annotated[
        Compress | None,
        option("--compress", panel=FILES,
                help=(
                    "gzip or zstd compress closed files; live compresses as it writes (a crash may cost 5 s). "
                    "Default none."
                )),
    ] = None  # fmt: skip
    keep: Annotated[
        str | None,
        option("--keep", panel=FILES, metavar="DUR", help="Delete captures older than this: 14d. Default never."),
    ] = None
    on_rotate: Annotated[
        str | None,
        option("--on-rotate", panel=FILES, metavar="CMD",
                help="Run this command for each closed file ({} is its path); no shell, no keys in its environment."),
    ] = None  # fmt: skip
    fsync: Annotated[
        str | None,
        option(
            "--fsync",
            panel=FILES,
            metavar="DUR",
            help="Sync to disk at least this often (default 5s, or never); a power failure loses no more than that.",
        ),
    ] = None
    min_free: Annotated[
        str | None,
        option("--min-free", panel=FILES, metavar="SIZE", help="Stop cleanly when free disk space drops below this."),
    ] = None
    lock: Annotated[
        str | None,
        option("--lock", panel=CRON, metavar="NAME", help="Exit with 8 if another run holds the lock of this name."),
    ] = None
    resume: Annotated[
        bool,
        option("--resume", panel=CRON,
                help="Continue where the last run of this request ended: request missed updates and record the gap."),
    ] = False  # fmt: skip
    summary_json: Annotated[
        Path | None,
        option(
            "--summary-json", panel=CRON, metavar="FILE", help="Write a summary of the run to this file when it ends."
        ),
    ] = None


def saving(flags: SavingFlags, log: Path | None = None) -> Saving:
    """What the flags of captures come to; `log` is the file of `--log-file`. UsageError for what makes no sense."""
    from oddstail.run.plan import Saving

    write: Options | Stream | None = None if flags.write is None else stream("-w", flags.write)
    write = write or _options(flags, "--write", flags.write, ".ndjson", split=flags.split is not None)
    tape: Options | Stream | None = None if flags.tape is None else stream("--tape", flags.tape)
    tape = tape or _options(flags, "--tape", flags.tape, ".tape.ndjson")
    _fit(flags, write, tape)
    _check_apart({"-w": write, "--tape": tape}, {"--summary-json": flags.summary_json, "--log-file": log})
    return Saving(
        write=write,
        tape=tape,
        split=None if flags.split is None else flags.split.value,
        argv=shlex.join(["oddstail", *sys.argv[1:]]),
        lock=None if flags.lock is None else _lock(flags.lock, os.environ),
        state=_state(os.environ) / "resume" if flags.resume else None,
        summary=None if flags.summary_json is None else _summary(flags.summary_json),
    )


def _fit(flags: SavingFlags, write: Options | Stream | None, tape: Options | Stream | None) -> None:
    """UsageError for flags of files where there are none."""
    from oddstail.capture.options import Options, Stream

    of_files = [name for name in _OF_FILES if getattr(flags, name)]
    streams = [one for one in (write, tape) if isinstance(one, Stream)]
    if of_files and not isinstance(write, Options) and not isinstance(tape, Options):
        flag = f"--{of_files[0].replace('_', '-')}"
        if not streams:
            raise UsageError(f"{flag} is for files; name them with -w PATH or --tape PATH")
        raise UsageError(f"{flag} is for files, and {streams[0].name} is written to as it is; drop {flag}")
    if not isinstance(write, Options) and flags.split is not None:
        where = "; name their files with -w PATH" if write is None else ", and -w names no file; drop --split"
        raise UsageError(f"--split is for files of records{where}")


def _check_apart(captures: Mapping[str, Options | Stream | None], others: Mapping[str, Path | None]) -> None:
    """UsageError where two flags name one file: the later would write over the earlier, or into it."""
    from oddstail.capture.options import Options

    names = {flag: str(path) for flag, path in others.items() if path is not None}
    for flag, options in captures.items():
        if isinstance(options, Options) and not options.template.tokens:
            names[flag] = str(options.template.root / options.template.path({}))
    for (one, path), (other, second) in combinations(sorted(names.items(), reverse=True), 2):
        if os.path.realpath(path) == os.path.realpath(second) and not _is_device(path):
            raise UsageError(f"{one} and {other} cannot write the same file {second}; name two")


def _is_device(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _summary(path: Path) -> Path | Stream:
    """Where the summary goes. UsageError where it cannot be written when the run ends."""
    if (found := stream("--summary-json", str(path))) is not None:
        return found
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"--summary-json {path}: its directory does not exist; make it first")
    if path.is_dir():
        raise UsageError(f"--summary-json {path} is a directory; name a file in it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--summary-json {path}: its directory cannot be written; name another")
    return path


def _options(flags: SavingFlags, flag: str, path: str | None, suffix: str, *, split: bool = False) -> Options | None:
    """How the files of one kind are kept; None if none are asked for."""
    if path is None:
        return None
    from oddstail.capture.names import template
    from oddstail.capture.options import Options
    from oddstail.capture.rotation import Rotation, rotation
    from oddstail.capture.source import has_zstd

    if _is_device(path + suffix):
        raise UsageError(f"{flag} {path}: {path}{suffix} is neither a file nor a directory; choose another path")
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
        raise UsageError("--compress zstd needs a library: pip install 'oddstail[zstd]', or use gzip")
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
