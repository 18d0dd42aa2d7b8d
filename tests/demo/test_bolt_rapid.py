"""BoltOdds and RapidOddsAPI on the wire, held against the reference's own samples."""

from __future__ import annotations

import functools
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from oddstail.demo.contract import Knobs, Reply, Shut
from oddstail.demo.wires.bolt_shapes import eastern
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.rapidodds import RapidOdds

from .stage import Seat, ask, shape, still
from .stage import Theatre as AnyTheatre

# docs/wire/boltodds.md, A6
OUTCOME = (
    '{"odds":"-10000","link":"https://...","outcome_name":"Moneyline","outcome_line":null,'
    '"outcome_over_under":null,"outcome_target":"New York Mets"}'
)
# docs/wire/boltodds.md, A5
ENVELOPE = {"timestamp", "action", "data"}
DATA = {"sport", "sportsbook", "game", "home_team", "away_team", "info", "outcomes"}
# docs/wire/rapidodds.md, B4
UPDATE = (
    '{"event":"odds_update","sport":"NBA","timestamp":"2026-02-25T10:00:00.000000","credits_charged":1,'
    '"data":{"sport":"NBA","games":[{"game":{"commence_time":"2026-02-25T11:00:00",'
    '"home_team":"Los Angeles Lakers","away_team":"Boston Celtics"},'
    '"bookmakers":[{"name":"Pinnacle","last_update":"2026-02-25T09:59:54",'
    '"markets":[{"key":"head_to_head","outcomes":[{"name":"Los Angeles Lakers","price":2.10},'
    '{"name":"Boston Celtics","price":1.80}]}]}]}]}}'
)
# docs/wire/rapidodds.md, B3
SUBSCRIBE = {
    "action": "subscribe",
    "sport": "NBA",
    "bookmakers": ["Sportsbet", "DraftKings", "Pinnacle"],
    "market_types": ["head_to_head"],
}

# Fewer games, faster tests.
Theatre = functools.partial(AnyTheatre, sports=("basketball", "baseball", "hockey"))
# For tests in which no time passes.
Still = functools.partial(AnyTheatre, market=still("basketball", "baseball", "hockey"))


def _bolt(theatre: AnyTheatre, filters: dict[str, list[str]] | None = None) -> Seat:
    seat = theatre.open(ask("/api?key=demo", websocket=True))
    seat.say({"action": "subscribe"} if filters is None else {"action": "subscribe", "filters": filters})
    return seat


def test_bolt_says_everything_it_may_say() -> None:
    theatre = Theatre(BoltOdds, rate=40, knobs=Knobs(clear_every=3, clear_lasts=1), sports=["tennis", "hockey"])
    seat = _bolt(theatre)
    theatre.run(18, seat)
    actions = Counter(message["action"] for message in seat.messages())
    wanted = (
        "socket_connected initial_state game_update line_update game_added game_removed book_clear sport_clear ping"
    )
    assert set(wanted.split()) <= actions.keys()
    assert {True, False} == {frame.binary for frame in seat.frames}
    assert {b"[", b"{"} == {frame.body[:1] for frame in seat.frames}


def test_bolt_envelope_and_outcomes() -> None:
    seat = _bolt(Still(BoltOdds))
    messages = [message for message in seat.messages() if message["action"] == "initial_state"]
    assert messages
    for message in messages:
        assert message.keys() == ENVELOPE
        assert message["data"].keys() == DATA | {"universal_game_id"}
        assert message["timestamp"].endswith("+00:00")
        for key, one in message["data"]["outcomes"].items():
            assert orjson.loads(OUTCOME).keys() == one.keys()
            assert not one["odds"] or (one["odds"][0] in "+-" and abs(int(one["odds"])) >= 100)
            assert one["outcome_name"] in key
    outcomes = [one for message in messages for one in message["data"]["outcomes"].values()]
    assert any(shape(orjson.loads(OUTCOME)) == shape(one) for one in outcomes)
    assert {"NoneType", "str", "float"} == {type(one["outcome_line"]).__name__ for one in outcomes}


def test_bolt_suspends_with_null_and_with_nothing() -> None:
    theatre = Theatre(BoltOdds, rate=60)
    seat = _bolt(theatre)
    theatre.run(5, seat)
    odds = [
        one["odds"]
        for message in seat.messages()
        if message["action"] == "line_update"
        for one in message["data"]["outcomes"].values()
    ]
    assert None in odds
    assert "" in odds


def test_bolt_clears_put_objects_where_strings_belong() -> None:
    """The very message that must not be missed (A7) [seed]."""
    theatre = Theatre(BoltOdds, knobs=Knobs(clear_every=1, clear_lasts=0.5))
    seat = _bolt(theatre)
    theatre.run(10, seat)
    book = next(one["data"] for one in seat.messages() if one["action"] == "book_clear")
    assert [key for key, value in book.items() if value != {}] == ["sportsbook"]
    sport = next(one["data"] for one in seat.messages() if one["action"] == "sport_clear")
    assert [key for key, value in sport.items() if value != {}] == ["sport", "sportsbook"]


