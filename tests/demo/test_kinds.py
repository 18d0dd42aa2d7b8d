"""No market that the demo serves is `other`: whoever bets on it would name it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from oddstail.demo.contract import Stage, Wire
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapid_shapes import SPORTS, catalogue
from oddstail.demo.wires.rapidodds import RapidOdds
from oddstail.model import Frame
from oddstail.wire.sse import SSEDecoder
from tests.providers.wire import Line, asked, quotes

from .stage import Theatre, ask

_OPTIC_BOOKS = ["DraftKings", "FanDuel", "BetMGM", "Pinnacle", "Betfair Exchange (Lay)"]
_OPTIC = "".join(f"&sportsbook={book}" for book in _OPTIC_BOOKS)
_JAM = "".join(f"&sportsbooks={book}" for book in ("DraftKings", "FanDuel", "BetMGM", "Caesars", "Pinnacle", "Bovada"))
_LEAGUES = {"basketball": "NBA", "football": "NFL", "baseball": "MLB", "hockey": "NHL", "tennis": "ATP",
            "soccer": "England - Premier League"}  # fmt: skip
_PARLAY = ("basketball_nba", "americanfootball_nfl", "baseball_mlb", "icehockey_nhl", "soccer_epl", "tennis_atp")


class Case(NamedTuple):
    make: Callable[[Stage], Wire]
    url: str
    flags: dict[str, Any]
    hello: object = None
    socket: bool = False


def _rapid(sport: str) -> Case:
    markets = [key for group in catalogue(sport).values() for key in group]
    hello = {"action": "subscribe", "sport": sport, "bookmakers": ["Pinnacle", "DraftKings"], "market_types": markets}
    flags = {"sport": [sport], "book": ["Pinnacle", "DraftKings"], "market": markets, "validate": False}
    return Case(RapidOdds, "/ws?api_key=demo", flags, hello, socket=True)


CASES: dict[str, Case] = {
    **{
        f"opticodds-{sport}": Case(
            OpticOdds,
            f"/api/v3/stream/odds/{sport}?key=demo{_OPTIC}",
            {"sport": [sport], "book": ["DraftKings"], "validate": False},
        )
        for sport in _LEAGUES
    },
    **{
        f"oddsjam-{sport}": Case(
            OddsJam,
            f"/api/v2/stream/odds?key=demo&league={league}{_JAM}",
            {"league": [league], "book": ["DraftKings"], "validate": False},
        )
        for sport, league in _LEAGUES.items()
    },
    **{
        f"parlayapi-{sport}": Case(ParlayApi, f"/v1/sse/odds/{sport}?apiKey=demo", {"sport": [sport]})
        for sport in _PARLAY
    },
    **{f"rapidodds-{sport}": _rapid(sport) for sport in SPORTS},
    "boltodds": Case(BoltOdds, "/api?key=demo", {}, {"action": "subscribe"}, socket=True),
}


@pytest.mark.parametrize("name", CASES)
def test_no_market_is_other(name: str) -> None:
    case = CASES[name]
    theatre = Theatre(case.make, seed=3, rate=40)
    seat = theatre.open(ask(case.url, websocket=case.socket))
    if case.hello is not None:
        seat.say(case.hello)
    theatre.run(12, seat)
    line = Line(asked(name.split("-")[0], **case.flags)[0])
    decoder = SSEDecoder(1 << 22)
    seen: dict[str, Counter[str]] = {}
    for sent in seat.frames:
        frames = [Frame(sent.body)] if case.socket else decoder.feed(sent.body)
        for quote in (quote for frame in frames for quote in quotes(line.take(frame))):
            seen.setdefault(quote.what.kind, Counter())[quote.what.market] += 1
    assert seen.keys() >= {"moneyline", "total"}
    assert seen.get("other") is None
