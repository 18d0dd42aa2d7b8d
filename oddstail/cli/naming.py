"""Names checked before a stream opens, against the provider's lists: asked for, kept, or what came along."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oddstail import providers
from oddstail.lookup import Asked, Names, What, names
from oddstail.model import Ask, LinkError, UsageError
from oddstail.providers.flags import values
from oddstail.providers.names import INSIST, checked
from oddstail.providers.names import games as found
from oddstail.words import describe

if TYPE_CHECKING:
    from oddstail.cli.common import Common
    from oddstail.shelf import Listed, Shelf

#: Seconds that a stream waits for lists, at the most.
PATIENCE = 2.0


def asked(name: str, ask: Callable[..., Ask], own: Mapping[str, Any], common: Common) -> Ask:
    """What a provider's flags come to, its names checked and spelt as it spells them. UsageError."""
    # What is wrong with the flags themselves is said before anybody is asked anything.
    first = ask(**own)
    if not common.validate:
        return first
    flags = {flag: what for flag, what in providers.catalogue(name).flags.items() if own.get(flag)}
    own, notes = _named(name, flags, dict(own), common)
    again = ask(**own)
    return replace(again, notes=[*notes, *again.notes])


def narrowed(name: str, own: Mapping[str, list[str]], common: Common) -> tuple[dict[str, Any], list[str]]:
    """What a list is narrowed by, as the provider spells it, and what to say about it. UsageError."""
    catalogue = providers.catalogue(name)
    axes: dict[str, What] = {"sport": "sports", "league": "leagues", "book": "books"}
    flags = {
        flag: what
        for flag, what in axes.items()
        if own.get(flag) and (what in catalogue.lookups or what in catalogue.builtin)
    }
    try:
        return _named(name, flags, dict(own), common)
    except UsageError as error:
        raise UsageError(str(error).removesuffix(INSIST)) from None


def _named(
    name: str, wanted: Mapping[str, What], own: dict[str, Any], common: Common
) -> tuple[dict[str, Any], list[str]]:
    also: dict[str, What] = {
        **({"book": "books"} if condition_books(common) else {}),
        **({"game": "games"} if common.team else {}),
    }
    lists = _lists(name, {**also, **wanted}, own, common)
    notes = _told(name, common, lists)
    lists = {flag: listed for flag, listed in lists.items() if flag in wanted}
    try:
        out, said = _checked(name, wanted, own, lists)
        return out, [*said, *notes]
    except UsageError:
        kept = {
            flag: wanted[flag]
            for flag, listed in lists.items()
            if not isinstance(listed, str) and listed.source == "kept" and listed.why is None
        }
        if not kept or common.dry_run:
            raise
    # What a kept list does not have may be new: that is worth asking before it is called wrong.
    out, said = _checked(name, wanted, own, {**lists, **_lists(name, kept, own, common, age=0.0)})
    return out, [*said, *notes]


def _checked(
    name: str, wanted: Mapping[str, What], own: dict[str, Any], lists: Mapping[str, Listed | str]
) -> tuple[dict[str, Any], list[str]]:
    catalogue, title = replace(providers.catalogue(name), flags=wanted), providers.TITLES[name]
    notes: list[str] = []
    known: dict[str, Names] = {}
    for flag, listed in lists.items():
        if isinstance(listed, str):
            notes.append(f"{title}: the {flag} was not checked: {listed}")
        elif listed.at is not None and listed.rows:
            lookup = catalogue.lookups[wanted[flag]]
            # What is older than it ought to be, or was cut off, may lack what there is.
            sure = listed.why is None and listed.whole
            known[flag] = names(flag, lookup if sure else replace(lookup, sure="most"), listed.rows)
    out, said = checked(own, catalogue, known, title, name)
    games = lists.get("game")
    if games is not None and not isinstance(games, str):
        out["game"], more = found(values(own["game"], "--game", split=False), games.rows, title)
        said += more
    return out, [*notes, *said]


