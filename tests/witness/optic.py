"""OddsJam v2 and OpticOdds v3: events of changed odds, and events of odds that are no longer on offer.

Rules: docs/wire/oddsjam.md 1.3 and 1.5; docs/wire/opticodds.md 2.4 to 2.6.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

from tests.witness.board import Board, Offer, american, number, offer, price
from tests.witness.recording import Step

_OPEN = ("odds", "copilot-odds")
_CLOSED = ("locked-odds", "copilot-locked-odds", "copilot-settled-odds")
#: Seconds for which the v2 service replays what came after a cursor (1.5).
_REPLAYED = 30.0
_LAST = re.compile(r" [+-]?\d+(\.\d+)?$")


class Optic:
    """One connection. Deltas only: a connection starts from nothing, unless v2 replays what was missed."""

    def __init__(self) -> None:
        self.board = Board()
        self._decimal = False
        self._lost = 0.0

    def take(self, step: Step) -> None:
        """Apply one step."""
        if step.kind == "connect":
            assert step.request is not None
            self._decimal = dict(step.request["params"]).get("odds_format", "").casefold() == "decimal"
            replayed = step.request["provider"] == "oddsjam" and step.resumed
            if not replayed or step.at - self._lost >= _REPLAYED:
                self.board.clear()
        elif step.kind == "lost":
            self._lost = step.at
        elif step.kind == "message":
            name = step.name or step.body.get("type", "")
            if name in _OPEN or name in _CLOSED:
                for row in step.body["data"]:
                    self._odd(row, closed=name in _CLOSED or "locked" in str(row.get("type")))

    def _odd(self, row: dict[str, Any], *, closed: bool) -> None:
        identity, what = (_v2 if "bet_name" in row else _v3)(row)
        at = price(row.get("bet_price", row.get("price")))
        if at is not None and self._decimal:
            at = american(at)
        self.board.put(identity, what, None if closed else at)


def _v2(row: dict[str, Any]) -> tuple[Hashable, Offer]:
    """`bet_name` is the whole selection, the line included (1.3)."""
    points = row["bet_points"]
    subject = row["bet_name"] if points is None else _LAST.sub("", row["bet_name"])
    names = row["game_id"], row["sportsbook"], row["bet_type"]
    return (*names, row["bet_name"]), offer(*names, subject, "", number(points))


def _v3(row: dict[str, Any]) -> tuple[Hashable, Offer]:
    """Fixture, sportsbook, market and name tell odds apart, and `player_id` two players of one name (2.5).

    An odd of Copilot has no sportsbook, and its `id` is its identity.
    """
    book, market = row.get("sportsbook", ""), row["market"]
    # Game totals have no selection: the side is all there is.
    side = row.get("selection_line") or ""
    subject = row.get("selection") or ("" if side else _LAST.sub("", row["name"]))
    what = offer(row["fixture_id"], book, market, subject, side, number(row.get("points")))
    if "sportsbook" not in row:
        return row["id"], what
    return (row["fixture_id"], book, market, row["name"], row.get("player_id")), what
