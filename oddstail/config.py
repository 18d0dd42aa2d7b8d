"""The config file as it is written: defaults, a table for each provider, named watches, aliases. Knows no flag.

Flags and their types are the command line's to know (cli/settings.py); here is what a file may say, where it says it,
and that nobody else can read a key that stands in it.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oddstail import file_safety, places

#: Bytes of a config file.
_MOST_BYTES = 1024 * 1024
DEFAULTS, WATCH, ALIAS, SAME = "defaults", "watch", "alias", "same"
#: What a provider's table says of its key. Never flags: a flag would win over the environment.
KEY_NAMES = ("key", "key_file", "key_command")


class ConfigError(Exception):
    """The file cannot be used. The text is one sentence, and names the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a file says. `path` is None where there is no place for one, `found` whether there is a file.

    `defaults`, `providers` and `watches` are its tables without aliases and without keys of their own; `aliases` is
    by provider, each a name for one value or several; `same` are groups of books that copy one another. `strange` are
    (where, name) of what has no business there.
    """

    path: Path | None = None
    found: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    watches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    same: Sequence[tuple[str, ...]] = ()
    strange: Sequence[tuple[str, str]] = ()


def path(env: Mapping[str, str]) -> Path | None:
    """Where the config file is or would be; None if this environment has no home (cron's may not)."""
    folder = places.config(env)
    return None if folder is None else folder / "config.toml"


def load(env: Mapping[str, str], names: Sequence[str]) -> Config:
    """The config of this environment; `names` are the providers that there are. ConfigError."""
    where = path(env)
    try:
        if where is None or not where.exists():
            return Config(path=where)
        # It names commands to run and addresses to send a key to: nobody else may write it.
        text = file_safety.read(where, "ours", most=_MOST_BYTES).decode("utf-8-sig")
        said = tomllib.loads(text)
    except file_safety.UnsafeFileError as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"cannot read {where}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{where} is not text; write it in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from None
    except (ValueError, RecursionError):
        # A number of thousands of digits, or brackets by the thousand: tomllib has no error of its own for these.
        raise ConfigError(
            f"{where} is not valid TOML: a number is too long, or brackets lie too deep in each other"
        ) from None
    found = parse(said, names, where)
    if any("key" in table for table in found.keys.values()) and not is_private(where):
        raise ConfigError(f"{where} contains a key and is readable by other users; fix it with: chmod 600 {where}")
    return found


def parse(said: Mapping[str, Any], names: Sequence[str], where: Path | None = None) -> Config:
    """A file's content, taken apart. ConfigError for a table that is none."""
    strange: list[tuple[str, str]] = []
    providers: dict[str, Mapping[str, Any]] = {}
    keys: dict[str, Mapping[str, str]] = {}
    aliases: dict[str, Mapping[str, tuple[str, ...]]] = {}
    watches: dict[str, Mapping[str, Any]] = {}
    defaults: Mapping[str, Any] = {}
    same: list[tuple[str, ...]] = []
    for name, value in said.items():
        if name == SAME:
            groups = _table(value, f"[{SAME}]", where)
            same = [_values(books, f"[{SAME}] {group}", where) for group, books in groups.items()]
            continue
        if name not in (DEFAULTS, WATCH, *names):
            strange.append(("", name))
            continue
        table = dict(_table(value, f"[{name}]", where))
        if name == DEFAULTS:
            strange += [(name, key) for key in KEY_NAMES if table.pop(key, None) is not None]
            defaults = _flat(table)
        elif name == WATCH:
            for watch, flags in table.items():
                own = dict(_table(flags, f"[watch.{watch}]", where))
                strange += [(f"watch.{watch}", key) for key in KEY_NAMES if own.pop(key, None) is not None]
                watches[watch] = _flat(own)
        else:
            given = _table(table.pop(ALIAS, {}), f"[{name}.{ALIAS}]", where)
            aliases[name] = {
                alias: _values(means, f"[{name}.{ALIAS}] {alias}", where) for alias, means in given.items()
            }
            keys[name] = {
                key: _text(table.pop(key), f"[{name}] {key}", where) for key in KEY_NAMES if key in table
            }  # fmt: skip
            providers[name] = _flat(table)
    return Config(
        path=where,
        found=True,
        defaults=defaults,
        providers=providers,
        keys=keys,
        watches=watches,
        aliases=aliases,
        same=tuple(same),
        strange=tuple(strange),
    )


def is_private(path: Path) -> bool:
    """Whether nobody else can read a file, as ssh asks of a key. A pipe (`<(pass show odds)`) has no reader to fear."""
    mode = path.stat().st_mode
    return not (stat.S_ISREG(mode) and mode & 0o077 and os.name == "posix")


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Flags by their own names: `max-silence`, or `max_silence` as TOML likes it."""
    return {name.replace("_", "-"): value for name, value in table.items()}


def _table(value: Any, what: str, where: Path | None) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {what} is not a table; write its name in brackets on a line of its own")
    return value


def _text(value: Any, what: str, where: Path | None) -> str:
    # The value itself may be a key: it is not shown.
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {what} is not text; put it in quotes")
    return value


def _values(value: Any, what: str, where: Path | None) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(one, str) and "\0" not in one for one in given):
        raise ConfigError(f'{where}: {what} is a name or a list of names: dk = "DraftKings"')
    return tuple(given)
