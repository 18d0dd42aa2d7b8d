"""Rules over a quote and what was known of its price before. Pure: its clock is the time that records bear.

A rule is a condition of where.py. Beside the fields of a quote it knows `was.status was.line was.american was.decimal
was.prob was.main was.live` (null for the first word on a price) and `cents`, the move
since `prev`, null where the line is another now. It is asked of quotes that changed, and holds its tongue about the
same price until the cooldown is over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from oddstail.filters import of_quotes
from oddstail.model import STATUSES, Alert, Batch, Event, Quote, Was
from oddstail.where import Condition, Field, compiled

#: Prices whose last alert is remembered; beyond, those whose cooldown is over are forgotten, and then the oldest.
_MOST = 100_000
#: Prices of which it is remembered what they were, as many as a ledger holds; beyond, a tenth is forgotten.
_KNOWN = 500_000


class _Moment:
    """What a rule looks at: shaped like what a filter looks at, and what was before."""

    __slots__ = ("cents", "conn", "event", "recv", "was")

    def __init__(self, event: Quote, batch: Batch, was: Was | None) -> None:
        self.event = event
        self.recv = batch.recv
        self.conn = batch.conn
        self.was = was
        self.cents = _moved(event, was)


class Rules:
    """The rules of a run. `cooldown` is in seconds. WhereError for a text that is no condition."""

    def __init__(self, texts: Sequence[str], cooldown: float) -> None:
        self._rules: list[Condition] = [compiled(text, FIELDS) for text in texts]
        self._cooldown = round(cooldown * 1_000_000)
        self._was: dict[tuple[int, str], Was] = {}
        self._fired: dict[tuple[int, str, str], int] = {}

    def judged(self, batch: Batch) -> list[Event]:
        """The events of a batch, each alert after the quote that it is about."""
        out: list[Event] = []
        for event in batch.events:
            out.append(event)
            if type(event) is Quote:
                out += self._alerts(event, batch)
        return out

    def _alerts(self, quote: Quote, batch: Batch) -> list[Alert]:
        key = batch.conn, quote.what.key
        was = self._was.get(key)
        if quote.status in ("removed", "settled"):
            self._was.pop(key, None)
        else:
            self._was[key] = Was(quote.status, quote.price, quote.line, quote.main, quote.live)
            if len(self._was) > _KNOWN:
                for old in list(islice(self._was, _KNOWN // 10)):
                    del self._was[old]
        if not quote.changed:
            return []
        moment = _Moment(quote, batch, was)
        return [
            Alert(rule=rule.text, quote=quote, was=was, cents=moment.cents)
            for rule in self._rules
            if rule.test(moment) and self._is_due((*key, rule.text), batch.recv)
        ]

    def _is_due(self, key: tuple[int, str, str], now: int) -> bool:
        last = self._fired.get(key)
        if last is not None and 0 <= now - last < self._cooldown:
            return False
        if len(self._fired) >= _MOST:
            recent = {one: at for one, at in self._fired.items() if now - at < self._cooldown}
            self._fired = dict(islice(recent.items(), max(0, len(recent) - _MOST * 9 // 10), None))
        self._fired[key] = now
        return True


def cents(american: float) -> float:
    """An American price on a line without the hole between -100 and +100: even money is 0."""
    return american - 100 if american > 0 else american + 100


def _moved(quote: Quote, was: Was | None) -> float | None:
    """None, too, where the line moved with the price: the price of another bet is no move."""
    if quote.price is None or quote.prev is None or quote.prev_line is not None:
        return None
    # Also of a line that was not known before, and of records that are older than `prev_line`.
    if was is not None and was.line != quote.line and was.price is not None:
        return None
    return round(cents(quote.price.american) - cents(quote.prev), 4)


def _before(read: Callable[[Was], Any]) -> Callable[[Any], Any]:
    return lambda moment: None if moment.was is None else read(moment.was)


def _priced(name: str) -> Callable[[Was], Any]:
    return lambda was: None if was.price is None else getattr(was.price, name)


#: What a rule may name.
FIELDS: Mapping[str, Field] = {
    **of_quotes(),
    "cents": Field("number", lambda moment: moment.cents),
    "was.status": Field("text", _before(lambda was: was.status), STATUSES),
    "was.line": Field("number", _before(lambda was: was.line)),
    "was.main": Field("flag", _before(lambda was: was.main)),
    "was.live": Field("flag", _before(lambda was: was.live)),
    **{f"was.{name}": Field("number", _before(_priced(name))) for name in ("american", "decimal", "prob")},
}
