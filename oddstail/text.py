"""Text from outside: makes it safe for a terminal, takes secrets out. Knows no screen, log or provider.

Where both are wanted, redact first: what `visible` cuts off a secret makes the rest of it harder to know.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.entities import html5
from typing import Final, NoReturn
from unicodedata import category, combining, normalize
from urllib.parse import urlsplit

ELLIPSIS: Final = "…"
MASK: Final = "****"

#: Shorter secrets are masked only where a name announces them.
SHORTEST: Final = 8


def visible(text: str, limit: int = 0) -> str:
    """`text` with everything that a terminal would obey, hide or reorder replaced by a visible mark.

    A line feed, a tab and every space other than the plain one become a plain space; the other C0 controls
    and DEL their control pictures (ESC is ␛, CR ␍); all else that Python does not call printable reads
    `<U+202E>`: C1, zero-width and bidirectional controls, line separators, the byte order mark, lone
    surrogates, tag characters, private and unassigned code points. What comes out is always printable.

    Of the combining marks on one character a few are kept: a thousand of them are drawn over the lines around.

    With `limit` > 0 the result has at most that many characters, the last an ellipsis if anything was
    cut; a mark is kept whole or not at all.
    """
    # One character more than fits tells that there is more, and bounds the work on a frame of megabytes.
    head = text[: limit + 1] if limit > 0 else text
    if not head.isascii():
        head = _thinned(text[: limit * _MOST_LOOKED_AT] if limit > 0 else text, limit)
    if head.isprintable():
        return head if limit <= 0 or len(head) <= limit else head[: limit - 1] + ELLIPSIS
    marked = [char if char.isprintable() else _mark(char) for char in head]
    return "".join(marked if limit <= 0 else _cut(marked, limit))


#: Combining marks that one character may carry (Vietnamese has two, Tibetan some more), and how many times the limit
#: of characters are looked at for what to leave out.
_MOST_MARKS, _MOST_LOOKED_AT = 4, 64


def _thinned(text: str, limit: int) -> str:
    """`text` with a few combining marks for each character; one character more than `limit`, if that is not 0."""
    kept: list[str] = []
    marks = 0
    for char in text:
        # No mark comes before U+0300.
        marks = marks + 1 if char >= "\u0300" and category(char)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
            if len(kept) == limit + 1 and limit > 0:
                break
    return "".join(kept)


def _mark(char: str) -> str:
    code = ord(char)
    if char in "\n\t" or category(char) == "Zs":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def _cut(pieces: list[str], limit: int) -> list[str]:
    if sum(map(len, pieces)) <= limit:
        return pieces
    room = limit - len(ELLIPSIS)
    kept: list[str] = []
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return [*kept, ELLIPSIS]


def web_address(link: str | None) -> str:
    """Return `link` if a terminal may be given it to open or copy, else an empty text.

    That is an http or https address of at most 2,000 printable ASCII characters without spaces: nothing in it can end
    an escape sequence or start another program.
    """
    if not link or len(link) > _LONGEST_ADDRESS or not link.isascii() or not link.isprintable() or " " in link:
        return ""
    return link if link[:8].lower().startswith(("http://", "https://")) else ""


_LONGEST_ADDRESS: Final = 2000


def fold(text: str) -> str:
    """Return `text` as filters compare it: without case, accents, width, ligatures and characters that show nothing.

    `İstanbul Başakşehir`, composed or not, is `istanbul basaksehir`; `ＮＢＡ` is `nba`, `Strauß` is `strauss`. It is
    Unicode's compatibility caseless match (The Unicode Standard, 3.13, D146) without combining marks, and letters that
    Unicode does not take apart are as people type them: `ø` is `o`, `ı` is `i`. A text of marks alone stays as it is.
    """
    if text.isascii():
        return text.lower()
    # A quote's names come ten thousand times a second; what is longer is no name.
    return _fold(text) if len(text) <= _NAME else _fold.__wrapped__(text)


@lru_cache(1 << 13)
def _fold(text: str) -> str:
    # Without the marks first: normalization sorts each run of them, which takes the square of its length.
    plain = "".join(char for char in text if not combining(char))
    plain = normalize("NFKD", normalize("NFKD", plain).casefold()).translate(_LETTERS)
    return "".join(char for char in plain if not combining(char) and category(char) not in ("Cf", "Me")) or text


#: Characters of the longest text that is kept folded.
_NAME: Final = 256
_LETTERS: Final = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe",
     "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "′": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-"}
)  # fmt: skip


class Secret:
    """Holds a key so that no repr, format, pickle or copy gives it away by accident. `reveal()` does."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


