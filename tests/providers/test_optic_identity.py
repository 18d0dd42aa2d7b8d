"""Prices of OddsJam and OpticOdds told apart, their names taken apart, and what a reconnect must not lose."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail.model import MANY, Frame, Notice, Quote, Request
from oddstail.providers.opticodds.command import Feed, OddsFormat
from tests.providers.wire import Line, asked, codes, payload, prices, quotes

BOOKS = {"book": ["DraftKings"]}
GAME = "7C19D2A04EB1"
HOME, AWAY = "Boston Celtics", "Miami Heat"


def optic(feed: str = "odds", **flags: Any) -> Request:
    own = BOOKS if feed in ("odds", "futures") else {}
    [request] = asked("opticodds", sport=["basketball"], league=["NBA"], feed=Feed(feed), **own, **flags)
    return request


def jam(**flags: Any) -> Request:
    [request] = asked("oddsjam", league=["NBA"], **BOOKS, **flags)
    return request


def odd(**fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = payload("opticodds", "odds.sse")["data"][0]
    blank = {"selection": "", "selection_line": None, "points": None, "id": None, "player_id": None}
    return {**row, **blank, "grouping_key": "default", **fields}


def odds(*rows: Any, entry: str = "1-0") -> dict[str, Any]:
    return {"entry_id": entry, "type": "odds", "data": list(rows)}


def jam_odd(market: str, name: str, points: float | None = None, price: Any = -110) -> dict[str, Any]:
    row: dict[str, Any] = payload("oddsjam", "odds.sse")["data"][0]
    return {**row, "bet_type": market, "bet_name": name, "bet_points": points, "bet_price": price}


#: OddsJam and OpticOdds list a game's teams beside the stream (sections 1.6 and 4).
TEAMS = {"data": [{"id": GAME, "home_team_display": HOME, "away_team_display": AWAY, "start_date": "2025-01-14T00:30:00Z",
                   "odds": []}]}  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"player_id": "P2"}, id="two-players-of-one-name"),
        pytest.param({"selection_line": "no"}, id="yes-and-no-of-one-name"),
        pytest.param({"selection": "Buffalo Bills"}, id="two-teams-of-one-name"),
        pytest.param({"id": "g:draftkings:m:another"}, id="two-ids-of-the-vendor"),
    ],
)
def test_what_tells_two_prices_apart_is_in_the_key(other: dict[str, Any]) -> None:
    first = odd(market="Anytime Touchdown Scorer", name="Josh Allen", selection="Josh Allen", selection_line="yes",
                player_id="P1", id="g:draftkings:m:josh_allen", price=-120)  # fmt: skip
    at = Line(optic())
    at.tell(odds(first, {**first, "price": 6500, **other}), "odds")
    assert sorted(at.held().values(), key=str) == [-120, 6500]
    # Each moves by itself, and after a reconnect too.
    at.reconnect()
    [moved] = quotes(at.tell(odds({**first, "price": 7000, **other}, entry="2-0"), "odds"))
    assert (moved.prev, sorted(at.held().values(), key=str)) == (6500, [-120, 7000])


@pytest.mark.parametrize(
    ("expected", "market", "name", "points"),
    [
        pytest.param(("prop", "Jayson Tatum", "over", "Jayson Tatum", "player"), "Player Points", "Jayson Tatum Over 28.5", 28.5, id="player-over"),
        pytest.param(("prop", "Jayson Tatum", "over", "Jayson Tatum", "player"), "Player Points", "Jayson Tatum - Over 28.5", 28.5, id="a-hyphen"),
        pytest.param(("prop", "Jayson Tatum", "under", "Jayson Tatum", "player"), "Player Points", "Jayson Tatum (Under 28.5)", 28.5, id="brackets"),
        pytest.param(("prop", "Jayson Tatum", "over", "Jayson Tatum", "player"), "Player Points", "Over 28.5 Jayson Tatum", 28.5, id="side-first"),
        pytest.param(("prop", "Jayson Tatum", "under", "Jayson Tatum", "player"), "Player Points", "Jayson Tatum u28.5", 28.5, id="side-in-short"),
        pytest.param(("prop", "P.J. Washington Jr.", "over", "P.J. Washington Jr.", "player"), "Player Points", "P.J. Washington Jr. OVER 10", 10, id="a-whole-line"),
        pytest.param(("total", "Over", "over", None, "game"), "Total Points", "O 221.5", 221.5, id="game-in-short"),
        pytest.param(("total", "Under", "under", None, "game"), "Total Goals", "Under 2.5 Goals", 2.5, id="with-its-unit"),
        pytest.param(("total", "Over 221.5", None, None, "game"), "Total Points", "Over 221.5", None, id="no-points-no-team"),
        pytest.param(("spread", "Celtics", None, None, "game"), "Point Spread", "Celtics PK", 0, id="pick"),
        pytest.param(("spread", "Celtics", None, None, "game"), "Point Spread", "Celtics (-4.5)", -4.5, id="a-line-in-brackets"),
        pytest.param(("moneyline", "Home", "home", None, "game"), "Moneyline", "Home", None, id="home-is-a-side"),
        pytest.param(("team_total", "Celtics", "over", None, "team"), "Team Total", "Celtics Over 113.5", 113.5, id="team-over"),
        pytest.param(("team_total", "Celtics", "under", None, "team"), "Total Points", "Celtics Under 113.5", 113.5, id="a-team-in-a-total-is-a-team-total"),
        pytest.param(("total", "Over", "over", None, "game"), "Total Points", "Over 221.5", 221.5, id="game-over"),
        pytest.param(("moneyline", "Tie", "draw", None, "game"), "Moneyline 3-Way", "Tie", None, id="tie-is-draw"),
        pytest.param(("prop", "Yes", "yes", None, "game"), "Both Teams To Score", "Yes", None, id="btts"),
        pytest.param(("prop", "Josh Allen", None, "Josh Allen", "player"), "Anytime Touchdown Scorer", "Josh Allen", None, id="scorer"),
        pytest.param(("prop", "No Touchdown Scorer", None, None, "player"), "First Touchdown Scorer", "No Touchdown Scorer", None, id="nobody-is-no-player"),
        pytest.param(("prop", "Celtics", "over", None, "team"), "Team Total Corners", "Celtics Over 4.5", 4.5, id="corners-of-a-team"),
        pytest.param(("spread", "Philadelphia 76ers", None, None, "game"), "Point Spread", "Philadelphia 76ers -4.5", -4.5, id="a-number-in-a-name"),
    ],
)  # fmt: skip
def test_a_name_without_fields_is_taken_apart(
    expected: tuple[Any, ...], market: str, name: str, points: float | None
) -> None:
    [quote] = quotes(Line(jam()).say(odds(jam_odd(market, name, points)), "odds"))
    what = quote.what
    assert expected == (what.kind, what.selection, what.side, what.player, what.subject)
    assert quote.line == points


@pytest.mark.parametrize(
    ("expected", "market", "name", "points"),
    [
        pytest.param(("total", "over", 2, "game", "points"), "Game Lines", "Over 221.5", 221.5, id="game-lines-over"),
        pytest.param(("spread", None, 2, "game", None), "Game Lines", f"{HOME} -4.5", -4.5, id="game-lines-spread"),
        pytest.param(("moneyline", None, None, "game", None), "Game Lines", HOME, None, id="game-lines-moneyline"),
        pytest.param(("total", "under", 2, "game", "points"), "Goal Line", "Under 2.25", 2.25, id="goal-line-total"),
        pytest.param(("spread", None, 2, "game", None), "Asian Goal Line", f"{AWAY} +0.5", 0.5, id="goal-line-handicap"),
        pytest.param(("team_total", "over", 2, "team", "points"), "Goal Line", f"{HOME} Over 1.5", 1.5, id="goal-line-of-a-team"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("v2", [False, True], ids=["opticodds", "oddsjam"])
def test_a_row_may_say_more_than_its_market(
    expected: tuple[Any, ...], market: str, name: str, points: float | None, v2: bool
) -> None:
    row = jam_odd(market, name, points) if v2 else odd(market=market, name=name, points=points)
    [quote] = quotes(Line(jam() if v2 else optic()).say(odds(row), "odds"))
    what = quote.what
    found = (what.kind, what.side, what.ways, what.subject, what.stat)
    assert expected == found


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(("over", "game"), {"market": "Total Points", "name": "Over 221.5", "points": 221.5, "selection_line": "Over"}, id="case"),
        pytest.param(("draw", "game"), {"market": "Moneyline 3-Way", "name": "X", "selection": "Draw"}, id="the-selection-is-the-draw"),
        pytest.param(("draw", "game"), {"market": "Moneyline 3-Way", "name": "1X2 - X", "selection": "TIE"}, id="the-selection-is-a-tie"),
        pytest.param(("yes", "game"), {"market": "Both Teams To Score", "name": "BTTS: Yes!", "selection": "Yes"}, id="the-selection-is-yes"),
        pytest.param(("home", "game"), {"market": "Draw No Bet", "name": HOME, "selection": HOME}, id="draw-no-bet"),
        pytest.param(("away", "game"), {"market": "Point Spread", "name": f"{AWAY} +4.5", "selection": AWAY, "points": 4.5}, id="spread"),
        pytest.param(("over", "home"), {"market": "Team Total", "name": f"{HOME} Over 110.5", "selection": HOME, "points": 110.5, "selection_line": "over"}, id="team-total-of-the-home-team"),
        pytest.param(("3:2", "game"), {"market": "Correct Score", "name": f"{HOME} 3:2", "selection": HOME, "selection_line": "3:2"}, id="a-score-is-passed-on"),
    ],
)  # fmt: skip
def test_sides_and_subjects_where_the_teams_are_known(expected: tuple[str, str], fields: dict[str, Any]) -> None:
    at = Line(optic())
    at.say(TEAMS, "rest odds")
    [quote] = quotes(at.say(odds(odd(**fields)), "odds"))
    assert expected == (quote.what.side, quote.what.subject)


@pytest.mark.parametrize(("request_of", "game"), [(optic, GAME), (jam, "41207-33918-2024-02-11")])
def test_a_reconnect_does_not_lose_the_teams(request_of: Any, game: str) -> None:
    at = Line(request_of())
    listed = {**TEAMS["data"][0], "id": game, "home_team": HOME, "away_team": AWAY}
    at.say({"data": [listed]}, "rest odds")
    at.reconnect()
    row = odd(market="Moneyline", name=HOME) if request_of is optic else jam_odd("Moneyline", HOME)
    [quote] = quotes(at.say(odds(row), "odds"))
    assert (
        quote.what.home,
        quote.what.away,
        quote.what.start,
        quote.what.side,
    ) == (HOME, AWAY, "2025-01-14T00:30:00Z", "home")


def test_a_book_that_prices_a_draw_has_three_ways() -> None:
    at = Line(optic())
    rows = [
        odd(market="Moneyline", name=name, sportsbook=book)
        for book in ("DraftKings", "FanDuel")
        for name in (HOME, AWAY)
    ]
    assert {2} == {quote.what.ways for quote in quotes(at.say(odds(*rows), "odds"))}
    at.say(odds(odd(market="Moneyline", name="Draw", sportsbook="FanDuel"), entry="2-0"), "odds")
    ways = {(quote.what.book, quote.what.ways) for quote in quotes(at.say(odds(*rows, entry="3-0"), "odds"))}
    assert ways == {("DraftKings", 2), ("FanDuel", 3)}


@pytest.mark.parametrize(
    ("expected", "sent"), [(-110, "-110"), (105, "+105"), (-110, -110.0), (None, "EVEN?"), (None, None)]
)
def test_a_price_may_be_text(expected: float | None, sent: Any) -> None:
    [quote] = quotes(Line(optic()).say(odds(odd(name=HOME, market="Moneyline", price=sent)), "odds"))
    assert expected == (None if quote.price is None else quote.price.american)
    assert quote.status == ("suspended" if expected is None else "open")


def test_a_decimal_price_may_be_text() -> None:
    request = optic(odds_format=OddsFormat.decimal)
    [quote] = quotes(Line(request).say(odds(odd(name=HOME, market="Moneyline", price="1.91")), "odds"))
    assert quote.price is not None
    assert quote.price.decimal == 1.91


def test_probabilities_are_percent_as_soon_as_one_exceeds_1() -> None:
    at = Line(optic(odds_format=OddsFormat.probability))

    def chances(*sent: float) -> list[float]:
        rows = [odd(name=f"T{n}", market="Moneyline", price=value) for n, value in enumerate(sent)]
        events = at.say(odds(*rows), "odds")
        assert codes(events) in ([], ["scale"])
        return [round(quote.price.prob, 4) for quote in quotes(events) if quote.price is not None]

    assert chances(0.5, 0.02) == [0.5, 0.02]
    assert chances(0.5, 52.0) == [0.005, 0.52]
    at.reconnect()
    assert chances(0.5) == [0.005]


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(5000, {"limits": {"max": 5000}}, id="max"),
        pytest.param(1000, {"limits": {"max_stake": 1000}}, id="max-stake"),
        pytest.param(250, {"order_book": [[-110, 250], [-115, 1200]]}, id="order-book"),
        pytest.param(300, {"limits": {"max": 300}, "order_book": [[-110, 250]]}, id="the-limit-comes-first"),
        pytest.param(None, {"limits": {}, "order_book": []}, id="nothing"),
        pytest.param(None, {"limits": {"max": -1}}, id="less-than-nothing"),
        pytest.param(0, {"limits": {"max": 0}}, id="zero"),
        pytest.param(7, {"limits": {"max": -1, "max_stake": "7"}}, id="the-one-that-can-be-read"),
        pytest.param(None, {"limits": "5000", "order_book": [-110]}, id="other-shapes"),
    ],
)
def test_what_can_be_staked(expected: float | None, fields: dict[str, Any]) -> None:
    [quote] = quotes(Line(optic()).say(odds(odd(name=HOME, market="Moneyline", **fields)), "odds"))
    assert quote.limit == expected


@pytest.mark.parametrize("feed", ["odds", "futures"])
@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(None, {"limits": {"max": 5000}}, id="a-limit-alone"),
        pytest.param(None, {"limits": {"max_stake": "1000"}, "order_book": []}, id="empty-book"),
        pytest.param(None, {"order_book": [[-110, 250]]}, id="the-only-level-is-the-limit"),
        pytest.param({"order_book": [[-110, 250], [-115, 1200]]}, {"order_book": [[-110, 250], [-115, 1200]]}, id="levels"),
        pytest.param({"order_book": [[-110, 250]]}, {"limits": {"max": 300}, "order_book": [[-110, 250]]}, id="limit-and-level"),
        pytest.param({"limits": {"min": 5, "currency": "USD"}}, {"limits": {"max": 300, "min": 5, "currency": "USD"}}, id="more-limits"),
        pytest.param({"limits": {"max_stake": 9}}, {"limits": {"max": 300, "max_stake": 9}}, id="both-limits"),
        pytest.param({"limits": {"max": "?"}}, {"limits": {"max": "?"}}, id="a-limit-that-cannot-be-read"),
        pytest.param({"source_ids": {"market": "m1", "n": 2**70}}, {"source_ids": {"market": "m1", "n": 2**70}}, id="source-ids"),
        pytest.param({"source_ids": ["a", 1]}, {"source_ids": ["a", 1]}, id="source-ids-in-a-list"),
        pytest.param({"source_ids": 7}, {"source_ids": 7}, id="one-source-id"),
        pytest.param({"limits": "5000", "order_book": [-110]}, {"limits": "5000", "order_book": [-110]}, id="other-shapes"),
        pytest.param({"deep_link": {"ios": "app:1"}}, {"deep_link": {"desktop": "https://b.example/1", "ios": "app:1", "android": None}}, id="links"),
        pytest.param(None, {"deep_link": "https://b.example/1"}, id="the-link-has-a-field"),
        pytest.param({"deep_link": "app:1"}, {"deep_link": "app:1"}, id="a-link-of-an-app"),
        pytest.param({"boost": {"a": 1}, "note": "x"}, {"boost": {"a": 1}, "note": "x", "nothing": None}, id="what-nobody-knows"),
        pytest.param(None, {"limits": "", "order_book": None, "source_ids": {}, "deep_link": ""}, id="nothing"),
    ],
)  # fmt: skip
def test_what_has_no_field_is_in_the_detail_of_a_quote(feed: str, expected: Any, fields: dict[str, Any]) -> None:
    import json

    body = odds(odd(name=HOME, market="Moneyline", price=-110, **fields))
    event = feed
    if feed == "futures":
        body, event = futures(group(future(price=-110, **fields)))
    frame = Frame(json.dumps(body).encode(), event)
    [quote] = quotes(Line(optic(feed)).take(frame))
    assert expected == (None if quote.detail is None else json.loads(quote.detail))


@pytest.mark.parametrize(("size", "ladder"), [(250, [[-105, 40], [-110, 250]]), (40, [[1.95, 40], [1.91, 250]])])
def test_the_level_of_the_price_is_what_can_be_staked(size: float, ladder: list[list[float]]) -> None:
    [quote] = quotes(Line(optic()).say(odds(odd(name=HOME, market="Moneyline", price=-110, order_book=ladder)), "odds"))
    assert quote.limit == size


@pytest.mark.parametrize("fields", [{"type": "locked-odds"}, {"price": None}, {"price": "?"}])
def test_a_price_that_is_not_on_offer_has_no_depth(fields: dict[str, Any]) -> None:
    row = odd(name=HOME, market="Moneyline", order_book=[[-110, 2], [-115, 3]], limits={"min": 1}, source_ids=["a"])
    [quote] = quotes(Line(optic()).say(odds({**row, **fields}), "odds"))
    assert (quote.status, quote.limit, quote.detail) == ("suspended", None, '{"source_ids":["a"]}')


def test_detail_of_over_1_mib_is_its_size_and_crc() -> None:
    ladder = [[-110 - n, 1.5] for n in range(120_000)]
    [quote] = quotes(Line(optic()).say(odds(odd(name=HOME, market="Moneyline", order_book=ladder)), "odds"))
    assert quote.detail is not None
    assert quote.detail.startswith('{"omitted_bytes":')
    assert len(quote.detail) < 60


# --- Copilot: the settlement as the first word -------------------------------------------------------


def settlement(**fields: Any) -> dict[str, Any]:
    row = payload("opticodds", "copilot-settled-odds.sse")["data"][0]
    return {"entry_id": "9-0", "type": "copilot-settled-odds", "data": [{**row, **fields}]}


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(
            ("LeBron James", "over", "LeBron James", 25.5),
            {"name": "LeBron James Over 25.5", "market": "Player Points", "player_id": "P1", "id": "1",
             "odd_id": "7C19D2A04EB1:player_points:lebron_james_over_25_5"}, id="player",
        ),
        pytest.param(
            ("Boston Celtics", None, None, -4.5),
            {"name": "Boston Celtics -4.5", "market": "Point Spread", "id": "2",
             "odd_id": "7C19D2A04EB1:point_spread:boston_celtics_-4_5"}, id="spread",
        ),
        pytest.param(
            ("Over", "over", None, 105.5),
            {"name": "Over", "market": "Total Points", "id": "3", "odd_id": "7C19D2A04EB1:total_points:over_105_5"},
            id="the-line-is-in-the-id-alone",
        ),
        pytest.param(
            ("Team 99", None, None, None),
            {"name": "Team 99", "market": "Moneyline", "id": "4", "odd_id": "7C19D2A04EB1:moneyline:team_99"},
            id="a-number-that-is-no-line",
        ),
    ],
)  # fmt: skip
def test_the_first_word_may_be_the_settlement(expected: tuple[Any, ...], fields: dict[str, Any]) -> None:
    [quote] = quotes(Line(optic("copilot")).say(settlement(**fields), "copilot-settled-odds"))
    what = quote.what
    assert expected == (what.selection, what.side, what.player, quote.line)
    assert (quote.status, quote.ts) == ("settled", 1_736_833_000_000_000)


@pytest.mark.parametrize("word", ["Won", "Lost", "Refunded", "Push", "Half Won", "Half Lost", "Pending"])
def test_a_settlement_is_no_line_move(word: str) -> None:
    at = Line(optic("copilot"))
    opened = payload("opticodds", "copilot-odds.sse")
    at.tell(opened, "copilot-odds")
    row = opened["data"][0]
    events = at.tell(settlement(id=row["id"], name=row["name"], settlement=word), "copilot-settled-odds")
    [quote] = quotes(events)
    assert (quote.settlement, quote.line, quote.prev_line, quote.prev) == (word, 221.5, None, -112)


# --- futures ------------------------------------------------------------------------------------------


def group(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A group of the specification: only the selections that changed."""
    return {
        "id": "F1", "sport": {"id": "basketball", "name": "Basketball"}, "league": {"id": "nba", "name": "NBA"},
        "sportsbook": {"id": "draftkings", "name": "DraftKings"}, "market": "Championship Winner",
        "market_id": "championship_winner", "future_type": "TEAM", "tournament": None, "is_live": False,
        "start_date": "2025-10-21T23:00:00Z", "odds": list(rows), **fields,
    }  # fmt: skip


