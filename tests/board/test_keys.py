"""Keys: bytes of a terminal to names, names to what the screen does."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from oddstail.board.keys import HELP, Keyboard, Pasted
from oddstail.model import Lost
from tests.board.stage import AWAY, HOME, Stage, ml, prop, spread, total


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"q", ["q"]),
        (b"\x1b", ["esc"]),
        (b"\x1b[A\x1b[B\x1bOA\x1bOB", ["up", "down", "up", "down"]),
        (b"\x1b[5~\x1b[6~", ["pgup", "pgdn"]),
        (b"\x1b[H\x1bOH\x1b[1~\x1b[7~", ["home"] * 4),
        (b"\x1b[F\x1bOF\x1b[4~\x1b[8~", ["end"] * 4),
        (b"\t\x1b[Z", ["tab", "backtab"]),
        (b"\r\n\x7f\x08", ["enter", "enter", "backspace", "backspace"]),
        ("jké漢".encode(), ["j", "k", "é", "漢"]),
        (b"\x1b[1;5Cj", ["j"]),
        (b"j\x1b[200~q \x1b[A\n\x1b[201~k", ["j", Pasted("q \x1b[A\n"), "k"]),
        (b"\x1b[<35;10;10M", []),
        (b"\x00\x01\xff\xfe", []),
        (b"", []),
    ],
    ids=repr,
)
def test_what_a_terminal_sends(data: bytes, keys: list[str]) -> None:
    assert keys == Keyboard().keys(data)


@pytest.mark.parametrize("at", range(17))
def test_what_a_terminal_sends_in_two_reads(at: int) -> None:
    """Wherever it is cut, but behind an ESC: that is a key of its own, and the terminal's reader waits for more."""
    data = b"\x1b[5~\x1b[200~q\x1b[201~k"
    if data[at - 1 : at] != b"\x1b":
        one = Keyboard()
        assert ["pgup", Pasted("q"), "k"] == [*one.keys(data[:at]), *one.keys(data[at:])]


def test_what_is_pasted_presses_no_key() -> None:
    stage = games(3)
    before = stage.lines()
    assert stage.press("\x1b[200~qqq\njjj\x1b[201~") is None
    assert stage.lines() == before
    stage.press("/\x1b[200~away\n 1\x1b[201~\r")
    assert titles(stage) == ["Away 1"]


def test_a_page_that_is_pasted_costs_nothing() -> None:
    one = Keyboard()
    assert one.keys(b"\x1b[200~" + b"q" * 2_000_000) == []
    [key] = [key for part in (b"q" * 1000, b"\x1b[20", b"1~") for key in one.keys(part)]
    assert isinstance(key, Pasted)
    assert len(key) < 1000


def games(count: int = 3, **look: Any) -> Stage:
    """Games of a moneyline, a spread and a total each, one hour apart; the last one starts first."""
    stage = Stage(**look)
    for n in range(count):
        about: dict[str, Any] = {
            "game_id": f"g{n}",
            "away": f"Away {n}",
            "home": f"Home {n}",
            "start": f"2026-01-31T{22 - n}:00:00Z",
        }
        stage.tell(
            ml(f"Away {n}", +120 + n, side="away", **about), ml(f"Home {n}", -140, side="home", **about),
            spread(f"Away {n}", 3.5, -110, side="away", **about), spread(f"Home {n}", -3.5, -110, side="home", **about),
            total("Over", 221.5, -110, **about), total("Under", 221.5, -110, **about),
            total("Over", 215.5, -190, main=False, **about), total("Under", 215.5, +160, main=False, **about),
        )  # fmt: skip
    return stage


def titles(stage: Stage) -> list[str]:
    return [found[1] for line in stage.lines() if (found := re.search(r"(Away \d) @", line))]


def test_q_quits() -> None:
    assert games().press("q") == "quit"


def test_every_key_of_the_help_is_shown_and_any_key_closes_it() -> None:
    stage = games(width=100, height=30)
    stage.press("?")
    text = stage.text()
    assert all(does in text for _, does in HELP)
    assert stage.press("q") is None
    assert HELP[0][1] not in stage.text()


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (44, 12), (30, 8)])
@pytest.mark.parametrize("on", ["j", "\x1b[6~"], ids=["a line", "a page"])
def test_every_key_of_the_help_can_be_read_on_a_small_screen(size: tuple[int, int], on: str) -> None:
    stage = games(5)
    stage.size = size
    stage.press("?")
    read = []
    while True:
        lines = stage.lines()
        [top] = [at for at, line in enumerate(lines) if "╭─ keys" in line]
        [end] = [at for at, line in enumerate(lines) if "╰─" in line]
        read += [line for line in lines[top + 1 : end] if line not in read]
        if "more" not in lines[end]:
            break
        stage.press(on)
    said = " ".join(" ".join(read).replace("│", " ").split())
    for keys, does in HELP:
        assert f"{' '.join(keys.split())} {does}" in said
    stage.press("x")
    assert "─ keys" not in stage.text()
    stage.press("?")
    assert "next, previous row" in " ".join(stage.text().replace("│", " ").split()), "it begins at its beginning"


