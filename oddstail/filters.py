"""What of a stream somebody wants to see, where the wire cannot tell it apart: by game, team, player, or a condition.

Pure but for its counts: how many prices and plays came, how many each filter would have let through by
itself, and how many passed them all. What tells of the stream itself is never filtered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from oddstail.model import (
    KINDS,
    PERIODS,
    SIDES,
    STATUSES,
    SUBJECTS,
    Batch,
    Drop,
    Event,
    Fixture,
    Left,
    Play,
    Quote,
    Result,
    Selection,
)
from oddstail.record import stamp, started
from oddstail.text import fold
from oddstail.where import Condition, Field, compiled

#: Prices that are remembered to have been let through: as many as a ledger holds.
MOST = 500_000
#: Fields that all outcomes of a bet at one book have in common.
_WHOLE = frozenset(
    """
    sport league competition game_id home away start started book kind period market ways subject stat player group main
    live conn
    """.split()
)
#: What is judged. All else tells of the stream, or of the provider's sources.
_JUDGED: tuple[type[Any], ...] = (Quote, Fixture, Play, Result, Drop)


@dataclass(slots=True)
class Seen:
    """A record to be: what came, by which connection, and when. What a condition looks at."""

    event: Any
    recv: int
    conn: int


@dataclass(slots=True)
class Term:
    """One filter: what a user wrote, what it asks of, and how many it would have let through by itself."""

    text: str
    test: Callable[[Seen], bool]
    kinds: frozenset[type[Any]]
    matched: int = 0
    #: Whether it may let one outcome of a bet through and not another.
    parts: bool = False


@dataclass(slots=True)
class Filter:
    """All filters of a run. `seen` is how many were judged, `passed` how many all of them let through."""

    terms: list[Term] = field(default_factory=list)
    seen: int = 0
    passed: int = 0
    #: The prices that were let through last, by connection and key.
    _shown: dict[tuple[int, str], None] = field(default_factory=dict)

    def keep(self, batch: Batch) -> list[Event]:
        """The events of a batch that all filters let through; `Left` for a price that they let through until now.

        A price moves out of a condition, and a suspended one is neither more nor less than any.
        """
        terms = self.terms
        if not terms:
            return batch.events
        out: list[Event] = []
        seen = Seen(None, batch.recv, batch.conn)
        for event in batch.events:
            kind = type(event)
            if kind not in _JUDGED:
                out.append(event)
                continue
            seen.event = event
            self.seen += 1
            kept = True
            # Each is asked, though one was enough: what alone excludes all of them is worth saying.
            for term in terms:
                if kind not in term.kinds:
                    continue
                if term.test(seen):
                    term.matched += 1
                else:
                    kept = False
            if kept:
                self.passed += 1
                out.append(event)
            if type(event) is Quote:
                self._note(event, batch.conn, kept, out)
        return out

    def _note(self, quote: Quote, conn: int, kept: bool, out: list[Event]) -> None:
        mark = conn, quote.what.key
        if kept and quote.status not in ("removed", "settled"):
            self._shown[mark] = None
            if len(self._shown) > MOST:
                for old in list(islice(self._shown, MOST // 10)):
                    del self._shown[old]
        elif mark in self._shown:
            del self._shown[mark]
            if not kept:
                out.append(Left(quote.what.key))

    @property
    def hides_outcomes(self) -> bool:
        """Whether one outcome of a bet may be let through and another not."""
        return any(term.parts for term in self.terms)

    @property
    def dropped(self) -> int:
        """How many were left out."""
        return self.seen - self.passed

    def fruitless(self) -> list[str]:
        """The filters that matched nothing by themselves, although something came that they could have matched."""
        return [term.text for term in self.terms if self.seen and not term.matched]


def filtering(
    *,
    game: Sequence[str] = (),
    team: Sequence[str] = (),
    player: Sequence[str] = (),
    where: Sequence[str] = (),
    prices: bool = False,
) -> Filter:
    """The filters that flags come to. Values of one flag are alternatives, flags are all to hold. WhereError.

    `prices`: no plays and no results come, whose `status` and `period` are in the provider's words, as a fixture's
    `status` is.
    """
    terms = []
    for flag, wanted, test in (
        ("--game", game, _is_game),
        ("--team", team, _has_team),
        ("--player", player, _has_player),
    ):
        if wanted:
            folded = tuple(map(fold, wanted))
            text = " or ".join(f"{flag} {value}" for value in wanted)
            terms.append(Term(text, _any_of(test, folded), _PLAYED if test is _has_player else frozenset(_JUDGED)))
    for text in where:
        condition = compiled(text, FIELDS)
        judged = kinds(condition)
        if judged <= {Quote, Drop} or (prices and Fixture not in judged):
            condition = compiled(text, _OF_PRICES)
        elif prices:
            condition = compiled(text, _OF_GAMES)
        terms.append(Term(f"--where {text}", condition.test, kinds(condition), parts=not condition.fields <= _WHOLE))
    return Filter(terms)


def named(wanted: Mapping[str, Sequence[str]]) -> list[Term]:
    """Filters by whole names, by the field that has them (sport, league, book, market); see text.fold."""
    return [
        Term(
            " or ".join(f"--{name} {value}" for value in values),
            _is_named(name, frozenset(map(fold, values))),
            frozenset(kind for kind in _JUDGED if name in _HELD[kind]),
        )
        for name, values in wanted.items()
        if values
    ]


def kinds(condition: Condition) -> frozenset[type[Any]]:
    """What a condition can judge: records that have each field that it looks at. The others pass."""
    return frozenset(kind for kind in _JUDGED if condition.fields <= _HELD[kind])


def _any_of(test: Callable[[Any, str], bool], wanted: tuple[str, ...]) -> Callable[[Seen], bool]:
    return lambda seen: any(test(seen.event, text) for text in wanted)


def _is_named(name: str, wanted: frozenset[str]) -> Callable[[Seen], bool]:
    def test(seen: Seen) -> bool:
        event = seen.event
        what = event.what if type(event) is Quote else event
        found = getattr(what, name)
        if name == "league" and what.competition in wanted:
            return True
        return found is not None and fold(found) in wanted

    return test


def _is_game(event: Any, text: str) -> bool:
    what = event.what if type(event) is Quote else event
    return text in fold(what.game_id) or text in f"{fold(what.home or '')} vs {fold(what.away or '')}"


def _has_team(event: Any, text: str) -> bool:
    """A side of the game; where the provider does not say who plays, whom the bet is on."""
    what = event.what if type(event) is Quote else event
    names = [what.home, what.away]
    if what.home is None and what.away is None:
        names += [getattr(what, name, None) for name in ("selection", "team", "team_a", "team_b")]
    return any(name is not None and text in fold(name) for name in names)


def _has_player(event: Any, text: str) -> bool:
    player = event.what.player if type(event) is Quote else event.player
    return player is not None and text in fold(player)


_PLAYED: frozenset[type[Any]] = frozenset({Quote, Result, Drop})


# --- the fields of a condition -------------------------------------------------------------------------

_TEXTS = """
    sport league competition game_id home away start key book kind period market group selection side player status
    settlement link id old_status play text source role clock direction outcome market_name team team_a team_b subject
    stat
