"""The flags that every streaming subcommand shares, and what each by itself comes to."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_type_hints

from oddstail import local_time, units
from oddstail.cli.alerting import ALERTS, Alerted
from oddstail.cli.flag import option
from oddstail.cli.picking import PICK, Picks
from oddstail.cli.saving import CRON, FILES, SavingFlags
from oddstail.cli.screen import Screen
from oddstail.cli.times import LOCAL, TZ_HELP, Times
from oddstail.model import Request, UsageError
from oddstail.words import lasting

if TYPE_CHECKING:
    from oddstail.capture.options import Stream
    from oddstail.run.plan import Output as RunOutput

OUTPUT, WHEN, LOOP, KEYS = "Output", "When to stop", "The connection", "The key"
PANELS = (PICK, ALERTS, OUTPUT, FILES, WHEN, CRON, LOOP, KEYS)


class Output(StrEnum):
    """How to show what comes."""

    auto = "auto"
    table = "table"
    json = "json"
    raw = "raw"
    lines = "lines"
    none = "none"


class LogFormat(StrEnum):
    """How status lines are written."""

    text = "text"
    json = "json"


@dataclass(frozen=True, kw_only=True)
class Shown(Picks, Alerted):
    """What is shown of what comes, wherever that comes from, and when to stop."""

    output: Annotated[
        Output,
        option("--output", "-o", panel=OUTPUT,
                help="table, json, raw (payloads as received), lines, none; "
                "auto: on a terminal table (or lines, where there are no prices), else json."),
    ] = Output.auto  # fmt: skip
    json: Annotated[bool, option("--json", panel=OUTPUT, help="Short for -o json.")] = False
    changes: Annotated[
        bool,
        option("--changes", panel=OUTPUT, help="Only changed quotes (price, line or status) and results."),
    ] = False
    markets: Annotated[
        bool,
        option("--markets", panel=OUTPUT,
               help="Add market records: best price over all books, hold, fair price and edge."),
    ] = False  # fmt: skip
    only: Annotated[
        list[str] | None,
        option(
            "--only",
            panel=OUTPUT,
            metavar="TYPE",
            help="Only these record types: quote, fixture, gap ...",
        ),
    ] = None
    tz: Annotated[str, option("--tz", panel=OUTPUT, metavar="ZONE", help=TZ_HELP)] = LOCAL
    quiet: Annotated[bool, option("--quiet", "-q", panel=OUTPUT, help="Print only errors on stderr.")] = False
    verbose: Annotated[
        int,
        option(
            "--verbose",
            "-v",
            panel=OUTPUT,
            count=True,
            help="Print more on stderr; -vv adds the libraries' logs.",
        ),
    ] = 0
    log_file: Annotated[
        Path | None,
        option("--log-file", panel=OUTPUT, metavar="FILE", help="Append stderr messages to this file, with times."),
    ] = None
    log_format: Annotated[
        LogFormat, option("--log-format", panel=OUTPUT, help="Format of messages on stderr and in the log file.")
    ] = LogFormat.text
    count: Annotated[
        int | None,
        option(
            "--count",
            "-c",
            panel=WHEN,
            min=1,
            metavar="N",
            help="Stop after N data records, or N of the types that --only names.",
        ),
    ] = None
    for_: Annotated[str | None, option("--for", panel=WHEN, metavar="DUR", help="Stop after a time: 90s, 5m, 8h.")] = (
        None
    )
    fail_if_empty: Annotated[bool, option("--fail-if-empty", panel=WHEN, help="Exit with 5 if no data arrived.")] = (
        False
    )


@dataclass(frozen=True, kw_only=True)
class Common(SavingFlags, Screen, Shown):
    """The flags that every streaming subcommand has."""

    until: Annotated[
        str | None,
        option(
            "--until",
            panel=WHEN,
            metavar="TIME",
            help="Stop at a time of day in the zone of --tz, or at an RFC 3339 time.",
        ),
    ] = None
    until_start: Annotated[bool, option("--until-start", panel=WHEN, help="Stop when every game seen has started.")] = (
        False
    )
    max_silence: Annotated[
        str | None,
        option(
            "--max-silence",
            panel=LOOP,
            metavar="DUR",
            help="Reconnect after this long without data; default 3 heartbeats, at least 15s.",
        ),
    ] = None
    retries: Annotated[
        int | None,
        option(
            "--retries",
            panel=LOOP,
            min=0,
            metavar="N",
            help="Give up after N retries in a row. Default: never during an outage, after 15m of refusals.",
        ),
    ] = None
    retry_for: Annotated[
        str | None,
        option(
            "--retry-for",
            panel=LOOP,
            metavar="DUR",
            help="Give up after this long without a connection; default as for --retries.",
        ),
    ] = None
    connect_timeout: Annotated[
        str,
        option(
            "--connect-timeout",
            panel=LOOP,
            metavar="DUR",
            help="Time limit for DNS, TCP and TLS together; default 10s.",
        ),
    ] = "10s"
    max_frame: Annotated[
        str, option("--max-frame", panel=LOOP, metavar="SIZE", help="Largest message accepted; default 64MiB.")
    ] = "64MiB"
    snapshot: Annotated[
        bool,
        option(
            "--snapshot/--no-snapshot",
            panel=LOOP,
            help="Request current prices over REST at the start and after each gap; the stream sends only changes.",
        ),
    ] = True
    validate: Annotated[
        bool,
        option("--validate/--no-validate", panel=LOOP, help="Check names against the provider's lists first."),
    ] = True
    base_url: Annotated[
        str | None,
        option(
            "--base-url",
            panel=LOOP,
            metavar="URL",
            help="Use another address for the provider; plain http only on loopback.",
        ),
    ] = None
    ca_bundle: Annotated[
        Path | None,
        option(
            "--ca-bundle",
            panel=LOOP,
            metavar="FILE",
            help="Trust the certificates in this file instead of the system's.",
        ),
    ] = None
    dry_run: Annotated[
        bool,
        option("--dry-run", "-n", panel=LOOP, help="Print the request, with the key masked, and exit."),
    ] = False
    key_file: Annotated[
        Path | None,
        option("--key-file", panel=KEYS, metavar="FILE", help="Read the key from a file (mode 600) or a pipe."),
    ] = None


def with_common(
    own: Callable[..., Any],
    launch: Callable[..., None],
    kind: type[Any] = Common,
    without: frozenset[str] = frozenset(),
) -> Callable[..., None]:
    """`launch`, with the flags of `own` and the shared ones of `kind` as its signature: Typer reads just that."""
    hints = get_type_hints(kind, include_extras=True)
    mine = list(inspect.signature(own, eval_str=True).parameters.values())
    assert all(item.name not in hints for item in mine), "a flag of a command has the name of a shared one"
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[name])
        for name, field in kind.__dataclass_fields__.items()
        if name not in without
        # Where the wire picks games there is no need to do it here.
        and (name != "local_game" or all(item.name != "game" for item in mine))
    ]
    shared.sort(key=_panel)
    parameters = [*(item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in mine), *shared]
    launch.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    launch.__annotations__ = {item.name: item.annotation for item in parameters}
    launch.__doc__ = own.__doc__
    return launch


def _panel(parameter: inspect.Parameter) -> int:
    """Where a flag's heading stands in the help."""
    name = parameter.annotation.__metadata__[0].rich_help_panel
    return PANELS.index(name) if name in PANELS else len(PANELS)


