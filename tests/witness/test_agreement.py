"""The records of a run and the witness's reading of its recording leave the same prices open.

Every wire, every fault of the demo, another seed for each: what is decoded, merged, withdrawn after a cut and dropped as
a duplicate must come out as the vendors' rules say, read by code that was written apart.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from oddstail import reader
from oddstail.demo.faults import Fault
from tests.witness.comparison import differences
from tests.witness.stage import Run, run

_RAPID = [
    "head_to_head,head_to_head_3_way,alternate_lines,alternate_total_points,alternate_total_goals,player_points"
    ",alternate_team_total_points"
]
#: (provider, how it is asked)
WIRES = [
    pytest.param("oddsjam", {}, id="oddsjam"),
    pytest.param("oddsjam", {"odds_format": "decimal"}, id="oddsjam-decimal"),
    pytest.param("opticodds", {"sport": ["basketball,soccer"], "league": None, "main": None}, id="opticodds"),
    pytest.param("opticodds", {"feed": "copilot", "main": None}, id="copilot"),
    pytest.param("parlayapi", {"sport": ["basketball_nba,soccer_epl"], "market": None}, id="parlayapi-sse"),
    pytest.param("parlayapi", {"market": None, "diff": True, "transport": "ws"}, id="parlayapi-ws-diff"),
    pytest.param("rapidodds", {"sport": ["NBA,EPL"], "market": _RAPID}, id="rapidodds"),
    pytest.param("boltodds", {"league": ["NBA,EPL"], "market": None}, id="boltodds"),
]
#: What strikes on a healthy connection, all of it together.
ON_THE_LINE = (
    Fault(name="garbage", every=0.2),
    Fault(name="dup", every=0.1),
    Fault(name="reorder", every=0.1),
    Fault(name="slow", every=0.5, lasts=0.1),
    Fault(name="stall", every=0.6, lasts=0.1),
    Fault(name="half-frame", every=0.6),
)
#: A connection lives for about half a second, and one of these, or none, strikes the next attempt.
ON_CONNECT = tuple(
    Fault(name=name, every=0.4, burst=1, chance=0.3)
    for name in ("http-429", "accept-then-drop", "refuse", "http-503", "auth")
)
TROUBLE = [
    pytest.param((), 1, id="calm"),
    *(pytest.param((*ON_CONNECT, *ON_THE_LINE), seed, id=f"every-fault-{seed}") for seed in (2, 3)),
]


@pytest.mark.parametrize(("faults", "seed"), TROUBLE)
@pytest.mark.parametrize(("name", "asked"), WIRES)
def test_records_agree_with_the_witness(
    name: str, asked: dict[str, Any], faults: tuple[Fault, ...], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BURST_PAUSE", 0.2)

    def enough(so_far: Run) -> bool:
        # Calm long enough for a few clears, removed games and pushes without a book; in trouble, a few losses.
        return so_far.quotes >= 100 and (so_far.losses >= 3 if faults else so_far.seconds >= 1.5)

    made = asyncio.run(run(name, asked, faults, seed, enough))
    assert differences(name, made.recording, made.records, made.marks) == []
    assert made.losses >= 3 or not faults, "no connection was lost: the comparison would prove little"


#: Wires whose current prices are asked for over REST. Each has a status of a game that ends or is called off.
SNAPSHOTS = [
    pytest.param("oddsjam", {}, id="oddsjam"),
    pytest.param("oddsjam", {"odds_format": "decimal"}, id="oddsjam-decimal"),
    pytest.param("opticodds", {"sport": ["basketball,soccer"], "league": None, "main": None, "fixture_updates": True}, id="opticodds"),
    pytest.param("opticodds", {"feed": "copilot", "main": None}, id="copilot"),
    pytest.param("rapidodds", {"sport": ["NBA,EPL"], "market": _RAPID}, id="rapidodds"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "asked"), SNAPSHOTS)
def test_answers_of_rest_agree_with_the_witness(name: str, asked: dict[str, Any]) -> None:
    _compare_answers(name, asked, (), 4)


@pytest.mark.parametrize("name", ["oddsjam", "opticodds"])
def test_answers_after_a_reconnect_agree_with_the_witness(name: str) -> None:
    # OddsJam replays what was missed, and is asked only where an answer is still owed; OpticOdds is asked each time.
    asked = {} if name == "oddsjam" else {"sport": ["basketball"], "league": None, "main": None}
    # A frame that breaks off in the middle ends a connection, and no call to REST.
    _compare_answers(name, asked, (Fault(name="half-frame", every=0.6),), 5)


def _compare_answers(name: str, asked: dict[str, Any], faults: tuple[Fault, ...], seed: int) -> None:
    def enough(so_far: Run) -> bool:
        # Prices of REST alone, and then what the stream makes of them.
        return so_far.answers > 0 and (so_far.losses >= 2 if faults else so_far.seconds >= 1.0)

    made = asyncio.run(run(name, asked, faults, seed, enough, snapshots=True))
    assert differences(name, made.recording, made.records, made.marks) == []
    assert made.answers, "REST was never asked: the comparison would prove little"
