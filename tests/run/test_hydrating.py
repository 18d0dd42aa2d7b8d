"""When the current prices are asked for, how often, and what becomes of it when the link ends first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from oddstail.clock import Gate
from oddstail.lookup import Get, Hydration, Steps
from oddstail.model import Batch, Failure, Frame, LinkError, Lost, Notice, Provider, Quote, Request
from oddstail.run import hydrating
from oddstail.run.hydrating import Hydrating, Snapshots
from oddstail.session import Session
from tests.support import HANG, Script, Step, Time, request, toy

STATE = {"prices": {"a": -110, "b": 120}}


def steps(asked: Request) -> Steps:
    [answer] = yield (Get(url="https://toy.example/state"),)
    yield Frame(orjson.dumps({"prices": {}} if isinstance(answer, Failure) else answer))


async def holds(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait until it is true, or so long."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition() and loop.time() < end:  # noqa: ASYNC110 (what is waited for is plain data)
        await asyncio.sleep(0.001)


@dataclass
class World:
    """A run of one session with a toy provider, and a REST side that answers as told."""

    links: list[list[Step] | Failure]
    answers: list[Any]
    least: float = 0.0
    got: list[str] = field(default_factory=list)
    prices: list[tuple[str, float | None]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    lost: int = 0
    provider: Provider = field(default_factory=toy)
    held: asyncio.Event | None = None
    seconds: float = 5.0
    patience: float = 5.0

    async def fetch(self, get: Get) -> Any:
        self.got.append(get.url)
        if self.held is not None:
            await self.held.wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Failure):
            raise LinkError(answer)
        return answer

    def emit(self, batch: Batch) -> None:
        for event in batch.events:
            if isinstance(event, Quote):
                self.prices.append((event.what.key, event.price and event.price.american))
            elif isinstance(event, Notice):
                self.notices.append(event.text)
            elif isinstance(event, Lost):
                self.lost += 1

    async def room(self) -> None:
        """There is always room."""

    async def play(self, until: int, make: Any = steps) -> None:
        """Run until so many prices came, or the script is over."""
        time = Time()
        script, clock = Script(time, self.links), time.clock()
        session = Session(
            conn=1,
            provider=self.provider,
            request=request(),
            open=script.open,
            gate=Gate((1000, 1.0), clock),
            clock=clock,
        )
        snapshots = Snapshots(hydration=Hydration(steps=make, least=self.least), place=lambda url: f"{url}?here")
        hydration = Hydrating(snapshots, self.fetch, self.emit, self.room, self.patience)

        async def pump() -> None:
            async with aclosing(_batches(session)) as batches:
                async for batch in batches:
                    self.emit(batch)
                    await hydration.look(session)
                    await asyncio.sleep(0)

        task = asyncio.create_task(pump())
        await holds(lambda: len(self.prices) >= until or task.done(), self.seconds)
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await hydration.aclose()


async def _batches(session: Session) -> AsyncGenerator[Batch, None]:
    async for batch in session.events():
        yield batch


def test_a_link_is_given_its_prices_once_it_is_open() -> None:
    world = World([[[b"ack"], HANG]], [STATE])
    asyncio.run(world.play(2))
    assert world.prices == [("a", -110), ("b", 120)]
    assert world.got == ["https://toy.example/state?here"]


def test_what_the_stream_tells_comes_after_what_there_was() -> None:
    world = World([[[b"ack"], [b'{"prices":{"a":-115}}'], HANG]], [STATE])
    asyncio.run(world.play(3))
    assert world.prices == [("a", -110), ("b", 120), ("a", -115)]


def test_a_stream_does_not_wait_for_ever_for_what_there_was() -> None:
    world = World([[[b"ack"], [b'{"prices":{"a":-115}}'], HANG]], [STATE], patience=0.05)

    async def main() -> None:
        world.held = asyncio.Event()
        playing = asyncio.create_task(world.play(3))
        await holds(lambda: world.prices)
        assert world.prices == [("a", -115)]
        world.held.set()
        await playing

    asyncio.run(main())
    assert [key for key, _ in world.prices] == ["a", "a", "b"]


def test_every_new_link_is_given_its_own() -> None:
    closed = Failure(kind="closed", text="x")
    world = World([[[b"ack"], 40.0, closed], [[b"ack"], HANG]], [STATE, STATE])
    # The first link ends in the same breath as it opens: what was asked for it is dropped.
    asyncio.run(world.play(2))
    assert len(world.got) in (1, 2)
    assert world.prices[-2:] == [("a", -110), ("b", 120)]


def test_an_answer_for_a_link_that_ended_is_not_told() -> None:
    closed = Failure(kind="closed", text="x")
    world = World([[[b"ack"], [b'{"prices":{"z":1000}}'], closed], [HANG]], [STATE], seconds=0.3, patience=0.02)

    async def main() -> None:
        world.held = asyncio.Event()
        playing = asyncio.create_task(world.play(9))
        await holds(lambda: world.lost)
        world.held.set()
        await playing

    asyncio.run(main())
    assert world.prices == [("z", 1000)]
    assert not any("could not be read" in text for text in world.notices)


def test_for_a_link_that_ended_nothing_more_is_asked() -> None:
    def twice(asked: Request) -> Steps:
        yield (Get(url="https://toy.example/first"),)
        yield (Get(url="https://toy.example/second"),)

    closed = Failure(kind="closed", text="x")
    world = World([[[b"ack"], [b'{"prices":{"z":1000}}'], closed], [HANG]], [STATE, STATE], patience=0.02)

    async def main() -> None:
        world.held = asyncio.Event()
        playing = asyncio.create_task(world.play(9, twice))
        await holds(lambda: world.lost)
        world.held.set()
        await asyncio.sleep(0.02)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    asyncio.run(main())
    assert world.got == ["https://toy.example/first?here"]


@pytest.mark.parametrize(("asked", "whole"), [(2, False), (1, True)], ids=["cut short", "told to the end"])
def test_what_was_being_asked_for_when_a_link_broke_is_asked_again_though_the_next_replays(
    asked: int, whole: bool
) -> None:
    def unless_resumed(wanted: Request) -> Steps | None:
        return None if wanted.params else steps(wanted)

    def resume(wanted: Request, cursor: str) -> Request:
        return replace(wanted, params=(("after", cursor),))

    closed = Failure(kind="closed", text="x")
    moved = b'{"cursor":"1","prices":{"z":1000}}'
    links: list[list[Step] | Failure] = [[[b"ack"], [moved], closed], [[b"ack"], HANG]]
    provider = toy(resume=resume, replays="yes", window=28.0)
    world = World(links, [STATE, STATE], provider=provider, patience=5.0 if whole else 0.02)

    async def main() -> None:
        world.held = asyncio.Event()
        if whole:
            world.held.set()
        playing = asyncio.create_task(world.play(9, unless_resumed))
        await holds(lambda: world.lost and len(world.got) >= asked)
        world.held.set()
        await holds(lambda: len(world.prices) >= 3)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    asyncio.run(main())
    assert len(world.got) == asked
    assert sorted({key for key, _ in world.prices}) == ["a", "b", "z"]


def test_a_link_that_flaps_does_not_ask_each_time() -> None:
    closed = Failure(kind="closed", text="x")
    links: list[list[Step] | Failure] = [[[b"ack"], [b"beat"], [b"beat"], [b"beat"], closed] for _ in range(5)]
    world = World([*links, [[b"ack"], HANG]], [STATE] * 6, least=60.0, seconds=0.3)
    asyncio.run(world.play(5))
    assert len(world.got) == 1


@pytest.mark.parametrize(
    ("waits", "asked"),
    [([15.0, 15.0], None), ([1.0, 2.0], 0.0), ([12.5, 12.5], 12.5), ([299.0, 299.0], 299.0), ([], 301.0), ([], 1e9)],
    ids=["no word", "at once", "a window", "minutes", "longer than anybody waits", "for ever"],
)
def test_a_rate_limit_is_waited_for(waits: list[float], asked: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    world = World([[[b"ack"], HANG]], [Failure(kind="status", code=429, asked=asked)] * 3)

    async def main() -> None:
        playing = asyncio.create_task(world.play(1))
        await holds(lambda: world.notices or len(world.got) == 3)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    monkeypatch.setattr("oddstail.run.hydrating.asyncio.sleep", noted)
    asyncio.run(main())
    assert [seconds for seconds in slept if seconds > 0.5] == waits
    assert len(world.got) == len(waits) + 1


@pytest.mark.parametrize(
    ("tries", "failure"),
    [
        (3, Failure(kind="network", text="reset")),
        (3, Failure(kind="status", code=503)),
        (3, Failure(kind="status", code=429, asked=0.001)),
        (1, Failure(kind="status", code=429, text="not enough credits")),
        (1, Failure(kind="status", code=401)),
        (1, Failure(kind="redirect", text="elsewhere")),
    ],
    ids=["network", "503", "429", "credits", "401", "redirect"],
)
def test_what_passes_is_tried_again_and_what_does_not_is_not(
    tries: int, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hydrating, "_MOST_WAIT", 0.001)
    world = World([[[b"ack"], HANG]], [failure] * 3)

    async def main() -> None:
        playing = asyncio.create_task(world.play(1))
        await holds(lambda: len(world.got) >= tries)
        # Some ten times the wait before one more.
        await asyncio.sleep(0.01)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    asyncio.run(main())
    assert len(world.got) == tries


def test_an_answer_that_breaks_us_is_said_and_costs_nothing_else() -> None:
    def broken(asked: Request) -> Steps:
        [answer] = yield (Get(url="https://toy.example/state"),)
        yield Frame(answer["nothing"])

    world = World([[[b"ack"], HANG]], [STATE])

    async def main() -> None:
        playing = asyncio.create_task(world.play(1, broken))
        await holds(lambda: world.notices)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

    asyncio.run(main())
    assert world.notices == ["NBA: the current prices could not be read (KeyError); they appear as they move"]
