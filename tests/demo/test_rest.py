"""The vendors' look-ups, held against what `docs/wire/` says of each page: shapes, refusals, budgets, credits."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from oddstail.demo.contract import Ask, Knobs, Reply, Stage, Wire
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapidodds import RapidOdds

from .stage import Theatre, ask, shape, still

MARKET = still("basketball", "baseball", "hockey", "football")
Still = functools.partial(Theatre, market=MARKET)
BALL = next(one for one in MARKET.fixtures("basketball") if one.status == "unplayed")
LIVE = next(one for one in MARKET.fixtures("baseball") if one.live)
IDS = [one.id for one in MARKET.fixtures("basketball")]
NUMBERS = [one.number for one in MARKET.fixtures("basketball")]


def get(wire: Wire, url: str, **headers: str) -> Reply:
    reply = wire.accept(ask(url, headers=headers))
    assert isinstance(reply, Reply)
    return reply


def page(wire: Wire, url: str) -> Any:
    reply = get(wire, url)
    assert reply.status == 200, reply
    return orjson.loads(reply.body)


def many(name: str, values: list[str]) -> str:
    return "".join(f"&{name}={value}" for value in values)


# -- BoltOdds: docs/wire/boltodds.md, A9 and A10 -----------------------------------------------------------------


def test_bolt_allows_three_gets_at_once_and_one_more_every_five_seconds() -> None:
    """12 a minute, burst of 3 [seed]; posts are not counted."""
    theatre = Still(BoltOdds)
    statuses = [get(theatre.wire, "/api/get_info?key=demo").status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    theatre.seconds += 5
    assert [get(theatre.wire, "/api/get_games?key=demo").status for _ in range(2)] == [200, 429]


BOLT_INFO = '{"sports":["NBA","MLB","Wimbledon (M)"],"sportsbooks":["draftkings","betmgm"]}'
# docs/wire/boltodds.md, A10
BOLT_LEG = (
    '{"game":"<label>","sport":"NHL","universal_id":"ac792a4acb18","outcome_name":"Goals","outcome_line":"0.5",'
    '"outcome_over_under":"Over","outcome_target":"Auston Matthews"}'
)


def test_bolt_catalogues_have_the_documented_shapes() -> None:
    wire = Still(BoltOdds).wire
    assert shape(orjson.loads(BOLT_INFO)) == shape(page(wire, "/api/get_info?key=demo"))
    games = page(wire, "/api/get_games?key=demo")
    assert all({"sport", "game", "when", "orig_teams", "universal_id"} == row.keys() for row in games.values())
    assert all(label == row["game"] for label, row in games.items())
    markets = page(wire, "/api/get_markets?key=demo&sports=NBA&sportsbooks=fanduel,pinnacle")
    assert {"fanduel", "pinnacle"} == markets.keys()
    assert all(by.keys() == {"NBA"} and "Moneyline" in by["NBA"] for by in markets.values())


def test_bolt_parlays_hold_their_legs_in_an_object() -> None:
    """Lines are strings there, and a parlay pays what its legs multiply to [seed]."""
    wire = Still(BoltOdds).wire
    parlays = page(wire, "/api/get_parlays?key=demo&sportsbooks=draftkings")
    assert parlays
    for parlay in parlays:
        assert {"odds", "total_bets", "type", "legs"} == parlay.keys()
        assert parlay["odds"][0] in "+-"
        assert all(orjson.loads(BOLT_LEG).keys() == leg.keys() for leg in parlay["legs"].values())
    lines = {leg["outcome_line"] for parlay in parlays for leg in parlay["legs"].values()}
    assert all(line is None or isinstance(line, str) for line in lines)
    assert get(wire, "/api/get_parlays?key=demo").status == 400


def test_bolt_posts_tell_the_score_of_the_games_that_were_asked_for() -> None:
    wire = Still(BoltOdds).wire
    label = next(
        name for name, row in page(wire, "/api/get_games?key=demo").items() if row["universal_id"] == LIVE.id.lower()
    )
    body = orjson.dumps({"games": [label, "Nobody vs Nobody, 2025-01-01, 01"]})
    boxes = wire.accept(Ask(method="POST", path="/api/boxscores", query=(("key", "demo"),), body=body))
    match = wire.accept(Ask(method="POST", path="/api/match_info", query=(("key", "demo"),), body=body))
    assert isinstance(boxes, Reply)
    assert isinstance(match, Reply)
    box = orjson.loads(boxes.body)
    assert {label} == box.keys()
    assert {"clock", "newScoreboardClock", "scorePerPeriod", "home", "away"} == box[label]["game"].keys()
    result = orjson.loads(match.body)[label]["doc"][0]["data"]["match"]["result"]
    assert {"home": LIVE.score[0], "away": LIVE.score[1], "winner": None} == result


# -- RapidOddsAPI: docs/wire/rapidodds.md, B1, B6, B7 ---------------------------------------------------------------

RAPID_ODDS = "/sports/NBA/markets?api_key=demo&market_type=head_to_head&bookmaker=Pinnacle&bookmaker=Bovada"
USAGE = '{"tier":"free","status":"active","credits_used":1,"credits_limit":250,"credits_remaining":249,"resets":false}'


def test_rapid_odds_are_charged_by_markets_and_fives_of_books() -> None:
    """Nothing is charged if no games come back [docs D2]; nothing for sports and the balance [docs D4]."""
    wire = Still(RapidOdds, knobs=Knobs(credits=5)).wire
    data = page(wire, RAPID_ODDS)
    assert {"sport", "games"} == data.keys()
    assert {"game", "bookmakers"} == data["games"][0].keys()
    page(wire, RAPID_ODDS.replace("NBA", "WNBA"))
    page(wire, "/sports?api_key=demo")
    usage = page(wire, "/usage?api_key=demo")
    assert orjson.loads(USAGE).keys() == usage.keys()
    assert (usage["credits_used"], usage["credits_remaining"]) == (1, 4)


def test_rapid_out_of_credits_says_how_many_are_left() -> None:
    """429 with "credit" in the detail is final, unlike the rate's (B7) [docs D4]."""
    reply = get(Still(RapidOdds, knobs=Knobs(credits=0)).wire, RAPID_ODDS)
    assert reply.status == 429
    assert "you have 0 remaining" in orjson.loads(reply.body)["detail"]


