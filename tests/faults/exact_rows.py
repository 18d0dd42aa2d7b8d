"""Exactly what was sent: numbered events through 200 faults drawn by lot, from a server that replays and one that does not.

The numbers are prices. The draw is seeded: what fails once fails again.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.peer import Peer, head, reply
from tests.faults.stage import Live, Outcome, Row, environment
from tests.faults.wires import CONNECTED, PING, event, jam, odds

FAULTS = 200
NUMBERS = range(100, 4600)
#: What ends a connection; `stall` costs half a second each, so it is drawn seldom.
BREAKS = ["fin", "mid-event", "rst", "mid-chunk", "mid-gzip", "half-head", "drop", "reset", "503", "429", "greets"] * 3
#: What a connection lives through.
BORNE = ["dup", "garbage", "comment", "drip", "crlf", "redirect"]


@dataclass
class Numbered:
    """A server's memory over all of its connections; an answer for each of them."""

    write: Callable[[int], bytes]
    replays: bool
    seed: int
    faults: int = 0
    next: int = NUMBERS.start
    #: When each number went out, or happened while nobody was connected; wall seconds.
    when: dict[int, float] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    async def __call__(self, peer: Peer) -> None:
        fault = self._draw()
        match fault:
            case "drop":
                return
            case "reset":
                peer.reset()
                return
            case "half-head":
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-")
                return
            case "503":
                await reply("503 Service Unavailable")(peer)
                return
            case "429":
                await reply("429 Too Many Requests", Retry_After="0")(peer)
                return
            case "redirect" if b"/again" not in peer.head:
                asked = peer.head.split(b" ")[1].decode().partition("?")[2]
                await reply("307 Temporary Redirect", Location=f"/again?{asked}")(peer)
                return
        self._catch_up(peer.head)
        chunked = fault in ("mid-chunk", "rst")
        await peer.send(head(**({"Transfer_Encoding": "chunked"} if chunked else {})))
        await self._say(peer, CONNECTED, chunked=chunked)
        if fault == "greets":
            return
        healthy = fault == "none"
        left = NUMBERS.stop - self.next
        body = self._body(left if healthy else min(self.rng.randint(0, 40), left - 1), fault)
        await self._say(peer, body, chunked=chunked, slow=fault == "drip")
        match fault:
            case "mid-event":
                await peer.send(self._cut())
            case "mid-chunk":
                await peer.send(b"fff\r\n" + self._cut())
            case "rst":
                peer.reset()
            case "stall" | "none":
                await peer.hold()

    def _draw(self) -> str:
        if self.faults >= FAULTS:
            return "none"
        self.faults += 1
        # Never one kind twice in a row: three alike would be given up, and rightly so.
        kinds = [kind for kind in [*BREAKS, *BORNE, "stall"] if kind != (self.kinds or [""])[-1]]
        self.kinds.append(self.rng.choice(kinds))
        return "fin" if self.kinds[-1] == "mid-gzip" else self.kinds[-1]

    def _catch_up(self, asked: bytes) -> None:
        """Where this connection begins: after the cursor, or at what is now, some numbers later."""
        if self.replays:
            cursor = re.search(rb"last_entry_id=17368206700(\d+)-0", asked)
            self.next = int(cursor[1]) + 1 if cursor else NUMBERS.start
        else:
            for _ in range(min(self.rng.randint(0, 5), NUMBERS.stop - 1 - self.next)):
                self._count()

    def _count(self) -> int:
        number = self.next
        self.when[number] = time.time()
        self.next += 1
        return number

    def _body(self, count: int, fault: str) -> bytes:
        out = []
        if fault == "dup" and self.replays:
            # A server that replays more than it was asked for.
            out += [self.write(n) for n in range(max(NUMBERS.start, self.next - 3), self.next)]
        for nth in range(count):
            out.append(self.write(self._count()))
            if fault == "dup" and nth % 7 == 0:
                out.append(out[-1])
            elif fault == "garbage" and nth % 9 == 0:
                out.append(event("<html>"))
            elif fault == "comment":
                out.append(b": still there\n\n" + PING)
        body = b"".join(out)
        return body.replace(b"\n", b"\r\n") if fault == "crlf" else body

    def _cut(self) -> bytes:
        """The next number, but for its end: told to nobody."""
        if self.next >= NUMBERS.stop - 1:
            return b""
        whole = self.write(self.next)
        if not self.replays:
            self._count()
        return whole[: self.rng.randint(1, len(whole) - 2)]

    async def _say(self, peer: Peer, data: bytes, *, chunked: bool, slow: bool = False) -> None:
        """In pieces that end anywhere: within a line, a field's name, a character."""
        at = 0
        while at < len(data):
            size = self.rng.randint(1, 60 if slow else 5000)
            piece = data[at : at + size]
            at += size
            await peer.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if slow or self.rng.random() < 0.05:
                await asyncio.sleep(0.001)


