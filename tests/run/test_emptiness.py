"""An empty screen explains itself once, after a while, and says whose doing it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from oddstail.filters import Filter, filtering
from oddstail.model import Batch, Fixture, Health, Request, Result
from oddstail.run.emptiness import PATIENCE, Emptiness
from oddstail.run.plan import Leg
from oddstail.run.source import Source
from oddstail.run.tally import Tally
from tests.support import quote, request, toy


@dataclass
class Link:
    """A source that is open or not, and silent for so long."""

    is_open: bool = True
    silence: float = 0.5

    def silent(self, now: float) -> float:
        return self.silence


def said(*ticks: tuple[float, int, Link], filter: Filter | None = None, broken: bool = False) -> list[list[str]]:
    """What is told after ticks at so many seconds, with so many records passed."""
    out: list[list[str]] = []
    notes: list[str] = []

    async def facts(asked: Sequence[Request]) -> list[str]:
        if broken:
            raise KeyError("of ours")
        return [f"a fact of {' and '.join(one.label for one in asked)}"]

    async def main() -> None:
        leg = Leg(provider=toy(), requests=[request(), request(label="NFL")], filter=filter or Filter(), facts=facts)
        one = Emptiness([leg], notes, lambda notice: out.append(notice.text.split(". ")))
        for now, passed, link in ticks:
            one.tick(now, passed, cast(Sequence[Source], [link]))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await one.aclose()

    asyncio.run(main())
    assert notes == [part for parts in out for part in parts]
    return out


def test_it_tells_once() -> None:
    up = Link()
    [parts] = said((0, 0, up), (PATIENCE - 1, 0, up), (PATIENCE, 0, up), (PATIENCE + 1, 0, up), (99, 0, up))
    assert parts == [
        "Connected for 20 s, no matches yet; the connection is healthy, last data 0.5 s ago",
        "A fact of NBA and NFL",
    ]


@pytest.mark.parametrize(
    "ticks",
    [
        [(0.0, 0, Link()), (5.0, 1, Link()), (60.0, 1, Link())],
        [(0.0, 0, Link(is_open=False)), (60.0, 0, Link(is_open=False))],
        [(0.0, 0, Link()), (10.0, 0, Link()), (11.0, 0, Link(is_open=False)), (60.0, 0, Link()), (69.0, 0, Link())],
    ],
    ids=["something came", "never open", "not open long enough, all in all"],
)
def test_it_holds_its_tongue(ticks: list[tuple[float, int, Link]]) -> None:
    assert said(*ticks) == []


def test_a_link_that_breaks_again_and_again_is_explained_too() -> None:
    up, down = Link(), Link(is_open=False)
    ticks = [(float(second), 0, down if second % 8 == 7 else up) for second in range(60)]
    [parts] = said(*ticks)
    assert parts[0] == (
        "Connected for 20 s, no matches yet; the connection broke 3 times in between: look at that first"
    )


def test_lists_that_break_us_do_not_silence_the_rest() -> None:
    [parts] = said((0, 0, Link()), (PATIENCE, 0, Link()), broken=True)
    assert len(parts) == 1
    assert parts[0].startswith("Connected for 20 s")


def test_a_link_that_is_silent_itself_is_said_to_be() -> None:
    quiet = Link(silence=14.0)
    [parts] = said((0, 0, quiet), (PATIENCE, 0, quiet))
    assert parts[0].endswith("no data for 14 s")


@pytest.mark.parametrize(
    ("says", "flags"),
    [
        ("2 records were filtered out: --player x alone excludes all of them", {"player": ["x"], "where": ["american < 0"]}),
        ("2 records were filtered out: each matches something, but never together", {"where": ["american < 0", "american > 0"]}),
    ],
)  # fmt: skip
def test_filters_of_this_side_are_named_and_the_provider_is_left_alone(says: str, flags: dict[str, Any]) -> None:
    made = filtering(**flags)
    made.keep(Batch(1, 1, [quote("a", -110), quote("b", 120)]))
    [parts] = said((0, 0, Link()), (PATIENCE, 0, Link()), filter=made)
    assert parts[1:] == [says]


def test_what_comes_beside_is_no_price_to_look_at() -> None:
    tally = Tally(data=3)
    for event in (Fixture(game_id="g"), Health(source="s", status="ok"), Result(game_id="g")):
        tally.note(event)
    assert tally.passed == 1
