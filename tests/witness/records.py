"""The records of a run as the prices that they leave open. Knows the fields of a record and no vendor."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.witness.board import Open, offer


class Records:
    """The last quote of each price, by connection and key.

    What was known before a gap that nobody replayed is forgotten, as it is while a connection is lost.
    """

    def __init__(self) -> None:
        self._quotes: dict[tuple[int, str], dict[str, Any]] = {}
        self._lost: set[int] = set()
        #: The last status of each fixture.
        self.statuses: dict[str, str] = {}

    def take(self, lines: Iterable[bytes]) -> None:
        """Read more records."""
        for line in lines:
            record = json.loads(line)
            conn = record.get("conn", 0)
            match record["type"]:
                case "quote":
                    self._quotes[conn, record["key"]] = record
                case "fixture" if record["status"]:
                    self.statuses[record["game_id"]] = record["status"]
                case "opened":
                    self._lost.discard(conn)
                case "lost":
                    self._lost.add(conn)
                case "gap" if record["resumed"] != "yes":
                    self._quotes = {key: quote for key, quote in self._quotes.items() if key[0] != conn}

    def open(self) -> list[dict[str, Any]]:
        """The quotes that are open and have a price."""
        return [
            quote
            for (conn, _), quote in self._quotes.items()
            if quote["status"] == "open" and quote["american"] is not None and conn not in self._lost
        ]


def offers(quotes: list[dict[str, Any]], games: Mapping[str, str]) -> Open:
    """The same as offers. `games` are other names that a game goes by."""
    places = _meetings(quotes) if quotes and quotes[0]["provider"] == "rapidodds" else {}
    out: Open = Counter()
    for quote in quotes:
        game = places.get(quote["game_id"], quote["game_id"])
        game = games.get(game.casefold(), game)
        # Copilot has no book: the record fills the field with the product's name.
        book = "" if quote["feed"] == "copilot" else quote["book"]
        side = quote["side"] or ""
        what = offer(game, book, quote["market"], quote["selection"], side, quote["line"])
        out[what, float(quote["american"])] += 1
    return out


def _meetings(quotes: list[dict[str, Any]]) -> dict[str, str]:
    """A game by its teams and its place among their meetings, for a vendor that has no id of a game."""
    teams: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for quote in quotes:
        names = quote["league"], quote["home"], quote["away"]
        teams.setdefault(names, set()).add((quote["start"] or "", quote["game_id"]))
    return {
        game: f"{' '.join(names)} {place}"
        for names, games in teams.items()
        for place, (_, game) in enumerate(sorted(games))
    }
