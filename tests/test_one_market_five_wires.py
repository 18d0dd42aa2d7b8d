"""One market through five wires gives the same board: what oddstail holds is what that provider's wire told it.

The simulator keeps, for each connection and in the vendor's own words, what was put on the socket
(`told`). The client shares no code with it. After any seed, with cuts, drops, doubles and reconnects in
between, the open prices that a session holds must equal it, price by price; so must the scores and the plays and alerts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from oddstail import providers, reader
from oddstail.cli.asks import ASKS, FEEDS
from oddstail.cli.reach import placed
from oddstail.clock import Clock, Gate, wall
from oddstail.demo.contract import Knobs, Told
from oddstail.demo.faults import Fault
from oddstail.demo.market import Market
from oddstail.demo.server import Server, serve
from oddstail.demo.wires.bolt_shapes import label
from oddstail.model import Drop, Gap, Play, Quote, Result
from oddstail.price import Price
from oddstail.retry import Policy
from oddstail.session import Session
from oddstail.text import Secret
from oddstail.transports import Limits, Target, Transport
from oddstail.transports.http import SSE
from oddstail.transports.websocket import WebSocket

Prices = dict[Told, float]
News = tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]

KNOBS = Knobs(
    heartbeat=0.3,
    cycle=0.3,
    push_interval=0.05,
    connects_per_minute=10_000,
    connections=1000,
    clear_every=0.7,
    clear_lasts=0.2,
)

#: What the wires are asked for here: everything that the market has, so that every market is compared.
WIDE: dict[str, dict[str, Any]] = {
    **ASKS,
    "opticodds": {"sport": ["basketball,football"], "book": ["DraftKings,FanDuel,BetMGM,Caesars,Pinnacle"]},
    "parlayapi": {"sport": ["basketball_nba,soccer_epl"]},
    "boltodds": {},
}
#: (provider, how it is asked, a word for it)
WIRES = [
    pytest.param("oddsjam", {}, id="oddsjam"),
    pytest.param("oddsjam", {"odds_format": "decimal"}, id="oddsjam-decimal"),
    pytest.param("opticodds", {}, id="opticodds"),
    pytest.param("opticodds", {"book": ["Pinnacle,Novig"], "exclude_fees": True}, id="opticodds-exchange"),
    pytest.param(
        "opticodds",
        {"sport": ["hockey"], "book": ["FanDuel,BetMGM,Betfair Exchange,Betfair Exchange (Lay)"]},
        id="opticodds-lay-and-three-way",
    ),
    pytest.param("opticodds", {"feed": "copilot", "book": None}, id="copilot"),
    pytest.param("opticodds", {"feed": "copilot", "book": None, "version_id": 3}, id="copilot-version"),
    pytest.param("parlayapi", {}, id="parlayapi-sse"),
    pytest.param("parlayapi", {"diff": True}, id="parlayapi-sse-diff"),
    pytest.param("parlayapi", {"transport": "ws"}, id="parlayapi-ws"),
    pytest.param("rapidodds", {}, id="rapidodds"),
    pytest.param("rapidodds", {"book": ["Pinnacle", "Bovada"]}, id="rapidodds-two-starts"),
    pytest.param("boltodds", {}, id="boltodds"),
]
#: BoltOdds' other feeds are asked for by the labels of games, and for nothing else.
EVERY_GAME: dict[str, Any] = {"follow_live": False, "league": None, "game": "every"}
#: Feeds that tell what happens and not what is on offer: (provider, feed, how it is asked).
NEWS = [
    pytest.param("parlayapi", "plays", {"sport": ["basketball_nba"]}, id="parlayapi-plays"),
    pytest.param("parlayapi", "plays", {"sport": ["soccer_epl", "tennis_atp"]}, id="parlayapi-live-states"),
    pytest.param("parlayapi", "drops", {}, id="parlayapi-drops"),
    pytest.param("boltodds", "plays", EVERY_GAME, id="boltodds-plays"),
    pytest.param("boltodds", "scores", EVERY_GAME, id="boltodds-scores"),
    pytest.param("rapidodds", "results", {}, id="rapidodds-results"),
    pytest.param("opticodds", "results", {"sport": ["basketball", "baseball"], "league": None}, id="opticodds-results"),
]
#: Trouble on the first connects, then calm: what a wire of deltas told before a cut counts no more.
CUTS = (Fault(name="half-frame", every=0.2, first=7), Fault(name="accept-then-drop", first=2))
#: (faults, seed)
TROUBLE = [
    pytest.param((), 2, id="calm"),
    pytest.param(CUTS, 1, id="cuts-and-drops"),
    pytest.param((Fault(name="dup", every=0.1), Fault(name="reorder", every=0.1), Fault(name="garbage", every=0.2)), 3, id="doubles"),
]  # fmt: skip


@dataclass
class Client:
    """Sessions of one provider and what they hold."""

    sessions: list[Session]
    transport: Transport
    gaps: int = 0
    quotes: int = 0
    scores: dict[str, tuple[int, int]] = field(default_factory=dict)
    news: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def pump(self, made: Session) -> None:
        async with aclosing(made.events()) as batches:
            async for batch in batches:
                self.gaps += sum(isinstance(event, Gap) for event in batch.events)
                self.quotes += sum(isinstance(event, Quote) and event.changed for event in batch.events)
                for event in batch.events:
                    self.take(event)

    def take(self, event: object) -> None:
        """Keep a score by its game, a play or an alert by what tells it from others."""
        match event:
            case Result(player=None, home_score=float() | int() as home, away_score=float() | int() as away):
                self.scores[event.game_id] = int(home), int(away)
            case Play(score_a=float() | int() as home, score_b=float() | int() as away):
                score = int(home), int(away)
                if event.id is not None:
                    self.news[event.id] = score
                elif event.status is not None:
                    self.scores[event.game_id] = score
                else:
                    self.news[f"{event.game_id}|{event.text}|{score[0]}-{score[1]}"] = score
            case Drop(before=Price() as before, price=Price() as price):
                moved = int(before.american), int(price.american)
                about = (event.game_id, event.book, event.outcome, event.player, *moved)
                self.news["|".join(map(str, about))] = moved
            case _:
                pass

    async def tick(self) -> None:
        while True:
            for made in self.sessions:
                made.tick()
            await asyncio.sleep(0.05)

    def prices(self, *, decimal: bool) -> Prices:
        """Every open price that is known to be current, under the simulator's names."""
        return {
            named(quote): quote.price.decimal if decimal else quote.price.american
            for made in self.sessions
            for quote in made.reader.ledger.known()
            if quote.price is not None
        }