def future(name: str = HOME, price: Any = 450, **fields: Any) -> dict[str, Any]:
    return {"id": f"o-{name}", "name": name, "selection": name, "normalized_selection": name.lower(), "grouping_key": None,
            "is_main": True, "selection_line": None, "player_id": None, "team_id": "T1", "timestamp": 1736820669.5,
            "price": price, "points": None, **fields}  # fmt: skip


def futures(*groups: Any, event: str = "futures") -> tuple[dict[str, Any], str]:
    return {"entry_id": "1-0", "type": event, "data": list(groups)}, event


def test_a_future_is_a_quote() -> None:
    at = Line(optic("futures"))
    [quote] = quotes(at.tell(*futures(group(future(limits={"max": 100})))))
    what = quote.what
    assert (what.kind, what.ways, what.subject, what.competition, what.game_id) == (
        "future", MANY, "tournament", "nba", "F1",
    )  # fmt: skip
    assert (what.book, what.selection, what.player, what.home, quote.limit) == ("DraftKings", HOME, None, None, 100)
    [locked] = quotes(at.tell(*futures(group(future()), event="locked-futures")))
    assert (locked.what.key, locked.status, locked.price, locked.prev) == (what.key, "suspended", None, 450)


def test_the_player_of_a_future_is_a_player() -> None:
    row = future("LeBron James", player_id="P1", team_id=None)
    [quote] = quotes(Line(optic("futures")).say(*futures(group(row, market="MVP", future_type="PLAYER"))))
    assert quote.what.player == "LeBron James"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(futures("x"), id="no-group"),
        pytest.param(futures(group(future(), odds=None)), id="no-odds"),
        pytest.param(futures(group({"price": 450})), id="no-name"),
        pytest.param(({"entry_id": "1-0", "data": []}, "futures-graded"), id="another-event"),
        pytest.param(futures(group(future(), sportsbook=None)), id="no-book"),
        pytest.param(futures({**group(), "odds": ["x"]}), id="no-row"),
    ],
)
def test_a_future_that_cannot_be_read_is_a_notice(sent: tuple[dict[str, Any], str]) -> None:
    events = Line(optic("futures")).say(*sent)
    assert codes(events)
    assert not [event for event in events if isinstance(event, Quote)]