def test_rapid_fixtures_come_twice_where_books_differ_about_the_start() -> None:
    """One entry a start; teams are the same (B4) [docs D4]."""
    games = page(Still(RapidOdds).wire, RAPID_ODDS)["games"]
    pairs = [(one["game"]["home_team"], one["game"]["away_team"]) for one in games]
    assert len(set(pairs)) * 2 == len(pairs)
    starts = {one["game"]["commence_time"] for one in games}
    assert len(starts) > len(set(pairs)) / 2


def test_rapid_lists_keys_that_its_odds_take() -> None:
    wire = Still(RapidOdds).wire
    listed = page(wire, "/sports?api_key=demo&markets=true&sport=NBA")
    assert {"game", "team", "player_props"} == listed["markets"].keys()
    keys = [key for group in listed["markets"].values() for key in group]
    data = page(wire, f"/sports/NBA/markets?api_key=demo&bookmaker=DraftKings{many('market_type', keys)}")
    found = {market["key"] for game in data["games"] for book in game["bookmakers"] for market in book["markets"]}
    assert set(keys) == found


RESULT_GAME = (
    '{"game_id":1,"commence_time":"2026-07-23T09:30:00","last_update":null,"concluded_at":null,"home_team":"H",'
    '"away_team":"A","status":"CONCLUDED","round_number":null}'
)
SCORE = {"home", "away", "home_by_period", "away_by_period", "period_state", "totals", "scoring_events"}


