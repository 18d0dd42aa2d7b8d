"""The last line of a run: what came is called what it is."""

from __future__ import annotations

from collections import Counter

import pytest

from oddstail.model import Drop, Event, Fixture, Health, Notice, Play, Result
from oddstail.run import summary
from oddstail.run.tally import Tally

NEWS: list[Event] = [
    Play(game_id="g"),
    Play(game_id="g"),
    Health(source="nba_live", status="ok"),
    Health(source="nba_live", status="ok"),
    Result(game_id="g"),
    Drop(game_id="g", book="pinnacle", outcome="over"),
    Fixture(game_id="g"),
    Notice(code="quiet", text=""),
]


def tally(*events: Event, quotes: int = 0, seen: int = 0, alerts: int = 0) -> Tally:
    made = Tally(data=len(events) + quotes, quotes=quotes, seen=seen, alerts=alerts)
    for event in events:
        made.note(event)
    return made


@pytest.mark.parametrize(
    ("stands", "beside", "counted"),
    [
        (None, [], tally()),
        ("3 quotes", [], tally(quotes=3, seen=9)),
        ("3 quotes, 1 alert", [], tally(quotes=3, seen=9, alerts=1)),
        ("1,204 quotes seen, 7 alerts", [], tally(seen=1204, alerts=7)),
        ("1,204 quotes seen", ["1 fixture"], tally(Fixture(game_id="g"), seen=1204)),
        ("2 plays", [], tally(*NEWS[:2])),
        ("3 quotes", ["2 plays"], tally(*NEWS[:2], quotes=3)),
        ("1 drop, 1 fixture, 2 health records, 2 plays, 1 result", [], tally(*NEWS)),
    ],
)
def test_what_was_no_quote_is_counted_by_its_kind(stands: str | None, beside: list[str], counted: Tally) -> None:
    assert stands == summary.written(counted, raw=False)
    assert beside == summary.details(counted, 1, 0)


@pytest.mark.parametrize(
    ("passed", "counted"),
    [
        (0, tally()),
        (5, tally(seen=5)),
        (7, tally(seen=5, alerts=2)),
        (0, Tally(others=Counter(fixture=3))),
        (1, Tally(data=4, others=Counter(fixture=3))),
    ],
    ids=["nothing", "other types are asked for", "rules look at quotes", "fixtures that are not asked for", "fixtures"],
)
def test_what_keeps_an_empty_screen_from_being_a_riddle(passed: int, counted: Tally) -> None:
    assert passed == counted.passed


def test_payloads_stand_for_all_that_is_in_them() -> None:
    assert summary.written(tally(*NEWS), raw=True) == "8 payloads"


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        ([], None),
        ([0.0, 0.0], None),
        ([9.0], "silent for the last 9.0 s"),
        ([0.0, 9.0], "1 of 2 links silent for the last 9.0 s"),
        ([7.0, 9.0, 0.0], "2 of 3 links silent for the last up to 9.0 s"),
    ],
)
def test_links_that_were_silent_at_the_end_are_told(silent: list[float], said: str | None) -> None:
    assert summary.tail(silent) == said
