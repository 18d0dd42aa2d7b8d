"""Events in words: one line each, in the bettor's own notation, harmless whatever a server put into them."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail import words
from oddstail.model import (
    Drop,
    End,
    Event,
    Fixture,
    Gap,
    Health,
    Lost,
    Notice,
    Opened,
    Payload,
    Play,
    Result,
    Retrying,
)
from oddstail.price import from_american
from tests.support import quote


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("+150", 150),
        ("-110", -110),
        ("+100", 100.0),
        ("-100.5", -100.5),
        ("+2500000", 2_500_000),
        ("+104.762", 104.7619),
    ],
)
def test_american_odds_have_a_sign(said: str, value: float) -> None:
    assert said == words.american(value)


@pytest.mark.parametrize(
    ("said", "value", "signed"),
    [
        ("", None, True),
        ("-3.5", -3.5, True),
        ("+7", 7.0, True),
        ("221.5", 221.5, False),
        ("PK", 0.0, True),
        ("PK", -0.0, True),
        ("0", -0.0, False),
    ],
)
def test_points(said: str, value: float | None, signed: bool) -> None:
    assert said == words.points(value, signed=signed)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0.0 s", 0),
        ("0.4 s", 0.4),
        ("41 s", 41.2),
        ("119 s", 119),
        ("2 min", 120),
        ("90 min", 5400),
        ("2.0 h", 7200),
        ("30.0 h", 108_000),
    ],
)
def test_how_long(said: str, seconds: float) -> None:
    assert said == words.lasting(seconds)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("connected to h:80", Opened(label="NBA", host="h:80")),
        ("connected to h, attempt 3", Opened(label="NBA", host="h", attempt=3)),
        ("lost: no byte for 15 s; retrying in 0.3 s", Lost(cause="silence", detail="no byte for 15 s", retry_in=0.3)),
        ("lost: eof; attempt 2 in 0.3 s", Lost(cause="closed", detail="eof", retry_in=0.3, attempt=1)),
        ("lost: answered 404", Lost(cause="status", detail="answered 404")),
        ("no connection: refused; attempt 2 in 0.5 s", Retrying(detail="refused", wait=0.5, attempt=1)),
        ("gap of 41 s: updates in that time are lost", Gap(start=0, end=1, seconds=41.2, cause="x", resumed="no")),
        (
            "gap of 5.0 s: the provider replays what was missed",
            Gap(start=0, end=1, seconds=5, cause="x", resumed="yes"),
        ),
        ("a book is degraded", Notice(code="degraded", text="a book is degraded")),
        ("B @ A: unplayed -> live", Fixture(game_id="g", home="A", away="B", status="live", old_status="unplayed")),
        ("g: updated", Fixture(game_id="g")),
        (None, quote("a")),
        (None, End(code=0, reason="")),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_change_of_state_is_one_sentence(said: str | None, event: Event) -> None:
    assert said == words.life(event)


EVIL = "\x1b]52;c;ZXZpbA==\x07\n\u202e[/x]\x9b"


@pytest.mark.parametrize(
    "event",
    [
        Opened(label="NBA", host=EVIL),
        Lost(cause="closed", detail=EVIL),
        Retrying(detail=EVIL, wait=1, attempt=1),
        Notice(code="x", text=EVIL),
        Fixture(game_id=EVIL, status=EVIL, old_status=EVIL, start=EVIL, old_start=EVIL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_sentence_is_harmless(event: Event) -> None:
    said = words.life(event)
    assert said is not None
    assert said.isprintable()


@pytest.mark.parametrize(
    ("said", "american", "fields", "what"),
    [
        (
            "DraftKings|B @ A|Moneyline|A|-110",
            -110,
            {},
            {"home": "A", "away": "B", "selection": "A", "kind": "moneyline"},
        ),
        ("DraftKings|g1|Moneyline|a|-105 -> -110", -110, {"prev": -105}, {}),
        ("DraftKings|g1|Moneyline|a|-110", -110, {"prev": -110}, {}),
        ("DraftKings|g1|Moneyline|a|-105 -> suspended", None, {"prev": -105, "status": "suspended"}, {}),
        ("DraftKings|g1|Moneyline|a|-105 -> removed", None, {"prev": -105, "status": "removed"}, {}),
        ("DraftKings|g1|Moneyline|a|no price", None, {}, {}),
        # A line that moved: the old price is of the old line.
        (
            "DraftKings|g1|Moneyline|A|-17.5 -106 -> -11 -103",
            -103,
            {"line": -11, "prev": -106, "prev_line": -17.5},
            {"selection": "A", "kind": "spread", "side": "away"},
        ),
        (
            "DraftKings|g1|Moneyline|A|PK -105 -> +10.5 -105",
            -105,
            {"line": 10.5, "prev": -105, "prev_line": 0},
            {"selection": "A", "kind": "spread"},
        ),
        (
            "DraftKings|g1|Moneyline|A Over|24.5 +101 -> 25.5 suspended",
            None,
            {"line": 25.5, "prev": 101, "prev_line": 24.5, "status": "suspended"},
            {"selection": "A", "kind": "prop", "side": "over"},
        ),
        (
            "DraftKings|g1|Moneyline|A|-3.5 -> -4.5 no price",
            None,
            {"line": -4.5, "prev_line": -3.5},
            {"selection": "A", "kind": "spread"},
        ),
        (
            "DraftKings|g1|Moneyline|A -3.5|+100",
            100,
            {"line": -3.5},
            {"selection": "A", "kind": "spread", "side": "home"},
        ),
        (
            "DraftKings|g1|Moneyline|Over 221.5|+100",
            100,
            {"line": 221.5},
            {"selection": "Over", "kind": "total", "side": "over"},
        ),
        (
            "DraftKings|g1|Moneyline|LeBron Over 24.5|+100",
            100,
            {"line": 24.5},
            {"selection": "LeBron", "kind": "prop", "side": "over"},
        ),
    ],
)
def test_a_quote_is_told_as_old_and_new(
    said: str, american: float | None, fields: dict[str, Any], what: dict[str, Any]
) -> None:
    assert said == words.change(quote("a", american, what=what, **fields)).replace("\t", "|")


def test_names_cannot_add_a_column_or_a_line() -> None:
    names = dict.fromkeys(("home", "away", "market", "selection", "book"), f"a\tb\n{EVIL}")
    said = words.change(quote("a", -110, what=names))
    assert len(said.split("\t")) == 5
    assert said.replace("\t", "").isprintable()


@pytest.mark.parametrize(
    ("said", "end", "extra"),
    [
        ("the time is up after 60 s: 1,234 quotes, 0 gaps", End(code=0, reason="the time is up", quotes=1234), []),
        (
            "terminated after 60 s: 0 quotes, 1 gap, 1 reconnect",
            End(code=143, reason="terminated", gaps=1),
            ["1 reconnect"],
        ),
    ],
)
def test_the_last_line(said: str, end: End, extra: list[str]) -> None:
    assert said == words.summary(end, 60, extra)


TEAMS: dict[str, Any] = {"home": "Los Angeles Lakers", "away": "Golden State Warriors"}
MOVED: dict[str, Any] = {"before": from_american(-110), "price": from_american(-120)}


@pytest.mark.parametrize(
    ("said", "event"),
    [
        (
            "nba_live\tLakers v Thunder\t4 2:14\tC. Holmgren 3PT JUMPER from 26ft\tLakers 107 - 125 Thunder",
            Play(
                game_id="0042500222",
                source="nba_live",
                play="made_3",
                text="C. Holmgren 3PT JUMPER from 26ft",
                period="4",
                clock="2:14",
                team_a="Lakers",
                team_b="Thunder",
                score_a=107,
                score_b=125,
            ),
        ),
        ("\tg\t\tgoal\t", Play(game_id="g", play="goal")),
        ("\tg\t\t\t1 - ?", Play(game_id="g", score_a=1)),
        (
            "\tGolden State Warriors @ Los Angeles Lakers\tlive 3 11:20\t"
            "\tLos Angeles Lakers 61 - 55 Golden State Warriors",
            Result(game_id="g", **TEAMS, status="live", period="3", clock="11:20", home_score=61.0, away_score=55.0),
        ),
        ('\tg\t\tA. Guard Celtics\t{"points":14}', Result(game_id="g", player="A. Guard", team="Celtics",
                                                             detail='{"points":14}')),
        (
            "pinnacle\tGolden State Warriors @ Los Angeles Lakers\th2h\tLos Angeles Lakers\t-110 -> -120 drop",
            Drop(game_id="g", book="pinnacle", outcome="h2h_home", market="h2h", selection="Los Angeles Lakers",
                 side="home", **TEAMS, **MOVED),
        ),
        (
            "fanduel\tg\tplayer_points\tLeBron James over 25.5\t-110 -> no price drop",
            Drop(game_id="g", book="fanduel", outcome="over", market="player_points", selection="LeBron James",
                 side="over", player="LeBron James", line=25.5, before=from_american(-110)),
        ),
        ("nba_live\tbasketball_nba\tprimary\tsilent\tlast event 75 s ago",
         Health(source="nba_live", status="silent", league="basketball_nba", role="primary", silent_s=75)),
        ("\tg\t\t\tupdated", Fixture(game_id="g")),
        (None, quote("a")),
        (None, Payload(b"{}")),
        (None, Notice(code="quiet", text="no data")),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_price_as_a_line(said: str | None, event: Event) -> None:
    assert said == words.news(event)
    # As many columns as a quote has, whatever the provider wrote into a name.
    assert said is None or said.count("\t") == 4
    assert words.change(quote("a", what={"book": "a\tb", "selection": "c\td"})).count("\t") == 4
