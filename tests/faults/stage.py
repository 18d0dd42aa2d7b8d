"""A row of the table, how it is played with the real command, and how what came of it is judged.

Rows are played ahead of the tests that judge them, a few at a time, in a loop of their own: most of them wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gzip
import os
import re
import ssl
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from tests import warm
from tests.e2e.support import ASK, FORMS, KEYS, Ran
from tests.faults.peer import Answer, Server

#: How many commands run at the same time. CI has two cores.
ABREAST = 4
PATIENCE = 30.0

ONE, TWO, THREE = ("-c", "1"), ("-c", "2"), ("-c", "3")
NONE = ("--retries", "0")
SMALL = ("--max-frame", "64KiB", *NONE)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One scenario: what the server does, and what is to come of it.

    `prints` are the American prices on stdout, in order; `lost` those that the server began to tell, or told, and
    that are not there, and `told` how that was said: by these records (`gap`, `notice unreadable`, ...).
    `requests` is how many connections the server sees, None where chance decides.
    """

    id: str
    does: str
    answers: Sequence[Answer] = ()
    ask: str = "opticodds"
    flags: Sequence[str] = ()
    #: How much it says; `-v` where `-vv` would tell of 100,000 frames one by one.
    verbose: str = "-vv"
    output: Sequence[str] = ("--json",)
    #: What it keeps in files.
    keeps: Callable[[Path], list[str]] = lambda folder: keeping(folder)
    #: Whether it writes to a terminal.
    terminal: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    code: int = 0
    says: Sequence[str] = ()
    unsaid: Sequence[str] = ()
    prints: Sequence[float | None] | None = ()
    lost: Sequence[float] = ()
    told: Sequence[str] = ()
    requests: int | None = 1
    #: The address, if it is not the server's: `{port}` stands for its port.
    base: str = ""
    #: What listens on another port.
    other: Sequence[Answer] = ()
    #: The certificate of the server, if it has one.
    tls: str = ""
    #: Whether the server is a proxy rather than the provider.
    proxy: bool = False
    #: How much shorter the waits between two tries are: whoever waits 30 s is not waited for.
    hurry: float = 0.0
    during: Callable[[Live], Coroutine[Any, Any, None]] | None = None
    also: Callable[[Outcome], None] | None = None
    #: Whether it begins as a new interpreter, and not as a fork of one that has imported everything.
    cold: bool = False
    #: The server's prices are not to be found in its bytes: packed, or sent for ever.
    opaque: bool = False


