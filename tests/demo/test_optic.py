"""OpticOdds and OddsJam on the wire, held against the reference's own samples."""

from __future__ import annotations

import functools
from typing import Any

import orjson
import pytest

from oddstail.demo import odds
from oddstail.demo.contract import Knobs, Reply
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds

from .stage import Seat, ask, shape, still
from .stage import Theatre as AnyTheatre

# docs/wire/oddsjam.md, 1.3
V2_ODDS = (
    '{"entry_id": "1707690123456-3", "data": [{"id": null, "game_id": "41207-33918-2024-02-11", '
    '"bet_name": "Over 221.5", "bet_price": -108.0, "bet_points": 221.5, "bet_type": "Total Points", '
    '"sportsbook": "DraftKings", "is_main": true, "is_live": false, "sport": "basketball", "league": "NBA", '
    '"timestamp": 1707690123.4123}]}'
)
# docs/wire/opticodds.md, 2.4
COPILOT_ODDS = (
    '{"entry_id":"1736820665123-1","type":"copilot-odds","data":[{"fixture_id":"7C19D2A04EB1",'
    '"game_id":"15482-40117-2025-01-14","grouping_key":"default:221.5",'
    '"id":"7:-1:7C19D2A04EB1:total_points:under_221_5","is_live":false,"is_main":true,"league":"NBA",'
    '"market":"Total Points","name":"Under 221.5","odd_id":"7C19D2A04EB1:total_points:under_221_5",'
    '"player_id":"","points":221.5,"price":-112,"selection":"","selection_line":"under",'
    '"sport":"basketball","team_id":"","timestamp":1736820664,"version_id":-1}]}'
)
# docs/wire/opticodds.md, 2.4
COPILOT_SETTLED = (
    '{"entry_id":"1736833000777-0","type":"copilot-settled-odds","data":[{"fixture_id":"7C19D2A04EB1",'
    '"game_id":"15482-40117-2025-01-14","id":"7:-1:7C19D2A04EB1:total_points:under_221_5","league":"NBA",'
    '"market":"Total Points","name":"Under 221.5","odd_id":"7C19D2A04EB1:total_points:under_221_5",'
    '"player_id":"","sport":"basketball","team_id":"","timestamp":1736833000,"settlement":"Lost",'
    '"settled_at":"2025-01-14T05:36:40+00:00","version_id":-1}]}'
)
# docs/wire/opticodds.md, 2.4
BOOK_ODDS = (
    '{"entry_id":"1736820670001-0","type":"odds","data":[{'
    '"id":"15482-40117-2025-01-14:draftkings:point_spread:boston_celtics_-4_5",'
    '"fixture_id":"7C19D2A04EB1","game_id":"15482-40117-2025-01-14","sport":"basketball","league":"NBA",'
    '"league_id":"nba","sportsbook":"DraftKings","sportsbook_id":"draftkings","market":"Point Spread",'
    '"market_id":"point_spread","name":"Boston Celtics -4.5","selection":"Boston Celtics",'
    '"normalized_selection":"boston_celtics","selection_line":null,"points":-4.5,"selection_points":-4.5,'
    '"price":-110,"is_main":true,"is_live":false,"grouping_key":"default:-4.5","player_id":null,'
    '"team_id":"9A41C77E02D5","timestamp":1736820669.918,"limits":null,"order_book":null,'
    '"source_ids":null,"deep_link":null}]}'
)
# docs/wire/opticodds.md, 2.4
FIXTURE_STATUS = (
    '{"data":{"fixture":{"away_team_display":"Lena Hart","game_id":"30697-79652-2025-03",'
    '"home_team_display":"Mia Sol","id":"E145B23767AA","start_date":"2025-01-14T03:00:00+00:00"},'
    '"fixture_id":"E145B23767AA","game_id":"30697-79652-2025-03","league":"WTA","new_start_date":null,'
    '"new_status":"delayed","old_start_date":null,"old_status":"unplayed","sport":"tennis",'
    '"timestamp":1736821000.5512},"entry_id":"1736821000555-0"}'
)
NO_BOOK = b"At least 1 sportsbook must be provided."
NO_LEAGUE = b'{"error":"At least 1 league or game_id must be provided."}'
V2 = "/api/v2/stream/odds?key=demo&league=NBA&sportsbooks=DraftKings&sportsbooks=Pinnacle"
V3 = "/api/v3/stream/odds/basketball?key=demo&sportsbook=DraftKings"
COPILOT = "/api/v3/stream/copilot/basketball/odds?key=demo&include_fixture_updates=true"


