"""What BoltOdds says of a game, and what an outcome of it prices. Facts: docs/wire/boltodds.md. Pure.

A label names a game at one book; `universal_game_id` is one id of a game across all books, and so the game's id here.
Books may give the two teams the other way round: the order that came first holds for all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oddstail.model import MANY, Selection
from oddstail.providers import competitions, fields
from oddstail.providers.boltodds.leagues import SPORT_OF
from oddstail.providers.boltodds.markets import MARKETS
from oddstail.providers.boltodds.targets import OTHER, SIDES, before_rung, rung, team_of, without_rung

#: Games remembered, the oldest forgotten first.
_MOST = 20_000
#: Where the id of a game across all books stands, beside the game or in its `info`: text or a number.
_UNIVERSAL = ("universal_game_id", "universal_id")
#: Fields of `info` that have a place of their own.
_INFO = ("game", "when", "link", *_UNIVERSAL)
#: Sports whose competitors are persons: a prop of one of them is that player's.
_PERSONS = frozenset({"tennis", "mma", "boxing", "golf", "darts", "snooker", "table_tennis"})
_NOTHING: tuple[str | None, ...] = (None, None, None, None, None)


@dataclass(slots=True, eq=False)
class Place:
    """A game at one book. `about`: its id, league, home, away and start; `draws`: the markets with a draw.

    `renamed`: its universal id came after the first prices, which stand under the label. `detail`: the book's own id of
    the game (`info.id`) and what else `info` has, as JSON text. `flipped`: this book calls the away team home.
    """

    book: str
    label: str
    game_id: str
    about: tuple[str | None, ...] = _NOTHING
    draws: set[str] = field(default_factory=set)
    renamed: bool = False
    detail: str | None = None
    info: dict[str, Any] = field(default_factory=dict)
    flipped: bool = False


#: A book, a league and a label.
Spelt = tuple[str | None, str | None, str | None]


class Games:
    """The games of a stream, by book and label."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], Place] = {}
        self._books: dict[str, str] = {}
        #: (book, universal id) -> the label that has it. Two labels of one book never share a game: each is a whole.
        self._owners: dict[tuple[str, str], str] = {}
        #: universal id -> home and away as they came first.
        self._teams: dict[str, tuple[str, str]] = {}

    def book(self, name: str | None) -> str | None:
        """A book as it was spelled first: in another case it is the same book."""
        if name is None:
            return None
        if len(self._books) > _MOST:
            self._books.clear()
        return self._books.setdefault(name.casefold(), name)

    def id_of(self, book: str | None, label: str) -> str:
        """The id of the game that a book calls so: its universal id once that is known, else the label."""
        place = self._places.get((book or "", label))
        return label if place is None else place.game_id

    def spelt(self, book: str | None, league: str | None, label: str | None) -> list[Spelt]:
        """A book, a league and a game as prices have them, where their names differ in case alone; else as they are."""
        asked = [None if word is None else word.casefold() for word in (book, league, label)]
        known = {
            (place.book if book or label else None, place.about[1] if league else None, place.label if label else None)
            for place in self._places.values()
            if asked[0] in (None, place.book.casefold())
            and asked[1] in (None, (place.about[1] or league or "").casefold())
            and asked[2] in (None, place.label.casefold())
        }
        return sorted({(one, two or league, three) for one, two, three in known}, key=str) or [(book, league, label)]

    def place(self, book: str, label: str, data: dict[str, Any], info: dict[str, Any]) -> Place:
        """The game of a message, with what the message says of it. What it leaves out stays as it was."""
        place = self._places.get((book, label))
        if place is None:
            place = self._places[book, label] = Place(book, label, label)
            self._forget()
        universal = next(
            (word for place in (data, info) for key in _UNIVERSAL if (word := fields.text(place.get(key)))), None
        )
        if (
            universal is not None
            and place.game_id != universal
            and self._owners.setdefault((book, universal), label) == label
        ):
            place.renamed = place.about is not _NOTHING
            place.game_id = universal
        heard = (
            *(place.game_id, name(data.get("sport")), name(data.get("home_team")), name(data.get("away_team"))),
            when(info),
        )
        if info and info != place.info:
            place.info = {**place.info, **info}
            left = {
                key: value for key, value in place.info.items() if key not in _INFO and value not in (None, "", {}, [])
            }
            place.detail = fields.compact({"info": left}) if left else None
        if heard != place.about:
            _, league, home, away, start = (now or then for now, then in zip(heard, place.about, strict=True))
            if home is not None and away is not None and place.game_id != label:
                first = self._teams.setdefault(place.game_id, (home, away))
                place.flipped = first == (away, home)
                if place.flipped:
                    home, away = first
            place.about = place.game_id, league, home, away, start
        return place

    def _forget(self) -> None:
        while len(self._places) > _MOST:
            place = self._places.pop(next(iter(self._places)))
            self._owners.pop((place.book, place.game_id), None)
        while len(self._teams) > _MOST:
            del self._teams[next(iter(self._teams))]


