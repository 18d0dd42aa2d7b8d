"""What holds for every provider, by running over the registry: no name of one is in a test's name."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import typer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oddstail import price, providers
from oddstail.model import Ask, Batch, Drop, Frame, Health, Message, Play, Quote, Replace, Request, Result
from oddstail.price import Price
from oddstail.providers.boltodds.command import Feed as Bolt
from oddstail.providers.opticodds.command import Feed
from oddstail.providers.parlayapi.command import Feed as Parlay
from oddstail.providers.rapidodds.command import Feed as Rapid
from oddstail.record import Encoder
from oddstail.wire.loose import loads

from .providers import test_boltodds_news as bolt_news
from .providers import test_rapidodds as rapid
from .providers import wire

MANY = settings(max_examples=60, derandomize=True, deadline=None, database=None)
EVERY = pytest.mark.parametrize("name", providers.TITLES)

# --- what a command is ------------------------------------------------------------------------------


def parsed(name: str) -> list[Ask]:
    """What the examples in a command's docstring come to."""
    ask = providers.command(name)
    app = typer.Typer(add_completion=False)
    app.command()(ask)
    command = typer.main.get_command(app)
    out = []
    for line in wire.examples(ask):
        _, subcommand, *words = shlex.split(line)
        assert subcommand == name
        found = command.main(words, standalone_mode=False)
        assert isinstance(found, Ask)
        out.append(found)
    return out


@EVERY
def test_the_examples_of_its_help_can_be_run(name: str) -> None:
    asks = parsed(name)
    assert asks
    assert all(ask.requests for ask in asks)


@EVERY
def test_its_requests_can_be_sent(name: str) -> None:
    for request in [request for ask in parsed(name) for request in ask.requests]:
        address = urlsplit(request.url)
        assert address.scheme == {"sse": "https", "ws": "wss"}[request.transport]
        assert address.hostname
        assert not address.query
        assert request.provider == name
        assert request.label
        assert request.heartbeat > 0
        assert request.pulse >= 0
        assert request.key_name not in {key for key, _ in (*request.params, *request.headers)}
        assert all(isinstance(orjson.loads(message), dict) for message in request.send)


@EVERY
def test_its_facts_are_told(name: str) -> None:
    provider = providers.provider(name)
    assert (provider.name, provider.title) == (name, providers.TITLES[name])
    assert provider.rate[0] > 0
    assert provider.rate[1] > 0
    assert provider.floor >= 0
    assert {rule.exit for rule in provider.rules.values()} <= {0, 3, 4, 7, 9}


# --- the messages that are bent ---------------------------------------------------------------------


def optic(name: str) -> Any:
    return wire.payload("opticodds", f"{name}.sse")


def bolt(action: str, **data: Any) -> Any:
    body = wire.payload("boltodds", "initial_state.json")
    return {**body, "action": action, "data": {**body["data"], **data}}


def parlay(*rows: Any) -> Any:
    return {**wire.payload("parlayapi", "odds_update.json"), "data": list(rows)}


WIDE, PROP = wire.payload("parlayapi", "initial_state.json")["data"]
NARROW = {name: WIDE[name] for name in ("kind", "bookmaker", "event_id", "home_team", "away_team")}
DROP, PLAY = (wire.payload("parlayapi", f"{name}.json") for name in ("odds_drop", "pbp_event"))
JAM = wire.payload("oddsjam", "odds.sse")
NOTHING: dict[str, Any] = {name: {} for name in ("sport", "game", "home_team", "away_team", "info", "outcomes")}

