"""What is asked for beside an open link, merged into its reads: the answers to its polls. Knows no provider.

The answers come as frames, so the link's own decoder has both sides of a story (a source that is silent,
a game that is live), and a tape keeps them like everything else that was sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from oddstail import words
from oddstail.model import Failure, Frame, LinkError, Poll, Read, Request
from oddstail.text import visible
from oddstail.transports import Link

Get = Callable[[Poll], Awaitable[Any]]

#: Reads that may wait to be taken; then the socket is not read on either, as without polls.
_WAITING = 16
#: The longest wait that a server may ask for, in seconds.
_LONGEST = 3600.0
#: What the same GET will be refused with for ever: it is not asked again on this link.
_FINAL = frozenset({400, 401, 402, 403, 404, 405, 410, 422, 451})


async def ahead(polls: tuple[Poll, ...], get: Get, clock: Callable[[], int]) -> list[Read]:
    """The answers that a link waits for. Raises LinkError where one is not to be had."""
    return [_read(poll.name, await get(poll), clock()) for poll in polls if poll.first]


class Beside:
    """A link with its polls. They begin once it has said something, where it is to, and end with it."""

    def __init__(self, link: Link, request: Request, get: Get, clock: Callable[[], int], had: list[Read]) -> None:
        self._link = link
        self._polls = request.polls
        self._get = get
        self._clock = clock
        self._had = had
        self._spoke = asyncio.Event()
        if not request.greets:
            self._spoke.set()

    @property
    def asked(self) -> float:
        """Seconds that the stream asked to wait before a reconnect."""
        return self._link.asked

    @property
    def silent(self) -> float:
        """Seconds since the last byte that is no part of a read."""
        return self._link.silent

    async def send(self, text: str) -> None:
        """Send one message on the link."""
        await self._link.send(text)

    async def close(self, *, politely: bool) -> None:
        """Let go of the link."""
        await self._link.close(politely=politely)

    async def __aiter__(self) -> AsyncGenerator[Read, None]:
        """Reads of both kinds as they come. What ends the link ends this."""
        queue: asyncio.Queue[Read | Exception] = asyncio.Queue(_WAITING)
        works = [self._forward(queue), self._remind(queue), *(self._polled(poll, queue) for poll in self._polls)]
        tasks = [asyncio.create_task(_told(work, queue)) for work in works]
        try:
            while True:
                item = await queue.get()
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _forward(self, queue: asyncio.Queue[Read | Exception]) -> None:
        async with aclosing(aiter(self._link)) as reads:
            async for read in reads:
                await queue.put(read)
                if read.frames:
                    self._spoke.set()

    async def _remind(self, queue: asyncio.Queue[Read | Exception]) -> None:
        await self._spoke.wait()
        for answer in self._had:
            await queue.put(answer)

    async def _polled(self, poll: Poll, queue: asyncio.Queue[Read | Exception]) -> None:
        await self._spoke.wait()
        wait = poll.every if poll.first else 0.0
        while True:
            await asyncio.sleep(wait)
            wait = poll.every
            try:
                answer = _read(poll.name, await self._get(poll), self._clock())
            except LinkError as error:
                failure = error.failure
                final = failure.kind == "status" and failure.code in _FINAL
                wait = max(poll.every, min(failure.asked or 0.0, _LONGEST))
                said = visible(words.describe(failure), 400) + ("; not asked again" if final else "")
                await queue.put(_read(f"{poll.name} failed", said, self._clock()))
                if final:
                    return
            else:
                await queue.put(answer)


async def _told(work: Coroutine[Any, Any, None], queue: asyncio.Queue[Read | Exception]) -> None:
    """Do some work beside the link; what ends it, a bug of ours too, is the link's end."""
    try:
        await work
    except Exception as error:
        await queue.put(error)


def _read(name: str, value: Any, recv: int) -> Read:
    try:
        data = json.dumps(value).encode()
    except RecursionError:
        raise LinkError(Failure(kind="protocol", text="an answer that is nested too deep")) from None
    return Read(recv, [Frame(data, name)], beside=True)
