"""ParlayAPI's spellings and rows: wide, narrow, prop and pick'em. Knows no connection.

Some books come wide, because their lines are stored without a price for each side: at the vendor those are
draftkings and fanduel [seed 5.8], here betrivers alone, so that lines can be compared. Bovada's winner comes one
outcome a row [docs Q]; the others come narrow, one market a row [3rd-1]. Rows hold lines of the whole
game, alternates under their own market keys (8.5), and player props. Two books have lines of a part of the game: an
ending of the market key and the field `period` name it (5.5) [observed]. One book's props have an over alone, and a
pick'em book's have no price at all [observed, sdk].
"""

from __future__ import annotations

from typing import Any, NamedTuple

from oddstail.demo.contract import Price, Told
from oddstail.demo.events import Fixture, Quote, who
from oddstail.demo.market import Market

SPORTS: dict[str, str] = {
    "basketball_nba": "basketball",
    "americanfootball_nfl": "football",
    "baseball_mlb": "baseball",
    "icehockey_nhl": "hockey",
    "soccer_epl": "soccer",
    "tennis_atp": "tennis",
}
KEYS = {sport: key for key, sport in SPORTS.items()}
BOOKS = ("draftkings", "fanduel", "betmgm", "caesars", "pinnacle", "bet365", "betrivers", "bovada", "prizepicks")
WIDE = ("betrivers",)
_BY_OUTCOME = ("bovada",)
#: A book whose props are those of a pick'em app here.
_PICK_EM = {"bet365": "prizepicks"}
_ONE_SIDED = ("betmgm",)
#: A book whose rows have a null where there is no draw.
_NULL_DRAW = ("caesars",)
#: Books with lines of a part of the game: the ending of the market key, and the field `period`.
_PARTS = {
    ("pinnacle", "1h"): ("_1h", "1H"),
    ("caesars", "1h"): ("_h1", "1H"),
    ("pinnacle", "q1"): ("_q1", "1Q"),
    ("caesars", "q1"): ("_1q", "1Q"),
}
#: A book whose rows of the whole game name a period too.
_SAYS_FULL = ("pinnacle",)

_GAME = {"moneyline": "h2h", "spread": "spreads", "total": "totals"}
ALTERNATES = {"spread": "alternate_spreads", "total": "alternate_totals"}
PROPS = {
    "points": ("player_points", "Points"),
    "rebounds": ("player_rebounds", "Rebounds"),
    "passing_yards": ("player_pass_yds", "Passing Yards"),
    "strikeouts": ("pitcher_strikeouts", "Strikeouts"),
    "hits": ("batter_hits", "Hits"),
    "shots_on_goal": ("player_shots_on_goal", "Shots on Goal"),
}


class RowKey(NamedTuple):
    """What a row is about. `market` is "" for a wide row; player and line are set for props, line for alternates.

    An alternate spread's line is home's. `outcome` is the side where each has a row of its own.
    """

    fixture: str
    book: str
    market: str = ""
    player: str = ""
    line: float | None = None
    outcome: str = ""
    period: str = ""

    @property
    def prop(self) -> bool:
        """A row about a player."""
        return bool(self.player)


class Row(NamedTuple):
    """A row and what it tells."""

    fields: dict[str, Any]
    tells: dict[Told, Price | None]


def row_key(quote: Quote, *, main: bool | None = None) -> RowKey | None:
    """The row that a quote belongs to, or would if it were a main line or not; None if no row holds it."""
    offer = quote.offer
    group, line = offer.group, offer.line
    main = quote.main if main is None else main
    if group.period != "game":
        ending, part = _PARTS.get((quote.book, group.period), ("", ""))
        if not ending or not main or group.kind not in _GAME:
            return None
        return RowKey(offer.fixture, quote.book, _GAME[group.kind] + ending, period=part)
    part = "FULL" if quote.book in _SAYS_FULL else ""
    if group.kind == "prop":
        book = _PICK_EM.get(quote.book, quote.book)
        return RowKey(offer.fixture, book, PROPS[group.stat][0], group.subject, line, period=part) if main else None
    if group.kind not in _GAME:
        return None
    if main:
        outcome = offer.side if group.kind == "moneyline" and quote.book in _BY_OUTCOME else ""
        market = "" if quote.book in WIDE else _GAME[group.kind]
        return RowKey(offer.fixture, quote.book, market, outcome=outcome, period=part)
    if line is None or quote.book in WIDE:
        return None
    turned = group.kind == "spread" and offer.side == "away"
    at = (-line if turned else line) + 0.0
    return RowKey(offer.fixture, quote.book, ALTERNATES[group.kind], line=at, period=part)


def row_keys(quote: Quote) -> set[RowKey]:
    """Every row that a change of this quote may touch: a line may just have become, or ceased to be, the main one."""
    return {key for main in (True, False) if (key := row_key(quote, main=main)) is not None}


def markets(key: RowKey) -> tuple[str, ...]:
    """The market keys that a `markets` filter may name to get this row."""
    return (key.market,) if key.market else tuple(_GAME.values())


def event_id(fixture: Fixture) -> str:
    """`2026-05-12_Lakers_Warriors` [seed]; the date is the first that was set."""
    # How the vendor tells the games of a double-header apart is not documented.
    again = "_2" if fixture.second else ""
    return f"{fixture.number[-10:]}_{_nick(fixture, fixture.home)}_{_nick(fixture, fixture.away)}{again}"


