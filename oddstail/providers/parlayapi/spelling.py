"""The rows of ParlayAPI in one spelling: that of docs/wire/parlayapi.md, 5.5. Pure.

Which shape of a row a stream sends is documented nowhere, and the vendor's pages, clients and REST answers differ in
names: `home_odds` and `home_price`, `point` and `line`, an outcome in `outcome`, `name` or `side`, a player in
`player`, `description` or an object. The rest of this provider reads rows that have come through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple

from oddstail.model import Bet
from oddstail.providers import fields
from oddstail.providers.parlayapi.markets import MARKETS
from oddstail.providers.parlayapi.parts import market_key
from oddstail.text import fold

Row = dict[str, Any]

#: The words that are the same for every provider.
SIDES = ("home", "away", "draw", "over", "under", "yes", "no")
#: The fields of a row that hold a line (5.5).
LINES = ("line", "point", "home_spread", "away_spread", "total")
#: Other names of fields -> the documented one.
_SINGLE = ("price_american", "price", "odds", "american_odds", "odds_american", "american", "american_price")
_NAMES = {
    **{f"{side}_{name}": f"{side}_price" for side in SIDES
       for name in ("odds", "price_american", "american", "american_odds", "odds_american")},
    **{name.format(side): f"{side}_ml" for side in SIDES[:3] for name in ("{}_moneyline", "ml_{}", "moneyline_{}")},
    **dict.fromkeys(_SINGLE[1:], "price_american"),
    **dict.fromkeys(("point", "points", "handicap", "line_score", "line_value"), "line"),
    "total_line": "total",
    **{f"{side}_spread_odds": f"{side}_spread_price" for side in SIDES[:2]},
    **{f"total_{side}_{name}": f"{side}_price" for side in SIDES[3:5] for name in ("price", "odds")},
    "player_name": "player",
}  # fmt: skip
#: Where a row may say which side it prices, or whose: each alone, or both in one (`Boston Celtics Over 110.5`).
WORDS = ("outcome", "outcome_name", "selection", "selection_name", "name", "label", "side", "bet_side", "over_under")
#: Where a row may name the player or the team that it is about, the surest first; `description` as The Odds API has it.
_PLAYER = ("player", "athlete", "athlete_name", "participant", "description")
_TEAM = ("team", "team_name", "participant", "player", "description", "team_abbr")
#: What tells two players of one name apart, the surest first.
_IDS = ("player_id", "playerId", "athlete_id", "participant_id", "player_key", "player_uid", "player_slug",
        "external_player_id", "player_team", "team_id", "team", "team_name", "team_abbr")  # fmt: skip
_PRICES = tuple(f"{side}_{name}" for side in SIDES for name in ("price", "ml"))
#: A row with none of these fields is in the documented spelling, but for the texts of its fields.
_OTHERS = frozenset((*_NAMES, *SIDES, *WORDS, *_PLAYER[1:], *_TEAM[:2], *_IDS[1:]))

_SIDE = re.compile(r"(?:(.*\S)\s+)?(over|under|o|u|yes|no)(?:\s*([+-]?\d+(?:\.\d+)?))?", re.IGNORECASE)
_LINE = re.compile(r"(.*\S)\s+([+-]\d+(?:\.\d+)?|pk)", re.IGNORECASE)
_RUNG = re.compile(r"(?:(.*\S)\s+)?(\d+(?:\.\d+)?\s?\+)(?:\s.*)?")
_WHOLE = {"o": "over", "u": "under", "the draw": "draw", "tie": "draw", "x": "draw"}
_LEVEL = frozenset({"pk", "pick", "pickem", "pick'em", "ev", "even"})
_RESULT = {"1": "home", "2": "away"}
_MILESTONES = re.compile(r"milestones?(?:_|$)|_\d+_?(?:plus|\+)$", re.IGNORECASE)
_PLUS = re.compile(r"_(\d+)_?(?:plus|\+)$", re.IGNORECASE)
_REACHED = {"yes": "over", "no": "under"}


class _Word(NamedTuple):
    """What one text says: whom it is about ("" for nobody), which side, which line."""

    whom: str
    side: str | None
    line: float | None


def plain(row: Row) -> Row:
    """The row under the documented names. ValueError if it prices a side of a team's or a player's total that it does
    not name: whether that is over or under, nobody can tell."""
    market, _ = market_key(row)
    market = market or fields.text(row.get("market"))
    bet = Bet() if market is None else MARKETS.classify(market)
    is_of_team = bet.subject in ("team", "home", "away")
    is_milestone = market is not None and _MILESTONES.search(market) is not None
    is_odd = any(isinstance(row.get(name), str) for name in LINES) or any(
        isinstance(row.get(name), dict | list) for name in ("player", "player_id")
    )
    is_odd = is_odd or ("market_key" in row and ("home_spread" in row or "total" in row))
    if not (is_of_team or is_milestone or is_odd) and _OTHERS.isdisjoint(row):
        return row
    made = _renamed(row)
    words = [_word(text) for name in WORDS if (text := _text(row.get(name))) is not None]
    priced = any(name in made for name in _PRICES)
    is_prop = not is_of_team and (
        "player" in made or bet.subject == "player" or (made.get("kind") in ("prop", "props") and bet.kind == "other")
    )
    if is_of_team:
        words = [*_worded(made, _TEAM), *words]
        _of_team(made, words, bet)
    elif is_prop:
        words = [*_worded(made, _PLAYER), *words]
        _of_player(made, words)
    sides = [side for word in words if (side := _side(made, word, bet, is_of_team or is_prop)) is not None]
    texts = [text for name in WORDS if (text := _text(row.get(name))) is not None]
    made.pop("outcome", None)
    has_words = bool(texts or sides) and ("outcome" in row or "price_american" in made or bool(sides))
    if not priced and (has_words or (is_prop and "price_american" in made)):
        side = sides[0] if sides else _unnamed(made, bet, texts, is_of_team=is_of_team, is_prop=is_prop)
        if side is not None:
            made["outcome"] = side
        _line_of_words(made, words)
    if is_milestone:
        _reached(made, market or "")
    if _is_wide(made):
        part = market_key(made)[1]
        made.pop("market_key", None)
        made.update({} if part is None else {"period": part or "full"})
    return made


def _is_wide(row: Row) -> bool:
    """Whether a row has several markets of a game, whatever its market key says."""
    has_spread, has_total = "home_spread" in row or "away_spread" in row, "total" in row
    is_narrow = "line" in row or "player" in row or "home_price" in row or "away_price" in row
    return not is_narrow and any(f"{side}_ml" in row for side in SIDES[:3]) and (has_spread or has_total)


def unpriced(row: Row) -> Row:
    """What a row that cannot be read says of whose prices it changed: no line, no price, and not for certain which."""
    names = {name: value for name, value in row.items() if name not in LINES and name not in _SINGLE}
    with suppress(*fields.UNREADABLE):
        names = plain(names)
    return {name: value for name, value in names.items() if name not in LINES}


def mirrored(row: Row) -> Row:
    """A change that tells the spread of one team moves the other's too."""
    for name, other in (("home_spread", "away_spread"), ("away_spread", "home_spread")):
        if name in row and other not in row:
            line = fields.number(row[name])
            return {**row, other: None if line is None else 0.0 - line}
    return row


