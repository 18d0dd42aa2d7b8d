"""Is this name one that the provider knows? Pure: the known names come from a provider's catalog.py.

Wrong names are the commonest silence: OpticOdds ignores an unknown book, BoltOdds any value that is
not spelt exactly so, and a league of another sport gives a stream of pings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from oddstail.lookup import Names
from oddstail.model import UsageError


def check(given: Sequence[str], names: Names, title: str) -> tuple[list[str], list[str]]:
    """The names as the provider spells them, and what to say about them. UsageError for what is surely wrong."""
    spelled = {_bare(name): name for name in sorted(names.known)}
    out, notes = [], []
    for value in given:
        exact = value if value in names.known else spelled.get(_bare(value))
        if exact is None:
            near = _near(value, names.known)
            if names.has == "all" or (near and names.has == "most"):
                raise UsageError(_unknown(value, names, near, title))
            if near:
                hint = _hint(near)
                notes.append(f"{title}: the {names.what} {value!r} is not known here; {hint} Asked for as it is")
            elif names.has != "few":
                notes.append(f"{title}: no list to check the {names.what} {value!r} against; asked for as it is")
        elif exact != value:
            notes.append(f"{title} spells the {names.what} {value!r} as {exact!r}; asked for that")
        out.append(exact or value)
    return out, notes


def _unknown(value: str, names: Names, near: list[str], title: str) -> str:
    hint = _hint(near) if near else "known: " + ", ".join(sorted(names.known))
    return f'{title} has no {names.what} "{value}"; {hint} (--no-validate to insist)'


def _hint(near: list[str]) -> str:
    return "did you mean " + " or ".join(f'"{name}"' for name in near) + "?"


def _near(value: str, known: Iterable[str]) -> list[str]:
    by_fold = {name.casefold(): name for name in sorted(known)}
    return [by_fold[fold] for fold in get_close_matches(value.casefold(), by_fold, n=3, cutoff=0.82)]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
