"""ParlayAPI's REST pages: sports, events, odds, books, markets, health, usage (docs/wire/parlayapi.md, 7.3 and 8)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from oddstail.demo import odds
from oddstail.demo.contract import Ask, Reply, Stage, Turnstile
from oddstail.demo.events import Fixture, Quote, who
from oddstail.demo.rest.answers import ok, wrong
from oddstail.demo.rest.parlay_lists import prop_markets, props, scores
from oddstail.demo.sports import SPORTS as LEAGUES
from oddstail.demo.wires import optic_names
from oddstail.demo.wires import parlay_rows as shapes
from oddstail.demo.wires.parlay_plays import Sources, live_state

# `/v4` is the same as `/v1` where both exist: the vendor's SDK asks there.
_SPORT = re.compile(
    r"/v[14]/sports/(?P<key>[^/]+)/(?P<what>events|odds|scores|props|props/markets|live/points|live/source-health)"
)
_TRY = re.compile(r"/v1/try/(?P<key>[^/]+)/odds")
_FRESHNESS = re.compile(r"/v1/bookmakers/(?P<book>[^/]+)/freshness")
_KEYLESS = ("/v1/sports", "/v4/sports", "/v1/meta/provider-state", "/v1/meta/source-quality", "/v1/meta/api-info")
# In the list with `?all=true`, and nothing on.
_INACTIVE = {"basketball_wnba": "WNBA", "baseball_kbo": "KBO", "soccer_fifa_world_cup": "FIFA World Cup"}
_MARKETS = {"moneyline": "h2h", "spread": "spreads", "total": "totals"}
_REQUEST_ID = "b0c8ba1a4429a11f"


class ParlayPages:
    """The pages by path. `charge` takes credits; `left` and `used` tell them."""

    def __init__(self, stage: Stage, sources: Sources, charge: Callable[[int], bool], left: Callable[[], int]) -> None:
        self._stage, self._market, self._sources = stage, stage.market, sources
        self._charge, self._left = charge, left
        self._started = int(self._market.now.timestamp())
        self._bettable: dict[str, Any] = {"region": None, "books": []}
        self._tries = Turnstile(stage.clock, 60, 3600.0)
        self._pages: dict[str, Callable[[Ask], Reply]] = {
            "/v1/sports": self._sports,
            "/v4/sports": self._sports,
            "/v1/bookmakers": lambda ask: ok([_book(book) for book in shapes.BOOKS]),
            "/v1/markets": lambda ask: ok([{"key": key, "title": key.replace("_", " ").title()} for key in _markets()]),
            "/v1/usage": lambda ask: ok(self._usage()),
            "/v1/meta/provider-state": lambda ask: ok(self._provider_state()),
            "/v1/meta/source-quality": lambda ask: ok(
                {"ts": self._seconds(), "sources": self._provider_state()["src"]}
            ),
            "/v1/meta/api-info": lambda ask: ok(self._info()),
            "/v1/verdict/prefs": self._preferences,
            "/v1/meta/api-key-check": lambda ask: ok({"valid": True, "tier": stage.knobs.tier}),
        }

    def has(self, path: str) -> bool:
        """Whether there is such a page."""
        return path in self._pages or any(one.fullmatch(path) for one in (_SPORT, _TRY, _FRESHNESS))

    def keyless(self, path: str) -> bool:
        """Whether nobody is asked for a key there [docs O]."""
        return path in _KEYLESS or _TRY.fullmatch(path) is not None

    def answer(self, ask: Ask) -> Reply:
        """The page, with the headers that every answer has (7.3) [docs E, O]."""
        before = self._left()
        reply = self._answer(ask)
        headers = (
            ("x-request-id", _REQUEST_ID),
            ("x-api-version", "3.2.0"),
            ("x-credits-remaining", str(self._left())),
            ("x-requests-used", str(self._stage.knobs.credits - self._left())),
            ("x-requests-remaining", str(self._left())),
            ("x-requests-last", str(before - self._left())),
            ("x-provider-state", orjson.dumps(self._provider_state()).decode()[:2048]),
        )
        return Reply(status=reply.status, body=reply.body, headers=(*reply.headers, *headers))

    def _answer(self, ask: Ask) -> Reply:
        if (page := self._pages.get(ask.path)) is not None:
            return page(ask)
        if (found := _TRY.fullmatch(ask.path)) is not None:
            return self._try(found["key"])
        if (found := _FRESHNESS.fullmatch(ask.path)) is not None:
            return self._freshness(found["book"])
        sport = _SPORT.fullmatch(ask.path)
        assert sport is not None
        if sport["key"] not in shapes.SPORTS:
            return _refused("NOT_FOUND", f"Unknown sport_key: {sport['key']}", 404)
        if not self._charge(1):
            return wrong(403, error="credit_limit_exceeded", message="Credits are used up", request_id=_REQUEST_ID)
        match sport["what"]:
            case "events":
                return ok([self._event(one) for one in self._market.fixtures(shapes.SPORTS[sport["key"]])])
            case "odds":
                return self._odds(ask, sport["key"])
            case "scores":
                return ok([scores(self._event(one), one) for one in self._market.fixtures(shapes.SPORTS[sport["key"]])])
            case "props":
                return ok(props(self._market, shapes.SPORTS[sport["key"]], ask))
            case "props/markets":
                return ok(prop_markets(self._market, shapes.SPORTS[sport["key"]]))
            case "live/points":
                return ok(self._points(sport["key"]))
        rows = self._sources.health(sport["key"])
        return ok({"count": len(rows), "results": rows})

    def _seconds(self) -> int:
        return int(self._market.now.timestamp())

    # -- catalogues ------------------------------------------------------------------------------------------

    def _sports(self, ask: Ask) -> Reply:
        """A bare array of six fields each, with an ETag (8.1) [docs F, O]."""
        titles = {sport.id: sport.league for sport in LEAGUES}
        rows = [_sport(key, titles[sport], active=True) for key, sport in shapes.SPORTS.items()]
        if ask.flag("all"):
            rows += [_sport(key, title, active=False) for key, title in _INACTIVE.items()]
        body = orjson.dumps(rows)
        etag = f'W/"{hashlib.blake2s(body, digest_size=8).hexdigest()}"'
        headers = (("etag", etag), ("cache-control", "public, max-age=3600"))
        if ask.headers.get("if-none-match") == etag:
            return Reply(status=304, headers=headers)
        return Reply(status=200, body=body, headers=headers)

    def _freshness(self, book: str) -> Reply:
        if book not in shapes.BOOKS:
            return _refused("NOT_FOUND", f"Unknown bookmaker: {book}", 404)
        return ok({"key": book, **self._provider_state()["src"][book]})

    def _usage(self) -> dict[str, Any]:
        limit = self._stage.knobs.credits
        return {
            "tier": self._stage.knobs.tier,
            "credits_used": limit - self._left(),
            "credits_total": limit,
            "credits_remaining": self._left(),
        }

    def _preferences(self, ask: Ask) -> Reply:
        """The books that the account may bet at: saved by POST, sent by GET, free [sdk]. Their shape is a guess."""
        if ask.method == "POST":
            self._bettable = {"region": ask.one("region"), "books": ask.listed("books")}
        return ok(self._bettable)

    def _info(self) -> dict[str, Any]:
        """`worker_started_at` reveals a restart [docs BP]."""
        return {"version": "3.2.0", "worker_started_at": self._started, "sources": len(shapes.BOOKS)}

    def _provider_state(self) -> dict[str, Any]:
        latest: dict[str, float] = {}
        for quote in self._market.quotes():
            latest[quote.book] = max(latest.get(quote.book, 0.0), quote.at.timestamp())
        now = self._market.now.timestamp()
        return {"ts": int(now), "src": {book: _state(now, latest.get(book)) for book in shapes.BOOKS}}

    # -- games and odds --------------------------------------------------------------------------------------

    def _event(self, fixture: Fixture) -> dict[str, Any]:
        """REST ids are 32 hex digits and a canonical one of 16: neither is the stream's (8.6) [docs F]."""
        key = shapes.KEYS[fixture.sport]
        return {
            "id": hashlib.blake2s(fixture.id.encode(), digest_size=16).hexdigest(),
            "sport_key": key,
            "sport_title": fixture.league,
            "commence_time": f"{fixture.start:%Y-%m-%dT%H:%M:%SZ}",
            "home_team": fixture.home,
            "away_team": fixture.away,
            "canonical_event_id": hashlib.blake2s(fixture.id.encode(), digest_size=8).hexdigest(),
        }

    def _odds(self, ask: Ask, key: str) -> Reply:
        """One unknown book fails the whole call [3rd-2]."""
        books = ask.listed("bookmakers")
        unknown = next((book for book in books if book not in shapes.BOOKS), None)
        if unknown is not None:
            return _refused("UNKNOWN_BOOKMAKER", f"Unknown bookmaker: {unknown}", 400)
        markets, decimal = ask.listed("markets") or ["h2h"], ask.one("oddsFormat") == "decimal"
        found = [
            {**self._event(one), "bookmakers": self._books(one, books or shapes.BOOKS, markets, decimal=decimal)}
            for one in self._market.fixtures(shapes.SPORTS[key])
        ]
        asked = ask.listed("eventIds")
        return ok([event for event in found if not asked or event["id"] in asked])

    def _books(
        self, fixture: Fixture, books: Iterable[str], markets: list[str], *, decimal: bool
    ) -> list[dict[str, Any]]:
        found = []
        for book in books:
            quotes: dict[str, list[Quote]] = {}
            for quote in self._market.quotes(fixture=fixture.id, book=book):
                market = _MARKETS.get(quote.offer.group.kind) if quote.offer.group.period == "game" else None
                if market in markets and quote.price is not None and quote.main:
                    quotes.setdefault(market, []).append(quote)
            if quotes:
                found.append(self._bookmaker(fixture, book, quotes, decimal=decimal))
        return found

    def _bookmaker(
        self, fixture: Fixture, book: str, quotes: dict[str, list[Quote]], *, decimal: bool
    ) -> dict[str, Any]:
        at = max(quote.at for held in quotes.values() for quote in held)
        return {
            **_book(book),
            "last_update": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "markets": [
                {
                    "key": market,
                    "last_update": f"{max(quote.at for quote in held):%Y-%m-%dT%H:%M:%SZ}",
                    "outcomes": [_outcome(fixture, quote, decimal=decimal) for quote in held],
                }
                for market, held in quotes.items()
            ],
            "last_update_ms": int(at.timestamp() * 1000),
            "stale_seconds": round((self._market.now - at).total_seconds(), 2),
        }

    def _points(self, key: str) -> dict[str, Any]:
        live = [one for one in self._market.fixtures(shapes.SPORTS[key]) if one.live]
        rows = [live_state(one, None, self._seconds() * 1000) for one in live]
        return {"count": len(rows), "results": rows}

    def _try(self, key: str) -> Reply:
        """Keyless: sixty an hour, the first five events (8.3) [docs F]."""
        if key not in shapes.SPORTS:
            text = f"'{key}' is not a demo sport."
            return wrong(400, error="demo_sport_not_supported", message=text, available_demo_sports=list(shapes.SPORTS))
        if not self._tries.passes():
            return wrong(429, error="rate_limit", message="60 requests an hour", retry_after_seconds=3600)
        fixtures = self._market.fixtures(shapes.SPORTS[key])[:5]
        events = [
            {**self._event(one), "bookmakers": self._books(one, shapes.BOOKS, ["h2h"], decimal=False)}
            for one in fixtures
        ]
        return ok({"demo": True, "sport_key": key, "events_returned": len(events), "events": events})


