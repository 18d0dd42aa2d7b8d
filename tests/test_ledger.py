"""What the ledger adds to a decoder's words: the price before, and the removals that a snapshot implies."""

from __future__ import annotations

from oddstail.ledger import Ledger
from oddstail.model import CREDITS_OUT, Event, Notice, Quote, Replace, Result, Scope
from tests.support import quote


def quotes(events: list[Event]) -> list[tuple[str, str, float | None, float | None]]:
    """(key, status, american, prev) of each quote."""
    return [
        (event.what.key, event.status, event.price and event.price.american, event.prev)
        for event in events
        if isinstance(event, Quote)
    ]


def held(ledger: Ledger) -> dict[str, float | None]:
    """The current prices by key."""
    return {quote.what.key: quote.price and quote.price.american for quote in ledger.known()}


def test_a_price_knows_the_one_before() -> None:
    ledger = Ledger()
    assert quotes(ledger.apply([quote("a", -110), quote("a", -115)])) == [
        ("a", "open", -110, None),
        ("a", "open", -115, -110),
    ]


def test_a_suspended_price_is_null_and_prev_keeps_the_last_until_it_opens_again() -> None:
    ledger = Ledger()
    said = [
        quote("a", -110),
        quote("a", None, status="suspended"),
        quote("a", None, status="suspended"),
        quote("a", 100),
    ]
    assert quotes(ledger.apply(said)) == [
        ("a", "open", -110, None),
        ("a", "suspended", None, -110),
        ("a", "suspended", None, -110),
        ("a", "open", 100, -110),
    ]


def test_the_line_of_the_price_before_is_told_where_it_is_another() -> None:
    ledger = Ledger()
    said = [
        quote("a", -106, line=-17.5),
        quote("a", -103, line=-11),
        quote("a", -103, line=-11),
        quote("a", None, status="suspended"),
        quote("a", None, status="suspended"),
        quote("a", -103, line=-11),
        quote("a", None, line=-11, status="suspended"),
        quote("a", None, line=-9, status="suspended"),
        quote("a", -110, line=-9),
    ]
    told = [(one.prev, one.prev_line) for one in ledger.apply(said) if isinstance(one, Quote)]
    assert told[:3] == [(None, None), (-106, -17.5), (-103, None)]
    # A suspension without its line, and the price that comes back as it was; then at another line.
    assert told[3:6] == [(-103, -11), (-103, -11), (-103, None)]
    assert told[6:] == [(-103, None), (-103, -11), (-103, -11)]


def test_a_removal_that_is_implied_keeps_the_line_of_the_last_price() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -106, line=-17.5), quote("a", None, line=-11, status="suspended")])
    (gone,) = ledger.apply([Replace(scope=Scope())])
    assert isinstance(gone, Quote)
    assert (gone.line, gone.prev, gone.prev_line) == (-11, -106, -17.5)


def test_changed_means_price_line_or_status() -> None:
    ledger = Ledger()
    said: list[Event] = [
        quote("a", -110, line=1.5),
        quote("a", -110, line=1.5, ts=7),
        quote("a", -110, line=2.5),
        quote("a", None, line=2.5, status="suspended"),
        quote("a", None, line=2.5, status="suspended"),
    ]
    assert [event.changed for event in ledger.apply(said) if isinstance(event, Quote)] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_withdrawn_price_of_which_nothing_was_known_keeps_the_decoders_hint() -> None:
    assert quotes(Ledger().apply([quote("a", None, status="suspended", prev=-120)])) == [("a", "suspended", None, -120)]


def test_a_replace_removes_what_it_lacks_before_it_says_what_it_has() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -110), quote("b", 120)])
    said = ledger.apply(
        [Replace(scope=Scope(game_id="g1", book="DraftKings"), quotes=(quote("b", 125), quote("c", 300)))]
    )
    assert quotes(said) == [("a", "removed", None, -110), ("b", "open", 125, 120), ("c", "open", 300, None)]
    assert held(ledger) == {"b": 125, "c": 300}


def test_a_clear_reaches_just_its_scope() -> None:
    other = {"book": "FanDuel"}
    game = {"game_id": "g2"}
    league = {"game_id": "g3", "league": "NFL"}
    said: list[Event] = [quote("a"), quote("b", what=other), quote("c", what=game), quote("d", what=league)]
    cases: list[tuple[Scope, set[str]]] = [
        (Scope(book="DraftKings"), {"a", "c", "d"}),
        (Scope(game_id="g1"), {"a", "b"}),
        (Scope(game_id="g1", book="FanDuel"), {"b"}),
        (Scope(league="NBA"), {"a", "b", "c"}),
        (Scope(league="NFL", book="FanDuel"), set()),
        (Scope(), {"a", "b", "c", "d"}),
    ]
    for scope, expected in cases:
        ledger = Ledger()
        ledger.apply([quote(q.what.key, what={"book": q.what.book, "game_id": q.what.game_id, "league": q.what.league})
                      for q in said if isinstance(q, Quote)])  # fmt: skip
        gone = quotes(ledger.apply([Replace(scope=scope)]))
        assert {key for key, status, _, _ in gone if status == "removed"} == expected, scope
        assert set(held(ledger)) == {"a", "b", "c", "d"} - expected


