"""What a terminal must not get, and what nobody must see."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oddstail.text import Redactor, Secret, address_secrets, visible

ANY_TEXT = st.text(st.characters())  # with surrogates and controls, unlike st.text() alone

# --- visible -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("Philadelphia Eagles -3.5", "Philadelphia Eagles -3.5", id="plain text is left alone"),
        pytest.param("Bayern München, 大阪 🏈", "Bayern München, 大阪 🏈", id="so are letters and emoji"),
        pytest.param("[/x] [bold]", "[/x] [bold]", id="markup is not ours to know"),
        pytest.param("␛[2Jx", "\x1b[2Jx", id="ESC cannot clear the screen"),
        pytest.param("␛]52;c;eA==␇", "\x1b]52;c;eA==\x07", id="nor write to the clipboard"),
        pytest.param("<U+009B>2J", "\x9b2J", id="nor can C1's one-byte CSI"),
        pytest.param("␀␁␈␋␌␍␎␟", "\0\x01\x08\x0b\x0c\r\x0e\x1f", id="C0 controls are pictures"),
        pytest.param("␡", "\x7f", id="DEL is one"),
        pytest.param("a b c", "a\nb\tc", id="line feed and tab are spaces"),
        pytest.param("a b c d", "a\xa0b\u2009c\u3000d", id="other spaces are plain ones"),
        pytest.param("<U+0085><U+2028><U+2029>", "\x85\u2028\u2029", id="other line ends are marked"),
        pytest.param("<U+200B><U+200C><U+200D><U+200E><U+200F>", "\u200b\u200c\u200d\u200e\u200f", id="zero width"),
        pytest.param("x<U+202E>y", "x\u202ey", id="a right-to-left override cannot turn a price around"),
        pytest.param("<U+2066><U+2069>", "\u2066\u2069", id="nor can an isolate"),
        pytest.param("<U+061C>", "\u061c", id="nor the Arabic letter mark"),
        pytest.param("<U+FEFF>", "\ufeff", id="byte order mark"),
        pytest.param("<U+D83C>x", "\ud83cx", id="half of a surrogate pair would break the encoder"),
        pytest.param("<U+E0041><U+E007F>", "\U000e0041\U000e007f", id="tag characters hide text"),
        pytest.param("<U+E000>", "\ue000", id="private use shows whatever the font likes"),
    ],
)
def test_visible(expected: str, text: str) -> None:
    assert expected == visible(text)


@pytest.mark.parametrize(
    ("expected", "text", "limit"),
    [
        pytest.param("e" + "\u0301" * 4 + "x", "e" + "\u0301" * 1000 + "x", 0, id="a thousand accents"),
        pytest.param("e" + "\u0301" * 4 + "x", "e" + "\u0301" * 300 + "x", 20, id="with a limit"),
        pytest.param("a\u0489\u0489\u0489\u0489b\u0301", "a" + "\u0489" * 50 + "b\u0301", 0, id="enclosing marks"),
        pytest.param("Việt Nam, Müller, हिन्दी, กำลัง", "Việt Nam, Müller, हिन्दी, กำลัง", 0, id="languages keep theirs"),
        pytest.param("e\u0323\u0302x", "e\u0323\u0302x", 0, id="two marks are a letter"),
        pytest.param("<U+200D>" * 3, "\u200d" * 3, 0, id="joiners are marked"),
    ],
)
def test_few_combining_marks_are_left_on_a_character(expected: str, text: str, limit: int) -> None:
    assert expected == visible(text, limit)
    assert expected == visible(expected, limit)


MUST_BE_MARKED = [
    *range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2065),
    *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000), *range(0xE0000, 0xE0080),
]  # fmt: skip


def test_no_code_point_that_a_terminal_obeys_or_hides_is_left() -> None:
    assert [hex(code) for code in MUST_BE_MARKED if chr(code) in visible(f"a{chr(code)}b")] == []


@pytest.mark.parametrize(
    ("expected", "text", "limit"),
    [
        pytest.param("abcde", "abcde", 5, id="what fits is whole"),
        pytest.param("abcd…", "abcdef", 5, id="what does not ends in an ellipsis"),
        pytest.param("…", "ab", 1, id="even if nothing else fits"),
        pytest.param("abcdef", "abcdef", 0, id="nought is no limit"),
        pytest.param("a␛b", "a\x1bb", 3, id="a mark of one character fits like one"),
        pytest.param("a<U+202E>", "a\u202e", 9, id="a long mark that fits is whole"),
        pytest.param("a…", "a\u202e", 8, id="one that does not is gone"),
        pytest.param("a<U+202E>…", "a\u202ebc", 10, id="room for a mark and the ellipsis"),
        pytest.param("a…", "a\u202ebc", 9, id="room for the mark alone"),
        pytest.param("ab…", "ab\u202e" + "c" * 100, 4, id="no mark is cut in its middle"),
    ],
)
def test_visible_cuts_to_a_limit(expected: str, text: str, limit: int) -> None:
    assert expected == visible(text, limit)


@given(ANY_TEXT)
def test_what_is_visible_is_printable_and_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown == visible(shown)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode()


@given(ANY_TEXT, st.integers(1, 30))
def test_a_limit_keeps_a_beginning_of_whole_marks(text: str, limit: int) -> None:
    whole, cut = visible(text), visible(text, limit)
    assert len(cut) <= limit
    beginnings = {visible(text[:end]) for end in range(len(text) + 1)}
    assert cut == whole if len(whole) <= limit else cut[:-1] in beginnings
    assert len(whole) <= limit or cut.endswith("…")


# --- Secret ------------------------------------------------------------------------------------------

# With all that any encoder changes: a slash, a space, quotes, a letter beyond ASCII; its base64 has `+` and `=`.
KEY = "oa_/+ =~ü\"'>>>??"
PLAIN = "1f0c9a7e-5b1d-4c55"


def test_a_secret_shows_nothing_unless_asked() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    shown = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>4}",
        f"{secret!r}",
        f"{[secret]}"[1:-1],
    ]
    assert shown == ["****"] * len(shown)
    assert f"{secret:>6}" == "  ****"
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        pickle.dumps(Secret(KEY), protocol)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_secret_is_not_copied(copied: Callable[[Secret], Secret]) -> None:
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        copied(Secret(KEY))


def test_secrets_are_compared_by_identity() -> None:
    assert Secret(KEY) != Secret(KEY)


# --- Redactor ----------------------------------------------------------------------------------------


def lowered(encoded: str) -> str:
    first, *rest = encoded.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


FORMS = [
    pytest.param(KEY.encode().hex(), id="hex"),
    pytest.param(KEY.encode().hex().upper(), id="HEX"),
    pytest.param(quote(quote(KEY, safe=""), safe=""), id="quoted twice"),
    pytest.param(json.dumps(json.dumps(KEY)[1:-1])[1:-1], id="JSON in JSON"),
    pytest.param(json.dumps(KEY)[1:-1].replace('\\"', "\\u0022").replace("/", "\\u002F"), id="JSON with \\u0022"),
    pytest.param(html.escape(KEY), id="HTML"),
    pytest.param(html.escape(html.escape(KEY)), id="HTML twice"),
    pytest.param("".join(f"&#{ord(c)};" if not c.isalnum() else c for c in KEY), id="HTML numbers"),
    pytest.param("".join(f"&#x{ord(c):X};" if not c.isalnum() else c for c in KEY), id="HTML hex numbers"),
    pytest.param(json.dumps(html.escape(KEY))[1:-1], id="HTML in JSON"),
    pytest.param(json.dumps(quote(KEY).lower())[1:-1], id="in another case"),
    pytest.param(repr(repr(KEY)[1:-1])[1:-1], id="repr of repr"),
    pytest.param(KEY, id="as it is"),
    pytest.param(quote(KEY), id="quote"),
    pytest.param(quote(KEY, safe=""), id="quote, the slash too"),
    pytest.param(quote_plus(KEY), id="quote_plus"),
    pytest.param(urlencode({"x": KEY})[2:], id="urlencode"),
    pytest.param(quote(KEY, safe="!$&'()*+,;=:@/?"), id="quote, what a query may hold left alone"),
    pytest.param(lowered(quote(KEY, safe="")), id="lower hex"),
    pytest.param(json.dumps(KEY)[1:-1], id="JSON"),
    pytest.param(json.dumps(KEY, ensure_ascii=False)[1:-1], id="JSON with letters"),
    pytest.param(json.dumps(KEY)[1:-1].replace("/", "\\/"), id="JSON with escaped slashes"),
    pytest.param(repr(KEY)[1:-1], id="repr"),
    pytest.param(base64.b64encode(KEY.encode()).decode(), id="base64"),
    pytest.param(base64.b64encode(KEY.encode()).decode().rstrip("="), id="base64 without padding"),
    pytest.param(base64.urlsafe_b64encode(KEY.encode()).decode(), id="base64 for URLs"),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_secret_is_masked_in_text_and_bytes(form: str) -> None:
    redactor = Redactor([Secret(KEY), PLAIN])
    assert redactor.text(f"<{form}> and <{form}>").replace("=", "") == "<****> and <****>"
    assert redactor.data(f"<{form}>".encode()).replace(b"=", b"") == b"<****>"


@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("before", ["", "u:", "us:", "use:", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_something_around_a_secret_is_masked(
    encode: Callable[[bytes], bytes], before: str, after: str
) -> None:
    encoded = encode(f"{before}{KEY}{after}".encode())
    inner = base64.b64encode(KEY.encode())[4:-4]
    redactor = Redactor([KEY])
    for masked in (redactor.data(b'{"a":"%b"}' % encoded), redactor.text(f'{{"a":"{encoded.decode()}"}}').encode()):
        assert b"****" in masked
        assert len(masked) < 32, "what is left are a user and some bits"
        assert inner not in masked


#: What would break JSON if it were masked as it is: the quote belongs to the string, not to the key.
EDGES = [
    '"abcdefgh',
    'abcdefgh"',
    '"abcdefgh"',
    "\\abcdefgh",
    "abcdefgh\\",
    '"\\abcdefgh\\"',
    'ab"cd\\ef"gh',
    "<ab&cd'ef>",
    "ab%20cd ef",
]


@pytest.mark.parametrize("key", EDGES)
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("x", "y"), ('"', '"'), ("\\", "\\"), ("\\\\", "\\\\"), ("\n", "\n")]
)
def test_record_stays_json_whatever_the_key_is_made_of(key: str, before: str, after: str) -> None:
    redactor = Redactor([key])
    inner = json.dumps({"a": before + key + after, "b": "abcdefg"})
    line = json.dumps({"t": inner, "z": 1}).encode()
    once, twice = json.loads(redactor.data(inner.encode())), json.loads(redactor.nested().data(line))
    for record in (once, json.loads(twice["t"])):
        assert key not in record["a"]
        assert "****" in record["a"]
        assert record["b"] == "abcdefg"
    assert twice["z"] == 1


@pytest.mark.parametrize("end", [9, 12])
def test_stump_in_a_record_is_masked(end: int) -> None:
    line = json.dumps({"text": f"cannot be read: {visible(PLAIN, end)} and more"}).encode()
    assert json.loads(Redactor([PLAIN]).data(line)) == {"text": "cannot be read: ****\u2026 and more"}


@pytest.mark.parametrize(
    "text",
    [
        "https://me:hunter2222@hooks.example/services/T0001/B0001/s3cr3tt0k3nAbCdEf?sig=1",
        "POST /services/T0001/B0001/s3cr3tt0k3nAbCdEf?sig=1 HTTP/1.1",
        "https%3A%2F%2Fme%3Ahunter2222%40hooks.example%2Fservices%2FT0001%2FB0001%2Fs3cr3tt0k3nAbCdEf%3Fsig%3D1",
        "cut: B0001/s3cr3tt0k3nAbCdEf",
        "password hunter2222",
    ],
)
def test_no_part_of_a_webhooks_address_survives(text: str) -> None:
    url = "https://me:hunter2222@hooks.example/services/T0001/B0001/s3cr3tt0k3nAbCdEf?sig=1"
    masked = Redactor(address_secrets(url)).text(text)
    assert "s3cr3t" not in masked
    assert "hunter" not in masked


def test_the_forms_hide_one_another_from_nobody() -> None:
    # The second secret is the beginning of the first: masked first, it would leave the end to be read.
    redactor = Redactor([PLAIN, PLAIN + "-9d2e", PLAIN[:8]])
    assert redactor.text(f"{PLAIN}-9d2e {PLAIN} {PLAIN[:8]}") == "**** **** ****"
    assert redactor.data(f"{PLAIN}-9d2e".encode()) == b"****"


def test_json_stays_json() -> None:
    line = json.dumps({"url": f"wss://h/ws?key={KEY}", "x": KEY}).encode()
    assert json.loads(Redactor([KEY]).data(line)) == {"url": "wss://h/ws?key=****", "x": "****"}


def test_bytes_without_a_secret_are_returned_as_they_are() -> None:
    data = b'{"book":"Pinnacle","key":"demo"}\n' * 1000
    assert Redactor([KEY, PLAIN, "demo"]).data(data) is data
    assert Redactor([]).data(data) is data


NAMED = [
    pytest.param("GET /ws?key=**** HTTP/1.1", "GET /ws?key=demo HTTP/1.1", id="key"),
    pytest.param("wss://h/ws?x=1&apiKey=****&y=2", "wss://h/ws?x=1&apiKey=demo&y=2", id="apiKey"),
    pytest.param("https://h/?api_key=****#top", "https://h/?api_key=oa_12%2B#top", id="api_key"),
    pytest.param("apikey=****&x=1", "apikey=demo&x=1", id="a query alone"),
    pytest.param("TOKEN=****", "TOKEN=demo", id="in any case"),
    pytest.param("QueryParams('key=****')", "QueryParams('key=demo')", id="a quote ends it"),
    pytest.param('"https://h/?token=****"', '"https://h/?token=demo"', id="also a double one"),
    pytest.param("monkey=1 turkey_key=2 keys=3", "monkey=1 turkey_key=2 keys=3", id="other names are let be"),
    pytest.param("key= and token", "key= and token", id="no value, no mask"),
    pytest.param("> X-Api-Key: ****", "> X-Api-Key: demo", id="a header on its line"),
    pytest.param("Authorization: ****\nHost: h", "Authorization: Bearer abc\nHost: h", id="with its scheme"),
    pytest.param("{'x-api-key': '****', 'a': 'b'}", "{'x-api-key': 'demo', 'a': 'b'}", id="a mapping"),
    pytest.param('{"Authorization":"****"}', '{"Authorization":"Basic a\'b"}', id="in JSON"),
    pytest.param("(b'X-Api-Key', b'****')", "(b'X-Api-Key', b'demo')", id="a list of pairs, as httpx prints it"),
    pytest.param("Sec-WebSocket-Protocol: apikey.****", "Sec-WebSocket-Protocol: apikey.demo", id="subprotocol"),
    pytest.param("['json', 'apikey.****']", "['json', 'apikey.demo']", id="among others"),
    pytest.param("missing apikey. See", "missing apikey. See", id="the end of a sentence is none"),
    pytest.param("http://me:****@proxy:3128", "http://me:p@ss@proxy:3128", id="a proxy's password"),
    pytest.param("https://h/a:b@c", "https://h/a:b@c", id="nor is a colon in a path"),
    pytest.param("https://h:8443/a@b", "https://h:8443/a@b", id="a port is no password"),
    pytest.param("the demo shows basketball", "the demo shows basketball", id="a short secret is also a word"),
]


@pytest.mark.parametrize(("expected", "text"), NAMED)
def test_what_a_name_announces_is_masked_known_or_not(expected: str, text: str) -> None:
    assert expected == Redactor(["demo"]).text(text)
    assert expected == Redactor([]).text(text)
    assert expected == Redactor([]).text(expected)


def test_eight_characters_are_a_secret_and_seven_a_word() -> None:
    redactor = Redactor(["1234567", "abcdefgh"])
    assert redactor.text("x1234567x xabcdefghx") == "x1234567x x****x"
    assert redactor.data(b"x1234567x xabcdefghx") == b"x1234567x x****x"


@pytest.mark.parametrize("end", range(8, len(PLAIN)))
def test_the_stump_of_a_secret_that_was_cut_is_masked(end: int) -> None:
    cut = visible(f"no such account: {PLAIN} (403)", len("no such account: ") + end + 1)
    assert cut.endswith(PLAIN[:end] + "…")
    assert Redactor([PLAIN]).text(f"{cut} and more…") == "no such account: ****… and more…"


@given(st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=8), st.text(), st.text())
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    assert secret not in redactor.text(before + secret + after)
    assert secret.encode() not in redactor.data((before + secret + after).encode())


def test_a_key_that_is_no_utf8_is_masked_like_any_other() -> None:
    # os.environ hands such bytes over as lone surrogates.
    key = b"k\xff\xfe123456".decode("utf-8", "surrogateescape")
    assert Redactor([key]).text(f"<{key}> <k%FF%FE123456>") == "<****> <****>"
    assert Redactor([key]).data(b"<k\xff\xfe123456>") == b"<****>"
