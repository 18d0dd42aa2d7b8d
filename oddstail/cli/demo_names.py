"""Names on the demo's command line: common words for its main markets, and names that it does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from oddstail.cli.naming import condition_books
from oddstail.lookup import Names
from oddstail.providers.names import absent, books, teams

if TYPE_CHECKING:
    from oddstail.cli.common import Common

#: How the providers call the main markets.
_MARKETS: dict[str, tuple[str, str, str]] = {
    "oddsjam": ("Moneyline", "Point Spread", "Total Points"),
    "opticodds": ("Moneyline", "Point Spread", "Total Points"),
    "parlayapi": ("h2h", "spreads", "totals"),
    "rapidodds": ("head_to_head", "alternate_lines", "alternate_total_points"),
    "boltodds": ("Moneyline", "Spread", "Total,Total Points"),
}
#: What people call them, without spaces and signs.
_WORDS = (
    ("moneyline", "moneylines", "ml", "h2h", "headtohead"),
    ("spread", "spreads", "pointspread", "handicap"),
    ("total", "totals", "totalpoints", "overunder", "ou"),
)


def common_markets(name: str, title: str, given: Sequence[str] | None) -> tuple[list[str] | None, list[str]]:
    """The markets that were asked for, common words as the provider has them; and what to say about those."""
    if given is None:
        return None, []
    out, notes = [], []
    for value in (part.strip() for one in given for part in one.split(",")):
        own = _own(name, value)
        if own is not None and own != value and value not in own.split(","):
            notes.append(f"{title} spells the market {value!r} as {own.replace(',', ', ')!r}; using that")
        out.append(own or value)
    return out, notes


def _own(name: str, value: str) -> str | None:
    bare = re.sub(r"[\W_]+", "", value.casefold())
    return next((own for own, words in zip(_MARKETS[name], _WORDS, strict=True) if bare in words), None)


def strangers(name: str, asked: Mapping[str, Any], given: Mapping[str, Any], common: Common, market: Any) -> list[str]:
    """What to say of names that the demo does not have: nothing of theirs will be shown.

    `asked` has the flags as the provider spells them, `given` those that the user named. `market` is the demo's.
    """
    from oddstail.demo.names import has

    there, notes = has(name), []
    twins = {"sport": there.sport, "league": there.league, "book": there.book}
    for flag, known in twins.items():
        if any(given.get(one) for one in ((flag,) if flag == "book" else ("sport", "league"))):
            values = [part.strip() for one in asked.get(flag) or () for part in one.split(",")]
            # basketball_nba is nba to people.
            also = {one.rpartition("_")[2]: frozenset({one}) for one in known if "_" in one and flag != "book"}
            notes += absent(values, Names(what=flag, known=known, has="all", also=also), "the demo")
    notes += books(condition_books(common), Names(what="book", known=there.book, has="all"), "the demo")
    rows = [{"home": one.home, "away": one.away} for one in market.fixtures()]
    return [*notes, *teams(common.team or (), rows, "the demo")]
