"""OpticOdds' futures in the demo: pages and streams that agree, and what the client makes of both."""

from __future__ import annotations

import itertools

import orjson
import pytest

from oddstail.demo.contract import Reply
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.model import Frame
from oddstail.providers.opticodds.command import Feed
from tests.providers.wire import Line, asked

from .stage import Theatre, ask

V3 = "/api/v3"
BOOKS = "&sportsbook=DraftKings&sportsbook=FanDuel&sportsbook=BetMGM"


def theatre() -> Theatre:
    return Theatre(OpticOdds, sports=["basketball"])


def page(at: Theatre, url: str) -> Reply:
    reply = at.wire.accept(ask(f"{V3}{url}"))
    assert isinstance(reply, Reply)
    return reply


def test_the_page_and_the_changes_after_it_are_the_page_later() -> None:
    at = theatre()
    [request] = asked(
        "opticodds", sport=["basketball"], league=["NBA"], book=["DraftKings", "FanDuel", "BetMGM"], feed=Feed.futures
    )
    line, late = Line(request), Line(request)
    query = "?key=demo&league=NBA&include_limits=true" + BOOKS
    seat = at.open(ask(f"{V3}/stream/futures/basketball{query}"))
    line.tell(orjson.loads(page(at, f"/futures/odds{query}").body), "rest odds")
    at.run(60, seat)
    events = [event for event in seat.events() if event["event"] in ("futures", "locked-futures")]
    assert {event["event"] for event in events} == {"futures", "locked-futures"}
    for event in events:
        line.ledger.apply(line.take(Frame(event["data"].encode(), event["event"])))
    late.tell(orjson.loads(page(at, f"/futures/odds{query}").body), "rest odds")
    assert line.held() == late.held()
    assert len(line.held()) > 80


@pytest.mark.parametrize(
    "extras", [some for n in range(4) for some in itertools.combinations(("limits", "source_ids", "deep_link"), n)]
)
def test_what_is_asked_for_is_added(extras: tuple[str, ...]) -> None:
    query = "?key=demo&league=nba" + BOOKS + "".join(f"&include_{name}=true" for name in extras)
    [future] = orjson.loads(page(theatre(), f"/futures/odds{query}").body)["data"]
    for row in future["odds"]:
        assert [name for name in ("limits", "source_ids", "deep_link") if row[name] is not None] == list(extras)


@pytest.mark.parametrize(
    ("status", "url"),
    [
        pytest.param(400, "/futures/odds?key=demo&league=NBA", id="no-book"),
        pytest.param(400, f"/futures/odds?key=demo{BOOKS}", id="neither-league-nor-future"),
        pytest.param(400, f"/futures/odds?key=demo{BOOKS}" + "".join(f"&future_id={n}" for n in range(6)), id="six-futures"),
        pytest.param(400, "/futures/odds?key=demo&league=NBA" + "".join(f"&sportsbook=b{n}" for n in range(6)), id="six-books"),
        pytest.param(200, f"/futures/odds?key=demo{BOOKS}&future_id=nothing", id="unknown-future"),
        pytest.param(200, "/futures?key=demo&sport=basketball", id="list"),
        pytest.param(401, "/futures?sport=basketball", id="no-key"),
    ],
)  # fmt: skip
def test_the_pages_keep_the_vendors_limits(status: int, url: str) -> None:
    assert page(theatre(), url).status == status


def test_the_list_is_narrowed_by_sport_and_league() -> None:
    counts = [
        len(orjson.loads(page(theatre(), f"/futures?key=demo{query}").body)["data"])
        for query in ("", "&sport=basketball", "&sport=tennis&sport=hockey", "&league=NBA", "&league=nba&sport=tennis")
    ]
    assert counts == [6, 1, 2, 1, 0]
