"""Steam: several books that move one bet the same way within a short time. Pure, and by the providers' times alone.

Of each book and side it is known what its main line was worth without the margin, and when. A book's *step* is its net
change within the window at a line that stayed; a line that moved in the side's favour is a step without a size.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from oddstail import margin
from oddstail.market import consensus
from oddstail.market.books import identity
from oddstail.market.game import Cell, Game, Market
from oddstail.market.records import Settings, side_of_line
from oddstail.market.state import Board
from oddstail.model import Batch, Fixture, Gap, Opened, Play, Quote, Result, Steam, is_pause
from oddstail.words import bare

_SECOND = 1_000_000
#: Seconds after a score, a period or a change of status in which a move is no news: everybody reprices.
_AFTER_SCORE = 10 * _SECOND
#: Microseconds by which the laggards' best price may be older than the last step.
_APART = 20 * _SECOND
_RULE = re.compile(r"\s*(books|points|within)\s*>?=\s*([\d.]+)\s*(ms|s|m|h)?\s*")
_UNITS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class SteamRule:
    """At least `books` books by at least `points` probability points within `within` seconds; silent for `cooldown`."""

    books: int = 3
    points: float = 1.5
    within: float = 60.0
    cooldown: float = 60.0


def steam_rule(text: str, cooldown: float = 60.0) -> SteamRule:
    """The rule that a text is: `books>=3, points>=1.5, within=60s`. ValueError in words for people."""
    found: dict[str, float] = {}
    for part in text.split(","):
        matched = _RULE.fullmatch(part)
        if matched is None or matched[1] in found or (matched[3] and matched[1] != "within"):
            raise ValueError(f"{part.strip()!r} is not a condition; use 'books>=3, points>=1.5, within=60s'")
        found[matched[1]] = float(matched[2]) * _UNITS[matched[3]]
    books, points, within = found.get("books", 3.0), found.get("points", 1.5), found.get("within", 60.0)
    if books < 1 or books != int(books):
        raise ValueError("books is a whole number of books, at least 1; use books>=3")
    if not 0 < points < 100:
        raise ValueError("points are probability points, above 0 and below 100; use points>=1.5")
    if not 0 < within <= 86_400:
        raise ValueError("within is a time up to a day; use within=60s")
    return SteamRule(books=int(books), points=points, within=within, cooldown=cooldown)


class _Point(NamedTuple):
    """What a side was worth at a book: when by the provider's clock, at which line (as the side counts it).

    `book` is the column that said so: books that copy one another share a track.
    """

    at: int
    line: float | None
    prob: float
    book: str


class _Step(NamedTuple):
    """A book's net change. `points` None: its line moved. `sign`: 1 towards a higher probability."""

    book: str
    sign: int
    points: float | None
    before: _Point
    after: _Point
    first: _Point


@dataclass(slots=True)
class _Track:
    """A book's values at one side, and whether the next one only begins them."""

    points: deque[_Point] = field(default_factory=deque)
    broken: bool = True


@dataclass(slots=True)
class _Fired:
    at: int
    sign: int
    size: float


