"""The terminal is given back past everything that waits, when there is no time for the ordinary way."""

from __future__ import annotations

import asyncio
import os

from oddstail.board.paint import ENTER, LEAVE
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.terminal import Terminal
from oddstail.text import Redactor


def test_a_dying_process_gives_the_screen_back_at_once_and_only_if_it_has_it() -> None:
    async def run() -> bytes:
        read, write = os.pipe()
        terminal = Terminal(Outlet(write, Redactor([])), ENTER, LEAVE)
        terminal.rescue()
        terminal.entered = True
        terminal.rescue()
        os.close(write)
        return os.read(read, 1000)

    assert asyncio.run(run()) == LEAVE.encode()


def test_where_nobody_knows_the_size_it_is_80_by_24() -> None:
    read, write = os.pipe()
    assert Terminal.size(write) == (80, 24)
    os.close(read)
    os.close(write)
