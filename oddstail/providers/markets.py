"""From a market's name to the bet that it is, by the table in a provider's folder: `markets.toml`.

Pure but for reading that file.

The table is for people: whoever meets a new name adds it there. A name that no table has is `other`, since a guess
would put a price into the wrong column. Names match whatever their case, spaces and punctuation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from oddstail.model import MANY, Bet

#: What the score of a game is counted in: `stat = "score"` of a table means this.
_SCORES = {
    "baseball": "runs",
    "basketball": "points",
    "football": "points",
    "hockey": "goals",
    "soccer": "goals",
    "tennis": "games",
    "aussie_rules": "points",
    "rugby_league": "points",
    "rugby_union": "points",
    "mma": "rounds",
    "boxing": "rounds",
    "volleyball": "points",
    "table_tennis": "points",
}
#: Whom a market of a kind is about, and how many outcomes it has, where the table does not say.
_SUBJECTS = {"moneyline": "game", "spread": "game", "total": "game", "team_total": "team", "future": "tournament"}
_WAYS = {"spread": 2, "total": 2, "team_total": 2}
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5"}
_DIGIT = re.compile(r"\d")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
#: Names remembered, so that each is looked up once.
_MOST = 20_000


class Table:
    """The markets of one provider. `vendor` is its folder; the file is read when the first name is looked up."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._seen: dict[tuple[str, str | None], Bet] = {}

    @property
    def names(self) -> frozenset[str]:
        """Every name that the table lists, as the provider spells it."""
        return self._rows.names

    def classify(self, name: str, sport: str | None = None) -> Bet:
        """The bet that a market is. `sport` decides where one name means different bets."""
        found = self._seen.get((name, sport))
        if found is None:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            found = self._seen[name, sport] = self._rows.market(name, sport)
        return found

    def period(self, words: str) -> str | None:
        """The part of a game that words name, if they name nothing else: `1H`, `First Half`, `1st 5 Innings`."""
        return self._rows.period(words)

    @cached_property
    def _rows(self) -> _Rows:
        return _rows(self._vendor)