def named(quote: Quote) -> Told:
    """A quote under the name that the simulator has for it: nothing but the record's own fields."""
    what = quote.what
    game = what.game_id
    if quote.what.league is not None and game.startswith(f"{what.league}: "):
        game = f"{what.league}|{what.home}|{what.away}|{(what.start or '').removesuffix('Z')}"
    side = (what.side or "").capitalize()
    over = side in ("Over", "Under") and what.selection != side
    book = "" if quote.what.book == "Copilot" else what.book
    return Told(game, book, what.market, f"{what.selection} {side}" if over else what.selection, quote.line)


def client(name: str, base_url: str, **asked: Any) -> Client:
    """Sessions like those of a run, but quick to reconnect."""
    found = replace(providers.provider(name), floor=0.0, rate=(10_000, 1.0))
    requests = providers.command(name)(**asked).requests
    limits = Limits(silence=3.0)
    transport: Transport = SSE(limits, wall) if requests[0].transport == "sse" else WebSocket(limits, wall)

    async def open(request: Any) -> Any:
        return await transport.open(Target(request, Secret("demo")))

    gate = Gate(found.rate, Clock())
    policy = Policy(first=0.02, cap=0.05)
    sessions = [
        Session(
            conn=conn,
            provider=found,
            request=replace(request, url=placed(request.url, base_url)),
            open=open,
            gate=gate,
            policy=policy,
        )
        for conn, request in enumerate(requests, 1)
    ]
    return Client(sessions, transport)


def told(server: Server, name: str, made: Client) -> Prices:
    """What the wire told, as far as a client of it may rely on it: a link that replays continues the one before."""
    streams = server.clients(name)
    if made.sessions[0].provider.replays == "yes":
        streams = [*server.past(name), *streams]
    out: dict[Told, Any] = {}
    for stream in streams:
        out.update(stream.told)
    return {key: price for key, price in out.items() if price is not None}


async def settled(server: Server, name: str, made: Client, *, decimal: bool) -> tuple[Prices, Prices]:
    """Both sides once they agree, or after ten seconds of disagreement."""
    await asyncio.wait_for(server.settle(), 20)
    for at in range(300):
        expected, got = told(server, name, made), made.prices(decimal=decimal)
        live = len(server.clients(name)) == len(made.sessions) and all(one.is_open for one in made.sessions)
        if live and expected and expected == got:
            break
        if live and not expected and at % 30 == 29:
            # Cut just before the market stood still, and a wire of deltas says nothing until it moves.
            server.resume()
            await asyncio.sleep(0.2)
            await asyncio.wait_for(server.settle(), 20)
        await asyncio.sleep(0.05)
    return expected, got


