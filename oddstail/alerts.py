"""Rules over quotes and market records. Pure: their clock is the time that records bear.

A rule is a condition of where.py. On quotes it has their fields, `was.status was.line was.american was.decimal was.prob
was.main was.live` (null where nothing was known of the bet) and `cents`, the move since the price before, null where
the line is another now. What was before follows the bet (game, book, kind, ways, period, subject and side) at its main
line, whatever key the provider gives that; an alternate line has a past of its own, and `was.main` is always of the
line itself. A price that went away and came back has a past, too. A rule is asked of what changed. After an alert it is
silent about the same bet until the cooldown is over; then the whole move since that alert is judged again.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from oddstail import market_rules
from oddstail.filters import of_quotes
from oddstail.market.identity import place
from oddstail.market_rules import MarketMoment
from oddstail.model import STATUSES, Alert, Batch, Event, Gap, MarketAlert, MarketValue, Quote, Selection, Was
from oddstail.where import Condition, Field, WhereError, compiled

#: Bets whose last alert is remembered; beyond, those whose cooldown is over are forgotten, and then the oldest.
_MOST = 100_000
#: Bets of which it is remembered what they were, as many as a ledger holds prices; beyond, a tenth is forgotten.
_KNOWN = 500_000
#: Gaps of a connection that a later snapshot may still belong to.
_GAPS = 20

#: What an alert is about: a connection's bet at its main line, or one price of it.
_Bet = tuple[Any, ...]


class _Last(NamedTuple):
    """What is known of a bet, and when it was last heard of."""

    was: Was
    at: int


class _Fired(NamedTuple):
    """The last alert of a rule on a bet: when, and how the bet stood then."""

    at: int
    stood: Was | None


class _Moment:
    """What a rule looks at: shaped like what a filter looks at, and what was before."""

    __slots__ = ("cents", "conn", "event", "main", "recv", "was")

    def __init__(self, event: Quote, batch: Batch, was: Was | None, main: bool | None) -> None:
        self.event = event
        self.recv = batch.recv
        self.conn = batch.conn
        self.was = was
        self.main = main
        self.cents = _moved(event, was)


class Rules:
    """The rules of a run. `cooldown` is in seconds. WhereError for a text that is no condition.

    `is_main` says whether a quote of a connection is at its book's main line, None where the book has none any more.
    """

    def __init__(self, texts: Sequence[str], cooldown: float) -> None:
        self._quotes: list[Condition] = []
        self._markets: list[Condition] = []
        for text in texts:
            rule, of_market = _compiled(text)
            (self._markets if of_market else self._quotes).append(rule)
        self._cooldown = round(cooldown * 1_000_000)
        self.is_main: Callable[[int, Quote], bool | None] = lambda conn, quote: quote.main
        self._known: dict[_Bet, _Last] = {}
        self._bets: dict[tuple[int, str], tuple[Selection, _Bet]] = {}
        self._fired: dict[tuple[Any, ...], _Fired] = {}
        self._gaps: dict[int, list[tuple[int, float]]] = {}
        #: By connection, when a cooldown is over after which the move is looked at again.
        self._later: dict[int, list[tuple[int, int, _Bet, Condition]]] = {}
        self._latest: dict[tuple[Any, ...], Quote] = {}
        self._count = 0

    @property
    def of_markets(self) -> bool:
        """Whether a rule looks at market records."""
        return bool(self._markets)

    def judged(self, batch: Batch) -> list[Event]:
        """The events of a batch, each alert after what it is about."""
        out: list[Event] = []
        for event in batch.events:
            out.append(event)
            if type(event) is Quote:
                if self._quotes:
                    out += self._of_quote(event, batch)
            elif type(event) is MarketValue:
                out += self._of_market(event, batch)
            elif type(event) is Gap:
                gaps = self._gaps.setdefault(batch.conn, [])
                gaps.append((batch.recv, event.seconds))
                del gaps[:-_GAPS]
        if batch.conn in self._later:
            out += self._overdue(batch)
        return out

    # --- market records -----------------------------------------------------------------------------

    def _of_market(self, value: MarketValue, batch: Batch) -> list[MarketAlert]:
        moment = MarketMoment(value, batch.recv, batch.conn)
        out = []
        for rule in self._markets:
            mark = value.of.key, value.of.side or value.of.selection, rule.text
            if rule.test(moment) and not self._is_quiet(mark, batch.recv):
                self._remember(mark, batch.recv, None)
                out.append(MarketAlert(rule=rule.text, value=value))
        return out

    # --- quotes -------------------------------------------------------------------------------------

    def _of_quote(self, quote: Quote, batch: Batch) -> list[Alert]:
        bet, main = self._bet_of(quote, batch.conn)
        mine = (batch.conn, quote.what.key)
        last, own = self._known.get(bet), self._known.get(mine)
        was = None if last is None else last.was._replace(main=None if own is None else own.was.main)
        if was is not None and was.main is None and main:
            # Another line was the main one.
            was = was._replace(main=False)
        now = _stands(quote, was, main)
        self._known[bet] = self._known[mine] = _Last(now, batch.recv)
        if len(self._known) > _KNOWN:
            for old in list(islice(self._known, _KNOWN // 10)):
                del self._known[old]
        changed = quote.changed if was is None else _differs(was, now)
        if not changed:
            return []
        gap = None if last is None or not quote.snap else self._gap(batch.conn, last.at)
        moment = _Moment(quote, batch, was, main)
        out = []
        for rule in self._quotes:
            mark = *bet, rule.text
            if self._is_quiet(mark, batch.recv):
                self._look_later(bet, rule, mark, quote, batch.conn)
            elif rule.test(moment):
                self._remember(mark, batch.recv, now)
                out.append(Alert(rule=rule.text, quote=quote, was=was, cents=moment.cents, gap_s=gap))
        return out

    def _bet_of(self, quote: Quote, conn: int) -> tuple[_Bet, bool | None]:
        """The bet that a quote is of, and whether at its book's main line."""
        what = quote.what
        held = self._bets.get((conn, what.key))
        if held is None or held[0] is not what:
            if len(self._bets) > _KNOWN:
                self._bets.clear()
            key, side = place(what)
            held = self._bets[conn, what.key] = what, (conn, what.game_id, what.book, key, side)
        bet = held[1]
        main = self.is_main(conn, quote)
        if main:
            return bet, True
        # Of a line that was the main one until now, its end is the end of that.
        last = self._known.get(bet)
        if last is not None and quote.status != "open" and quote.line in (None, last.was.line):
            return bet, True if main is None else main
        return (conn, what.key), main

    def _gap(self, conn: int, since: int) -> float | None:
        """How long nobody watched since then."""
        seconds = sum(length for ended, length in self._gaps.get(conn, ()) if ended > since)
        return seconds or None

    # --- cooldown -----------------------------------------------------------------------------------

    def _is_quiet(self, mark: tuple[Any, ...], now: int) -> bool:
        fired = self._fired.get(mark)
        return fired is not None and 0 <= now - fired.at < self._cooldown

    def _remember(self, mark: tuple[Any, ...], now: int, stood: Was | None) -> None:
        if len(self._fired) >= _MOST:
            recent = {one: fired for one, fired in self._fired.items() if now - fired.at < self._cooldown}
            self._fired = dict(islice(recent.items(), max(0, len(recent) - _MOST * 9 // 10), None))
        self._fired[mark] = _Fired(now, stood)

    def _look_later(self, bet: _Bet, rule: Condition, mark: tuple[Any, ...], quote: Quote, conn: int) -> None:
        """Something changed while a rule is silent: when the cooldown is over, the whole move counts."""
        due = self._fired[mark].at + self._cooldown
        if mark not in self._latest:
            self._count += 1
            heapq.heappush(self._later.setdefault(conn, []), (due, self._count, bet, rule))
        self._latest[mark] = quote

    def _overdue(self, batch: Batch) -> list[Alert]:
        later = self._later[batch.conn]
        out: list[Alert] = []
        while later and later[0][0] <= batch.recv:
            due, _, bet, rule = heapq.heappop(later)
            mark = *bet, rule.text
            fired, quote, last = self._fired.get(mark), self._latest.pop(mark, None), self._known.get(bet)
            if fired is None or fired.at + self._cooldown != due or quote is None or last is None:
                continue
            was, now = fired.stood, last.was
            if was is None or not _differs(was, now):
                continue
            moment = _Moment(quote, batch, was, now.main)
            if rule.test(moment):
                self._remember(mark, batch.recv, now)
                out.append(Alert(rule=rule.text, quote=quote, was=was, cents=moment.cents))
        if not later:
            del self._later[batch.conn]
        return out


def _compiled(text: str) -> tuple[Condition, bool]:
    """A rule, and whether it looks at market records rather than quotes."""
    words = set(re.findall(r"[a-z_.]+", text.casefold()))
    if words & (market_rules.FIELDS.keys() - FIELDS.keys()) and not words & (
        FIELDS.keys() - market_rules.FIELDS.keys()
    ):
        return compiled(text, market_rules.FIELDS), True
    try:
        return compiled(text, FIELDS), False
    except WhereError:
        if words & (market_rules.FIELDS.keys() - FIELDS.keys()):
            return compiled(text, market_rules.FIELDS), True
        raise


def _stands(quote: Quote, was: Was | None, main: bool | None) -> Was:
    """How a bet stands after a quote; a price that is not on offer any more is remembered."""
    price, line = quote.price, quote.line
    if price is None and was is not None:
        price = was.price
        line = was.line if line is None else line
    return Was(quote.status, price, line, main, quote.live)


def _differs(was: Was, now: Was) -> bool:
    return (
        was.status != now.status
        or was.line != now.line
        or was.main is not now.main
        or was.live is not now.live
        or (None if was.price is None else was.price.winnings) != (None if now.price is None else now.price.winnings)
    )


def cents(american: float) -> float:
    """An American price on a line without the hole between -100 and +100: even money is 0."""
    return american - 100 if american > 0 else american + 100


def _moved(quote: Quote, was: Was | None) -> float | None:
    """None, too, where the line moved with the price: the price of another bet is no move."""
    if quote.price is None:
        return None
    if was is not None and was.price is not None:
        before = was.price.american if was.line == quote.line else None
    else:
        # Of records, the first that is known may tell of a price before.
        before = quote.prev if quote.prev_line is None else None
    return None if before is None else round(cents(quote.price.american) - cents(before), 4)


def _before(read: Callable[[Was], Any]) -> Callable[[Any], Any]:
    return lambda moment: None if moment.was is None else read(moment.was)


def _priced(name: str) -> Callable[[Was], Any]:
    return lambda was: None if was.price is None else getattr(was.price, name)


#: What a rule on quotes may name.
FIELDS: Mapping[str, Field] = {
    **of_quotes(),
    # As the provider flags it, else as the book's most balanced line.
    "main": Field("flag", lambda moment: moment.main),
    "cents": Field("number", lambda moment: moment.cents),
    "was.status": Field("text", _before(lambda was: was.status), STATUSES),
    "was.line": Field("number", _before(lambda was: was.line)),
    "was.main": Field("flag", _before(lambda was: was.main)),
    "was.live": Field("flag", _before(lambda was: was.live)),
    **{f"was.{name}": Field("number", _before(_priced(name))) for name in ("american", "decimal", "prob")},
}
