"""A flag under a heading of the help, and one that is a command. Defaults stand in the help in words: `default 5m`."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import Any

import typer

from oddstail.model import UsageError


class Form(StrEnum):
    """How to print what is no stream."""

    auto = "auto"
    table = "table"
    json = "json"


def option(*names: str, panel: str, help: str, **kwargs: Any) -> Any:
    """What goes into the `Annotated` of a parameter."""
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, **kwargs)


def arguments(flag: str, text: str | None) -> tuple[str, ...]:
    """A command as a shell would part it; no shell runs it. UsageError."""
    if text is None:
        return ()
    try:
        command = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{flag} {text!r}: {str(error).lower()}; quote it as in a shell") from None
    if "\0" in text:
        raise UsageError(f"{flag} contains a NUL character; remove it")
    if not command:
        raise UsageError(f"{flag} is empty; name a command")
    return command
