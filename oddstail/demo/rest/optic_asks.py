"""What OpticOdds' pages have in common: ids and names, which fixtures and odds a request is about.

docs/wire/opticodds.md, 2.7, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oddstail.demo.contract import Ask, Reply, Tell
from oddstail.demo.events import Fixture, Quote
from oddstail.demo.market import Market
from oddstail.demo.rest import optic_lists as lists
from oddstail.demo.rest.answers import ok, wrong
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_offers import offered

MOST = 5
STATUSES = ("unplayed", "live", "half", "completed", "cancelled", "suspended", "delayed")
ONE_OF = "you must provide at least one of sport, league, or fixture_id"


def known(market: Market) -> list[Fixture]:
    """Games on the market and those that lately left it."""
    return [*market.ended(), *market.fixtures()]


def named(market: Market, ids: Sequence[str]) -> list[Fixture]:
    """The games with these ids."""
    return [one for one in known(market) if one.id in ids]


def fits(ask: Ask, fixture: Fixture) -> bool:
    """Whether a game passes the filters of a fixtures page."""
    sports, leagues = slugs(ask, "sport"), slugs(ask, "league")
    teams, live = ask.many("team_id"), ask.flag("is_live")
    starts = f"{fixture.start:%Y-%m-%dT%H:%M:%SZ}"
    return (
        (not sports or fixture.sport in sports)
        and (not leagues or names.slug(names.LEAGUES[fixture.sport]) in leagues)
        and (not ask.many("id") or fixture.id in ask.many("id"))
        and (not teams or any(names.opaque(team) in teams for team in (fixture.home, fixture.away)))
        and (live is None or live == fixture.live)
        and (ask.one("start_date_after") or "") <= starts <= (ask.one("start_date_before") or "9")
    )


def asked(market: Market, ask: Ask) -> list[Fixture] | Reply:
    """The games that a page of odds is about; a refusal if none or too many are named."""
    ids, teams = ask.many("fixture_id"), ask.many("team_id")
    if not (ids or teams or ask.many("player_id")):
        return wrong(400, error="you must provide at least one of fixture_id, team_id, or player_id")
    if len(ids) + len(teams) + len(ask.many("player_id")) > MOST:
        return wrong(400, error=f"maximum {MOST} fixture ids allowed")
    return [
        one
        for one in known(market)
        if one.id in ids or any(names.opaque(team) in teams for team in (one.home, one.away))
    ]


def open_quotes(market: Market, ask: Ask, fixture: Fixture) -> list[Quote]:
    """What is on offer, suspended odds left out (2.5) [docs M]."""
    main, markets = ask.flag("is_main"), slugs(ask, "market")
    return [
        quote
        for quote in offered(fixture, market.quotes(fixture=fixture.id), fees=not ask.flag("exclude_fees"))
        if quote.price is not None
        and (main is None or main == quote.main)
        and (not markets or names.slug(names.market(fixture.sport, quote.offer.group)) in markets)
    ]


def slugs(ask: Ask, name: str) -> list[str]:
    """Ids and display names are both taken (section 5)."""
    return [names.slug(value) for value in ask.many(name)]


def told_markets(ask: Ask, fixture: Fixture) -> frozenset[str] | None:
    """The display names of the markets that a page of odds is about; None for all."""
    asked = slugs(ask, "market")
    if not asked:
        return None
    sport = next(one for one in SPORTS if one.id == fixture.sport)
    return frozenset(name for name in lists.markets_of(sport) if names.slug(name) in asked)


def data(rows: list[Any], tell: Tell | None = None) -> Reply:
    """The envelope of everything."""
    return ok({"data": rows}, tell=tell or Tell())
