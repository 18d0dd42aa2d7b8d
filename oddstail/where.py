"""Conditions that people write: `book in ("Pinnacle", "Circa") and line <= -3.5`. Parsed, typed, compiled to a closure.

    condition   = either { "or" either }
    either      = each { "and" each }
    each        = "not" each | comparison
    comparison  = sum { ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~") sum }
                | sum ["not"] "in" (list | sum) | sum "is" ["not"] "null"
    list        = ("(" | "[") sum { "," sum } (")" | "]")
    sum         = product { ("+" | "-") product }
    product     = factor { ("*" | "/") factor }
    factor      = "-" factor | number | string | "true" | "false" | "null" | field | "abs" "(" sum ")"
                | "(" condition ")"

Ours rather than `eval` or a library of expressions: those reach attributes and functions, and know no
types; here a text that is compared with a number is an error before anything runs, with its place. It
knows no quote: what the fields are, and of what, is a table that the caller brings.

Texts are compared without regard to case and accents, by `=` too; `a ~ b` is whether `a` has `b` in it, and so is
`b in a`. Truth is three-valued, as in SQL: whatever hangs on a field that is not known (null) is unknown, so is `not`
of it, and what is unknown is not let through. `is null` alone is always yes or no, and `= null` written out means the
same.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

from oddstail.text import fold
from oddstail.truth import Get, Truth, joined, negated, ordered, reckoned

Type = Literal["text", "number", "flag", "null"]
#: A longer condition, or a deeper one, is no condition that somebody meant.
LONGEST, DEEPEST = 4000, 40


class WhereError(ValueError):
    """A condition that cannot be understood. `at` is the place, counted in characters from 0."""

    def __init__(self, text: str, at: int, why: str) -> None:
        near = text[at : at + 24]
        place = f'at character {at + 1}, "{near}{"..." if at + 24 < len(text) else ""}"' if near else "at the end"
        super().__init__(f"{why} ({place})")
        self.at = at


@dataclass(frozen=True, slots=True)
class Field:
    """How to read one field, and what it holds. Any may be null.

    `values` are those of a field that has few, in lower case: a text that is none of them is a mistake. `more`: there
    may be others, so that a text is one only if it is nearly one of these.
    """

    type: Type
    get: Get
    values: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, ready: `test` says whether it holds of something. `fields` are those that it looks at.

    `texts` are those that are written out, as something that a field is equal to or not, with the field.
    """

    text: str
    test: Callable[[Any], bool]
    fields: frozenset[str]
    texts: frozenset[tuple[str, str]] = frozenset()


def compiled(text: str, fields: Mapping[str, Field]) -> Condition:
    """The condition that a text is. WhereError."""
    if len(text) > LONGEST:
        raise WhereError(text, LONGEST, f"a condition has {LONGEST:,} characters at the most")
    parser = _Parser(text, fields)
    node = parser.whole()
    get = _truth(node, text)
    return Condition(text, lambda subject: get(subject) is True, frozenset(parser.used), frozenset(parser.texts))


# --- tokens ------------------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKENS = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?![\w.]))
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*)
    | (?P<sign><=|>=|!=|<>|==|&&|\|\||[-+*/=<>~()\[\],!])
    )""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "true", "false", "null", "none", "abs"})
#: What people write who come from another language.
_MEANT = {"&&": "and", "||": "or", "!": "not", "none": "null", "<>": "!=", "=": "=="}


def _tokens(text: str) -> list[_Token]:
    out: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            why = "a text without its closing quote" if text[start] in "\"'" else "what is this?"
            raise WhereError(text, start, why)
        kind = match.lastgroup or ""
        word = match[kind]
        if kind == "name" and word.lower() in _WORDS:
            kind, word = "sign", word.lower()
        if kind == "sign":
            word = _MEANT.get(word, word)
        out.append(_Token(kind, word, match.start(match.lastgroup or "")))
        at = match.end()
    return [*out, _Token("end", "", len(text))]


# --- the grammar -------------------------------------------------------------------------------------


class _Node(NamedTuple):
    """A part of a condition: what it yields, where it stands; `fixed` if it looks at nothing, `field` if it is one."""

    type: Type
    get: Get
    at: int
    fixed: bool = False
    field: str = ""


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPARES = ("==", "!=", *_ORDERS, "~")
_CLOSES = {"(": ")", "[": "]"}


