"""What counts in Best, Hold and Fair, at the level of the picture: scripted events in, the text of a row out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from oddstail.market.books import code, rank
from oddstail.model import Fixture, Quote
from tests.board.stage import AWAY, HOME, SECOND, Stage, ml, prop, spread, total


def row(stage: Stage, *words: str) -> tuple[list[str], list[str]]:
    """The books' cells and what stands right of the rule, of the one row with these words."""
    lines = [
        line for line in stage.lines() if all(word in line for word in words) and "│" in line and " @ " not in line
    ]
    assert len(lines) == 1, stage.text()
    left, _, right = lines[0].partition("│")
    return left.split(), right.split()


def both(first: float, second: float, book: str, **what: Any) -> list[Quote]:
    """Both sides of a moneyline, away first."""
    return [
        ml(what.get("away", AWAY), first, book, **{"side": "away", **what}),
        ml(what.get("home", HOME), second, book, **{"side": "home", **what}),
    ]


def pair(make: Callable[..., Quote], line: float, first: float | None, second: float | None, book: str = "DraftKings",
         **more: Any) -> list[Quote]:  # fmt: skip
    """Both sides of a total, or of a spread on the away side's line."""
    if make is total:
        return [total("Over", line, first, book, **more), total("Under", line, second, book, **more)]
    return [spread(AWAY, line, first, book, **more), spread(HOME, -line, second, book, **more)]


def stamped(quotes: list[Quote], ts: int, *, snap: bool = False, live: bool | None = None) -> list[Quote]:
    return [dataclasses.replace(quote, ts=ts, snap=snap, live=live) for quote in quotes]


def test_a_status_alone_changes_which_line_is_shown() -> None:
    stage = Stage()
    stage.tell(*pair(total, 220, 100, -120), *pair(total, 220, None, None, status="suspended"))
    stage.tell(*pair(total, 221, -110, -110), *pair(total, 221, None, None, status="suspended"))
    stage.tell(*pair(total, 220, 100, -120))
    cells, right = row(stage, "Over 220")
    assert "+100" in cells
    assert right[:2] == ["DK", "+100"]


def test_a_line_with_odds_is_shown_before_one_without() -> None:
    stage = Stage()
    stage.tell(*pair(total, 46.5, None, None, status="suspended", main=None), *pair(total, 47.5, -105, -115, main=None))
    cells, right = row(stage, "Over 47½")
    assert "-105" in cells
    assert right[:2] == ["DK", "-105"]


def test_two_way_and_three_way_are_two_bets() -> None:
    stage = Stage()
    stage.tell(*both(130, -150, "DraftKings", ways=2))
    stage.tell(*both(210, 105, "FanDuel", ways=3), ml("Draw", 300, "FanDuel", ways=3, side="draw"))
    text = [line.partition("│")[2].split()[:2] for line in stage.lines() if AWAY in line and "│" in line]
    assert text == [["DK", "+130"], ["FD", "+210"]]


@pytest.mark.parametrize(
    ("book", "shown"),
    [("Betfair Exchange (Lay)", "+190L"), ("betfair_ex_lay_eu", "+190L"), ("PrizePicks", "+190P")],
    ids=["lay", "lay-key", "pickem"],
)
def test_prices_to_lay_and_pickem_are_shown_as_such_and_never_compared(book: str, shown: str) -> None:
    stage = Stage()
    stage.tell(*both(120, -140, "DraftKings"), *both(190, 130, book))
    cells, right = row(stage, AWAY)
    assert shown in cells
    assert right[:2] == ["DK", "+120"]
    assert right[2] == "3.6%"


def test_of_one_book_at_two_providers_the_later_time_counts() -> None:
    stage = Stage()
    stage.board.columns = {"Op DraftKings": "draftkings", "Pa draftkings": "draftkings"}
    stage.tell(*stamped(both(-150, 130, "Op DraftKings"), stage.now + 10 * SECOND))
    stage.wait(13)
    stage.tell(*stamped(both(-110, -110, "Pa draftkings"), stage.now - 11 * SECOND))
    assert row(stage, AWAY)[1][:2] == ["OpDK", "-150"]
    assert {"OpDK", "PaDK"} <= set(stage.lines()[1].split())


def test_every_book_that_has_the_line_counts() -> None:
    stage = Stage()
    for book in ("DraftKings", "FanDuel"):
        stage.tell(*pair(spread, 3.5, -110, -110, book))
    stage.tell(*pair(spread, 4.5, -110, -110, "Caesars"), *pair(spread, 3.5, 112, -135, "Caesars", main=False))
    cells, right = row(stage, f"{AWAY} +3½")
    assert "+112" in cells
    assert right[:2] == ["CZR", "+112"]


