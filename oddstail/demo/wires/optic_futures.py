"""OpticOdds' futures as its specification has them: who wins the league, at three books. Knows no other market.

The stream sends only the selections that changed, one group a book. No event of it was ever captured.
"""

from __future__ import annotations

import random
import zlib
from typing import Any

from oddstail.demo import odds
from oddstail.demo.contract import Price
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_odds import Notation

#: Books that price the field, and how much each takes.
_BOOKS = {"draftkings": 1.24, "fanduel": 1.22, "betmgm": 1.30}
#: Market seconds from one change to the next.
EVERY = 7.0


class Field:
    """The teams of one league and their chances, which drift. `turn` says what changed."""

    def __init__(self, sport: str, seed: int) -> None:
        self._sport = next(one for one in SPORTS if one.id == sport)
        self._random = random.Random(f"{seed} {sport} futures")
        self._strengths = {team: self._random.expovariate(1.0) + 0.05 for team in self._sport.teams}
        self._seen: dict[tuple[str, str], int] = {}

    def turn(self, at: float, books: list[str], price: Notation, *, limits: bool) -> list[dict[str, Any]]:
        """A group for each book of which a price is another than it was."""
        for team in self._random.sample(sorted(self._strengths), 3):
            self._strengths[team] *= self._random.uniform(0.9, 1.1)
        total = sum(self._strengths.values())
        groups = []
        for book, margin in _BOOKS.items():
            if names.slug(names.BOOKS[book]) not in books:
                continue
            rows = []
            for team, strength in self._strengths.items():
                american = odds.american(min(0.95, max(0.002, margin * strength / total)))
                if self._seen.get((book, team)) != american:
                    self._seen[book, team] = american
                    rows.append(_odd(team, price(american), at, {"max": 500} if limits else None))
            if rows:
                groups.append(self._group(book, rows))
        return groups

    def _group(self, book: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        league = names.LEAGUES[self._sport.id]
        return {
            "id": f"{zlib.crc32(league.encode()):08X}",
            "sport": {"id": self._sport.id, "name": self._sport.id.title()},
            "league": {"id": names.slug(league), "name": league},
            "sportsbook": {"id": names.slug(names.BOOKS[book]), "name": names.BOOKS[book]},
            "market": "Championship Winner",
            "market_id": "championship_winner",
            "future_type": "TEAM",
            "tournament": None,
            "is_live": False,
            "start_date": None,
            "odds": rows,
        }


def _odd(team: str, price: Price, at: float, limits: dict[str, int] | None) -> dict[str, Any]:
    return {
        "id": names.opaque(f"{team} future"),
        "name": team,
        "selection": team,
        "normalized_selection": names.slug(team),
        "grouping_key": None,
        "is_main": True,
        "selection_line": None,
        "player_id": None,
        "team_id": names.opaque(team),
        "timestamp": at,
        "price": price,
        "points": None,
        "limits": limits,
    }