# Fewer games, faster tests.
Theatre = functools.partial(AnyTheatre, sports=("basketball",))
# For tests in which no time passes.
Still = functools.partial(AnyTheatre, market=still("basketball"))


FILTERS: list[tuple[str, str, set[object]]] = [
    ("&market=Moneyline", "market", {"Moneyline"}),
    ("&market=total_points", "market", {"Total Points"}),
    ("&is_main=true", "is_main", {True}),
    ("&is_live=true", "is_live", {True}),
    ("&sportsbook=pinnacle&sportsbook=nobody", "sportsbook", {"DraftKings", "Pinnacle"}),
]
FORMATS = [("Decimal", 1.0, 60.0), ("PROBABILITY", 0.0, 1.0)]


@functools.cache
def _watched() -> dict[str, Seat]:
    """Ten minutes of one market, seen by everybody who only looks on."""
    theatre = Theatre(OpticOdds, rate=60)
    urls = [
        V3,
        COPILOT,
        *(V3 + query for query, _, _ in FILTERS),
        *(f"{V3}&odds_format={one}" for one, _, _ in FORMATS),
    ]
    seats = {url: theatre.open(ask(url)) for url in urls}
    seats[V2] = theatre.open(ask(V2), theatre.add(OddsJam))
    theatre.run(10, *seats.values())
    return seats


def _events(seat: Seat, name: str) -> list[dict[str, str]]:
    return [event for event in seat.events() if event.get("event") == name]


def _matching(sample: str, event: dict[str, str]) -> bool:
    wanted = shape(orjson.loads(sample)["data"][0])
    return any(wanted == shape(row) for row in orjson.loads(event["data"])["data"])


@pytest.mark.parametrize(
    ("url", "event", "sample", "order"),
    [
        pytest.param(V2, "odds", V2_ODDS, ["id", "event", "data", "retry"], id="v2-odds"),
        pytest.param(V2, "locked-odds", V2_ODDS, ["id", "event", "data", "retry"], id="v2-locked"),
        pytest.param(V3, "odds", BOOK_ODDS, ["event", "id", "retry", "data"], id="v3-odds"),
        pytest.param(V3, "locked-odds", BOOK_ODDS, ["event", "id", "retry", "data"], id="v3-locked"),
        pytest.param(COPILOT, "copilot-odds", COPILOT_ODDS, ["event", "id", "retry", "data"], id="copilot"),
        pytest.param(
            COPILOT,
            "copilot-settled-odds",
            COPILOT_SETTLED,
            ["event", "id", "retry", "data"],
            id="copilot-settled",
        ),
    ],
)
def test_events_have_the_samples_shape(url: str, event: str, sample: str, order: list[str]) -> None:
    """Key sets, JSON types and the order of SSE fields."""
    found = _events(_watched()[url], event)
    assert found
    assert [list(one) for one in found] == [order] * len(found)
    assert {one["retry"] for one in found} == {"5000"}
    envelope = orjson.loads(sample).keys()
    assert all(orjson.loads(one["data"]).keys() == envelope for one in found)
    assert any(_matching(sample, one) for one in found)


def test_fixture_status_is_an_object_with_one_pair_filled() -> None:
    found = [orjson.loads(event["data"]) for event in _events(_watched()[COPILOT], "fixture-status")]
    status = [one for one in found if one["data"]["new_status"] is not None]
    assert shape(orjson.loads(FIXTURE_STATUS)) == shape(status[0])
    for one in found:
        pairs = [one["data"]["new_status"] is None, one["data"]["new_start_date"] is None]
        assert sorted(pairs) == [False, True]


