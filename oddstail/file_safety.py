"""Which files may tell us what to run and which key to send: judged by owner and mode, as ssh does; read within bounds.

Knows no key and no TOML.
"""

from __future__ import annotations

import os
import select
import stat
import time
from pathlib import Path
from typing import Literal

#: Most bytes of a key file: a key is one word. Most seconds for a pipe whose writer does not write.
MOST_BYTES, MOST_SECONDS = 64 * 1024, 5.0


Rights = Literal["private", "ours", "any"]


class UnsafeFileError(Exception):
    """A file that somebody else can change or read, or that cannot be read within bounds. The text is one sentence."""


def read(path: Path, rights: Rights, *, most: int = MOST_BYTES) -> bytes:
    """A file's content. UnsafeFileError, OSError, ValueError for a path with a NUL.

    `rights`: `private` if others must not read or write it, `ours` if others must not write it, `any` if its mode
    does not matter.

    A pipe (`<(pass show odds)`) has no mode to judge; a device or a pipe without a writer must not hold us up.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UnsafeFileError(f"{path} is a directory; name a file")
        if stat.S_ISREG(status.st_mode) and rights != "any":
            _judge(path, status, private=rights == "private")
        return _content(descriptor, path, most)
    finally:
        os.close(descriptor)


def _judge(path: Path, status: os.stat_result, *, private: bool) -> None:
    """Refuse a regular file that is not ours or root's, or that others can write, or read if it is `private`."""
    _judge_owner(path, status)
    if private and status.st_mode & 0o077:
        raise UnsafeFileError(f"{path} contains a key and is readable by other users; fix it with: chmod 600 {path}")
    if status.st_mode & 0o022:
        raise UnsafeFileError(f"{path} can be changed by others; fix it with: chmod 600 {path}")
    # Who can write to a folder can replace its files, and a symbolic link is a file in its own folder.
    for folder in dict.fromkeys((path.absolute().parent, path.resolve().parent)):
        _judge_folder(folder)


def _judge_folder(folder: Path) -> None:
    status = folder.stat()
    # On a read-only file system (a secret mounted into a container) write bits mean nothing.
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return
    _judge_owner(folder, status)
    if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
        raise UnsafeFileError(f"{folder} and its files can be changed by others; fix it with: chmod go-w {folder}")


def _judge_owner(path: Path, status: os.stat_result) -> None:
    if status.st_uid not in (0, os.geteuid()):
        raise UnsafeFileError(
            f"{path} belongs to another user (uid {status.st_uid}); use one of your own, or fix it with: chown"
            f" {os.geteuid()} {path}"
        )


def own_folder(path: Path) -> None:
    """Make a folder in a place where others can write too, or check the one that is there. UnsafeFileError, OSError."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise UnsafeFileError(
                f"{path} is not our own directory with mode 700; remove it, or set HOME or XDG_STATE_HOME"
            ) from None


def _content(descriptor: int, path: Path, most: int) -> bytes:
    ends = time.monotonic() + MOST_SECONDS
    content = b""
    while len(content) <= most:
        if not select.select([descriptor], [], [], max(0.0, ends - time.monotonic()))[0]:
            raise UnsafeFileError(f"{path} did not end within {MOST_SECONDS:g} s; check what writes to it")
        try:
            piece = os.read(descriptor, most + 1 - len(content))
        except BlockingIOError:
            continue
        if not piece:
            return content
        content += piece
    raise UnsafeFileError(f"{path} has more than {most >> 10} KiB; use a smaller file")
