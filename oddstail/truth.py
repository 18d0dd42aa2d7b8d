"""Logic and arithmetic over what may be unknown, as closures: yes, no and None, as in SQL. Knows no grammar, no field.

Whatever hangs on an unknown value is unknown, and so is `not` of it; but one yes settles an `or`, one no an `and`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

#: The value of something in what is looked at.
Get = Callable[[Any], Any]
#: Whether something holds; None is that nobody knows.
Truth = Callable[[Any], bool | None]


def negated(inner: Truth) -> Truth:
    """`not`."""
    return lambda subject: None if (value := inner(subject)) is None else not value


def joined(parts: Sequence[Truth], *, settles: bool) -> Truth:
    """`or` (which one yes settles) and `and` (which one no settles): unknown if neither did and some part is."""

    def settled(subject: Any) -> bool | None:
        answer: bool | None = not settles
        for part in parts:
            value = part(subject)
            if value is settles:
                return settles
            if value is None:
                answer = None
        return answer

    return settled


def ordered(one: Get, other: Get, order: Callable[[Any, Any], bool]) -> Truth:
    """A comparison; unknown if either side is."""

    def compared(subject: Any) -> bool | None:
        left, right = one(subject), other(subject)
        return None if left is None or right is None else order(left, right)

    return compared


_RECKONS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def reckoned(first: Get, rest: list[tuple[str, Get]]) -> Get:
    """From the left to the right, in a loop: a long sum is no deep one."""
    steps = [(_RECKONS[sign], sign == "/", get) for sign, get in rest]

    def value_of(subject: Any) -> Any:
        value = first(subject)
        for reckon, divides, get in steps:
            other = get(subject)
            if value is None or other is None or (divides and other == 0):
                return None
            try:
                value = reckon(value, other)
            except OverflowError:
                return None
        return value

    return value_of
