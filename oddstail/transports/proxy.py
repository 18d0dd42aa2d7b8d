"""Which proxy leads to an address: decided once, for every transport. Knows no HTTP library.

The variables are urllib's (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`; lower case wins), and so are the rules
of `NO_PROXY`, with networks (`10.0.0.0/8`, `fd00::/8`) and `*.example.com` in addition. Loopback is never proxied.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment

from oddstail.text import visible

_SECURE = ("https", "wss")
_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.?")


class ProxyError(ValueError):
    """A proxy variable cannot be used. The text is one sentence without a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """The proxy for one address. `url` has no user and no password; `variable` is where it was set."""

    url: str
    variable: str
    user: str | None = None
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """For people."""
        return f"the proxy {self.url} (${self.variable})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How an address is reached. `proxy` None: directly, for the reason in `why`."""

    proxy: Proxy | None
    why: str

    def __str__(self) -> str:
        """For people."""
        return f"through {self.proxy}" if self.proxy is not None else f"directly ({self.why})"


def route(url: str) -> Route:
    """How to reach an address in this environment. ProxyError for a proxy variable that makes no sense."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme in _SECURE
    if is_loopback(url):
        return Route(proxy=None, why="this machine")
    # Reads REQUEST_METHOD too: in a CGI script, HTTP_PROXY is a header that the client sent.
    proxies = getproxies_environment()
    scheme = next((name for name in ("https" if secure else "http", "all") if proxies.get(name)), None)
    if scheme is None:
        return Route(proxy=None, why="no proxy is set")
    port = parts.port or (443 if secure else 80)
    entry = next((entry for entry in _entries(proxies) if _matches(entry, host.lower(), port)), None)
    if entry is not None:
        return Route(proxy=None, why=f"${_variable('no')} contains {visible(entry, 60)}")
    return Route(proxy=_parsed(proxies[scheme], _variable(scheme)), why="")


def unreadable() -> list[str]:
    """The entries of NO_PROXY that are neither a name nor an address nor a network, and are skipped."""
    return [visible(entry, 60) for entry in _entries(getproxies_environment()) if not _is_readable(entry)]


def warning() -> str:
    """One sentence about the entries of NO_PROXY that are skipped; empty if there are none."""
    entries = unreadable()
    if not entries:
        return ""
    names = ", ".join(map(repr, entries[:5]))
    return f"${_variable('no')}: cannot read {names}, skipped; use names, addresses and networks such as 10.0.0.0/8"


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine: there, plain http is allowed and no proxy is used."""
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _parsed(text: str, variable: str) -> Proxy:
    text = text.strip()
    whole = text if "://" in text else f"http://{text}"
    remedy = f"write it like {variable}=http://proxy.example:3128"
    try:
        parts = urlsplit(whole)
        host, port = parts.hostname, parts.port
        user = None if parts.username is None else unquote(parts.username, errors="strict")
        password = unquote(parts.password or "", errors="strict")
    except (ValueError, UnicodeError):
        host = port = user = None
        password = ""
        parts = urlsplit("http:")
    scheme = parts.scheme
    if scheme.startswith("socks"):
        raise ProxyError(f"${variable}: SOCKS proxies are not supported; use an HTTP proxy: {remedy}")
    if not host or port == 0 or not (_address(host) or _NAME.fullmatch(host)) or parts.path not in ("", "/"):
        raise ProxyError(f"${variable} is not the address of a proxy; {remedy}")
    if scheme not in ("http", "https"):
        raise ProxyError(f"${variable}: a proxy's address does not begin with {visible(scheme, 20)}://; {remedy}")
    host = f"[{host}]" if ":" in host else host
    port = port or (443 if scheme == "https" else 80)
    return Proxy(url=f"{scheme}://{host}:{port}", variable=variable, user=user, password=password)


def _variable(scheme: str) -> str:
    """The name of the variable that urllib read: lower case wins."""
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else next((one for one in os.environ if one.lower() == name), name.upper())


def _entries(proxies: Mapping[str, str]) -> Iterator[str]:
    return filter(None, re.split(r"[,\s]+", proxies.get("no", "")))


def _is_readable(entry: str) -> bool:
    host, _ = _split(entry)
    if "/" in entry:
        return _network(entry) is not None
    bare = host.removeprefix("*").removeprefix(".")
    return host == "*" or _address(host) is not None or _NAME.fullmatch(bare) is not None


def _matches(entry: str, host: str, port: int) -> bool:
    if not _is_readable(entry):
        return False
    if entry == "*":
        return True
    address = _address(host)
    if "/" in entry:
        network = _network(entry)
        return network is not None and address is not None and address in network
    name, entry_port = _split(entry.lower())
    if entry_port is not None and entry_port != port:
        return False
    if address is not None or _address(name) is not None:
        return address == _address(name)
    name, host = name.removeprefix("*").strip("."), host.rstrip(".")
    return not name or host == name or host.endswith(f".{name}")


def _split(entry: str) -> tuple[str, int | None]:
    """Host and port of an entry: `name`, `name:8080`, `::1`, `[::1]:8080`."""
    if _address(entry) is None:
        host, colon, port = entry.rpartition(":")
        if colon and port.isascii() and port.isdigit() and len(port) < 6:
            return host, int(port)
    return entry, None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host)
    except ValueError:
        return None


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
