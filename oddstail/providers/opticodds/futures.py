"""OpticOdds' futures: groups of selections that changed, as quotes. Facts: docs/wire/opticodds.md, 2.4. Pure.

No event of this stream was ever captured: its shape is the vendor's specification, and is read tolerantly.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from oddstail.lookup import inner
from oddstail.model import MANY, Event, Memory, Message, Notice, Quote, Request, Selection, Status
from oddstail.providers import competitions, fields
from oddstail.providers.optic_depth import detail_of, limit_of
from oddstail.providers.optic_identity import Identities
from oddstail.providers.optic_selection import named, side_of
from oddstail.providers.optic_words import MARKETS, NOTATIONS

#: The events of the stream, and what they say of the selections in them.
_EVENTS: Mapping[str, Status] = {"futures": "open", "locked-futures": "suspended"}


class Futures:
    """The decoder of one futures stream. Each row says all of itself; the stream remembers ids alone."""

    def __init__(self, request: Request, memory: Memory) -> None:
        self._identities = Identities(memory.keep("first ids", dict), lists_agree=True)
        self._priced = NOTATIONS[request.options.get("odds_format", "AMERICAN")]

    def decode(self, message: Message) -> list[Event]:
        """A quote of each selection in an event."""
        status, body = _EVENTS.get(message.name), message.body
        if status is None:
            return [fields.unknown(f"event {message.name!r:.60}", body)]
        groups = body.get("data")
        out: list[Event] = []
        for group in groups if isinstance(groups, list) else [groups]:
            odds = group.get("odds") if isinstance(group, dict) else None
            if not isinstance(odds, list):
                out.append(Notice(code="unreadable", text=f"a future that cannot be read: {fields.brief(group)}"))
                continue
            for row in odds:
                try:
                    self._odd(group, row, status, message.cursor, out)
                except fields.UNREADABLE:
                    out.append(Notice(code="unreadable", text=f"an odd that cannot be read: {fields.brief(row)}"))
        return out

    def _odd(
        self, group: dict[str, Any], row: dict[str, Any], status: Status, entry: str | None, out: list[Event]
    ) -> None:
        what = self._selection(group, row)
        value, points = row.get("price"), row.get("points")
        amount = fields.number(value)
        quoted = None
        with suppress(ValueError):
            quoted = None if amount is None else self._priced(amount)
        if quoted is None and value is not None:
            out.append(fields.odd_field("price", value))
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
        quote.detail = detail_of(limits, ladder, row.get("source_ids"), deep, limit=quote.limit, is_open=is_open)
        out.append(quote)

    def _selection(self, group: dict[str, Any], row: dict[str, Any]) -> Selection:
        future, market, name = (fields.text(value) for value in (group.get("id"), group.get("market"), row.get("name")))
        book = fields.text(inner(group.get("sportsbook"), "name")) or fields.text(inner(group.get("sportsbook")))
        name = name or fields.text(row.get("selection"))
        if future is None or market is None or name is None or book is None:
            raise ValueError("a name is missing")
        sport = fields.text(inner(group.get("sport")))
        league = fields.text(inner(group.get("league"), "name")) or fields.text(inner(group.get("league")))
        line = fields.number(row.get("points"))
        parted = named(name, line)
        selection = fields.text(row.get("selection")) or parted.subject or name
        side = side_of(row.get("selection_line"), parted)
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
