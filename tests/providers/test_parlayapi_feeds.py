"""ParlayAPI beside its odds: every endpoint of section 1, drops (5.8), plays (5.9). Source: docs/wire/parlayapi.md."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest

from oddstail.model import Drop, Failure, Frame, Health, Kind, Notice, Play, Poll, Send, Where
from oddstail.price import from_american
from oddstail.providers.parlayapi.command import Direction, Feed, RowKind, Transport
from oddstail.providers.parlayapi.decode import PROVIDER
from tests.providers.wire import Line, asked, codes, fixture, payload, quotes, refused, said

# --- endpoints (section 1) ----------------------------------------------------------------------------

HTTP, WS = "https://parlay-api.com", "wss://parlay-api.com"


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param(f"{HTTP}/v1/sse/odds/basketball_nba", {}, id="#1 odds"),
        pytest.param(f"{HTTP}/v1/sse/hot/basketball_nba", {"feed": Feed.hot}, id="#2 odds hot"),
        pytest.param(f"{HTTP}/v1/odds-drop/basketball_nba", {"feed": Feed.drops}, id="#3 line moves, one sport"),
        pytest.param(
            f"{HTTP}/v1/odds-drop/all", {"feed": Feed.drops, "sport": ["all"]}, id="#4 line moves, every sport"
        ),
        pytest.param(
            f"{HTTP}/v1/odds-drop/multi",
            {"feed": Feed.drops, "sport": ["basketball_nba,icehockey_nhl"]},
            id="#5 line moves, chosen sports",
        ),
        pytest.param(f"{HTTP}/v1/sports/basketball_nba/live/sse", {"feed": Feed.plays}, id="#6 play-by-play"),
        pytest.param(f"{WS}/v1/ws/odds/basketball_nba", {"transport": Transport.ws}, id="#7 odds and props"),
        pytest.param(f"{WS}/v1/ws/live/basketball_nba", {"feed": Feed.live}, id="#8 live only"),
        pytest.param(
            f"{HTTP}/v1/sandbox/sports/basketball_nba/live/sse", {"feed": Feed.sandbox}, id="#9 synthetic plays"
        ),
    ],
)
def test_every_endpoint(expected: str, flags: dict[str, Any]) -> None:
    [request] = asked("parlayapi", **{"sport": ["basketball_nba"], **flags})
    assert expected == request.url
    assert request.transport == ("ws" if expected.startswith("wss") else "sse")
    assert request.feed == flags.get("feed", Feed.odds).value


@pytest.mark.parametrize(
    ("where", "flags"),
    [
        pytest.param(Where.HEADER, {"feed": Feed.drops}, id="SSE: the header, so that no log has the key"),
        pytest.param(Where.HEADER, {"feed": Feed.plays}, id="plays too"),
        pytest.param(Where.QUERY, {"feed": Feed.live}, id="WS: the one form that every page knows"),
        pytest.param(None, {"feed": Feed.sandbox}, id="the sandbox wants none"),
    ],
)
def test_where_the_key_goes(where: Where | None, flags: dict[str, Any]) -> None:
    assert [where] == [request.key_in for request in asked("parlayapi", sport=["basketball_nba"], **flags)]


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param(
            [("threshold", "10"), ("heartbeat_s", "5")], {}, id="the threshold is always sent: sources differ"
        ),
        pytest.param([("threshold", "25"), ("heartbeat_s", "5")], {"threshold": 25}, id="threshold"),
        pytest.param(
            [("threshold", "10"), ("direction", "toward_dog"), ("heartbeat_s", "5")],
            {"direction": Direction.toward_dog},
            id="direction",
        ),
        pytest.param(
            [("sports", "basketball_nba,icehockey_nhl"), ("threshold", "10"), ("heartbeat_s", "5")],
            {"sport": ["basketball_nba", "icehockey_nhl"]},
            id="sports",
        ),
        pytest.param(
            [("threshold", "10"), ("bookmakers", "pinnacle,novig"), ("markets", "h2h"), ("heartbeat_s", "5")],
            {"book": ["pinnacle,novig"], "market": ["h2h"]},
            id="bookmakers, markets",
        ),
        pytest.param(
            [("threshold", "10"), ("heartbeat_s", "30"), ("event_id", "E")],
            {"game": ["E"], "heartbeat": 30},
            id="event_id, heartbeat_s",
        ),
    ],
)
def test_the_parameters_of_drops(expected: list[tuple[str, str]], flags: dict[str, Any]) -> None:
    """Section 3.2, every row but `since`, which is listed in one source only and not to be relied on."""
    [request] = asked("parlayapi", **{"sport": ["basketball_nba"], **flags}, feed=Feed.drops)
    assert expected == list(request.params)


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param([()], {}, id="every live match"),
        pytest.param([(("match_id", "0042500222"),)], {"game": ["0042500222"]}, id="match_id"),
        pytest.param([(("match_id", "1"),), (("match_id", "2"),)], {"game": ["1", "2"]}, id="a connection each"),
    ],
)
def test_the_parameters_of_plays(expected: list[Any], flags: dict[str, Any]) -> None:
    """Section 3.3. `heartbeat_s` is unverified there and not sent."""
    requests = asked("parlayapi", sport=["basketball_nba"], feed=Feed.plays, **flags)
    assert expected == [request.params for request in requests]


def test_a_connect_to_plays_costs_credits_and_that_is_said() -> None:
    notes = said("parlayapi", sport=["basketball_nba"], feed=Feed.plays).notes
    assert notes == ["ParlayAPI charges 5 credits for each connect to its plays"]


def test_by_websocket_a_game_is_subscribed_to() -> None:
    """Section 5.7, client to server; the parameter narrows the snapshot (3.4)."""
    [request] = asked("parlayapi", sport=["basketball_nba"], game=["E,1"], transport=Transport.ws)
    assert request.send == ('{"type":"subscribe","event_id":"E,1"}',)
    assert ("event_id", "E,1") in request.params


@pytest.mark.parametrize("feed", [Feed.odds, Feed.hot, Feed.drops])
def test_by_sse_nothing_is_sent(feed: Feed) -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], game=["E"], feed=feed)
    assert request.send == ()


@pytest.mark.parametrize(
    ("flag", "feeds", "feed", "flags"),
    [
        ("--book", "odds, hot, live or drops", Feed.plays, {"book": ["pinnacle"]}),
        ("--game", "odds, hot, live, drops or plays", Feed.sandbox, {"game": ["E"]}),
        ("--threshold", "drops", Feed.odds, {"threshold": 10}),
        ("--direction", "drops", Feed.hot, {"direction": Direction.both}),
        ("--transport ws", "odds or live", Feed.drops, {"transport": Transport.ws}),
        ("--transport sse", "odds, hot, drops, plays or sandbox", Feed.live, {"transport": Transport.sse}),
        ("--kind", "odds, hot or live", Feed.drops, {"kind": [RowKind.prop]}),
        ("--limit", "odds or hot", Feed.live, {"limit": 10}),
        ("--diff", "odds, hot or live", Feed.plays, {"diff": True}),
    ],
)
def test_a_flag_of_another_feed_is_refused_with_the_feeds_that_it_is_for(
    flag: str, feeds: str, feed: Feed, flags: dict[str, Any]
) -> None:
    expected = f"{flag} is for --feed {feeds}; remove it with --feed {feed.value}"
    assert expected == refused("parlayapi", sport=["basketball_nba"], feed=feed, **flags)


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        ("--heartbeat is for server-sent events; WebSocket has its own", {"heartbeat": 5, "transport": Transport.ws}),
        ("--limit is for server-sent events; WebSocket takes none", {"limit": 5, "transport": Transport.ws}),
        ("-s all is for --feed drops, and stands alone; elsewhere name the sports", {"sport": ["all"]}),
        (
            "-s all is for --feed drops, and stands alone; elsewhere name the sports",
            {"sport": ["all", "tennis"], "feed": Feed.drops},
        ),
    ],
    ids=["a heartbeat by WebSocket", "a limit by WebSocket", "odds of every sport", "all and one"],
)
def test_what_a_feed_cannot_honour_is_a_sentence(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("parlayapi", **{"sport": ["basketball_nba"], **flags})


def test_the_sandbox_ends_and_that_is_no_loss() -> None:
    """Section 1, #9: the server ends the stream after 30 events."""
    [request] = asked("parlayapi", sport=["basketball_nba"], feed=Feed.sandbox)
    assert PROVIDER.revise is not None
    assert PROVIDER.revise(request, Failure(kind="closed")) is None
    assert PROVIDER.revise(request, Failure(kind="network")) is request
    [plays] = asked("parlayapi", sport=["basketball_nba"], feed=Feed.plays)
    assert PROVIDER.revise(plays, Failure(kind="closed")) is plays


