"""`oddstail config`: where the file is, what it and the environment come to, whether it is sound, a first one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from oddstail import config, keys, providers
from oddstail.cli.completing import watches
from oddstail.cli.settings import Flags, Settings, for_command, is_secret
from oddstail.model import UsageError
from oddstail.text import MASK

#: What `config init` writes: every line a comment, so that it changes nothing.
TEMPLATE = """\
# What oddstail does unless you say otherwise. Flags on the command line win over the environment
# (ODDSTAIL_THEME=light), and that over this file. A flag is called here as there, without its dashes.
# `oddstail config show` says what holds and why, `oddstail config check` what nobody understands.

# [defaults]                       # every provider
# odds = "decimal"
# theme = "light"
# stale-after = "3m"

# [opticodds]                      # one provider
# key_file = "opticodds.key"       # beside this file, mode 600; or:
# key_command = "pass show odds/opticodds"
# sport = "basketball"

# [opticodds.alias]                # your short names: -b dk, -b sharp
# dk = "DraftKings"
# sharp = ["Pinnacle", "Circa Sports"]

# [watch.nba]                      # oddstail run nba
# provider = "opticodds"
# league = "NBA"
# book = ["dk", "sharp"]
# market = "Moneyline"
"""


class Action(StrEnum):
    """What to do about the config file."""

    show = "show"
    path = "path"
    check = "check"
    init = "init"


def command(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="show (the values that apply, and where they come from), path, check, or init (write a first one).",
        ),
    ] = Action.show,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="With show: only this watch or provider.", autocompletion=watches),
    ] = None,
) -> None:
    """Show where each value comes from (keys masked), check the config file, or write a first one.

    oddstail config show

    oddstail config show opticodds

    oddstail config init
    """
    where = config.path(os.environ)
    if where is None:
        raise UsageError("there is no place for a config file: set HOME, or XDG_CONFIG_HOME to an absolute path")
    try:
        match action:
            case Action.path:
                typer.echo(where)
            case Action.init:
                _init(where)
            case Action.check:
                raise typer.Exit(_check())
            case _:
                typer.echo("\n".join(_show(name)))
    except config.ConfigError as error:
        raise UsageError(str(error)) from None


def _init(where: Any) -> None:
    from oddstail.cli.app import fail
    from oddstail.retry import OUTPUT

    try:
        where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{where} already exists; `oddstail config show` prints its values") from None
    except OSError as error:
        raise UsageError(f"{where} cannot be written: {error.strerror}; XDG_CONFIG_HOME names another place") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except OSError as error:
        # What is left of it would be in the way of the next try.
        os.unlink(where)
        fail(OUTPUT, f"{where} cannot be written: {error.strerror}; make room, or set XDG_CONFIG_HOME to another place")
    typer.echo(where)


def _check() -> int:
    """Everything that nobody understands, and keys that cannot be used, one line each. The exit code."""
    said = config.load(os.environ, list(providers.TITLES))
    if not said.found:
        typer.echo(f"{said.path} does not exist (it is optional); `oddstail config init` writes one")
        return 0
    found: dict[str, None] = {}
    for name, settings in _everything(said):
        found |= dict.fromkeys([settings] if isinstance(settings, str) else settings.warnings)
        if name in providers.TITLES:
            try:
                keys.in_config(name, os.environ, ask=False)
            except keys.KeyUnusableError as problem:
                found[f"[{name}] {problem}"] = None
    for line in found:
        typer.echo(line)
    if not found:
        typer.echo(f"{said.path} is sound")
    return 2 if found else 0


def _show(name: str | None) -> Iterator[str]:
    """One line a value: what it is for, what it is, who says so."""
    said = config.load(os.environ, list(providers.TITLES))
    if name is not None and name not in (*providers.TITLES, *said.watches):
        raise UsageError(f"there is no provider and no watch {name!r}; known: {', '.join(names(said))}")
    yield f"# {said.path}" + ("" if said.found else " (not there)")
    for what, settings in _everything(said):
        if name not in (None, what):
            continue
        if isinstance(settings, str):
            yield from ("", what, f"  {settings}")
            continue
        rows = [
            *_keys(what, os.environ),
            *((f"{one.flag} = {_toml(one.flag, one.value)}", one.where) for one in settings.given.values()),
            *((f"alias {alias} = {', '.join(means)}", f"{said.path} [{what}.alias]")
              for alias, means in said.aliases.get(what, {}).items()),
        ]  # fmt: skip
        if rows:
            yield ""
            yield f"{what}: {providers.TITLES.get(what) or said.watches[what].get('provider', '?')}"
            width = max(len(row) for row, _ in rows)
            yield from (f"  {row:{width}}  {where}" for row, where in rows)


def names(said: config.Config) -> list[str]:
    """Providers and watches."""
    return [*providers.TITLES, *said.watches]


def _everything(said: config.Config) -> Iterator[tuple[str, Settings | str]]:
    """Each provider and each watch with what is set for it, or the sentence that says why it cannot be."""
    for name in names(said):
        try:
            yield name, _settings(name, said)
        except UsageError as error:
            yield name, str(error)


def _settings(name: str, said: config.Config) -> Settings:
    if name in providers.TITLES:
        return _of(name, said, None)
    return _of(provider_of(name, said), said, name)


def provider_of(watch: str, said: config.Config) -> str:
    """The provider of a watch. UsageError where it names none that there is."""
    given = said.watches[watch].get("provider")
    if given not in providers.TITLES:
        raise UsageError(
            f"{said.path} [watch.{watch}] needs a provider: one of {', '.join(providers.TITLES)}"
            + ("" if given is None else f", not {given!r}")
        )
    return str(given)


def _of(provider: str, said: config.Config, watch: str | None) -> Settings:
    from oddstail.cli.app import made

    return for_command(Flags(made(provider)), said, os.environ, provider=provider, watch=watch)


def _keys(name: str, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """Whether there is a key, and where; never what it is. A key_command is not run for this."""
    if name not in providers.TITLES:
        return []
    try:
        found = keys.locate(name, providers.TITLES[name], env, ask=False)
    except keys.KeyUnusableError as problem:
        return [("key", str(problem))] if not problem.missing else []
    return [(f"key = {MASK}", found.where)]


def _toml(flag: str, value: Any) -> str:
    import json

    if is_secret(flag):
        return MASK
    return json.dumps(value, ensure_ascii=True) if not isinstance(value, bool) else str(value).lower()
