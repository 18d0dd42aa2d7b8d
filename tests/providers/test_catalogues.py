"""What each provider's look-ups ask for, and what they read in the answers.

Shapes: docs/wire/oddsjam.md, 1.6; docs/wire/opticodds.md, 4; docs/wire/parlayapi.md, 8.1 and 8.3; docs/wire/boltodds.md, A10;
docs/wire/rapidodds.md, B7. Values are those of the samples there, or plain words where a shape is all that is documented.
"""

from __future__ import annotations

from typing import Any

import pytest

from oddstail import providers
from oddstail.lookup import WHATS, Asked, What
from oddstail.model import Where

ALL = [(name, what) for name in providers.TITLES for what in providers.catalogue(name).lookups]


def rows(name: str, what: What, answer: Any) -> list[dict[str, Any]]:
    return providers.catalogue(name).lookups[what].rows(answer)


def asked(name: str, what: What, **narrow: tuple[str, ...]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    gets = providers.catalogue(name).lookups[what].gets(Asked(**narrow))
    return [(get.url, get.params) for get in gets]


@pytest.mark.parametrize(("name", "what"), ALL)
def test_every_look_up_is_filed_under_its_own_name(name: str, what: What) -> None:
    lookup = providers.catalogue(name).lookups[what]
    assert lookup.what == what
    assert what in WHATS
    assert lookup.needs <= lookup.takes


@pytest.mark.parametrize(("name", "what"), ALL)
@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        "text",
        [],
        {},
        [None, 5, "x"],
        {"data": None},
        {"data": [None, [], {}]},
        {"a": {"b": "c"}},
        [{"id": {}}],
    ],
    ids=repr,
)
def test_no_answer_breaks_a_look_up(name: str, what: What, answer: Any) -> None:
    lookup = providers.catalogue(name).lookups[what]
    for row in lookup.rows(answer):
        assert all(isinstance(value, str | int | float | bool | None) for value in row.values())
    if lookup.after is not None:
        assert lookup.after(lookup.gets(Asked(league=("NBA",)))[0], answer) is None


@pytest.mark.parametrize("name", providers.TITLES)
def test_what_a_flag_is_checked_against_exists(name: str) -> None:
    catalogue = providers.catalogue(name)
    assert catalogue.wrong
    for what in catalogue.flags.values():
        assert what in catalogue.lookups or what in catalogue.builtin


@pytest.mark.parametrize(
    ("name", "what", "narrow", "url", "params"),
    [
        ("opticodds", "sports", {}, "https://api.opticodds.com/api/v3/sports", ()),
        ("opticodds", "leagues", {"sport": ("soccer",)}, "https://api.opticodds.com/api/v3/leagues", (("sport", "soccer"),)),
        ("opticodds", "books", {}, "https://api.opticodds.com/api/v3/sportsbooks", ()),
        ("opticodds", "books", {"league": ("NBA",)}, "https://api.opticodds.com/api/v3/sportsbooks/active", (("league", "NBA"),)),
        ("opticodds", "markets", {"book": ("Pinnacle",)}, "https://api.opticodds.com/api/v3/markets", (("sportsbook", "Pinnacle"),)),
        ("opticodds", "games", {"league": ("NBA", "WNBA")}, "https://api.opticodds.com/api/v3/fixtures/active", (("league", "NBA"), ("league", "WNBA"))),
        ("opticodds", "versions", {}, "https://api.opticodds.com/api/v3/copilot/versions", ()),
        ("oddsjam", "games", {"league": ("NBA",)}, "https://api-external.oddsjam.com/api/v2/games", (("league", "NBA"),)),
        ("oddsjam", "books", {}, "https://api-external.oddsjam.com/api/v2/sportsbooks", ()),
        ("oddsjam", "markets", {"game": ("1-2",), "book": ("B",)}, "https://api-external.oddsjam.com/api/v2/markets", (("game_id", "1-2"), ("sportsbook", "B"))),
        ("parlayapi", "sports", {}, "https://parlay-api.com/v1/sports", (("all", "true"),)),
        ("parlayapi", "books", {}, "https://parlay-api.com/v1/bookmakers", ()),
        ("parlayapi", "markets", {}, "https://parlay-api.com/v1/markets", ()),
        ("parlayapi", "usage", {}, "https://parlay-api.com/v1/usage", ()),
        ("rapidodds", "sports", {}, "https://api.rapidoddsapi.com/sports", ()),
        ("rapidodds", "markets", {}, "https://api.rapidoddsapi.com/sports", (("markets", "true"),)),
        ("rapidodds", "usage", {}, "https://api.rapidoddsapi.com/usage", ()),
        ("boltodds", "leagues", {}, "https://spro.agency/api/get_info", ()),
        ("boltodds", "books", {}, "https://spro.agency/api/get_info", ()),
        ("boltodds", "markets", {"league": ("NBA", "MLB"), "book": ("x",)}, "https://spro.agency/api/get_markets", (("sports", "NBA,MLB"), ("sportsbooks", "x"))),
        ("boltodds", "games", {}, "https://spro.agency/api/get_games", ()),
        ("boltodds", "parlays", {"book": ("draftkings",)}, "https://spro.agency/api/get_parlays", (("sportsbooks", "draftkings"),)),
    ],
)  # fmt: skip
def test_what_is_asked(
    name: str, what: What, narrow: dict[str, tuple[str, ...]], url: str, params: tuple[tuple[str, str], ...]
) -> None:
    assert asked(name, what, **narrow) == [(url, params)]


