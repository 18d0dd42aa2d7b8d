"""The command line: flags in, a plan out, one sentence for each mistake. Streams nothing itself."""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

OUTPUT, INTERRUPTED, CLOSED_PIPE = 8, 130, 141


def main() -> None:
    """The entry point of the `oddstail` command."""
    # It asks a run for its summary, and would end one that has not got that far.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    _three_descriptors()
    _named_stdout()
    code: object = 0
    try:
        try:
            code = _run()
        except SystemExit as leave:
            code = leave.code
        except KeyboardInterrupt:
            # While the modules of a command load, before it has a way of its own to end.
            code = INTERRUPTED
        if code == 1 and _nobody_reads():
            code = CLOSED_PIPE
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        # What prints and ends (--help, schema, --dry-run): a run has its own way, and has ended before this.
        code = CLOSED_PIPE if error.errno == errno.EPIPE else OUTPUT
        if code == OUTPUT:
            sys.stderr.write(f"oddstail: {error.filename or 'a file'} cannot be written: {error.strerror}\n")
    if code in (CLOSED_PIPE, OUTPUT):
        # The interpreter flushes once more on its way out, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if threading.active_count() > 1:
        # A thread that asks a dead name server would hold up the interpreter's exit for half a minute.
        if sys.stderr is not None:
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)
    sys.exit(code)


def _run() -> int:
    """Typer, with a sentence of ours for what it cannot make sense of. Returns the exit code."""
    from oddstail.cli.app import COMMANDS, app, is_completing

    if sys.stdout is not None:
        # A path that is no UTF-8 may be in what is printed: better escaped than not at all.
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if (unreadable := _not_text(sys.argv[1:], os.environ)) and not is_completing():
        sys.stderr.write(f"oddstail: {unreadable} is not valid UTF-8; write it again\n")
        return 2
    try:
        return app(prog_name="oddstail", standalone_mode=False) or 0
    except Exception as error:
        if is_completing():
            return 0  # a shell puts what it gets into the line that is being typed
        from oddstail.cli.mistakes import is_usage, sentence

        if not is_usage(error):
            raise
        if len(sys.argv) < 2:
            sys.stderr.write(f"{error}\n")  # the help: nothing was asked for
            return 2
        sys.stderr.write(f"oddstail: {sentence(error, sys.argv, COMMANDS)}\n")
        return 2


def _not_text(argv: Sequence[str], env: Mapping[str, str]) -> str:
    """The first argument or variable of ours that is no text, empty if all are: bytes that are no UTF-8 or no name."""
    for nth, word in enumerate(argv, 1):
        if not _is_text(word):
            return f"argument {nth} ({word!a})"
    # The value of a variable may be a secret.
    return next((f"${name}" for name, value in env.items() if name.startswith("ODDSTAIL_") and not _is_text(value)), "")


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _nobody_reads() -> bool:
    """Whether stdout is a pipe that its reader closed: Typer exits with 1 for that."""
    poll = select.poll()
    poll.register(1, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


class _Stdout(io.FileIO):
    """Standard output whose errors name it: a full disk may be that of any other file."""

    def write(self, data: Any, /) -> int:
        """As FileIO does."""
        try:
            return super().write(data)
        except OSError as error:
            error.filename = "stdout"
            raise


def _named_stdout() -> None:
    if isinstance(plain := sys.stdout, io.TextIOWrapper) and plain.fileno() == 1:
        raw = io.BufferedWriter(_Stdout(1, "w", closefd=False))
        sys.stdout = io.TextIOWrapper(
            raw, encoding=plain.encoding, errors=plain.errors, line_buffering=plain.line_buffering
        )


def _three_descriptors() -> None:
    """Where stdin, stdout or stderr was closed, the next file opened would take its place: a socket, for one.

    A stdout that was closed takes no writes: records that nobody can get are an error, not a success.
    """
    for fd, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, mode)
