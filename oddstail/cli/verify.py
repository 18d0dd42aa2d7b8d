"""`verify`: whether captures are whole, as a table for people or NDJSON for programs. Knows flags and columns only."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oddstail import retry
from oddstail.cli.flag import Form
from oddstail.cli.times import LOCAL, TZ_HELP, Times, times
from oddstail.model import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oddstail.replay.verify import Account, Checked

#: What is known for so much of the time is one number, not a row.
_ALWAYS = 0.99
#: Rows of coverage that a terminal shows of a run; all of them go into NDJSON.
_ROWS = 40


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILES", help="Tapes or records; a directory means all files below it, - means stdin."),
    ],
    output: Annotated[
        Form,
        typer.Option("--output", "-o", help="table, json; auto: table on a terminal, else json.", show_default=False),
    ] = Form.auto,
    as_json: Annotated[bool, typer.Option("--json", help="Short for -o json.")] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Also fail on gaps that were not replayed, holes between runs, and runs that never connected.",
        ),
    ] = False,
    provider: Annotated[
        str | None,
        typer.Option("--provider", "-p", metavar="NAME", help="Provider of the messages, if a tape has no header."),
    ] = None,
    tz: Annotated[str, typer.Option("--tz", metavar="ZONE", help=TZ_HELP, show_default=False)] = LOCAL,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only files that are not complete.")] = False,
) -> None:
    """Check captures for missing or damaged data (lines, order, checksums) and report what they cover.

    Exits with 0 if they are, with 6 if anything is torn, missing, changed or not closed. Of what was written: that
    nobody watched between two runs of the same request is told, and a fault by --strict only.

    oddstail verify captures/

    oddstail verify captures/ -o table | less

    oddstail verify captures/ -q || echo "not whole"

    oddstail verify captures/ | jq -c 'select(.type=="coverage" and .share < 0.99)'
    """
    from oddstail.cli.app import fail

    plain = as_json or output is Form.json or (output is Form.auto and not sys.stdout.isatty())
    zone = times(tz)
    try:
        whole = _verified(files, provider, zone, plain=plain, strict=strict, quiet=quiet)
    except UsageError as error:
        fail(retry.USAGE, str(error))
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        name = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        fail(retry.USAGE, f"{name}{getattr(error, 'strerror', None) or error}")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(retry.OK if whole else retry.TORN)


def _verified(files: list[str], provider: str | None, zone: Times, *, plain: bool, strict: bool, quiet: bool) -> bool:
    from oddstail import providers
    from oddstail.cli.replay import opened
    from oddstail.replay.between import Between
    from oddstail.replay.reading import Reading
    from oddstail.replay.verify import account, lost
    from oddstail.sinks.progress import Progress, is_watched

    found, notes = opened(files, provider, every=True)
    for note in () if quiet else [*notes, *zone.notes]:
        typer.echo(f"oddstail: {note}", err=True)
    progress, reading, watched = Progress(lambda data: os.write(2, data)), Reading(found), not quiet and is_watched()

    def step() -> None:
        if watched:
            progress.show(lambda: f"verify: {reading}", time.monotonic())

    many, problems, between = 0, 0, Between()
    for run in found:
        try:
            made = account(run, providers.provider, step, between)
        finally:
            progress.clear()
        if strict:
            made.problems += made.unwatched()
        many += len(made.files)
        problems += len(made.problems) + sum(len(one.problems) for one in made.files)
        for line in () if quiet and made.whole else _ndjson(made, quiet) if plain else _table(made, quiet, zone.zone):
            typer.echo(line)
    for one in lost(files, found):
        many, problems = many + 1, problems + len(one.problems)
        for line in (_json(one.record()),) if plain else _file(one):
            typer.echo(line)
    verdict = {"type": "verdict", "files": many, "runs": len(found), "problems": problems, "whole": not problems}
    if problems or not quiet:
        typer.echo(_json(verdict) if plain else _verdict(verdict))
    return not problems


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, separators=(",", ":"))


def _ndjson(made: Account, quiet: bool) -> Iterator[str]:
    for one in made.files:
        if one.problems or not quiet:
            yield _json(one.record())
    yield _json(made.record())
    for share in made.shares() if not quiet else ():
        yield _json(share)


def _table(made: Account, quiet: bool, zone: tzinfo) -> Iterator[str]:
    from oddstail import local_time, words
    from oddstail.text import visible

    run = made.record()
    labels = visible(", ".join(run["labels"]), 60)
    yield f"run {visible(run['run'], 60)}  {run['kind']}  {run['provider']} {run['feed']}  {labels}"
    span = f"{local_time.of_record(run['from'], zone)} to {local_time.of_record(run['to'], zone)}"
    yield f"  {span} ({words.lasting(run['seconds'])}), watched {run['watched']:.2%}, {_gaps(made)}"
    for one in made.files:
        if one.problems or not quiet:
            yield from _file(one)
    for problem in made.problems:
        yield f"  BAD {visible(problem)}"
    if quiet:
        yield ""
        return
    shares = [share for share in made.shares() if share["share"] < _ALWAYS]
    always = sum(1 for _ in made.shares()) - len(shares)
    if always:
        yield f"      {words.many(always, 'market')} of a book known for at least {_ALWAYS:.0%} of the time"
    if shares:
        wide = min(28, max(len(visible(one["book"])) for one in shares))
        yield f"      {'book':{wide}}  {'market':32} {'quotes':>9}  covered"
    # What is covered worst is what one came to see.
    for share in sorted(shares, key=lambda one: (one["share"], one["book"], one["market"]))[:_ROWS]:
        book, market = visible(share["book"], wide), visible(share["market"], 32)
        yield f"      {book:{wide}}  {market:32} {share['quotes']:>9,}  {share['share']:>7.2%}"
    if len(shares) > _ROWS:
        yield f"      and {len(shares) - _ROWS:,} better covered; --json lists all"
    yield ""


def _file(one: Checked) -> Iterator[str]:
    from oddstail.text import visible

    mark = "ok " if not one.problems else "FAIL"
    yield f"  {mark} {visible(str(one.path))}  {one.lines:,} lines, {one.bytes / 1e6:,.1f} MB, manifest {one.sums}"
    for problem in one.problems:
        yield f"      {visible(problem)}"


def _gaps(made: Account) -> str:
    from oddstail import words

    gaps = made.coverage.gaps
    apart = f", {words.lasting(made.unwatched_between)} between runs" if made.between else ""
    if not made.connected:
        return f"never connected{apart}"
    if not gaps:
        return f"no gap{apart}"
    lasting = words.lasting(sum(gap.seconds for gap in gaps))
    filled = len(gaps) - len(made.unresumed)
    return f"{words.many(len(gaps), 'gap')} ({lasting}{f', {filled} of them filled' if filled else ''}){apart}"


def _verdict(verdict: dict[str, Any]) -> str:
    from oddstail import words

    what = f"{words.many(verdict['files'], 'file')} of {words.many(verdict['runs'], 'run')}"
    return (
        f"complete: {what}" if verdict["whole"] else f"INCOMPLETE: {what}, {words.many(verdict['problems'], 'problem')}"
    )
