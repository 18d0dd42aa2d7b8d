"""A board, a view and a clock that obeys: what its tests share. Teams and books as in the wire files' examples."""

from __future__ import annotations

import dataclasses
from typing import Any

from oddstail.board.cells import Parts
from oddstail.board.keys import Effect, Keyboard, press
from oddstail.board.picture import Picture
from oddstail.board.view import Look, View
from oddstail.market.game import Cell
from oddstail.market.state import Board
from oddstail.model import Batch, Event, Opened, Quote, Status
from tests.support import quote

SECOND = 1_000_000
AWAY, HOME = "Miami Heat", "Boston Celtics"


class Stage:
    """Scripted events in, lines of text out."""

    def __init__(self, width: int = 120, height: int = 30, **look: Any) -> None:
        chosen = Look(**look)
        self.board = Board(trails=chosen.spark)
        self.view = View.of(chosen)
        self.picture = Picture(self.board, self.view, "Toy  NBA")
        self.size = (width, height)
        self.now = 1_769_882_400 * SECOND
        self.silence = 0.0
        self.tell(Opened(label="NBA", host="toy.example"))

    def tell(self, *events: Event, conn: int = 1) -> None:
        self.board.apply(Batch(conn, self.now, list(events)))

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)

    def press(self, keys: str) -> Effect | None:
        """Keys as a terminal sends them, after the screen was seen."""
        effect: Effect | None = None
        for key in Keyboard().keys(keys.encode()):
            self.lines()
            effect = press(self.view, self.board, key, self.now)
        return effect

    def frame(self) -> list[Parts]:
        self.board.links.hush({1: self.silence} if self.silence else {}, self.now)
        return self.picture.frame(*self.size, self.now)

    def lines(self) -> list[str]:
        return ["".join(text for text, _ in line).rstrip() for line in self.frame()]

    def text(self) -> str:
        return "\n".join(self.lines())

    def line(self, *words: str) -> str:
        """The one line with all these words."""
        [found] = [line for line in self.lines() if all(word in line for word in words)]
        return found

    def cell(self, key: str) -> Cell:
        [found] = [cell for cell in self.board.cells() if cell.quote.what.key == key]
        return found


def ml(team: str, american: float | None, book: str = "DraftKings", status: Status = "open", **what: Any) -> Quote:
    """A moneyline price."""
    return _quote("moneyline", "Moneyline", team, american, book, status, None, what)


def spread(team: str, line: float, american: float | None, book: str = "DraftKings", status: Status = "open",
           main: bool | None = True, **what: Any) -> Quote:  # fmt: skip
    """A spread; its line is part of what is priced, as at most vendors."""
    return _quote("spread", "Point Spread", team, american, book, status, line, what, main)


def total(side: str, line: float, american: float | None, book: str = "DraftKings", status: Status = "open",
          main: bool | None = True, **what: Any) -> Quote:  # fmt: skip
    """A total."""
    return _quote("total", "Total Points", side, american, book, status, line, {"side": side.lower(), **what}, main)


def prop(player: str, side: str, line: float, american: float, book: str = "DraftKings", market: str = "Player Points",
         main: bool | None = True) -> Quote:  # fmt: skip
    """A player prop."""
    what = {"side": side.lower(), "player": player}
    return _quote("prop", market, player, american, book, "open", line, what, main)


def _quote(kind: str, market: str, selection: str, american: float | None, book: str, status: Status,
           line: float | None, what: dict[str, Any], main: bool | None = None) -> Quote:  # fmt: skip
    side = {AWAY: "away", HOME: "home"}.get(selection)
    fields = {"home": HOME, "away": AWAY, "book": book, "market": market, "selection": selection, "kind": kind,
              "period": "game", "side": side, "start": "2026-01-31T19:30:00Z", **what}  # fmt: skip
    key = fields.pop("key", None) or "|".join(str(part) for part in (*fields.values(), line))
    made = quote(key, american if status == "open" else None, status=status, line=line, what=fields)
    return dataclasses.replace(made, main=main)
