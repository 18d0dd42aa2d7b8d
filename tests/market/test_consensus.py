"""Best, Hold and Fair over all books: what is compared, what is left out, and the arithmetic."""

from __future__ import annotations

import re

import pytest

from oddstail.market import consensus as value
from oddstail.market.consensus import Terms, Value
from oddstail.market.game import Market
from tests.board.stage import AWAY, HOME, Stage, ml, prop, spread, total


def market(stage: Stage, kind: str) -> Market:
    [found] = [one for one in stage.board.games["g1"].markets.values() if one.key.kind == kind]
    return found


def worth(stage: Stage, kind: str, devig: str = "multiplicative", fair: str = "consensus") -> Value:
    return value.of_market(market(stage, kind), Terms(stage.board.judge(0), devig, fair))


def bests(found: Value) -> dict[str, tuple[float, list[str]]]:
    return {
        side: (best.cell.quote.price.american, best.books)
        for side, best in found.best.items()
        if best.cell.quote.price is not None
    }


def test_the_best_price_is_the_one_that_pays_most_and_ties_are_named() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -150), ml(AWAY, +125, "FanDuel"), ml(HOME, -140, "FanDuel"),
               ml(AWAY, +130, "Pinnacle"), ml(HOME, -142, "Pinnacle"))  # fmt: skip
    found = worth(stage, "moneyline")
    assert bests(found) == {"away": (+130, ["DraftKings", "Pinnacle"]), "home": (-140, ["FanDuel"])}
    # 1 - 1/(1/2.3 + 140/240): what stays of +130 and -140.
    assert found.hold == pytest.approx(1 - 1 / (100 / 230 + 140 / 240), abs=1e-4)


def test_fair_is_the_mean_of_the_books_without_their_margin() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, -110), ml(HOME, -110), ml(AWAY, +100, "FanDuel"), ml(HOME, -120, "FanDuel"))
    fanduel = 0.5 / (0.5 + 120 / 220)
    assert worth(stage, "moneyline").fair["away"] == pytest.approx((0.5 + fanduel) / 2, abs=1e-4)
    assert worth(stage, "moneyline", fair="fanduel").fair["away"] == pytest.approx(fanduel, abs=1e-4)
    assert worth(stage, "moneyline", fair="Nobody").fair == {}


@pytest.mark.parametrize("devig", ["multiplicative", "power", "shin"])
def test_every_method_takes_the_whole_margin(devig: str) -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +200), ml(HOME, -240), ml("Draw", +900, side="draw"))
    fair = worth(stage, "moneyline", devig).fair
    assert sum(fair.values()) == pytest.approx(1.0)
    assert fair["home"] > fair["away"] > fair["draw"]


def test_a_missing_outcome_makes_no_arbitrage() -> None:
    """Two of three sides: the sum is far under a certainty, and no hold is shown."""
    stage = Stage()
    stage.tell(ml(AWAY, +200), ml(HOME, +150))
    found = worth(stage, "moneyline")
    assert (found.hold, found.fair) == (None, {})
    stage.tell(ml("Draw", +250, side="draw"))
    assert worth(stage, "moneyline").hold == pytest.approx(1 - 1 / (1 / 3 + 1 / 2.5 + 1 / 3.5), abs=1e-4)


def test_one_side_may_be_the_best_but_gives_no_hold() -> None:
    stage = Stage()
    stage.tell(
        total("Over", 221.5, -105), total("Over", 221.5, -110, "FanDuel"), total("Under", 221.5, -110, "FanDuel")
    )
    found = worth(stage, "total")
    assert bests(found)["over"] == (-105, ["DraftKings"])
    assert found.partial == ["DraftKings"]
    assert list(found.whole_books) == ["FanDuel"]
    stage.tell(total("Under", 221.5, None, "FanDuel", "suspended"))
    assert worth(stage, "total").hold is None


def test_only_one_line_is_compared_and_the_others_are_told() -> None:
    stage = Stage()
    for book, line in (("DraftKings", 3.5), ("FanDuel", 3.5), ("Pinnacle", 4.0)):
        stage.tell(spread(AWAY, line, -110, book), spread(HOME, -line, -110, book))
    stage.tell(spread(AWAY, 4.0, +105, "Pinnacle"))
    found = worth(stage, "spread")
    assert (found.line, found.out) == (-3.5, {"Pinnacle": "line"})
    assert bests(found)["away"] == (-110, ["DraftKings", "FanDuel"])


def test_both_sides_of_a_spread_stand_together() -> None:
    """Also where the provider does not say which side is at home."""
    stage = Stage()
    stage.tell(spread(AWAY, 3.5, -110, side=None, home=None, away=None), spread(HOME, -3.5, -110, side=None, home=None, away=None))  # fmt: skip
    assert worth(stage, "spread").hold == pytest.approx(1 / 22, abs=1e-4)
    stage.tell(spread(AWAY, -3.5, +250, main=False), spread(HOME, 3.5, -350, main=False))
    assert {line for _, line in market(stage, "spread").rows} == {3.5, -3.5}


def test_an_alternate_line_is_never_compared_with_the_main_one() -> None:
    stage = Stage()
    stage.tell(total("Over", 221.5, -110), total("Under", 221.5, -110), total("Over", 210.5, +400, main=False))
    assert bests(worth(stage, "total"))["over"] == (-110, ["DraftKings"])
    at = value.of_line(market(stage, "total"), 210.5, Terms(stage.board.judge(0)))
    assert bests(at) == {"over": (+400, ["DraftKings"])}
    assert at.hold is None


