"""Filters that the wire has not: what they let through, what they leave alone, and what they counted."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from oddstail.filters import FIELDS, Filter, filtering
from oddstail.model import (
    KINDS,
    SIDES,
    STATUSES,
    SUBJECTS,
    Batch,
    Drop,
    Event,
    Fixture,
    Gap,
    Health,
    Left,
    Notice,
    Play,
    Quote,
    Result,
    Selection,
)
from oddstail.price import from_american
from oddstail.providers.parlayapi.spelling import SIDES as TOLD
from oddstail.record import TYPES
from oddstail.schema import schema
from oddstail.where import WhereError

GAME: dict[str, Any] = {"game_id": "7C19D2A04EB1", "home": "Boston Celtics", "away": "Miami Heat", "league": "NBA"}


def quote(american: float | None = -110, *, line: float | None = None, live: bool = False, **what: Any) -> Quote:
    given = {"key": "k", "book": "DraftKings", "market": "Moneyline", "selection": "Boston Celtics", **GAME, **what}
    price = None if american is None else from_american(american)
    return Quote(Selection(**given), "open" if price else "suspended", price, line, live=live, ts=1_700_000_000_000_000)


def kept(event: Event, made: Filter) -> bool:
    return made.keep(Batch(1, 1_700_000_000_250_000, [event])) == [event]


@pytest.mark.parametrize(
    ("holds", "flags"),
    [
        (True, {"game": ["7c19d2"]}),
        (True, {"game": ["celtics vs miami"]}),
        (False, {"game": ["lakers"]}),
        (True, {"game": ["lakers", "heat"]}),
        (True, {"team": ["heat"]}),
        (False, {"team": ["knicks"]}),
        (False, {"player": ["tatum"]}),
        (False, {"team": ["heat"], "where": ["live"]}),
        (True, {"where": ["american = -110 and not live", 'book ~ "kings"']}),
        (True, {"where": ["decimal > 1.9 and prob < 0.53"]}),
        (True, {"where": ["lag_ms = 250 and conn = 1"]}),
        (True, {"where": ['ts = "2023-11-14T22:13:20.000000Z" and recv > ts']}),
        (True, {"where": ['status = "open" and prev is null and changed']}),
        (True, {}),
    ],
    ids=str,
)
def test_what_a_price_must_be(holds: bool, flags: dict[str, Any]) -> None:
    assert kept(quote(), filtering(**flags)) is holds


def test_who_plays_may_not_be_told_and_then_the_bet_says_it() -> None:
    alone = quote(home=None, away=None)
    assert kept(alone, filtering(team=["celtics"]))
    assert not kept(alone, filtering(team=["heat"]))
    prop = quote(home=None, away=None, selection="Jayson Tatum", player="Jayson Tatum")
    assert kept(prop, filtering(player=["tatum"]))


def test_a_price_that_is_not_on_offer_is_neither_more_nor_less_than_any() -> None:
    assert not kept(quote(None), filtering(where=["american > -1000"]))
    assert kept(quote(None), filtering(where=["american is null"]))


def test_what_has_not_the_field_is_not_judged_by_it() -> None:
    fixture, play = Fixture(**GAME), Play(**GAME)
    assert kept(fixture, filtering(where=["american > 100"]))
    assert kept(play, filtering(player=["tatum"]))
    assert not kept(fixture, filtering(team=["lakers"]))
    assert not kept(Result(**GAME), filtering(where=['league = "NHL"']))
    drop = Drop(book="novig", outcome="h2h_home", price=from_american(150), **GAME)
    assert kept(drop, filtering(where=["american = 150"]))
    assert not kept(drop, filtering(player=["tatum"]))
    moved = Drop(book="novig", outcome="h2h_home", before=from_american(100), price=from_american(-150), **GAME)
    assert kept(moved, filtering(where=["prob_delta = 0.1"]))


def test_a_price_that_is_let_through_no_more_has_left_once() -> None:
    made = filtering(where=["american >= 150"])

    def say(conn: int, event: Quote) -> list[Event]:
        return made.keep(Batch(conn, 0, [event]))

    assert say(1, quote(140)) == []
    assert isinstance(say(1, quote(150))[0], Quote)
    assert say(2, quote(140)) == []
    assert say(1, quote(140)) == [Left("k")]
    assert say(1, quote(130)) == []
    assert isinstance(say(1, quote(160))[0], Quote)
    # Suspended it has no price, and nothing is known of what it is not.
    assert say(1, quote(None)) == [Left("k")]


def test_a_withdrawal_that_is_let_through_is_the_last_word() -> None:
    made = filtering(where=['american >= 150 or status = "removed"'])
    gone = dataclasses.replace(quote(None), status="removed")
    for event in (quote(150), gone):
        assert made.keep(Batch(1, 0, [event])) == [event]
    assert made.keep(Batch(1, 0, [quote(140)])) == []


def test_the_life_of_the_stream_is_never_filtered() -> None:
    nothing = filtering(where=["false"])
    for event in (
        Gap(start=1, end=2, seconds=1.0, cause="silence", resumed="no"),
        Notice(code="x", text="y"),
        Health(source="nba_live", status="ok"),
    ):
        assert kept(event, nothing)
    assert not kept(quote(), nothing)


def test_it_counts_what_it_left_out_and_which_filter_matches_nothing() -> None:
    made = filtering(team=["celtics"], player=["tatum"], where=["american < 0"])
    made.keep(Batch(1, 1, [quote(-110), quote(120), Notice(code="x", text="y")]))
    assert (made.seen, made.passed, made.dropped) == (2, 0, 2)
    assert [term.matched for term in made.terms] == [2, 0, 1]
    assert made.fruitless() == ["--player tatum"]
    assert filtering(team=["x"]).fruitless() == []


def test_every_field_of_the_records_that_are_judged_can_be_asked_for() -> None:
    constant = {"v", "type", "provider", "feed", "run", "seq", "detail", "old_start", "captured", "carried"}
    judged = {TYPES[kind] for kind in (Quote, Fixture, Play, Result, Drop)}
    names = {
        name for one in schema()["oneOf"] if one["properties"]["type"]["const"] in judged for name in one["properties"]
    }
    assert sorted(names - constant - set(FIELDS)) == []


def test_every_field_of_a_condition_is_one_of_some_record() -> None:
    held = {item.name for kind in (Quote, Selection, Fixture, Play, Result, Drop) for item in dataclasses.fields(kind)}
    assert set(FIELDS) <= held | {"american", "decimal", "prob", "prob_delta", "recv", "lag_ms", "conn", "started"}


def test_a_mistake_names_the_field() -> None:
    with pytest.raises(WhereError, match=r"there is no field bok; did you mean book\?"):
        filtering(where=['bok = "x"'])


def test_what_a_field_may_be_depends_on_the_records_that_it_is_of() -> None:
    # A result's status and period are in the provider's words.
    assert filtering(where=["status = 'final'", "period = '1st'", "kind = 'prop' or kind = 'Future'"])
    # So is a game's among the prices; but a slip of a price's is one.
    assert filtering(where=["status = 'live'", "status = 'final' and home ~ 'x'"], prices=True)
    for text in ("status = 'opne'", "status = 'live' and american > 0", "period = 'half'"):
        with pytest.raises(WhereError, match="is never"):
            filtering(where=[text], prices=True)
        with pytest.raises(WhereError, match="is never"):
            filtering(where=[f"american > 0 and {text}"])


def test_the_values_of_a_field_that_has_few_are_all_those_that_there_are() -> None:
    quote = next(one for one in schema()["oneOf"] if one["properties"]["type"]["const"] == "quote")["properties"]
    assert tuple(quote["kind"]["enum"]) == KINDS
    assert tuple(quote["status"]["enum"]) == STATUSES
    assert {name for name in quote["subject"]["enum"] if name} == set(SUBJECTS)
    assert set(SIDES) == set(TOLD)
