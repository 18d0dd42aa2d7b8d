"""A flag under a heading of the help. Defaults stand in the words of the help: `default 5m`, not `[default: None]`."""

from __future__ import annotations

from typing import Any

import typer


def option(*names: str, panel: str, help: str, **kwargs: Any) -> Any:
    """What goes into the `Annotated` of a parameter."""
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, **kwargs)