def test_what_was_suspended_is_removed_by_a_clear_too() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -110), quote("a", None, status="suspended")])
    assert quotes(ledger.apply([Replace(scope=Scope())])) == [("a", "removed", None, -110)]


def test_after_a_loss_nothing_is_known_until_it_is_said_again() -> None:
    ledger = Ledger()
    ledger.apply([quote("a"), quote("b")])
    ledger.doubt()
    assert held(ledger) == {}
    ledger.apply([quote("a", 100)])
    assert held(ledger) == {"a": 100}
    assert quotes(ledger.sweep()) == [("b", "removed", None, -110)]
    assert not ledger.doubtful
    assert held(ledger) == {"a": 100}


def test_a_replay_makes_everything_current_again() -> None:
    ledger = Ledger()
    ledger.apply([quote("a")])
    ledger.doubt()
    ledger.trust()
    assert held(ledger) == {"a": -110}
    assert ledger.sweep() == []


def test_a_removed_price_that_returns_starts_anew() -> None:
    ledger = Ledger()
    said = [quote("a"), quote("a", None, status="removed"), quote("a", 105)]
    assert quotes(ledger.apply(said))[-1] == ("a", "open", 105, None)


def test_a_key_that_moves_to_another_game_is_still_reached_by_a_clear() -> None:
    ledger = Ledger()
    ledger.apply([quote("a"), quote("a", 100, what={"game_id": "g2"})])
    assert quotes(ledger.apply([Replace(scope=Scope(game_id="g1", book="DraftKings"))])) == []
    assert quotes(ledger.apply([Replace(scope=Scope(game_id="g2", book="DraftKings"))])) == [
        ("a", "removed", None, 100)
    ]


def test_what_it_holds_is_bounded_and_what_is_not_on_offer_goes_first() -> None:
    ledger = Ledger(most=10)
    ledger.apply([quote("idle", None, status="suspended")])
    said = ledger.apply([quote(f"k{n}") for n in range(10)])
    assert len(ledger) == 10
    assert "idle" not in held(ledger)
    assert [event.level for event in said if isinstance(event, Notice)] == ["info"]
    said = ledger.apply([quote(f"more{n}") for n in range(5)])
    assert len(ledger) <= 10
    assert [event.level for event in said if isinstance(event, Notice)] == ["warning"]


# --- a snapshot that was asked for beside the stream --------------------------------------------------


def late(*said: Quote) -> Replace:
    return Replace(scope=Scope(game_id="g1"), quotes=said, snap=True, late=True)


def doubting(*said: Quote) -> Ledger:
    """A ledger that held these before the link was lost."""
    ledger = Ledger()
    ledger.apply(said)
    ledger.doubt()
    return ledger


def test_a_change_of_the_detail_alone_is_no_change() -> None:
    ledger = Ledger()
    told = []
    for detail in (None, "{}", '{"order_book":[]}', None):
        one = quote("a", -110)
        one.detail = detail
        [said] = ledger.apply([one])
        assert isinstance(said, Quote)
        told.append((said.detail, said.changed, said.prev))
    assert told == [(None, True, None), ("{}", False, -110), ('{"order_book":[]}', False, -110), (None, False, -110)]


def test_a_price_that_an_older_answer_confirms_keeps_its_detail() -> None:
    ledger = Ledger()
    one = quote("a", -110, ts=20)
    one.detail = "{}"
    ledger.apply([one])
    ledger.doubt()
    [again] = ledger.apply([late(quote("a", -105, ts=10))])
    assert isinstance(again, Quote)
    assert (again.detail, again.price) == ("{}", one.price)


def test_a_late_snapshot_fills_an_empty_ledger() -> None:
    ledger = Ledger()
    assert quotes(ledger.apply([late(quote("a", -110), quote("b", 120))])) == [
        ("a", "open", -110, None),
        ("b", "open", 120, None),
    ]


def test_what_the_stream_said_in_the_meantime_is_not_overwritten_by_an_older_answer() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -115, ts=20), quote("b", 120), quote("c", 130, ts=20)])
    assert ledger.apply([late(quote("a", -110, ts=10), quote("b", 100, ts=10), quote("c", 131))]) == []
    assert held(ledger) == {"a": -115, "b": 120, "c": 130}


def test_an_answer_that_is_newer_than_the_stream_counts() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -115, ts=20)])
    assert quotes(ledger.apply([late(quote("a", -120, ts=30))])) == [("a", "open", -120, -115)]


def test_what_the_stream_told_and_the_answer_lacks_stays() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -115)])
    assert ledger.apply([late()]) == []
    assert held(ledger) == {"a": -115}


def test_what_was_held_before_the_gap_and_is_not_in_the_answer_is_gone() -> None:
    ledger = doubting(quote("a", -110), quote("b", 120), quote("x", 100, what={"game_id": "g2"}))
    [gone, again] = ledger.apply([late(quote("a", -110))])
    assert quotes([gone, again]) == [("b", "removed", None, 120), ("a", "open", -110, -110)]
    assert isinstance(gone, Quote)
    assert gone.snap
    # Another game is another answer's to speak of.
    assert ledger.doubtful


