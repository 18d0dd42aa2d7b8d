"""The same market over several wires at once: what the records say in our own words is the same, whoever told it.

Teams, books, kinds, sides and lines are normalized by five decoders from five vocabularies. Where two wires tell of the
same bet, they must tell one price; where they tell of the same game, one score.
"""

from __future__ import annotations

import asyncio
from itertools import combinations
from typing import Any

from oddstail.demo.market import Market
from oddstail.demo.server import serve
from oddstail.model import Play, Result
from oddstail.transports import Limits
from oddstail.transports.rest import Rest
from tests.test_one_market_five_wires import KNOBS, Client, client, enough, given
from tests.test_one_market_from_the_start import hydrated, watch

BOOKS = ["DraftKings", "FanDuel", "BetMGM", "Pinnacle", "Bovada"]
#: Those that send no state are given it over REST, as in a run.
DELTAS = ("opticodds", "oddsjam")
PRICES: dict[str, dict[str, Any]] = {
    "parlayapi": {"sport": ["basketball_nba"]},
    "rapidodds": {
        "sport": ["NBA"],
        "book": BOOKS,
        "market": ["head_to_head", "alternate_lines", "alternate_total_points"],
    },
    "boltodds": {"league": ["NBA"]},
    "opticodds": {"sport": ["basketball"], "league": ["NBA"], "book": BOOKS},
    "oddsjam": {"league": ["NBA"], "book": BOOKS},
}
SCORES: dict[str, dict[str, Any]] = {
    "opticodds": {"sport": ["baseball"], "feed": "results"},
    "rapidodds": {"sport": ["MLB"], "feed": "results"},
    "boltodds": {"feed": "scores", "follow_live": False},
    "parlayapi": {"sport": ["baseball_mlb"], "feed": "plays"},
}
Bet = tuple[Any, ...]


def prices(made: Client) -> dict[Bet, float]:
    """Decimal prices of the game's own lines, under our words alone."""
    found = {}
    for session in made.sessions:
        for quote in session.reader.ledger.known():
            what = quote.what
            if quote.price is not None and what.kind in ("moneyline", "spread", "total") and what.period == "game":
                bet = (what.home, what.away, what.book.casefold(), what.kind, what.side, quote.line)
                found[bet] = quote.price.decimal
    return found


def scores(seen: list[object]) -> dict[Bet, tuple[float, float]]:
    """The last score of each game by its teams; a play tells those of its sides."""
    found: dict[Bet, tuple[float, float]] = {}
    for event in seen:
        match event:
            case Result(player=None, home_score=float() | int() as home, away_score=float() | int() as away):
                found[event.home, event.away] = home, away
            case Play(score_a=float() | int() as home, score_b=float() | int() as away):
                found[event.team_a, event.team_b] = home, away
            case _:
                pass
    return found


def test_one_bet_has_one_price_over_every_wire() -> None:
    async def main() -> dict[str, dict[Bet, float]]:
        market = Market(6, rate=60.0, sports=["basketball"])
        async with serve(market, providers=tuple(PRICES), knobs=KNOBS) as server:
            made = {name: client(name, server[name].base_url, **given(name, ask)) for name, ask in PRICES.items()}
            rest = Rest(Limits(silence=3.0))
            hydrating = {name: hydrated(name, server[name].base_url, made[name], rest) for name in DELTAS}
            tasks = [asyncio.create_task(one.tick()) for one in made.values()]
            for name, one in made.items():
                if name in DELTAS:
                    tasks.append(asyncio.create_task(watch(one, hydrating[name])))
                else:
                    tasks += [asyncio.create_task(one.pump(session)) for session in one.sessions]
            await asyncio.sleep(1.5)
            await asyncio.wait_for(server.settle(), 20)
            await asyncio.sleep(1.0)
            held = {name: prices(one) for name, one in made.items()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for asking in hydrating.values():
                await asking.aclose()
            await rest.aclose()
            for one in made.values():
                await one.transport.aclose()
            return held

    held = asyncio.run(main())
    for one, other in combinations(held, 2):
        common = held[one].keys() & held[other].keys()
        # Two digits of a decimal price are all that one of the wires gives.
        apart = {
            bet: (held[one][bet], held[other][bet]) for bet in common if abs(held[one][bet] - held[other][bet]) > 0.0051
        }
        assert not apart, f"{one} and {other} tell two prices of one bet"
        assert len(common) >= 150, f"{one} and {other} have hardly a bet in common: {len(common)}"


def _least_in_common(seen: dict[str, list[object]]) -> int:
    """How many games two wires have both told the score of, at the least."""
    held = [scores(events).keys() for events in seen.values()]
    return min(len(one & other) for one, other in combinations(held, 2))


def test_one_game_has_one_score_over_every_wire() -> None:
    async def main() -> dict[str, dict[Bet, tuple[float, float]]]:
        from oddstail.demo.wires.bolt_shapes import label

        market = Market(6, rate=200.0, sports=["baseball"])
        games = [label(fixture) for fixture in market.fixtures()]
        seen: dict[str, list[object]] = {name: [] for name in SCORES}
        async with serve(market, providers=tuple(SCORES), knobs=KNOBS) as server:
            asks = {**SCORES, "boltodds": {**SCORES["boltodds"], "game": games}}
            made = {name: client(name, server[name].base_url, **given(name, ask)) for name, ask in asks.items()}

            async def listen(name: str, one: Client) -> None:
                async for batch in one.sessions[0].events():
                    seen[name] += batch.events

            tasks = [asyncio.create_task(listen(name, one)) for name, one in made.items()]
            await enough(lambda: _least_in_common(seen) >= 2)
            await asyncio.wait_for(server.settle(), 20)
            await asyncio.sleep(0.8)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for one in made.values():
                await one.transport.aclose()
        return {name: scores(events) for name, events in seen.items()}

    held = asyncio.run(main())
    for one, other in combinations(held, 2):
        common = held[one].keys() & held[other].keys()
        assert {game: held[one][game] for game in common} == {game: held[other][game] for game in common}
        assert len(common) >= 2, f"{one} and {other} have hardly a game in common: {len(common)}"
