"""OpticOdds' v3 SSE server: book odds, Copilot odds, fixture status. Knows only this vendor's wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from oddstail.demo.contract import (
    KEY,
    Ask,
    Frame,
    Price,
    Reply,
    Session,
    Shut,
    Stage,
    Tell,
    Told,
    Turnstile,
    sse,
)
from oddstail.demo.events import Change, Fixture, Quote, Settled
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_feed import Entry, Feed

# The path changed on 2025-04-29; the old one still works [docs D8]. Copilot's kept its sport in the middle.
_BOOKS = re.compile(r"/api/v3/stream/(?:odds/(?P<new>[^/]+)|(?!copilot/)(?P<old>[^/]+)/odds)")
_COPILOT = re.compile(r"/api/v3/stream/copilot/(?P<sport>[^/]+)/odds")

# The demo's operator, whose own prices Copilot streams.
_OPERATOR, _ORG = "draftkings", 7
_CONNECTS, _WINDOW = 250, 15.0  # [docs D7]
_RETRY = ("retry", "5000")


class OpticOdds:
    """Two kinds of SSE routes, book odds and Copilot (section 2). The key comes in the query or in X-Api-Key."""

    provider = "opticodds"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = Feed(stage)
        self._gate = Turnstile(stage.clock, _CONNECTS, _WINDOW)

    def turn(self, changes: Sequence[Change]) -> None:
        self.feed.turn(changes)

    def left(self, session: Session) -> None:
        pass

    def calm(self) -> bool:
        return not self.feed.fresh

    def refuse_key(self, ask: Ask) -> Reply:
        """Both texts as observed [3p T1]."""
        missing = not (ask.headers.get("x-api-key") or ask.one("key"))
        text = "API key is required" if missing else "Invalid or inactive API key"
        return Reply(status=401, body=orjson.dumps({"error": text}))

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        books, copilot = _BOOKS.fullmatch(ask.path), _COPILOT.fullmatch(ask.path)
        if books is None and copilot is None:
            return Reply(status=404, body=b'{"error":"not found"}')
        # The vendor offers no WebSocket [docs D6].
        if ask.method != "GET" or ask.websocket:
            return Reply(status=405, body=b"Method not allowed", content_type="text/html")
        # Either place is enough [docs M].
        if KEY not in (ask.headers.get("x-api-key"), ask.one("key")):
            return self.refuse_key(ask)
        if not self._gate.passes():
            return Reply(status=429, body=b'{"error":"rate limit exceeded"}')
        if copilot is not None:
            return _Stream(self, ask, copilot["sport"], copilot=True)
        assert books is not None
        if not ask.many("sportsbook"):
            # Plain text, unlike every other error [3p T1].
            body = b"At least 1 sportsbook must be provided."
            return Reply(status=400, body=body, content_type="text/plain")
        return _Stream(self, ask, books["new"] or books["old"], copilot=False)


class _Stream:
    """One SSE stream: deltas only, no snapshot on connect [docs D5]. Unknown values are ignored [3p T1]."""

    subprotocol: str | None = None

    def __init__(self, wire: OpticOdds, ask: Ask, sport: str, *, copilot: bool) -> None:
        self._wire, self._ask, self._sport, self._copilot = wire, ask, sport, copilot
        self._price = names.odds_format(ask.one("odds_format"))
        # Ids and display names are both taken, here as everywhere in v3 (section 5).
        self._books = [names.slug(value) for value in ask.many("sportsbook")]
        self._leagues = [names.slug(value) for value in ask.many("league")]
        self._markets = [names.slug(value) for value in ask.many("market")]
        self._fixtures = ask.many("fixture_id")
        version = ask.one("version_id") or ""
        self._version = int(version) if version.isdecimal() else -1
        self._bell = wire.stage.bell(5.0)

    def greet(self) -> list[Frame]:
        hello = Frame(body=sse([("event", "connected"), _RETRY, ("data", "ok go")]), data=False)
        missed: list[Entry] = []
        if self._wire.stage.knobs.replay:
            missed = self._wire.feed.since(self._ask.one("last_entry_id"))
        return [hello, *self._frames(missed)]

    def hear(self, message: str) -> list[Frame]:
        return []

    def turn(self) -> list[Frame]:
        frames = self._frames(self._wire.feed.fresh)
        if self._bell.rings():
            now = f"{self._wire.stage.market.now:%Y-%m-%dT%H:%M:%SZ}"
            frames.append(Frame(body=sse([("event", "ping"), _RETRY, ("data", now)]), data=False))
        return frames

    def _frames(self, entries: Sequence[Entry]) -> list[Frame]:
        return [frame for entry in entries if self._wants(entry) for frame in self._frame(entry)]

    def _wants(self, entry: Entry) -> bool:
        fixture, live = entry.fixture, self._ask.flag("is_live")
        return (
            fixture.sport == self._sport
            and (not self._leagues or names.slug(names.LEAGUES[fixture.sport]) in self._leagues)
            and (not self._fixtures or fixture.id in self._fixtures)
            and (live is None or live == fixture.live)
        )

    def _frame(self, entry: Entry) -> list[Frame]:
        match entry.what:
            case "status":
                return [self._status(entry)] if self._ask.flag("include_fixture_updates") else []
            case "settled":
                return self._settlements(entry) if self._copilot else []
        locked = entry.what == "locked"
        quotes = [quote for quote in entry.quotes if self._shows(entry.fixture, quote)]
        if not quotes:
            return []
        build = self._copilot_odd if self._copilot else self._odd
        odds = [build(entry.fixture, quote) for quote in quotes]
        book = "" if self._copilot else None
        put: dict[Told, Price | None] = {}
        for quote in quotes:
            spelt = names.BOOKS[quote.book] if book is None else book
            key = names.told(entry.fixture, entry.fixture.id, spelt, quote.offer)
            put[key] = None if quote.price is None else self._price(quote.price)
        kind = ("copilot-" if self._copilot else "") + ("locked-odds" if locked else "odds")
        return [_data(kind, entry.id, {"entry_id": entry.id, "type": kind, "data": odds}, Tell(put=put))]

    def _shows(self, fixture: Fixture, quote: Quote) -> bool:
        main = self._ask.flag("is_main")
        booked = quote.book == _OPERATOR if self._copilot else names.slug(names.BOOKS[quote.book]) in self._books
        market = names.slug(names.market(fixture.sport, quote.offer.group))
        return booked and (main is None or main == quote.main) and (not self._markets or market in self._markets)

    # -- the shapes ------------------------------------------------------------------------------------------

    def _odd(self, fixture: Fixture, quote: Quote) -> dict[str, Any]:
        """The 27 keys seen live [3p T1]; what is empty is null there, not ""."""
        offer, book = quote.offer, names.BOOKS[quote.book]
        market, chosen = names.market(fixture.sport, offer.group), names.selection(fixture, offer)
        book_id, market_id = names.slug(book), names.slug(market)
        prop = offer.group.kind == "prop"
        return {
            "id": f"{fixture.number}:{book_id}:{market_id}:{names.name_slug(fixture, offer)}",
            "fixture_id": fixture.id,
            "game_id": fixture.number,
            "sport": fixture.sport,
            "league": names.LEAGUES[fixture.sport],
            "league_id": names.slug(names.LEAGUES[fixture.sport]),
            "sportsbook": book,
            "sportsbook_id": book_id,
            "market": market,
            "market_id": market_id,
            "name": names.name(fixture, offer),
            "selection": chosen,
            "normalized_selection": names.slug(chosen),
            "selection_line": offer.side if offer.side in ("over", "under") else None,
            "points": offer.line,
            "selection_points": offer.line,
            "price": self._price(quote.last),
            "is_main": quote.main,
            "is_live": fixture.live,
            "grouping_key": names.grouping_key(fixture, offer),
            "player_id": names.opaque(chosen) if prop else None,
            "team_id": names.opaque(chosen) if chosen and not prop and offer.side != "draw" else None,
            "timestamp": quote.at.timestamp(),
            "limits": _LIMITS.get(quote.book),
            "order_book": None,
            "source_ids": None,
            "deep_link": self._deep_link(fixture, quote),
        }

    def _deep_link(self, fixture: Fixture, quote: Quote) -> dict[str, str] | None:
        if not self._ask.flag("include_deep_link"):
            return None
        page = f"https://{quote.book}.example/event/{fixture.number}"
        return {"android": page, "ios": page, "desktop": page}

    def _copilot_ids(self, fixture: Fixture, quote: Quote | Settled) -> dict[str, Any]:
        offer = quote.offer
        market, chosen = names.market(fixture.sport, offer.group), names.selection(fixture, offer)
        odd_id = f"{fixture.id}:{names.slug(market)}:{names.name_slug(fixture, offer)}"
        prop = offer.group.kind == "prop"
        version = self._version
        return {
            "fixture_id": fixture.id,
            "game_id": fixture.number,
            "id": f"{_ORG}:{version}:{odd_id}",
            "league": names.LEAGUES[fixture.sport],
            "market": market,
            "name": names.name(fixture, offer),
            "odd_id": odd_id,
            "player_id": names.opaque(chosen) if prop else "",
            "sport": fixture.sport,
            "team_id": names.opaque(chosen) if chosen and not prop and offer.side != "draw" else "",
            "version_id": version,
        }

    def _copilot_odd(self, fixture: Fixture, quote: Quote) -> dict[str, Any]:
        """No `sportsbook`; what is empty is "" [seed]."""
        offer = quote.offer
        return {
            **self._copilot_ids(fixture, quote),
            "grouping_key": names.grouping_key(fixture, offer),
            "is_live": fixture.live,
            "is_main": quote.main,
            "points": offer.line,
            "price": self._price(quote.last),
            "selection": names.selection(fixture, offer),
            "selection_line": offer.side if offer.side in ("over", "under") else "",
            "timestamp": int(quote.at.timestamp()),
        }

    def _settlements(self, entry: Entry) -> list[Frame]:
        own = [one for one in entry.settled if one.book == _OPERATOR]
        if not own:
            return []
        rows = [
            {
                **self._copilot_ids(entry.fixture, one),
                "timestamp": int(one.at.timestamp()),
                "settlement": one.settlement,
                "settled_at": f"{one.at:%Y-%m-%dT%H:%M:%S}+00:00",
            }
            for one in own
        ]
        put = {names.told(entry.fixture, entry.fixture.id, "", one.offer): None for one in own}
        kind = "copilot-settled-odds"
        return [_data(kind, entry.id, {"entry_id": entry.id, "type": kind, "data": rows}, Tell(put=put))]

    def _status(self, entry: Entry) -> Frame:
        """`data` is an object, there is no `type`, and the pair that did not change is null [seed]."""
        assert entry.happened is not None
        assert entry.happened.before is not None
        after, before = entry.fixture, entry.happened.before
        moved = entry.happened.what == "start"
        data = {
            "fixture": {
                "away_team_display": after.away,
                "game_id": after.number,
                "home_team_display": after.home,
                "id": after.id,
                "start_date": after.start.isoformat(),
            },
            "fixture_id": after.id,
            "game_id": after.number,
            "league": names.LEAGUES[after.sport],
            "new_start_date": after.start.isoformat() if moved else None,
            "new_status": None if moved else after.status,
            "old_start_date": before.start.isoformat() if moved else None,
            "old_status": None if moved else before.status,
            "sport": after.sport,
            "timestamp": entry.ms / 1000,
        }
        return _data("fixture-status", entry.id, {"data": data, "entry_id": entry.id}, Tell())


# Both spellings are seen: `max` live, `max_stake` in the docs' sample [docs M, 3p T1].
_LIMITS: dict[str, dict[str, int]] = {"pinnacle": {"max": 5000}, "bet365": {"max_stake": 1000}}


def _data(event: str, entry_id: str, body: dict[str, Any], tell: Tell) -> Frame:
    """Field order of v3: event, id, retry, data [seed]."""
    text = sse([("event", event), ("id", entry_id), _RETRY, ("data", orjson.dumps(body))])
    return Frame(body=text, tell=tell)
