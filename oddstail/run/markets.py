"""The one state of all markets in a run: the screen, the market records, alerts and steam read it. Knows no source."""

from __future__ import annotations

from collections.abc import Sequence

from oddstail.market.game_match import Joined, joining
from oddstail.market.records import MarketRecords, Settings
from oddstail.market.state import Board
from oddstail.market.steam import SteamWatch
from oddstail.model import Batch, End, Event, MarketValue, Quote, Retrying
from oddstail.run.plan import Plan


class Markets:
    """Call `apply` with each batch that the filters let through; it returns what that means for the markets.

    `titles` are the providers' names, for each connection.
    """

    def __init__(self, plan: Plan, titles: Sequence[str]) -> None:
        self.board = Board(trails=plan.look.spark)
        self.join: Joined | None = joining(titles)
        options, look = plan.markets, plan.look
        names, books = {}, {}
        if self.join is not None:
            names, books = self.join.names, self.join.books
            self.board.columns = books
        settings = Settings(
            devig=look.devig,
            fair=look.fair,
            stale_after=look.stale_after,
            filtered=any(leg.filter.hides_outcomes for leg in plan.legs),
            books=books,
            names=names,
            plain=str if self.join is None else self.join.plain,
        )
        self.board.filtered = settings.filtered
        rules = [plan.exit_on, plan.alerts.rules if plan.alerts is not None else None]
        judged = any(rule is not None and rule.of_markets for rule in rules)
        # What records contain is passed on, and not made a second time.
        wanted = (options.records or judged) and (plan.play is None or plan.plays_frames)
        self.records = MarketRecords(self.board, settings) if wanted else None
        self.steam = None if options.steam is None else SteamWatch(self.board, options.steam, options.same, settings)
        self._shows = options.records
        self._recv = 0

    def introduce(self, conn: int, title: str) -> None:
        """Whose a connection is."""
        if self.join is not None:
            self.join.introduce(conn, title)

    def apply(self, batch: Batch) -> list[Event]:
        """Take a batch; the market records and the steam that come of it."""
        joined = batch if self.join is None else self.join(batch)
        self.board.apply(joined)
        out: list[Event] = []
        if batch.events and batch.conn and any(type(event) is not Retrying for event in batch.events):
            # What the run says of itself is not in a recording: it must not make a difference.
            # In the middle of a large read, some books' prices are new and others' are not yet.
            if self.records is not None and not batch.more:
                out += self.records.after(joined)
            if self.steam is not None:
                out += self.steam.after(joined)
        elif self.records is not None and any(type(event) is End for event in batch.events):
            out += self.records.last(batch.recv)
        return out

    def shown(self, events: list[Event], computed: list[Event]) -> list[Event]:
        """The events of a batch for the outputs: without the market records that nobody asked to see."""
        if self._shows or not computed:
            return events
        hidden = {id(event) for event in computed if type(event) is MarketValue}
        return [event for event in events if id(event) not in hidden] if hidden else events

    def is_main(self, conn: int, quote: Quote) -> bool | None:
        """Whether a quote is at its book's main line; None where its book has no line any more."""
        key = quote.what.key if self.join is None else self.join.key(conn, quote.what.key)
        cell = self.board.by_key.get(key)
        if cell is None:
            return None
        has, line = cell.row.market.main(cell.quote.what.book)
        return has and line == cell.row.line


def state_of_markets(plan: Plan) -> Markets:
    """The state of the markets for a run, and for its rules."""
    made = Markets(plan, [leg.provider.title for leg in plan.legs for _ in leg.requests])
    for rules in (plan.alerts.rules if plan.alerts is not None else None, plan.exit_on):
        if rules is not None:
            rules.is_main = made.is_main
    return made
