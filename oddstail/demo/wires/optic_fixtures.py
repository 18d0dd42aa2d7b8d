"""OpticOdds' fixtures: as a row of a list, as a result with its players, as news of a status. Pure."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

from oddstail.demo.events import Fixture, Happened
from oddstail.demo.market import Market
from oddstail.demo.wires import optic_names as names


def number(text: str) -> int:
    """A `numerical_id`: the same for the same name."""
    return zlib.crc32(text.encode()) % 100_000


def named(text: str) -> dict[str, Any]:
    """A sport or a league by id and name."""
    return {"id": names.slug(text), "name": text}


def brief(fixture: Fixture) -> dict[str, Any]:
    """What stands around `odds` on a page [docs M]."""
    return {
        "id": fixture.id,
        "game_id": fixture.number,
        "start_date": f"{fixture.start:%Y-%m-%dT%H:%M:%SZ}",
        "home_competitors": [_competitor(fixture.home)],
        "away_competitors": [_competitor(fixture.away)],
        "home_team_display": fixture.home,
        "away_team_display": fixture.away,
        "status": fixture.status,
        "is_live": fixture.live,
        "sport": named(fixture.sport.title()),
        "league": named(names.LEAGUES[fixture.sport]),
        "tournament": None,
    }


def row(fixture: Fixture, *, odds: bool) -> dict[str, Any]:
    """A row of `/fixtures` and `/fixtures/active` (section 4) [docs M]."""
    begun = fixture.status != "unplayed"
    scores = {"scores": _scores(fixture), "in_play_data": _in_play(fixture, None)} if begun else None
    sport, league = fixture.sport.title(), names.LEAGUES[fixture.sport]
    return {
        **brief(fixture),
        "numerical_id": int(fixture.number[:5]) * 7,
        "sport": {**named(sport), "numerical_id": number(sport)},
        "league": {**named(league), "numerical_id": number(league)},
        "has_odds": odds,
        "home_starter": None,
        "home_record": None,
        "home_seed": None,
        "home_rotation_number": None,
        "away_starter": None,
        "away_record": None,
        "away_seed": None,
        "away_rotation_number": None,
        "tournament_stage": None,
        "venue_name": None,
        "venue_location": None,
        "venue_neutral": False,
        "broadcast": None,
        "result": scores,
        "season_type": "Regular Season",
        "season_year": f"{fixture.start:%Y}",
        "season_week": None,
    }


def result(fixture: Fixture, last_play: str | None, at: datetime) -> dict[str, Any]:
    """An element of `/fixtures/results`, which is the `score` of a `fixture-results` event (2.4) [docs M]."""
    inner = {key: value for key, value in brief(fixture).items() if key not in ("sport", "league", "tournament")}
    return {
        "sport": named(fixture.sport.title()),
        "league": named(names.LEAGUES[fixture.sport]),
        "fixture": {**inner, "start_date": fixture.start.isoformat()},
        "scores": _scores(fixture),
        "in_play": _in_play(fixture, last_play),
        "events": [],
        "stats": None,
        "market_stats": None,
        "sub_scores": None,
        "extra": {"decision": None},
        "retirement_info": None,
        "last_checked_at": at.isoformat(),
    }


def player_results(market: Market, fixture: Fixture) -> list[dict[str, Any]]:
    """Elements of `/fixtures/player-results`: each player once, with every count that is known [docs M, 3p T2]."""
    found: dict[str, dict[str, Any]] = {}
    for at, (player, tally) in enumerate(market.players(fixture.id)):
        team = fixture.away if player.side else fixture.home
        if player.name not in found:
            found[player.name] = {
                "player": {"id": names.opaque(player.name), "name": player.name, "position": None, "number": at + 1},
                "team": {"id": names.opaque(team), "name": team},
                "status": fixture.status,
                "stats": [{"period": "all", "stats": {}}],
            }
        found[player.name]["stats"][0]["stats"][player.stat.name] = tally
    return list(found.values())


def event(market: Market, fixture: Fixture, last_play: str | None) -> dict[str, Any]:
    """The `data` of a `fixture-results` event: an object, and without `type` in samples (2.4) [docs M, 3p T1]."""
    return {
        "fixture_id": fixture.id,
        "sport": fixture.sport,
        "league": names.LEAGUES[fixture.sport],
        "is_live": fixture.live,
        "player_results": player_results(market, fixture),
        "score": result(fixture, last_play, market.now),
    }


def status(happened: Happened, at: float) -> dict[str, Any]:
    """The `data` of `fixture-status`: the pair that did not change is null (2.4) [seed]."""
    after, before = happened.fixture, happened.before
    assert before is not None
    moved = happened.what == "start"
    return {
        "fixture": {
            "away_team_display": after.away,
            "game_id": after.number,
            "home_team_display": after.home,
            "id": after.id,
            "start_date": after.start.isoformat(),
        },
        "fixture_id": after.id,
        "game_id": after.number,
        "league": names.LEAGUES[after.sport],
        "new_start_date": after.start.isoformat() if moved else None,
        "new_status": None if moved else after.status,
        "old_start_date": before.start.isoformat() if moved else None,
        "old_status": None if moved else before.status,
        "sport": after.sport,
        "timestamp": at,
    }


def _competitor(team: str) -> dict[str, Any]:
    words = team.replace("'", "").split()
    short = "".join(word[0] for word in words) if len(words) > 2 else words[0][:3]
    logo = f"https://cdn.opticodds.example/{names.slug(team)}.png"
    return {"id": names.opaque(team), "name": team, "abbreviation": short.upper(), "logo": logo}


def _scores(fixture: Fixture) -> dict[str, Any]:
    def side(at: int) -> dict[str, Any]:
        periods = {f"period_{n}": float(scores[at]) for n, scores in enumerate(fixture.periods, 1)}
        return {"total": float(fixture.score[at]), "periods": periods, "aggregate": None}

    return {"home": side(0), "away": side(1)}


def _in_play(fixture: Fixture, last_play: str | None) -> dict[str, Any]:
    if not fixture.live:
        return {"period": None, "clock": None, "last_play": last_play}
    clock = f"{fixture.clock // 60}:{fixture.clock % 60:02d}" if fixture.clock else None
    stated = _STATES.get(fixture.sport)
    state = {} if stated is None else stated(fixture.clock + sum(fixture.score) + fixture.period)
    named = {"period": str(fixture.period), "period_number": fixture.period, "clock": clock, "last_play": last_play}
    return {**named, **state}


def _at_bat(turn: int) -> dict[str, Any]:
    """Baseball's clock is the half of the inning."""
    runners = {"first": turn % 2 == 0, "second": turn % 3 == 0, "third": turn % 5 == 0}
    half = "Top" if turn % 2 else "Bottom"
    return {"clock": half, "balls": turn % 4, "outs": turn % 3, "strikes": turn % 3, "runners": runners}


def _down(turn: int) -> dict[str, Any]:
    return {"possession": "home" if turn % 2 else "away", "down": 1 + turn % 4, "distance_to_go": 1 + turn % 10}


def _game_score(turn: int) -> dict[str, Any]:
    points = ("0", "15", "30", "40")
    return {"game_score": {"home": points[turn % 4], "away": points[turn // 2 % 4]}, "possession": "home"}


#: What `in_play` has besides, by sport (observed).
_STATES = {"baseball": _at_bat, "football": _down, "tennis": _game_score}
