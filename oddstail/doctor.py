"""What stands between this machine and a provider: name, TCP, TLS, clock, stream, one finding at a time.

Each step is timed by itself, which a client library does not do; the bytes of the stream itself come through the same
transports as any other run's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from oddstail import retry
from oddstail.clock import steady, wall
from oddstail.model import Failure, Frame, Kind, LinkError, Message, Provider, Request
from oddstail.text import visible
from oddstail.transports import USER_AGENT, Limits, Link, root_failure, setting_failure
from oddstail.transports.trust import trust
from oddstail.wire.refusal import http_date
from oddstail.words import describe

#: Seconds by which a clock may be wrong before lags and `--until` mislead.
SKEW = 2.0
#: Days before its end at which a certificate is worth a word.
_EXPIRES = 14

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it is, and what to do. `code` is the exit code that a failure stands for."""

    what: str
    verdict: Verdict
    text: str
    remedy: str = ""
    code: int = 0


_NO_TIME = Finding(
    what="clock", verdict="warn", text="the server sends no time", remedy="compare this machine's clock with another"
)
#: What the first messages of a stream tell of the plan: docs/wire/boltodds.md, A2; docs/wire/rapidodds.md, B2, B6;
#: docs/wire/parlayapi.md, 5.1.
_OF_PLAN = ("tier", "plan", "min_push_interval_s", "credits_per_push")


def failed(what: str, failure: Failure, provider: Provider) -> Finding:
    """A failure with the remedy and the exit code that a run would give it."""
    _, rule = retry.rule_for(failure, provider.rules)
    return Finding(what=what, verdict="fail", text=describe(failure), remedy=rule.say, code=rule.exit or retry.NETWORK)


