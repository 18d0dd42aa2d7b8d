"""Whether the terminal that a run was started from is still there: what tells a hang-up from logrotate's SIGHUP."""

from __future__ import annotations

import os


class Terminal:
    """The controlling terminal, if there was one when this was made."""

    def __init__(self) -> None:
        self._had = _controls()
        self.is_forgotten = False

    def forget(self) -> None:
        """It does not matter whether it stays (nohup)."""
        self._had = False
        self.is_forgotten = True

    @property
    def is_gone(self) -> bool:
        """There was one, and there is none any more: whoever watched has left."""
        return self._had and not _controls()


def _controls() -> bool:
    # After a hang-up the kernel takes the terminal from the session, and /dev/tty answers ENXIO (tty(4)).
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return False
    return True
