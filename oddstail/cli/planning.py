"""What flags, environment and files come to: a leg for each provider, and the plan of the run that they are in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from oddstail.cli.alerting import alerts, exit_on, same, steam
from oddstail.cli.common import Common, LogFormat, Output, Shown, duration, end, log_file, only, output, size
from oddstail.cli.hydration import shown, snapshots
from oddstail.cli.picking import picked
from oddstail.cli.reach import certificates, facts, limiter, placed, proxies
from oddstail.cli.saving import saving
from oddstail.cli.screen import look
from oddstail.cli.stream import parted
from oddstail.cli.times import times
from oddstail.clock import wall
from oddstail.model import Ask, Request, UsageError, Where

if TYPE_CHECKING:
    from oddstail.run.plan import Leg, MarketOptions, Plan
    from oddstail.text import Secret
    from oddstail.transports import Limits


def leg(
    name: str, ask: Ask, common: Common, *, secret: Secret | None = None, beside: bool = False
) -> tuple[Leg, list[str]]:
    """One provider's part of a run, and what to say about it. UsageError, or keys.KeyUnusableError.

    `beside`: the conditions are for another part of the run as well, which brings more than prices.
    """
    from oddstail import keys, providers, retry
    from oddstail.run.plan import Leg

    provider = providers.provider(name)
    certificates(common.ca_bundle)
    requests = [_at(request, common.base_url) for request in ask.requests]
    shape = output(common, requests)
    if common.changes and not requests[0].restates:
        raise UsageError(f"--feed {requests[0].feed} tells nothing but news; leave --changes out")
    built = Leg(
        provider=provider,
        requests=requests,
        secret=secret,
        limits=limits(common),
        policy=retry.Policy(retries=common.retries, retry_for=duration("--retry-for", common.retry_for)),
        max_silence=duration("--max-silence", common.max_silence),
        filter=picked(common, shape, prices=not beside and all(request.priced for request in requests)),
    )
    notes = list(ask.notes)
    if warning := proxies(request.url for request in requests):
        notes.append(warning)
    if common.snapshot and (shape != "raw" or common.write is not None):
        first, said = snapshots(built, base_url=common.base_url)
        built, notes = replace(built, snapshots=first), [*said, *notes]
    if built.snapshots is not None or any(request.polls for request in requests):
        built = replace(built, limiter=limiter(name, common.base_url))
    keyed = any(request.key_in is not None for request in requests)
    if secret is None and keyed and not common.dry_run:
        built = replace(built, secret=keys.find(name, provider.title, os.environ, common.key_file))
    return replace(built, facts=facts(name, built.secret, common.base_url, built.limits, times(common.tz).zone)), notes


def limits(common: Common) -> Limits:
    """How long to wait for a connect, and what to trust. UsageError."""
    from oddstail.transports import Limits

    return Limits(
        connect=duration("--connect-timeout", common.connect_timeout) or 10.0,
        max_frame=size("--max-frame", common.max_frame),
        ca_bundle=None if common.ca_bundle is None else str(common.ca_bundle),
    )


def plan(
    legs: Sequence[Leg], common: Common, notes: Sequence[str] = (), *, banner: str = "", code: int = 0
) -> Plan:  # fmt: skip
    """The run of these legs. `code` is what already went wrong with another one. UsageError."""
    from oddstail.run.plan import Plan

    zone = times(common.tz)
    until, lines = end(common, zone, wall())
    form, saved, log = (
        output(common, [one for leg in legs for one in leg.requests]),
        saving(common, common.log_file),
        log_file(common),
    )
    parted(saved, log, form)
    return Plan(
        legs=list(legs),
        output=form,
        count=common.count,
        seconds=duration("--for", common.for_),
        until=until,
        zone=zone.zone,
        changes=common.changes,
        only=only(common.only),
        fail_if_empty=common.fail_if_empty,
        until_start=common.until_start,
        saving=saved,
        talk=-1 if common.quiet else common.verbose,
        log=log,
        log_json=common.log_format is LogFormat.json,
        look=look(common),
        notes=tuple(dict.fromkeys((*notes, *zone.notes, *lines))),
        banner=banner,
        code=code,
        alerts=alerts(common, limits(common)),
        markets=markets(common),
        exit_on=exit_on(common),
    )


def markets(flags: Shown) -> MarketOptions:
    """What the run is to know of markets. UsageError, or config.ConfigError."""
    from oddstail import config, providers
    from oddstail.run.plan import MarketOptions

    rule = steam(flags)
    groups = () if rule is None else same(flags, config.load(os.environ, list(providers.TITLES)).same)
    shown = flags.markets or "market" in only(flags.only)
    if shown and flags.output is Output.raw:
        raise UsageError("-o raw prints what the provider sends, and --markets are records; use -o json")
    return MarketOptions(records=shown, steam=rule, same=groups)


def dry_run(plan: Plan) -> str:
    """What would be sent, in the notation of HTTP, without a key."""
    return "\n".join(line for leg in plan.legs for request in leg.requests for line in _sent(leg, request))


def _sent(leg: Leg, request: Request) -> list[str]:
    from oddstail.transports import USER_AGENT, with_params

    key = [(request.key_name, "****")] if request.key_in is Where.QUERY else []
    out = [f"GET {with_params(request.url, [*request.params, *key])}".replace("%2A", "*")]
    if request.key_in is Where.HEADER:
        out.append(f"{request.key_name}: ****")
    out.append(f"User-Agent: {USER_AGENT}")
    if request.transport == "sse":
        out.append("Accept: text/event-stream")
    out += [f"then send: {message}" for message in request.send]
    out += shown(leg.snapshots, request)
    for poll in request.polls:
        address = with_params(poll.url, [*poll.params, *key]).replace("%2A", "*")
        out.append(f"{'first, and ' if poll.first else ''}every {poll.every:g} s: GET {address}")
    return [*out, ""]


def _at(request: Request, base_url: str | None) -> Request:
    """The request, and what is polled beside it, at the address that the user named."""
    polls = tuple(replace(poll, url=placed(poll.url, base_url)) for poll in request.polls)
    return replace(request, url=placed(request.url, base_url), polls=polls)
