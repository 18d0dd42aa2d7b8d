"""OpticOdds' and OddsJam's spellings: one product line, one catalogue. Knows no envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from oddstail.demo import odds
from oddstail.demo.contract import Price, Told
from oddstail.demo.events import Fixture, Offer, who
from oddstail.demo.game import Group
from oddstail.demo.wires.derived import REGULATION

BOOKS: dict[str, str] = {
    "draftkings": "DraftKings",
    "fanduel": "FanDuel",
    "betmgm": "BetMGM",
    "caesars": "Caesars",
    "pinnacle": "Pinnacle",
    "bet365": "bet365",
    "betrivers": "BetRivers",
    "bovada": "Bovada",
}
# Exchanges: an order book at one, and prices to back and to lay at another, which comes as two books [3p T1].
EXCHANGES = {"novig": "Novig", "betfair": "Betfair Exchange", "betfair-lay": "Betfair Exchange (Lay)"}
BOOKS |= EXCHANGES
# Listed and not polled: `is_active` is what a client filters by (section 4) [3p T1].
IDLE_BOOKS = ("theScore", "Hard Rock", "Circa Sports")
# Listed, and without odds now.
IDLE_SPORTS = ("Cricket", "MMA")
IDLE_LEAGUES = {"WNBA": "basketball", "NCAAB": "basketball", "NCAAF": "football", "Spain - La Liga": "soccer"}
LEAGUES: dict[str, str] = {
    "basketball": "NBA",
    "football": "NFL",
    "baseball": "MLB",
    "hockey": "NHL",
    "soccer": "England - Premier League",
    "tennis": "ATP",
}
# Main markets differ by sport (section 5) [docs M, 3p T1].
_SPREADS = {"baseball": "Run Line", "hockey": "Puck Line", "soccer": "Goal Spread", "tennis": "Game Spread"}
_TOTALS = {
    "baseball": "Total Runs",
    "hockey": "Total Goals",
    "soccer": "Total Goals",
    "tennis": "Total Games",
}
# A three-way winner is that of regulation time, and its market says so by its name alone.
_PERIODS = {"game": "", REGULATION.period: "", "1h": "1st Half ", "q1": "1st Quarter "}

_FORMATS: dict[str, Callable[[int], Price]] = {
    "AMERICAN": lambda price: price,
    "DECIMAL": odds.decimal,
    "PROBABILITY": lambda price: round(odds.probability(price), 4),
    "MALAY": odds.malay,
    "HONG_KONG": odds.hong_kong,
    "INDONESIAN": odds.indonesian,
}


def odds_format(value: str | None) -> Callable[[int], Price]:
    """Case is ignored, as clients in production rely on [3p T2, T4]; an unknown format is the default."""
    return _FORMATS.get((value or "AMERICAN").upper(), _FORMATS["AMERICAN"])


def version(value: str | None) -> int:
    """A Copilot version; -1, the default, for none and for what is no number [docs D11]."""
    try:
        return int(value or "-1")
    except ValueError:
        return -1


def market(sport: str, group: Group) -> str:
    """A market's display name, with the name of its period in front."""
    match group.kind:
        case "moneyline":
            three = sport == "soccer" or group == REGULATION
            return _PERIODS[group.period] + ("Moneyline 3-Way" if three else "Moneyline")
        case "spread":
            return _PERIODS[group.period] + _SPREADS.get(sport, "Point Spread")
        case "total":
            return _PERIODS[group.period] + _TOTALS.get(sport, "Total Points")
        case "team_total":
            return "Team Total"
        case "prop":
            return "Player " + group.stat.replace("_", " ").title()


def slug(name: str) -> str:
    """Lower case, spaces to underscores; `(x)` becomes `_x_` with its trailing underscore (section 5)."""
    return name.lower().replace(" (", "_").replace(")", "_").replace(" ", "_")


def opaque(name: str) -> str:
    """A team's or player's id: 12 hex digits that mean nothing."""
    return hashlib.blake2s(name.encode(), digest_size=6).hexdigest().upper()


def selection(fixture: Fixture, offer: Offer) -> str:
    """The team or player; "" for a game total [seed]."""
    kind, subject = offer.group.kind, offer.group.subject
    if kind == "prop":
        return subject
    if kind == "team_total":
        return fixture.home if subject == "home" else fixture.away
    if kind == "total":
        return ""
    return who(fixture, offer)


def points_text(line: float | None, *, signed: bool = False) -> str:
    """A line as names have it: no trailing zeros, a plus only if `signed`, "" for no line."""
    if line is None:
        return ""
    return f"{line:+g}" if signed else f"{line:g}"


def name(fixture: Fixture, offer: Offer) -> str:
    """The full text with the line: `Over 5.5`, `Boston Celtics -4.5`."""
    line = points_text(offer.line, signed=offer.group.kind == "spread")
    return f"{who(fixture, offer)} {line}".strip()


def name_slug(fixture: Fixture, offer: Offer) -> str:
    """The last part of an odd's id: `.` becomes `_`, a sign stays [docs M, 3p T1]."""
    return slug(name(fixture, offer)).replace(".", "_")


def grouping_key(fixture: Fixture, offer: Offer) -> str:
    """One key for both sides of a line; a spread's is home's handicap [seed, docs M]."""
    if offer.line is None:
        return "default"
    if offer.group.kind in ("team_total", "prop"):
        return f"{slug(selection(fixture, offer))}:{offer.line:g}"
    line = -offer.line if offer.group.kind == "spread" and offer.side == "away" else offer.line
    return f"default:{line + 0.0:g}"


def told(fixture: Fixture, game: str, book: str, offer: Offer) -> Told:
    """Under what a client knows a price; `game` and `book` as its wire spells them."""
    return Told(game, book, market(fixture.sport, offer.group), who(fixture, offer), offer.line)
