"""When two providers' games are one, and when they are not: a wrong join would compare prices of two games."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail.market import consensus as value
from oddstail.market.game_match import Joined, codes, joining, team
from oddstail.market.state import Board
from oddstail.model import Batch, Fixture, Left, Quote
from tests.support import quote

NBA: dict[str, Any] = {
    "league": "NBA",
    "home": "Los Angeles Lakers",
    "away": "Boston Celtics",
    "start": "2026-02-25T11:00:00Z",
}
TITLES = ["OpticOdds", "ParlayAPI"]


def told(conn: int, **what: Any) -> Batch:
    fields = {"kind": "moneyline", "period": "game", "market": "Moneyline", "side": "home", **NBA, **what}
    line = 3.5 if fields["kind"] in ("spread", "total", "team_total") else None
    return Batch(conn, 1, [quote(f"{fields['home']} {fields.get('game_id', '')}".strip(), line=line, what=fields)])


def games(*batches: Batch) -> list[str]:
    """The games on a board that was told all that."""
    board, join = Board(), joining(TITLES)
    assert join is not None
    for batch in batches:
        board.apply(join(batch))
    return list(board.games)


@pytest.mark.parametrize(
    ("count", "other"),
    [
        (1, {}),
        (1, {"game_id": "x", "league": "basketball_nba"}),
        (1, {"home": "LA Lakers", "away": "Boston Celtics."}),
        (1, {"home": NBA["away"], "away": NBA["home"]}),
        (1, {"start": "2026-02-25T16:59:00Z"}),
        (2, {"start": "2026-02-25T17:01:00Z"}),
        (2, {"start": "2026-02-26T11:00:00Z"}),
        (2, {"start": None}),
        (2, {"start": "soon"}),
        (2, {"home": None}),
        (2, {"league": "WNBA"}),
        (2, {"league": None}),
        (2, {"home": "Los Angeles Clippers"}),
    ],
    ids=["same", "own-id-own-league-word", "short-city", "sides-turned", "within-6h", "over-6h", "tomorrow", "no-start", "no-time",
         "no-team", "other-league", "no-league", "other-team"],
)  # fmt: skip
def test_one_game_is_the_same_teams_league_and_start(count: int, other: dict[str, Any]) -> None:
    found = games(told(1), told(2, game_id="g2", **other) if "game_id" not in other else told(2, **other))
    assert len(found) == count


@pytest.mark.parametrize(("count", "start"), [(1, "2026-02-25T12:47:00Z"), (2, "2026-02-25T12:49:00Z")])
def test_the_second_game_of_a_double_header_is_another(count: int, start: str) -> None:
    assert len(games(told(1, league="MLB"), told(2, league="baseball_mlb", start=start))) == count


def test_a_connection_is_whose_it_is_said_to_be() -> None:
    join = joining(["OpticOdds", "OpticOdds", "ParlayAPI"])
    assert join is not None
    join.introduce(2, "ParlayAPI")
    books = [next(event.what.book for event in join(told(conn)).events if type(event) is Quote) for conn in (1, 2, 3)]
    assert books[0] != books[1] == books[2]


def test_the_nearer_of_two_games_is_meant() -> None:
    join = Joined(dict(enumerate(TITLES, 1)))
    early, late = "2026-02-25T11:00:00Z", "2026-02-25T18:00:00Z"
    first = [join(told(1, game_id=start, start=start)).events[0] for start in (early, late)]
    other = join(told(2, game_id="x", start="2026-02-25T17:00:00Z")).events[0]
    assert isinstance(other, Quote)
    assert isinstance(first[1], Quote)
    assert other.what.game_id == first[1].what.game_id


def rows(first: dict[str, Any], other: dict[str, Any]) -> int:
    """How many rows two providers' words for a price make."""
    board, join = Board(), Joined(dict(enumerate(TITLES, 1)))
    for conn, what in enumerate((first, other), 1):
        board.apply(join(told(conn, **what)))
    return board.rows


@pytest.mark.parametrize(
    ("count", "first", "other"),
    [
        (1, {}, {"market": "h2h"}),
        (
            1,
            {"selection": "Los Angeles Lakers"},
            {"market": "head_to_head", "selection": "LA Lakers", "home": "LA Lakers"},
        ),
        (2, {}, {"market": "Moneyline 3-Way"}),
        (2, {"league": "EPL"}, {"league": "soccer_epl", "market": "h2h"}),
        (2, {}, {"period": "1h"}),
        (1, {"kind": "spread", "market": "Point Spread"}, {"kind": "spread", "market": "spreads"}),
        (
            2,
            {"kind": "prop", "market": "Points", "player": "A"},
            {"kind": "prop", "market": "player_points", "player": "A"},
        ),
        (
            1,
            {"kind": "prop", "market": "Player Points", "stat": "points", "side": "over", "player": "Luka Dončić",
             "selection": "Luka Dončić"},
            {"kind": "prop", "market": "player_points", "stat": "points", "side": "over", "player": "luka doncic",
             "selection": "Over"},
        ),
        (
            2,
            {"kind": "prop", "market": "Player Points", "stat": "points", "side": "over", "player": "Jalen Williams"},
            {"kind": "prop", "market": "player_points", "stat": "points", "side": "over", "player": "Jaylin Williams"},
        ),
        (
            2,
            {"kind": "prop", "market": "Player Points", "stat": "points", "side": "over", "player": "A. Brown"},
            {"kind": "prop", "market": "player_assists", "stat": "assists", "side": "over", "player": "A Brown"},
        ),
    ],
    ids=["moneyline", "team-word", "three-way", "a-draw-is-offered", "half", "spread", "prop", "one-player-one-stat",
         "another-player", "another-stat"],
)  # fmt: skip
def test_prices_share_a_row_only_where_the_bet_is_surely_the_same(
    count: int, first: dict[str, Any], other: dict[str, Any]
) -> None:
    assert rows(first, other) == count


