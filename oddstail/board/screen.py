"""The body of the odds screen and of the ladder: a band for each game, a line for each selection. Draws what fits."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from oddstail import local_time, words
from oddstail.board import cells as _cells
from oddstail.board.cells import Parts, Shown, fit, right
from oddstail.board.columns import Columns, tags
from oddstail.board.order import LABELS, Item, sides
from oddstail.board.theme import OLD, PIN, Theme
from oddstail.board.view import View
from oddstail.market import consensus as _value
from oddstail.market.consensus import Terms, Value
from oddstail.market.game import Cell, Game, Market, moment
from oddstail.market.state import Board
from oddstail.model import Selection
from oddstail.text import visible

_SECOND = 1_000_000
#: Letters by which a book is still known.
_LEAST_NAME = 4
_DAY = 86_400 * _SECOND
_MAIN = Style(underline=True)
#: Cells of the label of a half or a quarter where there is little room: `1H Spr` and a blank.
_PART_TAG = 7
_PERIODS = {
    "1h": "1st half", "2h": "2nd half", "f5": "first 5",
    **{f"q{n}": f"{word} qtr" for n, word in enumerate(("1st", "2nd", "3rd", "4th"), 1)},
    **{f"p{n}": f"{word} per" for n, word in enumerate(("1st", "2nd", "3rd"), 1)},
    **{f"s{n}": f"set {n}" for n in range(1, 6)},
    "i1": "1st inning",
}  # fmt: skip


class Scene(NamedTuple):
    """What a body is drawn with."""

    board: Board
    view: View
    theme: Theme
    terms: Terms
    moment: int
    zone: tzinfo
    width: int


class Body:
    """Draws lines one after the other and keeps what two of them share: the worth of their market."""

    def __init__(self, scene: Scene, columns: Columns) -> None:
        self._scene = scene
        self._columns = columns
        self._shown = Shown(scene.theme, scene.view.odds, scene.moment, scene.view.cleared, scene.view.opener)
        self._market: tuple[Market | None, bool, float | None] = (None, False, None)
        self._value = Value()
        self._mains: dict[str, dict[str, Cell]] = {}
        self._tags: dict[int, dict[str, str]] = {}
        #: Of the markets that were drawn: how many books do not count, by reason.
        self.out: dict[str, set[str]] = {}

    def line(self, item: Item) -> Parts:
        """One line of the body, exactly as wide as the scene."""
        if item.market is None:
            return self._player(item) if item.player else self._band(item.game, item.ident)
        return self._row(item, item.market)

    # --- a game's band ------------------------------------------------------------------------------

    def _band(self, game: Game, ident: object) -> Parts:
        theme, width = self._scene.theme, self._scene.width
        pin = f"{PIN} " if game.game_id in self._scene.view.pinned else ""
        league = visible(game.league.replace("_", " ").upper() if game.league.islower() else game.league, 24)
        title = visible(game.title)
        status = visible(game.score or game.status or ("live" if game.live else ""), 32)
        begins, now = moment(game.start or ""), self._scene.moment
        if begins is not None and 0 <= now - begins < _DAY and not (game.live or game.score or game.status == "live"):
            # Nobody said that it is live, and a bare clock time would look as if it was still to come.
            minutes = (now - begins) // (60 * _SECOND)
            when = f"started {f'{minutes}m' if minutes < 120 else ago(now - begins)} ago"
        else:
            when = starts(game, self._scene.zone, now)
            if (game.live or game.score) and begins is not None and begins <= now:
                # A bare time beside `live` would look like a clock.
                when = f"since {when}"
        down = self._down(game)
        tail: Parts = []
        if status:
            lively = (game.live or status == "live") and not down
            tail.append((f" {status} ", theme.band + (theme.good if lively else theme.tag)))
        if when:
            tail.append((f" {when} ", theme.band_dim))
        if down:
            tail = [(f" {OLD} {down} ", theme.band + theme.bad), *tail]
        room = width - sum(cell_len(text) for text, _ in tail)
        name = f" {pin}{title}  "
        if self._is_cursor(ident):
            name = f"▸{name[1:]}"
        head = fit(name, min(room, cell_len(name)))
        return [
            (head, theme.band),
            (fit(league, max(0, room - cell_len(head))), theme.band_dim),
            *[(fit(text, max(0, width - room)) if room <= 0 else text, style) for text, style in tail],
        ]

    def _down(self, game: Game) -> str:
        """Whether the links that fed this game are dead, and since when."""
        links = {
            cell.link.conn: cell.link
            for market in game.markets.values()
            for row in market.rows.values()
            for cell in row.cells.values()
        }
        dead = [link for link in links.values() if link.up is False]
        if not dead:
            return ""
        link = max(dead, key=lambda link: link.since)
        what = "link down" if len(dead) == len(links) else f"{len(dead)} of {len(links)} links down"
        return f"{what} {ago(self._scene.moment - link.since)}"

    def _player(self, item: Item) -> Parts:
        theme = self._scene.theme
        mark = "▸" if self._is_cursor(item.ident) else " "
        return [(fit(f"{mark} {visible(item.player)}", self._scene.width), theme.text + Style(bold=True))]

    def _is_cursor(self, ident: object) -> bool:
        return self._scene.view.cursor is not None and ident == self._scene.view.cursor

    # --- a selection --------------------------------------------------------------------------------

    def _row(self, item: Item, market: Market) -> Parts:
        scene, columns = self._scene, self._columns
        key = (market, item.main, item.line)
        if key != self._market:
            self._market = key
            if item.main:
                self._value = _value.of_market(market, scene.terms)
                self._mains = _value.shown(market, self._value.line)
            else:
                self._mains = _value.at_line(market, item.line)
                self._value = _value.of_line(market, item.line, scene.terms)
            for book, why in self._value.out.items():
                if why != "twice":
                    self.out.setdefault(why, set()).add(book)
        value, theme = self._value, scene.theme
        best = value.best.get(item.side)
        parts: Parts = [*self._label(item, market)]
        for book in columns.books:
            cell = self._mains.get(book, {}).get(item.side)
            parts += self._cell(
                item, market, book, cell, best is not None and value.compared > 1 and book in best.books
            )
        room = scene.width - columns.label - len(columns.books) * columns.cell
        if columns.best:
            room -= columns.best + 1 + columns.hold + columns.fair + columns.spark
            parts += [("│", theme.rule), *self._best(item, best, columns.best)]
        if columns.hold:
            parts += right([self._hold(item, market, value)], columns.hold)
        if columns.fair:
            parts += right([self._fair(item, value)], columns.fair)
        if columns.spark:
            trail = market.trails.get(item.side, []) if item.main else []
            bars = _cells.spark(trail, columns.spark - 2) if len(trail) > 1 else ""
            parts += right([(bars, theme.dim)], columns.spark)
        return [*parts, (" " * room, theme.text)] if room > 0 else parts

    def _label(self, item: Item, market: Market) -> Parts:
        theme, columns = self._scene.theme, self._columns
        what = market.sides.get(item.side)
        mark = "▸" if self._is_cursor(item.ident) else " "
        name_style = theme.title if mark == "▸" else theme.text
        long = columns.tag > 5
        name = side_name(what, item.side, market, long=long) if what is not None else item.side
        line = ""
        if not item.main and item.line is not None and what is not None:
            line = f" {_cells.points(own_line(market, item), signed=what.kind == 'spread')} "
        part = "" if market.key.period == "game" else market.key.period
        # A half without its market would look like another one of the same half; without its name, like the whole game.
        wide = max(columns.tag, _PART_TAG if columns.tag else cell_len(part) + 1) if part else columns.tag
        # Where the name tells the market of a player's, too, its first letters before it would be noise.
        tells = not long and market.key.subject and market.key.kind != "team_total"
        tag = fit(tag_of(market, wide - 1) if item.first and not tells else "", wide) if wide else ""
        rest = columns.label - cell_len(tag) - 1
        # Of a long name, its side and its line, it is the name that is cut.
        name = short_of(visible(name), (what.side or "") if what is not None else "", max(0, rest - cell_len(line)))
        return [(mark, name_style), (tag, theme.tag), (fit(name + line, rest), name_style)]

    def _cell(self, item: Item, market: Market, book: str, cell: Cell | None, best: bool) -> Parts:
        width, theme = self._columns.cell, self._scene.theme
        if self._scene.view.holds:
            held = self._value.holds.get(book)
            return right(
                [("" if held is None or not item.first else percent(held), theme.text), (" ", theme.text)], width
            )
        if cell is None:
            return [(" " * width, theme.text)]
        trust = self._scene.terms.trust(cell)
        line = item.main and market.key.kind != "moneyline"
        parts = _cells.cell(cell, trust, self._shown, width, line=line, best=best)
        if not item.main and item.line is not None and trust == "open" and market.main(book) == (True, item.line):
            # Among its other lines, a book's main one.
            parts = [(text, style + _MAIN if text.strip() else style) for text, style in parts]
        return parts

    def _best(self, item: Item, best: _value.Best | None, width: int) -> Parts:
        theme = self._scene.theme
        if best is None or best.cell.quote.price is None:
            return [(" " * width, theme.text)]
        quote = best.cell.quote
        assert quote.price is not None
        line = _cells.points(quote.line, signed=quote.what.kind == "spread") if item.main else ""
        price = f"{line} {words.odds(quote.price, self._scene.view.odds)}".strip()
        more = f"+{len(best.books) - 1}" if len(best.books) > 1 else ""
        size = max(0, width - cell_len(price) - 2)
        size -= size > _LEAST_NAME  # A blank after the rule, unless the name needs it.
        if size - len(more) < _LEAST_NAME:
            more = ""
        whose = self._whose(best.books[0], max(1, size - len(more))) + more
        good = self._value.fair.get(item.side, 1.0) > 1 / quote.price.decimal
        style = theme.best + theme.good if good else theme.best
        # The price is never cut, and a blank keeps the name from the hold.
        return right([(price, style), (f" {fit(whose, size)}" if size else "", theme.dim), (" ", theme.text)], width)

    def _whose(self, book: str, width: int) -> str:
        """A book's name in at most so many cells, told apart from every other one."""
        names = self._tags.get(width)
        if names is None:
            names = self._tags[width] = tags(sorted(self._scene.board.books), width)
        name = visible(names.get(book, book))
        return set_cell_size(name, min(cell_len(name), width))

    def _hold(self, item: Item, market: Market, value: Value) -> tuple[str, Style]:
        """The hold of the best prices on the first line of a market, how many books are left out on the second."""
        theme = self._scene.theme
        if item.first:
            if value.hold is None:
                return "", theme.dim
            if value.doubtful:
                return f"{value.hold * 100:.{0 if value.hold < _value.TOO_GOOD else 1}f}%?", theme.stale
            told = percent(value.hold)
            return told, theme.title if told.startswith("-") else theme.text
        out = [why for why in value.out.values() if why != "twice"]
        if out and sides(item.game, market)[1:2] == [item.side]:
            mild = set(out) <= {"line", "unpriced"}
            return f"{len(out)} out", theme.rule if mild else theme.suspended
        return "", theme.dim

    def _fair(self, item: Item, value: Value) -> tuple[str, Style]:
        fair, theme = value.fair.get(item.side), self._scene.theme
        if fair is None:
            return "", theme.dim
        if value.doubtful:
            # A mean of prices of two moments is fair of neither.
            return "?", theme.stale
        return _cells.fair(fair, self._scene.view.odds), theme.text


