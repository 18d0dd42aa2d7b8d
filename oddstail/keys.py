"""Where a provider's key comes from: environment, files, config; never the command line. Says where to put one."""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from oddstail import config, file_safety
from oddstail.providers import KEY_VARIABLES
from oddstail.text import Secret

#: Seconds that a key_command has: its user may have to type a passphrase.
_PATIENCE = 60.0
#: Bytes of a key and what may stand around it; a command or a file that has more to say has no key.
_MOST = file_safety.MOST_BYTES
#: Characters of the longest key. Servers take header lines of 8 KiB at most, and every output is searched for the key.
_LONGEST = 4096


class KeyUnusableError(Exception):
    """There is no key, or it cannot be used. The text names the remedy; `missing` tells which of the two."""

    def __init__(self, text: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.missing = missing


class Found(NamedTuple):
    """A key, and where it was, for people."""

    secret: Secret
    where: str


def find(provider: str, title: str, env: Mapping[str, str], key_file: Path | None = None) -> Secret:
    """The key of a provider; looked for in the order that `locate` has."""
    return locate(provider, title, env, key_file).secret


def locate(
    provider: str, title: str, env: Mapping[str, str], key_file: Path | None = None, *, ask: bool = True
) -> Found:
    """`find`, and where it was found. Without `ask` no key_command is run, and the secret of one is empty."""
    name = f"{provider.upper()}_API_KEY"
    if key_file is not None:
        return _from_file(key_file, "--key-file")
    for variable in (name, f"ODDSTAIL_{name}"):
        if env.get(variable, "").strip():
            return Found(_checked(env[variable], f"${variable}"), f"${variable}")
    for variable in (f"{name}_FILE", f"ODDSTAIL_{name}_FILE"):
        if env.get(variable):
            return _from_file(Path(env[variable]), f"${variable}")
    for variable in KEY_VARIABLES.get(provider, ()):
        if env.get(variable, "").strip():
            return Found(_checked(env[variable], f"${variable}"), f"${variable}, the vendor's own variable")
    folder = env.get("CREDENTIALS_DIRECTORY")
    if folder:
        # The service manager made this folder for this service alone: its modes are not ours to judge.
        for stem in (name, name.lower(), provider):
            if (path := Path(folder) / stem).exists():
                return Found(_checked(_text(path, "any"), str(path)), f"{path}, a credential of the service manager")
    found = in_config(provider, env, ask=ask)
    if found is not None:
        return found
    raise missing(provider, title)


def missing(provider: str, title: str) -> KeyUnusableError:
    """That there is none, and where it may be put."""
    name = f"{provider.upper()}_API_KEY"
    file = "--key-file FILE or key_file in the config file"
    text = f"no key for {title}: set {name}, or name a file that holds it with {file}"
    return KeyUnusableError(text, missing=True)


def in_config(provider: str, env: Mapping[str, str], *, ask: bool) -> Found | None:
    """What the config file says of a provider's key; KeyUnusableError where that gives none."""
    try:
        said = config.load(env, [provider])
    except config.ConfigError as error:
        raise KeyUnusableError(str(error)) from None
    table, path = said.keys.get(provider, {}), said.path
    if path is None:
        return None
    if "key_file" in table:
        named_by = f"{path} [{provider}] key_file"
        try:
            return _from_file(path.parent / Path(table["key_file"]).expanduser(), named_by)
        except (RuntimeError, ValueError):
            # `~nobody/...` where there is no such user, or a NUL.
            raise KeyUnusableError(f"{named_by} names no file; write its whole path") from None
    if "key_command" in table:
        secret = _printed(table["key_command"], provider) if ask else Secret("")
        return Found(secret, f"{path} [{provider}] key_command")
    if "key" in table:
        return Found(_checked(table["key"], f"{path} [{provider}]"), f"{path} [{provider}] key")
    return None


@cache
def _printed(command: str, provider: str) -> Secret:
    """What a password manager prints: arguments, no shell. Once a process: it may ask its user for a finger."""
    what = f"key_command of [{provider}]"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise KeyUnusableError(f"{what} cannot be read: {error}") from None
    if not words:
        raise KeyUnusableError(f"{what} is empty")
    try:
        code, printed = _run(words, what)
    except subprocess.TimeoutExpired:
        raise KeyUnusableError(f"{what} ({words[0]}) did not end within {_PATIENCE:g} s") from None
    except OSError as error:
        raise KeyUnusableError(f"{what} cannot be run: {words[0]}: {error.strerror}") from None
    except ValueError:
        raise KeyUnusableError(f"{what} cannot be run: it has a NUL in it") from None
    if code:
        raise KeyUnusableError(f"{what} ({words[0]}) failed with {code}; what it said stands above")
    try:
        return _checked(printed.decode(), f"what {what} printed")
    except UnicodeDecodeError:
        raise KeyUnusableError(f"what {what} printed is not text") from None


def _run(words: list[str], what: str) -> tuple[int, bytes]:
    """A command's exit code and what it printed, in time and in bounds: `communicate` would keep all that it prints."""
    ends = time.monotonic() + _PATIENCE
    printed = b""
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:  # noqa: S603 - the user's own command, no shell
        try:
            assert process.stdout is not None, "asked for above"
            while len(printed) <= _MOST:
                if not select.select([process.stdout], [], [], max(0.0, ends - time.monotonic()))[0]:
                    raise subprocess.TimeoutExpired(words, _PATIENCE)
                piece = os.read(process.stdout.fileno(), _MOST)
                if not piece:
                    return process.wait(max(0.0, ends - time.monotonic())), printed
                printed += piece
        finally:
            process.kill()
    raise KeyUnusableError(f"{what} ({words[0]}) printed more than {_MOST >> 10} KiB; a key is one word")


def _from_file(path: Path, named_by: str) -> Found:
    try:
        return Found(_checked(_text(path, "private"), str(path)), f"{path}, named by {named_by}")
    except ValueError:
        raise KeyUnusableError(f"{named_by} names no file: its path contains a NUL; write it again") from None


def _text(path: Path, rights: file_safety.Rights) -> str:
    try:
        return file_safety.read(path, rights).decode("utf-8-sig")
    except file_safety.UnsafeFileError as error:
        raise KeyUnusableError(str(error)) from None
    except OSError as error:
        raise KeyUnusableError(f"cannot read the key file {path}: {error.strerror}; put the key there") from None
    except UnicodeDecodeError:
        raise KeyUnusableError(f"{path} is not text; put the key there, alone") from None


def _checked(value: str, source: str) -> Secret:
    """A key travels in a header or an address: one printable word. The message never shows what it was."""
    key = value.strip()
    if not key:
        raise KeyUnusableError(f"the key in {source} is empty; put it there, alone", missing=True)
    if len(key) > _LONGEST:
        raise KeyUnusableError(f"the key in {source} has {len(key):,} characters, more than any key; copy it again")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise KeyUnusableError(f"the key in {source} has a space or a character that no key has; copy it again")
    return Secret(key)
