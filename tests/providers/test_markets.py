"""The tables of markets and of competitions: what each name is a bet on, held against the names that sources mention."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from oddstail import providers
from oddstail.model import KINDS, MANY, PERIODS, SUBJECTS, Bet
from oddstail.providers import competitions, markets
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
        pytest.param(Bet("total", "game", None, "game", "goals"), "opticodds", "Goal Line", "soccer", id="goal-line"),
        pytest.param(Bet("total", "1h", None, "game", "goals"), "oddsjam", "1st Half Asian Goal Line", "soccer", id="asian-goal-line"),
        pytest.param(Bet("spread", "game", 2, "game", "maps"), "opticodds", "Map Advantage", "esports", id="map-advantage"),
        pytest.param(Bet("spread", "game", None, "game", "points"), "opticodds", "Game Lines", "basketball", id="game-lines"),
        pytest.param(Bet("moneyline", "q1", None, "game", "lead"), "opticodds", "Lead After 1st Quarter", "basketball", id="lead-after"),
        pytest.param(prop("home_run_anytime", MANY), "opticodds", "Home Run", "baseball", id="home-run"),
        pytest.param(Bet("total", "game", 2, "game", "innings_runs"), "opticodds", "Innings Runs", "cricket", id="innings-runs"),
        pytest.param(Bet("future", None, MANY, "tournament", "winner_without"), "opticodds", "Winner Without Manchester City", "soccer", id="winner-without"),
        pytest.param(Bet("future", None, MANY, "tournament", "winner_without"), "opticodds", "Premier League Winner Without Top Six", "soccer", id="league-winner-without"),
        pytest.param(Bet("moneyline", "s1", 2, "game"), "opticodds", "1st Set Winner", "tennis", id="a-set-has-a-winner"),
        pytest.param(Bet("moneyline", "m2", 2, "game"), "oddsjam", "Map 2 Winner", "esports", id="a-map-has-a-winner"),
        pytest.param(Bet("moneyline", "game", 2, "game"), "opticodds", "Moneyline 2-Way", "soccer", id="two-ways-in-soccer"),
        pytest.param(Bet("moneyline", "1h", 3, "game"), "opticodds", "Half Time Result", "soccer", id="half-time"),
        pytest.param(Bet("team_total", "game", 2, "home", "points"), "opticodds", "Home Team Total", "basketball", id="home-total"),
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
        "Goal Line", "Asian Goal Line", "Map Advantage", "Game Lines", "Lead After 1st Quarter", "Leading After 3rd Quarter", "Home Run", "To Hit A Home Run", "Innings Runs",
        "1st Innings Total Runs", "Winner Without Favourite", "Betting Without", "Money Line", "Match Odds", "Head To Head", "Fulltime Result", "NRFI", "HT/FT", "Win Total",
        "Race To 3 Goals", "First To 20 Points", "To Score 2+ Goals", "Passing Yards", "Points + Rebounds + Assists", "To Be Booked", "Tie Break In Match", "First Blood",
        "Correct Set Score", "Margin Of Victory", "Most Corners", "Booking Points", "Extra Innings", "To Make The Playoffs", "Top Goalscorer", "Rookie Of The Year", "Top 4 Finish",
        "Man Of The Match", "To Win By KO/TKO", "Frames Handicap", "Total Legs", "180s", "Fastest Lap", "Double Chance & BTTS", "Series Correct Score", "Coin Toss",
        "Player Made Threes", "Pitcher Outs", "European Handicap", "To Qualify", "Total Points Odd/Even", "Alternate Total Points",
    ),
    "boltodds": (
        "P1 Moneyline", "Q1 Spread", "H1 Total", "Home Team Total", "Away Team Total", "Last Touchdown", "Walks", "Outs", "Completions", "Sacks", "Tackles",
        "Kicking Points", "Longest Reception", "Aces", "Map Handicap", "Method of Victory", "Go The Distance", "To Win Fight", "Corners", "European Handicap", "3-Way Handicap", "Home Team Total Points",
        "Corner Handicap", "Team Corners", "Win To Nil", "Race To 20", "Race to 10 Points", "First To Score", "Margin Of Victory", "Will There Be Overtime",
        "Highest Scoring Quarter", "To Score", "Minutes", "Free Throws Made", "To Hit A Home Run", "Extra Base Hits", "Longest Completion", "Solo Tackles",
        "Power Play Points", "Blocked Shots", "Faceoffs Won", "Passes", "Offsides", "Games Won", "Fantasy Points", "Significant Strikes", "Takedowns",
        "To Win By KO", "Headshots", "Championship Winner", "MVP", "Top 10 Finish", "Make The Cut", "3 Ball", "Next Team To Score", "Red Card",
        "To Be Carded", "Score Or Assist", "Hits + Runs + Errors", "Exact Goals", "Set Betting", "Sets Over/Under", "Tie Break", "First Blood",
    ),
    "parlayapi": ("alternate_totals_corners", "alternate_totals_cards", "player_assists_alternate", "alternate_spreads_h1", "batter_hits_runs_rbis"),
    "rapidodds": ("half_time_full_time", "anytime_touchdown_scorer", "first_try_scorer", "race_to_10", "first_team_to_score", "set_betting", "method_of_victory", "h2h", "moneyline", "spreads", "totals", "team_totals", "line", "handicap_3_way", "over_under", "btts", "tri_bet",
                  "first_basket", "player_anytime_td", "player_1st_goalscorer", "team_to_score_first", "overtime", "wooden_spoon", "player_pra"),
}  # fmt: skip


def test_a_spelling_stands_for_one_bet() -> None:
    """A name that two blocks list would be what the later block says, and the other block would lie."""
    for path in sorted(Path(markets.__file__).parent.glob("*/markets.toml")):
        seen: dict[str, str] = {}
        for block in tomllib.loads(path.read_text("utf-8")).get("markets", ()):
            listed = [*block.get("names", ()), *(name for names in block.get("stats", {}).values() for name in names)]
            for name in listed:
                assert name.casefold() not in seen, (path.parent.name, name)
                seen[name.casefold()] = name


@pytest.mark.parametrize(("name", "market"), [(name, market) for name, markets in TRADE.items() for market in markets])
def test_name_that_a_bettor_would_know_is_not_other(name: str, market: str) -> None:
    assert table(name).classify(market).kind != "other"


#: What books call bets, by what they are: each name of a row is the same bet at BoltOdds.
SYNONYMS = {
    ("moneyline", None): "Moneyline, Money Line, MONEYLINE, ML, Match Winner, Game Winner, To Win, Head To Head, Live Moneyline, Moneyline (2-Way)",
    ("moneyline", "regulation"): "Regulation Moneyline, Reg Moneyline, 60 Minute Moneyline, 60 Min Moneyline, Regulation Time",
    ("spread", None): "Spread, Spreads, Point Spread, Alternate Spreads, Alt Spread, Alternative Spread, Puckline, Puck Line, Run-Line, Goal Line, Handicap, Handicaps, Asian Handicap",
    ("total", "points"): "Total, Totals, Game Total, Match Total, Total Points, Over/Under, O/U, Over Under, Alternate Totals, Alt Total",
    ("team_total", "points"): "Team Total, Team Totals, Team Total Points, Team Points, Alternate Team Totals, Home Total, Away Team Total",
    ("prop", "threes"): "Threes, 3-Pointers, 3 Pointers Made, Three Pointers, Made Threes, 3PT Made, Threes Made, Player Threes, 3-Point Field Goals",
    ("prop", "points_rebounds_assists"): "PRA, Pts + Reb + Ast, Pts+Rebs+Asts, Points + Rebounds + Assists, Points, Rebounds & Assists".replace("Points, ", "Points / "),
    ("prop", "points_rebounds"): "Points + Rebounds, Points & Rebounds, Points and Rebounds, Pts+Reb, Rebounds + Points",
    ("prop", "steals_blocks"): "Steals + Blocks, Blocks + Steals, Stocks, Steals & Blocks",
    ("prop", "double_double"): "Double-Double, Double-Doubles, Double Double, DOUBLE DOUBLE",
    ("prop", "passing_yards"): "Passing Yards, Pass Yards, Passing Yds, Pass Yds, Player Passing Yards",
    ("prop", "passing_touchdowns"): "Passing Touchdowns, Passing TDs, Pass TDs, Passing Touchdown",
    ("prop", "rushing_receiving_yards"): "Rushing + Receiving Yards, Rush + Rec Yards, Rush & Rec Yds",
    ("prop", "touchdown_anytime"): "Anytime Touchdown Scorer, Anytime TD, Anytime TD Scorer, Anytime Touchdown, Touchdown Scorer",
    ("prop", "touchdown_first"): "First Touchdown Scorer, 1st Touchdown Scorer, First TD, First TD Scorer, Player To Score First Touchdown",
    ("prop", "goal_anytime"): "Anytime Goal Scorer, Anytime Goalscorer, Anytime Goal, To Score A Goal",
    ("prop", "goal_first"): "First Goal Scorer, First Goalscorer, 1st Goalscorer, First Goal",
    ("prop", "home_runs"): "Home Runs, Home Run, HR, HRs",
    ("prop", "strikeouts"): "Strikeouts, Pitcher Strikeouts, Strikeouts Thrown, Ks",
    ("prop", "outs"): "Outs, Outs Recorded, Pitching Outs, Pitcher Outs",
    ("prop", "hits_runs_rbis"): "Hits + Runs + RBIs, H+R+RBI, Hits+Runs+RBI",
    ("prop", "saves"): "Saves, Goalie Saves, Goalkeeper Saves",
    ("prop", "no_run_first_inning"): "NRFI, No Run First Inning, No Run 1st Inning",
    ("prop", "half_time_full_time"): "Half Time/Full Time, Halftime/Fulltime, HT/FT, Double Result",
    ("prop", "clean_sheet"): "Clean Sheet, To Keep A Clean Sheet",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "stat", "name"), [(*bet, name) for bet, names in SYNONYMS.items() for name in names.split(", ")]
)
def test_what_books_call_a_bet_at_boltodds(kind: str, stat: str | None, name: str) -> None:
    bet = table("boltodds").classify(name, "basketball")
    assert (bet.kind, bet.stat) == (kind, stat)


#: Spellings of one name.
WRITTEN: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    str.title,
    lambda name: name.replace(" ", "_"),
    lambda name: f"  {name.replace(' ', '  ')} ",
]


@pytest.mark.parametrize("name", ["boltodds", "rapidodds"])
def test_case_and_spaces_of_a_name_do_not_matter(name: str) -> None:
    for market in (one for vendor, one in MENTIONED if vendor == name):
        for write in WRITTEN:
            assert table(name).classify(write(market)) == table(name).classify(market), write(market)


#: Parts of a game, as books write them before a market or behind it.
PARTS = {
    "q1": "1Q, Q1, 1st Quarter, First Quarter, 1ST QUARTER, 1st-Quarter, 1st Qtr, First Qtr, Quarter 1",
    "q4": "4Q, Q4, 4th Quarter, Fourth Quarter, 4th Qtr",
    "1h": "1H, H1, 1st Half, First Half, first half, Half 1",
    "2h": "2H, H2, 2nd Half, Second Half",
    "p1": "1P, P1, 1st Period, First Period",
    "s1": "S1, 1st Set, First Set, Set 1",
    "f5": "F5, 1st 5 Innings, First 5 Innings, First Five Innings, 1st Five Innings, 1st 5 Inn",
    "i1": "1st Inning, First Inning, Inning 1",
    "m1": "Map 1, 1st Map, First Map",
}
MARKETS = {
    "boltodds": {"moneyline": "Moneyline", "spread": "Spread", "total": "Total", "team_total": "Team Total", "prop": "Points"},
    "rapidodds": {"moneyline": "head_to_head", "spread": "alternate_lines", "total": "alternate_total_points",
                  "team_total": "alternate_team_total_points", "prop": "player_points"},
}  # fmt: skip


@pytest.mark.parametrize("name", MARKETS)
@pytest.mark.parametrize(
    ("period", "words"), [(part, word) for part, words in PARTS.items() for word in words.split(", ")]
)
def test_a_part_of_the_game_before_a_market_or_behind_it(period: str, words: str, name: str) -> None:
    for kind, market in MARKETS[name].items():
        for written in (f"{words} {market}", f"{market} {words}", f"{market} - {words}", f"{words}_{market}".lower()):
            bet = table(name).classify(written)
            assert (bet.kind, bet.period) == (kind, period), written
