"""The current prices over REST: what is asked, in which order, and what the stream's own decoder makes of it.

Shapes: docs/wire/oddsjam.md, 1.6; docs/wire/opticodds.md, 2.4, 2.5 and 4; docs/wire/rapidodds.md, B1, B4 and B6. What v2's
`game-odds` answers is not documented there: the names are those that public clients read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from oddstail import providers
from oddstail.lookup import Get
from oddstail.model import Event, Failure, Frame, Notice, Request
from oddstail.providers.opticodds.command import Feed, OddsFormat
from tests.providers.wire import Line, asked, codes, prices, quotes

GAME = "7C19D2A04EB1"
#: Section 2.4 and 4: a fixture with its odds, the row of `/fixtures/odds`.
FIXTURE: dict[str, Any] = {
    "id": GAME,
    "start_date": "2025-01-14T00:30:00+00:00",
    "home_team_display": "Boston Celtics",
    "away_team_display": "Miami Heat",
    "is_live": False,
    "sport": {"id": "basketball", "name": "Basketball"},
    "league": {"id": "nba", "name": "NBA"},
    "odds": [
        {"sportsbook": "DraftKings", "market": "Point Spread", "name": "Boston Celtics -4.5", "points": -4.5,
         "selection": "Boston Celtics", "price": -110, "is_main": True, "timestamp": 1736820600.5}
    ],
}  # fmt: skip
ODD = {"fixture_id": GAME, "sport": "basketball", "league": "NBA", "sportsbook": "DraftKings", "market": "Point Spread",
       "name": "Boston Celtics -4.5", "selection": "Boston Celtics", "points": -4.5, "price": -115, "is_main": True,
       "is_live": False, "timestamp": 1736820669.918}  # fmt: skip


def ask(request: Request, answer: Callable[[Get], Any]) -> tuple[list[tuple[str, ...]], list[Frame]]:
    """What a snapshot asks for, call by call, and the frames that it comes to."""
    hydration = providers.catalogue(request.provider).hydration
    assert hydration is not None
    steps = hydration.steps(request)
    assert steps is not None
    calls, frames, answers = [], [], list[Any]()
    try:
        step = next(steps)
        while True:
            if isinstance(step, Frame):
                frames.append(step)
                step = steps.send([])
            else:
                calls.append(tuple(f"{get.url} {get.params}" for get in step))
                answers = [answer(get) for get in step]
                step = steps.send(answers)
    except StopIteration:
        return calls, frames


def optic(**flags: Any) -> Request:
    [request] = asked("opticodds", **{"sport": ["basketball"], "league": ["NBA"], "book": ["DraftKings"], **flags})
    return request


def events(line: Line, frames: list[Frame]) -> list[Event]:
    return line.ledger.apply([event for frame in frames for event in line.take(frame)])


def test_games_are_listed_and_their_odds_asked_for_five_at_a_call() -> None:
    listed = [{"id": f"G{at:02}", "is_live": at == 6, "start_date": f"2025-01-{20 - at:02}"} for at in range(1, 8)]
    calls, frames = ask(
        optic(market=["Moneyline"], main=True),
        lambda get: {"data": listed} if get.url.endswith("/active") else {"data": []},
    )
    base, same = (
        "https://api.opticodds.com/api/v3",
        "('sportsbook', 'DraftKings'), ('market', 'Moneyline'), ('is_main', 'true')",
    )
    order = ["G06", "G07", "G05", "G04", "G03", "G02", "G01"]
    odds = [", ".join(f"('fixture_id', '{game}')" for game in some) for some in (order[:5], order[5:])]
    assert calls == [
        (f"{base}/fixtures/active (('sport', 'basketball'), ('league', 'NBA'))",),
        tuple(f"{base}/fixtures/odds ({some}, {same})" for some in odds),
    ]
    assert [frame.event for frame in frames] == ["rest odds", "rest odds", "rest end"]


def test_named_games_need_no_list() -> None:
    calls, _ = ask(optic(game=["A", "B"]), lambda get: {"data": []})
    assert [len(call) for call in calls] == [1]
    assert "('fixture_id', 'A'), ('fixture_id', 'B'), ('sportsbook', 'DraftKings')" in calls[0][0]


def test_copilot_has_addresses_of_its_own_and_results_have_none() -> None:
    [request] = asked("opticodds", sport=["basketball"], feed=Feed.copilot, version_id=7)
    calls, _ = ask(request, lambda get: {"data": [{"id": "A"}]})
    base = "https://api.opticodds.com/api/v3/copilot"
    assert calls == [
        (f"{base}/fixtures (('copilot_version_id', '7'), ('sport', 'basketball'))",),
        (f"{base}/fixtures/odds (('fixture_id', 'A'), ('version_id', '7'))",),
    ]
    [request] = asked("opticodds", sport=["basketball"], league=["NBA"], feed=Feed.results)
    hydration = providers.catalogue("opticodds").hydration
    assert hydration is not None
    assert hydration.steps(request) is None


#: A future with its odds, in the form of a game's: the book is the row's.
FUTURE: dict[str, Any] = {
    "id": "F1", "sport": {"id": "basketball", "name": "Basketball"}, "league": {"id": "nba", "name": "NBA"},
    "market": "Championship Winner", "future_type": "TEAM", "is_live": False, "start_date": None,
    "odds": [
        {"sportsbook": book, "id": f"o-{book}", "name": "Boston Celtics", "selection": "Boston Celtics", "price": price, "points": None,
         "is_main": True, "timestamp": 1736820600.5, "team_id": "T1", "limits": {"max": 100}, "source_ids": {"s": book}}
        for book, price in (("DraftKings", 450), ("FanDuel", 470))
    ],
}  # fmt: skip


def futures(**flags: Any) -> Request:
    return optic(feed=Feed.futures, book=["DraftKings", "FanDuel"], **flags)


def test_futures_are_listed_and_their_odds_asked_for_five_at_a_call() -> None:
    calls, frames = ask(
        futures(main=True, deep_links=True, source_ids=True),
        lambda get: {"data": [{"id": f"F{at}"} for at in range(7)] if get.url.endswith("/futures") else []},
    )
    base = "https://api.opticodds.com/api/v3/futures"
    same = (
        "('sportsbook', 'DraftKings'), ('sportsbook', 'FanDuel'), ('is_main', 'true'), ('include_limits', 'true'), "
        "('include_source_ids', 'true'), ('include_deep_link', 'true')"
    )
    ids = [", ".join(f"('future_id', 'F{at}')" for at in some) for some in (range(5), (5, 6))]
    assert calls == [
        (f"{base} (('sport', 'basketball'), ('league', 'NBA'))",),
        tuple(f"{base}/odds ({some}, {same})" for some in ids),
    ]
    [*_, end] = events(Line(futures()), frames)
    assert isinstance(end, Notice)
    assert end.text == "NBA: the current prices of 7 futures were requested"


def test_a_future_over_rest_and_one_of_the_stream_are_the_same_price() -> None:
    line = Line(futures())
    _, frames = ask(futures(), lambda get: {"data": [FUTURE]})
    first = quotes(events(line, frames))
    assert [(one.what.book, one.price and one.price.american, one.snap, one.limit) for one in first] == [
        ("DraftKings", 450, True, 100), ("FanDuel", 470, True, 100),
    ]  # fmt: skip
    assert [one.detail for one in first] == ['{"source_ids":{"s":"DraftKings"}}', '{"source_ids":{"s":"FanDuel"}}']
    row = {**FUTURE["odds"][0], "price": 500}
    group = {**FUTURE, "sportsbook": {"id": "draftkings", "name": "DraftKings"}, "odds": [row]}
    del row["sportsbook"]
    [moved] = quotes(line.tell({"entry_id": "2-0", "type": "futures", "data": [group]}, "futures"))
    assert (moved.what.key, moved.prev, len(line.ledger)) == (first[0].what.key, 450, 2)
    # After a gap, what the answer lacks is gone.
    line.ledger.doubt()
    line.reconnect()
    _, frames = ask(futures(), lambda get: {"data": [{**FUTURE, "odds": FUTURE["odds"][1:]}]})
    told = {quote.what.book: quote.status for quote in quotes(events(line, frames))}
    assert told == {"DraftKings": "removed", "FanDuel": "open"}


@pytest.mark.parametrize("odds", [None, "x", {}], ids=repr)
def test_a_future_without_a_list_of_odds_is_a_notice_and_withdraws_nothing(odds: Any) -> None:
    line = Line(futures())
    line.tell({"data": [FUTURE]}, "rest odds")
    line.ledger.doubt()
    assert codes(line.tell({"data": [{**FUTURE, "odds": odds}]}, "rest odds")) == ["unreadable"]
    assert len(line.ledger) == 2


def test_a_long_list_of_futures_is_read_part_by_part() -> None:
    rows = [{**FUTURE["odds"][0], "name": f"Team {at}", "selection": f"Team {at}", "id": None} for at in range(2500)]
    line = Line(futures())
    [message] = line.messages(Frame(orjson.dumps({"data": [{**FUTURE, "odds": rows}]}), "rest odds"))
    parts = line.decode(message)
    assert not isinstance(parts, list)
    assert len(list(parts)) > 3
    [message] = line.messages(Frame(orjson.dumps({"data": [{**FUTURE, "sportsbook": "A", "odds": rows}]}), "futures"))
    parts = line.decode(message)
    assert not isinstance(parts, list)
    assert max(len(part) for part in parts) <= 1000


@pytest.mark.parametrize("feed", [Feed.odds, Feed.futures])
def test_probabilities_in_percent_are_read_over_rest(feed: Feed) -> None:
    request = optic(feed=feed, odds_format=OddsFormat.probability)
    item = FUTURE if feed is Feed.futures else FIXTURE
    line = Line(request)
    answer = {
        "data": [{**item, "odds": [{**item["odds"][0], "price": price, "name": f"T{price}"} for price in (20.0, 0.5)]}]
    }
    told = line.tell(answer, "rest odds")
    assert [quote.price and round(quote.price.prob, 4) for quote in quotes(told)] == [0.2, 0.005]
    assert codes(told) == []


def test_a_price_over_rest_and_one_of_the_stream_are_the_same_price() -> None:
    line = Line(optic())
    _, frames = ask(optic(), lambda get: {"data": [FIXTURE]})
    [first, notice] = events(line, frames)
    assert prices([first]) == [("Boston Celtics", "open", -4.5, -110)]
    [quote] = quotes([first])
    assert (quote.snap, quote.what.home, quote.what.start, quote.what.side, quote.live, quote.ts) == (
        True, "Boston Celtics", "2025-01-14T00:30:00Z", "home", False, 1_736_820_600_500_000,
    )  # fmt: skip
    assert isinstance(notice, Notice)
    assert (notice.code, notice.level, notice.text) == (
        "snapshot",
        "info",
        "NBA: the current prices of 1 game were requested",
    )
    [later] = quotes(line.tell({"entry_id": "2-0", "type": "odds", "data": [ODD]}, "odds"))
    assert later.what is quote.what
    assert (later.prev, later.snap, len(line.ledger)) == (-110, False, 1)


def test_what_the_stream_says_first_is_not_undone_by_the_answer() -> None:
    line = Line(optic())
    line.tell({"entry_id": "2-0", "type": "odds", "data": [ODD]}, "odds")
    _, frames = ask(optic(), lambda get: {"data": [FIXTURE]})
    assert quotes(events(line, frames)) == []
    assert list(line.held().values()) == [-115]


def test_after_a_gap_what_is_not_in_the_answer_any_more_is_removed() -> None:
    line = Line(optic())
    line.tell({"entry_id": "2-0", "type": "odds", "data": [ODD, {**ODD, "fixture_id": "GONE"}]}, "odds")
    line.ledger.doubt()
    line.reconnect()
    _, frames = ask(optic(), lambda get: {"data": [{**FIXTURE, "odds": []}]})
    gone = quotes(events(line, frames))
    assert [(quote.what.game_id, quote.status, quote.price, quote.prev) for quote in gone] == [
        (GAME, "removed", None, -115),
        ("GONE", "removed", None, -115),
    ]


@pytest.mark.parametrize("refused", ["/fixtures/active", "/fixtures/odds"])
def test_what_could_not_be_asked_withdraws_nothing_and_is_said(refused: str) -> None:
    line = Line(optic())
    line.tell({"entry_id": "2-0", "type": "odds", "data": [{**ODD, "fixture_id": "GONE"}]}, "odds")
    line.ledger.doubt()
    failure = Failure(kind="status", code=503, text="down")
    _, frames = ask(optic(), lambda get: failure if get.url.endswith(refused) else {"data": [FIXTURE]})
    [notice] = events(line, frames)
    assert isinstance(notice, Notice)
    assert notice.level == "warning"
    assert notice.text == "NBA: the current prices could not all be requested (503 down); others appear when they move"
    assert line.ledger.doubtful


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"results": []}, "busy"], ids=repr)
@pytest.mark.parametrize("at", ["/fixtures/active", "/fixtures/odds"])
def test_an_answer_that_cannot_be_read_is_none_that_lists_nothing(at: str, answer: Any) -> None:
    line = Line(optic())
    line.tell({"entry_id": "2-0", "type": "odds", "data": [ODD]}, "odds")
    line.ledger.doubt()
    _, frames = ask(optic(), lambda get: answer if get.url.endswith(at) else {"data": [FIXTURE]})
    [notice] = events(line, frames)
    assert isinstance(notice, Notice)
    assert "could not all be requested (an answer without data)" in notice.text
    assert line.ledger.doubtful


def test_a_game_without_a_list_of_odds_does_not_say_that_it_has_none() -> None:
    line = Line(optic())
    line.tell({"entry_id": "2-0", "type": "odds", "data": [ODD]}, "odds")
    line.ledger.doubt()
    bare = {name: value for name, value in FIXTURE.items() if name != "odds"}
    line.ledger.apply(line.say({"data": [bare]}, "rest odds"))
    assert line.ledger.doubtful


def test_a_locked_row_of_an_answer_is_not_on_offer() -> None:
    line = Line(optic())
    [quote] = quotes(line.tell({"data": [{**FIXTURE, "odds": [{**ODD, "type": "locked"}]}]}, "rest odds"))
    assert (quote.status, quote.price, quote.prev) == ("suspended", None, -115)


def test_more_games_than_are_worth_it_are_left_and_that_is_said() -> None:
    games = [{"id": f"G{at}"} for at in range(305)]
    calls, frames = ask(optic(), lambda get: {"data": games} if get.url.endswith("/active") else {"data": []})
    assert sum(len(call) for call in calls) == 1 + 60
    [notice] = events(Line(optic()), frames)
    assert isinstance(notice, Notice)
    assert "300 games were, 5 were not" in notice.text


def test_oddsjam_reads_the_names_of_rest_and_of_the_stream() -> None:
    [request] = asked("oddsjam", league=["NBA"], book=["DraftKings"], market=["Moneyline"])
    rest = {"sports_book_name": "DraftKings", "market_name": "Moneyline", "name": "Boston Celtics", "price": -110.0,
            "bet_points": None, "is_main": True, "is_live": False, "checked_date": "2024-02-11T22:00:00Z"}  # fmt: skip
    game = {"id": "41207-33918-2024-02-11", "home_team": "Boston Celtics", "away_team": "Miami Heat", "sport": "basketball",
            "league": "NBA", "start_date": "2024-02-11T23:00:00Z", "odds": [rest]}  # fmt: skip
    calls, frames = ask(request, lambda get: {"data": [game]})
    base = "https://api-external.oddsjam.com/api/v2"
    assert calls == [
        (f"{base}/games (('league', 'NBA'),)",),
        (f"{base}/game-odds (('game_id', '41207-33918-2024-02-11'), ('sportsbook', 'DraftKings'), ('market_name', 'Moneyline'))",),
    ]  # fmt: skip
    line = Line(request)
    [quote] = quotes(events(line, frames))
    assert (quote.what.book, quote.what.market, quote.what.away, quote.ts) == (
        "DraftKings", "Moneyline", "Miami Heat", 1_707_688_800_000_000,
    )  # fmt: skip
    said = {"id": None, "game_id": game["id"], "bet_name": "Boston Celtics", "bet_price": -120.0, "bet_points": None,
            "bet_type": "Moneyline", "sportsbook": "DraftKings", "is_main": True, "is_live": False, "sport": "basketball",
            "league": "NBA", "timestamp": 1707690123.4123}  # fmt: skip
    [later] = quotes(line.tell({"entry_id": "1-0", "data": [said]}, "odds"))
    assert (later.what.key, later.prev) == (quote.what.key, -110)


def test_oddsjam_is_not_asked_where_it_replays() -> None:
    [request] = asked("oddsjam", league=["NBA"], book=["DraftKings"])
    provider, hydration = providers.provider("oddsjam"), providers.catalogue("oddsjam").hydration
    assert provider.resume is not None
    assert hydration is not None
    assert hydration.steps(request) is not None
    assert hydration.steps(provider.resume(request, "1678113198585-0")) is None


#: B4: the sample of a push; B7: the answer over REST has the shape of its `data`.
STATE = {"sport": "NBA", "games": [
    {"game": {"commence_time": "2026-02-25T11:00:00", "home_team": "Los Angeles Lakers", "away_team": "Boston Celtics"},
     "bookmakers": [{"name": "Pinnacle", "last_update": "2026-02-25T09:59:54", "markets": [
         {"key": "head_to_head", "outcomes": [{"name": "Los Angeles Lakers", "price": 2.10}, {"name": "Boston Celtics", "price": 1.80}]}]}]}]}  # fmt: skip


def rapid() -> Request:
    [request] = asked("rapidodds", sport=["NBA", "NFL"], book=["Pinnacle"], market=["head_to_head"])
    return request


def test_rapidodds_is_asked_once_a_sport_with_the_arguments_of_its_subscription() -> None:
    calls, frames = ask(rapid(), lambda get: STATE if "NBA" in get.url else {"sport": "NFL", "games": []})
    base = "https://api.rapidoddsapi.com/sports"
    assert calls == [
        (f"{base}/{sport}/markets (('market_type', 'head_to_head'), ('bookmaker', 'Pinnacle'))",)
        for sport in ("NBA", "NFL")
    ]
    hydration = providers.catalogue("rapidodds").hydration
    assert hydration is not None
    assert hydration.costs(rapid()) == 2
    line = Line(rapid())
    told = events(line, frames)
    assert [(quote.what.selection, quote.snap) for quote in quotes(told)] == [
        ("Los Angeles Lakers", True),
        ("Boston Celtics", True),
    ]
    # Nothing is charged where no games come back (B6).
    assert [(event.code, event.value) for event in told if isinstance(event, Notice)] == [("credits", 1.0)]


def test_a_push_of_rapidodds_is_worth_more_than_the_answer_that_comes_after_it() -> None:
    line = Line(rapid())
    push = {
        "event": "odds_update",
        "sport": "NBA",
        "timestamp": "2026-02-25T10:00:00.000000",
        "credits_charged": 1,
        "data": STATE,
    }
    line.tell(push)
    _, frames = ask(rapid(), lambda get: STATE if "NBA" in get.url else {"sport": "NFL", "games": []})
    assert quotes(events(line, frames)) == []


def test_rapidodds_out_of_credits_says_so() -> None:
    failure = Failure(kind="status", code=429, text="not enough credits, you have 0 remaining")
    _, frames = ask(rapid(), lambda get: failure)
    told = events(Line(rapid()), frames)
    assert codes(told) == ["snapshot", "snapshot"]
    assert isinstance(told[0], Notice)
    assert "429 not enough credits" in told[0].text


@pytest.mark.parametrize(
    "answer", [None, [], {}, 5, {"data": [None, {"id": None}, {"id": "A", "odds": [None, {}, {"name": 5}]}]}], ids=repr
)
@pytest.mark.parametrize("name", ["opticodds", "oddsjam", "rapidodds"])
def test_no_answer_breaks_a_snapshot(name: str, answer: Any) -> None:
    request = {
        "opticodds": optic,
        "oddsjam": lambda: asked("oddsjam", league=["NBA"], book=["X"])[0],
        "rapidodds": rapid,
    }[name]()
    _, frames = ask(request, lambda get: answer)
    told = events(Line(request), frames)
    assert quotes(told) == [], "no price is made of it"
    assert {*codes(told)} & {"snapshot", "unreadable"}, "and something is said"
