"""Our own short names of competitions, and how each provider spells them: `competitions.toml`.

Pure but for reading that file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class Competition(NamedTuple):
    """A competition under our name. `spellings` are a provider's names for it, which may have a `*`."""

    name: str
    sport: str
    spellings: dict[str, tuple[str, ...]]


@cache
def competitions() -> dict[str, Competition]:
    """Every competition of the table, by our name."""
    table = tomllib.loads(files("oddstail.providers").joinpath("competitions.toml").read_text("utf-8"))
    found = {}
    for name, row in table.items():
        spellings = {key: tuple(value) for key, value in row.items() if key not in ("sport", "names")}
        found[name] = Competition(name, row["sport"], {"": tuple(row.get("names", ())), **spellings})
    return found


def _spellings(one: Competition, provider: str) -> tuple[str, ...]:
    return one.spellings.get(provider, one.spellings[""])


@lru_cache(8192)
def of(provider: str, league: str | None) -> str | None:
    """Our name of a competition that a provider names. None if the table does not have it."""
    if league is None:
        return None
    bare = _bare(league)
    likely: str | None = None
    for one in competitions().values():
        for spelling in _spellings(one, provider):
            if bare == _bare(spelling):
                return one.name
            if likely is None and "*" in spelling and fnmatchcase(league.casefold(), spelling.casefold()):
                likely = one.name
    return likely


def sport_of(name: str | None) -> str | None:
    """The sport of a competition by our name for it."""
    found = competitions().get(name or "")
    return None if found is None else found.sport


def sent(provider: str, value: str, known: Iterable[str] = ()) -> list[str]:
    """What a provider calls the competition that a user names by our name. Empty if `value` is none of our names.

    A spelling with a `*` stands for those of the `known` names that are like it; other spellings that are not among
    the known names are left out where at least one is.
    """
    one = competitions().get(value.casefold())
    if one is None:
        return []
    names = sorted(known)
    plain = [spelling for spelling in _spellings(one, provider) if "*" not in spelling]
    there = [name for name in names if any(_bare(name) == _bare(spelling) for spelling in plain)]
    like = [
        name
        for name in names
        if name not in there
        and of(provider, name) == one.name
        and any("*" in each for each in _spellings(one, provider))
    ]
    return [*there[:1], *like] or plain[:1]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
