"""The vendors' own clients, and the libraries of their published samples, against `oddstail demo --serve`.

The clients' source is the truth about requests and models here: what they ask for must be there, and what they are
typed to receive must be what the demo sends.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from typing import Any, cast, get_args, get_origin, get_type_hints, is_typeddict

import parlay_api
import pytest
import rapidoddsapi
import rapidoddsapi.async_client
import rapidoddsapi.client
import requests
import sseclient
import websockets
from rapidoddsapi import types as models

_MARKETS = ["head_to_head", "alternate_lines"]
_BOOKS = ["DraftKings", "Pinnacle"]


@pytest.fixture(scope="module")
def bases() -> Iterator[dict[str, str]]:
    """Where each provider is imitated, by name."""
    command = [sys.executable, "-m", "oddstail", "demo", "--serve", "--rate", "30", "--for", "5m"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        rows = [json.loads(server.stdout.readline()) for _ in range(5)]
        try:
            yield {row["provider"]: row["base_url"] for row in rows}
        finally:
            server.terminate()


@pytest.fixture
def rapid(bases: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> rapidoddsapi.RapidOddsAPI:
    """RapidOddsAPI's client; the addresses of its streams are constants."""
    socket = bases["rapidodds"].replace("http", "ws", 1)
    for module in (rapidoddsapi.client, rapidoddsapi.async_client):
        monkeypatch.setattr(module, "ODDS_WS_URL", f"{socket}/ws")
        monkeypatch.setattr(module, "RESULTS_WS_URL", f"{socket}/results-ws")
    return rapidoddsapi.RapidOddsAPI("oa_demo", base_url=bases["rapidodds"])


@pytest.fixture
def parlay(bases: dict[str, str]) -> parlay_api.ParlayAPI:
    return parlay_api.ParlayAPI("demo", base_url=bases["parlayapi"])


