"""The fields of a market record, for conditions: `hold < 0 and doubt is null`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from oddstail.market_fields import american
from oddstail.market_value import MarketValue
from oddstail.model import KINDS, PERIODS, SIDES, SUBJECTS
from oddstail.record import started
from oddstail.where import Field


class MarketMoment(NamedTuple):
    """A market record, when it was made, and after a batch of which connection."""

    event: MarketValue
    recv: int
    conn: int


Get = Callable[[MarketMoment], Any]
_OF_SIDE = """
    sport league competition game_id home away start key kind period market subject stat player side selection
""".split()
_TEXTS = "best_book best_key fair_method fair_of was_book doubt".split()
_NUMBERS = "best_books best_age_s hold fair fair_books edge books out was_hold".split()


def _side(name: str) -> Get:
    return lambda moment: getattr(moment.event.of, name)


def _value(name: str) -> Get:
    return lambda moment: getattr(moment.event, name)


def _best(name: str) -> Get:
    return lambda moment: None if moment.event.best is None else getattr(moment.event.best, name)


_VALUES = {"kind": KINDS, "period": PERIODS, "side": SIDES, "subject": SUBJECTS}

#: What a rule on market records may name.
FIELDS: Mapping[str, Field] = {
    **{name: Field("text", _side(name), _VALUES.get(name, ()), more=name != "kind") for name in _OF_SIDE},
    **{name: Field("text", _value(name)) for name in _TEXTS},
    **{name: Field("number", _value(name)) for name in _NUMBERS},
    **{f"best_{name}": Field("number", _best(name)) for name in ("american", "decimal", "prob")},
    **{name: Field("flag", _value(name)) for name in ("main", "final", "snap")},
    "ways": Field("number", _side("ways")),
    "line": Field("number", _side("line")),
    "fair_american": Field("number", lambda moment: american(moment.event.fair)),
    "was_american": Field("number", lambda moment: None if moment.event.was is None else moment.event.was.american),
    "conn": Field("number", lambda moment: moment.conn),
    "started": Field("flag", lambda moment: started(moment.event.of.start, moment.recv)),
}