def _sport(key: str, title: str, *, active: bool) -> dict[str, Any]:
    group = key.split("_")[0].title()
    return {"key": key, "group": group, "title": title, "description": title, "active": active, "has_outrights": False}


def _book(book: str) -> dict[str, Any]:
    return {"key": book, "title": optic_names.BOOKS.get(book, book.title())}


def _markets() -> list[str]:
    return [*_MARKETS.values(), *(key for key, _ in shapes.PROPS.values())]


def _state(now: float, latest: float | None) -> dict[str, Any]:
    """Roles by age against the expected window [docs O]."""
    if latest is None:
        return {"age_s": None, "role": "offline"}
    age = round(max(now - latest, 0.0), 1)
    return {"age_s": age, "role": "primary" if age <= 60 else "degraded" if age <= 180 else "offline"}


def _outcome(fixture: Fixture, quote: Quote, *, decimal: bool) -> dict[str, Any]:
    assert quote.price is not None
    price = odds.decimal(quote.price) if decimal else quote.price
    found: dict[str, Any] = {"name": who(fixture, quote.offer), "price": price}
    return found if quote.offer.line is None else {**found, "point": quote.offer.line}


def _refused(code: str, message: str, status: int) -> Reply:
    return wrong(status, detail={"error": code, "message": message, "request_id": _REQUEST_ID, "status": status})