def test_games_are_in_the_order_of_their_start_and_stay_there() -> None:
    stage = games()
    assert titles(stage) == ["Away 2", "Away 1", "Away 0"]
    stage.tell(
        ml("Away 0", +500, side="away", game_id="g0", away="Away 0", home="Home 0", start="2026-01-31T22:00:00Z")
    )
    assert titles(stage) == ["Away 2", "Away 1", "Away 0"]


def test_s_sorts_and_r_reverses() -> None:
    stage = games()
    stage.wait(1)
    stage.tell(
        ml("Away 0", +135, side="away", game_id="g0", away="Away 0", home="Home 0", start="2026-01-31T22:00:00Z")
    )
    stage.press("s")
    assert titles(stage)[0] == "Away 0"
    stage.press("s")
    assert titles(stage)[0] == "Away 0", "the highest price of a side leaves the lowest hold"
    stage.press("ssr")
    assert titles(stage) == ["Away 2", "Away 1", "Away 0"]
    stage.press("s")
    assert titles(stage) == ["Away 0", "Away 1", "Away 2"]


def test_a_filter_is_typed_kept_and_cleared() -> None:
    stage = games()
    stage.press("/home 1")
    assert titles(stage) == ["Away 1"]
    assert "/home 1" in stage.lines()[-1]
    stage.press("\r")
    assert "filter: home 1" in stage.lines()[-1]
    stage.press("\x1b")
    assert len(titles(stage)) == 3
    stage.press("/over\r")
    assert not any("Under" in line for line in stage.lines())
    assert sum("Over" in line for line in stage.lines()) == 3
    stage.press("/\x15nobody\r")
    assert "Nothing has 'nobody' in it" in stage.text()


def test_a_q_in_a_filter_is_a_letter() -> None:
    stage = games()
    assert stage.press("/q") is None
    assert stage.view.filter == "q"


def test_a_filter_bears_no_novel() -> None:
    stage = games()
    stage.press("/" + "x" * 1000)
    assert len(stage.view.filter) == 60


def test_rows_scroll_and_the_cursor_stays_on_its_row() -> None:
    stage = games(9, height=14)
    page = stage.text()
    stage.press("\x1b[6~")
    assert page != stage.text()
    stage.press("\x1b[H")
    assert "1-10 of 65 lines" in stage.text()
    stage.press("\x1b[F")
    assert "56-65 of 65 lines" in stage.text()
    assert "▸" in stage.line("▸", "Under")
    stage.press("kk")
    assert "56-65 of 65 lines" in stage.text()
    stage.press("\x1b[H" + "j" * 12)
    row = stage.line("▸")
    # A game that starts earlier comes in above: the row that is looked at stays on the screen.
    about: dict[str, Any] = {"game_id": "early", "away": "Early", "home": "Bird", "start": "2026-01-31T01:00:00Z"}
    stage.tell(ml("Early", +120, side="away", **about), ml("Bird", -140, side="home", **about))
    assert row == stage.line("▸")


def test_tab_goes_from_game_to_game() -> None:
    stage = games(9, height=14)
    stage.press("\t\t\t")
    assert stage.line("▸").startswith("▸Away 6 @ Home 6")
    stage.press("\x1b[Z")
    assert "Away 7 @" in stage.line("▸")


def test_d_goes_through_the_notations() -> None:
    stage = games(1)
    seen = []
    for _ in range(4):
        seen.append(stage.line("Away 0", "Moneyline").split()[3])
        stage.press("d")
    assert seen == ["+120", "2.20", "6/5", "45.5%"]


def test_a_shows_the_alternate_lines() -> None:
    stage = games(1)
    assert "215½" not in stage.text()
    stage.press("a")
    assert "-190" in stage.line("Over 215½")
    stage.press("a")
    assert "215½" not in stage.text()


