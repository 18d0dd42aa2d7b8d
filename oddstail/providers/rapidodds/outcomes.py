"""One outcome of RapidOddsAPI: what it is a price of. Facts: docs/wire/rapidodds.md, B5 and B9. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from oddstail.model import Selection
from oddstail.price import Price
from oddstail.providers import competitions, fields
from oddstail.providers.rapidodds.markets import MARKETS

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
#: What tells outcomes of one name apart (B5). No source has a `player_id`; it would be two players of one name.
_TELLING = ("description", "round", "game", "player_id")
_TELLING_SET = frozenset(_TELLING)
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
    found = ((name, fields.text(outcome[name])) for name in names if name in outcome)
    return tuple((name, value) for name, value in found if value is not None)


def line_of(outcome: dict[str, Any], market: str) -> float | None:
    """The line of an outcome. A milestone is a whole number that wins when it is reached: 25 is over 24.5 (B5)."""
    line = fields.number(outcome.get("point"))
    if line is None and (rung := fields.milestone(outcome.get("point"))) is not None:
        return rung
    if market.endswith("_milestones"):
        if line is None and outcome.get("point") is None:
            return fields.milestone(outcome.get("name"))
        if line is not None and line.is_integer():
            return line - 0.5
    return line


def stake(outcome: dict[str, Any], quoted: Price) -> float | None:
    """The most that can be staked at this price: dollars, or contracts of a dollar at what they cost (B5)."""
    dollars = fields.number(outcome.get("liquidity"))
    if dollars is not None:
        return dollars
    contracts = fields.number(outcome.get("size"))
    return None if contracts is None else round(contracts / quoted.decimal, 2)


def detail_of(outcome: dict[str, Any]) -> str | None:
    """What an exchange says beside price and stake, as JSON text: `alt_prices`, and `size` where `limit` is dollars."""
    names = [name for name in ("alt_prices", "size", "liquidity") if outcome.get(name) not in (None, "", [], {})]
    used = "liquidity" if fields.number(outcome.get("liquidity")) is not None else "size"
    left = {name: outcome[name] for name in names if name != used}
    return fields.compact(left) if left else None


def is_draw(outcome: Any) -> bool:
    """Whether an outcome is the draw."""
    name = outcome.get("name") if isinstance(outcome, dict) else None
    return isinstance(name, str) and _SIDES.get(name.strip().casefold()) == "draw"


def selection(outcome: dict[str, Any], game: Game, book: str, market: str, *, draws: bool) -> Selection:
    """What an outcome prices. `draws`: its market has a draw. ValueError if it has no name."""
    name = fields.text(outcome["name"])
    if name is None:
        raise ValueError("an outcome without a name")
    player = fields.text(outcome.get("player_name"))
    team = fields.text(outcome.get("team_name"))
    bet = MARKETS.classify(market, sport_of(game.sport))
    side = _SIDES.get(name.casefold()) or {game.home: "home", game.away: "away"}.get(name)
    subject = bet.subject
    if subject == "team":
        subject = {game.home: "home", game.away: "away"}.get(team or name, subject)
    if market.endswith("_milestones"):
        # A rung of a ladder may be named `Yes` or `25+`: it is over the line below it.
        side = "over" if side == "yes" or fields.milestone(name) is not None else "under" if side == "no" else side
    extra = telling(outcome, market)
    # Who the bet is on comes first; for `Over` of a team total that is the team, as for a prop the player.
    words = [player or (team if team and team != name else None) or name]
    words += [value if key == "description" else f"{key} {value}" for key, value in extra if key != "player_id"]
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


_SIDES = {"draw": "draw", "tie": "draw", "over": "over", "under": "under", "yes": "yes", "no": "no"}
