"""One frame against the real command: how much memory it takes, and how soon a signal is obeyed meanwhile."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.frames import Opcode

from tests.e2e.support import ASK, ENV, KEYS
from tests.faults.peer import Answer, Peer, Server, head, wire
from tests.faults.wires import BOLT, CONNECTED

MIB = 1 << 20
LARGEST = 63 * MIB
#: Memory of the whole run, in KiB.
MOST_KIB = 600 * 1024


def filled(begin: bytes, unit: bytes, end: bytes) -> Callable[[], bytes]:
    """A frame of 63 MiB."""
    return lambda: begin + unit * ((LARGEST - len(begin) - len(end)) // len(unit)) + end


def outcomes(count: int) -> bytes:
    """Many lines of one game: what a frame of the most elements can become."""
    rows = {f"k{nth}": {"odds": "+100"} for nth in range(count)}
    return json.dumps({"action": "initial_state", "data": {"sportsbook": "b", "game": "g", "outcomes": rows}}).encode()


SMILE = "\U0001f600".encode()
FRAMES: dict[str, Callable[[], bytes]] = {
    "empty-objects": filled(b"[", b"{},", b"{}]"),
    "nested-arrays": filled(b"", b"[", b""),
    "nested-objects": filled(b"", b'{"a":', b""),
    "one-string": filled(b'{"action":"', b"x", b'"}'),
    "one-string-with-an-emoji": filled(b'{"action":"' + SMILE, b"x", b'"}'),
    "many-strings-with-emojis": filled(b"[", b'"' + b"x" * 4000 + SMILE + b'",', b'""]'),
    "controls": filled(b"", b"\x01", b""),
    "one-number": filled(b'{"action":', b"1", b"}"),
    "one-key": filled(b'{"', b"k", b'":1}'),
    "same-key-again-and-again": filled(b"{", b'"action":1,', b'"a":1}'),
    "long-keys": lambda: b"{" + b",".join(b'"%0120d":1' % nth for nth in range(480_000)) + b"}",
    "white-space": filled(b"", b" ", b""),
    "tiny-rows": lambda: b"[" + b"{}," * 249_000 + b"{}]",
    "most-lines": lambda: outcomes(248_000),
}


def plain(body: bytes) -> Answer:
    async def answer(peer: Peer) -> None:
        await peer.shake()
        await peer.send(wire(Opcode.TEXT, BOLT.encode()), wire(Opcode.TEXT, body))
        await peer.hold()

    return answer


def packed(body: bytes) -> Answer:
    """The same by permessage-deflate (RFC 7692): 63 MiB in 64 kB."""

    async def answer(peer: Peer) -> None:
        packer = zlib.compressobj(1, wbits=-15)
        data = packer.compress(body) + packer.flush(zlib.Z_SYNC_FLUSH)
        await peer.shake("permessage-deflate; server_no_context_takeover")
        await peer.send(wire(Opcode.TEXT, BOLT.encode()))
        await peer.send(wire(Opcode.TEXT, data.removesuffix(b"\x00\x00\xff\xff"), rsv1=True))
        await peer.hold()

    return answer


def packed_event(body: bytes) -> Answer:
    async def answer(peer: Peer) -> None:
        await peer.send(head(Content_Encoding="gzip"))
        await peer.send(gzip.compress(CONNECTED + b"event: odds\ndata: " + body + b"\n\n", 1))
        await peer.hold()

    return answer


async def measured(
    ask: str, scheme: str, answer: Answer, folder: Path, quiet: bool, ticks: int = 1
) -> tuple[int, float, str]:
    """The most memory in KiB, the seconds from SIGINT to the end, and what was said.

    The signal comes once the frame is read (`quiet`: when nothing is done any more), or `ticks` tenths of a second after the connection began.
    """
    async with Server([answer]) as server:
        args = [*ASK[ask], "--base-url", f"{scheme}://127.0.0.1:{server.port}", "-o", "json"]
        files = ["-w", str(folder / "records.ndjson"), "--tape", str(folder / "tape.ndjson")]
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(  # noqa: ASYNC220 - it takes a moment, and nobody else waits
                [sys.executable, "-m", "oddstail", *args, *files],
                stdout=out, stderr=err, env={**ENV, **KEYS, "HOME": str(folder)},
            )  # fmt: skip
        most = 0
        deadline = time.monotonic() + 120
        idle, before = 0, -1
        try:
            while idle < (10 if quiet else ticks) and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
                used = _used(process.pid)
                most = max(most, _peak(process.pid))
                if server.peers:
                    # Under load of others a process gets a tenth of a second's work only now and then.
                    idle = idle + 1 if used - before <= 1 or not quiet else 0
                before = used
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            while process.poll() is None and time.monotonic() < deadline:
                most = max(most, _peak(process.pid))
                await asyncio.sleep(0.02)
            took = time.monotonic() - began
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 128 + signal.SIGINT, (folder / "err").read_text()
    return most, took, (folder / "err").read_text()


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) if found else 0


def _used(pid: int) -> int:
    """Ticks of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="measured by /proc")