def tag_of(market: Market, width: int) -> str:
    """What kind of bet, as fits: `1st half spread`, `1H Spread`, `1H Spr`, `1H`; else the provider's word for it."""
    kind, period, name, _, ways = market.key
    told = _told(name)
    long, short = LABELS.get(kind, (told, told))
    if kind == "moneyline" and ways == 3:
        long, short = "3-way", "3W"
    if kind in ("spread", "total") and name:
        long = told
    if period in ("game", ""):
        tries = [long, short]
    else:
        part = period.upper()
        tries = [f"{_PERIODS.get(period, period)} {long.lower()}", f"{part} {long}", f"{part} {short}", part]
    return next((text for text in tries if cell_len(text) <= width), tries[-1])


def _told(name: str) -> str:
    return visible(name.replace("_", " ").removeprefix("player ").removeprefix("Player "))


def side_name(what: Selection, side: str, market: Market, *, long: bool = True) -> str:
    """What a selection is called beside its tag and line."""
    kind = what.kind
    role = what.side.capitalize() if what.side else ""
    if kind in ("moneyline", "spread"):
        return what.selection
    if kind == "total":
        return role or what.selection
    if market.key.subject and kind != "team_total":
        told = role or (what.selection if what.player else side or what.selection)
        return told if long else f"{_told(market.key.name)} {told}"
    if role and role.casefold() not in what.selection.casefold().split():
        return f"{what.selection} {role}"
    return what.selection


