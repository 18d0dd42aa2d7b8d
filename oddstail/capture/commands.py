"""`--on-rotate`: a command for each closed file, one after the other, in a thread of its own: packing does not wait.

Ours rather than `subprocess.run`: that waits for whoever a command left in the background, too: they hold its pipe.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from oddstail.text import holds_a_key, visible

#: Seconds for one command.
_LONGEST = 3600.0
#: Bytes of the end of what it said, within which its last line is.
_TAIL = 4096


class Commands:
    """The arguments as given, `{}` the file's path, or the path after them. No shell, no keys. `say` is of failures."""

    def __init__(self, given: Sequence[str], say: Callable[[str], None]) -> None:
        self._given = given
        self._say = say
        self._paths: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._left: list[Path] = []
        self._given_up = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def left(self) -> list[Path]:
        """The files whose command is not done: the first has one that runs."""
        with self._lock:
            return list(self._left)

    @property
    def doing(self) -> str:
        """What is being done, for people; empty while there is nothing to do."""
        left = self.left
        return f"--on-rotate {self._given[0]}: {left[0].name}" if left else ""

    def add(self, path: Path) -> None:
        """Run it for this file, after those before."""
        with self._lock:
            self._left.append(path)
            self._paths.put(path)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="on-rotate", daemon=True)
                self._thread.start()

    def give_up(self) -> None:
        """Begin no more of them. What runs goes on without us."""
        with self._lock:
            self._given_up = True
            left = list(self._left)
        if left:
            many = f" and {len(left) - 1:,} more" if len(left) > 1 else ""
            self._say(f"--on-rotate {self._given[0]}: not waited for any longer; not done for {left[0]}{many}")

    # --- the thread -------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            path = self._paths.get()
            with self._lock:
                given_up = self._given_up
            if not given_up:
                self._run(path)
                with self._lock:
                    self._left.remove(path)

    def _run(self, path: Path) -> None:
        command = [part.replace("{}", str(path)) for part in self._given]
        if command == list(self._given):
            command.append(str(path))
        env = {name: value for name, value in os.environ.items() if not holds_a_key(name)}
        name = f"--on-rotate {command[0]}"
        with contextlib.ExitStack() as stack:
            said: IO[bytes] | None = None
            with contextlib.suppress(OSError):
                said = stack.enter_context(tempfile.TemporaryFile())
            try:
                process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
                    command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=said or subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                self._say(f"{name}: {error.strerror}")
                return
            try:
                code = process.wait(_LONGEST)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                self._say(f"{name}: not done within an hour, ended; {path} is kept")
            else:
                if code:
                    self._say(f"{name}: exit code {code} for {path}: {visible(_last_line(said), 200)}")


def _last_line(said: IO[bytes] | None) -> str:
    if said is None:
        return ""
    said.seek(max(0, said.seek(0, os.SEEK_END) - _TAIL))
    return said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
