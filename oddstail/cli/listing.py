"""`oddstail list`: what a provider has, as a table for people or NDJSON for programs. Knows flags and wording only."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import replace
from datetime import tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oddstail import providers
from oddstail.cli.completing import titles
from oddstail.cli.flag import Form, option
from oddstail.cli.query import FLAGS, Query, why
from oddstail.cli.times import LOCAL, TZ_HELP, times
from oddstail.lookup import WHATS, Asked, Catalogue, Row, What, singular
from oddstail.model import UsageError
from oddstail.providers.competitions import sport_of

if TYPE_CHECKING:
    from oddstail.cli.common import Common
    from oddstail.shelf import Listed

_NARROW, _HOW = "Which of them", "How"


def _narrow(*names: str, help: str) -> Any:
    return option(*names, panel=_NARROW, metavar=names[0][2:].upper(), help=help)


def _whats(incomplete: str) -> list[str]:
    return [name for name in WHATS if name.startswith(incomplete)]


def command(
    what: Annotated[
        str | None, typer.Argument(metavar="WHAT", help=", ".join(WHATS) + ".", autocompletion=_whats)
    ] = None,
    provider: Annotated[
        str | None,
        typer.Argument(metavar="PROVIDER", help=", ".join(providers.TITLES) + ".", autocompletion=titles),
    ] = None,
    sport: Annotated[list[str] | None, _narrow("--sport", "-s", help="Only this sport.")] = None,
    league: Annotated[list[str] | None, _narrow("--league", "-l", help="Only this league.")] = None,
    book: Annotated[list[str] | None, _narrow("--book", "-b", help="Only this book.")] = None,
    game: Annotated[list[str] | None, _narrow("--game", "-g", help="Only this game, by its id.")] = None,
    find: Annotated[
        str | None, option("--find", "-f", panel=_NARROW, metavar="TEXT", help="Only lines that contain this text.")
    ] = None,
    output: Annotated[
        Form, option("--output", "-o", panel=_HOW, help="table, json; auto: table on a terminal, else json.")
    ] = Form.auto,
    as_json: Annotated[bool, option("--json", panel=_HOW, help="Short for -o json.")] = False,
    tz: Annotated[str, option("--tz", panel=_HOW, metavar="ZONE", help=TZ_HELP)] = LOCAL,
    refresh: Annotated[
        bool, option("--refresh", panel=_HOW, help="Fetch again even if the cached list is fresh.")
    ] = False,
    offline: Annotated[bool, option("--offline", panel=_HOW, help="Use only cached or bundled names.")] = False,
    dry_run: Annotated[
        bool, option("--dry-run", "-n", panel=_HOW, help="Print the request, with the key masked, and exit.")
    ] = False,
    connect_timeout: Annotated[
        str,
        option(
            "--connect-timeout",
            panel=_HOW,
            metavar="DUR",
            help="Time limit for DNS, TCP and TLS together; default 10s.",
        ),
    ] = "10s",
    base_url: Annotated[
        str | None, option("--base-url", panel=_HOW, metavar="URL", help="Use another address for the provider.")
    ] = None,
    ca_bundle: Annotated[
        Path | None,
        option(
            "--ca-bundle",
            panel=_HOW,
            metavar="FILE",
            help="Trust the certificates in this file instead of the system's.",
        ),
    ] = None,
    key_file: Annotated[
        Path | None, option("--key-file", panel=_HOW, metavar="FILE", help="Read the key from a file (mode 600).")
    ] = None,
) -> None:
    """List a provider's sports, leagues, books, markets and games.

    oddstail list

    oddstail list books opticodds --find draft

    oddstail list games opticodds -l NBA | jq -r .id
    """
    from oddstail import config
    from oddstail.cli import settings
    from oddstail.cli.app import fail
    from oddstail.cli.common import Common
    from oddstail.cli.reach import certificates, placed, proxies
    from oddstail.keys import KeyUnusableError
    from oddstail.providers.flags import values
    from oddstail.transports import Limits
    from oddstail.units import duration

    as_table = not as_json and (output is Form.table or (output is Form.auto and sys.stdout.isatty()))
    zone = times(tz)
    try:
        name, item = _which(what, provider)
        if name is None:
            return _overview(as_table, None)
        if item is None:
            return _overview(as_table, name)
        given = {"sport": sport, "league": league, "book": book, "game": game}
        asked = Asked(**{key: tuple(values(one, f"--{key}", split=key != "game")) for key, one in given.items()})
        way = settings.way(name, config.load(os.environ, list(providers.TITLES)), os.environ)
        base_url = base_url or way.get("base_url")
        ca_bundle = ca_bundle or (Path(way["ca_bundle"]) if "ca_bundle" in way else None)
        address = placed("https://example.invalid", base_url)
        certificates(ca_bundle)
        if skipped := proxies([address]):
            typer.echo(f"oddstail: {skipped}", err=True)
        try:
            limits = Limits(
                connect=duration(connect_timeout), answer=10.0, ca_bundle=None if ca_bundle is None else str(ca_bundle)
            )
        except ValueError as error:
            raise UsageError(f"--connect-timeout {error}") from None
        query = Query(name, item, asked, base_url, refresh=refresh, offline=offline)
        query.check()
        if dry_run:
            return query.show()
        secret = query.key(key_file)
        query, notes = _spelt(query, Common(base_url=base_url, ca_bundle=ca_bundle, key_file=key_file, dry_run=offline))
        listed = query.listed(secret, limits)
        rows = [row for row in _with_kinds(query, listed.rows) if find is None or _has(row, find)]
        _print(query, rows, zone.zone if as_table else None)
        _say(query, listed, rows, find, [*zone.notes, *notes])
    except UsageError as error:
        fail(2, str(error))
    except KeyUnusableError as problem:
        fail(4 if problem.missing else 2, str(problem))
    return None


def _which(what: str | None, provider: str | None) -> tuple[str | None, What | None]:
    """The provider and the list, in either order. UsageError for a word that is neither."""
    name: str | None = None
    item: What | None = None
    for word in (what, provider):
        if word is None:
            continue
        folded = word.casefold()
        kind = next((one for one in WHATS if folded in (one, singular(one))), None)
        if folded in providers.TITLES and name is None:
            name = folded
        elif kind is not None and item is None:
            item = kind
        else:
            near = get_close_matches(folded, [*WHATS, *providers.TITLES], n=2, cutoff=0.7)
            hint = "did you mean " + " or ".join(near) + "?" if near else f"there are: {', '.join(WHATS)}"
            raise UsageError(f"there is no list {word!r}; {hint}")
    if item is not None and name is None:
        raise UsageError(f"{item} of which provider? Use oddstail list {item} {_one_with(item)}")
    return name, item


def _one_with(item: What) -> str:
    """A provider that has a list, and if possible without further flags."""
    lists = {name: providers.catalogue(name).lookups.get(item) for name in providers.TITLES}
    having = {name: lookup for name, lookup in lists.items() if lookup is not None}
    return next((name for name, lookup in having.items() if not lookup.needs), next(iter(having)))


def _spelt(query: Query, common: Common) -> tuple[Query, list[str]]:
    """The query with its names as the provider spells them. A name that is none would be ignored, or list nothing."""
    from oddstail.cli.naming import narrowed

    given = {name: list(getattr(query.asked, name)) for name in ("sport", "league", "book")}
    if query.lookup is None or not any(given.values()):
        return query, []
    own, notes = narrowed(query.name, given, common)
    return replace(query, asked=replace(query.asked, **{name: tuple(own[name]) for name in given})), notes


def _with_kinds(query: Query, rows: list[Row]) -> list[Row]:
    """Markets with what they are a bet on, leagues with our name for them, as the records have it."""
    catalogue = providers.catalogue(query.name)
    if query.what == "markets":
        return [{**row, **_bet(catalogue, str(next(iter(row.values()))), row.get("sport"))} for row in rows]
    column = _LEAGUES.get(query.name, "name") if query.what in ("leagues", "sports") else None
    if column is None or (query.what == "sports" and query.name not in _LEAGUES):
        return rows
    return [{**row, "competition": catalogue.competition(row.get(column))} for row in rows]


def _bet(catalogue: Catalogue, market: str, sport: str | None) -> Row:
    """The classification of a market. A catalogue may name a league where a record names its sport."""
    bet = catalogue.bet(market, sport_of(catalogue.competition(sport)) or sport)
    return {"kind": bet.kind, "period": bet.period, "ways": bet.ways, "subject": bet.subject, "stat": bet.stat}


#: Where sports and leagues are one list, the column that has the league.
_LEAGUES = {"parlayapi": "id", "rapidodds": "id", "boltodds": "id"}


def _has(row: Row, text: str) -> bool:
    from oddstail.text import fold

    return any(fold(text) in fold(str(value)) for value in row.values() if value is not None)


# --- printing ----------------------------------------------------------------------------------------


def _print(query: Query, rows: list[Row], zone: tzinfo | None) -> None:
    """A table for people, with times of day in `zone`; without one, the rows as JSON."""
    if zone is None:
        for row in rows:
            sys.stdout.write(json.dumps({"provider": query.name, "what": query.what, **row}) + "\n")
        return
    rows = [line for row in rows for line in _lines(row)]
    if rows:
        wanted = (query.lookup.columns if query.lookup else ()) or tuple(
            dict.fromkeys(key for row in rows for key in row)
        )
        added = ("kind", "period", "ways", "subject", "stat") if query.what == "markets" else ("competition",)
        wanted = (*wanted, *(column for column in added if any(column in row for row in rows)))
        columns = [column for column in dict.fromkeys(wanted) if any(row.get(column) is not None for row in rows)]
        _draw(columns, [[_cell(row.get(column), zone) for column in columns] for row in rows])


def _lines(row: Row) -> list[Row]:
    """The lines of a table for one row: a parlay has one for each leg, and its own columns on the first."""
    legs = row.get("legs")
    if not isinstance(legs, list) or not legs:
        return [row]
    first, *rest = legs
    return [{**row, **first}, *rest]


def _cell(value: Any, zone: tzinfo) -> str:
    from oddstail import local_time
    from oddstail.text import visible

    if value is None:
        return ""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return local_time.of_record(value, zone)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value), 80)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_WHOLE = frozenset({"id", "start"})
#: Columns of a table that goes into a file or a pipe.
_WIDE = 400


def _draw(columns: list[str], rows: list[list[str]]) -> None:
    """A table as wide as it must be on a terminal that may be narrower: cells are cut, never wrapped."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        # What is to be copied, and when it is, are whole whatever the terminal; names give way.
        whole = max((cell_len(row[number]) for row in rows), default=0) if not number or column in _WHOLE else None
        table.add_column(column, no_wrap=True, overflow="ellipsis", min_width=whole)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=_WIDE)
    console.print(table)


