"""One run's tape as the batches that the run had: frames through the reader, the rest as it was told. Never waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from oddstail.model import Batch, End, Frame, Gap, Lost, Memory, Notice, Opened, Provider, Read, Request, Send
from oddstail.outage import Outage
from oddstail.reader import Reader, Wants
from oddstail.replay.lines import Lines
from oddstail.replay.runs import Taped, unknown
from oddstail.replay.telling import Faults, Introduce, Standing, noted, over, stood
from oddstail.text import visible
from oddstail.units import micros, stamp
from oddstail.wire import tape

#: What a line that is none of ours may raise when it is taken apart.
_ODD = (ValueError, KeyError, TypeError, AttributeError, OverflowError)


class Retold:
    """Iterate `batches()` once. `end` is the run's own last word, if the tape has it.

    A line that is missing or cannot be read is a hole: every link is lost there, and open again with the
    next frame, so that the records tell the gap. At `since`, microseconds, it says how things stand.
    """

    def __init__(
        self,
        run: Taped,
        introduce: Introduce,
        provider: Callable[[str], Provider],
        wants: Wants,
        since: int | None = None,
    ) -> None:
        self.end: tuple[int, End] | None = None
        self.faults = Faults()
        self._run = run
        self._introduce = introduce
        self._provider = provider
        self._wants = wants
        self._name = run.name
        self._readers: dict[int, Reader] = {}
        self._requests: dict[int, Request] = {}
        self._past = 0
        self._since = since
        self._waits = "" if since is None else stamp(since)
        self._next: int | None = None
        self._frames: list[Frame] = []
        self._read: tuple[int, int, float, bool] = (0, 0, 0.0, False)
        self._recv = run.start
        #: Up to when the run told of a connection that was down at its end.
        self._told_to: dict[int, int] = {}
        self._steady = 0.0
        #: What the run had learned of each provider's games.
        self._memories: dict[str, Memory] = {}
        introduce.named(0, run.name)
        for conn, request in sorted(run.conns.items()):
            self._add(conn, request)

    def standing(self) -> list[Standing]:
        """The connections, as they stand now."""
        return [self._stands(conn, reader) for conn, reader in self._readers.items()]

    def over(self, later: Iterable[Request] = ()) -> list[Batch]:
        """What is to be told of the connections when there is nothing more, and others go on."""
        return over(self, self._introduce, "the tape ends", later)

    @property
    def last(self) -> int:
        """When the latest line came, in microseconds."""
        return self._recv

    @property
    def doubles(self) -> int:
        """What came twice, over all connections."""
        return self._past + sum(reader.doubles for reader in self._readers.values())

    def batches(self) -> Iterator[Batch]:
        """What happened, in order."""
        for part in self._run.parts:
            source = part.source = part.source or Lines(part.path)
            for line in part.lines or source:
                whole = None
                try:
                    fields = tape.opened(line)
                    # Nearly every line is a frame whose turn it is: no more is asked of it than it takes.
                    if fields.get("seq") == self._next and fields["type"] == "frame" and not self._waits:
                        whole = self._frame(fields)
                        self._next = fields["seq"] + 1
                    else:
                        tape.checked(fields)
                except _ODD:
                    self.faults.unreadable += 1
                    yield from self._hole("a line of the tape cannot be read")
                    self._next = None if self._next is None else self._next + 1
                    continue
                if whole:
                    yield from self._flushed()
                if whole is not None:
                    continue
                if self._waits and str(fields.get("recv")) >= self._waits:
                    # How things stood, before what comes changes them.
                    self._waits = ""
                    yield from stood(self, self._since or 0)
                yield from self._line(fields)
            yield from self._flushed()
            for text in noted(part, source):
                yield Batch(0, self._recv, [Notice(code="torn", text=text)])

    # --- lines ------------------------------------------------------------------------------------

    def _line(self, fields: dict[str, Any]) -> Iterable[Batch]:
        """One line. Most are frames, and most of those the only one of their read."""
        try:
            kind = fields["type"]
            seq = fields.get("seq")
            if seq is not None and self._next is not None:
                # Without a header somebody cut lines out on purpose.
                if seq != self._next:
                    return self._after_hole(fields, seq)
                self._next = seq + 1
            if kind == "frame":
                return self._flushed() if self._frame(fields) else []
            return self._other(kind, fields)
        except _ODD as error:
            self.faults.unreadable += 1
            return self._hole(f"a line of the tape cannot be read ({visible(str(error), 80)})")

    def _frame(self, fields: dict[str, Any]) -> bool:
        """Take a frame; whether it is the last of its read."""
        if fields.get("dir") == "out":
            return False
        if not self._frames:
            self._recv = micros(fields["recv"])
            tape.checked(fields)
            self._steady = fields.get("steady", self._steady)
            self._read = (fields.get("conn", 1), self._recv, self._steady, "beside" in fields)
        self._frames.append(tape.frame(fields))
        return "more" not in fields

    def _other(self, kind: Any, fields: dict[str, Any]) -> list[Batch]:
        match kind:
            case "tape":
                return self._header(fields)
            case "began":
                self._at(fields)
                reader = self._reader(int(fields["conn"]))
                reader.began(self._recv, self._steady)
                down = fields.get("down")
                known = Outage(micros(down["from"]), down["steady"] + 0.0, str(down["cause"])) if down else None
                reader.restored(fields.get("cursor"), known)
            case "connect":
                reader = self._reader(int(fields["conn"]))
                if not fields.get("carried"):
                    self._at(fields)
                elif reader.life is not None:
                    return []
                reader.cursor = fields.get("cursor", reader.cursor)
                request, attempt = tape.request(fields["request"]), int(fields.get("attempt", 1))
                return self._link(reader, request, float(fields["steady"]), attempt, bool(fields.get("resumed")))
            case "lost":
                self._at(fields)
                reader = self._reader(int(fields["conn"]))
                reader.heard = micros(fields["heard"])
                reader.heard_steady = float(fields["heard_steady"])
                reader.lost(str(fields["failure"]["kind"]))
                return self._told(reader.conn, fields)
            case "sweep":
                self._at(fields)
                reader = self._reader(int(fields["conn"]))
                return [Batch(reader.conn, self._recv, reader.sweep())]
            case "told":
                self._at(fields)
                conn = int(fields["conn"])
                return self._told(self._reader(conn).conn if conn else 0, fields)
        return []

    def _told(self, conn: int, fields: dict[str, Any]) -> list[Batch]:
        events = tape.events(fields)
        for event in events:
            if isinstance(event, End):
                self.end = (self._recv, event)
            elif isinstance(event, Gap):
                self._told_to[conn] = event.end
        events = [event for event in events if not isinstance(event, End)]
        return [Batch(conn, self._recv, events)] if events else []

    def _flushed(self) -> Iterator[Batch]:
        """Yield what the frames of one read say, now that they are all here; of a large one part by part."""
        if not self._frames:
            return
        frames, self._frames = self._frames, []
        conn, recv, steady, beside = self._read
        reader = self._readers.get(conn) or self._reader(conn)
        if reader.life is None:
            yield from self._link(reader, self._requests[conn], steady)
        # What was resumed after is on the next `connect`: the cursor itself is of no use here.
        for nth, (batch, _, _) in enumerate(reader.read(Read(recv, frames, beside), steady)):
            if reader.life is not None and reader.life.request.converses:
                # What the decoder wished to send was sent, or was not: `out` frames say.
                batch = batch._replace(events=[event for event in batch.events if type(event) is not Send])
            if batch.events or nth:
                # An empty part gives others their turn, too.
                yield batch

    def _link(
        self, reader: Reader, request: Request, steady: float, attempt: int = 1, resumed: bool = False
    ) -> list[Batch]:
        """A new link. One whose provider does not greet is good at once."""
        reader.connected(request, steady, attempt=attempt, resumed=resumed)
        return [] if request.greets else [reader.opened(self._recv)]

    def _header(self, fields: dict[str, Any]) -> list[Batch]:
        """The head of a file: the next part of this run, or, in files that somebody joined, of another."""
        run, following = str(fields["run"]), int(fields["next"])
        if run == self._name:
            missing = 0 if self._next is None else following - self._next
            self._next = following
            out = self._hole(_missing(missing), end=True) if missing else []
            if missing:
                self.faults.jumped(missing)
            self._at(fields)
            return out
        conns = {int(item["conn"]): tape.request(item["request"]) for item in fields["conns"]}
        out = [*self._flushed(), *self.over(conns.values())]
        self.faults.unended += self.end is None
        self._name, self._next, self.end = run, following, None
        self._past = self.doubles
        self._readers, self._told_to = {}, {}
        self._memories = {}
        self._introduce = self._introduce.another()
        self._introduce.named(0, run)
        self._at(fields)
        for conn, request in conns.items():
            self._add(conn, request)
        return out

    def _at(self, fields: dict[str, Any]) -> None:
        self._recv = micros(fields["recv"])
        self._steady = float(fields.get("steady", self._steady))

    # --- holes ------------------------------------------------------------------------------------

    def _after_hole(self, fields: dict[str, Any], seq: int) -> list[Batch]:
        assert self._next is not None, "only a number that was awaited can be missed"
        missing, self._next = seq - self._next, seq
        self.faults.jumped(missing)
        return [*self._hole(_missing(missing)), *self._line(fields)]

    def _hole(self, text: str, *, end: bool = False) -> list[Batch]:
        """Lines are not there. What links did meanwhile nobody knows; at the `end` of a file the next one tells."""
        out = [*self._flushed()]
        for reader in self._readers.values():
            life = reader.lost("tape") if reader.life is not None else None
            if life is not None:
                if life.ready:
                    out.append(Batch(reader.conn, self._recv, [Lost(cause="tape", detail=text)]))
                if not end:
                    out += self._link(reader, life.request, self._steady)
        return out or [Batch(0, self._recv, [Notice(code="tape", text=text)])]

    # --- connections ------------------------------------------------------------------------------

    def _reader(self, conn: int) -> Reader:
        found = self._readers.get(conn)
        if found is None:
            known = next(iter(self._requests.values()))
            found = self._add(conn, unknown(known.provider, known.label))
        return found

    def _add(self, conn: int, request: Request) -> Reader:
        self._requests[conn] = request
        provider = self._provider(request.provider)
        number = self._introduce(conn, request)
        self._introduce.named(number, self._name)
        memory = self._memories.setdefault(request.provider, Memory())
        made = self._readers[conn] = Reader(conn=number, provider=provider, wants=self._wants, memory=memory)
        made.began(self._recv, self._steady)
        return made

    def _stands(self, conn: int, reader: Reader) -> Standing:
        life, until = reader.life, reader.watched_until
        if (told := self._told_to.get(reader.conn)) is not None:
            until = max(told, until or told)
        made = Standing(reader.conn, self._requests[conn], reader.ledger, until=until)
        if life is not None and life.ready:
            made.opened = Opened(label=life.request.label, host=urlsplit(life.request.url).netloc)
        return made


def _missing(lines: int) -> str:
    if lines < 0:
        return "the lines of the tape are out of order"
    return f"{lines:,} line{'s' * (lines != 1)} of the tape {'is' if lines == 1 else 'are'} missing"
