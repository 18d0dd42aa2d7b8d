"""The flags of the odds screen, and the look that they come to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

from oddstail import units
from oddstail.cli.flag import option
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.board.view import Look

_PANEL = "The screen (-o table)"


class Layout(StrEnum):
    """What the rows are."""

    screen = "screen"
    list = "list"
    ladder = "ladder"


class Odds(StrEnum):
    """How a price is written."""

    american = "american"
    decimal = "decimal"
    fractional = "fractional"
    probability = "probability"


class Theme(StrEnum):
    """The colours. A test holds that there is one of each name."""

    dark = "dark"
    light = "light"
    classic = "classic"
    terminal = "terminal"


class Color(StrEnum):
    """Whether there are any."""

    auto = "auto"
    always = "always"
    never = "never"


class Sort(StrEnum):
    """The order of the games. A test holds that the keys have the same ones."""

    start = "start"
    move = "move"
    hold = "hold"
    edge = "edge"
    name = "name"


class Devig(StrEnum):
    """Method for removing the margin."""

    multiplicative = "multiplicative"
    power = "power"
    shin = "shin"


_option = partial(option, panel=_PANEL)


@dataclass(frozen=True, kw_only=True)
class Screen:
    """How the odds screen looks."""

    layout: Annotated[
        Layout,
        _option("--layout", help="A column for each book; newest moves first; one game's lines."),
    ] = Layout.screen
    odds: Annotated[Odds, _option("--odds", help="Odds format; key d switches.")] = Odds.american
    fair: Annotated[
        str, _option("--fair", metavar="BOOK", help="Book whose no-vig price is fair, or consensus (the default).")
    ] = "consensus"
    devig: Annotated[Devig, _option("--devig", help="Method for removing the margin.")] = Devig.multiplicative
    stale_after: Annotated[
        str,
        _option(
            "--stale-after",
            metavar="DUR",
            help="Ignore prices of a book that has been silent for this long; default 5m.",
        ),
    ] = "5m"
    sort: Annotated[
        Sort,
        _option("--sort", help="Order of games: start (in play first), last move, lowest hold, highest edge, or name."),
    ] = Sort.start
    names: Annotated[
        bool,
        _option("--names/--codes", help="Show books by name or by code, such as PIN and DK (default); key n switches."),
    ] = False
    spark: Annotated[bool, _option("--spark", help="Add a sparkline column of recent moves.")] = False
    theme: Annotated[Theme, _option("--theme", help="Colors: classic is green and red, terminal uses its own 16.")] = (
        Theme.dark
    )
    color: Annotated[
        Color,
        _option("--color", help="auto: on a terminal, unless NO_COLOR or TERM=dumb; FORCE_COLOR also in a pipe."),
    ] = Color.auto


def look(flags: Screen) -> Look:
    """The look that the flags came to. UsageError for a time that is none."""
    from oddstail.board.view import Look

    try:
        stale_after = units.duration(flags.stale_after)
    except ValueError as error:
        raise UsageError(f"--stale-after {error}") from None
    return Look(
        layout=flags.layout.value,
        odds=flags.odds.value,
        theme=flags.theme.value,
        color=flags.color.value,
        devig=flags.devig.value,
        fair=flags.fair,
        stale_after=stale_after,
        spark=flags.spark,
        sort=flags.sort.value,
        names=flags.names,
    )
