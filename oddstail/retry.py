"""What to do about a failure: policy as data and one pure function. No clock, no sleep, no provider's name.

Ours rather than a retry library's: the verdict depends on the HTTP status, the WebSocket close
code, whether this very request has streamed before, and what the server asked for. Libraries
decide on an exception's type and forget the delay on connect, which hammers a server that accepts
and drops (2,469 connects in 2 s were measured so).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from oddstail.model import Failure, Rule

OK, BUG, USAGE, NETWORK, KEY, EMPTY, TORN, PLAN, OUTPUT, REFUSED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient to be. Seconds throughout; None is for ever.

    A link's failures are forgotten once it lived `stable_after`, never on connect. `retries` and `retry_for` are the
    user's: they take the place of every rule's own patience.
    """

    first: float = 0.5
    cap: float = 30.0
    stable_after: float = 30.0
    asked_cap: float = 3600.0
    retries: int | None = None
    retry_for: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a session knows when a link fails.

    `streak` counts failures since the last healthy life, this one included; `alike` counts those in a row that fell
    under the same rule. `streamed`: this very request has streamed in this run. `down` is the time in seconds since
    the last byte of a good link, or since the start; `refused` since the first of the refusals in a row.
    """

    streak: int = 1
    alike: int = 1
    streamed: bool = False
    down: float = 0.0
    refused: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Try again in `wait` seconds, or stop with `exit`. Just one of them is not None."""

    wait: float | None = None
    exit: int | None = None


_RETRY = Rule()
_SERVER = Rule(say="it may be down for a while")
_FINAL = Rule(tries=1, exit=REFUSED, say="check what was asked for, and --base-url if it is set")
_NETWORK = Rule(say="check the network, and --base-url if it is set")
_THRICE = Rule(tries=3, exit=REFUSED)
_KEY = Rule(tries=1, exit=KEY, say="check the key")
_PLAN = Rule(tries=1, exit=PLAN, say="the plan does not include this")

#: By HTTP status, WebSocket close code, or the kind of failure. Other statuses: see `rule_for`.
RULES: Mapping[int | str, Rule] = {
    # The standard's way to end an event stream (HTML, 9.2): an end, and no refusal.
    204: Rule(tries=1, patience=0, exit=OK, say="the server says that there is no more"),
    401: _KEY,
    402: _PLAN,
    403: Rule(tries=1, exit=PLAN, say="check the plan and the key"),
    407: Rule(tries=1, exit=NETWORK, say="the proxy wants a login"),
    408: _RETRY,
    409: Rule(tries=6, floor=30, exit=PLAN, say="another connection may hold the place; close it"),
    425: _RETRY,
    429: Rule(floor=30, say="too many connections or requests"),
    451: Rule(tries=1, exit=PLAN, say="not available where you are"),
    # RFC 6585, section 6: what the login page of a network answers to programs.
    511: Rule(say="this network wants a login: open any page in a browser"),
    # RFC 6455, section 7.4.1, and the IANA registry of close codes.
    **dict.fromkeys((1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014), _RETRY),
    **dict.fromkeys((1002, 1003, 1007, 1008, 1009, 1010), _THRICE),
    "content-type": Rule(tries=1, exit=REFUSED, say="this is no event stream; check --base-url"),
    "redirect": Rule(tries=1, exit=REFUSED, say="a proxy may be in the way; --base-url names another address"),
    "web-page": Rule(
        tries=1,
        exit=REFUSED,
        say="a web page answered in place of the provider's API: a firewall, a content-delivery network or the login"
        " page of this network; try another network, or check --base-url",
    ),
    "network": _NETWORK,
    "timeout": _NETWORK,
    "proxy": Rule(say="check the proxy, and HTTPS_PROXY, ALL_PROXY and NO_PROXY in the environment"),
    "setting": Rule(
        tries=1, exit=USAGE, say="check HTTPS_PROXY, ALL_PROXY, NO_PROXY and SSL_CERT_FILE in the environment"
    ),
    # Where a certificate was good before, a proxy may be in the way, or the provider late to renew it.
    "tls": Rule(tries=1, patience=None, floor=30, exit=REFUSED, say="check --ca-bundle, the clock, and any proxy"),
    "too-big": Rule(tries=3, exit=REFUSED, say="raise --max-frame or ask for less"),
    "protocol": Rule(tries=3, exit=REFUSED, say="a proxy may be in the way"),
    "auth": _KEY,
    "plan": _PLAN,
    "cap": Rule(tries=6, floor=30, exit=PLAN, say="close another connection of this key"),
    "refused": _THRICE,
    "cursor": Rule(tries=1, exit=REFUSED, say="ask without --last-entry-id"),
    "bug": Rule(tries=1, patience=0, exit=BUG, say="please report it with the output of -vv"),
}
#: Statuses with which a web page in front of a provider says nothing about a plan, a place, or an upgrade.
_OF_A_PAGE = frozenset((200, 402, 403, 409, "content-type"))


