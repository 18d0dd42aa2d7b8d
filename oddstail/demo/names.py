"""What the demo has, in each provider's own words: sports, leagues, books. Tables only; knows no request."""

from __future__ import annotations

from typing import NamedTuple

from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import bolt_shapes, optic_names, parlay_rows, rapid_shapes


class Has(NamedTuple):
    """The names that one imitation knows, by flag."""

    sport: frozenset[str]
    league: frozenset[str]
    book: frozenset[str]


def has(provider: str) -> Has:
    """What the imitation of a provider has."""
    match provider:
        case "parlayapi":
            keys = frozenset(parlay_rows.SPORTS)
            return Has(keys, keys, frozenset(parlay_rows.BOOKS))
        case "rapidodds":
            keys = frozenset(rapid_shapes.SPORTS)
            return Has(keys, keys, frozenset(rapid_shapes.BOOKS.values()))
        case "boltodds":
            keys = frozenset(bolt_shapes.SPORTS.values())
            return Has(keys, keys, frozenset(bolt_shapes.BOOKS.values()))
        case _:
            leagues, books = frozenset(optic_names.LEAGUES.values()), frozenset(optic_names.BOOKS.values())
            return Has(frozenset(sport.id for sport in SPORTS), leagues, books)
