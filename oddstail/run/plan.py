"""What a run is to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from oddstail import retry
from oddstail.board.view import Look
from oddstail.filters import Filter
from oddstail.limiter import Limiter
from oddstail.model import Provider, Request
from oddstail.sinks.talk import NORMAL
from oddstail.text import Secret, address_secrets
from oddstail.transports import Limits

if TYPE_CHECKING:
    from oddstail.alerts import Rules
    from oddstail.capture.options import Options, Stream
    from oddstail.capture.records import Split
    from oddstail.market.steam import SteamRule
    from oddstail.run.alerting import Alerts
    from oddstail.run.hydrating import Snapshots
    from oddstail.run.source import Play

Output = Literal["table", "json", "raw", "lines", "none"]
#: What the provider's lists say of what was asked for; nothing where there are none.
Facts = Callable[[Sequence[Request]], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What is kept in files. `argv` is the command line for the files' headers, `state` where cursors are kept."""

    write: Options | Stream | None = None
    tape: Options | Stream | None = None
    split: Split | None = None
    argv: str = ""
    lock: Path | None = None
    state: Path | None = None
    summary: Path | Stream | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOptions:
    """What a user wants of markets. `steam` is the rule of --steam, `same` are books that copy one another."""

    records: bool = False
    steam: SteamRule | None = None
    same: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One provider's part of a run: what to ask it for, and how its links are kept. Several make a parlay."""

    provider: Provider
    requests: list[Request]
    secret: Secret | None = None
    limits: Limits = field(default_factory=Limits)
    policy: retry.Policy = field(default_factory=retry.Policy)
    max_silence: float | None = None
    filter: Filter = field(default_factory=Filter)
    limiter: Limiter | None = None
    snapshots: Snapshots | None = None
    #: What the provider's lists say of a request that brings nothing.
    facts: Facts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is to do: everything that flags, environment and files came to.

    `code` is what is already known to have gone wrong with a provider that is left out.
    """

    legs: list[Leg]
    output: Output
    count: int | None = None
    seconds: float | None = None
    #: When to stop, in microseconds since the epoch: a clock on the wall may be set meanwhile, and a machine may sleep.
    until: int | None = None
    #: Of the times of day that people read.
    zone: tzinfo = UTC
    changes: bool = False
    only: frozenset[str] = frozenset()
    fail_if_empty: bool = False
    talk: int = NORMAL
    log: Stream | None = None
    log_json: bool = False
    notes: tuple[str, ...] = ()
    banner: str = ""
    look: Look = field(default_factory=Look)
    #: What is told again, in the place of live connections.
    play: Play | None = None
    #: Whether a tape is among that, whose frames are read anew, rather than records alone.
    plays_frames: bool = False
    saving: Saving = field(default_factory=Saving)
    until_start: bool = False
    code: int = 0
    alerts: Alerts | None = None
    markets: MarketOptions = field(default_factory=MarketOptions)
    #: The run ends at the first match of these.
    exit_on: Rules | None = None

    @property
    def reads_markets(self) -> bool:
        """Whether anything in the run looks at the state of the markets."""
        options = self.markets
        return bool(self.output == "table" or options.records or options.steam or self.alerts or self.exit_on)

    @property
    def requests(self) -> list[Request]:
        """Every connection to make, in the order of their numbers."""
        return [request for leg in self.legs for request in leg.requests]

    @property
    def secrets(self) -> list[Secret]:
        """What no output may show."""
        secrets = [leg.secret for leg in self.legs if leg.secret is not None]
        if self.alerts is not None and self.alerts.webhook is not None:
            secrets += [Secret(one) for one in address_secrets(self.alerts.webhook.reveal())]
        return secrets

    @property
    def title(self) -> str:
        """Whom the run asks, for people."""
        return " + ".join(dict.fromkeys(leg.provider.title for leg in self.legs))