@dataclass
class Live:
    """A row while it is played."""

    process: warm.Process | subprocess.Popen[bytes]
    server: Server
    out: bytearray
    err: bytearray

    async def until(self, holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Wait until `holds()` is true."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            await asyncio.sleep(0.01)

    async def says(self, text: str) -> None:
        """Wait until stderr says so."""
        await self.until(lambda: text in self.err.decode())


@dataclass
class Outcome:
    """What a row left behind."""

    ran: Ran
    folder: Path
    heads: list[bytes]
    times: list[float]
    others: list[bytes]
    said: list[bytes]
    cmdlines: set[bytes]
    took: float


# --- playing ---------------------------------------------------------------------------------------


async def play(row: Row, folder: Path, certificate: Callable[[str], ssl.SSLContext | None]) -> Outcome:
    """The row, with everything kept that can be kept: files must not leak a key either."""
    async with (
        Server(row.other) as other,
        Server(row.answers, certificate(row.tls), other=f"http://127.0.0.1:{other.port}") as server,
    ):
        base = row.base.replace("{port}", str(server.port)) or f"{_scheme(row)}://127.0.0.1:{server.port}"
        program = warm.CLOCKWORK if row.hurry or row.during else warm.ODDSTAIL
        args = [*ASK[row.ask], "--base-url", base, row.verbose, *row.output, *row.flags, *row.keeps(folder)]
        env = {**environment(folder), **KEYS, "CLOCKWORK_HURRY": str(row.hurry or 1.0), **row.env}
        if row.proxy:
            env |= {"HTTPS_PROXY": f"http://127.0.0.1:{server.port}"}
        began = time.monotonic()
        master, slave = terminal() if row.terminal else (None, None)
        pipe = subprocess.PIPE if slave is None else slave
        process = warm.start(
            args,
            program=program,
            env=env,
            cold=row.cold,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
        )
        cmdlines: set[bytes] = set()

        def look() -> None:
            with contextlib.suppress(OSError):
                cmdlines.add(Path(f"/proc/{process.pid}/cmdline").read_bytes())

        server.on_connect = look
        look()
        live = Live(process, server, bytearray(), bytearray())
        try:
            async with asyncio.timeout(PATIENCE):
                if slave is None:
                    assert process.stdout is not None
                    assert process.stderr is not None
                    jobs = [_read(process.stdout.fileno(), live.out), _read(process.stderr.fileno(), live.err)]
                else:
                    assert master is not None
                    os.close(slave)
                    jobs = [_read(master, live.out)]
                if row.during is not None:
                    jobs.append(row.during(live))
                await asyncio.gather(*jobs)
                await live.until(lambda: process.poll() is not None)
        except TimeoutError:
            raise AssertionError(f"{row.id}: no end within {PATIENCE} s; so far: {live.err[-3000:].decode()}") from None
        finally:
            process.kill()
            code = process.wait()
            for end in (process.stdout, process.stderr):
                if end is not None:
                    end.close()
            if master is not None:
                os.close(master)
        took = time.monotonic() - began
    ran = Ran(code, bytes(live.out), live.err.decode())
    said = [bytes(peer.said) for peer in server.peers]
    return Outcome(ran, folder, server.heads, server.times, other.heads, said, cmdlines, took)


def environment(folder: Path) -> dict[str, str]:
    """A home of its own, so that nothing of another run or of whoever runs the tests is met."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(warm.ROOT),
    }


def keeping(folder: Path) -> list[str]:
    """Every kind of file that a run can leave."""
    files = ["-w", str(folder / "kept.ndjson"), "--tape", str(folder / "tape.ndjson")]
    return [*files, "--summary-json", str(folder / "summary.json"), "--resume"]


def _scheme(row: Row) -> str:
    if row.ask in ("parlayapi-ws", "rapidodds", "boltodds"):
        return "wss" if row.tls else "ws"
    return "https" if row.tls else "http"


def terminal() -> tuple[int, int]:
    """A terminal of 50 rows and 200 columns: our side of it, and the command's."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    return master, slave


async def _read(descriptor: int, kept: bytearray) -> None:
    """Until nobody is left who writes, which a terminal says with an error."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def take() -> None:
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError:
            data = b""
        kept.extend(data)
        if not data:
            over.set()

    loop.add_reader(descriptor, take)
    try:
        await over.wait()
    finally:
        loop.remove_reader(descriptor)


class Stage:
    """Plays rows in a thread, a few abreast, in the order given. A context manager."""

    def __init__(self, rows: Iterable[Row], folder: Path, certificate: Callable[[str], ssl.SSLContext | None]) -> None:
        self._rows = list(rows)
        self._folder = folder
        self._certificate = certificate
        self._outcomes: dict[str, Future[Outcome]] = {row.id: Future() for row in self._rows}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._play()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Stage:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._task is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)

    def outcome(self, row: Row) -> Outcome:
        """What the row left; waits for its turn."""
        return self._outcomes[row.id].result(PATIENCE * (len(self._rows) / ABREAST + 1))

    async def _play(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        left = iter(self._rows)

        async def some() -> None:
            for row in left:
                folder = self._folder / row.id
                folder.mkdir()
                try:
                    self._outcomes[row.id].set_result(await play(row, folder, self._certificate))
                except Exception as error:
                    self._outcomes[row.id].set_exception(error)

        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(some() for _ in range(ABREAST)))


def under_way(
    request: pytest.FixtureRequest, folder: Path, certificate: Callable[[str], ssl.SSLContext | None] = lambda _: None
) -> Stage:
    """A stage with every row that the tests of a module were selected for."""
    wanted = [
        cast("Row", item.callspec.params["row"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module and "row" in item.fixturenames
    ]
    return Stage(wanted, folder, certificate)


# --- judging ---------------------------------------------------------------------------------------

_PRICE = re.compile(rb'"(?:price|bet_price|home_ml)": ?(-?\d+)(?=[,}\s])')
#: What no terminal should get from us on stderr: all controls but the line feed, and what reorders or hides.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def judge(row: Row, outcome: Outcome) -> None:
    """All that a row expects, and all that is expected of every row."""
    ran = outcome.ran
    assert row.code == ran.code, ran.err
    records = ran.records
    if row.requests is not None:
        assert row.requests == len(outcome.heads), ran.err
    for text in row.says:
        assert text in ran.err, ran.err
    for text in ("Traceback", "ResourceWarning", "was never awaited", "was destroyed", *row.unsaid):
        assert text not in ran.err
    assert not _UNSAFE.search(ran.err)
    if row.prints is not None:
        assert list(row.prints) == [one["american"] for one in records if one["type"] == "quote"], ran.err
    _judge_loss(row, outcome, records)
    _judge_files(outcome)
    no_secret(outcome)
    if row.also is not None:
        row.also(outcome)


def _judge_loss(row: Row, outcome: Outcome, records: list[dict[str, Any]]) -> None:
    """What was lost was said, and nothing was lost that the row does not know of."""
    assert bool(row.lost) <= bool(row.told), "a row that loses something tells how that was said"
    for told in row.told:
        kind, _, code = told.partition(" ")
        assert [one for one in records if one["type"] == kind and code in ("", one.get("code"))], (
            told,
            outcome.ran.err,
        )
    if not row.opaque:
        began = {float(found) for said in outcome.said for found in _PRICE.findall(said)}
        assert began == {float(one) for one in (*(row.prints or ()), *row.lost) if one is not None}


def _judge_files(outcome: Outcome) -> None:
    """The file has what stdout had, and is whole. (Spaces may stand around lines, so that few lie across two pages.)"""
    header, *kept = (outcome.folder / "kept.ndjson").read_bytes().split(b"\n")
    assert header.startswith(b'{"v":1,"type":"header"')
    # One by one: what pytest would say of two large texts that differ takes minutes.
    for nth, (one, other) in enumerate(zip(outcome.ran.out.split(b"\n"), kept, strict=True)):
        assert one == other.strip(b" "), f"line {nth} on stdout: {one!r}; in the file: {other!r}"
    assert (outcome.folder / "summary.json").exists()


def no_secret(outcome: Outcome) -> None:
    """The key is nowhere, in none of its forms: not in what was said, not in any file or its name, not in `ps`."""
    assert outcome.cmdlines
    haystacks = {"stdout": outcome.ran.out, "stderr": outcome.ran.err.encode()}
    haystacks |= {f"cmdline {nth}": line for nth, line in enumerate(outcome.cmdlines)}
    for path in outcome.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        haystacks[str(path)] = os.fsencode(path) + (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    for form in FORMS:
        for name, data in haystacks.items():
            assert form.encode() not in data, f"{form} in {name}"
