"""What the frames of one connection say: envelope, doubles, decoder, ledger, and the life that only frames can tell.

Pure state, no socket, no sleep, no clock: whoever reads says when it was. The live loop and a replayed tape both
feed it, so they cannot come to say different things. It names no provider.

Times called `now` are seconds by a clock that never jumps; `recv` and `wall` are microseconds since the epoch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from oddstail.ledger import Ledger
from oddstail.model import (
    CREDITS_OUT,
    Batch,
    Decode,
    Event,
    Failure,
    Frame,
    Kind,
    Memory,
    Message,
    Notice,
    Opened,
    Payload,
    Provider,
    Read,
    Replace,
    Request,
    is_pause,
)
from oddstail.notice_limit import NoticeLimit
from oddstail.outage import Outage
from oddstail.text import visible
from oddstail.wire.loose import TooManyElements

log = logging.getLogger(__name__)

#: A burst snapshot is over when it paused so long (BoltOdds marks no end: docs/wire/boltodds.md, A7).
_BURST_PAUSE = 2.0
#: ... and if none came at all, what was held before is given up after so long.
_BURST_LATE = 30.0
#: A link that still brings heartbeats so long after its beginning has replayed whatever there was to replay.
_REPLAYED = 2.0
#: Doubles are looked for among at least so many of the latest cursors: 30 s of the busiest feed measured are 10,000.
_CURSORS = 32_768
#: A cursor that is longer, or has a control character, is not sent back (reliability.md, section 8).
_CURSOR_BYTES = 4096
#: What a frame holds whose odds nobody will read: its provider's `peek` said where it stands in the stream.
_PASSED = [Message(Kind.DATA, "")]
# Payload(...) passes through Python; one is made for every event of `-o raw`.
_new = tuple.__new__
#: Frames and messages of one read after which what they said leaves: of the smallest a read may bring 100,000.
_TURN = 1000
#: The cause of a gap between two runs.
NOT_RUNNING = "not running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the sinks of a run need. Reading prices that nobody prints would cost most of the time."""

    quotes: bool = True
    payloads: bool = False


@dataclass(slots=True)
class Life:
    """One link, from the connect to its end. Times are steady seconds. `ready`: the provider spoke; `brought`: data."""

    since: float
    request: Request
    decode: Decode
    attempt: int
    resumed: bool
    ready: bool = False
    brought: bool = False
    data_at: float = 0.0
    frame_at: float = 0.0
    quiet_told: float = 0.0
    snapshot: bool = False
    snapshot_at: float = 0.0


class Said(NamedTuple):
    """A part of what one read came to. The last part of a read has its newest cursor, and the failure that ends it.

    Give the cursor to `took` once the events are out.
    """

    batch: Batch
    cursor: str | None = None
    failure: Failure | None = None


