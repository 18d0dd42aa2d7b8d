"""Why nothing comes: what the provider's own lists say of what was asked for. Asks them, and puts it into words.

Knows no provider: what a request narrows to and where it is listed is the provider's catalogue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from oddstail import local_time
from oddstail.limiter import TooBusyError
from oddstail.lookup import Asked, Catalogue, Row, What
from oddstail.model import LinkError
from oddstail.shelf import Listed, Shelf
from oddstail.words import bare, lasting

#: How long the lists are waited for, in seconds, and how old they may be: what is on changes by the minute.
_PATIENCE, _AGE = 10.0, 300.0
_GAMES_SHOWN = 3


async def facts(
    shelf: Shelf, name: str, title: str, wanted: Mapping[str, tuple[str, ...]], now: int, zone: tzinfo
) -> list[str]:
    """Sentences on what is on and what is not. `wanted` are the values by flag, `now` the time in microseconds."""
    catalogue = shelf.catalogue
    axes: tuple[tuple[str, What], ...] = (("book", "books"), ("market", "markets"))
    checks = {flag: what for flag, what in axes if wanted.get(flag)}
    if "book" in checks and not _can(catalogue, "books", wanted):
        # A list of markets may say at which book each is.
        checks["book"] = "markets"
    order: tuple[What, ...] = ("games", *checks.values())
    tasks = {what: asyncio.create_task(_listed(shelf, what, wanted)) for what in order if _can(catalogue, what, wanted)}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=_PATIENCE)
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    found = {what: task.result() for what, task in tasks.items() if not task.cancelled()}
    out = []
    games = found.get("games")
    if games is not None:
        out.append(coming(games.rows, _scope(wanted), now, zone))
    for flag, what in checks.items():
        listed = found.get(what)
        if listed is not None and listed.at is not None:
            columns = catalogue.lookups[what].spelt if what == f"{flag}s" else (flag,)
            out += missing(listed.rows, columns, flag, wanted)
    if catalogue.wrong:
        see = next((f"oddstail list {flag}s {name}" for flag in checks), f"oddstail list {_first(catalogue)} {name}")
        out.append(f"{title} {catalogue.wrong}; the names are listed by: {see}")
    return out


def together(each: Iterable[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """What several requests narrow to, as one: every value of each flag, once. A flag that one leaves open is open."""
    asked = [dict(one) for one in each]
    flags = dict.fromkeys(flag for one in asked for flag in one)
    return {
        flag: tuple(dict.fromkeys(value for one in asked for value in one[flag]))
        if all(one.get(flag) for one in asked)
        else ()
        for flag in flags
    }


def coming(rows: Sequence[Row], scope: str, now: int, zone: tzinfo) -> str:
    """What is on, and what comes next."""
    if not rows:
        return f"no game {scope}is listed now"
    live = [row for row in rows if row.get("live") is True]
    dated = [(at, row) for row in rows if (at := _micros(row.get("start"))) is not None and at > now]
    text = f"{len(rows)} game{'' if len(rows) == 1 else 's'} {scope}{'is' if len(rows) == 1 else 'are'} listed"
    if any(row.get("live") is not None for row in rows):
        text += f", {len(live) or 'none'} in play"
    if not dated:
        whens = [f"{_teams(row)} ({row['when']})" for row in rows if row.get("when")][:_GAMES_SHOWN]
        return text + (f": {', '.join(whens)}" if whens else "")
    at, row = min(dated, key=lambda pair: pair[0])
    when = local_time.dated(at, zone)
    return f"{text}; next is {_teams(row)} on {when}, in {lasting((at - now) / 1_000_000)}"


def missing(rows: Sequence[Row], spelt: Sequence[str], flag: str, wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Values that the list of what there is now does not have."""
    if not any(column in row for row in rows for column in spelt):
        return []
    there = {bare(str(row[column])) for row in rows for column in spelt if row.get(column) is not None}
    lost = [value for value in wanted[flag] if bare(value) not in there]
    if not lost:
        return []
    words = " or ".join(f'"{value}"' for value in lost)
    return [f"by itself the {flag} {words} matches nothing: it is not in the list {_scope(wanted)}".rstrip()]


def _scope(wanted: Mapping[str, tuple[str, ...]]) -> str:
    names = wanted.get("league") or wanted.get("sport") or ()
    return f"of {' or '.join(names[:3])} " if names else ""


def _can(catalogue: Catalogue, what: What, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a list can be asked for, narrowed to what was asked: a list of everything says nothing of now."""
    lookup = catalogue.lookups.get(what)
    if lookup is None:
        return False
    given = {flag for flag in ("sport", "league") if wanted.get(flag)}
    return (what == "games" and not lookup.needs) or bool(given & lookup.takes)


async def _listed(shelf: Shelf, what: What, wanted: Mapping[str, tuple[str, ...]]) -> Listed | None:
    asked = Asked(sport=wanted.get("sport", ()), league=wanted.get("league", ()))
    try:
        return await shelf.listed(what, asked, age=_AGE, patience=_PATIENCE, again=False)
    except (LinkError, TooBusyError):
        return None


def _first(catalogue: Catalogue) -> What:
    order: tuple[What, ...] = ("leagues", "sports", "books")
    return next((what for what in order if what in catalogue.lookups), "sports")


def _teams(row: Row) -> str:
    return f"{row.get('away') or '?'} at {row.get('home') or '?'}"


def _micros(start: object) -> int | None:
    try:
        return round(datetime.fromisoformat(str(start)).timestamp() * 1_000_000)
    except ValueError:
        return None
