"""What a rule is asked of, and when it holds its tongue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import jsonschema
import pytest

from oddstail import alerts
from oddstail.alerts import Rules, cents
from oddstail.model import Alert, Batch, Gap, Quote
from oddstail.record import Encoder
from oddstail.schema import schema
from oddstail.where import WhereError
from tests.support import quote, request

MINUTE = 60_000_000


def fired(rule: str, *quotes: Quote, every: int = MINUTE) -> list[int]:
    """Which of these quotes of one price a rule tells of; one comes each minute."""
    rules = Rules([rule], 60)
    return [
        at
        for at, one in enumerate(quotes)
        for event in rules.judged(Batch(1, 1_000_000 + at * every, [one]))
        if type(event) is Alert
    ]


def q(
    american: float | None, prev: float | None = None, *, changed: bool = True, live: bool | None = None,
    snap: bool = False, **more: Any,
) -> Quote:  # fmt: skip
    made = quote("Lakers", american, prev=prev, **more)
    made.changed, made.live, made.snap = changed, live, snap
    return made


@pytest.mark.parametrize(
    ("expected", "rule", "quotes"),
    [
        ([1], "cents >= 10", [q(-110), q(-100, -110)]),
        ([1], "cents = 15", [q(-110), q(105, -110)]),
        ([1], "abs(cents) >= 10 and cents < 0", [q(105), q(-110, 105)]),
        ([], "cents > 0", [q(-110)]),
        ([], "abs(cents) >= 0", [q(-110), q(None, -110, status="suspended")]),
        ([1], "american > was.american", [q(-110), q(-105, -110)]),
        ([2], "status = 'open' and was.status = 'suspended'", [q(-110), q(None, -110, status="suspended"), q(-110, -110)]),
        ([1], "status = 'suspended' and american is null and was.american = -110", [q(-110), q(None, -110, status="suspended")]),
        ([1], "line != was.line", [q(-110, line=-3.5), q(-110, -110, line=-4.5), q(-110, -110, line=-4.5)]),
        ([], "abs(cents) >= 0", [q(-106, line=-17.5), q(-103, -106, line=-11, prev_line=-17.5)]),
        ([1], "cents is null and prev_line = -17.5", [q(-106, line=-17.5), q(-103, -106, line=-11, prev_line=-17.5)]),
        ([], "abs(cents) >= 0", [q(-106, line=-17.5), q(-103, -106, line=-11)]),
        ([2], "abs(cents) >= 0", [q(-106, line=-1), q(None, -106, status="suspended"), q(-103, -106, line=-1)]),
        ([0], "was.status is null", [q(-110), q(-105, -110)]),
        ([], "line != was.line", [q(-110, line=-3.5)]),
        ([0], "was.status is null", [q(-110), q(None, -110, status="removed"), q(-105)]),
        ([1], "live and not was.live", [q(-110, live=False), q(-110, -110, live=True)]),
        ([], "live and not was.live", [q(-110), q(-110, -110, live=True)]),
        ([2], "was.american = -110 and american = 120", [q(-110), q(None, -110, status="removed"), q(120)]),
        ([2], "was.status = 'removed' and cents = 30", [q(-110), q(None, -110, status="removed"), q(120)]),
        ([2], "was.status = 'suspended' and abs(cents) >= 30", [q(-110), q(None, -110, status="suspended"), q(120, -110)]),
        ([], "abs(cents) > 0", [q(-100), q(100, -100)]),
        ([], "american < 0", [q(-110, changed=False)]),
        ([0], "book in ('draftkings') and american < 0 and league ~ 'nba'", [q(-110)]),
    ],
    ids=["move", "across-even-money", "downwards", "first-word", "suspended-has-no-price", "was", "back-on-offer", "suspension",
         "line", "cents-of-another-line", "old-line", "cents-of-older-records", "cents-across-a-suspension", "new", "unknown-at-first", "not-new-after-removal", "goes-live", "live-unknown-before", "gone-and-back", "gone-and-back-is-a-move", "suspended-and-back-is-a-move", "even-money", "unchanged", "any-field"],
)  # fmt: skip
def test_a_rule_sees_a_quote_and_what_was_before(expected: list[int], rule: str, quotes: list[Quote]) -> None:
    assert fired(rule, *quotes) == expected


def other_line(line: float, american: float | None, main: bool) -> Quote:
    """A quote of one team's spread at a vendor that puts the line into the key."""
    what = {"kind": "spread", "market": "Point Spread", "side": "home", "selection": "Lakers"}
    made = quote(f"g1|dk|spread|{line}", american, line=line, what=what)
    made.changed, made.main = True, main
    return made


MOVES = [
    pytest.param("line != was.line", [other_line(-3.5, -110, main=True), other_line(-4.5, -110, main=True)], id="line-in-the-key"),
    pytest.param(
        "main and not was.main",
        [other_line(-3.5, -110, main=True), other_line(-4.5, 120, main=False), other_line(-4.5, 120, main=True)], id="alternate-becomes-main",
    ),
    pytest.param(
        "not main and was.main",
        [other_line(-4.5, 120, main=False), other_line(-3.5, -110, main=True), other_line(-3.5, -110, main=False)], id="main-becomes-alternate",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "quotes"), MOVES)
def test_a_rule_follows_the_bet_across_lines(rule: str, quotes: list[Quote]) -> None:
    assert fired(rule, *quotes) == [len(quotes) - 1]


