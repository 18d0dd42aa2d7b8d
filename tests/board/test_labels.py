"""What a row is called where there is little room: its market, its side, whose it is; and what the filter finds."""

from __future__ import annotations

import pytest

from tests.board.stage import AWAY, HOME, Stage, _quote, ml, prop, spread, total


def crowded(width: int) -> Stage:
    """So many books that the labels are short."""
    stage = Stage(width)
    for book in ("BetMGM", "Caesars", "DraftKings", "FanDuel", "Pinnacle", "Bovada", "BetRivers"):
        stage.tell(ml(AWAY, +130, book), ml(HOME, -150, book))
    return stage


@pytest.mark.parametrize("width", [80, 100])
def test_a_half_says_its_market(width: int) -> None:
    stage = crowded(width)
    stage.tell(ml(AWAY, +120, period="1h"), ml(HOME, -140, period="1h"))
    stage.tell(spread(AWAY, 3.5, -111, period="1h"), spread(HOME, -3.5, -109, period="1h"))
    stage.tell(total("Over", 110.5, -105, period="1h"), total("Under", 110.5, -115, period="1h"))
    for tag in ("1H ML", "1H Spr", "1H Tot"):
        assert any(line[1:].startswith(f"{tag} ") for line in stage.lines()), stage.text()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_long_name_keeps_its_side(width: int) -> None:
    stage = crowded(width)
    for side in ("over", "under"):
        stage.tell(
            _quote("team_total", "Team Total", "Oklahoma City Thunder", -110, "BetMGM", "open", 110.5, {"side": side})
        )
    label = [line[: stage.lines()[1].index("PIN") - 4] for line in stage.lines() if "Oklah" in line]
    assert [part.split()[-2][0] for part in label] == ["O", "U"], stage.text()
    assert [part.split()[-1] for part in label] == ["110½", "110½"]


@pytest.mark.parametrize("player", [None, "given"])
def test_two_players_never_share_a_block(player: str | None) -> None:
    """BoltOdds names the player in the selection only (docs/wire/boltodds.md)."""
    stage = Stage()
    for who in ("Jayson Tatum", "Bam Adebayo"):
        for side in ("over", "under"):
            what = {"side": side, "player": who if player else None}
            stage.tell(_quote("prop" if player else "other", "Points", who, -110, "BetMGM", "open", 25.5, what))
    lines = [
        " ".join(line.split()[:3])
        for line in stage.lines()
        if any(word in line for word in ("Jayson", "Bam", "Over", "Under"))
    ]
    assert (lines[0], lines[3]) == ("Bam Adebayo", "Jayson Tatum")
    assert ["Over" in line or "Under" in line for line in lines] == [False, True, True, False, True, True]


@pytest.mark.parametrize("layout", ["screen", "list"])
def test_the_filter_finds_the_labels_that_are_shown(layout: str) -> None:
    stage = Stage(layout=layout)
    stage.tell(ml(AWAY, +130), ml(HOME, -150), total("Over", 221.5, -105), total("Under", 221.5, -115))
    stage.tell(total("Over", 8.5, -101, league="MLB", game_id="ball", away="Mets", home="Cubs"))
    stage.press("/ML\r")
    assert "+130" in stage.text()
    assert "221½" not in stage.text()
    assert "8½" not in stage.text()
    stage.press("/B\r")
    assert "8½" in stage.text()
    assert "+130" not in stage.text()


@pytest.mark.parametrize("width", [80, 90, 100, 120])
def test_best_is_whole_and_stands_apart(width: int) -> None:
    stage = crowded(width)
    stage.tell(spread(AWAY, 13.5, -110, "DraftKings"), spread(HOME, -13.5, -110, "DraftKings"))
    for sign in "+-":
        after = next(line for line in stage.lines() if f" {sign}13½ " in line).partition("│")[2]
        assert after.split()[:2] == ["DK", "-110"], after


@pytest.mark.parametrize(("width", "label"), [(80, "Points Over"), (160, "Points     Over")])
def test_a_market_of_a_player_is_told_once(width: int, label: str) -> None:
    stage = crowded(width)
    for book in ("BetMGM", "Caesars"):
        stage.tell(prop("Jayson Tatum", "Over", 25.5, -110, book), prop("Jayson Tatum", "Under", 25.5, -110, book))
    assert stage.line("Over").strip().startswith(label)


@pytest.mark.parametrize("odds", ["american", "decimal", "fractional", "probability"])
@pytest.mark.parametrize("opener", [False, True])
def test_two_cells_never_touch(odds: str, opener: bool) -> None:
    """A price of four digits and an arrow in each column."""
    stage = Stage(100, odds=odds)
    for book in ("BetMGM", "Caesars", "DraftKings"):
        stage.tell(spread(AWAY, 13.5, -105, book), spread(HOME, -13.5, -115, book))
    stage.wait(1)
    for book in ("BetMGM", "Caesars", "DraftKings"):
        stage.tell(spread(AWAY, 13.5, -110, book), spread(HOME, -13.5, -120, book))
    if opener:
        stage.press("o")
    line = next(line for line in stage.lines() if "-13½" in line).partition("│")[0]
    assert "…" not in line
    cells = line.split("-13½")[1].split()
    assert len(cells) == (6 if opener else 3)
    assert len(set(cells)) == len(cells) // 3, "all books have the same price"


def test_the_title_says_how_it_is_looked_at_before_all_of_what() -> None:
    stage = Stage(60)
    stage.picture.name = "Toy  basketball_nba, americanfootball_nfl"
    stage.tell(ml(AWAY, -110), ml(HOME, -110))
    stage.press("\r")
    assert "  ladder · american  18:00:00 UTC" in stage.lines()[0]


@pytest.mark.parametrize("width", [26, 32, 40, 44])
def test_a_half_never_looks_like_the_whole_game(width: int) -> None:
    stage = crowded(width)
    stage.tell(ml(AWAY, +1200, period="1h"), ml(HOME, -1400, period="1h"))
    first = [line for line in stage.lines() if "Mia" in line or "Mi…" in line or "M…" in line]
    assert [line.strip().startswith("1H ") for line in first] == [False, False, True], stage.text()
