"""The life of a connection, and of a run, as nouns: it is told in the stream like any price.

Import them from `oddstail.model`, which is the one door to all nouns. Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["info", "warning", "error"]
Resumed = Literal["yes", "no", "unknown"]

#: The code of the notice that the provider skips updates until it is paid, and the cause of the gap that this makes.
CREDITS_OUT = "credits-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The provider acknowledged the link. `attempt` counts the connects since the last good one."""

    label: str
    host: str
    attempt: int = 1
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A link that was open is not any more; nothing that it fed is known to be on offer.

    `retry_in` is in seconds, None when there will be no retry; `attempt` is the try that failed, as `Retrying` and
    `Opened` count them, 0 where nobody counted (a record).
    """

    cause: str
    detail: str
    retry_in: float | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From when to when nobody watched. `start` is the last byte heard, `end` the next acknowledged link.

    `seconds` is measured by a clock that does not jump, so it may differ from `end - start`.
    """

    start: int
    end: int
    seconds: float
    cause: str
    resumed: Resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a user should know that is not a price. `code` is stable, `text` is for people.

    `value` is a number where there is one (credits charged, bytes, seconds). `payload` is what the provider
    sent, JSON as text, where no record of ours has fields for it.
    """

    code: str
    text: str
    level: Level = "warning"
    value: float | None = None
    payload: str | None = None


def is_pause(event: object) -> bool:
    """Whether this says that no more updates come for now, over a link that is good: a blind spot until one does."""
    return isinstance(event, Notice) and event.code == CREDITS_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """A connect that failed, and when the next one is. For people: it is no record, `lost` and `gap` are."""

    detail: str
    wait: float
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last record of a run. `code` is the exit code."""

    code: int
    reason: str
    quotes: int = 0
    gaps: int = 0
