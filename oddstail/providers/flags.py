"""The flags that providers share, as Typer options under one name each. Knows the words, not the wires.

Help is the provider's to write: what `-l` is to it, and whether the wire or we filter by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

from oddstail.model import UsageError

STREAM = "What to stream"
REQUEST = "How to ask for it"


def many(*names: str, metavar: str, help: str) -> Any:
    """An option that repeats, or takes a comma list."""
    return typer.Option(*names, metavar=metavar, help=help, rich_help_panel=STREAM, show_default=False)


def feed(help: str) -> Any:
    """The option that chooses what to stream, the first of every provider."""
    return typer.Option("--feed", help=help, rich_help_panel=STREAM)


def one(*names: str, help: str, panel: str = REQUEST, **kwargs: Any) -> Any:
    """An option that only one provider has."""
    return typer.Option(*names, help=help, rich_help_panel=panel, **kwargs)


Live = Annotated[
    bool | None,
    typer.Option(
        "--live/--prematch", help="Only games in play, or only games before their start.", rich_help_panel=STREAM
    ),
]
Main = Annotated[
    bool | None,
    typer.Option("--main/--alternates", help="Only main lines, or only alternates.", rich_help_panel=STREAM),
]


def values(given: Iterable[str] | None, flag: str, *, split: bool = True) -> list[str]:
    """The values of a repeatable option, comma lists taken apart, doubles dropped. UsageError for an empty one."""
    found: dict[str, None] = {}
    for item in given or ():
        for part in item.split(",") if split else [item]:
            if not part.strip():
                raise UsageError(f"{flag} has an empty value; remove it or name one")
            found[part.strip()] = None
    return list(found)


def chunks(items: Sequence[str], most: int) -> list[list[str]]:
    """`items` in lists of at most `most`; one empty list if there are none."""
    return [list(items[at : at + most]) for at in range(0, len(items), most)] or [[]]


def label(*groups: Sequence[str]) -> str:
    """A short name for a connection: the first of each group, and how many more."""
    words = [group[0] if len(group) == 1 else f"{group[0]} and {len(group) - 1} more" for group in groups if group]
    return " ".join(words)


def pairs(name: str, items: Iterable[str]) -> list[tuple[str, str]]:
    """A parameter that is repeated for each value."""
    return [(name, item) for item in items]


def switch(name: str, value: bool | None) -> list[tuple[str, str]]:
    """A boolean parameter in lower case, or nothing where the user did not say."""
    return [] if value is None else [(name, "true" if value else "false")]


def fits(feed: str, given: Mapping[str, object], allowed: Mapping[str, Sequence[str]]) -> None:
    """UsageError for a flag that was given and that the feed cannot honour. `allowed` names the feeds of each flag."""
    for flag, value in given.items():
        if value not in (None, False, [], ()) and feed not in allowed[flag]:
            *others, last = allowed[flag]
            feeds = f"{', '.join(others)} or {last}" if others else last
            raise UsageError(f"{flag} is for --feed {feeds}; remove it with --feed {feed}")
