"""An oracle for what markets are worth, from the rules alone: slow, naive, and without a line of the code under test.

It takes the NDJSON records of a run. It knows every quote, connection and game as the records contain them, and computes
from scratch what a line is worth: best price, hold, fair price, edge, doubt, number of books, line compared. No
prices to lay and no two providers are in one run; of pick'em operators the demo has one, whose line counts for nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from fractions import Fraction
from typing import Any

Record = dict[str, Any]
STALE_AFTER = 300.0
OVER = {
    "completed",
    "cancelled",
    "canceled",
    "postponed",
    "ended",
    "final",
    "finished",
    "concluded",
    "closed",
    "abandoned",
}
PICKEM = {"prizepicks"}
SCORES = {"points", "goals", "runs", "games", "rounds", None}


def seconds(stamp: str) -> float:
    """A record's time."""
    return datetime.fromisoformat(stamp).timestamp()


#: Wires of the demo that send decimal odds; the others send American ones.
DECIMAL = {"rapidodds"}


def winnings(record: Record, prefix: str = "") -> Fraction:
    """What a stake of one wins, exactly, out of the notation that the wire has."""
    if record["provider"] in DECIMAL:
        return Fraction(str(record[f"{prefix}decimal"])) - 1
    exact = Fraction(str(record[f"{prefix}american"]))
    return exact / 100 if exact > 0 else -100 / exact


def chance(record: Record) -> Fraction:
    """The implied probability, exactly."""
    return 1 / (1 + winnings(record))


