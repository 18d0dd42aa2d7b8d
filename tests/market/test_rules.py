"""Each rule of what counts, as quotes in and records out: what is best, what it is worth, and when not to trust it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from oddstail.market.records import EVERY, MarketRecords, Settings
from oddstail.market.state import Board
from oddstail.model import Batch, Event, Fixture, Gap, Health, Lost, MarketValue, Opened, Quote
from oddstail.price import from_american, from_decimal
from tests.board.stage import AWAY, HOME, SECOND, ml, prop, spread, total
from tests.support import quote

NOON = 1_769_882_400 * SECOND
LOST = Lost(cause="closed", detail="the server ended the stream", retry_in=1.0)
OPENED = Opened(label="NBA", host="toy.example")


class Tape:
    """Batches in, the latest market record of each side of each line out."""

    def __init__(self, **settings: Any) -> None:
        self.board = Board()
        self.records = MarketRecords(self.board, Settings(**settings))
        self.now = NOON
        self.all: list[MarketValue] = []
        self.tell(OPENED)

    def tell(self, *events: Event, conn: int = 1, after: float = 1.0) -> list[MarketValue]:
        self.now += round(after * SECOND)
        batch = Batch(conn, self.now, list(events))
        self.board.apply(batch)
        out = self.records.after(batch)
        self.all += out
        return out

    def value(
        self, side: str, kind: str = "moneyline", line: float | None = None, main: bool | None = None
    ) -> MarketValue:
        found = {}
        for value in self.all:
            of = value.of
            if (of.game_id, of.kind, of.side) == ("g1", kind, side) and line in (None, of.line):
                found[of.key] = value
        latest = [value for value in found.values() if main is None or value.main is main]
        return latest[-1]


def best(value: MarketValue) -> tuple[float | None, str | None]:
    return None if value.best is None else value.best.american, value.best_book


def at(made: Quote, seconds: float, *, snap: bool = False, live: bool | None = None) -> Quote:
    """A quote with the provider's time, in seconds after noon."""
    return dataclasses.replace(made, ts=NOON + round(seconds * SECOND), snap=snap, live=live)


def pair(book: str, away: float | None, home: float | None, **what: Any) -> list[Quote]:
    return [ml(AWAY, away, book, **what), ml(HOME, home, book, **what)]


def totals(book: str, line: float, over: float | None, under: float | None, main: bool | None = True) -> list[Quote]:
    return [total("Over", line, over, book, main=main), total("Under", line, under, book, main=main)]


def test_open_lines_come_before_the_flagged_line_that_is_suspended() -> None:
    tape = Tape()
    tape.tell(*totals("DraftKings", 220.5, -108, -112))
    locked = [total("Over", 220.5, None, status="suspended"), total("Under", 220.5, None, status="suspended")]
    tape.tell(*locked, *totals("DraftKings", 221.5, -110, -110))
    later = [total("Over", 221.5, None, status="suspended"), total("Under", 221.5, None, status="suspended")]
    tape.tell(*later, *totals("DraftKings", 220.5, +100, -120))
    assert best(tape.value("over", "total", main=True)) == (+100, "DraftKings")
    assert tape.value("over", "total", main=True).of.line == 220.5


def test_a_line_without_a_price_gives_way_to_one_that_has_it() -> None:
    tape = Tape()
    tape.tell(*totals("DraftKings", 46.5, None, None, main=None), *totals("DraftKings", 47.5, -110, -110, main=None))
    assert tape.value("over", "total", main=True).of.line == 47.5


def test_every_book_that_has_the_line_counts_as_main_or_alternate() -> None:
    tape = Tape()
    for book in ("FanDuel", "Pinnacle"):
        tape.tell(spread(AWAY, 3.5, -110, book), spread(HOME, -3.5, -110, book))
    tape.tell(spread(AWAY, 4.5, -110, "Caesars"), spread(HOME, -4.5, -110, "Caesars"))
    tape.tell(spread(AWAY, 3.5, +112, "Caesars", main=False), spread(HOME, -3.5, -140, "Caesars", main=False))
    found = tape.value("away", "spread", main=True)
    assert (best(found), found.of.line, found.books) == ((+112, "Caesars"), 3.5, 3)


def test_of_a_tie_the_most_balanced_line_is_compared() -> None:
    tape = Tape()
    for book in ("FanDuel", "Pinnacle"):
        tape.tell(spread(AWAY, 3.5, +255, book), spread(HOME, -3.5, -300, book))
    for book in ("Caesars", "BetMGM"):
        tape.tell(spread(AWAY, 7.5, -110, book), spread(HOME, -7.5, -110, book))
    assert tape.value("away", "spread", main=True).of.line == 7.5


