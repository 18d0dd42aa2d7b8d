"""Bytes to a descriptor that may block, fail or be shared: all of them, in order, and never a wait in the loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from oddstail.sinks import writers
from oddstail.sinks.outlet import Outlet
from oddstail.text import Redactor

NO_SECRETS = Redactor([])


@pytest.fixture(autouse=True, params=["in-the-loop", "in-a-thread"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here holds for both writers: a pipe is written in the loop unless it cannot be opened anew."""
    if request.param == "in-a-thread":
        monkeypatch.setattr(writers, "_never_blocking", lambda fd: None)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe of one page: whatever is larger is written in parts."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    yield read, write
    for descriptor in (read, write):
        with contextlib.suppress(OSError):  # a test may have closed it
            os.close(descriptor)


def drain(read: int, kept: bytearray) -> threading.Thread:
    """Read to the end, in a thread."""

    def pump() -> None:
        while data := os.read(read, 1 << 16):
            kept.extend(data)

    thread = threading.Thread(target=pump)
    thread.start()
    return thread


def play(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        await asyncio.wait_for(main(), 10)

    asyncio.run(limited())


@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "made-non-blocking-by-somebody"])
def test_every_byte_in_order_over_short_writes(pipe: tuple[int, int], blocking: bool) -> None:
    read, write = pipe
    os.set_blocking(write, blocking)
    kept = bytearray()
    parts = [b"%06d\n" % n * 50 for n in range(2000)]

    async def main() -> None:
        outlet = Outlet(write, NO_SECRETS)
        thread = drain(read, kept)
        for part in parts:
            outlet.put(part)
        assert await outlet.finish(5) == 0
        assert outlet.written == len(b"".join(parts))
        os.close(write)
        thread.join(5)

    play(main)
    assert b"".join(parts) == kept


def test_what_comes_quickly_is_written_together(monkeypatch: pytest.MonkeyPatch, pipe: tuple[int, int]) -> None:
    writes: list[int] = []
    real = os.write

    def counted(descriptor: int, data: bytes) -> int:
        if os.path.sameopenfile(descriptor, pipe[1]):
            writes.append(len(data))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", counted)

    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS)
        for _ in range(200):
            outlet.put(b"a line\n")
        assert await outlet.finish(5) == 0

    play(main)
    assert sum(writes) == 1400
    assert len(writes) <= 3


def test_a_lone_line_does_not_wait(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS)
        outlet.put(b"first\n")
        assert await asyncio.to_thread(os.read, pipe[0], 100) == b"first\n"
        outlet.put(b"second\n")
        assert await asyncio.to_thread(os.read, pipe[0], 100) == b"second\n"
        await outlet.finish(5)

    play(main)


def test_a_reader_that_does_not_read_never_blocks_the_loop_and_the_loss_is_counted(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS, full=50_000)
        since = time.monotonic()
        for _ in range(100):
            outlet.put(b"x" * 1000)
        assert time.monotonic() - since < 0.5
        assert outlet.is_full
        assert 0 < await outlet.finish(0.2) <= 100_000
        os.close(pipe[0])
        await outlet.finish(5)

    play(main)


def test_there_is_room_again_once_half_is_read(pipe: tuple[int, int]) -> None:
    kept = bytearray()

    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS, full=50_000)
        outlet.put(b"x" * 60_000)
        assert outlet.is_full
        waiting = asyncio.create_task(outlet.room())
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        assert not done
        thread = drain(pipe[0], kept)
        await waiting
        assert outlet.pending < 25_000
        await outlet.finish(5)
        os.close(pipe[1])
        thread.join(5)

    play(main)
    assert len(kept) == 60_000


def test_several_that_wait_for_room_are_all_let_go(pipe: tuple[int, int]) -> None:
    kept = bytearray()

    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS, full=50_000)
        outlet.put(b"x" * 60_000)
        waiting = [asyncio.create_task(outlet.room()) for _ in range(3)]
        await asyncio.wait(waiting, timeout=0.1)
        thread = drain(pipe[0], kept)
        try:
            await asyncio.wait_for(asyncio.gather(*waiting), 2)
        finally:
            await outlet.finish(5)
            os.close(pipe[1])
            thread.join(5)

    play(main)


def failing(descriptor: int, data: bytes, *, room: bool = False) -> tuple[int | None, list[int | None]]:
    """What an outlet says of a descriptor that cannot be written: its error, and what it called back with."""
    said: list[int | None] = []
    outlets: list[Outlet] = []

    async def main() -> None:
        told = asyncio.Event()

        def on_error(error: OSError) -> None:
            said.append(error.errno)
            told.set()

        outlet = Outlet(descriptor, NO_SECRETS, on_error, full=1)
        outlets.append(outlet)
        outlet.put(data)
        if room:
            await outlet.room()
        await told.wait()
        outlet.put(b"more\n")
        await outlet.room()
        await outlet.finish(1)

    play(main)
    error = outlets[0].error
    return None if error is None else error.errno, said


def test_a_full_disk_is_told_once() -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        assert failing(descriptor, b"x\n") == (errno.ENOSPC, [errno.ENOSPC])
        assert failing(descriptor, b"x\n", room=True) == (errno.ENOSPC, [errno.ENOSPC])
    finally:
        os.close(descriptor)


def test_a_closed_pipe_is_told_once(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    assert failing(pipe[1], b"x\n") == (errno.EPIPE, [errno.EPIPE])


def test_a_pipe_that_closes_while_there_is_nothing_to_write_is_told_too(pipe: tuple[int, int]) -> None:
    said: list[OSError] = []

    async def main() -> None:
        told = asyncio.Event()

        def on_error(error: OSError) -> None:
            said.append(error)
            told.set()

        outlet = Outlet(pipe[1], NO_SECRETS, on_error)
        outlet.put(b"x\n")
        assert await asyncio.to_thread(os.read, pipe[0], 10) == b"x\n"
        os.close(pipe[0])
        await told.wait()
        await outlet.finish(1)

    play(main)
    assert [error.errno for error in said] == [errno.EPIPE]


def test_a_secret_is_masked_though_it_came_in_two_parts_of_one_hand_over(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        outlet = Outlet(pipe[1], Redactor(["k-secret-0123456789"]))
        outlet.put(b"first ")
        outlet.put(b"k-secret-")
        outlet.put(b"0123456789 last\n")
        await outlet.finish(5)

    play(main)
    os.close(pipe[1])
    assert os.read(pipe[0], 100).endswith(b"**** last\n")


def test_whoever_shares_the_pipe_keeps_a_blocking_one(pipe: tuple[int, int]) -> None:
    async def main() -> None:
        outlet = Outlet(pipe[1], NO_SECRETS)
        outlet.put(b"x" * 5000)
        outlet.flush()
        assert os.get_blocking(pipe[1])
        os.read(pipe[0], 5000)
        await outlet.finish(5)
        assert os.write(pipe[1], b"still open") == 10

    play(main)