@pytest.mark.parametrize(("faults", "seed"), TROUBLE)
@pytest.mark.parametrize(("name", "asked"), WIRES)
def test_what_is_held_is_what_was_told(
    name: str, asked: dict[str, Any], faults: tuple[Fault, ...], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BURST_PAUSE", 0.4)
    decimal = name == "rapidodds" or asked.get("odds_format") == "decimal"
    asked = given(name, asked)
    cuts = any(fault.name == "half-frame" for fault in faults)

    async def main() -> tuple[Prices, Prices, int]:
        market = Market(seed, rate=100.0)
        async with serve(market, providers=(name,), knobs=KNOBS, faults=faults) as server:
            made = client(name, server[name].base_url, **{**WIDE[name], **asked})
            tasks = [asyncio.create_task(made.pump(one)) for one in made.sessions]
            tasks.append(asyncio.create_task(made.tick()))
            # What the wire began with, and then fifty changes: enough to be wrong about.
            await enough(lambda: made.quotes > 0)
            first = made.quotes
            await enough(lambda: made.quotes >= first + 50 and (made.gaps > 0 or not cuts))
            expected, got = await settled(server, name, made, decimal=decimal)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await made.transport.aclose()
            return expected, got, made.gaps

    expected, got, gaps = asyncio.run(main())
    wrong = {key: (price, got.get(key)) for key, price in expected.items() if got.get(key) != price}
    extra = {key: price for key, price in got.items() if key not in expected}
    assert not wrong, f"{len(wrong)} of {len(expected)} prices differ or are missing (told, held)"
    assert not extra, f"{len(extra)} prices are held that are not on offer"
    assert expected, "the wire told nothing: the comparison would prove nothing"
    assert gaps or not cuts, "no cut happened: the comparison would prove little"


async def enough(holds: Callable[[], bool]) -> None:
    """Wait until a run on a busy machine has seen what the comparison is about; that it never does is told there."""
    for _ in range(400):
        if holds():
            break
        await asyncio.sleep(0.05)


def told_news(server: Server, name: str) -> News:
    """How games stood by the last frame about each, and everything that happened: nothing of it is taken back."""
    scores: dict[str, tuple[int, int]] = {}
    news: dict[str, tuple[int, int]] = {}
    for stream in (*server.past(name), *server.clients(name)):
        scores |= stream.scores
        news |= stream.news
    return scores, news


@pytest.mark.parametrize(("faults", "seed"), TROUBLE)
@pytest.mark.parametrize(("name", "feed", "asked"), NEWS)
def test_what_happened_is_what_was_told(
    name: str, feed: str, asked: dict[str, Any], faults: tuple[Fault, ...], seed: int
) -> None:
    """Plays under their ids, alerts, scores: whatever was on the socket to its last byte, and nothing else."""
    cuts = any(fault.name == "half-frame" for fault in faults)

    async def main() -> tuple[News, News, dict[str, tuple[int, int]], int]:
        market = Market(seed, rate=100.0)
        async with serve(market, providers=(name,), knobs=KNOBS, faults=faults) as server:
            wanted = given(name, {**FEEDS[name][feed], **asked, "feed": feed})
            if asked is EVERY_GAME:
                wanted["game"] = [label(fixture) for fixture in market.fixtures()]
            made = client(name, server[name].base_url, **wanted)
            tasks = [asyncio.create_task(made.pump(one)) for one in made.sessions]
            tasks.append(asyncio.create_task(made.tick()))
            await asyncio.sleep(1.6)
            await enough(lambda: any(told_news(server, name)) and (made.gaps > 0 or not cuts))
            await asyncio.wait_for(server.settle(), 20)
            for _ in range(100):
                if told_news(server, name) == (made.scores, made.news):
                    break
                await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await made.transport.aclose()
            truth = {key: one.score for one in market.fixtures() for key in (one.id, one.number)}
            return told_news(server, name), (made.scores, made.news), truth, made.gaps

    told, held, truth, gaps = asyncio.run(main())
    for expected, got in zip(told, held, strict=True):
        assert {key: (one, got.get(key)) for key, one in expected.items() if got.get(key) != one} == {}
        assert got.keys() <= expected.keys()
    assert any(told), "the wire told nothing: the comparison would prove nothing"
    assert gaps or not cuts, "no cut happened: the comparison would prove little"
    if not faults:
        assert {key: score for key, score in held[0].items() if truth.get(key, score) != score} == {}


def given(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The words of a table row as the types that the command takes."""
    import inspect

    hints = inspect.signature(providers.command(name), eval_str=True).parameters
    out = {}
    for key, value in asked.items():
        kind = getattr(hints[key].annotation, "__origin__", None)
        # `Name | None`: the words are of the first.
        kind = next(iter(getattr(kind, "__args__", ())), kind)
        out[key] = kind(value) if isinstance(value, str) and isinstance(kind, type) else value
    return out
