"""`--lock NAME`: one run at a time. flock, so that no crash leaves a lock behind; the file itself stays."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from oddstail.capture.file import Unwritable, unwritable


class Held:
    """A lock that this process holds until it ends, or lets it go."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let it go."""
        os.close(self._descriptor)


def hold(path: Path) -> Held:
    """Take the lock. Unwritable, naming the holder, if another run has it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = os.stat(path.parent)
        if owner.st_mode & 0o022 and not owner.st_mode & 0o1000:
            raise Unwritable(f"{path.parent} can be written by others; fix it with: chmod go-w {path.parent}")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Unwritable(f"--lock: {path} is not a regular file; name another")
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        who = f" (process {holder})" if holder.isdigit() else ""
        raise Unwritable(
            f"another run{who} holds the lock {path.name.removesuffix('.lock')}; wait for it, or use another --lock"
        ) from None
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        os.close(descriptor)
        raise unwritable(path, error) from None
    return Held(descriptor)