BOLT_FILTERS: dict[str, tuple[dict[str, list[str]], str, set[str]]] = {
    "sport": ({"sports": ["NHL"]}, "sport", {"NHL"}),
    "unknown-ignored": ({"sportsbooks": ["pinnacle", "nobody"]}, "sportsbook", {"pinnacle"}),
    "empty-is-pings-only": ({"games": []}, "sport", set()),
    "case-matters": ({"sports": ["nba"]}, "sport", set()),
}


@functools.cache
def _filtered() -> dict[str, Seat]:
    """Sixteen seconds of one market, through every filter."""
    theatre = Theatre(BoltOdds, rate=20, knobs=Knobs(anomalies=False, connections=len(BOLT_FILTERS)))
    seats = {name: _bolt(theatre, filters) for name, (filters, _, _) in BOLT_FILTERS.items()}
    theatre.run(16, *seats.values())
    return seats


@pytest.mark.parametrize("name", BOLT_FILTERS)
def test_bolt_filters(name: str) -> None:
    _, axis, values = BOLT_FILTERS[name]
    seat = _filtered()[name]
    assert values == {message["data"][axis] for message in seat.messages() if "data" in message}
    assert any(message["action"] == "ping" for message in seat.messages())


def test_bolt_resubscribe_is_limited_and_replaces() -> None:
    theatre = Theatre(BoltOdds, knobs=Knobs(anomalies=False))
    seat = _bolt(theatre)
    again = {"action": "subscribe", "filters": {"sports": ["MLB"]}}
    (refused,) = seat.say(again)
    assert orjson.loads(refused.body) == {
        "action": "error",
        "message": "Re-subscription rate limit hit. Please wait 5 seconds before re-subscribing.",
    }
    theatre.run(5, seat)
    frames = seat.say(again)
    assert orjson.loads(frames[0].body)["action"] == "subscription_updated"
    labels = {key.game for key in seat.told}
    assert len(labels) == len(theatre.market.fixtures("baseball"))


@pytest.mark.parametrize(("how", "kind"), [("error", Shut), ("close", Shut), ("handshake", Reply)])
def test_bolt_refuses_a_key_in_each_possible_way(how: str, kind: type) -> None:
    theatre = Still(BoltOdds, knobs=Knobs(bolt_refusal=how))
    assert isinstance(theatre.wire.accept(ask("/api?key=x", websocket=True)), kind)
    assert isinstance(theatre.wire.accept(ask("/api", websocket=True)), kind)


def test_bolt_connects_are_limited_by_rate_and_by_number() -> None:
    """12 a minute [seed]; 3 at a time [obs]."""
    theatre = Still(BoltOdds)
    seats = [_bolt(theatre) for _ in range(3)]
    full = theatre.wire.accept(ask("/api?key=demo", websocket=True))
    assert isinstance(full, Shut)
    assert b"concurrent" in (full.say or b"")
    theatre.wire.left(seats[0].session)
    for _ in range(8):
        theatre.wire.left(theatre.open(ask("/api?key=demo", websocket=True)).session)
    fast = theatre.wire.accept(ask("/api?key=demo", websocket=True))
    assert isinstance(fast, Reply)
    assert fast.status == 429
    theatre.seconds += 60
    _bolt(theatre)


@pytest.mark.parametrize(
    ("at", "hour"),
    [
        (datetime(2025, 7, 23, 17, 9, tzinfo=UTC), 13),
        (datetime(2026, 1, 31, 18, 0, tzinfo=UTC), 13),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), 3),
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 1, 6, 0, tzinfo=UTC), 1),
    ],
)
def test_bolt_tells_eastern_time(at: datetime, hour: int) -> None:
    assert hour == eastern(at).hour


def test_bolt_has_a_three_way_market_in_hockey_at_one_book() -> None:
    theatre = Theatre(BoltOdds, market=still("hockey"))
    targets: dict[tuple[str, str], set[str]] = {}
    for message in _bolt(theatre, {"sports": ["NHL"]}).messages():
        for outcome in message.get("data", {}).get("outcomes", {}).values():
            named = message["data"]["sportsbook"], outcome["outcome_name"]
            targets.setdefault(named, set()).add(outcome["outcome_target"])
    three = {book: found for (book, name), found in targets.items() if name == "3 Way"}
    assert {"bovada": {"Draw", *targets["bovada", "Moneyline"]}} == three


def test_bolt_catalogue_names_what_the_stream_uses() -> None:
    theatre = Theatre(BoltOdds)
    seat = _bolt(theatre)
    pages: dict[str, Any] = {}
    for name in ("get_info", "get_games", "get_markets"):
        reply = theatre.wire.accept(ask(f"/api/{name}?key=demo"))
        assert isinstance(reply, Reply)
        pages[name] = orjson.loads(reply.body)
    assert {key.game for key in seat.told} == {one["universal_id"] for one in pages["get_games"].values()}
    assert {key.book for key in seat.told} <= set(pages["get_info"]["sportsbooks"])
    named = {name for book in pages["get_markets"].values() for sport in book.values() for name in sport}
    assert {key.market for key in seat.told} == named