def classified(key: str, place: Place, market: str | None, target: str | None, over_under: str | None) -> Selection:
    """What an outcome prices, by its market, its target and the table of markets."""
    _, league, home, away, start = place.about
    market = market or key
    competition = competitions.of("boltodds", league)
    sport = SPORT_OF.get(league or "") or competitions.sport_of(competition)
    bet = MARKETS.classify(without_rung(market) or market, sport)
    kind, subject, ways = bet.kind, bet.subject, bet.ways
    at = rung(over_under, target, market, key)
    if at is not None and target is not None:
        # A target that is `25+` leaves it to the key whose that is.
        target = without_rung(target) or before_rung(key)
    word = SIDES.get((target or "").casefold())
    team = None if word else team_of(target, home, away, kind, flipped=place.flipped)
    side = SIDES.get((without_rung(over_under) or "").casefold()) or team or word
    if at is not None:
        side = _REACHED.get(side or "yes", side)
    if team in ("home", "away") and (kind in ("team_total", "total") or subject == "team"):
        kind, subject = "team_total" if kind == "total" else kind, team
    elif place.flipped and subject in ("home", "away"):
        subject = OTHER[subject]
    player = None
    if target is not None and team is None and word is None and home is not None and away is not None:
        # A target that is no team is a player, unless the market is known to be about the game or a team.
        if kind == "other" or (kind == "prop" and subject == "game" and side in ("over", "under")):
            kind, subject = "prop", "player"
        elif kind == "total":
            # Whoever it is of, it is not the total of the game.
            kind, subject = "team_total", "team"
        player = target if kind == "prop" and subject == "player" else None
    elif kind == "prop" and subject == "player" and home is not None and away is not None:
        # Points of a team, and touchdowns of nobody, are counts too.
        player = target if team is not None and sport in _PERSONS else None
        subject = "player" if player is not None else team if team in OTHER else subject if ways == MANY else "game"
    if kind == "moneyline" and market in place.draws:
        ways = 3
    return Selection(
        key=f"{place.label}|{place.book}|{key}",
        sport=sport,
        league=league,
        competition=competition,
        game_id=place.game_id,
        home=home,
        away=away,
        start=start,
        book=place.book,
        kind=kind,
        period=bet.period,
        ways=ways,
        subject=subject,
        stat=bet.stat,
        market=market,
        selection=target or (side.capitalize() if side else key),
        side=side,
        player=player,
    )


#: What `25+` is, which an outcome may call `Yes`: over; that it is not reached: under.
_REACHED = {"yes": "over", "no": "under"}


def when(info: dict[str, Any]) -> str | None:
    """The start of a game in UTC. `when` has no zone: that it is US Eastern is inferred, and the docs say so."""
    return _utc(name(info.get("when")))


#: `2025-07-23, 01:09 PM`; the comma, seconds, the half of the day and `ET` may be missing.
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[ ,T]+(\d{1,2}):(\d\d)(?::\d\d)? ?([ap]m)?(?: ?e[sd]?t)?", re.IGNORECASE)


@lru_cache(4096)
def _utc(text: str | None) -> str | None:
    """`2025-07-23, 01:09 PM` as RFC 3339 in UTC; a time that says its zone is that time. None for anything else."""
    if text is None:
        return None
    found = _WHEN.fullmatch(text.strip())
    if found is None:
        return fields.start(text) if text.strip()[-1:] == "Z" or re.search(r"T.*[+-]\d\d:\d\d$", text.strip()) else None
    day, hour, minute, half = found.groups()
    try:
        hours = int(hour)
        if half is not None:
            if not 1 <= hours <= 12:
                return None
            hours = hours % 12 + (12 if half.casefold() == "pm" else 0)
        local = datetime.fromisoformat(f"{day}T{hours:02d}:{minute}")
        utc = local.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def name(value: Any) -> str | None:
    """A string that says something, and nothing else: a clear has `{}` here."""
    if isinstance(value, str) and len(value) <= fields.LONGEST_NAME and value.strip() not in ("", "None", "null"):
        return value
    return None
