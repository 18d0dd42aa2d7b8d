"""One allowance of GETs for the whole machine: the arithmetic, two processes, and a file that cannot be used."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oddstail.limiter import Limiter, TooBusyError, slot
from oddstail.lookup import Pace

#: BoltOdds: a burst of 3, and 12 a minute (docs/wire/boltodds.md, A9).
BOLT = Pace(burst=3, every=5.0)


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def limiter(time: Time, folder: Path | None, name: str = "boltodds spro.agency") -> Limiter:
    return Limiter(name, BOLT, folder, clock=time.clock, sleep=time.sleep)


def test_a_burst_and_then_one_each_five_seconds() -> None:
    waits, whole_at = [], 0.0
    for _ in range(6):
        wait, whole_at = slot(whole_at, 100.0, BOLT)
        waits.append(wait)
    assert waits == [0.0, 0.0, 0.0, 5.0, 10.0, 15.0]


def test_a_clock_that_was_set_back_does_not_lock_us_out() -> None:
    wait, _ = slot(1e9, 100.0, BOLT)
    assert wait <= BOLT.every * 103


@pytest.mark.parametrize("shared", [True, False], ids=["one file", "no home"])
def test_a_minute_never_sees_more_than_twelve_and_a_burst(tmp_path: Path, shared: bool) -> None:
    time, passed = Time(), []

    async def main() -> None:
        one = limiter(time, tmp_path if shared else None)
        for turn in range(40):
            await (limiter(time, tmp_path) if shared and turn % 2 else one).passed()
            passed.append(time.now)

    asyncio.run(main())
    assert passed[:3] == [1_000_000.0] * 3
    assert all(later - earlier >= 60.0 - 1e-3 for earlier, later in zip(passed, passed[14:], strict=False))


def test_who_will_not_wait_takes_no_place(tmp_path: Path) -> None:
    time = Time()

    async def main() -> None:
        for _ in range(3):
            await limiter(time, tmp_path).passed(2.0)
        for _ in range(5):
            with pytest.raises(TooBusyError) as caught:
                await limiter(time, tmp_path).passed(2.0)
            assert caught.value.wait == pytest.approx(5.0, abs=0.01)

    asyncio.run(main())


_CHILD = """
import asyncio, sys
from pathlib import Path
from oddstail.limiter import Limiter, TooBusyError
from oddstail.lookup import Pace
async def main():
    for _ in range(20):
        try:
            await Limiter("x", Pace(burst=3, every=5.0), Path(sys.argv[1])).passed(0.0)
            print("passed")
        except TooBusyError:
            pass
asyncio.run(main())
"""


def test_processes_share_it(tmp_path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    passed = sum(len(child.communicate(timeout=30)[0].split()) for child in children)
    # Three at once, and one more if the machine took five seconds over it.
    assert passed in (3, 4)
    assert oct((tmp_path / "x.limit").stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("rubbish", [b"", b"\x00\xff", b"nan\n", b"-5\n", b"1e300\n"])
def test_a_broken_file_is_an_allowance_that_is_whole(tmp_path: Path, rubbish: bytes) -> None:
    time = Time()
    (tmp_path / "boltodds_spro.agency.limit").write_bytes(rubbish)
    asyncio.run(limiter(time, tmp_path).passed(0.0))
    assert time.now == 1_000_000.0


def test_a_name_out_of_an_address_is_no_path(tmp_path: Path) -> None:
    asyncio.run(limiter(Time(), tmp_path / "limits", "../../etc [::1]:80").passed())
    assert [path.name for path in (tmp_path / "limits").iterdir()] == ["etc_1_80.limit"]


def test_a_folder_that_cannot_be_made_leaves_our_own_count(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    time = Time()
    one = limiter(time, tmp_path / "file")

    async def main() -> None:
        for _ in range(4):
            await one.passed()

    asyncio.run(main())
    assert time.now == 1_000_005.0


def test_a_lock_that_is_never_given_back_does_not_hang_us(tmp_path: Path) -> None:
    time = Time()
    one = limiter(time, tmp_path, "held")
    fd = os.open(tmp_path / "held.limit", os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    asyncio.run(one.passed())
    os.close(fd)
    assert time.now < 1_000_001.0
