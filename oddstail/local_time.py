"""Times of day as people read and type them, by the rules of a time zone. Records and tapes are in UTC: see units.py.

A zone's rules say when its clocks change; today's offset does not. What libc reads from TZ and /etc/localtime is read
here as libc reads it, since Python's own local time knows one offset only. Knows no flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))? ?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE)
_SYSTEM = Path("/etc/localtime")
#: RFC 8536, version 2: no transitions and one type, UTC; the rule in the footer, which follows, holds for ever.
_BLOCK = bytes(15) + b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, 4)) + bytes(6) + b"UTC\0"
_TZIF = (b"TZif2" + _BLOCK) * 2
#: When summer time is, where a rule has a name for it and no dates: as libc has it.
_SUMMER = ",M3.2.0,M11.1.0"


def time_zone(name: str, env: Mapping[str, str]) -> tzinfo:
    """Return the zone of a name: `local`, `utc`, or one of the IANA database. ValueError if there is none."""
    word = name.strip()
    if word.lower() == "utc":
        return UTC
    if word.lower() == "local":
        return local_zone(env)
    zone = _named(word)
    if zone is None:
        raise ValueError(f"{name!r} is not a time zone; {_remedy(word)}")
    return zone


def local_zone(env: Mapping[str, str]) -> tzinfo:
    """Return the zone of this user: that of TZ, else that of the system. ValueError for a TZ that is not a zone."""
    text = env.get("TZ")
    if text is None:
        return _file(_SYSTEM) or UTC
    word = text.removeprefix(":")
    if not word:
        return UTC
    zone = _file(Path(word)) if word.startswith("/") else _named(word) or _rule(word) or _rule(word + _SUMMER)
    if zone is None:
        raise ValueError(f"TZ {text!r} is not a time zone; {_remedy(word)}")
    return zone


def moment(text: str, after: int, zone: tzinfo, *, inclusive: bool = False) -> int:
    """Return the microseconds since the epoch of a time of day or an RFC 3339 time, in `zone` if it has no offset.

    A time of day is the first one after `after`. Of a time that comes twice, when clocks go back, the first one after
    `after` counts, or else the first. A time that clocks skip counts as if they had not changed yet: 02:30 is 03:30.
    `inclusive`: the second of `after` itself is not too early. ValueError for anything else.
    """
    if inclusive:
        after -= after % 1_000_000 + 1
    try:
        if is_time_of_day(text):
            return next(at for at in _occurrences(text, after, zone) if at > after)
        when = datetime.fromisoformat(text.strip())
        instants = _instants(when, zone) if when.tzinfo is None else [_micros(when)]
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time; use 23:30 or 2026-01-31T23:30") from None
    return next((at for at in instants if at > after), instants[0])


def previous(text: str, before: int, zone: tzinfo) -> int:
    """Return the last moment before `before` at which it was this time of day."""
    return max(at for at in _occurrences(text, before, zone) if at < before)


def is_time_of_day(text: str) -> bool:
    """Tell a time of day, `19:30`, from a time with its date."""
    return _TIME_OF_DAY.fullmatch(text.strip()) is not None


def has_offset(text: str) -> bool:
    """Tell whether a time names its own offset from UTC, so that no zone is needed."""
    return re.search(r"(Z|[+-]\d\d:?\d\d(:?\d\d)?)$", text.strip(), re.ASCII | re.IGNORECASE) is not None


def clock(micros: int, zone: tzinfo) -> str:
    """Return a time of day to the millisecond, with its zone: `14:22:07.418 EST`."""
    seconds, rest = divmod(micros, 1_000_000)
    text, name = _second(seconds, zone)
    return f"{text}.{rest // 1000:03d} {name}"


def dated(micros: int, zone: tzinfo) -> str:
    """Return a time with its day and zone, and its seconds if it has any: `Sat 2026-01-31 14:22 EST`."""
    when = at(micros, zone)
    return f"{when:{'%a %Y-%m-%d %H:%M:%S' if when.second else '%a %Y-%m-%d %H:%M'}} {zone_name(when)}"


def of_record(text: str, zone: tzinfo) -> str:
    """Return the RFC 3339 time of a record as `dated` writes it; anything else as it is."""
    try:
        when = datetime.fromisoformat(text)
        return text if when.tzinfo is None else dated(_micros(when), zone)
    except (ValueError, OverflowError):
        return text


def at(micros: int, zone: tzinfo) -> datetime:
    """Return a moment as the zone's clocks and calendar show it."""
    return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone)


def zone_name(when: datetime) -> str:
    """Return what a zone is called at a time: `EST`, `BST`; `UTC+05:45` where it has a number only."""
    name = when.tzname() or ""
    if name.isalpha():
        return name
    offset = round((when.utcoffset() or timedelta()).total_seconds() / 60)
    return f"UTC{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


@lru_cache(64)
def _second(seconds: int, zone: tzinfo) -> tuple[str, str]:
    """A busy stream has thousands of lines in one second."""
    when = at(seconds * 1_000_000, zone)
    return f"{when:%H:%M:%S}", zone_name(when)


def _micros(when: datetime) -> int:
    return (when - _EPOCH) // _MICROSECOND


def _occurrences(text: str, around: int, zone: tzinfo) -> Iterator[int]:
    """When it is this time of day: from two days before to two days after, in order."""
    match = _TIME_OF_DAY.fullmatch(text.strip())
    hour, minutes, seconds, offset = match.groups() if match else (text, "", None, None)
    of_day = time(int(hour), int(minutes), int(seconds or 0))
    if offset is not None:
        zone = datetime.fromisoformat(f"2000-01-01T00:00{offset.upper()}").tzinfo or zone
    now = at(around, zone)
    for days in range(-2, 3):
        wall = datetime.combine(now.date() + days * _DAY, of_day)
        for instant in _instants(wall, zone):
            # Clocks that skip 02:30 show 03:00 in its place, and from then on it is past.
            is_past = now.replace(tzinfo=None) >= wall and at(instant, zone).replace(tzinfo=None) != wall
            if not is_past or instant <= around:
                yield instant


def _instants(wall: datetime, zone: tzinfo) -> list[int]:
    """When clocks in the zone show this: once, or twice where they go back (PEP 495); skipped: by the offset before."""
    first, second = (_micros(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    return [first, second] if second > first else [first]


def _named(name: str) -> ZoneInfo | None:
    try:
        # A folder of the database raises what opening a folder does.
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _file(path: Path) -> tzinfo | None:
    try:
        with path.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (ValueError, OSError):
        return None


def _rule(text: str) -> tzinfo | None:
    """A rule of POSIX (`EST5EDT,M3.2.0,M11.1.0`), read as the footer of a zone's file has it."""
    try:
        return ZoneInfo.from_file(BytesIO(_TZIF + b"\n" + text.encode("ascii") + b"\n"))
    except ValueError:
        return None


def _remedy(word: str) -> str:
    names = {name.casefold(): name for name in sorted(available_timezones())}
    folded = word.casefold().replace(" ", "_")
    city = [name for key, name in names.items() if key.rpartition("/")[2] == folded.rpartition("/")[2]]
    close = [names[key] for key in get_close_matches(folded, names, 1, 0.6)]
    nearest = names.get(folded) or next(iter([*city, *close]), None)
    return f"did you mean {nearest!r}?" if nearest else "use a name such as Europe/London, or local, or utc"
