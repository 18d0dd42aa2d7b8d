"""Times of day in a zone: what people type, and what they see."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from oddstail import local_time
from oddstail.units import micros, stamp

NEW_YORK, LONDON, LORD_HOWE = "America/New_York", "Europe/London", "Australia/Lord_Howe"
KATHMANDU, APIA = "Asia/Kathmandu", "Pacific/Apia"


def us(text: str) -> int:
    """Microseconds since the epoch of an RFC 3339 time."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def zone(name: str) -> tzinfo:
    return local_time.time_zone(name, {})


@pytest.mark.parametrize(
    ("name", "now", "text", "expected"),
    [
        pytest.param(NEW_YORK, "2026-10-31T17:00-04:00", "04:00", "2026-11-01T09:00Z", id="until-over-dst-end"),
        pytest.param(NEW_YORK, "2027-03-13T17:00-05:00", "04:00", "2027-03-14T08:00Z", id="until-over-dst-start"),
        pytest.param(LONDON, "2026-10-24T20:00+01:00", "06:00", "2026-10-25T06:00Z", id="london-over-dst-end"),
        pytest.param(LONDON, "2027-03-27T20:00Z", "06:00", "2027-03-28T05:00Z", id="london-over-dst-start"),
        pytest.param(LORD_HOWE, "2026-10-03T20:00+10:30", "06:00", "2026-10-03T19:00Z", id="half-hour-forward"),
        pytest.param(LORD_HOWE, "2027-04-03T20:00+11:00", "06:00", "2027-04-03T19:30Z", id="half-hour-back"),
        pytest.param(KATHMANDU, "2026-06-01T12:00+05:45", "18:30", "2026-06-01T12:45Z", id="kathmandu"),
        pytest.param(APIA, "2026-06-01T12:00+13:00", "11:59", "2026-06-01T22:59Z", id="apia"),
        pytest.param(APIA, "2011-12-29T20:00-10:00", "18:00", "2011-12-31T04:00Z", id="apia-skips-a-day"),
        pytest.param("utc", "2026-10-31T17:00Z", "04:00", "2026-11-01T04:00Z", id="utc"),
        pytest.param(NEW_YORK, "2026-10-31T17:00-04:00", "17:00", "2026-11-01T22:00Z", id="same-time-tomorrow-is-25h"),
        pytest.param(NEW_YORK, "2026-11-01T00:30-04:00", "01:30", "2026-11-01T05:30Z", id="ambiguous-first"),
        pytest.param(NEW_YORK, "2026-11-01T01:45-04:00", "01:30", "2026-11-01T06:30Z", id="ambiguous-second"),
        pytest.param(NEW_YORK, "2026-11-01T01:45-05:00", "01:30", "2026-11-02T06:30Z", id="ambiguous-tomorrow"),
        pytest.param(NEW_YORK, "2027-03-14T01:00-05:00", "02:30", "2027-03-14T07:30Z", id="skipped-by-offset-before"),
        pytest.param(NEW_YORK, "2027-03-14T03:10-04:00", "02:30", "2027-03-15T06:30Z", id="skipped-is-past-afterwards"),
        pytest.param(NEW_YORK, "2026-01-31T12:00-05:00", "13:00:15", "2026-01-31T18:00:15Z", id="with-seconds"),
        pytest.param(NEW_YORK, "2026-01-31T12:00-05:00", " 13:00 ", "2026-01-31T18:00Z", id="with-spaces"),
        pytest.param(NEW_YORK, "2026-01-31T12:00-05:00", "20:00Z", "2026-01-31T20:00Z", id="own-offset-z"),
        pytest.param(NEW_YORK, "2026-01-31T12:00-05:00", "19:00+01:00", "2026-01-31T18:00Z", id="own-offset"),
        pytest.param(NEW_YORK, "2026-10-31T17:00-04:00", "2026-11-01T04:00", "2026-11-01T09:00Z", id="date-in-zone"),
        pytest.param(NEW_YORK, "2026-10-31T17:00-04:00", "2026-11-01T01:30", "2026-11-01T05:30Z", id="date-ambiguous"),
        pytest.param(NEW_YORK, "2026-11-01T05:45Z", "2026-11-01T01:30", "2026-11-01T06:30Z", id="date-ambiguous-later"),
        pytest.param(NEW_YORK, "2027-03-01T12:00Z", "2027-03-14T02:30", "2027-03-14T07:30Z", id="date-skipped"),
        pytest.param(NEW_YORK, "2026-10-31T12:00Z", "2026-11-01T09:00Z", "2026-11-01T09:00Z", id="date-in-utc"),
        pytest.param(
            NEW_YORK, "2026-10-31T12:00Z", "2026-11-01 10:00+01:00", "2026-11-01T09:00Z", id="date-with-offset"
        ),
        pytest.param(NEW_YORK, "2026-10-31T12:00Z", "2026-01-01T00:00", "2026-01-01T05:00Z", id="date-past"),
    ],
)
def test_time_is_read_by_the_rules_of_its_zone(name: str, now: str, text: str, expected: str) -> None:
    assert stamp(us(expected)) == stamp(local_time.moment(text, us(now), zone(name)))


