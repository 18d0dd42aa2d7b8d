"""ParlayAPI, flag by flag, frame by frame and row by row. Facts: docs/wire/parlayapi.md."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail import price, retry
from oddstail.model import Failure, Frame, Kind, Notice, Quote, Replace, Scope, Selection, Where
from oddstail.providers import provider
from oddstail.providers.parlayapi.command import RowKind, Transport

from .wire import Line, asked, codes, fixture, payload, prices, quotes, refused, said, scopes

PROVIDER = provider("parlayapi")
EVENT = "2026-05-12_Lakers_Warriors"
LAKERS, WARRIORS = "Los Angeles Lakers", "Golden State Warriors"
HOME, AWAY = f"{EVENT}|pinnacle|h2h||home", f"{EVENT}|pinnacle|h2h||away"
OVER, UNDER = (f"{EVENT}|fanduel|player_points|LeBron James|{side}|25.5" for side in ("over", "under"))
WIDE, PROP = payload("parlayapi", "initial_state.json")["data"]
IDS = {name: WIDE[name] for name in ("bookmaker", "event_id", "home_team", "away_team", "commence_time", "last_update")}


def line() -> Line:
    return Line(asked("parlayapi", sport=["basketball_nba"])[0])


def narrow(market: str, **fields: Any) -> dict[str, Any]:
    """Narrow rows hold one market each: 5.5 [3rd-1]."""
    return {"kind": "game", **IDS, "market_key": market, **fields}


def outcome(name: str, price: Any, market: str = "h2h", **fields: Any) -> dict[str, Any]:
    """Outcome rows hold one price each: 5.5 [docs Q]."""
    return {**IDS, "market_key": market, "outcome": name, "price_american": price, **fields}


def update(*rows: Any, **fields: Any) -> dict[str, Any]:
    return {**payload("parlayapi", "odds_update.json"), "count": len(rows), "data": list(rows), **fields}


def snapshot(*rows: Any, **fields: Any) -> dict[str, Any]:
    return {**payload("parlayapi", "initial_state.json"), "count": len(rows), "data": list(rows), **fields}


def diff(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Only identifiers and what changed: 5.5 [docs A]."""
    names = ("kind", "bookmaker", "event_id", "player", "market_key", "outcome")
    return {**{name: row[name] for name in names if name in row}, "_diff": True, **fields}


def holding(*rows: dict[str, Any]) -> Line:
    at = line()
    at.tell(snapshot(*rows))
    return at


# --- frames -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(Kind.ACK, "connected", id="connected"),
        pytest.param(Kind.BEAT, "heartbeat", id="heartbeat"),
        pytest.param(Kind.DATA, "initial_state", id="initial_state"),
        pytest.param(Kind.DATA, "odds_update", id="odds_update"),
        pytest.param(Kind.TALK, "hot_feed_status", id="hot_feed_status"),
        pytest.param(Kind.TALK, "stream_status", id="stream_status"),
        pytest.param(Kind.ECHO, "subscribed", id="subscribed"),
        pytest.param(Kind.ECHO, "unsubscribed", id="unsubscribed"),
        pytest.param(Kind.DATA, "odds_drop", id="odds_drop"),
    ],
)
def test_envelopes(kind: Kind, name: str) -> None:
    [message] = PROVIDER.read(fixture("parlayapi", f"{name}.json"))
    assert (kind, name) == (message.kind, message.name)


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        pytest.param("heartbeat", "", id="no event: #1 to #5 are documented with data lines alone (4)"),
        pytest.param("heartbeat", "initial_state", id="the type in the JSON wins"),
    ],
)
def test_a_frame_goes_by_its_type(expected: str, event: str) -> None:
    data = fixture("parlayapi", "heartbeat.json").data
    assert [expected] == [message.name for message in PROVIDER.read(Frame(data, event))]


def test_a_frame_without_a_type_goes_by_its_event() -> None:
    data = fixture("parlayapi", "pbp_event.json").data
    assert [message.name for message in PROVIDER.read(Frame(data, "pbp_event"))] == ["pbp_event"]


def test_a_closed_stream_is_a_refusal_that_is_tried_again() -> None:
    [message] = PROVIDER.read(Frame(b'{"type":"stream_closed"}'))
    assert message.failure is not None
    assert (message.kind, message.failure.kind) == (Kind.REFUSED, "closed")


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"OK", b"\xff"])
def test_what_is_no_object_is_no_message(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        PROVIDER.read(Frame(data))


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param([], payload("parlayapi", "hot_feed_status.json"), id="the hot feed's status needs no words"),
        pytest.param([], payload("parlayapi", "subscribed.json"), id="subscribed"),
        pytest.param(["server"], {"type": "error", "message": "no"}, id="an error in band [inferred]"),
        pytest.param(["unknown"], {"type": "tomorrow"}, id="an unknown type"),
        pytest.param(["unreadable"], {"type": "odds_update"}, id="an update without rows"),
        pytest.param(["unreadable"], update(7, {}, {"event_id": EVENT}), id="rows that cannot be read"),
    ],
)
def test_notices(expected: list[str], body: dict[str, Any]) -> None:
    events = line().say(body)
    assert sorted({*expected}) == sorted({*codes(events)})
    assert all(isinstance(event, Notice) for event in events)


# --- rows -------------------------------------------------------------------------------------------


def selection(**fields: Any) -> Selection:
    common = {"sport": "basketball", "league": "basketball_nba", "game_id": EVENT, "home": LAKERS, "away": WARRIORS}
    stat = {"totals": "points", "player_points": "points"}.get(fields["market"])
    bet = {"competition": "nba", "ways": 2, "subject": "player" if "player" in fields else "game", "stat": stat}
    return Selection(**{**common, **bet, "start": "2026-05-12T22:30:00Z", "period": "game", **fields})


