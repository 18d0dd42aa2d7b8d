"""RapidOddsAPI's games with their scores, the same on REST and on the results socket (B7, B10) [docs D4]."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from oddstail.demo.contract import Stage
from oddstail.demo.events import Fixture
from oddstail.demo.market import Market
from oddstail.demo.wires import rapid_shapes as shapes

# Results are covered for these alone (B9) [docs D4]; the demo plays two of them.
SPORTS: dict[str, str | None] = {"AFL": None, "MLB": "baseball", "WNBA": None, "NRL": None, "NFL": "football"}
# Only CONCLUDED is attested; the others are named after the filter's `live` [inferred].
_STATUS = {"unplayed": "SCHEDULED", "live": "LIVE", "half": "LIVE", "completed": "CONCLUDED"}
_UNITS = {"baseball": "runs"}
FILTERS = ("all", "live", "scheduled", "upcoming", "concluded")
PARTS = ("scores", "players")


def game_id(fixture: Fixture) -> int:
    """An integer here, though the odds know no game id at all (B7) [docs D4]."""
    return zlib.crc32(fixture.id.encode())


def games(stage: Stage, sport: str, status: str, include: Collection[str]) -> list[dict[str, Any]]:
    """Every game of a sport that the filter lets through, the ended ones of late included."""
    known = SPORTS[sport]
    if known is None:
        return []
    ended = [one for one in stage.market.ended() if one.sport == known][-20:]
    found = [one for one in (*ended, *stage.market.fixtures(known)) if status in _filters(one)]
    return [game(stage.market, one, include) for one in found]


def _filters(fixture: Fixture) -> set[str]:
    """The values of `status` that let a game through."""
    return {"all", _STATUS[fixture.status].lower(), *(("upcoming",) if fixture.status == "unplayed" else ())}


def game(market: Market, fixture: Fixture, include: Collection[str]) -> dict[str, Any]:
    """One GameResult: `score` and `players` only for a game that has begun, and only if asked for."""
    begun = fixture.status != "unplayed"
    found: dict[str, Any] = {
        "game": {
            "game_id": game_id(fixture),
            "commence_time": shapes.naive(fixture.start),
            "last_update": shapes.naive(market.now) if begun else None,
            "concluded_at": shapes.naive(_ended_at(market, fixture)) if fixture.over else None,
            "home_team": fixture.home,
            "away_team": fixture.away,
            "status": _STATUS[fixture.status],
            "round_number": None,
        }
    }
    if begun and "scores" in include:
        found["score"] = _score(fixture)
    if begun and "players" in include:
        found["players"] = _players(market, fixture)
    return found


def _ended_at(market: Market, fixture: Fixture) -> datetime:
    return market.ended_at(fixture.id) or market.now


def _score(fixture: Fixture) -> dict[str, Any]:
    """Field names vary by sport; a named total is null until its period is over [docs D4]."""
    unit = _UNITS.get(fixture.sport, "points")
    home, away = fixture.score
    totals: dict[str, Any] = {"full_time": {unit: home + away} if fixture.over else None}
    named, span = ("first_5_innings", 5) if fixture.sport == "baseball" else ("half_time", 2)
    over = fixture.over or fixture.period > span
    totals[named] = {unit: sum(h + a for h, a in fixture.periods[:span])} if over else None
    totals["by_period"] = [{"period": n, unit: h + a} for n, (h, a) in enumerate(fixture.periods, 1)]
    return {
        "home": {"team": fixture.home, unit: home},
        "away": {"team": fixture.away, unit: away},
        "home_by_period": [{"period": n, unit: h} for n, (h, _) in enumerate(fixture.periods, 1)],
        "away_by_period": [{"period": n, unit: a} for n, (_, a) in enumerate(fixture.periods, 1)],
        "period_state": [_period(fixture, n) for n in range(1, len(fixture.periods) + 1)],
        "totals": totals,
        "scoring_events": [],
    }


def _period(fixture: Fixture, number: int) -> dict[str, Any]:
    """Only the period in progress has a clock; baseball has none and says which half [docs D4]."""
    done = fixture.over or number < fixture.period
    state: dict[str, Any] = {"period": number, "completed": done}
    if done:
        return state
    if fixture.sport == "baseball":
        return {**state, "half": "top" if sum(fixture.periods[-1]) % 2 == 0 else "bottom"}
    minutes, seconds = divmod(fixture.clock, 60)
    return {**state, "period_seconds_remaining": fixture.clock, "display_clock": f"{minutes}:{seconds:02d}"}


def _players(market: Market, fixture: Fixture) -> list[dict[str, Any]]:
    """One field for each player market of the sport, named as its key [docs D4]."""
    found = []
    for player, tally in market.players(fixture.id):
        key = shapes.PROPS.get(player.stat.name)
        if key is not None:
            team = fixture.home if player.side == 0 else fixture.away
            found.append({"player_name": player.name, "team_name": team, key: tally})
    return found
