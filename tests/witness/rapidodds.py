"""RapidOddsAPI: each push holds all prices of one sport at the books that were asked for, and so does an answer of REST.

Rules: docs/wire/rapidodds.md B4 to B8. The wire has no id of a game: teams and start time are all there is, and
books differ by minutes about the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.witness.board import Open, american, number, offer, price
from tests.witness.recording import Step

#: Two entries of the same teams are one game if they start within so many hours (B4).
_HOURS, _HOURS_MLB = 6.0, 1.8
#: A book that one push lacks keeps its prices; the second push without it withdraws them (B4, B6).
_MISSES = 2


class _Entry(NamedTuple):
    """One game as one book has it."""

    sport: str
    home: str
    away: str
    hours: float
    markets: list[dict[str, Any]]


class RapidOdds:
    """One connection."""

    def __init__(self) -> None:
        self._books: dict[tuple[str, str], list[_Entry]] = {}
        self._missed: Counter[tuple[str, str]] = Counter()
        #: Sports that had a push with games: an answer that comes after one is older.
        self._pushed: set[str] = set()

    def take(self, step: Step) -> None:
        """Apply one step."""
        if step.kind == "connect":
            self._books.clear()
            self._missed.clear()
            self._pushed.clear()
        elif step.kind == "answer":
            sport, games = step.body["sport"], (step.body.get("data") or {}).get("games")
            if games and sport not in self._pushed:
                self._books |= _entries(sport, games)
        elif step.kind == "message" and step.body.get("event") == "odds_update":
            self._push(step.body["sport"], step.body["data"]["games"])

    def _push(self, sport: str, games: list[dict[str, Any]]) -> None:
        pushed = _entries(sport, games)
        if games:
            self._pushed.add(sport)
        self._books |= pushed
        for key in pushed:
            self._missed[key] = 0
        for key in list(self._books):
            if key[0] == sport and key not in pushed:
                self._missed[key] += 1
                if self._missed[key] >= _MISSES:
                    del self._books[key]

    def open(self) -> Open:
        """Everything that is open; a game is named by its teams and its place among their meetings."""
        teams: dict[tuple[str, str, str], list[tuple[str, _Entry]]] = {}
        for (_, book), held in self._books.items():
            for entry in held:
                teams.setdefault(entry[:3], []).append((book, entry))
        out: Open = Counter()
        for entries in teams.values():
            meetings = [meeting for meeting in _meetings(entries) if any(_prices(*one, 0) for one in meeting)]
            for place, meeting in enumerate(meetings):
                for book, entry in meeting:
                    out.update(_prices(book, entry, place))
        return out


def _entries(sport: str, games: list[dict[str, Any]]) -> dict[tuple[str, str], list[_Entry]]:
    """The games of each book, under its sport and name."""
    out: dict[tuple[str, str], list[_Entry]] = {}
    for entry in games:
        game = entry["game"]
        teams = game["home_team"], game["away_team"]
        for book in entry["bookmakers"]:
            made = _Entry(sport, *teams, _hours(game["commence_time"]), book["markets"])
            out.setdefault((sport, book["name"]), []).append(made)
    return out


def _meetings(entries: list[tuple[str, _Entry]]) -> list[list[tuple[str, _Entry]]]:
    """The entries of two teams by game, earliest first. Two entries of one book are two games."""
    out: list[list[tuple[str, _Entry]]] = []
    for book, entry in sorted(entries, key=lambda one: one[1].hours):
        window = _HOURS_MLB if entry.sport == "MLB" else _HOURS
        last = out[-1] if out else []
        near = last and entry.hours - last[0][1].hours <= window
        if near and book not in (name for name, _ in last):
            last.append((book, entry))
        else:
            out.append([(book, entry)])
    return out


def _prices(book: str, entry: _Entry, place: int) -> list[tuple[Any, float]]:
    game = f"{entry.sport} {entry.home} {entry.away} {place}"
    return [pair for market in entry.markets for pair in _market(game, book, market)]


def _market(game: str, book: str, market: dict[str, Any]) -> Iterator[tuple[Any, float]]:
    for outcome in market["outcomes"]:
        at, name = price(outcome["price"]), outcome["name"]
        if at is None:
            continue
        who = outcome.get("player_name") or outcome.get("team_name")
        side = name if who and who != name else ""
        subject = " ".join([who if side else name, outcome.get("description") or ""])
        line = number(outcome.get("point"))
        yield offer(game, book, market["key"], subject, side, line), american(at)


def _hours(start: str) -> float:
    """Times are UTC without saying so (B8)."""
    moment = datetime.fromisoformat(start)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 3600
