"""What may not be bet on never looks like what may, and never counts: suspended, removed, stale, silent, dead link."""

from __future__ import annotations

import dataclasses
import re

import pytest

from oddstail.market.books import code
from oddstail.model import CREDITS_OUT, Fixture, Gap, Health, Left, Lost, Notice, Opened, Play, Result, Retrying
from tests.board.stage import AWAY, HOME, SECOND, Stage, ml, spread, total

LOST = Lost(cause="closed", detail="the server ended the stream", retry_in=8.0)


def gap(resumed: str) -> Gap:
    return Gap(start=0, end=1, seconds=1, cause="closed", resumed=resumed)  # type: ignore[arg-type]


def two_books() -> Stage:
    """DraftKings is the better price of both sides; each book has a link of its own."""
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -140))
    stage.tell(Opened(label="NFL", host="toy.example"), conn=2)
    stage.tell(ml(AWAY, +120, "FanDuel"), ml(HOME, -145, "FanDuel"), conn=2)
    return stage


def shown(stage: Stage, team: str, book: str) -> str:
    """What stands in a book's column."""
    lines = stage.lines()
    # One more: a question mark or a bracket stands where an arrow would.
    end = lines[1].index(code(book)) + len(code(book)) + 1
    return _row(lines, team)[:end][-12:].strip()


def _row(lines: list[str], team: str) -> str:
    return next(line for line in lines if re.search(rf"\b{team}  ", line) and "@" not in line)


def best(stage: Stage, team: str) -> str:
    return " ".join(_row(stage.lines(), team).partition("│")[2].split()[:2])


def suspend(stage: Stage) -> None:
    stage.tell(ml(AWAY, None, status="suspended"), ml(HOME, None, status="suspended"))


def remove(stage: Stage) -> None:
    stage.tell(ml(AWAY, None, status="removed"), ml(HOME, None, status="removed"))


def settle(stage: Stage) -> None:
    stage.tell(ml(AWAY, None, status="settled"), ml(HOME, None, status="settled"))


def lose(stage: Stage) -> None:
    stage.tell(LOST)


def reopen(stage: Stage) -> None:
    stage.tell(LOST, Opened(label="NBA", host="toy.example"), gap("no"))


def reopen_unknown(stage: Stage) -> None:
    stage.tell(LOST, Opened(label="NBA", host="toy.example"), gap("unknown"))


def fall_silent(stage: Stage) -> None:
    stage.wait(301)
    stage.tell(ml(AWAY, +120, "FanDuel"), conn=2)


def owe(stage: Stage) -> None:
    stage.wait(40)
    stage.tell(Notice(code=CREDITS_OUT, text="Not enough credits"))


def unprice(stage: Stage) -> None:
    stage.tell(ml(AWAY, None), ml(HOME, None))


WAYS = [
    (suspend, "suspended", "suspended"),
    (remove, "removed", "removed"),
    (settle, "settled", "settled"),
    (lose, "+130×", "link down"),
    (reopen, "+130?", "from before a gap"),
    (reopen_unknown, "+130?", "from before a gap"),
    (fall_silent, "+130?", "silent too long"),
    (owe, "+130?", "from before a gap"),
    (unprice, "·", "line without a price"),
]


@pytest.mark.parametrize(("happens", "looks", "why"), WAYS, ids=[way[0].__name__ for way in WAYS])
def test_a_price_that_is_not_on_offer_looks_it_and_does_not_count(happens, looks: str, why: str) -> None:  # type: ignore[no-untyped-def]
    stage = two_books()
    assert (shown(stage, AWAY, "DraftKings"), best(stage, AWAY)) == ("+130", "DK +130")
    happens(stage)
    assert looks == shown(stage, AWAY, "DraftKings")
    assert best(stage, AWAY) == "FD +120"
    assert shown(stage, AWAY, "FanDuel") == "+120"
    stage.press("e")
    assert why in stage.line("DraftKings", "left out")
    assert "counts" in stage.line("FanDuel", "counts")


