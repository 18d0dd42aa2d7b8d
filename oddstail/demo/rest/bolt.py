"""BoltOdds' REST pages: catalogues, popular parlays, and what is posted for (docs/wire/boltodds.md, A9, A10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import orjson

from oddstail.demo import odds
from oddstail.demo.contract import Ask, Reply, Stage
from oddstail.demo.events import Fixture, Quote
from oddstail.demo.rest.answers import Bucket, Page, ok, wrong
from oddstail.demo.wires import bolt_shapes as shapes

# Sports and books that were seen and have nothing on today: get_info lists more than there are games for [obs].
_IDLE_SPORTS = ("NFL Pre", "NCAAB", "WNBA", "La Liga", "UFC")
_IDLE_BOOKS = ("thescore", "espnbet", "betonline", "kalshi")
_PARLAYS, _LEGS = 4, 3


class BoltPages:
    """The pages behind one budget for each address: three at once, then twelve a minute [seed]."""

    def __init__(self, stage: Stage, label: Callable[[Fixture], str]) -> None:
        self._market, self._label = stage.market, label
        self._gets = Bucket(stage.clock, stage.knobs.gets, stage.knobs.get_every)
        self._pages: dict[tuple[str, str], Page] = {
            ("GET", "/api/get_info"): self._info,
            ("GET", "/api/get_games"): self._games,
            ("GET", "/api/get_markets"): self._markets,
            ("GET", "/api/get_parlays"): self._parlays,
            # The demo has no esports [obs for the path].
            ("GET", "/api/playbyplay/esports"): lambda ask: ok([]),
            ("POST", "/api/boxscores"): self._boxscores,
            ("POST", "/api/match_info"): self._match_info,
        }

    def find(self, ask: Ask) -> Page | None:
        """The page that is asked for, or what is said in its place while the budget is spent."""
        page = self._pages.get((ask.method, ask.path))
        if page is not None and ask.method == "GET" and not self._gets.takes():
            # Rejected [seed]; with which status is unpublished, 429 is what to expect [logic].
            return lambda _: wrong(429, error="Rate limit exceeded. Please slow down.")
        return page

    # -- the catalogue (A10) [obs] ---------------------------------------------------------------------------

    def _info(self, ask: Ask) -> Reply:
        return ok(
            {
                "sports": [*shapes.SPORTS.values(), *_IDLE_SPORTS],
                "sportsbooks": [*shapes.BOOKS.values(), *_IDLE_BOOKS],
            }
        )

    def _games(self, ask: Ask) -> Reply:
        return ok(
            {
                self._label(one): {
                    "sport": shapes.SPORTS[one.sport],
                    "game": self._label(one),
                    "when": shapes.when(one),
                    "orig_teams": f"{one.home} vs {one.away}",
                    "universal_id": shapes.universal(one),
                }
                for one in self._market.fixtures()
            }
        )

    def _markets(self, ask: Ask) -> Reply:
        found: dict[str, dict[str, dict[str, None]]] = {}
        books, sports = ask.listed("sportsbooks"), ask.listed("sports")
        for fixture, quote in self._quotes():
            sport, book = shapes.SPORTS[fixture.sport], shapes.BOOKS[quote.book]
            if (books and book not in books) or (sports and sport not in sports):
                continue
            name = shapes.market(quote.book, fixture.sport, quote.offer.group)
            found.setdefault(book, {}).setdefault(sport, {})[name] = None
        return ok({book: {sport: list(names) for sport, names in by.items()} for book, by in found.items()})

    def _quotes(self) -> Iterator[tuple[Fixture, Quote]]:
        for fixture in self._market.fixtures():
            for quote in shapes.offered(fixture, self._market.quotes(fixture=fixture.id)):
                if quote.book in shapes.BOOKS:
                    yield fixture, quote

    # -- parlays (A10) [seed] --------------------------------------------------------------------------------

    def _parlays(self, ask: Ask) -> Reply:
        """`legs` is an object by outcome key, and its lines are strings [seed]; who asks for what is [logic]."""
        books = ask.listed("sportsbooks")
        if not books:
            return wrong(400, error="sportsbooks is required")
        return ok([parlay for book in books for parlay in self._popular(book)])

    def _popular(self, book: str) -> Iterator[dict[str, Any]]:
        games = [
            [one for one in self._quotes() if one[0].id == fixture.id and _leg_of(book, one[1])]
            for fixture in self._market.fixtures()
        ]
        games = [quotes for quotes in games if len(quotes) >= _LEGS]
        for at, quotes in enumerate(games[:_PARLAYS]):
            # Two of one game and one of the next: what the vendor calls SGP_PLUS.
            other = games[(at + 1) % len(games)]
            legs = [quotes[0], quotes[-1], other[0]] if len(games) > 1 else [quotes[0], quotes[-1]]
            decimal = prod(odds.decimal(quote.last) for _, quote in legs)
            yield {
                "odds": f"{odds.american(1 / decimal):+d}",
                "total_bets": 3238 - 641 * at,
                "type": "SGP_PLUS" if len(games) > 1 else "SGP",
                "legs": {shapes.outcome_key(fixture, quote): self._leg(fixture, quote) for fixture, quote in legs},
            }

    def _leg(self, fixture: Fixture, quote: Quote) -> dict[str, Any]:
        told = shapes.outcome(fixture, quote)
        return {
            "game": self._label(fixture),
            "sport": shapes.SPORTS[fixture.sport],
            "universal_id": shapes.universal(fixture),
            "outcome_name": told["outcome_name"],
            "outcome_line": None if quote.offer.line is None else f"{quote.offer.line:g}",
            "outcome_over_under": told["outcome_over_under"],
            "outcome_target": told["outcome_target"],
        }

    # -- what is posted for (A10) [obs] ----------------------------------------------------------------------

    def _posted(self, ask: Ask) -> list[tuple[str, Fixture]]:
        """`{"games":["<label>"]}`; labels that nobody knows are passed over."""
        try:
            asked = orjson.loads(ask.body)
        except orjson.JSONDecodeError:
            return []
        games = asked.get("games") if isinstance(asked, dict) else None
        known = {self._label(one): one for one in self._market.fixtures()}
        labels = [str(one) for one in games] if isinstance(games, list) else []
        return [(label, known[label]) for label in labels if label in known]

    def _boxscores(self, ask: Ask) -> Reply:
        return ok({label: {"game": _box(fixture)} for label, fixture in self._posted(ask)})

    def _match_info(self, ask: Ask) -> Reply:
        return ok({label: {"doc": [{"data": {"match": _match(one)}}]} for label, one in self._posted(ask)})


def _leg_of(book: str, quote: Quote) -> bool:
    return shapes.BOOKS[quote.book] == book and quote.main and quote.price is not None


def _box(fixture: Fixture) -> dict[str, Any]:
    return {
        "clock": f"{fixture.clock // 60}:{fixture.clock % 60:02d}",
        "newScoreboardClock": None,
        "scorePerPeriod": [{"home": home, "away": away} for home, away in fixture.periods],
        "home": {"team": fixture.home, "score": fixture.score[0]},
        "away": {"team": fixture.away, "score": fixture.score[1]},
    }


def _match(fixture: Fixture) -> dict[str, Any]:
    home, away = fixture.score
    winner = "home" if home > away else "away" if away > home else None
    names = {"unplayed": (0, "Not started"), "half": (31, "Halftime"), "completed": (100, "Ended")}
    number, name = names.get(fixture.status, (20, "In progress"))
    return {
        "timeinfo": {
            "running": fixture.status == "live",
            "remaining": fixture.clock,
            "played": None,
            "ended": fixture.over,
        },
        "status": {"_id": number, "name": name},
        "result": {"home": home, "away": away, "winner": winner if fixture.over else None},
        "p": fixture.period,
        "periods": {f"p{n}": {"home": h, "away": a} for n, (h, a) in enumerate(fixture.periods, 1)},
    }
