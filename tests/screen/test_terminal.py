"""What a person sees: the real command in a real terminal, its keys, its colours, and how it leaves."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.e2e.support import Answer, Peer, Server, reply, sse
from tests.faults.wires import CONNECTED, odds
from tests.screen.tmux import KEY, Tmux

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is what these look through")

PAUSE = threading.Event()
HERE = Path(__file__).parent
GAMES = {"7C19D2A04EB1": ("Boston Celtics", "Miami Heat"), "A1B2C3D4E5F6": ("Denver Nuggets", "Utah Jazz")}
BOOKS = ("BetMGM", "Caesars", "DraftKings", "FanDuel", "Pinnacle")
ASK = ("opticodds", "--no-validate", "-s", "basketball", "-l", "NBA", "-b", ",".join(BOOKS))


def event(name: str, body: dict[str, Any], entry: str) -> bytes:
    return f"id: {entry}\nevent: {name}\ndata: {json.dumps({**body, 'entry_id': entry})}\n\n".encode()


def board() -> bytes:
    """Two games at five books, moneyline, spread and total; FanDuel's total is suspended. After docs/wire/opticodds.md, 2.4."""
    out = []
    for n, (fixture, (home, away)) in enumerate(GAMES.items()):
        named = {"fixture": {"id": fixture, "home_team_display": home, "away_team_display": away,
                             "start_date": f"2025-01-14T0{3 + n}:00:00+00:00"},
                 "fixture_id": fixture, "league": "NBA", "new_status": "unplayed", "old_status": "unplayed",
                 "sport": "basketball", "timestamp": 1736820600.0}  # fmt: skip
        out.append(event("fixture-status", {"data": named}, f"173682060000{n}-0"))
        for at, book in enumerate(BOOKS):
            about: dict[str, Any] = {"fixture_id": fixture, "sportsbook": book}
            rows = [
                ("Moneyline", home, None, -150 - at), ("Moneyline", away, None, 130 + at),
                ("Point Spread", home, -3.5, -110 - at), ("Point Spread", away, 3.5, -110 + at),
                ("Total Points", "over", 221.5, -105 - at), ("Total Points", "under", 221.5, -115 + at),
            ]  # fmt: skip
            for market, who, points, price in rows:
                side = who if points == 221.5 else None
                name = f"{who.capitalize() if side else who} {points}" if points else who
                more: dict[str, Any] = {"market": market, "name": name, "points": points, "selection_line": side}
                more["selection"] = "" if side else who
                out.append(odds(price, entry=f"{1736820670001 + len(out)}-0", **{**about, **more, "points": points}))
        gone = {"fixture_id": fixture, "sport": "basketball", "league": "NBA", "sportsbook": "FanDuel",
                "market": "Total Points", "is_main": True, "is_live": False, "timestamp": 1736820671.0}  # fmt: skip
        sides = [{**gone, "name": f"{side.capitalize()} 221.5", "selection": "", "selection_line": side, "points": 221.5,
                  "price": 0} for side in ("over", "under")]  # fmt: skip
        out.append(event("locked-odds", {"type": "locked-odds", "data": sides}, f"{1736820680000 + n}-0"))
    return CONNECTED + b"".join(out)


#: What a move of DraftKings looks like: Miami from +132 to +145.
MOVE = odds(145, points=None, entry="1736820690000-0", sportsbook="DraftKings", market="Moneyline", name="Miami Heat", selection="Miami Heat")  # fmt: skip


def beating(data: bytes, then: bytes = b"", go: threading.Event | None = None) -> Answer:
    """An event stream that goes on with heartbeats, `then` among them once `go` is set."""

    def answer(peer: Peer) -> None:
        sse(data, hold=False)(peer)
        told = False
        while peer.send(b": ping\n\n"):
            if go is not None and go.is_set() and not told:
                told = peer.send(then)
            PAUSE.wait(0.2)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with Server([beating(board())]) as made:
        yield made


def started(terminal: Tmux, server: Server, *more: str) -> None:
    terminal.start(*ASK, "--base-url", server.url, *more)
    terminal.sees("● live", "Utah Jazz")


def timeless(text: str) -> str:
    """Without what differs from run to run: the time, ages, rates, lags."""
    text = re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", text)
    text = re.sub(r"● +\d+[sm]", "●  0s", text)
    return re.sub(r"live .*\? help", "live ... ? help", text)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (44, 12)])
