"""BoltOdds: flags to requests. Facts: docs/wire/boltodds.md, A1 to A3. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson

from oddstail.model import Ask, Poll, Request, UsageError, Where
from oddstail.providers import flags
from oddstail.providers.boltodds.follow import ESPORTS, GAMES

TITLE = "BoltOdds"
URL, REST = "wss://spro.agency/api", "https://spro.agency/api"


class Feed(StrEnum):
    """What BoltOdds streams."""

    odds = "odds"
    plays = "plays"
    scores = "scores"


#: Section A1. Of these the vendor publishes the first; --base-url is there for the day when another moves.
PATHS = {Feed.odds: "", Feed.plays: "/playbyplay", Feed.scores: "/livescores"}
#: The feeds that each flag is for (A3, A11).
ALLOWED = {"--book": ("odds",), "--market": ("odds",), "--follow-live": ("plays", "scores")}
#: The heading of the flags that plays and scores have.
GAMES_PANEL = "Games (--feed plays, scores)"
#: Leagues of esports that were seen (A10).
ESPORTS_LEAGUES = frozenset({"CS2", "Dota", "League of Legends", "Valorant"})
#: How often, in seconds, the games are listed: of 12 GETs a minute (A9) that leaves eleven to others.
LISTED = 60.0


def ask(
    feed: Annotated[Feed, flags.feed("odds; plays (play by play); scores (live scores).")] = Feed.odds,
    league: Annotated[
        list[str] | None,
        flags.many(
            "--league",
            "--sport",
            "-l",
            "-s",
            metavar="LEAGUE",
            help='League: NBA, MLB, "Wimbledon (M)" ... Default: all.',
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help="Book: draftkings, betmgm ... Default: all."),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help=(
                "Market, as the book calls it: Moneyline, Spread ... (total matches every book's name for it). "
                "Default: all."
            ),
        ),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many(
            "--game",
            "-g",
            metavar="LABEL",
            help='Game label: "A vs B, 2026-02-25, 09". Repeatable, no comma list.',
        ),
    ] = None,
    follow_live: Annotated[
        bool | None,
        flags.one(
            "--follow-live/--no-follow-live",
            panel=GAMES_PANEL,
            help="List the games of -l every minute and follow new ones (default yes, unless -g is given).",
            show_default=False,
        ),
    ] = None,
) -> Ask:
    """Tail BoltOdds: every book's lines, play by play, or live scores, on one connection (WebSocket).

    oddstail boltodds -l NBA -b draftkings -m Moneyline

    oddstail boltodds -l NBA --feed plays
    """
    leagues, books = flags.values(league, "--league"), flags.values(book, "--book")
    markets, games = flags.values(market, "--market"), flags.values(game, "--game", split=False)
    flags.fits(feed.value, {"--book": books, "--market": markets, "--follow-live": follow_live}, ALLOWED)
    odds = feed is Feed.odds
    follow = not odds and (not games if follow_live is None else follow_live)
    if not odds and not follow and (leagues or not games):
        # These streams know no filter but games (A11).
        raise UsageError(f"--feed {feed.value} takes games (-g) alone, or leagues (-l) with --follow-live")
    # Never an empty array: it brings a stream of pings and nothing else (A3).
    filters = {"sports": leagues if odds else [], "sportsbooks": books, "games": games, "markets": markets}
    subscribe = {"action": "subscribe", "filters": {name: items for name, items in filters.items() if items}}
    request = Request(
        provider="boltodds",
        feed=feed.value,
        priced=odds,
        restates=feed is not Feed.plays,
        label=flags.label(leagues or games) or "everything",
        transport="ws",
        url=URL + PATHS[feed],
        key_in=Where.QUERY,
        key_name="key",
        # What is followed is known once the games were listed; the decoder subscribes to them.
        send=() if follow else (orjson.dumps(subscribe).decode(),),
        heartbeat=10.0,
        pulse=20.0,
        converses=follow,
        polls=_lists(feed, leagues) if follow else (),
        options={"leagues": tuple(leagues), "games": tuple(games)} if follow else {},
    )
    return Ask(requests=[request])


def _lists(feed: Feed, leagues: list[str]) -> tuple[Poll, ...]:
    """The lists of games: of all, and of esports with the labels that play-by-play has for them (A1, A11)."""
    games = Poll(name=GAMES, url=f"{REST}/get_games", every=LISTED, first=True)
    if feed is not Feed.plays or not (ESPORTS_LEAGUES & set(leagues)):
        return (games,)
    return games, Poll(name=ESPORTS, url=f"{REST}/playbyplay/esports", every=LISTED)