# --- drops (5.8) --------------------------------------------------------------------------------------

DROP = payload("parlayapi", "odds_drop.json")


def line(feed: Feed = Feed.drops, sport: str = "basketball_nba") -> Line:
    return Line(asked("parlayapi", sport=[sport], feed=feed)[0])


def drop(**changes: Any) -> Drop:
    [event] = line().say({**DROP, **changes})
    assert isinstance(event, Drop)
    return event


def test_a_drop() -> None:
    assert line().take(fixture("parlayapi", "odds_drop.json")) == [
        Drop(
            game_id="2026-05-12_Lakers_Warriors",
            book="pinnacle",
            outcome="h2h_home",
            sport="basketball",
            league="basketball_nba",
            competition="nba",
            home="Los Angeles Lakers",
            away="Golden State Warriors",
            start="2026-05-12T22:30:00Z",
            kind="moneyline",
            period="game",
            market="h2h",
            selection="Los Angeles Lakers",
            side="home",
            before=from_american(-110),
            price=from_american(-120),
            delta=-10,
            direction="toward_favorite",
            ts=1747000000124000,
        )
    ]


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        pytest.param(("moneyline", "h2h", "home", "Los Angeles Lakers"), "h2h_home", id="h2h_home [seed]"),
        pytest.param(("moneyline", "h2h", "away", "Golden State Warriors"), "h2h_away", id="h2h_away [inferred]"),
        pytest.param(("moneyline", "h2h", "draw", "Draw"), "h2h_draw", id="h2h_draw [inferred]"),
        pytest.param(("spread", "spreads", "home", "Los Angeles Lakers"), "spread_home", id="spread_home [inferred]"),
        pytest.param(
            ("spread", "spreads", "away", "Golden State Warriors"), "spread_away", id="spread_away [inferred]"
        ),
        pytest.param(("total", "totals", "over", "Over"), "total_over", id="total_over [inferred]"),
        pytest.param(("total", "totals", "under", "Under"), "total_under", id="total_under [inferred]"),
        pytest.param(("other", None, "home", "Los Angeles Lakers"), "home", id="home, of who knows what market"),
        pytest.param(("other", None, None, None), "corners_home", id="an unknown side is shown as it is"),
        pytest.param(("other", None, None, None), "h2h_1", id="an unknown end of it too"),
    ],
)
def test_the_side_of_a_game(expected: tuple[Any, ...], outcome: str) -> None:
    event = drop(side=outcome)
    assert expected == (event.kind, event.market, event.side, event.selection)
    assert outcome == event.outcome