@pytest.mark.parametrize("ways", [None, 2], ids=["unknown", "told-as-two"])
def test_a_book_that_prices_a_draw_is_never_compared_with_one_that_does_not(ways: int | None) -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -150, ways=ways))
    tape.tell(*pair("Bovada", +210, +105, ways=ways), ml("Draw", +300, "Bovada", side="draw", ways=ways))
    found = {(value.of.ways, value.of.side): best(value) for value in tape.all if not value.final}
    assert found[2, "away"] == (+130, "Pinnacle")
    assert found[3, "away"] == (+210, "Bovada")
    assert found[3, "draw"] == (+300, "Bovada")


@pytest.mark.parametrize(
    ("what", "hold"),
    [({"ways": 3, "market": "Moneyline 3-Way"}, None), ({"sport": "soccer", "ways": 2}, None), ({"ways": 2}, 0.0189)],
    ids=["by-its-name", "by-the-sport", "whole"],
)
def test_no_hold_and_no_fair_price_without_every_outcome(what: dict[str, Any], hold: float | None) -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -141, **what))
    found = tape.value("away")
    assert found.hold == (None if hold is None else pytest.approx(hold, abs=1e-3))
    assert (found.fair is None) == (hold is None)
    assert found.doubt == ("incomplete" if hold is None else None)


def test_a_filter_that_may_hide_an_outcome_takes_hold_and_fair_price() -> None:
    tape = Tape(filtered=True)
    tape.tell(*pair("Pinnacle", +130, -150))
    found = tape.value("away")
    assert (found.hold, found.fair, found.doubt) == (None, None, "incomplete")


def test_a_book_with_one_side_sets_the_best_price_with_a_mark_and_no_hold() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +120, -140), *pair("FanDuel", +118, -138))
    tape.tell(ml(AWAY, +130, "Kalshi"))
    found = tape.value("away")
    assert (best(found), found.doubt) == ((+130, "Kalshi"), "one-sided")
    assert found.hold == pytest.approx(1 - 1 / (100 / 220 + 138 / 238), abs=1e-6)
    assert found.fair_books == 2
    assert tape.value("home").doubt is None


@pytest.mark.parametrize(
    "book", ["PrizePicks", "Underdog Fantasy", "Betfair Exchange (Lay)", "betfair_ex_lay_eu"], ids=lambda book: book
)
def test_lay_and_pickem_prices_never_count(book: str) -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +120, -140), *pair(book, +150, +150))
    found = tape.value("away")
    assert (best(found), found.books, found.out) == ((+120, "Pinnacle"), 1, 1)


@pytest.mark.parametrize(
    "status",
    ["completed", "Cancelled", "postponed", "matchCompleted", "forfeited", "invalid", "Final/OT", "F/OT", "STATUS_FINAL",
     "Game Over", "Canceled - Weather", "after overtime"],
)  # fmt: skip
def test_nothing_is_on_offer_on_a_game_that_is_over_until_it_is_priced_anew(status: str) -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +120, -140))
    tape.tell(Fixture(game_id="g1", status=status))
    assert (best(tape.value("away")), tape.value("away").hold) == ((None, None), None)
    tape.tell(*pair("Pinnacle", +125, -145))
    assert best(tape.value("away")) == (+125, "Pinnacle")


def test_an_old_row_of_a_snapshot_has_its_own_age_and_is_doubted() -> None:
    tape = Tape()
    old = [at(one, -2210, snap=True, live=True) for one in pair("Pinnacle", +130, -150)]
    tape.tell(*old)
    found = tape.value("away")
    assert found.best_age_s == pytest.approx(2212, abs=1)
    assert found.doubt == "snapshot"
    tape.tell(*[at(one, 3, live=True) for one in pair("Pinnacle", +130, -150)])
    assert tape.value("away").doubt is None


def test_time_alone_makes_an_old_snapshot_doubtful_at_the_next_batch() -> None:
    tape = Tape()
    tape.tell(*[at(one, 0, snap=True, live=True) for one in pair("Pinnacle", +130, -150)])
    assert tape.value("away").doubt is None
    tape.tell(ml("Other", -110, game_id="g2", away="Other", home="Team"), after=61)
    assert tape.value("away").doubt == "snapshot"


def test_best_prices_of_two_moments_are_apart() -> None:
    tape = Tape()
    tape.tell(
        *[at(one, 0) for one in pair("Pinnacle", +130, -150)], *[at(one, 25) for one in pair("FanDuel", +120, -138)]
    )
    assert (tape.value("away").doubt, tape.value("home").doubt) == ("apart", "apart")


def test_a_silent_book_leaves_the_best_price_at_the_next_batch_and_returns_with_its_word() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -150), *pair("FanDuel", +120, -150))
    tape.tell(*pair("FanDuel", +120, -150), after=200)
    tape.tell(ml("Other", -110, "FanDuel", game_id="g2", away="Other", home="Team"), after=150)
    assert best(tape.value("away")) == (+120, "FanDuel")
    tape.tell(ml("Other", -110, "Pinnacle", game_id="g2", away="Other", home="Team"))
    assert best(tape.value("away")) == (+130, "Pinnacle")


