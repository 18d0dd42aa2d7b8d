"""Outputs that are no files: `-`, /dev/stdout, /dev/fd/N, FIFOs and devices. Opens them; writes nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import time
from itertools import combinations
from typing import TYPE_CHECKING

from oddstail.capture.options import Stream
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.run.plan import Saving

#: Seconds to wait for the reader of a FIFO, which may be starting just now; and between two tries.
_WAIT, _PAUSE = 2.0, 0.05
#: Links to follow to a descriptor, as the kernel does.
_LINKS = 40
_NAMED = {"-": 1, "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def stream(flag: str, path: str) -> Stream | None:
    """The output of this name if it is no file; None for a file, a directory, or what is not there.

    Waits a moment for the reader of a FIFO. UsageError for what takes no lines.
    """
    number = descriptor(path)
    if number is not None:
        return Stream(path, _inherited(flag, path, number))
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        kind = "a socket" if stat.S_ISSOCK(mode) else "a block device"
        raise UsageError(f"{flag}: {path} is {kind}; name a file, a directory or a FIFO")
    return Stream(path, _opened(flag, path))


def descriptor(path: str) -> int | None:
    """The number of the descriptor that a path stands for, also over links; None if it stands for none."""
    for _ in range(_LINKS):
        found = _NAMED.get(path)
        if found is not None:
            return found
        match = re.fullmatch(rf"(?:/dev/fd|/proc/(?:self|thread-self|{os.getpid()})/fd)/(\d+)", path)
        if match is not None:
            return int(match[1])
        if not os.path.islink(path):
            return None
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    return None


def parted(saving: Saving, log: Stream | None, shown: str) -> None:
    """UsageError where two outputs, or one and what `-o` shows, are the same."""
    outputs = {"-w": saving.write, "--tape": saving.tape, "--summary-json": saving.summary, "--log-file": log}
    each = [(flag, one) for flag, one in outputs.items() if isinstance(one, Stream) and not _is_null(one.fd)]
    for flag, one in each:
        if shown != "none" and _is_same(one.fd, 1):
            raise UsageError(f"{flag} {one.name} and -o {shown} both write to stdout; add -o none, or name a file")
    for (flag, one), (other, two) in combinations(each, 2):
        if _is_same(one.fd, two.fd) and not _is_same(one.fd, 2):
            raise UsageError(f"{flag} and {other} both write to {two.name}; name two outputs")


def _inherited(flag: str, path: str, number: int) -> int:
    try:
        mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
        if mode == os.O_RDONLY or number == 0:
            raise OSError(errno.EBADF, "not open for writing")
        return os.dup(number)
    except OSError:
        raise UsageError(f"{flag} {path}: descriptor {number} is not open for writing; name a file") from None


def _opened(flag: str, path: str) -> int:
    ends = time.monotonic() + _WAIT
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(os.stat(path).st_mode):
                raise UsageError(f"{flag} {path} cannot be written: {error.strerror}; name another output") from None
        if time.monotonic() > ends:
            remedy = "name another output, or start its reader first"
            raise UsageError(f"{flag} {path} cannot be written: this pipe has no reader; {remedy}")
        time.sleep(_PAUSE)


def _is_same(one: int, other: int) -> bool:
    try:
        return os.path.samestat(os.fstat(one), os.fstat(other))
    except OSError:
        return False


def _is_null(fd: int) -> bool:
    return os.fstat(fd).st_rdev == os.stat(os.devnull).st_rdev and stat.S_ISCHR(os.fstat(fd).st_mode)
