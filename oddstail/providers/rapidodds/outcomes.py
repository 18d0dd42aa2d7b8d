"""One outcome of RapidOddsAPI: what it is a price of. Facts: docs/wire/rapidodds.md, B5 and B9. Pure."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from oddstail.model import Selection
from oddstail.price import Price
from oddstail.providers import competitions, fields
from oddstail.providers.rapidodds.markets import MARKETS
from oddstail.providers.teams import role_of

#: The sport of a sport id, where it is beyond doubt.
_SPORTS = {
    "NFL": "football",
    "NCAAF": "football",
    "NBA": "basketball",
    "WNBA": "basketball",
    "NBL": "basketball",
    "MLB": "baseball",
    "NHL": "hockey",
    "AFL": "aussie_rules",
    "AFLW": "aussie_rules",
    "NRL": "rugby_league",
    "NRLW": "rugby_league",
    **dict.fromkeys(
        ("EPL", "MLS", "WORLD_CUP", "LA_LIGA", "SERIE_A", "BUNDESLIGA", "LIGUE_1", "UCL", "A_LEAGUE"),
        "soccer",
    ),
}
#: What tells outcomes of one name apart: fields of the vendor's (B5), and what others call a player's id or team.
_TELLING = (
    *("description", "round", "game", "player_id", "player_team", "participant_id", "competitor_id", "athlete_id"),
    *("team", "team_id", "player", "participant", "position"),
)
_TELLING_SET = frozenset(_TELLING)
#: Of these, the ones that mean something to a reader as they are.
_WORDS = frozenset({"description", "player_team", "team", "player", "participant", "position"})
#: In correct-score markets also keys named after the competitors, so all but these (B5).
_NOT_TELLING = frozenset(
    {"name", "point", "player_name", "team_name", "price", "size", "liquidity", "alt_prices", "link"}
)


class Game(NamedTuple):
    """Whose game a price is of. The wire has no id: `id` is ours."""

    id: str
    sport: str
    home: str
    away: str
    start: str | None


def sport_of(name: str) -> str | None:
    """The sport of a sport id, where it is beyond doubt."""
    return "tennis" if name.startswith("ATP_") else _SPORTS.get(name)


def telling(outcome: dict[str, Any], market: str) -> tuple[tuple[str, str], ...]:
    """The fields beyond name, point, player and team that make an outcome another one, in order.

    A field that the vendor may add one day is not among them, or each push would seem to bring new prices.
    """
    if _TELLING_SET.isdisjoint(outcome) and not market.startswith("correct_score"):
        return ()
    names = sorted(set(outcome) - _NOT_TELLING) if market.startswith("correct_score") else _TELLING
    found = ((name, _scalar(outcome[name])) for name in names if name in outcome)
    known = (outcome["name"], outcome.get("player_name"), outcome.get("team_name"))
    return tuple((name, value) for name, value in found if value is not None and value not in known)


def _scalar(value: Any) -> str | None:
    """A text or a number, or what an object such as `{"id": 7, "name": "..."}` is called."""
    if isinstance(value, dict):
        return next((found for key in ("id", "key", "name") if (found := fields.text(value.get(key)))), None)
    return fields.text(value)


def line_of(outcome: dict[str, Any], market: str) -> float | None:
    """The line of an outcome. A milestone is a whole number that wins when it is reached: 25 is over 24.5 (B5)."""
    line = fields.number(outcome.get("point"))
    if line is None and outcome.get("point") is None:
        line = _side_and_line(outcome.get("name"))[1]
    if line is None and (rung := fields.milestone(outcome.get("point"))) is not None:
        return rung
    if market.endswith("_milestones"):
        if line is None and outcome.get("point") is None:
            return fields.milestone(outcome.get("name"))
        if line is not None and line.is_integer():
            return line - 0.5
    return line


def _side_and_line(name: Any) -> tuple[str | None, float | None]:
    """The side and the line of a name such as `Over 220.5`."""
    found = _LINED.fullmatch(name.strip()) if isinstance(name, str) else None
    return (None, None) if found is None else (found[1].casefold(), fields.number(found[2]))


_LINED = re.compile(r"(over|under) +(\d+(?:\.\d+)?)", re.IGNORECASE)


def stake(outcome: dict[str, Any], quoted: Price) -> float | None:
    """The most that can be staked at this price: dollars, or contracts of a dollar at what they cost (B5)."""
    dollars = fields.number(outcome.get("liquidity"))
    if dollars is not None and dollars >= 0:
        return dollars
    contracts = fields.number(outcome.get("size"))
    return None if contracts is None or contracts < 0 else round(contracts / quoted.decimal, 2)


#: Fields of an outcome that a quote has elsewhere.
_FIELDS = frozenset({"name", "point", "player_name", "team_name", "price", "link", *_TELLING})
_DEPTH = ("size", "liquidity", "alt_prices")
#: `No Touchdown Scorer`, `Neither`, `Any Other Player`: outcomes of a player's market that are no player.
_NOBODY = re.compile(r"(no|none|neither|nobody|any|the field|field|other)\b", re.IGNORECASE)


def depth(outcome: dict[str, Any], market: str) -> str | None:
    """What no field of a quote has, as JSON text: an exchange's next levels (`alt_prices`), unknown fields."""
    if _FIELDS.issuperset(outcome):
        return None
    # Dollars say all that `limit` says; contracts may stand beside them.
    taken = "size" if fields.number(outcome.get("liquidity")) is None else "liquidity"
    # The keys that are named after competitors are in the selection.
    told = outcome if not market.startswith("correct_score") else {name: outcome.get(name) for name in _DEPTH}
    left = {name: item for name, item in told.items() if item not in (None, "", [], {})}
    return fields.rest(left, *_FIELDS, taken)


