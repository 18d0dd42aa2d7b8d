"""Names of captures: what a path with `{tokens}` stands for. Pure; opens nothing.

Tokens rather than strftime, whose `%` a crontab turns into a line end. What a server or a user's
label puts into a name is reduced to a small alphabet, so that no name leaves its directory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import Literal

TOKENS = ("provider", "feed", "label", "date", "start", "run", "part", "split")
#: DuckDB reads `date=...` folders as a column; `_` sorts what has no part behind nothing.
DEFAULT = "date={date}/{provider}-{feed}-{label}-{start}-{run}-{part}"
Packing = Literal["gzip", "zstd"]
#: What the name of an open file has, before the ending that says how it is packed.
PART = ".part"
#: Suffixes of packed files, and what packs them.
PACKED: dict[str, Packing] = {".gz": "gzip", ".zst": "zstd"}
#: What ends the names of each kind of file, the longest first: who looks for one must not find the other.
SUFFIXES = (".tape.ndjson", ".ndjson")
_TOKEN = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
#: Bytes of one token's value; a name has 255, and `.ndjson.part.gz` must fit too.
_VALUE = 48
_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Where captures go. `root` is the user's own and trusted; what is below it comes from `pattern`.

    `suffix` ends every name (`.ndjson`). `packed` is what the name asked for (`x.ndjson.gz`), if anything.
    """

    root: PurePath
    pattern: str
    suffix: str
    packed: str | None = None

    @property
    def tokens(self) -> frozenset[str]:
        """The tokens that the names depend on."""
        return frozenset(_TOKEN.findall(self.pattern))

    def path(self, values: Mapping[str, str], bump: int = 0) -> PurePosixPath:
        """The name of a file, below the root. `bump` > 0 makes it another, where that one is taken."""
        parts = [
            _TOKEN.sub(lambda found: safe(values[found[1]]), part)[:_NAME] for part in PurePosixPath(self.pattern).parts
        ]
        parts = [part if part not in (".", "..") else "_" for part in parts]
        tail = f"-{bump:04d}" if bump else ""
        return PurePosixPath(*parts[:-1], f"{parts[-1]}{tail}{self.suffix}")


def while_open(name: str) -> str:
    """The name of a file while it is open: `x.ndjson.part`, and `x.ndjson.part.gz` for what unpacks by the ending."""
    ending = next((ending for ending in PACKED if name.endswith(ending)), "")
    return f"{name.removesuffix(ending)}{PART}{ending}"


def once_closed(name: str) -> str:
    """The name of a file once it is closed; the same if it is."""
    for ending in ("", *PACKED):
        if name.endswith(PART + ending):
            return name.removesuffix(PART + ending) + ending
    return name


def is_open(name: str) -> bool:
    """Whether a file of this name is not closed: its run goes on, or crashed."""
    return once_closed(name) != name


def suffix_of(name: str) -> str:
    """What kind of file a name is of, by how it ends, `.part` and packing aside. Empty for none of ours."""
    name = once_closed(name)
    for ending in PACKED:
        name = name.removesuffix(ending)
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), PurePosixPath(name).suffix)


def safe(value: str) -> str:
    """`value` as a piece of a file name: letters, digits and `._+-`, never empty, hidden, or an option."""
    word = _UNSAFE.sub("_", value)[:_VALUE].rstrip("_").lstrip("._-")
    return word or "_"


def template(given: str, suffix: str, *, folder: bool, split: bool = False, rotates: bool = False) -> Template:
    """What a path on a command line means. `folder`: whether it is a directory that exists. ValueError if it cannot be.

    A directory (that exists, or by its last `/`) gets the default name; a plain file that is to be
    split or rotated gets what tells its parts apart.
    """
    if not given or "\0" in given:
        raise ValueError("the name is empty; name a file or a directory")
    for token in _TOKEN.findall(given):
        if token not in TOKENS:
            raise ValueError(f"{{{token}}} is not a token; choose from: {' '.join(f'{{{name}}}' for name in TOKENS)}")
    if "{" in _TOKEN.sub("", given) or "}" in _TOKEN.sub("", given):
        raise ValueError(
            f"{given!r} has a brace too many; a token is one of {' '.join(f'{{{name}}}' for name in TOKENS)}"
        )
    if folder or given.endswith("/"):
        default = DEFAULT.replace("/", "/{split}/", 1) if split else DEFAULT
        head, _, tail = given.rstrip("/").partition("{")
        if tail:
            # captures/{provider}/ : folders of the user's own, names of ours.
            root, _, first = head.rpartition("/")
            below = f"{first}{{{tail}"
            _checked(below)
            return Template(root=_root(root, head), pattern=f"{below}/{default}", suffix=suffix)
        return Template(root=PurePath(given), pattern=default, suffix=suffix)
    stem, packed = given, None
    for ending, kind in PACKED.items():
        if stem.endswith(ending):
            stem, packed = stem.removesuffix(ending), kind
    at = stem.find("{")
    cut = stem.rfind("/", 0, at if at >= 0 else len(stem)) + 1
    head, pattern = stem[:cut], stem[cut:]
    _checked(pattern)
    name = pattern.rpartition("/")[2]
    # What ends the name is its suffix, if it has any: `odds.json` stays that.
    found = suffix if name.endswith(suffix) else PurePosixPath(_TOKEN.sub("x", name)).suffix
    pattern = pattern.removesuffix(found) if found else pattern
    found = found or suffix
    tokens = set(_TOKEN.findall(pattern))
    if split and "split" not in tokens:
        if tokens:
            raise ValueError("--split needs {split} in the name")
        pattern += "-{split}"
    if (rotates or split) and not tokens & {"part", "start"}:
        if tokens:
            raise ValueError("what rotates or splits needs {part} or {start} in the name")
        pattern += "-{part}"
    return Template(root=_root(head, head), pattern=pattern, suffix=found, packed=packed)


def _root(text: str, given: str) -> PurePath:
    return PurePath(text or ("/" if given.startswith("/") else "."))


def _checked(pattern: str) -> None:
    if ".." in PurePosixPath(pattern).parts:
        raise ValueError("a name cannot climb out of its directory with ..")
    if not PurePosixPath(pattern).name:
        raise ValueError(f"{pattern!r} names no file")
