"""The flags of alerts, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from oddstail import units
from oddstail.cli.flag import arguments, option
from oddstail.cli.reach import certificates, proxies
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.run.alerting import Alerts
    from oddstail.transports import Limits

ALERTS = "Alerts"


_option = partial(option, panel=ALERTS)


@dataclass(frozen=True, kw_only=True)
class Alerted:
    """When to be told, and how."""

    alert: Annotated[
        list[str] | None,
        _option("--alert", metavar="RULE",
                help="Tell of a price that becomes so, as an alert record: a --where condition with was.american,"
                " was.line, was.status ... (unknown at the first word on a price) and cents, the move at an"
                " unmoved line: 'abs(cents) >= 10 and main'."),
    ] = None  # fmt: skip
    cooldown: Annotated[
        str, _option("--cooldown", metavar="DUR", help="Not again of the same price for so long; default 1m.")
    ] = "1m"
    bell: Annotated[bool, _option("--bell/--no-bell", help="Ring the terminal's bell too; default yes.")] = True
    exec: Annotated[
        str | None,
        _option("--exec", metavar="CMD",
                help="Run for each alert, the record on stdin; arguments, no shell, no keys in its environment."),
    ] = None  # fmt: skip
    webhook: Annotated[
        str | None,
        _option("--webhook", metavar="URL", help="POST each alert there as JSON; best from $ODDSTAIL_WEBHOOK."),
    ] = None


def alerts(flags: Alerted, limits: Limits) -> Alerts | None:
    """What to do about quotes that rules speak of; None without a rule. UsageError for what makes no sense."""
    if not flags.alert:
        for name in ("exec", "webhook"):
            if getattr(flags, name) is not None:
                raise UsageError(f"--{name} is for alerts; say of what with --alert RULE")
        return None
    from oddstail.alerts import Rules
    from oddstail.run.alerting import Alerts
    from oddstail.text import Secret
    from oddstail.where import WhereError

    try:
        cooldown = units.duration(flags.cooldown)
    except ValueError as error:
        raise UsageError(f"--cooldown {error}") from None
    try:
        rules = Rules(flags.alert, cooldown)
    except WhereError as error:
        raise UsageError(f"--alert: {error}") from None
    address = None if flags.webhook is None else webhook(flags.webhook)
    if address is not None:
        proxies([address])
        certificates(limits.ca_bundle)
    return Alerts(
        rules=rules,
        bell=flags.bell,
        command=arguments("--exec", flags.exec),
        webhook=None if address is None else Secret(address),
        limits=limits,
    )


def webhook(url: str) -> str:
    """A webhook's address as it is, if it is one. UsageError without it: its path may be all that keeps others out."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        # A line break is dropped by the parser, and refused by the transport: far too late.
        good = good and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        raise UsageError("--webhook is no address; write it like https://hooks.example/T000/B000")
    return url