def test_a_wide_row_prices_the_moneyline_and_tells_the_lines_without_a_price() -> None:
    ts = 1_747_000_000_123_000

    def quote(market: str, kind: str, side: str, name: str, american: float | None, at: float | None) -> Quote:
        key = f"{EVENT}|pinnacle|{market}||{side}"
        what = selection(key=key, book="pinnacle", kind=kind, market=market, side=side, selection=name)
        return Quote(what, "open", None if american is None else price.from_american(american), at, True, ts=ts)

    assert line().say(update(WIDE)) == [
        quote("h2h", "moneyline", "home", LAKERS, -120, None),
        quote("h2h", "moneyline", "away", WARRIORS, 102, None),
        quote("spreads", "spread", "home", LAKERS, None, -1.5),
        quote("spreads", "spread", "away", WARRIORS, None, 1.5),
        quote("totals", "total", "over", "Over", None, 228.5),
        quote("totals", "total", "under", "Under", None, 228.5),
    ]


def test_a_prop_is_the_players() -> None:
    prop = {"book": "fanduel", "kind": "prop", "market": "player_points", "selection": "LeBron James",
            "player": "LeBron James"}  # fmt: skip
    ts = 1_747_000_000_456_000
    assert line().say(update(PROP)) == [
        Quote(selection(key=OVER, side="over", **prop), "open", price.from_american(-112), 25.5, ts=ts),
        Quote(selection(key=UNDER, side="under", **prop), "open", price.from_american(-108), 25.5, ts=ts),
    ]


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        pytest.param(
            [(LAKERS, "open", None, -120), (WARRIORS, "open", None, 102)],
            narrow("h2h", home_ml=-120, away_ml=102),
            id="narrow h2h",
        ),
        pytest.param(
            [(LAKERS, "open", None, 150), (WARRIORS, "open", None, 180), ("Draw", "open", None, 220)],
            narrow("h2h", home_ml=150, away_ml=180, draw_ml=220),
            id="narrow h2h with a draw",
        ),
        pytest.param(
            [(LAKERS, "open", -1.5, -110), (WARRIORS, "open", 1.5, -105)],
            narrow("spreads", line=-1.5, home_price=-110, away_price=-105),
            id="narrow spreads: the line is the home side's, the away side has the opposite",
        ),
        pytest.param(
            [(LAKERS, "open", -1.5, -110), (WARRIORS, "open", 1.5, -105)],
            narrow("spreads", home_spread=-1.5, away_spread=1.5, home_price=-110, away_price=-105),
            id="each side's own line, where it is told so",
        ),
        pytest.param(
            [("Over", "open", 228.5, -108), ("Under", "open", 228.5, -112)],
            narrow("totals", line=228.5, over_price=-108, under_price=-112),
            id="narrow totals: one line for both",
        ),
        pytest.param(
            [
                (LAKERS, "open", None, -120),
                (WARRIORS, "open", None, 102),
                (LAKERS, "open", -1.5, None),
                (WARRIORS, "open", 1.5, None),
            ],
            narrow("spreads", line=-1.5, home_ml=-120, away_ml=102),
            id="home-ml-in-a-spreads-row",
        ),
        pytest.param(
            [(LAKERS, "open", None, -115), (WARRIORS, "open", None, -105)],
            narrow("h2h_1h", home_ml=-115, away_ml=-105),
            id="h2h-1h-with-ml",
        ),
        pytest.param(
            [(LAKERS, "open", None, -115), (WARRIORS, "open", None, -105)],
            narrow("moneyline", home_ml=-115, away_ml=-105),
            id="singular-moneyline",
        ),
        pytest.param(
            [(LAKERS, "open", None, -115), (WARRIORS, "open", None, -105)],
            narrow("h2h", home_odds=-115, away_odds=-105),
            id="home-odds",
        ),
        pytest.param(
            [("Yes", "open", None, 150), ("No", "open", None, -180)],
            narrow("overtime", yes_price=150, no_price=-180),
            id="yes-price",
        ),
        pytest.param(
            [("Over", "open", 228.5, -110), ("Under", "open", 228.5, -110)],
            narrow("total", line=228.5, over_price=-110, under_price=-110),
            id="singular-total",
        ),
        pytest.param([(LAKERS, "open", None, -120)], outcome(LAKERS, -120), id="an outcome named as the home team"),
        pytest.param([(WARRIORS, "open", None, 102)], outcome("away", 102), id="or by its side"),
        pytest.param([("Draw", "open", None, 220)], outcome("Draw", 220), id="a draw"),
        pytest.param(
            [(WARRIORS, "open", 1.5, -105)],
            outcome(WARRIORS, -105, "spreads", line=1.5),
            id="a line beside an outcome is its own",
        ),
        pytest.param(
            [("LeBron James", "open", 25.5, -112)],
            outcome("Over", -112, "player_points", player_name="LeBron James", line=25.5),
            id="an outcome of a prop, the player under the other name",
        ),
    ],
)
def test_rows_of_one_market_or_price(expected: list[tuple[Any, ...]], row: dict[str, Any]) -> None:
    assert expected == prices(line().say(update(row)))