def test_the_five_ways_look_different_from_each_other_and_from_a_price() -> None:
    looks = set()
    for happens in (suspend, remove, lose, reopen, unprice):
        stage = two_books()
        happens(stage)
        looks.add(shown(stage, AWAY, "DraftKings"))
    assert len(looks | {"+130"}) == 6


def test_what_the_provider_replayed_counts_again() -> None:
    stage = two_books()
    stage.tell(LOST, Opened(label="NBA", host="toy.example"), gap("yes"))
    assert (shown(stage, AWAY, "DraftKings"), best(stage, AWAY)) == ("+130", "DK +130")


def test_a_stale_price_counts_again_once_it_was_said_again() -> None:
    stage = two_books()
    reopen(stage)
    stage.tell(ml(AWAY, +130))
    assert (shown(stage, AWAY, "DraftKings"), best(stage, AWAY)) == ("+130", "DK +130¹")
    assert shown(stage, HOME, "DraftKings") == "-140?"


def test_a_link_that_is_out_of_credits_is_not_called_live_until_updates_come_again() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -140))
    owe(stage)
    owe(stage)
    assert "◐ out of credits, no updates for 1m" in stage.lines()[-1]
    assert "gap open since" in stage.lines()[-1]
    assert "● live" not in stage.lines()[-1]
    stage.press(" ")
    assert "out of credits" in stage.lines()[-1]
    stage.press(" ")
    stage.tell(dataclasses.replace(gap("no"), cause=CREDITS_OUT), ml(AWAY, +130))
    assert "● live" in stage.lines()[-1]
    assert "1 gap" in stage.lines()[-1]
    assert (shown(stage, AWAY, "DraftKings"), shown(stage, HOME, "DraftKings")) == ("+130", "-140?")


def test_the_book_is_heard_if_it_says_anything_at_all() -> None:
    stage = two_books()
    stage.wait(301)
    stage.tell(total("Over", 221.5, -110), total("Under", 221.5, -110))
    assert shown(stage, AWAY, "DraftKings") == "+130"
    assert "●  0s" in stage.lines()[2]
    assert "○  5m" in stage.lines()[2]


def test_stale_after_is_the_users() -> None:
    stage = Stage(stale_after=10.0)
    stage.tell(ml(AWAY, +130))
    stage.wait(9)
    assert shown(stage, AWAY, "DraftKings") == "+130"
    stage.wait(2)
    assert shown(stage, AWAY, "DraftKings") == "+130?"


def test_a_dead_link_greys_what_it_fed_and_says_for_how_long() -> None:
    stage = two_books()
    stage.tell(
        ml("Denver Nuggets", +150, game_id="g2", home="Utah Jazz", away="Denver Nuggets", book="FanDuel"), conn=2
    )
    lose(stage)
    stage.wait(41)
    assert "1 of 2 connections down 41s" in stage.line(f"{AWAY} @ {HOME}")
    assert "down" not in stage.line("Denver Nuggets @ Utah Jazz")
    assert "○ down 41s" in stage.lines()[2]


def test_the_foot_names_the_link_that_is_down_and_counts_down() -> None:
    stage = two_books()
    lose(stage)
    stage.wait(3)
    assert "1 of 2 recovering  NBA: retry in 5 s; the server ended the stream" in stage.lines()[-1]
    stage.wait(6)
    assert "connecting; the server ended the stream" in stage.lines()[-1]
    stage.tell(Retrying(detail="refused", wait=20.0, attempt=2))
    assert "NBA: retry in 20 s; refused" in stage.lines()[-1]
    stage.tell(Opened(label="NBA", host="toy.example", attempt=3), gap("no"))
    assert stage.lines()[-1].startswith(" ● live")
    assert "1 gap" in stage.lines()[-1]


