"""A real terminal under control: tmux, its keys and what a person would see in it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

#: No screen may need longer for anything.
PATIENCE = 15.0
KEY = {"OPTICODDS_API_KEY": "k-secret/0123+456789="}


class Tmux:
    """One terminal of a size, with a shell in it whose prompt is `$ `. A context manager that leaves nothing behind."""

    def __init__(
        self, width: int = 80, height: int = 24, term: str = "tmux-256color", env: Mapping[str, str] | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._size = (width, height)
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "PS1": "$ ",
            **KEY,
            **(env or {}),
        }
        self._term = term

    def __enter__(self) -> Tmux:
        width, height = map(str, self._size)
        given = [f"{name}={value}" for name, value in self._env.items()]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height,
                   "exec " + shlex.join(["env", "-i", *given, f"TERM={self._term}", "sh"]))  # fmt: skip
        self.until(lambda: "$" in self.text())
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)
        self._folder.cleanup()

    def _tmux(self, *args: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-S", f"{self._folder.name}/tmux", *args], capture_output=True, text=True, check=check, timeout=10,
            env={**os.environ, "SHELL": "/bin/sh"},  # a user of CI may have none
        )  # fmt: skip
        return done.stdout

    def keys(self, *names: str) -> None:
        """Keys by tmux's names (`Enter`, `C-z`, `PageDown`), or characters."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """A line for the shell."""
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")

    def start(self, *args: str) -> None:
        """Start oddstail."""
        self.type(shlex.join([sys.executable, "-m", "oddstail", *args]))

    def paste(self, text: str) -> None:
        """Text out of the clipboard: between marks, if the program asked for them."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, width: int, height: int) -> None:
        """Another size, as if a corner was pulled."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def lines(self) -> list[str]:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p").split("\n")[:-1]

    def text(self) -> str:
        return "\n".join(self.lines())

    def colours(self) -> str:
        """What is on the screen with its escape sequences."""
        return self._tmux("capture-pane", "-p", "-e")

    def sees(self, *texts: str) -> str:
        """Wait until all of these are on the screen; what is on it then."""
        self.until(lambda: all(text in self.text() for text in texts), lambda: f"{texts} in\n{self.text()}")
        return self.text()

    def asks(self, format: str) -> str:
        """A fact that tmux knows of the pane, such as `#{alternate_on}`."""
        return self._tmux("display-message", "-p", format).strip()

    def until(self, holds: Callable[[], Any], what: Callable[[], str] = lambda: "") -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what()}"
            time.sleep(0.05)
