"""OpticOdds' futures: groups of selections that changed, as quotes. Facts: docs/wire/opticodds.md, 2.4. Pure.

No event of this stream was ever captured: its shape is the vendor's specification, and is read tolerantly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from oddstail.lookup import entries, inner
from oddstail.model import MANY, Event, Memory, Message, Notice, Quote, Replace, Request, Scope, Selection, Status
from oddstail.providers import competitions, fields, optic_envelope, optic_snapshot
from oddstail.providers.optic_depth import detail_of, limit_of, unknown
from oddstail.providers.optic_identity import Identities
from oddstail.providers.optic_prices import Prices
from oddstail.providers.optic_selection import named, side_of
from oddstail.providers.optic_words import MARKETS

#: The events of the stream, and what they say of the selections in them.
_EVENTS: Mapping[str, Status] = {"futures": "open", "locked-futures": "suspended"}
#: The fields of a group that a record has, or that only repeat what others say. Its tournament is in no field.
_GROUP = frozenset("id name sport league sportsbook market market_id future_type is_live start_date odds".split())


class Futures:
    """The decoder of one futures stream. Each row says all of itself; the stream remembers ids alone."""

    def __init__(self, request: Request, memory: Memory) -> None:
        self._identities = Identities(memory.keep("first ids", dict), lists_agree=True)
        self._prices = Prices(request, memory, "price")

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        """A quote of each selection in an event."""
        status, body = _EVENTS.get(message.name), message.body
        if message.name == optic_snapshot.ODDS:
            return self._snapshot(body)
        if message.name == optic_snapshot.END:
            return optic_snapshot.ended(body)
        if status is None:
            return [optic_envelope.other("opticodds", message.name, body)]
        groups = body.get("data")
        groups = groups if isinstance(groups, list) else [groups]
        parts = chain.from_iterable(self._group(group, status, message.cursor) for group in groups)
        rows = sum(
            len(group["odds"]) for group in groups if isinstance(group, dict) and isinstance(group.get("odds"), list)
        )
        return parts if rows > fields.ROWS else list(chain.from_iterable(parts))

    def _snapshot(self, body: dict[str, Any]) -> Iterator[list[Event]]:
        """Yield what a requested answer says, all odds of some futures."""
        for future in entries(body, "data"):
            told: list[Event] = []
            for part in self._group(future, "open", None):
                told += part
                yield []
            quotes = tuple(event for event in told if type(event) is Quote)
            for quote in quotes:
                quote.snap = True
            out = [event for event in told if type(event) is not Quote]
            name = fields.text(future.get("id")) if isinstance(future, dict) else None
            if name is not None and isinstance(future.get("odds"), list):
                out.append(Replace(scope=Scope(game_id=name), quotes=quotes, snap=True, late=True))
            yield out

    def _group(self, group: Any, status: Status, entry: str | None) -> Iterator[list[Event]]:
        """Yield what the rows of a group say, some at a time."""
        odds = group.get("odds") if isinstance(group, dict) else None
        if not isinstance(odds, list):
            yield [Notice(code="unreadable", text=f"a future that cannot be read: {fields.brief(group)}")]
            return
        yield self._prices.look(odds)
        for rows in fields.slices(odds):
            out: list[Event] = []
            for row in rows:
                try:
                    self._odd(group, row, status, entry, out)
                except fields.UNREADABLE:
                    out.append(Notice(code="unreadable", text=f"an odd that cannot be read: {fields.brief(row)}"))
            yield out

    def _odd(
        self, group: dict[str, Any], row: dict[str, Any], status: Status, entry: str | None, out: list[Event]
    ) -> None:
        what = self._selection(group, row)
        value, points = row.get("price"), row.get("points")
        quoted = None if value is None else self._prices.read(value, out)
        line = fields.number(points)
        if fields.unknown_line(points, line):
            out.append(fields.odd_field("points", points))
            quoted = None
        quote = Quote(
            what,
            status if quoted is not None else "suspended",
            quoted if status == "open" else None,
            line,
            fields.flag(row.get("is_main")),
            fields.flag(group.get("is_live")),
            fields.moment(row.get("timestamp")),
            entry,
            fields.link(inner(row.get("deep_link"), "desktop")),
            prev=None if quoted is None or status == "open" else quoted.american,
        )
        limits, ladder, deep = row.get("limits"), row.get("order_book"), row.get("deep_link")
        is_open = quote.price is not None
        if is_open:
            quote.limit = limit_of(limits, ladder, value)
        extra = {name: item for name, item in group.items() if name not in _GROUP}
        extra |= {name: row[name] for name in unknown(row)}
        quote.detail = detail_of(
            limits, ladder, row.get("source_ids"), deep, limit=quote.limit, is_open=is_open, extra=extra
        )
        out.append(quote)

    def _selection(self, group: dict[str, Any], row: dict[str, Any]) -> Selection:
        # On the stream a group is of one book; in a list of odds the row may say whose it is, as a game's odds do.
        future, name = fields.text(group.get("id")), fields.text(row.get("name"))
        market, book = _either(group, row, "market"), _either(row, group, "sportsbook")
        name = name or fields.text(row.get("selection"))
        if future is None or market is None or name is None or book is None:
            raise ValueError("a name is missing")
        sport = fields.text(inner(group.get("sport")))
        league = fields.text(inner(group.get("league"), "name")) or fields.text(inner(group.get("league")))
        line = fields.number(row.get("points"))
        parted = named(name, line)
        selection = fields.text(row.get("selection")) or parted.subject or name
        side = side_of(row.get("selection_line"), parted, selection)
        is_player = fields.text(row.get("player_id")) is not None or group.get("future_type") == "PLAYER"
        bet = MARKETS.classify(market, sport)
        return Selection(
            key=self._identities.key(row, (future, book, market, name), parted, side=side, line=line, kind="future"),
            sport=sport,
            league=league,
            competition=competitions.of("opticodds", league),
            game_id=future,
            start=fields.start(group.get("start_date")),
            book=book,
            kind="future",
            # A side with an opposite has two outcomes; one of a field has many.
            ways=2 if side in ("over", "under", "yes", "no") else MANY,
            subject="tournament",
            stat=bet.stat,
            market=market,
            selection=selection,
            side=side,
            player=selection if is_player else None,
            group=fields.text(row.get("grouping_key")),
        )


def _either(first: Mapping[str, Any], then: Mapping[str, Any], field: str) -> str | None:
    """The name in a field of one object, or of another. It may be an object with an id and a name."""
    for value in (first.get(field), then.get(field)):
        found = fields.text(inner(value, "name")) or fields.text(inner(value))
        if found is not None:
            return found
    return None
