"""Following games over real sockets: listed first, subscribed to, and subscribed to anew on the same socket."""

from __future__ import annotations

import asyncio
import http
import json
import time
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from oddstail import providers
from oddstail.clock import Clock, Gate
from oddstail.limiter import TooBusyError
from oddstail.model import Event, LinkError, Play
from oddstail.providers.boltodds import follow
from oddstail.providers.boltodds.command import Feed
from oddstail.run.opener import Opener
from oddstail.run.plan import Leg
from oddstail.session import Session
from oddstail.text import Secret
from tests.providers.test_boltodds_news import NEW_PLAY
from tests.providers.wire import asked

#: Seconds between two lists, and between two subscriptions, in this test.
LISTED, APART = 0.1, 0.6


class Vendor:
    """A BoltOdds of few words: each list of games in turn, the last one for good; a play for each subscription."""

    def __init__(self, *lists: dict[str, Any]) -> None:
        self.lists = list(lists)
        self.subscribed: list[tuple[float, list[str]]] = []
        self.sockets = 0

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A GET is answered, and all else may become a WebSocket."""
        if not request.path.startswith("/api/get_games?key="):
            return None
        games = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        return connection.respond(http.HTTPStatus.OK, json.dumps(games))

    async def talk(self, connection: ServerConnection) -> None:
        """The ack, then a play for each subscription."""
        self.sockets += 1
        await connection.send('{"action":"socket_connected","feed":"playbyplay"}')
        async for message in connection:
            self.subscribed.append((time.monotonic(), json.loads(message)["filters"]["games"]))
            await connection.send(json.dumps(self._play()))

    def _play(self) -> dict[str, Any]:
        """A play of the game that was subscribed to last."""
        label = self.subscribed[-1][1][-1]
        return {**NEW_PLAY, "event": label, "universal_id": label}


def game(*labels: str, sport: str = "NBA") -> dict[str, Any]:
    return {label: {"sport": sport, "game": label} for label in labels}


@dataclass
class Busy:
    """An allowance that is spent."""

    asked: int = 0

    async def passed(self, most: float = 300.0) -> None:
        self.asked += 1
        raise TooBusyError(42.0)


def test_an_allowance_that_is_spent_is_a_wait_like_any_other() -> None:
    [request] = asked("boltodds", league=["NBA"], feed=Feed.plays, validate=False)
    busy: Any = Busy()
    opener = Opener(Leg(provider=providers.provider("boltodds"), requests=[request], secret=Secret("k"), limiter=busy))
    with pytest.raises(LinkError) as error:
        asyncio.run(opener.open(request))
    assert (error.value.failure.kind, error.value.failure.asked, busy.asked) == ("timeout", 42.0, 1)


def test_new_games_are_followed_on_the_open_socket_and_not_too_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_APART", APART)
    vendor = Vendor(game("a"), game("a", "b"), {**game("a", "b", "c"), **game("z", sport="MLB")})

    async def main() -> list[Event]:
        async with serve(vendor.talk, "127.0.0.1", 0, process_request=vendor.answer) as server:
            at = f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            [request] = asked("boltodds", league=["NBA"], feed=Feed.plays, validate=False)
            polls = tuple(replace(poll, url=f"http://{at}/api/get_games", every=LISTED) for poll in request.polls)
            request = replace(request, url=f"ws://{at}/api/playbyplay", polls=polls)
            provider = providers.provider("boltodds")
            opener = Opener(Leg(provider=provider, requests=[request], secret=Secret("k")))
            gate = Gate(provider.rate, Clock())
            session = Session(conn=1, provider=provider, request=request, open=opener.open, gate=gate)
            out: list[Event] = []
            async with aclosing(session.events()) as batches:
                async for batch in batches:
                    out += batch.events
                    if sum(isinstance(event, Play) for event in out) == 2:
                        break
            await opener.aclose()
            return out

    events = asyncio.run(asyncio.wait_for(main(), 10))
    assert [event.game_id for event in events if isinstance(event, Play)] == ["a", "c"]
    assert [games for _, games in vendor.subscribed] == [["a"], ["a", "b", "c"]]
    assert vendor.subscribed[1][0] - vendor.subscribed[0][0] >= APART - 0.01
    assert vendor.sockets == 1
