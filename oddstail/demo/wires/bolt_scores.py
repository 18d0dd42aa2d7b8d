"""BoltOdds' live scores: a game's state, sport by sport, its sides behind the letters A and B (A12) [obs].

docs/wire/boltodds.md, A12. Three sports are known; which letter is home differs from game to game.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from oddstail.demo.events import Change, Fixture, Happened, Played
from oddstail.demo.sports import SPORTS
from oddstail.demo.wires import bolt_shapes as shapes

COVERED = ("soccer", "baseball", "basketball")
_ORDINALS = ("1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH")
_QUARTERS = ("FIRST", "SECOND", "THIRD", "FOURTH")
_MINUTES = {sport.id: sport.minutes for sport in SPORTS}


class Tally:
    """What was counted of each game besides its score: corners, cards, outs. Forgets games that left."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[tuple[str, str]]] = {}

    def turn(self, changes: Sequence[Change]) -> None:
        """Count the plays of a slice."""
        for change in changes:
            match change:
                case Played(fixture=fixture, side=str(side), kind=kind):
                    self._counts.setdefault(fixture.id, Counter())[side, kind] += 1
                case Happened(what="removed", fixture=fixture):
                    self._counts.pop(fixture.id, None)
                case _:
                    pass

    def of(self, fixture: Fixture, kind: str) -> tuple[int, int]:
        """How often home and away did it."""
        counts = self._counts.get(fixture.id, Counter())
        return counts["home", kind], counts["away", kind]


def match_update(label: str, fixture: Fixture, tally: Tally) -> dict[str, Any]:
    """One message; `designation` says which letter is which side."""
    # By the id, so that it stays the same for a game: in a third of them A is the away side.
    turned = int(fixture.id, 16) % 3 == 0
    states = {"soccer": _soccer, "baseball": _baseball, "basketball": _basketball}
    return {
        "action": "match_update",
        "game": label,
        "universal_id": shapes.universal(fixture),
        "home": fixture.home,
        "away": fixture.away,
        "designation": {"A": "away", "B": "home"} if turned else {"A": "home", "B": "away"},
        "state": states[fixture.sport](fixture, tally, turned),
    }


def _letters(name: str, pair: tuple[int, int], turned: bool) -> dict[str, int]:
    a, b = (pair[1], pair[0]) if turned else pair
    return {f"{name}A": a, f"{name}B": b}


def _elapsed(fixture: Fixture) -> int:
    minutes = _MINUTES[fixture.sport]
    return max(fixture.period * minutes * 60 - fixture.clock, 0)


def _of_period(fixture: Fixture, number: int) -> tuple[int, int]:
    return fixture.periods[number - 1] if number <= len(fixture.periods) else (0, 0)


def _soccer(fixture: Fixture, tally: Tally, turned: bool) -> dict[str, Any]:
    if fixture.over:
        period = "MATCH_COMPLETED"
    elif fixture.status == "half":
        period = "AT_HALF_TIME"
    else:
        period = "IN_FIRST_HALF" if fixture.period <= 1 else "IN_SECOND_HALF"
    return {
        "preMatch": fixture.status == "unplayed",
        "matchCompleted": fixture.over,
        "clockRunningNow": fixture.status == "live",
        "matchPeriod": ["FootballMatchPeriod", period],
        "elapsedTimeSeconds": _elapsed(fixture),
        **_letters("goals", fixture.score, turned),
        **_letters("corners", tally.of(fixture, "corner"), turned),
        **_letters("yellowCards", tally.of(fixture, "yellow_card"), turned),
        **_letters("redCards", (0, 0), turned),
        **_letters("firstHalfGoals", _of_period(fixture, 1), turned),
        **_letters("secondHalfGoals", _of_period(fixture, 2), turned),
        "varReferralInProgress": False,
    }


def _baseball(fixture: Fixture, tally: Tally, turned: bool) -> dict[str, Any]:
    outs = sum(tally.of(fixture, "out"))
    top = outs % 6 < 3
    inning = min(max(fixture.period, 1), len(_ORDINALS))
    half = "TOP" if top else "BOTTOM"
    return {
        "out": outs % 3,
        "inning": fixture.period,
        "runs": _pair(fixture.score, turned),
        "strike": sum(tally.of(fixture, "strike")) % 3,
        "ball": sum(tally.of(fixture, "ball")) % 4,
        "base1": False,
        "base2": False,
        "base3": False,
        "topOfInning": top,
        "inningScores": [_pair(scores, turned) for scores in fixture.periods],
        "extraInningsRuns": _pair((0, 0), turned),
        "matchPeriod": [
            "BaseballMatchPeriod",
            "MATCH_COMPLETED" if fixture.over else f"AT_{half}_{_ORDINALS[inning - 1]}_INNING",
        ],
        **_letters("totalRunsForTeam", fixture.score, turned),
        "clockStatus": "STOPPED" if fixture.over else "RUNNING",
    }


def _pair(pair: tuple[int, int], turned: bool) -> dict[str, int]:
    return {"A": pair[1], "B": pair[0]} if turned else {"A": pair[0], "B": pair[1]}


def _basketball(fixture: Fixture, tally: Tally, turned: bool) -> dict[str, Any]:
    if fixture.over:
        period = "MATCH_COMPLETED"
    elif fixture.status == "half":
        period = "AT_HALF_TIME"
    elif fixture.period > len(_QUARTERS):
        period = "IN_OVERTIME"
    else:
        period = f"IN_{_QUARTERS[max(fixture.period, 1) - 1]}_QUARTER"
    return {
        **_letters("points", fixture.score, turned),
        "remainingTimeSecondsInPeriod": fixture.clock,
        "elapsedTimeSeconds": _elapsed(fixture),
        "matchPeriod": ["BasketballMatchPeriod", period],
        # Unreliable on the wire, and so here.
        "clockRunning": False,
    }
