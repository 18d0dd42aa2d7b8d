"""Every field of the market records of a run, compared with what the oracle computes from the quotes alone.

After the records of one batch (one connection and `recv`) each market record of it is compared with the oracle. At the
end the latest record of each side of each line must agree with the state at that time: then none is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.market.oracle import Oracle, Record, seconds, winnings

#: A change of hold or fair price by less than this is not worth a record; records have six decimals.
STEP = 1.02e-4


class Comparison(Oracle):
    """Give it the records of a run; `differences` says what did not agree."""

    def __init__(self) -> None:
        super().__init__()
        self.differences: list[str] = []
        self.checked = 0
        #: The latest record of each side of each line that is not gone.
        self.latest: dict[tuple[str, str, str], Record] = {}

    def read(self, records: Iterable[Record]) -> None:
        """Take a whole run."""
        batch: list[Record] = []
        for record in records:
            if batch and (record["conn"], record["recv"]) != (batch[0]["conn"], batch[0]["recv"]):
                self.batch(batch)
                batch = []
            batch.append(record)
        self.batch(batch)

    def batch(self, batch: list[Record]) -> None:
        """Take the records of one batch."""
        for record in batch:
            self.take(record)
        for record in batch:
            if record["type"] == "market":
                self._compare(record)

    def _compare(self, record: Record) -> None:
        side = self._side(record)
        # A team may have no role until it is known who is at home: its name stays.
        name = record["key"], record["selection"], side if side in ("over", "under", "yes", "no") else ""
        before = self.latest.pop(name, None)
        if not record["final"]:
            self.latest[name] = record
        if record["final"] and record["side"] is None and record["kind"] == "spread":
            return  # it became known who is at home: the line goes on under that side's sign
        self.checked += 1
        found = self._found(record, seconds(record["recv"]))
        expected = self._expected(record, side, found, before)
        for field, value in expected.items():
            if not _same(value, record[field], 2e-6):
                self.differences.append(
                    f"{record['recv']} {record['key']} {side}: {field} is {record[field]!r}, expected {value!r}"
                )

    def _found(self, record: Record, now: float) -> Record:
        return self.worth(self._bet_of_market(record), self._line({**record, "market": record["market"] or ""}), now)

    def _expected(self, record: Record, side: str, found: Record, before: Record | None) -> Record:
        best = found["best"].get(side)
        none = best is None
        expected: Record = {
            "best_american": None if best is None else record["best_american"],
            "best_book": None if none else self.first(found, side),
            "best_books": 0 if best is None else len(best[1]),
            "hold": None if none else found["hold"],
            "fair": found["fair"].get(side),
            "books": found["books"],
            "out": 0 if record["final"] else found["out"],
            "main": not record["final"] and found["compared"] == self._line({**record, "market": ""}),
            "doubt": None if none else found["doubt"][side],
            "fair_books": len(found["whole"]),
            "edge": None,
            "was_american": None if before is None else before["best_american"],
            "was_book": None if before is None else before["best_book"],
            "was_hold": None if before is None else before["hold"],
        }
        if best is not None:
            if record["best_american"] is None or winnings(record, "best_") != best[0]:
                expected["best_american"] = f"odds of {float(best[0])} to 1"
            others = found["others"].get(side)
            expected["edge"] = None if others is None else float((1 + best[0]) * others - 1)
            age = max(0.0, found["age"][side])
            if record["best_age_s"] is None or abs(record["best_age_s"] - age) > 0.002:
                expected["best_age_s"] = age
        return expected

    def complete(self, now: float) -> None:
        """Compare the latest record of each side of each line with the state at the end of the run."""
        seen = set()
        for record in self.latest.values():
            key, side = record["key"], self._side(record)
            found = self._found(record, now)
            seen.add((self._bet_of_market(record), self._line({**record, "market": ""}), side))
            expected = self._expected(record, side, found, None)
            for field in ("best_american", "best_book", "best_books", "hold", "fair", "books", "main", "doubt"):
                if not _same(expected[field], record[field], STEP):
                    self.differences.append(
                        f"at the end {key} {side}: {field} is {record[field]!r}, expected {expected[field]!r}"
                    )
        for bet, keys in self.bets().items():
            for line in {self._line(self.quotes[key]) for key in keys}:
                self.differences += [
                    f"no record of {bet} {line} {side}"
                    for side in self.worth(bet, line, now)["best"]
                    if (bet, line, side) not in seen
                ]

    def _bet_of_market(self, record: Record) -> tuple[Any, ...]:
        kind = record["kind"]
        subject = ""
        if kind == "team_total":
            subject = {"home": record["home"], "away": record["away"]}.get(record["subject"] or "") or record[
                "selection"
            ]
        elif kind not in ("moneyline", "spread", "total"):
            subject = record["player"] or record["selection"]
        # The same shape as of a quote: a market record says what the bet is on where that is no score.
        return record["game_id"], kind, record["period"], record["market"] or "", subject, record["ways"]


def _same(expected: Any, got: Any, step: float) -> bool:
    if isinstance(expected, set):
        return expected == (set(got.split(",")) if got else set())
    if isinstance(expected, float) and isinstance(got, float):
        return abs(expected - got) < step
    return bool(expected == got)