def test_each_provider_has_its_column_and_what_came_is_left_as_it_is() -> None:
    join = Joined(dict(enumerate(TITLES, 1)))
    batch = told(1)
    joined = join(batch).events[0]
    assert isinstance(joined, Quote)
    assert joined.what.book == "Op DraftKings"
    event = batch.events[0]
    assert isinstance(event, Quote)
    assert (event.what.book, event.what.game_id) == ("DraftKings", "g1")


def test_what_is_told_of_a_game_reaches_it_under_its_one_name() -> None:
    board, join = Board(), Joined(dict(enumerate(TITLES, 1)))
    for batch in (told(1), told(2, game_id="g2"), Batch(2, 1, [Fixture(game_id="g2", status="live")])):
        board.apply(join(batch))
    assert [game.status for game in board.games.values()] == ["live"]


def test_a_price_that_left_is_known_by_its_one_name() -> None:
    board = Board()
    joined = joining(["OpticOdds", "ParlayAPI"])
    assert joined is not None
    for batch in (told(1), told(2)):
        board.apply(joined(batch))
    [one, other] = [cell.quote.what.book for cell in board.cells()]
    left = told(1).events[0]
    assert isinstance(left, Quote)
    board.apply(joined(Batch(1, 1, [Left(left.what.key)])))
    assert [cell.quote.what.book for cell in board.cells()] == [other]
    assert one != other


def test_one_provider_alone_is_left_alone() -> None:
    assert joining(["OpticOdds", "OpticOdds"]) is None


def test_names() -> None:
    assert codes(["OpticOdds", "OddsJam", "RapidOddsAPI", "RapidX"]) == {
        "OpticOdds": "Op", "OddsJam": "Od", "RapidOddsAPI": "RapidO", "RapidX": "RapidX",
    }  # fmt: skip
    assert team("Atlético  Madrid") == team("Atletico Madrid")
    assert team("AFC Bournemouth") == team("Bournemouth FC")
    assert team("Texas A&M") == team("Texas A and M")
    assert team("FC") == "fc"


def test_a_book_that_two_providers_tell_of_counts_once() -> None:
    """By what was said last: its two delays make no sure win, and no double weight in the fair price."""
    board, join = Board(), Joined(dict(enumerate(TITLES, 1)))
    board.columns = join.books
    said = [
        (1, "DraftKings", {"home": -150, "away": +130}),
        (1, "FanDuel", {"home": -125, "away": +105}),
        (2, "draftkings", {"home": -120, "away": +100}),
    ]
    for at, (conn, book, prices) in enumerate(said, 1):
        for side, american in prices.items():
            what = {"kind": "moneyline", "period": "game", **NBA, "book": book, "side": side, "selection": NBA[side]}
            board.apply(join(Batch(conn, at, [quote(f"{book} {side}", american, what=what)])))
    [market] = next(iter(board.games.values())).markets.values()
    found = value.of_market(market, value.Terms(board.judge(0), books=board.columns))
    assert (found.out, found.compared) == ({"Op DraftKings": "twice"}, 2)
    # 1 - 1/(1/2.05 + 120/220): without its old +130, which is not to be had any more.
    assert found.hold == pytest.approx(1 - 1 / (1 / 2.05 + 120 / 220), abs=1e-4)


def test_two_games_of_one_provider_are_two_games() -> None:
    """Table tennis, or a double-header: the same two meet again within the hour."""
    later = "2026-02-25T12:00:00Z"
    assert len(games(told(1), told(1, game_id="g2", start=later))) == 2
    found = games(
        told(1), told(1, game_id="g2", start=later), told(2, game_id="h1"), told(2, game_id="h2", start=later)
    )
    assert len(found) == 2


def test_books_that_each_have_an_id_of_one_game_are_of_one_game() -> None:
    assert len(games(told(1), told(1, game_id="another label"))) == 1


@pytest.mark.parametrize("providers", [TITLES, ["ParlayAPI"]], ids=["two-providers", "one-event"])
def test_a_price_is_of_its_team_though_the_teams_are_told_the_other_way_round(providers: list[str]) -> None:
    board, join = Board(), joining(providers)
    lakers, celtics = NBA["home"], NBA["away"]
    for conn, home, away, book, prices in (
        (1, lakers, celtics, "DraftKings", {lakers: -120, celtics: 100}),
        (len(providers), celtics.upper(), lakers.upper(), "FanDuel", {lakers: -122, celtics: 102}),
    ):
        for side, name in (("home", home), ("away", away)):
            who = lakers if name.casefold() == lakers.casefold() else celtics
            what = {
                **NBA,
                "home": home,
                "away": away,
                "kind": "moneyline",
                "market": "Moneyline",
                "ways": 2,
                "book": book,
            }
            bet = {**what, "side": side, "selection": name, "period": "game"}
            one = quote(f"{book} {side}", american=prices[who], what=bet)
            batch = Batch(conn, 1, [one])
            board.apply(batch if join is None else join(batch))
    [game] = board.games.values()
    [market] = game.markets.values()
    prices_by_side = {
        side: sorted(cell.quote.price.american for cell in row.cells.values() if cell.quote.price)
        for (side, _), row in market.rows.items()
    }
    assert prices_by_side == {"home": [-122, -120], "away": [100, 102]}