PROP = {"kind": "prop", "player": "LeBron James", "market_key": "player_points", "market": "Points", "line": 25.5}


@pytest.mark.parametrize("side", ["over", "under"])
def test_a_prop_has_player_market_and_line(side: str) -> None:
    event = drop(side=side, **PROP)
    assert ("prop", "game", "player_points", "Points", "LeBron James", "LeBron James", 25.5, side) == (
        event.kind,
        event.period,
        event.market,
        event.market_name,
        event.player,
        event.selection,
        event.line,
        event.side,
    )


def test_of_several_sports_each_drop_says_its_own() -> None:
    many = Line(asked("parlayapi", sport=["basketball_nba,soccer_epl"], feed=Feed.drops)[0])
    [event] = many.say({**DROP, "sport_key": "soccer_epl"})
    assert isinstance(event, Drop)
    assert (event.league, event.sport) == ("soccer_epl", "soccer")
    [event] = many.say(DROP)
    assert isinstance(event, Drop)
    assert (event.league, event.sport) == (None, None)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        pytest.param((-110, -120, -10), {}, id="prev, new, delta"),
        pytest.param(
            (-105, 105, 210), {"prev": -105, "new": 105, "delta": None}, id="a delta that is not sent is the difference"
        ),
        pytest.param((None, -120, -10), {"prev": None}, id="no price before"),
        pytest.param((-110, None, -10), {"new": None}, id="no price now"),
        pytest.param((-110, None, -10), {"new": 0}, id="0 is not a price"),
        pytest.param((150, 140, -10), {"prev": "+150", "new": 140.0}, id="a string, a float"),
    ],
)
def test_the_prices_of_a_drop(expected: tuple[Any, ...], changes: dict[str, Any]) -> None:
    event = drop(**changes)
    priced = [None if price is None else price.american for price in (event.before, event.price)]
    assert expected == (*priced, event.delta)