def _say(query: Query, listed: Listed, rows: list[Row], find: str | None, notes: list[str]) -> None:
    """What a reader of the list should know of it, on stderr."""
    from oddstail import words
    from oddstail.clock import wall
    from oddstail.text import visible

    title, lookup = query.title, query.lookup
    count = f"{len(rows):,} {query.what if len(rows) != 1 else singular(query.what)} of {title}"
    if find is not None:
        count += f" with {find!r}"
    if listed.at is None:
        count += ", from the bundled names" + ("" if listed.whole else ": not all that there are")
    elif listed.source == "kept":
        count += f", fetched {words.lasting((wall() - listed.at) / 1_000_000)} ago"
        if listed.why is None:
            count += " (--refresh asks again)"
    elif not listed.whole:
        count += ", and there are more: narrow it down"
    if listed.why is not None and not query.offline:
        remedy = f"; set {query.name.upper()}_API_KEY to ask" if listed.why.kind == "no key" else ""
        count += f". {title} could not be asked: {why(listed.why)}{remedy}"
    flag = next((flag for flag, what in providers.catalogue(query.name).flags.items() if what == query.what), None)
    if flag is not None and lookup is not None and any(row.get(lookup.spelt[-1]) is not None for row in rows):
        count += f"; --{flag} takes the {' or the '.join(lookup.spelt)}" if len(lookup.spelt) > 1 else ""
    lines = [*notes, count]
    if lookup is not None and lookup.note and listed.at is not None:
        lines.append(lookup.note)
    lines += _unheeded(query, listed)
    if sys.stderr.isatty() and rows and query.what not in ("usage", "parlays"):
        lines.append(f"next: {example(query.name)}")
    for line in lines:
        typer.echo(f"oddstail: {visible(line)}", err=True)