def test_a_link_that_is_given_up_is_down() -> None:
    stage = Stage()
    stage.tell(
        Lost(cause="auth", detail="refused the key"), Notice(code="gave-up", text="refused the key", level="error")
    )
    assert "○ down  no more tries; refused the key" in stage.lines()[-1]


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_narrow_foot_keeps_the_state(width: int) -> None:
    stage = Stage(width=width)
    stage.tell(Notice(code="credits", text="x", value=35.0), gap("no"), ml(AWAY, +100))
    assert stage.lines()[-1].startswith(" ● live")
    lose(stage)
    assert stage.lines()[-1].startswith(" ○ recovering")


def test_a_silent_link_says_so_before_it_is_dead() -> None:
    stage = Stage()
    stage.silence = 9.0
    assert "◐ silent, nothing heard for 9 s" in stage.lines()[-1]


def test_what_the_stream_says_stays_in_the_foot_for_a_while() -> None:
    stage = two_books()
    stage.tell(Notice(code="server", text="plan ends tomorrow \x1b[2J"))
    stage.tell(Notice(code="credits", text="3 credits", level="info", value=3.0))
    stage.tell(Notice(code="subscribed", text="subscribed", level="info"))
    assert stage.lines()[-1].startswith(" ● live  plan ends tomorrow ␛[2J  ")
    assert "3 credits" in stage.lines()[-1]
    stage.wait(31)
    assert "plan ends" not in stage.lines()[-1]


def test_an_empty_board_repeats_what_the_stream_said() -> None:
    stage = Stage()
    stage.tell(Notice(code="server", text="no such book: DraftKingz"))
    stage.wait(60)
    assert "no such book: DraftKingz" in stage.text()


def test_a_suspension_that_does_not_repeat_its_line_stays_where_it_was() -> None:
    stage = Stage()
    stage.tell(spread(AWAY, 3.5, -110, key="a"), spread(AWAY, 3.5, -108, "FanDuel"))
    held = stage.cell("a")
    bare = spread(AWAY, 3.5, None, status="suspended", key="a")
    bare.line = None
    bare.main = None
    stage.tell(bare)
    assert stage.cell("a").row is held.row
    assert "suspended" in stage.line(AWAY, "-108")
    stage.tell(spread(AWAY, 3.5, -110, key="a"))
    assert stage.cell("a").moved == 0


def test_events_without_a_price_break_nothing_and_a_score_is_shown() -> None:
    stage = two_books()
    stage.tell(Health(source="DraftKings", status="ok"), Play(game_id="g1"), Fixture(game_id="nobody", status="live"),
               Result(game_id="g1", home_score=50, away_score=54, period="Q3", clock="4:21"))  # fmt: skip
    assert "LIVE Q3 4:21 54-50" in stage.line(f"{AWAY} @ {HOME}")
    stage.board.apply(type("Batch", (), {"conn": 1, "recv": stage.now, "events": [object()]})())
    assert shown(stage, AWAY, "DraftKings") == "+130"


def test_counts_are_right_after_everything_is_gone() -> None:
    stage = two_books()
    remove(stage)
    for team, price in ((AWAY, +120), (HOME, -145)):
        stage.tell(ml(team, price, "FanDuel", status="removed"), conn=2)
    board = stage.board
    assert (board.games, board.rows, sum(board.books.values()), sum(board.priced.values())) == ({}, 0, 0, 0)
    assert list(board.cells()) == []
    assert stage.now >= SECOND


def test_a_price_that_a_filter_lets_through_no_more_is_no_more_on_the_screen() -> None:
    stage = two_books()
    stage.tell(Left(ml(AWAY, +130).what.key), Left("nobody's"))
    assert (shown(stage, AWAY, "DraftKings"), best(stage, AWAY)) == ("", "FD +120")
    stage.tell(ml(AWAY, +150))
    assert best(stage, AWAY) == "DK +150¹"
    for price in (ml(AWAY, +150), ml(HOME, -140), ml(AWAY, None, "FanDuel"), ml(HOME, None, "FanDuel")):
        stage.tell(Left(price.what.key))
    board = stage.board
    assert (board.games, board.rows, sum(board.books.values()), sum(board.priced.values())) == ({}, 0, 0, 0)