def test_the_older_names_stand_in() -> None:
    """5.8, A's variant: prior_price, new_price, delta_cents (absolute), elapsed_ms."""
    older = {name: value for name, value in DROP.items() if name not in ("prev", "new", "delta", "direction")}
    [event] = line().say({**older, "side": "over", "prior_price": -110, "new_price": -125, "elapsed_ms": 900})
    assert isinstance(event, Drop)
    assert (event.before, event.price, event.delta, event.elapsed_ms) == (
        from_american(-110),
        from_american(-125),
        -15,
        900,
    )


@pytest.mark.parametrize("price", [50, "EVEN", [1], True])
def test_a_price_that_is_none_is_said_and_not_guessed(price: Any) -> None:
    notice, event = line().say({**DROP, "new": price})
    assert codes([notice]) == ["unreadable"]
    assert isinstance(event, Drop)
    assert event.price is None


@pytest.mark.parametrize("name", ["event_id", "bookmaker"])
def test_a_drop_of_nobody_is_a_notice(name: str) -> None:
    assert codes(line().say({**DROP, name: None})) == ["unreadable"]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param(["unknown"], payload("parlayapi", "odds_update.json"), id="odds are not shown (section 1)"),
        pytest.param(["server"], {"type": "error", "code": "no"}, id="error (5.11)"),
        pytest.param(["unknown"], {"type": "tomorrow"}, id="unknown"),
    ],
)
def test_what_else_a_drop_stream_says(expected: list[str], body: Any) -> None:
    events = line().say(body)
    assert expected == codes(events)
    assert len(expected) == len(events)


def test_a_degraded_book_is_told_to_people_and_as_its_health() -> None:
    """stream_status, 5.10."""
    health, notice = line().say(payload("parlayapi", "stream_status.json"))
    assert isinstance(notice, Notice)
    assert (notice.code, notice.level) == ("degraded", "warning")
    assert isinstance(health, Health)
    assert (health.source, health.status, health.league) == ("pinnacle", "degraded", "basketball_nba")


def test_an_unknown_message_is_passed_on_whole() -> None:
    """5.11: the items of `arb_flagged` are not known."""
    body = {"type": "arb_flagged", "data": [{"event_id": "E", "profit": 1.5}]}
    [notice] = line(Feed.live).say(body)
    assert codes([notice]) == ["unknown"]
    assert orjson.loads(getattr(notice, "payload", "") or "") == body


# --- plays (5.9) --------------------------------------------------------------------------------------

PLAY = payload("parlayapi", "pbp_event.json")
#: The fields of A's variant as 5.9 lists them, with the values of the first shape.
STATE = {
    "type": "live_state",
    "sport_key": "basketball_nba",
    "timestamp": 1778214012700,
    "match_id": "0042500222",
    "home_team": "Lakers",
    "away_team": "Thunder",
    "score_a": 107,
    "score_b": 125,
    "state": {"period": 4, "clock": "2:14", "status": "in_progress", "league_id": None, "raw_periods": [27, 31]},
    "last_play": "C. Holmgren 3PT JUMPER from 26ft",
}


def play(body: dict[str, Any]) -> Play:
    [event] = line(Feed.plays).say(body)
    assert isinstance(event, Play)
    return event


HAPPENED = Play(
    game_id="0042500222",
    sport="basketball",
    league="basketball_nba",
    competition="nba",
    source="nba_live",
    role="primary",
    play="made_3",
    text="C. Holmgren 3PT JUMPER from 26ft",
    period="4",
    clock="2:14",
    team_a="Lakers",
    team_b="Thunder",
    score_a=107,
    score_b=125,
    captured=1778214028111000,
    ts=1778214012700000,
    id="12345",
)


@pytest.mark.parametrize("event", ["pbp_event", ""])
@pytest.mark.parametrize("feed", [Feed.plays, Feed.sandbox])
def test_the_first_shape_has_no_type(event: str, feed: Feed) -> None:
    data = fixture("parlayapi", "pbp_event.json").data
    [message] = PROVIDER.read(Frame(data, event))
    assert (message.kind, message.name) == (Kind.DATA, "pbp_event")
    assert line(feed).take(Frame(data, event)) == [HAPPENED]


