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
from oddstail.providers.parlayapi.parts import market_key
from oddstail.providers.parlayapi.spelling import SIDES

#: The row gives a line, and no price for it: line-only game rows, and pick'em props.
LINE_ONLY = object()

_MAIN = frozenset({"h2h", "spreads", "totals"})


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


def player(row: Mapping[str, Any]) -> str | None:
    """The player of a prop row."""
    return fields.text(row.get("player"))


def who(row: Mapping[str, Any]) -> str | None:
    """Whom a row is about, if not the game: its player, or the team of a team total (`home`, `away`, or a name)."""
    named = player(row)
    return fields.text(row.get("team")) if named is None and about(row) in _OF_TEAM else named


def player_id(row: Mapping[str, Any]) -> str | None:
    """What tells two players of one name apart, where the row has it."""
    return fields.text(row.get("player_id"))


def about(row: Mapping[str, Any]) -> str | None:
    """What the market of a row is about, as the table has it: `game`, `team`, `player`."""
    market = market_key(row)[0] or fields.text(row.get("market"))
    return None if market is None else MARKETS.classify(market).subject


def is_nobodys(row: Mapping[str, Any]) -> bool:
    """Whether a row is of a team or of a player, and does not say of which."""
    return about(row) in (*_OF_TEAM, "player") and who(row) is None and player_id(row) is None


_OF_TEAM = ("team", "home", "away")


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
    return fields.number(row.get("line")) if many else None


def is_prop(row: Mapping[str, Any]) -> bool:
    """Whether a row is a player's: by its `kind`, for it names one, or by its market."""
    return row.get("kind") in ("prop", "props") or player(row) is not None or about(row) == "player"


def selection(side: Side, row: Mapping[str, Any], event: str, book: str, label: str, *, draws: bool) -> Selection:
    """What a side of a row prices. `label` is the sport key that was asked for, `draws`: its moneyline has a draw."""
    whom, line, one = who(row), own_line(row), player_id(row)
    named = player(row)
    league = fields.text(row.get("sport_key")) or label
    market, part = market_key(row)
    bet = MARKETS.classify(side.market, sport_of(league))
    if is_prop(row) and bet.kind != "prop":
        bet = bet._replace(kind="prop", period=bet.period or "game", subject="player" if named else bet.subject)
    elif bet.subject == "team" and whom in ("home", "away"):
        bet = bet._replace(subject=whom)
    if part:
        bet = bet._replace(period=part if part in PERIODS else None)
    of = f"{whom or ''}{f'#{one}' if one else ''}"
    at = ("" if line is None else f"|{line:.10g}") + (f"|{part}" if part else "")
    return Selection(
        key=f"{event}|{book}|{side.market}|{of}|{side.side}{at}",
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
        selection=side.selection if whom is None else _team(row, whom) if named is None else named,
        side=side.side if side.side in SIDES else None,
        player=named,
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
    line = fields.number(row.get("line"))
    is_priced = False
    # `home_ml` is a moneyline price wherever it stands: in a row of spreads it is not the spread's.
    for suffix in ("_price", "_ml"):
        is_own = suffix != "_ml" or kind == "moneyline"
        for side in SIDES:
            if side + suffix not in row:
                continue
            if is_own and suffix == "_ml" and f"{side}_price" in row:
                continue
            if is_own:
                is_priced = True
                price = row[side + suffix]
                if price is None and kind == "moneyline":
                    price = row.get(f"{side}_ml")
                yield Side(market, side, _team(row, side), price, _line_of(row, market, side, line))
            elif not is_prop(row):
                yield Side("h2h", side, _team(row, side), row[side + suffix], None)
    if not is_priced:
        for side in _LINE_SIDES.get("prop" if is_prop(row) else kind, ()):
            at = _line_of(row, market, side, line)
            if at is not None:
                yield Side(market, side, _team(row, side), LINE_ONLY, at)


#: The sides of a line that is told without any price.
_LINE_SIDES = {"spread": ("home", "away"), "total": ("over", "under"), "team_total": ("over", "under"),
               "prop": ("over", "under")}  # fmt: skip


def _line_of(row: Mapping[str, Any], market: str, side: str, line: float | None) -> float | None:
    """The line of one side: a narrow spread's `line` is the home side's, and the away side has the opposite."""
    if MARKETS.classify(market).kind == "moneyline":
        return None
    if line is None:
        return fields.number(row.get("total" if side in ("over", "under") else f"{side}_spread"))
    return 0.0 - line if side == "away" else line


def _outcome(row: Mapping[str, Any], market: str) -> Iterator[Side]:
    outcome = fields.text(row["outcome"])
    if outcome is None:
        return
    line = fields.number(row.get("line"))
    # A line beside a named outcome is that outcome's own: not to be turned around for the away side.
    selection = _team(row, outcome) if outcome in SIDES else outcome
    yield Side(market, outcome.casefold(), selection, row.get("price_american"), line)


def _team(row: Mapping[str, Any], side: str) -> str:
    """The name of a team, of the side that it is; other words as they are, the first letter large."""
    return (fields.text(row.get(f"{side}_team")) if side in ("home", "away") else None) or side[:1].upper() + side[1:]


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
