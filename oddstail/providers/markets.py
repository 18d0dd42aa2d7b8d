"""From a market's name to its kind and period, by tables that each provider brings. Pure.

A name that no table has is `other`: a guess here would put a price into the wrong column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: How periods are written in front of a market's name by the vendors that write English.
ENGLISH_PERIODS: Mapping[str, str] = {
    "1st Half ": "1h",
    "2nd Half ": "2h",
    "1st Quarter ": "q1",
    "2nd Quarter ": "q2",
    "3rd Quarter ": "q3",
    "4th Quarter ": "q4",
    "1st Period ": "p1",
    "2nd Period ": "p2",
    "3rd Period ": "p3",
    "1st Set ": "s1",
    "2nd Set ": "s2",
    "3rd Set ": "s3",
    "1st 5 Innings ": "f5",
    "1st Inning ": "i1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """`exact` and `starts` map a name, or its beginning, to a kind; `before` and `after` mark the period."""

    exact: Mapping[str, str]
    starts: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)

    def classify(self, market: str) -> tuple[str, str | None]:
        """`(kind, period)`; `("other", None)` for a market that no table has."""
        period, base = "game", market
        for mark, name in self.before.items():
            if market.startswith(mark):
                period, base = name, market[len(mark) :]
        for mark, name in self.after.items():
            if market.endswith(mark):
                period, base = name, market[: -len(mark)]
        kind = self.exact.get(base)
        if kind is None:
            kind = next((kind for begin, kind in self.starts.items() if base.startswith(begin)), None)
        if kind is None:
            return "other", None if period == "game" else period
        return kind, None if kind == "future" else period
