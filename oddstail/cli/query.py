"""One list of a provider that somebody wants: whether it can be had, what would be sent, its rows. Prints no list."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from oddstail import providers
from oddstail.lookup import WHATS, Asked, LookUp, What
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.shelf import Listed
    from oddstail.text import Secret
    from oddstail.transports import Limits

#: The flags that narrow a list.
FLAGS = {"sport": "-s", "league": "-l", "book": "-b", "game": "-g"}


@dataclass(frozen=True, slots=True)
class Query:
    """One list that somebody wants."""

    name: str
    what: What
    asked: Asked
    base_url: str | None
    refresh: bool
    offline: bool

    @property
    def title(self) -> str:
        return providers.TITLES[self.name]

    @property
    def lookup(self) -> LookUp | None:
        return providers.catalogue(self.name).lookups.get(self.what)

    def check(self) -> None:
        """Whether it can be asked so. UsageError."""
        catalogue = providers.catalogue(self.name)
        if self.lookup is None and self.what not in catalogue.builtin:
            there = [one for one in WHATS if one in catalogue.lookups or one in catalogue.builtin]
            raise UsageError(f"{self.title} lists no {self.what}; it has: {', '.join(there)}")
        needs = self.lookup.needs if self.lookup else frozenset()
        if needs and not any(getattr(self.asked, one) for one in needs):
            flags = [FLAGS[one] for one in FLAGS if one in needs]
            raise UsageError(f"{self.title} lists {self.what} only with {' or '.join(flags)}; add one")

    def show(self) -> None:
        """What would be sent, in the notation of HTTP, without a key. Nothing for a list that came along."""
        from oddstail.cli.reach import placed
        from oddstail.model import Where
        from oddstail.shelf import narrowed
        from oddstail.transports import USER_AGENT, with_params

        lookup = self.lookup
        for get in lookup.gets(narrowed(lookup, self.asked)) if lookup else ():
            params = [*get.params, *([(get.key_name, "****")] if get.key_in is Where.QUERY else [])]
            typer.echo(f"GET {with_params(placed(get.url, self.base_url), params)}".replace("%2A", "*"))
            if get.key_in is Where.HEADER:
                typer.echo(f"{get.key_name}: ****")
            typer.echo(f"User-Agent: {USER_AGENT}\n")

    def key(self, key_file: Path | None) -> Secret | None:
        """The key, where one is needed. Without one what is kept will do, if anything is."""
        from oddstail import keys

        lookup = self.lookup
        if self.offline or lookup is None or all(get.key_in is None for get in lookup.gets(self.asked)):
            return None
        try:
            return keys.find(self.name, self.title, os.environ, key_file)
        except keys.KeyUnusableError as problem:
            if not problem.missing:
                raise
            return None

    def listed(self, secret: Secret | None, limits: Limits) -> Listed:
        """The rows. Leaves with a sentence where there are none to be had."""
        from oddstail.cli.reach import run, shelf
        from oddstail.model import Failure, LinkError

        lookup = self.lookup
        keyless = secret is None and lookup is not None and any(get.key_in for get in lookup.gets(self.asked))

        async def main() -> Listed:
            async with shelf(self.name, secret, self.base_url, limits) as books:
                return await books.listed(
                    self.what, self.asked, age=0.0 if self.refresh else None, offline=self.offline or keyless
                )

        try:
            listed = run(main())
        except LinkError as error:
            missing = keyless and not self.offline
            _refused(self, Failure(kind="no key") if missing else error.failure)
        if keyless and not self.offline and listed.why is not None:
            from dataclasses import replace

            return replace(listed, why=Failure(kind="no key"))
        return listed


def _refused(query: Query, failure: Any) -> NoReturn:
    from oddstail import retry
    from oddstail.cli.app import fail
    from oddstail.keys import missing

    if failure.kind == "no key":
        fail(4, str(missing(query.name, query.title)))
    rule = retry.rule_for(failure, {})[1]
    say = f"; {rule.say}" if rule.say else ""
    code = (
        rule.exit
        if failure.kind in ("status", "tls", "setting", "content-type", "redirect", "protocol")
        else retry.NETWORK
    )
    fail(code, f"{query.title}: the list of {query.what} cannot be had: {why(failure)}{say}")


def why(failure: Any) -> str:
    """Why nobody could be asked, for people."""
    from oddstail.words import describe

    return "there is no key" if failure.kind == "no key" else describe(failure)
