"""BoltOdds, flag by flag and action by action. Facts: docs/wire/boltodds.md."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail import price, retry
from oddstail.model import Failure, Frame, Kind, Notice, Opened, Quote, Read, Replace, Scope, Selection, Where
from oddstail.providers import provider
from oddstail.reader import Reader

from .wire import Line, asked, codes, fixture, payload, prices, quotes, refused, said, scopes

PROVIDER = provider("boltodds")
GAME = "New York Mets vs Los Angeles Angels, 2025-07-23, 01"
BOOK = "ballybet"
MONEYLINE = "New York Mets Moneyline"
TS = 1_753_299_903_048_958


def line() -> Line:
    return Line(asked("boltodds")[0])


def outcome(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = payload("boltodds", "initial_state.json")["data"]["outcomes"][MONEYLINE]
    return {**given, **fields}


def spread(at: Any, odds: Any = "-110", team: str = "New York Mets") -> dict[str, Any]:
    return outcome(outcome_name="Spread", outcome_line=at, outcome_target=team, odds=odds)


def envelope(action: str, outcomes: Any, **data: Any) -> dict[str, Any]:
    body: dict[str, Any] = payload("boltodds", "initial_state.json")
    return {**body, "action": action, "data": {**body["data"], "outcomes": outcomes, **data}}


# --- the life of a connection -----------------------------------------------------------------------


def read(body: Any) -> list[tuple[Kind, str, str | None]]:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return [
        (message.kind, message.name, None if message.failure is None else message.failure.kind)
        for message in PROVIDER.read(Frame(data))
    ]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param((Kind.ACK, "socket_connected", None), {"action": "socket_connected"}, id="the ack"),
        pytest.param(
            (Kind.ACK, "socket_connected", None), {"action": "socket_connected", "plan": "Pro"}, id="a richer ack"
        ),
        pytest.param((Kind.ACK, "connection_ack", None), {"action": "connection_ack"}, id="as the docs name it (A11)"),
        pytest.param((Kind.BEAT, "ping", None), {"action": "ping"}, id="ping"),
        pytest.param((Kind.DATA, "line_update", None), {"action": "line_update"}, id="data"),
        pytest.param((Kind.TALK, "tomorrow", None), {"action": "tomorrow"}, id="an unknown action ends nothing"),
        pytest.param((Kind.TALK, "", None), {"action": {}}, id="nor does one that is no string"),
        pytest.param(
            (Kind.ERROR, "error", None), payload("boltodds", "error.json"), id="resubscribed too soon: the socket stays"
        ),
        pytest.param(
            (Kind.ERROR, "error", None),
            {"action": "error", "message": "Cannot subscribe to live scores for A token vs B. Code 1"},
            id="a game that is not covered, whatever its name",
        ),
        pytest.param(
            (Kind.ERROR, "error", None), {"error": "NHL is not supported here"}, id="a refusal without action"
        ),
        pytest.param(
            (Kind.REFUSED, "error", "closed"), payload("boltodds", "error-playbyplay.json"), id="the feed ended"
        ),
        pytest.param(
            (Kind.REFUSED, "error", "cap"),
            {"action": "error", "message": "Maximum concurrent connections reached"},
            id="too many sockets",
        ),
        pytest.param((Kind.REFUSED, "error", "auth"), {"error": "Invalid token"}, id="the key, in words"),
        pytest.param(
            (Kind.REFUSED, "error", "cap"),
            {"action": "error", "message": "Connection rate limit exceeded"},
            id="connected too often",
        ),
    ],
)
def test_envelopes(expected: tuple[Kind, str, str | None], body: Any) -> None:
    assert [expected] == read(body)


def test_an_array_is_as_many_messages_also_around_the_ack() -> None:
    # Described in A4 [inferred] obs.
    assert read([{"action": "socket_connected"}, {"action": "ping"}, 3, {"action": "line_update"}]) == [
        (Kind.ACK, "socket_connected", None),
        (Kind.BEAT, "ping", None),
        (Kind.DATA, "line_update", None),
        (Kind.TALK, "", None),
    ]


def test_a_binary_frame_is_a_text_frame() -> None:
    # A4: frames were seen as binary. A transport hands over bytes for both.
    pretty = orjson.dumps(payload("boltodds", "initial_state.json"), option=orjson.OPT_INDENT_2)
    assert line().take(Frame(pretty)) == line().take(fixture("boltodds", "initial_state.json"))


@pytest.mark.parametrize("data", [b"", b"pong", b"3", b"null", b"\xff"])
def test_what_is_no_json_object_or_array_is_no_message(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        PROVIDER.read(Frame(data))


# --- a line -----------------------------------------------------------------------------------------

METS = Selection(
    competition="mlb",
    ways=2,
    subject="game",
    key=f"{GAME}|{BOOK}|{MONEYLINE}",
    sport="baseball",
    league="MLB",
    game_id=GAME,
    home="New York Mets",
    away="Los Angeles Angels",
    book=BOOK,
    kind="moneyline",
    period="game",
    market="Moneyline",
    selection="New York Mets",
    side="home",
    # 01:09 PM in New York, in summer time: the zone is inferred.
    start="2025-07-23T17:09:00Z",
)


def test_a_snapshot_is_the_whole_truth_about_a_game_at_a_book() -> None:
    quote = Quote(METS, "open", price.from_american(-10000), ts=TS, link="https://example.invalid/", snap=True)
    own = payload("boltodds", "initial_state.json")["data"]["info"]["id"]
    quote.detail = f'{{"info":{{"id":{own}}}}}'
    expected = Replace(scope=Scope(book=BOOK, game_id=GAME), quotes=(quote,), ts=TS, snap=True)
    assert [expected] == line().take(fixture("boltodds", "initial_state.json"))


@pytest.mark.parametrize(
    ("snap", "action"),
    [
        pytest.param(True, "initial_state", id="initial_state"),
        pytest.param(False, "game_update", id="game_update is whole too, and no snapshot"),
        pytest.param(False, "game_added", id="game_added is taken for the same [inferred]"),
    ],
)
def test_a_whole_game_withdraws_what_it_lacks(snap: bool, action: str) -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome(), "Draw": outcome(outcome_target="Draw")}))
    events = at.tell(envelope(action, {MONEYLINE: outcome(odds="+100")}))
    assert prices(events) == [("Draw", "removed", None, None), ("New York Mets", "open", None, 100)]
    assert [snap, snap] == [quote.snap for quote in quotes(events)]
    assert {METS.key: 100} == at.held()


def test_a_line_update_speaks_of_its_lines_alone() -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome(), "Draw": outcome(outcome_target="Draw", odds="+900")}))
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+100")}))
    assert {METS.key: 100, f"{GAME}|{BOOK}|Draw": 900} == at.held()


def test_a_line_update_may_bring_a_new_line_or_game() -> None:
    at = line()
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+100")}))
    assert {METS.key: 100} == at.held()


@pytest.mark.parametrize(
    ("expected", "notices", "odds"),
    [
        pytest.param(("open", 3300), [], "+3300", id="a plus"),
        pytest.param(("open", -10000), [], "-10000", id="a minus"),
        pytest.param(("open", 100), [], "+100", id="even"),
        pytest.param(("open", 150), [], 150, id="a number, though strings are documented"),
        pytest.param(("suspended", None), [], None, id="null is suspended"),
        pytest.param(("suspended", None), [], "", id="so is an empty string"),
        pytest.param(("suspended", None), [], "None", id="the-word-None"),
        pytest.param(("open", 100), [], "EVEN", id="EVEN"),
        pytest.param(("suspended", None), ["unreadable"], "0", id="no American price is 0"),
        pytest.param(("suspended", None), ["unreadable"], "+50", id="nor 50"),
        pytest.param(("suspended", None), ["unreadable"], "1_50", id="1_50 is a number to Python alone"),
        pytest.param(("suspended", None), ["unreadable"], "evens", id="a word"),
        pytest.param(("suspended", None), ["unreadable"], {}, id="an object"),
        pytest.param(("suspended", None), ["unreadable"], True, id="true is not 1"),
    ],
)
def test_odds(expected: tuple[str, float | None], notices: list[str], odds: Any) -> None:
    events = line().say(envelope("line_update", {MONEYLINE: outcome(odds=odds)}))
    [quote] = quotes(events)
    assert expected == (quote.status, None if quote.price is None else quote.price.american)
    assert notices == codes(events)


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(outcome(odds=None), id="odds null"),
        pytest.param(outcome(odds=""), id="odds empty"),
        pytest.param({"odds": None, "link": ""}, id="without its words"),
        pytest.param({}, id="without anything"),
        pytest.param(None, id="null for an outcome"),
        pytest.param("closed", id="a word for an outcome"),
    ],
)
def test_a_line_that_closes_is_off_offer_and_keeps_its_name(gone: Any) -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome()}))
    [quote] = quotes(at.tell(envelope("line_update", {MONEYLINE: gone})))
    assert (quote.what, quote.status, quote.prev) == (METS, "suspended", -10000)
    assert at.held() == {}


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        pytest.param(-1.5, "-1.5", id="a string"),
        pytest.param(-1.5, -1.5, id="a number: both in one message (A6)"),
        pytest.param(1.5, "1.5", id="an underdog's has no plus"),
        pytest.param(1.5, "+1.5", id="or has one"),
        pytest.param(0.0, "-0", id="no line is minus nought"),
        pytest.param(None, None, id="null"),
    ],
)
def test_lines(expected: float | None, sent: Any) -> None:
    [quote] = quotes(line().say(envelope("line_update", {"New York Mets Spread": spread(sent)})))
    assert repr(expected) == repr(quote.line)


@pytest.mark.parametrize("sent", [pytest.param(None, id="null"), pytest.param("", id="empty")])
def test_an_update_without_its_line_is_of_the_line_that_the_key_has(sent: Any) -> None:
    at = line()
    at.tell(envelope("initial_state", {"New York Mets -1.5 Spread": spread("-1.5")}))
    [quote] = quotes(at.say(envelope("line_update", {"New York Mets -1.5 Spread": spread(sent, "+105")})))
    assert (quote.line, quote.status) == (-1.5, "open")


def test_a_spread_at_a_line_that_cannot_be_read_is_held_back() -> None:
    events = line().say(envelope("line_update", {"New York Mets Spread": spread("a half")}))
    assert codes(events) == ["unreadable"]
    assert prices(events) == [("New York Mets", "suspended", None, None)]


def test_a_moved_line_is_another_key_and_the_old_one_closes_by_null_or_by_absence() -> None:
    at = line()
    one, other, third = (f"New York Mets {number} Spread" for number in (-1.5, -2.5, -3.5))
    at.tell(envelope("initial_state", {one: spread("-1.5")}))
    at.tell(envelope("line_update", {one: spread("-1.5", None), other: spread(-2.5, "+120")}))
    assert {f"{GAME}|{BOOK}|{other}": 120} == at.held()
    at.tell(envelope("game_update", {third: spread("-3.5", "+150")}))
    assert {f"{GAME}|{BOOK}|{third}": 150} == at.held()


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(("moneyline", "New York Mets", "home", None), {}, id="home_team is home"),
        pytest.param(
            ("moneyline", "Los Angeles Angels", "away", None), {"outcome_target": "Los Angeles Angels"}, id="away"
        ),
        pytest.param(
            ("moneyline", "Draw", "draw", None), {"outcome_name": "3 Way", "outcome_target": "Draw"}, id="draw"
        ),
        pytest.param(
            ("total", "Over", "over", None),
            {"outcome_name": "Total Points", "outcome_over_under": "O", "outcome_target": None, "outcome_line": 49.5},
            id="O of a total",
        ),
        pytest.param(
            ("total", "Under", "under", None),
            {"outcome_name": "Total Sets", "outcome_over_under": "U", "outcome_target": None, "outcome_line": "2.5"},
            id="U",
        ),
        pytest.param(
            ("prop", "Auston Matthews", "over", "Auston Matthews"),
            {"outcome_name": "Goals", "outcome_over_under": "Over", "outcome_target": "Auston Matthews"},
            id="of a prop the target is the player",
        ),
        pytest.param(
            ("team_total", "New York Mets", "over", None),
            {"outcome_name": "Team Total", "outcome_over_under": "Over", "outcome_line": 4.5},
            id="the over of a team's total is not its home side",
        ),
        pytest.param(
            ("prop", "Vladimir Guerrero Jr.", None, "Vladimir Guerrero Jr."),
            {"outcome_name": "Home Runs", "outcome_target": "Vladimir Guerrero Jr.", "outcome_line": 0.5},
            id="home-runs",
        ),
        pytest.param(
            ("prop", "A. Judge", "over", "A. Judge"),
            {"outcome_name": "Barrels Hit", "outcome_target": "A. Judge", "outcome_over_under": "Over"},
            id="target-of-an-unknown-market",
        ),
        pytest.param(
            ("other", "New York Mets", "home", None),
            {"outcome_name": "Coin Toss", "outcome_target": "New York Mets"},
            id="team-in-an-unknown-market",
        ),
        pytest.param(
            ("prop", "2-1", None, None),
            {"outcome_name": "Correct Score", "outcome_target": "2-1"},
            id="target-that-is-a-score",
        ),
        pytest.param(
            ("team_total", "New York Mets", "over", None),
            {"outcome_name": "Total Points", "outcome_over_under": "O", "outcome_line": 4.5},
            id="total-points-with-a-team",
        ),
        pytest.param(
            ("prop", "Yes", "yes", None),
            {"outcome_name": "Both Teams To Score", "outcome_target": "Yes"},
            id="btts-target-yes",
        ),
        pytest.param(
            ("prop", "LeBron James", "no", "LeBron James"),
            {"outcome_name": "Double-Doubles", "outcome_target": "LeBron James", "outcome_over_under": "No"},
            id="double-double-no",
        ),
        pytest.param(("moneyline", "Tie", "draw", None), {"outcome_name": "3 Way", "outcome_target": "Tie"}, id="tie"),
        pytest.param(
            ("other", "New York Mets Moneyline", None, None),
            {"outcome_name": "Something", "outcome_target": None},
            id="without a target the key speaks",
        ),
    ],
)
def test_kind_selection_and_side(expected: tuple[Any, ...], fields: dict[str, Any]) -> None:
    [quote] = quotes(line().say(envelope("line_update", {MONEYLINE: outcome(**fields)})))
    what = quote.what
    assert expected == (what.kind, what.selection, what.side, what.player)


def test_a_book_that_has_the_teams_the_other_way_round_is_believed_about_its_own() -> None:
    # A5: the same fixture can appear with home and away flipped at different books.
    at = line()
    [one] = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()})))
    flipped = {"home_team": "Los Angeles Angels", "away_team": "New York Mets", "sportsbook": "betmgm"}
    [other] = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, **flipped)))
    assert (one.what.side, other.what.side) == ("home", "away")
    assert one.what.key != other.what.key


def test_a_game_is_one_by_its_universal_id_though_books_have_its_teams_the_other_way_round() -> None:
    at = line()
    universal = {"universal_game_id": "5e4b00071be9"}
    [one] = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, **universal)))
    flipped = {"home_team": "Los Angeles Angels", "away_team": "New York Mets", "sportsbook": "betmgm"}
    named = {"game": "Los Angeles Angels vs New York Mets, 2025-07-23, 01"}
    [other] = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, **flipped, **named, **universal)))
    assert (one.what.game_id, other.what.game_id) == ("5e4b00071be9", "5e4b00071be9")
    assert (one.what.home, one.what.side) == (other.what.home, other.what.side) == ("New York Mets", "home")


def test_a_universal_id_that_comes_later_leaves_no_price_at_the_label() -> None:
    at = line()
    both = {MONEYLINE: outcome(), "Draw": outcome(outcome_target="Draw")}
    at.tell(envelope("initial_state", both))
    at.tell(envelope("game_update", {MONEYLINE: outcome(odds="+100")}, universal_game_id="5e4b00071be9"))
    assert at.held() == {METS.key: 100}
    at.tell(envelope("game_removed", {}, universal_game_id="5e4b00071be9"))
    assert at.held() == {}


def test_two_labels_of_one_book_stay_two_games_whatever_their_universal_id() -> None:
    at = line()
    for label in (GAME, f"{GAME} again"):
        at.tell(envelope("initial_state", {MONEYLINE: outcome()}, game=label, universal_game_id="5e4b00071be9"))
    assert len(at.held()) == 2


def test_a_draw_makes_three_ways_of_a_market_at_that_book_alone() -> None:
    at = line()
    at.tell(envelope("line_update", {MONEYLINE: outcome()}, sport="NHL", sportsbook="betmgm"))
    told = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, sport="NHL")))
    told += quotes(at.say(envelope("line_update", {"Draw": outcome(outcome_target="Draw")}, sport="NHL")))
    told += quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, sport="NHL")))
    told += quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, sport="NHL", sportsbook="betmgm")))
    assert [quote.what.ways for quote in told] == [2, 3, 3, 2]


@pytest.mark.parametrize(
    ("expected", "when"),
    [
        pytest.param("2025-07-23T17:09:00Z", "2025-07-23, 01:09 PM", id="summer"),
        pytest.param("2026-01-31T23:30:00Z", "2026-01-31, 06:30 PM", id="winter"),
        pytest.param("2026-11-01T05:30:00Z", "2026-11-01, 01:30 AM", id="the-hour-that-comes-twice"),
        pytest.param("2025-07-23T17:09:00Z", "2025-07-23, 1:09pm", id="one-digit"),
        pytest.param("2025-07-23T04:00:00Z", "2025-07-23 12:00 AM", id="midnight"),
        pytest.param("2025-07-23T16:00:00Z", " 2025-07-23, 12:00:00 PM ET ", id="noon-and-its-zone"),
        pytest.param("2025-07-23T17:09:00Z", "2025-07-23, 13:09", id="24-hours"),
        pytest.param("2025-07-23T13:09:00Z", "2025-07-23T13:09:00Z", id="utc-where-it-says-so"),
        pytest.param(None, "2025-07-23, 13:09 PM", id="no-such-hour"),
        pytest.param(None, "2025-02-30, 01:09 PM", id="no-such-day"),
        pytest.param(None, "soon", id="words"),
        pytest.param(None, {}, id="an-object"),
        pytest.param(None, None, id="null"),
    ],
)
def test_a_start_is_read_as_new_yorks(expected: str | None, when: Any) -> None:
    [quote] = quotes(line().say(envelope("line_update", {MONEYLINE: outcome()}, info={"when": when})))
    assert expected == quote.what.start


def test_what_a_stream_knows_of_a_game_survives_a_reconnect() -> None:
    at = line()
    at.tell(envelope("initial_state", {MONEYLINE: outcome()}, universal_game_id="5e4b00071be9"))
    at.reconnect()
    bare: dict[str, Any] = {"home_team": None, "away_team": None, "info": {}, "sport": None}
    [quote] = quotes(at.say(envelope("line_update", {MONEYLINE: outcome()}, **bare)))
    assert (quote.what.game_id, quote.what.home, quote.what.start) == (
        "5e4b00071be9", "New York Mets", "2025-07-23T17:09:00Z",
    )  # fmt: skip


# --- clears -----------------------------------------------------------------------------------------

OTHERS = ({"sportsbook": "betmgm"}, {"game": "A vs B, 2025-07-23, 02"}, {"sport": "NBA", "game": "C vs D"})
NOTHING: dict[str, Any] = {name: {} for name in ("sport", "game", "home_team", "away_team", "info", "outcomes")}


def board() -> Line:
    """Four pairs of game and book: one as in the sample, one at another book, two other games."""
    at = line()
    for data in ({}, *OTHERS):
        at.tell(envelope("initial_state", {MONEYLINE: outcome()}, **data))
    return at


@pytest.mark.parametrize(
    ("left", "action", "data"),
    [
        pytest.param(3, "game_removed", {"outcomes": {}}, id="game_removed: that game at that book only"),
        pytest.param(1, "book_clear", {**NOTHING}, id="book_clear: all of the book, though it has {} for strings"),
        pytest.param(2, "sport_clear", {**NOTHING, "sport": "MLB"}, id="sport_clear: one sport at one book [inferred]"),
        pytest.param(1, "sport_clear", {**NOTHING}, id="sport_clear without a sport is a book_clear"),
        pytest.param(1, "sport_clear", {**NOTHING, "sport": "MLB", "sportsbook": {}}, id="one sport everywhere"),
        pytest.param(2, "game_removed", {"sportsbook": {}}, id="a removal that names no book: the game everywhere"),
        pytest.param(0, "book_clear", {**NOTHING, "sportsbook": {}}, id="a clear of who knows what: nothing is sure"),
        pytest.param(4, "book_clear", {**NOTHING, "sportsbook": "novig"}, id="another book's is no matter"),
    ],
)
def test_clears(left: int, action: str, data: dict[str, Any]) -> None:
    at = board()
    events = at.tell(envelope(action, **{"outcomes": {}, **data}))
    assert left == len(at.held())
    assert {"removed"} >= {quote.status for quote in quotes(events)}
    assert [quote for quote in quotes(events) if quote.price is not None] == []


def test_a_clear_without_data_leaves_nothing_sure() -> None:
    at = board()
    at.tell({"action": "book_clear"})
    assert at.held() == {}


def test_a_clear_is_said_and_scoped() -> None:
    events = line().say(envelope("book_clear", **NOTHING))
    assert codes(events) == ["book-clear"]
    assert [Scope(book=BOOK)] == scopes(events)


def test_a_removed_game_needs_no_words() -> None:
    assert codes(line().say(envelope("game_removed", {}))) == []


def test_a_sport_clear_finds_lines_that_were_first_told_without_their_sport() -> None:
    at = line()
    at.tell(envelope("line_update", {MONEYLINE: outcome()}, sport={}))
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+100")}))
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+110")}, sport={}))
    at.tell(envelope("sport_clear", **{**NOTHING, "sport": "MLB"}))
    assert at.held() == {}


def test_a_sport_clear_takes_what_was_never_told_its_sport_and_what_comes_late_in_its_game() -> None:
    other = "Los Angeles Angels Moneyline"
    at = line()
    at.tell(envelope("line_update", {MONEYLINE: outcome()}, sport={}))
    at.tell(envelope("line_update", {other: outcome(odds="+150")}, sport="MLB"))
    at.tell(envelope("sport_clear", **{**NOTHING, "sport": "MLB"}))
    assert at.held() == {}
    at.tell(envelope("line_update", {MONEYLINE: outcome()}, sport="NBA"))
    at.tell(envelope("line_update", {other: outcome(odds="+150")}, sport="MLB"))
    at.tell(envelope("sport_clear", **{**NOTHING, "sport": "MLB"}))
    assert len(at.held()) == 1


def test_after_a_clear_a_line_may_come_back() -> None:
    at = board()
    at.tell(envelope("book_clear", **NOTHING))
    at.tell(envelope("line_update", {MONEYLINE: outcome(odds="+100")}))
    assert at.held()[METS.key] == 100


# --- what is odd ------------------------------------------------------------------------------------


def test_an_outcome_that_cannot_be_read_costs_no_other() -> None:
    events = line().say(envelope("game_update", {"x": [], MONEYLINE: outcome()}))
    assert codes(events) == ["unreadable"]
    assert prices(events) == [("New York Mets", "open", None, -10000)]


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param(["unreadable"], {"action": "line_update"}, id="no data"),
        pytest.param(["unreadable"], envelope("line_update", {}, sportsbook={}), id="no book"),
        pytest.param(["unreadable"], envelope("initial_state", {}, game=7), id="no game"),
        pytest.param(["subscribed"], {"action": "subscription_updated", "message": "..."}, id="a new subscription"),
        pytest.param(["server"], payload("boltodds", "error.json"), id="an error that ends nothing"),
        pytest.param(["unknown"], {"action": "tomorrow"}, id="an unknown action"),
    ],
)
def test_notices(expected: list[str], body: dict[str, Any]) -> None:
    events = line().say(body)
    assert expected == codes(events)
    assert all(isinstance(event, Notice) for event in events)


def test_a_game_whose_outcomes_cannot_be_read_is_off_offer() -> None:
    at = board()
    events = at.tell(envelope("game_update", [outcome()]))
    assert codes(events) == ["unreadable"]
    assert METS.key not in at.held()


# --- requests ---------------------------------------------------------------------------------------


def test_the_request() -> None:
    [request] = asked("boltodds", league=["NBA,MLB"], book=["draftkings"], market=["Moneyline"], game=["A vs B, 1, 2"])
    assert (request.url, request.transport, request.key_in, request.key_name, request.params) == (
        "wss://spro.agency/api",
        "ws",
        Where.QUERY,
        "key",
        (),
    )
    [message] = request.send
    assert orjson.loads(message) == {
        "action": "subscribe",
        "filters": {
            "sports": ["NBA", "MLB"],
            "sportsbooks": ["draftkings"],
            "games": ["A vs B, 1, 2"],
            "markets": ["Moneyline"],
        },
    }


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param({}, {}, id="everything: no filter, and never an empty array, which brings nothing (A3)"),
        pytest.param({"sports": ["NBA"]}, {"league": ["NBA"]}, id="one axis"),
        pytest.param({"sportsbooks": ["draftkings"]}, {"book": ["DraftKings"]}, id="books are in lower case"),
        pytest.param({"sports": ["Wimbledon (M)"]}, {"league": ["wimbledon m"]}, id="spelt as the wire spells it"),
        pytest.param({"sports": ["Nba"]}, {"league": ["Nba"], "validate": False}, id="to insist"),
    ],
)
def test_filters(expected: dict[str, list[str]], flags: dict[str, Any]) -> None:
    [request] = asked("boltodds", **flags)
    assert expected == orjson.loads(request.send[0])["filters"]


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param(
            'BoltOdds has no book "draftkingz"; did you mean "draftkings"? (--no-validate to insist)',
            {"book": ["draftkingz"]},
            id="a near miss, which the wire would ignore in silence",
        ),
        pytest.param("--league has an empty value; remove it or name one", {"league": [""]}, id="an empty value"),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("boltodds", **flags)


def test_a_name_that_no_list_has_is_asked_for_and_said() -> None:
    ask = said("boltodds", league=["Challenger Bonn"])
    [note] = ask.notes
    assert note.startswith("BoltOdds: the league 'Challenger Bonn' is not known here; known are CS2, EPL, MLB, ")


GAME_TOTALS = ["Total", "Game Total", "Total Games", "Total Goals", "Total Points", "Total Runs"]


@pytest.mark.parametrize(
    ("expected", "says", "market"),
    [
        (GAME_TOTALS, "one with another name is not shown (oddstail list markets boltodds)", ["total"]),
        (GAME_TOTALS, "one with another name is not shown", ["Totals"]),
        (
            [f"1st Half {name}" for name in GAME_TOTALS],
            'for the market "1st half total"; asked for',
            ["1st half total"],
        ),
        (
            ["Total Points"],
            'other books may call the market "Total Points" otherwise ("Total", "Game',
            ["Total Points"],
        ),
        ([*GAME_TOTALS, "Spread"], 'for the market "total"; asked for "Total", ', ["Spread", "total"]),
        (GAME_TOTALS, 'for the market "total"; asked for "Total", ', ["total", "Total"]),
        (["total"], "", None),
    ],
)
def test_a_total_is_what_each_book_calls_it(expected: list[str], says: str, market: list[str] | None) -> None:
    ask = said("boltodds", market=market) if market else said("boltodds", market=["total"], validate=False)
    assert expected == orjson.loads(ask.requests[0].send[0])["filters"]["markets"]
    assert says in "".join(ask.notes)
    assert bool(ask.notes) == bool(says)


def test_a_market_that_every_book_calls_the_same_is_asked_for_without_a_word() -> None:
    ask = said("boltodds", market=["Moneyline", "Spread"])
    assert (orjson.loads(ask.requests[0].send[0])["filters"]["markets"], ask.notes) == (["Moneyline", "Spread"], [])


# --- rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        pytest.param(4, Failure(kind="auth"), id="the key"),
        pytest.param(4, Failure(kind="status", code=401), id="401 at the handshake"),
        pytest.param(7, Failure(kind="status", code=403), id="403 at the handshake"),
        pytest.param(None, Failure(kind="status", code=503), id="a back-end that is down is waited for"),
        pytest.param(None, Failure(kind="closed"), id="so is a feed that ended"),
    ],
)
def test_what_ends_the_first_connect(code: int | None, failure: Failure) -> None:
    _, rule = retry.rule_for(failure, PROVIDER.rules)
    verdict = retry.after(failure, retry.History(), retry.Policy(), rule=rule, floor=PROVIDER.floor)
    assert code == verdict.exit
    assert verdict.wait is None or verdict.wait >= 5


def test_twelve_connects_a_minute_and_a_snapshot_without_an_end() -> None:
    assert (PROVIDER.rate, PROVIDER.floor, PROVIDER.snapshot, PROVIDER.replays) == ((12, 60.0), 5.0, "burst", "no")


def test_an_error_in_the_place_of_the_ack_is_no_good_link() -> None:
    """A2: the slot of the ack may hold an error, and one may stand around the ack (A4)."""
    reader = Reader(conn=1, provider=provider("boltodds"))
    reader.connected(asked("boltodds", league=["MLB"])[0], 0.0)
    [first] = [part.batch.events for part in reader.read(Read(1, [Frame(b'{"error":"your trial is over"}')]), 1.0)]
    assert (codes(first), reader.is_open) == (["server"], False)
    ack = Frame(b'[{"error":"later"},{"action":"socket_connected"}]')
    [greeted] = [part.batch.events for part in reader.read(Read(2, [ack]), 2.0)]
    assert [type(event) for event in greeted] == [Notice, Opened]
