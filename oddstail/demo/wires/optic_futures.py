"""OpticOdds' futures as its specification has them: who wins the league, at three books. Knows no other market.

The stream sends only the selections that changed, one group a book; `/futures/odds` has all that are on offer. No event
of the stream was ever captured.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable
from typing import Any

from oddstail.demo import odds
from oddstail.demo.contract import Price
from oddstail.demo.market import Market
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_fixtures import named
from oddstail.demo.wires.optic_odds import Notation

#: Books that price the field, and how much each takes.
_BOOKS = {"draftkings": 1.24, "fanduel": 1.22, "betmgm": 1.30}
#: Market seconds from one change to the next.
EVERY = 7.0
_MARKET = "Championship Winner"

#: What a book asks for each team, and whether that is on offer.
Board = dict[tuple[str, str], tuple[int, bool]]


class Futures:
    """The futures of every sport that has some, for streams and pages alike."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._fields = {sport.id: Field(sport.id, market) for sport in SPORTS if sport.id in names.LEAGUES}

    def fields(self, sports: Iterable[str] = (), leagues: Iterable[str] = ()) -> list[Field]:
        """Those of sports and of slugs of leagues; all for none."""
        wanted, named_ = set(sports), set(leagues)
        return [
            field
            for field in self._fields.values()
            if (not wanted or field.sport in wanted) and (not named_ or names.slug(field.league) in named_)
        ]


class Field:
    """The teams of one league and their chances, which drift with the market's time."""

    def __init__(self, sport: str, market: Market) -> None:
        self.sport, self.league = sport, names.LEAGUES[sport]
        self.id = f"{zlib.crc32(self.league.encode()):08X}"
        self._market = market
        self._begun = market.now
        self._random = random.Random(f"{market.seed} {sport} futures")
        teams = next(one for one in SPORTS if one.id == sport).teams
        self._strengths = {team: self._random.expovariate(1.0) + 0.05 for team in teams}
        self._step = 0

    def board(self) -> Board:
        """What stands at each book now. At each step one book after the other takes a team off offer."""
        step = int((self._market.now - self._begun).total_seconds() / EVERY)
        while self._step < step:
            self._step += 1
            for team in self._random.sample(sorted(self._strengths), 3):
                self._strengths[team] *= self._random.uniform(0.9, 1.1)
        total, teams = sum(self._strengths.values()), list(self._strengths)
        found: Board = {}
        for at, (book, margin) in enumerate(_BOOKS.items()):
            gone = teams[self._step % len(teams)] if self._step % len(_BOOKS) == at else None
            for team, strength in self._strengths.items():
                chance = min(0.95, max(0.002, margin * strength / total))
                found[book, team] = odds.american(chance), team != gone
        return found

    def about(self) -> dict[str, Any]:
        """A row of `/futures`."""
        return {
            "id": self.id,
            "name": f"{self.league} {_MARKET}",
            "sport": named(self.sport.title()),
            "league": named(self.league),
            "market": _MARKET,
            "market_id": names.slug(_MARKET),
            "future_type": "TEAM",
            "tournament": None,
            "is_live": False,
            "start_date": None,
        }

    def page(self, books: list[str], price: Notation, asked: Iterable[str]) -> dict[str, Any]:
        """A row of `/futures/odds`: all that is on offer at books, by their slugs. `asked` are the extras to add."""
        at = self._market.now.timestamp()
        extras = list(asked)
        rows = [
            {"sportsbook": names.BOOKS[book], **_odd(book, team, price(american), at, extras)}
            for (book, team), (american, is_open) in self.board().items()
            if is_open and names.slug(names.BOOKS[book]) in books
        ]
        return {**self.about(), "odds": rows}

    def groups(
        self, seen: Board, books: list[str], price: Notation, asked: Iterable[str]
    ) -> dict[str, list[dict[str, Any]]]:
        """What changed since `seen`, which is brought up to date: by event, a group for each book."""
        board, at, extras = self.board(), self._market.now.timestamp(), list(asked)
        events: dict[str, list[dict[str, Any]]] = {}
        for event, is_open in (("locked-futures", False), ("futures", True)):
            for book in _BOOKS:
                rows = [
                    _odd(book, team, price(american), at, extras)
                    for (of, team), (american, offered) in board.items()
                    if of == book and offered == is_open and seen.get((of, team)) != (american, offered)
                    if is_open or seen.get((of, team), ("", True))[1]
                ]
                if rows and names.slug(names.BOOKS[book]) in books:
                    events.setdefault(event, []).append(self._group(book, rows))
        seen.clear()
        seen.update(board)
        return events

    def _group(self, book: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        about = {name: value for name, value in self.about().items() if name != "name"}
        shop = {"id": names.slug(names.BOOKS[book]), "name": names.BOOKS[book]}
        return {**about, "sportsbook": shop, "odds": rows}


def _odd(book: str, team: str, price: Price, at: float, asked: list[str]) -> dict[str, Any]:
    page = f"https://{book}.example/futures/{names.slug(team)}"
    return {
        "id": names.opaque(f"{team} future {book}"),
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
        "limits": {"max": 500} if "include_limits" in asked else None,
        "source_ids": {"selection": names.opaque(f"{book} {team}")} if "include_source_ids" in asked else None,
        "deep_link": {"desktop": page, "ios": page, "android": page} if "include_deep_link" in asked else None,
    }
