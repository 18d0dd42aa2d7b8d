"""OpticOdds' `fixture-results` as results of the game and of its players. Facts: docs/wire/opticodds.md, 2.4. Pure."""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Message, Notice, Request, Result, in_play
from oddstail.providers import competitions, fields

#: Digits of a Unix time in milliseconds.
_DIGITS = 13
_HOUR = 3_600_000_000
#: How long after its start a game may be in play, and how long before, in microseconds: many go on the next day.
_USUAL = 36 * _HOUR
_LONG = dict.fromkeys(("cricket", "golf", "snooker", "sailing", "cycling", "chess"), 24 * 24 * _HOUR)
_EARLY = 2 * _HOUR


class Results:
    """The decoder of one results stream. It remembers nothing: each event is the whole state of a game."""

    def __init__(self, request: Request) -> None:
        self._players = bool(request.options.get("players"))

    def decode(self, message: Message) -> list[Event]:
        """A result of the game, then one for each player if these were asked for."""
        body = message.body
        data = body.get("data")
        if message.name != "fixture-results":
            return [fields.unknown(f"event {fields.brief(message.name, 60)}", body)]
        try:
            game = _game(data, message.cursor)
        except fields.UNREADABLE:
            return [Notice(code="unreadable", text=f"a result that cannot be read: {fields.brief(data)}")]
        out: list[Event] = [game]
        rows = data.get("player_results") if self._players else None
        for row in rows if isinstance(rows, list) else ():
            try:
                out.append(_player(row, game))
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a player that cannot be read: {fields.brief(row)}"))
        return out


def _game(data: dict[str, Any], entry: str | None) -> Result:
    score = _object(data.get("score"))
    fixture, scores, play = (_object(score.get(name)) for name in ("fixture", "scores", "in_play"))
    home, away = _object(scores.get("home")), _object(scores.get("away"))
    game = fields.text(data.get("fixture_id")) or fields.text(fixture.get("id"))
    if game is None:
        raise ValueError("no fixture")
    league = fields.text(data.get("league")) or fields.text(_object(score.get("league")).get("name"))
    live = fields.flag(data.get("is_live"))
    if live is None:
        live = fields.flag(fixture.get("is_live"))
    status = fields.text(data.get("status")) or fields.text(fixture.get("status"))
    sport = fields.text(data.get("sport")) or fields.text(_object(score.get("sport")).get("id"))
    start = fields.start(fixture.get("start_date"))
    # A stream of results may send old games again: status and start are judged, not a flag that was left standing.
    if in_play(status) is False or _is_of_another_day(sport, start, entry, score.get("last_checked_at")):
        live = False
    clock = fields.clock(play.get("clock"))
    more = {
        "home": _without(home, "total"),
        "away": _without(away, "total"),
        # The state of an inning, a down, a set: no other field has it.
        "in_play": _without(play, "period", "last_play", *(("clock",) if clock else ())),
        **_without(score, "sport", "league", "fixture", "scores", "in_play", "last_checked_at"),
    }
    return Result(
        game_id=game,
        sport=sport,
        league=league,
        competition=competitions.of("opticodds", league),
        home=fields.text(fixture.get("home_team_display")),
        away=fields.text(fixture.get("away_team_display")),
        start=start,
        status=status,
        live=live,
        period=fields.text(play.get("period")),
        clock=clock,
        home_score=fields.number(home.get("total")),
        away_score=fields.number(away.get("total")),
        text=fields.text(play.get("last_play")),
        detail=fields.rest({name: value for name, value in more.items() if value not in ({}, [])}),
        ts=fields.moment(score.get("last_checked_at")),
        id=entry,
    )


def _is_of_another_day(sport: str | None, start: str | None, entry: str | None, checked: Any) -> bool:
    """Whether a game that is said to be in play cannot be: it began too long ago, or is far from its start.

    The time is the vendor's own: that of the event (an `entry_id` begins with milliseconds), or of the last check.
    """
    begins = fields.moment(start)
    times = [at for at in (_moment_of(entry), fields.moment(checked)) if at is not None]
    if begins is None or not times:
        return False
    since = max(times) - begins
    return not -_EARLY <= since <= _LONG.get(sport or "", _USUAL)


def _moment_of(entry: str | None) -> int | None:
    stamp = (entry or "").partition("-")[0]
    return fields.unix(stamp) if len(stamp) == _DIGITS and stamp.isdecimal() else None


def _player(row: dict[str, Any], game: Result) -> Result:
    player = fields.text(_object(row.get("player")).get("name"))
    if player is None:
        raise ValueError("no player")
    return Result(
        game_id=game.game_id,
        sport=game.sport,
        league=game.league,
        competition=game.competition,
        home=game.home,
        away=game.away,
        start=game.start,
        status=fields.text(row.get("status")),
        live=game.live,
        player=player,
        team=fields.text(_object(row.get("team")).get("name")),
        detail=fields.rest(row, "status", "team"),
        ts=game.ts,
        id=game.id,
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in names and item is not None}
