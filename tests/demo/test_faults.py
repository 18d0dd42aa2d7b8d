"""Faults: which connections and frames they strike, and that what they swallow was never told."""

from __future__ import annotations

import pytest

from oddstail.demo.contract import Forget, Frame, Tell, Told
from oddstail.demo.faults import NAMES, Fault, FaultName, Faults, Line

_NEVER = Fault(name="stall", every=None, after=10**9)


def _frame(n: int, *, data: bool = True, key: str = "") -> Frame:
    told = Told("game", "book", "market", key or f"who {n}", None)
    return Frame(body=b"frame %d" % n, data=data, tell=Tell(put={told: n}))


def _line(*faults: Fault, now: list[float] | None = None) -> Line:
    clock = now or [0.0]
    return Faults(faults, 1, lambda: clock[0]).connect()


def _acts(line: Line, frames: list[Frame]) -> list[tuple[str, bytes | None]]:
    acts = [act for frame in frames for act in line.through(frame, websocket=False)]
    return [(act.do, act.frame.body if act.frame else None) for act in acts]


@pytest.mark.parametrize(
    ("name", "acts"),
    [
        ("stall", [("stall", None), ("send", b"frame 1")]),
        ("half-frame", [("half", b"frame 1"), ("cut", None)]),
        ("slow", [("drip", b"frame 1")]),
        ("dup", [("send", b"frame 1"), ("send", b"frame 1")]),
        ("reorder", []),
    ],
)
def test_after_n_data_frames_it_strikes_once(name: FaultName, acts: list[tuple[str, bytes | None]]) -> None:
    """Greetings and heartbeats do not count and are not struck."""
    line = _line(Fault(name=name, after=1))
    assert _acts(line, [_frame(9, data=False), _frame(0)]) == [("send", b"frame 9"), ("send", b"frame 0")]
    assert acts == _acts(line, [_frame(1)])


def test_garbage_goes_before_the_frame() -> None:
    line = _line(Fault(name="garbage", after=0))
    garbage, real = _acts(line, [_frame(0)])
    assert garbage[1] is not None
    assert garbage[1].startswith(b"data: ")
    assert real == ("send", b"frame 0")


@pytest.mark.parametrize(
    ("second", "order"),
    [
        pytest.param(_frame(1), [b"frame 1", b"frame 0"], id="other-prices-swap"),
        pytest.param(_frame(1, key="who 0"), [b"frame 0", b"frame 1"], id="same-price-keeps-order"),
        pytest.param(_frame(1, data=False), [b"frame 0", b"frame 1"], id="heartbeat-keeps-order"),
        pytest.param(
            Frame(body=b"frame 1", tell=Tell(forget=(Forget(),))), [b"frame 0", b"frame 1"], id="clear-keeps-order"
        ),
    ],
)
def test_reorder_swaps_only_what_commutes(second: Frame, order: list[bytes]) -> None:
    line = _line(Fault(name="reorder", after=0))
    assert order == [body for _, body in _acts(line, [_frame(0), second])]


def test_a_held_frame_is_released() -> None:
    line = _line(Fault(name="reorder", after=0))
    assert _acts(line, [_frame(0)]) == []
    assert line.holds
    assert [act.do for act in line.release()] == ["send"]
    assert not line.holds


def test_periodic_faults_strike_again() -> None:
    now = [0.0]
    line = _line(Fault(name="dup", every=10), now=now)
    doubled = []
    for n in range(60):
        now[0] += 1
        doubled.append(len(_acts(line, [_frame(n)])))
    assert 3 <= doubled.count(2) <= 9


@pytest.mark.parametrize("name", ["refuse", "accept-then-drop", "http-429", "http-503", "auth"])
def test_connect_faults_leave_room_to_recover(name: FaultName) -> None:
    """The first connection is healthy and dies in time; two are struck; then again."""
    now = [0.0]
    faults = Faults([Fault(name=name, every=8)], 1, lambda: now[0])
    lines = [faults.connect() for _ in range(6)]
    assert [line.struck is not None for line in lines] == [False, True, True] * 2
    assert not lines[0].dead()
    now[0] += 8 * 1.3
    assert lines[0].dead()
    assert not lines[1].dead()


def test_only_the_first_connects() -> None:
    faults = Faults([Fault(name="refuse", first=2)], 1, lambda: 0.0)
    lines = [faults.connect() for _ in range(4)]
    assert [line.struck is not None for line in lines] == [True, True, False, False]


def test_chance_is_seeded() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults([Fault(name="refuse", first=50, chance=0.5)], seed, lambda: 0.0)
        return [faults.connect().struck is not None for _ in range(50)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)


def test_an_unknown_fault_names_the_known() -> None:
    with pytest.raises(ValueError, match="accept-then-drop"):
        Fault(name="earthquake")  # type: ignore[arg-type]
    assert len(NAMES) == 11