def misfits(value: Any, hint: Any, at: str = "") -> list[str]:
    """Where a value is not what a model says; fields that the model does not know are misfits too."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any:
        return []
    if is_typeddict(hint):
        if not isinstance(value, dict):
            return [f"{at} is not an object"]
        hints = get_type_hints(hint)
        wrong = [f"{at}.{name} is missing" for name in hint.__required_keys__ - value.keys()]
        wrong += [f"{at}.{name} is unknown" for name in value.keys() - hints.keys()]
        return wrong + [
            line for name in value.keys() & hints.keys() for line in misfits(value[name], hints[name], f"{at}.{name}")
        ]
    if origin is list:
        if not isinstance(value, list):
            return [f"{at} is not a list"]
        return [line for item in value for line in misfits(item, parts[0], f"{at}[]")]
    if origin is dict:
        return [] if isinstance(value, dict) else [f"{at} is not an object"]
    if type(None) in parts:
        return [] if value is None else misfits(value, parts[0], at)
    fits = isinstance(value, int | float) if hint is float else type(value) is hint
    return [] if fits else [f"{at} is {value!r}, not {hint}"]


RAPID_CALLS = [
    pytest.param(lambda client: client.list_sports(), list[models.SportInfo], id="sports"),
    pytest.param(lambda client: client.list_sports(markets=True), list[models.SportInfo], id="sports-with-markets"),
    pytest.param(lambda client: client.get_sport("NBA"), models.SportInfo, id="sport"),
    pytest.param(lambda client: client.get_odds("NBA", _MARKETS, _BOOKS), models.OddsResponse, id="odds"),
    pytest.param(lambda client: client.get_futures("AFL", ["brownlow_medal_winner"], ["TAB"], season=2025), models.FuturesResponse, id="futures"),
    pytest.param(lambda client: client.get_results("MLB"), models.ResultsResponse, id="results"),
    pytest.param(lambda client: client.get_results("NFL", status="upcoming", days=2), models.ResultsResponse, id="results-upcoming"),
    pytest.param(lambda client: client.get_results("NFL", status="live", include=["scores"], round_number=1), models.ResultsResponse, id="results-of-a-round"),
    pytest.param(lambda client: client.list_results_sports(), list[models.SportInfo], id="results-sports"),
    pytest.param(lambda client: client.get_usage(), models.Usage, id="usage"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "model"), RAPID_CALLS)
def test_rapid_client_accepts_the_page(call: Any, model: Any, rapid: rapidoddsapi.RapidOddsAPI) -> None:
    answer = call(rapid)
    assert answer
    assert misfits(answer, model) == []


def test_rapid_client_streams_odds(rapid: rapidoddsapi.RapidOddsAPI) -> None:
    with closing(rapid.stream_odds("NBA", _MARKETS, _BOOKS)) as updates:  # type: ignore[type-var]
        update = next(iter(updates))
    assert misfits(update, models.OddsUpdate) == []
    assert update["data"]["games"]
    assert rapid.credits_used == update["credits_charged"] == 2
    assert rapidoddsapi.group_games(update["data"])


def test_rapid_client_streams_results(rapid: rapidoddsapi.RapidOddsAPI) -> None:
    with closing(rapid.stream_results("MLB", status="all", days=2)) as updates:  # type: ignore[type-var]
        update = next(iter(updates))
    assert misfits(update, models.ResultsUpdate) == []
    played = [game["score"] for game in update["data"]["games"] if "score" in game]
    assert played[0]["period_state"], "a game in play has a list of periods"


def test_rapid_async_client_streams_odds(rapid: rapidoddsapi.RapidOddsAPI) -> None:
    async def first() -> models.OddsUpdate:
        async with rapidoddsapi.AsyncRapidOddsAPI("oa_demo", base_url=rapid.base_url) as client:
            assert misfits(await client.get_usage(), models.Usage) == []
            async with aclosing(client.stream_odds("NBA", _MARKETS, _BOOKS)) as updates:  # type: ignore[type-var]
                return await anext(aiter(updates))

    assert misfits(asyncio.run(first()), models.OddsUpdate) == []


RAPID_ERRORS = [
    pytest.param(lambda client: client.get_odds("CURLING", _MARKETS, _BOOKS), rapidoddsapi.NotFoundError, id="unknown-sport"),
    pytest.param(lambda client: client.get_results("MLB", status="soon"), rapidoddsapi.ValidationError, id="unknown-status"),
    pytest.param(lambda client: rapidoddsapi.RapidOddsAPI("oa_other", base_url=client.base_url).get_usage(), rapidoddsapi.AuthenticationError, id="wrong-key"),
    pytest.param(lambda client: next(iter(rapidoddsapi.RapidOddsAPI("oa_other").stream_odds("NBA", _MARKETS, _BOOKS))), rapidoddsapi.StreamAuthError, id="wrong-key-of-a-stream"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error"), RAPID_ERRORS)
def test_rapid_client_recognizes_the_refusal(
    call: Any, error: type[Exception], rapid: rapidoddsapi.RapidOddsAPI
) -> None:
    with pytest.raises(error):
        call(rapid)


_EVENT = {"id", "sport_key", "sport_title", "commence_time", "home_team", "away_team"}
PARLAY_CALLS = [
    pytest.param(lambda client: client.sports(), {"key", "group", "title", "description", "active", "has_outrights"}, id="sports"),
    pytest.param(lambda client: client.sports(all_sports=True), {"key", "active"}, id="all-sports"),
    pytest.param(lambda client: client.events("basketball_nba"), _EVENT, id="events"),
    pytest.param(lambda client: client.odds("basketball_nba", markets="h2h,spreads,totals", bookmakers=["pinnacle"]), _EVENT | {"bookmakers"}, id="odds"),
    pytest.param(lambda client: client.scores("basketball_nba", days_from=1), _EVENT | {"completed", "scores"}, id="scores"),
    pytest.param(lambda client: client.props("basketball_nba", markets=["player_points"]), {"bookmaker", "player", "market_key", "line", "over_price", "under_price"}, id="props"),
    pytest.param(lambda client: client.prop_markets("basketball_nba"), {"market_key", "bookmakers", "total_snapshots"}, id="prop-markets"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "fields"), PARLAY_CALLS)
def test_parlay_client_gets_rows_with_their_fields(call: Any, fields: set[str], parlay: parlay_api.ParlayAPI) -> None:
    rows = call(parlay)
    assert rows
    assert all(fields <= row.keys() for row in rows)
    assert parlay.last_quota is not None
    assert parlay.last_quota.requests_remaining is not None


def test_parlay_client_reads_its_usage(parlay: parlay_api.ParlayAPI) -> None:
    usage = parlay.usage()
    assert usage["credits_used"] + usage["credits_remaining"] == usage["credits_total"]


def test_parlay_client_keeps_the_books_of_the_account(parlay: parlay_api.ParlayAPI) -> None:
    parlay.set_bettable_books(region="us", books=["draftkings", "fanduel"])
    assert parlay.bettable_books() == {"region": "us", "books": ["draftkings", "fanduel"]}
    assert parlay.last_quota is not None
    assert parlay.last_quota.requests_last == 0


#: What the client asks for that is neither a stream, nor a list, nor the account: the vendor's own reckoning and history.
_NOT_SERVED = {
    "historical_odds",
    "futures",
    "arbitrage",
    "ev",
    "consensus",
    "middles",
    "verdict",
    "parlay_verdict",
    "best_bets",
}
_SERVED = {
    "sports",
    "odds",
    "events",
    "scores",
    "props",
    "prop_markets",
    "set_bettable_books",
    "bettable_books",
    "usage",
    "websocket_url",
}
_NO_REQUEST = {
    "american_to_implied",
    "american_to_decimal",
    "decimal_to_american",
    "implied_to_american",
    "devig",
    "edge",
}


def test_every_call_of_the_parlay_client_is_served_or_known_not_to_be(parlay: parlay_api.ParlayAPI) -> None:
    calls = {name for name in dir(parlay) if not name.startswith("_") and callable(getattr(parlay, name))}
    assert calls == _NOT_SERVED | _SERVED | _NO_REQUEST
    with pytest.raises(parlay_api.ParlayAPIError, match="HTTP 404"):
        parlay.futures("basketball_nba")


def test_parlay_client_recognizes_a_wrong_key(parlay: parlay_api.ParlayAPI) -> None:
    with pytest.raises(parlay_api.InvalidAPIKeyError):
        parlay_api.ParlayAPI("other", base_url=parlay.base_url).usage()


def test_parlay_client_streams_by_its_websocket_address(parlay: parlay_api.ParlayAPI) -> None:
    """The vendor's sample: connect to `websocket_url`, and look at `type` and `data` of each message."""
    messages = asyncio.run(_messages(parlay.websocket_url("basketball_nba"), None, "odds_update"))
    assert [one["type"] for one in messages[:2]] == ["connected", "initial_state"]
    assert messages[1]["data"]