def test_futures_are_asked_for_as_the_specification_says() -> None:
    request = optic("futures", deep_links=True)
    assert request.url == "https://api.opticodds.com/api/v3/stream/futures/basketball"
    assert set(request.params) == {
        ("sportsbook", "DraftKings"), ("league", "NBA"), ("include_limits", "true"), ("include_deep_link", "true"),
    }  # fmt: skip
    assert ("include_source_ids", "true") in optic("futures", source_ids=True).params


@pytest.mark.parametrize("feed", ["odds", "copilot", "results", "futures"])
@pytest.mark.parametrize(
    "body",
    [{"error": "Unknown sport", "code": "X1"}, {"message": "Unknown sport", "error_code": "X1"}, {"error": {"message": "Unknown sport"}, "code": "X1"}],
)  # fmt: skip
def test_an_error_keeps_its_code(feed: str, body: dict[str, Any]) -> None:
    import orjson

    [notice] = Line(optic(feed)).say(body, "error")
    assert isinstance(notice, Notice)
    assert (notice.code, notice.text) == ("server", "OpticOdds sent an error: Unknown sport (code X1)")
    assert orjson.loads(notice.payload or "") == body


@pytest.mark.parametrize("feed", ["odds", "futures"])
@pytest.mark.parametrize("sent", ["", "None", "null", None])
def test_an_empty_price_is_none_and_no_news(feed: str, sent: Any) -> None:
    at = Line(optic(feed))
    row = (odd if feed == "odds" else future)(name=HOME, price=sent, points=sent)
    body, event = (odds(row), "odds") if feed == "odds" else futures(group(row))
    events = at.say(body, event)
    assert codes(events) == []
    assert [(quote.status, quote.price, quote.line) for quote in quotes(events)] == [("suspended", None, None)]