@pytest.mark.parametrize(
    ("expected", "notices", "sent"),
    [
        pytest.param(("open", -120), [], -120, id="an int"),
        pytest.param(("open", -120), [], -120.0, id="a whole float"),
        pytest.param(("open", 105), [], "+105", id="a string with its sign"),
        pytest.param(("suspended", None), ["unreadable"], 1.91, id="decimal is not what streams send (8.6)"),
        pytest.param(("open", -120), [], "\u2212120", id="a typographic minus"),
        pytest.param(("open", 105), [], "+ 105", id="a space"),
        pytest.param(("open", 100), [], "EVEN", id="even money"),
        pytest.param(("suspended", None), ["unreadable"], "1.91", id="nor in text"),
        pytest.param(("suspended", None), ["unreadable"], "soon", id="a word"),
        pytest.param(("suspended", None), ["unreadable"], [-120], id="a list"),
        pytest.param(("suspended", None), ["unreadable"], True, id="true is not 1"),
    ],
)
def test_prices(expected: tuple[str, float | None], notices: list[str], sent: Any) -> None:
    events = line().say(update(narrow("h2h", home_ml=sent)))
    [quote] = quotes(events)
    assert expected == (quote.status, None if quote.price is None else quote.price.american)
    assert notices == codes(events)


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        pytest.param(["unpriced"], narrow("h2h", home_ml=None, away_ml=None), id="nulls"),
        pytest.param(["unpriced"], narrow("h2h", home_ml=0), id="zero"),
        pytest.param(["unpriced"], narrow("h2h"), id="no-fields"),
        pytest.param(["unpriced"], narrow("spreads", home_price=None, line=None), id="no-line"),
        pytest.param(["unpriced"], {**IDS, "kind": "prop", "player": "A", "market_key": "player_points"}, id="prop"),
    ],
)
def test_a_row_without_a_price_or_a_line_is_a_notice(expected: list[str], row: dict[str, Any]) -> None:
    events = line().say(update(row))
    assert expected == codes(events)
    assert quotes(events) == []


def test_a_price_that_becomes_null_is_suspended() -> None:
    at = holding(narrow("h2h", home_ml=-120, away_ml=None))
    assert at.held() == {HOME: -120}
    assert prices(at.tell(update(narrow("h2h", home_ml=None, away_ml=None)))) == [(LAKERS, "suspended", None, None)]


@pytest.mark.parametrize(
    "prices_",
    [
        pytest.param({}, id="no-price-fields"),
        pytest.param({"over_price": None, "under_price": None}, id="null-prices"),
        pytest.param({"over_price": None}, id="one-null-price"),
    ],
)
def test_a_pickem_prop_is_an_open_line_without_a_price(prices_: dict[str, Any]) -> None:
    row = {name: value for name, value in PROP.items() if not name.endswith("_price")} | {"bookmaker": "prizepicks"}
    assert {(status, at, price) for _, status, at, price in prices(line().say(update({**row, **prices_})))} == {
        ("open", 25.5, None)
    }


def test_a_one_sided_prop_has_one_side() -> None:
    at = line()
    row = {**PROP, "under_price": None}
    assert prices(at.say(update(row))) == [("LeBron James", "open", 25.5, -112)]
    [quote] = quotes(at.say(update({**row, "over_price": None})))
    assert (quote.what.side, quote.status) == ("over", "suspended")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(narrow("h2h", home_ml=None, away_ml=None), id="moneyline"),
        pytest.param({**WIDE, "home_ml": None, "away_ml": None, "home_spread": None, "away_spread": None}, id="wide"),
        pytest.param({**PROP, "over_price": None, "under_price": None}, id="prop"),
    ],
)
def test_a_row_that_is_dark_after_a_reconnect_is_suspended(row: dict[str, Any]) -> None:
    at = holding(narrow("h2h", home_ml=-120, away_ml=102), WIDE, PROP)
    at.reconnect()
    events = at.tell(snapshot(row))
    names = {quote.what.key for quote in quotes(events) if quote.status == "suspended"}
    assert names >= ({OVER, UNDER} if row["kind"] == "prop" else {HOME, AWAY})
    assert not names & set(at.held())


HOCKEY = {"sport_key": "icehockey_nhl"}


@pytest.mark.parametrize(
    ("ways", "rows"),
    [
        pytest.param(2, [narrow("h2h", home_ml=-150, away_ml=130)], id="narrow"),
        pytest.param(3, [narrow("h2h", home_ml=105, away_ml=210, draw_ml=300)], id="narrow-with-a-draw"),
        pytest.param(2, [narrow("h2h", home_ml=-150, away_ml=130, draw_ml=None)], id="a-null-draw-is-none"),
        pytest.param(3, [narrow("h2h", home_price=105, draw_price=300)], id="prices-by-another-name"),
        pytest.param(3, [{**WIDE, "draw_ml": 300}], id="wide"),
        pytest.param(2, [WIDE], id="wide-without"),
        pytest.param(3, [outcome(LAKERS, 105), outcome("Draw", 300)], id="the-outcome-of-the-draw-comes-last"),
        pytest.param(3, [outcome("tie", 300), outcome(LAKERS, 105)], id="tie"),
        pytest.param(2, [outcome(LAKERS, -150), outcome(WARRIORS, 130)], id="outcomes-without"),
        pytest.param(3, [narrow("h2h_3_way", home_price=105)], id="three-by-name"),
        pytest.param(2, [narrow("draw_no_bet", home_price=-150), outcome("Draw", 300, "double_chance")], id="others"),
    ],
)
def test_the_ways_of_a_moneyline(ways: int, rows: list[dict[str, Any]]) -> None:
    at = line()
    found = quotes(at.say(snapshot(*({**row, **HOCKEY} for row in rows))))
    assert {quote.what.ways for quote in found if quote.what.kind == "moneyline"} == {ways}


def test_ways_are_of_one_book_and_one_part_and_outlive_a_suspended_draw() -> None:
    at = line()
    three = narrow("h2h", home_ml=105, draw_ml=300)
    at.say(snapshot(three, narrow("h2h", home_ml=110, period="1H"), {**narrow("h2h", home_ml=1), "bookmaker": "x"}))
    at.reconnect()
    found = quotes(
        at.say(
            snapshot(
                {**three, "draw_ml": None},
                narrow("h2h", home_ml=110, period="1H"),
                {**narrow("h2h", home_ml=-150), "bookmaker": "x"},
            )
        )
    )
    assert [quote.what.ways for quote in found if quote.what.side == "home"] == [3, 2, 2]


