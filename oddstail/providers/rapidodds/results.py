"""RapidOddsAPI's results stream as results. Facts: docs/wire/rapidodds.md, B7 and B10. Pure.

The shape of a score is named and not shown there: what is no plain number goes into `detail` as it is.
"""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Message, Notice, Result
from oddstail.providers import competitions, fields
from oddstail.providers.rapidodds.outcomes import sport_of
from oddstail.providers.rapidodds.talk import charge, talk


class Results:
    """The decoder of one results connection. It remembers nothing: each push tells how its games stand."""

    def decode(self, message: Message) -> list[Event]:
        """A result of each game, and of each player if these were asked for."""
        if message.name != "results_update":
            return talk(message)
        body = message.body
        data = body.get("data")
        games = data.get("games") if isinstance(data, dict) else None
        sport = fields.text(body.get("sport"))
        if sport is None or not isinstance(games, list):
            return [Notice(code="unreadable", text=f"a results_update without a sport or games: {fields.brief(body)}")]
        now = fields.moment(body.get("timestamp"))
        out: list[Event] = []
        for entry in games:
            try:
                game = _game(entry, sport, now)
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(entry)}"))
                continue
            out.append(game)
            rows = entry.get("players")
            out += [_player(row, game) for row in rows] if isinstance(rows, list) else []
        charged = fields.number(body.get("credits_charged"))
        if charged:
            out.append(charge(sport, charged))
        return out


def _game(entry: dict[str, Any], sport: str, now: int | None) -> Result:
    about = entry["game"]
    game = fields.text(about.get("game_id"))
    if game is None:
        raise ValueError("no game id")
    sent = entry.get("score")
    score = sent if isinstance(sent, dict) else {}
    totals = {side: _points(score.get(side)) for side in ("home", "away")}
    told = [side for side in totals if fields.number(score.get(side)) is not None]
    more: dict[str, Any] = {
        **{name: value for name, value in score.items() if name not in told},
        **{name: about.get(name) for name in ("round_number", "concluded_at")},
    }
    status, period = fields.text(about.get("status")), fields.text(score.get("period_state"))
    if period is not None:
        del more["period_state"]
    return Result(
        game_id=game,
        sport=sport_of(sport),
        league=sport,
        competition=competitions.of("rapidodds", sport),
        home=fields.text(about.get("home_team")),
        away=fields.text(about.get("away_team")),
        start=fields.start(about.get("commence_time")),
        status=status,
        period=period,
        home_score=totals["home"],
        away_score=totals["away"],
        detail=fields.rest(more),
        ts=fields.moment(about.get("last_update")) or now,
    )


#: What the number may be called where a side's score is an object. Goals are not among them: of AFL they are a part.
_POINTS = ("points", "runs", "score", "total")


def _points(value: Any) -> float | None:
    if not isinstance(value, dict):
        return fields.number(value)
    return next((found for name in _POINTS if (found := fields.number(value.get(name))) is not None), None)


def _player(row: Any, game: Result) -> Result | Notice:
    """The fields of a player are not documented: the name under those names that the odds stream uses."""
    named = row if isinstance(row, dict) else {}
    name = next((found for key in ("player_name", "name", "player") if (found := fields.text(named.get(key)))), None)
    if name is None:
        return fields.unknown("a player without a name", row)
    return Result(
        game_id=game.game_id,
        sport=game.sport,
        league=game.league,
        competition=game.competition,
        home=game.home,
        away=game.away,
        start=game.start,
        status=game.status,
        player=name,
        team=fields.text(named.get("team_name")) or fields.text(named.get("team")),
        detail=fields.compact(row),
        ts=game.ts,
    )