def _renamed(row: Row) -> Row:
    """The fields under the documented names, lines as numbers; of several names, the one that says something counts."""
    made = dict(row)
    for name in row:
        to = _NAMES.get(name) or (f"{name}_price" if name in SIDES and fields.number(row[name]) is not None else None)
        if to is not None and name in made:
            value = made.pop(name)
            if made.get(to) in (None, ""):
                made[to] = value
    for name in LINES:
        if isinstance(made.get(name), str):
            made[name] = _number(made[name])
    return made


def _number(sent: str) -> Any:
    """A line out of a text: `-3.5`, `PK`, `25+`, `o25.5`. The text itself if it is none."""
    word = sent.strip().casefold()
    if word in _LEVEL:
        return 0.0
    parted = _word(sent)
    for line in (fields.number(sent), fields.milestone(sent), None if parted.whom else parted.line):
        if line is not None:
            return line
    return sent


def _text(value: Any) -> str | None:
    """A name, which may be in an object."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("full_name") or value.get("display_name")
    return fields.text(value)


@lru_cache(16_384)
def _word(text: str) -> _Word:
    """`Boston Celtics Over 110.5`, `Los Angeles Lakers -3.5`, `LeBron James 25+ Points`, `Tie` taken apart."""
    lower = text.casefold()
    lower = _WHOLE.get(lower, lower)
    if lower in SIDES:
        return _Word("", lower, None)
    if found := _SIDE.fullmatch(text):
        whom, side, line = found.groups()
        # `o` and `u` are sides with a line alone: a name may end with such a letter.
        if line is not None or side.casefold() not in _WHOLE:
            return _Word(whom or "", _WHOLE.get(side.casefold(), side.casefold()), fields.number(line))
    if found := _RUNG.fullmatch(text):
        return _Word(found[1] or "", "over", fields.milestone(found[2]))
    if found := _LINE.fullmatch(text):
        return _Word(found[1], None, 0.0 if found[2].casefold() == "pk" else fields.number(found[2]))
    return _Word(text, None, None)


def _worded(row: Row, names: tuple[str, ...]) -> Iterator[_Word]:
    return (_word(text) for name in names if (text := _text(row.get(name))) is not None)


def _of_team(made: Row, words: list[_Word], bet: Bet) -> None:
    """A team's total under `team`, as `home` or `away` where it is known which."""
    roles = (word.side if word.side in ("home", "away") else role(made, word.whom) for word in words)
    team = bet.subject if bet.subject != "team" else next((one for one in roles if one is not None), None)
    team = team or next((word.whom for word in words if word.whom), None)
    for name in ("player", "description", "participant", "team_name"):
        made.pop(name, None)
    made.update({} if team is None else {"team": team}, kind="game")


