"""What somebody meant who wrote a name that the provider does not have: the misspellings that people make."""

from __future__ import annotations

import pytest

from oddstail.lookup import Names, Sure
from oddstail.model import UsageError
from oddstail.providers.names import check

#: As the vendors write them, thrown together.
BOOKS = (
    "BetMGM", "BetRivers", "Bovada", "Caesars", "Circa Sports", "Circa Sportsbook", "DraftKings", "ESPN BET", "FanDuel", "Fanatics",
    "Hard Rock", "Pinnacle", "bet365", "bet99", "theScore Bet", "Unibet", "betrivers_ca",
)  # fmt: skip
LEAGUES = (
    "NBA", "NBL", "WNBA", "NCAAB", "NCAAF", "NFL", "NFL Pre", "NHL", "MLB", "MLS", "EPL", "Serie A", "Bundesliga", "La Liga",
    "League of Legends", "UEFA - Champions League", "England - Premier League", "Wimbledon (M)", "Wimbledon (F)",
)  # fmt: skip
MARKETS = (
    "Moneyline", "Moneyline 3-Way", "Point Spread", "Run Line", "Puck Line", "Total Points", "Total Runs", "Team Total",
    "1st Half Moneyline", "1st Half Point Spread", "1st Half Total Points", "2nd Half Point Spread", "2nd Half Total Points",
    "1st Quarter Point Spread", "1st Quarter Total Points", "2nd Quarter Total Points", "Asian Handicap", "Player Points",
    "Player Points + Rebounds", "Pitcher Strikeouts",
)  # fmt: skip


def meant(value: str, known: tuple[str, ...], has: Sure = "all") -> list[str]:
    """The names that the sentence about this value suggests."""
    names = Names(what="name", known=frozenset(known), has=has)
    try:
        (said,) = check([value], names, "X", "a command that lists them all")[1]
    except UsageError as error:
        said = str(error)
    _, did, hint = said.partition("did you mean ")
    return hint.partition("?")[0].replace('"', "").split(" or ") if did else []


@pytest.mark.parametrize(
    ("expected", "value", "known"),
    [
        (["Caesars"], "caesars sportsbook", BOOKS),
        (["Caesars"], "ceasars", BOOKS),
        (["Caesars"], "Caesers", BOOKS),
        (["DraftKings"], "draftking", BOOKS),
        (["DraftKings"], "Draft Kings Sportsbook", BOOKS),
        (["FanDuel"], "fandual", BOOKS),
        (["FanDuel"], "Fan Duel Sportsbook", BOOKS),
        (["Pinnacle"], "pinacle", BOOKS),
        (["Pinnacle"], "pinnacle sports", BOOKS),
        (["Circa Sports"], "circa", BOOKS),
        (["bet365"], "bet356", BOOKS),
        (["bet365"], "bet365 sportsbook", BOOKS),
        (["BetMGM"], "MGM", BOOKS),
        (["Hard Rock"], "hardrock bet", BOOKS),
        (["theScore Bet"], "thescore", BOOKS),
        (["betrivers_ca"], "betrivers canada", BOOKS),
        ([], "bet 100", BOOKS),
        ([], "williamhill", BOOKS),
        (["NBA"], "NBBA", LEAGUES),
        (["NCAAB", "NCAAF"], "NCAA", LEAGUES),
        (["NFL Pre"], "NFL preseason", LEAGUES),
        (["WNBA"], "wnba basketball", LEAGUES),
        (["Serie A"], "Serie B", LEAGUES),
        ([], "Bundesliga 2", LEAGUES),
        (["League of Legends"], "Leage of Legends", LEAGUES),
        (["England - Premier League"], "premier league", LEAGUES),
        (["UEFA - Champions League"], "champions league", LEAGUES),
        (["Wimbledon (F)", "Wimbledon (M)"], "Wimbledon", LEAGUES),
        (["Moneyline"], "moneylin", MARKETS),
        (["Point Spread"], "point spred", MARKETS),
        (["Run Line"], "run lines", MARKETS),
        (["1st Half Point Spread"], "1st half spread", MARKETS),
        (["1st Half Point Spread"], "first half spread", MARKETS),
        (["2nd Half Point Spread"], "2nd half spread", MARKETS),
        (["1st Half Moneyline"], "1st half money lines", MARKETS),
        (["1st Half Total Points"], "1st half total", MARKETS),
        (["2nd Quarter Total Points"], "second quarter total", MARKETS),
        ([], "3rd Quarter Total Points", MARKETS),
        (["Player Points", "Player Points + Rebounds"], "player points alternate", MARKETS),
        (["Pitcher Strikeouts"], "strikeouts", MARKETS),
    ],
)
def test_what_was_meant(expected: list[str], value: str, known: tuple[str, ...]) -> None:
    assert meant(value, known) == expected


def test_only_a_slip_is_an_error_where_there_may_be_more_names() -> None:
    names = Names(what="book", known=frozenset(BOOKS), has="most")
    with pytest.raises(UsageError, match='did you mean "Pinnacle"'):
        check(["pinacle"], names, "X")
    assert check(["caesars sportsbook"], names, "X")[0] == ["caesars sportsbook"]
