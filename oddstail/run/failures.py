"""What the failure of an output does to a run: it goes on for its captures, or ends with the right exit code."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from oddstail import retry
from oddstail.capture.file import Unwritable
from oddstail.capture.options import Stream
from oddstail.run.direct import ReaderLeft
from oddstail.run.keeping import Keeping
from oddstail.run.passing import Passing
from oddstail.run.terminal import Terminal
from oddstail.sinks import Sink
from oddstail.sinks.talk import QUIET, Talk

#: The exit code of a run whose reader closed the pipe: 128 and the number of SIGPIPE.
CLOSED_PIPE = 141
#: What a terminal that vanished answers to a write.
_HANG_UPS = (errno.EIO, errno.ENXIO)


class Failures:
    """Called in the loop. `stop` ends the run, `crash` ends it with a bug."""

    def __init__(
        self,
        talk: Talk,
        terminal: Terminal,
        stop: Callable[[int, str], None],
        hang_up: Callable[[], None],
        crash: Callable[[Exception], None],
    ) -> None:
        self.keeping: Keeping | None = None
        self.passing: Passing | None = None
        #: What writes to stdout.
        self.shown: list[Sink] = []
        #: Whether the reader of stdout left, and the run goes on for its captures.
        self.is_unread = False
        self._talk = talk
        self._terminal = terminal
        self._was_terminal = os.isatty(1)
        self._stop = stop
        self._hang_up = hang_up
        self._crash = crash

    def of_log(self, log: Stream | None, error: OSError) -> None:
        """The log takes no more. The run continues: nothing that a reader needs was only there."""
        if log is not None:
            self._talk.say(f"--log-file {log.name} cannot be written: {error.strerror}; the run continues", QUIET)

    def of_stdout(self, error: OSError) -> None:
        """Stdout takes no more."""
        is_hung_up = self._was_terminal and error.errno in _HANG_UPS
        is_kept = self.keeping is not None and self.keeping.any
        if is_kept and (error.errno == errno.EPIPE or (is_hung_up and self._terminal.is_forgotten)):
            self.is_unread = True
            if (passing := self.passing) is not None:
                # New lists: the old ones may be gone through at this moment.
                passing.sinks = [sink for sink in passing.sinks if sink not in self.shown]
                passing.watching = [sink for sink in passing.watching if sink not in self.shown]
            who = "the terminal is gone" if is_hung_up else "the reader of stdout left"
            self._talk.say(f"{who}; the capture continues without stdout", QUIET)
        elif is_hung_up:
            self._hang_up()
        elif error.errno == errno.EPIPE:
            self._stop(CLOSED_PIPE, "the reader closed the pipe")
        else:
            room = "; make room, or write elsewhere" if error.errno == errno.ENOSPC else ""
            self._talk.say(f"stdout cannot be written: {error.strerror}{room}", QUIET)
            self._stop(retry.OUTPUT, "stdout failed")

    def of_capture(self, error: Exception) -> None:
        """A capture takes no more."""
        if isinstance(error, ReaderLeft):
            self._lost_reader(str(error))
            return
        if not isinstance(error, Unwritable):
            self._crash(error)
            return
        self._talk.say(str(error), QUIET)
        self._stop(retry.OUTPUT, "a file cannot be written")

    def _lost_reader(self, name: str) -> None:
        """The reader of a FIFO or a pipe left: whatever else is written goes on."""
        if (self.keeping is not None and self.keeping.any) or (self.shown and not self.is_unread):
            self._talk.say(f"the reader of {name} left; the run continues without it", QUIET)
        else:
            self._stop(CLOSED_PIPE, f"the reader of {name} left")