def test_a_lost_connection_takes_its_prices_at_once_and_a_gap_is_doubted_until_they_are_said_again() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -150))
    [away, home] = tape.tell(LOST, after=0.01)
    assert best(away) == best(home) == (None, None)
    tape.tell(OPENED, Gap(start=0, end=1, seconds=1, cause="closed", resumed="yes"))
    assert (best(tape.value("away")), tape.value("away").doubt) == ((+130, "Pinnacle"), "gap")
    tape.tell(*pair("Pinnacle", +130, -150))
    assert tape.value("away").doubt is None


def test_a_source_that_its_provider_calls_degraded_is_doubted() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -150))
    tape.tell(Health(source="Pinnacle", status="degraded"))
    assert tape.value("away").doubt == "degraded"
    tape.tell(Health(source="Pinnacle", status="ok"))
    assert tape.value("away").doubt is None


def test_the_longer_of_two_prices_that_share_four_decimals_is_best() -> None:
    tape = Tape()
    tape.tell(*pair("DraftKings", -2002, +900), *pair("FanDuel", -2000, +900))
    assert best(tape.value("away")) == (-2000, "FanDuel")


def test_a_decimal_price_is_compared_by_its_own_digits() -> None:
    tape = Tape()
    first, second = ml(AWAY, +100, "A"), ml(AWAY, +100, "B")
    first.price, second.price = from_decimal(1.90909), from_american(-110)
    tape.tell(first, second)
    assert tape.value("away").best_book == "B"


def test_minus_100_is_plus_100() -> None:
    tape = Tape()
    tape.tell(*pair("DraftKings", -100, -120))
    assert tape.tell(*pair("DraftKings", 100, -120)) == []
    assert best(tape.value("away")) == (100, "DraftKings")


def test_a_price_too_good_to_be_true_is_doubted() -> None:
    tape = Tape()
    for book in ("Pinnacle", "FanDuel", "Caesars"):
        tape.tell(*pair(book, -110, -110))
    tape.tell(*pair("Bovada", +160, -200))
    found = tape.value("away")
    assert (best(found), found.doubt) == ((+160, "Bovada"), "too-good")
    assert found.edge == pytest.approx(2.6 * 0.5 - 1)


def test_edge_leaves_out_the_book_of_the_best_price() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", -110, -110))
    assert tape.value("away").edge is None
    tape.tell(*pair("FanDuel", +105, -125))
    assert tape.value("away").edge == pytest.approx(2.05 * 0.5 - 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"stat": "sets"}, {"stat": "games"}),
        ({"stat": None}, {"stat": "corners"}),
        ({"period": "1h"}, {"period": "game"}),
    ],
    ids=["sets-and-games", "score-and-corners", "half-and-game"],
)
def test_totals_of_different_things_are_different_markets(one: dict[str, Any], other: dict[str, Any]) -> None:
    tape = Tape()
    tape.tell(total("Over", 2.5, -110, "A", **one), total("Over", 2.5, +120, "B", **other))
    assert len({value.of.key for value in tape.all}) == 2


def test_props_of_one_player_share_a_line_whatever_their_market_is_called() -> None:
    tape = Tape()
    for market, main in (("player_points", True), ("player_points_alternate", False)):
        for side, price in (("Over", -110), ("Under", -115)):
            made = prop("Jayson Tatum", side, 27.5, price, market, market, main)
            tape.tell(dataclasses.replace(made, what=dataclasses.replace(made.what, stat="points")))
    assert tape.value("over", "prop").books == 2


def test_a_line_says_no_more_than_four_words_a_second_and_the_latest_counts() -> None:
    tape = Tape()
    for american in range(101, 141):
        tape.tell(*pair("Pinnacle", american, -150), after=0.05)
    away = [value for value in tape.all if value.of.side == "away"]
    assert len(away) == 8
    tape.all += tape.records.last(tape.now)
    assert best(tape.value("away")) == (140, "Pinnacle")


def test_a_price_that_is_gone_is_said_at_once() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +120, -140))
    tape.tell(*pair("Pinnacle", +121, -140), after=0.01)
    gone = tape.tell(ml(AWAY, None, "Pinnacle", "suspended"), after=0.01)
    assert [best(value) for value in gone if value.of.side == "away"] == [(None, None)]
    assert EVERY == 250_000


def test_the_last_record_of_a_line_is_final() -> None:
    tape = Tape()
    tape.tell(*totals("Pinnacle", 220.5, -110, -110))
    tape.tell(*[quote(one.what.key, None, status="removed") for one in totals("Pinnacle", 220.5, None, None)])
    assert [(value.final, best(value)) for value in tape.all[-2:]] == [(True, (None, None))] * 2


