"""The three row shapes of ParlayAPI as the sides that they price. Facts: wire reference parlayapi.md, 5.5. Pure.

Wide game rows hold moneyline prices and bare lines, narrow ones one market, outcome rows one price.
Which of them a stream sends is not documented; every field is therefore looked for where it may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from oddstail.providers import fields
from oddstail.providers.markets import Markets

#: Section 8.5. Spellings differ by book, so a prop is told by its `player`, not by its key.
MARKETS = Markets(
    exact={
        "h2h": "moneyline",
        "h2h_3_way": "moneyline",
        "spreads": "spread",
        "alternate_spreads": "spread",
        "totals": "total",
        "alternate_totals": "total",
        "team_totals": "team_total",
        "alternate_team_totals": "team_total",
        "outrights": "future",
    },
    starts={"player_": "prop", "batter_": "prop", "pitcher_": "prop"},
    after={"_h1": "1h", "_h2": "2h", "_q1": "q1", "_q2": "q2", "_q3": "q3", "_q4": "q4", "_p1": "p1"},
)

#: The price field is there by the shape of the row, but the row has none: the line alone was told.
LINE_ONLY = object()


class Side(NamedTuple):
    """One side of one market of a row. `price` is as sent: None is no price, LINE_ONLY is not told."""

    market: str
    side: str
    selection: str
    price: Any
    line: float | None


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
    for side in ("home", "away", "draw"):
        for name in (f"{side}_price", f"{side}_ml"):
            if name in row:
                yield Side(market, side, _team(row, side), row[name], _signed(line, side))
                break
    for side in ("over", "under"):
        if f"{side}_price" in row:
            yield Side(market, side, side.capitalize(), row[f"{side}_price"], line)


def _outcome(row: Mapping[str, Any], market: str) -> Iterator[Side]:
    outcome = fields.text(row["outcome"])
    if outcome is None:
        return
    team = {fields.text(row.get("home_team")): "home", fields.text(row.get("away_team")): "away"}
    side = team.get(outcome) or outcome.casefold()
    line = fields.number(row.get("line", row.get("point")))
    # A line beside a named outcome is that outcome's own: not to be turned around for the away side.
    selection = _team(row, side) if side in ("home", "away") else outcome
    yield Side(market, side, selection, row.get("price_american", row.get("price")), line)


def _team(row: Mapping[str, Any], side: str) -> str:
    return (fields.text(row.get(f"{side}_team")) if side != "draw" else None) or side.capitalize()


def _signed(line: float | None, side: str) -> float | None:
    """A narrow spread's `line` is the home side's; the away side has the opposite."""
    return -line if side == "away" and line is not None else line
