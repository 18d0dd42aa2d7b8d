"""RapidOddsAPI's results stream as results. Facts: docs/wire/rapidodds.md, B7 and B10. Pure.

What is no plain number, and so has no field of its own, goes into `detail` as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oddstail.model import Event, Memory, Message, Notice, Request, Result, in_play
from oddstail.providers import competitions, fields
from oddstail.providers.rapidodds.farewell import Farewell
from oddstail.providers.rapidodds.outcomes import sport_of
from oddstail.providers.rapidodds.talk import charge, talk


class Results:
    """The decoder of one results connection. Each push says how its games stand, so it remembers none of them."""

    def __init__(self, request: Request, memory: Memory) -> None:
        self._farewell = Farewell(request, memory)

    def decode(self, message: Message) -> list[Event] | Iterator[list[Event]]:
        """A result of each game, and of each player if these were asked for."""
        if message.name != "results_update":
            return [*talk(message), *self._farewell.heard(message)]
        body = message.body
        data = body.get("data")
        games = data.get("games") if isinstance(data, dict) else None
        sport = fields.text(body.get("sport"))
        if sport is None or not isinstance(games, list):
            return [Notice(code="unreadable", text=f"a results_update without a sport or games: {fields.brief(body)}")]
        return self._parts(body, games, sport)

    def _parts(self, body: dict[str, Any], games: list[Any], sport: str) -> Iterator[list[Event]]:
        """Yield what a push says: after every `ROWS` games and players others get a turn."""
        now = fields.moment(body.get("timestamp"))
        out: list[Event] = []
        on = False
        for entry in games:
            try:
                game = _game(entry, sport, now)
                on |= not _is_over(entry["game"])
            except fields.UNREADABLE:
                on = True
                out.append(Notice(code="unreadable", text=f"a game that cannot be read: {fields.brief(entry)}"))
                continue
            out.append(game)
            rows = entry.get("players")
            for some in fields.slices(rows if isinstance(rows, list) else []):
                out += [_player(row, game) for row in some]
                if len(out) >= fields.ROWS:
                    yield out
                    out = []
            if len(out) >= fields.ROWS:
                yield out
                out = []
        out += self._farewell.push(sport, on=on, over=bool(games))
        charged = fields.number(body.get("credits_charged"))
        if charged:
            out.append(charge(sport, charged))
        yield out


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
    status = fields.text(about.get("status"))
    live, period, clock = _now(status, score.get("period_state"))
    return Result(
        game_id=game,
        sport=sport_of(sport),
        league=sport,
        competition=competitions.of("rapidodds", sport),
        home=fields.text(about.get("home_team")),
        away=fields.text(about.get("away_team")),
        start=fields.start(about.get("commence_time")),
        status=status,
        live=live,
        period=period,
        clock=clock,
        home_score=totals["home"],
        away_score=totals["away"],
        detail=fields.rest(more),
        ts=fields.moment(about.get("last_update")) or now,
    )


def _is_over(about: dict[str, Any]) -> bool:
    return about.get("concluded_at") is not None or (fields.text(about.get("status")) or "").casefold() in _OVER


_OVER = frozenset({"concluded", "completed", "final", "finished", "cancelled", "canceled", "abandoned"})


def _now(status: str | None, sent: Any) -> tuple[bool | None, str | None, str | None]:
    """Whether a game is in play, in which period, and its clock: the first period that is not completed (B7)."""
    live = in_play(status)
    rows = [one for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    # A row that names no period says nothing of where the game is.
    periods = [one for one in rows if fields.text(one.get("period")) is not None]
    current = next((one for one in periods if not _is_true(one.get("completed"))), None)
    if current is None:
        return live, fields.text(periods[-1].get("period")) if periods else None, None
    if live is None and (len(periods) > 1 or any(current.get(name) for name in _RUNS)):
        live = True
    return live, fields.text(current.get("period")), fields.clock(current.get("display_clock"))


def _is_true(value: Any) -> bool:
    return value is True or value == 1 or (isinstance(value, str) and value.strip().casefold() in ("true", "yes", "1"))


#: The fields of a period that has begun.
_RUNS = ("display_clock", "half", "period_seconds_elapsed", "match_seconds_elapsed")

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
        live=game.live,
        player=name,
        team=fields.text(named.get("team_name")) or fields.text(named.get("team")),
        detail=fields.compact(row),
        ts=game.ts,
    )
