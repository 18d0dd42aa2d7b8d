"""RapidOddsAPI's REST pages: sports, odds, results, futures, the balance (docs/wire/rapidodds.md, B1, B6, B7)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from oddstail.demo.contract import Ask, Forget, Reply, Stage, Tell, Turnstile
from oddstail.demo.events import Fixture, Quote
from oddstail.demo.rest.answers import ok, wrong
from oddstail.demo.wires import rapid_results as results
from oddstail.demo.wires import rapid_shapes as shapes

_ODDS = re.compile(r"/sports/(?P<sport>[^/]+)/(?P<what>markets|futures)")
_RESULTS = re.compile(r"/results/(?P<sport>[^/]+)")


class RapidPages:
    """The pages behind thirty requests a second. `charge` takes credits, `usage` tells the balance."""

    def __init__(
        self, stage: Stage, charge: Callable[[int], bool], left: Callable[[], int], usage: Callable[[], dict[str, Any]]
    ) -> None:
        self._stage, self._charge, self._left, self._usage = stage, charge, left, usage
        self._gate = Turnstile(stage.clock, 30, 1.0)

    def answer(self, ask: Ask) -> Reply:
        """A page, or 404. Error bodies are `{"detail": ...}`, a list for a 422 (B7) [docs D4]."""
        if not self._gate.passes():
            return wrong(429, detail="Rate limit exceeded: 30 requests per second")
        if ask.path == "/usage":
            return ok(self._usage())
        if ask.path == "/sports":
            return self._sports(ask)
        if ask.path == "/results/sports":
            return ok([{"id": sport, "name": shapes.DISPLAY.get(sport, sport)} for sport in results.SPORTS])
        if (found := _ODDS.fullmatch(ask.path)) is not None:
            sport = found["sport"]
            if sport not in shapes.SPORTS and sport not in shapes.EMPTY:
                return wrong(404, detail=f"Unknown sport: {sport}")
            return self._odds(ask, sport) if found["what"] == "markets" else self._futures(ask, sport)
        if (found := _RESULTS.fullmatch(ask.path)) is not None:
            return self._results(ask, found["sport"])
        return wrong(404, detail="Not Found")

    def _sports(self, ask: Ask) -> Reply:
        rows = [self._sport(one, markets=bool(ask.flag("markets"))) for one in (*shapes.SPORTS, *shapes.EMPTY)]
        asked = ask.one("sport")
        if asked is None:
            return ok(rows)
        row = next((one for one in rows if one["id"] == asked), None)
        return wrong(404, detail=f"Unknown sport: {asked}") if row is None else ok(row)

    def _sport(self, sport: str, *, markets: bool) -> dict[str, Any]:
        row: dict[str, Any] = {"id": sport, "name": shapes.DISPLAY.get(sport, sport)}
        if markets:
            row["markets"] = shapes.catalogue(sport)
        return row

    # -- odds ------------------------------------------------------------------------------------------------

    def _odds(self, ask: Ask, sport: str) -> Reply:
        """The same shape as a push's `data` (B4); nothing is charged if no games come back (B6) [docs D2]."""
        books, markets = ask.many("bookmaker"), ask.many("market_type")
        bad = _missing(books, markets)
        if bad is not None:
            return bad
        known = shapes.SPORTS.get(sport)
        fixtures = self._stage.market.fixtures(known) if known is not None else []
        games = [(one, self._quotes(one, books, markets)) for one in fixtures]
        shown = [entry for fixture, quotes in games for entry in shapes.entries(fixture, quotes)]
        body = {"sport": shapes.DISPLAY.get(sport, sport), "games": shown}
        if not shown:
            return ok(body)
        cost = len(markets) * math.ceil(len(books) / 5)
        if not self._charge(cost):
            left = self._left()
            return wrong(429, detail=f"Not enough credits: this request costs {cost}, you have {left} remaining")
        put = {shapes.told(fixture, quote): shapes.price(quote) for fixture, quotes in games for quote in quotes}
        forget = tuple(
            Forget(games=frozenset(shapes.games(fixture)), book=book, markets=frozenset(markets))
            for fixture, _ in games
            for book in books
        )
        return ok(body, tell=Tell(put=put, forget=forget))

    def _quotes(self, fixture: Fixture, books: list[str], markets: list[str]) -> list[Quote]:
        return [
            quote
            for quote in self._stage.market.quotes(fixture=fixture.id)
            if quote.price is not None
            and shapes.BOOKS.get(quote.book) in books
            and shapes.market(fixture.sport, quote.offer.group) in markets
        ]

    def _futures(self, ask: Ask, sport: str) -> Reply:
        """AFL only (B1), and the demo prices none."""
        if sport != "AFL":
            return wrong(404, detail=f"No futures for {sport}")
        bad = _missing(ask.many("bookmaker"), ask.many("market_type"))
        return bad or ok({"sport": sport, "season": None, "bookmakers": []})

    # -- results ---------------------------------------------------------------------------------------------

    def _results(self, ask: Ask, sport: str) -> Reply:
        """One credit, if any game comes back; `include` is a comma list, unlike everything else (B1) [docs D4]."""
        if sport not in results.SPORTS:
            return wrong(404, detail=f"Unknown sport: {sport}")
        status = (ask.one("status") or "all").lower()
        if status not in results.FILTERS:
            return _invalid("status", f"Input should be one of: {', '.join(results.FILTERS)}", status)
        games = results.games(self._stage, sport, status, ask.listed("include"))
        for name, field in (("game_id", "game_id"), ("round", "round_number")):
            asked = ask.one(name)
            if asked is not None:
                games = [one for one in games if str(one["game"][field]) == asked]
        if games and not self._charge(1):
            return wrong(429, detail=f"Not enough credits: this request costs 1, you have {self._left()} remaining")
        return ok({"sport": sport, "games": games})


def _missing(books: list[str], markets: list[str]) -> Reply | None:
    """Both are required (B3) [docs D2]."""
    if not markets:
        return _invalid("market_type", "Field required", None)
    return None if books else _invalid("bookmaker", "Field required", None)


def _invalid(name: str, text: str, value: str | None) -> Reply:
    return wrong(422, detail=[{"loc": ["query", name], "msg": text, "type": "value_error", "input": value}])
