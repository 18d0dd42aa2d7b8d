"""Files that name commands and keys: owner, modes, folders, and what has no end."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from oddstail import file_safety
from oddstail.file_safety import UnsafeFileError, own_folder, read

#: A user that this test is not.
OTHER = 4321
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    path = folder / "file"
    path.write_text("x")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_file_of_ours_alone_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read(file, "private") == b"x"


@pytest.mark.parametrize("mode", [0o644, 0o444, 0o755, 0o640])
def test_file_that_others_can_read_is_fine_unless_private(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert read(file, "ours") == b"x"
    with pytest.raises(UnsafeFileError, match="readable by other users; fix it with: chmod 600"):
        read(file, "private")


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o622, 0o664])
def test_file_that_others_can_write_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(UnsafeFileError, match="can be changed by others; fix it with: chmod 600"):
        read(file, "ours")
    assert read(file, "any") == b"x"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o720])
def test_folder_that_others_can_write_is_refused(file: Path, mode: int) -> None:
    file.parent.chmod(mode)
    with pytest.raises(UnsafeFileError, match=f"fix it with: chmod go-w {file.parent}"):
        read(file, "ours")


def test_sticky_folder_is_fine(file: Path) -> None:
    file.parent.chmod(0o1777)
    assert read(file, "private") == b"x"


def test_link_is_judged_by_both_folders(file: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir(mode=0o700)
    link = tmp_path / "links" / "link"
    link.symlink_to(file)
    assert read(link, "private") == b"x"
    for folder in (file.parent, link.parent):
        folder.chmod(0o777)
        with pytest.raises(UnsafeFileError, match=f"chmod go-w {folder}"):
            read(link, "private")
        folder.chmod(0o700)


@as_root
@pytest.mark.parametrize("which", ["file", "folder"])
def test_file_of_another_user_is_refused(file: Path, which: str) -> None:
    os.chown(file if which == "file" else file.parent, OTHER, -1)
    with pytest.raises(UnsafeFileError, match=r"belongs to another user \(uid 4321\)"):
        read(file, "ours")


def test_device_without_an_end_is_refused() -> None:
    with pytest.raises(UnsafeFileError, match="has more than 64 KiB"):
        read(Path("/dev/zero"), "private")


def test_file_that_is_too_large_is_refused(file: Path) -> None:
    file.write_bytes(b"x" * 65536)
    assert len(read(file, "private")) == 65536
    file.write_bytes(b"x" * 65537)
    with pytest.raises(UnsafeFileError, match="has more than 64 KiB"):
        read(file, "private")


def test_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFileError, match="is a directory; name a file"):
        read(tmp_path, "private")


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def silent_writer(path: Path) -> Path:
    """A pipe whose writer opens it and writes nothing."""
    os.mkfifo(path)
    os.open(path, os.O_RDWR)
    return path


@pytest.mark.parametrize("make", [fifo, silent_writer], ids=["no-writer", "silent-writer"])
def test_pipe_that_brings_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path]
) -> None:
    monkeypatch.setattr(file_safety, "MOST_SECONDS", 0.3)
    path = make(tmp_path / "pipe")
    since = time.monotonic()
    with pytest.raises(UnsafeFileError, match="did not end within"):
        read(path, "private")
    assert time.monotonic() - since < 5


def test_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = fifo(tmp_path / "pipe")
    writer = threading.Thread(target=path.write_bytes, args=(b"y" * 60_000,))
    writer.start()
    assert read(path, "private") == b"y" * 60_000
    writer.join()


def test_bounds_are_what_the_manual_says() -> None:
    assert (file_safety.MOST_BYTES, file_safety.MOST_SECONDS) == (64 * 1024, 5.0)


# --- a folder of ours among others' ---------------------------------------------------------------------


def test_own_folder_is_made_for_us_alone_and_used_again(tmp_path: Path) -> None:
    path = tmp_path / "oddstail-0"
    own_folder(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    own_folder(path)


def open_to_others(path: Path) -> None:
    path.mkdir()
    path.chmod(0o750)


def link_elsewhere(path: Path) -> None:
    (path.parent / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(path.parent / "elsewhere")


def dangling(path: Path) -> None:
    path.symlink_to("/nonexistent")


@pytest.mark.parametrize("make", [open_to_others, link_elsewhere, dangling, Path.touch])
def test_folder_that_is_not_ours_alone_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "oddstail-0")
    with pytest.raises(UnsafeFileError, match="is not our own directory with mode 700; remove it, or set HOME"):
        own_folder(tmp_path / "oddstail-0")


@as_root
def test_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oddstail-0").mkdir(mode=0o700)
    os.chown(tmp_path / "oddstail-0", OTHER, -1)
    with pytest.raises(UnsafeFileError, match="is not our own directory"):
        own_folder(tmp_path / "oddstail-0")