def test_the_screen_is_what_it_was(server: Server, width: int, height: int) -> None:
    """Against a picture in a file: look at it, and at the difference, before it is replaced."""
    with Tmux(width, height, env={"TZ": "UTC"}) as terminal:
        started(terminal, server)
        terminal.keys("c")
        kept = HERE / f"{width}x{height}.txt"
        terminal.until(
            lambda: timeless(terminal.text()) == kept.read_text("utf-8").rstrip("\n"),
            lambda: "\n" + timeless(terminal.text()),
        )


def test_a_move_is_seen(server: Server) -> None:
    go = threading.Event()
    with Server([beating(board(), MOVE, go)]) as moving, Tmux(100, 30) as terminal:
        started(terminal, moving)
        go.set()
        terminal.sees("+145▲")
        # Reverse (7) and bold: the digits that changed, and they alone.
        assert re.search(r"\+1(\x1b\[[\d;]*m)*\x1b\[(?:[\d;]*;)?7(?:;[\d;]*)?m(\x1b\[[\d;]*m)*45", terminal.colours())


def test_keys_do_what_the_help_says(server: Server) -> None:
    with Tmux() as terminal:
        started(terminal, server)
        terminal.keys("?")
        terminal.sees("next layout: screen, list, ladder")
        terminal.keys("x")
        terminal.until(lambda: "next layout" not in terminal.text())
        terminal.keys("d")
        terminal.sees("decimal", "2.30")
        terminal.keys("d", "d", "d", "/", "d", "e", "n", "v", "Enter")
        terminal.sees("filter: denv", "Denver")
        terminal.until(lambda: "Boston" not in terminal.text())
        terminal.keys("Escape")
        terminal.sees("Boston")
        terminal.keys("Tab", "Tab", "Enter")
        terminal.sees("ladder")
        terminal.keys("Escape", "Space")
        terminal.sees("PAUSED")


def test_q_leaves_with_0_and_the_terminal_as_it_was(server: Server) -> None:
    with Tmux() as terminal:
        terminal.type("echo before; stty -g > /dev/null; stty -a | grep -o -- '-*icanon\\|-*echo '")
        terminal.sees("before", "icanon")
        started(terminal, server)
        assert terminal.asks("#{alternate_on}") == "1"
        terminal.keys("q")
        terminal.sees("before", "quit after")
        assert terminal.asks("#{alternate_on} #{cursor_flag} #{wrap_flag}") == "0 1 1"
        terminal.type("echo code $?; stty -a | grep -o -- '-*icanon'")
        text = terminal.sees("code 0")
        assert "-icanon" not in text


@pytest.mark.parametrize(("number", "code"), [("TERM", 143), ("HUP", 129), ("INT", 130)])
def test_a_signal_gives_the_terminal_back(server: Server, number: str, code: int) -> None:
    with Tmux() as terminal:
        terminal.type("echo before")
        started(terminal, server)
        terminal.until(lambda: terminal.asks("#{alternate_on}") == "1")
        pid = terminal.asks("#{pane_pid}")
        [child] = subprocess.run(["pgrep", "-P", pid], check=True, capture_output=True, text=True).stdout.split()
        os.kill(int(child), signal.Signals[f"SIG{number}"])
        terminal.sees("before", "quotes, 0 gaps")
        assert terminal.asks("#{alternate_on} #{cursor_flag}") == "0 1"
        terminal.type("echo code $?; stty -a | grep -o -- '-*icanon'")
        assert "-icanon" not in terminal.sees(f"code {code}")


def test_a_q_that_is_pasted_leaves_nothing(server: Server) -> None:
    with Tmux() as terminal:
        started(terminal, server)
        terminal.paste("q d\nq")
        terminal.keys("d")
        terminal.sees("decimal", "● live")
        terminal.keys("q")
        terminal.sees("quit after")
        terminal.paste("echo pasted")
        assert "200~" not in terminal.sees("echo pasted")


#: The command with one function broken, after some frames that were drawn.
BROKEN = """
import sys
from oddstail.board import {module} as broken
from oddstail.cli import main
whole, calls = broken.{name}, iter(range({after}))
def broke(*args, **named):
    if next(calls, None) is None:
        raise KeyError("what only a bug would do")
    return whole(*args, **named)
broken.{name} = broke
sys.argv[0] = "oddstail"
main()
"""


