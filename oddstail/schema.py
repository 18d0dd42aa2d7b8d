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
_RULE = {**_TEXT, "description": "the --alert that it is for"}
_ALERT: dict[str, Any] = {
    **_QUOTE,
    "rule": _RULE,
    "cents": {
        **_NUMBER,
        "description": "the move in cents since the price before (-105 to +105 is 10: even money counts once); null"
        " if the line moved",
    },
    "was_status": {**_MAYBE, "description": "of the bet before this quote; null: nothing was known of it"},
    "was_line": _NUMBER,
    "was_american": {**_NUMBER, "description": "the last price there was, also where it was not on offer any more"},
    "gap_s": {**_NUMBER, "description": "seconds without data in which the move happened; null if it was seen"},
}
_SIDE: dict[str, Any] = {
    **_PLACE,
    "key": {**_TEXT, "description": "identity of the line: game, kind, ways, period, market, subject, line"},
    "kind": _QUOTE["kind"],
    "ways": _QUOTE["ways"],
    "period": _QUOTE["period"],
    "market": {**_MAYBE, "description": "what the bet is on, where kind, ways and period do not tell it"},
    "subject": _QUOTE["subject"],
    "stat": _QUOTE["stat"],
    "player": _MAYBE,
    "side": _MAYBE,
    "selection": {**_TEXT, "description": "in the words of one provider"},
    "line": {**_NUMBER, "description": "points, as this side counts them"},
}
_PRICED: dict[str, Any] = {
    "best_american": {**_NUMBER, "description": "the highest price on offer; null where there is none"},
    "best_decimal": {**_NUMBER, "exclusiveMinimum": 1},
    "best_prob": _NUMBER,
    "best_book": {**_MAYBE, "description": "whose price it is"},
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
    "main": {"type": "boolean", "description": "the line that is compared: the one that most books have as main"},
    **_PRICED,
    "best_books": {"type": "integer", "minimum": 0, "description": "how many books offer it"},
    "best_key": {**_MAYBE, "description": "the key of best_book's quote"},
    "best_age_s": {**_NUMBER, "description": "seconds since the provider's time of the price"},
    "hold": {**_NUMBER, "description": "of the best prices of whole books, a fraction; null if an outcome is missing"},
    "fair": {**_NUMBER, "description": "probability without the margin"},
    "fair_american": {**_NUMBER, "description": "the same, rounded"},
    "fair_method": {**_TEXT, "description": "how the margin is taken out (--devig)"},
    "fair_of": {**_TEXT, "description": "consensus, or the book of --fair"},
    "fair_books": {"type": "integer", "minimum": 0, "description": "how many books the fair price is the mean of"},
    "edge": _EDGE,
    "books": {"type": "integer", "minimum": 0, "description": "how many books count at this line"},
    "out": {"type": "integer", "minimum": 0, "description": "how many have the line and do not count"},
    "was_american": {**_NUMBER, "description": "best_american of the record before"},
    "was_book": _MAYBE,
    "was_hold": _NUMBER,
    "doubt": _DOUBT,
    "final": {"type": "boolean", "description": "nothing of this line is left"},
    "snap": {"type": "boolean", "description": "only a snapshot led to it"},
}
_STEAM: dict[str, Any] = {
    "rule": {"const": "steam"},
    **_SIDE,
    "direction": {"enum": ["shorter", "longer"], "description": "what happens to the odds of this side"},
    "from_prob": {**_NUMBER, "description": "mean probability of the books that moved, before; without their margin"},
    "to_prob": {"type": "number", "description": "and after"},
    "points": {**_NUMBER, "description": "their mean move in probability points; null if only lines moved"},
    "books": {"type": "integer", "minimum": 1, "description": "how many books moved this way"},
    "of": {"type": "integer", "minimum": 1, "description": "of how many that have the bet"},
    "first_book": {**_TEXT, "description": "the book that moved first"},
    "window_s": {"type": "number", "description": "within how many seconds"},
    "line_from": {**_NUMBER, "description": "the line before, where books moved it"},
    "line_to": _NUMBER,
    "lag_books": {**_MAYBE, "description": "books that are open and have not moved, joined by commas"},
    "best_key": {**_MAYBE, "description": "the key of the best quote among them"},
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
    "market": "what a side of a line is worth over all books (`--markets`)",
    "alert": "a price that `--alert` asked for, with all that its quote has",
    "header": "the first record of a file: what wrote it, for which command",
    "opened": "a link is up",
    "lost": "a link is down",
    "gap": "from when to when nobody watched, why, and whether the provider replays it",
    "notice": "what else a reader should know",
    "end": "the last word of a run",
}
#: The other shapes of an alert.
_OTHER_ALERTS = (
    (
        "alert on a market",
        {"rule": _RULE, **_MARKET},
        "a market that `--alert` asked for, with all that its record has",
    ),
    ("alert on steam", _STEAM, "several books moved one way within a short time (`--steam`)"),
)
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