def numbers(out: bytes) -> list[int]:
    """The numbers that records tell, in order."""
    return [int(record["american"]) for record in map(json.loads, out.splitlines()) if record["type"] == "quote"]


def each_once(outcome: Outcome) -> None:
    """On stdout, in the file (`judge` holds the two against each other), and on the tape told again."""
    assert numbers(outcome.ran.out) == list(NUMBERS)
    # Before the first number there is none to go on after.
    first = outcome.ran.of("quote")[0]["seq"]
    assert {gap["resumed"] for gap in outcome.ran.of("gap") if gap["seq"] > first} == {"yes"}
    again = subprocess.run(
        [sys.executable, "-m", "oddstail", "replay", str(outcome.folder / "tape.ndjson"), "--json", "--speed", "max"],
        env=environment(outcome.folder), capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    assert numbers(again.stdout) == list(NUMBERS)


def every_loss_in_a_gap(server: Numbered) -> Callable[[Outcome], None]:
    """No number missing but where a gap is told, no gap but where nobody watched."""

    def check(outcome: Outcome) -> None:
        records = outcome.ran.records
        told: list[Any] = [one for one in records if one["type"] in ("quote", "gap")]
        seen = numbers(outcome.ran.out)
        assert seen == sorted(set(seen)), "out of order, or twice"
        missing = set(server.when) - set(seen)
        assert len(missing) > FAULTS / 4, "the server lost hardly anything, so this proves nothing"
        explained: set[int] = set()
        last, gaps = NUMBERS.start - 1, list[dict[str, Any]]()
        for one in told:
            if one["type"] == "gap":
                gaps.append(one)
                continue
            between = range(last + 1, int(one["american"]))
            assert not between or gaps, f"{list(between)} are missing and nobody said so"
            explained |= set(between)
            for number in between:
                at = server.when[number]
                # What was in flight when the connection was reset was sent a moment before the last byte was heard.
                assert any(_seconds(gap["from"]) - 1 <= at <= _seconds(gap["to"]) for gap in gaps), number
            last, gaps = int(one["american"]), []
        assert missing == explained
        _no_gap_is_false(records)

    return check


def _no_gap_is_false(records: list[dict[str, Any]]) -> None:
    """Nothing was received within a gap, and each stands for one time that the link was lost, or never came about."""
    heard = [_seconds(one["recv"]) for one in records if one["type"] == "quote"]
    gaps = [one for one in records if one["type"] == "gap"]
    for gap in gaps:
        assert not [at for at in heard if _seconds(gap["from"]) < at < _seconds(gap["to"])], gap
        assert gap["resumed"] != "yes"
    opened = sum(1 for one in records if one["type"] == "opened")
    assert opened - 1 <= len(gaps) <= opened


async def until_the_last(live: Live) -> None:
    """Nobody knows how many will come through; the last of them does, for it is sent when all else is over."""
    await live.until(lambda: b'"american":%d,' % (NUMBERS.stop - 1) in live.out)
    live.process.terminate()


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


REPLAYING = Numbered(jam, replays=True, seed=6)
FORGETTING = Numbered(odds, replays=False, seed=6)
_COMMON: dict[str, Any] = {
    "hurry": 1000,
    "verbose": "-v",
    "prints": None,
    "opaque": True,
    "requests": None,
    "told": ["gap", "lost"],
    "lost": [0],
}
ROWS = [
    Row(
        id="200-faults-and-a-replay",
        does="breaks in 200 ways, and replays what was missed",
        ask="oddsjam",
        answers=[REPLAYING],
        flags=("-c", str(len(NUMBERS)), "--max-silence", "500ms"),
        also=each_once,
        **_COMMON,
    ),
    Row(
        id="200-faults-and-no-replay",
        does="breaks in 200 ways, and replays nothing",
        answers=[FORGETTING],
        flags=("--max-silence", "500ms"),
        during=until_the_last,
        code=143,
        also=every_loss_in_a_gap(FORGETTING),
        **_COMMON,
    ),
]
