"""The event stream format: bytes in, Frames out. Knows section 9.2.6 of the HTML standard; no HTTP, no clock.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

Ours, because httpx-sse 0.4.3 yields an empty event for each keep-alive comment once an id was seen, loses
the first event after a byte order mark, decodes to text (the bytes as received are gone), and caps nothing:
a line that never ends fills the memory. What differs from the standard here: data stays bytes, and an
event without a name has an empty one, not `message`.
"""

from __future__ import annotations

from operator import methodcaller
from typing import Final

from oddstail.model import Frame

_BOM: Final = b"\xef\xbb\xbf"

#: The most seconds that `retry` ever says: 99999999999999999999 is a mistake, and more than a timer takes.
LONGEST_RETRY: Final = 86_400.0

_FIELDS: Final = frozenset((b"data", b"event", b"id", b"retry"))

#: Lines from which on it is worth looking for events that are alike, and how many of those are looked at together.
_MANY: Final = 16
_ALIKE: Final = 64
_IS_DATA: Final = methodcaller("startswith", b"data: ")
_IS_ID: Final = methodcaller("startswith", b"id: ")

# Frame(...) passes through Python for its defaults; the tuple beneath it takes two thirds of that.
_new: Final = tuple.__new__


class FrameTooBig(ValueError):  # noqa: N818 -- named for what was met, as model.Failure names it
    """One event, with the line that is being read, has more bytes than the limit."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"an event of at least {size} bytes, where {limit} are allowed")
        self.size = size
        self.limit = limit


class SSEDecoder:
    """Decodes one stream, from its first byte on.

    `retry` is the last valid `retry:` in seconds, `comments` counts the comments. An event, with the line
    that is being read, may have `max_frame` bytes, and no more than that is held between two calls.
    """

    __slots__ = (
        "_cr", "_data", "_event", "_event_line", "_id", "_line", "_max", "_named", "_open", "_retry_line", "_start",
        "_too_big", "comments", "retry",
    )  # fmt: skip

    def __init__(self, max_frame: int) -> None:
        self.retry: float | None = None
        self.comments = 0
        self._max = max_frame
        self._start: bytes | None = b""  # the first bytes, for as long as they may become a BOM
        self._cr = False  # the last byte was a CR, so a LF now belongs to it
        self._line = bytearray()  # the line that has not ended yet
        self._open = False  # a field came since the last blank line
        self._data: bytes | bytearray | None = None
        self._event = ""
        self._id = ""
        # The last of each: most servers repeat them with every event.
        self._event_line, self._named = b"event: ", ""
        self._retry_line = b"retry: "
        self._too_big = 0

    @property
    def pending(self) -> bool:
        """Whether a stream that ended now would have been cut in the middle of an event, or of any line."""
        return bool(self._open or self._line or self._start or self._too_big)

    def feed(self, chunk: bytes) -> list[Frame]:
        """The events that `chunk` completes, in order.

        FrameTooBig for one beyond the limit: at once, or on the next call if whole events came before it in
        this chunk, as those are not to be lost with it. From then on every call raises it.
        """
        frames: list[Frame] = []
        if not self._too_big:
            if self._start is not None:
                chunk = self._without_bom(self._start + chunk)
            # Lines are measured only when the limit can be reached within this chunk.
            tight = len(chunk) + len(self._line) + self._held() > self._max
            lines = self._lines(chunk)
            if tight or len(lines) < _MANY:
                self._read(lines, frames, tight)
            else:
                self._read_many(lines, frames)
            if tight:
                self._measure(self._line)
        if self._too_big and not frames:
            raise FrameTooBig(self._too_big, self._max)
        return frames

    # --- bytes to lines: every byte is copied a fixed number of times, so time is linear in size ----------

    def _lines(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes; what is left of it begins the next one."""
        if self._cr and chunk:
            self._cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            # A CR at the end of a chunk counts at once: to wait for its LF would hold back a whole event.
            self._cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if self._line and lines:
            self._line += lines[0]
            lines[0] = bytes(self._line)
            self._line = bytearray()
        if rest:
            self._line += rest
        return lines

    def _without_bom(self, start: bytes) -> bytes:
        undecided = len(start) < len(_BOM) and _BOM.startswith(start)
        self._start = start if undecided else None
        return b"" if undecided else start.removeprefix(_BOM)

    # --- lines to events ----------------------------------------------------------------------------------

    def _read_many(self, lines: list[bytes], frames: list[Frame]) -> None:
        """Lines of many events: those that look like the one before them are read as columns, not line by line."""
        at = 0
        while at < len(lines):
            fresh = not self._open
            try:
                end = lines.index(b"", at) + 1
            except ValueError:
                end = len(lines)
            block = lines[at:end]
            self._read(block, frames, False)
            at = end
            # What is left of an event that began earlier does not tell how the next ones look.
            if fresh and (many := min(_ALIKE, (len(lines) - at) // len(block))):
                end = at + many * len(block)
                if not self._read_alike(block, lines[at:end], many, frames):
                    self._read(lines[at:end], frames, False)
                at = end

    def _read_alike(self, block: list[bytes], lines: list[bytes], many: int, frames: list[Frame]) -> bool:
        """`many` events, if their lines are those of `block`, just read, but for what `id` and `data` say."""
        ids = datas = None
        for nth, line in enumerate(block):
            column = lines[nth :: len(block)]
            if datas is None and line[:6] == b"data: ":
                if not all(map(_IS_DATA, column)):
                    return False
                datas = column
            elif ids is None and line[:4] == b"id: ":
                if not all(map(_IS_ID, column)) or b"\0" in b"".join(column):
                    return False
                ids = column
            elif line not in (b"", self._event_line, self._retry_line) or column.count(line) != many:
                return False
        if datas is None:
            return False
        event = self._named if self._event_line in block else ""
        names = [self._id] * many if ids is None else [str(name[4:], "utf-8", "replace") for name in ids]
        frames += [_new(Frame, (data[6:], event, name)) for data, name in zip(datas, names, strict=True)]
        self._id = names[-1]
        return True

    def _read(self, lines: list[bytes], frames: list[Frame], tight: bool) -> None:
        """The hot path: one loop, in which the lines that a server repeats with every event are known as a whole."""
        retry, event = self._retry_line, self._event_line
        for line in lines:
            if tight and self._measure(line):
                break
            if not line:
                if self._data is not None:
                    data = self._data if type(self._data) is bytes else bytes(self._data)
                    frames.append(_new(Frame, (data, self._event, self._id)))
                    self._data = None
                self._event = ""
                self._open = False
                continue
            if line == event:
                self._event = self._named
                self._open = True
                continue
            if line == retry:
                self._open = True
                continue
            if self._data is None and line[:6] == b"data: ":
                self._data = line[6:]
                self._open = True
                continue
            name, _, value = line.partition(b": ")
            if name == b"data":
                self._data = value if self._data is None else _joined(self._data, value)
            elif name == b"event":
                event = self._event_line = line
                self._named = self._event = value.decode("utf-8", "replace")
            elif name == b"id":
                if b"\0" not in value:
                    self._id = value.decode("utf-8", "replace")
            elif name == b"retry":
                retry = self._retry_line = line
                self._set_retry(value)
            else:
                self._read_rare(line)
                # It may have been the same field, written without its space.
                retry, event = self._retry_line, self._event_line
                continue
            self._open = True

    def _read_rare(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if not name:
            self.comments += 1
        elif name in _FIELDS:
            # The space is optional, so this is the same line.
            self._read([b": ".join((name, value))], [], False)
        else:
            self._open = True

    def _set_retry(self, value: bytes) -> None:
        if value.isdigit():
            # By way of a float, which takes any number of digits; int refuses more than 4,300.
            self.retry = min(float(value) / 1000, LONGEST_RETRY)

    # --- the limit ----------------------------------------------------------------------------------------

    def _held(self) -> int:
        return len(self._data or b"") + len(self._event) + len(self._id)

    def _measure(self, line: bytes | bytearray) -> bool:
        size = self._held() + len(line)
        if size > self._max:
            self._too_big = size
            self._line, self._data = bytearray(), None
        return bool(self._too_big)


def _joined(data: bytes | bytearray, value: bytes) -> bytearray:
    # In one growing array: a list would hold eight bytes for each of the five of an empty `data`.
    more = data if isinstance(data, bytearray) else bytearray(data)
    more += b"\n"
    more += value
    return more
