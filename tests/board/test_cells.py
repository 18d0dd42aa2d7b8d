"""A move has an age, a direction has a sign, a line has its half: what stands in a cell, digit by digit."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.style import Style

from oddstail.board import cells
from oddstail.board.paint import Painter
from oddstail.board.theme import THEMES, Theme
from oddstail.cli import screen as flags
from tests.board.stage import AWAY, HOME, Stage, ml, spread, total

THEME: Theme = THEMES["dark"]


def pieces(stage: Stage, *words: str) -> list[tuple[str, Style]]:
    """The segments of the one line with these words, up to the rule, blanks left out."""
    for line in stage.frame():
        text = "".join(part for part, _ in line)
        if all(word in text for word in words):
            ends = [part for part, _ in line].index("│")
            return [(part.strip(), style) for part, style in line[:ends] if part.strip()]
    raise AssertionError(words)


def moved() -> Stage:
    stage = Stage()
    stage.tell(ml(AWAY, -110), ml(HOME, -110))
    stage.wait(5)
    stage.tell(ml(AWAY, -105))
    return stage


def test_the_digits_that_changed_stand_out_for_three_seconds() -> None:
    stage = moved()
    stage.wait(2.9)
    assert pieces(stage, AWAY, "-105")[-3:] == [("-1", THEME.up), ("05", THEME.up_now), ("▲", THEME.up)]
    stage.wait(0.2)
    [*_, last] = pieces(stage, AWAY, "-105")
    assert last == ("-105▲", THEME.up)


def test_the_cell_keeps_its_colour_for_thirty_seconds_and_a_dim_arrow_for_ten_minutes() -> None:
    stage = moved()
    stage.wait(29.9)
    assert pieces(stage, AWAY, "-105")[-1] == ("-105▲", THEME.up)
    stage.wait(0.2)
    assert pieces(stage, AWAY, "-105")[-2:] == [("-105", THEME.text), ("▲", THEME.dim)]
    stage.wait(569)
    assert pieces(stage, AWAY, "-105?")[-1][0] == "-105?"
    stage.tell(ml(HOME, -110))
    assert pieces(stage, AWAY, "-105")[-2:] == [("-105", THEME.text), ("▲", THEME.dim)]
    stage.wait(2)
    assert pieces(stage, AWAY, "-105")[-1] == ("-105", THEME.text)


def test_c_clears_the_colours_and_keeps_the_arrow() -> None:
    stage = moved()
    stage.wait(1)
    stage.press("c")
    assert pieces(stage, AWAY, "-105")[-2:] == [("-105", THEME.text), ("▲", THEME.dim)]
    stage.tell(ml(AWAY, -120))
    assert "▼" in stage.line(AWAY, "-120")


@pytest.mark.parametrize(
    ("odds", "shown"),
    [("american", "-105▲"), ("decimal", "1.95▲"), ("fractional", "20/21▲"), ("probability", "51.2%▼")],
)
def test_the_arrow_points_where_the_number_went(odds: str, shown: str) -> None:
    stage = moved()
    stage.view.odds = odds  # type: ignore[assignment]
    assert shown in stage.line(AWAY, "Moneyline")


def test_a_line_that_moved_is_what_stands_out() -> None:
    stage = Stage()
    stage.tell(spread(AWAY, 3.5, -110), spread(HOME, -3.5, -110))
    stage.wait(5)
    stage.tell(spread(AWAY, 4.0, -110), spread(AWAY, 3.5, None, status="removed"))
    assert pieces(stage, AWAY, "+4 ")[-3:] == [("+4", THEME.up), ("-110", THEME.up), ("↑", THEME.up_now)]
    assert "-110↑" in stage.line(AWAY, "Spread"), "the line moved and the price did not"
    # The other side has not followed yet: it has no price at this line, and none of another one.
    assert "-110" not in stage.line("  " + HOME)


def test_a_price_that_came_back_different_from_a_suspension_has_moved() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, -110), ml(AWAY, None, status="suspended"))
    assert stage.cell(ml(AWAY, -110).what.key).moved == 0
    stage.tell(ml(AWAY, -110))
    assert stage.cell(ml(AWAY, -110).what.key).moved == 0
    stage.tell(ml(AWAY, None, status="suspended"), ml(AWAY, -130))
    assert "-130▼" in stage.line(AWAY, "Moneyline")


def test_o_shows_the_first_price_beside_the_current_one() -> None:
    stage = moved()
    stage.tell(spread(AWAY, 3.5, -110), spread(HOME, -3.5, -110))
    stage.tell(spread(AWAY, 4.0, -108), spread(AWAY, 3.5, None, status="removed"))
    stage.press("o")
    assert "-110 -105▲" in stage.line(AWAY, "Moneyline")
    assert "+3½ -110 -108↑" in stage.line(f"{AWAY} +4")


def test_a_sparkline_draws_the_moves_of_the_price_or_of_the_line() -> None:
    stage = Stage(width=150, spark=True)
    for american in (-110, -120, -130, -105):
        stage.tell(ml(AWAY, american))
    assert stage.line(AWAY, "Moneyline").endswith("▄▁█")
    assert cells.spark([(3.5, 0.5), (4.0, 0.6), (4.5, 0.4)], 10) == "▁▅█"


@pytest.mark.parametrize(
    ("value", "signed", "shown"),
    [(-3.5, True, "-3½"), (7.0, True, "+7"), (0.0, True, "PK"), (-0.0, True, "PK"), (0.5, True, "+½"), (-0.25, True, "-¼"),
     (221.5, False, "221½"), (2.75, False, "2¾"), (6.0, False, "6"), (0.0, False, "0"), (1.33, True, "+1.33"), (None, True, "")],
)  # fmt: skip
def test_points_have_their_quarters(value: float | None, signed: bool, shown: str) -> None:
    assert shown == cells.points(value, signed=signed)


@pytest.mark.parametrize(
    ("probability", "odds", "shown"),
    [(0.5, "american", "+100"), (0.6, "american", "-150"), (0.4, "american", "+150"), (0.4, "decimal", "2.50"),
     (0.4, "fractional", "6/4"), (0.4, "probability", "40.0%"), (0.05, "decimal", "20.0")],
)  # fmt: skip
def test_a_fair_price_in_every_notation(probability: float, odds: str, shown: str) -> None:
    assert shown == cells.fair(probability, odds)  # type: ignore[arg-type]


def test_a_cell_that_does_not_fit_shows_no_wrong_number() -> None:
    [(text, _)] = cells.right([("221½", Style()), (" ", Style()), ("-11000", Style())], 8)
    assert text == "221½ -1…"


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_tells_up_from_down_and_dead_from_open_without_colour(name: str) -> None:
    """16 colours or none: the words and signs are the same, so only what differs by style alone is looked at."""
    theme = THEMES[name]
    for system in ColorSystem:
        up = Painter(system).paint([[("x", theme.up)]], (1, 1))
        down = Painter(system).paint([[("x", theme.down)]], (1, 1))
        assert up != down
    plain = Painter(ColorSystem.TRUECOLOR, True)
    drawn = plain.paint([[("x", theme.up_now), ("y", theme.up), ("z", theme.dead), ("b", theme.best)]], (4, 1))
    assert "38;2" not in drawn
    assert all(f"m{char}" in drawn for char in "xzb"), "bold, reverse and dim stay"


def test_the_flags_offer_what_there_is() -> None:
    from oddstail.board.view import LAYOUTS, ODDS
    from oddstail.margin import METHODS

    offered = [[item.value for item in kind] for kind in (flags.Theme, flags.Layout, flags.Odds, flags.Devig)]
    assert offered == [list(THEMES), list(LAYOUTS), list(ODDS), list(METHODS)]


def test_only_lines_that_changed_are_painted() -> None:
    painter = Painter(None)
    first = painter.paint([[("a", Style())], [("b", Style())]], (1, 2))
    assert "a" in first
    assert "b" in first
    assert painter.paint([[("a", Style())], [("b", Style())]], (1, 2)) == ""
    second = painter.paint([[("a", Style())], [("c", Style())]], (1, 2))
    assert "c" in second
    assert "\x1b[1;1H" not in second
    assert "\x1b[2J" in painter.paint([[("a", Style())], [("c", Style())]], (2, 2))


def test_the_best_of_several_stands_out_and_the_only_one_does_not() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130))
    assert pieces(stage, AWAY, "+130")[-1] == ("+130", THEME.text)
    stage.tell(ml(AWAY, +125, "FanDuel"))
    assert pieces(stage, AWAY, "+130")[-2:] == [("+130", THEME.best), ("+125", THEME.text)]


def test_totals_and_moneylines_side_by_side() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130), total("Over", 221.5, -110), total("Under", 221.5, -110))
    assert "-110" in stage.line("Over 221½")
    assert stage.line("Under").count("221½") == 1, "the line stands with the selection, once"
