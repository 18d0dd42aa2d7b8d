"""`oddstail run NAME...`: watches of the config file, several providers at once. Knows flags only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oddstail import config, keys, providers
from oddstail.cli.common import Common, options, with_common
from oddstail.cli.completing import watches
from oddstail.model import Ask, UsageError

if TYPE_CHECKING:
    from oddstail.cli.settings import Settings
    from oddstail.run.plan import Leg

#: Flags that hold for one provider's connections. The others hold for the run.
_OF_A_LEG = frozenset(
    "team player where local_game max_silence retries retry_for connect_timeout max_frame validate base_url ca_bundle"
    " key_file snapshot".split()
)
#: What no two providers share.
_WITHOUT = frozenset({"base_url", "key_file", "local_game"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """A watch as the config file, the environment and the command line have it."""

    name: str
    provider: str
    own: dict[str, Any]
    common: Common
    settings: Settings


def _flags(
    entries: Annotated[
        list[str],
        typer.Argument(metavar="NAME", help="Watches or providers from the config file.", autocompletion=watches),
    ],
    ctx: typer.Context,
) -> None:
    """Tail several watches or providers at once: one screen, or one stream of records.

    oddstail run nba

    oddstail run nba nfl boltodds -w captures/

    oddstail run nba opticodds --json | jq -c 'select(.type=="quote")'
    """


def command() -> Callable[..., None]:
    """The subcommand."""

    def launch(entries: list[str], ctx: Any, **given: Any) -> None:
        from oddstail.cli.app import leave
        from oddstail.cli.planning import plan

        common = options(Common, given)
        typed = {one for one in given if ctx.get_parameter_source(one).name == "COMMANDLINE"}
        watches = [_watch(name, common, typed) for name in dict.fromkeys(entries)]
        shared = _shared(watches, common, typed)
        legs, notes, code = _legs(watches, shared)
        leave(plan(legs, shared, notes, code=code), shared)

    return with_common(_flags, launch, without=_WITHOUT)


def _watch(name: str, common: Common, typed: Collection[str]) -> _Watch:
    from oddstail.cli.app import made, parsed
    from oddstail.cli.configuring import names, provider_of
    from oddstail.cli.settings import Flags, for_command

    said = config.load(os.environ, list(providers.TITLES))
    watch = name if name in said.watches else None
    if watch is None and name not in providers.TITLES:
        raise UsageError(
            f"there is no watch {name!r}; there are: {', '.join(names(said))}. "
            f"Write [watch.{name}] into {said.path or 'a config file'} (`oddstail config init` shows how)"
        )
    provider = name if watch is None else provider_of(watch, said)
    settings = for_command(Flags(made(provider)), said, os.environ, provider=provider, watch=watch)
    for warning in settings.warnings:
        # What is wrong for all is said once, by the command line itself.
        if (not common.quiet and f"[{provider}]" in warning.split(" is ")[0]) or f"[watch.{watch}]" in warning:
            typer.echo(f"oddstail: {warning}", err=True)
    own, flags = parsed(provider, settings)
    flags = replace(flags, **{one: getattr(common, one) for one in _OF_A_LEG.intersection(typed)})
    return _Watch(name=name, provider=provider, own=own, common=flags, settings=settings)


def _shared(watches: Sequence[_Watch], common: Common, typed: Collection[str]) -> Common:
    """The flags of the run: typed ones, else what the watches say, who must not contradict each other."""
    wanted: dict[str, Any] = {}
    for field in fields(Common):
        if field.name in _OF_A_LEG or field.name in typed:
            continue
        base = getattr(common, field.name)
        said = {one.name: value for one in watches if (value := getattr(one.common, field.name)) != base}
        values = list(said.values())
        if any(value != values[0] for value in values):
            flag = field.name.strip("_").replace("_", "-")
            raise UsageError(f"{' and '.join(said)} differ in --{flag}, and a run has but one; say which here")
        wanted |= {field.name: values[0]} if values else {}
    return replace(common, **wanted)


def _legs(watches: Sequence[_Watch], shared: Common) -> tuple[list[Leg], list[str], int]:
    """A leg of each watch that can be had, what to say, and the exit code of one that cannot be. None: UsageError."""
    run_wide = {field.name: getattr(shared, field.name) for field in fields(Common) if field.name not in _OF_A_LEG}
    pool = ThreadPoolExecutor(len(watches))
    try:
        # Each may wait for its provider's lists: all at once, as one alone would.
        whole = [replace(one.common, **run_wide) for one in watches]
        asks = list(pool.map(_asked, watches, whole))
        mixed = not all(request.priced for ask in asks if isinstance(ask, Ask) for request in ask.requests)
        # What is typed behind `run` is for all of them: a text that one of them may have is no mistake.
        beside = [mixed and one.where is not None and one.where == shared.where for one in whole]
        found = list(pool.map(_leg, watches, asks, whole, beside))
    finally:
        # Ctrl-C does not wait for a list that does not come.
        pool.shutdown(wait=False, cancel_futures=True)
    legs: list[Leg] = []
    notes: list[str] = []
    code = 0
    many = len({one.provider for one in watches}) > 1
    for watch, one in zip(watches, found, strict=True):
        if isinstance(one, Exception):
            if not any(not isinstance(other, Exception) for other in found):
                raise one
            code = code or (4 if isinstance(one, keys.KeyUnusableError) and one.missing else 2)
            text = f"{watch.name}: {watch.settings.blamed(str(one))}; the others continue"
            notes.append(text)
            if shared.quiet:
                sys.stderr.write(f"oddstail: {text}\n")
            continue
        leg, said = one
        title = leg.provider.title
        # Two leagues of one name are told apart by whose they are.
        requests = [replace(asks, label=f"{title} {asks.label}") for asks in leg.requests] if many else leg.requests
        legs.append(replace(leg, requests=requests))
        notes += said
    return legs, notes, code


def _asked(watch: _Watch, common: Common) -> Ask | Exception:
    from oddstail.cli.naming import asked

    try:
        return asked(watch.provider, providers.command(watch.provider), watch.own, common)
    except (UsageError, keys.KeyUnusableError) as error:
        return error


def _leg(watch: _Watch, ask: Ask | Exception, common: Common, beside: bool) -> tuple[Leg, list[str]] | Exception:
    from oddstail.cli.planning import leg

    if isinstance(ask, Exception):
        return ask
    try:
        return leg(watch.provider, ask, common, beside=beside)
    except (UsageError, keys.KeyUnusableError) as error:
        return error
