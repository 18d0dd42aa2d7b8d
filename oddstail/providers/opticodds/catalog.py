"""Names that OpticOdds is known to use: docs/wire/opticodds.md, 2.1, 2.4 and 5, and where to ask for all of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from oddstail.lookup import (
    MINUTE,
    Asked,
    Catalogue,
    Get,
    Hydration,
    LookUp,
    Names,
    Pace,
    Row,
    Steps,
    entries,
    inner,
    row,
)
from oddstail.model import Request, Where
from oddstail.providers import competitions, fields, optic_snapshot
from oddstail.providers.optic_words import MARKETS as KINDS

SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "baseball basketball boxing cricket darts esports football golf hockey mma rugby_league "
            "rugby_union snooker soccer table_tennis tennis volleyball"
        ).split()
    ),
)
LEAGUES = Names(
    what="league",
    has="few",
    known=frozenset({"NBA", "WNBA", "NCAAB", "NFL", "NCAAF", "MLB", "NHL", "MLS", "ATP", "WTA"}),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        {
            "BetMGM",
            "BetRivers",
            "Bovada",
            "Caesars",
            "Circa Sports",
            "DraftKings",
            "FanDuel",
            "Fanatics",
            "Hard Rock",
            "Pinnacle",
            "bet365",
        }
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        {
            "Moneyline",
            "Moneyline 3-Way",
            "Point Spread",
            "Run Line",
            "Puck Line",
            "Goal Spread",
            "Game Spread",
            "Total Points",
            "Total Runs",
            "Total Goals",
            "Total Games",
        }
    ),
)


# --- look-ups: section 4 -----------------------------------------------------------------------------

_BASE = "https://api.opticodds.com/api/v3"
#: Most pages of 100 rows that are taken of a list.
_PAGES = 50


def get(path: str, *params: tuple[str, str]) -> Get:
    """A GET below the API's base."""
    return Get(url=f"{_BASE}{path}", params=params, key_in=Where.HEADER, key_name="X-Api-Key")


def _narrowed(path: str, **names: str) -> Callable[[Asked], list[Get]]:
    """A path narrowed by what was asked: the field of `Asked` -> the parameter."""

    def gets(asked: Asked) -> list[Get]:
        return [get(path, *((name, value) for field, name in names.items() for value in getattr(asked, field)))]

    return gets


def _books(asked: Asked) -> list[Get]:
    """All books, or those that have odds now: the list of active ones must be narrowed, or is a 400."""
    return _narrowed(f"/sportsbooks{'/active' if asked.sport or asked.league else ''}", sport="sport", league="league")(
        asked
    )


def after(asked: Get, data: Any) -> Get | None:
    """The next page: pages count from 1, `has_more` tells, and before 2026-02-19 `total_pages` did."""
    params = dict(asked.params)
    page = int(params.get("page", "1"))
    more = isinstance(data, dict) and (
        data.get("has_more") is True or (type(data.get("total_pages")) is int and page < data["total_pages"])
    )
    if not more or page >= _PAGES:
        return None
    rest = tuple(pair for pair in asked.params if pair[0] != "page")
    return replace(asked, params=(*rest, ("page", str(page + 1))))


def _rows(made: Callable[[dict[str, Any]], Row | None]) -> Callable[[Any], list[Row]]:
    def rows(data: Any) -> list[Row]:
        items = (made(item) for item in entries(data, "data") if isinstance(item, dict))
        return [item for item in items if item is not None]

    return rows


def _named(item: dict[str, Any]) -> Row | None:
    return row(name=item.get("name") or item.get("id"), id=item.get("id"))


def _sport(item: dict[str, Any]) -> Row | None:
    return row(id=item.get("id"), name=item.get("name"))


def _league(item: dict[str, Any]) -> Row | None:
    return row(
        name=item.get("name") or item.get("id"),
        id=item.get("id"),
        sport=inner(item.get("sport")),
        region=item.get("region"),
    )


def _book(item: dict[str, Any]) -> Row | None:
    return row(name=item.get("name") or item.get("id"), id=item.get("id"), active=item.get("is_active"))


def game(item: dict[str, Any]) -> Row | None:
    """A fixture as a row."""
    return row(
        id=item.get("id"),
        home=item.get("home_team_display"),
        away=item.get("away_team_display"),
        start=fields.start(item.get("start_date")),
        league=inner(item.get("league"), "name") or inner(item.get("league")),
        sport=inner(item.get("sport")),
        status=item.get("status"),
        live=item.get("is_live"),
    )


def _version(item: dict[str, Any]) -> Row | None:
    return row(id=item.get("id"), name=item.get("name"))


# --- the current prices: sections 2.5 and 4 ------------------------------------------------------------