def test_soccer_has_three_ways_also_without_the_row_of_the_draw() -> None:
    found = quotes(line().say(update(narrow("h2h", home_ml=105, away_ml=210, sport_key="soccer_epl"))))
    assert {quote.what.ways for quote in found} == {3}


def test_an_alternate_prop_counts_what_the_prop_counts() -> None:
    found = quotes(line().say(update(PROP, {**PROP, "market_key": "player_points_alternate"})))
    assert len({quote.what.key for quote in found}) == 4
    bets = {(quote.what.kind, quote.what.stat, quote.what.period, quote.what.ways, quote.line) for quote in found}
    assert bets == {("prop", "points", "game", 2, 25.5)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(narrow("h2h", home_ml=-150), narrow("h2h", home_ml=-115, period="1H"), id="period-1H"),
        pytest.param(
            narrow("h2h", home_ml=-150, period="FULL"), narrow("h2h", home_ml=-115, period="2Q"), id="period-2Q"
        ),
        pytest.param(narrow("h2h", home_ml=-150), narrow("h2h_q1", home_ml=-115), id="ending-q1"),
        pytest.param(narrow("h2h", home_ml=-150, period="1H"), narrow("h2h", home_ml=-115, period="OT"), id="unknown"),
        pytest.param(
            {**PROP, "over_price": -150, "under_price": None},
            {**PROP, "over_price": -115, "under_price": None, "period": "1H"},
            id="prop",
        ),
    ],
)
def test_a_price_of_one_period_never_overwrites_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    at = holding(one)
    [quote] = quotes(at.tell(update(other)))
    assert (quote.prev, sorted(price or 0 for price in at.held().values())) == (None, [-150, -115])


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        pytest.param("game", narrow("h2h", home_ml=-150), id="no-period"),
        pytest.param("game", narrow("h2h", home_ml=-150, period="FULL"), id="FULL"),
        pytest.param("1h", narrow("h2h", home_ml=-150, period="1H"), id="1H"),
        pytest.param("q4", narrow("spreads", line=-1.5, home_price=-110, period="4Q"), id="4Q"),
        pytest.param("1h", narrow("h2h_1h", home_ml=-150), id="ending-1h"),
        pytest.param("1h", narrow("h2h_h1", home_ml=-150, period="FULL"), id="ending-and-FULL"),
        pytest.param("q1", narrow("totals_q1", line=50.5, over_price=-110), id="ending-q1"),
        pytest.param("2h", {**PROP, "period": "2H", "under_price": None}, id="prop-2H"),
        pytest.param(None, narrow("h2h", home_ml=-150, period="OT"), id="unknown"),
    ],
)
def test_periods(expected: str | None, row: dict[str, Any]) -> None:
    [quote] = quotes(line().say(update(row)))
    assert expected == quote.what.period


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(narrow("h2h", home_ml=-120), narrow("h2h", home_ml=-120, period="FULL"), id="FULL"),
        pytest.param(narrow("h2h_h1", home_ml=-120), narrow("h2h", home_ml=-120, period="1H"), id="ending-or-field"),
        pytest.param(narrow("h2h_h1", home_ml=-120), narrow("h2h_1h", home_ml=-120), id="two-endings"),
        pytest.param(narrow("h2h", home_ml=-120), narrow("moneyline", home_ml=-120), id="moneyline"),
        pytest.param(narrow("h2h", home_ml=-120), narrow("h2h", home_odds=-120), id="odds"),
    ],
)
def test_one_price_in_two_spellings_is_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert len(holding(one, other).held()) == 1


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        pytest.param([-115], {"market_key": "h2h", "action": "remove"}, id="whole-game"),
        pytest.param([-150], {"market_key": "h2h", "action": "remove", "period": "1H"}, id="first-half"),
        pytest.param([-150], {"market_key": "h2h_1h", "action": "remove"}, id="first-half-by-ending"),
        pytest.param([], {"action": "remove"}, id="the-game"),
    ],
)
def test_a_removal_speaks_of_its_period(expected: list[float], row: dict[str, Any]) -> None:
    at = holding(narrow("h2h", home_ml=-150), narrow("h2h", home_ml=-115, period="1H"))
    at.tell(update({**IDS, **row}))
    assert expected == list(at.held().values())


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        pytest.param(1_747_000_000_123_000, 1747000000123, id="milliseconds"),
        pytest.param(1_747_000_000_000_000, 1747000000, id="seconds"),
        pytest.param(1_747_000_000_000_000, "2025-05-11T21:46:40Z", id="a date"),
        pytest.param(1_778_214_003_000_000, None, id="none: the frame's"),
    ],
)
def test_clocks(expected: int, sent: Any) -> None:
    [quote] = quotes(line().say(update(narrow("h2h", home_ml=-120, last_update=sent))))
    assert expected == quote.ts


@pytest.mark.parametrize("line_", [0, "-0", 0.0])
def test_no_line_is_minus_nought(line_: Any) -> None:
    told = quotes(line().say(update(narrow("spreads", line=line_, home_price=-110, away_price=-110))))
    assert [repr(quote.line) for quote in told] == ["0.0", "0.0"]


