"""The same game of several providers as one game: rewrites what their quotes say of themselves. Pure; guesses nothing.

Two games are one when both teams have the same name, the league is the same, and they start within six hours of each
other, within 1.8 in baseball, whose teams may meet twice a day: the window that RapidOddsAPI's own client uses
(docs/wire/rapidodds.md, B4). A game without a start or without its teams stands by itself: the
same two teams may meet again tomorrow, and prices of two games must never stand in one row.

In a joined game, spreads and totals share their rows. Moneylines do where the number of outcomes is known, or there is
no draw to bet on; others, a player's too, where it is known what they count; they stay apart where only a provider's
own name tells it.
Every book is a column for each provider that tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oddstail.model import Batch, Event, Fixture, Left, Play, Quote, Result, Selection
from oddstail.text import fold
from oddstail.words import bare

#: Seconds between two starts of one game, and in a sport whose teams play twice a day.
_WINDOW, _DOUBLE_HEADER = 6 * 3600.0, 1.8 * 3600.0
#: Leagues in which nobody is offered a draw on the whole game by the plain moneyline, by the end of their name.
_NO_DRAW = frozenset("nba wnba nfl mlb ncaab ncaaf cfb wncaab nbl".split())
_BASEBALL = frozenset({"mlb", "npb", "kbo"})
_MONEYLINE = frozenset({"moneyline", "money line", "h2h", "head to head", "ml"})
_SAME_LEAGUE = {"england premier league": "epl", "english premier league": "epl"}
_TURNED: Mapping[str | None, str | None] = {"home": "away", "away": "home"}
_CITIES = {"la": "los angeles", "ny": "new york"}
_CLUB = frozenset({"fc", "afc", "cf", "sc"})


@dataclass(slots=True)
class _Game:
    """A game under the id and the names by which it was first told."""

    game_id: str
    league: str
    #: The home team first, as the first provider has it.
    teams: dict[str, str]
    start: datetime
    #: By provider, the starts of its games that are this one, by their ids.
    ids: dict[str, dict[str, datetime]] = field(default_factory=dict)
    #: Its players by their folded names, as they were first told.
    players: dict[str, str] = field(default_factory=dict)


class Joined:
    """Call it with each batch. `titles` are the providers' names by connection; `introduce` tells of others."""

    def __init__(self, titles: Mapping[int, str]) -> None:
        self._titles = dict(titles)
        self._codes = codes(list(dict.fromkeys(titles.values())))
        self._games: dict[frozenset[str], list[_Game]] = {}
        self._known: dict[tuple[str, str], _Game | None] = {}
        self._told: dict[tuple[str, str], tuple[Selection, Selection]] = {}
        #: The book of each column: `Op Pinnacle` and `Pa pinnacle` are one book's; and what its provider calls it.
        self.books: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def introduce(self, conn: int, title: str) -> None:
        """Whose a connection is."""
        self._titles[conn] = title

    def key(self, conn: int, key: str) -> str:
        """What a connection's price is known by."""
        title = self._titles.get(conn)
        return key if title is None else _key(title, key)

    def plain(self, name: str) -> str:
        """A key or the id of a game as its provider has it."""
        for title in self._codes:
            if name.startswith(f"{title} "):
                return name[len(title) + 1 :]
        return name

    def __call__(self, batch: Batch) -> Batch:
        """The batch as the one screen sees it; what came is left as it is."""
        title = self._titles.get(batch.conn)
        if title is None:
            return batch
        return batch._replace(events=[self._event(title, event) for event in batch.events])

    def _event(self, title: str, event: Event) -> Event:
        if type(event) is Quote:
            return replace(event, what=self._what(title, event.what))
        if type(event) is Left:
            return Left(_key(title, event.key))
        if isinstance(event, Fixture | Result | Play):
            game = self._known.get((title, event.game_id))
            return replace(event, game_id=game.game_id if game else f"{title} {event.game_id}")
        return event

    def _what(self, title: str, what: Selection) -> Selection:
        key = title, what.key
        had = self._told.get(key)
        if had is None or had[0] is not what:
            game = self._game(title, what)
            column = f"{self._codes[title]} {what.book}"
            self.books[column] = bare(what.book)
            self.names[column] = what.book
            had = self._told[key] = (what, _renamed(what, game, title, column))
        return had[1]

    def _game(self, title: str, what: Selection) -> _Game | None:
        at = title, what.game_id
        if self._known.get(at) is None:
            self._known[at] = self._found(title, what)
        return self._known[at]

    def _found(self, title: str, what: Selection) -> _Game | None:
        """The game that this is, perhaps a new one; None if too little is said of it."""
        if not (what.home and what.away and what.league):
            return None
        league = _league(what.league)
        start = _moment(what.start)
        if start is None:
            return None
        teams = {team(what.home): what.home, team(what.away): what.away}
        games = self._games.setdefault(frozenset(teams), [])
        window = _DOUBLE_HEADER if league in _BASEBALL else _WINDOW
        near = [
            game
            for game in games
            if game.league == league
            and _apart(game.start, start) <= window
            # Two ids of one provider are two games, but for books that each have an id of the game at one time.
            and all(other == start for other in game.ids.get(title, {}).values())
        ]
        if not near:
            near = [_Game(f"{title} {what.game_id}", league, teams, start)]
            games += near
        found = min(near, key=lambda game: _apart(game.start, start))
        found.ids.setdefault(title, {})[what.game_id] = start
        return found


