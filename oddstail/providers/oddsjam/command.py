"""OddsJam v2: flags to requests. Facts: docs/wire/oddsjam.md, 1.1 and 1.2. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from oddstail.model import Ask, Request, UsageError, Where
from oddstail.providers import flags

TITLE = "OddsJam"
URL = "https://api-external.oddsjam.com/api/v2/stream/odds"
#: Most books that the newer pages allow on a connection (1.2).
BOOKS = 25


class Feed(StrEnum):
    """What OddsJam streams."""

    odds = "odds"


class OddsFormat(StrEnum):
    """How the wire writes a price. The record has American, decimal and probability whatever it is."""

    american = "american"
    decimal = "decimal"
    probability = "probability"


def ask(
    feed: Annotated[Feed, flags.feed("odds, the only v2 stream whose format is known.")] = Feed.odds,
    league: Annotated[
        list[str] | None,
        flags.many("--league", "-l", metavar="LEAGUE", help="League: NBA, NCAAB ... One connection each."),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help='Book: DraftKings, "Hard Rock" ... Required.'),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many("--market", "-m", metavar="MARKET", help="Market: Moneyline ... Default: all."),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many("--game", "-g", metavar="GAME_ID", help="Game id. One connection each; repeatable, no comma list."),
    ] = None,
    main: flags.Main = None,
    game_updates: Annotated[
        bool, flags.one("--game-updates", help="Also changes of a game's status and start.")
    ] = False,
    grouping_keys: Annotated[
        bool, flags.one("--grouping-keys", help="Request the key that links both sides of a line.")
    ] = False,
    group_names: Annotated[
        bool, flags.one("--group-names", help="One message for all changed names of a market.")
    ] = False,
    odds_format: Annotated[
        OddsFormat, flags.one("--odds-format", help="Format in which the provider sends prices.")
    ] = OddsFormat.american,
    last_entry_id: Annotated[
        str | None,
        flags.one("--last-entry-id", help="Start after this entry (at most 30 s back).", metavar="ID"),
    ] = None,
) -> Ask:
    """Tail OddsJam: the v2 push stream (server-sent events).

    oddstail oddsjam -l NBA -b DraftKings -b Pinnacle -m Moneyline
    """
    leagues, games = flags.values(league, "--league"), flags.values(game, "--game", split=False)
    books, markets = flags.values(book, "--book"), flags.values(market, "--market")
    if not leagues and not games:
        raise UsageError(f"{TITLE} needs a league or a game, for example -l NBA")
    if not books:
        raise UsageError(f"{TITLE} needs at least one book, for example -b DraftKings")
    rest = (
        *flags.pairs("market", markets),
        *flags.switch("is_main", main),
        *([] if odds_format is OddsFormat.american else [("odds_format", odds_format.value.upper())]),
        *flags.switch("include_game_updates", game_updates or None),
        *flags.switch("include_grouping_keys", grouping_keys or None),
        *flags.switch("group_names", group_names or None),
        *([] if last_entry_id is None else [("last_entry_id", last_entry_id)]),
    )
    # The vendor advises one connection for each league or game id (1.5).
    scopes = [("league", name) for name in leagues] + [("game_id", name) for name in games]
    requests = [
        Request(
            provider="oddsjam",
            feed=feed.value,
            label=flags.label([scope[1]], some if len(books) > BOOKS else []),
            transport="sse",
            url=URL,
            key_in=Where.QUERY,
            key_name="key",
            params=(*flags.pairs("sportsbooks", some), scope, *rest),
            heartbeat=5.0,
            options={"odds_format": odds_format.value.upper()},
        )
        for scope in scopes
        for some in flags.chunks(books, BOOKS)
    ]
    return Ask(requests=requests)
