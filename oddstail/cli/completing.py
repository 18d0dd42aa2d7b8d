"""What a shell offers after `-b` and the like: the provider's names that are kept or came along. Asks nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from oddstail import config, providers
from oddstail.lookup import Asked, What
from oddstail.text import fold

#: A word that every shell takes as it is: what has a space or a bracket would need quotes that no shell adds.
_PLAIN = re.compile(r"[\w.+:@%/-]+")


def offer(function: Callable[..., None], name: str) -> None:
    """Give the flags of a provider's command their completions."""
    catalogue = providers.catalogue(name)
    for parameter in function.__signature__.parameters.values():  # type: ignore[attr-defined]
        what = catalogue.flags.get(parameter.name)
        if what is not None:
            parameter.annotation.__metadata__[0].autocompletion = _completion(name, what)


class _Word(str):
    """A word that begins with what was typed, in whatever case: typer would leave `Pinnacle` out after `pin`."""

    __slots__ = ()

    def startswith(self, typed: Any, *at: Any) -> bool:
        return fold(self).startswith(fold(typed), *at)


def _completion(name: str, what: What) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        # bash puts the right spelling in the place of what was typed, fish too; zsh as its matcher-list says.
        before, comma, last = incomplete.rpartition(",")
        own = [alias for alias in _said().aliases.get(name, {}) if _PLAIN.fullmatch(alias)]
        ours = _competitions(name) if what == "leagues" or (name, what) == ("rapidodds", "sports") else []
        words = [*own, *_known(name, what)]
        folded = {word.casefold() for word in words}
        words += [word for word in ours if word not in folded]
        found = [word for word in words if _Word(word).startswith(last)]
        return [_Word(f"{before}{comma}{word}") for word in found]

    return complete


def _competitions(name: str) -> list[str]:
    """Our own names of the competitions that the provider has a name for."""
    from oddstail.providers.competitions import competitions, sent

    return [word for word in competitions() if sent(name, word)]


def titles(incomplete: str) -> list[str]:
    """The providers."""
    return [name for name in providers.TITLES if name.startswith(incomplete)]


def watches(incomplete: str) -> list[str]:
    """The watches of the config file, and the providers."""
    return [name for name in (*_said().watches, *providers.TITLES) if name.startswith(incomplete)]


def _said() -> config.Config:
    """The config file; what is wrong with it, whoever runs a command is told."""
    try:
        return config.load(os.environ, list(providers.TITLES))
    except config.ConfigError:
        return config.Config()


def _known(name: str, what: What) -> list[str]:
    """Each thing by the first of its names that needs no quotes."""
    from oddstail.cli.reach import run, shelf
    from oddstail.model import LinkError
    from oddstail.transports import Limits

    lookup = providers.catalogue(name).lookups.get(what)
    if lookup is not None and lookup.needs:
        return []

    async def main() -> list[dict[str, Any]]:
        async with shelf(name, None, None, Limits()) as lists:
            return (await lists.listed(what, Asked(), offline=True)).rows

    try:
        rows = run(main())
    except LinkError:
        return []
    columns = dict.fromkeys((*(lookup.spelt if lookup is not None else ()), "id"))
    words = {
        next((word for word in (str(row.get(column) or "") for column in columns) if _PLAIN.fullmatch(word)), "")
        for row in rows
    }
    return sorted(words - {""}, key=str.casefold)
