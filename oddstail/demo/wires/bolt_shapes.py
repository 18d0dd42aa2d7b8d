"""BoltOdds' spellings and outcome objects. Knows no connection.

The vendor's looseness is part of the wire: lines that are numbers here and strings there, `O` on game totals
and `Over` on props, `null` and `""` for the same thing (sections A5, A6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from oddstail.demo.contract import Told
from oddstail.demo.events import Fixture, Offer, Quote, who
from oddstail.demo.game import Group
from oddstail.demo.wires.derived import REGULATION, regulation

# bet365 is not among the books seen (A10).
BOOKS: dict[str, str] = {
    "draftkings": "draftkings",
    "fanduel": "fanduel",
    "betmgm": "betmgm",
    "caesars": "caesars",
    "pinnacle": "pinnacle",
    "betrivers": "betrivers",
    "bovada": "bovada",
}
SPORTS: dict[str, str] = {
    "basketball": "NBA",
    "football": "NFL",
    "baseball": "MLB",
    "hockey": "NHL",
    "soccer": "EPL",
    "tennis": "Wimbledon (M)",
}
_PERIODS = {"game": "", REGULATION.period: "", "1h": "1st Half ", "q1": "1st Quarter "}
_THREE_WAY = ("bovada", "hockey")
_UNITS = {"baseball": "Runs", "hockey": "Goals", "soccer": "Goals", "tennis": "Games"}
_PROPS = {
    "points": "Points",
    "rebounds": "Rebounds",
    "passing_yards": "Passing Yards",
    "strikeouts": "Pitcher Strikeouts",
    "hits": "Hits",
    "shots_on_goal": "Shots On Goal",
}


def offered(fixture: Fixture, quotes: Iterable[Quote]) -> Iterator[Quote]:
    """Every quote, and in hockey one book's three-way winner beside its two-way one (A6) [seed, obs]."""
    for quote in quotes:
        yield quote
        if (quote.book, fixture.sport) == _THREE_WAY:
            yield from regulation(quote)


def market(book: str, sport: str, group: Group) -> str:
    """`outcome_name`: names differ by book and sport (A6) [obs]."""
    period = _PERIODS[group.period]
    match group.kind:
        case "moneyline":
            three = group == REGULATION or (sport == "soccer" and book in ("fanduel", "betmgm", "bovada"))
            return period + ("3 Way" if three else "Moneyline")
        case "spread":
            return period + ("Asian Spread" if sport == "soccer" and book == "pinnacle" else "Spread")
        case "total":
            named = {"draftkings": "Total", "betmgm": "Game Total"}.get(book)
            return period + (named or f"Total {_UNITS.get(sport, 'Points')}")
        case "team_total":
            return "Team Total"
        case "prop":
            return _PROPS[group.stat]


def outcome_key(fixture: Fixture, quote: Quote) -> str:
    """The line is part of the key: a moved spread is another key. A positive handicap has no plus [obs]."""
    offer = quote.offer
    name = market(quote.book, fixture.sport, offer.group)
    line = "" if offer.line is None else f"{offer.line:g} "
    # Totals seen as `O 1.0 1st Quarter Touchdowns`: a whole number keeps its zero there.
    if offer.group.kind == "total":
        return f"{offer.side[0].upper()} {offer.line:.1f} {name}"
    if offer.group.kind == "team_total":
        team = fixture.home if offer.group.subject == "home" else fixture.away
        return f"{team} {offer.side[0].upper()} {line}{name}"
    return f"{who(fixture, offer)} {line}{name}"


def outcome(fixture: Fixture, quote: Quote) -> dict[str, Any]:
    """One value of `outcomes`, six fields whatever the market (A6) [obs]."""
    offer = quote.offer
    total = offer.group.kind in ("total", "team_total")
    side = offer.side if offer.side in ("over", "under") else None
    return {
        "odds": odds(quote),
        "link": "" if quote.price is None else _link(fixture, quote),
        "outcome_name": market(quote.book, fixture.sport, offer.group),
        "outcome_line": _line(quote),
        "outcome_over_under": None if side is None else side[0].upper() if total else side.title(),
        "outcome_target": _target(fixture, offer),
    }


