"""OpticOdds' `fixture-results` as results of the game and of its players. Facts: docs/wire/opticodds.md, 2.4. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oddstail.model import Event, Message, Notice, Request, Result, in_play
from oddstail.providers import competitions, fields, optic_envelope

#: Digits of a Unix time in milliseconds.
_DIGITS = 13
_HOUR = 3_600_000_000
#: How long after its start a game may be in play, and how long before, in microseconds: many go on the next day.
_USUAL = 36 * _HOUR
_LONG = dict.fromkeys(("cricket", "golf", "snooker", "sailing", "cycling", "chess"), 24 * 24 * _HOUR)
#: The fields of an event that a record has, or that only repeat what others say.
_TAKEN = ("fixture_id", "game_id", "sport", "league", "is_live", "status", "score", "player_results")
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
            return [optic_envelope.other("opticodds", message.name, body)]
        out: list[Event] = []
        for one in data if isinstance(data, list) and data else [data]:
            self._result(one, message.cursor, out)
        return out

    def _result(self, data: Any, entry: str | None, out: list[Event]) -> None:
        try:
            game = _game(data, entry)
        except fields.UNREADABLE:
            out.append(Notice(code="unreadable", text=f"a result that cannot be read: {fields.brief(data)}"))
            return
        out.append(game)
        rows = data.get("player_results") if self._players else None
        for row in rows if isinstance(rows, list) else ():
            try:
                out.append(_player(row, game))
            except fields.UNREADABLE:
                out.append(Notice(code="unreadable", text=f"a player that cannot be read: {fields.brief(row)}"))


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
        # What stands beside the score, and what of it cannot be read.
        **_without(data, *_TAKEN),
        **_without(scores, "home", "away"),
        "home": _without(home, *_read(home, fields.number, "total")),
        "away": _without(away, *_read(away, fields.number, "total")),
        # The state of an inning, a down, a set: no other field has it.
        "in_play": _without(play, *_read(play, fields.text, "period", "last_play", *(("clock",) if clock else ()))),
        **_without(
            score,
            "sport",
            "league",
            "fixture",
            "scores",
            "in_play",
            "status",
            "is_live",
            *_read(score, fields.moment, "last_checked_at"),
        ),
        **{
            name: item
            for name, item in (
                ("score", data.get("score")),
                *((name, score.get(name)) for name in ("scores", "in_play")),
            )
            if item is not None and not isinstance(item, dict)
        },
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


def _read(value: dict[str, Any], reads: Callable[[Any], Any], *names: str) -> list[str]:
    """Those of some fields that can be read, and so are in a field of the record."""
    return [name for name in names if reads(value.get(name)) is not None]


def _without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in names and item is not None}
