"""The registry: which providers there are. Adding one is a folder here and a line in `_KNOWN`.

Modules are loaded on demand, so that `oddstail --help` does not pay for five decoders.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oddstail.lookup import Catalogue
    from oddstail.model import Ask, Provider

#: name -> the title that people know, and its line in the help. The folder of that name has command.py and decode.py.
_KNOWN = {
    "oddsjam": ("OddsJam", "the v2 push stream (server-sent events)"),
    "opticodds": ("OpticOdds", "books' prices, or your own Copilot prices (server-sent events)"),
    "parlayapi": ("ParlayAPI", "odds of games and props (server-sent events or WebSocket)"),
    "rapidodds": ("RapidOddsAPI", "the state of each sport after every cycle (WebSocket, costs credits)"),
    "boltodds": ("BoltOdds", "every book's lines on one connection (WebSocket)"),
}
TITLES = {name: title for name, (title, _) in _KNOWN.items()}
#: The variables in which the vendor's own tools look for a key (docs/wire). They are read after ours.
KEY_VARIABLES = {
    "parlayapi": ("PARLAYAPI_KEY", "PARLAY_API_KEY"),
    "rapidodds": ("RAPIDODDSAPI_API_KEY",),
}
SUMMARIES = {name: f"{title}: {line}." for name, (title, line) in _KNOWN.items()}


def command(name: str) -> Callable[..., Ask]:
    """The function that turns a provider's flags into requests. Its signature is the subcommand's."""
    ask: Callable[..., Ask] = import_module(f"oddstail.providers.{name}.command").ask
    return ask


def provider(name: str) -> Provider:
    """A provider's functions and facts. ValueError for a name that is none: a capture may say anything."""
    if name not in TITLES:
        raise ValueError(f"{name[:40]!r} is not a provider that this program knows")
    found: Provider = import_module(f"oddstail.providers.{name}.decode").PROVIDER
    return found


def catalogue(name: str) -> Catalogue:
    """What a provider can be asked for beside its streams."""
    found: Catalogue = import_module(f"oddstail.providers.{name}.catalog").CATALOGUE
    return found
