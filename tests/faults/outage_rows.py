"""What refuses a request that was good a moment ago, or the cursor that it names, or one game of several."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.faults.peer import Answer, Peer, reply, sse, ws
from tests.faults.stage import TWO, Row
from tests.faults.stream_rows import asks_after, both, resumed
from tests.faults.wires import BOLT, CONNECTED, HTML, PARLAY, RAPID, bolt, event, jam, odds, parlay, rapid

#: Of each way to a provider: an answer with a price that ends well, and one that goes on with the next price.
BEFORE: dict[str, Answer] = {
    "opticodds": sse(CONNECTED, odds(-101), hold=False),
    "parlayapi-ws": ws(PARLAY, parlay(-101), close=(1000, "")),
    "rapidodds": ws(RAPID, rapid(1.5), hear=1, close=(1000, "")),
    "boltodds": ws(BOLT, json.dumps(bolt("-101")), hear=1, close=(1000, "")),
}
AFTER: dict[str, Answer] = {
    "opticodds": sse(CONNECTED, odds(-102)),
    "parlayapi-ws": ws(PARLAY, parlay(-102)),
    "rapidodds": ws(RAPID, rapid(1.25), hear=1),
    "boltodds": ws(BOLT, json.dumps(bolt("-102")), hear=1),
}
PRICES: dict[str, Sequence[float]] = {"rapidodds": [-200, -400]}


def comes_back(id: str, *answers: Answer, ask: str = "opticodds", says: Sequence[str] = ()) -> Row:
    """A request that worked is refused so, and then works again."""
    return Row(
        id=f"{id}-after-streaming",
        does="streams, refuses what it has just answered, and comes back",
        ask=ask,
        says=["attempt 2 in", *says],
        answers=[BEFORE[ask], *answers, AFTER[ask]],
        flags=TWO,
        hurry=1000,
        requests=2 + len(answers),
        prints=PRICES.get(ask, [-101, -102]),
        told=["lost", "gap"],
        opaque=ask in ("rapidodds", "boltodds"),
    )


def refused(phrase: str, *, ask: str = "opticodds", times: int = 1, body: str = "no luck") -> Row:
    name = f"{phrase.partition(' ')[0]}-{ask}" if ask != "opticodds" else phrase.partition(" ")[0]
    return comes_back(name, *[reply(phrase, body, "text/plain")] * times, ask=ask, says=[phrase.strip()])


def gives_up(phrase: str, exit: int, *says: str, ask: str = "opticodds") -> Row:
    """A request that worked is refused for longer than the user wants to wait."""
    return Row(
        id=f"{phrase.partition(' ')[0]}-{ask}-until-retries-end",
        does="streams, and then refuses for good",
        ask=ask,
        code=exit,
        says=[phrase, "(3 tries)", *says],
        answers=[BEFORE[ask], reply(phrase, "no luck", "text/plain")],
        flags=("--retries", "2"),
        hurry=1000,
        requests=3,
        prints=PRICES.get(ask, [-101])[:1],
        told=["lost", "gap"],
        opaque=ask in ("rapidodds", "boltodds"),
    )


RETURNS = [
    refused("530 ", times=3),
    refused("599 ", times=3),
    refused("404 Not Found"),
    refused("400 Bad Request"),
    refused("401 Unauthorized", times=3),
    refused("403 Forbidden"),
    refused("410 Gone"),
    refused("418 I'm a Teapot", times=4),
    refused("402 Payment Required"),
    comes_back("html-with-200", *[reply("200 OK", HTML, "text/html")] * 3, says=["Down for maintenance"]),
    comes_back("json-with-200", reply("200 OK", "{}")),
    comes_back("302-to-another-host", reply("302 Found", Location="https://login.example/"), says=["redirected"]),
    *[refused("403 Forbidden", ask=ask, times=2) for ask in ("parlayapi-ws", "rapidodds", "boltodds")],
    *[refused("530 ", ask=ask, times=3) for ask in ("parlayapi-ws", "rapidodds", "boltodds")],
    refused("404 Not Found", ask="boltodds", times=3),
    refused("401 Unauthorized", ask="rapidodds"),
    comes_back("html-for-an-upgrade", reply("200 OK", HTML, "text/html"), ask="parlayapi-ws", says=["answered 200"]),
    *[
        comes_back(f"close-{code}-{ask}", *[ws(close=(code, "no luck"))] * 4, ask=ask, says=[f"code {code}"])
        for ask, code in (
            ("parlayapi-ws", 1008),
            ("parlayapi-ws", 4001),
            ("parlayapi-ws", 4003),
            ("rapidodds", 4001),
            ("boltodds", 4567),
        )
    ],
    comes_back("auth-in-a-message", *[ws('{"action":"error","message":"Invalid API key"}')] * 2, ask="boltodds"),
    gives_up("404 Not Found", 9, "check what was asked for"),
    gives_up("401 Unauthorized", 4, "check the key"),
    gives_up("403 Forbidden", 7, "check the tier and the credits", ask="parlayapi-ws"),
    gives_up("403 Forbidden", 4, "check the key", ask="rapidodds"),
    gives_up("530 ", 3, "it may be down"),
]


def takes_no_cursor(wire: Any, *refusals: Answer) -> Answer:
    """A stream that breaks off, refuses whatever names a cursor, and goes on for whoever names none."""
    seen: list[bool] = []

    async def answer(peer: Peer) -> None:
        named = b"last_entry_id" in peer.head
        if named:
            await refusals[0](peer)
            return
        seen.append(True)
        await sse(CONNECTED, wire(-100 - len(seen)), hold=len(seen) > 1)(peer)

    return answer


def too_old(*data: str, hold: bool = True) -> Answer:
    """A refusal that comes as a message of the stream."""
    return sse(CONNECTED, *[event(text, name="error") for text in data], hold=hold)


def drops_the_cursor(id: str, refusal: Answer, *, ask: str = "opticodds", gaps: Sequence[str] = ("no",)) -> Row:
    wire = jam if ask == "oddsjam" else odds
    return Row(
        id=f"cursor-{id}-{ask}",
        does="refuses the cursor of a reconnect: it is asked without one, and the gap says that nothing was replayed",
        ask=ask,
        says=["asking again without the place to resume after"],
        answers=[takes_no_cursor(wire, refusal)],
        flags=TWO,
        hurry=1000,
        requests=3,
        prints=[-101, -102],
        told=["lost", "gap", "notice cursor"],
        also=both(asks_after(None, b"", None), resumed(*gaps)),
    )


CURSORS = [
    *[
        drops_the_cursor(phrase.partition(" ")[0], reply(phrase, '{"error": "no such entry"}'), ask=ask)
        for ask in ("opticodds", "oddsjam")
        for phrase in (
            "400 Bad Request",
            "404 Not Found",
            "410 Gone",
            "416 Range Not Satisfiable",
            "422 Unprocessable Entity",
        )
    ],
    drops_the_cursor("json-with-200", reply("200 OK", '{"error": "entry too old"}')),
    drops_the_cursor("message", too_old('{"error":"last_entry_id is too old"}'), gaps=["unknown", "no"]),
    drops_the_cursor("message-of-text", too_old("unknown entry id", hold=False), ask="oddsjam", gaps=["yes", "no"]),
]


def by_scope(**answers: Sequence[Answer]) -> Answer:
    """Answers by the game or league that is asked for: the first time, the second time, and so on."""
    times = dict.fromkeys(answers, 0)

    async def answer(peer: Peer) -> None:
        found = re.search(rb"(?:game_id|league)=(\w+)", peer.head)
        assert found is not None
        scope = found[1].decode()
        times[scope] += 1
        await answers[scope][times[scope] - 1](peer)

    return answer


def over(game: str) -> Answer:
    return reply("400 Bad Request", f'{{"error": "game_id {game} is no longer active"}}')


#: Of the three connections this one ends at once, and well.
NO_MORE = [reply("204 No Content")]
GAMES = ("-g", "g1", "-g", "g2")

ENDED = [
    Row(
        id="one-game-of-two-has-ended",
        does="says that one game is over from the first, and streams the other",
        ask="oddsjam",
        says=["g1 has ended"],
        answers=[by_scope(g1=[over("g1")], g2=[sse(CONNECTED, jam(-101))], NBA=NO_MORE)],
        flags=(*GAMES, "--for", "1500ms"),
        requests=3,
        prints=[-101],
    ),
    Row(
        id="one-game-ends-after-the-other",
        does="says that one game is over from the first, and that the other is in the end",
        ask="oddsjam",
        says=["g1 has ended", "g2 has ended"],
        answers=[by_scope(g1=[over("g1")], g2=[sse(CONNECTED, jam(-101), hold=False), over("g2")], NBA=NO_MORE)],
        flags=GAMES,
        requests=4,
        prints=[-101],
        told=["lost"],
    ),
    Row(
        id="every-game-has-ended-before",
        does="says that all games are over from the first",
        ask="oddsjam",
        code=9,
        says=["g1 has ended", "g2 has ended"],
        answers=[by_scope(g1=[over("g1")], g2=[over("g2")], NBA=NO_MORE)],
        flags=GAMES,
        requests=3,
    ),
]

ROWS: list[Row] = [*RETURNS, *CURSORS, *ENDED]
