"""The terminal of a person: the alternate screen, keys without Enter, and both given back whatever happens.

Knows no odds. What is drawn goes through an `Outlet`, so that a terminal that is held (Ctrl-S) holds up nothing;
only what must be out before this process dies is written directly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import termios
import tty
from collections.abc import Callable

from oddstail.sinks.outlet import Outlet

#: Seconds that a terminal gets to take what was drawn, before it is left.
_DRAIN = 0.5


class Terminal:
    """`enter`, then `write`; `leave` undoes all of it, once. Keys come from stdin, or from /dev/tty
    if stdin is data.

    `on_keys` gets what was read. `on_back` is called when the program was stopped (Ctrl-Z) and is back.
    """

    def __init__(self, outlet: Outlet, enter: str, leave: str) -> None:
        self._outlet = outlet
        self._enter = enter.encode()
        self._leave = leave.encode()
        self._saved: list[object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_keys: Callable[[bytes], None] | None = None
        self._on_back: Callable[[], None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._ours: list[object] | None = None
        self._woken = 0
        #: Where keys come from; None if there is no terminal to press them on.
        self._keys: int | None = None
        self.entered = False

    def enter(self, on_keys: Callable[[bytes], None], on_back: Callable[[], None]) -> None:
        """Take the screen, and the keys if stdin is a terminal."""
        self._on_keys, self._on_back = on_keys, on_back
        self.entered = True
        self._outlet.put(self._enter)
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._loop.add_signal_handler(signal.SIGCONT, self._continued)
        self._keys = _keyboard()
        self._take_keys()

    @staticmethod
    def size(fd: int) -> tuple[int, int]:
        """Columns and lines; 80 by 24 where nobody knows. Not `COLUMNS` and `LINES`: they do not follow a resize."""
        try:
            columns, lines = os.get_terminal_size(fd)
        except OSError:
            columns = lines = 0
        return (columns or 80, lines or 24)

    def write(self, text: str) -> None:
        """Draw."""
        self._outlet.put(text.encode("utf-8", "replace"))

    def leave(self) -> None:
        """Give everything back."""
        if not self.entered:
            return
        self.entered = False
        self._outlet.put(self._leave)
        self._outlet.flush()
        if self._loop is not None:
            self._leave_keys()
            self._loop.remove_signal_handler(signal.SIGTSTP)
            self._loop.remove_signal_handler(signal.SIGCONT)
            if self._stopping is not None:
                self._stopping.cancel()
            self._loop = None
        self._give_keys_back()
        if self._keys:
            os.close(self._keys)
        self._keys = None

    def rescue(self) -> None:
        """The same, now, for a process that is about to die: past the outlet, whatever it still holds."""
        if self.entered:
            with contextlib.suppress(OSError):
                os.write(self._outlet.fd, self._leave)
            self._give_keys_back()

    # --- keys -----------------------------------------------------------------------------------------

    def _take_keys(self) -> None:
        """Characters at once and without echo; signals stay with the terminal, so Ctrl-C and Ctrl-Z are as ever."""
        if self._keys is None:
            return
        with contextlib.suppress(termios.error):
            if self._saved is None:
                self._saved = termios.tcgetattr(self._keys)
            tty.setcbreak(self._keys, termios.TCSADRAIN)
            self._ours = termios.tcgetattr(self._keys)
        if self._loop is not None:
            with contextlib.suppress(OSError):  # macOS cannot wait for /dev/tty: there are no keys then
                self._loop.add_reader(self._keys, self._read)

    def _leave_keys(self) -> None:
        """Read no more of them."""
        if self._loop is not None and self._keys is not None:
            self._loop.remove_reader(self._keys)

    def _give_keys_back(self) -> None:
        """Undo it, from the background too, unless the shell has set the terminal as it likes by now.

        Under `make` the shell takes the terminal as soon as make has stopped, which is before us: setting it then
        would stop us by SIGTTOU in the midst of this, and we would stop a second time once `fg` has woken us.
        """
        keys = self._keys
        if self._saved is None or keys is None:
            return
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        try:
            with contextlib.suppress(OSError, termios.error):
                if os.tcgetpgrp(keys) == os.getpgrp() or termios.tcgetattr(keys) == self._ours:
                    termios.tcsetattr(keys, termios.TCSANOW, self._saved)  # type: ignore[arg-type]
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTTOU})

    def _read(self) -> None:
        keys = self._keys
        if keys is None:
            return
        try:
            data = os.read(keys, 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            # Hung up, or nobody types any more: without this the loop would spin.
            self._leave_keys()
            return
        if data == b"\x1b" and select.select([keys], [], [], 0.02)[0]:
            data += os.read(keys, 1024)
        if self._on_keys is not None:
            self._on_keys(data)

    # --- Ctrl-Z ---------------------------------------------------------------------------------------

    def _stop(self) -> None:
        if self._loop is not None and (self._stopping is None or self._stopping.done()):
            self._stopping = self._loop.create_task(self._stopped())

    async def _stopped(self) -> None:
        """Give the terminal back, stop like any other program, and take it again once somebody wakes us."""
        assert self._loop is not None
        woken = self._woken
        # What is typed from here on is the shell's: reading it from the background would stop us too, by SIGTTIN.
        self._leave_keys()
        self._give_keys_back()
        self._outlet.put(self._leave)
        self._outlet.flush()
        until = self._loop.time() + _DRAIN
        # The outlet's thread has no event for this.
        while self._outlet.pending and self._loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        # A `fg` that was quicker than us must not find us stopping after it.
        await asyncio.sleep(0)
        if self._woken != woken:
            self._continued()
            return
        self._loop.remove_signal_handler(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here we sleep, until SIGCONT, which does the rest.
        self._loop.add_signal_handler(signal.SIGTSTP, self._stop)

    def _continued(self) -> None:
        """Somebody woke us, after Ctrl-Z or after a SIGSTOP that nobody can see coming: the shell had the terminal."""
        self._woken += 1
        if not self.entered:
            return
        self._take_keys()
        self._outlet.put(self._enter)
        if self._on_back is not None:
            self._on_back()


def _keyboard() -> int | None:
    """Stdin if it is a terminal; else the controlling terminal, opened for us, if there is one: stdin may be data."""
    if os.isatty(0):
        return 0
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