def test_a_source_of_the_provider_that_is_silent_is_shown_until_it_speaks() -> None:
    stage = two_books()
    stage.tell(Health(source="nba_live", status="silent", silent_s=75))
    assert "silent: nba_live" in stage.lines()[-1]
    stage.tell(Health(source="nba_live", status="ok", silent_s=2))
    assert "silent" not in stage.lines()[-1]


def test_a_book_that_is_degraded_at_the_provider_is_shown_until_its_link_is_opened_again() -> None:
    stage = two_books()
    stage.tell(Health(source="DraftKings", status="degraded"), Health(source="FanDuel", status="degraded"))
    assert "degraded: DraftKings, FanDuel" in stage.lines()[-1]
    assert "no gap" not in stage.lines()[-1]
    stage.tell(LOST, Opened(label="NBA", host="toy.example"))
    assert "degraded" not in stage.lines()[-1]


def in_play(start: str = "2026-01-31T19:30:00Z", live: bool | None = True) -> Stage:
    """A live game whose FanDuel moves after DraftKings was last heard of it."""
    stage = Stage()
    for one in (ml(AWAY, +130, start=start), ml(HOME, -140, start=start)):
        stage.tell(dataclasses.replace(one, live=live))
    stage.tell(Opened(label="NFL", host="toy.example"), conn=2)
    stage.tell(ml(AWAY, +120, "FanDuel", start=start), ml(HOME, -145, "FanDuel", start=start), conn=2)
    stage.wait(61)
    stage.tell(ml(AWAY, +110, "FanDuel", start=start), ml(HOME, -130, "FanDuel", start=start), conn=2)
    # The book speaks, of something else.
    stage.tell(total("Over", 221.5, -110, start=start))
    return stage


@pytest.mark.parametrize(("start", "live"), [("2026-01-31T19:30:00Z", True), ("2026-01-31T17:30:00Z", None)])
def test_in_play_a_price_that_others_left_behind_does_not_count(start: str, live: bool | None) -> None:
    stage = in_play(start, live)
    assert shown(stage, AWAY, "DraftKings") == "+130?"
    assert best(stage, AWAY) == "FD +110"
    stage.press("e")
    assert "left out: over 60 s old in play, others moved, said 1m ago" in stage.line("DraftKings", "left out")
    assert "counts, Best, said 0s ago" in stage.line("FanDuel", "counts")


def test_before_the_game_an_old_price_counts_as_long_as_its_book_is_heard() -> None:
    stage = in_play(live=None)
    assert shown(stage, AWAY, "DraftKings") == "+130"
    assert best(stage, AWAY) == "DK +130"


def test_in_play_a_price_counts_while_nobody_moved_and_again_once_it_was_said_again() -> None:
    stage = two_books()
    stage.tell(dataclasses.replace(ml(AWAY, +130), live=True))
    stage.wait(100)
    assert shown(stage, AWAY, "DraftKings") == "+130"
    stage = in_play()
    assert shown(stage, AWAY, "DraftKings") == "+130?"
    stage.tell(dataclasses.replace(ml(AWAY, +130, start="2026-01-31T19:30:00Z"), live=True))
    assert shown(stage, AWAY, "DraftKings") == "+130"


@pytest.mark.parametrize(("seconds", "hold"), [(21, "-2.5%?"), (19, "-2.5% ")])
def test_a_hold_below_zero_of_two_moments_is_doubted(seconds: float, hold: str) -> None:
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -150))
    stage.wait(seconds)
    stage.tell(ml(AWAY, +110, "FanDuel"), ml(HOME, -118, "FanDuel"))
    stage.tell(ml(HOME, -150))
    assert hold in stage.line(AWAY, "+130") + " "
    stage.press("e")
    assert ("one of the best prices is probably late" in stage.text()) == (seconds > 20)
    assert ("their ages differ by 21s" in stage.text()) == (seconds > 20)