def test_the_other_shape() -> None:
    assert play(STATE) == Play(
        game_id="0042500222",
        sport="basketball",
        league="basketball_nba",
        competition="nba",
        home="Lakers",
        away="Thunder",
        text="C. Holmgren 3PT JUMPER from 26ft",
        status="in_progress",
        period="4",
        clock="2:14",
        team_a="Lakers",
        team_b="Thunder",
        score_a=107,
        score_b=125,
        detail='{"raw_periods":[27,31]}',
        ts=1778214012700000,
    )


def test_a_state_in_a_string_is_read_too() -> None:
    assert play({**STATE, "state": orjson.dumps(STATE["state"]).decode()}) == play(STATE)


@pytest.mark.parametrize("state", [None, "", "in play", "{", 7, []])
def test_a_state_that_is_none_costs_nothing_but_itself(state: Any) -> None:
    told = play({**STATE, "state": state})
    assert (told.score_a, told.text, told.period, told.status) == (107, STATE["last_play"], None, None)


def test_a_score_that_is_no_number_is_not_lost() -> None:
    told = play({**PLAY, "score_a": "A", "score_b": "40"})
    assert (told.score_a, told.score_b, told.detail) == (None, 40, '{"score_a":"A"}')


def test_a_last_play_that_is_an_object_is_kept() -> None:
    told = play({**STATE, "last_play": {"description": "timeout", "team": "Lakers"}})
    assert told.text == "timeout"
    assert orjson.loads(told.detail or "")["last_play"] == {"description": "timeout", "team": "Lakers"}


def test_a_snapshot_of_plays_is_plays() -> None:
    rows = [PLAY, 7, {k: v for k, v in STATE.items() if k != "type"}]
    first, bad, second = line(Feed.plays).say({"type": "initial_state", "data": rows})
    assert (first, codes([bad]), second) == (HAPPENED, ["unreadable"], play(STATE))


OTHER = {**PLAY, "source": "espn", "role": "secondary", "captured_at_ms": 1778214031000}


@pytest.mark.parametrize(
    ("expected", "bodies"),
    [
        pytest.param(["nba_live"], [PLAY, PLAY], id="the same again"),
        pytest.param(["nba_live"], [PLAY, {**PLAY, "captured_at_ms": 1778214029000}], id="the same, had again later"),
        pytest.param(["nba_live"], [PLAY, OTHER], id="another source after the primary one"),
        pytest.param(
            ["nba_live"], [PLAY, {**OTHER, "description": "three"}], id="in other words, after the primary one"
        ),
        pytest.param(["espn"], [OTHER, PLAY], id="the primary one says the same"),
        pytest.param(
            ["espn", "nba_live"], [{**OTHER, "score_a": "106"}, PLAY], id="the primary one says something else"
        ),
        pytest.param(["nba_live"] * 2, [PLAY, {**PLAY, "score_b": "124"}], id="the primary one corrects itself"),
        pytest.param(["nba_live"] * 2, [PLAY, {**PLAY, "id": 12346}], id="another play"),
        pytest.param(["nba_live"] * 2, [PLAY, {**PLAY, "match_id": "1"}], id="another match"),
        pytest.param(["nba_live"] * 2, [{**PLAY, "id": None}] * 2, id="without an id nothing is a double"),
    ],
)
def test_a_play_is_told_once_and_the_primary_source_is_preferred(expected: list[str], bodies: list[Any]) -> None:
    at = line(Feed.plays)
    told = [event for body in bodies for event in at.say(body)]
    assert expected == [event.source for event in told if isinstance(event, Play)]


def test_what_tells_a_play_from_others_is_all_that_is_said_of_it_but_when_it_was_had() -> None:
    def mark(**changes: Any) -> str | None:
        [message] = PROVIDER.read(Frame(orjson.dumps({**PLAY, **changes}), "pbp_event"))
        return message.cursor

    assert mark() == mark(captured_at_ms=1) is not None
    assert len({mark(), mark(id=1), mark(score_a="108"), mark(role="secondary")}) == 4
    assert mark(id=None) is None


@pytest.mark.parametrize("body", [{**PLAY, "match_id": None}, {**STATE, "match_id": {}}])
def test_a_play_of_no_match_is_a_notice(body: Any) -> None:
    assert codes(line(Feed.plays).say(body)) == ["unreadable"]


