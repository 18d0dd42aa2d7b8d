"""Names that BoltOdds was seen to use: docs/wire/boltodds.md, A10, and where to ask for all.

Those here are not all: there are 124 sports and some 35 books. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from oddstail.lookup import MINUTE, Catalogue, Get, LookUp, Names, Pace, Row, entries, row
from oddstail.model import Request, Where
from oddstail.providers import competitions, fields
from oddstail.providers.boltodds.markets import MARKETS as KINDS
from oddstail.providers.boltodds.markets import alike
from oddstail.wire.loose import loads

SPORTS = Names(
    what="league",
    has="some",
    known=frozenset(
        {
            *("NHL NBA NFL NCAAF NCAAB MLB WNBA EPL Bundesliga MLS UFC CS2 Dota Valorant").split(),
            "NFL Pre",
            "La Liga",
            "Serie A",
            "Ligue 1",
            "Liga MX",
            "Wimbledon (M)",
            "US Open (F)",
            "ATP Washington",
            "League of Legends",
        }
    ),
)
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "draftkings fanduel betmgm caesars thescore espnbet betrivers pinnacle ps3838 bovada bodog bet99 "
            "888 tonybet pokerstars ballybet neobet bwin partysports sportsinteraction leovegas northstar "
            "playfallsview betonline hardrock playnow kalshi polymarket prophetx novig"
        ).split()
    ),
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        {"Moneyline", "Spread", "Total", "Total Points", "Game Total", "Total Games", "3 Way", "Asian Spread",
         "Team Total", "Goals", "Pitcher Strikeouts"}
    ),
)  # fmt: skip


# --- look-ups: A1 and A10 ----------------------------------------------------------------------------

_BASE = "https://spro.agency/api"


def get(path: str, *params: tuple[str, str]) -> Get:
    """A GET below the API's base."""
    return Get(url=f"{_BASE}/{path}", params=params, key_in=Where.QUERY, key_name="key")


def _info(name: str) -> Callable[[Any], list[Row]]:
    """One of the two lists of `get_info`."""

    def rows(data: Any) -> list[Row]:
        made = (row(id=item) for item in entries(data, name))
        return [item for item in made if item is not None]

    return rows


def _markets(data: Any) -> list[Row]:
    """`{book: {sport: [market, ...]}}`."""
    made = [
        row(id=market, sport=sport, book=book)
        for book, sports in (data.items() if isinstance(data, dict) else ())
        for sport, markets in (sports.items() if isinstance(sports, dict) else ())
        for market in (markets if isinstance(markets, list) else ())
    ]
    return [item for item in made if item is not None]


def _games(data: Any) -> list[Row]:
    """An object by label. `when` names no zone (A5), so there is no start; it is shown as it is told."""
    made = []
    for label, about in data.items() if isinstance(data, dict) else ():
        if not isinstance(about, dict):
            continue
        home, _, rest = label.partition(" vs ")
        made.append(
            row(
                id=label,
                home=about.get("home_team") or (home if rest else None),
                away=about.get("away_team") or (rest.split(", ")[0] if rest else None),
                league=about.get("sport"),
                when=about.get("when"),
                universal_id=about.get("universal_id") or about.get("universal_game_id"),
            )
        )
    return [item for item in made if item is not None]


def _parlays(data: Any) -> list[Row]:
    """One row for each parlay, with its legs: on the wire `legs` is an object by outcome key, or a list."""
    made = []
    for number, item in enumerate(entries(data, "data", "parlays"), 1):
        if not isinstance(item, dict):
            continue
        legs = item.get("legs")
        parlay = row(parlay=number, odds=item.get("odds"), bets=item.get("total_bets"), type=item.get("type"))
        if parlay is not None and (isinstance(legs, dict | list) or parlay["odds"] is not None):
            named = (
                legs.items()
                if isinstance(legs, dict)
                else [(_name_of(leg, at), leg) for at, leg in enumerate(_all(legs), 1)]
            )
            made.append({**parlay, "legs": [leg for key, value in named if (leg := _leg(key, value))]})
    return made


def _all(legs: Any) -> list[Any]:
    return legs if isinstance(legs, list) else []


def _name_of(leg: Any, at: int) -> str:
    """The outcome key of a leg in a list, else its place there."""
    about = leg if isinstance(leg, dict) else {"key": leg}
    return fields.text(about.get("outcome_key")) or fields.text(about.get("key")) or str(at)


def _leg(key: str, leg: Any) -> Row | None:
    about = leg if isinstance(leg, dict) else {}
    return row(
        leg=key,
        game=about.get("game"),
        universal_id=about.get("universal_id") or about.get("universal_game_id"),
        sport=about.get("sport"),
        market=about.get("outcome_name"),
        side=about.get("outcome_over_under"),
        line=about.get("outcome_line"),
        target=about.get("outcome_target"),
    )


def _csv(name: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return ((name, ",".join(values)),) if values else ()


_SPORTS = LookUp(
    what="leagues", columns=("id",), gets=lambda asked: [get("get_info")], rows=_info("sports"), also=()
)  # fmt: skip


def _wanted(request: Request) -> Mapping[str, tuple[str, ...]]:
    filters = loads(request.send[0].encode())["filters"] if request.send else {}
    given = {"sports": "league", "sportsbooks": "book", "markets": "market", "games": "game"}
    return {flag: tuple(filters.get(name, ())) for name, flag in given.items()}


CATALOGUE = Catalogue(
    wanted=_wanted,
    # Twelve a minute from one address, three of them at once (A9).
    pace=Pace(burst=3, every=5.0),
    lookups={
        "sports": replace(_SPORTS, what="sports", note="sports and leagues are one list here"),
        "leagues": _SPORTS,
        "books": LookUp(
            what="books", columns=("id",), gets=lambda asked: [get("get_info")], rows=_info("sportsbooks"), also=()
        ),
        "markets": LookUp(
            what="markets",
            columns=("id", "sport", "book"),
            gets=lambda asked: [
                get("get_markets", *_csv("sports", (*asked.sport, *asked.league)), *_csv("sportsbooks", asked.book))
            ],
            rows=_markets,
            takes=frozenset({"sport", "league", "book"}),
            also=(),
        ),
        "games": LookUp(
            what="games",
            columns=("id", "away", "home", "league", "when"),
            gets=lambda asked: [get("get_games")],
            rows=_games,
            keep=5 * MINUTE,
            also=("universal_id",),
        ),
        "parlays": LookUp(
            what="parlays",
            columns=("parlay", "odds", "bets", "type", "leg", "game", "line", "side"),
            gets=lambda asked: [get("get_parlays", *_csv("sportsbooks", asked.book))],
            rows=_parlays,
            takes=frozenset({"book"}),
            needs=frozenset({"book"}),
            keep=MINUTE,
        ),
    },
    flags={"league": "leagues", "book": "books", "market": "markets", "game": "games"},
    builtin={"sports": SPORTS, "leagues": SPORTS, "books": BOOKS, "markets": MARKETS},
    bet=KINDS.classify,
    competition=partial(competitions.of, "boltodds"),
    competitions=partial(competitions.sent, "boltodds"),
    alike=alike,
    wrong="ignores a name that is not spelt exactly so, without a word",
)