@pytest.mark.parametrize(("odd", "hold"), [((+2770, -6567), "-0.7%?"), ((+2280, -2250), "-0.1%")])
def test_a_hold_below_zero_by_a_price_that_nobody_else_has_is_doubted(odd: tuple[int, int], hold: str) -> None:
    """Four books at +1900 and one far above: it has moved alone, or slipped."""
    stage = Stage()
    for book in ("BetMGM", "FanDuel", "Bovada", "bet365"):
        stage.tell(ml(AWAY, +1900, book), ml(HOME, -2295, book))
    stage.tell(ml(AWAY, odd[0]), ml(HOME, odd[1]))
    assert hold in stage.line("Moneyline").split()
    # Nor is a mean with it the fair price.
    assert ("?" in stage.line("Moneyline").split()) == hold.endswith("?")


def test_a_hold_of_nothing_is_no_sure_win() -> None:
    stage = Stage()
    stage.tell(ml(AWAY, -105), ml(HOME, -105), ml(AWAY, +105, "FanDuel"), ml(HOME, -125, "FanDuel"))
    assert "0.0%" in stage.line("Moneyline").split()


@pytest.mark.parametrize(("live", "told"), [(None, "in play 61m"), (True, "in play 61m")])
def test_a_game_that_should_have_started_says_so(live: bool | None, told: str) -> None:
    stage = Stage()
    stage.tell(dataclasses.replace(ml(AWAY, +130, start="2026-01-31T17:30:00Z"), live=live))
    stage.wait(31 * 60)
    assert told in stage.line(f"{AWAY} @ {HOME}")
    assert stage.lines()[0].endswith(":31:00 UTC")


def test_while_a_link_is_down_or_silent_a_gap_is_open() -> None:
    stage = two_books()
    assert "no gap" in stage.lines()[-1]
    stage.silence = 9.0
    assert "gap perhaps open since 17:59:51" in stage.lines()[-1]
    assert "no gap" not in stage.lines()[-1]
    # By what was last heard, not by when the link was given up.
    lose(stage)
    stage.silence = 0.0
    stage.wait(3)
    assert "gap open since 17:59:51" in stage.lines()[-1]
    assert "no gap" not in stage.lines()[-1]


def test_of_a_tape_that_has_ended_nobody_awaits_more() -> None:
    stage = two_books()
    stage.tell(Lost(cause="ended", detail="the tape ends here"))
    assert "no gap" in stage.lines()[-1]
    stage.tell(Opened(label="NBA", host="h"), Lost(cause="not running", detail="another one follows"))
    assert "gap open since" in stage.lines()[-1]
    assert "no more tries" not in stage.lines()[-1]
    assert "no gap" not in stage.lines()[-1]


def test_the_books_of_a_silent_link_are_no_fresh_ones() -> None:
    """Whichever it is of several: only what was not heard for as long."""
    stage = Stage()
    stage.tell(ml(AWAY, +130), ml(HOME, -150))
    stage.wait(9)
    stage.tell(ml(AWAY, +131, "FanDuel"), ml(HOME, -151, "FanDuel"), conn=2)
    assert [mark for mark in stage.lines()[2] if mark in "●◐○"] == ["●", "●"]
    stage.silence = 9.0
    assert [mark for mark in stage.lines()[2] if mark in "●◐○"] == ["◐", "●"]
    # Nor are its prices known to be on offer any more.
    assert "+130?" in stage.line(AWAY, "+131")
    assert "+131?" not in stage.text()
    stage.press("e")
    assert "left out: its connection is silent" in stage.text()
