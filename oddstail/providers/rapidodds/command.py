"""RapidOddsAPI: flags to requests. Facts: wire reference boltodds-rapidodds.md, B1 to B3 and B6. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson

from oddstail.model import Ask, Request, UsageError, Where
from oddstail.providers import flags
from oddstail.providers.names import check
from oddstail.providers.rapidodds import catalog

TITLE = "RapidOddsAPI"
URL = "wss://api.rapidoddsapi.com/ws"
#: Books are charged in fives (B6).
PACK = 5


class Feed(StrEnum):
    """What RapidOddsAPI streams."""

    odds = "odds"


class Push(StrEnum):
    """What a push says of the prices that are not in it."""

    REPLACE = "replace"
    MERGE = "merge"


def ask(
    feed: Annotated[Feed, flags.feed("What to stream.")] = Feed.odds,
    sport: Annotated[
        list[str] | None,
        flags.many(
            "--sport",
            "--league",
            "-s",
            "-l",
            metavar="SPORT",
            help="Sport id: NBA, NFL, EPL ... All on one connection.",
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help="Book: Pinnacle, DraftKings ... Needed; charged in fives."),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help="Market: head_to_head, alternate_lines ... Needed; each is charged.",
        ),
    ] = None,
    push: Annotated[
        Push, flags.one("--push", help="What is not in a push is gone (replace), or stays (merge).")
    ] = Push.REPLACE,
    validate: flags.Validate = True,
) -> Ask:
    """Tail RapidOddsAPI: the state of each sport after every scrape cycle (WebSocket; each push costs credits).

    oddstail rapidodds -s NBA -b Pinnacle -b DraftKings -m head_to_head
    """
    sports, books = flags.values(sport, "--sport"), flags.values(book, "--book")
    markets = flags.values(market, "--market")
    if not sports:
        raise UsageError(f"{TITLE} needs a sport: -s NBA, for one")
    if not books:
        raise UsageError(f"{TITLE} needs at least one book: -b Pinnacle, for one")
    if not markets:
        raise UsageError(f"{TITLE} needs at least one market: -m head_to_head, for one")
    notes: list[str] = []
    if validate:
        sports, said = check(sports, catalog.SPORTS, TITLE)
        books, more = check(books, catalog.BOOKS, TITLE)
        markets, rest = check(markets, catalog.MARKETS, TITLE)
        notes = [*said, *more, *rest]
    cost = len(markets) * -(-len(books) // PACK)
    notes.append(f"{TITLE} charges {cost} credit{'s' if cost > 1 else ''} for each push of a sport with games")
    subscribe = [
        orjson.dumps({"action": "subscribe", "sport": name, "bookmakers": books, "market_types": markets}).decode()
        for name in sports
    ]
    request = Request(
        provider="rapidodds",
        feed=feed.value,
        label=flags.label(sports),
        transport="ws",
        url=URL,
        key_in=Where.QUERY,
        key_name="api_key",
        send=tuple(subscribe),
        heartbeat=10.0,
        options={"books": tuple(books), "push": push.value},
    )
    return Ask(requests=[request], notes=notes)
