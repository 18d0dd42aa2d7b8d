"""What befell the clocks: sleep, and time that was set."""

from __future__ import annotations

import pytest

from oddstail.run import clocks


@pytest.mark.parametrize(
    ("expected", "ahead", "jump"),
    [
        ((0.0, 0.0), 0.0, 0.0),
        ((0.0, 0.0), 4.0, -4.0),
        ((3600.0, 0.0), 3600.0, 0.0),
        ((0.0, -7200.0), 0.0, -7200.0),
        ((0.0, 7200.0), 0.0, 7200.0),
        ((3600.0, 0.0), 3600.0, 3600.0),
    ],
    ids=["nothing", "jitter", "slept", "set-back", "set-forward", "slept-and-set"],
)
def test_what_befell_the_clocks_is_told_once(
    monkeypatch: pytest.MonkeyPatch, expected: tuple[float, float], ahead: float, jump: float
) -> None:
    now = {"ahead": 0.0, "wall": 1e9}
    monkeypatch.setattr(clocks, "ahead_of_sleep", lambda: now["ahead"])
    monkeypatch.setattr(clocks, "steady", lambda: 1000.0)
    monkeypatch.setattr(clocks, "wall", lambda: round(now["wall"] * 1e6))
    watch = clocks.Clocks()
    now["ahead"] += ahead
    now["wall"] += jump
    assert expected == watch.look()
    assert watch.look() == (0.0, 0.0)