@pytest.mark.parametrize(
    ("many", "one", "other"),
    [
        pytest.param(4, PROP, {**PROP, "line": 26.5}, id="lines of a prop stand side by side"),
        pytest.param(4, PROP, {**PROP, "player": "Stephen Curry"}, id="players"),
        pytest.param(4, PROP, {**PROP, "bookmaker": "pinnacle"}, id="books"),
        pytest.param(2, PROP, {**PROP, "line": "25.5"}, id="a string for a number is no other line"),
        pytest.param(2, PROP, {**PROP, "player": None, "player_name": "LeBron James"}, id="nor the other name"),
        pytest.param(2, PROP, {**PROP, "kind": "props"}, id="nor the other spelling of a kind"),
        pytest.param(
            2,
            narrow("h2h", home_ml=-120, away_ml=102),
            {**narrow("h2h", home_ml=-125, away_ml=105), "kind": "live"},
            id="nor the game in play",
        ),
        pytest.param(
            2,
            narrow("h2h", home_ml=-120, away_ml=102),
            {**IDS, "kind": "game", "home_ml": -120, "away_ml": 102},
            id="a price is one, be it told wide or narrow",
        ),
        pytest.param(
            2,
            narrow("totals", line=228.5, over_price=-110, under_price=-110),
            narrow("totals", line=229.5, over_price=-110, under_price=-110),
            id="the main total moves and stays the main total",
        ),
        pytest.param(
            4,
            narrow("alternate_totals", line=228.5, over_price=-110, under_price=-110),
            narrow("alternate_totals", line=229.5, over_price=-110, under_price=-110),
            id="alternate totals stand side by side",
        ),
    ],
)
def test_keys(many: int, one: dict[str, Any], other: dict[str, Any]) -> None:
    assert many == len(holding(one, other).held())


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(7, id="a number"),
        pytest.param({**PROP, "event_id": None}, id="no event"),
        pytest.param({**PROP, "bookmaker": ""}, id="no book"),
        pytest.param({**PROP, "line": "half"}, id="a price at who knows what line"),
        pytest.param(narrow("spreads", line=[1.5], home_price=-110), id="a spread at who knows what line"),
        pytest.param({**WIDE, "home_spread": "x", "home_spread_price": -110}, id="a wide row with a spread like that"),
        pytest.param({**WIDE, "total": True, "over_price": -110}, id="a wide row with a total like that"),
    ],
)
def test_a_row_that_cannot_be_read_costs_no_other(bad: Any) -> None:
    events = line().say(update(bad, narrow("h2h", home_ml=-120)))
    assert codes(events) == ["unreadable"]
    assert prices(events) == [(LAKERS, "open", None, -120)]


def test_a_row_that_cannot_be_read_takes_what_it_speaks_of_off_offer() -> None:
    at = holding(PROP, {**PROP, "player": "Stephen Curry"})
    at.tell(update({**PROP, "line": "half"}))
    assert {key.split("|")[3] for key in at.held()} == {"Stephen Curry"}


def test_a_wide_row_that_cannot_be_read_is_put_right_by_the_next_change() -> None:
    at = holding(WIDE)
    at.tell(update({**WIDE, "away_spread": {}, "away_spread_price": -110}))
    assert not at.held()
    at.tell(update(diff(WIDE, home_ml=-125)))
    assert list(at.held().values()) == [-125]


# --- snapshots --------------------------------------------------------------------------------------


def test_a_complete_snapshot_withdraws_what_it_lacks() -> None:
    at = holding(WIDE, PROP)
    events = at.say(snapshot(PROP))
    assert scopes(events) == [Scope()]
    assert [(event.snap, event.ts) for event in events if isinstance(event, Replace)] == [(True, 1_778_214_000_000_000)]
    at.ledger.apply(events)
    assert sorted(at.held()) == sorted([OVER, UNDER])


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"truncated": True}, id="truncated"),
        pytest.param({"partial": True}, id="partial"),
        pytest.param({"snapshot_complete": False}, id="not complete"),
        pytest.param({"coverage_complete": False}, id="not all covered"),
        pytest.param({"snapshot_omitted_unresolved_families": 3}, id="families omitted"),
        pytest.param({"missing_books": ["pinnacle"]}, id="books missing"),
        pytest.param({"truncated_books": ["pinnacle"]}, id="books truncated"),
        pytest.param({"snapshot_partial_reasons": ["row_limit"]}, id="with reasons"),
        pytest.param({"since": 1778213999000}, id="since a moment"),
        pytest.param({"count": 3}, id="fewer rows than it counts"),
    ],
)
def test_a_partial_snapshot_withdraws_nothing_and_is_said(fields: dict[str, Any]) -> None:
    at = holding(WIDE, PROP)
    before = at.held()
    events = at.tell(snapshot(PROP, **fields))
    assert codes(events) == ["partial"]
    assert before == at.held()
    assert all(quote.snap for quote in quotes(events))


@pytest.mark.parametrize("data", [None, {}, "none"], ids=repr)
def test_a_snapshot_without_rows_is_none(data: Any) -> None:
    at = holding(PROP)
    events = at.tell(snapshot(data=data))
    assert (codes(events), len(at.held())) == (["unreadable"], 2)
    at.tell(update(diff(PROP, over_price=-115)))
    assert at.held() == {OVER: -115, UNDER: -108}


def test_an_update_withdraws_nothing() -> None:
    at = holding(WIDE)
    at.tell(update(PROP))
    assert len(at.held()) == 8