def options(kind: type[Any], given: Mapping[str, Any]) -> Any:
    """A dataclass of flags from what Typer gave."""
    return kind(**{name: value for name, value in given.items() if name in kind.__dataclass_fields__})


def output(common: Shown, requests: Sequence[Request] = ()) -> RunOutput:
    """How to show what comes, of these requests. UsageError for flags that contradict each other, or what there is."""
    bare = bool(requests) and not any(request.priced for request in requests)
    if common.json and common.output not in (Output.auto, Output.json):
        raise UsageError(f"--json and -o {common.output.value} contradict each other; drop one")
    if common.json:
        return "json"
    if common.output is Output.auto and takes_stdout(common):
        return "none"
    if common.output is Output.auto:
        terminal = sys.stdout is not None and sys.stdout.isatty()
        # A terminal that cannot move its cursor gets lines that scroll.
        dumb = os.environ.get("TERM", "") in ("dumb", "unknown")
        return "json" if not terminal else "lines" if bare or dumb else "table"
    if common.output is Output.table and bare:
        raise UsageError(f"-o table shows prices, and --feed {requests[0].feed} has none; use -o lines")
    return cast("RunOutput", common.output.value)


def takes_stdout(common: Shown) -> bool:
    """Whether a capture goes to stdout, so that nothing else may."""
    from oddstail.cli.stream import descriptor

    captures = (getattr(common, name, None) for name in ("write", "tape"))
    return any(descriptor(path) == 1 for path in captures if path)


def log_file(common: Shown) -> Stream | None:
    """Where status lines are added. UsageError where it cannot be written."""
    if common.log_file is None:
        return None
    from oddstail.capture.options import Stream
    from oddstail.cli.stream import stream
    from oddstail.sinks.outlet import appending

    path = str(common.log_file)
    if (found := stream("--log-file", path)) is not None:
        return found
    try:
        return Stream(path, appending(common.log_file))
    except OSError as error:
        raise UsageError(f"--log-file {path} cannot be written: {error.strerror}; name another") from None


def only(given: list[str] | None) -> frozenset[str]:
    """The types of records to show, none for all. UsageError for what is none."""
    from oddstail.providers.flags import values
    from oddstail.schema import types

    wanted = values(given, "--only")
    for name in wanted:
        if name not in types():
            raise UsageError(f"--only {name!r} is not a record type; choose from: {', '.join(types())}")
    return frozenset(wanted)


def end(common: Common, times: Times, now: int) -> tuple[int | None, list[str]]:
    """When --until says to stop, and a line that says when that is. UsageError if it is not to come."""
    if common.until is None:
        return None, []
    until = times.moment("--until", common.until, now)
    if until <= now:
        raise UsageError(f"--until: {common.until!r} is in the past ({local_time.dated(until, times.zone)})")
    return until, [f"stops {local_time.dated(until, times.zone)}, in {lasting((until - now) / 1e6)}"]


def duration(flag: str, text: str | None) -> float | None:
    """The seconds of a flag. UsageError for what is no duration."""
    try:
        return None if text is None else units.duration(text)
    except ValueError as error:
        raise UsageError(f"{flag} {error}") from None


def size(flag: str, text: str) -> int:
    """The bytes of a flag. UsageError for what is no size."""
    try:
        return units.size(text)
    except ValueError as error:
        raise UsageError(f"{flag} {error}") from None
