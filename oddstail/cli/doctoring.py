"""`oddstail doctor`: is everything there for a stream; one line each with the remedy. Knows flags and wording only."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from oddstail import config, keys, places, providers, retry, units
from oddstail.cli.completing import titles
from oddstail.cli.flag import option
from oddstail.doctor import Finding
from oddstail.model import LinkError, UsageError
from oddstail.text import Redactor, visible

if TYPE_CHECKING:
    from oddstail.cli.common import Common
    from oddstail.model import Ask, Provider
    from oddstail.run.opener import Opener
    from oddstail.run.plan import Leg

#: Bytes below which a disk is full before long: a busy evening's records of one provider.
_LITTLE = 1 << 30
_HOW = "How"
_MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


_option = partial(option, panel=_HOW)


def _asks(*names: str) -> Any:
    """A flag of the provider's own command. Without any, the first example of its help is what is asked for."""
    name = names[0][2:]
    return option(
        *names, panel="The stream to open", metavar=name.upper(), help=f"Its {name}, as in `oddstail PROVIDER`."
    )


def command(
    provider: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER", help="Provider to check; default: each that has a key.", autocompletion=titles
        ),
    ] = None,
    sport: Annotated[list[str] | None, _asks("--sport", "-s")] = None,
    league: Annotated[list[str] | None, _asks("--league", "-l")] = None,
    book: Annotated[list[str] | None, _asks("--book", "-b")] = None,
    market: Annotated[list[str] | None, _asks("--market", "-m")] = None,
    game: Annotated[list[str] | None, _asks("--game", "-g")] = None,
    feed: Annotated[str | None, _asks("--feed")] = None,
    stream: Annotated[
        bool, _option("--stream/--no-stream", help="Also open a stream for a few seconds (default yes).")
    ] = True,
    spend: Annotated[bool, _option("--spend", help="Open it even if each push costs credits.")] = False,
    seconds: Annotated[
        str, _option("--for", metavar="DUR", help="Watch the stream for at most this long; default 20s.")
    ] = "20s",
    base_url: Annotated[
        str | None, _option("--base-url", metavar="URL", help="Use another address for the provider.")
    ] = None,
    connect_timeout: Annotated[
        str, _option("--connect-timeout", metavar="DUR", help="Time limit for DNS, TCP and TLS together; default 10s.")
    ] = "10s",
    ca_bundle: Annotated[
        Path | None,
        _option("--ca-bundle", metavar="FILE", help="Trust the certificates in this file instead of the system's."),
    ] = None,
    key_file: Annotated[
        Path | None, _option("--key-file", metavar="FILE", help="Read the key from a file (mode 600) or a pipe.")
    ] = None,
) -> None:
    """Diagnose problems with keys, network, clock or disk. Exits with the code of the first failure.

    oddstail doctor

    oddstail doctor opticodds

    oddstail doctor parlayapi -s basketball_nba -m h2h
    """
    from oddstail.cli.common import Common
    from oddstail.cli.reach import run

    if provider is not None and provider not in providers.TITLES:
        raise UsageError(f"there is no provider {provider!r}; there are: {', '.join(providers.TITLES)}")
    try:
        watched = units.duration(seconds)
    except ValueError as error:
        raise UsageError(f"--for {error}") from None
    common = Common(base_url=base_url, connect_timeout=connect_timeout, ca_bundle=ca_bundle, key_file=key_file)
    feeds = None if feed is None else [feed]
    given = {"sport": sport, "league": league, "book": book, "market": market, "game": game, "feed": feeds}
    typed = [word for flag, values in given.items() for value in values or () for word in (f"--{flag}", value)]
    if typed and provider is None:
        raise UsageError(f"{typed[0]} is of one provider's stream; name it: oddstail doctor opticodds {typed[0]} ...")
    try:
        config.load(os.environ, list(providers.TITLES))
    except config.ConfigError:
        # Without the config file nobody knows what a stream would ask for, and by which way.
        raise typer.Exit(max(_print(finding, "") for finding in _machine(os.environ))) from None
    ask = _asked(provider, typed, common) if typed and provider is not None else None
    codes: list[int] = []

    def show(finding: Finding, name: str = "") -> None:
        codes.append(_print(finding, name))

    async def main() -> None:
        names = [provider] if provider is not None else [name for name in providers.TITLES if _has_key(name)]
        for finding in _machine(os.environ):
            show(finding)
        if not names:
            show(_no_keys())
        for name in names:
            for note in ask.notes if ask is not None else ():
                show(Finding(what="names", verdict="warn", text=note), name)
            async for finding in _provider(name, common, ask, watched, stream=stream, spend=spend):
                show(finding, name)

    run(main())
    # A failure of the configuration or the key comes first, and what follows from it after.
    raise typer.Exit(next((code for code in codes if code), 0))