def test_rapid_results_have_scores_and_players_if_asked_for() -> None:
    """`include` is a comma list; one credit if any game comes back (B1) [docs D4]."""
    wire = Still(RapidOdds, knobs=Knobs(credits=10)).wire
    bare = page(wire, "/results/MLB?api_key=demo&status=live")["games"]
    full = page(wire, "/results/MLB?api_key=demo&status=live&include=scores,players")["games"]
    assert bare
    assert all({"game"} == one.keys() and orjson.loads(RESULT_GAME).keys() == one["game"].keys() for one in bare)
    one = next(one for one in full if one["game"]["home_team"] == LIVE.home)
    assert one["score"].keys() == SCORE
    assert LIVE.score == (one["score"]["home"]["runs"], one["score"]["away"]["runs"])
    assert sum(row["runs"] for row in one["score"]["totals"]["by_period"]) == sum(LIVE.score)
    assert {"player_name", "team_name"} < one["players"][0].keys()
    assert page(wire, "/usage?api_key=demo")["credits_used"] == 2


# -- OpticOdds: docs/wire/opticodds.md, 4 --------------------------------------------------------------------

V3 = "/api/v3"
OPTIC_ROWS: dict[str, set[str]] = {
    "/sports": {"id", "name", "numerical_id", "main_markets"},
    "/sports/active": {"id", "name", "numerical_id", "main_markets"},
    "/leagues": {"id", "name", "numerical_id", "region", "region_code", "gender", "sport"},
    "/leagues/active?sport=basketball": {"id", "name", "numerical_id", "region", "region_code", "gender", "sport"},
    "/sportsbooks": {"id", "name", "logo", "is_onshore", "is_active"},
    "/sportsbooks/active?league=NBA": {"id", "name", "logo", "is_onshore", "is_active"},
    "/sportsbooks/last-polled?league=nba": {"league", "fixture_id", "sportsbooks"},
    "/markets?sport=basketball": {"id", "name", "numerical_id", "market_type_id", "sports"},
    f"/markets/active?fixture_id={BALL.id}&sportsbook=Pinnacle": {"id", "name", "numerical_id"},
    "/copilot/versions": {"id", "name"},
}


@pytest.mark.parametrize("path", OPTIC_ROWS)
def test_optic_catalogues(path: str) -> None:
    joint = "&" if "?" in path else "?"
    rows = page(Still(OpticOdds).wire, f"{V3}{path}{joint}key=demo")["data"]
    assert rows
    assert all(OPTIC_ROWS[path] == row.keys() for row in rows)


FIXTURE = (
    "id numerical_id game_id start_date home_team_display away_team_display home_competitors away_competitors status "
    "is_live has_odds sport league tournament result"
)


def test_optic_fixtures_come_in_pages() -> None:
    """`page` from 1, loop while `has_more`, or `cursor` until null, never both [docs A]."""
    wire = Still(OpticOdds).wire
    url = f"{V3}/fixtures/active?key=demo&sport=basketball&limit=2"
    pages = [page(wire, f"{url}&page={n}") for n in (1, 2, 3)]
    assert [one["has_more"] for one in pages] == [True, True, False]
    rows = [row for one in pages for row in one["data"]]
    assert set(IDS) == {row["id"] for row in rows}
    assert all(set(FIXTURE.split()) <= row.keys() for row in rows)
    first = page(wire, f"{url}&cursor=0")
    assert page(wire, f"{url}&cursor={first['cursor']}")["data"] == pages[1]["data"]
    assert get(wire, f"{url}&cursor=0&page=1").status == 400


# get_fixtures-odds [docs M]
BOOK_ODD = (
    "id sportsbook market name is_main selection normalized_selection market_id selection_line player_id team_id price "
    "timestamp grouping_key points deep_link limits"
)
# docs/wire/opticodds.md, 4: `/copilot/fixtures/odds`
COPILOT_ODD = (
    "id version_id version odd_id market market_id name selection normalized_selection selection_line points price "
    "is_main grouping_key player_id team_id timestamp"
)


