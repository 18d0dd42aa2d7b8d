"""BoltOdds' play-by-play and live scores as plays and results. Facts: docs/wire/boltodds.md, A11 and A12. Pure.

Both streams are known from what others captured, not from the vendor: every field is looked for and
none relied on, and what is not understood goes along as it came, in `detail`.
"""

from __future__ import annotations

from typing import Any

from oddstail.model import Event, Message, Notice, Play, Request, Result
from oddstail.providers import competitions, fields
from oddstail.providers.boltodds import follow
from oddstail.providers.boltodds.follow import Follow
from oddstail.providers.boltodds.leagues import SPORT_OF
from oddstail.providers.boltodds.talk import said, talk

#: What a score is called, by sport (A12): before the letter of a side, or as an object with both letters.
_SCORES = ("goals", "points", "runs")


class News:
    """The decoder of one connection to either stream: esports send plays on the stream of scores too."""

    def __init__(self, request: Request) -> None:
        self._follow = Follow(request)

    def decode(self, message: Message) -> list[Event]:
        """A play or a result, or what there is to say about the stream."""
        body = message.body
        try:
            match message.name:
                case "new_play" | "play_update" | "match_state" | "stats":
                    return [_play(body, message.name, self._follow)]
                case "match_update":
                    return [_result(body, self._follow)]
                case "connected":
                    return [_connected(body)]
                case follow.GAMES | follow.ESPORTS:
                    return self._follow.listed(body, message.name)
                case follow.GAMES_FAILED | follow.ESPORTS_FAILED:
                    return [Notice(code="poll-failed", text=f"the games are not listed: {body}")]
                case "error" if "re-subscription" in said(body).casefold():
                    return [*talk(message.name, body), *self._follow.again()]
        except fields.UNREADABLE:
            return [Notice(code="unreadable", text=f"a {message.name} that cannot be read: {fields.brief(body)}")]
        return talk(message.name, body)


def _connected(body: dict[str, Any]) -> Notice:
    return Notice(code="game-subscribed", text=f"{_label(body)}: subscribed", level="info")


def _label(body: dict[str, Any]) -> str:
    """The game: plays have it under `event`, scores under `game`."""
    label = fields.text(body.get("event")) or fields.text(body.get("game"))
    if label is None:
        raise ValueError("no game")
    return label


def _game_id(body: dict[str, Any], label: str) -> str:
    """The id that prices of the game have too: the universal one, else the label."""
    return fields.text(body.get("universal_id")) or label


def _play(body: dict[str, Any], name: str, games: Follow) -> Play:
    info = body.get("play_info")
    # An array (NBA) tells the play in its first element, an object (the others) in itself.
    first = info[0] if isinstance(info, list) and info else info
    told = first if isinstance(first, dict) else {}
    score = body.get("score")
    home_score, away_score = (
        (fields.number(score.get("home")), fields.number(score.get("away")))
        if isinstance(score, dict)
        else (None, None)
    )
    home, away, label = fields.text(body.get("home")), fields.text(body.get("away")), _label(body)
    league = fields.text(body.get("league")) or games.league_of(label)
    return Play(
        game_id=_game_id(body, label),
        sport=SPORT_OF.get(league or ""),
        league=league,
        competition=competitions.of("boltodds", league),
        home=home,
        away=away,
        play=fields.text(told.get("type")) or fields.text(body.get("state")) or name,
        text=fields.text(told.get("title")) or fields.text(told.get("name")),
        status=fields.text(told.get("status")) or fields.text(told.get("gameState")),
        period=fields.text(told.get("period")) or fields.text(told.get("round")) or _part(told),
        clock=fields.clock(told.get("clock")),
        team_a=home,
        team_b=away,
        score_a=home_score,
        score_b=away_score,
        detail=fields.rest({"label": label, "play_info": info}),
        ts=fields.moment(body.get("timestamp")),
    )


def _part(told: dict[str, Any]) -> str | None:
    """The map of CS2, LoL and Dota, and the round of it where that is told; the round of Valorant (A11)."""
    state = told.get("roundState")
    numbers = {
        "map": fields.text(told.get("currentMap")),
        "round": fields.text(told.get("currentRound"))
        or fields.text(state.get("number") if isinstance(state, dict) else None),
    }
    return " ".join(f"{word} {number}" for word, number in numbers.items() if number is not None) or None


def _result(body: dict[str, Any], games: Follow) -> Result:
    sent = body.get("state")
    state = sent if isinstance(sent, dict) else {}
    letters = body.get("designation")
    named = letters if isinstance(letters, dict) else {}
    sides = {side: letter for letter, side in named.items() if isinstance(side, str)}
    over, before = fields.flag(state.get("matchCompleted")), fields.flag(state.get("preMatch"))
    period = state.get("matchPeriod")
    label = _label(body)
    league = fields.text(body.get("league")) or games.league_of(label)
    return Result(
        game_id=_game_id(body, label),
        sport=SPORT_OF.get(league or "") or _sport(state),
        league=league,
        competition=competitions.of("boltodds", league),
        home=fields.text(body.get("home")),
        away=fields.text(body.get("away")),
        status="matchCompleted" if over else "preMatch" if before else None,
        live=None if over is None or before is None else not (over or before),
        period=fields.text(period[-1]) if isinstance(period, list) and period else fields.text(period),
        clock=_clock(state),
        home_score=_score(state, sides.get("home")),
        away_score=_score(state, sides.get("away")),
        detail=fields.rest({"label": label, "designation": letters, "state": sent}),
        ts=fields.moment(body.get("timestamp")),
    )


def _score(state: dict[str, Any], letter: str | None) -> float | None:
    """The score of side A or B. Which of them is at home the `designation` says; without it there is no telling."""
    if letter is None:
        return None
    for name in _SCORES:
        both = state.get(name)
        found = fields.number(state.get(f"{name}{letter}"))
        found = fields.number(both.get(letter)) if found is None and isinstance(both, dict) else found
        if found is not None:
            return found
    return None


#: The first word of a period (A12), and the sport that it tells.
_PERIODS = {"FootballMatchPeriod": "soccer", "BaseballMatchPeriod": "baseball", "BasketballMatchPeriod": "basketball"}


def _sport(state: dict[str, Any]) -> str | None:
    period = state.get("matchPeriod")
    return _PERIODS.get(str(period[0])) if isinstance(period, list) and period and isinstance(period[0], str) else None


def _clock(state: dict[str, Any]) -> str | None:
    """Minutes and seconds: left in the period where that is told (basketball), else gone by (soccer)."""
    for name in ("remainingTimeSecondsInPeriod", "elapsedTimeSeconds"):
        seconds = fields.number(state.get(name))
        if seconds is not None and 0 <= seconds < 100_000:
            return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
    return None
