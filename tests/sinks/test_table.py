"""The screen: drawn on a clock and only for a change, as high as the terminal, and never a price that is none."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from rich.cells import cell_len

from oddstail.model import Batch, Event, Gap, Lost, Opened, Quote
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.table import TableSink
from tests.support import quote

#: What Rich itself writes: cursor, screen, colours.
_OWN = re.compile(r"\x1b\[(?:\?(?:25|1049)[hl]|[\d;]*[mHJK]|\d*[ABCD])")
WIDTH, HEIGHT = 80, 24


class Kept:
    """Stands in for an outlet: keeps what is put. `pending` is what a slow terminal has not taken yet."""

    fd = 1

    def __init__(self) -> None:
        self.data = b""
        self.pending = 0

    def put(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None:
        pass


class Stage:
    """A table on a terminal of 80 by 24 and its clock."""

    def __init__(self, *, terminal: bool = True) -> None:
        self.kept = Kept()
        self.status = "live"
        self.sink = TableSink(cast(Outlet, self.kept), "oddstail", lambda _: self.status, terminal=terminal)
        self.now = 100.0

    def emit(self, *events: Event, conn: int = 1) -> None:
        self.sink.emit(Batch(conn, 0, list(events)))

    def frame(self) -> list[str]:
        """The lines of a frame that is drawn now."""
        self.kept.data = b""
        self.now += 1
        self.sink.tick(self.now)
        text = self.kept.data.decode().rpartition("\x1b[H")[2]
        return _OWN.sub("", text).replace("\r", "").split("\n")


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("LINES", str(HEIGHT))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def price(american: float | None = -110, **what: Any) -> Quote:
    fields = {
        "kind": "moneyline",
        "period": "game",
        "home": "Boston Celtics",
        "away": "Miami Heat",
        "side": "home",
        **what,
    }
    status: Any = fields.pop("status", "open")
    key = "|".join(map(str, fields.values()))
    return quote(key, american, status=status, what={"selection": "Boston Celtics", **fields})


def test_it_draws_on_a_clock_and_not_for_each_event() -> None:
    stage = Stage()
    for n in range(1000):
        stage.emit(price(-110 - n))
        stage.sink.tick(100.0 + n / 1000)
    assert 3 <= stage.sink.frames <= 5


def test_nothing_is_drawn_when_nothing_changed() -> None:
    stage = Stage()
    stage.emit(price())
    stage.frame()
    frames = stage.sink.frames
    assert stage.frame() == [""]
    assert frames == stage.sink.frames
    stage.status = "down"
    assert "down" in stage.frame()[-1]
    stage.emit(price(-115))
    assert any("-115" in line for line in stage.frame())


def test_a_frame_that_the_terminal_has_not_taken_is_not_followed_by_another() -> None:
    stage = Stage()
    stage.frame()
    stage.kept.pending = 1
    stage.emit(price())
    assert stage.frame() == [""]
    stage.kept.pending = 0
    assert any("-110" in line for line in stage.frame())


@pytest.mark.parametrize(("games", "rows"), [(0, 0), (1, 1), (1, 100), (50, 1), (7, 2), (20, 30)])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 5), (20, 3), (200, 60), (10, 2)])
def test_a_frame_is_exactly_as_high_and_at_most_as_wide_as_the_terminal(
    monkeypatch: pytest.MonkeyPatch, games: int, rows: int, width: int, height: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", str(height))
    stage = Stage()
    for game in range(games):
        stage.emit(
            *[price(game_id=f"g{game}", kind="other", market=f"m{row}", book=f"book{row % 9}") for row in range(rows)]
        )
    lines = stage.frame()
    assert height == len(lines)
    assert max(map(cell_len, lines)) <= width


HOSTILE = {
    "clear": "\x1b[2JTeam",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07Team",
    "c1": "\x9b2JTeam",
    "markup": "[/x] [bold]Team",
    "bidi": "\u202eTeam\u2066",
    "separators": "Te\u2028am\r\nTeam\x85",
    "wide": "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "combining": "T\u0301\u0302\u0303eam" * 20,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪" * 9,
    "long": "x" * 10_000,
    "surrogate": "Te\ud83cam",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "file"])
def test_hostile_names_are_harmless_and_move_nothing(name: str, terminal: bool) -> None:
    stage = Stage(terminal=terminal)
    stage.emit(
        price(selection=name, book=name, home=name, away=name, league=name, market=name, kind="other", side=name)
    )
    stage.emit(price(-125, selection="Tame", book="Tame"))
    if terminal:
        lines = stage.frame()
        assert len(lines) == HEIGHT
    else:
        stage.sink.close()
        lines = stage.kept.data.decode().split("\n")
    assert max(map(cell_len, lines)) <= WIDTH
    assert all(line.isprintable() for line in lines)
    assert any("-125" in line for line in lines)


@pytest.mark.parametrize("status", ["suspended", "removed", "settled"])
def test_what_is_not_on_offer_shows_no_price(status: str) -> None:
    stage = Stage()
    stage.emit(price(-110), price(-150, book="FanDuel"))
    assert any("-110" in line for line in stage.frame())
    stage.emit(price(None, status=status))
    lines = stage.frame()
    assert not any("-110" in line for line in lines)
    assert any("-150" in line for line in lines)


def test_an_open_quote_without_a_price_shows_none() -> None:
    stage = Stage()
    stage.emit(price(-110), price(None))
    assert not any("-110" in line for line in stage.frame())


def test_a_price_of_a_dead_link_never_looks_like_an_open_one() -> None:
    stage = Stage()
    stage.emit(Opened(label="NBA", host="h"), price(-110))
    stage.emit(Opened(label="NFL", host="h"), conn=2)
    stage.emit(price(-150, game_id="g2", book="FanDuel"), conn=2)
    fresh = stage.frame()
    stage.emit(Lost(cause="closed", detail="x"))
    down = stage.frame()
    stage.emit(Opened(label="NBA", host="h"), Gap(start=0, end=1, seconds=1, cause="closed", resumed="no"))
    back = stage.frame()
    stage.emit(price(-110))
    again = stage.frame()
    shown = [any(re.search(r"(?<!\()-110(?!\))", line) for line in lines) for lines in (fresh, down, back, again)]
    assert shown == [True, False, False, True]
    assert all(any(re.search(r" -150\b", line) for line in lines) for lines in (fresh, down, back, again))


def test_a_price_that_the_provider_replayed_is_good_again() -> None:
    stage = Stage()
    stage.emit(Opened(label="NBA", host="h"), price(-110), Lost(cause="closed", detail="x"))
    stage.emit(Opened(label="NBA", host="h"), Gap(start=0, end=1, seconds=1, cause="closed", resumed="yes"))
    assert any(re.search(r" -110\b", line) for line in stage.frame())


def test_the_terminal_is_given_back() -> None:
    stage = Stage()
    stage.frame()
    stage.sink.close()
    assert stage.kept.data.endswith(b"\x1b[?1049l\x1b[?25h") or {b"\x1b[?1049l", b"\x1b[?25h"} <= set(
        re.findall(rb"\x1b\[\?\d+[hl]", stage.kept.data)
    )


def test_off_a_terminal_everything_is_printed_once_without_colours() -> None:
    stage = Stage(terminal=False)
    stage.emit(*[price(-110 - n, kind="other", market=f"m{n}") for n in range(60)])
    stage.sink.tick(100.0)
    assert stage.kept.data == b""
    stage.sink.close()
    text = stage.kept.data.decode()
    assert "\x1b" not in text
    assert [len(re.findall(rf"-{110 + n}\b", text)) for n in range(60)] == [1] * 60