def test_optic_odds_tell_what_is_on_offer_and_forget_the_rest() -> None:
    reply = get(
        Still(OpticOdds).wire,
        f"{V3}/fixtures/odds?key=demo&sportsbook=Pinnacle&sportsbook=fanduel&fixture_id={BALL.id}",
    )
    (row,) = orjson.loads(reply.body)["data"]
    assert all(set(BOOK_ODD.split()) == odd.keys() for odd in row["odds"])
    expected = {
        quote.price
        for quote in MARKET.quotes(fixture=BALL.id)
        if quote.book in ("pinnacle", "fanduel") and quote.price is not None
    }
    assert expected == {odd["price"] for odd in row["odds"]}
    assert len(row["odds"]) == len(reply.tell.put)
    assert {"Pinnacle", "FanDuel"} == {one.book for one in reply.tell.forget}


@pytest.mark.parametrize(("version", "operator"), [("", "draftkings"), ("&version_id=3", "pinnacle")])
def test_copilot_odds_by_version(version: str, operator: str) -> None:
    rows = page(Still(OpticOdds).wire, f"{V3}/copilot/fixtures/odds?key=demo&fixture_id={BALL.id}{version}")["data"]
    assert all(set(COPILOT_ODD.split()) == odd.keys() for odd in rows[0]["odds"])
    expected = [one for one in MARKET.quotes(fixture=BALL.id, book=operator) if one.price is not None]
    assert len(expected) == len(rows[0]["odds"])


# docs/wire/opticodds.md, 2.7: as recorded
OPTIC_REFUSALS = [
    ("/fixtures/active", b'{"error":"you must provide at least one of sport, league, or fixture_id"}'),
    ("/fixtures?sport=basketball&status=bogus", b'{"error":"invalid status: bogus"}'),
    ("/copilot/fixtures?sport=basketball", b'{"error":"copilot_version_id is required"}'),
    (
        "/fixtures/odds?fixture_id=A" + many("sportsbook", list("abcdef")),
        b'{"error":"maximum 5 sportsbooks allowed"}',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), OPTIC_REFUSALS)
def test_optic_refuses_with_the_recorded_words(path: str, body: bytes) -> None:
    reply = get(Still(OpticOdds).wire, f"{V3}{path}{'&' if '?' in path else '?'}key=demo")
    assert (400, body) == (reply.status, reply.body)


def test_optic_takes_five_fixtures_a_call() -> None:
    wire = Still(OpticOdds).wire
    url = f"{V3}/fixtures/odds?key=demo&sportsbook=Pinnacle"
    assert get(wire, url + many("fixture_id", IDS[:5])).status == 200
    assert get(wire, url + many("fixture_id", [*IDS[:5], LIVE.id])).status == 400


def test_optic_tells_its_budget_and_keeps_it() -> None:
    """2500 requests, ten of history, in 15 s; `reset` is a multiple of 15 (section 3) [docs D7, 3p T1]."""
    theatre = Theatre(OpticOdds, sports=["hockey"])
    url = f"{V3}/copilot/fixtures/odds/historical?key=demo&id=x"
    replies = [get(theatre.wire, url) for _ in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]
    headers = dict(replies[0].headers)
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("10", "9")
    assert int(headers["x-ratelimit-reset"]) % 15 == 0
    assert dict(replies[-1].headers) == {**headers, "x-ratelimit-remaining": "0"}
    theatre.market.advance(15.0)
    assert get(theatre.wire, url).status == 200


# docs/wire/opticodds.md, 2.4, `score` of fixture-results
RESULT = (
    "sport league fixture scores in_play events stats market_stats sub_scores extra retirement_info last_checked_at"
)


def test_optic_results_add_up() -> None:
    (row,) = page(Still(OpticOdds).wire, f"{V3}/fixtures/results?key=demo&fixture_id={LIVE.id}")["data"]
    assert set(RESULT.split()) == row.keys()
    for side, total in zip(("home", "away"), LIVE.score, strict=True):
        assert row["scores"][side]["total"] == total == sum(row["scores"][side]["periods"].values())


# -- OddsJam: docs/wire/oddsjam.md, 1.6 ----------------------------------------------------------------------------

