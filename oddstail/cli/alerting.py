"""The flags of alerts, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from oddstail import units
from oddstail.cli.flag import arguments, option
from oddstail.cli.reach import certificates, proxies
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.alerts import Rules
    from oddstail.market.steam import SteamRule
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
                help=(
                    "Write an alert record when a price or a market starts to match: --where syntax, plus "
                    "was.american, was.line ... (previous values) and cents, the move at one line ('abs(cents) "
                    ">= 10 and main'); or the fields of market records ('hold < 0 and doubt is null')."
                )),
    ] = None  # fmt: skip
    steam: Annotated[
        str | None,
        _option("--steam", metavar="RULE",
                help="Write an alert record when several books move one bet: 'books>=3, points>=1.5, within=60s'"
                " (probability points, without the margin)."),
    ] = None  # fmt: skip
    same: Annotated[
        list[str] | None,
        _option(
            "--same",
            metavar="BOOKS",
            help="Books that copy one another and count as one for --steam: dk,fd. Repeatable.",
        ),
    ] = None
    exit_on: Annotated[
        str | None,
        _option("--exit-on", metavar="RULE",
                help="Stop with exit 0 at the first match of this rule; without a match --fail-if-empty exits with 5."),
    ] = None  # fmt: skip
    cooldown: Annotated[
        str, _option("--cooldown", metavar="DUR", help="Minimum time between two alerts on the same bet; default 1m.")
    ] = "1m"
    bell: Annotated[
        bool, _option("--bell/--no-bell", help="Ring the terminal's bell for each alert (default yes).")
    ] = True
    notify: Annotated[
        bool,
        _option(
            "--notify", help="Show each alert as a desktop notification, if the terminal supports it (OSC 9, 777)."
        ),
    ] = False
    exec: Annotated[
        str | None,
        _option("--exec", metavar="CMD",
                help=(
                    "Run this command for each alert, with the record on stdin; no shell, no keys in its "
                    "environment."
                )),
    ] = None  # fmt: skip
    webhook: Annotated[
        str | None,
        _option(
            "--webhook",
            metavar="URL",
            help="POST each alert to this address as JSON; $ODDSTAIL_WEBHOOK keeps it off the command line.",
        ),
    ] = None


def alerts(flags: Alerted, limits: Limits) -> Alerts | None:
    """What to do about quotes that rules speak of; None without a rule. UsageError for what makes no sense."""
    if not flags.alert and flags.steam is None:
        for name in ("exec", "webhook"):
            if getattr(flags, name) is not None:
                raise UsageError(f"--{name} is for alerts; say of what with --alert RULE")
        if flags.notify:
            raise UsageError("--notify is for alerts; say of what with --alert RULE")
        return None
    from oddstail.alerts import Rules
    from oddstail.run.alerting import Alerts
    from oddstail.text import Secret
    from oddstail.where import WhereError

    try:
        rules = Rules(flags.alert or (), _cooldown(flags))
    except WhereError as error:
        raise UsageError(f"--alert: {error}") from None
    address = None if flags.webhook is None else webhook(flags.webhook)
    if address is not None:
        proxies([address])
        certificates(limits.ca_bundle)
    return Alerts(
        rules=rules,
        bell=flags.bell,
        notify=flags.notify,
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
        raise UsageError("--webhook is not an address; use https://hooks.example/T000/B000")
    return url


def exit_on(flags: Alerted) -> Rules | None:
    """The rule at whose first match the run ends. UsageError."""
    if flags.exit_on is None:
        return None
    from oddstail.alerts import Rules
    from oddstail.where import WhereError

    try:
        return Rules([flags.exit_on], 0.0)
    except WhereError as error:
        raise UsageError(f"--exit-on: {error}") from None


def steam(flags: Alerted) -> SteamRule | None:
    """The rule of --steam. UsageError."""
    if flags.steam is None:
        if flags.same:
            raise UsageError("--same says which books are one for --steam; add --steam 'books>=3, points>=1.5'")
        return None
    from oddstail.market.steam import steam_rule

    try:
        return steam_rule(flags.steam, _cooldown(flags))
    except ValueError as error:
        raise UsageError(f"--steam: {error}") from None


def same(flags: Alerted, groups: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The groups of books that copy one another: of the config file, and of the flag. UsageError."""
    out = [tuple(group) for group in groups]
    for text in flags.same or ():
        books = tuple(book.strip() for book in text.split(",") if book.strip())
        if len(books) < 2:
            raise UsageError(f"--same: {text!r} is one book; name at least two, such as --same dk,fd")
        out.append(books)
    return tuple(out)


def _cooldown(flags: Alerted) -> float:
    try:
        return units.duration(flags.cooldown)
    except ValueError as error:
        raise UsageError(f"--cooldown {error}") from None
