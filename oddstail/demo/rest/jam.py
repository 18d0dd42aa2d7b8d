"""OddsJam's v2 pages, as public clients use them: nobody documents their rows.

docs/wire/oddsjam.md, 1.6 [3p T2, T5].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oddstail.demo.books import BOOKS
from oddstail.demo.contract import Ask, Forget, Price, Reply, Stage, Tell, Told
from oddstail.demo.events import Fixture, Quote
from oddstail.demo.rest.answers import ok, paged, wrong
from oddstail.demo.rest.optic_lists import markets_of
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import optic_names as names

_BASE = "/api/v2"
_MOST_ODDS, _MOST_SCORES = 5, 25


class JamPages:
    """The pages by path. Everything is `{"data": [...]}`; names are display names."""

    def __init__(self, stage: Stage) -> None:
        self._market = stage.market
        self._pages: dict[str, Callable[[Ask], Reply]] = {
            "/sports": lambda ask: ok({"data": list(names.LEAGUES)}),
            "/leagues": self._leagues,
            "/games": self._games,
            "/schedules/list": self._games,
            "/sportsbooks": lambda ask: ok({"data": [names.BOOKS[book.id] for book in BOOKS]}),
            "/markets": self._markets,
            "/market-categories": self._categories,
            "/game-odds": self._odds,
            "/scores": self._scores,
        }

    def has(self, path: str) -> bool:
        """Whether there is such a page; a trailing slash is one too many for nobody [3p]."""
        return path.startswith(_BASE) and path.removeprefix(_BASE).rstrip("/") in self._pages

    def answer(self, ask: Ask) -> Reply:
        """The page."""
        return self._pages[ask.path.removeprefix(_BASE).rstrip("/")](ask)

    def _known(self) -> list[Fixture]:
        return [*self._market.ended(), *self._market.fixtures()]

    def _leagues(self, ask: Ask) -> Reply:
        sports = ask.many("sport")
        return ok({"data": [league for sport, league in names.LEAGUES.items() if not sports or sport in sports]})

    def _games(self, ask: Ask) -> Reply:
        sports, leagues, live = ask.many("sport"), ask.many("league"), ask.flag("is_live")
        after, before = ask.one("start_date_after") or "", ask.one("start_date_before") or "9"
        on = ask.one("game_date") or ""
        rows = [
            _game(one)
            for one in self._market.fixtures()
            if (not sports or one.sport in sports)
            and (not leagues or names.LEAGUES[one.sport] in leagues)
            and (live is None or live == one.live)
            and after <= one.start.isoformat() <= before
            and one.start.isoformat().startswith(on)
        ]
        page = paged(ask, rows)
        if page is None:
            return wrong(400, error="page and cursor exclude each other")
        return ok({"data": page["data"], "page": page.get("page", 1), "total_pages": page.get("total_pages", 1)})

    def _markets(self, ask: Ask) -> Reply:
        games, books = ask.many("game_id"), ask.many("sportsbook")
        asked = [one for one in self._market.fixtures() if one.number in games]
        if not games:
            asked = self._market.fixtures()
        found: dict[str, None] = {}
        for one in asked:
            for quote in self._market.quotes(fixture=one.id):
                if not books or names.BOOKS[quote.book] in books:
                    found[names.market(one.sport, quote.offer.group)] = None
        return ok({"data": list(found)})

    def _categories(self, ask: Ask) -> Reply:
        sport = next((one for one in SPORTS if one.id == ask.one("sport")), None)
        if sport is None:
            return wrong(400, error="sport is required")
        every = markets_of(sport)
        props = [name for name in every if name.startswith("Player ")]
        game = [name for name in every if name not in props]
        return ok({"data": [{"name": "Game", "markets": game}, {"name": "Player Props", "markets": props}]})

    # -- odds to hydrate from --------------------------------------------------------------------------------

    def _odds(self, ask: Ask) -> Reply:
        games, books = ask.many("game_id"), ask.many("sportsbook")
        if not games:
            return wrong(400, error="At least 1 game_id must be provided.")
        if len(games) > _MOST_ODDS:
            return wrong(400, error=f"maximum {_MOST_ODDS} game_ids allowed")
        if not books:
            return wrong(400, error="At least 1 sportsbook must be provided.")
        price = names.odds_format(ask.one("odds_format"))
        rows, put, forget = [], dict[Told, Price | None](), list[Forget]()
        for one in (one for one in self._known() if one.number in games):
            quotes = [quote for quote in self._market.quotes(fixture=one.id) if self._shows(ask, one, quote, books)]
            rows.append({**_game(one), "odds": [_odd(one, quote, price(quote.last)) for quote in quotes]})
            for quote in quotes:
                put[names.told(one, one.number, names.BOOKS[quote.book], quote.offer)] = price(quote.last)
            markets = frozenset(ask.many("market_name")) or None
            forget += [Forget(games=frozenset((one.number,)), book=book, markets=markets) for book in books]
        return ok({"data": rows}, tell=Tell(put=put, forget=tuple(forget)))

    def _shows(self, ask: Ask, fixture: Fixture, quote: Quote, books: Sequence[str]) -> bool:
        main, markets = ask.flag("is_main"), ask.many("market_name")
        return (
            quote.price is not None
            and names.BOOKS[quote.book] in books
            and (main is None or main == quote.main)
            and (not markets or names.market(fixture.sport, quote.offer.group) in markets)
        )

    def _scores(self, ask: Ask) -> Reply:
        games = ask.many("game_id")
        if len(games) > _MOST_SCORES:
            return wrong(400, error=f"maximum {_MOST_SCORES} game_ids allowed")
        rows = [
            {
                "game_id": one.number,
                "sport": one.sport,
                "league": names.LEAGUES[one.sport],
                "status": one.status,
                "score_home_total": one.score[0],
                "score_away_total": one.score[1],
                "period": one.period,
                **{f"score_home_period_{n}": home for n, (home, _) in enumerate(one.periods, 1)},
                **{f"score_away_period_{n}": away for n, (_, away) in enumerate(one.periods, 1)},
            }
            for one in self._known()
            if one.number in games
        ]
        return ok({"data": rows})


def _game(fixture: Fixture) -> dict[str, Any]:
    return {
        "id": fixture.number,
        "sport": fixture.sport,
        "league": names.LEAGUES[fixture.sport],
        "start_date": fixture.start.isoformat(),
        "home_team": fixture.home,
        "away_team": fixture.away,
        "is_live": fixture.live,
        "status": fixture.status,
    }


def _odd(fixture: Fixture, quote: Quote, price: Price) -> dict[str, Any]:
    """REST's names differ from the stream's: `sports_book_name`, `market_name`, `name`, `price` [3p T5]."""
    offer = quote.offer
    market = names.market(fixture.sport, offer.group)
    book = names.BOOKS[quote.book]
    return {
        "id": f"{fixture.number}:{names.slug(book)}:{names.slug(market)}:{names.name_slug(fixture, offer)}",
        "sports_book_name": book,
        "market_name": market,
        "name": names.name(fixture, offer),
        "price": float(price),
        "bet_points": offer.line,
        "is_main": quote.main,
        "is_live": fixture.live,
        "selection": names.selection(fixture, offer),
        "selection_line": offer.side if offer.side in ("over", "under") else None,
        "timestamp": quote.at.timestamp(),
        "checked_date": quote.at.isoformat(),
    }
