"""A mistake on the command line as one sentence with the remedy. Knows Typer's errors by what they carry, not by class:
Typer has moved those between its versions, and says of a number that could not be read neither which nor what would do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from oddstail.text import visible

_SHOWN = 60
#: What a value should have been, by the error type of the validation library beneath Typer.
_DUE = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "yes or no",
}
#: And where a number should have been in a range.
_BORDERS = {"ge": ("small", "at least"), "le": ("big", "at most")}
#: How people spell a flag for a key. There is none: the command line is there for every user of the machine to read.
_SECRETS = frozenset(
    "key keys api-key apikey token api-token access-token auth auth-token secret password x-api-key".split()
)
#: What each watch of a `run` has for itself, as the config file calls it.
_OF_A_WATCH = {
    flag: name
    for name in ("sport", "league", "book", "market", "game", "feed")
    for flag in (f"--{name}", *([] if name == "feed" else [f"-{name[0]}"]))
}
#: Flags that delete are never a guess at what somebody meant.
_DELETES = frozenset({"--keep"})


def is_usage(error: Any) -> bool:
    """Whether this is how the command-line library says that it cannot make sense of the arguments."""
    return hasattr(error, "format_message") and getattr(error, "exit_code", None) == 2


def sentence(error: Any, argv: Sequence[str], commands: Sequence[str]) -> str:
    """What was wrong, the nearest thing that would have been right, and where all of it is listed."""
    path = " ".join(["oddstail", *[word for word in argv[1:2] if word in commands]])
    return f"{what(error, commands)}; `{path} -h` lists what there is"


def what(error: Any, commands: Sequence[str] = ()) -> str:
    """What was wrong, and the nearest thing that would have been right."""
    said = str(error.format_message()).strip().rstrip(".")
    return _value(error, said) or _flag(error) or _command(said, commands) or _plain(said)


def _value(error: Any, said: str) -> str:
    param = getattr(error, "param", None)
    details = getattr(error.__cause__ or error.__context__, "errors", None)
    if param is None or details is None:
        return ""
    first = details()[0]
    flag, given = max(param.opts, key=len), visible(str(first.get("input")), _SHOWN)
    choices = re.findall(r"'([^']*)'", said.rpartition("is not one of")[2]) if "is not one of" in said else []
    if choices:
        return f"{flag}: {given!r} is not valid{_nearest(given, choices)}; choose from {', '.join(choices)}"
    due = _DUE.get(first.get("type", ""))
    if due is not None:
        return f"{flag}: {given!r} is not {due}"
    for border, (wrong, most) in _BORDERS.items():
        if border in (limits := first.get("ctx") or {}):
            return f"{flag}: {given} is too {wrong}; use {most} {limits[border]:g}"
    return f"{flag} {given}: {_plain(str(first.get('msg', said)).removeprefix('Value error, '))}"


def _flag(error: Any) -> str:
    name = getattr(error, "option_name", None)
    if name is None:
        return ""
    shown = visible(name, _SHOWN)
    context = error.ctx
    if name.lstrip("-").casefold().replace("_", "-") in _SECRETS and "requires" not in error.message:
        # The nearest flag to --key is --keep, which deletes files; and the value that came along is not shown.
        return f"{shown}: keys never come from the command line; set {_variable(context)} or use --key-file FILE"
    if "requires" in error.message:
        return f"{shown} needs a value"
    if "does not take" in error.message:
        return f"{shown} takes no value"
    flags = (
        [flag for param in context.command.params for flag in (*param.opts, *param.secondary_opts)] if context else []
    )
    if context and context.info_name == "run" and name in _OF_A_WATCH:
        return f"{shown} is of one provider; put {_OF_A_WATCH[name]} into [watch.NAME] of the config file"
    near = _nearest(name, flags)
    return f"there is no flag {shown}{'' if any(f' {flag}?' in near for flag in _DELETES) else near}"


def _variable(context: Any) -> str:
    """The environment variable of the subcommand's provider, if it has one."""
    from oddstail.providers import TITLES

    provider = context.info_name if context else None
    return f"{provider.upper()}_API_KEY" if provider in TITLES else "<PROVIDER>_API_KEY"


def _command(said: str, commands: Iterable[str]) -> str:
    found = re.fullmatch(r"No such command '(.*)'", said, re.DOTALL)
    if found is None:
        return ""
    return f"there is no command {visible(found[1], _SHOWN)}{_nearest(found[1], commands)}"


def _plain(said: str) -> str:
    extra = re.fullmatch(r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)", said, re.DOTALL)
    if extra is not None:
        return f"{visible(extra[1], _SHOWN)}: unexpected argument; values need a flag, for example -l NBA"
    missing = re.fullmatch(r"Missing (?:argument|option) '?(.*?)'?", said, re.DOTALL)
    if missing is not None:
        return f"{missing[1]} is missing"
    return visible(said[:1].lower() + said[1:], 200)


def _nearest(given: str, names: Iterable[str]) -> str:
    close = get_close_matches(given.casefold(), [name for name in names if len(name) > 2 or len(given) < 3], 1, 0.6)
    return f" (did you mean {close[0]}?)" if close else ""