V2 = "/api/v2"


def test_oddsjam_pages() -> None:
    wire = Still(OddsJam).wire
    games = page(wire, f"{V2}/games?key=demo&league=NBA")
    assert {"data", "page", "total_pages"} == games.keys()
    assert set(NUMBERS) == {row["id"] for row in games["data"]}
    documented = {"id", "sport", "league", "start_date", "home_team", "away_team", "is_live"}
    assert all(documented <= row.keys() for row in games["data"])
    assert "NBA" in page(wire, f"{V2}/leagues?key=demo&sport=basketball")["data"]
    assert "DraftKings" in page(wire, f"{V2}/sportsbooks?key=demo")["data"]
    assert "Moneyline" in page(wire, f"{V2}/markets?key=demo&sportsbook=Pinnacle")["data"]


def test_oddsjam_game_odds_of_five_games_at_most() -> None:
    wire = Still(OddsJam).wire
    url = f"{V2}/game-odds?key=demo&sportsbook=Pinnacle&market_name=Moneyline"
    rows = page(wire, url + many("game_id", NUMBERS[:5]))["data"]
    assert {"Moneyline"} == {odd["market_name"] for row in rows for odd in row["odds"]}
    assert get(wire, url + many("game_id", [*NUMBERS[:5], LIVE.number])).status == 400


# -- ParlayAPI: docs/wire/parlayapi.md, 8 ----------------------------------------------------------------------------

# docs/wire/parlayapi.md, 8.1
SPORT = (
    '{"key":"baseball_mlb","group":"Baseball","title":"MLB","description":"US Major League Baseball","active":true,'
    '"has_outrights":false}'
)


def test_parlay_sports_are_keyless_and_have_an_etag() -> None:
    wire = Still(ParlayApi).wire
    reply = get(wire, "/v1/sports")
    rows = orjson.loads(reply.body)
    assert all(shape(orjson.loads(SPORT)) == shape(row) for row in rows)
    assert get(wire, "/v1/sports", **{"if-none-match": dict(reply.headers)["etag"]}).status == 304
    assert len(page(wire, "/v1/sports?all=true")) > len(rows)


# try_baseball_mlb_odds.json [docs F]
EVENT = "id sport_key sport_title commence_time home_team away_team bookmakers canonical_event_id"
BOOK = "key title last_update markets last_update_ms stale_seconds"


def test_parlay_odds_in_the_captured_shape() -> None:
    wire = Still(ParlayApi).wire
    for events in (
        page(wire, "/v1/sports/baseball_mlb/odds?apiKey=demo&bookmakers=pinnacle&markets=h2h,spreads"),
        page(wire, "/v1/try/baseball_mlb/odds")["events"],
    ):
        assert events
        assert all(set(EVENT.split()) == event.keys() and len(event["id"]) == 32 for event in events)
        assert all(set(BOOK.split()) == book.keys() for event in events for book in event["bookmakers"])


def test_parlay_one_unknown_book_fails_the_call() -> None:
    reply = get(Still(ParlayApi).wire, "/v1/sports/baseball_mlb/odds?apiKey=demo&bookmakers=pinnacle,nobody")
    assert reply.status == 400
    assert orjson.loads(reply.body)["detail"]["error"] == "UNKNOWN_BOOKMAKER"


PARLAY_PAGES: list[tuple[str, int, str]] = [
    ("/v1/bookmakers?apiKey=demo", 200, ""),
    ("/v1/bookmakers/pinnacle/freshness?apiKey=demo", 200, ""),
    ("/v1/markets?apiKey=demo", 200, ""),
    ("/v1/usage?apiKey=demo", 200, ""),
    ("/v1/meta/provider-state", 200, ""),
    ("/v1/meta/source-quality", 200, ""),
    ("/v1/meta/api-info", 200, ""),
    ("/v1/meta/api-key-check?apiKey=demo", 200, ""),
    ("/v1/sports/baseball_mlb/events?apiKey=demo", 200, ""),
    ("/v1/sports/baseball_mlb/live/points?apiKey=demo", 200, ""),
    ("/v1/sports/curling/events?apiKey=demo", 404, "NOT_FOUND"),
    ("/v1/sports/baseball_mlb/odds", 401, "MISSING_KEY"),
    ("/v1/usage?apiKey=x", 401, "INVALID_KEY"),
    ("/v1/try/curling/odds", 400, "demo_sport_not_supported"),
]


