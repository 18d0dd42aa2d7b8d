"""ParlayAPI: flags to requests. Facts: wire reference parlayapi.md, sections 1 to 3. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from oddstail.model import Ask, Request, UsageError, Where
from oddstail.providers import flags
from oddstail.providers.names import check
from oddstail.providers.parlayapi import catalog

TITLE = "ParlayAPI"
HTTP, WS = "https://parlay-api.com", "wss://parlay-api.com"


class Feed(StrEnum):
    """What ParlayAPI streams."""

    odds = "odds"


class Transport(StrEnum):
    """How: server-sent events or WebSocket."""

    sse = "sse"
    ws = "ws"


class RowKind(StrEnum):
    """Which rows: of games, or of player props."""

    game = "game"
    prop = "prop"


def ask(
    sport: Annotated[
        list[str] | None,
        flags.many(
            "--sport",
            "-s",
            metavar="SPORT",
            help="Sport key: basketball_nba, soccer_epl ... A connection each.",
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help="Book: pinnacle, fanduel ... None: all of them."),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help="Market: h2h, spreads, totals, player_points ... None: all.",
        ),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many("--game", "-g", metavar="EVENT_ID", help="Event id. A connection each; repeats, no comma list."),
    ] = None,
    feed: Annotated[Feed, flags.one("--feed", help="What to stream.")] = Feed.odds,
    transport: Annotated[Transport, flags.one("--transport", help="Server-sent events or WebSocket.")] = Transport.sse,
    kind: Annotated[list[RowKind] | None, flags.one("--kind", help="Rows of games, of props; none: both.")] = None,
    heartbeat: Annotated[int, flags.one("--heartbeat", help="Seconds between heartbeats (SSE).", min=1, max=30)] = 5,
    limit: Annotated[int, flags.one("--limit", help="Most rows in the first snapshot.", min=1, max=1000)] = 1000,
    max_age: Annotated[
        int,
        flags.one("--max-age", help="Leave rows out of the snapshot that are older, in seconds.", min=1, max=3600),
    ] = 3600,
    diff: Annotated[bool, flags.one("--diff", help="Have the wire send changed fields only.")] = False,
    validate: flags.Validate = True,
) -> Ask:
    """Tail ParlayAPI: odds of games and props (server-sent events or WebSocket).

    oddstail parlayapi -s basketball_nba -b pinnacle -b fanduel -m h2h
    """
    sports, books = flags.values(sport, "--sport"), flags.values(book, "--book")
    markets, games = flags.values(market, "--market"), flags.values(game, "--game", split=False)
    if not sports:
        raise UsageError(f"{TITLE} needs a sport key: -s basketball_nba, for one")
    if games and len(sports) > 1:
        raise UsageError("--game belongs to one sport: name just that one with -s")
    notes: list[str] = []
    if validate:
        sports, said = check(sports, catalog.SPORTS, TITLE)
        books, more = check(books, catalog.BOOKS, TITLE)
        markets, rest = check(markets, catalog.MARKETS, TITLE)
        notes = [*said, *more, *rest]
    sse = transport is Transport.sse
    params = [
        *_csv("bookmakers", books),
        *_csv("markets", markets),
        *_csv("kinds", [item.value for item in kind or []]),
        # `heartbeat_s`, `limit` and `max_age_s` are documented for SSE alone (3.4).
        *([("heartbeat_s", str(heartbeat)), ("limit", str(limit)), ("max_age_s", str(max_age))] if sse else []),
        *flags.switch("diff", diff or None),
    ]
    requests = [
        Request(
            provider="parlayapi",
            feed=feed.value,
            label=flags.label([name], [one] if one else []),
            transport=transport.value,
            url=f"{HTTP}/v1/sse/odds/{name}" if sse else f"{WS}/v1/ws/odds/{name}",
            # The header wins where it is known to work; for WebSocket an older page knew the query alone (section 2).
            key_in=Where.HEADER if sse else Where.QUERY,
            key_name="X-API-Key" if sse else "apiKey",
            params=(*params, *([("event_id", one)] if one else [])),
            heartbeat=float(heartbeat) if sse else 10.0,
            pulse=0.0 if sse else 30.0,
            options={"league": name},
        )
        for name in sports
        for one in games or [""]
    ]
    return Ask(requests=requests, notes=notes)


def _csv(name: str, items: list[str]) -> list[tuple[str, str]]:
    return [(name, ",".join(items))] if items else []
