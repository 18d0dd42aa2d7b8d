"""The links and what they are worth: up or down, since when, what they heard of each book, what went wrong. Pure.

Learns of everything by events; the time is the `recv` of a batch (microseconds since the epoch), so that a
tape is judged by its own clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from oddstail.model import Gap, Health, Lost, Notice, Opened, Retrying, is_pause

#: Lags kept for the percentiles: some seconds of a busy evening.
_LAGS = 512
_SECOND = 1_000_000
#: What a source may be that a user should see all the time.
_ILL = ("silent", "degraded")


@dataclass(slots=True, eq=False)
class Link:
    """One connection. `epoch` counts its lives; a price of a life before `fresh` may not be on offer any more.

    `mute` is since when a link that is up has sent no byte, once a heartbeat is overdue; else 0. `unpaid` is since
    when the provider skips updates for want of credits; else 0. `ill` are the provider's own sources that
    are not well, as it says of this link, and how they are.
    `cause` is why it was lost last.
    """

    conn: int
    label: str = ""
    up: bool | None = None
    since: int = 0
    retry_at: int | None = None
    detail: str = ""
    over: bool = False
    cause: str = ""
    epoch: int = 0
    fresh: int = 0
    before: int = 0
    mute: int = 0
    unpaid: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    ill: dict[str, str] = field(default_factory=dict)

    @property
    def blind(self) -> bool:
        """Whether it is down and that is a gap: of one whose capture has ended nobody asked for more."""
        return self.up is False and self.cause != "ended"

    @property
    def told(self) -> bool:
        """Whether a capture told of it, whose run has ended: it is not tried again, nor was it given up."""
        return self.cause in ("ended", "not running")

    @property
    def dead(self) -> bool:
        """Whether what it fed is not known to be on offer. A link that never spoke of itself is believed."""
        return self.up is False


@dataclass(slots=True)
class Links:
    """All links of a run, and what is counted over them."""

    known: dict[int, Link] = field(default_factory=dict)
    seen: int = 0
    gaps: int = 0
    losses: int = 0
    opened: int = 0
    credits: float = 0.0
    unreadable: int = 0
    others: int = 0
    said: str = ""
    said_at: int = 0
    lags: deque[int] = field(default_factory=lambda: deque(maxlen=_LAGS))

    def of(self, conn: int) -> Link:
        """The link of that number, made if it is new."""
        link = self.known.get(conn)
        if link is None:
            link = self.known[conn] = Link(conn)
        return link

    def hush(self, silent: Mapping[int, float], now: int) -> None:
        """What only a clock knows: for how many seconds the links that are overdue are silent, by their numbers."""
        for conn, link in self.known.items():
            link.mute = now - round(silent[conn] * _SECOND) if conn in silent else 0

    @property
    def mute(self) -> int:
        """Since when the longest silence of a link that is up lasts; 0 if there is none."""
        return min((link.mute for link in self.known.values() if link.mute), default=0)

    def note(self, link: Link, event: object, at: int) -> bool:
        """Take what is no quote. False for what says nothing of a link."""
        match event:
            case Opened():
                self.opened += 1
                link.label = event.label
                link.up, link.since, link.retry_at, link.detail = True, at, None, ""
                link.ill.clear()
            case Lost():
                self.losses += 1
                # Nobody watched from the last byte on.
                link.up, link.since, link.detail = False, link.mute or at, event.detail
                link.mute = link.unpaid = 0
                link.over = event.retry_in is None
                link.cause = event.cause
                link.retry_at = None if event.retry_in is None else at + round(event.retry_in * _SECOND)
                link.before = link.fresh
                link.epoch += 1
                link.fresh = link.epoch
            case Retrying():
                if link.up is not False:
                    link.up, link.since = False, at
                link.detail = event.detail
                link.retry_at = at + round(event.wait * _SECOND)
            case Gap():
                self.gaps += 1
                link.unpaid = 0
                if event.resumed == "yes":
                    link.fresh = link.before
            case Notice():
                self._notice(link, event, at)
            case Health():
                # One of the provider's own sources: the link lives, and what that source fed does not.
                if event.status in _ILL:
                    link.ill[event.source] = event.status
                else:
                    link.ill.pop(event.source, None)
                return False
            case _:
                return False
        return True

    def _notice(self, link: Link, event: Notice, at: int) -> None:
        if is_pause(event):
            # The link is up, and what it told is not known to be on offer until it is said again.
            link.epoch += 1
            link.fresh = link.epoch
            link.unpaid = link.unpaid or max(link.heard.values(), default=at)
        if event.code == "credits":
            self.credits += event.value or 0.0
        elif event.code == "unreadable":
            self.unreadable += 1
        elif event.level != "info" or event.code in ("ended", "quiet"):
            self.said, self.said_at = event.text, at
        if event.level == "error":
            link.detail, link.over, link.retry_at = event.text, True, None

    @property
    def unpaid(self) -> int:
        """Since when the first of the links that are out of credits is; 0 if there is none."""
        return min((link.unpaid for link in self.known.values() if link.unpaid), default=0)

    @property
    def ill(self) -> list[str]:
        """Which sources are not well, by how they are: `silent: nba_live`."""
        told = sorted({(how, who) for link in self.known.values() for who, how in link.ill.items()})
        return [f"{how}: {', '.join(who for its, who in told if its == how)}" for how in _ILL if how in dict(told)]

    @property
    def reconnects(self) -> int:
        """Links that came back."""
        return max(0, self.opened - sum(1 for link in self.known.values() if link.up is not None))

    def lag(self) -> tuple[int, int] | None:
        """The median and the 95th percentile of our clock against the provider's, in milliseconds."""
        if not self.lags:
            return None
        ordered = sorted(self.lags)
        last = len(ordered) - 1
        return ordered[last // 2], ordered[last * 95 // 100]