@pytest.mark.parametrize(("url", "status", "said"), PARLAY_PAGES)
def test_parlay_pages(url: str, status: int, said: str) -> None:
    reply = get(Still(ParlayApi).wire, url)
    assert status == reply.status
    assert said.encode() in reply.body


# docs/wire/parlayapi.md, 8.2
HEALTH = (
    '{"count":1,"results":[{"sport_key":"basketball_nba","source":"nba_live","role":"primary","events_last_5min":42,'
    '"seconds_since_last_event":3.1,"latest_capture_ms":1778214028111}]}'
)


def test_parlay_source_health_costs_a_credit_and_tells_who_is_silent() -> None:
    theatre = Theatre(ParlayApi, sports=["basketball"], rate=20, knobs=Knobs(credits=3))
    theatre.run(20)
    found = page(theatre.wire, "/v1/sports/basketball_nba/live/source-health?apiKey=demo")
    assert shape(orjson.loads(HEALTH)) == shape(found)
    assert {"primary", "secondary"} == {row["role"] for row in found["results"]}
    assert page(theatre.wire, "/v1/usage?apiKey=demo")["credits_remaining"] == 2


REFUSE: list[tuple[Callable[[Stage], Wire], str]] = [
    (BoltOdds, "/api/get_info"),
    (OpticOdds, "/api/v3/sports"),
    (OddsJam, "/api/v2/games"),
    (RapidOdds, "/usage"),
    (ParlayApi, "/v1/bookmakers"),
]


@pytest.mark.parametrize(("make", "path"), REFUSE)
def test_pages_are_for_those_with_a_key(make: Callable[[Stage], Wire], path: str) -> None:
    assert get(Still(make).wire, path).status == 401


ODD_VALUES = (
    "limit page cursor id fixture_id game_id sportsbook sportsbooks sport league market version_id status".split()
)
EVERY_PAGE: list[tuple[Callable[[Stage], Wire], str]] = [
    *((OpticOdds, f"/api/v3{path.split('?')[0]}") for path in OPTIC_ROWS),
    *(
        (OpticOdds, f"/api/v3{path}")
        for path in ("/fixtures", "/fixtures/active", "/fixtures/odds", "/fixtures/results")
    ),
    *((OpticOdds, f"/api/v3/copilot/{path}") for path in ("fixtures", "fixtures/odds", "grader/odds")),
    *((OddsJam, f"/api/v2/{path}") for path in ("games", "game-odds", "scores", "markets", "market-categories")),
    *((RapidOdds, path) for path in ("/sports", "/sports/NBA/markets", "/results/MLB", "/results/AFL")),
    *((BoltOdds, f"/api/{path}") for path in ("get_markets", "get_parlays", "boxscores", "match_info")),
]


@pytest.mark.parametrize(("make", "path"), EVERY_PAGE)
@pytest.mark.parametrize("value", ["x", "-1", "0", "%", "\u0663", "1e9", "a,b"])
def test_nonsense_is_answered(make: Callable[[Stage], Wire], path: str, value: str) -> None:
    """A page never fails: an exception in a wire would end the whole server."""
    query = tuple((name, value) for name in ODD_VALUES if not (name == "cursor" and value == "0"))
    keys = (("key", "demo"), ("api_key", "demo"))
    for method, body in (("GET", b""), ("POST", b""), ("POST", b"[1]"), ("POST", b'{"games":[{},1,null]}')):
        for asked in (query, ()):
            reply = Still(make).wire.accept(Ask(method=method, path=path, query=(*keys, *asked), body=body))
            assert isinstance(reply, Reply)
            assert reply.status < 500