def short_of(name: str, side: str, width: int) -> str:
    """A name in at most so many cells; its `Over` or `Under` is kept, as `O` or `U` where it must be."""
    end = f" {side.capitalize()}"
    if cell_len(name) <= width or not side or not name.endswith(end):
        return fit(name, min(width, cell_len(name)))
    kept = end if width >= 2 * len(end) else end[:2]
    return fit(name[: -len(end)], max(0, width - len(kept))) + kept if width > len(kept) else fit(kept.strip(), width)


def own_line(market: Market, item: Item) -> float | None:
    """A line as its side counts it."""
    if item.line is None or market.key.kind != "spread":
        return item.line
    return item.line if item.side == market.anchor else -item.line


def starts(game: Game, zone: tzinfo, now: int) -> str:
    """When a game starts, in the user's zone: `19:30`, or with the day if it is not today."""
    if not game.start:
        return ""
    try:
        start = datetime.fromisoformat(game.start).astimezone(zone)
    except (ValueError, OverflowError):
        return visible(game.start, 16)
    today = local_time.at(now, zone).date()
    return f"{start:%H:%M}" if start.date() == today else f"{start:%a %d %b %H:%M}"


def ago(micros: int) -> str:
    """How long ago, in three cells: `0s`, `59s`, `12m`, `3h`, `9d`."""
    seconds = max(0, micros) // _SECOND
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m"
    return f"{seconds // 3600}h" if seconds < 86_400 else f"{seconds // 86_400}d"


def percent(share: float) -> str:
    """A share in percent with one decimal; what rounds to nothing has no sign."""
    return f"{round(share * 100, 1) + 0.0:.1f}%"
