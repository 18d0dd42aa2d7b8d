"""A game's score in the words of a scoreboard: `Q3 4:21 54-50`, away before home as everywhere on the screen. Pure."""

from __future__ import annotations

from oddstail.news import Play, Result


def score(event: Result | Play) -> str:
    """The score with the period and its clock; empty where there is none, or where it is one player's."""
    if isinstance(event, Result):
        if event.player is not None:
            return ""
        home, away = event.home_score, event.away_score
    else:
        # A play's first side is the home side only where the provider names one.
        home, away = (event.score_a, event.score_b) if event.home and event.away else (None, None)
    if home is None or away is None:
        return ""
    parts = [event.period or "", event.clock or "", f"{away:g}-{home:g}"]
    return " ".join(part for part in parts if part)
