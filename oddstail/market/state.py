"""The latest price of every selection at every book, ready to be looked at. Pure state: no drawing, no clock.

An odds screen shows each book's main line in one row although their points differ; which line is main the provider
says, or, where it does not, the most balanced one is taken. `apply` is on the way of every quote: what happens to a
known price there is a few assignments, and everything else is left to whoever draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import replace

from oddstail.market.connections import Link, Links
from oddstail.market.game import Cell, Game, Market, MarketKey, Row, Trust, is_gone
from oddstail.market.score import score
from oddstail.model import Batch, Fixture, Gap, Left, Lost, Opened, Quote, Selection
from oddstail.news import Play, Result
from oddstail.price import Price

#: Rows only grow by what is on offer; a bound all the same. Beyond it new rows are not shown.
MOST_ROWS = 100_000
#: Moves of a row that a sparkline can draw.
TRAIL = 16
#: Microseconds after which a price of a game in play is late, if another book has moved since.
_LATE = 60_000_000


class Board:
    """Feed it batches; read `games`, `links` and the trust in a cell. `shape` counts changes of its rows.

    By book: `books` counts what it has on the board, `priced` what of that has a price, `placed` what ever had one.
    """

    def __init__(self, *, trails: bool = False) -> None:
        self.games: dict[str, Game] = {}
        self.books: Counter[str] = Counter()
        self.priced: Counter[str] = Counter()
        self.placed: Counter[str] = Counter()
        self.links = Links()
        #: The book of each column, where several columns may be one book's (market/game_match.py).
        self.columns: Mapping[str, str] = {}
        self.hidden = 0
        self.version = 0
        self.shape = 0
        self.rows = 0
        self._trails = trails
        self._cells: dict[str, Cell] = {}

    def apply(self, batch: Batch) -> None:
        """Take what happened on one connection."""
        at = batch.recv
        link = self.links.of(batch.conn)
        cells, heard, epoch = self._cells, link.heard, link.epoch
        quotes = 0
        lag = None
        for event in batch.events:
            if type(event) is Quote:
                quotes += 1
                what = event.what
                heard[what.book] = at
                if event.ts is not None and not event.snap:
                    lag = event.ts
                cell = cells.get(what.key)
                if cell is None or event.status == "removed" or event.status == "settled":
                    self._place(link, event, at)
                    continue
                old = cell.quote
                if (
                    event.line != old.line
                    or event.main is not old.main
                    or event.live is not old.live
                    or (what is not old.what and what != old.what)
                ):
                    self._place(link, event, at)
                    continue
                cell.quote, cell.link, cell.epoch, cell.at = event, link, epoch, at
                if event.price is not old.price:
                    self._price(cell, event, old, at)
            elif self.links.note(link, event, at):
                epoch = link.epoch
                self.version += 1
                if isinstance(event, Opened | Lost | Gap):
                    self.shape += 1
            elif type(event) is Fixture:
                self._fixture(event)
            elif type(event) is Left:
                self._left(event)
            else:
                self._other(event)
        if quotes:
            self.version += 1
            self.links.seen += quotes
            if lag is not None:
                self.links.lags.append((at - lag) // 1000)

    def cells(self) -> Collection[Cell]:
        """Every price that is not withdrawn."""
        return self._cells.values()

    def still(self) -> Board:
        """The board as it stands, for who wants to look at it in peace: what comes from now on does not change it.

        Not `deepcopy`, which takes seconds over a hundred thousand prices: this takes two tenths of one. What never
        changes (quotes, prices, names) is shared.
        """
        made = copy(self)
        made.books, made.priced, made.placed = copy(self.books), copy(self.priced), copy(self.placed)
        made.links = replace(
            self.links,
            known={
                conn: replace(link, heard=dict(link.heard), ill=dict(link.ill))
                for conn, link in self.links.known.items()
            },
            lags=copy(self.links.lags),
        )
        made.games, made._cells = {}, {}
        for game in self.games.values():
            twin = made.games[game.game_id] = replace(game, markets={})
            for key, market in game.markets.items():
                twin.markets[key] = self._twin(market, twin, made)
        return made

    def _twin(self, market: Market, game: Game, made: Board) -> Market:
        """A market of a still board."""
        twin = replace(
            market,
            game=game,
            rows={},
            sides=dict(market.sides),
            flagged=dict(market.flagged),
            trails={side: list(trail) for side, trail in market.trails.items()},
        )
        for place, row in market.rows.items():
            new = twin.rows[place] = Row(twin, row.side, row.line, row.what, {}, row.live)
            for book, cell in row.cells.items():
                mine = new.cells[book] = cell.twin(new, made.links.known[cell.link.conn])
                if not is_gone(cell.quote):
                    made._cells[cell.quote.what.key] = mine
        return twin

    def trust(self, cell: Cell, silent_since: int, now: int = 0) -> Trust:
        """What a cell's price is worth; only `open` may be bet on.

        `down`: its link is dead. `stale`: it is from before a blind spot that the provider did not fill.
        `mute`: its link is up, and overdue. `silent`: its book said nothing at all since `silent_since` (microseconds
        since the epoch). `late`: its game is in play, the price was not said again for a minute, and another book has
        moved meanwhile.
        """
        quote, link = cell.quote, cell.link
        if quote.status != "open":
            return quote.status
        if link.up is False:
            return "down"
        if cell.epoch < link.fresh:
            return "stale"
        if link.mute:
            return "mute"
        if link.heard.get(quote.what.book, 0) < silent_since:
            return "silent"
        if now - cell.at > _LATE and quote.price is not None and _is_behind(cell, now):
            return "late"
        return "open" if quote.price is not None else "unpriced"

    # --- a price that is known ----------------------------------------------------------------------

    def _price(self, cell: Cell, quote: Quote, old: Quote, at: int) -> None:
        price = quote.price
        book = quote.what.book
        market = cell.row.market
        market.version += 1
        if price is None:
            self.priced[book] -= 1
            return
        if old.price is None:
            self.priced[book] += 1
        last = cell.last
        if last is None:
            cell.first, cell.first_line = price, quote.line
            self.placed[book] += 1
        elif last != price:
            self._moved(cell, last, cell.last_line, at)
        cell.last, cell.last_line = price, quote.line

    def _moved(self, cell: Cell, before: Price | None, before_line: float | None, at: int) -> None:
        """A price became another one, or the same at another line."""
        cell.before, cell.before_line, cell.moved = before, before_line, at
        row = cell.row
        row.market.game.moved = at
        if self._trails:
            self._trail(row)

    def _trail(self, row: Row) -> None:
        """The middle of what the books say of a side, each at its main line: the points, and the probability."""
        market = row.market
        lines: list[float] = []
        probs: list[float] = []
        for (side, line), other in market.rows.items():
            if side == row.side:
                for book, cell in other.cells.items():
                    if cell.quote.price is not None and market.main(book) == (True, line):
                        probs.append(cell.quote.price.prob)
                        lines.append(cell.quote.line or 0.0)
        if probs:
            middle = sorted(lines)[len(lines) // 2]
            trail = market.trails.setdefault(row.side, [])
            trail.append((middle, sum(probs) / len(probs)))
            del trail[:-TRAIL]

    # --- everything else ----------------------------------------------------------------------------

    def _place(self, link: Link, quote: Quote, at: int) -> None:
        """A new price, one whose line or identity changed, or one that is gone."""
        what = quote.what
        cell = self._cells.get(what.key)
        if quote.status in ("removed", "settled"):
            if cell is not None:
                self._gone(cell, quote)
            return
        market, side, line = self._where(quote)
        if cell is not None and quote.line is None and quote.price is None:
            # A suspension that does not repeat the line is of the line that there was.
            market, side, line = cell.row.market, cell.row.side, cell.row.line
        row = market.rows.get((side, line))
        if row is not None and self._taken(row, what):
            # Two prices of one book for what looks like one selection: neither may hide the other.
            market, side, line = self._where(quote, apart=True)
            row = market.rows.get((side, line))
            if row is not None and self._taken(row, what):
                market, side, line = self._where(quote, apart=True, key=what.key)
                row = market.rows.get((side, line))
        if row is None:
            if self.rows >= MOST_ROWS:
                self.hidden += 1
                if cell is not None:
                    self._gone(cell, quote)
                return
            row = self._row(market, side, line, what)
        self._learn(market.game, what)
        heir = self._heir(market, side, line, quote)
        if cell is None:
            cell = self._cells[what.key] = Cell(quote, link, link.epoch, row)
            self.books[what.book] += 1
        elif cell.row is not row:
            self._leave(cell)
        had = cell.quote.price is not None and cell.last is not None
        row.live += what.book not in row.cells or is_gone(row.cells[what.book].quote)
        cell.quote, cell.link, cell.epoch, cell.row, cell.at = quote, link, link.epoch, row, at
        row.cells[what.book] = cell
        price = quote.price
        self.priced[what.book] += (price is not None) - had
        if heir is not None:
            cell.first, cell.first_line, cell.last, cell.last_line = (
                heir.first, heir.first_line, heir.last, heir.last_line,
            )  # fmt: skip
        if price is not None:
            if cell.last is None:
                cell.first, cell.first_line = price, quote.line
                self.placed[what.book] += 1
            elif price != cell.last or quote.line != cell.last_line:
                self._moved(cell, cell.last, cell.last_line, at)
            cell.last, cell.last_line = price, quote.line
        market.version += 1
        if quote.main:
            market.flagged[what.book] = line
        elif quote.main is False and market.flagged.get(what.book, ...) == line:
            del market.flagged[what.book]
        if quote.live is not None:
            market.game.live = quote.live

    def _learn(self, game: Game, what: Selection) -> None:
        """Some providers name the teams and the start late, or move it without saying so."""
        if (what.start and what.start != game.start) or (what.home and not game.home) or (what.away and not game.away):
            game.home, game.away = game.home or what.home, game.away or what.away
            game.start = what.start or game.start
            self.shape += 1

    def _taken(self, row: Row, what: Selection) -> bool:
        there = row.cells.get(what.book)
        return there is not None and there.quote.what.key != what.key and not is_gone(there.quote)

    def _heir(self, market: Market, side: str, line: float | None, quote: Quote) -> Cell | None:
        """The cell that stood in the main row until now, if a book's main line moved on to another price."""
        if not quote.main or market.flagged.get(quote.what.book, line) == line:
            return None
        row = market.rows.get((side, market.flagged[quote.what.book]))
        cell = row.cells.get(quote.what.book) if row is not None else None
        return cell if cell is not None and cell.quote.what.key != quote.what.key and cell.last is not None else None

    def _row(self, market: Market, side: str, line: float | None, what: Selection) -> Row:
        game = market.game
        if not market.rows:
            self.games[game.game_id] = game
            game.markets[market.key] = market
        self.rows += 1
        self.shape += 1
        row = market.rows[side, line] = Row(market, side, line, what)
        market.sides.setdefault(side, what)
        return row

    def _gone(self, cell: Cell, quote: Quote) -> None:
        """A price that is withdrawn for good: it stays as a word as long as another book still has this row."""
        what = cell.quote.what
        del self._cells[what.key]
        self.books[what.book] -= 1
        if cell.quote.price is not None:
            self.priced[what.book] -= 1
        cell.quote = quote
        self._leave(cell, stay=True)

    def _left(self, event: Left) -> None:
        """A price that nobody asked for any more: not a word of it stays."""
        cell = self._cells.pop(event.key, None)
        if cell is not None:
            self.version += 1
            self.books[cell.quote.what.book] -= 1
            self.priced[cell.quote.what.book] -= cell.quote.price is not None
            self._leave(cell)

    def _leave(self, cell: Cell, *, stay: bool = False) -> None:
        row, book = cell.row, cell.quote.what.book
        market = row.market
        market.version += 1
        row.live -= 1
        if not stay:
            del row.cells[book]
        if market.flagged.get(book, ...) == row.line and not any(
            line == row.line and book in other.cells and not is_gone(other.cells[book].quote)
            for (_, line), other in market.rows.items()
        ):
            del market.flagged[book]
        if row.live > 0:
            return
        del market.rows[row.side, row.line]
        self.rows -= 1
        self.shape += 1
        if not any(side == row.side for side, _ in market.rows):
            market.sides.pop(row.side, None)
        if not market.rows:
            market.game.markets.pop(market.key, None)
            if not market.game.markets:
                self.games.pop(market.game.game_id, None)

    def _fixture(self, event: Fixture) -> None:
        game = self.games.get(event.game_id)
        if game is not None:
            game.home, game.away = event.home or game.home, event.away or game.away
            game.start, game.status = event.start or game.start, event.status or game.status
            self.version += 1
            self.shape += 1

    def _other(self, event: object) -> None:
        """A score is shown; anything else that has no price is counted, and is for other outputs."""
        self.links.others += 1
        self.version += 1
        if isinstance(event, Result | Play) and (game := self.games.get(event.game_id)) is not None:
            told = score(event)
            if told:
                game.score = told

    def _where(self, quote: Quote, *, apart: bool = False, key: str = "") -> tuple[Market, str, float | None]:
        """The market, the side and the line that a quote belongs to; a market that is new is not yet among them."""
        what = quote.what
        market_key, side = _identity(what)
        if apart:
            market_key = market_key._replace(name=f"{what.market} {key}".rstrip())
        game = self.games.get(what.game_id)
        if game is None:
            game = Game(what.game_id, what.league or "", what.home, what.away, what.start)
        market = game.markets.get(market_key)
        if market is None:
            market = Market(game, market_key, anchor=side)
        line = None if what.kind == "moneyline" or quote.line is None else quote.line + 0.0
        if line and what.kind == "spread" and side != market.anchor:
            line = -line  # both sides of one spread stand together
        return market, side, line