def test_v2_sse_id_is_the_game_and_v3_is_the_entry() -> None:
    """The trap of section 1.3: an automatic Last-Event-ID carries nothing useful in v2."""
    for url, of_game in ((V2, True), (V3, False)):
        events = _events(_watched()[url], "odds")
        assert events
        for event in events:
            body = orjson.loads(event["data"])
            assert event["id"] == (body["data"][0]["game_id"] if of_game else body["entry_id"])


@pytest.mark.parametrize(
    ("make", "url", "hello", "beat"),
    [
        pytest.param(OddsJam, V2, b"event: connected\ndata: OK\n\n", b"2026-01-31 18:00:05.000000", id="v2"),
        pytest.param(
            OpticOdds,
            V3,
            b"event: connected\nretry: 5000\ndata: ok go\n\n",
            b"2026-01-31T18:00:05Z",
            id="v3",
        ),
    ],
)
def test_greeting_and_ping(make: Any, url: str, hello: bytes, beat: bytes) -> None:
    """Neither is JSON; v2's clock has no zone and no retry."""
    theatre = Theatre(make)
    seat = theatre.open(ask(url))
    assert hello == seat.frames[0].body
    theatre.market.freeze()
    theatre.run(5, seat)
    retry = b"retry: 5000\n" if make is OpticOdds else b""
    assert b"event: ping\n" + retry + b"data: " + beat + b"\n\n" == seat.frames[-1].body


@pytest.mark.parametrize(
    ("make", "url", "headers", "status", "body"),
    [
        (OpticOdds, V3.replace("key=demo&", ""), {}, 401, b'{"error":"API key is required"}'),
        (OpticOdds, V3.replace("demo", "x"), {}, 401, b'{"error":"Invalid or inactive API key"}'),
        (OpticOdds, "/api/v3/stream/odds/tennis?key=demo", {}, 400, NO_BOOK),
        (OpticOdds, "/api/v3/stream/odds/tennis", {"x-api-key": "demo"}, 400, NO_BOOK),
        (OddsJam, V2.replace("demo", "x"), {}, 401, b'{"error":"Invalid or inactive API key"}'),
        (OddsJam, "/api/v2/stream/odds?key=demo&sportsbooks=bet365", {}, 400, NO_LEAGUE),
    ],
)  # fmt: skip
def test_refusals(make: Any, url: str, headers: dict[str, str], status: int, body: bytes) -> None:
    reply = Still(make).wire.accept(ask(url, headers=headers))
    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (status, body)


def test_a_missing_sportsbook_is_answered_in_plain_text() -> None:
    reply = Still(OpticOdds).wire.accept(ask("/api/v3/stream/odds/tennis?key=demo"))
    assert isinstance(reply, Reply)
    assert reply.content_type == "text/plain"


def test_an_ended_game_refuses_the_reconnect_and_is_named() -> None:
    """Section 1.5 [seed]."""
    theatre = Theatre(OddsJam, rate=150)
    while not theatre.market.ended():
        theatre.run(1)
    ended, alive = theatre.market.ended()[0].number, theatre.market.fixtures()[-1].number
    url = f"/api/v2/stream/odds?key=demo&sportsbooks=DraftKings&game_id={alive}"
    reply = theatre.wire.accept(ask(f"{url}&game_id={ended}"))
    assert isinstance(reply, Reply)
    assert reply.status == 400
    assert ended.encode() in reply.body
    theatre.open(ask(url))


def _entries(seat: Seat) -> list[str]:
    return [body["entry_id"] for body in seat.payloads()]


