"""OddsJam's v2 push stream. Knows only this wire; shares names and entries with OpticOdds, its heir."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from oddstail.demo.contract import KEY, Ask, Frame, Price, Reply, Session, Shut, Stage, Tell, Told, sse
from oddstail.demo.events import Change, Fixture, Quote
from oddstail.demo.rest.jam import JamPages
from oddstail.demo.wires import optic_fixtures as fixtures
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires.optic_feed import Entry, Feed

_PATH = "/api/v2/stream/odds"
_MAX_BOOKS = 25  # [docs D1, D2]


class OddsJam:
    """One SSE route, `/api/v2/stream/odds`, and the pages (section 1). The key comes in the query or in X-Api-Key."""

    provider = "oddsjam"
    deflates = False

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = Feed(stage)
        self._pages = JamPages(stage)

    def turn(self, changes: Sequence[Change]) -> None:
        self.feed.turn(changes)

    def left(self, session: Session) -> None:
        pass

    def calm(self) -> bool:
        return not self.feed.fresh

    def refuse_key(self, ask: Ask) -> Reply:
        # v2's own text is not known; its heir's is.
        missing = not (ask.headers.get("x-api-key") or ask.one("key"))
        text = "API key is required" if missing else "Invalid or inactive API key"
        return Reply(status=401, body=orjson.dumps({"error": text}))

    def accept(self, ask: Ask) -> Session | Reply | Shut:
        """Statuses and texts of v2's refusals are not published (1.5): 400 and one plain sentence."""
        if ask.websocket or not (ask.path == _PATH or self._pages.has(ask.path)):
            return Reply(status=404, body=b'{"error":"not found"}')
        if KEY not in (ask.one("key"), ask.headers.get("x-api-key")):
            return self.refuse_key(ask)
        if ask.path != _PATH:
            return self._pages.answer(ask)
        if not ask.many("sportsbooks"):
            return _bad("At least 1 sportsbook must be provided.")
        if len(ask.many("sportsbooks")) > _MAX_BOOKS:
            return _bad(f"maximum {_MAX_BOOKS} sportsbooks allowed")
        if not (ask.many("league") or ask.many("game_id")):
            return _bad("At least 1 league or game_id must be provided.")
        ended = next((game for game in ask.many("game_id") if self._over(game)), None)
        if ended is not None:
            # One ended game refuses the whole reconnect, and names it [seed].
            return _bad(f"game_id {ended} is no longer active")
        return _Stream(self, ask)

    def _over(self, game: str) -> bool:
        market = self.stage.market
        return any(one.number == game and one.over for one in (*market.fixtures(), *market.ended()))


def _bad(text: str) -> Reply:
    return Reply(status=400, body=orjson.dumps({"error": text}))


