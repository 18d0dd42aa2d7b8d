"""How the board is looked at: what flags chose (`Look`), and what keys have made of it since (`View`). Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from oddstail.market.state import Board

Layout = Literal["screen", "list", "ladder"]
Odds = Literal["american", "decimal", "fractional", "probability"]
Sort = Literal["start", "move", "hold", "edge", "name"]
Color = Literal["auto", "always", "never"]

LAYOUTS: tuple[Layout, ...] = ("screen", "list", "ladder")
ODDS: tuple[Odds, ...] = ("american", "decimal", "fractional", "probability")
SORTS: tuple[Sort, ...] = ("start", "move", "hold", "edge", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a user chose on the command line. `stale_after` is in seconds of a book's silence."""

    layout: Layout = "screen"
    odds: Odds = "american"
    theme: str = "dark"
    color: Color = "auto"
    devig: str = "multiplicative"
    fair: str = "consensus"
    stale_after: float = 300.0
    spark: bool = False
    alternates: bool = False
    sort: Sort = "start"
    names: bool = False


@dataclass(slots=True, kw_only=True)
class View:
    """The state of the screen. `top` and `cursor` name lines by their identity, so that new rows move nothing.

    `page`, `lines` and `more_books` are what the last drawing found: how many lines fit, which there are, how many
    books lie to the right, `overlay_rest` how many lines of what is laid over them do not fit. `cleared` is the time
    before which moves have no colour any more. `still` is the board as it stood at `paused_at`, as long as that is
    what is looked at. `said` is what a key has done that nothing else shows, at `said_at`. `going` is what to call
    links that are up; `over` says that nothing will come any more.
    """

    look: Look
    layout: Layout
    odds: Odds
    alternates: bool
    sort: Sort = "start"
    reverse: bool = False
    filter: str = ""
    typing: bool = False
    opener: bool = False
    holds: bool = False
    names: bool = False
    overlay: Literal["", "help", "why", "moves"] = ""
    overlay_top: int = 0
    overlay_rest: int = 0
    pinned: set[str] = field(default_factory=set)
    top: Hashable = None
    cursor: Hashable = None
    game: str = ""
    back: Layout | None = None
    first_book: int = 0
    paused_at: int = 0
    still: Board | None = None
    cleared: int = 0
    said: str = ""
    said_at: int = 0
    going: str = "live"
    over: str = ""
    page: int = 20
    lines: Sequence[Hashable] = ()
    places: dict[Hashable, int] = field(default_factory=dict)
    games: Sequence[int] = ()
    more_books: int = 0
    version: int = 0

    @classmethod
    def of(cls, look: Look) -> View:
        """The view that a look begins with."""
        return cls(look=look, layout=look.layout, odds=look.odds, alternates=look.alternates,
                   sort=look.sort, names=look.names)  # fmt: skip

    def at(self, ident: Hashable) -> int:
        """Where a line is now; 0 if it is gone. A list has places and no identities: what moves is on top."""
        if self.layout == "list":
            return ident if isinstance(ident, int) else 0
        return self.places.get(ident, 0)

    def has(self, ident: Hashable) -> bool:
        """Whether there is such a line."""
        return isinstance(ident, int) if self.layout == "list" else ident in self.places
