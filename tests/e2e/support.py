"""The real command in a subprocess, and loopback servers that do just what a test says. Knows no odds."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import IO, Any
from urllib.parse import quote, quote_plus

import jsonschema

from oddstail.schema import schema
from tests import warm

#: A key with characters that an encoder changes: none of its forms may ever show.
KEY = "k-secret/0123+456789="
FORMS = (KEY, quote(KEY, safe=""), quote(KEY), quote_plus(KEY), quote(KEY, safe="").lower())
#: No test may take longer than this, whatever goes wrong.
PATIENCE = 20.0

PROVIDERS = ("oddsjam", "opticodds", "parlayapi", "rapidodds", "boltodds")
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
KEYS = {f"{name.upper()}_API_KEY": KEY for name in PROVIDERS}
#: The least that each provider must be asked for. Its lists and prices over REST are left alone: these servers have none.
ASK: Mapping[str, Sequence[str]] = {
    "oddsjam": ("oddsjam", "--no-validate", "--no-snapshot", "-l", "NBA", "-b", "DraftKings"),
    "opticodds": ("opticodds", "--no-validate", "--no-snapshot", "-s", "basketball", "-l", "NBA", "-b", "DraftKings"),
    "parlayapi": ("parlayapi", "--no-validate", "-s", "basketball_nba"),
    "parlayapi-ws": ("parlayapi", "--no-validate", "-s", "basketball_nba", "--transport", "ws"),
    "rapidodds": ("rapidodds", "--no-validate", "--no-snapshot", "-s", "NBA", "-b", "Pinnacle", "-m", "head_to_head"),
    "boltodds": ("boltodds", "--no-validate", "-l", "NBA"),
}


def until(holds: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until `holds()` is true; what it returned then. Fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        threading.Event().wait(0.01)
    return value


# --- the command ----------------------------------------------------------------------------------


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "oddstail", *args]


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: bytes
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What is on stdout, held against the schema and the promises of a record."""
        records = checked(self.out)
        assert (records[-1]["type"], records[-1]["exit"]) == ("end", self.code)
        return records

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["type"] == kind]


def run(*args: str, env: Mapping[str, str] | None = None, **kwargs: Any) -> Ran:
    """Run the command to its end."""
    with Running(*args, env=env, read="stdout" not in kwargs, **kwargs) as running:
        return running.end()