#: What only a stream of futures can be asked to add (2.3).
FUTURES_EXTRAS = ("include_limits", "include_source_ids", "include_deep_link")


def _sport_of(request: Request) -> str:
    """.../stream/odds/{sport}, .../stream/results/{sport} and .../stream/copilot/{sport}/odds (2.1)."""
    return unquote(urlsplit(request.url).path.split("/")[-2 if request.feed == "copilot" else -1])


def _wanted(request: Request) -> Mapping[str, tuple[str, ...]]:
    given = {"sportsbook": "book", "league": "league", "market": "market"}
    return {
        "sport": (_sport_of(request),),
        **{flag: tuple(value for key, value in request.params if key == name) for name, flag in given.items()},
    }


def _steps(request: Request) -> Steps | None:
    """The games or futures of a request's sport and leagues, then their odds, five games or futures a call."""
    if request.feed not in ("odds", "copilot", "futures"):
        return None
    copilot = request.feed == "copilot"
    sport = _sport_of(request)
    version = dict(request.params).get("version_id", "-1")
    ids = [value for name, value in request.params if name == "fixture_id"]
    if request.feed == "futures":
        return _futures(request, ids)
    narrow = (("sport", sport), *optic_snapshot.picked(request, "league", "is_live"))
    listing = (
        get("/copilot/fixtures", ("copilot_version_id", version), *narrow)
        if copilot
        else get("/fixtures/active", *narrow)
    )
    same = optic_snapshot.picked(
        request, "sportsbook", "market", "is_main", "odds_format", "exclude_fees", "version_id"
    )
    path = "/copilot/fixtures/odds" if copilot else "/fixtures/odds"
    return optic_snapshot.steps(
        request,
        ids,
        None if ids else listing,
        after,
        lambda some: get(path, *(("fixture_id", one) for one in some), *same),
    )


def _futures(request: Request, ids: list[str]) -> Steps:
    """`/futures` lists them, `/futures/odds` has the odds of at most five (section 4)."""
    listing = get("/futures", ("sport", _sport_of(request)), *optic_snapshot.picked(request, "league"))
    same = optic_snapshot.picked(
        request, "sportsbook", "market", "is_main", "odds_format", "exclude_fees", *FUTURES_EXTRAS
    )
    return optic_snapshot.steps(
        request,
        ids,
        None if ids else listing,
        after,
        lambda some: get("/futures/odds", *(("future_id", one) for one in some), *same),
        what="future",
    )


CATALOGUE = Catalogue(
    wanted=_wanted,
    hydration=Hydration(steps=_steps),
    # 2500 in 15 s (section 3), of which a tool that watches takes little.
    pace=Pace(burst=50, every=0.05),
    lookups={
        "sports": LookUp(what="sports", columns=("id", "name"), gets=_narrowed("/sports"), rows=_rows(_sport)),
        "leagues": LookUp(
            what="leagues",
            columns=("name", "id", "sport", "region"),
            gets=_narrowed("/leagues", sport="sport"),
            rows=_rows(_league),
            takes=frozenset({"sport"}),
            spelt=("name", "id"),
        ),
        "books": LookUp(
            what="books",
            columns=("name", "id", "active"),
            gets=_books,
            rows=_rows(_book),
            takes=frozenset({"sport", "league"}),
            spelt=("name", "id"),
        ),
        "markets": LookUp(
            what="markets",
            columns=("name", "id"),
            gets=_narrowed("/markets", sport="sport", league="league", book="sportsbook"),
            rows=_rows(_named),
            takes=frozenset({"sport", "league", "book"}),
            spelt=("name", "id"),
        ),
        "games": LookUp(
            what="games",
            columns=("id", "away", "home", "start", "league", "status", "live"),
            gets=_narrowed("/fixtures/active", sport="sport", league="league", game="id"),
            rows=_rows(game),
            after=after,
            takes=frozenset({"sport", "league", "game"}),
            needs=frozenset({"sport", "league", "game"}),
            keep=MINUTE,
            also=(),
        ),
        "versions": LookUp(
            what="versions",
            columns=("id", "name"),
            gets=_narrowed("/copilot/versions"),
            rows=_rows(_version),
            keep=0.0,
            note="an empty list: this key has no Copilot",
        ),
    },
    flags={"sport": "sports", "league": "leagues", "book": "books", "market": "markets", "game": "games"},
    builtin={"sports": SPORTS, "leagues": LEAGUES, "books": BOOKS, "markets": MARKETS},
    bet=KINDS.classify,
    competition=partial(competitions.of, "opticodds"),
    competitions=partial(competitions.sent, "opticodds"),
    wrong="ignores a name that it does not know, without a word",
)