def test_of_one_book_at_two_providers_the_newer_time_counts() -> None:
    books = {"Op DraftKings": "draftkings", "Pa draftkings": "draftkings"}
    tape = Tape(books=books, names={"Op DraftKings": "DraftKings", "Pa draftkings": "draftkings"})
    tape.tell(*[at(one, 10) for one in pair("Op DraftKings", +130, -150)])
    tape.tell(*[at(one, 2) for one in pair("Pa draftkings", -110, -110)])
    found = tape.value("home")
    assert (best(found), found.books) == ((-150, "DraftKings"), 1)


def test_a_line_that_is_back_at_once_is_not_final() -> None:
    tape = Tape()
    tape.tell(*totals("Pinnacle", 220.5, -110, -110))
    gone = [quote(one.what.key, None, status="removed") for one in totals("Pinnacle", 220.5, None, None)]
    tape.tell(*gone, *totals("Pinnacle", 220.5, +100, -120))
    assert [(value.final, best(value)[0]) for value in tape.all[-2:]] == [(False, +100), (False, -120)]
    assert [value.was.american for value in tape.all[-2:] if value.was] == [-110, -110]


def test_a_team_named_before_and_after_it_is_known_who_is_at_home_is_one_side() -> None:
    tape = Tape()
    tape.tell(
        *[ml(team, price, "Pinnacle", side=None, home=None, away=None) for team, price in ((AWAY, +130), (HOME, -150))]
    )
    tape.tell(*pair("FanDuel", +125, -140))
    found = tape.value("away")
    assert (best(found), found.books, found.of.key.count("moneyline")) == ((+130, "Pinnacle"), 2, 1)
    assert tape.value("home").best_book == "FanDuel"


def test_a_suspended_team_is_the_same_side_once_it_is_known_who_is_at_home() -> None:
    tape = Tape()
    unknown: dict[str, Any] = {"side": None, "home": None, "away": None}
    for book in ("FanDuel", "Caesars"):
        tape.tell(*[ml(team, None, book, "suspended", key=f"{book} {team}", **unknown) for team in (HOME, AWAY)])
    tape.tell(*pair("Pinnacle", +130, -150))
    assert (tape.value("away").doubt, tape.value("away").out) == (None, 2)
    tape.tell(*[ml(team, price, "FanDuel", key=f"FanDuel {team}") for team, price in ((AWAY, +140), (HOME, -160))])
    assert best(tape.value("away")) == (+140, "FanDuel")


def test_a_suspended_spread_keeps_its_line_once_it_is_known_who_is_at_home() -> None:
    tape = Tape()
    unknown: dict[str, Any] = {"side": None, "home": None, "away": None}
    for team, line in ((AWAY, 3.5), (HOME, -3.5)):
        key = f"FanDuel {team}"
        tape.tell(spread(team, line, -110, "FanDuel", key=key, **unknown))
        suspended = spread(team, line, None, "FanDuel", "suspended", key=key, **unknown)
        tape.tell(dataclasses.replace(suspended, line=None))
    tape.tell(spread(AWAY, 3.5, -105, "Pinnacle"), spread(HOME, -3.5, -115, "Pinnacle"))
    found = tape.value("away", "spread", 3.5)
    assert (best(found), found.books, found.out, found.doubt) == ((-105, "Pinnacle"), 1, 1, None)


def test_suspended_prices_of_a_book_that_prices_a_draw_are_of_three_ways() -> None:
    tape = Tape()
    tape.tell(*pair("Pinnacle", +130, -150, ways=2))
    names = (AWAY, HOME)
    tape.tell(*[ml(team, None, "Bovada", "suspended", key=f"Bovada {team}", ways=2) for team in names])
    tape.tell(ml("Draw", +300, "Bovada", side="draw", ways=2))
    tape.tell(*[ml(team, 210, "Bovada", key=f"Bovada {team}", ways=2) for team in names])
    found = {(value.of.ways, value.of.side): best(value) for value in tape.all if not value.final}
    assert found[2, "away"] == (+130, "Pinnacle")
    assert found[3, "away"] == (+210, "Bovada")


@pytest.mark.parametrize("kind", ["total", "spread"])
def test_prices_without_a_line_are_compared_with_nothing(kind: str) -> None:
    tape = Tape()
    for book, one, other in (("Pinnacle", -110, -110), ("Bovada", +140, -165)):
        sides = totals(book, 0, one, other)
        if kind == "spread":
            sides = [spread(AWAY, 0, one, book), spread(HOME, 0, other, book)]
        tape.tell(*[dataclasses.replace(each, line=None) for each in sides])
    assert len(tape.all) == 4
    assert {(each.books, each.hold, each.doubt) for each in tape.all} == {(1, None, "incomplete")}