class Running:
    """The command while it runs: lines of stdout as they come. A context manager that leaves nothing behind."""

    def __init__(self, *args: str, env: Mapping[str, str] | None = None, read: bool = True, **kwargs: Any) -> None:
        self.process = warm.start(
            args,
            env={**ENV, **KEYS} if env is None else env,
            stdin=kwargs.pop("stdin", subprocess.DEVNULL),
            stdout=kwargs.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            **kwargs,
        )
        self.out = bytearray()
        self.err = bytearray()
        self._threads = [self._keep(self.process.stderr, self.err)]
        if read:
            self.read()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def read(self) -> None:
        """Begin to read stdout."""
        self._threads.append(self._keep(self.process.stdout, self.out))

    def lines(self, least: int) -> list[bytes]:
        """Wait for so many whole lines on stdout."""
        return until(lambda: self.out.count(b"\n") >= least) and bytes(self.out).split(b"\n")[:least]

    def says(self, text: str) -> None:
        """Wait until stderr says so."""
        until(lambda: text in self.err.decode())

    def end(self, number: signal.Signals | None = None, seconds: float = PATIENCE) -> Ran:
        """Send a signal if one is given, wait for the end, and return what is left of it."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(seconds)
        for thread in self._threads:
            thread.join(PATIENCE)
        return Ran(code, bytes(self.out), self.err.decode())

    @staticmethod
    def _keep(stream: IO[bytes] | None, kept: bytearray) -> threading.Thread:
        assert stream is not None
        descriptor = stream.fileno()

        def pump() -> None:
            while data := os.read(descriptor, 1 << 16):
                kept.extend(data)

        thread = threading.Thread(target=pump, daemon=True)
        thread.start()
        return thread


# --- records --------------------------------------------------------------------------------------


@cache
def _validators() -> dict[str, Any]:
    """A validator for each record type: `oneOf` over all of them says no more and takes seven times as long."""
    made = schema()
    validator = jsonschema.Draft202012Validator
    validator.check_schema(made)
    by_type: dict[str, list[Any]] = {}
    for one in made["oneOf"]:
        by_type.setdefault(one["properties"]["type"]["const"], []).append(one)
    # Alerts on a price, on a market and on steam are of one type.
    return {name: validator(some[0] if len(some) == 1 else {"oneOf": some}) for name, some in by_type.items()}


def checked(out: bytes) -> list[dict[str, Any]]:
    """Every line a record after the schema, ASCII, numbered without a hole, and a life that makes sense."""
    assert not out or out.endswith(b"\n"), "the last line is torn"
    records = [json.loads(line, parse_constant=_refused) for line in out.decode("ascii").splitlines()]
    # Thousands of prices alike take seconds: of those, some are held against the schema.
    step = len(records) // 500 + 1
    for nth, record in enumerate(records):
        if record["type"] != "quote" or nth % step == 0:
            _validators()[record["type"]].validate(record)
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    _check_life(records)
    return records


def _check_life(records: list[dict[str, Any]]) -> None:
    """On each connection: opened, then data; after lost nothing but opened and its gap; a gap for each lost.

    A first connect that took more than one try has a gap, too; so has one that never came about.
    """
    state: dict[int, str] = {}
    for record in records:
        conn, kind = record["conn"], record["type"]
        before = state.get(conn, "new")
        match kind:
            case "opened":
                assert before in ("new", "lost"), record
                state[conn] = "first" if before == "new" else "back"
            case "gap":
                assert before in ("back", "lost", "first", "new"), record
                assert record["from"] <= record["to"], record
                state[conn] = "open" if before in ("back", "first") else "over"
            case "lost":
                assert before in ("open", "first"), record
                state[conn] = "lost"
            case "quote" | "fixture":
                assert before in ("open", "first"), record
                state[conn] = "open"
                if kind == "quote" and record["status"] != "open":
                    assert record["american"] is record["decimal"] is record["prob"] is None, record
            case "end":
                assert conn == 0, record
                assert record is records[-1], record
    assert "back" not in state.values(), "a link came back and no gap says so"


def _refused(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


# --- servers --------------------------------------------------------------------------------------


class Peer:
    """A client's connection, in the hands of a test."""

    def __init__(self, sock: socket.socket, head: bytes) -> None:
        self._socket = sock
        self.head = head

    def send(self, *data: bytes) -> bool:
        """Send; False if nobody listens any more."""
        try:
            for part in data:
                self._socket.sendall(part)
        except OSError:
            return False
        return True

    def receive(self) -> bytes:
        """What the client says next; nothing once it has left."""
        try:
            return self._socket.recv(4096)
        except OSError:
            return b""

    def hold(self) -> None:
        """Say nothing until the client leaves."""
        while self.receive():
            pass


Answer = Callable[[Peer], object]


@dataclass
class Server:
    """Loopback TCP: the nth connection gets the nth answer, the last one all the rest."""

    answers: Sequence[Answer]
    scheme: str = "http"
    heads: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Server:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def _start(self, function: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=function, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._open.append(sock)
                self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        head = b""
        with contextlib.suppress(OSError):
            # A TLS client's greeting has no blank line; it is told in plain text what it reached.
            while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
                data = sock.recv(4096)
                if not data:
                    break
                head += data
        nth = len(self.heads)
        self.heads.append(head)
        self.times.append(time.monotonic())
        self.answers[min(nth, len(self.answers) - 1)](Peer(sock, head))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(4096):
                pass
        sock.close()


def reply(status: str, body: str | bytes = b"", kind: str = "application/json", **headers: str) -> Answer:
    """A whole HTTP answer."""
    data = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": kind, "Content-Length": str(len(data)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return lambda peer: peer.send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode(), data)


def sse(*parts: bytes, hold: bool = True, **headers: str) -> Answer:
    """An event stream: its bytes, and then silence (`hold`) or the end."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{lines}Connection: close\r\n\r\n"

    def answer(peer: Peer) -> None:
        peer.send(head.encode(), *parts)
        if hold:
            peer.hold()

    return answer


def no_secret(ran: Ran) -> None:
    """The key is nowhere, in none of its forms."""
    for form in FORMS:
        assert form.encode() not in ran.out
        assert form not in ran.err


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, bytearray]]:
    """A terminal: what to give a command for its stdout or stderr, and what is seen there. It ends with its last writer."""
    master, slave = pty.openpty()
    shown = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):
            while part := os.read(master, 1 << 16):
                shown.extend(part)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield slave, shown
    finally:
        os.close(slave)
        reader.join(PATIENCE)
        os.close(master)
