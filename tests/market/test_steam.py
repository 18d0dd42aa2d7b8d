"""Steam: which moves of which books are steps, when they are steam, and who has not followed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from oddstail.market.records import Settings
from oddstail.market.state import Board
from oddstail.market.steam import SteamRule, SteamWatch, steam_rule
from oddstail.model import Batch, Event, Fixture, Gap, Health, Lost, Opened, Quote, Status, Steam
from tests.board.stage import AWAY, HOME, SECOND, ml, spread, total

NOON = 1_769_882_400 * SECOND
OPENED = Opened(label="NBA", host="toy.example")
BOOKS = ("Pinnacle", "FanDuel", "BetMGM", "Caesars")


class Watch:
    def __init__(self, same: tuple[tuple[str, ...], ...] = (), **rule: Any) -> None:
        self.board = Board()
        self.steam = SteamWatch(self.board, SteamRule(**rule), same, Settings())
        self.now = NOON
        self.tell(OPENED)

    def tell(self, *events: Event, after: float = 1.0) -> list[Steam]:
        self.now += round(after * SECOND)
        for event in events:
            if isinstance(event, Quote):
                event.ts = self.now
        batch = Batch(1, self.now, list(events))
        self.board.apply(batch)
        return self.steam.after(batch)

    def prices(self, book: str, away: float | None, home: float | None, after: float = 1.0, **more: Any) -> list[Steam]:
        status: Status = "open" if away is not None else "suspended"
        quotes = [ml(AWAY, away, book, status), ml(HOME, home, book, status)]
        return self.tell(*[dataclasses.replace(one, **more) for one in quotes], after=after)

    def start(self, *books: str) -> None:
        for book in books or BOOKS:
            self.prices(book, +110, -130)


def test_three_books_that_move_one_way_are_steam_and_the_fourth_lags() -> None:
    watch = Watch()
    watch.start()
    assert watch.prices("Pinnacle", -110, -110) == []
    assert watch.prices("FanDuel", -110, -110) == []
    found = watch.prices("BetMGM", -110, -110)
    by_side = {steam.side.side: steam for steam in found}
    away = by_side["away"]
    assert (away.direction, away.books, away.of, away.first_book) == ("shorter", 3, 4, "Pinnacle")
    assert (away.lag_books, away.best_book) == ("Caesars", "Caesars")
    assert away.to_prob == pytest.approx(0.5)
    assert away.points == pytest.approx(100 * (0.5 - (100 / 210) / (100 / 210 + 130 / 230)), abs=1e-3)
    assert away.edge == pytest.approx(2.1 * 0.5 - 1)
    assert away.doubt == "few"
    assert by_side["home"].direction == "longer"


def test_a_line_that_moves_in_the_sides_favor_is_a_step_without_a_size() -> None:
    watch = Watch()
    for book in BOOKS:
        watch.tell(total("Over", 220.5, -110, book), total("Under", 220.5, -110, book))
    found: list[Steam] = []
    for book in BOOKS[:3]:
        gone = [total(side, 220.5, None, book, "suspended") for side in ("Over", "Under")]
        found += watch.tell(*gone, total("Over", 222.5, -110, book), total("Under", 222.5, -110, book))
    over = next(steam for steam in found if steam.side.side == "over")
    assert (over.direction, over.line_from, over.line_to, over.points) == ("shorter", 220.5, 222.5, None)


def test_both_sides_name_the_line_where_most_books_are_now() -> None:
    watch = Watch(books=4)
    lines = zip(BOOKS, (7.5, 7.5, 8.0, 8.0), strict=True)
    for book in BOOKS:
        watch.tell(spread(HOME, -5.5, -110, book), spread(AWAY, 5.5, -110, book))
    found: list[Steam] = []
    for book, line in lines:
        gone = [spread(HOME, -5.5, None, book, "suspended"), spread(AWAY, 5.5, None, book, "suspended")]
        found += watch.tell(*gone, spread(HOME, -line, -110, book), spread(AWAY, line, -110, book))
    named = {steam.side.side: (steam.side.line, steam.line_from, steam.line_to) for steam in found}
    assert named == {"home": (-7.5, -5.5, -7.5), "away": (7.5, 5.5, 7.5)}


def _snapshot(watch: Watch) -> list[Steam]:
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110, snap=True)]


def _after_suspension(watch: Watch) -> list[Steam]:
    for book in BOOKS[:3]:
        watch.prices(book, None, None)
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]


def _at_another_line_after_a_suspension(watch: Watch) -> list[Steam]:
    """Each book closes, and opens at another line later: its old lines are closed still."""
    found: list[Steam] = []
    lines = (220.5, 222.5, 225.0)
    for old, line in zip((None, *lines), lines, strict=False):
        for book in BOOKS[:3]:
            if old is not None:
                watch.tell(*[total(side, old, None, book, "suspended") for side in ("Over", "Under")])
            opened = [total(side, line, -110, book) for side in ("Over", "Under")]
            again = [] if old is None else [total(side, old, None, book, "suspended") for side in ("Over", "Under")]
            found += watch.tell(*again, *opened)
    return found


def _closed_for_a_moment(watch: Watch) -> list[Steam]:
    """Closed and open again, with another price, in one batch."""
    found: list[Steam] = []
    for book in BOOKS:
        closed = [ml(side, None, book, "suspended") for side in (AWAY, HOME)]
        found += watch.tell(*closed, ml(AWAY, -110, book), ml(HOME, -110, book))
    return found


def _after_a_gap(watch: Watch) -> list[Steam]:
    gap = Gap(start=0, end=1, seconds=1, cause="closed", resumed="yes")
    watch.tell(Lost(cause="closed", detail="", retry_in=1.0), OPENED, gap)
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]


def _after_a_status(watch: Watch) -> list[Steam]:
    watch.tell(Fixture(game_id="g1", status="live"))
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]


def _too_slow(watch: Watch) -> list[Steam]:
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110, after=40)]


def _one_against(watch: Watch) -> list[Steam]:
    watch.prices("Caesars", +125, -145)
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]


def _degraded(watch: Watch) -> list[Steam]:
    watch.tell(Health(source="FanDuel", status="degraded"))
    return [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]


def _pickem(watch: Watch) -> list[Steam]:
    watch.start("PrizePicks")
    return [one for book in (*BOOKS[:2], "PrizePicks") for one in watch.prices(book, -110, -110)]


NOT_STEAM = [
    _snapshot, _after_suspension, _at_another_line_after_a_suspension, _closed_for_a_moment, _after_a_gap,
    _after_a_status, _too_slow, _one_against, _degraded, _pickem,
]  # fmt: skip


@pytest.mark.parametrize("happens", NOT_STEAM, ids=[one.__name__.lstrip("_").replace("_", "-") for one in NOT_STEAM])
def test_what_is_no_steam(happens: Any) -> None:
    watch = Watch()
    watch.start()
    assert happens(watch) == []


def test_books_that_copy_one_another_are_one() -> None:
    watch = Watch(same=(("dk", "fd"),))
    watch.start("DraftKings", "FanDuel", "Pinnacle", "Caesars")
    for book in ("DraftKings", "FanDuel", "Pinnacle"):
        assert watch.prices(book, -110, -110) == []
    assert watch.prices("Caesars", -110, -110) != []


def test_it_fires_once_and_again_when_the_move_has_doubled_or_turned() -> None:
    watch = Watch(cooldown=600.0)
    watch.start()
    first = [one for book in BOOKS[:3] for one in watch.prices(book, -110, -110)]
    assert len(first) == 2
    assert watch.prices("Caesars", -110, -110) == []
    doubled = [one for book in BOOKS for one in watch.prices(book, -150, +130)]
    assert {steam.side.side for steam in doubled} == {"away", "home"}
    watch.now += 70 * SECOND
    turned = [one for book in BOOKS for one in watch.prices(book, +200, -240)]
    assert {(steam.side.side, steam.direction) for steam in turned} >= {("away", "longer")}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("books>=3, points>=1.5, within=60s", SteamRule(books=3, points=1.5, within=60.0)),
        ("books>=5", SteamRule(books=5)),
        ("within=2m,points>=0.5", SteamRule(points=0.5, within=120.0)),
    ],
)
def test_a_rule_is_read(text: str, rule: SteamRule) -> None:
    assert steam_rule(text) == rule


@pytest.mark.parametrize(
    "text", ["", "books", "books>=0", "points>=100", "books>=3s", "within=0s", "books>=2,books>=3"]
)
def test_what_is_no_rule_is_an_error_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="use "):
        steam_rule(text)
