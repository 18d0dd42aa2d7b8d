"""The registry: which providers there are. Adding one is a folder here and a line in `_WHERE`.

Modules are loaded on demand, so that `oddstail --help` does not pay for five decoders.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from oddstail.model import Ask, Provider

#: name -> the title that people know. The folder of that name has command.py and decode.py.
TITLES = {
    "oddsjam": "OddsJam",
    "opticodds": "OpticOdds",
    "parlayapi": "ParlayAPI",
    "rapidodds": "RapidOddsAPI",
    "boltodds": "BoltOdds",
}


def command(name: str) -> Callable[..., Ask]:
    """The function that turns a provider's flags into requests. Its signature is the subcommand's."""
    ask: Callable[..., Ask] = import_module(f"oddstail.providers.{name}.command").ask
    return ask


def provider(name: str) -> Provider:
    """A provider's functions and facts."""
    found: Provider = import_module(f"oddstail.providers.{name}.decode").PROVIDER
    return found
