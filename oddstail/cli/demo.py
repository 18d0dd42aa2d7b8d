"""`oddstail demo`: the embedded market behind loopback servers, tailed by the ordinary client. Knows flags only."""

from __future__ import annotations

import inspect
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oddstail.cli.asks import asked
from oddstail.cli.common import Common, options, with_common
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.demo.faults import Fault


class Name(StrEnum):
    """The providers that the demo speaks for."""

    oddsjam = "oddsjam"
    opticodds = "opticodds"
    parlayapi = "parlayapi"
    rapidodds = "rapidodds"
    boltodds = "boltodds"


class FaultName(StrEnum):
    """What the demo's server does wrong on demand."""

    refuse = "refuse"
    accept_then_drop = "accept-then-drop"
    stall = "stall"
    garbage = "garbage"
    half_frame = "half-frame"
    slow = "slow"
    dup = "dup"
    reorder = "reorder"
    http_429 = "http-429"
    http_503 = "http-503"
    auth = "auth"


_MARKET = "The demo"


def _option(*names: str, help: str, **kwargs: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_MARKET, **kwargs)


def _own(*names: str, help: str) -> Any:
    return _option(*names, help=help, metavar=names[0].lstrip("-").upper(), show_default=False)


def _flags(
    provider: Annotated[Name, _option("--provider", "-p", help="Whose protocol to speak.")] = Name.parlayapi,
    feed: Annotated[
        str | None, _option("--feed", metavar="FEED", help="Which of its feeds: odds, plays, results, drops ...")
    ] = None,
    sport: Annotated[list[str] | None, _own("--sport", "-s", help="Sport, in the provider's words.")] = None,
    league: Annotated[list[str] | None, _own("--league", "-l", help="League: NBA, NFL ...")] = None,
    book: Annotated[list[str] | None, _own("--book", "-b", help="Book: pinnacle, DraftKings ...")] = None,
    market: Annotated[list[str] | None, _own("--market", "-m", help="Market: h2h, Moneyline ...")] = None,
    seed: Annotated[int, _option("--seed", help="The same seed gives the same market.")] = 1,
    rate: Annotated[
        float, _option("--rate", help="How fast the market moves; 4 is a busy evening.", min=0.01, max=1000)
    ] = 4.0,
    fault: Annotated[FaultName | None, _option("--fault", help="Make the server fail this way, repeatedly.")] = None,
    serve: Annotated[
        bool,
        _option("--serve", help="Only serve: print the addresses and wait. The key is demo (rapidodds: oa_demo)."),
    ] = False,
    port: Annotated[
        int | None,
        _option("--port", help="First of five ports for --serve; default: any free ports.", min=1, max=65531),
    ] = None,
) -> None:
    """Tail a simulated market: no key, no network. Speaks all five protocols on loopback.

    oddstail demo

    oddstail demo -p boltodds --feed plays -l NBA

    oddstail demo --provider boltodds --fault stall

    oddstail demo -c 1000 | jq -r 'select(.type=="quote") | [.book,.selection,.american] | @tsv'
    """


def command() -> Callable[..., None]:
    """The subcommand."""

    def launch(**given: Any) -> None:
        common = options(Common, given)
        names = {name: given[name] for name in inspect.signature(_flags).parameters}
        if common.resume:
            raise UsageError("--resume has nothing to go on from: each demo is a market of its own; remove it")
        if names["serve"]:
            if common.write is not None or common.tape is not None:
                flag = "-w" if common.write is not None else "--tape"
                raise UsageError(
                    f"{flag} keeps what a run receives, and --serve only serves; give it to the run that tails"
                )
            raise typer.Exit(_serve(common, **names))
        if names["port"] is not None:
            raise UsageError("--port is for --serve; add that, or remove it")
        if common.base_url is not None:
            raise UsageError("the demo is its own address; use the provider's subcommand for --base-url")
        if common.key_file is not None:
            raise UsageError("the demo needs no key; leave --key-file out, or use the provider's subcommand for it")
        _tail(common, **names)

    return with_common(_flags, launch)


def _tail(common: Common, provider: Name, seed: int, rate: float, fault: FaultName | None, **own: Any) -> None:
    from oddstail import providers
    from oddstail.cli.app import stream
    from oddstail.cli.demo_names import common_markets, strangers
    from oddstail.demo.server import serve as serving
    from oddstail.providers.names import checked
    from oddstail.text import Secret

    name = provider.value
    ask = providers.command(name)
    feed = own.pop("feed")
    given = {flag: own[flag] for flag in ("sport", "league", "book", "market")}
    given["market"], spelled = common_markets(name, providers.TITLES[name], given["market"])
    wanted = asked(name, ask, feed, given)

    def known(flags: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        # The imitation is up when the stream is: what is known without asking must do.
        flags, notes = checked(flags, providers.catalogue(name), {}, providers.TITLES[name], name)
        return flags, [*notes, *ask(**flags).notes]

    wanted, notes = known(wanted)
    # What there is to say of flags that nobody gave: the demo asks for main lines by itself.
    _, unasked = known(asked(name, ask, feed, {}))
    at = _free_port()
    market = _market(seed, rate)
    notes = [*spelled, *notes, *strangers(name, wanted, given, common, market)]
    servers = serving(market, providers=(name,), ports={name: at}, faults=_faults(fault))
    stream(
        name,
        lambda: replace(ask(**wanted), notes=[note for note in notes if note not in unasked]),
        replace(common, base_url=f"http://127.0.0.1:{at}"),
        secret=Secret("demo"),
        within=servers,
        banner="DEMO invented prices",
    )


def _serve(common: Common, seed: int, rate: float, fault: FaultName | None, port: int | None, **rest: Any) -> int:
    """Serve until a signal or `--for`; one JSON line on stdout for each provider."""
    import asyncio
    import json
    import signal

    from oddstail.cli.common import duration, end
    from oddstail.cli.times import times
    from oddstail.clock import wall
    from oddstail.demo.server import PROVIDERS
    from oddstail.demo.server import serve as serving

    now = wall()
    until, _ = end(common, times(common.tz), now)
    limits = [duration("--for", common.for_), None if until is None else (until - now) / 1e6]
    limit = min((seconds for seconds in limits if seconds is not None), default=None)
    ports = {} if port is None else {name: port + at for at, name in enumerate(PROVIDERS)}

    async def main() -> int:
        code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def leave(number: int) -> None:
            if not code.done():
                code.set_result(number)

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, leave, 128 + number)
        async with serving(_market(seed, rate), ports=ports, faults=_faults(fault)) as servers:
            for address in servers:
                line = {"provider": address.provider, "base_url": address.base_url, "key": address.key}
                sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            try:
                return await asyncio.wait_for(code, limit)
            except TimeoutError:
                return 0

    try:
        return asyncio.run(main())
    except OSError as error:
        raise UsageError(f"cannot serve: {error.strerror}; choose another --port") from None


def _free_port() -> int:
    """A port that nobody has at this moment: the plan needs the address before the server is up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _market(seed: int, rate: float) -> Any:
    from oddstail.demo.market import Market

    return Market(seed, start=datetime.now(UTC), rate=rate)


def _faults(fault: FaultName | None) -> list[Fault]:
    from oddstail.demo.faults import Fault

    return [] if fault is None else [Fault(name=fault.value)]