def test_only_the_address_that_is_open_to_all_gets_no_key() -> None:
    keyless = [
        (name, what)
        for name, what in ALL
        for get in providers.catalogue(name).lookups[what].gets(Asked(league=("NBA",)))
        if get.key_in is None
    ]
    assert keyless == [("parlayapi", "sports"), ("parlayapi", "leagues")]
    places = {
        name: {
            (get.key_in, get.key_name)
            for what in providers.catalogue(name).lookups
            for get in providers.catalogue(name).lookups[what].gets(Asked(league=("NBA",)))
            if get.key_in is not None
        }
        for name in providers.TITLES
    }
    assert places == {
        "oddsjam": {(Where.QUERY, "key")},
        "opticodds": {(Where.HEADER, "X-Api-Key")},
        "parlayapi": {(Where.HEADER, "X-API-Key")},
        "rapidodds": {(Where.QUERY, "api_key")},
        "boltodds": {(Where.QUERY, "key")},
    }


def test_opticodds_names_and_ids() -> None:
    # Section 4: rows of /leagues and /sportsbooks.
    leagues = [{"id": "england_-_premier_league", "name": "England - Premier League", "numerical_id": 1,
                "region": "England", "sport": {"id": "soccer", "name": "Soccer"}}]  # fmt: skip
    assert rows("opticodds", "leagues", {"data": leagues}) == [
        {"name": "England - Premier League", "id": "england_-_premier_league", "sport": "soccer", "region": "England"}
    ]
    books = [{"id": "draftkings", "name": "DraftKings", "logo": "https://x", "is_onshore": True, "is_active": True}]
    assert rows("opticodds", "books", {"data": books}) == [{"name": "DraftKings", "id": "draftkings", "active": True}]
    assert rows("opticodds", "versions", {"data": [{"id": -1, "name": "Default"}]}) == [{"id": "-1", "name": "Default"}]


def test_an_opticodds_fixture_is_a_game() -> None:
    # Section 2.4 (the fixture of a result) and section 4 (/fixtures/active).
    fixture = {"id": "7C19D2A04EB1", "game_id": "15482-40117-2025-01-14", "start_date": "2025-01-14T00:30:00+00:00",
               "home_team_display": "Boston Celtics", "away_team_display": "Miami Heat", "status": "live",
               "is_live": True, "has_odds": True, "sport": {"id": "basketball", "name": "Basketball"},
               "league": {"id": "nba", "name": "NBA"}}  # fmt: skip
    assert rows("opticodds", "games", {"data": [fixture]}) == [
        {
            "id": "7C19D2A04EB1",
            "home": "Boston Celtics",
            "away": "Miami Heat",
            "start": "2025-01-14T00:30:00Z",
            "league": "NBA",
            "sport": "basketball",
            "status": "live",
            "live": True,
        }
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"data": [], "has_more": True}, "2"),
        ({"data": [], "has_more": False}, None),
        ({"data": [], "page": 1, "total_pages": 3}, "2"),
        ({"data": [], "page": 1, "total_pages": 1}, None),
        ({"data": []}, None),
    ],
    ids=["has_more", "no more", "as before 2026-02-19", "one page", "unpaged"],
)
def test_opticodds_pages(answer: Any, expected: str | None) -> None:
    lookup = providers.catalogue("opticodds").lookups["games"]
    assert lookup.after is not None
    get = lookup.after(lookup.gets(Asked(league=("NBA",)))[0], answer)
    assert (None if get is None else dict(get.params)) == (
        None if expected is None else {"league": "NBA", "page": expected}
    )


def test_pages_without_end_have_one() -> None:
    lookup = providers.catalogue("opticodds").lookups["games"]
    get, pages = lookup.gets(Asked(league=("NBA",)))[0], 1
    while lookup.after is not None and (following := lookup.after(get, {"data": [], "has_more": True})):
        get, pages = following, pages + 1
    assert pages == 50


def test_oddsjam_lists_strings_or_objects() -> None:
    assert rows("oddsjam", "leagues", {"data": ["NBA", "UEFA - Champions League"]}) == [
        {"name": "NBA", "id": None},
        {"name": "UEFA - Champions League", "id": None},
    ]
    assert rows("oddsjam", "books", {"data": [{"id": "hard_rock", "name": "Hard Rock"}]}) == [
        {"name": "Hard Rock", "id": "hard_rock"}
    ]