def test_of_two_lines_the_balanced_one_is_compared() -> None:
    stage = Stage()
    for book in ("DraftKings", "FanDuel"):
        stage.tell(*pair(spread, 3.5, -300, 255, book))
    for book in ("BetMGM", "Caesars"):
        stage.tell(*pair(spread, 7.5, -110, -110, book))
    cells, _ = row(stage, f"{AWAY} +7½")
    assert cells.count("-110") == 2
    assert "(+3½)" in cells or "+3½" in cells, "a price at another line is not one at this line"


def test_a_book_of_one_side_sets_best_with_a_mark_only() -> None:
    stage = Stage()
    stage.tell(*both(110, -130, "DraftKings"), ml(AWAY, 130, "Kalshi"))
    assert row(stage, AWAY)[1][:3] == ["KAL", "+130¹", "4.0%"]


@pytest.mark.parametrize("status", ["completed", "Cancelled", "postponed"])
def test_nothing_is_on_offer_once_a_game_is_over_until_it_is_priced_anew(status: str) -> None:
    stage = Stage()
    stage.tell(*both(110, -130, "DraftKings"))
    stage.wait(1)
    stage.tell(Fixture(game_id="g1", status=status))
    cells, right = row(stage, AWAY)
    assert "+110×" in cells
    assert right == ["+110"], "Open alone"
    assert status in stage.line(f"{AWAY} @ {HOME}")
    stage.wait(1)
    stage.tell(*both(115, -135, "DraftKings"))
    assert row(stage, AWAY)[1][:2] == ["DK", "+115"]


def test_even_money_does_not_move() -> None:
    stage = Stage()
    stage.tell(*both(-100, -120, "DraftKings"))
    stage.wait(1)
    stage.tell(*both(100, -120, "DraftKings"))
    cells, _ = row(stage, AWAY)
    assert "+100" in cells


def test_a_best_price_that_takes_little_is_marked() -> None:
    stage = Stage()
    stage.tell(*both(110, -130, "DraftKings"))
    stage.tell(dataclasses.replace(ml(AWAY, 120, "Novig"), limit=3.0), ml(HOME, -130, "Novig"))
    assert row(stage, AWAY)[1][:2] == ["NVG", "+120$"]
    stage.press("je")
    assert "takes up to 3" in stage.line("Novig")


def test_no_hold_where_a_filter_may_hide_an_outcome() -> None:
    stage = Stage()
    stage.board.filtered = True
    stage.tell(*both(110, -130, "DraftKings"), *both(112, -135, "FanDuel"))
    assert row(stage, AWAY)[1] == ["FD", "+112", "+110"], "Best and Open alone"


def test_a_line_without_a_price_is_a_dot() -> None:
    stage = Stage()
    stage.tell(
        *pair(spread, 3.5, -110, -110),
        *[dataclasses.replace(one, price=None) for one in pair(spread, 3.5, -110, -110, "FanDuel")],
    )
    assert "·" in row(stage, f"{AWAY} +3½")[0]


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "moved"])
def test_alternate_line_that_comes_before_the_main_line_has_left_joins_the_others(removed: bool) -> None:
    stage = Stage()
    for book in ("FanDuel", "Caesars"):
        stage.tell(*pair(total, 220.5, -110, -110, book))
    mains = [dataclasses.replace(one, what=dataclasses.replace(one.what, key=f"main {one.what.selection}"))
             for one in pair(total, 220.5, -108, -112)]  # fmt: skip
    stage.tell(*mains)
    stage.tell(*pair(total, 220.5, +104, -124, main=False, key=None))
    assert row(stage, "Over 220½", "-110")[1][:2] == ["DK", "-108"]
    if removed:
        stage.tell(*[dataclasses.replace(one, price=None, status="removed") for one in mains])
    else:
        stage.tell(*[dataclasses.replace(one, line=222.5) for one in mains])
    assert row(stage, "Over 220½")[1][:2] == ["DK", "+104"]


# --- the board around it ------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "count"), [(140, 8), (80, 5)])
def test_books_that_fit(width: int, count: int) -> None:
    stage = Stage(width)
    books = ("DraftKings", "FanDuel", "BetMGM", "Caesars", "bet365", "Bovada", "BetRivers", "Pinnacle")
    for book in books:
        stage.tell(*both(110, -130, book))
    assert (
        stage.lines()[1].partition("│")[0].split()[-count:]
        == ["PIN", "DK", "FD", "MGM", "CZR", "B365", "BOV", "BR"][:count]
    )