@pytest.mark.parametrize("name", FRAMES)
def test_one_frame_takes_bounded_memory(tmp_path: Path, name: str) -> None:
    most, _, said = asyncio.run(measured("boltodds", "ws", plain(FRAMES[name]()), tmp_path, quiet=True))
    assert 0 < most < MOST_KIB, said
    assert said.count("cannot be read") <= 1


@pytest.mark.parametrize("name", ["empty-objects", "one-string-with-an-emoji", "most-lines"])
def test_packed_frame_takes_bounded_memory(tmp_path: Path, name: str) -> None:
    most, _, said = asyncio.run(measured("boltodds", "ws", packed(FRAMES[name]()), tmp_path, quiet=True))
    assert 0 < most < MOST_KIB, said


@pytest.mark.parametrize("name", ["empty-objects", "one-string", "same-key-again-and-again"])
def test_packed_event_takes_bounded_memory(tmp_path: Path, name: str) -> None:
    most, _, said = asyncio.run(measured("opticodds", "http", packed_event(FRAMES[name]()), tmp_path, quiet=True))
    assert 0 < most < MOST_KIB, said


def endless(piece: bytes, begin: bytes = b"") -> Answer:
    """The same bytes again and again, as fast as they are taken."""

    async def answer(peer: Peer) -> None:
        if begin:
            await peer.send(begin)
        else:
            await peer.shake()
        while await peer.send(piece * 10_000):
            pass

    return answer


FLOODS = [
    pytest.param("boltodds", "ws", endless(wire(Opcode.TEXT, b"{}")), id="tiny-messages"),
    pytest.param("boltodds", "ws", endless(wire(Opcode.PING, b"")), id="pings"),
    pytest.param("boltodds", "ws", endless(b"\x01\x00\x80\x00"), id="empty-fragments"),
    pytest.param("opticodds", "http", endless(b"data: {}\n\n", head() + CONNECTED), id="tiny-events"),
    pytest.param("opticodds", "http", endless(b":\n", head() + CONNECTED), id="comments"),
]


@pytest.mark.parametrize(("ask", "scheme", "answer"), FLOODS)
def test_signal_is_obeyed_in_a_flood(tmp_path: Path, ask: str, scheme: str, answer: Answer) -> None:
    most, took, said = asyncio.run(measured(ask, scheme, answer, tmp_path, quiet=False, ticks=30))
    assert most < MOST_KIB
    # One second for a machine of one's own; others work on this one.
    assert took < 3, said
    assert "interrupted" in said


@pytest.mark.parametrize("name", ["empty-objects", "most-lines", "tiny-rows"])
def test_signal_is_obeyed_while_a_frame_is_read(tmp_path: Path, name: str) -> None:
    _, took, said = asyncio.run(measured("boltodds", "ws", packed(FRAMES[name]()), tmp_path, quiet=False))
    # One second for a machine of one's own; others work on this one.
    assert took < 5, said
    assert "interrupted" in said