def _told(name: str, common: Common, lists: Mapping[str, Listed | str]) -> list[str]:
    """What of the filters that are applied here can match nothing, as far as the provider's lists tell."""
    from oddstail.providers.names import books, teams

    catalogue, title = providers.catalogue(name), providers.TITLES[name]
    notes: list[str] = []
    listed = lists.get("book")
    if listed is not None and not isinstance(listed, str) and listed.at is not None and listed.rows:
        notes += books(condition_books(common), names("book", catalogue.lookups["books"], listed.rows), title)
    elif "books" in catalogue.builtin:
        notes += books(condition_books(common), catalogue.builtin["books"], title)
    listed = lists.get("game")
    if listed is not None and not isinstance(listed, str) and listed.at is not None and listed.whole:
        notes += teams(common.team or (), listed.rows, title)
    return notes


def condition_books(common: Common) -> list[str]:
    """The books that conditions name. UsageError is for who reads them in earnest."""
    if not any("book" in text for text in (*(common.where or ()), *(common.alert or ()))):
        return []
    from oddstail import alerts, filters
    from oddstail.where import WhereError, compiled

    out: list[str] = []
    for texts, fields in ((common.where, filters.FIELDS), (common.alert, alerts.FIELDS)):
        for text in texts or ():
            with contextlib.suppress(WhereError):
                out += [value for field, value in sorted(compiled(text, fields).texts) if field == "book"]
    return list(dict.fromkeys(out))


def _lists(
    name: str, wanted: Mapping[str, What], own: Mapping[str, Any], common: Common, age: float | None = None
) -> dict[str, Listed | str]:
    """The list of each flag, or why there is none."""
    from oddstail import keys
    from oddstail.cli.reach import certificates, placed, run, shelf
    from oddstail.transports import Limits

    catalogue = providers.catalogue(name)
    wanted = {flag: what for flag, what in wanted.items() if what in catalogue.lookups}
    if not wanted:
        return {}
    certificates(common.ca_bundle)
    placed("https://provider.example", common.base_url)
    bundle = None if common.ca_bundle is None else str(common.ca_bundle)
    limits = Limits(connect=PATIENCE, answer=PATIENCE, ca_bundle=bundle)
    secret = None
    if not common.dry_run:
        # Without a key nothing will be opened, and that will be said; here it only means that nobody is asked.
        with contextlib.suppress(keys.KeyUnusableError):
            secret = keys.find(name, providers.TITLES[name], os.environ, common.key_file)

    async def main() -> dict[str, Listed | str]:
        async with shelf(name, secret, common.base_url, limits) as books:
            tasks = {
                flag: asyncio.create_task(_listed(books, what, _narrowed(what, name, own), age, secret is None))
                for flag, what in wanted.items()
            }
            await asyncio.wait(tasks.values(), timeout=PATIENCE)
            late = [task for task in tasks.values() if not task.done()]
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            return {
                flag: f"no list of {wanted[flag]} within {PATIENCE:g} s" if task in late else task.result()
                for flag, task in tasks.items()
            }

    return run(main())


async def _listed(books: Shelf, what: What, asked: Asked | None, age: float | None, offline: bool) -> Listed | str:
    if asked is None:
        needs = [flag for flag in ("sport", "league", "book", "game") if flag in books.catalogue.lookups[what].needs]
        return f"{what} are only listed for one {' or '.join(needs)}, and none was named (--{needs[-1]})"
    try:
        return await books.listed(what, asked, age=age, offline=offline, patience=PATIENCE, again=False)
    except LinkError as error:
        return f"{what} could not be listed: {describe(error.failure)}"


def _narrowed(what: What, name: str, own: Mapping[str, Any]) -> Asked | None:
    """Lists are asked for whole, so that they serve the next run too, except where the provider wants them narrowed."""
    lookup = providers.catalogue(name).lookups[what]
    if not lookup.needs:
        return Asked()
    given = {
        flag: tuple(values(own.get(flag), f"--{flag}", split=flag != "game"))
        for flag in ("sport", "league", "book", "game")
        # A game may be named by a team: what is sought does not narrow where it is sought.
        if flag in lookup.takes and not (flag == "game" and what == "games")
    }
    asked = Asked(**{flag: found for flag, found in given.items() if found})
    return asked if any(getattr(asked, flag) for flag in lookup.needs) else None