@pytest.mark.parametrize(
    ("book", "short"),
    [("Pinnacle", "PIN"), ("draftkings", "DK"), ("FanDuel Sportsbook", "FD"), ("Betfair Exchange (Lay)", "BFXL"),
     ("LeoVegas", "LV"), ("Tab Touch", "TT"), ("1xBet", "1XB"), ("Toto", "TOT")],
)  # fmt: skip
def test_every_book_has_a_code(book: str, short: str) -> None:
    assert code(book) == short


def test_sharp_books_come_before_the_others() -> None:
    assert rank("Pinnacle") < rank("DraftKings") < rank("Toto")


def test_no_two_books_have_one_code() -> None:
    stage = Stage(200)
    for book in ("Toto", "Totobet", "Totopia", "TOT", "Pinnacle", "Pinnacle2"):
        stage.tell(*both(110, -130, book))
    shown = stage.lines()[1].partition("│")[0].split()
    assert len(set(shown)) == len(shown) == 6


def test_games_in_play_stand_above_those_to_come() -> None:
    stage = Stage()
    stage.tell(*both(110, -130, "DraftKings", start="2026-01-31T18:12:00Z", competition="nba", league="basketball_nba"))
    stage.tell(*both(110, -130, "DraftKings", game_id="g2", away="Away", home="Home", start="2026-01-31T17:00:00Z"))
    stage.tell(*both(110, -130, "DraftKings", game_id="g3", away="Late", home="Later", start="2026-02-03T19:10:00Z"))
    lines = stage.lines()
    heads = [line for line in lines if " @ " in line or line[1:].startswith(("LIVE ", "UPCOMING "))]
    assert [head.split()[0] for head in heads] == ["LIVE", "Away", "UPCOMING", "Miami", "Late"]
    assert heads[1].endswith("in play 60m")
    assert "NBA" in heads[3]
    assert heads[3].endswith("in 12m")
    assert heads[4].endswith("Tue 19:10")
    stage.wait(12 * 60)
    assert [head.split()[0] for head in stage.lines() if " @ " in head] == ["Away", "Miami", "Late"]
    assert stage.line(f"{AWAY} @ {HOME}").endswith("in play 0m")


def test_enter_in_a_ladder_shows_the_last_move_of_each_book() -> None:
    stage = Stage()
    stage.tell(*both(110, -130, "DraftKings"), *both(112, -135, "FanDuel"))
    stage.wait(60)
    stage.tell(ml(AWAY, 105, "DraftKings"))
    stage.wait(5)
    stage.press("\t\rj\r")
    assert "18:01:00  +110 → +105  5s ago  now +105, first +110" in stage.line("DraftKings")
    assert "has not moved" in stage.line("FanDuel")


def test_a_price_with_a_link_is_clickable_and_y_copies_that_of_best() -> None:
    stage = Stage()
    link = "https://book.example/bet?id=1"
    stage.tell(dataclasses.replace(ml(AWAY, 120), link=link), ml(HOME, -140))
    stage.tell(dataclasses.replace(ml(AWAY, 110, "FanDuel"), link="https://x.example/\x1b]52;c;eHg=\x07"))
    links = {style.link for line in stage.frame() for _, style in line}
    assert links == {None, link}
    assert stage.press("jj") is None
    assert stage.press("y") == "copy"
    assert stage.picture.link() == link


@pytest.mark.parametrize(("sort", "first"), [("start", "g1"), ("hold", "g2"), ("edge", "g2"), ("move", "g3")])
def test_the_order_may_be_chosen_at_the_start(sort: str, first: str) -> None:
    stage = Stage(sort=sort)
    for n, game in enumerate(("g1", "g2", "g3")):
        about: dict[str, Any] = {
            "game_id": game,
            "away": f"Away {game}",
            "home": f"Home {game}",
            "start": f"2026-01-31T2{n}:00:00Z",
        }
        for book in ("DraftKings", "FanDuel"):
            better = 40 if (game, book) == ("g2", "FanDuel") else 0
            stage.tell(
                ml(f"Away {game}", 110 + better, book, side="away", **about),
                ml(f"Home {game}", -130 - better, book, side="home", **about),
            )
    stage.wait(1)
    stage.tell(
        ml(
            "Away g3",
            108,
            "FanDuel",
            side="away",
            game_id="g3",
            away="Away g3",
            home="Home g3",
            start="2026-01-31T22:00:00Z",
        )
    )
    assert next(line for line in stage.lines() if " @ " in line).split()[1] == first


def test_props_of_one_player_stand_under_one_name() -> None:
    stage = Stage()
    stage.tell(prop("Jayson Tatum", "Over", 25.5, -110), prop("Jayson Tatum", "Under", 25.5, -110))
    assert "Jayson Tatum" in stage.text()
    assert row(stage, "Over 25½")[1][:2] == ["DK", "-110"]
