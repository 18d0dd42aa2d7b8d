"""Events as lines of NDJSON: ASCII, one line each, legal whatever a provider sent, and true to the schema."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import jsonschema
import pytest

from oddstail.model import (
    Alert,
    Batch,
    Drop,
    End,
    Event,
    Fixture,
    Gap,
    Health,
    Lost,
    MarketAlert,
    MarketValue,
    Notice,
    Opened,
    Payload,
    Play,
    Quote,
    Result,
    Retrying,
    Selection,
    Side,
    Steam,
)
from oddstail.price import from_american
from oddstail.record import SELECTION, TYPES, Encoder, stamp
from oddstail.schema import schema, types
from tests.support import quote, request

RECV = 1_769_883_727_418_233
VALIDATOR = jsonschema.Draft202012Validator(schema())


def lines(*events: Event) -> list[str]:
    encoder = Encoder()
    encoder.introduce(0, request())
    encoder.introduce(1, request())
    return encoder.lines(Batch(1, RECV, list(events)), list(events)).splitlines(keepends=True)


def refused(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


def record(event: Event) -> dict[str, Any]:
    [line] = lines(event)
    found: dict[str, Any] = json.loads(line, parse_constant=refused)
    VALIDATOR.validate(found)
    return found


VALUE = MarketValue(
    of=Side(
        key="g1|moneyline|2|game|||", game_id="g1", sport="basketball", league="NBA", competition="nba", home="Boston Celtics",
        away="Miami Heat", start="2026-01-31T19:30:00Z", kind="moneyline", ways=2, period="game", subject="game",
        side="away", selection="Miami Heat",
    ),
    main=True, best=from_american(125), best_book="FanDuel", best_books=2, best_key="k1", best_age_s=3.25, hold=-0.0123,
    fair=0.4651, fair_books=5, edge=0.0465, books=6, out=1, was=from_american(120), was_book="Caesars", was_hold=0.0101,
    doubt="apart",
)  # fmt: skip
EVENTS: dict[str, Event] = {
    "quote": quote("a", -108, line=-3.5, ts=RECV - 317_233, prev=-105),
    "fixture": Fixture(game_id="g1", status="live", old_status="unplayed", ts=RECV),
    "play": Play(game_id="0042500222", play="made_3", score_a=107, score_b=125, ts=RECV - 15_000_000, captured=RECV),
    "result": Result(game_id="g1", live=True, home_score=61.0, away_score=55.0, detail='{"home":{"period_1":31}}'),
    "drop": Drop(
        game_id="g1",
        book="pinnacle",
        outcome="h2h_home",
        before=from_american(-110),
        price=from_american(-120),
        delta=-10,
        ts=RECV,
    ),
    "health": Health(
        source="nba_live", status="ok", role="primary", silent_s=3.1, events=42, window_s=300, latest=RECV
    ),
    "opened": Opened(label="NBA", host="127.0.0.1:80"),
    "lost": Lost(cause="silence", detail="no byte for 15 s", retry_in=0.25),
    "gap": Gap(start=RECV - 41_200_000, end=RECV, seconds=41.2, cause="silence", resumed="no"),
    "notice": Notice(code="quiet", text="no data", level="info", value=60),
    "alert": Alert(rule="american >= 100", quote=quote("a", -108, prev=-105), cents=-3),
    "market": VALUE,
    "end": End(code=0, reason="3 records", quotes=3),
}
#: The other shapes of an alert, by the titles in the schema.
ALERTS: dict[str, Event] = {
    "alert on a market": MarketAlert(rule="hold < 0", value=VALUE),
    "alert on steam": Steam(
        side=VALUE.of, direction="shorter", from_prob=0.5, to_prob=0.52, points=2.0, books=3, of=8, first_book="Pinnacle",
        first_ts=RECV - 20_000_000, last_ts=RECV, window_s=60.0, line_from=None, line_to=None, lag_books="FanDuel,bet365",
        best_key="k1", best=from_american(-102), best_book="FanDuel", edge=0.0298, doubt="few",
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", ALERTS)
def test_each_shape_of_an_alert_is_true_to_the_schema(title: str) -> None:
    found = record(ALERTS[title])
    assert found["type"] == "alert"
    assert set(found) == set(EVERY_FIELD[title])


def test_a_market_record_has_every_field() -> None:
    assert set(record(VALUE)) == set(EVERY_FIELD["market"])


def test_every_type_of_the_schema_is_here() -> None:
    # A `header` is of a file: no event becomes one.
    assert set(types()) - {"header"} == set(EVENTS) == set(TYPES.values())


@pytest.mark.parametrize("kind", EVENTS)
def test_each_type_is_true_to_the_schema(kind: str) -> None:
    assert kind == record(EVENTS[kind])["type"]


EVERY_FIELD = {item["title"]: item["properties"] for item in schema()["oneOf"]}


def test_a_quote_has_detail_only_where_there_is_some() -> None:
    one = quote("a", -108)
    assert "detail" not in record(one)
    assert "detail" not in record(Alert(rule="american >= 100", quote=one))
    for text in ('{"order_book":[[-108,250.5],[-110,1200]]}', '{"source_ids":{"é\u2028":"\\""}}'):
        one.detail = text
        assert record(one)["detail"] == text
        assert record(Alert(rule="american >= 100", quote=one))["detail"] == text


@pytest.mark.parametrize("kind", ["fixture", "play", "result", "drop", "health"])
def test_what_a_type_does_not_know_is_null_and_never_left_out(kind: str) -> None:
    bare: dict[str, Event] = {
        "fixture": Fixture(game_id="g1"),
        "play": Play(game_id="g1"),
        "result": Result(game_id="g1"),
        "drop": Drop(game_id="g1", book="pinnacle", outcome="h2h_home"),
        "health": Health(source="nba_live", status="ok"),
    }
    assert list(record(bare[kind])) == list(EVERY_FIELD[kind]) == list(record(EVENTS[kind]))


def test_a_drop_tells_both_prices_and_how_far_apart_they_are_in_probability() -> None:
    found = record(EVENTS["drop"])
    assert [found[name] for name in ("prev", "american", "delta", "prob_delta")] == [-110, -120, -10, 0.0217]


@pytest.mark.parametrize(("before", "price"), [(None, None), (-110, None), (None, -120)])
def test_a_drop_with_half_a_move_has_no_change_of_probability(before: Any, price: Any) -> None:
    priced = [None if value is None else from_american(value) for value in (before, price)]
    found = record(Drop(game_id="g1", book="pinnacle", outcome="over", before=priced[0], price=priced[1]))
    assert [before, price, None] == [found[name] for name in ("prev", "american", "prob_delta")]


def test_when_a_play_was_had_and_when_it_happened_are_two_times() -> None:
    found = record(EVENTS["play"])
    assert (
        found["ts"],
        found["lag_ms"],
        found["captured"],
    ) == ("2026-01-31T18:21:52.418233Z", 15000, "2026-01-31T18:22:07.418233Z")


def test_a_whole_quote() -> None:
    found = record(EVENTS["quote"])
    assert found | {"decimal": round(found["decimal"], 4), "prob": round(found["prob"], 4)} == {
        "v": 1,
        "type": "quote",
        "provider": "toy",
        "feed": "odds",
        "conn": 1,
        "run": "",
        "seq": 1,
        "recv": "2026-01-31T18:22:07.418233Z",
        "ts": "2026-01-31T18:22:07.101000Z",
        "lag_ms": 317,
        "id": None,
        "sport": None,
        "league": "NBA",
        "competition": None,
        "game_id": "g1",
        "home": None,
        "away": None,
        "start": None,
        "started": None,
        "key": "a",
        "book": "DraftKings",
        "kind": "other",
        "period": None,
        "ways": None,
        "market": "Moneyline",
        "selection": "a",
        "side": None,
        "player": None,
        "subject": None,
        "stat": None,
        "group": None,
        "line": -3.5,
        "american": -108,
        "decimal": 1.9259,
        "prob": 0.5192,
        "limit": None,
        "status": "open",
        "main": None,
        "live": None,
        "prev": -105,
        "snap": False,
        "link": None,
    }


@pytest.mark.parametrize(
    ("expected", "start"),
    [
        pytest.param(True, "2026-01-31T18:00:00Z", id="passed"),
        pytest.param(True, "2026-01-31T18:22:07Z", id="this-second"),
        pytest.param(False, "2026-01-31T18:22:08Z", id="next-second"),
        pytest.param(None, None, id="no-start"),
        pytest.param(None, "tonight", id="no-time"),
    ],
)
def test_started_compares_the_start_with_recv(expected: bool | None, start: str | None) -> None:
    asked = quote("a", what={"start": start})
    for event in (asked, Alert(rule="true", quote=asked), Result(game_id="g1", start=start)):
        assert json.loads(lines(event)[0])["started"] is expected


@pytest.mark.parametrize("limit", [None, 250, 1999.5])
def test_a_limit_keeps_the_digits_that_were_sent(limit: float | None) -> None:
    asked = quote("a")
    asked.limit = limit
    assert record(asked)["limit"] == record(Alert(rule="true", quote=asked))["limit"] == limit


def test_every_record_of_a_run_has_its_id() -> None:
    encoder = Encoder("4f2a9c01be")
    for conn in (0, 1, 2):
        encoder.introduce(conn, request())
    encoder.named(2, "another")
    for conn, run in ((0, "4f2a9c01be"), (1, "4f2a9c01be"), (2, "another")):
        events: list[Event] = [quote("a"), EVENTS["notice"]]
        text = encoder.lines(Batch(conn, RECV, events), events)
        assert [run, run] == [json.loads(line)["run"] for line in text.splitlines()]
        assert encoder.fresh().again(Batch(conn, RECV, events[:1]), 7).count(f'"run":"{run}"') == 1


@pytest.mark.parametrize("status", ["suspended", "removed", "settled"])
def test_what_is_not_on_offer_has_no_price(status: Any) -> None:
    found = record(quote("a", None, status=status, prev=-110))
    assert (status, None, None, None, -110) == tuple(
        found[name] for name in ("status", "american", "decimal", "prob", "prev")
    )
    assert "settlement" not in found


def test_the_line_of_the_price_before_is_a_field_only_where_it_was_another() -> None:
    assert "prev_line" not in record(quote("a", -108, line=-3.5, prev=-105))
    moved = record(quote("a", -108, line=-3.5, prev=-105, prev_line=-4))
    assert (moved["prev"], moved["prev_line"], moved["line"]) == (-105, -4, -3.5)
    alert = record(Alert(rule="american >= 100", quote=quote("a", -108, line=-11, prev=-105, prev_line=-17.5)))
    assert (alert["prev"], alert["prev_line"], alert["line"]) == (-105, -17.5, -11)


def test_a_settlement_is_a_field_only_where_there_is_one() -> None:
    settled = Quote(quote("a").what, "settled", settlement='Won "by" a\u2028nose')
    assert record(settled)["settlement"] == 'Won "by" a\u2028nose'


HOSTILE = [
    "a\u2028b\u2029c\u0085d",
    "\x1b[2J\x07\x9b",
    'q"\\/',
    "\n\r\t\0",
    "\u202eesrever",
    "\ud83c",
    "🏈é漢",
    "",
    "x" * 100_000,
]


@pytest.mark.parametrize(
    "text", HOSTILE, ids=["separators", "orders", "quotes", "controls", "bidi", "surrogate", "wide", "empty", "long"]
)
def test_text_is_one_ascii_line_and_comes_back_the_same(text: str) -> None:
    fields: dict[str, Any] = {name: text for name in SELECTION if name not in ("start", "kind", "key", "ways")}
    what = Selection(key=f"k{text}", kind="other", start=None, **fields)
    said = Quote(what, "open", from_american(-110), id=text, link=text, settlement=text)
    for event in (
        said,
        Notice(code="server", text=text),
        Fixture(game_id=text, home=text),
        Lost(cause=text, detail=text),
        Play(game_id=text, text=text, detail=text),
        Result(game_id=text, text=text, player=text),
        Drop(game_id=text, book=text, outcome=text),
        Health(source=text, status=text),
    ):
        [line] = lines(event)
        assert line.isascii()
        assert line[:-1].isprintable()
        found = json.loads(line)
        assert text in found.values()


def test_the_number_counts_what_is_printed_and_nothing_else() -> None:
    said = lines(quote("a"), Payload(b"{}"), Retrying(detail="x", wait=1.0, attempt=1), quote("b"), EVENTS["lost"])
    assert [json.loads(line)["seq"] for line in said] == [1, 2, 3]


def test_the_cached_part_is_of_this_selection_though_the_key_is_the_same() -> None:
    first, second = quote("a"), quote("a", what={"home": "Boston Celtics"})
    assert [json.loads(line)["home"] for line in lines(first, second, first)] == [None, "Boston Celtics", None]


@pytest.mark.parametrize("american", [-110, 100, -6565, 1e6, 104.76190476190476, -100.00000001])
def test_a_price_keeps_the_digits_that_were_sent(american: float) -> None:
    assert american == record(quote("a", american))["american"]


@pytest.mark.parametrize("line", [0.0, -0.0, -3.5, 221.5, 1e16, 1e-7])
def test_a_line_is_legal_json_whatever_its_size(line: float) -> None:
    assert line == record(quote("a", line=line))["line"]


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00.000000Z", 0),
        ("2026-01-31T18:22:07.418233Z", RECV),
        ("2026-01-31T18:22:07.000001Z", 1_769_883_727_000_001),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2038-01-19T03:14:08.000000Z", 2**31 * 1_000_000),
    ],
)
def test_time(text: str, micros: int) -> None:
    assert text == stamp(micros)


def test_what_is_gone_is_not_held() -> None:
    """A season of games goes by: what was told of each must not stay for ever."""
    encoder = Encoder()
    encoder.introduce(1, request())

    def held(games: int) -> int:
        tracemalloc.start()
        for nth in range(games):
            events: list[Event] = [quote(f"k{nth}"), quote(f"k{nth}", None, status="removed")]
            encoder.lines(Batch(1, RECV, events), events)
        now, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return now

    assert held(2000) < 100_000
