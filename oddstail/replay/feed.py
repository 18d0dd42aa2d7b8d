"""An iterator that runs in a thread of its own: a read that waits for its writer does not block the loop."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

#: Items that the thread may be ahead of whoever takes them.
_AHEAD = 64

T = TypeVar("T")


async def items(source: Iterator[T]) -> AsyncGenerator[T, None]:
    """Yield the items of `source`, each as soon as it is there, and raise what `source` raises.

    Close the generator to end the thread. A thread that a read blocks ends with the process.
    """
    feed = _Feed(source, asyncio.get_running_loop())
    try:
        async for item in feed.items():
            yield item
    finally:
        feed.close()


class _Feed(Generic[T]):
    """The queue between the thread and the loop."""

    def __init__(self, source: Iterator[T], loop: asyncio.AbstractEventLoop) -> None:
        self._source = source
        self._loop = loop
        self._queue: deque[T] = deque()
        self._room = threading.Semaphore(_AHEAD)
        self._filled = asyncio.Event()
        self._over = False
        self._closed = False
        self._error: Exception | None = None
        threading.Thread(target=self._work, name="replay", daemon=True).start()

    async def items(self) -> AsyncGenerator[T, None]:
        """Yield what the thread has read."""
        while True:
            over = self._over  # before a look at the queue: nothing comes after it is set
            while self._queue:
                self._room.release()
                yield self._queue.popleft()
            if over:
                break
            self._filled.clear()
            if not self._queue and not self._over:
                await self._filled.wait()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let the thread end at its next item."""
        self._closed = True
        self._room.release()

    # --- the thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            for item in self._source:
                self._room.acquire()
                if self._closed:
                    return
                self._queue.append(item)
                self._wake()
        except Exception as error:
            self._error = error
        finally:
            self._over = True
            self._wake()

    def _wake(self) -> None:
        if not self._filled.is_set():
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._filled.set)
