"""Payloads on lines of their own, whatever line ends they came with."""

from __future__ import annotations

import pytest

from oddstail.model import Batch, Notice, Payload
from oddstail.sinks.ndjson import RawSink


class Kept:
    """Stands in for an outlet (which tests/sinks/test_outlet.py tries): keeps what is put."""

    def __init__(self) -> None:
        self.data = b""

    def put(self, data: bytes) -> None:
        self.data += data


def raw(*payloads: bytes, terminal: bool = False) -> bytes:
    """What `-o raw` prints of these."""
    outlet = Kept()
    notice = Notice(code="x", text="no payload")
    events = [notice, *map(Payload, payloads), notice]
    RawSink(outlet, terminal=terminal).emit(Batch(1, 0, events))  # type: ignore[arg-type]
    return outlet.data


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_payload_of_several_lines_is_one(end: bytes) -> None:
    lines = raw(b'{"a": 1}', b'{"b":' + end + b"2}", b'{"c": 3}').split(b"\n")
    assert [line.replace(b"  ", b" ") for line in lines] == [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}', b""]


def test_payloads_are_not_touched_otherwise() -> None:
    odd = b'{"name": "\xff\xfe\x00 \xe2\x80\xa8", "n": 1.10}'
    assert raw(odd) == odd + b"\n"


def test_nothing_is_written_for_what_is_no_payload() -> None:
    assert raw() == b""


def test_a_terminal_gets_no_orders() -> None:
    assert raw(b'{"name": "\x1b]52;c;eA==\x07"}', terminal=True) == b'{"name": "\\u001b]52;c;eA==\\u0007"}\n'
