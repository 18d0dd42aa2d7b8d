"""The JSON Schema of the records: what `oddstail schema` prints, and what the tests hold the output against."""

from __future__ import annotations

from typing import Any

from oddstail.record import VERSION

_TIME = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
_START = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}
_BOOL = {"type": ["boolean", "null"]}

_COMMON: dict[str, Any] = {
    "v": {"const": VERSION, "description": "version of the record; fields are only ever added"},
    "type": _TEXT,
    "provider": _TEXT,
    "feed": _TEXT,
    "conn": {"type": "integer", "minimum": 0, "description": "which connection of the run; 0 is the run"},
    "run": {
        **_TEXT,
        "description": "id of the run, the one in the names of its files; a replay keeps the recorded one",
    },
    "seq": {"type": "integer", "minimum": 1, "description": "counts the records of the run without a hole"},
    "recv": {**_TIME, "description": "when oddstail received it, by this machine's clock"},
}
_CLOCKS: dict[str, Any] = {
    "ts": {"anyOf": [_TIME, {"type": "null"}], "description": "the provider's own time"},
    "lag_ms": {"type": ["integer", "null"], "description": "recv - ts; both clocks' errors are in it"},
    "id": {**_MAYBE, "description": "the provider's id of the message"},
}
_PLACE: dict[str, Any] = {
    "sport": _MAYBE,
    "league": {**_MAYBE, "description": "in the provider's words"},
    "competition": {**_MAYBE, "description": "our short name of the league: nba, epl, ...; null where no table has it"},
    "game_id": _TEXT,
    "home": _MAYBE,
    "away": _MAYBE,
    "start": {**_START, "description": "when the game starts"},
    "started": {**_BOOL, "description": "the announced start had passed at recv; null without a start"},
}
_QUOTE: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "key": {**_TEXT, "description": "identity of what is priced at that book"},
    "book": _TEXT,
    "kind": {"enum": ["moneyline", "spread", "total", "team_total", "prop", "future", "other"]},
    "period": {**_MAYBE, "description": "game, 1h, q1, ...; null where no table knows it"},
    "ways": {
        "type": ["integer", "null"],
        "description": "outcomes of the complete market: 2, 3; 0 for more, or for outcomes that overlap; null: unknown",
    },
    "market": {**_TEXT, "description": "in the provider's words"},
    "selection": {**_TEXT, "description": "in the provider's words, without the line"},
    "side": _MAYBE,
    "player": _MAYBE,
    "subject": {
        "enum": ["game", "home", "away", "team", "player", "tournament", None],
        "description": "what the market is about",
    },
    "stat": {**_MAYBE, "description": "what is counted or decided: points, corners, sets; null: the game's result"},
    "group": {**_MAYBE, "description": "the provider's word that ties the sides of one line, where it has one"},
    "line": {**_NUMBER, "description": "points: -3.5, 221.5"},
    "american": {**_NUMBER, "description": "null whenever there is no price on offer"},
    "decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "prob": {**_NUMBER, "description": "1 / decimal, the book's margin in it"},
    "limit": {**_NUMBER, "description": "the most that can be staked at this price; null where the provider says none"},
    "status": {
        "enum": ["open", "suspended", "removed", "settled"],
        "description": "open with a null price: the provider told the line and not the price",
    },
    "main": {**_BOOL, "description": "main line, or an alternate; null where the provider does not say"},
    "live": {
        **_BOOL,
        "description": "in play or not: by the quote, else by the provider's statuses, results, plays; null: unknown",
    },
    "prev": {
        **_NUMBER,
        "description": "the American price before this record; at prev_line, if there is one",
    },
    "snap": {"type": "boolean", "description": "from a snapshot, not from a change"},
    "link": _MAYBE,
}
_DETAIL = {**_MAYBE, "description": "JSON as text: what differs by sport and has no field of its own"}
_PLAY: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "source": {**_MAYBE, "description": "whose play-by-play it is"},
    "role": {**_MAYBE, "description": "primary, or another; null where the provider does not say"},
    "play": {**_MAYBE, "description": "what happened, in the provider's word"},
    "text": {**_MAYBE, "description": "what happened, in the provider's sentence"},
    "status": {**_MAYBE, "description": "of the game, in the provider's word"},
    "period": {**_MAYBE, "description": "in the provider's word"},
    "clock": {**_MAYBE, "description": "of the game, as the provider writes it"},
    "team_a": {**_MAYBE, "description": "the home side where home and away are told; else the provider's first"},
    "team_b": _MAYBE,
    "score_a": _NUMBER,
    "score_b": _NUMBER,
    "detail": _DETAIL,
    "captured": {"anyOf": [_TIME, {"type": "null"}], "description": "when the provider had it; ts is when it happened"},
}
_RESULT: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "status": {**_MAYBE, "description": "of the game, in the provider's word"},
    "live": _BOOL,
    "period": {**_MAYBE, "description": "in the provider's word"},
    "clock": {**_MAYBE, "description": "of the game, as the provider writes it"},
    "home_score": _NUMBER,
    "away_score": _NUMBER,
    "text": {**_MAYBE, "description": "the latest play, in the provider's sentence"},
    "player": {**_MAYBE, "description": "null: the score of the game; else this player's statistics, in detail"},
    "team": {**_MAYBE, "description": "the player's"},
    "detail": _DETAIL,
}
_DROP: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "book": _TEXT,
    "outcome": {**_TEXT, "description": "what moved, in the provider's word: h2h_home, over"},
    "kind": _QUOTE["kind"],
    "period": _QUOTE["period"],
    "market": {**_MAYBE, "description": "the provider's key"},
    "market_name": {**_MAYBE, "description": "the provider's name for people, where it has one"},
    "selection": {**_MAYBE, "description": "whom the bet is on"},
    "side": _MAYBE,
    "player": _MAYBE,
    "line": _NUMBER,
    "prev": {**_NUMBER, "description": "the American price before the move"},
    "american": {**_NUMBER, "description": "the American price after it"},
    "decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "prob": _NUMBER,
    "prob_delta": {**_NUMBER, "description": "change of the implied probability: ranks moves across even money too"},
    "delta": {**_NUMBER, "description": "in American cents, as the provider reckons it"},
    "direction": {**_MAYBE, "description": "in the provider's word: toward_favorite, toward_dog"},
    "elapsed_ms": {**_NUMBER, "description": "how long the move took, where the provider says"},
}
_HEALTH: dict[str, Any] = {
    **_CLOCKS,
    "sport": _MAYBE,
    "league": _MAYBE,
    "source": {**_TEXT, "description": "one of the provider's own sources: a scraper, or a book"},
    "role": _MAYBE,
    "status": {**_TEXT, "description": "ok, silent, or the provider's own word"},
    "silent_s": {**_NUMBER, "description": "seconds since the source's last event"},
    "events": {**_NUMBER, "description": "how many it had in the last window_s seconds"},
    "window_s": _NUMBER,
    "latest": {"anyOf": [_TIME, {"type": "null"}], "description": "when its last event was"},
}
_ALERT: dict[str, Any] = {
    **_QUOTE,
    "rule": {**_TEXT, "description": "the --alert that it is for"},
    "cents": {
        **_NUMBER,
        "description": "american - prev in cents (-105 to +105 is 10: even money counts once); null if the line moved",
    },
    "was_status": {**_MAYBE, "description": "before this quote; null: this is the first word on the price"},
    "was_line": _NUMBER,
    "was_american": {**_NUMBER, "description": "null where there was no price on offer"},
}
_TYPES: dict[str, dict[str, Any]] = {
    "quote": _QUOTE,
    "fixture": {**_CLOCKS, **_PLACE, "status": _MAYBE, "old_status": _MAYBE, "old_start": _START},
    "play": _PLAY,
    "result": _RESULT,
    "drop": _DROP,
    "health": _HEALTH,
    "alert": _ALERT,
    "header": {
        "seq": {"const": 0},
        "program": {**_TEXT, "description": "first record of a file: what wrote it"},
        "run": {**_TEXT, "description": "the files of one run share it"},
        "part": {"type": "integer", "minimum": 1, "description": "counts the files of a run"},
        "split": {**_MAYBE, "description": "the league, game or book that the file is for (--split)"},
        "argv": {**_TEXT, "description": "the command line"},
        "subscription": {**_TEXT, "description": "JSON as text: what was asked for; no key is in it"},
    },
    "opened": {"label": _TEXT, "host": _TEXT, "attempt": {"type": "integer", "minimum": 1}, "cursor": _MAYBE},
    "lost": {"cause": _TEXT, "detail": _TEXT, "retry_in": {**_NUMBER, "description": "seconds"}},
    "gap": {
        "from": {**_TIME, "description": "the last byte heard"},
        "to": {**_TIME, "description": "the next acknowledged link"},
        "seconds": {"type": "number", "description": "by a clock that does not jump"},
        "cause": _TEXT,
        "resumed": {
            "enum": ["yes", "no", "unknown"],
            "description": "whether the provider replays what was missed",
        },
    },
    "notice": {
        "level": {"enum": ["info", "warning", "error"]},
        "code": {**_TEXT, "description": "stable word for what it is"},
        "text": _TEXT,
        "value": _NUMBER,
        "payload": {**_MAYBE, "description": "JSON as text: what the provider sent, where no record has fields for it"},
    },
    "end": {
        "exit": {"type": "integer", "description": "the exit code"},
        "reason": _TEXT,
        "quotes": {"type": "integer"},
        "gaps": {"type": "integer"},
    },
}
#: What a record of the type tells.
_MEANS = {
    "quote": "a price at a book, or that it is none any more",
    "fixture": "a game's start or status changed",
    "play": "what happened in a game",
    "result": "the score of a game; with `player`, the statistics of that player",
    "drop": "the provider's own alert of a move",
    "health": "how one of the provider's own sources does",
    "alert": "a price that `--alert` asked for, with all that its quote has",
    "header": "the first record of a file: what wrote it, for which command",
    "opened": "a link is up",
    "lost": "a link is down",
    "gap": "from when to when nobody watched, why, and whether the provider replays it",
    "notice": "what else a reader should know",
    "end": "the last word of a run",
}
#: Fields that a record of the type may lack.
_CARRIED = {
    "const": True,
    "description": "a record of an earlier file, repeated at the head of a later one so that it stands alone",
}
_PREV_LINE = {
    "type": "number",
    "description": "the line before, where it was another: prev was the price at it, if any, and so of another bet",
}
_OPTIONAL: dict[str, dict[str, Any]] = {
    "quote": {
        "settlement": {**_TEXT, "description": "how a settled selection ended: Won, Lost, ..."},
        "carried": _CARRIED,
        "prev_line": _PREV_LINE,
    },
    "alert": {"prev_line": _PREV_LINE},
    "opened": {"carried": _CARRIED},
    "lost": {"carried": _CARRIED},
}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of `-o json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "oddstail record",
        "description": "One line of `oddstail -o json`. Readers ignore fields and types that they do not know.",
        "oneOf": [_record(name, fields) for name, fields in _TYPES.items()],
    }


def types() -> list[str]:
    """The record types, in the order of the schema."""
    return list(_TYPES)


def _record(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    required = {**_COMMON, "type": {"const": name}, **fields}
    return {
        "title": name,
        "description": _MEANS[name],
        "type": "object",
        "required": list(required),
        "properties": {**required, **_OPTIONAL.get(name, {})},
        "additionalProperties": False,
    }
