"""Conditions: what they mean, what null does to them, and where a mistake is said to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oddstail.where import DEEPEST, Field, WhereError, compiled

TYPES = {"book": "text", "player": "text", "american": "number", "line": "number", "prob": "number", "live": "flag",
         "was.american": "number", "start": "text"}  # fmt: skip


def _get(name: str) -> Any:
    return lambda subject: subject[name]


FIELDS: Mapping[str, Field] = {name: Field(kind, _get(name)) for name, kind in TYPES.items()}  # type: ignore[arg-type]
QUOTE = {"book": "DraftKings", "player": None, "american": -110, "line": 3.5, "prob": 0.5238, "live": True,
         "was.american": -120, "start": "2026-01-31T18:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("holds", "text"),
    [
        (True, 'book = "draftkings"'),
        (True, "book == 'DraftKings'"),
        (False, 'book != "DRAFTKINGS"'),
        (True, 'book in ("Pinnacle", "draftkings")'),
        (True, 'book not in ["Pinnacle"]'),
        (True, 'book ~ "kings"'),
        (True, '"Draft" in book'),
        (False, '"fan" in book'),
        (True, "american >= -110 and line > 3"),
        (False, "american > -110 or line > 4"),
        (True, "not american > -110"),
        (True, "-120 < american <= -110"),
        (False, "-110 < american <= -100"),
        (True, "american - was.american >= 10"),
        (True, "abs(was.american) = 120"),
        (True, "2 + 3 * 2 = 8 and (2 + 3) * 2 = 10 and 7 - 2 - 1 = 4"),
        (True, "line / 2 = 1.75"),
        (True, "live"),
        (False, "not live"),
        (True, "live = true"),
        (True, "live and not (book = 'x' or line < 0)"),
        (True, "live or live and false"),
        (False, "(live or live) and false"),
        (True, 'start < "2026-02-01"'),
        (True, "LIVE AND Book = 'draftkings'"),
        (True, "live && !(line > 4) || false"),
        (True, r"'it\'s' = 'IT\'S'"),
    ],
)
def test_what_a_condition_means(holds: bool, text: str) -> None:
    assert compiled(text, FIELDS).test(QUOTE) is holds


@pytest.mark.parametrize(
    ("holds", "text"),
    [
        (True, "player = null"),
        (True, "player is null"),
        (False, "player is not null"),
        (True, "book is not null"),
        (False, 'player != "curry"'),
        (True, 'player is null or player != "curry"'),
        (False, 'not player = "curry"'),
        (False, 'not player ~ "c"'),
        (False, 'player not in ("curry", "x")'),
        (False, 'player not in ("curry", null)'),
        (False, "player != null"),
        (True, "not player != null"),
        (False, 'book = "x" and player = "y" or not line / 0 > 1'),
        (True, 'not (book = "x" and player = "y")'),
        (False, 'player = "curry"'),
        (False, 'player ~ "curry"'),
        (False, 'player < "z"'),
        (True, 'player in ("curry", null)'),
        (False, 'player in ("curry", "x")'),
        (False, "line / 0 > 0"),
        (False, "line / 0 <= 0"),
        (True, "line / 0 is null"),
    ],
)
def test_what_is_not_known_is_equal_to_null_alone(holds: bool, text: str) -> None:
    assert compiled(text, FIELDS).test(QUOTE) is holds


def test_a_flag_that_is_not_known_is_no_yes() -> None:
    assert compiled("live", FIELDS).test({**QUOTE, "live": None}) is False


def test_nor_is_it_a_no() -> None:
    unknown = {**QUOTE, "live": None}
    for text in ("not live", "live = false", "live != true", "not (live and true)", "not (live or false)"):
        assert compiled(text, FIELDS).test(unknown) is False
        assert compiled(text, FIELDS).test({**unknown, "live": False}) is True
    assert compiled("not live or live is null", FIELDS).test(unknown) is True


_PARTS = st.sampled_from(
    ["live", "line > 3", "american = -110", 'player ~ "c"', 'player in ("x", player)', "line != 1"]
)
_CONDITIONS = st.recursive(
    _PARTS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda three: "({}) {} ({})".format(*three)),
    ),
    max_leaves=6,
)


@given(_CONDITIONS)
def test_of_what_is_unknown_neither_a_condition_nor_its_opposite_holds(text: str) -> None:
    nothing = dict.fromkeys(QUOTE)
    for one in (text, f"not ({text})"):
        assert compiled(one, FIELDS).test(nothing) is False
    # And where all is known, one of the two does.
    known = {**QUOTE, "player": "curry"}
    assert compiled(text, FIELDS).test(known) is not compiled(f"not ({text})", FIELDS).test(known)


def test_it_says_which_fields_it_looks_at() -> None:
    assert compiled("live and was.american > line", FIELDS).fields == {"live", "was.american", "line"}


@pytest.mark.parametrize(
    ("at", "why", "text"),
    [
        (0, "the condition is empty (at the end)", ""),
        (0, "there is no field bok; did you mean book?", 'bok = "x"'),
        (7, 'there is no field DraftKings; a text is written "DraftKings"', "book = DraftKings"),
        (5, "a text cannot be compared with a number", "book = 5"),
        (9, "a number cannot be compared with a text", 'american >= "5"'),
        (0, "a text is neither true nor false; compare it with something", "book"),
        (9, "a number is neither true nor false", "live and american"),
        (7, "expected a field, a number or a text (at the end)", "book = "),
        (10, "expected `and`, `or`, or the end", "line > 3  book = 'x'"),
        (7, "a text without its closing quote", 'book = "Draft'),
        (5, "what is this?", "book $ 5"),
        (9, "expected `,` or `)`", "book in ('x'"),
        (9, "a text is never a number", "book in (5)"),
        (5, "true and false have no order", "live < true"),
        (5, "null is neither less nor greater than anything", "line > null"),
        (8, "expected `null`", "line is 5"),
        (9, "expected `in` after `not`", "book not 'x'"),
        (0, "`+` is for numbers, and this is a text", "book + 1 = 2"),
        (4, "`abs` is for numbers, and this is a text", "abs(book) = 2"),
        (5, "only a text can be looked for in a text", "line ~ 'x'"),
        (9, "expected `)`", "(line > 3"),
        (7, "what is this?", "line = 1_000"),
    ],
)
def test_a_mistake_is_told_with_its_place(at: int, why: str, text: str) -> None:
    with pytest.raises(WhereError) as caught:
        compiled(text, FIELDS)
    assert why in str(caught.value)
    assert caught.value.at == at or (at >= len(text.rstrip()) - 3 and caught.value.at >= at)


@pytest.mark.parametrize(
    "deep", ["(" * 5000 + "live", "not " * 900 + "live", "-" * 3000 + "1 = 1", "live and " * 400 + "live"]
)
def test_no_condition_is_too_deep_for_us(deep: str) -> None:
    if deep.count("and") < DEEPEST:
        with pytest.raises(WhereError):
            compiled(deep, FIELDS)
    else:
        assert compiled(deep, FIELDS).test(QUOTE) is True


@pytest.mark.parametrize("deep", ["+" * 3000 + "1 = 1", "abs(" * 600 + "1" + ")" * 600 + " = 1"])
def test_signs_and_abs_within_each_other_have_an_end(deep: str) -> None:
    with pytest.raises(WhereError, match="too many"):
        compiled(deep, FIELDS)


@pytest.mark.parametrize("long", ["1" + "+0" * 1900 + "=1", "1" + "*1" * 1900 + "=1", "1=2||" * 790 + "1=1"])
def test_a_long_condition_is_not_a_deep_one(long: str) -> None:
    assert compiled(long, FIELDS).test(QUOTE) is True


def test_a_sum_goes_from_the_left_to_the_right() -> None:
    assert compiled("10 - 4 - 3 + 2 = 5 and 24 / 4 / 3 * 2 = 4 and 1 + 1 / 0 is null", FIELDS).test(QUOTE) is True


@given(st.text(alphabet="abokline ().,\"'<>=~!&|-+*/0123456789[]_$é\n", max_size=60))
def test_any_text_is_a_condition_or_a_mistake_with_a_place(text: str) -> None:
    place = 0
    try:
        assert compiled(text, FIELDS).test(QUOTE) in (True, False)
    except WhereError as error:
        place = error.at
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "book.__class__ = 'x'", "eval('1')", "(lambda: 1)()", "book.upper() = 'X'"]
)
def test_nothing_of_python_is_within_reach(text: str) -> None:
    with pytest.raises(WhereError):
        compiled(text, FIELDS)


FEW = {**FIELDS, "kind": Field("text", _get("kind"), ("moneyline", "spread", "total")),
       "side": Field("text", _get("side"), ("home", "away"), more=True)}  # fmt: skip


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ('kind is never \'spred\'; did you mean spread? (at character 8, ""spred"")', 'kind = "spred"'),
        ("kind is never 'spred'; did you mean spread?", "live and not ('SPRED' != kind)".replace("SPRED", "spred")),
        ("kind is never 'totl'; did you mean total?", 'kind not in ("Spread", null, "totl")'),
        ("kind is never 'x'; it is one of moneyline, spread, total", "kind != 'x'"),
        ("kind never has 'spred' in it; it is one of moneyline, spread, total (at character 6", "kind ~ 'spred'"),
        ("side is never 'hom'; did you mean home?", "side = 'hom'"),
    ],
)
def test_a_text_that_the_field_never_has_is_a_mistake(says: str, text: str) -> None:
    with pytest.raises(WhereError) as caught:
        compiled(text, FEW)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["kind = 'SPREAD'", "side = 'odd'", "kind ~ 'spr'", "kind = book", "kind is null"])
def test_and_no_other(text: str) -> None:
    assert compiled(text, FEW)


def test_the_texts_that_a_field_is_compared_with_are_told() -> None:
    found = compiled("book in ('a', 'b') or 'C' != book or book ~ 'd' or start < 'e' and player = 'f'", FIELDS)
    assert found.texts == {("book", "a"), ("book", "b"), ("book", "C"), ("player", "f")}
