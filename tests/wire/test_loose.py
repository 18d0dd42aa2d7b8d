"""The bounds of reading JSON: how many values one text may hold is counted on its bytes, before they are parsed."""

from __future__ import annotations

import json

import pytest

from oddstail.wire import loose
from oddstail.wire.loose import TooManyElements, has_more_elements, loads


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        pytest.param(1, b"[1]", id="array"),
        pytest.param(3, b"[1,2,3]", id="three-numbers"),
        pytest.param(4, b"[{},{}]", id="objects"),
        pytest.param(5, b"[[[[[", id="open-brackets"),
        pytest.param(2, b'{"a":1,"b":2}', id="members"),
        pytest.param(1, b'["a,b,{[,"]', id="commas-in-a-string"),
        pytest.param(1, rb'["a\",[{,"]', id="escaped-quote"),
        pytest.param(2, rb'["a\\",1]', id="escaped-backslash-before-the-end"),
        pytest.param(2, rb'["\\\"",1]', id="backslash-then-quote"),
        pytest.param(2, b'["","'.replace(b'"","', b'"",') + b'""]', id="empty-strings"),
        pytest.param(0, b'"' + b"," * 99, id="string-without-an-end"),
        pytest.param(0, b"", id="empty"),
    ],
)
@pytest.mark.parametrize("step", [1, 2, 1 << 18], ids=["one-byte-steps", "two-byte-steps", "one-step"])
def test_elements_are_counted_outside_strings(
    monkeypatch: pytest.MonkeyPatch, elements: int, text: bytes, step: int
) -> None:
    monkeypatch.setattr(loose, "_STEP", step)
    counts = [most for most in range(8) if not has_more_elements(text, most)]
    assert list(range(elements, 8)) == counts


@pytest.mark.parametrize("row", ["{}", "1", '""', "[]", '{"a":{"b":1}}'], ids=repr)
def test_too_many_elements_are_not_parsed(monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    monkeypatch.setattr(loose, "MOST_ELEMENTS", 100)
    text = f"[{','.join([row] * 101)}]".encode()
    with pytest.raises(TooManyElements, match="more than 100 elements"):
        loads(text)


def test_large_text_with_few_elements_is_parsed() -> None:
    text = json.dumps({"a": "," * 600_000, "b": "[{" * 600_000}).encode()
    assert json.loads(text) == loads(text)


@pytest.mark.parametrize("smile", ["\U0001f600".encode(), b"\\ud83d\\ude00"], ids=["as-it-is", "escaped"])
def test_large_text_with_an_emoji_is_not_parsed(smile: bytes) -> None:
    text = b'{"a":"' + b"x" * (17 << 20) + smile + b'"}'
    with pytest.raises(ValueError, match="emojis or the like in a frame of more than 16 MiB"):
        loads(text)
    assert loads(text.replace(b"x" * (17 << 20), b"x")) == {"a": "x\U0001f600"}


@pytest.mark.parametrize("letter", ["\u20ac".encode(), b"\\u20ac"], ids=["as-it-is", "escaped"])
def test_large_text_beyond_ascii_is_parsed(letter: bytes) -> None:
    text = b'{"a":"' + b"x" * (17 << 20) + letter + b'"}'
    assert loads(text) == json.loads(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(["NaN", 1], b"[NaN,1]", id="nan"),
        pytest.param(["Infinity", "-Infinity"], b"[Infinity,-Infinity]", id="infinity"),
        pytest.param(["1e400", "-1E999"], b"[1e400,-1E999]", id="beyond-a-float"),
        pytest.param([1.5, "NaN"], b"[1.5,NaN]", id="a-number-beside-nan"),
        pytest.param({"a": 1}, b'\xef\xbb\xbf{"a":1}', id="byte-order-mark"),
        pytest.param(["\ufeff"], '["\ufeff"]'.encode(), id="byte-order-mark-in-a-string"),
    ],
)
def test_what_only_python_reads(expected: object, text: bytes) -> None:
    assert loads(text) == expected
