"""Text from outside: makes it safe for a terminal, takes secrets out. Knows no screen, log or provider.

Where both are wanted, redact first: what `visible` cuts off a secret makes the rest of it harder to know.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NoReturn
from unicodedata import category, combining, normalize
from urllib.parse import quote, quote_plus

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

    With `limit` > 0 the result has at most that many characters, the last an ellipsis if anything was
    cut; a mark is kept whole or not at all.
    """
    # One character more than fits tells that there is more, and bounds the work on a frame of megabytes.
    head = text[: limit + 1] if limit > 0 else text
    if head.isprintable():
        return head if limit <= 0 or len(head) <= limit else head[: limit - 1] + ELLIPSIS
    marked = [char if char.isprintable() else _mark(char) for char in head]
    return "".join(marked if limit <= 0 else _cut(marked, limit))


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

    As it is; percent-encoded, with either case of the hex digits; JSON-escaped; as Python's repr; in
    base64, standard and URL-safe, of it alone. A secret of fewer than 8 characters (a vendor's demo key
    is `demo`) is masked only where `text` finds it by the name of its parameter or header, and never as a
    bare substring: that would mangle ordinary words.
    """

    __slots__ = ("_bytes", "_texts")

    def __init__(self, secrets: Iterable[Secret | str]) -> None:
        forms: set[str] = set()
        for secret in secrets:
            value = secret.reveal() if isinstance(secret, Secret) else secret
            if len(value) >= SHORTEST:
                forms.update(_forms(value))
        # The longest first: one secret may be the beginning of another, or of its own escaped form.
        self._texts = sorted(forms, key=lambda form: (-len(form), form))
        self._bytes = [form.encode("utf-8", "surrogateescape") for form in self._texts]

    def text(self, text: str) -> str:
        """`text` without secrets, and without whatever a parameter or header that carries a key holds."""
        for form in self._texts:
            if form in text:
                text = text.replace(form, MASK)
        if ELLIPSIS in text:
            text = self._without_stumps(text)
        for pattern, masked in _NAMED:
            text = pattern.sub(masked, text)
        return text

    def data(self, data: bytes) -> bytes:
        """`data` without secrets: known ones only, and each must lie whole within it."""
        for form in self._bytes:
            if form in data:
                data = data.replace(form, MASK.encode())
        return data

    def nested(self) -> Redactor:
        """The same for JSON inside of a JSON string, where what was escaped is escaped once more."""
        made = Redactor([])
        forms = {*self._texts, *(json.dumps(form)[1:-1] for form in self._texts)}
        made._texts = sorted(forms, key=lambda form: (-len(form), form))
        made._bytes = [form.encode("utf-8", "surrogateescape") for form in made._texts]
        return made

    def _without_stumps(self, text: str) -> str:
        # A server's message is cut by `visible` before it is anybody's to redact: `...key=abcdefghij…`.
        *cut, rest = text.split(ELLIPSIS)
        return ELLIPSIS.join([*map(self._without_stump, cut), rest])

    def _without_stump(self, part: str) -> str:
        for form in self._texts:
            for length in range(min(len(form) - 1, len(part)), SHORTEST - 1, -1):
                if part.endswith(form[:length]):
                    return part[:-length] + MASK
        return part


def _forms(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogateescape")
    yield value
    # What an encoder leaves alone differs: nothing, the slash, or all that RFC 3986 allows in a query.
    for encoded in (quote(raw, safe=""), quote(raw), quote(raw, safe="!$&'()*+,;=:@/?"), quote_plus(raw)):
        yield encoded
        yield re.sub("%..", lambda found: found[0].lower(), encoded)
    for escaped in (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)):
        yield escaped[1:-1]
        yield escaped[1:-1].replace("/", "\\/")
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


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