# --- diffs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "row", "change"),
    [
        pytest.param([(LAKERS, "open", None, -125)], WIDE, {"home_ml": -125}, id="one price"),
        pytest.param([(LAKERS, "suspended", None, None)], WIDE, {"home_ml": None}, id="null is cleared"),
        pytest.param([], WIDE, {"home_ml": -120}, id="what did not change is not repeated"),
        pytest.param(
            [("Over", "open", 229.5, None), ("Under", "open", 229.5, None)], WIDE, {"total": 229.5}, id="a total"
        ),
        pytest.param([("Over", "suspended", None, None), ("Under", "suspended", None, None)], WIDE, {"total": None},
                     id="a total that is cleared"),
        pytest.param([("LeBron James", "open", 25.5, -115)], PROP, {"over_price": -115}, id="a prop without its line"),
        pytest.param([("LeBron James", "open", 25.5, -115)], PROP, {"over_price": -115, "line": 25.5},
                     id="and with it"),
        pytest.param(
            [(LAKERS, "open", -2.5, -110), (WARRIORS, "open", 2.5, -110)],
            narrow("spreads", line=-1.5, home_price=-110, away_price=-110),
            {"line": -2.5},
            id="a spread's line moves for both sides",
        ),
        pytest.param([(LAKERS, "open", None, 130)], outcome(LAKERS, 120), {"price_american": 130}, id="an outcome"),
    ],
)  # fmt: skip
def test_a_diff_tells_what_changed(
    expected: list[tuple[Any, ...]], row: dict[str, Any], change: dict[str, Any]
) -> None:
    assert expected == prices(holding(row).tell(update(diff(row, **change))))


def test_a_diff_keeps_what_it_leaves_out() -> None:
    at = holding(WIDE)
    at.tell(update(diff(WIDE, home_ml=-125)))
    assert (at.held()[HOME], at.held()[AWAY]) == (-125, 102)


def test_a_diff_to_nothing_known_is_told_as_far_as_it_goes() -> None:
    assert prices(line().say(update(diff(PROP, line=25.5, over_price=-115)))) == [("LeBron James", "open", 25.5, -115)]


def test_a_diff_with_another_line_moves_the_prop_and_leaves_no_price_at_the_old_one() -> None:
    at = holding(PROP)
    at.tell(update(diff(PROP, line=26.5, over_price=-105)))
    assert at.held() == {OVER.replace("25.5", "26.5"): -105, UNDER.replace("25.5", "26.5"): -108}


def test_a_diff_with_only_a_line_moves_both_sides_at_the_prices_known() -> None:
    at = holding(PROP)
    told = at.tell(update(diff(PROP, line=26.5)))
    assert prices(told) == [
        ("LeBron James", "removed", 25.5, None),
        ("LeBron James", "removed", 25.5, None),
        ("LeBron James", "open", 26.5, -112),
        ("LeBron James", "open", 26.5, -108),
    ]
    assert at.held() == {OVER.replace("25.5", "26.5"): -112, UNDER.replace("25.5", "26.5"): -108}


def test_a_diff_without_a_period_changes_the_only_row_that_has_one() -> None:
    at = holding(narrow("h2h", home_ml=-115, period="1H"))
    at.tell(update(diff(narrow("h2h"), home_ml=-120)))
    assert at.held() == {f"{HOME}|1h": -120}


def test_a_diff_with_another_line_is_another_alternate() -> None:
    alternate = {**PROP, "market_key": "player_points_alternate"}
    at = holding(alternate)
    at.tell(update(diff(alternate, line=26.5, over_price=-105)))
    assert len(at.held()) == 3


def test_a_diff_that_may_be_to_any_of_several_lines_leaves_none_on_offer() -> None:
    at = holding(PROP, {**PROP, "line": 26.5}, WIDE)
    events = at.tell(update(diff(PROP, over_price=-115)))
    assert codes(events) == ["unreadable"]
    assert not [key for key in at.held() if "LeBron" in key]
    assert at.held()[HOME] == -120


def test_a_snapshot_forgets_what_diffs_were_merged_into() -> None:
    at = holding(WIDE)
    at.tell(snapshot(PROP))
    at.tell(update(diff(WIDE, home_ml=-120)))
    assert (at.held().get(HOME), AWAY in at.held()) == (-120, False)


# --- withdrawals ------------------------------------------------------------------------------------

BOARD = (WIDE, PROP, {**PROP, "line": 26.5}, {**PROP, "bookmaker": "pinnacle"}, {**PROP, "event_id": "another"})


@pytest.mark.parametrize(
    ("left", "names"),
    [
        pytest.param(12, {**PROP}, id="the whole row"),
        pytest.param(
            12,
            {name: PROP[name] for name in ("event_id", "bookmaker", "market_key", "player", "line")},
            id="its identifiers",
        ),
        pytest.param(
            10,
            {name: PROP[name] for name in ("event_id", "bookmaker", "market_key", "player")},
            id="no line: every line",
        ),
        pytest.param(10, {"event_id": EVENT, "bookmaker": "fanduel"}, id="a game at a book"),
        pytest.param(6, {"event_id": EVENT, "bookmaker": "pinnacle"}, id="whatever its kind"),
        pytest.param(8, {"event_id": EVENT, "bookmaker": "pinnacle", "kind": "game"}, id="the game's rows alone"),
        pytest.param(12, {"event_id": EVENT, "bookmaker": "pinnacle", "kind": "prop"}, id="the props alone"),
        pytest.param(
            12, {"event_id": EVENT, "bookmaker": "pinnacle", "market_key": "h2h"}, id="a market of a wide row"
        ),
        pytest.param(2, {"event_id": EVENT}, id="no book: every book"),
        pytest.param(8, {"bookmaker": "fanduel"}, id="no game: every game"),
        pytest.param(14, {"event_id": EVENT, "bookmaker": "novig"}, id="what is not held"),
    ],
)
@pytest.mark.parametrize(
    ("status", "control"),
    [
        pytest.param("removed", {"action": "remove"}, id="action remove"),
        pytest.param("removed", {"action": "remove", "removal_reason": "fixture_unresolved"}, id="with a reason"),
        pytest.param("suspended", {"removal_reason": "fixture_unresolved"}, id="removal_reason"),
        pytest.param("suspended", {"available": False}, id="available false"),
        pytest.param("suspended", {"available": False, "_diff": True}, id="available false, as a diff"),
    ],
)
def test_withdrawals(left: int, names: dict[str, Any], status: str, control: dict[str, Any]) -> None:
    """What a withdrawal does not name, it does not restrict."""
    at = holding(*BOARD)
    assert len(at.held()) == 14
    events = at.tell(update({**names, **control}))
    assert left == len(at.held())
    assert {status} >= {quote.status for quote in quotes(events)}
    assert [quote for quote in quotes(events) if quote.price is not None] == []
    assert codes(events) == []


