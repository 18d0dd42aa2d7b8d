"""The tables of markets and of competitions: what each name is a bet on, held against the names that sources mention."""

from __future__ import annotations

from pathlib import Path

import pytest

from oddstail import providers
from oddstail.model import KINDS, MANY, PERIODS, SUBJECTS, Bet
from oddstail.providers import competitions
from oddstail.providers.markets import Table

NAMES = Path(__file__).parent.parent / "fixtures" / "market_names"
MENTIONED = [
    (path.stem, name)
    for path in sorted(NAMES.glob("*.txt"))
    for name in path.read_text("utf-8").splitlines()
    if name and not name.startswith("#")
]
#: What no bettor would call by the name of a bet: printed by the test that finds them.
OTHER: set[tuple[str, str]] = set()


def table(name: str) -> Table:
    return Table(name)


def test_what_falls_to_other_is_known() -> None:
    other = {(name, market) for name, market in MENTIONED if table(name).classify(market).kind == "other"}
    for name, market in sorted(other):
        print(f"{name}: {market} is other")  # noqa: T201
    assert other == OTHER


@pytest.mark.parametrize("name", providers.TITLES)
def test_every_row_of_a_table_is_legal(name: str) -> None:
    for market in table(name).names:
        bet = table(name).classify(market)
        assert bet.kind in KINDS, market
        assert bet.subject in SUBJECTS, market
        assert bet.ways in (None, 2, 3, MANY), market
        assert bet.period is None or bet.period in PERIODS, market


def prop(stat: str, ways: int | None = 2, subject: str = "player", period: str = "game") -> Bet:
    return Bet("prop", period, ways, subject, stat)


@pytest.mark.parametrize(
    ("expected", "name", "market", "sport"),
    [
        pytest.param(Bet("moneyline", "game", 2, "game"), "opticodds", "Moneyline", "hockey", id="optic-two-ways"),
        pytest.param(Bet("moneyline", "game", 3, "game"), "opticodds", "Moneyline", "soccer", id="optic-soccer"),
        pytest.param(Bet("moneyline", "game", 3, "game"), "opticodds", "Moneyline 3-Way", "hockey", id="optic-3-way"),
        pytest.param(Bet("moneyline", "i7", 3, "game"), "opticodds", "7th Inning Moneyline 3-Way", None, id="7th-inning"),
        pytest.param(
            Bet("moneyline", "q4", 2, "game", "with_overtime"),
            *("opticodds", "4th Quarter Moneyline (Incl. OT)", "basketball"), id="incl-ot",
        ),
        pytest.param(Bet("spread", "f7", 2, "game"), "opticodds", "1st 7 Innings Run Line", None, id="1st-7-innings"),
        pytest.param(Bet("spread", "1h", 2, "game"), "opticodds", "1st Half Asian Handicap", None, id="asian-handicap"),
        pytest.param(Bet("spread", "1h", 2, "game"), "opticodds", "FIRST half asian-handicap", None, id="spelling"),
        pytest.param(Bet("spread", "game", 2, "game", "sets"), "opticodds", "Set Handicap", "tennis", id="set-handicap"),
        pytest.param(Bet("total", "game", 2, "game", "sets"), "opticodds", "Total Sets", "tennis", id="total-sets"),
        pytest.param(Bet("total", "game", 2, "game", "games"), "opticodds", "Total Games", "tennis", id="total-games"),
        pytest.param(Bet("total", "game", 2, "game", "goals"), "opticodds", "Asian Total Goals", "soccer", id="asian-total"),
        pytest.param(Bet("total", "game", 2, "game", "rounds"), "opticodds", "Total Rounds", "mma", id="total-rounds"),
        pytest.param(Bet("team_total", "game", 2, "team", "points"), "opticodds", "Team Total", "basketball", id="team-total"),
        pytest.param(prop("corners", subject="team"), "opticodds", "Team Total Corners", "soccer", id="corners"),
        pytest.param(prop("touchdown_anytime", MANY), "opticodds", "Anytime Touchdown Scorer", None, id="scorer"),
        pytest.param(prop("both_teams_to_score", subject="game"), "opticodds", "Both Teams To Score", None, id="btts"),
        pytest.param(prop("double_chance", MANY, "game"), "opticodds", "Double Chance", None, id="double-chance"),
        pytest.param(Bet("moneyline", "game", 2, "game", "draw_no_bet"), "opticodds", "Draw No Bet", "soccer", id="dnb"),
        pytest.param(prop("points_rebounds"), "oddsjam", "Player Points + Rebounds", None, id="oddsjam-has-the-same"),
        pytest.param(Bet("moneyline", "s1", 2, "game"), "boltodds", "S1 Moneyline", "tennis", id="bolt-set"),
        pytest.param(Bet("moneyline", "s1g2", 2, "game"), "boltodds", "S1 G2 Moneyline", "tennis", id="bolt-set-and-game"),
        pytest.param(Bet("total", "q1", 2, "game", "points"), "boltodds", "1Q Total", "basketball", id="bolt-quarter"),
        pytest.param(Bet("total", "f5", 2, "game", "runs"), "boltodds", "1st 5 Innings Total", "baseball", id="bolt-f5"),
        pytest.param(Bet("spread", "game", 2, "game"), "boltodds", "Alternate Spread", "basketball", id="bolt-alternate"),
        pytest.param(prop("points_rebounds_assists"), "boltodds", "Points + Rebounds + Assists", None, id="bolt-prop"),
        pytest.param(prop("team_basket_first", MANY), "boltodds", "First Team Basket", None, id="bolt-first-basket"),
        pytest.param(Bet("moneyline", "1h", 2, "game"), "parlayapi", "h2h_h1", "basketball", id="parlay-half"),
        pytest.param(Bet("total", "q1", 2, "game", "points"), "parlayapi", "totals_q1", "basketball", id="parlay-quarter"),
        pytest.param(prop("points"), "parlayapi", "player_points_alternate", None, id="parlay-alternates-are-one-market"),
        pytest.param(prop("rushing_yards"), "parlayapi", "player_rush_yds", None, id="parlay-two-spellings"),
        pytest.param(Bet("spread", "1h", 2, "game"), "rapidodds", "alternate_lines_1st_half", None, id="rapid-spread"),
        pytest.param(prop("shots_on_target", subject="game"), "rapidodds", "alternate_total_shots_on_target", None, id="rapid-shots"),
        pytest.param(prop("points"), "rapidodds", "player_points_milestones", None, id="rapid-milestones"),
        pytest.param(Bet("future", None, MANY, "tournament", "brownlow_medal"), "rapidodds", "brownlow_medal_winner", None, id="rapid-future"),
        pytest.param(Bet(), "opticodds", "Coin Toss Colour", None, id="no-guess"),
        pytest.param(Bet(period="1h"), "opticodds", "1st Half Coin Toss Colour", None, id="no-guess-but-a-period"),
    ],
)  # fmt: skip
def test_a_market_is_what_the_table_says(expected: Bet, name: str, market: str, sport: str | None) -> None:
    assert table(name).classify(market, sport) == expected


