"""OpticOdds' v3 SSE server: book odds, Copilot odds, fixture status, results. Knows only this vendor's wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from oddstail.demo.contract import KEY, Ask, Frame, Price, Reply, Session, Shut, Stage, Tell, Told, Turnstile, sse
from oddstail.demo.events import Change, Fixture, Quote
from oddstail.demo.rest.optic import OpticPages
from oddstail.demo.wires import optic_fixtures as fixtures
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires import optic_odds as shapes
from oddstail.demo.wires import optic_offers as offers
from oddstail.demo.wires.optic_feed import Entry, Feed
from oddstail.demo.wires.optic_futures import EVERY, Board, Futures

# The paths changed on 2025-04-29; the old ones still work [docs D8]. Copilot's kept its sport in the middle.
_STREAM = re.compile(
    r"/api/v3/stream/(?:(?P<new>odds|results|futures)/(?P<sport>[^/]+)|(?!copilot/)(?P<at>[^/]+)/(?P<old>odds|results)"
    r"|copilot/(?P<copilot>[^/]+)/odds)"
)

_CONNECTS, _WINDOW = 250, 15.0  # [docs D7]
_RETRY = ("retry", "5000")
EXTRAS = ("include_limits", "include_source_ids", "include_deep_link")


class OpticOdds:
    """Four kinds of SSE routes and the pages (section 2). The key comes in the query or in X-Api-Key."""

    provider = "opticodds"
    deflates = False

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = Feed(stage)
        self._gate = Turnstile(stage.clock, _CONNECTS, _WINDOW)
        self.futures = Futures(stage.market)
        self._pages = OpticPages(stage, self.futures)

    def turn(self, changes: Sequence[Change]) -> None:
        self.feed.turn(changes)
        self._pages.turn(changes)

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
        stream = _STREAM.fullmatch(ask.path)
        if stream is None and not self._pages.has(ask.path):
            return Reply(status=404, body=b'{"error":"not found"}')
        # The vendor offers no WebSocket [docs D6].
        if ask.method != "GET" or ask.websocket:
            return Reply(status=405, body=b"Method not allowed", content_type="text/html")
        # Either place is enough [docs M].
        if KEY not in (ask.headers.get("x-api-key"), ask.one("key")):
            return self.refuse_key(ask)
        if stream is None:
            return self._pages.answer(ask)
        if not self._gate.passes():
            return Reply(status=429, body=b'{"error":"rate limit exceeded"}')
        if stream["copilot"] is not None:
            return _Stream(self, ask, stream["copilot"], "copilot")
        kind = stream["new"] or stream["old"]
        if kind in ("odds", "futures") and not ask.many("sportsbook"):
            # Plain text, unlike every other error [3p T1].
            body = b"At least 1 sportsbook must be provided."
            return Reply(status=400, body=body, content_type="text/plain")
        return _Stream(self, ask, stream["sport"] or stream["at"], kind)


class _Stream:
    """One SSE stream: deltas only, no snapshot on connect [docs D5]. Unknown values are ignored [3p T1]."""

    subprotocol: str | None = None

    def __init__(self, wire: OpticOdds, ask: Ask, sport: str, kind: str) -> None:
        self._wire, self._ask, self._sport, self._kind = wire, ask, sport, kind
        self._price = names.odds_format(ask.one("odds_format"))
        # Ids and display names are both taken, here as everywhere in v3 (section 5).
        self._books = [names.slug(value) for value in ask.many("sportsbook")]
        self._leagues = [names.slug(value) for value in ask.many("league")]
        self._markets = [names.slug(value) for value in ask.many("market")]
        self._fixtures = ask.many("fixture_id")
        self._version = names.version(ask.one("version_id"))
        # Whose prices a version streams; nobody's for one that there is not.
        self._operator = shapes.VERSIONS.get(self._version, ("", ""))[1]
        self._links = bool(ask.flag("include_deep_link"))
        self._bell = wire.stage.bell(5.0)
        self._extras = [name for name in EXTRAS if ask.flag(name)]
        self._fields = wire.futures.fields([sport], self._leagues) if kind == "futures" else []
        # Changes alone, as everywhere: what stands now is not told.
        self._seen: list[Board] = [field.board() for field in self._fields]
        self._drift = wire.stage.bell(EVERY)

    def greet(self) -> list[Frame]:
        hello = Frame(body=sse([("event", "connected"), _RETRY, ("data", "ok go")]), data=False)
        missed: list[Entry] = []
        if self._wire.stage.knobs.replay:
            missed = self._wire.feed.since(self._ask.one("last_entry_id"))
        return [hello, *self._frames(missed)]

    def hear(self, message: str) -> list[Frame]:
        return []

    def turn(self) -> list[Frame]:
        frames = self._frames(self._wire.feed.fresh) if self._kind != "futures" else self._futures()
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
        if self._kind == "results":
            return [self._result(entry)] if entry.what in ("result", "status") else []
        match entry.what:
            case "status":
                return [self._status(entry)] if self._ask.flag("include_fixture_updates") else []
            case "settled":
                return self._settlements(entry) if self._kind == "copilot" else []
            case "odds" | "locked":
                return self._odds(entry)
        return []

    def _futures(self) -> list[Frame]:
        """Groups of the selections that changed (spec). Ids are numbered as everywhere: milliseconds and a number."""
        if not self._fields or not self._drift.rings():
            return []
        ms = self._wire.feed.now_ms()
        frames: list[Frame] = []
        for field, seen in zip(self._fields, self._seen, strict=True):
            groups = field.groups(seen, self._books, self._price, self._extras)
            for kind, data in groups.items():
                entry = f"{ms}-{len(frames)}"
                frames.append(_data(kind, entry, {"entry_id": entry, "type": kind, "data": data}, Tell()))
        return frames

    def _odds(self, entry: Entry) -> list[Frame]:
        every = offers.offered(entry.fixture, entry.quotes, fees=not self._ask.flag("exclude_fees"))
        quotes = [quote for quote in every if self._shows(entry.fixture, quote)]
        if not quotes:
            return []
        put: dict[Told, Price | None] = {}
        for quote in quotes:
            spelt = "" if self._kind == "copilot" else names.BOOKS[quote.book]
            key = names.told(entry.fixture, entry.fixture.id, spelt, quote.offer)
            put[key] = None if quote.price is None else self._price(quote.price)
        odds = [self._odd(entry.fixture, quote) for quote in quotes]
        kind = ("copilot-" if self._kind == "copilot" else "") + ("locked-odds" if entry.what == "locked" else "odds")
        return [_data(kind, entry.id, {"entry_id": entry.id, "type": kind, "data": odds}, Tell(put=put))]

    def _odd(self, fixture: Fixture, quote: Quote) -> dict[str, Any]:
        if self._kind == "copilot":
            return shapes.copilot_odd(fixture, quote, self._price, self._version)
        return shapes.odd(fixture, quote, self._price, links=self._links)

    def _shows(self, fixture: Fixture, quote: Quote) -> bool:
        main = self._ask.flag("is_main")
        if self._kind == "copilot":
            booked = quote.book == self._operator
        else:
            booked = names.slug(names.BOOKS[quote.book]) in self._books
        market = names.slug(names.market(fixture.sport, quote.offer.group))
        return booked and (main is None or main == quote.main) and (not self._markets or market in self._markets)

    def _settlements(self, entry: Entry) -> list[Frame]:
        own = [one for one in entry.settled if one.book == self._operator]
        if not own:
            return []
        rows = [shapes.settled(entry.fixture, one, self._version) for one in own]
        put = {names.told(entry.fixture, entry.fixture.id, "", one.offer): None for one in own}
        kind = "copilot-settled-odds"
        return [_data(kind, entry.id, {"entry_id": entry.id, "type": kind, "data": rows}, Tell(put=put))]

    def _status(self, entry: Entry) -> Frame:
        assert entry.happened is not None
        data = fixtures.status(entry.happened, entry.ms / 1000)
        return _data("fixture-status", entry.id, {"data": data, "entry_id": entry.id}, Tell())

    def _result(self, entry: Entry) -> Frame:
        last = None if entry.played is None else entry.played.text
        data = fixtures.event(self._wire.stage.market, entry.fixture, last)
        tell = Tell(scores={entry.fixture.id: entry.fixture.score})
        return _data("fixture-results", entry.id, {"entry_id": entry.id, "data": data}, tell)


def _data(event: str, entry_id: str, body: dict[str, Any], tell: Tell) -> Frame:
    """Field order of v3: event, id, retry, data [seed]."""
    text = sse([("event", event), ("id", entry_id), _RETRY, ("data", orjson.dumps(body))])
    return Frame(body=text, tell=tell)
