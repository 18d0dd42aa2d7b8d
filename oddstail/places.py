"""Where files of ours belong on this machine: the XDG base directories. Makes nothing.

XDG Base Directory Specification 0.8: a relative path in one of its variables is to be ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_APP = "oddstail"


def config(env: Mapping[str, str]) -> Path | None:
    """What a user wrote. A home need not be ours to write in."""
    return _place(env, "XDG_CONFIG_HOME", ".config")


def cache(env: Mapping[str, str]) -> Path | None:
    """What can be fetched again. None where the environment has no home (cron's may not)."""
    return _place(env, "XDG_CACHE_HOME", ".cache")


def state(env: Mapping[str, str]) -> Path | None:
    """What one run leaves for the next."""
    return _place(env, "XDG_STATE_HOME", ".local/state")


def runtime(env: Mapping[str, str]) -> Path | None:
    """What running processes share, gone after a reboot; the state where there is no such place."""
    given = env.get("XDG_RUNTIME_DIR", "")
    return Path(given) / _APP if given.startswith("/") else state(env)


def _place(env: Mapping[str, str], variable: str, below_home: str) -> Path | None:
    given = env.get(variable, "")
    if given.startswith("/"):
        return Path(given) / _APP
    home = Path(env.get("HOME", ""))
    # A home that is not there (a service's may be /nonexistent) is not ours to make.
    return home / below_home / _APP if home.is_absolute() and home.is_dir() else None
