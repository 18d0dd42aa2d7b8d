"""OpticOdds v3: flags to requests. Facts: docs/wire/opticodds.md, 2.1 to 2.3. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from oddstail.model import Ask, Request, UsageError, Where
from oddstail.providers import fields, flags

TITLE = "OpticOdds"
HOST = "https://api.opticodds.com"
#: Most leagues that the vendor advises for a connection, and most books that it takes (2.3).
LEAGUES, BOOKS = 10, 5


class Feed(StrEnum):
    """What OpticOdds streams."""

    odds = "odds"
    copilot = "copilot"
    results = "results"
    futures = "futures"


#: The headings of the flags that one feed has.
COPILOT, RESULTS, FUTURES = "Copilot (--feed copilot)", "Results (--feed results)", "Futures (--feed futures)"
#: Section 2.1. Copilot keeps the sport in the middle.
PATHS = {
    Feed.odds: "/api/v3/stream/odds/{sport}",
    Feed.copilot: "/api/v3/stream/copilot/{sport}/odds",
    Feed.results: "/api/v3/stream/results/{sport}",
    Feed.futures: "/api/v3/stream/futures/{sport}",
}
#: The feeds that each flag is for (2.3).
PRICED = ("odds", "copilot")
BOOKED = ("odds", "futures")
ALLOWED = {
    "--book": BOOKED,
    "--market": (*PRICED, "futures"),
    "--main/--alternates": (*PRICED, "futures"),
    "--fixture-updates": PRICED,
    "--odds-format": (*PRICED, "futures"),
    "--version-id": ("copilot",),
    "--deep-links": BOOKED,
    "--exclude-fees": BOOKED,
    "--source-ids": ("futures",),
    "--players": ("results",),
}


class OddsFormat(StrEnum):
    """How the wire writes a price. The record has American, decimal and probability whatever it is."""

    american = "american"
    decimal = "decimal"
    probability = "probability"
    malay = "malay"
    hong_kong = "hong_kong"
    indonesian = "indonesian"


def ask(
    feed: Annotated[
        Feed, flags.feed("odds (books' prices); copilot (your own prices); results (scores); futures.")
    ] = Feed.odds,
    sport: Annotated[
        list[str] | None,
        flags.many(
            "--sport",
            "-s",
            metavar="SPORT",
            help="Sport id: basketball, football, soccer ... One connection each.",
        ),
    ] = None,
    league: Annotated[
        list[str] | None,
        flags.many(
            "--league",
            "-l",
            metavar="LEAGUE",
            help="League: NBA, NFL ... Ten per connection, one for results. Default: the whole sport.",
        ),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many(
            "--book",
            "-b",
            metavar="BOOK",
            help="Book: DraftKings, FanDuel ... Required for odds and futures; five per connection.",
        ),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help='Market: Moneyline, "Point Spread" ... Default: all.',
        ),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many("--game", "-g", metavar="FIXTURE_ID", help="Fixture id. Repeatable, no comma list."),
    ] = None,
    live: flags.Live = None,
    main: flags.Main = None,
    players: Annotated[
        bool,
        flags.one("--players", panel=RESULTS, help="Add each player's statistics (always sent; omitted by default)."),
    ] = False,
    fixture_updates: Annotated[
        bool | None,
        flags.one(
            "--fixture-updates/--no-fixture-updates",
            help="Add changes of a game's start and status (default yes).",
            show_default=False,
        ),
    ] = None,
    odds_format: Annotated[
        OddsFormat | None,
        flags.one(
            "--odds-format", help="Format in which the provider sends prices; default american.", show_default=False
        ),
    ] = None,
    version_id: Annotated[
        int | None,
        flags.one("--version-id", panel=COPILOT, metavar="ID", help="Copilot version; -1 is the default one."),
    ] = None,
    deep_links: Annotated[bool, flags.one("--deep-links", help="Request links to the bet slip.")] = False,
    exclude_fees: Annotated[bool, flags.one("--exclude-fees", help="Exchange prices without fees.")] = False,
    source_ids: Annotated[
        bool, flags.one("--source-ids", panel=FUTURES, help="Request the books' own ids; they go into detail.")
    ] = False,
) -> Ask:
    """Tail OpticOdds: books' prices, your own Copilot prices, or results (server-sent events).

    oddstail opticodds -s basketball -l NBA -b DraftKings -b FanDuel -m Moneyline

    oddstail opticodds -s basketball -l NBA --feed results
    """
    sports = [name.lower() for name in flags.values(sport, "--sport")]
    given = [flags.values(league, "--league"), flags.values(book, "--book"), flags.values(market, "--market")]
    games = flags.values(game, "--game", split=False)
    flags.fits(
        feed.value,
        {
            "--book": given[1],
            "--market": given[2],
            "--main/--alternates": None if main is None else "given",
            "--fixture-updates": None if fixture_updates is None else "given",
            "--odds-format": odds_format,
            "--version-id": version_id,
            "--deep-links": deep_links,
            "--exclude-fees": exclude_fees,
            "--source-ids": source_ids,
            "--players": players,
        },
        ALLOWED,
    )
    if not sports:
        raise UsageError(f"{TITLE} needs a sport, for example -s basketball")
    if feed in (Feed.odds, Feed.futures) and not given[1]:
        raise UsageError(f"{TITLE} needs at least one book for --feed {feed.value}, for example -b DraftKings")
    results = feed is Feed.results
    notes: list[str] = []
    if main:
        # Section 2.5: with this filter the wire tells neither a lock nor the change of `is_main`.
        notes.append(
            f"{TITLE} does not say when a main line stops being one: with --main its last price stays; "
            "without it every line says whether it is main"
        )
    leagues, books, markets = given
    wire = odds_format or OddsFormat.american
    rest = [
        *flags.pairs("fixture_id", games),
        *flags.pairs("market", markets),
        *flags.switch("is_main", main),
        *flags.switch("is_live", live),
        *flags.switch("include_fixture_updates", (feed in PRICED and fixture_updates is not False) or None),
        *flags.switch("include_limits", feed is Feed.futures or None),
        *flags.switch("include_source_ids", source_ids or None),
        *([] if wire is OddsFormat.american else [("odds_format", wire.value.upper())]),
        *([] if version_id is None else [("version_id", str(version_id))]),
        *flags.switch("include_deep_link", deep_links or None),
        *flags.switch("exclude_fees", exclude_fees or None),
    ]
    requests = [
        Request(
            provider="opticodds",
            feed=feed.value,
            priced=not results,
            label=flags.label(some_leagues or [name], some_books if len(books) > BOOKS else []),
            transport="sse",
            url=HOST + PATHS[feed].format(sport=fields.segment(name)),
            key_in=Where.HEADER,
            key_name="X-Api-Key",
            params=(*flags.pairs("sportsbook", some_books), *flags.pairs("league", some_leagues), *rest),
            heartbeat=5.0,
            options={"players": players} if results else {"odds_format": wire.value.upper()},
        )
        for name in sports
        # Results: one connection for each league (2.3).
        for some_leagues in flags.chunks(leagues, 1 if results else LEAGUES)
        for some_books in flags.chunks(books, BOOKS)
    ]
    return Ask(requests=requests, notes=notes)
