"""BoltOdds: the outcomes of each game at each book; some messages replace them, one changes some, three clear them.

Rules: docs/wire/boltodds.md A4 to A7.
"""

from __future__ import annotations

from typing import Any

from tests.witness.board import Board, number, offer, price
from tests.witness.recording import Step

_WHOLE = ("initial_state", "game_added", "game_update")
_SIDES = {"o": "over", "u": "under"}


class BoltOdds:
    """One connection. It starts from nothing: there is no replay. `games` are the names that one game goes by."""

    def __init__(self) -> None:
        self.board = Board()
        self.games: dict[str, str] = {}
        #: What was said of an outcome before: a change may leave out what did not change.
        self._outcomes: dict[tuple[str, str, str], dict[str, Any]] = {}
        #: The sport of a game, for a clear of a sport.
        self._sports: dict[str, str] = {}

    def take(self, step: Step) -> None:
        """Apply one step."""
        if step.kind == "connect":
            self.board.clear()
            self._outcomes.clear()
            return
        data = step.body.get("data") if step.kind == "message" else None
        if not isinstance(data, dict):
            return
        action = step.body.get("action")
        book, game, sport = (_text(data.get(name)) for name in ("sportsbook", "game", "sport"))
        if action in _WHOLE:
            self._clear(book, game)
            self._lines(data, book, game, sport)
        elif action == "line_update":
            self._lines(data, book, game, sport)
        elif action in ("game_removed", "book_clear"):
            self._clear(book, game)
        elif action == "sport_clear":
            self._clear(book, "", sport)

    def _clear(self, book: str, game: str, sport: str = "") -> None:
        """Close what is named. A clear has objects where names belong, and what it does not name, it does not limit."""

        def gone(identity: tuple[str, str, str]) -> bool:
            at, label, _ = identity
            return book in ("", at) and game in ("", label) and sport in ("", self._sports.get(label))

        self.board.drop(gone)
        self._outcomes = {key: outcome for key, outcome in self._outcomes.items() if not gone(key)}

    def _lines(self, data: dict[str, Any], book: str, game: str, sport: str) -> None:
        universal = _text(data.get("universal_game_id"))
        if universal:
            self.games[game.casefold()] = universal.casefold()
        self._sports[game] = sport or self._sports.get(game, "")
        for key, sent in data["outcomes"].items():
            identity = book, game, key
            outcome = self._outcomes[identity] = {**self._outcomes.get(identity, {}), **sent}
            side = str(outcome.get("outcome_over_under") or "").casefold()
            side = _SIDES.get(side, side)
            market, target = outcome.get("outcome_name") or key, outcome.get("outcome_target")
            subject = target or ("" if side else key)
            what = offer(game, book, market, subject, side, number(outcome.get("outcome_line")))
            # `null`, an empty text and the text `None` all mean that there is not a price.
            self.board.put(identity, what, price(outcome.get("odds")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