def _of_player(made: Row, words: list[_Word]) -> None:
    """A player under `player`, and what tells namesakes apart under `player_id`."""
    value = made.pop("player", None)
    named = next((word.whom for word in words if word.whom), None)
    if named is not None:
        made["player"] = named
    ids = (made.get(name) for name in _IDS)
    one = value.get("id") or value.get("player_id") if isinstance(value, dict) else None
    one = one or next((found for found in ids if found not in (None, "")), None)
    if one is not None:
        made["player_id"] = fields.text(one) or fields.compact(one)


def _side(row: Row, word: _Word, bet: Bet, is_of_one: bool) -> str | None:
    """The side that a word names; of a team or a player it is over or under, yes or no."""
    if is_of_one:
        return word.side if word.side in SIDES[3:] else None
    result = _RESULT.get(word.whom) if bet.kind == "moneyline" else None
    return word.side or result or role(row, word.whom)


def _unnamed(row: Row, bet: Bet, texts: list[str], *, is_of_team: bool, is_prop: bool) -> str | None:
    """The outcome where no word names a side. Of a market that names its winner, that is yes."""
    if not (is_of_team or is_prop):
        return texts[0]
    if is_prop and row.get("line") is None:
        return "yes"
    if row.get("price_american") is None:
        return None
    raise ValueError("neither over nor under")


def role(row: Row, team: str) -> str | None:
    """`home` or `away`, for the word itself, the name of one of the teams, or its first or last words."""
    word = fold(team)
    if not word:
        return None
    if word in ("home", "away"):
        return word
    names = {side: fold(fields.text(row.get(f"{side}_team")) or "") for side in ("home", "away")}
    found = [side for side, name in names.items() if word == name] or [
        side for side, name in names.items() if name.startswith(f"{word} ") or name.endswith(f" {word}")
    ]
    return found[0] if len(found) == 1 else None


def _line_of_words(made: Row, words: list[_Word]) -> None:
    """The line out of an outcome such as `Over 220.5`, where no field has it."""
    line = next((word.line for word in words if word.line is not None), None)
    if line is not None and all(made.get(name) is None for name in LINES):
        made["line"] = line


def _reached(made: Row, market: str) -> None:
    """A milestone wins at its number: 25 is over 24.5, and yes is over."""
    if (found := _PLUS.search(market)) and made.get("line") is None:
        made["line"] = float(found[1])
    line = fields.number(made.get("line"))
    if line is not None and line.is_integer():
        made["line"] = line - 0.5
    for yes, over in _REACHED.items():
        if f"{yes}_price" in made and f"{over}_price" not in made:
            made[f"{over}_price"] = made.pop(f"{yes}_price")
        if made.get("outcome") == yes:
            made["outcome"] = over
