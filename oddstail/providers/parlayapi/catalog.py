"""Names that ParlayAPI is known to use: docs/wire/parlayapi.md, 8.1, 8.4 and 8.5. Not whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from oddstail.lookup import Asked, Catalogue, Get, LookUp, Names, Pace, Row, entries, row, usage
from oddstail.model import Request, Where
from oddstail.providers import competitions
from oddstail.providers.parlayapi.markets import MARKETS as KINDS

SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "americanfootball_nfl americanfootball_ncaaf baseball_mlb basketball_euroleague basketball_nba "
            "basketball_ncaab basketball_wnba boxing_boxing cricket_ipl esports esports_cs2 esports_lol "
            "golf_pga_championship hockey_usa___american_hockey_league icehockey_nhl mma_mixed_martial_arts "
            "motorsports_nascar rugbyleague_nrl soccer_brazil_campeonato soccer_epl soccer_fifa_world_cup "
            "table_tennis tennis tennis_atp tennis_atp_french_open tennis_wta volleyball"
        ).split()
    ),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "bet365 betmgm betonline betr betrivers betrivers_ca betway betway_mz bookmaker_eu bovada caesars "
            "draftkings fanatics fanduel fliff hardrock kalshi novig parlayplay parx pick6 pinnacle pmu "
            "polymarket prizepicks prophetx robinhood rushbet sleeper sportsbet_au superbet tenbet underdog "
            "unibet unibet_be unibet_nl"
        ).split()
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        (
            "h2h spreads totals alternate_spreads alternate_totals outrights player_points "
            "player_points_alternate player_rebounds player_assists player_threes "
            "player_points_rebounds_assists batter_hits batter_home_runs batter_total_bases "
            "pitcher_strikeouts player_shots_on_goal player_goals player_power_play_points player_pass_yds "
            "player_rush_yds player_rushing_yards"
        ).split()
    ),
)


# --- look-ups: sections 8.1 and 8.3 ------------------------------------------------------------------

_BASE = "https://parlay-api.com"


def _get(path: str, *, open_to_all: bool = False) -> Callable[[Asked], list[Get]]:
    made = Get(url=f"{_BASE}{path}", key_in=None if open_to_all else Where.HEADER, key_name="X-API-Key")
    return lambda asked: [made]


def _keyed(data: Any) -> list[Row]:
    """Keys, as plain strings or as objects: the shape of the book and market lists is not documented (8.3)."""
    made = []
    items = entries(data, "data", "results", "bookmakers", "markets", "sports")
    for item in items:
        if isinstance(item, dict):
            key = item.get("key") or item.get("id")
            made.append(row(id=key, name=item.get("title") or item.get("name"), active=item.get("active")))
        else:
            made.append(row(id=item, name=None, active=None))
    return [item for item in made if item is not None]


def _sports(data: Any) -> list[Row]:
    items = (
        row(id=item.get("key"), name=item.get("title"), group=item.get("group"), active=item.get("active"))
        for item in entries(data, "data", "results")
        if isinstance(item, dict)
    )
    return [item for item in items if item is not None]


def _wanted(request: Request) -> Mapping[str, tuple[str, ...]]:
    params = dict(request.params)
    sport = request.options.get("league")
    return {
        "sport": (sport,) if isinstance(sport, str) else (),
        "book": tuple(params["bookmakers"].split(",")) if "bookmakers" in params else (),
        "market": tuple(params["markets"].split(",")) if "markets" in params else (),
    }


#: `/v1/sports` is free (8.1); of the others nothing is said (8.3).
_COST = "whether this list costs credits is not documented; it is asked for once a day at the most"

_SPORTS = LookUp(
    what="sports",
    columns=("id", "name", "group", "active"),
    # Free, keyless, and what is out of season only on request (8.1).
    gets=lambda asked: [Get(url=f"{_BASE}/v1/sports", params=(("all", "true"),))],
    rows=_sports,
    # Drop streams may use keys outside this list (8.1).
    sure="most",
)

CATALOGUE = Catalogue(
    wanted=_wanted,
    # The main host's edge is meant for up to 30 a minute (section 1).
    pace=Pace(burst=10, every=2.0),
    lookups={
        "sports": _SPORTS,
        "leagues": replace(_SPORTS, what="leagues", note="sports and leagues are one list here"),
        "books": LookUp(
            what="books",
            columns=("id", "name", "active"),
            gets=_get("/v1/bookmakers"),
            rows=_keyed,
            sure="most",
            note=_COST,
        ),
        "markets": LookUp(
            what="markets",
            columns=("id", "name"),
            gets=_get("/v1/markets"),
            rows=_keyed,
            sure="few",
            note=f"spellings differ by book: a market that is not listed may exist; {_COST}",
        ),
        "usage": LookUp(what="usage", columns=(), gets=_get("/v1/usage"), rows=usage, keep=0.0),
    },
    flags={"sport": "sports", "league": "leagues", "book": "books", "market": "markets"},
    always=frozenset({"all"}),
    builtin={"sports": SPORTS, "leagues": SPORTS, "books": BOOKS, "markets": MARKETS},
    bet=KINDS.classify,
    competition=partial(competitions.of, "parlayapi"),
    competitions=partial(competitions.sent, "parlayapi"),
    wrong="does not document what it does with a name that it does not know; an empty board is likely",
)
