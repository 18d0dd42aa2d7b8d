"""The screen: drawn on a clock and only for a change, as high as the terminal, and never a price that is none."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from typing import Any, cast

import pytest
from rich.cells import cell_len

from oddstail.model import Batch, Event, Gap, Lost, Opened, Quote
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.table import TableSink
from tests.support import quote

#: What the painter itself writes: cursor, screen, colours.
_OWN = re.compile(r"\x1b\[(?:\?(?:7|25|1049|2026)[hl]|[\d;]*[mHJ])")
WIDTH, HEIGHT = 80, 24
_LOOP = asyncio.new_event_loop()


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
        self.shown: dict[int, str] = {}
        self.now = 100.0
        self.size = (WIDTH, HEIGHT)
        self.sink = TableSink(
            cast(Outlet, self.kept),
            "Toy",
            terminal=terminal,
            now=lambda: round(self.now * 1_000_000),
            size=lambda: self.size,
        )

    def emit(self, *events: Event, conn: int = 1) -> None:
        self.sink.emit(Batch(conn, round(self.now * 1_000_000), list(events)))

    def tick(self, now: float) -> None:
        """The clock, inside a running loop: the screen listens to signals."""

        async def run() -> None:
            self.sink.tick(now)

        _LOOP.run_until_complete(run())

    def frame(self, seconds: float = 0.3) -> list[str]:
        """What the terminal shows after a frame that is drawn so much later."""
        self.kept.data = b""
        self.now += seconds
        self.tick(self.now)
        self.screen(self.kept.data.decode())
        return [self.shown.get(at, "") for at in range(self.size[1])]

    def screen(self, text: str) -> None:
        """Do what a terminal would with it, as far as the painter goes."""
        for part in re.split(r"(?=\x1b\[\d+;1H|\x1b\[2J)", text):
            if part.startswith("\x1b[2J"):
                self.shown.clear()
            elif place := re.match(r"\x1b\[(\d+);1H", part):
                self.shown[int(place[1]) - 1] = _OWN.sub("", part[place.end() :])


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("LINES", str(HEIGHT))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield
    for number in (signal.SIGTSTP, signal.SIGCONT):
        _LOOP.remove_signal_handler(number)


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
        stage.tick(100.0 + n / 1000)
    assert 3 <= stage.sink.frames <= 5


def test_nothing_is_drawn_when_nothing_changed() -> None:
    stage = Stage()
    stage.emit(price())
    stage.frame()
    frames = stage.sink.frames
    stage.frame()
    assert stage.kept.data == b""
    assert frames == stage.sink.frames
    stage.emit(Opened(label="NBA", host="h"), Lost(cause="closed", detail="gone"))
    assert "gone" in stage.frame()[-1]
    stage.emit(price(-115))
    assert any("-115" in line for line in stage.frame())


def test_an_idle_screen_is_drawn_once_a_second_for_the_ages() -> None:
    stage = Stage()
    stage.emit(price())
    for _ in range(40):
        stage.frame(0.25)
    assert 8 <= stage.sink.frames <= 12


def test_a_key_is_answered_at_once() -> None:
    stage = Stage()
    stage.emit(price())
    stage.frame()
    frames = stage.sink.frames
    stage.sink.keys(b"d")
    assert stage.sink.frames == frames + 1
    assert b"1.91" in stage.kept.data


def test_a_frame_that_the_terminal_has_not_taken_is_not_followed_by_another() -> None:
    stage = Stage()
    stage.frame()
    stage.kept.pending = 1
    stage.emit(price())
    stage.frame()
    assert stage.kept.data == b""
    stage.kept.pending = 0
    assert any("-110" in line for line in stage.frame())


@pytest.mark.parametrize(("games", "rows"), [(0, 0), (1, 1), (1, 100), (50, 1), (7, 2), (20, 30)])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 5), (20, 3), (200, 60), (10, 2)])
def test_a_frame_is_exactly_as_high_and_at_most_as_wide_as_the_terminal(
    games: int, rows: int, width: int, height: int
) -> None:
    stage = Stage()
    stage.size = (width, height)
    for game in range(games):
        stage.emit(
            *[price(game_id=f"g{game}", kind="other", market=f"m{row}", book=f"book{row % 9}") for row in range(rows)]
        )
    lines = stage.frame()
    assert [width] * height == list(map(cell_len, lines))


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
    shown = [any(re.search(r"-110(?![×?])", line) for line in lines) for lines in (fresh, down, back, again)]
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
    lines = text.split("\n")
    assert [sum(1 for line in lines if re.search(rf"-{110 + n}\b", line)) for n in range(60)] == [1] * 60
