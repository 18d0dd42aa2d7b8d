"""The real command without the 0.3 s that each start takes to import it: a process that has done so forks for each.

What a test gets is a process of its own: arguments, environment, folder, descriptors, signals, and the interpreter's
own end. What is about how an interpreter begins (PYTHON*, a locale, a limit, a session) begins cold, and with
COLD=1 in the environment everything does. tests/e2e/test_warm.py holds the two against each other.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, NoReturn

ROOT = Path(__file__).parents[1]
#: What runs: the program, or the program with a clock that a test can turn.
ODDSTAIL, CLOCKWORK = "oddstail", "tests.faults.clockwork"
LOCALE: Final = "C.UTF-8"
#: What an interpreter, or a library when it is imported, takes from the environment.
_EARLY = ("PYTHON", "LANG", "LC_", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH")
#: What libraries import when they are first used.
_LATE = ("typer._adapters", "pydantic.plugin._loader", "pydantic._internal._validators", "anyio._backends._asyncio")
POSSIBLE = hasattr(os, "pidfd_open") and "COLD" not in os.environ
_WARN = ("-W", "always::ResourceWarning")
_NUMBER = struct.Struct("=i")
_LARGEST = 1 << 17


def start(
    args: Sequence[str], *, program: str = ODDSTAIL, env: Mapping[str, str], cold: bool = False, **kwargs: Any
) -> Process | subprocess.Popen[bytes]:
    """Start the command; `kwargs` are those of Popen. Warm where that makes no difference."""
    if cold or not _fits(env, kwargs):
        return subprocess.Popen([sys.executable, *_WARN, "-m", program, *args], env=dict(env), **kwargs)
    return Process(program, args, env, **kwargs)


def _fits(env: Mapping[str, str], kwargs: Mapping[str, Any]) -> bool:
    early = {name: value for name, value in env.items() if name.startswith(_EARLY)}
    usual = {"LC_ALL": LOCALE, "PYTHONPATH": str(ROOT)}
    return (
        POSSIBLE
        and early.get("LC_ALL") == LOCALE
        and early.items() <= usual.items()
        and kwargs.keys() <= {"cwd", "stdin", "stdout", "stderr"}
    )


class Process:
    """As much of `subprocess.Popen` as the tests need of a command that was forked."""

    def __init__(
        self,
        program: str,
        args: Sequence[str],
        env: Mapping[str, str],
        *,
        cwd: str | Path | None = None,
        stdin: int | IO[Any] = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
    ) -> None:
        self.args = list(args)
        self.returncode: int | None = None
        given: list[int] = []
        #: What is the child's alone.
        theirs: list[int] = []
        ours: list[IO[bytes] | None] = []
        for nth, wanted in enumerate((stdin, stdout, stderr)):
            mine = None
            if wanted == subprocess.PIPE:
                ends = os.pipe()
                given.append(ends[nth > 0])
                theirs.append(given[-1])
                mine = open(ends[nth == 0], "wb" if nth == 0 else "rb", buffering=0)  # noqa: SIM115
            elif wanted == subprocess.DEVNULL:
                given.append(os.open(os.devnull, os.O_RDWR))
                theirs.append(given[-1])
            else:
                given.append(nth if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno())
            ours.append(mine)
        self.stdin, self.stdout, self.stderr = ours
        self._status, status = os.pipe()
        theirs.append(status)
        asked = json.dumps({"args": self.args, "env": dict(env), "cwd": os.fspath(cwd or ".")}).encode()
        assert len(asked) < _LARGEST
        try:
            socket.send_fds(_forge(program), [asked], [*given, status])
        finally:
            for one in theirs:
                os.close(one)
        self.pid = self._number()

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._status)

    def poll(self) -> int | None:
        """The exit code, if it has ended: negative for a signal."""
        return self._end(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code once it has ended."""
        code = self._end(None if timeout is None else timeout * 1000)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self, milliseconds: float | None) -> int | None:
        if self.returncode is None:
            waiting = select.poll()
            waiting.register(self._status, select.POLLIN)
            if waiting.poll(milliseconds):
                self.returncode = os.waitstatus_to_exitcode(self._number())
        return self.returncode

    def _number(self) -> int:
        data = os.read(self._status, _NUMBER.size)
        assert len(data) == _NUMBER.size, "what forks the commands is gone"
        return int(_NUMBER.unpack(data)[0])


# --- in the test's process: what forks --------------------------------------------------------------

_forges: dict[str, socket.socket] = {}
_lock = threading.Lock()


def _forge(program: str) -> socket.socket:
    """Where a start of this program is asked for."""
    with _lock:
        if program not in _forges:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                env = {"PATH": os.environ["PATH"], "LC_ALL": LOCALE, "PYTHONPATH": str(ROOT)}
                process = subprocess.Popen(
                    [sys.executable, *_WARN, "-m", "tests.warm", program, str(theirs.fileno())],
                    env=env, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                )  # fmt: skip
            atexit.register(_close, ours, process)
            _forges[program] = ours
        return _forges[program]


def _close(control: socket.socket, process: subprocess.Popen[bytes]) -> None:
    control.close()
    process.wait(10)


# --- in the process that forks ----------------------------------------------------------------------


def _import(program: str) -> None:
    """All that a run may import; the clock first, if it is to be another."""
    if program != ODDSTAIL:
        importlib.import_module(program)
    # The demo's pages and wires import each other: this way round.
    importlib.import_module("oddstail.demo.server")
    for found in pkgutil.walk_packages([str(ROOT / "oddstail")], "oddstail."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name in _LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket) -> dict[str, Any]:
    """Fork for each that is asked for, and tell how it ended. Returns in the child alone, with what was asked."""
    running: dict[int, tuple[int, int]] = {}
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    while True:
        for ready, _ in waiting.poll():
            if ready in running:
                pid, status = running.pop(ready)
                waiting.unregister(ready)
                with contextlib.suppress(OSError):
                    os.write(status, _NUMBER.pack(os.waitpid(pid, 0)[1]))
                os.close(status)
                os.close(ready)
                continue
            asked, given, _, _ = socket.recv_fds(control, _LARGEST, 4)
            if not asked:
                for pid, _ in running.values():
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                sys.exit()
            pid = os.fork()
            if not pid:
                for nth, one in enumerate(given[:3]):
                    os.dup2(one, nth)
                os.closerange(3, 4096)
                control.detach()
                return dict(json.loads(asked))
            for one in given[:3]:
                os.close(one)
            os.write(given[3], _NUMBER.pack(pid))
            watched = os.pidfd_open(pid)
            running[watched] = pid, given[3]
            waiting.register(watched, select.POLLIN)


def _become(program: str, asked: dict[str, Any]) -> NoReturn:
    """Be as an interpreter is that was just started for this."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    how: dict[str, Any] = {"encoding": sys.stdout.encoding, "errors": sys.stdout.errors, "closefd": False}
    sys.stdin = sys.__stdin__ = open(0, **how)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", **how)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", buffering=1, **{**how, "errors": "backslashreplace"})  # type: ignore[misc]  # noqa: SIM115
    sys.path[0] = os.getcwd()
    sys.argv[1:] = asked["args"]
    runpy.run_module(program, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    # A Ctrl-C is for whoever runs the tests; this ends when they do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _import(sys.argv[1])
    _become(sys.argv[1], _serve(socket.socket(fileno=int(sys.argv[2]))))
