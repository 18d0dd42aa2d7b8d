"""The latest price of every selection at every book. Pure state: no drawing, no clock.

The screen, the market records, alerts and steam all read it. `apply` is on the way of every quote: what happens to a
known price there is a few assignments, and everything else is left to whoever looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from oddstail.market.books import is_lay, is_pickem
from oddstail.market.connections import Link, Links
from oddstail.market.game import Cell, Game, Line, Market, Row, Trust, is_gone
from oddstail.market.identity import HAVE_LINES, anchor_of, line_of, place, side_of, turned
from oddstail.market.score import score
from oddstail.model import Batch, Fixture, Gap, Health, Left, Lost, Opened, Quote, Selection, is_pause
from oddstail.news import Play, Result
from oddstail.price import Price

#: Rows only grow by what is on offer; a bound all the same. Beyond it new rows are not shown.
MOST_ROWS = 100_000
#: Moves of a row that a sparkline can draw.
TRAIL = 16
#: Microseconds after which a price of a game in play is late, if another book has moved since.
LATE = 60_000_000


class Board:
    """Feed it batches; read `games`, `links` and the trust in a cell. `shape` counts changes of its rows.

    By book: `books` counts what it has on the board, `priced` what of that has a price, `placed` what ever had one.
    `touched` collects the lines on which anything happened, each with whether all of that came from a snapshot; None
    where nobody wants them.
    """

    def __init__(self, *, trails: bool = False) -> None:
        self.games: dict[str, Game] = {}
        self.books: Counter[str] = Counter()
        self.priced: Counter[str] = Counter()
        self.placed: Counter[str] = Counter()
        self.links = Links()
        #: The book of each column, where several columns may be one book's (market/game_match.py).
        self.columns: Mapping[str, str] = {}
        #: Whether a filter may hide an outcome.
        self.filtered = False
        self.hidden = 0
        self.version = 0
        self.shape = 0
        self.rows = 0
        self.touched: dict[Line, bool] | None = None
        self._trails = trails
        #: Every price that is not withdrawn, by the key of its selection.
        self.by_key: dict[str, Cell] = {}
        #: By market, side, line and book: prices that found their place taken, and stand apart; and places left since.
        self._waiting: dict[tuple[Market, str, float | None, str], dict[str, None]] = {}
        self._freed: list[tuple[Market, str, float | None, str]] = []

    def apply(self, batch: Batch) -> None:
        """Take what happened on one connection."""
        at = batch.recv
        link = self.links.of(batch.conn)
        cells, heard, epoch = self.by_key, link.heard, link.epoch
        touched, touch = self.touched, self._touch
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
                if event.price is not old.price or event.status != old.status:
                    self._price(cell, event, old, at)
                if touched is not None:
                    touch(cell.row, event.snap)
            elif self.links.note(link, event, at):
                epoch = link.epoch
                self.version += 1
                if isinstance(event, Opened | Lost | Gap):
                    self.shape += 1
                if touched is not None and (isinstance(event, Opened | Lost | Gap) or is_pause(event)):
                    self._touch_link(link)
            elif type(event) is Fixture:
                self._fixture(event)
                if (game := self.games.get(event.game_id)) is not None:
                    self._stands(game, event.status, at)
            elif type(event) is Left:
                self._left(event)
            else:
                if type(event) is Health and touched is not None:
                    self._touch_link(link, event.source)
                self._other(event, at)
        if self._freed:
            self._settle_in()
        if quotes:
            self.version += 1
            self.links.seen += quotes
            if lag is not None:
                self.links.lags.append((at - lag) // 1000)

    def _touch(self, row: Row, snap: bool = False) -> None:
        if self.touched is not None:
            line = row.market.lines[row.line]
            self.touched[line] = snap and self.touched.get(line, True)

    def _touch_market(self, market: Market) -> None:
        if self.touched is not None:
            self.touched |= dict.fromkeys(market.lines.values(), False)

    def _touch_game(self, game: Game) -> None:
        for market in game.markets.values():
            self._touch_market(market)

    def _touch_link(self, link: Link, book: str | None = None) -> None:
        """Whatever a connection, or one book on it, has a price of."""
        if self.touched is not None:
            for cell in self.by_key.values():
                if cell.link is link and book in (None, cell.quote.what.book):
                    self._touch(cell.row)

    def touch_book(self, conn: int, book: str) -> None:
        """Note that what a book's prices are worth changed by the clock alone."""
        self._touch_link(self.links.of(conn), book)

    def cells(self) -> Collection[Cell]:
        """Every price that is not withdrawn."""
        return self.by_key.values()

    def judge(self, silent_since: int, now: int = 0, *, mute: bool = True) -> Callable[[Cell], Trust]:
        """What says of each cell, at one moment, what its price is worth; only `open` may be bet on.

        `lay`, `pickem`: its number is not a price to back. `over`: its game is over, cancelled or postponed, and it
        was not priced anew. `down`: its link is dead. `stale`: it is from before a blind spot that the provider did not
        fill. `mute`: its link is up, and overdue (only by a clock, and so not where `mute` is false). `silent`: its
        book said nothing at all since `silent_since` (microseconds since the epoch). `late`: its game is in play, the
        price was not said again for a minute, and another book has moved at this line meanwhile.
        """
        late = now - LATE

        def trust(cell: Cell) -> Trust:
            quote, link = cell.quote, cell.link
            if quote.status != "open":
                return quote.status
            if cell.apart:
                return cell.apart
            game = cell.row.market.game
            if game.closed and cell.at <= game.closed:
                return "over"
            if link.up is False:
                return "down"
            if cell.epoch < link.fresh:
                return "stale"
            if mute and link.mute:
                return "mute"
            book = quote.what.book
            if link.heard.get(book, 0) < silent_since:
                return "silent"
            if quote.price is None:
                return "unpriced"
            if cell.at < late and game.in_play(now):
                row = cell.row
                if row.market.lines[row.line].moved_since(cell.at, book):
                    return "late"
            return "open"

        return trust

    # --- a price that is known ----------------------------------------------------------------------

    def _price(self, cell: Cell, quote: Quote, old: Quote, at: int) -> None:
        price = quote.price
        book = quote.what.book
        market = cell.row.market
        if len(market.books[book]) > 1:
            market.mains.pop(book, None)
        if price is None:
            self.priced[book] -= old.price is not None
            return
        if old.price is None:
            self.priced[book] += 1
        last = cell.last
        if last is None:
            cell.first, cell.first_line = price, quote.line
            self.placed[book] += 1
        elif last.winnings != price.winnings:
            self._moved(cell, last, cell.last_line, at)
        cell.last, cell.last_line = price, quote.line

    def _moved(self, cell: Cell, before: Price | None, before_line: float | None, at: int) -> None:
        """A price became another one, or the same at another line."""
        cell.before, cell.before_line, cell.moved = before, before_line, at
        row = cell.row
        row.market.game.moved = at
        moves, book = row.market.lines[row.line].moves, cell.quote.what.book
        moves.pop(book, None)
        moves[book] = at
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
        cell = self.by_key.get(what.key)
        if quote.status in ("removed", "settled"):
            if cell is not None:
                self._gone(cell, quote)
            return
        if (game := self.games.get(what.game_id)) is not None:
            self._learn(game, what)
            if what.kind == "moneyline" and side_of(what) == "draw":
                self._prices_a_draw(game, what)
            # What was learned may have put the price elsewhere.
            cell = self.by_key.get(what.key)
        market, side, line = self._where(quote)
        if cell is not None and quote.line is None and quote.price is None and cell.row.line is not None:
            # A suspension that does not repeat the line is of the line that there was.
            market, side, line = cell.row.market, cell.row.side, cell.row.line
        row = market.rows.get((side, line))
        if row is not None and self._taken(row, what):
            # Two prices of one book for what looks like one selection: neither may hide the other.
            self._waiting.setdefault((market, side, line, what.book), {})[what.key] = None
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
        heir = self._heir(market, side, line, quote)
        if cell is None:
            apart: Literal["", "lay", "pickem"] = ""
            if is_lay(what.book, what.market):
                apart = "lay"
            elif is_pickem(what.book):
                apart = "pickem"
            cell = self.by_key[what.key] = Cell(quote, link, link.epoch, row, apart=apart)
            self.books[what.book] += 1
        elif cell.row is not row:
            self._leave(cell)
        had = cell.quote.price is not None and cell.last is not None
        row.live += what.book not in row.cells or is_gone(row.cells[what.book].quote)
        cell.quote, cell.link, cell.epoch, cell.row, cell.at = quote, link, link.epoch, row, at
        row.cells[what.book] = cell
        market.books.setdefault(what.book, {}).setdefault(line, {})[side] = cell
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
            elif price.winnings != cell.last.winnings or quote.line != cell.last_line:
                self._moved(cell, cell.last, cell.last_line, at)
            cell.last, cell.last_line = price, quote.line
        market.mains.pop(what.book, None)
        if quote.live is not None and quote.live is not market.game.live:
            market.game.live = quote.live
            self.shape += 1
            self._touch_game(market.game)
        self._touch(row, quote.snap)

    def _learn(self, game: Game, what: Selection) -> None:
        """Some providers name the teams and the start late, or move it without saying so."""
        if (what.start and what.start != game.start) or (what.home and not game.home) or (what.away and not game.away):
            self._touch_game(game)
            unnamed = game.home is None or game.away is None
            game.home, game.away = game.home or what.home, game.away or what.away
            game.start = what.start or game.start
            self.shape += 1
            if unnamed and game.home and game.away:
                self._name_sides(game)

    def _taken(self, row: Row, what: Selection) -> bool:
        there = row.cells.get(what.book)
        return there is not None and there.quote.what.key != what.key and not is_gone(there.quote)

    def _heir(self, market: Market, side: str, line: float | None, quote: Quote) -> Cell | None:
        """The cell that was the book's own until now, if its main line moved on to another price."""
        book = quote.what.book
        has, own = market.main(book)
        if not quote.main or not has or own == line:
            return None
        cell = market.books[book][own].get(side)
        return cell if cell is not None and cell.quote.what.key != quote.what.key and cell.last is not None else None

    def _row(self, market: Market, side: str, line: float | None, what: Selection) -> Row:
        game = market.game
        if not market.rows:
            self.games[game.game_id] = game
            game.markets[market.key] = market
        self.rows += 1
        self.shape += 1
        row = market.rows[side, line] = Row(market, side, line, what)
        at = market.lines.get(line)
        if at is None:
            at = market.lines[line] = Line(market, line)
        at.rows[side] = row
        if side not in market.sides:
            market.sides[side] = what
            # Another outcome: what every line has of it counts anew.
            self._touch_market(market)
        return row

    def _gone(self, cell: Cell, quote: Quote) -> None:
        """A price that is withdrawn for good: it stays as a word as long as another book still has this row."""
        what = cell.quote.what
        del self.by_key[what.key]
        self.books[what.book] -= 1
        if cell.quote.price is not None:
            self.priced[what.book] -= 1
        cell.quote = quote
        self._leave(cell, stay=True)

    def _left(self, event: Left) -> None:
        """A price that nobody asked for any more: not a word of it stays."""
        cell = self.by_key.pop(event.key, None)
        if cell is not None:
            self.version += 1
            self.books[cell.quote.what.book] -= 1
            self.priced[cell.quote.what.book] -= cell.quote.price is not None
            self._leave(cell)

    def _leave(self, cell: Cell, *, stay: bool = False) -> None:
        row, book = cell.row, cell.quote.what.book
        market = row.market
        market.mains.pop(book, None)
        self._touch(row)
        if self._waiting and (market, row.side, row.line, book) in self._waiting:
            self._freed.append((market, row.side, row.line, book))
        row.live -= 1
        if not stay:
            del row.cells[book]
            self._forget(market, book, row)
        if row.live > 0:
            return
        for other in row.cells:
            self._forget(market, other, row)
        del market.rows[row.side, row.line]
        self.rows -= 1
        self.shape += 1
        line = market.lines[row.line]
        del line.rows[row.side]
        if not line.rows:
            del market.lines[row.line]
        if not any(side == row.side for side, _ in market.rows):
            market.sides.pop(row.side, None)
            self._touch_market(market)
        if not market.rows:
            market.game.markets.pop(market.key, None)
            if not market.game.markets:
                self.games.pop(market.game.game_id, None)

    def _settle_in(self) -> None:
        """Prices that stood apart move to places that are free now: a main line has moved off an alternate's."""
        freed, self._freed = self._freed, []
        keys = [key for place in freed for key in self._waiting.pop(place, ())]
        self._again([(cell, cell.quote.line) for key in keys if (cell := self.by_key.get(key))])

    def _forget(self, market: Market, book: str, row: Row) -> None:
        lines = market.books[book]
        sides = lines[row.line]
        del sides[row.side]
        if not sides:
            del lines[row.line]
            if not lines:
                del market.books[book]
        market.mains.pop(book, None)

    def _fixture(self, event: Fixture) -> None:
        game = self.games.get(event.game_id)
        if game is not None:
            game.home, game.away = event.home or game.home, event.away or game.away
            game.start, game.status = event.start or game.start, event.status or game.status
            if game.home and game.away:
                self._name_sides(game)
            self.version += 1
            self.shape += 1

    def _stands(self, game: Game, status: str | None, at: int) -> None:
        if status:
            was = game.closed
            game.stands(status, at)
            self.shape += bool(was) != bool(game.closed)
            self._touch_game(game)

    def _other(self, event: object, at: int) -> None:
        """A score is shown; anything else that has no price is counted, and is for other outputs."""
        self.links.others += 1
        self.version += 1
        if isinstance(event, Result | Play) and (game := self.games.get(event.game_id)) is not None:
            told = score(event)
            if told:
                self.shape += not game.score
                game.score = told
            if isinstance(event, Result) and event.player is None:
                self._stands(game, event.status, at)

    def _where(self, quote: Quote, *, apart: bool = False, key: str = "") -> tuple[Market, str, float | None]:
        """The market, the side and the line that a quote belongs to; a market that is new is not yet among them."""
        what = quote.what
        game = self.games.get(what.game_id)
        if game is None:
            game = Game(what.game_id, what.league or "", what.home, what.away, what.start)
        draws = what.kind == "moneyline" and (what.book, what.market, what.period or "") in game.draws
        market_key, side = place(what, draws=draws, teams=(game.home, game.away))
        side = turned(side, what, (game.home, game.away))
        if quote.line is None and quote.price is not None and what.kind in HAVE_LINES:
            # A price of who knows which line is compared with nothing.
            apart, key = True, key or what.key
        if apart:
            market_key = market_key._replace(name=f"{what.market} {key}".rstrip())
        market = game.markets.get(market_key)
        if market is None:
            market = Market(game, market_key, anchor=anchor_of(what, side))
        return market, side, line_of(quote, side, market.anchor)

    def _prices_a_draw(self, game: Game, what: Selection) -> None:
        """A book turns out to bet on a draw: its other two sides are of that market, not of the one without."""
        mark = what.book, what.market, what.period or ""
        if mark in game.draws:
            return
        game.draws.add(mark)
        two = [
            (cell, None)
            for key, market in game.markets.items()
            if key.kind == "moneyline" and key.ways != 3
            for sides in market.books.get(what.book, {}).values()
            for cell in sides.values()
            if cell.quote.what.market == what.market and (cell.quote.what.period or "") == mark[2]
        ]
        self._again(two)

    def _name_sides(self, game: Game) -> None:
        """Who is at home turns out: what stood under the teams' names is of home and away."""
        cells: list[tuple[Cell, float | None]] = []
        for market in game.markets.values():
            if market.key.kind == "moneyline" or (market.key.kind == "spread" and market.anchor != "home"):
                for row in market.rows.values():
                    own = -row.line if row.line and row.side != market.anchor else row.line
                    cells += [(cell, own) for cell in row.cells.values()]
                market.anchor = "home"
        self._again(cells)

    def _again(self, cells: Sequence[tuple[Cell, float | None]]) -> None:
        """Put prices where they belong by what is known now. Each comes with its side's line until now."""
        for cell, own in cells:
            quote = cell.quote
            if not is_gone(quote) and self.by_key.get(quote.what.key) is cell:
                at, epoch = cell.at, cell.epoch
                if quote.line is None and own is not None and quote.price is None:
                    # A suspension that does not repeat its line.
                    quote = replace(quote, line=own)
                self._place(cell.link, quote, at)
                cell.epoch = epoch