# -- RapidOddsAPI ----------------------------------------------------------------------------------------------


def _rapid(theatre: AnyTheatre, **more: object) -> Seat:
    seat = theatre.open(ask("/ws?api_key=demo", websocket=True))
    seat.say({**SUBSCRIBE, **more})
    return seat


def _updates(seat: Seat) -> list[dict[str, Any]]:
    return [message for message in seat.messages() if message["event"] == "odds_update"]


def test_rapid_greets_echoes_and_pushes_the_samples_shape() -> None:
    theatre = Theatre(RapidOdds)
    seat = _rapid(theatre)
    theatre.run(3, seat)
    connected, subscribed, update = seat.messages()
    assert connected.keys() == {"event", "tier", "message"}
    asked = {key: SUBSCRIBE[key] for key in ("sport", "bookmakers", "market_types")}
    assert subscribed == {"event": "subscribed", **asked, "credits_per_push": 1}
    assert shape(orjson.loads(UPDATE)) == shape(update)
    assert not update["timestamp"].endswith(("Z", "+00:00"))


def test_rapid_says_how_deep_an_exchange_is() -> None:
    """B5 [docs D4]: contracts at the price, the same in dollars, the next level."""
    theatre = Theatre(RapidOdds)
    seat = _rapid(theatre, bookmakers=["Kalshi", "Pinnacle"])
    theatre.run(3, seat)
    [*_, update] = _updates(seat)
    outcomes = [
        (book["name"], outcome)
        for game in update["data"]["games"]
        for book in game["bookmakers"]
        for market in book["markets"]
        for outcome in market["outcomes"]
    ]
    assert {name for name, outcome in outcomes if "size" in outcome} == {"Kalshi"}
    for _, outcome in outcomes:
        if "size" in outcome:
            assert outcome["liquidity"] == pytest.approx(outcome["size"] / outcome["price"], abs=0.01)
            assert outcome["alt_prices"][0]["price"] <= outcome["price"]


@pytest.mark.parametrize(("markets", "books", "cost"), [(1, 1, 1), (1, 5, 1), (1, 6, 2), (2, 10, 4), (3, 15, 9)])
def test_rapid_prices_a_push(markets: int, books: int, cost: int) -> None:
    """B6's own examples [docs D2]."""
    seat = _rapid(
        Still(RapidOdds),
        market_types=[f"m{n}" for n in range(markets)],
        bookmakers=[f"b{n}" for n in range(books)],
    )
    assert cost == list(seat.messages())[-1]["credits_per_push"]


def test_rapid_runs_out_of_credits_and_stays() -> None:
    """An error that speaks of credits, no push, the same connection (B6) [seed]."""
    theatre = Theatre(RapidOdds, knobs=Knobs(credits=2, anomalies=False))
    seat = _rapid(theatre)
    theatre.run(12, seat)
    kinds = [message["event"] for message in seat.messages()]
    assert kinds[2:] == ["odds_update", "odds_update", "error", "error"]
    assert "credit" in list(seat.messages())[-1]["message"].lower()
    usage = theatre.wire.accept(ask("/usage?api_key=demo"))
    assert isinstance(usage, Reply)
    assert orjson.loads(usage.body)["credits_remaining"] == 0


def test_rapid_bad_habits_withdraw_nothing() -> None:
    """An empty push is not charged, and neither it nor a single missing book takes prices away."""
    theatre = Theatre(RapidOdds, rate=0.01)
    seat = _rapid(theatre)
    theatre.run(3, seat)
    before = dict(seat.told)
    theatre.run(39, seat)
    updates = _updates(seat)
    empty = [update for update in updates if not update["data"]["games"]]
    assert [update["credits_charged"] for update in empty] == [0]
    books = [{book["name"] for game in update["data"]["games"] for book in game["bookmakers"]} for update in updates]
    assert {len(some) for some in books} == {0, 1, 2}
    assert before.keys() == seat.told.keys()


def test_rapid_unsubscribes_and_knows_its_sports() -> None:
    theatre = Theatre(RapidOdds)
    seat = _rapid(theatre)
    seat.say({"action": "unsubscribe", "sport": "NBA"})
    seat.say({**SUBSCRIBE, "sport": "CURLING"})
    theatre.run(10, seat)
    assert [one["event"] for one in seat.messages()] == ["connected", "subscribed", "unsubscribed", "error"]


def test_rapid_refuses_a_key_by_transport() -> None:
    """403 at the handshake, 401 on REST [docs D4]."""
    wire = Still(RapidOdds).wire
    socket, rest = wire.accept(ask("/ws?api_key=x", websocket=True)), wire.accept(ask("/usage"))
    assert isinstance(socket, Reply)
    assert isinstance(rest, Reply)
    assert (socket.status, rest.status) == (403, 401)
