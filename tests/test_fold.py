"""Names are compared without case, accents and forms: in every filter, and wherever a name is looked up."""

from __future__ import annotations

import time
from typing import Any
from unicodedata import normalize

import pytest

from oddstail.cli import completing, listing, settings
from oddstail.config import Config
from oddstail.filters import FIELDS, Seen, filtering, named
from oddstail.lookup import Names
from oddstail.model import Batch, Quote, Selection
from oddstail.price import from_american
from oddstail.providers import names
from oddstail.text import fold
from oddstail.where import compiled
from oddstail.words import bare
from tests.board.stage import Stage, ml
from tests.e2e.support import ASK, Server, run, sse
from tests.faults.wires import CONNECTED, odds

TEAM = "İstanbul Başakşehir"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TEAM, "istanbul basaksehir", id="composed"),
        pytest.param(normalize("NFD", TEAM), "istanbul basaksehir", id="decomposed"),
        pytest.param("ISTANBUL BAŞAKŞEHİR", "istanbul basaksehir", id="upper-case"),
        pytest.param("Fenerbahçe Işıklar", "fenerbahce isiklar", id="dotless-i"),
        pytest.param("Strauß", "strauss", id="sharp-s"),
        pytest.param("STRAUẞ", "strauss", id="capital-sharp-s"),
        pytest.param("Oﬃce ﬁve", "office five", id="ligatures"),
        pytest.param("ＮＢＡ　２１", "nba 21", id="full-width"),
        pytest.param("Bodø/Glimt", "bodo/glimt", id="stroke"),
        pytest.param("Łódź", "lodz", id="polish"),
        pytest.param("Ægir œuvre Þór Đoković", "aegir oeuvre thor dokovic", id="letters-that-unicode-keeps"),
        pytest.param("Nikola Jokić", "nikola jokic", id="acute"),
        pytest.param("São Paulo", "sao paulo", id="tilde"),
        pytest.param("Shaquille O’Neal", "shaquille o'neal", id="typographic-apostrophe"),
        pytest.param("Real–Barça", "real-barca", id="dash"),
        pytest.param("Real\u00a0Ma\u00addrid\u200b", "real madrid", id="characters-that-show-nothing"),
        pytest.param("ΟΔΥΣΣΕΥΣ ΆΡΗΣ", "οδυσσευσ αρησ", id="greek-final-sigma"),
        pytest.param("ЦСКА Йо", "цска ио", id="cyrillic"),
        pytest.param("①½", "11⁄2", id="compatibility"),
        pytest.param("Lakers", "lakers", id="ascii"),
        pytest.param("", "", id="empty"),
    ],
)  # fmt: skip
def test_fold(text: str, expected: str) -> None:
    assert expected == fold(text)
    assert expected == fold(expected)


@pytest.mark.parametrize("text", ["\u0301", "\u200b", "\u0307\u0301"])
def test_text_of_marks_alone_is_not_in_every_other(text: str) -> None:
    assert fold(text) == text


def test_long_run_of_marks_takes_no_time() -> None:
    began = time.process_time()
    assert fold("a" + "\u0301\u0327" * 500_000) == "a"
    assert time.process_time() - began < 5


# --- every filter ----------------------------------------------------------------------------------------

VALUES = [
    pytest.param("istanbul", id="plain"),
    pytest.param("İSTANBUL", id="dotted-capital-i"),
    pytest.param("ISTANBUL", id="capitals"),
    pytest.param("ıstanbul", id="dotless-i"),
    pytest.param(normalize("NFD", "İstanbul"), id="decomposed"),
    pytest.param("başakşehir", id="composed"),
    pytest.param("ｉｓｔａｎｂｕｌ", id="full-width"),
]
FILTERS: dict[str, Any] = {
    "team": lambda text: filtering(team=[text]),
    "game": lambda text: filtering(game=[text]),
    "player": lambda text: filtering(player=[text]),
    "where-has": lambda text: filtering(where=[f'home ~ "{text}"']),
    "where-in": lambda text: filtering(where=[f'"{text}" in player']),
    "where-equal": lambda text: filtering(where=[f'away = "{text}"']),
    "where-not-equal": lambda text: filtering(where=[f'not (away != "{text}")']),
    "where-list": lambda text: filtering(where=[f'away in ("x", "{text}")']),
}


def _quote(word: str) -> Quote:
    what = Selection(
        key="k", book=word, market=word, selection=word, game_id="g", sport=word, league=word, home=f"x {word} y",
        away=word, player=f"x {word}",
    )  # fmt: skip
    return Quote(what, "open", from_american(-110), None)