def test_parlayapi_sports() -> None:
    # Section 8.1, the captured array.
    answer = [{"key": "basketball_nba", "group": "Basketball", "title": "NBA",
               "description": "US National Basketball Association", "active": True, "has_outrights": False}]  # fmt: skip
    assert rows("parlayapi", "sports", answer) == [
        {"id": "basketball_nba", "name": "NBA", "group": "Basketball", "active": True}
    ]


@pytest.mark.parametrize(
    "answer",
    [["pinnacle"], {"bookmakers": ["pinnacle"]}, {"data": [{"key": "pinnacle"}]}, [{"key": "pinnacle"}]],
    ids=["strings", "under a name", "objects", "bare objects"],
)
def test_parlayapi_books_in_whatever_shape(answer: Any) -> None:
    assert [row["id"] for row in rows("parlayapi", "books", answer)] == ["pinnacle"]


def test_rapidodds_sports_markets_and_usage() -> None:
    # B7.
    sport = {"id": "NBA", "name": "NBA", "markets": {"game": ["head_to_head"], "player_props": ["player_points"]}}
    assert rows("rapidodds", "sports", [sport]) == [{"id": "NBA", "name": "NBA"}]
    assert rows("rapidodds", "sports", sport) == [{"id": "NBA", "name": "NBA"}]
    assert rows("rapidodds", "markets", [sport]) == [
        {"id": "head_to_head", "sport": "NBA", "group": "game"},
        {"id": "player_points", "sport": "NBA", "group": "player_props"},
    ]
    usage = {"tier": "free", "status": "active", "credits_used": 5, "credits_limit": 250, "credits_remaining": 245,
             "resets": False}  # fmt: skip
    assert rows("rapidodds", "usage", usage) == [usage]


def test_boltodds_info_markets_games_and_parlays() -> None:
    # A10.
    info = {"sports": ["NBA", "Wimbledon (M)"], "sportsbooks": ["draftkings"]}
    assert rows("boltodds", "leagues", info) == [{"id": "NBA"}, {"id": "Wimbledon (M)"}]
    assert rows("boltodds", "books", info) == [{"id": "draftkings"}]
    assert rows("boltodds", "markets", {"draftkings": {"NBA": ["Moneyline", "Spread"]}}) == [
        {"id": "Moneyline", "sport": "NBA", "book": "draftkings"},
        {"id": "Spread", "sport": "NBA", "book": "draftkings"},
    ]
    label = "New York Mets vs Los Angeles Angels, 2025-07-23, 01"
    game = {"sport": "MLB", "game": label, "when": "2025-07-23, 01:09 PM", "universal_id": "5e4b00071be9"}
    assert rows("boltodds", "games", {label: game}) == [
        {
            "id": label,
            "home": "New York Mets",
            "away": "Los Angeles Angels",
            "league": "MLB",
            "when": "2025-07-23, 01:09 PM",
            "universal_id": "5e4b00071be9",
        }
    ]
    leg = {"game": "A vs B, 2025-11-01, 07", "sport": "NHL", "universal_id": "ac792a4acb18", "outcome_name": "Goals",
           "outcome_line": "0.5", "outcome_over_under": "Over", "outcome_target": "Auston Matthews"}  # fmt: skip
    legs = {"Auston Matthews Over 0.5 Goals": leg,
            "William Nylander Over 0.5 Goals": {**leg, "outcome_target": "William Nylander"}}  # fmt: skip
    parlay = {"odds": "+1746", "total_bets": 3238, "type": "SGP_PLUS", "legs": legs}
    [row, other] = rows("boltodds", "parlays", [parlay, parlay])
    assert (row["parlay"], other["parlay"], row["odds"], row["bets"], row["type"]) == (
        "1",
        "2",
        "+1746",
        3238,
        "SGP_PLUS",
    )
    assert [(one["leg"], one["universal_id"], one["line"], one["side"], one["target"]) for one in row["legs"]] == [
        ("Auston Matthews Over 0.5 Goals", "ac792a4acb18", "0.5", "Over", "Auston Matthews"),
        ("William Nylander Over 0.5 Goals", "ac792a4acb18", "0.5", "Over", "William Nylander"),
    ]


@pytest.mark.parametrize("provider", ["parlayapi", "rapidodds"])
def test_usage_never_shows_who_or_which_key(provider: str) -> None:
    private = {
        "email": "a@example.com",
        "api_key_fingerprint": "ab12",
        "user_id": 7,
        "account_name": "A",
        "api_key": "k",
    }
    plain = {"tier": "business", "plan_name": "Business", "credits_total": 1000, "keys_allowed": 3}
    assert rows(provider, "usage", {**private, **plain}) == [plain]
