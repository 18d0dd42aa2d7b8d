"""When a file has had its time or its size. Pure: borders lie on UTC, whatever the machine's zone."""

from __future__ import annotations

from dataclasses import dataclass

from oddstail import units

_WORDS = {"hour": 3600.0, "hourly": 3600.0, "day": 86400.0, "daily": 86400.0}
#: A file a second would be a mistake, not a wish.
_SHORTEST = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """After so many seconds (on a border of them, counted from the epoch) or bytes, whichever comes first."""

    seconds: float | None = None
    size: int | None = None

    def border(self, now: int) -> int | None:
        """The next border after `now`; both in microseconds since the epoch."""
        if self.seconds is None:
            return None
        step = round(self.seconds * 1_000_000)
        return (now // step + 1) * step


def rotation(text: str) -> Rotation:
    """`1h`, `day`, `100MB`, or both: `1h,100MB`. ValueError for anything else."""
    seconds: float | None = None
    size: int | None = None
    for word in text.split(","):
        word = word.strip()
        if word.lower() in _WORDS:
            seconds = _WORDS[word.lower()]
            continue
        try:
            seconds = units.duration(word)
            continue
        except ValueError:
            pass
        if word.isdigit():
            raise ValueError(f"{word!r} has no unit; use 1h, day or 100MB")
        try:
            size = units.size(word)
        except ValueError:
            raise ValueError(f"{word!r} is neither a time nor a size; use 1h, day or 100MB") from None
    if seconds is not None and seconds < _SHORTEST:
        raise ValueError(f"{text!r} would start a file for every record; use at least 1s")
    return Rotation(seconds=seconds, size=size)