async def _messages(url: str, subscribe: dict[str, Any] | None, last: str) -> list[dict[str, Any]]:
    """What a socket sends up to a message whose type, event or action is `last`; `subscribe` answers the first one."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(20), websockets.connect(url, max_size=None) as socket:
        async for raw in socket:
            message = json.loads(raw)
            found += message if isinstance(message, list) else [message]
            if subscribe is not None and len(found) == 1:
                await socket.send(json.dumps(subscribe))
            if last in (found[-1].get("type"), found[-1].get("event"), found[-1].get("action")):
                return found
    raise AssertionError(f"the socket closed before {last}")


def test_boltodds_sample_gets_a_snapshot_and_changes(bases: dict[str, str]) -> None:
    """The vendor's sample: wait for the acknowledgement, subscribe, then handle each action."""
    url = bases["boltodds"].replace("http", "ws", 1) + "/api?key=demo"
    subscribe = {"action": "subscribe", "filters": {"sports": ["NBA"], "sportsbooks": ["draftkings"]}}
    actions = [one["action"] for one in asyncio.run(_messages(url, subscribe, "line_update"))]
    assert actions[:2] == ["socket_connected", "initial_state"]


#: (provider, path with its parameters, the events until the first one with odds)
SSE = [
    pytest.param("oddsjam", "/api/v2/stream/odds?key=demo&league=NBA&sportsbooks=DraftKings&sportsbooks=Pinnacle", "odds", id="oddsjam"),
    pytest.param("opticodds", "/api/v3/stream/odds/basketball?key=demo&league=NBA&sportsbook=DraftKings", "odds", id="opticodds"),
    pytest.param("opticodds", "/api/v3/stream/copilot/basketball/odds?key=demo&league=NBA", "copilot-odds", id="copilot"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "event"), SSE)
def test_sse_sample_gets_odds_with_a_cursor(name: str, path: str, event: str, bases: dict[str, str]) -> None:
    """The vendor's sample: requests opens the stream, sseclient-py parses it, JSON is in all but the first events and pings."""
    with requests.get(bases[name] + path, stream=True, timeout=20) as answer:
        answer.raise_for_status()
        events = _until(sseclient.SSEClient(cast("Any", answer)), event)
    assert events[0].event == "connected"
    body = json.loads(events[-1].data)
    assert body["entry_id"]
    assert body["data"]


def test_parlay_sample_reads_data_lines(bases: dict[str, str]) -> None:
    """The vendor's sample: every `data:` line is one JSON object, told apart by its `type`."""
    with requests.get(
        f"{bases['parlayapi']}/v1/sse/odds/basketball_nba?apiKey=demo", stream=True, timeout=20
    ) as answer:
        lines = (line for line in answer.iter_lines() if line.startswith(b"data: "))
        kinds = [json.loads(next(lines).removeprefix(b"data: "))["type"] for _ in range(3)]
    assert kinds[0] == "connected"
    assert "initial_state" in kinds


def _until(client: Any, event: str) -> list[Any]:
    found: list[Any] = []
    until = time.monotonic() + 20
    for one in client.events():
        found.append(one)
        if one.event == event:
            return found
        assert time.monotonic() < until
    raise AssertionError(f"the stream ended before {event}")