class SteamWatch:
    """Call `after` with each batch that the board has applied."""

    def __init__(self, board: Board, rule: SteamRule, same: Sequence[Sequence[str]], settings: Settings) -> None:
        self._board = board
        self._rule = rule
        self._window = round(rule.within * _SECOND)
        self._settings = settings
        self._same = {identity(book): identity(books[0]) for books in same for book in books}
        self._tracks: dict[tuple[Market, str], dict[str, _Track]] = {}
        self._fired: dict[tuple[Market, str], _Fired] = {}
        self._changed: dict[str, tuple[int, object]] = {}
        self._gaps: dict[int, int] = {}
        self._swept = 0

    def after(self, batch: Batch) -> list[Steam]:
        """The steam that a batch completes."""
        now = batch.recv
        moved: dict[tuple[Market, str], int] = {}
        for event in batch.events:
            if type(event) is Quote:
                self._quote(event, batch, moved)
            elif isinstance(event, Fixture | Result | Play):
                self._news(event, now)
            elif isinstance(event, Gap | Opened) or is_pause(event):
                if not isinstance(event, Opened):
                    self._gaps[batch.conn] = now
                self._break(batch.conn)
        out = []
        for place, at in moved.items():
            if (steam := self._steam(*place, at, now)) is not None:
                out.append(steam)
        if now - self._swept > self._window * 4 or now < self._swept:
            self._sweep(now)
        return out

    # --- steps --------------------------------------------------------------------------------------

    def _identity(self, column: str) -> str:
        """Whose price it is: one book for all providers, and for all books that copy it."""
        book = self._settings.books.get(column) or bare(column)
        return self._same.get(book, book)

    def _quote(self, quote: Quote, batch: Batch, moved: dict[tuple[Market, str], int]) -> None:
        cell = self._board.by_key.get(quote.what.key)
        if cell is None:
            self._closed(quote)
            return
        market, book = cell.row.market, quote.what.book
        has, line = market.main(book)
        closes = quote.status != "open"
        if not has or (line != cell.row.line and not closes):
            return
        identity = self._identity(book)
        if cell.apart or self._is_degraded(cell):
            return
        sides = market.books[book][line]
        fair = _fair(market, sides, self._settings.devig)
        # Off offer: at every line, or at this one for a moment within the batch. What comes then is a first price.
        if fair is None or (closes and cell.quote.status == "open"):
            for side in market.sides:
                self._track(market, side, identity).broken = True
            return
        if line != cell.row.line:
            return
        at = max(one.time for one in sides.values())
        quiet = self._is_quiet(market.game, at, batch.recv)
        for side, prob in fair.items():
            track = self._track(market, side, identity)
            own = sides[side].quote.line
            if track.points and at < track.points[-1].at:
                continue  # a second provider's older word on the same book
            if track.points and (prob, own) == (track.points[-1].prob, track.points[-1].line):
                track.broken = track.broken and quote.snap
                continue
            if track.broken or quote.snap or quiet:
                track.points.clear()
                track.broken = False
            track.points.append(_Point(at, own, prob, book))
            if len(track.points) > 1:
                moved[market, side] = at

    def _closed(self, quote: Quote) -> None:
        """A price is gone: what comes after it is a first price."""
        for (market, _), tracks in self._tracks.items():
            if market.game.game_id == quote.what.game_id:
                track = tracks.get(self._identity(quote.what.book))
                if track is not None and quote.what.book not in market.books:
                    track.broken = True

    def _track(self, market: Market, side: str, identity: str) -> _Track:
        return self._tracks.setdefault((market, side), {}).setdefault(identity, _Track())

    def _break(self, conn: int) -> None:
        """Whatever a connection that was away says next is no step: it may have moved long before."""
        for (market, _), tracks in self._tracks.items():
            for book, lines in market.books.items():
                if any(cell.link.conn == conn for sides in lines.values() for cell in sides.values()):
                    track = tracks.get(self._identity(book))
                    if track is not None:
                        track.broken = True

    def _is_degraded(self, cell: Cell) -> bool:
        book = cell.quote.what.book
        return book in cell.link.ill or self._settings.names.get(book, book) in cell.link.ill

    def _news(self, event: Fixture | Result | Play, now: int) -> None:
        """A score, a period or a status that is another one now."""
        if isinstance(event, Fixture):
            mark: object = (event.status,) if event.status else None
        elif isinstance(event, Result):
            mark = None if event.player else (event.home_score, event.away_score, event.period, event.status)
        else:
            mark = (event.score_a, event.score_b, event.period, event.status)
        if mark is None:
            return
        key = f"{type(event).__name__} {event.game_id}"
        before = self._changed.get(key)
        if before is None or before[1] != mark:
            self._changed[key] = now if before is not None or isinstance(event, Fixture) else 0, mark

    def _is_quiet(self, game: Game, at: int, now: int) -> bool:
        for kind in ("Fixture", "Result", "Play"):
            changed = self._changed.get(f"{kind} {game.game_id}")
            if changed is not None and changed[0] and 0 <= now - changed[0] < _AFTER_SCORE:
                return True
        return False

    # --- steam --------------------------------------------------------------------------------------

    def _steps(self, market: Market, side: str, at: int) -> list[_Step]:
        out = []
        for book, track in self._tracks[market, side].items():
            points = track.points
            # The value that stood when the window began stays, as what is moved away from.
            while len(points) > 1 and points[1].at <= at - self._window:
                points.popleft()
            if len(points) < 2:
                continue
            before, after = points[0], points[-1]
            if after.at <= at - self._window:
                continue
            first = next(point for point in list(points)[1:] if point != before)
            if before.line == after.line:
                change = (after.prob - before.prob) * 100
                if change:
                    out.append(_Step(book, 1 if change > 0 else -1, abs(change), before, after, first))
            elif before.line is not None and after.line is not None:
                out.append(_Step(book, _favour(market, side, before.line, after.line), None, before, after, first))
        return out

    def _steam(self, market: Market, side: str, at: int, now: int) -> Steam | None:
        rule = self._rule
        steps = self._steps(market, side, at)
        for sign in (1, -1):
            large = [
                step for step in steps if step.sign == sign and (step.points is None or step.points >= rule.points)
            ]
            against = [step for step in steps if step.sign == -sign and (step.points or rule.points) >= rule.points / 2]
            if len(large) < rule.books or against:
                continue
            sized = [step.points for step in large if step.points is not None]
            size = sum(sized) / len(sized) if sized else 0.0
            fired = self._fired.get((market, side))
            if (
                fired is not None
                and fired.sign == sign
                and 0 <= now - fired.at < rule.cooldown * _SECOND
                and not (size and size >= 2 * fired.size)
            ):
                continue
            self._fired[market, side] = _Fired(now, sign, size)
            return self._made(market, side, sign, large, size if sized else None, now)
        return None

    def _made(
        self, market: Market, side: str, sign: int, steps: list[_Step], points: float | None, now: int
    ) -> Steam | None:
        tracks = self._tracks[market, side]
        first = min((step.first for step in steps), key=lambda point: (point.at, point.book))
        last = max(step.after.at for step in steps)
        sized = [step for step in steps if step.points is not None] or steps
        to_prob = sum(step.after.prob for step in sized) / len(sized)
        from_prob = sum(step.before.prob for step in sized) / len(sized)
        common = [step.after.line for step in steps]
        # The line where most of them are now; of several the same one for both sides.
        own_line = max(set(common), key=lambda one: (common.count(one), _counted(market, side, one) or 0.0))
        lines = [step for step in steps if step.before.line != step.after.line and step.after.line == own_line]
        moved = {step.book for step in steps}
        lagging = self._laggards(market, side, own_line, moved, now)
        best = max(lagging.values(), key=consensus.pays, default=None)
        price = None if best is None else best.quote.price
        doubt = []
        if any(0 <= now - at < self._window for at in self._gaps.values()):
            doubt.append("gap")
        if len(tracks) < 2 * self._rule.books:
            doubt.append("few")
        if best is not None and last - best.time > max(_APART, self._window):
            doubt.append("apart")
        at = market.lines.get(_counted(market, side, own_line)) or next(iter(market.lines.values()), None)
        if at is None or side not in market.sides:
            return None
        return Steam(
            side=side_of_line(at, side, self._settings),
            direction="shorter" if sign > 0 else "longer",
            from_prob=round(from_prob, 6),
            to_prob=round(to_prob, 6),
            points=None if points is None else round(points, 4),
            books=len(steps),
            of=len(tracks),
            first_book=self._settings.names.get(first.book, first.book),
            first_ts=first.at,
            last_ts=last,
            window_s=self._rule.within,
            line_from=lines[0].before.line if lines else None,
            line_to=lines[0].after.line if lines else None,
            lag_books=",".join(sorted(self._settings.names.get(book, book) for book in lagging)) or None,
            best_key=None if best is None else self._settings.plain(best.quote.what.key),
            best=price,
            best_book=None if best is None else self._settings.names.get(best.quote.what.book, best.quote.what.book),
            edge=None if price is None or points is None else round((1 + price.winnings) * to_prob - 1, 6),
            doubt=",".join(doubt) or None,
        )

    def _laggards(self, market: Market, side: str, line: float | None, moved: set[str], now: int) -> dict[str, Cell]:
        """The books that are open at the line where the others are, have not moved, and are not in doubt."""
        trust = self._board.judge(now - round(self._settings.stale_after * _SECOND), now, mute=False)
        found = {}
        for book, lines in market.books.items():
            cell = lines.get(_counted(market, side, line), {}).get(side)
            if cell is None or self._identity(book) in moved or self._is_degraded(cell) or cell.epoch < cell.link.epoch:
                continue
            if trust(cell) == "open":
                found[book] = cell
        return found

    def _sweep(self, now: int) -> None:
        """Forget the markets that are gone."""
        self._swept = now
        for place in [place for place in self._tracks if not place[0].rows]:
            del self._tracks[place]
            self._fired.pop(place, None)


def _fair(market: Market, sides: dict[str, Cell], devig: str) -> dict[str, float] | None:
    """What a book's own line is worth without its margin; None where an outcome is missing or not on offer."""
    outcomes = consensus.outcomes(market)
    prices = [
        sides[side].quote.price if side in sides and sides[side].quote.status == "open" else None for side in outcomes
    ]
    raw = [price.chance for price in prices if price is not None]
    if not outcomes or len(raw) < len(outcomes) or sum(raw) < consensus.WHOLE:
        return None
    return dict(zip(outcomes, margin.METHODS[devig](raw), strict=True))


def _favour(market: Market, side: str, before: float, after: float) -> int:
    """Which way a line moved for a side: 1 if the side is now taken to be likelier than it was."""
    up = after > before
    if market.key.kind == "spread":
        return -1 if up else 1
    return 1 if up == (side in ("over", "yes")) else -1


def _counted(market: Market, side: str, line: float | None) -> float | None:
    """A side's own line as the market counts it."""
    return -line if line and market.key.kind == "spread" and side != market.anchor else line