class Redactor:
    """Masks secrets with `****` in every form in which one could show.

    As it is, or with any of its characters percent-encoded, escaped as JSON, Python or HTML do it, to any depth and in
    either case; in hex; in base64, standard and URL-safe, alone or as a part of something longer (`user:key`). A secret
    of fewer than 8 characters (a vendor's demo key is `demo`) is masked only where `text` finds it by the name of its
    parameter or header, and never as a bare substring: that would mangle ordinary words.
    """

    __slots__ = ("_data", "_data_stumps", "_stumps", "_text", "_values")

    def __init__(self, secrets: Iterable[Secret | str], *, depth: int = 1) -> None:
        """`depth` is how many times what `data` gets has been written as a JSON string."""
        values = {secret.reveal() if isinstance(secret, Secret) else secret for secret in secrets}
        # The longest first: one secret may be the beginning of another.
        self._values = sorted((value for value in values if len(value) >= SHORTEST), key=lambda one: (-len(one), one))
        forms = [form for value in self._values for form in _forms(value)]
        self._text = [(core.casefold(), re.compile(_pattern(form, 0), re.IGNORECASE)) for core, form in forms]
        self._data = [(_bytes(core), re.compile(_bytes(_pattern(form, depth)), re.IGNORECASE)) for core, form in forms]
        stumps = [_stump(value) for value in self._values]
        self._stumps = [re.compile(stump, re.IGNORECASE) for stump in stumps]
        self._data_stumps = [
            (_bytes(_core(value[:SHORTEST])), re.compile(_bytes(stump), re.IGNORECASE))
            for value, stump in zip(self._values, stumps, strict=True)
        ]

    def text(self, text: str) -> str:
        """`text` without secrets, and without whatever a parameter or header that carries a key holds."""
        folded = text.casefold()
        for core, pattern in self._text:
            if core in folded:
                text = pattern.sub(MASK, text)
        if ELLIPSIS in text:
            # A server's message is cut by `visible` before it is anybody's to redact: `...key=abcdefghij…`.
            for pattern in self._stumps:
                text = pattern.sub(rf"{MASK}\1", text)
        for named, masked in _NAMED:
            text = named.sub(masked, text)
        return text

    def data(self, data: bytes) -> bytes:
        """`data` without secrets: known ones only, and each must lie whole within it, or be cut by `visible`."""
        for core, pattern in self._data:
            if core in data:
                data = pattern.sub(_MASK, data)
        for core, pattern in self._data_stumps:
            if core in data:
                data = pattern.sub(_MASK + rb"\1", data)
        return data

    def nested(self) -> Redactor:
        """The same for JSON inside of a JSON string, where what was escaped is escaped once more."""
        return Redactor(self._values, depth=2)


_MASK: Final = MASK.encode()
#: What no encoder changes: the longest run of these in a form says fast that it is not there.
_PLAIN: Final = re.compile(r"[A-Za-z0-9]+")
_BASE64: Final = "[A-Za-z0-9+/_-]{0,3}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if _is_escaped(text) else "surrogatepass")


def _is_escaped(text: str) -> bool:
    """Whether each lone surrogate stands for a byte that is no UTF-8, as in os.environ."""
    return all("\udc80" <= char <= "\udcff" for char in text if "\ud800" <= char <= "\udfff")


