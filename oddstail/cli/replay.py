"""`replay`: captures through the same decoders, filters and sinks as a live stream. Knows flags only."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from oddstail import local_time
from oddstail.cli.alerting import alerts, exit_on
from oddstail.cli.common import LogFormat, Shown, duration, log_file, only, options, output, with_common
from oddstail.cli.flag import option
from oddstail.cli.picking import PICK, picked
from oddstail.cli.saving import SavingFlags, saving
from oddstail.cli.screen import Screen, look
from oddstail.cli.stream import parted
from oddstail.cli.times import Times, times
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.replay.player import Pace
    from oddstail.replay.runs import Taped
    from oddstail.run.plan import Plan

_REPLAY = "Replay"
#: What makes no sense of a capture: its cursors and its messages are of another day.
_NOT = frozenset({"tape", "lock", "resume"})
#: Whole names, by the field of a record that has them.
_NAMED = ("sport", "league", "book", "market")
#: As the viewer waits: a night between two games is no suspense.
_PAUSE = "1m"

_option = partial(option, panel=_REPLAY)


def _picks(*names: str, help: str) -> Any:
    return typer.Option(*names, metavar="NAME", help=help, rich_help_panel=PICK, show_default=False)


@dataclass(frozen=True, kw_only=True)
class _Flags(SavingFlags, Screen, Shown):
    """The shared flags of a replay."""


def _flags(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILES", help="Tapes or records; a directory means all files below it, - means stdin."),
    ],
    speed: Annotated[
        str | None,
        _option("--speed", metavar="N", help="1x, 10x, 0.5x, or max. Default 1x on the screen, else max."),
    ] = None,
    max_pause: Annotated[
        str, _option("--max-pause", metavar="DUR", help="Longest wait between two messages; default 1m.")
    ] = _PAUSE,
    from_: Annotated[
        str | None,
        _option(
            "--from",
            metavar="TIME",
            help="Start at this time: 19:30 in the zone of --tz, an RFC 3339 time, or +10m after the start.",
        ),
    ] = None,
    to: Annotated[str | None, _option("--to", metavar="TIME", help="End at this time; same formats.")] = None,
    sport: Annotated[list[str] | None, _picks("--sport", "-s", help="Only these sports, by full name.")] = None,
    league: Annotated[list[str] | None, _picks("--league", "-l", help="Only these leagues.")] = None,
    book: Annotated[list[str] | None, _picks("--book", "-b", help="Only these books.")] = None,
    market: Annotated[list[str] | None, _picks("--market", "-m", help="Only these markets.")] = None,
    provider: Annotated[
        str | None,
        _option("--provider", "-p", metavar="NAME", help="Provider of the messages, if a tape has no header."),
    ] = None,
) -> None:
    """Replay a capture through the same decoders, filters and outputs.

    oddstail replay captures/ --speed 10x

    oddstail replay captures/ -o json | jq -c 'select(.type=="gap")'

    oddstail replay captures/*.tape.ndjson.gz --from 19:30 --to 22:00 -o none -w records/
    """


def command() -> Callable[..., None]:
    """The subcommand."""

    def launch(**given: Any) -> None:
        flags = options(_Flags, given)
        _leave(flags, files=given["files"], speed=given["speed"], max_pause=given["max_pause"],
               since=given["from_"], until=given["to"], provider=given["provider"],
               named={name: given[name] for name in _NAMED})  # fmt: skip

    return with_common(_flags, launch, _Flags, _NOT)


def _leave(flags: _Flags, **given: Any) -> NoReturn:
    from oddstail.cli.app import fail
    from oddstail.cli.execute import execute

    try:
        built = _plan(flags, **given)
    except (OSError, ValueError) as error:
        name = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        fail(2, f"{name}{getattr(error, 'strerror', None) or error}")
    raise typer.Exit(execute(built, verbose=flags.verbose))


def _plan(
    flags: _Flags,
    files: list[str],
    speed: str | None,
    max_pause: str,
    since: str | None,
    until: str | None,
    provider: str | None,
    named: dict[str, list[str] | None],
) -> Plan:
    from oddstail import providers
    from oddstail.cli.planning import markets
    from oddstail.providers.flags import values
    from oddstail.replay.player import Pace
    from oddstail.run.plan import Leg, Plan
    from oddstail.transports import Limits

    zone = times(flags.tz)
    found, notes = opened(files, provider)
    shown = output(flags)
    if shown == "raw" and all(run.kind == "records" for run in found):
        raise UsageError("records do not hold what the provider sent; use -o json, or replay what --tape kept")
    begin = found[0].start
    first, last = span(since, until, begin, zone)
    pace = Pace(
        speed=_speed(speed, shown == "table" and sys.stdout is not None and sys.stdout.isatty()),
        max_pause=duration("--max-pause", max_pause),
        since=first,
        until=last,
    )
    if pace.since is not None and pace.until is not None and pace.until <= pace.since:
        raise UsageError("--to is before --from, and nothing lies between; swap them")
    requests = [request for run in found for _, request in sorted(run.conns.items())]
    legs = [
        Leg(provider=providers.provider(name), requests=list(several))
        for name, several in groupby(requests, key=lambda request: request.provider)
    ]
    # What plays is one source, which the first leg's filter is for.
    legs[0] = replace(
        legs[0], filter=picked(flags, shown, {name: values(given, f"--{name}") for name, given in named.items()})
    )
    saved, log = saving(flags, flags.log_file), log_file(flags)
    parted(saved, log, shown)
    return Plan(
        legs=legs,
        output=shown,
        count=flags.count,
        seconds=duration("--for", flags.for_),
        changes=flags.changes,
        only=only(flags.only),
        fail_if_empty=flags.fail_if_empty,
        saving=saved,
        talk=-1 if flags.quiet else flags.verbose,
        log=log,
        log_json=flags.log_format is LogFormat.json,
        look=look(flags),
        zone=zone.zone,
        banner=_banner(pace, pace.since or begin, zone.zone),
        notes=(*notes, *zone.notes, *_spoken(pace, zone.zone)),
        alerts=alerts(flags, Limits()),
        markets=markets(flags),
        exit_on=exit_on(flags),
        plays_frames=any(run.kind != "records" for run in found),
        play=_player(found, pace, zone.zone),
    )


def opened(files: list[str], provider: str | None, *, every: bool = False) -> tuple[list[Taped], list[str]]:
    """The runs that these files hold, and what is to be said of them. UsageError, OSError or ValueError.

    With `every`, what has nothing to tell is no error, and records are there beside the tape of their run.
    """
    from oddstail import providers
    from oddstail.replay.runs import REMEDY, runs
    from oddstail.replay.runs import files as captures
    from oddstail.text import visible

    if provider is not None and provider not in providers.TITLES:
        raise UsageError(f"--provider {provider!r} is not a provider; choose from: {', '.join(providers.TITLES)}")
    found, notes = runs(captures(files), provider, every=every)
    if not found and not every:
        more = f", and {len(notes) - 1:,} more like it" if len(notes) > 1 else ""
        raise UsageError(f"{notes[0]}{more}; {REMEDY}")
    for run in found:
        if not run.conns:
            raise UsageError(
                f"{run.parts[0].path}: its head names no connection, so there is nothing to tell; remove it"
            )
        for request in run.conns.values():
            if request.provider not in providers.TITLES:
                name = visible(request.provider, 40)
                raise UsageError(f"{run.parts[0].path} is of {name}, which this program does not know; update it")
    return found, notes


def _player(found: list[Taped], pace: Pace, zone: tzinfo) -> Any:
    def play(introduce: Any, named: Any, wants: Any) -> Any:
        from oddstail import providers
        from oddstail.replay.player import Player

        return Player(
            runs=found,
            pace=pace,
            wants=wants,
            provider=providers.provider,
            introduce=introduce,
            named=named,
            at=found[0].start,
            zone=zone,
        )

    return play


def _banner(pace: Pace, begin: int, zone: tzinfo) -> str:
    """The screen's clock has the time of day; the day is said here."""
    day = f"{local_time.at(begin, zone):%Y-%m-%d}"
    return f"REPLAY {day}  " if pace.speed in (None, 1.0) else f"REPLAY {day} {pace.speed:g}x  "


def _speed(text: str | None, watched: bool) -> float | None:
    """How many times as fast as it was; None as fast as it goes."""
    if text is None:
        return 1.0 if watched else None
    word = text.strip().lower()
    if word == "max":
        return None
    if not re.fullmatch(r"\d+(\.\d+)?x?", word) or float(word.rstrip("x")) == 0:
        raise UsageError(f"--speed {text!r} is not a speed; use 10x, 0.5x or max")
    return float(word.rstrip("x"))


def span(since: str | None, until: str | None, begin: int, times: Times) -> tuple[int | None, int | None]:
    """From when to when on the tape. Of two times of day the second comes after the first, that nearest its start."""
    first, last = _moment("--from", since, begin, times), _moment("--to", until, begin, times)
    if since is None or until is None or first is None or last is None or last >= first or until.strip()[:1] == "+":
        return first, last
    if local_time.is_time_of_day(since) and local_time.is_time_of_day(until):
        # 19:30 to 22:00 of what began at 19:42 is not tomorrow's; 20:00 to 19:50 ends there.
        earlier = local_time.previous(since, begin, times.zone)
        if begin - earlier < first - begin:
            return earlier, last
    return first, times.moment("--to", until, first)


def _moment(flag: str, text: str | None, begin: int, times: Times) -> int | None:
    """A time on the tape, in microseconds. A time of day is the first one after its start."""
    if text is None:
        return None
    if text.strip().startswith("+"):
        return begin + round((duration(flag, text.strip()[1:]) or 0) * 1e6)
    return times.moment(flag, text, begin, inclusive=True, also=" or +10m")


def _spoken(pace: Pace, zone: tzinfo) -> list[str]:
    """A line that says which part of the capture is played, with its zone."""
    parts = [
        f"{word} {local_time.dated(at, zone)}"
        for word, at in (("from", pace.since), ("to", pace.until))
        if at is not None
    ]
    return [f"plays {' '.join(parts)}"] if parts else []