@pytest.mark.parametrize(
    ("expected", "name", "league"),
    [
        ("nba", "opticodds", "NBA"),
        ("nba", "parlayapi", "basketball_nba"),
        ("epl", "opticodds", "England - Premier League"),
        ("epl", "opticodds", "england_-_premier_league"),
        ("ucl", "oddsjam", "UEFA - Champions League"),
        ("laliga", "rapidodds", "LA_LIGA"),
        ("atp", "boltodds", "Wimbledon (M)"),
        ("atp", "boltodds", "ATP Washington"),
        ("atp", "rapidodds", "ATP_US_OPEN"),
        ("challenger", "rapidodds", "ATP_CHALLENGER"),
        ("brasileirao", "opticodds", "Brazil - Serie A"),
        (None, "opticodds", "Serie A"),
        (None, "parlayapi", "soccer_somewhere_else"),
        (None, "parlayapi", None),
    ],
)
def test_competition_of_a_league(expected: str | None, name: str, league: str | None) -> None:
    assert competitions.of(name, league) == expected


@pytest.mark.parametrize(
    ("expected", "name", "value", "known"),
    [
        pytest.param(["NBA"], "opticodds", "nba", (), id="optic"),
        pytest.param(["England - Premier League"], "opticodds", "EPL", (), id="optic-epl"),
        pytest.param(["basketball_nba"], "parlayapi", "nba", (), id="parlay"),
        pytest.param(["soccer_epl"], "parlayapi", "epl", ("soccer_epl",), id="parlay-epl"),
        pytest.param(["ATP_ROME", "ATP_US_OPEN"], "rapidodds", "atp", ("ATP_ROME", "ATP_US_OPEN", "ATP_CHALLENGER", "NBA"), id="a-star"),
        pytest.param(["Premier League"], "boltodds", "epl", ("Premier League", "NBA"), id="the-spelling-that-is-listed"),
        pytest.param([], "opticodds", "no such league", (), id="none-of-ours"),
    ],
)  # fmt: skip
def test_what_a_provider_calls_a_competition(
    expected: list[str], name: str, value: str, known: tuple[str, ...]
) -> None:
    assert competitions.sent(name, value, known) == expected


def test_no_spelling_stands_for_two_competitions() -> None:
    for name in providers.TITLES:
        for one in competitions.competitions().values():
            for spelling in one.spellings.get(name, one.spellings[""]):
                if "*" not in spelling:
                    assert competitions.of(name, spelling) == one.name, (name, spelling)


#: Names that books use in general, whether or not a source of ours mentions them at this provider.
TRADE = {
    "opticodds": (
        "Race To 20 Points", "First Goalscorer", "Last Goalscorer", "Asian Handicap Corners", "To Win Either Half", "To Win To Nil", "Clean Sheet",
        "To Lift The Trophy", "Top 5 Finish", "Make Cut", "1st Round Leader", "Matchup", "3 Ball", "No Run First Inning", "Hits + Runs + Errors",
        "Team To Score First", "Regulation Moneyline", "60 Minute Moneyline", "Halftime/Fulltime", "Map 1 Moneyline", "1st Set Total Games",
        "Player Made Threes", "Pitcher Outs", "European Handicap", "To Qualify", "Total Points Odd/Even", "Alternate Total Points",
    ),
    "boltodds": (
        "P1 Moneyline", "Q1 Spread", "H1 Total", "Home Team Total", "Away Team Total", "Last Touchdown", "Walks", "Outs", "Completions", "Sacks", "Tackles",
        "Kicking Points", "Longest Reception", "Aces", "Map Handicap", "Method of Victory", "Go The Distance", "To Win Fight", "Corners",
    ),
    "parlayapi": ("alternate_totals_corners", "alternate_totals_cards", "player_assists_alternate", "alternate_spreads_h1", "batter_hits_runs_rbis"),
    "rapidodds": ("half_time_full_time", "anytime_touchdown_scorer", "first_try_scorer", "race_to_10", "first_team_to_score", "set_betting", "method_of_victory"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "market"), [(name, market) for name, markets in TRADE.items() for market in markets])
def test_name_that_a_bettor_would_know_is_not_other(name: str, market: str) -> None:
    assert table(name).classify(market).kind != "other"
