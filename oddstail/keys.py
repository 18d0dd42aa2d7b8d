"""Where a provider's key comes from: environment, files, config; never the command line. Says where to put one."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from oddstail.text import Secret


class KeyUnusableError(Exception):
    """There is no key, or it cannot be used. The text names the remedy; `missing` tells which of the two."""

    def __init__(self, text: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.missing = missing


def find(provider: str, title: str, env: Mapping[str, str], key_file: Path | None = None) -> Secret:
    """The key of a provider: --key-file, then the environment, then credentials, then the config file."""
    name = f"{provider.upper()}_API_KEY"
    if key_file is not None:
        return _from_file(key_file)
    for variable in (name, f"ODDSTAIL_{name}"):
        if env.get(variable, "").strip():
            return _checked(env[variable], f"${variable}")
    for variable in (f"{name}_FILE", f"ODDSTAIL_{name}_FILE"):
        if env.get(variable):
            return _from_file(Path(env[variable]))
    folder = env.get("CREDENTIALS_DIRECTORY")
    if folder:
        # The service manager made this folder for this service alone: its modes are not ours to judge.
        for stem in (name, name.lower(), provider):
            if (path := Path(folder) / stem).is_file():
                return _checked(_text(path), str(path))
    found = _from_config(provider, env)
    if found is not None:
        return found
    raise KeyUnusableError(
        f"no key for {title}: set {name}, or name a file that holds it with --key-file FILE", missing=True
    )


def config_path(env: Mapping[str, str]) -> Path | None:
    """Where the config file is, if this environment has a home at all (cron's may not)."""
    if env.get("XDG_CONFIG_HOME"):
        return Path(env["XDG_CONFIG_HOME"]) / "oddstail" / "config.toml"
    return Path(env["HOME"]) / ".config" / "oddstail" / "config.toml" if env.get("HOME") else None


def _from_config(provider: str, env: Mapping[str, str]) -> Secret | None:
    path = config_path(env)
    if path is None or not path.is_file():
        return None
    try:
        table = tomllib.loads(_text(path)).get(provider)
    except tomllib.TOMLDecodeError as error:
        raise KeyUnusableError(f"{path} is no TOML: {error}") from None
    if not isinstance(table, dict):
        return None
    if isinstance(table.get("key_file"), str):
        return _from_file(path.parent / Path(table["key_file"]).expanduser())
    if isinstance(table.get("key"), str):
        _private(path)
        return _checked(table["key"], f"{path} [{provider}]")
    return None


def _from_file(path: Path) -> Secret:
    _private(path)
    return _checked(_text(path), str(path))


def _private(path: Path) -> None:
    """Refuse a key that others can read, as ssh does. A pipe (`<(pass show odds)`) has no readers to fear."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise KeyUnusableError(f"cannot read the key file {path}: {error.strerror}") from None
    if stat.S_ISREG(mode) and mode & 0o077 and os.name == "posix":
        raise KeyUnusableError(f"{path} holds a key and others can read it; mend it with: chmod 600 {path}")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise KeyUnusableError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeyUnusableError(f"{path} is not text") from None


def _checked(value: str, source: str) -> Secret:
    """A key travels in a header or an address: one printable word. The message never shows what it was."""
    key = value.strip()
    if not key:
        raise KeyUnusableError(f"the key in {source} is empty", missing=True)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyUnusableError(f"the key in {source} has a space or a character that no key has; copy it again")
    return Secret(key)
