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
    "conn": {"type": "integer", "minimum": 0, "description": "number of the connection; 0 stands for the run itself"},
    "run": {
        **_TEXT,
        "description": "id of the run, as in its file names; a replay keeps the recorded one",
    },
    "seq": {"type": "integer", "minimum": 1, "description": "counts the records of the run without gaps"},
    "recv": {**_TIME, "description": "time of receipt, by this machine's clock"},
}
_CLOCKS: dict[str, Any] = {
    "ts": {"anyOf": [_TIME, {"type": "null"}], "description": "the provider's time"},
    "lag_ms": {"type": ["integer", "null"], "description": "recv - ts; includes the errors of both clocks"},
    "id": {**_MAYBE, "description": "the provider's id of the message"},
}
_PLACE: dict[str, Any] = {
    "sport": _MAYBE,
    "league": {**_MAYBE, "description": "in the provider's words"},
    "competition": {**_MAYBE, "description": "our short name of the league: nba, epl, ...; null if unknown"},
    "game_id": _TEXT,
    "home": _MAYBE,
    "away": _MAYBE,
    "start": {**_START, "description": "when the game starts"},
    "started": {**_BOOL, "description": "true if the announced start had passed at recv; null without a start"},
}
_QUOTE: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "key": {**_TEXT, "description": "identity of the price at its book"},
    "book": _TEXT,
    "kind": {"enum": ["moneyline", "spread", "total", "team_total", "prop", "future", "other"]},
    "period": {**_MAYBE, "description": "game, 1h, q1, ...; null if unknown"},
    "ways": {
        "type": ["integer", "null"],
        "description": (
            "outcomes of the complete market: 2 or 3; 0 for more, or for outcomes that overlap; null if unknown"
        ),
    },
    "market": {**_TEXT, "description": "in the provider's words"},
    "selection": {**_TEXT, "description": "in the provider's words, without the line"},
    "side": _MAYBE,
    "player": _MAYBE,
    "subject": {
        "enum": ["game", "home", "away", "team", "player", "tournament", None],
        "description": "what the market is about",
    },
    "stat": {
        **_MAYBE,
        "description": "what is counted or decided: points, corners, sets; null for the result of the game",
    },
    "group": {**_MAYBE, "description": "the provider's key that links the sides of one line"},
    "line": {**_NUMBER, "description": "points: -3.5, 221.5"},
    "american": {**_NUMBER, "description": "null if the price is not on offer"},
    "decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "prob": {**_NUMBER, "description": "1 / decimal, including the book's margin"},
    "limit": {**_NUMBER, "description": "the highest stake at this price; null if the provider gives none"},
    "status": {
        "enum": ["open", "suspended", "removed", "settled"],
        "description": "open with a null price: the provider sent only the line",
    },
    "main": {**_BOOL, "description": "main line or alternate; null if the provider does not say"},
    "live": {
        **_BOOL,
        "description": (
            "true in play: from the quote, or from the provider's statuses, results and plays; null if unknown"
        ),
    },
    "prev": {
        **_NUMBER,
        "description": "the previous American price; at prev_line, if that is given",
    },
    "snap": {"type": "boolean", "description": "true if it comes from a snapshot"},
    "link": _MAYBE,
}
_DETAIL = {**_MAYBE, "description": "JSON as text: what has no field of its own; of over 1 MiB only size and CRC-32"}
_PLAY: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "source": {**_MAYBE, "description": "the source of the play-by-play data"},
    "role": {**_MAYBE, "description": "primary or another role; null if the provider does not say"},
    "play": {**_MAYBE, "description": "what happened, as the provider's code"},
    "text": {**_MAYBE, "description": "what happened, as the provider's sentence"},
    "status": {**_MAYBE, "description": "status of the game, in the provider's words"},
    "period": {**_MAYBE, "description": "in the provider's words"},
    "clock": {**_MAYBE, "description": "game clock, as the provider writes it"},
    "team_a": {**_MAYBE, "description": "the home team if known; otherwise the provider's first team"},
    "team_b": _MAYBE,
    "score_a": _NUMBER,
    "score_b": _NUMBER,
    "detail": _DETAIL,
    "captured": {
        "anyOf": [_TIME, {"type": "null"}],
        "description": "when the provider received it; ts is when it happened",
    },
}
_RESULT: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "status": {**_MAYBE, "description": "status of the game, in the provider's words"},
    "live": _BOOL,
    "period": {**_MAYBE, "description": "in the provider's words"},
    "clock": {**_MAYBE, "description": "game clock, as the provider writes it"},
    "home_score": _NUMBER,
    "away_score": _NUMBER,
    "text": {**_MAYBE, "description": "the latest play, as the provider's sentence"},
    "player": {**_MAYBE, "description": "the player whose statistics are in detail; null for the score of the game"},
    "team": {**_MAYBE, "description": "the player's team"},
    "detail": _DETAIL,
}
_DROP: dict[str, Any] = {
    **_CLOCKS,
    **_PLACE,
    "book": _TEXT,
    "outcome": {**_TEXT, "description": "what moved, in the provider's words: h2h_home, over"},
    "kind": _QUOTE["kind"],
    "period": _QUOTE["period"],
    "market": {**_MAYBE, "description": "the provider's key"},
    "market_name": {**_MAYBE, "description": "the provider's display name"},
    "selection": {**_MAYBE, "description": "team or player of the bet"},
    "side": _MAYBE,
    "player": _MAYBE,
    "line": _NUMBER,
    "prev": {**_NUMBER, "description": "the American price before the move"},
    "american": {**_NUMBER, "description": "the American price after the move"},
    "decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "prob": _NUMBER,
    "prob_delta": {**_NUMBER, "description": "change of the implied probability; comparable across even money"},
    "delta": {**_NUMBER, "description": "in American cents, as the provider calculates it"},
    "direction": {**_MAYBE, "description": "in the provider's words: toward_favorite, toward_dog"},
    "elapsed_ms": {**_NUMBER, "description": "duration of the move; null if the provider does not say"},
}
_HEALTH: dict[str, Any] = {
    **_CLOCKS,
    "sport": _MAYBE,
    "league": _MAYBE,
    "source": {**_TEXT, "description": "one of the provider's own sources: a scraper, or a book"},
    "role": _MAYBE,
    "status": {**_TEXT, "description": "ok, silent, or the provider's own status"},
    "silent_s": {**_NUMBER, "description": "seconds since the source's last event"},
    "events": {**_NUMBER, "description": "number of events in the last window_s seconds"},
    "window_s": _NUMBER,
    "latest": {"anyOf": [_TIME, {"type": "null"}], "description": "time of its last event"},
}
_RULE = {**_TEXT, "description": "the rule that matched"}
_ALERT: dict[str, Any] = {
    **_QUOTE,
    "rule": _RULE,
    "cents": {
        **_NUMBER,
        "description": "the move in cents (-105 to +105 is 10: even money counts once); null if the line moved",
    },
    "was_status": {**_MAYBE, "description": "the previous status of the bet; null if it was not known"},
    "was_line": _NUMBER,
    "was_american": {**_NUMBER, "description": "the last price, even if it was no longer on offer"},
    "gap_s": {**_NUMBER, "description": "length of the gap in which the move happened; null if there was none"},
}
_SIDE: dict[str, Any] = {
    **_PLACE,
    "key": {**_TEXT, "description": "identity of the line: game, kind, ways, period, market, subject, line"},
    "kind": _QUOTE["kind"],
    "ways": _QUOTE["ways"],
    "period": _QUOTE["period"],
    "market": {**_MAYBE, "description": "what the bet is on, if kind, ways and period do not say it"},
    "subject": _QUOTE["subject"],
    "stat": _QUOTE["stat"],
    "player": _MAYBE,
    "side": _MAYBE,
    "selection": {**_TEXT, "description": "in one provider's words"},
    "line": {**_NUMBER, "description": "points, from this side's view"},
}
_PRICED: dict[str, Any] = {
    "best_american": {**_NUMBER, "description": "the highest price on offer; null if there is none"},
    "best_decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "best_prob": _NUMBER,
    "best_book": {**_MAYBE, "description": "the book that offers it"},
}
_DOUBT = {
    **_MAYBE,
    "description": "why not to act on it, null if nothing speaks against it: words joined by commas, of apart (the"
    " best prices are over 20 s apart), too-good (hold below -10 %, or over 1.2 times the others' fair price),"
    " one-sided (the best book has no whole market), snapshot, gap (not confirmed since), incomplete (an outcome is"
    " missing), degraded",
}
_EDGE = {**_NUMBER, "description": "best_decimal times the fair probability without best_book, minus 1: 0.02 is 2 %"}
_MARKET: dict[str, Any] = {
    **_SIDE,
    "main": {"type": "boolean", "description": "true for the line compared: the one that most books have as main"},
    **_PRICED,
    "best_books": {"type": "integer", "minimum": 0, "description": "number of books that offer it"},
    "best_key": {**_MAYBE, "description": "the key of best_book's quote"},
    "best_age_s": {**_NUMBER, "description": "seconds since the provider's time of the price"},
    "hold": {
        **_NUMBER,
        "description": "hold at the best prices of two-sided books, a fraction; null if an outcome is missing",
    },
    "fair": {**_NUMBER, "description": "no-vig probability"},
    "fair_american": {**_NUMBER, "description": "the same as American odds, rounded"},
    "fair_method": {**_TEXT, "description": "method for removing the margin (--devig)"},
    "fair_of": {**_TEXT, "description": "consensus, or the book of --fair"},
    "fair_books": {"type": "integer", "minimum": 0, "description": "number of books in the mean"},
    "edge": _EDGE,
    "books": {"type": "integer", "minimum": 0, "description": "number of books that count at this line"},
    "out": {"type": "integer", "minimum": 0, "description": "number of books that have the line and do not count"},
    "was_american": {**_NUMBER, "description": "best_american of the previous record"},
    "was_book": _MAYBE,
    "was_hold": _NUMBER,
    "doubt": _DOUBT,
    "final": {"type": "boolean", "description": "true if nothing is left of this line"},
    "snap": {"type": "boolean", "description": "true if only a snapshot led to it"},
}
_STEAM: dict[str, Any] = {
    "rule": {"const": "steam"},
    **_SIDE,
    "direction": {"enum": ["shorter", "longer"], "description": "how the odds of this side move"},
    "from_prob": {**_NUMBER, "description": "mean no-vig probability of the books that moved, before the move"},
    "to_prob": {"type": "number", "description": "the same after the move"},
    "points": {**_NUMBER, "description": "mean move in probability points; null if only lines moved"},
    "books": {"type": "integer", "minimum": 1, "description": "number of books that moved this way"},
    "of": {"type": "integer", "minimum": 1, "description": "number of books that have the bet"},
    "first_book": {**_TEXT, "description": "the book that moved first"},
    "window_s": {"type": "number", "description": "the window of the rule, in seconds"},
    "line_from": {**_NUMBER, "description": "the previous line, if books moved it"},
    "line_to": _NUMBER,
    "lag_books": {**_MAYBE, "description": "open books that have not moved, joined by commas"},
    "best_key": {**_MAYBE, "description": "key of the best quote among lag_books"},
    "first_ts": {**_TIME, "description": "the provider's time of the first move"},
    "last_ts": _TIME,
    **_PRICED,
    "edge": {**_NUMBER, "description": "best_decimal times to_prob, minus 1"},
    "doubt": {**_MAYBE, "description": "gap, few (of fewer than twice the books of the rule), apart"},
}
_TYPES: dict[str, dict[str, Any]] = {
    "quote": _QUOTE,
    "fixture": {**_CLOCKS, **_PLACE, "status": _MAYBE, "old_status": _MAYBE, "old_start": _START},
    "play": _PLAY,
    "result": _RESULT,
    "drop": _DROP,
    "health": _HEALTH,
    "market": _MARKET,
    "alert": _ALERT,
    "header": {
        "seq": {"const": 0},
        "program": {**_TEXT, "description": "the program that wrote the file"},
        "run": {**_TEXT, "description": "the files of one run share it"},
        "part": {"type": "integer", "minimum": 1, "description": "counts the files of a run"},
        "split": {**_MAYBE, "description": "the league, game or book of this file (--split)"},
        "argv": {**_TEXT, "description": "the command line"},
        "subscription": {**_TEXT, "description": "JSON as text: the request, without the key"},
    },
    "opened": {"label": _TEXT, "host": _TEXT, "attempt": {"type": "integer", "minimum": 1}, "cursor": _MAYBE},
    "lost": {"cause": _TEXT, "detail": _TEXT, "retry_in": {**_NUMBER, "description": "seconds"}},
    "gap": {
        "from": {**_TIME, "description": "the last byte received"},
        "to": {**_TIME, "description": "the next confirmed connection"},
        "seconds": {"type": "number", "description": "measured by a monotonic clock"},
        "cause": _TEXT,
        "resumed": {
            "enum": ["yes", "no", "unknown"],
            "description": "whether the provider replays what was missed",
        },
    },
    "notice": {
        "level": {"enum": ["info", "warning", "error"]},
        "code": {**_TEXT, "description": "stable code of the notice"},
        "text": _TEXT,
        "value": _NUMBER,
        "payload": {**_MAYBE, "description": "what the provider sent, as text, if no record has fields for it"},
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
    "quote": "a price at a book, or its suspension, removal or settlement",
    "fixture": "a game's start or status changed",
    "play": "what happened in a game",
    "result": "the score of a game; with `player`, the statistics of that player",
    "drop": "the provider's own alert of a move",
    "health": "the state of one of the provider's own sources",
    "market": "the value of one side of a line over all books (`--markets`)",
    "alert": "a price that matched `--alert`, with all fields of its quote",
    "header": "the first record of a file: the program and command that wrote it",
    "opened": "a connection is open",
    "lost": "a connection is lost",
    "gap": "a time without data: from, to, why, and whether the provider replays it",
    "notice": "anything else that a reader should know",
    "end": "the last record of a run",
}
#: The other shapes of an alert.
_OTHER_ALERTS = (
    (
        "alert on a market",
        {"rule": _RULE, **_MARKET},
        "a market that matched `--alert`, with all fields of its record",
    ),
    ("alert on steam", _STEAM, "several books moved the same way within a short time (`--steam`)"),
)
#: Fields that a record of the type may lack.
_CARRIED = {
    "const": True,
    "description": "repeated from an earlier file, so that this file stands on its own",
}
_PREV_LINE = {
    "type": "number",
    "description": "the previous line, if it was different; prev is the price at that line",
}
_MORE = {**_TEXT, "description": _DETAIL["description"]}
_OPTIONAL: dict[str, dict[str, Any]] = {
    "quote": {
        "settlement": {**_TEXT, "description": "the outcome of a settled selection: Won, Lost, ..."},
        "carried": _CARRIED,
        "prev_line": _PREV_LINE,
        "detail": _MORE,
    },
    "alert": {"prev_line": _PREV_LINE, "detail": _MORE},
    "opened": {"carried": _CARRIED},
    "lost": {"carried": _CARRIED},
}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line of `-o json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "oddstail record",
        "description": "One line of `oddstail -o json`. Readers ignore fields and types that they do not know.",
        "oneOf": [
            *(_record(name, fields) for name, fields in _TYPES.items()),
            *(_record("alert", fields, title, means) for title, fields, means in _OTHER_ALERTS),
        ],
    }


def types() -> list[str]:
    """The record types, in the order of the schema."""
    return list(_TYPES)


def _record(name: str, fields: dict[str, Any], title: str = "", means: str = "") -> dict[str, Any]:
    required = {**_COMMON, "type": {"const": name}, **fields}
    return {
        "title": title or name,
        "description": means or _MEANS[name],
        "type": "object",
        "required": list(required),
        "properties": {**required, **({} if title else _OPTIONAL.get(name, {}))},
        "additionalProperties": False,
    }