def test_a_withdrawal_of_nobody_is_a_notice() -> None:
    at = holding(*BOARD)
    assert codes(at.tell(update({"action": "remove", "market_key": "h2h"}))) == ["unreadable"]
    assert len(at.held()) == 14


@pytest.mark.parametrize("control", [{"available": True}, {"available": None}], ids=["true", "null: not said any more"])
def test_a_row_that_is_available_again_has_its_prices_again(control: dict[str, Any]) -> None:
    # 5.5: in a diff what is absent is unchanged.
    at = holding(PROP)
    at.tell(update(diff(PROP, available=False)))
    assert at.held() == {}
    at.tell(update(diff(PROP, **control)))
    assert at.held() == {OVER: -112, UNDER: -108}


def test_while_a_row_is_not_available_its_new_prices_are_not_on_offer() -> None:
    at = holding(PROP)
    at.tell(update(diff(PROP, available=False)))
    at.tell(update(diff(PROP, over_price=-120)))
    assert at.held() == {}


def test_after_a_removal_reason_a_diff_brings_back_what_it_names_alone() -> None:
    at = holding(PROP)
    at.tell(update(diff(PROP, removal_reason="fixture_unresolved")))
    assert at.held() == {}
    at.tell(update(diff(PROP, over_price=-120)))
    assert at.held() == {OVER: -120}


def test_after_a_removal_reason_the_same_price_is_told_again() -> None:
    at = holding(PROP)
    at.tell(update(diff(PROP, removal_reason="fixture_unresolved")))
    at.tell(update(diff(PROP, over_price=-112)))
    assert at.held() == {OVER: -112}


def test_a_market_that_was_removed_from_a_wide_row_does_not_come_back_with_it() -> None:
    at = holding(WIDE)
    at.tell(update({**IDS, "market_key": "h2h", "action": "remove"}))
    at.tell(update(diff(WIDE, available=False)))
    at.tell(update(diff(WIDE, available=True)))
    assert {key.split("|")[2] for key in at.held()} == {"spreads", "totals"}


def test_a_removed_row_may_come_back_whole() -> None:
    at = holding(PROP)
    at.tell(update({**PROP, "action": "remove"}))
    at.tell(update({**PROP, "action": "upsert", "over_price": -120}))
    assert at.held() == {OVER: -120, UNDER: -108}


def test_a_whole_row_that_lacks_a_side_takes_it_off_offer() -> None:
    at = holding(PROP)
    at.tell(update({name: value for name, value in PROP.items() if name != "under_price"}))
    assert at.held() == {OVER: -112}


def test_available_as_anything_but_true_is_not_available() -> None:
    at = holding(PROP)
    at.tell(update({**PROP, "available": "false"}))
    assert at.held() == {}


@pytest.mark.parametrize("action", ["suspend", "delete", 7, {}], ids=repr)
def test_an_action_that_nobody_knows_leaves_nothing_on_offer_and_is_said(action: Any) -> None:
    at = holding(PROP)
    events = at.tell(update({**PROP, "action": action}))
    assert codes(events) == ["unreadable"]
    assert {quote.status for quote in quotes(events)} == {"suspended"}
    assert at.held() == {}


@pytest.mark.parametrize("action", [None, "", "upsert"])
def test_no_action_is_an_upsert(action: Any) -> None:
    at = holding(PROP)
    at.tell(update({**PROP, "action": action, "over_price": -120}))
    assert at.held()[OVER] == -120


# --- a prop's line moves ------------------------------------------------------------------------------


def test_a_whole_row_at_another_line_leaves_no_price_at_the_old_one() -> None:
    at = holding(PROP)
    for new in (26.5, 27.5):
        at.tell(update({**PROP, "line": new}))
        assert at.held() == {OVER.replace("25.5", str(new)): -112, UNDER.replace("25.5", str(new)): -108}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{**PROP, "market_key": "player_points_alternate"}, {**PROP, "market_key": "player_points_alternate", "line": 26.5}], id="alternates"),
        pytest.param([PROP, {**PROP, "line": 26.5, "player": "Another"}], id="another player"),
        pytest.param([PROP, {**PROP, "line": 26.5, "market_key": "player_assists"}], id="another market"),
        pytest.param([PROP, {**PROP, "line": 26.5, "bookmaker": "betmgm"}], id="another book"),
    ],
)  # fmt: skip
def test_another_line_of_something_else_moves_nothing(rows: list[dict[str, Any]]) -> None:
    at = holding(rows[0])
    at.tell(update(rows[1]))
    assert len(at.held()) == 4


def test_lines_that_stand_side_by_side_do_so() -> None:
    other = {**PROP, "line": 26.5}
    together = holding(PROP, other)
    together.tell(update({**PROP, "line": 27.5}))
    assert len(together.held()) == 6
    at_once = holding(PROP)
    at_once.tell(update(PROP, other))
    assert len(at_once.held()) == 4


def test_a_line_that_comes_back_stands_beside_the_other_from_then_on() -> None:
    at = holding(PROP)
    other = {**PROP, "line": 26.5}
    at.tell(update(other))
    at.tell(update(PROP))
    assert len(at.held()) == 4
    at.tell(update(other))
    assert len(at.held()) == 4


# --- requests ---------------------------------------------------------------------------------------