@pytest.mark.parametrize(
    ("live", "changes", "later"),
    [
        pytest.param(True, {}, 60, id="a-play-by-nicknames"),
        pytest.param(True, {"state": {"period": 4, "status": "in_progress"}}, 7200, id="in-progress"),
        pytest.param(False, {"state": {"status": "final"}}, 60, id="final"),
        pytest.param(None, {}, 7200, id="long-after-the-last-play"),
        pytest.param(None, {"team_or_player_a": "Bulls"}, 60, id="other-teams"),
        pytest.param(None, {"sport_key": "basketball_wnba"}, 60, id="another-league"),
    ],
)
def test_whether_a_game_is_in_play_comes_from_its_plays(live: bool | None, changes: dict[str, Any], later: int) -> None:
    odds, plays = line(Feed.odds), line(Feed.plays)
    [play_] = plays.say({**PLAY, "team_or_player_a": "Lakers", "team_or_player_b": "Warriors", **changes})
    rows = odds.say(payload("parlayapi", "initial_state.json"))
    now = round(datetime.fromisoformat("2026-05-12T23:00:00Z").timestamp() * 1_000_000)
    plays.memory.games.fill([play_], now)
    plays.memory.games.fill(rows, now + later * 1_000_000)
    assert {quote.live for quote in quotes(rows)} == {live}


@pytest.mark.parametrize(
    ("said", "feed"),
    [pytest.param(True, Feed.live, id="live"), pytest.param(False, Feed.odds, id="odds")],
)
def test_a_live_feed_that_refuses_a_key_says_what_it_is(said: bool, feed: Feed) -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], feed=feed)
    assert said == ("session cookie" in request.refusal)


# --- the health of the sources (8.2, 5.2) -------------------------------------------------------------

#: 8.2 [seed][docs O].
SOURCE = payload("parlayapi", "source-health.json")["results"][0]
HEALTHY = Health(
    source="nba_live",
    status="ok",
    sport="basketball",
    league="basketball_nba",
    role="primary",
    silent_s=3.1,
    events=42,
    window_s=300,
    latest=1778214028111000,
)


def watched(**flags: Any) -> Line:
    return Line(asked("parlayapi", **{"sport": ["basketball_nba"], "watch_health": 30.0, **flags})[0])


def poll(at: Line, *rows: Any) -> list[Any]:
    return at.take(Frame(orjson.dumps({"count": len(rows), "results": list(rows)}), "source-health"))


def source(silent: Any, events: Any = 10) -> dict[str, Any]:
    return {**SOURCE, "seconds_since_last_event": silent, "events_last_5min": events}


@pytest.mark.parametrize("feed", [Feed.odds, Feed.hot, Feed.live, Feed.drops, Feed.plays])
def test_health_is_polled_beside_any_stream(feed: Feed) -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], feed=feed, watch_health=30.0)
    address = "https://parlay-api.com/v1/sports/basketball_nba/live/source-health"
    assert request.polls == (Poll(name="source-health", url=address, every=30.0),)
    at = Line(request)
    assert at.take(Frame(fixture("parlayapi", "source-health.json").data, "source-health")) == [HEALTHY]
    assert at.take(Frame(orjson.dumps([SOURCE]), "source-health")) == [HEALTHY]


def test_each_sport_is_polled_once() -> None:
    [drops] = asked("parlayapi", sport=["basketball_nba,tennis"], feed=Feed.drops, watch_health=30.0)
    assert [poll.url.split("/")[-3] for poll in drops.polls] == ["basketball_nba", "tennis"]
    first, second = asked("parlayapi", sport=["basketball_nba"], game=["A", "B"], watch_health=30.0)
    assert (len(first.polls), len(second.polls)) == (1, 0)


