"""What `told` says must be what the bytes say: each wire's payloads are read back by a second, naive reader."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import pytest

from oddstail.demo.contract import Knobs, Price, Stage, Wire
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapidodds import RapidOdds

from .stage import Seat, Theatre, ask

SPORTS = ("basketball", "hockey", "soccer")
Board = dict[tuple[Any, ...], Price | None]


def _open(board: Board) -> Board:
    return {tuple(key): price for key, price in board.items() if price is not None}


def _who(subject: str, line: str | None) -> str:
    return f"{subject} {line.title()}".strip() if line else subject


def _optic(seat: Seat) -> Board:
    board: Board = {}
    for body in seat.payloads():
        for odd in body["data"]:
            who = _who(odd["selection"], odd["selection_line"])
            key = (odd["fixture_id"], odd["sportsbook"], odd["market"], who, odd["points"])
            board[key] = None if body["type"] == "locked-odds" else odd["price"]
    return board


def _oddsjam(seat: Seat) -> Board:
    board: Board = {}
    for event in seat.events():
        if "id" not in event:
            continue

        for odd in orjson.loads(event["data"])["data"]:
            points = odd["bet_points"]
            who = odd["bet_name"]
            if points is not None:
                who = who.rsplit(" ", 1)[0]
            key = (odd["game_id"], odd["sportsbook"], odd["bet_type"], who, points)
            board[key] = None if event["event"] == "locked-odds" else odd["bet_price"]
    return board


def _bolt(seat: Seat) -> Board:
    games: dict[tuple[str, str], dict[str, Any]] = {}
    sports: dict[str, str] = {}
    ids: dict[str, str] = {}
    for message in seat.messages():
        data = message.get("data")
        if data is None:
            continue
        book, game = data["sportsbook"], data["game"]
        if isinstance(game, str):
            ids[game] = data.get("universal_game_id", game)
        match message["action"]:
            case "initial_state" | "game_update" | "game_added":
                games[book, game] = dict(data["outcomes"])
                sports[game] = data["sport"]
            case "line_update":
                games.setdefault((book, game), {}).update(data["outcomes"])
                sports[game] = data["sport"]
            case "game_removed":
                games.pop((book, game), None)
            case "book_clear":
                games = {key: value for key, value in games.items() if key[0] != book}
            case "sport_clear":
                games = {
                    key: value for key, value in games.items() if key[0] != book or sports[key[1]] != data["sport"]
                }
    board: Board = {}
    for (book, game), outcomes in games.items():
        for one in outcomes.values():
            side = {"O": "Over", "U": "Under", None: ""}.get(one["outcome_over_under"], one["outcome_over_under"])
            who = f"{one['outcome_target'] or ''} {side}".strip()
            line = None if one["outcome_line"] is None else float(one["outcome_line"])
            price = int(one["odds"]) if one["odds"] else None
            board[ids[game], book, one["outcome_name"], who, line] = price
    return board


def _parlay(seat: Seat) -> Board:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for body in seat.payloads() if not seat.frames[0].body.startswith(b"{") else seat.messages():
        if body["type"] == "initial_state":
            rows = {}
        if body["type"] not in ("initial_state", "odds_update"):
            continue
        for row in body["data"]:
            many = row["kind"] == "prop" or row.get("market_key", "").startswith("alternate_")
            line = row["line"] if many else None
            own = (row.get("player"), row.get("outcome"), line, row.get("period"))
            key = (row["event_id"], row["bookmaker"], row.get("market_key"), *own)
            if row.get("action") == "remove":
                rows.pop(key, None)
            else:
                rows[key] = {**rows.get(key, {}), **row} if row.get("_diff") else row
    board: Board = {}
    for row in rows.values():
        if row.get("available") is not False:
            board.update(_parlay_row(row))
    return board


def _parlay_row(row: dict[str, Any]) -> Board:
    event, book, market, line = row["event_id"], row["bookmaker"], row.get("market_key"), row.get("line", 0.0)
    home, away = row["home_team"], row["away_team"]
    if row["kind"] == "prop":
        # A pick'em row has no price of either side.
        sides = {"Over": row.get("over_price"), "Under": row.get("under_price")}
        return {(event, book, market, f"{row['player']} {side}", line): price for side, price in sides.items()}
    if "outcome" in row:
        return {(event, book, market, row["outcome"], None): row["price_american"]}
    match re.sub(r"_(1h|h1|q1|1q)$", "", (market or "").removeprefix("alternate_")):
        case "spreads":
            return {
                (event, book, market, home, line): row["home_price"],
                (event, book, market, away, -line + 0.0): row["away_price"],
            }
        case "totals":
            return {
                (event, book, market, "Over", line): row["over_price"],
                (event, book, market, "Under", line): row["under_price"],
            }
    sides = {home: row["home_ml"], away: row["away_ml"], "Draw": row.get("draw_ml")}
    return {(event, book, market or "h2h", side, None): price for side, price in sides.items()}


def _rapid(seat: Seat) -> Board:
    """Honest pushes only: the last one is the whole state."""
    last = [body for body in seat.messages() if body["event"] == "odds_update"][-1]
    board: Board = {}
    for entry in last["data"]["games"]:
        game = entry["game"]
        name = "|".join((last["sport"], game["home_team"], game["away_team"], game["commence_time"]))
        for book in entry["bookmakers"]:
            for market in book["markets"]:
                for one in market["outcomes"]:
                    subject = one.get("player_name") or one.get("team_name")
                    who = f"{subject} {one['name']}" if subject else one["name"]
                    board[name, book["name"], market["key"], who, one.get("point")] = one["price"]
    return board


_RAPID = {
    "action": "subscribe",
    "sport": "NBA",
    "bookmakers": ["Pinnacle", "DraftKings", "BetMGM"],
    "market_types": ["head_to_head", "alternate_lines", "alternate_team_total_points", "player_points"],
}


class Case(NamedTuple):
    make: Callable[[Stage], Wire]
    url: str
    socket: bool
    hello: object
    read: Callable[[Seat], Board]


CASES: dict[str, Case] = {
    "opticodds": Case(
        OpticOdds,
        "/api/v3/stream/odds/basketball?key=demo&sportsbook=DraftKings&sportsbook=pinnacle",
        False,
        None,
        _optic,
    ),
    "oddsjam": Case(
        OddsJam,
        "/api/v2/stream/odds?key=demo&league=NBA&league=NHL&sportsbooks=DraftKings&sportsbooks=Pinnacle",
        False,
        None,
        _oddsjam,
    ),
    "boltodds-everything": Case(BoltOdds, "/api?key=demo", True, {"action": "subscribe"}, _bolt),
    "boltodds-two-markets": Case(
        BoltOdds,
        "/api?key=demo",
        True,
        {"action": "subscribe", "filters": {"sports": ["NBA"], "markets": ["Spread", "Team Total"]}},
        _bolt,
    ),
    "parlayapi-sse": Case(ParlayApi, "/v1/sse/odds/basketball_nba?apiKey=demo", False, None, _parlay),
    "parlayapi-ws-three-way": Case(ParlayApi, "/ws/odds/soccer_epl?apiKey=demo", True, None, _parlay),
    "parlayapi-diff": Case(ParlayApi, "/v1/ws/odds/basketball_nba?apiKey=demo&diff=true", True, None, _parlay),
    "rapidodds": Case(RapidOdds, "/ws?api_key=demo", True, _RAPID, _rapid),
}


@functools.cache
def _played(seed: int) -> dict[str, Seat]:
    """Every case has its own wire; they watch one market, until none has anything more to tell."""
    # The wire that a theatre begins with stays without a client.
    theatre = Theatre(OpticOdds, seed=seed, rate=60, knobs=Knobs(clear_every=4, clear_lasts=1), sports=SPORTS)
    seats: dict[str, Seat] = {}
    for name, case in CASES.items():
        seats[name] = theatre.open(ask(case.url, websocket=case.socket), theatre.add(case.make))
        if case.hello is not None:
            seats[name].say(case.hello)
    theatre.run(9, *seats.values())
    theatre.market.freeze()
    while not all(wire.calm() for wire in theatre.wires):
        theatre.run(1, *seats.values())
    return seats


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_told_is_what_the_bytes_say(case: str, seed: int) -> None:
    seat = _played(seed)[case]
    told = _open({tuple(key): price for key, price in seat.told.items()})
    assert _open(CASES[case].read(seat)) == told
    assert len(told) > 20
