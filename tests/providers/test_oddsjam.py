"""OddsJam v2, flag by flag and event by event. Facts: docs/wire/oddsjam.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail import price
from oddstail.model import Failure, Frame, Kind, Message, Notice, Quote, Selection, Where
from oddstail.providers import provider
from oddstail.providers.oddsjam.command import OddsFormat
from oddstail.providers.opticodds.command import OddsFormat as OpticFormat

from .wire import Line, asked, codes, fixture, payload, prices, quotes, refused

GAME = "41207-33918-2024-02-11"
PROVIDER = provider("oddsjam")


def line(**flags: Any) -> Line:
    return Line(asked("oddsjam", league=["NBA"], book=["DraftKings"], **flags)[0])


def odd(**fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = payload("oddsjam", "odds.sse")["data"][0]
    return {**row, **fields}


def odds(*rows: dict[str, Any], entry: str = "1707690123456-3") -> dict[str, Any]:
    return {"entry_id": entry, "data": list(rows)}


# --- events -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(Kind.ACK, "connected.sse", id="connected is the acknowledgement, though its data is no JSON"),
        pytest.param(Kind.BEAT, "ping.sse", id="ping is the heartbeat, though its data is no JSON"),
    ],
)
def test_the_life_of_a_stream(kind: Kind, name: str) -> None:
    assert [kind] == [message.kind for message in PROVIDER.read(fixture("oddsjam", name))]


def test_the_cursor_is_the_entry_and_not_the_sse_id_which_is_the_game() -> None:
    frame = fixture("oddsjam", "odds.sse")
    assert frame.id == GAME
    assert [message.cursor for message in PROVIDER.read(frame)] == ["1707690123456-3"]


TOTAL = Selection(
    competition="nba",
    ways=2,
    subject="game",
    stat="points",
    key=f"{GAME}|DraftKings|Total Points|Over 221.5",
    sport="basketball",
    league="NBA",
    game_id=GAME,
    book="DraftKings",
    kind="total",
    period="game",
    market="Total Points",
    selection="Over",
    side="over",
)


def test_an_odd_is_a_quote_with_all_that_the_wire_tells() -> None:
    expected = Quote(
        TOTAL,
        "open",
        price.from_american(-108),
        221.5,
        main=True,
        live=False,
        ts=1_707_690_123_412_300,
        id="1707690123456-3",
    )
    assert [expected] == line().take(fixture("oddsjam", "odds.sse"))


def test_a_locked_odd_is_suspended_and_its_last_price_is_but_a_hint() -> None:
    # Described in 1.3 [seed]: the same shape under another event name.
    [quote] = quotes(line().say(odds(odd()), "locked-odds"))
    assert (quote.what, quote.status, quote.price, quote.prev, quote.line) == (TOTAL, "suspended", None, -108, 221.5)


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(("Over", 221.5, "over"), {}, id="the line is taken out of the name of a total"),
        pytest.param(
            ("Philadelphia Eagles", -3.5, None),
            {"bet_name": "Philadelphia Eagles -3.5", "bet_points": -3.5, "bet_type": "Point Spread"},
            id="a favourite's line keeps its sign",
        ),
        pytest.param(
            ("Boston Celtics", 4.5, None),
            {"bet_name": "Boston Celtics +4.5", "bet_points": 4.5, "bet_type": "Point Spread"},
            id="an underdog's plus is no part of the name",
        ),
        pytest.param(
            ("Boston Celtics", None, None),
            {"bet_name": "Boston Celtics", "bet_points": None, "bet_type": "Moneyline"},
            id="a moneyline has no line, and without the teams no side",
        ),
        pytest.param(
            ("Over 221.5", None, None),
            {"bet_points": None},
            id="a name with a number and no points is left as it is",
        ),
        pytest.param(("Draw", None, "draw"), {"bet_name": "Draw", "bet_points": None}, id="a draw is a side"),
    ],
)
def test_selection_line_and_side(expected: tuple[Any, ...], fields: dict[str, Any]) -> None:
    [quote] = quotes(line().say(odds(odd(**fields)), "odds"))
    assert expected == (quote.what.selection, quote.line, quote.what.side)


@pytest.mark.parametrize(
    ("kind", "period", "market"),
    [
        pytest.param("moneyline", "game", "Moneyline", id="moneyline"),
        pytest.param("spread", "game", "Puck Line", id="hockey's spread"),
        pytest.param("total", "1h", "1st Half Total Points", id="the period stands in front"),
        pytest.param("team_total", "game", "Team Total", id="team total"),
        pytest.param("prop", "game", "Player Points", id="prop"),
        pytest.param("other", None, "Corners Bonanza", id="what no table has is not guessed"),
        pytest.param("prop", "game", "Total Corners", id="corners are not the score"),
    ],
)
def test_kind_and_period(kind: str, period: str | None, market: str) -> None:
    [quote] = quotes(line().say(odds(odd(bet_type=market)), "odds"))
    assert (kind, period) == (quote.what.kind, quote.what.period)


def test_updates_of_one_price_share_a_key_whatever_their_id_and_flags() -> None:
    at = line()
    at.tell(odds(odd()), "odds")
    at.tell(odds(odd(id="an-id", bet_price=-115.0, is_main=False, is_live=True, timestamp=1707690200.0)), "odds")
    assert {TOTAL.key: -115} == at.held()
    at.tell(odds(odd(bet_price=-115.0)), "locked-odds")
    assert at.held() == {}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"bet_name": "Under 221.5"}, id="the other side"),
        pytest.param({"bet_name": "Over 222.5", "bet_points": 222.5}, id="another line"),
        pytest.param({"bet_type": "1st Half Total Points"}, id="another period"),
        pytest.param({"sportsbook": "FanDuel"}, id="another book"),
        pytest.param({"game_id": "41207-33918-2024-02-12"}, id="another game"),
    ],
)
def test_another_price_has_another_key(fields: dict[str, Any]) -> None:
    at = line()
    at.tell(odds(odd(), odd(**fields)), "odds")
    assert len(at.held()) == 2


@pytest.mark.parametrize(
    ("expected", "odds_format", "sent"),
    [
        pytest.param((-108, 1.9259), OddsFormat.american, -108.0, id="american"),
        pytest.param((150, 2.5), OddsFormat.decimal, 2.5, id="decimal"),
        pytest.param((-110, 1.9084), OddsFormat.probability, 0.524, id="probability"),
    ],
)
def test_a_price_is_read_as_it_was_asked_for(
    expected: tuple[float, float], odds_format: OddsFormat, sent: float
) -> None:
    [quote] = quotes(line(odds_format=odds_format).say(odds(odd(bet_price=sent)), "odds"))
    assert quote.price is not None
    assert expected == (quote.price.american, quote.price.decimal)


@pytest.mark.parametrize(
    ("notices", "fields"),
    [
        pytest.param([], {"bet_price": None}, id="null is not a price"),
        pytest.param(["unreadable"], {"bet_price": 0}, id="no American price is 0"),
        pytest.param(["unreadable"], {"bet_price": 1.91}, id="nor 1.91: this is not the format that was asked for"),
        pytest.param(["unreadable"], {"bet_price": "EVEN"}, id="a word is none that is documented"),
        pytest.param(["unreadable"], {"bet_price": [-108]}, id="a list is not a price"),
        pytest.param(["unreadable"], {"bet_price": True}, id="true is not 1"),
        pytest.param(["unreadable"], {"bet_points": "half"}, id="a price at a line that cannot be read is held back"),
    ],
)
def test_a_price_that_cannot_be_read_takes_the_last_one_off_offer(notices: list[str], fields: dict[str, Any]) -> None:
    at = line()
    at.tell(odds(odd()), "odds")
    events = at.tell(odds(odd(**fields)), "odds")
    assert notices == codes(events)
    assert [quote.status for quote in quotes(events)] == ["suspended"]
    assert at.held() == {}


def test_true_is_not_one_where_one_is_a_price() -> None:
    events = Line(asked("opticodds", sport=["soccer"], book=["bet365"], odds_format=OpticFormat.hong_kong)[0])
    row = payload("opticodds", "odds.sse")["data"][0]
    told = [quote for value in (1, True) for quote in quotes(events.say(odds({**row, "price": value}), "odds"))]
    assert [None if quote.price is None else quote.price.american for quote in told] == [100, None]


def test_a_row_that_cannot_be_read_costs_no_other() -> None:
    events = line().say(odds({"game_id": GAME}, odd(bet_name=["Over"]), odd()), "odds")
    assert codes(events) == ["unreadable", "unreadable"]
    assert prices(events) == [("Over", "open", 221.5, -108)]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("game-status-notifications", id="documented by name, its payload nowhere (1.3)"),
        pytest.param("game-time-notifications", id="so is this"),
        pytest.param("something-new", id="an event of tomorrow"),
    ],
)
def test_an_event_of_unknown_shape_is_a_notice(name: str) -> None:
    [notice] = line().say({"entry_id": "1-0", "data": {"game_id": GAME}}, name)
    assert isinstance(notice, Notice)
    assert (notice.code, notice.level) == ("unknown" if name == "something-new" else "game-update", "info")
    assert orjson.loads(notice.payload or "") == {"entry_id": "1-0", "data": {"game_id": GAME}}


def test_the_sides_of_a_line_share_a_group_where_it_was_asked_for() -> None:
    """1.2: `include_grouping_keys` adds `grouping_key` to every odd."""
    [with_it, without] = quotes(
        line().say(odds(odd(grouping_key="default:221.5"), odd(bet_name="Under 221.5")), "odds")
    )
    assert (with_it.what.group, without.what.group) == ("default:221.5", None)


def test_odds_that_are_no_list_are_a_notice() -> None:
    assert codes(line().say({"entry_id": "1-0", "data": {}}, "odds")) == ["unreadable"]


@pytest.mark.parametrize("data", [b"OK", b"[]", b"", b"3"], ids=["text", "an array", "nothing", "a number"])
def test_what_is_no_object_is_no_message(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"object|JSON|Expecting|unexpected"):
        PROVIDER.read(Frame(data, "odds"))


# --- requests ---------------------------------------------------------------------------------------


def test_the_request() -> None:
    [request] = asked("oddsjam", league=["NBA"], book=["DraftKings,Hard Rock"], market=["Moneyline"])
    assert (
        request.transport,
        request.url,
        request.key_in,
        request.key_name,
        request.heartbeat,
    ) == ("sse", "https://api-external.oddsjam.com/api/v2/stream/odds", Where.QUERY, "key", 5.0)
    assert request.params == (
        ("sportsbooks", "DraftKings"),
        ("sportsbooks", "Hard Rock"),
        ("league", "NBA"),
        ("market", "Moneyline"),
    )


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param((), {}, id="what was not asked for is not sent"),
        pytest.param((("is_main", "true"),), {"main": True}, id="main"),
        pytest.param((("is_main", "false"),), {"main": False}, id="alternates"),
        pytest.param((("include_game_updates", "true"),), {"game_updates": True}, id="game updates"),
        pytest.param((("include_grouping_keys", "true"),), {"grouping_keys": True}, id="grouping keys"),
        pytest.param((("group_names", "true"),), {"group_names": True}, id="group names"),
        pytest.param((("odds_format", "DECIMAL"),), {"odds_format": OddsFormat.decimal}, id="decimal"),
        pytest.param((), {"odds_format": OddsFormat.american}, id="American is the default of the wire"),
        pytest.param((("last_entry_id", "1-0"),), {"last_entry_id": "1-0"}, id="last entry"),
    ],
)
def test_each_flag_is_one_parameter(expected: tuple[tuple[str, str], ...], flags: dict[str, Any]) -> None:
    [request] = asked("oddsjam", league=["NBA"], book=["DraftKings"], **flags)
    assert (("sportsbooks", "DraftKings"), ("league", "NBA"), *expected) == request.params


def test_each_league_and_game_has_a_connection_as_the_vendor_advises() -> None:
    requests = asked("oddsjam", league=["NBA,NHL"], game=["a-1", "b-2"], book=["DraftKings"])
    assert [request.params[1] for request in requests] == [
        ("league", "NBA"),
        ("league", "NHL"),
        ("game_id", "a-1"),
        ("game_id", "b-2"),
    ]
    assert [request.label for request in requests] == ["NBA", "NHL", "a-1", "b-2"]


def test_a_connection_takes_25_books() -> None:
    books = [f"Book {number}" for number in range(26)]
    requests = asked("oddsjam", league=["NBA"], book=books)
    assert [sum(name == "sportsbooks" for name, _ in request.params) for request in requests] == [25, 1]


def test_a_comma_is_part_of_no_game_but_of_a_list_of_leagues() -> None:
    [request] = asked("oddsjam", game=["a,b"], book=["DraftKings"])
    assert ("game_id", "a,b") in request.params


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param("OddsJam needs a league or a game, for example -l NBA", {"book": ["DraftKings"]}, id="no scope"),
        pytest.param("OddsJam needs at least one book, for example -b DraftKings", {"league": ["NBA"]}, id="no book"),
        pytest.param(
            "--book has an empty value; remove it or name one",
            {"league": ["NBA"], "book": ["DraftKings,"]},
            id="a comma too many",
        ),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("oddsjam", **flags)


# --- resume, and games that have ended --------------------------------------------------------------


def test_resume_names_the_entry_once() -> None:
    assert PROVIDER.resume is not None
    [request] = asked("oddsjam", league=["NBA"], book=["DraftKings"], last_entry_id="1-0")
    again = PROVIDER.resume(PROVIDER.resume(request, "2-0"), "3-0")
    assert again.params == (("sportsbooks", "DraftKings"), ("league", "NBA"), ("last_entry_id", "3-0"))


@pytest.mark.parametrize(
    ("left", "failure"),
    [
        pytest.param(["b-2", "b-22"], Failure(kind="status", code=400, text="a-1 is no longer active"), id="one ended"),
        pytest.param(
            ["a-1", "b-2"],
            Failure(kind="status", code=400, text="Game b-22 is no longer active"),
            id="an id that begins another is not named by it",
        ),
        pytest.param(
            ["a-1", "b-2", "b-22"],
            Failure(kind="status", code=400, text="Game aa-1 is no longer active"),
            id="nor one that ends another",
        ),
        pytest.param(["a-1", "b-2", "b-22"], Failure(kind="status", code=400, text="bad key"), id="none is named"),
        pytest.param(["a-1", "b-2", "b-22"], Failure(kind="status", code=503, text="a-1"), id="no 4xx"),
        pytest.param(["a-1", "b-2", "b-22"], Failure(kind="network", text="a-1"), id="no answer at all"),
        pytest.param(None, Failure(kind="status", code=404, text="a-1, b-2 and b-22 have ended"), id="all ended"),
    ],
)
def test_an_ended_game_is_dropped_and_the_others_go_on(left: list[str] | None, failure: Failure) -> None:
    assert PROVIDER.revise is not None
    [request] = asked("oddsjam", game=["a-1"], book=["DraftKings"])
    several = replace(request, params=(*request.params, ("game_id", "b-2"), ("game_id", "b-22")))
    revised = PROVIDER.revise(several, failure)
    assert left == (None if revised is None else [value for name, value in revised.params if name == "game_id"])


def test_the_server_replays_thirty_seconds() -> None:
    assert (PROVIDER.replays, PROVIDER.window, PROVIDER.snapshot) == ("yes", 28.0, "none")


def test_an_event_without_a_name_goes_by_its_type() -> None:
    # Described in 2.4: the envelope's `type` is the event's name.
    assert [
        (message.name, message.cursor)
        for message in PROVIDER.read(Frame(b'{"type":"odds","entry_id":"1-0","data":[]}'))
    ] == [("odds", "1-0")]
    assert line().decode(Message(Kind.DATA, "odds", {"data": []})) == []