#: A request and a stream of it: fixtures, and what the reference describes as the same shape under another name.
STREAMS: dict[str, tuple[Request, list[tuple[str, Any]]]] = {
    "oddsjam": (
        wire.asked("oddsjam", league=["NBA"], book=["DraftKings"])[0],
        [
            ("odds", JAM),
            ("locked-odds", JAM),
            ("game-status-notifications", {"entry_id": "1-0", "data": {"game_id": "g", "new_status": "live"}}),
            ("odds", JAM),
        ],
    ),
    "opticodds": (
        wire.asked("opticodds", sport=["tennis"], book=["DraftKings"])[0],
        [
            ("odds", optic("odds")),
            ("fixture-status", optic("fixture-status")),
            ("locked-odds", optic("odds")),
            ("copilot-odds", optic("copilot-odds")),
            ("odds", optic("odds")),
        ],
    ),
    "opticodds, copilot": (
        wire.asked("opticodds", sport=["basketball"], feed=Feed.copilot)[0],
        [
            ("copilot-odds", optic("copilot-odds")),
            ("copilot-locked-odds", optic("copilot-odds")),
            ("copilot-odds", optic("copilot-odds")),
            ("copilot-settled-odds", optic("copilot-settled-odds")),
            ("copilot-odds", optic("copilot-odds")),
        ],
    ),
    "opticodds, results": (
        wire.asked("opticodds", sport=["basketball"], league=["NBA"], feed=Feed.results, players=True)[0],
        [("fixture-results", optic("fixture-results"))],
    ),
    "parlayapi": (
        wire.asked("parlayapi", sport=["basketball_nba"])[0],
        [
            ("", wire.payload("parlayapi", "initial_state.json")),
            ("", wire.payload("parlayapi", "odds_update.json")),
            ("", parlay({**NARROW, "market_key": "spreads", "line": -1.5, "home_price": -110, "away_price": -110})),
            ("", parlay({**NARROW, "market_key": "h2h", "outcome": "Draw", "price_american": "+220"})),
            ("", parlay({**NARROW, "_diff": True, "home_ml": -125}, {**PROP, "_diff": True, "over_price": -115})),
            ("", parlay({**PROP, "available": False}, {**WIDE, "removal_reason": "fixture_unresolved"})),
            ("", parlay({**PROP, "action": "remove"}, {**NARROW, "action": "remove"})),
            ("", wire.payload("parlayapi", "initial_state.json")),
        ],
    ),
    "parlayapi, drops": (
        wire.asked("parlayapi", sport=["all"], feed=Parlay.drops)[0],
        [
            ("", DROP),
            ("", {**DROP, "kind": "prop", "player": PROP["player"], "market_key": "player_points", "line": 25.5}),
            ("", {**DROP, "prev": None, "new": None, "prior_price": -110, "new_price": "+105", "delta": None}),
        ],
    ),
    "parlayapi, plays": (
        wire.asked("parlayapi", sport=["basketball_nba"], feed=Parlay.plays)[0],
        [
            ("pbp_event", PLAY),
            (
                "",
                {
                    "type": "live_state",
                    "match_id": "1",
                    "home_team": "A",
                    "away_team": "B",
                    "score_a": 1,
                    "score_b": None,
                    "state": {"period": 4, "clock": "PT2:14", "status": "final", "raw_periods": [1]},
                    "last_play": {"description": "x"},
                    "timestamp": 1778214012700,
                },
            ),
            ("", {"type": "initial_state", "data": [PLAY]}),
            ("pbp_event", {**PLAY, "role": "secondary"}),
        ],
    ),
    "rapidodds": (
        wire.asked("rapidodds", sport=["NBA"], book=["Pinnacle"], market=["head_to_head"])[0],
        [
            ("", wire.payload("rapidodds", "odds_update.json")),
            ("", {"event": "subscribed", "sport": "NBA", "bookmakers": [], "credits_per_push": 1}),
            ("", wire.payload("rapidodds", "odds_update.json")),
        ],
    ),
    "rapidodds, results": (
        wire.asked("rapidodds", sport=["AFL"], feed=Rapid.results)[0],
        [("", rapid.PUSH), ("", {"event": "subscribed", "sport": "AFL", "credits_per_push": 1})],
    ),
    "boltodds": (
        wire.asked("boltodds")[0],
        [
            ("", bolt("initial_state")),
            ("", [bolt("line_update"), {"action": "ping"}]),
            ("", bolt("game_update")),
            ("", wire.payload("boltodds", "error.json")),
            ("", bolt("book_clear", **NOTHING)),
            ("", bolt("game_removed", outcomes={})),
            ("", bolt("line_update")),
        ],
    ),
    "boltodds, plays": (
        wire.asked("boltodds", league=["NBA"], feed=Bolt.plays)[0],
        [
            ("get_games", {"a": {"sport": "NBA"}}),
            ("", bolt_news.NEW_PLAY),
            ("", {"action": "connected", "event": "a"}),
            ("", wire.payload("boltodds", "error.json")),
        ],
    ),
    "boltodds, scores": (
        wire.asked("boltodds", league=["NBA"], feed=Bolt.scores)[0],
        [
            ("", {**bolt_news.MATCH, "state": bolt_news.SOCCER}),
            ("", [{**bolt_news.MATCH, "state": bolt_news.BASEBALL}]),
        ],
    ),
    "parlayapi, health": (
        wire.asked("parlayapi", sport=["basketball_nba"], feed=Parlay.hot, watch_health=30.0)[0],
        [
            ("source-health", wire.payload("parlayapi", "source-health.json")),
            ("", wire.payload("parlayapi", "hot_feed_status.json")),
            ("source-health", [{"source": "x", "seconds_since_last_event": 75, "events_last_5min": 3}]),
        ],
    ),
}
EVERY_STREAM = pytest.mark.parametrize("name", STREAMS)
CONVERT: dict[str, Callable[[float], Price]] = {"rapidodds": price.from_decimal}

