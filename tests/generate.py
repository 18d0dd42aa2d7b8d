"""Files that are made from the program itself: `completions`, `screenshots`. Run as a script; the test imports it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
COMPLETIONS = {"bash": "oddstail.bash", "zsh": "_oddstail", "fish": "oddstail.fish"}
SCREEN = ROOT / "tests" / "screen.svg"


def completion(shell: str) -> str:
    """The completion script of a shell, as the program prints it."""
    env = {**os.environ, "_ODDSTAIL_COMPLETE": f"source_{shell}"}
    code = "from oddstail.cli.app import app; app(prog_name='oddstail')"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip() + "\n"


def completions() -> None:
    """Write all three."""
    for shell, name in COMPLETIONS.items():
        (ROOT / "completions" / name).write_text(completion(shell), "utf-8")


def screenshots() -> None:
    """The board after some seconds of the demo, drawn by the program's own code and exported by Rich."""
    from rich.console import Console

    from oddstail.board.draw import Picture

    board = asyncio.run(_watched())
    console = Console(record=True, width=116, height=33, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Picture(board, "oddstail  ParlayAPI  basketball_nba, americanfootball_nfl, icehockey_nhl, soccer_epl",
                          "live  14 updates/s  gaps 0"), end="")  # fmt: skip
    picture = console.export_svg(title="oddstail demo")
    # Rich names a font on a server of others; a README's picture asks nobody.
    SCREEN.write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL), "utf-8")


async def _watched() -> Any:
    from dataclasses import replace

    from oddstail import providers
    from oddstail.board.state import Board
    from oddstail.cli.demo import ASKS
    from oddstail.cli.reach import placed
    from oddstail.clock import Clock, Gate, wall
    from oddstail.demo.market import Market
    from oddstail.demo.server import serve
    from oddstail.session import Session
    from oddstail.text import Secret
    from oddstail.transports import Limits, Target
    from oddstail.transports.http import SSE

    board, provider, transport = Board(), providers.provider("parlayapi"), SSE(Limits(), wall)
    async with serve(Market(1, rate=10.0), providers=("parlayapi",)) as server:

        async def open_(request):  # type: ignore[no-untyped-def]
            return await transport.open(Target(request, Secret("demo")))

        async def pump(session: Session) -> None:
            async for batch in session.events():
                board.apply(batch)

        requests = providers.command("parlayapi")(**ASKS["parlayapi"]).requests
        gate = Gate(provider.rate, Clock())
        pumps = [
            asyncio.create_task(pump(Session(conn=conn, provider=provider, open=open_, gate=gate,
                                             request=replace(request, url=placed(request.url, server["parlayapi"].base_url)))))
            for conn, request in enumerate(requests, 1)
        ]  # fmt: skip
        await asyncio.wait(pumps, timeout=6)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    await transport.aclose()
    return board


if __name__ == "__main__":
    {"completions": completions, "screenshots": screenshots}[sys.argv[1]]()
