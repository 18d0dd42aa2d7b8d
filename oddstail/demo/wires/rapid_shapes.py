"""RapidOddsAPI's spellings and its REST shape of a sport's odds. Knows no connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from oddstail.demo import odds
from oddstail.demo.contract import Told
from oddstail.demo.events import Fixture, Offer, Quote, who
from oddstail.demo.game import Group, Kind
from oddstail.demo.sports import SPORTS as LEAGUES

# Feeds by their exact spelling (B9) [docs D4]. Caesars and BetRivers are not among them; an exchange stands in for one.
BOOKS: dict[str, str] = {
    "draftkings": "DraftKings",
    "fanduel": "FanDuel",
    "betmgm": "BetMGM",
    "pinnacle": "Pinnacle",
    "bet365": "Bet365",
    "bovada": "Bovada",
    "caesars": "Kalshi",
}
#: Exchanges, which say how much there is at a price and at the next ones.
_EXCHANGES = ("caesars",)
SPORTS: dict[str, str] = {
    "NBA": "basketball",
    "NFL": "football",
    "MLB": "baseball",
    "NHL": "hockey",
    "EPL": "soccer",
    "ATP_WIMBLEDON": "tennis",
}
# `data.sport` is the display name, the outer `sport` the id (B4) [docs D2].
DISPLAY = {"ATP_WIMBLEDON": "ATP Wimbledon", "EPL": "English Premier League"}
# Minutes by which some books' starts are off.
LATE = {"bovada": 5}
# Valid ids without a game today: no error, and no push.
EMPTY = ("NCAAF", "WNBA", "NBL", "MLS", "AFL", "NRL", "LA_LIGA", "SERIE_A", "BUNDESLIGA", "UCL")

_UNITS = {"baseball": "runs", "hockey": "goals", "soccer": "goals", "tennis": "games"}
#: The key of a player's count.
PROPS = {
    "points": "player_points",
    "rebounds": "player_rebounds",
    "passing_yards": "player_passing_yds",
    "strikeouts": "pitcher_strikeouts",
    "hits": "batter_hits",
}


def market(sport: str, group: Group) -> str | None:
    """A market's key; None for what this vendor does not carry. There are no `spreads` or `totals` (B9)."""
    if group.period == "q1":
        return None
    half = "_1st_half" if group.period == "1h" else ""
    unit = _UNITS.get(sport, "points")
    match group.kind:
        case "moneyline":
            return "head_to_head_3_way" if sport == "soccer" else f"head_to_head{half}"
        case "spread":
            return f"alternate_lines{half}"
        case "total":
            return f"alternate_total_{unit}{half}"
        case "team_total":
            return f"alternate_team_total_{unit}"
        case "prop":
            return PROPS.get(group.stat)


def catalogue(sport: str) -> dict[str, list[str]]:
    """`GET /sports?markets=true`: every key of a sport, in the three groups of the SDK (B7) [docs D4]."""
    known = next((one for one in LEAGUES if one.id == SPORTS.get(sport)), None)
    if known is None:
        return {"game": ["head_to_head"], "team": [], "player_props": []}
    periods = ["game"] + (["1h"] if known.period == "1h" else [])
    kinds: tuple[Kind, ...] = ("moneyline", "spread", "total")
    game = [market(known.id, Group(kind, period)) for period in periods for kind in kinds]
    team = [market(known.id, Group("team_total", subject="home"))]
    props = [PROPS[stat.name] for stat in known.stats if stat.name in PROPS]
    return {"game": [key for key in game if key], "team": [key for key in team if key], "player_props": props}


def price(quote: Quote) -> float | None:
    """Decimal; the sharper book gives three digits."""
    if quote.price is None:
        return None
    return odds.decimal(quote.price, 3 if quote.book == "pinnacle" else 2)


def outcome(fixture: Fixture, quote: Quote) -> dict[str, Any]:
    """All but name and price are there only where they mean something (B5) [docs D4]."""
    offer = quote.offer
    found: dict[str, Any] = {"name": _name(fixture, offer), "price": price(quote)}
    if offer.line is not None:
        found["point"] = offer.line
    if offer.group.kind == "prop":
        found["player_name"] = offer.group.subject
    if offer.group.kind == "team_total":
        found["team_name"] = fixture.home if offer.group.subject == "home" else fixture.away
    if quote.book in _EXCHANGES and quote.price is not None:
        found |= _depth(quote)
    return found


def _depth(quote: Quote) -> dict[str, Any]:
    """Contracts of a dollar at the price, the same in dollars, and the next level (B5) [docs D4]."""
    best = odds.decimal(quote.price or quote.last, 2)
    contracts = 100 + zlib.crc32(quote.offer.key.encode()) % 900
    worse = round(max(best - 0.03, 1.01), 2)
    level = {"price": worse, "size": 2 * contracts, "liquidity": round(2 * contracts / worse, 2)}
    return {"size": contracts, "liquidity": round(contracts / best, 2), "alt_prices": [level]}


def _name(fixture: Fixture, offer: Offer) -> str:
    return offer.side.title() if offer.side in ("over", "under") else who(fixture, offer)


def game(fixture: Fixture, book: str | None = None) -> str:
    """This vendor has no game id: sport, teams and time are it (B4). Joined here for `told`."""
    sport = next(key for key, value in SPORTS.items() if value == fixture.sport)
    return "|".join((sport, fixture.home, fixture.away, naive(begins(fixture, book))))


def games(fixture: Fixture) -> set[str]:
    """Every identity that a fixture goes by, at whatever book."""
    return {game(fixture), *(game(fixture, book) for book in LATE)}


def begins(fixture: Fixture, book: str | None) -> datetime:
    """Books differ by minutes about a start, and so one fixture comes as several entries (B4) [docs D4]."""
    return fixture.start + timedelta(minutes=LATE.get(book or "", 0))


def told(fixture: Fixture, quote: Quote) -> Told:
    """Under what a client knows this quote; "" for a market that the vendor does not carry."""
    name = market(fixture.sport, quote.offer.group) or ""
    line = quote.offer.line
    return Told(game(fixture, quote.book), BOOKS[quote.book], name, who(fixture, quote.offer), line)


def naive(at: datetime) -> str:
    """UTC without saying so (B8)."""
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def entries(fixture: Fixture, quotes: Iterable[Quote]) -> list[dict[str, Any]]:
    """One game with the books that have something for it: an entry for each start that books give it."""
    starts: dict[datetime, list[Quote]] = {}
    for quote in quotes:
        starts.setdefault(begins(fixture, quote.book), []).append(quote)
    return [_entry(fixture, start, held) for start, held in starts.items()]


def _entry(fixture: Fixture, start: datetime, quotes: Iterable[Quote]) -> dict[str, Any]:
    books: dict[str, dict[str, list[Quote]]] = {}
    for quote in quotes:
        key = market(fixture.sport, quote.offer.group)
        assert key is not None
        books.setdefault(quote.book, {}).setdefault(key, []).append(quote)
    return {
        "game": {
            "commence_time": naive(start),
            "home_team": fixture.home,
            "away_team": fixture.away,
        },
        "bookmakers": [
            {
                "name": BOOKS[book],
                "last_update": naive(max(quote.at for held in markets.values() for quote in held)),
                "markets": [
                    {"key": key, "outcomes": [outcome(fixture, quote) for quote in held]}
                    for key, held in markets.items()
                ],
            }
            for book, markets in books.items()
        ],
    }