@dataclass(slots=True, kw_only=True)
class Reader:
    """One connection over all of its links. `heard` is when the last read came, by both clocks."""

    conn: int
    provider: Provider
    wants: Wants = field(default_factory=Wants)
    ledger: Ledger = field(default_factory=Ledger)
    #: What was learned about games; the connections to one provider share it.
    memory: Memory = field(default_factory=Memory)
    cursor: str | None = None
    doubles: int = 0
    worked: bool = False
    life: Life | None = None
    heard: int = 0
    heard_steady: float = 0.0
    down: Outage | None = None
    #: The latest events by cursor and content, as hashes.
    _seen: set[int] = field(default_factory=set)
    _seen_before: set[int] = field(default_factory=set)
    #: The gap before a link that was to replay what was missed, for as long as it brought nothing.
    _bridged: Outage | None = None
    #: Where an earlier run ended: whatever came there was told.
    _told: str | None = None

    # --- the life of a link -----------------------------------------------------------------------

    def began(self, wall: int, now: float) -> None:
        """Somebody asked to watch, from here on."""
        self.heard, self.heard_steady = wall, now

    def continues(self, cursor: str | None, heard: int, ago: float, now: float) -> None:
        """An earlier run of this request heard something `ago` seconds ago, at `heard`: what lies between is a gap."""
        self.restored(cursor, Outage(heard, now - ago, NOT_RUNNING))

    def restored(self, cursor: str | None, down: Outage | None) -> None:
        """How things stood for an earlier reader of this request. What its cursor names is not told twice."""
        self.cursor = self._told = cursor if cursor is not None and _sendable(cursor) else None
        self.down = down

    @property
    def watched_until(self) -> int | None:
        """Up to when nothing was missed that is not told; None if nothing was ever heard."""
        if self.down is not None:
            return self.down.wall
        return self.heard if self.was_open else None

    @property
    def was_open(self) -> bool:
        """Whether any of its links was ever acknowledged."""
        return self.worked or self.is_open

    def connected(self, request: Request, now: float, *, attempt: int = 1, resumed: bool = False) -> None:
        """A new link, by this request; `resumed` if that asks for what came after the cursor.

        If it does not, and the last one was to replay and brought nothing, then nobody has watched since before that.
        """
        if self._bridged is not None and not resumed:
            self.down, self._bridged = self._bridged, None
        decode = self.provider.decoder(request, self.memory)
        self.life = Life(now, request, decode, attempt, resumed, data_at=now, frame_at=now, snapshot_at=now)

    def lost(self, cause: str) -> Life | None:
        """The link ended, or could not be made: from the last byte heard nobody watches. Returns the link's life."""
        life, self.life = self.life, None
        ready = life is not None and life.ready
        if self.down is None:
            # A link that was never good, too: somebody asked to watch, and nobody does. A gap like any other.
            self.down = Outage(self.heard, self.heard_steady, cause)
        if ready:
            self.worked = True
            self.ledger.doubt()
        return life

    def ended(self, wall: int, now: float) -> list[Event]:
        """The run is over: a blind spot that is still open ends here too."""
        down, self.down = self.down, None
        return [] if down is None else [down.gap("no", wall, now)]

    @property
    def is_open(self) -> bool:
        """Whether the link is acknowledged and believed alive."""
        return self.life is not None and self.life.ready

    def within_window(self, now: float) -> bool:
        """Whether the provider still replays what was missed, if it does at all."""
        outage = now - (self.down.steady if self.down else self.heard_steady)
        return not self.provider.window or outage < self.provider.window

    # --- what it says -----------------------------------------------------------------------------

    def read(self, read: Read, now: float) -> Iterator[Said]:
        """Yield what one read says: mostly one part; of a large frame many, so that others get their turn in between.

        What follows a failure in it is not looked at: the link ends there.
        """
        life = self.life
        assert life is not None, "a link is read after it was connected"
        out: list[Event] = []
        cursor = None
        if not read.beside:
            self.heard, self.heard_steady = read.recv, now
            if read.frames:
                life.frame_at = now
                if self._bridged is not None and now - life.since >= _REPLAYED:
                    self._bridged = None
        # The hot loop: what stays the same for a whole run is looked up once.
        wants, decode, seen, before, data = self.wants, life.decode, self._seen, self._seen_before, Kind.DATA
        quotes, payloads, had = wants.quotes, wants.payloads, False
        # A cursor is a place in a stream, and two events may share one: only the same one is a double. Where there is
        # no way back to a place, the mark says by itself what is the same.
        places, told = self.provider.resume is not None, self._told
        envelope, peek = self.provider.read, None if quotes else self.provider.peek
        notices: NoticeLimit | None = None
        left = _TURN
        for frame in read.frames:
            left -= 1
            if left <= 0:
                yield from self._leave(life, read.recv, out, more=True)
                out, left = [], _TURN
            place_of = None if peek is None else peek(frame)
            if place_of is None:
                try:
                    messages = envelope(frame)
                except ValueError as error:
                    if payloads:
                        out.append(_new(Payload, (frame.data,)))
                    notices = notices or NoticeLimit()
                    notices.add(_unreadable(frame, error), out)
                    messages = []
            else:
                messages = _PASSED
            # The answer to a poll is not part of the stream.
            payload = payloads and not read.beside
            for message in messages:
                kind, _, _, mark, failure = message
                if failure is not None:
                    if payload:
                        out.append(_new(Payload, (frame.data,)))
                    if notices is not None:
                        notices.frame_over(out)
                        out += notices.rest()
                    life.brought = life.brought or had
                    yield from self._leave(life, read.recv, out, cursor, failure)
                    return
                left -= 1
                if left < 0:
                    yield from self._leave(life, read.recv, out, more=True)
                    out, left = [], _TURN
                if not life.ready and kind is not Kind.ERROR:
                    out += self._opened(life, read.recv)
                if kind is data:
                    had = True
                    if self.down is not None:
                        # Updates come again, over a link that was good all the time.
                        out.append(self.down.gap("no", read.recv, now))
                        self.down = None
                    if mark is None:
                        mark = place_of
                    if mark is not None:
                        place = hash(mark) ^ hash(frame.data) if places else hash(mark)
                        if place in seen or place in before or mark == told:
                            self.doubles += 1
                            continue
                        seen.add(place)
                        cursor = mark
                    if payload:
                        payload = False
                        out.append(_new(Payload, (frame.data,)))
                elif kind is Kind.ACK or kind is Kind.BEAT:
                    continue
                elif payload and kind is not Kind.ECHO:
                    payload = False
                    out.append(_new(Payload, (frame.data,)))
                if quotes or kind is not data:
                    try:
                        said = decode(message)
                    except Exception as error:
                        said = [_undecoded(message, frame, error)]
                    if isinstance(said, list) and len(said) == len(messages) == 1 and type(said[0]) is Notice:
                        said = [_as_received(said[0], frame)]
                    for part in (said,) if isinstance(said, list) else _parts(said, message, frame):
                        if kind is Kind.ERROR and self.down is None and life.ready and any(map(is_pause, part)):
                            # Nobody is told more, although the link is good: from the last data on.
                            last = 0.0 if had else now - life.data_at
                            self.down = Outage(read.recv - round(last * 1_000_000), now - last, CREDITS_OUT)
                        if Notice in map(type, part):
                            notices = notices or NoticeLimit()
                            part = notices.keep(part)
                        out += part
                        if type(said) is not list:
                            yield from self._leave(life, read.recv, out, more=True)
                            out = []
            if notices is not None:
                notices.frame_over(out)
        if notices is not None:
            out += notices.rest()
        if had:
            life.data_at, life.quiet_told, life.brought = now, 0.0, True
            self._bridged = None
            if len(seen) >= _CURSORS:
                # Two generations: to drop the oldest one by one makes a dict walk over all that it dropped.
                self._seen_before, self._seen = seen, set()
        if cursor is not None and not _sendable(cursor):
            text = "the provider's cursor has characters that cannot be sent back; a reconnect starts at now"
            out.append(Notice(code="cursor", text=text))
            self.cursor = cursor = None
        yield from self._leave(life, read.recv, out, cursor)

    def opened(self, recv: int) -> Batch:
        """The link is good without a word of the provider's: it promises none."""
        assert self.life is not None, "a link is opened after it was connected"
        self.heard, self.heard_steady = recv, self.life.since
        return Batch(self.conn, recv, self._opened(self.life, recv))

    def took(self, cursor: str | None) -> None:
        """What came up to this cursor is out. Moved any sooner, a crash between the two would lose it."""
        if cursor is not None:
            self.cursor = cursor

    def is_swept_at(self, now: float) -> bool:
        """Whether a burst snapshot is over and left something unconfirmed."""
        life = self.life
        if life is None or self.provider.snapshot != "burst" or not self.ledger.doubtful:
            return False
        return now - life.snapshot_at >= (_BURST_PAUSE if life.snapshot else _BURST_LATE)

    def sweep(self) -> list[Event]:
        """What the snapshot did not confirm is gone."""
        return self.ledger.sweep()

    # --- parts ------------------------------------------------------------------------------------

    def _leave(
        self, life: Life, recv: int, out: list[Event], cursor: str | None = None, failure: Failure | None = None,
        *, more: bool = False,
    ) -> Iterator[Said]:  # fmt: skip
        """Yield events, of very many some at a time: whoever takes them may have no room for all."""
        events = self._applied(life, out, recv) if out else out
        while len(events) > _TURN:
            yield Said(Batch(self.conn, recv, events[:_TURN], more=True))
            del events[:_TURN]
        yield Said(Batch(self.conn, recv, events, more), cursor, failure)

    def _applied(self, life: Life, out: list[Event], recv: int) -> list[Event]:
        """What the decoder said, with what is known of games and prices; and a note of when a burst last went on."""
        self.memory.games.fill(out, recv)
        if self.provider.snapshot == "burst" and any(type(event) is Replace and event.snap for event in out):
            life.snapshot_at, life.snapshot = self.heard_steady, True
        return self.ledger.apply(out, self.heard_steady)

    def _opened(self, life: Life, recv: int) -> list[Event]:
        life.ready = True
        host = urlsplit(life.request.url).netloc
        cursor = self.cursor if life.resumed else None
        out: list[Event] = [Opened(label=life.request.label, host=host, attempt=life.attempt, cursor=cursor)]
        if self.down is not None:
            now = self.heard_steady
            resumed = self.provider.replays if life.resumed and self.within_window(now) else "no"
            out.append(self.down.gap(resumed, recv, now))
            if life.resumed and self._bridged is None:
                self._bridged = self.down
            self.down = None
            if resumed == "yes":
                self.ledger.trust()
        return out


