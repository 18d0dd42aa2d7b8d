"""Durations, sizes and times as people write them, and what is refused rather than guessed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from oddstail import units

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=timezone(timedelta(hours=-5)))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (90, "90s"),
        (300, "5m"),
        (10_800, "3h"),
        (86_400, "1d"),
        (0.25, "250ms"),
        (5400, "1h30m"),
        (5400, "1.5h"),
        (61.5, "1m1s500ms"),
        (90, " 90S "),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert seconds == units.duration(text)


@pytest.mark.parametrize("text", ["", "90", "s", "0s", "0h0m", "-5s", "5 m", "5x", "1e3s", "5m!", "٣s", "inf", "1h30"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration; write it like 90s, 5m or 1h30m"):
        units.duration(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1"),
        (1, "1b"),
        (512_000, "512k"),
        (512_000, "512kB"),
        (524_288, "512KiB"),
        (67_108_864, "64MiB"),
        (67_108_864, "64 mib"),
        (100_000_000, "100MB"),
        (100_000_000, "100M"),
        (1_610_612_736, "1.5GiB"),
        (67_108_864, "64Mi"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert count == units.size(text)


@pytest.mark.parametrize("text", ["", "0", "0.4b", "-1", "MiB", "64 potatoes", "64TiB", "1e9", "6 4k", "i", "64i"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is no size; write it like 64MiB or 100MB"):
        units.size(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5.5 * 3600, "23:30"),
        (5.5 * 3600 + 15, "23:30:15"),
        (86_400 - 3600, "17:00"),
        (86_400, "18:00"),
        (3600, "2026-01-31T19:00"),
        (3600, "2026-02-01T00:00:00Z"),
        (3600, "2026-02-01 01:00+01:00"),
        (60, " 18:01 "),
    ],
)
def test_until(seconds: float, text: str) -> None:
    assert seconds == units.until(text, NOW)


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("is no time", "25:00"),
        ("is no time", "12:60"),
        ("is no time", "noon"),
        ("is no time", ""),
        ("is no time", "2026-02-30T10:00"),
        ("is in the past", "2026-01-31T17:59"),
        ("is in the past", "2026-01-31T18:00"),
    ],
)
def test_no_time(says: str, text: str) -> None:
    with pytest.raises(ValueError, match=says):
        units.until(text, NOW)
