"""`--resume`: sessions go on where the last run of the same request ended, and leave word for the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from oddstail.capture.bookmarks import Bookmark, Bookmarks
from oddstail.capture.file import Unwritable
from oddstail.clock import steady, wall
from oddstail.session import Session


class Resuming:
    """Reads bookmarks once, and makes the calls that write them."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._bookmarks = Bookmarks(folder)
        self._written: dict[int, Bookmark] = {}
        #: Whether a bookmark could not be written. A capture goes on without: what is captured matters more.
        self.failed = False
        self._say = say
        self._known: list[str] = []
        self._unknown: list[str] = []

    def continues(self, session: Session) -> None:
        """Tell a session where the last run of its request ended, if there was one."""
        mark = self._bookmarks.read(session.request)
        (self._unknown if mark is None else self._known).append(session.label)
        if mark is not None:
            ago = max(0.0, (wall() - mark.heard) / 1e6)
            session.reader.continues(mark.cursor, mark.heard, ago, steady())

    def note(self) -> str | None:
        """What there is nothing to go on from, for people; None if there is for all."""
        if not self._unknown:
            return None
        which = f" for {', '.join(self._unknown)}" if self._known else ""
        return (
            f"nothing to resume from{which}: no run of this request with --resume has ended or been killed here yet;"
            " from now on there is"
        )

    def marks(self, sessions: Sequence[Session], *, last: bool = False) -> Callable[[], None]:
        """A call that writes how far each session is now: to be made once all that came until now is out.

        The `last` writes every mark: an earlier call may not have been made yet.
        """
        due = []
        for session in sessions:
            until = session.reader.watched_until
            if until is not None:
                mark = Bookmark(session.reader.cursor, until)
                if last or self._written.get(session.conn) != mark:
                    self._written[session.conn] = mark
                    due.append((session.request, mark))

        def write() -> None:
            try:
                for request, mark in due:
                    self._bookmarks.write(request, mark)
            except Unwritable as error:
                if not self.failed:
                    self.failed = True
                    self._say(str(error))

        return write
