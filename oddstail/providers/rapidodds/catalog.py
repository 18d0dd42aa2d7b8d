"""Names that RapidOddsAPI uses, out of its official SDK: docs/wire/rapidodds.md, B9. Not whole for markets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from oddstail.lookup import Catalogue, Get, Hydration, LookUp, Names, Pace, Row, Steps, entries, inner, row, usage
from oddstail.model import Failure, Frame, Request, Where
from oddstail.providers import competitions, fields
from oddstail.providers.rapidodds.markets import MARKETS as KINDS
from oddstail.wire.loose import loads

#: The SDK's own list, the empty ones included. It changes with the tennis calendar: --no-validate insists.
SPORTS = Names(
    what="sport",
    known=frozenset(
        (
            "NFL NCAAF NBA WNBA NBL MLB NHL AFL AFLW NRL NRLW EPL MLS WORLD_CUP ATP_AUSTRALIAN_OPEN "
            "ATP_FRENCH_OPEN ATP_WIMBLEDON ATP_US_OPEN ATP_INDIAN_WELLS ATP_MIAMI ATP_MONTE_CARLO ATP_MADRID "
            "ATP_ROME ATP_CANADA ATP_CINCINNATI ATP_SHANGHAI ATP_PARIS ATP_FINALS ATP_CHALLENGER LA_LIGA "
            "SERIE_A BUNDESLIGA LIGUE_1 UCL A_LEAGUE"
        ).split()
    ),
    has="all",
)
#: Feeds, not brands: a brand that is no feed returns nothing, without an error.
BOOKS = Names(
    what="book",
    known=frozenset(
        (
            "Bet365 Sportsbet TAB Pointsbet Ladbrokes Unibet Betr BetRight PalmerBet NextBet PickleBet Dabble "
            "Amused Betmakers GenWeb PuntersTech BetCloud ApolloTech DraftKings FanDuel BetMGM Fanatics "
            "theScoreBet Bovada Fliff Pinnacle Kalshi Polymarket"
        ).split()
    ),
    has="all",
)
MARKETS = Names(
    what="market",
    has="few",
    known=frozenset(
        (
            "head_to_head head_to_head_3_way head_to_head_1st_half alternate_lines alternate_lines_1st_half "
            "alternate_total_points alternate_total_goals alternate_total_corners alternate_total_cards "
            "alternate_total_shots alternate_total_shots_on_target alternate_total_touchdowns "
            "alternate_total_points_1st_half alternate_total_goals_1st_half alternate_team_total_points "
            "alternate_team_total_goals draw_no_bet correct_score correct_score_sets player_points "
            "player_rebounds player_assists player_made_threes player_steals player_blocks "
            "player_points_rebounds_assists player_disposals player_passing_yds player_passing_tds "
            "player_1st_touchdown_scorer player_1st_goalscorer goalkeeper_saves batter_hits "
            "batter_total_bases batter_home_runs batter_rbis batter_runs batter_walks pitcher_strikeouts "
            "brownlow_medal_winner"
        ).split()
    ),
)


# --- look-ups: B1 and B7 -----------------------------------------------------------------------------

_BASE = "https://api.rapidoddsapi.com"


def get(path: str, *params: tuple[str, str]) -> Get:
    """A GET below the API's base."""
    return Get(url=f"{_BASE}{path}", params=params, key_in=Where.QUERY, key_name="api_key")


def _sports(data: Any) -> list[Row]:
    """All sports, or with `sport=ID` the one object."""
    items = entries(data, "data", "sports") or ([data] if isinstance(data, dict) and "id" in data else [])
    made = (row(id=item.get("id"), name=item.get("name")) for item in items if isinstance(item, dict))
    return [item for item in made if item is not None]


def _markets(data: Any) -> list[Row]:
    """Each sport's markets, by their group: game, team, player_props."""
    made = []
    for item in entries(data, "data", "sports") or [data]:
        groups = item.get("markets") if isinstance(item, dict) else None
        for group, keys in groups.items() if isinstance(groups, dict) else ():
            made += [
                row(id=inner(key, "key"), sport=item.get("id"), group=group)
                for key in (keys if isinstance(keys, list) else ())
            ]
    return [item for item in made if item is not None]


# --- the current prices: B1, B6 and B7 -----------------------------------------------------------------


def _subscribed(request: Request) -> list[dict[str, Any]]:
    return [loads(text.encode()) for text in request.send] if request.feed == "odds" else []


def _wanted(request: Request) -> Mapping[str, tuple[str, ...]]:
    subscribed = _subscribed(request)
    return {
        "sport": tuple(one["sport"] for one in subscribed),
        "book": tuple(subscribed[0]["bookmakers"]) if subscribed else (),
        "market": tuple(subscribed[0]["market_types"]) if subscribed else (),
    }


def _cost(request: Request) -> float:
    """Credits: markets times books in fives, for each sport with games."""
    return float(sum(len(one["market_types"]) * -(-len(one["bookmakers"]) // 5) for one in _subscribed(request)))


def _steps(request: Request) -> Steps | None:
    """One call a sport, with the arguments of its subscription: the answer has the shape of a push (B4)."""
    wanted = _subscribed(request)
    return _asked(wanted) if wanted else None


def _asked(wanted: list[dict[str, Any]]) -> Steps:
    for one in wanted:
        sport = one["sport"]
        call = get(
            f"/sports/{fields.segment(sport)}/markets",
            *(("market_type", name) for name in one["market_types"]),
            *(("bookmaker", name) for name in one["bookmakers"]),
        )
        [answer] = yield (call,)
        told: dict[str, Any] = {"event": "rest odds", "sport": sport}
        if isinstance(answer, Failure):
            told["why"] = " ".join(str(part) for part in (answer.code or answer.kind, answer.text) if part)[:200]
        else:
            told["data"] = answer
            told["cost"] = len(one["market_types"]) * -(-len(one["bookmakers"]) // 5)
        yield Frame(orjson.dumps(told))


_SPORTS = LookUp(what="sports", columns=("id", "name"), gets=lambda asked: [get("/sports")], rows=_sports)

CATALOGUE = Catalogue(
    wanted=_wanted,
    # Each go costs credits: a link that flaps must not spend them.
    hydration=Hydration(steps=_steps, costs=_cost, least=60.0),
    # 30 a second (B7); a look-up needs no more.
    pace=Pace(burst=10, every=0.1),
    lookups={
        "sports": _SPORTS,
        "leagues": replace(_SPORTS, what="leagues", note="sports and leagues are one list here"),
        "markets": LookUp(
            what="markets",
            columns=("id", "sport", "group"),
            gets=lambda asked: [get("/sports", ("markets", "true"))],
            rows=_markets,
            also=(),
        ),
        "usage": LookUp(
            what="usage",
            columns=("tier", "status", "credits_used", "credits_limit", "credits_remaining", "resets"),
            gets=lambda asked: [get("/usage")],
            rows=usage,
            keep=0.0,
        ),
    },
    # No address lists the books (B7): the list that came with us is the SDK's.
    flags={"sport": "sports", "book": "books", "market": "markets"},
    builtin={"sports": SPORTS, "leagues": SPORTS, "books": BOOKS, "markets": MARKETS},
    bet=KINDS.classify,
    competition=partial(competitions.of, "rapidodds"),
    competitions=partial(competitions.sent, "rapidodds"),
    wrong="sends nothing for a book that is none of its feeds, without a word",
)
