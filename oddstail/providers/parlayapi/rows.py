"""The three row shapes of ParlayAPI as the sides that they price. Facts: docs/wire/parlayapi.md, 5.5. Pure.

Wide game rows hold moneyline prices and bare lines, narrow ones one market, outcome rows one price.
Which of them a stream sends is not documented; every field is therefore looked for where it may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from oddstail.model import PERIODS, Selection
from oddstail.providers import competitions, fields
from oddstail.providers.parlayapi.markets import MARKETS

#: The row gives a line, and no price for it: line-only game rows, and pick'em props.
LINE_ONLY = object()

_MAIN = frozenset({"h2h", "spreads", "totals"})
#: The other spellings of a market key that rows use.
_SPELLINGS = {"moneyline": "h2h", "spread": "spreads", "total": "totals", "team_total": "team_totals"}
#: Parts of a game as a row's `period` or the end of a market key writes them.
_PERIODS = {
    **{mark: f"{number}h" for number in "12" for mark in (f"{number}h", f"h{number}")},
    **{
        mark: f"{part}{number}"
        for part in "qps"
        for number in "1234"
        for mark in (f"{number}{part}", f"{part}{number}")
    },
}
_WHOLE_GAME = ("full", "full_game", "full game", "game", "fg")


class Side(NamedTuple):
    """One side of one market of a row. `price` is as sent: None is not a price, LINE_ONLY a line without a price.

    `market` is one word for all spellings of a market key and has no period in it. `main` follows from it: there are
    `spreads` and `alternate_spreads` (8.5).
    """

    market: str
    side: str
    selection: str
    price: Any
    line: float | None

    @property
    def main(self) -> bool | None:
        return True if self.market in _MAIN else False if "alternate" in self.market else None


def market_key(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The market of a row in one spelling, and the part of the game: "" for the whole, None if the row does not say.

    Both an ending of the market key (`_1h`, `_h1`, `_q1`) and the field `period` (`FULL`, `1Q`, `1H`) name a part.
    """
    market, ending = fields.text(row.get("market_key")), None
    if market is not None:
        base, _, end = market.rpartition("_")
        ending = _PERIODS.get(end.casefold()) if base else None
        market = base if ending else market
        market = _SPELLINGS.get(market, market)
    word = (fields.text(row.get("period")) or "").casefold()
    part = ("" if word in _WHOLE_GAME else _PERIODS.get(word, word)) if word else None
    # Two different parts in one row are a part of their own: better apart than one price over another.
    return market, f"{ending}/{part}" if ending and part and ending != part else ending or part


def player(row: Mapping[str, Any]) -> str | None:
    """The player of a prop row, under either name that is in use."""
    return fields.text(row.get("player")) or fields.text(row.get("player_name"))


def sides(row: Mapping[str, Any]) -> Iterator[Side]:
    """Every side that a row prices, or withdraws by a null. A field that is not there says nothing."""
    market, _ = market_key(row)
    if "outcome" in row:
        yield from _outcome(row, market or fields.text(row.get("market")) or "h2h")
    elif market is None and player(row) is None:
        yield from _wide(row)
    else:
        yield from _narrow(row, market or fields.text(row.get("market")) or "prop")


def own_line(row: Mapping[str, Any]) -> float | None:
    """The line as part of the identity: of props and alternates, where several stand side by side (5.5)."""
    many = is_prop(row) or "alternate" in (market_key(row)[0] or "")
    return fields.number(row.get("line", row.get("point"))) if many else None


def is_prop(row: Mapping[str, Any]) -> bool:
    """Whether a row is a player's: by its `kind`, or for it names one."""
    return row.get("kind") in ("prop", "props") or player(row) is not None


def selection(side: Side, row: Mapping[str, Any], event: str, book: str, label: str, *, draws: bool) -> Selection:
    """What a side of a row prices. `label` is the sport key that was asked for, `draws`: its moneyline has a draw."""
    who, line = player(row), own_line(row)
    league = fields.text(row.get("sport_key")) or label
    market, part = market_key(row)
    bet = MARKETS.classify(side.market, sport_of(league))
    if is_prop(row) and bet.kind != "prop":
        bet = bet._replace(kind="prop", period=bet.period or "game", subject="player" if who else bet.subject)
    if part:
        bet = bet._replace(period=part if part in PERIODS else None)
    at = "" if line is None else f"|{line:.10g}"
    return Selection(
        key=f"{event}|{book}|{side.market}|{who or ''}|{side.side}{at}{f'|{part}' if part else ''}",
        sport=sport_of(league),
        league=league,
        competition=competitions.of("parlayapi", league),
        game_id=event,
        home=fields.text(row.get("home_team")),
        away=fields.text(row.get("away_team")),
        start=fields.start(row.get("commence_time")),
        book=book,
        kind=bet.kind,
        period=bet.period,
        ways=3 if draws and bet.kind == "moneyline" and bet.stat is None else bet.ways,
        subject=bet.subject,
        stat=bet.stat,
        market=(fields.text(row.get("market_key")) if side.market == market else None) or side.market,
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
    kind = MARKETS.classify(market)[0]
    line = fields.number(row.get("line", row.get("point")))
    is_priced = False
    # `home_ml` is a moneyline price wherever it stands: in a row of spreads it is not the spread's.
    for suffix in ("_price", "_odds", "_ml"):
        is_own = suffix != "_ml" or kind == "moneyline"
        for side in ("home", "away", "draw", "over", "under", "yes", "no"):
            if side + suffix not in row or (suffix == "_odds" and f"{side}_price" in row):
                continue
            if is_own:
                is_priced = True
                yield Side(market, side, _team(row, side), row[side + suffix], _line_of(row, side, line))
            elif not is_prop(row):
                yield Side("h2h", side, _team(row, side), row[side + suffix], None)
    if not is_priced:
        for side in _LINE_SIDES.get("prop" if is_prop(row) else kind, ()):
            at = _line_of(row, side, line)
            if at is not None:
                yield Side(market, side, _team(row, side), LINE_ONLY, at)


#: The sides of a line that is told without any price.
_LINE_SIDES = {"spread": ("home", "away"), "total": ("over", "under"), "team_total": ("over", "under"),
               "prop": ("over", "under")}  # fmt: skip


def _line_of(row: Mapping[str, Any], side: str, line: float | None) -> float | None:
    """The line of one side: a narrow spread's `line` is the home side's, and the away side has the opposite."""
    if line is None:
        return fields.number(row.get("total" if side in ("over", "under") else f"{side}_spread"))
    return 0.0 - line if side == "away" else line


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
