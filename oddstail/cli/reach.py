"""How a command gets to a provider: another address, certificates, and the catalogues with all that they need."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from oddstail.model import Request, UsageError

if TYPE_CHECKING:
    from oddstail.limiter import Limiter
    from oddstail.lookup import Get
    from oddstail.run.plan import Facts
    from oddstail.shelf import Shelf
    from oddstail.text import Secret
    from oddstail.transports import Limits
    from oddstail.transports.rest import Rest

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end; KeyboardInterrupt on Ctrl-C, once what is under way has closed.

    Not asyncio.run: it would wait for a name server that does not answer, long after a limit.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(main)
    # `run` looks up the names of several providers in threads, and signals are the main thread's.
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Not raised wherever the interpreter is: a generator that runs cannot be closed, and would complain.
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        if is_main:
            loop.remove_signal_handler(signal.SIGINT)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def placed(url: str, base_url: str | None) -> str:
    """An address of a provider below another one, its own path after that one's. UsageError for what is not safe."""
    if base_url is None:
        return url
    from oddstail.transports.proxy import is_loopback

    own = urlsplit(url)
    try:
        base = urlsplit(base_url)
        port = base.port
    except ValueError:
        base, port = urlsplit(""), None
    if port == 0 or base.scheme not in ("http", "https", "ws", "wss") or not base.netloc or base.query or base.fragment:
        raise UsageError(
            f"--base-url {base_url!r} is not an address; use https://proxy.example or http://127.0.0.1:8080"
        )
    secure = base.scheme in ("https", "wss")
    if base.username is not None:
        raise UsageError("--base-url takes no user or password; remove them")
    if not secure and not is_loopback(base_url):
        raise UsageError("--base-url without TLS would send the key in plain text; use https, or a loopback address")
    scheme = (("ws", "wss") if own.scheme in ("ws", "wss") else ("http", "https"))[secure]
    return urlunsplit((scheme, base.netloc, base.path.rstrip("/") + own.path, "", ""))


def certificates(path: Path | str | None) -> None:
    """Check what is trusted before a connect does: there it would pass for the server's fault. UsageError."""
    from oddstail.transports.trust import TrustError, trust

    chosen = trust(None if path is None else str(path))
    if chosen.file is None and chosen.folder is None:
        return
    try:
        chosen.context()
    except TrustError as error:
        raise UsageError(str(error)) from None


def proxies(urls: Iterable[str]) -> str:
    """Check how each address is reached. Returns a warning about entries that are skipped, if any. UsageError."""
    from oddstail.transports import proxy

    try:
        for url in urls:
            proxy.route(url)
    except proxy.ProxyError as error:
        raise UsageError(str(error)) from None
    return proxy.warning()


@contextlib.asynccontextmanager
async def shelf(name: str, secret: Secret | None, base_url: str | None, limits: Limits) -> AsyncGenerator[Shelf, None]:
    """The catalogues of a provider. Nothing is asked before somebody asks it; the connections end with the context."""
    from oddstail import places, providers
    from oddstail.clock import wall
    from oddstail.shelf import Shelf

    made: list[Rest] = []

    async def ask(get: Get) -> Any:
        if not made:
            # What is kept costs no import of an HTTP library.
            from oddstail.transports.rest import Rest

            made.append(Rest(limits))
        return await made[0].get(get, secret)

    try:
        yield Shelf(
            name=name,
            catalogue=providers.catalogue(name),
            ask=ask,
            limiter=limiter(name, base_url),
            folder=places.cache(os.environ),
            wall=wall,
            place=lambda url: placed(url, base_url),
        )
    finally:
        for rest in made:
            await rest.aclose()


def facts(name: str, secret: Secret | None, base_url: str | None, limits: Limits, zone: tzinfo) -> Facts | None:
    """A way to ask the provider's lists why nothing comes. Times of day are in `zone`."""
    from oddstail import providers

    wanted = providers.catalogue(name).wanted
    if wanted is None:
        return None

    async def told(requests: Sequence[Request]) -> list[str]:
        from oddstail import explain
        from oddstail.clock import wall

        asked = explain.together(wanted(request) for request in requests)
        async with shelf(name, secret, base_url, limits) as lists:
            return await explain.facts(lists, name, providers.TITLES[name], asked, wall(), zone)

    return told


def limiter(name: str, base_url: str | None) -> Limiter:
    """The allowance of GETs of a provider: one for the machine, at each address."""
    from oddstail import places, providers
    from oddstail.limiter import Limiter

    at = "" if base_url is None else f" {urlsplit(base_url).netloc}"
    return Limiter(f"{name}{at}", providers.catalogue(name).pace, places.runtime(os.environ))
