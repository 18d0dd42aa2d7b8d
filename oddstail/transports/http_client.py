"""The arguments of every httpx client, and httpx's errors as Failures. Knows no protocol on top of HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from oddstail.model import Failure, LinkError
from oddstail.text import visible
from oddstail.transports import Limits, proxy_failure, root_failure, setting_failure
from oddstail.transports.proxy import Proxy, Route, route
from oddstail.transports.trust import trust
from oddstail.wire.refusal import SHOWN


def checked_route(url: str) -> Route:
    """Return how to reach an address. LinkError for a proxy variable that makes no sense."""
    try:
        return route(url)
    except ValueError as error:
        raise LinkError(setting_failure(error)) from None


def options(url: str, limits: Limits, via: Proxy | None) -> dict[str, Any]:
    """Return the arguments of a client for this scheme and proxy. LinkError for settings that make no sense.

    httpx reads nothing from the environment (`trust_env`): the decision is ours, the same for WebSocket.
    """
    secure = urlsplit(url).scheme == "https"
    try:
        to_proxy = via is not None and via.url.startswith("https:")
        context = trust(limits.ca_bundle).context() if secure or to_proxy else None
        proxy = None
        if via is not None:
            auth = None if via.user is None else (via.user, via.password)
            proxy = httpx.Proxy(via.url, auth=auth, ssl_context=context if to_proxy else None)
    except (httpx.InvalidURL, ValueError, ImportError, OSError) as error:
        raise LinkError(setting_failure(error)) from None
    return {"follow_redirects": False, "trust_env": False, "verify": context or False, "proxy": proxy}


def failure(error: BaseException, via: Proxy | None = None) -> Failure:
    """Return the Failure for a library's error. Never `str(error)` of a status error: the key is in it."""
    text = visible(str(error), SHOWN)
    root = root_failure(error)
    if via is not None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return proxy_failure(via, text, root, timeout=isinstance(error, httpx.TimeoutException))
    if root is not None:
        return root
    through = "" if via is None else f", through {via}"
    match error:
        case httpx.ConnectTimeout():
            return Failure(kind="timeout", text="no connection within the limit")
        case httpx.TimeoutException():
            return Failure(kind="timeout", text=f"no answer within the limit{through}")
        case httpx.RemoteProtocolError() if "disconnected" in text:
            return Failure(kind="network", text=f"the server hung up before it answered{through}")
        case httpx.RemoteProtocolError() if "closed" in text or "incomplete" in text:
            return Failure(kind="closed", text="the server cut the connection in the middle of the stream")
        case httpx.ProtocolError() if "_SWITCH_" in text or "InformationalResponse" in text:
            # 101 or a status below 100: the library takes either for an interim answer.
            return Failure(kind="protocol", text=f"the answer has a status that no request of ours can have{through}")
        case httpx.ProtocolError() if "Receive buffer" in text:
            return Failure(kind="protocol", text=f"the head of the answer is too long{through}")
        case httpx.ProtocolError() if "status line" in text:
            return Failure(kind="protocol", text=f"the answer is not HTTP/1.1{through}")
        case httpx.ProtocolError() | httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Failure(kind="protocol", text=text or "broken HTTP")
        case httpx.ReadError():
            return Failure(kind="network", text=f"the connection was reset{through}")
        case _:
            return Failure(kind="network", text=text or type(error).__name__)
