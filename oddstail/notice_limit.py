"""How many notices one read may become: a frame of a million broken rows is one notice with their number. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from oddstail.model import Event, Notice

#: Notices of one code that a read may bring one by one; nothing that a provider is known to send brings more.
_MOST = 100
#: The code of which a frame brings one notice, however many rows it is about.
_UNREADABLE = "unreadable"


@dataclass(slots=True)
class NoticeLimit:
    """Count the notices of one read. Call `frame_over` after each frame, and `rest` after the last."""

    _counts: dict[str, int] = field(default_factory=dict)
    #: Of the frame that is being read: the first row that cannot be read, and how many there are.
    _first: Notice | None = None
    _rows: int = 0

    def keep(self, events: Iterable[Event]) -> list[Event]:
        """Return the events of a part of a frame, without the notices that are one too many."""
        kept: list[Event] = []
        for event in events:
            if type(event) is not Notice:
                kept.append(event)
            elif event.code == _UNREADABLE:
                self._first = self._first or event
                self._rows += 1
            else:
                self.add(event, kept)
        return kept

    def add(self, notice: Notice, out: list[Event]) -> None:
        """Put one notice about a whole frame into `out`, unless there were enough of its kind."""
        count = self._counts[notice.code] = self._counts.get(notice.code, 0) + 1
        if count <= _MOST:
            out.append(notice)

    def frame_over(self, out: list[Event]) -> None:
        """Put the notice for the rows that cannot be read into `out`."""
        if self._first is not None:
            self.add(_counted(self._first, self._rows), out)
            self._first, self._rows = None, 0

    def rest(self) -> list[Event]:
        """Return the notices that count what was held back."""
        return [
            Notice(code=code, text=f"{count - _MOST:,} more notices of this kind ({code}) at once", value=count - _MOST)
            for code, count in self._counts.items()
            if count > _MOST
        ]


def _counted(first: Notice, rows: int) -> Notice:
    if rows == 1:
        return first
    text = first.text.replace(" that cannot be read:", ":", 1)
    return replace(first, text=f"{rows:,} rows cannot be read, the first: {text}", value=rows)