def _is_shown(key: str, value: str, first: str) -> bool:
    """Whether what tells outcomes apart stands in the selection: an id means nothing to a reader."""
    return not key.endswith("_id") and value != first


def is_draw(outcome: Any) -> bool:
    """Whether an outcome is the draw."""
    name = outcome.get("name") if isinstance(outcome, dict) else None
    return isinstance(name, str) and _SIDES.get(name.strip().casefold()) == "draw"


def _player(outcome: dict[str, Any], name: str, side: str | None) -> str | None:
    """The player of a player's market, also where another field than `player_name` has it."""
    sent = outcome.get("player")
    named = fields.text(sent.get("name") if isinstance(sent, dict) else sent)
    if named is not None:
        return named
    if fields.milestone(name) is not None or side in ("over", "under", "yes", "no"):
        return fields.text(outcome.get("description")) or fields.text(outcome.get("participant"))
    # Of many players one comes first: the outcome is named after that one, or after none of them.
    return None if side is not None or _NOBODY.match(name) else name


def selection(outcome: dict[str, Any], game: Game, book: str, market: str, *, draws: bool) -> Selection:
    """What an outcome prices. `draws`: its market has a draw. ValueError if it has no name."""
    name = fields.text(outcome["name"])
    if name is None:
        raise ValueError("an outcome without a name")
    team = fields.text(outcome.get("team_name"))
    bet = MARKETS.classify(market, sport_of(game.sport))
    side = _SIDES.get(name.casefold()) or _side_and_line(name)[0]
    if side is None and (bet.subject != "player" or name in (game.home, game.away)):
        side = role_of(name, game.home, game.away)
    player = fields.text(outcome.get("player_name"))
    if player is None and bet.subject == "player":
        player = _player(outcome, name, side)
    if player is not None and bet.kind in ("other", "total", "team_total"):
        bet = bet._replace(kind="prop", period=bet.period or "game", subject="player")
    elif team is not None and bet.kind == "total":
        # Whoever it is of, it is not the total of the game.
        bet = bet._replace(kind="team_total", subject="team")
    subject = bet.subject
    if subject == "team":
        subject = role_of(team or name, game.home, game.away) or subject
    if market.endswith("_milestones"):
        # A rung of a ladder may be named `Yes` or `25+`: it is over the line below it.
        side = "over" if side == "yes" or fields.milestone(name) is not None else "under" if side == "no" else side
    extra = telling(outcome, market)
    # Who the bet is on comes first; for `Over` of a team total that is the team, as for a prop the player.
    words = [player or (team if team and team != name else None) or name]
    words += [value if key in _WORDS else f"{key} {value}" for key, value in extra if _is_shown(key, value, words[0])]
    point = fields.number(outcome.get("point"))
    if side is None and fields.milestone(outcome.get("point")) is not None:
        side, point = "over", line_of(outcome, market)
    at = "" if point is None else f"{point:.10g}"
    parts = [name, at, player or "", team or "", *(f"{key}={value}" for key, value in extra)]
    return Selection(
        key=f"{game.id}|{book}|{market}|{'|'.join(parts)}".rstrip("|"),
        sport=sport_of(game.sport),
        league=game.sport,
        competition=competitions.of("rapidodds", game.sport),
        game_id=game.id,
        home=game.home,
        away=game.away,
        start=game.start,
        book=book,
        kind=bet.kind,
        period=bet.period,
        ways=3 if draws and bet.kind == "moneyline" else bet.ways,
        subject=subject,
        stat=bet.stat,
        market=market,
        selection=" ".join(words),
        side=side,
        player=player,
    )


_SIDES = {"draw": "draw", "tie": "draw", "the draw": "draw", "over": "over", "under": "under", "yes": "yes", "no": "no"}