def test_h_shows_the_hold_of_each_book() -> None:
    stage = games(1)
    stage.press("h")
    assert stage.line("Spread").split()[4] == "4.5%"


def test_enter_opens_the_ladder_of_the_game_and_esc_goes_back() -> None:
    stage = games()
    stage.press("\t\r")
    assert titles(stage) == ["Away 1"]
    assert "ladder" in stage.lines()[0]
    assert "Over 215½" in stage.text()
    assert "Over 221½" in stage.text()
    stage.press("\x1b")
    assert len(titles(stage)) == 3


def test_tab_goes_from_ladder_to_ladder_and_a_game_that_ended_is_not_replaced_unasked() -> None:
    stage = games(layout="ladder")
    assert titles(stage) == ["Away 2"]
    stage.press("\t")
    assert titles(stage) == ["Away 1"]
    stage.press("\x1b[Z\x1b[Z")
    assert titles(stage) == ["Away 0"]
    for cell in list(stage.board.cells()):
        if cell.quote.what.game_id == "g0":
            stage.tell(dataclasses.replace(cell.quote, status="removed", price=None))
    assert titles(stage) == []
    assert "no longer offered" in stage.text()
    stage.press("\t")
    assert titles(stage) == ["Away 2"]


def test_l_goes_through_the_layouts() -> None:
    stage = games()
    stage.press("l")
    assert "list" in stage.lines()[0]
    assert "was" in stage.lines()[1]
    stage.press("l")
    assert "ladder" in stage.lines()[0]
    assert len(titles(stage)) == 1
    stage.press("l")
    assert len(titles(stage)) == 3


def test_the_list_has_the_newest_move_on_top() -> None:
    stage = games()
    stage.press("l")
    stage.wait(10)
    about: dict[str, Any] = {"game_id": "g0", "away": "Away 0", "home": "Home 0", "start": "2026-01-31T22:00:00Z"}
    stage.tell(ml("Home 0", -150, side="home", **about))
    stage.wait(4)
    assert re.search(r"4s DraftKings +ML Home 0 .*-140 +-150▼", stage.lines()[2].replace("Moneyline", "ML"))


@pytest.mark.parametrize("width", [30, 40, 63, 64, 80, 100, 200])
def test_the_list_has_the_whole_price_at_any_width(width: int) -> None:
    stage = games(1, width=width, layout="list")
    stage.tell(total("Over", 221.5, -105, game_id="g0", away="Away 0", home="Home 0", start="2026-01-31T22:00:00Z"))
    assert "221½ -105▲" in stage.text()
    assert "DraftKing" in stage.text() or width < 40
    assert ("-110 " in stage.line("-105▲")) == (width >= 64)


def test_a_star_pins_a_game_to_the_top() -> None:
    stage = games()
    stage.press("\t\t*")
    assert titles(stage) == ["Away 0", "Away 2", "Away 1"]
    assert "★" in stage.line("Away 0 @")
    stage.press("*")
    assert titles(stage) == ["Away 2", "Away 1", "Away 0"]


def test_a_pause_freezes_the_picture_and_counts_what_comes() -> None:
    stage = games(1)
    stage.press(" ")
    before = stage.lines()
    stage.wait(12)
    stage.tell(ml("Away 0", +900, side="away", game_id="g0", away="Away 0", home="Home 0"))
    after = stage.lines()
    assert before[1:-1] == after[1:-1]
    assert "PAUSED" in after[-1]
    assert "12s ago, 1 quote since" in after[-1]
    stage.press(" ")
    assert "+900" in stage.text()


def test_a_paused_picture_is_looked_through_as_any_other() -> None:
    """Rows, notations, ladders, filters: all of that moment, however the board goes on."""
    stage = games(6)
    stage.size = (120, 12)
    top = stage.lines()[3]
    stage.press(" ")
    new: dict[str, Any] = {"game_id": "g0", "away": "Away 0", "home": "Home 0", "start": "2026-01-31T22:00:00Z"}
    stage.tell(ml("Away 0", +900, side="away", **new), ml("Other", 300, away="Other", home="Team", game_id="new"))
    stage.wait(700)
    assert stage.lines()[3] == top
    stage.press("\x1b[F")
    assert "+120" in stage.line("Moneyline", "Away 0")
    assert "Other" not in stage.text()
    assert "?" not in stage.line("Moneyline", "Away 0")
    stage.press("d")
    assert "2.20" in stage.line("Moneyline", "Away 0")
    stage.press("d")
    stage.press("d")
    stage.press("d")
    stage.press("/away 3\r")
    assert titles(stage) == ["Away 3"]
    assert "PAUSED" in stage.lines()[-1]
    stage.press("\x1b")
    assert len(titles(stage)) > 1
    stage.press("l")
    stage.press("l")
    assert "215½" in stage.text()
    stage.press("l")
    stage.press("\x1b")
    assert "PAUSED" not in stage.lines()[-1]
    stage.press("\x1b[F")
    assert "+900?" in stage.line("Moneyline", "Away 0")
    stage.press("/other\r")
    assert "Other" in stage.text()


