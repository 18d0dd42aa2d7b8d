"""Runs a plan, with the libraries' logs under control and no traceback whatever happens."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from contextlib import AbstractAsyncContextManager, nullcontext

from oddstail.run import Plan, Run
from oddstail.sinks.talk import QUIET, VERBOSE, Talk
from oddstail.text import visible


class _ToTalk(logging.Handler):
    """Library logs as status lines: they go through the redaction that everything on stderr goes through."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk

    def emit(self, record: logging.LogRecord) -> None:
        level = VERBOSE if record.levelno >= logging.WARNING else VERBOSE + 1
        self._talk.say(visible(f"{record.name}: {record.getMessage()}"), level)
        if record.levelno >= logging.ERROR and record.exc_info is not None and record.exc_info[1] is not None:
            for line in "".join(traceback.format_exception(record.exc_info[1])).splitlines():
                self._talk.say(visible(line, 400), VERBOSE + 1)


def execute(plan: Plan, *, within: AbstractAsyncContextManager[object] | None = None, verbose: int = 0) -> int:
    """Run to the end, `within` a context if there is one. Returns the exit code: 1, and one sentence, for a bug."""

    async def main() -> int:
        # Frames are made and dropped by the thousand, and none of them is a cycle: look for those seldom,
        # and never among the modules. (A tenth of the time of `-o json`, a third on large payloads.)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        run = Run(plan)
        root = logging.getLogger()
        root.handlers = [_ToTalk(run.talk)]
        # httpx logs whole addresses at INFO, websockets headers at DEBUG: only on request, and redacted.
        root.setLevel(logging.DEBUG if verbose > 1 else logging.WARNING)
        try:
            async with within or nullcontext():
                return await run.main()
        except Exception as error:
            # First: what is said while the screen is up goes down with it.
            await run.abandon()
            what = f"{type(error).__name__}: {visible(str(error), 200)}"
            remedy = "; ".join(("please report it with the output of -vv", *getattr(error, "__notes__", ())))
            run.talk.say(f"a bug in oddstail: {what}; {remedy}", QUIET)
            for line in traceback.format_exc().splitlines():
                run.talk.say(line, VERBOSE + 1)
            await run.talk.finish(1.0)
            return 1

    # Not asyncio.run: it would wait for a name server that does not answer, long after SIGTERM.
    loop = asyncio.new_event_loop()
    try:
        code = loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_asyncgens())
        return code
    finally:
        loop.close()
