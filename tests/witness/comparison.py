"""A recording against the records of the same run: which prices does each leave open?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.witness.board import Open, same
from tests.witness.boltodds import BoltOdds
from tests.witness.optic import Optic
from tests.witness.parlayapi import ParlayApi
from tests.witness.rapidodds import RapidOdds
from tests.witness.recording import steps
from tests.witness.records import Records, offers

Witness = Optic | ParlayApi | RapidOdds | BoltOdds

WITNESSES: dict[str, type[Witness]] = {
    "oddsjam": Optic,
    "opticodds": Optic,
    "parlayapi": ParlayApi,
    "rapidodds": RapidOdds,
    "boltodds": BoltOdds,
}


class Reading:
    """A recording as its witnesses read it, one for each connection."""

    def __init__(self, name: str) -> None:
        self._make = WITNESSES[name]
        self._witnesses: dict[int, Witness] = {}
        self._lost: set[int] = set()

    def take(self, lines: Iterable[bytes]) -> None:
        """Read more of the recording."""
        for step in steps(lines):
            self._witnesses.setdefault(step.conn, self._make()).take(step)
            if step.kind == "lost":
                self._lost.add(step.conn)
            elif step.kind in ("message", "greeting"):
                self._lost.discard(step.conn)

    def statuses(self) -> dict[str, str]:
        """The last status of each fixture, where the provider tells any."""
        found = [one.statuses for one in self._witnesses.values() if isinstance(one, Optic)]
        return {fixture: status for some in found for fixture, status in some.items()}

    def open(self) -> tuple[Open, dict[str, str]]:
        """The prices that are open on the connections that are open, and other names of games."""
        out: Open = Counter()
        games: dict[str, str] = {}
        for conn, witness in self._witnesses.items():
            games |= witness.games if isinstance(witness, BoltOdds) else {}
            if conn not in self._lost:
                out.update(witness.open() if isinstance(witness, RapidOdds) else witness.board.open())
        renamed: Open = Counter()
        for (what, price), count in out.items():
            renamed[what._replace(game=games.get(what.game, what.game)), price] += count
        return renamed, games


def differences(
    name: str,
    recording: list[bytes],
    recorded: list[bytes],
    marks: Iterable[tuple[int, int]] = (),
    *,
    gaps: bool = True,
) -> list[str]:
    """What the witness and the records of a run do not agree about, at the end and at each of `marks` before.

    A mark is how many lines of each there were at one moment.
    """
    reading, read = Reading(name), Records()
    at = then = 0
    prices = 0
    for mark, after in (*marks, (len(recording), len(recorded))):
        reading.take(recording[at:mark])
        read.take(recorded[then:after])
        at, then = mark, after
        expected, games = reading.open()
        prices += len(expected)
        wrong = same(expected, offers(read.open(), games))
        told, recorded_statuses = reading.statuses(), read.statuses
        wrong += [
            f"{game} is {told[game]}, not {recorded_statuses.get(game)}"
            for game in told
            if told[game] != recorded_statuses.get(game)
        ]
        if wrong:
            return [f"after {mark} lines of the recording", *wrong]
    assert prices, "the recording leaves no price open: the comparison would prove nothing"
    return []
