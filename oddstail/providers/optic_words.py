"""The words of OddsJam v2 and OpticOdds v3, and what each says: markets, notations, events. Tables only.

Facts: docs/wire/oddsjam.md, 1.2; docs/wire/opticodds.md, 2.3, 2.4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oddstail import price
from oddstail.model import Status
from oddstail.price import Price
from oddstail.providers.markets import Table

#: Main markets differ by sport (section 5). OddsJam's names are the same.
MARKETS = Table("opticodds")

#: `odds_format` of the request -> how its numbers are read (sections 1.2 and 2.3).
NOTATIONS: Mapping[str, Callable[[float], Price]] = {
    "AMERICAN": price.from_american,
    "DECIMAL": price.from_decimal,
    "PROBABILITY": price.from_probability,
    "HONG_KONG": price.from_hong_kong,
    "MALAY": price.from_malay,
    "INDONESIAN": price.from_indonesian,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What an odd's fields are called in one version of the API."""

    game: str
    book: str
    market: str
    name: str
    points: str
    price: str
    #: Whether the lists of odds have the same ids of odds as the stream.
    lists_agree: bool = True


#: The events that carry odds, and what they say of them. A locked odd keeps its last price: not on offer.
STATUSES: Mapping[str, Status] = {
    "odds": "open",
    "locked-odds": "suspended",
    "copilot-odds": "open",
    "copilot-locked-odds": "suspended",
    "copilot-settled-odds": "settled",
}
#: What a row itself may say of its price, whatever brought it (1.3: `type: locked`, as a public client has it).
LOCKED = ("locked", *(name for name, status in STATUSES.items() if status == "suspended"))
