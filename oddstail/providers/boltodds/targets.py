"""What the target of a BoltOdds outcome is: one of the teams, a player, or a word; and the `25+` in it. Pure.

Facts: docs/wire/boltodds.md, A6. Books write teams in full, by nickname or by city.
"""

from __future__ import annotations

import re

from oddstail.providers import fields
from oddstail.providers.teams import role_of

_RUNG = re.compile(r"(?<![\w.+-])(\d+(?:\.\d+)?\s?\+)(?!\S)")
OTHER = {"home": "away", "away": "home"}
#: What 1, X and 2 mean in bets on the result.
_RESULT = {"1": "home", "x": "draw", "2": "away"}
SIDES = {"o": "over", "over": "over", "u": "under", "under": "under", "yes": "yes", "no": "no", "draw": "draw",
         "tie": "draw", "the draw": "draw"}  # fmt: skip


def rung(*texts: str | None) -> float | None:
    """The line of the first `25+` that stands by itself in one of the texts: it wins at 25, so it is 24.5."""
    for text in texts:
        if text is not None and "+" in text and (found := _RUNG.search(text)):
            return fields.milestone(found[1])
    return None


def without_rung(text: str | None) -> str | None:
    """The same without the `25+` in it; None if nothing else is left."""
    if text is None or "+" not in text:
        return text
    return " ".join(_RUNG.sub(" ", text).split()) or None


def before_rung(text: str) -> str | None:
    """What stands before the `25+`: `LeBron James` of `LeBron James 25+ Points`."""
    found = _RUNG.search(text)
    return None if found is None else text[: found.start()].strip() or None


def team_of(target: str | None, home: str | None, away: str | None, kind: str, *, flipped: bool) -> str | None:
    """`home` or `away`, for a team's name, its first or last words, or the word itself; `draw` for the X of 1, X, 2.

    `flipped`: the book means the other team by `home`.
    """
    if target is None:
        return None
    word = " ".join(target.casefold().split())
    if target not in (home, away):
        role = word if word in OTHER else _RESULT.get(word) if kind == "moneyline" else None
        if role is not None:
            return OTHER.get(role, role) if flipped else role
    return role_of(target, home, away)
