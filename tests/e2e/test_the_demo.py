"""The demo, and what the command makes of servers that misbehave on purpose: every loss is told, none invented."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from oddstail import providers
from oddstail.cli.asks import feeds
from oddstail.demo.contract import Knobs
from oddstail.demo.faults import Fault, FaultName
from oddstail.demo.market import Market
from oddstail.demo.server import serve
from tests.e2e.support import ASK, ENV, PROVIDERS, Ran, Running, run

DEMO = {**ENV, **{f"{name.upper()}_API_KEY": "demo" for name in PROVIDERS}}
#: Every fault over SSE, and those that a WebSocket meets otherwise. OpticOdds numbers what it sends: doubles show.
CASES: list[tuple[str, FaultName]] = [
    *(("parlayapi", name) for name in get_args(FaultName)),
    ("opticodds", "dup"),
    ("parlayapi-ws", "refuse"),
    ("parlayapi-ws", "accept-then-drop"),
    ("parlayapi-ws", "stall"),
    ("parlayapi-ws", "garbage"),
    ("parlayapi-ws", "half-frame"),
]
#: What ends a run. A snapshot has some 550 quotes: more than this come only from a second one, after a loss.
BACK = ("-c", "900", "--for", "15s")
#: What nothing comes back from, or nothing was lost by.
ENDS: dict[FaultName, tuple[str, str]] = {
    "auth": ("--for", "2s"),
    "slow": ("--for", "4s"),
    **dict.fromkeys(("garbage", "dup", "reorder"), ("--for", "1500ms")),
}


@contextmanager
def served(provider: str, fault: Fault) -> Iterator[str]:
    """The imitation of a provider in a loop of its own."""
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, str]] = Future()

    async def main() -> None:
        over = asyncio.Event()
        market = Market(5, start=datetime.now(UTC), rate=30)
        knobs = Knobs(heartbeat=0.15, push_interval=0.1, anomalies=False)
        async with serve(market, providers=(provider,), faults=[fault], knobs=knobs) as server:
            ready.set_result((asyncio.get_running_loop(), over, server[provider].base_url))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    loop, over, url = ready.result(10)
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)


def meet(provider: str, name: FaultName) -> Ran:
    """A run against a server that misbehaves three times a second."""
    lasts = {"slow": 0.2}.get(name)
    with served(provider.removesuffix("-ws"), Fault(name=name, every=0.3, burst=1, lasts=lasts, retry_after=1)) as url:
        more = ("-b", "FanDuel,BetMGM,Caesars,Pinnacle") if provider == "opticodds" else ()
        flags = (*more, "--json", "--max-silence", "500ms" if name == "stall" else "3s", *ENDS.get(name, BACK))
        return run(*ASK[provider], "--base-url", url, *flags, env=DEMO)


#: Each feed of each provider, and how many records of what type it is watched for.
FEED_TYPES = {
    "results": "result", "drops": "drop", "plays": "play", "sandbox": "play", "scores": "result",
}  # fmt: skip
FEEDS_NOW = [(name, feed) for name in PROVIDERS for feed in feeds(providers.command(name))]


def stream(provider: str, feed: str) -> Ran:
    """The demo of one provider's feed."""
    count = "2" if feed == "sandbox" else "40"
    return run("demo", "-p", provider, "--feed", feed, "-c", count, "--rate", "50", "--json", env=ENV)


