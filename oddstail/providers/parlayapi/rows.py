"""The three row shapes of ParlayAPI as the sides that they price. Facts: wire reference parlayapi.md, 5.5. Pure.

Wide game rows hold moneyline prices and bare lines, narrow ones one market, outcome rows one price.
Which of them a stream sends is not documented; every field is therefore looked for where it may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from oddstail.model import Selection
from oddstail.providers import fields
from oddstail.providers.parlayapi.markets import MARKETS

#: The price field is there by the shape of the row, but the row has none: the line alone was told.
LINE_ONLY = object()


_MAIN = frozenset({"h2h", "spreads", "totals"})


class Side(NamedTuple):
    """One side of one market of a row. `price` is as sent: None is no price, LINE_ONLY is not told.

    `main` follows from the market's name: there are `spreads` and `alternate_spreads` (8.5).
    """

    market: str
    side: str
    selection: str
    price: Any
    line: float | None

    @property
    def main(self) -> bool | None:
        return True if self.market in _MAIN else False if "alternate" in self.market else None


def player(row: Mapping[str, Any]) -> str | None:
    """The player of a prop row, under either name that is in use."""
    return fields.text(row.get("player")) or fields.text(row.get("player_name"))


def sides(row: Mapping[str, Any]) -> Iterator[Side]:
    """Every side that a row prices, or withdraws by a null. A field that is not there says nothing."""
    market = fields.text(row.get("market_key"))
    if "outcome" in row:
        yield from _outcome(row, market or fields.text(row.get("market")) or "h2h")
    elif market is None and player(row) is None:
        yield from _wide(row)
    else:
        yield from _narrow(row, market or fields.text(row.get("market")) or "prop")


def own_line(row: Mapping[str, Any]) -> float | None:
    """The line as part of the identity: of props and alternates, where several stand side by side (5.5)."""
    many = is_prop(row) or "alternate" in (fields.text(row.get("market_key")) or "")
    return fields.number(row.get("line", row.get("point"))) if many else None


def is_prop(row: Mapping[str, Any]) -> bool:
    """Whether a row is a player's: by its `kind`, or for it names one."""
    return row.get("kind") in ("prop", "props") or player(row) is not None


def selection(side: Side, row: Mapping[str, Any], event: str, book: str, label: str) -> Selection:
    """What a side of a row prices. `label` is the sport key that was asked for."""
    who, line = player(row), own_line(row)
    league = fields.text(row.get("sport_key")) or label
    kind, period = MARKETS.classify(side.market)
    if is_prop(row):
        kind, period = "prop", period or "game"
    at = "" if line is None else f"|{line:.10g}"
    return Selection(
        key=f"{event}|{book}|{side.market}|{who or ''}|{side.side}{at}",
        sport=sport_of(league),
        league=league,
        game_id=event,
        home=fields.text(row.get("home_team")),
        away=fields.text(row.get("away_team")),
        start=fields.start(row.get("commence_time")),
        book=book,
        kind=kind,
        period=period,
        market=side.market,
        selection=who or side.selection,
        side=side.side if side.side in SIDES else None,
        player=who,
    )


def _wide(row: Mapping[str, Any]) -> Iterator[Side]:
    for side in ("home", "away", "draw"):
        if f"{side}_ml" in row:
            yield Side("h2h", side, _team(row, side), row[f"{side}_ml"], None)
    for side in ("home", "away"):
        if f"{side}_spread" in row:
            line = fields.number(row[f"{side}_spread"])
            # Wide rows have no spread price (5.5): a price of -110 would be an invention.
            price = row.get(f"{side}_spread_price", LINE_ONLY if line is not None else None)
            yield Side("spreads", side, _team(row, side), price, line)
    if "total" in row:
        line = fields.number(row["total"])
        for side in ("over", "under"):
            price = row.get(f"{side}_price", LINE_ONLY if line is not None else None)
            yield Side("totals", side, side.capitalize(), price, line)


def _narrow(row: Mapping[str, Any], market: str) -> Iterator[Side]:
    line = fields.number(row.get("line"))
    # `home_ml` is a moneyline price wherever it stands: beside a spread it is not the spread's.
    suffixes = ("_price", "_ml") if MARKETS.classify(market)[0] == "moneyline" else ("_price",)
    for side in ("home", "away", "draw"):
        name = next((side + suffix for suffix in suffixes if side + suffix in row), None)
        if name is not None:
            at = _signed(line, side) if line is not None else fields.number(row.get(f"{side}_spread"))
            yield Side(market, side, _team(row, side), row[name], at)
    for side in ("over", "under"):
        if f"{side}_price" in row:
            at = fields.number(row.get("total")) if line is None else line
            yield Side(market, side, side.capitalize(), row[f"{side}_price"], at)


def _outcome(row: Mapping[str, Any], market: str) -> Iterator[Side]:
    outcome = fields.text(row["outcome"])
    if outcome is None:
        return
    team = {fields.text(row.get("home_team")): "home", fields.text(row.get("away_team")): "away"}
    side = team.get(outcome) or outcome.casefold()
    side = "draw" if side == "tie" else side
    line = fields.number(row.get("line", row.get("point")))
    # A line beside a named outcome is that outcome's own: not to be turned around for the away side.
    selection = _team(row, side) if side in ("home", "away") else outcome
    yield Side(market, side, selection, row.get("price_american", row.get("price")), line)


def _team(row: Mapping[str, Any], side: str) -> str:
    return (fields.text(row.get(f"{side}_team")) if side != "draw" else None) or side.capitalize()


def _signed(line: float | None, side: str) -> float | None:
    """A narrow spread's `line` is the home side's; the away side has the opposite."""
    return 0.0 - line if side == "away" and line is not None else line


def sport_of(key: str | None) -> str | None:
    """The sport of a sport key: its first word, where that is one."""
    return _SPORTS.get((key or "").partition("_")[0])


#: The first word of a sport key (8.1) as the word for the sport.
_SPORTS = {
    "americanfootball": "football",
    "baseball": "baseball",
    "basketball": "basketball",
    "boxing": "boxing",
    "cricket": "cricket",
    "golf": "golf",
    "hockey": "hockey",
    "icehockey": "hockey",
    "mma": "mma",
    "soccer": "soccer",
    "tennis": "tennis",
}


#: The words that are the same for every provider.
SIDES = frozenset({"home", "away", "draw", "over", "under", "yes", "no"})
