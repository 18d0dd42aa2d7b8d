"""Old snapshots, totals of different things and outcomes by their own names, as rows of the picture."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.board.stage import AWAY, HOME, SECOND, Stage, ml, prop, total
from tests.board.test_best_price import both, pair, row, stamped


@pytest.mark.parametrize(("age", "hold"), [(2210, "-2.9%?"), (5, "-2.9%")], ids=["old", "new"])
def test_hold_below_zero_with_an_old_row_of_a_snapshot_is_marked_and_its_age_is_shown(age: int, hold: str) -> None:
    stage = Stage()
    stage.tell(*stamped(both(130, -150, "DraftKings"), stage.now - age * SECOND, snap=True, live=True))
    stage.tell(*stamped(both(112, -116, "FanDuel"), stage.now, live=True))
    assert row(stage, AWAY)[1][:3] == ["DK", "+130", hold]
    stage.press("je")
    assert ("said 36m ago" if age > 60 else "said 5s ago") in stage.line("DraftKings")


@pytest.mark.parametrize(
    ("one", "other"),
    [({"stat": "sets"}, {"stat": "games"}), ({"stat": "points"}, {"kind": "team_total", "selection": HOME})],
    ids=["sets-and-games", "game-and-team"],
)
def test_totals_of_different_things_have_rows_of_their_own(one: dict[str, Any], other: dict[str, Any]) -> None:
    stage = Stage()
    for book, american, what in (("DraftKings", -110, one), ("FanDuel", -105, other)):
        stage.tell(*[
            dataclasses.replace(made, what=dataclasses.replace(made.what, **what))
            for made in pair(total, 2.5, american, american, book)
        ])  # fmt: skip
    best = [line.partition("│")[2].split()[:2] for line in stage.lines() if "2½" in line and "│" in line]
    assert best.count(["DK", "-110"]) == best.count(["FD", "-105"]) == 2


def test_both_answers_of_a_yes_no_market_are_compared() -> None:
    stage = Stage()
    for book, yes, no in (("DraftKings", -110, -110), ("FanDuel", 102, -125)):
        for side, american in (("yes", yes), ("no", no)):
            what: dict[str, Any] = {"stat": "both_score", "market": "Both Teams To Score", "ways": 2}
            made = ml(side.title(), american, book, side=side, **what)
            stage.tell(dataclasses.replace(made, what=dataclasses.replace(made.what, kind="other")))
    text = [line.partition("│")[2].split()[:3] for line in stage.lines() if "Yes" in line and "│" in line]
    assert [part[:2] for part in text] == [["FD", "+102"]]
    assert text[0][2].endswith("%")


def test_alternates_of_a_prop_are_compared_with_its_main_market() -> None:
    stage = Stage()
    for book, market, american, main in (
        ("DraftKings", "player_points", -110, True),
        ("FanDuel", "player_points_alternate", -102, False),
    ):
        for side in ("Over", "Under"):
            made = prop("Jayson Tatum", side, 27.5, american, book, market, main)
            stage.tell(dataclasses.replace(made, what=dataclasses.replace(made.what, stat="points")))
    assert row(stage, "Over 27½")[1][:2] == ["FD", "-102"]