class _Rows:
    """A table as it stands in its file. What it lacks is looked up in the tables that its `also` names, in turn."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._tables = (self, *(_rows(vendor) for vendor in table.get("also", ())))
        self._ignored = frozenset(table.get("ignored", ()))
        #: Short forms, and what they stand for.
        self._words: Mapping[str, str] = table.get("words", {})
        self._exact: dict[str, tuple[Mapping[str, Any], str | None]] = {}
        self._patterns: list[tuple[re.Pattern[str], Mapping[str, Any], str | None]] = []
        names: set[str] = set()
        for group in table["markets"]:
            by_stat = ((name, stat) for stat, spellings in group.get("stats", {}).items() for name in spellings)
            for name, stat in (*_listed(group.get("names", {})), *by_stat):
                names.add(name)
                self._exact[self._bare(name)] = group, stat
            for name, stat in _listed(group.get("patterns", {})):
                pattern = re.compile(re.escape(self._bare(name.replace("*", "anything"))).replace("anything", "(.+)"))
                self._patterns.append((pattern, group, stat))
        self.names = frozenset(names)

    def market(self, name: str, sport: str | None) -> Bet:
        """What the name stands for: as it is listed anywhere, else by a pattern."""
        tables = [(table, table.readings(name)) for table in self._tables]
        for is_listed in (True, False):
            for table, readings in tables:
                found = table.find(readings, is_listed=is_listed)
                if found is not None:
                    return _market(*found, sport)
        return Bet(period=next((period for period, _ in tables[0][1][1:]), None))

    def readings(self, name: str) -> list[tuple[str, str]]:
        """A name as a part of the game and a market: of the whole game first, then as its words can be read."""
        bare = self._bare(name)
        return [("game", bare), *_of_periods(bare)]

    def find(
        self, readings: Iterable[tuple[str, str]], *, is_listed: bool
    ) -> tuple[Mapping[str, Any], str | None, str] | None:
        """The block of this table that has a name, or a pattern like it; what it counts; the part of the game."""
        for period, rest in readings:
            found = self._exact.get(rest) if is_listed else self._like(rest)
            if found is not None:
                return *self._of_part(found, period), period
        return None

    def period(self, words: str) -> str | None:
        """The part of a game that all of these words name."""
        bare = f"{self._bare(words)} "
        for rule, _, period in _periods():
            found = rule.fullmatch(bare)
            if found is not None:
                return _numbered(period, found.groups())
        return None

    def _of_part(
        self, found: tuple[Mapping[str, Any], str | None], period: str
    ) -> tuple[Mapping[str, Any], str | None]:
        """The winner of a part of a game is no future: `1st Set Winner` is who wins the set."""
        if found[0]["kind"] == "future" and period != "game":
            return self._exact.get("moneyline", found)
        return found

    def _like(self, bare: str) -> tuple[Mapping[str, Any], str | None] | None:
        for pattern, group, stat in self._patterns:
            matched = pattern.fullmatch(bare)
            if matched is not None:
                return group, matched[1].replace(" ", "_") if stat == "*" else stat
        return None

    def _bare(self, name: str) -> str:
        """The words of a name, ordinals in digits."""
        words = re.split(r"[\W_]+", name.casefold().replace("+", " "))
        found = (_ORDINAL.sub(r"\1", _ORDINALS.get(word, self._words.get(word, word))) for word in words)
        return " ".join(word for word in found if word and word not in self._ignored)


@cache
def _rows(vendor: str) -> _Rows:
    table = tomllib.loads(files(f"oddstail.providers.{vendor}").joinpath("markets.toml").read_text("utf-8"))
    return _rows(table["same_as"]) if "same_as" in table else _Rows(table)


def _of_periods(bare: str) -> Iterator[tuple[str, str]]:
    """Each reading of the words of a name as a part of the game and a market."""
    if not _DIGIT.search(bare):
        return  # every part of a game has a number
    words = f"{bare} "
    for rule, _, period in _periods():
        found = rule.match(words)
        if found is not None and (rest := bare[found.end() :]):
            yield _numbered(period, found.groups()), rest
    for _, rule, period in _periods():
        found = rule.search(words)
        if found is not None and (rest := bare[: found.start()]):
            yield _numbered(period, found.groups()), rest


@cache
def _periods() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """How a part of a game is named, in front of a market and behind it, and our word for it."""
    table = tomllib.loads(files("oddstail.providers").joinpath("periods.toml").read_text("utf-8"))
    return [_rule(mark, period) for mark, period in table.items()]


def _listed(names: Mapping[str, str] | list[str]) -> Iterator[tuple[str, str | None]]:
    """Names with what they count, of a list without that."""
    for name in names:
        yield name, names[name] or None if isinstance(names, dict) else None


def _rule(mark: str, period: str) -> tuple[re.Pattern[str], re.Pattern[str], str]:
    """`#` in a mark stands for a number, which `#` in the period repeats."""
    pattern = re.escape(mark.casefold()).replace(r"\#", r"(\d+)").replace("#", r"(\d+)") + " "
    return re.compile(pattern), re.compile(f"(?: |^){pattern}$"), period


def _numbered(period: str, numbers: tuple[str, ...]) -> str:
    for number in numbers:
        period = period.replace("#", number, 1)
    return period


def _market(group: Mapping[str, Any], stat: str | None, period: str, sport: str | None) -> Bet:
    row = {**group, **group.get("sports", {}).get(sport, {})}
    kind = row["kind"]
    stat = stat or row.get("stat")
    ways = row.get("ways", _WAYS.get(kind))
    return Bet(
        kind,
        None if kind == "future" else row.get("period", period),
        MANY if ways == "many" else None if ways == "unknown" else ways,
        row.get("subject", _SUBJECTS.get(kind)),
        _SCORES.get(sport or "") if stat == "score" else stat,
    )