def test_v2_replays_from_the_entry_and_never_further_than_thirty_seconds() -> None:
    """The clamp of [docs D1, D2]."""
    theatre = Theatre(OddsJam, rate=5)
    seat = theatre.open(ask(V2))
    theatre.run(60, seat)
    seen = _entries(seat)
    young = theatre.open(ask(f"{V2}&last_entry_id={seen[-3]}"))
    assert seen[-2:] == _entries(young)
    now = int(theatre.market.now.timestamp() * 1000)
    old = theatre.open(ask(f"{V2}&last_entry_id={seen[0]}"))
    assert [entry for entry in seen if int(entry.split("-")[0]) >= now - 30_000] == _entries(old)
    assert _entries(theatre.open(ask(f"{V2}&last_entry_id=nonsense"))) == []


@pytest.mark.parametrize("replay", [False, True])
def test_v3_replays_only_if_switched_on(replay: bool) -> None:
    """Documented, but in five live tests nothing came (2.6) [3p T1]."""
    theatre = Theatre(OpticOdds, knobs=Knobs(replay=replay))
    seat = theatre.open(ask(V3))
    theatre.run(10, seat)
    again = theatre.open(ask(f"{V3}&last_entry_id={_entries(seat)[0]}"))
    assert (_entries(seat)[1:] if replay else []) == _entries(again)


@pytest.mark.parametrize(("query", "key", "values"), FILTERS)
def test_filters(query: str, key: str, values: set[object]) -> None:
    assert values == {odd[key] for body in _watched()[V3 + query].payloads() for odd in body["data"]}


def test_a_league_of_another_sport_is_silence() -> None:
    """200 and nothing, no error [3p T4]."""
    theatre = Theatre(OpticOdds)
    seat = theatre.open(ask(V3 + "&league=NHL"))
    theatre.run(5, seat)
    assert list(seat.payloads()) == []


@pytest.mark.parametrize(("name", "low", "high"), FORMATS)
def test_odds_formats(name: str, low: float, high: float) -> None:
    seat = _watched()[f"{V3}&odds_format={name}"]
    prices = [odd["price"] for body in seat.payloads() for odd in body["data"]]
    assert prices
    assert all(low < price < high for price in prices)


def test_connects_are_limited() -> None:
    """250 new connections in 15 s [docs D7]."""
    theatre = Still(OpticOdds)
    for _ in range(250):
        theatre.open(ask(V3))
    reply = theatre.wire.accept(ask(V3))
    assert isinstance(reply, Reply)
    assert reply.status == 429
    theatre.seconds += 15
    theatre.open(ask(V3))


def test_an_exchange_keeps_its_fees_unless_they_are_excluded() -> None:
    """`exclude_fees` shows prices as they stand; `order_book` is `[[price, size], ...]` (2.3, 2.4) [docs A]."""
    theatre = Theatre(OpticOdds, rate=40)
    url = "/api/v3/stream/odds/basketball?key=demo&sportsbook=Novig&sportsbook=Pinnacle"
    net, gross = theatre.open(ask(url)), theatre.open(ask(url + "&exclude_fees=true"))
    theatre.run(6, net, gross)
    # By what is priced: the rest of an id names the book.
    by_seat = [
        {
            (odd["sportsbook"], odd["id"].split(":", 2)[2], body["entry_id"]): odd["price"]
            for body in seat.payloads()
            for odd in body["data"]
        }
        for seat in (net, gross)
    ]
    assert by_seat[0].keys() == by_seat[1].keys()
    worse = 0
    for (book, *rest), price in by_seat[0].items():
        if book == "Pinnacle":
            assert price == by_seat[1][book, *rest] == by_seat[1]["Novig", *rest]
        else:
            assert odds.decimal(price) <= odds.decimal(by_seat[1][book, *rest])
            worse += price != by_seat[1][book, *rest]
    assert worse > 20
    books = [odd for body in net.payloads() for odd in body["data"]]
    ladders = [odd["order_book"] for odd in books if odd["sportsbook"] == "Novig"]
    assert all(len(level) == 2 for ladder in ladders for level in ladder)
    assert all(odd["order_book"] is None for odd in books if odd["sportsbook"] == "Pinnacle")