@dataclass(frozen=True)
class Runs:
    """What is under way: several at the same time, they mostly wait."""

    met: dict[tuple[str, str], Future[Ran]]
    demos: dict[tuple[str, str], Future[Ran]]


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    pool = ThreadPoolExecutor(6)
    demos = {case: pool.submit(stream, *case) for case in FEEDS_NOW}
    yield Runs({case: pool.submit(meet, *case) for case in CASES}, demos)
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("provider", "name"), CASES, ids=lambda value: value)
def test_a_fault_is_told_and_survived(runs: Runs, provider: str, name: FaultName) -> None:
    ran = runs.met[provider, name].result(60)
    assert ran.code == 0, ran.err
    records = ran.records
    counts = Counter(record["type"] for record in records)
    notices = {record["code"] for record in records if record["type"] == "notice"}
    assert counts["quote"] > 0
    assert counts["lost"] <= counts["gap"] <= counts["lost"] + 1  # one more where the first connect took several
    match name:
        case "garbage":
            assert "unreadable" in notices
            assert (counts["opened"], counts["lost"]) == (1, 0)
        case "dup" | "reorder" | "slow":
            assert (counts["opened"], counts["lost"]) == (1, 0)
        case "stall":
            assert {"silence"} == {record["cause"] for record in records if record["type"] == "lost"}
            assert counts["opened"] > 1, ran.err
        case "auth":
            assert "attempt" in ran.err
            assert counts["lost"] >= 1
        case _:
            assert counts["lost"] >= 1
            assert counts["opened"] > 1
    if name == "dup" and provider == "opticodds":
        assert "dropped" in ran.err
    if name == "half-frame":
        assert "unreadable" not in notices


# --- the demo's own command -----------------------------------------------------------------------


@pytest.mark.parametrize(("provider", "feed"), FEEDS_NOW)
def test_the_demo_streams_every_feed_of_every_provider(runs: Runs, provider: str, feed: str) -> None:
    ran = runs.demos[provider, feed].result(60)
    assert ran.code == 0, ran.err
    records = ran.records
    assert {(provider, feed)} == {(record["provider"], record["feed"]) for record in records}
    counts = Counter(record["type"] for record in records)
    assert counts[FEED_TYPES.get(feed, "quote")] >= 2


def test_a_fault_of_the_demo_is_a_flag() -> None:
    ran = run("demo", "--fault", "garbage", "-c", "5", "--json", env=ENV)
    assert ran.code == 0, ran.err


def test_the_demo_needs_neither_a_home_nor_an_environment() -> None:
    ran = run("demo", "-c", "1", "--json", env={})
    assert ran.code == 0, ran.err


def _five_free_ports() -> int:
    for first in range(20_000, 60_000, 7):
        probes = []
        try:
            probes = [socket.create_server(("127.0.0.1", first + at)) for at in range(5)]
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        if len(probes) == 5:
            return first
    raise AssertionError("no five free ports in a row")


def addresses(running: Running) -> dict[str, Any]:
    return {one["provider"]: one for one in map(json.loads, running.lines(5))}


def test_a_served_market_is_open_to_the_ordinary_command_and_shut_to_other_keys() -> None:
    first = _five_free_ports()
    with Running("demo", "--serve", "--port", str(first), "--rate", "50", env=ENV) as running:
        found = addresses(running)
        assert set(PROVIDERS) == set(found)
        assert [f"http://127.0.0.1:{first + at}" for at in range(5)] == [one["base_url"] for one in found.values()]
        assert {"demo"} == {one["key"] for one in found.values()}

        def ask(name: str, *flags: str, env: dict[str, str] | None = None) -> Ran:
            return run(*ASK[name], "--base-url", found[name]["base_url"], "--json", *flags, env=env)

        with ThreadPoolExecutor(6) as pool:
            taken = pool.submit(run, "demo", "--serve", "--port", str(first), env=ENV)
            bad = [pool.submit(ask, name) for name in PROVIDERS]
            good = [pool.submit(ask, name, "--for", "2s", env=DEMO) for name in PROVIDERS]
        for ran in (one.result() for one in good):
            assert (ran.code, len(ran.of("opened"))) == (0, 1), ran.err
        for ran in (one.result() for one in bad):
            assert ran.code == 4, ran.err
        assert (taken.result().code, taken.result().out) == (2, b"")
        assert "choose another --port" in taken.result().err
        assert running.end(signal.SIGTERM, 5).code == 143


@pytest.mark.parametrize("provider", ["oddsjam", "opticodds", "parlayapi", "boltodds"])
def test_nobody_is_told_of_a_flag_that_the_demo_gave_itself(provider: str) -> None:
    ran = run("demo", "-p", provider, "-c", "1", "-o", "none", env=ENV)
    assert ran.code == 0
    *said, last = ran.err.splitlines()
    assert [line for line in said if ": connected to 127.0.0.1:" not in line] == []
    assert "1 record after" in last