@pytest.mark.parametrize(
    ("expected", "snap", "gaps"),
    [
        pytest.param(90.0, True, [90.0], id="snapshot-after-a-gap"),
        pytest.param(95.0, True, [5.0, 90.0], id="two-gaps"),
        pytest.param(None, False, [90.0], id="change-after-a-gap"),
        pytest.param(None, True, [], id="snapshot-without-a-gap"),
    ],
)
def test_a_move_in_a_gap_carries_its_length(expected: float | None, snap: bool, gaps: list[float]) -> None:
    rules = Rules(["american != was.american"], 60)
    rules.judged(Batch(1, 1_000_000, [q(-110)]))
    for nth, seconds in enumerate(gaps):
        missed = Gap(start=1_000_000, end=2_000_000 + nth, seconds=seconds, cause="network", resumed="no")
        rules.judged(Batch(1, 2_000_000 + nth, [missed]))
    [_, alert] = rules.judged(Batch(1, 3_000_000, [q(-130, snap=snap)]))
    assert isinstance(alert, Alert)
    assert alert.gap_s == expected


@pytest.mark.parametrize(
    ("expected", "later"),
    [
        pytest.param([(-10, -110, -120)], [-115, -120], id="two-small-moves-are-one-large-one"),
        pytest.param([], [-115, -110], id="back-where-it-was"),
        pytest.param([], [-115], id="small"),
    ],
)
def test_after_the_cooldown_the_whole_move_counts(expected: list[tuple[float, ...]], later: list[float]) -> None:
    rules = Rules(["abs(cents) >= 10"], 60)
    rules.judged(Batch(1, 0, [q(-100)]))
    assert len(rules.judged(Batch(1, 1_000_000, [q(-110, -100)]))) == 2
    for nth, american in enumerate(later):
        assert len(rules.judged(Batch(1, 2_000_000 + nth, [q(american)]))) == 1
    found = [event for event in rules.judged(Batch(1, 61_000_000, [])) if isinstance(event, Alert)]
    assert [
        (one.cents, one.was and one.was.price and one.was.price.american, one.quote.price and one.quote.price.american)
        for one in found
    ] == expected


def test_the_same_price_is_told_of_again_only_after_the_cooldown() -> None:
    moves = [q(-110 - at, -109 - at) for at in range(5)]
    assert fired("american < 0", *moves, every=MINUTE // 2) == [0, 2, 4]
    assert fired("american < 0", *moves, every=MINUTE) == [0, 1, 2, 3, 4]


def test_two_rules_and_two_connections_cool_down_apart() -> None:
    rules = Rules(["american < 0", "cents > 0"], 60)
    batch = Batch(1, 1, [q(-105, -110)])
    assert [event.rule for event in rules.judged(batch) if type(event) is Alert] == ["american < 0", "cents > 0"]
    assert len(rules.judged(batch._replace(conn=2))) == 3
    assert len(rules.judged(batch)) == 1


@pytest.mark.parametrize("rule", ["", "cents", "was.book = 'x'", "american > 'x'", "score_a > 1", "bok = 'x'"])
def test_what_is_no_rule_is_refused_before_anything_runs(rule: str) -> None:
    with pytest.raises(WhereError):
        Rules([rule], 60)


@pytest.mark.parametrize(("expected", "american"), [(0, 100), (0, -100), (5, 105), (-5, -105), (150, 250)])
def test_even_money_counts_once(expected: float, american: float) -> None:
    assert cents(american) == expected


@pytest.mark.parametrize(
    "before", [[], [q(-105)], [q(None, -105, status="suspended")]], ids=["first", "moved", "reopened"]
)
def test_an_alert_is_a_record_after_the_schema(before: list[Quote]) -> None:
    rules, encoder = Rules(["american < 0"], 60), Encoder()
    encoder.introduce(1, request())
    for one in before:
        rules.judged(Batch(1, 1, [one]))
    batch = Batch(1, MINUTE * 2, rules.judged(Batch(1, MINUTE * 2, [q(-110, -105)])))
    line = json.loads(encoder.lines(batch, batch.events).splitlines()[1])
    jsonschema.validate(line, schema())
    assert (line["type"], line["rule"], line["american"], line["cents"]) == ("alert", "american < 0", -110, -5)
    assert line["was_american"] == (None if not before or before[0].price is None else -105)
    beside = json.loads(encoder.apart(batch, batch.events[1], 7))
    assert {**line, "seq": 7} == beside
    assert encoder.seq == 2


def test_what_prices_were_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_KNOWN", 100)
    rules = Rules(["was.status is null"], 0)

    def told(american: float, names: Sequence[str]) -> int:
        events = rules.judged(Batch(1, 1, [quote(name, american) for name in names]))
        return sum(type(event) is Alert for event in events)

    names = [f"price {at}" for at in range(101)]
    assert told(-110, names) == 101
    assert told(-105, names[::-1]) == 10, "a tenth was forgotten, and the oldest"


def test_of_alerts_that_cool_down_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "_MOST", 100)
    rules = Rules(["american < 0"], 3600)
    names = [f"price {at}" for at in range(110)]
    told = [rules.judged(Batch(1, at, [quote(name, -110)])) for at, name in enumerate(names)]
    assert {len(events) for events in told} == {2}
    again = [rules.judged(Batch(1, 200, [quote(name, -115)])) for name in reversed(names)]
    assert [len(events) for events in again] == [1] * 100 + [2] * 10