def test_second_of_the_start_is_not_too_early() -> None:
    start = micros("2026-01-31T19:42:00.500000Z")
    assert stamp(local_time.moment("19:42", start, UTC, inclusive=True)) == "2026-01-31T19:42:00.000000Z"
    assert stamp(local_time.moment("19:42", start, UTC)) == "2026-02-01T19:42:00.000000Z"


@pytest.mark.parametrize(
    "text", ["25:00", "12:60", "noon", "", "2026-02-30T10:00", "12:00+99:00", "1:2", "１２:00", "9999-99-99"]
)
def test_bad_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; use 23:30 or 2026-01-31T23:30"):
        local_time.moment(text, us("2026-01-31T18:00Z"), zone(NEW_YORK))


@pytest.mark.parametrize("now", ["0001-01-01T10:00Z", "9999-12-31T22:00Z"])
def test_time_next_to_the_end_of_the_calendar_is_refused(now: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        local_time.moment(
            "04:00",
            (datetime.fromisoformat(now) - datetime(1970, 1, 1, tzinfo=UTC)) // local_time._MICROSECOND,
            zone(NEW_YORK),
        )


@pytest.mark.parametrize(
    ("name", "clock", "dated"),
    [
        (NEW_YORK, "14:22:07.418 EST", "Sat 2026-01-31 14:22:07 EST"),
        (LONDON, "19:22:07.418 GMT", "Sat 2026-01-31 19:22:07 GMT"),
        (LORD_HOWE, "06:22:07.418 UTC+11:00", "Sun 2026-02-01 06:22:07 UTC+11:00"),
        (KATHMANDU, "01:07:07.418 UTC+05:45", "Sun 2026-02-01 01:07:07 UTC+05:45"),
        ("utc", "19:22:07.418 UTC", "Sat 2026-01-31 19:22:07 UTC"),
    ],
)
def test_time_is_shown_with_its_zone(name: str, clock: str, dated: str) -> None:
    at = micros("2026-01-31T19:22:07.418233Z")
    assert (clock, dated) == (local_time.clock(at, zone(name)), local_time.dated(at, zone(name)))


def test_zone_changes_its_name_while_a_run_crosses_the_change() -> None:
    change = us("2026-11-01T06:00Z")
    shown = [local_time.clock(change + seconds * 1_000_000, zone(NEW_YORK)) for seconds in (-1, 0)]
    assert shown == ["01:59:59.000 EDT", "01:00:00.000 EST"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-31T18:30:00Z", "Fri 2026-07-31 14:30 EDT"),
        ("2026-07-31T18:30:00+00:00", "Fri 2026-07-31 14:30 EDT"),
        ("2026-07-31, 06:30 PM", "2026-07-31, 06:30 PM"),
        ("2026-07-31T18:30:00", "2026-07-31T18:30:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_time_of_a_record_is_shown_in_the_zone(text: str, expected: str) -> None:
    assert expected == local_time.of_record(text, zone(NEW_YORK))


@pytest.mark.parametrize(
    "value",
    [
        NEW_YORK, f":{LONDON}", f"/usr/share/zoneinfo/{LORD_HOWE}", "EST5EDT,M3.2.0,M11.1.0", "<+0545>-5:45", "XYZ5", "",
        "NZST-12NZDT,M9.5.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", APIA, "UTC", "UTC0", None,
    ],
)  # fmt: skip
def test_local_zone_is_that_of_libc(value: str | None) -> None:
    times = [us("2008-01-01T00:00Z") // 1_000_000 + week * 604_800 for week in range(1500)]
    script = f"import time; print([time.localtime(one).tm_gmtoff for one in {times}])"
    env = {} if value is None else {"TZ": value}
    libc = subprocess.check_output([sys.executable, "-c", script], env=env, text=True)
    ours = local_time.local_zone(env)
    offsets = [local_time.at(one * 1_000_000, ours).utcoffset() for one in times]
    assert libc.strip() == str([int(offset.total_seconds()) for offset in offsets if offset is not None])


@pytest.mark.parametrize(
    "value", ["Foo/Bar", "America", "../../etc/passwd", "EST5,nonsense", "/nonexistent", "a\udcff", "\0"]
)
def test_bad_tz_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^TZ '.*' is not a time zone; "):
        local_time.local_zone({"TZ": value})


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("london", LONDON), ("europe/london", LONDON), ("new york", NEW_YORK), ("Europe/Lodnon", LONDON),
        ("America/New York", NEW_YORK), ("US/New_York", NEW_YORK),
    ],
)  # fmt: skip
def test_unknown_zone_has_a_suggestion(name: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=f"{name!r} is not a time zone; did you mean '{nearest}'?"):
        zone(name)


@pytest.mark.parametrize("name", ["Foo/Bar", "", "Europe", "/etc/localtime"])
def test_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; "):
        zone(name)


@pytest.mark.parametrize(
    ("name", "expected"), [("UTC", UTC), ("utc", UTC), (" local ", ZoneInfo(KATHMANDU)), (APIA, ZoneInfo(APIA))]
)
def test_zone_of_a_name(name: str, expected: tzinfo) -> None:
    assert expected is local_time.time_zone(name, {"TZ": KATHMANDU})