class _Stream:
    """One SSE stream. v2 takes display names, exactly as they are written [seed]."""

    subprotocol: str | None = None

    def __init__(self, wire: OddsJam, ask: Ask) -> None:
        self._wire, self._ask = wire, ask
        self._price = names.odds_format(ask.one("odds_format"))
        self._bell = wire.stage.bell(5.0)

    def greet(self) -> list[Frame]:
        hello = Frame(body=sse([("event", "connected"), ("data", "OK")]), data=False)
        return [hello, *self._frames(self._wire.feed.since(self._ask.one("last_entry_id")))]

    def hear(self, message: str) -> list[Frame]:
        return []

    def turn(self) -> list[Frame]:
        frames = self._frames(self._wire.feed.fresh)
        if self._bell.rings():
            # No zone and no retry, unlike v3 [seed].
            now = f"{self._wire.stage.market.now:%Y-%m-%d %H:%M:%S.%f}"
            frames.append(Frame(body=sse([("event", "ping"), ("data", now)]), data=False))
        return frames

    def _frames(self, entries: Sequence[Entry]) -> list[Frame]:
        wanted = [entry for entry in entries if self._wants(entry.fixture)]
        return [frame for entry in wanted for frame in self._said(entry)]

    def _said(self, entry: Entry) -> list[Frame]:
        if entry.what in ("odds", "locked"):
            return self._frame(entry)
        updates = entry.what == "status" and self._ask.flag("include_game_updates")
        return [self._update(entry)] if updates else []

    def _update(self, entry: Entry) -> Frame:
        """The names of both events are documented, their payloads are not: made in the image of their heir (1.3)."""
        assert entry.happened is not None
        status = fixtures.status(entry.happened, entry.ms / 1000)
        moved = entry.happened.what == "start"
        data = {key: status[key] for key in ("game_id", "sport", "league", "timestamp")}
        data |= {
            key: status[key]
            for key in (("old_start_date", "new_start_date") if moved else ("old_status", "new_status"))
        }
        fields: list[tuple[str, str | bytes]] = [
            ("id", entry.fixture.number),
            ("event", f"game-{'time' if moved else 'status'}-notifications"),
            ("data", orjson.dumps({"entry_id": entry.id, "data": data})),
            ("retry", "5000"),
        ]
        return Frame(body=sse(fields))

    def _wants(self, fixture: Fixture) -> bool:
        leagues, games = self._ask.many("league"), self._ask.many("game_id")
        return names.LEAGUES[fixture.sport] in leagues or fixture.number in games

    def _frame(self, entry: Entry) -> list[Frame]:
        quotes = [quote for quote in entry.quotes if self._shows(entry.fixture, quote)]
        if not quotes:
            return []
        put: dict[Told, Price | None] = {}
        for quote in quotes:
            key = names.told(entry.fixture, entry.fixture.number, names.BOOKS[quote.book], quote.offer)
            put[key] = None if quote.price is None else self._price(quote.price)
        body = {"entry_id": entry.id, "data": [self._odd(entry.fixture, quote) for quote in quotes]}
        event = "locked-odds" if entry.what == "locked" else "odds"
        # v2's order; its id is the game's, not the entry's [seed].
        fields: list[tuple[str, str | bytes]] = [
            ("id", entry.fixture.number),
            ("event", event),
            ("data", orjson.dumps(body)),
            ("retry", "5000"),
        ]
        return [Frame(body=sse(fields), tell=Tell(put=put))]

    def _shows(self, fixture: Fixture, quote: Quote) -> bool:
        main, markets = self._ask.flag("is_main"), self._ask.many("market")
        return (
            names.BOOKS[quote.book] in self._ask.many("sportsbooks")
            and (main is None or main == quote.main)
            and (not markets or names.market(fixture.sport, quote.offer.group) in markets)
        )

    def _odd(self, fixture: Fixture, quote: Quote) -> dict[str, Any]:
        odd: dict[str, Any] = {
            "id": self._id(fixture, quote),
            "game_id": fixture.number,
            "bet_name": names.name(fixture, quote.offer),
            "bet_price": float(self._price(quote.last)),
            "bet_points": quote.offer.line,
            "bet_type": names.market(fixture.sport, quote.offer.group),
            "sportsbook": names.BOOKS[quote.book],
            "is_main": quote.main,
            "is_live": fixture.live,
            "sport": fixture.sport,
            "league": names.LEAGUES[fixture.sport],
            "timestamp": quote.at.timestamp(),
        }
        if self._ask.flag("include_grouping_keys"):
            odd["grouping_key"] = names.grouping_key(fixture, quote.offer)
        return odd

    def _id(self, fixture: Fixture, quote: Quote) -> str | None:
        """Null in the seed's samples, filled in later traffic [3p T2]: here it depends on the book."""
        if quote.book in ("pinnacle", "caesars", "bovada"):
            return None
        market = names.slug(names.market(fixture.sport, quote.offer.group))
        book = names.slug(names.BOOKS[quote.book])
        return f"{fixture.number}:{book}:{market}:{names.name_slug(fixture, quote.offer)}"