class _Parser:
    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._text = text
        self._fields = fields
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0
        self.used: set[str] = set()
        self.texts: set[tuple[str, str]] = set()

    def whole(self) -> _Node:
        node = self._condition()
        if self._token.kind != "end":
            raise self._error("expected `and`, `or`, or the end")
        return node

    # --- tokens -----------------------------------------------------------------------------------

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *signs: str) -> _Token | None:
        token = self._token
        if token.kind != "sign" or token.text not in signs:
            return None
        self._next += 1
        return token

    def _error(self, why: str, at: int | None = None) -> WhereError:
        return WhereError(self._text, self._token.at if at is None else at, why)

    # --- rules, from the loosest to the tightest ----------------------------------------------------

    def _condition(self) -> _Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("too many brackets and `not`s within each other")
        node = self._joined("or", self._either)
        self._depth -= 1
        return node

    def _either(self) -> _Node:
        return self._joined("and", self._each)

    def _joined(self, word: Literal["or", "and"], part: Callable[[], _Node]) -> _Node:
        """Parts with a word between them, side by side: hundreds of them must not lie within each other."""
        parts = [part()]
        while self._take(word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        tests = [_truth(node, self._text) for node in parts]
        return _Node("flag", joined(tests, settles=word == "or"), parts[0].at)

    def _each(self) -> _Node:
        token = self._take("not")
        if token is None:
            return self._comparison()
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("too many brackets and `not`s within each other")
        inner = _truth(self._each(), self._text)
        self._depth -= 1
        return _Node("flag", negated(inner), token.at)

    def _comparison(self) -> _Node:
        left = self._sum()
        if self._take("is"):
            turned = self._take("not") is not None
            if self._take("null") is None:
                raise self._error("expected `null`")
            get = left.get
            return _Node("flag", lambda subject: (get(subject) is None) is not turned, left.at)
        turned = self._token.text == "not" and self._take("not") is not None
        if self._take("in"):
            inside = self._within(left)
            return _Node("flag", negated(inside) if turned else inside, left.at)
        if turned:
            raise self._error("expected `in` after `not`")
        parts: list[Truth] = []
        while (token := self._take(*_COMPARES)) is not None:
            right = self._sum()
            parts.append(self._compared(left, token, right))
            left = right
        if not parts:
            return left
        if len(parts) == 1:
            return _Node("flag", parts[0], left.at)
        return _Node("flag", joined(parts, settles=False), left.at)

    def _compared(self, left: _Node, token: _Token, right: _Node) -> Truth:
        one, other, sign = left.get, right.get, token.text
        if sign == "~":
            return self._has(left, right, token.at)
        if "null" in (left.type, right.type):
            if sign not in ("==", "!="):
                raise self._error("null is neither less nor greater than anything; use `is null`", token.at)
        elif left.type != right.type:
            raise self._error(f"a {left.type} cannot be compared with a {right.type}", token.at)
        if sign in _ORDERS:
            if left.type == "flag":
                raise self._error("true and false have no order", token.at)
            return ordered(one, other, _ORDERS[sign])
        if left.type == right.type == "text":
            self._meant(left, right)
            self._meant(right, left)
            return ordered(_folded(left), _folded(right), operator.eq if sign == "==" else operator.ne)
        if "null" in (left.type, right.type):
            turned = sign == "!="
            return lambda subject: (one(subject) == other(subject)) is not turned
        return ordered(one, other, operator.eq if sign == "==" else operator.ne)

    def _has(self, whole: _Node, part: _Node, at: int) -> Truth:
        if whole.type != "text" or part.type != "text":
            raise self._error("only a text can be looked for in a text", at)
        field = self._fields[whole.field] if whole.field else None
        if field is not None and field.values and not field.more and part.fixed:
            text = fold(part.get(None))
            if not any(text in value for value in field.values):
                raise self._error(f"{whole.field} never has {text!r} in it; it is one of {', '.join(field.values)}", at)
        return ordered(_folded(whole), _folded(part), operator.contains)

    def _within(self, left: _Node) -> Truth:
        token = self._take("(", "[")
        if token is None:
            return self._has(self._sum(), left, left.at)
        items = [self._sum()]
        while self._take(","):
            items.append(self._sum())
        if self._take(_CLOSES[token.text]) is None:
            raise self._error(f"expected `,` or `{_CLOSES[token.text]}`")
        for item in items:
            if item.type not in (left.type, "null"):
                raise self._error(f"a {left.type} is never a {item.type}", item.at)
            self._meant(left, item)
        one = _folded(left)
        if all(item.fixed for item in items):
            values = frozenset(_folded(item)(None) for item in items)
            null = True if None in values else None
            return lambda subject: null if (value := one(subject)) is None else value in values
        # A null that is written out is sought as itself; a field that happens to be null is not known.
        parts: list[Truth] = [_is_null(left) if item.type == "null" else _equal(left, item) for item in items]
        return joined(parts, settles=True)

    # --- numbers ----------------------------------------------------------------------------------

    def _sum(self) -> _Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> _Node:
        return self._chain(self._factor, "*", "/")

    def _chain(self, part: Callable[[], _Node], *signs: str) -> _Node:
        first = part()
        rest: list[tuple[_Token, _Node]] = []
        while (token := self._take(*signs)) is not None:
            rest.append((token, part()))
        return self._reckoned(first, rest) if rest else first

    def _reckoned(self, first: _Node, rest: list[tuple[_Token, _Node]]) -> _Node:
        for node, token in ((first, rest[0][0]), *((node, token) for token, node in rest)):
            if node.type != "number":
                raise self._error(f"`{token.text}` is for numbers, and this is a {node.type}", node.at)
        get = reckoned(first.get, [(token.text, node.get) for token, node in rest])
        return _Node("number", get, first.at, first.fixed and all(node.fixed for _, node in rest))

    def _factor(self) -> _Node:
        token = self._token
        if (minus := self._take("-")) is not None:
            return self._reckoned(_fixed("number", 0, minus.at), [(minus, self._signed())])
        if self._take("+"):
            return self._signed()
        if self._take("abs"):
            if self._take("(") is None:
                raise self._error("expected `(` after `abs`")
            self._depth += 1
            if self._depth > DEEPEST:
                raise self._error("too many `abs` within each other")
            inner = self._sum()
            self._depth -= 1
            if inner.type != "number":
                raise self._error(f"`abs` is for numbers, and this is a {inner.type}", inner.at)
            self._closed()
            get = inner.get
            return _Node("number", lambda subject: None if (value := get(subject)) is None else abs(value), token.at)
        if self._take("("):
            node = self._condition()
            self._closed()
            return node
        if (word := self._take("true", "false", "null")) is not None:
            value = {"true": True, "false": False, "null": None}[word.text]
            return _fixed("null" if value is None else "flag", value, token.at)
        self._next += 1
        match token.kind:
            case "number":
                return _fixed("number", float(token.text) if "." in token.text else int(token.text), token.at)
            case "string":
                return _fixed("text", re.sub(r"\\(.)", r"\1", token.text[1:-1]), token.at)
            case "name":
                return self._field(token)
        self._next -= 1
        raise self._error(
            "the condition is empty"
            if token.kind == "end" and not self._next
            else "expected a field, a number or a text"
        )

    def _signed(self) -> _Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error("too many signs in a row")
        node = self._factor()
        self._depth -= 1
        return node

    def _closed(self) -> None:
        if self._take(")") is None:
            raise self._error("expected `)`")

    def _field(self, token: _Token) -> _Node:
        name = token.text.lower()
        field = self._fields.get(name)
        if field is None:
            known = any(name in other.values for other in self._fields.values())
            near = [] if known else get_close_matches(name, self._fields, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(near)}?" if near else f'a text is written "{token.text}"'
            raise self._error(f"there is no field {token.text}; {hint}", token.at)
        self.used.add(name)
        return _Node(field.type, field.get, token.at, field=name)

    def _meant(self, left: _Node, right: _Node) -> None:
        """Whether a text that is written out is one that the field may have: else the comparison would never hold."""
        if not left.field or not right.fixed or right.type != "text":
            return
        text: str = right.get(None)
        self.texts.add((left.field, text))
        field = self._fields[left.field]
        if not field.values or fold(text) in field.values:
            return
        near = get_close_matches(fold(text), field.values, n=2, cutoff=0.7 if field.more else 0.5)
        if near or not field.more:
            hint = f"did you mean {' or '.join(near)}?" if near else f"it is one of {', '.join(field.values)}"
            raise self._error(f"{left.field} is never {text!r}; {hint}", right.at)


# --- closures ----------------------------------------------------------------------------------------


def _fixed(type: Type, value: Any, at: int) -> _Node:
    return _Node(type, lambda _: value, at, True)


def _truth(node: _Node, text: str) -> Truth:
    """A node as yes, no or unknown."""
    if node.type != "flag":
        raise WhereError(text, node.at, f"a {node.type} is neither true nor false; compare it with something")
    return node.get


def _is_null(node: _Node) -> Truth:
    get = node.get
    return lambda subject: get(subject) is None


def _equal(left: _Node, right: _Node) -> Truth:
    return ordered(_folded(left), _folded(right), operator.eq)


def _folded(node: _Node) -> Get:
    """A text without its case and accents; all else as it is."""
    get = node.get
    if node.type != "text":
        return get
    if node.fixed:
        value = fold(get(None))
        return lambda _: value

    def folded(subject: Any) -> Any:
        text = get(subject)
        return None if text is None else fold(text)

    return folded