#: Characters of a payload that a notice passes on.
_PAYLOAD = 65_536


def _as_received(notice: Notice, frame: Frame) -> Notice:
    """A notice that passes a payload on, with the frame's own text instead of the same JSON written anew."""
    if notice.payload is None:
        return notice
    return replace(notice, payload=frame.data[: 4 * _PAYLOAD].decode("utf-8", "replace")[:_PAYLOAD])


def _sendable(cursor: str) -> bool:
    return cursor.isprintable() and cursor == cursor.strip() and len(cursor.encode()) <= _CURSOR_BYTES


def _parts(said: Iterator[list[Event]], message: Message, frame: Frame) -> Iterator[list[Event]]:
    """Yield the parts of a large message."""
    try:
        yield from said
    except Exception as error:
        yield [_undecoded(message, frame, error)]


def _undecoded(message: Message, frame: Frame, error: Exception) -> Notice:
    log.debug("decoding %s", message.name, exc_info=error)
    return _unreadable(frame, error)


def _unreadable(frame: Frame, error: Exception) -> Notice:
    head = visible(frame.data[:400].decode("utf-8", "replace"), 120)
    what = "not JSON"
    if isinstance(error, TooManyElements):
        what = str(error)
    elif not isinstance(error, ValueError):
        what = type(error).__name__
    return Notice(code="unreadable", text=f"a frame that cannot be read ({what}): {head}", value=len(frame.data))
