"""The `market` record, and the alerts on it and on steam, as fields: to JSON and back. Pure.

Written by hand from cached parts, as quotes are: of what game and bet a record is does not change from one to the next.
"""

from __future__ import annotations

import json
from typing import Any

from oddstail.market_value import MarketValue, Side, Steam
from oddstail.price import Price, from_american, recorded
from oddstail.units import micros, stamp

#: Fields of a side, in the record's order; `started` comes after `start`.
_PLACE = "sport league competition game_id home away start".split()
_BET = "key kind ways period market subject stat player side selection line".split()
_MOST = 65_536

_VALUE = (
    *("main", "best_american", "best_decimal", "best_prob", "best_book", "best_books", "best_key", "best_age_s"),
    *("hold", "fair", "fair_american", "fair_method", "fair_of", "fair_books", "edge", "books", "out"),
    *("was_american", "was_book", "was_hold", "doubt", "final", "snap"),
)
_STEAM = (
    *("direction", "from_prob", "to_prob", "points", "books", "of", "first_book", "window_s", "line_from", "line_to"),
    *("lag_books", "best_key"),
)


class MarketText:
    """Makes the JSON of market records, and keeps the parts that repeat."""

    def __init__(self) -> None:
        self._parts: dict[int, tuple[Side, str, str]] = {}
        self._texts: dict[str | None, str] = {}

    def body(self, value: MarketValue, started: bool | None) -> str:
        """What the record says after the fields that all records share, without the brackets."""
        place, bet = self._part(value.of)
        best, was, text = value.best, value.was, self._text
        fair, age = value.fair, value.best_age_s
        priced = (
            '"best_american":null,"best_decimal":null,"best_prob":null'
            if best is None
            else f'"best_american":{best.american},"best_decimal":{best.decimal},"best_prob":{best.prob}'
        )
        return (
            f'{place},"started":{_flag(started)},{bet},"main":{_flag(value.main)},{priced},'
            f'"best_book":{text(value.best_book)},"best_books":{value.best_books},"best_key":{text(value.best_key)},'
            f'"best_age_s":{_number(age)},"hold":{_number(value.hold)},"fair":{_number(fair)},'
            f'"fair_american":{_number(american(fair))},"fair_method":{text(value.fair_method)},'
            f'"fair_of":{text(value.fair_of)},"fair_books":{value.fair_books},"edge":{_number(value.edge)},'
            f'"books":{value.books},"out":{value.out},"was_american":{"null" if was is None else was.american},'
            f'"was_book":{text(value.was_book)},"was_hold":{_number(value.was_hold)},"doubt":{text(value.doubt)},'
            f'"final":{_flag(value.final)},"snap":{_flag(value.snap)}'
        )

    def _part(self, side: Side) -> tuple[str, str]:
        part = self._parts.get(id(side))
        if part is None or part[0] is not side:
            if len(self._parts) >= _MOST:
                self._parts.clear()
            made = [
                json.dumps({name: getattr(side, name) for name in names}, separators=(",", ":"))[1:-1]
                for names in (_PLACE, _BET)
            ]
            part = self._parts[id(side)] = (side, made[0], made[1])
        return part[1], part[2]

    def _text(self, value: str | None) -> str:
        found = self._texts.get(value)
        if found is None:
            if len(self._texts) >= _MOST:
                self._texts.clear()
            found = self._texts[value] = json.dumps(value)
        return found


def steam_fields(steam: Steam, started: bool | None) -> dict[str, Any]:
    """The fields of a steam alert."""
    side, best = steam.side, steam.best
    return {
        "rule": steam.rule,
        **{name: getattr(side, name) for name in _PLACE},
        "started": started,
        **{name: getattr(side, name) for name in _BET},
        **{name: getattr(steam, name) for name in _STEAM},
        "first_ts": stamp(steam.first_ts),
        "last_ts": stamp(steam.last_ts),
        "best_american": None if best is None else best.american,
        "best_decimal": None if best is None else best.decimal,
        "best_prob": None if best is None else best.prob,
        "best_book": steam.best_book,
        "edge": steam.edge,
        "doubt": steam.doubt,
    }


def american(fair: float | None) -> int | None:
    """A fair probability in American odds, rounded."""
    if fair is None or not 0 < fair < 1:
        return None
    value = round(100 * (1 / fair - 1)) if fair <= 0.5 else round(-100 / (1 / fair - 1))
    return 100 if value == -100 else value


def market_value(record: dict[str, Any]) -> MarketValue:
    """The event of a record."""
    was = record["was_american"]
    return MarketValue(
        of=_side(record),
        best=_price(record),
        was=None if was is None else from_american(was),
        **{name: record[name] for name in _VALUE if name in _SAME},
    )


def steam(record: dict[str, Any]) -> Steam:
    """The event of a record."""
    return Steam(
        side=_side(record),
        best=_price(record),
        first_ts=micros(record["first_ts"]),
        last_ts=micros(record["last_ts"]),
        **{name: record[name] for name in (*_STEAM, "best_book", "edge", "doubt", "rule")},
    )


_SAME = frozenset(MarketValue.__dataclass_fields__)


def _side(record: dict[str, Any]) -> Side:
    return Side(**{name: record[name] for name in (*_PLACE, *_BET)})


def _price(record: dict[str, Any]) -> Price | None:
    found = record["best_american"]
    return None if found is None else recorded(found, record["best_decimal"], record["best_prob"])


def _number(value: float | None) -> str:
    return "null" if value is None else str(value)


def _flag(value: bool | None) -> str:
    return "null" if value is None else "true" if value else "false"
