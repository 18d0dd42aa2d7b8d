"""Where OddsJam's names are listed: docs/wire/oddsjam.md, 1.6. Pure.

All of it is out of public clients and none of it documented (`sports` is inferred): a list that cannot be
had, or a row that reads otherwise, is no error, and what is not in a list is never certainly wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from oddstail.lookup import MINUTE, Asked, Catalogue, Get, Hydration, LookUp, Names, Pace, Row, Steps, entries, row
from oddstail.model import Request, Where
from oddstail.providers import competitions, fields, optic_snapshot
from oddstail.providers.optic_words import MARKETS as KINDS

_BASE = "https://api-external.oddsjam.com/api/v2"
_PAGES = 50
#: The words that the vendor's own samples use (sections 1.2 and 1.3).
LEAGUES = Names(what="league", has="few", known=frozenset({"NBA", "NCAAB", "NFL", "UEFA - Champions League"}))
BOOKS = Names(
    what="book", has="some", known=frozenset({"BetMGM", "Caesars", "DraftKings", "FanDuel", "Hard Rock", "Pinnacle", "bet365"})
)  # fmt: skip
MARKETS = Names(what="market", has="few", known=frozenset({"Moneyline", "Point Spread", "Total Points"}))


def get(path: str, *params: tuple[str, str]) -> Get:
    """A GET below the API's base. The key is documented as a parameter alone (1.1)."""
    return Get(url=f"{_BASE}{path}", params=params, key_in=Where.QUERY, key_name="key")


def _narrowed(path: str, **names: str) -> Callable[[Asked], list[Get]]:
    def gets(asked: Asked) -> list[Get]:
        return [get(path, *((name, value) for field, name in names.items() for value in getattr(asked, field)))]

    return gets


def after(asked: Get, data: Any) -> Get | None:
    """The next page of a list that is paged: `page` and `total_pages`."""
    params = dict(asked.params)
    page = int(params.get("page", "1"))
    total = data.get("total_pages") if isinstance(data, dict) else None
    if type(total) is not int or page >= min(total, _PAGES):
        return None
    rest = tuple(pair for pair in asked.params if pair[0] != "page")
    return replace(asked, params=(*rest, ("page", str(page + 1))))


def _names(data: Any) -> list[Row]:
    """Names, as plain strings or as objects that hold one."""
    items = (
        row(name=item.get("name") or item.get("id"), id=item.get("id"))
        if isinstance(item, dict)
        else row(name=item, id=None)
        for item in entries(data, "data")
    )
    return [item for item in items if item is not None]


def games(data: Any) -> list[Row]:
    """The games of an answer."""
    items = (
        row(
            id=item.get("id"),
            home=item.get("home_team"),
            away=item.get("away_team"),
            start=fields.start(item.get("start_date")),
            league=item.get("league"),
            sport=item.get("sport"),
            status=item.get("status"),
            live=item.get("is_live"),
        )
        for item in entries(data, "data")
        if isinstance(item, dict)
    )
    return [item for item in items if item is not None]


def _wanted(request: Request) -> Mapping[str, tuple[str, ...]]:
    given = {"sportsbooks": "book", "league": "league", "market": "market"}
    return {flag: tuple(value for key, value in request.params if key == name) for name, flag in given.items()}


def _steps(request: Request) -> Steps | None:
    """The games of a league, then their odds, five games a call; nothing where the link replays what was missed."""
    if any(name == "last_entry_id" for name, _ in request.params):
        return None
    ids = [value for name, value in request.params if name == "game_id"]
    same = (
        *(("sportsbook", value) for name, value in request.params if name == "sportsbooks"),
        *(("market_name", value) for name, value in request.params if name == "market"),
        *optic_snapshot.picked(request, "is_main", "odds_format"),
    )
    listing = get("/games", *optic_snapshot.picked(request, "league"))
    return optic_snapshot.steps(
        request,
        ids,
        None if ids else listing,
        after,
        lambda some: get("/game-odds", *(("game_id", one) for one in some), *same),
    )


_NOTE = "the vendor does not document this list: what is not in it may exist all the same"


def _list(what: Any, path: str, **names: str) -> LookUp:
    return LookUp(
        what=what,
        columns=("name", "id"),
        gets=_narrowed(path, **names),
        rows=_names,
        takes=frozenset(names),
        spelt=("name",),
        also=("id",),
        sure="most",
        note=_NOTE,
    )


CATALOGUE = Catalogue(
    wanted=_wanted,
    hydration=Hydration(steps=_steps),
    # An old page allows 6000 a minute (section 3); a tool that watches takes little of it.
    pace=Pace(burst=20, every=0.1),
    lookups={
        "sports": _list("sports", "/sports"),
        "leagues": _list("leagues", "/leagues", sport="sport"),
        "books": _list("books", "/sportsbooks", game="game_id"),
        "markets": replace(_list("markets", "/markets", game="game_id", book="sportsbook"), needs=frozenset({"game"})),
        "games": LookUp(
            what="games",
            columns=("id", "away", "home", "start", "league", "status", "live"),
            gets=_narrowed("/games", sport="sport", league="league"),
            rows=games,
            after=after,
            takes=frozenset({"sport", "league"}),
            needs=frozenset({"sport", "league"}),
            keep=MINUTE,
            also=(),
            note=_NOTE,
        ),
    },
    flags={"league": "leagues", "book": "books", "market": "markets", "game": "games"},
    builtin={"leagues": LEAGUES, "books": BOOKS, "markets": MARKETS},
    bet=KINDS.classify,
    competition=partial(competitions.of, "oddsjam"),
    competitions=partial(competitions.sent, "oddsjam"),
    wrong="does not document what it does with a name that it does not know",
)
