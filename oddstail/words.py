"""Events in words for people: one line each, safe for a terminal. Pure."""

from __future__ import annotations

from datetime import UTC, tzinfo
from http import HTTPStatus

from oddstail import local_time
from oddstail.model import (
    Alert,
    Drop,
    End,
    Event,
    Failure,
    Fixture,
    Gap,
    Health,
    Lost,
    MarketAlert,
    MarketValue,
    Notice,
    Opened,
    Play,
    Quote,
    Result,
    Retrying,
    Side,
    Steam,
)
from oddstail.price import Price, fractional
from oddstail.text import fold, visible

#: The phrase of each status. Python renamed some in 3.13, after RFC 9110, section 15.5: every version has the new ones.
_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def american(value: float) -> str:
    """American odds with their sign: `+150`, `-110`."""
    return f"{value:+g}" if abs(value) < 1_000_000 else f"{value:+.0f}"


def odds(price: Price, notation: str) -> str:
    """A price as a user wants to read it: american, decimal, fractional or probability (with the margin in it)."""
    match notation:
        case "decimal":
            return decimal(price.winnings + 1)
        case "fractional":
            return fractional(price)
        case "probability":
            return probability(price.chance)
    return american(price.american)


def decimal(value: float) -> str:
    """Decimal odds as bookmakers print them: two places below 10, one below 100, none above.

    Three where two would round to even money, or to a price that pays nothing.
    """
    if value >= 99.95:
        return f"{value:.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    text = f"{value:.2f}"
    if text in ("1.00", "2.00") and abs(value - float(text)) > 1e-9:
        text = f"{value:.3f}"
    return text if float(text) > 1 else f"{value:.4g}"


def probability(value: float) -> str:
    """A probability in percent with one place; never 0.0 or 100.0 for a price that exists."""
    return f"{min(max(value * 100, 0.1), 99.9):.1f}%"


def points(value: float | None, *, signed: bool) -> str:
    """A line: `-3.5`, `+7`, `PK` (pick'em, a spread of nothing), `221.5`, or nothing."""
    if value is None:
        return ""
    if signed and value == 0:
        return "PK"
    value += 0.0  # -0.0 is no minus
    return f"{value:+g}" if signed else f"{value:g}"


def bare(name: str) -> str:
    """A name without case, accents, spaces and punctuation: what is left of two spellings of one thing."""
    return "".join(char for char in fold(name) if char.isalnum())


def many(count: float, word: str, plural: str = "") -> str:
    """A count with its noun: `1 gap`, `2 gaps`, `1,024 quotes`."""
    return f"{count:,.10g} {word if count == 1 else plural or f'{word}s'}"


def lasting(seconds: float) -> str:
    """How long, in the unit that fits: `0.4 s`, `41 s`, `12 min`, `3.2 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def describe(failure: Failure) -> str:
    """A failure in one clause for people: what happened and what the server said."""
    match failure.kind:
        case "status":
            code = failure.code or 0
            what = f"answered {code} {_PHRASES.get(code, '')}".rstrip()
        case "ws-close":
            what = f"closed the connection with code {failure.code}"
        case "content-type":
            what = "answered with"
            return f"{what} {failure.text}"
        case "slept":
            what = "the machine slept"
        case "auth":
            what = "refused the key"
        case "plan":
            what = "says that the plan does not include this"
        case "cap":
            what = "says that too many connections are open"
        case "refused":
            what = "refused"
        case _:
            return failure.text or failure.kind
    return f"{what}: {failure.text}" if failure.text else what


def life(event: Event, zone: tzinfo = UTC) -> str | None:
    """A change of state as a sentence, with times of day in `zone`; None for what is no change of state."""
    match event:
        case Opened():
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            return f"connected to {visible(event.host)}{again}"
        case Lost():
            again = f"attempt {event.attempt + 1}" if event.attempt else "retrying"
            then = "" if event.retry_in is None else f"; {again} in {lasting(event.retry_in)}"
            return f"lost: {visible(event.detail)}{then}"
        case Retrying():
            return f"no connection: {visible(event.detail)}; attempt {event.attempt + 1} in {lasting(event.wait)}"
        case Gap():
            missed = {
                "yes": "the provider replays what was missed",
                "no": "updates in that time are lost",
                "unknown": "the provider may or may not replay it",
            }[event.resumed]
            return f"gap of {lasting(event.seconds)}: {missed}"
        case Notice():
            return visible(event.text)
        case Alert():
            told = "  ".join(part for part in change(event.quote).split("\t") if part)
            gap = f" after a gap of {lasting(event.gap_s)}" if event.gap_s else ""
            return f"alert{gap}: {told} ({visible(event.rule)})"
        case MarketAlert():
            told = "  ".join(part for part in _market(event.value).split("\t") if part)
            return f"alert: {told} ({visible(event.rule)})"
        case Steam():
            return f"steam: {'  '.join(part for part in _steam(event).split(chr(9)) if part)}"
        case Fixture():
            return fixture(event, zone)
    return None


def fixture(event: Fixture, zone: tzinfo) -> str:
    """A game's news: who plays, and what changed."""
    return visible(f"{_game(event)}: {_changes(event, zone)}")


def _changes(event: Fixture, zone: tzinfo) -> str:
    changes = []
    if event.status:
        changes.append(f"{event.old_status or '?'} -> {event.status}")
    if event.old_start and event.start:
        changes.append(
            f"start {local_time.of_record(event.old_start, zone)} -> {local_time.of_record(event.start, zone)}"
        )
    return ", ".join(changes) or "updated"