def joining(titles: Sequence[str]) -> Joined | None:
    """What to do with the batches of these providers' connections, from number 1; None where one provider is alone."""
    return Joined(dict(enumerate(titles, 1))) if len(set(titles)) > 1 else None


def codes(titles: list[str]) -> dict[str, str]:
    """The shortest beginnings, of two letters at least, that tell the providers apart."""
    out = {}
    for title in titles:
        size = 2
        while any(other != title and other[:size] == title[:size] for other in titles) and size < len(title):
            size += 1
        out[title] = title[:size]
    return out


def team(name: str) -> str:
    """A team's name without case, accents, punctuation, `FC`; LA and NY written out."""
    words = re.sub(r"[^\w\s]", "", fold(name).replace("&", " and ").replace("-", " ")).split()
    return " ".join(_CITIES.get(word, word) for word in words if word not in _CLUB or len(words) == 1)


def _player(name: str) -> str:
    """A player's name without case, accents and punctuation: `Luka Dončić`, `Shai Gilgeous-Alexander`, `Jr.`."""
    return " ".join(re.sub(r"[^\w\s]", "", fold(name).replace("-", " ")).split())


def _league(name: str) -> str:
    """`basketball_nba` and `NBA` are one league."""
    words = re.sub(r"[\W_]+", " ", name.casefold().partition("_")[2] or name.casefold()).strip()
    return _SAME_LEAGUE.get(words, words)


def _moment(start: str | None) -> datetime | None:
    try:
        return None if start is None else datetime.fromisoformat(start)
    except ValueError:
        return None


def _apart(one: datetime, other: datetime) -> float:
    """Seconds between two starts."""
    return abs((one - other).total_seconds())


def _key(title: str, key: str) -> str:
    """What a price of several providers is known by: their keys may be alike."""
    return f"{title} {key}"


def _renamed(what: Selection, game: _Game | None, title: str, book: str) -> Selection:
    """What is priced, by the names of the one game."""
    key = _key(title, what.key)
    if game is None:
        return replace(what, key=key, book=book, game_id=f"{title} {what.game_id}")
    home, away = game.teams.values()
    if team(what.home or "") != next(iter(game.teams)):
        # Who is at home is told the other way round: the price is of the same team.
        what = replace(what, side=_TURNED.get(what.side, what.side), subject=_TURNED.get(what.subject, what.subject))
    side = {"home": home, "away": away}.get(what.side or "") or game.teams.get(team(what.selection), what.selection)
    named = replace(what, key=key, book=book, game_id=game.game_id, home=home, away=away, league=game.league.upper())
    match what.kind:
        case "spread":
            return replace(named, selection=side)
        case "team_total":
            return replace(named, selection=game.teams.get(team(what.selection), what.selection))
        case "moneyline" if what.ways is not None:
            return replace(named, selection=side)
        case "moneyline" if game.league in _NO_DRAW and _is_plain(what.market):
            return replace(named, market="Moneyline", selection=side)
        case "total":
            return named
    if what.stat is not None:
        # What is counted tells the bet, whatever each provider calls it.
        if what.player is None:
            return named
        player = game.players.setdefault(_player(what.player), what.player)
        return replace(named, player=player, selection=player if what.selection == what.player else what.selection)
    return replace(named, market=f"{what.market} ({title})")


def _is_plain(market: str) -> bool:
    return re.sub(r"[\W_]+", " ", market.casefold()).strip() in _MONEYLINE