def _unheeded(query: Query, listed: Listed) -> list[str]:
    """Flags that changed nothing: the list is not sorted by that."""
    from oddstail.shelf import COLUMNS

    takes = query.lookup.takes if query.lookup and listed.at is not None else frozenset()
    given = [
        flag
        for name, flag in FLAGS.items()
        if getattr(query.asked, name)
        and name not in takes
        and listed.rows
        and not any(row.get(column) is not None for row in listed.rows for column in COLUMNS[name])
    ]
    return [f"{', '.join(given)} ignored: this list cannot be narrowed by that"] if given else []


def example(name: str) -> str:
    """How to go on: the first example of the provider's own help."""
    lines = (providers.command(name).__doc__ or "").splitlines()
    return next((line.strip() for line in lines if line.strip().startswith("oddstail ")), f"oddstail {name} --help")


def _overview(as_table: bool, only: str | None) -> None:
    """Who can be asked for what, and whether there is a key."""
    from oddstail import keys

    rows: list[Row] = []
    for name, title in providers.TITLES.items():
        if only not in (None, name):
            continue
        catalogue = providers.catalogue(name)
        try:
            # A password manager is not asked for a list.
            keys.locate(name, title, os.environ, ask=False)
            key = "yes"
        except keys.KeyUnusableError as problem:
            key = "no" if problem.missing else "unusable"
        there = [one for one in WHATS if one in catalogue.lookups or one in catalogue.builtin]
        rows.append({"provider": name, "key": key, "lists": " ".join(there), "tail": example(name)})
    if not as_table:
        for row in rows:
            sys.stdout.write(json.dumps(row) + "\n")
        return
    _draw(["provider", "key", "lists"], [[row["provider"], row["key"], row["lists"]] for row in rows])
    name = next((row["provider"] for row in rows if row["key"] == "yes"), rows[-1]["provider"])
    lines = [f"list one: oddstail list books {name}", f"then tail: {example(name)}"]
    if not any(row["key"] == "yes" for row in rows):
        lines.insert(0, f"no key found: names are the bundled ones; set {name.upper()}_API_KEY to fetch the provider's")
    for line in lines:
        typer.echo(f"oddstail: {line}", err=True)
