"""ParlayAPI: flags to requests. Facts: docs/wire/parlayapi.md, 1 to 3. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import orjson

from oddstail.model import Ask, Poll, Request, UsageError, Where
from oddstail.providers import competitions, fields, flags
from oddstail.providers.parlayapi.health import POLL

TITLE = "ParlayAPI"
HTTP, WS = "https://parlay-api.com", "wss://parlay-api.com"


class Feed(StrEnum):
    """What ParlayAPI streams."""

    odds = "odds"
    hot = "hot"
    live = "live"
    drops = "drops"
    plays = "plays"
    sandbox = "sandbox"


class Transport(StrEnum):
    """How: server-sent events or WebSocket."""

    sse = "sse"
    ws = "ws"


class RowKind(StrEnum):
    """Which rows: of games, or of player props."""

    game = "game"
    prop = "prop"


class Direction(StrEnum):
    """Which moves: the price became shorter (toward_favorite) or longer (toward_dog)."""

    both = "both"
    toward_favorite = "toward_favorite"
    toward_dog = "toward_dog"


#: The heading of the flags that only line moves have.
DROPS = "Line moves (--feed drops)"
ODDS = ("odds", "hot", "live")
#: The feeds that each flag is for (sections 1 and 3).
ALLOWED = {
    "--book": (*ODDS, "drops"),
    "--market": (*ODDS, "drops"),
    "--game": (*ODDS, "drops", "plays"),
    "--transport ws": ("odds", "live"),
    "--transport sse": ("odds", "hot", "drops", "plays", "sandbox"),
    "--kind": ODDS,
    "--heartbeat": ("odds", "hot", "drops"),
    "--limit": ("odds", "hot"),
    "--max-age": ("odds", "hot"),
    "--diff": ODDS,
    "--threshold": ("drops",),
    "--direction": ("drops",),
    "--watch-health": (*ODDS, "drops", "plays"),
}
#: The vendor's own defaults, but for the snapshot: as many rows, and as old ones, as there may be (3.1, 3.2).
HEARTBEAT, LIMIT, MAX_AGE, THRESHOLD = 5, 1000, 3600, 10


def ask(
    feed: Annotated[
        Feed,
        flags.feed(
            "odds; hot (the faster collector); live (in play, WebSocket); drops (line moves); "
            "plays (play by play); sandbox (invented plays, no key)."
        ),
    ] = Feed.odds,
    sport: Annotated[
        list[str] | None,
        flags.many(
            "--sport",
            "-s",
            metavar="SPORT",
            help=(
                "Sport key: basketball_nba, soccer_epl ... One connection each; drops need only one and accept -s all."
            ),
        ),
    ] = None,
    league: Annotated[
        list[str] | None,
        flags.many("--league", "-l", metavar="LEAGUE", help="League: nba, nfl, epl ...; adds to --sport."),
    ] = None,
    book: Annotated[
        list[str] | None,
        flags.many("--book", "-b", metavar="BOOK", help="Book: pinnacle, fanduel ... Default: all."),
    ] = None,
    market: Annotated[
        list[str] | None,
        flags.many(
            "--market",
            "-m",
            metavar="MARKET",
            help="Market: h2h, spreads, totals, player_points ... Default: all.",
        ),
    ] = None,
    game: Annotated[
        list[str] | None,
        flags.many(
            "--game",
            "-g",
            metavar="EVENT_ID",
            help="Event id (plays: match id). One connection each; repeatable, no comma list.",
        ),
    ] = None,
    transport: Annotated[
        Transport | None,
        flags.one("--transport", help="Server-sent events or WebSocket; default sse, for live ws."),
    ] = None,
    kind: Annotated[
        list[RowKind] | None,
        flags.one("--kind", metavar="<game|prop>", help="Only games, or only props; default both."),
    ] = None,
    heartbeat: Annotated[
        int | None,
        flags.one("--heartbeat", metavar="SECONDS", help="Seconds between heartbeats (SSE); default 5.", min=1, max=30),
    ] = None,
    limit: Annotated[
        int | None,
        flags.one("--limit", metavar="N", help="Maximum prices in the snapshot (SSE); default 1000.", min=1, max=1000),
    ] = None,
    max_age: Annotated[
        int | None,
        flags.one(
            "--max-age",
            metavar="SECONDS",
            help="Omit older prices from the snapshot (SSE); default 3600.",
            min=1,
            max=3600,
        ),
    ] = None,
    diff: Annotated[bool, flags.one("--diff", help="Have the provider send only changed fields.")] = False,
    threshold: Annotated[
        int | None,
        flags.one(
            "--threshold",
            panel=DROPS,
            metavar="CENTS",
            help="Smallest move to report, in American cents; default 10.",
            min=1,
            max=200,
        ),
    ] = None,
    direction: Annotated[
        Direction | None,
        flags.one("--direction", panel=DROPS, help="Only prices that shortened (toward_favorite), or lengthened."),
    ] = None,
    watch_health: Annotated[
        float | None,
        flags.one(
            "--watch-health",
            metavar="SECONDS",
            help="Request the state of play-by-play sources this often (30 is usual); one credit per sport each time.",
            min=1,
            max=3600,
        ),
    ] = None,
) -> Ask:
    """Tail ParlayAPI: odds, line moves and play by play (server-sent events or WebSocket).

    oddstail parlayapi -s basketball_nba -b pinnacle -b fanduel -m h2h

    oddstail parlayapi -s basketball_nba,icehockey_nhl --feed drops --threshold 20

    oddstail parlayapi -s basketball_nba --feed plays
    """
    sports, books = flags.values(sport, "--sport"), flags.values(book, "--book")
    for given in flags.values(league, "--league"):
        sports += [name for name in competitions.sent("parlayapi", given) or [given] if name not in sports]
    markets, games = flags.values(market, "--market"), flags.values(game, "--game", split=False)
    flags.fits(
        feed.value,
        {
            "--book": books,
            "--market": markets,
            "--game": games,
            f"--transport {(transport or Transport.sse).value}": transport,
            "--kind": kind,
            "--heartbeat": heartbeat,
            "--limit": limit,
            "--max-age": max_age,
            "--diff": diff,
            "--threshold": threshold,
            "--direction": direction,
            "--watch-health": watch_health,
        },
        ALLOWED,
    )
    drops = feed is Feed.drops
    if not sports:
        raise UsageError(f"{TITLE} needs a league or a sport key, for example -l nba or -s basketball_nba")
    if games and len(sports) > 1:
        raise UsageError("--game belongs to one sport: name just that one with -s")
    if "all" in sports and not (drops and len(sports) == 1):
        raise UsageError("-s all is for --feed drops, and stands alone; elsewhere name the sports")
    if watch_health is not None and "all" in sports:
        raise UsageError("--watch-health asks for each sport: name them with -s")
    sse = feed is not Feed.live and transport is not Transport.ws
    if heartbeat is not None and not sse:
        raise UsageError("--heartbeat is for server-sent events; WebSocket has its own")
    for flag, value in (("--limit", limit), ("--max-age", max_age)):
        if value is not None and not sse:
            raise UsageError(f"{flag} is for server-sent events; WebSocket takes none")
    notes: list[str] = []
    if feed is Feed.plays:
        notes.append(f"{TITLE} charges 5 credits for each connect to its plays")
    if watch_health is not None:
        each = " for each sport" if len(sports) > 1 else ""
        notes.append(f"{TITLE} charges a credit for each look at its sources: {3600 / watch_health:.0f} an hour{each}")
    beat = heartbeat or HEARTBEAT
    params = [
        *([("sports", ",".join(sports))] if drops and len(sports) > 1 else []),
        *([("threshold", str(threshold or THRESHOLD))] if drops else []),
        *([("direction", direction.value)] if direction is not None else []),
        *_csv("bookmakers", books),
        *_csv("markets", markets),
        *_csv("kinds", [item.value for item in kind or []]),
        # `heartbeat_s`, `limit` and `max_age_s` are documented for SSE alone (3.4).
        *([("heartbeat_s", str(beat))] if sse and feed.value in ALLOWED["--heartbeat"] else []),
        *(
            [("limit", str(limit or LIMIT)), ("max_age_s", str(max_age or MAX_AGE))]
            if sse and feed.value in ALLOWED["--limit"]
            else []
        ),
        *flags.switch("diff", diff or None),
    ]
    name_of_game = "match_id" if feed is Feed.plays else "event_id"
    requests = [
        Request(
            provider="parlayapi",
            feed=feed.value,
            restates=feed.value in ODDS,
            priced=feed in (Feed.odds, Feed.hot, Feed.live),
            label=flags.label(sports if drops else [name], [one] if one else []),
            transport="sse" if sse else "ws",
            url=_url(feed, sse=sse, sport="multi" if drops and len(sports) > 1 else name),
            # The header wins where it is known to work; for WebSocket an older page knew the query alone (section 2).
            key_in=None if feed is Feed.sandbox else Where.HEADER if sse else Where.QUERY,
            key_name="X-API-Key" if sse else "apiKey",
            params=(*params, *([(name_of_game, one)] if one else [])),
            # A parameter narrows the snapshot, the message what follows it (3.4, 5.7).
            send=(orjson.dumps({"type": "subscribe", "event_id": one}).decode(),) if one and not sse else (),
            # Of plays no heartbeat is promised, and a reconnect costs credits: a quiet stream is given three minutes.
            heartbeat=_QUIET if feed in (Feed.plays, Feed.sandbox) else float(beat) if sse else 10.0,
            pulse=0.0 if sse else 30.0,
            greets=feed not in (Feed.plays, Feed.sandbox),
            converses=bool(one) and not sse,
            # Once for a sport, however many of its games have a connection each.
            polls=_health(sports if drops else [name], watch_health) if one in games[:1] or not one else (),
            refusal=_LIVE if feed is Feed.live else "",
            options={
                **({} if sports == ["all"] or (drops and len(sports) > 1) else {"league": name}),
                **({"subscribed": one} if one and not sse else {}),
                **({} if watch_health is None else {"health": True}),
            },
        )
        for name in (sports[:1] if drops else sports)
        for one in games or [""]
    ]
    return Ask(requests=requests, notes=notes)


#: The vendor's pages differ about who may use that feed (section 1, #8).
_LIVE = (
    "the vendor documents this feed for its dashboard, which logs in by a session cookie, so a key may be refused:"
    " --feed odds has games in play too"
)
#: Seconds: three of them without a byte, and a play-by-play link is taken for dead.
_QUIET = 60.0


def _url(feed: Feed, *, sse: bool, sport: str) -> str:
    """The endpoints of section 1, by their numbers there."""
    sport = fields.segment(sport)
    match feed:
        case Feed.odds if sse:
            return f"{HTTP}/v1/sse/odds/{sport}"  # 1
        case Feed.hot:
            return f"{HTTP}/v1/sse/hot/{sport}"  # 2
        case Feed.drops:
            return f"{HTTP}/v1/odds-drop/{sport}"  # 3, 4, 5
        case Feed.plays:
            return f"{HTTP}/v1/sports/{sport}/live/sse"  # 6
        case Feed.odds:
            return f"{WS}/v1/ws/odds/{sport}"  # 7
        case Feed.live:
            return f"{WS}/v1/ws/live/{sport}"  # 8
        case Feed.sandbox:
            return f"{HTTP}/v1/sandbox/sports/{sport}/live/sse"  # 9


def _health(sports: list[str], every: float | None) -> tuple[Poll, ...]:
    """The look-up of section 8.2, for each sport."""
    if every is None:
        return ()
    return tuple(
        Poll(name=POLL, url=f"{HTTP}/v1/sports/{fields.segment(sport)}/live/source-health", every=every)
        for sport in sports
    )


def _csv(name: str, items: list[str]) -> list[tuple[str, str]]:
    return [(name, ",".join(items))] if items else []
