"""Which entries of RapidOddsAPI's pushes are one game. Facts: docs/wire/rapidodds.md, B4. Pure.

The wire has no id of a game, so the teams and the start are all there is, and books differ by minutes about the start.
Two entries of one book in one push are two games, whatever their starts. What is learned here outlives a connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from oddstail.providers import fields

#: Two starts of one game differ by no more microseconds, and by no more in baseball, whose teams may meet twice a day.
_WINDOW, _DOUBLE_HEADER = 6 * 3_600_000_000, 6_480_000_000
#: Teams that are remembered, the oldest forgotten first, and games of each.
_MOST, _MOST_MEETINGS = 20_000, 50


class Entry(NamedTuple):
    """One entry of a push. `start` is in microseconds, UTC."""

    home: str
    away: str
    start: int | None
    books: frozenset[str]
    url: str | None

    def rivals(self, other: Entry) -> bool:
        """Whether one book has both, so that they are two games."""
        return not self.books.isdisjoint(other.books)


@dataclass(slots=True, eq=False)
class _Meeting:
    """One game of two teams. `starts` is what each book last said, `heard` the number of the last push that had it."""

    id: str
    start: int | None
    starts: dict[str, int | None] = field(default_factory=dict)
    urls: set[str] = field(default_factory=set)
    heard: int = 0


class _Meetings:
    """The games of two teams, home and away as they are."""

    def __init__(self, name: str, window: int) -> None:
        self._name, self._window = name, window
        self._all: list[_Meeting] = []
        #: The games that each book had when it last had any, in the order of their starts.
        self._last: dict[str, list[_Meeting]] = {}
        self._pushes = 0

    def ids(self, entries: list[Entry]) -> list[str]:
        """The game of each entry of one push."""
        self._pushes += 1
        places: dict[int, _Meeting] = {}
        self._repeat(entries, places)
        for book in dict.fromkeys(book for entry in entries for book in sorted(entry.books)):
            self._follow(book, entries, places)
        while rest := [at for at in range(len(entries)) if at not in places]:
            self._place(rest, entries, places)
        for at, meeting in places.items():
            entry = entries[at]
            meeting.heard = self._pushes
            meeting.starts.update(dict.fromkeys(entry.books, entry.start))
            if entry.url is not None and len(meeting.urls) < _MOST_MEETINGS:
                meeting.urls.add(entry.url)
        for book in {book for entry in entries for book in entry.books}:
            self._last[book] = [places[at] for at in _in_order(entries, book)]
        while len(self._all) > _MOST_MEETINGS and self._all[0].heard < self._pushes:
            del self._all[0]
        return [places[at].id for at in range(len(entries))]

    def _repeat(self, entries: list[Entry], places: dict[int, _Meeting]) -> None:
        """Place entries that say again, of one game and of no other, where a book has it: by address, or by start."""
        for by_address in (True, False):
            same: dict[int, list[_Meeting]] = {}
            for at, entry in enumerate(entries):
                if at not in places:
                    free = self._free(entry, entries, places)
                    same[at] = [one for one in free if _repeats(entry, one, by_address=by_address)]
            for at, found in same.items():
                # Of several such games, and of several such entries, nothing tells which is which.
                if len(found) == 1 and sum(found == others for others in same.values()) == 1:
                    places[at] = found[0]

    def _follow(self, book: str, entries: list[Entry], places: dict[int, _Meeting]) -> None:
        """A book that has as many games as before has the same ones, in the order of their starts."""
        rest = [at for at in _in_order(entries, book) if at not in places]
        games = [one for one in self._last.get(book, []) if one not in places.values()]
        if len(rest) == len(games) > 1 and all(
            _apart(entries[at].start, game.starts.get(book)) <= _WINDOW for at, game in zip(rest, games, strict=True)
        ):
            places.update(zip(rest, games, strict=True))

    def _place(self, rest: list[int], entries: list[Entry], places: dict[int, _Meeting]) -> None:
        """Place one more entry: in a game of its own if no other can be its game, else the nearest."""
        near: list[tuple[tuple[int, int], int]] = []
        for at in rest:
            entry = entries[at]
            free = self._free(entry, entries, places)
            if not free:
                places[at] = self._new(entry)
                return
            near.append((min((_gap(entry, one), -one.heard) for one in free), at))
        least, at = min(near)
        entry = entries[at]
        best = [one for one in self._free(entry, entries, places) if (_gap(entry, one), -one.heard) == least]
        # It may be either of two games, so it is neither's: compared with the wrong one, it would mislead.
        places[at] = best[0] if len(best) == 1 else self._new(entry)

    def _free(self, entry: Entry, entries: list[Entry], places: dict[int, _Meeting]) -> list[_Meeting]:
        """The games that an entry may be of: none that a book of it has in another entry."""
        taken = [places[at] for at, other in enumerate(entries) if at in places and entry.rivals(other)]
        return [one for one in self._all if one not in taken and _gap(entry, one) <= self._window]

    def _new(self, entry: Entry) -> _Meeting:
        name = self._name if entry.start is None else f"{self._name}, {fields.zulu(entry.start)}"
        used = {one.id for one in self._all}
        made = _Meeting(next(one for one in _numbered(name) if one not in used), entry.start)
        self._all.append(made)
        return made


class Games:
    """The games of a stream."""

    def __init__(self) -> None:
        self._teams: dict[tuple[str, str, str], _Meetings] = {}

    def ids(self, sport: str, entries: list[Entry]) -> list[str]:
        """The id of the game of each entry of a push."""
        together: dict[tuple[str, str], list[int]] = {}
        # In the order of the starts: which book a push names first does not matter.
        for at in sorted(range(len(entries)), key=lambda at: _when(entries[at])):
            together.setdefault((entries[at].home, entries[at].away), []).append(at)
        out = [""] * len(entries)
        for (home, away), places in together.items():
            meetings = self._teams.get((sport, home, away))
            if meetings is None:
                window = _DOUBLE_HEADER if sport == "MLB" else _WINDOW
                meetings = self._teams[sport, home, away] = _Meetings(f"{sport}: {home} vs {away}", window)
                if len(self._teams) > _MOST:
                    del self._teams[next(iter(self._teams))]
            for at, game in zip(places, meetings.ids([entries[at] for at in places]), strict=True):
                out[at] = game
        return out


def entry_of(game: Mapping[str, Any]) -> Entry:
    """What an entry of a push says of its game. ValueError if it names no teams."""
    about = game["game"]
    home, away = fields.text(about["home_team"]), fields.text(about["away_team"])
    if home is None or away is None:
        raise ValueError("no teams")
    names = (fields.text(book.get("name")) for book in game["bookmakers"] if isinstance(book, dict))
    books = frozenset(name for name in names if name is not None)
    return Entry(home, away, fields.moment(about.get("commence_time")), books, fields.link(about.get("game_url")))


def _repeats(entry: Entry, meeting: _Meeting, *, by_address: bool) -> bool:
    """Whether a book said the same of this game before."""
    if by_address:
        return entry.url is not None and entry.url in meeting.urls
    return any(book in meeting.starts and meeting.starts[book] == entry.start for book in entry.books)


def _gap(entry: Entry, meeting: _Meeting) -> int:
    """How far the start of an entry is from that of a game: from the first that any book said, or its own last one."""
    said = [meeting.start, *(meeting.starts[book] for book in entry.books if book in meeting.starts)]
    return min(_apart(entry.start, start) for start in said)


def _apart(one: int | None, other: int | None) -> int:
    return 0 if one is None or other is None else abs(one - other)


def _in_order(entries: list[Entry], book: str) -> list[int]:
    return sorted((at for at, one in enumerate(entries) if book in one.books), key=lambda at: _when(entries[at]))


def _when(entry: Entry) -> float:
    return float("inf") if entry.start is None else entry.start


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} #{number}"
        number += 1