def test_what_it_costs_is_said() -> None:
    [note] = said("parlayapi", sport=["basketball_nba"], watch_health=30.0).notes
    assert note == "ParlayAPI charges a credit for each look at its sources: 120 an hour"


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        (
            "--watch-health is for --feed odds, hot, live, drops or plays; remove it with --feed sandbox",
            {"feed": Feed.sandbox},
        ),
        ("--watch-health asks for each sport: name them with -s", {"feed": Feed.drops, "sport": ["all"]}),
    ],
)
def test_where_there_is_no_health_to_watch(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("parlayapi", **{"sport": ["basketball_nba"], "watch_health": 30.0, **flags})


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        pytest.param(["ok"], source(60.0), id="a minute is borne"),
        pytest.param(["silent", "source-silent"], source(60.1), id="over a minute, while a game is on"),
        pytest.param(["idle"], source(3600, 0), id="no event in five minutes: no game is on"),
        pytest.param(["silent", "source-silent"], source(90, None), id="a count that is not told is no excuse"),
        pytest.param(["unknown"], source(None), id="not told"),
        pytest.param(["unreadable"], {**SOURCE, "source": None}, id="of no source"),
        pytest.param(["unreadable"], 7, id="no source at all"),
    ],
)
def test_how_a_source_does(expected: list[str], row: Any) -> None:
    told = [event.status if isinstance(event, Health) else event.code for event in poll(watched(), row)]
    assert expected == told


def test_a_silence_is_said_once_and_its_end_too() -> None:
    at = watched()
    told = [
        [event.status if isinstance(event, Health) else event.code for event in poll(at, row)]
        for row in (source(5), source(75), source(105), source(700, 0), source(2), source(3))
    ]
    assert told == [["ok"], ["silent", "source-silent"], ["silent"], ["silent"], ["ok", "source-back"], ["ok"]]


def test_a_silence_names_sport_source_and_seconds() -> None:
    notice = poll(watched(), source(75))[1]
    assert (notice.level, notice.value) == ("warning", 75)
    assert notice.text == "basketball_nba nba_live: no event for 75 s while a game is on"


def test_no_source_is_no_news() -> None:
    assert poll(watched()) == []


@pytest.mark.parametrize("answer", [None, {}, {"results": 7}, "x"])
def test_an_answer_that_cannot_be_read_is_said(answer: Any) -> None:
    assert codes(watched().take(Frame(orjson.dumps(answer), "source-health"))) == ["unreadable"]


def test_a_poll_that_failed_is_said() -> None:
    notice: Any
    [notice] = watched().take(Frame(b'"answered 402; not asked again"', "source-health failed"))
    assert codes([notice]) == ["poll-failed"]
    assert "answered 402" in notice.text


def test_the_books_of_a_hot_feed_are_health_where_that_is_watched() -> None:
    events: list[Any] = watched(feed=Feed.hot).take(fixture("parlayapi", "hot_feed_status.json"))
    assert events[0] == Health(
        source="pinnacle",
        status="ok",
        sport="basketball",
        league="basketball_nba",
        silent_s=0.8,
        events=41,
        window_s=60,
        latest=1778213999210000,
        ts=1778214000000000,
    )
    assert (events[1].source, events[1].silent_s, events[1].latest) == ("fanduel", None, None)
    assert line(Feed.hot).take(fixture("parlayapi", "hot_feed_status.json")) == []


@pytest.mark.parametrize(("live", "feed"), [(True, Feed.live), (None, Feed.odds), (None, Feed.hot)])
def test_what_comes_on_the_live_feed_is_in_play(live: bool | None, feed: Feed) -> None:
    told = quotes(line(feed).take(fixture("parlayapi", "odds_update.json")))
    assert {quote.live for quote in told} == {live}


# --- one event by WebSocket (5.7) ---------------------------------------------------------------------


def subscribed(game: Any) -> list[Any]:
    at = Line(asked("parlayapi", sport=["basketball_nba"], game=["E"], feed=Feed.live)[0])
    return at.say({**payload("parlayapi", "subscribed.json"), "event_id": game})


def test_a_subscription_that_is_echoed_needs_no_words() -> None:
    assert subscribed("E") == subscribed(None) == []


def test_a_subscription_to_another_event_is_taken_back_and_the_game_picked_out_here() -> None:
    at = Line(asked("parlayapi", sport=["basketball_nba"], game=["E"], transport=Transport.ws)[0])
    notice, wish = at.say({**payload("parlayapi", "subscribed.json"), "event_id": "F"})
    assert (codes([notice]), wish) == (["subscription"], Send('{"type":"unsubscribe"}'))
    wide = payload("parlayapi", "initial_state.json")["data"][0]
    body = {**payload("parlayapi", "odds_update.json"), "data": [wide, {**wide, "event_id": "E"}, 7]}
    assert {quote.what.game_id for quote in quotes(at.say(body))} == {"E"}
