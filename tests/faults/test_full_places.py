"""State, cache and runtime folders that take no more bytes: streams and look-ups go on, and a message names the file."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from oddstail.limiter import Limiter
from oddstail.lookup import Pace
from tests.e2e.support import ENV, PATIENCE, command

pytestmark = pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare is not installed")

#: How the disk of the three folders refuses a write: options of the tmpfs, and what fills it.
DISKS = {
    "full": ("size=16k", "{ dd if=/dev/zero of=fill bs=4k 2>/dev/null || true; }"),
    "no-inodes": ("nr_inodes=5", "{ touch 1 2>/dev/null || true; }"),
    "read-only": ("size=16k", "mount -o remount,ro ."),
}
NBA = ("opticodds", "-s", "basketball", "-l", "NBA", "-b", "DraftKings")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the demo's imitation of OpticOdds."""
    process = subprocess.Popen(command("demo", "--serve"), env=ENV, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        while (line := json.loads(process.stdout.readline()))["provider"] != "opticodds":
            pass
        yield line["base_url"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def on_disk(folder: Path, kind: str, *args: str) -> tuple[int, str, str]:
    """Run the command with its state, cache and runtime folders on such a disk."""
    disk = folder / "disk"
    disk.mkdir()
    (folder / "home").mkdir()
    options, fill = DISKS[kind]
    script = (
        f'mount -t tmpfs -o {options} none "{disk}" && cd "{disk}" && mkdir runtime state cache && {fill} && exec "$@"'
    )
    env = {
        **ENV,
        "HOME": str(folder / "home"),
        "OPTICODDS_API_KEY": "demo",
        "XDG_RUNTIME_DIR": f"{disk}/runtime",
        "XDG_STATE_HOME": f"{disk}/state",
        "XDG_CACHE_HOME": f"{disk}/cache",
        "XDG_CONFIG_HOME": f"{disk}/state",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-ec", script, "sh", *command(*args)],
        env=env, capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine refuses to mount: {done.stderr.strip()}")
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kind", DISKS)
def test_stream_goes_on(server: str, tmp_path: Path, kind: str) -> None:
    code, out, err = on_disk(tmp_path, kind, *NBA, "--base-url", server, "--json", "-c", "3")
    assert code == 0, err
    assert out.count('"type":"quote"') == 3
    assert "cannot be written" not in err


@pytest.mark.parametrize("kind", DISKS)
def test_look_up_goes_on(server: str, tmp_path: Path, kind: str) -> None:
    code, out, err = on_disk(tmp_path, kind, "list", "leagues", "opticodds", "-s", "basketball", "--base-url", server)
    assert code == 0, err
    assert '"name": "NBA"' in out
    assert "cannot be written" not in err


@pytest.mark.parametrize("kind", DISKS)
def test_lock_names_its_file(server: str, tmp_path: Path, kind: str) -> None:
    code, out, err = on_disk(tmp_path, kind, *NBA, "--base-url", server, "--json", "-c", "3", "--lock", "nba")
    assert code == 8, err
    assert f"{tmp_path}/disk/state/oddstail/locks" in err
    assert "cannot be written: " in err
    assert '"quote"' not in out


@pytest.mark.parametrize("kind", DISKS)
def test_checkpoint_names_its_file_and_stream_goes_on(server: str, tmp_path: Path, kind: str) -> None:
    code, out, err = on_disk(tmp_path, kind, *NBA, "--base-url", server, "--json", "-c", "3", "--resume")
    assert code == 8, err
    assert f"{tmp_path}/disk/state/oddstail/resume" in err
    assert out.count('"type":"quote"') == 3


@pytest.mark.parametrize("kind", DISKS)
def test_first_config_file_is_written_whole_or_not_at_all(tmp_path: Path, kind: str) -> None:
    code, _, err = on_disk(tmp_path, kind, "config", "init")
    assert code in (2, 8)
    assert f"{tmp_path}/disk/state/oddstail" in err
    assert "cannot be written: " in err


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO], ids=["ENOSPC", "EDQUOT", "EIO"])
@pytest.mark.parametrize("call", ["pwrite", "pread"])
def test_limit_is_kept_in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, call: str) -> None:
    def fails(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(os, call, fails)
    limiter = Limiter("x", Pace(burst=2, every=5.0), tmp_path, clock=lambda: 100.0, sleep=sleep)
    for _ in range(4):
        asyncio.run(limiter.passed())
    assert waits == [5.0, 10.0]


def test_lock_that_is_no_file(tmp_path: Path) -> None:
    done = subprocess.run(
        command(*NBA, "--json", "--no-validate", "--base-url", "http://127.0.0.1:9", "--lock", "/dev/null"),
        env={**ENV, "OPTICODDS_API_KEY": "demo"}, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 8
    assert "--lock: /dev/null is not a regular file; name another" in done.stderr