def _nick(fixture: Fixture, team: str) -> str:
    # Several clubs are United: a last word names a team only in the American leagues.
    return team.replace(" ", "") if fixture.sport in ("soccer", "tennis") else team.rsplit(" ", 1)[-1]


def identity(fixture: Fixture, key: RowKey) -> dict[str, Any]:
    """What every row begins with."""
    return {
        "kind": "prop" if key.prop else "game",
        "bookmaker": key.book,
        "event_id": event_id(fixture),
        "home_team": fixture.home,
        "away_team": fixture.away,
        "commence_time": f"{fixture.start:%Y-%m-%dT%H:%M:%SZ}",
        **({"period": key.period} if key.period else {}),
    }


def rows(market: Market, fixture: Fixture) -> dict[RowKey, Row]:
    """All rows of one game as they are now."""
    sorted_: dict[RowKey, list[Quote]] = {}
    for quote in market.quotes(fixture=fixture.id):
        key = row_key(quote)
        if key is not None:
            sorted_.setdefault(key, []).append(quote)
    return {key: _row(fixture, key, quotes) for key, quotes in sorted_.items()}


def _row(fixture: Fixture, key: RowKey, quotes: list[Quote]) -> Row:
    fields = identity(fixture, key)
    fields["last_update"] = int(max(quote.at for quote in quotes).timestamp() * 1000)
    if key.prop:
        fields |= _prop(key, quotes)
    elif key.outcome:
        fields |= {"market_key": key.market, **_outcome(fixture, quotes[0])}
    elif key.market:
        fields |= {"market_key": key.market, **_narrow(key.market, quotes)}
    else:
        fields |= _wide(fixture, quotes)
    if all(quote.price is None for quote in quotes):
        # The last prices stay in the row: what counts is `available` [docs A].
        fields["available"] = False
    return Row(fields, _tells(fixture, key, quotes))


def is_priced(key: RowKey, quote: Quote) -> bool:
    """Whether the row shows the price of this quote: none of a pick'em, and the over alone where there is one side."""
    return not key.prop or (key.book == quote.book and (key.book not in _ONE_SIDED or quote.offer.side == "over"))


def _tells(fixture: Fixture, key: RowKey, quotes: list[Quote]) -> dict[Told, Price | None]:
    """Wide rows give spreads and totals a line and no price, and so do pick'em rows: nothing is told of those."""
    priced = [one for one in quotes if (key.market or one.offer.group.kind == "moneyline") and is_priced(key, one)]
    event = event_id(fixture)
    name = key.market or "h2h"
    return {Told(event, key.book, name, who(fixture, one.offer), one.offer.line): one.price for one in priced}


def _outcome(fixture: Fixture, quote: Quote) -> dict[str, Any]:
    """The quickstart printer's form (5.5) [docs Q]."""
    return {"outcome": who(fixture, quote.offer), "price_american": quote.last}


def _by_side(quotes: list[Quote], kind: str | None = None) -> dict[str, Quote]:
    return {one.offer.side: one for one in quotes if kind is None or one.offer.group.kind == kind}


def _prop(key: RowKey, quotes: list[Quote]) -> dict[str, Any]:
    sides = _by_side(quotes)
    row = {
        "player": key.player,
        "market_key": key.market,
        "market": dict(PROPS.values())[key.market],
        "line": key.line,
    }
    if key.book in _PICK_EM.values():
        return {**row, "over_price": None, "under_price": None}
    # Either side may be null from the start [observed].
    under = None if key.book in _ONE_SIDED else _last(sides, "under")
    return {**row, "over_price": _last(sides, "over"), "under_price": under}


def _narrow(market: str, quotes: list[Quote]) -> dict[str, Any]:
    sides = _by_side(quotes)
    market = next((one for one in _GAME.values() if market.startswith(f"{one}_")), market)
    if market == "h2h":
        return {**({"draw_ml": None} if quotes[0].book in _NULL_DRAW else {}), **_moneyline(sides)}
    if market.endswith("spreads"):
        line = sides["home"].offer.line if "home" in sides else None
        return {"line": line, "home_price": _last(sides, "home"), "away_price": _last(sides, "away")}
    line = sides["over"].offer.line if "over" in sides else None
    return {"line": line, "over_price": _last(sides, "over"), "under_price": _last(sides, "under")}


def _wide(fixture: Fixture, quotes: list[Quote]) -> dict[str, Any]:
    spread, total = _by_side(quotes, "spread"), _by_side(quotes, "total")
    return {
        **_moneyline(_by_side(quotes, "moneyline")),
        "home_spread": spread["home"].offer.line if "home" in spread else None,
        "away_spread": spread["away"].offer.line if "away" in spread else None,
        "total": total["over"].offer.line if "over" in total else None,
    }


def _moneyline(sides: dict[str, Quote]) -> dict[str, Any]:
    found = {"home_ml": _last(sides, "home"), "away_ml": _last(sides, "away")}
    if "draw" in sides:
        found["draw_ml"] = _last(sides, "draw")
    return found


def _last(sides: dict[str, Quote], side: str) -> int | None:
    return sides[side].last if side in sides else None


def diff(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Identifiers and what changed, null for what is cleared (5.5) [docs A, inferred]."""
    ids = {"kind", "bookmaker", "event_id", "market_key", "player", "outcome", "period"}
    if after["kind"] == "prop" or after.get("market_key") in ALTERNATES.values():
        ids.add("line")
    changed = {name: value for name, value in after.items() if name in ids or before.get(name) != value}
    changed |= {name: None for name in before if name not in after and name != "available"}
    return {**changed, "_diff": True}
