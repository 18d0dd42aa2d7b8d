"""What reaches the terminal past the picture: desktop notifications, links, and the wheel, byte by byte."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.e2e.support import ENV, Server, sse
from tests.faults.wires import CONNECTED, odds
from tests.screen.tmux import KEY

DEMO = ("demo", "-p", "opticodds", "--rate", "40")


def written(args: tuple[str, ...], env: dict[str, str], until: bytes, seconds: float = 20.0) -> bytes:
    """What the command writes to a terminal until this pattern is in it; then it is ended."""
    master, slave = pty.openpty()
    ran = subprocess.Popen(
        [sys.executable, "-m", "oddstail", *args], stdin=slave, stdout=slave, stderr=slave, env={**ENV, **env}
    )
    os.close(slave)
    out = bytearray()
    deadline = time.monotonic() + seconds
    try:
        while not re.search(until, out, re.DOTALL) and time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                out += os.read(master, 65_536)
        ran.send_signal(signal.SIGTERM)
        while ran.poll() is None and time.monotonic() < deadline + 5:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    out += os.read(master, 65_536)
                except OSError:
                    break
        ran.wait(5)
    finally:
        ran.kill()
        os.close(master)
    return bytes(out)


@pytest.mark.parametrize("output", ["table", "none"])
@pytest.mark.parametrize(
    ("env", "sequence"),
    [
        ({"TERM": "xterm-256color"}, rb"\x1b\]9;oddstail: [^\x07\x1b]+\x07"),
        ({"TERM": "foot"}, rb"\x1b\]777;notify;oddstail;[^\x07\x1b;]+\x07"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux-1/default,1,0"},
         rb"\x1bPtmux;\x1b\x1b\]9;oddstail: [^\x07\x1b]+\x07\x1b\\"),
    ],
    ids=["osc-9", "osc-777", "tmux"],
)  # fmt: skip
def test_notification_of_an_alert_reaches_the_terminal(env: dict[str, str], sequence: bytes, output: str) -> None:
    out = written((*DEMO, "-o", output, "--alert", "abs(cents) >= 1", "--notify"), env, sequence)
    assert re.search(sequence, out), out[-2000:]


def test_no_notification_is_sent_unless_asked_for() -> None:
    rung = rb"\x07"
    out = written((*DEMO, "-o", "none", "--alert", "abs(cents) >= 1"), {"TERM": "xterm-256color"}, rung)
    assert b"\x07" in out, "the bell rings"
    assert not re.search(rb"\x1b\](9|777);", out)


def test_wheel_scrolls_by_arrow_keys_while_the_screen_is_shown() -> None:
    out = written((*DEMO,), {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}, rb"live")
    begin, end = out.find(b"\x1b[?1007h"), out.rfind(b"\x1b[?1007l")
    assert 0 <= out.find(b"\x1b[?1049h") < begin < end
    assert not re.search(rb"\x1b\[\?100[0236]h", out), "the mouse selects text as ever"


def test_price_with_a_link_is_clickable_in_the_terminal() -> None:
    link = "https://book.example/bet?id=1"
    prices = [
        odds(price, entry=f"173682067000{n}-0", market="Moneyline", points=None, name=name, selection=name,
             deep_link={"desktop": link})
        for n, (name, price) in enumerate((("Boston Celtics", -140), ("Miami Heat", 120)))
    ]  # fmt: skip
    asked = ("opticodds", "-s", "basketball", "-b", "DraftKings", "--no-validate", "--no-snapshot")
    with Server([sse(CONNECTED, *prices)]) as server:
        env = {"TERM": "xterm-256color", **KEY}
        out = written((*asked, "--base-url", server.url), env, rb"\x1b\]8;[^;]*;https:.*\+120")
    assert re.search(rb"\x1b\]8;[^;\x1b]*;" + re.escape(link.encode()) + rb"(\x1b\\|\x07)[^\n]{0,40}\+120", out), out[
        -3000:
    ]
    assert re.search(rb"\x1b\]8;;(\x1b\\|\x07)", out), "the link ends"
