"""Durations, sizes and times as people write them, and what is refused rather than guessed."""

from __future__ import annotations

import pytest

from oddstail import units


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
    with pytest.raises(ValueError, match="is not a duration; use 90s, 5m or 1h30m"):
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
    with pytest.raises(ValueError, match="is not a size; use 64MiB or 100MB"):
        units.size(text)