def rule_for(failure: Failure, own: Mapping[int | str, Rule]) -> tuple[int | str, Rule]:
    """The rule that a failure falls under and its name. `own` are the provider's, and win.

    A status that no rule names is the server's trouble from 500 on, and a refusal below. An unknown close code may
    mean anything: it is borne three times.
    """
    name: int | str = failure.kind
    if failure.kind in ("status", "ws-close") and failure.code is not None:
        name = failure.code
    if failure.page and name in _OF_A_PAGE:
        name = "web-page"
    rule = own.get(name) or RULES.get(name)
    if rule is not None:
        return name, rule
    if failure.kind == "status":
        return name, _SERVER if (failure.code or 0) >= 500 else _FINAL
    return name, _THRICE if isinstance(name, int) else _RETRY


def backoff(streak: int, policy: Policy, jitter: float) -> float:
    """Seconds before try number `streak`, for a `jitter` in 0..1: half of the step and up to all of it.

    The step doubles up to the cap by multiply and clamp: `2.0 ** streak` overflows after 1,024.
    """
    step = policy.first
    for _ in range(streak - 1):
        step *= 2
        if step >= policy.cap:
            break
    return min(step, policy.cap) * (0.5 + jitter / 2)


def after(
    failure: Failure,
    history: History,
    policy: Policy,
    *,
    rule: Rule,
    floor: float = 0.0,
    asked: float = 0.0,
    jitter: float = 0.5,
) -> Verdict:
    """Whether to try again, and when. `asked` is the wait that the stream asked for, `floor` the provider's.

    Until the request has streamed, a rule's `tries` count; from then on its `patience` does.
    """
    if rule.tries is not None:
        patience = _patience(rule, policy)
        lasts = history.refused >= patience if history.streamed else history.alike >= rule.tries
        if lasts:
            return Verdict(exit=rule.exit)
    if policy.retries is not None and history.streak > policy.retries:
        return Verdict(exit=rule.exit)
    wait = max(
        backoff(history.streak, policy, jitter),
        # A stream's own `retry:` is a habit, not a plea: it may not keep us away for long.
        min(asked, policy.cap),
        min(failure.asked or 0.0, policy.asked_cap),
        floor,
        # What the server asked for in so many words is better than our guess of it. The end of a window is no word.
        0.0 if failure.asked is not None and not failure.by_window else rule.floor,
    )
    if policy.retry_for is not None and history.down + wait > policy.retry_for:
        return Verdict(exit=rule.exit)
    return Verdict(wait=wait)


def _patience(rule: Rule, policy: Policy) -> float:
    """Seconds for which a refusal is taken for an outage. What is final always stays final."""
    if rule.patience == 0:
        return 0.0
    user = policy.retries is not None or policy.retry_for is not None
    return math.inf if rule.patience is None or user else rule.patience


def slot(past: list[float], now: float, rate: tuple[int, float]) -> float:
    """Seconds to wait before a connect, so that no `rate[1]` seconds see more than `rate[0]` of them.

    `past` are the times of earlier connects, oldest first, by the same clock as `now`.
    """
    most, seconds = rate
    recent = [at for at in past if now - at < seconds]
    if len(recent) < most:
        return 0.0
    return recent[-most] + seconds - now
