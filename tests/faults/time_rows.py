"""What time does: a machine that sleeps, a wall clock that is set, hours that pass (`clockwork.py` turns the clock)."""

from __future__ import annotations

import asyncio
import signal
from datetime import datetime
from typing import Any

from tests.faults.peer import Peer, reply, sse, ws
from tests.faults.stage import TWO, Live, Outcome, Row
from tests.faults.stream_rows import asks_after, both, resumed
from tests.faults.wires import BEAT, CONNECTED, PARLAY, jam, odds, parlay

SILENT = (*TWO, "--max-silence", "1s")
TURNED = asyncio.Event()


async def turned_after_one(live: Live) -> None:
    """Once the first price is out, the clock does what it is to do."""
    await live.until(lambda: b'"type":"quote"' in live.out)
    live.process.send_signal(signal.SIGUSR2)


async def stopped_after_one(live: Live) -> None:
    """Once the first price is out, the process is stopped for twice the silence that is borne (see `test_clocks.py`)."""
    await live.until(lambda: b'"type":"quote"' in live.out)
    live.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2)
    live.process.send_signal(signal.SIGCONT)


async def a_quarter_of_an_hour_later(peer: Peer) -> None:
    """Refuses the key once the clock was turned."""
    await TURNED.wait()
    await reply("401 Unauthorized")(peer)


async def turned_at_the_third(live: Live) -> None:
    """While the third request waits for its answer, the clock does what it is to do."""
    await live.until(lambda: len(live.server.peers) == 3)
    live.process.send_signal(signal.SIGUSR2)
    TURNED.set()


async def beating(peer: Peer) -> None:
    """A WebSocket with a price at either end of three seconds of heartbeats."""
    await peer.shake()
    for message in (PARLAY, parlay(-101), *[BEAT] * 30, parlay(-102)):
        await (peer.send(message) if isinstance(message, bytes) else peer.text(message))
        await asyncio.sleep(0.1)
    await peer.hold()


def gap_of(seconds: float, cause: str) -> Any:
    """One gap, so long by both of its clocks."""

    def check(outcome: Outcome) -> None:
        (gap,) = outcome.ran.of("gap")
        assert gap["cause"] == cause
        assert seconds <= gap["seconds"] < seconds + 20
        told = datetime.fromisoformat(gap["to"]) - datetime.fromisoformat(gap["from"])
        assert seconds <= told.total_seconds() < seconds + 20

    return check


def never_backwards(outcome: Outcome) -> None:
    """A gap's seconds are those of a clock that never jumps, and it does not end before it begins."""
    (gap,) = outcome.ran.of("gap")
    assert 0 <= gap["seconds"] < 20
    assert gap["from"] <= gap["to"]


def set_by(hours: float) -> Row:
    """The wall clock is set while a link is up."""
    way = "back" if hours < 0 else "forward"
    return Row(
        id=f"clock-set-{way}-while-up",
        does=f"goes on while somebody sets the wall clock {way}: no gap, and the jump is told",
        says=[f"clock was set {way} by "],
        answers=[sse(CONNECTED, odds(-101), *[b": \n"] * 15, odds(-102), pause=0.1)],
        env={"CLOCKWORK_JUMPS": f"wall={hours * 3600}"},
        during=turned_after_one,
        flags=("-c", "2", "--max-silence", "2s"),
        prints=[-101, -102],
        told=["notice clock"],
        also=lambda outcome: _no_gap(outcome),
    )


def set_across_a_loss(hours: float) -> Row:
    """The wall clock is set, and then the link is lost."""
    way = "back" if hours < 0 else "forward"
    return Row(
        id=f"clock-set-{way}-across-a-loss",
        does=f"stops while somebody sets the wall clock {way}",
        says=["no byte for 1 s", f"clock was set {way}"],
        answers=[sse(CONNECTED, odds(-101)), sse(CONNECTED, odds(-102))],
        env={"CLOCKWORK_JUMPS": f"wall={hours * 3600}"},
        during=turned_after_one,
        flags=SILENT,
        requests=2,
        prints=[-101, -102],
        told=["gap", "notice clock"],
        also=never_backwards,
    )


def _no_gap(outcome: Outcome) -> None:
    assert not outcome.ran.of("gap")


ROWS: list[Row] = [
    Row(
        id="slept",
        does="is still there after the machine slept for an hour: the link is not trusted, the gap is an hour",
        says=["the machine slept: for 60 min", "gap of"],
        answers=[sse(CONNECTED, odds(-101)), sse(CONNECTED, odds(-102))],
        env={"CLOCKWORK_JUMPS": "slept=3600"},
        during=turned_after_one,
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["lost", "gap"],
        also=gap_of(3600, "slept"),
    ),
    Row(
        id="slept-ws",
        does="is still there after the machine slept for an hour, over a WebSocket",
        ask="parlayapi-ws",
        says=["the machine slept: for 60 min"],
        answers=[ws(PARLAY, parlay(-101), BEAT), ws(PARLAY, parlay(-102))],
        env={"CLOCKWORK_JUMPS": "slept=3600"},
        during=turned_after_one,
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["lost", "gap"],
        also=gap_of(3600, "slept"),
    ),
    Row(
        id="cursor-out-of-its-window",
        does="replays 30 s, and the machine slept for 40: the cursor is not sent, and nobody says that it was replayed",
        ask="oddsjam",
        says=["the machine slept"],
        answers=[sse(CONNECTED, jam(-101)), sse(CONNECTED, jam(-102))],
        env={"CLOCKWORK_JUMPS": "slept=40"},
        during=turned_after_one,
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["gap"],
        also=both(asks_after(None, None), resumed("no")),
    ),
    Row(
        id="cursor-within-its-window",
        does="replays 30 s, and the machine slept for 10",
        ask="oddsjam",
        answers=[sse(CONNECTED, jam(-101)), sse(CONNECTED, jam(-102))],
        env={"CLOCKWORK_JUMPS": "slept=10"},
        during=turned_after_one,
        flags=TWO,
        requests=2,
        prints=[-101, -102],
        told=["gap"],
        also=both(asks_after(None, b"17368206700-101-0"), resumed("yes")),
    ),
    Row(
        id="the-key-is-refused-for-good",
        does="streams, breaks off, and then refuses the key: it is asked for 15 minutes, then the end",
        code=4,
        says=["401 Unauthorized", "attempt 3 in", "check the key", "(3 tries)"],
        answers=[sse(CONNECTED, odds(-101), hold=False), reply("401 Unauthorized"), a_quarter_of_an_hour_later],
        env={"CLOCKWORK_JUMPS": "slept=900"},
        during=turned_at_the_third,
        requests=3,
        prints=[-101],
        told=["gap"],
    ),
    Row(
        id="stopped-ws",
        does="goes on while the process is stopped, over a WebSocket: what came meanwhile is read, and no link is lost",
        ask="parlayapi-ws",
        answers=[beating],
        during=stopped_after_one,
        flags=SILENT,
        prints=[-101, -102],
        also=_no_gap,
    ),
    set_by(-2.0),
    set_by(2.0),
    set_across_a_loss(-2.0),
    set_across_a_loss(2.0),
]