@pytest.mark.parametrize(
    ("module", "name", "after", "typed"), [("chrome", "title", 6, ""), ("keys", "_scroll", 1, "jj")]
)
def test_a_bug_of_the_screen_gives_the_terminal_back_and_ends_the_files(
    server: Server, tmp_path: Path, module: str, name: str, after: int, typed: str
) -> None:
    """One sentence with what to do on the screen that there was before, code 1, and a capture that is whole."""
    code = tmp_path / "broken.py"
    code.write_text(BROKEN.format(module=module, name=name, after=after), "utf-8")
    captures = tmp_path / "captures"
    with Tmux(120, 24) as terminal:
        terminal.type("echo before")
        ask = [sys.executable, str(code), *ASK, "--base-url", server.url, "-w", f"{captures}/"]
        terminal.type(shlex.join(ask))
        if typed:
            terminal.sees("● live", "Utah Jazz")
            terminal.keys(*typed)
        terminal.sees("before", "a bug in oddstail: KeyError", "report it")
        assert terminal.asks("#{alternate_on} #{cursor_flag} #{wrap_flag}") == "0 1 1"
        terminal.type("echo code $?; stty -a | grep -o -- '-*icanon'")
        assert "-icanon" not in terminal.sees("code 1")
    [kept] = captures.rglob("*.ndjson")
    last = json.loads(kept.read_text("utf-8").splitlines()[-1])
    assert (last["type"], last["exit"], last["reason"]) == ("end", 1, "a bug in oddstail")
    assert last["quotes"] > 20
    assert not [*captures.rglob("*.part")]


def test_an_error_is_said_on_the_normal_screen() -> None:
    with Server([reply("401 Unauthorized", "no such key", "text/plain")]) as refusing, Tmux() as terminal:
        terminal.type("echo before")
        terminal.start(*ASK, "--base-url", refusing.url)
        terminal.sees("before", "no such key")
        terminal.type("echo code $?")
        terminal.sees("code 4")
        assert terminal.asks("#{alternate_on} #{cursor_flag}") == "0 1"


def test_ctrl_z_leaves_the_screen_and_fg_takes_it_again(server: Server) -> None:
    with Tmux() as terminal:
        terminal.type("echo before")
        started(terminal, server)
        terminal.keys("C-z")
        terminal.sees("before", "Stopped")
        assert terminal.asks("#{alternate_on} #{cursor_flag}") == "0 1"
        terminal.type("echo echoed")
        terminal.sees("echo echoed")
        terminal.type("fg")
        terminal.sees("● live", "Denver Nuggets")
        assert terminal.asks("#{alternate_on}") == "1"
        terminal.keys("d")
        terminal.sees("decimal")
        terminal.keys("q")
        terminal.sees("quit after")


def test_ctrl_z_and_fg_work_under_make_too(server: Server, tmp_path: Path) -> None:
    """make stops before us, and the shell has the terminal while we still tidy it."""
    made = tmp_path / "Makefile"
    made.write_text(
        "watch:\n\t@" + shlex.join([sys.executable, "-m", "oddstail", *ASK, "--base-url", server.url]) + "\n"
    )
    for shell in ("bash --norc", "sh"):
        with Tmux() as terminal:
            terminal.type(f"exec {shell}")
            terminal.type("echo before")
            terminal.sees("before")
            terminal.type(f"make -f {made} watch")
            terminal.sees("● live", "Denver Nuggets")
            for _ in range(2):
                terminal.keys("C-z")
                terminal.until(lambda: terminal.asks("#{alternate_on}") == "0")
                terminal.type("echo $((40 + 2)); stty -a | grep -o -- '-*icanon'")
                assert "-icanon" not in terminal.sees("42", "icanon")
                terminal.type("clear; fg")
                terminal.sees("● live", "Denver Nuggets")
            terminal.keys("d")
            terminal.sees("decimal")
            terminal.keys("q")
            terminal.sees("quit after")


def test_a_resize_leaves_no_garbage(server: Server) -> None:
    with Tmux(env={"TZ": "UTC"}) as terminal:
        started(terminal, server)
        terminal.keys("c")
        for size in ((200, 60), (44, 12), (30, 5), (10, 2), (120, 40), (80, 24)):
            terminal.resize(*size)
            terminal.until(lambda: len(terminal.lines()) == size[1] and max(map(cell_len, terminal.lines())) <= size[0])  # noqa: B023
        kept = (HERE / "80x24.txt").read_text("utf-8").rstrip("\n")
        terminal.until(lambda: timeless(terminal.text()) == kept, lambda: "\n" + terminal.text())


