"""One way out for alerts (a command, a webhook): its own queue and time limit, so that one that hangs is no other's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from oddstail.model import LinkError
from oddstail.transports.webhook import Webhook
from oddstail.user_command import UserCommand, ending
from oddstail.words import describe

#: Deliveries at a time, and how many alerts may wait for their turn: one of an hour ago helps nobody.
AT_ONCE, WAITING = 4, 16
#: Seconds that a delivery has: a command, or a post with its retries.
COMMAND, POST = 30.0, 30.0
#: Seconds until the next tries of a post.
_WAITS = (1.0, 5.0)
#: What a webhook may do better at the next try.
_PASSING = frozenset({"network", "timeout", "closed"})

#: Delivers one record; reports why that failed, or an empty text once it went well.
Deliver = Callable[[bytes, Callable[[str], None]], Awaitable[None]]


class Channel:
    """A bounded queue before one way out. `name` is its flag; `say` is for people."""

    def __init__(self, name: str, deliver: Deliver, say: Callable[[str], None]) -> None:
        self.name = name
        #: Alerts that found the queue full.
        self.dropped = 0
        #: Why it does not work just now, for people.
        self.failing = ""
        self._deliver = deliver
        self._say = say
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Alerts that are under way or wait."""
        return len(self._tasks)

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= AT_ONCE + WAITING

    def offer(self, record: bytes) -> None:
        """Deliver a record when it is its turn, or count it as dropped."""
        if self.is_full:
            self.dropped += 1
            return
        task = asyncio.create_task(self._run(record))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> int:
        """Let what is on its way arrive, within so many seconds. Returns how many alerts did not."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return len(late)

    async def _run(self, record: bytes) -> None:
        async with self._turn:
            await self._deliver(record, self._report)

    def _report(self, failure: str) -> None:
        """Say a failure once, and again after it went well in between."""
        if failure and not self.failing:
            self._say(f"{self.name} {failure}")
        self.failing = failure


def command(args: tuple[str, ...]) -> Deliver:
    """Return what runs a command with the record on stdin."""

    async def deliver(record: bytes, report: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[int | None] = loop.create_future()
        try:
            process = UserCommand(args, record)
        except (OSError, ValueError) as error:
            report(f"{args[0]}: {getattr(error, 'strerror', None) or error}")
            return

        def settle(code: int | None) -> None:
            if not done.done():
                done.set_result(code)

        def wait() -> None:
            code = process.wait(COMMAND)
            # The run may be over meanwhile, and its loop with it.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, code)

        threading.Thread(target=wait, name="exec", daemon=True).start()
        try:
            code = await done
        except asyncio.CancelledError:
            process.kill()
            raise
        if code is None:
            report(f"{args[0]}: not done within {COMMAND:g} s, ended")
        elif code:
            text = f"{args[0]}: {ending(code)}"
            report(f"{text}: {process.last_line}" if process.last_line else text)
        else:
            report("")

    return deliver


def webhook(hook: Webhook) -> Deliver:
    """Return what posts the record to an address."""

    async def tries(record: bytes, report: Callable[[str], None]) -> None:
        for wait in (*_WAITS, None):
            try:
                await hook.post(record)
            except LinkError as error:
                failure = error.failure
                code = failure.code or 0
                passing = failure.kind in _PASSING or code in (408, 425, 429) or code >= 500
                # At once, though it is tried again: who waits for an alert wants to know now why none comes.
                report(f"{hook.host}: {describe(failure)}")
                if wait is None or not passing:
                    return
                await asyncio.sleep(wait)
            else:
                report("")
                return

    async def deliver(record: bytes, report: Callable[[str], None]) -> None:
        try:
            async with asyncio.timeout(POST):
                await tries(record, report)
        except TimeoutError:
            report(f"{hook.host}: not done within {POST:g} s, given up")

    return deliver
