"""Files that are made from the program itself: `completions`, `screenshots`. Run as a script; the test imports it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

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


#: The pictures: file, size, seconds of the demo, keys pressed before.
PICTURES = {"screen.svg": ((140, 40), b"")}
#: Few enough games that both those in play and those to come are seen: two-way, three-way, and a prop.
ASKED = {"sport": ["americanfootball_nfl,soccer_epl"], "market": ["h2h,spreads,totals,player_pass_yds"]}


def screenshots() -> None:
    """The screen of the demo after some seconds, drawn by the program's own code and exported by Rich."""
    asyncio.run(_watched(PICTURES))


def picture(sink: Any, width: int, height: int, path: Path) -> None:
    """One frame of a screen as SVG."""
    from rich.console import Console
    from rich.segment import Segment
    from rich.terminal_theme import TerminalTheme

    from oddstail.clock import wall

    theme = TerminalTheme((16, 20, 26), (215, 220, 226), [(16, 20, 26)] * 8)
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=width, height=height, file=nowhere, color_system="truecolor")
        for line in sink.picture.frame(width, height, wall()):
            console.print(_Line([Segment(text, style) for text, style in line]), end="")
    svg = console.export_svg(title="oddstail demo", theme=theme)
    # Rich names a font on a server of others; a README's picture asks nobody.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    # Some viewers drop the spaces at the beginning of a text otherwise.
    path.write_text(svg.replace("<svg ", '<svg xml:space="preserve" ', 1), "utf-8")


class _Line:
    """A line of segments as something that Rich prints."""

    def __init__(self, segments: list[Any]) -> None:
        self._segments = segments

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.segment import Segment

        yield from self._segments
        yield Segment.line()


async def _watched(
    pictures: Any, seconds: float = 42, provider_name: str = "parlayapi", folder: Path = SCREEN.parent
) -> None:
    from dataclasses import replace

    from oddstail import providers
    from oddstail.cli.reach import placed
    from oddstail.clock import Clock, Gate, wall
    from oddstail.demo.market import Market
    from oddstail.demo.server import serve
    from oddstail.session import Session
    from oddstail.sinks.table import TableSink
    from oddstail.text import Secret
    from oddstail.transports import Limits, Target
    from oddstail.transports.http import SSE
    from oddstail.transports.websocket import WebSocket

    provider = providers.provider(provider_name)
    requests = providers.command(provider_name)(**ASKED).requests
    transport: Any = SSE(Limits(), wall) if requests[0].transport == "sse" else WebSocket(Limits(), wall)
    labels = {conn: request.label for conn, request in enumerate(requests, 1)}
    sink = TableSink(cast(Any, None), f"{provider.title}  {', '.join(labels.values())}", terminal=False,
                     banner="DEMO invented prices", labels=labels)  # fmt: skip
    async with serve(Market(1, start=datetime.now(UTC), rate=1.0), providers=(provider_name,)) as server:

        async def open_(request):  # type: ignore[no-untyped-def]
            return await transport.open(Target(request, Secret("demo")))

        async def pump(session: Session) -> None:
            async for batch in session.events():
                sink.emit(batch)

        gate = Gate(provider.rate, Clock())
        pumps = [
            asyncio.create_task(pump(Session(conn=conn, provider=provider, open=open_, gate=gate,
                                             request=replace(request, url=placed(request.url, server[provider_name].base_url)))))
            for conn, request in enumerate(requests, 1)
        ]  # fmt: skip
        for _ in range(round(4 * seconds)):
            await asyncio.wait(pumps, timeout=0.25)
            sink.picture.frame(116, 34, wall())
        for name, ((width, height), keys) in pictures.items():
            sink.picture.frame(width, height, wall())
            sink.keys(keys)
            picture(sink, width, height, folder / name)
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    await transport.aclose()


if __name__ == "__main__":
    {"completions": completions, "screenshots": screenshots}[sys.argv[1]]()