async def network(url: str, provider: Provider, limits: Limits) -> AsyncIterator[Finding]:
    """Name, TCP, TLS and the server's clock, each with its time; ends where one fails."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme in ("https", "wss")
    port = parts.port or (443 if secure else 80)
    loop = asyncio.get_running_loop()
    writer: asyncio.StreamWriter | None = None
    what = "dns"
    began = steady()
    try:
        async with asyncio.timeout(limits.connect):
            found = await loop.getaddrinfo(host, port, type=1)
            addresses = list(dict.fromkeys(entry[4][0] for entry in found))
            yield _timed(what, began, f"{host} is {', '.join(str(one) for one in addresses[:3])}")
            what, began = "tcp", steady()
            reader, writer = await asyncio.open_connection(host, port)
            yield _timed(what, began, f"connected to port {port}")
            if secure:
                what, began = "tls", steady()
                await writer.start_tls(trust(limits.ca_bundle).context(), server_hostname=host)
                yield _certificate(writer, began)
            what, began = "clock", steady()
            lines = (
                "HEAD / HTTP/1.1",
                f"Host: {parts.netloc}",
                f"User-Agent: {USER_AGENT}",
                "Connection: close",
                "",
                "",
            )
            writer.write("\r\n".join(lines).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            yield _clock(head, wall() / 1e6, steady() - began)
    except TimeoutError:
        yield failed(what, Failure(kind="timeout", text=f"nothing within {limits.connect:g} s"), provider)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        yield _NO_TIME
    except ValueError as error:
        yield failed(what, setting_failure(error), provider)
    except OSError as error:
        failure = root_failure(error) or Failure(kind="network", text=visible(error.strerror or str(error), 120))
        yield failed(what, failure, provider)
    finally:
        if writer is not None:
            writer.close()


async def stream(
    provider: Provider, request: Request, open_: Callable[[Request], Awaitable[Link]], seconds: float
) -> AsyncIterator[Finding]:
    """The stream itself: when it was acknowledged, its first heartbeat, its first data; for so long at the most."""
    began = steady()
    due = {Kind.ACK: "stream", Kind.BEAT: "heartbeat", Kind.DATA: "data"}
    link: Link | None = None
    odd = False
    try:
        async with asyncio.timeout(seconds):
            link = await open_(request)
            yield _timed("open", began, "the provider answered")
            async with contextlib.aclosing(aiter(link)) as reads:
                async for read in reads:
                    # A server that never pauses leaves nobody else a turn, nor the time limit.
                    await asyncio.sleep(0)
                    for frame in read.frames:
                        messages, unreadable = _messages(provider, frame)
                        if unreadable is not None and not odd:
                            odd = True
                            yield unreadable
                        for message in messages:
                            if message.kind is Kind.REFUSED and message.failure is not None:
                                yield failed("stream", message.failure, provider)
                                return
                            if message.kind is Kind.ACK and Kind.ACK in due:
                                for text in request.send:
                                    await link.send(text)
                            if told := _of_plan(message):
                                yield plan("the stream", told)
                            if (what := due.pop(message.kind, None)) is not None:
                                yield _timed(what, began, f"first heartbeat: {visible(message.name, 40)}")
                    if Kind.DATA not in due and Kind.BEAT not in due:
                        return
    except TimeoutError:
        if Kind.ACK in due and Kind.DATA in due and Kind.BEAT in due:
            yield Finding(what="stream", verdict="fail", code=retry.NETWORK, text=f"nothing came within {seconds:g} s",
                          remedy="a proxy that buffers holds streams back: try without it")  # fmt: skip
        elif Kind.DATA in due:
            yield Finding(what="data", verdict="warn", text=f"connected, and no data within {seconds:g} s",
                          remedy="a quiet market, or names that match nothing: try `oddstail list games`")  # fmt: skip
        elif Kind.BEAT in due:
            yield Finding(what="heartbeat", verdict="ok", text=f"none within {seconds:g} s; data came instead")
    except LinkError as error:
        yield failed("stream", error.failure, provider)
    finally:
        if link is not None:
            await link.close(politely=True)


def _messages(provider: Provider, frame: Frame) -> tuple[list[Message], Finding | None]:
    """The messages of a frame; a finding instead where it cannot be read. A run records a notice, and goes on, too."""
    try:
        return provider.read(frame), None
    except Exception as error:
        why = str(error) if isinstance(error, ValueError) else type(error).__name__
        head = visible(frame.data[:400].decode("utf-8", "replace"), 80)
        text = f"a message that cannot be read ({visible(why, 80)}): {head}"
        return [], Finding(what="message", verdict="warn", text=text, remedy="a run skips it and records a notice")


def plan(who: str, told: Mapping[str, object]) -> Finding:
    """What the provider itself tells of an account, by its own names; all that is concluded is what is used up."""
    told = {name: value for name, value in told.items() if not name.endswith("-reset")}
    if not told:
        return Finding(what="plan", verdict="ok", text=f"{who} reports no limits")
    text = ", ".join(_said(name, value) for name, value in told.items())
    if any(name.endswith("remaining") and str(value) in ("0", "0.0") for name, value in told.items()):
        remedy = "nothing remains: wait until it is renewed, or take a larger plan"
        return Finding(what="plan", verdict="warn", text=f"{who}: {text}", remedy=remedy)
    return Finding(what="plan", verdict="ok", text=f"{who}: {text}")


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        # RapidOddsAPI: false where the allowance is given once, and never again.
        renewed = {"resets": ("the credits are given once", "the credits are renewed")}
        return renewed[name][value] if name in renewed else f"{visible(name, 40)}: {'yes' if value else 'no'}"
    return f"{visible(name, 40)} {visible(str(value), 60)}"


def _of_plan(message: Message) -> dict[str, object]:
    body = message.body if message.kind in (Kind.ACK, Kind.ECHO, Kind.TALK) else None
    told = {name: body.get(name) for name in _OF_PLAN} if isinstance(body, dict) else {}
    return {name: value for name, value in told.items() if isinstance(value, str | int | float) and value != ""}


def _timed(what: str, began: float, text: str) -> Finding:
    return Finding(what=what, verdict="ok", text=f"{text} ({(steady() - began) * 1000:,.0f} ms)")


def _certificate(writer: asyncio.StreamWriter, began: float) -> Finding:
    version = writer.get_extra_info("ssl_object").version()
    cert = writer.get_extra_info("peercert") or {}
    good = _timed("tls", began, f"{version}, the certificate is good")
    if "notAfter" not in cert:
        return good
    left = (ssl.cert_time_to_seconds(cert["notAfter"]) - wall() / 1e6) / 86400
    if left > _EXPIRES:
        return good
    return Finding(what="tls", verdict="warn", text=f"{version}, the certificate ends in {left:.0f} days",
                   remedy="the provider's to renew; expect trouble then")  # fmt: skip


def _clock(head: bytes, now: float, took: float) -> Finding:
    """This machine's clock against the Date of an answer (whole seconds, RFC 9110, section 6.6.1)."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            theirs = http_date(value.decode("ascii", "replace"))
            return _NO_TIME if theirs is None else skewed(now - theirs.timestamp(), took)
    return _NO_TIME


def skewed(seconds: float, took: float) -> Finding:
    """What a difference of clocks comes to. The Date is cut to a second and as old as the answer took."""
    off = max(seconds - 1.0 - took, 0.0) or min(seconds, 0.0)
    if abs(off) <= SKEW:
        return Finding(what="clock", verdict="ok", text="within 2 s of the provider's")
    ahead = "ahead of" if off > 0 else "behind"
    text = f"{abs(off):,.0f} s {ahead} the provider's: lags and --until mislead"
    return Finding(what="clock", verdict="warn", text=text, remedy="set it: timedatectl set-ntp true")