def test_what_was_settled_or_withdrawn_in_the_meantime_does_not_come_back() -> None:
    for ended in (quote("a", None, status="settled", ts=20), quote("a", None, status="removed", ts=20)):
        ledger = Ledger()
        ledger.apply([quote("a", -110, ts=5), ended])
        assert ledger.apply([late(quote("a", -110, ts=5))]) == []
        ledger = Ledger()
        ledger.apply([ended])
        assert ledger.apply([late(quote("a", -110, ts=5))]) == []
        assert ledger.apply([late(quote("a", -105, ts=25))]) == [], "the stream would say so itself"


def test_what_the_stream_suspended_in_the_meantime_an_answer_does_not_open() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", None, status="suspended", ts=5)])
    # Its clock may be of when the price was last looked at, and a lock's of when it last moved.
    assert ledger.apply([late(quote("a", -110, ts=9))]) == []
    assert held(ledger) == {"a": None}


def test_what_opened_again_in_the_meantime_is_the_streams() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -110, ts=5), quote("a", None, status="removed", ts=20), quote("a", -130, ts=30)])
    assert ledger.apply([late(quote("a", -120, ts=25))]) == []
    assert held(ledger) == {"a": -130}


def test_an_answer_that_lags_behind_what_was_held_before_the_gap_confirms_and_does_not_turn_back() -> None:
    ledger = doubting(quote("a", -115, ts=20))
    [again] = ledger.apply([late(quote("a", -110, ts=10))])
    assert quotes([again]) == [("a", "open", -115, -115)]
    assert isinstance(again, Quote)
    assert (again.changed, again.snap) == (False, True)
    assert not ledger.doubtful


def test_the_last_word_of_a_snapshot_withdraws_what_nothing_confirmed() -> None:
    ledger = doubting(quote("a", -110), quote("x", 100, what={"game_id": "g2"}))
    ledger.apply([late(quote("a", -110)), quote("n", 150)])
    assert quotes(ledger.apply([Replace(scope=Scope(), snap=True, late=True)])) == [("x", "removed", None, 100)]
    assert held(ledger) == {"a": -110, "n": 150}


def test_a_result_that_is_said_again_is_no_change() -> None:
    ledger = Ledger()
    said: list[Event] = [
        Result(game_id="g", home_score=1, ts=1, id="1-0"),
        Result(game_id="g", home_score=1, ts=2, id="2-0"),
        Result(game_id="g", home_score=1, ts=2, player="A. Guard"),
        Result(game_id="g", home_score=2, ts=3),
        Result(game_id="g", home_score=1, ts=4),
        Result(game_id="h", home_score=1, ts=4),
    ]
    told = [event for event in ledger.apply(said) if isinstance(event, Result)]
    assert [result.changed for result in told] == [True, False, True, True, True, True]
    assert [(result.ts, result.id) for result in told[:2]] == [(1, "1-0"), (2, "2-0")]


def test_results_are_held_up_to_a_bound() -> None:
    ledger = Ledger()
    ledger.apply([Result(game_id=str(at)) for at in range(20_001)])
    first, last = ledger.apply([Result(game_id="0"), Result(game_id="20000")])
    assert isinstance(first, Result)
    assert isinstance(last, Result)
    assert (first.changed, last.changed) == (True, False)


def test_what_is_said_while_updates_are_skipped_is_not_known_until_it_is_said_again() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -110), quote("b", -120), Notice(code=CREDITS_OUT, text="not enough credits")])
    assert [one.what.key for one in ledger.known()] == []
    ledger.apply([quote("b", -120)])
    assert [one.what.key for one in ledger.known()] == ["b"]


def test_what_was_not_on_offer_for_long_is_forgotten_and_what_is_on_offer_never() -> None:
    ledger = Ledger()
    ledger.apply([quote("a", -110), quote("b", -120), quote("c", -130)], 0.0)
    ledger.apply([quote("a", None, status="suspended"), quote("c", None, status="suspended")], 10.0)
    ledger.apply([quote("d", 100)], 901.0)
    ledger.apply([quote("c", None, status="suspended")], 1500.0)
    assert len(ledger) == 4
    # It was not on offer at the look before either, and nothing was said of it since.
    ledger.apply([quote("d", 105)], 1802.0)
    assert sorted(held(ledger)) == ["b", "c", "d"]
    assert quotes(ledger.apply([quote("a", -115), quote("c", -125)], 1803.0)) == [
        ("a", "open", -115, None),
        ("c", "open", -125, -130),
    ]


def test_a_month_of_prices_that_come_and_go_takes_the_memory_of_an_hour() -> None:
    ledger = Ledger()
    for minute in range(60 * 24 * 30):
        key = f"line {minute}"
        ledger.apply([quote(key, -110)], minute * 60.0)
        ledger.apply([quote(key, None, status="suspended")], minute * 60.0 + 30)
        assert len(ledger) <= 60
