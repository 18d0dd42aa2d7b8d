"""Which moneylines of ParlayAPI have a draw, and so three ways. Facts: docs/wire/parlayapi.md, 5.5. Pure.

Books differ: one prices the winner of a hockey game with overtime, another after sixty minutes with a draw. These are
two bets, and only the price of a draw says which it is. What was seen once holds while that price is suspended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oddstail.providers import fields
from oddstail.providers.parlayapi.parts import market_key
from oddstail.providers.parlayapi.spelling import Row, plain

#: Markets remembered. Beyond it all are forgotten, until their next price of a draw.
_MOST = 200_000
_NOTHING = (None, 0, "")
_THREE_WAY = ("h2h_3_way", "moneyline_3_way")


class Draws:
    """The moneylines with a draw, by game, book and part of the game."""

    def __init__(self) -> None:
        self._seen: set[tuple[str | None, str | None, str]] = set()

    def note(self, rows: Any) -> None:
        """Learn from the rows of a message, before any of them is read: the draw's row may come last."""
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and _has_draw(row):
                if len(self._seen) > _MOST:
                    self._seen.clear()
                event, book = fields.text(row.get("event_id")), fields.text(row.get("bookmaker"))
                self._seen.add((event, book, market_key(row)[1] or ""))

    def has(self, row: Mapping[str, Any], event: str, book: str) -> bool:
        """Whether the moneyline of the part of a game that a row is about has a draw."""
        return bool(self._seen) and (event, book, market_key(row)[1] or "") in self._seen


def _has_draw(sent: Row) -> bool:
    try:
        row = plain(sent)
    except fields.UNREADABLE:
        return False
    market, _ = market_key(row)
    if row.get("draw_ml") not in _NOTHING:
        # It is a moneyline's price wherever it stands, but a market of three ways is another one than `h2h`.
        return market not in _THREE_WAY
    return market in (None, "h2h") and (row.get("outcome") == "draw" or row.get("draw_price") not in _NOTHING)