def _forms(value: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    """(core, (form, whether it is base64)): what the secret may be written as, before anything is escaped."""
    raw = _bytes(value)
    forms = {(value, False): None, (raw.hex(), False): None, (raw.hex().upper(), False): None}
    for shift in range(3):
        # What stands before and after shares a letter with the first and the last byte: those are left out.
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        inner = encoded[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        forms[inner, True] = None
        forms[inner.replace("+", "-").replace("/", "_"), True] = None
    for form in forms:
        yield _core(form[0]), form


def _core(text: str) -> str:
    core = max(_PLAIN.findall(text), key=len, default="")
    return core if len(core) >= 4 else ""


def _pattern(form: tuple[str, bool], depth: int) -> str:
    """A form with each of its characters as it is or escaped.

    JSON must stay JSON: at the edges a quote or a backslash belongs to the secret only if it is escaped itself, which
    at this depth takes so many backslashes.
    """
    text, is_base64 = form
    bare = text.strip('"\\') if depth else text
    if not bare:
        return _escaped(text)
    quotes, slashes = rf"\\{{{2**depth - 1},}}\"", rf"(?:\\{{{2**depth}}})"
    before, after = text[: text.index(bare)], text[text.index(bare) + len(bare) :]
    head = f"(?:{slashes}|{quotes}){{0,{len(before)}}}" if before else ""
    tail = f"(?:{slashes}|{quotes}){{0,{len(after)}}}" if after else ""
    out = head + _escaped(bare) + tail
    return f"{_BASE64}{out}{_BASE64}(?:=|%3D){{0,2}}" if is_base64 else out


def _stump(value: str) -> str:
    """A secret that was cut after its first characters, with the ellipsis that says so."""
    parts = _characters(value[:_LONGEST_STUMP])
    rest = rf"[^\s{ELLIPSIS}]*" if len(value) > _LONGEST_STUMP else ""
    for part in reversed(parts[SHORTEST:]):
        rest = f"(?:{part}{rest})?"
    return "".join(parts[:SHORTEST]) + rest + rf"[\\%&#x0-9]*({ELLIPSIS}|\\+u2026)"


#: Characters of a stump that are compared; each is a level of the pattern.
_LONGEST_STUMP: Final = 60


def _escaped(text: str) -> str:
    return "".join(_characters(text))


def _characters(text: str) -> list[str]:
    """A pattern for each character of `text`: itself, and all that encoders make of it."""
    out: list[str] = []
    slashes = 0
    for char in text:
        if char == "\\":
            slashes += 1
            # One count for a run of them: `\\+\\+` would be tried in every combination.
            out.append("")
            out[-slashes] = rf"(?:(?:\\|%(?:25)*5[Cc]|&(?:amp;)*#0*92;|&(?:amp;)*#[xX]0*5[Cc];){{{slashes},}})"
            continue
        out.append(_character(char, prefix="" if slashes else r"\\*"))
        slashes = 0
    return out


def _character(char: str, prefix: str) -> str:
    if _PLAIN.fullmatch(char):
        return re.escape(char)
    units = char.encode("utf-16-be", "surrogatepass")
    json_form = "".join(rf"\\+u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in _bytes(char))
    code = ord(char)
    forms = [prefix + re.escape(char), json_form, percent, rf"&(?:amp;)*#0*{code};", rf"&(?:amp;)*#x0*{code:x};"]
    names = [re.escape(name) for name, meant in html5.items() if meant == char and name.endswith(";")]
    if names:
        forms.append(rf"&(?:amp;)*(?:{'|'.join(names)})")
    if char == " ":
        forms.append(r"\+")
    if code < 0x100:
        forms.append(rf"\\+x{code:02x}")
    if char == "\n":
        forms.append(r"\\+n")
    return f"(?:{'|'.join(forms)})"


def address_secrets(url: str) -> list[str]:
    """What of a webhook's address keeps others out: all of it, its path and query, its password, its long segments."""
    try:
        parts = urlsplit(url)
        password = parts.password or ""
    except ValueError:
        return [url]
    rest = url.partition("://")[2].partition("/")[2]
    segments = re.split(r"[/?&=#]", rest)
    return [url, f"/{rest}", rest, password, *(one for one in segments if len(one) >= _LONG_SEGMENT)]


#: From this length on a segment of a path is a token, not a word.
_LONG_SEGMENT: Final = 16


# --- where a name announces a secret ------------------------------------------------------------------

_HEADER = r"\b(?:x-api-key|authorization)"

#: Better a word too many than a key: each takes all that may belong to the value.
_NAMED: Final = [
    (re.compile(pattern, re.IGNORECASE), masked)
    for pattern, masked in (
        # A query parameter, in a URL or alone: ?key=...&apiKey=...
        (r"(?<!\w)((?:api[_-]?)?key|token)=[^\s&#\"'<>]+", rf"\1={MASK}"),
        # A header on its line, and as a library prints a mapping or a list of pairs.
        (rf"({_HEADER}\s*[:=]\s*)[^\s\"'][^\r\n]*", rf"\1{MASK}"),
        (rf"({_HEADER}[\"']\s*[:,]\s*b?([\"']))(?:(?!\2).)+", rf"\1{MASK}"),
        # A browser cannot send a header with a WebSocket, so ParlayAPI takes the key as a subprotocol.
        (r"\b(apikey\.)[^\s,\"']+", rf"\1{MASK}"),
        # The password of a proxy's address.
        (r"(://[^\s/:@]*:)[^\s/]+(?=@)", rf"\1{MASK}"),
    )
]


def holds_a_key(variable: str) -> bool:
    """Whether a variable of the environment is nothing for a user's own command to inherit."""
    return "API_KEY" in variable or variable in ("CREDENTIALS_DIRECTORY", "ODDSTAIL_WEBHOOK")
