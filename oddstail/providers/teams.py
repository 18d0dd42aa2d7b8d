"""Which of two teams a name means: in full, by nickname or by city, whatever its case. Pure, no provider's names."""

from __future__ import annotations


def role_of(name: str | None, home: str | None, away: str | None) -> str | None:
    """`home` or `away` for a name of one of the teams, its first or last words, or the word itself; None for others."""
    if not name:
        return None
    if name in (home, away):
        return "home" if name == home else "away"
    word = " ".join(name.casefold().split())
    if word in ("home", "away"):
        return word
    found = [side for side, team in (("home", home), ("away", away)) if team is not None and _is_of(word, team)]
    return found[0] if len(found) == 1 else None


def _is_of(word: str, team: str) -> bool:
    name = " ".join(team.casefold().split())
    return word == name or name.endswith(f" {word}") or name.startswith(f"{word} ")
