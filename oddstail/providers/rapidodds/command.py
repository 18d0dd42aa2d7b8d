"""RapidOddsAPI: flags to requests. Facts: docs/wire/rapidodds.md, B1 to B3 and B6. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import orjson

from oddstail.model import Ask, Request, UsageError, Where
from oddstail.providers import flags

TITLE = "RapidOddsAPI"
URL, RESULTS_URL = "wss://api.rapidoddsapi.com/ws", "wss://api.rapidoddsapi.com/results-ws"
#: The heading of the flags that only results have, and the sports that have any (B7).
RESULTS = "Results (--feed results)"
COVERED = ("AFL", "MLB", "WNBA", "NRL", "NFL")
#: Books are charged in fives (B6).
PACK = 5


class Feed(StrEnum):
    """What RapidOddsAPI streams."""

    odds = "odds"
    results = "results"


#: The feeds that each flag is for (B3, B10).
ALLOWED = {
    "--book": ("odds",),
    "--market": ("odds",),
    "--push": ("odds",),
    "--status": ("results",),
    "--players": ("results",),
    "--days": ("results",),
    "--round": ("results",),
}


class Push(StrEnum):
    """What a push says of the prices that are not in it."""

    REPLACE = "replace"
    MERGE = "merge"


def ask(
    feed: Annotated[Feed, flags.feed("odds; results (scores, a credit for each push).")] = Feed.odds,
    sport: Annotated[
        list[str] | None,
        flags.many(
            "--sport",
            "--league",
            "-s",
            "-l",
            metavar="SPORT",
            help="Sport id: NBA, NFL, EPL ... One connection for all.",
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many(
            "--book", "-b", metavar="BOOK", help="Book: Pinnacle, DraftKings ... Required for odds; charged in fives."
        ),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help="Market: head_to_head, alternate_lines ... Required for odds; each is charged.",
        ),
    ] = None,
    push: Annotated[
        Push | None,
        flags.one(
            "--push",
            help="Prices missing from a push are removed (replace, the default) or kept (merge).",
            show_default=False,
        ),
    ] = None,
    status: Annotated[
        str | None,
        flags.one("--status", panel=RESULTS, metavar="STATUS", help="Games: all (the default), live, upcoming ..."),
    ] = None,
    players: Annotated[bool, flags.one("--players", panel=RESULTS, help="Add each player's statistics.")] = False,
    days: Annotated[
        int | None,
        flags.one("--days", panel=RESULTS, metavar="N", help="How many days of games.", min=1),
    ] = None,
    round_: Annotated[
        int | None,
        flags.one("--round", panel=RESULTS, metavar="N", help="Only this round of the season.", min=0),
    ] = None,
    leave: Annotated[
        bool,
        flags.one("--leave", help="Unsubscribe from a sport when its games are over, because its pushes cost credits."),
    ] = False,
) -> Ask:
    """Tail RapidOddsAPI: the state of each sport after every scrape cycle (WebSocket; each push costs credits).

    oddstail rapidodds -s NBA -b Pinnacle -b DraftKings -m head_to_head

    oddstail rapidodds -s NFL --feed results --status live
    """
    sports, books = flags.values(sport, "--sport"), flags.values(book, "--book")
    markets = flags.values(market, "--market")
    flags.fits(
        feed.value,
        {
            "--book": books,
            "--market": markets,
            "--push": push,
            "--status": status,
            "--players": players,
            "--days": days,
            "--round": round_,
        },
        ALLOWED,
    )
    if not sports:
        raise UsageError(f"{TITLE} needs a sport, for example -s NBA")
    if feed is Feed.results:
        return _results(sports, status or "all", players, days, round_, leave)
    if not books:
        raise UsageError(f"{TITLE} needs at least one book, for example -b Pinnacle")
    if not markets:
        raise UsageError(f"{TITLE} needs at least one market, for example -m head_to_head")
    cost = len(markets) * -(-len(books) // PACK)
    notes = [f"{TITLE} charges {cost} credit{'s' if cost > 1 else ''} for each push of a sport with games"]
    subscribe = [
        {"action": "subscribe", "sport": name, "bookmakers": books, "market_types": markets} for name in sports
    ]
    options = {"books": tuple(books), "push": (push or Push.REPLACE).value, **_leaves(leave)}
    return Ask(requests=[_request(feed, URL, sports, subscribe, options)], notes=notes)


def _leaves(leave: bool) -> dict[str, Any]:
    return {"leave": True} if leave else {}


def _results(sports: list[str], status: str, players: bool, days: int | None, round_: int | None, leave: bool) -> Ask:
    """The results stream (B10): one credit a push, whatever is in it."""
    notes: list[str] = []
    bare = [name for name in sports if name not in COVERED]
    if bare:
        notes.append(f"{TITLE} is known to have results of {', '.join(COVERED)}; not of {', '.join(bare)}")
    notes.append(f"{TITLE} charges 1 credit for each push of results")
    subscribe = [
        {
            "action": "subscribe",
            "sport": name,
            "status": status,
            "include": ["scores", *(["players"] if players else [])],
            **({} if days is None else {"days": days}),
            **({} if round_ is None else {"round": round_}),
        }
        for name in sports
    ]
    return Ask(requests=[_request(Feed.results, RESULTS_URL, sports, subscribe, _leaves(leave))], notes=notes)


def _request(feed: Feed, url: str, sports: list[str], subscribe: list[Any], options: dict[str, Any]) -> Request:
    return Request(
        provider="rapidodds",
        feed=feed.value,
        priced=feed is Feed.odds,
        label=flags.label(sports),
        transport="ws",
        url=url,
        key_in=Where.QUERY,
        key_name="api_key",
        send=tuple(orjson.dumps(message).decode() for message in subscribe),
        heartbeat=10.0,
        converses="leave" in options,
        options=options,
    )