def _print(finding: Finding, name: str) -> int:
    """One line. Returns the exit code that it stands for."""
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    typer.echo(f"{_MARKS[finding.verdict]}  {name:10} {finding.what:10} {visible(finding.text + remedy)}")
    return finding.code if finding.verdict == "fail" else 0


def _no_keys() -> Finding:
    return Finding(what="key", verdict="fail", code=4, text="no provider has a key",
                   remedy="set OPTICODDS_API_KEY, for example; `oddstail demo` needs no key")  # fmt: skip


def _machine(env: Mapping[str, str]) -> Iterator[Finding]:
    """What is the same for every provider: the config file, proxies, places to write."""
    from oddstail.transports.proxy import warning

    try:
        said = config.load(env, list(providers.TITLES))
        text = f"{said.path}" if said.found else "no file, and none is needed"
        yield Finding(what="config", verdict="ok", text=text)
    except config.ConfigError as error:
        yield Finding(what="config", verdict="fail", text=str(error), code=2)
    if skipped := warning():
        yield Finding(what="proxy", verdict="warn", text=skipped)
    if env.get("ODDSTAIL_WEBHOOK", "").strip():
        yield _webhook(env["ODDSTAIL_WEBHOOK"].strip())
    for what, folder in (("captures", Path.cwd()), ("cache", places.cache(env)), ("state", places.state(env))):
        yield _place(what, folder)


def _place(what: str, folder: Path | None) -> Finding:
    """Whether one can write there, and how much."""
    if folder is None:
        return Finding(what=what, verdict="warn", text="there is no place for it", remedy="set HOME")
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        return Finding(what=what, verdict="warn", text=f"{there} cannot be written: {error.strerror}",
                       remedy="captures go elsewhere with -w DIRECTORY")  # fmt: skip
    text = f"{there}: {free / 1e9:,.1f} GB free"
    if free < _LITTLE:
        return Finding(what=what, verdict="warn", text=text, remedy="make room, or -w elsewhere with --keep 14d")
    return Finding(what=what, verdict="ok", text=text)


def _has_key(name: str) -> bool:
    try:
        keys.locate(name, providers.TITLES[name], os.environ, ask=False)
    except keys.KeyUnusableError as problem:
        return not problem.missing
    return True


def _asked(name: str, typed: list[str], common: Common) -> Ask:
    """What the provider's own command would ask for, its names checked. UsageError."""
    from oddstail.cli.app import parsed
    from oddstail.cli.naming import asked
    from oddstail.cli.settings import Settings

    own, _ = parsed(name, Settings(), typed)
    return asked(name, providers.command(name), own, _reached(name, common))


async def _provider(
    name: str, common: Common, ask: Ask | None, seconds: float, *, stream: bool, spend: bool
) -> AsyncIterator[Finding]:
    from oddstail import doctor
    from oddstail.run.opener import Opener
    from oddstail.transports.proxy import route

    common = _reached(name, common)
    try:
        found = keys.locate(name, providers.TITLES[name], os.environ, common.key_file)
        yield Finding(what="key", verdict="ok", text=f"found: {found.where}")
    except keys.KeyUnusableError as problem:
        code = 4 if problem.missing else 2
        yield Finding(what="key", verdict="fail", text=str(problem), code=code)
        found = None
    leg = _leg(name, common, ask, None if found is None else found.secret)
    request = leg.requests[0]
    for finding in _routes(leg, common.base_url):
        yield finding
        if finding.verdict == "fail":
            return
    if route(request.url).proxy is None:
        async for finding in doctor.network(request.url, leg.provider, leg.limits):
            yield finding
            if finding.verdict == "fail":
                return
    if found is None:
        return
    opener = Opener(leg)
    hide = Redactor([found.secret]).text

    def hidden(finding: Finding) -> Finding:
        """A refusal repeats what was sent."""
        return replace(finding, text=hide(finding.text), remedy=hide(finding.remedy))

    yield hidden(await _plan(leg.provider, opener, common.base_url))
    hydration = providers.catalogue(name).hydration
    if not stream:
        pass
    elif hydration is not None and hydration.costs(request) and not spend:
        yield Finding(what="stream", verdict="ok", text="not opened: each push costs credits (--spend opens it)")
    else:
        async for finding in doctor.stream(leg.provider, request, opener.open, seconds):
            yield hidden(finding)
    await opener.aclose()