def test_where_no_line_is_flagged_the_most_balanced_one_is_main() -> None:
    stage = Stage()
    for line, over, under in ((220.5, -150, +125), (221.5, -110, -110), (222.5, +120, -145)):
        stage.tell(total("Over", line, over, main=None), total("Under", line, under, main=None))
    assert market(stage, "total").main("DraftKings") == (True, 221.5)
    stage.tell(total("Over", 221.5, -200, main=None), total("Under", 221.5, +165, main=None))
    assert market(stage, "total").main("DraftKings") == (True, 222.5)


def test_a_players_over_and_under_are_one_market() -> None:
    stage = Stage()
    stage.tell(prop("Jayson Tatum", "Over", 27.5, -115), prop("Jayson Tatum", "Under", 27.5, -105))
    assert worth(stage, "prop").hold == pytest.approx(1 - 1 / (115 / 215 + 105 / 205), abs=1e-4)


def test_two_prices_of_one_book_for_one_selection_hide_neither() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130, key="one"), ml(AWAY, +140, key="two"))
    assert sorted(cell.quote.price.american for cell in stage.board.cells() if cell.quote.price) == [130, 140]
    assert len({cell.row for cell in stage.board.cells()}) == 2


def test_a_price_that_found_its_place_taken_takes_it_once_that_is_free() -> None:
    """A book's alternate stands at the line of its main price, until that moves on: the wire tells one after the other."""
    stage = Stage()
    main, alternate = ([total(side, 221.5, price, key=f"{key} {side}", main=key == "main") for side in ("Over", "Under")]
                       for key, price in (("main", -110), ("alternate", -105)))  # fmt: skip
    stage.tell(*main)
    stage.tell(*alternate)
    assert len({cell.row.market for cell in stage.board.cells()}) == 2
    stage.tell(*[total(side, 223.5, -110, key=f"main {side}") for side in ("Over", "Under")])
    assert {cell.row.market for cell in stage.board.cells()} == {market(stage, "total")}
    assert bests(value.of_line(market(stage, "total"), 221.5, Terms(stage.board.judge(0))))["over"] == (
        -105,
        ["DraftKings"],
    )
    # And a main price that moves onto the line of an alternate counts as soon as that one is gone.
    stage.tell(*[total(side, 221.5, -115, key=f"main {side}") for side in ("Over", "Under")])
    stage.tell(*[total(side, 221.5, None, status="removed", key=f"alternate {side}") for side in ("Over", "Under")])
    assert bests(value.of_line(market(stage, "total"), 221.5, Terms(stage.board.judge(0))))["over"] == (
        -115,
        ["DraftKings"],
    )


def test_a_line_that_is_main_no_more_gives_way_to_the_one_that_is() -> None:
    stage = Stage()
    stage.tell(total("Over", 221.5, -110, key="a"), total("Under", 221.5, -110, key="b"))
    assert market(stage, "total").main("DraftKings") == (True, 221.5)
    stage.tell(total("Over", 221.5, -110, key="a", main=False), total("Under", 221.5, -110, key="b", main=False))
    assert market(stage, "total").main("DraftKings") == (True, 221.5)
    stage.tell(total("Over", 223.5, -150, key="c"))
    assert market(stage, "total").main("DraftKings") == (True, 223.5)
    assert "223½" in stage.line("Over")


def test_a_main_line_that_is_withdrawn_is_no_main_line() -> None:
    stage = Stage()
    for book in ("DraftKings", "FanDuel"):
        stage.tell(total("Over", 221.5, -110, book), total("Under", 221.5, -110, book))
    stage.tell(total("Over", 221.5, None, status="removed"), total("Under", 221.5, None, status="removed"))
    assert market(stage, "total").main("DraftKings") == (False, None)
    assert market(stage, "total").main("FanDuel") == (True, 221.5)


def test_what_has_a_price_is_counted_down_and_up() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -150))
    stage.tell(ml(AWAY, None, status="suspended"), ml(HOME, None))
    assert stage.board.priced["DraftKings"] == 0
    stage.tell(ml(AWAY, +130))
    assert stage.board.priced["DraftKings"] == 1


def test_a_sure_win_that_is_too_good_is_told_as_a_late_price() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, -110), ml(HOME, -110), ml(AWAY, +110, "FanDuel"), ml(HOME, -130, "FanDuel"))
    stage.tell(ml(AWAY, +105, "Pinnacle"), ml(HOME, -104, "Pinnacle"))
    assert re.search(r" -?\d\.\d% ", stage.line(AWAY, "Moneyline"))
    stage.tell(ml(AWAY, +400, "FanDuel"), ml(HOME, -600, "FanDuel"))
    assert "-38%?" in stage.line(AWAY, "Moneyline")
    stage.press("e")
    assert "probably late" in stage.text()


@pytest.mark.parametrize(
    ("fair", "said"),
    [
        ("consensus", ""),
        ("draft kings", ""),
        ("FanDul", "--fair FanDul: no such book here; did you mean FanDuel?"),
        ("Nobody\x1b[31m", "--fair Nobody␛[31m: no such book here"),
        ("", "--fair : no such book here"),
    ],
)
def test_a_fair_book_that_is_not_there_is_said(fair: str, said: str) -> None:
    stage = Stage(width=200, fair=fair)
    assert "--fair" not in stage.lines()[-1]
    stage.tell(ml(AWAY, -110), ml(HOME, -110), ml(AWAY, +105, "FanDuel"), ml(HOME, -120, "FanDuel"))
    assert ("--fair" in stage.lines()[-1]) == bool(said)
    assert said in stage.lines()[-1]
    assert (len(stage.line("Moneyline").partition("%")[2].split()) < 2) == bool(said)