@pytest.mark.parametrize(
    "sent", [1736820669, 1736820669.0, "1736820669", 1736820669000, "2025-01-14T02:11:09Z", "2025-01-14T02:11:09"]
)
def test_a_timestamp_may_have_any_notation(sent: Any) -> None:
    [quote] = quotes(Line(optic()).say(odds(odd(name=HOME, market="Moneyline", timestamp=sent)), "odds"))
    assert quote.ts == 1_736_820_669_000_000


def test_a_team_is_known_whatever_its_accents() -> None:
    at = Line(optic())
    at.say({"data": [{**TEAMS["data"][0], "home_team_display": "Atl\u00e9tico Madrid"}]}, "rest odds")
    rows = [odd(market="Moneyline", name=name, selection=name) for name in ("Atletico Madrid", "ATLE\u0301TICO MADRID")]
    assert [quote.what.side for quote in quotes(at.say(odds(*rows), "odds"))] == ["home", "home"]


def test_a_tournament_of_a_future_is_in_its_detail() -> None:
    import orjson

    row = group(future(note=1), tournament={"id": "T", "name": "Cup"}, season="2025")
    [quote] = quotes(Line(optic("futures")).say(*futures(row)))
    assert orjson.loads(quote.detail or "") == {"tournament": {"id": "T", "name": "Cup"}, "season": "2025", "note": 1}


def test_a_row_without_a_record_is_a_notice() -> None:
    at = Line(optic())
    assert codes(at.say(odds("x", {}, {"fixture_id": GAME}), "odds")) == ["unreadable"] * 3
    assert (
        codes(at.say({"data": [{"odds": []}, {**TEAMS["data"][0], "odds": ["x"]}]}, "rest odds")) == ["unreadable"] * 2
    )


def test_prices_of_a_lay_book_keep_its_name() -> None:
    events = Line(optic()).say(odds(odd(name=HOME, market="Moneyline", sportsbook="Betfair Exchange (Lay)")), "odds")
    assert [quote.what.book for quote in quotes(events)] == ["Betfair Exchange (Lay)"]
    assert prices(events)[0][1] == "open"
