"""A command of the user's own, once: no shell, no keys, a session of its own. Knows neither alerts nor files.

Ours rather than `subprocess.run` or asyncio's: both wait for whoever a command left in the background, as that holds
its pipes, and both keep all that it writes to stderr. A file has no other end whose closing could kill a writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO

from oddstail.text import holds_a_key, visible

#: Bytes of the end of stderr that are kept.
TAIL = 4096
#: Bytes that its file may have before it is cut; seconds between two looks at it. A flood of 1 GB a second fills 50 MB.
_MOST, _LOOK = 1 << 20, 0.05


class UserCommand:
    """A command that was started. `wait` for it, or `kill` it and all that it started.

    Raises: OSError or ValueError (a NUL among the arguments) if it cannot be started.
    """

    def __init__(self, args: Sequence[str], stdin: bytes | None = None) -> None:
        env = {name: value for name, value in os.environ.items() if not holds_a_key(name)}
        self._tail = b""
        self._stderr: IO[bytes] | None = None
        with contextlib.suppress(OSError):
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - `wait` closes it
            # Cut to nothing, it grows from its beginning again, and not from where the command is.
            fcntl.fcntl(self._stderr, fcntl.F_SETFL, fcntl.fcntl(self._stderr, fcntl.F_GETFL) | os.O_APPEND)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
                args, env=env, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=self._stderr or subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except BaseException:
            self._close()
            raise
        if self._process.stdin is not None:
            threading.Thread(target=_feed, args=(self._process.stdin, stdin), daemon=True).start()

    def wait(self, seconds: float) -> int | None:
        """Return the exit code, or None if the command is not done in time: then it is killed."""
        ends = time.monotonic() + seconds
        code = None
        try:
            while code is None and (left := ends - time.monotonic()) > 0:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = self._process.wait(min(left, _LOOK))
                if self._stderr is not None and os.fstat(self._stderr.fileno()).st_size > _MOST:
                    self._keep_tail()
                    self._stderr.truncate(0)
            if code is None:
                self.kill()
                self._process.wait()
            self._keep_tail()
        finally:
            self._close()
        return code

    def kill(self) -> None:
        """Kill the command and whatever it started."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def last_line(self) -> str:
        """The last line that the command wrote to stderr, safe for a terminal."""
        return visible(self._tail.decode("utf-8", "replace").strip().rpartition("\n")[2], 200)

    def _keep_tail(self) -> None:
        if self._stderr is not None:
            fd = self._stderr.fileno()
            self._tail = (self._tail + os.pread(fd, TAIL, max(0, os.fstat(fd).st_size - TAIL)))[-TAIL:]

    def _close(self) -> None:
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None


def ending(code: int) -> str:
    """Return how a command ended, for people: its exit code, or the signal that killed it (a negative one)."""
    return f"exit code {code}" if code >= 0 else f"killed by signal {-code}"


def _feed(pipe: IO[bytes], data: bytes | None) -> None:
    # In a thread: the command may never read, and a pipe may have room for no more than a page.
    with contextlib.suppress(OSError), pipe:
        pipe.write(data or b"")