def news(event: Event, zone: tzinfo = UTC) -> str | None:
    """What a record of data that is no quote says, as `-o lines` shows it: in the five columns that a quote has there.

    None for all others.
    """
    match event:
        case Fixture():
            return _columns("", _game(event), "", "", _changes(event, zone))
        case Play():
            when = _joined(event.period, event.clock)
            score = _score(event.team_a, event.score_a, event.team_b, event.score_b)
            told = event.text or event.play or event.status or ""
            return _columns(event.source, _game(event), when, told, score)
        case Result():
            when = _joined(event.status, event.period, event.clock)
            if event.player is not None:
                return _columns("", _game(event), when, _joined(event.player, event.team), event.detail)
            return _columns(
                "", _game(event), when, event.text, _score(event.home, event.home_score, event.away, event.away_score)
            )
        case Drop():
            return _drop(event)
        case MarketValue():
            return _market(event)
        case Steam():
            return _steam(event)
        case Health():
            return _columns(event.source, event.league, event.role, event.status, _silence(event))
    return None


def _drop(event: Drop) -> str:
    line = points(event.line, signed=event.kind == "spread")
    what = _joined(event.selection or event.outcome, event.side if event.player else None, line)
    old, new = (None if price is None else american(price.american) for price in (event.before, event.price))
    return _columns(event.book, _game(event), event.market, what, f"{old or '?'} -> {new or 'no price'} drop")


def _market(value: MarketValue) -> str:
    """The best price of a side and where, then what the market says of it."""
    best, was = value.best, value.was
    old = "" if was is None else american(was.american)
    new = "no price" if best is None else american(best.american)
    told = [f"best {old} -> {new}" if old and old != new else f"best {new}"]
    if value.best_books > 1:
        told.append(f"at {value.best_books} books")
    if value.hold is not None:
        told.append(f"hold {value.hold * 100:.1f}%")
    if value.fair is not None:
        told.append(f"fair {probability(value.fair)}")
    if value.edge is not None:
        told.append(f"edge {value.edge * 100:+.1f}%")
    if value.doubt is not None:
        told.append(f"doubt: {value.doubt}")
    return _columns(value.best_book, *_bet(value.of), ", ".join(told))


def _steam(steam: Steam) -> str:
    """Who moved, how far, and where the old price still is."""
    size = f"{steam.points:.1f} points " if steam.points is not None else ""
    told = f"{size}{steam.direction} at {many(steam.books, 'book')} within {lasting(steam.window_s)}"
    if steam.line_from is not None:
        told += f", line {steam.line_from:g} -> {steam.line_to:g}"
    if steam.best is not None:
        told += f"; still {american(steam.best.american)} at {steam.best_book}"
    return _columns(steam.first_book, *_bet(steam.side), f"{told} ({steam.doubt})" if steam.doubt else told)


def _bet(side: Side) -> tuple[str, str, str]:
    """The game, the market and the selection of a side."""
    game = f"{side.away} @ {side.home}" if side.home and side.away else side.game_id
    period = None if side.period in (None, "game") else side.period
    part = side.side.capitalize() if side.side in ("over", "under", "yes", "no") else ""
    name = side.selection if part.casefold() not in side.selection.casefold().split() else ""
    line = points(side.line, signed=side.kind == "spread")
    return game, _joined(period, side.market or side.kind), _joined(name, part, line)


def _silence(event: Health) -> str:
    return "" if event.silent_s is None else f"last event {lasting(event.silent_s)} ago"


def _score(a: str | None, of_a: float | None, b: str | None, of_b: float | None) -> str:
    if of_a is None and of_b is None:
        return ""
    numbers = ["?" if value is None else f"{value:g}" for value in (of_a, of_b)]
    return f"{_joined(a, numbers[0])} - {_joined(numbers[1], b)}"


def _game(event: Fixture | Play | Result | Drop) -> str:
    if event.home and event.away:
        return f"{event.away} @ {event.home}"
    # Which of the two is at home the provider does not say.
    if isinstance(event, Play) and event.team_a and event.team_b:
        return f"{event.team_a} v {event.team_b}"
    return event.game_id


def _joined(*words: str | None) -> str:
    return " ".join(word for word in words if word)


def _columns(*parts: *tuple[str | None, str | None, str | None, str | None, str | None]) -> str:
    """Book, game, market, selection, what is told: always five, so that `cut -f6` is the same of every line."""
    return "\t".join(visible(part or "") for part in parts)


def change(quote: Quote) -> str:
    """One quote as `-o lines` shows it: book, game, selection, old -> new. Fields are tab-separated."""
    what = quote.what
    teams = f"{what.away} @ {what.home}" if what.home and what.away else what.game_id
    line = points(quote.line, signed=what.kind == "spread")
    side = what.side.capitalize() if what.side and what.side.capitalize() not in what.selection else ""
    if what.kind in ("moneyline", "spread"):
        side = ""
    old = "" if quote.prev is None else american(quote.prev)
    if quote.prev_line is not None:
        # Another bet than before: each price with its own line, or the old one is taken for a price of the new line.
        old = _joined(points(quote.prev_line, signed=what.kind == "spread"), old)
    price = quote.price
    new = american(price.american) if price is not None else "no price" if quote.status == "open" else quote.status
    if quote.settlement:
        new = f"{new} {quote.settlement}"
    if quote.prev_line is not None:
        new, line = _joined(line, new), ""
    named = _joined(what.selection, side, line)
    told = f"{old} -> {new}" if old and old != new else new
    return "\t".join(visible(part) for part in (what.book, teams, what.market, named, told))


def summary(event: End, seconds: float, extra: list[str], written: str | None = None) -> str:
    """The last line on stderr. `written` stands in for the quotes where something else was."""
    parts = [written or many(event.quotes, "quote"), many(event.gaps, "gap"), *extra]
    return f"{visible(event.reason)} after {lasting(seconds)}: {', '.join(parts)}"