def test_a_pause_says_so_while_a_filter_is_typed() -> None:
    stage = games(2)
    stage.press(" /away")
    assert stage.lines()[-1].startswith(" PAUSED  /away")


@pytest.mark.parametrize("status", ["suspended", "removed"])
def test_what_is_paused_does_not_change_by_what_comes(status: Any) -> None:
    stage = games(1)
    stage.press("a")
    stage.press(" ")
    before = stage.lines()[1:-1]
    about: dict[str, Any] = {"game_id": "g0", "away": "Away 0", "home": "Home 0", "start": "2026-01-31T22:00:00Z"}
    stage.tell(
        ml("Away 0", None, side="away", status=status, **about),
        spread("Away 0", 3.5, None, side="away", status=status, **about),
        spread("Away 0", 7.5, +100, side="away", **about),
        total("Over", 215.5, None, main=False, status=status, **about),
    )
    stage.tell(Lost(cause="closed", detail="x", retry_in=3.0))
    assert stage.lines()[1:-1] == before
    assert "1 link down" in stage.lines()[-1]
    stage.press(" ")
    assert stage.lines()[1:-1] != before


def test_e_says_why_nothing_is_there() -> None:
    stage = Stage()
    stage.wait(30)
    stage.press("e")
    assert "NBA: connected 30s ago, no prices to show yet" in stage.text()


def test_books_that_do_not_fit_are_counted_and_one_arrow_away() -> None:
    stage = Stage(width=80)
    for n in range(7):
        stage.tell(ml(AWAY, +120 + n, f"Book {n}"), ml(HOME, -140, f"Book {n}"))
    assert "2 books not shown →" in stage.lines()[1]
    assert stage.lines()[1].split("→")[1].split()[:5] == ["B0", "B1", "B2", "B3", "B4"]
    # What is hidden still counts.
    assert "B6    +126" in stage.line(AWAY, "ML")
    stage.press("\x1b[C" * 9)
    assert " B6 " in stage.lines()[1]
    assert "2 books not shown ←" in stage.lines()[1]
    stage.press("\x1b[D")
    assert stage.lines()[1].split("→")[1].split()[0] == "B1"


def test_a_ladder_climbs_by_the_points_of_its_first_side() -> None:
    stage = Stage(layout="ladder")
    for line in (1.5, -2.5, 3.5):
        stage.tell(spread(HOME, -line, -110, main=False), spread(AWAY, line, -110, main=False))
    assert re.findall(AWAY + r" ([-+]\S+)", stage.text()) == ["-2½", "+1½", "+3½"]


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ([], "g1"),
        ([spread(AWAY, 3.5, -110), spread(HOME, -3.5, -110)], f"{HOME} v {AWAY}"),
        ([spread(AWAY, 3.5, -110)], "g1"),
    ],
    ids=["nothing", "both teams", "one team"],
)
def test_a_game_without_names_is_called_by_its_prices_or_by_its_id(told: list[Any], title: str) -> None:
    stage = Stage()
    for quote in [total("Over", 221.5, -110), *told]:
        nameless = dataclasses.replace(quote.what, home=None, away=None, side=None)
        stage.tell(dataclasses.replace(quote, what=nameless))
    assert stage.lines()[3].split("  ")[0].strip() == title


def test_players_are_grouped_and_come_after_the_game() -> None:
    stage = Stage()
    stage.tell(prop("Jaylen Brown", "Over", 22.5, -110), prop("Jayson Tatum", "Over", 27.5, -115),
               prop("Jaylen Brown", "Over", 6.5, -120, market="Player Rebounds"), ml(AWAY, +130))  # fmt: skip
    body = [line.strip() for line in stage.lines()[3:9]]
    assert body[1].startswith("Moneyline")
    assert body[2] == "Jaylen Brown"
    assert [line.split()[0] for line in body[3:5]] == ["Points", "Rebounds"]
    assert body[5] == "Jayson Tatum"
