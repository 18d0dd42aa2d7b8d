"""What a run counted, and what of it counts as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from oddstail.model import Alert, Event, Gap, Lost, MarketAlert, Notice, Opened, Payload, Steam
from oddstail.record import DATA_TYPES, TYPES


@dataclass(slots=True)
class Tally:
    """What a run counted."""

    data: int = 0
    quotes: int = 0
    #: Quotes that the filters let through, whether or not `--only` and `--changes` told them.
    seen: int = 0
    alerts: int = 0
    opened: int = 0
    gaps: int = 0
    gap_seconds: float = 0.0
    losses: int = 0
    credits: float = 0.0
    unreadable: int = 0
    others: Counter[str] = field(default_factory=Counter)

    def note(self, event: Event) -> None:
        """Count one event that is no quote."""
        if type(event) is Opened:
            self.opened += 1
        elif isinstance(event, Alert | MarketAlert | Steam):
            self.alerts += 1
        elif type(event) is Gap:
            self.gaps += 1
            self.gap_seconds += event.seconds
        elif type(event) is Lost:
            self.losses += 1
        elif type(event) is Notice:
            if event.code == "credits":
                self.credits += event.value or 0.0
            elif event.code == "unreadable":
                self.unreadable += 1
        elif is_data(event) and type(event) is not Payload:
            self.others[TYPES[type(event)]] += 1

    @property
    def passed(self) -> int:
        """What keeps an empty screen from being a riddle: quotes too that `--only` leaves out or a rule looked at.

        A game's new start is none to look at, nor how the provider's own sources do.
        """
        beside = self.others["fixture"] + self.others["health"]
        return max(0, self.data - beside) + self.alerts + self.seen


def up_to(events: list[Event], most: int, counts: Callable[[Event], bool]) -> list[Event]:
    """The events up to so many that count; the life of the stream, where it does not count, goes on.

    Where payloads are counted, the records that a payload was read into go with it.
    """
    out: list[Event] = []
    for event in events:
        counted = counts(event)
        if counted or is_data(event):
            if most < counted:
                most = -1
            if most < 0:
                continue
            most -= counted
        out.append(event)
    return out


def is_data(event: Event) -> bool:
    """Whether it is what a user asked for, and not the life of the stream."""
    return type(event) is Payload or TYPES.get(type(event)) in DATA_TYPES
