"""Alerts on their way out: each way has its own queue and time limit, and what does not go out is counted."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oddstail.alerts import Rules
from oddstail.model import Batch, Notice
from oddstail.record import Encoder
from oddstail.run import alerting, delivery
from oddstail.run.alerting import Alerting, Alerts
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import Talk
from oddstail.text import Redactor, Secret
from oddstail.transports import Limits
from tests.faults.peer import Answer, Peer, Server, reply, silence
from tests.support import quote, request

LIMITS = Limits(connect=0.3)


@dataclass
class Desk:
    """A run's alerts, with what they say to people and put into the stream."""

    alerts: Alerting
    talk: Talk
    theirs: int
    ours: int
    notices: list[Notice] = field(default_factory=list)

    def ring(self, count: int = 1) -> None:
        """So many prices that a rule speaks of."""
        prices = [quote(f"price {at} of {time.monotonic_ns()}", -110) for at in range(count)]
        batch, _ = self.alerts.judged(Batch(1, 1, [*prices]))
        assert len(batch.events) == 2 * count, "the records have them all"

    async def end(self, seconds: float = 0.0) -> str:
        """The end of the run. Returns what people were told."""
        self.alerts.last()
        await self.alerts.finish(seconds)
        await self.talk.finish(1.0)
        os.close(self.theirs)
        said = b""
        while part := os.read(self.ours, 1 << 16):
            said += part
        os.close(self.ours)
        return said.decode()


def desk(monkeypatch: pytest.MonkeyPatch, *, command: tuple[str, ...] = (), webhook: str | None = None) -> Desk:
    """To be called in a loop."""
    monkeypatch.setattr(alerting, "BURST", 1000)
    ours, theirs = os.pipe()
    errors = Outlet(theirs, Redactor([]))
    talk, encoder, notices = Talk(errors), Encoder(), list[Notice]()
    encoder.introduce(1, request())
    alerts = Alerts(
        rules=Rules(["american < 0"], 60),
        bell=False,
        command=command,
        webhook=None if webhook is None else Secret(webhook),
        limits=LIMITS,
    )
    one = Alerting(
        alerts, encoder, errors, talk, lambda batch: notices.extend(e for e in batch.events if isinstance(e, Notice))
    )
    return Desk(one, talk, theirs, ours, notices)


async def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.01)


def appending(path: Path) -> tuple[str, ...]:
    """A command that appends its record to a file."""
    return ("sh", "-c", f"cat >> {path}")


def rows(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []


async def dribbles(peer: Peer) -> None:
    """An answer that comes byte by byte and never ends."""
    await peer.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while await peer.send(b"x"):  # noqa: ASYNC110 - a slow peer
        await asyncio.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process does more than wait to be reaped: in a container there may be nobody who does that."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_command_that_does_not_end_fills_its_queue_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> tuple[str, list[Notice]]:
        one = desk(monkeypatch, command=("sleep", "600"))
        one.ring(50)
        one.alerts.tick()
        one.ring(5)
        one.alerts.tick()
        assert len(one.notices) == 1, "once a minute"
        return await one.end(), one.notices

    said, notices = asyncio.run(main())
    assert [(notice.code, notice.value) for notice in notices] == [("alerts-dropped", 30), ("alerts-dropped", 5)]
    assert notices[0].text == "--exec does not keep up: 30 alerts did not go out that way"
    assert "--exec: 20 alerts could not be delivered before the end" in said


@pytest.mark.parametrize(
    ("scheme", "answer", "says"),
    [
        pytest.param("http", silence, "not done within 2 s, given up", id="never-answers"),
        pytest.param("http", dribbles, "not done within 2 s, given up", id="dribbles"),
        pytest.param("https", silence, "no connection within the limit", id="no-tls-handshake"),
    ],
)
def test_webhook_that_hangs_stops_neither_the_command_nor_later_posts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str, answer: Answer, says: str
) -> None:
    monkeypatch.setattr(delivery, "POST", 2.0)
    monkeypatch.setattr(delivery, "_WAITS", ())

    async def main() -> str:
        async with Server([answer]) as server:
            file = tmp_path / "alerts"
            one = desk(monkeypatch, command=appending(file), webhook=f"{scheme}://127.0.0.1:{server.port}/secret-path")
            for count in range(1, 31):
                one.ring()
                await until(lambda count=count: len(rows(file)) == count)  # type: ignore[misc]
            await until(lambda: len(server.heads) > delivery.AT_ONCE)
            # A handshake that is canceled leaves its socket to the collector, in the middle of another test.
            return await one.end(20.0 if scheme == "https" else 0.0)

    said = asyncio.run(main())
    assert "--webhook 127.0.0.1: " in said
    assert says in said
    assert "secret-path" not in said
    assert "--exec" not in said


def test_command_that_hangs_does_not_stop_the_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> str:
        async with Server([reply("204 No Content")]) as server:
            one = desk(monkeypatch, command=("sleep", "600"), webhook=f"http://127.0.0.1:{server.port}/")
            for count in range(1, 31):
                one.ring()
                await until(lambda count=count: len(server.heads) == count)  # type: ignore[misc]
            await until(lambda: one.alerts.pending == delivery.AT_ONCE + delivery.WAITING)
            return await one.end()

    assert "--webhook" not in asyncio.run(main())


def test_command_is_ended_at_its_time_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(delivery, "COMMAND", 0.3)
    mark = tmp_path / "pid"

    async def main() -> str:
        one = desk(monkeypatch, command=("sh", "-c", f"sleep 600 & echo $! > {mark}; wait"))
        one.ring()
        await until(lambda: not one.alerts.pending)
        return await one.end()

    assert "--exec sh: not done within 0.3 s, ended" in asyncio.run(main())
    assert not is_running(int(mark.read_text()))


def test_command_that_leaves_a_child_behind_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mark, late = tmp_path / "pid", tmp_path / "late"
    os.mkfifo(tmp_path / "go")
    child = f"(read go < {tmp_path / 'go'}; echo still here >&2; echo done > {late}) & echo $! > {mark}"

    async def main() -> str:
        one = desk(monkeypatch, command=("sh", "-c", child))
        one.ring()
        await until(lambda: not one.alerts.pending)
        said = await one.end()
        assert is_running(int(mark.read_text()))
        (tmp_path / "go").write_text("go\n")
        await until(lambda: late.exists())
        return said

    assert "--exec" not in asyncio.run(main())


def test_only_the_end_of_stderr_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    flood = "import os\nfor _ in range(400): os.write(2, b'x' * 1_000_000)\nos.write(2, b'\\nthe end\\n')\nraise SystemExit(3)"

    async def main() -> str:
        one = desk(monkeypatch, command=(sys.executable, "-c", flood))
        one.ring()
        await until(lambda: not one.alerts.pending)
        return await one.end()

    assert "--exec " + sys.executable + ": exit code 3: the end" in asyncio.run(main())


def test_record_reaches_a_command_that_reads_late(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "alert"

    async def main() -> str:
        one = desk(monkeypatch, command=appending(file))
        one.ring()
        await until(lambda: not one.alerts.pending)
        return await one.end()

    asyncio.run(main())
    [record] = rows(file)
    assert json.loads(record)["type"] == "alert"
