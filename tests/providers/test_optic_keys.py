"""Two prices of OpticOdds or OddsJam never share a key, and one price never has two."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from oddstail.model import Frame
from tests.providers.test_optic_identity import GAME, future, futures, group, jam, odd, odds, optic
from tests.providers.wire import Line, codes, quotes

NAME, POINTS = "LeBron James Over 25.5", 25.5
#: Pairs of rows that differ in one field, with values that occur elsewhere in the row.
APART: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a-player-id-in-the-line": ({"player_id": "25"}, {"player_id": "5"}),
    "a-player-id-that-is-the-line": ({"player_id": "25.5"}, {"player_id": "2"}),
    "a-player-id-as-a-number": ({"player_id": 25}, {"player_id": 5}),
    "a-player-id-in-the-name": ({"player_id": "Le"}, {"player_id": "James"}),
    "a-player-id-that-is-the-name": ({"player_id": NAME}, {"player_id": "over"}),
    "a-player-id-and-none": ({"player_id": "25"}, {"player_id": None}),
    "player-ids-of-which-one-holds-the-other": ({"player_id": "2"}, {"player_id": "25"}),
    "two-teams-of-one-player": ({"player_id": "7", "team_id": "2"}, {"player_id": "7", "team_id": "5"}),
    "a-team-id-in-the-line": ({"team_id": "25"}, {"team_id": "5"}),
    "a-team-id-that-is-a-player-id": ({"team_id": "25"}, {"player_id": "25"}),
    "two-ids": ({"id": "25"}, {"id": "5"}),
    "two-ids-of-the-vendors-form": ({"id": "g:draftkings:m:a"}, {"id": "g:draftkings:m:b"}),
    "two-groups": ({"grouping_key": "default:25.5"}, {"grouping_key": "default:5"}),
    "two-groups-of-other-words": ({"grouping_key": "25"}, {"grouping_key": "5"}),
    "two-selections-in-one-name": ({"selection": "LeBron"}, {"selection": "James"}),
    "a-selection-that-is-a-player-id": ({"selection": "25"}, {"player_id": "25", "selection": ""}),
    "two-sides": ({"selection_line": "yes"}, {"selection_line": "no"}),
    "two-periods": ({"period": "1H"}, {"period": "FULL"}),
    "a-name-with-a-bar": ({"name": "A|player=1"}, {"name": "A", "player_id": "1"}),
}
#: What tells the odds of a list and of a stream apart by order alone, for such an id may not keep its form.
BY_ORDER = ("two-teams-of-one-player", "two-ids")


def row(feed: str, **fields: Any) -> dict[str, Any]:
    shared = {"name": NAME, "selection": "LeBron James", "selection_line": "over", "points": POINTS, "team_id": None}
    fields = {**shared, "grouping_key": None, "id": None, **fields}
    if feed == "futures":
        return future(**fields)
    made = odd(market="Player Points", **fields)
    if feed == "copilot":
        del made["sportsbook"]
        return {**made, "version_id": -1}
    if feed == "oddsjam":
        made["game_id"] = "41207-33918-2024-02-11"
        v2 = {"name": "bet_name", "points": "bet_points", "price": "bet_price", "market": "bet_type"}
        made = {v2.get(name, name): value for name, value in made.items()}
    return made


def sent(feed: str, *rows: dict[str, Any], entry: str = "1-0") -> Frame:
    if feed == "futures":
        body, event = futures(group(*rows, market="Player Points"))
        return Frame(orjson.dumps({**body, "entry_id": entry}), event)
    return Frame(orjson.dumps(odds(*rows, entry=entry)), "copilot-odds" if feed == "copilot" else "odds")


def line(feed: str) -> Line:
    return Line(jam() if feed == "oddsjam" else optic(feed))


FEEDS = ("odds", "futures", "copilot", "oddsjam")


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("what", APART)
def test_two_prices_have_two_keys(feed: str, what: str) -> None:
    one, other = (row(feed, **fields) for fields in APART[what])
    price = "bet_price" if feed == "oddsjam" else "price"
    one[price], other[price] = -120, 6500
    at = line(feed)
    at.ledger.apply(at.take(sent(feed, one, other)))
    assert sorted(at.held().values(), key=str) == [-120, 6500]
    at.reconnect()
    [moved] = quotes(at.ledger.apply(at.take(sent(feed, {**other, price: 7000}, entry="2-0"))))
    assert (moved.prev, sorted(at.held().values(), key=str)) == (6500, [-120, 7000])


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("what", [name for name in APART if name not in BY_ORDER])
def test_a_key_does_not_depend_on_which_came_first(feed: str, what: str) -> None:
    if feed == "oddsjam" and "id" in APART[what][0]:
        pytest.skip("OddsJam's ids are null in its lists, so they count only where two differ")
    rows = [row(feed, **fields) for fields in APART[what]]
    told = []
    for some in (rows, rows[::-1]):
        found = [quote.what.key for quote in quotes(line(feed).take(sent(feed, *some)))]
        told.append(found if some is rows else found[::-1])
    assert told[0] == told[1]


#: What may change or be written in another way from one row of a price to the next.
SAME: dict[str, dict[str, Any]] = {
    "empty-strings": {"player_id": "", "team_id": "", "id": "", "grouping_key": ""},
    "the-word-none": {"player_id": "None", "team_id": "null"},
    "the-side-in-capitals": {"selection_line": "OVER"},
    "no-side": {"selection_line": None},
    "no-selection": {"selection": ""},
    "a-line-as-text": {"points": "25.5"},
    "the-group-of-the-line": {"grouping_key": "lebron_james:25.5"},
    "the-group-with-the-other-sign": {"grouping_key": "default:-25.5"},
    "no-group": {"grouping_key": "default"},
    "an-id-that-repeats-the-names": {"id": "1-2-2025:draftkings:player_points:lebron_james_over_25_5"},
    "an-id-of-another-form": {"id": "o-1"},
    "an-object-for-a-word": {"grouping_key": {"a": 1}, "team_id": ["x"]},
    "the-flag": {"is_main": False, "is_live": True},
}


#: The key of the row as it is.
KEYS = {
    "odds": f"{GAME}|DraftKings|Player Points|{NAME}",
    "copilot": f"{GAME}|Copilot|Player Points|{NAME}",
    "futures": f"F1|DraftKings|Player Points|{NAME}",
    "oddsjam": f"41207-33918-2024-02-11|DraftKings|Player Points|{NAME}",
}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("what", SAME)
def test_one_price_has_one_key(feed: str, what: str) -> None:
    if feed == "copilot" and SAME[what].get("id"):
        pytest.skip("the id of an odd of Copilot is its identity")
    at = line(feed)
    for number, fields in enumerate(({}, SAME[what], {})):
        events = at.take(sent(feed, row(feed, **fields), entry=f"{number}-0"))
        assert codes(events) == []
        at.ledger.apply(events)
    assert list(at.held()) == [KEYS[feed]]


def test_alternates_without_a_line_in_the_name_are_two_prices() -> None:
    at = Line(optic())
    rows = [
        odd(market="Total Points", name="Over", points=points, price=price)
        for points, price in ((5.5, -110), (6.5, 140))
    ]
    at.tell(odds(*rows), "odds")
    assert sorted(at.held().values(), key=str) == [-110, 140]


def test_the_stream_and_the_list_of_odds_agree_on_a_key() -> None:
    streamed = row("odds", player_id="25", team_id="5", id="x:draftkings:player_points:another", grouping_key="25")
    at = Line(optic())
    at.tell(odds(streamed), "odds")
    around = ("fixture_id", "game_id", "sport", "league", "is_live")
    listed = {name: value for name, value in streamed.items() if name not in around}
    game = {"id": GAME, "home_team_display": "A", "away_team_display": "B", "odds": [{**listed, "price": -130}]}
    [quote] = quotes(at.say({"data": [game]}, "rest odds"))
    assert [quote.what.key] == list(at.held())


def test_an_odd_of_copilot_without_an_id_has_that_of_its_parts() -> None:
    at = Line(optic("copilot"))
    rows = [
        {**row("copilot"), "odd_id": f"{GAME}:player_points:lebron_james_over_25_5", "version_id": version}
        for version in (-1, 3)
    ]
    at.tell(odds(*rows), "copilot-odds")
    assert sorted(at.held()) == [f"{version}:{rows[0]['odd_id']}" for version in (-1, 3)]
