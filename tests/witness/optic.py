"""OddsJam v2 and OpticOdds v3: events of changed odds, events of odds that are no longer on offer, and the odds of REST.

Rules: docs/wire/oddsjam.md 1.3, 1.5 and 1.6; docs/wire/opticodds.md 2.4 to 2.6 and 4.
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
    """One connection. Deltas only: a connection starts from nothing, unless v2 replays what was missed.

    An answer of REST may be older than what the stream said meanwhile: only a newer price of it counts then.
    `statuses` are the last words on each fixture: `completed`, `cancelled`, `live` and others.
    """

    def __init__(self) -> None:
        self.board = Board()
        self.statuses: dict[str, str] = {}
        self._decimal = False
        self._lost = 0.0
        #: What this connection said of each odd: when, and whether it was on offer. What it does not say is not here.
        self._said: dict[Hashable, tuple[float, bool]] = {}

    def take(self, step: Step) -> None:
        """Apply one step."""
        if step.kind == "connect":
            assert step.request is not None
            self._decimal = dict(step.request["params"]).get("odds_format", "").casefold() == "decimal"
            replayed = step.request["provider"] == "oddsjam" and step.resumed
            if not replayed or step.at - self._lost >= _REPLAYED:
                self.board.clear()
                self._said.clear()
        elif step.kind == "answer" and step.name == "rest odds":
            for item in step.body["data"]:
                self._page(item)
        elif step.kind == "lost":
            self._lost = step.at
        elif step.kind == "message":
            name = step.name or step.body.get("type", "")
            if name in _OPEN or name in _CLOSED:
                for row in step.body["data"]:
                    self._odd(row, closed=name in _CLOSED or "locked" in str(row.get("type")))
            elif name == "fixture-status":
                data = step.body["data"]
                if data.get("new_status"):
                    self.statuses[data["fixture_id"]] = data["new_status"]

    def _page(self, item: dict[str, Any]) -> None:
        """A game with its odds, all of them on offer: an odd that is absent is suspended."""
        for odd in item["odds"]:
            if "market_name" in odd:
                # REST has other names for what the stream sends.
                row = {
                    "game_id": item["id"],
                    "sportsbook": odd["sports_book_name"],
                    "bet_type": odd["market_name"],
                    "bet_name": odd["name"],
                    "bet_price": odd["price"],
                    "bet_points": odd["bet_points"],
                    "timestamp": odd["timestamp"],
                }
            else:
                row = {**odd, "fixture_id": item["id"]}
            identity, _ = (_v2 if "bet_name" in row else _v3)(row)
            when, on_offer = self._said.get(identity, (-1.0, True))
            if on_offer and row["timestamp"] > when:
                self._odd(row, closed=False)

    def _odd(self, row: dict[str, Any], *, closed: bool) -> None:
        identity, what = (_v2 if "bet_name" in row else _v3)(row)
        at = price(row.get("bet_price", row.get("price")))
        if at is not None and self._decimal:
            at = american(at)
        self._said[identity] = row.get("timestamp") or 0.0, at is not None and not closed
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
