"""One feed tells the scores, another how bets were settled: what the client holds of both must agree.

Nothing here comes from the simulator but the bytes: the scores are those of result records, the settlements those of
quotes, and the arithmetic between them is a bettor's own.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing

from oddstail.demo.market import Market
from oddstail.demo.server import serve
from oddstail.model import Quote, Result
from tests.test_one_market_five_wires import KNOBS, Client, client, given


def lined(quote: Quote) -> float:
    """The line of a bet. The wire's settlements have none but in the id (docs/wire/opticodds.md, 2.4 and 5)."""
    found = re.search(r"_([+-]?\d+(?:_\d+)?)$", quote.what.key)
    return quote.line if quote.line is not None else float(found[1].replace("_", ".")) if found is not None else 0.0


def came_out(quote: Quote, home: int, away: int) -> str | None:
    """How a bet on the whole game came out, from its own words and the final score; None for what no score decides."""
    what, line = quote.what, lined(quote)
    if what.period != "game" or what.side not in ("home", "away", "over", "under"):
        return None
    match what.kind:
        case "moneyline":
            gain: float = home - away if what.side == "home" else away - home
        case "spread":
            gain = (home - away if what.side == "home" else away - home) + line
        case "total":
            gain = home + away - line if what.side == "over" else line - home - away
        case _:
            return None
    return "Refunded" if gain == 0 else "Won" if gain > 0 else "Lost"


def test_settlements_follow_from_the_final_scores() -> None:
    settled: list[Quote] = []
    scores: dict[str, tuple[int, int, str | None]] = {}

    async def listen(made: Client) -> None:
        async with aclosing(made.sessions[0].events()) as batches:
            async for batch in batches:
                for event in batch.events:
                    match event:
                        case Quote(status="settled"):
                            settled.append(event)
                        case Result(home_score=float() | int() as home, away_score=float() | int() as away):
                            scores[event.game_id] = int(home), int(away), event.status

    async def main() -> None:
        market = Market(4, rate=250.0, pace=4.0, sports=["hockey"])
        async with serve(market, providers=("opticodds",), knobs=KNOBS) as server:
            base = server["opticodds"].base_url
            asks = [{"sport": ["hockey"], "feed": feed} for feed in ("copilot", "results")]
            both = [client("opticodds", base, **given("opticodds", ask)) for ask in asks]
            tasks = [asyncio.create_task(listen(made)) for made in both]
            for _ in range(150):
                await asyncio.sleep(0.1)
                if len({quote.what.game_id for quote in settled}) >= 3:
                    break
            await server.settle()
            await asyncio.sleep(0.3)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for made in both:
                await made.transport.aclose()

    asyncio.run(main())
    checked = 0
    for quote in settled:
        home, away, status = scores[quote.what.game_id]
        assert status == "completed"
        expected = came_out(quote, home, away)
        if expected is not None:
            checked += 1
            assert (quote.what.key, quote.settlement) == (quote.what.key, expected)
    assert checked >= 10, "hardly anything was settled: the comparison would prove nothing"