def _identity(what: Selection) -> tuple[MarketKey, str]:
    """The market and the side. Spreads and totals are named as each book likes; other names tell bets apart."""
    kind, period, side = what.kind, what.period or "", what.side or ""
    match kind:
        case "moneyline":
            return MarketKey(kind, period, what.market, ""), what.selection
        case "spread":
            return MarketKey(kind, period, _counted(what), ""), what.selection
        case "total":
            return MarketKey(kind, period, _counted(what), ""), side or what.selection
        case "team_total":
            return MarketKey(kind, period, _counted(what), what.selection), side
        case "prop":
            subject = what.player or ("" if what.selection.casefold() == side else what.selection)
            return MarketKey(kind, period, what.market, subject), side or (what.selection if what.player else "")
    if side in ("over", "under", "yes", "no") and what.selection.casefold() != side:
        # A player's or a team's, where only the selection says whose: each has both sides to himself.
        return MarketKey(kind, period, what.market, what.selection), side
    return MarketKey(kind, period, what.market, ""), f"{what.selection} {side}".rstrip()


#: What scores are counted in: of one game, books that name it and books that do not mean the same.
_SCORES = frozenset({"points", "goals", "runs", "games", "rounds"})


def _counted(what: Selection) -> str:
    """What tells two bets of one kind apart: a total of sets from one of games, three ways from two."""
    stat = "" if what.stat is None or what.stat in _SCORES else what.stat
    return f"{stat} 3-way".lstrip() if what.ways == 3 else stat


def _is_behind(cell: Cell, now: int) -> bool:
    """Whether the game is in play and another book's price of this market moved after this one was last said."""
    market, book = cell.row.market, cell.quote.what.book
    return market.game.in_play(now) and any(
        other.moved > cell.at and name != book for row in market.rows.values() for name, other in row.cells.items()
    )