def _routes(leg: Leg, base_url: str | None) -> Iterator[Finding]:
    """Which certificates are trusted, and how each host of the provider is reached."""
    from oddstail.cli.reach import placed
    from oddstail.lookup import Asked
    from oddstail.transports.trust import TrustError, trust

    chosen = trust(leg.limits.ca_bundle)
    try:
        chosen.context()
    except TrustError as error:
        yield Finding(what="trust", verdict="fail", text=str(error), code=2)
        return
    yield Finding(what="trust", verdict="ok", text=f"certificates of {chosen}")
    first = next(iter(providers.catalogue(leg.provider.name).lookups.values()))
    addresses = [
        *(request.url for request in leg.requests),
        *(poll.url for request in leg.requests for poll in request.polls),
        *(placed(get.url, base_url) for get in first.gets(Asked())),
    ]
    for address in {urlsplit(address).netloc: address for address in reversed(addresses)}.values():
        yield _route(address)


def _webhook(address: str) -> Finding:
    from oddstail.cli.alerting import webhook

    try:
        return replace(_route(webhook(address)), what="webhook")
    except UsageError as error:
        return Finding(what="webhook", verdict="fail", text=str(error), code=2)


def _route(address: str) -> Finding:
    """How a host is reached. Of an address no more than that: a webhook's is a secret."""
    from oddstail.transports.proxy import ProxyError, route

    try:
        return Finding(what="proxy", verdict="ok", text=f"{urlsplit(address).hostname}: {route(address)}")
    except ProxyError as error:
        return Finding(what="proxy", verdict="fail", text=str(error), code=2)


def _reached(name: str, common: Common) -> Common:
    """By the way that the provider's streams go, where the command line names no other."""
    from oddstail.cli.settings import way

    try:
        said = config.load(os.environ, list(providers.TITLES))
    except config.ConfigError:
        return common  # which was told already
    found = way(name, said, os.environ)
    bundle = common.ca_bundle or (Path(found["ca_bundle"]) if "ca_bundle" in found else None)
    return replace(common, base_url=common.base_url or found.get("base_url"), ca_bundle=bundle)


async def _plan(provider: Provider, opener: Opener, base_url: str | None) -> Finding:
    """The limits of the account, of the provider's own list of them or of the head of an answer."""
    from oddstail import doctor
    from oddstail.cli.reach import placed
    from oddstail.limiter import TooBusyError
    from oddstail.lookup import Asked

    lookups = providers.catalogue(provider.name).lookups
    lookup = lookups.get("usage") or lookups["sports"]
    get = lookup.gets(Asked())[0]
    try:
        answer = await opener.fetch(replace(get, url=placed(get.url, base_url)))
    except LinkError as error:
        refused = doctor.failed("plan", error.failure, provider)
        text = f"the provider's lists cannot be had: {refused.text}"
        if refused.code == retry.KEY:
            return replace(refused, text=text)
        return Finding(what="plan", verdict="warn", text=text, remedy="streams may work all the same, names unchecked")
    except TooBusyError as error:
        return Finding(what="plan", verdict="warn", text=str(error), remedy="ask again then")
    rows = lookup.rows(answer) if lookup.what == "usage" else []
    return doctor.plan("the account", {**(rows[0] if rows else {}), **opener.allowed})


def _leg(name: str, common: Common, ask: Ask | None, secret: Any) -> Leg:
    """What is asked for: by the first example of the provider's own help, if nothing is said."""
    from oddstail.cli.app import parsed
    from oddstail.cli.listing import example
    from oddstail.cli.planning import leg
    from oddstail.cli.settings import Settings

    if ask is None:
        own, _ = parsed(name, Settings(), shlex.split(example(name))[2:])
        ask = providers.command(name)(**own)
    return leg(name, ask, replace(common, dry_run=secret is None), secret=secret)[0]