@pytest.mark.parametrize("word", VALUES)
@pytest.mark.parametrize("name", FILTERS)
def test_filter_finds_each_spelling(name: str, word: str) -> None:
    whole = "İstanbul" if "stanbul" in fold(word) else "Başakşehir"
    made = FILTERS[name](word)
    event = _quote(whole)
    assert made.keep(Batch(1, 1_700_000_000_000_000, [event])) == [event]


@pytest.mark.parametrize("field", ["sport", "league", "book", "market"])
def test_whole_names_find_each_spelling(field: str) -> None:
    [term] = named({field: ["istanbul basaksehir"]})
    assert term.test(Seen(_quote(TEAM), 0, 1))
    assert not term.test(Seen(_quote("İstanbul"), 0, 1))


def test_condition_between_two_fields_folds_both() -> None:
    made = filtering(where=["player ~ book"])
    assert made.keep(Batch(1, 0, [_quote(TEAM)]))


def test_few_values_of_a_field_are_known_in_each_spelling() -> None:
    assert compiled('kind = "ＳＰＲＥＡＤ"', FIELDS)


@pytest.mark.parametrize("layout", ["screen", "list"])
@pytest.mark.parametrize("typed", ["istanbul", "ISTANBUL", "İstanbul", normalize("NFD", "başakşehir"), "basaksehir"])
def test_filter_of_the_screen_finds_each_spelling(layout: str, typed: str) -> None:
    stage = Stage(layout=layout)
    stage.tell(
        ml(TEAM, 130, home=TEAM, away="Galatasaray"), ml("Mets", -150, home="Cubs", away="Mets", game_id="other")
    )
    stage.press(f"/{typed}\r")
    assert "+130" in stage.text()
    assert "-150" not in stage.text()


# --- where names are looked up ---------------------------------------------------------------------------


def test_value_of_a_flag_is_spelled_as_the_provider_does() -> None:
    known = Names(what="league", known=frozenset({"Süper Lig", "Bundesliga"}), has="all")
    assert names.check(["super lig"], known, "X")[0] == ["Süper Lig"]
    assert names.check([normalize("NFD", "süper lig")], known, "X")[0] == ["Süper Lig"]


def test_slip_without_accents_has_its_suggestion() -> None:
    known = Names(what="league", known=frozenset({"Süper Lig", "Primera División"}), has="most")
    (note,) = names.check(["primera divisin"], Names(what="league", known=known.known, has="some"), "X")[1]
    assert 'did you mean "Primera División"?' in note


def test_team_of_the_lists_is_found_without_accents() -> None:
    rows = [{"id": "1", "home": TEAM, "away": "Beşiktaş"}]
    assert names.teams(["istanbul", "BESIKTAS"], rows, "X") == []
    (note,) = names.teams(["besiktash"], rows, "X")
    assert 'did you mean "Beşiktaş"?' in note
    assert names.games(["besiktas"], rows, "X")[0] == ["1"]


def test_book_of_a_condition_is_known_without_accents() -> None:
    assert (
        names.books(["betclic belgië"], Names(what="book", known=frozenset({"Betclic België"}), has="all"), "X") == []
    )


def test_list_finds_a_line_without_accents() -> None:
    assert listing._has({"home": TEAM, "away": None}, "BASAKSEHIR")


def test_completion_begins_without_accents() -> None:
    assert completing._Word("Süper").startswith("sup")


def test_name_with_accents_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "_said", lambda: Config(aliases={"opticodds": {"türk": ("Süper Lig",)}}))
    monkeypatch.setattr(completing, "_known", lambda name, what: ["Süper", "NBA"])
    assert completing._completion("opticodds", "leagues")("SUP") == ["Süper"]
    assert completing._completion("opticodds", "leagues")("NBA,tu") == ["NBA,türk"]


def test_alias_is_known_without_accents() -> None:
    said = Config(aliases={"opticodds": {"türk": ("Süper Lig",)}})
    assert settings.aliased({"league": ["TURK"]}, said, "opticodds") == {"league": ["Süper Lig"]}


def test_bare_name_has_no_accents() -> None:
    assert bare("Süper-Lig") == "superlig"


@pytest.mark.parametrize("value", ["istanbul", "BASAKSEHIR", normalize("NFD", TEAM)])
def test_team_of_a_stream_is_found_without_accents(value: str) -> None:
    frames = odds(-101), odds(-102, fixture_id="A", name=TEAM, selection=TEAM)
    with Server([sse(CONNECTED, *frames)]) as server:
        ran = run(*ASK["opticodds"], "--base-url", server.url, "--json", "-c", "1", "--team", value)
    assert [one["selection"] for one in ran.of("quote")] == [TEAM]