HARDEST: list[Any] = [..., None, {}, [], True, "\ud800", 10**30, float("nan")]
#: Stands for arrays in arrays, deeper than json can write.
DEEP = "@deep@"
BENT: list[Any] = [
    None, True, False, 0, -1, 1, 100, -110, 2.5, -0.0, 10**30, -(10**400), 1e308, float("nan"), float("inf"),
    "", " ", "NaN", "None", "-110", "+105", "2.5", "1_05", "\u0661\u0665\u0660", "home", "over", "\ud800",
    "2026-02-25T11:00:00", "0001-01-01T00:00:00+23:59", [], [[]], [-110], {}, {"a": -110}, {"": None}, DEEP,
]  # fmt: skip


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every node of a JSON value is."""
    yield here
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*here, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from paths(item, (*here, at))


def bent(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """`body` with another value at a path; `...` for none at all."""
    if not path:
        return None if value is ... else value
    body = deepcopy(body)
    at = body
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return body


def written(body: Any, depth: int) -> bytes:
    text = json.dumps(body).replace(json.dumps(DEEP), "[" * depth + "]" * depth)
    return text.encode()


@st.composite
def streams(draw: st.DrawFn, name: str) -> list[tuple[str, bytes]]:
    """A stream of the provider with one or two nodes of it bent."""
    frames = list(STREAMS[name][1])
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(frames) - 1))
        event, body = frames[at]
        path = draw(st.sampled_from(list(paths(body))))
        frames[at] = event, bent(body, path, draw(st.sampled_from([*BENT, ...])))
    depth = draw(st.sampled_from([5, 400, 900, 1000, 1020, 3000]))
    return [(event, written(body, depth)) for event, body in frames]


@EVERY_STREAM
def test_a_decoder_remembers_nothing_of_another(name: str) -> None:
    request, frames = STREAMS[name]
    fresh = [said(wire.Line(request), [frame]) for frame in frames]
    said(wire.Line(request), frames)
    assert fresh == [said(wire.Line(request), [frame]) for frame in frames]


def said(line: wire.Line, frames: list[tuple[str, Any]]) -> list[Any]:
    return [told for event, body in frames for told in line.say(body, event)]


# --- what no message may do -------------------------------------------------------------------------


def stated(data: bytes, convert: Callable[[float], Price]) -> Iterator[Price]:
    """The price of every number that literally stands in a JSON text, in a string or bare; of `EVEN`, too."""

    try:
        rest: list[Any] = [loads(data)]
    except ValueError:
        return
    found: list[float] = []
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend(value.values())
        elif isinstance(value, list):
            rest.extend(value)
        elif isinstance(value, str):
            text = value.strip().replace("\N{MINUS SIGN}", "-")
            if text.casefold() in ("even", "evens", "ev", "evs"):
                yield price.from_american(100)
            elif "_" not in text and text.isascii():
                with suppress(ValueError):
                    found.append(float(text))
                with suppress(ValueError):
                    if text[:1] in ("+", "-"):
                        # A sign makes it American, whatever the provider's notation is.
                        yield price.from_american(float(text))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(value)
    for number in found:
        with suppress(ValueError):
            yield convert(number)


def check(name: str, request: Request, frames: list[tuple[str, bytes]]) -> None:
    line = wire.Line(request)
    known: set[Price] = set()
    last: dict[str, Quote] = {}
    for event, data in frames:
        known |= set(stated(data, CONVERT.get(name, price.from_american)))
        try:
            messages = line.messages(Frame(data, event))
        except ValueError:
            continue
        for message in messages:
            events = line.decoded(message)
            for quote in wire.quotes(events):
                assert quote.status == "open" or quote.price is None
                assert quote.price is None or quote.price in known
            for drop in (event for event in events if isinstance(event, Drop)):
                assert {drop.before, drop.price} - {None} <= known
            out = line.ledger.apply(events)
            told = Encoder()
            told.introduce(0, request)
            told.lines(Batch(0, 0, out), out)
            assert not [event for event in out if type(event) is Replace]
            last |= {quote.what.key: quote for quote in wire.quotes(out)}
    for quote in line.ledger.known():
        assert quote is last[quote.what.key]
        assert quote.status in ("open", "suspended")
    assert {key for key, quote in last.items() if quote.status in ("open", "suspended")} == {
        quote.what.key for quote in line.ledger.known()
    }


@EVERY_STREAM
@MANY
@given(data=st.data())
def test_no_message_raises_or_invents_a_price(name: str, data: st.DataObject) -> None:
    check(name, STREAMS[name][0], data.draw(streams(name)))


@EVERY_STREAM
def test_no_node_of_a_message_raises_whatever_it_is(name: str) -> None:
    """The same without chance: every node of every message, missing, and of the types that hurt most."""
    request, frames = STREAMS[name]
    whole = [(event, written(body, 0)) for event, body in frames]
    for at, (event, body) in enumerate(frames):
        for path in paths(body):
            for value in HARDEST:
                check(name, request, [*whole[:at], (event, written(bent(body, path, value), 0)), *whole[at + 1 :]])


@EVERY_STREAM
def test_nesting_is_no_way_to_break_it(name: str) -> None:
    request, frames = STREAMS[name]
    whole = [(event, written(body, 0)) for event, body in frames]
    for at, (event, body) in enumerate(frames):
        for path in paths(body):
            for depth in (900, 1015):
                check(name, request, [*whole[:at], (event, written(bent(body, path, DEEP), depth)), *whole[at + 1 :]])


@EVERY
@MANY
@given(data=st.binary() | st.text().map(str.encode), event=st.sampled_from(["", "odds", "ping", "fixture-status"]))
@example(data=b"[" * 100_000, event="")
@example(data=b"\xff\xfe{}", event="odds")
@example(data=b'{"action":1e999}', event="")
def test_reading_raises_nothing_but_value_errors(name: str, data: bytes, event: str) -> None:
    try:
        messages = providers.provider(name).read(Frame(data, event))
    except ValueError:
        return
    assert all(isinstance(message, Message) for message in messages)


@EVERY_STREAM
@MANY
@given(data=st.data())
def test_one_bad_row_costs_no_other_price(name: str, data: st.DataObject) -> None:
    """Whatever stands beside a good row in its list, the good one is told as if it stood alone."""
    request, frames = STREAMS[name]
    lists = [
        (event, body, path)
        for event, body in frames
        for path in paths(body)
        # Of a BoltOdds play the first element of the list is the play, and no row among others.
        if "play_info" not in path
        and isinstance(node(body, path), list)
        and node(body, path)
        and isinstance(node(body, path)[0], dict)
    ]
    if not lists:
        return
    event, body, path = data.draw(st.sampled_from(lists))
    good = node(body, path)
    worse = bent(body, path, [data.draw(st.sampled_from([None, 7, "x", [], {}, DEEP])), *good])
    told = [data_of(wire.Line(request).take(Frame(written(it, 900), event))) for it in (body, worse)]
    assert told[0] == told[1]


def data_of(events: list[Any]) -> list[Any]:
    """Quotes, and all else that a user asked for, but for what goes along as it came: that has the bad row in it."""
    bare = [replace(event, detail=None) if isinstance(event, Play | Result) else event for event in events]
    return [*wire.quotes(events), *(event for event in bare if isinstance(event, Play | Result | Drop | Health))]


def node(body: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        body = body[step]
    return body