def test_the_request() -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], book=["pinnacle,fanduel"], market=["h2h"])
    assert (request.url, request.transport, request.key_in, request.key_name, request.heartbeat, request.pulse) == (
        "https://parlay-api.com/v1/sse/odds/basketball_nba",
        "sse",
        Where.HEADER,
        "X-API-Key",
        5.0,
        0.0,
    )
    assert request.params == (
        ("bookmakers", "pinnacle,fanduel"),
        ("markets", "h2h"),
        ("heartbeat_s", "5"),
        ("limit", "1000"),
        ("max_age_s", "3600"),
    )


def test_by_websocket_the_key_is_a_parameter_and_what_is_for_sse_alone_is_left_out() -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], book=["pinnacle"], transport=Transport.ws, diff=True)
    assert (request.url, request.transport, request.key_in, request.key_name, request.pulse) == (
        "wss://parlay-api.com/v1/ws/odds/basketball_nba",
        "ws",
        Where.QUERY,
        "apiKey",
        30.0,
    )
    assert request.params == (("bookmakers", "pinnacle"), ("diff", "true"))


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param(("kinds", "game"), {"kind": [RowKind.game]}, id="kind"),
        pytest.param(("kinds", "game,prop"), {"kind": [RowKind.game, RowKind.prop]}, id="kinds"),
        pytest.param(("heartbeat_s", "10"), {"heartbeat": 10}, id="heartbeat"),
        pytest.param(("limit", "50"), {"limit": 50}, id="limit"),
        pytest.param(("max_age_s", "60"), {"max_age": 60}, id="age"),
        pytest.param(("diff", "true"), {"diff": True}, id="diff"),
        pytest.param(("event_id", "A,B"), {"game": ["A,B"]}, id="a game is no comma list"),
    ],
)
def test_each_flag_is_one_parameter(expected: tuple[str, str], flags: dict[str, Any]) -> None:
    [request] = asked("parlayapi", sport=["basketball_nba"], **flags)
    assert expected in request.params
    assert request.heartbeat == flags.get("heartbeat", 5)


def test_each_sport_and_each_game_has_a_connection() -> None:
    assert [request.label for request in asked("parlayapi", sport=["basketball_nba,soccer_epl"])] == [
        "basketball_nba",
        "soccer_epl",
    ]
    assert [request.params[-1] for request in asked("parlayapi", sport=["basketball_nba"], game=["A", "B"])] == [
        ("event_id", "A"),
        ("event_id", "B"),
    ]


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param(
            "ParlayAPI needs a league or a sport key, for example -l nba or -s basketball_nba", {}, id="no sport"
        ),
        pytest.param(
            "--game belongs to one sport: name just that one with -s",
            {"sport": ["basketball_nba", "soccer_epl"], "game": ["A"]},
            id="a game of which sport",
        ),
        pytest.param(
            'ParlayAPI has no book "pinacle"; did you mean "pinnacle"? (--no-validate to insist)',
            {"sport": ["basketball_nba"], "book": ["pinacle"]},
            id="a near miss",
        ),
        pytest.param("", {"sport": ["basketball_nba"], "book": ["pinacle"], "validate": False}, id="to insist"),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("parlayapi", **flags)


def test_another_spelling_is_corrected_and_said() -> None:
    assert said("parlayapi", sport=["Basketball-NBA"]).notes == [
        "ParlayAPI spells the sport 'Basketball-NBA' as 'basketball_nba'; using that"
    ]


# --- verdicts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "wait", "failure"),
    [
        pytest.param(4, None, Failure(kind="status", code=401), id="401: the key"),
        pytest.param(
            7, None, Failure(kind="status", code=403, text="credit_limit_exceeded"), id="403: credit_limit_exceeded"
        ),
        pytest.param(7, None, Failure(kind="status", code=402), id="402: the tier"),
        pytest.param(7, None, Failure(kind="status", code=403), id="403: tier or credits"),
        pytest.param(9, None, Failure(kind="status", code=422), id="422: a parameter"),
        pytest.param(None, 60, Failure(kind="status", code=429), id="429: a minute, if it does not say"),
        pytest.param(None, 7, Failure(kind="status", code=429, asked=7), id="429: what it says"),
        pytest.param(None, 5, Failure(kind="ws-close", code=1001), id="1001: a deploy, five seconds"),
        pytest.param(4, None, Failure(kind="ws-close", code=1008), id="1008: the key"),
        pytest.param(None, 0, Failure(kind="ws-close", code=1011), id="1011: again"),
        pytest.param(7, None, Failure(kind="ws-close", code=4001), id="4001: the tier"),
        pytest.param(None, 60, Failure(kind="ws-close", code=4002), id="4002: the cap, slowly"),
        pytest.param(4, None, Failure(kind="ws-close", code=4003), id="4003: no key"),
    ],
)
def test_verdicts(code: int | None, wait: float | None, failure: Failure) -> None:
    _, rule = retry.rule_for(failure, PROVIDER.rules)
    verdict = retry.after(failure, retry.History(), retry.Policy(), rule=rule)
    assert code == verdict.exit
    assert (wait is None) == (verdict.wait is None)
    assert wait is None or verdict.wait is None or wait <= verdict.wait <= wait + 1


def test_two_rows_in_bytes_are_what_they_are_in_objects() -> None:
    body = orjson.dumps(update(WIDE))
    assert line().take(Frame(body)) == line().say(update(WIDE))


def test_many_rows_that_withdraw_the_same_rows_withdraw_them_once() -> None:
    at = holding(*({**PROP, "player": f"Player {nth}"} for nth in range(50)))
    withdrawal = {**IDS, "bookmaker": "fanduel", "action": "tomorrow", "market_key": "player_points"}
    told = quotes(at.say(update(*[withdrawal] * 100)))
    assert len(told) == 100
    assert {quote.status for quote in told} == {"suspended"}
