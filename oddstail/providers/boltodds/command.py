"""BoltOdds: flags to requests. Facts: wire reference boltodds-rapidodds.md, A1 to A3. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson

from oddstail.model import Ask, Request, Where
from oddstail.providers import flags
from oddstail.providers.boltodds import catalog
from oddstail.providers.names import check

TITLE = "BoltOdds"
URL = "wss://spro.agency/api"


class Feed(StrEnum):
    """What BoltOdds streams."""

    odds = "odds"


def ask(
    feed: Annotated[Feed, flags.feed("What to stream.")] = Feed.odds,
    league: Annotated[
        list[str] | None,
        flags.many(
            "--league",
            "--sport",
            "-l",
            "-s",
            metavar="LEAGUE",
            help='League: NBA, MLB, "Wimbledon (M)" ... None: all.',
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help="Book: draftkings, betmgm ... None: all of them."),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help="Market, in the book's own words: Moneyline, Spread ... None: all.",
        ),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many(
            "--game",
            "-g",
            metavar="LABEL",
            help='Game label: "A vs B, 2026-02-25, 09". Repeats, no comma list.',
        ),
    ] = None,
    validate: flags.Validate = True,
) -> Ask:
    """Tail BoltOdds: every book's lines, one connection for all (WebSocket).

    oddstail boltodds -l NBA -b draftkings -m Moneyline
    """
    leagues, books = flags.values(league, "--league"), flags.values(book, "--book")
    markets, games = flags.values(market, "--market"), flags.values(game, "--game", split=False)
    notes: list[str] = []
    if validate:
        leagues, said = check(leagues, catalog.SPORTS, TITLE)
        books, more = check(books, catalog.BOOKS, TITLE)
        markets, rest = check(markets, catalog.MARKETS, TITLE)
        # A name that is not spelt exactly so is ignored in silence (A3): worth a word each.
        notes = [*said, *more, *rest]
    # Never an empty array: it brings a stream of pings and nothing else (A3).
    filters = {"sports": leagues, "sportsbooks": books, "games": games, "markets": markets}
    subscribe = {"action": "subscribe", "filters": {name: items for name, items in filters.items() if items}}
    request = Request(
        provider="boltodds",
        feed=feed.value,
        label=flags.label(leagues or games) or "everything",
        transport="ws",
        url=URL,
        key_in=Where.QUERY,
        key_name="key",
        send=(orjson.dumps(subscribe).decode(),),
        heartbeat=10.0,
        pulse=20.0,
    )
    return Ask(requests=[request], notes=notes)
