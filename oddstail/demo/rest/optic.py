"""OpticOdds' REST pages: catalogues, fixtures, odds to hydrate from, results (section 4).

docs/wire/opticodds.md, 2.7, 3 and 4. Everything is `{"data": [...]}`, every error `{"error": "..."}`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from oddstail.demo.contract import Ask, Forget, Price, Reply, Stage, Tell, Told
from oddstail.demo.events import Change, Fixture
from oddstail.demo.rest import optic_asks as asks
from oddstail.demo.rest import optic_lists as lists
from oddstail.demo.rest.answers import Window, ok, paged, wrong
from oddstail.demo.rest.copilot import CopilotPages
from oddstail.demo.wires import optic_fixtures as fixtures
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires import optic_odds as shapes
from oddstail.demo.wires.optic_futures import Futures
from oddstail.demo.wires.optic_offers import offered

_BASE = "/api/v3"
# 2500 requests, or 10 for what is historical, in 15 s [docs D7].
_REQUESTS, _HISTORICAL, _SECONDS = 2500, 10, 15


class OpticPages:
    """The pages by their path, behind two budgets. `turn` lets them remember what was settled."""

    def __init__(self, stage: Stage, futures: Futures) -> None:
        self._market = stage.market
        self._fields = futures
        self._window = Window(lambda: stage.market.now, _REQUESTS, _SECONDS)
        self._historical = Window(lambda: stage.market.now, _HISTORICAL, _SECONDS)
        self._copilot = CopilotPages(stage)
        self._pages: dict[str, Callable[[Ask], Reply]] = {
            "/sports": lambda ask: asks.data(lists.sports(active=False)),
            "/sports/active": lambda ask: asks.data(lists.sports(active=True)),
            "/leagues": lambda ask: asks.data(lists.leagues(asks.slugs(ask, "sport"), active=False)),
            "/leagues/active": lambda ask: asks.data(lists.leagues(asks.slugs(ask, "sport"), active=True)),
            "/sportsbooks": lambda ask: asks.data(lists.sportsbooks()),
            "/sportsbooks/active": self._books_active,
            "/sportsbooks/last-polled": self._last_polled,
            "/markets": lambda ask: asks.data(lists.markets(asks.slugs(ask, "sport"), asks.slugs(ask, "sportsbook"))),
            "/markets/active": self._markets_active,
            "/fixtures": self._fixtures,
            "/fixtures/active": self._fixtures,
            "/fixtures/odds": self._odds,
            "/fixtures/results": self._results,
            "/fixtures/player-results": self._player_results,
            "/futures": self._futures,
            "/futures/odds": self._futures_odds,
            **self._copilot.pages,
        }

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        return path.startswith(_BASE) and path.removeprefix(_BASE) in self._pages

    def turn(self, changes: Sequence[Change]) -> None:
        """Let Copilot remember how bets came out."""
        self._copilot.turn(changes)

    def answer(self, ask: Ask) -> Reply:
        """The page, with the budget's headers; 429 when that is spent, whose body nobody has recorded."""
        path = ask.path.removeprefix(_BASE)
        window = self._historical if path.endswith("/historical") else self._window
        if not window.takes():
            return replace(wrong(429, error="rate limit exceeded"), headers=window.headers())
        reply = self._pages[path](ask)
        return Reply(status=reply.status, body=reply.body, headers=window.headers(), tell=reply.tell)

    # -- fixtures --------------------------------------------------------------------------------------------

    def _fixtures(self, ask: Ask) -> Reply:
        """`active`: not completed, and with odds once; without it, what is over as well."""
        if not any(ask.one(name) for name in ("sport", "league", "id", "numerical_id", "team_id", "tournament_id")):
            return wrong(400, error=asks.ONE_OF)
        status = ask.many("status")
        odd = next((one for one in status if one not in asks.STATUSES), None)
        if odd is not None:
            return wrong(400, error=f"invalid status: {odd}")
        found = [
            one for one in asks.known(self._market) if asks.fits(ask, one) and (not status or one.status in status)
        ]
        if ask.path.endswith("/active"):
            found = [one for one in found if not one.over]
        rows = [fixtures.row(one, odds=not one.over) for one in sorted(found, key=lambda one: (one.start, one.id))]
        page = paged(ask, rows)
        return wrong(400, error="page and cursor exclude each other") if page is None else ok(page)

    def _results(self, ask: Ask) -> Reply:
        asked = ask.many("fixture_id")
        if not asked:
            return wrong(400, error="fixture_id is required")
        return asks.data([fixtures.result(one, None, self._market.now) for one in asks.named(self._market, asked)])

    def _player_results(self, ask: Ask) -> Reply:
        asked = ask.many("fixture_id")
        if not asked:
            return wrong(400, error="fixture_id is required")
        return asks.data(
            [row for one in asks.named(self._market, asked) for row in fixtures.player_results(self._market, one)]
        )

    # -- books and markets -----------------------------------------------------------------------------------

    def _books_active(self, ask: Ask) -> Reply:
        asked = ask.many("fixture_id")
        if not (asked or ask.many("sport") or ask.many("league")):
            return wrong(400, error=asks.ONE_OF)
        sports = lists.sports_asked(
            asks.slugs(ask, "league"), asks.slugs(ask, "sport"), asks.named(self._market, asked)
        )
        return asks.data(lists.active_sportsbooks(sports))

    def _last_polled(self, ask: Ask) -> Reply:
        """When each book was last read: tells a dead scraper from a quiet market."""
        asked = asks.named(self._market, ask.many("fixture_id"))
        leagues = asks.slugs(ask, "league")
        if not asked and not leagues:
            return wrong(400, error="you must provide league or fixture_id")
        if ask.many("fixture_id") and len(ask.many("fixture_id")) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} fixtures allowed")
        rows: list[dict[str, Any]] = [
            {"league": None, "fixture_id": one.id, "sportsbooks": self._polled(ask, [one])} for one in asked
        ]
        for league in leagues:
            of = [one for one in self._market.fixtures() if names.slug(names.LEAGUES[one.sport]) == league]
            rows.append({"league": league, "fixture_id": None, "sportsbooks": self._polled(ask, of)})
        return asks.data(rows)

    def _polled(self, ask: Ask, of: Sequence[Fixture]) -> list[dict[str, Any]]:
        wanted, latest = asks.slugs(ask, "sportsbook"), dict[str, float]()
        quotes = (quote for one in of for quote in offered(one, self._market.quotes(fixture=one.id), fees=True))
        for quote in quotes:
            name = names.BOOKS[quote.book]
            latest[name] = max(latest.get(name, 0.0), quote.at.timestamp())
        return [
            {"id": names.slug(name), "name": name, "timestamp": at}
            for name, at in latest.items()
            if not wanted or names.slug(name) in wanted
        ]

    def _markets_active(self, ask: Ask) -> Reply:
        asked, books = ask.many("fixture_id"), asks.slugs(ask, "sportsbook")
        if not asked or not books:
            return wrong(400, error="fixture_id and sportsbook are required")
        if len(books) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} sportsbooks allowed")
        found: dict[str, None] = {}
        for one in asks.named(self._market, asked):
            for quote in offered(one, self._market.quotes(fixture=one.id), fees=True):
                if names.slug(names.BOOKS[quote.book]) in books:
                    found[names.market(one.sport, quote.offer.group)] = None
        return asks.data([lists.active_market(name) for name in found])

    # -- odds to hydrate from --------------------------------------------------------------------------------

    def _odds(self, ask: Ask) -> Reply:
        """What is on offer now; an odd that is absent is suspended (2.5) [docs M]."""
        books = asks.slugs(ask, "sportsbook")
        if not books:
            return wrong(400, error="you must provide at least one sportsbook")
        if len(books) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} sportsbooks allowed")
        asked = asks.asked(self._market, ask)
        if isinstance(asked, Reply):
            return asked
        links = bool(ask.flag("include_deep_link"))
        price = names.odds_format(ask.one("odds_format"))
        rows, put, forget = [], dict[Told, Price | None](), list[Forget]()
        for one in asked:
            quotes = [
                quote
                for quote in asks.open_quotes(self._market, ask, one)
                if names.slug(names.BOOKS[quote.book]) in books
            ]
            odds = [shapes.page_odd(one, quote, price, links=links) for quote in quotes]
            rows.append({**fixtures.brief(one), "odds": odds})
            for quote in quotes:
                put[names.told(one, one.id, names.BOOKS[quote.book], quote.offer)] = price(quote.last)
            forget += [
                Forget(games=frozenset((one.id,)), book=name, markets=asks.told_markets(ask, one))
                for name in names.BOOKS.values()
                if names.slug(name) in books
            ]
        return asks.data(rows, Tell(put=put, forget=tuple(forget)))

    # -- futures -----------------------------------------------------------------------------------------------

    def _futures(self, ask: Ask) -> Reply:
        page = paged(ask, [one.about() for one in self._fields.fields(ask.many("sport"), asks.slugs(ask, "league"))])
        return wrong(400, error="page and cursor exclude each other") if page is None else ok(page)

    def _futures_odds(self, ask: Ask) -> Reply:
        """What is on offer of at most five futures, at most five books."""
        books, wanted = asks.slugs(ask, "sportsbook"), ask.many("future_id")
        if not books:
            return wrong(400, error="you must provide at least one sportsbook")
        if len(books) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} sportsbooks allowed")
        if len(wanted) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} futures allowed")
        if not wanted and not ask.many("league"):
            return wrong(400, error="you must provide at least one of league or future_id")
        price = names.odds_format(ask.one("odds_format"))
        extras = [name for name in ("include_limits", "include_source_ids", "include_deep_link") if ask.flag(name)]
        found = self._fields.fields(ask.many("sport"), asks.slugs(ask, "league"))
        rows = [one.page(books, price, extras) for one in found if not wanted or one.id in wanted]
        return asks.data(rows)