def odds(quote: Quote) -> str | None:
    """A string with its sign; None and "" both mean suspended or closed [seed]."""
    if quote.price is not None:
        return f"{quote.price:+d}"
    return "" if quote.book in ("fanduel", "bovada") else None


def universal(fixture: Fixture) -> str:
    """The id of a game that is the same at all books (A5) [obs]."""
    return fixture.id.lower()


def told(fixture: Fixture, quote: Quote) -> Told:
    """Under what a client knows this quote."""
    book = BOOKS[quote.book]
    name = market(quote.book, fixture.sport, quote.offer.group)
    return Told(universal(fixture), book, name, who(fixture, quote.offer), quote.offer.line)


def _line(quote: Quote) -> str | float | None:
    line = quote.offer.line
    if line is None:
        return None
    # Numbers and strings mix even within one message (A6) [obs].
    as_text = quote.offer.group.kind == "prop" or (quote.book == "caesars" and quote.offer.side != "home")
    return f"{line:g}" if as_text else line


def _target(fixture: Fixture, offer: Offer) -> str | None:
    match offer.group.kind:
        case "total":
            return None
        case "team_total":
            return fixture.home if offer.group.subject == "home" else fixture.away
        case "prop":
            return offer.group.subject
    return who(fixture, offer)


def _link(fixture: Fixture, quote: Quote) -> str:
    return f"https://{quote.book}.example/betslip/{fixture.number}"


def eastern(at: datetime) -> datetime:
    """US Eastern without a zone database: summer time from March's second to November's first Sunday."""
    begins = _sunday(at.year, 3, 2) + timedelta(hours=7)
    ends = _sunday(at.year, 11, 1) + timedelta(hours=6)
    naive = at.replace(tzinfo=None)
    return naive - timedelta(hours=4 if begins <= naive < ends else 5)


def _sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))


def when(fixture: Fixture) -> str:
    """`2025-07-23, 01:09 PM`, no zone [seed]; Eastern [obs]. Not by the C locale's %p."""
    local = eastern(fixture.start)
    return f"{local:%Y-%m-%d, %I:%M} {'AM' if local.hour < 12 else 'PM'}"


def label(fixture: Fixture) -> str:
    """`<home> vs <away>, YYYY-MM-DD, HH`, HH of twelve and zero-padded [seed]."""
    return f"{fixture.home} vs {fixture.away}, {eastern(fixture.start):%Y-%m-%d, %I}"


def envelope(
    action: str, at: datetime, fixture: Fixture, game: str, book: str, quotes: Iterable[Quote]
) -> dict[str, Any]:
    """`game` is the label the game got first: a delayed start does not rename it."""
    info: dict[str, Any] = {"id": int(fixture.number[:5]) * 7919, "game": game, "when": when(fixture)}
    info["link"] = "" if book == "bovada" else f"https://{book}.example/event/{fixture.number}"
    if book == "pinnacle":
        info["id"] = str(info["id"])  # A string at some books [obs].
    return {
        "timestamp": stamp(at),
        "action": action,
        "data": {
            "sport": SPORTS[fixture.sport],
            "sportsbook": BOOKS[book],
            "game": game,
            "home_team": fixture.home,
            "away_team": fixture.away,
            "universal_game_id": universal(fixture),
            "info": info,
            "outcomes": {outcome_key(fixture, quote): outcome(fixture, quote) for quote in quotes},
        },
    }


def cleared(at: datetime, book: str, sport: str | None) -> dict[str, Any]:
    """Empty objects where strings belong: the very message that must not be missed (A7) [seed]."""
    empty: dict[str, Any] = {}
    return {
        "timestamp": stamp(at),
        "action": "book_clear" if sport is None else "sport_clear",
        "data": {
            "sport": empty if sport is None else SPORTS[sport],
            "sportsbook": BOOKS[book],
            "game": empty,
            "home_team": empty,
            "away_team": empty,
            "info": empty,
            "outcomes": empty,
        },
    }


def stamp(at: datetime) -> str:
    """Microseconds and an explicit +00:00, always [seed]."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}+00:00"
