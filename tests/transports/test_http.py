"""An event stream over a real loopback socket: how long its head is waited for, and how long it may be silent."""

from __future__ import annotations

import asyncio
import time

import pytest

from oddstail.clock import wall
from oddstail.model import Failure, LinkError
from oddstail.transports import Limits, Target
from oddstail.transports.http import SSE
from tests.faults.peer import Answer, Peer, Server, silence, sse
from tests.support import request

#: An answer may take longer than an open link may be silent.
LIMITS = Limits(connect=5, answer=0.6, silence=0.2)
EVENT = b"data: {}\n\n"


def late(seconds: float) -> Answer:
    """A server that thinks before it answers, says one thing, and then nothing more."""

    async def answer(peer: Peer) -> None:
        await asyncio.sleep(seconds)
        await sse(EVENT)(peer)

    return answer


def listened(answer: Answer, url: str = "", proxy: pytest.MonkeyPatch | None = None) -> tuple[int, Failure, float]:
    """How many events came, how it ended, and after how many seconds."""

    async def main() -> tuple[int, Failure, float]:
        events, since = 0, time.monotonic()
        async with Server([answer]) as server:
            at = f"http://127.0.0.1:{server.port}"
            if proxy is not None:
                proxy.setenv("http_proxy", at)
            transport = SSE(LIMITS, wall)
            try:
                link = await transport.open(Target(request(url=url or f"{at}/stream", key_in=None), None))
                try:
                    async for read in link:
                        events += len(read.frames)
                finally:
                    await link.close(politely=False)
            except LinkError as error:
                return events, error.failure, time.monotonic() - since
            finally:
                await transport.aclose()
        raise AssertionError("a link ends with an error")

    return asyncio.run(main())


def test_an_answer_may_take_longer_than_a_link_may_be_silent() -> None:
    events, failure, seconds = listened(late(0.4))
    assert (events, failure.kind, failure.text) == (1, "silence", "no byte for 0.2 s")
    assert seconds < 0.4 + LIMITS.answer


def test_so_it_is_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    events, failure, seconds = listened(late(0.4), "http://feed.example/stream", monkeypatch)
    assert (events, failure.kind, failure.text) == (1, "silence", "no byte for 0.2 s")
    assert seconds < 0.4 + LIMITS.answer


def test_a_server_that_never_answers_is_left() -> None:
    events, failure, _ = listened(silence)
    assert (events, failure.kind, failure.text) == (0, "timeout", "no answer within the limit")
