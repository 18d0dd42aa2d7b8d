"""OpticOdds' catalogues: sports, leagues, sportsbooks, markets (docs/wire/opticodds.md, 4). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from oddstail.demo.books import BOOKS, Book, carries
from oddstail.demo.events import Fixture
from oddstail.demo.game import Group, Kind
from oddstail.demo.sports import SPORTS, Sport
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.derived import REGULATION
from oddstail.demo.wires.optic_fixtures import named, number
from oddstail.demo.wires.optic_offers import THREE_WAY, prices

_REGIONS = {"soccer": ("England", "GB"), "tennis": ("International", None)}


def markets_of(sport: Sport, books: Sequence[Book] = BOOKS) -> list[str]:
    """Display names of every market that some book may price in a sport, the main ones first."""
    kinds: tuple[Kind, ...] = ("moneyline", "spread", "total")
    groups = [Group(kind) for kind in kinds]
    for book in books:
        if book.periods and sport.period is not None:
            groups += [Group(kind, sport.period) for kind in kinds]
        if book.team_totals:
            groups.append(Group("team_total", subject="home"))
        if book.props:
            groups += [Group("prop", subject="-", stat=stat.name) for stat in sport.stats]
    if any((book.id, sport.id) == THREE_WAY for book in books):
        groups.append(REGULATION)
    return list(dict.fromkeys(names.market(sport.id, group) for group in groups))


def sports(*, active: bool) -> list[dict[str, Any]]:
    """Rows of `/sports`; the active ones have odds now."""
    rows = [_sport(sport.id.title(), markets_of(sport)[:3]) for sport in SPORTS]
    return rows if active else rows + [_sport(name, ["Moneyline"]) for name in names.IDLE_SPORTS]


def _sport(name: str, mains: list[str]) -> dict[str, Any]:
    main = [{**named(market), "numerical_id": number(market)} for market in mains]
    return {**named(name), "numerical_id": number(name), "main_markets": main}


def leagues(wanted: Collection[str], *, active: bool) -> list[dict[str, Any]]:
    """Rows of `/leagues`; `wanted` are the slugs of sports, all if it is empty."""
    known = {league: sport for sport, league in names.LEAGUES.items()}
    if not active:
        known |= names.IDLE_LEAGUES
    return [_league(league, sport) for league, sport in known.items() if not wanted or sport in wanted]


def _league(name: str, sport: str) -> dict[str, Any]:
    region, code = _REGIONS.get(sport, ("United States", "US"))
    return {
        **named(name),
        "numerical_id": number(name),
        "region": region,
        "region_code": code,
        "gender": "Female" if name.startswith("W") else "Male",
        "sport": {**named(sport.title()), "numerical_id": number(sport.title())},
    }


def sportsbooks() -> list[dict[str, Any]]:
    """Rows of `/sportsbooks`, the idle ones among them: filter by `is_active` [3p T1]."""
    active = [*(names.BOOKS[book.id] for book in BOOKS), *names.EXCHANGES.values()]
    return [_book(name) for name in active] + [_book(name, active=False) for name in names.IDLE_BOOKS]


def active_sportsbooks(wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Those that price one of these sports."""
    asked = list(wanted)
    found = [names.BOOKS[book.id] for book in BOOKS if any(carries(book, sport) for sport in asked)]
    return [_book(name) for name in (*found, *names.EXCHANGES.values())] if asked else []


def _book(name: str, *, active: bool = True) -> dict[str, Any]:
    book_id = names.slug(name)
    logo = f"https://cdn.opticodds.example/{book_id}.png"
    return {"id": book_id, "name": name, "logo": logo, "is_onshore": name != "Bovada", "is_active": active}


def markets(wanted: Collection[str], books: Collection[str]) -> list[dict[str, Any]]:
    """Rows of `/markets` for slugs of sports and of books; all if a filter is empty. `sports` is null here."""
    priced = [book for book in BOOKS if not books or prices(book.id, books)]
    found = [
        market
        for sport in SPORTS
        if not wanted or sport.id in wanted
        for market in markets_of(sport, [book for book in priced if carries(book, sport.id)])
    ]
    return [
        {**active_market(name), "market_type_id": number(name) % 90 + 1, "sports": None}
        for name in dict.fromkeys(found if priced else [])
    ]


def active_market(name: str) -> dict[str, Any]:
    """A row of `/markets/active`."""
    return {**named(name), "numerical_id": number(name)}


def sports_asked(leagues_: Iterable[str], sports_: Iterable[str], fixtures: Iterable[Fixture]) -> set[str]:
    """The demo's sports that slugs of leagues and sports, and fixtures, are about."""
    by_league = {names.slug(league): sport for sport, league in names.LEAGUES.items()}
    found = {by_league[league] for league in leagues_ if league in by_league}
    return found | {sport for sport in sports_ if sport in names.LEAGUES} | {one.sport for one in fixtures}
