"""`--tz`, and the times of day that other flags take: read in that zone, the user's own unless they say otherwise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, tzinfo

from oddstail import local_time
from oddstail.model import UsageError

LOCAL = "local"
TZ_HELP = "Time zone for times of day: local (default), utc, or a name (Europe/London)."


@dataclass(frozen=True, slots=True)
class Times:
    """The zone; and what is wrong with TZ, where that does not name one. Times are shown in UTC then, as libc does."""

    zone: tzinfo
    problem: str | None = None

    @property
    def notes(self) -> list[str]:
        """What a user should know of it."""
        return [] if self.problem is None else [self.problem.replace("; ", ", so times are in UTC; ", 1)]

    def moment(self, flag: str, text: str, after: int, *, inclusive: bool = False, also: str = "") -> int:
        """Return when a flag's time is (local_time.moment). UsageError for what is not one; `also` is one more form."""
        if self.problem is not None and not local_time.has_offset(text):
            raise UsageError(f"{flag}: {text!r} needs a time zone, and {self.problem}")
        try:
            return local_time.moment(text, after, self.zone, inclusive=inclusive)
        except ValueError as error:
            raise UsageError(f"{flag}: {error}{also}") from None


def times(tz: str) -> Times:
    """The zone that --tz names. UsageError if there is none of that name."""
    try:
        return Times(local_time.time_zone(tz, os.environ))
    except ValueError as error:
        if tz.strip().lower() != LOCAL:
            raise UsageError(f"--tz: {error}") from None
        return Times(UTC, str(error))
