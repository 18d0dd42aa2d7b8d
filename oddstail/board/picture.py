"""One frame: the title, the body that fits, the foot, and what is laid over. Draws only what is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from textwrap import wrap

from rich.cells import cell_len
from rich.style import Style

from oddstail.board import chrome, listing, order, panels
from oddstail.board.cells import Parts, fit
from oddstail.board.columns import Columns, columns
from oddstail.board.order import Item
from oddstail.board.screen import Body, Scene, worth
from oddstail.board.theme import THEMES
from oddstail.board.view import View
from oddstail.market import consensus as _value
from oddstail.market.consensus import Terms
from oddstail.market.game import Game
from oddstail.market.state import Board
from oddstail.text import web_address

_SECOND = 1_000_000
#: Under this many lines the two lines of the books and the foot would leave nothing of the board.
_LOW = 6
_PLAIN = Style()


class Picture:
    """Draws a board as a view wants it. `name` and `banner` are the title; `notes` are shown while there is nothing."""

    def __init__(
        self,
        board: Board,
        view: View,
        name: str,
        banner: str = "",
        notes: list[str] | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.board = board
        self.view = view
        self.name = name
        self.banner = banner
        self.zone = zone
        self._notes = [] if notes is None else notes
        self._items: list[Item] = []
        self._made: tuple[object, ...] = ()
        self._sorted_at = 0
        self._listed: Item | None = None
        self._rate = (0, 0, 0.0)
        self._terms: Terms | None = None
        #: When a game begins next: then its section is another one.
        self._turn = 0
        self._leagues: dict[str, str] = {}

    def frame(self, width: int, height: int, now: int) -> list[Parts]:
        """`height` lines of exactly `width` cells. `now` is in microseconds since the epoch."""
        view = self.view
        # While paused, that moment's board by that moment's clock; the last line alone knows of the present.
        board, moment = (self.board, now) if view.still is None else (view.still, view.paused_at)
        trust = board.judge(moment - round(view.look.stale_after * _SECOND), moment)
        terms = self._terms = Terms(trust, view.look.devig, view.look.fair, board.columns, board.filtered)
        scene = Scene(board, view, THEMES[view.look.theme], terms, moment, self.zone, width)
        rate = self._measured(now)
        out: dict[str, set[str]] = {}
        if view.layout == "list":
            lines = self._list(scene, height)
        else:
            lines, out = self._screen(scene, height)
        if view.overlay:
            self._lay(lines, self._over(scene), scene)
        present = scene._replace(board=self.board, moment=now)
        foot = chrome.foot(present, rate, out, self._notes if not board.links.seen else [])
        whole = [chrome.title(scene, self._named(), self.banner), *lines, foot]
        if height < 3:
            whole = [*lines, foot][-height:]
        blank: Parts = [(" " * width, scene.theme.text)]
        whole[-1:-1] = [blank] * (height - len(whole))
        return [_cut(line, width) for line in whole[-height:]]

    def whole(self, width: int, now: int) -> list[Parts]:
        """Everything at once, however long: what is printed where there is no terminal."""
        self.frame(width, 24, now)
        return self.frame(width, max(8, len(self.view.lines) + 4), now)

    def link(self) -> str:
        """The address of the best price of the row under the cursor, else that of the first book that has one."""
        item = self._pointed()
        if item is None or item.market is None or self._terms is None:
            return ""
        value = worth(item, self._terms)
        best = value.best.get(item.side)
        books = [*(best.books if best is not None else ()), *value.counted]
        cells = (value.counted.get(book, {}).get(item.side) for book in books)
        return next((address for cell in cells if cell and (address := web_address(cell.quote.link))), "")

    def _over(self, scene: Scene) -> list[Parts]:
        match self.view.overlay:
            case "help":
                return panels.help_panel(scene)
            case "moves":
                return panels.moves_panel(scene, self._pointed(), self._notes)
        return panels.why_panel(scene, self._pointed(), self._notes)

    # --- the layouts --------------------------------------------------------------------------------

    def _screen(self, scene: Scene, height: int) -> tuple[list[Parts], dict[str, set[str]]]:
        board, view = scene.board, self.view
        shape = columns(board, view, scene.width)
        view.more_books = shape.after
        items = self._lines(scene)
        heads = 2 if height >= _LOW else 1 if height > 3 else 0
        room = max(1, height - 2 - heads)
        view.page = room
        top = min(view.at(view.top), max(0, len(items) - room))
        if view.top is not None or top:
            view.top = view.lines[top] if view.lines else None
        body = Body(scene, shape)
        lines = [body.line(item) for item in items[top : top + room]]
        if not items:
            lines = self._empty(scene, room)
        return [*self._heads(scene, shape, top, len(items))[:heads], *lines], body.out

    def _heads(self, scene: Scene, shape: Columns, top: int, total: int) -> list[Parts]:
        if not shape.books:
            blank: Parts = [(" " * scene.width, scene.theme.text)]
            return [blank, blank]
        return chrome.books(scene, shape, top, total)

    def _list(self, scene: Scene, height: int) -> list[Parts]:
        view = self.view
        heads = 1 if height > 3 else 0
        room = max(1, height - 2 - heads)
        view.page = room
        cells = listing.quotes(scene)
        view.lines = range(len(cells))
        view.games = range(0, len(cells), room)
        top = min(view.at(view.top), max(0, len(cells) - room))
        shown = listing.newest(cells, room, top)
        self._listed = listing.item(shown[0]) if shown else None
        lines = listing.lines(scene, shown) or self._empty(scene, room)
        return [*[listing.header(scene)][:heads], *lines]

    def _empty(self, scene: Scene, room: int) -> list[Parts]:
        lines = chrome.emptiness(scene, self._notes)
        told = [part for text in lines for part in wrap(text, max(20, scene.width - 2)) or [""]][:room]
        blank: Parts = [(" " * scene.width, scene.theme.text)]
        above = [blank] * max(0, min(room // 3, room - len(told)))
        width = max(cell_len(text) for text in told)
        left = " " * max(1, (scene.width - width) // 2)
        return [*above, *([(fit(left + text, scene.width), scene.theme.dim)] for text in told)]

    # --- which lines --------------------------------------------------------------------------------

    def _lines(self, scene: Scene) -> list[Item]:
        """The lines of the whole board, made anew only when a row came or went or the view changed."""
        board, view = scene.board, self.view
        if view.layout == "ladder" and not view.game:
            first = next(iter(order.games(board, view, lambda _: 0.0, scene.moment)), None)
            view.game = first.game_id if first is not None else ""
        moving = scene.moment // _SECOND if view.sort in ("move", "hold", "edge") else 0
        made = (board.shape, view.paused_at, moving, view.layout, view.filter, view.alternates, view.sort, view.reverse,
                view.game, frozenset(view.pinned))  # fmt: skip
        if made != self._made or scene.moment >= self._turn:
            self._made = made
            self._turn = order.turn(board, scene.moment)
            self._items = order.items(board, view, self._worth(scene.terms), scene.moment)
            self._leagues = {game.league: order.league(game) for game in board.games.values()}
            view.lines = [item.ident for item in self._items]
            view.places = {ident: at for at, ident in enumerate(view.lines)}
            bands = [not (item.market or item.player or item.section) for item in self._items]
            view.games = [at for at, is_band in enumerate(bands) if is_band]
        return self._items

    def _worth(self, terms: Terms) -> Callable[[Game], float]:
        """By what games are sorted: the lowest hold, or the highest edge that is not in doubt."""
        by_edge = self.view.sort == "edge"

        def worth(game: Game) -> float:
            found = []
            for key, market in game.markets.items():
                if not by_edge and key.kind not in ("moneyline", "spread", "total"):
                    continue
                value = _value.of_market(market, terms)
                if not by_edge and value.hold is not None:
                    found.append(value.hold)
                elif by_edge and not value.doubtful:
                    found += [-edge for side in value.best if (edge := _value.edge(value, side)) is not None]
            return min(found, default=9.0)

        return worth

    def _named(self) -> str:
        """The title with our names of the leagues that are on the board."""
        head, gap, rest = self.name.partition("  ")
        names = dict.fromkeys(self._leagues.get(name, name) for name in rest.split(", "))
        return f"{head}{gap}{', '.join(names)}"

    def _pointed(self) -> Item | None:
        """The row under the cursor, else the first one of the page."""
        view = self.view
        at = view.at(view.cursor if view.has(view.cursor) else view.top)
        if view.layout == "list":
            return self._listed
        return next((item for item in self._items[at:] if item.market is not None), None)

    def _lay(self, lines: list[Parts], over: list[Parts], scene: Scene) -> None:
        """A panel over the middle of the body."""
        view, height = self.view, self.view.page
        view.overlay_rest = max(0, len(over) - height)
        view.overlay_top = top = min(view.overlay_top, view.overlay_rest)
        if view.overlay_rest:
            text, style = over[-1][0]
            more = ("─ ↓ more " if top < view.overlay_rest else "─ ↑ ")[: len(text) - 2]
            end = [(f"{text[0]}{more}{text[1 + len(more) :]}", style)]
            over = [over[0], *over[1 + top : height - 1 + top], end][-height:]
        start = len(lines) and max(0, min(2, len(lines) - len(over)))
        width = sum(cell_len(text) for text, _ in over[0])
        left = max(0, (scene.width - width) // 2)
        while len(lines) < start + len(over):
            lines.append([(" " * scene.width, scene.theme.text)])
        for at, line in enumerate(over, start):
            rest = scene.width - left - width
            lines[at] = [(" " * left, scene.theme.text), *line, (" " * max(0, rest), scene.theme.text)]

    def _measured(self, now: int) -> float:
        since, before, rate = self._rate
        if now - since >= _SECOND or now < since:
            seen = self.board.links.seen
            rate = (seen - before) * _SECOND / (now - since) if since and now > since else 0.0
            self._rate = (now, seen, rate)
        return self._rate[2]


def _cut(line: Parts, width: int) -> Parts:
    """The line as exactly `width` cells, neighbours of one style joined."""
    out: Parts = []
    room = width
    for text, style in line:
        size = cell_len(text)
        if size > room:
            text, size = fit(text, room), room
        if not text:
            continue
        room -= size
        if out and out[-1][1] is style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
        if room <= 0:
            break
    if room > 0:
        out.append((" " * room, out[-1][1] if out and not out[-1][1].bgcolor else _PLAIN))
    return out