class Oracle:
    """Give it records in order; ask it what a line is worth at a time."""

    def __init__(self) -> None:
        self.quotes: dict[tuple[int, str], Record] = {}
        self.said: dict[tuple[int, str], float] = {}
        self.lives: dict[tuple[int, str], int] = {}
        self.life: Counter[int] = Counter()
        self.fresh: Counter[int] = Counter()
        self.before: Counter[int] = Counter()
        self.up: dict[int, bool] = {}
        self.heard: dict[tuple[int, str], float] = {}
        self.closed: dict[str, float] = {}
        self.live: dict[str, bool] = {}
        self.starts: dict[str, str] = {}
        self.moves: dict[tuple[Any, ...], dict[str, float]] = defaultdict(dict)
        self.last: dict[tuple[int, str], tuple[Fraction, float | None]] = {}
        self.teams: dict[str, tuple[str, str]] = {}
        self.anchors: dict[tuple[Any, ...], str] = {}
        self.draws: set[tuple[str, str, str, str | None]] = set()
        self._bets: dict[tuple[Any, ...], list[tuple[int, str]]] | None = None
        #: Sources that the provider calls unwell, by connection.
        self.ill: dict[int, set[str]] = defaultdict(set)
        #: Books whose price of a side was removed while another book still has that side.
        self.gone: dict[tuple[Any, ...], set[str]] = defaultdict(set)

    # --- what the records tell ------------------------------------------------------------------------

    def take(self, record: Record) -> None:
        conn, now = record["conn"], seconds(record["recv"])
        self._bets = None
        match record["type"]:
            case "quote":
                self._quote(record, conn, now)
            case "opened":
                self.up[conn] = True
                self.ill[conn].clear()
            case "health" if record["status"] in ("silent", "degraded"):
                self.ill[conn].add(record["source"])
            case "health":
                self.ill[conn].discard(record["source"])
            case "lost":
                self.up[conn] = False
                self.before[conn] = self.fresh[conn]
                self.life[conn] += 1
                self.fresh[conn] = self.life[conn]
            case "gap" if record["resumed"] == "yes":
                self.fresh[conn] = self.before[conn]
            case "fixture" | "result":
                status = "".join(char for char in (record["status"] or "").casefold() if char.isalnum())
                if record["home"] and record["away"]:
                    self.teams.setdefault(record["game_id"], (record["home"], record["away"]))
                if record.get("start"):
                    self.starts[record["game_id"]] = record["start"]
                if status and record.get("player") is None:
                    if status in OVER:
                        self.closed.setdefault(record["game_id"], now)
                    else:
                        self.closed.pop(record["game_id"], None)

    def _quote(self, record: Record, conn: int, now: float) -> None:
        key = conn, record["key"]
        if record["home"] and record["away"]:
            self.teams.setdefault(record["game_id"], (record["home"], record["away"]))
        self.heard[conn, record["book"]] = now
        if record["live"] is not None:
            self.live[record["game_id"]] = record["live"]
        if record["start"]:
            self.starts[record["game_id"]] = record["start"]
        if record["status"] in ("removed", "settled"):
            old = self.quotes.pop(key, None)
            self.last.pop(key, None)
            if old is not None:
                self._withdrawn(old)
            return
        if record["kind"] == "moneyline" and self._side(record) == "draw":
            self.draws.add((record["game_id"], record["book"], record["market"], record["period"]))
        old = self.quotes.get(key)
        if record["line"] is None and record["american"] is None and old is not None:
            record = {**record, "line": old["line"]}
        if old is not None and self._row(old) != self._row(record):
            self._withdrawn(old, moved=True)
        self.quotes[key], self.said[key], self.lives[key] = record, now, self.life[conn]
        self.gone[self._row(record)].discard(record["book"])
        if record["american"] is not None:
            last = self.last.get(key)
            if last is not None and last != (winnings(record), record["line"]):
                self.moves[self._place(record)][record["book"]] = now
            self.last[key] = winnings(record), record["line"]

    def _withdrawn(self, quote: Record, *, moved: bool = False) -> None:
        row = self._row(quote)
        if not moved:
            self.gone[row].add(quote["book"])
        if not any(self._row(other) == row and other is not quote for other in self.quotes.values()):
            self.gone.pop(row)

    # --- which bet ------------------------------------------------------------------------------------

    def _side(self, record: Record) -> str:
        name = record["selection"]
        home, away = self.teams.get(record["game_id"], (None, None))
        role = {home: "home", away: "away"}.get(name, "")
        if record["kind"] == "moneyline":
            return str(record["side"] or ("draw" if name.casefold() in ("draw", "tie") else role) or name)
        if record["kind"] == "spread":
            return str(record["side"] or role or name)
        return str(record["side"] or name)

    def _bet(self, record: Record) -> tuple[Any, ...]:
        kind, stat, ways = record["kind"], record["stat"], record["ways"]
        subject = ""
        what = "" if stat in SCORES else stat
        if kind == "moneyline":
            draws = (record["game_id"], record["book"], record["market"], record["period"]) in self.draws
            what = record["market"] if ways is None else what
            ways = 3 if draws else ways or 2
        elif kind == "team_total":
            subject = {"home": record["home"], "away": record["away"]}.get(record["subject"] or "") or record[
                "selection"
            ]
        elif kind not in ("spread", "total"):
            what = stat or record["market"]
            subject = record["player"] or record["selection"]
        return record["game_id"], kind, record["period"], what, subject, ways or (2 if kind != "prop" else ways)

    def _line(self, record: Record) -> float | None:
        line: float | None = record["line"]
        if record["kind"] == "moneyline" or line is None:
            return None
        if not line or record["kind"] != "spread":
            return line
        side = self._side(record)
        # Who is at home is not known: by the side that came first.
        anchor = "home" if side in ("home", "away") else self.anchors.setdefault(self._bet(record), side)
        return line if side == anchor else -line

    def _place(self, record: Record) -> tuple[Any, ...]:
        return (*self._bet(record), self._line(record))

    def _row(self, record: Record) -> tuple[Any, ...]:
        return (*self._place(record), self._side(record))

    def bets(self) -> dict[tuple[Any, ...], list[tuple[int, str]]]:
        """All prices by their bet, computed once for each state."""
        if self._bets is None:
            self._bets = defaultdict(list)
            for key, quote in self.quotes.items():
                self._bets[self._bet(quote)].append(key)
        return self._bets

    # --- what it is worth -----------------------------------------------------------------------------

    def _counts(self, key: tuple[int, str], now: float) -> bool:
        quote, conn = self.quotes[key], key[0]
        game, book = quote["game_id"], quote["book"]
        if quote["status"] != "open" or quote["american"] is None or self.up.get(conn) is False:
            return False
        if self.lives[key] < self.fresh[conn] or self.heard[conn, book] < now - STALE_AFTER:
            return False
        if game in self.closed and self.said[key] <= self.closed[game]:
            return False
        in_play = self._in_play(quote, now)
        moved = any(at > self.said[key] for other, at in self.moves[self._place(quote)].items() if other != book)
        return not (in_play and moved and now - self.said[key] > 60)

    def _in_play(self, quote: Record, now: float) -> bool:
        start = self.starts.get(quote["game_id"])
        return bool(self.live.get(quote["game_id"])) or (start is not None and seconds(start) <= now)

    def _own(self, quotes: list[Record]) -> float | None:
        """A book's line: the flagged one of those with a price, else the most balanced."""
        lines: dict[float | None, list[Record]] = defaultdict(list)
        for quote in quotes:
            lines[self._line(quote)].append(quote)

        def rank(line: float | None) -> tuple[Any, ...]:
            sides = lines[line]
            state = min(
                0 if quote["american"] is not None else 1 if quote["status"] == "open" else 2 for quote in sides
            )
            if state:
                # Nothing there is on offer: by the last prices.
                last = [self.last.get((quote["conn"], quote["key"])) for quote in sides]
                chances = [1 / (1 + one[0]) for one in last if one is not None]
            else:
                chances = [chance(quote) for quote in sides if quote["american"] is not None]
            tilt = abs(chances[0] - chances[1]) if len(chances) == 2 else 2
            return state, not any(quote["main"] for quote in sides), tilt, line or 0.0

        return min(lines, key=rank)

    def worth(self, bet: tuple[Any, ...], line: float | None, now: float) -> Record:
        """What a line is worth now, by side."""
        mine = self.bets().get(bet, [])
        at = [key for key in mine if self._line(self.quotes[key]) == line]
        books: dict[str, dict[str, Fraction]] = defaultdict(dict)
        keys: dict[tuple[str, str], tuple[int, str]] = {}
        for key in at:
            if self._counts(key, now):
                quote = self.quotes[key]
                books[quote["book"]][self._side(quote)] = winnings(quote)
                keys[quote["book"], self._side(quote)] = key
        sides = {self._side(self.quotes[key]) for key in mine}
        ways = bet[-1]
        complete = (
            sides in ({"home", "away"}, {"over", "under"}, {"yes", "no"})
            or (len(sides) == 2 and bet[1] in ("moneyline", "spread") and "draw" not in sides)
            if ways in (2, None)
            else ways == 3 and len(sides) == 3 and "draw" in sides
        )
        soccer = any((self.quotes[key]["sport"] or "") == "soccer" for key in mine)
        if bet[1] == "moneyline" and ways == 2 and soccer and not bet[3]:
            complete = False
        whole = {
            book: prices
            for book, prices in books.items()
            if complete
            and set(prices) == sides
            and sum(1 / (1 + price) for price in prices.values()) >= Fraction(999, 1000)
        }
        there = {self.quotes[key]["book"] for key in at}
        there |= {book for side in sides for book in self.gone.get((*bet, line, side), ())}
        out: Record = {
            "books": len(books),
            "out": len(there - set(books)),
            "best": {},
            "hold": None,
            "fair": {},
            "others": {},
            "whole": set(whole),
            "doubt": {},
            "compared": self._compared(mine, now),
        }
        for side in {side for prices in books.values() for side in prices}:
            top = max(prices[side] for prices in books.values() if side in prices)
            out["best"][side] = top, {book for book, prices in books.items() if prices.get(side) == top}
        if whole:
            top_prices = [1 / (1 + max(prices[side] for prices in whole.values())) for side in sides]
            out["hold"] = float(1 - 1 / sum(top_prices))
            for side in sides:
                fair = {
                    book: 1 / (1 + prices[side]) / sum(1 / (1 + price) for price in prices.values())
                    for book, prices in whole.items()
                }
                out["fair"][side] = float(sum(fair.values()) / len(fair))
                rest = [value for book, value in fair.items() if book != self.first(out, side)]
                out["others"][side] = sum(rest) / len(rest) if rest else None
        self._doubt(out, whole, keys, complete, now)
        return out

    @staticmethod
    def first(found: Record, side: str) -> str | None:
        """The book that stands for a best price: of several that have the whole market, the first by name."""
        books = found["best"].get(side, (0, ()))[1]
        return min(books, key=lambda book: (book not in found["whole"], book.casefold()), default=None)

    def age(self, key: tuple[int, str], now: float) -> float:
        """Seconds since the provider's time, else since the price was received."""
        ts = self.quotes[key]["ts"]
        return now - (self.said[key] if ts is None else seconds(ts))

    def _doubt(
        self,
        out: Record,
        whole: dict[str, dict[str, Fraction]],
        keys: dict[tuple[str, str], tuple[int, str]],
        complete: bool,
        now: float,
    ) -> None:
        best = {side: keys[str(self.first(out, side)), side] for side in out["best"]}
        held = {
            keys[min((book for book in whole if whole[book][side] == top), key=str.casefold), side]
            for side in out["fair"]
            for top in [max(prices[side] for prices in whole.values())]
        }
        out["age"] = {side: self.age(key, now) for side, key in best.items()}
        shared = set()
        if out["hold"] is None:
            shared.add("incomplete")
        else:
            pays = [(1 + out["best"][side][0]) * fair for side, fair in out["others"].items() if fair is not None]
            if out["hold"] < -0.1 or max(pays, default=0) > Fraction(6, 5):
                shared.add("too-good")
            if max(out["age"].values()) - min(out["age"].values()) > 20:
                shared.add("apart")
        for key in {*best.values(), *held}:
            quote, conn = self.quotes[key], key[0]
            old = 60 if self._in_play(quote, now) else STALE_AFTER
            if quote["snap"] and self.age(key, now) > old:
                shared.add("snapshot")
            if self.lives[key] < self.life[conn]:
                shared.add("gap")
            if quote["book"] in self.ill[conn]:
                shared.add("degraded")
        for side in best:
            mark = {"one-sided"} if complete and self.first(out, side) not in whole else set()
            out["doubt"][side] = shared | mark

    def _compared(self, keys: list[tuple[int, str]], now: float) -> float | None:
        books: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key in keys:
            books[self.quotes[key]["book"]].append(key)
        votes: dict[float | None, list[list[tuple[int, str]]]] = defaultdict(list)
        rest: dict[float | None, list[list[tuple[int, str]]]] = defaultdict(list)
        picks: dict[float | None, list[list[tuple[int, str]]]] = defaultdict(list)
        for book, own in books.items():
            line = self._own([self.quotes[key] for key in own])
            there = [key for key in own if self._line(self.quotes[key]) == line]
            good = [key for key in there if self._counts(key, now)]
            (votes if good else picks if book.casefold() in PICKEM else rest)[line].append(good)
        votes = votes or rest or picks
        if not votes:
            return None
        most = max(map(len, votes.values()))

        def balance(line: float | None) -> tuple[Any, ...]:
            tilts = [
                abs(chance(self.quotes[pair[0]]) - chance(self.quotes[pair[1]]))
                for pair in votes[line]
                if len(pair) == 2
            ]
            return float(sum(tilts) / len(tilts)) if tilts else 2.0, line or 0.0

        return min((line for line, each in votes.items() if len(each) == most), key=balance)
