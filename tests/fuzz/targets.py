"""What reads bytes from outside, and what must hold of it whatever the bytes are. Knows no fuzzer."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from oddstail import providers
from oddstail.cli.replay import opened
from oddstail.model import Frame, Request, UsageError
from oddstail.reader import Wants
from oddstail.record import Encoder
from oddstail.replay.player import Pace, Player
from oddstail.text import visible
from oddstail.wire import refusal
from oddstail.wire.sse import FrameTooBig, SSEDecoder
from tests.replay.support import Deck, record
from tests.test_every_provider import BENT, STREAMS, bent, check, paths, written

#: What was found before, a folder for each target.
FOUND = Path(__file__).parent / "found"
#: Between two messages of an input, and between a message's event and its data.
NEXT, EVENT = b"\x1e", b"\x1f"
_CAP = 4096


_folder = tempfile.TemporaryDirectory(prefix="oddstail-fuzz-")
_loop = asyncio.new_event_loop()


# --- what is held of every input --------------------------------------------------------------------


def sse(data: bytes) -> None:
    """However the bytes are cut, the same events come out, and never more is held than is allowed."""
    whole = fed([data])
    cut = data[0] % 7 + 1 if data else 1
    assert fed([data[at : at + cut] for at in range(0, len(data), cut)]) == whole


def fed(chunks: list[bytes]) -> tuple[list[Frame], bool]:
    """The events, and whether the limit ended them."""
    decoder, out = SSEDecoder(_CAP), []
    try:
        for chunk in chunks:
            out += decoder.feed(chunk)
            decoder.feed(b"")
    except FrameTooBig:
        return out, True
    assert decoder.retry is None or 0 <= decoder.retry <= 86_400
    return out, False


def tape(data: bytes) -> None:
    """A tape is told, or refused with a sentence: whatever stands in it."""
    path = Path(_folder.name) / "fuzz.tape.ndjson"
    path.write_bytes(data)
    encoder = Encoder()

    def introduce(conn: int, asked: Request) -> None:
        encoder.introduce(0, asked)
        encoder.introduce(conn, asked)

    async def tell(player: Player) -> None:
        async with aclosing(player.events()) as batches:
            async for batch in batches:
                encoder.lines(batch, batch.events).encode("ascii")

    with suppress(UsageError):
        found, notes = opened([str(path)], None)
        assert all(note.isprintable() for note in notes)
        encoder.introduce(0, next(iter(found[0].conns.values())))
        made = Player(
            runs=found,
            pace=Pace(),
            wants=Wants(),
            provider=providers.provider,
            introduce=introduce,
            named=encoder.named,
        )
        _loop.run_until_complete(tell(made))


def decode(name: str, data: bytes) -> None:
    """No exception, no price that the message does not hold, nothing on offer that was not said to be."""
    check(name, STREAMS[name][0], [(event.decode("utf-8", "replace"), body) for event, body in messages(data)])


def refused(data: bytes) -> None:
    """What a server says when it refuses: one printable line, and no wait below nothing."""
    assert refusal.said(data).isprintable()
    asked = refusal.asked_in(data)
    assert asked is None or isinstance(asked, float)
    assert visible(data.decode("utf-8", "replace"), 80).isprintable()


# --- inputs -----------------------------------------------------------------------------------------


def messages(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The messages of an input."""
    for one in data.split(NEXT):
        event, mark, body = one.partition(EVENT)
        yield (event, body) if mark else (b"", event)


def seeds(target: str) -> list[bytes]:
    """Where the search begins: the vendors' own messages."""
    if target in STREAMS:
        return [NEXT.join(event.encode() + EVENT + written(body, 0) for event, body in STREAMS[target][1])]
    bodies = [written(body, 0) for _, frames in STREAMS.values() for _, body in frames]
    if target == "sse":
        lines = [b"event: odds\r\nid: 1-0\r\nretry: 5000\r\ndata: %b\r\n\r\n: ping\r\r" % body for body in bodies[:3]]
        return [b"\xef\xbb\xbf", b"data:a\ndata: b\n\nid\nid: \x00\nretry: x\n\n", *lines]
    if target == "refused":
        return [*bodies, b'{"detail":[{"msg":"x"}]}', b"<title>x</title>", b'{"retry_after_seconds":3}']
    asked, frames = STREAMS["boltodds"]
    deck = Deck(asked)
    script: Any = [[[b'{"action":"socket_connected"}'], [written(body, 0) for _, body in frames], 3.0]] * 2
    return [record(script, providers.provider("boltodds"), deck=deck).tape]


def mutated(
    separator: bytes, mark: bytes, otherwise: Callable[[bytes, int], bytes], data: bytes, size: int, seed: int
) -> bytes:
    """Half of the time a node of one message is replaced, or a message repeated, moved or dropped."""
    chance = random.Random(seed)
    parts = data.split(separator)
    at = chance.randrange(len(parts))
    event, found, body = parts[at].partition(mark) if mark else (b"", b"", parts[at])
    match chance.randrange(8):
        case 0:
            parts.insert(chance.randrange(len(parts)), parts[at])
        case 1:
            parts.append(parts.pop(at))
        case 2 | 3 | 4 | 5:
            try:
                tree = json.loads(body)
            except (ValueError, RecursionError):
                return otherwise(data, size)
            path = chance.choice(list(paths(tree)))
            parts[at] = event + found + written(bent(tree, path, chance.choice([*BENT, ...])), 30)
        case _:
            return otherwise(data, size)
    return separator.join(parts)[:size]


TARGETS: dict[str, Callable[[bytes], None]] = {
    "sse": sse,
    "tape": tape,
    "refused": refused,
    **{name: partial(decode, name) for name in STREAMS},
}


def every(data: bytes) -> None:
    """All of them in one process, for a short look: the first byte says which."""
    if data:
        list(TARGETS.values())[data[0] % len(TARGETS)](data[1:])