@pytest.mark.parametrize(
    ("term", "more", "flags", "has", "has_not"),
    [
        ("tmux-256color", {}, (), r"38;5;", r"38;2;"),
        ("tmux-256color", {"COLORTERM": "truecolor"}, (), r"38;2;", r"38;5;"),
        ("screen", {}, (), r"\x1b\[[\d;]*3[0-7]m", r"38;[25];"),
        ("tmux-256color", {"NO_COLOR": "1"}, (), r"\x1b\[1m", r"38;[25];|\x1b\[[\d;]*3[0-7]m"),
        ("tmux-256color", {}, ("--color", "never"), r"\x1b\[1m", r"38;[25];|\x1b\[[\d;]*3[0-7]m"),
        ("tmux-256color", {"NO_COLOR": "1"}, ("--color", "always"), r"38;5;", r"38;2;"),
    ],
    ids=["256", "truecolor", "16", "NO_COLOR", "never", "always"],
)  # fmt: skip
def test_colours_are_what_the_terminal_has(
    server: Server, term: str, more: dict[str, str], flags: tuple[str, ...], has: str, has_not: str
) -> None:
    with Tmux(term=term, env=more) as terminal:
        started(terminal, server, *flags)
        terminal.until(lambda: re.search(has, terminal.colours()), terminal.colours)
        assert not re.search(has_not, terminal.colours())


WIDE = ("漢字漢字", "Te\u0301am", "Zażółć", "👩‍👩‍👧", "x" * 60)


def test_names_of_any_width_move_no_column() -> None:
    rows = [
        odds(100 + n, points=None, entry=f"{1736820670001 + n}-0", market="Moneyline", name=name, selection=name,
             fixture_id="W", sportsbook=name[:8])
        for n, name in enumerate(WIDE)
    ]  # fmt: skip
    with Server([beating(CONNECTED + b"".join(rows))]) as wide, Tmux(140, 24) as terminal:
        terminal.start(*ASK, "--base-url", wide.url)
        terminal.sees("● live", "+104")
        rules = {cell_len(line.partition("│")[0]) for line in terminal.lines() if "│" in line}
        assert len(rules) == 1


def test_without_a_keyboard_there_is_still_a_screen(server: Server) -> None:
    with Tmux() as terminal:
        terminal.type(f"exec 9</dev/null; {' '.join(_command(server))} <&9")
        terminal.sees("● live", "Denver Nuggets")
        terminal.keys("C-c")
        terminal.sees("interrupted after")


def test_the_end_of_a_tape_stays_until_it_was_seen(server: Server, tmp_path: Path) -> None:
    tape = tmp_path / "x.tape.ndjson"
    subprocess.run([*_command(server), "-o", "none", "-q", "--tape", str(tape), "-c", "24"], check=True,
                   env={**os.environ, **KEY}, timeout=30)  # fmt: skip
    with Tmux() as terminal:
        terminal.start("replay", str(tape), "--speed", "max")
        text = terminal.sees("REPLAY", "the tape ends here", "Denver Nuggets")
        assert "live" not in text.splitlines()[-1]
        terminal.keys("d")
        terminal.sees("decimal", "the tape ends here")
        terminal.keys("q")
        terminal.sees("quit after")
        terminal.type("echo code $?")
        terminal.sees("code 0")
        again = shlex.join([sys.executable, "-m", "oddstail", "replay", str(tape), "--speed", "max"])
        terminal.type(f"clear; exec 9</dev/null; {again} <&9")
        terminal.sees("the tape ends here after", "quotes")


def _command(server: Server) -> list[str]:
    return [sys.executable, "-m", "oddstail", *ASK, "--base-url", server.url]


def test_a_link_that_is_down_is_told_with_its_countdown() -> None:
    down: Answer = sse(board(), hold=False)
    with Server([down, lambda peer: peer.hold()]) as failing, Tmux() as terminal:
        terminal.start(*ASK, "--base-url", failing.url)
        terminal.sees("○ recovering", "+132×", "link down")


def test_keys_are_pressed_while_stdin_is_data(tmp_path: Path) -> None:
    tape = tmp_path / "t.tape.ndjson"
    demo = [sys.executable, "-m", "oddstail", "demo", "-p", "opticodds", "-o", "none", "-q", "--tape", str(tape)]
    subprocess.run([*demo, "--for", "2s"], check=True, timeout=30)
    with Tmux() as terminal:
        replay = shlex.join([sys.executable, "-m", "oddstail", "replay", "-", "--speed", "max"])
        terminal.type(f"(cat {shlex.quote(str(tape))}; exec sleep 100) | {replay}; echo code $?; kill %1 2>/dev/null")
        terminal.sees("REPLAY")
        terminal.keys("?")
        terminal.sees("quit")
        terminal.keys("q")
        terminal.keys("q")
        terminal.until(lambda: terminal.asks("#{alternate_on}") == "0")
        terminal.keys("C-c")
        terminal.type("stty -a | grep -o -- '-*icanon'; echo done")
        assert "-icanon" not in terminal.sees("done")
