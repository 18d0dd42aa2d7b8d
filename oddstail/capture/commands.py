"""`--on-rotate`: a command for each closed file, one after the other, in a thread of its own: packing does not wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from oddstail.user_command import UserCommand, ending

#: Seconds for one command.
_LONGEST = 3600.0


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
        name = f"--on-rotate {command[0]}"
        try:
            process = UserCommand(command)
        except (OSError, ValueError) as error:
            self._say(f"{name}: {getattr(error, 'strerror', None) or error}")
            return
        code = process.wait(_LONGEST)
        if code is None:
            self._say(f"{name}: not done within an hour, ended; {path} is kept")
        elif code:
            self._say(f"{name}: {ending(code)} for {path}: {process.last_line}")