""".split()
_NUMBERS = """
    line american decimal prob prob_delta prev prev_line home_score away_score score_a score_b delta elapsed_ms lag_ms
    conn ways limit
""".split()
_FLAGS = "main live started snap changed".split()
_PRICED = ("american", "decimal", "prob")
#: What a record says that the event itself does not.
_ADDED = frozenset({"ts", "recv", "lag_ms", "conn", "started"})


def _held(kind: type[Any]) -> frozenset[str]:
    held = {item.name for item in fields(kind)} | _ADDED
    if kind is Quote:
        held |= {item.name for item in fields(Selection)}
    if kind in (Quote, Drop):
        held |= set(_PRICED)
    if kind is Drop:
        held |= {"prob_delta"}
    return frozenset(held)


def _reads(name: str) -> Callable[[Seen], Any]:
    match name:
        case "ts":
            return lambda seen: None if seen.event.ts is None else stamp(seen.event.ts)
        case "recv":
            return lambda seen: stamp(seen.recv)
        case "lag_ms":
            return lambda seen: None if seen.event.ts is None else (seen.recv - seen.event.ts) // 1000
        case "prob_delta":
            return lambda seen: _moved(seen.event)
        case "conn":
            return lambda seen: seen.conn
        case "started":
            return lambda seen: started((seen.event.what if type(seen.event) is Quote else seen.event).start, seen.recv)
        case "american" | "decimal" | "prob":

            def priced(seen: Seen) -> Any:
                price = seen.event.price
                return None if price is None else getattr(price, name)

            return priced
    of_selection = name in {item.name for item in fields(Selection)}

    def read(seen: Seen) -> Any:
        event = seen.event
        if of_selection and type(event) is Quote:
            event = event.what
        return getattr(event, name, None)

    return read


def _moved(drop: Any) -> float | None:
    """How far a drop moved the implied probability, as its record says it."""
    before, price = drop.before, drop.price
    return None if before is None or price is None else round(price.prob - before.prob, 4)


_HELD = {kind: _held(kind) for kind in _JUDGED}


def of_quotes() -> dict[str, Field]:
    """The fields of a quote alone."""
    return {name: field for name, field in _OF_PRICES.items() if name in _HELD[Quote]}


#: The fields of the records, under their names there.
FIELDS = {
    **{name: Field("text", _reads(name)) for name in (*_TEXTS, "ts", "recv")},
    **{name: Field("number", _reads(name)) for name in _NUMBERS},
    **{name: Field("flag", _reads(name)) for name in _FLAGS},
    "kind": Field("text", _reads("kind"), KINDS),
    "side": Field("text", _reads("side"), SIDES, more=True),
    "subject": Field("text", _reads("subject"), SUBJECTS),
}
#: The same of records of prices alone.
_OF_PRICES = {
    **FIELDS,
    "status": Field("text", _reads("status"), STATUSES),
    "period": Field("text", _reads("period"), PERIODS),
}
#: The same of records of prices and of games.
_OF_GAMES = {**_OF_PRICES, "status": Field("text", _reads("status"), STATUSES, more=True)}
